/* SPDX-License-Identifier: MIT */
/*
 * The n-th allocation fails, ours or libcrypto's, for every kind of work: an error that says so,
 * no crash, no leak, and the same work succeeds right afterwards. Once in a thread whose scratch
 * is filled, once in new threads that have none.
 */
#include "support.h"

#include <pthread.h>

#include <openssl/err.h>

enum { TRIES_MAX = 3000 };

static const struct span message = {(const uint8_t *)"message", 7};

static struct span spki[TEST_KEY_COUNT];
static EVP_PKEY *pkeys[TEST_KEY_COUNT];
static struct private_key *privs[TEST_KEY_COUNT];
static uint8_t signatures[TEST_KEY_COUNT][SIGNATURE_MAX];
static size_t signature_lens[TEST_KEY_COUNT];

static const struct {
    enum test_key key;
    uint16_t scheme;
} kinds[] = {
    {TEST_P256, SCHEME_ECDSA_SECP256R1_SHA256},
    {TEST_RSA_2048, SCHEME_RSA_PSS_RSAE_SHA256},
    {TEST_RSA_PSS_SHA256, SCHEME_RSA_PSS_PSS_SHA256},
    {TEST_ED25519, SCHEME_ED25519},
};

/* ---- the works ------------------------------------------------------------------------- */

static err work_hash(int unused)
{
    struct hash *h;
    uint8_t out[HASH_MAX];
    (void)unused;
    TRY(hash_new(&h, HASH_SHA384));
    err e = hash_update(h, message);
    if (e == OK)
        e = hash_snapshot(h, out);
    hash_free(h);
    return e;
}

static err work_kdf(int unused)
{
    uint8_t out[100];
    struct secret secret;
    (void)unused;
    TRY(hkdf_extract(HASH_SHA256, span_empty(), message, &secret));
    TRY(hkdf_expand(HASH_SHA256, secret_span(&secret), message, out, sizeof out));
    TRY(hkdf_expand_label(HASH_SHA256, secret_span(&secret), message, message, out, 32));
    return prf12(HASH_SHA384, message, "label", message, span_empty(), out, sizeof out);
}

static err work_aead(int id)
{
    static const uint8_t key[32];
    uint8_t data[64] = {0};
    struct aead *a;
    TRY(aead_new(&a, (enum aead_id)id, true, key, key));
    err e = aead_seal(a, 1, message, data, 16, data + 16, 1, data + 32);
    if (e == OK)
        e = aead_rekey(a, key, key);
    aead_free(a);
    return e;
}

static err work_kex(int group)
{
    struct kex *a;
    struct kex *b;
    struct secret secret;
    TRY(kex_new(&a, (uint16_t)group));
    err e = kex_new(&b, (uint16_t)group);
    if (e == OK)
        e = kex_derive(a, kex_public(b), &secret);
    kex_free(a);
    kex_free(b);
    return e;
}

static err work_kex_given(int group)
{
    static const uint8_t scalar[32] = {3};
    struct kex *k;
    TRY(kex_from_private(&k, (uint16_t)group, span_of(scalar, 32)));
    kex_free(k);
    return OK;
}

static err work_private(int kind)
{
    struct private_key *key;
    TRY(private_key_new(&key, pkeys[kinds[kind].key]));
    private_key_free(key);
    return OK;
}

static err work_sign(int kind)
{
    uint8_t out[SIGNATURE_MAX];
    size_t n;
    return private_key_sign(privs[kinds[kind].key], kinds[kind].scheme, message, out, &n);
}

static err work_verify(int kind)
{
    enum test_key k = kinds[kind].key;
    struct public_key *key;
    TRY(public_key_new(&key, spki[k]));
    err e = public_key_verify(key, kinds[kind].scheme, message,
                              span_of(signatures[k], signature_lens[k]));
    public_key_free(key);
    return e;
}

static const struct work {
    const char *name;
    err (*run)(int parameter);
    int parameter;
    bool may_blame_peer; /* libcrypto hides the missing memory, and what comes from outside is
                            refused instead: as safe, if less informative */
} works[] = {
    {"hash", work_hash, 0, false},
    {"kdf", work_kdf, 0, false},
    {"aead gcm", work_aead, AEAD_AES_256_GCM, false},
    {"aead chacha", work_aead, AEAD_CHACHA20_POLY1305, false},
    {"kex x25519", work_kex, GROUP_X25519, false},
    {"kex p-256", work_kex, GROUP_SECP256R1, true},
    {"kex given x25519", work_kex_given, GROUP_X25519, false},
    {"kex given p-256", work_kex_given, GROUP_SECP256R1, false},
    {"private ec", work_private, 0, false},
    {"private rsa", work_private, 1, false},
    {"private rsa-pss", work_private, 2, false},
    {"private ed25519", work_private, 3, false},
    {"sign ec", work_sign, 0, false},
    {"sign rsa", work_sign, 1, false},
    {"sign rsa-pss", work_sign, 2, false},
    {"sign ed25519", work_sign, 3, false},
    {"verify ec", work_verify, 0, true},
    {"verify rsa", work_verify, 1, true},
    {"verify rsa-pss", work_verify, 2, true},
    {"verify ed25519", work_verify, 3, true},
};

/* ---- failing --------------------------------------------------------------------------- */

enum whose { OURS, THEIRS };

static err run_failing(const struct work *w, enum whose whose, uint64_t n, bool *out_failed)
{
    uint64_t before = mem_count();
    if (whose == OURS)
        mem_fail_at(n, false);
    else
        libcrypto_fail_at(n);
    err e = w->run(w->parameter);
    *out_failed = whose == OURS ? mem_count() - before >= n : libcrypto_has_failed();
    mem_fail_at(0, false);
    libcrypto_fail_at(0);
    return e;
}

static bool blames_peer(err e)
{
    return e == ERR_KEY_SHARE || e == ERR_CERT_KEY || e == ERR_SIGNATURE;
}

/* libcrypto may survive a failed allocation (a cache it does without); an error must say why. */
static bool is_honest(const struct work *w, err e, enum whose whose)
{
    if (whose == OURS || e == ERR_NO_MEMORY)
        return e == ERR_NO_MEMORY;
    return e == ERR_CRYPTO || e == OK || (w->may_blame_peer && blames_peer(e));
}

static unsigned fail_each(const struct work *w, enum whose whose)
{
    for (uint64_t n = 1; n < TRIES_MAX; n++) {
        bool has_failed;
        queue_prepare();
        err e = run_failing(w, whose, n, &has_failed);
        queue_check();
        if (!has_failed) {
            assert_int_equal(OK, e);
            return (unsigned)(n - 1);
        }
        if (!is_honest(w, e, whose))
            fail_msg("%s: allocation %u: %s", w->name, (unsigned)n, err_name(e));
        e = w->run(w->parameter);
        if (e != OK)
            fail_msg("%s: after allocation %u: %s", w->name, (unsigned)n, err_name(e));
    }
    fail_msg("%s: no end", w->name);
    return 0;
}

/* The error queue's slots keep their texts; a stopped thread has none. */
static int64_t live_without_thread_state(void)
{
    OPENSSL_thread_stop();
    return libcrypto_live();
}

/* The first round changes what is kept; after the second there must be as much as before it. */
static void fail_twice(const struct work *w, unsigned total[2])
{
    int64_t ours = 0;
    int64_t theirs = 0;
    for (unsigned round = 0; round < 2; round++) {
        ours = mem_live();
        theirs = live_without_thread_state();
        total[OURS] += fail_each(w, OURS);
        total[THEIRS] += fail_each(w, THEIRS);
    }
    assert_int_equal(ours, mem_live());
    int64_t after = live_without_thread_state();
    if (theirs != after)
        fail_msg("%s leaks %d", w->name, (int)(after - theirs));
}

static void test_warm(void **state)
{
    unsigned total[2] = {0, 0};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(works); i++)
        fail_twice(&works[i], total);
    printf("fault: %u of our allocations failed, %u of libcrypto's\n", total[OURS], total[THEIRS]);
    assert_true(total[OURS] > 20 && total[THEIRS] > 1000);
}

/* ---- in threads without scratch -------------------------------------------------------- */

struct cold {
    const struct work *work;
    uint64_t n;
    bool has_failed;
    err first, second;
    bool is_queue_clean;
};

static void *cold_thread(void *argument)
{
    struct cold *c = argument;
    c->first = run_failing(c->work, THEIRS, c->n, &c->has_failed);
    c->second = c->work->run(c->work->parameter);
    c->is_queue_clean = ERR_peek_error() == 0;
    return NULL;
}

static void run_cold(struct cold *c)
{
    pthread_t thread;
    assert_int_equal(0, pthread_create(&thread, NULL, cold_thread, c));
    assert_int_equal(0, pthread_join(thread, NULL));
}

static void test_cold(void **state)
{
    unsigned total = 0;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(works); i++) {
        struct cold c = {.work = &works[i], .n = 0};
        run_cold(&c);
        int64_t theirs = libcrypto_live();
        do {
            c.n++;
            run_cold(&c);
            total += c.has_failed;
            if (!is_honest(c.work, c.first, THEIRS) || c.second != OK || !c.is_queue_clean)
                fail_msg("%s: cold allocation %u: %s, then %s", c.work->name, (unsigned)c.n,
                         err_name(c.first), err_name(c.second));
            if (libcrypto_live() > theirs)
                fail_msg("%s: cold allocation %u leaks %d", c.work->name, (unsigned)c.n,
                         (int)(libcrypto_live() - theirs));
        } while (c.has_failed);
    }
    printf("fault: %u allocations failed in new threads\n", total);
    assert_true(total > 300);
}

/* Control: a work that swallows the failure, and one that leaks, are both seen. */
static err work_swallows(int unused)
{
    (void)work_hash(unused);
    return ERR_SIGNATURE;
}

static void test_control(void **state)
{
    const struct work w = {"control", work_swallows, 0, false};
    bool has_failed;
    (void)state;
    assert_false(is_honest(&w, run_failing(&w, THEIRS, 1, &has_failed), THEIRS));
    assert_true(has_failed);
    int64_t theirs = libcrypto_live();
    void *leak = OPENSSL_malloc(1);
    assert_true(libcrypto_live() == theirs + 1);
    OPENSSL_free(leak);
}

static void prepare(void)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        enum test_key k = kinds[i].key;
        pkeys[k] = test_key_new(k);
        spki[k] = spki_of(pkeys[k]);
        assert_int_equal(OK, private_key_new(&privs[k], pkeys[k]));
        assert_int_equal(OK, private_key_sign(privs[k], kinds[i].scheme, message, signatures[k],
                                              &signature_lens[k]));
    }
}

static void clean(void)
{
    for (size_t k = 0; k < TEST_KEY_COUNT; k++) {
        private_key_free(privs[k]);
        EVP_PKEY_free(pkeys[k]);
        OPENSSL_free((void *)(uintptr_t)spki[k].p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_warm),
        cmocka_unit_test(test_cold),
        cmocka_unit_test(test_control),
    };
    support_start();
    prepare();
    int failed = cmocka_run_group_tests_name("crypto fault", tests, NULL, NULL);
    clean();
    return failed;
}
