/* SPDX-License-Identifier: MIT */
/*
 * CryptStringToBinary and CryptBinaryToString: the rows X60 to X65 of the observations, every form
 * with every flag both ways, short buffers, the wide functions against the narrow ones, and changed
 * bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "util/util.h"
#include "win/win.h"
#include <wincrypt.h>

enum { TEXT_MAX = 4096, BYTES_MAX = 300 };

static const DWORD forms[] = {CRYPT_STRING_BASE64HEADER,
                              CRYPT_STRING_BASE64,
                              CRYPT_STRING_BINARY,
                              CRYPT_STRING_BASE64REQUESTHEADER,
                              CRYPT_STRING_HEX,
                              CRYPT_STRING_HEXASCII,
                              CRYPT_STRING_BASE64X509CRLHEADER,
                              CRYPT_STRING_HEXADDR,
                              CRYPT_STRING_HEXASCIIADDR,
                              CRYPT_STRING_HEXRAW,
                              CRYPT_STRING_BASE64URI};

static uint8_t some[BYTES_MAX];

static uint32_t seed = 20240501;

static uint32_t dice(void)
{
    seed = seed * 1664525 + 1013904223;
    return seed >> 8;
}

static int fill(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof some; i++)
        some[i] = (uint8_t)dice();
    return 0;
}

/* ---- writing --------------------------------------------------------------------------- */

static const struct written {
    const char *bytes;
    DWORD flags;
    const char *text;
} written[] = {
    {"", CRYPT_STRING_BASE64, ""},
    {"f", CRYPT_STRING_BASE64, "Zg==\r\n"},
    {"fo", CRYPT_STRING_BASE64, "Zm8=\r\n"},
    {"foo", CRYPT_STRING_BASE64, "Zm9v\r\n"},
    {"foo", CRYPT_STRING_BASE64 | CRYPT_STRING_NOCR, "Zm9v\n"},
    {"foo", CRYPT_STRING_BASE64 | CRYPT_STRING_NOCRLF, "Zm9v"},
    {"fo\xFF\xBF", CRYPT_STRING_BASE64 | CRYPT_STRING_NOCRLF, "Zm//vw=="},
    {"fo\xFF\xBF", CRYPT_STRING_BASE64URI | CRYPT_STRING_NOCRLF, "Zm__vw"},
    {"0123456789012345678901234567890123456789012345678", CRYPT_STRING_BASE64,
     "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3\r\nOA==\r\n"},
    {"012345678901234567890123456789012345678901234567", CRYPT_STRING_BASE64,
     "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3\r\n"},
    /* X61 */
    {"f", CRYPT_STRING_BASE64HEADER,
     "-----BEGIN CERTIFICATE-----\r\nZg==\r\n-----END CERTIFICATE-----\r\n"},
    {"f", CRYPT_STRING_BASE64REQUESTHEADER,
     "-----BEGIN NEW CERTIFICATE REQUEST-----\r\nZg==\r\n-----END NEW CERTIFICATE "
     "REQUEST-----\r\n"},
    {"f", CRYPT_STRING_BASE64X509CRLHEADER | CRYPT_STRING_NOCR,
     "-----BEGIN X509 CRL-----\nZg==\n-----END X509 CRL-----\n"},
    /* X62 */
    {"MZ", CRYPT_STRING_HEXRAW, "4d5a\r\n"},
    {"MZ", CRYPT_STRING_HEXRAW | CRYPT_STRING_NOCR, "4d5a\n"},
    {"MZ", CRYPT_STRING_HEXRAW | CRYPT_STRING_NOCRLF, "4d5a"},
    {"MZ", CRYPT_STRING_HEX, "4d 5a\r\n"},
    {"0123456789abcdefg", CRYPT_STRING_HEX,
     "30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66\r\n67\r\n"},
    {"0123456789abcdefg", CRYPT_STRING_HEX | CRYPT_STRING_NOCRLF,
     "30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66 67"},
    {"0123456789abcdefg", CRYPT_STRING_HEXADDR,
     "0000\t30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66\r\n0010\t67\r\n"},
    {"0123456789abcde\n", CRYPT_STRING_HEXASCII,
     "30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 0a   0123456789abcde.\r\n"},
    {"MZ", CRYPT_STRING_HEXASCIIADDR,
     "0000\t4d 5a                                              MZ\r\n"},
    {"a\r\n", CRYPT_STRING_BINARY, "a\r\n"},
};

static bool writes(const struct written *row)
{
    char text[TEXT_MAX];
    DWORD n = sizeof text;
    DWORD size = (DWORD)strlen(row->bytes);
    if (!CryptBinaryToStringA((const BYTE *)row->bytes, size, row->flags, text, &n))
        return false;
    bool same = n == strlen(row->text) && memcmp(text, row->text, n) == 0;
    if (!same)
        print_message("form 0x%x of %s: '%.*s'\n", row->flags, row->bytes, (int)n, text);
    return same;
}

static void every_written_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(written); i++)
        assert_true(writes(&written[i]));
}

/* X60: the size counts the NUL, the result does not; what is too small. */
static void sizes_of_text(void **state)
{
    (void)state;
    char text[16];
    WCHAR wide[16];
    DWORD n = 0;
    assert_true(CryptBinaryToStringA(some, 3, CRYPT_STRING_BASE64, NULL, &n));
    assert_int_equal(n, 7);
    memset(text, 'x', sizeof text);
    assert_true(CryptBinaryToStringA(some, 3, CRYPT_STRING_BASE64, text, &n));
    assert_int_equal(n, 6);
    assert_int_equal(text[6], 0);
    assert_int_equal(text[7], 'x');
    for (DWORD room = 0; room < 7; room++) {
        n = room;
        memset(text, 'x', sizeof text);
        memset(wide, 1, sizeof wide);
        assert_false(CryptBinaryToStringA(some, 3, CRYPT_STRING_BASE64, text, &n));
        assert_int_equal(GetLastError(), ERROR_MORE_DATA);
        assert_int_equal(n, 7);
        assert_int_equal(text[room], 'x');
        n = room;
        assert_false(CryptBinaryToStringW(some, 3, CRYPT_STRING_BASE64, wide, &n));
        assert_int_equal(GetLastError(), ERROR_MORE_DATA);
        assert_int_equal(n, 7);
        assert_int_equal(wide[0], 0x0101);
    }
    n = 0;
    assert_true(CryptBinaryToStringA(some, 3, CRYPT_STRING_BINARY, NULL, &n));
    assert_int_equal(n, 3);
}

static void wrong_arguments(void **state)
{
    (void)state;
    static const DWORD only_read[] = {CRYPT_STRING_BASE64_ANY, CRYPT_STRING_ANY,
                                      CRYPT_STRING_HEX_ANY, 14, 255};
    DWORD n = 0;
    assert_false(CryptBinaryToStringA(NULL, 3, CRYPT_STRING_BASE64, NULL, &n));
    assert_int_equal(GetLastError(), ERROR_INVALID_PARAMETER);
    assert_false(CryptBinaryToStringA(some, 3, CRYPT_STRING_BASE64, NULL, NULL));
    assert_int_equal(GetLastError(), ERROR_INVALID_PARAMETER);
    assert_false(CryptStringToBinaryA(NULL, 0, CRYPT_STRING_BASE64, NULL, &n, NULL, NULL));
    assert_int_equal(GetLastError(), ERROR_INVALID_PARAMETER);
    assert_false(CryptStringToBinaryA("Zg==", 0, CRYPT_STRING_BASE64, NULL, NULL, NULL, NULL));
    assert_int_equal(GetLastError(), ERROR_INVALID_PARAMETER);
    for (size_t i = 0; i < ARRAY_LEN(only_read); i++) {
        assert_false(CryptBinaryToStringA(some, 3, only_read[i], NULL, &n));
        assert_int_equal(GetLastError(), ERROR_INVALID_PARAMETER);
    }
}

/* ---- reading --------------------------------------------------------------------------- */

static const struct readable {
    const char *text;
    DWORD flags;
    const char *bytes; /* NULL: ERROR_INVALID_DATA */
    DWORD skip;
    DWORD form;
} readable[] = {
    /* X64 */
    {"Zm9v", CRYPT_STRING_BASE64, "foo", 0, CRYPT_STRING_BASE64},
    {" Z\tm\r\n9v \n", CRYPT_STRING_BASE64, "foo", 0, CRYPT_STRING_BASE64},
    {"V", CRYPT_STRING_BASE64, "T", 0, CRYPT_STRING_BASE64},
    {"VV", CRYPT_STRING_BASE64, "U", 0, CRYPT_STRING_BASE64},
    {"VVV", CRYPT_STRING_BASE64, "UU", 0, CRYPT_STRING_BASE64},
    {"V=", CRYPT_STRING_BASE64, NULL, 0, 0},
    {"VV=", CRYPT_STRING_BASE64, NULL, 0, 0},
    {"VV=V", CRYPT_STRING_BASE64, NULL, 0, 0},
    {"VV==", CRYPT_STRING_BASE64, "U", 0, CRYPT_STRING_BASE64},
    {"VV= =", CRYPT_STRING_BASE64, "U", 0, CRYPT_STRING_BASE64},
    {"VVV=", CRYPT_STRING_BASE64, "UU", 0, CRYPT_STRING_BASE64},
    {"VVV=!garbage", CRYPT_STRING_BASE64, "UU", 0, CRYPT_STRING_BASE64},
    {"VVV=!garbage", CRYPT_STRING_BASE64 | CRYPT_STRING_STRICT, NULL, 0, 0},
    {"VVV= \r\n", CRYPT_STRING_BASE64 | CRYPT_STRING_STRICT, "UU", 0, CRYPT_STRING_BASE64},
    {"V", CRYPT_STRING_BASE64 | CRYPT_STRING_STRICT, NULL, 0, 0},
    {"Zm9v!", CRYPT_STRING_BASE64, NULL, 0, 0},
    {"Zm\x80v", CRYPT_STRING_BASE64, NULL, 0, 0},
    {"Zm-_", CRYPT_STRING_BASE64, NULL, 0, 0},
    {"Zm__vw", CRYPT_STRING_BASE64URI, "fo\xFF\xBF", 0, CRYPT_STRING_BASE64URI},
    {"Zm//vw", CRYPT_STRING_BASE64URI, NULL, 0, 0},
    {"Zm9v", CRYPT_STRING_BASE64 | CRYPT_STRING_NOCR, NULL, 0, 0},
    {"Zm9v", CRYPT_STRING_BASE64 | CRYPT_STRING_PERCENTESCAPE, NULL, 0, 0},
    {"Zm9v", CRYPT_STRING_BASE64 | CRYPT_STRING_NOCRLF, "foo", 0, CRYPT_STRING_BASE64},
    {"Zm9v", 14, NULL, 0, 0},
    /* X63 */
    {"-----BEGIN ANYTHING AT ALL-----\nZm9v\n-----END SOMETHING ELSE-----\n",
     CRYPT_STRING_BASE64HEADER, "foo", 0, CRYPT_STRING_BASE64HEADER},
    {"words before\n-----BEGIN X-----\nZm9v\n-----END X-----\nwords behind",
     CRYPT_STRING_BASE64HEADER, "foo", 13, CRYPT_STRING_BASE64HEADER},
    {"-----BEGIN X-----Zm9v-----END X-----", CRYPT_STRING_BASE64REQUESTHEADER, "foo", 0,
     CRYPT_STRING_BASE64REQUESTHEADER},
    {"-----BEGIN X-----\nZm9v\n-----END X-----", CRYPT_STRING_BASE64X509CRLHEADER, "foo", 0,
     CRYPT_STRING_BASE64X509CRLHEADER},
    {"-----BEGIN X509 CRL-----\r\nZm9v\r\n", CRYPT_STRING_BASE64X509CRLHEADER, NULL, 0, 0},
    {"-----BEGIN-----\nZm9v\n-----END X-----\n", CRYPT_STRING_BASE64HEADER, NULL, 0, 0},
    {"-----BEGIN X-----\nZm9v\n-----END-----\n", CRYPT_STRING_BASE64HEADER, NULL, 0, 0},
    {"-----BEGIN X\nZm9v\n", CRYPT_STRING_BASE64HEADER, NULL, 0, 0},
    {"-----BEGIN X-----\nZm9v!\n-----END X-----\n", CRYPT_STRING_BASE64HEADER, NULL, 0, 0},
    {"Zm9v", CRYPT_STRING_BASE64HEADER, NULL, 0, 0},
    {"x-----BEGIN X-----\nZm9v\n-----END X-----\n", CRYPT_STRING_BASE64_ANY, "foo", 1,
     CRYPT_STRING_BASE64HEADER},
    {"Zm9v", CRYPT_STRING_BASE64_ANY, "foo", 0, CRYPT_STRING_BASE64},
    {"Zm9v!", CRYPT_STRING_BASE64_ANY, NULL, 0, 0},
    {"x-----BEGIN X-----\nZm9v\n-----END X-----\n", CRYPT_STRING_ANY, "foo", 1,
     CRYPT_STRING_BASE64HEADER},
    {"Zm9v", CRYPT_STRING_ANY, "foo", 0, CRYPT_STRING_BASE64},
    {"Zm9v!", CRYPT_STRING_ANY, "Zm9v!", 0, CRYPT_STRING_BINARY},
    {"\xE4!", CRYPT_STRING_BINARY, "\xE4!", 0, CRYPT_STRING_BINARY},
    /* X65 */
    {"4d5A", CRYPT_STRING_HEXRAW, "MZ", 0, CRYPT_STRING_HEXRAW},
    {" 4d5a\r\n", CRYPT_STRING_HEXRAW, "MZ", 0, CRYPT_STRING_HEXRAW},
    {"4d-5a", CRYPT_STRING_HEXRAW, "MZ", 0, CRYPT_STRING_HEXRAW},
    {"4d,5a", CRYPT_STRING_HEXRAW, "MZ", 0, CRYPT_STRING_HEXRAW},
    {"4d5", CRYPT_STRING_HEXRAW, NULL, 0, 0},
    {"4g", CRYPT_STRING_HEXRAW, NULL, 0, 0},
    {"4 d", CRYPT_STRING_HEXRAW, NULL, 0, 0},
    {"4d 5a", CRYPT_STRING_HEX, "MZ", 0, CRYPT_STRING_HEX},
    {"4d-5a,20\r\n21", CRYPT_STRING_HEX, "MZ !", 0, CRYPT_STRING_HEX},
    {"4d 5", CRYPT_STRING_HEX, NULL, 0, 0},
    {"4 d", CRYPT_STRING_HEX, NULL, 0, 0},
    {"0000\t4d 5a\r\n0010\t21\r\n", CRYPT_STRING_HEXADDR, "MZ!", 0, CRYPT_STRING_HEXADDR},
    {"000\t4d 5a\r\n", CRYPT_STRING_HEXADDR, NULL, 0, 0},
    {"0000\t4d5a\r\n", CRYPT_STRING_HEXADDR, NULL, 0, 0},
    {"0000\t\r\n", CRYPT_STRING_HEXADDR, NULL, 0, 0},
    {"4d 5a   MZ\r\n", CRYPT_STRING_HEXASCII, "MZ", 0, CRYPT_STRING_HEXASCII},
    {"0000\t4d 5a   MZ\r\n", CRYPT_STRING_HEXASCIIADDR, "MZ", 0, CRYPT_STRING_HEXASCIIADDR},
    {"0000\t4d 5a\r\n", CRYPT_STRING_HEX_ANY, "MZ", 0, CRYPT_STRING_HEXADDR},
    {"0000\t4d 5a   MZ\r\n", CRYPT_STRING_HEX_ANY, "MZ", 0, CRYPT_STRING_HEXASCIIADDR},
    {"4d 5a   MZ\r\n", CRYPT_STRING_HEX_ANY, "MZ", 0, CRYPT_STRING_HEXASCII},
    {"4d 5a", CRYPT_STRING_HEX_ANY, "MZ", 0, CRYPT_STRING_HEX},
    {"4x", CRYPT_STRING_HEX_ANY, NULL, 0, 0},
};

static bool answers_as(const struct readable *row, BOOL done, const BYTE *bytes, DWORD n,
                       DWORD skip, DWORD form)
{
    if (row->bytes == NULL)
        return !done && GetLastError() == ERROR_INVALID_DATA;
    return done && n == strlen(row->bytes) && memcmp(bytes, row->bytes, n) == 0 &&
           skip == row->skip && form == row->form;
}

static bool reads(const struct readable *row)
{
    BYTE bytes[TEXT_MAX];
    DWORD n = sizeof bytes;
    DWORD skip = 0xAAAA;
    DWORD form = 0xAAAA;
    SetLastError(0);
    BOOL done = CryptStringToBinaryA(row->text, 0, row->flags, bytes, &n, &skip, &form);
    if (!answers_as(row, done, bytes, n, skip, form)) {
        print_message("'%s' as 0x%x: %d, error %u, %u bytes, skip %u, form %u\n", row->text,
                      row->flags, done, GetLastError(), n, skip, form);
        return false;
    }
    return true;
}

static bool reads_wide(const struct readable *row)
{
    BYTE bytes[TEXT_MAX];
    WCHAR text[TEXT_MAX];
    size_t length = strlen(row->text);
    DWORD n = sizeof bytes;
    DWORD skip = 0xAAAA;
    DWORD form = 0xAAAA;
    for (size_t i = 0; i <= length; i++)
        text[i] = (uint8_t)row->text[i];
    SetLastError(0);
    BOOL done = CryptStringToBinaryW(text, 0, row->flags, bytes, &n, &skip, &form);
    return answers_as(row, done, bytes, n, skip, form);
}

static void every_readable_row(void **state)
{
    (void)state;
    int64_t live = mem_live();
    for (size_t i = 0; i < ARRAY_LEN(readable); i++) {
        assert_true(reads(&readable[i]));
        assert_true(reads_wide(&readable[i]));
    }
    assert_int_equal(mem_live(), live);
}

static void sizes_of_bytes(void **state)
{
    (void)state;
    BYTE bytes[8];
    DWORD n = 0;
    assert_true(CryptStringToBinaryA("Zm9v", 0, CRYPT_STRING_BASE64, NULL, &n, NULL, NULL));
    assert_int_equal(n, 3);
    memset(bytes, 'x', sizeof bytes);
    n = 2;
    assert_false(CryptStringToBinaryA("Zm9v", 0, CRYPT_STRING_BASE64, bytes, &n, NULL, NULL));
    assert_int_equal(GetLastError(), ERROR_MORE_DATA);
    assert_int_equal(n, 3);
    assert_int_equal(bytes[0], 'x');
    n = 2;
    assert_false(CryptStringToBinaryA("666f6f", 0, CRYPT_STRING_HEXRAW, bytes, &n, NULL, NULL));
    assert_int_equal(GetLastError(), ERROR_MORE_DATA);
    assert_memory_equal(bytes, "fox", 3);
    n = sizeof bytes;
    assert_true(CryptStringToBinaryA("Zm9vZm9v", 4, CRYPT_STRING_BASE64, bytes, &n, NULL, NULL));
    assert_int_equal(n, 3);
    /* A caller that counts the NUL. */
    n = sizeof bytes;
    assert_true(CryptStringToBinaryA("Zm9v", 5, CRYPT_STRING_BASE64, bytes, &n, NULL, NULL));
    assert_int_equal(n, 3);
}

/* Characters above 255 stand for no byte. */
static void wide_characters(void **state)
{
    (void)state;
    static const WCHAR text[] = {'Z', 'm', 0x0139, 'v', 0};
    static const WCHAR headed[] = {0x4E2D, '-', '-', '-', '-', '-', 'B', 'E', 'G', 'I', 'N',
                                   ' ',    '-', '-', '-', '-', '-', 'Z', 'm', '9', 'v', '-',
                                   '-',    '-', '-', '-', 'E', 'N', 'D', ' ', 0};
    static const DWORD refusing[] = {CRYPT_STRING_BINARY, CRYPT_STRING_ANY, CRYPT_STRING_BASE64,
                                     CRYPT_STRING_HEX_ANY};
    BYTE bytes[64];
    DWORD n;
    DWORD skip;
    for (size_t i = 0; i < ARRAY_LEN(refusing); i++) {
        n = sizeof bytes;
        assert_false(CryptStringToBinaryW(text, 0, refusing[i], bytes, &n, NULL, NULL));
        assert_int_equal(GetLastError(), ERROR_INVALID_DATA);
    }
    n = sizeof bytes;
    assert_true(CryptStringToBinaryW(headed, 0, CRYPT_STRING_ANY, bytes, &n, &skip, NULL));
    assert_int_equal(n, 3);
    assert_int_equal(skip, 1);
}

/* ---- both ways ------------------------------------------------------------------------- */

/* Without line ends an ASCII column swallows the next line: those forms need lines. */
static bool needs_lines(DWORD form)
{
    return form == CRYPT_STRING_HEXASCII || form == CRYPT_STRING_HEXASCIIADDR ||
           form == CRYPT_STRING_HEXADDR;
}

static void there_and_back(DWORD form, DWORD flags, DWORD size)
{
    static WCHAR wide[TEXT_MAX];
    static char text[TEXT_MAX];
    BYTE back[BYTES_MAX + 4];
    DWORD n = TEXT_MAX;
    DWORD wide_n = TEXT_MAX;
    DWORD back_n = sizeof back;
    DWORD found = 0xAAAA;
    assert_true(CryptBinaryToStringA(some, size, form | flags, text, &n));
    assert_true(CryptBinaryToStringW(some, size, form | flags, wide, &wide_n));
    assert_int_equal(n, wide_n);
    for (DWORD i = 0; i < n; i++)
        assert_int_equal(wide[i], (uint8_t)text[i]);
    if (n == 0) /* a length of 0 asks for the NUL, which bytes as they are do not have */
        return;
    assert_true(CryptStringToBinaryA(text, n, form, back, &back_n, NULL, &found));
    assert_int_equal(found, form);
    assert_int_equal(back_n, size);
    assert_memory_equal(back, some, size);
}

static void round_trips(void **state)
{
    (void)state;
    static const DWORD flags[] = {0, CRYPT_STRING_NOCR, CRYPT_STRING_NOCRLF};
    for (size_t form = 0; form < ARRAY_LEN(forms); form++) {
        for (size_t flag = 0; flag < ARRAY_LEN(flags); flag++) {
            bool joined = needs_lines(forms[form]) && flags[flag] == CRYPT_STRING_NOCRLF;
            for (DWORD size = 0; size <= (joined ? 16 : BYTES_MAX); size++)
                there_and_back(forms[form], flags[flag], size);
        }
    }
}

/* Whatever the text, nothing is left over and a size that was promised is kept. */
static void changed_text(void **state)
{
    (void)state;
    int64_t live = mem_live();
    for (unsigned round = 0; round < 20000; round++) {
        char text[TEXT_MAX];
        BYTE bytes[TEXT_MAX];
        DWORD form = forms[dice() % ARRAY_LEN(forms)];
        DWORD n = sizeof text;
        DWORD size = 0;
        assert_true(CryptBinaryToStringA(some, 1 + dice() % 60, form, text, &n));
        for (unsigned changes = 1 + dice() % 3; changes != 0; changes--)
            text[dice() % n] = (char)dice();
        DWORD as = dice() % 16;
        if (!CryptStringToBinaryA(text, n, as, NULL, &size, NULL, NULL))
            continue;
        assert_true(size <= n);
        assert_true(CryptStringToBinaryA(text, n, as, bytes, &size, NULL, NULL));
    }
    assert_int_equal(mem_live(), live);
}

static void failed_allocations(void **state)
{
    (void)state;
    static const WCHAR text[] = {'Z', 'm', '9', 'v', 0};
    int64_t live = mem_live();
    BYTE bytes[8];
    WCHAR wide[16];
    for (uint64_t at = 1; at <= 2; at++) {
        DWORD n = sizeof bytes;
        mem_fail_at(at, true);
        assert_false(CryptStringToBinaryW(text, 0, CRYPT_STRING_BASE64, bytes, &n, NULL, NULL));
        assert_int_equal(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
        mem_fail_at(0, false);
    }
    DWORD n = ARRAY_LEN(wide);
    mem_fail_at(1, true);
    assert_false(CryptBinaryToStringW(some, 3, CRYPT_STRING_BASE64, wide, &n));
    assert_int_equal(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
    mem_fail_at(0, false);
    assert_int_equal(mem_live(), live);
}

/* The judges notice wrong rows. */
static void positive_control(void **state)
{
    (void)state;
    print_message("five planted rows:\n");
    assert_false(writes(&(struct written){"f", CRYPT_STRING_BASE64, "Zg=="}));
    assert_false(reads(&(struct readable){"Zm9v", CRYPT_STRING_BASE64, "fop", 0, 1}));
    assert_false(reads(&(struct readable){"Zm9v", CRYPT_STRING_BASE64, NULL, 0, 0}));
    assert_false(reads(&(struct readable){"Zm9v!", CRYPT_STRING_BASE64, "foo", 0, 1}));
    assert_false(reads(&(struct readable){"Zm9v", CRYPT_STRING_ANY, "foo", 0, 2}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_written_row),  cmocka_unit_test(sizes_of_text),
        cmocka_unit_test(wrong_arguments),    cmocka_unit_test(every_readable_row),
        cmocka_unit_test(sizes_of_bytes),     cmocka_unit_test(wide_characters),
        cmocka_unit_test(round_trips),        cmocka_unit_test(changed_text),
        cmocka_unit_test(failed_allocations), cmocka_unit_test(positive_control),
    };
    return cmocka_run_group_tests(tests, fill, NULL);
}
