/* SPDX-License-Identifier: MIT */
/*
 * Fetching revocation lists (RFC 5280) and OCSP responses (RFC 6960, with the request posted as in
 * its appendix A; SHA-1 names the issuer, as every responder knows it). A request has no nonce:
 * answers made in advance are what responders have.
 */
#include "crypt32/retrieve.h"

#include "crypt32/codec.h"
#include "crypt32/url_cache.h"

/* ---- places ---------------------------------------------------------------------------- */

static bool is_listed(const struct url_list *list, struct span url)
{
    for (size_t i = 0; i < list->count; i++) {
        if (span_equal(span_text(list->urls[i]), url))
            return true;
    }
    return false;
}

static void add_name(const GENERAL_NAME *name, struct url_list *out)
{
    if (name->type != GEN_URI || out->count == URLS_MAX)
        return;
    struct span url =
        span_of(ASN1_STRING_get0_data(name->d.ia5), (size_t)ASN1_STRING_length(name->d.ia5));
    if (!fetch_takes(url) || is_listed(out, url))
        return;
    char *text = out->urls[out->count++];
    mem_copy(text, url.p, url.n);
    text[url.n] = 0;
}

void retrieve_responders(const struct cert *cert, struct url_list *out)
{
    out->count = 0;
    AUTHORITY_INFO_ACCESS *access = X509_get_ext_d2i(cert->body->x509, NID_info_access, NULL, NULL);
    for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(access); i++) {
        const ACCESS_DESCRIPTION *description = sk_ACCESS_DESCRIPTION_value(access, i);
        if (OBJ_obj2nid(description->method) == NID_ad_OCSP)
            add_name(description->location, out);
    }
    AUTHORITY_INFO_ACCESS_free(access);
}

/* Takes the points over. */
static void add_points(CRL_DIST_POINTS *points, struct url_list *out)
{
    for (int i = 0; i < sk_DIST_POINT_num(points); i++) {
        const DIST_POINT *point = sk_DIST_POINT_value(points, i);
        if (point->distpoint == NULL || point->distpoint->type != 0 || point->CRLissuer != NULL ||
            point->reasons != NULL)
            continue;
        const GENERAL_NAMES *names = point->distpoint->name.fullname;
        for (int j = 0; j < sk_GENERAL_NAME_num(names); j++)
            add_name(sk_GENERAL_NAME_value(names, j), out);
    }
    CRL_DIST_POINTS_free(points);
}

void retrieve_points(const struct cert *cert, struct url_list *out)
{
    out->count = 0;
    add_points(X509_get_ext_d2i(cert->body->x509, NID_crl_distribution_points, NULL, NULL), out);
}

void retrieve_fresh_points(const struct cert *cert, const struct crl_body *base,
                           struct url_list *out)
{
    out->count = 0;
    add_points(X509_get_ext_d2i(cert->body->x509, NID_freshest_crl, NULL, NULL), out);
    add_points(X509_CRL_get_ext_d2i(base->x509, NID_freshest_crl, NULL, NULL), out);
}

bool retrieve_names_source(const struct cert *cert)
{
    X509 *x509 = cert->body->x509;
    bool found = X509_get_ext_by_NID(x509, NID_crl_distribution_points, -1) >= 0;
    AUTHORITY_INFO_ACCESS *access = X509_get_ext_d2i(x509, NID_info_access, NULL, NULL);
    for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(access); i++)
        found |= OBJ_obj2nid(sk_ACCESS_DESCRIPTION_value(access, i)->method) == NID_ad_OCSP;
    AUTHORITY_INFO_ACCESS_free(access);
    return found;
}

/* ---- the network ----------------------------------------------------------------------- */

/* Shared time is given out by halves, so that something is left for the next place. */
static uint32_t time_for_one(const struct chain_budget *budget)
{
    return budget->shares_time ? budget->fetch_ms / 2 : budget->fetch_ms;
}

static bool has_turn(const struct chain_budget *budget)
{
    return budget->fetches != 0 && time_for_one(budget) != 0;
}

static err fetch_within(struct chain_budget *budget, const struct fetch_order *order,
                        struct buf *out)
{
    uint32_t given = time_for_one(budget);
    uint32_t left = given;
    budget->fetches--;
    err result = fetch(order, &left, out);
    if (budget->shares_time)
        budget->fetch_ms -= given - left;
    return result;
}

/* ---- lists ----------------------------------------------------------------------------- */

err retrieve_known_list(const struct revocation_question *q, const char *url, struct crl_body **out)
{
    struct url_key key;
    *out = NULL;
    TRY(url_key_of(url, span_empty(), &key));
    url_cache_list(&key, revocation_time(q->inputs), out);
    return OK;
}

static err fetch_list(const struct revocation_question *q, const char *url, struct crl_body **out)
{
    struct buf body;
    struct fetch_order order = {.url = url, .body_max = FETCH_LIST_MAX};
    err result = fetch_within(q->budget, &order, &body);
    if (result == OK)
        result = crl_body_new(out, buf_span(&body));
    buf_release(&body);
    return result == ERR_NO_MEMORY ? result : OK;
}

err retrieve_list(const struct revocation_question *q, const char *url, struct crl_body **out)
{
    struct url_key key;
    struct crl_body *known;
    *out = NULL;
    TRY(url_key_of(url, span_empty(), &key));
    enum url_state state = url_cache_list(&key, revocation_time(q->inputs), &known);
    crl_body_release(known);
    if (state == URL_SILENT || !has_turn(q->budget))
        return OK;
    TRY(fetch_list(q, url, out));
    if (*out == NULL)
        url_cache_keep_silence(&key, revocation_time(q->inputs));
    return OK;
}

err retrieve_settle_list(const struct revocation_question *q, const char *url,
                         struct crl_body *list)
{
    struct url_key key;
    TRY(url_key_of(url, span_empty(), &key));
    if (list != NULL)
        url_cache_keep_list(&key, revocation_time(q->inputs), list);
    else
        url_cache_keep_silence(&key, revocation_time(q->inputs));
    return OK;
}

/* ---- responses ------------------------------------------------------------------------- */

enum { REQUEST_MAX = 4096 };

static err write_id(struct encoder *e, const struct revocation_question *q)
{
    uint8_t name[HASH_MAX];
    uint8_t key[HASH_MAX];
    const CRYPT_BIT_BLOB *bits = &q->issuer->body->info.SubjectPublicKeyInfo.PublicKey;
    TRY(hash_once(HASH_SHA1, cert_issuer(q->cert), name));
    TRY(hash_once(HASH_SHA1, span_of(bits->pbData, bits->cbData), key));
    size_t id = enc_begin(e, DER_SEQUENCE);
    size_t algorithm = enc_begin(e, DER_SEQUENCE);
    enc_oid(e, DER_OID, szOID_OIWSEC_sha1);
    enc_element(e, DER_NULL, span_empty());
    enc_end(e, algorithm);
    enc_element(e, DER_OCTET_STRING, span_of(name, hash_len(HASH_SHA1)));
    enc_element(e, DER_OCTET_STRING, span_of(key, hash_len(HASH_SHA1)));
    enc_integer(e, DER_INTEGER, &q->cert->body->info.SerialNumber);
    enc_end(e, id);
    return OK;
}

/* RFC 6960 4.1.1: OCSPRequest, TBSRequest, requestList, Request around the CertID.
 * ERR_NOT_AVAILABLE when there is none, as for a serial number without end. */
static err write_request(const struct revocation_question *q, struct buf *out)
{
    enum { LAYERS = 4 };
    size_t marks[LAYERS];
    struct encoder e = {0};
    buf_init(&e.out, REQUEST_MAX);
    for (size_t i = 0; i < LAYERS; i++)
        marks[i] = enc_begin(&e, DER_SEQUENCE);
    err result = write_id(&e, q);
    for (size_t i = LAYERS; i-- > 0;)
        enc_end(&e, marks[i]);
    *out = e.out;
    if (result != OK)
        return result;
    if (buf_check(&e.out) == OK && e.error == 0)
        return OK;
    bool no_memory = buf_check(&e.out) == ERR_NO_MEMORY || e.error == ERROR_NOT_ENOUGH_MEMORY;
    return no_memory ? FAIL(ERR_NO_MEMORY) : FAIL(ERR_NOT_AVAILABLE);
}

static err key_of_response(const struct revocation_question *q, const char *url,
                           struct url_key *out)
{
    struct buf request;
    err result = write_request(q, &request);
    if (result == OK)
        result = url_key_of(url, buf_span(&request), out);
    buf_release(&request);
    return result;
}

err retrieve_known_response(const struct revocation_question *q, const char *url, struct buf *out)
{
    struct url_key key;
    buf_init(out, FETCH_RESPONSE_MAX);
    err result = key_of_response(q, url, &key);
    if (result != OK)
        return result == ERR_NOT_AVAILABLE ? OK : result;
    url_cache_response(&key, revocation_time(q->inputs), out);
    return buf_check(out);
}

static err post(const struct revocation_question *q, const char *url, struct span request,
                struct buf *out)
{
    const unsigned char *p = request.p;
    OCSP_REQUEST *ocsp = d2i_OCSP_REQUEST(NULL, &p, (long)request.n);
    struct fetch_order order = {.url = url, .ocsp = ocsp, .body_max = FETCH_RESPONSE_MAX};
    err result = ocsp != NULL ? fetch_within(q->budget, &order, out) : FAIL(ERR_NO_MEMORY);
    OCSP_REQUEST_free(ocsp);
    return result == ERR_NO_MEMORY ? result : OK;
}

static bool is_silent(const struct url_key *key, int64_t now)
{
    struct buf known;
    buf_init(&known, FETCH_RESPONSE_MAX);
    enum url_state state = url_cache_response(key, now, &known);
    buf_release(&known);
    return state == URL_SILENT;
}

static err ask_network(const struct revocation_question *q, const char *url, struct span request,
                       struct buf *out)
{
    struct url_key key;
    TRY(url_key_of(url, request, &key));
    if (is_silent(&key, revocation_time(q->inputs)) || !has_turn(q->budget))
        return OK;
    TRY(post(q, url, request, out));
    if (out->n == 0)
        url_cache_keep_silence(&key, revocation_time(q->inputs));
    return OK;
}

err retrieve_response(const struct revocation_question *q, const char *url, struct buf *out)
{
    struct buf request;
    buf_init(out, FETCH_RESPONSE_MAX);
    err result = write_request(q, &request);
    if (result == OK)
        result = ask_network(q, url, buf_span(&request), out);
    buf_release(&request);
    return result == ERR_NOT_AVAILABLE ? OK : result;
}

err retrieve_settle_response(const struct revocation_question *q, const char *url,
                             struct span response, int64_t next_update)
{
    struct url_key key;
    TRY(key_of_response(q, url, &key));
    if (response.n != 0)
        url_cache_keep_response(&key, revocation_time(q->inputs), response, next_update);
    else
        url_cache_keep_silence(&key, revocation_time(q->inputs));
    return OK;
}
