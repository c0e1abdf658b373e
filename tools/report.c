/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include <windows.h>

#include "commands.h"

const char *report_status_name(SECURITY_STATUS status)
{
    static _Thread_local char number[16];
    const char *name = SchannelStatusName(status);
    if (name != NULL)
        return name;
    snprintf(number, sizeof number, "0x%08x", (unsigned)status);
    return number;
}

static void put_alert(FILE *to, CtxtHandle *context)
{
    LONG received = -1;
    LONG sent = -1;
    if (context == NULL || SchannelPeerAlert(context, &received, &sent) != SEC_E_OK)
        return;
    if (received >= 0)
        fprintf(to, "  The peer sent alert %d.\n", (int)received);
    if (sent >= 0)
        fprintf(to, "  The peer was told with alert %d.\n", (int)sent);
}

void report_failure(const char *call, SECURITY_STATUS status, CtxtHandle *context)
{
    flockfile(stderr);
    fprintf(stderr, "schannel: %s: %s (0x%08x)\n  %s\n", call, report_status_name(status),
            (unsigned)status, SchannelStatusText(status));
    put_alert(stderr, context);
    funlockfile(stderr);
}

void report_last_error(const char *call, const char *what)
{
    DWORD error = GetLastError();
    const char *name = SchannelStatusName((SECURITY_STATUS)error);
    fprintf(stderr, "schannel: %s%s%s: %s (0x%08x)\n", call, what != NULL ? " " : "",
            what != NULL ? what : "", name != NULL ? name : "error", (unsigned)error);
    if (name != NULL)
        fprintf(stderr, "  %s\n", SchannelStatusText((SECURITY_STATUS)error));
}

void report_errno(const char *call, const char *what)
{
    int error = errno;
    fprintf(stderr, "schannel: %s%s%s: %s\n", call, what != NULL ? " " : "",
            what != NULL ? what : "", strerror(error));
}

int report_usage(const char *command, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "schannel %s: ", command);
    vfprintf(stderr, format, args);
    fprintf(stderr, "\n'schannel %s --help' lists the options.\n", command);
    va_end(args);
    return EXIT_USAGE;
}

void json_text(FILE *to, const char *text)
{
    fputc('"', to);
    for (const unsigned char *p = (const unsigned char *)text; *p != 0; p++) {
        if (*p == '"' || *p == '\\')
            fprintf(to, "\\%c", *p);
        else if (*p < 0x20)
            fprintf(to, "\\u%04x", *p);
        else
            fputc(*p, to);
    }
    fputc('"', to);
}
