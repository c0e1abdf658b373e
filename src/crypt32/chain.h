/* SPDX-License-Identifier: MIT */
/*
 * Paths: the search for the best chain, the checks of its elements, and the policies' verdict.
 * Bounded in depth and in signature checks. Elements hold references.
 */
#ifndef SCHANNEL_CRYPT32_CHAIN_H
#define SCHANNEL_CRYPT32_CHAIN_H

#include "crypt32/cert.h"

enum {
    CHAIN_DEPTH_MAX = 10,
    CHAIN_SIGNATURES_MAX = 100,
    CHAIN_USAGES_MAX = 16,
    CHAIN_STORES_MAX = 8
};

struct chain_element {
    struct cert *cert;
    DWORD errors; /* CERT_TRUST_* */
    DWORD infos;
};

struct chain {
    struct chain_element elements[CHAIN_DEPTH_MAX];
    size_t count;
    bool is_anchored; /* the last element is a trusted root */
    bool is_cyclic;   /* the last element was issued by one before it */
    DWORD errors;     /* of all elements, and CERT_TRUST_IS_PARTIAL_CHAIN, CERT_TRUST_IS_CYCLIC */
    DWORD infos;
};

/* Extended key usages that are asked for. */
struct chain_usages {
    const char *oids[CHAIN_USAGES_MAX]; /* dotted */
    size_t count;                       /* 0: any usage will do */
    bool all;                           /* every one is needed, not one of them */
};

enum chain_revocation {
    CHAIN_REVOCATION_NONE,
    CHAIN_REVOCATION_END,
    CHAIN_REVOCATION_ALL,
    CHAIN_REVOCATION_BUT_ROOT
};

struct chain_inputs {
    struct cert *leaf;
    struct store *searched[CHAIN_STORES_MAX]; /* intermediates; NULL entries are passed over */
    struct store *roots;
    struct store *restricted; /* not NULL: a root must be in here, too */
    bool any_anchor;          /* certificates of `roots` need not be self-issued to be trusted */
    int64_t now;
    struct chain_usages usages;
    enum chain_revocation revocation;
};

/* The best path that was found; only ERR_NO_MEMORY and the like are errors. */
err chain_build(const struct chain_inputs *inputs, struct chain *out) MUST_USE;
void chain_release(struct chain *chain);
/* CERT_CHAIN_REVOCATION_CHECK_* of the flags. */
enum chain_revocation chain_revocation_of(DWORD flags);

/* Whether issuer and subject are the same name. */
bool chain_is_self_issued(const struct cert *cert);
/* Whether the certificate's own signature uses MD5, SHA-1 or something older. */
bool chain_is_weakly_signed(const struct cert *cert);
/* Fills the status of all elements and of the path. ERR_NO_MEMORY. */
err chain_check(struct chain *path, const struct chain_inputs *inputs) MUST_USE;
/*
 * CERT_TRUST_IS_NOT_VALID_FOR_USAGE for each element that does not allow the usages by itself, and
 * for the one at which, coming from the root, none (or not all) of them is left.
 */
void chain_usage_errors(const struct chain *chain, const struct chain_usages *usages,
                        DWORD out[CHAIN_DEPTH_MAX]);

/* The usages that the SSL policy asks of a server's or a client's chain. */
struct chain_usages chain_ssl_usages(enum chain_usage usage);

/* The verdict of a policy over a chain: 0 or an HRESULT, and where it stands (-1: the chain). */
struct chain_policy {
    DWORD flags; /* CERT_CHAIN_POLICY_IGNORE_* */
    bool is_ssl;
    DWORD fdw_checks;           /* SECURITY_FLAG_IGNORE_* */
    struct chain_usages usages; /* count 0: not judged here */
    const char *server_name;    /* NULL: no check */
    bool ignores_no_check;      /* CRYPT_E_NO_REVOCATION_CHECK */
    bool ignores_offline;       /* CRYPT_E_REVOCATION_OFFLINE */
};
LONG chain_policy_error(const struct chain *chain, const struct chain_policy *policy,
                        LONG *out_element);

#endif
