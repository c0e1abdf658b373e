/* SPDX-License-Identifier: MIT */
/*
 * OCSP responses (RFC 6960, RFC 6066 8): which of the answers is for the certificate,
 * whether its signer may give it, and what it says. libcrypto parses; what is signed is a slice of
 * the DER as it came. No request has a nonce, so there is none to compare.
 */
#include <time.h>

#include "crypt32/chain.h"
#include "crypt32/codec.h"

enum {
    ANSWERS_MAX = 64,
    SIGNERS_MAX = 8,
    CLOCK_SKEW = 300,      /* seconds that the responder's clock may be ahead of ours */
    AGE_MAX = 12 * 60 * 60 /* of an answer that does not say when the next one is due */
};

struct response {
    OCSP_BASICRESP *basic;
    struct span tbs;
    struct span algorithm;
    struct span signature;
    struct span certificates; /* of a SEQUENCE OF Certificate; may be empty */
};

/* ---- the outline ----------------------------------------------------------------------- */

/* The content of BasicOCSPResponse's OCTET STRING; empty when there is no such response. */
static struct span basic_of(struct span der)
{
    static const uint8_t basic_oid[] = {0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01};
    struct decoder d = {0};
    struct rd r = rd_from(der);
    struct rd outer = asn_enter(&d, &r, DER_SEQUENCE);
    int status = asn_take_int(&d, &outer, DER_ENUMERATED);
    struct rd tagged = asn_enter(&d, &outer, DER_CONTEXT_CONTAINER + 0);
    struct rd bytes = asn_enter(&d, &tagged, DER_SEQUENCE);
    struct span oid = asn_take(&d, &bytes, DER_OID);
    struct span basic = asn_take(&d, &bytes, DER_OCTET_STRING);
    asn_leave(&d, &bytes);
    asn_leave(&d, &tagged);
    asn_leave(&d, &outer);
    bool is_good = d.error == 0 && rd_end(&r) && status == OCSP_RESPONSE_STATUS_SUCCESSFUL &&
                   span_equal(oid, span_of(basic_oid, sizeof basic_oid));
    return is_good ? basic : span_empty();
}

static bool outline(struct span basic, struct response *out)
{
    struct decoder d = {0};
    struct rd r = rd_from(basic);
    struct rd inner = asn_enter(&d, &r, DER_SEQUENCE);
    out->tbs = asn_any(&d, &inner);
    out->algorithm = asn_any(&d, &inner);
    struct span bits = asn_take(&d, &inner, DER_BIT_STRING);
    if (asn_next_is(&inner, DER_CONTEXT_CONTAINER + 0)) {
        struct rd tagged = asn_enter(&d, &inner, DER_CONTEXT_CONTAINER + 0);
        out->certificates = asn_take(&d, &tagged, DER_SEQUENCE);
        asn_leave(&d, &tagged);
    }
    asn_leave(&d, &inner);
    if (d.error != 0 || !rd_end(&r) || bits.n < 1 || bits.p[0] != 0) /* unused bits */
        return false;
    out->signature = span_of(bits.p + 1, bits.n - 1);
    return true;
}

/* False when it is none that can be used. */
static bool response_read(struct span der, struct response *out)
{
    *out = (struct response){.certificates = span_empty()};
    struct span basic = basic_of(der);
    const unsigned char *p = basic.p;
    if (basic.n == 0 || !outline(basic, out))
        return false;
    out->basic = d2i_OCSP_BASICRESP(NULL, &p, (long)basic.n);
    return out->basic != NULL && p == basic.p + basic.n &&
           OCSP_resp_count(out->basic) <= ANSWERS_MAX;
}

/* No extension of a response is processed, so that none may be critical. */
static bool has_critical(const struct response *response)
{
    for (int i = 0; i < OCSP_BASICRESP_get_ext_count(response->basic); i++) {
        if (X509_EXTENSION_get_critical(OCSP_BASICRESP_get_ext(response->basic, i)))
            return true;
    }
    return false;
}

/* ---- which answer ---------------------------------------------------------------------- */

static bool hash_named(const ASN1_OBJECT *object, enum hash_id *out)
{
    switch (OBJ_obj2nid(object)) {
    case NID_sha1:
        *out = HASH_SHA1;
        return true;
    case NID_sha256:
        *out = HASH_SHA256;
        return true;
    case NID_sha384:
        *out = HASH_SHA384;
        return true;
    case NID_sha512:
        *out = HASH_SHA512;
        return true;
    default:
        return false;
    }
}

static bool is_hash_of(const ASN1_OCTET_STRING *value, enum hash_id hash, struct span bytes)
{
    uint8_t digest[HASH_MAX];
    return hash_once(hash, bytes, digest) == OK &&
           span_equal(span_of(digest, hash_len(hash)),
                      span_of(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value)));
}

static struct span key_bits(const struct cert *cert)
{
    const CRYPT_BIT_BLOB *key = &cert->body->info.SubjectPublicKeyInfo.PublicKey;
    return span_of(key->pbData, key->cbData);
}

/* RFC 6960 4.1.1: CertID by hashes of the issuer's name and key, and by the serial number. */
static bool is_about(OCSP_SINGLERESP *single, const struct revocation_question *q)
{
    ASN1_OCTET_STRING *name;
    ASN1_OCTET_STRING *key;
    ASN1_OBJECT *algorithm;
    ASN1_INTEGER *serial;
    enum hash_id hash;
    OCSP_CERTID *id = (OCSP_CERTID *)(uintptr_t)OCSP_SINGLERESP_get0_id(single);
    return OCSP_id_get0_info(&name, &algorithm, &key, &serial, id) == 1 &&
           hash_named(algorithm, &hash) &&
           ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(q->cert->body->x509)) == 0 &&
           is_hash_of(name, hash, cert_issuer(q->cert)) &&
           is_hash_of(key, hash, key_bits(q->issuer));
}

static bool unix_time(const ASN1_GENERALIZEDTIME *time, int64_t *out)
{
    struct tm utc;
    if (time == NULL || ASN1_TIME_to_tm(time, &utc) != 1)
        return false;
    *out = timegm(&utc);
    return true;
}

static bool single_has_critical(OCSP_SINGLERESP *single)
{
    for (int i = 0; i < OCSP_SINGLERESP_get_ext_count(single); i++) {
        if (X509_EXTENSION_get_critical(OCSP_SINGLERESP_get_ext(single, i)))
            return true;
    }
    return false;
}

static void take_answer(OCSP_SINGLERESP *single, const struct chain_inputs *inputs,
                        struct staple *out)
{
    int reason = -1;
    int64_t next;
    int64_t now = revocation_time(inputs);
    ASN1_GENERALIZEDTIME *this_update = NULL;
    ASN1_GENERALIZEDTIME *next_update = NULL;
    int status = OCSP_single_get0_status(single, &reason, NULL, &this_update, &next_update);
    if (single_has_critical(single) || !unix_time(this_update, &out->this_update))
        return;
    if (next_update == NULL)
        next = out->this_update + AGE_MAX;
    else if (unix_time(next_update, &next))
        out->next_update = next;
    else
        return;
    bool is_young =
        inputs->revocation_age_max == 0 || now - out->this_update <= inputs->revocation_age_max;
    out->is_stale = out->this_update > now + CLOCK_SKEW || now > next || !is_young;
    out->is_revoked = !out->is_stale && status == V_OCSP_CERTSTATUS_REVOKED;
    out->is_good = !out->is_stale && status == V_OCSP_CERTSTATUS_GOOD;
    out->reason = out->is_revoked && reason >= 0 ? (DWORD)reason : CRL_REASON_UNSPECIFIED;
}

static void find_answer(const struct response *response, const struct revocation_question *q,
                        struct staple *out)
{
    for (int i = 0; i < OCSP_resp_count(response->basic); i++) {
        OCSP_SINGLERESP *single = OCSP_resp_get0(response->basic, i);
        if (!is_about(single, q))
            continue;
        take_answer(single, q->inputs, out);
        return;
    }
}

/* ---- the signer ------------------------------------------------------------------------ */

/* RFC 6960 4.2.1 ResponderID. */
static bool is_responder(const struct response *response, const struct cert *cert)
{
    const ASN1_OCTET_STRING *key = NULL;
    const X509_NAME *name = NULL;
    if (OCSP_resp_get0_id(response->basic, &key, &name) != 1)
        return false;
    return name != NULL ? X509_NAME_cmp(name, X509_get_subject_name(cert->body->x509)) == 0
                        : key != NULL && is_hash_of(key, HASH_SHA1, key_bits(cert));
}

/* *out_fits is false for a signature that is not this one's. */
static err is_signed_by(const struct response *response, const struct cert *signer,
                        struct chain_budget *budget, bool *out_fits)
{
    struct public_key *key;
    *out_fits = false;
    if (budget->lists == 0)
        return OK;
    budget->lists--;
    err result = public_key_new(&key, signer->body->spki);
    if (result == OK) {
        result =
            public_key_verify_x509(key, response->algorithm, response->tbs, response->signature);
        public_key_free(key);
    }
    *out_fits = result == OK;
    return result == ERR_NO_MEMORY ? result : OK;
}

/* RFC 6960 4.2.2.2: named for this purpose by the issuer itself, in so many words. */
static bool may_respond(const struct cert *cert, int64_t now)
{
    X509 *x509 = cert->body->x509;
    bool is_named = false;
    EXTENDED_KEY_USAGE *usages = X509_get_ext_d2i(x509, NID_ext_key_usage, NULL, NULL);
    for (int i = 0; i < sk_ASN1_OBJECT_num(usages); i++)
        is_named |= OBJ_obj2nid(sk_ASN1_OBJECT_value(usages, i)) == NID_OCSP_sign;
    EXTENDED_KEY_USAGE_free(usages);
    return is_named && cert_may_sign(&cert->context) && chain_extension_errors(cert) == 0 &&
           cert->body->not_before <= now && now <= cert->body->not_after;
}

/* Unless its issuer says that nobody need ask, a delegate that is known to be revoked is not
 * listened to. */
static err is_trusted(const struct revocation_question *q, struct cert *delegate, bool *out_trusted)
{
    struct revocation_question about = *q;
    bool is_revoked = false;
    *out_trusted = true;
    if (X509_get_ext_by_NID(delegate->body->x509, NID_id_pkix_OCSP_noCheck, -1) >= 0)
        return OK;
    about.cert = delegate;
    TRY(revocation_is_listed(&about, &is_revoked));
    *out_trusted = !is_revoked;
    return OK;
}

static err try_delegate(const struct response *response, const struct revocation_question *q,
                        struct cert *delegate, bool *out_fits)
{
    *out_fits = false;
    if (!is_responder(response, delegate) || !chain_names_issuer(delegate, q->issuer) ||
        !may_respond(delegate, q->inputs->now))
        return OK;
    err issued = chain_verify_under(delegate, q->issuer, false);
    if (issued != OK)
        return issued == ERR_NO_MEMORY ? issued : OK;
    TRY(is_signed_by(response, delegate, q->budget, out_fits));
    return *out_fits ? is_trusted(q, delegate, out_fits) : OK;
}

static err try_delegates(const struct response *response, const struct revocation_question *q,
                         bool *out_fits)
{
    struct decoder d = {0};
    struct rd rest = rd_from(response->certificates);
    err result = OK;
    for (size_t i = 0; i < SIGNERS_MAX && rd_left(&rest) != 0 && result == OK && !*out_fits; i++) {
        struct cert *delegate;
        struct span der = asn_any(&d, &rest);
        if (d.error != 0)
            break;
        result = cert_new(&delegate, der);
        if (result == ERR_NO_MEMORY)
            return result;
        if (result != OK) {
            result = OK;
            continue;
        }
        result = try_delegate(response, q, delegate, out_fits);
        cert_release(delegate);
    }
    return result;
}

static err is_authentic(const struct response *response, const struct revocation_question *q,
                        bool *out_fits)
{
    *out_fits = false;
    if (is_responder(response, q->issuer))
        TRY(is_signed_by(response, q->issuer, q->budget, out_fits));
    return *out_fits ? OK : try_delegates(response, q, out_fits);
}

err staple_judge(const struct revocation_question *q, struct span der, struct staple *out)
{
    struct response response;
    bool fits = false;
    err result = OK;
    *out = (struct staple){0};
    if (response_read(der, &response) && !has_critical(&response))
        result = is_authentic(&response, q, &fits);
    if (result == OK && fits)
        find_answer(&response, q, out);
    OCSP_BASICRESP_free(response.basic);
    return result;
}
