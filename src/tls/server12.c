/* SPDX-License-Identifier: MIT */
/*
 * The TLS 1.2 server after the choice (RFC 5246 7.3, RFC 8422, full handshakes with ECDHE):
 *
 *   ServerHello Certificate [CertificateStatus] ServerKeyExchange [CertificateRequest]
 *   ServerHelloDone; then the client's [Certificate] ClientKeyExchange [CertificateVerify]
 *   change_cipher_spec Finished; then our change_cipher_spec and Finished.
 */
#include "tls/internal.h"

static err send_hello(struct tls *t, struct span body);
static err send_certificate(struct tls *t, struct span body);
static err send_status(struct tls *t, struct span body);
static err send_key_exchange(struct tls *t, struct span body);
static err send_request(struct tls *t, struct span body);
static err send_done(struct tls *t, struct span body);
static err on_certificate(struct tls *t, struct span body);
static err on_client_key_exchange(struct tls *t, struct span body);
static err on_certificate_verify(struct tls *t, struct span body);
static err on_change_cipher_spec(struct tls *t, struct span body);
static err on_finished(struct tls *t, struct span body);
static err send_finished(struct tls *t, struct span body);

const struct hs_row server12_rows[] = {
    {S12_SEND_HELLO, MSG_NONE, 0, send_hello, NEXT(S12_SEND_CERTIFICATE), 0, false, HASH_NEVER},
    {S12_SEND_CERTIFICATE, MSG_NONE, 0, send_certificate,
     NEXT(S12_SEND_STATUS) | NEXT(S12_SEND_KEY_EXCHANGE), 0, false, HASH_NEVER},
    {S12_SEND_STATUS, MSG_NONE, 0, send_status, NEXT(S12_SEND_KEY_EXCHANGE), 0, false, HASH_NEVER},
    {S12_SEND_KEY_EXCHANGE, MSG_NONE, 0, send_key_exchange,
     NEXT(S12_SEND_REQUEST) | NEXT(S12_SEND_DONE), 0, false, HASH_NEVER},
    {S12_SEND_REQUEST, MSG_NONE, 0, send_request, NEXT(S12_SEND_DONE), 0, false, HASH_NEVER},
    {S12_SEND_DONE, MSG_NONE, 0, send_done,
     NEXT(S12_WAIT_CERTIFICATE) | NEXT(S12_WAIT_KEY_EXCHANGE), 0, false, HASH_NEVER},
    {S12_WAIT_CERTIFICATE, MSG_CERTIFICATE, 0, on_certificate,
     NEXT(S12_STOP_KEY) | NEXT(S12_WAIT_KEY_EXCHANGE), TLS_LEVEL_INITIAL, false, HASH_BEFORE},
    {S12_STOP_KEY, MSG_NONE, TLS_WAIT_KEY, NULL, NEXT(S12_WAIT_KEY_EXCHANGE), 0, false, HASH_NEVER},
    {S12_WAIT_KEY_EXCHANGE, MSG_CLIENT_KEY_EXCHANGE, 0, on_client_key_exchange,
     NEXT(S12_WAIT_CERTIFICATE_VERIFY) | NEXT(S12_WAIT_CHANGE_CIPHER_SPEC), TLS_LEVEL_INITIAL,
     false, HASH_BEFORE},
    {S12_WAIT_CERTIFICATE_VERIFY, MSG_CERTIFICATE_VERIFY, 0, on_certificate_verify,
     NEXT(S12_STOP_VERDICT), TLS_LEVEL_INITIAL, false, HASH_AFTER},
    {S12_STOP_VERDICT, MSG_NONE, TLS_WAIT_VERDICT, NULL, NEXT(S12_WAIT_CHANGE_CIPHER_SPEC), 0,
     false, HASH_NEVER},
    {S12_WAIT_CHANGE_CIPHER_SPEC, MSG_CHANGE_CIPHER_SPEC, 0, on_change_cipher_spec,
     NEXT(S12_WAIT_FINISHED), TLS_LEVEL_INITIAL, false, HASH_NEVER},
    {S12_WAIT_FINISHED, MSG_FINISHED, 0, on_finished, NEXT(S12_SEND_FINISHED),
     TLS_LEVEL_APPLICATION, true, HASH_AFTER},
    {S12_SEND_FINISHED, MSG_NONE, 0, send_finished, NEXT(HS_DONE), 0, false, HASH_NEVER},
};
const size_t server12_row_count = ARRAY_LEN(server12_rows);

enum { NAMED_CURVE = 3, CERTIFICATE_TYPE_RSA_SIGN = 1, CERTIFICATE_TYPE_ECDSA_SIGN = 64 };

/* RFC 8446 4.1.3: a client that could do 1.3 sees from this that somebody interfered. */
static void mark_downgrade(const struct tls *t, uint8_t random[RANDOM_LEN])
{
    static const uint8_t sentinel[8] = {'D', 'O', 'W', 'N', 'G', 'R', 'D', 1};
    if (t->config->tls13)
        memcpy(random + RANDOM_LEN - sizeof sentinel, sentinel, sizeof sentinel);
}

static void write_extensions(struct tls *t, struct buf *b)
{
    const struct ext_set *client = &t->hs->hello_parsed.extensions;
    if (t->info.server_name.n != 0)
        ext_write_empty(b, EXT_SERVER_NAME);
    if (t->info.has_secure_renegotiation) {
        struct wr_mark mark = ext_open(b, EXT_RENEGOTIATION_INFO);
        wr_u8(b, 0);
        wr_close(b, mark);
    }
    if (ext_has(client, EXT_EC_POINT_FORMATS)) {
        struct wr_mark mark = ext_open(b, EXT_EC_POINT_FORMATS);
        wr_u8(b, 1);
        wr_u8(b, 0);
        wr_close(b, mark);
    }
    if (t->info.has_extended_master_secret)
        ext_write_empty(b, EXT_EXTENDED_MASTER_SECRET);
    if (auth_is_stapled(t))
        ext_write_empty(b, EXT_STATUS_REQUEST);
    if (t->info.alpn.n != 0) {
        struct wr_mark mark = ext_open(b, EXT_ALPN);
        struct wr_mark list = wr_open(b, 2);
        wr_vec(b, 1, t->info.alpn);
        wr_close(b, list);
        wr_close(b, mark);
    }
}

static err send_hello(struct tls *t, struct span body)
{
    (void)body;
    struct handshake *hs = t->hs;
    TRY(t->env->random(t->env->arg, hs->server_random, RANDOM_LEN));
    mark_downgrade(t, hs->server_random);
    t->info.has_extended_master_secret = hs->offers_ems;
    struct hs_message m = hs_open(t, MSG_SERVER_HELLO);
    /* An empty session id: nothing will be resumed. */
    struct wr_mark block =
        msg_begin_server_hello(&t->out, hs->server_random, span_empty(), t->suite->id);
    write_extensions(t, &t->out);
    wr_close(&t->out, block);
    TRY(hs_close(t, m, TLS_LEVEL_INITIAL));
    hs->state = S12_SEND_CERTIFICATE;
    return OK;
}

static err send_certificate(struct tls *t, struct span body)
{
    (void)body;
    TRY(auth_send_certificate12(t));
    t->hs->state = auth_is_stapled(t) ? S12_SEND_STATUS : S12_SEND_KEY_EXCHANGE;
    return OK;
}

static err send_status(struct tls *t, struct span body)
{
    (void)body;
    struct hs_message m = hs_open(t, MSG_CERTIFICATE_STATUS);
    wr_u8(&t->out, STATUS_TYPE_OCSP);
    wr_vec(&t->out, 3, t->hs->credential->staple);
    TRY(hs_close(t, m, TLS_LEVEL_INITIAL));
    t->hs->state = S12_SEND_KEY_EXCHANGE;
    return OK;
}

/* Signs both randoms and the parameters, which lie at the end of the output. */
static err sign_params(struct tls *t, size_t params_at)
{
    struct handshake *hs = t->hs;
    struct buf content;
    buf_init(&content, 2 * RANDOM_LEN + KEX_PUBLIC_MAX + HANDSHAKE_HEADER_LEN);
    wr_bytes(&content, span_of(hs->client_random, RANDOM_LEN));
    wr_bytes(&content, span_of(hs->server_random, RANDOM_LEN));
    wr_bytes(&content, span_of(t->out.p + params_at, t->out.n - params_at));
    err result = buf_check(&content);
    if (result == OK)
        result = auth_sign(t, hs->hello_view.schemes, buf_span(&content), &t->out);
    buf_release(&content);
    return result;
}

static err send_key_exchange(struct tls *t, struct span body)
{
    (void)body;
    struct handshake *hs = t->hs;
    TRY(t->env->new_kex(t->env->arg, &hs->kex, t->info.group));
    struct hs_message m = hs_open(t, MSG_SERVER_KEY_EXCHANGE);
    size_t params_at = t->out.n;
    wr_u8(&t->out, NAMED_CURVE);
    wr_u16(&t->out, t->info.group);
    wr_vec(&t->out, 1, kex_public(hs->kex));
    TRY(buf_check(&t->out));
    TRY(sign_params(t, params_at));
    TRY(hs_close(t, m, TLS_LEVEL_INITIAL));
    hs->state = t->wants_certificate ? S12_SEND_REQUEST : S12_SEND_DONE;
    return OK;
}

static err send_request(struct tls *t, struct span body)
{
    (void)body;
    static const uint8_t types[2] = {CERTIFICATE_TYPE_ECDSA_SIGN, CERTIFICATE_TYPE_RSA_SIGN};
    struct hs_message m = hs_open(t, MSG_CERTIFICATE_REQUEST);
    wr_vec(&t->out, 1, span_of(types, sizeof types));
    struct wr_mark list = wr_open(&t->out, 2);
    for (size_t i = 0; i < t->config->scheme_count; i++)
        wr_u16(&t->out, t->config->schemes[i]);
    wr_close(&t->out, list);
    wr_u16(&t->out, 0); /* certificate_authorities: any */
    TRY(hs_close(t, m, TLS_LEVEL_INITIAL));
    t->hs->certificate_requested = true;
    t->hs->state = S12_SEND_DONE;
    return OK;
}

static err send_done(struct tls *t, struct span body)
{
    (void)body;
    struct hs_message m = hs_open(t, MSG_SERVER_HELLO_DONE);
    TRY(hs_close(t, m, TLS_LEVEL_INITIAL));
    t->hs->state = t->hs->certificate_requested ? S12_WAIT_CERTIFICATE : S12_WAIT_KEY_EXCHANGE;
    return OK;
}

static err on_certificate(struct tls *t, struct span body)
{
    struct certificate_message m;
    TRY(msg_read_certificate(body, false, &m));
    if (m.count == 0 && t->requires_certificate)
        return FAIL(ERR_CERT_REQUIRED);
    TRY(auth_take_certificates(t, &m));
    if (m.count == 0)
        transcript_drop_raw(&t->hs->transcript);
    t->hs->state = m.count != 0 ? S12_STOP_KEY : S12_WAIT_KEY_EXCHANGE;
    return OK;
}

static err derive_keys(struct tls *t, const struct secret *premaster)
{
    TRY(schedule12_master(t, premaster));
    secret_report(t, "CLIENT_RANDOM", &t->hs->master12);
    return schedule12_key_block(t);
}

static err on_client_key_exchange(struct tls *t, struct span body)
{
    struct handshake *hs = t->hs;
    struct span point;
    TRY(msg_read_client_key_exchange(body, &point));
    struct secret premaster = {0};
    err result = hello_derive(t, point, &premaster);
    if (result == OK)
        result = derive_keys(t, &premaster);
    secret_wipe(&premaster);
    if (!hs->peer_sent_certificate)
        TRY(hs_require_aligned(t)); /* the client's keys follow */
    hs->state =
        hs->peer_sent_certificate ? S12_WAIT_CERTIFICATE_VERIFY : S12_WAIT_CHANGE_CIPHER_SPEC;
    return result;
}

static err on_certificate_verify(struct tls *t, struct span body)
{
    struct handshake *hs = t->hs;
    struct signed_message m;
    TRY(hs_require_aligned(t));
    TRY(msg_read_certificate_verify(body, &m));
    TRY(auth_verify(t, &m, buf_span(&hs->transcript.raw)));
    transcript_drop_raw(&hs->transcript);
    hs->state = S12_STOP_VERDICT;
    return OK;
}

static err on_change_cipher_spec(struct tls *t, struct span body)
{
    (void)body;
    TRY(keys_install(t, false, TLS_LEVEL_APPLICATION));
    t->hs->state = S12_WAIT_FINISHED;
    return OK;
}

static err on_finished(struct tls *t, struct span body)
{
    TRY(auth_on_finished12(t, body));
    t->hs->state = S12_SEND_FINISHED;
    return OK;
}

static err send_finished(struct tls *t, struct span body)
{
    (void)body;
    TRY(auth_send_finished12(t));
    t->hs->state = HS_DONE;
    return OK;
}
