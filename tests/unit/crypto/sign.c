/* SPDX-License-Identifier: MIT */
/*
 * Signatures: the product of keys and schemes, signed and verified both by us and by libcrypto;
 * which scheme fits which key; pairs; several threads with one key.
 */
#include "support.h"

#include <pthread.h>

#include <openssl/ec.h>
#include <openssl/rsa.h>

static const uint16_t all_schemes[] = {
    SCHEME_RSA_PKCS1_SHA256,       SCHEME_RSA_PKCS1_SHA384,
    SCHEME_RSA_PKCS1_SHA512,       SCHEME_ECDSA_SECP256R1_SHA256,
    SCHEME_ECDSA_SECP384R1_SHA384, SCHEME_ECDSA_SECP521R1_SHA512,
    SCHEME_RSA_PSS_RSAE_SHA256,    SCHEME_RSA_PSS_RSAE_SHA384,
    SCHEME_RSA_PSS_RSAE_SHA512,    SCHEME_ED25519,
    SCHEME_RSA_PSS_PSS_SHA256,     SCHEME_RSA_PSS_PSS_SHA384,
    SCHEME_RSA_PSS_PSS_SHA512,
};

/* The schemes that a key may use, 1.2 and 1.3, as RFC 8446 4.2.3 has them. */
static const struct {
    enum key_kind kind;
    uint16_t group;
    unsigned bits;
    uint16_t pss_hash;
    uint16_t tls12[7];
    uint16_t tls13[4];
} expected[TEST_KEY_COUNT] = {
    [TEST_RSA_2048] = {KEY_RSA,
                       0,
                       2048,
                       0,
                       {0x0401, 0x0501, 0x0601, 0x0804, 0x0805, 0x0806},
                       {0x0804, 0x0805, 0x0806}},
    [TEST_RSA_1024] =
        {KEY_RSA, 0, 1024, 0, {0x0401, 0x0501, 0x0601, 0x0804, 0x0805}, {0x0804, 0x0805}},
    [TEST_RSA_PSS] = {KEY_RSA_PSS, 0, 2048, 0, {0x0809, 0x080A, 0x080B}, {0x0809, 0x080A, 0x080B}},
    [TEST_RSA_PSS_SHA256] = {KEY_RSA_PSS, 0, 2048, 0x0809, {0x0809}, {0x0809}},
    [TEST_RSA_PSS_SHA384] = {KEY_RSA_PSS, 0, 2048, 0x080A, {0x080A}, {0x080A}},
    [TEST_P256] = {KEY_EC, 0x0017, 256, 0, {0x0403, 0x0503, 0x0603}, {0x0403}},
    [TEST_P384] = {KEY_EC, 0x0018, 384, 0, {0x0403, 0x0503, 0x0603}, {0x0503}},
    [TEST_P521] = {KEY_EC, 0x0019, 521, 0, {0x0403, 0x0503, 0x0603}, {0x0603}},
    [TEST_ED25519] = {KEY_ED25519, 0, 256, 0, {0x0807}, {0x0807}},
};

static EVP_PKEY *keys[TEST_KEY_COUNT];
static const struct span message = {(const uint8_t *)"what is signed", 14};

static bool listed(const uint16_t *list, size_t n, uint16_t scheme)
{
    for (size_t i = 0; i < n; i++) {
        if (list[i] == scheme)
            return true;
    }
    return false;
}

static void check_info(const struct key_info *info, size_t k)
{
    assert_int_equal(expected[k].kind, info->kind);
    assert_int_equal(expected[k].group, info->group);
    assert_int_equal(expected[k].bits, info->bits);
    assert_int_equal(expected[k].pss_hash, info->pss_hash);
}

static void test_descriptions(void **state)
{
    (void)state;
    for (size_t k = 0; k < TEST_KEY_COUNT; k++) {
        struct private_key *priv;
        struct public_key *pub = public_of(keys[k]);
        EXPECT(OK, private_key_new(&priv, keys[k]));
        check_info(private_key_info(priv), k);
        check_info(public_key_info(pub), k);
        private_key_free(priv);
        public_key_free(pub);
    }
    private_key_free(NULL);
    public_key_free(NULL);
}

static void test_fitting(void **state)
{
    (void)state;
    for (size_t k = 0; k < TEST_KEY_COUNT; k++) {
        struct public_key *pub = public_of(keys[k]);
        const struct key_info *info = public_key_info(pub);
        for (unsigned scheme = 0; scheme <= 0xFFFF; scheme++) {
            assert_int_equal(listed(expected[k].tls12, 7, (uint16_t)scheme) && scheme != 0,
                             scheme_fits_key((uint16_t)scheme, info, false));
            assert_int_equal(listed(expected[k].tls13, 4, (uint16_t)scheme) && scheme != 0,
                             scheme_fits_key((uint16_t)scheme, info, true));
        }
        public_key_free(pub);
    }
    for (unsigned scheme = 0; scheme <= 0xFFFF; scheme++)
        assert_int_equal(listed(all_schemes, ARRAY_LEN(all_schemes), (uint16_t)scheme),
                         scheme_known((uint16_t)scheme));
}

/* libcrypto's own verdict, in its default context. */
static bool libcrypto_accepts(EVP_PKEY *pkey, uint16_t scheme, struct span signature)
{
    static const char *const digests[] = {"SHA256", "SHA384", "SHA512"};
    bool is_pss = scheme >= 0x0804 && scheme != 0x0807;
    const char *digest = is_pss ? digests[(scheme - (scheme < 0x0807 ? 0x0804 : 0x0809))]
                                : digests[(scheme >> 8) - 4 < 3 ? (scheme >> 8) - 4 : 0];
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pctx;
    bool is_good = EVP_DigestVerifyInit_ex(ctx, &pctx, scheme == SCHEME_ED25519 ? NULL : digest,
                                           NULL, NULL, pkey, NULL) == 1;
    if (is_pss)
        is_good = is_good && EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) == 1 &&
                  EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_DIGEST) == 1;
    is_good = is_good && EVP_DigestVerify(ctx, signature.p, signature.n, message.p, message.n) == 1;
    EVP_MD_CTX_free(ctx);
    return is_good;
}

static void verify_everywhere(size_t k, uint16_t scheme, const struct public_key *pub,
                              uint8_t *signature, size_t n)
{
    struct span other = {(const uint8_t *)"what is signeD", 14};
    assert_true(libcrypto_accepts(keys[k], scheme, span_of(signature, n)));
    EXPECT(OK, public_key_verify(pub, scheme, message, span_of(signature, n)));
    EXPECT(ERR_SIGNATURE, public_key_verify(pub, scheme, other, span_of(signature, n)));
    for (size_t i = 0; i < n; i += 1 + n / 16) {
        signature[i] ^= 0x10;
        EXPECT(ERR_SIGNATURE, public_key_verify(pub, scheme, message, span_of(signature, n)));
        signature[i] ^= 0x10;
    }
    EXPECT(ERR_SIGNATURE, public_key_verify(pub, scheme, message, span_empty()));
    EXPECT(ERR_SIGNATURE, public_key_verify(pub, scheme, message, span_of(signature, n - 1)));
    EXPECT(ERR_SIGNATURE, public_key_verify(pub, scheme, message, span_of(signature, n + 1)));
    EXPECT(OK, public_key_verify(pub, scheme, message, span_of(signature, n)));
    for (size_t i = 0; i < ARRAY_LEN(all_schemes); i++) {
        if (all_schemes[i] == scheme)
            continue;
        err e = public_key_verify(pub, all_schemes[i], message, span_of(signature, n));
        assert_true(e == ERR_SIGNATURE || e == ERR_SIGNATURE_SCHEME);
    }
}

static void test_product(void **state)
{
    static uint8_t signature[SIGNATURE_MAX + 1];
    size_t made = 0;
    (void)state;
    for (size_t k = 0; k < TEST_KEY_COUNT; k++) {
        struct private_key *priv;
        struct public_key *pub = public_of(keys[k]);
        EXPECT(OK, private_key_new(&priv, keys[k]));
        for (size_t i = 0; i < ARRAY_LEN(all_schemes); i++) {
            size_t n = 1;
            if (!listed(expected[k].tls12, 7, all_schemes[i])) {
                EXPECT(ERR_SIGNATURE_SCHEME,
                       private_key_sign(priv, all_schemes[i], message, signature, &n));
                assert_int_equal(0, n);
                EXPECT(ERR_SIGNATURE_SCHEME,
                       public_key_verify(pub, all_schemes[i], message, span_of(signature, 64)));
                continue;
            }
            EXPECT(OK, private_key_sign(priv, all_schemes[i], message, signature, &n));
            verify_everywhere(k, all_schemes[i], pub, signature, n);
            made++;
        }
        private_key_free(priv);
        public_key_free(pub);
    }
    printf("sign: %zu combinations of key and scheme\n", made);
    assert_int_equal(26, made);
}

static void test_unknown_scheme(void **state)
{
    uint8_t signature[SIGNATURE_MAX];
    size_t n;
    struct private_key *priv;
    (void)state;
    EXPECT(OK, private_key_new(&priv, keys[TEST_P256]));
    EXPECT(ERR_SIGNATURE_SCHEME, private_key_sign(priv, 0x0203, message, signature, &n));
    private_key_free(priv);
}

/* Two keys of each kind: one signature never verifies under the other, in either order. */
static void test_pairs(void **state)
{
    (void)state;
    for (size_t k = 0; k < TEST_KEY_COUNT; k++) {
        EVP_PKEY *second = test_key_new((enum test_key)k);
        struct private_key *a;
        struct private_key *b;
        struct public_key *pub_a = public_of(keys[k]);
        struct public_key *pub_b = public_of(second);
        EXPECT(OK, private_key_new(&a, keys[k]));
        EXPECT(OK, private_key_new(&b, second));
        assert_true(key_pair_matches(a, pub_a));
        assert_true(key_pair_matches(b, pub_b));
        assert_false(key_pair_matches(a, pub_b));
        assert_false(key_pair_matches(b, pub_a));
        public_key_free(pub_a);
        /* A kept object that is lent out again must hold the new key only. */
        pub_a = public_of(second);
        assert_false(key_pair_matches(a, pub_a));
        assert_true(key_pair_matches(b, pub_a));
        public_key_free(pub_a);
        public_key_free(pub_b);
        private_key_free(a);
        private_key_free(b);
        EVP_PKEY_free(second);
    }
}

static void test_other_kinds_do_not_match(void **state)
{
    struct private_key *priv;
    struct public_key *pub = public_of(keys[TEST_RSA_2048]);
    (void)state;
    EXPECT(OK, private_key_new(&priv, keys[TEST_P256]));
    assert_false(key_pair_matches(priv, pub));
    private_key_free(priv);
    public_key_free(pub);
}

static void refuse_private(EVP_PKEY *pkey)
{
    struct private_key *priv;
    assert_non_null(pkey);
    EXPECT(ERR_CERT_KEY, private_key_new(&priv, pkey));
    assert_null(priv);
    EVP_PKEY_free(pkey);
}

static void test_unsupported_keys(void **state)
{
    (void)state;
    refuse_private(EVP_RSA_gen(512));
    refuse_private(EVP_EC_gen("secp224r1"));
    refuse_private(EVP_EC_gen("secp256k1"));
    refuse_private(EVP_EC_gen("brainpoolP256r1"));
    refuse_private(EVP_PKEY_Q_keygen(NULL, NULL, "X25519"));
    refuse_private(EVP_PKEY_Q_keygen(NULL, NULL, "ED448"));
}

/* ---- threads --------------------------------------------------------------------------- */

enum { THREADS = 4, ROUNDS = 25 };

struct worker {
    struct private_key *key;
    uint16_t scheme;
    struct span spki;
    unsigned good;
};

static void *work(void *argument)
{
    struct worker *w = argument;
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint8_t signature[SIGNATURE_MAX];
        size_t n;
        struct public_key *pub;
        if (public_key_new(&pub, w->spki) != OK)
            return NULL;
        if (private_key_sign(w->key, w->scheme, message, signature, &n) == OK &&
            public_key_verify(pub, w->scheme, message, span_of(signature, n)) == OK)
            w->good++;
        public_key_free(pub);
    }
    private_key_free(w->key);
    return NULL;
}

static void test_threads(void **state)
{
    static const struct {
        enum test_key key;
        uint16_t scheme;
    } rows[] = {{TEST_P256, 0x0403}, {TEST_RSA_2048, 0x0804}, {TEST_ED25519, 0x0807}};
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        pthread_t threads[THREADS];
        struct worker workers[THREADS];
        struct private_key *key;
        struct span spki = spki_of(keys[rows[r].key]);
        EXPECT(OK, private_key_new(&key, keys[rows[r].key]));
        for (size_t i = 0; i < THREADS; i++) {
            workers[i] = (struct worker){private_key_ref(key), rows[r].scheme, spki, 0};
            assert_int_equal(0, pthread_create(&threads[i], NULL, work, &workers[i]));
        }
        private_key_free(key);
        for (size_t i = 0; i < THREADS; i++) {
            assert_int_equal(0, pthread_join(threads[i], NULL));
            assert_int_equal(ROUNDS, workers[i].good);
        }
        OPENSSL_free((void *)(uintptr_t)spki.p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_descriptions),
        cmocka_unit_test(test_fitting),
        cmocka_unit_test(test_product),
        cmocka_unit_test(test_unknown_scheme),
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_other_kinds_do_not_match),
        cmocka_unit_test(test_unsupported_keys),
        cmocka_unit_test(test_threads),
    };
    support_start();
    for (size_t k = 0; k < TEST_KEY_COUNT; k++)
        keys[k] = test_key_new((enum test_key)k);
    int failed = cmocka_run_group_tests_name("crypto sign", tests, NULL, NULL);
    for (size_t k = 0; k < TEST_KEY_COUNT; k++)
        EVP_PKEY_free(keys[k]);
    return failed;
}
