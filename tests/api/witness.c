/* SPDX-License-Identifier: MIT */
#include "witness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static X509 *parse(const uint8_t *der, size_t n)
{
    const unsigned char *p = der;
    X509 *x509 = d2i_X509(NULL, &p, (long)n);
    if (x509 != NULL && p == der + n)
        return x509;
    X509_free(x509);
    return NULL;
}

bool witness_signed_by(const uint8_t *der, size_t n, const uint8_t *issuer, size_t issuer_n)
{
    X509 *x509 = parse(der, n);
    X509 *signer = parse(issuer, issuer_n);
    bool is_signed =
        x509 != NULL && signer != NULL && X509_verify(x509, X509_get0_pubkey(signer)) == 1;
    X509_free(x509);
    X509_free(signer);
    ERR_clear_error();
    return is_signed;
}

bool witness_self_signed(const uint8_t *der, size_t n)
{
    return witness_signed_by(der, n, der, n);
}

bool witness_list_signed_by(const uint8_t *der, size_t n, const uint8_t *issuer, size_t issuer_n)
{
    const unsigned char *p = der;
    X509_CRL *list = d2i_X509_CRL(NULL, &p, (long)n);
    X509 *signer = parse(issuer, issuer_n);
    bool is_signed = list != NULL && signer != NULL && p == der + n &&
                     X509_CRL_verify(list, X509_get0_pubkey(signer)) == 1;
    X509_CRL_free(list);
    X509_free(signer);
    ERR_clear_error();
    return is_signed;
}

bool witness_request(const uint8_t *der, size_t n)
{
    const unsigned char *p = der;
    X509_REQ *request = d2i_X509_REQ(NULL, &p, (long)n);
    bool is_signed = request != NULL && p == der + n &&
                     X509_REQ_verify(request, X509_REQ_get0_pubkey(request)) == 1;
    X509_REQ_free(request);
    ERR_clear_error();
    return is_signed;
}

const char *witness_signature_name(const uint8_t *der, size_t n)
{
    X509 *x509 = parse(der, n);
    REQUIRE(x509 != NULL);
    const char *name = OBJ_nid2sn(X509_get_signature_nid(x509));
    X509_free(x509);
    return name;
}

/* ---- PKCS#12 --------------------------------------------------------------------------- */

static void copy_text(char *out, size_t cap, const unsigned char *p, int n)
{
    snprintf(out, cap, "%.*s", p != NULL ? n : 0, p != NULL ? (const char *)p : "");
}

static void look_at_leaf(X509 *leaf, EVP_PKEY *key, struct witness_pfx *out)
{
    int n = 0;
    const unsigned char *p = X509_alias_get0(leaf, &n);
    copy_text(out->friendly_name, sizeof out->friendly_name, p, n);
    p = X509_keyid_get0(leaf, &n);
    for (int i = 0; p != NULL && i < n && i < 20; i++)
        snprintf(out->key_id + 2 * i, 3, "%02x", p[i]);
    out->has_key = key != NULL && X509_check_private_key(leaf, key) == 1;
}

static void look_at_mac(PKCS12 *p12, struct witness_pfx *out)
{
    const X509_ALGOR *algorithm = NULL;
    const ASN1_OBJECT *object = NULL;
    const ASN1_INTEGER *count = NULL;
    PKCS12_get0_mac(NULL, &algorithm, NULL, &count, p12);
    if (algorithm == NULL)
        return;
    X509_ALGOR_get0(&object, NULL, NULL, algorithm);
    out->mac = OBJ_nid2sn(OBJ_obj2nid(object));
    out->iterations = count != NULL ? (int)ASN1_INTEGER_get(count) : 1;
}

bool witness_pfx_open(const uint8_t *der, size_t n, const char *password, struct witness_pfx *out)
{
    const unsigned char *p = der;
    EVP_PKEY *key = NULL;
    X509 *leaf = NULL;
    STACK_OF(X509) *others = NULL;
    PKCS12 *p12 = d2i_PKCS12(NULL, &p, (long)n);
    *out = (struct witness_pfx){0};
    bool opened = p12 != NULL && p == der + n &&
                  PKCS12_verify_mac(p12, password, password != NULL ? -1 : 0) == 1 &&
                  PKCS12_parse(p12, password, &key, &leaf, &others) == 1;
    if (opened) {
        look_at_mac(p12, out);
        out->certificates = (leaf != NULL ? 1 : 0) + (others != NULL ? sk_X509_num(others) : 0);
        if (leaf != NULL)
            look_at_leaf(leaf, key, out);
    }
    sk_X509_pop_free(others, X509_free);
    X509_free(leaf);
    EVP_PKEY_free(key);
    PKCS12_free(p12);
    ERR_clear_error();
    return opened;
}

static X509 *self_signed(EVP_PKEY *key, const char *name)
{
    X509 *x509 = X509_new();
    REQUIRE(x509 != NULL);
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 77);
    X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x509), 86400);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8,
                               (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(x509, X509_get_subject_name(x509));
    X509_set_pubkey(x509, key);
    REQUIRE(X509_sign(x509, key, EVP_sha256()) > 0);
    return x509;
}

static size_t give(int n, unsigned char *der, uint8_t *out, size_t cap)
{
    REQUIRE(n > 0 && (size_t)n <= cap);
    memcpy(out, der, (size_t)n);
    OPENSSL_free(der);
    ERR_clear_error();
    return (size_t)n;
}

size_t witness_pfx_make(const struct witness_pfx_wish *wish, uint8_t *out, size_t cap)
{
    unsigned char *der = NULL;
    EVP_PKEY *key = wish->rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
    EVP_PKEY *other_key = EVP_EC_gen("P-256");
    REQUIRE(key != NULL && other_key != NULL);
    X509 *leaf = self_signed(key, "localhost");
    X509 *other = self_signed(other_key, "other");
    STACK_OF(X509) *others = sk_X509_new_null();
    if (wish->with_chain)
        sk_X509_push(others, other);
    PKCS12 *p12 =
        PKCS12_create(wish->password, wish->friendly_name, key, leaf, others, NID_aes_256_cbc,
                      NID_aes_256_cbc, wish->iterations, wish->no_mac ? -1 : wish->iterations, 0);
    REQUIRE(p12 != NULL);
    int n = i2d_PKCS12(p12, &der);
    PKCS12_free(p12);
    sk_X509_free(others);
    X509_free(leaf);
    X509_free(other);
    EVP_PKEY_free(key);
    EVP_PKEY_free(other_key);
    return give(n, der, out, cap);
}

size_t witness_pkcs7_make(const uint8_t *der, size_t n, uint8_t *out, size_t cap)
{
    unsigned char *made = NULL;
    X509 *x509 = parse(der, n);
    PKCS7 *p7 = PKCS7_new();
    REQUIRE(x509 != NULL && p7 != NULL && PKCS7_set_type(p7, NID_pkcs7_signed) == 1 &&
            PKCS7_content_new(p7, NID_pkcs7_data) == 1 && PKCS7_set_detached(p7, 1) >= 0 &&
            PKCS7_add_certificate(p7, x509) == 1);
    int made_n = i2d_PKCS7(p7, &made);
    PKCS7_free(p7);
    X509_free(x509);
    return give(made_n, made, out, cap);
}

size_t witness_list_make(uint8_t *out, size_t cap)
{
    unsigned char *der = NULL;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *issuer = self_signed(key, "issuer");
    X509_CRL *list = X509_CRL_new();
    ASN1_TIME *now = X509_gmtime_adj(NULL, 0);
    REQUIRE(list != NULL && now != NULL);
    X509_CRL_set_version(list, 1);
    X509_CRL_set_issuer_name(list, X509_get_subject_name(issuer));
    X509_CRL_set1_lastUpdate(list, now);
    X509_CRL_set1_nextUpdate(list, now);
    REQUIRE(X509_CRL_sign(list, key, EVP_sha256()) > 0);
    int n = i2d_X509_CRL(list, &der);
    ASN1_TIME_free(now);
    X509_CRL_free(list);
    X509_free(issuer);
    EVP_PKEY_free(key);
    return give(n, der, out, cap);
}
