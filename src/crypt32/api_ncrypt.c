/* SPDX-License-Identifier: MIT */
/* CNG keys in storage. Microsoft "NCryptOpenStorageProvider", "NCryptImportKey" and so on. */
#include <ncrypt.h>

#include "crypt32/capi.h"
#include "crypt32/cng.h"

enum { NAME_MAX_LEN = 256, BLOB_MAX = 16384 };

static SECURITY_STATUS status(err reason)
{
    switch ((int)reason) {
    case OK:
        return ERROR_SUCCESS;
    case ERR_NO_MEMORY:
        return NTE_NO_MEMORY;
    case ERR_OUTPUT_TOO_SMALL:
        return NTE_BUFFER_TOO_SMALL;
    case ERR_KEY_DATA:
        return NTE_BAD_DATA;
    case ERR_KEY_EXISTS:
        return NTE_EXISTS;
    case ERR_KEY_NOT_FOUND:
        return NTE_BAD_KEYSET;
    case ERR_KEY_PERMISSION:
        return NTE_PERM;
    case ERR_UNSUPPORTED:
        return NTE_NOT_SUPPORTED;
    case ERR_ARGUMENT:
        return NTE_INVALID_PARAMETER;
    default:
        return NTE_FAIL;
    }
}

static bool is_provider(NCRYPT_PROV_HANDLE handle)
{
    if (key_object_get(KEY_OBJECT_NCRYPT_PROVIDER, handle) == NULL)
        return false;
    key_object_put(handle);
    return true;
}

SECURITY_STATUS WINAPI NCryptOpenStorageProvider(NCRYPT_PROV_HANDLE *phProvider,
                                                 LPCWSTR pszProviderName, DWORD dwFlags)
{
    (void)dwFlags;
    static const WCHAR ours[] = u"Microsoft Software Key Storage Provider";
    if (phProvider == NULL)
        return NTE_INVALID_PARAMETER;
    if (pszProviderName != NULL &&
        (win_utf16_len(pszProviderName) != win_utf16_len(ours) ||
         !span_equal(span_of(pszProviderName, sizeof ours), span_of(ours, sizeof ours))))
        return NTE_BAD_PROVIDER;
    if (crypto_start() != OK)
        return NTE_FAIL;
    char *nothing = mem_alloc(1);
    err result = nothing != NULL ? key_object_add(KEY_OBJECT_NCRYPT_PROVIDER, nothing, phProvider)
                                 : FAIL(ERR_NO_MEMORY);
    if (result != OK)
        mem_free(nothing);
    return status(result);
}

SECURITY_STATUS WINAPI NCryptFreeObject(NCRYPT_HANDLE hObject)
{
    bool removed = key_object_remove(KEY_OBJECT_NCRYPT_KEY, hObject) ||
                   key_object_remove(KEY_OBJECT_NCRYPT_PROVIDER, hObject);
    return removed ? ERROR_SUCCESS : NTE_INVALID_HANDLE;
}

/* Gives the key a handle; its reference goes over, also on failure. */
static err give(struct key *key, NCRYPT_KEY_HANDLE *out)
{
    err result = key_object_add(KEY_OBJECT_NCRYPT_KEY, key, out);
    if (result != OK)
        key_release(key);
    return result;
}

SECURITY_STATUS WINAPI NCryptOpenKey(NCRYPT_PROV_HANDLE hProvider, NCRYPT_KEY_HANDLE *phKey,
                                     LPCWSTR pszKeyName, DWORD dwLegacyKeySpec, DWORD dwFlags)
{
    (void)dwFlags;
    char name[NAME_MAX_LEN];
    struct key *key;
    if (!is_provider(hProvider))
        return NTE_INVALID_HANDLE;
    if (phKey == NULL || !key_text(pszKeyName, name, sizeof name) || dwLegacyKeySpec > AT_SIGNATURE)
        return NTE_INVALID_PARAMETER;
    crypto_mark();
    err result = container_load(name, dwLegacyKeySpec, &key);
    if (result == OK)
        result = give(key, phKey);
    crypto_unmark();
    return status(result);
}

/* ---- making and importing -------------------------------------------------------------- */

static err may_take_name(const struct key *key)
{
    struct key *there;
    if (key->container == NULL || key->replaces)
        return OK;
    err result = container_load(key->container, key->key_spec, &there);
    if (result == OK)
        key_release(there);
    return result == ERR_KEY_NOT_FOUND ? OK : FAIL(result == OK ? ERR_KEY_EXISTS : result);
}

static SECURITY_STATUS create(NCRYPT_KEY_HANDLE *out, const struct key_algorithm *algorithm,
                              const char *name, DWORD key_spec, DWORD flags)
{
    struct key *key;
    err result = key_new(&key, NULL, true, name);
    if (result != OK)
        return status(result);
    key->algorithm = algorithm;
    key->key_spec = key_spec;
    key->replaces = (flags & NCRYPT_OVERWRITE_KEY_FLAG) != 0;
    result = may_take_name(key);
    if (result == OK)
        return status(give(key, out));
    key_release(key);
    return status(result);
}

SECURITY_STATUS WINAPI NCryptCreatePersistedKey(NCRYPT_PROV_HANDLE hProvider,
                                                NCRYPT_KEY_HANDLE *phKey, LPCWSTR pszAlgId,
                                                LPCWSTR pszKeyName, DWORD dwLegacyKeySpec,
                                                DWORD dwFlags)
{
    char algorithm_name[32];
    char name[NAME_MAX_LEN];
    if (!is_provider(hProvider))
        return NTE_INVALID_HANDLE;
    if (phKey == NULL || dwLegacyKeySpec > AT_SIGNATURE ||
        !key_text(pszAlgId, algorithm_name, sizeof algorithm_name) ||
        (pszKeyName != NULL && !key_text(pszKeyName, name, sizeof name)))
        return NTE_INVALID_PARAMETER;
    const struct key_algorithm *algorithm = key_algorithm_find(algorithm_name);
    if (algorithm == NULL)
        return NTE_BAD_ALGID;
    crypto_mark();
    SECURITY_STATUS result =
        create(phKey, algorithm, pszKeyName != NULL ? name : NULL, dwLegacyKeySpec, dwFlags);
    crypto_unmark();
    return result;
}

static err finalize(struct key *key)
{
    TRY(may_take_name(key));
    if (key->pkey == NULL)
        TRY(key_generate(key));
    if (key->container == NULL)
        return OK;
    TRY(container_store(key));
    key->replaces = true; /* it is its own file from here on */
    return OK;
}

SECURITY_STATUS WINAPI NCryptFinalizeKey(NCRYPT_KEY_HANDLE hKey, DWORD dwFlags)
{
    (void)dwFlags;
    struct key *key = key_object_get(KEY_OBJECT_NCRYPT_KEY, hKey);
    if (key == NULL)
        return NTE_INVALID_HANDLE;
    crypto_mark();
    err result = finalize(key);
    crypto_unmark();
    key_object_put(hKey);
    return status(result);
}

/* NCRYPTBUFFER_PKCS_KEY_NAME; false when it is there and no name. */
static bool name_parameter(const NCryptBufferDesc *list, char *out, size_t cap)
{
    out[0] = 0;
    for (ULONG i = 0; list != NULL && list->pBuffers != NULL && i < list->cBuffers; i++) {
        if (list->pBuffers[i].BufferType == NCRYPTBUFFER_PKCS_KEY_NAME)
            return key_text(list->pBuffers[i].pvBuffer, out, cap) && out[0] != 0;
    }
    return true;
}

static SECURITY_STATUS import(enum key_blob blob, struct span bytes, const char *name, DWORD flags,
                              NCRYPT_KEY_HANDLE *out)
{
    EVP_PKEY *pkey;
    struct key *key;
    const struct key_algorithm *algorithm;
    err result = key_blob_read(blob, bytes, &pkey, &algorithm);
    if (result == OK)
        result = key_new(&key, pkey, key_blob_is_private(blob), name[0] != 0 ? name : NULL);
    if (result != OK)
        return status(result);
    key->algorithm = algorithm;
    key->replaces = (flags & NCRYPT_OVERWRITE_KEY_FLAG) != 0;
    result = may_take_name(key);
    if (result == OK && (flags & NCRYPT_DO_NOT_FINALIZE_FLAG) == 0)
        result = finalize(key);
    if (result == OK)
        return status(give(key, out));
    key_release(key);
    return status(result);
}

SECURITY_STATUS WINAPI NCryptImportKey(NCRYPT_PROV_HANDLE hProvider, NCRYPT_KEY_HANDLE hImportKey,
                                       LPCWSTR pszBlobType, NCryptBufferDesc *pParameterList,
                                       NCRYPT_KEY_HANDLE *phKey, PBYTE pbData, DWORD cbData,
                                       DWORD dwFlags)
{
    char type[32];
    char name[NAME_MAX_LEN];
    enum key_blob blob;
    if (!is_provider(hProvider))
        return NTE_INVALID_HANDLE;
    if (hImportKey != 0)
        return NTE_NOT_SUPPORTED;
    if (phKey == NULL || pbData == NULL || !key_text(pszBlobType, type, sizeof type) ||
        !name_parameter(pParameterList, name, sizeof name))
        return NTE_INVALID_PARAMETER;
    /* What PUBLICBLOB and PRIVATEBLOB hold is told by their magic number. */
    ULONG magic = 0;
    memcpy(&magic, pbData, cbData < sizeof magic ? cbData : sizeof magic);
    const struct key_algorithm *algorithm = key_algorithm_by_magic(magic);
    if (!key_blob_named(type, algorithm != NULL ? algorithm->family : KEY_FAMILY_RSA, &blob))
        return NTE_BAD_TYPE;
    crypto_mark();
    SECURITY_STATUS result = import(blob, span_of(pbData, cbData), name, dwFlags, phKey);
    crypto_unmark();
    return result;
}

SECURITY_STATUS cng_export(const struct key *key, enum key_blob blob, BYTE *out, DWORD room,
                           DWORD *result_len)
{
    struct buf bytes;
    buf_init(&bytes, BLOB_MAX);
    err result = key_blob_write(blob, key, &bytes);
    *result_len = (DWORD)bytes.n;
    if (result == OK && out != NULL && room < bytes.n)
        result = FAIL(ERR_OUTPUT_TOO_SMALL);
    if (result == OK && out != NULL)
        mem_copy(out, bytes.p, bytes.n);
    buf_release(&bytes);
    return status(result);
}

static SECURITY_STATUS export(const struct key *key, const char *type, BYTE *out, DWORD room,
                              DWORD *result_len)
{
    enum key_blob blob;
    if (key->pkey == NULL)
        return NTE_BAD_KEY_STATE;
    if (!key_blob_named(type, key->algorithm->family, &blob))
        return NTE_BAD_TYPE;
    bool is_free =
        key->container == NULL || (key->export_policy & NCRYPT_ALLOW_PLAINTEXT_EXPORT_FLAG) != 0;
    if (key_blob_is_private(blob) && (!is_free || !key->is_private || key->is_sealed))
        return NTE_PERM;
    return cng_export(key, blob, out, room, result_len);
}

SECURITY_STATUS WINAPI NCryptExportKey(NCRYPT_KEY_HANDLE hKey, NCRYPT_KEY_HANDLE hExportKey,
                                       LPCWSTR pszBlobType, NCryptBufferDesc *pParameterList,
                                       PBYTE pbOutput, DWORD cbOutput, DWORD *pcbResult,
                                       DWORD dwFlags)
{
    (void)pParameterList;
    (void)dwFlags;
    char type[32];
    struct key *key = key_object_get(KEY_OBJECT_NCRYPT_KEY, hKey);
    if (key == NULL)
        return NTE_INVALID_HANDLE;
    crypto_mark();
    SECURITY_STATUS result = NTE_INVALID_PARAMETER;
    if (hExportKey != 0)
        result = NTE_NOT_SUPPORTED;
    else if (pcbResult != NULL && key_text(pszBlobType, type, sizeof type))
        result = export(key, type, pbOutput, cbOutput, pcbResult);
    crypto_unmark();
    key_object_put(hKey);
    return result;
}

SECURITY_STATUS WINAPI NCryptDeleteKey(NCRYPT_KEY_HANDLE hKey, DWORD dwFlags)
{
    (void)dwFlags;
    struct key *key = key_object_get(KEY_OBJECT_NCRYPT_KEY, hKey);
    if (key == NULL)
        return NTE_INVALID_HANDLE;
    err result = key->container != NULL ? container_remove_key(key->container, key->key_spec) : OK;
    key_object_put(hKey);
    if (result == OK)
        key_object_remove(KEY_OBJECT_NCRYPT_KEY, hKey);
    return status(result);
}

/* ---- properties ------------------------------------------------------------------------ */

SECURITY_STATUS cng_give(const void *bytes, size_t n, BYTE *out, DWORD room, DWORD *result_len)
{
    *result_len = (DWORD)n;
    if (out == NULL)
        return ERROR_SUCCESS;
    if (room < n)
        return NTE_BUFFER_TOO_SMALL;
    mem_copy(out, bytes, n);
    return ERROR_SUCCESS;
}

SECURITY_STATUS cng_give_text(const char *text, BYTE *out, DWORD room, DWORD *result_len)
{
    WCHAR wide[NAME_MAX_LEN];
    size_t n = win_utf16_from_utf8(text, strlen(text) + 1, wide, ARRAY_LEN(wide));
    if (n > ARRAY_LEN(wide))
        return NTE_INVALID_PARAMETER;
    return cng_give(wide, n * sizeof(WCHAR), out, room, result_len);
}

static const char *group_of(const struct key_algorithm *algorithm)
{
    static const char *const names[] = {"RSA", "ECDSA", "ECDH"};
    return names[algorithm->family];
}

static SECURITY_STATUS get(const struct key *key, const char *name, BYTE *out, DWORD room,
                           DWORD *result_len)
{
    DWORD number;
    if (strcmp(name, "Name") == 0 || strcmp(name, "Unique Name") == 0)
        return key->container != NULL ? cng_give_text(key->container, out, room, result_len)
                                      : NTE_NOT_FOUND;
    if (strcmp(name, "Algorithm Name") == 0)
        return cng_give_text(key->algorithm->name, out, room, result_len);
    if (strcmp(name, "Algorithm Group") == 0)
        return cng_give_text(group_of(key->algorithm), out, room, result_len);
    if (strcmp(name, "Length") == 0)
        number = key->pkey != NULL ? (DWORD)EVP_PKEY_get_bits(key->pkey)
                 : key->bits != 0  ? key->bits
                                   : key->algorithm->bits;
    else if (strcmp(name, "Export Policy") == 0)
        number = key->export_policy;
    else if (strcmp(name, "Key Usage") == 0)
        number = key->usage;
    else if (strcmp(name, "Key Type") == 0)
        number = 0; /* the user's, not the machine's */
    else
        return NTE_NOT_SUPPORTED;
    return cng_give(&number, sizeof number, out, room, result_len);
}

SECURITY_STATUS WINAPI NCryptGetProperty(NCRYPT_HANDLE hObject, LPCWSTR pszProperty, PBYTE pbOutput,
                                         DWORD cbOutput, DWORD *pcbResult, DWORD dwFlags)
{
    (void)dwFlags;
    char name[64];
    bool is_asked = pcbResult != NULL && key_text(pszProperty, name, sizeof name);
    struct key *key = key_object_get(KEY_OBJECT_NCRYPT_KEY, hObject);
    if (key != NULL) {
        SECURITY_STATUS result =
            is_asked ? get(key, name, pbOutput, cbOutput, pcbResult) : NTE_INVALID_PARAMETER;
        key_object_put(hObject);
        return result;
    }
    if (!is_provider(hObject))
        return NTE_INVALID_HANDLE;
    if (!is_asked)
        return NTE_INVALID_PARAMETER;
    return strcmp(name, "Name") == 0 ? cng_give_text("Microsoft Software Key Storage Provider",
                                                     pbOutput, cbOutput, pcbResult)
                                     : NTE_NOT_SUPPORTED;
}

static SECURITY_STATUS set(struct key *key, const char *name, DWORD number)
{
    if (strcmp(name, "Length") == 0) {
        if (key->pkey != NULL)
            return NTE_BAD_KEY_STATE;
        if (key->algorithm->family != KEY_FAMILY_RSA && number != key->algorithm->bits)
            return NTE_INVALID_PARAMETER;
        key->bits = number;
    } else if (strcmp(name, "Export Policy") == 0) {
        key->export_policy = number;
    } else if (strcmp(name, "Key Usage") == 0) {
        key->usage = number;
    } else {
        return NTE_NOT_SUPPORTED;
    }
    return ERROR_SUCCESS;
}

SECURITY_STATUS WINAPI NCryptSetProperty(NCRYPT_HANDLE hObject, LPCWSTR pszProperty, PBYTE pbInput,
                                         DWORD cbInput, DWORD dwFlags)
{
    (void)dwFlags;
    char name[64];
    DWORD number;
    struct key *key = key_object_get(KEY_OBJECT_NCRYPT_KEY, hObject);
    if (key == NULL)
        return is_provider(hObject) ? NTE_NOT_SUPPORTED : NTE_INVALID_HANDLE;
    SECURITY_STATUS result = NTE_INVALID_PARAMETER;
    if (key_text(pszProperty, name, sizeof name) && pbInput != NULL && cbInput == sizeof number) {
        memcpy(&number, pbInput, sizeof number);
        result = set(key, name, number);
    }
    key_object_put(hObject);
    return result;
}

/* ---- signing --------------------------------------------------------------------------- */

bool cng_signing(const struct key *key, const void *info, DWORD flags, struct key_signing *out)
{
    char name[32];
    const BCRYPT_PSS_PADDING_INFO *pss = info; /* begins like BCRYPT_PKCS1_PADDING_INFO */
    *out = (struct key_signing){.padding = KEY_PADDING_NONE};
    if (key->algorithm->family != KEY_FAMILY_RSA)
        return info == NULL;
    if ((flags & (BCRYPT_PAD_PKCS1 | BCRYPT_PAD_PSS)) == 0 || info == NULL)
        return false;
    bool is_pss = (flags & BCRYPT_PAD_PSS) != 0;
    out->padding = is_pss ? KEY_PADDING_PSS : KEY_PADDING_PKCS1;
    if (pss->pszAlgId == NULL)
        return !is_pss;
    if (!key_text(pss->pszAlgId, name, sizeof name))
        return false;
    out->hash = key_hash_name(name);
    out->salt_len = is_pss ? pss->cbSalt : 0;
    return out->hash != NULL && out->salt_len <= 64;
}

err cng_sign(const struct key *key, const void *info, DWORD flags, struct span digest, BYTE *out,
             DWORD room, DWORD *result_len)
{
    struct key_signing how;
    size_t n = room;
    if (!cng_signing(key, info, flags, &how))
        return FAIL(ERR_ARGUMENT);
    err result = key_sign(key, &how, digest, out, &n);
    *result_len = (DWORD)n;
    return result;
}

SECURITY_STATUS WINAPI NCryptSignHash(NCRYPT_KEY_HANDLE hKey, VOID *pPaddingInfo, PBYTE pbHashValue,
                                      DWORD cbHashValue, PBYTE pbSignature, DWORD cbSignature,
                                      DWORD *pcbResult, DWORD dwFlags)
{
    struct key *key = key_object_get(KEY_OBJECT_NCRYPT_KEY, hKey);
    if (key == NULL)
        return NTE_INVALID_HANDLE;
    SECURITY_STATUS result = NTE_INVALID_PARAMETER;
    crypto_mark();
    if (key->pkey == NULL)
        result = NTE_BAD_KEY_STATE;
    else if (pbHashValue != NULL && pcbResult != NULL)
        result = status(cng_sign(key, pPaddingInfo, dwFlags, span_of(pbHashValue, cbHashValue),
                                 pbSignature, cbSignature, pcbResult));
    crypto_unmark();
    key_object_put(hKey);
    return result;
}

/* ---- for certificates ------------------------------------------------------------------ */

err key_from_handle(ULONG_PTR handle, DWORD key_spec, struct key **out)
{
    *out = NULL;
    struct key *key = key_object_get(KEY_OBJECT_NCRYPT_KEY, handle);
    if (key != NULL) {
        if (key->pkey != NULL)
            *out = key_ref(key);
        key_object_put(handle);
        return *out != NULL ? OK : FAIL(ERR_KEY_NOT_FOUND);
    }
    struct capi_provider *p = key_object_get(KEY_OBJECT_PROVIDER, handle);
    if (p == NULL)
        return FAIL(ERR_ARGUMENT);
    err result = ERR_NOT_AVAILABLE;
    if (key_spec == AT_KEYEXCHANGE || key_spec == AT_SIGNATURE)
        result = capi_user_key(p, key_spec, out);
    for (DWORD spec = AT_KEYEXCHANGE; key_spec == 0 && *out == NULL && spec <= AT_SIGNATURE; spec++)
        result = capi_user_key(p, spec, out);
    key_object_put(handle);
    return result == ERR_NOT_AVAILABLE ? FAIL(ERR_KEY_NOT_FOUND) : result;
}
