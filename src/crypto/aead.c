/* SPDX-License-Identifier: MIT */
/*
 * AEAD for records: a cipher context keyed once; each call sets only the nonce. RFC 8446 5.3 (the
 * nonce), RFC 5288 and RFC 7905 (the same for TLS 1.2). Seals and opens in place, allocates
 * nothing. A refused tag queues no error in libcrypto, so no mark is set on this path.
 */
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/params.h>

#include "crypto/tables.h"

struct aead {
    enum aead_id id;
    bool is_seal;
    bool is_keyed; /* false after a re-keying that failed: the old key must not be used on */
    uint8_t iv[AEAD_IV_LEN];
    EVP_CIPHER_CTX *ctx;
};

/* RFC 8446 5.5: 2^24.5 full records under one AES-GCM key keep the advantage below 2^-57. */
static const struct {
    size_t key_len;
    uint64_t record_limit;
} algorithms[AEAD_COUNT] = {
    [AEAD_AES_128_GCM] = {16, 23726566},
    [AEAD_AES_256_GCM] = {32, 23726566},
    [AEAD_CHACHA20_POLY1305] = {32, UINT64_MAX},
};

size_t aead_key_len(enum aead_id id)
{
    return algorithms[id].key_len;
}

uint64_t aead_record_limit(enum aead_id id)
{
    return algorithms[id].record_limit;
}

enum aead_id aead_kind(const struct aead *a)
{
    return a->id;
}

/* A cipher of NULL keeps the one that is set. */
static err set_key(struct aead *a, const EVP_CIPHER *cipher, const uint8_t *key, const uint8_t *iv)
{
    crypto_mark();
    a->is_keyed = a->is_seal ? EVP_EncryptInit_ex2(a->ctx, cipher, key, NULL, NULL) == 1
                             : EVP_DecryptInit_ex2(a->ctx, cipher, key, NULL, NULL) == 1;
    err e = a->is_keyed ? OK : FAIL(crypto_reason());
    crypto_unmark();
    mem_copy(a->iv, iv, AEAD_IV_LEN);
    return e;
}

err aead_new(struct aead **out, enum aead_id id, bool is_seal, const uint8_t *key,
             const uint8_t iv[AEAD_IV_LEN])
{
    *out = NULL;
    struct aead *a = mem_alloc(sizeof *a);
    if (a == NULL)
        return FAIL(ERR_NO_MEMORY);
    a->id = id;
    a->is_seal = is_seal;
    crypto_mark();
    a->ctx = EVP_CIPHER_CTX_new();
    crypto_unmark();
    err e = a->ctx != NULL ? set_key(a, crypto_tables.cipher[id], key, iv) : FAIL(ERR_NO_MEMORY);
    if (e != OK) {
        aead_free(a);
        return e;
    }
    *out = a;
    return OK;
}

err aead_rekey(struct aead *a, const uint8_t *key, const uint8_t iv[AEAD_IV_LEN])
{
    return set_key(a, NULL, key, iv);
}

void aead_free(struct aead *a)
{
    if (a == NULL)
        return;
    EVP_CIPHER_CTX_free(a->ctx);
    mem_free(a);
}

static void nonce_make(const struct aead *a, uint64_t number, uint8_t nonce[AEAD_IV_LEN])
{
    uint8_t low[8];
    store_u64(low, number);
    mem_copy(nonce, a->iv, AEAD_IV_LEN);
    for (size_t i = 0; i < sizeof low; i++)
        nonce[AEAD_IV_LEN - 8 + i] = (uint8_t)(nonce[AEAD_IV_LEN - 8 + i] ^ low[i]);
}

static bool encrypt(EVP_CIPHER_CTX *ctx, uint8_t *data, size_t n)
{
    int done;
    return n == 0 || EVP_EncryptUpdate(ctx, data, &done, data, (int)n) == 1;
}

static bool encrypt_all(EVP_CIPHER_CTX *ctx, uint8_t *data, size_t n, uint8_t *tail, size_t tail_n)
{
    /* A second update costs as much as 64 bytes of data. */
    if (n != 0 && tail == data + n)
        return encrypt(ctx, data, n + tail_n);
    return encrypt(ctx, data, n) && encrypt(ctx, tail, tail_n);
}

static bool tag_get(EVP_CIPHER_CTX *ctx, uint8_t *tag)
{
    OSSL_PARAM params[] = {
        OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, tag, AEAD_TAG_LEN),
        OSSL_PARAM_END,
    };
    return EVP_CIPHER_CTX_get_params(ctx, params) == 1;
}

static bool tag_expect(EVP_CIPHER_CTX *ctx, const uint8_t *tag)
{
    uint8_t copy[AEAD_TAG_LEN];
    mem_copy(copy, tag, sizeof copy);
    OSSL_PARAM params[] = {
        OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, copy, sizeof copy),
        OSSL_PARAM_END,
    };
    return EVP_CIPHER_CTX_set_params(ctx, params) == 1;
}

err aead_seal(struct aead *a, uint64_t number, struct span header, uint8_t *data, size_t n,
              uint8_t *tail, size_t tail_n, uint8_t tag[AEAD_TAG_LEN])
{
    uint8_t nonce[AEAD_IV_LEN];
    int done;
    ENSURE(a->is_keyed && a->is_seal);
    if (n > INT_MAX - 1 || tail_n > 1 || header.n > INT_MAX)
        return FAIL(ERR_ARGUMENT);
    nonce_make(a, number, nonce);
    if (EVP_EncryptInit_ex2(a->ctx, NULL, NULL, nonce, NULL) != 1 ||
        EVP_EncryptUpdate(a->ctx, NULL, &done, header.p, (int)header.n) != 1 ||
        !encrypt_all(a->ctx, data, n, tail, tail_n) ||
        EVP_EncryptFinal_ex(a->ctx, tag, &done) != 1 || !tag_get(a->ctx, tag))
        return FAIL(ERR_CRYPTO);
    return OK;
}

err aead_open(struct aead *a, uint64_t number, struct span header, uint8_t *data, size_t n,
              const uint8_t tag[AEAD_TAG_LEN])
{
    uint8_t nonce[AEAD_IV_LEN];
    uint8_t nothing_more[AEAD_TAG_LEN];
    int done;
    ENSURE(a->is_keyed && !a->is_seal);
    if (n > INT_MAX || header.n > INT_MAX)
        return FAIL(ERR_ARGUMENT);
    nonce_make(a, number, nonce);
    if (EVP_DecryptInit_ex2(a->ctx, NULL, NULL, nonce, NULL) == 1 && tag_expect(a->ctx, tag) &&
        EVP_DecryptUpdate(a->ctx, NULL, &done, header.p, (int)header.n) == 1 &&
        (n == 0 || EVP_DecryptUpdate(a->ctx, data, &done, data, (int)n) == 1) &&
        EVP_DecryptFinal_ex(a->ctx, nothing_more, &done) == 1)
        return OK;
    mem_wipe(data, n);
    return FAIL(ERR_RECORD_BAD_MAC);
}
