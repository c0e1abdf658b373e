/* SPDX-License-Identifier: MIT */
/* wsprintf and its kin, and the functions of Microsoft's C library. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <strsafe.h>
#include <shlwapi.h>
#include <windows.h>

#include "win/win.h"

#define W(text) SCHANNEL_WIDE(text)

static char narrow[1024];
static WCHAR wide[1024];

/* wide as UTF-8. */
static const char *said(void)
{
    static char text[4096];
    assert_int_not_equal(WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, sizeof text, NULL, NULL),
                         0);
    return text;
}

static void narrow_conversions(void **state)
{
    (void)state;
    assert_int_equal(wsprintfA(narrow, "%d|%5d|%-5d|%05d|%+d", -1, 42, 42, -42, 7), 23);
    assert_string_equal(narrow, "-1|   42|42   |-0042|+7");
    wsprintfA(narrow, "%u %x %X %#x %o %lu %lx", 4000000000u, 0xbeefu, 0xBEEFu, 16u, 8u, 5u, 6u);
    assert_string_equal(narrow, "4000000000 beef BEEF 0x10 10 5 6");
    wsprintfA(narrow, "%I64d %lld %I64x %hd", INT64_MIN, -2ll, UINT64_MAX, 65537);
    assert_string_equal(narrow, "-9223372036854775808 -2 ffffffffffffffff 1");
    wsprintfA(narrow, "%s %10s|%-4s|%.2s %c%%", "a", "b", "c", "defg", 'h');
    assert_string_equal(narrow, "a          b|c   |de h%");
    wsprintfA(narrow, "%S %ls %ws %C", W("wide"), W("L"), W("w"), 0x20AC);
    assert_string_equal(narrow, "wide L w \xE2\x82\xAC");
    wsprintfA(narrow, "%.3d %5.2u %*d %s %p", 7, 3u, 4, 9, (char *)NULL, (void *)(uintptr_t)0xAB);
    assert_string_equal(narrow, "007    03    9 (null) 00000000000000AB");
    wsprintfA(narrow, "%y %", 1);
    assert_string_equal(narrow, "%y %");
}

static void wide_conversions(void **state)
{
    (void)state;
    assert_int_equal(wsprintfW(wide, W("%s %S %hs %d %c"), W("w"), "n", "h", 5, 'x'), 9);
    assert_string_equal(said(), "w n h 5 x");
    assert_int_equal(schannel_snwprintf(wide, 1024, W("%.2f %e %g %06.1f"), 1.5, 2.0, 0.25, -3.25),
                     29);
    assert_string_equal(said(), "1.50 2.000000e+00 0.25 -003.2");
    assert_int_equal(schannel_snwprintf(wide, 4, W("abcdef")), -1);
    assert_string_equal(said(), "abc");
    assert_int_equal(schannel_snwprintf(NULL, 0, W("abc")), -1);
    assert_int_equal(wnsprintfW(wide, 4, W("%s"), W("abc")), 3);
    assert_int_equal(wnsprintfW(wide, 3, W("%s"), W("abc")), -1);
    assert_string_equal(said(), "ab");
    assert_int_equal(wnsprintfA(narrow, 4, "%d", 12345), -1);
    assert_string_equal(narrow, "123");
    assert_int_equal(wnsprintfA(narrow, 4, "%d", 123), 3);
}

static void long_text_is_cut(void **state)
{
    (void)state;
    static char big[3000];
    memset(big, 'x', sizeof big - 1);
    assert_int_equal(wsprintfA(narrow, "%s%s", big, big), 1023);
    assert_int_equal(strlen(narrow), 1023);
    assert_int_equal(wsprintfA(narrow, "%999999999d", 1), 1023);
    assert_int_equal(wsprintfW(wide, W("%S"), big), 1023);
    mem_fail_at(1, false);
    assert_int_equal(wsprintfA(narrow, "x"), -1);
    mem_fail_at(1, false);
    assert_int_equal(wsprintfW(wide, W("x")), -1);
    mem_fail_at(0, false);
}

static void bounded_copies(void **state)
{
    (void)state;
    char to[6] = "?";
    assert_int_equal(strcpy_s(to, sizeof to, "12345"), 0);
    assert_string_equal(to, "12345");
    assert_int_equal(strcpy_s(to, sizeof to, "123456"), ERANGE);
    assert_string_equal(to, "");
    assert_int_equal(strcat_s(to, sizeof to, "ab"), 0);
    assert_int_equal(strcat_s(to, sizeof to, "cd"), 0);
    assert_string_equal(to, "abcd");
    assert_int_equal(strcat_s(to, sizeof to, "ef"), ERANGE);
    assert_int_equal(strncpy_s(to, sizeof to, "abcdefgh", 3), 0);
    assert_string_equal(to, "abc");
    assert_int_not_equal(strncpy_s(to, sizeof to, "abcdefgh", _TRUNCATE), 0);
    assert_string_equal(to, "abcde");
    assert_int_equal(strcpy_s(to, sizeof to, NULL), EINVAL);
    assert_int_equal(memcpy_s(to, sizeof to, "xyz", 4), 0);
    assert_string_equal(to, "xyz");
    assert_int_equal(memcpy_s(to, 2, "xyz", 3), ERANGE);
    assert_int_equal(to[0], 0);
    assert_int_equal(memcpy_s(NULL, 0, NULL, 0), 0);
    assert_int_equal(sprintf_s(to, sizeof to, "%d", 12345), 5);
    assert_int_equal(sprintf_s(to, sizeof to, "%d", 123456), -1);
    assert_string_equal(to, "");
    assert_int_equal(_snprintf(to, sizeof to, "%s", "abcdefgh"), -1);
    assert_string_equal(to, "abcde");
    assert_int_equal(_snprintf_s(to, sizeof to, _TRUNCATE, "%s", "abc"), 3);
    assert_string_equal(_itoa(-255, narrow, 10), "-255");
    assert_string_equal(_itoa(-1, narrow, 16), "ffffffff");
    assert_string_equal(_itoa(INT_MIN, narrow, 10), "-2147483648");
    assert_string_equal(_ultoa(0, narrow, 2), "0");
}

static void safe_strings(void **state)
{
    (void)state;
    char to[4] = "";
    size_t n = 9;
    assert_int_equal(StringCchCopyA(to, 4, "abc"), S_OK);
    assert_int_equal(StringCchCopyA(to, 4, "abcd"), STRSAFE_E_INSUFFICIENT_BUFFER);
    assert_string_equal(to, "abc");
    assert_int_equal(StringCchCopyNA(to, 4, "xyz", 1), S_OK);
    assert_int_equal(StringCchCatA(to, 4, "yz"), S_OK);
    assert_string_equal(to, "xyz");
    assert_int_equal(StringCchLengthA(to, 4, &n), S_OK);
    assert_int_equal(n, 3);
    assert_int_equal(StringCchPrintfA(to, 4, "%d", 1234), STRSAFE_E_INSUFFICIENT_BUFFER);
    assert_string_equal(to, "123");
    assert_int_equal(StringCchCopyA(to, 0, "a"), STRSAFE_E_INVALID_PARAMETER);
    assert_int_equal(StringCchPrintfW(wide, 1024, W("%s-%d"), W("x"), 1), S_OK);
    assert_string_equal(said(), "x-1");
    assert_int_equal(StringCbCopyW(wide, 3 * sizeof(WCHAR), W("ab")), S_OK);
    assert_int_equal(StringCbCatW(wide, 3 * sizeof(WCHAR), W("c")), STRSAFE_E_INSUFFICIENT_BUFFER);
    assert_string_equal(said(), "ab");
}

static void wide_copies(void **state)
{
    (void)state;
    WCHAR to[4];
    char back[8];
    assert_int_equal(schannel_wcscpy_s(to, 4, W("abc")), 0);
    assert_int_equal(schannel_wcscpy_s(to, 4, W("abcd")), ERANGE);
    assert_int_equal(schannel_wcscat_s(to, 4, W("ab")), 0);
    assert_int_equal(schannel_wcscat_s(to, 4, W("c")), 0);
    assert_int_equal(schannel_wcscat_s(to, 4, W("d")), ERANGE);
    assert_int_not_equal(schannel_wcsncpy_s(to, 4, W("abcdef"), _TRUNCATE), 0);
    assert_int_equal(lstrlenW(to), 3);
    assert_int_equal(schannel_mbstowcs(NULL, "a\xC3\xA9", 0), 2);
    assert_int_equal(schannel_mbstowcs(to, "a\xC3\xA9", 4), 2);
    assert_int_equal(to[1], 0xE9);
    assert_int_equal(schannel_wcstombs(back, to, sizeof back), 3);
    assert_string_equal(back, "a\xC3\xA9");
    assert_int_equal(schannel_wtoi(W("-12x")), -12);
}

static int count_arguments(int count, WCHAR **arguments)
{
    return count == 2 && arguments[2] == NULL && lstrcmpW(arguments[1], W("x")) == 0 ? 42 : 0;
}

static void main_gets_wide_arguments(void **state)
{
    (void)state;
    char program[] = "p";
    char argument[] = "x";
    char *arguments[] = {program, argument, NULL};
    int64_t before = mem_live();
    assert_int_equal(schannel_wide_main(count_arguments, 2, arguments), 42);
    mem_fail_at(2, false);
    assert_int_equal(schannel_wide_main(count_arguments, 2, arguments), 1);
    mem_fail_at(0, false);
    assert_int_equal(mem_live(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(narrow_conversions),
        cmocka_unit_test(wide_conversions),
        cmocka_unit_test(long_text_is_cut),
        cmocka_unit_test(bounded_copies),
        cmocka_unit_test(safe_strings),
        cmocka_unit_test(wide_copies),
        cmocka_unit_test(main_gets_wide_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
