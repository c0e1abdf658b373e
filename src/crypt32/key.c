/* SPDX-License-Identifier: MIT */
/* Keys: algorithms, making, signing; and the table of all handles of CryptoAPI and CNG. */
#include "crypt32/key.h"

#include <ncrypt.h>

/* ---- handles --------------------------------------------------------------------------- */

static void nothing(void *object)
{
    mem_free(object);
}

static void release_key(void *object)
{
    key_release(object);
}

static void destroy(unsigned type, void *object)
{
    static void (*const free_object[])(void *) = {
        [KEY_OBJECT_PROVIDER] = capi_provider_free,  [KEY_OBJECT_KEY] = release_key,
        [KEY_OBJECT_HASH] = capi_hash_free,          [KEY_OBJECT_NCRYPT_PROVIDER] = nothing,
        [KEY_OBJECT_NCRYPT_KEY] = release_key,       [KEY_OBJECT_BCRYPT_ALGORITHM] = nothing,
        [KEY_OBJECT_BCRYPT_HASH] = bcrypt_hash_free, [KEY_OBJECT_BCRYPT_KEY] = bcrypt_key_free,
    };
    free_object[type](object);
}

static struct slots objects = SLOTS_INIT(destroy);

err key_object_add(enum key_object type, void *object, ULONG_PTR *out)
{
    uint64_t number = 0;
    TRY(slots_add(&objects, type, object, &number));
    *out = (ULONG_PTR)number;
    return OK;
}

void *key_object_get(enum key_object type, ULONG_PTR handle)
{
    return slots_get(&objects, type, handle);
}

void key_object_put(ULONG_PTR handle)
{
    slots_put(&objects, handle);
}

bool key_object_remove(enum key_object type, ULONG_PTR handle)
{
    return slots_remove(&objects, type, handle);
}

/* ---- algorithms ------------------------------------------------------------------------ */

enum { RSA_BITS_DEFAULT = 2048, RSA_BITS_MIN = 1024, RSA_BITS_MAX = 8192 };

static const struct key_algorithm algorithms[] = {
    {"RSA", KEY_FAMILY_RSA, NULL, RSA_BITS_DEFAULT, BCRYPT_RSAPUBLIC_MAGIC,
     BCRYPT_RSAPRIVATE_MAGIC},
    {"ECDSA_P256", KEY_FAMILY_ECDSA, "P-256", 256, BCRYPT_ECDSA_PUBLIC_P256_MAGIC,
     BCRYPT_ECDSA_PRIVATE_P256_MAGIC},
    {"ECDSA_P384", KEY_FAMILY_ECDSA, "P-384", 384, BCRYPT_ECDSA_PUBLIC_P384_MAGIC,
     BCRYPT_ECDSA_PRIVATE_P384_MAGIC},
    {"ECDSA_P521", KEY_FAMILY_ECDSA, "P-521", 521, BCRYPT_ECDSA_PUBLIC_P521_MAGIC,
     BCRYPT_ECDSA_PRIVATE_P521_MAGIC},
    {"ECDH_P256", KEY_FAMILY_ECDH, "P-256", 256, BCRYPT_ECDH_PUBLIC_P256_MAGIC,
     BCRYPT_ECDH_PRIVATE_P256_MAGIC},
    {"ECDH_P384", KEY_FAMILY_ECDH, "P-384", 384, BCRYPT_ECDH_PUBLIC_P384_MAGIC,
     BCRYPT_ECDH_PRIVATE_P384_MAGIC},
    {"ECDH_P521", KEY_FAMILY_ECDH, "P-521", 521, BCRYPT_ECDH_PUBLIC_P521_MAGIC,
     BCRYPT_ECDH_PRIVATE_P521_MAGIC},
};

const struct key_algorithm *key_algorithm_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(algorithms); i++) {
        if (strcasecmp(algorithms[i].name, name) == 0)
            return &algorithms[i];
    }
    return NULL;
}

const struct key_algorithm *key_algorithm_by_magic(ULONG magic)
{
    for (size_t i = 0; i < ARRAY_LEN(algorithms); i++) {
        if (algorithms[i].public_magic == magic || algorithms[i].private_magic == magic)
            return &algorithms[i];
    }
    return NULL;
}

const struct key_algorithm *key_algorithm_of(const EVP_PKEY *pkey)
{
    if (EVP_PKEY_get_base_id(pkey) == EVP_PKEY_RSA)
        return &algorithms[0];
    if (EVP_PKEY_get_base_id(pkey) != EVP_PKEY_EC)
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(algorithms); i++) {
        if (algorithms[i].family == KEY_FAMILY_ECDSA &&
            (int)algorithms[i].bits == EVP_PKEY_get_bits(pkey))
            return &algorithms[i];
    }
    return NULL;
}

const char *key_hash_name(const char *cng_name)
{
    static const char *const names[][2] = {{"MD5", "MD5"},
                                           {"SHA1", "SHA1"},
                                           {"SHA256", "SHA2-256"},
                                           {"SHA384", "SHA2-384"},
                                           {"SHA512", "SHA2-512"}};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (strcasecmp(names[i][0], cng_name) == 0)
            return names[i][1];
    }
    return NULL;
}

bool key_text(const WCHAR *wide, char *out, size_t cap)
{
    if (wide == NULL)
        return false;
    size_t n = win_utf8_from_utf16(wide, win_utf16_len(wide), out, cap - 1);
    if (n >= cap)
        return false;
    out[n] = 0;
    return true;
}

/* ---- keys ------------------------------------------------------------------------------ */

err key_new(struct key **out, EVP_PKEY *pkey, bool is_private, const char *container)
{
    struct key *key = mem_alloc(sizeof *key);
    char *name = container != NULL ? mem_dup(container, strlen(container) + 1) : NULL;
    if (key == NULL || (container != NULL && name == NULL)) {
        mem_free(key);
        mem_free(name);
        EVP_PKEY_free(pkey);
        return FAIL(ERR_NO_MEMORY);
    }
    atomic_init(&key->refs, 1);
    key->pkey = pkey;
    key->algorithm = pkey != NULL ? key_algorithm_of(pkey) : NULL;
    key->is_private = is_private;
    key->container = name;
    key->usage = NCRYPT_ALLOW_ALL_USAGES;
    *out = key;
    return OK;
}

struct key *key_ref(struct key *key)
{
    atomic_fetch_add(&key->refs, 1);
    return key;
}

void key_release(struct key *key)
{
    if (key == NULL || atomic_fetch_sub(&key->refs, 1) != 1)
        return;
    EVP_PKEY_free(key->pkey);
    mem_free(key->container);
    mem_free(key);
}

err key_generate(struct key *key)
{
    const struct key_algorithm *algorithm = key->algorithm;
    if (algorithm->family == KEY_FAMILY_RSA) {
        size_t bits = key->bits != 0 ? key->bits : algorithm->bits;
        if (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX || bits % 8 != 0)
            return FAIL(ERR_ARGUMENT);
        key->pkey = EVP_PKEY_Q_keygen(crypto_context(), NULL, "RSA", bits);
    } else {
        key->pkey = EVP_PKEY_Q_keygen(crypto_context(), NULL, "EC", algorithm->group);
    }
    if (key->pkey == NULL)
        return FAIL(ERR_CRYPTO);
    key->is_private = true;
    return OK;
}

/* A CNG key in memory is its maker's own anyhow; CryptoAPI's ask for leave always. */
bool key_may_leave(const struct key *key)
{
    bool is_free = key->container == NULL && key->key_spec == 0;
    return key->is_private && !key->is_sealed &&
           (is_free || (key->export_policy & NCRYPT_ALLOW_PLAINTEXT_EXPORT_FLAG) != 0);
}

size_t key_bytes(const struct key *key)
{
    return ((size_t)EVP_PKEY_get_bits(key->pkey) + 7) / 8;
}

/* ---- signing --------------------------------------------------------------------------- */

static bool set_padding(EVP_PKEY_CTX *ctx, const struct key *key, const struct key_signing *how)
{
    if (key->algorithm->family != KEY_FAMILY_RSA)
        return true;
    int padding = how->padding == KEY_PADDING_PSS     ? RSA_PKCS1_PSS_PADDING
                  : how->padding == KEY_PADDING_PKCS1 ? RSA_PKCS1_PADDING
                                                      : RSA_NO_PADDING;
    if (EVP_PKEY_CTX_set_rsa_padding(ctx, padding) <= 0)
        return false;
    EVP_MD *md = how->hash != NULL ? EVP_MD_fetch(crypto_context(), how->hash, NULL) : NULL;
    if (how->hash != NULL && md == NULL)
        return false;
    bool ok = md == NULL || EVP_PKEY_CTX_set_signature_md(ctx, md) > 0;
    if (ok && how->padding == KEY_PADDING_PSS)
        ok = EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, (int)how->salt_len) > 0;
    EVP_MD_free(md);
    return ok;
}

/* DER ECDSA-Sig-Value to r and s of the field's length. */
static err flat_signature(struct span der, size_t field_len, uint8_t *out)
{
    const uint8_t *p = der.p;
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long)der.n);
    if (sig == NULL)
        return FAIL(ERR_CRYPTO);
    bool ok = BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, (int)field_len) >= 0 &&
              BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + field_len, (int)field_len) >= 0;
    ECDSA_SIG_free(sig);
    return ok ? OK : FAIL(ERR_CRYPTO);
}

static err der_signature(struct span flat, size_t field_len, uint8_t *out, size_t *out_len)
{
    if (flat.n != 2 * field_len)
        return FAIL(ERR_SIGNATURE);
    ECDSA_SIG *sig = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(flat.p, (int)field_len, NULL);
    BIGNUM *s = BN_bin2bn(flat.p + field_len, (int)field_len, NULL);
    if (sig == NULL || r == NULL || s == NULL || ECDSA_SIG_set0(sig, r, s) != 1) {
        BN_free(r);
        BN_free(s);
        ECDSA_SIG_free(sig);
        return FAIL(ERR_NO_MEMORY);
    }
    int n = i2d_ECDSA_SIG(sig, &out);
    ECDSA_SIG_free(sig);
    *out_len = n > 0 ? (size_t)n : 0;
    return n > 0 ? OK : FAIL(ERR_CRYPTO);
}

static err sign_into(EVP_PKEY_CTX *ctx, const struct key *key, const struct key_signing *how,
                     struct span digest, uint8_t *out, size_t *len)
{
    uint8_t der[SIGNATURE_MAX];
    size_t der_len = sizeof der;
    if (EVP_PKEY_sign_init(ctx) <= 0 || !set_padding(ctx, key, how))
        return FAIL(ERR_ARGUMENT);
    if (EVP_PKEY_sign(ctx, der, &der_len, digest.p, digest.n) <= 0)
        return FAIL(ERR_ARGUMENT);
    if (key->algorithm->family != KEY_FAMILY_RSA)
        return flat_signature(span_of(der, der_len), *len / 2, out);
    if (der_len != *len)
        return FAIL(ERR_CRYPTO);
    memcpy(out, der, der_len);
    return OK;
}

err key_sign(const struct key *key, const struct key_signing *how, struct span digest, uint8_t *out,
             size_t *len)
{
    bool is_rsa = key->algorithm->family == KEY_FAMILY_RSA;
    size_t needed = is_rsa ? key_bytes(key) : 2 * key_bytes(key);
    if (!key->is_private || key->algorithm->family == KEY_FAMILY_ECDH)
        return FAIL(ERR_UNSUPPORTED);
    size_t room = *len;
    *len = needed;
    if (out == NULL)
        return OK;
    if (room < needed)
        return FAIL(ERR_OUTPUT_TOO_SMALL);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(crypto_context(), key->pkey, NULL);
    if (ctx == NULL)
        return FAIL(ERR_NO_MEMORY);
    err result = sign_into(ctx, key, how, digest, out, len);
    EVP_PKEY_CTX_free(ctx);
    return result;
}

static err verify_with(const struct key *key, const struct key_signing *how, struct span digest,
                       struct span signature)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(crypto_context(), key->pkey, NULL);
    if (ctx == NULL)
        return FAIL(ERR_NO_MEMORY);
    err result = OK;
    if (EVP_PKEY_verify_init(ctx) <= 0 || !set_padding(ctx, key, how))
        result = FAIL(ERR_ARGUMENT);
    else if (EVP_PKEY_verify(ctx, signature.p, signature.n, digest.p, digest.n) != 1)
        result = FAIL(ERR_SIGNATURE);
    EVP_PKEY_CTX_free(ctx);
    return result;
}

static err verify_flat(const struct key *key, const struct key_signing *how, struct span digest,
                       struct span signature)
{
    uint8_t der[SIGNATURE_MAX];
    size_t der_len = 0;
    TRY(der_signature(signature, key_bytes(key), der, &der_len));
    return verify_with(key, how, digest, span_of(der, der_len));
}

err key_verify(const struct key *key, const struct key_signing *how, struct span digest,
               struct span signature)
{
    if (key->algorithm->family == KEY_FAMILY_ECDH)
        return FAIL(ERR_UNSUPPORTED);
    return key->algorithm->family == KEY_FAMILY_ECDSA ? verify_flat(key, how, digest, signature)
                                                      : verify_with(key, how, digest, signature);
}
