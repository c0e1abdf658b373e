/* SPDX-License-Identifier: MIT */
/* CryptoAPI: key containers and RSA keys. Microsoft "CryptAcquireContext", "CryptImportKey" and so
 * on. */
#include "crypt32/capi.h"

#include <ncrypt.h>

static const char default_container[] = "default";
static const char provider_name[] = MS_ENH_RSA_AES_PROV_A;

DWORD capi_error(err reason)
{
    switch ((int)reason) {
    case OK:
        return ERROR_SUCCESS;
    case ERR_NO_MEMORY:
        return (DWORD)NTE_NO_MEMORY;
    case ERR_ARGUMENT:
        return ERROR_INVALID_PARAMETER;
    case ERR_OUTPUT_TOO_SMALL:
        return ERROR_MORE_DATA;
    case ERR_KEY_DATA:
        return (DWORD)NTE_BAD_DATA;
    case ERR_KEY_EXISTS:
        return (DWORD)NTE_EXISTS;
    case ERR_KEY_NOT_FOUND:
        return (DWORD)NTE_BAD_KEYSET;
    case ERR_KEY_PERMISSION:
        return (DWORD)NTE_PERM;
    case ERR_UNSUPPORTED:
        return (DWORD)NTE_BAD_TYPE;
    case ERR_SIGNATURE:
        return (DWORD)NTE_BAD_SIGNATURE;
    default:
        return (DWORD)NTE_FAIL;
    }
}

BOOL capi_result(err reason)
{
    return reason == OK ? TRUE : win_fail(capi_error(reason));
}

BOOL capi_give(const void *bytes, size_t n, BYTE *out, DWORD *len)
{
    DWORD room = *len;
    *len = (DWORD)n;
    if (out == NULL)
        return TRUE;
    if (room < n)
        return win_fail(ERROR_MORE_DATA);
    mem_copy(out, bytes, n);
    return TRUE;
}

/* ---- providers ------------------------------------------------------------------------- */

void capi_provider_free(void *object)
{
    struct capi_provider *p = object;
    for (size_t i = 0; i < ARRAY_LEN(p->keys); i++)
        key_release(p->keys[i]);
    pthread_mutex_destroy(&p->lock);
    mem_free(p->container);
    mem_free(p);
}

static bool is_rsa_provider(DWORD type)
{
    return type == PROV_RSA_FULL || type == PROV_RSA_SIG || type == PROV_RSA_SCHANNEL ||
           type == PROV_RSA_AES || type == PROV_MS_EXCHANGE || type == PROV_SSL;
}

static err open_container(const char *name, DWORD flags)
{
    if ((flags & CRYPT_NEWKEYSET) != 0)
        return container_create(name);
    return container_find(name);
}

static err new_provider(const char *container, DWORD type, HCRYPTPROV *out)
{
    struct capi_provider *p = mem_alloc(sizeof *p);
    if (p == NULL)
        return FAIL(ERR_NO_MEMORY);
    pthread_mutex_init(&p->lock, NULL);
    atomic_init(&p->handle_refs, 1);
    p->type = type;
    if (container != NULL)
        p->container = mem_dup(container, strlen(container) + 1);
    err result = container != NULL && p->container == NULL
                     ? FAIL(ERR_NO_MEMORY)
                     : key_object_add(KEY_OBJECT_PROVIDER, p, out);
    if (result != OK)
        capi_provider_free(p);
    return result;
}

static BOOL acquire(HCRYPTPROV *out, const char *container, DWORD type, DWORD flags)
{
    bool is_ephemeral = (flags & CRYPT_VERIFYCONTEXT) == CRYPT_VERIFYCONTEXT;
    const char *name = container != NULL && container[0] != 0 ? container : default_container;
    if (!is_rsa_provider(type))
        return win_fail((DWORD)NTE_BAD_PROV_TYPE);
    if (is_ephemeral && (flags & (CRYPT_NEWKEYSET | CRYPT_DELETEKEYSET)) != 0)
        return win_fail((DWORD)NTE_BAD_FLAGS);
    err result = crypto_start();
    if (result == OK && (flags & CRYPT_DELETEKEYSET) != 0 && !is_ephemeral)
        return capi_result(container_delete(name));
    if (out == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    if (result == OK && !is_ephemeral)
        result = open_container(name, flags);
    if (result == OK)
        result = new_provider(is_ephemeral ? NULL : name, type, out);
    return capi_result(result);
}

BOOL WINAPI CryptAcquireContextA(HCRYPTPROV *phProv, LPCSTR szContainer, LPCSTR szProvider,
                                 DWORD dwProvType, DWORD dwFlags)
{
    (void)szProvider; /* there is one, whatever its name */
    crypto_mark();
    BOOL result = acquire(phProv, szContainer, dwProvType, dwFlags);
    crypto_unmark();
    return result;
}

BOOL WINAPI CryptAcquireContextW(HCRYPTPROV *phProv, LPCWSTR szContainer, LPCWSTR szProvider,
                                 DWORD dwProvType, DWORD dwFlags)
{
    (void)szProvider;
    char *container = win_utf8_dup(szContainer);
    BOOL result = szContainer != NULL && container == NULL
                      ? win_fail((DWORD)NTE_NO_MEMORY)
                      : CryptAcquireContextA(phProv, container, NULL, dwProvType, dwFlags);
    mem_free(container);
    return result;
}

BOOL WINAPI CryptContextAddRef(HCRYPTPROV hProv, DWORD *pdwReserved, DWORD dwFlags)
{
    (void)pdwReserved;
    (void)dwFlags;
    struct capi_provider *p = key_object_get(KEY_OBJECT_PROVIDER, hProv);
    if (p == NULL)
        return win_fail((DWORD)NTE_BAD_UID);
    atomic_fetch_add(&p->handle_refs, 1);
    key_object_put(hProv);
    return TRUE;
}

static bool release_provider(HCRYPTPROV handle)
{
    struct capi_provider *p = key_object_get(KEY_OBJECT_PROVIDER, handle);
    if (p == NULL)
        return false;
    if (atomic_fetch_sub(&p->handle_refs, 1) == 1)
        key_object_remove(KEY_OBJECT_PROVIDER, handle);
    key_object_put(handle);
    return true;
}

BOOL WINAPI CryptReleaseContext(HCRYPTPROV hProv, DWORD dwFlags)
{
    (void)dwFlags;
    return release_provider(hProv) ? TRUE : win_fail((DWORD)NTE_BAD_UID);
}

void key_handle_release(ULONG_PTR handle)
{
    if (!key_object_remove(KEY_OBJECT_NCRYPT_KEY, handle))
        release_provider(handle);
}

err key_handle_new(struct key *key, bool cng, ULONG_PTR *out, DWORD *out_spec)
{
    if (cng || key->algorithm->family != KEY_FAMILY_RSA) {
        *out_spec = CERT_NCRYPT_KEY_SPEC;
        err result = key_object_add(KEY_OBJECT_NCRYPT_KEY, key_ref(key), out);
        if (result != OK)
            key_release(key);
        return result;
    }
    *out_spec = key->key_spec != 0 ? key->key_spec : AT_KEYEXCHANGE;
    TRY(new_provider(NULL, PROV_RSA_AES, out));
    struct capi_provider *p = key_object_get(KEY_OBJECT_PROVIDER, *out);
    p->keys[*out_spec] = key_ref(key);
    key_object_put(*out);
    return OK;
}

BOOL WINAPI CryptGenRandom(HCRYPTPROV hProv, DWORD dwLen, BYTE *pbBuffer)
{
    if (key_object_get(KEY_OBJECT_PROVIDER, hProv) == NULL)
        return win_fail((DWORD)NTE_BAD_UID);
    key_object_put(hProv);
    if (pbBuffer == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    return capi_result(crypto_random(pbBuffer, dwLen));
}

static BOOL provider_param(struct capi_provider *p, DWORD param, BYTE *data, DWORD *len)
{
    DWORD number = 0;
    const char *text = p->container != NULL ? p->container : "";
    switch (param) {
    case PP_CONTAINER:
    case PP_UNIQUE_CONTAINER:
        return capi_give(text, strlen(text) + 1, data, len);
    case PP_NAME:
        return capi_give(provider_name, sizeof provider_name, data, len);
    case PP_PROVTYPE:
        return capi_give(&p->type, sizeof p->type, data, len);
    case PP_KEYSPEC:
        number = AT_KEYEXCHANGE | AT_SIGNATURE;
        return capi_give(&number, sizeof number, data, len);
    default:
        return win_fail((DWORD)NTE_BAD_TYPE);
    }
}

BOOL WINAPI CryptGetProvParam(HCRYPTPROV hProv, DWORD dwParam, BYTE *pbData, DWORD *pdwDataLen,
                              DWORD dwFlags)
{
    (void)dwFlags;
    struct capi_provider *p = key_object_get(KEY_OBJECT_PROVIDER, hProv);
    if (p == NULL)
        return win_fail((DWORD)NTE_BAD_UID);
    BOOL result = pdwDataLen != NULL ? provider_param(p, dwParam, pbData, pdwDataLen)
                                     : win_fail(ERROR_INVALID_PARAMETER);
    key_object_put(hProv);
    return result;
}

/* ---- keys ------------------------------------------------------------------------------ */

err capi_user_key(struct capi_provider *p, DWORD key_spec, struct key **out)
{
    err result = OK;
    *out = NULL;
    if (key_spec < AT_KEYEXCHANGE || key_spec > AT_SIGNATURE)
        return FAIL(ERR_ARGUMENT);
    pthread_mutex_lock(&p->lock);
    struct key **kept = &p->keys[key_spec];
    if (*kept == NULL && p->container != NULL)
        result = container_load(p->container, key_spec, kept);
    if (*kept != NULL)
        *out = key_ref(*kept);
    pthread_mutex_unlock(&p->lock);
    if (result != OK && result != ERR_KEY_NOT_FOUND)
        return result;
    return *out != NULL ? OK : FAIL(ERR_NOT_AVAILABLE);
}

/* A private key becomes the container's. */
static err keep_key(struct capi_provider *p, struct key *key)
{
    if (key->container != NULL)
        TRY(container_store(key));
    pthread_mutex_lock(&p->lock);
    key_release(p->keys[key->key_spec]);
    p->keys[key->key_spec] = key_ref(key);
    pthread_mutex_unlock(&p->lock);
    return OK;
}

/* Gives the key a handle; its reference goes over, also on failure. */
static err give_key(struct key *key, HCRYPTKEY *out)
{
    err result = key_object_add(KEY_OBJECT_KEY, key, out);
    if (result != OK)
        key_release(key);
    return result;
}

static DWORD policy_of(DWORD flags)
{
    return (flags & (CRYPT_EXPORTABLE | CRYPT_ARCHIVABLE)) != 0
               ? NCRYPT_ALLOW_EXPORT_FLAG | NCRYPT_ALLOW_PLAINTEXT_EXPORT_FLAG
               : 0;
}

static err import(struct capi_provider *p, struct span blob, DWORD flags, HCRYPTKEY *out)
{
    EVP_PKEY *pkey;
    struct key *key;
    if (blob.n < sizeof(BLOBHEADER))
        return FAIL(ERR_KEY_DATA);
    BLOBHEADER head;
    memcpy(&head, blob.p, sizeof head);
    bool is_private = head.bType == PRIVATEKEYBLOB;
    if (!is_private && head.bType != PUBLICKEYBLOB)
        return FAIL(ERR_UNSUPPORTED);
    TRY(key_blob_read(is_private ? KEY_BLOB_CAPI_PRIVATE : KEY_BLOB_CAPI_PUBLIC, blob, &pkey,
                      NULL));
    TRY(key_new(&key, pkey, is_private, is_private ? p->container : NULL));
    key->key_spec = head.aiKeyAlg == CALG_RSA_SIGN ? AT_SIGNATURE : AT_KEYEXCHANGE;
    key->export_policy = policy_of(flags);
    err result = is_private ? keep_key(p, key) : OK;
    if (result == OK)
        return give_key(key, out);
    key_release(key);
    return result;
}

BOOL WINAPI CryptImportKey(HCRYPTPROV hProv, const BYTE *pbData, DWORD dwDataLen, HCRYPTKEY hPubKey,
                           DWORD dwFlags, HCRYPTKEY *phKey)
{
    struct capi_provider *p = key_object_get(KEY_OBJECT_PROVIDER, hProv);
    if (p == NULL)
        return win_fail((DWORD)NTE_BAD_UID);
    err result = FAIL(ERR_ARGUMENT);
    crypto_mark();
    if (pbData != NULL && phKey != NULL && hPubKey == 0)
        result = import(p, span_of(pbData, dwDataLen), dwFlags, phKey);
    crypto_unmark();
    key_object_put(hProv);
    return capi_result(result);
}

static err generate(struct capi_provider *p, DWORD key_spec, DWORD flags, HCRYPTKEY *out)
{
    struct key *key;
    TRY(key_new(&key, NULL, true, p->container));
    key->algorithm = key_algorithm_find("RSA");
    key->key_spec = key_spec;
    key->bits = flags >> 16;
    key->export_policy = policy_of(flags);
    err result = key_generate(key);
    if (result == OK)
        result = keep_key(p, key);
    if (result == OK)
        return give_key(key, out);
    key_release(key);
    return result;
}

static DWORD spec_of_algorithm(ALG_ID id)
{
    if (id == AT_KEYEXCHANGE || id == CALG_RSA_KEYX)
        return AT_KEYEXCHANGE;
    return id == AT_SIGNATURE || id == CALG_RSA_SIGN ? AT_SIGNATURE : 0;
}

BOOL WINAPI CryptGenKey(HCRYPTPROV hProv, ALG_ID Algid, DWORD dwFlags, HCRYPTKEY *phKey)
{
    struct capi_provider *p = key_object_get(KEY_OBJECT_PROVIDER, hProv);
    DWORD spec = spec_of_algorithm(Algid);
    if (p == NULL)
        return win_fail((DWORD)NTE_BAD_UID);
    BOOL result = FALSE;
    crypto_mark();
    if (spec == 0)
        win_fail((DWORD)NTE_BAD_ALGID);
    else if (phKey == NULL)
        win_fail(ERROR_INVALID_PARAMETER);
    else
        result = capi_result(generate(p, spec, dwFlags, phKey));
    crypto_unmark();
    key_object_put(hProv);
    return result;
}

BOOL WINAPI CryptGetUserKey(HCRYPTPROV hProv, DWORD dwKeySpec, HCRYPTKEY *phUserKey)
{
    struct key *key = NULL;
    struct capi_provider *p = key_object_get(KEY_OBJECT_PROVIDER, hProv);
    if (p == NULL)
        return win_fail((DWORD)NTE_BAD_UID);
    crypto_mark();
    err result = phUserKey != NULL ? capi_user_key(p, dwKeySpec, &key) : FAIL(ERR_ARGUMENT);
    crypto_unmark();
    key_object_put(hProv);
    if (result == ERR_NOT_AVAILABLE)
        return win_fail((DWORD)NTE_NO_KEY);
    return capi_result(result == OK ? give_key(key, phUserKey) : result);
}

BOOL WINAPI CryptDuplicateKey(HCRYPTKEY hKey, DWORD *pdwReserved, DWORD dwFlags, HCRYPTKEY *phKey)
{
    (void)pdwReserved;
    (void)dwFlags;
    struct key *key = key_object_get(KEY_OBJECT_KEY, hKey);
    if (key == NULL)
        return win_fail((DWORD)NTE_BAD_KEY);
    err result = phKey != NULL ? give_key(key_ref(key), phKey) : FAIL(ERR_ARGUMENT);
    key_object_put(hKey);
    return capi_result(result);
}

BOOL WINAPI CryptDestroyKey(HCRYPTKEY hKey)
{
    return key_object_remove(KEY_OBJECT_KEY, hKey) ? TRUE : win_fail((DWORD)NTE_BAD_KEY);
}

static BOOL export(const struct key *key, DWORD type, BYTE *data, DWORD *len)
{
    struct buf blob;
    bool is_private = type == PRIVATEKEYBLOB;
    if (!is_private && type != PUBLICKEYBLOB)
        return win_fail((DWORD)NTE_BAD_TYPE);
    if (is_private &&
        (!key->is_private || (key->export_policy & NCRYPT_ALLOW_PLAINTEXT_EXPORT_FLAG) == 0))
        return win_fail((DWORD)NTE_BAD_KEY_STATE);
    buf_init(&blob, 8192);
    err result =
        key_blob_write(is_private ? KEY_BLOB_CAPI_PRIVATE : KEY_BLOB_CAPI_PUBLIC, key, &blob);
    BOOL given = result == OK ? capi_give(blob.p, blob.n, data, len) : capi_result(result);
    buf_release(&blob);
    return given;
}

BOOL WINAPI CryptExportKey(HCRYPTKEY hKey, HCRYPTKEY hExpKey, DWORD dwBlobType, DWORD dwFlags,
                           BYTE *pbData, DWORD *pdwDataLen)
{
    (void)dwFlags;
    struct key *key = key_object_get(KEY_OBJECT_KEY, hKey);
    if (key == NULL)
        return win_fail((DWORD)NTE_BAD_KEY);
    crypto_mark();
    BOOL result = hExpKey == 0 && pdwDataLen != NULL ? export(key, dwBlobType, pbData, pdwDataLen)
                                                     : win_fail(ERROR_INVALID_PARAMETER);
    crypto_unmark();
    key_object_put(hKey);
    return result;
}

static BOOL key_param(const struct key *key, DWORD param, BYTE *data, DWORD *len)
{
    enum { PERMISSIONS = 0x1 | 0x2 | 0x8 | 0x10, PERMISSION_EXPORT = 0x4 };
    DWORD value;
    switch (param) {
    case KP_ALGID:
        value = key->key_spec == AT_SIGNATURE ? CALG_RSA_SIGN : CALG_RSA_KEYX;
        break;
    case KP_KEYLEN:
    case KP_BLOCKLEN:
        value = (DWORD)EVP_PKEY_get_bits(key->pkey);
        break;
    case KP_PERMISSIONS:
        value = PERMISSIONS;
        if ((key->export_policy & NCRYPT_ALLOW_EXPORT_FLAG) != 0)
            value |= PERMISSION_EXPORT;
        break;
    default:
        return win_fail((DWORD)NTE_BAD_TYPE);
    }
    return capi_give(&value, sizeof value, data, len);
}

BOOL WINAPI CryptGetKeyParam(HCRYPTKEY hKey, DWORD dwParam, BYTE *pbData, DWORD *pdwDataLen,
                             DWORD dwFlags)
{
    (void)dwFlags;
    struct key *key = key_object_get(KEY_OBJECT_KEY, hKey);
    if (key == NULL)
        return win_fail((DWORD)NTE_BAD_KEY);
    BOOL result = pdwDataLen != NULL ? key_param(key, dwParam, pbData, pdwDataLen)
                                     : win_fail(ERROR_INVALID_PARAMETER);
    key_object_put(hKey);
    return result;
}
