/* SPDX-License-Identifier: MIT */
/*
 * A selection of x509-limbo over the chain engine: intermediates and lists in one store, anchors in
 * another (any certificate of it may anchor, as the suite has it), the SSL policy's verdict for the
 * name of the peer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include <jansson.h>

#include "crypt32/chain.h"
#include "skip.h"
#include "verdicts.h"

#define LIST VECTOR_DATA "/limbo.differences"

enum { DER_MAX = 1 << 16 };

/* A case that names no time means today, which for these is any day of their long validity. */
static const int64_t default_now = 1735689600; /* 2025-01-01 */

static DWORD der_of(const char *pem, uint8_t der[DER_MAX])
{
    DWORD n = DER_MAX;
    assert_true(CryptStringToBinaryA(pem, 0, CRYPT_STRING_BASE64HEADER, der, &n, NULL, NULL));
    return n;
}

/* False when one does not parse: then there is nothing to accept. */
static bool add_certificates(HCERTSTORE store, const json_t *pems)
{
    static uint8_t der[DER_MAX];
    bool all = true;
    for (size_t i = 0; i < json_array_size(pems); i++) {
        DWORD n = der_of(json_string_value(json_array_get(pems, i)), der);
        all &= CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, der, n,
                                                CERT_STORE_ADD_ALWAYS, NULL) != FALSE;
    }
    return all;
}

static void add_lists(HCERTSTORE store, const json_t *pems)
{
    static uint8_t der[DER_MAX];
    for (size_t i = 0; i < json_array_size(pems); i++) {
        DWORD n = DER_MAX;
        assert_true(CryptStringToBinaryA(json_string_value(json_array_get(pems, i)), 0,
                                         CRYPT_STRING_BASE64X509CRLHEADER, der, &n, NULL, NULL));
        assert_true(CertAddEncodedCRLToStore(store, X509_ASN_ENCODING, der, n,
                                             CERT_STORE_ADD_ALWAYS, NULL));
    }
}

static int64_t time_of(const json_t *text)
{
    struct tm utc = {0};
    if (!json_is_string(text))
        return default_now;
    assert_non_null(strptime(json_string_value(text), "%Y-%m-%dT%H:%M:%S", &utc));
    return timegm(&utc);
}

static bool is_accepted(const json_t *one, PCCERT_CONTEXT leaf, HCERTSTORE others, HCERTSTORE roots)
{
    bool is_client =
        strcmp(json_string_value(json_object_get(one, "validation_kind")), "CLIENT") == 0;
    const json_t *name = json_object_get(one, "expected_peer_name");
    bool has_lists = json_array_size(json_object_get(one, "crls")) != 0;
    enum chain_usage usage = is_client ? CHAIN_CLIENT_AUTH : CHAIN_SERVER_AUTH;
    struct chain_inputs inputs = {.leaf = cert_of(leaf),
                                  .searched = {store_of(others)},
                                  .roots = store_of(roots),
                                  .any_anchor = true,
                                  .now = time_of(json_object_get(one, "validation_time")),
                                  .usages = chain_ssl_usages(usage),
                                  .revocation = has_lists ? CHAIN_REVOCATION_BUT_ROOT
                                                          : CHAIN_REVOCATION_NONE};
    struct chain_policy policy = {.is_ssl = true, .usages = inputs.usages};
    struct chain chain;
    LONG at;
    if (!is_client && json_is_object(name))
        policy.server_name = json_string_value(json_object_get(name, "value"));
    assert_int_equal(chain_build(&inputs, &chain), OK);
    LONG error = chain_policy_error(&chain, &policy, &at);
    chain_release(&chain);
    return error == 0;
}

static bool judge(const json_t *one)
{
    static uint8_t der[DER_MAX];
    HCERTSTORE others = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    HCERTSTORE roots = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    DWORD n = der_of(json_string_value(json_object_get(one, "peer_certificate")), der);
    PCCERT_CONTEXT leaf = CertCreateCertificateContext(X509_ASN_ENCODING, der, n);
    bool parses = add_certificates(others, json_object_get(one, "untrusted_intermediates"));
    parses &= add_certificates(roots, json_object_get(one, "trusted_certs"));
    add_lists(others, json_object_get(one, "crls"));
    bool result = leaf != NULL && parses && is_accepted(one, leaf, others, roots);
    CertFreeCertificateContext(leaf);
    CertCloseStore(others, 0);
    CertCloseStore(roots, 0);
    return result;
}

static json_t *load(void)
{
    char path[4096];
    json_error_t error;
    snprintf(path, sizeof path, "%s/limbo/limbo.json", test_vectors_dir());
    return json_load_file(path, 0, &error);
}

static void limbo(void **state)
{
    static struct verdicts v;
    size_t i;
    const json_t *one;
    (void)state;
    json_t *root = load();
    json_array_foreach(json_object_get(root, "testcases"), i, one)
    {
        const char *expected = json_string_value(json_object_get(one, "expected_result"));
        verdict_add(&v, json_string_value(json_object_get(one, "id")),
                    strcmp(expected, "SUCCESS") == 0, judge(one));
    }
    json_decref(root);
    assert_int_equal(v.count, 99);
    assert_true(verdicts_fit(&v, "x509-limbo", LIST));
    assert_true(verdicts_told(&v, "x509-limbo", DOCUMENT));
    assert_false(verdicts_told(&v, "another suite", DOCUMENT));
    assert_true(verdicts_controls(&v, LIST));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(limbo)};
    json_t *root = load();
    if (root == NULL)
        test_skip("no vectors");
    json_decref(root);
    if (crypto_start() != OK)
        return 1;
    return cmocka_run_group_tests_name("limbo", tests, NULL, NULL);
}
