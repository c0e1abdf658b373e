/* SPDX-License-Identifier: MIT */
/*
 * The scripted peer. A real engine talks to the engine under test, the subject; between them every
 * message of the peer is opened, may be changed by the act of a row, and is sealed again with the
 * subject's own keys, so that the subject judges the change and nothing else. In repaired runs the
 * peer's signatures and Finished are made anew over what the subject has seen, which lets changed
 * but legal messages come to a good end.
 */
#ifndef SCHANNEL_TESTS_WIRE_H
#define SCHANNEL_TESTS_WIRE_H

#include "tap.h"

/* The subject's role and version. */
enum wire_on {
    C12 = 1 << 0,
    C13 = 1 << 1,
    S12 = 1 << 2,
    S13 = 1 << 3,
    CLIENTS = C12 | C13,
    SERVERS = S12 | S13,
    TLS12 = C12 | S12,
    TLS13 = C13 | S13,
    ALL = CLIENTS | SERVERS
};

enum wire_option {
    MUTUAL = 1 << 0,         /* the server asks for a certificate, the client has one */
    REQUIRED = 1 << 1,       /* the server insists on it */
    NO_CERTIFICATE = 1 << 2, /* the client has none */
    RETRIED = 1 << 3,        /* the server wants a group that the client sends no share for */
    BOTH = 1 << 4,           /* the subject knows both versions */
    PEER_OTHER = 1 << 5,     /* the peer knows only the other version */
    STRICT = 1 << 6,         /* strict_renegotiation_info */
    REPAIRED = 1 << 7,
    WITH_ALPN = 1 << 8,
    ALPN_REFUSED = 1 << 9,
    HIDES_KEY = 1 << 10,
    FORCED = 1 << 11,    /* the subject presents its certificate although it does not fit */
    RSA_KEYS = 1 << 12,  /* both ends have RSA keys instead of P-256 */
    CLOSES = 1 << 13,    /* expected: OK, with close_notify */
    STALLS = 1 << 14,    /* expected: OK, but the handshake waits */
    ONLY_READ = 1 << 15, /* established: through tls_open only */
    FIRST_GROUP_P256 = 1 << 16,
    CHACHA = 1 << 17,
    ED25519 = 1 << 18,    /* both ends: keys and signatures are the same in every run */
    ONLY_X25519 = 1 << 19 /* the client's one group; the server's certificate fits or not */
};

/* Beside the kinds of units. */
enum { AT_FIRST = 400, AT_EVERY, AT_ESTABLISHED };

struct wire;
typedef void wire_act(struct wire *w, const struct unit *u);

struct row {
    const char *name;
    unsigned on;
    int at; /* unit_kind, AT_FIRST, AT_EVERY or AT_ESTABLISHED */
    wire_act *act;
    err expected;
    int alert; /* number, or -1 */
    unsigned options;
    int offset; /* into the message's body; negative: from its end */
    unsigned value;
    struct span bytes;
    err verdict;   /* what the subject's caller says of the peer */
    void *context; /* of the act */
};

#define BYTES(literal)                                                                             \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }

/* RFC 8446 6, RFC 5246 7.2, RFC 7507, RFC 7301. */
enum {
    NO_ALERT = -1,
    UNEXPECTED_MESSAGE = 10,
    BAD_RECORD_MAC = 20,
    RECORD_OVERFLOW = 22,
    HANDSHAKE_FAILURE = 40,
    BAD_CERTIFICATE = 42,
    UNSUPPORTED_CERTIFICATE = 43,
    CERTIFICATE_REVOKED = 44,
    CERTIFICATE_EXPIRED = 45,
    CERTIFICATE_UNKNOWN = 46,
    ILLEGAL_PARAMETER = 47,
    UNKNOWN_CA = 48,
    DECODE_ERROR = 50,
    DECRYPT_ERROR = 51,
    PROTOCOL_VERSION = 70,
    INTERNAL_ERROR = 80,
    INAPPROPRIATE_FALLBACK = 86,
    USER_CANCELED = 90,
    NO_RENEGOTIATION = 100,
    MISSING_EXTENSION = 109,
    UNSUPPORTED_EXTENSION = 110,
    CERTIFICATE_REQUIRED = 116,
    NO_APPLICATION_PROTOCOL = 120
};

struct wire {
    const struct row *row;
    enum wire_on on;
    bool is_server; /* the subject */
    bool is_tls13;
    bool by_step;  /* established: through tls_step */
    int parameter; /* of a sweep */
    struct engine subject;
    struct engine peer;
    struct tap of_peer;
    struct tap of_subject;
    struct lane to_subject;
    struct buf transcript;  /* what the subject has sent and received */
    size_t first_hello_len; /* with a HelloRetryRequest: where the first ClientHello ends */
    bool was_retried;
    bool has_server_random;
    bool requested;  /* the subject asked for a certificate */
    struct buf held; /* acts that need the next unit put this one here */
    struct unit held_unit;
    struct buf scratch;
    uint8_t session_id[32];
    uint8_t session_id_len;
    size_t seen_len; /* length of the body that the act was given */
    unsigned acted;
    int alert_seen;
};

/* ---- running (wire.c) ------------------------------------------------------------------ */

/* One run of a row as `on`; the caller closes it. */
void wire_run(struct wire *w, const struct row *row, enum wire_on on, bool by_step, int parameter);
void wire_close(struct wire *w);
/* How the run ended, and whether that is what the row says. Prints what is wrong unless quiet. */
bool wire_judge(struct wire *w, bool quiet);

/* ---- for acts (wire.c) ----------------------------------------------------------------- */

/* Sends a record under the keys of a level (plaintext where the subject has none). */
void wire_record(struct wire *w, uint8_t type, enum tls_level level, struct span content);
void wire_quirky(struct wire *w, uint8_t type, enum tls_level level, struct span content,
                 const struct lane_quirk *quirk);
/* Bytes as they are. */
void wire_raw(struct wire *w, struct span bytes);
/* A handshake message in a record of its own, or another unit. */
void wire_pass(struct wire *w, const struct unit *u);
void wire_message(struct wire *w, enum tls_level level, struct span message);
/* Enters the transcript without being sent. */
void wire_note(struct wire *w, struct span message);
/* A signature of the peer's over its key exchange parameters (TLS 1.2). */
void wire_sign12(struct wire *w, struct span params, struct buf *out);

#endif
