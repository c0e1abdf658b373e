/* SPDX-License-Identifier: MIT */
/*
 * Automatic validation asks the places that a server's certificate names, and the flags of the
 * credential decide whether it does. sspi.md, SCH_CRED_REVOCATION_CHECK_*; observed.md I164.
 */
#include "../crypt32/web.h"
#include "../crypt32/zoo_lists.h"
#include "crypt32/url_cache.h"
#include "pair.h"

#include "crypt32/fetch.h"

/* The handshake's time is the machine's: from long ago to long after. */
#define EARLY INT64_C(86400)
#define LATE  (ZOO_NOW + 10000 * ZOO_DAY)

static struct web web;
static const struct zoo_cert *root;
static const struct zoo_cert *leaf;
static PCCERT_CONTEXT server; /* the leaf with its key */
static HCERTSTORE roots;
static struct pair pair;

static PCCERT_CONTEXT with_key(const struct zoo_cert *cert)
{
    char *text;
    BIO *pem = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_X509(pem, cert->x509), 1);
    assert_int_equal(PEM_write_bio_PrivateKey(pem, cert->key, NULL, NULL, 0, NULL, NULL), 1);
    long n = BIO_get_mem_data(pem, &text);
    PCCERT_CONTEXT context = SchannelLoadPem(text, (size_t)n, NULL, 0, NULL);
    assert_non_null(context);
    BIO_free(pem);
    return context;
}

/* The tables of handles stay. */
static void open_tables(void)
{
    PCCERT_CONTEXT certificate = pair_certificate("ecdsa-p256");
    assert_int_equal(pair_open(&pair, &(struct pair_options){.server_certificate = certificate}),
                     SEC_E_OK);
    pair_handshake(&pair);
    pair_close(&pair);
}

static int start(void **state)
{
    char point[64];
    (void)state;
    open_tables();
    zoo_open();
    web_start(&web);
    snprintf(point, sizeof point, "URI:http://127.0.0.1:%d/crl", web.port);
    root = ZOO(.name = "root", .not_before = EARLY, .not_after = LATE);
    leaf =
        ZOO(.name = "leaf", .issuer = root, .authority = ZOO_END, .not_before = EARLY,
            .not_after = LATE,
            .extensions = {{"subjectAltName", "DNS:localhost"}, {"crlDistributionPoints", point}});
    server = with_key(leaf);
    roots = zoo_store(root, NULL);
    fetch_allow_loopback(true);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    fetch_allow_loopback(false);
    url_cache_empty();
    CertFreeCertificateContext(server);
    CertCloseStore(roots, 0);
    web_stop(&web);
    zoo_close();
    return 0;
}

static void serve(bool revoked)
{
    struct zoo_der list = LIST(.issuer = root, .this_update = EARLY, .next_update = LATE,
                               .entries = {{.cert = revoked ? leaf : NULL}});
    url_cache_empty();
    web_clear(&web);
    web_set(&web, "/crl", WEB_BODY, list.bytes, list.n);
}

static bool ends(const char *what, DWORD disabled, DWORD flags, SECURITY_STATUS status,
                 int requests)
{
    struct pair_options options = {.client_disabled = disabled,
                                   .server_certificate = server,
                                   .client_roots = roots,
                                   .client_flags = flags,
                                   .target = "localhost"};
    assert_int_equal(pair_open(&pair, &options), SEC_E_OK);
    pair_handshake(&pair);
    bool fits = pair.client.status == status && web_requests(&web, NULL) == requests;
    if (!fits)
        print_message("%s: %08x after %d requests\n", what, (unsigned)pair.client.status,
                      web_requests(&web, NULL));
    pair_close(&pair);
    return fits;
}

static const DWORD versions[] = {PAIR_TLS12_ONLY, PAIR_TLS13_ONLY};

static void flags(void **state)
{
    const DWORD end = SCH_CRED_REVOCATION_CHECK_END_CERT;
    const struct {
        const char *what;
        DWORD flags;
        bool is_revoked;
        SECURITY_STATUS status;
        int requests;
    } rows[] = {
        {"not asked for", 0, true, SEC_E_OK, 0},
        {"good", end, false, SEC_E_OK, 1},
        {"revoked", end, true, CRYPT_E_REVOKED, 1},
        {"all", SCH_CRED_REVOCATION_CHECK_CHAIN, true, CRYPT_E_REVOKED, 1},
        {"all but the root", SCH_CRED_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT, true, CRYPT_E_REVOKED,
         1},
        {"what is known", end | SCH_CRED_REVOCATION_CHECK_CACHE_ONLY, false,
         CRYPT_E_REVOCATION_OFFLINE, 0},
        {"no network", end | SCH_CRED_CACHE_ONLY_URL_RETRIEVAL, false, CRYPT_E_REVOCATION_OFFLINE,
         0},
        {"no network, never mind",
         end | SCH_CRED_CACHE_ONLY_URL_RETRIEVAL | SCH_CRED_IGNORE_REVOCATION_OFFLINE, true,
         SEC_E_OK, 0},
        {"no network for our own", end | SCH_CRED_CACHE_ONLY_URL_RETRIEVAL_ON_CREATE, true,
         CRYPT_E_REVOKED, 1},
        {"never mind", end | SCH_CRED_IGNORE_REVOCATION_OFFLINE, true, CRYPT_E_REVOKED, 1},
        {"by hand", end | SCH_CRED_MANUAL_CRED_VALIDATION, true, SEC_E_OK, 0},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (size_t v = 0; v < ARRAY_LEN(versions); v++) {
            serve(rows[i].is_revoked);
            assert_true(
                ends(rows[i].what, versions[v], rows[i].flags, rows[i].status, rows[i].requests));
        }
    }
}

/* The second handshake finds what the first one fetched. */
static void remembered(void **state)
{
    const DWORD end = SCH_CRED_REVOCATION_CHECK_END_CERT;
    (void)state;
    serve(false);
    assert_true(ends("first", PAIR_TLS12_ONLY, end, SEC_E_OK, 1));
    assert_true(ends("second", PAIR_TLS12_ONLY, end, SEC_E_OK, 1));
    assert_true(ends("what is known", PAIR_TLS12_ONLY, end | SCH_CRED_REVOCATION_CHECK_CACHE_ONLY,
                     SEC_E_OK, 1));
    serve(true);
    assert_true(ends("revoked", PAIR_TLS12_ONLY, end, CRYPT_E_REVOKED, 1));
}

static void positive_control(void **state)
{
    (void)state;
    serve(true);
    print_message("two planted expectations:\n");
    assert_false(ends("control", PAIR_TLS12_ONLY, SCH_CRED_REVOCATION_CHECK_END_CERT, SEC_E_OK, 1));
    assert_false(ends("control", PAIR_TLS12_ONLY, 0, SEC_E_OK, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flags),
        cmocka_unit_test(remembered),
        cmocka_unit_test(positive_control),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
