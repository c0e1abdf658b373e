/* SPDX-License-Identifier: MIT */
/* The table of tests. */
#include "test.h"

#include <string.h>

#define HANDSHAKE(id, text, is13, rsa, mutual, remembering, goal)                                  \
    {                                                                                              \
        .name = (id), .label = (text), .kind = TEST_HANDSHAKE, .is_tls13 = (is13),                 \
        .is_rsa = (rsa), .is_mutual = (mutual), .remembers = (remembering), .target = (goal),      \
        .required = 1.0                                                                            \
    }

#define CHAIN(id, text, rsa, remembering)                                                          \
    {                                                                                              \
        .name = (id), .label = (text), .kind = TEST_CHAIN, .is_tls13 = true, .is_rsa = (rsa),      \
        .remembers = (remembering)                                                                 \
    }

#define RECORDS(id, text, is13, aead, len, goal, share, least)                                     \
    {                                                                                              \
        .name = (id), .label = (text), .kind = TEST_RECORDS, .is_tls13 = (is13), .cipher = (aead), \
        .record_len = (len), .target = (goal), .target_share = (share), .required_share = (least)  \
    }

enum { LARGE = 16384, PACKET = 1400, SMALL = 64 };

const struct test tests[] = {
    HANDSHAKE("tls13-ecdsa", "TLS 1.3 full, ECDSA P-256", true, false, false, false, 2.1),
    HANDSHAKE("tls13-ecdsa-cached", "TLS 1.3 ECDSA, CA cached", true, false, false, true, 2.65),
    HANDSHAKE("tls13-rsa", "TLS 1.3 full, RSA-2048", true, true, false, false, 1.75),
    HANDSHAKE("tls13-ecdsa-client", "TLS 1.3 full, ECDSA, client cert.", true, false, true, false,
              2.15),
    HANDSHAKE("tls13-ecdsa-client-cached", "TLS 1.3 client cert., CA cached", true, false, true,
              true, 2.9),
    HANDSHAKE("tls12-ecdsa", "TLS 1.2 full, ECDHE-ECDSA", false, false, false, false, 1.95),
    HANDSHAKE("tls12-ecdsa-cached", "TLS 1.2 ECDHE-ECDSA, CA cached", false, false, false, true,
              2.4),
    HANDSHAKE("tls12-rsa", "TLS 1.2 full, ECDHE-RSA", false, true, false, false, 1.65),

    CHAIN("chain-ecdsa", "chain cold, ECDSA P-256", false, false),
    CHAIN("chain-ecdsa-cached", "chain, CA cached, ECDSA P-256", false, true),
    CHAIN("chain-rsa", "chain cold, RSA-2048", true, false),
    CHAIN("chain-rsa-cached", "chain, CA cached, RSA-2048", true, true),

    RECORDS("tls13-aes128-16k", "TLS 1.3 AES-128-GCM 16 KiB", true, CIPHER_AES_128_GCM, LARGE, 1.17,
            0.97, 0.90),
    RECORDS("tls13-aes128-1400", "TLS 1.3 AES-128-GCM 1400 B", true, CIPHER_AES_128_GCM, PACKET,
            1.65, 0.93, 0),
    RECORDS("tls13-aes128-64", "TLS 1.3 AES-128-GCM 64 B", true, CIPHER_AES_128_GCM, SMALL, 2.40,
            0.87, 0),
    RECORDS("tls13-aes256-16k", "TLS 1.3 AES-256-GCM 16 KiB", true, CIPHER_AES_256_GCM, LARGE, 1.17,
            0.97, 0.90),
    RECORDS("tls13-aes256-1400", "TLS 1.3 AES-256-GCM 1400 B", true, CIPHER_AES_256_GCM, PACKET,
            1.65, 0.93, 0),
    RECORDS("tls13-aes256-64", "TLS 1.3 AES-256-GCM 64 B", true, CIPHER_AES_256_GCM, SMALL, 2.40,
            0.87, 0),
    RECORDS("tls13-chacha-16k", "TLS 1.3 ChaCha20-Poly1305 16 KiB", true, CIPHER_CHACHA20_POLY1305,
            LARGE, 1.15, 0.97, 0.90),
    RECORDS("tls13-chacha-1400", "TLS 1.3 ChaCha20-Poly1305 1400 B", true, CIPHER_CHACHA20_POLY1305,
            PACKET, 1.25, 0.95, 0),
    RECORDS("tls13-chacha-64", "TLS 1.3 ChaCha20-Poly1305 64 B", true, CIPHER_CHACHA20_POLY1305,
            SMALL, 1.80, 0.89, 0),
    RECORDS("tls12-aes128-16k", "TLS 1.2 AES-128-GCM 16 KiB", false, CIPHER_AES_128_GCM, LARGE,
            1.14, 0.97, 0.90),
    RECORDS("tls12-aes128-1400", "TLS 1.2 AES-128-GCM 1400 B", false, CIPHER_AES_128_GCM, PACKET,
            1.42, 0.93, 0),
    RECORDS("tls12-aes128-64", "TLS 1.2 AES-128-GCM 64 B", false, CIPHER_AES_128_GCM, SMALL, 1.85,
            0.88, 0),
    RECORDS("tls12-aes256-16k", "TLS 1.2 AES-256-GCM 16 KiB", false, CIPHER_AES_256_GCM, LARGE,
            1.14, 0.97, 0.90),
    RECORDS("tls12-aes256-1400", "TLS 1.2 AES-256-GCM 1400 B", false, CIPHER_AES_256_GCM, PACKET,
            1.42, 0.93, 0),
    RECORDS("tls12-aes256-64", "TLS 1.2 AES-256-GCM 64 B", false, CIPHER_AES_256_GCM, SMALL, 1.85,
            0.88, 0),
    RECORDS("tls12-chacha-16k", "TLS 1.2 ChaCha20-Poly1305 16 KiB", false, CIPHER_CHACHA20_POLY1305,
            LARGE, 0, 0.97, 0.90),
    RECORDS("tls12-chacha-1400", "TLS 1.2 ChaCha20-Poly1305 1400 B", false,
            CIPHER_CHACHA20_POLY1305, PACKET, 0, 0.95, 0),
    RECORDS("tls12-chacha-64", "TLS 1.2 ChaCha20-Poly1305 64 B", false, CIPHER_CHACHA20_POLY1305,
            SMALL, 0, 0.89, 0),
};

const size_t test_count = sizeof tests / sizeof tests[0];

bool test_counts_heap(const struct test *test)
{
    return test == &tests[0] || test->record_len == PACKET;
}

const struct test *test_find(const char *name)
{
    for (size_t i = 0; i < test_count; i++) {
        if (strcmp(tests[i].name, name) == 0)
            return &tests[i];
    }
    return NULL;
}

unsigned test_suite(const struct test *test)
{
    static const unsigned suites[CIPHER_COUNT][3] = {
        [CIPHER_AES_128_GCM] = {0x1301, 0xC02B, 0xC02F},
        [CIPHER_AES_256_GCM] = {0x1302, 0xC02C, 0xC030},
        [CIPHER_CHACHA20_POLY1305] = {0x1303, 0xCCA9, 0xCCA8},
    };
    if (test->is_tls13)
        return suites[test->cipher][0];
    return suites[test->cipher][test->is_rsa ? 2 : 1];
}

size_t cipher_key_len(enum bench_cipher cipher)
{
    return cipher == CIPHER_AES_128_GCM ? 16 : 32;
}
