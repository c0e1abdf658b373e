/* SPDX-License-Identifier: MIT */
/*
 * The public functions of stores: opening by provider, closing, collections, control, saving.
 * Microsoft "CertOpenStore" and the pages of the others; observed.md 17.2.
 */
#include "crypt32/cert.h"
#include "crypt32/file_store.h"
#include "crypt32/folder.h"
#include "crypt32/serialize.h"
#include "crypt32/system.h"

/* ---- opening --------------------------------------------------------------------------- */

/* Each gives 0, or the last error; *out may stay NULL with 0. */
static DWORD open_memory(const void *para, DWORD flags, struct store **out)
{
    (void)para;
    *out = NULL;
    if ((flags & CERT_STORE_DELETE_FLAG) != 0)
        return ERROR_CALL_NOT_IMPLEMENTED;
    return store_new(out) == OK ? 0 : ERROR_NOT_ENOUGH_MEMORY;
}

static DWORD open_collection(const void *para, DWORD flags, struct store **out)
{
    (void)para;
    *out = NULL;
    if ((flags & CERT_STORE_DELETE_FLAG) != 0)
        return ERROR_CALL_NOT_IMPLEMENTED;
    if (collection_new(out) != OK)
        return ERROR_NOT_ENOUGH_MEMORY;
    (*out)->is_read_only = (flags & CERT_STORE_READONLY_FLAG) != 0;
    return 0;
}

static DWORD open_serialized(const void *para, DWORD flags, struct store **out)
{
    return serialized_store_open(para, flags, out);
}

static DWORD open_pkcs7(const void *para, DWORD flags, struct store **out)
{
    return pkcs7_store_open(para, flags, out);
}

static DWORD open_pkcs12(const void *para, DWORD flags, struct store **out)
{
    return pkcs12_store_open(para, flags, out);
}

static DWORD open_file(const void *para, DWORD flags, struct store **out)
{
    return file_store_open(para, flags, out);
}

static DWORD open_system(const void *para, DWORD flags, struct store **out)
{
    return system_open(para, flags, out);
}

static DWORD open_system_alone(const void *para, DWORD flags, struct store **out)
{
    return system_open_alone(para, flags, out);
}

/* What pvPara is; a wide text reaches the function as UTF-8. */
enum para { PARA_AS_IT_IS, PARA_NARROW, PARA_WIDE };

static const struct provider {
    LPCSTR number;
    const char *name; /* NULL: only the number */
    enum para para;
    DWORD (*open)(const void *para, DWORD flags, struct store **out);
} providers[] = {
    {CERT_STORE_PROV_MEMORY, sz_CERT_STORE_PROV_MEMORY, PARA_AS_IT_IS, open_memory},
    {CERT_STORE_PROV_COLLECTION, sz_CERT_STORE_PROV_COLLECTION, PARA_AS_IT_IS, open_collection},
    {CERT_STORE_PROV_FILENAME_A, NULL, PARA_NARROW, open_file},
    {CERT_STORE_PROV_FILENAME_W, sz_CERT_STORE_PROV_FILENAME_W, PARA_WIDE, open_file},
    {CERT_STORE_PROV_SERIALIZED, sz_CERT_STORE_PROV_SERIALIZED, PARA_AS_IT_IS, open_serialized},
    {CERT_STORE_PROV_PKCS7, sz_CERT_STORE_PROV_PKCS7, PARA_AS_IT_IS, open_pkcs7},
    {CERT_STORE_PROV_PKCS12, sz_CERT_STORE_PROV_PKCS12, PARA_AS_IT_IS, open_pkcs12},
    {CERT_STORE_PROV_SYSTEM_A, NULL, PARA_NARROW, open_system},
    {CERT_STORE_PROV_SYSTEM_W, sz_CERT_STORE_PROV_SYSTEM_W, PARA_WIDE, open_system},
    {CERT_STORE_PROV_SYSTEM_REGISTRY_A, NULL, PARA_NARROW, open_system_alone},
    {CERT_STORE_PROV_SYSTEM_REGISTRY_W, sz_CERT_STORE_PROV_SYSTEM_REGISTRY_W, PARA_WIDE,
     open_system_alone},
};

/* Providers are small numbers in a pointer, or strings. */
static const struct provider *find_provider(LPCSTR given)
{
    bool is_number = (uintptr_t)given <= UINT16_MAX;
    for (size_t i = 0; i < ARRAY_LEN(providers); i++) {
        const struct provider *p = &providers[i];
        if (is_number ? given == p->number : p->name != NULL && strcasecmp(given, p->name) == 0)
            return p;
    }
    return NULL;
}

static DWORD open_with(const struct provider *provider, const void *para, DWORD flags,
                       struct store **out)
{
    char *text = provider->para == PARA_WIDE ? win_utf8_dup(para) : NULL;
    *out = NULL;
    if (provider->para == PARA_WIDE && para != NULL && text == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    crypto_mark();
    DWORD error = provider->open(provider->para == PARA_WIDE ? text : para, flags, out);
    crypto_unmark();
    mem_free(text);
    return error;
}

static HCERTSTORE open_store(const struct provider *provider, const void *para, DWORD flags)
{
    struct store *store = NULL;
    DWORD error = ERROR_FILE_NOT_FOUND;
    if (provider != NULL && crypto_start() != OK)
        error = (DWORD)NTE_FAIL;
    else if (provider != NULL)
        error = open_with(provider, para, flags, &store);
    /* Microsoft "CertOpenStore", CERT_STORE_DELETE_FLAG: NULL, and whether it worked is told here.
     */
    if (store == NULL)
        SetLastError(error);
    else
        store->shows_archived = (flags & CERT_STORE_ENUM_ARCHIVED_FLAG) != 0;
    return store;
}

HCERTSTORE WINAPI CertOpenStore(LPCSTR lpszStoreProvider, DWORD dwEncodingType,
                                HCRYPTPROV_LEGACY hCryptProv, DWORD dwFlags, const void *pvPara)
{
    (void)dwEncodingType;
    (void)hCryptProv;
    return open_store(find_provider(lpszStoreProvider), pvPara, dwFlags);
}

static HCERTSTORE open_user(LPCSTR provider, const void *name)
{
    if (name == NULL)
        SetLastError((DWORD)E_INVALIDARG);
    return name != NULL ? open_store(find_provider(provider), name, CERT_SYSTEM_STORE_CURRENT_USER)
                        : NULL;
}

HCERTSTORE WINAPI CertOpenSystemStoreA(HCRYPTPROV_LEGACY hProv, LPCSTR szSubsystemProtocol)
{
    (void)hProv;
    return open_user(CERT_STORE_PROV_SYSTEM_A, szSubsystemProtocol);
}

HCERTSTORE WINAPI CertOpenSystemStoreW(HCRYPTPROV_LEGACY hProv, LPCWSTR szSubsystemProtocol)
{
    (void)hProv;
    return open_user(CERT_STORE_PROV_SYSTEM_W, szSubsystemProtocol);
}

/* ---- references ------------------------------------------------------------------------ */

HCERTSTORE WINAPI CertDuplicateStore(HCERTSTORE hCertStore)
{
    struct store *store = store_of(hCertStore);
    if (store != NULL)
        store_ref(store);
    return hCertStore;
}

/* CERT_CLOSE_STORE_FORCE_FLAG changes nothing: contexts that live keep what they need. */
BOOL WINAPI CertCloseStore(HCERTSTORE hCertStore, DWORD dwFlags)
{
    struct store *store = store_of(hCertStore);
    if (hCertStore == NULL)
        return TRUE;
    if (store == NULL || store == store_nowhere())
        return win_fail((DWORD)E_UNEXPECTED);
    DWORD error = file_store_flush(store);
    bool pending = (dwFlags & CERT_CLOSE_STORE_CHECK_FLAG) != 0 && store_is_shared(store);
    store_release(store);
    if (error != 0)
        return win_fail(error);
    return pending ? win_fail((DWORD)CRYPT_E_PENDING_CLOSE) : TRUE;
}

/* ---- collections ----------------------------------------------------------------------- */

BOOL WINAPI CertAddStoreToCollection(HCERTSTORE hCollectionStore, HCERTSTORE hSiblingStore,
                                     DWORD dwUpdateFlags, DWORD dwPriority)
{
    struct store *collection = store_of(hCollectionStore);
    struct store *member = store_of(hSiblingStore);
    if (collection == NULL || !store_is_collection(collection) ||
        (member == NULL && hSiblingStore != NULL))
        return win_fail((DWORD)E_INVALIDARG);
    if (member == NULL) /* observed.md X32 */
        return TRUE;
    err result = collection_add(
        collection, member, (dwUpdateFlags & CERT_PHYSICAL_STORE_ADD_ENABLE_FLAG) != 0, dwPriority);
    if (result == OK)
        return TRUE;
    return win_fail(result == ERR_NO_MEMORY ? ERROR_NOT_ENOUGH_MEMORY : (DWORD)E_INVALIDARG);
}

VOID WINAPI CertRemoveStoreFromCollection(HCERTSTORE hCollectionStore, HCERTSTORE hSiblingStore)
{
    struct store *collection = store_of(hCollectionStore);
    struct store *member = store_of(hSiblingStore);
    if (collection != NULL && member != NULL && store_is_collection(collection))
        collection_remove(collection, member);
}

/* ---- control --------------------------------------------------------------------------- */

static DWORD control(struct store *store, DWORD type, DWORD flags)
{
    bool resyncs = store->kind->resync != NULL;
    switch (type) {
    case CERT_STORE_CTRL_RESYNC:
        return resyncs ? store->kind->resync(store) : ERROR_NOT_SUPPORTED;
    case CERT_STORE_CTRL_COMMIT:
        return store->kind->commit != NULL ? store->kind->commit(store, flags)
                                           : ERROR_NOT_SUPPORTED;
    case CERT_STORE_CTRL_AUTO_RESYNC:
        if (resyncs)
            atomic_store(&store->resyncs, true);
        return resyncs ? 0 : ERROR_NOT_SUPPORTED;
    default: /* nobody is told of changes */
        return ERROR_NOT_SUPPORTED;
    }
}

BOOL WINAPI CertControlStore(HCERTSTORE hCertStore, DWORD dwFlags, DWORD dwCtrlType,
                             const void *pvCtrlPara)
{
    (void)pvCtrlPara;
    struct store *store = store_of(hCertStore);
    if (store == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    crypto_mark();
    DWORD error = control(store, dwCtrlType, dwFlags);
    crypto_unmark();
    return error == 0 ? TRUE : win_fail(error);
}

/* ---- saving ---------------------------------------------------------------------------- */

static BOOL give(struct span bytes, CERT_BLOB *blob)
{
    DWORD room = blob->cbData;
    blob->cbData = (DWORD)bytes.n;
    if (blob->pbData == NULL)
        return TRUE;
    if (room < bytes.n)
        return win_fail(ERROR_MORE_DATA);
    mem_copy(blob->pbData, bytes.p, bytes.n);
    return TRUE;
}

/* Private keys go along as far as they may be exported, under no password. */
static DWORD encode_pkcs12(struct store *store, struct buf *out)
{
    CRYPT_DATA_BLOB blob = {0};
    buf_init(out, SERIALIZED_MAX);
    if (!PFXExportCertStoreEx(store, &blob, NULL, NULL, EXPORT_PRIVATE_KEYS))
        return GetLastError();
    /* Keys and salts are new each time, and with them the length; it is never far off. */
    enum { SLACK = 1024 };
    if (buf_reserve(out, blob.cbData + SLACK) != OK)
        return ERROR_NOT_ENOUGH_MEMORY;
    blob = (CRYPT_DATA_BLOB){.cbData = (DWORD)out->cap, .pbData = out->p};
    if (!PFXExportCertStoreEx(store, &blob, NULL, NULL, EXPORT_PRIVATE_KEYS)) {
        buf_release(out);
        return GetLastError();
    }
    out->n = blob.cbData;
    return 0;
}

static BOOL save_to(struct span bytes, DWORD save_to, void *para, bool is_secret)
{
    DWORD error;
    char *path = NULL;
    switch (save_to) {
    case CERT_STORE_SAVE_TO_MEMORY:
        return give(bytes, para);
    case CERT_STORE_SAVE_TO_FILENAME_A:
        error = file_write(para, bytes, is_secret);
        break;
    case CERT_STORE_SAVE_TO_FILENAME_W:
        path = win_utf8_dup(para);
        error = path != NULL ? file_write(path, bytes, is_secret) : ERROR_NOT_ENOUGH_MEMORY;
        mem_free(path);
        break;
    default:
        error = (DWORD)E_INVALIDARG;
        break;
    }
    return error == 0 ? TRUE : win_fail(error);
}

BOOL WINAPI CertSaveStore(HCERTSTORE hCertStore, DWORD dwEncodingType, DWORD dwSaveAs,
                          DWORD dwSaveTo, void *pvSaveToPara, DWORD dwFlags)
{
    (void)dwEncodingType;
    (void)dwFlags;
    struct store *store = store_of(hCertStore);
    struct buf bytes;
    if (store == NULL || pvSaveToPara == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    bool is_pkcs12 = dwSaveAs == CERT_STORE_SAVE_AS_PKCS12;
    crypto_mark();
    DWORD error = is_pkcs12 ? encode_pkcs12(store, &bytes) : store_encode(store, dwSaveAs, &bytes);
    crypto_unmark();
    if (error != 0)
        return win_fail(error);
    BOOL saved = save_to(buf_span(&bytes), dwSaveTo, pvSaveToPara, is_pkcs12);
    buf_release(&bytes);
    return saved;
}

/* ---- enumeration ----------------------------------------------------------------------- */

struct callback {
    PFN_CERT_ENUM_SYSTEM_STORE function;
    void *arg;
    DWORD location;
    bool has_ended;
    bool lacks_memory;
};

static bool call_back(const char *name, void *arg)
{
    struct callback *callback = arg;
    CERT_SYSTEM_STORE_INFO info = {.cbSize = sizeof info};
    WCHAR *wide = win_utf16_dup(name);
    callback->lacks_memory = wide == NULL;
    if (wide != NULL)
        callback->has_ended =
            !callback->function(wide, callback->location, &info, NULL, callback->arg);
    mem_free(wide);
    return !callback->lacks_memory && !callback->has_ended;
}

BOOL WINAPI CertEnumSystemStore(DWORD dwFlags, void *pvSystemStoreLocationPara, void *pvArg,
                                PFN_CERT_ENUM_SYSTEM_STORE pfnEnum)
{
    (void)pvSystemStoreLocationPara;
    struct callback callback = {
        .function = pfnEnum, .arg = pvArg, .location = dwFlags & CERT_SYSTEM_STORE_LOCATION_MASK};
    if (pfnEnum == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    DWORD error = system_each(dwFlags, call_back, &callback);
    if (error != 0 || callback.lacks_memory)
        return win_fail(error != 0 ? error : ERROR_NOT_ENOUGH_MEMORY);
    return !callback.has_ended; /* with the last error of the callback */
}
