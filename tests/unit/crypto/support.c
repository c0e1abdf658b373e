/* SPDX-License-Identifier: MIT */
/* Shared by the crypto room's tests. */
#include "support.h"

#include <stdatomic.h>
#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

static _Thread_local uint64_t allocations;
static _Thread_local uint64_t countdown;
static _Thread_local bool has_failed;
static atomic_int_fast64_t live;

static bool must_fail(void)
{
    allocations++;
    if (countdown == 0 || --countdown != 0)
        return false;
    has_failed = true;
    return true;
}

static void *hook_malloc(size_t n, const char *where, int line)
{
    (void)where;
    (void)line;
    void *p = must_fail() ? NULL : malloc(n);
    if (p != NULL)
        atomic_fetch_add(&live, 1);
    return p;
}

static void *hook_realloc(void *p, size_t n, const char *where, int line)
{
    (void)where;
    (void)line;
    void *moved = must_fail() ? NULL : realloc(p, n);
    if (p == NULL && moved != NULL)
        atomic_fetch_add(&live, 1);
    return moved;
}

static void hook_free(void *p, const char *where, int line)
{
    (void)where;
    (void)line;
    if (p != NULL)
        atomic_fetch_sub(&live, 1);
    free(p);
}

void support_start(void)
{
    if (CRYPTO_set_mem_functions(hook_malloc, hook_realloc, hook_free) != 1 ||
        crypto_start() != OK) {
        fprintf(stderr, "libcrypto cannot be prepared\n");
        exit(1);
    }
}

uint64_t libcrypto_allocations(void)
{
    return allocations;
}

int64_t libcrypto_live(void)
{
    return atomic_load(&live);
}

void libcrypto_fail_at(uint64_t n)
{
    countdown = n;
    has_failed = false;
}

bool libcrypto_has_failed(void)
{
    return has_failed;
}

void queue_prepare(void)
{
    ERR_clear_error();
    ERR_raise(ERR_LIB_USER, 77);
}

void queue_check(void)
{
    unsigned long e = ERR_get_error();
    assert_int_equal(ERR_LIB_USER, ERR_GET_LIB(e));
    assert_int_equal(77, ERR_GET_REASON(e));
    assert_int_equal(0, ERR_peek_error());
}

static EVP_PKEY *pss_key(const char *digest)
{
    EVP_PKEY *pkey = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
    assert_int_equal(1, EVP_PKEY_keygen_init(ctx));
    assert_int_equal(1, EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, 2048));
    if (digest != NULL) {
        const EVP_MD *md = EVP_get_digestbyname(digest);
        assert_int_equal(1, EVP_PKEY_CTX_set_rsa_pss_keygen_md(ctx, md));
        assert_int_equal(1, EVP_PKEY_CTX_set_rsa_pss_keygen_mgf1_md(ctx, md));
        assert_int_equal(1, EVP_PKEY_CTX_set_rsa_pss_keygen_saltlen(ctx, EVP_MD_get_size(md)));
    }
    assert_int_equal(1, EVP_PKEY_keygen(ctx, &pkey));
    EVP_PKEY_CTX_free(ctx);
    return pkey;
}

static EVP_PKEY *key_make(enum test_key which)
{
    switch (which) {
    case TEST_RSA_2048:
        return EVP_RSA_gen(2048);
    case TEST_RSA_1024:
        return EVP_RSA_gen(1024);
    case TEST_RSA_PSS:
        return pss_key(NULL);
    case TEST_RSA_PSS_SHA256:
        return pss_key("SHA256");
    case TEST_RSA_PSS_SHA384:
        return pss_key("SHA384");
    case TEST_P256:
        return EVP_EC_gen("P-256");
    case TEST_P384:
        return EVP_EC_gen("secp384r1");
    case TEST_P521:
        return EVP_EC_gen("P-521");
    case TEST_ED25519:
        return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    case TEST_KEY_COUNT:
        break;
    }
    return NULL;
}

EVP_PKEY *test_key_new(enum test_key which)
{
    EVP_PKEY *pkey = key_make(which);
    assert_non_null(pkey);
    return pkey;
}

const char *test_key_name(enum test_key which)
{
    static const char *const names[TEST_KEY_COUNT] = {
        "RSA 2048", "RSA 1024", "RSA-PSS", "RSA-PSS SHA-256", "RSA-PSS SHA-384",
        "P-256",    "P-384",    "P-521",   "Ed25519"};
    return names[which];
}

struct span spki_of(EVP_PKEY *pkey)
{
    uint8_t *der = NULL;
    int n = i2d_PUBKEY(pkey, &der);
    assert_true(n > 0);
    return span_of(der, (size_t)n);
}

struct public_key *public_of(EVP_PKEY *pkey)
{
    struct public_key *key;
    struct span spki = spki_of(pkey);
    assert_int_equal(OK, public_key_new(&key, spki));
    OPENSSL_free((void *)(uintptr_t)spki.p);
    return key;
}
