/* SPDX-License-Identifier: MIT */
/*
 * The crypto room: the thin wrapper over libcrypto. Every algorithm is fetched once, at start,
 * into a library context of our own; connections duplicate or borrow, never fetch. No policy and
 * no TLS messages here. Groups and signature schemes are named by their IANA code points.
 *
 * Thread rule: objects belong to one thread at a time; crypto_start may be called from any thread,
 * any number of times. The error queue of the application is left as it was found.
 */
#ifndef SCHANNEL_CRYPTO_CRYPTO_H
#define SCHANNEL_CRYPTO_CRYPTO_H

#include "util/util.h"

struct evp_pkey_st;
struct ossl_lib_ctx_st;
struct x509_st;

/*
 * Fetches, templates and self-tests; done once in the process. ERR_CRYPTO when the libcrypto at
 * hand lacks something that is needed. Every other function needs a crypto_start that returned OK.
 */
err crypto_start(void) MUST_USE;
/* The context in which algorithms and keys live. */
struct ossl_lib_ctx_st *crypto_context(void);
/* A context that knows no algorithm at all: certificates are parsed in it without decoding keys. */
struct ossl_lib_ctx_st *crypto_empty_context(void);
/* libcrypto's version text, e.g. "OpenSSL 3.0.19 ...". */
const char *crypto_version(void);

/* At the edges of the public functions: what libcrypto queued in between is dropped. */
void crypto_mark(void);
void crypto_unmark(void);

err crypto_random(uint8_t *out, size_t n) MUST_USE;

/* ---- hashes ---------------------------------------------------------------------------- */

enum hash_id { HASH_SHA256, HASH_SHA384, HASH_SHA512, HASH_SHA1, HASH_COUNT };
enum { HASH_MAX = 64 };

size_t hash_len(enum hash_id id);
/* The hash of the empty string: a constant. */
struct span hash_of_nothing(enum hash_id id);
err hash_once(enum hash_id id, struct span bytes, uint8_t out[HASH_MAX]) MUST_USE;

/* A running hash (the transcript). */
struct hash;
err hash_new(struct hash **out, enum hash_id id) MUST_USE;
void hash_free(struct hash *h);
enum hash_id hash_kind(const struct hash *h);
err hash_update(struct hash *h, struct span bytes) MUST_USE;
/* The digest so far; the running hash goes on. */
err hash_snapshot(const struct hash *h, uint8_t out[HASH_MAX]) MUST_USE;

/* ---- key derivation -------------------------------------------------------------------- */

err hmac_once(enum hash_id id, struct span key, struct span bytes, uint8_t out[HASH_MAX]) MUST_USE;
/* RFC 5869 2.2. An empty salt stands for hash_len zero bytes. */
err hkdf_extract(enum hash_id id, struct span salt, struct span ikm, struct secret *out) MUST_USE;
/* RFC 5869 2.3: out_len <= 255 * hash_len. */
err hkdf_expand(enum hash_id id, struct span prk, struct span info, uint8_t *out,
                size_t out_len) MUST_USE;
/* RFC 8446 7.1 HKDF-Expand-Label; label without the "tls13 " prefix, at most 249 bytes. */
err hkdf_expand_label(enum hash_id id, struct span prk, struct span label, struct span context,
                      uint8_t *out, size_t out_len) MUST_USE;
/* Several of them under one key, which is then set up once; count is at least 1. */
struct hkdf_label {
    struct span label;
    struct span context;
    uint8_t *out;
    size_t out_len;
};
err hkdf_expand_labels(enum hash_id id, struct span prk, const struct hkdf_label *labels,
                       size_t count) MUST_USE;
/* RFC 5246 5 PRF: label and up to two seed parts; any out_len up to 4096. */
err prf12(enum hash_id id, struct span key, const char *label, struct span seed1, struct span seed2,
          uint8_t *out, size_t out_len) MUST_USE;

/* ---- AEAD ------------------------------------------------------------------------------ */

enum aead_id { AEAD_AES_128_GCM, AEAD_AES_256_GCM, AEAD_CHACHA20_POLY1305, AEAD_COUNT };
enum { AEAD_TAG_LEN = 16, AEAD_IV_LEN = 12 };

size_t aead_key_len(enum aead_id id);
/* RFC 8446 5.5: records that may be protected under one key (UINT64_MAX where only the sequence
 * number limits). */
uint64_t aead_record_limit(enum aead_id id);

struct aead;
/*
 * A keyed AEAD for one direction. `iv` is the 12-byte base IV; the nonce of a call is iv XOR the
 * 64-bit number in its last 8 bytes, so a TLS 1.2 GCM salt is given as salt || 8 zero bytes.
 */
err aead_new(struct aead **out, enum aead_id id, bool is_seal, const uint8_t *key,
             const uint8_t iv[AEAD_IV_LEN]) MUST_USE;
/* A new key in the same object (KeyUpdate; handshake to application keys), same algorithm. */
err aead_rekey(struct aead *a, const uint8_t *key, const uint8_t iv[AEAD_IV_LEN]) MUST_USE;
void aead_free(struct aead *a);
enum aead_id aead_kind(const struct aead *a);
/*
 * Seals in place: encrypts `data` (n bytes), then `tail` (tail_n bytes, in place too, 0 or 1; it
 * may lie directly behind the data or elsewhere), and writes the tag. No allocation.
 */
err aead_seal(struct aead *a, uint64_t number, struct span header, uint8_t *data, size_t n,
              uint8_t *tail, size_t tail_n, uint8_t tag[AEAD_TAG_LEN]) MUST_USE;
/* Opens in place. ERR_RECORD_BAD_MAC when the tag is wrong: the data is then zeroed. */
err aead_open(struct aead *a, uint64_t number, struct span header, uint8_t *data, size_t n,
              const uint8_t tag[AEAD_TAG_LEN]) MUST_USE;

/* ---- key exchange ---------------------------------------------------------------------- */

/* IANA named groups. */
enum {
    GROUP_SECP256R1 = 0x0017,
    GROUP_SECP384R1 = 0x0018,
    GROUP_SECP521R1 = 0x0019,
    GROUP_X25519 = 0x001D
};
enum { KEX_PUBLIC_MAX = 133 };

struct kex;
bool kex_supported(uint16_t group);
/* Bits of the group's security as Windows reports them (P-256: 256, X25519: 255). */
unsigned kex_bits(uint16_t group);
/* A fresh key pair. */
err kex_new(struct kex **out, uint16_t group) MUST_USE;
/* A key pair from a given private key (RFC 8448's traces; tests): X25519 scalar or big-endian d. */
err kex_from_private(struct kex **out, uint16_t group, struct span private_key) MUST_USE;
void kex_free(struct kex *k);
uint16_t kex_group(const struct kex *k);
/* Our share as it stands on the wire; lives as long as the kex. */
struct span kex_public(const struct kex *k);
/*
 * The shared secret. ERR_KEY_SHARE when the peer's share has a wrong length or form, is not on the
 * curve, or gives the all-zero X25519 result.
 */
err kex_derive(const struct kex *k, struct span peer_share, struct secret *out) MUST_USE;

/* ---- signatures ------------------------------------------------------------------------ */

/* IANA signature schemes that are implemented. */
enum {
    SCHEME_RSA_PKCS1_SHA256 = 0x0401,
    SCHEME_RSA_PKCS1_SHA384 = 0x0501,
    SCHEME_RSA_PKCS1_SHA512 = 0x0601,
    SCHEME_ECDSA_SECP256R1_SHA256 = 0x0403,
    SCHEME_ECDSA_SECP384R1_SHA384 = 0x0503,
    SCHEME_ECDSA_SECP521R1_SHA512 = 0x0603,
    SCHEME_RSA_PSS_RSAE_SHA256 = 0x0804,
    SCHEME_RSA_PSS_RSAE_SHA384 = 0x0805,
    SCHEME_RSA_PSS_RSAE_SHA512 = 0x0806,
    SCHEME_ED25519 = 0x0807,
    SCHEME_RSA_PSS_PSS_SHA256 = 0x0809,
    SCHEME_RSA_PSS_PSS_SHA384 = 0x080A,
    SCHEME_RSA_PSS_PSS_SHA512 = 0x080B
};

enum key_kind { KEY_RSA, KEY_RSA_PSS, KEY_EC, KEY_ED25519 };
enum { SIGNATURE_MAX = 1024 }; /* RSA-8192 */

/* What a key is, for the choice of schemes. */
struct key_info {
    enum key_kind kind;
    uint16_t group;    /* KEY_EC: GROUP_SECP*; otherwise 0 */
    unsigned bits;     /* RSA modulus, EC field, 256 for Ed25519 */
    uint16_t pss_hash; /* KEY_RSA_PSS with parameters: the only scheme allowed (0x0809..); else 0 */
};

/*
 * Whether a key of this kind may use the scheme in this version of TLS (1.3: the curve is bound
 * to the scheme and PKCS#1 is out; 1.2: ECDSA with any curve and any hash). RSA keys must be long
 * enough for the scheme's digest and salt.
 */
bool scheme_fits_key(uint16_t scheme, const struct key_info *key, bool is_tls13);
bool scheme_known(uint16_t scheme);

/* A private key of a credential; immutable, may be used from several threads at once. */
struct private_key;
/* Takes its own reference. ERR_CERT_KEY for kinds or sizes that are not supported. */
err private_key_new(struct private_key **out, struct evp_pkey_st *pkey) MUST_USE;
/* Marks a key that is used but never given out as bytes; before others share it. */
void private_key_seal(struct private_key *key);
bool private_key_is_sealed(const struct private_key *key);
struct private_key *private_key_ref(struct private_key *key);
void private_key_free(struct private_key *key);
const struct key_info *private_key_info(const struct private_key *key);
/* The object itself, borrowed; for export and for handles. */
struct evp_pkey_st *private_key_object(const struct private_key *key);
/* Signs the message (hashing included). out has SIGNATURE_MAX bytes. */
err private_key_sign(const struct private_key *key, uint16_t scheme, struct span message,
                     uint8_t *out, size_t *out_len) MUST_USE;

/* A peer's public key. */
struct public_key;
/*
 * From a DER SubjectPublicKeyInfo, without any decoder (performance.md 3, decisions.md 11):
 * named curves only, uncompressed points on the curve only, RSA 1024 to 8192 bits with an odd
 * exponent >= 3 of at most 64 bits, Ed25519 as a new raw key. ERR_CERT_KEY otherwise.
 */
err public_key_new(struct public_key **out, struct span spki) MUST_USE;
void public_key_free(struct public_key *key);
const struct key_info *public_key_info(const struct public_key *key);
/* ERR_SIGNATURE when it does not verify; ERR_SIGNATURE_SCHEME when the scheme is not for the key.
 */
err public_key_verify(const struct public_key *key, uint16_t scheme, struct span message,
                      struct span signature) MUST_USE;
/* True when the private key belongs to the public one (a signature made with one verifies). */
bool key_pair_matches(const struct private_key *priv, const struct public_key *pub);

/*
 * A signature inside a certificate: the DER AlgorithmIdentifier decides. Accepts what
 * decisions.md 7 lists for certificates (ECDSA, RSA-PSS, Ed25519, RSA PKCS#1 with SHA-2).
 */
err public_key_verify_x509(const struct public_key *key, struct span algorithm, struct span message,
                           struct span signature) MUST_USE;
/* The hash of a certificate signature's AlgorithmIdentifier for tls-server-end-point (RFC 5929
 * 4.1: MD5 and SHA-1 give SHA-256). ERR_UNSUPPORTED when there is none (Ed25519). */
err hash_of_x509_signature(struct span algorithm, enum hash_id *out) MUST_USE;

#endif
