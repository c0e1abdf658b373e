/* SPDX-License-Identifier: MIT */
/*
 * The engine's insides. Invariants:
 *
 *  - `state` is the only word that the reading and the writing thread share. `writer` belongs to
 *    tls_seal, `reader` and `in` to tls_open; everything else to the calls that exclude both.
 *  - `hs` exists exactly while a handshake runs. Nothing outside handlers writes its proofs.
 *  - Output items lie in `out` in the order they will be sent. An item's level never is below that
 *    of an earlier one. Keys of a level are installed when the first item of it is framed.
 *  - Transcript: every handshake message but HelloRequest and post-handshake ones, once, in order.
 *  - A failure latches: STATE_FAILED and info.failure are set once, in engine_latch, and the queue
 *    then holds the alert and nothing else that the peer could not read.
 */
#ifndef SCHANNEL_TLS_INTERNAL_H
#define SCHANNEL_TLS_INTERNAL_H

#include <stdatomic.h>

#include "tls/limits.h"
#include "tls/message.h"
#include "tls/tls.h"

enum {
    STATE_ESTABLISHED = 1 << 0,
    STATE_FAILED = 1 << 1,
    STATE_WRITE_CLOSED = 1 << 2, /* our close_notify or fatal alert has been taken */
    STATE_READ_CLOSED = 1 << 3,  /* the peer's close_notify has come */
    STATE_READ_PENDING = 1 << 4, /* tls_open has put a handshake message aside */
    STATE_WRITE_BLOCKED = 1 << 5 /* something must go out before more data may */
};

/* One direction of the record layer. */
struct half {
    struct aead *aead; /* NULL: plaintext */
    uint64_t number;   /* sequence number of the next record */
    uint64_t limit;    /* records the key may protect; UINT64_MAX - 1 at most */
    enum tls_level level;
    uint8_t header_len;
    bool is_tls13;
    struct secret traffic; /* TLS 1.3 application traffic secret, for KeyUpdate */
};

struct out_item {
    uint32_t len;
    uint8_t type; /* content type */
    enum tls_level level;
    bool rekey_after; /* a KeyUpdate: the writer's keys change behind it */
};

struct event_ring {
    struct tls_event *slots;
    uint32_t capacity;
    uint64_t written;
    uint64_t read;
};

/* The running hash over handshake messages; raw bytes until the hash is known (and, for the
 * TLS 1.2 CertificateVerify, until that is behind us). */
struct transcript {
    struct hash *hash;
    struct buf raw;
    bool keep_raw;
};

/* TLS 1.3 secrets of a running handshake; each stage consumes the one before (RFC 8446 7.1). */
struct schedule13 {
    enum hash_id hash;
    struct secret secret; /* early, then handshake, then master */
    enum { STAGE_NONE, STAGE_EARLY, STAGE_HANDSHAKE, STAGE_MASTER, STAGE_DONE } stage;
    struct secret client_handshake;
    struct secret server_handshake;
    struct secret client_application;
    struct secret server_application;
};

/* Set by the checking functions only; hs_finish demands them. */
struct proofs {
    bool key_share; /* a shared secret was derived */
    bool signature; /* the peer's signature over the handshake verified */
    bool verdict;   /* the caller accepted the peer */
    bool finished;  /* the peer's Finished matched */
};

struct handshake {
    const struct hs_row *table;
    size_t table_len;
    int state;
    struct transcript transcript;
    struct proofs proofs;
    struct kex *kex;
    struct schedule13 schedule;
    struct secret master12;
    uint8_t key_block12[2 * (32 + AEAD_IV_LEN)]; /* client key, server key, client iv, server iv */
    uint8_t key_block12_len;
    uint8_t client_random[RANDOM_LEN];
    uint8_t server_random[RANDOM_LEN];
    uint8_t session_id[SESSION_ID_MAX];
    uint8_t session_id_len;
    uint32_t offered;      /* extensions in our ClientHello, bits of enum ext */
    uint16_t retry_suite;  /* suite of the HelloRetryRequest; 0 = none */
    uint16_t retry_group;  /* group it asked for; 0 = none */
    struct buf cookie;     /* client: of the HelloRetryRequest */
    struct buf peer_share; /* TLS 1.2 client: the server's point */
    struct buf hello;      /* server: body of the ClientHello; hello_parsed points into it */
    struct client_hello hello_parsed;
    struct tls_hello hello_view;
    struct span peer_groups; /* server: into hello */
    bool peer_has_groups;
    bool offers_ems;
    bool certificate_requested; /* client: server asked; server: we asked */
    bool peer_sent_certificate;
    bool staple_expected; /* TLS 1.2 client: server announced CertificateStatus */
    bool staple_wanted;   /* server: the client asked for an OCSP response */
    bool alpn_offered;
    size_t early_data_left; /* server: bytes of rejected early data still to be skipped */
    const struct tls_credential *credential;
    struct public_key *peer_key;
    struct buf peer_chain; /* bodies of the peer's certificates */
    size_t peer_count;
    struct {
        uint32_t at, len;
    } peer_certificates[TLS_PEER_CERTIFICATES_MAX];
    struct buf staple;
    struct buf request_body; /* client: body of the CertificateRequest; request points into it */
    struct tls_request request;
    uint8_t own_verify_data[VERIFY_DATA_12_LEN];
};

struct tls {
    atomic_uint state;
    const struct tls_config *config;
    const struct tls_env *env;
    const struct tls_suite *suite;
    struct handshake *hs;
    struct tls_info info;
    struct buf in;           /* handshake bytes received and not handled yet */
    enum tls_level in_level; /* keys the last of them came under */
    struct buf out;
    struct out_item out_items[OUTPUT_ITEMS_MAX];
    unsigned out_count;
    enum tls_level alert_level;  /* keys an alert must travel under now */
    enum tls_level write_target; /* level the writer goes to once the queue is taken */
    uint16_t record_version;     /* of the next plaintext record */
    bool wants_certificate;      /* server: send CertificateRequest */
    bool requires_certificate;
    bool peer_spoke;   /* at least one record was accepted */
    bool ccs_possible; /* TLS 1.3: a change_cipher_spec would be passed over now */
    unsigned empty_records;
    unsigned warning_alerts;
    unsigned post_messages;
    uint8_t *server_name; /* owned, info.server_name points there */
    uint8_t *alpn_offer;  /* owned, ProtocolName list of a client */
    size_t alpn_offer_len;
    uint8_t *alpn_chosen;
    uint8_t session_id[SESSION_ID_MAX];
    struct secret exporter; /* 1.3: exporter_master_secret; 1.2: master secret (RFC 5705) */
    uint8_t randoms[2 * RANDOM_LEN]; /* TLS 1.2 exporter seed */
    uint8_t tls_unique[VERIFY_DATA_12_LEN];
    atomic_ullong event_number;
    struct event_ring events_write; /* records sealed by tls_seal */
    struct event_ring events;       /* everything else */
    struct half reader;
    uint8_t apart[64]; /* the two halves never share a cache line */
    struct half writer;
};

/* ---- state machine (handshake.c) ------------------------------------------------------- */

enum hs_state {
    C_SEND_HELLO,
    C_WAIT_HELLO,
    C_SEND_HELLO_AGAIN,
    C_WAIT_HELLO_AGAIN,
    C13_WAIT_ENCRYPTED_EXTENSIONS,
    C13_WAIT_CERTIFICATE_OR_REQUEST,
    C13_WAIT_CERTIFICATE,
    C13_STOP_KEY,
    C13_WAIT_CERTIFICATE_VERIFY,
    C13_STOP_VERDICT,
    C13_WAIT_FINISHED,
    C13_STOP_CREDENTIAL,
    C13_SEND_CERTIFICATE,
    C13_SEND_CERTIFICATE_VERIFY,
    C13_SEND_FINISHED,
    C12_WAIT_CERTIFICATE,
    C12_STOP_KEY,
    C12_WAIT_STATUS_OR_KEY_EXCHANGE,
    C12_WAIT_KEY_EXCHANGE,
    C12_WAIT_REQUEST_OR_DONE,
    C12_WAIT_DONE,
    C12_STOP_VERDICT,
    C12_STOP_CREDENTIAL,
    C12_SEND_CERTIFICATE,
    C12_SEND_KEY_EXCHANGE,
    C12_SEND_CERTIFICATE_VERIFY,
    C12_SEND_FINISHED,
    C12_WAIT_CHANGE_CIPHER_SPEC,
    C12_WAIT_FINISHED,
    S_WAIT_HELLO,
    S_STOP_CHOICE,
    S13_SEND_RETRY,
    S13_WAIT_HELLO_AGAIN,
    S13_SEND_HELLO,
    S13_SEND_ENCRYPTED_EXTENSIONS,
    S13_SEND_REQUEST,
    S13_SEND_CERTIFICATE,
    S13_SEND_CERTIFICATE_VERIFY,
    S13_SEND_FINISHED,
    S13_WAIT_CERTIFICATE,
    S13_STOP_KEY,
    S13_WAIT_CERTIFICATE_VERIFY,
    S13_STOP_VERDICT,
    S13_WAIT_FINISHED,
    S12_SEND_HELLO,
    S12_SEND_CERTIFICATE,
    S12_SEND_STATUS,
    S12_SEND_KEY_EXCHANGE,
    S12_SEND_REQUEST,
    S12_SEND_DONE,
    S12_WAIT_CERTIFICATE,
    S12_STOP_KEY,
    S12_WAIT_KEY_EXCHANGE,
    S12_WAIT_CERTIFICATE_VERIFY,
    S12_STOP_VERDICT,
    S12_WAIT_CHANGE_CIPHER_SPEC,
    S12_WAIT_FINISHED,
    S12_SEND_FINISHED,
    HS_DONE,
    HS_STATE_COUNT
};

#define NEXT(state) (UINT64_C(1) << (state))

/* When a received message enters the transcript. */
enum hs_hash { HASH_BEFORE, HASH_AFTER, HASH_BY_ACT, HASH_NEVER };

/*
 * One row: in `state`, a `message` (or none: a sending state, or a stop when `wait` says for what)
 * is handled by `act`, which leaves hs->state in the set `next`.
 */
struct hs_row {
    enum hs_state state;
    enum msg message;
    enum tls_wait wait; /* rows without message and act: what the caller must answer */
    err (*act)(struct tls *t, struct span body);
    uint64_t next;
    enum tls_level level; /* keys the message must have come under */
    bool ends_record;     /* RFC 8446 5.1: a key change follows */
    enum hs_hash hash;
};

enum hs_machine {
    MACHINE_CLIENT,
    MACHINE_CLIENT13,
    MACHINE_CLIENT12,
    MACHINE_SERVER,
    MACHINE_SERVER13,
    MACHINE_SERVER12,
    MACHINE_COUNT
};
const struct hs_row *hs_machine_rows(enum hs_machine machine, size_t *out_count);
const char *hs_state_name(int state);
void hs_enter(struct tls *t, enum hs_machine machine, enum hs_state state);

/* Runs until input is needed (returns with *out_wait = TLS_WAIT_BYTES), a stop, or the end. */
err hs_run(struct tls *t, enum tls_wait *out_wait) MUST_USE;
/* TLS 1.2: the record as a message of the machine. */
err hs_change_cipher_spec(struct tls *t) MUST_USE;
/* True when the machine stands at a stop that waits for this. */
bool hs_stopped_at(const struct tls *t, enum tls_wait wait);
/* The caller answered: leaves the stop for one of its next states. */
err hs_leave_stop(struct tls *t, enum hs_state next) MUST_USE;
/* The message being handled, with its header. */
struct span hs_current_message(const struct tls *t);
/* Nothing of a further message lies behind the current one (RFC 8446 5.1). */
err hs_require_aligned(const struct tls *t) MUST_USE;
/* The handshake is complete: checks the proofs and makes the connection usable. */
err hs_finish(struct tls *t) MUST_USE;
void hs_free(struct tls *t);

extern const struct hs_row client_rows[], client13_rows[], client12_rows[], server_rows[],
    server13_rows[], server12_rows[];
extern const size_t client_row_count, client13_row_count, client12_row_count, server_row_count,
    server13_row_count, server12_row_count;

/* Post-handshake messages, handled without a handshake state (post.c). */
err post_handle(struct tls *t, enum msg type, struct span body) MUST_USE;
/* What tls_open must know about a message it puts aside. */
bool post_blocks_writer(const struct tls *t, struct span bytes);

/* ---- building messages (output.c) ------------------------------------------------------ */

/* Opens a message in the output; hs_close ends it, hashes it and reports the event. */
struct hs_message {
    size_t at;
    struct wr_mark length;
    enum msg type;
};
struct hs_message hs_open(struct tls *t, enum msg type);
err hs_close(struct tls *t, struct hs_message message, enum tls_level level) MUST_USE;
err out_append(struct tls *t, uint8_t content_type, enum tls_level level,
               struct span bytes) MUST_USE;
err out_alert(struct tls *t, uint8_t alert_level, uint8_t description) MUST_USE;
err out_key_update(struct tls *t, bool request_update) MUST_USE;
/* Drops what must not be sent any more after a failure. */
void out_abandon(struct tls *t, bool alert_follows);

/* ---- records (record.c) ---------------------------------------------------------------- */

struct rec_header {
    uint8_t type;
    uint16_t version;
    uint16_t len;
};
/* *out_missing > 0: that many more bytes are needed, nothing else is set. */
err rec_read_header(struct tls *t, struct span bytes, struct rec_header *out,
                    size_t *out_missing) MUST_USE;

struct rec_plain {
    uint8_t type; /* inner type */
    uint8_t *p;
    size_t n;
    size_t offset; /* of p in the record */
};
/* Opens a whole record in place under the reader's keys. */
err rec_open(struct tls *t, const struct rec_header *header, uint8_t *record,
             struct rec_plain *out) MUST_USE;
/* Seals under the writer's keys: header_len bytes at header, trailer_len at trailer. */
err rec_seal(struct half *w, uint8_t type, uint8_t *header, uint8_t *data, size_t n,
             uint8_t *trailer) MUST_USE;
size_t rec_header_len(const struct half *h);
size_t rec_trailer_len(const struct half *h);
/* Frame lengths at a level whose keys may not be installed yet. */
void rec_frame_lens(const struct tls *t, enum tls_level level, size_t *out_header,
                    size_t *out_trailer);

/* ---- keys (keys.c) --------------------------------------------------------------------- */

/* Installs the keys of a level (hs secrets) for one direction. */
err keys_install(struct tls *t, bool is_writer, enum tls_level level) MUST_USE;
/* RFC 8446 7.2: next generation of application traffic keys. */
err keys_update(struct tls *t, bool is_writer) MUST_USE;

/* ---- transcript and schedules ---------------------------------------------------------- */

err transcript_add(struct transcript *tr, struct span message) MUST_USE;
/* The hash is known: what was kept raw goes in. */
err transcript_start(struct transcript *tr, enum hash_id id) MUST_USE;
/* RFC 8446 4.4.1: ClientHello1 becomes a message_hash message. */
err transcript_retry(struct transcript *tr) MUST_USE;
err transcript_hash(const struct transcript *tr, uint8_t out[HASH_MAX]) MUST_USE;
void transcript_drop_raw(struct transcript *tr);
void transcript_release(struct transcript *tr);

err schedule13_start(struct schedule13 *s, enum hash_id hash) MUST_USE;
err schedule13_handshake(struct schedule13 *s, const struct secret *shared,
                         const uint8_t *transcript_hash) MUST_USE;
/* Application secrets and the exporter secret, from the transcript up to the server's Finished. */
err schedule13_application(struct schedule13 *s, const uint8_t *transcript_hash,
                           struct secret *out_exporter) MUST_USE;
err schedule13_finished(enum hash_id hash, const struct secret *base,
                        const uint8_t *transcript_hash, uint8_t out[HASH_MAX]) MUST_USE;
err schedule13_next_traffic(enum hash_id hash, struct secret *traffic) MUST_USE;

err schedule12_master(struct tls *t, const struct secret *premaster) MUST_USE;
err schedule12_key_block(struct tls *t) MUST_USE;
err schedule12_finished(const struct tls *t, bool of_server,
                        uint8_t out[VERIFY_DATA_12_LEN]) MUST_USE;

/* ---- proofs of identity (auth.c) ------------------------------------------------------- */

err auth_take_certificates(struct tls *t, const struct certificate_message *m) MUST_USE;
uint16_t auth_pick_scheme(const struct tls *t, const struct key_info *key, struct span peer_schemes,
                          bool is_tls13);
/* Checks scheme against what we offered and the key, then the signature over `content`. */
err auth_verify(struct tls *t, const struct signed_message *m, struct span content) MUST_USE;
/* RFC 8446 4.4.3: the bytes that a TLS 1.3 CertificateVerify signs. */
enum { AUTH_CONTENT13_MAX = 64 + 34 + HASH_MAX };
err auth_content13(const struct tls *t, bool by_server, uint8_t out[AUTH_CONTENT13_MAX],
                   size_t *out_len) MUST_USE;
/* Appends scheme and signature to the open message. */
err auth_sign(struct tls *t, struct span peer_schemes, struct span content,
              struct buf *out) MUST_USE;
/* Whether a server's certificate goes out with its OCSP response. */
bool auth_is_stapled(const struct tls *t);
err auth_send_certificate13(struct tls *t) MUST_USE;
err auth_send_certificate_verify13(struct tls *t, struct span peer_schemes) MUST_USE;
err auth_send_finished13(struct tls *t) MUST_USE;
err auth_on_certificate_verify13(struct tls *t, struct span body) MUST_USE;
err auth_on_finished13(struct tls *t, struct span body) MUST_USE;
err auth_send_certificate12(struct tls *t) MUST_USE;
err auth_send_finished12(struct tls *t) MUST_USE;
err auth_on_finished12(struct tls *t, struct span body) MUST_USE;

/* ---- shared by both roles -------------------------------------------------------------- */

/* ALPN answer of the server: exactly one protocol that we offered. */
err hello_take_alpn(struct tls *t, struct span body) MUST_USE;
err hello_set_alpn(struct tls *t, struct span id) MUST_USE;
err hello_check_renegotiation(struct tls *t, const struct ext_set *extensions) MUST_USE;
/* RFC 8446 4.2.9 and 4.2.11: the offer of a key is not taken up, but must be well formed. */
err server_check_psk(const struct ext_set *extensions) MUST_USE;
/* ECDHE: derives with hs->kex and marks the proof. */
err hello_derive(struct tls *t, struct span peer_share, struct secret *out) MUST_USE;
bool config_has_group(const struct tls_config *config, uint16_t group);
bool config_has_scheme(const struct tls_config *config, uint16_t scheme);
bool config_has_suite(const struct tls_config *config, const struct tls_suite *suite);

/* ---- engine ---------------------------------------------------------------------------- */

err engine_latch(struct tls *t, err reason);
void state_set(struct tls *t, unsigned bits);
void state_clear(struct tls *t, unsigned bits);
bool state_has(const struct tls *t, unsigned bits);

struct tls_event *event_add(struct tls *t, enum tls_event_kind kind);
struct tls_event *event_add_sealed(struct tls *t, enum tls_event_kind kind);
void event_record(struct tls *t, bool is_sent, uint8_t content_type, enum tls_level level,
                  size_t len);
void event_message(struct tls *t, bool is_built, unsigned type, enum tls_level level, size_t len);
err event_ring_init(struct event_ring *ring, uint32_t capacity) MUST_USE;
void event_ring_release(struct event_ring *ring);

/* A received alert record; *out_closed on close_notify. */
err alert_receive(struct tls *t, struct span content, bool *out_closed) MUST_USE;

void secret_report(const struct tls *t, const char *label, const struct secret *secret);

#endif
