/* SPDX-License-Identifier: MIT */
/*
 * The per-thread scratch sets: digest contexts, key generation templates, idle key objects. They
 * are filled on first use and released at the thread's end. The set itself is thread-local
 * storage, not heap, so it is no allocation of ours.
 */
#include "crypto/scratch.h"

#include <pthread.h>

#include "crypto/ec_kept.h"
#include "crypto/tables.h"

static pthread_key_t thread_end;
static bool has_thread_end;
static _Thread_local struct scratch scratch;

static void scratch_empty(struct scratch *s)
{
    for (size_t i = 0; i < HASH_COUNT; i++)
        EVP_MD_CTX_free(s->md[i]);
    EVP_MD_CTX_free(s->snapshot);
    EVP_MD_CTX_free(s->mac[0]);
    EVP_MD_CTX_free(s->mac[1]);
    for (size_t g = 0; g < GROUP_COUNT; g++) {
        EVP_PKEY_CTX_free(s->keygen[g]);
        for (size_t i = 0; i < s->ec_idle_count[g]; i++)
            ec_kept_drop(&s->ec_idle[g][i]);
    }
    EVP_PKEY_CTX_free(s->rsa_import);
    EVP_PKEY_free(s->x25519_peer);
    *s = (struct scratch){0};
}

static void at_thread_end(void *set)
{
    scratch_empty(set);
}

err scratch_start(void)
{
    if (!has_thread_end && pthread_key_create(&thread_end, at_thread_end) != 0)
        return FAIL(ERR_NO_MEMORY);
    has_thread_end = true;
    return OK;
}

void scratch_release(void)
{
    bool is_registered = scratch.is_registered;
    scratch_empty(&scratch);
    scratch.is_registered = is_registered;
}

struct scratch *scratch_get(void)
{
    if (__builtin_expect(scratch.is_registered, 1))
        return &scratch;
    if (pthread_setspecific(thread_end, &scratch) != 0)
        return NULL;
    scratch.is_registered = true;
    return &scratch;
}

static EVP_MD_CTX *digest_new(enum hash_id id)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (ctx == NULL || EVP_DigestInit_ex2(ctx, crypto_tables.md[id], NULL) != 1) {
        EVP_MD_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

EVP_MD_CTX *scratch_digest(enum hash_id id)
{
    struct scratch *s = scratch_get();
    if (s == NULL)
        return NULL;
    if (__builtin_expect(s->md[id] == NULL, 0)) {
        crypto_mark();
        s->md[id] = digest_new(id);
        crypto_unmark();
    }
    return s->md[id];
}

void scratch_digest_done(enum hash_id id, bool is_sound)
{
    struct scratch *s = &scratch;
    if (is_sound && EVP_DigestInit_ex2(s->md[id], NULL, NULL) == 1)
        return;
    EVP_MD_CTX_free(s->md[id]);
    s->md[id] = NULL;
}
