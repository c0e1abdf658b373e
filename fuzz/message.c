/* SPDX-License-Identifier: MIT */
/*
 * The readers of tls/message.c and tls/extension.c. The first byte chooses one. What a reader hands
 * out lies inside the body.
 */
#include "source.h"
#include "tls/internal.h"

static struct span body;

static void inside(struct span s)
{
    if (s.n == 0)
        return;
    PROPERTY(s.p >= body.p && s.n <= body.n && (size_t)(s.p - body.p) <= body.n - s.n);
}

static void all_inside(const struct ext_set *set)
{
    for (unsigned i = 0; i < EXT_COUNT; i++) {
        if (ext_has(set, (enum ext)i))
            inside(set->body[i]);
    }
}

static void read_client_hello(void)
{
    struct client_hello m;
    if (msg_read_client_hello(body, &m) != OK)
        return;
    inside(m.session_id);
    inside(m.suites);
    inside(m.compressions);
    inside(m.extension_block);
    all_inside(&m.extensions);
}

static void read_server_hello(void)
{
    struct server_hello m;
    struct ext_set set;
    if (msg_read_server_hello(body, &m) != OK)
        return;
    inside(m.session_id);
    inside(m.extension_block);
    if (ext_collect(m.extension_block, IN_SERVER_HELLO_13, UINT32_MAX, &set) == OK)
        all_inside(&set);
}

static void read_certificate(bool is_tls13)
{
    struct certificate_message m;
    if (msg_read_certificate(body, is_tls13, &m) != OK)
        return;
    PROPERTY(m.count <= TLS_PEER_CERTIFICATES_MAX);
    inside(m.context);
    inside(m.leaf_extensions);
    for (size_t i = 0; i < m.count; i++) {
        struct ext_set set;
        inside(m.certificates[i]);
        inside(m.other_extensions[i]);
        if (ext_collect(m.other_extensions[i], IN_CERTIFICATE, UINT32_MAX, &set) == OK)
            all_inside(&set);
    }
}

static void read_certificate12(void)
{
    read_certificate(false);
}

static void read_certificate13(void)
{
    read_certificate(true);
}

static void read_request13(void)
{
    struct certificate_request13 m;
    if (msg_read_certificate_request13(body, &m) != OK)
        return;
    inside(m.context);
    all_inside(&m.extensions);
}

static void read_request12(void)
{
    struct tls_request m;
    if (msg_read_certificate_request12(body, &m) != OK)
        return;
    inside(m.types);
    inside(m.schemes);
    inside(m.authorities);
}

static void read_verify(void)
{
    struct signed_message m;
    if (msg_read_certificate_verify(body, &m) == OK)
        inside(m.signature);
}

static void read_server_key_exchange(void)
{
    struct server_key_exchange m;
    if (msg_read_server_key_exchange(body, &m) != OK)
        return;
    inside(m.point);
    inside(m.params);
    inside(m.proof.signature);
    PROPERTY(m.params.n + 4 + m.proof.signature.n == body.n);
}

static void read_client_key_exchange(void)
{
    struct span point;
    if (msg_read_client_key_exchange(body, &point) == OK)
        PROPERTY(point.n + 1 == body.n);
}

static void read_ticket(void)
{
    struct new_session_ticket m;
    if (msg_read_new_session_ticket(body, &m) != OK)
        return;
    inside(m.nonce);
    inside(m.ticket);
    all_inside(&m.extensions);
}

static void read_key_update(void)
{
    bool requested;
    if (msg_read_key_update(body, &requested) == OK)
        PROPERTY(body.n == 1 && body.p[0] == requested);
}

typedef err span_reader(struct span, struct span *);

/* Readers of a body into one span. */
static void read_spans(void)
{
    static span_reader *const readers[] = {ext_read_server_name, ext_read_list16,
                                           ext_read_alpn,        ext_read_versions,
                                           ext_read_cookie,      ext_read_renegotiation_info,
                                           ext_read_authorities, ext_read_status_response};
    for (size_t i = 0; i < ARRAY_LEN(readers); i++) {
        struct span out;
        if (readers[i](body, &out) == OK)
            inside(out);
    }
}

static void read_shares(void)
{
    struct key_shares shares;
    struct span share;
    uint16_t group;
    if (ext_read_key_shares(body, GROUP_X25519, &shares) == OK)
        inside(shares.found);
    if (ext_read_key_share_server(body, &group, &share) == OK)
        PROPERTY(share.n + 4 == body.n);
}

static void read_others(void)
{
    bool flag;
    uint16_t value;
    if (ext_read_point_formats(body, &flag) == OK)
        PROPERTY(body.n >= 2);
    if (ext_read_psk_modes(body, &flag) == OK)
        PROPERTY(body.n >= 2);
    if (ext_read_psk_offer(body) == OK)
        PROPERTY(body.n >= 9 + 35);
    if (ext_read_u16(body, &value) == OK)
        PROPERTY(body.n == 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const readers[])(void) = {read_client_hello,
                                            read_server_hello,
                                            read_certificate12,
                                            read_certificate13,
                                            read_request13,
                                            read_request12,
                                            read_verify,
                                            read_server_key_exchange,
                                            read_ticket,
                                            read_key_update,
                                            read_client_key_exchange,
                                            read_spans,
                                            read_shares,
                                            read_others};
    if (size == 0)
        return 0;
    body = span_of(data + 1, size - 1);
    readers[data[0] % ARRAY_LEN(readers)]();
    return 0;
}
