/* SPDX-License-Identifier: MIT */
/* The public functions of certificate contexts, and of certificates that go into stores. */
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

/* ---- entries of stores ----------------------------------------------------------------- */

static BOOL put(struct store *store, struct cert *cert, DWORD disposition, PCCERT_CONTEXT *out)
{
    struct entry *added = NULL;
    crypto_mark();
    DWORD error =
        store_put(store, &cert->base, disposition, STORE_COPY, out != NULL ? &added : NULL);
    crypto_unmark();
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
        return put(store, cert_of(pCertContext), dwAddDisposition, ppStoreContext);
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
