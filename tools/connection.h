/* SPDX-License-Identifier: MIT */
/*
 * A TLS connection over a socket, in the form of the loops on Microsoft's pages "Using SSPI with a
 * Windows Sockets Client" and "... Server". This is the file to read for how the calls fit
 * together.
 */
#ifndef SCHANNEL_TOOLS_CONNECTION_H
#define SCHANNEL_TOOLS_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include <libschannel.h>
#include <schannel.h>

enum { CONNECTION_BUFFER_LEN = 64 * 1024 };

struct connection {
    int fd;
    bool is_server;
    CredHandle *credential;
    const char *target; /* client: the name to verify */
    const char *alpn;   /* comma-separated, or NULL */
    ULONG request;      /* ISC_REQ_ or ASC_REQ_ flags beyond the usual ones */
    CtxtHandle context;
    bool has_context;
    ULONG attributes;
    SecPkgContext_StreamSizes sizes;
    uint8_t in[CONNECTION_BUFFER_LEN]; /* received, not processed */
    size_t in_len;
    uint8_t *plain; /* decrypted, not handed out; points into `in` */
    size_t plain_len;
    size_t tail_len; /* bytes behind the record of `plain` */
    bool peer_closed;
    const char *failed_call; /* for the report */
    SECURITY_STATUS status;  /* of the call that ended it */
};

void connection_init(struct connection *c, int fd, CredHandle *credential, bool is_server);
/* Until both sides are done. False: `failed_call` and `status` tell; -1 in status: the network. */
bool connection_handshake(struct connection *c);
/* Bytes of plaintext; 0 when the peer has closed; -1 on failure. Waits for the network. */
long connection_read(struct connection *c, void *out, size_t cap);
/* The same from what has been received already; CONNECTION_WANTS_MORE when that is not enough. */
enum { CONNECTION_WANTS_MORE = -2 };
long connection_take(struct connection *c, void *out, size_t cap);
bool connection_receive(struct connection *c);
bool connection_write(struct connection *c, const void *bytes, size_t n);
/* close_notify, if the connection stands. */
void connection_shutdown(struct connection *c);
void connection_end(struct connection *c);
/* What went wrong, to stderr. */
void connection_report(struct connection *c);

/* A SEC_APPLICATION_PROTOCOLS structure for a comma-separated list; its size, 0 when it does not
 * fit. */
ULONG alpn_buffer(const char *list, void *out, size_t cap);

#endif
