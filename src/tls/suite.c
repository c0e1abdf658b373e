/* SPDX-License-Identifier: MIT */
/* The suite table: what decisions about suites are made from, in default order of preference. */
#include "tls/tls.h"

static const struct tls_suite suites[] = {
    /* RFC 8446 B.4 */
    {0x1302, "TLS_AES_256_GCM_SHA384", TLS_VERSION_13, AEAD_AES_256_GCM, HASH_SHA384, TLS_AUTH_ANY,
     0},
    {0x1301, "TLS_AES_128_GCM_SHA256", TLS_VERSION_13, AEAD_AES_128_GCM, HASH_SHA256, TLS_AUTH_ANY,
     0},
    {0x1303, "TLS_CHACHA20_POLY1305_SHA256", TLS_VERSION_13, AEAD_CHACHA20_POLY1305, HASH_SHA256,
     TLS_AUTH_ANY, 0},
    /* RFC 5289, RFC 7905 */
    {0xC02C, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", TLS_VERSION_12, AEAD_AES_256_GCM,
     HASH_SHA384, TLS_AUTH_ECDSA, 8},
    {0xC02B, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", TLS_VERSION_12, AEAD_AES_128_GCM,
     HASH_SHA256, TLS_AUTH_ECDSA, 8},
    {0xCCA9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", TLS_VERSION_12,
     AEAD_CHACHA20_POLY1305, HASH_SHA256, TLS_AUTH_ECDSA, 0},
    {0xC030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", TLS_VERSION_12, AEAD_AES_256_GCM, HASH_SHA384,
     TLS_AUTH_RSA, 8},
    {0xC02F, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", TLS_VERSION_12, AEAD_AES_128_GCM, HASH_SHA256,
     TLS_AUTH_RSA, 8},
    {0xCCA8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", TLS_VERSION_12, AEAD_CHACHA20_POLY1305,
     HASH_SHA256, TLS_AUTH_RSA, 0},
};

const struct tls_suite *tls_suite_find(uint16_t id)
{
    for (size_t i = 0; i < ARRAY_LEN(suites); i++) {
        if (suites[i].id == id)
            return &suites[i];
    }
    return NULL;
}

const struct tls_suite *tls_suite_at(size_t index)
{
    return index < ARRAY_LEN(suites) ? &suites[index] : NULL;
}
