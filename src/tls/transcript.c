/* SPDX-License-Identifier: MIT */
/* The handshake transcript (RFC 8446 4.4.1, RFC 5246 7.4.9). */
#include "tls/internal.h"

err transcript_add(struct transcript *tr, struct span message)
{
    if (tr->hash == NULL || tr->keep_raw) {
        wr_bytes(&tr->raw, message);
        TRY(buf_check(&tr->raw));
    }
    return tr->hash != NULL ? hash_update(tr->hash, message) : OK;
}

err transcript_start(struct transcript *tr, enum hash_id id)
{
    TRY(hash_new(&tr->hash, id));
    TRY(hash_update(tr->hash, buf_span(&tr->raw)));
    if (!tr->keep_raw)
        buf_release(&tr->raw);
    return OK;
}

err transcript_retry(struct transcript *tr)
{
    uint8_t synthetic[HANDSHAKE_HEADER_LEN + HASH_MAX] = {MSG_MESSAGE_HASH, 0, 0, 0};
    enum hash_id id = hash_kind(tr->hash);
    size_t n = hash_len(id);
    synthetic[3] = (uint8_t)n;
    TRY(hash_snapshot(tr->hash, synthetic + HANDSHAKE_HEADER_LEN));
    hash_free(tr->hash);
    tr->hash = NULL;
    TRY(hash_new(&tr->hash, id));
    return hash_update(tr->hash, span_of(synthetic, HANDSHAKE_HEADER_LEN + n));
}

err transcript_hash(const struct transcript *tr, uint8_t out[HASH_MAX])
{
    ENSURE(tr->hash != NULL);
    return hash_snapshot(tr->hash, out);
}

void transcript_drop_raw(struct transcript *tr)
{
    tr->keep_raw = false;
    buf_release(&tr->raw);
}

void transcript_release(struct transcript *tr)
{
    hash_free(tr->hash);
    tr->hash = NULL;
    buf_release(&tr->raw);
}
