/* SPDX-License-Identifier: MIT */
/*
 * The TLS 1.2 client after ServerHello (RFC 5246 7.3, RFC 8422, full handshakes with ECDHE):
 *
 *   Certificate -> [CertificateStatus] -> ServerKeyExchange -> [CertificateRequest] ->
 *   ServerHelloDone; then [Certificate] ClientKeyExchange [CertificateVerify] change_cipher_spec
 *   Finished; then the server's change_cipher_spec and Finished.
 */
#include "tls/internal.h"

static err on_certificate(struct tls *t, struct span body);
static err on_certificate_status(struct tls *t, struct span body);
static err on_server_key_exchange(struct tls *t, struct span body);
static err on_certificate_request(struct tls *t, struct span body);
static err on_server_hello_done(struct tls *t, struct span body);
static err send_certificate(struct tls *t, struct span body);
static err send_client_key_exchange(struct tls *t, struct span body);
static err send_certificate_verify(struct tls *t, struct span body);
static err send_finished(struct tls *t, struct span body);
static err on_change_cipher_spec(struct tls *t, struct span body);
static err on_finished(struct tls *t, struct span body);

const struct hs_row client12_rows[] = {
    {C12_WAIT_CERTIFICATE, MSG_CERTIFICATE, 0, on_certificate, NEXT(C12_STOP_KEY),
     TLS_LEVEL_INITIAL, false, HASH_BEFORE},
    {C12_STOP_KEY, MSG_NONE, TLS_WAIT_KEY, NULL,
     NEXT(C12_WAIT_STATUS_OR_KEY_EXCHANGE) | NEXT(C12_WAIT_KEY_EXCHANGE), 0, false, HASH_NEVER},
    {C12_WAIT_STATUS_OR_KEY_EXCHANGE, MSG_CERTIFICATE_STATUS, 0, on_certificate_status,
     NEXT(C12_WAIT_KEY_EXCHANGE), TLS_LEVEL_INITIAL, false, HASH_BEFORE},
    {C12_WAIT_STATUS_OR_KEY_EXCHANGE, MSG_SERVER_KEY_EXCHANGE, 0, on_server_key_exchange,
     NEXT(C12_WAIT_REQUEST_OR_DONE), TLS_LEVEL_INITIAL, false, HASH_BEFORE},
    {C12_WAIT_KEY_EXCHANGE, MSG_SERVER_KEY_EXCHANGE, 0, on_server_key_exchange,
     NEXT(C12_WAIT_REQUEST_OR_DONE), TLS_LEVEL_INITIAL, false, HASH_BEFORE},
    {C12_WAIT_REQUEST_OR_DONE, MSG_CERTIFICATE_REQUEST, 0, on_certificate_request,
     NEXT(C12_WAIT_DONE), TLS_LEVEL_INITIAL, false, HASH_BEFORE},
    {C12_WAIT_REQUEST_OR_DONE, MSG_SERVER_HELLO_DONE, 0, on_server_hello_done,
     NEXT(C12_STOP_VERDICT), TLS_LEVEL_INITIAL, true, HASH_BEFORE},
    {C12_WAIT_DONE, MSG_SERVER_HELLO_DONE, 0, on_server_hello_done, NEXT(C12_STOP_VERDICT),
     TLS_LEVEL_INITIAL, true, HASH_BEFORE},
    {C12_STOP_VERDICT, MSG_NONE, TLS_WAIT_VERDICT, NULL,
     NEXT(C12_STOP_CREDENTIAL) | NEXT(C12_SEND_KEY_EXCHANGE), 0, false, HASH_NEVER},
    {C12_STOP_CREDENTIAL, MSG_NONE, TLS_WAIT_CREDENTIAL, NULL, NEXT(C12_SEND_CERTIFICATE), 0, false,
     HASH_NEVER},
    {C12_SEND_CERTIFICATE, MSG_NONE, 0, send_certificate, NEXT(C12_SEND_KEY_EXCHANGE), 0, false,
     HASH_NEVER},
    {C12_SEND_KEY_EXCHANGE, MSG_NONE, 0, send_client_key_exchange,
     NEXT(C12_SEND_CERTIFICATE_VERIFY) | NEXT(C12_SEND_FINISHED), 0, false, HASH_NEVER},
    {C12_SEND_CERTIFICATE_VERIFY, MSG_NONE, 0, send_certificate_verify, NEXT(C12_SEND_FINISHED), 0,
     false, HASH_NEVER},
    {C12_SEND_FINISHED, MSG_NONE, 0, send_finished, NEXT(C12_WAIT_CHANGE_CIPHER_SPEC), 0, false,
     HASH_NEVER},
    {C12_WAIT_CHANGE_CIPHER_SPEC, MSG_CHANGE_CIPHER_SPEC, 0, on_change_cipher_spec,
     NEXT(C12_WAIT_FINISHED), TLS_LEVEL_INITIAL, false, HASH_NEVER},
    {C12_WAIT_FINISHED, MSG_FINISHED, 0, on_finished, NEXT(HS_DONE), TLS_LEVEL_APPLICATION, true,
     HASH_AFTER},
};
const size_t client12_row_count = ARRAY_LEN(client12_rows);

static err on_certificate(struct tls *t, struct span body)
{
    struct certificate_message m;
    TRY(msg_read_certificate(body, false, &m));
    if (m.count == 0)
        return FAIL(ERR_CERT_EMPTY);
    TRY(auth_take_certificates(t, &m));
    t->hs->state = C12_STOP_KEY;
    return OK;
}

static err on_certificate_status(struct tls *t, struct span body)
{
    struct span response;
    TRY(msg_read_certificate_status(body, &response));
    buf_init(&t->hs->staple, t->in.max);
    wr_bytes(&t->hs->staple, response);
    TRY(buf_check(&t->hs->staple));
    t->hs->state = C12_WAIT_KEY_EXCHANGE;
    return OK;
}

/* RFC 5246 7.4.3: the signature covers both randoms and the parameters. */
static err check_params_signature(struct tls *t, const struct server_key_exchange *m)
{
    struct buf content;
    buf_init(&content, 2 * RANDOM_LEN + m->params.n);
    wr_bytes(&content, span_of(t->hs->client_random, RANDOM_LEN));
    wr_bytes(&content, span_of(t->hs->server_random, RANDOM_LEN));
    wr_bytes(&content, m->params);
    err result = buf_check(&content);
    if (result == OK)
        result = auth_verify(t, &m->proof, buf_span(&content));
    buf_release(&content);
    return result;
}

static err on_server_key_exchange(struct tls *t, struct span body)
{
    struct handshake *hs = t->hs;
    struct server_key_exchange m;
    TRY(msg_read_server_key_exchange(body, &m));
    if (!config_has_group(t->config, m.group))
        return FAIL(ERR_HELLO_GROUP_NOT_OFFERED);
    TRY(check_params_signature(t, &m));
    TRY(t->env->new_kex(t->env->arg, &hs->kex, m.group));
    /* Derived with ClientKeyExchange, when the session hash is complete. */
    buf_init(&hs->peer_share, UINT8_MAX);
    wr_bytes(&hs->peer_share, m.point);
    TRY(buf_check(&hs->peer_share));
    hs->state = C12_WAIT_REQUEST_OR_DONE;
    return OK;
}

static err on_certificate_request(struct tls *t, struct span body)
{
    struct handshake *hs = t->hs;
    buf_init(&hs->request_body, t->in.max);
    wr_bytes(&hs->request_body, body);
    TRY(buf_check(&hs->request_body));
    TRY(msg_read_certificate_request12(buf_span(&hs->request_body), &hs->request));
    hs->certificate_requested = true;
    hs->state = C12_WAIT_DONE;
    return OK;
}

static err on_server_hello_done(struct tls *t, struct span body)
{
    if (body.n != 0)
        return FAIL(ERR_DECODE);
    if (!t->hs->certificate_requested)
        transcript_drop_raw(&t->hs->transcript);
    t->hs->state = C12_STOP_VERDICT;
    return OK;
}

static err send_certificate(struct tls *t, struct span body)
{
    (void)body;
    TRY(auth_send_certificate12(t));
    t->hs->state = C12_SEND_KEY_EXCHANGE;
    return OK;
}

static err derive_keys(struct tls *t, const struct secret *premaster)
{
    TRY(schedule12_master(t, premaster));
    secret_report(t, "CLIENT_RANDOM", &t->hs->master12);
    return schedule12_key_block(t);
}

static err send_client_key_exchange(struct tls *t, struct span body)
{
    (void)body;
    struct handshake *hs = t->hs;
    struct hs_message m = hs_open(t, MSG_CLIENT_KEY_EXCHANGE);
    wr_vec(&t->out, 1, kex_public(hs->kex));
    TRY(hs_close(t, m, TLS_LEVEL_INITIAL));
    struct secret premaster = {0};
    err result = hello_derive(t, buf_span(&hs->peer_share), &premaster);
    if (result == OK)
        result = derive_keys(t, &premaster);
    secret_wipe(&premaster);
    bool proves = hs->certificate_requested && hs->credential != NULL;
    hs->state = proves ? C12_SEND_CERTIFICATE_VERIFY : C12_SEND_FINISHED;
    return result;
}

static err send_certificate_verify(struct tls *t, struct span body)
{
    (void)body;
    struct handshake *hs = t->hs;
    struct hs_message m = hs_open(t, MSG_CERTIFICATE_VERIFY);
    TRY(auth_sign(t, hs->request.schemes, buf_span(&hs->transcript.raw), &t->out));
    transcript_drop_raw(&hs->transcript);
    TRY(hs_close(t, m, TLS_LEVEL_INITIAL));
    hs->state = C12_SEND_FINISHED;
    return OK;
}

static err send_finished(struct tls *t, struct span body)
{
    (void)body;
    transcript_drop_raw(&t->hs->transcript);
    TRY(auth_send_finished12(t));
    t->hs->state = C12_WAIT_CHANGE_CIPHER_SPEC;
    return OK;
}

static err on_change_cipher_spec(struct tls *t, struct span body)
{
    (void)body;
    TRY(keys_install(t, false, TLS_LEVEL_APPLICATION));
    t->hs->state = C12_WAIT_FINISHED;
    return OK;
}

static err on_finished(struct tls *t, struct span body)
{
    TRY(auth_on_finished12(t, body));
    t->hs->state = HS_DONE;
    return OK;
}
