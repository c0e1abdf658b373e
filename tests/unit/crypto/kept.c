/* SPDX-License-Identifier: MIT */
/*
 * Kept key objects on a libcrypto that is not what we think: setting a point is put through a
 * wrapper that can lie. The self-test must notice, and everything must work without kept objects.
 * This is the positive control of that self-test; argv[1] chooses the libcrypto.
 */
#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/tables.h"

int __real_EVP_PKEY_set1_encoded_public_key(EVP_PKEY *pkey, const unsigned char *p, size_t n);
int __wrap_EVP_PKEY_set1_encoded_public_key(EVP_PKEY *pkey, const unsigned char *p, size_t n);

/* How setting a point behaves. */
static enum { HONEST, FORGETFUL, STUCK, REFUSING } mode;
static size_t calls;
static bool is_expected_to_work;

/* STUCK: an object keeps the first key that was set. */
static bool is_new_object(const EVP_PKEY *pkey)
{
    static const EVP_PKEY *seen[64];
    static size_t count;
    for (size_t i = 0; i < count; i++) {
        if (seen[i] == pkey)
            return false;
    }
    seen[count++ % ARRAY_LEN(seen)] = pkey;
    return true;
}

int __wrap_EVP_PKEY_set1_encoded_public_key(EVP_PKEY *pkey, const unsigned char *p, size_t n)
{
    calls++;
    switch (mode) {
    case HONEST:
        break;
    case FORGETFUL:
        return 1;
    case STUCK:
        if (!is_new_object(pkey))
            return 1;
        break;
    case REFUSING:
        return 0;
    }
    return __real_EVP_PKEY_set1_encoded_public_key(pkey, p, n);
}

static void test_self_test(void **state)
{
    (void)state;
    assert_int_equal(is_expected_to_work, kept_keys_trusted(GROUP_P256));
    assert_int_equal(is_expected_to_work, kept_keys_trusted(GROUP_P384));
    assert_int_equal(is_expected_to_work, kept_keys_trusted(GROUP_P521));
    assert_true(calls > 0);
}

static void test_exchange(void **state)
{
    static const uint16_t ids[] = {GROUP_SECP256R1, GROUP_SECP384R1, GROUP_SECP521R1, GROUP_X25519};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(ids) * 3; i++) {
        struct kex *a;
        struct kex *b;
        struct secret at_a, at_b;
        EXPECT(OK, kex_new(&a, ids[i / 3]));
        EXPECT(OK, kex_new(&b, ids[i / 3]));
        EXPECT(OK, kex_derive(a, kex_public(b), &at_a));
        EXPECT(OK, kex_derive(b, kex_public(a), &at_b));
        assert_memory_equal(at_a.b, at_b.b, at_a.n);
        kex_free(a);
        kex_free(b);
    }
}

/* Keys in turn, each of which must refuse the signatures of the one before. */
static void test_verify(void **state)
{
    struct private_key *before = NULL;
    (void)state;
    for (size_t i = 0; i < 9; i++) {
        EVP_PKEY *pkey = test_key_new((enum test_key)(TEST_P256 + i / 3));
        struct private_key *now;
        struct public_key *pub = public_of(pkey);
        EXPECT(OK, private_key_new(&now, pkey));
        assert_true(key_pair_matches(now, pub));
        assert_true(before == NULL || !key_pair_matches(before, pub));
        public_key_free(pub);
        private_key_free(before);
        EVP_PKEY_free(pkey);
        before = now;
    }
    private_key_free(before);
}

static void test_bad_points(void **state)
{
    struct kex *k;
    struct secret secret;
    uint8_t share[65];
    (void)state;
    EXPECT(OK, kex_new(&k, GROUP_SECP256R1));
    memcpy(share, kex_public(k).p, sizeof share);
    share[64] ^= 1;
    EXPECT(ERR_KEY_SHARE, kex_derive(k, span_of(share, sizeof share), &secret));
    kex_free(k);
}

static void choose(const char *name)
{
    static const char *const names[] = {"honest", "forgetful", "stuck", "refusing"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (strcmp(names[i], name) == 0) {
            mode = (unsigned)i;
            is_expected_to_work = mode == HONEST;
            return;
        }
    }
    fprintf(stderr, "no such libcrypto: %s\n", name);
    exit(1);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_self_test),
        cmocka_unit_test(test_exchange),
        cmocka_unit_test(test_verify),
        cmocka_unit_test(test_bad_points),
    };
    choose(argc > 1 ? argv[1] : "honest");
    support_start();
    return cmocka_run_group_tests_name("crypto kept keys", tests, NULL, NULL);
}
