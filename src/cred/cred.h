/* SPDX-License-Identifier: MIT */
/*
 * The cred room: SCHANNEL_CRED, SCH_CREDENTIALS or nothing become one immutable, reference-counted
 * credential that any number of contexts share.
 */
#ifndef SCHANNEL_CRED_CRED_H
#define SCHANNEL_CRED_CRED_H

#ifndef SCHANNEL_USE_BLACKLISTS
#define SCHANNEL_USE_BLACKLISTS
#endif
#include <schannel.h>
#include <wincrypt.h>

#include <stdatomic.h>

#include "crypt32/crypt32.h"
#include "tls/tls.h"
#include "util/util.h"

enum { CRED_ALPN_BLOCKS_MAX = SCH_CRED_MAX_SUPPORTED_PARAMETERS };

/* One certificate of the credential, ready to be presented. */
struct cred_certificate {
    PCCERT_CONTEXT context;
    struct private_key *key;
    struct tls_credential presented; /* key and the serialised lists, owned by the credential */
};

/* Settings for connections whose negotiated ALPN protocol is listed (SCH_CREDENTIALS). */
struct cred_parameters {
    size_t alpn_count;
    struct span alpn_ids[SCH_CRED_MAX_SUPPORTED_ALPN_IDS]; /* owned; 0 ids = all others */
    bool is_optional;
    struct tls_config config;
};

struct cred {
    atomic_int refs;
    bool is_server;
    bool is_default;    /* made from NULL auth data */
    DWORD version;      /* SCHANNEL_CRED_VERSION, SCH_CREDENTIALS_VERSION, or 0 */
    DWORD flags;        /* SCH_CRED_*, SCH_* */
    DWORD protocols;    /* SP_PROT_* bits of the direction that are enabled */
    DWORD strength_min; /* bits, as QueryCredentialsAttributes reports */
    DWORD strength_max;
    DWORD session_lifespan_ms;
    size_t certificate_count;
    struct cred_certificate *certificates;
    HCERTSTORE root_store;  /* own reference, or NULL */
    size_t parameter_count; /* at least 1; index 0 is the default block */
    struct cred_parameters *parameters;
    int64_t not_after;       /* seconds since 1970 of the first certificate; INT64_MAX without */
    atomic_uint event_count; /* events that contexts made from it record; 0 = none */
};

/*
 * auth_data: NULL, SCHANNEL_CRED (versions 3, 4) or SCH_CREDENTIALS (5); all of it is copied or
 * referenced. Reasons: ERR_CRED_*, ERR_NO_MEMORY (sspi.md 3.1 lists which condition gives which).
 */
err cred_new(struct cred **out, bool is_server, const void *auth_data) MUST_USE;
struct cred *cred_ref(struct cred *c);
void cred_release(struct cred *c);

/* The block that serves a connection with this ALPN protocol (empty = none). */
const struct tls_config *cred_config(const struct cred *c, struct span alpn);

#endif
