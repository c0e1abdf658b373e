/* SPDX-License-Identifier: MIT */
/* What is measured, and the ratio that each measurement is held against. */
#ifndef SCHANNEL_BENCH_TEST_H
#define SCHANNEL_BENCH_TEST_H

#include <stdbool.h>
#include <stddef.h>

enum bench_cipher {
    CIPHER_AES_128_GCM,
    CIPHER_AES_256_GCM,
    CIPHER_CHACHA20_POLY1305,
    CIPHER_COUNT
};

enum test_kind { TEST_HANDSHAKE, TEST_CHAIN, TEST_RECORDS, TEST_KIND_COUNT };

struct test {
    const char *name;  /* for machines and for --only */
    const char *label; /* for people */
    enum test_kind kind;
    bool is_tls13;
    bool is_rsa;
    bool is_mutual;
    bool remembers; /* ours: authorities' signatures that were verified before are not again */
    enum bench_cipher cipher;
    size_t record_len;   /* payload */
    double target;       /* times libssl; 0 = none is set */
    double target_share; /* of the floor's speed, records only: of raw EVP's */
    double required;     /* times libssl below which the build is not acceptable; 0 = none */
    double required_share;
};

extern const struct test tests[];
extern const size_t test_count;

/* The first handshake stands for the others; records allocate by cipher and version, not by length.
 */
bool test_counts_heap(const struct test *test);
/* NULL when there is none of this name. */
const struct test *test_find(const char *name);
/* IANA number of the suite that the test must negotiate. */
unsigned test_suite(const struct test *test);
size_t cipher_key_len(enum bench_cipher cipher);

#endif
