/* SPDX-License-Identifier: MIT */
#include "lane.h"

enum { KEY_LEN_MAX = 32, AAD12_LEN = 13, MESSAGE_MAX = 1 << 17 };

static const struct tls_suite *suite_of(const struct lane *l)
{
    const struct tls_suite *suite = tls_suite_find(tls_info(l->view->t)->suite);
    REQUIRE(suite != NULL);
    return suite;
}

bool lane_is_tls13(const struct lane *l)
{
    return tls_info(l->view->t)->version == TLS_VERSION_13;
}

void lane_init(struct lane *l, const struct engine *view, bool of_server, bool seals)
{
    *l = (struct lane){.view = view, .of_server = of_server, .seals = seals};
}

void lane_close(struct lane *l)
{
    aead_free(l->aead);
    l->aead = NULL;
    secret_wipe(&l->traffic);
}

static void set_key(struct lane *l, const uint8_t *key, const uint8_t iv[AEAD_IV_LEN])
{
    aead_free(l->aead);
    l->aead = NULL;
    REQUIRE(aead_new(&l->aead, suite_of(l)->aead, l->seals, key, iv) == OK);
    l->number = 0;
}

static void set_traffic_key(struct lane *l)
{
    uint8_t key[KEY_LEN_MAX];
    uint8_t iv[AEAD_IV_LEN];
    enum hash_id hash = suite_of(l)->hash;
    struct span secret = secret_span(&l->traffic);
    REQUIRE(secret.n != 0);
    REQUIRE(hkdf_expand_label(hash, secret, span_text("key"), span_empty(), key,
                              aead_key_len(suite_of(l)->aead)) == OK);
    REQUIRE(hkdf_expand_label(hash, secret, span_text("iv"), span_empty(), iv, sizeof iv) == OK);
    set_key(l, key, iv);
}

static void raise12(struct lane *l)
{
    const struct tls_suite *suite = suite_of(l);
    const struct secret *master = &l->view->secrets[ENGINE_MASTER12];
    uint8_t block[2 * (KEY_LEN_MAX + AEAD_IV_LEN)];
    uint8_t iv[AEAD_IV_LEN] = {0};
    size_t key_len = aead_key_len(suite->aead);
    size_t iv_len = AEAD_IV_LEN - (size_t)suite->explicit_nonce_len;
    size_t which = l->of_server ? 1 : 0;
    REQUIRE(master->n != 0);
    REQUIRE(prf12(suite->hash, secret_span(master), "key expansion", span_of(l->server_random, 32),
                  span_of(l->view->client_random, 32), block, 2 * (key_len + iv_len)) == OK);
    memcpy(iv, block + 2 * key_len + which * iv_len, iv_len);
    set_key(l, block + which * key_len, iv);
}

void lane_raise(struct lane *l, enum tls_level level)
{
    if (level <= l->level)
        return;
    l->level = level;
    if (!lane_is_tls13(l)) {
        raise12(l);
        return;
    }
    bool is_handshake = level == TLS_LEVEL_HANDSHAKE;
    enum engine_secret of_client =
        is_handshake ? ENGINE_CLIENT_HANDSHAKE : ENGINE_CLIENT_APPLICATION;
    enum engine_secret of_server =
        is_handshake ? ENGINE_SERVER_HANDSHAKE : ENGINE_SERVER_APPLICATION;
    l->traffic = l->view->secrets[l->of_server ? of_server : of_client];
    set_traffic_key(l);
}

void lane_update(struct lane *l)
{
    struct secret next = {.n = l->traffic.n};
    REQUIRE(hkdf_expand_label(suite_of(l)->hash, secret_span(&l->traffic), span_text("traffic upd"),
                              span_empty(), next.b, next.n) == OK);
    l->traffic = next;
    set_traffic_key(l);
}

static struct span aad12(const struct lane *l, uint8_t aad[AAD12_LEN], uint8_t type, size_t n)
{
    store_u64(aad, l->number);
    aad[8] = type;
    store_u16(aad + 9, TLS_VERSION_12);
    store_u16(aad + 11, n);
    return span_of(aad, AAD12_LEN);
}

static void put_header(struct buf *out, uint8_t type, uint16_t version, size_t n)
{
    wr_u8(out, type);
    wr_u16(out, version);
    wr_u16(out, (unsigned)n);
}

static void seal12(struct lane *l, uint8_t type, uint16_t version, struct buf *content,
                   struct buf *out)
{
    uint8_t tag[AEAD_TAG_LEN];
    uint8_t aad[AAD12_LEN];
    uint8_t nonce[8];
    size_t nonce_len = suite_of(l)->explicit_nonce_len;
    store_u64(nonce, l->number);
    REQUIRE(aead_seal(l->aead, l->number, aad12(l, aad, type, content->n), content->p, content->n,
                      tag, 0, tag) == OK);
    put_header(out, type, version, nonce_len + content->n + sizeof tag);
    wr_bytes(out, span_of(nonce, nonce_len));
    wr_bytes(out, buf_span(content));
    wr_bytes(out, span_of(tag, sizeof tag));
}

static void seal13(struct lane *l, uint8_t type, uint16_t version, const struct lane_quirk *quirk,
                   struct buf *content, struct buf *out)
{
    uint8_t tag[AEAD_TAG_LEN];
    size_t at = out->n;
    wr_u8(content, quirk->no_type ? 0 : type);
    for (unsigned i = 0; i < quirk->padding_len; i++)
        wr_u8(content, 0);
    REQUIRE(buf_check(content) == OK);
    uint8_t outer = quirk->outer_type != 0 ? quirk->outer_type : TLS_APPLICATION_DATA;
    put_header(out, outer, version, content->n + sizeof tag);
    REQUIRE(buf_check(out) == OK);
    REQUIRE(aead_seal(l->aead, l->number, span_of(out->p + at, TLS_RECORD_HEADER_LEN), content->p,
                      content->n, tag, 0, tag) == OK);
    wr_bytes(out, buf_span(content));
    wr_bytes(out, span_of(tag, sizeof tag));
}

void lane_seal(struct lane *l, uint8_t type, struct span content, const struct lane_quirk *quirk,
               struct buf *out)
{
    static const struct lane_quirk none;
    const struct lane_quirk *q = quirk != NULL ? quirk : &none;
    uint16_t version = q->version != 0 ? q->version : TLS_VERSION_12;
    struct buf copy;
    if (l->aead == NULL) {
        put_header(out, type, version, content.n);
        wr_bytes(out, content);
        REQUIRE(buf_check(out) == OK);
        return;
    }
    buf_init(&copy, MESSAGE_MAX);
    REQUIRE(buf_reserve(&copy, content.n + 1) == OK);
    wr_bytes(&copy, content);
    if (lane_is_tls13(l))
        seal13(l, type, version, q, &copy, out);
    else
        seal12(l, type, version, &copy, out);
    buf_release(&copy);
    REQUIRE(buf_check(out) == OK);
    if (q->breaks_tag)
        out->p[out->n - 1] ^= 1;
    l->number++;
}

static bool open12(struct lane *l, uint8_t *record, size_t n, uint8_t type, struct span *out)
{
    size_t start = TLS_RECORD_HEADER_LEN + (size_t)suite_of(l)->explicit_nonce_len;
    uint8_t aad[AAD12_LEN];
    if (n < start + AEAD_TAG_LEN)
        return false;
    size_t len = n - start - AEAD_TAG_LEN;
    /* The engine's explicit nonce is its sequence number. */
    if (aead_open(l->aead, l->number, aad12(l, aad, type, len), record + start, len,
                  record + start + len) != OK)
        return false;
    *out = span_of(record + start, len);
    return true;
}

static bool open13(struct lane *l, uint8_t *record, size_t n, uint8_t *out_type, struct span *out)
{
    if (n < TLS_RECORD_HEADER_LEN + AEAD_TAG_LEN)
        return false;
    size_t len = n - TLS_RECORD_HEADER_LEN - AEAD_TAG_LEN;
    uint8_t *p = record + TLS_RECORD_HEADER_LEN;
    if (aead_open(l->aead, l->number, span_of(record, TLS_RECORD_HEADER_LEN), p, len, p + len) !=
        OK)
        return false;
    while (len != 0 && p[len - 1] == 0)
        len--;
    REQUIRE(len != 0);
    *out_type = p[len - 1];
    *out = span_of(p, len - 1);
    return true;
}

bool lane_open(struct lane *l, uint8_t *record, size_t n, uint8_t *out_type,
               struct span *out_content)
{
    *out_type = record[0];
    bool is_plain = l->aead == NULL || (lane_is_tls13(l) && record[0] != TLS_APPLICATION_DATA);
    if (is_plain) {
        *out_content = span_of(record + TLS_RECORD_HEADER_LEN, n - TLS_RECORD_HEADER_LEN);
        return true;
    }
    bool opened = lane_is_tls13(l) ? open13(l, record, n, out_type, out_content)
                                   : open12(l, record, n, record[0], out_content);
    l->number += opened;
    return opened;
}
