/* SPDX-License-Identifier: MIT */
/*
 * The libcrypto calls of a handshake, each in the cheapest pattern that libcrypto offers:
 * everything fetched once, contexts kept, keys set into kept objects. What the floor is built of;
 * nothing here knows TLS. One thread, static state.
 */
#ifndef SCHANNEL_BENCH_FLOOR_CRYPTO_H
#define SCHANNEL_BENCH_FLOOR_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DIGEST_LEN = 32,
    SHARE_LEN = 32,
    KEY_LEN = 16,
    FLOOR_IV_LEN = 12,
    FLOOR_SIGNATURE_MAX = 512
};

void crypto_open(void);
void crypto_close(void);

/* ---- hashing --------------------------------------------------------------------------- */

void digest_once(const uint8_t *bytes, size_t n, uint8_t out[DIGEST_LEN]);

/* The two transcripts. */
void transcript_begin(int side);
void transcript_update(int side, const uint8_t *bytes, size_t n);
void transcript_digest(int side, uint8_t out[DIGEST_LEN]);

/* Sets an HMAC key of at most one block; hmac_run uses it as often as wanted. */
void hmac_key(const uint8_t *key, size_t n);
void hmac_run(const uint8_t *bytes, size_t n, uint8_t out[DIGEST_LEN]);

/* ---- X25519 ---------------------------------------------------------------------------- */

void exchange_make(int side, uint8_t out_share[SHARE_LEN]);
void exchange_derive(int side, const uint8_t peer_share[SHARE_LEN], uint8_t out[SHARE_LEN]);
void exchange_drop(int side);

/* ---- signatures ------------------------------------------------------------------------ */

struct evp_pkey_st;

/* What a verifier knows of a public key: a point, or modulus and exponent. */
struct public_material;
struct public_material *public_material_new(struct evp_pkey_st *key);
void public_material_free(struct public_material *material);

/* Imports the key and verifies the signature over the message, its hash included. */
void verify_with(const struct public_material *material, bool is_pss, const uint8_t *message,
                 size_t n, const uint8_t *signature, size_t signature_len);

/* A private key whose signing context is kept. */
struct signer;
struct signer *signer_new(struct evp_pkey_st *key, bool is_pss);
void signer_free(struct signer *signer);
size_t sign_with(struct signer *signer, const uint8_t *message, size_t n, uint8_t *out);

/* ---- records --------------------------------------------------------------------------- */

/* Four contexts: a sealing and an opening one for each direction. */
void record_key(int direction, const uint8_t key[KEY_LEN], const uint8_t iv[FLOOR_IV_LEN]);
/* One record there and back, in place; the buffer has room for the tag. */
void record_pass(int direction, uint8_t *bytes, size_t n);

void random_bytes(uint8_t *out, size_t n);

#endif
