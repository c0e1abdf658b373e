/* SPDX-License-Identifier: MIT */
#include "forge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static char log_path[64];

static void remove_log(void)
{
    unlink(log_path);
}

void forge_start(void)
{
    snprintf(log_path, sizeof log_path, "/tmp/schannel-keys-XXXXXX");
    int fd = mkstemp(log_path);
    REQUIRE(fd >= 0);
    close(fd);
    atexit(remove_log);
    setenv("SSLKEYLOGFILE", log_path, 1);
}

void forge_forget(void)
{
    REQUIRE(truncate(log_path, 0) == 0);
}

static size_t from_hex(const char *text, uint8_t *out, size_t cap)
{
    size_t n = 0;
    unsigned byte;
    while (n < cap && sscanf(text + 2 * n, "%2x", &byte) == 1)
        out[n++] = (uint8_t)byte;
    return n;
}

/* The last line of the label. */
static size_t logged(const char *label, uint8_t random[32], uint8_t secret[64])
{
    char line[512];
    char name[64];
    char random_text[80];
    char secret_text[160];
    size_t n = 0;
    FILE *file = fopen(log_path, "r");
    REQUIRE(file != NULL);
    while (fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "%63s %79s %159s", name, random_text, secret_text) != 3 ||
            strcmp(name, label) != 0)
            continue;
        REQUIRE(from_hex(random_text, random, 32) == 32);
        n = from_hex(secret_text, secret, 64);
    }
    fclose(file);
    return n;
}

static void derive(const char *kdf_name, OSSL_PARAM *params, uint8_t *out, size_t n)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, kdf_name, NULL);
    EVP_KDF_CTX *context = EVP_KDF_CTX_new(kdf);
    REQUIRE(context != NULL && EVP_KDF_derive(context, out, n, params) == 1);
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
}

/* RFC 8446 7.1: HKDF-Expand-Label without context. */
static void expand(const struct forge *f, const char *label, uint8_t *out, size_t n)
{
    uint8_t info[64];
    size_t label_len = strlen(label);
    int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
    info[0] = 0;
    info[1] = (uint8_t)n;
    info[2] = (uint8_t)(label_len + 6);
    memcpy(info + 3, "tls13 ", 6);
    memcpy(info + 9, label, label_len);
    info[9 + label_len] = 0;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)f->digest, 0),
        OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)f->secret, f->secret_len),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, label_len + 10),
        OSSL_PARAM_construct_end(),
    };
    derive("HKDF", params, out, n);
}

static void use_secret(struct forge *f)
{
    expand(f, "key", f->key, f->key_len);
    expand(f, "iv", f->iv, sizeof f->iv);
    f->number = 0;
}

static void open12(struct forge *f, bool from_server, const uint8_t *server_hello)
{
    uint8_t client_random[32];
    uint8_t seed[64];
    uint8_t block[72]; /* client key, server key, client salt, server salt */
    uint8_t master[64];
    size_t master_len = logged("CLIENT_RANDOM", client_random, master);
    REQUIRE(master_len == 48);
    memcpy(seed, server_hello + 11, 32);
    memcpy(seed + 32, client_random, 32);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)f->digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, master, master_len),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, "key expansion", 13),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, seed, sizeof seed),
        OSSL_PARAM_construct_end(),
    };
    derive("TLS1-PRF", params, block, 2 * f->key_len + 8);
    memcpy(f->key, block + (from_server ? f->key_len : 0), f->key_len);
    memcpy(f->iv, block + 2 * f->key_len + (from_server ? 4 : 0), 4);
    f->number = 1; /* Finished was 0 */
}

void forge_open(struct forge *f, bool is_tls13, bool from_server, const uint8_t *server_hello)
{
    uint8_t random[32];
    REQUIRE(server_hello[0] == 22 && server_hello[5] == 2);
    const uint8_t *suite_at = server_hello + 44 + server_hello[43];
    unsigned suite = (unsigned)suite_at[0] << 8 | suite_at[1];
    bool is_256 = suite == 0x1302 || suite == 0xC02C || suite == 0xC030;
    REQUIRE(is_256 || suite == 0x1301 || suite == 0xC02B || suite == 0xC02F);
    *f = (struct forge){
        .is_tls13 = is_tls13, .digest = is_256 ? "SHA384" : "SHA256", .key_len = is_256 ? 32 : 16};
    if (!is_tls13) {
        open12(f, from_server, server_hello);
        return;
    }
    f->secret_len = logged(from_server ? "SERVER_TRAFFIC_SECRET_0" : "CLIENT_TRAFFIC_SECRET_0",
                           random, f->secret);
    REQUIRE(f->secret_len != 0);
    use_secret(f);
}

void forge_update(struct forge *f)
{
    uint8_t next[64];
    expand(f, "traffic upd", next, f->secret_len);
    memcpy(f->secret, next, f->secret_len);
    use_secret(f);
}

static void seal(const struct forge *f, const uint8_t nonce[12], const uint8_t *aad, int aad_len,
                 uint8_t *data, size_t n)
{
    int done;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    const EVP_CIPHER *cipher = f->key_len == 32 ? EVP_aes_256_gcm() : EVP_aes_128_gcm();
    REQUIRE(EVP_EncryptInit_ex(context, cipher, NULL, f->key, nonce) == 1 &&
            EVP_EncryptUpdate(context, NULL, &done, aad, aad_len) == 1 &&
            EVP_EncryptUpdate(context, data, &done, data, (int)n) == 1 &&
            EVP_EncryptFinal_ex(context, data + n, &done) == 1 &&
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, data + n) == 1);
    EVP_CIPHER_CTX_free(context);
    ERR_clear_error();
}

static void put_number(uint8_t out[8], uint64_t number)
{
    for (int i = 7; i >= 0; i--, number >>= 8)
        out[i] = (uint8_t)number;
}

static void put_header(uint8_t out[5], uint8_t type, size_t n)
{
    out[0] = type;
    out[1] = 3;
    out[2] = 3;
    out[3] = (uint8_t)(n >> 8);
    out[4] = (uint8_t)n;
}

size_t forge_record(struct forge *f, uint8_t type, const void *content, size_t n, uint8_t *out)
{
    uint8_t nonce[12];
    uint8_t number[8];
    put_number(number, f->number++);
    memcpy(nonce, f->iv, sizeof nonce);
    if (f->is_tls13) {
        for (size_t i = 0; i < 8; i++)
            nonce[4 + i] ^= number[i];
        put_header(out, 23, n + 17);
        if (n != 0)
            memcpy(out + 5, content, n);
        out[5 + n] = type;
        seal(f, nonce, out, 5, out + 5, n + 1);
        return 5 + n + 17;
    }
    uint8_t aad[13];
    memcpy(aad, number, 8);
    put_header(aad + 8, type, n);
    put_header(out, type, n + 24);
    memcpy(out + 5, number, 8);
    memcpy(nonce + 4, number, 8);
    if (n != 0)
        memcpy(out + 13, content, n);
    seal(f, nonce, aad, sizeof aad, out + 13, n);
    return 13 + n + 16;
}
