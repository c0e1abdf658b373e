/* SPDX-License-Identifier: MIT */
/*
 * The proof behind kept key objects, once per process: after key B was set over key A, a signature
 * of A is refused and one of B taken, and a shared secret is B's. A libcrypto for which this does
 * not hold gets a new object for every key instead.
 */
#include "crypto/ec_kept.h"
#include "crypto/kex.h"
#include "crypto/tables.h"

struct proof_key {
    struct kex *kex;
    uint8_t signature[SIGNATURE_MAX];
    size_t signature_len;
};

static const uint8_t digest[32] = {0x4B};

static err proof_sign(struct proof_key *key)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(crypto_tables.lib, kex_pkey(key->kex), NULL);
    err e = OK;
    key->signature_len = sizeof key->signature;
    if (ctx == NULL || EVP_PKEY_sign_init(ctx) != 1 ||
        EVP_PKEY_sign(ctx, key->signature, &key->signature_len, digest, sizeof digest) != 1)
        e = FAIL(crypto_reason());
    EVP_PKEY_CTX_free(ctx);
    return e;
}

static err proof_key_make(struct proof_key *key, enum group_index g)
{
    TRY(kex_new(&key->kex, groups[g].id));
    return proof_sign(key);
}

static bool accepts(const struct ec_kept *kept, const struct proof_key *key)
{
    return EVP_PKEY_verify(kept->verify, key->signature, key->signature_len, digest,
                           sizeof digest) == 1;
}

/* Lends the object out with this key in it, and tells whose signature it takes. */
static err verify_round(enum group_index g, const struct proof_key *set,
                        const struct proof_key *other, const EVP_PKEY **inout_object, bool *works)
{
    struct ec_kept kept;
    TRY(ec_kept_take(&kept, g, kex_public(set->kex), true));
    bool is_same_object = *inout_object == NULL || *inout_object == kept.pkey;
    *inout_object = kept.pkey;
    *works = *works && is_same_object && accepts(&kept, set) && !accepts(&kept, other);
    ec_kept_give(&kept, g);
    return OK;
}

/* Both sides of the exchange agree, with one kept peer object set twice in between. */
static err derive_round(const struct proof_key *a, const struct proof_key *b, bool *works)
{
    struct secret ab, aa, ba;
    err e = kex_derive(a->kex, kex_public(b->kex), &ab);
    if (e == OK)
        e = kex_derive(a->kex, kex_public(a->kex), &aa);
    if (e == OK)
        e = kex_derive(b->kex, kex_public(a->kex), &ba);
    if (e == OK)
        *works = *works && ct_equal(ab.b, ba.b, ab.n) && !ct_equal(aa.b, ab.b, ab.n);
    secret_wipe(&ab);
    secret_wipe(&aa);
    secret_wipe(&ba);
    return e;
}

static err curve_rounds(enum group_index g, const struct proof_key *a, const struct proof_key *b,
                        bool *works)
{
    const EVP_PKEY *object = NULL;
    TRY(verify_round(g, a, b, &object, works));
    TRY(verify_round(g, b, a, &object, works));
    return derive_round(a, b, works);
}

static err curve_proof(enum group_index g, bool *works)
{
    struct proof_key a = {0};
    struct proof_key b = {0};
    err e = proof_key_make(&a, g);
    if (e == OK)
        e = proof_key_make(&b, g);
    if (e == OK)
        e = curve_rounds(g, &a, &b, works);
    kex_free(a.kex);
    kex_free(b.kex);
    return e;
}

static err x25519_proof(bool *works)
{
    struct proof_key a = {0};
    struct proof_key b = {0};
    err e = kex_new(&a.kex, GROUP_X25519);
    if (e == OK)
        e = kex_new(&b.kex, GROUP_X25519);
    if (e == OK)
        e = derive_round(&a, &b, works);
    kex_free(a.kex);
    kex_free(b.kex);
    return e;
}

err kept_keys_self_test(bool *out_works)
{
    bool works = true;
    *out_works = true; /* so that kept objects are what is tested */
    err e = x25519_proof(&works);
    for (enum group_index g = 0; group_is_curve(g) && e == OK; g++)
        e = curve_proof(g, &works);
    *out_works = works;
    return e;
}
