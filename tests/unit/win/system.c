/* SPDX-License-Identifier: MIT */
/* Last error, heap, time: FILETIME, SYSTEMTIME and seconds since 1970 against each other. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "win/win.h"

static uint64_t ticks_of(FILETIME time)
{
    return (uint64_t)time.dwHighDateTime << 32 | time.dwLowDateTime;
}

static FILETIME filetime_of(uint64_t ticks)
{
    return (FILETIME){.dwLowDateTime = (DWORD)ticks, .dwHighDateTime = (DWORD)(ticks >> 32)};
}

/* ---- last error and heap --------------------------------------------------------------- */

static void *other_thread(void *arg)
{
    *(DWORD *)arg = GetLastError();
    SetLastError(99);
    return NULL;
}

static void last_error(void **state)
{
    pthread_t thread;
    DWORD seen = 1;
    (void)state;
    SetLastError(5);
    assert_int_equal(GetLastError(), 5);
    pthread_create(&thread, NULL, other_thread, &seen);
    pthread_join(thread, NULL);
    assert_int_equal(seen, 0);
    assert_int_equal(GetLastError(), 5);
    assert_false(win_fail(0x80090301));
    assert_int_equal(GetLastError(), 0x80090301);
}

static void heap(void **state)
{
    (void)state;
    int64_t live = mem_live();
    BYTE *p = LocalAlloc(LPTR, 10);
    assert_non_null(p);
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(p[i], 0);
    assert_null(LocalFree(p));
    assert_null(LocalFree(NULL));
    p = HeapAlloc(GetProcessHeap(), 0, 10);
    assert_non_null(p);
    assert_true(HeapFree(GetProcessHeap(), 0, p));
    assert_int_equal(mem_live(), live);
    mem_fail_at(1, false);
    SetLastError(0);
    assert_null(LocalAlloc(LPTR, 10));
    assert_int_equal(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
    mem_fail_at(1, false);
    assert_null(HeapAlloc(GetProcessHeap(), 0, 10));
    mem_fail_at(0, false);
}

/* ---- time ------------------------------------------------------------------------------ */

struct time_row {
    int64_t seconds;
    uint64_t ticks;
    SYSTEMTIME time;
};

static const struct time_row rows[] = {
    {INT64_C(-11644473600), 0, {1601, 1, 1, 1, 0, 0, 0, 0}},
    {INT64_C(-11644473599), 10000000, {1601, 1, 1, 1, 0, 0, 1, 0}},
    {-1, UINT64_C(116444735990000000), {1969, 12, 3, 31, 23, 59, 59, 0}},
    {0, UINT64_C(116444736000000000), {1970, 1, 4, 1, 0, 0, 0, 0}},
    {INT64_C(951782400), UINT64_C(125962560000000000), {2000, 2, 2, 29, 0, 0, 0, 0}},
    {INT64_C(2147483647), UINT64_C(137919572470000000), {2038, 1, 2, 19, 3, 14, 7, 0}},
    {INT64_C(2147483648), UINT64_C(137919572480000000), {2038, 1, 2, 19, 3, 14, 8, 0}},
    {INT64_C(4107542399), UINT64_C(157520159990000000), {2100, 2, 0, 28, 23, 59, 59, 0}},
    {INT64_C(253402300799), UINT64_C(2650467743990000000), {9999, 12, 5, 31, 23, 59, 59, 0}},
};

static bool converts(const struct time_row *row)
{
    SYSTEMTIME time;
    FILETIME file;
    FILETIME from = filetime_of(row->ticks);
    return ticks_of(win_filetime_from_unix(row->seconds)) == row->ticks &&
           win_unix_from_filetime(from) == row->seconds && FileTimeToSystemTime(&from, &time) &&
           span_equal(span_of(&time, sizeof time), span_of(&row->time, sizeof time)) &&
           SystemTimeToFileTime(&row->time, &file) && ticks_of(file) == row->ticks;
}

static void conversions(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_true(converts(&rows[i]));
    /* The day of the week is not looked at; milliseconds are. */
    SYSTEMTIME time = rows[4].time;
    FILETIME file;
    time.wDayOfWeek = 6;
    time.wMilliseconds = 999;
    assert_true(SystemTimeToFileTime(&time, &file));
    assert_int_equal(ticks_of(file), rows[4].ticks + 9990000);
    assert_true(FileTimeToSystemTime(&file, &time));
    assert_int_equal(time.wMilliseconds, 999);
    assert_int_equal(time.wDayOfWeek, 2);
}

static void every_day(void **state)
{
    SYSTEMTIME time = {1601, 1, 1, 1, 12, 30, 15, 7};
    uint64_t ticks = UINT64_C(450150070000);
    FILETIME file;
    (void)state;
    while (time.wYear < 2401) {
        SYSTEMTIME back;
        assert_true(SystemTimeToFileTime(&time, &file));
        assert_int_equal(ticks_of(file), ticks);
        file = filetime_of(ticks += UINT64_C(864000000000));
        WORD weekday = time.wDayOfWeek;
        assert_true(FileTimeToSystemTime(&file, &back));
        assert_int_equal(back.wDayOfWeek, (weekday + 1) % 7);
        assert_int_equal(back.wHour * 100 + back.wMinute, 1230);
        assert_true(back.wDay == time.wDay + 1 || back.wDay == 1);
        time = back;
    }
}

static void bounds_of_time(void **state)
{
    static const SYSTEMTIME bad[] = {
        {1600, 1, 0, 1, 0, 0, 0, 0},  {30828, 1, 0, 1, 0, 0, 0, 0}, {2000, 0, 0, 1, 0, 0, 0, 0},
        {2000, 13, 0, 1, 0, 0, 0, 0}, {2000, 1, 0, 0, 0, 0, 0, 0},  {2000, 1, 0, 32, 0, 0, 0, 0},
        {2001, 2, 0, 29, 0, 0, 0, 0}, {1900, 2, 0, 29, 0, 0, 0, 0}, {2000, 1, 0, 1, 24, 0, 0, 0},
        {2000, 1, 0, 1, 0, 60, 0, 0}, {2000, 1, 0, 1, 0, 0, 60, 0}, {2000, 1, 0, 1, 0, 0, 0, 1000},
        {2000, 4, 0, 31, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0, 0, 0},
    };
    FILETIME file;
    SYSTEMTIME time;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        SetLastError(0);
        assert_false(SystemTimeToFileTime(&bad[i], &file));
        assert_int_equal(GetLastError(), ERROR_INVALID_PARAMETER);
    }
    SYSTEMTIME last = {30827, 12, 0, 31, 23, 59, 59, 999};
    assert_true(SystemTimeToFileTime(&last, &file));
    assert_true(FileTimeToSystemTime(&file, &time));
    assert_int_equal(time.wYear, 30827);
    file = filetime_of(UINT64_C(0x8000000000000000));
    SetLastError(0);
    assert_false(FileTimeToSystemTime(&file, &time));
    assert_int_equal(GetLastError(), ERROR_INVALID_PARAMETER);
    assert_false(FileTimeToLocalFileTime(&file, &file));
    /* Seconds beyond FILETIME end at its ends. */
    assert_int_equal(ticks_of(win_filetime_from_unix(INT64_MIN)), 0);
    assert_true(ticks_of(win_filetime_from_unix(INT64_MAX)) <= INT64_MAX);
    assert_true(win_local_ticks_from_unix(INT64_MAX) > 0);
    assert_true(win_local_ticks_from_unix(INT64_MIN) >= 0);
}

static void comparison(void **state)
{
    FILETIME a = filetime_of(UINT64_C(0x00000001FFFFFFFF));
    FILETIME b = filetime_of(UINT64_C(0x0000000200000000));
    (void)state;
    assert_int_equal(CompareFileTime(&a, &b), -1);
    assert_int_equal(CompareFileTime(&b, &a), 1);
    assert_int_equal(CompareFileTime(&a, &a), 0);
}

static int64_t clock_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec;
}

static void now(void **state)
{
    FILETIME file;
    SYSTEMTIME time;
    (void)state;
    int64_t before = clock_seconds();
    GetSystemTimeAsFileTime(&file);
    assert_in_range(win_unix_from_filetime(file), before, before + 60);
    GetSystemTime(&time);
    assert_in_range(time.wYear, 2024, 30827);
    DWORD tick = GetTickCount();
    ULONGLONG tick64 = GetTickCount64();
    assert_true((DWORD)tick64 - tick < 60000);
    Sleep(2);
    assert_true(GetTickCount64() >= tick64 + 2);
}

static void local_time(void **state)
{
    FILETIME utc = win_filetime_from_unix(1000000000);
    FILETIME local;
    (void)state;
    setenv("TZ", "ABC-5:30", 1);
    tzset();
    assert_true(FileTimeToLocalFileTime(&utc, &local));
    assert_int_equal(ticks_of(local) - ticks_of(utc), UINT64_C(198000000000));
    assert_int_equal(win_local_ticks_from_unix(1000000000), ticks_of(local));
    setenv("TZ", "UTC", 1);
    tzset();
    assert_true(FileTimeToLocalFileTime(&utc, &local));
    assert_int_equal(ticks_of(local), ticks_of(utc));
}

static void positive_control(void **state)
{
    struct time_row row = rows[3];
    (void)state;
    assert_true(converts(&row));
    row.seconds++;
    assert_false(converts(&row));
    row = rows[3];
    row.time.wDayOfWeek = 5;
    assert_false(converts(&row));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(last_error),
        cmocka_unit_test(heap),
        cmocka_unit_test(conversions),
        cmocka_unit_test(every_day),
        cmocka_unit_test(bounds_of_time),
        cmocka_unit_test(comparison),
        cmocka_unit_test(now),
        cmocka_unit_test(local_time),
        cmocka_unit_test(positive_control),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
