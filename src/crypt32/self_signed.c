/* SPDX-License-Identifier: MIT */
/*
 * CertCreateSelfSignCertificate: which key, what certificate, and how the certificate names its
 * key afterwards. Encoding and signing are the codec's and sign.c's.
 */
#include <stdio.h>

#include <ncrypt.h>

#include "crypt32/cert_key.h"
#include "crypt32/sign.h"

enum { SERIAL_LEN = 16, DEFAULT_DAYS = 365, CONTAINER_LEN = 39 };

static const int64_t ticks_per_day = 86400ll * 10000000;

/* The key, and what CERT_KEY_PROV_INFO_PROP_ID will say about it. */
struct signer {
    struct key *key;
    HCRYPTPROV provider; /* opened here, closed at the end; 0: none */
    bool is_new;         /* the container was made here */
    bool is_named;
    CRYPT_KEY_PROV_INFO info;
    WCHAR *name; /* behind info, allocated */
};

/* ---- the key --------------------------------------------------------------------------- */

static BOOL take_key(struct signer *s, ULONG_PTR handle, DWORD key_spec)
{
    err result = key_from_handle(handle, key_spec, &s->key);
    return result == OK ? TRUE : win_fail(sign_error(result));
}

/* The braces of a GUID around random digits: no container has that name yet. */
static BOOL random_name(WCHAR out[CONTAINER_LEN])
{
    uint8_t r[16];
    char text[CONTAINER_LEN];
    if (crypto_random(r, sizeof r) != OK)
        return win_fail((DWORD)NTE_FAIL);
    (void)snprintf(text, sizeof text,
                   "{%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X}", r[0],
                   r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8], r[9], r[10], r[11], r[12], r[13],
                   r[14], r[15]);
    win_utf16_from_utf8(text, sizeof text, out, CONTAINER_LEN);
    return TRUE;
}

/* A container that is not there is made, and a key in it that is not there, too. */
static BOOL open_container(struct signer *s, const CRYPT_KEY_PROV_INFO *info)
{
    DWORD spec = info->dwKeySpec != 0 ? info->dwKeySpec : AT_SIGNATURE;
    DWORD flags = info->dwFlags & ~(DWORD)CERT_SET_KEY_CONTEXT_PROP_ID;
    HCRYPTKEY key = 0;
    BOOL opened = CryptAcquireContextW(&s->provider, info->pwszContainerName, info->pwszProvName,
                                       info->dwProvType, flags);
    if (!opened && GetLastError() == (DWORD)NTE_BAD_KEYSET) {
        opened = CryptAcquireContextW(&s->provider, info->pwszContainerName, info->pwszProvName,
                                      info->dwProvType, flags | CRYPT_NEWKEYSET);
        s->is_new = opened;
    }
    if (!opened)
        return FALSE;
    BOOL has_key = CryptGetUserKey(s->provider, spec, &key);
    if (!has_key && GetLastError() == (DWORD)NTE_NO_KEY)
        has_key = CryptGenKey(s->provider, spec, 0, &key);
    if (has_key)
        CryptDestroyKey(key);
    return has_key && take_key(s, s->provider, spec);
}

static BOOL open_new(struct signer *s)
{
    s->name = mem_array(CONTAINER_LEN, sizeof(WCHAR));
    if (s->name == NULL)
        return win_fail(ERROR_NOT_ENOUGH_MEMORY);
    s->is_named = true;
    s->info = (CRYPT_KEY_PROV_INFO){.pwszContainerName = s->name,
                                    .pwszProvName = (LPWSTR)(uintptr_t)MS_ENH_RSA_AES_PROV_W,
                                    .dwProvType = PROV_RSA_AES,
                                    .dwKeySpec = AT_SIGNATURE};
    return random_name(s->name) && open_container(s, &s->info);
}

/* A key of CNG's that lies in a container. */
static BOOL open_stored(struct signer *s, const CRYPT_KEY_PROV_INFO *info)
{
    err result = cert_key_load_cng(info->pwszContainerName, info->dwKeySpec, &s->key);
    if (result == OK)
        return TRUE;
    return win_fail(result == ERR_KEY_NOT_FOUND ? (DWORD)NTE_BAD_KEYSET : sign_error(result));
}

/* What a handle says of itself, when the caller does not. Keys without a container have no name. */
static BOOL name_of_handle(struct signer *s, ULONG_PTR handle)
{
    DWORD type = 0;
    DWORD n = sizeof type;
    if (s->key->container == NULL)
        return TRUE;
    bool is_capi = CryptGetProvParam(handle, PP_PROVTYPE, (BYTE *)&type, &n, 0);
    s->name = win_utf16_dup(s->key->container);
    if (s->name == NULL)
        return win_fail(ERROR_NOT_ENOUGH_MEMORY);
    s->is_named = true;
    s->info = (CRYPT_KEY_PROV_INFO){
        .pwszContainerName = s->name,
        .pwszProvName =
            (LPWSTR)(uintptr_t)(is_capi ? MS_ENH_RSA_AES_PROV_W : MS_KEY_STORAGE_PROVIDER),
        .dwProvType = is_capi ? type : 0,
        .dwKeySpec = s->key->key_spec};
    return TRUE;
}

static BOOL open_signer(struct signer *s, ULONG_PTR handle, const CRYPT_KEY_PROV_INFO *info)
{
    if (handle == 0 && info == NULL)
        return open_new(s);
    if (info != NULL) {
        s->info = *info;
        s->info.dwFlags &= ~(DWORD)CERT_SET_KEY_CONTEXT_PROP_ID;
        s->is_named = true;
    }
    if (handle == 0)
        return info->dwProvType != 0 ? open_container(s, info) : open_stored(s, info);
    DWORD spec = info != NULL && info->dwKeySpec != 0 ? info->dwKeySpec : AT_SIGNATURE;
    return take_key(s, handle, spec) && (info != NULL || name_of_handle(s, handle));
}

/* Without a certificate nothing would name a container made here. */
static void close_signer(struct signer *s, bool has_failed)
{
    HCRYPTPROV gone;
    DWORD error = GetLastError();
    key_release(s->key);
    if (s->provider != 0)
        CryptReleaseContext(s->provider, 0);
    if (s->is_new && has_failed)
        CryptAcquireContextW(&gone, s->info.pwszContainerName, NULL, PROV_RSA_AES,
                             CRYPT_DELETEKEYSET);
    mem_free(s->name);
    SetLastError(error);
}

/* ---- the certificate ------------------------------------------------------------------- */

struct wish {
    const CERT_NAME_BLOB *name;
    const CRYPT_ALGORITHM_IDENTIFIER *algorithm;
    const SYSTEMTIME *start;
    const SYSTEMTIME *end;
    const CERT_EXTENSIONS *extensions;
    DWORD flags;
};

static BOOL set_time(FILETIME *out, const SYSTEMTIME *time, int64_t days)
{
    if (time != NULL)
        return SystemTimeToFileTime(time, out);
    GetSystemTimeAsFileTime(out);
    uint64_t ticks = ((uint64_t)out->dwHighDateTime << 32 | out->dwLowDateTime) +
                     (uint64_t)(days * ticks_per_day);
    *out = (FILETIME){(DWORD)ticks, (DWORD)(ticks >> 32)};
    return TRUE;
}

static BOOL encode_body(const struct wish *wish, const struct sign_way *way,
                        const CERT_PUBLIC_KEY_INFO *key, BYTE **out, DWORD *out_n)
{
    uint8_t serial[SERIAL_LEN];
    CERT_INFO info = {.dwVersion = CERT_V3,
                      .SerialNumber = {sizeof serial, serial},
                      .SignatureAlgorithm = way->algorithm,
                      .Issuer = *wish->name,
                      .Subject = *wish->name,
                      .SubjectPublicKeyInfo = *key};
    if (crypto_random(serial, sizeof serial) != OK)
        return win_fail((DWORD)NTE_FAIL);
    serial[SERIAL_LEN - 1] = (uint8_t)((serial[SERIAL_LEN - 1] & 0x7F) | 0x40);
    if (wish->extensions != NULL) {
        info.cExtension = wish->extensions->cExtension;
        info.rgExtension = wish->extensions->rgExtension;
    }
    return set_time(&info.NotBefore, wish->start, 0) &&
           set_time(&info.NotAfter, wish->end, DEFAULT_DAYS) &&
           CryptEncodeObjectEx(X509_ASN_ENCODING, X509_CERT_TO_BE_SIGNED, &info,
                               CRYPT_ENCODE_ALLOC_FLAG, NULL, out, out_n);
}

static BOOL encode_whole(const struct sign_way *way, struct span body, struct span signature,
                         BYTE **out, DWORD *out_n)
{
    CERT_SIGNED_CONTENT_INFO content = {
        .ToBeSigned = {(DWORD)body.n, (BYTE *)(uintptr_t)body.p},
        .SignatureAlgorithm = way->algorithm,
        .Signature = {(DWORD)signature.n, (BYTE *)(uintptr_t)signature.p, 0},
    };
    return CryptEncodeObjectEx(
        X509_ASN_ENCODING, X509_CERT, &content,
        CRYPT_ENCODE_ALLOC_FLAG | CRYPT_ENCODE_NO_SIGNATURE_BYTE_REVERSAL_FLAG, NULL, out, out_n);
}

static BOOL sign_body(const struct wish *wish, const struct key *key, const struct sign_way *way,
                      struct span body, BYTE **out, DWORD *out_n)
{
    struct buf signature;
    buf_init(&signature, 0);
    err result = (wish->flags & CERT_CREATE_SELFSIGN_NO_SIGN) != 0
                     ? OK
                     : sign_message(key, way, body, &signature);
    if (result != OK)
        return win_fail(sign_error(result));
    BOOL done = encode_whole(way, body, buf_span(&signature), out, out_n);
    buf_release(&signature);
    return done;
}

static BOOL public_info(const struct key *key, CERT_PUBLIC_KEY_INFO **out)
{
    struct buf spki;
    DWORD n;
    err result = public_half(key, &spki);
    if (result != OK)
        return win_fail(sign_error(result));
    BOOL done = CryptDecodeObjectEx(X509_ASN_ENCODING, X509_PUBLIC_KEY_INFO, spki.p, (DWORD)spki.n,
                                    CRYPT_DECODE_ALLOC_FLAG, NULL, out, &n);
    buf_release(&spki);
    return done;
}

static BOOL make_der(const struct wish *wish, const struct key *key, BYTE **out, DWORD *out_n)
{
    struct sign_way way;
    CERT_PUBLIC_KEY_INFO *info = NULL;
    BYTE *body = NULL;
    DWORD n;
    err result = sign_way_for(key, wish->algorithm, &way);
    if (result != OK)
        return win_fail(sign_error(result));
    BOOL done = public_info(key, &info) && encode_body(wish, &way, info, &body, &n) &&
                sign_body(wish, key, &way, span_of(body, n), out, out_n);
    LocalFree(body);
    LocalFree(info);
    return done;
}

/* ---- both ------------------------------------------------------------------------------ */

static err bind(struct cert *cert, const struct signer *s)
{
    struct private_key *key;
    if (s->is_named)
        TRY(prov_info_store(cert, &s->info));
    TRY(private_key_new(&key, s->key->pkey));
    err result = cert_bind_key(cert, key);
    private_key_free(key);
    return result;
}

static BOOL make_context(const struct wish *wish, const struct signer *s, struct cert **out)
{
    BYTE *der = NULL;
    DWORD n;
    if (!make_der(wish, s->key, &der, &n))
        return FALSE;
    err result = cert_new(out, span_of(der, n));
    LocalFree(der);
    if (result == OK && (wish->flags & CERT_CREATE_SELFSIGN_NO_KEY_INFO) == 0) {
        result = bind(*out, s);
        if (result != OK)
            cert_release(*out);
    }
    return result == OK ? TRUE : win_fail(cert_last_error(result));
}

PCCERT_CONTEXT WINAPI CertCreateSelfSignCertificate(
    HCRYPTPROV_OR_NCRYPT_KEY_HANDLE hCryptProvOrNCryptKey, PCERT_NAME_BLOB pSubjectIssuerBlob,
    DWORD dwFlags, PCRYPT_KEY_PROV_INFO pKeyProvInfo,
    PCRYPT_ALGORITHM_IDENTIFIER pSignatureAlgorithm, LPSYSTEMTIME pStartTime, LPSYSTEMTIME pEndTime,
    PCERT_EXTENSIONS pExtensions)
{
    struct signer signer = {0};
    struct cert *cert = NULL;
    if (pSubjectIssuerBlob == NULL || crypto_start() != OK) {
        SetLastError((DWORD)E_INVALIDARG);
        return NULL;
    }
    struct wish wish = {.name = pSubjectIssuerBlob,
                        .algorithm = pSignatureAlgorithm,
                        .start = pStartTime,
                        .end = pEndTime,
                        .extensions = pExtensions,
                        .flags = dwFlags};
    crypto_mark();
    BOOL made = open_signer(&signer, hCryptProvOrNCryptKey, pKeyProvInfo) &&
                make_context(&wish, &signer, &cert);
    close_signer(&signer, !made);
    crypto_unmark();
    return made ? &cert->context : NULL;
}
