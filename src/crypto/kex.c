/* SPDX-License-Identifier: MIT */
/*
 * Key exchange: X25519 (RFC 7748) and the NIST curves (RFC 8446 4.2.8.2, 7.4.2). Key pairs come
 * from a key generation kept per thread, peers' shares go into kept key objects. The shared secret
 * of a curve is the x coordinate with its leading zeros.
 */
#include "crypto/kex.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/params.h>

#include "crypto/ec_kept.h"

struct kex {
    enum group_index group;
    EVP_PKEY *pkey;
    uint8_t public_key[KEX_PUBLIC_MAX];
};

bool kex_supported(uint16_t group)
{
    return group_find(group) != GROUP_COUNT;
}

unsigned kex_bits(uint16_t group)
{
    enum group_index g = group_find(group);
    return g != GROUP_COUNT ? groups[g].bits : 0;
}

uint16_t kex_group(const struct kex *k)
{
    return groups[k->group].id;
}

struct span kex_public(const struct kex *k)
{
    return span_of(k->public_key, groups[k->group].public_len);
}

EVP_PKEY *kex_pkey(const struct kex *k)
{
    return k->pkey;
}

/* ---- our own key pair ------------------------------------------------------------------ */

static EVP_PKEY_CTX *keygen_new(enum group_index g)
{
    const char *type = group_is_curve(g) ? "EC" : groups[g].name;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(crypto_tables.lib, type, NULL);
    if (ctx == NULL || EVP_PKEY_keygen_init(ctx) != 1 ||
        (group_is_curve(g) && EVP_PKEY_CTX_set_group_name(ctx, groups[g].name) != 1)) {
        EVP_PKEY_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

static EVP_PKEY *keygen(enum group_index g)
{
    struct scratch *s = scratch_get();
    if (s == NULL)
        return NULL;
    if (s->keygen[g] == NULL)
        s->keygen[g] = keygen_new(g);
    EVP_PKEY *pkey = NULL;
    if (s->keygen[g] == NULL || EVP_PKEY_keygen(s->keygen[g], &pkey) != 1)
        return NULL;
    return pkey;
}

static err read_public(struct kex *k)
{
    const struct group *group = &groups[k->group];
    size_t n = 0;
    int done =
        group_is_curve(k->group)
            ? EVP_PKEY_get_octet_string_param(k->pkey, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY,
                                              k->public_key, sizeof k->public_key, &n)
            : (n = sizeof k->public_key, EVP_PKEY_get_raw_public_key(k->pkey, k->public_key, &n));
    if (done != 1)
        return FAIL(crypto_reason());
    ENSURE(n == group->public_len);
    return OK;
}

/* Takes the key over, whatever happens. */
static err kex_wrap(struct kex **out, enum group_index g, EVP_PKEY *pkey)
{
    struct kex *k = pkey != NULL ? mem_alloc(sizeof *k) : NULL;
    if (k == NULL) {
        EVP_PKEY_free(pkey);
        return FAIL(pkey == NULL ? crypto_reason() : ERR_NO_MEMORY);
    }
    k->group = g;
    k->pkey = pkey;
    err e = read_public(k);
    if (e != OK) {
        kex_free(k);
        return e;
    }
    *out = k;
    return OK;
}

err kex_new(struct kex **out, uint16_t group)
{
    *out = NULL;
    enum group_index g = group_find(group);
    if (g == GROUP_COUNT)
        return FAIL(ERR_UNSUPPORTED);
    crypto_mark();
    err e = kex_wrap(out, g, keygen(g));
    crypto_unmark();
    return e;
}

void kex_free(struct kex *k)
{
    if (k == NULL)
        return;
    EVP_PKEY_free(k->pkey);
    mem_free(k);
}

/* ---- a key pair from a given private key ----------------------------------------------- */

static bool scalar_in_range(const EC_GROUP *group, const BIGNUM *d)
{
    return !BN_is_zero(d) && BN_cmp(d, EC_GROUP_get0_order(group)) < 0;
}

static size_t public_of_scalar(const EC_GROUP *group, const BIGNUM *d, uint8_t *out)
{
    size_t n = 0;
    EC_POINT *point = EC_POINT_new(group);
    if (point != NULL && scalar_in_range(group, d) &&
        EC_POINT_mul(group, point, d, NULL, NULL, NULL) == 1)
        n = EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, out, KEX_PUBLIC_MAX,
                               NULL);
    EC_POINT_free(point);
    return n;
}

static EVP_PKEY *curve_key_import(enum group_index g, const uint8_t *public_key, size_t public_len,
                                  uint8_t *little_endian, size_t n)
{
    char name[16];
    snprintf(name, sizeof name, "%s", groups[g].name);
    uint8_t copy[KEX_PUBLIC_MAX];
    mem_copy(copy, public_key, public_len);
    OSSL_PARAM params[] = {
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name, strlen(name)),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, copy, public_len),
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_PRIV_KEY, little_endian, n),
        OSSL_PARAM_END,
    };
    EVP_PKEY *pkey = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(crypto_tables.lib, "EC", NULL);
    if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_KEYPAIR, params) != 1)
        pkey = NULL;
    EVP_PKEY_CTX_free(ctx);
    return pkey;
}

static EVP_PKEY *curve_key_from_scalar(enum group_index g, struct span scalar)
{
    uint8_t public_key[KEX_PUBLIC_MAX];
    uint8_t native[KEX_PUBLIC_MAX];
    int len = groups[g].secret_len;
    EVP_PKEY *pkey = NULL;
    size_t public_len = 0;
    EC_GROUP *group =
        EC_GROUP_new_by_curve_name_ex(crypto_tables.lib, NULL, EC_curve_nist2nid(groups[g].name));
    BIGNUM *d = BN_bin2bn(scalar.p, (int)scalar.n, NULL);
    if (group != NULL && d != NULL)
        public_len = public_of_scalar(group, d, public_key);
    if (public_len == groups[g].public_len && BN_bn2nativepad(d, native, len) == len)
        pkey = curve_key_import(g, public_key, public_len, native, (size_t)len);
    mem_wipe(native, sizeof native);
    BN_clear_free(d);
    EC_GROUP_free(group);
    return pkey;
}

err kex_from_private(struct kex **out, uint16_t group, struct span private_key)
{
    *out = NULL;
    enum group_index g = group_find(group);
    if (g == GROUP_COUNT)
        return FAIL(ERR_UNSUPPORTED);
    if (private_key.n == 0 || private_key.n > KEX_PUBLIC_MAX)
        return FAIL(ERR_ARGUMENT);
    crypto_mark();
    EVP_PKEY *pkey = group_is_curve(g)
                         ? curve_key_from_scalar(g, private_key)
                         : EVP_PKEY_new_raw_private_key_ex(crypto_tables.lib, groups[g].name, NULL,
                                                           private_key.p, private_key.n);
    err e = kex_wrap(out, g, pkey);
    crypto_unmark();
    return e;
}

/* ---- the shared secret ----------------------------------------------------------------- */

/* A point on the curve cannot make it fail; an X25519 share of small order does. */
static err derive_refused(enum group_index g)
{
    err reason = crypto_reason();
    return group_is_curve(g) || reason == ERR_NO_MEMORY ? FAIL(reason) : FAIL(ERR_KEY_SHARE);
}

static bool derive_start(EVP_PKEY_CTX *ctx, EVP_PKEY *peer)
{
    /* Without validation: the point was checked when it was set, X25519 refuses a zero result. */
    return EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer_ex(ctx, peer, 0) == 1;
}

static err derive_with(const struct kex *k, EVP_PKEY *peer, struct secret *out)
{
    size_t n = groups[k->group].secret_len;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(crypto_tables.lib, k->pkey, NULL);
    err e = OK;
    if (ctx == NULL || !derive_start(ctx, peer))
        e = FAIL(crypto_reason());
    else if (EVP_PKEY_derive(ctx, out->b, &n) != 1)
        e = derive_refused(k->group);
    else if (n != groups[k->group].secret_len)
        e = FAIL(ERR_INTERNAL);
    EVP_PKEY_CTX_free(ctx);
    out->n = (uint8_t)n;
    return e;
}

static err derive_curve(const struct kex *k, struct span share, struct secret *out)
{
    struct ec_kept peer;
    TRY(ec_kept_take(&peer, k->group, share, false));
    err e = derive_with(k, peer.pkey, out);
    if (e == OK)
        ec_kept_give(&peer, k->group);
    else
        ec_kept_drop(&peer);
    return e;
}

static bool x25519_holds(EVP_PKEY *peer, struct span share)
{
    uint8_t back[32];
    size_t n = sizeof back;
    return EVP_PKEY_get_raw_public_key(peer, back, &n) == 1 && span_equal(span_of(back, n), share);
}

/*
 * The kept peer object with this share in it, or a new one. Reading the share back costs next to
 * nothing and proves on every call that no older share stayed.
 */
static EVP_PKEY *x25519_peer_take(struct span share)
{
    struct scratch *s = scratch_get();
    EVP_PKEY *kept = s != NULL ? s->x25519_peer : NULL;
    if (kept != NULL && kept_keys_trusted(GROUP_CURVE25519)) {
        s->x25519_peer = NULL;
        if (EVP_PKEY_set1_encoded_public_key(kept, share.p, share.n) == 1 &&
            x25519_holds(kept, share))
            return kept;
        EVP_PKEY_free(kept);
    }
    return EVP_PKEY_new_raw_public_key_ex(crypto_tables.lib, groups[GROUP_CURVE25519].name, NULL,
                                          share.p, share.n);
}

static void x25519_peer_give(EVP_PKEY *peer)
{
    struct scratch *s = scratch_get();
    if (s != NULL && s->x25519_peer == NULL && kept_keys_trusted(GROUP_CURVE25519))
        s->x25519_peer = peer;
    else
        EVP_PKEY_free(peer);
}

static err derive_x25519(const struct kex *k, struct span share, struct secret *out)
{
    static const uint8_t zero[32];
    if (share.n != groups[k->group].public_len)
        return FAIL(ERR_KEY_SHARE);
    EVP_PKEY *peer = x25519_peer_take(share);
    if (peer == NULL)
        return FAIL(crypto_reason());
    err e = derive_with(k, peer, out);
    if (e != OK) {
        EVP_PKEY_free(peer);
        return e;
    }
    x25519_peer_give(peer);
    /* RFC 8446 7.4.2: the all-zero result must be refused. */
    return ct_equal(out->b, zero, sizeof zero) ? FAIL(ERR_KEY_SHARE) : OK;
}

err kex_derive(const struct kex *k, struct span peer_share, struct secret *out)
{
    crypto_mark();
    err e = group_is_curve(k->group) ? derive_curve(k, peer_share, out)
                                     : derive_x25519(k, peer_share, out);
    crypto_unmark();
    if (e != OK)
        secret_wipe(out);
    return e;
}
