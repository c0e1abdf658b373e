/* SPDX-License-Identifier: MIT */
/*
 * OpenSSL's libssl over memory BIOs: the same certificates, checks, suites and group, no session
 * tickets and no session cache, since nothing is resumed here.
 */
#include <stdint.h>
#include <string.h>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "check.h"
#include "subject.h"

enum { FLIGHTS_MAX = 8, RECORD_MAX = 16384 };

struct pair {
    SSL *client;
    SSL *server;
};

/* The server's certificate and the intermediate. */
struct encoded {
    uint8_t bytes[4096];
    int n;
};

static const struct test *test;
static struct encoded encoded[2];
static SSL_CTX *client_ctx;
static SSL_CTX *server_ctx;
static struct pair pairs[PAIRS_MAX];
static uint8_t payload[RECORD_MAX];

/* ---- contexts -------------------------------------------------------------------------- */

static void choose_suite(SSL_CTX *ctx)
{
    static const char *const names13[CIPHER_COUNT] = {
        "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"};
    static const char *const names12[CIPHER_COUNT] = {
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"};
    int version = test->is_tls13 ? TLS1_3_VERSION : TLS1_2_VERSION;
    REQUIRE(SSL_CTX_set_min_proto_version(ctx, version) == 1);
    REQUIRE(SSL_CTX_set_max_proto_version(ctx, version) == 1);
    REQUIRE(SSL_CTX_set_ciphersuites(ctx, names13[test->cipher]) == 1);
    REQUIRE(SSL_CTX_set_cipher_list(ctx, names12[test->cipher]) == 1);
    /* P-256 stays for the certificate's curve; the client's first group is the one that is used. */
    REQUIRE(SSL_CTX_set1_groups_list(ctx, "X25519:P-256") == 1);
}

static SSL_CTX *make_ctx(const SSL_METHOD *method, const char *root)
{
    SSL_CTX *ctx = SSL_CTX_new(method);
    REQUIRE(ctx != NULL);
    choose_suite(ctx);
    (void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    (void)SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
    REQUIRE(SSL_CTX_set_num_tickets(ctx, 0) == 1);
    REQUIRE(SSL_CTX_load_verify_locations(ctx, root, NULL) == 1);
    return ctx;
}

static void use_identity(SSL_CTX *ctx, const char *chain, const char *key)
{
    REQUIRE(SSL_CTX_use_certificate_chain_file(ctx, chain) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) == 1);
}

static void encode(X509 *certificate, struct encoded *out)
{
    unsigned char *p = out->bytes;
    out->n = i2d_X509(certificate, NULL);
    REQUIRE(out->n > 0 && (size_t)out->n <= sizeof out->bytes && i2d_X509(certificate, &p) > 0);
}

static void encode_chain(void)
{
    STACK_OF(X509) *others = NULL;
    REQUIRE(SSL_CTX_get0_chain_certs(server_ctx, &others) == 1 && sk_X509_num(others) == 1);
    encode(SSL_CTX_get0_certificate(server_ctx), &encoded[0]);
    encode(sk_X509_value(others, 0), &encoded[1]);
}

static void setup(const struct test *chosen, const struct pki *pki)
{
    const struct pki_files *files = pki_files(pki, chosen->is_rsa);
    test = chosen;
    client_ctx = make_ctx(TLS_client_method(), files->root);
    server_ctx = make_ctx(TLS_server_method(), files->root);
    use_identity(server_ctx, files->server_chain, files->server_key);
    encode_chain();
    SSL_CTX_set_verify(client_ctx, SSL_VERIFY_PEER, NULL);
    if (test->is_mutual) {
        use_identity(client_ctx, files->client_chain, files->client_key);
        SSL_CTX_set_verify(server_ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    }
}

static void teardown(void)
{
    SSL_CTX_free(client_ctx);
    SSL_CTX_free(server_ctx);
}

/* ---- handshakes ------------------------------------------------------------------------ */

static void verify(void)
{
    const uint8_t *at[2] = {encoded[0].bytes, encoded[1].bytes};
    X509 *leaf = d2i_X509(NULL, &at[0], encoded[0].n);
    X509 *intermediate = d2i_X509(NULL, &at[1], encoded[1].n);
    STACK_OF(X509) *others = sk_X509_new_null();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    REQUIRE(leaf != NULL && intermediate != NULL && others != NULL && ctx != NULL);
    REQUIRE(sk_X509_push(others, intermediate) == 1);
    REQUIRE(X509_STORE_CTX_init(ctx, SSL_CTX_get_cert_store(client_ctx), leaf, others) == 1);
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
    REQUIRE(X509_STORE_CTX_set_purpose(ctx, X509_PURPOSE_SSL_SERVER) == 1);
    REQUIRE(X509_VERIFY_PARAM_set1_host(param, PKI_SERVER_NAME, 0) == 1);
    REQUIRE(X509_verify_cert(ctx) == 1);
    X509_STORE_CTX_free(ctx);
    sk_X509_free(others);
    X509_free(intermediate);
    X509_free(leaf);
}

static void make_pair(struct pair *p, const char *name)
{
    BIO *to_server = BIO_new(BIO_s_mem());
    BIO *to_client = BIO_new(BIO_s_mem());
    p->client = SSL_new(client_ctx);
    p->server = SSL_new(server_ctx);
    REQUIRE(to_server != NULL && to_client != NULL && p->client != NULL && p->server != NULL);
    REQUIRE(BIO_up_ref(to_server) == 1 && BIO_up_ref(to_client) == 1);
    SSL_set_bio(p->client, to_client, to_server);
    SSL_set_bio(p->server, to_server, to_client);
    SSL_set_connect_state(p->client);
    SSL_set_accept_state(p->server);
    REQUIRE(SSL_set_tlsext_host_name(p->client, name) == 1);
    REQUIRE(SSL_set1_host(p->client, name) == 1);
}

static bool shake(struct pair *p)
{
    for (unsigned i = 0; i < FLIGHTS_MAX; i++) {
        int of_client = SSL_do_handshake(p->client);
        if (of_client != 1 && SSL_get_error(p->client, of_client) != SSL_ERROR_WANT_READ)
            return false;
        int of_server = SSL_do_handshake(p->server);
        if (of_server != 1 && SSL_get_error(p->server, of_server) != SSL_ERROR_WANT_READ)
            return false;
        if (of_client == 1 && of_server == 1)
            return true;
    }
    return false;
}

static void require_negotiated(SSL *ssl)
{
    REQUIRE(SSL_version(ssl) == (test->is_tls13 ? TLS1_3_VERSION : TLS1_2_VERSION));
    REQUIRE(SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(ssl)) == test_suite(test));
    REQUIRE(SSL_session_reused(ssl) == 0);
    REQUIRE(SSL_get_verify_result(ssl) == X509_V_OK);
}

/* Only the client is told the group in TLS 1.2. */
static void require_group(SSL *ssl)
{
    EVP_PKEY *key = NULL;
    REQUIRE(SSL_get_peer_tmp_key(ssl, &key) == 1 && EVP_PKEY_get_id(key) == EVP_PKEY_X25519);
    EVP_PKEY_free(key);
}

static void drop(struct pair *p)
{
    SSL_free(p->client);
    SSL_free(p->server);
}

static void connect_pair(unsigned slot)
{
    struct pair *p = &pairs[slot];
    make_pair(p, PKI_SERVER_NAME);
    REQUIRE(shake(p));
    require_negotiated(p->client);
    require_negotiated(p->server);
    require_group(p->client);
    REQUIRE((SSL_get0_peer_certificate(p->server) != NULL) == test->is_mutual);
}

static void disconnect_pair(unsigned slot)
{
    drop(&pairs[slot]);
}

static bool refuses_wrong_name(void)
{
    struct pair p;
    make_pair(&p, PKI_WRONG_NAME);
    bool refused = !shake(&p) && SSL_get_verify_result(p.client) == X509_V_ERR_HOSTNAME_MISMATCH;
    drop(&p);
    return refused;
}

/* ---- records --------------------------------------------------------------------------- */

static void seal(unsigned slot)
{
    int n = (int)test->record_len;
    REQUIRE(SSL_write(pairs[slot].client, payload, n) == n);
}

static void open_record(unsigned slot)
{
    int n = (int)test->record_len;
    REQUIRE(SSL_read(pairs[slot].server, payload, n) == n);
}

const struct subject subject_libssl = {
    .name = "libssl",
    .does_handshakes = true,
    .does_records = true,
    .has_pairs = true,
    .setup = setup,
    .teardown = teardown,
    .connect = connect_pair,
    .disconnect = disconnect_pair,
    .verify = verify,
    .seal = seal,
    .open = open_record,
    .refuses_wrong_name = refuses_wrong_name,
};
