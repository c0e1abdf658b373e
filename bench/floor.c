/* SPDX-License-Identifier: MIT */
/*
 * The floor of a handshake: for both sides the libcrypto work that the protocol cannot avoid, in
 * the cheapest patterns, and nothing else: no messages, no parsing, no state. Chain and signatures
 * are the real ones, every result is asserted. RFC 8446 7.1 and RFC 5246 6.3, 8.1 give the number
 * of HMACs.
 */
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "check.h"
#include "floor_crypto.h"
#include "subject.h"

enum { CLIENT, SERVER };

enum {
    HELLO_LEN = 200, /* a ClientHello, about */
    SERVER_HELLO_LEN = 122,
    MESSAGES_MAX = 8192,
    VERIFY_CONTENT_LEN = 130, /* what a TLS 1.3 CertificateVerify signs */
    PARAMETERS_LEN = 100,     /* randoms and share, what a TLS 1.2 ServerKeyExchange signs */
    FINISHED_LEN = 36,
    FINISHED12_LEN = 16,
    INFO_LEN = 54, /* HkdfLabel with a hash as context */
    RANDOMS_LEN = 64,
    MASTER_LEN = 48,
    KEY_BLOCK_LEN = 40,
    CHAIN_LINKS = 2
};

/* One signature in a chain: the issuer's key, the signed part, the signature. */
struct link {
    struct public_material *issuer;
    uint8_t *tbs;
    size_t tbs_len;
    uint8_t *signature;
    size_t signature_len;
};

/* A side's certificate with everything that is needed to prove and to check it. */
struct identity {
    struct signer *signer;
    struct public_material *leaf;
    struct link links[CHAIN_LINKS];
    size_t chain_len;
};

static const struct test *test;
static struct identity identities[2];
static uint8_t messages[MESSAGES_MAX];

/* ---- the chain ------------------------------------------------------------------------- */

static X509 *read_certificate(FILE *f)
{
    X509 *certificate = PEM_read_X509(f, NULL, NULL, NULL);
    REQUIRE(certificate != NULL);
    return certificate;
}

static void fill_link(struct link *link, X509 *certificate, X509 *issuer)
{
    const ASN1_BIT_STRING *signature;
    X509_get0_signature(&signature, NULL, certificate);
    link->issuer = public_material_new(X509_get0_pubkey(issuer));
    int n = i2d_re_X509_tbs(certificate, &link->tbs);
    REQUIRE(n > 0);
    link->tbs_len = (size_t)n;
    link->signature_len = (size_t)ASN1_STRING_length(signature);
    link->signature = OPENSSL_memdup(ASN1_STRING_get0_data(signature), link->signature_len);
    REQUIRE(link->signature != NULL);
}

static struct signer *read_signer(const char *path)
{
    FILE *f = fopen(path, "r");
    REQUIRE(f != NULL);
    EVP_PKEY *key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
    REQUIRE(key != NULL);
    struct signer *signer = signer_new(key, test->is_tls13);
    EVP_PKEY_free(key);
    (void)fclose(f);
    return signer;
}

static void load(struct identity *who, const char *chain, const char *key, const char *root_path)
{
    FILE *f = fopen(chain, "r");
    FILE *root_file = fopen(root_path, "r");
    REQUIRE(f != NULL && root_file != NULL);
    X509 *leaf = read_certificate(f);
    X509 *intermediate = read_certificate(f);
    X509 *root = read_certificate(root_file);
    who->leaf = public_material_new(X509_get0_pubkey(leaf));
    fill_link(&who->links[0], leaf, intermediate);
    fill_link(&who->links[1], intermediate, root);
    who->chain_len = (size_t)i2d_X509(leaf, NULL) + (size_t)i2d_X509(intermediate, NULL);
    who->signer = read_signer(key);
    X509_free(leaf);
    X509_free(intermediate);
    X509_free(root);
    (void)fclose(f);
    (void)fclose(root_file);
}

static void unload(struct identity *who)
{
    signer_free(who->signer);
    public_material_free(who->leaf);
    for (size_t i = 0; i < CHAIN_LINKS; i++) {
        public_material_free(who->links[i].issuer);
        OPENSSL_free(who->links[i].tbs);
        OPENSSL_free(who->links[i].signature);
    }
    *who = (struct identity){0};
}

static void setup(const struct test *chosen, const struct pki *pki)
{
    const struct pki_files *files = pki_files(pki, chosen->is_rsa);
    test = chosen;
    crypto_open();
    load(&identities[SERVER], files->server_chain, files->server_key, files->root);
    if (test->is_mutual)
        load(&identities[CLIENT], files->client_chain, files->client_key, files->root);
}

static void teardown(void)
{
    unload(&identities[SERVER]);
    if (test->is_mutual)
        unload(&identities[CLIENT]);
    crypto_close();
}

/* ---- shared by both versions ----------------------------------------------------------- */

static void hash_messages(size_t n)
{
    REQUIRE(n <= sizeof messages);
    transcript_update(CLIENT, messages, n);
    transcript_update(SERVER, messages, n);
}

static void agree(uint8_t shared[2][SHARE_LEN])
{
    uint8_t shares[2][SHARE_LEN];
    exchange_make(CLIENT, shares[CLIENT]);
    exchange_make(SERVER, shares[SERVER]);
    exchange_derive(CLIENT, shares[SERVER], shared[CLIENT]);
    exchange_derive(SERVER, shares[CLIENT], shared[SERVER]);
    REQUIRE(memcmp(shared[CLIENT], shared[SERVER], SHARE_LEN) == 0);
    exchange_drop(CLIENT);
    exchange_drop(SERVER);
}

/* One side proves itself, the other one checks proof and chain. */
static size_t prove(const struct identity *who, const uint8_t *content, size_t n)
{
    uint8_t signature[FLOOR_SIGNATURE_MAX];
    size_t signature_len = sign_with(who->signer, content, n, signature);
    verify_with(who->leaf, test->is_tls13, content, n, signature, signature_len);
    for (size_t i = 0; i < CHAIN_LINKS; i++) {
        const struct link *link = &who->links[i];
        verify_with(link->issuer, false, link->tbs, link->tbs_len, link->signature,
                    link->signature_len);
    }
    return signature_len;
}

static void draw_randoms(void)
{
    random_bytes(messages, RANDOMS_LEN);
    random_bytes(messages, RANDOMS_LEN / 2);
}

/* ---- TLS 1.3 --------------------------------------------------------------------------- */

static void expand(uint8_t info[INFO_LEN], uint8_t out[DIGEST_LEN])
{
    info[INFO_LEN - 1] = 1;
    hmac_run(info, INFO_LEN, out);
}

/* Both traffic secrets of a stage with their keys and IVs. */
static void traffic(int side, uint8_t secrets[2][DIGEST_LEN])
{
    uint8_t info[INFO_LEN] = {0};
    uint8_t key[DIGEST_LEN];
    uint8_t iv[DIGEST_LEN];
    transcript_digest(side, info + INFO_LEN - 1 - DIGEST_LEN);
    expand(info, secrets[CLIENT]);
    expand(info, secrets[SERVER]);
    for (int of = CLIENT; of <= SERVER; of++) {
        hmac_key(secrets[of], DIGEST_LEN);
        expand(info, key);
        expand(info, iv);
        /* Both sides derive every key; a direction's two contexts are keyed once. */
        if (of == side)
            record_key(of, key, iv);
    }
}

/* "derived" under the stage's secret, then the extraction of the next one under that. */
static void next_stage(const uint8_t input[DIGEST_LEN], uint8_t secret[DIGEST_LEN])
{
    uint8_t info[INFO_LEN] = {0};
    uint8_t salt[DIGEST_LEN];
    expand(info, salt);
    hmac_key(salt, sizeof salt);
    hmac_run(input, DIGEST_LEN, secret);
    hmac_key(secret, DIGEST_LEN);
}

static void finished13(int side, const uint8_t base[DIGEST_LEN], uint8_t out[DIGEST_LEN])
{
    uint8_t info[INFO_LEN] = {0};
    uint8_t key[DIGEST_LEN];
    uint8_t digest[DIGEST_LEN];
    transcript_digest(side, digest);
    hmac_key(base, DIGEST_LEN);
    expand(info, key);
    hmac_key(key, sizeof key);
    hmac_run(digest, sizeof digest, out);
}

static void exchange_finished(int from, uint8_t secrets[2][2][DIGEST_LEN])
{
    uint8_t of_client[DIGEST_LEN];
    uint8_t of_server[DIGEST_LEN];
    finished13(CLIENT, secrets[CLIENT][from], of_client);
    finished13(SERVER, secrets[SERVER][from], of_server);
    REQUIRE(memcmp(of_client, of_server, DIGEST_LEN) == 0);
}

static size_t flight13(int from)
{
    uint8_t digest[DIGEST_LEN];
    uint8_t content[VERIFY_CONTENT_LEN] = {0};
    size_t n = identities[from].chain_len;
    hash_messages(n);
    transcript_digest(CLIENT, digest);
    transcript_digest(SERVER, digest);
    memcpy(content + sizeof content - DIGEST_LEN, digest, DIGEST_LEN);
    size_t signature_len = prove(&identities[from], content, sizeof content);
    hash_messages(signature_len);
    return n + signature_len;
}

/* RFC 8446 7.1: the early secret is a constant; application secrets and the exporter's. */
static void stages(int side, const uint8_t shared[SHARE_LEN], uint8_t secret[DIGEST_LEN],
                   uint8_t secrets[2][DIGEST_LEN])
{
    static const uint8_t derived_of_nothing[DIGEST_LEN] = {1};
    hmac_key(derived_of_nothing, DIGEST_LEN);
    hmac_run(shared, SHARE_LEN, secret);
    hmac_key(secret, DIGEST_LEN);
    traffic(side, secrets);
}

static void application(int side, uint8_t secret[DIGEST_LEN])
{
    static const uint8_t zero[DIGEST_LEN];
    uint8_t info[INFO_LEN] = {0};
    uint8_t secrets[2][DIGEST_LEN];
    uint8_t exporter[DIGEST_LEN];
    hmac_key(secret, DIGEST_LEN);
    next_stage(zero, secret);
    expand(info, exporter);
    traffic(side, secrets);
}

static void handshake13(void)
{
    uint8_t shared[2][SHARE_LEN];
    uint8_t secret[2][DIGEST_LEN];
    uint8_t secrets[2][2][DIGEST_LEN];
    draw_randoms();
    agree(shared);
    hash_messages(HELLO_LEN + SERVER_HELLO_LEN);
    stages(CLIENT, shared[CLIENT], secret[CLIENT], secrets[CLIENT]);
    stages(SERVER, shared[SERVER], secret[SERVER], secrets[SERVER]);
    size_t n = flight13(SERVER);
    exchange_finished(SERVER, secrets);
    hash_messages(FINISHED_LEN);
    record_pass(SERVER, messages, n + FINISHED_LEN);
    if (test->is_mutual)
        record_pass(CLIENT, messages, flight13(CLIENT));
    exchange_finished(CLIENT, secrets);
    record_pass(CLIENT, messages, FINISHED_LEN);
    application(CLIENT, secret[CLIENT]);
    application(SERVER, secret[SERVER]);
}

/* ---- TLS 1.2 --------------------------------------------------------------------------- */

/* RFC 5246 5, with the key set: `n` bytes from label and seed. */
static void prf(const uint8_t *seed, size_t seed_len, uint8_t *out, size_t n)
{
    uint8_t a[DIGEST_LEN + RANDOMS_LEN + 16] = {0};
    uint8_t block[DIGEST_LEN];
    size_t label_len = 13;
    hmac_run(seed, seed_len, a);
    for (size_t at = 0; at < n; at += DIGEST_LEN) {
        size_t take = n - at < DIGEST_LEN ? n - at : DIGEST_LEN;
        hmac_run(a, DIGEST_LEN + label_len + seed_len, block);
        memcpy(out + at, block, take);
        if (at + DIGEST_LEN < n)
            hmac_run(a, DIGEST_LEN, a);
    }
}

static void finished12(int side, const uint8_t master[MASTER_LEN], uint8_t *out)
{
    uint8_t digest[DIGEST_LEN];
    transcript_digest(side, digest);
    hmac_key(master, MASTER_LEN);
    prf(digest, sizeof digest, out, 12);
}

static void schedule12(int side, const uint8_t shared[SHARE_LEN], uint8_t master[MASTER_LEN])
{
    uint8_t digest[DIGEST_LEN];
    uint8_t block[KEY_BLOCK_LEN];
    transcript_digest(side, digest);
    hmac_key(shared, SHARE_LEN);
    prf(digest, sizeof digest, master, MASTER_LEN);
    hmac_key(master, MASTER_LEN);
    prf(messages, RANDOMS_LEN, block, sizeof block);
    record_key(side, block, block + 2 * KEY_LEN - FLOOR_IV_LEN);
}

static void exchange_finished12(int from, uint8_t master[2][MASTER_LEN])
{
    uint8_t of_client[12];
    uint8_t of_server[12];
    finished12(CLIENT, master[CLIENT], of_client);
    finished12(SERVER, master[SERVER], of_server);
    REQUIRE(memcmp(of_client, of_server, sizeof of_client) == 0);
    hash_messages(FINISHED12_LEN);
    record_pass(from, messages, FINISHED12_LEN);
}

static void handshake12(void)
{
    uint8_t shared[2][SHARE_LEN];
    uint8_t master[2][MASTER_LEN];
    draw_randoms();
    agree(shared);
    hash_messages(HELLO_LEN + identities[SERVER].chain_len);
    hash_messages(prove(&identities[SERVER], messages, PARAMETERS_LEN) + PARAMETERS_LEN);
    schedule12(CLIENT, shared[CLIENT], master[CLIENT]);
    schedule12(SERVER, shared[SERVER], master[SERVER]);
    exchange_finished12(CLIENT, master);
    exchange_finished12(SERVER, master);
}

static void connect_pair(unsigned slot)
{
    (void)slot;
    transcript_begin(CLIENT);
    transcript_begin(SERVER);
    if (test->is_tls13)
        handshake13();
    else
        handshake12();
}

static void disconnect_pair(unsigned slot)
{
    (void)slot;
}

const struct subject subject_floor = {
    .name = "floor",
    .does_handshakes = true,
    .setup = setup,
    .teardown = teardown,
    .connect = connect_pair,
    .disconnect = disconnect_pair,
};
