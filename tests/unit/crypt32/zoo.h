/* SPDX-License-Identifier: MIT */
/*
 * A zoo of certificates for the crypt32 tests, made by libcrypto's default context on the spot: any
 * issuer, key, signature, validity, extension and flaw. Keys are made once for each label.
 */
#ifndef SCHANNEL_TESTS_CRYPT32_ZOO_H
#define SCHANNEL_TESTS_CRYPT32_ZOO_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "crypt32/chain.h"

enum zoo_kind {
    ZOO_P256,
    ZOO_P384,
    ZOO_P521,
    ZOO_RSA, /* 2048 bits */
    ZOO_RSA_1024,
    ZOO_RSA_512,
    ZOO_RSA_PSS,
    ZOO_ED25519,
    ZOO_ED448
};

struct zoo_extension {
    const char *name;  /* libcrypto's short name or a dotted OID */
    const char *value; /* as in its configuration files; "critical," in front; DER:hex for OIDs */
};

enum { ZOO_EXTENSIONS_MAX = 8 };

enum zoo_authority { ZOO_CA, ZOO_END, ZOO_NO_CONSTRAINTS };

struct zoo_cert {
    EVP_PKEY *key;
    X509 *x509;
    unsigned char *der;
    int der_len;
    PCCERT_CONTEXT context;
};

struct zoo_spec {
    const char *name;  /* common name; "" for an empty subject */
    const char *label; /* of the key; NULL: the name */
    enum zoo_kind kind;
    const struct zoo_cert *issuer; /* NULL: self-signed */
    enum zoo_authority authority;
    int path_len;       /* 0: none; otherwise one more than the number */
    int64_t not_before; /* seconds since 1970; 0: ZOO_NOW minus a year */
    int64_t not_after;  /* 0: ZOO_NOW plus a year */
    const char *hash;   /* NULL: SHA-256 */
    bool pss;           /* RSA-PSS signature */
    bool breaks_signature;
    bool is_v1;
    bool has_no_modulus; /* the key is RSA with a modulus of nought */
    struct zoo_extension extensions[ZOO_EXTENSIONS_MAX];
};

/* 2030-01-01. */
#define ZOO_NOW INT64_C(1893456000)
#define ZOO_DAY INT64_C(86400)

/* Never NULL; asserts. The certificate lives until zoo_close. */
const struct zoo_cert *zoo_make(const struct zoo_spec *spec);
#define ZOO(...) zoo_make(&(struct zoo_spec){__VA_ARGS__})
EVP_PKEY *zoo_key(const char *label, enum zoo_kind kind);
/* The certificate's DER signed anew by its issuer after a change of libcrypto's object. */
struct span zoo_der(const struct zoo_cert *cert);
/* A store with these; a NULL ends the list. To be closed. */
HCERTSTORE zoo_store(const struct zoo_cert *first, ...);
/* Frees all certificates and keys, and demands that no block of the library's heap is left over
 * since zoo_open. */
void zoo_open(void);
void zoo_close(void);
/* A fresh X.509 extension in the certificate that is being made: for flaws. */
X509_EXTENSION *zoo_extension(const char *name, const char *value, X509 *issuer, X509 *subject);

#endif
