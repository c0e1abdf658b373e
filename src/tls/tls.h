/* SPDX-License-Identifier: MIT */
/*
 * The TLS 1.2 and 1.3 engine: sans-I/O, no clock, no policy, no trust, no Windows.
 *
 * The caller feeds what the peer sent and takes what the peer must get. In between the engine
 * stops and says what it waits for; the caller answers with one of the tls_answer functions and
 * steps again. The first fatal error latches: every later call reports it, and the alert that is
 * owed lies in the output.
 *
 * Contract (all of it holds in every state):
 *  - tls_step eats whole records only and reports how many bytes; it never keeps a partial record.
 *  - Output is kept as a list of {level, bytes} and framed into records when it is taken.
 *  - tls_seal and tls_open work in place on caller memory and allocate nothing for application
 *    data. One thread may seal while another opens; all other functions exclude each other and
 *    both of these.
 *  - Handshake-only state is a second allocation that is wiped and freed when the handshake ends.
 */
#ifndef SCHANNEL_TLS_TLS_H
#define SCHANNEL_TLS_TLS_H

#include "crypto/crypto.h"
#include "util/util.h"

enum { TLS_VERSION_12 = 0x0303, TLS_VERSION_13 = 0x0304 };

/* IANA content types. */
enum tls_content_type {
    TLS_CHANGE_CIPHER_SPEC = 20,
    TLS_ALERT = 21,
    TLS_HANDSHAKE = 22,
    TLS_APPLICATION_DATA = 23
};

/* Under which keys bytes travel. TLS 1.2 knows INITIAL and APPLICATION only. */
enum tls_level { TLS_LEVEL_INITIAL, TLS_LEVEL_HANDSHAKE, TLS_LEVEL_APPLICATION, TLS_LEVEL_COUNT };

enum {
    TLS_RECORD_HEADER_LEN = 5,
    TLS_PLAINTEXT_MAX = 16384,
    TLS_SUITES_MAX = 16,
    TLS_GROUPS_MAX = 8,
    TLS_SCHEMES_MAX = 16,
    TLS_PEER_CERTIFICATES_MAX = 32,
    TLS_ALPN_MAX = 255
};

/* ---- suites ---------------------------------------------------------------------------- */

enum tls_auth { TLS_AUTH_ANY, TLS_AUTH_RSA, TLS_AUTH_ECDSA };

/* One row of the suite table. */
struct tls_suite {
    uint16_t id;      /* IANA */
    const char *name; /* IANA spelling */
    uint16_t version; /* the only version that uses it */
    enum aead_id aead;
    enum hash_id hash;          /* HKDF or PRF */
    enum tls_auth auth;         /* TLS 1.2: kind of certificate */
    uint8_t explicit_nonce_len; /* TLS 1.2 GCM: 8 bytes travel in the record */
};

/* NULL when the id is not implemented. */
const struct tls_suite *tls_suite_find(uint16_t id);
/* The rows in default order of preference. */
const struct tls_suite *tls_suite_at(size_t index); /* NULL behind the last */

/* Names for diagnostics; "unknown" for numbers without one. */
const char *tls_message_name(unsigned handshake_type);
const char *tls_content_type_name(unsigned content_type);
const char *tls_alert_name(unsigned alert);
const char *tls_group_name(unsigned group);
const char *tls_scheme_name(unsigned scheme);
const char *tls_extension_name(unsigned extension);

/* The alert that an error owes to the peer; -1 for none (received alerts, local conditions). */
int tls_alert_of(err reason);

/* ---- configuration --------------------------------------------------------------------- */

/* Sizes of the peer's key in bits; 0 = no bound. */
struct tls_key_bounds {
    uint32_t min;
    uint32_t max;
};

/* Immutable, shared by all engines of a credential; must outlive them. */
struct tls_config {
    bool is_server;
    bool tls12;
    bool tls13;
    uint8_t suite_count;
    uint8_t group_count;
    uint8_t scheme_count;
    bool strict_renegotiation_info;  /* refuse peers without RFC 5746 */
    uint16_t suites[TLS_SUITES_MAX]; /* in order of preference, both versions */
    uint16_t groups[TLS_GROUPS_MAX];
    uint16_t schemes[TLS_SCHEMES_MAX]; /* accepted from the peer, and used to sign */
    uint32_t message_len_max;          /* largest handshake message; 0 = default */
    struct tls_key_bounds rsa_bounds;
    struct tls_key_bounds ec_bounds;
};

/* Everything that is not a function of the input. Injected, so that tests are exact. */
struct tls_env {
    void *arg;
    err (*random)(void *arg, uint8_t *out, size_t n);
    err (*new_kex)(void *arg, struct kex **out, uint16_t group);
    /* Sink for traffic secrets (key log), may be NULL. label in the NSS key log spelling. */
    void (*secret)(void *arg, const char *label, const uint8_t client_random[32],
                   struct span secret);
};
extern const struct tls_env tls_env_system; /* libcrypto's randomness, no secret sink */

struct tls_params {
    const struct tls_config *config;
    const struct tls_env *env;
    struct span server_name;  /* client: for SNI; empty = no extension. Copied */
    struct span alpn;         /* client: ProtocolName list content (length byte + id)*. Copied */
    bool request_certificate; /* server: send CertificateRequest */
    bool require_certificate; /* server: refuse a client without one */
    uint32_t event_count;     /* capacity of the event ring; 0 = no events */
};

struct tls;

/* ERR_NO_MEMORY, ERR_ARGUMENT. */
err tls_new(struct tls **out, const struct tls_params *params) MUST_USE;
void tls_free(struct tls *t);

/* ---- handshake ------------------------------------------------------------------------- */

enum tls_input_kind { TLS_INPUT_STREAM, TLS_INPUT_DATAGRAM, TLS_INPUT_MESSAGES };

struct tls_input {
    enum tls_input_kind kind; /* only TLS_INPUT_STREAM so far; others are ERR_UNSUPPORTED */
    enum tls_level level;     /* MESSAGES: the level the bytes came in */
    struct span bytes;
    struct span peer_address; /* DATAGRAM */
};

enum tls_wait {
    TLS_WAIT_BYTES,      /* a record is incomplete: bytes_missing more */
    TLS_WAIT_PEER,       /* output goes out, the peer's answer comes in */
    TLS_WAIT_CHOICE,     /* server: ClientHello is there; tls_hello, tls_answer_choice */
    TLS_WAIT_KEY,        /* peer's certificates are there; tls_peer_certificate, tls_answer_key */
    TLS_WAIT_VERDICT,    /* is the peer acceptable? tls_answer_verdict */
    TLS_WAIT_CREDENTIAL, /* client: certificate asked for; tls_request, tls_answer_credential */
    TLS_DONE,            /* established, nothing pending */
    TLS_CLOSED           /* the peer sent close_notify */
};

struct tls_progress {
    enum tls_wait wait;
    size_t consumed;      /* bytes of the input, whole records */
    size_t bytes_missing; /* at least so many more are needed to go on; 0 if not TLS_WAIT_BYTES */
};

/*
 * Goes on as far as possible. A client's first step needs no input and puts the ClientHello in the
 * output. On an established connection it handles what tls_open has put aside, then records in
 * the input, which must be post-handshake messages. Input is never modified.
 * Errors are the reasons of util/err.h; consumed is valid then, too.
 */
err tls_step(struct tls *t, const struct tls_input *input, struct tls_progress *out) MUST_USE;

/* Milliseconds until a timer is due; UINT64_MAX = none (streams have none). */
uint64_t tls_deadline(const struct tls *t);

/* Certificate and key we may present. Spans and key must outlive the handshake. */
/* A client takes messages up to a limit (Windows: 32 KiB), and the chain is in the same one. */
enum { TLS_STAPLE_MAX = 16384 };

struct tls_credential {
    const struct private_key *key;
    struct span list12; /* certificate_list of TLS 1.2: (uint24 length + DER)*, leaf first */
    struct span list13; /* certificate_list of TLS 1.3: (uint24 length + DER + uint16 0)* */
    struct span
        staple; /* server: the OCSP response to the leaf, at most TLS_STAPLE_MAX; or empty */
};

/* The ClientHello, for the choice. Spans live until the choice is answered. */
struct tls_hello {
    uint16_t version;                /* negotiated */
    struct span server_name;         /* empty if none */
    struct span alpn;                /* ProtocolName list content; empty if none */
    struct span schemes;             /* signature_algorithms, two bytes each */
    struct span certificate_schemes; /* signature_algorithms_cert, or empty */
};
const struct tls_hello *tls_hello(const struct tls *t);
/* Whether the credential can serve this client (suites, schemes, curves). */
bool tls_credential_fits(const struct tls *t, const struct tls_credential *credential);

struct tls_choice {
    struct span alpn;   /* the chosen protocol id; empty = none */
    bool alpn_mismatch; /* the client offered, nothing fits: refuse (RFC 7301 3.2) */
    const struct tls_credential *credential; /* NULL: none fits */
    const struct tls_config *config; /* for this protocol; NULL: keep. Must outlive the engine */
};
err tls_answer_choice(struct tls *t, const struct tls_choice *choice) MUST_USE;

/* The peer's chain, leaf first; lives until the handshake ends. */
size_t tls_peer_certificate_count(const struct tls *t);
struct span tls_peer_certificate(const struct tls *t, size_t index);
/* The OCSP response stapled to the leaf, or empty. */
struct span tls_peer_staple(const struct tls *t);
/* The leaf's key; the engine owns it from here on, also on error. */
err tls_answer_key(struct tls *t, struct public_key *key) MUST_USE;
/* OK, or the ERR_CERT_* reason that ends the handshake with its alert. */
err tls_answer_verdict(struct tls *t, err verdict) MUST_USE;

/* The server's CertificateRequest. */
struct tls_request {
    struct span schemes;     /* signature_algorithms, two bytes each */
    struct span authorities; /* (uint16 length + DER Name)*, may be empty */
    struct span types;       /* TLS 1.2 certificate_types, one byte each */
};
const struct tls_request *tls_request(const struct tls *t);
/* NULL: no certificate (an empty Certificate message is sent). */
err tls_answer_credential(struct tls *t, const struct tls_credential *credential) MUST_USE;

/* Ends the connection with a reason of the caller's; queues its alert. Returns the reason. */
err tls_fail(struct tls *t, err reason) MUST_USE;

/* ---- output ---------------------------------------------------------------------------- */

/* Bytes that tls_output would write now; 0 = nothing to send. */
size_t tls_output_len(const struct tls *t);
/*
 * Frames and protects what waits, and forgets it. cap must be at least tls_output_len, else
 * ERR_OUTPUT_TOO_SMALL and nothing is lost.
 */
err tls_output(struct tls *t, uint8_t *out, size_t cap, size_t *out_len) MUST_USE;

/* ---- established connection ------------------------------------------------------------ */

struct tls_info {
    uint16_t version;
    uint16_t suite;
    uint16_t group;       /* key exchange group; 0 before it is known */
    uint16_t own_scheme;  /* scheme we signed with; 0 = none */
    uint16_t peer_scheme; /* scheme the peer signed with; 0 = none */
    bool is_server;
    bool is_established;
    bool is_resumed;
    bool has_extended_master_secret; /* TLS 1.2 */
    bool has_secure_renegotiation;   /* TLS 1.2: RFC 5746 */
    bool sent_certificate;
    bool hello_retried;
    struct span alpn;        /* chosen protocol; empty = none */
    struct span server_name; /* as sent (client) or received (server); empty = none */
    struct span session_id;
    struct key_info peer_key; /* valid when a peer certificate was proved */
    bool has_peer_key;
    int alert_received; /* fatal alert number, or -1 */
    int alert_sent;
    err failure; /* the latched error, OK if none */
};
/* Valid in every state; lives as long as the engine. */
const struct tls_info *tls_info(const struct tls *t);

/* Sizes of the record frame for EncryptMessage; ERR_NOT_AVAILABLE before the end. */
struct tls_sizes {
    uint32_t header_len;
    uint32_t trailer_len;
    uint32_t message_len_max;
    uint32_t block_len;
};
err tls_sizes(const struct tls *t, struct tls_sizes *out) MUST_USE;

/*
 * Seals one record: header (header_len bytes are written), data in place, trailer (trailer_len
 * bytes are written). n <= TLS_PLAINTEXT_MAX. type: APPLICATION_DATA or ALERT.
 * Nothing can be sealed behind a close_notify or a fatal alert, nor while something that must go
 * first waits in the output. The last records of a key are kept for tls_update_keys and alerts.
 * ERR_WRONG_STATE (not established), ERR_CLOSED, ERR_SEQUENCE_EXHAUSTED, ERR_MESSAGE_TOO_LARGE,
 * ERR_DEAD.
 */
err tls_seal(struct tls *t, enum tls_content_type type, uint8_t *header, uint8_t *data, size_t n,
             uint8_t *trailer) MUST_USE;

enum tls_opened_kind {
    TLS_OPENED_NOTHING,   /* record incomplete: bytes_missing more; nothing changed */
    TLS_OPENED_DATA,      /* data, possibly empty (also: an ignored warning alert) */
    TLS_OPENED_HANDSHAKE, /* a post-handshake message: call tls_step before opening more */
    TLS_OPENED_CLOSED     /* close_notify */
};

struct tls_opened {
    enum tls_opened_kind kind;
    size_t bytes_missing;
    size_t record_len;  /* whole record with header */
    size_t header_len;  /* record header and explicit nonce */
    size_t content_len; /* plaintext at bytes + header_len (DATA, HANDSHAKE) */
};
/*
 * Opens the first record in place. After TLS_OPENED_HANDSHAKE the content has been put aside for
 * tls_step, and further tls_open calls give ERR_WRONG_STATE until then. After close_notify every
 * call gives TLS_OPENED_CLOSED.
 */
err tls_open(struct tls *t, uint8_t *bytes, size_t n, struct tls_opened *out) MUST_USE;
/* What tls_open has put aside and tls_step has not handled yet. */
struct span tls_pending(const struct tls *t);

/* Queues close_notify behind what waits; once it is taken no more data can be sealed, and a
 * handshake that has more to say ends with ERR_CLOSED. May be called in any state. */
err tls_shutdown(struct tls *t) MUST_USE;
/* Queues an alert of the caller's. A fatal one ends the connection once it is taken. */
err tls_send_alert(struct tls *t, uint8_t alert_level, uint8_t description) MUST_USE;
/* Queues a KeyUpdate (TLS 1.3; ERR_UNSUPPORTED in 1.2, ERR_WRONG_STATE before the end). */
err tls_update_keys(struct tls *t, bool request_update) MUST_USE;

/* Exporter: RFC 5705 (1.2; has_context tells empty from absent) and RFC 8446 7.5. */
err tls_export(const struct tls *t, struct span label, bool has_context, struct span context,
               uint8_t *out, size_t out_len) MUST_USE;
/* tls-unique (RFC 5929 3): the first Finished of the handshake. ERR_UNSUPPORTED in 1.3. */
err tls_unique(const struct tls *t, struct span *out) MUST_USE;

/* ---- events ---------------------------------------------------------------------------- */

enum tls_event_kind {
    TLS_EVENT_RECORD_RECEIVED, /* content_type (outer), length = record with header */
    TLS_EVENT_RECORD_SENT,
    TLS_EVENT_MESSAGE_PARSED, /* message_type, length with its 4-byte header */
    TLS_EVENT_MESSAGE_BUILT,
    TLS_EVENT_STATE,          /* from -> to, names in text */
    TLS_EVENT_KEY_INSTALLED,  /* level; from = "read" or "write" */
    TLS_EVENT_ALERT_RECEIVED, /* alert_level, alert */
    TLS_EVENT_ALERT_SENT,
    TLS_EVENT_FAILURE /* reason, function, line */
};

struct tls_event {
    uint64_t number; /* counts all events of the engine from 0 */
    enum tls_event_kind kind;
    enum tls_level level;
    uint8_t content_type;
    uint8_t message_type;
    uint8_t alert_level;
    uint8_t alert;
    uint32_t length;
    const char *from; /* STATE: static names */
    const char *to;
    const char *function; /* FAILURE */
    int line;
    err reason;
};

/* Takes up to `max` of the oldest events; *out_dropped = events overwritten before being read. */
size_t tls_events(struct tls *t, struct tls_event *out, size_t max, uint64_t *out_dropped);

#endif
