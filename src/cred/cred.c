/* SPDX-License-Identifier: MIT */
/*
 * Making credentials. Microsoft "SCHANNEL_CRED structure", "SCH_CREDENTIALS structure",
 * "TLS_PARAMETERS structure". Nothing of the caller's is kept: certificates are referenced, the
 * rest is copied.
 */
#include "cred/cred.h"

#include "cred/settings.h"
#include "win/win.h"

enum {
    SESSION_LIFESPAN_DEFAULT_MS = 36000000,
    ALL_DTLS = (int)SP_PROT_DTLS1_X,
    ALL_STREAM = (int)(SP_PROT_PCT1 | SP_PROT_SSL2 | SP_PROT_SSL3 | SP_PROT_TLS1_X)
};

/* What both structures say, in one form. */
struct wishes {
    DWORD version;
    DWORD flags;
    DWORD lifespan_ms;
    DWORD certificate_count;
    PCCERT_CONTEXT *certificates;
    HCERTSTORE root_store;
};

static DWORD bit12(bool is_server)
{
    return is_server ? SP_PROT_TLS1_2_SERVER : SP_PROT_TLS1_2_CLIENT;
}

static DWORD bit13(bool is_server)
{
    return is_server ? SP_PROT_TLS1_3_SERVER : SP_PROT_TLS1_3_CLIENT;
}

/* Drops versions that no suite is left for, and says what is spoken. */
static err settle(struct cred *c)
{
    bool any12 = false;
    bool any13 = false;
    for (size_t i = 0; i < c->parameter_count; i++) {
        struct tls_config *config = &c->parameters[i].config;
        bool has12 = false;
        bool has13 = false;
        for (size_t j = 0; j < config->suite_count; j++) {
            bool is13 = tls_suite_find(config->suites[j])->version == TLS_VERSION_13;
            has13 = has13 || is13;
            has12 = has12 || !is13;
        }
        config->tls12 = config->tls12 && has12;
        config->tls13 = config->tls13 && has13;
        if (!settings_usable(config))
            return FAIL(ERR_CRED_NO_PROTOCOL);
        any12 = any12 || config->tls12;
        any13 = any13 || config->tls13;
    }
    c->protocols = (any12 ? bit12(c->is_server) : 0) | (any13 ? bit13(c->is_server) : 0);
    return OK;
}

/* ---- certificates ---------------------------------------------------------------------- */

static err serialise(const struct cert_list *chain, struct tls_credential *out)
{
    struct buf list12;
    struct buf list13;
    buf_init(&list12, 0xFFFFFF);
    buf_init(&list13, 0xFFFFFF);
    for (size_t i = 0; i < chain->count; i++) {
        wr_vec(&list12, 3, cert_der(chain->items[i]));
        wr_vec(&list13, 3, cert_der(chain->items[i]));
        wr_u16(&list13, 0);
    }
    err result = buf_check(&list12) != OK ? buf_check(&list12) : buf_check(&list13);
    uint8_t *copy12 = result == OK ? mem_dup(list12.p, list12.n) : NULL;
    uint8_t *copy13 = result == OK ? mem_dup(list13.p, list13.n) : NULL;
    out->list12 = span_of(copy12, copy12 != NULL ? list12.n : 0);
    out->list13 = span_of(copy13, copy13 != NULL ? list13.n : 0);
    if (result == OK && (copy12 == NULL || copy13 == NULL)) {
        mem_free(copy12);
        mem_free(copy13);
        out->list12 = out->list13 = span_empty();
        result = FAIL(ERR_NO_MEMORY);
    }
    buf_release(&list12);
    buf_release(&list13);
    return result;
}

/* The OCSP response that goes out with a server's certificate. */
static err take_staple(PCCERT_CONTEXT context, struct span *out)
{
    DWORD n = 0;
    *out = span_empty();
    if (!CertGetCertificateContextProperty(context, CERT_OCSP_RESPONSE_PROP_ID, NULL, &n) || n == 0)
        return OK;
    if (n > TLS_STAPLE_MAX)
        return FAIL(ERR_CRED_LIMIT);
    uint8_t *copy = mem_alloc(n);
    if (copy == NULL)
        return FAIL(ERR_NO_MEMORY);
    /* Another thread may have changed it meanwhile: then none is sent. */
    if (CertGetCertificateContextProperty(context, CERT_OCSP_RESPONSE_PROP_ID, copy, &n) && n != 0)
        *out = span_of(copy, n);
    else
        mem_free(copy);
    return OK;
}

static err take_certificate(struct cred_certificate *out, PCCERT_CONTEXT context, bool with_root)
{
    struct public_key *public_key;
    struct cert_list chain;
    out->context = CertDuplicateCertificateContext(context);
    err result = cert_public_key(context, &public_key);
    if (result != OK)
        return result == ERR_NO_MEMORY ? result : FAIL(ERR_CRED_BAD_CERTIFICATE);
    public_key_free(public_key);
    TRY(cert_private_key(context, &out->key));
    TRY(cert_list_to_send(context, with_root, &chain));
    result = serialise(&chain, &out->presented);
    cert_list_release(&chain);
    out->presented.key = out->key;
    if (result == OK)
        result = take_staple(context, &out->presented.staple);
    return result;
}

static err take_certificates(struct cred *c, const struct wishes *w)
{
    if (w->certificate_count > SCH_CRED_MAX_SUPPORTED_CERTS)
        return FAIL(ERR_CRED_BAD_CERTIFICATE);
    if (w->certificate_count == 0)
        return OK;
    if (w->certificates == NULL)
        return FAIL(ERR_CRED_BAD_CERTIFICATE);
    c->certificates = mem_array(w->certificate_count, sizeof *c->certificates);
    if (c->certificates == NULL)
        return FAIL(ERR_NO_MEMORY);
    c->certificate_count = w->certificate_count;
    for (DWORD i = 0; i < w->certificate_count; i++) {
        if (w->certificates[i] == NULL)
            return FAIL(ERR_CRED_BAD_CERTIFICATE);
        err result = take_certificate(&c->certificates[i], w->certificates[i],
                                      (w->flags & SCH_SEND_ROOT_CERT) != 0);
        /* With several, one that does not work is reported as unusable, not as absent. */
        if (result == ERR_CRED_NO_CERTIFICATE && w->certificate_count > 1)
            return FAIL(ERR_CRED_BAD_CERTIFICATE);
        TRY(result);
    }
    int64_t not_before;
    cert_validity(c->certificates[0].context, &not_before, &c->not_after);
    return OK;
}

static err take_common(struct cred *c, const struct wishes *w)
{
    c->version = w->version;
    c->flags = w->flags;
    c->session_lifespan_ms = w->lifespan_ms != 0 ? w->lifespan_ms : SESSION_LIFESPAN_DEFAULT_MS;
    if (w->root_store != NULL)
        c->root_store = CertDuplicateStore(w->root_store);
    /* Only pre-shared keys, or only datagrams: nothing of either is spoken. */
    if ((w->flags & (SCH_USE_PRESHAREDKEY_ONLY | SCH_USE_DTLS_ONLY)) != 0)
        return FAIL(ERR_CRED_NO_PROTOCOL);
    return take_certificates(c, w);
}

/* Hashes in place of certificates are for callers in the kernel. */
static err refuse_hashes(DWORD format)
{
    return format == 0 ? OK : FAIL(ERR_CRED_BAD_CERTIFICATE);
}

static err make_parameters(struct cred *c, size_t count)
{
    c->parameters = mem_array(count, sizeof *c->parameters);
    if (c->parameters == NULL)
        return FAIL(ERR_NO_MEMORY);
    c->parameter_count = count;
    for (size_t i = 0; i < count; i++)
        settings_default(&c->parameters[i].config, c->is_server);
    return OK;
}

/* ---- SCHANNEL_CRED --------------------------------------------------------------------- */

static err apply_protocol_mask(struct cred *c, DWORD mask)
{
    struct tls_config *config = &c->parameters[0].config;
    config->tls13 = false; /* this structure never brings TLS 1.3 */
    if (mask == 0)
        return OK;
    bool has_datagram = (mask & (DWORD)ALL_DTLS) != 0;
    if (has_datagram) /* alone it is not spoken, with the others it is a contradiction */
        return FAIL(ERR_CRED_NO_PROTOCOL);
    config->tls12 = (mask & bit12(c->is_server)) != 0;
    return config->tls12 ? OK : FAIL(ERR_CRED_NO_PROTOCOL);
}

static err from_schannel_cred(struct cred *c, const SCHANNEL_CRED *data)
{
    struct wishes w = {.version = data->dwVersion,
                       .flags = data->dwFlags,
                       .lifespan_ms = data->dwSessionLifespan,
                       .certificate_count = data->cCreds,
                       .certificates = data->paCred,
                       .root_store = data->hRootStore};
    if (data->cSupportedAlgs > SCH_CRED_MAX_SUPPORTED_ALGS)
        return FAIL(ERR_CRED_LIMIT);
    TRY(refuse_hashes(data->dwCredFormat));
    TRY(take_common(c, &w));
    TRY(make_parameters(c, 1));
    TRY(apply_protocol_mask(c, data->grbitEnabledProtocols));
    struct tls_config *config = &c->parameters[0].config;
    if (data->cSupportedAlgs != 0 && data->palgSupportedAlgs != NULL)
        settings_keep_algorithms(config, data->palgSupportedAlgs, data->cSupportedAlgs);
    settings_keep_strengths(config, data->dwMinimumCipherStrength, data->dwMaximumCipherStrength);
    return settle(c);
}

/* ---- SCH_CREDENTIALS ------------------------------------------------------------------- */

static err take_alpn_ids(struct cred_parameters *p, const TLS_PARAMETERS *data)
{
    if (data->cAlpnIds > SCH_CRED_MAX_SUPPORTED_ALPN_IDS ||
        (data->cAlpnIds != 0 && data->rgstrAlpnIds == NULL))
        return FAIL(ERR_CRED_LIMIT);
    for (DWORD i = 0; i < data->cAlpnIds; i++) {
        const UNICODE_STRING *id = &data->rgstrAlpnIds[i];
        size_t units = id->Length / sizeof(WCHAR);
        uint8_t *text = mem_alloc(units * 3 + 1);
        if (text == NULL)
            return FAIL(ERR_NO_MEMORY);
        size_t n = id->Buffer != NULL
                       ? win_utf8_from_utf16(id->Buffer, units, (char *)text, units * 3)
                       : 0;
        p->alpn_ids[p->alpn_count++] = (struct span){.p = text, .n = n};
        if (n == 0 || n > TLS_ALPN_MAX)
            return FAIL(ERR_CRED_LIMIT);
    }
    return OK;
}

static err take_parameters(struct cred *c, struct cred_parameters *p, const TLS_PARAMETERS *data)
{
    TRY(take_alpn_ids(p, data));
    if (data->cDisabledCrypto > SCH_CRED_MAX_SUPPORTED_CRYPTO_SETTINGS ||
        (data->cDisabledCrypto != 0 && data->pDisabledCrypto == NULL))
        return FAIL(ERR_CRED_LIMIT);
    p->is_optional = (data->dwFlags & TLS_PARAMS_OPTIONAL) != 0;
    if (p->is_optional && !c->is_server)
        return FAIL(ERR_CRED_LIMIT);
    if ((data->grbitDisabledProtocols & bit12(c->is_server)) != 0)
        p->config.tls12 = false;
    if ((data->grbitDisabledProtocols & bit13(c->is_server)) != 0)
        p->config.tls13 = false;
    for (DWORD i = 0; i < data->cDisabledCrypto; i++)
        TRY(settings_disable(&p->config, &data->pDisabledCrypto[i]));
    return OK;
}

/* The block without ids serves everything that no other block names; it stands first. */
static err take_all_parameters(struct cred *c, const SCH_CREDENTIALS *data)
{
    size_t default_blocks = 0;
    if (data->cTlsParameters > SCH_CRED_MAX_SUPPORTED_PARAMETERS ||
        (data->cTlsParameters != 0 && data->pTlsParameters == NULL))
        return FAIL(ERR_CRED_LIMIT);
    TRY(make_parameters(c, (size_t)data->cTlsParameters + 1));
    size_t next = 1;
    for (DWORD i = 0; i < data->cTlsParameters; i++) {
        const TLS_PARAMETERS *block = &data->pTlsParameters[i];
        bool is_default = block->cAlpnIds == 0;
        default_blocks += is_default;
        if (default_blocks > 1)
            return FAIL(ERR_CRED_LIMIT);
        TRY(take_parameters(c, &c->parameters[is_default ? 0 : next], block));
        next += !is_default;
    }
    c->parameter_count = next;
    return OK;
}

static err from_sch_credentials(struct cred *c, const SCH_CREDENTIALS *data)
{
    struct wishes w = {.version = data->dwVersion,
                       .flags = data->dwFlags,
                       .lifespan_ms = data->dwSessionLifespan,
                       .certificate_count = data->cCreds,
                       .certificates = data->paCred,
                       .root_store = data->hRootStore};
    TRY(refuse_hashes(data->dwCredFormat));
    TRY(take_common(c, &w));
    TRY(take_all_parameters(c, data));
    return settle(c);
}

/* ---- all of them ----------------------------------------------------------------------- */

static err from_nothing(struct cred *c)
{
    struct wishes w = {0};
    if (c->is_server)
        return FAIL(ERR_CRED_NO_CERTIFICATE);
    c->is_default = true;
    TRY(take_common(c, &w));
    TRY(make_parameters(c, 1));
    return settle(c);
}

static err fill(struct cred *c, const void *auth_data)
{
    DWORD version;
    if (auth_data == NULL)
        return from_nothing(c);
    memcpy(&version, auth_data, sizeof version);
    switch (version) {
    case SCH_CRED_V3:
        /* Windows 10 and later answer this version so when there is a certificate. */
        if (((const SCHANNEL_CRED *)auth_data)->cCreds != 0)
            return FAIL(ERR_NO_MEMORY);
        return from_schannel_cred(c, auth_data);
    case SCHANNEL_CRED_VERSION:
        return from_schannel_cred(c, auth_data);
    case SCH_CREDENTIALS_VERSION:
        return from_sch_credentials(c, auth_data);
    default:
        return FAIL(ERR_CRED_VERSION);
    }
}

static void note_strengths(struct cred *c)
{
    const struct tls_config *config = &c->parameters[0].config;
    c->strength_min = UINT32_MAX;
    for (size_t i = 0; i < config->suite_count; i++) {
        DWORD bits = (DWORD)aead_key_len(tls_suite_find(config->suites[i])->aead) * 8;
        c->strength_min = bits < c->strength_min ? bits : c->strength_min;
        c->strength_max = bits > c->strength_max ? bits : c->strength_max;
    }
}

err cred_new(struct cred **out, bool is_server, const void *auth_data)
{
    *out = NULL;
    struct cred *c = mem_alloc(sizeof *c);
    if (c == NULL)
        return FAIL(ERR_NO_MEMORY);
    atomic_init(&c->refs, 1);
    c->is_server = is_server;
    c->not_after = INT64_MAX;
    err result = fill(c, auth_data);
    if (result != OK) {
        cred_release(c);
        return result;
    }
    note_strengths(c);
    *out = c;
    return OK;
}

struct cred *cred_ref(struct cred *c)
{
    atomic_fetch_add(&c->refs, 1);
    return c;
}

static void free_parameters(struct cred *c)
{
    for (size_t i = 0; c->parameters != NULL && i < c->parameter_count; i++) {
        for (size_t j = 0; j < c->parameters[i].alpn_count; j++)
            mem_free((void *)(uintptr_t)c->parameters[i].alpn_ids[j].p);
    }
    mem_free(c->parameters);
}

static void free_list(struct span list)
{
    if (list.n != 0)
        mem_free((void *)(uintptr_t)list.p);
}

void cred_release(struct cred *c)
{
    if (c == NULL || atomic_fetch_sub(&c->refs, 1) != 1)
        return;
    for (size_t i = 0; i < c->certificate_count; i++) {
        struct cred_certificate *certificate = &c->certificates[i];
        free_list(certificate->presented.list12);
        free_list(certificate->presented.list13);
        free_list(certificate->presented.staple);
        private_key_free(certificate->key);
        CertFreeCertificateContext(certificate->context);
    }
    mem_free(c->certificates);
    free_parameters(c);
    if (c->root_store != NULL)
        CertCloseStore(c->root_store, 0);
    mem_free(c);
}

const struct tls_config *cred_config(const struct cred *c, struct span alpn)
{
    for (size_t i = 1; alpn.n != 0 && i < c->parameter_count; i++) {
        for (size_t j = 0; j < c->parameters[i].alpn_count; j++) {
            if (span_equal(c->parameters[i].alpn_ids[j], alpn))
                return &c->parameters[i].config;
        }
    }
    return &c->parameters[0].config;
}
