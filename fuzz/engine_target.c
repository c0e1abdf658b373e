/* SPDX-License-Identifier: MIT */
#include "engine_target.h"

enum { EDITS_MAX = 24, CONTENT_MAX = 1 << 15 };

enum wire_on target_version(struct source *s, bool is_server)
{
    bool is_tls13 = (source_u8(s) & 1) != 0;
    if (is_server)
        return is_tls13 ? S13 : S12;
    return is_tls13 ? C13 : C12;
}

unsigned target_options(struct source *s)
{
    static const unsigned choices[] = {MUTUAL,   RETRIED,        BOTH,   WITH_ALPN,
                                       REQUIRED, NO_CERTIFICATE, CHACHA, FIRST_GROUP_P256};
    unsigned options = ED25519;
    uint8_t bits = source_u8(s);
    for (size_t i = 0; i < ARRAY_LEN(choices); i++) {
        if ((bits >> i & 1) != 0)
            options |= choices[i];
    }
    return options;
}

/* ---- editing a unit -------------------------------------------------------------------- */

static void set_length(struct buf *message)
{
    size_t n = message->n - 4;
    message->p[1] = (uint8_t)(n >> 16);
    store_u16(message->p + 2, n & 0xFFFF);
}

/* One change of the bytes; the length field of a message follows when `follows`. */
static void edit_bytes(struct source *s, struct buf *bytes, bool follows)
{
    const uint8_t *text;
    size_t at = bytes->n != 0 ? source_u16(s) % bytes->n : 0;
    uint8_t what = source_u8(s);
    struct buf tail;
    buf_init(&tail, CONTENT_MAX);
    size_t skip = (what & 3) == 1 ? what >> 2 : 0;
    if (skip > bytes->n - at)
        skip = bytes->n - at;
    wr_bytes(&tail, span_of(bytes->p + at + skip, bytes->n - at - skip));
    bytes->n = at;
    if ((what & 3) >= 2) {
        size_t n = source_take(s, what >> 2, &text);
        wr_bytes(bytes, span_of(text, n));
        if ((what & 3) == 2) /* replaced, not inserted */
            buf_drop(&tail, n < tail.n ? n : tail.n);
    }
    if ((what & 3) != 0 || what == 0)
        wr_bytes(bytes, buf_span(&tail));
    buf_release(&tail);
    if (buf_check(bytes) == OK && follows && bytes->n >= 4)
        set_length(bytes);
}

static void send_edited(struct wire *w, struct source *s, const struct unit *u)
{
    struct buf copy;
    struct unit changed = *u;
    buf_init(&copy, CONTENT_MAX);
    wr_bytes(&copy, u->bytes);
    uint8_t how = source_u8(s);
    for (unsigned i = 0; i <= (how & 3u); i++)
        edit_bytes(s, &copy, u->type == TLS_HANDSHAKE && (how & 4) == 0);
    if (buf_check(&copy) == OK) {
        changed.bytes = buf_span(&copy);
        if (u->type == TLS_HANDSHAKE && copy.n != 0)
            wire_message(w, u->level, changed.bytes);
        else
            wire_record(w, u->type, u->level, changed.bytes);
    }
    buf_release(&copy);
}

static void send_split(struct wire *w, struct source *s, const struct unit *u)
{
    size_t at = u->bytes.n != 0 ? source_u16(s) % u->bytes.n : 0;
    if (u->type == TLS_HANDSHAKE)
        wire_note(w, u->bytes);
    wire_record(w, u->type, u->level, span_of(u->bytes.p, at));
    wire_record(w, u->type, u->level, span_of(u->bytes.p + at, u->bytes.n - at));
}

/* A record of the source's own. */
static void send_made(struct wire *w, struct source *s, enum tls_level level)
{
    const uint8_t *text;
    uint8_t type = (uint8_t)(19 + source_u8(s) % 6);
    uint8_t quirks = source_u8(s);
    size_t n = source_take(s, source_u8(s), &text);
    struct lane_quirk quirk = {.padding_len = (quirks & 1) != 0 ? quirks : 0,
                               .no_type = (quirks & 14) == 14,
                               .breaks_tag = (quirks & 56) == 56,
                               .version = (quirks & 96) == 96 ? 0x0302 : 0};
    wire_quirky(w, type, level, span_of(text, n), &quirk);
}

static void send_raw(struct wire *w, struct source *s)
{
    const uint8_t *text;
    size_t n = source_take(s, source_u8(s), &text);
    if (n != 0 && w->subject.result == OK)
        wire_raw(w, span_of(text, n));
}

void act_edited(struct wire *w, const struct unit *u)
{
    struct source *s = w->row->context;
    for (unsigned i = 0; i < EDITS_MAX && w->subject.result == OK; i++) {
        switch (source_u8(s) % 8) {
        case 0:
            wire_pass(w, u);
            return;
        case 1:
            return;
        case 2:
            wire_pass(w, u);
            break;
        case 3:
            send_edited(w, s, u);
            return;
        case 4:
            send_split(w, s, u);
            return;
        case 5:
            send_made(w, s, u->level);
            break;
        case 6:
            send_raw(w, s);
            break;
        default:
            send_edited(w, s, u);
            break;
        }
    }
}

/* RFC 8446 4.6.3: whoever sends a KeyUpdate changes keys behind it. */
static void send_key_update(struct wire *w, struct source *s)
{
    uint8_t message[] = {KEY_UPDATE, 0, 0, 1, source_u8(s)};
    wire_record(w, TLS_HANDSHAKE, TLS_LEVEL_APPLICATION, span_of(message, sizeof message));
    if (w->is_tls13)
        lane_update(&w->to_subject);
}

static void send_messages(struct wire *w, struct source *s)
{
    const uint8_t *text;
    struct buf content;
    buf_init(&content, CONTENT_MAX);
    for (unsigned count = source_u8(s) % 4 + 1u; count != 0; count--) {
        size_t n = source_u8(s);
        wr_u8(&content, source_u8(s));
        n = source_take(s, n, &text);
        wr_vec(&content, 3, span_of(text, n));
    }
    wire_record(w, TLS_HANDSHAKE, TLS_LEVEL_APPLICATION, buf_span(&content));
    buf_release(&content);
}

void act_made(struct wire *w, const struct unit *u)
{
    struct source *s = w->row->context;
    (void)u;
    while (s->n != 0 && w->subject.result == OK && !w->subject.is_closed) {
        switch (source_u8(s) % 6) {
        case 0:
            wire_record(w, TLS_APPLICATION_DATA, TLS_LEVEL_APPLICATION, span_text("data"));
            break;
        case 1:
            send_key_update(w, s);
            break;
        case 2:
            send_messages(w, s);
            break;
        case 3:
            send_raw(w, s);
            break;
        case 4:
            w->by_step = !w->by_step && !w->subject.has_half;
            break;
        default:
            send_made(w, s, TLS_LEVEL_APPLICATION);
            break;
        }
    }
}

/* ---- what holds in any case ------------------------------------------------------------ */

static void check_failure(const struct wire *w)
{
    const struct tls_info *info = tls_info(w->subject.t);
    err reason = w->subject.result;
    PROPERTY(reason != ERR_INTERNAL && reason != ERR_NO_MEMORY && reason != ERR_CRYPTO);
    PROPERTY(reason != ERR_ARGUMENT && reason != ERR_OUTPUT_TOO_SMALL);
    if (reason == ERR_RECORD_GARBAGE || reason == ERR_WRONG_STATE)
        return;
    PROPERTY(info->failure == reason);
    bool is_12 = info->version != TLS_VERSION_13;
    int alert = reason == ERR_CERT_REQUIRED && is_12 ? HANDSHAKE_FAILURE : tls_alert_of(reason);
    PROPERTY(info->alert_sent == alert);
    PROPERTY(w->alert_seen == alert || alert == NO_ALERT);
}

/* Who believes to share a connection does share its keys. */
static void check_agreement(const struct wire *w)
{
    uint8_t a[32];
    uint8_t b[32];
    struct span label = span_text("EXPORTER-fuzz");
    if (tls_export(w->subject.t, label, false, span_empty(), a, sizeof a) != OK ||
        tls_export(w->peer.t, label, false, span_empty(), b, sizeof b) != OK)
        return;
    PROPERTY(memcmp(a, b, sizeof a) == 0);
}

void target_run(const struct row *row, enum wire_on on, bool by_step)
{
    struct wire w;
    int64_t live = mem_live();
    wire_run(&w, row, on, by_step, -1);
    if (w.subject.result != OK)
        check_failure(&w);
    check_agreement(&w);
    wire_close(&w);
    PROPERTY(mem_live() == live);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    PROPERTY(crypto_start() == OK);
    engine_identity(ENGINE_ED25519);
    return 0;
}
