/* SPDX-License-Identifier: MIT */
/* The insides of a security context. */
#ifndef SCHANNEL_CTX_INTERNAL_H
#define SCHANNEL_CTX_INTERNAL_H

#include "ctx/ctx.h"

struct ctx {
    struct tls *engine;
    struct cred *cred;      /* its configuration serves the engine */
    struct cred *auth_cred; /* where certificates come from; may be a later call's */
    unsigned fork_generation;
    bool is_server;
    bool manual_validation;
    bool deferred_validation;
    bool credential_asked; /* the caller has been told once */
    bool peer_verified;    /* server: the client's chain ended in an accepted root */
    bool control_armed;
    bool control_delivered;
    ULONG flags;
    char *target;
    uint8_t *alpn;
    size_t alpn_len;
    /* The peer's certificates. A program whose library judges them seldom looks at them afterwards,
     * so only their bytes are kept then: staple, leaf, the others, each with a 3-byte length. */
    bool has_peer;
    PCCERT_CONTEXT peer; /* NULL once only the bytes are kept */
    struct buf peer_bytes;
    int64_t peer_not_before;
    int64_t peer_not_after;
    PCCERT_CONTEXT local;
    enum key_kind local_kind; /* of the key of `local` */
    bool has_verdict;
    struct chain_verdict verdict;
    struct buf authorities;  /* of the CertificateRequest */
    struct buf peer_schemes; /* two bytes each */
    /* Bytes consumed but not reported: length and digest. */
    size_t replay_len;
    uint8_t replay_digest[HASH_MAX];
    /* Exporter parameters set by SECPKG_ATTR_KEYING_MATERIAL_INFO. */
    struct buf export_label;
    struct buf export_context;
    bool export_has_context;
    DWORD export_len;
};

unsigned fork_generation(void);
const struct tls_env *ctx_env(void); /* system randomness, and the key log if it is on */

/* The leaf of the peer's chain, to be freed by the caller; only when has_peer. */
/* CERT_CHAIN_* for the chain of the peer. */
DWORD peer_chain_flags(const struct ctx *c);
err peer_open(const struct ctx *c, PCCERT_CONTEXT *out) MUST_USE;

/* Answers to the engine's stops (peer.c). */
err peer_take_key(struct ctx *c) MUST_USE;
err peer_judge(struct ctx *c) MUST_USE;
err peer_choose(struct ctx *c) MUST_USE;
/* *out_asked: the caller must be asked for a credential first. */
err peer_give_credential(struct ctx *c, bool no_default, bool *out_asked) MUST_USE;

#endif
