/* SPDX-License-Identifier: MIT */
/*
 * UTF-8 and UTF-16 both ways: every code point, every malformed sequence of RFC 3629, every size of
 * buffer, and the strict forms of MultiByteToWideChar and WideCharToMultiByte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "win/win.h"

/* ---- every code point ------------------------------------------------------------------ */

/* Written a second time: UTF-8 of a code point (RFC 3629 3). */
static size_t encode(uint32_t c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 + c / 64);
        out[1] = (char)(0x80 + c % 64);
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 + c / 4096);
        out[1] = (char)(0x80 + c / 64 % 64);
        out[2] = (char)(0x80 + c % 64);
        return 3;
    }
    out[0] = (char)(0xF0 + c / 262144);
    out[1] = (char)(0x80 + c / 4096 % 64);
    out[2] = (char)(0x80 + c / 64 % 64);
    out[3] = (char)(0x80 + c % 64);
    return 4;
}

static void every_code_point(void **state)
{
    (void)state;
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        char text[4];
        char back[4];
        WCHAR wide[2] = {0};
        size_t n = encode(c, text);
        if (c >= 0xD800 && c <= 0xDFFF) {
            /* Surrogates are no characters: three bytes that each become U+FFFD. */
            assert_int_equal(win_utf16_from_utf8(text, n, wide, 2), 3);
            continue;
        }
        size_t units = win_utf16_from_utf8(text, n, wide, 2);
        assert_int_equal(units, c < 0x10000 ? 1 : 2);
        uint32_t decoded = units == 1 ? (uint16_t)wide[0]
                                      : 0x10000u + (((uint16_t)wide[0] & 0x3FFu) << 10) +
                                            ((uint16_t)wide[1] & 0x3FFu);
        assert_int_equal(decoded, c);
        assert_int_equal(win_utf8_from_utf16(wide, units, back, 4), n);
        assert_memory_equal(back, text, n);
    }
}

/* ---- malformed text -------------------------------------------------------------------- */

struct bad_row {
    const char *text;
    size_t n;
    const char *cleaned; /* with U+FFFD as '?' */
};

#define ROW(text, cleaned)                                                                         \
    {                                                                                              \
        text, sizeof text - 1, cleaned                                                             \
    }

static const struct bad_row bad_rows[] = {
    ROW("\x80", "?"),
    ROW("\xBF\xBF", "??"),
    ROW("\xC0\x80", "??"), /* overlong */
    ROW("\xC1\xBF", "??"),
    ROW("\xE0\x9F\xBF", "???"),
    ROW("\xF0\x8F\xBF\xBF", "????"),
    ROW("\xED\xA0\x80", "???"),      /* a surrogate */
    ROW("\xF4\x90\x80\x80", "????"), /* beyond U+10FFFF */
    ROW("\xF5\x80\x80\x80", "????"),
    ROW("\xFF", "?"),
    ROW("\xFE\xFF", "??"),
    ROW("\xC3", "?"), /* cut off */
    ROW("\xE2\x82", "??"),
    ROW("\xF0\x9F\x94", "???"),
    ROW("\xC3(", "?("),
    ROW("a\xC3", "a?"),
    ROW("\xE2\x28\xA1", "?(?"),
    ROW("a\x80"
        "b",
        "a?b"),
    ROW("\xC3\xC3\xA9", "?\xE9"),
};

static bool cleaned_as(const struct bad_row *row)
{
    WCHAR wide[16];
    char *copy = mem_dup(row->text, row->n); /* its own block: nothing behind it is read */
    size_t n = win_utf16_from_utf8(copy, row->n, wide, ARRAY_LEN(wide));
    bool fits = n == strlen(row->cleaned);
    for (size_t i = 0; fits && i < n; i++) {
        uint16_t expected = row->cleaned[i] == '?' ? 0xFFFD : (uint8_t)row->cleaned[i];
        fits = (uint16_t)wide[i] == expected;
    }
    SetLastError(0);
    int strict = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, copy, (int)row->n, wide, 16);
    fits = fits && strict == 0 && GetLastError() == ERROR_NO_UNICODE_TRANSLATION;
    fits = fits && MultiByteToWideChar(CP_UTF8, 0, copy, (int)row->n, wide, 16) == (int)n;
    mem_free(copy);
    return fits;
}

static void malformed_utf8(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad_rows); i++)
        assert_true(cleaned_as(&bad_rows[i]));
}

static void malformed_utf16(void **state)
{
    static const struct {
        uint16_t units[4];
        size_t n;
        const char *text;
    } rows[] = {
        {{0xD83D}, 1, "\xEF\xBF\xBD"},
        {{0xDD11}, 1, "\xEF\xBF\xBD"},
        {{0xD83D, 'a'},
         2,
         "\xEF\xBF\xBD"
         "a"},
        {{0xDD11, 0xD83D}, 2, "\xEF\xBF\xBD\xEF\xBF\xBD"},
        {{0xD83D, 0xD83D, 0xDD11}, 3, "\xEF\xBF\xBD\xF0\x9F\x94\x91"},
        {{0xD83D, 0xDD11}, 2, "\xF0\x9F\x94\x91"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[16] = {0};
        WCHAR *copy = mem_dup(rows[i].units, rows[i].n * sizeof(WCHAR));
        size_t n = win_utf8_from_utf16(copy, rows[i].n, text, sizeof text);
        assert_int_equal(n, strlen(rows[i].text));
        assert_string_equal(text, rows[i].text);
        SetLastError(0);
        int strict = WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, copy, (int)rows[i].n, text,
                                         sizeof text, NULL, NULL);
        bool is_good = strstr(rows[i].text, "\xEF\xBF\xBD") == NULL;
        assert_int_equal(strict, is_good ? n : 0);
        if (!is_good)
            assert_int_equal(GetLastError(), ERROR_NO_UNICODE_TRANSLATION);
        mem_free(copy);
    }
}

/* ---- buffers --------------------------------------------------------------------------- */

static void every_size(void **state)
{
    static const char text[] = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x94\x91z"; /* 11 bytes, 6 units */
    WCHAR wide[8];
    char back[12];
    (void)state;
    WCHAR *full = win_utf16_dup(text);
    assert_int_equal(win_utf16_len(full), 6);
    for (size_t cap = 0; cap <= 7; cap++) {
        memset(wide, 0x55, sizeof wide);
        assert_int_equal(win_utf16_from_utf8(text, 11, wide, cap), 6);
        for (size_t i = cap; i < 8; i++)
            assert_int_equal(wide[i], 0x5555); /* nothing behind the end */
        SetLastError(0);
        int n = MultiByteToWideChar(CP_UTF8, 0, text, 11, cap != 0 ? wide : NULL, (int)cap);
        assert_int_equal(n, cap == 0 || cap >= 6 ? 6 : 0);
        if (n == 0)
            assert_int_equal(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
    }
    for (size_t cap = 0; cap <= 11; cap++) {
        memset(back, 0x55, sizeof back);
        assert_int_equal(win_utf8_from_utf16(full, 6, back, cap), 11);
        for (size_t i = cap; i < sizeof back; i++)
            assert_int_equal(back[i], 0x55);
        int n =
            WideCharToMultiByte(CP_UTF8, 0, full, 6, cap != 0 ? back : NULL, (int)cap, NULL, NULL);
        assert_int_equal(n, cap == 0 || cap >= 11 ? 11 : 0);
    }
    /* -1: up to and with the NUL. */
    assert_int_equal(MultiByteToWideChar(CP_UTF8, 0, text, -1, NULL, 0), 7);
    assert_int_equal(WideCharToMultiByte(CP_ACP, 0, full, -1, NULL, 0, NULL, NULL), 12);
    char *narrow = win_utf8_dup(full);
    assert_string_equal(narrow, text);
    mem_free(narrow);
    mem_free(full);
    assert_null(win_utf16_dup(NULL));
    assert_null(win_utf8_dup(NULL));
    mem_fail_at(1, false);
    assert_null(win_utf16_dup("a"));
    mem_fail_at(0, false);
}

static void bad_arguments(void **state)
{
    WCHAR wide[4] = {'a', 0};
    char text[4] = "a";
    BOOL used = 7;
    (void)state;
#define REFUSES(call)                                                                              \
    do {                                                                                           \
        SetLastError(0);                                                                           \
        assert_int_equal(call, 0);                                                                 \
        assert_int_equal(GetLastError(), ERROR_INVALID_PARAMETER);                                 \
    } while (0)
    REFUSES(MultiByteToWideChar(437, 0, text, 1, wide, 4));
    REFUSES(MultiByteToWideChar(CP_UTF8, 0, NULL, 1, wide, 4));
    REFUSES(MultiByteToWideChar(CP_UTF8, 0, text, 0, wide, 4));
    REFUSES(MultiByteToWideChar(CP_UTF8, 0, text, -2, wide, 4));
    REFUSES(MultiByteToWideChar(CP_UTF8, 0, text, 1, wide, -1));
    REFUSES(MultiByteToWideChar(CP_UTF8, 0, text, 1, NULL, 4));
    REFUSES(MultiByteToWideChar(CP_UTF8, 0, (char *)wide, 1, wide, 4));
    REFUSES(WideCharToMultiByte(437, 0, wide, 1, text, 4, NULL, NULL));
    REFUSES(WideCharToMultiByte(CP_UTF8, 0, NULL, 1, text, 4, NULL, NULL));
    REFUSES(WideCharToMultiByte(CP_UTF8, 0, wide, 0, text, 4, NULL, NULL));
    REFUSES(WideCharToMultiByte(CP_UTF8, 0, wide, 1, NULL, 4, NULL, NULL));
    REFUSES(WideCharToMultiByte(CP_UTF8, 0, wide, 1, text, 4, "?", NULL));
    REFUSES(WideCharToMultiByte(CP_UTF8, 0, wide, 1, text, 4, NULL, &used));
    assert_int_equal(WideCharToMultiByte(CP_ACP, 0, wide, 1, text, 4, NULL, &used), 1);
    assert_false(used);
    wide[0] = (WCHAR)0xD800;
    assert_int_equal(WideCharToMultiByte(CP_ACP, 0, wide, 1, text, 4, NULL, &used), 3);
    assert_true(used);
}

static void positive_control(void **state)
{
    (void)state;
    assert_false(cleaned_as(&(struct bad_row)ROW("abc", "abc"))); /* nothing to refuse */
    assert_false(cleaned_as(&(struct bad_row)ROW("\xC0\x80", "?")));
    assert_false(cleaned_as(&(struct bad_row)ROW("\x80", "a")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point), cmocka_unit_test(malformed_utf8),
        cmocka_unit_test(malformed_utf16),  cmocka_unit_test(every_size),
        cmocka_unit_test(bad_arguments),    cmocka_unit_test(positive_control),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
