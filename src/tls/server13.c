/* SPDX-License-Identifier: MIT */
/*
 * The TLS 1.3 server after the choice (RFC 8446 A.2, without pre-shared keys and early data):
 *
 *   [HelloRetryRequest, second ClientHello] -> ServerHello EncryptedExtensions
 *   [CertificateRequest] Certificate CertificateVerify Finished; then the client's
 *   [Certificate [CertificateVerify]] Finished.
 */
#include "tls/internal.h"

static err send_retry(struct tls *t, struct span body);
static err on_hello_again(struct tls *t, struct span body);
static err send_hello(struct tls *t, struct span body);
static err send_encrypted_extensions(struct tls *t, struct span body);
static err send_request(struct tls *t, struct span body);
static err send_certificate(struct tls *t, struct span body);
static err send_certificate_verify(struct tls *t, struct span body);
static err send_finished(struct tls *t, struct span body);
static err on_certificate(struct tls *t, struct span body);
static err on_certificate_verify(struct tls *t, struct span body);
static err on_finished(struct tls *t, struct span body);

const struct hs_row server13_rows[] = {
    {S13_SEND_RETRY, MSG_NONE, 0, send_retry, NEXT(S13_WAIT_HELLO_AGAIN), 0, false, HASH_NEVER},
    {S13_WAIT_HELLO_AGAIN, MSG_CLIENT_HELLO, 0, on_hello_again, NEXT(S13_SEND_HELLO),
     TLS_LEVEL_INITIAL, true, HASH_BEFORE},
    {S13_SEND_HELLO, MSG_NONE, 0, send_hello, NEXT(S13_SEND_ENCRYPTED_EXTENSIONS), 0, false,
     HASH_NEVER},
    {S13_SEND_ENCRYPTED_EXTENSIONS, MSG_NONE, 0, send_encrypted_extensions,
     NEXT(S13_SEND_REQUEST) | NEXT(S13_SEND_CERTIFICATE), 0, false, HASH_NEVER},
    {S13_SEND_REQUEST, MSG_NONE, 0, send_request, NEXT(S13_SEND_CERTIFICATE), 0, false, HASH_NEVER},
    {S13_SEND_CERTIFICATE, MSG_NONE, 0, send_certificate, NEXT(S13_SEND_CERTIFICATE_VERIFY), 0,
     false, HASH_NEVER},
    {S13_SEND_CERTIFICATE_VERIFY, MSG_NONE, 0, send_certificate_verify, NEXT(S13_SEND_FINISHED), 0,
     false, HASH_NEVER},
    {S13_SEND_FINISHED, MSG_NONE, 0, send_finished,
     NEXT(S13_WAIT_CERTIFICATE) | NEXT(S13_WAIT_FINISHED), 0, false, HASH_NEVER},
    {S13_WAIT_CERTIFICATE, MSG_CERTIFICATE, 0, on_certificate,
     NEXT(S13_STOP_KEY) | NEXT(S13_WAIT_FINISHED), TLS_LEVEL_HANDSHAKE, false, HASH_BEFORE},
    {S13_STOP_KEY, MSG_NONE, TLS_WAIT_KEY, NULL, NEXT(S13_WAIT_CERTIFICATE_VERIFY), 0, false,
     HASH_NEVER},
    {S13_WAIT_CERTIFICATE_VERIFY, MSG_CERTIFICATE_VERIFY, 0, on_certificate_verify,
     NEXT(S13_STOP_VERDICT), TLS_LEVEL_HANDSHAKE, false, HASH_AFTER},
    {S13_STOP_VERDICT, MSG_NONE, TLS_WAIT_VERDICT, NULL, NEXT(S13_WAIT_FINISHED), 0, false,
     HASH_NEVER},
    {S13_WAIT_FINISHED, MSG_FINISHED, 0, on_finished, NEXT(HS_DONE), TLS_LEVEL_HANDSHAKE, true,
     HASH_AFTER},
};
const size_t server13_row_count = ARRAY_LEN(server13_rows);

static err send_change_cipher_spec(struct tls *t)
{
    static const uint8_t change_cipher_spec[1] = {1};
    return out_append(t, TLS_CHANGE_CIPHER_SPEC, TLS_LEVEL_INITIAL, span_of(change_cipher_spec, 1));
}

static void write_version(struct buf *b)
{
    struct wr_mark mark = ext_open(b, EXT_SUPPORTED_VERSIONS);
    wr_u16(b, TLS_VERSION_13);
    wr_close(b, mark);
}

static err send_retry(struct tls *t, struct span body)
{
    (void)body;
    struct handshake *hs = t->hs;
    const struct client_hello *hello = &hs->hello_parsed;
    TRY(transcript_retry(&hs->transcript));
    struct hs_message m = hs_open(t, MSG_SERVER_HELLO);
    struct wr_mark block =
        msg_begin_server_hello(&t->out, hello_retry_random, hello->session_id, t->suite->id);
    write_version(&t->out);
    struct wr_mark share = ext_open(&t->out, EXT_KEY_SHARE);
    wr_u16(&t->out, hs->retry_group);
    wr_close(&t->out, share);
    wr_close(&t->out, block);
    TRY(hs_close(t, m, TLS_LEVEL_INITIAL));
    t->info.hello_retried = true;
    hs->state = S13_WAIT_HELLO_AGAIN;
    return hello->session_id.n != 0 ? send_change_cipher_spec(t) : OK;
}

/* ---- the second ClientHello ------------------------------------------------------------ */

/* RFC 8446 4.1.2: what may differ between the two. */
static bool may_change(uint16_t number)
{
    enum { PADDING = 21 };
    return number == ext_number(EXT_KEY_SHARE) || number == ext_number(EXT_EARLY_DATA) ||
           number == ext_number(EXT_COOKIE) || number == ext_number(EXT_PRE_SHARED_KEY) ||
           number == PADDING;
}

/* The next extension that must be the same; false at the end of the block. */
static bool next_fixed(struct rd *r, uint16_t *out_number, struct span *out_body)
{
    while (rd_left(r) != 0) {
        *out_number = rd_u16(r);
        *out_body = rd_vec(r, 2, 0, UINT16_MAX);
        if (!may_change(*out_number))
            return true;
    }
    return false;
}

static bool same_extensions(struct span first, struct span second)
{
    struct rd a = rd_from(first);
    struct rd b = rd_from(second);
    for (;;) {
        uint16_t number_a = 0;
        uint16_t number_b = 0;
        struct span body_a;
        struct span body_b;
        bool more_a = next_fixed(&a, &number_a, &body_a);
        bool more_b = next_fixed(&b, &number_b, &body_b);
        if (!more_a || !more_b)
            return more_a == more_b;
        if (number_a != number_b || !span_equal(body_a, body_b))
            return false;
    }
}

static err check_unchanged(const struct client_hello *first, const struct client_hello *second)
{
    if (first->legacy_version != second->legacy_version ||
        memcmp(first->random, second->random, RANDOM_LEN) != 0 ||
        !span_equal(first->session_id, second->session_id) ||
        !span_equal(first->suites, second->suites) ||
        !span_equal(first->compressions, second->compressions) ||
        !same_extensions(first->extension_block, second->extension_block))
        return FAIL(ERR_HELLO_CHANGED);
    /* RFC 8446 4.2.10: no early data after a HelloRetryRequest; no cookie was given out. */
    if (ext_has(&second->extensions, EXT_EARLY_DATA) || ext_has(&second->extensions, EXT_COOKIE))
        return FAIL(ERR_HELLO_CHANGED);
    return OK;
}

static err on_hello_again(struct tls *t, struct span body)
{
    struct handshake *hs = t->hs;
    struct client_hello hello;
    struct key_shares shares;
    TRY(msg_read_client_hello(body, &hello));
    TRY(check_unchanged(&hs->hello_parsed, &hello));
    TRY(server_check_psk(&hello.extensions));
    if (!ext_has(&hello.extensions, EXT_KEY_SHARE))
        return FAIL(ERR_HELLO_MISSING_EXTENSION);
    TRY(ext_read_key_shares(hello.extensions.body[EXT_KEY_SHARE], hs->retry_group, &shares));
    /* RFC 8446 4.1.2: exactly one share, of the group that was asked for. */
    if (shares.count != 1 || shares.found.n == 0)
        return FAIL(ERR_KEY_SHARE);
    buf_clear(&hs->peer_share);
    wr_bytes(&hs->peer_share, shares.found);
    hs->early_data_left = 0;
    hs->state = S13_SEND_HELLO;
    return buf_check(&hs->peer_share);
}

/* ---- our flight ------------------------------------------------------------------------ */

static err write_hello(struct tls *t)
{
    struct handshake *hs = t->hs;
    struct hs_message m = hs_open(t, MSG_SERVER_HELLO);
    struct wr_mark block = msg_begin_server_hello(&t->out, hs->server_random,
                                                  hs->hello_parsed.session_id, t->suite->id);
    write_version(&t->out);
    struct wr_mark share = ext_open(&t->out, EXT_KEY_SHARE);
    wr_u16(&t->out, kex_group(hs->kex));
    wr_vec(&t->out, 2, kex_public(hs->kex));
    wr_close(&t->out, share);
    wr_close(&t->out, block);
    return hs_close(t, m, TLS_LEVEL_INITIAL);
}

static err enter_handshake_keys(struct tls *t, const struct secret *shared)
{
    struct handshake *hs = t->hs;
    uint8_t digest[HASH_MAX];
    TRY(transcript_hash(&hs->transcript, digest));
    TRY(schedule13_start(&hs->schedule, t->suite->hash));
    TRY(schedule13_handshake(&hs->schedule, shared, digest));
    secret_report(t, "CLIENT_HANDSHAKE_TRAFFIC_SECRET", &hs->schedule.client_handshake);
    secret_report(t, "SERVER_HANDSHAKE_TRAFFIC_SECRET", &hs->schedule.server_handshake);
    return keys_install(t, false, TLS_LEVEL_HANDSHAKE);
}

static err send_hello(struct tls *t, struct span body)
{
    (void)body;
    struct handshake *hs = t->hs;
    TRY(t->env->random(t->env->arg, hs->server_random, RANDOM_LEN));
    TRY(t->env->new_kex(t->env->arg, &hs->kex, t->info.group));
    TRY(write_hello(t));
    /* RFC 8446 D.4: once, behind the first message of the server. */
    if (hs->hello_parsed.session_id.n != 0 && hs->retry_group == 0)
        TRY(send_change_cipher_spec(t));
    struct secret shared = {0};
    err result = hello_derive(t, buf_span(&hs->peer_share), &shared);
    if (result == OK)
        result = enter_handshake_keys(t, &shared);
    secret_wipe(&shared);
    hs->state = S13_SEND_ENCRYPTED_EXTENSIONS;
    return result;
}

static void write_alpn(struct tls *t)
{
    struct wr_mark mark = ext_open(&t->out, EXT_ALPN);
    struct wr_mark list = wr_open(&t->out, 2);
    wr_vec(&t->out, 1, t->info.alpn);
    wr_close(&t->out, list);
    wr_close(&t->out, mark);
}

static err send_encrypted_extensions(struct tls *t, struct span body)
{
    (void)body;
    struct hs_message m = hs_open(t, MSG_ENCRYPTED_EXTENSIONS);
    struct wr_mark block = wr_open(&t->out, 2);
    if (t->info.server_name.n != 0)
        ext_write_empty(&t->out, EXT_SERVER_NAME);
    if (t->info.alpn.n != 0)
        write_alpn(t);
    wr_close(&t->out, block);
    TRY(hs_close(t, m, TLS_LEVEL_HANDSHAKE));
    t->hs->state = t->wants_certificate ? S13_SEND_REQUEST : S13_SEND_CERTIFICATE;
    return OK;
}

static err send_request(struct tls *t, struct span body)
{
    (void)body;
    struct hs_message m = hs_open(t, MSG_CERTIFICATE_REQUEST);
    wr_u8(&t->out, 0); /* certificate_request_context */
    struct wr_mark block = wr_open(&t->out, 2);
    struct wr_mark mark = ext_open(&t->out, EXT_SIGNATURE_ALGORITHMS);
    struct wr_mark list = wr_open(&t->out, 2);
    for (size_t i = 0; i < t->config->scheme_count; i++)
        wr_u16(&t->out, t->config->schemes[i]);
    wr_close(&t->out, list);
    wr_close(&t->out, mark);
    wr_close(&t->out, block);
    TRY(hs_close(t, m, TLS_LEVEL_HANDSHAKE));
    t->hs->certificate_requested = true;
    t->hs->state = S13_SEND_CERTIFICATE;
    return OK;
}

static err send_certificate(struct tls *t, struct span body)
{
    (void)body;
    TRY(auth_send_certificate13(t));
    t->hs->state = S13_SEND_CERTIFICATE_VERIFY;
    return OK;
}

static err send_certificate_verify(struct tls *t, struct span body)
{
    (void)body;
    TRY(auth_send_certificate_verify13(t, t->hs->hello_view.schemes));
    t->hs->state = S13_SEND_FINISHED;
    return OK;
}

static err send_finished(struct tls *t, struct span body)
{
    (void)body;
    struct handshake *hs = t->hs;
    uint8_t digest[HASH_MAX];
    TRY(auth_send_finished13(t));
    TRY(transcript_hash(&hs->transcript, digest));
    TRY(schedule13_application(&hs->schedule, digest, &t->exporter));
    secret_report(t, "CLIENT_TRAFFIC_SECRET_0", &hs->schedule.client_application);
    secret_report(t, "SERVER_TRAFFIC_SECRET_0", &hs->schedule.server_application);
    secret_report(t, "EXPORTER_SECRET", &t->exporter);
    t->write_target = TLS_LEVEL_APPLICATION;
    hs->state = hs->certificate_requested ? S13_WAIT_CERTIFICATE : S13_WAIT_FINISHED;
    return OK;
}

/* ---- the client's answer --------------------------------------------------------------- */

static err on_certificate(struct tls *t, struct span body)
{
    struct certificate_message m;
    TRY(msg_read_certificate(body, true, &m));
    if (m.context.n != 0)
        return FAIL(ERR_ILLEGAL_VALUE);
    for (size_t i = 0; i < m.count; i++) {
        struct ext_set extensions; /* nothing was asked for, so nothing may be there */
        TRY(ext_collect(m.other_extensions[i], IN_CERTIFICATE, 0, &extensions));
    }
    if (m.count == 0 && t->requires_certificate)
        return FAIL(ERR_CERT_REQUIRED);
    TRY(auth_take_certificates(t, &m));
    t->hs->state = m.count != 0 ? S13_STOP_KEY : S13_WAIT_FINISHED;
    return OK;
}

static err on_certificate_verify(struct tls *t, struct span body)
{
    TRY(auth_on_certificate_verify13(t, body));
    t->hs->state = S13_STOP_VERDICT;
    return OK;
}

static err on_finished(struct tls *t, struct span body)
{
    TRY(auth_on_finished13(t, body));
    TRY(keys_install(t, false, TLS_LEVEL_APPLICATION));
    t->hs->state = HS_DONE;
    return OK;
}
