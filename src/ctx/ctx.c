/* SPDX-License-Identifier: MIT */
/* Making a context and driving its engine through a call of the surface. */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>

#include "ctx/internal.h"
#include "util/idna.h"

/* ---- fork ------------------------------------------------------------------------------ */

static atomic_uint generation;
static pthread_once_t generation_once = PTHREAD_ONCE_INIT;

static void next_generation(void)
{
    atomic_fetch_add(&generation, 1);
}

static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, next_generation);
}

unsigned fork_generation(void)
{
    return atomic_load_explicit(&generation, memory_order_relaxed);
}

bool ctx_is_foreign(const struct ctx *c)
{
    return c->fork_generation != fork_generation();
}

/* ---- making ---------------------------------------------------------------------------- */

/*
 * RFC 6066 3: host names only, as A-labels, without the dot that ends an absolute one. Programs may
 * call the target what they like; only what can be a DNS name goes out as one.
 */
static struct span sni_name(const char *target, char name[IDNA_NAME_MAX + 1])
{
    uint8_t address[16];
    size_t n = target != NULL ? idna_to_ascii(span_text(target), name) : 0;
    if (n == 0 || inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1)
        return span_empty();
    if (name[n - 1] == '.')
        n--;
    return memchr(name, ' ', n) == NULL ? span_of(name, n) : span_empty();
}

static const struct tls_config *config_for(const struct ctx_params *params)
{
    /* A client that offers one protocol knows which settings will apply. */
    struct span list = params->alpn;
    bool is_single = !params->cred->is_server && list.n > 1 && (size_t)list.p[0] + 1 == list.n;
    return cred_config(params->cred, is_single ? span_of(list.p + 1, list.n - 1) : span_empty());
}

static err make_engine(struct ctx *c, const struct ctx_params *params)
{
    char name[IDNA_NAME_MAX + 1];
    struct tls_params engine = {.config = config_for(params),
                                .env = ctx_env(),
                                .server_name =
                                    c->is_server ? span_empty() : sni_name(c->target, name),
                                .alpn = c->is_server ? span_empty() : params->alpn,
                                .request_certificate = params->request_certificate,
                                .event_count = atomic_load(&c->cred->event_count)};
    return tls_new(&c->engine, &engine);
}

static err fill(struct ctx *c, const struct ctx_params *params)
{
    if (params->target != NULL) {
        c->target = mem_dup(params->target, strlen(params->target) + 1);
        if (c->target == NULL)
            return FAIL(ERR_NO_MEMORY);
    }
    if (params->alpn.n != 0) {
        c->alpn = mem_dup(params->alpn.p, params->alpn.n);
        if (c->alpn == NULL)
            return FAIL(ERR_NO_MEMORY);
        c->alpn_len = params->alpn.n;
    }
    return make_engine(c, params);
}

err ctx_new(struct ctx **out, const struct ctx_params *params)
{
    *out = NULL;
    pthread_once(&generation_once, watch_forks);
    struct ctx *c = mem_alloc(sizeof *c);
    if (c == NULL)
        return FAIL(ERR_NO_MEMORY);
    c->cred = cred_ref(params->cred);
    c->auth_cred = cred_ref(params->cred);
    c->is_server = params->cred->is_server;
    DWORD flags = params->cred->flags;
    c->manual_validation =
        params->manual_validation || (flags & SCH_CRED_MANUAL_CRED_VALIDATION) != 0;
    c->deferred_validation =
        params->deferred_validation || (flags & SCH_CRED_DEFERRED_CRED_VALIDATION) != 0;
    c->fork_generation = fork_generation();
    err result = fill(c, params);
    if (result != OK) {
        ctx_free(c);
        return result;
    }
    *out = c;
    return OK;
}

void ctx_free(struct ctx *c)
{
    if (c == NULL)
        return;
    tls_free(c->engine);
    CertFreeCertificateContext(c->peer);
    CertFreeCertificateContext(c->local);
    buf_release(&c->peer_bytes);
    cred_release(c->auth_cred);
    cred_release(c->cred);
    buf_release(&c->authorities);
    buf_release(&c->peer_schemes);
    buf_release(&c->export_label);
    buf_release(&c->export_context);
    mem_free(c->target);
    mem_free(c->alpn);
    mem_free(c);
}

/* ---- stepping -------------------------------------------------------------------------- */

void ctx_unreported(struct ctx *c, struct span consumed)
{
    c->replay_len = consumed.n;
    if (consumed.n != 0 && hash_once(HASH_SHA256, consumed, c->replay_digest) != OK)
        c->replay_len = 0;
}

/* Bytes at the start that were handled by the call before. */
static size_t replayed(struct ctx *c, struct span input)
{
    uint8_t digest[HASH_MAX];
    size_t n = c->replay_len;
    c->replay_len = 0;
    if (n == 0 || input.n < n || hash_once(HASH_SHA256, span_of(input.p, n), digest) != OK)
        return 0;
    return memcmp(digest, c->replay_digest, hash_len(HASH_SHA256)) == 0 ? n : 0;
}

/*
 * Microsoft "DecryptMessage (Schannel)" and "Renegotiating an Schannel Connection": the record that
 * DecryptMessage opened in place comes back as a token, in the clear. Its message waits in the
 * engine.
 */
static size_t relabelled(const struct ctx *c, struct span input)
{
    struct span message = tls_pending(c->engine);
    if (message.n == 0 || input.n < TLS_RECORD_HEADER_LEN || input.p[0] != TLS_HANDSHAKE)
        return 0;
    size_t record_len = TLS_RECORD_HEADER_LEN + (size_t)load_u16(input.p + 3);
    size_t left = record_len < input.n ? record_len : input.n;
    for (size_t at = TLS_RECORD_HEADER_LEN; at <= TLS_RECORD_HEADER_LEN + 8; at += 8) {
        if (left >= at + message.n && span_equal(span_of(input.p + at, message.n), message))
            return left;
    }
    return 0;
}

static err answer(struct ctx *c, enum tls_wait wait, bool no_default, bool *out_asked)
{
    *out_asked = false;
    switch (wait) {
    case TLS_WAIT_CHOICE:
        return peer_choose(c);
    case TLS_WAIT_KEY:
        return peer_take_key(c);
    case TLS_WAIT_VERDICT:
        return peer_judge(c);
    case TLS_WAIT_CREDENTIAL:
        return peer_give_credential(c, no_default, out_asked);
    case TLS_WAIT_BYTES:
    case TLS_WAIT_PEER:
    case TLS_DONE:
    case TLS_CLOSED:
        break;
    }
    return FAIL(ERR_INTERNAL);
}

static bool is_question(enum tls_wait wait)
{
    return wait == TLS_WAIT_CHOICE || wait == TLS_WAIT_KEY || wait == TLS_WAIT_VERDICT ||
           wait == TLS_WAIT_CREDENTIAL;
}

static enum ctx_outcome outcome_of(const struct ctx *c, enum tls_wait wait, size_t consumed)
{
    if (wait == TLS_DONE)
        return CTX_DONE;
    if (wait == TLS_CLOSED)
        return CTX_CLOSED;
    bool happened = consumed != 0 || tls_output_len(c->engine) != 0;
    return wait == TLS_WAIT_BYTES && !happened ? CTX_INCOMPLETE : CTX_CONTINUE;
}

static err drive(struct ctx *c, bool no_default, struct span input, struct ctx_step *out)
{
    for (;;) {
        struct tls_progress progress;
        bool must_ask;
        struct tls_input fed = {.bytes = span_of(input.p + out->consumed, input.n - out->consumed)};
        err result = tls_step(c->engine, &fed, &progress);
        out->consumed += progress.consumed;
        if (result != OK)
            return result;
        if (!is_question(progress.wait)) {
            out->outcome = outcome_of(c, progress.wait, out->consumed);
            out->missing = progress.bytes_missing;
            return OK;
        }
        TRY(answer(c, progress.wait, no_default, &must_ask));
        if (must_ask) {
            out->outcome = CTX_NEEDS_CREDENTIAL;
            return OK;
        }
    }
}

static void use_credential(struct ctx *c, struct cred *cred)
{
    if (cred == NULL || cred == c->auth_cred)
        return;
    cred_ref(cred);
    cred_release(c->auth_cred);
    c->auth_cred = cred;
}

err ctx_step(struct ctx *c, struct cred *cred, bool no_default, struct span input,
             struct ctx_step *out)
{
    *out = (struct ctx_step){.consumed = replayed(c, input)};
    use_credential(c, cred);
    if (out->consumed == 0)
        out->consumed = relabelled(c, input);
    c->control_delivered = false;
    err result = drive(c, no_default, input, out);
    if (result == OK && out->outcome == CTX_NEEDS_CREDENTIAL)
        ctx_unreported(c, span_of(input.p, out->consumed));
    return result;
}

/* ---- small questions ------------------------------------------------------------------- */

size_t ctx_output_len(const struct ctx *c)
{
    return tls_output_len(c->engine);
}

err ctx_output(struct ctx *c, uint8_t *out, size_t cap, size_t *out_len)
{
    return tls_output(c->engine, out, cap, out_len);
}

bool ctx_is_established(const struct ctx *c)
{
    return tls_info(c->engine)->is_established;
}

bool ctx_is_server(const struct ctx *c)
{
    return c->is_server;
}

bool ctx_has_pending(const struct ctx *c)
{
    return tls_pending(c->engine).n != 0;
}

bool ctx_peer_authenticated(const struct ctx *c)
{
    if (c->is_server)
        return c->peer_verified;
    return tls_info(c->engine)->sent_certificate;
}

const struct tls_info *ctx_info(const struct ctx *c)
{
    return tls_info(c->engine);
}

int64_t ctx_expiry(const struct ctx *c)
{
    return c->has_peer ? c->peer_not_after : INT64_MAX;
}

void ctx_set_flags(struct ctx *c, ULONG flags)
{
    c->flags = flags;
}

struct tls *ctx_engine(struct ctx *c)
{
    return c->engine;
}

void ctx_arm_control(struct ctx *c)
{
    c->control_armed = true;
}

bool ctx_take_control(struct ctx *c)
{
    bool armed = c->control_armed;
    c->control_armed = false;
    c->control_delivered = c->control_delivered || armed;
    return armed;
}

bool ctx_control_delivered(const struct ctx *c)
{
    return c->control_delivered;
}
