/* SPDX-License-Identifier: MIT */
/* Key derivation against libcrypto's HMAC and KDFs over lengths and hashes; limits of arguments. */
#include "support.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

static const char *const names[HASH_COUNT] = {"SHA256", "SHA384", "SHA512", "SHA1"};

static uint8_t input[400];

static void test_hmac(void **state)
{
    (void)state;
    for (enum hash_id id = 0; id < HASH_COUNT; id++) {
        for (size_t n = 0; n < 270; n++) {
            uint8_t ours[HASH_MAX];
            uint8_t theirs[HASH_MAX];
            size_t len;
            assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, names[id], NULL, input, n, input + 50,
                                      n / 2, theirs, sizeof theirs, &len));
            EXPECT(OK, hmac_once(id, span_of(input, n), span_of(input + 50, n / 2), ours));
            assert_int_equal(hash_len(id), len);
            assert_memory_equal(theirs, ours, len);
        }
    }
}

static void kdf_run(const char *kdf_name, OSSL_PARAM *params, uint8_t *out, size_t n)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, kdf_name, NULL);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    assert_int_equal(1, EVP_KDF_derive(ctx, out, n, params));
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
}

static OSSL_PARAM octets(const char *name, const void *p, size_t n)
{
    return OSSL_PARAM_construct_octet_string(name, (void *)(uintptr_t)p, n);
}

static OSSL_PARAM text(const char *name, const char *value)
{
    return OSSL_PARAM_construct_utf8_string(name, (char *)(uintptr_t)value, 0);
}

static void test_expand_label(void **state)
{
    (void)state;
    for (enum hash_id id = HASH_SHA256; id <= HASH_SHA384; id++) {
        for (size_t n = 1; n <= 255; n += 3) {
            uint8_t ours[255];
            uint8_t theirs[255];
            size_t len = hash_len(id);
            size_t label_len = 1 + n % 12;
            OSSL_PARAM params[] = {
                text(OSSL_KDF_PARAM_DIGEST, names[id]),
                text(OSSL_KDF_PARAM_MODE, "EXPAND_ONLY"),
                octets(OSSL_KDF_PARAM_KEY, input, len),
                octets(OSSL_KDF_PARAM_PREFIX, "tls13 ", 6),
                octets(OSSL_KDF_PARAM_LABEL, input, label_len),
                octets(OSSL_KDF_PARAM_DATA, input + 9, len),
                OSSL_PARAM_construct_end(),
            };
            kdf_run("TLS13-KDF", params, theirs, n);
            EXPECT(OK, hkdf_expand_label(id, span_of(input, len), span_of(input, label_len),
                                         span_of(input + 9, len), ours, n));
            assert_memory_equal(theirs, ours, n);
        }
    }
}

/* Under one key set-up, in any company: the same as each alone. */
static void test_expand_labels(void **state)
{
    static const size_t lens[] = {16, 1, 100, 32, 0};
    (void)state;
    for (enum hash_id id = HASH_SHA256; id <= HASH_SHA384; id++) {
        struct span key = span_of(input, hash_len(id));
        uint8_t alone[5][100] = {{0}};
        uint8_t together[5][100] = {{0}};
        struct hkdf_label labels[5];
        for (size_t i = 0; i < 5; i++) {
            labels[i] = (struct hkdf_label){span_of(input, 3 + i), span_of(input + i, 7 * i),
                                            together[i], lens[i]};
            EXPECT(OK, hkdf_expand_label(id, key, labels[i].label, labels[i].context, alone[i],
                                         lens[i]));
        }
        for (size_t count = 1; count <= 5; count++) {
            memset(together, 0, sizeof together);
            EXPECT(OK, hkdf_expand_labels(id, key, labels, count));
            assert_memory_equal(together, alone, count * sizeof together[0]);
        }
        labels[1].label = span_of(input, 250);
        EXPECT(ERR_ARGUMENT, hkdf_expand_labels(id, key, labels, 2));
    }
}

static void test_prf(void **state)
{
    (void)state;
    for (enum hash_id id = HASH_SHA256; id <= HASH_SHA384; id++) {
        for (size_t n = 1; n <= 300; n += 7) {
            uint8_t ours[300];
            uint8_t theirs[300];
            OSSL_PARAM params[] = {
                text(OSSL_KDF_PARAM_DIGEST, names[id]),
                octets(OSSL_KDF_PARAM_SECRET, input, n),
                octets(OSSL_KDF_PARAM_SEED, "key expansion", 13),
                octets(OSSL_KDF_PARAM_SEED, input + 20, n),
                OSSL_PARAM_construct_end(),
            };
            kdf_run("TLS1-PRF", params, theirs, n);
            EXPECT(OK, prf12(id, span_of(input, n), "key expansion", span_of(input + 20, n / 3),
                             span_of(input + 20 + n / 3, n - n / 3), ours, n));
            assert_memory_equal(theirs, ours, n);
        }
    }
}

static void test_limits(void **state)
{
    static uint8_t out[255 * 32 + 1];
    struct span key = span_of(input, 32);
    (void)state;
    EXPECT(OK, hkdf_expand(HASH_SHA256, key, span_empty(), out, 255 * 32));
    EXPECT(ERR_ARGUMENT, hkdf_expand(HASH_SHA256, key, span_empty(), out, 255 * 32 + 1));
    EXPECT(OK, hkdf_expand(HASH_SHA256, key, span_empty(), out, 0));
    EXPECT(OK,
           hkdf_expand_label(HASH_SHA256, key, span_of(input, 249), span_of(input, 255), out, 32));
    EXPECT(ERR_ARGUMENT,
           hkdf_expand_label(HASH_SHA256, key, span_of(input, 250), span_empty(), out, 32));
    EXPECT(ERR_ARGUMENT,
           hkdf_expand_label(HASH_SHA256, key, span_empty(), span_of(input, 256), out, 32));
    EXPECT(OK, prf12(HASH_SHA256, key, "x", span_empty(), span_empty(), out, 4096));
    EXPECT(ERR_ARGUMENT, prf12(HASH_SHA256, key, "x", span_empty(), span_empty(), out, 4097));
}

/* RFC 5869 2.2: no salt is the same as hash_len zero bytes. */
static void test_no_salt(void **state)
{
    static const uint8_t zero[HASH_MAX];
    struct secret a;
    struct secret b;
    (void)state;
    EXPECT(OK, hkdf_extract(HASH_SHA384, span_empty(), span_of(input, 48), &a));
    EXPECT(OK, hkdf_extract(HASH_SHA384, span_of(zero, 48), span_of(input, 48), &b));
    assert_int_equal(48, a.n);
    assert_memory_equal(a.b, b.b, 48);
}

static void test_control(void **state)
{
    uint8_t a[HASH_MAX];
    uint8_t b[HASH_MAX];
    (void)state;
    assert_int_equal(OK, hmac_once(HASH_SHA256, span_of(input, 20), span_of(input, 20), a));
    assert_int_equal(OK, hmac_once(HASH_SHA256, span_of(input, 21), span_of(input, 20), b));
    assert_memory_not_equal(a, b, 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hmac),          cmocka_unit_test(test_expand_label),
        cmocka_unit_test(test_expand_labels), cmocka_unit_test(test_prf),
        cmocka_unit_test(test_limits),        cmocka_unit_test(test_no_salt),
        cmocka_unit_test(test_control),
    };
    for (size_t i = 0; i < sizeof input; i++)
        input[i] = (uint8_t)(i * 5 + 1);
    support_start();
    return cmocka_run_group_tests_name("crypto kdf", tests, NULL, NULL);
}
