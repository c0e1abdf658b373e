/* SPDX-License-Identifier: MIT */
/*
 * CertGetIssuerCertificateFromStore and CertVerifySubjectCertificateContext: one step up, without
 * the chain engine. Bits of the flags that stay set are checks that failed; observed.md X13.
 */
#include <time.h>

#include "crypt32/chain.h"
#include "crypt32/crl.h"
#include "crypt32/find.h"

enum {
    CHECKS = CERT_STORE_SIGNATURE_FLAG | CERT_STORE_TIME_VALIDITY_FLAG | CERT_STORE_REVOCATION_FLAG
};

static bool is_signed_by(const struct cert *subject, const struct cert *issuer)
{
    struct public_key *key;
    if (public_key_new(&key, issuer->body->spki) != OK)
        return false;
    bool is_signed = public_key_verify_x509(key, subject->body->algorithm, subject->body->tbs,
                                            subject->body->signature) == OK;
    public_key_free(key);
    return is_signed;
}

static bool is_current(const struct cert *subject)
{
    int64_t now = (int64_t)time(NULL);
    return now >= subject->body->not_before && now <= subject->body->not_after;
}

/* The issuer's own list of the store; NULL: there is none. */
static struct crl_body *list_of(struct store *store, const struct cert *issuer)
{
    for (size_t i = 0;; i++) {
        struct crl_body *body = store_crl_at(store, i);
        if (body == NULL || (body->base_number == NULL &&
                             X509_NAME_cmp(X509_CRL_get_issuer(body->x509),
                                           X509_get_subject_name(issuer->body->x509)) == 0 &&
                             revocation_verify_list(body, issuer) == OK))
            return body;
        crl_body_release(body);
    }
}

/* The bits that stay. */
static DWORD revocation_bits(const struct cert *subject, const struct cert *issuer,
                             struct store *store)
{
    struct crl_body *list = list_of(store, issuer);
    if (list == NULL)
        return CERT_STORE_REVOCATION_FLAG | CERT_STORE_NO_CRL_FLAG;
    bool is_listed = crl_find(list, &subject->body->info.SerialNumber) != NULL;
    crl_body_release(list);
    return is_listed ? CERT_STORE_REVOCATION_FLAG : 0;
}

static DWORD check(const struct cert *subject, const struct cert *issuer, struct store *store,
                   DWORD asked)
{
    DWORD failed = 0;
    if ((asked & CERT_STORE_SIGNATURE_FLAG) != 0 && !is_signed_by(subject, issuer))
        failed |= CERT_STORE_SIGNATURE_FLAG;
    if ((asked & CERT_STORE_TIME_VALIDITY_FLAG) != 0 && !is_current(subject))
        failed |= CERT_STORE_TIME_VALIDITY_FLAG;
    if ((asked & CERT_STORE_REVOCATION_FLAG) != 0)
        failed |= revocation_bits(subject, issuer, store);
    return failed;
}

static bool is_own_issuer(const struct cert *cert)
{
    return span_equal(cert_issuer(cert), cert_subject(cert));
}

static PCCERT_CONTEXT fail_null(DWORD error)
{
    SetLastError(error);
    return NULL;
}

/* The previous context is given back by the search, or here. */
PCCERT_CONTEXT WINAPI CertGetIssuerCertificateFromStore(HCERTSTORE hCertStore,
                                                        PCCERT_CONTEXT pSubjectContext,
                                                        PCCERT_CONTEXT pPrevIssuerContext,
                                                        DWORD *pdwFlags)
{
    struct store *store = store_of(hCertStore);
    if (store == NULL || pSubjectContext == NULL || pdwFlags == NULL ||
        (*pdwFlags & ~(DWORD)CHECKS) != 0) {
        CertFreeCertificateContext(pPrevIssuerContext);
        return fail_null((DWORD)E_INVALIDARG);
    }
    struct cert *subject = cert_of(pSubjectContext);
    bool is_root = is_own_issuer(subject);
    PCCERT_CONTEXT issuer = NULL;
    if (is_root)
        CertFreeCertificateContext(pPrevIssuerContext);
    else
        issuer = CertFindCertificateInStore(hCertStore, X509_ASN_ENCODING, 0, CERT_FIND_ISSUER_OF,
                                            pSubjectContext, pPrevIssuerContext);
    if (!is_root && issuer == NULL)
        return NULL;
    crypto_mark();
    *pdwFlags = check(subject, is_root ? subject : cert_of(issuer), store, *pdwFlags);
    crypto_unmark();
    return is_root ? fail_null((DWORD)CRYPT_E_SELF_SIGNED) : issuer;
}

BOOL WINAPI CertVerifySubjectCertificateContext(PCCERT_CONTEXT pSubject, PCCERT_CONTEXT pIssuer,
                                                DWORD *pdwFlags)
{
    DWORD checks = CERT_STORE_SIGNATURE_FLAG | CERT_STORE_REVOCATION_FLAG;
    if (pSubject == NULL || pdwFlags == NULL || (*pdwFlags & ~(DWORD)CHECKS) != 0 ||
        (pIssuer == NULL && (*pdwFlags & checks) != 0))
        return win_fail((DWORD)E_INVALIDARG);
    struct cert *subject = cert_of(pSubject);
    struct cert *issuer = pIssuer != NULL ? cert_of(pIssuer) : NULL;
    crypto_mark();
    *pdwFlags = check(subject, issuer, issuer != NULL ? cert_store(issuer) : NULL, *pdwFlags);
    crypto_unmark();
    if (issuer == NULL)
        *pdwFlags |= CERT_STORE_NO_ISSUER_FLAG;
    return TRUE;
}
