/* SPDX-License-Identifier: MIT */
/* Private to the crypto room: AlgorithmIdentifiers of keys and of signatures in certificates. */
#ifndef SCHANNEL_CRYPTO_ALGORITHM_H
#define SCHANNEL_CRYPTO_ALGORITHM_H

#include "crypto/der.h"
#include "crypto/group.h"
#include "crypto/scheme.h"

struct signature_algorithm {
    enum scheme_form form;
    enum hash_id hash;
    bool is_weak; /* MD5 or SHA-1: known for channel bindings, never for verification */
    uint32_t salt_len;
};

/* ERR_CERT_PARSE when malformed, ERR_UNSUPPORTED when not known. */
err signature_algorithm_read(struct span der, struct signature_algorithm *out) MUST_USE;

struct key_algorithm {
    enum key_kind kind;
    enum group_index group;         /* KEY_EC */
    bool has_pss_limits;            /* KEY_RSA_PSS with parameters */
    struct signature_algorithm pss; /* then: the hash, and the shortest salt */
};

/* The same of a SubjectPublicKeyInfo; the reader stands at its AlgorithmIdentifier. */
err key_algorithm_read(struct rd *r, struct key_algorithm *out) MUST_USE;

#endif
