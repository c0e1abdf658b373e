/* SPDX-License-Identifier: MIT */
#include "acts.h"

enum { ACT_BUFFER_MAX = 1 << 20, HEADER_LEN = 4 };

static struct span body_of(const struct unit *u)
{
    return span_of(u->bytes.p + HEADER_LEN, u->bytes.n - HEADER_LEN);
}

static void send_body(struct wire *w, const struct unit *u, uint8_t type, struct span body)
{
    struct buf message;
    buf_init(&message, ACT_BUFFER_MAX);
    wr_u8(&message, type);
    wr_vec(&message, 3, body);
    REQUIRE(buf_check(&message) == OK);
    wire_message(w, u->level, buf_span(&message));
    buf_release(&message);
}

/* A copy of the unit that may be changed. */
static struct buf copy_of(const struct unit *u)
{
    struct buf copy;
    buf_init(&copy, ACT_BUFFER_MAX);
    wr_bytes(&copy, u->bytes);
    REQUIRE(buf_check(&copy) == OK);
    return copy;
}

static void pass_copy(struct wire *w, const struct unit *u, struct buf *copy)
{
    struct unit changed = *u;
    changed.bytes = buf_span(copy);
    if (u->type == TLS_HANDSHAKE)
        wire_message(w, u->level, changed.bytes);
    else
        wire_pass(w, &changed);
    buf_release(copy);
}

static size_t header_len(const struct unit *u)
{
    return u->type == TLS_HANDSHAKE ? HEADER_LEN : 0;
}

static uint8_t *byte_at(const struct wire *w, const struct unit *u, struct buf *copy)
{
    size_t start = header_len(u);
    size_t at =
        w->row->offset >= 0 ? start + (size_t)w->row->offset : copy->n - (size_t)-w->row->offset;
    REQUIRE(at < copy->n);
    return copy->p + at;
}

/* ---- whole messages -------------------------------------------------------------------- */

void act_pass(struct wire *w, const struct unit *u)
{
    wire_pass(w, u);
}

void act_drop(struct wire *w, const struct unit *u)
{
    (void)w;
    (void)u;
}

void act_repeat(struct wire *w, const struct unit *u)
{
    struct buf copy = copy_of(u);
    struct unit again = *u;
    again.bytes = buf_span(&copy);
    wire_pass(w, u);
    wire_pass(w, &again);
    buf_release(&copy);
}

void act_swap(struct wire *w, const struct unit *u)
{
    w->held = copy_of(u);
    w->held_unit = *u;
}

void act_retype(struct wire *w, const struct unit *u)
{
    unsigned type = w->parameter >= 0 ? (unsigned)w->parameter : w->row->value;
    send_body(w, u, (uint8_t)type, body_of(u));
}

void act_replace(struct wire *w, const struct unit *u)
{
    send_body(w, u, u->bytes.p[0], w->row->bytes.p != NULL ? w->row->bytes : span_empty());
}

void act_truncate(struct wire *w, const struct unit *u)
{
    size_t cut = (size_t)w->parameter < body_of(u).n ? (size_t)w->parameter : body_of(u).n;
    send_body(w, u, u->bytes.p[0], span_of(body_of(u).p, body_of(u).n - cut));
}

void act_extend(struct wire *w, const struct unit *u)
{
    struct buf body;
    buf_init(&body, ACT_BUFFER_MAX);
    wr_bytes(&body, body_of(u));
    wr_u8(&body, 0);
    send_body(w, u, u->bytes.p[0], buf_span(&body));
    buf_release(&body);
}

void act_poke(struct wire *w, const struct unit *u)
{
    struct buf copy = copy_of(u);
    *byte_at(w, u, &copy) = (uint8_t)w->row->value;
    pass_copy(w, u, &copy);
}

void act_poke16(struct wire *w, const struct unit *u)
{
    struct buf copy = copy_of(u);
    store_u16(byte_at(w, u, &copy), w->row->value);
    pass_copy(w, u, &copy);
}

void act_overwrite(struct wire *w, const struct unit *u)
{
    struct buf copy = copy_of(u);
    mem_copy(byte_at(w, u, &copy), w->row->bytes.p, w->row->bytes.n);
    pass_copy(w, u, &copy);
}

void act_flip(struct wire *w, const struct unit *u)
{
    struct buf copy = copy_of(u);
    *byte_at(w, u, &copy) ^= (uint8_t)w->row->value;
    pass_copy(w, u, &copy);
}

void act_flip_at(struct wire *w, const struct unit *u)
{
    struct buf copy = copy_of(u);
    size_t at = (size_t)w->parameter % copy.n;
    copy.p[at] ^= (uint8_t)(1u << w->parameter % 8);
    pass_copy(w, u, &copy);
}

void act_length(struct wire *w, const struct unit *u)
{
    struct buf copy = copy_of(u);
    copy.p[1] = (uint8_t)(w->row->value >> 16);
    store_u16(copy.p + 2, w->row->value & 0xFFFF);
    pass_copy(w, u, &copy);
}

void act_insert(struct wire *w, const struct unit *u)
{
    wire_message(w, u->level, w->row->bytes);
    if (u->bytes.n != 0)
        wire_pass(w, u);
}

void act_many(struct wire *w, const struct unit *u)
{
    for (unsigned i = 0; i < w->row->value; i++)
        wire_message(w, u->level, w->row->bytes);
    if (u->bytes.n != 0)
        wire_pass(w, u);
}

void act_together(struct wire *w, const struct unit *u)
{
    struct buf content;
    buf_init(&content, ACT_BUFFER_MAX);
    for (unsigned i = 0; i < w->row->value; i++)
        wr_bytes(&content, w->row->bytes);
    REQUIRE(buf_check(&content) == OK);
    wire_record(w, TLS_HANDSHAKE, u->level, buf_span(&content));
    buf_release(&content);
    if (u->bytes.n != 0)
        wire_pass(w, u);
}

/* ---- extensions ------------------------------------------------------------------------ */

static size_t skip_vec(struct span body, size_t at, unsigned width)
{
    size_t n = 0;
    REQUIRE(at + width <= body.n);
    for (unsigned i = 0; i < width; i++)
        n = n << 8 | body.p[at + i];
    REQUIRE(at + width + n <= body.n);
    return at + width + n;
}

/* Where the length of the extension block stands in the body. */
static size_t block_at(const struct unit *u)
{
    enum { BEHIND_RANDOM = 34 };
    struct span body = body_of(u);
    int kind = (int)u->kind;
    if (kind == CLIENT_HELLO || kind == HELLO_AGAIN)
        return skip_vec(body, skip_vec(body, skip_vec(body, BEHIND_RANDOM, 1), 2), 1);
    if (kind == SERVER_HELLO || kind == HELLO_RETRY)
        return skip_vec(body, BEHIND_RANDOM, 1) + 3;
    if (kind == CERTIFICATE_REQUEST)
        return skip_vec(body, 0, 1);
    if (kind == CERTIFICATE) /* of the first entry */
        return skip_vec(body, skip_vec(body, 0, 1) + 3, 3);
    REQUIRE(kind == ENCRYPTED_EXTENSIONS);
    return 0;
}

static void put_extension(struct buf *b, unsigned type, struct span body)
{
    wr_u16(b, type);
    wr_vec(b, 2, body);
}

typedef void edit(struct buf *block, const struct row *row, struct span extensions);

/* Sends the message with an edited block; the certificate list's length follows. */
static void edit_block(struct wire *w, const struct unit *u, edit *how)
{
    struct span body = body_of(u);
    size_t at = block_at(u);
    size_t end = skip_vec(body, at, 2);
    struct buf changed;
    buf_init(&changed, ACT_BUFFER_MAX);
    wr_bytes(&changed, span_of(body.p, at));
    struct wr_mark mark = wr_open(&changed, 2);
    how(&changed, w->row, span_of(body.p + at + 2, end - at - 2));
    wr_close(&changed, mark);
    wr_bytes(&changed, span_of(body.p + end, body.n - end));
    REQUIRE(buf_check(&changed) == OK);
    if (u->kind == CERTIFICATE)
        store_u16(changed.p + 2, changed.n - 4);
    send_body(w, u, u->bytes.p[0], buf_span(&changed));
    buf_release(&changed);
}

/* Copies all extensions but one type. */
static void copy_without(struct buf *block, struct span extensions, unsigned type)
{
    struct rd r = rd_from(extensions);
    while (rd_left(&r) != 0) {
        uint16_t number = rd_u16(&r);
        struct span body = rd_vec(&r, 2, 0, UINT16_MAX);
        REQUIRE(!r.bad);
        if (number != type)
            put_extension(block, number, body);
    }
}

static struct span row_bytes(const struct row *row)
{
    return row->bytes.p != NULL ? row->bytes : span_empty();
}

static void edit_add(struct buf *block, const struct row *row, struct span extensions)
{
    wr_bytes(block, extensions);
    put_extension(block, row->value, row_bytes(row));
}

static void edit_drop(struct buf *block, const struct row *row, struct span extensions)
{
    copy_without(block, extensions, row->value);
}

static void edit_twice(struct buf *block, const struct row *row, struct span extensions)
{
    struct rd r = rd_from(extensions);
    struct span found = row_bytes(row);
    bool is_there = false;
    while (rd_left(&r) != 0) {
        uint16_t number = rd_u16(&r);
        struct span body = rd_vec(&r, 2, 0, UINT16_MAX);
        if (number == row->value) {
            found = body;
            is_there = true;
        }
    }
    wr_bytes(block, extensions);
    if (!is_there)
        put_extension(block, row->value, found);
    put_extension(block, row->value, found);
}

static void edit_set(struct buf *block, const struct row *row, struct span extensions)
{
    copy_without(block, extensions, row->value);
    put_extension(block, row->value, row_bytes(row));
}

void act_ext_add(struct wire *w, const struct unit *u)
{
    edit_block(w, u, edit_add);
}

void act_ext_drop(struct wire *w, const struct unit *u)
{
    edit_block(w, u, edit_drop);
}

void act_ext_twice(struct wire *w, const struct unit *u)
{
    edit_block(w, u, edit_twice);
}

void act_ext_set(struct wire *w, const struct unit *u)
{
    edit_block(w, u, edit_set);
}

/* ---- hellos ---------------------------------------------------------------------------- */

/* The body with the bytes from `at` to `end` replaced. */
static void splice(struct wire *w, const struct unit *u, size_t at, size_t end, struct span middle)
{
    struct span body = body_of(u);
    struct buf changed;
    buf_init(&changed, ACT_BUFFER_MAX);
    wr_bytes(&changed, span_of(body.p, at));
    wr_bytes(&changed, middle);
    wr_bytes(&changed, span_of(body.p + end, body.n - end));
    REQUIRE(buf_check(&changed) == OK);
    send_body(w, u, u->bytes.p[0], buf_span(&changed));
    buf_release(&changed);
}

static void splice_vec(struct wire *w, const struct unit *u, size_t at, unsigned width,
                       struct span content)
{
    buf_clear(&w->scratch);
    wr_vec(&w->scratch, width, content);
    splice(w, u, at, skip_vec(body_of(u), at, width), buf_span(&w->scratch));
}

static size_t suites_at(const struct unit *u)
{
    return skip_vec(body_of(u), 34, 1);
}

void act_suites(struct wire *w, const struct unit *u)
{
    splice_vec(w, u, suites_at(u), 2, w->row->bytes);
}

void act_suite_add(struct wire *w, const struct unit *u)
{
    struct span body = body_of(u);
    size_t at = suites_at(u);
    struct buf suites;
    buf_init(&suites, ACT_BUFFER_MAX);
    wr_bytes(&suites, span_of(body.p + at + 2, load_u16(body.p + at)));
    wr_u16(&suites, w->row->value);
    splice_vec(w, u, at, 2, buf_span(&suites));
    buf_release(&suites);
}

void act_old_and_suite(struct wire *w, const struct unit *u)
{
    struct buf copy = copy_of(u);
    struct unit old = *u;
    store_u16(copy.p + 4, 0x0302);
    old.bytes = buf_span(&copy);
    act_suite_add(w, &old);
    buf_release(&copy);
}

void act_compressions(struct wire *w, const struct unit *u)
{
    splice_vec(w, u, skip_vec(body_of(u), suites_at(u), 2), 1, w->row->bytes);
}

void act_no_extensions(struct wire *w, const struct unit *u)
{
    send_body(w, u, u->bytes.p[0], span_of(body_of(u).p, block_at(u)));
}

/* suite and compression stand in front of the extensions */
void act_suite(struct wire *w, const struct unit *u)
{
    struct buf copy = copy_of(u);
    store_u16(copy.p + HEADER_LEN + block_at(u) - 3, w->row->value);
    pass_copy(w, u, &copy);
}

void act_compression(struct wire *w, const struct unit *u)
{
    struct buf copy = copy_of(u);
    copy.p[HEADER_LEN + block_at(u) - 1] = (uint8_t)w->row->value;
    pass_copy(w, u, &copy);
}

void act_echo_session_id(struct wire *w, const struct unit *u)
{
    splice_vec(w, u, 34, 1, span_of(w->session_id, w->session_id_len));
}

void act_hello_again(struct wire *w, const struct unit *u)
{
    act_repeat(w, u);
}

void act_key_share(struct wire *w, const struct unit *u)
{
    bool in_server_hello = u->kind == SERVER_HELLO;
    struct buf body;
    struct row row = {.value = 51};
    const struct row *given = w->row;
    buf_init(&body, ACT_BUFFER_MAX);
    struct wr_mark list = {0};
    if (!in_server_hello)
        list = wr_open(&body, 2);
    for (int i = 0; i < (given->offset != 0 ? 2 : 1); i++) {
        wr_u16(&body, given->value);
        wr_vec(&body, 2, row_bytes(given));
    }
    if (!in_server_hello)
        wr_close(&body, list);
    row.bytes = buf_span(&body);
    row.options = given->options;
    w->row = &row;
    edit_block(w, u, edit_set);
    w->row = given;
    buf_release(&body);
}

void act_server_point(struct wire *w, const struct unit *u)
{
    struct buf body;
    struct buf params;
    buf_init(&body, ACT_BUFFER_MAX);
    wr_u8(&body, 3);
    wr_u16(&body, w->row->value != 0 ? w->row->value : load_u16(body_of(u).p + 1));
    wr_vec(&body, 1, w->row->bytes);
    buf_init(&params, ACT_BUFFER_MAX);
    wr_bytes(&params, buf_span(&body));
    wire_sign12(w, buf_span(&params), &body);
    send_body(w, u, SERVER_KEY_EXCHANGE, buf_span(&body));
    buf_release(&params);
    buf_release(&body);
}

void act_client_point(struct wire *w, const struct unit *u)
{
    splice_vec(w, u, 0, 1, w->row->bytes);
}

void act_certificates(struct wire *w, const struct unit *u)
{
    struct buf body;
    buf_init(&body, ACT_BUFFER_MAX);
    if (w->is_tls13)
        wr_u8(&body, 0);
    struct wr_mark list = wr_open(&body, 3);
    for (unsigned i = 0; i < w->row->value; i++) {
        wr_vec(&body, 3, span_text("x"));
        if (w->is_tls13)
            wr_u16(&body, 0);
    }
    wr_close(&body, list);
    send_body(w, u, CERTIFICATE, buf_span(&body));
    buf_release(&body);
}

void act_pad_to(struct wire *w, const struct unit *u)
{
    enum { PADDING = 21, EXTENSION_HEADER_LEN = 4 };
    static uint8_t zeroes[0x10000];
    size_t have = body_of(u).n + EXTENSION_HEADER_LEN;
    const struct row *given = w->row;
    struct row row = {
        .value = PADDING, .bytes = span_of(zeroes, given->value - have), .options = given->options};
    REQUIRE(given->value >= have);
    w->row = &row;
    edit_block(w, u, edit_add);
    w->row = given;
}

static void send_early_records(struct wire *w)
{
    static uint8_t junk[16384 + 256];
    for (unsigned left = w->row->value; left != 0;) {
        unsigned most = w->row->offset != 0 ? (unsigned)w->row->offset : 4000;
        unsigned n = left < most ? left : most;
        buf_clear(&w->scratch);
        wr_u8(&w->scratch, TLS_APPLICATION_DATA);
        wr_u16(&w->scratch, TLS_VERSION_12);
        wr_vec(&w->scratch, 2, span_of(junk, n));
        struct buf record = w->scratch;
        buf_init(&w->scratch, record.max);
        wire_raw(w, buf_span(&record));
        buf_release(&record);
        left -= n;
    }
}

void act_early_data(struct wire *w, const struct unit *u)
{
    const struct row *given = w->row;
    struct row row = {.value = 42, .options = given->options};
    w->row = &row;
    edit_block(w, u, edit_add);
    w->row = given;
    send_early_records(w);
}

void act_early_records(struct wire *w, const struct unit *u)
{
    send_early_records(w);
    wire_pass(w, u);
}

static void edit_psk(struct buf *block, const struct row *row, struct span extensions)
{
    struct buf offer;
    uint8_t binder[32] = {0};
    buf_init(&offer, ACT_BUFFER_MAX);
    struct wr_mark identities = wr_open(&offer, 2);
    for (unsigned i = 0; i < (row->value == 1 ? 2u : 1u); i++) {
        wr_vec(&offer, 2, span_text("ticket"));
        wr_u32(&offer, 0);
    }
    wr_close(&offer, identities);
    struct wr_mark binders = wr_open(&offer, 2);
    wr_vec(&offer, 1, span_of(binder, sizeof binder));
    wr_close(&offer, binders);
    wr_bytes(block, extensions);
    put_extension(block, 41, buf_span(&offer));
    if (row->value == 2)
        put_extension(block, 21, span_empty()); /* padding, which may also come after a retry */
    buf_release(&offer);
}

void act_psk(struct wire *w, const struct unit *u)
{
    edit_block(w, u, edit_psk);
}
