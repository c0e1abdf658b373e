/* SPDX-License-Identifier: MIT */
/* Telling people what went wrong: in which call, with which status, what it means, what to try. */
#ifndef SCHANNEL_TOOLS_REPORT_H
#define SCHANNEL_TOOLS_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include <libschannel.h>

/* The spelling of a status, or its number when it has none; valid until the next call. */
const char *report_status_name(SECURITY_STATUS status);
/* "call: NAME (0x........)", the meaning, and the alert that was sent or received if there is a
 * context (may be NULL). To stderr, in one piece. */
void report_failure(const char *call, SECURITY_STATUS status, CtxtHandle *context);
/* The same for calls that set the last error; `what` is the file or thing at hand, or NULL. */
void report_last_error(const char *call, const char *what);
void report_errno(const char *call, const char *what);
/* A mistake in the command line; returns EXIT_USAGE. */
int report_usage(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A JSON string with its quotes; the text is UTF-8. */
void json_text(FILE *to, const char *text);

#endif
