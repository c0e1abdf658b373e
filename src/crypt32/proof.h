/* SPDX-License-Identifier: MIT */
/* The signatures of authorities that were verified before. Any thread may call. */
#ifndef SCHANNEL_CRYPT32_PROOF_H
#define SCHANNEL_CRYPT32_PROOF_H

#include "crypt32/cert.h"

enum { PROOF_HASH_LEN = 32, PROOF_ENTRIES_MAX = 1024 };

struct proof {
    uint8_t what[PROOF_HASH_LEN]; /* SHA-256 of the certificate or list */
    uint8_t key[PROOF_HASH_LEN];  /* SHA-256 of the SubjectPublicKeyInfo that verified it */
};

struct proof_counts {
    uint64_t hits;
    uint64_t misses;
    size_t entries;
};

bool proof_is_known(const struct proof *proof);
void proof_remember(const struct proof *proof);
/* Switching forgets everything. On at the start. */
void proof_cache_switch(bool on);
struct proof_counts proof_cache_counts(void);

#endif
