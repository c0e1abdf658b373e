/* SPDX-License-Identifier: MIT */
/* What a chain says about its certificates, bit by bit, in words. */
#ifndef SCHANNEL_TOOLS_TRUST_H
#define SCHANNEL_TOOLS_TRUST_H

#include <stdbool.h>
#include <stdio.h>

#include <windows.h>
#include <wincrypt.h>

/* A line for each bit that is set, name and meaning, behind the indent. */
void trust_print_errors(FILE *to, DWORD bits, const char *indent);
void trust_print_info(FILE *to, DWORD bits, const char *indent);
/* A JSON list of the names. */
void trust_print_errors_json(FILE *to, DWORD bits);
void trust_print_info_json(FILE *to, DWORD bits);

#endif
