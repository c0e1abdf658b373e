/* SPDX-License-Identifier: MIT */
/* SYSTEMTIME, shared by wincrypt.h and winbase.h. */
#ifndef SCHANNEL_PARTS_TIME_H
#define SCHANNEL_PARTS_TIME_H

#include "../windef.h"

typedef struct _SYSTEMTIME {
    WORD wYear;
    WORD wMonth;     /* 1 = January */
    WORD wDayOfWeek; /* 0 = Sunday */
    WORD wDay;
    WORD wHour;
    WORD wMinute;
    WORD wSecond;
    WORD wMilliseconds;
} SYSTEMTIME, *PSYSTEMTIME, *LPSYSTEMTIME;

SCHANNEL_SIZE(SYSTEMTIME, 16);

#endif
