/* SPDX-License-Identifier: MIT */
/*
 * The TLS 1.3 client after ServerHello (RFC 8446 A.1, without pre-shared keys):
 *
 *   EncryptedExtensions -> [CertificateRequest] -> Certificate -> CertificateVerify -> Finished
 *   then [Certificate [CertificateVerify]] Finished of our own.
 *
 * The caller is asked for the peer's key, for a verdict and, when the server asked, for a
 * credential.
 */
#include "tls/internal.h"

static err on_encrypted_extensions(struct tls *t, struct span body);
static err on_certificate_request(struct tls *t, struct span body);
static err on_certificate(struct tls *t, struct span body);
static err on_certificate_verify(struct tls *t, struct span body);
static err on_finished(struct tls *t, struct span body);
static err send_certificate(struct tls *t, struct span body);
static err send_certificate_verify(struct tls *t, struct span body);
static err send_finished(struct tls *t, struct span body);

const struct hs_row client13_rows[] = {
    {C13_WAIT_ENCRYPTED_EXTENSIONS, MSG_ENCRYPTED_EXTENSIONS, 0, on_encrypted_extensions,
     NEXT(C13_WAIT_CERTIFICATE_OR_REQUEST), TLS_LEVEL_HANDSHAKE, false, HASH_BEFORE},
    {C13_WAIT_CERTIFICATE_OR_REQUEST, MSG_CERTIFICATE_REQUEST, 0, on_certificate_request,
     NEXT(C13_WAIT_CERTIFICATE), TLS_LEVEL_HANDSHAKE, false, HASH_BEFORE},
    {C13_WAIT_CERTIFICATE_OR_REQUEST, MSG_CERTIFICATE, 0, on_certificate, NEXT(C13_STOP_KEY),
     TLS_LEVEL_HANDSHAKE, false, HASH_BEFORE},
    {C13_WAIT_CERTIFICATE, MSG_CERTIFICATE, 0, on_certificate, NEXT(C13_STOP_KEY),
     TLS_LEVEL_HANDSHAKE, false, HASH_BEFORE},
    {C13_STOP_KEY, MSG_NONE, TLS_WAIT_KEY, NULL, NEXT(C13_WAIT_CERTIFICATE_VERIFY), 0, false,
     HASH_NEVER},
    {C13_WAIT_CERTIFICATE_VERIFY, MSG_CERTIFICATE_VERIFY, 0, on_certificate_verify,
     NEXT(C13_STOP_VERDICT), TLS_LEVEL_HANDSHAKE, false, HASH_AFTER},
    {C13_STOP_VERDICT, MSG_NONE, TLS_WAIT_VERDICT, NULL, NEXT(C13_WAIT_FINISHED), 0, false,
     HASH_NEVER},
    {C13_WAIT_FINISHED, MSG_FINISHED, 0, on_finished,
     NEXT(C13_STOP_CREDENTIAL) | NEXT(C13_SEND_FINISHED), TLS_LEVEL_HANDSHAKE, true, HASH_BY_ACT},
    {C13_STOP_CREDENTIAL, MSG_NONE, TLS_WAIT_CREDENTIAL, NULL, NEXT(C13_SEND_CERTIFICATE), 0, false,
     HASH_NEVER},
    {C13_SEND_CERTIFICATE, MSG_NONE, 0, send_certificate,
     NEXT(C13_SEND_CERTIFICATE_VERIFY) | NEXT(C13_SEND_FINISHED), 0, false, HASH_NEVER},
    {C13_SEND_CERTIFICATE_VERIFY, MSG_NONE, 0, send_certificate_verify, NEXT(C13_SEND_FINISHED), 0,
     false, HASH_NEVER},
    {C13_SEND_FINISHED, MSG_NONE, 0, send_finished, NEXT(HS_DONE), 0, false, HASH_NEVER},
};
const size_t client13_row_count = ARRAY_LEN(client13_rows);

static err on_encrypted_extensions(struct tls *t, struct span body)
{
    struct ext_set extensions;
    struct rd r = rd_from(body);
    struct span block = rd_vec(&r, 2, 0, UINT16_MAX);
    if (!rd_end(&r))
        return FAIL(ERR_DECODE);
    TRY(ext_collect(block, IN_ENCRYPTED_EXTENSIONS, t->hs->offered, &extensions));
    if (ext_has(&extensions, EXT_SERVER_NAME))
        TRY(ext_read_empty(extensions.body[EXT_SERVER_NAME]));
    if (ext_has(&extensions, EXT_SUPPORTED_GROUPS)) {
        struct span groups; /* RFC 8446 4.2.7: a hint for later connections */
        TRY(ext_read_list16(extensions.body[EXT_SUPPORTED_GROUPS], &groups));
    }
    if (ext_has(&extensions, EXT_ALPN))
        TRY(hello_take_alpn(t, extensions.body[EXT_ALPN]));
    t->hs->state = C13_WAIT_CERTIFICATE_OR_REQUEST;
    return OK;
}

static err keep_request(struct tls *t, struct span body)
{
    buf_init(&t->hs->request_body, t->in.max);
    wr_bytes(&t->hs->request_body, body);
    return buf_check(&t->hs->request_body);
}

static err on_certificate_request(struct tls *t, struct span body)
{
    struct handshake *hs = t->hs;
    struct certificate_request13 request;
    TRY(keep_request(t, body));
    TRY(msg_read_certificate_request13(buf_span(&hs->request_body), &request));
    /* RFC 8446 4.3.2: empty in the handshake; signature_algorithms is mandatory. */
    if (request.context.n != 0)
        return FAIL(ERR_ILLEGAL_VALUE);
    if (!ext_has(&request.extensions, EXT_SIGNATURE_ALGORITHMS))
        return FAIL(ERR_HELLO_MISSING_EXTENSION);
    hs->request = (struct tls_request){.authorities = span_empty(), .types = span_empty()};
    TRY(ext_read_list16(request.extensions.body[EXT_SIGNATURE_ALGORITHMS], &hs->request.schemes));
    if (ext_has(&request.extensions, EXT_CERTIFICATE_AUTHORITIES))
        TRY(ext_read_authorities(request.extensions.body[EXT_CERTIFICATE_AUTHORITIES],
                                 &hs->request.authorities));
    hs->certificate_requested = true;
    hs->state = C13_WAIT_CERTIFICATE;
    return OK;
}

/* Every entry's block is checked; the leaf's may carry the stapled response (RFC 8446 4.4.2.1). */
static err take_entry_extensions(struct tls *t, const struct certificate_message *m)
{
    for (size_t i = 0; i < m->count; i++) {
        struct ext_set extensions;
        struct span response;
        TRY(ext_collect(m->other_extensions[i], IN_CERTIFICATE, t->hs->offered, &extensions));
        if (!ext_has(&extensions, EXT_STATUS_REQUEST))
            continue;
        TRY(ext_read_status_response(extensions.body[EXT_STATUS_REQUEST], &response));
        if (i != 0)
            continue;
        buf_init(&t->hs->staple, t->in.max);
        wr_bytes(&t->hs->staple, response);
        TRY(buf_check(&t->hs->staple));
    }
    return OK;
}

static err on_certificate(struct tls *t, struct span body)
{
    struct certificate_message m;
    TRY(msg_read_certificate(body, true, &m));
    if (m.context.n != 0)
        return FAIL(ERR_ILLEGAL_VALUE);
    if (m.count == 0)
        return FAIL(ERR_CERT_EMPTY);
    TRY(take_entry_extensions(t, &m));
    TRY(auth_take_certificates(t, &m));
    t->hs->state = C13_STOP_KEY;
    return OK;
}

static err on_certificate_verify(struct tls *t, struct span body)
{
    TRY(auth_on_certificate_verify13(t, body));
    t->hs->state = C13_STOP_VERDICT;
    return OK;
}

static err on_finished(struct tls *t, struct span body)
{
    struct handshake *hs = t->hs;
    uint8_t digest[HASH_MAX];
    TRY(auth_on_finished13(t, body));
    TRY(transcript_add(&hs->transcript, hs_current_message(t)));
    TRY(transcript_hash(&hs->transcript, digest));
    TRY(schedule13_application(&hs->schedule, digest, &t->exporter));
    secret_report(t, "CLIENT_TRAFFIC_SECRET_0", &hs->schedule.client_application);
    secret_report(t, "SERVER_TRAFFIC_SECRET_0", &hs->schedule.server_application);
    secret_report(t, "EXPORTER_SECRET", &t->exporter);
    TRY(keys_install(t, false, TLS_LEVEL_APPLICATION));
    hs->state = hs->certificate_requested ? C13_STOP_CREDENTIAL : C13_SEND_FINISHED;
    return OK;
}

static err send_certificate(struct tls *t, struct span body)
{
    (void)body;
    TRY(auth_send_certificate13(t));
    t->hs->state = t->hs->credential != NULL ? C13_SEND_CERTIFICATE_VERIFY : C13_SEND_FINISHED;
    return OK;
}

static err send_certificate_verify(struct tls *t, struct span body)
{
    (void)body;
    TRY(auth_send_certificate_verify13(t, t->hs->request.schemes));
    t->hs->state = C13_SEND_FINISHED;
    return OK;
}

static err send_finished(struct tls *t, struct span body)
{
    (void)body;
    TRY(auth_send_finished13(t));
    t->write_target = TLS_LEVEL_APPLICATION;
    t->hs->state = HS_DONE;
    return OK;
}
