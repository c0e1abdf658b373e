/* SPDX-License-Identifier: MIT */
/*
 * Signing by AlgorithmIdentifier: RFC 4055 (RSA), RFC 5758 (ECDSA). MD5 is not signed with; SHA-1
 * only where a program asks for it by name.
 */
#include "crypt32/sign.h"

#include <openssl/rsa.h>

enum { SPKI_MAX = 4096, SALT_MAX = 64 };

static const struct {
    const char *oid;
    enum key_family family;
    enum key_padding padding;
    const char *hash; /* NULL: the parameters tell */
} ways[] = {
    {szOID_RSA_SHA256RSA, KEY_FAMILY_RSA, KEY_PADDING_PKCS1, "SHA2-256"},
    {szOID_ECDSA_SHA256, KEY_FAMILY_ECDSA, KEY_PADDING_NONE, "SHA2-256"},
    {szOID_RSA_SHA384RSA, KEY_FAMILY_RSA, KEY_PADDING_PKCS1, "SHA2-384"},
    {szOID_RSA_SHA512RSA, KEY_FAMILY_RSA, KEY_PADDING_PKCS1, "SHA2-512"},
    {szOID_RSA_SHA1RSA, KEY_FAMILY_RSA, KEY_PADDING_PKCS1, "SHA1"},
    {szOID_OIWSEC_sha1RSASign, KEY_FAMILY_RSA, KEY_PADDING_PKCS1, "SHA1"},
    {szOID_RSA_SSA_PSS, KEY_FAMILY_RSA, KEY_PADDING_PSS, NULL},
    {szOID_ECDSA_SHA384, KEY_FAMILY_ECDSA, KEY_PADDING_NONE, "SHA2-384"},
    {szOID_ECDSA_SHA512, KEY_FAMILY_ECDSA, KEY_PADDING_NONE, "SHA2-512"},
    {szOID_ECDSA_SHA1, KEY_FAMILY_ECDSA, KEY_PADDING_NONE, "SHA1"},
};

static const char *hash_named(const X509_ALGOR *algorithm)
{
    static const struct {
        int nid;
        const char *name;
    } hashes[] = {{NID_sha256, "SHA2-256"}, {NID_sha384, "SHA2-384"}, {NID_sha512, "SHA2-512"}};
    const ASN1_OBJECT *object = NULL;
    if (algorithm == NULL)
        return NULL;
    X509_ALGOR_get0(&object, NULL, NULL, algorithm);
    for (size_t i = 0; i < ARRAY_LEN(hashes); i++) {
        if (OBJ_obj2nid(object) == hashes[i].nid)
            return hashes[i].name;
    }
    return NULL;
}

/* RFC 4055 3.1: MGF1 over the same hash. */
static bool is_mgf1_of(const X509_ALGOR *mask, const char *hash)
{
    const ASN1_OBJECT *object = NULL;
    if (mask == NULL)
        return false;
    X509_ALGOR_get0(&object, NULL, NULL, mask);
    X509_ALGOR *inner = OBJ_obj2nid(object) == NID_mgf1
                            ? ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(X509_ALGOR), mask->parameter)
                            : NULL;
    const char *name = hash_named(inner);
    X509_ALGOR_free(inner);
    return name != NULL && strcmp(name, hash) == 0;
}

/* The defaults of RFC 4055 are SHA-1 and are not signed with. */
static err read_pss(const CRYPT_OBJID_BLOB *parameters, struct key_signing *how)
{
    const unsigned char *p = parameters->pbData;
    int64_t salt = 20;
    RSA_PSS_PARAMS *pss = p != NULL && parameters->cbData <= INT16_MAX
                              ? d2i_RSA_PSS_PARAMS(NULL, &p, (long)parameters->cbData)
                              : NULL;
    how->hash = pss != NULL ? hash_named(pss->hashAlgorithm) : NULL;
    bool fits = how->hash != NULL && p == parameters->pbData + parameters->cbData &&
                is_mgf1_of(pss->maskGenAlgorithm, how->hash) && pss->trailerField == NULL &&
                (pss->saltLength == NULL || ASN1_INTEGER_get_int64(&salt, pss->saltLength) == 1) &&
                salt >= 0 && salt <= SALT_MAX;
    how->salt_len = fits ? (size_t)salt : 0;
    RSA_PSS_PARAMS_free(pss);
    return fits ? OK : FAIL(ERR_UNSUPPORTED);
}

static bool is_family_of(const struct key *key, enum key_family family)
{
    return key->algorithm != NULL && key->algorithm->family == family;
}

err sign_way_for(const struct key *key, const CRYPT_ALGORITHM_IDENTIFIER *wish,
                 struct sign_way *out)
{
    if (wish != NULL && wish->pszObjId == NULL)
        return FAIL(ERR_UNSUPPORTED);
    size_t i = 0;
    while (i < ARRAY_LEN(ways) && (!is_family_of(key, ways[i].family) ||
                                   (wish != NULL && strcmp(wish->pszObjId, ways[i].oid) != 0)))
        i++;
    if (i == ARRAY_LEN(ways))
        return FAIL(ERR_UNSUPPORTED);
    *out = (struct sign_way){.how = {.padding = ways[i].padding, .hash = ways[i].hash}};
    if (wish != NULL)
        out->algorithm = *wish;
    else
        out->algorithm.pszObjId = (LPSTR)(uintptr_t)ways[i].oid;
    return ways[i].hash != NULL ? OK : read_pss(&wish->Parameters, &out->how);
}

static err run(EVP_MD_CTX *ctx, const struct key *key, const struct key_signing *how,
               struct span message, struct buf *out)
{
    uint8_t signature[SIGNATURE_MAX];
    size_t n = sizeof signature;
    EVP_PKEY_CTX *pctx = NULL;
    if (EVP_DigestSignInit_ex(ctx, &pctx, how->hash, crypto_context(), NULL, key->pkey, NULL) != 1)
        return FAIL(ERR_UNSUPPORTED);
    bool is_pss = how->padding == KEY_PADDING_PSS;
    if (is_pss && (EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) <= 0 ||
                   EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, (int)how->salt_len) <= 0))
        return FAIL(ERR_UNSUPPORTED);
    if (EVP_DigestSign(ctx, signature, &n, message.p, message.n) != 1)
        return FAIL(ERR_CRYPTO);
    wr_bytes(out, span_of(signature, n));
    return buf_check(out);
}

err sign_message(const struct key *key, const struct sign_way *way, struct span message,
                 struct buf *out)
{
    buf_init(out, SIGNATURE_MAX);
    if (!key->is_private || key->pkey == NULL)
        return FAIL(ERR_KEY_NOT_FOUND);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (ctx == NULL)
        return FAIL(ERR_NO_MEMORY);
    err result = run(ctx, key, &way->how, message, out);
    EVP_MD_CTX_free(ctx);
    if (result != OK)
        buf_release(out);
    return result;
}

err public_half(const struct key *key, struct buf *out)
{
    unsigned char *der = NULL;
    if (key->pkey == NULL)
        return FAIL(ERR_KEY_NOT_FOUND);
    int n = i2d_PUBKEY(key->pkey, &der);
    if (n <= 0)
        return FAIL(ERR_CRYPTO);
    buf_init(out, SPKI_MAX);
    wr_bytes(out, span_of(der, (size_t)n));
    OPENSSL_free(der);
    err result = buf_check(out);
    if (result != OK)
        buf_release(out);
    return result;
}

/* The crypto room's stricter reader decides what is a key; this one only makes the object. */
err public_key_read(struct span spki, struct key **out)
{
    struct public_key *checked;
    const unsigned char *p = spki.p;
    *out = NULL;
    err result = public_key_new(&checked, spki);
    if (result != OK)
        return result == ERR_NO_MEMORY ? result : FAIL(ERR_KEY_DATA);
    public_key_free(checked);
    EVP_PKEY *pkey = d2i_PUBKEY_ex(NULL, &p, (long)spki.n, crypto_context(), NULL);
    if (pkey == NULL)
        return FAIL(ERR_KEY_DATA);
    TRY(key_new(out, pkey, false, NULL));
    if ((*out)->algorithm != NULL)
        return OK;
    key_release(*out);
    *out = NULL;
    return FAIL(ERR_UNSUPPORTED);
}

DWORD sign_error(err reason)
{
    switch ((int)reason) {
    case OK:
        return ERROR_SUCCESS;
    case ERR_NO_MEMORY:
        return ERROR_NOT_ENOUGH_MEMORY;
    case ERR_ARGUMENT:
        return ERROR_INVALID_PARAMETER;
    case ERR_UNSUPPORTED:
        return (DWORD)NTE_BAD_ALGID;
    case ERR_KEY_NOT_FOUND:
        return (DWORD)NTE_NO_KEY;
    case ERR_KEY_DATA:
        return (DWORD)NTE_BAD_PUBLIC_KEY;
    case ERR_KEY_PERMISSION:
        return (DWORD)NTE_PERM;
    case ERR_OUTPUT_TOO_SMALL:
        return ERROR_MORE_DATA;
    default:
        return (DWORD)NTE_FAIL;
    }
}
