/* SPDX-License-Identifier: MIT */
/* Walking buffer lists, and SEC_APPLICATION_PROTOCOLS in every truncation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sspi/internal.h"

static void lists_that_are_none(void **state)
{
    (void)state;
    SecBufferDesc no_array = {SECBUFFER_VERSION, 3, NULL};
    assert_int_equal(secbuffer_count(NULL), 0);
    assert_int_equal(secbuffer_count(&no_array), 0);
    assert_null(secbuffer_find(NULL, SECBUFFER_EMPTY));
    assert_null(secbuffer_find(&no_array, SECBUFFER_EMPTY));
    assert_null(secbuffer_find_last(&no_array, SECBUFFER_EMPTY));
    assert_int_equal(secbuffer_bytes(NULL).n, 0);
}

static void first_last_and_attribute_bits(void **state)
{
    (void)state;
    char byte = 'x';
    SecBuffer b[4] = {{1, SECBUFFER_TOKEN | SECBUFFER_READONLY, &byte},
                      {0, SECBUFFER_EMPTY, NULL},
                      {1, SECBUFFER_TOKEN, &byte},
                      {7, SECBUFFER_TOKEN, NULL}};
    SecBufferDesc list = {SECBUFFER_VERSION, 4, b};
    assert_ptr_equal(secbuffer_find(&list, SECBUFFER_TOKEN), &b[0]);
    assert_ptr_equal(secbuffer_find_last(&list, SECBUFFER_TOKEN), &b[3]);
    assert_ptr_equal(secbuffer_find(&list, SECBUFFER_EMPTY), &b[1]);
    assert_null(secbuffer_find(&list, SECBUFFER_ALERT));
    assert_int_equal(secbuffer_bytes(&b[0]).n, 1);
    assert_int_equal(secbuffer_bytes(&b[3]).n, 0); /* no memory behind it */
}

/* ---- application protocols ------------------------------------------------------------- */

static size_t put_list(uint8_t *out, size_t at, uint32_t kind, const char *list, size_t n)
{
    uint16_t len = (uint16_t)n;
    memcpy(out + at, &kind, sizeof kind);
    memcpy(out + at + 4, &len, sizeof len);
    memcpy(out + at + 6, list, n);
    return at + 6 + n;
}

static bool parse(const uint8_t *bytes, size_t n, struct span *out)
{
    SecBuffer b = {(ULONG)n, SECBUFFER_APPLICATION_PROTOCOLS, (void *)(uintptr_t)bytes};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &b};
    return secbuffer_alpn(&list, out);
}

static void seal_lists(uint8_t *bytes, size_t end)
{
    uint32_t lists_len = (uint32_t)(end - 4);
    memcpy(bytes, &lists_len, sizeof lists_len);
}

static void protocols(void **state)
{
    (void)state;
    uint8_t bytes[64];
    struct span found;
    size_t end = put_list(bytes, 4, SecApplicationProtocolNegotiationExt_NPN, "\x01x", 2);
    end = put_list(bytes, end, SecApplicationProtocolNegotiationExt_ALPN, "\x02h2\x03sp1", 7);
    seal_lists(bytes, end);
    assert_true(parse(bytes, end, &found));
    assert_int_equal(found.n, 7);
    assert_memory_equal(found.p, "\x02h2\x03sp1", 7);
    assert_true(parse(bytes, sizeof bytes, &found)); /* a larger block */
    for (size_t n = 0; n < end; n++)
        assert_false(parse(bytes, n, &found));
    SecBufferDesc none = {SECBUFFER_VERSION, 0, NULL};
    assert_true(secbuffer_alpn(&none, &found));
    assert_int_equal(found.n, 0);
}

static void protocols_that_contradict_themselves(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        size_t n;
    } bad[] = {{"\x00", 1}, {"\x02h", 2}, {"\x02h2\x00", 4}, {"\x02h2\x05", 4}};
    uint8_t bytes[64];
    struct span found;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        size_t end =
            put_list(bytes, 4, SecApplicationProtocolNegotiationExt_ALPN, bad[i].list, bad[i].n);
        seal_lists(bytes, end);
        assert_false(parse(bytes, end, &found));
    }
    /* The inner size passes the outer one. */
    size_t end = put_list(bytes, 4, SecApplicationProtocolNegotiationExt_ALPN, "\x02h2", 3);
    seal_lists(bytes, end - 1);
    assert_false(parse(bytes, end, &found));
    /* An empty list offers nothing. */
    end = put_list(bytes, 4, SecApplicationProtocolNegotiationExt_ALPN, "", 0);
    seal_lists(bytes, end);
    assert_true(parse(bytes, end, &found));
    assert_int_equal(found.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_that_are_none),
        cmocka_unit_test(first_last_and_attribute_bits),
        cmocka_unit_test(protocols),
        cmocka_unit_test(protocols_that_contradict_themselves),
    };
    return cmocka_run_group_tests_name("secbuffer", tests, NULL, NULL);
}
