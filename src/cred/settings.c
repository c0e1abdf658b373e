/* SPDX-License-Identifier: MIT */
/*
 * Suites, groups and signature schemes by default (the order is the preference), and the ways in
 * which a credential narrows them. A list only ever gets shorter.
 */
#include "cred/settings.h"

#include "win/win.h"

static const uint16_t default_groups[] = {GROUP_X25519, GROUP_SECP256R1, GROUP_SECP384R1};

static const uint16_t default_schemes[] = {
    SCHEME_ECDSA_SECP256R1_SHA256, SCHEME_ECDSA_SECP384R1_SHA384,
    SCHEME_ECDSA_SECP521R1_SHA512, SCHEME_ED25519,
    SCHEME_RSA_PSS_RSAE_SHA256,    SCHEME_RSA_PSS_RSAE_SHA384,
    SCHEME_RSA_PSS_RSAE_SHA512,    SCHEME_RSA_PSS_PSS_SHA256,
    SCHEME_RSA_PSS_PSS_SHA384,     SCHEME_RSA_PSS_PSS_SHA512,
    SCHEME_RSA_PKCS1_SHA256,       SCHEME_RSA_PKCS1_SHA384,
    SCHEME_RSA_PKCS1_SHA512,
};

void settings_default(struct tls_config *config, bool is_server)
{
    *config = (struct tls_config){.is_server = is_server, .tls12 = true, .tls13 = true};
    for (size_t i = 0; tls_suite_at(i) != NULL; i++)
        config->suites[config->suite_count++] = tls_suite_at(i)->id;
    for (size_t i = 0; i < ARRAY_LEN(default_groups); i++)
        config->groups[config->group_count++] = default_groups[i];
    for (size_t i = 0; i < ARRAY_LEN(default_schemes); i++)
        config->schemes[config->scheme_count++] = default_schemes[i];
}

/* ---- narrowing lists ------------------------------------------------------------------- */

typedef bool (*keep_fn)(uint16_t value, const void *arg);

static void narrow(uint16_t *values, uint8_t *count, keep_fn keep, const void *arg)
{
    uint8_t kept = 0;
    for (uint8_t i = 0; i < *count; i++) {
        if (keep(values[i], arg))
            values[kept++] = values[i];
    }
    *count = kept;
}

static unsigned aead_bits(enum aead_id id)
{
    return id == AEAD_AES_128_GCM ? 128 : 256;
}

/* ---- SCHANNEL_CRED --------------------------------------------------------------------- */

struct algorithm_list {
    const ALG_ID *ids;
    size_t count;
};

static bool lists_any(const struct algorithm_list *list, const ALG_ID *ids, size_t count)
{
    for (size_t i = 0; i < list->count; i++) {
        for (size_t j = 0; j < count; j++) {
            if (list->ids[i] == ids[j])
                return true;
        }
    }
    return false;
}

static bool lists_class(const struct algorithm_list *list, ALG_ID class_bits)
{
    for (size_t i = 0; i < list->count; i++) {
        if (GET_ALG_CLASS(list->ids[i]) == class_bits)
            return true;
    }
    return false;
}

/* A class of algorithms of which none is listed is not restricted. */
static bool class_allows(const struct algorithm_list *list, ALG_ID class_bits, const ALG_ID *ids,
                         size_t count)
{
    return !lists_class(list, class_bits) || lists_any(list, ids, count);
}

static bool keeps_suite(uint16_t id, const void *arg)
{
    static const ALG_ID exchange[] = {CALG_ECDH_EPHEM, CALG_ECDH};
    static const ALG_ID aes128[] = {CALG_AES_128, CALG_AES};
    static const ALG_ID aes256[] = {CALG_AES_256, CALG_AES};
    static const ALG_ID rsa[] = {CALG_RSA_SIGN};
    static const ALG_ID ecdsa[] = {CALG_ECDSA};
    const struct algorithm_list *list = arg;
    const struct tls_suite *suite = tls_suite_find(id);
    bool ciphers = lists_class(list, ALG_CLASS_DATA_ENCRYPT);
    bool cipher_fits = !ciphers;
    if (ciphers && suite->aead == AEAD_AES_128_GCM)
        cipher_fits = lists_any(list, aes128, 2);
    else if (ciphers && suite->aead == AEAD_AES_256_GCM)
        cipher_fits = lists_any(list, aes256, 2);
    bool auth_fits =
        suite->auth == TLS_AUTH_ANY ||
        class_allows(list, ALG_CLASS_SIGNATURE, suite->auth == TLS_AUTH_RSA ? rsa : ecdsa, 1);
    return cipher_fits && auth_fits &&
           class_allows(list, ALG_CLASS_KEY_EXCHANGE, exchange, ARRAY_LEN(exchange));
}

void settings_keep_algorithms(struct tls_config *config, const ALG_ID *algorithms, size_t count)
{
    struct algorithm_list list = {.ids = algorithms, .count = count};
    narrow(config->suites, &config->suite_count, keeps_suite, &list);
}

struct strengths {
    DWORD min_bits;
    DWORD max_bits;
};

static bool strong_enough(uint16_t id, const void *arg)
{
    const struct strengths *s = arg;
    unsigned bits = aead_bits(tls_suite_find(id)->aead);
    return bits >= s->min_bits && (s->max_bits == 0 || bits <= s->max_bits);
}

void settings_keep_strengths(struct tls_config *config, DWORD min_bits, DWORD max_bits)
{
    struct strengths s = {.min_bits = min_bits == UINT32_MAX ? 0 : min_bits, .max_bits = max_bits};
    narrow(config->suites, &config->suite_count, strong_enough, &s);
}

/* ---- CRYPTO_SETTINGS ------------------------------------------------------------------- */

/* A setting with its names in UTF-8. */
struct disabled {
    char name[64];
    bool has_bounds;
    DWORD min_bits;
    DWORD max_bits;
    bool spares_gcm; /* chaining modes are listed, and GCM is none of them */
    bool by_curve;   /* the name is a curve of its own */
};

static err read_name(const UNICODE_STRING *text, char *out, size_t cap)
{
    size_t units = text->Length / sizeof(WCHAR);
    if (text->Length % sizeof(WCHAR) != 0 || (units != 0 && text->Buffer == NULL))
        return FAIL(ERR_CRED_LIMIT);
    size_t n = win_utf8_from_utf16(text->Buffer, units, out, cap - 1);
    if (n >= cap)
        return FAIL(ERR_CRED_LIMIT);
    out[n] = 0;
    return OK;
}

static bool outside_bounds(const struct disabled *d, unsigned bits)
{
    if (!d->has_bounds)
        return true;
    return bits < d->min_bits || (d->max_bits != 0 && bits > d->max_bits);
}

static bool named(const struct disabled *d, const char *name)
{
    return strcasecmp(d->name, name) == 0;
}

static bool keeps_cipher(uint16_t id, const void *arg)
{
    const struct disabled *d = arg;
    const struct tls_suite *suite = tls_suite_find(id);
    if (suite->aead == AEAD_CHACHA20_POLY1305)
        return !named(d, "CHACHA20_POLY1305") || !outside_bounds(d, 256);
    return !named(d, "AES") || d->spares_gcm || !outside_bounds(d, aead_bits(suite->aead));
}

static bool keeps_group(uint16_t group, const void *arg)
{
    static const struct {
        uint16_t group;
        const char *names[3];
    } table[] = {
        {GROUP_X25519, {"curve25519", "x25519", "ECDH_P255"}},
        {GROUP_SECP256R1, {"ECDH_P256", "NistP256", "secP256r1"}},
        {GROUP_SECP384R1, {"ECDH_P384", "NistP384", "secP384r1"}},
        {GROUP_SECP521R1, {"ECDH_P521", "NistP521", "secP521r1"}},
    };
    const struct disabled *d = arg;
    if (named(d, "ECDH"))
        return !outside_bounds(d, kex_bits(group));
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (table[i].group != group)
            continue;
        for (size_t j = 0; j < ARRAY_LEN(table[i].names); j++) {
            if (named(d, table[i].names[j]))
                return !outside_bounds(d, kex_bits(group));
        }
    }
    return true;
}

static const char *scheme_hash(uint16_t scheme)
{
    switch (scheme) {
    case SCHEME_ED25519:
    case SCHEME_RSA_PKCS1_SHA512:
    case SCHEME_ECDSA_SECP521R1_SHA512:
    case SCHEME_RSA_PSS_RSAE_SHA512:
    case SCHEME_RSA_PSS_PSS_SHA512:
        return "SHA512";
    case SCHEME_RSA_PKCS1_SHA384:
    case SCHEME_ECDSA_SECP384R1_SHA384:
    case SCHEME_RSA_PSS_RSAE_SHA384:
    case SCHEME_RSA_PSS_PSS_SHA384:
        return "SHA384";
    default:
        return "SHA256";
    }
}

static bool keeps_scheme(uint16_t scheme, const void *arg)
{
    const struct disabled *d = arg;
    bool is_pkcs1 = (scheme & 0xFF) == 1;
    bool is_ecdsa = (scheme & 0xFF) == 3;
    bool is_pss = !is_pkcs1 && !is_ecdsa && scheme != SCHEME_ED25519;
    bool by_key = (named(d, "RSA") && (is_pkcs1 || is_pss)) || (named(d, "ECDSA") && is_ecdsa) ||
                  (named(d, "SCH_RSA_PKCS_PAD") && is_pkcs1) ||
                  (named(d, "SCH_RSA_PSS_PAD") && is_pss);
    /* A bound on key sizes does not take the algorithm out; the engine judges keys as they come. */
    if (by_key)
        return d->has_bounds;
    return !named(d, scheme_hash(scheme));
}

/* Each setting can only narrow what is left. */
static void bound_keys(struct tls_key_bounds *bounds, const struct disabled *d)
{
    if (d->min_bits > bounds->min)
        bounds->min = d->min_bits;
    if (d->max_bits != 0 && (bounds->max == 0 || d->max_bits < bounds->max))
        bounds->max = d->max_bits;
}

static void bound_signers(struct tls_config *config, const struct disabled *d)
{
    if (named(d, "RSA") || named(d, "SCH_RSA_PKCS_PAD") || named(d, "SCH_RSA_PSS_PAD"))
        bound_keys(&config->rsa_bounds, d);
    else if (named(d, "ECDSA"))
        bound_keys(&config->ec_bounds, d);
}

static bool keeps_hash(uint16_t id, const void *arg)
{
    const struct disabled *d = arg;
    return !named(d, tls_suite_find(id)->hash == HASH_SHA384 ? "SHA384" : "SHA256");
}

static err read_setting(const CRYPTO_SETTINGS *setting, struct disabled *out)
{
    char mode[64];
    *out = (struct disabled){.has_bounds =
                                 setting->dwMinBitLength != 0 || setting->dwMaxBitLength != 0,
                             .min_bits = setting->dwMinBitLength,
                             .max_bits = setting->dwMaxBitLength};
    if (setting->cChainingModes > SCH_CRED_MAX_SUPPORTED_CHAINING_MODES ||
        (setting->cChainingModes != 0 && setting->rgstrChainingModes == NULL))
        return FAIL(ERR_CRED_LIMIT);
    out->spares_gcm = setting->cChainingModes != 0;
    for (DWORD i = 0; i < setting->cChainingModes; i++) {
        TRY(read_name(&setting->rgstrChainingModes[i], mode, sizeof mode));
        if (strcasecmp(mode, "ChainingModeGCM") == 0)
            out->spares_gcm = false;
    }
    return read_name(&setting->strCngAlgId, out->name, sizeof out->name);
}

err settings_disable(struct tls_config *config, const CRYPTO_SETTINGS *setting)
{
    struct disabled d;
    TRY(read_setting(setting, &d));
    switch (setting->eAlgorithmUsage) {
    case TlsParametersCngAlgUsageKeyExchange:
        narrow(config->groups, &config->group_count, keeps_group, &d);
        return OK;
    case TlsParametersCngAlgUsageSignature:
    case TlsParametersCngAlgUsageCertSig:
        narrow(config->schemes, &config->scheme_count, keeps_scheme, &d);
        bound_signers(config, &d);
        return OK;
    case TlsParametersCngAlgUsageCipher:
        narrow(config->suites, &config->suite_count, keeps_cipher, &d);
        return OK;
    case TlsParametersCngAlgUsageDigest:
        narrow(config->suites, &config->suite_count, keeps_hash, &d);
        narrow(config->schemes, &config->scheme_count, keeps_scheme, &d);
        return OK;
    default:
        return FAIL(ERR_CRED_LIMIT);
    }
}

bool settings_usable(const struct tls_config *config)
{
    bool usable12 = false;
    bool usable13 = false;
    for (size_t i = 0; i < config->suite_count; i++) {
        bool is_tls13 = tls_suite_find(config->suites[i])->version == TLS_VERSION_13;
        usable13 = usable13 || (is_tls13 && config->tls13);
        usable12 = usable12 || (!is_tls13 && config->tls12);
    }
    return (usable12 || usable13) && config->group_count != 0 && config->scheme_count != 0;
}
