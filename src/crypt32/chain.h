/* SPDX-License-Identifier: MIT */
/*
 * Paths: the search for the best chain, the checks of its elements, and the policies' verdict.
 * Bounded in depth and in signature checks. Elements hold references.
 */
#ifndef SCHANNEL_CRYPT32_CHAIN_H
#define SCHANNEL_CRYPT32_CHAIN_H

#include "crypt32/cert.h"

struct crl_body;

enum {
    CHAIN_DEPTH_MAX = 10,
    CHAIN_SIGNATURES_MAX = 100,
    CHAIN_LISTS_MAX = 200, /* signatures of revocation lists and responses */
    CHAIN_OTHERS_MAX = 4,
    CHAIN_RSA_BITS_MIN = 2048,
    CHAIN_USAGES_MAX = 16,
    CHAIN_STORES_MAX = 8
};

/* What was found out about an element's revocation; shared by the copies of a path. */
struct revocation {
    atomic_int refs;
    DWORD result; /* 0, CRYPT_E_REVOKED, CRYPT_E_NO_REVOCATION_CHECK, CRYPT_E_REVOCATION_OFFLINE */
    DWORD reason; /* CRL_REASON_*, when it is revoked */
    DWORD infos;  /* CERT_TRUST_SSL_* when a stapled response answered */
    bool has_freshness;
    DWORD freshness;        /* age of the answer, seconds */
    struct crl_body *base;  /* the list that answered, with a reference; NULL: none did */
    struct crl_body *delta; /* on top of it */
    CRL_ENTRY *entry;       /* in one of the two; NULL: not listed */
    bool is_in_delta;
};

struct chain_element {
    struct cert *cert;
    DWORD errors; /* CERT_TRUST_* */
    DWORD infos;
    struct revocation *revocation; /* NULL: not asked */
};

struct chain {
    struct chain_element elements[CHAIN_DEPTH_MAX];
    size_t count;
    bool is_anchored; /* the last element is a trusted root, or the first a trusted peer */
    bool is_peer;     /* the end certificate is trusted as it stands */
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

/* Where answers may come from beside the certificates and stores at hand. */
enum chain_retrieval {
    CHAIN_RETRIEVAL_NONE,
    CHAIN_RETRIEVAL_KNOWN, /* what was fetched before */
    CHAIN_RETRIEVAL_ONLINE
};

/* What a search may still do; shared with the searches for the signers of revocation lists. */
struct chain_budget {
    unsigned signatures;
    unsigned lists;
    unsigned fetches;
    uint32_t fetch_ms; /* for each of them, or for all that are still made */
    bool shares_time;
};

struct chain_inputs {
    struct cert *leaf;
    struct store *searched[CHAIN_STORES_MAX]; /* intermediates; NULL entries are passed over */
    struct store *roots;
    struct store *restricted; /* not NULL: a root must be in here, too */
    struct store *peers;      /* not NULL: end certificates in here are trusted as they stand */
    struct store *distrusted; /* not NULL: what is in here is never trusted */
    bool any_anchor;          /* certificates of `roots` need not be self-issued to be trusted */
    bool is_exclusive;        /* `roots` are the program's own and not the system's */
    int64_t now;
    struct chain_usages usages;
    struct chain_usages policies; /* issuance policies; if there are some, one or all must hold */
    enum chain_revocation revocation;
    int64_t revocation_now;     /* when answers must be current; 0: `now` */
    int64_t revocation_age_max; /* seconds; 0: until the next update is due */
    bool is_for_signer;         /* the path is that of a revocation list's signer */
    enum chain_retrieval retrieval;
    uint32_t retrieval_ms; /* 0: as usual */
    bool shares_time;      /* the time is one for all places that are asked */
};

/* When answers must be current. */
static inline int64_t revocation_time(const struct chain_inputs *inputs)
{
    return inputs->revocation_now != 0 ? inputs->revocation_now : inputs->now;
}

/* Paths that are worse than the best one, best first. */
struct chain_others {
    struct chain chains[CHAIN_OTHERS_MAX];
    size_t count;
};

/* A whole one. */
struct chain_budget chain_budget_of(const struct chain_inputs *inputs);
/* The best path that was found; only ERR_NO_MEMORY and the like are errors. */
err chain_build(const struct chain_inputs *inputs, struct chain *out) MUST_USE;
/* The same with a part of another search's budget, and with the worse paths if out_others is given,
 * which makes the search look at all of them. */
err chain_build_within(const struct chain_inputs *inputs, struct chain_budget *budget,
                       struct chain *out, struct chain_others *out_others) MUST_USE;
void chain_release(struct chain *chain);
void chain_others_release(struct chain_others *others);
/* The chain behind a public context (api_chain.c). */
const struct chain *chain_of_context(PCCERT_CHAIN_CONTEXT context);
/* CERT_CHAIN_REVOCATION_CHECK_* of the flags, and where the answers may come from. */
enum chain_revocation chain_revocation_of(DWORD flags);
enum chain_retrieval chain_retrieval_of(DWORD flags);

/* libcrypto's object with its extensions read: its accessors give nothing the first time in a
 * context without hashes. */
static inline X509 *chain_x509(const struct cert *cert)
{
    X509_get_extension_flags(cert->body->x509);
    return cert->body->x509;
}
/* RFC 5280 7.1: whether the names are the same, byte for byte or after folding case and blanks. */
bool chain_names_issuer(const struct cert *cert, const struct cert *candidate);
/* Whether issuer and subject are the same name. */
bool chain_is_self_issued(const struct cert *cert);
/* How the issuer fits: CERT_TRUST_HAS_EXACT_MATCH_ISSUER, _KEY_ or _NAME_. */
DWORD chain_match(const struct cert *cert, const struct cert *issuer);
/* OK, ERR_SIGNATURE, or another reason why it cannot be verified. An authority's signature that was
 * verified before is remembered (proof.h). */
err chain_verify_under(const struct cert *cert, const struct cert *issuer,
                       bool is_authority) MUST_USE;
/* Whether the certificate's own signature uses MD5, SHA-1 or something older. */
bool chain_is_weakly_signed(const struct cert *cert);
/* Fills the status of all elements and of the path. ERR_NO_MEMORY. */
err chain_check(struct chain *path, const struct chain_inputs *inputs,
                struct chain_budget *budget) MUST_USE;
/* Whether a store holds it; what is signed is compared, since a signature can be written in more
 * than one way. */
bool chain_is_listed(struct store *store, const struct cert *cert);
/* Asks the network about the elements of which nothing is known, if the inputs and the path allow
 * it. ERR_NO_MEMORY. */
err chain_ask_online(struct chain *path, const struct chain_inputs *inputs,
                     struct chain_budget *budget) MUST_USE;
/* CERT_TRUST_* of a certificate's extensions by themselves. */
DWORD chain_extension_errors(const struct cert *cert);
/* RFC 5280 4.2.1.10, chain_names.c: of the constraints in one authority of the path. */
DWORD chain_name_errors(const struct chain *path, size_t authority, DWORD *infos);
/* RFC 5280 6.1 with RFC 9618, chain_policies.c: the policies that hold along the whole path. */
err chain_policy_check(struct chain *path, const struct chain_usages *wanted) MUST_USE;
/*
 * CERT_TRUST_IS_NOT_VALID_FOR_USAGE for each element that does not allow the usages by itself, and
 * for the one at which, coming from the root, none (or not all) of them is left.
 */
void chain_usage_errors(const struct chain *chain, const struct chain_usages *usages,
                        DWORD out[CHAIN_DEPTH_MAX]);

/* ---- revocation (revocation.c) ------------------------------------------------------------- */

struct revocation_question {
    struct cert *cert;
    struct cert *issuer;
    const struct chain *path; /* anchored; NULL: the two stand alone */
    const struct chain_inputs *inputs;
    struct chain_budget *budget;
    bool is_online; /* the places that the certificate names are asked, too */
};

/* The answer, with one reference. ERR_NO_MEMORY. */
err revocation_ask(const struct revocation_question *q, struct revocation **out) MUST_USE;
void revocation_ref(struct revocation *revocation);
void revocation_release(struct revocation *revocation);
/* The answer for one whose issuer is not known, or whose path ends in the air. */
err revocation_unknown(const struct cert *cert, struct revocation **out) MUST_USE;
/* CERT_TRUST_* of a result. */
DWORD revocation_errors(const struct revocation *revocation);
/* Whether the list speaks of the certificate: issuer and scope; the signature is not looked at. */
bool revocation_covers(const struct crl_body *body, const struct cert *cert);
/* Whether the issuer may sign lists and signed this one. */
err revocation_verify_list(const struct crl_body *body, const struct cert *issuer) MUST_USE;
/* Revoked according to the lists alone: for the signers of responses. */
err revocation_is_listed(const struct revocation_question *q, bool *out) MUST_USE;

/* What a stapled response says (ocsp.c). */
struct staple {
    bool is_good;
    bool is_revoked;
    bool is_stale;
    DWORD reason;
    int64_t this_update;
    int64_t next_update; /* 0: not said */
};
err staple_judge(const struct revocation_question *q, struct span response,
                 struct staple *out) MUST_USE;

/* ---- policies (policy.c) ------------------------------------------------------------------- */

/* The usages that the SSL policy asks of a server's or a client's chain. */
struct chain_usages chain_ssl_usages(enum chain_usage usage);

/* The verdict of a policy over a chain: 0 or an HRESULT, and where it stands (-1: the chain). */
struct chain_policy {
    DWORD flags; /* CERT_CHAIN_POLICY_IGNORE_*, BASIC_CONSTRAINTS_CERT_CHAIN_POLICY_* */
    bool is_ssl;
    DWORD fdw_checks;           /* SECURITY_FLAG_IGNORE_* */
    struct chain_usages usages; /* count 0: not judged here */
    const char *server_name;    /* NULL: no check */
    bool ignores_no_check;      /* CRYPT_E_NO_REVOCATION_CHECK */
    bool ignores_offline;       /* CRYPT_E_REVOCATION_OFFLINE */
};
LONG chain_policy_error(const struct chain *chain, const struct chain_policy *policy,
                        LONG *out_element);
/* The BASIC_CONSTRAINTS policy. */
LONG chain_basic_constraints_error(const struct chain *chain, DWORD flags, LONG *out_element);

#endif
