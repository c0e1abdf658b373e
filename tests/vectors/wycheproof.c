/* SPDX-License-Identifier: MIT */
/*
 * Project Wycheproof's vectors through our own wrappers: valid ones must be accepted with the
 * right result, invalid ones refused, acceptable ones may go either way but never give a wrong
 * result. Control: the first applicable vector of each file with one digit changed must fail.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include <jansson.h>
#include <openssl/err.h>

#include "crypto/algorithm.h"
#include "crypto/crypto.h"
#include "crypto/der.h"
#include "skip.h"

enum { BYTES_MAX = 1 << 16 };

enum verdict { GOOD, REFUSED, WRONG, NOT_APPLICABLE };

struct bytes {
    uint8_t b[BYTES_MAX];
    size_t n;
};

struct suite {
    const char *file;
    enum verdict (*run)(const json_t *group, const json_t *test, int parameter);
    int parameter;
    const char *control; /* the field that the control spoils */
    size_t applicable_min;
};

/* ---- reading --------------------------------------------------------------------------- */

static unsigned digit(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);
}

static void bytes_of(const json_t *object, const char *name, struct bytes *out)
{
    const char *hex = json_string_value(json_object_get(object, name));
    assert_non_null(hex);
    out->n = strlen(hex) / 2;
    assert_true(out->n <= BYTES_MAX);
    for (size_t i = 0; i < out->n; i++)
        out->b[i] = (uint8_t)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
}

static struct span as_span(const struct bytes *x)
{
    return span_of(x->b, x->n);
}

static bool equal(struct span a, const struct bytes *b)
{
    return span_equal(a, as_span(b));
}

/* ---- AEAD ------------------------------------------------------------------------------ */

static enum aead_id aead_of(int family, size_t key_len)
{
    for (enum aead_id id = 0; id < AEAD_COUNT; id++) {
        bool is_family = (id == AEAD_CHACHA20_POLY1305) == (family == AEAD_CHACHA20_POLY1305);
        if (is_family && aead_key_len(id) == key_len)
            return id;
    }
    return AEAD_COUNT;
}

/* The nonce is iv XOR number, so any number will do when the iv is chosen to match. */
static void iv_for(const struct bytes *nonce, uint64_t number, uint8_t iv[AEAD_IV_LEN])
{
    uint8_t low[8];
    store_u64(low, number);
    memcpy(iv, nonce->b, AEAD_IV_LEN);
    for (size_t i = 0; i < 8; i++)
        iv[4 + i] ^= low[i];
}

struct aead_case {
    enum aead_id id;
    uint64_t number;
    uint8_t iv[AEAD_IV_LEN];
    struct bytes key, nonce, aad, msg, ct, tag;
};

static bool seals_to(const struct aead_case *c)
{
    struct aead *a;
    struct bytes data = c->msg;
    uint8_t tag[AEAD_TAG_LEN];
    assert_int_equal(OK, aead_new(&a, c->id, true, c->key.b, c->iv));
    err e = aead_seal(a, c->number, as_span(&c->aad), data.b, data.n, data.b, 0, tag);
    aead_free(a);
    return e == OK && equal(as_span(&data), &c->ct) && equal(span_of(tag, sizeof tag), &c->tag);
}

static enum verdict opens(const struct aead_case *c)
{
    struct aead *a;
    struct bytes data = c->ct;
    assert_int_equal(OK, aead_new(&a, c->id, false, c->key.b, c->iv));
    err e = aead_open(a, c->number, as_span(&c->aad), data.b, data.n, c->tag.b);
    aead_free(a);
    if (e == OK)
        return equal(as_span(&data), &c->msg) ? GOOD : WRONG;
    for (size_t i = 0; i < data.n; i++) {
        if (data.b[i] != 0)
            return WRONG;
    }
    return e == ERR_RECORD_BAD_MAC ? REFUSED : WRONG;
}

static enum verdict run_aead(const json_t *group, const json_t *test, int family)
{
    struct aead_case c;
    (void)group;
    bytes_of(test, "key", &c.key);
    bytes_of(test, "iv", &c.nonce);
    bytes_of(test, "aad", &c.aad);
    bytes_of(test, "msg", &c.msg);
    bytes_of(test, "ct", &c.ct);
    bytes_of(test, "tag", &c.tag);
    c.id = aead_of(family, c.key.n);
    if (c.nonce.n != AEAD_IV_LEN || c.tag.n != AEAD_TAG_LEN || c.id == AEAD_COUNT)
        return NOT_APPLICABLE;
    c.number = (uint64_t)json_integer_value(json_object_get(test, "tcId")) * 0x0101010101010101u;
    iv_for(&c.nonce, c.number, c.iv);
    enum verdict v = opens(&c);
    return v == GOOD && !seals_to(&c) ? WRONG : v;
}

/* ---- key exchange ---------------------------------------------------------------------- */

static bool all_zero(const struct bytes *x)
{
    for (size_t i = 0; i < x->n; i++) {
        if (x->b[i] != 0)
            return false;
    }
    return true;
}

static enum verdict exchange(uint16_t group, const struct bytes *private_key, struct span share,
                             const struct bytes *shared)
{
    struct kex *k;
    struct secret secret = {0};
    if (kex_from_private(&k, group, as_span(private_key)) != OK)
        return REFUSED;
    err e = kex_derive(k, share, &secret);
    kex_free(k);
    if (e != OK)
        return e == ERR_KEY_SHARE ? REFUSED : WRONG;
    return equal(secret_span(&secret), shared) ? GOOD : WRONG;
}

/* The point of a SubjectPublicKeyInfo for a named curve; anything else is refused. */
static bool point_of(const struct bytes *spki, uint16_t group, struct span *out)
{
    struct key_algorithm algorithm;
    struct rd r = rd_from(as_span(spki));
    struct rd inner = der_open(&r, DER_SEQUENCE);
    if (key_algorithm_read(&inner, &algorithm) != OK || algorithm.kind != KEY_EC ||
        groups[algorithm.group].id != group)
        return false;
    *out = der_take_bits(&inner);
    return rd_end(&inner) && rd_end(&r);
}

static enum verdict run_ecdh(const json_t *group, const json_t *test, int id)
{
    struct bytes spki, private_key, shared;
    struct span point;
    struct public_key *key;
    (void)group;
    bytes_of(test, "public", &spki);
    bytes_of(test, "private", &private_key);
    bytes_of(test, "shared", &shared);
    if (!point_of(&spki, (uint16_t)id, &point))
        return REFUSED;
    enum verdict v = exchange((uint16_t)id, &private_key, point, &shared);
    /* A share that is good is a good signature key as well, and the other way round. */
    err e = public_key_new(&key, as_span(&spki));
    public_key_free(key);
    return (v == REFUSED) == (e != OK) ? v : WRONG;
}

static enum verdict run_x25519(const json_t *group, const json_t *test, int id)
{
    struct bytes public_key, private_key, shared;
    (void)group;
    bytes_of(test, "public", &public_key);
    bytes_of(test, "private", &private_key);
    bytes_of(test, "shared", &shared);
    enum verdict v = exchange((uint16_t)id, &private_key, as_span(&public_key), &shared);
    /* RFC 8446 7.4.2 leaves no choice here. */
    return all_zero(&shared) && v != REFUSED ? WRONG : v;
}

/* ---- signatures ------------------------------------------------------------------------ */

static enum verdict run_signature(const json_t *group, const json_t *test, int scheme)
{
    struct bytes spki, message, signature;
    struct public_key *key;
    bytes_of(group, "publicKeyDer", &spki);
    bytes_of(test, "msg", &message);
    bytes_of(test, "sig", &signature);
    if (public_key_new(&key, as_span(&spki)) != OK)
        return WRONG;
    err e = public_key_verify(key, (uint16_t)scheme, as_span(&message), as_span(&signature));
    public_key_free(key);
    if (e == OK)
        return GOOD;
    return e == ERR_SIGNATURE ? REFUSED : WRONG;
}

/* ---- HKDF ------------------------------------------------------------------------------ */

static enum verdict run_hkdf(const json_t *group, const json_t *test, int hash)
{
    static uint8_t out[1 << 16];
    struct bytes ikm, salt, info, okm;
    struct secret prk;
    (void)group;
    bytes_of(test, "ikm", &ikm);
    bytes_of(test, "salt", &salt);
    bytes_of(test, "info", &info);
    bytes_of(test, "okm", &okm);
    size_t n = (size_t)json_integer_value(json_object_get(test, "size"));
    enum hash_id id = (enum hash_id)hash;
    assert_true(n <= sizeof out);
    if (hkdf_extract(id, as_span(&salt), as_span(&ikm), &prk) != OK ||
        hkdf_expand(id, secret_span(&prk), as_span(&info), out, n) != OK)
        return REFUSED;
    return equal(span_of(out, n), &okm) ? GOOD : WRONG;
}

/* ---- the run --------------------------------------------------------------------------- */

static const struct suite suites[] = {
    {"aes_gcm_test.json", run_aead, AEAD_AES_128_GCM, "tag", 100},
    {"chacha20_poly1305_test.json", run_aead, AEAD_CHACHA20_POLY1305, "tag", 200},
    {"ecdh_secp256r1_test.json", run_ecdh, GROUP_SECP256R1, "shared", 300},
    {"ecdh_secp384r1_test.json", run_ecdh, GROUP_SECP384R1, "shared", 300},
    {"ecdh_secp521r1_test.json", run_ecdh, GROUP_SECP521R1, "shared", 300},
    {"x25519_test.json", run_x25519, GROUP_X25519, "shared", 500},
    {"ecdsa_secp256r1_sha256_test.json", run_signature, SCHEME_ECDSA_SECP256R1_SHA256, "sig", 400},
    {"ecdsa_secp384r1_sha384_test.json", run_signature, SCHEME_ECDSA_SECP384R1_SHA384, "sig", 400},
    {"ed25519_test.json", run_signature, SCHEME_ED25519, "sig", 100},
    {"rsa_pss_2048_sha256_mgf1_32_test.json", run_signature, SCHEME_RSA_PSS_RSAE_SHA256, "sig",
     100},
    {"rsa_signature_2048_sha256_test.json", run_signature, SCHEME_RSA_PKCS1_SHA256, "sig", 200},
    {"hkdf_sha256_test.json", run_hkdf, HASH_SHA256, "okm", 80},
    {"hkdf_sha384_test.json", run_hkdf, HASH_SHA384, "okm", 80},
};

struct tally {
    size_t verdicts[4];
    size_t failures;
    bool is_control_done;
};

static bool is_as_due(const char *result, enum verdict v)
{
    if (v == NOT_APPLICABLE)
        return true;
    if (strcmp(result, "valid") == 0)
        return v == GOOD;
    if (strcmp(result, "invalid") == 0)
        return v == REFUSED;
    return v == GOOD || v == REFUSED;
}

/* The first vector that passed must fail once one digit in the middle is another. */
static void control(const struct suite *s, const json_t *group, const json_t *test)
{
    json_t *spoilt = json_deep_copy(test);
    char *hex = strdup(json_string_value(json_object_get(test, s->control)));
    assert_non_null(hex);
    size_t at = strlen(hex) / 2;
    hex[at] = hex[at] == '0' ? '1' : '0';
    json_object_set_new(spoilt, s->control, json_string(hex));
    enum verdict v = s->run(group, spoilt, s->parameter);
    assert_false(is_as_due("valid", v));
    assert_false(is_as_due("invalid", GOOD));
    free(hex);
    json_decref(spoilt);
}

static void run_case(const struct suite *s, const json_t *group, const json_t *test,
                     struct tally *t)
{
    const char *result = json_string_value(json_object_get(test, "result"));
    enum verdict v = s->run(group, test, s->parameter);
    t->verdicts[v]++;
    if (!is_as_due(result, v)) {
        t->failures++;
        printf("%s: case %lld (%s) ended %d\n", s->file,
               (long long)json_integer_value(json_object_get(test, "tcId")), result, (int)v);
    }
    assert_int_equal(0, ERR_peek_error());
    if (v == GOOD && !t->is_control_done) {
        control(s, group, test);
        t->is_control_done = true;
    }
}

static void run_suite(void **state)
{
    const struct suite *s = *state;
    char path[4096];
    json_error_t error;
    snprintf(path, sizeof path, "%s/wycheproof/%s", test_vectors_dir(), s->file);
    json_t *root = json_load_file(path, 0, &error);
    assert_non_null(root);
    struct tally t = {0};
    size_t i, j;
    const json_t *group;
    const json_t *test;
    json_array_foreach(json_object_get(root, "testGroups"), i, group)
    {
        json_array_foreach(json_object_get(group, "tests"), j, test) run_case(s, group, test, &t);
    }
    json_decref(root);
    printf("%-40s accepted %4zu, refused %4zu, not for us %4zu, wrong %zu\n", s->file,
           t.verdicts[GOOD], t.verdicts[REFUSED], t.verdicts[NOT_APPLICABLE], t.failures);
    assert_int_equal(0, t.failures);
    assert_true(t.is_control_done);
    assert_true(t.verdicts[GOOD] + t.verdicts[REFUSED] >= s->applicable_min);
}

static bool has_vectors(void)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/wycheproof/%s", test_vectors_dir(), suites[0].file);
    FILE *f = fopen(path, "r");
    if (f != NULL)
        fclose(f);
    return f != NULL;
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(suites)];
    if (!has_vectors())
        test_skip("no vectors");
    if (crypto_start() != OK)
        return 1;
    for (size_t i = 0; i < ARRAY_LEN(suites); i++)
        tests[i] = (struct CMUnitTest){.name = suites[i].file,
                                       .test_func = run_suite,
                                       .initial_state = (void *)(uintptr_t)&suites[i]};
    return cmocka_run_group_tests_name("wycheproof", tests, NULL, NULL);
}
