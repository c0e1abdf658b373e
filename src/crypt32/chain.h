/* SPDX-License-Identifier: MIT */
/*
 * Paths: the search for the best chain and the status of its elements. Bounded in depth and in
 * signature checks. Elements hold references.
 */
#ifndef SCHANNEL_CRYPT32_CHAIN_H
#define SCHANNEL_CRYPT32_CHAIN_H

#include "crypt32/cert.h"

enum { CHAIN_DEPTH_MAX = 10, CHAIN_SIGNATURES_MAX = 100, CHAIN_USAGES_MAX = 16 };

struct chain_element {
    struct cert *cert;
    DWORD errors; /* CERT_TRUST_* */
    DWORD infos;
};

struct chain {
    struct chain_element elements[CHAIN_DEPTH_MAX];
    size_t count;
    bool is_anchored; /* the last element is a trusted root */
    DWORD errors;     /* of all elements, and CERT_TRUST_IS_PARTIAL_CHAIN */
    DWORD infos;
};

struct chain_inputs {
    struct cert *leaf;
    struct store *additional; /* may be NULL */
    struct store *roots;
    int64_t now;
    const char *usages[CHAIN_USAGES_MAX]; /* dotted; none: any */
    size_t usage_count;
    bool all_usages; /* every one is needed, not one of them */
    bool wants_revocation;
};

/* The best path that was found; only ERR_NO_MEMORY and the like are errors. */
err chain_build(const struct chain_inputs *inputs, struct chain *out) MUST_USE;
void chain_release(struct chain *chain);

/* The SSL policy's verdict over a chain: 0 or an HRESULT, and where it stands (-1: the chain). */
struct chain_policy {
    DWORD flags; /* CERT_CHAIN_POLICY_IGNORE_* */
    bool is_ssl;
    DWORD fdw_checks;        /* SECURITY_FLAG_IGNORE_* */
    const char *server_name; /* NULL: no check */
};
LONG chain_policy_error(const struct chain *chain, const struct chain_policy *policy,
                        LONG *out_element);

#endif
