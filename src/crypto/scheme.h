/* SPDX-License-Identifier: MIT */
/* Private to the crypto room: the table of signature schemes. */
#ifndef SCHANNEL_CRYPTO_SCHEME_H
#define SCHANNEL_CRYPTO_SCHEME_H

#include "crypto/tables.h"

enum scheme_form { FORM_PKCS1, FORM_PSS, FORM_ECDSA, FORM_ED25519 };

/*
 * Which of a key's prepared signing contexts serves a scheme. ECDSA needs one only: the digest
 * is made outside.
 */
enum sign_slot {
    SLOT_PKCS1_SHA256,
    SLOT_PKCS1_SHA384,
    SLOT_PKCS1_SHA512,
    SLOT_PSS_SHA256,
    SLOT_PSS_SHA384,
    SLOT_PSS_SHA512,
    SLOT_ECDSA,
    SLOT_COUNT,
    SLOT_NONE = SLOT_COUNT,
};

struct scheme {
    uint16_t id;
    enum key_kind kind;
    enum scheme_form form;
    enum hash_id hash; /* meaningless for Ed25519 */
    enum sign_slot slot;
    uint16_t group13; /* ECDSA: the curve that TLS 1.3 binds to the scheme */
    bool is_tls12_only;
};

extern const struct scheme schemes[];
extern const size_t scheme_count;

/* NULL when it is not known. */
const struct scheme *scheme_find(uint16_t id);

/* The digest's name for libcrypto. */
const char *scheme_digest_name(enum hash_id id);

/* Whether an RSA modulus of so many bits has room for the encoding. */
bool rsa_has_room(unsigned bits, enum scheme_form form, enum hash_id hash);

/* Padding, digest and (PSS) salt length of an RSA operation that was initialised. */
bool rsa_set_padding(EVP_PKEY_CTX *ctx, enum scheme_form form, enum hash_id hash, int salt_len);

#endif
