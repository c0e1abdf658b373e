/* SPDX-License-Identifier: MIT */
/* Making the zoo's revocation lists and responses. */
#include "zoo_lists.h"

#include <openssl/ocsp.h>

static struct zoo_der take(unsigned char *der, int n)
{
    struct zoo_der out = {.n = (size_t)n};
    assert_in_range(n, 1, ZOO_DER_MAX);
    memcpy(out.bytes, der, out.n);
    OPENSSL_free(der);
    return out;
}

static ASN1_TIME *time_of(int64_t given, int64_t otherwise)
{
    ASN1_TIME *time = ASN1_TIME_set(NULL, given != 0 ? given : otherwise);
    assert_non_null(time);
    return time;
}

static struct zoo_der encode(X509_CRL *crl)
{
    unsigned char *der = NULL;
    int n = i2d_X509_CRL(crl, &der);
    return take(der, n);
}

static struct zoo_der encode_response(OCSP_RESPONSE *response)
{
    unsigned char *der = NULL;
    int n = i2d_OCSP_RESPONSE(response, &der);
    return take(der, n);
}

/* ---- lists ----------------------------------------------------------------------------- */

static void add_number(X509_CRL *crl, int nid, long value)
{
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    assert_int_equal(ASN1_INTEGER_set(number, value), 1);
    assert_int_equal(X509_CRL_add1_ext_i2d(crl, nid, number, nid == NID_delta_crl, 0), 1);
    ASN1_INTEGER_free(number);
}

static void add_extension(X509_CRL *crl, const char *name, const char *value)
{
    X509_EXTENSION *extension = zoo_extension(name, value, NULL, NULL);
    assert_int_equal(X509_CRL_add_ext(crl, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static void add_entry(X509_CRL *crl, const struct zoo_entry *entry)
{
    X509_REVOKED *revoked = X509_REVOKED_new();
    ASN1_TIME *when = time_of(ZOO_NOW - 2 * ZOO_DAY, 0);
    X509_REVOKED_set_serialNumber(revoked, X509_get_serialNumber(entry->cert->x509));
    X509_REVOKED_set_revocationDate(revoked, when);
    if (entry->reason != 0) {
        ASN1_ENUMERATED *reason = ASN1_ENUMERATED_new();
        ASN1_ENUMERATED_set(reason, entry->reason > 0 ? entry->reason : 0);
        assert_int_equal(X509_REVOKED_add1_ext_i2d(revoked, NID_crl_reason, reason, 0, 0), 1);
        ASN1_ENUMERATED_free(reason);
    }
    if (entry->extension.name != NULL) {
        X509_EXTENSION *extension =
            zoo_extension(entry->extension.name, entry->extension.value, NULL, NULL);
        assert_int_equal(X509_REVOKED_add_ext(revoked, extension, -1), 1);
        X509_EXTENSION_free(extension);
    }
    ASN1_TIME_free(when);
    assert_int_equal(X509_CRL_add0_revoked(crl, revoked), 1);
}

static void set_times(X509_CRL *crl, const struct zoo_list_spec *spec)
{
    ASN1_TIME *time = time_of(spec->this_update, ZOO_NOW - ZOO_DAY);
    X509_CRL_set1_lastUpdate(crl, time);
    ASN1_TIME_free(time);
    if (spec->next_update < 0)
        return;
    time = time_of(spec->next_update, ZOO_NOW + ZOO_DAY);
    X509_CRL_set1_nextUpdate(crl, time);
    ASN1_TIME_free(time);
}

struct zoo_der zoo_list(const struct zoo_list_spec *spec)
{
    X509_CRL *crl = X509_CRL_new();
    X509_CRL_set_version(crl, 1);
    X509_CRL_set_issuer_name(crl, X509_get_subject_name(spec->issuer->x509));
    set_times(crl, spec);
    for (size_t i = 0; i < ZOO_ENTRIES_MAX && spec->entries[i].cert != NULL; i++)
        add_entry(crl, &spec->entries[i]);
    if (spec->number != 0)
        add_number(crl, NID_crl_number, spec->number);
    if (spec->base_number != 0)
        add_number(crl, NID_delta_crl, spec->base_number);
    if (spec->scope != NULL)
        add_extension(crl, "issuingDistributionPoint", spec->scope);
    if (spec->extension.name != NULL)
        add_extension(crl, spec->extension.name, spec->extension.value);
    X509_CRL_sort(crl);
    EVP_PKEY *key = spec->signer != NULL ? spec->signer->key : spec->issuer->key;
    const EVP_MD *hash = EVP_get_digestbyname(spec->hash != NULL ? spec->hash : "SHA256");
    assert_true(X509_CRL_sign(crl, key, hash) > 0);
    struct zoo_der out = encode(crl);
    X509_CRL_free(crl);
    out.bytes[out.n - 1] ^= spec->breaks_signature;
    return out;
}

void zoo_add_list(HCERTSTORE store, const struct zoo_der *der)
{
    assert_true(CertAddEncodedCRLToStore(store, X509_ASN_ENCODING, der->bytes, (DWORD)der->n,
                                         CERT_STORE_ADD_ALWAYS, NULL));
}

/* ---- responses ------------------------------------------------------------------------- */

static void add_status(OCSP_BASICRESP *basic, const struct zoo_staple_spec *spec)
{
    const EVP_MD *hash = EVP_get_digestbyname(spec->id_hash != NULL ? spec->id_hash : "SHA1");
    OCSP_CERTID *id = OCSP_cert_to_id(hash, spec->cert->x509, spec->issuer->x509);
    ASN1_TIME *revoked = time_of(ZOO_NOW - 2 * ZOO_DAY, 0);
    ASN1_TIME *now = time_of(spec->this_update, ZOO_NOW - 3600);
    ASN1_TIME *next = spec->next_update >= 0 ? time_of(spec->next_update, ZOO_NOW + 3600) : NULL;
    bool is_revoked = spec->status == V_OCSP_CERTSTATUS_REVOKED;
    assert_non_null(OCSP_basic_add1_status(basic, id, spec->status, spec->reason,
                                           is_revoked ? revoked : NULL, now, next));
    ASN1_TIME_free(next);
    ASN1_TIME_free(now);
    ASN1_TIME_free(revoked);
    OCSP_CERTID_free(id);
}

struct zoo_der zoo_staple(const struct zoo_staple_spec *spec)
{
    const struct zoo_cert *signer = spec->signer != NULL ? spec->signer : spec->issuer;
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    add_status(basic, spec);
    unsigned long flags = OCSP_NOTIME | (spec->by_key ? OCSP_RESPID_KEY : 0) |
                          (spec->omits_signer ? OCSP_NOCERTS : 0);
    assert_int_equal(OCSP_basic_sign(basic, signer->x509, signer->key, EVP_sha256(), NULL, flags),
                     1);
    int status = spec->is_error ? OCSP_RESPONSE_STATUS_TRYLATER : OCSP_RESPONSE_STATUS_SUCCESSFUL;
    OCSP_RESPONSE *response = OCSP_response_create(status, spec->is_error ? NULL : basic);
    struct zoo_der out = encode_response(response);
    OCSP_RESPONSE_free(response);
    OCSP_BASICRESP_free(basic);
    /* Without certificates the last byte is the signature's. */
    out.bytes[out.n - 1] ^= spec->breaks_signature;
    return out;
}

void zoo_set_staple(PCCERT_CONTEXT context, const struct zoo_der *der)
{
    CRYPT_DATA_BLOB blob = {.cbData = (DWORD)der->n, .pbData = (BYTE *)(uintptr_t)der->bytes};
    assert_true(CertSetCertificateContextProperty(context, CERT_OCSP_RESPONSE_PROP_ID, 0, &blob));
}
