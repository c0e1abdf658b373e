/* SPDX-License-Identifier: MIT */
/*
 * Inside of certificate revocation lists (RFC 5280 5). A body is the immutable parsed list;
 * contexts share it. How references are counted is told in entry.h.
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
    struct entry base;
    struct crl_body *body;
};

static inline struct crl *crl_of(PCCRL_CONTEXT context)
{
    return (struct crl *)(uintptr_t)context;
}
static inline struct crl *crl_of_entry(struct entry *entry)
{
    return entry != NULL ? (struct crl *)(void *)((char *)entry - offsetof(struct crl, base))
                         : NULL;
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

/* A free-standing context with one reference. */
err crl_new(struct crl **out, struct crl_body *body) MUST_USE;
static inline void crl_ref(struct crl *crl)
{
    entry_ref(&crl->base);
}
static inline void crl_release(struct crl *crl)
{
    entry_release(crl != NULL ? &crl->base : NULL);
}

/* Adds one that was parsed from these bytes at the end. */
err store_add_crl_der(struct store *store, struct span der) MUST_USE;
/* The index-th list of a store with a reference, or NULL. */
struct crl_body *store_crl_at(struct store *store, size_t index);

#endif
