/* SPDX-License-Identifier: MIT */
/*
 * A bound on the size of keys in CRYPTO_SETTINGS is kept in the handshake: the peer's key is judged
 * when its certificate comes. sspi.md 3.4.
 */
#include "pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define W(text) ((PWSTR)(uintptr_t)u##text)

struct row {
    const char *key;
    PWSTR algorithm;
    USHORT length; /* of its name, in bytes */
    DWORD min;
    DWORD max;
    bool is_accepted;
};

static const struct row rows[] = {
    {"rsa-2048", W("RSA"), 6, 2048, 0, true},     {"rsa-2048", W("RSA"), 6, 2049, 0, false},
    {"rsa-2048", W("RSA"), 6, 3072, 0, false},    {"rsa-3072", W("RSA"), 6, 3072, 0, true},
    {"rsa-3072", W("RSA"), 6, 0, 2048, false},    {"rsa-2048", W("RSA"), 6, 0, 2048, true},
    {"rsa-2048", W("ECDSA"), 10, 384, 0, true},   {"ecdsa-p256", W("ECDSA"), 10, 384, 0, false},
    {"ecdsa-p384", W("ECDSA"), 10, 384, 0, true}, {"ecdsa-p256", W("RSA"), 6, 3072, 0, true},
    {"ed25519", W("ECDSA"), 10, 384, 0, true},
};

static bool agrees(const struct row *row, DWORD disabled)
{
    static struct pair p;
    CRYPTO_SETTINGS setting = {
        .eAlgorithmUsage = TlsParametersCngAlgUsageSignature,
        .strCngAlgId = {.Length = row->length,
                        .MaximumLength = row->length,
                        .Buffer = row->algorithm},
        .dwMinBitLength = row->min,
        .dwMaxBitLength = row->max,
    };
    PCCERT_CONTEXT certificate = pair_certificate(row->key);
    HCERTSTORE roots = pair_store(certificate);
    struct pair_options options = {.client_disabled = disabled,
                                   .client_crypto = &setting,
                                   .client_crypto_count = 1,
                                   .server_certificate = certificate,
                                   .client_roots = roots,
                                   .target = "localhost"};
    assert_int_equal(pair_open(&p, &options), SEC_E_OK);
    bool done = pair_handshake(&p);
    SECURITY_STATUS status = p.client.status;
    pair_close(&p);
    CertCloseStore(roots, 0);
    return done == row->is_accepted && (done || status == SEC_E_CERT_UNKNOWN);
}

static void every_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(agrees(&rows[i], PAIR_TLS12_ONLY));
        assert_true(agrees(&rows[i], PAIR_TLS13_ONLY));
    }
}

static void positive_control(void **state)
{
    struct row row = rows[2];
    (void)state;
    row.is_accepted = true;
    assert_false(agrees(&row, PAIR_TLS13_ONLY));
    row = rows[0];
    row.is_accepted = false;
    assert_false(agrees(&row, PAIR_TLS13_ONLY));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row),
        cmocka_unit_test(positive_control),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
