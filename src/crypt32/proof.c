/* SPDX-License-Identifier: MIT */
/*
 * Which signatures of authorities were verified: the fact, keyed by the SHA-256 of what was signed
 * and of the key. A bounded table in the process; a full bucket loses its oldest entry. Failures
 * are not kept, and end certificates never come here.
 */
#include "crypt32/proof.h"

enum { BUCKETS = 256, WAYS = 4 };

struct bucket {
    struct proof proofs[WAYS];
    uint8_t used;
    uint8_t next; /* the oldest one, once all are used */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t forks_once = PTHREAD_ONCE_INIT;
static struct bucket buckets[BUCKETS];
static bool is_off;
static struct proof_counts counts;

/* ---- the lock: around fork it is taken, and the child knows nothing ---------------------- */

static void before_fork(void)
{
    pthread_mutex_lock(&lock);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&lock);
}

static void in_child(void)
{
    mem_wipe(buckets, sizeof buckets);
    pthread_mutex_unlock(&lock);
}

static void watch_forks(void)
{
    pthread_atfork(before_fork, after_fork, in_child);
}

static void enter(void)
{
    pthread_once(&forks_once, watch_forks);
    pthread_mutex_lock(&lock);
}

/* ---- the table ------------------------------------------------------------------------- */

static bool same_bytes(const uint8_t a[PROOF_HASH_LEN], const uint8_t b[PROOF_HASH_LEN])
{
    return span_equal(span_of(a, PROOF_HASH_LEN), span_of(b, PROOF_HASH_LEN));
}

/* Digests of other people's certificates: whoever makes many with one first byte only fills one
 * bucket. */
static struct bucket *bucket_of(const struct proof *proof)
{
    return &buckets[proof->what[0] ^ proof->key[0]];
}

static bool holds(const struct bucket *bucket, const struct proof *proof)
{
    for (size_t i = 0; i < bucket->used; i++) {
        if (same_bytes(bucket->proofs[i].what, proof->what) &&
            same_bytes(bucket->proofs[i].key, proof->key))
            return true;
    }
    return false;
}

bool proof_is_known(const struct proof *proof)
{
    enter();
    bool is_known = !is_off && holds(bucket_of(proof), proof);
    if (is_known)
        counts.hits++;
    else
        counts.misses++;
    pthread_mutex_unlock(&lock);
    return is_known;
}

void proof_remember(const struct proof *proof)
{
    enter();
    struct bucket *bucket = bucket_of(proof);
    if (!is_off && !holds(bucket, proof)) {
        bucket->proofs[bucket->next] = *proof;
        bucket->next = (uint8_t)((bucket->next + 1) % WAYS);
        bucket->used = (uint8_t)(bucket->used + (bucket->used < WAYS));
    }
    pthread_mutex_unlock(&lock);
}

void proof_cache_switch(bool on)
{
    enter();
    is_off = !on;
    mem_wipe(buckets, sizeof buckets);
    counts = (struct proof_counts){0};
    pthread_mutex_unlock(&lock);
}

struct proof_counts proof_cache_counts(void)
{
    enter();
    struct proof_counts now = counts;
    for (size_t i = 0; i < BUCKETS; i++)
        now.entries += buckets[i].used;
    pthread_mutex_unlock(&lock);
    return now;
}
