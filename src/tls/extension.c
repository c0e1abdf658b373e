/* SPDX-License-Identifier: MIT */
/*
 * The extension table (RFC 8446 4.2, with the TLS 1.2 ServerHello as a column of its own), the
 * collecting pass, and the body readers. Contents that depend on state are judged by the handlers.
 */
#include "tls/extension.h"

/* RFC 8446 4.2; IN_SERVER_HELLO_12 from RFC 6066, 7301, 7627, 5746, 8422, 5077. */
static const struct {
    uint16_t number;
    uint16_t places;
} ext_table[EXT_COUNT] = {
    [EXT_SERVER_NAME] = {0, IN_CLIENT_HELLO | IN_SERVER_HELLO_12 | IN_ENCRYPTED_EXTENSIONS},
    [EXT_STATUS_REQUEST] = {5, IN_CLIENT_HELLO | IN_SERVER_HELLO_12 | IN_CERTIFICATE_REQUEST |
                                   IN_CERTIFICATE},
    /* TLS 1.2 servers are seen to echo supported_groups; it means nothing and is passed over. */
    [EXT_SUPPORTED_GROUPS] = {10, IN_CLIENT_HELLO | IN_SERVER_HELLO_12 | IN_ENCRYPTED_EXTENSIONS},
    [EXT_EC_POINT_FORMATS] = {11, IN_CLIENT_HELLO | IN_SERVER_HELLO_12},
    [EXT_SIGNATURE_ALGORITHMS] = {13, IN_CLIENT_HELLO | IN_CERTIFICATE_REQUEST},
    [EXT_ALPN] = {16, IN_CLIENT_HELLO | IN_SERVER_HELLO_12 | IN_ENCRYPTED_EXTENSIONS},
    [EXT_SIGNED_CERTIFICATE_TIMESTAMP] = {18, IN_CLIENT_HELLO | IN_SERVER_HELLO_12 |
                                                  IN_CERTIFICATE_REQUEST | IN_CERTIFICATE},
    [EXT_EXTENDED_MASTER_SECRET] = {23, IN_CLIENT_HELLO | IN_SERVER_HELLO_12},
    [EXT_SESSION_TICKET] = {35, IN_CLIENT_HELLO | IN_SERVER_HELLO_12},
    [EXT_PRE_SHARED_KEY] = {41, IN_CLIENT_HELLO | IN_SERVER_HELLO_13},
    [EXT_EARLY_DATA] = {42, IN_CLIENT_HELLO | IN_ENCRYPTED_EXTENSIONS | IN_NEW_SESSION_TICKET},
    [EXT_SUPPORTED_VERSIONS] = {43, IN_CLIENT_HELLO | IN_SERVER_HELLO_13 | IN_HELLO_RETRY},
    [EXT_COOKIE] = {44, IN_CLIENT_HELLO | IN_HELLO_RETRY},
    [EXT_PSK_KEY_EXCHANGE_MODES] = {45, IN_CLIENT_HELLO},
    [EXT_CERTIFICATE_AUTHORITIES] = {47, IN_CLIENT_HELLO | IN_CERTIFICATE_REQUEST},
    [EXT_OID_FILTERS] = {48, IN_CERTIFICATE_REQUEST},
    [EXT_POST_HANDSHAKE_AUTH] = {49, IN_CLIENT_HELLO},
    [EXT_SIGNATURE_ALGORITHMS_CERT] = {50, IN_CLIENT_HELLO | IN_CERTIFICATE_REQUEST},
    [EXT_KEY_SHARE] = {51, IN_CLIENT_HELLO | IN_SERVER_HELLO_13 | IN_HELLO_RETRY},
    [EXT_RENEGOTIATION_INFO] = {0xFF01, IN_CLIENT_HELLO | IN_SERVER_HELLO_12},
};

enum {
    PLACES_OF_REQUESTS = IN_CLIENT_HELLO | IN_CERTIFICATE_REQUEST | IN_NEW_SESSION_TICKET,
    NAME_TYPE_HOST_NAME = 0,
    POINT_FORMAT_UNCOMPRESSED = 0,
    PSK_MODE_DHE = 1,
    /* RFC 8446 4.2.11: a binder is a hash output. */
    PSK_BINDER_LEN_MIN = 32
};

uint16_t ext_number(enum ext id)
{
    return ext_table[id].number;
}

static enum ext ext_by_number(uint16_t number)
{
    for (unsigned i = 0; i < EXT_COUNT; i++) {
        if (ext_table[i].number == number)
            return (enum ext)i;
    }
    return EXT_COUNT;
}

/* RFC 8446 4.2: known but misplaced is illegal_parameter, a response nobody asked for
 * unsupported_extension. */
static err ext_admit(enum ext id, enum ext_place place, uint32_t offered)
{
    bool is_request = (place & PLACES_OF_REQUESTS) != 0;
    if (id == EXT_COUNT)
        return is_request ? OK : FAIL(ERR_HELLO_UNSOLICITED_EXTENSION);
    if ((ext_table[id].places & place) == 0)
        return FAIL(ERR_HELLO_EXTENSION_FORBIDDEN);
    if (!is_request && (offered >> id & 1) == 0)
        return FAIL(ERR_HELLO_UNSOLICITED_EXTENSION);
    return OK;
}

err ext_collect(struct span block, enum ext_place place, uint32_t offered, struct ext_set *out)
{
    uint8_t seen[65536 / 8] = {0};
    struct rd r = rd_from(block);
    out->present = 0;
    out->last_is_known = false;
    while (rd_left(&r) != 0) {
        uint16_t number = rd_u16(&r);
        struct span body = rd_vec(&r, 2, 0, UINT16_MAX);
        if (r.bad)
            return FAIL(ERR_DECODE);
        /* RFC 8446 4.2: no two extensions of the same type in a block. */
        if ((seen[number / 8] >> number % 8 & 1) != 0)
            return FAIL(ERR_HELLO_DUPLICATE_EXTENSION);
        seen[number / 8] = (uint8_t)(seen[number / 8] | 1u << number % 8);
        enum ext id = ext_by_number(number);
        TRY(ext_admit(id, place, offered));
        out->last_is_known = id != EXT_COUNT;
        if (id == EXT_COUNT)
            continue;
        out->last = id;
        out->present |= 1u << id;
        out->body[id] = body;
    }
    return OK;
}

struct wr_mark ext_open(struct buf *b, enum ext id)
{
    wr_u16(b, ext_table[id].number);
    return wr_open(b, 2);
}

void ext_write_empty(struct buf *b, enum ext id)
{
    wr_close(b, ext_open(b, id));
}

static err decoded(const struct rd *r)
{
    return rd_end(r) ? OK : FAIL(ERR_DECODE);
}

err ext_read_empty(struct span body)
{
    return body.n == 0 ? OK : FAIL(ERR_DECODE);
}

/* RFC 6066 3: a DNS name in ASCII. Its grammar is left to those who look it up. */
static bool is_host_name(struct span name)
{
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] <= ' ' || name.p[i] > '~')
            return false;
    }
    return name.n <= 255;
}

/* RFC 6066 3: one name of each type; only host_name is defined. */
err ext_read_server_name(struct span body, struct span *out_host_name)
{
    struct rd r = rd_from(body);
    struct rd list = rd_from(rd_vec(&r, 2, 1, UINT16_MAX));
    struct span host_name = span_empty();
    while (!r.bad && rd_left(&list) != 0) {
        uint8_t type = rd_u8(&list);
        struct span name = rd_vec(&list, 2, 1, UINT16_MAX);
        if (list.bad)
            return FAIL(ERR_DECODE);
        if (type == NAME_TYPE_HOST_NAME && host_name.n != 0)
            return FAIL(ERR_HELLO_SERVER_NAME);
        if (type == NAME_TYPE_HOST_NAME)
            host_name = name;
    }
    TRY(decoded(&r));
    if (!is_host_name(host_name))
        return FAIL(ERR_HELLO_SERVER_NAME);
    *out_host_name = host_name;
    return OK;
}

err ext_read_list16(struct span body, struct span *out_values)
{
    struct rd r = rd_from(body);
    struct span values = rd_vec(&r, 2, 2, UINT16_MAX - 1);
    TRY(decoded(&r));
    if (values.n % 2 != 0)
        return FAIL(ERR_DECODE);
    *out_values = values;
    return OK;
}

err ext_read_point_formats(struct span body, bool *out_has_uncompressed)
{
    struct rd r = rd_from(body);
    struct span formats = rd_vec(&r, 1, 1, UINT8_MAX);
    TRY(decoded(&r));
    *out_has_uncompressed = memchr(formats.p, POINT_FORMAT_UNCOMPRESSED, formats.n) != NULL;
    return OK;
}

err ext_read_alpn(struct span body, struct span *out_list)
{
    struct rd r = rd_from(body);
    struct span list = rd_vec(&r, 2, 2, UINT16_MAX);
    TRY(decoded(&r));
    struct rd names = rd_from(list);
    while (rd_left(&names) != 0)
        rd_vec(&names, 1, 1, UINT8_MAX);
    if (names.bad)
        return FAIL(ERR_DECODE);
    *out_list = list;
    return OK;
}

err ext_read_versions(struct span body, struct span *out_versions)
{
    struct rd r = rd_from(body);
    struct span versions = rd_vec(&r, 1, 2, 254);
    TRY(decoded(&r));
    if (versions.n % 2 != 0)
        return FAIL(ERR_DECODE);
    *out_versions = versions;
    return OK;
}

err ext_read_u16(struct span body, uint16_t *out_value)
{
    struct rd r = rd_from(body);
    *out_value = rd_u16(&r);
    return decoded(&r);
}

err ext_read_cookie(struct span body, struct span *out_cookie)
{
    struct rd r = rd_from(body);
    *out_cookie = rd_vec(&r, 2, 1, UINT16_MAX);
    return decoded(&r);
}

err ext_read_renegotiation_info(struct span body, struct span *out_data)
{
    struct rd r = rd_from(body);
    *out_data = rd_vec(&r, 1, 0, UINT8_MAX);
    return decoded(&r);
}

err ext_read_psk_modes(struct span body, bool *out_has_dhe)
{
    struct rd r = rd_from(body);
    struct span modes = rd_vec(&r, 1, 1, UINT8_MAX);
    TRY(decoded(&r));
    *out_has_dhe = memchr(modes.p, PSK_MODE_DHE, modes.n) != NULL;
    return OK;
}

err ext_read_psk_offer(struct span body)
{
    struct rd r = rd_from(body);
    struct rd identities = rd_from(rd_vec(&r, 2, 7, UINT16_MAX));
    struct rd binders = rd_from(rd_vec(&r, 2, PSK_BINDER_LEN_MIN + 1, UINT16_MAX));
    TRY(decoded(&r));
    size_t identity_count = 0;
    size_t binder_count = 0;
    for (; rd_left(&identities) != 0; identity_count++) {
        rd_vec(&identities, 2, 1, UINT16_MAX);
        rd_u32(&identities);
    }
    for (; rd_left(&binders) != 0; binder_count++)
        rd_vec(&binders, 1, PSK_BINDER_LEN_MIN, UINT8_MAX);
    if (identities.bad || binders.bad)
        return FAIL(ERR_DECODE);
    return identity_count == binder_count ? OK : FAIL(ERR_ILLEGAL_VALUE);
}

err ext_check_authorities(struct span names)
{
    struct rd r = rd_from(names);
    while (rd_left(&r) != 0)
        rd_vec(&r, 2, 1, UINT16_MAX);
    return decoded(&r);
}

err ext_read_authorities(struct span body, struct span *out_names)
{
    struct rd r = rd_from(body);
    *out_names = rd_vec(&r, 2, 3, UINT16_MAX);
    TRY(decoded(&r));
    return ext_check_authorities(*out_names);
}

err ext_read_status_request(struct span body, bool *out_is_ocsp)
{
    struct rd r = rd_from(body);
    *out_is_ocsp = rd_u8(&r) == STATUS_TYPE_OCSP;
    if (!*out_is_ocsp)
        return r.bad ? FAIL(ERR_DECODE) : OK;
    struct rd responders = rd_from(rd_vec(&r, 2, 0, UINT16_MAX));
    while (rd_left(&responders) != 0)
        rd_vec(&responders, 2, 1, UINT16_MAX);
    rd_vec(&r, 2, 0, UINT16_MAX); /* request_extensions */
    TRY(decoded(&responders));
    return decoded(&r);
}

err ext_read_status_response(struct span body, struct span *out_response)
{
    struct rd r = rd_from(body);
    uint8_t type = rd_u8(&r);
    *out_response = rd_vec(&r, 3, 1, 0xFFFFFF);
    TRY(decoded(&r));
    return type == STATUS_TYPE_OCSP ? OK : FAIL(ERR_DECODE);
}

err ext_read_key_share_server(struct span body, uint16_t *out_group, struct span *out_share)
{
    struct rd r = rd_from(body);
    *out_group = rd_u16(&r);
    *out_share = rd_vec(&r, 2, 1, UINT16_MAX);
    return decoded(&r);
}

err ext_read_key_shares(struct span body, uint16_t group, struct key_shares *out)
{
    *out = (struct key_shares){.found = span_empty()};
    struct rd r = rd_from(body);
    struct rd list = rd_from(rd_vec(&r, 2, 0, UINT16_MAX));
    for (; rd_left(&list) != 0; out->count++) {
        uint16_t entry_group = rd_u16(&list);
        struct span share = rd_vec(&list, 2, 1, UINT16_MAX);
        if (list.bad || entry_group != group)
            continue;
        out->found_twice = out->found.n != 0;
        out->found = share;
    }
    return list.bad ? FAIL(ERR_DECODE) : decoded(&r);
}

bool list16_has(struct span values, uint16_t value)
{
    for (size_t i = 0; i + 1 < values.n; i += 2) {
        if (load_u16(values.p + i) == value)
            return true;
    }
    return false;
}

bool alpn_list_has(struct span list, struct span name)
{
    struct rd r = rd_from(list);
    while (rd_left(&r) != 0) {
        if (span_equal(rd_vec(&r, 1, 1, UINT8_MAX), name))
            return true;
    }
    return false;
}
