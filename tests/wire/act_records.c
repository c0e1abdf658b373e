/* SPDX-License-Identifier: MIT */
/* Acts on the record layer. */
#include "acts.h"

static uint8_t filling[0x20000];

static struct span row_bytes(const struct wire *w)
{
    return w->row->bytes.p != NULL ? w->row->bytes : span_empty();
}

static void then_pass(struct wire *w, const struct unit *u)
{
    if (u->bytes.n != 0)
        wire_pass(w, u);
}

void act_raw(struct wire *w, const struct unit *u)
{
    wire_raw(w, row_bytes(w));
    then_pass(w, u);
}

void act_record(struct wire *w, const struct unit *u)
{
    wire_record(w, (uint8_t)w->row->value, u->level, row_bytes(w));
    then_pass(w, u);
}

void act_records(struct wire *w, const struct unit *u)
{
    for (int i = 0; i < w->row->offset; i++)
        wire_record(w, (uint8_t)w->row->value, u->level, row_bytes(w));
    then_pass(w, u);
}

static void send_plain(struct wire *w, uint8_t type, struct span content)
{
    struct buf record;
    buf_init(&record, 0x20000);
    wr_u8(&record, type);
    wr_u16(&record, TLS_VERSION_12);
    wr_vec(&record, 2, content);
    REQUIRE(buf_check(&record) == OK);
    wire_raw(w, buf_span(&record));
    buf_release(&record);
}

void act_plain_record(struct wire *w, const struct unit *u)
{
    send_plain(w, (uint8_t)w->row->value, row_bytes(w));
    then_pass(w, u);
}

void act_plain_records(struct wire *w, const struct unit *u)
{
    for (int i = 0; i < w->row->offset; i++)
        send_plain(w, (uint8_t)w->row->value, row_bytes(w));
    then_pass(w, u);
}

void act_plain(struct wire *w, const struct unit *u)
{
    send_plain(w, u->type, u->bytes);
}

void act_next_plain(struct wire *w, const struct unit *u)
{
    struct unit next;
    (void)u;
    REQUIRE(tap_next(&w->of_peer, &next));
    send_plain(w, next.type, next.bytes);
}

static void send_quirky(struct wire *w, const struct unit *u, const struct lane_quirk *quirk)
{
    bool is_established = u->bytes.n == 0;
    uint8_t type = is_established ? (uint8_t)TLS_APPLICATION_DATA : u->type;
    wire_quirky(w, type, u->level, is_established ? span_text("data") : u->bytes, quirk);
    if (type == TLS_HANDSHAKE)
        wire_note(w, u->bytes);
}

void act_version(struct wire *w, const struct unit *u)
{
    struct lane_quirk quirk = {.version = (uint16_t)w->row->value};
    send_quirky(w, u, &quirk);
}

void act_bad_tag(struct wire *w, const struct unit *u)
{
    struct lane_quirk quirk = {.breaks_tag = true};
    send_quirky(w, u, &quirk);
}

void act_no_type(struct wire *w, const struct unit *u)
{
    struct lane_quirk quirk = {.no_type = true, .padding_len = 8};
    wire_quirky(w, TLS_APPLICATION_DATA, u->level, span_empty(), &quirk);
}

void act_padded(struct wire *w, const struct unit *u)
{
    struct lane_quirk quirk = {.padding_len = (uint16_t)w->row->value};
    send_quirky(w, u, &quirk);
}

void act_outer_type(struct wire *w, const struct unit *u)
{
    struct lane_quirk quirk = {.outer_type = (uint8_t)w->row->value};
    send_quirky(w, u, &quirk);
}

void act_filled(struct wire *w, const struct unit *u)
{
    wire_record(w, (uint8_t)w->row->value, u->level, span_of(filling, (size_t)w->row->offset));
    then_pass(w, u);
}

void act_short(struct wire *w, const struct unit *u)
{
    uint8_t type = w->is_tls13 ? TLS_APPLICATION_DATA : TLS_HANDSHAKE;
    if (!w->is_tls13 && u->bytes.n == 0)
        type = TLS_APPLICATION_DATA;
    send_plain(w, type, span_of(filling, w->row->value));
    then_pass(w, u);
}

void act_split(struct wire *w, const struct unit *u)
{
    size_t at = w->parameter > 0 ? (size_t)w->parameter : u->bytes.n / 2;
    if (at >= u->bytes.n)
        at = u->bytes.n - 1;
    wire_record(w, u->type, u->level, span_of(u->bytes.p, at));
    wire_note(w, u->bytes);
    wire_record(w, u->type, u->level, span_of(u->bytes.p + at, u->bytes.n - at));
}

void act_bytewise(struct wire *w, const struct unit *u)
{
    wire_note(w, u->bytes);
    for (size_t i = 0; i < u->bytes.n; i++)
        wire_record(w, u->type, u->level, span_of(u->bytes.p + i, 1));
}

void act_interleave(struct wire *w, const struct unit *u)
{
    static const uint8_t message[] = {KEY_UPDATE, 0, 0, 1, 0};
    struct span whole = u->bytes.n != 0 ? u->bytes : span_of(message, sizeof message);
    size_t half = whole.n / 2;
    wire_record(w, TLS_HANDSHAKE, u->level, span_of(whole.p, half));
    wire_record(w, (uint8_t)w->row->value, u->level, row_bytes(w));
    wire_record(w, TLS_HANDSHAKE, u->level, span_of(whole.p + half, whole.n - half));
}

void act_not_alone(struct wire *w, const struct unit *u)
{
    struct buf content;
    buf_init(&content, 0x20000);
    wr_bytes(&content, u->bytes);
    wr_u8(&content, KEY_UPDATE);
    REQUIRE(buf_check(&content) == OK);
    wire_record(w, u->type, u->level, buf_span(&content));
    buf_release(&content);
}

void act_join(struct wire *w, const struct unit *u)
{
    /* The next message of the same level waits in the tap already. */
    struct unit next;
    struct buf content;
    buf_init(&content, 0x20000);
    wr_bytes(&content, u->bytes);
    enum tls_level level = u->level;
    wire_note(w, u->bytes);
    REQUIRE(tap_next(&w->of_peer, &next) && next.type == TLS_HANDSHAKE);
    if (next.kind == SERVER_HELLO)
        memcpy(w->of_peer.lane.server_random, next.bytes.p + 6, 32);
    wr_bytes(&content, next.bytes);
    wire_note(w, next.bytes);
    REQUIRE(buf_check(&content) == OK);
    wire_record(w, TLS_HANDSHAKE, level, buf_span(&content));
    buf_release(&content);
}

void act_key_update(struct wire *w, const struct unit *u)
{
    uint8_t message[] = {KEY_UPDATE, 0, 0, 1, (uint8_t)w->row->value};
    for (int i = 0; i < w->row->offset && w->subject.result == OK; i++) {
        wire_record(w, TLS_HANDSHAKE, u->level, span_of(message, sizeof message));
        lane_update(&w->to_subject);
    }
}
