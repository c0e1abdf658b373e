/* SPDX-License-Identifier: MIT */
/*
 * Key blobs: CryptoAPI's (little-endian), CNG's (big-endian), PKCS#8 (RFC 5958). Each is read
 * completely before a key is made of it, and the key is checked against itself.
 */
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include "crypt32/key.h"

enum {
    CAPI_VERSION = 2,
    CAPI_MAGIC_PUBLIC = 0x31415352,
    CAPI_MAGIC_PRIVATE = 0x32415352,
    RSA_BYTES_MAX = 1024
};

bool key_blob_named(const char *name, enum key_family family, enum key_blob *out)
{
    static const struct {
        const char *name;
        enum key_blob rsa;
        enum key_blob ecc;
    } rows[] = {
        {"RSAPUBLICBLOB", KEY_BLOB_RSA_PUBLIC, KEY_BLOB_RSA_PUBLIC},
        {"RSAPRIVATEBLOB", KEY_BLOB_RSA_PRIVATE, KEY_BLOB_RSA_PRIVATE},
        {"RSAFULLPRIVATEBLOB", KEY_BLOB_RSA_FULL, KEY_BLOB_RSA_FULL},
        {"ECCPUBLICBLOB", KEY_BLOB_ECC_PUBLIC, KEY_BLOB_ECC_PUBLIC},
        {"ECCPRIVATEBLOB", KEY_BLOB_ECC_PRIVATE, KEY_BLOB_ECC_PRIVATE},
        {"PUBLICBLOB", KEY_BLOB_RSA_PUBLIC, KEY_BLOB_ECC_PUBLIC},
        {"PRIVATEBLOB", KEY_BLOB_RSA_PRIVATE, KEY_BLOB_ECC_PRIVATE},
        {"CAPIPUBLICBLOB", KEY_BLOB_CAPI_PUBLIC, KEY_BLOB_CAPI_PUBLIC},
        {"CAPIPRIVATEBLOB", KEY_BLOB_CAPI_PRIVATE, KEY_BLOB_CAPI_PRIVATE},
        {"PKCS8_PRIVATEKEY", KEY_BLOB_PKCS8, KEY_BLOB_PKCS8},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (strcmp(rows[i].name, name) != 0)
            continue;
        *out = family == KEY_FAMILY_RSA ? rows[i].rsa : rows[i].ecc;
        return true;
    }
    return false;
}

bool key_blob_is_private(enum key_blob blob)
{
    return blob != KEY_BLOB_CAPI_PUBLIC && blob != KEY_BLOB_RSA_PUBLIC &&
           blob != KEY_BLOB_ECC_PUBLIC;
}

/* ---- numbers --------------------------------------------------------------------------- */

/* What an RSA key consists of; NULL where the blob leaves it out. */
enum rsa_number { RSA_N, RSA_E, RSA_D, RSA_P, RSA_Q, RSA_DP, RSA_DQ, RSA_QI, RSA_NUMBERS };

static const char *const rsa_names[RSA_NUMBERS] = {
    OSSL_PKEY_PARAM_RSA_N,         OSSL_PKEY_PARAM_RSA_E,
    OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_FACTOR1,
    OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
    OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
};

struct rsa_parts {
    BIGNUM *number[RSA_NUMBERS];
};

static void free_parts(struct rsa_parts *parts)
{
    for (size_t i = 0; i < RSA_NUMBERS; i++)
        BN_clear_free(parts->number[i]);
}

static uint32_t take_u32(struct rd *r)
{
    uint32_t value = 0;
    rd_copy(r, (uint8_t *)&value, sizeof value);
    return value;
}

static BIGNUM *take_number(struct rd *r, size_t n, bool is_little_endian)
{
    struct span bytes = rd_take(r, n);
    if (r->bad)
        return NULL;
    return is_little_endian ? BN_lebin2bn(bytes.p, (int)bytes.n, NULL)
                            : BN_bin2bn(bytes.p, (int)bytes.n, NULL);
}

/* ---- RSA ------------------------------------------------------------------------------- */

/* dp, dq, qi and d of two primes (RFC 8017 3.2). */
static bool complete_parts(struct rsa_parts *parts)
{
    BIGNUM **n = parts->number;
    BN_CTX *ctx = BN_CTX_secure_new_ex(crypto_context());
    BIGNUM *p1 = BN_secure_new();
    BIGNUM *q1 = BN_secure_new();
    BIGNUM *phi = BN_secure_new();
    bool ok = ctx != NULL && p1 != NULL && q1 != NULL && phi != NULL &&
              BN_sub(p1, n[RSA_P], BN_value_one()) && BN_sub(q1, n[RSA_Q], BN_value_one()) &&
              BN_mul(phi, p1, q1, ctx);
    if (ok)
        BN_set_flags(phi, BN_FLG_CONSTTIME);
    if (ok && n[RSA_D] == NULL)
        ok = (n[RSA_D] = BN_mod_inverse(NULL, n[RSA_E], phi, ctx)) != NULL;
    if (ok && n[RSA_DP] == NULL)
        ok = (n[RSA_DP] = BN_secure_new()) != NULL && BN_mod(n[RSA_DP], n[RSA_D], p1, ctx);
    if (ok && n[RSA_DQ] == NULL)
        ok = (n[RSA_DQ] = BN_secure_new()) != NULL && BN_mod(n[RSA_DQ], n[RSA_D], q1, ctx);
    if (ok && n[RSA_QI] == NULL)
        ok = (n[RSA_QI] = BN_mod_inverse(NULL, n[RSA_Q], n[RSA_P], ctx)) != NULL;
    BN_clear_free(p1);
    BN_clear_free(q1);
    BN_clear_free(phi);
    BN_CTX_free(ctx);
    return ok;
}

/* n = p q, and e d = 1: what pairs of a damaged blob would not fulfil. */
static bool is_consistent(EVP_PKEY *pkey, bool is_private)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(crypto_context(), pkey, NULL);
    bool ok = ctx != NULL &&
              (is_private ? EVP_PKEY_pairwise_check(ctx) == 1 : EVP_PKEY_public_check(ctx) == 1);
    EVP_PKEY_CTX_free(ctx);
    return ok;
}

static EVP_PKEY *build(const char *type, OSSL_PARAM_BLD *builder, bool is_private)
{
    EVP_PKEY *pkey = NULL;
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(crypto_context(), type, NULL);
    if (params != NULL && ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1)
        (void)EVP_PKEY_fromdata(ctx, &pkey, is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
                                params);
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(params);
    if (pkey != NULL && !is_consistent(pkey, is_private)) {
        EVP_PKEY_free(pkey);
        pkey = NULL;
    }
    return pkey;
}

static err rsa_from_parts(struct rsa_parts *parts, EVP_PKEY **out)
{
    bool is_private = parts->number[RSA_P] != NULL;
    if (is_private && !complete_parts(parts))
        return FAIL(ERR_KEY_DATA);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    bool ok = builder != NULL;
    for (size_t i = 0; ok && i < RSA_NUMBERS; i++) {
        if (parts->number[i] != NULL)
            ok = OSSL_PARAM_BLD_push_BN(builder, rsa_names[i], parts->number[i]) == 1;
    }
    *out = ok ? build("RSA", builder, is_private) : NULL;
    OSSL_PARAM_BLD_free(builder);
    return *out != NULL ? OK : FAIL(ERR_KEY_DATA);
}

static bool all_there(const struct rsa_parts *parts, size_t last)
{
    for (size_t i = 0; i <= last; i++) {
        if (i != RSA_D && parts->number[i] == NULL)
            return false;
    }
    return true;
}

/* BLOBHEADER, RSAPUBKEY, then n and, in private blobs, p, q, dp, dq, qi, d. */
static err read_capi(struct span bytes, bool is_private, EVP_PKEY **out)
{
    struct rd r = rd_from(bytes);
    struct rsa_parts parts = {0};
    uint8_t type = rd_u8(&r);
    uint8_t version = rd_u8(&r);
    rd_take(&r, 2 + sizeof(ALG_ID));
    uint32_t magic = take_u32(&r);
    size_t n = ((size_t)take_u32(&r) + 7) / 8;
    uint32_t exponent = take_u32(&r);
    if (type != (is_private ? PRIVATEKEYBLOB : PUBLICKEYBLOB) || version != CAPI_VERSION ||
        magic != (is_private ? CAPI_MAGIC_PRIVATE : CAPI_MAGIC_PUBLIC) || n > RSA_BYTES_MAX)
        return FAIL(ERR_KEY_DATA);
    size_t half = (n + 1) / 2;
    static const enum rsa_number order[] = {RSA_P, RSA_Q, RSA_DP, RSA_DQ, RSA_QI};
    parts.number[RSA_N] = take_number(&r, n, true);
    parts.number[RSA_E] = BN_new();
    for (size_t i = 0; is_private && i < ARRAY_LEN(order); i++)
        parts.number[order[i]] = take_number(&r, half, true);
    if (is_private)
        parts.number[RSA_D] = take_number(&r, n, true);
    err result = FAIL(ERR_KEY_DATA);
    if (!r.bad && all_there(&parts, is_private ? RSA_QI : RSA_E) &&
        BN_set_word(parts.number[RSA_E], exponent) == 1)
        result = rsa_from_parts(&parts, out);
    free_parts(&parts);
    return result;
}

/* BCRYPT_RSAKEY_BLOB, then e, n, p, q and, in full ones, dp, dq, qi, d. */
static err read_cng_rsa(struct span bytes, enum key_blob blob, EVP_PKEY **out)
{
    struct rd r = rd_from(bytes);
    struct rsa_parts parts = {0};
    ULONG expected = blob == KEY_BLOB_RSA_PUBLIC    ? BCRYPT_RSAPUBLIC_MAGIC
                     : blob == KEY_BLOB_RSA_PRIVATE ? BCRYPT_RSAPRIVATE_MAGIC
                                                    : BCRYPT_RSAFULLPRIVATE_MAGIC;
    uint32_t magic = take_u32(&r);
    take_u32(&r); /* bits: the modulus says it better */
    size_t e_len = take_u32(&r);
    size_t n_len = take_u32(&r);
    size_t p_len = take_u32(&r);
    size_t q_len = take_u32(&r);
    if (magic != expected || n_len > RSA_BYTES_MAX || e_len > 8 || p_len > n_len || q_len > n_len)
        return FAIL(ERR_KEY_DATA);
    size_t last = RSA_E;
    parts.number[RSA_E] = take_number(&r, e_len, false);
    parts.number[RSA_N] = take_number(&r, n_len, false);
    if (blob != KEY_BLOB_RSA_PUBLIC) {
        parts.number[RSA_P] = take_number(&r, p_len, false);
        parts.number[RSA_Q] = take_number(&r, q_len, false);
        last = RSA_Q;
    }
    if (blob == KEY_BLOB_RSA_FULL) {
        parts.number[RSA_DP] = take_number(&r, p_len, false);
        parts.number[RSA_DQ] = take_number(&r, q_len, false);
        parts.number[RSA_QI] = take_number(&r, p_len, false);
        parts.number[RSA_D] = take_number(&r, n_len, false);
        last = RSA_QI;
    }
    err result =
        !r.bad && all_there(&parts, last) ? rsa_from_parts(&parts, out) : FAIL(ERR_KEY_DATA);
    free_parts(&parts);
    return result;
}

/* ---- EC -------------------------------------------------------------------------------- */

static err ec_from_parts(const struct key_algorithm *algorithm, struct span point,
                         const BIGNUM *secret, EVP_PKEY **out)
{
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    bool ok =
        builder != NULL &&
        OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, algorithm->group, 0) ==
            1 &&
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point.p, point.n) == 1;
    if (ok && secret != NULL)
        ok = OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, secret) == 1;
    *out = ok ? build("EC", builder, secret != NULL) : NULL;
    OSSL_PARAM_BLD_free(builder);
    return *out != NULL ? OK : FAIL(ERR_KEY_DATA);
}

/* BCRYPT_ECCKEY_BLOB, then X, Y and, in private ones, the secret. */
static err read_cng_ecc(struct span bytes, bool is_private, EVP_PKEY **out,
                        const struct key_algorithm **out_algorithm)
{
    enum { FIELD_MAX = 66 };
    struct rd r = rd_from(bytes);
    uint32_t magic = take_u32(&r);
    size_t n = take_u32(&r);
    const struct key_algorithm *algorithm = key_algorithm_by_magic(magic);
    if (algorithm == NULL || algorithm->family == KEY_FAMILY_RSA ||
        n != ((size_t)algorithm->bits + 7) / 8 ||
        magic != (is_private ? algorithm->private_magic : algorithm->public_magic))
        return FAIL(ERR_KEY_DATA);
    uint8_t point[1 + 2 * FIELD_MAX] = {4}; /* uncompressed */
    rd_copy(&r, point + 1, 2 * n);
    BIGNUM *secret = is_private ? take_number(&r, n, false) : NULL;
    err result = FAIL(ERR_KEY_DATA);
    if (rd_end(&r) && (!is_private || secret != NULL))
        result = ec_from_parts(algorithm, span_of(point, 1 + 2 * n), secret, out);
    BN_clear_free(secret);
    *out_algorithm = algorithm;
    return result;
}

/* ---- PKCS#8 ---------------------------------------------------------------------------- */

static err read_pkcs8(struct span bytes, EVP_PKEY **out)
{
    const uint8_t *p = bytes.p;
    PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)bytes.n);
    bool is_whole = info != NULL && p == bytes.p + bytes.n;
    *out = is_whole ? EVP_PKCS82PKEY_ex(info, crypto_context(), NULL) : NULL;
    PKCS8_PRIV_KEY_INFO_free(info);
    if (*out != NULL && (key_algorithm_of(*out) == NULL || !is_consistent(*out, true))) {
        EVP_PKEY_free(*out);
        *out = NULL;
    }
    return *out != NULL ? OK : FAIL(ERR_KEY_DATA);
}

err key_blob_read(enum key_blob blob, struct span bytes, EVP_PKEY **out,
                  const struct key_algorithm **out_algorithm)
{
    const struct key_algorithm *algorithm = NULL;
    err result = OK;
    *out = NULL;
    switch (blob) {
    case KEY_BLOB_CAPI_PUBLIC:
    case KEY_BLOB_CAPI_PRIVATE:
        result = read_capi(bytes, blob == KEY_BLOB_CAPI_PRIVATE, out);
        break;
    case KEY_BLOB_RSA_PUBLIC:
    case KEY_BLOB_RSA_PRIVATE:
    case KEY_BLOB_RSA_FULL:
        result = read_cng_rsa(bytes, blob, out);
        break;
    case KEY_BLOB_ECC_PUBLIC:
    case KEY_BLOB_ECC_PRIVATE:
        result = read_cng_ecc(bytes, blob == KEY_BLOB_ECC_PRIVATE, out, &algorithm);
        break;
    case KEY_BLOB_PKCS8:
        result = read_pkcs8(bytes, out);
        break;
    }
    if (result == OK && algorithm == NULL)
        algorithm = key_algorithm_of(*out);
    if (out_algorithm != NULL)
        *out_algorithm = algorithm;
    return result;
}

/* ---- writing --------------------------------------------------------------------------- */

static void put_u32(struct buf *b, size_t value)
{
    uint32_t native = (uint32_t)value;
    wr_bytes(b, span_of(&native, sizeof native));
}

static err put_number(struct buf *b, const BIGNUM *number, size_t n, bool is_little_endian)
{
    uint8_t bytes[RSA_BYTES_MAX];
    if (n > sizeof bytes || (is_little_endian ? BN_bn2lebinpad(number, bytes, (int)n)
                                              : BN_bn2binpad(number, bytes, (int)n)) != (int)n)
        return FAIL(ERR_KEY_DATA);
    wr_bytes(b, span_of(bytes, n));
    mem_wipe(bytes, sizeof bytes);
    return buf_check(b);
}

static err get_parts(const struct key *key, size_t count, struct rsa_parts *out)
{
    for (size_t i = 0; i < count; i++) {
        if (EVP_PKEY_get_bn_param(key->pkey, rsa_names[i], &out->number[i]) != 1)
            return FAIL(ERR_KEY_DATA);
    }
    return OK;
}

static err put_numbers(struct buf *b, const struct rsa_parts *parts, const enum rsa_number *order,
                       size_t count, const size_t *lens, bool is_little_endian)
{
    for (size_t i = 0; i < count; i++)
        TRY(put_number(b, parts->number[order[i]], lens[i], is_little_endian));
    return OK;
}

static err write_capi(const struct key *key, bool is_private, const struct rsa_parts *parts,
                      struct buf *out)
{
    static const enum rsa_number order[] = {RSA_N, RSA_P, RSA_Q, RSA_DP, RSA_DQ, RSA_QI, RSA_D};
    size_t n = key_bytes(key);
    size_t half = (n + 1) / 2;
    size_t lens[] = {n, half, half, half, half, half, n};
    if (BN_num_bits(parts->number[RSA_E]) > 32)
        return FAIL(ERR_KEY_DATA);
    wr_u8(out, is_private ? PRIVATEKEYBLOB : PUBLICKEYBLOB);
    wr_u8(out, CAPI_VERSION);
    wr_u16(out, 0);
    put_u32(out, key->key_spec == AT_SIGNATURE ? CALG_RSA_SIGN : CALG_RSA_KEYX);
    put_u32(out, is_private ? CAPI_MAGIC_PRIVATE : CAPI_MAGIC_PUBLIC);
    put_u32(out, (size_t)EVP_PKEY_get_bits(key->pkey));
    put_u32(out, BN_get_word(parts->number[RSA_E]));
    return put_numbers(out, parts, order, is_private ? ARRAY_LEN(order) : 1, lens, true);
}

static err write_cng_rsa(const struct key *key, enum key_blob blob, const struct rsa_parts *parts,
                         struct buf *out)
{
    static const enum rsa_number order[] = {RSA_E,  RSA_N,  RSA_P,  RSA_Q,
                                            RSA_DP, RSA_DQ, RSA_QI, RSA_D};
    bool is_private = blob != KEY_BLOB_RSA_PUBLIC;
    size_t n = key_bytes(key);
    size_t e_len = (size_t)BN_num_bytes(parts->number[RSA_E]);
    size_t p_len = is_private ? (size_t)BN_num_bytes(parts->number[RSA_P]) : 0;
    size_t q_len = is_private ? (size_t)BN_num_bytes(parts->number[RSA_Q]) : 0;
    size_t lens[] = {e_len, n, p_len, q_len, p_len, q_len, p_len, n};
    size_t count = blob == KEY_BLOB_RSA_FULL ? 8 : is_private ? 4 : 2;
    put_u32(out, blob == KEY_BLOB_RSA_FULL ? BCRYPT_RSAFULLPRIVATE_MAGIC
                 : is_private              ? BCRYPT_RSAPRIVATE_MAGIC
                                           : BCRYPT_RSAPUBLIC_MAGIC);
    put_u32(out, (size_t)EVP_PKEY_get_bits(key->pkey));
    put_u32(out, e_len);
    put_u32(out, n);
    put_u32(out, p_len);
    put_u32(out, q_len);
    return put_numbers(out, parts, order, count, lens, false);
}

static err write_rsa(const struct key *key, enum key_blob blob, struct buf *out)
{
    struct rsa_parts parts = {0};
    bool is_private = key_blob_is_private(blob);
    if (key->algorithm->family != KEY_FAMILY_RSA)
        return FAIL(ERR_KEY_DATA);
    err result = get_parts(key, is_private ? RSA_NUMBERS : 2, &parts);
    if (result == OK && (blob == KEY_BLOB_CAPI_PUBLIC || blob == KEY_BLOB_CAPI_PRIVATE))
        result = write_capi(key, is_private, &parts, out);
    else if (result == OK)
        result = write_cng_rsa(key, blob, &parts, out);
    free_parts(&parts);
    return result;
}

static err write_ecc(const struct key *key, bool is_private, struct buf *out)
{
    enum { POINT_MAX = 1 + 2 * 66 };
    uint8_t point[POINT_MAX];
    size_t point_len = 0;
    size_t n = key_bytes(key);
    BIGNUM *secret = NULL;
    if (key->algorithm->family == KEY_FAMILY_RSA)
        return FAIL(ERR_KEY_DATA);
    if (EVP_PKEY_get_octet_string_param(key->pkey, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point,
                                        &point_len) != 1 ||
        point_len != 1 + 2 * n || point[0] != 4)
        return FAIL(ERR_KEY_DATA);
    put_u32(out, is_private ? key->algorithm->private_magic : key->algorithm->public_magic);
    put_u32(out, n);
    wr_bytes(out, span_of(point + 1, 2 * n));
    if (!is_private)
        return buf_check(out);
    if (EVP_PKEY_get_bn_param(key->pkey, OSSL_PKEY_PARAM_PRIV_KEY, &secret) != 1)
        return FAIL(ERR_KEY_DATA);
    err result = put_number(out, secret, n, false);
    BN_clear_free(secret);
    return result;
}

static err write_pkcs8(const struct key *key, struct buf *out)
{
    uint8_t *der = NULL;
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key->pkey);
    int n = info != NULL ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : -1;
    PKCS8_PRIV_KEY_INFO_free(info);
    if (n <= 0)
        return FAIL(ERR_KEY_DATA);
    wr_bytes(out, span_of(der, (size_t)n));
    OPENSSL_clear_free(der, (size_t)n);
    return buf_check(out);
}

err key_blob_write(enum key_blob blob, const struct key *key, struct buf *out)
{
    if (key_blob_is_private(blob) && !key->is_private)
        return FAIL(ERR_KEY_DATA);
    switch (blob) {
    case KEY_BLOB_CAPI_PUBLIC:
    case KEY_BLOB_CAPI_PRIVATE:
    case KEY_BLOB_RSA_PUBLIC:
    case KEY_BLOB_RSA_PRIVATE:
    case KEY_BLOB_RSA_FULL:
        return write_rsa(key, blob, out);
    case KEY_BLOB_ECC_PUBLIC:
    case KEY_BLOB_ECC_PRIVATE:
        return write_ecc(key, blob == KEY_BLOB_ECC_PRIVATE, out);
    case KEY_BLOB_PKCS8:
        return write_pkcs8(key, out);
    }
    return FAIL(ERR_INTERNAL);
}
