/* SPDX-License-Identifier: MIT */
/* Kept EC key objects: lending, setting the point, giving back. See ec_kept.h for the dangers. */
#include "crypto/ec_kept.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

/* The group by name, and the point when there is one; libcrypto checks that it is on the curve. */
static EVP_PKEY *ec_import(enum group_index g, struct span point)
{
    char name[16];
    snprintf(name, sizeof name, "%s", groups[g].name);
    uint8_t copy[KEX_PUBLIC_MAX];
    mem_copy(copy, point.p, point.n);
    OSSL_PARAM params[] = {
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name, strlen(name)),
        OSSL_PARAM_END,
        OSSL_PARAM_END,
    };
    if (point.n != 0)
        params[1] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, copy, point.n);
    EVP_PKEY *pkey = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(crypto_tables.lib, "EC", NULL);
    int selection = point.n != 0 ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEY_PARAMETERS;
    if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &pkey, selection, params) != 1)
        pkey = NULL;
    EVP_PKEY_CTX_free(ctx);
    return pkey;
}

EVP_PKEY *ec_parameters_new(enum group_index g)
{
    return ec_import(g, span_empty());
}

void ec_kept_drop(struct ec_kept *kept)
{
    EVP_PKEY_CTX_free(kept->verify);
    EVP_PKEY_free(kept->pkey);
    *kept = (struct ec_kept){0};
}

/* An idle object, or a new one from the template. */
static err kept_borrow(struct ec_kept *out, enum group_index g)
{
    struct scratch *s = scratch_get();
    if (s != NULL && s->ec_idle_count[g] != 0) {
        *out = s->ec_idle[g][--s->ec_idle_count[g]];
        return OK;
    }
    *out = (struct ec_kept){.pkey = EVP_PKEY_dup(crypto_tables.ec_template[g])};
    return out->pkey != NULL ? OK : FAIL(crypto_reason());
}

/* The peer is to blame, unless memory ran out or the arithmetic itself gave up. */
static err point_refused(void)
{
    err reason = crypto_reason();
    bool is_ours = reason == ERR_NO_MEMORY || ERR_GET_LIB(ERR_peek_last_error()) == ERR_LIB_BN;
    return is_ours ? FAIL(reason) : FAIL(ERR_KEY_SHARE);
}

static err kept_with_point(struct ec_kept *out, enum group_index g, struct span point)
{
    if (kept_keys_trusted(g)) {
        TRY(kept_borrow(out, g));
        return EVP_PKEY_set1_encoded_public_key(out->pkey, point.p, point.n) == 1 ? OK
                                                                                  : point_refused();
    }
    out->pkey = ec_import(g, point);
    return out->pkey != NULL ? OK : point_refused();
}

static err kept_bind_verify(struct ec_kept *kept)
{
    if (kept->verify != NULL)
        return OK;
    kept->verify = EVP_PKEY_CTX_new_from_pkey(crypto_tables.lib, kept->pkey, NULL);
    if (kept->verify == NULL || EVP_PKEY_verify_init(kept->verify) != 1)
        return FAIL(crypto_reason());
    return OK;
}

err ec_kept_take(struct ec_kept *out, enum group_index g, struct span point, bool with_verify)
{
    *out = (struct ec_kept){0};
    /* RFC 8446 4.2.8.2: only the uncompressed form. */
    if (point.n != groups[g].public_len || point.p[0] != 0x04)
        return FAIL(ERR_KEY_SHARE);
    crypto_mark();
    err e = kept_with_point(out, g, point);
    if (e == OK && with_verify)
        e = kept_bind_verify(out);
    if (e != OK)
        ec_kept_drop(out);
    crypto_unmark();
    return e;
}

void ec_kept_give(struct ec_kept *kept, enum group_index g)
{
    struct scratch *s = scratch_get();
    if (kept->pkey == NULL || s == NULL || !kept_keys_trusted(g) ||
        s->ec_idle_count[g] == EC_IDLE_MAX) {
        ec_kept_drop(kept);
        return;
    }
    s->ec_idle[g][s->ec_idle_count[g]++] = *kept;
    *kept = (struct ec_kept){0};
}
