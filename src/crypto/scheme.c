/* SPDX-License-Identifier: MIT */
/*
 * The table of signature schemes (RFC 8446 4.2.3) and what follows from it: which key may use
 * which scheme. In TLS 1.2 (RFC 8446 4.2.3, last paragraphs) an ECDSA scheme names the hash only.
 */
#include "crypto/scheme.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#define RSA_ROW(id, hash)                                                                          \
    {                                                                                              \
        id, KEY_RSA, FORM_PKCS1, HASH_##hash, SLOT_PKCS1_##hash, 0, true                           \
    }
#define RSAE_ROW(id, hash)                                                                         \
    {                                                                                              \
        id, KEY_RSA, FORM_PSS, HASH_##hash, SLOT_PSS_##hash, 0, false                              \
    }
#define PSS_ROW(id, hash)                                                                          \
    {                                                                                              \
        id, KEY_RSA_PSS, FORM_PSS, HASH_##hash, SLOT_PSS_##hash, 0, false                          \
    }
#define ECDSA_ROW(id, hash, group)                                                                 \
    {                                                                                              \
        id, KEY_EC, FORM_ECDSA, HASH_##hash, SLOT_ECDSA, group, false                              \
    }

const struct scheme schemes[] = {
    ECDSA_ROW(SCHEME_ECDSA_SECP256R1_SHA256, SHA256, GROUP_SECP256R1),
    ECDSA_ROW(SCHEME_ECDSA_SECP384R1_SHA384, SHA384, GROUP_SECP384R1),
    ECDSA_ROW(SCHEME_ECDSA_SECP521R1_SHA512, SHA512, GROUP_SECP521R1),
    RSAE_ROW(SCHEME_RSA_PSS_RSAE_SHA256, SHA256),
    RSAE_ROW(SCHEME_RSA_PSS_RSAE_SHA384, SHA384),
    RSAE_ROW(SCHEME_RSA_PSS_RSAE_SHA512, SHA512),
    PSS_ROW(SCHEME_RSA_PSS_PSS_SHA256, SHA256),
    PSS_ROW(SCHEME_RSA_PSS_PSS_SHA384, SHA384),
    PSS_ROW(SCHEME_RSA_PSS_PSS_SHA512, SHA512),
    RSA_ROW(SCHEME_RSA_PKCS1_SHA256, SHA256),
    RSA_ROW(SCHEME_RSA_PKCS1_SHA384, SHA384),
    RSA_ROW(SCHEME_RSA_PKCS1_SHA512, SHA512),
    {SCHEME_ED25519, KEY_ED25519, FORM_ED25519, HASH_SHA512, SLOT_NONE, 0, false},
};
const size_t scheme_count = ARRAY_LEN(schemes);

const struct scheme *scheme_find(uint16_t id)
{
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
        if (schemes[i].id == id)
            return &schemes[i];
    }
    return NULL;
}

bool scheme_known(uint16_t scheme)
{
    return scheme_find(scheme) != NULL;
}

bool rsa_has_room(unsigned bits, enum scheme_form form, enum hash_id hash)
{
    size_t digest = hash_len(hash);
    /* RFC 8017 9.1.1: emLen >= hLen + sLen + 2, emBits = modBits - 1, salt as long as the hash. */
    if (form == FORM_PSS)
        return (bits + 6) / 8 >= 2 * digest + 2;
    /* RFC 8017 9.2: emLen >= tLen + 11; the DigestInfo of the SHA-2 family adds 19 bytes. */
    return (bits + 7) / 8 >= digest + 19 + 11;
}

static bool scheme_allowed(const struct scheme *s, const struct key_info *key, bool is_tls13)
{
    switch (s->form) {
    case FORM_PKCS1:
        return !is_tls13 && rsa_has_room(key->bits, s->form, s->hash);
    case FORM_PSS:
        return rsa_has_room(key->bits, s->form, s->hash) &&
               (key->pss_hash == 0 || key->pss_hash == s->id);
    case FORM_ECDSA:
        return !is_tls13 || key->group == s->group13;
    case FORM_ED25519:
        return true;
    }
    return false;
}

bool scheme_fits_key(uint16_t scheme, const struct key_info *key, bool is_tls13)
{
    const struct scheme *s = scheme_find(scheme);
    return s != NULL && s->kind == key->kind && scheme_allowed(s, key, is_tls13);
}

const char *scheme_digest_name(enum hash_id id)
{
    return EVP_MD_get0_name(crypto_tables.md[id]);
}

bool rsa_set_padding(EVP_PKEY_CTX *ctx, enum scheme_form form, enum hash_id hash, int salt_len)
{
    char digest[16];
    int pad = form == FORM_PSS ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING;
    snprintf(digest, sizeof digest, "%s", scheme_digest_name(hash));
    OSSL_PARAM params[] = {
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, digest, strlen(digest)),
        OSSL_PARAM_int(OSSL_SIGNATURE_PARAM_PAD_MODE, &pad),
        OSSL_PARAM_END,
        OSSL_PARAM_END,
        OSSL_PARAM_END,
    };
    if (form == FORM_PSS) {
        /* A context that is used again keeps its former MGF1 digest unless it is named. */
        params[2] = OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, digest, 0);
        params[3] = OSSL_PARAM_construct_int(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, &salt_len);
    }
    return EVP_PKEY_CTX_set_params(ctx, params) == 1;
}
