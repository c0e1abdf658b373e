/* SPDX-License-Identifier: MIT */
/* What the tests of stores share. */
#ifndef SCHANNEL_TESTS_CRYPT32_STORE_SUPPORT_H
#define SCHANNEL_TESTS_CRYPT32_STORE_SUPPORT_H

#include "zoo.h"

#define FAILS(code, call)                                                                          \
    do {                                                                                           \
        SetLastError(0);                                                                           \
        assert_false(call);                                                                        \
        assert_int_equal(GetLastError(), (DWORD)(code));                                           \
    } while (0)

enum { MARK = CERT_FIRST_USER_PROP_ID };

static inline HCERTSTORE open_memory(void)
{
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    assert_non_null(store);
    return store;
}

static inline int count_entries(HCERTSTORE store)
{
    int n = 0;
    for (PCCERT_CONTEXT c = NULL; (c = CertEnumCertificatesInStore(store, c)) != NULL;) {
        assert_ptr_equal(c->hCertStore, store);
        n++;
    }
    assert_int_equal(GetLastError(), (DWORD)CRYPT_E_NOT_FOUND);
    return n;
}

/* With a reference; NULL: not there. */
static inline PCCERT_CONTEXT find_in(HCERTSTORE store, const struct zoo_cert *cert)
{
    return CertFindCertificateInStore(store, X509_ASN_ENCODING, 0, CERT_FIND_EXISTING,
                                      cert->context, NULL);
}

static inline bool holds(HCERTSTORE store, const struct zoo_cert *cert)
{
    PCCERT_CONTEXT found = find_in(store, cert);
    CertFreeCertificateContext(found);
    return found != NULL;
}

static inline bool is_cert(PCCERT_CONTEXT context, const struct zoo_cert *cert)
{
    return context != NULL &&
           span_equal(span_of(context->pbCertEncoded, context->cbCertEncoded), zoo_der(cert));
}

static inline BOOL add(HCERTSTORE store, const struct zoo_cert *cert, DWORD disposition)
{
    return CertAddCertificateContextToStore(store, cert->context, disposition, NULL);
}

static inline BOOL set_mark(PCCERT_CONTEXT context, DWORD id, BYTE value)
{
    CRYPT_DATA_BLOB blob = {.cbData = 1, .pbData = &value};
    return CertSetCertificateContextProperty(context, id, 0, &blob);
}

/* The value, or -1. */
static inline int get_mark(PCCERT_CONTEXT context, DWORD id)
{
    BYTE value = 0;
    DWORD size = 1;
    return CertGetCertificateContextProperty(context, id, &value, &size) ? value : -1;
}

#endif
