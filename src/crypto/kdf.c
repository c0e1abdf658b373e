/* SPDX-License-Identifier: MIT */
/*
 * Key derivation: HMAC (RFC 2104) from two runs of this thread's kept digest context, and on it
 * HKDF (RFC 5869), HKDF-Expand-Label (RFC 8446 7.1) and the PRF of TLS 1.2 (RFC 5246 5). No
 * EVP_MAC and no EVP_KDF: their set-up costs more than the work. Nothing here allocates once the
 * thread has its context.
 */
#include "crypto/tables.h"

enum {
    BLOCK_MAX = 128,
    INNER_PAD = 0x36,
    OUTER_PAD = 0x5C,
    /* RFC 8446 7.1: 2-byte length, label<7..255>, context<0..255> */
    LABEL_INFO_MAX = 2 + 1 + 255 + 1 + 255,
    PRF_OUT_MAX = 4096,
};

/* One HMAC key, good for any number of messages. */
struct hmac {
    enum hash_id id;
    EVP_MD_CTX *ctx;
    size_t block;
    uint8_t pad[BLOCK_MAX]; /* key XOR INNER_PAD */
};

static size_t block_len(enum hash_id id)
{
    return id == HASH_SHA384 || id == HASH_SHA512 ? 128 : 64;
}

static void xor_all(uint8_t *bytes, size_t n, uint8_t mask)
{
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)(bytes[i] ^ mask);
}

static err hmac_key(struct hmac *h, enum hash_id id, struct span key)
{
    h->id = id;
    h->block = block_len(id);
    memset(h->pad, 0, h->block);
    if (key.n > h->block)
        TRY(hash_once(id, key, h->pad));
    else
        mem_copy(h->pad, key.p, key.n);
    xor_all(h->pad, h->block, INNER_PAD);
    h->ctx = scratch_digest(id);
    return h->ctx != NULL ? OK : FAIL(ERR_NO_MEMORY);
}

static bool hmac_outer(struct hmac *h, const uint8_t *inner, uint8_t *out)
{
    uint8_t outer_pad[BLOCK_MAX];
    mem_copy(outer_pad, h->pad, h->block);
    xor_all(outer_pad, h->block, INNER_PAD ^ OUTER_PAD);
    bool is_done = EVP_DigestUpdate(h->ctx, outer_pad, h->block) == 1 &&
                   EVP_DigestUpdate(h->ctx, inner, hash_len(h->id)) == 1 &&
                   EVP_DigestFinal_ex(h->ctx, out, NULL) == 1;
    mem_wipe(outer_pad, sizeof outer_pad);
    return is_done;
}

static bool hmac_inner(struct hmac *h, const struct span *parts, size_t count, uint8_t *out)
{
    if (EVP_DigestUpdate(h->ctx, h->pad, h->block) != 1)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (EVP_DigestUpdate(h->ctx, parts[i].p, parts[i].n) != 1)
            return false;
    }
    return EVP_DigestFinal_ex(h->ctx, out, NULL) == 1;
}

/* The message is the concatenation of the parts; out may be one of them. */
static err hmac_run(struct hmac *h, const struct span *parts, size_t count, uint8_t *out)
{
    uint8_t inner[HASH_MAX];
    bool is_sound = hmac_inner(h, parts, count, inner) &&
                    EVP_DigestInit_ex2(h->ctx, NULL, NULL) == 1 && hmac_outer(h, inner, out);
    scratch_digest_done(h->id, is_sound);
    mem_wipe(inner, sizeof inner);
    return is_sound ? OK : FAIL(ERR_CRYPTO);
}

err hmac_once(enum hash_id id, struct span key, struct span bytes, uint8_t out[HASH_MAX])
{
    struct hmac h;
    err e = hmac_key(&h, id, key);
    if (e == OK)
        e = hmac_run(&h, &bytes, 1, out);
    mem_wipe(&h, sizeof h);
    return e;
}

err hkdf_extract(enum hash_id id, struct span salt, struct span ikm, struct secret *out)
{
    /* RFC 5869 2.2: no salt means hash_len zero bytes, which HMAC's key padding already gives. */
    uint8_t prk[HASH_MAX];
    err e = hmac_once(id, salt, ikm, prk);
    if (e == OK) {
        out->n = (uint8_t)hash_len(id);
        mem_copy(out->b, prk, out->n);
    }
    mem_wipe(prk, sizeof prk);
    return e;
}

static err expand_blocks(struct hmac *h, struct span info, uint8_t *out, size_t out_len)
{
    uint8_t block[HASH_MAX];
    size_t len = hash_len(h->id);
    err e = OK;
    for (uint8_t counter = 1; out_len != 0 && e == OK; counter++) {
        struct span parts[] = {span_of(block, counter == 1 ? 0 : len), info, {&counter, 1}};
        e = hmac_run(h, parts, ARRAY_LEN(parts), block);
        size_t n = out_len < len ? out_len : len;
        if (e == OK)
            mem_copy(out, block, n);
        out += n;
        out_len -= n;
    }
    mem_wipe(block, sizeof block);
    return e;
}

err hkdf_expand(enum hash_id id, struct span prk, struct span info, uint8_t *out, size_t out_len)
{
    if (out_len > 255 * hash_len(id))
        return FAIL(ERR_ARGUMENT);
    struct hmac h;
    err e = hmac_key(&h, id, prk);
    if (e == OK)
        e = expand_blocks(&h, info, out, out_len);
    mem_wipe(&h, sizeof h);
    return e;
}

err hkdf_expand_label(enum hash_id id, struct span prk, struct span label, struct span context,
                      uint8_t *out, size_t out_len)
{
    static const uint8_t prefix[] = {'t', 'l', 's', '1', '3', ' '};
    if (label.n > 255 - sizeof prefix || context.n > 255 || out_len > UINT16_MAX)
        return FAIL(ERR_ARGUMENT);
    uint8_t info[LABEL_INFO_MAX];
    size_t n = 0;
    store_u16(info, out_len);
    n += 2;
    info[n++] = (uint8_t)(sizeof prefix + label.n);
    mem_copy(info + n, prefix, sizeof prefix);
    n += sizeof prefix;
    mem_copy(info + n, label.p, label.n);
    n += label.n;
    info[n++] = (uint8_t)context.n;
    mem_copy(info + n, context.p, context.n);
    n += context.n;
    return hkdf_expand(id, prk, span_of(info, n), out, out_len);
}

/* RFC 5246 5, P_hash over the `count` parts of label and seed; parts[0] is left for A(i). */
static err prf_blocks(struct hmac *h, struct span *parts, size_t count, uint8_t *out,
                      size_t out_len)
{
    uint8_t a[HASH_MAX];
    uint8_t block[HASH_MAX];
    size_t len = hash_len(h->id);
    err e = hmac_run(h, parts + 1, count - 1, a);
    parts[0] = span_of(a, len);
    while (out_len != 0 && e == OK) {
        size_t n = out_len < len ? out_len : len;
        e = hmac_run(h, parts, count, block);
        if (e == OK)
            mem_copy(out, block, n);
        out += n;
        out_len -= n;
        if (e == OK && out_len != 0)
            e = hmac_run(h, parts, 1, a);
    }
    mem_wipe(a, sizeof a);
    mem_wipe(block, sizeof block);
    return e;
}

err prf12(enum hash_id id, struct span key, const char *label, struct span seed1,
          struct span seed2, uint8_t *out, size_t out_len)
{
    if (out_len > PRF_OUT_MAX)
        return FAIL(ERR_ARGUMENT);
    struct span parts[] = {span_empty(), span_text(label), seed1, seed2};
    struct hmac h;
    err e = hmac_key(&h, id, key);
    if (e == OK)
        e = prf_blocks(&h, parts, ARRAY_LEN(parts), out, out_len);
    mem_wipe(&h, sizeof h);
    return e;
}
