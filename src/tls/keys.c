/* SPDX-License-Identifier: MIT */
/* Traffic keys: from the secrets of a level into one direction of the record layer. */
#include "tls/internal.h"

enum { KEY_LEN_MAX = 32 };

static void half_reset(const struct tls *t, struct half *h, enum tls_level level)
{
    h->number = 0;
    h->level = level;
    h->is_tls13 = t->info.version == TLS_VERSION_13;
    h->header_len = (uint8_t)(TLS_RECORD_HEADER_LEN + t->suite->explicit_nonce_len);
    /* RFC 8446 5.5 sets limits; RFC 5246 only forbids that the number wraps. */
    uint64_t limit = h->is_tls13 ? aead_record_limit(t->suite->aead) : UINT64_MAX;
    h->limit = limit < UINT64_MAX ? limit : UINT64_MAX - 1;
}

static err half_set(const struct tls *t, struct half *h, bool is_writer, const uint8_t *key,
                    const uint8_t iv[AEAD_IV_LEN])
{
    if (h->aead != NULL)
        return aead_rekey(h->aead, key, iv);
    return aead_new(&h->aead, t->suite->aead, is_writer, key, iv);
}

/* RFC 8446 7.3. */
static err install13(const struct tls *t, struct half *h, bool is_writer,
                     const struct secret *traffic)
{
    enum hash_id hash = t->suite->hash;
    uint8_t key[KEY_LEN_MAX];
    uint8_t iv[AEAD_IV_LEN];
    struct hkdf_label labels[] = {
        {span_text("key"), span_empty(), key, aead_key_len(t->suite->aead)},
        {span_text("iv"), span_empty(), iv, AEAD_IV_LEN},
    };
    err result = hkdf_expand_labels(hash, secret_span(traffic), labels, ARRAY_LEN(labels));
    if (result == OK)
        result = half_set(t, h, is_writer, key, iv);
    mem_wipe(key, sizeof key);
    mem_wipe(iv, sizeof iv);
    return result;
}

static err install12(const struct tls *t, struct half *h, bool is_writer)
{
    const uint8_t *block = t->hs->key_block12;
    size_t key_len = aead_key_len(t->suite->aead);
    size_t iv_len = AEAD_IV_LEN - t->suite->explicit_nonce_len;
    bool of_server = is_writer == t->info.is_server;
    uint8_t iv[AEAD_IV_LEN] = {0};
    mem_copy(iv, block + 2 * key_len + (of_server ? iv_len : 0), iv_len);
    err result = half_set(t, h, is_writer, block + (of_server ? key_len : 0), iv);
    mem_wipe(iv, sizeof iv);
    return result;
}

static const struct secret *traffic_secret(const struct tls *t, bool is_writer,
                                           enum tls_level level)
{
    const struct schedule13 *s = &t->hs->schedule;
    bool of_server = is_writer == t->info.is_server;
    if (level == TLS_LEVEL_HANDSHAKE)
        return of_server ? &s->server_handshake : &s->client_handshake;
    return of_server ? &s->server_application : &s->client_application;
}

err keys_install(struct tls *t, bool is_writer, enum tls_level level)
{
    struct half *h = is_writer ? &t->writer : &t->reader;
    ENSURE(t->hs != NULL && t->suite != NULL && level > h->level);
    if (t->info.version == TLS_VERSION_13) {
        const struct secret *traffic = traffic_secret(t, is_writer, level);
        ENSURE(traffic->n != 0);
        TRY(install13(t, h, is_writer, traffic));
        if (level == TLS_LEVEL_APPLICATION)
            h->traffic = *traffic;
    } else {
        ENSURE(t->hs->key_block12_len != 0);
        TRY(install12(t, h, is_writer));
    }
    half_reset(t, h, level);
    struct tls_event *event = event_add(t, TLS_EVENT_KEY_INSTALLED);
    if (event != NULL) {
        event->level = level;
        event->from = is_writer ? "write" : "read";
    }
    return OK;
}

err keys_update(struct tls *t, bool is_writer)
{
    struct half *h = is_writer ? &t->writer : &t->reader;
    ENSURE(h->is_tls13 && h->traffic.n != 0);
    TRY(schedule13_next_traffic(t->suite->hash, &h->traffic));
    TRY(install13(t, h, is_writer, &h->traffic));
    half_reset(t, h, TLS_LEVEL_APPLICATION);
    return OK;
}
