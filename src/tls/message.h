/* SPDX-License-Identifier: MIT */
/*
 * One plain struct per handshake message, a reader and a writer for each. Readers decode a body
 * completely and reject what is left over; spans point into the body. Nothing acts here.
 */
#ifndef SCHANNEL_TLS_MESSAGE_H
#define SCHANNEL_TLS_MESSAGE_H

#include "tls/extension.h"
#include "tls/tls.h"

/* IANA handshake types, and kinds of our own above 255 for what the state machine tells apart. */
enum msg {
    MSG_HELLO_REQUEST = 0,
    MSG_CLIENT_HELLO = 1,
    MSG_SERVER_HELLO = 2,
    MSG_NEW_SESSION_TICKET = 4,
    MSG_ENCRYPTED_EXTENSIONS = 8,
    MSG_CERTIFICATE = 11,
    MSG_SERVER_KEY_EXCHANGE = 12,
    MSG_CERTIFICATE_REQUEST = 13,
    MSG_SERVER_HELLO_DONE = 14,
    MSG_CERTIFICATE_VERIFY = 15,
    MSG_CLIENT_KEY_EXCHANGE = 16,
    MSG_FINISHED = 20,
    MSG_CERTIFICATE_STATUS = 22,
    MSG_KEY_UPDATE = 24,
    MSG_MESSAGE_HASH = 254,
    MSG_NONE = 300,          /* rows that send or stop */
    MSG_SERVER_HELLO_12,     /* ServerHello without supported_versions */
    MSG_SERVER_HELLO_13,     /* ServerHello with supported_versions */
    MSG_HELLO_RETRY_REQUEST, /* ServerHello with the special random */
    MSG_CHANGE_CIPHER_SPEC   /* TLS 1.2: the record, as a message of the state machine */
};

enum { RANDOM_LEN = 32 };

/* RFC 8446 4.1.2, RFC 5246 7.4.1.2. */
struct client_hello {
    uint16_t legacy_version;
    uint8_t random[RANDOM_LEN];
    struct span session_id;
    struct span suites; /* two bytes each */
    struct span compressions;
    struct span extension_block; /* as it stands, for the comparison after HelloRetryRequest */
    struct ext_set extensions;
};
err msg_read_client_hello(struct span body, struct client_hello *out) MUST_USE;

/* RFC 8446 4.1.3, RFC 5246 7.4.1.3. */
struct server_hello {
    uint16_t legacy_version;
    uint8_t random[RANDOM_LEN];
    struct span session_id;
    uint16_t suite;
    uint8_t compression;
    bool has_supported_versions;
    bool is_retry;
    struct span extension_block;
};
err msg_read_server_hello(struct span body, struct server_hello *out) MUST_USE;
/* Fixed part and an empty mark for extensions, which the caller fills and closes. */
struct wr_mark msg_begin_server_hello(struct buf *b, const uint8_t random[RANDOM_LEN],
                                      struct span session_id, uint16_t suite);

extern const uint8_t hello_retry_random[RANDOM_LEN];

/* RFC 8446 4.4.2 and RFC 5246 7.4.2: entries as spans into the body. */
struct certificate_message {
    struct span context; /* 1.3 only */
    size_t count;
    struct span certificates[TLS_PEER_CERTIFICATES_MAX];
    struct span leaf_extensions; /* 1.3 only: extension block of the first entry */
    struct span other_extensions[TLS_PEER_CERTIFICATES_MAX];
};
err msg_read_certificate(struct span body, bool is_tls13, struct certificate_message *out) MUST_USE;

/* RFC 8446 4.3.2. */
struct certificate_request13 {
    struct span context;
    struct ext_set extensions;
};
err msg_read_certificate_request13(struct span body, struct certificate_request13 *out) MUST_USE;

/* RFC 5246 7.4.4. */
err msg_read_certificate_request12(struct span body, struct tls_request *out) MUST_USE;

/* RFC 8446 4.4.3, RFC 5246 4.7 (DigitallySigned). */
struct signed_message {
    uint16_t scheme;
    struct span signature;
};
err msg_read_certificate_verify(struct span body, struct signed_message *out) MUST_USE;

/* RFC 8422 5.4: ServerKeyExchange of ECDHE. */
struct server_key_exchange {
    uint16_t group;
    struct span point;
    struct span params; /* the signed part */
    struct signed_message proof;
};
err msg_read_server_key_exchange(struct span body, struct server_key_exchange *out) MUST_USE;

/* RFC 8422 5.7. */
err msg_read_client_key_exchange(struct span body, struct span *out_point) MUST_USE;

/* RFC 6066 8: CertificateStatus of type ocsp. */
err msg_read_certificate_status(struct span body, struct span *out_response) MUST_USE;

/* RFC 8446 4.6.1. */
struct new_session_ticket {
    uint32_t lifetime_s;
    uint32_t age_add;
    struct span nonce;
    struct span ticket;
    struct ext_set extensions;
};
err msg_read_new_session_ticket(struct span body, struct new_session_ticket *out) MUST_USE;

/* RFC 8446 4.6.3. */
err msg_read_key_update(struct span body, bool *out_requested) MUST_USE;

#endif
