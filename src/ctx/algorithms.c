/* SPDX-License-Identifier: MIT */
/* Windows' algorithm numbers and names, keyed by what the suite says. */
#include "ctx/ctx.h"

struct ctx_algorithms ctx_algorithms_of(const struct tls_suite *suite)
{
    static const struct {
        ALG_ID cipher;
        DWORD bits;
        const char *name;
    } ciphers[AEAD_COUNT] = {
        [AEAD_AES_128_GCM] = {CALG_AES_128, 128, "AES"},
        [AEAD_AES_256_GCM] = {CALG_AES_256, 256, "AES"},
        /* No ALG_ID was ever given to it. */
        [AEAD_CHACHA20_POLY1305] = {0, 256, "CHACHA20_POLY1305"},
    };
    return (struct ctx_algorithms){
        .cipher = ciphers[suite->aead].cipher,
        .cipher_bits = ciphers[suite->aead].bits,
        .hash = suite->hash == HASH_SHA384 ? CALG_SHA_384 : CALG_SHA_256,
        .cipher_name = ciphers[suite->aead].name,
    };
}
