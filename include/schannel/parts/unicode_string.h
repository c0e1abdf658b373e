/* SPDX-License-Identifier: MIT */
/* UNICODE_STRING, which several Windows headers define each for themselves. */
#ifndef SCHANNEL_PARTS_UNICODE_STRING_H
#define SCHANNEL_PARTS_UNICODE_STRING_H

#include "../winnt.h"

/* Lengths are bytes; Length leaves the NUL out, and Buffer need not have one. */
typedef struct _UNICODE_STRING {
    USHORT Length;
    USHORT MaximumLength;
    PWSTR Buffer;
} UNICODE_STRING, *PUNICODE_STRING;
typedef const UNICODE_STRING *PCUNICODE_STRING;

typedef struct _STRING {
    USHORT Length;
    USHORT MaximumLength;
    PCHAR Buffer;
} STRING, *PSTRING, ANSI_STRING, *PANSI_STRING;

#define RTL_CONSTANT_STRING(text)                                                                  \
    {                                                                                              \
        sizeof(text) - sizeof((text)[0]), sizeof(text), (PWSTR)(text)                              \
    }

SCHANNEL_SIZE(UNICODE_STRING, 16);
SCHANNEL_AT(UNICODE_STRING, MaximumLength, 2);
SCHANNEL_AT(UNICODE_STRING, Buffer, 8);
SCHANNEL_SIZE(STRING, 16);

#endif
