/* SPDX-License-Identifier: MIT */
/* The public functions of certificate revocation lists and of the stores that hold them. */
#include <time.h>

#include "crypt32/chain.h"
#include "crypt32/crl.h"

static PCCRL_CONTEXT fail_null(DWORD error)
{
    SetLastError(error);
    return NULL;
}

/* ---- contexts -------------------------------------------------------------------------- */

static err make_context(struct span der, struct crl **out)
{
    struct crl_body *body;
    *out = NULL;
    TRY(crypto_start());
    TRY(crl_body_new(&body, der));
    err result = crl_new(out, body);
    crl_body_release(body);
    return result;
}

PCCRL_CONTEXT WINAPI CertCreateCRLContext(DWORD dwCertEncodingType, const BYTE *pbCrlEncoded,
                                          DWORD cbCrlEncoded)
{
    struct crl *crl;
    if ((dwCertEncodingType & CERT_ENCODING_TYPE_MASK) != X509_ASN_ENCODING)
        return fail_null((DWORD)E_INVALIDARG);
    if (pbCrlEncoded == NULL || cbCrlEncoded == 0)
        return fail_null((DWORD)CRYPT_E_ASN1_EOD);
    crypto_mark();
    err result = make_context(span_of(pbCrlEncoded, cbCrlEncoded), &crl);
    crypto_unmark();
    return result == OK ? &crl->context : fail_null(cert_last_error(result));
}

PCCRL_CONTEXT WINAPI CertDuplicateCRLContext(PCCRL_CONTEXT pCrlContext)
{
    if (pCrlContext != NULL)
        crl_ref(crl_of(pCrlContext));
    return pCrlContext;
}

BOOL WINAPI CertFreeCRLContext(PCCRL_CONTEXT pCrlContext)
{
    if (pCrlContext != NULL)
        crl_release(crl_of(pCrlContext));
    return TRUE;
}

/* ---- adding ---------------------------------------------------------------------------- */

static BOOL put(struct store *store, struct crl *crl, DWORD disposition, PCCRL_CONTEXT *out)
{
    struct entry *added = NULL;
    DWORD error =
        store_put(store, &crl->base, disposition, STORE_COPY, out != NULL ? &added : NULL);
    if (error != 0)
        return win_fail(error);
    if (out != NULL)
        *out = &crl_of_entry(added)->context;
    return TRUE;
}

BOOL WINAPI CertAddCRLContextToStore(HCERTSTORE hCertStore, PCCRL_CONTEXT pCrlContext,
                                     DWORD dwAddDisposition, PCCRL_CONTEXT *ppStoreContext)
{
    struct store *store = store_of(hCertStore);
    if (pCrlContext == NULL || (hCertStore != NULL && store == NULL))
        return win_fail((DWORD)E_INVALIDARG);
    if (store != NULL)
        return put(store, crl_of(pCrlContext), dwAddDisposition, ppStoreContext);
    if (ppStoreContext != NULL)
        *ppStoreContext = CertDuplicateCRLContext(pCrlContext);
    return TRUE;
}

BOOL WINAPI CertAddEncodedCRLToStore(HCERTSTORE hCertStore, DWORD dwCertEncodingType,
                                     const BYTE *pbCrlEncoded, DWORD cbCrlEncoded,
                                     DWORD dwAddDisposition, PCCRL_CONTEXT *ppCrlContext)
{
    PCCRL_CONTEXT context = CertCreateCRLContext(dwCertEncodingType, pbCrlEncoded, cbCrlEncoded);
    if (context == NULL)
        return FALSE;
    BOOL added = CertAddCRLContextToStore(hCertStore, context, dwAddDisposition, ppCrlContext);
    CertFreeCRLContext(context);
    return added;
}

BOOL WINAPI CertDeleteCRLFromStore(PCCRL_CONTEXT pCrlContext)
{
    if (pCrlContext == NULL)
        return TRUE;
    struct crl *crl = crl_of(pCrlContext);
    DWORD error = store_delete(&crl->base);
    crl_release(crl);
    return error == 0 ? TRUE : win_fail(error);
}

/* ---- finding --------------------------------------------------------------------------- */

struct wanted {
    DWORD type;
    DWORD flags;
    const struct cert *issuer;    /* CRL_FIND_ISSUED_*; NULL: any */
    const struct cert *subject;   /* CRL_FIND_ISSUED_FOR */
    const struct crl_body *alike; /* CRL_FIND_EXISTING */
};

/* Without the extension, or without a key identifier in it, there is nothing that differs. */
static bool names_key_of(const struct crl_body *body, struct cert *issuer)
{
    uint8_t id[HASH_MAX];
    size_t n;
    AUTHORITY_KEYID *named =
        X509_CRL_get_ext_d2i(body->x509, NID_authority_key_identifier, NULL, NULL);
    bool fits = named == NULL || named->keyid == NULL ||
                (cert_key_identifier(issuer, id, &n) == OK &&
                 span_equal(span_of(id, n), span_of(ASN1_STRING_get0_data(named->keyid),
                                                    (size_t)ASN1_STRING_length(named->keyid))));
    AUTHORITY_KEYID_free(named);
    return fits;
}

static bool is_issued_by(const struct crl_body *body, const struct wanted *w)
{
    struct cert *issuer = (struct cert *)(uintptr_t)w->issuer;
    bool is_delta = body->base_number != NULL;
    if (((w->flags & CRL_FIND_ISSUED_BY_DELTA_FLAG) != 0 && !is_delta) ||
        ((w->flags & CRL_FIND_ISSUED_BY_BASE_FLAG) != 0 && is_delta))
        return false;
    if (issuer == NULL)
        return true;
    if (X509_NAME_cmp(X509_CRL_get_issuer(body->x509), X509_get_subject_name(issuer->body->x509)) !=
        0)
        return false;
    if ((w->flags & CRL_FIND_ISSUED_BY_AKI_FLAG) != 0 && !names_key_of(body, issuer))
        return false;
    return (w->flags & CRL_FIND_ISSUED_BY_SIGNATURE_FLAG) == 0 ||
           revocation_verify_list(body, issuer) == OK;
}

static bool matches(const struct crl_body *body, const struct wanted *w)
{
    switch (w->type) {
    case CRL_FIND_ISSUED_BY:
        return is_issued_by(body, w);
    case CRL_FIND_EXISTING:
        return crl_same_kind(body, w->alike);
    case CRL_FIND_ISSUED_FOR:
        return is_issued_by(body, w) &&
               X509_NAME_cmp(X509_CRL_get_issuer(body->x509),
                             X509_get_issuer_name(w->subject->body->x509)) == 0;
    default:
        return true;
    }
}

static bool read_wanted(DWORD type, DWORD flags, const void *para, struct wanted *out)
{
    *out = (struct wanted){.type = type, .flags = flags};
    const CRL_FIND_ISSUED_FOR_PARA *pair = para;
    switch (type) {
    case CRL_FIND_ANY:
        return true;
    case CRL_FIND_ISSUED_BY:
        out->issuer = para != NULL ? cert_of(para) : NULL;
        return true;
    case CRL_FIND_EXISTING:
        out->alike = para != NULL ? crl_of(para)->body : NULL;
        return para != NULL;
    case CRL_FIND_ISSUED_FOR:
        if (pair == NULL || pair->pSubjectCert == NULL || pair->pIssuerCert == NULL)
            return false;
        out->subject = cert_of(pair->pSubjectCert);
        out->issuer = cert_of(pair->pIssuerCert);
        return true;
    default:
        return false;
    }
}

static PCCRL_CONTEXT find_after(struct store *store, const struct wanted *w, struct crl *previous)
{
    struct entry *first = previous != NULL ? &previous->base : NULL;
    struct entry *entry = first;
    for (;;) {
        struct entry *next;
        err result = store_next(store, ENTRY_CRL, entry, &next);
        if (entry != first)
            entry_release(entry);
        if (result != OK)
            return fail_null(ERROR_NOT_ENOUGH_MEMORY);
        if (next == NULL)
            return fail_null((DWORD)CRYPT_E_NOT_FOUND);
        if (matches(crl_of_entry(next)->body, w))
            return &crl_of_entry(next)->context;
        entry = next;
    }
}

PCCRL_CONTEXT WINAPI CertFindCRLInStore(HCERTSTORE hCertStore, DWORD dwCertEncodingType,
                                        DWORD dwFindFlags, DWORD dwFindType, const void *pvFindPara,
                                        PCCRL_CONTEXT pPrevCrlContext)
{
    (void)dwCertEncodingType;
    struct store *store = store_of(hCertStore);
    struct crl *previous = pPrevCrlContext != NULL ? crl_of(pPrevCrlContext) : NULL;
    struct wanted wanted;
    bool is_good = store != NULL && (previous == NULL || previous->base.store == store) &&
                   read_wanted(dwFindType, dwFindFlags, pvFindPara, &wanted);
    crypto_mark();
    PCCRL_CONTEXT found =
        is_good ? find_after(store, &wanted, previous) : fail_null((DWORD)E_INVALIDARG);
    crypto_unmark();
    crl_release(previous);
    return found;
}

PCCRL_CONTEXT WINAPI CertEnumCRLsInStore(HCERTSTORE hCertStore, PCCRL_CONTEXT pPrevCrlContext)
{
    return CertFindCRLInStore(hCertStore, X509_ASN_ENCODING, 0, CRL_FIND_ANY, NULL,
                              pPrevCrlContext);
}

/* ---- what a list says ------------------------------------------------------------------ */

BOOL WINAPI CertFindCertificateInCRL(PCCERT_CONTEXT pCert, PCCRL_CONTEXT pCrlContext, DWORD dwFlags,
                                     void *pvReserved, PCRL_ENTRY *ppCrlEntry)
{
    (void)dwFlags;
    (void)pvReserved;
    if (pCert == NULL || pCrlContext == NULL || ppCrlEntry == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    *ppCrlEntry = crl_find(crl_of(pCrlContext)->body, &pCert->pCertInfo->SerialNumber);
    return TRUE;
}

static bool lists(const CRL_INFO *info, const CRYPT_INTEGER_BLOB *serial)
{
    for (DWORD i = 0; i < info->cCRLEntry; i++) {
        const CRYPT_INTEGER_BLOB *entry = &info->rgCRLEntry[i].SerialNumber;
        if (span_equal(span_of(entry->pbData, entry->cbData),
                       span_of(serial->pbData, serial->cbData)))
            return true;
    }
    return false;
}

BOOL WINAPI CertVerifyCRLRevocation(DWORD dwCertEncodingType, PCERT_INFO pCertId, DWORD cCrlInfo,
                                    PCRL_INFO rgpCrlInfo[])
{
    (void)dwCertEncodingType;
    if (pCertId == NULL || (cCrlInfo != 0 && rgpCrlInfo == NULL))
        return win_fail((DWORD)E_INVALIDARG);
    for (DWORD i = 0; i < cCrlInfo; i++) {
        if (rgpCrlInfo[i] == NULL)
            return win_fail((DWORD)E_INVALIDARG);
        if (lists(rgpCrlInfo[i], &pCertId->SerialNumber))
            return FALSE;
    }
    return TRUE;
}

BOOL WINAPI CertIsValidCRLForCertificate(PCCERT_CONTEXT pCert, PCCRL_CONTEXT pCrl, DWORD dwFlags,
                                         void *pvReserved)
{
    (void)dwFlags;
    (void)pvReserved;
    if (pCert == NULL || pCrl == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    crypto_mark();
    bool covers = revocation_covers(crl_of(pCrl)->body, cert_of(pCert));
    crypto_unmark();
    return covers;
}

static uint64_t ticks(FILETIME time)
{
    return (uint64_t)time.dwHighDateTime << 32 | time.dwLowDateTime;
}

LONG WINAPI CertVerifyCRLTimeValidity(LPFILETIME pTimeToVerify, PCRL_INFO pCrlInfo)
{
    uint64_t now =
        ticks(pTimeToVerify != NULL ? *pTimeToVerify : win_filetime_from_unix((int64_t)time(NULL)));
    uint64_t next = ticks(pCrlInfo->NextUpdate);
    if (now < ticks(pCrlInfo->ThisUpdate))
        return -1;
    return next != 0 && now > next ? 1 : 0;
}
