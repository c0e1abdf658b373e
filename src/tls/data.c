/* SPDX-License-Identifier: MIT */
/*
 * The data path of an established connection: one record in, one record out, in place, without
 * allocation, copy or lock. tls_seal touches `writer` and the state word only, tls_open `reader`,
 * `in` and the state word.
 */
#include "tls/alert.h"
#include "tls/internal.h"

static err seal_permitted(unsigned state)
{
    if ((state & STATE_FAILED) != 0)
        return FAIL(ERR_DEAD);
    if ((state & STATE_ESTABLISHED) == 0)
        return FAIL(ERR_WRONG_STATE);
    if ((state & (STATE_WRITE_CLOSED | STATE_WRITE_BLOCKED)) != 0)
        return FAIL(ERR_CLOSED);
    return OK;
}

/* RFC 8446 6.1, RFC 5246 7.2.1: nothing follows such an alert. To be asked before it is sealed. */
static bool is_last_word(enum tls_content_type type, const uint8_t *data, size_t n)
{
    return type == TLS_ALERT && n == 2 &&
           (data[0] == ALERT_LEVEL_FATAL || data[1] == ALERT_CLOSE_NOTIFY);
}

static void report_sealed(struct tls *t, enum tls_content_type type, size_t n)
{
    struct tls_event *event = event_add_sealed(t, TLS_EVENT_RECORD_SENT);
    if (event == NULL)
        return;
    event->content_type = t->writer.is_tls13 ? TLS_APPLICATION_DATA : (uint8_t)type;
    event->level = TLS_LEVEL_APPLICATION;
    event->length = (uint32_t)(rec_header_len(&t->writer) + n + rec_trailer_len(&t->writer));
}

err tls_seal(struct tls *t, enum tls_content_type type, uint8_t *header, uint8_t *data, size_t n,
             uint8_t *trailer)
{
    unsigned state = atomic_load_explicit(&t->state, memory_order_acquire);
    if (state != STATE_ESTABLISHED)
        TRY(seal_permitted(state));
    if (n > TLS_PLAINTEXT_MAX)
        return FAIL(ERR_MESSAGE_TOO_LARGE);
    ENSURE(t->writer.level == TLS_LEVEL_APPLICATION);
    /* RFC 8446 5.5: what comes next must still fit, be it new keys or a close_notify. */
    if (t->writer.number >= t->writer.limit - RECORDS_KEPT_BACK)
        return FAIL(ERR_SEQUENCE_EXHAUSTED);
    bool is_last = is_last_word(type, data, n);
    TRY(rec_seal(&t->writer, (uint8_t)type, header, data, n, trailer));
    if (is_last)
        state_set(t, STATE_WRITE_CLOSED);
    report_sealed(t, type, n);
    return OK;
}

static err put_aside(struct tls *t, const struct rec_plain *plain)
{
    if (plain->n == 0)
        return FAIL(ERR_RECORD_EMPTY);
    struct span content = span_of(plain->p, plain->n);
    if (t->in.max - t->in.n < content.n)
        return FAIL(ERR_MESSAGE_TOO_LONG);
    wr_bytes(&t->in, content);
    TRY(buf_check(&t->in));
    t->in_level = TLS_LEVEL_APPLICATION;
    unsigned bits = STATE_READ_PENDING;
    if (post_blocks_writer(t, content))
        bits |= STATE_WRITE_BLOCKED;
    state_set(t, bits);
    return OK;
}

static err take_data(struct tls *t, const struct rec_plain *plain)
{
    if (plain->n != 0) {
        t->empty_records = 0;
        t->post_messages = 0;
        t->warning_alerts = 0;
        return OK;
    }
    return ++t->empty_records > EMPTY_RECORDS_MAX ? FAIL(ERR_EMPTY_RECORD_FLOOD) : OK;
}

static err dispatch(struct tls *t, const struct rec_plain *plain, struct tls_opened *out)
{
    bool is_closed = false;
    /* RFC 8446 5.1: half a message may wait that tls_step has read. */
    if (t->in.n != 0 && plain->type != TLS_HANDSHAKE && plain->type != TLS_ALERT)
        return FAIL(ERR_RECORD_INTERLEAVED);
    out->content_len = plain->n;
    switch (plain->type) {
    case TLS_APPLICATION_DATA:
        out->kind = TLS_OPENED_DATA;
        return take_data(t, plain);
    case TLS_HANDSHAKE:
        out->kind = TLS_OPENED_HANDSHAKE;
        return put_aside(t, plain);
    case TLS_ALERT:
        TRY(alert_receive(t, span_of(plain->p, plain->n), &is_closed));
        out->kind = is_closed ? TLS_OPENED_CLOSED : TLS_OPENED_DATA;
        out->content_len = 0;
        if (is_closed)
            state_set(t, STATE_READ_CLOSED);
        return OK;
    case TLS_CHANGE_CIPHER_SPEC:
        return FAIL(ERR_CCS_UNEXPECTED);
    default:
        return FAIL(ERR_RECORD_TYPE);
    }
}

static err open_record(struct tls *t, uint8_t *bytes, size_t n, struct tls_opened *out)
{
    struct rec_header header;
    struct rec_plain plain;
    TRY(rec_read_header(t, span_of(bytes, n), &header, &out->bytes_missing));
    if (out->bytes_missing != 0)
        return OK;
    out->record_len = TLS_RECORD_HEADER_LEN + (size_t)header.len;
    event_record(t, false, header.type, TLS_LEVEL_APPLICATION, out->record_len);
    if (header.type == TLS_CHANGE_CIPHER_SPEC)
        return FAIL(ERR_CCS_UNEXPECTED);
    if (t->reader.is_tls13 && header.type != TLS_APPLICATION_DATA)
        return FAIL(ERR_RECORD_EPOCH);
    TRY(rec_open(t, &header, bytes, &plain));
    out->header_len = plain.offset;
    return dispatch(t, &plain, out);
}

err tls_open(struct tls *t, uint8_t *bytes, size_t n, struct tls_opened *out)
{
    unsigned state = atomic_load_explicit(&t->state, memory_order_acquire);
    *out = (struct tls_opened){.kind = TLS_OPENED_NOTHING};
    if ((state & STATE_FAILED) != 0)
        return FAIL(ERR_DEAD);
    if ((state & STATE_ESTABLISHED) == 0 || (state & STATE_READ_PENDING) != 0)
        return FAIL(ERR_WRONG_STATE);
    if ((state & STATE_READ_CLOSED) != 0) {
        out->kind = TLS_OPENED_CLOSED;
        return OK;
    }
    err result = open_record(t, bytes, n, out);
    return result != OK ? engine_latch(t, result) : OK;
}

struct span tls_pending(const struct tls *t)
{
    return state_has(t, STATE_READ_PENDING) ? buf_span(&t->in) : span_empty();
}
