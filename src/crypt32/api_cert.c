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
    struct store *roots;
    struct store *store = NULL;
    DWORD error;
    crypto_mark();
    err result = roots_open(&roots, &error);
    crypto_unmark();
    if (result == OK) {
        error = ERROR_NOT_ENOUGH_MEMORY;
        result = collection_new(&store);
        if (result == OK)
            result = collection_add(store, roots, true, 0);
        store_release(roots);
    }
    if (result == OK)
        return store;
    store_release(store);
    SetLastError(error);
    return NULL;
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

BOOL WINAPI CertCloseStore(HCERTSTORE hCertStore, DWORD dwFlags)
{
    struct store *store = store_of(hCertStore);
    if (hCertStore == NULL)
        return TRUE;
    if (store == NULL || store == store_nowhere())
        return win_fail((DWORD)E_UNEXPECTED);
    bool pending = (dwFlags & CERT_CLOSE_STORE_CHECK_FLAG) != 0 && store_is_shared(store);
    store_release(store);
    return pending ? win_fail((DWORD)CRYPT_E_PENDING_CLOSE) : TRUE;
}

/* ---- adding ---------------------------------------------------------------------------- */

static BOOL put(struct store *store, struct cert *cert, DWORD disposition, enum store_adding adding,
                PCCERT_CONTEXT *out)
{
    struct entry *added = NULL;
    DWORD error = store_put(store, &cert->base, disposition, adding, out != NULL ? &added : NULL);
    if (error != 0)
        return win_fail(error);
    if (out != NULL)
        *out = &cert_of_entry(added)->context;
    return TRUE;
}

BOOL WINAPI CertAddCertificateContextToStore(HCERTSTORE hCertStore, PCCERT_CONTEXT pCertContext,
                                             DWORD dwAddDisposition, PCCERT_CONTEXT *ppStoreContext)
{
    struct store *store = store_of(hCertStore);
    if (pCertContext == NULL || (hCertStore != NULL && store == NULL))
        return win_fail((DWORD)E_INVALIDARG);
    if (store != NULL)
        return put(store, cert_of(pCertContext), dwAddDisposition, STORE_COPY, ppStoreContext);
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
    DWORD error = store_delete(&cert->base);
    cert_release(cert);
    return error == 0 ? TRUE : win_fail(error);
}
