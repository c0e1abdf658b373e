/* SPDX-License-Identifier: MIT */
/* CertVerifyRevocation: the questions of revocation.c for contexts that a program brings along. */
#include <time.h>

/* The later members of CERT_REVOCATION_PARA; which of them are there is told by cbSize. */
#define CERT_REVOCATION_PARA_HAS_EXTRA_FIELDS

#include "crypt32/chain.h"
#include "crypt32/crl.h"

struct request {
    struct chain_inputs inputs;
    struct chain_budget budget;
    const CERT_REVOCATION_PARA *para; /* NULL: none */
    bool stays_offline;
    struct cert *const *certs;
    DWORD count;
    bool is_chain;
};

/* Lists and issuers are looked for in as many stores as a search takes. */
static DWORD read_stores(struct request *r)
{
    const CERT_REVOCATION_PARA *para = r->para;
    size_t count = 0;
    if (para == NULL)
        return 0;
    if ((para->cCertStore != 0 && para->rgCertStore == NULL) ||
        para->cCertStore > CHAIN_STORES_MAX - 2)
        return (DWORD)E_INVALIDARG;
    r->inputs.searched[count++] = store_of(para->hCrlStore);
    for (DWORD i = 0; i < para->cCertStore; i++)
        r->inputs.searched[count++] = store_of(para->rgCertStore[i]);
    return 0;
}

static void read_wishes(struct request *r)
{
    const CERT_REVOCATION_PARA *para = r->para;
    if (para == NULL)
        return;
    if (para->cbSize >= offsetof(CERT_REVOCATION_PARA, fCheckFreshnessTime))
        r->inputs.retrieval_ms = para->dwUrlRetrievalTimeout;
    if (para->cbSize >= offsetof(CERT_REVOCATION_PARA, pftCurrentTime) && para->fCheckFreshnessTime)
        r->inputs.revocation_age_max = para->dwFreshnessTime;
    if (para->cbSize >= offsetof(CERT_REVOCATION_PARA, pCrlInfo) && para->pftCurrentTime != NULL)
        r->inputs.now = win_unix_from_filetime(*para->pftCurrentTime);
}

static struct cert *find_issuer(const struct cert *cert, struct store *store)
{
    for (size_t i = 0; store != NULL; i++) {
        struct cert *candidate = store_entry(store, i);
        if (candidate == NULL)
            break;
        if (chain_names_issuer(cert, candidate) && chain_verify_under(cert, candidate, false) == OK)
            return candidate;
        cert_release(candidate);
    }
    return NULL;
}

/* With a reference; NULL when it is not known. */
static struct cert *issuer_of(const struct request *r, DWORD i)
{
    struct cert *issuer = NULL;
    if (r->is_chain && i + 1 < r->count)
        issuer = r->certs[i + 1];
    else if (r->para != NULL && r->para->pIssuerCert != NULL && (r->is_chain || i == 0))
        issuer = cert_of(r->para->pIssuerCert);
    if (issuer != NULL) {
        cert_ref(issuer);
        return issuer;
    }
    for (size_t k = 0; k < CHAIN_STORES_MAX && issuer == NULL; k++)
        issuer = find_issuer(r->certs[i], r->inputs.searched[k]);
    return issuer;
}

/* The places that a certificate names are asked only when its issuer put them there. */
static err may_go_online(const struct request *r, const struct cert *cert,
                         const struct cert *issuer, bool *out_online)
{
    err result = ERR_SIGNATURE;
    if (!r->stays_offline && issuer != NULL && chain_names_issuer(cert, issuer))
        result = chain_verify_under(cert, issuer, false);
    *out_online = result == OK;
    return result == ERR_NO_MEMORY ? result : OK;
}

static err ask_about(struct request *r, struct revocation_question *q, struct revocation **out)
{
    if (q->issuer == NULL)
        return revocation_unknown(q->cert, out);
    TRY(may_go_online(r, q->cert, q->issuer, &q->is_online));
    return revocation_ask(q, out);
}

static err ask(struct request *r, DWORD i, struct revocation **out)
{
    struct cert *cert = r->certs[i];
    r->inputs.leaf = cert;
    r->inputs.searched[CHAIN_STORES_MAX - 1] = cert_store(cert);
    struct cert *issuer = chain_is_self_issued(cert) ? NULL : issuer_of(r, i);
    struct revocation_question q = {
        .cert = cert, .issuer = issuer, .inputs = &r->inputs, .budget = &r->budget};
    err result = ask_about(r, &q, out);
    cert_release(issuer);
    return result;
}

static void tell(CERT_REVOCATION_STATUS *status, DWORD i, const struct revocation *answer)
{
    status->dwIndex = answer->result != 0 ? i : 0;
    status->dwError = answer->result;
    status->dwReason = answer->reason;
    if (status->cbSize < sizeof *status)
        return;
    status->fHasFreshnessTime = answer->has_freshness;
    status->dwFreshnessTime = answer->freshness;
}

/* The last one of a chain is there as the issuer of the one before. */
static DWORD asked_count(const struct request *r)
{
    bool has_top = r->is_chain && r->count > 1 && (r->para == NULL || r->para->pIssuerCert == NULL);
    return has_top ? r->count - 1 : r->count;
}

static DWORD verify(struct request *r, CERT_REVOCATION_STATUS *status)
{
    DWORD error = read_stores(r);
    for (DWORD i = 0; i < asked_count(r) && error == 0; i++) {
        struct revocation *answer;
        err result = ask(r, i, &answer);
        if (result != OK)
            return cert_last_error(result);
        tell(status, i, answer);
        error = answer->result;
        revocation_release(answer);
    }
    return error;
}

static BOOL refuse(CERT_REVOCATION_STATUS *status, DWORD error)
{
    status->dwError = error;
    return win_fail(error);
}

BOOL WINAPI CertVerifyRevocation(DWORD dwEncodingType, DWORD dwRevType, DWORD cContext,
                                 PVOID rgpvContext[], DWORD dwFlags, PCERT_REVOCATION_PARA pRevPara,
                                 PCERT_REVOCATION_STATUS pRevStatus)
{
    if (pRevStatus == NULL ||
        pRevStatus->cbSize < offsetof(CERT_REVOCATION_STATUS, fHasFreshnessTime))
        return win_fail((DWORD)E_INVALIDARG);
    pRevStatus->dwIndex = pRevStatus->dwError = pRevStatus->dwReason = 0;
    if (cContext == 0)
        return TRUE;
    if ((dwEncodingType & CERT_ENCODING_TYPE_MASK) != X509_ASN_ENCODING ||
        dwRevType != CERT_CONTEXT_REVOCATION_TYPE)
        return refuse(pRevStatus, (DWORD)CRYPT_E_NO_REVOCATION_DLL);
    for (DWORD i = 0; i < cContext; i++) {
        if (rgpvContext == NULL || rgpvContext[i] == NULL)
            return refuse(pRevStatus, (DWORD)E_INVALIDARG);
    }
    if (crypto_start() != OK)
        return refuse(pRevStatus, (DWORD)NTE_FAIL);
    bool has_para =
        pRevPara != NULL && pRevPara->cbSize >= offsetof(CERT_REVOCATION_PARA, pftTimeToUse);
    struct request r = {
        .inputs = {.now = (int64_t)time(NULL),
                   .retrieval = CHAIN_RETRIEVAL_ONLINE,
                   .shares_time = (dwFlags & CERT_VERIFY_REV_ACCUMULATIVE_TIMEOUT_FLAG) != 0},
        .stays_offline = (dwFlags & CERT_VERIFY_CACHE_ONLY_BASED_REVOCATION) != 0,
        .para = has_para ? pRevPara : NULL,
        .certs = (struct cert *const *)rgpvContext,
        .count = cContext,
        .is_chain = (dwFlags & CERT_VERIFY_REV_CHAIN_FLAG) != 0};
    read_wishes(&r);
    r.budget = chain_budget_of(&r.inputs);
    crypto_mark();
    DWORD error = verify(&r, pRevStatus);
    crypto_unmark();
    if (error != 0)
        return refuse(pRevStatus, error);
    return TRUE;
}
