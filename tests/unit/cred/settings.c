/* SPDX-License-Identifier: MIT */
/*
 * How a credential narrows what is spoken: CRYPTO_SETTINGS, ALG_ID lists and strengths. sspi.md 3.2
 * and 3.4. What is left is written as letters, so that a row can be read at a glance.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "cred/settings.h"
#include "win/win.h"

/* ---- what is left ---------------------------------------------------------------------- */

static const struct {
    uint16_t id;
    char letter;
} letters[] = {
    /* 1.3 */
    {0x1302, 'A'},
    {0x1301, 'B'},
    {0x1303, 'C'},
    /* ECDSA */
    {0xC02C, 'D'},
    {0xC02B, 'E'},
    {0xCCA9, 'F'},
    /* RSA */
    {0xC030, 'G'},
    {0xC02F, 'H'},
    {0xCCA8, 'I'},
    {GROUP_X25519, 'x'},
    {GROUP_SECP256R1, '2'},
    {GROUP_SECP384R1, '3'},
    {SCHEME_ECDSA_SECP256R1_SHA256, 'p'},
    {SCHEME_ECDSA_SECP384R1_SHA384, 'q'},
    {SCHEME_ECDSA_SECP521R1_SHA512, 'r'},
    {SCHEME_ED25519, 'e'},
    {SCHEME_RSA_PSS_RSAE_SHA256, 's'},
    {SCHEME_RSA_PSS_RSAE_SHA384, 't'},
    {SCHEME_RSA_PSS_RSAE_SHA512, 'u'},
    {SCHEME_RSA_PSS_PSS_SHA256, 'v'},
    {SCHEME_RSA_PSS_PSS_SHA384, 'w'},
    {SCHEME_RSA_PSS_PSS_SHA512, 'y'},
    {SCHEME_RSA_PKCS1_SHA256, 'k'},
    {SCHEME_RSA_PKCS1_SHA384, 'l'},
    {SCHEME_RSA_PKCS1_SHA512, 'm'},
};

#define SUITES  "ABCDEFGHI"
#define GROUPS  "x23"
#define SCHEMES "pqrestuvwyklm"

static char *spell(char *p, const uint16_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char letter = '?';
        for (size_t j = 0; j < ARRAY_LEN(letters); j++) {
            if (letters[j].id == values[i])
                letter = letters[j].letter;
        }
        *p++ = letter;
    }
    return p;
}

/* "suites groups schemes" */
static const char *left(const struct tls_config *config)
{
    static char text[128];
    char *p = spell(text, config->suites, config->suite_count);
    *p++ = ' ';
    p = spell(p, config->groups, config->group_count);
    *p++ = ' ';
    p = spell(p, config->schemes, config->scheme_count);
    *p = 0;
    return text;
}

static void defaults(void **state)
{
    struct tls_config config;
    (void)state;
    for (int is_server = 0; is_server < 2; is_server++) {
        settings_default(&config, is_server != 0);
        assert_string_equal(left(&config), SUITES " " GROUPS " " SCHEMES);
        assert_int_equal(config.is_server, is_server);
        assert_true(config.tls12 && config.tls13);
        assert_true(settings_usable(&config));
    }
}

/* ---- CRYPTO_SETTINGS ------------------------------------------------------------------- */

enum usage { EXCHANGE, SIGNATURE, CIPHER, DIGEST, CERT_SIG };

struct row {
    enum usage usage;
    const char *name;
    const char *modes[3];
    DWORD min;
    DWORD max;
    const char *left;
};

static UNICODE_STRING unicode(const char *text, WCHAR *buffer, size_t cap)
{
    size_t n = win_utf16_from_utf8(text, strlen(text), buffer, cap);
    return (UNICODE_STRING){.Length = (USHORT)(n * sizeof(WCHAR)),
                            .MaximumLength = (USHORT)(n * sizeof(WCHAR)),
                            .Buffer = buffer};
}

static bool narrows_to(const struct row *row)
{
    static const eTlsAlgorithmUsage usages[] = {
        TlsParametersCngAlgUsageKeyExchange, TlsParametersCngAlgUsageSignature,
        TlsParametersCngAlgUsageCipher, TlsParametersCngAlgUsageDigest,
        TlsParametersCngAlgUsageCertSig};
    struct tls_config config;
    WCHAR name[128];
    WCHAR mode_text[3][32];
    UNICODE_STRING modes[3];
    CRYPTO_SETTINGS setting = {.eAlgorithmUsage = usages[row->usage],
                               .strCngAlgId = unicode(row->name, name, ARRAY_LEN(name)),
                               .rgstrChainingModes = modes,
                               .dwMinBitLength = row->min,
                               .dwMaxBitLength = row->max};
    for (size_t i = 0; i < 3 && row->modes[i] != NULL; i++)
        modes[setting.cChainingModes++] = unicode(row->modes[i], mode_text[i], 32);
    settings_default(&config, false);
    err result = settings_disable(&config, &setting);
    bool fits = row->left == NULL ? result == ERR_CRED_LIMIT
                                  : result == OK && strcmp(left(&config), row->left) == 0;
    if (!fits)
        print_message("%u %s %u..%u: %s %s\n", row->usage, row->name, row->min, row->max,
                      err_name(result), left(&config));
    return fits;
}

#define CBC "ChainingModeCBC"
#define GCM "ChainingModeGCM"
#define CCM "ChainingModeCCM"
#define NONE                                                                                       \
    {                                                                                              \
        NULL                                                                                       \
    }

static const struct row rows[] = {
    /* key exchange */
    {EXCHANGE, "ECDH", NONE, 0, 0, SUITES "  " SCHEMES},
    {EXCHANGE, "ecdh", NONE, 0, 0, SUITES "  " SCHEMES},
    {EXCHANGE, "ECDH", NONE, 256, 0, SUITES " 23 " SCHEMES},
    {EXCHANGE, "ECDH", NONE, 384, 0, SUITES " 3 " SCHEMES},
    {EXCHANGE, "ECDH", NONE, 0, 256, SUITES " x2 " SCHEMES},
    {EXCHANGE, "ECDH", NONE, 256, 256, SUITES " 2 " SCHEMES},
    {EXCHANGE, "ECDH", NONE, 1000, 0, SUITES "  " SCHEMES},
    {EXCHANGE, "ECDH_P256", NONE, 0, 0, SUITES " x3 " SCHEMES},
    {EXCHANGE, "NistP384", NONE, 0, 0, SUITES " x2 " SCHEMES},
    {EXCHANGE, "secP256r1", NONE, 0, 0, SUITES " x3 " SCHEMES},
    {EXCHANGE, "curve25519", NONE, 0, 0, SUITES " 23 " SCHEMES},
    {EXCHANGE, "x25519", NONE, 0, 0, SUITES " 23 " SCHEMES},
    {EXCHANGE, "ECDH_P521", NONE, 0, 0, SUITES " " GROUPS " " SCHEMES},
    {EXCHANGE, "DH", NONE, 0, 0, SUITES " " GROUPS " " SCHEMES},
    {EXCHANGE, "RSA", NONE, 0, 0, SUITES " " GROUPS " " SCHEMES},
    {EXCHANGE, "AES", NONE, 0, 0, SUITES " " GROUPS " " SCHEMES},
    /* signatures */
    {SIGNATURE, "RSA", NONE, 0, 0, SUITES " " GROUPS " pqre"},
    {SIGNATURE, "ECDSA", NONE, 0, 0, SUITES " " GROUPS " estuvwyklm"},
    {SIGNATURE, "DSA", NONE, 0, 0, SUITES " " GROUPS " " SCHEMES},
    {SIGNATURE, "RSA", NONE, 3072, 0, SUITES " " GROUPS " " SCHEMES}, /* a bound on keys */
    {CERT_SIG, "SCH_RSA_PKCS_PAD", NONE, 0, 0, SUITES " " GROUPS " pqrestuvwy"},
    {CERT_SIG, "SCH_RSA_PSS_PAD", NONE, 0, 0, SUITES " " GROUPS " pqreklm"},
    {CERT_SIG, "SHA512", NONE, 0, 0, SUITES " " GROUPS " pqstvwkl"},
    /* digests */
    {DIGEST, "SHA1", NONE, 0, 0, SUITES " " GROUPS " " SCHEMES},
    {DIGEST, "MD5", NONE, 0, 0, SUITES " " GROUPS " " SCHEMES},
    {DIGEST, "SHA256", NONE, 0, 0, "ADG " GROUPS " qretuwylm"},
    {DIGEST, "SHA384", NONE, 0, 0, "BCEFHI " GROUPS " presuvykm"},
    {DIGEST, "SHA512", NONE, 0, 0, SUITES " " GROUPS " pqstvwkl"},
    /* ciphers */
    {CIPHER, "AES", NONE, 0, 0, "CFI " GROUPS " " SCHEMES},
    {CIPHER, "AES", {GCM}, 0, 0, "CFI " GROUPS " " SCHEMES},
    {CIPHER, "AES", {CBC}, 0, 0, SUITES " " GROUPS " " SCHEMES},
    {CIPHER, "AES", {CBC, CCM}, 0, 0, SUITES " " GROUPS " " SCHEMES},
    {CIPHER, "AES", {CBC, GCM, CCM}, 0, 0, "CFI " GROUPS " " SCHEMES},
    {CIPHER, "AES", NONE, 256, 0, "ACDFGI " GROUPS " " SCHEMES},
    {CIPHER, "AES", NONE, 0, 128, "BCEFHI " GROUPS " " SCHEMES},
    {CIPHER, "AES", NONE, 128, 256, SUITES " " GROUPS " " SCHEMES},
    {CIPHER, "AES", {CBC}, 256, 256, SUITES " " GROUPS " " SCHEMES},
    {CIPHER, "CHACHA20_POLY1305", NONE, 0, 0, "ABDEGH " GROUPS " " SCHEMES},
    {CIPHER, "CHACHA20_POLY1305", NONE, 256, 256, SUITES " " GROUPS " " SCHEMES},
    {CIPHER, "3DES", NONE, 0, 0, SUITES " " GROUPS " " SCHEMES},
    {CIPHER, "RC4", NONE, 0, 0, SUITES " " GROUPS " " SCHEMES},
    {CIPHER, "", NONE, 0, 0, SUITES " " GROUPS " " SCHEMES},
    {CIPHER, "an algorithm whose name is far longer than any that there is or ever will be", NONE,
     0, 0, NULL},
};

static void crypto_settings(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_true(narrows_to(&rows[i]));
}

static void malformed_settings(void **state)
{
    struct tls_config config;
    WCHAR name[8];
    UNICODE_STRING mode = unicode(GCM, name, ARRAY_LEN(name));
    (void)state;
    CRYPTO_SETTINGS good = {.eAlgorithmUsage = TlsParametersCngAlgUsageCipher,
                            .strCngAlgId = unicode("AES", name, ARRAY_LEN(name))};
#define REFUSED(change)                                                                            \
    do {                                                                                           \
        CRYPTO_SETTINGS setting = good;                                                            \
        change;                                                                                    \
        settings_default(&config, false);                                                          \
        assert_int_equal(settings_disable(&config, &setting), ERR_CRED_LIMIT);                     \
    } while (0)
    REFUSED(setting.cChainingModes = 1);
    REFUSED({
        setting.cChainingModes = SCH_CRED_MAX_SUPPORTED_CHAINING_MODES + 1;
        setting.rgstrChainingModes = &mode;
    });
    REFUSED(setting.strCngAlgId.Buffer = NULL);
    REFUSED(setting.strCngAlgId.Length = 3); /* half a character */
    REFUSED(setting.eAlgorithmUsage = (eTlsAlgorithmUsage)99);
    settings_default(&config, false);
    assert_int_equal(settings_disable(&config, &good), OK);
}

/* Several settings: each takes from what the others left. */
static void key_bounds(void **state)
{
    struct tls_config config;
    WCHAR name[8];
    (void)state;
    CRYPTO_SETTINGS setting = {.eAlgorithmUsage = TlsParametersCngAlgUsageSignature,
                               .strCngAlgId = unicode("RSA", name, ARRAY_LEN(name)),
                               .dwMinBitLength = 3072};
    settings_default(&config, false);
    assert_int_equal(config.rsa_bounds.min + config.rsa_bounds.max, 0);
    assert_int_equal(settings_disable(&config, &setting), OK);
    assert_int_equal(config.rsa_bounds.min, 3072);
    assert_int_equal(config.rsa_bounds.max, 0);
    setting.dwMinBitLength = 2048;
    setting.dwMaxBitLength = 4096;
    assert_int_equal(settings_disable(&config, &setting), OK);
    assert_int_equal(config.rsa_bounds.min, 3072);
    assert_int_equal(config.rsa_bounds.max, 4096);
    setting.dwMaxBitLength = 8192;
    assert_int_equal(settings_disable(&config, &setting), OK);
    assert_int_equal(config.rsa_bounds.max, 4096);
    assert_int_equal(config.ec_bounds.min + config.ec_bounds.max, 0);
    setting.strCngAlgId = unicode("ECDSA", name, ARRAY_LEN(name));
    setting.dwMinBitLength = 384;
    assert_int_equal(settings_disable(&config, &setting), OK);
    assert_int_equal(config.ec_bounds.min, 384);
    assert_string_equal(left(&config), SUITES " " GROUPS " " SCHEMES);
}

/* ---- ALG_ID lists and strengths -------------------------------------------------------- */

struct list_row {
    ALG_ID ids[4];
    const char *left; /* suites */
};

static bool keeps(const struct list_row *row)
{
    struct tls_config config;
    size_t n = 0;
    while (n < 4 && row->ids[n] != 0)
        n++;
    settings_default(&config, false);
    settings_keep_algorithms(&config, row->ids, n);
    config.group_count = config.scheme_count = 0;
    char expected[32];
    snprintf(expected, sizeof expected, "%s  ", row->left);
    return strcmp(left(&config), expected) == 0;
}

static void algorithm_lists(void **state)
{
    static const struct list_row all[] = {
        {{0}, SUITES},
        {{CALG_AES_256}, "ADG"},
        {{CALG_AES_128}, "BEH"},
        {{CALG_AES}, "ABDEGH"},
        {{CALG_AES_128, CALG_AES_256}, "ABDEGH"},
        {{CALG_RSA_SIGN}, "ABCGHI"},
        {{CALG_ECDSA}, "ABCDEF"},
        {{CALG_ECDSA, CALG_RSA_SIGN}, SUITES},
        {{CALG_ECDH_EPHEM}, SUITES},
        {{CALG_RSA_KEYX}, ""}, /* no exchange that is spoken */
        {{CALG_DH_EPHEM}, ""},
        {{CALG_3DES}, ""},
        {{CALG_RC4}, ""},
        {{CALG_SHA_256}, SUITES}, /* hashes do not choose */
        {{CALG_ECDH_EPHEM, CALG_AES_256, CALG_RSA_SIGN}, "AG"},
        {{CALG_DSS_SIGN}, "ABC"}, /* in 1.3 the suite does not name the signature */
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        if (!keeps(&all[i]))
            print_message("row %zu\n", i);
        assert_true(keeps(&all[i]));
    }
}

static void strengths(void **state)
{
    static const struct {
        DWORD min;
        DWORD max;
        const char *left;
    } all[] = {
        {0, 0, SUITES}, {128, 0, SUITES},        {129, 0, "ACDFGI"}, {256, 0, "ACDFGI"},
        {257, 0, ""},   {0, 128, "BEH"},         {0, 127, ""},       {128, 256, SUITES},
        {256, 128, ""}, {UINT32_MAX, 0, SUITES}, /* "and none", which is not spoken */
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        struct tls_config config;
        char expected[64];
        settings_default(&config, true);
        settings_keep_strengths(&config, all[i].min, all[i].max);
        snprintf(expected, sizeof expected, "%s %s %s", all[i].left, GROUPS, SCHEMES);
        assert_string_equal(left(&config), expected);
        assert_int_equal(settings_usable(&config), all[i].left[0] != 0);
    }
}

static void usable(void **state)
{
    struct tls_config config;
    (void)state;
    settings_default(&config, false);
    config.tls12 = false;
    assert_true(settings_usable(&config));
    config.tls13 = false;
    assert_false(settings_usable(&config));
    settings_default(&config, false);
    config.suite_count = 3; /* those of 1.3 */
    config.tls13 = false;
    assert_false(settings_usable(&config));
    settings_default(&config, false);
    config.group_count = 0;
    assert_false(settings_usable(&config));
    settings_default(&config, false);
    config.scheme_count = 0;
    assert_false(settings_usable(&config));
}

static void positive_control(void **state)
{
    (void)state;
    print_message("two planted rows:\n");
    assert_false(
        narrows_to(&(struct row){CIPHER, "AES", NONE, 0, 0, SUITES " " GROUPS " " SCHEMES}));
    assert_false(narrows_to(&(struct row){EXCHANGE, "ECDH_P256", NONE, 0, 0, NULL}));
    assert_false(keeps(&(struct list_row){{CALG_RC4}, SUITES}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(crypto_settings),
        cmocka_unit_test(malformed_settings),
        cmocka_unit_test(key_bounds),
        cmocka_unit_test(algorithm_lists),
        cmocka_unit_test(strengths),
        cmocka_unit_test(usable),
        cmocka_unit_test(positive_control),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
