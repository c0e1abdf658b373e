/* SPDX-License-Identifier: MIT */
/* Object identifiers in dotted decimals: against libcrypto's spelling, at the edges, malformed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "crypt32/cert.h"

enum { TEXT_MAX = 128 };

static void expect(const char *wanted, const uint8_t *content, size_t n)
{
    char text[TEXT_MAX];
    size_t len = oid_text(span_of(content, n), text, sizeof text);
    assert_int_equal(len, strlen(wanted));
    if (len != 0)
        assert_string_equal(text, wanted);
}

#define EXPECT(wanted, ...)                                                                        \
    do {                                                                                           \
        const uint8_t content_[] = {__VA_ARGS__};                                                  \
        expect((wanted), content_, sizeof content_);                                               \
    } while (0)

static void edges(void **state)
{
    (void)state;
    EXPECT("0.0", 0x00);
    EXPECT("0.39", 0x27);
    EXPECT("1.0", 0x28);
    EXPECT("1.39", 0x4F);
    EXPECT("2.0", 0x50);
    EXPECT("2.47", 0x7F);
    EXPECT("2.48", 0x81, 0x00);
    EXPECT("1.2.840.10045.2.1", 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01);
    EXPECT("1.2.18446744073709551615", 0x2A, 0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
           0x7F);
}

static void refused(void **state)
{
    (void)state;
    EXPECT("", 0x2A, 0x86); /* ends inside an arc */
    EXPECT("", 0x2A, 0x82, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00); /* 2^64 */
    char text[TEXT_MAX];
    const uint8_t content[] = {0x2A, 0x03};
    assert_int_equal(oid_text(span_empty(), text, sizeof text), 0);
    assert_int_equal(oid_text(span_of(content, 2), text, 5), 0);
    assert_int_equal(oid_text(span_of(content, 2), text, 6), 5);
}

static void every_object_that_libcrypto_names(void **state)
{
    unsigned compared = 0;
    (void)state;
    for (int nid = 1; nid < 2000; nid++) {
        const ASN1_OBJECT *object = OBJ_nid2obj(nid);
        char wanted[TEXT_MAX];
        char text[TEXT_MAX];
        if (object == NULL || OBJ_length(object) == 0)
            continue;
        assert_true(OBJ_obj2txt(wanted, sizeof wanted, object, 1) > 0);
        assert_int_equal(oid_text_of(object, text, sizeof text), strlen(wanted));
        assert_string_equal(text, wanted);
        compared++;
    }
    ERR_clear_error();
    assert_true(compared > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edges),
        cmocka_unit_test(refused),
        cmocka_unit_test(every_object_that_libcrypto_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
