/* SPDX-License-Identifier: MIT */
/*
 * Extensions: the RFC's table of which may stand in which message, one pass that collects and
 * checks a block, and a reader for each body.
 */
#ifndef SCHANNEL_TLS_EXTENSION_H
#define SCHANNEL_TLS_EXTENSION_H

#include "tls/tls.h"

/* Index of a known extension; the IANA number stands in the table of extension.c. */
enum ext {
    EXT_SERVER_NAME,
    EXT_STATUS_REQUEST,
    EXT_SUPPORTED_GROUPS,
    EXT_EC_POINT_FORMATS,
    EXT_SIGNATURE_ALGORITHMS,
    EXT_ALPN,
    EXT_SIGNED_CERTIFICATE_TIMESTAMP,
    EXT_EXTENDED_MASTER_SECRET,
    EXT_SESSION_TICKET,
    EXT_PRE_SHARED_KEY,
    EXT_EARLY_DATA,
    EXT_SUPPORTED_VERSIONS,
    EXT_COOKIE,
    EXT_PSK_KEY_EXCHANGE_MODES,
    EXT_CERTIFICATE_AUTHORITIES,
    EXT_OID_FILTERS,
    EXT_POST_HANDSHAKE_AUTH,
    EXT_SIGNATURE_ALGORITHMS_CERT,
    EXT_KEY_SHARE,
    EXT_RENEGOTIATION_INFO,
    EXT_COUNT
};

/* The messages that carry extensions, as bits. */
enum ext_place {
    IN_CLIENT_HELLO = 1 << 0,
    IN_SERVER_HELLO_12 = 1 << 1,
    IN_SERVER_HELLO_13 = 1 << 2,
    IN_HELLO_RETRY = 1 << 3,
    IN_ENCRYPTED_EXTENSIONS = 1 << 4,
    IN_CERTIFICATE_REQUEST = 1 << 5,
    IN_CERTIFICATE = 1 << 6,
    IN_NEW_SESSION_TICKET = 1 << 7
};

struct ext_set {
    uint32_t present;            /* bit of each enum ext */
    enum ext last;               /* the last known one in the block */
    bool last_is_known;          /* the last one in the block is `last` */
    struct span body[EXT_COUNT]; /* valid when present */
};

static inline bool ext_has(const struct ext_set *set, enum ext id)
{
    return (set->present >> id & 1) != 0;
}

uint16_t ext_number(enum ext id);

/*
 * Collects a block. Requests (ClientHello, CertificateRequest, NewSessionTicket) may hold unknown
 * extensions; responses only those whose bit is set in `offered` (RFC 8446 4.2).
 */
err ext_collect(struct span block, enum ext_place place, uint32_t offered,
                struct ext_set *out) MUST_USE;

/* Writes type and an open length; wr_close ends it. */
struct wr_mark ext_open(struct buf *b, enum ext id);
void ext_write_empty(struct buf *b, enum ext id);

/* Body readers: complete, ERR_DECODE on anything malformed. */
err ext_read_empty(struct span body) MUST_USE;
err ext_read_server_name(struct span body, struct span *out_host_name) MUST_USE;
/* A vector of two-byte values with a two-byte length: groups, schemes. */
err ext_read_list16(struct span body, struct span *out_values) MUST_USE;
err ext_read_point_formats(struct span body, bool *out_has_uncompressed) MUST_USE;
/* The ProtocolName list with every name checked to be 1..255 bytes long. */
err ext_read_alpn(struct span body, struct span *out_list) MUST_USE;
err ext_read_versions(struct span body, struct span *out_versions) MUST_USE;
err ext_read_u16(struct span body, uint16_t *out_value) MUST_USE;
err ext_read_cookie(struct span body, struct span *out_cookie) MUST_USE;
err ext_read_renegotiation_info(struct span body, struct span *out_data) MUST_USE;
err ext_read_psk_modes(struct span body, bool *out_has_dhe) MUST_USE;
/* Structure of the ClientHello's pre_shared_key, whose contents are not used. */
err ext_read_psk_offer(struct span body) MUST_USE;
err ext_read_authorities(struct span body, struct span *out_names) MUST_USE;
/* Checks a (uint16 length + DER Name)* list. */
err ext_check_authorities(struct span names) MUST_USE;
enum { STATUS_TYPE_OCSP = 1 }; /* RFC 6066 8 */
/* status_request of a client; a type other than ocsp has a form that is not known. */
err ext_read_status_request(struct span body, bool *out_is_ocsp) MUST_USE;
err ext_read_status_response(struct span body, struct span *out_response) MUST_USE;
err ext_read_key_share_server(struct span body, uint16_t *out_group,
                              struct span *out_share) MUST_USE;

/* ClientHello key shares: all entries checked; the share of `group`, or an empty span. */
struct key_shares {
    size_t count;
    struct span found;
    bool found_twice;
};
err ext_read_key_shares(struct span body, uint16_t group, struct key_shares *out) MUST_USE;

/* True when the list of two-byte values holds it. */
bool list16_has(struct span values, uint16_t value);
/* True when the ProtocolName list holds the name. */
bool alpn_list_has(struct span list, struct span name);

#endif
