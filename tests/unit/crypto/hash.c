/* SPDX-License-Identifier: MIT */
/* Digests against libcrypto's own one-shot calls: every length, every split, snapshots. */
#include "support.h"

static const char *const names[HASH_COUNT] = {"SHA256", "SHA384", "SHA512", "SHA1"};

static uint8_t input[300];

static void reference(enum hash_id id, size_t n, uint8_t *out)
{
    size_t len = HASH_MAX;
    assert_int_equal(1, EVP_Q_digest(NULL, names[id], NULL, input, n, out, &len));
    assert_int_equal(hash_len(id), len);
}

static void test_once(void **state)
{
    (void)state;
    for (enum hash_id id = 0; id < HASH_COUNT; id++) {
        for (size_t n = 0; n <= sizeof input; n++) {
            uint8_t ours[HASH_MAX];
            uint8_t theirs[HASH_MAX];
            reference(id, n, theirs);
            EXPECT(OK, hash_once(id, span_of(input, n), ours));
            assert_memory_equal(theirs, ours, hash_len(id));
        }
    }
}

static void test_nothing(void **state)
{
    (void)state;
    for (enum hash_id id = 0; id < HASH_COUNT; id++) {
        uint8_t ours[HASH_MAX];
        assert_int_equal(OK, hash_once(id, span_empty(), ours));
        assert_true(span_equal(hash_of_nothing(id), span_of(ours, hash_len(id))));
    }
}

/* A snapshot after every byte, with one-shot hashes in between; the running hash goes on. */
static void test_snapshots(void **state)
{
    (void)state;
    for (enum hash_id id = 0; id < HASH_COUNT; id++) {
        struct hash *h;
        EXPECT(OK, hash_new(&h, id));
        assert_int_equal(id, hash_kind(h));
        for (size_t n = 0; n <= sizeof input; n++) {
            uint8_t ours[HASH_MAX];
            uint8_t theirs[HASH_MAX];
            reference(id, n, theirs);
            EXPECT(OK, hash_snapshot(h, ours));
            assert_memory_equal(theirs, ours, hash_len(id));
            assert_int_equal(OK, hash_once(id, span_of(input, 7), ours));
            if (n < sizeof input)
                EXPECT(OK, hash_update(h, span_of(input + n, 1)));
        }
        hash_free(h);
    }
    hash_free(NULL);
}

static void test_control(void **state)
{
    uint8_t ours[HASH_MAX];
    uint8_t theirs[HASH_MAX];
    (void)state;
    reference(HASH_SHA256, 100, theirs);
    assert_int_equal(OK, hash_once(HASH_SHA256, span_of(input, 101), ours));
    assert_memory_not_equal(theirs, ours, 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_once),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_snapshots),
        cmocka_unit_test(test_control),
    };
    for (size_t i = 0; i < sizeof input; i++)
        input[i] = (uint8_t)(i * 7);
    support_start();
    return cmocka_run_group_tests_name("crypto hash", tests, NULL, NULL);
}
