/* SPDX-License-Identifier: MIT */
/*
 * tls_step: feeds whole records to the state machine. Input is never modified: a protected record
 * is copied behind the handshake bytes that wait, and opened there.
 */
#include "tls/internal.h"

enum taken {
    TAKEN_RECORD, /* handled or passed over */
    TAKEN_NOT,    /* incomplete */
    TAKEN_DATA,   /* application data: it is left for tls_open */
    TAKEN_CLOSE   /* close_notify */
};

/* RFC 8446 5: dropped without further processing, at any time during the handshake. */
static err pass_over_ccs(struct tls *t, struct span content)
{
    if (!t->ccs_possible)
        return FAIL(ERR_CCS_UNEXPECTED);
    if (content.n != 1 || content.p[0] != 1)
        return FAIL(ERR_CCS_VALUE);
    if (++t->empty_records > EMPTY_RECORDS_MAX)
        return FAIL(ERR_CCS_FLOOD);
    return OK;
}

/*
 * A record outside the protection that TLS 1.3 demands. The peer's alert may be one: a client that
 * cannot read our ServerHello has no keys yet.
 */
static err check_unprotected13(const struct tls *t, uint8_t type)
{
    bool is_first_alert = type == TLS_ALERT && t->info.is_server && t->reader.number == 0 &&
                          t->reader.level == TLS_LEVEL_HANDSHAKE;
    if (type == TLS_APPLICATION_DATA || is_first_alert)
        return OK;
    return FAIL(ERR_RECORD_EPOCH);
}

/* RFC 8446 4.2.10: early data that we do not take is skipped, within a bound. */
static bool skips_early_data(struct tls *t, const struct rec_header *header, err result)
{
    size_t len = TLS_RECORD_HEADER_LEN + (size_t)header->len;
    if (t->hs == NULL || header->type != TLS_APPLICATION_DATA || t->hs->early_data_left < len)
        return false;
    if (t->reader.aead != NULL && result != ERR_RECORD_BAD_MAC)
        return false;
    t->hs->early_data_left -= len;
    return true;
}

static err take_handshake(struct tls *t, const struct rec_plain *plain)
{
    if (plain->n == 0)
        return FAIL(ERR_RECORD_EMPTY);
    mem_move(t->in.p + t->in.n, plain->p, plain->n);
    t->in.n += plain->n;
    t->in_level = t->reader.level;
    return OK;
}

static err take_ccs12(struct tls *t, const struct rec_plain *plain)
{
    if (t->reader.aead != NULL || t->hs == NULL || t->info.is_established)
        return FAIL(ERR_CCS_UNEXPECTED);
    if (plain->n != 1 || plain->p[0] != 1)
        return FAIL(ERR_CCS_VALUE);
    return hs_change_cipher_spec(t);
}

static err take_plain(struct tls *t, const struct rec_plain *plain, enum taken *out)
{
    /* RFC 8446 5.1, RFC 5246 6.2.1: nothing comes between the fragments of a message. */
    if (t->in.n != 0 && plain->type != TLS_HANDSHAKE && plain->type != TLS_ALERT)
        return FAIL(ERR_RECORD_INTERLEAVED);
    bool is_closed = false;
    switch (plain->type) {
    case TLS_HANDSHAKE:
        return take_handshake(t, plain);
    case TLS_ALERT:
        TRY(alert_receive(t, span_of(plain->p, plain->n), &is_closed));
        if (is_closed) {
            state_set(t, STATE_READ_CLOSED);
            *out = TAKEN_CLOSE;
        }
        return OK;
    case TLS_CHANGE_CIPHER_SPEC:
        return take_ccs12(t, plain);
    case TLS_APPLICATION_DATA:
        if (!t->info.is_established)
            return FAIL(ERR_APPLICATION_DATA_EARLY);
        t->reader.number--; /* as if it had not been looked at */
        *out = TAKEN_DATA;
        return OK;
    default:
        return FAIL(ERR_RECORD_TYPE);
    }
}

static err open_copy(struct tls *t, const struct rec_header *header, struct span record,
                     enum taken *out)
{
    struct rec_plain plain;
    TRY(buf_reserve(&t->in, record.n));
    uint8_t *copy = t->in.p + t->in.n;
    memcpy(copy, record.p, record.n);
    if (t->reader.aead == NULL && skips_early_data(t, header, OK))
        return OK;
    err result = rec_open(t, header, copy, &plain);
    if (result != OK && skips_early_data(t, header, result))
        return OK;
    if (result != OK)
        return result;
    if (t->hs != NULL && t->reader.aead != NULL)
        t->hs->early_data_left = 0; /* the client's own keys have begun */
    return take_plain(t, &plain, out);
}

static err take_record(struct tls *t, struct span bytes, enum taken *out, size_t *out_len)
{
    struct rec_header header;
    size_t missing;
    *out = TAKEN_NOT;
    TRY(rec_read_header(t, bytes, &header, &missing));
    *out_len = missing;
    if (missing != 0)
        return OK;
    size_t len = TLS_RECORD_HEADER_LEN + (size_t)header.len;
    struct span content = span_of(bytes.p + TLS_RECORD_HEADER_LEN, header.len);
    bool is_ccs13 = header.type == TLS_CHANGE_CIPHER_SPEC && t->info.version != TLS_VERSION_12 &&
                    (t->ccs_possible || t->reader.aead != NULL);
    *out = TAKEN_RECORD;
    *out_len = len;
    event_record(t, false, header.type, t->reader.level, len);
    if (is_ccs13)
        return pass_over_ccs(t, content);
    if (t->reader.aead != NULL && t->reader.is_tls13)
        TRY(check_unprotected13(t, header.type));
    TRY(open_copy(t, &header, span_of(bytes.p, len), out));
    t->peer_spoke = true;
    return OK;
}

/* Input is needed and there is none, or too little. */
static void wait_for_more(const struct tls *t, struct tls_progress *out, size_t left,
                          size_t missing)
{
    bool did_something = out->consumed != 0 || t->out_count != 0;
    out->bytes_missing = 0;
    if (left == 0 && did_something) {
        out->wait = TLS_WAIT_PEER;
        return;
    }
    out->wait = TLS_WAIT_BYTES;
    out->bytes_missing = missing;
}

/* One record's worth of progress; *out_stop when the caller has to look at `out`. */
static err feed(struct tls *t, struct span input, struct tls_progress *out, bool *out_stop)
{
    struct span rest = span_of(input.p + out->consumed, input.n - out->consumed);
    enum taken taken;
    size_t len;
    TRY(take_record(t, rest, &taken, &len));
    *out_stop = taken != TAKEN_RECORD;
    switch (taken) {
    case TAKEN_RECORD:
        out->consumed += len;
        return OK;
    case TAKEN_CLOSE:
        out->consumed += len;
        out->wait = TLS_CLOSED;
        return OK;
    case TAKEN_DATA:
        out->wait = TLS_DONE;
        return OK;
    case TAKEN_NOT:
        if (out->wait != TLS_DONE || (rest.n != 0 && out->consumed == 0))
            wait_for_more(t, out, rest.n, len);
        return OK;
    }
    return OK;
}

/* RFC 8446 5.5: new keys well before the limit; they ride on this token. */
static err renew_keys(struct tls *t)
{
    const struct half *w = &t->writer;
    if (!w->is_tls13 || t->out_count != 0 || w->number < w->limit / 4 * 3 ||
        state_has(t, STATE_WRITE_CLOSED))
        return OK;
    return out_key_update(t, false);
}

static err step(struct tls *t, struct span input, struct tls_progress *out)
{
    bool was_established = state_has(t, STATE_ESTABLISHED);
    bool was_pending = state_has(t, STATE_READ_PENDING);
    if (was_established)
        TRY(renew_keys(t));
    for (;;) {
        bool must_stop = false;
        TRY(hs_run(t, &out->wait));
        if (was_pending && out->wait == TLS_DONE) {
            state_clear(t, STATE_READ_PENDING);
            return OK;
        }
        bool may_feed = out->wait == TLS_WAIT_BYTES || (was_established && out->wait == TLS_DONE);
        if (!may_feed)
            return OK;
        TRY(feed(t, input, out, &must_stop));
        if (must_stop)
            return OK;
    }
}

err tls_step(struct tls *t, const struct tls_input *input, struct tls_progress *out)
{
    *out = (struct tls_progress){.wait = TLS_WAIT_PEER};
    if (state_has(t, STATE_FAILED))
        return t->info.failure;
    if (input != NULL && input->kind != TLS_INPUT_STREAM)
        return FAIL(ERR_UNSUPPORTED);
    if (state_has(t, STATE_READ_CLOSED)) {
        out->wait = TLS_CLOSED;
        return OK;
    }
    err result = step(t, input != NULL ? input->bytes : span_empty(), out);
    if (state_has(t, STATE_ESTABLISHED)) {
        if (t->in.n == 0)
            buf_release(&t->in);
        if (t->out_count == 0) {
            hs_free(t);
            buf_release(&t->out);
        }
    }
    /* Bytes that are no TLS at all change nothing: the same call may be repeated. */
    if (result != OK && result != ERR_RECORD_GARBAGE)
        return engine_latch(t, result);
    return result;
}
