/* SPDX-License-Identifier: MIT */
/* Private to the crypto room: the key object of a key exchange, for the self-test. */
#ifndef SCHANNEL_CRYPTO_KEX_H
#define SCHANNEL_CRYPTO_KEX_H

#include "crypto/tables.h"

/* Borrowed. */
EVP_PKEY *kex_pkey(const struct kex *k);

#endif
