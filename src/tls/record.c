/* SPDX-License-Identifier: MIT */
/*
 * The record layer (RFC 8446 5, RFC 5246 6.2, RFC 5288, RFC 7905): headers, limits, protection.
 * Works in place and never allocates. What a record means is decided by the callers.
 */
#include "tls/internal.h"

enum { VERSION_MAJOR = 3, AAD12_LEN = 13, INNER_TYPE_LEN = 1 };

size_t rec_header_len(const struct half *h)
{
    return h->aead != NULL ? h->header_len : TLS_RECORD_HEADER_LEN;
}

size_t rec_trailer_len(const struct half *h)
{
    if (h->aead == NULL)
        return 0;
    return AEAD_TAG_LEN + (h->is_tls13 ? INNER_TYPE_LEN : 0);
}

void rec_frame_lens(const struct tls *t, enum tls_level level, size_t *out_header,
                    size_t *out_trailer)
{
    *out_header = TLS_RECORD_HEADER_LEN;
    *out_trailer = 0;
    if (level == TLS_LEVEL_INITIAL)
        return;
    bool is_tls13 = t->info.version == TLS_VERSION_13;
    *out_header += t->suite->explicit_nonce_len;
    *out_trailer = AEAD_TAG_LEN + (is_tls13 ? INNER_TYPE_LEN : 0);
}

static bool is_known_type(uint8_t type)
{
    return type >= TLS_CHANGE_CIPHER_SPEC && type <= TLS_APPLICATION_DATA;
}

/* In TLS 1.3 change_cipher_spec never, and alerts not always, are protected. */
static bool is_protected(const struct half *h, uint8_t type)
{
    return h->aead != NULL && (!h->is_tls13 || type == TLS_APPLICATION_DATA);
}

static size_t len_max(const struct tls *t, uint8_t type)
{
    const struct half *h = &t->reader;
    /* RFC 8446 4.2.10: behind a HelloRetryRequest early data comes that we have no keys for. */
    bool is_early = type == TLS_APPLICATION_DATA && t->hs != NULL && t->hs->early_data_left != 0;
    if (is_early)
        return TLS_PLAINTEXT_MAX + TLS13_EXPANSION_MAX;
    if (!is_protected(h, type))
        return TLS_PLAINTEXT_MAX;
    return TLS_PLAINTEXT_MAX + (size_t)(h->is_tls13 ? TLS13_EXPANSION_MAX : TLS12_EXPANSION_MAX);
}

static err check_version(const struct tls *t, uint16_t version)
{
    /* RFC 8446 5.1: the number means nothing in 1.3. RFC 5246 6.2.1: it is fixed once agreed. */
    if (t->info.version == TLS_VERSION_13)
        return OK;
    if (version >> 8 != VERSION_MAJOR)
        return FAIL(ERR_RECORD_VERSION);
    if (t->info.version == TLS_VERSION_12 && version != TLS_VERSION_12)
        return FAIL(ERR_RECORD_VERSION);
    return OK;
}

err rec_read_header(struct tls *t, struct span bytes, struct rec_header *out, size_t *out_missing)
{
    *out_missing = 0;
    if (bytes.n < TLS_RECORD_HEADER_LEN) {
        *out_missing = TLS_RECORD_HEADER_LEN - bytes.n;
        return OK;
    }
    out->type = bytes.p[0];
    out->version = load_u16(bytes.p + 1);
    out->len = load_u16(bytes.p + 3);
    if (!is_known_type(out->type))
        return t->peer_spoke ? FAIL(ERR_RECORD_TYPE) : FAIL(ERR_RECORD_GARBAGE);
    TRY(check_version(t, out->version));
    if (out->len > len_max(t, out->type))
        return FAIL(ERR_RECORD_OVERFLOW);
    if (bytes.n - TLS_RECORD_HEADER_LEN < out->len)
        *out_missing = TLS_RECORD_HEADER_LEN + (size_t)out->len - bytes.n;
    return OK;
}

/* RFC 5246 6.2.3.3: sequence number, type, version, length of the plaintext. */
static struct span aad12(uint8_t aad[AAD12_LEN], uint64_t number, uint8_t type, size_t n)
{
    store_u64(aad, number);
    aad[8] = type;
    store_u16(aad + 9, TLS_VERSION_12);
    store_u16(aad + 11, n);
    return span_of(aad, AAD12_LEN);
}

static uint64_t load_u64(const uint8_t *p)
{
    return (uint64_t)load_u16(p) << 48 | (uint64_t)load_u16(p + 2) << 32 |
           (uint64_t)load_u16(p + 4) << 16 | load_u16(p + 6);
}

static err open12(struct half *h, const struct rec_header *header, uint8_t *record,
                  struct rec_plain *out)
{
    size_t explicit_len = (size_t)h->header_len - TLS_RECORD_HEADER_LEN;
    if (header->len < explicit_len + AEAD_TAG_LEN)
        return FAIL(ERR_RECORD_TOO_SHORT);
    size_t n = header->len - explicit_len - AEAD_TAG_LEN;
    uint8_t *p = record + h->header_len;
    uint8_t aad[AAD12_LEN];
    uint64_t nonce = explicit_len != 0 ? load_u64(record + TLS_RECORD_HEADER_LEN) : h->number;
    TRY(aead_open(h->aead, nonce, aad12(aad, h->number, header->type, n), p, n, p + n));
    if (n > TLS_PLAINTEXT_MAX)
        return FAIL(ERR_RECORD_OVERFLOW);
    *out = (struct rec_plain){.type = header->type, .p = p, .n = n, .offset = h->header_len};
    return OK;
}

static err open13(struct half *h, const struct rec_header *header, uint8_t *record,
                  struct rec_plain *out)
{
    if (header->len < AEAD_TAG_LEN + INNER_TYPE_LEN)
        return FAIL(ERR_RECORD_TOO_SHORT);
    size_t n = (size_t)header->len - AEAD_TAG_LEN;
    uint8_t *p = record + TLS_RECORD_HEADER_LEN;
    TRY(aead_open(h->aead, h->number, span_of(record, TLS_RECORD_HEADER_LEN), p, n, p + n));
    /* RFC 8446 5.4: the inner plaintext with its padding keeps the limit, too. */
    if (n > TLS_PLAINTEXT_MAX + INNER_TYPE_LEN)
        return FAIL(ERR_RECORD_OVERFLOW);
    while (n != 0 && p[n - 1] == 0)
        n--;
    if (n == 0)
        return FAIL(ERR_RECORD_NO_CONTENT_TYPE);
    *out =
        (struct rec_plain){.type = p[n - 1], .p = p, .n = n - 1, .offset = TLS_RECORD_HEADER_LEN};
    return OK;
}

err rec_open(struct tls *t, const struct rec_header *header, uint8_t *record, struct rec_plain *out)
{
    struct half *h = &t->reader;
    if (!is_protected(h, header->type)) {
        *out = (struct rec_plain){.type = header->type,
                                  .p = record + TLS_RECORD_HEADER_LEN,
                                  .n = header->len,
                                  .offset = TLS_RECORD_HEADER_LEN};
        return OK;
    }
    if (h->number >= UINT64_MAX - 1)
        return FAIL(ERR_SEQUENCE_EXHAUSTED);
    TRY(h->is_tls13 ? open13(h, header, record, out) : open12(h, header, record, out));
    h->number++;
    return OK;
}

static err seal12(struct half *w, uint8_t type, uint8_t *header, uint8_t *data, size_t n,
                  uint8_t *trailer)
{
    size_t explicit_len = (size_t)w->header_len - TLS_RECORD_HEADER_LEN;
    uint8_t aad[AAD12_LEN];
    header[0] = type;
    store_u16(header + 1, TLS_VERSION_12);
    store_u16(header + 3, explicit_len + n + AEAD_TAG_LEN);
    if (explicit_len != 0)
        store_u64(header + TLS_RECORD_HEADER_LEN, w->number);
    return aead_seal(w->aead, w->number, aad12(aad, w->number, type, n), data, n, trailer, 0,
                     trailer);
}

static err seal13(struct half *w, uint8_t type, uint8_t *header, uint8_t *data, size_t n,
                  uint8_t *trailer)
{
    header[0] = TLS_APPLICATION_DATA;
    store_u16(header + 1, TLS_VERSION_12);
    store_u16(header + 3, n + INNER_TYPE_LEN + AEAD_TAG_LEN);
    trailer[0] = type;
    return aead_seal(w->aead, w->number, span_of(header, TLS_RECORD_HEADER_LEN), data, n, trailer,
                     INNER_TYPE_LEN, trailer + INNER_TYPE_LEN);
}

err rec_seal(struct half *w, uint8_t type, uint8_t *header, uint8_t *data, size_t n,
             uint8_t *trailer)
{
    ENSURE(w->aead != NULL && n <= TLS_PLAINTEXT_MAX);
    if (w->number >= w->limit)
        return FAIL(ERR_SEQUENCE_EXHAUSTED);
    TRY(w->is_tls13 ? seal13(w, type, header, data, n, trailer)
                    : seal12(w, type, header, data, n, trailer));
    w->number++;
    return OK;
}
