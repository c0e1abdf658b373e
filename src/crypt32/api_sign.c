/* SPDX-License-Identifier: MIT */
/*
 * CryptSignCertificate, CryptSignAndEncodeCertificate, and public keys out of and into handles.
 * Signature bytes at this surface are last byte first, as CERT_SIGNED_CONTENT_INFO has them.
 */
#include <stdio.h>

#include "crypt32/capi.h"
#include "crypt32/cng.h"
#include "crypt32/sign.h"

static bool is_x509(DWORD encoding)
{
    return (encoding & CERT_ENCODING_TYPE_MASK) == X509_ASN_ENCODING;
}

static err key_of(ULONG_PTR handle, DWORD key_spec, struct key **out)
{
    return key_from_handle(handle, key_spec != CERT_NCRYPT_KEY_SPEC ? key_spec : 0, out);
}

static void reverse(struct buf *bytes)
{
    for (size_t i = 0; i < bytes->n / 2; i++) {
        uint8_t swapped = bytes->p[i];
        bytes->p[i] = bytes->p[bytes->n - 1 - i];
        bytes->p[bytes->n - 1 - i] = swapped;
    }
}

static err sign_with(ULONG_PTR handle, DWORD key_spec, const CRYPT_ALGORITHM_IDENTIFIER *algorithm,
                     struct span message, struct buf *out)
{
    struct key *key;
    struct sign_way way;
    TRY(key_of(handle, key_spec, &key));
    err result = sign_way_for(key, algorithm, &way);
    if (result == OK)
        result = sign_message(key, &way, message, out);
    key_release(key);
    if (result == OK)
        reverse(out);
    return result;
}

BOOL WINAPI CryptSignCertificate(HCRYPTPROV_OR_NCRYPT_KEY_HANDLE hCryptProvOrNCryptKey,
                                 DWORD dwKeySpec, DWORD dwCertEncodingType,
                                 const BYTE *pbEncodedToBeSigned, DWORD cbEncodedToBeSigned,
                                 PCRYPT_ALGORITHM_IDENTIFIER pSignatureAlgorithm,
                                 const void *pvHashAuxInfo, BYTE *pbSignature, DWORD *pcbSignature)
{
    struct buf signature;
    (void)pvHashAuxInfo;
    (void)dwCertEncodingType;
    if (pcbSignature == NULL || pSignatureAlgorithm == NULL || pbEncodedToBeSigned == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    if (crypto_start() != OK)
        return win_fail((DWORD)NTE_FAIL);
    crypto_mark();
    err result = sign_with(hCryptProvOrNCryptKey, dwKeySpec, pSignatureAlgorithm,
                           span_of(pbEncodedToBeSigned, cbEncodedToBeSigned), &signature);
    crypto_unmark();
    if (result != OK)
        return win_fail(sign_error(result));
    BOOL given = capi_give(signature.p, signature.n, pbSignature, pcbSignature);
    buf_release(&signature);
    return given;
}

/* ECDSA signatures vary in length: the size that is told is that of the longest. */
static BOOL give_signed(struct span tbs, const CRYPT_ALGORITHM_IDENTIFIER *algorithm,
                        struct span signature, DWORD encoding, BYTE *out, DWORD *size)
{
    CERT_SIGNED_CONTENT_INFO content = {
        .ToBeSigned = {(DWORD)tbs.n, (BYTE *)(uintptr_t)tbs.p},
        .SignatureAlgorithm = *algorithm,
        .Signature = {(DWORD)signature.n, (BYTE *)(uintptr_t)signature.p, 0},
    };
    return CryptEncodeObject(encoding, X509_CERT, &content, out, size);
}

static BOOL sign_and_encode(ULONG_PTR handle, DWORD key_spec, DWORD encoding,
                            const CRYPT_ALGORITHM_IDENTIFIER *algorithm, struct span tbs, BYTE *out,
                            DWORD *size)
{
    static const uint8_t slack[SIGNATURE_MAX];
    struct buf signature;
    struct key *key;
    DWORD room = *size;
    err result = key_of(handle, key_spec, &key);
    if (result != OK)
        return win_fail(sign_error(result));
    bool varies = key->algorithm != NULL && key->algorithm->family != KEY_FAMILY_RSA;
    size_t longest = varies && key->pkey != NULL ? (size_t)EVP_PKEY_get_size(key->pkey) : 0;
    key_release(key);
    result = sign_with(handle, key_spec, algorithm, tbs, &signature);
    if (result != OK)
        return win_fail(sign_error(result));
    bool asks = out == NULL && longest > signature.n && longest <= sizeof slack;
    struct span bytes = asks ? span_of(slack, longest) : buf_span(&signature);
    *size = room;
    BOOL given = give_signed(tbs, algorithm, bytes, encoding, out, size);
    buf_release(&signature);
    return given;
}

BOOL WINAPI CryptSignAndEncodeCertificate(HCRYPTPROV_OR_NCRYPT_KEY_HANDLE hCryptProvOrNCryptKey,
                                          DWORD dwKeySpec, DWORD dwCertEncodingType,
                                          LPCSTR lpszStructType, const void *pvStructInfo,
                                          PCRYPT_ALGORITHM_IDENTIFIER pSignatureAlgorithm,
                                          const void *pvHashAuxInfo, BYTE *pbEncoded,
                                          DWORD *pcbEncoded)
{
    BYTE *tbs = NULL;
    DWORD n = 0;
    (void)pvHashAuxInfo;
    if (pcbEncoded == NULL || pSignatureAlgorithm == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    if (lpszStructType != X509_CERT_TO_BE_SIGNED && lpszStructType != X509_CERT_CRL_TO_BE_SIGNED &&
        lpszStructType != X509_CERT_REQUEST_TO_BE_SIGNED &&
        lpszStructType != X509_KEYGEN_REQUEST_TO_BE_SIGNED)
        return win_fail(ERROR_FILE_NOT_FOUND);
    if (crypto_start() != OK)
        return win_fail((DWORD)NTE_FAIL);
    if (!CryptEncodeObjectEx(dwCertEncodingType, lpszStructType, pvStructInfo,
                             CRYPT_ENCODE_ALLOC_FLAG, NULL, &tbs, &n))
        return FALSE;
    crypto_mark();
    BOOL given = sign_and_encode(hCryptProvOrNCryptKey, dwKeySpec, dwCertEncodingType,
                                 pSignatureAlgorithm, span_of(tbs, n), pbEncoded, pcbEncoded);
    crypto_unmark();
    LocalFree(tbs);
    return given;
}

/* ---- public keys ------------------------------------------------------------------------- */

/* The structure in one block, with another object identifier when one is asked for. */
static BOOL give_info(DWORD encoding, struct span spki, const char *oid, CERT_PUBLIC_KEY_INFO *out,
                      DWORD *size)
{
    CERT_PUBLIC_KEY_INFO *info = NULL;
    BYTE *renamed = NULL;
    DWORD n = 0;
    if (oid == NULL)
        return CryptDecodeObject(encoding, X509_PUBLIC_KEY_INFO, spki.p, (DWORD)spki.n, 0, out,
                                 size);
    if (!CryptDecodeObjectEx(encoding, X509_PUBLIC_KEY_INFO, spki.p, (DWORD)spki.n,
                             CRYPT_DECODE_ALLOC_FLAG, NULL, &info, &n))
        return FALSE;
    info->Algorithm.pszObjId = (LPSTR)(uintptr_t)oid;
    BOOL given = CryptEncodeObjectEx(encoding, X509_PUBLIC_KEY_INFO, info, CRYPT_ENCODE_ALLOC_FLAG,
                                     NULL, &renamed, &n) &&
                 CryptDecodeObject(encoding, X509_PUBLIC_KEY_INFO, renamed, n, 0, out, size);
    LocalFree(renamed);
    LocalFree(info);
    return given;
}

static BOOL export_public(const struct key *key, DWORD encoding, const char *oid,
                          CERT_PUBLIC_KEY_INFO *out, DWORD *size)
{
    struct buf spki;
    err result = public_half(key, &spki);
    if (result != OK)
        return win_fail(sign_error(result));
    BOOL given = give_info(encoding, buf_span(&spki), oid, out, size);
    buf_release(&spki);
    return given;
}

BOOL WINAPI CryptExportPublicKeyInfoEx(HCRYPTPROV_OR_NCRYPT_KEY_HANDLE hCryptProvOrNCryptKey,
                                       DWORD dwKeySpec, DWORD dwCertEncodingType,
                                       LPSTR pszPublicKeyObjId, DWORD dwFlags, void *pvAuxInfo,
                                       PCERT_PUBLIC_KEY_INFO pInfo, DWORD *pcbInfo)
{
    struct key *key;
    (void)dwFlags;
    (void)pvAuxInfo;
    if (!is_x509(dwCertEncodingType))
        return win_fail(ERROR_FILE_NOT_FOUND);
    if (pcbInfo == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    crypto_mark();
    err result = key_of(hCryptProvOrNCryptKey, dwKeySpec, &key);
    BOOL given = result == OK
                     ? export_public(key, dwCertEncodingType, pszPublicKeyObjId, pInfo, pcbInfo)
                     : win_fail(sign_error(result));
    key_release(key);
    crypto_unmark();
    return given;
}

BOOL WINAPI CryptExportPublicKeyInfo(HCRYPTPROV_OR_NCRYPT_KEY_HANDLE hCryptProvOrNCryptKey,
                                     DWORD dwKeySpec, DWORD dwCertEncodingType,
                                     PCERT_PUBLIC_KEY_INFO pInfo, DWORD *pcbInfo)
{
    return CryptExportPublicKeyInfoEx(hCryptProvOrNCryptKey, dwKeySpec, dwCertEncodingType, NULL, 0,
                                      NULL, pInfo, pcbInfo);
}

/* ERR_ARGUMENT stands for a structure that does not encode, whose last error is set. */
static err import_public(DWORD encoding, const CERT_PUBLIC_KEY_INFO *info, struct key **out)
{
    BYTE *spki = NULL;
    DWORD n = 0;
    if (!CryptEncodeObjectEx(encoding, X509_PUBLIC_KEY_INFO, info, CRYPT_ENCODE_ALLOC_FLAG, NULL,
                             &spki, &n))
        return FAIL(ERR_ARGUMENT);
    err result = public_key_read(span_of(spki, n), out);
    LocalFree(spki);
    return result;
}

static BOOL import_failed(err result)
{
    return result == ERR_ARGUMENT ? FALSE : win_fail(sign_error(result));
}

static BOOL import_rsa(DWORD encoding, const CERT_PUBLIC_KEY_INFO *info, ALG_ID algorithm,
                       HCRYPTKEY *out)
{
    struct key *key = NULL;
    err result = import_public(encoding, info, &key);
    if (result == OK && key->algorithm->family != KEY_FAMILY_RSA)
        result = FAIL(ERR_UNSUPPORTED); /* CryptoAPI's providers know RSA only */
    if (result == OK) {
        key->key_spec = algorithm == CALG_RSA_SIGN ? AT_SIGNATURE : AT_KEYEXCHANGE;
        result = key_object_add(KEY_OBJECT_KEY, key, out);
    }
    if (result == OK)
        return TRUE;
    key_release(key);
    return import_failed(result);
}

BOOL WINAPI CryptImportPublicKeyInfoEx(HCRYPTPROV hCryptProv, DWORD dwCertEncodingType,
                                       PCERT_PUBLIC_KEY_INFO pInfo, ALG_ID aiKeyAlg, DWORD dwFlags,
                                       void *pvAuxInfo, HCRYPTKEY *phKey)
{
    (void)dwFlags;
    (void)pvAuxInfo;
    if (!is_x509(dwCertEncodingType))
        return win_fail(ERROR_FILE_NOT_FOUND);
    if (pInfo == NULL || phKey == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    if (key_object_get(KEY_OBJECT_PROVIDER, hCryptProv) == NULL)
        return win_fail((DWORD)NTE_BAD_UID);
    key_object_put(hCryptProv);
    crypto_mark();
    BOOL done = import_rsa(dwCertEncodingType, pInfo, aiKeyAlg, phKey);
    crypto_unmark();
    return done;
}

BOOL WINAPI CryptImportPublicKeyInfo(HCRYPTPROV hCryptProv, DWORD dwCertEncodingType,
                                     PCERT_PUBLIC_KEY_INFO pInfo, HCRYPTKEY *phKey)
{
    return CryptImportPublicKeyInfoEx(hCryptProv, dwCertEncodingType, pInfo, 0, 0, NULL, phKey);
}

/* EC keys serve one of two purposes: agreement when that is asked for, signatures otherwise. */
static void choose_purpose(struct key *key, DWORD flags)
{
    char name[32];
    if (key->algorithm->family != KEY_FAMILY_ECDSA ||
        (flags & CRYPT_OID_INFO_PUBKEY_ENCRYPT_KEY_FLAG) == 0)
        return;
    (void)snprintf(name, sizeof name, "ECDH_P%u", key->algorithm->bits);
    key->algorithm = key_algorithm_find(name);
}

BOOL WINAPI CryptImportPublicKeyInfoEx2(DWORD dwCertEncodingType, PCERT_PUBLIC_KEY_INFO pInfo,
                                        DWORD dwFlags, void *pvAuxInfo, BCRYPT_KEY_HANDLE *phKey)
{
    struct key *key = NULL;
    (void)pvAuxInfo;
    if (!is_x509(dwCertEncodingType))
        return win_fail(ERROR_FILE_NOT_FOUND);
    if (pInfo == NULL || phKey == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    if (crypto_start() != OK)
        return win_fail((DWORD)NTE_FAIL);
    crypto_mark();
    err result = import_public(dwCertEncodingType, pInfo, &key);
    if (result == OK) {
        choose_purpose(key, dwFlags);
        result = bcrypt_key_give(key, phKey);
    }
    crypto_unmark();
    return result == OK ? TRUE : import_failed(result);
}
