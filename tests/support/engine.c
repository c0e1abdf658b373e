/* SPDX-License-Identifier: MIT */
#include "engine.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

enum { ENGINE_BUFFER_MAX = 1 << 20 };

/* ---- identities ------------------------------------------------------------------------ */

static struct engine_identity identities[ENGINE_KEY_COUNT];

static EVP_PKEY *make_key(enum engine_key kind)
{
    uint8_t raw[32];
    switch (kind) {
    case ENGINE_P256:
        return EVP_EC_gen("P-256");
    case ENGINE_P384:
        return EVP_EC_gen("P-384");
    case ENGINE_RSA:
        return EVP_RSA_gen(2048);
    case ENGINE_ED25519:
        for (size_t i = 0; i < sizeof raw; i++)
            raw[i] = (uint8_t)(i * 7 + 1);
        return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, raw, sizeof raw);
    case ENGINE_KEY_COUNT:
        break;
    }
    return NULL;
}

static X509 *make_certificate(EVP_PKEY *pkey, bool hashes)
{
    X509 *x = X509_new();
    X509_NAME *name = X509_NAME_new();
    REQUIRE(x != NULL && name != NULL);
    REQUIRE(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)"localhost", -1,
                                       -1, 0));
    REQUIRE(X509_set_version(x, 2) && ASN1_INTEGER_set(X509_get_serialNumber(x), 1));
    REQUIRE(ASN1_TIME_set_string(X509_getm_notBefore(x), "20200101000000Z"));
    REQUIRE(ASN1_TIME_set_string(X509_getm_notAfter(x), "20991231000000Z"));
    REQUIRE(X509_set_subject_name(x, name) && X509_set_issuer_name(x, name));
    REQUIRE(X509_set_pubkey(x, pkey) && X509_sign(x, pkey, hashes ? EVP_sha256() : NULL) > 0);
    X509_NAME_free(name);
    return x;
}

static void fill_identity(struct engine_identity *id, enum engine_key kind)
{
    EVP_PKEY *pkey = make_key(kind);
    REQUIRE(pkey != NULL);
    X509 *x = make_certificate(pkey, kind != ENGINE_ED25519);
    uint8_t *der = NULL;
    int n = i2d_X509(x, &der);
    REQUIRE(n > 0);
    struct span leaf = span_of(der, (size_t)n);
    buf_init(&id->certificate, ENGINE_BUFFER_MAX);
    buf_init(&id->list12, ENGINE_BUFFER_MAX);
    buf_init(&id->list13, ENGINE_BUFFER_MAX);
    wr_bytes(&id->certificate, leaf);
    wr_vec(&id->list12, 3, leaf);
    wr_vec(&id->list13, 3, leaf);
    wr_u16(&id->list13, 0);
    REQUIRE(private_key_new(&id->key, pkey) == OK);
    id->credential = (struct tls_credential){
        .key = id->key, .list12 = buf_span(&id->list12), .list13 = buf_span(&id->list13)};
    OPENSSL_free(der);
    X509_free(x);
    EVP_PKEY_free(pkey);
}

const struct engine_identity *engine_identity(enum engine_key kind)
{
    struct engine_identity *id = &identities[kind];
    if (id->key == NULL)
        fill_identity(id, kind);
    return id;
}

void engine_identities_free(void)
{
    for (size_t i = 0; i < ENGINE_KEY_COUNT; i++) {
        private_key_free(identities[i].key);
        buf_release(&identities[i].certificate);
        buf_release(&identities[i].list12);
        buf_release(&identities[i].list13);
        identities[i] = (struct engine_identity){0};
    }
}

/* ---- what the engine takes from outside ------------------------------------------------ */

static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static err seeded_random(void *arg, uint8_t *out, size_t n)
{
    struct engine *e = arg;
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)next_random(&e->random_state);
    return OK;
}

static err seeded_kex(void *arg, struct kex **out, uint16_t group)
{
    uint8_t scalar[66];
    size_t n = group == GROUP_SECP521R1 ? 66 : group == GROUP_SECP384R1 ? 48 : 32;
    TRY(seeded_random(arg, scalar, n));
    /* Below the order of every curve. */
    scalar[0] = group == GROUP_SECP521R1 ? 0 : scalar[0] & 0x7F;
    return kex_from_private(out, group, span_of(scalar, n));
}

static void keep_secret(void *arg, const char *label, const uint8_t client_random[32],
                        struct span secret)
{
    static const char *const labels[ENGINE_SECRET_COUNT] = {
        [ENGINE_CLIENT_HANDSHAKE] = "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
        [ENGINE_SERVER_HANDSHAKE] = "SERVER_HANDSHAKE_TRAFFIC_SECRET",
        [ENGINE_CLIENT_APPLICATION] = "CLIENT_TRAFFIC_SECRET_0",
        [ENGINE_SERVER_APPLICATION] = "SERVER_TRAFFIC_SECRET_0",
        [ENGINE_EXPORTER] = "EXPORTER_SECRET",
        [ENGINE_MASTER12] = "CLIENT_RANDOM",
    };
    struct engine *e = arg;
    size_t i = 0;
    while (strcmp(labels[i], label) != 0) {
        i++;
        REQUIRE(i < ENGINE_SECRET_COUNT);
    }
    REQUIRE(secret.n <= SECRET_MAX);
    mem_copy(e->secrets[i].b, secret.p, secret.n);
    e->secrets[i].n = (uint8_t)secret.n;
    memcpy(e->client_random, client_random, sizeof e->client_random);
}

/* ---- making and freeing ---------------------------------------------------------------- */

struct tls_config engine_config(bool is_server, bool tls12, bool tls13)
{
    static const uint16_t groups[] = {GROUP_X25519, GROUP_SECP256R1, GROUP_SECP384R1};
    static const uint16_t schemes[] = {SCHEME_ECDSA_SECP256R1_SHA256,
                                       SCHEME_ECDSA_SECP384R1_SHA384,
                                       SCHEME_ECDSA_SECP521R1_SHA512,
                                       SCHEME_RSA_PSS_RSAE_SHA256,
                                       SCHEME_RSA_PSS_RSAE_SHA384,
                                       SCHEME_RSA_PSS_RSAE_SHA512,
                                       SCHEME_ED25519,
                                       SCHEME_RSA_PKCS1_SHA256,
                                       SCHEME_RSA_PKCS1_SHA384,
                                       SCHEME_RSA_PKCS1_SHA512};
    struct tls_config c = {.is_server = is_server, .tls12 = tls12, .tls13 = tls13};
    for (size_t i = 0; tls_suite_at(i) != NULL; i++)
        c.suites[c.suite_count++] = tls_suite_at(i)->id;
    for (size_t i = 0; i < ARRAY_LEN(groups); i++)
        c.groups[c.group_count++] = groups[i];
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
        c.schemes[c.scheme_count++] = schemes[i];
    return c;
}

void engine_open(struct engine *e, const struct engine_options *options)
{
    *e = (struct engine){
        .options = *options,
        .config = options->config,
        .random_state = options->seed,
        .env = {.random = seeded_random, .new_kex = seeded_kex, .secret = keep_secret}};
    e->env.arg = e;
    buf_init(&e->in, ENGINE_BUFFER_MAX);
    buf_init(&e->out, ENGINE_BUFFER_MAX);
    buf_init(&e->data, ENGINE_BUFFER_MAX);
    bool is_server = options->config.is_server;
    struct tls_params params = {.config = &e->config,
                                .env = &e->env,
                                .server_name = options->server_name,
                                .alpn = is_server ? span_empty() : options->alpn,
                                .request_certificate = options->request_certificate,
                                .require_certificate = options->require_certificate,
                                .event_count = options->event_count};
    REQUIRE(tls_new(&e->t, &params) == OK);
}

void engine_close(struct engine *e)
{
    tls_free(e->t);
    buf_release(&e->in);
    buf_release(&e->out);
    buf_release(&e->data);
    mem_wipe(e->secrets, sizeof e->secrets);
    e->t = NULL;
}

/* ---- answers --------------------------------------------------------------------------- */

static const struct tls_credential *presented(const struct engine *e)
{
    const struct engine_identity *id = e->options.identity;
    if (id == NULL)
        return NULL;
    bool fits = tls_credential_fits(e->t, &id->credential);
    return fits || e->options.forces_credential ? &id->credential : NULL;
}

static bool is_listed(struct span list, struct span protocol)
{
    struct rd r = rd_from(list);
    while (rd_left(&r) != 0) {
        if (span_equal(rd_vec(&r, 1, 1, UINT8_MAX), protocol))
            return true;
    }
    return false;
}

static err answer_choice(struct engine *e)
{
    const struct tls_hello *hello = tls_hello(e->t);
    bool is_offered = is_listed(hello->alpn, e->options.alpn);
    struct tls_choice choice = {.alpn = is_offered ? e->options.alpn : span_empty(),
                                .alpn_mismatch = hello->alpn.n != 0 && e->options.alpn.n != 0 &&
                                                 (e->options.alpn_mismatch || !is_offered),
                                .credential = presented(e)};
    return tls_answer_choice(e->t, &choice);
}

static struct public_key *leaf_key(struct engine *e)
{
    struct span leaf = tls_peer_certificate(e->t, 0);
    const uint8_t *p = leaf.p;
    X509 *x = e->options.hides_key ? NULL : d2i_X509(NULL, &p, (long)leaf.n);
    if (x == NULL)
        return NULL;
    uint8_t *spki = NULL;
    int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &spki);
    struct public_key *key = NULL;
    if (n <= 0 || public_key_new(&key, span_of(spki, (size_t)n)) != OK)
        key = NULL;
    OPENSSL_free(spki);
    X509_free(x);
    return key;
}

/* True when there was a question, so that the engine can go on. A refused answer latches. */
static bool answer(struct engine *e)
{
    err result;
    switch (e->progress.wait) {
    case TLS_WAIT_CHOICE:
        result = answer_choice(e);
        break;
    case TLS_WAIT_KEY:
        result = tls_answer_key(e->t, leaf_key(e));
        break;
    case TLS_WAIT_VERDICT:
        result = tls_answer_verdict(e->t, e->options.verdict);
        break;
    case TLS_WAIT_CREDENTIAL:
        result = tls_answer_credential(e->t, presented(e));
        break;
    case TLS_WAIT_BYTES:
    case TLS_WAIT_PEER:
    case TLS_DONE:
    case TLS_CLOSED:
    default:
        return false;
    }
    REQUIRE(result == OK || result == tls_info(e->t)->failure);
    return true;
}

/* ---- running --------------------------------------------------------------------------- */

void engine_take_output(struct engine *e)
{
    size_t n = tls_output_len(e->t);
    size_t written;
    if (n == 0)
        return;
    REQUIRE(buf_reserve(&e->out, n) == OK);
    err result = tls_output(e->t, e->out.p + e->out.n, n, &written);
    REQUIRE(written <= n && (result == OK || written == 0));
    e->out.n += written;
}

err engine_step(struct engine *e)
{
    do {
        struct tls_input input = {.kind = TLS_INPUT_STREAM, .bytes = buf_span(&e->in)};
        e->result = tls_step(e->t, &input, &e->progress);
        REQUIRE(e->progress.consumed <= e->in.n);
        buf_drop(&e->in, e->progress.consumed);
        engine_take_output(e);
    } while (e->result == OK && answer(e));
    if (e->result == OK && e->progress.wait == TLS_DONE)
        e->is_done = true;
    if (e->result == OK && e->progress.wait == TLS_CLOSED)
        e->is_closed = true;
    return e->result;
}

static bool read_one(struct engine *e)
{
    struct tls_opened opened;
    e->result = tls_open(e->t, e->in.p, e->in.n, &opened);
    engine_take_output(e);
    if (e->result != OK || opened.kind == TLS_OPENED_NOTHING)
        return false;
    if (opened.kind == TLS_OPENED_DATA)
        wr_bytes(&e->data, span_of(e->in.p + opened.header_len, opened.content_len));
    buf_drop(&e->in, opened.record_len);
    if (opened.kind == TLS_OPENED_CLOSED) {
        e->is_closed = true;
        return false;
    }
    if (opened.kind != TLS_OPENED_HANDSHAKE)
        return true;
    e->result = tls_step(e->t, NULL, &e->progress);
    engine_take_output(e);
    /* Half a message: the rest of it goes to tls_step. */
    e->has_half = e->result == OK && e->progress.wait == TLS_WAIT_BYTES;
    return e->result == OK && !e->has_half;
}

err engine_read(struct engine *e)
{
    e->result = OK;
    if (e->has_half && engine_step(e) == OK)
        e->has_half = e->progress.wait == TLS_WAIT_BYTES;
    if (e->result != OK || e->has_half)
        return e->result;
    while (e->in.n != 0 && !e->is_closed && read_one(e))
        continue;
    return e->result;
}

err engine_go(struct engine *e)
{
    return e->is_done ? engine_read(e) : engine_step(e);
}

err engine_write(struct engine *e, struct span data)
{
    struct tls_sizes sizes;
    TRY(tls_sizes(e->t, &sizes));
    size_t n = sizes.header_len + data.n + sizes.trailer_len;
    REQUIRE(buf_reserve(&e->out, n) == OK);
    uint8_t *record = e->out.p + e->out.n;
    mem_copy(record + sizes.header_len, data.p, data.n);
    TRY(tls_seal(e->t, TLS_APPLICATION_DATA, record, record + sizes.header_len, data.n,
                 record + sizes.header_len + data.n));
    e->out.n += n;
    return OK;
}

void engine_deliver(struct engine *from, struct engine *to)
{
    wr_bytes(&to->in, buf_span(&from->out));
    REQUIRE(buf_check(&to->in) == OK);
    buf_clear(&from->out);
}

bool engine_handshake(struct engine *client, struct engine *server)
{
    enum { ROUNDS_MAX = 8 };
    for (int i = 0; i < ROUNDS_MAX && !(client->is_done && server->is_done); i++) {
        if (!client->is_done && engine_step(client) != OK)
            return false;
        engine_deliver(client, server);
        if (!server->is_done && engine_step(server) != OK)
            return false;
        engine_deliver(server, client);
    }
    return client->is_done && server->is_done;
}
