/* SPDX-License-Identifier: MIT */
/*
 * What waits to be sent: a list of {level, bytes}, framed into records when the caller takes it, so
 * that messages of one flight share records and a caller with too small a buffer loses nothing.
 */
#include "tls/alert.h"
#include "tls/internal.h"

static bool can_join(const struct out_item *item, uint8_t type, enum tls_level level)
{
    return item->type == type && item->level == level && type == TLS_HANDSHAKE &&
           !item->rekey_after;
}

/* The last n bytes of `out` become an item, or the end of the one before. */
static err add_item(struct tls *t, uint8_t type, enum tls_level level, size_t n)
{
    struct out_item *last = t->out_count != 0 ? &t->out_items[t->out_count - 1] : NULL;
    if (last != NULL && can_join(last, type, level)) {
        last->len += (uint32_t)n;
        return OK;
    }
    ENSURE(t->out_count < OUTPUT_ITEMS_MAX && (last == NULL || last->level <= level));
    t->out_items[t->out_count++] =
        (struct out_item){.type = type, .level = level, .len = (uint32_t)n};
    return OK;
}

err out_append(struct tls *t, uint8_t content_type, enum tls_level level, struct span bytes)
{
    wr_bytes(&t->out, bytes);
    TRY(buf_check(&t->out));
    return add_item(t, content_type, level, bytes.n);
}

struct hs_message hs_open(struct tls *t, enum msg type)
{
    struct hs_message message = {.at = t->out.n, .type = type};
    wr_u8(&t->out, (unsigned)type);
    message.length = wr_open(&t->out, 3);
    return message;
}

err hs_close(struct tls *t, struct hs_message message, enum tls_level level)
{
    wr_close(&t->out, message.length);
    TRY(buf_check(&t->out));
    struct span whole = span_of(t->out.p + message.at, t->out.n - message.at);
    TRY(transcript_add(&t->hs->transcript, whole));
    TRY(add_item(t, TLS_HANDSHAKE, level, whole.n));
    event_message(t, true, (unsigned)message.type, level, whole.n);
    return OK;
}

/* Keys for an alert behind what waits: those that the peer will have read its way to. */
static enum tls_level level_behind_queue(const struct tls *t)
{
    enum tls_level level = t->alert_level;
    if (t->out_count == 0)
        return level;
    const struct out_item *last = &t->out_items[t->out_count - 1];
    if (last->level > level)
        level = last->level;
    return t->write_target > level ? t->write_target : level;
}

err out_alert(struct tls *t, uint8_t alert_level, uint8_t description)
{
    uint8_t alert[2] = {alert_level, description};
    enum tls_level level = level_behind_queue(t);
    TRY(out_append(t, TLS_ALERT, level, span_of(alert, sizeof alert)));
    if (alert_level == ALERT_LEVEL_FATAL)
        t->info.alert_sent = description;
    struct tls_event *event = event_add(t, TLS_EVENT_ALERT_SENT);
    if (event != NULL) {
        event->alert_level = alert_level;
        event->alert = description;
        event->content_type = TLS_ALERT;
        event->level = level;
    }
    return OK;
}

err out_key_update(struct tls *t, bool request_update)
{
    uint8_t message[HANDSHAKE_HEADER_LEN + 1] = {MSG_KEY_UPDATE, 0, 0, 1, request_update};
    TRY(out_append(t, TLS_HANDSHAKE, TLS_LEVEL_APPLICATION, span_of(message, sizeof message)));
    t->out_items[t->out_count - 1].rekey_after = true;
    event_message(t, true, MSG_KEY_UPDATE, TLS_LEVEL_APPLICATION, sizeof message);
    return OK;
}

/*
 * RFC 8446 D.4: a client that already has handshake keys sends its change_cipher_spec before
 * anything protected, an alert included; everything else is pointless now.
 */
void out_abandon(struct tls *t, bool alert_follows)
{
    bool keep_ccs = alert_follows && t->out_count != 0 &&
                    t->out_items[0].type == TLS_CHANGE_CIPHER_SPEC &&
                    t->alert_level > TLS_LEVEL_INITIAL && t->info.version == TLS_VERSION_13;
    size_t keep = keep_ccs ? t->out_items[0].len : 0;
    if (t->out.n > keep)
        mem_wipe(t->out.p + keep, t->out.n - keep);
    t->out.n = keep;
    t->out.failed = OK;
    t->out_count = keep_ccs ? 1 : 0;
    t->write_target = t->writer.level;
}

static size_t record_count(size_t n)
{
    return n == 0 ? 1 : (n + TLS_PLAINTEXT_MAX - 1) / TLS_PLAINTEXT_MAX;
}

size_t tls_output_len(const struct tls *t)
{
    size_t total = 0;
    for (unsigned i = 0; i < t->out_count; i++) {
        size_t header_len;
        size_t trailer_len;
        rec_frame_lens(t, t->out_items[i].level, &header_len, &trailer_len);
        total += t->out_items[i].len;
        total += record_count(t->out_items[i].len) * (header_len + trailer_len);
    }
    return total;
}

static err frame_record(struct tls *t, uint8_t type, struct span bytes, uint8_t *out,
                        size_t *out_len)
{
    struct half *w = &t->writer;
    size_t header_len = rec_header_len(w);
    size_t trailer_len = rec_trailer_len(w);
    uint8_t *data = out + header_len;
    mem_copy(data, bytes.p, bytes.n);
    *out_len = header_len + bytes.n + trailer_len;
    event_record(t, true, w->aead != NULL && w->is_tls13 ? TLS_APPLICATION_DATA : type, w->level,
                 *out_len);
    if (w->aead != NULL)
        return rec_seal(w, type, out, data, bytes.n, data + bytes.n);
    out[0] = type;
    store_u16(out + 1, t->record_version);
    store_u16(out + 3, bytes.n);
    return OK;
}

static err frame_item(struct tls *t, const struct out_item *item, const uint8_t *bytes,
                      uint8_t *out, size_t *out_len)
{
    if (t->writer.level < item->level)
        TRY(keys_install(t, true, item->level));
    ENSURE(t->writer.level == item->level);
    *out_len = 0;
    size_t done = 0;
    do {
        size_t n = item->len - done < TLS_PLAINTEXT_MAX ? item->len - done : TLS_PLAINTEXT_MAX;
        size_t record_len;
        TRY(frame_record(t, item->type, span_of(bytes + done, n), out + *out_len, &record_len));
        *out_len += record_len;
        done += n;
    } while (done < item->len);
    return item->rekey_after ? keys_update(t, true) : OK;
}

/* Nothing may follow a close_notify or a fatal alert. */
static void note_sent(struct tls *t, const struct out_item *item, const uint8_t *bytes)
{
    if (item->type != TLS_ALERT)
        return;
    if (bytes[0] == ALERT_LEVEL_FATAL || bytes[1] == ALERT_CLOSE_NOTIFY)
        state_set(t, STATE_WRITE_CLOSED);
}

static err frame_all(struct tls *t, uint8_t *out, size_t *out_len)
{
    const uint8_t *bytes = t->out.p;
    *out_len = 0;
    for (unsigned i = 0; i < t->out_count; i++) {
        const struct out_item *item = &t->out_items[i];
        size_t n = 0;
        TRY(frame_item(t, item, bytes, out + *out_len, &n));
        note_sent(t, item, bytes);
        *out_len += n;
        bytes += item->len;
    }
    if (t->writer.level < t->write_target)
        TRY(keys_install(t, true, t->write_target));
    if (t->alert_level < t->writer.level)
        t->alert_level = t->writer.level;
    return OK;
}

err tls_output(struct tls *t, uint8_t *out, size_t cap, size_t *out_len)
{
    *out_len = 0;
    if (cap < tls_output_len(t))
        return FAIL(ERR_OUTPUT_TOO_SMALL);
    if (t->out_count == 0)
        return OK;
    err result = frame_all(t, out, out_len);
    t->out_count = 0;
    buf_clear(&t->out);
    if (result != OK) {
        *out_len = 0;
        return engine_latch(t, result);
    }
    state_clear(t, STATE_WRITE_BLOCKED);
    if (state_has(t, STATE_ESTABLISHED)) {
        hs_free(t);
        buf_release(&t->out);
    }
    return OK;
}
