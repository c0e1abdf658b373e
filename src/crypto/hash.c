/* SPDX-License-Identifier: MIT */
/*
 * Digests: one shot over this thread's kept context, and running hashes whose snapshot is a copy
 * into a kept context, so the running one goes on.
 */
#include "crypto/tables.h"

struct hash {
    enum hash_id id;
    EVP_MD_CTX *ctx;
};

static const uint8_t nothing_sha256[] = {
    0xE3, 0xB0, 0xC4, 0x42, 0x98, 0xFC, 0x1C, 0x14, 0x9A, 0xFB, 0xF4, 0xC8, 0x99, 0x6F, 0xB9, 0x24,
    0x27, 0xAE, 0x41, 0xE4, 0x64, 0x9B, 0x93, 0x4C, 0xA4, 0x95, 0x99, 0x1B, 0x78, 0x52, 0xB8, 0x55,
};
static const uint8_t nothing_sha384[] = {
    0x38, 0xB0, 0x60, 0xA7, 0x51, 0xAC, 0x96, 0x38, 0x4C, 0xD9, 0x32, 0x7E, 0xB1, 0xB1, 0xE3, 0x6A,
    0x21, 0xFD, 0xB7, 0x11, 0x14, 0xBE, 0x07, 0x43, 0x4C, 0x0C, 0xC7, 0xBF, 0x63, 0xF6, 0xE1, 0xDA,
    0x27, 0x4E, 0xDE, 0xBF, 0xE7, 0x6F, 0x65, 0xFB, 0xD5, 0x1A, 0xD2, 0xF1, 0x48, 0x98, 0xB9, 0x5B,
};
static const uint8_t nothing_sha512[] = {
    0xCF, 0x83, 0xE1, 0x35, 0x7E, 0xEF, 0xB8, 0xBD, 0xF1, 0x54, 0x28, 0x50, 0xD6, 0x6D, 0x80, 0x07,
    0xD6, 0x20, 0xE4, 0x05, 0x0B, 0x57, 0x15, 0xDC, 0x83, 0xF4, 0xA9, 0x21, 0xD3, 0x6C, 0xE9, 0xCE,
    0x47, 0xD0, 0xD1, 0x3C, 0x5D, 0x85, 0xF2, 0xB0, 0xFF, 0x83, 0x18, 0xD2, 0x87, 0x7E, 0xEC, 0x2F,
    0x63, 0xB9, 0x31, 0xBD, 0x47, 0x41, 0x7A, 0x81, 0xA5, 0x38, 0x32, 0x7A, 0xF9, 0x27, 0xDA, 0x3E,
};
static const uint8_t nothing_sha1[] = {
    0xDA, 0x39, 0xA3, 0xEE, 0x5E, 0x6B, 0x4B, 0x0D, 0x32, 0x55,
    0xBF, 0xEF, 0x95, 0x60, 0x18, 0x90, 0xAF, 0xD8, 0x07, 0x09,
};

static const struct span nothing[HASH_COUNT] = {
    [HASH_SHA256] = {.p = nothing_sha256, .n = sizeof nothing_sha256},
    [HASH_SHA384] = {.p = nothing_sha384, .n = sizeof nothing_sha384},
    [HASH_SHA512] = {.p = nothing_sha512, .n = sizeof nothing_sha512},
    [HASH_SHA1] = {.p = nothing_sha1, .n = sizeof nothing_sha1},
};

size_t hash_len(enum hash_id id)
{
    return nothing[id].n;
}

struct span hash_of_nothing(enum hash_id id)
{
    return nothing[id];
}

err hash_once(enum hash_id id, struct span bytes, uint8_t out[HASH_MAX])
{
    EVP_MD_CTX *ctx = scratch_digest(id);
    if (ctx == NULL)
        return FAIL(ERR_NO_MEMORY);
    bool is_marked = crypto_mark_outermost();
    bool is_sound =
        EVP_DigestUpdate(ctx, bytes.p, bytes.n) == 1 && EVP_DigestFinal_ex(ctx, out, NULL) == 1;
    scratch_digest_done(id, is_sound);
    crypto_unmark_outermost(is_marked);
    return is_sound ? OK : FAIL(ERR_CRYPTO);
}

static bool hash_begin(struct hash *h)
{
    h->ctx = EVP_MD_CTX_new();
    return h->ctx != NULL && EVP_DigestInit_ex2(h->ctx, crypto_tables.md[h->id], NULL) == 1;
}

err hash_new(struct hash **out, enum hash_id id)
{
    *out = NULL;
    struct hash *h = mem_alloc(sizeof *h);
    if (h == NULL)
        return FAIL(ERR_NO_MEMORY);
    h->id = id;
    crypto_mark();
    bool has_begun = hash_begin(h);
    crypto_unmark();
    if (!has_begun) {
        hash_free(h);
        return FAIL(ERR_NO_MEMORY);
    }
    *out = h;
    return OK;
}

void hash_free(struct hash *h)
{
    if (h == NULL)
        return;
    EVP_MD_CTX_free(h->ctx);
    mem_free(h);
}

enum hash_id hash_kind(const struct hash *h)
{
    return h->id;
}

err hash_update(struct hash *h, struct span bytes)
{
    return EVP_DigestUpdate(h->ctx, bytes.p, bytes.n) == 1 ? OK : FAIL(ERR_CRYPTO);
}

static bool snapshot_take(struct scratch *s, const struct hash *h, uint8_t *out)
{
    if (s->snapshot == NULL)
        s->snapshot = EVP_MD_CTX_new();
    return s->snapshot != NULL && EVP_MD_CTX_copy_ex(s->snapshot, h->ctx) == 1 &&
           EVP_DigestFinal_ex(s->snapshot, out, NULL) == 1;
}

err hash_snapshot(const struct hash *h, uint8_t out[HASH_MAX])
{
    struct scratch *s = scratch_get();
    if (s == NULL)
        return FAIL(ERR_NO_MEMORY);
    bool is_marked = crypto_mark_outermost();
    bool is_taken = snapshot_take(s, h, out);
    crypto_unmark_outermost(is_marked);
    return is_taken ? OK : FAIL(ERR_NO_MEMORY);
}
