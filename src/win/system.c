/* SPDX-License-Identifier: MIT */
/* Last error, LocalAlloc and the heap, time. */
#include <time.h>

#include "win/win.h"

enum { TICKS_PER_SECOND = 10000000 };
/* 1601-01-01 to 1970-01-01. */
static const int64_t epoch_seconds = 11644473600;

static _Thread_local DWORD last_error;

DWORD WINAPI GetLastError(void)
{
    return last_error;
}

VOID WINAPI SetLastError(DWORD dwErrCode)
{
    last_error = dwErrCode;
}

BOOL win_fail(DWORD error)
{
    last_error = error;
    return FALSE;
}

HLOCAL WINAPI LocalAlloc(UINT uFlags, SIZE_T uBytes)
{
    (void)uFlags; /* memory is zeroed in any case, and never moves */
    void *p = mem_alloc(uBytes);
    if (p == NULL)
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    return p;
}

HLOCAL WINAPI LocalFree(HLOCAL hMem)
{
    mem_free(hMem);
    return NULL;
}

HANDLE WINAPI GetProcessHeap(void)
{
    static char heap;
    return &heap;
}

LPVOID WINAPI HeapAlloc(HANDLE hHeap, DWORD dwFlags, SIZE_T dwBytes)
{
    (void)hHeap;
    (void)dwFlags;
    return mem_alloc(dwBytes);
}

BOOL WINAPI HeapFree(HANDLE hHeap, DWORD dwFlags, LPVOID lpMem)
{
    (void)hHeap;
    (void)dwFlags;
    mem_free(lpMem);
    return TRUE;
}

/* ---- time ------------------------------------------------------------------------------ */

static FILETIME filetime_from_ticks(int64_t ticks)
{
    return (FILETIME){.dwLowDateTime = (DWORD)ticks, .dwHighDateTime = (DWORD)(ticks >> 32)};
}

static int64_t ticks_from_filetime(const FILETIME *time)
{
    return (int64_t)((uint64_t)time->dwHighDateTime << 32 | time->dwLowDateTime);
}

static int64_t clamp_seconds(int64_t seconds)
{
    int64_t max = INT64_MAX / TICKS_PER_SECOND - epoch_seconds - 1;
    return seconds > max ? max : seconds < -epoch_seconds ? -epoch_seconds : seconds;
}

FILETIME win_filetime_from_unix(int64_t seconds)
{
    return filetime_from_ticks((clamp_seconds(seconds) + epoch_seconds) * TICKS_PER_SECOND);
}

/* Floors, so that times before 1970 round the same way. */
int64_t win_unix_from_filetime(FILETIME time)
{
    return ticks_from_filetime(&time) / TICKS_PER_SECOND - epoch_seconds;
}

int64_t win_local_ticks_from_unix(int64_t seconds)
{
    struct tm local = {0};
    time_t when = (time_t)clamp_seconds(seconds);
    int64_t offset = localtime_r(&when, &local) != NULL ? local.tm_gmtoff : 0;
    return (clamp_seconds(seconds + offset) + epoch_seconds) * TICKS_PER_SECOND;
}

VOID WINAPI GetSystemTimeAsFileTime(LPFILETIME lpSystemTimeAsFileTime)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t ticks = (now.tv_sec + epoch_seconds) * TICKS_PER_SECOND + now.tv_nsec / 100;
    *lpSystemTimeAsFileTime = filetime_from_ticks(ticks);
}

BOOL WINAPI FileTimeToSystemTime(const FILETIME *lpFileTime, LPSYSTEMTIME lpSystemTime)
{
    int64_t ticks = ticks_from_filetime(lpFileTime);
    if (ticks < 0)
        return win_fail(ERROR_INVALID_PARAMETER);
    time_t seconds = (time_t)(ticks / TICKS_PER_SECOND - epoch_seconds);
    struct tm utc;
    if (gmtime_r(&seconds, &utc) == NULL || utc.tm_year + 1900 > 30827)
        return win_fail(ERROR_INVALID_PARAMETER);
    *lpSystemTime = (SYSTEMTIME){.wYear = (WORD)(utc.tm_year + 1900),
                                 .wMonth = (WORD)(utc.tm_mon + 1),
                                 .wDayOfWeek = (WORD)utc.tm_wday,
                                 .wDay = (WORD)utc.tm_mday,
                                 .wHour = (WORD)utc.tm_hour,
                                 .wMinute = (WORD)utc.tm_min,
                                 .wSecond = (WORD)utc.tm_sec,
                                 .wMilliseconds = (WORD)(ticks / 10000 % 1000)};
    return TRUE;
}

BOOL WINAPI SystemTimeToFileTime(const SYSTEMTIME *lpSystemTime, LPFILETIME lpFileTime)
{
    struct tm utc = {.tm_year = lpSystemTime->wYear - 1900,
                     .tm_mon = lpSystemTime->wMonth - 1,
                     .tm_mday = lpSystemTime->wDay,
                     .tm_hour = lpSystemTime->wHour,
                     .tm_min = lpSystemTime->wMinute,
                     .tm_sec = lpSystemTime->wSecond};
    int month = utc.tm_mon;
    int day = utc.tm_mday;
    bool in_range = lpSystemTime->wYear >= 1601 && lpSystemTime->wYear <= 30827 && month >= 0 &&
                    month < 12 && day >= 1 && utc.tm_hour < 24 && utc.tm_min < 60 &&
                    utc.tm_sec < 60 && lpSystemTime->wMilliseconds < 1000;
    time_t seconds = timegm(&utc);
    if (!in_range || utc.tm_mon != month || utc.tm_mday != day)
        return win_fail(ERROR_INVALID_PARAMETER);
    int64_t ticks = (seconds + epoch_seconds) * TICKS_PER_SECOND;
    *lpFileTime = filetime_from_ticks(ticks + lpSystemTime->wMilliseconds * 10000);
    return TRUE;
}

VOID WINAPI GetSystemTime(LPSYSTEMTIME lpSystemTime)
{
    FILETIME now;
    GetSystemTimeAsFileTime(&now);
    FileTimeToSystemTime(&now, lpSystemTime);
}

BOOL WINAPI FileTimeToLocalFileTime(const FILETIME *lpFileTime, LPFILETIME lpLocalFileTime)
{
    int64_t ticks = ticks_from_filetime(lpFileTime);
    if (ticks < 0)
        return win_fail(ERROR_INVALID_PARAMETER);
    int64_t seconds = ticks / TICKS_PER_SECOND - epoch_seconds;
    *lpLocalFileTime =
        filetime_from_ticks(win_local_ticks_from_unix(seconds) + ticks % TICKS_PER_SECOND);
    return TRUE;
}

LONG WINAPI CompareFileTime(const FILETIME *lpFileTime1, const FILETIME *lpFileTime2)
{
    uint64_t a = (uint64_t)ticks_from_filetime(lpFileTime1);
    uint64_t b = (uint64_t)ticks_from_filetime(lpFileTime2);
    return a < b ? -1 : a > b ? 1 : 0;
}

ULONGLONG WINAPI GetTickCount64(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (ULONGLONG)now.tv_sec * 1000 + (ULONGLONG)now.tv_nsec / 1000000;
}

DWORD WINAPI GetTickCount(void)
{
    return (DWORD)GetTickCount64();
}

VOID WINAPI Sleep(DWORD dwMilliseconds)
{
    struct timespec left = {.tv_sec = dwMilliseconds / 1000,
                            .tv_nsec = (long)(dwMilliseconds % 1000) * 1000000};
    nanosleep(&left, NULL);
}
