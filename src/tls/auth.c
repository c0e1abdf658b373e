/* SPDX-License-Identifier: MIT */
/*
 * Certificate, CertificateVerify and Finished of both roles and versions (RFC 8446 4.4, RFC 5246
 * 7.4.2, 7.4.8, 7.4.9). The only place that sets the signature and Finished proofs.
 */
#include "tls/internal.h"

err auth_take_certificates(struct tls *t, const struct certificate_message *m)
{
    struct handshake *hs = t->hs;
    size_t total = 0;
    for (size_t i = 0; i < m->count; i++)
        total += m->certificates[i].n;
    buf_init(&hs->peer_chain, total);
    TRY(buf_reserve(&hs->peer_chain, total));
    for (size_t i = 0; i < m->count; i++) {
        hs->peer_certificates[i].at = (uint32_t)hs->peer_chain.n;
        hs->peer_certificates[i].len = (uint32_t)m->certificates[i].n;
        wr_bytes(&hs->peer_chain, m->certificates[i]);
    }
    TRY(buf_check(&hs->peer_chain));
    hs->peer_count = m->count;
    hs->peer_sent_certificate = m->count != 0;
    return OK;
}

uint16_t auth_pick_scheme(const struct tls *t, const struct key_info *key, struct span peer_schemes,
                          bool is_tls13)
{
    for (size_t i = 0; i < t->config->scheme_count; i++) {
        uint16_t scheme = t->config->schemes[i];
        if (list16_has(peer_schemes, scheme) && scheme_fits_key(scheme, key, is_tls13))
            return scheme;
    }
    return 0;
}

err auth_verify(struct tls *t, const struct signed_message *m, struct span content)
{
    struct handshake *hs = t->hs;
    bool is_tls13 = t->info.version == TLS_VERSION_13;
    ENSURE(hs->peer_key != NULL);
    const struct key_info *key = public_key_info(hs->peer_key);
    if (!config_has_scheme(t->config, m->scheme) || !scheme_fits_key(m->scheme, key, is_tls13))
        return FAIL(ERR_SIGNATURE_SCHEME);
    TRY(public_key_verify(hs->peer_key, m->scheme, content, m->signature));
    hs->proofs.signature = true;
    t->info.peer_scheme = m->scheme;
    t->info.peer_key = *key;
    t->info.has_peer_key = true;
    return OK;
}

err auth_content13(const struct tls *t, bool by_server, uint8_t out[AUTH_CONTENT13_MAX],
                   size_t *out_len)
{
    static const char label_server[] = "TLS 1.3, server CertificateVerify";
    static const char label_client[] = "TLS 1.3, client CertificateVerify";
    memset(out, 0x20, 64);
    memcpy(out + 64, by_server ? label_server : label_client, sizeof label_server);
    *out_len = 64 + sizeof label_server + hash_len(t->suite->hash);
    return transcript_hash(&t->hs->transcript, out + 64 + sizeof label_server);
}

err auth_sign(struct tls *t, struct span peer_schemes, struct span content, struct buf *out)
{
    const struct private_key *key = t->hs->credential->key;
    bool is_tls13 = t->info.version == TLS_VERSION_13;
    uint16_t scheme = auth_pick_scheme(t, private_key_info(key), peer_schemes, is_tls13);
    if (scheme == 0)
        return FAIL(ERR_HELLO_SIGNATURE_SCHEME);
    uint8_t signature[SIGNATURE_MAX];
    size_t signature_len;
    TRY(private_key_sign(key, scheme, content, signature, &signature_len));
    wr_u16(out, scheme);
    wr_vec(out, 2, span_of(signature, signature_len));
    t->info.own_scheme = scheme;
    return buf_check(out);
}

/* Room for the chain and what follows it, so that the output does not grow in steps. */
static err reserve_flight(struct tls *t, size_t list_len)
{
    enum { REST_OF_FLIGHT = 512 };
    return buf_reserve(&t->out, list_len + REST_OF_FLIGHT);
}

bool auth_is_stapled(const struct tls *t)
{
    return t->hs->staple_wanted && t->hs->credential->staple.n != 0;
}

/* RFC 8446 4.4.2.1: the response in the leaf's entry, then the others. */
static void write_stapled_list(struct buf *b, const struct tls_credential *credential)
{
    struct rd entries = rd_from(credential->list13);
    struct wr_mark list = wr_open(b, 3);
    wr_vec(b, 3, rd_vec(&entries, 3, 1, UINT32_MAX));
    rd_u16(&entries); /* the leaf's extensions: none so far */
    struct wr_mark extensions = wr_open(b, 2);
    struct wr_mark mark = ext_open(b, EXT_STATUS_REQUEST);
    wr_u8(b, STATUS_TYPE_OCSP);
    wr_vec(b, 3, credential->staple);
    wr_close(b, mark);
    wr_close(b, extensions);
    wr_bytes(b, rd_rest(&entries));
    wr_close(b, list);
}

err auth_send_certificate13(struct tls *t)
{
    const struct tls_credential *credential = t->hs->credential;
    TRY(reserve_flight(t, credential != NULL ? credential->list13.n + credential->staple.n : 0));
    struct hs_message m = hs_open(t, MSG_CERTIFICATE);
    wr_u8(&t->out, 0); /* certificate_request_context: empty in the handshake */
    if (auth_is_stapled(t))
        write_stapled_list(&t->out, credential);
    else
        wr_vec(&t->out, 3, credential != NULL ? credential->list13 : span_empty());
    TRY(hs_close(t, m, TLS_LEVEL_HANDSHAKE));
    t->info.sent_certificate = credential != NULL;
    return OK;
}

err auth_send_certificate_verify13(struct tls *t, struct span peer_schemes)
{
    uint8_t content[AUTH_CONTENT13_MAX];
    size_t content_len;
    TRY(auth_content13(t, t->info.is_server, content, &content_len));
    struct hs_message m = hs_open(t, MSG_CERTIFICATE_VERIFY);
    TRY(auth_sign(t, peer_schemes, span_of(content, content_len), &t->out));
    return hs_close(t, m, TLS_LEVEL_HANDSHAKE);
}

static err finished13(const struct tls *t, bool of_server, uint8_t out[HASH_MAX])
{
    const struct schedule13 *s = &t->hs->schedule;
    uint8_t digest[HASH_MAX];
    TRY(transcript_hash(&t->hs->transcript, digest));
    return schedule13_finished(s->hash, of_server ? &s->server_handshake : &s->client_handshake,
                               digest, out);
}

err auth_send_finished13(struct tls *t)
{
    uint8_t verify_data[HASH_MAX];
    TRY(finished13(t, t->info.is_server, verify_data));
    struct hs_message m = hs_open(t, MSG_FINISHED);
    wr_bytes(&t->out, span_of(verify_data, hash_len(t->suite->hash)));
    return hs_close(t, m, TLS_LEVEL_HANDSHAKE);
}

err auth_on_certificate_verify13(struct tls *t, struct span body)
{
    struct signed_message m;
    TRY(msg_read_certificate_verify(body, &m));
    uint8_t content[AUTH_CONTENT13_MAX];
    size_t content_len;
    TRY(auth_content13(t, !t->info.is_server, content, &content_len));
    return auth_verify(t, &m, span_of(content, content_len));
}

err auth_on_finished13(struct tls *t, struct span body)
{
    uint8_t expected[HASH_MAX];
    size_t n = hash_len(t->suite->hash);
    if (body.n != n)
        return FAIL(ERR_DECODE);
    TRY(finished13(t, !t->info.is_server, expected));
    if (!ct_equal(expected, body.p, n))
        return FAIL(ERR_FINISHED_MISMATCH);
    t->hs->proofs.finished = true;
    return OK;
}

err auth_send_certificate12(struct tls *t)
{
    const struct tls_credential *credential = t->hs->credential;
    TRY(reserve_flight(t, credential != NULL ? credential->list12.n : 0));
    struct hs_message m = hs_open(t, MSG_CERTIFICATE);
    wr_vec(&t->out, 3, credential != NULL ? credential->list12 : span_empty());
    TRY(hs_close(t, m, TLS_LEVEL_INITIAL));
    t->info.sent_certificate = credential != NULL;
    return OK;
}

err auth_send_finished12(struct tls *t)
{
    static const uint8_t change_cipher_spec[1] = {1};
    struct handshake *hs = t->hs;
    TRY(out_append(t, TLS_CHANGE_CIPHER_SPEC, TLS_LEVEL_INITIAL, span_of(change_cipher_spec, 1)));
    TRY(schedule12_finished(t, t->info.is_server, hs->own_verify_data));
    if (!hs->proofs.finished) /* RFC 5929 3.1: the first Finished of the handshake */
        memcpy(t->tls_unique, hs->own_verify_data, VERIFY_DATA_12_LEN);
    struct hs_message m = hs_open(t, MSG_FINISHED);
    wr_bytes(&t->out, span_of(hs->own_verify_data, VERIFY_DATA_12_LEN));
    return hs_close(t, m, TLS_LEVEL_APPLICATION);
}

err auth_on_finished12(struct tls *t, struct span body)
{
    struct handshake *hs = t->hs;
    uint8_t expected[VERIFY_DATA_12_LEN];
    if (body.n != VERIFY_DATA_12_LEN)
        return FAIL(ERR_DECODE);
    TRY(schedule12_finished(t, !t->info.is_server, expected));
    if (!ct_equal(expected, body.p, VERIFY_DATA_12_LEN))
        return FAIL(ERR_FINISHED_MISMATCH);
    if (t->info.is_server)
        memcpy(t->tls_unique, expected, VERIFY_DATA_12_LEN);
    hs->proofs.finished = true;
    return OK;
}
