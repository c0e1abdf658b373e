/* SPDX-License-Identifier: MIT */
/*
 * The client's hello phase (RFC 8446 4.1, RFC 5246 7.4.1): ClientHello, HelloRetryRequest, and the
 * ServerHello that decides the version and with it the next machine.
 *
 *      C_SEND_HELLO -> C_WAIT_HELLO --ServerHello 1.2--> client12.c
 *                           |  '------ServerHello 1.3--> client13.c
 *                  HelloRetryRequest                          ^
 *                           v                                 |
 *                 C_SEND_HELLO_AGAIN -> C_WAIT_HELLO_AGAIN ---'
 */
#include "tls/internal.h"

static err send_hello(struct tls *t, struct span body);
static err send_hello_again(struct tls *t, struct span body);
static err on_retry(struct tls *t, struct span body);
static err on_hello12(struct tls *t, struct span body);
static err on_hello13(struct tls *t, struct span body);
static err on_hello12_after_retry(struct tls *t, struct span body);

const struct hs_row client_rows[] = {
    {C_SEND_HELLO, MSG_NONE, 0, send_hello, NEXT(C_WAIT_HELLO), 0, false, HASH_NEVER},
    {C_WAIT_HELLO, MSG_SERVER_HELLO_12, 0, on_hello12, NEXT(C12_WAIT_CERTIFICATE),
     TLS_LEVEL_INITIAL, false, HASH_BY_ACT},
    {C_WAIT_HELLO, MSG_SERVER_HELLO_13, 0, on_hello13, NEXT(C13_WAIT_ENCRYPTED_EXTENSIONS),
     TLS_LEVEL_INITIAL, true, HASH_BY_ACT},
    {C_WAIT_HELLO, MSG_HELLO_RETRY_REQUEST, 0, on_retry, NEXT(C_SEND_HELLO_AGAIN),
     TLS_LEVEL_INITIAL, false, HASH_BY_ACT},
    {C_SEND_HELLO_AGAIN, MSG_NONE, 0, send_hello_again, NEXT(C_WAIT_HELLO_AGAIN), 0, false,
     HASH_NEVER},
    {C_WAIT_HELLO_AGAIN, MSG_SERVER_HELLO_13, 0, on_hello13, NEXT(C13_WAIT_ENCRYPTED_EXTENSIONS),
     TLS_LEVEL_INITIAL, true, HASH_BY_ACT},
    {C_WAIT_HELLO_AGAIN, MSG_SERVER_HELLO_12, 0, on_hello12_after_retry, 0, TLS_LEVEL_INITIAL,
     false, HASH_NEVER},
};
const size_t client_row_count = ARRAY_LEN(client_rows);

enum { PSK_MODE_DHE_KE = 1 };

/* ---- extensions of the ClientHello ----------------------------------------------------- */

static bool offers12(const struct tls *t)
{
    return t->config->tls12;
}

static bool offers13(const struct tls *t)
{
    return t->config->tls13;
}

static bool always(const struct tls *t)
{
    (void)t;
    return true;
}

static bool has_server_name(const struct tls *t)
{
    return t->info.server_name.n != 0;
}

static bool has_alpn(const struct tls *t)
{
    return t->alpn_offer_len != 0;
}

static bool has_cookie(const struct tls *t)
{
    return t->hs->cookie.n != 0;
}

static void write_nothing(const struct tls *t, struct buf *b)
{
    (void)t;
    (void)b;
}

static void write_server_name(const struct tls *t, struct buf *b)
{
    struct wr_mark list = wr_open(b, 2);
    wr_u8(b, 0);
    wr_vec(b, 2, t->info.server_name);
    wr_close(b, list);
}

static void write_renegotiation_info(const struct tls *t, struct buf *b)
{
    (void)t;
    wr_u8(b, 0);
}

static void write_list16(struct buf *b, const uint16_t *values, size_t count)
{
    struct wr_mark list = wr_open(b, 2);
    for (size_t i = 0; i < count; i++)
        wr_u16(b, values[i]);
    wr_close(b, list);
}

static void write_groups(const struct tls *t, struct buf *b)
{
    write_list16(b, t->config->groups, t->config->group_count);
}

static void write_point_formats(const struct tls *t, struct buf *b)
{
    (void)t;
    static const uint8_t uncompressed[1] = {0};
    wr_vec(b, 1, span_of(uncompressed, 1));
}

static void write_alpn(const struct tls *t, struct buf *b)
{
    wr_vec(b, 2, span_of(t->alpn_offer, t->alpn_offer_len));
}

/* RFC 6066 8: no responder ids, no request extensions. */
static void write_status_request(const struct tls *t, struct buf *b)
{
    (void)t;
    wr_u8(b, STATUS_TYPE_OCSP);
    wr_u16(b, 0);
    wr_u16(b, 0);
}

static void write_schemes(const struct tls *t, struct buf *b)
{
    write_list16(b, t->config->schemes, t->config->scheme_count);
}

static void write_key_share(const struct tls *t, struct buf *b)
{
    struct wr_mark list = wr_open(b, 2);
    wr_u16(b, kex_group(t->hs->kex));
    wr_vec(b, 2, kex_public(t->hs->kex));
    wr_close(b, list);
}

static void write_psk_modes(const struct tls *t, struct buf *b)
{
    (void)t;
    static const uint8_t modes[1] = {PSK_MODE_DHE_KE};
    wr_vec(b, 1, span_of(modes, 1));
}

static void write_versions(const struct tls *t, struct buf *b)
{
    struct wr_mark list = wr_open(b, 1);
    wr_u16(b, TLS_VERSION_13);
    if (t->config->tls12)
        wr_u16(b, TLS_VERSION_12);
    wr_close(b, list);
}

static void write_cookie(const struct tls *t, struct buf *b)
{
    wr_vec(b, 2, buf_span(&t->hs->cookie));
}

/* In this order on the wire. */
static const struct {
    enum ext id;
    bool (*applies)(const struct tls *t);
    void (*write)(const struct tls *t, struct buf *b);
} hello_extensions[] = {
    {EXT_SERVER_NAME, has_server_name, write_server_name},
    {EXT_EXTENDED_MASTER_SECRET, offers12, write_nothing},
    {EXT_RENEGOTIATION_INFO, offers12, write_renegotiation_info},
    {EXT_SUPPORTED_GROUPS, always, write_groups},
    {EXT_EC_POINT_FORMATS, offers12, write_point_formats},
    {EXT_ALPN, has_alpn, write_alpn},
    {EXT_STATUS_REQUEST, always, write_status_request},
    {EXT_SIGNATURE_ALGORITHMS, always, write_schemes},
    {EXT_KEY_SHARE, offers13, write_key_share},
    {EXT_PSK_KEY_EXCHANGE_MODES, offers13, write_psk_modes},
    {EXT_SUPPORTED_VERSIONS, offers13, write_versions},
    {EXT_COOKIE, has_cookie, write_cookie},
};

static void write_extensions(struct tls *t, struct buf *b)
{
    struct wr_mark block = wr_open(b, 2);
    for (size_t i = 0; i < ARRAY_LEN(hello_extensions); i++) {
        if (!hello_extensions[i].applies(t))
            continue;
        struct wr_mark mark = ext_open(b, hello_extensions[i].id);
        hello_extensions[i].write(t, b);
        wr_close(b, mark);
        t->hs->offered |= 1u << hello_extensions[i].id;
    }
    wr_close(b, block);
}

static void write_suites(const struct tls *t, struct buf *b)
{
    struct wr_mark list = wr_open(b, 2);
    for (size_t i = 0; i < t->config->suite_count; i++) {
        const struct tls_suite *suite = tls_suite_find(t->config->suites[i]);
        if (suite != NULL && config_has_suite(t->config, suite))
            wr_u16(b, suite->id);
    }
    wr_close(b, list);
}

static err write_hello(struct tls *t)
{
    struct handshake *hs = t->hs;
    struct hs_message m = hs_open(t, MSG_CLIENT_HELLO);
    wr_u16(&t->out, TLS_VERSION_12);
    wr_bytes(&t->out, span_of(hs->client_random, RANDOM_LEN));
    wr_vec(&t->out, 1, span_of(hs->session_id, hs->session_id_len));
    write_suites(t, &t->out);
    wr_u8(&t->out, 1);
    wr_u8(&t->out, 0); /* compression: null only */
    write_extensions(t, &t->out);
    return hs_close(t, m, TLS_LEVEL_INITIAL);
}

static err send_hello(struct tls *t, struct span body)
{
    (void)body;
    struct handshake *hs = t->hs;
    uint8_t random[RANDOM_LEN + SESSION_ID_MAX];
    TRY(t->env->random(t->env->arg, random, sizeof random));
    memcpy(hs->client_random, random, RANDOM_LEN);
    hs->transcript.keep_raw = t->config->tls12;
    if (t->config->tls13) {
        /* RFC 8446 D.4: a session id makes the handshake look like resumption to middleboxes. */
        memcpy(hs->session_id, random + RANDOM_LEN, SESSION_ID_MAX);
        hs->session_id_len = SESSION_ID_MAX;
        TRY(t->env->new_kex(t->env->arg, &hs->kex, t->config->groups[0]));
        t->ccs_possible = true;
    } else {
        t->record_version = TLS_VERSION_12;
    }
    TRY(write_hello(t));
    hs->state = C_WAIT_HELLO;
    return OK;
}

static err send_hello_again(struct tls *t, struct span body)
{
    (void)body;
    static const uint8_t change_cipher_spec[1] = {1};
    struct handshake *hs = t->hs;
    if (hs->retry_group != 0) {
        kex_free(hs->kex);
        hs->kex = NULL;
        TRY(t->env->new_kex(t->env->arg, &hs->kex, hs->retry_group));
    }
    t->record_version = TLS_VERSION_12;
    TRY(out_append(t, TLS_CHANGE_CIPHER_SPEC, TLS_LEVEL_INITIAL, span_of(change_cipher_spec, 1)));
    TRY(write_hello(t));
    hs->state = C_WAIT_HELLO_AGAIN;
    return OK;
}

/* ---- ServerHello ----------------------------------------------------------------------- */

/* Checks that ServerHello of 1.3 and HelloRetryRequest share (RFC 8446 4.1.3). */
static err check_hello13(const struct tls *t, const struct server_hello *hello,
                         const struct ext_set *extensions, const struct tls_suite **out_suite)
{
    const struct handshake *hs = t->hs;
    uint16_t version;
    if (hello->legacy_version != TLS_VERSION_12)
        return FAIL(hello->legacy_version == 0x0300 ? ERR_HELLO_VERSION : ERR_ILLEGAL_VALUE);
    TRY(ext_read_u16(extensions->body[EXT_SUPPORTED_VERSIONS], &version));
    if (version != TLS_VERSION_13 || !t->config->tls13)
        return FAIL(ERR_ILLEGAL_VALUE);
    if (!span_equal(hello->session_id, span_of(hs->session_id, hs->session_id_len)))
        return FAIL(ERR_HELLO_SESSION_ID);
    if (hello->compression != 0)
        return FAIL(ERR_HELLO_COMPRESSION);
    const struct tls_suite *suite = tls_suite_find(hello->suite);
    if (suite == NULL || suite->version != TLS_VERSION_13 || !config_has_suite(t->config, suite))
        return FAIL(ERR_HELLO_SUITE_NOT_OFFERED);
    if (hs->retry_suite != 0 && hs->retry_suite != suite->id)
        return FAIL(ERR_HELLO_SUITE_CHANGED);
    *out_suite = suite;
    return OK;
}

/* The version is agreed: it decides how records and alerts are read from here on. */
static void choose_version(struct tls *t, uint16_t version, const struct tls_suite *suite)
{
    t->info.version = version;
    t->info.suite = suite->id;
    t->suite = suite;
    t->record_version = TLS_VERSION_12;
}

static err take_retry_extensions(struct tls *t, const struct ext_set *extensions)
{
    struct handshake *hs = t->hs;
    uint16_t group = 0;
    if (ext_has(extensions, EXT_KEY_SHARE)) {
        TRY(ext_read_u16(extensions->body[EXT_KEY_SHARE], &group));
        if (!config_has_group(t->config, group))
            return FAIL(ERR_HELLO_GROUP_NOT_OFFERED);
        if (group == kex_group(hs->kex))
            return FAIL(ERR_HELLO_RETRY_NO_CHANGE);
    }
    if (ext_has(extensions, EXT_COOKIE)) {
        struct span cookie;
        TRY(ext_read_cookie(extensions->body[EXT_COOKIE], &cookie));
        buf_init(&hs->cookie, UINT16_MAX);
        wr_bytes(&hs->cookie, cookie);
        TRY(buf_check(&hs->cookie));
    } else if (group == 0) {
        return FAIL(ERR_HELLO_RETRY_NO_CHANGE);
    }
    hs->retry_group = group;
    return OK;
}

static err on_retry(struct tls *t, struct span body)
{
    struct handshake *hs = t->hs;
    struct server_hello hello;
    struct ext_set extensions;
    const struct tls_suite *suite = NULL;
    TRY(msg_read_server_hello(body, &hello));
    if (!t->config->tls13)
        return FAIL(ERR_UNEXPECTED_MESSAGE);
    TRY(hs_require_aligned(t)); /* nothing can follow before our second ClientHello */
    if (!hello.has_supported_versions)
        return FAIL(ERR_HELLO_MISSING_EXTENSION);
    TRY(ext_collect(hello.extension_block, IN_HELLO_RETRY, hs->offered | 1u << EXT_COOKIE,
                    &extensions));
    TRY(check_hello13(t, &hello, &extensions, &suite));
    TRY(take_retry_extensions(t, &extensions));
    TRY(transcript_start(&hs->transcript, suite->hash));
    transcript_drop_raw(&hs->transcript);
    TRY(transcript_retry(&hs->transcript));
    TRY(transcript_add(&hs->transcript, hs_current_message(t)));
    choose_version(t, TLS_VERSION_13, suite);
    hs->retry_suite = suite->id;
    t->info.hello_retried = true;
    hs->state = C_SEND_HELLO_AGAIN;
    return OK;
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
    TRY(keys_install(t, false, TLS_LEVEL_HANDSHAKE));
    t->alert_level = TLS_LEVEL_HANDSHAKE;
    if (hs->retry_suite != 0 || state_has(t, STATE_WRITE_CLOSED))
        return OK;
    static const uint8_t change_cipher_spec[1] = {1};
    return out_append(t, TLS_CHANGE_CIPHER_SPEC, TLS_LEVEL_INITIAL, span_of(change_cipher_spec, 1));
}

static err accept_hello13(struct tls *t, const struct tls_suite *suite,
                          const struct server_hello *hello, const struct secret *shared)
{
    struct handshake *hs = t->hs;
    if (hs->retry_suite == 0) {
        TRY(transcript_start(&hs->transcript, suite->hash));
        transcript_drop_raw(&hs->transcript);
    }
    TRY(transcript_add(&hs->transcript, hs_current_message(t)));
    memcpy(hs->server_random, hello->random, RANDOM_LEN);
    choose_version(t, TLS_VERSION_13, suite);
    TRY(enter_handshake_keys(t, shared));
    hs_enter(t, MACHINE_CLIENT13, C13_WAIT_ENCRYPTED_EXTENSIONS);
    return OK;
}

static err on_hello13(struct tls *t, struct span body)
{
    struct server_hello hello;
    struct ext_set extensions;
    const struct tls_suite *suite;
    uint16_t group;
    struct span share;
    TRY(msg_read_server_hello(body, &hello));
    TRY(ext_collect(hello.extension_block, IN_SERVER_HELLO_13, t->hs->offered, &extensions));
    TRY(check_hello13(t, &hello, &extensions, &suite));
    /* RFC 8446 9.2: without a pre-shared key there must be a share. */
    if (!ext_has(&extensions, EXT_KEY_SHARE))
        return FAIL(ERR_HELLO_MISSING_EXTENSION);
    TRY(ext_read_key_share_server(extensions.body[EXT_KEY_SHARE], &group, &share));
    if (group != kex_group(t->hs->kex))
        return FAIL(ERR_HELLO_GROUP_NOT_OFFERED);
    struct secret shared = {0};
    err result = hello_derive(t, share, &shared);
    if (result == OK)
        result = accept_hello13(t, suite, &hello, &shared);
    secret_wipe(&shared);
    return result;
}

/* RFC 8446 4.2.1: the version of the HelloRetryRequest must stay. */
static err on_hello12_after_retry(struct tls *t, struct span body)
{
    (void)t;
    (void)body;
    return FAIL(ERR_ILLEGAL_VALUE);
}

/* RFC 8446 4.1.3: the last eight bytes say that the server could do better. */
static bool has_downgrade_sentinel(const uint8_t random[RANDOM_LEN])
{
    static const uint8_t sentinel[7] = {'D', 'O', 'W', 'N', 'G', 'R', 'D'};
    return memcmp(random + RANDOM_LEN - 8, sentinel, sizeof sentinel) == 0 &&
           random[RANDOM_LEN - 1] <= 1;
}

static err check_hello12(const struct tls *t, const struct server_hello *hello,
                         const struct tls_suite **out_suite)
{
    if (hello->legacy_version != TLS_VERSION_12 || !t->config->tls12)
        return FAIL(ERR_HELLO_VERSION);
    if (t->config->tls13 && has_downgrade_sentinel(hello->random))
        return FAIL(ERR_HELLO_DOWNGRADE);
    /* The session id we sent names no session, so no server can resume it. */
    if (hello->session_id.n != 0 && t->hs->session_id_len != 0 &&
        span_equal(hello->session_id, span_of(t->hs->session_id, t->hs->session_id_len)))
        return FAIL(ERR_HELLO_SESSION_ID);
    if (hello->compression != 0)
        return FAIL(ERR_HELLO_COMPRESSION);
    const struct tls_suite *suite = tls_suite_find(hello->suite);
    if (suite == NULL || suite->version != TLS_VERSION_12 || !config_has_suite(t->config, suite))
        return FAIL(ERR_HELLO_SUITE_NOT_OFFERED);
    *out_suite = suite;
    return OK;
}

static err take_extensions12(struct tls *t, const struct ext_set *extensions)
{
    if (ext_has(extensions, EXT_SERVER_NAME))
        TRY(ext_read_empty(extensions->body[EXT_SERVER_NAME]));
    if (ext_has(extensions, EXT_EXTENDED_MASTER_SECRET)) {
        TRY(ext_read_empty(extensions->body[EXT_EXTENDED_MASTER_SECRET]));
        t->info.has_extended_master_secret = true;
    }
    if (ext_has(extensions, EXT_EC_POINT_FORMATS)) {
        bool has_uncompressed;
        TRY(ext_read_point_formats(extensions->body[EXT_EC_POINT_FORMATS], &has_uncompressed));
        if (!has_uncompressed)
            return FAIL(ERR_HELLO_POINT_FORMAT);
    }
    if (ext_has(extensions, EXT_STATUS_REQUEST)) {
        TRY(ext_read_empty(extensions->body[EXT_STATUS_REQUEST]));
        t->hs->staple_expected = true;
    }
    if (ext_has(extensions, EXT_ALPN))
        TRY(hello_take_alpn(t, extensions->body[EXT_ALPN]));
    return hello_check_renegotiation(t, extensions);
}

static err on_hello12(struct tls *t, struct span body)
{
    struct handshake *hs = t->hs;
    struct server_hello hello;
    struct ext_set extensions;
    const struct tls_suite *suite = NULL;
    TRY(msg_read_server_hello(body, &hello));
    TRY(check_hello12(t, &hello, &suite));
    TRY(ext_collect(hello.extension_block, IN_SERVER_HELLO_12, hs->offered, &extensions));
    TRY(take_extensions12(t, &extensions));
    TRY(transcript_start(&hs->transcript, suite->hash));
    TRY(transcript_add(&hs->transcript, hs_current_message(t)));
    memcpy(hs->server_random, hello.random, RANDOM_LEN);
    kex_free(hs->kex); /* offered for 1.3 */
    hs->kex = NULL;
    t->ccs_possible = false;
    choose_version(t, TLS_VERSION_12, suite);
    mem_copy(t->session_id, hello.session_id.p, hello.session_id.n);
    t->info.session_id = span_of(t->session_id, hello.session_id.n);
    hs_enter(t, MACHINE_CLIENT12, C12_WAIT_CERTIFICATE);
    return OK;
}
