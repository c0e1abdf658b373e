/* SPDX-License-Identifier: MIT */
/*
 * The server's hello phase (RFC 8446 4.1, RFC 5246 7.4.1): the ClientHello, the choice of version,
 * and the caller's choice of credential and application protocol.
 *
 *      S_WAIT_HELLO -> S_STOP_CHOICE --1.2--> server12.c
 *                            |  '------1.3--> server13.c (S13_SEND_HELLO or S13_SEND_RETRY)
 */
#include "tls/internal.h"

static err on_client_hello(struct tls *t, struct span body);

const struct hs_row server_rows[] = {
    {S_WAIT_HELLO, MSG_CLIENT_HELLO, 0, on_client_hello, NEXT(S_STOP_CHOICE), TLS_LEVEL_INITIAL,
     false, HASH_BY_ACT},
    {S_STOP_CHOICE, MSG_NONE, TLS_WAIT_CHOICE, NULL,
     NEXT(S13_SEND_RETRY) | NEXT(S13_SEND_HELLO) | NEXT(S12_SEND_HELLO), 0, false, HASH_NEVER},
};
const size_t server_row_count = ARRAY_LEN(server_rows);

enum { VERSION_SSL30 = 0x0300, SUITE_FALLBACK_SCSV = 0x5600, SUITE_RENEGOTIATION_SCSV = 0x00FF };

/* ---- reading the ClientHello ----------------------------------------------------------- */

/* RFC 8446 4.2.1: the extension decides when it is there, legacy_version otherwise. */
static err choose_version(struct tls *t, const struct client_hello *hello)
{
    const struct tls_config *config = t->config;
    bool client13 = false;
    bool client12 = hello->legacy_version >= TLS_VERSION_12;
    if (hello->legacy_version <= VERSION_SSL30) /* RFC 8446 D.5 */
        return FAIL(ERR_HELLO_VERSION);
    if (ext_has(&hello->extensions, EXT_SUPPORTED_VERSIONS)) {
        struct span versions;
        TRY(ext_read_versions(hello->extensions.body[EXT_SUPPORTED_VERSIONS], &versions));
        client13 = list16_has(versions, TLS_VERSION_13);
        client12 = list16_has(versions, TLS_VERSION_12);
    }
    /* RFC 7507 3: the client gave up a version that we have, even if none is left. */
    bool gave_up = !client13 && (config->tls13 || !client12);
    if (gave_up && list16_has(hello->suites, SUITE_FALLBACK_SCSV))
        return FAIL(ERR_HELLO_FALLBACK);
    if (client13 && config->tls13)
        t->info.version = TLS_VERSION_13;
    else if (client12 && config->tls12)
        t->info.version = TLS_VERSION_12;
    else
        return FAIL(ERR_HELLO_VERSION);
    t->record_version = TLS_VERSION_12;
    return OK;
}

static err check_compressions(const struct tls *t, const struct client_hello *hello)
{
    /* RFC 8446 4.1.2: in 1.3 null is the only one that may be listed. */
    if (memchr(hello->compressions.p, 0, hello->compressions.n) == NULL)
        return FAIL(ERR_HELLO_NO_NULL_COMPRESSION);
    if (t->info.version == TLS_VERSION_13 && hello->compressions.n != 1)
        return FAIL(ERR_HELLO_COMPRESSION);
    return OK;
}

static err take_server_name(struct tls *t, const struct ext_set *extensions)
{
    struct span name;
    if (!ext_has(extensions, EXT_SERVER_NAME))
        return OK;
    TRY(ext_read_server_name(extensions->body[EXT_SERVER_NAME], &name));
    mem_free(t->server_name);
    t->server_name = mem_dup(name.p, name.n);
    if (t->server_name == NULL)
        return FAIL(ERR_NO_MEMORY);
    t->info.server_name = span_of(t->server_name, name.n);
    return OK;
}

static err take_lists(struct tls *t, const struct ext_set *extensions)
{
    struct handshake *hs = t->hs;
    struct tls_hello *view = &hs->hello_view;
    *view = (struct tls_hello){.version = t->info.version,
                               .server_name = t->info.server_name,
                               .alpn = span_empty(),
                               .schemes = span_empty(),
                               .certificate_schemes = span_empty()};
    if (ext_has(extensions, EXT_ALPN))
        TRY(ext_read_alpn(extensions->body[EXT_ALPN], &view->alpn));
    hs->alpn_offered = view->alpn.n != 0;
    if (ext_has(extensions, EXT_SIGNATURE_ALGORITHMS))
        TRY(ext_read_list16(extensions->body[EXT_SIGNATURE_ALGORITHMS], &view->schemes));
    if (ext_has(extensions, EXT_SIGNATURE_ALGORITHMS_CERT))
        TRY(ext_read_list16(extensions->body[EXT_SIGNATURE_ALGORITHMS_CERT],
                            &view->certificate_schemes));
    hs->peer_has_groups = ext_has(extensions, EXT_SUPPORTED_GROUPS);
    if (hs->peer_has_groups)
        TRY(ext_read_list16(extensions->body[EXT_SUPPORTED_GROUPS], &hs->peer_groups));
    if (ext_has(extensions, EXT_STATUS_REQUEST))
        TRY(ext_read_status_request(extensions->body[EXT_STATUS_REQUEST], &hs->staple_wanted));
    return OK;
}

err server_check_psk(const struct ext_set *extensions)
{
    if (ext_has(extensions, EXT_PSK_KEY_EXCHANGE_MODES)) {
        bool has_dhe;
        TRY(ext_read_psk_modes(extensions->body[EXT_PSK_KEY_EXCHANGE_MODES], &has_dhe));
    }
    if (!ext_has(extensions, EXT_PRE_SHARED_KEY))
        return OK;
    if (!extensions->last_is_known || extensions->last != EXT_PRE_SHARED_KEY)
        return FAIL(ERR_PSK_MODE);
    if (!ext_has(extensions, EXT_PSK_KEY_EXCHANGE_MODES))
        return FAIL(ERR_HELLO_MISSING_EXTENSION);
    return ext_read_psk_offer(extensions->body[EXT_PRE_SHARED_KEY]);
}

/* RFC 8446 9.2. */
static err check_extensions13(struct tls *t, const struct ext_set *extensions)
{
    bool has_groups = ext_has(extensions, EXT_SUPPORTED_GROUPS);
    bool has_shares = ext_has(extensions, EXT_KEY_SHARE);
    TRY(server_check_psk(extensions));
    if (!has_groups || !has_shares || !ext_has(extensions, EXT_SIGNATURE_ALGORITHMS))
        return FAIL(ERR_HELLO_MISSING_EXTENSION);
    if (ext_has(extensions, EXT_EARLY_DATA)) {
        TRY(ext_read_empty(extensions->body[EXT_EARLY_DATA]));
        t->hs->early_data_left = EARLY_DATA_SKIPPED_MAX;
    }
    return OK;
}

static err check_extensions12(struct tls *t, const struct client_hello *hello)
{
    const struct ext_set *extensions = &hello->extensions;
    if (ext_has(extensions, EXT_EXTENDED_MASTER_SECRET)) {
        TRY(ext_read_empty(extensions->body[EXT_EXTENDED_MASTER_SECRET]));
        t->hs->offers_ems = true;
    }
    if (ext_has(extensions, EXT_EC_POINT_FORMATS)) {
        bool has_uncompressed;
        TRY(ext_read_point_formats(extensions->body[EXT_EC_POINT_FORMATS], &has_uncompressed));
        if (!has_uncompressed) /* RFC 8422 5.1.2 */
            return FAIL(ERR_HELLO_POINT_FORMAT);
    }
    if (list16_has(hello->suites, SUITE_RENEGOTIATION_SCSV))
        t->info.has_secure_renegotiation = true;
    return hello_check_renegotiation(t, extensions);
}

/* The body is kept: spans of the parsed form, and later the comparison, point into it. */
static err keep_hello(struct tls *t, struct span body)
{
    struct handshake *hs = t->hs;
    buf_init(&hs->hello, t->in.max);
    wr_bytes(&hs->hello, body);
    TRY(buf_check(&hs->hello));
    return msg_read_client_hello(buf_span(&hs->hello), &hs->hello_parsed);
}

static err on_client_hello(struct tls *t, struct span body)
{
    struct handshake *hs = t->hs;
    TRY(hs_require_aligned(t)); /* the flight ends, and in 1.3 handshake keys follow */
    TRY(keep_hello(t, body));
    const struct client_hello *hello = &hs->hello_parsed;
    TRY(choose_version(t, hello));
    TRY(check_compressions(t, hello));
    TRY(take_server_name(t, &hello->extensions));
    TRY(take_lists(t, &hello->extensions));
    if (t->info.version == TLS_VERSION_13) {
        TRY(check_extensions13(t, &hello->extensions));
        t->ccs_possible = true;
    } else {
        TRY(check_extensions12(t, hello));
        hs->transcript.keep_raw = t->wants_certificate;
    }
    memcpy(hs->client_random, hello->random, RANDOM_LEN);
    TRY(transcript_add(&hs->transcript, hs_current_message(t)));
    hs->state = S_STOP_CHOICE;
    return OK;
}

/* ---- the choice ------------------------------------------------------------------------ */

static bool auth_fits(enum tls_auth auth, const struct key_info *key)
{
    bool is_rsa = key->kind == KEY_RSA || key->kind == KEY_RSA_PSS;
    return auth == TLS_AUTH_ANY || (auth == TLS_AUTH_RSA) == is_rsa;
}

static const struct tls_suite *pick_suite(const struct tls *t, const struct key_info *key)
{
    for (size_t i = 0; i < t->config->suite_count; i++) {
        const struct tls_suite *suite = tls_suite_find(t->config->suites[i]);
        if (suite != NULL && suite->version == t->info.version &&
            config_has_suite(t->config, suite) && auth_fits(suite->auth, key) &&
            list16_has(t->hs->hello_parsed.suites, suite->id))
            return suite;
    }
    return NULL;
}

/* The first group of our own order that the client has, too. */
static uint16_t pick_group(const struct tls *t)
{
    for (size_t i = 0; i < t->config->group_count; i++) {
        uint16_t group = t->config->groups[i];
        /* RFC 8422 4: without the extension any curve may be chosen. */
        if (!t->hs->peer_has_groups ? group == GROUP_SECP256R1
                                    : list16_has(t->hs->peer_groups, group))
            return group;
    }
    return 0;
}

/* RFC 5246 7.4.4, RFC 8422 5.5: Ed25519 counts as ecdsa_sign. */
static bool type_requested(const struct tls *t, const struct key_info *key)
{
    enum { RSA_SIGN = 1, ECDSA_SIGN = 64 };
    struct span types = t->hs->request.types;
    bool is_rsa = key->kind == KEY_RSA || key->kind == KEY_RSA_PSS;
    return memchr(types.p, is_rsa ? RSA_SIGN : ECDSA_SIGN, types.n) != NULL;
}

bool tls_credential_fits(const struct tls *t, const struct tls_credential *credential)
{
    if (t->hs == NULL || credential == NULL)
        return false;
    const struct key_info *key = private_key_info(credential->key);
    bool is_tls13 = t->info.version == TLS_VERSION_13;
    struct span schemes = t->info.is_server ? t->hs->hello_view.schemes : t->hs->request.schemes;
    if (auth_pick_scheme(t, key, schemes, is_tls13) == 0)
        return false;
    if (is_tls13)
        return true;
    if (!t->info.is_server)
        return type_requested(t, key);
    /* RFC 8422 5.1: an ECDSA certificate's curve is one that the client supports. */
    if (key->kind == KEY_EC && t->hs->peer_has_groups &&
        !list16_has(t->hs->peer_groups, key->group))
        return false;
    return pick_suite(t, key) != NULL;
}

const struct tls_hello *tls_hello(const struct tls *t)
{
    return t->hs != NULL && t->info.is_server ? &t->hs->hello_view : NULL;
}

static err apply_alpn(struct tls *t, const struct tls_choice *choice)
{
    if (choice->alpn_mismatch)
        return FAIL(ERR_ALPN_NONE_IN_COMMON);
    if (choice->alpn.n == 0)
        return OK;
    if (!alpn_list_has(t->hs->hello_view.alpn, choice->alpn))
        return FAIL(ERR_ARGUMENT);
    return hello_set_alpn(t, choice->alpn);
}

static err find_share(struct tls *t, const struct ext_set *extensions, uint16_t group,
                      struct span *out_share)
{
    struct key_shares shares;
    TRY(ext_read_key_shares(extensions->body[EXT_KEY_SHARE], group, &shares));
    if (shares.found_twice) /* RFC 8446 4.2.8 */
        return FAIL(ERR_KEY_SHARE);
    buf_init(&t->hs->peer_share, UINT16_MAX);
    wr_bytes(&t->hs->peer_share, shares.found);
    *out_share = shares.found;
    return buf_check(&t->hs->peer_share);
}

static err choose13(struct tls *t)
{
    struct handshake *hs = t->hs;
    struct span share = span_empty();
    TRY(find_share(t, &hs->hello_parsed.extensions, t->info.group, &share));
    if (share.n == 0) {
        hs->retry_group = t->info.group;
        hs->retry_suite = t->suite->id;
    }
    TRY(transcript_start(&hs->transcript, t->suite->hash));
    TRY(hs_leave_stop(t, share.n == 0 ? S13_SEND_RETRY : S13_SEND_HELLO));
    hs_enter(t, MACHINE_SERVER13, (enum hs_state)hs->state);
    return OK;
}

static err choose12(struct tls *t)
{
    TRY(transcript_start(&t->hs->transcript, t->suite->hash));
    TRY(hs_leave_stop(t, S12_SEND_HELLO));
    hs_enter(t, MACHINE_SERVER12, S12_SEND_HELLO);
    return OK;
}

/* The version was chosen before; settings for one protocol can only refuse it. */
static err apply_config(struct tls *t, const struct tls_config *config)
{
    bool is_tls13 = t->info.version == TLS_VERSION_13;
    if (config == NULL)
        return OK;
    if (is_tls13 ? !config->tls13 : !config->tls12)
        return FAIL(ERR_HELLO_VERSION);
    t->config = config;
    return OK;
}

static err apply_choice(struct tls *t, const struct tls_choice *choice)
{
    struct handshake *hs = t->hs;
    TRY(apply_alpn(t, choice));
    TRY(apply_config(t, choice->config));
    bool is_tls13 = t->info.version == TLS_VERSION_13;
    static const struct key_info no_key;
    const struct key_info *key =
        choice->credential != NULL ? private_key_info(choice->credential->key) : &no_key;
    t->suite = pick_suite(t, key);
    if (t->suite == NULL)
        return FAIL(ERR_HELLO_SUITE);
    t->info.suite = t->suite->id;
    t->info.group = pick_group(t);
    if (t->info.group == 0)
        return FAIL(ERR_HELLO_GROUP);
    if (choice->credential == NULL)
        return FAIL(ERR_HELLO_NO_CERTIFICATE);
    hs->credential = choice->credential;
    return is_tls13 ? choose13(t) : choose12(t);
}

err tls_answer_choice(struct tls *t, const struct tls_choice *choice)
{
    if (!hs_stopped_at(t, TLS_WAIT_CHOICE))
        return FAIL(ERR_WRONG_STATE);
    err result = apply_choice(t, choice);
    return result != OK ? engine_latch(t, result) : OK;
}
