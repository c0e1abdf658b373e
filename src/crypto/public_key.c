/* SPDX-License-Identifier: MIT */
/*
 * Peers' public keys and the verification of their signatures (RFC 8446 4.4.3, RFC 5280 4.1.1.3).
 * Keys are read by our own DER reader and set as raw values: a decoder would cost fifty times as
 * much. Limits on sizes stand here; which keys are good enough is the caller's policy.
 */
#include <openssl/core_names.h>
#include <openssl/params.h>

#include "crypto/algorithm.h"
#include "crypto/ec_kept.h"
#include "crypto/scheme.h"

enum {
    RSA_BITS_MIN = 1024,
    RSA_BITS_MAX = 8192,
    RSA_EXPONENT_MAX = 8, /* bytes; longer ones only serve to burn the verifier's time */
    ED25519_LEN = 32,
};

struct public_key {
    struct key_info info;
    enum group_index group;
    struct ec_kept key;    /* any kind of key; a lent object when it is EC */
    uint32_t pss_salt_min; /* KEY_RSA_PSS with parameters */
};

const struct key_info *public_key_info(const struct public_key *key)
{
    return &key->info;
}

/* ---- reading --------------------------------------------------------------------------- */

static unsigned bit_len(struct span magnitude)
{
    return (unsigned)(magnitude.n * 8) - (unsigned)__builtin_clz(magnitude.p[0]) + 24;
}

static bool rsa_numbers_usable(struct span n, struct span e)
{
    if (n.n == 0 || n.n > RSA_BITS_MAX / 8 || bit_len(n) < RSA_BITS_MIN)
        return false;
    if (e.n == 0 || e.n > RSA_EXPONENT_MAX || (e.n == 1 && e.p[0] < 3))
        return false;
    return (n.p[n.n - 1] & 1) != 0 && (e.p[e.n - 1] & 1) != 0;
}

/* Parameters of libcrypto hold numbers in the machine's byte order. */
static OSSL_PARAM number_param(const char *name, struct span big_endian, uint8_t *native)
{
    for (size_t i = 0; i < big_endian.n; i++) {
        size_t from = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? big_endian.n - 1 - i : i;
        native[i] = big_endian.p[from];
    }
    return OSSL_PARAM_construct_BN(name, native, big_endian.n);
}

static EVP_PKEY_CTX *rsa_import_ctx(void)
{
    struct scratch *s = scratch_get();
    if (s == NULL || s->rsa_import != NULL)
        return s != NULL ? s->rsa_import : NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(crypto_tables.lib, "RSA", NULL);
    if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1) {
        EVP_PKEY_CTX_free(ctx);
        return NULL;
    }
    s->rsa_import = ctx;
    return ctx;
}

static err rsa_import(struct public_key *key, struct span n, struct span e)
{
    uint8_t native_n[RSA_BITS_MAX / 8];
    uint8_t native_e[RSA_EXPONENT_MAX];
    OSSL_PARAM params[] = {
        number_param(OSSL_PKEY_PARAM_RSA_N, n, native_n),
        number_param(OSSL_PKEY_PARAM_RSA_E, e, native_e),
        OSSL_PARAM_END,
    };
    EVP_PKEY_CTX *ctx = rsa_import_ctx();
    if (ctx == NULL || EVP_PKEY_fromdata(ctx, &key->key.pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
        return FAIL(crypto_reason() == ERR_NO_MEMORY ? ERR_NO_MEMORY : ERR_CERT_KEY);
    key->key.verify = EVP_PKEY_CTX_new_from_pkey(crypto_tables.lib, key->key.pkey, NULL);
    if (key->key.verify == NULL || EVP_PKEY_verify_init(key->key.verify) != 1)
        return FAIL(crypto_reason());
    return OK;
}

static err rsa_read(struct public_key *key, struct span bits)
{
    struct rd r = rd_from(bits);
    struct rd inner = der_open(&r, DER_SEQUENCE);
    struct span n = der_take_positive(&inner);
    struct span e = der_take_positive(&inner);
    if (!rd_end(&inner) || !rd_end(&r) || !rsa_numbers_usable(n, e))
        return FAIL(ERR_CERT_KEY);
    key->info.bits = bit_len(n);
    return rsa_import(key, n, e);
}

static uint16_t pss_scheme_of(enum hash_id hash)
{
    for (size_t i = 0; i < scheme_count; i++) {
        if (schemes[i].kind == KEY_RSA_PSS && schemes[i].hash == hash)
            return schemes[i].id;
    }
    return 0;
}

static err pss_read_limits(struct public_key *key, const struct key_algorithm *algorithm)
{
    if (!algorithm->has_pss_limits)
        return OK;
    key->info.pss_hash = pss_scheme_of(algorithm->pss.hash);
    key->pss_salt_min = algorithm->pss.salt_len;
    return key->info.pss_hash != 0 ? OK : FAIL(ERR_CERT_KEY);
}

static err ec_read(struct public_key *key, enum group_index group, struct span bits)
{
    err e = ec_kept_take(&key->key, group, bits, true);
    if (e != OK)
        return e == ERR_KEY_SHARE ? FAIL(ERR_CERT_KEY) : e;
    key->group = group;
    key->info.group = groups[group].id;
    key->info.bits = groups[group].bits;
    return OK;
}

static err ed25519_read(struct public_key *key, struct span bits)
{
    if (bits.n != ED25519_LEN)
        return FAIL(ERR_CERT_KEY);
    key->info.bits = 256;
    key->key.pkey =
        EVP_PKEY_new_raw_public_key_ex(crypto_tables.lib, "ED25519", NULL, bits.p, bits.n);
    return key->key.pkey != NULL ? OK : FAIL(crypto_reason());
}

static err key_read(struct public_key *key, const struct key_algorithm *algorithm, struct span bits)
{
    key->info.kind = algorithm->kind;
    switch (algorithm->kind) {
    case KEY_RSA_PSS:
        TRY(pss_read_limits(key, algorithm));
        return rsa_read(key, bits);
    case KEY_RSA:
        return rsa_read(key, bits);
    case KEY_EC:
        return ec_read(key, algorithm->group, bits);
    case KEY_ED25519:
        return ed25519_read(key, bits);
    }
    return FAIL(ERR_INTERNAL);
}

static err spki_read(struct span spki, struct key_algorithm *out_algorithm, struct span *out_bits)
{
    struct rd r = rd_from(spki);
    struct rd inner = der_open(&r, DER_SEQUENCE);
    TRY(key_algorithm_read(&inner, out_algorithm));
    *out_bits = der_take_bits(&inner);
    return rd_end(&inner) && rd_end(&r) ? OK : FAIL(ERR_CERT_KEY);
}

err public_key_new(struct public_key **out, struct span spki)
{
    struct key_algorithm algorithm;
    struct span bits;
    *out = NULL;
    TRY(spki_read(spki, &algorithm, &bits));
    struct public_key *key = mem_alloc(sizeof *key);
    if (key == NULL)
        return FAIL(ERR_NO_MEMORY);
    crypto_mark();
    err e = key_read(key, &algorithm, bits);
    crypto_unmark();
    if (e != OK) {
        public_key_free(key);
        return e;
    }
    *out = key;
    return OK;
}

void public_key_free(struct public_key *key)
{
    if (key == NULL)
        return;
    if (key->info.kind == KEY_EC)
        ec_kept_give(&key->key, key->group);
    else
        ec_kept_drop(&key->key);
    mem_free(key);
}

/* ---- verifying ------------------------------------------------------------------------- */

/* Anything but an answer of yes is a wrong signature, unless memory ran out on the way. */
static err verdict(int answer)
{
    if (answer == 1)
        return OK;
    return crypto_reason() == ERR_NO_MEMORY ? FAIL(ERR_NO_MEMORY) : FAIL(ERR_SIGNATURE);
}

static err verify_digest(const struct public_key *key, enum hash_id hash, struct span message,
                         struct span signature)
{
    uint8_t digest[HASH_MAX];
    TRY(hash_once(hash, message, digest));
    return verdict(
        EVP_PKEY_verify(key->key.verify, signature.p, signature.n, digest, hash_len(hash)));
}

static err verify_rsa(const struct public_key *key, const struct signature_algorithm *how,
                      struct span message, struct span signature)
{
    /* RFC 8017 8.1.2 and 8.2.2, step 1: exactly as long as the modulus. */
    if (signature.n != (key->info.bits + 7) / 8 || how->salt_len > signature.n)
        return FAIL(ERR_SIGNATURE);
    if (!rsa_set_padding(key->key.verify, how->form, how->hash, (int)how->salt_len))
        return FAIL(crypto_reason());
    return verify_digest(key, how->hash, message, signature);
}

static err verify_ed25519(const struct public_key *key, struct span message, struct span signature)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    err e;
    if (ctx == NULL ||
        EVP_DigestVerifyInit_ex(ctx, NULL, NULL, crypto_tables.lib, NULL, key->key.pkey, NULL) != 1)
        e = FAIL(crypto_reason());
    else
        e = verdict(EVP_DigestVerify(ctx, signature.p, signature.n, message.p, message.n));
    EVP_MD_CTX_free(ctx);
    return e;
}

static err verify_as(const struct public_key *key, const struct signature_algorithm *how,
                     struct span message, struct span signature)
{
    switch (how->form) {
    case FORM_PKCS1:
    case FORM_PSS:
        return verify_rsa(key, how, message, signature);
    case FORM_ECDSA:
        return verify_digest(key, how->hash, message, signature);
    case FORM_ED25519:
        return verify_ed25519(key, message, signature);
    }
    return FAIL(ERR_INTERNAL);
}

static err verify_marked(const struct public_key *key, const struct signature_algorithm *how,
                         struct span message, struct span signature)
{
    crypto_mark();
    err e = verify_as(key, how, message, signature);
    crypto_unmark();
    return e;
}

err public_key_verify(const struct public_key *key, uint16_t scheme, struct span message,
                      struct span signature)
{
    const struct scheme *s = scheme_find(scheme);
    if (s == NULL || !scheme_fits_key(scheme, &key->info, false))
        return FAIL(ERR_SIGNATURE_SCHEME);
    struct signature_algorithm how = {.form = s->form, .hash = s->hash};
    /* RFC 8446 4.2.3: the salt is as long as the digest. */
    if (s->form == FORM_PSS)
        how.salt_len = (uint32_t)hash_len(s->hash);
    if (how.salt_len < key->pss_salt_min)
        return FAIL(ERR_SIGNATURE_SCHEME);
    return verify_marked(key, &how, message, signature);
}

/* RFC 4055 1.2: a key of the PSS kind signs only with PSS, and within its own parameters. */
static bool algorithm_fits_key(const struct public_key *key, const struct signature_algorithm *how)
{
    switch (key->info.kind) {
    case KEY_RSA:
        return how->form == FORM_PKCS1 || how->form == FORM_PSS;
    case KEY_RSA_PSS:
        return how->form == FORM_PSS && how->salt_len >= key->pss_salt_min &&
               (key->info.pss_hash == 0 || key->info.pss_hash == pss_scheme_of(how->hash));
    case KEY_EC:
        return how->form == FORM_ECDSA;
    case KEY_ED25519:
        return how->form == FORM_ED25519;
    }
    return false;
}

err public_key_verify_x509(const struct public_key *key, struct span algorithm, struct span message,
                           struct span signature)
{
    struct signature_algorithm how;
    TRY(signature_algorithm_read(algorithm, &how));
    if (how.is_weak)
        return FAIL(ERR_UNSUPPORTED);
    if (!algorithm_fits_key(key, &how))
        return FAIL(ERR_SIGNATURE_SCHEME);
    return verify_marked(key, &how, message, signature);
}

err hash_of_x509_signature(struct span algorithm, enum hash_id *out)
{
    struct signature_algorithm how;
    TRY(signature_algorithm_read(algorithm, &how));
    if (how.form == FORM_ED25519)
        return FAIL(ERR_UNSUPPORTED);
    *out = how.is_weak ? HASH_SHA256 : how.hash;
    return OK;
}
