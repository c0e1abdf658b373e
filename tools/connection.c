/* SPDX-License-Identifier: MIT */
#include "connection.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "net.h"
#include "report.h"

enum { STATUS_NETWORK = -1, ALPN_MAX = 512 };

void connection_init(struct connection *c, int fd, CredHandle *credential, bool is_server)
{
    memset(c, 0, sizeof *c);
    c->fd = fd;
    c->credential = credential;
    c->is_server = is_server;
}

static bool fail(struct connection *c, const char *call, SECURITY_STATUS status)
{
    c->failed_call = call;
    c->status = status;
    return false;
}

void connection_report(struct connection *c)
{
    if (c->status == STATUS_NETWORK)
        fprintf(stderr, "schannel: %s: %s\n", c->failed_call,
                errno != 0 ? strerror(errno) : "the peer closed the connection");
    else
        report_failure(c->failed_call, c->status, c->has_context ? &c->context : NULL);
}

/* ---- application protocols ------------------------------------------------------------- */

ULONG alpn_buffer(const char *list, void *out, size_t cap)
{
    const size_t head_len = offsetof(SEC_APPLICATION_PROTOCOLS, ProtocolLists) +
                            offsetof(SEC_APPLICATION_PROTOCOL_LIST, ProtocolList);
    uint8_t *bytes = out;
    size_t at = head_len;
    while (*list != 0) {
        size_t n = strcspn(list, ",");
        if (n == 0 || n > 255 || at + 1 + n > cap)
            return 0;
        bytes[at] = (uint8_t)n;
        memcpy(bytes + at + 1, list, n);
        at += 1 + n;
        list += n + (list[n] == ',');
    }
    uint32_t lists_len = (uint32_t)(at - offsetof(SEC_APPLICATION_PROTOCOLS, ProtocolLists));
    uint32_t kind = SecApplicationProtocolNegotiationExt_ALPN;
    uint16_t list_len = (uint16_t)(at - head_len);
    memcpy(bytes, &lists_len, sizeof lists_len);
    memcpy(bytes + 4, &kind, sizeof kind);
    memcpy(bytes + 8, &list_len, sizeof list_len);
    return (ULONG)at;
}

/* ---- tokens ---------------------------------------------------------------------------- */

/* One call of InitializeSecurityContext or AcceptSecurityContext. */
static SECURITY_STATUS next_token(struct connection *c, SecBufferDesc *in, SecBufferDesc *out)
{
    CtxtHandle *context = c->has_context ? &c->context : NULL;
    CtxtHandle *made = c->has_context ? NULL : &c->context;
    SECURITY_STATUS status;
    if (c->is_server)
        status = AcceptSecurityContext(
            c->credential, context, in,
            c->request | ASC_REQ_SEQUENCE_DETECT | ASC_REQ_REPLAY_DETECT | ASC_REQ_CONFIDENTIALITY |
                ASC_REQ_EXTENDED_ERROR | ASC_REQ_ALLOCATE_MEMORY | ASC_REQ_STREAM,
            0, made, out, &c->attributes, NULL);
    else
        status = InitializeSecurityContextA(
            c->credential, context, (SEC_CHAR *)c->target,
            c->request | ISC_REQ_SEQUENCE_DETECT | ISC_REQ_REPLAY_DETECT | ISC_REQ_CONFIDENTIALITY |
                ISC_REQ_EXTENDED_ERROR | ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_STREAM,
            0, 0, in, 0, made, out, &c->attributes, NULL);
    if (status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED)
        c->has_context = true;
    return status;
}

/* One call, and what comes out of it on its way. */
static SECURITY_STATUS send_token(struct connection *c, SecBufferDesc *in)
{
    SecBuffer out[1] = {{0, SECBUFFER_TOKEN, NULL}};
    SecBufferDesc out_list = {SECBUFFER_VERSION, 1, out};
    SECURITY_STATUS status = next_token(c, in, &out_list);
    bool sent = out[0].cbBuffer == 0 || net_send(c->fd, out[0].pvBuffer, out[0].cbBuffer);
    FreeContextBuffer(out[0].pvBuffer);
    return sent || status < 0 ? status : STATUS_NETWORK;
}

/* Hands over what has been received, keeps what was not used. */
static SECURITY_STATUS exchange(struct connection *c)
{
    uint8_t protocols[ALPN_MAX];
    SecBuffer in[3] = {
        {(ULONG)c->in_len, SECBUFFER_TOKEN, c->in},
        {0, SECBUFFER_EMPTY, NULL},
        {0, SECBUFFER_APPLICATION_PROTOCOLS, protocols},
    };
    SecBufferDesc in_list = {SECBUFFER_VERSION, 2, in};
    if (!c->has_context && c->alpn != NULL) {
        in[2].cbBuffer = alpn_buffer(c->alpn, protocols, sizeof protocols);
        in_list.cBuffers = 3;
    }
    SECURITY_STATUS status = send_token(c, &in_list);
    if (status != SEC_E_INCOMPLETE_MESSAGE) {
        size_t tail = in[1].BufferType == SECBUFFER_EXTRA ? in[1].cbBuffer : 0;
        memmove(c->in, c->in + c->in_len - tail, tail);
        c->in_len = tail;
    }
    return status;
}

static bool receive_more(struct connection *c, const char *call)
{
    if (c->in_len == sizeof c->in)
        return fail(c, call, SEC_E_INSUFFICIENT_MEMORY);
    errno = 0;
    long n = net_receive(c->fd, c->in + c->in_len, sizeof c->in - c->in_len);
    if (n <= 0)
        return fail(c, call, STATUS_NETWORK);
    c->in_len += (size_t)n;
    return true;
}

/* ---- handshake ------------------------------------------------------------------------- */

bool connection_handshake(struct connection *c)
{
    const char *call = c->is_server ? "AcceptSecurityContext" : "InitializeSecurityContext";
    bool must_read = c->is_server;
    for (;;) {
        if (must_read && !receive_more(c, "handshake"))
            return false;
        SECURITY_STATUS status = exchange(c);
        switch (status) {
        case SEC_E_OK:
            status = QueryContextAttributesA(&c->context, SECPKG_ATTR_STREAM_SIZES, &c->sizes);
            return status == SEC_E_OK || fail(c, "QueryContextAttributes(STREAM_SIZES)", status);
        case SEC_I_CONTINUE_NEEDED:
            must_read = c->in_len == 0;
            break;
        case SEC_E_INCOMPLETE_MESSAGE:
            must_read = true;
            break;
        case SEC_I_INCOMPLETE_CREDENTIALS:
            /* A certificate is asked for that we do not have: the same call goes on without. */
            must_read = false;
            break;
        default:
            return fail(c, call, status);
        }
    }
}

/* ---- data ------------------------------------------------------------------------------ */

/* Decrypts one record. */
static SECURITY_STATUS open_record(struct connection *c)
{
    SecBuffer b[4] = {
        {(ULONG)c->in_len, SECBUFFER_DATA, c->in},
        {0, SECBUFFER_EMPTY, NULL},
        {0, SECBUFFER_EMPTY, NULL},
        {0, SECBUFFER_EMPTY, NULL},
    };
    SecBufferDesc message = {SECBUFFER_VERSION, 4, b};
    SECURITY_STATUS status = DecryptMessage(&c->context, &message, 0, NULL);
    if (status == SEC_E_INCOMPLETE_MESSAGE)
        return status;
    size_t tail = b[3].BufferType == SECBUFFER_EXTRA ? b[3].cbBuffer : 0;
    if (status == SEC_E_OK) {
        c->plain = b[1].pvBuffer;
        c->plain_len = b[1].cbBuffer;
        c->tail_len = tail;
    } else if (status == SEC_I_RENEGOTIATE) {
        memmove(c->in, c->in + c->in_len - tail, tail);
        c->in_len = tail;
    }
    return status;
}

/* The record has been handed out: its bytes make room. */
static void drop_record(struct connection *c)
{
    memmove(c->in, c->in + c->in_len - c->tail_len, c->tail_len);
    c->in_len = c->tail_len;
    c->tail_len = 0;
    c->plain = NULL;
}

static long hand_out(struct connection *c, void *out, size_t cap)
{
    size_t n = c->plain_len < cap ? c->plain_len : cap;
    memcpy(out, c->plain, n);
    c->plain += n;
    c->plain_len -= n;
    if (c->plain_len == 0)
        drop_record(c);
    return (long)n;
}

long connection_take(struct connection *c, void *out, size_t cap)
{
    while (!c->peer_closed) {
        if (c->plain_len != 0)
            return hand_out(c, out, cap);
        SECURITY_STATUS status = c->in_len != 0 ? open_record(c) : SEC_E_INCOMPLETE_MESSAGE;
        switch (status) {
        case SEC_E_OK:
            if (c->plain_len == 0)
                drop_record(c); /* an empty record */
            break;
        case SEC_E_INCOMPLETE_MESSAGE:
            return CONNECTION_WANTS_MORE;
        case SEC_I_RENEGOTIATE:
            /* TLS 1.3: a session ticket or new keys. The handshake loop takes it. */
            status = exchange(c);
            if (status != SEC_E_OK && status != SEC_I_CONTINUE_NEEDED) {
                fail(c, "taking a message after the handshake", status);
                return -1;
            }
            break;
        case SEC_I_CONTEXT_EXPIRED:
            c->peer_closed = true;
            break;
        default:
            fail(c, "DecryptMessage", status);
            return -1;
        }
    }
    return 0;
}

bool connection_receive(struct connection *c)
{
    return receive_more(c, "reading");
}

long connection_read(struct connection *c, void *out, size_t cap)
{
    long n;
    while ((n = connection_take(c, out, cap)) == CONNECTION_WANTS_MORE) {
        if (!connection_receive(c))
            return -1;
    }
    return n;
}

bool connection_write(struct connection *c, const void *bytes, size_t n)
{
    uint8_t record[64 + 16384 + 256];
    const uint8_t *p = bytes;
    while (n != 0) {
        size_t some = n < c->sizes.cbMaximumMessage ? n : c->sizes.cbMaximumMessage;
        uint8_t *data = record + c->sizes.cbHeader;
        memcpy(data, p, some);
        SecBuffer b[4] = {
            {c->sizes.cbHeader, SECBUFFER_STREAM_HEADER, record},
            {(ULONG)some, SECBUFFER_DATA, data},
            {c->sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, data + some},
            {0, SECBUFFER_EMPTY, NULL},
        };
        SecBufferDesc message = {SECBUFFER_VERSION, 4, b};
        SECURITY_STATUS status = EncryptMessage(&c->context, 0, &message, 0);
        if (status != SEC_E_OK)
            return fail(c, "EncryptMessage", status);
        errno = 0;
        if (!net_send(c->fd, record, b[0].cbBuffer + b[1].cbBuffer + b[2].cbBuffer))
            return fail(c, "sending", STATUS_NETWORK);
        p += some;
        n -= some;
    }
    return true;
}

/* ---- the end --------------------------------------------------------------------------- */

void connection_shutdown(struct connection *c)
{
    DWORD type = SCHANNEL_SHUTDOWN;
    SecBuffer token = {sizeof type, SECBUFFER_TOKEN, &type};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &token};
    if (!c->has_context || ApplyControlToken(&c->context, &list) != SEC_E_OK)
        return;
    /* What the peer is still sending stays where it is: closing is said in one direction only. */
    SecBuffer nothing[2] = {{0, SECBUFFER_TOKEN, NULL}, {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc in_list = {SECBUFFER_VERSION, 2, nothing};
    send_token(c, &in_list);
}

void connection_end(struct connection *c)
{
    if (c->has_context)
        DeleteSecurityContext(&c->context);
    c->has_context = false;
}
