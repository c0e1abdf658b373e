/* SPDX-License-Identifier: MIT */
/* PKCS #7 as a bag of certificates and revocation lists; signatures in it are not looked at. */
#include "crypt32/pkcs7.h"

#include "crypt32/cert.h"
#include "crypt32/crl.h"

/* ---- reading --------------------------------------------------------------------------- */

static err add_encoded(struct store *store, const struct entry_type *type, unsigned char *der,
                       int n)
{
    struct entry *entry;
    if (n <= 0)
        return FAIL(ERR_NO_MEMORY);
    err result = type->parse(span_of(der, (size_t)n), &entry);
    OPENSSL_free(der);
    TRY(result);
    return store_adopt(store, entry, STORE_TAIL, NULL);
}

static err add_all(struct store *store, const STACK_OF(X509) * certificates,
                   const STACK_OF(X509_CRL) * lists)
{
    for (int i = 0; i < sk_X509_num(certificates); i++) {
        unsigned char *der = NULL;
        int n = i2d_X509(sk_X509_value(certificates, i), &der);
        TRY(add_encoded(store, &cert_type, der, n));
    }
    for (int i = 0; i < sk_X509_CRL_num(lists); i++) {
        unsigned char *der = NULL;
        int n = i2d_X509_CRL(sk_X509_CRL_value(lists, i), &der);
        TRY(add_encoded(store, &crl_type, der, n));
    }
    return OK;
}

err pkcs7_read_store(struct store *store, struct span der)
{
    const unsigned char *p = der.p;
    PKCS7 *p7 = PKCS7_new_ex(crypto_empty_context(), NULL);
    if (p7 == NULL)
        return FAIL(ERR_NO_MEMORY);
    if (d2i_PKCS7(&p7, &p, (long)der.n) == NULL)
        return FAIL(ERR_CERT_PARSE); /* freed by d2i */
    err result = FAIL(ERR_CERT_PARSE);
    if (p == der.p + der.n && PKCS7_type_is_signed(p7) && p7->d.sign != NULL)
        result = add_all(store, p7->d.sign->cert, p7->d.sign->crl);
    PKCS7_free(p7);
    return result;
}

/* ---- writing --------------------------------------------------------------------------- */

static bool put_entry(PKCS7 *p7, struct entry *entry)
{
    return entry->type->kind == ENTRY_CERT
               ? PKCS7_add_certificate(p7, cert_of_entry(entry)->body->x509) == 1
               : PKCS7_add_crl(p7, crl_of_entry(entry)->body->x509) == 1;
}

static bool put_entries(PKCS7 *p7, struct store *store)
{
    for (enum entry_kind kind = 0; kind < ENTRY_KINDS; kind++) {
        for (size_t i = 0;; i++) {
            struct entry *entry = store_entry_at(store, kind, i);
            if (entry == NULL)
                break;
            bool is_put = put_entry(p7, entry);
            entry_release(entry);
            if (!is_put)
                return false;
        }
    }
    return true;
}

err pkcs7_write_store(struct store *store, struct buf *out)
{
    unsigned char *der = NULL;
    int n = -1;
    PKCS7 *p7 = PKCS7_new_ex(crypto_empty_context(), NULL);
    if (p7 != NULL && PKCS7_set_type(p7, NID_pkcs7_signed) == 1 &&
        PKCS7_content_new(p7, NID_pkcs7_data) == 1 && put_entries(p7, store)) {
        /* Nobody signs it: the data is not there either. */
        ASN1_OCTET_STRING_free(p7->d.sign->contents->d.data);
        p7->d.sign->contents->d.data = NULL;
        n = i2d_PKCS7(p7, &der);
    }
    PKCS7_free(p7);
    if (n <= 0)
        return FAIL(ERR_NO_MEMORY);
    wr_bytes(out, span_of(der, (size_t)n));
    OPENSSL_free(der);
    return buf_check(out);
}
