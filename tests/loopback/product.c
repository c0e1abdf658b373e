/* SPDX-License-Identifier: MIT */
/*
 * Every combination of version, suite, group, certificate, client authentication and split meets
 * itself: both sides agree on what was negotiated and on exported keys, data pass both ways, and
 * close_notify arrives.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "pair.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- narrowing to one algorithm -------------------------------------------------------- */

#define NAME(text)                                                                                 \
    {                                                                                              \
        sizeof(text) - sizeof(WCHAR), sizeof(text), (WCHAR *)(text)                                \
    }

static CRYPTO_SETTINGS no_aes = {.eAlgorithmUsage = TlsParametersCngAlgUsageCipher,
                                 .strCngAlgId = NAME(u"AES")};
static CRYPTO_SETTINGS only_aes128 = {.eAlgorithmUsage = TlsParametersCngAlgUsageCipher,
                                      .strCngAlgId = NAME(u"AES"),
                                      .dwMaxBitLength = 128};
static CRYPTO_SETTINGS only_aes256 = {.eAlgorithmUsage = TlsParametersCngAlgUsageCipher,
                                      .strCngAlgId = NAME(u"AES"),
                                      .dwMinBitLength = 256};
static CRYPTO_SETTINGS no_chacha = {.eAlgorithmUsage = TlsParametersCngAlgUsageCipher,
                                    .strCngAlgId = NAME(u"CHACHA20_POLY1305")};
static CRYPTO_SETTINGS no_x25519 = {.eAlgorithmUsage = TlsParametersCngAlgUsageKeyExchange,
                                    .strCngAlgId = NAME(u"curve25519")};
static CRYPTO_SETTINGS no_p256 = {.eAlgorithmUsage = TlsParametersCngAlgUsageKeyExchange,
                                  .strCngAlgId = NAME(u"secP256r1")};
static CRYPTO_SETTINGS no_p384 = {.eAlgorithmUsage = TlsParametersCngAlgUsageKeyExchange,
                                  .strCngAlgId = NAME(u"secP384r1")};

struct suite_choice {
    CRYPTO_SETTINGS *settings[2];
    DWORD id13;
    DWORD id12_ecdsa;
    DWORD id12_rsa;
};
static const struct suite_choice suites[] = {
    {{&only_aes128, &no_chacha}, 0x1301, 0xC02B, 0xC02F},
    {{&only_aes256, &no_chacha}, 0x1302, 0xC02C, 0xC030},
    {{&no_aes, NULL}, 0x1303, 0xCCA9, 0xCCA8},
};

struct group_choice {
    CRYPTO_SETTINGS *settings[2];
    DWORD group;
};
static const struct group_choice groups[] = {
    {{&no_p256, &no_p384}, 0x1D},
    {{&no_x25519, &no_p384}, 0x17},
    {{&no_x25519, &no_p256}, 0x18},
};

static const char *const key_types[] = {"ecdsa-p256", "ecdsa-p384", "rsa-2048", "ed25519"};
static const int splits[] = {SPLIT_ALL, SPLIT_RECORD, 1, SPLIT_RANDOM};

/* ---- one combination ------------------------------------------------------------------- */

static void check_data(struct pair *p)
{
    static uint8_t big[16384];
    static const char text[] = "GET / HTTP/1.1\r\n\r\n";
    memset(big, 'x', sizeof big);
    assert_int_equal(pair_send(p, &p->client, &p->server, text, sizeof text), SEC_E_OK);
    assert_int_equal(pair_send(p, &p->server, &p->client, big, sizeof big), SEC_E_OK);
    assert_int_equal(pair_send(p, &p->client, &p->server, "", 0), SEC_E_OK);
    assert_int_equal(pair_send(p, &p->client, &p->server, big, sizeof big), SEC_E_OK);
    assert_int_equal(pair_send(p, &p->server, &p->client, text, 1), SEC_E_OK);
}

static SECURITY_STATUS receive_close(struct pair *p, struct pair_side *side)
{
    while (pair_deliver(p, side))
        continue;
    SecBuffer b[4] = {{(ULONG)side->in_len, SECBUFFER_DATA, side->in}};
    SecBufferDesc message = {SECBUFFER_VERSION, 4, b};
    return DecryptMessage(&side->ctx, &message, 0, NULL);
}

static void check_shutdown(struct pair *p)
{
    assert_int_equal(pair_shutdown(&p->client, &p->server), SEC_E_OK);
    assert_int_equal(receive_close(p, &p->server), SEC_I_CONTEXT_EXPIRED);
    assert_int_equal(pair_shutdown(&p->server, &p->client), SEC_E_OK);
    assert_int_equal(receive_close(p, &p->client), SEC_I_CONTEXT_EXPIRED);
}

static void check_exports(struct pair *p)
{
    uint8_t a[32];
    uint8_t b[32];
    assert_int_equal(pair_export(&p->client, "EXPORTER-Channel-Binding", a), SEC_E_OK);
    assert_int_equal(pair_export(&p->server, "EXPORTER-Channel-Binding", b), SEC_E_OK);
    assert_memory_equal(a, b, sizeof a);
    assert_int_equal(pair_export(&p->server, "EXPORTER-other", b), SEC_E_OK);
    assert_memory_not_equal(a, b, sizeof a);
}

static void check_cipher(struct pair_side *side, DWORD version, DWORD suite, DWORD group)
{
    SecPkgContext_CipherInfo info = {.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1};
    assert_int_equal(QueryContextAttributesA(&side->ctx, SECPKG_ATTR_CIPHER_INFO, &info), SEC_E_OK);
    assert_int_equal(info.dwProtocol, version);
    assert_int_equal(info.dwCipherSuite, suite);
    assert_int_equal(info.dwKeyType, group);
}

/* The library judged it, and gives it out afterwards. */
static void check_server_certificate(struct pair *p, PCCERT_CONTEXT expected)
{
    PCCERT_CONTEXT got = NULL;
    SECURITY_STATUS status =
        QueryContextAttributesA(&p->client.ctx, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &got);
    assert_int_equal(status, SEC_E_OK);
    assert_int_equal(got->cbCertEncoded, expected->cbCertEncoded);
    assert_memory_equal(got->pbCertEncoded, expected->pbCertEncoded, got->cbCertEncoded);
    assert_ptr_not_equal(got->hCertStore, NULL);
    CertFreeCertificateContext(got);
}

static void check_client_certificate(struct pair *p, PCCERT_CONTEXT expected)
{
    PCCERT_CONTEXT got = NULL;
    SECURITY_STATUS status =
        QueryContextAttributesA(&p->server.ctx, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &got);
    bool mutual = (p->server.attributes & ASC_RET_MUTUAL_AUTH) != 0;
    assert_int_equal(status, expected != NULL ? SEC_E_OK : SEC_E_NO_CREDENTIALS);
    assert_int_equal(mutual, expected != NULL);
    if (expected == NULL)
        return;
    assert_int_equal(got->cbCertEncoded, expected->cbCertEncoded);
    assert_memory_equal(got->pbCertEncoded, expected->pbCertEncoded, got->cbCertEncoded);
    CertFreeCertificateContext(got);
}

struct combination {
    bool is_tls13;
    const struct suite_choice *suite;
    const struct group_choice *group;
    const char *key_type;
    int split;
    bool is_mutual;
    bool is_retried; /* the server's group is not the one the client sends a share for */
};

static size_t add_settings(CRYPTO_SETTINGS *out, size_t count, CRYPTO_SETTINGS *const settings[2])
{
    for (size_t i = 0; i < 2; i++) {
        if (settings[i] != NULL)
            out[count++] = *settings[i];
    }
    return count;
}

/* RFC 8422 5.1.1: in TLS 1.2 the client's groups bound the curves of certificates, too. */
static bool is_refused(const struct combination *c)
{
    bool wrong_curve = (strcmp(c->key_type, "ecdsa-p256") == 0 && c->group->group != 0x17) ||
                       (strcmp(c->key_type, "ecdsa-p384") == 0 && c->group->group != 0x18);
    return !c->is_tls13 && wrong_curve;
}

static void describe(const struct combination *c)
{
    char text[160];
    snprintf(text, sizeof text, "TLS 1.%d, suite %04x, group %02x, %s, split %d%s%s",
             c->is_tls13 ? 3 : 2, (unsigned)c->suite->id13, (unsigned)c->group->group, c->key_type,
             c->split, c->is_mutual ? ", mutual" : "", c->is_retried ? ", retried" : "");
    print_message("         failed: %s\n", text);
}

static bool run(const struct combination *c)
{
    static struct pair p;
    CRYPTO_SETTINGS settings[4];
    PCCERT_CONTEXT certificate = pair_certificate(c->key_type);
    HCERTSTORE roots = pair_store(certificate);
    size_t count = add_settings(settings, 0, c->suite->settings);
    size_t client_count = count;
    count = add_settings(settings, count, c->group->settings);
    DWORD disabled = c->is_tls13 ? PAIR_TLS13_ONLY : PAIR_TLS12_ONLY;
    struct pair_options o = {
        .client_disabled = disabled,
        .server_disabled = disabled,
        .client_crypto = settings,
        .client_crypto_count = (DWORD)(c->is_retried ? client_count : count),
        .server_crypto = settings,
        .server_crypto_count = (DWORD)count,
        .server_certificate = certificate,
        .client_certificate = c->is_mutual ? certificate : NULL,
        .client_roots = roots,
        .server_roots = roots,
        .server_flags = SCH_CRED_NO_SYSTEM_MAPPER,
        .server_request = c->is_mutual ? ASC_REQ_MUTUAL_AUTH : 0,
        .client_request = ISC_REQ_MUTUAL_AUTH,
        .target = "localhost",
        .alpn_client = "h2,http/1.1",
        .alpn_server = "http/1.1,h2",
        .split = c->split,
        .seed = 7,
    };
    assert_int_equal(pair_open(&p, &o), SEC_E_OK);
    bool done = pair_handshake(&p);
    if (is_refused(c)) {
        assert_false(done);
        assert_int_equal(p.server.status, SEC_E_ALGORITHM_MISMATCH);
        assert_int_equal(p.client.status, SEC_E_ILLEGAL_MESSAGE);
        done = true;
    } else if (!done) {
        describe(c);
        print_message("         client %08x, server %08x\n", (unsigned)p.client.status,
                      (unsigned)p.server.status);
    } else {
        bool is_rsa = c->key_type[0] == 'r';
        DWORD suite =
            c->is_tls13 ? c->suite->id13 : (is_rsa ? c->suite->id12_rsa : c->suite->id12_ecdsa);
        check_cipher(&p.client, c->is_tls13 ? 0x304 : 0x303, suite, c->group->group);
        check_cipher(&p.server, c->is_tls13 ? 0x304 : 0x303, suite, c->group->group);
        check_server_certificate(&p, certificate);
        check_client_certificate(&p, o.client_certificate);
        assert_int_equal((p.client.attributes & ISC_RET_MUTUAL_AUTH) != 0, c->is_mutual);
        check_exports(&p);
        check_data(&p);
        check_shutdown(&p);
    }
    pair_close(&p);
    CertCloseStore(roots, 0);
    return done;
}

/* ---- the product ----------------------------------------------------------------------- */

static void every_suite_group_key_and_split(void **state)
{
    (void)state;
    unsigned failed = 0;
    unsigned total = 0;
    for (int version = 0; version < 2; version++) {
        for (size_t s = 0; s < COUNT(suites); s++) {
            for (size_t g = 0; g < COUNT(groups); g++) {
                for (size_t k = 0; k < COUNT(key_types); k++) {
                    for (size_t d = 0; d < COUNT(splits); d++) {
                        struct combination c = {.is_tls13 = version == 1,
                                                .suite = &suites[s],
                                                .group = &groups[g],
                                                .key_type = key_types[k],
                                                .split = splits[d],
                                                .is_mutual = (s + g + k + d) % 2 == 0};
                        failed += !run(&c);
                        total++;
                    }
                }
            }
        }
    }
    print_message("         %u combinations\n", total);
    assert_int_equal(failed, 0);
}

static void hello_retry_request(void **state)
{
    (void)state;
    for (size_t g = 1; g < COUNT(groups); g++) {
        for (size_t d = 0; d < COUNT(splits); d++) {
            for (int mutual = 0; mutual < 2; mutual++) {
                struct combination c = {.is_tls13 = true,
                                        .suite = &suites[0],
                                        .group = &groups[g],
                                        .key_type = "ecdsa-p256",
                                        .split = splits[d],
                                        .is_mutual = mutual,
                                        .is_retried = true};
                assert_true(run(&c));
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_suite_group_key_and_split),
        cmocka_unit_test(hello_retry_request),
    };
    return cmocka_run_group_tests_name("loopback", tests, NULL, NULL);
}
