/* SPDX-License-Identifier: MIT */
/*
 * Inside of certificate revocation lists (RFC 5280 5).
 *
 *  - A body is the immutable parsed list; contexts and entries of stores share it.
 *  - A store's entry is a body with a number that no other entry of the store has; later ones have
 *    higher numbers. A context is made when an entry is handed out, holds a reference to the store,
 *    and knows its entry by the number: an entry that is gone meanwhile is simply not found.
 */
#ifndef SCHANNEL_CRYPT32_CRL_H
#define SCHANNEL_CRYPT32_CRL_H

#include "crypt32/cert.h"

struct crl_body {
    atomic_int refs;
    uint8_t *der;
    size_t der_len;
    X509_CRL *x509; /* parsed in the empty library context */
    CRL_INFO *info; /* one block with all it points to beside the DER */
    struct span tbs;
    struct span inner_algorithm;
    struct span algorithm;
    struct span signature;
    uint8_t digest[HASH_MAX]; /* SHA-256 of the DER */
    int64_t this_update;
    int64_t next_update;       /* INT64_MAX: never out of date */
    ISSUING_DIST_POINT *scope; /* NULL: the list speaks of everything its issuer issued */
    ASN1_INTEGER *number;      /* NULL: none */
    ASN1_INTEGER *base_number; /* not NULL: a delta, of lists from this number on */
    bool is_understood;        /* no flaw, and no critical extension that is not processed */
};

struct crl {
    CRL_CONTEXT context; /* first: a PCCRL_CONTEXT is a struct crl */
    atomic_int refs;
    struct crl_body *body;
    struct store *store;
    uint64_t id; /* 0: no entry of a store */
};

static inline struct crl *crl_of(PCCRL_CONTEXT context)
{
    return (struct crl *)(uintptr_t)context;
}

/* ERR_CERT_PARSE, ERR_NO_MEMORY. */
err crl_body_new(struct crl_body **out, struct span der) MUST_USE;
struct crl_body *crl_body_ref(struct crl_body *body);
void crl_body_release(struct crl_body *body);
bool crl_same(const struct crl_body *a, const struct crl_body *b);
/* Issued by the same authority, of the same kind and scope: one stands for the other. */
bool crl_same_kind(const struct crl_body *a, const struct crl_body *b);
/* Issuer and scope only. */
bool crl_same_scope(const struct crl_body *a, const struct crl_body *b);
/* The entry with this serial number, least significant byte first; NULL: it is not listed. */
CRL_ENTRY *crl_find(const struct crl_body *body, const CRYPT_INTEGER_BLOB *serial);

/* A context with one reference, of a store's entry or (id 0) of none. */
err crl_new(struct crl **out, struct crl_body *body, struct store *store, uint64_t id) MUST_USE;
void crl_ref(struct crl *crl);
void crl_release(struct crl *crl);

/* Adds an entry at the end. */
err store_add_crl(struct store *store, struct crl_body *body, uint64_t *out_id) MUST_USE;
err store_add_crl_der(struct store *store, struct span der) MUST_USE;
/* The first entry with a number above *id, which becomes its; with a reference. NULL: none. */
struct crl_body *store_next_crl(struct store *store, uint64_t *id);
/* False when there is no such entry (any more). */
bool store_remove_crl(struct store *store, uint64_t id);
/* All of them, when the store goes. */
void store_drop_crls(struct store *store);

#endif
