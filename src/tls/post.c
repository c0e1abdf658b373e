/* SPDX-License-Identifier: MIT */
/*
 * Messages after the handshake: NewSessionTicket and KeyUpdate of TLS 1.3 (RFC 8446 4.6),
 * HelloRequest and ClientHello of TLS 1.2, which ask for a renegotiation that is refused (RFC 5246
 * 7.2.2). Tickets are checked and passed over: nothing is resumed.
 */
#include "tls/alert.h"
#include "tls/internal.h"

static err on_new_session_ticket(struct tls *t, struct span body)
{
    (void)t;
    struct new_session_ticket ticket;
    return msg_read_new_session_ticket(body, &ticket);
}

static err on_key_update(struct tls *t, struct span body)
{
    bool is_requested;
    TRY(msg_read_key_update(body, &is_requested));
    TRY(hs_require_aligned(t)); /* RFC 8446 5.1: new keys follow */
    TRY(keys_update(t, false));
    /* RFC 8446 4.6.3: several requests may share one answer. */
    bool answer_waits = t->out_count != 0 && t->out_items[t->out_count - 1].rekey_after;
    if (!is_requested || state_has(t, STATE_WRITE_CLOSED))
        return OK;
    if (!answer_waits)
        TRY(out_key_update(t, false));
    state_set(t, STATE_WRITE_BLOCKED); /* until the answer is taken */
    return OK;
}

static err refuse_renegotiation(struct tls *t, struct span body)
{
    (void)body;
    /* Requests that come together share one answer. */
    bool answer_waits = t->out_count != 0 && t->out_items[t->out_count - 1].type == TLS_ALERT;
    if (answer_waits || state_has(t, STATE_WRITE_CLOSED))
        return OK;
    return out_alert(t, ALERT_LEVEL_WARNING, ALERT_NO_RENEGOTIATION);
}

static err on_hello_request(struct tls *t, struct span body)
{
    return body.n == 0 ? refuse_renegotiation(t, body) : FAIL(ERR_DECODE);
}

static const struct {
    uint16_t version;
    bool at_server;
    enum msg type;
    err (*act)(struct tls *t, struct span body);
} post_rows[] = {
    {TLS_VERSION_13, false, MSG_NEW_SESSION_TICKET, on_new_session_ticket},
    {TLS_VERSION_13, false, MSG_KEY_UPDATE, on_key_update},
    {TLS_VERSION_13, true, MSG_KEY_UPDATE, on_key_update},
    {TLS_VERSION_12, false, MSG_HELLO_REQUEST, on_hello_request},
    {TLS_VERSION_12, true, MSG_CLIENT_HELLO, refuse_renegotiation},
};

err post_handle(struct tls *t, enum msg type, struct span body)
{
    for (size_t i = 0; i < ARRAY_LEN(post_rows); i++) {
        if (post_rows[i].version == t->info.version &&
            post_rows[i].at_server == t->info.is_server && post_rows[i].type == type)
            return post_rows[i].act(t, body);
    }
    return FAIL(ERR_UNEXPECTED_MESSAGE);
}

/*
 * RFC 8446 4.6.3: the answer to a KeyUpdate goes out before more data. A ticket or a KeyUpdate
 * without request leaves the writing thread alone.
 */
bool post_blocks_writer(const struct tls *t, struct span bytes)
{
    if (t->info.version != TLS_VERSION_13)
        return true;
    struct rd r = rd_from(bytes);
    while (rd_left(&r) >= HANDSHAKE_HEADER_LEN) {
        uint8_t type = rd_u8(&r);
        struct span body = rd_vec(&r, 3, 0, 0xFFFFFF);
        if (type == MSG_KEY_UPDATE && body.n == 1 && body.p[0] == 1)
            return true;
    }
    return false;
}
