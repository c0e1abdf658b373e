/* SPDX-License-Identifier: MIT */
/*
 * Key derivation: HMAC (RFC 2104) from two runs of this thread's kept digest context, and on it
 * HKDF (RFC 5869), HKDF-Expand-Label (RFC 8446 7.1) and the PRF of TLS 1.2 (RFC 5246 5). No
 * EVP_MAC and no EVP_KDF: their set-up costs more than the work. A key that serves several messages
 * keeps the two states after its pads.
 */
#include "crypto/tables.h"

enum {
    BLOCK_MAX = 128,
    /* RFC 8446 7.1: 2-byte length, label<7..255>, context<0..255> */
    LABEL_INFO_MAX = 2 + 1 + 255 + 1 + 255,
    PRF_OUT_MAX = 4096,
};

enum hmac_side { INNER, OUTER, SIDES };

/* One HMAC key at work. */
struct hmac {
    enum hash_id id;
    EVP_MD_CTX *ctx;
    bool is_fresh; /* ctx has digested nothing yet */
    size_t block;
    uint8_t pad[SIDES][BLOCK_MAX];
    EVP_MD_CTX *saved[SIDES]; /* the states after the pads, when the key serves several messages */
};

static size_t block_len(enum hash_id id)
{
    return id == HASH_SHA384 || id == HASH_SHA512 ? 128 : 64;
}

/* The whole array whatever the block length: a fixed count compiles to a few vector moves. */
static void pad_make(uint8_t pad[BLOCK_MAX], const uint8_t key[BLOCK_MAX], uint8_t mask)
{
    for (size_t i = 0; i < BLOCK_MAX; i++)
        pad[i] = (uint8_t)(key[i] ^ mask);
}

static err hmac_set_pads(struct hmac *h, struct span key)
{
    uint8_t short_key[BLOCK_MAX] = {0};
    if (key.n > h->block)
        TRY(hash_once(h->id, key, short_key));
    else
        mem_copy(short_key, key.p, key.n);
    pad_make(h->pad[INNER], short_key, 0x36);
    pad_make(h->pad[OUTER], short_key, 0x5C);
    mem_wipe(short_key, sizeof short_key);
    return OK;
}

static err hmac_open(struct hmac *h, enum hash_id id, struct span key)
{
    h->id = id;
    h->ctx = NULL;
    h->block = block_len(id);
    h->saved[INNER] = NULL;
    h->saved[OUTER] = NULL;
    TRY(hmac_set_pads(h, key));
    h->ctx = scratch_digest(id);
    h->is_fresh = true;
    return h->ctx != NULL ? OK : FAIL(ERR_NO_MEMORY);
}

/* Digests a pad and keeps the state, in a context of this thread. */
static bool hmac_save_side(struct hmac *h, enum hmac_side side)
{
    struct scratch *s = scratch_get();
    if (s->mac[side] == NULL)
        s->mac[side] = EVP_MD_CTX_new();
    if (s->mac[side] == NULL || EVP_MD_CTX_copy_ex(s->mac[side], h->ctx) != 1 ||
        EVP_DigestUpdate(s->mac[side], h->pad[side], h->block) != 1)
        return false;
    h->saved[side] = s->mac[side];
    return true;
}

/* For a key that serves several messages. */
static err hmac_save(struct hmac *h)
{
    bool is_saved = hmac_save_side(h, INNER) && hmac_save_side(h, OUTER);
    return is_saved ? OK : FAIL(ERR_NO_MEMORY);
}

/* No secret stays behind, neither here nor in the thread's contexts. */
static void hmac_close(struct hmac *h, err e)
{
    if (h->ctx != NULL)
        scratch_digest_done(h->id, e == OK);
    for (size_t side = 0; side < SIDES; side++) {
        if (h->saved[side] != NULL)
            EVP_MD_CTX_reset(h->saved[side]);
    }
    mem_wipe(h, sizeof *h);
}

static bool hmac_begin(struct hmac *h, enum hmac_side side)
{
    if (h->saved[side] != NULL)
        return EVP_MD_CTX_copy_ex(h->ctx, h->saved[side]) == 1;
    if (!h->is_fresh && EVP_DigestInit_ex2(h->ctx, NULL, NULL) != 1)
        return false;
    h->is_fresh = false;
    return EVP_DigestUpdate(h->ctx, h->pad[side], h->block) == 1;
}

static bool hmac_side_run(struct hmac *h, enum hmac_side side, const struct span *parts,
                          size_t count, uint8_t *out)
{
    if (!hmac_begin(h, side))
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
    struct span inner_span = span_of(inner, hash_len(h->id));
    bool is_done = hmac_side_run(h, INNER, parts, count, inner) &&
                   hmac_side_run(h, OUTER, &inner_span, 1, out);
    mem_wipe(inner, sizeof inner);
    return is_done ? OK : FAIL(ERR_NO_MEMORY);
}

err hmac_once(enum hash_id id, struct span key, struct span bytes, uint8_t out[HASH_MAX])
{
    struct hmac h;
    bool is_marked = crypto_mark_outermost();
    err e = hmac_open(&h, id, key);
    if (e == OK)
        e = hmac_run(&h, &bytes, 1, out);
    hmac_close(&h, e);
    crypto_unmark_outermost(is_marked);
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
    bool is_marked = crypto_mark_outermost();
    err e = hmac_open(&h, id, prk);
    if (e == OK && out_len > hash_len(id))
        e = hmac_save(&h);
    if (e == OK)
        e = expand_blocks(&h, info, out, out_len);
    hmac_close(&h, e);
    crypto_unmark_outermost(is_marked);
    return e;
}

/* RFC 8446 7.1, HkdfLabel. */
static err label_info(const struct hkdf_label *l, uint8_t info[LABEL_INFO_MAX], size_t *out_len)
{
    static const uint8_t prefix[] = {'t', 'l', 's', '1', '3', ' '};
    if (l->label.n > 255 - sizeof prefix || l->context.n > 255 || l->out_len > UINT16_MAX)
        return FAIL(ERR_ARGUMENT);
    size_t n = 0;
    store_u16(info, l->out_len);
    n += 2;
    info[n++] = (uint8_t)(sizeof prefix + l->label.n);
    mem_copy(info + n, prefix, sizeof prefix);
    n += sizeof prefix;
    mem_copy(info + n, l->label.p, l->label.n);
    n += l->label.n;
    info[n++] = (uint8_t)l->context.n;
    mem_copy(info + n, l->context.p, l->context.n);
    *out_len = n + l->context.n;
    return OK;
}

static err expand_labels(struct hmac *h, const struct hkdf_label *labels, size_t count)
{
    uint8_t info[LABEL_INFO_MAX];
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (labels[i].out_len > 255 * hash_len(h->id))
            return FAIL(ERR_ARGUMENT);
        TRY(label_info(&labels[i], info, &n));
        TRY(expand_blocks(h, span_of(info, n), labels[i].out, labels[i].out_len));
    }
    return OK;
}

err hkdf_expand_labels(enum hash_id id, struct span prk, const struct hkdf_label *labels,
                       size_t count)
{
    struct hmac h;
    bool is_marked = crypto_mark_outermost();
    err e = hmac_open(&h, id, prk);
    if (e == OK && (count > 1 || labels[0].out_len > hash_len(id)))
        e = hmac_save(&h);
    if (e == OK)
        e = expand_labels(&h, labels, count);
    hmac_close(&h, e);
    crypto_unmark_outermost(is_marked);
    return e;
}

err hkdf_expand_label(enum hash_id id, struct span prk, struct span label, struct span context,
                      uint8_t *out, size_t out_len)
{
    struct hkdf_label l = {.label = label, .context = context, .out = out, .out_len = out_len};
    return hkdf_expand_labels(id, prk, &l, 1);
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

err prf12(enum hash_id id, struct span key, const char *label, struct span seed1, struct span seed2,
          uint8_t *out, size_t out_len)
{
    if (out_len > PRF_OUT_MAX)
        return FAIL(ERR_ARGUMENT);
    struct span parts[] = {span_empty(), span_text(label), seed1, seed2};
    struct hmac h;
    bool is_marked = crypto_mark_outermost();
    err e = hmac_open(&h, id, key);
    if (e == OK)
        e = hmac_save(&h);
    if (e == OK)
        e = prf_blocks(&h, parts, ARRAY_LEN(parts), out, out_len);
    hmac_close(&h, e);
    crypto_unmark_outermost(is_marked);
    return e;
}
