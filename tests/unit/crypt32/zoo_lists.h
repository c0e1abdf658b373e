/* SPDX-License-Identifier: MIT */
/* The zoo's revocation lists and OCSP responses, made by libcrypto on the spot. */
#ifndef SCHANNEL_TESTS_CRYPT32_ZOO_LISTS_H
#define SCHANNEL_TESTS_CRYPT32_ZOO_LISTS_H

#include "zoo.h"

enum { ZOO_ENTRIES_MAX = 4, ZOO_DER_MAX = 8192 };

struct zoo_entry {
    const struct zoo_cert *cert;    /* NULL ends the list */
    int reason;                     /* 0: not said; -1: "unspecified", in so many words */
    struct zoo_extension extension; /* one more */
};

struct zoo_list_spec {
    const struct zoo_cert *issuer; /* its name */
    const struct zoo_cert *signer; /* its key; NULL: the issuer's */
    int64_t this_update;           /* 0: ZOO_NOW minus a day */
    int64_t next_update;           /* 0: ZOO_NOW plus a day; -1: not said */
    long number;                   /* 0: none */
    long base_number;              /* 0: no delta */
    const char *scope;             /* issuingDistributionPoint, NULL: none */
    const char *hash;              /* NULL: SHA-256 */
    bool breaks_signature;
    struct zoo_entry entries[ZOO_ENTRIES_MAX];
    struct zoo_extension extension; /* one more of the list */
};

struct zoo_der {
    uint8_t bytes[ZOO_DER_MAX];
    size_t n;
};

struct zoo_der zoo_list(const struct zoo_list_spec *spec);
#define LIST(...) zoo_list(&(struct zoo_list_spec){__VA_ARGS__})
/* Into a store; asserts. */
void zoo_add_list(HCERTSTORE store, const struct zoo_der *der);

struct zoo_staple_spec {
    const struct zoo_cert *cert;
    const struct zoo_cert *issuer;
    const struct zoo_cert *signer; /* NULL: the issuer */
    int status;                    /* V_OCSP_CERTSTATUS_* */
    int reason;
    int64_t this_update; /* 0: ZOO_NOW minus an hour */
    int64_t next_update; /* 0: ZOO_NOW plus an hour; -1: not said */
    bool by_key;         /* the responder is named by its key */
    bool omits_signer;   /* its certificate does not come along */
    bool breaks_signature;
    const char *id_hash; /* NULL: SHA-1 */
    bool is_error;       /* a response that says "try later" */
};

struct zoo_der zoo_staple(const struct zoo_staple_spec *spec);
#define STAPLE(...) zoo_staple(&(struct zoo_staple_spec){__VA_ARGS__})
/* As the property of a context. */
void zoo_set_staple(PCCERT_CONTEXT context, const struct zoo_der *der);

#endif
