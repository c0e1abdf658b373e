/* SPDX-License-Identifier: MIT */
/*
 * Private to the crypto room: what crypto_start fetched, and the per-thread scratch set from which
 * calls borrow. The tables are immutable after crypto_start. Scratch belongs to its thread, and an
 * object in it to one call at a time; whatever is left after a failed call is thrown away.
 */
#ifndef SCHANNEL_CRYPTO_TABLES_H
#define SCHANNEL_CRYPTO_TABLES_H

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdatomic.h>

#include "crypto/crypto.h"
#include "crypto/group.h"

/* A public EC key into which points are set, and the verification bound to it (may be NULL). */
struct ec_kept {
    EVP_PKEY *pkey;
    EVP_PKEY_CTX *verify;
};

/* A chain of three and a key exchange are at work at once in one thread. */
enum { EC_IDLE_MAX = 4 };

struct crypto_tables {
    OSSL_LIB_CTX *lib;
    OSSL_LIB_CTX *empty;
    EVP_MD *md[HASH_COUNT];
    EVP_CIPHER *cipher[AEAD_COUNT];
    EVP_PKEY *ec_template[GROUP_COUNT]; /* parameters only; NULL for X25519 */
    atomic_int kept_keys[GROUP_COUNT];  /* enum kept_state, the one thing that changes later */
};
extern struct crypto_tables crypto_tables;

/* Whether kept key objects of a group may be used: proved at start, or on the first use. */
enum kept_state { KEPT_UNKNOWN, KEPT_WORKS, KEPT_FAILS };

struct scratch {
    EVP_MD_CTX *md[HASH_COUNT]; /* between calls always freshly initialised, so nothing lingers */
    EVP_MD_CTX *snapshot;
    EVP_MD_CTX *mac[2]; /* saved inner and outer state of the HMAC at work; empty between calls */
    EVP_PKEY_CTX *keygen[GROUP_COUNT];
    EVP_PKEY_CTX *rsa_import;
    EVP_PKEY *x25519_peer;
    struct ec_kept ec_idle[GROUP_COUNT][EC_IDLE_MAX];
    uint8_t ec_idle_count[GROUP_COUNT];
    bool is_registered;
    bool is_proving; /* the self-test runs in this thread: kept objects are used untested */
};

/* This thread's set, or NULL when it cannot be tied to the thread's end. */
struct scratch *scratch_get(void);

/* The freshly initialised digest of this thread, or NULL. */
EVP_MD_CTX *scratch_digest(enum hash_id id);
/* After use: makes it fresh again, or throws it away when the use failed. */
void scratch_digest_done(enum hash_id id, bool is_sound);

/*
 * A mark that is set only when none encloses it: for short work, where two calls for the mark
 * would cost a tenth of it.
 */
bool crypto_mark_outermost(void);
void crypto_unmark_outermost(bool is_marked);

/* What the newest entry of libcrypto's queue stands for: ERR_NO_MEMORY or ERR_CRYPTO. */
err crypto_reason(void);

/*
 * Whether this group may use kept key objects; runs the proof when that is not known yet. When the
 * proof itself could not run (memory) the answer is no, for this time.
 */
bool kept_keys_trusted(enum group_index g);

#endif
