/* SPDX-License-Identifier: MIT */
/* The cheapest libcrypto patterns. See floor_crypto.h. */
#include "floor_crypto.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "check.h"

enum {
    BLOCK_LEN = 64,
    POINT_LEN = 65,
    TAG_LEN = 16,
    RECORD_HEADER_LEN = 5,
    SIDES = 2,
    RSA_MAX = 512
};

static EVP_MD *sha256;
static EVP_CIPHER *gcm;
static EVP_MD_CTX *once;
static EVP_MD_CTX *transcripts[SIDES];
static EVP_MD_CTX *snapshot;
static EVP_MD_CTX *hmac_inner;
static EVP_MD_CTX *hmac_outer;
static EVP_MD_CTX *hmac_work;
static EVP_PKEY_CTX *x25519_keygen;
static EVP_PKEY *x25519_own[SIDES];
static EVP_PKEY *x25519_peer;
static EVP_PKEY *p256_kept;
static EVP_PKEY_CTX *p256_verify;
static EVP_PKEY_CTX *rsa_import;
static EVP_CIPHER_CTX *sealing[SIDES];
static EVP_CIPHER_CTX *opening[SIDES];
static uint8_t record_iv[SIDES][FLOOR_IV_LEN];

/* ---- opening --------------------------------------------------------------------------- */

static EVP_MD_CTX *digest_new(void)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    REQUIRE(ctx != NULL && EVP_DigestInit_ex2(ctx, sha256, NULL) == 1);
    return ctx;
}

static EVP_CIPHER_CTX *cipher_new(int encrypt)
{
    static const uint8_t key[KEY_LEN] = {1};
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    REQUIRE(ctx != NULL && EVP_CipherInit_ex2(ctx, gcm, key, NULL, encrypt, NULL) == 1);
    return ctx;
}

static void open_hashes(void)
{
    once = digest_new();
    snapshot = digest_new();
    hmac_inner = digest_new();
    hmac_outer = digest_new();
    hmac_work = digest_new();
    for (int side = 0; side < SIDES; side++)
        transcripts[side] = digest_new();
}

static void open_keys(void)
{
    x25519_keygen = EVP_PKEY_CTX_new_from_name(NULL, "X25519", NULL);
    x25519_peer = NULL;
    REQUIRE(x25519_keygen != NULL && EVP_PKEY_keygen_init(x25519_keygen) == 1);
    REQUIRE(EVP_PKEY_keygen(x25519_keygen, &x25519_peer) == 1);
    p256_kept = EVP_EC_gen("P-256");
    REQUIRE(p256_kept != NULL);
    p256_verify = EVP_PKEY_CTX_new_from_pkey(NULL, p256_kept, NULL);
    REQUIRE(p256_verify != NULL && EVP_PKEY_verify_init(p256_verify) == 1);
    rsa_import = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    REQUIRE(rsa_import != NULL && EVP_PKEY_fromdata_init(rsa_import) == 1);
}

void crypto_open(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL);
    gcm = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
    REQUIRE(sha256 != NULL && gcm != NULL);
    open_hashes();
    open_keys();
    for (int side = 0; side < SIDES; side++) {
        sealing[side] = cipher_new(1);
        opening[side] = cipher_new(0);
    }
}

static void close_keys(void)
{
    EVP_PKEY_CTX_free(x25519_keygen);
    EVP_PKEY_free(x25519_peer);
    EVP_PKEY_CTX_free(p256_verify);
    EVP_PKEY_free(p256_kept);
    EVP_PKEY_CTX_free(rsa_import);
}

void crypto_close(void)
{
    EVP_MD_CTX_free(once);
    EVP_MD_CTX_free(snapshot);
    EVP_MD_CTX_free(hmac_inner);
    EVP_MD_CTX_free(hmac_outer);
    EVP_MD_CTX_free(hmac_work);
    close_keys();
    for (int side = 0; side < SIDES; side++) {
        EVP_MD_CTX_free(transcripts[side]);
        EVP_CIPHER_CTX_free(sealing[side]);
        EVP_CIPHER_CTX_free(opening[side]);
    }
    EVP_MD_free(sha256);
    EVP_CIPHER_free(gcm);
}

void random_bytes(uint8_t *out, size_t n)
{
    REQUIRE(RAND_bytes(out, (int)n) == 1);
}

/* ---- hashing --------------------------------------------------------------------------- */

void digest_once(const uint8_t *bytes, size_t n, uint8_t out[DIGEST_LEN])
{
    REQUIRE(EVP_DigestInit_ex2(once, NULL, NULL) == 1 && EVP_DigestUpdate(once, bytes, n) == 1 &&
            EVP_DigestFinal_ex(once, out, NULL) == 1);
}

void transcript_begin(int side)
{
    REQUIRE(EVP_DigestInit_ex2(transcripts[side], NULL, NULL) == 1);
}

void transcript_update(int side, const uint8_t *bytes, size_t n)
{
    REQUIRE(EVP_DigestUpdate(transcripts[side], bytes, n) == 1);
}

void transcript_digest(int side, uint8_t out[DIGEST_LEN])
{
    REQUIRE(EVP_MD_CTX_copy_ex(snapshot, transcripts[side]) == 1 &&
            EVP_DigestFinal_ex(snapshot, out, NULL) == 1);
}

static void hmac_pad(EVP_MD_CTX *ctx, const uint8_t *key, size_t n, uint8_t mask)
{
    uint8_t pad[BLOCK_LEN];
    for (size_t i = 0; i < BLOCK_LEN; i++)
        pad[i] = (uint8_t)((i < n ? key[i] : 0) ^ mask);
    REQUIRE(EVP_DigestInit_ex2(ctx, NULL, NULL) == 1 &&
            EVP_DigestUpdate(ctx, pad, sizeof pad) == 1);
}

void hmac_key(const uint8_t *key, size_t n)
{
    hmac_pad(hmac_inner, key, n, 0x36);
    hmac_pad(hmac_outer, key, n, 0x5C);
}

static void hmac_side(const EVP_MD_CTX *keyed, const uint8_t *bytes, size_t n, uint8_t *out)
{
    REQUIRE(EVP_MD_CTX_copy_ex(hmac_work, keyed) == 1 &&
            EVP_DigestUpdate(hmac_work, bytes, n) == 1 &&
            EVP_DigestFinal_ex(hmac_work, out, NULL) == 1);
}

void hmac_run(const uint8_t *bytes, size_t n, uint8_t out[DIGEST_LEN])
{
    uint8_t inner[DIGEST_LEN];
    hmac_side(hmac_inner, bytes, n, inner);
    hmac_side(hmac_outer, inner, sizeof inner, out);
}

/* ---- X25519 ---------------------------------------------------------------------------- */

void exchange_make(int side, uint8_t out_share[SHARE_LEN])
{
    size_t n = SHARE_LEN;
    x25519_own[side] = NULL;
    REQUIRE(EVP_PKEY_keygen(x25519_keygen, &x25519_own[side]) == 1);
    REQUIRE(EVP_PKEY_get_raw_public_key(x25519_own[side], out_share, &n) == 1);
}

void exchange_derive(int side, const uint8_t peer_share[SHARE_LEN], uint8_t out[SHARE_LEN])
{
    size_t n = SHARE_LEN;
    REQUIRE(EVP_PKEY_set1_encoded_public_key(x25519_peer, peer_share, SHARE_LEN) == 1);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, x25519_own[side], NULL);
    REQUIRE(ctx != NULL && EVP_PKEY_derive_init(ctx) == 1 &&
            EVP_PKEY_derive_set_peer_ex(ctx, x25519_peer, 0) == 1 &&
            EVP_PKEY_derive(ctx, out, &n) == 1);
    EVP_PKEY_CTX_free(ctx);
}

void exchange_drop(int side)
{
    EVP_PKEY_free(x25519_own[side]);
}

/* ---- signatures ------------------------------------------------------------------------ */

struct public_material {
    bool is_rsa;
    uint8_t point[POINT_LEN];
    uint8_t modulus[RSA_MAX];
    uint8_t exponent[8];
    OSSL_PARAM params[3];
};

static void take_number(EVP_PKEY *key, const char *name, uint8_t *bytes, size_t cap,
                        OSSL_PARAM *out)
{
    BIGNUM *number = NULL;
    REQUIRE(EVP_PKEY_get_bn_param(key, name, &number) == 1);
    int n = BN_num_bytes(number);
    REQUIRE((size_t)n <= cap && BN_bn2nativepad(number, bytes, n) == n);
    *out = OSSL_PARAM_construct_BN(name, bytes, (size_t)n);
    BN_free(number);
}

struct public_material *public_material_new(EVP_PKEY *key)
{
    struct public_material *m = calloc(1, sizeof *m);
    REQUIRE(m != NULL);
    m->is_rsa = EVP_PKEY_is_a(key, "RSA") == 1;
    if (m->is_rsa) {
        take_number(key, OSSL_PKEY_PARAM_RSA_N, m->modulus, sizeof m->modulus, &m->params[0]);
        take_number(key, OSSL_PKEY_PARAM_RSA_E, m->exponent, sizeof m->exponent, &m->params[1]);
        m->params[2] = OSSL_PARAM_construct_end();
    } else {
        size_t n;
        REQUIRE(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, m->point,
                                                sizeof m->point, &n) == 1 &&
                n == sizeof m->point);
    }
    return m;
}

void public_material_free(struct public_material *material)
{
    free(material);
}

static void set_padding(EVP_PKEY_CTX *ctx, bool is_pss)
{
    REQUIRE(EVP_PKEY_CTX_set_rsa_padding(ctx, is_pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) ==
            1);
    REQUIRE(EVP_PKEY_CTX_set_signature_md(ctx, sha256) == 1);
    if (is_pss)
        REQUIRE(EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1);
}

static void verify_rsa(const struct public_material *m, bool is_pss, const uint8_t *digest,
                       const uint8_t *signature, size_t signature_len)
{
    EVP_PKEY *key = NULL;
    REQUIRE(EVP_PKEY_fromdata(rsa_import, &key, EVP_PKEY_PUBLIC_KEY,
                              (OSSL_PARAM *)(uintptr_t)m->params) == 1);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    REQUIRE(ctx != NULL && EVP_PKEY_verify_init(ctx) == 1);
    set_padding(ctx, is_pss);
    REQUIRE(EVP_PKEY_verify(ctx, signature, signature_len, digest, DIGEST_LEN) == 1);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
}

void verify_with(const struct public_material *material, bool is_pss, const uint8_t *message,
                 size_t n, const uint8_t *signature, size_t signature_len)
{
    uint8_t digest[DIGEST_LEN];
    digest_once(message, n, digest);
    if (material->is_rsa) {
        verify_rsa(material, is_pss, digest, signature, signature_len);
        return;
    }
    REQUIRE(EVP_PKEY_set1_encoded_public_key(p256_kept, material->point, POINT_LEN) == 1);
    REQUIRE(EVP_PKEY_verify(p256_verify, signature, signature_len, digest, DIGEST_LEN) == 1);
}

struct signer {
    EVP_PKEY_CTX *ctx;
};

struct signer *signer_new(EVP_PKEY *key, bool is_pss)
{
    struct signer *s = calloc(1, sizeof *s);
    REQUIRE(s != NULL);
    s->ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    REQUIRE(s->ctx != NULL && EVP_PKEY_sign_init(s->ctx) == 1);
    if (EVP_PKEY_is_a(key, "RSA") == 1)
        set_padding(s->ctx, is_pss);
    return s;
}

void signer_free(struct signer *signer)
{
    if (signer == NULL)
        return;
    EVP_PKEY_CTX_free(signer->ctx);
    free(signer);
}

size_t sign_with(struct signer *signer, const uint8_t *message, size_t n, uint8_t *out)
{
    uint8_t digest[DIGEST_LEN];
    size_t out_len = FLOOR_SIGNATURE_MAX;
    digest_once(message, n, digest);
    REQUIRE(EVP_PKEY_sign(signer->ctx, out, &out_len, digest, sizeof digest) == 1);
    return out_len;
}

/* ---- records --------------------------------------------------------------------------- */

void record_key(int direction, const uint8_t key[KEY_LEN], const uint8_t iv[FLOOR_IV_LEN])
{
    REQUIRE(EVP_CipherInit_ex2(sealing[direction], NULL, key, NULL, -1, NULL) == 1);
    REQUIRE(EVP_CipherInit_ex2(opening[direction], NULL, key, NULL, -1, NULL) == 1);
    memcpy(record_iv[direction], iv, FLOOR_IV_LEN);
}

static void run_cipher(EVP_CIPHER_CTX *ctx, int direction, uint8_t *bytes, size_t n)
{
    static const uint8_t header[RECORD_HEADER_LEN];
    int done;
    REQUIRE(EVP_CipherInit_ex2(ctx, NULL, NULL, record_iv[direction], -1, NULL) == 1);
    REQUIRE(EVP_CipherUpdate(ctx, NULL, &done, header, sizeof header) == 1);
    REQUIRE(EVP_CipherUpdate(ctx, bytes, &done, bytes, (int)n) == 1);
}

void record_pass(int direction, uint8_t *bytes, size_t n)
{
    int done;
    OSSL_PARAM tag[] = {OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, bytes + n, TAG_LEN),
                        OSSL_PARAM_END};
    run_cipher(sealing[direction], direction, bytes, n);
    REQUIRE(EVP_CipherFinal_ex(sealing[direction], bytes + n, &done) == 1);
    REQUIRE(EVP_CIPHER_CTX_get_params(sealing[direction], tag) == 1);
    run_cipher(opening[direction], direction, bytes, n);
    REQUIRE(EVP_CIPHER_CTX_set_params(opening[direction], tag) == 1);
    REQUIRE(EVP_CipherFinal_ex(opening[direction], bytes + n, &done) == 1);
}
