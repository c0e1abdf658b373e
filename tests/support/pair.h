/* SPDX-License-Identifier: MIT */
/*
 * A client and a server in one process, over memory, on the public headers alone. Bytes travel in a
 * queue for each direction and are delivered in pieces of a chosen size.
 */
#ifndef SCHANNEL_TESTS_PAIR_H
#define SCHANNEL_TESTS_PAIR_H

#define SCHANNEL_USE_BLACKLISTS
#include <stdbool.h>
#include <stdint.h>
#include <windows.h>
#include <security.h>
#include <schannel.h>
#include <libschannel.h>

enum { PAIR_BUFFER_LEN = 1 << 18 };

enum { SPLIT_ALL = 0, SPLIT_RECORD = -1, SPLIT_RANDOM = -2 }; /* else: bytes at a time */

struct pair_side {
    const char *name;
    bool is_server;
    CredHandle cred;
    CtxtHandle ctx;
    bool has_ctx;
    ULONG request;
    const char *target;
    const unsigned char *alpn; /* (length, id)*, or NULL */
    size_t alpn_len;
    SECURITY_STATUS status; /* of the last call */
    ULONG attributes;
    TimeStamp expiry;
    bool is_done;
    uint8_t wire[PAIR_BUFFER_LEN]; /* on its way to this side */
    size_t wire_len;
    uint8_t in[PAIR_BUFFER_LEN]; /* arrived, not consumed */
    size_t in_len;
    unsigned calls;
};

struct pair {
    struct pair_side client;
    struct pair_side server;
    int split;
    uint32_t seed;
};

struct pair_options {
    DWORD client_disabled; /* SP_PROT_*; TLS versions that the side must not speak */
    DWORD server_disabled;
    CRYPTO_SETTINGS *client_crypto;
    DWORD client_crypto_count;
    CRYPTO_SETTINGS *server_crypto;
    DWORD server_crypto_count;
    PCCERT_CONTEXT server_certificate;
    PCCERT_CONTEXT client_certificate;
    HCERTSTORE client_roots;
    HCERTSTORE server_roots;
    DWORD client_flags; /* SCH_CRED_* */
    DWORD server_flags;
    ULONG client_request; /* added to the usual ones */
    ULONG server_request;
    const char *target;
    const char *alpn_client; /* comma-separated */
    const char *alpn_server;
    int split;
    uint32_t seed;
};

#define PAIR_TLS12_ONLY (SP_PROT_TLS1_3_CLIENT | SP_PROT_TLS1_3_SERVER)
#define PAIR_TLS13_ONLY (SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_2_SERVER)

#define PAIR_ISC_REQUEST                                                                           \
    (ISC_REQ_SEQUENCE_DETECT | ISC_REQ_REPLAY_DETECT | ISC_REQ_CONFIDENTIALITY |                   \
     ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_STREAM | ISC_REQ_EXTENDED_ERROR)
#define PAIR_ASC_REQUEST                                                                           \
    (ASC_REQ_SEQUENCE_DETECT | ASC_REQ_REPLAY_DETECT | ASC_REQ_CONFIDENTIALITY |                   \
     ASC_REQ_ALLOCATE_MEMORY | ASC_REQ_STREAM | ASC_REQ_EXTENDED_ERROR)

/* Credentials of both sides; the status of the one that failed. No handshake yet. */
SECURITY_STATUS pair_open(struct pair *p, const struct pair_options *options);
void pair_close(struct pair *p);

/* One call of ISC or ASC with what has arrived; the output goes on the peer's wire. */
SECURITY_STATUS pair_call(struct pair_side *side, struct pair_side *peer);
/* Moves the next piece of the wire into `in`; false when the wire is empty. */
bool pair_deliver(struct pair *p, struct pair_side *side);
/* Until both are done, or one fails, or nothing moves. True when both are done. */
bool pair_handshake(struct pair *p);

/* One message through both calls; asserts that it arrives unchanged. Post-handshake messages that
 * come first are handed to ISC or ASC. Returns DecryptMessage's status. */
SECURITY_STATUS pair_send(struct pair *p, struct pair_side *from, struct pair_side *to,
                          const void *data, size_t n);
/* The record of a message, with sizes queried; asserts success. Returns its length. */
size_t pair_seal(struct pair_side *side, const void *data, size_t n, uint8_t *out, size_t cap);
/* Shutdown by `from`: ApplyControlToken and the token that follows, on the wire to `to`. */
SECURITY_STATUS pair_shutdown(struct pair_side *from, struct pair_side *to);
/* 32 bytes of keying material for a label. */
SECURITY_STATUS pair_export(struct pair_side *side, const char *label, uint8_t out[32]);

/* A certificate for "localhost", made once for each kind; lives as long as the process. */
PCCERT_CONTEXT pair_certificate(const char *key_type);
/* A memory store that holds one certificate. */
HCERTSTORE pair_store(PCCERT_CONTEXT certificate);

#endif
