/* SPDX-License-Identifier: MIT */
/*
 * Public keys from SubjectPublicKeyInfo: every truncation, every single-byte change (nothing may
 * crash, and what is taken must be a key that libcrypto takes as well), and hand-made bad ones.
 */
#include "support.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

/* ---- a DER writer for bad keys --------------------------------------------------------- */

struct der {
    uint8_t b[2048];
    size_t n;
};

static struct der der_empty(void)
{
    return (struct der){.n = 0};
}

static void add(struct der *d, const void *p, size_t n)
{
    assert_true(d->n + n <= sizeof d->b);
    mem_copy(d->b + d->n, p, n);
    d->n += n;
}

static void add_element(struct der *d, uint8_t tag, const void *content, size_t n)
{
    uint8_t head[4] = {tag, 0x82, (uint8_t)(n >> 8), (uint8_t)n};
    if (n < 0x80) {
        head[1] = (uint8_t)n;
        add(d, head, 2);
    } else if (n < 0x100) {
        head[1] = 0x81;
        head[2] = (uint8_t)n;
        add(d, head, 3);
    } else {
        add(d, head, 4);
    }
    add(d, content, n);
}

/* A number that is given by its size and its last byte; the first byte is 0x80. */
static void add_number(struct der *d, size_t n, uint8_t first, uint8_t last)
{
    uint8_t bytes[1100] = {0};
    bytes[1] = first;
    bytes[n] = last;
    bool needs_sign = bytes[1] >= 0x80;
    add_element(d, 0x02, needs_sign ? bytes : bytes + 1, needs_sign ? n + 1 : n);
}

static const uint8_t rsa_oid[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01};
static const uint8_t ec_oid[] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01};
static const uint8_t p256_oid[] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07};
static const uint8_t ed25519_oid[] = {0x2B, 0x65, 0x70};

static struct der spki_make(struct span oid, struct span parameters, struct span key)
{
    struct der algorithm = der_empty();
    struct der bits = der_empty();
    struct der inner = der_empty();
    struct der out = der_empty();
    add_element(&algorithm, 0x06, oid.p, oid.n);
    add(&algorithm, parameters.p, parameters.n);
    add(&bits, "", 1);
    add(&bits, key.p, key.n);
    add_element(&inner, 0x30, algorithm.b, algorithm.n);
    add_element(&inner, 0x03, bits.b, bits.n);
    add_element(&out, 0x30, inner.b, inner.n);
    return out;
}

static err try_spki(const struct der *d)
{
    struct public_key *key;
    err e = public_key_new(&key, span_of(d->b, d->n));
    assert_true((e == OK) == (key != NULL));
    public_key_free(key);
    return e;
}

#define OID_SPAN(array) span_of(array, sizeof(array))

/* ---- RSA ------------------------------------------------------------------------------- */

struct rsa_row {
    const char *what;
    size_t n_len;
    uint8_t n_first, n_last;
    size_t e_len;
    uint8_t e_first, e_last;
    err expected;
};

static const struct rsa_row rsa_rows[] = {
    {"2048 bits", 256, 0x80, 1, 3, 1, 1, OK},
    {"1024 bits", 128, 0x80, 1, 1, 3, 3, OK},
    {"1023 bits", 128, 0x40, 1, 3, 1, 1, ERR_CERT_KEY},
    {"8192 bits", 1024, 0x80, 1, 3, 1, 1, OK},
    {"8193 bits", 1025, 0x01, 1, 3, 1, 1, ERR_CERT_KEY},
    {"even modulus", 256, 0x80, 2, 3, 1, 1, ERR_CERT_KEY},
    {"exponent 1", 256, 0x80, 1, 1, 1, 1, ERR_CERT_KEY},
    {"exponent 2", 256, 0x80, 1, 1, 2, 2, ERR_CERT_KEY},
    {"exponent 3", 256, 0x80, 1, 1, 3, 3, OK},
    {"even exponent", 256, 0x80, 1, 3, 1, 2, ERR_CERT_KEY},
    {"exponent of 64 bits", 256, 0x80, 1, 8, 0x80, 1, OK},
    {"exponent of 65 bits", 256, 0x80, 1, 9, 1, 1, ERR_CERT_KEY},
};

static struct der rsa_spki(const struct rsa_row *row, struct span parameters)
{
    struct der numbers = der_empty();
    struct der sequence = der_empty();
    add_number(&numbers, row->n_len, row->n_first, row->n_last);
    add_number(&numbers, row->e_len, row->e_first, row->e_last);
    add_element(&sequence, 0x30, numbers.b, numbers.n);
    return spki_make(OID_SPAN(rsa_oid), parameters, span_of(sequence.b, sequence.n));
}

static void test_rsa_numbers(void **state)
{
    static const uint8_t null[] = {5, 0};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rsa_rows); i++) {
        struct der d = rsa_spki(&rsa_rows[i], OID_SPAN(null));
        printf("RSA, %s\n", rsa_rows[i].what);
        EXPECT(rsa_rows[i].expected, try_spki(&d));
    }
    struct der d = rsa_spki(&rsa_rows[0], span_empty());
    EXPECT(OK, try_spki(&d));
    static const uint8_t not_null[] = {5, 1, 0};
    d = rsa_spki(&rsa_rows[0], OID_SPAN(not_null));
    EXPECT(ERR_CERT_KEY, try_spki(&d));
    static const uint8_t two_nulls[] = {5, 0, 5, 0};
    d = rsa_spki(&rsa_rows[0], OID_SPAN(two_nulls));
    EXPECT(ERR_CERT_KEY, try_spki(&d));
}

/* Content of a RSAPublicKey whose INTEGERs are not DER. */
static void test_rsa_encoding(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < 5; kind++) {
        uint8_t modulus[258] = {0, 0x80, [256] = 1};
        struct der numbers = der_empty();
        struct der sequence = der_empty();
        switch (kind) {
        case 0: /* negative */
            add_element(&numbers, 0x02, modulus + 1, 256);
            break;
        case 1: /* a zero too many in front */
            modulus[1] = 0x40;
            add_element(&numbers, 0x02, modulus, 257);
            break;
        case 2: /* nothing */
            add_element(&numbers, 0x02, modulus, 0);
            break;
        case 3: /* zero */
            add_element(&numbers, 0x02, modulus, 1);
            break;
        default: /* good, but something follows */
            add_element(&numbers, 0x02, modulus, 257);
            break;
        }
        add_number(&numbers, 3, 1, 1);
        if (kind == 4)
            add_number(&numbers, 1, 1, 1);
        add_element(&sequence, 0x30, numbers.b, numbers.n);
        struct der d = spki_make(OID_SPAN(rsa_oid), span_empty(), span_of(sequence.b, sequence.n));
        EXPECT(ERR_CERT_KEY, try_spki(&d));
    }
}

/* ---- EC and Ed25519 -------------------------------------------------------------------- */

static struct span ec_parameters(struct der *out, struct span curve)
{
    *out = der_empty();
    add_element(out, 0x06, curve.p, curve.n);
    return span_of(out->b, out->n);
}

static void test_ec(void **state)
{
    struct kex *k;
    struct der parameters;
    uint8_t point[65];
    (void)state;
    EXPECT(OK, kex_new(&k, GROUP_SECP256R1));
    memcpy(point, kex_public(k).p, sizeof point);
    kex_free(k);
    struct span p256 = ec_parameters(&parameters, OID_SPAN(p256_oid));

    struct der d = spki_make(OID_SPAN(ec_oid), p256, span_of(point, 65));
    EXPECT(OK, try_spki(&d));
    d = spki_make(OID_SPAN(ec_oid), span_empty(), span_of(point, 65));
    EXPECT(ERR_CERT_KEY, try_spki(&d));
    d = spki_make(OID_SPAN(ec_oid), p256, span_of(point, 64));
    EXPECT(ERR_CERT_KEY, try_spki(&d));
    d = spki_make(OID_SPAN(ec_oid), p256, span_empty());
    EXPECT(ERR_CERT_KEY, try_spki(&d));
    d = spki_make(OID_SPAN(ec_oid), p256, span_of("", 1)); /* infinity */
    EXPECT(ERR_CERT_KEY, try_spki(&d));
    for (unsigned first = 0; first < 8; first++) {
        uint8_t form[65];
        memcpy(form, point, sizeof form);
        form[0] = (uint8_t)first;
        d = spki_make(OID_SPAN(ec_oid), p256, span_of(form, 33));
        EXPECT(ERR_CERT_KEY, try_spki(&d));
        d = spki_make(OID_SPAN(ec_oid), p256, span_of(form, 65));
        EXPECT(first == 4 ? OK : ERR_CERT_KEY, try_spki(&d));
    }
    point[40] ^= 1;
    d = spki_make(OID_SPAN(ec_oid), p256, span_of(point, 65));
    EXPECT(ERR_CERT_KEY, try_spki(&d));
    static const uint8_t p224[] = {0x2B, 0x81, 0x04, 0x00, 0x21};
    d = spki_make(OID_SPAN(ec_oid), ec_parameters(&parameters, OID_SPAN(p224)), span_of(point, 57));
    EXPECT(ERR_CERT_KEY, try_spki(&d));
}

/* RFC 5480 2.1.1: explicit parameters, although they are P-256's own. */
static void test_explicit_curve(void **state)
{
    EVP_PKEY *pkey = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    (void)state;
    assert_int_equal(1, EVP_PKEY_keygen_init(ctx));
    assert_int_equal(1, EVP_PKEY_CTX_set_group_name(ctx, "P-256"));
    assert_int_equal(1, EVP_PKEY_CTX_set_ec_param_enc(ctx, 0));
    assert_int_equal(1, EVP_PKEY_keygen(ctx, &pkey));
    struct span spki = spki_of(pkey);
    struct public_key *key;
    assert_true(spki.n > 200);
    EXPECT(ERR_CERT_KEY, public_key_new(&key, spki));
    OPENSSL_free((void *)(uintptr_t)spki.p);
    EVP_PKEY_free(pkey);
    EVP_PKEY_CTX_free(ctx);
}

static void test_ed25519(void **state)
{
    static const uint8_t key[33] = {1};
    static const uint8_t null[] = {5, 0};
    (void)state;
    struct der d = spki_make(OID_SPAN(ed25519_oid), span_empty(), span_of(key, 32));
    EXPECT(OK, try_spki(&d));
    d = spki_make(OID_SPAN(ed25519_oid), span_empty(), span_of(key, 31));
    EXPECT(ERR_CERT_KEY, try_spki(&d));
    d = spki_make(OID_SPAN(ed25519_oid), span_empty(), span_of(key, 33));
    EXPECT(ERR_CERT_KEY, try_spki(&d));
    /* RFC 8410 3: no parameters. */
    d = spki_make(OID_SPAN(ed25519_oid), OID_SPAN(null), span_of(key, 32));
    EXPECT(ERR_CERT_KEY, try_spki(&d));
}

/* ---- any bytes ------------------------------------------------------------------------- */

static void test_truncations(void **state)
{
    (void)state;
    for (size_t k = 0; k < TEST_KEY_COUNT; k++) {
        EVP_PKEY *pkey = test_key_new((enum test_key)k);
        struct span spki = spki_of(pkey);
        struct public_key *key;
        for (size_t n = 0; n < spki.n; n++) {
            uint8_t *exact = mem_dup(spki.p, n); /* so that a sanitizer sees a byte too much */
            EXPECT(ERR_CERT_KEY, public_key_new(&key, span_of(exact, n)));
            assert_null(key);
            mem_free(exact);
        }
        EXPECT(OK, public_key_new(&key, spki));
        public_key_free(key);
        OPENSSL_free((void *)(uintptr_t)spki.p);
        EVP_PKEY_free(pkey);
    }
}

static void test_changes(void **state)
{
    size_t taken = 0;
    size_t refused = 0;
    (void)state;
    for (size_t k = 0; k < TEST_KEY_COUNT; k++) {
        EVP_PKEY *pkey = test_key_new((enum test_key)k);
        struct span spki = spki_of(pkey);
        uint8_t *copy = mem_dup(spki.p, spki.n);
        for (size_t i = 0; i < spki.n; i++) {
            struct public_key *key;
            copy[i] ^= (uint8_t)(1u << i % 8);
            err e = public_key_new(&key, span_of(copy, spki.n));
            assert_true(e == OK || e == ERR_CERT_KEY);
            const uint8_t *p = copy;
            EVP_PKEY *theirs = e == OK ? d2i_PUBKEY(NULL, &p, (long)spki.n) : NULL;
            assert_true(e != OK || theirs != NULL);
            EVP_PKEY_free(theirs);
            public_key_free(key);
            taken += e == OK;
            refused += e != OK;
            copy[i] = spki.p[i];
        }
        mem_free(copy);
        OPENSSL_free((void *)(uintptr_t)spki.p);
        EVP_PKEY_free(pkey);
    }
    printf("changed keys: %zu taken, %zu refused\n", taken, refused);
    assert_true(taken > 0 && refused > 100);
}

/* After a refused point, keys that are made next hold their own point. */
static void test_refused_point_leaves_nothing(void **state)
{
    EVP_PKEY *first = test_key_new(TEST_P256);
    EVP_PKEY *second = test_key_new(TEST_P256);
    struct private_key *priv;
    struct public_key *key = public_of(first);
    struct span spki = spki_of(second);
    uint8_t *bad = mem_dup(spki.p, spki.n);
    (void)state;
    EXPECT(OK, private_key_new(&priv, first));
    public_key_free(key);
    bad[spki.n - 1] ^= 1;
    EXPECT(ERR_CERT_KEY, public_key_new(&key, span_of(bad, spki.n)));
    assert_null(key);
    EXPECT(OK, public_key_new(&key, spki));
    assert_false(key_pair_matches(priv, key));
    public_key_free(key);
    private_key_free(priv);
    mem_free(bad);
    OPENSSL_free((void *)(uintptr_t)spki.p);
    EVP_PKEY_free(first);
    EVP_PKEY_free(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rsa_numbers), cmocka_unit_test(test_rsa_encoding),
        cmocka_unit_test(test_ec),          cmocka_unit_test(test_explicit_curve),
        cmocka_unit_test(test_ed25519),     cmocka_unit_test(test_truncations),
        cmocka_unit_test(test_changes),     cmocka_unit_test(test_refused_point_leaves_nothing),
    };
    support_start();
    return cmocka_run_group_tests_name("crypto spki", tests, NULL, NULL);
}
