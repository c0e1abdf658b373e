/* SPDX-License-Identifier: MIT */
/*
 * Private keys of credentials. For each way of signing that the key allows, a context is prepared
 * once and duplicated for each signature, so threads share nothing that changes. A key is used
 * from our own library context when it can be brought there, else from where it came (tokens).
 */
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <stdatomic.h>

#include "crypto/scheme.h"

enum { RSA_BITS_MIN = 1024, RSA_BITS_MAX = 8192 };

struct private_key {
    atomic_uint references;
    bool is_sealed;
    struct key_info info;
    EVP_PKEY *pkey;
    EVP_PKEY_CTX *sign[SLOT_COUNT]; /* NULL: not allowed, or the key's provider cannot */
};

const struct key_info *private_key_info(const struct private_key *key)
{
    return &key->info;
}

EVP_PKEY *private_key_object(const struct private_key *key)
{
    return key->pkey;
}

void private_key_seal(struct private_key *key)
{
    key->is_sealed = true;
}

bool private_key_is_sealed(const struct private_key *key)
{
    return key->is_sealed;
}

/* ---- what the key is ------------------------------------------------------------------- */

static err rsa_describe(EVP_PKEY *pkey, enum key_kind kind, struct key_info *out)
{
    int bits = EVP_PKEY_get_bits(pkey);
    out->kind = kind;
    if (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX)
        return FAIL(ERR_CERT_KEY);
    out->bits = (unsigned)bits;
    return OK;
}

static err key_refused(void)
{
    return crypto_reason() == ERR_NO_MEMORY ? FAIL(ERR_NO_MEMORY) : FAIL(ERR_CERT_KEY);
}

static bool digest_is(enum hash_id hash, const char *name)
{
    return strcmp(scheme_digest_name(hash), name) == 0 ||
           EVP_MD_is_a(crypto_tables.md[hash], name) == 1;
}

static uint16_t pss_scheme_of(const char *digest)
{
    for (size_t i = 0; i < scheme_count; i++) {
        if (schemes[i].kind == KEY_RSA_PSS && digest_is(schemes[i].hash, digest))
            return schemes[i].id;
    }
    return 0;
}

/* RFC 4055 3.1: a PSS key with parameters is bound to their hash. */
static err pss_describe(EVP_PKEY *pkey, struct key_info *out)
{
    char digest[32] = "";
    OSSL_PARAM params[] = {
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_MANDATORY_DIGEST, digest, sizeof digest - 1),
        OSSL_PARAM_END,
    };
    TRY(rsa_describe(pkey, KEY_RSA_PSS, out));
    if (EVP_PKEY_get_params(pkey, params) != 1)
        return key_refused();
    if (OSSL_PARAM_modified(params) != 1)
        return OK;
    out->pss_hash = pss_scheme_of(digest);
    return out->pss_hash != 0 ? OK : FAIL(ERR_CERT_KEY);
}

static err ec_describe(EVP_PKEY *pkey, struct key_info *out)
{
    char name[64];
    size_t n;
    out->kind = KEY_EC;
    if (EVP_PKEY_get_group_name(pkey, name, sizeof name, &n) != 1)
        return key_refused();
    enum group_index g = group_find_curve_name(name);
    if (g == GROUP_COUNT)
        return FAIL(ERR_CERT_KEY);
    out->group = groups[g].id;
    out->bits = groups[g].bits;
    return OK;
}

static err describe(EVP_PKEY *pkey, struct key_info *out)
{
    /* By number: libcrypto looks names up with an allocation whose failure it does not tell. */
    switch (EVP_PKEY_get_id(pkey)) {
    case EVP_PKEY_RSA:
        return rsa_describe(pkey, KEY_RSA, out);
    case EVP_PKEY_RSA_PSS:
        return pss_describe(pkey, out);
    case EVP_PKEY_EC:
        return ec_describe(pkey, out);
    case EVP_PKEY_ED25519:
        *out = (struct key_info){.kind = KEY_ED25519, .bits = 256};
        return OK;
    default:
        return FAIL(ERR_CERT_KEY);
    }
}

/* ---- prepared signing contexts --------------------------------------------------------- */

static EVP_PKEY_CTX *sign_prepare_in(OSSL_LIB_CTX *lib, EVP_PKEY *pkey, const struct scheme *s)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(lib, pkey, NULL);
    if (ctx != NULL && EVP_PKEY_sign_init(ctx) == 1 &&
        (s->form == FORM_ECDSA || rsa_set_padding(ctx, s->form, s->hash, (int)hash_len(s->hash))))
        return ctx;
    EVP_PKEY_CTX_free(ctx);
    return NULL;
}

static EVP_PKEY_CTX *sign_prepare(EVP_PKEY *pkey, const struct scheme *s)
{
    EVP_PKEY_CTX *ctx = sign_prepare_in(crypto_tables.lib, pkey, s);
    return ctx != NULL ? ctx : sign_prepare_in(NULL, pkey, s);
}

/* libcrypto's own software can do all that the key allows; a token perhaps only a part of it. */
static bool is_software(const EVP_PKEY *pkey)
{
    const OSSL_PROVIDER *provider = EVP_PKEY_get0_provider(pkey);
    const char *name = provider != NULL ? OSSL_PROVIDER_get0_name(provider) : "default";
    return strcmp(name, "default") == 0 || strcmp(name, "fips") == 0;
}

static err prepare_all(struct private_key *key)
{
    bool must_have_all = is_software(key->pkey);
    bool has_any = key->info.kind == KEY_ED25519;
    for (size_t i = 0; i < scheme_count; i++) {
        const struct scheme *s = &schemes[i];
        if (s->slot == SLOT_NONE || !scheme_fits_key(s->id, &key->info, false))
            continue;
        if (key->sign[s->slot] == NULL)
            key->sign[s->slot] = sign_prepare(key->pkey, s);
        if (key->sign[s->slot] == NULL && must_have_all)
            return FAIL(crypto_reason());
        has_any = has_any || key->sign[s->slot] != NULL;
    }
    return has_any ? OK : key_refused();
}

static err private_key_fill(struct private_key *key, EVP_PKEY *pkey)
{
    TRY(describe(pkey, &key->info));
    if (EVP_PKEY_up_ref(pkey) != 1)
        return FAIL(ERR_INTERNAL);
    key->pkey = pkey;
    return prepare_all(key);
}

err private_key_new(struct private_key **out, EVP_PKEY *pkey)
{
    *out = NULL;
    struct private_key *key = mem_alloc(sizeof *key);
    if (key == NULL)
        return FAIL(ERR_NO_MEMORY);
    atomic_init(&key->references, 1);
    crypto_mark();
    err e = private_key_fill(key, pkey);
    crypto_unmark();
    if (e != OK) {
        private_key_free(key);
        return e;
    }
    *out = key;
    return OK;
}

struct private_key *private_key_ref(struct private_key *key)
{
    atomic_fetch_add_explicit(&key->references, 1, memory_order_relaxed);
    return key;
}

void private_key_free(struct private_key *key)
{
    if (key == NULL || atomic_fetch_sub_explicit(&key->references, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < SLOT_COUNT; i++)
        EVP_PKEY_CTX_free(key->sign[i]);
    EVP_PKEY_free(key->pkey);
    mem_free(key);
}

/* ---- signing --------------------------------------------------------------------------- */

static bool ed25519_start(EVP_MD_CTX *ctx, EVP_PKEY *pkey)
{
    return EVP_DigestSignInit_ex(ctx, NULL, NULL, crypto_tables.lib, NULL, pkey, NULL) == 1 ||
           EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, pkey, NULL) == 1;
}

static err sign_ed25519(const struct private_key *key, struct span message, uint8_t *out,
                        size_t *out_len)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    err e = OK;
    *out_len = SIGNATURE_MAX;
    if (ctx == NULL || !ed25519_start(ctx, key->pkey) ||
        EVP_DigestSign(ctx, out, out_len, message.p, message.n) != 1)
        e = FAIL(crypto_reason());
    EVP_MD_CTX_free(ctx);
    return e;
}

static err sign_digest(EVP_PKEY_CTX *prepared, struct span digest, uint8_t *out, size_t *out_len)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_dup(prepared);
    err e = OK;
    *out_len = SIGNATURE_MAX;
    if (ctx == NULL || EVP_PKEY_sign(ctx, out, out_len, digest.p, digest.n) != 1)
        e = FAIL(crypto_reason());
    EVP_PKEY_CTX_free(ctx);
    return e;
}

static err sign_as(const struct private_key *key, const struct scheme *s, struct span message,
                   uint8_t *out, size_t *out_len)
{
    uint8_t digest[HASH_MAX];
    if (s->form == FORM_ED25519)
        return sign_ed25519(key, message, out, out_len);
    if (key->sign[s->slot] == NULL)
        return FAIL(ERR_SIGNATURE_SCHEME);
    TRY(hash_once(s->hash, message, digest));
    return sign_digest(key->sign[s->slot], span_of(digest, hash_len(s->hash)), out, out_len);
}

err private_key_sign(const struct private_key *key, uint16_t scheme, struct span message,
                     uint8_t *out, size_t *out_len)
{
    const struct scheme *s = scheme_find(scheme);
    *out_len = 0;
    if (s == NULL || !scheme_fits_key(scheme, &key->info, false))
        return FAIL(ERR_SIGNATURE_SCHEME);
    crypto_mark();
    err e = sign_as(key, s, message, out, out_len);
    crypto_unmark();
    if (e != OK)
        *out_len = 0;
    return e;
}

bool key_pair_matches(const struct private_key *priv, const struct public_key *pub)
{
    static const char message[] = "Does this private key belong to that public key?";
    uint8_t signature[SIGNATURE_MAX];
    size_t n;
    for (size_t i = 0; i < scheme_count; i++) {
        /* A token may lack some of the schemes: the first one it can do decides. */
        if (private_key_sign(priv, schemes[i].id, span_text(message), signature, &n) == OK)
            return public_key_verify(pub, schemes[i].id, span_text(message),
                                     span_of(signature, n)) == OK;
    }
    return false;
}
