/* SPDX-License-Identifier: MIT */
/*
 * The limit for records: EVP with one keyed context for each direction, of which only the IV is
 * set. TLS 1.3 seals one byte more (the content type) under a header of 5 bytes, TLS 1.2 under 13.
 */
#include <stdint.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "check.h"
#include "subject.h"

enum { IV_LEN = 12, TAG_LEN = 16, RECORD_MAX = 16384 + 1, HEADER_MAX = 13 };

static const struct test *test;
static EVP_CIPHER_CTX *sealing;
static EVP_CIPHER_CTX *opening;
static uint64_t sealed;
static uint64_t opened;
static uint8_t iv[IV_LEN];
static uint8_t header[HEADER_MAX];
static uint8_t tag[TAG_LEN];
static uint8_t record[RECORD_MAX];
static int header_len;
static int content_len;
/* A few ns cheaper than the ctrl calls. */
static OSSL_PARAM tag_parameters[] = {
    OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, tag, TAG_LEN),
    OSSL_PARAM_END,
};

static EVP_CIPHER_CTX *keyed(const EVP_CIPHER *cipher, int encrypt)
{
    static const uint8_t key[32] = {1, 2, 3};
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    REQUIRE(ctx != NULL && EVP_CipherInit_ex2(ctx, cipher, key, iv, encrypt, NULL) == 1);
    return ctx;
}

static void setup(const struct test *chosen, const struct pki *pki)
{
    static const char *const names[CIPHER_COUNT] = {"AES-128-GCM", "AES-256-GCM",
                                                    "ChaCha20-Poly1305"};
    (void)pki;
    test = chosen;
    header_len = test->is_tls13 ? 5 : 13;
    content_len = (int)test->record_len + test->is_tls13;
    sealed = 0;
    opened = 0;
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, names[test->cipher], NULL);
    REQUIRE(cipher != NULL);
    sealing = keyed(cipher, 1);
    opening = keyed(cipher, 0);
    EVP_CIPHER_free(cipher);
}

static void teardown(void)
{
    EVP_CIPHER_CTX_free(sealing);
    EVP_CIPHER_CTX_free(opening);
}

static void no_connection(unsigned slot)
{
    (void)slot;
}

static void next_iv(uint64_t number)
{
    number = __builtin_bswap64(number);
    memcpy(iv + IV_LEN - sizeof number, &number, sizeof number);
}

static void seal(unsigned slot)
{
    int n;
    (void)slot;
    next_iv(sealed++);
    REQUIRE(EVP_CipherInit_ex2(sealing, NULL, NULL, iv, -1, NULL) == 1);
    REQUIRE(EVP_CipherUpdate(sealing, NULL, &n, header, header_len) == 1);
    REQUIRE(EVP_CipherUpdate(sealing, record, &n, record, content_len) == 1);
    REQUIRE(EVP_CipherFinal_ex(sealing, record + n, &n) == 1);
    REQUIRE(EVP_CIPHER_CTX_get_params(sealing, tag_parameters) == 1);
}

static void open_record(unsigned slot)
{
    int n;
    (void)slot;
    next_iv(opened++);
    REQUIRE(EVP_CipherInit_ex2(opening, NULL, NULL, iv, -1, NULL) == 1);
    REQUIRE(EVP_CipherUpdate(opening, NULL, &n, header, header_len) == 1);
    REQUIRE(EVP_CipherUpdate(opening, record, &n, record, content_len) == 1);
    REQUIRE(EVP_CIPHER_CTX_set_params(opening, tag_parameters) == 1);
    REQUIRE(EVP_CipherFinal_ex(opening, record + n, &n) == 1);
}

const struct subject subject_raw = {
    .name = "raw",
    .does_records = true,
    .setup = setup,
    .teardown = teardown,
    .connect = no_connection,
    .disconnect = no_connection,
    .seal = seal,
    .open = open_record,
};
