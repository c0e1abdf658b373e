/* SPDX-License-Identifier: MIT */
/* CryptoAPI: hashes and the RSA signatures over them. Microsoft "CryptCreateHash", "CryptSignHash".
 */
#include "crypt32/capi.h"

struct capi_hash {
    ALG_ID id;
    const char *name; /* libcrypto's */
    HCRYPTPROV provider;
    EVP_MD_CTX *ctx;
    bool is_finished;
    uint8_t value[EVP_MAX_MD_SIZE];
    unsigned len;
};

static const char *hash_name(ALG_ID id)
{
    switch (id) {
    case CALG_MD5:
        return "MD5";
    case CALG_SHA1:
        return "SHA1";
    case CALG_SHA_256:
        return "SHA2-256";
    case CALG_SHA_384:
        return "SHA2-384";
    case CALG_SHA_512:
        return "SHA2-512";
    default:
        return NULL;
    }
}

void capi_hash_free(void *object)
{
    struct capi_hash *h = object;
    EVP_MD_CTX_free(h->ctx);
    mem_free(h);
}

static err start(struct capi_hash *h)
{
    EVP_MD *md = EVP_MD_fetch(crypto_context(), h->name, NULL);
    h->ctx = EVP_MD_CTX_new();
    bool ok = md != NULL && h->ctx != NULL && EVP_DigestInit_ex2(h->ctx, md, NULL) == 1;
    h->len = md != NULL ? (unsigned)EVP_MD_get_size(md) : 0;
    EVP_MD_free(md);
    return ok ? OK : FAIL(ERR_CRYPTO);
}

static err create(HCRYPTPROV provider, ALG_ID id, HCRYPTHASH *out)
{
    struct capi_hash *h = mem_alloc(sizeof *h);
    if (h == NULL)
        return FAIL(ERR_NO_MEMORY);
    h->id = id;
    h->name = hash_name(id);
    h->provider = provider;
    err result = start(h);
    if (result == OK)
        result = key_object_add(KEY_OBJECT_HASH, h, out);
    if (result != OK)
        capi_hash_free(h);
    return result;
}

BOOL WINAPI CryptCreateHash(HCRYPTPROV hProv, ALG_ID Algid, HCRYPTKEY hKey, DWORD dwFlags,
                            HCRYPTHASH *phHash)
{
    (void)dwFlags;
    if (key_object_get(KEY_OBJECT_PROVIDER, hProv) == NULL)
        return win_fail((DWORD)NTE_BAD_UID);
    key_object_put(hProv);
    if (hash_name(Algid) == NULL)
        return win_fail((DWORD)NTE_BAD_ALGID);
    if (phHash == NULL || hKey != 0)
        return win_fail(ERROR_INVALID_PARAMETER);
    crypto_mark();
    err result = create(hProv, Algid, phHash);
    crypto_unmark();
    return capi_result(result);
}

BOOL WINAPI CryptHashData(HCRYPTHASH hHash, const BYTE *pbData, DWORD dwDataLen, DWORD dwFlags)
{
    (void)dwFlags;
    struct capi_hash *h = key_object_get(KEY_OBJECT_HASH, hHash);
    if (h == NULL)
        return win_fail((DWORD)NTE_BAD_HASH);
    BOOL result = TRUE;
    if (h->is_finished)
        result = win_fail((DWORD)NTE_BAD_HASH_STATE);
    else if (pbData == NULL && dwDataLen != 0)
        result = win_fail(ERROR_INVALID_PARAMETER);
    else if (EVP_DigestUpdate(h->ctx, pbData, dwDataLen) != 1)
        result = win_fail((DWORD)NTE_FAIL);
    key_object_put(hHash);
    return result;
}

static err finish(struct capi_hash *h)
{
    if (!h->is_finished && EVP_DigestFinal_ex(h->ctx, h->value, &h->len) != 1)
        return FAIL(ERR_CRYPTO);
    h->is_finished = true;
    return OK;
}

static BOOL hash_param(struct capi_hash *h, DWORD param, BYTE *data, DWORD *len)
{
    DWORD size = h->len;
    switch (param) {
    case HP_ALGID:
        return capi_give(&h->id, sizeof h->id, data, len);
    case HP_HASHSIZE:
        return capi_give(&size, sizeof size, data, len);
    case HP_HASHVAL:
        if (data != NULL && finish(h) != OK)
            return win_fail((DWORD)NTE_FAIL);
        return capi_give(h->value, h->len, data, len);
    default:
        return win_fail((DWORD)NTE_BAD_TYPE);
    }
}

BOOL WINAPI CryptGetHashParam(HCRYPTHASH hHash, DWORD dwParam, BYTE *pbData, DWORD *pdwDataLen,
                              DWORD dwFlags)
{
    (void)dwFlags;
    struct capi_hash *h = key_object_get(KEY_OBJECT_HASH, hHash);
    if (h == NULL)
        return win_fail((DWORD)NTE_BAD_HASH);
    BOOL result = pdwDataLen != NULL ? hash_param(h, dwParam, pbData, pdwDataLen)
                                     : win_fail(ERROR_INVALID_PARAMETER);
    key_object_put(hHash);
    return result;
}

BOOL WINAPI CryptDestroyHash(HCRYPTHASH hHash)
{
    return key_object_remove(KEY_OBJECT_HASH, hHash) ? TRUE : win_fail((DWORD)NTE_BAD_HASH);
}

/* ---- signatures ------------------------------------------------------------------------ */

/* CryptoAPI's order of bytes. */
static void reverse(uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        uint8_t kept = bytes[i];
        bytes[i] = bytes[n - 1 - i];
        bytes[n - 1 - i] = kept;
    }
}

static BOOL sign(struct capi_hash *h, const struct key *key, BYTE *out, DWORD *len)
{
    uint8_t signature[SIGNATURE_MAX];
    size_t n = sizeof signature;
    struct key_signing how = {.padding = KEY_PADDING_PKCS1, .hash = h->name};
    if (out == NULL)
        return capi_give(signature, key_bytes(key), NULL, len);
    err result = finish(h);
    if (result == OK)
        result = key_sign(key, &how, span_of(h->value, h->len), signature, &n);
    if (result != OK)
        return capi_result(result);
    reverse(signature, n);
    return capi_give(signature, n, out, len);
}

static BOOL sign_with_spec(struct capi_hash *h, DWORD key_spec, BYTE *out, DWORD *len)
{
    struct key *key;
    struct capi_provider *p = key_object_get(KEY_OBJECT_PROVIDER, h->provider);
    if (p == NULL)
        return win_fail((DWORD)NTE_BAD_UID);
    err found = capi_user_key(p, key_spec, &key);
    key_object_put(h->provider);
    if (found != OK)
        return found == ERR_NOT_AVAILABLE ? win_fail((DWORD)NTE_NO_KEY) : capi_result(found);
    BOOL result = sign(h, key, out, len);
    key_release(key);
    return result;
}

BOOL WINAPI CryptSignHashA(HCRYPTHASH hHash, DWORD dwKeySpec, LPCSTR szDescription, DWORD dwFlags,
                           BYTE *pbSignature, DWORD *pdwSigLen)
{
    struct capi_hash *h = key_object_get(KEY_OBJECT_HASH, hHash);
    if (h == NULL)
        return win_fail((DWORD)NTE_BAD_HASH);
    crypto_mark();
    BOOL result = FALSE;
    if (dwFlags != 0)
        win_fail((DWORD)NTE_BAD_FLAGS);
    else if (szDescription != NULL || pdwSigLen == NULL)
        win_fail(ERROR_INVALID_PARAMETER);
    else
        result = sign_with_spec(h, dwKeySpec, pbSignature, pdwSigLen);
    crypto_unmark();
    key_object_put(hHash);
    return result;
}

BOOL WINAPI CryptSignHashW(HCRYPTHASH hHash, DWORD dwKeySpec, LPCWSTR szDescription, DWORD dwFlags,
                           BYTE *pbSignature, DWORD *pdwSigLen)
{
    return CryptSignHashA(hHash, dwKeySpec, szDescription != NULL ? "" : NULL, dwFlags, pbSignature,
                          pdwSigLen);
}

static err verify(struct capi_hash *h, const struct key *key, struct span signature)
{
    uint8_t big_endian[SIGNATURE_MAX];
    struct key_signing how = {.padding = KEY_PADDING_PKCS1, .hash = h->name};
    if (signature.n > sizeof big_endian)
        return FAIL(ERR_SIGNATURE);
    TRY(finish(h));
    mem_copy(big_endian, signature.p, signature.n);
    reverse(big_endian, signature.n);
    return key_verify(key, &how, span_of(h->value, h->len), span_of(big_endian, signature.n));
}

BOOL WINAPI CryptVerifySignatureA(HCRYPTHASH hHash, const BYTE *pbSignature, DWORD dwSigLen,
                                  HCRYPTKEY hPubKey, LPCSTR szDescription, DWORD dwFlags)
{
    struct capi_hash *h = key_object_get(KEY_OBJECT_HASH, hHash);
    if (h == NULL)
        return win_fail((DWORD)NTE_BAD_HASH);
    struct key *key = key_object_get(KEY_OBJECT_KEY, hPubKey);
    crypto_mark();
    BOOL result = FALSE;
    if (key == NULL)
        win_fail((DWORD)NTE_BAD_KEY);
    else if (szDescription != NULL || pbSignature == NULL || dwFlags != 0)
        win_fail(ERROR_INVALID_PARAMETER);
    else
        result = capi_result(verify(h, key, span_of(pbSignature, dwSigLen)));
    crypto_unmark();
    if (key != NULL)
        key_object_put(hPubKey);
    key_object_put(hHash);
    return result;
}

BOOL WINAPI CryptVerifySignatureW(HCRYPTHASH hHash, const BYTE *pbSignature, DWORD dwSigLen,
                                  HCRYPTKEY hPubKey, LPCWSTR szDescription, DWORD dwFlags)
{
    return CryptVerifySignatureA(hHash, pbSignature, dwSigLen, hPubKey,
                                 szDescription != NULL ? "" : NULL, dwFlags);
}
