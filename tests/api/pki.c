/* SPDX-License-Identifier: MIT */
#include "pki.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

struct pki_cert {
    X509 *x509;
    EVP_PKEY *key;
};

/* What lives as long as the process hangs together, so that leak checkers find it. */
struct kept {
    void *object;
    struct kept *next;
};
static struct kept *all_kept;

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static void *keep(void *object)
{
    struct kept *k = malloc(sizeof *k);
    REQUIRE(k != NULL && object != NULL);
    *k = (struct kept){object, all_kept};
    all_kept = k;
    return object;
}

static void add_extension(X509 *x509, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    if (value == NULL)
        return;
    X509V3_set_ctx(&context, issuer, x509, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    REQUIRE(extension != NULL && X509_add_ext(x509, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

static void add_unknown(X509 *x509, const char *oid)
{
    static const unsigned char null_value[] = {5, 0};
    if (oid == NULL)
        return;
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    REQUIRE(object != NULL && value != NULL);
    ASN1_OCTET_STRING_set(value, null_value, sizeof null_value);
    X509_EXTENSION *extension = X509_EXTENSION_create_by_OBJ(NULL, object, 1, value);
    REQUIRE(extension != NULL && X509_add_ext(x509, extension, -1) == 1);
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(object);
}

static void add_extensions(X509 *x509, X509 *issuer, const struct pki_wish *wish)
{
    char text[200];
    if (!wish->no_basic_constraints) {
        snprintf(text, sizeof text, "critical,CA:%s", wish->is_authority ? "TRUE" : "FALSE");
        if (wish->path_len > 0)
            snprintf(text, sizeof text, "critical,CA:TRUE,pathlen:%d", wish->path_len - 1);
        add_extension(x509, issuer, NID_basic_constraints, text);
    }
    if (!wish->is_authority) {
        snprintf(text, sizeof text, "DNS:%s", wish->name);
        add_extension(x509, issuer, NID_subject_alt_name, text);
    }
    add_extension(x509, issuer, NID_ext_key_usage, wish->usage);
    add_extension(x509, issuer, NID_key_usage, wish->key_usage);
    add_extension(x509, issuer, NID_name_constraints, wish->constraints);
    add_unknown(x509, wish->critical_oid);
}

const struct pki_cert *pki_make(const struct pki_wish *wish)
{
    static long serial = 1000;
    enum { DAY = 86400 };
    struct pki_cert *made = keep(calloc(1, sizeof *made));
    made->key = EVP_EC_gen("P-256");
    made->x509 = X509_new();
    REQUIRE(made->key != NULL && made->x509 != NULL);
    X509 *issuer = wish->issuer != NULL ? wish->issuer->x509 : made->x509;
    EVP_PKEY *signer = wish->issuer != NULL ? wish->issuer->key : made->key;
    X509_set_version(made->x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made->x509), serial++);
    X509_gmtime_adj(X509_getm_notBefore(made->x509), (long)wish->from_days * DAY);
    X509_gmtime_adj(X509_getm_notAfter(made->x509), (long)wish->to_days * DAY);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made->x509), "CN", MBSTRING_UTF8,
                               (const unsigned char *)wish->name, -1, -1, 0);
    X509_set_issuer_name(made->x509, X509_get_subject_name(issuer));
    X509_set_pubkey(made->x509, made->key);
    add_extensions(made->x509, issuer, wish);
    const EVP_MD *digest = EVP_get_digestbyname(wish->digest != NULL ? wish->digest : "SHA256");
    REQUIRE(X509_sign(made->x509, signer, digest) != 0);
    ERR_clear_error();
    return made;
}

const struct pki_cert *pki_tampered(const struct pki_cert *cert)
{
    struct pki_cert *made = keep(calloc(1, sizeof *made));
    unsigned char *der = NULL;
    int n = i2d_X509(cert->x509, &der);
    REQUIRE(n > 0);
    der[n - 1] ^= 1; /* the last byte of the signature */
    const unsigned char *at = der;
    made->x509 = d2i_X509(NULL, &at, n);
    made->key = cert->key;
    REQUIRE(made->x509 != NULL && EVP_PKEY_up_ref(made->key) == 1);
    OPENSSL_free(der);
    return made;
}

const char *pki_pem(const struct pki_cert *cert, const struct pki_cert *const *others,
                    size_t other_count, bool with_key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text;
    REQUIRE(bio != NULL && PEM_write_bio_X509(bio, cert->x509) == 1);
    for (size_t i = 0; i < other_count; i++)
        REQUIRE(PEM_write_bio_X509(bio, others[i]->x509) == 1);
    if (with_key)
        REQUIRE(PEM_write_bio_PrivateKey(bio, cert->key, NULL, NULL, 0, NULL, NULL) == 1);
    long n = BIO_get_mem_data(bio, &text);
    char *copy = keep(strndup(text, (size_t)n));
    BIO_free(bio);
    return copy;
}

enum { YESTERDAY = -86400, TOMORROW = 86400 };

/* Takes libcrypto's encoding over. */
static const uint8_t *keep_der(unsigned char *der, int n, size_t *out_len)
{
    REQUIRE(n > 0);
    uint8_t *copy = keep(malloc((size_t)n));
    memcpy(copy, der, (size_t)n);
    OPENSSL_free(der);
    *out_len = (size_t)n;
    ERR_clear_error();
    return copy;
}

const uint8_t *pki_response(const struct pki_cert *cert, const struct pki_cert *issuer,
                            bool is_revoked, size_t *out_len)
{
    unsigned char *der = NULL;
    ASN1_TIME *from = X509_gmtime_adj(NULL, YESTERDAY);
    ASN1_TIME *until = X509_gmtime_adj(NULL, TOMORROW);
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), cert->x509, issuer->x509);
    int status = is_revoked ? V_OCSP_CERTSTATUS_REVOKED : V_OCSP_CERTSTATUS_GOOD;
    REQUIRE(OCSP_basic_add1_status(basic, id, status, OCSP_REVOKED_STATUS_KEYCOMPROMISE, from, from,
                                   until) != NULL);
    REQUIRE(OCSP_basic_sign(basic, issuer->x509, issuer->key, EVP_sha256(), NULL, OCSP_NOCERTS) ==
            1);
    OCSP_RESPONSE *response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    int n = i2d_OCSP_RESPONSE(response, &der);
    OCSP_RESPONSE_free(response);
    OCSP_BASICRESP_free(basic);
    OCSP_CERTID_free(id);
    ASN1_TIME_free(from);
    ASN1_TIME_free(until);
    return keep_der(der, n, out_len);
}

static void list(X509_CRL *crl, const struct pki_cert *revoked, const ASN1_TIME *since)
{
    X509_REVOKED *entry = X509_REVOKED_new();
    REQUIRE(X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(revoked->x509)) == 1);
    REQUIRE(X509_REVOKED_set_revocationDate(entry, (ASN1_TIME *)since) == 1);
    REQUIRE(X509_CRL_add0_revoked(crl, entry) == 1);
}

const uint8_t *pki_list(const struct pki_cert *issuer, const struct pki_cert *revoked,
                        size_t *out_len)
{
    unsigned char *der = NULL;
    ASN1_TIME *from = X509_gmtime_adj(NULL, YESTERDAY);
    ASN1_TIME *until = X509_gmtime_adj(NULL, TOMORROW);
    X509_CRL *crl = X509_CRL_new();
    REQUIRE(X509_CRL_set_version(crl, 1) == 1);
    REQUIRE(X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer->x509)) == 1);
    REQUIRE(X509_CRL_set1_lastUpdate(crl, from) == 1 && X509_CRL_set1_nextUpdate(crl, until) == 1);
    if (revoked != NULL)
        list(crl, revoked, from);
    REQUIRE(X509_CRL_sort(crl) == 1 && X509_CRL_sign(crl, issuer->key, EVP_sha256()) != 0);
    int n = i2d_X509_CRL(crl, &der);
    X509_CRL_free(crl);
    ASN1_TIME_free(from);
    ASN1_TIME_free(until);
    return keep_der(der, n, out_len);
}

unsigned long crypto_queue_error(void)
{
    return ERR_peek_error();
}

size_t crypto_digest(const char *name, const void *data, size_t n, uint8_t out[64])
{
    unsigned length = 0;
    REQUIRE(EVP_Digest(data, n, out, &length, EVP_get_digestbyname(name), NULL) == 1);
    return length;
}
