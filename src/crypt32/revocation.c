/* SPDX-License-Identifier: MIT */
/*
 * Whether a certificate is revoked: the stapled response, what was fetched before, the lists of the
 * stores, and, where the question allows it, the places that the certificate names (RFC 5280 6.3,
 * with the limits that Windows sets: no indirect lists, no lists for some reasons only). One source
 * that says revoked wins over all that do not; places are asked only while nobody said anything.
 */
#include "crypt32/chain.h"
#include "crypt32/crl.h"
#include "crypt32/proof.h"
#include "crypt32/retrieve.h"

/* ---- scope ----------------------------------------------------------------------------- */

static bool same_uri(const GENERAL_NAME *a, const GENERAL_NAME *b)
{
    int n = ASN1_STRING_length(a->d.ia5);
    return n == ASN1_STRING_length(b->d.ia5) &&
           strncasecmp((const char *)ASN1_STRING_get0_data(a->d.ia5),
                       (const char *)ASN1_STRING_get0_data(b->d.ia5), (size_t)n) == 0;
}

static bool same_name(const GENERAL_NAME *a, const GENERAL_NAME *b)
{
    if (a->type != b->type)
        return false;
    return a->type == GEN_URI
               ? same_uri(a, b)
               : GENERAL_NAME_cmp((GENERAL_NAME *)(uintptr_t)a, (GENERAL_NAME *)(uintptr_t)b) == 0;
}

static bool has_name(const GENERAL_NAMES *names, const GENERAL_NAME *wanted)
{
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        if (same_name(sk_GENERAL_NAME_value(names, i), wanted))
            return true;
    }
    return false;
}

static bool has_directory(const GENERAL_NAMES *names, const X509_NAME *wanted)
{
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type == GEN_DIRNAME && X509_NAME_cmp(name->d.directoryName, wanted) == 0)
            return true;
    }
    return false;
}

/* A name relative to the issuer was made a whole one before. */
static bool same_point(const DIST_POINT_NAME *a, const DIST_POINT_NAME *b)
{
    if (a->dpname != NULL && b->dpname != NULL)
        return X509_NAME_cmp(a->dpname, b->dpname) == 0;
    if (a->dpname != NULL)
        return b->type == 0 && has_directory(b->name.fullname, a->dpname);
    if (b->dpname != NULL)
        return a->type == 0 && has_directory(a->name.fullname, b->dpname);
    for (int i = 0; a->type == 0 && b->type == 0 && i < sk_GENERAL_NAME_num(a->name.fullname);
         i++) {
        if (has_name(b->name.fullname, sk_GENERAL_NAME_value(a->name.fullname, i)))
            return true;
    }
    return false;
}

/* A point of the certificate for lists of its own issuer, for all reasons. */
static bool names_point(const struct cert *cert, const DIST_POINT_NAME *wanted)
{
    bool found = false;
    const X509 *x509 = cert->body->x509;
    CRL_DIST_POINTS *points = X509_get_ext_d2i(x509, NID_crl_distribution_points, NULL, NULL);
    for (int i = 0; !found && i < sk_DIST_POINT_num(points); i++) {
        DIST_POINT *point = sk_DIST_POINT_value(points, i);
        if (point->distpoint == NULL || point->CRLissuer != NULL || point->reasons != NULL)
            continue;
        found = DIST_POINT_set_dpname(point->distpoint, X509_get_issuer_name(x509)) == 1 &&
                same_point(point->distpoint, wanted);
    }
    CRL_DIST_POINTS_free(points);
    return found;
}

bool revocation_covers(const struct crl_body *body, const struct cert *cert)
{
    X509 *x509 = cert->body->x509;
    const ISSUING_DIST_POINT *scope = body->scope;
    if (X509_NAME_cmp(X509_CRL_get_issuer(body->x509), X509_get_issuer_name(x509)) != 0)
        return false;
    if (scope == NULL)
        return true;
    bool is_authority = (X509_get_extension_flags(x509) & EXFLAG_CA) != 0;
    if (scope->onlyattr > 0 || scope->indirectCRL > 0 || scope->onlysomereasons != NULL ||
        (scope->onlyuser > 0 && is_authority) || (scope->onlyCA > 0 && !is_authority))
        return false;
    return scope->distpoint == NULL || names_point(cert, scope->distpoint);
}

/* ---- signatures ------------------------------------------------------------------------ */

/* RFC 5280 6.3.3 (f): without keyUsage a key may do anything. */
static bool may_sign_lists(const struct cert *cert)
{
    return (X509_get_key_usage(chain_x509(cert)) & KU_CRL_SIGN) != 0;
}

static err verify_with(const struct crl_body *body, struct span spki)
{
    struct public_key *key;
    TRY(public_key_new(&key, spki));
    err result = public_key_verify_x509(key, body->algorithm, body->tbs, body->signature);
    public_key_free(key);
    return result;
}

err revocation_verify_list(const struct crl_body *body, const struct cert *issuer)
{
    struct proof proof;
    uint8_t key[HASH_MAX];
    if (!may_sign_lists(issuer))
        return FAIL(ERR_SIGNATURE);
    TRY(hash_once(HASH_SHA256, issuer->body->spki, key));
    memcpy(proof.what, body->digest, sizeof proof.what);
    memcpy(proof.key, key, sizeof proof.key);
    if (proof_is_known(&proof))
        return OK;
    TRY(verify_with(body, issuer->body->spki));
    proof_remember(&proof);
    return OK;
}

/* The same within the budget; *out_fits is false for a signature that is not this issuer's. */
static err is_signed_by(const struct revocation_question *q, const struct crl_body *body,
                        const struct cert *issuer, bool *out_fits)
{
    *out_fits = false;
    if (q->budget->lists == 0)
        return OK;
    q->budget->lists--;
    err result = revocation_verify_list(body, issuer);
    *out_fits = result == OK;
    return result == ERR_NO_MEMORY ? result : OK;
}

/* ---- a list signed with another key of the issuer --------------------------------------- */

/* RFC 5280 6.3.3 (f): the signer's own path is valid and ends at the same anchor. */
static err has_good_path(const struct revocation_question *q, struct cert *signer, bool *out_good)
{
    struct chain chain;
    struct chain_inputs inputs = *q->inputs;
    inputs.leaf = signer;
    inputs.usages = inputs.policies = (struct chain_usages){0};
    inputs.revocation = CHAIN_REVOCATION_BUT_ROOT;
    inputs.is_for_signer = true;
    inputs.retrieval = CHAIN_RETRIEVAL_NONE;
    TRY(chain_build_within(&inputs, q->budget, &chain, NULL));
    *out_good =
        chain.is_anchored && chain.errors == 0 &&
        cert_same(chain.elements[chain.count - 1].cert, q->path->elements[q->path->count - 1].cert);
    chain_release(&chain);
    return OK;
}

static bool has_issuer_name(const struct revocation_question *q, const struct cert *candidate)
{
    return chain_names_issuer(q->cert, candidate) && !cert_same(candidate, q->cert) &&
           !cert_same(candidate, q->issuer);
}

/* An authority above in the same path: whatever is wrong with it is wrong with the path. */
static err find_above(const struct revocation_question *q, const struct crl_body *body,
                      bool *out_fits)
{
    size_t i = 0;
    while (i < q->path->count && !cert_same(q->path->elements[i].cert, q->cert))
        i++;
    for (i++; i < q->path->count && !*out_fits; i++) {
        const struct cert *candidate = q->path->elements[i].cert;
        if (has_issuer_name(q, candidate))
            TRY(is_signed_by(q, body, candidate, out_fits));
    }
    return OK;
}

static err try_signer(const struct revocation_question *q, const struct crl_body *body,
                      struct cert *candidate, bool *out_fits)
{
    *out_fits = false;
    if (!has_issuer_name(q, candidate))
        return OK;
    TRY(is_signed_by(q, body, candidate, out_fits));
    return *out_fits ? has_good_path(q, candidate, out_fits) : OK;
}

static err find_signer(const struct revocation_question *q, struct store *store,
                       const struct crl_body *body, bool *out_fits)
{
    err result = OK;
    for (size_t i = 0; store != NULL && result == OK && !*out_fits; i++) {
        struct cert *candidate = store_entry(store, i);
        if (candidate == NULL)
            break;
        result = try_signer(q, body, candidate, out_fits);
        cert_release(candidate);
    }
    return result;
}

/* The issuer with its key, another key of it in the path, or, one level deep, another certificate
 * of the issuer's name. */
static err is_authentic(const struct revocation_question *q, const struct crl_body *body,
                        bool *out_fits)
{
    TRY(is_signed_by(q, body, q->issuer, out_fits));
    if (q->path != NULL && !*out_fits)
        TRY(find_above(q, body, out_fits));
    if (*out_fits || q->path == NULL || q->inputs->is_for_signer)
        return OK;
    for (size_t i = 0; i < CHAIN_STORES_MAX && !*out_fits; i++)
        TRY(find_signer(q, q->inputs->searched[i], body, out_fits));
    return *out_fits ? OK : find_signer(q, q->inputs->roots, body, out_fits);
}

/* ---- time ------------------------------------------------------------------------------ */

static bool is_current(const struct chain_inputs *inputs, const struct crl_body *body)
{
    int64_t now = revocation_time(inputs);
    bool is_young =
        inputs->revocation_age_max == 0 || now - body->this_update <= inputs->revocation_age_max;
    return body->this_update <= now && now <= body->next_update && is_young;
}

static DWORD age_of(const struct chain_inputs *inputs, int64_t since)
{
    int64_t age = revocation_time(inputs) - since;
    return age < 0 ? 0 : age > UINT32_MAX ? UINT32_MAX : (DWORD)age;
}

/* ---- lists ----------------------------------------------------------------------------- */

/* A list from a place that the certificate, or another list, names. */
struct fetched {
    struct fetched *next;
    struct crl_body *body;
    bool is_new;
    char url[FETCH_URL_MAX + 1];
};

/* What was heard so far; the references are the revocation's. */
struct hearing {
    const struct revocation_question *q;
    struct revocation *answer;
    struct fetched *fetched;
    bool is_good;
    bool is_revoked;
    bool is_stale;
};

static bool is_answered(const struct hearing *h)
{
    return h->is_good || h->is_revoked;
}

/* Calls for each list that was fetched or is in a store until one gives an error. */
typedef err list_visitor(struct hearing *h, struct crl_body *body, void *arg);

static err visit_store(struct hearing *h, struct store *store, list_visitor *visit, void *arg)
{
    err result = OK;
    for (size_t i = 0; store != NULL && result == OK; i++) {
        struct crl_body *body = store_crl_at(store, i);
        if (body == NULL)
            break;
        result = visit(h, body, arg);
        crl_body_release(body);
    }
    return result;
}

static err visit_lists(struct hearing *h, list_visitor *visit, void *arg)
{
    for (const struct fetched *f = h->fetched; f != NULL; f = f->next)
        TRY(visit(h, f->body, arg));
    for (size_t i = 0; i < CHAIN_STORES_MAX; i++)
        TRY(visit_store(h, h->q->inputs->searched[i], visit, arg));
    return visit_store(h, h->q->inputs->roots, visit, arg);
}

/* RFC 5280 5.2.4: of the same scope, made for a list not newer than the base, and newer itself. */
static bool is_delta_of(const struct crl_body *delta, const struct crl_body *base)
{
    return delta->base_number != NULL && delta->number != NULL && base->number != NULL &&
           crl_same_scope(delta, base) && ASN1_INTEGER_cmp(delta->base_number, base->number) <= 0 &&
           ASN1_INTEGER_cmp(delta->number, base->number) > 0;
}

struct delta_search {
    const struct crl_body *base;
    struct crl_body *found; /* with a reference */
};

static err consider_delta(struct hearing *h, struct crl_body *body, void *arg)
{
    struct delta_search *search = arg;
    bool is_better =
        search->found == NULL ||
        (body->number != NULL && ASN1_INTEGER_cmp(body->number, search->found->number) > 0);
    bool fits = false;
    if (!body->is_understood || !is_delta_of(body, search->base) || !is_better ||
        !is_current(h->q->inputs, body))
        return OK;
    TRY(is_authentic(h->q, body, &fits));
    if (!fits)
        return OK;
    crl_body_release(search->found);
    search->found = crl_body_ref(body);
    return OK;
}

static DWORD reason_of(const X509_REVOKED *entry)
{
    ASN1_ENUMERATED *value = X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, NULL, NULL);
    long reason = value != NULL ? ASN1_ENUMERATED_get(value) : CRL_REASON_UNSPECIFIED;
    ASN1_ENUMERATED_free(value);
    return reason >= 0 && reason <= UINT8_MAX ? (DWORD)reason : CRL_REASON_UNSPECIFIED;
}

enum listed { LISTED_NOT, LISTED_REVOKED, LISTED_REMOVED };

static enum listed look_up(const struct crl_body *body, const struct cert *cert, DWORD *out_reason)
{
    X509_REVOKED *entry = NULL;
    const ASN1_INTEGER *serial = X509_get0_serialNumber(cert->body->x509);
    int found = X509_CRL_get0_by_serial(body->x509, &entry, (ASN1_INTEGER *)(uintptr_t)serial);
    if (found == 0)
        return LISTED_NOT;
    *out_reason = reason_of(entry);
    return found == 2 ? LISTED_REMOVED : LISTED_REVOKED;
}

static void take_lists(struct revocation *answer, struct crl_body *base, struct crl_body *delta)
{
    crl_body_release(answer->base);
    crl_body_release(answer->delta);
    answer->base = crl_body_ref(base);
    answer->delta = delta != NULL ? crl_body_ref(delta) : NULL;
}

/* A removal in the delta lifts what the base says; in a base it says nothing. */
static void hear(struct hearing *h, struct crl_body *base, struct crl_body *delta)
{
    DWORD reason = 0;
    const struct cert *cert = h->q->cert;
    const struct crl_body *newest = delta != NULL ? delta : base;
    enum listed in_delta = delta != NULL ? look_up(delta, cert, &reason) : LISTED_NOT;
    bool is_revoked = in_delta == LISTED_REVOKED ||
                      (in_delta == LISTED_NOT && look_up(base, cert, &reason) == LISTED_REVOKED);
    if (is_revoked ? h->is_revoked : h->is_good || h->is_revoked)
        return;
    h->is_revoked |= is_revoked;
    h->is_good |= !is_revoked;
    take_lists(h->answer, base, delta);
    h->answer->infos = 0;
    h->answer->reason = is_revoked ? reason : 0;
    h->answer->is_in_delta = in_delta == LISTED_REVOKED;
    h->answer->entry = is_revoked ? crl_find(in_delta == LISTED_REVOKED ? delta : base,
                                             &cert->body->info.SerialNumber)
                                  : NULL;
    h->answer->has_freshness = true;
    h->answer->freshness = age_of(h->q->inputs, newest->this_update);
}

static err hear_list(struct hearing *h, struct crl_body *body, void *arg)
{
    bool fits = false;
    (void)arg;
    if (!body->is_understood || body->base_number != NULL || !revocation_covers(body, h->q->cert) ||
        h->is_revoked)
        return OK;
    TRY(is_authentic(h->q, body, &fits));
    if (!fits)
        return OK;
    if (!is_current(h->q->inputs, body)) {
        h->is_stale = true;
        return OK;
    }
    struct delta_search search = {.base = body};
    err result = visit_lists(h, consider_delta, &search);
    if (result == OK)
        hear(h, body, search.found);
    crl_body_release(search.found);
    return result;
}

/* ---- responses ------------------------------------------------------------------------- */

static err hear_response(struct hearing *h, struct span der, DWORD infos, struct staple *out)
{
    TRY(staple_judge(h->q, der, out));
    h->is_stale |= out->is_stale;
    if (!out->is_good && !out->is_revoked)
        return OK;
    h->is_good |= out->is_good;
    h->is_revoked |= out->is_revoked;
    h->answer->reason = out->reason;
    h->answer->has_freshness = true;
    h->answer->freshness = age_of(h->q->inputs, out->this_update);
    h->answer->infos = infos;
    return OK;
}

static err ask_staple(struct hearing *h)
{
    enum { STAPLE_MAX = 1 << 16 };
    struct staple staple;
    DWORD n = 0;
    PCCERT_CONTEXT context = &h->q->cert->context;
    if (!CertGetCertificateContextProperty(context, CERT_OCSP_RESPONSE_PROP_ID, NULL, &n) ||
        n == 0 || n > STAPLE_MAX)
        return OK;
    uint8_t *bytes = mem_alloc(n);
    if (bytes == NULL)
        return FAIL(ERR_NO_MEMORY);
    err result = OK;
    if (CertGetCertificateContextProperty(context, CERT_OCSP_RESPONSE_PROP_ID, bytes, &n))
        result =
            hear_response(h, span_of(bytes, n),
                          CERT_TRUST_SSL_HANDSHAKE_OCSP | CERT_TRUST_SSL_TIME_VALID_OCSP, &staple);
    mem_free(bytes);
    return result;
}

/* ---- what was fetched before ----------------------------------------------------------- */

/* Takes the list over, which may be NULL. */
static err add_list(struct hearing *h, const char *url, struct crl_body *body, bool is_new)
{
    if (body == NULL)
        return OK;
    struct fetched *fetched = mem_alloc(sizeof *fetched);
    if (fetched == NULL) {
        crl_body_release(body);
        return FAIL(ERR_NO_MEMORY);
    }
    fetched->body = body;
    fetched->is_new = is_new;
    mem_copy(fetched->url, url, strlen(url));
    fetched->next = h->fetched;
    h->fetched = fetched;
    return OK;
}

static void release_fetched(struct hearing *h)
{
    while (h->fetched != NULL) {
        struct fetched *first = h->fetched;
        h->fetched = first->next;
        crl_body_release(first->body);
        mem_free(first);
    }
}

/* Without a delta the list stands as it is. */
static err add_deltas(struct hearing *h, const struct crl_body *base, bool is_online)
{
    struct url_list places;
    retrieve_fresh_points(h->q->cert, base, &places);
    for (size_t i = 0; i < places.count; i++) {
        struct crl_body *delta;
        TRY(retrieve_known_list(h->q, places.urls[i], &delta));
        bool is_new = delta == NULL && is_online;
        if (is_new)
            TRY(retrieve_list(h->q, places.urls[i], &delta));
        TRY(add_list(h, places.urls[i], delta, is_new));
    }
    return OK;
}

static err hear_known_responses(struct hearing *h)
{
    struct url_list places;
    struct staple ignored;
    retrieve_responders(h->q->cert, &places);
    for (size_t i = 0; i < places.count; i++) {
        struct buf response;
        err result = retrieve_known_response(h->q, places.urls[i], &response);
        if (result == OK && response.n != 0)
            result = hear_response(h, buf_span(&response), 0, &ignored);
        buf_release(&response);
        if (result != OK)
            return result;
    }
    return OK;
}

static err add_known_lists(struct hearing *h)
{
    struct url_list places;
    retrieve_points(h->q->cert, &places);
    for (size_t i = 0; i < places.count; i++) {
        struct crl_body *body;
        TRY(retrieve_known_list(h->q, places.urls[i], &body));
        if (body == NULL)
            continue;
        TRY(add_list(h, places.urls[i], body, false));
        TRY(add_deltas(h, body, false));
    }
    return OK;
}

static err ask_memory(struct hearing *h)
{
    if (h->q->inputs->retrieval == CHAIN_RETRIEVAL_NONE)
        return OK;
    TRY(hear_known_responses(h));
    return add_known_lists(h);
}

/* ---- the places that the certificate names ----------------------------------------------- */

static err hear_responder(struct hearing *h, const char *url)
{
    struct staple heard = {0};
    struct buf response;
    err result = retrieve_response(h->q, url, &response);
    if (result == OK && response.n != 0) {
        result = hear_response(h, buf_span(&response), 0, &heard);
        if (result == OK)
            result = retrieve_settle_response(
                h->q, url, is_answered(h) ? buf_span(&response) : span_empty(), heard.next_update);
    }
    buf_release(&response);
    return result;
}

static err settle_lists(struct hearing *h)
{
    for (struct fetched *f = h->fetched; f != NULL; f = f->next) {
        bool is_used = f->body == h->answer->base || f->body == h->answer->delta;
        if (f->is_new)
            TRY(retrieve_settle_list(h->q, f->url, is_used ? f->body : NULL));
        f->is_new = false;
    }
    return OK;
}

static err hear_point(struct hearing *h, const char *url)
{
    struct crl_body *body;
    TRY(retrieve_list(h->q, url, &body));
    if (body == NULL)
        return OK;
    TRY(add_list(h, url, body, true));
    if (body->is_understood && revocation_covers(body, h->q->cert) &&
        is_current(h->q->inputs, body))
        TRY(add_deltas(h, body, true));
    TRY(hear_list(h, body, NULL));
    return settle_lists(h);
}

static err ask_places(struct hearing *h)
{
    struct url_list places;
    retrieve_responders(h->q->cert, &places);
    for (size_t i = 0; i < places.count && !is_answered(h); i++)
        TRY(hear_responder(h, places.urls[i]));
    retrieve_points(h->q->cert, &places);
    for (size_t i = 0; i < places.count && !is_answered(h); i++)
        TRY(hear_point(h, places.urls[i]));
    return OK;
}

/* ---- the answer ------------------------------------------------------------------------ */

static err revocation_new(struct revocation **out)
{
    *out = mem_alloc(sizeof **out);
    if (*out == NULL)
        return FAIL(ERR_NO_MEMORY);
    atomic_init(&(*out)->refs, 1);
    return OK;
}

void revocation_ref(struct revocation *revocation)
{
    if (revocation != NULL)
        atomic_fetch_add(&revocation->refs, 1);
}

void revocation_release(struct revocation *revocation)
{
    if (revocation == NULL || atomic_fetch_sub(&revocation->refs, 1) != 1)
        return;
    crl_body_release(revocation->base);
    crl_body_release(revocation->delta);
    mem_free(revocation);
}

/* Without a place to ask the answer cannot be had, with one it was not had. */
static DWORD silence(const struct cert *cert, bool is_stale)
{
    return is_stale || retrieve_names_source(cert) ? (DWORD)CRYPT_E_REVOCATION_OFFLINE
                                                   : (DWORD)CRYPT_E_NO_REVOCATION_CHECK;
}

err revocation_unknown(const struct cert *cert, struct revocation **out)
{
    TRY(revocation_new(out));
    (*out)->result = silence(cert, false);
    return OK;
}

static err ask(struct hearing *h)
{
    TRY(ask_staple(h));
    if (!h->is_revoked)
        TRY(ask_memory(h));
    if (!h->is_revoked)
        TRY(visit_lists(h, hear_list, NULL));
    return h->q->is_online && !is_answered(h) ? ask_places(h) : OK;
}

err revocation_ask(const struct revocation_question *q, struct revocation **out)
{
    TRY(revocation_new(out));
    struct hearing h = {.q = q, .answer = *out};
    err result = ask(&h);
    release_fetched(&h);
    if (result != OK) {
        revocation_release(*out);
        *out = NULL;
        return result;
    }
    (*out)->result = h.is_revoked ? (DWORD)CRYPT_E_REVOKED
                     : h.is_good  ? 0
                                  : silence(q->cert, h.is_stale);
    return OK;
}

err revocation_is_listed(const struct revocation_question *q, bool *out)
{
    struct revocation *answer;
    TRY(revocation_new(&answer));
    struct hearing h = {.q = q, .answer = answer};
    err result = visit_lists(&h, hear_list, NULL);
    revocation_release(answer);
    *out = h.is_revoked;
    return result;
}

DWORD revocation_errors(const struct revocation *revocation)
{
    switch (revocation->result) {
    case 0:
        return 0;
    case (DWORD)CRYPT_E_REVOKED:
        return CERT_TRUST_IS_REVOKED;
    case (DWORD)CRYPT_E_REVOCATION_OFFLINE:
        return CERT_TRUST_REVOCATION_STATUS_UNKNOWN | CERT_TRUST_IS_OFFLINE_REVOCATION;
    default:
        return CERT_TRUST_REVOCATION_STATUS_UNKNOWN;
    }
}
