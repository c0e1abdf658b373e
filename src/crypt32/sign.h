/* SPDX-License-Identifier: MIT */
/* Signatures over encoded objects, named by an AlgorithmIdentifier; the public half of a key. */
#ifndef SCHANNEL_CRYPT32_SIGN_H
#define SCHANNEL_CRYPT32_SIGN_H

#include "crypt32/key.h"

/* A way to sign with a key; the identifier borrows from what it was made of. */
struct sign_way {
    CRYPT_ALGORITHM_IDENTIFIER algorithm;
    struct key_signing how;
};

/*
 * Fits the wish to the key; NULL stands for SHA-256 with the key's own kind. ERR_UNSUPPORTED for
 * an algorithm that is not known or is not one of the key's.
 */
err sign_way_for(const struct key *key, const CRYPT_ALGORITHM_IDENTIFIER *wish,
                 struct sign_way *out) MUST_USE;
/* The signature as certificates carry it: PKCS#1 or PSS octets, or an ECDSA-Sig-Value. */
err sign_message(const struct key *key, const struct sign_way *way, struct span message,
                 struct buf *out) MUST_USE;

/* DER of the SubjectPublicKeyInfo. */
err public_half(const struct key *key, struct buf *out) MUST_USE;
/* A public key of a SubjectPublicKeyInfo; RSA and the three curves only. ERR_KEY_DATA. */
err public_key_read(struct span spki, struct key **out) MUST_USE;

/* The last error for a signing function. */
DWORD sign_error(err reason);

#endif
