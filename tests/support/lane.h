/* SPDX-License-Identifier: MIT */
/*
 * Record protection outside the engine: one direction of a connection, opened or sealed with the
 * secrets that one of its ends has reported. Written from RFC 8446 5.2, 7.3 and RFC 5246 6.2.3 for
 * the tests; shares the primitives with the engine and nothing else.
 */
#ifndef SCHANNEL_TESTS_LANE_H
#define SCHANNEL_TESTS_LANE_H

#include "engine.h"

struct lane {
    const struct engine *view; /* whose secrets */
    bool of_server;            /* the direction: what the server sends */
    bool seals;
    enum tls_level level;
    uint64_t number;
    struct aead *aead;         /* NULL: plaintext */
    struct secret traffic;     /* TLS 1.3 */
    uint8_t server_random[32]; /* TLS 1.2, as the view knows it */
};

void lane_init(struct lane *l, const struct engine *view, bool of_server, bool seals);
void lane_close(struct lane *l);
bool lane_is_tls13(const struct lane *l);

/* Keys of a level, from the view's secrets. */
void lane_raise(struct lane *l, enum tls_level level);
/* TLS 1.3: the next generation of keys. */
void lane_update(struct lane *l);

/* A departure from the right form of a record. */
struct lane_quirk {
    uint16_t version;     /* other than 0x0303; 0 = right */
    uint16_t padding_len; /* TLS 1.3: zeroes behind the content type */
    bool no_type;         /* TLS 1.3: the content type is a zero, too */
    bool breaks_tag;
    uint8_t outer_type; /* TLS 1.3: other than application_data; 0 = right */
};

/* Appends one record. */
void lane_seal(struct lane *l, uint8_t type, struct span content, const struct lane_quirk *quirk,
               struct buf *out);
/* Opens a whole record in place; false when the tag is wrong. */
bool lane_open(struct lane *l, uint8_t *record, size_t n, uint8_t *out_type,
               struct span *out_content);

#endif
