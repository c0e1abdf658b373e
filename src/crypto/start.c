/* SPDX-License-Identifier: MIT */
/*
 * Start-up: the library contexts, the table of fetched algorithms, the templates, the self-test,
 * and libcrypto's own first use, all of it once. A start that failed leaves nothing behind and may
 * be tried again.
 */
#include <openssl/crypto.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdatomic.h>

#include "crypto/ec_kept.h"
#include "crypto/scratch.h"
#include "crypto/tables.h"

struct crypto_tables crypto_tables;

static pthread_mutex_t start_lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool is_started;

static const char *const md_names[HASH_COUNT] = {
    [HASH_SHA256] = "SHA2-256",
    [HASH_SHA384] = "SHA2-384",
    [HASH_SHA512] = "SHA2-512",
    [HASH_SHA1] = "SHA1",
};

static const char *const cipher_names[AEAD_COUNT] = {
    [AEAD_AES_128_GCM] = "AES-128-GCM",
    [AEAD_AES_256_GCM] = "AES-256-GCM",
    [AEAD_CHACHA20_POLY1305] = "ChaCha20-Poly1305",
};

static err open_contexts(struct crypto_tables *t)
{
    t->lib = OSSL_LIB_CTX_new();
    t->empty = OSSL_LIB_CTX_new();
    if (t->lib == NULL || t->empty == NULL)
        return FAIL(crypto_reason());
    /* The providers live as long as their contexts, so their handles are not kept. */
    if (OSSL_PROVIDER_load(t->lib, "default") == NULL ||
        OSSL_PROVIDER_load(t->empty, "null") == NULL)
        return FAIL(crypto_reason());
    return OK;
}

static err fetch_all(struct crypto_tables *t)
{
    for (size_t i = 0; i < HASH_COUNT; i++) {
        t->md[i] = EVP_MD_fetch(t->lib, md_names[i], NULL);
        if (t->md[i] == NULL)
            return FAIL(crypto_reason());
    }
    for (size_t i = 0; i < AEAD_COUNT; i++) {
        t->cipher[i] = EVP_CIPHER_fetch(t->lib, cipher_names[i], NULL);
        if (t->cipher[i] == NULL)
            return FAIL(crypto_reason());
    }
    for (enum group_index g = 0; group_is_curve(g); g++) {
        t->ec_template[g] = ec_parameters_new(g);
        if (t->ec_template[g] == NULL)
            return FAIL(crypto_reason());
    }
    return OK;
}

/*
 * libcrypto sets parts of itself up on first use, and a failed allocation there can make them
 * unusable for the process; so every part is used once here.
 */
static err first_uses(struct crypto_tables *t)
{
    uint8_t bytes[HASH_MAX];
    TRY(crypto_random(bytes, sizeof bytes));
    for (enum hash_id id = 0; id < HASH_COUNT; id++)
        TRY(hash_once(id, span_of(bytes, 1), bytes));
    X509 *x509 = X509_new_ex(t->empty, NULL);
    if (x509 == NULL)
        return FAIL(crypto_reason());
    X509_free(x509);
    /* The two groups of every day; the larger curves take milliseconds and wait for their use. */
    (void)kept_keys_trusted(GROUP_CURVE25519);
    (void)kept_keys_trusted(GROUP_P256);
    return OK;
}

static void close_all(struct crypto_tables *t)
{
    scratch_release();
    for (enum group_index g = 0; g < GROUP_COUNT; g++)
        EVP_PKEY_free(t->ec_template[g]);
    for (size_t i = 0; i < AEAD_COUNT; i++)
        EVP_CIPHER_free(t->cipher[i]);
    for (size_t i = 0; i < HASH_COUNT; i++)
        EVP_MD_free(t->md[i]);
    OSSL_LIB_CTX_free(t->empty);
    OSSL_LIB_CTX_free(t->lib);
    memset(t, 0, sizeof *t);
}

static err open_all(struct crypto_tables *t)
{
    TRY(scratch_start());
    TRY(open_contexts(t));
    TRY(fetch_all(t));
    return first_uses(t);
}

static err start_locked(void)
{
    if (atomic_load_explicit(&is_started, memory_order_relaxed))
        return OK;
    crypto_mark();
    err e = open_all(&crypto_tables);
    if (e == OK)
        atomic_store_explicit(&is_started, true, memory_order_release);
    else
        close_all(&crypto_tables);
    crypto_unmark();
    return e;
}

err crypto_start(void)
{
    if (atomic_load_explicit(&is_started, memory_order_acquire))
        return OK;
    if (pthread_mutex_lock(&start_lock) != 0)
        return FAIL(ERR_INTERNAL);
    err e = start_locked();
    pthread_mutex_unlock(&start_lock);
    return e;
}

OSSL_LIB_CTX *crypto_context(void)
{
    return crypto_tables.lib;
}

OSSL_LIB_CTX *crypto_empty_context(void)
{
    return crypto_tables.empty;
}

const char *crypto_version(void)
{
    return OpenSSL_version(OPENSSL_VERSION);
}

static _Thread_local unsigned mark_depth;

void crypto_mark(void)
{
    ERR_set_mark();
    mark_depth++;
}

void crypto_unmark(void)
{
    mark_depth--;
    ERR_pop_to_mark();
}

bool crypto_mark_outermost(void)
{
    if (mark_depth != 0)
        return false;
    crypto_mark();
    return true;
}

void crypto_unmark_outermost(bool is_marked)
{
    if (is_marked)
        crypto_unmark();
}

err crypto_reason(void)
{
    return ERR_GET_REASON(ERR_peek_last_error()) == ERR_R_MALLOC_FAILURE ? ERR_NO_MEMORY
                                                                         : ERR_CRYPTO;
}

err crypto_random(uint8_t *out, size_t n)
{
    crypto_mark();
    int done = RAND_bytes_ex(crypto_tables.lib, out, n, 0);
    crypto_unmark();
    return done == 1 ? OK : FAIL(ERR_RANDOM);
}
