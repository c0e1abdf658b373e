/* SPDX-License-Identifier: MIT */
/* What both roles do with hellos: ALPN, renegotiation_info, key exchange, look-ups in the config.
 */
#include "tls/internal.h"

bool config_has_group(const struct tls_config *config, uint16_t group)
{
    for (size_t i = 0; i < config->group_count; i++) {
        if (config->groups[i] == group)
            return true;
    }
    return false;
}

bool config_has_scheme(const struct tls_config *config, uint16_t scheme)
{
    for (size_t i = 0; i < config->scheme_count; i++) {
        if (config->schemes[i] == scheme)
            return true;
    }
    return false;
}

bool config_has_suite(const struct tls_config *config, const struct tls_suite *suite)
{
    bool has_version = suite->version == TLS_VERSION_13 ? config->tls13 : config->tls12;
    for (size_t i = 0; has_version && i < config->suite_count; i++) {
        if (config->suites[i] == suite->id)
            return true;
    }
    return false;
}

err hello_set_alpn(struct tls *t, struct span id)
{
    uint8_t *copy = mem_dup(id.p, id.n);
    if (copy == NULL)
        return FAIL(ERR_NO_MEMORY);
    mem_free(t->alpn_chosen);
    t->alpn_chosen = copy;
    t->info.alpn = span_of(copy, id.n);
    return OK;
}

err hello_take_alpn(struct tls *t, struct span body)
{
    struct span list;
    TRY(ext_read_alpn(body, &list));
    /* RFC 7301 3.1: exactly one name, of those that were offered. */
    struct span id = span_of(list.p + 1, list.n - 1);
    if (list.p[0] != id.n || !alpn_list_has(span_of(t->alpn_offer, t->alpn_offer_len), id))
        return FAIL(ERR_ALPN_INVALID);
    return hello_set_alpn(t, id);
}

/* RFC 5746 3.4 and 3.6: in the first handshake of a connection the field is empty. */
err hello_check_renegotiation(struct tls *t, const struct ext_set *extensions)
{
    if (ext_has(extensions, EXT_RENEGOTIATION_INFO)) {
        struct span data;
        TRY(ext_read_renegotiation_info(extensions->body[EXT_RENEGOTIATION_INFO], &data));
        if (data.n != 0)
            return FAIL(ERR_RENEGOTIATION_INFO);
        t->info.has_secure_renegotiation = true;
    }
    if (!t->info.has_secure_renegotiation && t->config->strict_renegotiation_info)
        return FAIL(ERR_RENEGOTIATION_INFO);
    return OK;
}

err hello_derive(struct tls *t, struct span peer_share, struct secret *out)
{
    ENSURE(t->hs->kex != NULL);
    TRY(kex_derive(t->hs->kex, peer_share, out));
    t->info.group = kex_group(t->hs->kex);
    kex_free(t->hs->kex);
    t->hs->kex = NULL;
    t->hs->proofs.key_share = true;
    return OK;
}
