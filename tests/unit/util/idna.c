/* SPDX-License-Identifier: MIT */
/*
 * Host names to ASCII: RFC 3492's own samples (7.1, as numbers of characters), the bounds of labels
 * and names, and bytes that are no UTF-8.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "util/idna.h"
#include "util/util.h"

static size_t put_utf8(char *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (char)(0xC0 | c >> 6);
        to[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    to[0] = (char)(0xE0 | c >> 12);
    to[1] = (char)(0x80 | (c >> 6 & 0x3F));
    to[2] = (char)(0x80 | (c & 0x3F));
    return 3;
}

static void samples(void **state)
{
    static const struct {
        uint32_t label[40];
        const char *ascii;
    } rows[] = {
        {{0x644, 0x64A, 0x647, 0x645, 0x627, 0x628, 0x62A, 0x643, 0x644, 0x645, 0x648, 0x634, 0x639,
          0x631, 0x628, 0x64A, 0x61F},
         "xn--egbpdaj6bu4bxfgehfvwxn"},
        {{0x4ED6, 0x4EEC, 0x4E3A, 0x4EC0, 0x4E48, 0x4E0D, 0x8BF4, 0x4E2D, 0x6587},
         "xn--ihqwcrb4cv8a8dqg056pqjye"},
        {{0x50, 0x72, 0x6F, 0x10D, 0x70, 0x72, 0x6F,  0x73, 0x74, 0x11B, 0x6E,
          0x65, 0x6D, 0x6C, 0x75,  0x76, 0xED, 0x10D, 0x65, 0x73, 0x6B,  0x79},
         "xn--proprostnemluvesky-uyb24dma41a"},
        {{0x33, 0x5E74, 0x42, 0x7D44, 0x91D1, 0x516B, 0x5148, 0x751F},
         "xn--3b-ww4c5e180e575a65lsy2b"},
        {{0x305D, 0x306E, 0x30B9, 0x30D4, 0x30FC, 0x30C9, 0x3067}, "xn--d9juau41awczczp"},
        {{0x62, 0xFC, 0x63, 0x68, 0x65, 0x72}, "xn--bcher-kva"},
        {{0xFC}, "xn--tda"},
        {{0x62, 0xFC, 0x3002, 0x64, 0x65}, "xn--b-eha.de"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[256];
        char ascii[IDNA_NAME_MAX + 1];
        size_t n = 0;
        for (const uint32_t *c = rows[i].label; *c != 0; c++)
            n += put_utf8(text + n, *c);
        assert_int_equal(idna_to_ascii(span_of(text, n), ascii), strlen(rows[i].ascii));
        assert_string_equal(ascii, rows[i].ascii);
    }
}

static size_t length_of(const char *text, size_t n)
{
    char ascii[IDNA_NAME_MAX + 1];
    return idna_to_ascii(span_of(text, n), ascii);
}

static void bounds(void **state)
{
    char name[400];
    char ascii[IDNA_NAME_MAX + 1];
    (void)state;
    memset(name, 'a', sizeof name);
    assert_int_equal(length_of(name, 63), 63);
    assert_int_equal(length_of(name, 64), 0);
    for (size_t i = 63; i < sizeof name; i += 64)
        name[i] = '.';
    assert_int_equal(length_of(name, 255), 255);
    assert_int_equal(length_of(name, 256), 0);
    assert_int_equal(length_of("", 0), 0);
    assert_int_equal(idna_to_ascii(span_text("WWW.Example."), ascii), 12);
    assert_string_equal(ascii, "www.example.");
    /* "xn--", the letters, "-" and three digits: 62 characters, and five more. */
    memset(name, 'a', sizeof name);
    put_utf8(name + 54, 0xFC);
    assert_int_equal(length_of(name, 56), 62);
    put_utf8(name + 59, 0xFC);
    assert_int_equal(length_of(name, 61), 0);
}

static void what_is_no_text(void **state)
{
    static const char *const rows[] = {
        "\x80",
        "\xC3",
        "\xC0\xAF",
        "\xC3(",
        "\xE0\x80\xAF",
        "\xED\xA0\x80",
        "\xE2\x82",
        "\xF0\x80\x80\xAF",
        "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80",
        "\xFF",
        "a\xC2\x80",
        "a\x7F",
        "a\tb",
    };
    char ascii[IDNA_NAME_MAX + 1];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(length_of(rows[i], strlen(rows[i])), 0);
    assert_int_equal(length_of("a\0b", 3), 0);
    assert_int_equal(idna_to_ascii(span_text("\xF0\x9F\x94\x92"), ascii), 8);
    assert_string_equal(ascii, "xn--lv8h");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples),
        cmocka_unit_test(bounds),
        cmocka_unit_test(what_is_no_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
