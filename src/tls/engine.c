/* SPDX-License-Identifier: MIT */
/*
 * One engine: making and freeing it, the latch of the first failure, the caller's answers, and the
 * questions that may be asked in every state. Records are fed in step.c, data passes in data.c.
 */
#include "tls/alert.h"
#include "tls/internal.h"

static err system_random(void *arg, uint8_t *out, size_t n)
{
    (void)arg;
    return crypto_random(out, n);
}

static err system_new_kex(void *arg, struct kex **out, uint16_t group)
{
    (void)arg;
    return kex_new(out, group);
}

const struct tls_env tls_env_system = {.random = system_random, .new_kex = system_new_kex};

/* ---- state ----------------------------------------------------------------------------- */

void state_set(struct tls *t, unsigned bits)
{
    atomic_fetch_or_explicit(&t->state, bits, memory_order_acq_rel);
}

void state_clear(struct tls *t, unsigned bits)
{
    atomic_fetch_and_explicit(&t->state, ~bits, memory_order_acq_rel);
}

bool state_has(const struct tls *t, unsigned bits)
{
    return (atomic_load_explicit(&t->state, memory_order_acquire) & bits) != 0;
}

static void report_failure(struct tls *t, err reason)
{
    struct tls_event *event = event_add(t, TLS_EVENT_FAILURE);
    if (event == NULL)
        return;
    const struct err_place *place = err_last_place();
    event->reason = reason;
    if (place->code == reason && place->function != NULL) {
        event->function = place->function;
        event->line = place->line;
    }
}

static int owed_alert(const struct tls *t, err reason)
{
    int alert = tls_alert_of(reason);
    /* certificate_required exists from TLS 1.3 on. */
    if (alert == ALERT_CERTIFICATE_REQUIRED && t->info.version != TLS_VERSION_13)
        return ALERT_HANDSHAKE_FAILURE;
    return alert;
}

err engine_latch(struct tls *t, err reason)
{
    if (state_has(t, STATE_FAILED))
        return t->info.failure;
    t->info.failure = reason;
    report_failure(t, reason);
    int alert = owed_alert(t, reason);
    bool tells = alert != ALERT_NONE && !state_has(t, STATE_WRITE_CLOSED);
    out_abandon(t, tells);
    if (tells && out_alert(t, ALERT_LEVEL_FATAL, (uint8_t)alert) != OK)
        out_abandon(t, false); /* without memory the peer learns nothing */
    state_set(t, STATE_FAILED);
    return reason;
}

err tls_fail(struct tls *t, err reason)
{
    return engine_latch(t, reason != OK ? reason : ERR_INTERNAL);
}

void secret_report(const struct tls *t, const char *label, const struct secret *secret)
{
    if (t->env->secret != NULL)
        t->env->secret(t->env->arg, label, t->hs->client_random, secret_span(secret));
}

/* ---- making and freeing ---------------------------------------------------------------- */

/* Nothing stays NULL. */
static err copy_bytes(struct span from, uint8_t **out)
{
    if (from.n == 0)
        return OK;
    *out = mem_dup(from.p, from.n);
    return *out != NULL ? OK : FAIL(ERR_NO_MEMORY);
}

static err copy_params(struct tls *t, const struct tls_params *params)
{
    TRY(copy_bytes(params->server_name, &t->server_name));
    TRY(copy_bytes(params->alpn, &t->alpn_offer));
    t->alpn_offer_len = params->alpn.n;
    t->info.server_name = span_of(t->server_name, params->server_name.n);
    TRY(event_ring_init(&t->events, params->event_count));
    return event_ring_init(&t->events_write, params->event_count);
}

static err init_handshake(struct tls *t)
{
    t->hs = mem_alloc(sizeof *t->hs);
    if (t->hs == NULL)
        return FAIL(ERR_NO_MEMORY);
    buf_init(&t->hs->transcript.raw, TRANSCRIPT_LEN_MAX);
    if (t->info.is_server)
        hs_enter(t, MACHINE_SERVER, S_WAIT_HELLO);
    else
        hs_enter(t, MACHINE_CLIENT, C_SEND_HELLO);
    return OK;
}

static err init(struct tls *t, const struct tls_params *params)
{
    t->config = params->config;
    t->env = params->env;
    t->info.is_server = params->config->is_server;
    t->info.alert_received = ALERT_NONE;
    t->info.alert_sent = ALERT_NONE;
    t->info.alpn = span_empty();
    t->info.session_id = span_empty();
    t->wants_certificate = params->request_certificate || params->require_certificate;
    t->requires_certificate = params->require_certificate;
    t->record_version = 0x0301; /* RFC 8446 5.1: until the version is agreed */
    size_t message_len_max = params->config->message_len_max != 0 ? params->config->message_len_max
                                                                  : MESSAGE_LEN_MAX_DEFAULT;
    buf_init(&t->in, HANDSHAKE_HEADER_LEN + message_len_max + TLS_RECORD_HEADER_LEN +
                         TLS_PLAINTEXT_MAX + TLS12_EXPANSION_MAX);
    buf_init(&t->out, OUTPUT_LEN_MAX);
    TRY(copy_params(t, params));
    return init_handshake(t);
}

static bool params_valid(const struct tls_params *params)
{
    const struct tls_config *config = params->config;
    return config != NULL && params->env != NULL && (config->tls12 || config->tls13) &&
           config->suite_count != 0 && config->group_count != 0 && config->scheme_count != 0 &&
           params->server_name.n <= 255 && params->alpn.n <= UINT16_MAX;
}

err tls_new(struct tls **out, const struct tls_params *params)
{
    *out = NULL;
    if (!params_valid(params))
        return FAIL(ERR_ARGUMENT);
    struct tls *t = mem_alloc(sizeof *t);
    if (t == NULL)
        return FAIL(ERR_NO_MEMORY);
    err result = init(t, params);
    if (result != OK) {
        tls_free(t);
        return result;
    }
    *out = t;
    return OK;
}

void tls_free(struct tls *t)
{
    if (t == NULL)
        return;
    hs_free(t);
    aead_free(t->reader.aead);
    aead_free(t->writer.aead);
    buf_release(&t->in);
    buf_release(&t->out);
    event_ring_release(&t->events);
    event_ring_release(&t->events_write);
    mem_free(t->server_name);
    mem_free(t->alpn_offer);
    mem_free(t->alpn_chosen);
    mem_free(t);
}

/* ---- answers --------------------------------------------------------------------------- */

size_t tls_peer_certificate_count(const struct tls *t)
{
    return t->hs != NULL ? t->hs->peer_count : 0;
}

struct span tls_peer_certificate(const struct tls *t, size_t index)
{
    if (index >= tls_peer_certificate_count(t))
        return span_empty();
    return span_of(t->hs->peer_chain.p + t->hs->peer_certificates[index].at,
                   t->hs->peer_certificates[index].len);
}

struct span tls_peer_staple(const struct tls *t)
{
    return t->hs != NULL ? buf_span(&t->hs->staple) : span_empty();
}

/* RFC 8422 5.3: the TLS 1.2 suite names the key's kind, and its curve is one that we offered. */
static bool key_fits_suite(const struct tls *t, const struct key_info *key)
{
    bool is_rsa = key->kind == KEY_RSA || key->kind == KEY_RSA_PSS;
    if (t->info.is_server || t->suite->auth == TLS_AUTH_ANY)
        return true;
    if (key->kind == KEY_EC && !config_has_group(t->config, key->group))
        return false;
    return (t->suite->auth == TLS_AUTH_RSA) == is_rsa;
}

static bool key_in_bounds(const struct tls_config *config, const struct key_info *key)
{
    if (key->kind == KEY_ED25519)
        return true;
    const struct tls_key_bounds *bounds =
        key->kind == KEY_EC ? &config->ec_bounds : &config->rsa_bounds;
    return key->bits >= bounds->min && (bounds->max == 0 || key->bits <= bounds->max);
}

static err take_key(struct tls *t, struct public_key *key)
{
    struct handshake *hs = t->hs;
    hs->peer_key = key;
    if (key == NULL)
        return FAIL(ERR_CERT_KEY);
    if (!key_fits_suite(t, public_key_info(key)))
        return FAIL(ERR_CERT_KEY_TYPE);
    if (!key_in_bounds(t->config, public_key_info(key)))
        return FAIL(ERR_CERT_KEY_SIZE);
    switch (hs->state) {
    case C13_STOP_KEY:
        return hs_leave_stop(t, C13_WAIT_CERTIFICATE_VERIFY);
    case C12_STOP_KEY:
        return hs_leave_stop(t, hs->staple_expected ? C12_WAIT_STATUS_OR_KEY_EXCHANGE
                                                    : C12_WAIT_KEY_EXCHANGE);
    case S13_STOP_KEY:
        return hs_leave_stop(t, S13_WAIT_CERTIFICATE_VERIFY);
    default:
        return hs_leave_stop(t, S12_WAIT_KEY_EXCHANGE);
    }
}

err tls_answer_key(struct tls *t, struct public_key *key)
{
    if (!hs_stopped_at(t, TLS_WAIT_KEY)) {
        public_key_free(key);
        return FAIL(ERR_WRONG_STATE);
    }
    err result = take_key(t, key);
    return result != OK ? engine_latch(t, result) : OK;
}

static err take_verdict(struct tls *t)
{
    struct handshake *hs = t->hs;
    hs->proofs.verdict = true;
    switch (hs->state) {
    case C13_STOP_VERDICT:
        return hs_leave_stop(t, C13_WAIT_FINISHED);
    case C12_STOP_VERDICT:
        return hs_leave_stop(t, hs->certificate_requested ? C12_STOP_CREDENTIAL
                                                          : C12_SEND_KEY_EXCHANGE);
    case S13_STOP_VERDICT:
        return hs_leave_stop(t, S13_WAIT_FINISHED);
    default:
        return hs_leave_stop(t, S12_WAIT_CHANGE_CIPHER_SPEC);
    }
}

err tls_answer_verdict(struct tls *t, err verdict)
{
    if (!hs_stopped_at(t, TLS_WAIT_VERDICT))
        return FAIL(ERR_WRONG_STATE);
    err result = verdict != OK ? verdict : take_verdict(t);
    return result != OK ? engine_latch(t, result) : OK;
}

const struct tls_request *tls_request(const struct tls *t)
{
    bool has_request = t->hs != NULL && !t->info.is_server && t->hs->certificate_requested;
    return has_request ? &t->hs->request : NULL;
}

err tls_answer_credential(struct tls *t, const struct tls_credential *credential)
{
    if (!hs_stopped_at(t, TLS_WAIT_CREDENTIAL))
        return FAIL(ERR_WRONG_STATE);
    t->hs->credential = credential;
    bool is_tls13 = t->info.version == TLS_VERSION_13;
    err result = hs_leave_stop(t, is_tls13 ? C13_SEND_CERTIFICATE : C12_SEND_CERTIFICATE);
    return result != OK ? engine_latch(t, result) : OK;
}

/* ---- questions ------------------------------------------------------------------------- */

const struct tls_info *tls_info(const struct tls *t)
{
    return &t->info;
}

uint64_t tls_deadline(const struct tls *t)
{
    (void)t; /* streams have no timers */
    return UINT64_MAX;
}

err tls_sizes(const struct tls *t, struct tls_sizes *out)
{
    enum { AES_BLOCK_LEN = 16 };
    if (!state_has(t, STATE_ESTABLISHED))
        return FAIL(ERR_NOT_AVAILABLE);
    size_t header_len;
    size_t trailer_len;
    rec_frame_lens(t, TLS_LEVEL_APPLICATION, &header_len, &trailer_len);
    *out = (struct tls_sizes){
        .header_len = (uint32_t)header_len,
        .trailer_len = (uint32_t)trailer_len,
        .message_len_max = TLS_PLAINTEXT_MAX,
        .block_len = t->suite->aead == AEAD_CHACHA20_POLY1305 ? 1 : AES_BLOCK_LEN,
    };
    return OK;
}

/* RFC 8446 7.5. */
static err export13(const struct tls *t, struct span label, struct span context, uint8_t *out,
                    size_t out_len)
{
    enum hash_id hash = t->suite->hash;
    uint8_t context_hash[HASH_MAX];
    struct secret derived = {.n = (uint8_t)hash_len(hash)};
    TRY(hash_once(hash, context, context_hash));
    err result = hkdf_expand_label(hash, secret_span(&t->exporter), label, hash_of_nothing(hash),
                                   derived.b, derived.n);
    if (result == OK)
        result = hkdf_expand_label(hash, secret_span(&derived), span_text("exporter"),
                                   span_of(context_hash, hash_len(hash)), out, out_len);
    secret_wipe(&derived);
    return result;
}

/* RFC 5705 4: a context that is there, even empty, adds its length to the seed. */
static err export12(const struct tls *t, struct span label, bool has_context, struct span context,
                    uint8_t *out, size_t out_len)
{
    char text[256];
    struct buf seed;
    if (label.n >= sizeof text || context.n > UINT16_MAX)
        return FAIL(ERR_ARGUMENT);
    mem_copy(text, label.p, label.n);
    text[label.n] = 0;
    buf_init(&seed, sizeof t->randoms + 2 + UINT16_MAX);
    wr_bytes(&seed, span_of(t->randoms, sizeof t->randoms));
    if (has_context)
        wr_vec(&seed, 2, context);
    err result = buf_check(&seed);
    if (result == OK)
        result = prf12(t->suite->hash, secret_span(&t->exporter), text, buf_span(&seed),
                       span_empty(), out, out_len);
    buf_release(&seed);
    return result;
}

err tls_export(const struct tls *t, struct span label, bool has_context, struct span context,
               uint8_t *out, size_t out_len)
{
    if (!state_has(t, STATE_ESTABLISHED))
        return FAIL(ERR_NOT_AVAILABLE);
    if (t->info.version == TLS_VERSION_13)
        return export13(t, label, context, out, out_len);
    return export12(t, label, has_context, context, out, out_len);
}

err tls_unique(const struct tls *t, struct span *out)
{
    if (!state_has(t, STATE_ESTABLISHED))
        return FAIL(ERR_NOT_AVAILABLE);
    if (t->info.version == TLS_VERSION_13)
        return FAIL(ERR_UNSUPPORTED);
    *out = span_of(t->tls_unique, sizeof t->tls_unique);
    return OK;
}

/* ---- the caller's alerts and keys ------------------------------------------------------ */

err tls_shutdown(struct tls *t)
{
    return tls_send_alert(t, ALERT_LEVEL_WARNING, ALERT_CLOSE_NOTIFY);
}

err tls_send_alert(struct tls *t, uint8_t alert_level, uint8_t description)
{
    /* After a failure of ours the peer has been told already. */
    if (state_has(t, STATE_FAILED) && t->info.alert_sent != ALERT_NONE)
        return FAIL(ERR_DEAD);
    return out_alert(t, alert_level, description);
}

err tls_update_keys(struct tls *t, bool request_update)
{
    if (state_has(t, STATE_FAILED))
        return FAIL(ERR_DEAD);
    if (!state_has(t, STATE_ESTABLISHED))
        return FAIL(ERR_WRONG_STATE);
    if (t->info.version != TLS_VERSION_13)
        return FAIL(ERR_UNSUPPORTED);
    if (state_has(t, STATE_WRITE_CLOSED))
        return FAIL(ERR_CLOSED);
    return out_key_update(t, request_update);
}
