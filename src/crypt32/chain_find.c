/* SPDX-License-Identifier: MIT */
/*
 * CertFindChainInStore: the certificates of a store that a peer with a list of issuers would take,
 * each with its chain. Whether a chain is trusted, valid in time or revoked is not asked; the
 * caller reads its status. Microsoft "CertFindChainInStore".
 */
#define CERT_CHAIN_FIND_BY_ISSUER_PARA_HAS_EXTRA_FIELDS
#include "crypt32/cert.h"

/* The structure without its extra members. */
enum { PARA_MIN = offsetof(CERT_CHAIN_FIND_BY_ISSUER_PARA, pdwIssuerChainIndex) };

/* ---- the certificate ------------------------------------------------------------------- */

static bool has_spec(PCCERT_CONTEXT cert, DWORD wanted)
{
    DWORD spec;
    DWORD n = sizeof spec;
    return wanted == 0 ||
           (CertGetCertificateContextProperty(cert, CERT_KEY_SPEC_PROP_ID, &spec, &n) &&
            spec == wanted);
}

/* The key is there and is the certificate's. */
static bool key_fits(PCCERT_CONTEXT cert)
{
    struct private_key *key;
    crypto_mark();
    err result = cert_private_key(cert, &key);
    if (result == OK)
        private_key_free(key);
    crypto_unmark();
    return result == OK;
}

static bool has_key(PCCERT_CONTEXT cert, DWORD flags, const CERT_CHAIN_FIND_BY_ISSUER_PARA *para)
{
    if ((flags & CERT_CHAIN_FIND_BY_ISSUER_NO_KEY_FLAG) != 0)
        return true;
    return cert_has_key(cert_of(cert)) && has_spec(cert, para->dwKeySpec) &&
           ((flags & CERT_CHAIN_FIND_BY_ISSUER_COMPARE_KEY_FLAG) == 0 || key_fits(cert));
}

/* ---- the chain ------------------------------------------------------------------------- */

static PCCERT_CHAIN_CONTEXT build(HCERTSTORE store, PCCERT_CONTEXT cert, DWORD flags, LPCSTR usage)
{
    static const DWORD cached =
        CERT_CHAIN_FIND_BY_ISSUER_CACHE_ONLY_URL_FLAG | CERT_CHAIN_FIND_BY_ISSUER_CACHE_ONLY_FLAG;
    LPSTR usages[] = {(LPSTR)(uintptr_t)usage};
    CERT_CHAIN_PARA para = {
        .cbSize = sizeof para,
        .RequestedUsage = {USAGE_MATCH_TYPE_AND, {usage != NULL ? 1 : 0, usages}}};
    PCCERT_CHAIN_CONTEXT chain = NULL;
    HCERTCHAINENGINE engine = (flags & CERT_CHAIN_FIND_BY_ISSUER_LOCAL_MACHINE_FLAG) != 0
                                  ? HCCE_LOCAL_MACHINE
                                  : HCCE_CURRENT_USER;
    if (!CertGetCertificateChain(engine, cert, NULL, store, &para,
                                 (flags & cached) != 0 ? CERT_CHAIN_CACHE_ONLY_URL_RETRIEVAL : 0,
                                 NULL, &chain))
        return NULL;
    if ((chain->TrustStatus.dwErrorStatus & CERT_TRUST_IS_NOT_VALID_FOR_USAGE) == 0)
        return chain;
    CertFreeCertificateChain(chain);
    return NULL;
}

static bool is_listed(const CERT_CHAIN_FIND_BY_ISSUER_PARA *para, const CERT_NAME_BLOB *name)
{
    for (DWORD i = 0; i < para->cIssuer; i++) {
        const CERT_NAME_BLOB *issuer = &para->rgIssuer[i];
        if (span_equal(span_of(issuer->pbData, issuer->cbData),
                       span_of(name->pbData, name->cbData)))
            return true;
    }
    return false;
}

static void tell_place(const CERT_CHAIN_FIND_BY_ISSUER_PARA *para, DWORD chain, DWORD element)
{
    if (para->cbSize < sizeof *para)
        return;
    if (para->pdwIssuerChainIndex != NULL)
        *para->pdwIssuerChainIndex = chain;
    if (para->pdwIssuerElementIndex != NULL)
        *para->pdwIssuerElementIndex = element;
}

static bool has_issuer(PCCERT_CHAIN_CONTEXT chain, const CERT_CHAIN_FIND_BY_ISSUER_PARA *para)
{
    for (DWORD i = 0; i < chain->cChain; i++) {
        const CERT_SIMPLE_CHAIN *simple = chain->rgpChain[i];
        for (DWORD j = 0; j < simple->cElement; j++) {
            if (para->cIssuer == 0 ||
                is_listed(para, &simple->rgpElement[j]->pCertContext->pCertInfo->Issuer)) {
                tell_place(para, i, j);
                return true;
            }
        }
    }
    return false;
}

/* ---- the search ------------------------------------------------------------------------ */

static PCCERT_CHAIN_CONTEXT chain_that_fits(HCERTSTORE store, PCCERT_CONTEXT cert, DWORD flags,
                                            const CERT_CHAIN_FIND_BY_ISSUER_PARA *para)
{
    if (!has_key(cert, flags, para) ||
        (para->pfnFindCallback != NULL && !para->pfnFindCallback(cert, para->pvFindArg)))
        return NULL;
    PCCERT_CHAIN_CONTEXT chain = build(store, cert, flags, para->pszUsageIdentifier);
    if (chain != NULL && !has_issuer(chain, para)) {
        CertFreeCertificateChain(chain);
        chain = NULL;
    }
    return chain;
}

static PCCERT_CHAIN_CONTEXT search(HCERTSTORE store, PCCERT_CONTEXT cert, DWORD flags,
                                   const CERT_CHAIN_FIND_BY_ISSUER_PARA *para)
{
    PCCERT_CHAIN_CONTEXT chain = NULL;
    while (chain == NULL && (cert = CertEnumCertificatesInStore(store, cert)) != NULL)
        chain = chain_that_fits(store, cert, flags, para);
    CertFreeCertificateContext(cert);
    if (chain == NULL)
        SetLastError((DWORD)CRYPT_E_NOT_FOUND);
    return chain;
}

/* The certificate behind which the search goes on, with a reference; NULL: from the start. */
static PCCERT_CONTEXT leaf_of(PCCERT_CHAIN_CONTEXT chain)
{
    if (chain == NULL || chain->cChain == 0 || chain->rgpChain[0]->cElement == 0)
        return NULL;
    return CertDuplicateCertificateContext(chain->rgpChain[0]->rgpElement[0]->pCertContext);
}

PCCERT_CHAIN_CONTEXT WINAPI CertFindChainInStore(HCERTSTORE hCertStore, DWORD dwCertEncodingType,
                                                 DWORD dwFindFlags, DWORD dwFindType,
                                                 const void *pvFindPara,
                                                 PCCERT_CHAIN_CONTEXT pPrevChainContext)
{
    const CERT_CHAIN_FIND_BY_ISSUER_PARA *para = pvFindPara;
    PCCERT_CONTEXT last = leaf_of(pPrevChainContext);
    (void)dwCertEncodingType;
    CertFreeCertificateChain(pPrevChainContext);
    if (hCertStore == NULL || dwFindType != CERT_CHAIN_FIND_BY_ISSUER || para == NULL ||
        para->cbSize < PARA_MIN || (para->cIssuer != 0 && para->rgIssuer == NULL) ||
        (last != NULL && last->hCertStore != hCertStore)) {
        CertFreeCertificateContext(last);
        SetLastError((DWORD)E_INVALIDARG);
        return NULL;
    }
    return search(hCertStore, last, dwFindFlags, para);
}
