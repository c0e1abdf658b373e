/* SPDX-License-Identifier: MIT */
/*
 * AEAD at its edges: no data, tails in both places, tampering with each part, re-keying, the
 * wrong direction, lengths that do not fit, and not one allocation per record.
 */
#include "support.h"

#include <limits.h>

enum { DATA_MAX = 20000 };

static const uint8_t key_bytes[64] = {1, 2, 3};
static const uint8_t iv_bytes[AEAD_IV_LEN] = {9, 8, 7};
static const uint8_t header_bytes[5] = {23, 3, 3, 0, 1};

static struct aead *make(enum aead_id id, bool is_seal)
{
    struct aead *a;
    EXPECT(OK, aead_new(&a, id, is_seal, key_bytes, iv_bytes));
    assert_int_equal(id, aead_kind(a));
    return a;
}

static struct span header(void)
{
    return span_of(header_bytes, sizeof header_bytes);
}

static void test_lengths(void **state)
{
    static const size_t lengths[] = {0, 1, 15, 16, 17, 64, 1399, 16384, DATA_MAX - 17};
    static uint8_t joined[DATA_MAX];
    static uint8_t apart[DATA_MAX];
    (void)state;
    for (enum aead_id id = 0; id < AEAD_COUNT; id++) {
        struct aead *seal = make(id, true);
        struct aead *open = make(id, false);
        for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
            size_t n = lengths[i];
            uint8_t tag1[AEAD_TAG_LEN];
            uint8_t tag2[AEAD_TAG_LEN];
            uint8_t tail = 22;
            memset(joined, 0x5A, n);
            memset(apart, 0x5A, n);
            joined[n] = 22;
            EXPECT(OK, aead_seal(seal, i, header(), joined, n, joined + n, 1, tag1));
            EXPECT(OK, aead_seal(seal, i, header(), apart, n, &tail, 1, tag2));
            assert_memory_equal(joined, apart, n);
            assert_int_equal(joined[n], tail);
            assert_memory_equal(tag1, tag2, AEAD_TAG_LEN);
            EXPECT(OK, aead_open(open, i, header(), joined, n + 1, tag1));
            assert_int_equal(22, joined[n]);
            for (size_t j = 0; j < n; j++)
                assert_int_equal(0x5A, joined[j]);
        }
        aead_free(seal);
        aead_free(open);
    }
    aead_free(NULL);
}

static void test_nothing_at_all(void **state)
{
    (void)state;
    for (enum aead_id id = 0; id < AEAD_COUNT; id++) {
        struct aead *seal = make(id, true);
        struct aead *open = make(id, false);
        uint8_t tag[AEAD_TAG_LEN];
        uint8_t byte = 0;
        EXPECT(OK, aead_seal(seal, 0, span_empty(), &byte, 0, &byte, 0, tag));
        EXPECT(OK, aead_open(open, 0, span_empty(), &byte, 0, tag));
        tag[3] ^= 1;
        EXPECT(ERR_RECORD_BAD_MAC, aead_open(open, 0, span_empty(), &byte, 0, tag));
        aead_free(seal);
        aead_free(open);
    }
}

static void refuse(struct aead *open, uint64_t number, struct span head, const uint8_t *sealed,
                   const uint8_t *tag)
{
    uint8_t copy[64];
    static const uint8_t zero[64];
    memcpy(copy, sealed, sizeof copy);
    EXPECT(ERR_RECORD_BAD_MAC, aead_open(open, number, head, copy, sizeof copy, tag));
    assert_memory_equal(zero, copy, sizeof copy);
}

/* Each part in turn is wrong by one bit; afterwards the true record still opens. */
static void test_tampering(void **state)
{
    (void)state;
    for (enum aead_id id = 0; id < AEAD_COUNT; id++) {
        struct aead *seal = make(id, true);
        struct aead *open = make(id, false);
        uint8_t sealed[64] = "sixty-four bytes of plaintext";
        uint8_t tag[AEAD_TAG_LEN];
        uint8_t head[5];
        EXPECT(OK, aead_seal(seal, 7, header(), sealed, 64, sealed, 0, tag));
        for (size_t bit = 0; bit < 8 * AEAD_TAG_LEN; bit++) {
            tag[bit / 8] ^= (uint8_t)(1u << bit % 8);
            refuse(open, 7, header(), sealed, tag);
            tag[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        for (size_t i = 0; i < sizeof sealed; i++) {
            sealed[i] ^= 0x80;
            refuse(open, 7, header(), sealed, tag);
            sealed[i] ^= 0x80;
        }
        memcpy(head, header_bytes, sizeof head);
        head[4] ^= 1;
        refuse(open, 7, span_of(head, sizeof head), sealed, tag);
        refuse(open, 7, span_of(header_bytes, 4), sealed, tag);
        refuse(open, 6, header(), sealed, tag);
        refuse(open, 7 | 1ull << 63, header(), sealed, tag);
        EXPECT(OK, aead_open(open, 7, header(), sealed, 64, tag));
        assert_string_equal("sixty-four bytes of plaintext", (char *)sealed);
        aead_free(seal);
        aead_free(open);
    }
}

static void test_rekey(void **state)
{
    static const uint8_t other_iv[AEAD_IV_LEN] = {1};
    (void)state;
    for (enum aead_id id = 0; id < AEAD_COUNT; id++) {
        struct aead *seal = make(id, true);
        struct aead *open = make(id, false);
        uint8_t data[64] = "new keys";
        uint8_t tag[AEAD_TAG_LEN];
        EXPECT(OK, aead_rekey(seal, key_bytes + 1, other_iv));
        EXPECT(OK, aead_seal(seal, 0, header(), data, 64, data, 0, tag));
        refuse(open, 0, header(), data, tag);
        EXPECT(OK, aead_rekey(open, key_bytes + 1, other_iv));
        EXPECT(OK, aead_open(open, 0, header(), data, 64, tag));
        assert_string_equal("new keys", (char *)data);
        aead_free(seal);
        aead_free(open);
    }
}

static void test_misuse(void **state)
{
    struct aead *seal = make(AEAD_AES_128_GCM, true);
    struct aead *open = make(AEAD_AES_128_GCM, false);
    uint8_t data[32] = {0};
    uint8_t tag[AEAD_TAG_LEN] = {0};
    (void)state;
    EXPECT(ERR_INTERNAL, aead_open(seal, 0, header(), data, 16, tag));
    EXPECT(ERR_INTERNAL, aead_seal(open, 0, header(), data, 16, data + 16, 0, tag));
    EXPECT(ERR_ARGUMENT, aead_seal(seal, 0, header(), data, INT_MAX, data + 16, 0, tag));
    EXPECT(ERR_ARGUMENT, aead_seal(seal, 0, header(), data, 16, data + 16, 2, tag));
    EXPECT(ERR_ARGUMENT, aead_open(open, 0, header(), data, (size_t)INT_MAX + 1, tag));
    EXPECT(ERR_ARGUMENT, aead_seal(seal, 0, header(), data, SIZE_MAX, data + 16, 1, tag));
    aead_free(seal);
    aead_free(open);
}

static void test_properties(void **state)
{
    (void)state;
    assert_int_equal(16, aead_key_len(AEAD_AES_128_GCM));
    assert_int_equal(32, aead_key_len(AEAD_AES_256_GCM));
    assert_int_equal(32, aead_key_len(AEAD_CHACHA20_POLY1305));
    /* RFC 8446 5.5: 2^24.5, rounded down. */
    uint64_t limit = aead_record_limit(AEAD_AES_128_GCM);
    assert_true(limit * limit <= 1ull << 49 && (limit + 1) * (limit + 1) > 1ull << 49);
    assert_true(aead_record_limit(AEAD_AES_256_GCM) == limit);
    assert_true(aead_record_limit(AEAD_CHACHA20_POLY1305) == UINT64_MAX);
}

static void test_no_allocation(void **state)
{
    static uint8_t data[16385];
    (void)state;
    for (enum aead_id id = 0; id < AEAD_COUNT; id++) {
        struct aead *seal = make(id, true);
        struct aead *open = make(id, false);
        uint8_t tag[AEAD_TAG_LEN];
        uint8_t tail = 23;
        uint64_t theirs = libcrypto_allocations();
        uint64_t ours = mem_count();
        for (uint64_t i = 0; i < 200; i++) {
            assert_int_equal(OK, aead_seal(seal, i, header(), data, i * 80, &tail, 1, tag));
            tag[0] ^= i % 2;
            assert_int_equal(ERR_RECORD_BAD_MAC, aead_open(open, i, header(), data, i * 80, tag));
        }
        assert_true(theirs == libcrypto_allocations());
        assert_true(ours == mem_count());
        aead_free(seal);
        aead_free(open);
    }
    /* Control: the counters do count. */
    uint64_t theirs = libcrypto_allocations();
    aead_free(make(AEAD_AES_128_GCM, true));
    assert_true(theirs != libcrypto_allocations());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lengths),       cmocka_unit_test(test_nothing_at_all),
        cmocka_unit_test(test_tampering),     cmocka_unit_test(test_rekey),
        cmocka_unit_test(test_misuse),        cmocka_unit_test(test_properties),
        cmocka_unit_test(test_no_allocation),
    };
    support_start();
    return cmocka_run_group_tests_name("crypto aead", tests, NULL, NULL);
}
