/* SPDX-License-Identifier: MIT */
/*
 * Certificate revocation lists: parsing, contexts, and the entries of stores. libcrypto parses the
 * object; CRL_INFO comes from the decoder of CryptDecodeObject, and what is signed is a slice of
 * the DER as it came. What a list says about a certificate is judged in revocation.c.
 */
#include "crypt32/crl.h"

#include <time.h>

#include "crypt32/codec.h"

enum { CRL_DER_MAX = 64 << 20 };

/* ---- parsing --------------------------------------------------------------------------- */

static err outline(struct crl_body *body)
{
    struct decoder d = {0};
    struct rd r = rd_from(span_of(body->der, body->der_len));
    struct rd list = asn_enter(&d, &r, DER_SEQUENCE);
    body->tbs = asn_any(&d, &list);
    body->algorithm = asn_any(&d, &list);
    struct span bits = asn_take(&d, &list, DER_BIT_STRING);
    asn_leave(&d, &list);
    struct rd signed_part = rd_from(body->tbs);
    struct rd inner = asn_enter(&d, &signed_part, DER_SEQUENCE);
    if (asn_next_is(&inner, DER_INTEGER))
        asn_any(&d, &inner);
    body->inner_algorithm = asn_any(&d, &inner);
    if (d.error != 0 || !rd_end(&r) || bits.n < 1 || bits.p[0] != 0) /* unused bits */
        return FAIL(ERR_CERT_PARSE);
    body->signature = span_of(bits.p + 1, bits.n - 1);
    return OK;
}

static err parse_x509(struct crl_body *body)
{
    const unsigned char *p = body->der;
    body->x509 = X509_CRL_new_ex(crypto_empty_context(), NULL);
    if (body->x509 == NULL)
        return FAIL(ERR_NO_MEMORY);
    if (d2i_X509_CRL(&body->x509, &p, (long)body->der_len) == NULL) {
        body->x509 = NULL; /* freed by d2i */
        bool no_memory = ERR_GET_REASON(ERR_peek_last_error()) == ERR_R_MALLOC_FAILURE;
        return no_memory ? FAIL(ERR_NO_MEMORY) : FAIL(ERR_CERT_PARSE);
    }
    return p == body->der + body->der_len ? OK : FAIL(ERR_CERT_PARSE);
}

static err fill_info(struct crl_body *body)
{
    DWORD n = 0;
    if (!CryptDecodeObjectEx(X509_ASN_ENCODING, X509_CERT_CRL_TO_BE_SIGNED, body->der,
                             (DWORD)body->der_len, CRYPT_DECODE_NOCOPY_FLAG, NULL, NULL, &n))
        return FAIL(ERR_CERT_PARSE);
    body->info = mem_alloc(n);
    if (body->info == NULL)
        return FAIL(ERR_NO_MEMORY);
    bool decoded = CryptDecodeObjectEx(X509_ASN_ENCODING, X509_CERT_CRL_TO_BE_SIGNED, body->der,
                                       (DWORD)body->der_len, CRYPT_DECODE_NOCOPY_FLAG, NULL,
                                       body->info, &n) != FALSE;
    return decoded ? OK : FAIL(ERR_CERT_PARSE);
}

static err unix_time(const ASN1_TIME *time, int64_t *out)
{
    struct tm utc;
    if (time == NULL || ASN1_TIME_to_tm(time, &utc) != 1)
        return FAIL(ERR_CERT_PARSE);
    *out = timegm(&utc);
    return OK;
}

static err fill_times(struct crl_body *body)
{
    const ASN1_TIME *next = X509_CRL_get0_nextUpdate(body->x509);
    TRY(unix_time(X509_CRL_get0_lastUpdate(body->x509), &body->this_update));
    body->next_update = INT64_MAX;
    return next != NULL ? unix_time(next, &body->next_update) : OK;
}

/* ---- extensions ------------------------------------------------------------------------ */

static bool is_one_of(const X509_EXTENSION *extension, const int *nids, size_t count)
{
    int nid = OBJ_obj2nid(X509_EXTENSION_get_object((X509_EXTENSION *)(uintptr_t)extension));
    for (size_t i = 0; i < count; i++) {
        if (nids[i] == nid)
            return true;
    }
    return false;
}

/* RFC 5280 5.2 and 5.3: a list with a critical extension that is not processed is not used. */
static bool understands_list(const X509_CRL *x509)
{
    static const int known[] = {NID_issuing_distribution_point, NID_delta_crl, NID_crl_number,
                                NID_authority_key_identifier, NID_freshest_crl};
    for (int i = 0; i < X509_CRL_get_ext_count(x509); i++) {
        const X509_EXTENSION *extension = X509_CRL_get_ext(x509, i);
        if (X509_EXTENSION_get_critical(extension) &&
            !is_one_of(extension, known, ARRAY_LEN(known)))
            return false;
    }
    return true;
}

/* An entry of another issuer's certificate stands in indirect lists only, which are not used. */
static bool understands_entry(const X509_REVOKED *entry)
{
    static const int known[] = {NID_crl_reason, NID_invalidity_date, NID_hold_instruction_code};
    for (int i = 0; i < X509_REVOKED_get_ext_count(entry); i++) {
        const X509_EXTENSION *extension = X509_REVOKED_get_ext(entry, i);
        if (X509_EXTENSION_get_critical(extension) &&
            !is_one_of(extension, known, ARRAY_LEN(known)))
            return false;
    }
    return true;
}

static bool understands_entries(X509_CRL *x509)
{
    STACK_OF(X509_REVOKED) *entries = X509_CRL_get_REVOKED(x509);
    for (int i = 0; i < sk_X509_REVOKED_num(entries); i++) {
        if (!understands_entry(sk_X509_REVOKED_value(entries, i)))
            return false;
    }
    return true;
}

/* NULL when it is not there; with *is_good false when it occurs twice or does not decode. */
static void *extension_of(const X509_CRL *x509, int nid, bool *is_good)
{
    int critical;
    void *value = X509_CRL_get_ext_d2i(x509, nid, &critical, NULL);
    if (value == NULL && critical != -1)
        *is_good = false;
    return value;
}

static void fill_extensions(struct crl_body *body)
{
    bool is_good = true;
    body->scope = extension_of(body->x509, NID_issuing_distribution_point, &is_good);
    /* A name relative to the issuer becomes a whole one. */
    if (body->scope != NULL &&
        DIST_POINT_set_dpname(body->scope->distpoint, X509_CRL_get_issuer(body->x509)) != 1)
        is_good = false;
    body->number = extension_of(body->x509, NID_crl_number, &is_good);
    body->base_number = extension_of(body->x509, NID_delta_crl, &is_good);
    body->is_understood = is_good && span_equal(body->algorithm, body->inner_algorithm) &&
                          understands_list(body->x509) && understands_entries(body->x509);
}

static err parse_body(struct crl_body *body)
{
    TRY(parse_x509(body));
    TRY(outline(body));
    TRY(fill_info(body));
    TRY(fill_times(body));
    fill_extensions(body);
    return hash_once(HASH_SHA256, span_of(body->der, body->der_len), body->digest);
}

err crl_body_new(struct crl_body **out, struct span der)
{
    *out = NULL;
    if (der.n == 0 || der.n > CRL_DER_MAX)
        return FAIL(ERR_CERT_PARSE);
    struct crl_body *body = mem_alloc(sizeof *body);
    if (body == NULL)
        return FAIL(ERR_NO_MEMORY);
    atomic_init(&body->refs, 1);
    body->der = mem_dup(der.p, der.n);
    body->der_len = der.n;
    err result = body->der != NULL ? parse_body(body) : FAIL(ERR_NO_MEMORY);
    if (result != OK) {
        crl_body_release(body);
        return result;
    }
    *out = body;
    return OK;
}

struct crl_body *crl_body_ref(struct crl_body *body)
{
    atomic_fetch_add(&body->refs, 1);
    return body;
}

void crl_body_release(struct crl_body *body)
{
    if (body == NULL || atomic_fetch_sub(&body->refs, 1) != 1)
        return;
    ASN1_INTEGER_free(body->base_number);
    ASN1_INTEGER_free(body->number);
    ISSUING_DIST_POINT_free(body->scope);
    X509_CRL_free(body->x509);
    mem_free(body->info);
    mem_free(body->der);
    mem_free(body);
}

/* ---- questions ------------------------------------------------------------------------- */

bool crl_same(const struct crl_body *a, const struct crl_body *b)
{
    return a == b || span_equal(span_of(a->der, a->der_len), span_of(b->der, b->der_len));
}

static struct span scope_bytes(const struct crl_body *body)
{
    int at = X509_CRL_get_ext_by_NID(body->x509, NID_issuing_distribution_point, -1);
    if (at < 0)
        return span_empty();
    const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(X509_CRL_get_ext(body->x509, at));
    return span_of(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value));
}

bool crl_same_scope(const struct crl_body *a, const struct crl_body *b)
{
    return X509_NAME_cmp(X509_CRL_get_issuer(a->x509), X509_CRL_get_issuer(b->x509)) == 0 &&
           span_equal(scope_bytes(a), scope_bytes(b));
}

bool crl_same_kind(const struct crl_body *a, const struct crl_body *b)
{
    return (a->base_number != NULL) == (b->base_number != NULL) && crl_same_scope(a, b);
}

CRL_ENTRY *crl_find(const struct crl_body *body, const CRYPT_INTEGER_BLOB *serial)
{
    struct span wanted = span_of(serial->pbData, serial->cbData);
    for (DWORD i = 0; i < body->info->cCRLEntry; i++) {
        const CRYPT_INTEGER_BLOB *listed = &body->info->rgCRLEntry[i].SerialNumber;
        if (span_equal(span_of(listed->pbData, listed->cbData), wanted))
            return &body->info->rgCRLEntry[i];
    }
    return NULL;
}

/* ---- contexts -------------------------------------------------------------------------- */

err crl_new(struct crl **out, struct crl_body *body)
{
    struct crl *crl = mem_alloc(sizeof *crl);
    *out = crl;
    if (crl == NULL)
        return FAIL(ERR_NO_MEMORY);
    crl->body = crl_body_ref(body);
    crl->context = (CRL_CONTEXT){.dwCertEncodingType = X509_ASN_ENCODING,
                                 .pbCrlEncoded = body->der,
                                 .cbCrlEncoded = (DWORD)body->der_len,
                                 .pCrlInfo = body->info};
    entry_init(&crl->base, &crl_type, &crl->context.hCertStore);
    return OK;
}

static err parse_crl(struct span der, struct entry **out)
{
    struct crl_body *body;
    struct crl *crl;
    *out = NULL;
    TRY(crl_body_new(&body, der));
    err result = crl_new(&crl, body);
    crl_body_release(body);
    *out = result == OK ? &crl->base : NULL;
    return result;
}

static err copy_crl(struct entry *from, struct entry **out)
{
    struct crl *crl;
    err result = crl_new(&crl, crl_of_entry(from)->body);
    *out = result == OK ? &crl->base : NULL;
    return result;
}

static void destroy_crl(struct entry *entry)
{
    struct crl *crl = crl_of_entry(entry);
    crl_body_release(crl->body);
    mem_free(crl);
}

static const struct crl_body *body_of(const struct entry *entry)
{
    return ((const struct crl *)(const void *)((const char *)entry - offsetof(struct crl, base)))
        ->body;
}

static struct span entry_der(const struct entry *entry)
{
    return span_of(body_of(entry)->der, body_of(entry)->der_len);
}

static bool same_kind(const struct entry *a, const struct entry *b)
{
    return crl_same_kind(body_of(a), body_of(b));
}

static int64_t updated(const struct entry *entry)
{
    return body_of(entry)->this_update;
}

const struct entry_type crl_type = {
    .kind = ENTRY_CRL,
    .context_type = CERT_STORE_CRL_CONTEXT,
    .element_id = 33,
    .parse = parse_crl,
    .copy = copy_crl,
    .destroy = destroy_crl,
    .der = entry_der,
    .same_subject = same_kind,
    .since = updated,
};

/* ---- stores ---------------------------------------------------------------------------- */

err store_add_crl_der(struct store *store, struct span der)
{
    struct entry *entry;
    TRY(parse_crl(der, &entry));
    return store_adopt(store, entry, STORE_TAIL, NULL);
}

struct crl_body *store_crl_at(struct store *store, size_t index)
{
    struct crl *crl = crl_of_entry(store_entry_at(store, ENTRY_CRL, index));
    struct crl_body *body = crl != NULL ? crl_body_ref(crl->body) : NULL;
    crl_release(crl);
    return body;
}
