/* SPDX-License-Identifier: MIT */
/*
 * Every reader of message.c and extension.c: what good bytes mean, and that each shorter form, and
 * one byte more, does not decode.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tls/internal.h"

#define BYTES(literal)                                                                             \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }
#define RANDOM "0123456789abcdef0123456789ABCDEF"
#define BINDER "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define RETRY                                                                                      \
    "\xCF\x21\xAD\x74\xE5\x9A\x61\x11\xBE\x1D\x8C\x02\x1E\x65\xB8\x91"                             \
    "\xC2\xA2\x11\x16\x7A\xBB\x8C\x5E\x07\x9E\x09\xE2\xC8\xA8\x33\x9C"

/* Reads; with `checks`, the result must be what the good bytes mean. */
typedef err reader(struct span body, bool checks);

static bool is_text(struct span bytes, const char *text)
{
    return span_equal(bytes, span_text(text));
}

/* ---- messages -------------------------------------------------------------------------- */

static err client_hello(struct span body, bool checks)
{
    struct client_hello m;
    TRY(msg_read_client_hello(body, &m));
    if (!checks)
        return OK;
    assert_int_equal(m.legacy_version, 0x0303);
    assert_memory_equal(m.random, RANDOM, 32);
    assert_true(is_text(m.session_id, "id"));
    assert_true(list16_has(m.suites, 0x1301) && list16_has(m.suites, 0xC02B));
    assert_int_equal(m.suites.n, 4);
    assert_int_equal(m.compressions.n, 1);
    assert_true(ext_has(&m.extensions, EXT_EXTENDED_MASTER_SECRET));
    assert_true(ext_has(&m.extensions, EXT_SUPPORTED_VERSIONS));
    assert_false(ext_has(&m.extensions, EXT_KEY_SHARE));
    assert_true(m.extensions.last_is_known && m.extensions.last == EXT_SUPPORTED_VERSIONS);
    return OK;
}

static err server_hello(struct span body, bool checks)
{
    struct server_hello m;
    TRY(msg_read_server_hello(body, &m));
    if (!checks)
        return OK;
    assert_int_equal(m.legacy_version, 0x0303);
    assert_memory_equal(m.random, RANDOM, 32);
    assert_true(is_text(m.session_id, "id"));
    assert_int_equal(m.suite, 0x1301);
    assert_int_equal(m.compression, 0);
    assert_true(m.has_supported_versions);
    assert_false(m.is_retry);
    return OK;
}

static err hello_retry(struct span body, bool checks)
{
    struct server_hello m;
    TRY(msg_read_server_hello(body, &m));
    assert_true(!checks || m.is_retry);
    return OK;
}

static err certificate12(struct span body, bool checks)
{
    struct certificate_message m;
    TRY(msg_read_certificate(body, false, &m));
    if (!checks)
        return OK;
    assert_int_equal(m.count, 2);
    assert_true(is_text(m.certificates[0], "leaf") && is_text(m.certificates[1], "ca"));
    return OK;
}

static err certificate13(struct span body, bool checks)
{
    struct certificate_message m;
    TRY(msg_read_certificate(body, true, &m));
    if (!checks)
        return OK;
    assert_int_equal(m.count, 2);
    assert_true(is_text(m.context, "c"));
    assert_true(is_text(m.certificates[0], "leaf") && is_text(m.certificates[1], "ca"));
    assert_int_equal(m.leaf_extensions.n, 4);
    assert_int_equal(m.other_extensions[1].n, 0);
    return OK;
}

static err certificate_request13(struct span body, bool checks)
{
    struct certificate_request13 m;
    TRY(msg_read_certificate_request13(body, &m));
    assert_true(!checks || (m.context.n == 0 && ext_has(&m.extensions, EXT_SIGNATURE_ALGORITHMS)));
    return OK;
}

static err certificate_request12(struct span body, bool checks)
{
    struct tls_request m;
    TRY(msg_read_certificate_request12(body, &m));
    if (!checks)
        return OK;
    assert_true(is_text(m.types, "\x40"));
    assert_true(list16_has(m.schemes, 0x0403));
    assert_int_equal(m.authorities.n, 4);
    return OK;
}

static err certificate_verify(struct span body, bool checks)
{
    struct signed_message m;
    TRY(msg_read_certificate_verify(body, &m));
    assert_true(!checks || (m.scheme == 0x0403 && is_text(m.signature, "signature")));
    return OK;
}

static err server_key_exchange(struct span body, bool checks)
{
    struct server_key_exchange m;
    TRY(msg_read_server_key_exchange(body, &m));
    if (!checks)
        return OK;
    assert_int_equal(m.group, 0x001D);
    assert_true(is_text(m.point, "point") && is_text(m.proof.signature, "sig"));
    assert_int_equal(m.proof.scheme, 0x0804);
    assert_true(m.params.p == body.p && m.params.n == 4 + 5);
    return OK;
}

static err client_key_exchange(struct span body, bool checks)
{
    struct span point;
    TRY(msg_read_client_key_exchange(body, &point));
    assert_true(!checks || is_text(point, "point"));
    return OK;
}

static err certificate_status(struct span body, bool checks)
{
    struct span response;
    TRY(msg_read_certificate_status(body, &response));
    assert_true(!checks || is_text(response, "ocsp"));
    return OK;
}

static err new_session_ticket(struct span body, bool checks)
{
    struct new_session_ticket m;
    TRY(msg_read_new_session_ticket(body, &m));
    if (!checks)
        return OK;
    assert_int_equal(m.lifetime_s, 0x00015180);
    assert_int_equal(m.age_add, 0x01020304);
    assert_true(is_text(m.nonce, "n") && is_text(m.ticket, "ticket"));
    assert_true(ext_has(&m.extensions, EXT_EARLY_DATA));
    return OK;
}

static err key_update(struct span body, bool checks)
{
    bool requested;
    TRY(msg_read_key_update(body, &requested));
    assert_true(!checks || requested);
    return OK;
}

/* ---- extensions ------------------------------------------------------------------------ */

static err server_name(struct span body, bool checks)
{
    struct span name;
    TRY(ext_read_server_name(body, &name));
    assert_true(!checks || is_text(name, "host"));
    return OK;
}

static err list16(struct span body, bool checks)
{
    struct span values;
    TRY(ext_read_list16(body, &values));
    assert_true(!checks ||
                (values.n == 4 && list16_has(values, 0x001D) && !list16_has(values, 0x1D00)));
    return OK;
}

static err point_formats(struct span body, bool checks)
{
    bool has_uncompressed;
    TRY(ext_read_point_formats(body, &has_uncompressed));
    assert_true(!checks || has_uncompressed);
    return OK;
}

static err alpn(struct span body, bool checks)
{
    struct span list;
    TRY(ext_read_alpn(body, &list));
    if (!checks)
        return OK;
    assert_true(alpn_list_has(list, span_text("h2")));
    assert_true(alpn_list_has(list, span_text("http/1.1")));
    assert_false(alpn_list_has(list, span_text("http")));
    return OK;
}

static err versions(struct span body, bool checks)
{
    struct span values;
    TRY(ext_read_versions(body, &values));
    assert_true(!checks || (list16_has(values, 0x0304) && list16_has(values, 0x0303)));
    return OK;
}

static err u16(struct span body, bool checks)
{
    uint16_t value;
    TRY(ext_read_u16(body, &value));
    assert_true(!checks || value == 0x0304);
    return OK;
}

static err cookie(struct span body, bool checks)
{
    struct span value;
    TRY(ext_read_cookie(body, &value));
    assert_true(!checks || is_text(value, "cookie"));
    return OK;
}

static err renegotiation_info(struct span body, bool checks)
{
    struct span data;
    TRY(ext_read_renegotiation_info(body, &data));
    assert_true(!checks || is_text(data, "data"));
    return OK;
}

static err psk_modes(struct span body, bool checks)
{
    bool has_dhe;
    TRY(ext_read_psk_modes(body, &has_dhe));
    assert_true(!checks || has_dhe);
    return OK;
}

static err psk_offer(struct span body, bool checks)
{
    (void)checks;
    return ext_read_psk_offer(body);
}

static err authorities(struct span body, bool checks)
{
    struct span names;
    TRY(ext_read_authorities(body, &names));
    assert_true(!checks || names.n == 7);
    return OK;
}

static err status_request(struct span body, bool checks)
{
    bool is_ocsp;
    TRY(ext_read_status_request(body, &is_ocsp));
    assert_true(!checks || is_ocsp);
    return OK;
}

static err status_response(struct span body, bool checks)
{
    struct span response;
    TRY(ext_read_status_response(body, &response));
    assert_true(!checks || is_text(response, "ocsp"));
    return OK;
}

static err key_share_server(struct span body, bool checks)
{
    uint16_t group;
    struct span share;
    TRY(ext_read_key_share_server(body, &group, &share));
    assert_true(!checks || (group == 0x001D && is_text(share, "share")));
    return OK;
}

static err key_shares(struct span body, bool checks)
{
    struct key_shares shares;
    TRY(ext_read_key_shares(body, 0x0017, &shares));
    if (!checks)
        return OK;
    assert_int_equal(shares.count, 2);
    assert_true(is_text(shares.found, "p256") && !shares.found_twice);
    TRY(ext_read_key_shares(body, 0x0018, &shares));
    assert_int_equal(shares.found.n, 0);
    return OK;
}

/* ---- the table ------------------------------------------------------------------------- */

struct codec {
    const char *name;
    reader *read;
    struct span good;
    size_t shorter; /* a length below that decodes, too: no extension block; 0 = none */
};

#define CLIENT_HELLO_START "\x03\x03" RANDOM "\x02id\0\x04\x13\x01\xC0\x2B\x01\0"
#define SERVER_HELLO_START "\x03\x03" RANDOM "\x02id\x13\x01\0"

static const struct codec codecs[] = {
    {"ClientHello", client_hello,
     BYTES(CLIENT_HELLO_START "\0\x0B\0\x17\0\0\0\x2B\0\x03\x02\x03\x04"),
     sizeof CLIENT_HELLO_START - 1},
    {"ServerHello", server_hello, BYTES(SERVER_HELLO_START "\0\x06\0\x2B\0\x02\x03\x04"),
     sizeof SERVER_HELLO_START - 1},
    {"HelloRetryRequest", hello_retry,
     BYTES("\x03\x03" RETRY "\0\x13\x01\0\0\x06\0\x2B\0\x02\x03\x04"), 38},
    {"Certificate of TLS 1.2", certificate12,
     BYTES("\0\0\x0C\0\0\x04leaf\0\0\x02"
           "ca"),
     0},
    {"Certificate of TLS 1.3", certificate13,
     BYTES("\x01"
           "c\0\0\x14\0\0\x04leaf\0\x04\0\x05\0\0\0\0\x02"
           "ca\0\0"),
     0},
    {"CertificateRequest of TLS 1.3", certificate_request13,
     BYTES("\0\0\x08\0\x0D\0\x04\0\x02\x04\x03"), 0},
    {"CertificateRequest of TLS 1.2", certificate_request12,
     BYTES("\x01\x40\0\x02\x04\x03\0\x04\0\x02\x30\0"), 0},
    {"CertificateVerify", certificate_verify, BYTES("\x04\x03\0\x09signature"), 0},
    {"ServerKeyExchange", server_key_exchange, BYTES("\x03\0\x1D\x05point\x08\x04\0\x03sig"), 0},
    {"ClientKeyExchange", client_key_exchange, BYTES("\x05point"), 0},
    {"CertificateStatus", certificate_status, BYTES("\x01\0\0\x04ocsp"), 0},
    {"NewSessionTicket", new_session_ticket,
     BYTES("\0\x01\x51\x80\x01\x02\x03\x04\x01n\0\x06ticket\0\x08\0\x2A\0\x04\0\0\x40\0"), 0},
    {"KeyUpdate", key_update, BYTES("\x01"), 0},
    {"server_name", server_name, BYTES("\0\x07\0\0\x04host"), 0},
    {"groups and schemes", list16, BYTES("\0\x04\0\x1D\0\x17"), 0},
    {"point formats", point_formats, BYTES("\x02\x01\0"), 0},
    {"ALPN", alpn, BYTES("\0\x0C\x02h2\x08http/1.1"), 0},
    {"versions", versions, BYTES("\x04\x03\x04\x03\x03"), 0},
    {"a number", u16, BYTES("\x03\x04"), 0},
    {"cookie", cookie,
     BYTES("\0\x06"
           "cookie"),
     0},
    {"renegotiation_info", renegotiation_info,
     BYTES("\x04"
           "data"),
     0},
    {"key modes", psk_modes, BYTES("\x02\0\x01"), 0},
    {"key offer", psk_offer, BYTES("\0\x0C\0\x06ticket\0\0\0\x01\0\x21\x20" BINDER), 0},
    {"authorities", authorities, BYTES("\0\x07\0\x02\x30\0\0\x01x"), 0},
    {"status request", status_request, BYTES("\x01\0\x05\0\x03ids\0\x02xt"), 0},
    {"status response", status_response, BYTES("\x01\0\0\x04ocsp"), 0},
    {"share of the server", key_share_server, BYTES("\0\x1D\0\x05share"), 0},
    {"shares of the client", key_shares,
     BYTES("\0\x10\0\x1D\0\x04"
           "x255\0\x17\0\x04p256"),
     0},
};

/* In memory of exactly that size, so that a sanitizer sees every byte too many. */
static err read_exactly(const struct codec *codec, const uint8_t *bytes, size_t n, bool checks)
{
    uint8_t *copy = mem_dup(bytes, n);
    assert_non_null(copy);
    err result = codec->read(span_of(copy, n), checks);
    mem_free(copy);
    return result;
}

static void good_bytes_decode(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(codecs); i++) {
        const struct codec *codec = &codecs[i];
        err result = codec->read(codec->good, true);
        if (result != OK)
            fprintf(stderr, "%s: %s\n", codec->name, err_name(result));
        assert_int_equal(result, OK);
    }
}

static void every_truncation_fails(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(codecs); i++) {
        const struct codec *codec = &codecs[i];
        for (size_t n = 0; n < codec->good.n; n++) {
            bool is_whole = codec->shorter != 0 && n == codec->shorter;
            err expected = is_whole ? OK : ERR_DECODE;
            err result = read_exactly(codec, codec->good.p, n, false);
            if (result != expected)
                fprintf(stderr, "%s of %zu bytes: %s\n", codec->name, n, err_name(result));
            assert_int_equal(result, expected);
        }
    }
}

static void one_byte_more_fails(void **state)
{
    (void)state;
    uint8_t longer[256];
    for (size_t i = 0; i < ARRAY_LEN(codecs); i++) {
        const struct codec *codec = &codecs[i];
        assert_true(codec->good.n < sizeof longer);
        memcpy(longer, codec->good.p, codec->good.n);
        longer[codec->good.n] = 0;
        assert_int_equal(read_exactly(codec, longer, codec->good.n + 1, false), ERR_DECODE);
    }
}

/* ---- values that do not decode --------------------------------------------------------- */

static const struct {
    const char *name;
    reader *read;
    struct span bytes;
    err expected;
} bad[] = {
    {"empty server name list", server_name, BYTES("\0\0"), ERR_DECODE},
    {"empty host name", server_name, BYTES("\0\x03\0\0\0"), ERR_DECODE},
    {"two host names", server_name,
     BYTES("\0\x08\0\0\x01"
           "a\0\0\x01"
           "b"),
     ERR_HELLO_SERVER_NAME},
    {"host name with a zero", server_name,
     BYTES("\0\x06\0\0\x03"
           "a\0b"),
     ERR_HELLO_SERVER_NAME},
    {"empty list", list16, BYTES("\0\0"), ERR_DECODE},
    {"odd list", list16, BYTES("\0\x03\0\x1D\0"), ERR_DECODE},
    {"odd versions", versions, BYTES("\x03\x03\x04\x03"), ERR_DECODE},
    {"no versions", versions, BYTES("\0"), ERR_DECODE},
    {"no point formats", point_formats, BYTES("\0"), ERR_DECODE},
    {"empty protocol", alpn, BYTES("\0\x04\0\x02h2"), ERR_DECODE},
    {"protocol beyond the list", alpn, BYTES("\0\x03\x03h2"), ERR_DECODE},
    {"empty cookie", cookie, BYTES("\0\0"), ERR_DECODE},
    {"no key modes", psk_modes, BYTES("\0"), ERR_DECODE},
    {"short binder", psk_offer, BYTES("\0\x0C\0\x06ticket\0\0\0\x01\0\x21\x1F" BINDER), ERR_DECODE},
    {"binder missing", psk_offer,
     BYTES("\0\x0E\0\x01t\0\0\0\x01\0\x01u\0\0\0\x01\0\x21\x20" BINDER), ERR_ILLEGAL_VALUE},
    {"empty name", authorities, BYTES("\0\x04\0\0\0\0"), ERR_DECODE},
    {"status request without a type", status_request, BYTES(""), ERR_DECODE},
    {"status request, another type", status_request, BYTES("\x02whatever"), OK},
    {"status request, a responder without a name", status_request, BYTES("\x01\0\x02\0\0\0\0"),
     ERR_DECODE},
    {"status request, responders cut", status_request, BYTES("\x01\0\x03\0\x02x\0\0"), ERR_DECODE},
    {"unknown status type", status_response, BYTES("\x02\0\0\x04ocsp"), ERR_DECODE},
    {"empty status", status_response, BYTES("\x01\0\0\0"), ERR_DECODE},
    {"empty share", key_share_server, BYTES("\0\x1D\0\0"), ERR_DECODE},
    {"empty share in a list", key_shares, BYTES("\0\x04\0\x17\0\0"), ERR_DECODE},
    {"odd suites", client_hello, BYTES("\x03\x03" RANDOM "\0\0\x03\x13\x01\xC0\x01\0"), ERR_DECODE},
    {"session id of 33 bytes", client_hello,
     BYTES("\x03\x03" RANDOM "\x21" RANDOM "x\0\x02\x13\x01\x01\0"), ERR_DECODE},
    {"extension twice", client_hello, BYTES(CLIENT_HELLO_START "\0\x08\0\x17\0\0\0\x17\0\0"),
     ERR_HELLO_DUPLICATE_EXTENSION},
    {"extension beyond the block", client_hello, BYTES(CLIENT_HELLO_START "\0\x04\0\x17\0\x01"),
     ERR_DECODE},
    {"empty certificate", certificate12, BYTES("\0\0\x03\0\0\0"), ERR_DECODE},
    {"entry beyond the list", certificate13, BYTES("\0\0\0\x05\0\0\x02x\0"), ERR_DECODE},
    {"explicit curve", server_key_exchange, BYTES("\x01\0\x1D\x05point\x08\x04\0\x03sig"),
     ERR_HELLO_GROUP_NOT_OFFERED},
    {"empty point", client_key_exchange, BYTES("\0"), ERR_DECODE},
    {"empty ticket", new_session_ticket, BYTES("\0\0\0\x01\0\0\0\x01\0\0\0\0\0"), ERR_DECODE},
    {"KeyUpdate of 2", key_update, BYTES("\x02"), ERR_KEY_UPDATE_VALUE},
};

static void bad_values_fail(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct codec codec = {.name = bad[i].name, .read = bad[i].read};
        err result = read_exactly(&codec, bad[i].bytes.p, bad[i].bytes.n, false);
        if (result != bad[i].expected)
            fprintf(stderr, "%s: %s\n", bad[i].name, err_name(result));
        assert_int_equal(result, bad[i].expected);
    }
}

/* ---- written, and read again ----------------------------------------------------------- */

static void written_server_hello_reads(void **state)
{
    (void)state;
    struct buf b;
    struct server_hello m;
    struct ext_set extensions;
    buf_init(&b, 1000);
    struct wr_mark block =
        msg_begin_server_hello(&b, (const uint8_t *)RANDOM, span_text("session"), 0x1302);
    ext_write_empty(&b, EXT_SERVER_NAME);
    struct wr_mark mark = ext_open(&b, EXT_SUPPORTED_VERSIONS);
    wr_u16(&b, 0x0304);
    wr_close(&b, mark);
    wr_close(&b, block);
    assert_int_equal(buf_check(&b), OK);
    assert_int_equal(msg_read_server_hello(buf_span(&b), &m), OK);
    assert_memory_equal(m.random, RANDOM, 32);
    assert_true(is_text(m.session_id, "session") && m.suite == 0x1302);
    assert_true(m.has_supported_versions);
    assert_int_equal(ext_collect(m.extension_block, IN_SERVER_HELLO_12, UINT32_MAX, &extensions),
                     ERR_HELLO_EXTENSION_FORBIDDEN);
    buf_release(&b);
}

/* Each extension in each place: allowed, misplaced, not asked for. RFC 8446 4.2. */
static void extensions_have_their_places(void **state)
{
    (void)state;
    static const unsigned requests =
        IN_CLIENT_HELLO | IN_CERTIFICATE_REQUEST | IN_NEW_SESSION_TICKET;
    unsigned allowed = 0;
    for (unsigned id = 0; id < EXT_COUNT; id++) {
        for (unsigned place = IN_CLIENT_HELLO; place <= IN_NEW_SESSION_TICKET; place <<= 1) {
            struct ext_set set;
            struct buf b;
            buf_init(&b, 16);
            ext_write_empty(&b, (enum ext)id);
            err asked = ext_collect(buf_span(&b), (enum ext_place)place, UINT32_MAX, &set);
            err unasked = ext_collect(buf_span(&b), (enum ext_place)place, 0, &set);
            buf_release(&b);
            assert_true(asked == OK || asked == ERR_HELLO_EXTENSION_FORBIDDEN);
            bool is_request = (place & requests) != 0;
            err expected = asked != OK || is_request ? asked : ERR_HELLO_UNSOLICITED_EXTENSION;
            assert_int_equal(unasked, expected);
            allowed += asked == OK;
        }
    }
    /* 20 in ClientHello but oid_filters, 9 in ServerHello of TLS 1.2, 3, 3, 4, 6, 2, 1 */
    assert_int_equal(allowed, 19 + 9 + 3 + 3 + 4 + 6 + 2 + 1);
}

/* ---- positive control ------------------------------------------------------------------ */

/* A reader that does not look at its end must be caught by the same sweep. */
static err careless(struct span body, bool checks)
{
    (void)checks;
    struct rd r = rd_from(body);
    rd_vec(&r, 1, 0, 255);
    return OK;
}

static void careless_reader_is_caught(void **state)
{
    (void)state;
    struct codec codec = {.name = "careless", .read = careless, .good = BYTES("\x02xy")};
    unsigned caught = 0;
    for (size_t n = 0; n < codec.good.n; n++)
        caught += read_exactly(&codec, codec.good.p, n, false) != ERR_DECODE;
    assert_int_equal(caught, codec.good.n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_bytes_decode),
        cmocka_unit_test(every_truncation_fails),
        cmocka_unit_test(one_byte_more_fails),
        cmocka_unit_test(bad_values_fail),
        cmocka_unit_test(written_server_hello_reads),
        cmocka_unit_test(extensions_have_their_places),
        cmocka_unit_test(careless_reader_is_caught),
    };
    return cmocka_run_group_tests_name("tls codec", tests, NULL, NULL);
}
