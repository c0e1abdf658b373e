/* SPDX-License-Identifier: MIT */
/* Handshake message bodies: readers line by line as the RFCs' structs. */
#include "tls/message.h"

enum { NAMED_CURVE = 3 };

/* RFC 8446 4.1.3: SHA-256 of "HelloRetryRequest". */
const uint8_t hello_retry_random[RANDOM_LEN] = {
    0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
    0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C};

static err decoded(const struct rd *r)
{
    return rd_end(r) ? OK : FAIL(ERR_DECODE);
}

err msg_read_client_hello(struct span body, struct client_hello *out)
{
    struct rd r = rd_from(body);
    out->legacy_version = rd_u16(&r);
    rd_copy(&r, out->random, RANDOM_LEN);
    out->session_id = rd_vec(&r, 1, 0, 32);
    out->suites = rd_vec(&r, 2, 2, UINT16_MAX - 1);
    out->compressions = rd_vec(&r, 1, 1, UINT8_MAX);
    /* RFC 5246 7.4.1.2: the extension block may be absent altogether. */
    out->extension_block = rd_left(&r) != 0 ? rd_vec(&r, 2, 0, UINT16_MAX) : span_empty();
    TRY(decoded(&r));
    if (out->suites.n % 2 != 0)
        return FAIL(ERR_DECODE);
    return ext_collect(out->extension_block, IN_CLIENT_HELLO, 0, &out->extensions);
}

static bool block_has(struct span block, enum ext id)
{
    struct rd r = rd_from(block);
    while (rd_left(&r) != 0) {
        uint16_t number = rd_u16(&r);
        rd_vec(&r, 2, 0, UINT16_MAX);
        if (!r.bad && number == ext_number(id))
            return true;
    }
    return false;
}

err msg_read_server_hello(struct span body, struct server_hello *out)
{
    struct rd r = rd_from(body);
    out->legacy_version = rd_u16(&r);
    rd_copy(&r, out->random, RANDOM_LEN);
    out->session_id = rd_vec(&r, 1, 0, 32);
    out->suite = rd_u16(&r);
    out->compression = rd_u8(&r);
    out->extension_block = rd_left(&r) != 0 ? rd_vec(&r, 2, 0, UINT16_MAX) : span_empty();
    TRY(decoded(&r));
    out->is_retry = memcmp(out->random, hello_retry_random, RANDOM_LEN) == 0;
    out->has_supported_versions = block_has(out->extension_block, EXT_SUPPORTED_VERSIONS);
    return OK;
}

struct wr_mark msg_begin_server_hello(struct buf *b, const uint8_t random[RANDOM_LEN],
                                      struct span session_id, uint16_t suite)
{
    wr_u16(b, TLS_VERSION_12);
    wr_bytes(b, span_of(random, RANDOM_LEN));
    wr_vec(b, 1, session_id);
    wr_u16(b, suite);
    wr_u8(b, 0);
    return wr_open(b, 2);
}

err msg_read_certificate(struct span body, bool is_tls13, struct certificate_message *out)
{
    struct rd r = rd_from(body);
    out->context = is_tls13 ? rd_vec(&r, 1, 0, UINT8_MAX) : span_empty();
    out->leaf_extensions = span_empty();
    struct rd list = rd_from(rd_vec(&r, 3, 0, 0xFFFFFF));
    TRY(decoded(&r));
    for (out->count = 0; rd_left(&list) != 0; out->count++) {
        if (out->count == TLS_PEER_CERTIFICATES_MAX)
            return FAIL(ERR_CERT_UNKNOWN);
        out->certificates[out->count] = rd_vec(&list, 3, 1, 0xFFFFFF);
        out->other_extensions[out->count] =
            is_tls13 ? rd_vec(&list, 2, 0, UINT16_MAX) : span_empty();
        if (list.bad)
            return FAIL(ERR_DECODE);
    }
    if (out->count != 0)
        out->leaf_extensions = out->other_extensions[0];
    return OK;
}

err msg_read_certificate_request13(struct span body, struct certificate_request13 *out)
{
    struct rd r = rd_from(body);
    out->context = rd_vec(&r, 1, 0, UINT8_MAX);
    struct span block = rd_vec(&r, 2, 2, UINT16_MAX);
    TRY(decoded(&r));
    return ext_collect(block, IN_CERTIFICATE_REQUEST, 0, &out->extensions);
}

err msg_read_certificate_request12(struct span body, struct tls_request *out)
{
    struct rd r = rd_from(body);
    out->types = rd_vec(&r, 1, 1, UINT8_MAX);
    out->schemes = rd_vec(&r, 2, 2, UINT16_MAX - 1);
    out->authorities = rd_vec(&r, 2, 0, UINT16_MAX);
    TRY(decoded(&r));
    if (out->schemes.n % 2 != 0)
        return FAIL(ERR_DECODE);
    return ext_check_authorities(out->authorities);
}

err msg_read_certificate_verify(struct span body, struct signed_message *out)
{
    struct rd r = rd_from(body);
    out->scheme = rd_u16(&r);
    out->signature = rd_vec(&r, 2, 0, UINT16_MAX);
    return decoded(&r);
}

err msg_read_server_key_exchange(struct span body, struct server_key_exchange *out)
{
    struct rd r = rd_from(body);
    uint8_t curve_type = rd_u8(&r);
    out->group = rd_u16(&r);
    out->point = rd_vec(&r, 1, 1, UINT8_MAX);
    out->params = r.bad ? span_empty() : span_of(body.p, (size_t)(r.p - body.p));
    out->proof.scheme = rd_u16(&r);
    out->proof.signature = rd_vec(&r, 2, 0, UINT16_MAX);
    if (!r.bad && curve_type != NAMED_CURVE)
        return FAIL(ERR_HELLO_GROUP_NOT_OFFERED);
    return decoded(&r);
}

err msg_read_client_key_exchange(struct span body, struct span *out_point)
{
    struct rd r = rd_from(body);
    *out_point = rd_vec(&r, 1, 1, UINT8_MAX);
    return decoded(&r);
}

err msg_read_certificate_status(struct span body, struct span *out_response)
{
    return ext_read_status_response(body, out_response);
}

err msg_read_new_session_ticket(struct span body, struct new_session_ticket *out)
{
    struct rd r = rd_from(body);
    out->lifetime_s = rd_u32(&r);
    out->age_add = rd_u32(&r);
    out->nonce = rd_vec(&r, 1, 0, UINT8_MAX);
    out->ticket = rd_vec(&r, 2, 1, UINT16_MAX);
    struct span block = rd_vec(&r, 2, 0, UINT16_MAX - 1);
    TRY(decoded(&r));
    TRY(ext_collect(block, IN_NEW_SESSION_TICKET, 0, &out->extensions));
    bool has_early_data = ext_has(&out->extensions, EXT_EARLY_DATA);
    if (has_early_data && out->extensions.body[EXT_EARLY_DATA].n != sizeof(uint32_t))
        return FAIL(ERR_DECODE); /* RFC 8446 4.2.10: max_early_data_size */
    return OK;
}

err msg_read_key_update(struct span body, bool *out_requested)
{
    struct rd r = rd_from(body);
    uint8_t request = rd_u8(&r);
    TRY(decoded(&r));
    if (request > 1)
        return FAIL(ERR_KEY_UPDATE_VALUE);
    *out_requested = request == 1;
    return OK;
}
