/* SPDX-License-Identifier: MIT */
/*
 * The ctx room: one security context. It drives the engine and answers what it waits for: which
 * credential, is the peer acceptable, which application protocol. No Windows status below this line
 * of rooms: everything is an err.
 *
 * Thread rule: as the engine's. ctx_seal and ctx_open may run at the same time, one of each;
 * nothing else may run together with anything on the same context.
 */
#ifndef SCHANNEL_CTX_CTX_H
#define SCHANNEL_CTX_CTX_H

#ifndef SECURITY_WIN32
#define SECURITY_WIN32
#endif
#include <sspi.h>

#include "cred/cred.h"
#include "tls/tls.h"
#include "win/win.h"

struct ctx;

struct ctx_params {
    struct cred *cred;        /* a reference is taken */
    const char *target;       /* client: name as given, UTF-8, may be NULL. Copied */
    struct span alpn;         /* ProtocolName list, in order of preference. Copied */
    bool request_certificate; /* server */
    bool manual_validation;   /* client: the caller judges the server */
    bool deferred_validation; /* client: judged, but the handshake goes on */
};

err ctx_new(struct ctx **out, const struct ctx_params *params) MUST_USE;
void ctx_free(struct ctx *c);

/* ---- handshake ------------------------------------------------------------------------- */

enum ctx_outcome {
    CTX_CONTINUE,         /* more from the peer is needed */
    CTX_DONE,             /* established, nothing pending */
    CTX_INCOMPLETE,       /* nothing happened: `missing` more bytes are needed */
    CTX_NEEDS_CREDENTIAL, /* client: a certificate is asked for */
    CTX_CLOSED            /* the peer has closed */
};

struct ctx_step {
    enum ctx_outcome outcome;
    size_t consumed;
    size_t missing;
};

/*
 * cred: the credential of this call, NULL to keep the one before. no_default: never stop for a
 * credential, go on without. Bytes that an earlier call consumed and could not report as consumed
 * (CTX_NEEDS_CREDENTIAL, ctx_unreported) may be presented again.
 */
err ctx_step(struct ctx *c, struct cred *cred, bool no_default, struct span input,
             struct ctx_step *out) MUST_USE;
/* The caller will present these bytes, which the last step consumed, again. */
void ctx_unreported(struct ctx *c, struct span consumed);

size_t ctx_output_len(const struct ctx *c);
err ctx_output(struct ctx *c, uint8_t *out, size_t cap, size_t *out_len) MUST_USE;

bool ctx_is_established(const struct ctx *c);
bool ctx_is_server(const struct ctx *c);
bool ctx_has_pending(const struct ctx *c);
/* A client with a certificate was proved and, where that is asked for, its chain verified. */
bool ctx_peer_authenticated(const struct ctx *c);
/* A parent's context in a child process: its keys must not be used. */
bool ctx_is_foreign(const struct ctx *c);
const struct tls_info *ctx_info(const struct ctx *c);
/* Expiry of the peer's certificate, seconds since 1970; INT64_MAX without. */
int64_t ctx_expiry(const struct ctx *c);
/* The mask of ISC_RET_ or ASC_RET_ bits of the last call, kept for SECPKG_ATTR_FLAGS. */
void ctx_set_flags(struct ctx *c, ULONG flags);
/* A client: from now on the caller judges the server. Without effect once it has been judged. */
void ctx_leave_judgement(struct ctx *c);
/* The engine, for sealing, opening, alerts and events. */
struct tls *ctx_engine(struct ctx *c);

/* After ApplyControlToken: the next handshake call delivers what lies in the output. */
void ctx_arm_control(struct ctx *c);
bool ctx_take_control(struct ctx *c);
/* A control token has been delivered and nothing else has happened since. */
bool ctx_control_delivered(const struct ctx *c);

/* ---- attributes ------------------------------------------------------------------------ */

struct ctx_attribute {
    ULONG id;
    bool before_done; /* answers as soon as the data are there */
    ULONG size;       /* of the structure */
    err (*query)(struct ctx *c, bool wide, void *out);
    err (*set)(struct ctx *c, const void *in);
};
/* NULL when the attribute is not supported. */
const struct ctx_attribute *ctx_attribute_find(ULONG id);
const struct ctx_attribute *ctx_attribute_at(size_t index); /* NULL behind the last */

/* One SecPkgInfo block for the package name; freed with one mem_free. */
err ctx_package_info(bool wide, const char *name, void **out) MUST_USE;

/* Windows' numbers for a suite. */
struct ctx_algorithms {
    ALG_ID cipher;
    DWORD cipher_bits;
    ALG_ID hash;
    const char *cipher_name;
};
struct ctx_algorithms ctx_algorithms_of(const struct tls_suite *suite);

#endif
