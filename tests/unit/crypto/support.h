/* SPDX-License-Identifier: MIT */
/*
 * Shared by the crypto room's tests: libcrypto's allocator with counters and a failing n-th call,
 * and the check that a call leaves the application's error queue alone.
 */
#ifndef SCHANNEL_TESTS_CRYPTO_SUPPORT_H
#define SCHANNEL_TESTS_CRYPTO_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include <openssl/evp.h>

#include "crypto/crypto.h"

/* First thing in main: hooks libcrypto's allocator, then starts the room. */
void support_start(void);

/* Allocations of libcrypto in this thread since the program began, and blocks alive in all. */
uint64_t libcrypto_allocations(void);
int64_t libcrypto_live(void);
/* Allocation number n from now fails in this thread; 0 switches it off. */
void libcrypto_fail_at(uint64_t n);
bool libcrypto_has_failed(void);

/* An entry in the queue that must survive, and the proof that it is alone. */
void queue_prepare(void);
void queue_check(void);

/* The call gives this result and neither adds to the error queue nor takes from it. */
#define EXPECT(result, call)                                                                       \
    do {                                                                                           \
        queue_prepare();                                                                           \
        assert_string_equal(err_name(result), err_name(call));                                     \
        queue_check();                                                                             \
    } while (0)

/* Keys are made by libcrypto's default context, as a program's would be. */
enum test_key {
    TEST_RSA_2048,
    TEST_RSA_1024,
    TEST_RSA_PSS,
    TEST_RSA_PSS_SHA256,
    TEST_RSA_PSS_SHA384,
    TEST_P256,
    TEST_P384,
    TEST_P521,
    TEST_ED25519,
    TEST_KEY_COUNT,
};
EVP_PKEY *test_key_new(enum test_key which);
const char *test_key_name(enum test_key which);

struct public_key *public_of(EVP_PKEY *pkey);
/* SubjectPublicKeyInfo; released with OPENSSL_free. */
struct span spki_of(EVP_PKEY *pkey);

#endif
