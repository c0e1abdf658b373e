/* SPDX-License-Identifier: MIT */
/* Reads what one end of a connection sends: records are opened, handshake messages put together. */
#ifndef SCHANNEL_TESTS_TAP_H
#define SCHANNEL_TESTS_TAP_H

#include "lane.h"

/* IANA handshake types, and kinds of our own above 255. */
enum unit_kind {
    HELLO_REQUEST = 0,
    CLIENT_HELLO = 1,
    SERVER_HELLO = 2,
    NEW_SESSION_TICKET = 4,
    ENCRYPTED_EXTENSIONS = 8,
    CERTIFICATE = 11,
    SERVER_KEY_EXCHANGE = 12,
    CERTIFICATE_REQUEST = 13,
    SERVER_HELLO_DONE = 14,
    CERTIFICATE_VERIFY = 15,
    CLIENT_KEY_EXCHANGE = 16,
    FINISHED = 20,
    CERTIFICATE_STATUS = 22,
    KEY_UPDATE = 24,
    HELLO_RETRY = 300, /* ServerHello with the special random */
    HELLO_AGAIN,       /* the second ClientHello */
    CCS,
    ALERT,
    DATA
};

struct unit {
    uint8_t type; /* content type */
    enum unit_kind kind;
    enum tls_level level;
    struct span bytes; /* message with its header, or content of the record */
};

struct tap {
    struct lane lane;
    struct buf raw;      /* records that have not been looked at */
    struct buf messages; /* handshake bytes of the current level */
    struct buf current;  /* the unit that was handed out */
    unsigned hello_count;
    bool saw_finished;
    bool saw_ccs;
};

void tap_init(struct tap *t, const struct engine *view, bool of_server);
void tap_close(struct tap *t);
/* The next unit of what has been put into `raw`; false when there is none. */
bool tap_next(struct tap *t, struct unit *out);

const char *unit_kind_name(enum unit_kind kind);

#endif
