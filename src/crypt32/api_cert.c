/* SPDX-License-Identifier: MIT */
/* The public functions of certificate contexts and stores; properties are in api_property.c. */
#include "crypt32/cert.h"

static bool encoding_valid(DWORD encoding)
{
    return (encoding & 0xFFFF) == X509_ASN_ENCODING;
}

static PCCERT_CONTEXT fail_null(DWORD error)
{
    SetLastError(error);
    return NULL;
}

/* ---- contexts -------------------------------------------------------------------------- */

PCCERT_CONTEXT WINAPI CertCreateCertificateContext(DWORD dwCertEncodingType,
                                                   const BYTE *pbCertEncoded, DWORD cbCertEncoded)
{
    struct cert *cert;
    if (!encoding_valid(dwCertEncodingType))
        return fail_null((DWORD)E_INVALIDARG);
    if (pbCertEncoded == NULL || cbCertEncoded == 0)
        return fail_null((DWORD)CRYPT_E_ASN1_EOD);
    err result = crypto_start();
    crypto_mark();
    if (result == OK)
        result = cert_new(&cert, span_of(pbCertEncoded, cbCertEncoded));
    crypto_unmark();
    return result == OK ? &cert->context : fail_null(cert_last_error(result));
}

PCCERT_CONTEXT WINAPI CertDuplicateCertificateContext(PCCERT_CONTEXT pCertContext)
{
    if (pCertContext != NULL)
        cert_ref(cert_of(pCertContext));
    return pCertContext;
}

BOOL WINAPI CertFreeCertificateContext(PCCERT_CONTEXT pCertContext)
{
    if (pCertContext != NULL)
        cert_release(cert_of(pCertContext));
    return TRUE;
}

/* ---- stores ---------------------------------------------------------------------------- */

static HCERTSTORE open_memory(void)
{
    struct store *store = NULL;
    err result = crypto_start();
    if (result == OK)
        result = store_new(&store);
    if (result != OK)
        SetLastError(cert_last_error(result));
    return store;
}

static HCERTSTORE open_system(const char *name)
{
    if (name == NULL || strcasecmp(name, "ROOT") != 0) {
        SetLastError(ERROR_FILE_NOT_FOUND);
        return NULL;
    }
    if (crypto_start() != OK) {
        SetLastError((DWORD)NTE_FAIL);
        return NULL;
    }
    struct store *store;
    DWORD error;
    crypto_mark();
    err result = roots_open(&store, &error);
    crypto_unmark();
    if (result != OK)
        SetLastError(error);
    return store;
}

static HCERTSTORE open_system_wide(const WCHAR *name)
{
    char *text = win_utf8_dup(name);
    HCERTSTORE store = open_system(text);
    mem_free(text);
    return store;
}

/* Providers are small numbers in a pointer, or strings. */
static bool is_provider(LPCSTR given, LPCSTR number, const char *name)
{
    if ((uintptr_t)given <= UINT16_MAX)
        return given == number;
    return strcasecmp(given, name) == 0;
}

HCERTSTORE WINAPI CertOpenStore(LPCSTR lpszStoreProvider, DWORD dwEncodingType,
                                HCRYPTPROV_LEGACY hCryptProv, DWORD dwFlags, const void *pvPara)
{
    (void)dwEncodingType;
    (void)hCryptProv;
    (void)dwFlags;
    if (is_provider(lpszStoreProvider, CERT_STORE_PROV_MEMORY, sz_CERT_STORE_PROV_MEMORY))
        return open_memory();
    if (is_provider(lpszStoreProvider, CERT_STORE_PROV_SYSTEM_A, "System_A"))
        return open_system(pvPara);
    if (is_provider(lpszStoreProvider, CERT_STORE_PROV_SYSTEM_W, sz_CERT_STORE_PROV_SYSTEM_W))
        return open_system_wide(pvPara);
    SetLastError(ERROR_FILE_NOT_FOUND);
    return NULL;
}

HCERTSTORE WINAPI CertOpenSystemStoreA(HCRYPTPROV_LEGACY hProv, LPCSTR szSubsystemProtocol)
{
    (void)hProv;
    if (szSubsystemProtocol == NULL)
        SetLastError((DWORD)E_INVALIDARG);
    return szSubsystemProtocol != NULL ? open_system(szSubsystemProtocol) : NULL;
}

HCERTSTORE WINAPI CertOpenSystemStoreW(HCRYPTPROV_LEGACY hProv, LPCWSTR szSubsystemProtocol)
{
    (void)hProv;
    if (szSubsystemProtocol == NULL)
        SetLastError((DWORD)E_INVALIDARG);
    return szSubsystemProtocol != NULL ? open_system_wide(szSubsystemProtocol) : NULL;
}

HCERTSTORE WINAPI CertDuplicateStore(HCERTSTORE hCertStore)
{
    struct store *store = store_of(hCertStore);
    if (store != NULL)
        store_ref(store);
    return hCertStore;
}

static bool has_live_contexts(struct store *store)
{
    bool live = false;
    pthread_mutex_lock(&store->lock);
    for (size_t i = 0; i < store->count && !live; i++)
        live = atomic_load(&store->entries[i]->refs) != 0;
    pthread_mutex_unlock(&store->lock);
    return live;
}

BOOL WINAPI CertCloseStore(HCERTSTORE hCertStore, DWORD dwFlags)
{
    struct store *store = store_of(hCertStore);
    if (hCertStore == NULL)
        return TRUE;
    if (store == NULL || store == store_nowhere())
        return win_fail((DWORD)E_UNEXPECTED);
    bool pending = (dwFlags & CERT_CLOSE_STORE_CHECK_FLAG) != 0 && has_live_contexts(store);
    store_release(store);
    return pending ? win_fail((DWORD)CRYPT_E_PENDING_CLOSE) : TRUE;
}

/* ---- adding ---------------------------------------------------------------------------- */

/*
 * What counts as the same certificate: the same bytes, and for the dispositions that ask which is
 * newer, one of the same subject that is not older.
 */
static bool stands_for(const struct cert *entry, const struct cert *cert, bool by_subject)
{
    if (cert_same(entry, cert))
        return true;
    return by_subject && span_equal(cert_subject(entry), cert_subject(cert));
}

static struct cert *find_same(struct store *store, const struct cert *cert, bool by_subject)
{
    for (size_t i = 0;; i++) {
        struct cert *entry = store_entry(store, i);
        if (entry == NULL || stands_for(entry, cert, by_subject))
            return entry;
        cert_release(entry);
    }
}

static bool asks_newer(DWORD disposition)
{
    return disposition == CERT_STORE_ADD_NEWER ||
           disposition == CERT_STORE_ADD_NEWER_INHERIT_PROPERTIES;
}

static bool inherits(DWORD disposition)
{
    return disposition == CERT_STORE_ADD_REPLACE_EXISTING_INHERIT_PROPERTIES ||
           disposition == CERT_STORE_ADD_NEWER_INHERIT_PROPERTIES;
}

/* The new entry first, so that a failure leaves the old one where it is. */
static err replace(struct store *store, struct cert *existing, struct cert *cert, DWORD disposition,
                   struct cert **out)
{
    struct cert *added = NULL;
    TRY(store_add(store, cert, &added));
    err result = inherits(disposition) ? cert_inherit_properties(added, existing) : OK;
    store_remove(result == OK ? existing : added);
    if (result == OK && out != NULL)
        *out = added;
    else
        cert_release(added);
    return result;
}

/* What happens when the certificate is there already. */
static DWORD settle_existing(struct store *store, struct cert *existing, struct cert *cert,
                             DWORD disposition, struct cert **out)
{
    err result;
    if (disposition == CERT_STORE_ADD_NEW ||
        (asks_newer(disposition) && existing->body->not_before >= cert->body->not_before))
        return (DWORD)CRYPT_E_EXISTS;
    if (disposition != CERT_STORE_ADD_USE_EXISTING) {
        result = replace(store, existing, cert, disposition, out);
        return result == OK ? 0 : cert_last_error(result);
    }
    result = cert_inherit_properties(existing, cert);
    if (result == OK && out != NULL) {
        cert_ref(existing);
        *out = existing;
    }
    return result == OK ? 0 : cert_last_error(result);
}

static DWORD add_or_settle(struct store *store, struct cert *cert, DWORD disposition,
                           struct cert **out)
{
    struct cert *existing = disposition != CERT_STORE_ADD_ALWAYS
                                ? find_same(store, cert, asks_newer(disposition))
                                : NULL;
    if (existing == NULL) {
        err result = store_add(store, cert, out);
        return result == OK ? 0 : cert_last_error(result);
    }
    DWORD error = settle_existing(store, existing, cert, disposition, out);
    cert_release(existing);
    return error;
}

static BOOL add_to_store(struct store *store, struct cert *cert, DWORD disposition,
                         PCCERT_CONTEXT *out)
{
    struct cert *added = NULL;
    if (disposition < CERT_STORE_ADD_NEW || disposition > CERT_STORE_ADD_NEWER_INHERIT_PROPERTIES)
        return win_fail((DWORD)E_INVALIDARG);
    if (store->is_read_only)
        return win_fail(ERROR_ACCESS_DENIED);
    pthread_mutex_lock(&store->adding);
    DWORD error = add_or_settle(store, cert, disposition, out != NULL ? &added : NULL);
    pthread_mutex_unlock(&store->adding);
    if (error != 0)
        return win_fail(error);
    if (out != NULL)
        *out = &added->context;
    return TRUE;
}

BOOL WINAPI CertAddCertificateContextToStore(HCERTSTORE hCertStore, PCCERT_CONTEXT pCertContext,
                                             DWORD dwAddDisposition, PCCERT_CONTEXT *ppStoreContext)
{
    struct store *store = store_of(hCertStore);
    if (pCertContext == NULL || (hCertStore != NULL && store == NULL))
        return win_fail((DWORD)E_INVALIDARG);
    if (store != NULL)
        return add_to_store(store, cert_of(pCertContext), dwAddDisposition, ppStoreContext);
    if (ppStoreContext != NULL)
        *ppStoreContext = CertDuplicateCertificateContext(pCertContext);
    return TRUE;
}

BOOL WINAPI CertAddEncodedCertificateToStore(HCERTSTORE hCertStore, DWORD dwCertEncodingType,
                                             const BYTE *pbCertEncoded, DWORD cbCertEncoded,
                                             DWORD dwAddDisposition, PCCERT_CONTEXT *ppCertContext)
{
    PCCERT_CONTEXT context =
        CertCreateCertificateContext(dwCertEncodingType, pbCertEncoded, cbCertEncoded);
    if (context == NULL)
        return FALSE;
    BOOL added =
        CertAddCertificateContextToStore(hCertStore, context, dwAddDisposition, ppCertContext);
    CertFreeCertificateContext(context);
    return added;
}

BOOL WINAPI CertDeleteCertificateFromStore(PCCERT_CONTEXT pCertContext)
{
    if (pCertContext == NULL)
        return TRUE;
    struct cert *cert = cert_of(pCertContext);
    bool is_read_only = cert->store->is_read_only && cert->store != store_nowhere();
    if (!is_read_only)
        store_remove(cert);
    cert_release(cert);
    return is_read_only ? win_fail(ERROR_ACCESS_DENIED) : TRUE;
}
