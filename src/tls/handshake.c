/* SPDX-License-Identifier: MIT */
/*
 * The driver of the state machines. A machine is a table of rows (client.c, client13.c, client12.c,
 * server.c, server13.c, server12.c); the driver finds the row for state and message, checks the
 * keys the message came under and its place in the record, feeds the transcript, lets the row act,
 * and checks the state it chose. A pair without a row is ERR_UNEXPECTED_MESSAGE, raised here only.
 */
#include "tls/internal.h"

struct message {
    enum msg type;
    struct span whole;
    struct span body;
};

static const struct {
    const struct hs_row *rows;
    const size_t *count;
} machines[MACHINE_COUNT] = {
    [MACHINE_CLIENT] = {client_rows, &client_row_count},
    [MACHINE_CLIENT13] = {client13_rows, &client13_row_count},
    [MACHINE_CLIENT12] = {client12_rows, &client12_row_count},
    [MACHINE_SERVER] = {server_rows, &server_row_count},
    [MACHINE_SERVER13] = {server13_rows, &server13_row_count},
    [MACHINE_SERVER12] = {server12_rows, &server12_row_count},
};

const struct hs_row *hs_machine_rows(enum hs_machine machine, size_t *out_count)
{
    *out_count = *machines[machine].count;
    return machines[machine].rows;
}

void hs_enter(struct tls *t, enum hs_machine machine, enum hs_state state)
{
    t->hs->table = hs_machine_rows(machine, &t->hs->table_len);
    t->hs->state = (int)state;
}

static const struct hs_row *find_row(const struct handshake *hs, int state, enum msg message)
{
    for (size_t i = 0; i < hs->table_len; i++) {
        if ((int)hs->table[i].state == state && hs->table[i].message == message)
            return &hs->table[i];
    }
    return NULL;
}

bool hs_stopped_at(const struct tls *t, enum tls_wait wait)
{
    if (t->hs == NULL || state_has(t, STATE_FAILED | STATE_ESTABLISHED))
        return false;
    const struct hs_row *row = find_row(t->hs, t->hs->state, MSG_NONE);
    return row != NULL && row->act == NULL && row->wait == wait;
}

/* The three kinds of ServerHello are messages of their own to the state machine. */
static err classify(struct message *m)
{
    if (m->type != MSG_SERVER_HELLO)
        return OK;
    struct server_hello hello;
    TRY(msg_read_server_hello(m->body, &hello));
    if (hello.is_retry)
        m->type = MSG_HELLO_RETRY_REQUEST;
    else
        m->type = hello.has_supported_versions ? MSG_SERVER_HELLO_13 : MSG_SERVER_HELLO_12;
    return OK;
}

/* The first whole message of t->in; *out_whole false when it has not all come yet. */
static err next_message(const struct tls *t, struct message *out, bool *out_whole)
{
    *out_whole = false;
    if (t->in.n < HANDSHAKE_HEADER_LEN)
        return OK;
    size_t len = load_u24(t->in.p + 1);
    if (len > t->in.max)
        return FAIL(ERR_MESSAGE_TOO_LONG);
    uint32_t len_max = t->config->message_len_max;
    if (len_max == 0)
        len_max = t->info.is_server && !t->wants_certificate ? MESSAGE_LEN_MAX_SERVER
                                                             : MESSAGE_LEN_MAX_DEFAULT;
    if (len > len_max)
        return FAIL(ERR_MESSAGE_TOO_LONG);
    if (t->in.n - HANDSHAKE_HEADER_LEN < len)
        return OK;
    out->type = (enum msg)t->in.p[0];
    out->whole = span_of(t->in.p, HANDSHAKE_HEADER_LEN + len);
    out->body = span_of(t->in.p + HANDSHAKE_HEADER_LEN, len);
    *out_whole = true;
    return OK;
}

struct span hs_current_message(const struct tls *t)
{
    return span_of(t->in.p, HANDSHAKE_HEADER_LEN + (size_t)load_u24(t->in.p + 1));
}

err hs_require_aligned(const struct tls *t)
{
    return t->in.n == hs_current_message(t).n ? OK : FAIL(ERR_RECORD_NOT_ALIGNED);
}

/* RFC 5246 7.4.1.1: a client that is negotiating passes over HelloRequest. */
static bool is_ignorable(const struct tls *t, const struct message *m)
{
    return m->type == MSG_HELLO_REQUEST && m->body.n == 0 && !t->info.is_server &&
           t->info.version == TLS_VERSION_12;
}

static err enter_next(struct tls *t, const struct hs_row *row)
{
    struct handshake *hs = t->hs;
    ENSURE(hs->state >= 0 && hs->state < HS_STATE_COUNT);
    ENSURE((row->next & NEXT(hs->state)) != 0);
    struct tls_event *event = event_add(t, TLS_EVENT_STATE);
    if (event != NULL) {
        event->from = hs_state_name((int)row->state);
        event->to = hs_state_name(hs->state);
    }
    return OK;
}

err hs_leave_stop(struct tls *t, enum hs_state next)
{
    const struct hs_row *row = find_row(t->hs, t->hs->state, MSG_NONE);
    ENSURE(row != NULL && row->act == NULL);
    t->hs->state = (int)next;
    return enter_next(t, row);
}

static err run_row(struct tls *t, const struct hs_row *row, const struct message *m)
{
    if (row->level != t->in_level)
        return FAIL(ERR_RECORD_EPOCH);
    if (row->ends_record)
        TRY(hs_require_aligned(t));
    if (row->hash == HASH_BEFORE)
        TRY(transcript_add(&t->hs->transcript, m->whole));
    TRY(row->act(t, m->body));
    if (row->hash == HASH_AFTER)
        TRY(transcript_add(&t->hs->transcript, m->whole));
    return enter_next(t, row);
}

static err receive(struct tls *t, const struct message *m)
{
    struct message kind = *m;
    TRY(classify(&kind));
    event_message(t, false, m->type, t->in_level, m->whole.n);
    const struct hs_row *row = find_row(t->hs, t->hs->state, kind.type);
    if (row == NULL && is_ignorable(t, m)) {
        if (++t->post_messages > POST_HANDSHAKE_MESSAGES_MAX)
            return FAIL(ERR_POST_HANDSHAKE_FLOOD);
    } else if (row == NULL) {
        return FAIL(ERR_UNEXPECTED_MESSAGE);
    } else {
        TRY(run_row(t, row, m));
    }
    buf_drop(&t->in, m->whole.n);
    return OK;
}

static err receive_post(struct tls *t, const struct message *m)
{
    if (t->in_level != TLS_LEVEL_APPLICATION)
        return FAIL(ERR_RECORD_EPOCH);
    if (++t->post_messages > POST_HANDSHAKE_MESSAGES_MAX)
        return FAIL(ERR_POST_HANDSHAKE_FLOOD);
    event_message(t, false, m->type, t->in_level, m->whole.n);
    TRY(post_handle(t, m->type, m->body));
    buf_drop(&t->in, m->whole.n);
    return OK;
}

/* One turn: sends, stops, or handles one message. *out_idle: nothing more to do without input. */
static err turn(struct tls *t, enum tls_wait *out_wait, bool *out_idle)
{
    *out_idle = true;
    *out_wait = TLS_WAIT_BYTES;
    bool is_established = state_has(t, STATE_ESTABLISHED);
    const struct hs_row *row = is_established ? NULL : find_row(t->hs, t->hs->state, MSG_NONE);
    if (row != NULL && row->act == NULL) {
        *out_wait = row->wait;
        return OK;
    }
    if (row != NULL) {
        /* RFC 8446 6.1, RFC 5246 7.2.1: nothing follows a close_notify or a fatal alert. */
        if (state_has(t, STATE_WRITE_CLOSED))
            return FAIL(ERR_CLOSED);
        *out_idle = false;
        TRY(row->act(t, span_empty()));
        TRY(enter_next(t, row));
    } else {
        struct message m;
        bool is_whole;
        TRY(next_message(t, &m, &is_whole));
        if (!is_whole) {
            *out_wait = is_established && t->in.n == 0 ? TLS_DONE : TLS_WAIT_BYTES;
            return OK;
        }
        *out_idle = false;
        TRY(is_established ? receive_post(t, &m) : receive(t, &m));
    }
    if (!is_established && t->hs->state == HS_DONE) {
        TRY(hs_finish(t));
        *out_wait = TLS_DONE;
        *out_idle = true;
    }
    return OK;
}

err hs_run(struct tls *t, enum tls_wait *out_wait)
{
    for (unsigned i = 0; i < HANDSHAKE_STEPS_MAX; i++) {
        bool is_idle;
        TRY(turn(t, out_wait, &is_idle));
        if (is_idle)
            return OK;
    }
    return FAIL(ERR_UNEXPECTED_MESSAGE);
}

err hs_change_cipher_spec(struct tls *t)
{
    const struct hs_row *row = find_row(t->hs, t->hs->state, MSG_CHANGE_CIPHER_SPEC);
    if (row == NULL)
        return FAIL(ERR_CCS_UNEXPECTED);
    TRY(row->act(t, span_empty()));
    return enter_next(t, row);
}

/* RFC 5705 needs the master secret and the randoms of a TLS 1.2 connection for its whole life. */
static void keep_exporter12(struct tls *t)
{
    if (t->info.version != TLS_VERSION_12)
        return;
    t->exporter = t->hs->master12;
    memcpy(t->randoms, t->hs->client_random, RANDOM_LEN);
    memcpy(t->randoms + RANDOM_LEN, t->hs->server_random, RANDOM_LEN);
}

err hs_finish(struct tls *t)
{
    const struct proofs *proofs = &t->hs->proofs;
    bool peer_must_prove = !t->info.is_server || t->hs->peer_sent_certificate;
    ENSURE(proofs->key_share && proofs->finished);
    ENSURE(!peer_must_prove || (proofs->signature && proofs->verdict));
    ENSURE(t->reader.level == TLS_LEVEL_APPLICATION);
    keep_exporter12(t);
    t->info.is_established = true;
    t->ccs_possible = false;
    t->post_messages = 0;
    t->empty_records = 0;
    t->warning_alerts = 0;
    state_set(t, STATE_ESTABLISHED);
    return OK;
}

void hs_free(struct tls *t)
{
    struct handshake *hs = t->hs;
    if (hs == NULL)
        return;
    transcript_release(&hs->transcript);
    kex_free(hs->kex);
    public_key_free(hs->peer_key);
    buf_release(&hs->cookie);
    buf_release(&hs->peer_share);
    buf_release(&hs->hello);
    buf_release(&hs->peer_chain);
    buf_release(&hs->staple);
    buf_release(&hs->request_body);
    mem_free(hs);
    t->hs = NULL;
}

const char *hs_state_name(int state)
{
#define STATE(name) [name] = #name
    static const char *const names[HS_STATE_COUNT] = {
        STATE(C_SEND_HELLO),
        STATE(C_WAIT_HELLO),
        STATE(C_SEND_HELLO_AGAIN),
        STATE(C_WAIT_HELLO_AGAIN),
        STATE(C13_WAIT_ENCRYPTED_EXTENSIONS),
        STATE(C13_WAIT_CERTIFICATE_OR_REQUEST),
        STATE(C13_WAIT_CERTIFICATE),
        STATE(C13_STOP_KEY),
        STATE(C13_WAIT_CERTIFICATE_VERIFY),
        STATE(C13_STOP_VERDICT),
        STATE(C13_WAIT_FINISHED),
        STATE(C13_STOP_CREDENTIAL),
        STATE(C13_SEND_CERTIFICATE),
        STATE(C13_SEND_CERTIFICATE_VERIFY),
        STATE(C13_SEND_FINISHED),
        STATE(C12_WAIT_CERTIFICATE),
        STATE(C12_STOP_KEY),
        STATE(C12_WAIT_STATUS_OR_KEY_EXCHANGE),
        STATE(C12_WAIT_KEY_EXCHANGE),
        STATE(C12_WAIT_REQUEST_OR_DONE),
        STATE(C12_WAIT_DONE),
        STATE(C12_STOP_VERDICT),
        STATE(C12_STOP_CREDENTIAL),
        STATE(C12_SEND_CERTIFICATE),
        STATE(C12_SEND_KEY_EXCHANGE),
        STATE(C12_SEND_CERTIFICATE_VERIFY),
        STATE(C12_SEND_FINISHED),
        STATE(C12_WAIT_CHANGE_CIPHER_SPEC),
        STATE(C12_WAIT_FINISHED),
        STATE(S_WAIT_HELLO),
        STATE(S_STOP_CHOICE),
        STATE(S13_SEND_RETRY),
        STATE(S13_WAIT_HELLO_AGAIN),
        STATE(S13_SEND_HELLO),
        STATE(S13_SEND_ENCRYPTED_EXTENSIONS),
        STATE(S13_SEND_REQUEST),
        STATE(S13_SEND_CERTIFICATE),
        STATE(S13_SEND_CERTIFICATE_VERIFY),
        STATE(S13_SEND_FINISHED),
        STATE(S13_WAIT_CERTIFICATE),
        STATE(S13_STOP_KEY),
        STATE(S13_WAIT_CERTIFICATE_VERIFY),
        STATE(S13_STOP_VERDICT),
        STATE(S13_WAIT_FINISHED),
        STATE(S12_SEND_HELLO),
        STATE(S12_SEND_CERTIFICATE),
        STATE(S12_SEND_STATUS),
        STATE(S12_SEND_KEY_EXCHANGE),
        STATE(S12_SEND_REQUEST),
        STATE(S12_SEND_DONE),
        STATE(S12_WAIT_CERTIFICATE),
        STATE(S12_STOP_KEY),
        STATE(S12_WAIT_KEY_EXCHANGE),
        STATE(S12_WAIT_CERTIFICATE_VERIFY),
        STATE(S12_STOP_VERDICT),
        STATE(S12_WAIT_CHANGE_CIPHER_SPEC),
        STATE(S12_WAIT_FINISHED),
        STATE(S12_SEND_FINISHED),
        STATE(HS_DONE),
    };
#undef STATE
    return state >= 0 && state < HS_STATE_COUNT ? names[state] : "none";
}
