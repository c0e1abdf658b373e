/* SPDX-License-Identifier: MIT */
/*
 * The proof behind kept key objects, once per process and group: after key B was set over key A, a
 * signature of A is refused, and a shared secret is B's. A libcrypto for which this does not hold
 * gets a new object for every key instead.
 */
#include "crypto/ec_kept.h"
#include "crypto/kex.h"
#include "crypto/tables.h"

struct proof {
    struct kex *a;
    struct kex *b;
    uint8_t signature[SIGNATURE_MAX]; /* by a */
    size_t signature_len;
};

static const uint8_t digest[32] = {0x4B};

static err proof_sign(struct proof *p)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(crypto_tables.lib, kex_pkey(p->a), NULL);
    err e = OK;
    p->signature_len = sizeof p->signature;
    if (ctx == NULL || EVP_PKEY_sign_init(ctx) != 1 ||
        EVP_PKEY_sign(ctx, p->signature, &p->signature_len, digest, sizeof digest) != 1)
        e = FAIL(crypto_reason());
    EVP_PKEY_CTX_free(ctx);
    return e;
}

/* Lends an object with this key in it; tells which object, and whether it takes a's signature. */
static err verify_round(const struct proof *p, enum group_index g, const struct kex *set,
                        const EVP_PKEY **out_object, bool *out_accepts)
{
    struct ec_kept kept;
    TRY(ec_kept_take(&kept, g, kex_public(set), true));
    *out_object = kept.pkey;
    *out_accepts =
        EVP_PKEY_verify(kept.verify, p->signature, p->signature_len, digest, sizeof digest) == 1;
    ec_kept_give(&kept, g);
    return OK;
}

static err curve_proof(struct proof *p, enum group_index g, bool *out_works)
{
    const EVP_PKEY *first;
    const EVP_PKEY *second;
    bool accepts_under_a;
    bool accepts_under_b;
    TRY(proof_sign(p));
    TRY(verify_round(p, g, p->a, &first, &accepts_under_a));
    TRY(verify_round(p, g, p->b, &second, &accepts_under_b));
    *out_works = first == second && accepts_under_a && !accepts_under_b;
    return OK;
}

/* Both sides of the exchange agree, with one kept peer object set twice in between. */
static err derive_proof(const struct proof *p, bool *out_works)
{
    struct secret ab = {0};
    struct secret aa = {0};
    struct secret ba = {0};
    err e = kex_derive(p->a, kex_public(p->b), &ab);
    if (e == OK)
        e = kex_derive(p->a, kex_public(p->a), &aa);
    if (e == OK)
        e = kex_derive(p->b, kex_public(p->a), &ba);
    *out_works = e == OK && ct_equal(ab.b, ba.b, ab.n) && !ct_equal(aa.b, ab.b, ab.n);
    secret_wipe(&ab);
    secret_wipe(&aa);
    secret_wipe(&ba);
    return e;
}

static err prove(struct proof *p, enum group_index g, bool *out_works)
{
    TRY(kex_new(&p->a, groups[g].id));
    TRY(kex_new(&p->b, groups[g].id));
    /* All curves share libcrypto's code for key objects, so one exchange on the fastest will do. */
    if (!group_is_curve(g))
        return derive_proof(p, out_works);
    TRY(curve_proof(p, g, out_works));
    if (g != GROUP_P256 || !*out_works)
        return OK;
    return derive_proof(p, out_works);
}

static enum kept_state prove_in_thread(struct scratch *s, enum group_index g)
{
    struct proof p = {0};
    bool works = false;
    s->is_proving = true;
    err e = prove(&p, g, &works);
    s->is_proving = false;
    kex_free(p.a);
    kex_free(p.b);
    if (e != OK)
        return KEPT_UNKNOWN;
    return works ? KEPT_WORKS : KEPT_FAILS;
}

bool kept_keys_trusted(enum group_index g)
{
    struct scratch *s = scratch_get();
    if (s == NULL || s->is_proving)
        return s != NULL;
    int state = atomic_load_explicit(&crypto_tables.kept_keys[g], memory_order_relaxed);
    if (__builtin_expect(state == KEPT_UNKNOWN, 0)) {
        state = (int)prove_in_thread(s, g);
        if (state != KEPT_UNKNOWN)
            atomic_store_explicit(&crypto_tables.kept_keys[g], state, memory_order_relaxed);
    }
    return state == KEPT_WORKS;
}
