/* SPDX-License-Identifier: MIT */
/*
 * Signatures inside certificates: libcrypto signs with every algorithm, padding and salt; we
 * verify by the AlgorithmIdentifier. Weak and unknown ones are told apart from wrong signatures.
 */
#include "support.h"

#include <openssl/rsa.h>
#include <openssl/x509.h>

enum { NO_SALT_GIVEN = -100 };

static EVP_PKEY *keys[TEST_KEY_COUNT];

struct signed_thing {
    struct span algorithm, message, signature;
    X509 *x509;
};

static X509 *certificate_new(EVP_PKEY *pkey)
{
    X509 *x = X509_new();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), 0);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_set_pubkey(x, pkey);
    return x;
}

static void pss_set(EVP_PKEY_CTX *ctx, const char *mask, int salt)
{
    assert_int_equal(1, EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING));
    assert_int_equal(1, EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, salt));
    if (mask != NULL)
        assert_int_equal(1, EVP_PKEY_CTX_set_rsa_mgf1_md_name(ctx, mask, NULL));
}

static struct signed_thing sign(EVP_PKEY *pkey, const char *digest, const char *mask, int salt)
{
    struct signed_thing s = {.x509 = certificate_new(pkey)};
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pctx;
    const ASN1_BIT_STRING *signature;
    const X509_ALGOR *algorithm;
    uint8_t *der = NULL;
    assert_int_equal(1, EVP_DigestSignInit_ex(ctx, &pctx, digest, NULL, NULL, pkey, NULL));
    if (salt != NO_SALT_GIVEN)
        pss_set(pctx, mask, salt);
    assert_true(X509_sign_ctx(s.x509, ctx) > 0);
    EVP_MD_CTX_free(ctx);
    X509_get0_signature(&signature, &algorithm, s.x509);
    int n = i2d_X509_ALGOR(algorithm, &der);
    s.algorithm = span_of(der, (size_t)n);
    der = NULL;
    n = i2d_re_X509_tbs(s.x509, &der);
    s.message = span_of(der, (size_t)n);
    s.signature = span_of(signature->data, (size_t)signature->length);
    return s;
}

static void release(struct signed_thing *s)
{
    OPENSSL_free((void *)(uintptr_t)s->algorithm.p);
    OPENSSL_free((void *)(uintptr_t)s->message.p);
    X509_free(s->x509);
}

struct row {
    enum test_key key;
    const char *digest;
    const char *mask;
    int salt;
    err expected;
    enum hash_id binding; /* HASH_COUNT: none */
};

static const struct row rows[] = {
    {TEST_P256, "SHA256", NULL, NO_SALT_GIVEN, OK, HASH_SHA256},
    {TEST_P256, "SHA384", NULL, NO_SALT_GIVEN, OK, HASH_SHA384},
    {TEST_P384, "SHA384", NULL, NO_SALT_GIVEN, OK, HASH_SHA384},
    {TEST_P521, "SHA512", NULL, NO_SALT_GIVEN, OK, HASH_SHA512},
    {TEST_P256, "SHA1", NULL, NO_SALT_GIVEN, ERR_UNSUPPORTED, HASH_SHA256},
    {TEST_P256, "SHA224", NULL, NO_SALT_GIVEN, ERR_UNSUPPORTED, HASH_COUNT},
    {TEST_RSA_2048, "SHA256", NULL, NO_SALT_GIVEN, OK, HASH_SHA256},
    {TEST_RSA_2048, "SHA384", NULL, NO_SALT_GIVEN, OK, HASH_SHA384},
    {TEST_RSA_2048, "SHA512", NULL, NO_SALT_GIVEN, OK, HASH_SHA512},
    {TEST_RSA_1024, "SHA512", NULL, NO_SALT_GIVEN, OK, HASH_SHA512},
    {TEST_RSA_2048, "SHA1", NULL, NO_SALT_GIVEN, ERR_UNSUPPORTED, HASH_SHA256},
    {TEST_RSA_2048, "MD5", NULL, NO_SALT_GIVEN, ERR_UNSUPPORTED, HASH_SHA256},
    {TEST_RSA_2048, "SHA224", NULL, NO_SALT_GIVEN, ERR_UNSUPPORTED, HASH_COUNT},
    {TEST_RSA_2048, "SHA256", NULL, 32, OK, HASH_SHA256},
    {TEST_RSA_2048, "SHA256", NULL, 0, OK, HASH_SHA256},
    {TEST_RSA_2048, "SHA256", NULL, 20, OK, HASH_SHA256},
    {TEST_RSA_2048, "SHA256", NULL, RSA_PSS_SALTLEN_MAX, OK, HASH_SHA256},
    {TEST_RSA_2048, "SHA384", NULL, 48, OK, HASH_SHA384},
    {TEST_RSA_2048, "SHA512", NULL, 64, OK, HASH_SHA512},
    {TEST_RSA_2048, "SHA1", NULL, 20, ERR_UNSUPPORTED, HASH_SHA256},
    {TEST_RSA_2048, "SHA256", "SHA1", 32, ERR_UNSUPPORTED, HASH_COUNT},
    {TEST_RSA_2048, "SHA256", "SHA384", 32, ERR_UNSUPPORTED, HASH_COUNT},
    {TEST_RSA_PSS, "SHA512", NULL, 64, OK, HASH_SHA512},
    {TEST_RSA_PSS_SHA256, "SHA256", NULL, 32, OK, HASH_SHA256},
    {TEST_RSA_PSS_SHA256, "SHA256", NULL, 40, OK, HASH_SHA256},
    {TEST_RSA_PSS_SHA384, "SHA384", NULL, 48, OK, HASH_SHA384},
    {TEST_ED25519, NULL, NULL, NO_SALT_GIVEN, OK, HASH_COUNT},
};

static void check_binding(const struct row *row, struct span algorithm)
{
    enum hash_id hash = HASH_COUNT;
    if (row->binding == HASH_COUNT) {
        EXPECT(ERR_UNSUPPORTED, hash_of_x509_signature(algorithm, &hash));
        return;
    }
    EXPECT(OK, hash_of_x509_signature(algorithm, &hash));
    assert_int_equal(row->binding, hash);
}

static void check_wrong_bits(const struct public_key *key, const struct signed_thing *s)
{
    uint8_t *copy = mem_dup(s->signature.p, s->signature.n);
    copy[s->signature.n / 2] ^= 4;
    EXPECT(ERR_SIGNATURE,
           public_key_verify_x509(key, s->algorithm, s->message, span_of(copy, s->signature.n)));
    mem_free(copy);
    EXPECT(ERR_SIGNATURE,
           public_key_verify_x509(key, s->algorithm, span_of(s->message.p, s->message.n - 1),
                                  s->signature));
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct public_key *key = public_of(keys[rows[i].key]);
        struct signed_thing s = sign(keys[rows[i].key], rows[i].digest, rows[i].mask, rows[i].salt);
        EXPECT(rows[i].expected, public_key_verify_x509(key, s.algorithm, s.message, s.signature));
        check_binding(&rows[i], s.algorithm);
        if (rows[i].expected == OK)
            check_wrong_bits(key, &s);
        release(&s);
        public_key_free(key);
    }
}

/* Every algorithm under every key: only keys of its kind, and PSS keys within their limits. */
static void test_keys_that_do_not_fit(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (rows[i].expected != OK)
            continue;
        struct signed_thing s = sign(keys[rows[i].key], rows[i].digest, rows[i].mask, rows[i].salt);
        for (size_t k = 0; k < TEST_KEY_COUNT; k++) {
            if (k == rows[i].key)
                continue;
            struct public_key *key = public_of(keys[k]);
            err e = public_key_verify_x509(key, s.algorithm, s.message, s.signature);
            assert_true(e == ERR_SIGNATURE_SCHEME || e == ERR_SIGNATURE);
            public_key_free(key);
        }
        release(&s);
    }
}

/* The key's parameters ask for a salt of at least 48 bytes, or for another hash. */
static void test_pss_limits(void **state)
{
    struct signed_thing short_salt = sign(keys[TEST_RSA_PSS], "SHA384", NULL, 20);
    struct signed_thing other_hash = sign(keys[TEST_RSA_PSS], "SHA256", NULL, 48);
    struct public_key *key = public_of(keys[TEST_RSA_PSS_SHA384]);
    (void)state;
    EXPECT(ERR_SIGNATURE_SCHEME, public_key_verify_x509(key, short_salt.algorithm,
                                                        short_salt.message, short_salt.signature));
    EXPECT(ERR_SIGNATURE_SCHEME, public_key_verify_x509(key, other_hash.algorithm,
                                                        other_hash.message, other_hash.signature));
    public_key_free(key);
    release(&short_salt);
    release(&other_hash);
}

static void test_parameters(void **state)
{
    static const uint8_t rsa_no_null[] = {0x30, 0x0B, 0x06, 0x09, 0x2A, 0x86, 0x48,
                                          0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B};
    static const uint8_t ecdsa_null[] = {0x30, 0x0C, 0x06, 0x08, 0x2A, 0x86, 0x48,
                                         0xCE, 0x3D, 0x04, 0x03, 0x02, 0x05, 0x00};
    static const uint8_t pss_none[] = {0x30, 0x0B, 0x06, 0x09, 0x2A, 0x86, 0x48,
                                       0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A};
    static const uint8_t pss_default[] = {0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86,
                                          0xF7, 0x0D, 0x01, 0x01, 0x0A, 0x30, 0x00};
    struct signed_thing s = sign(keys[TEST_RSA_2048], "SHA256", NULL, NO_SALT_GIVEN);
    struct public_key *rsa = public_of(keys[TEST_RSA_2048]);
    struct public_key *ec = public_of(keys[TEST_P256]);
    (void)state;
    EXPECT(OK, public_key_verify_x509(rsa, span_of(rsa_no_null, sizeof rsa_no_null), s.message,
                                      s.signature));
    EXPECT(ERR_CERT_PARSE, public_key_verify_x509(ec, span_of(ecdsa_null, sizeof ecdsa_null),
                                                  s.message, s.signature));
    EXPECT(ERR_CERT_PARSE,
           public_key_verify_x509(rsa, span_of(pss_none, sizeof pss_none), s.message, s.signature));
    EXPECT(ERR_UNSUPPORTED, public_key_verify_x509(rsa, span_of(pss_default, sizeof pss_default),
                                                   s.message, s.signature));
    release(&s);
    public_key_free(rsa);
    public_key_free(ec);
}

static void test_any_algorithm(void **state)
{
    struct signed_thing s = sign(keys[TEST_RSA_2048], "SHA256", NULL, 32);
    struct public_key *key = public_of(keys[TEST_RSA_2048]);
    uint8_t *copy = mem_dup(s.algorithm.p, s.algorithm.n);
    (void)state;
    for (size_t n = 0; n < s.algorithm.n; n++) {
        uint8_t *exact = mem_dup(s.algorithm.p, n);
        EXPECT(ERR_CERT_PARSE,
               public_key_verify_x509(key, span_of(exact, n), s.message, s.signature));
        mem_free(exact);
    }
    for (size_t i = 0; i < s.algorithm.n * 255; i++) {
        copy[i / 255] ^= (uint8_t)(1 + i % 255);
        /* DER has one encoding for each algorithm, and another algorithm must not verify. */
        assert_int_not_equal(
            OK, public_key_verify_x509(key, span_of(copy, s.algorithm.n), s.message, s.signature));
        copy[i / 255] = s.algorithm.p[i / 255];
    }
    EXPECT(OK, public_key_verify_x509(key, s.algorithm, s.message, s.signature));
    mem_free(copy);
    release(&s);
    public_key_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),          cmocka_unit_test(test_keys_that_do_not_fit),
        cmocka_unit_test(test_pss_limits),    cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_any_algorithm),
    };
    support_start();
    for (size_t k = 0; k < TEST_KEY_COUNT; k++)
        keys[k] = test_key_new((enum test_key)k);
    int failed = cmocka_run_group_tests_name("crypto x509", tests, NULL, NULL);
    for (size_t k = 0; k < TEST_KEY_COUNT; k++)
        EVP_PKEY_free(keys[k]);
    return failed;
}
