/* SPDX-License-Identifier: MIT */
/*
 * EncryptMessage and DecryptMessage. Microsoft "EncryptMessage (Schannel)", "DecryptMessage
 * (Schannel)", "Recognizing a Request to Renegotiate a Connection". No allocation, copy or lock.
 */
#include "sspi/internal.h"

/* ---- sealing --------------------------------------------------------------------------- */

struct pieces {
    SecBuffer *header;
    SecBuffer *data;
    SecBuffer *trailer;
};

/* HEADER, DATA, TRAILER wherever they stand; {TOKEN, DATA, TOKEN} means the same. */
static bool find_pieces(const SecBufferDesc *message, struct pieces *out)
{
    const ULONG untouched = SECBUFFER_READONLY | SECBUFFER_READONLY_WITH_CHECKSUM;
    *out = (struct pieces){0};
    for (ULONG i = 0; i < secbuffer_count(message); i++) {
        SecBuffer *b = &message->pBuffers[i];
        SecBuffer **place;
        if ((b->BufferType & untouched) != 0)
            continue;
        switch (secbuffer_type(b)) {
        case SECBUFFER_STREAM_HEADER:
            place = &out->header;
            break;
        case SECBUFFER_DATA:
            place = &out->data;
            break;
        case SECBUFFER_STREAM_TRAILER:
            place = &out->trailer;
            break;
        case SECBUFFER_TOKEN:
            place = out->data == NULL ? &out->header : &out->trailer;
            break;
        default:
            continue;
        }
        if (*place != NULL)
            return false;
        *place = b;
    }
    return out->header != NULL && out->data != NULL && out->trailer != NULL;
}

static bool has_memory(const SecBuffer *b)
{
    return b->pvBuffer != NULL || b->cbBuffer == 0;
}

static SECURITY_STATUS content_type(ULONG qop, const SecBuffer *data, enum tls_content_type *out)
{
    enum { LEVEL_AND_NUMBER = 2 };
    *out = TLS_APPLICATION_DATA;
    if (qop == 0)
        return SEC_E_OK;
    if (qop != SECQOP_WRAP_OOB_DATA)
        return SEC_E_QOP_NOT_SUPPORTED;
    *out = TLS_ALERT;
    return data->cbBuffer == LEVEL_AND_NUMBER ? SEC_E_OK : SEC_E_INVALID_TOKEN;
}

static SECURITY_STATUS seal(struct ctx *ctx, ULONG qop, const SecBufferDesc *message)
{
    struct pieces p;
    struct tls_sizes sizes;
    enum tls_content_type type;
    err result = tls_sizes(ctx_engine(ctx), &sizes);
    if (result != OK)
        return status_of(result);
    if (!find_pieces(message, &p) || !has_memory(p.header) || !has_memory(p.data) ||
        !has_memory(p.trailer))
        return SEC_E_INVALID_TOKEN;
    SECURITY_STATUS status = content_type(qop, p.data, &type);
    if (status != SEC_E_OK)
        return status;
    if (p.data->cbBuffer > sizes.message_len_max)
        return SEC_E_ENCRYPT_FAILURE;
    if (p.header->cbBuffer < sizes.header_len || p.trailer->cbBuffer < sizes.trailer_len)
        return SEC_E_BUFFER_TOO_SMALL;
    result = tls_seal(ctx_engine(ctx), type, p.header->pvBuffer, p.data->pvBuffer, p.data->cbBuffer,
                      p.trailer->pvBuffer);
    if (result != OK)
        return status_of(result);
    p.header->cbBuffer = sizes.header_len;
    p.trailer->cbBuffer = sizes.trailer_len;
    return SEC_E_OK;
}

SECURITY_STATUS SEC_ENTRY EncryptMessage(PCtxtHandle phContext, ULONG fQOP, PSecBufferDesc pMessage,
                                         ULONG MessageSeqNo)
{
    (void)MessageSeqNo;
    struct ctx *ctx = handle_get(HANDLE_CTX, phContext);
    if (ctx == NULL)
        return SEC_E_INVALID_HANDLE;
    SECURITY_STATUS status =
        ctx_is_foreign(ctx) ? SEC_E_CONTEXT_EXPIRED : seal(ctx, fQOP, pMessage);
    handle_put(phContext);
    return status;
}

/* ---- opening --------------------------------------------------------------------------- */

enum { OPEN_BUFFERS = 4 };

/* One DATA, at least three EMPTY, nothing else. Other lists are refused before anything happens. */
static SecBuffer *find_ciphertext(const SecBufferDesc *message)
{
    SecBuffer *data = NULL;
    if (secbuffer_count(message) < OPEN_BUFFERS)
        return NULL;
    for (ULONG i = 0; i < message->cBuffers; i++) {
        SecBuffer *b = &message->pBuffers[i];
        if (secbuffer_type(b) == SECBUFFER_DATA && data == NULL)
            data = b;
        else if (secbuffer_type(b) != SECBUFFER_EMPTY)
            return NULL;
    }
    return data != NULL && has_memory(data) ? data : NULL;
}

static void set(SecBuffer *b, ULONG type, uint8_t *bytes, size_t n)
{
    *b = (SecBuffer){.cbBuffer = (ULONG)n, .BufferType = type, .pvBuffer = bytes};
}

/* What lies where in the caller's block after a record was opened. */
struct layout {
    uint8_t *bytes;
    size_t header_len;
    size_t content_len;
    bool has_record; /* false: a repeated SEC_I_CONTEXT_EXPIRED */
    size_t extra_at;
    size_t total_len;
};

static void report_layout(const SecBufferDesc *message, const struct layout *l)
{
    SecBuffer *b = message->pBuffers;
    size_t body_len = l->header_len + l->content_len;
    for (ULONG i = OPEN_BUFFERS; i < message->cBuffers; i++)
        set(&b[i], SECBUFFER_EMPTY, NULL, 0);
    set(&b[0], SECBUFFER_STREAM_HEADER, l->bytes, l->header_len);
    set(&b[1], SECBUFFER_DATA, l->bytes + l->header_len, l->content_len);
    /* As on Windows the trailer reaches to the end of the input: programs subtract EXTRA from it.
     */
    set(&b[2], SECBUFFER_STREAM_TRAILER, l->bytes + body_len,
        (l->has_record ? l->total_len : body_len) - body_len);
    if (l->extra_at < l->total_len)
        set(&b[3], SECBUFFER_EXTRA, l->bytes + l->extra_at, l->total_len - l->extra_at);
    else
        set(&b[3], SECBUFFER_EMPTY, NULL, 0);
}

/* Programs look for the hint in the first slot or in the second one. */
static SECURITY_STATUS report_missing(const SecBufferDesc *message, SecBuffer *data, size_t missing)
{
    SecBuffer *second = secbuffer_find(message, SECBUFFER_EMPTY);
    data->BufferType = SECBUFFER_MISSING;
    data->cbBuffer = (ULONG)missing;
    set(second, SECBUFFER_MISSING, NULL, missing);
    return SEC_E_INCOMPLETE_MESSAGE;
}

/*
 * TLS 1.3: the opened message takes the record's place, labelled as a handshake record in the
 * clear, and everything from there on is EXTRA for InitializeSecurityContext or
 * AcceptSecurityContext.
 */
static SECURITY_STATUS report_handshake(const struct ctx *ctx, const SecBufferDesc *message,
                                        struct layout *l)
{
    l->content_len = 0;
    if (ctx_info(ctx)->version == TLS_VERSION_13) {
        l->bytes[0] = TLS_HANDSHAKE;
        store_u16(l->bytes + 1, TLS_VERSION_12);
        l->extra_at = 0;
    }
    report_layout(message, l);
    return SEC_I_RENEGOTIATE;
}

/* What DecryptMessage makes of bytes that cannot be a record of this connection. */
static SECURITY_STATUS status_of_open_failure(const struct ctx *ctx, err reason)
{
    switch ((int)reason) {
    case ERR_WRONG_STATE:
        return ctx_is_established(ctx) ? SEC_E_CONTEXT_EXPIRED : SEC_E_INVALID_HANDLE;
    case ERR_RECORD_GARBAGE:
    case ERR_RECORD_TYPE:
    case ERR_RECORD_EPOCH:
    case ERR_CCS_UNEXPECTED:
        return SEC_E_DECRYPT_FAILURE;
    default:
        return status_of_failure(reason, ctx_info(ctx)->alert_received);
    }
}

static SECURITY_STATUS open_message(struct ctx *ctx, const SecBufferDesc *message)
{
    struct tls_opened opened;
    SecBuffer *data = find_ciphertext(message);
    if (data == NULL)
        return SEC_E_INVALID_TOKEN;
    struct layout l = {.bytes = data->pvBuffer, .total_len = data->cbBuffer};
    err result = tls_open(ctx_engine(ctx), l.bytes, l.total_len, &opened);
    if (result != OK)
        return status_of_open_failure(ctx, result);
    l.header_len = opened.header_len;
    l.content_len = opened.content_len;
    l.has_record = opened.record_len != 0;
    l.extra_at = l.has_record ? opened.record_len : l.total_len;
    switch (opened.kind) {
    case TLS_OPENED_NOTHING:
        return report_missing(message, data, opened.bytes_missing);
    case TLS_OPENED_DATA:
        report_layout(message, &l);
        return SEC_E_OK;
    case TLS_OPENED_HANDSHAKE:
        return report_handshake(ctx, message, &l);
    case TLS_OPENED_CLOSED:
        report_layout(message, &l);
        return SEC_I_CONTEXT_EXPIRED;
    }
    return SEC_E_INTERNAL_ERROR;
}

SECURITY_STATUS SEC_ENTRY DecryptMessage(PCtxtHandle phContext, PSecBufferDesc pMessage,
                                         ULONG MessageSeqNo, ULONG *pfQOP)
{
    (void)MessageSeqNo;
    (void)pfQOP;
    struct ctx *ctx = handle_get(HANDLE_CTX, phContext);
    if (ctx == NULL)
        return SEC_E_INVALID_HANDLE;
    SECURITY_STATUS status =
        ctx_is_foreign(ctx) ? SEC_E_CONTEXT_EXPIRED : open_message(ctx, pMessage);
    handle_put(phContext);
    return status;
}
