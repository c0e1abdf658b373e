/* SPDX-License-Identifier: MIT */
#include "tap.h"

enum { TAP_BUFFER_MAX = 1 << 20, HEADER_LEN = 4 };

void tap_init(struct tap *t, const struct engine *view, bool of_server)
{
    *t = (struct tap){0};
    lane_init(&t->lane, view, of_server, false);
    buf_init(&t->raw, TAP_BUFFER_MAX);
    buf_init(&t->messages, TAP_BUFFER_MAX);
    buf_init(&t->current, TAP_BUFFER_MAX);
}

void tap_close(struct tap *t)
{
    lane_close(&t->lane);
    buf_release(&t->raw);
    buf_release(&t->messages);
    buf_release(&t->current);
}

/* RFC 8446 4.1.3. */
static bool is_retry(struct span message)
{
    static const uint8_t start[4] = {0xCF, 0x21, 0xAD, 0x74};
    return message.n > 10 && memcmp(message.p + HEADER_LEN + 2, start, sizeof start) == 0;
}

static enum unit_kind classify(struct tap *t, struct span message)
{
    enum unit_kind kind = (enum unit_kind)message.p[0];
    if (kind == SERVER_HELLO && is_retry(message))
        return HELLO_RETRY;
    if (kind == CLIENT_HELLO && t->hello_count++ == 1)
        return HELLO_AGAIN;
    return kind;
}

static bool next_message(struct tap *t, struct unit *out)
{
    if (t->messages.n < HEADER_LEN)
        return false;
    size_t n = HEADER_LEN + (size_t)load_u24(t->messages.p + 1);
    if (t->messages.n < n)
        return false;
    buf_clear(&t->current);
    wr_bytes(&t->current, span_of(t->messages.p, n));
    buf_drop(&t->messages, n);
    struct span message = buf_span(&t->current);
    *out = (struct unit){.type = TLS_HANDSHAKE,
                         .kind = classify(t, message),
                         .level = t->lane.level,
                         .bytes = message};
    if (out->kind == FINISHED)
        t->saw_finished = true;
    if (out->kind == KEY_UPDATE)
        lane_update(&t->lane);
    return true;
}

/* Which keys a protected record must have come under. */
static void follow_keys(struct tap *t, uint8_t outer_type)
{
    bool is_tls13 = lane_is_tls13(&t->lane);
    if (is_tls13 && outer_type == TLS_APPLICATION_DATA)
        lane_raise(&t->lane, t->saw_finished ? TLS_LEVEL_APPLICATION : TLS_LEVEL_HANDSHAKE);
    if (!is_tls13 && t->saw_ccs)
        lane_raise(&t->lane, TLS_LEVEL_APPLICATION);
}

static enum unit_kind kind_of_type(uint8_t type)
{
    return type == TLS_CHANGE_CIPHER_SPEC ? CCS : type == TLS_ALERT ? ALERT : DATA;
}

static bool next_record(struct tap *t, struct unit *out, bool *out_is_unit)
{
    *out_is_unit = false;
    if (t->raw.n < TLS_RECORD_HEADER_LEN)
        return false;
    size_t n = TLS_RECORD_HEADER_LEN + (size_t)load_u16(t->raw.p + 3);
    if (t->raw.n < n)
        return false;
    uint8_t type;
    struct span content;
    follow_keys(t, t->raw.p[0]);
    REQUIRE(lane_open(&t->lane, t->raw.p, n, &type, &content));
    if (type == TLS_HANDSHAKE) {
        wr_bytes(&t->messages, content);
    } else {
        buf_clear(&t->current);
        wr_bytes(&t->current, content);
        *out = (struct unit){.type = type,
                             .kind = kind_of_type(type),
                             .level = t->lane.level,
                             .bytes = buf_span(&t->current)};
        t->saw_ccs = t->saw_ccs || type == TLS_CHANGE_CIPHER_SPEC;
        *out_is_unit = true;
    }
    buf_drop(&t->raw, n);
    return true;
}

bool tap_next(struct tap *t, struct unit *out)
{
    for (;;) {
        bool is_unit;
        if (next_message(t, out))
            return true;
        if (!next_record(t, out, &is_unit))
            return false;
        if (is_unit)
            return true;
    }
}

const char *unit_kind_name(enum unit_kind kind)
{
    switch (kind) {
    case HELLO_RETRY:
        return "HelloRetryRequest";
    case HELLO_AGAIN:
        return "second ClientHello";
    case CCS:
        return "change_cipher_spec";
    case ALERT:
        return "alert";
    case DATA:
        return "application data";
    case HELLO_REQUEST:
    case CLIENT_HELLO:
    case SERVER_HELLO:
    case NEW_SESSION_TICKET:
    case ENCRYPTED_EXTENSIONS:
    case CERTIFICATE:
    case SERVER_KEY_EXCHANGE:
    case CERTIFICATE_REQUEST:
    case SERVER_HELLO_DONE:
    case CERTIFICATE_VERIFY:
    case CLIENT_KEY_EXCHANGE:
    case FINISHED:
    case CERTIFICATE_STATUS:
    case KEY_UPDATE:
    default:
        return tls_message_name((unsigned)kind);
    }
}
