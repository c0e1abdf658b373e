/* SPDX-License-Identifier: MIT */
/* Stores that are named on the command line, and files that hold certificates. */
#ifndef SCHANNEL_TOOLS_STORE_H
#define SCHANNEL_TOOLS_STORE_H

#include <stdbool.h>
#include <stdio.h>

#include <windows.h>
#include <wincrypt.h>

enum { THUMBPRINT_TEXT = 41, STORE_TEXT_MAX = 512 };

/* What one line about a certificate says. */
struct cert_line {
    char thumbprint[THUMBPRINT_TEXT]; /* SHA-1, lower case */
    char subject[STORE_TEXT_MAX];
    char issuer[STORE_TEXT_MAX];
    char serial[128];
    char from[40];
    char until[40];
    char friendly[STORE_TEXT_MAX]; /* "" : none */
    bool has_key;
};
void cert_line_of(PCCERT_CONTEXT certificate, struct cert_line *out);

/* A system store; `flags` beside the location. Reports and returns NULL on failure. */
HCERTSTORE store_open_system(const char *name, bool is_machine, DWORD flags);
/* A file of any kind; the password is for PKCS#12, NULL: none. Likewise. */
HCERTSTORE store_open_file(const char *path, const char *password);
/* A store if there is one of that name, else a file; to be looked at. */
HCERTSTORE store_open_any(const char *name, bool is_machine, const char *password);

/*
 * The one certificate that a text means: its SHA-1 or SHA-256 hash, else a part of the subject that
 * no other one has. Reports and returns NULL when there is none, or more.
 */
PCCERT_CONTEXT store_select(HCERTSTORE store, const char *text);

#endif
