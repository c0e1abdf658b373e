/* SPDX-License-Identifier: MIT */
/*
 * Who the peer is and who we are: the certificates that came, the verdict on them, and the choice
 * of our own. Microsoft "Performing Authentication Using Schannel".
 */
#include <time.h>

#include "ctx/internal.h"

/* ---- the peer's certificates ----------------------------------------------------------- */

static err keep_chain(struct ctx *c)
{
    struct span chain[TLS_PEER_CERTIFICATES_MAX];
    size_t count = tls_peer_certificate_count(c->engine);
    for (size_t i = 0; i < count; i++)
        chain[i] = tls_peer_certificate(c->engine, i);
    CertFreeCertificateContext(c->peer);
    c->peer = NULL;
    TRY(cert_chain_from_peer(chain, count, tls_peer_staple(c->engine), &c->peer));
    cert_validity(c->peer, &c->peer_not_before, &c->peer_not_after);
    c->has_peer = true;
    return OK;
}

/* The parsed form is ten times as large. Without memory for the bytes it simply stays. */
static void keep_bytes_only(struct ctx *c)
{
    enum { LENGTH = 3 };
    struct span staple = tls_peer_staple(c->engine);
    size_t count = tls_peer_certificate_count(c->engine);
    size_t total = LENGTH + staple.n;
    for (size_t i = 0; i < count; i++)
        total += LENGTH + tls_peer_certificate(c->engine, i).n;
    buf_init(&c->peer_bytes, total);
    err result = buf_reserve(&c->peer_bytes, total);
    wr_vec(&c->peer_bytes, LENGTH, staple);
    for (size_t i = 0; i < count; i++)
        wr_vec(&c->peer_bytes, LENGTH, tls_peer_certificate(c->engine, i));
    if (result != OK || buf_check(&c->peer_bytes) != OK) {
        buf_release(&c->peer_bytes);
        return;
    }
    CertFreeCertificateContext(c->peer);
    c->peer = NULL;
}

err peer_open(const struct ctx *c, PCCERT_CONTEXT *out)
{
    struct span chain[TLS_PEER_CERTIFICATES_MAX];
    size_t count = 0;
    *out = NULL;
    if (c->peer != NULL) {
        *out = CertDuplicateCertificateContext(c->peer);
        return OK;
    }
    struct rd r = rd_from(buf_span(&c->peer_bytes));
    struct span staple = rd_vec(&r, 3, 0, UINT32_MAX);
    while (rd_left(&r) != 0 && count < ARRAY_LEN(chain))
        chain[count++] = rd_vec(&r, 3, 1, UINT32_MAX);
    return cert_chain_from_peer(chain, count, staple, out);
}

err peer_take_key(struct ctx *c)
{
    struct public_key *key = NULL;
    err result = keep_chain(c);
    if (result == OK && !cert_may_sign(c->peer))
        result = ERR_CERT_KEY_USAGE;
    if (result == OK)
        result = cert_public_key(c->peer, &key);
    if (result != OK)
        return tls_fail(c->engine, result);
    return tls_answer_key(c->engine, key);
}

/* In TLS 1.2 the stapled response comes behind the certificates. */
static void keep_staple(struct ctx *c)
{
    struct span staple = tls_peer_staple(c->engine);
    CRYPT_DATA_BLOB blob = {.cbData = (DWORD)staple.n, .pbData = (BYTE *)(uintptr_t)staple.p};
    if (staple.n != 0)
        CertSetCertificateContextProperty(c->peer, CERT_OCSP_RESPONSE_PROP_ID, 0, &blob);
}

/* The places that are asked share their time, so that a handshake has an end in sight. */
DWORD peer_chain_flags(const struct ctx *c)
{
    DWORD cred_flags = c->auth_cred->flags;
    DWORD flags = CERT_CHAIN_REVOCATION_ACCUMULATIVE_TIMEOUT;
    if ((cred_flags & SCH_CRED_REVOCATION_CHECK_END_CERT) != 0)
        flags |= CERT_CHAIN_REVOCATION_CHECK_END_CERT;
    if ((cred_flags & SCH_CRED_REVOCATION_CHECK_CHAIN) != 0)
        flags |= CERT_CHAIN_REVOCATION_CHECK_CHAIN;
    if ((cred_flags & SCH_CRED_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT) != 0)
        flags |= CERT_CHAIN_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT;
    if ((cred_flags & SCH_CRED_REVOCATION_CHECK_CACHE_ONLY) != 0)
        flags |= CERT_CHAIN_REVOCATION_CHECK_CACHE_ONLY;
    if ((cred_flags & SCH_CRED_CACHE_ONLY_URL_RETRIEVAL) != 0)
        flags |= CERT_CHAIN_CACHE_ONLY_URL_RETRIEVAL;
    return flags;
}

static err judge(struct ctx *c, enum chain_usage usage, const char *name)
{
    DWORD flags = c->auth_cred->flags;
    struct chain_request request = {
        .leaf = c->peer,
        .additional = c->peer->hCertStore,
        .exclusive_root = c->cred->root_store,
        .usage = usage,
        .server_name = name,
        .now = (int64_t)time(NULL),
        .chain_flags = peer_chain_flags(c),
        .ignore_no_revocation_check = (flags & SCH_CRED_IGNORE_NO_REVOCATION_CHECK) != 0,
        .ignore_revocation_offline = (flags & SCH_CRED_IGNORE_REVOCATION_OFFLINE) != 0};
    TRY(chain_judge(&request, &c->verdict));
    c->has_verdict = true;
    return OK;
}

static err judge_server(struct ctx *c)
{
    bool checks_name = (c->cred->flags & SCH_CRED_NO_SERVERNAME_CHECK) == 0;
    bool has_name = c->target != NULL && c->target[0] != 0;
    if (c->manual_validation)
        return OK;
    TRY(judge(c, CHAIN_SERVER_AUTH, checks_name && has_name ? c->target : NULL));
    /* Without a name to compare with nobody is the right one. */
    if (c->verdict.reason == OK && checks_name && !has_name) {
        c->verdict.reason = FAIL(ERR_CERT_WRONG_NAME);
        c->verdict.policy_error = CERT_E_CN_NO_MATCH;
    }
    return c->deferred_validation ? OK : c->verdict.reason;
}

/*
 * The server's program judges its clients. Only where it says that nobody maps them does the chain
 * decide whether the client counts as authenticated; the handshake goes on in any case.
 */
static err judge_client(struct ctx *c)
{
    if ((c->cred->flags & SCH_CRED_NO_SYSTEM_MAPPER) == 0)
        return OK;
    TRY(judge(c, CHAIN_CLIENT_AUTH, NULL));
    c->peer_verified = c->verdict.reason == OK;
    return OK;
}

void ctx_leave_judgement(struct ctx *c)
{
    c->manual_validation = true;
}

err peer_judge(struct ctx *c)
{
    bool judges_itself = c->is_server || c->manual_validation || c->deferred_validation;
    keep_staple(c);
    err verdict = c->is_server ? judge_client(c) : judge_server(c);
    if (verdict == OK && !judges_itself)
        keep_bytes_only(c);
    return tls_answer_verdict(c->engine, verdict);
}

/* ---- our certificate ------------------------------------------------------------------- */

static const struct cred_certificate *fitting_certificate(struct ctx *c)
{
    for (size_t i = 0; i < c->auth_cred->certificate_count; i++) {
        const struct cred_certificate *certificate = &c->auth_cred->certificates[i];
        if (tls_credential_fits(c->engine, &certificate->presented))
            return certificate;
    }
    return NULL;
}

static void use_certificate(struct ctx *c, const struct cred_certificate *certificate)
{
    CertFreeCertificateContext(c->local);
    c->local = certificate != NULL ? CertDuplicateCertificateContext(certificate->context) : NULL;
    if (certificate != NULL)
        c->local_kind = private_key_info(certificate->key)->kind;
}

static err keep(struct buf *b, struct span bytes)
{
    buf_release(b);
    buf_init(b, bytes.n);
    wr_bytes(b, bytes);
    return buf_check(b);
}

/* RFC 7301 3.2: the server's order decides. */
static bool choose_alpn(const struct ctx *c, struct span offered, struct span *out)
{
    *out = span_empty();
    if (c->alpn_len == 0 || offered.n == 0)
        return true;
    struct rd own = rd_from(span_of(c->alpn, c->alpn_len));
    while (rd_left(&own) != 0) {
        struct span name = rd_vec(&own, 1, 1, UINT8_MAX);
        struct rd theirs = rd_from(offered);
        while (rd_left(&theirs) != 0) {
            if (span_equal(rd_vec(&theirs, 1, 1, UINT8_MAX), name)) {
                *out = name;
                return true;
            }
        }
    }
    return false;
}

err peer_choose(struct ctx *c)
{
    const struct tls_hello *hello = tls_hello(c->engine);
    struct tls_choice choice = {.alpn = span_empty()};
    TRY(keep(&c->peer_schemes, hello->schemes));
    choice.alpn_mismatch = !choose_alpn(c, hello->alpn, &choice.alpn);
    if (c->cred->parameter_count > 1)
        choice.config = cred_config(c->cred, choice.alpn);
    const struct cred_certificate *certificate = fitting_certificate(c);
    if (c->auth_cred->certificate_count == 0)
        return tls_fail(c->engine, ERR_CRED_NO_CERTIFICATE);
    if (certificate != NULL)
        choice.credential = &certificate->presented;
    use_certificate(c, certificate);
    return tls_answer_choice(c->engine, &choice);
}

err peer_give_credential(struct ctx *c, bool no_default, bool *out_asked)
{
    const struct tls_request *request = tls_request(c->engine);
    TRY(keep(&c->authorities, request->authorities));
    TRY(keep(&c->peer_schemes, request->schemes));
    const struct cred_certificate *certificate = fitting_certificate(c);
    if (certificate == NULL && !no_default && !c->credential_asked) {
        c->credential_asked = true;
        *out_asked = true;
        return OK;
    }
    use_certificate(c, certificate);
    return tls_answer_credential(c->engine, certificate != NULL ? &certificate->presented : NULL);
}
