/* SPDX-License-Identifier: MIT */
/*
 * The system's roots: a bundle is taken whole or not at all, whatever fails on the way, and is read
 * again when it has changed. Restricted and exclusive roots of an engine.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "zoo.h"

static char path[64];

static int open_zoo(void **state)
{
    (void)state;
    zoo_open();
    snprintf(path, sizeof path, "/dev/shm/schannel-roots-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    return 0;
}

static int close_zoo(void **state)
{
    (void)state;
    roots_use_bundle(NULL);
    unlink(path);
    zoo_close();
    return 0;
}

static void write_bundle(const char *before, const struct zoo_cert *const *certs, size_t count,
                         const char *after)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(before, file);
    for (size_t i = 0; i < count; i++)
        PEM_write_X509(file, certs[i]->x509);
    fputs(after, file);
    fclose(file);
}

static int count_roots(void)
{
    struct store *store;
    DWORD error = 0;
    int n = 0;
    if (roots_open(&store, &error) != OK) {
        SetLastError(error);
        return -1;
    }
    while (n < 1000) {
        struct cert *cert = store_entry(store, (size_t)n);
        if (cert == NULL)
            break;
        cert_release(cert);
        n++;
    }
    store_release(store);
    return n;
}

/* What a bundle with this text gives: the number of roots, or -1 with the last error. */
static bool bundle_gives(const char *before, size_t certs, const char *after, int count,
                         DWORD error)
{
    static const struct zoo_cert *three[3];
    for (size_t i = 0; i < 3; i++) {
        char name[16] = "root ?";
        name[5] = (char)('a' + (int)i);
        three[i] = ZOO(.name = name);
    }
    write_bundle(before, three, certs, after);
    roots_use_bundle(path);
    SetLastError(0);
    int n = count_roots();
    return n == count && (n >= 0 || GetLastError() == error);
}

static void bundles(void **state)
{
    (void)state;
    assert_true(bundle_gives("", 3, "", 3, 0));
    assert_true(bundle_gives("words before\n", 3, "and behind\n", 3, 0));
    assert_true(bundle_gives("", 0, "", 0, 0));
    assert_true(bundle_gives("nothing but words\n", 0, "", 0, 0));
    /* A certificate that does not parse is passed over ... */
    assert_true(bundle_gives("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n", 3,
                             "", 3, 0));
    /* ... a file that is cut off or damaged is not a set of roots. */
    assert_true(
        bundle_gives("", 2, "-----BEGIN CERTIFICATE-----\nMAA=\n", -1, (DWORD)CRYPT_E_ASN1_BADTAG));
    assert_true(bundle_gives("-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n", 3, "",
                             -1, (DWORD)CRYPT_E_ASN1_BADTAG));
}

static void nothing_is_cached_on_failure(void **state)
{
    (void)state;
    assert_true(bundle_gives("", 3, "", 3, 0));
    roots_use_bundle(path);
    int failures = 0;
    for (uint64_t n = 1;; n++) {
        int64_t live = mem_live();
        mem_fail_at(n, false);
        int count = count_roots();
        mem_fail_at(0, false);
        if (count >= 0) {
            assert_int_equal(count, 3);
            break;
        }
        assert_int_equal(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
        assert_int_equal(mem_live(), live);
        failures++;
        /* The next one, with memory, has all of them. */
        assert_int_equal(count_roots(), 3);
        roots_use_bundle(path);
    }
    assert_true(failures > 10);
}

static void failures_are_reported(void **state)
{
    struct chain_verdict verdict;
    PCCERT_CHAIN_CONTEXT chain = NULL;
    CERT_CHAIN_PARA para = {.cbSize = sizeof para};
    (void)state;
    const struct zoo_cert *leaf = ZOO(.name = "leaf");
    assert_true(
        bundle_gives("", 2, "-----BEGIN CERTIFICATE-----\nMAA=\n", -1, (DWORD)CRYPT_E_ASN1_BADTAG));
    struct chain_request request = {.leaf = leaf->context, .now = ZOO_NOW};
    assert_int_equal(chain_judge(&request, &verdict), ERR_CERT_PARSE);
    assert_int_not_equal(verdict.reason, OK);
    assert_null(CertOpenSystemStoreA(0, "ROOT"));
    assert_int_equal(GetLastError(), (DWORD)CRYPT_E_ASN1_BADTAG);
    assert_false(CertGetCertificateChain(NULL, leaf->context, NULL, NULL, &para, 0, NULL, &chain));
    assert_int_equal(GetLastError(), (DWORD)CRYPT_E_ASN1_BADTAG);
    assert_null(chain);
    /* Something there that is no file. */
    roots_use_bundle("/dev/shm");
    assert_int_equal(count_roots(), -1);
    assert_int_equal(GetLastError(), ERROR_ACCESS_DENIED);
    /* Nothing there: nothing is trusted. */
    roots_use_bundle("/dev/shm/schannel-there-is-no-such-file");
    assert_int_equal(count_roots(), 0);
}

static void changes_are_seen(void **state)
{
    (void)state;
    const struct zoo_cert *first = ZOO(.name = "first");
    const struct zoo_cert *two[] = {first, ZOO(.name = "second")};
    write_bundle("", two, 1, "");
    roots_use_bundle(path);
    assert_int_equal(count_roots(), 1);
    assert_int_equal(count_roots(), 1);
    write_bundle("", two, 2, "");
    assert_int_equal(count_roots(), 2);
    unlink(path);
    assert_int_equal(count_roots(), 0);
    write_bundle("", two, 2, "");
    assert_int_equal(count_roots(), 2);
}

static void store_is_read_only(void **state)
{
    (void)state;
    const struct zoo_cert *root = ZOO(.name = "root");
    const struct zoo_cert *other = ZOO(.name = "other");
    write_bundle("", &root, 1, "");
    roots_use_bundle(path);
    /* The user's part can be added to, but not through this one; the bundle cannot be changed. */
    HCERTSTORE store =
        CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, 0,
                      CERT_SYSTEM_STORE_CURRENT_USER | CERT_STORE_READONLY_FLAG, "root");
    assert_non_null(store);
    assert_false(
        CertAddCertificateContextToStore(store, other->context, CERT_STORE_ADD_ALWAYS, NULL));
    assert_int_equal(GetLastError(), ERROR_ACCESS_DENIED);
    CertCloseStore(store, 0);
    store = CertOpenSystemStoreA(0, "root");
    assert_non_null(store);
    assert_false(CertDeleteCertificateFromStore(CertEnumCertificatesInStore(store, NULL)));
    assert_int_equal(GetLastError(), ERROR_ACCESS_DENIED);
    PCCERT_CONTEXT still = CertEnumCertificatesInStore(store, NULL);
    assert_non_null(still);
    CertFreeCertificateContext(still);
    CertCloseStore(store, 0);
}

/* ---- engines --------------------------------------------------------------------------- */

static DWORD chain_status(HCERTCHAINENGINE engine, const struct zoo_cert *leaf, HCERTSTORE others)
{
    CERT_CHAIN_PARA para = {.cbSize = sizeof para};
    FILETIME now = win_filetime_from_unix(ZOO_NOW);
    PCCERT_CHAIN_CONTEXT chain;
    assert_true(
        CertGetCertificateChain(engine, leaf->context, &now, others, &para, 0, NULL, &chain));
    DWORD errors = chain->TrustStatus.dwErrorStatus;
    CertFreeCertificateChain(chain);
    return errors;
}

static DWORD status_with(const CERT_CHAIN_ENGINE_CONFIG *config, const struct zoo_cert *leaf)
{
    HCERTCHAINENGINE engine;
    CERT_CHAIN_ENGINE_CONFIG copy = *config;
    assert_true(CertCreateCertificateChainEngine(&copy, &engine));
    DWORD status = chain_status(engine, leaf, NULL);
    CertFreeCertificateChainEngine(engine);
    return status;
}

static DWORD engine_error(const CERT_CHAIN_ENGINE_CONFIG *config)
{
    HCERTCHAINENGINE engine = NULL;
    CERT_CHAIN_ENGINE_CONFIG copy = *config;
    int64_t live = mem_live();
    SetLastError(0);
    assert_false(CertCreateCertificateChainEngine(&copy, &engine));
    assert_null(engine);
    assert_int_equal(mem_live(), live);
    return GetLastError();
}

static void restricted_roots(void **state)
{
    (void)state;
    const struct zoo_cert *both[] = {ZOO(.name = "one"), ZOO(.name = "two")};
    const struct zoo_cert *under_one = ZOO(.name = "leaf", .issuer = both[0], .authority = ZOO_END);
    const struct zoo_cert *under_two = ZOO(.name = "leaf", .issuer = both[1], .authority = ZOO_END);
    write_bundle("", both, 2, "");
    roots_use_bundle(path);
    HCERTSTORE only_one = zoo_store(both[0], NULL);
    HCERTSTORE none = zoo_store(NULL);
    HCERTSTORE stranger = zoo_store(both[0], ZOO(.name = "stranger"), NULL);
    CERT_CHAIN_ENGINE_CONFIG config = {.cbSize = sizeof config};
    assert_int_equal(status_with(&config, under_one), 0);
    assert_int_equal(status_with(&config, under_two), 0);
    config.hRestrictedRoot = only_one;
    assert_int_equal(status_with(&config, under_one), 0);
    assert_int_equal(status_with(&config, under_two), CERT_TRUST_IS_UNTRUSTED_ROOT);
    config.hRestrictedRoot = none; /* C2 */
    assert_int_equal(status_with(&config, under_one), CERT_TRUST_IS_UNTRUSTED_ROOT);
    config.hRestrictedRoot = stranger; /* C3 */
    assert_int_equal(engine_error(&config), (DWORD)CRYPT_E_NOT_FOUND);
    config.hRestrictedRoot = only_one;
    config.hExclusiveRoot = only_one;
    assert_int_equal(engine_error(&config), (DWORD)E_INVALIDARG);
    CertCloseStore(only_one, 0);
    CertCloseStore(none, 0);
    CertCloseStore(stranger, 0);
}

/* What is added to the restricted store later must be a system root all the same. */
static void restricted_roots_grow(void **state)
{
    HCERTCHAINENGINE engine;
    (void)state;
    const struct zoo_cert *root = ZOO(.name = "root");
    const struct zoo_cert *stranger = ZOO(.name = "stranger");
    const struct zoo_cert *leaf = ZOO(.name = "leaf", .issuer = stranger, .authority = ZOO_END);
    write_bundle("", &root, 1, "");
    roots_use_bundle(path);
    HCERTSTORE store = zoo_store(root, NULL);
    CERT_CHAIN_ENGINE_CONFIG config = {.cbSize = sizeof config, .hRestrictedRoot = store};
    assert_true(CertCreateCertificateChainEngine(&config, &engine));
    CertAddCertificateContextToStore(store, stranger->context, CERT_STORE_ADD_ALWAYS, NULL);
    assert_int_equal(chain_status(engine, leaf, store), CERT_TRUST_IS_UNTRUSTED_ROOT);
    CertFreeCertificateChainEngine(engine);
    CertCloseStore(store, 0);
}

static void exclusive_roots(void **state)
{
    (void)state;
    const struct zoo_cert *root = ZOO(.name = "root");
    const struct zoo_cert *middle = ZOO(.name = "middle", .issuer = root);
    const struct zoo_cert *leaf = ZOO(.name = "leaf", .issuer = middle, .authority = ZOO_END);
    const struct zoo_cert *direct = ZOO(.name = "direct", .issuer = root, .authority = ZOO_END);
    write_bundle("", &root, 1, "");
    roots_use_bundle(path);
    HCERTSTORE none = zoo_store(NULL);
    HCERTSTORE middles = zoo_store(middle, NULL);
    HCERTSTORE roots = zoo_store(root, NULL);
    CERT_CHAIN_ENGINE_CONFIG config = {.cbSize = sizeof config, .hExclusiveRoot = none};
    assert_int_equal(status_with(&config, direct), CERT_TRUST_IS_PARTIAL_CHAIN);
    config.hExclusiveRoot = roots;
    assert_int_equal(status_with(&config, direct), 0);
    assert_int_equal(status_with(&config, leaf), CERT_TRUST_IS_PARTIAL_CHAIN);
    config.cAdditionalStore = 1;
    config.rghAdditionalStore = &middles;
    assert_int_equal(status_with(&config, leaf), 0);
    config.cAdditionalStore = 0;
    config.hRestrictedOther = middles;
    assert_int_equal(status_with(&config, leaf), 0);
    config.hRestrictedOther = NULL;
    config.hExclusiveRoot = middles;
    assert_int_equal(status_with(&config, leaf), CERT_TRUST_IS_PARTIAL_CHAIN);
    config.dwExclusiveFlags = CERT_CHAIN_EXCLUSIVE_ENABLE_CA_FLAG;
    assert_int_equal(status_with(&config, leaf), 0);
    /* The older structure ends before the flags, a still older one before the exclusive root. */
    config.cbSize = 80;
    assert_int_equal(status_with(&config, leaf), CERT_TRUST_IS_PARTIAL_CHAIN);
    config.cbSize = 64;
    assert_int_equal(status_with(&config, direct), 0);
    CertCloseStore(none, 0);
    CertCloseStore(middles, 0);
    CertCloseStore(roots, 0);
}

static void refused_engines(void **state)
{
    HCERTCHAINENGINE engine;
    int junk[64] = {0};
    HCERTSTORE stores[9];
    (void)state;
    roots_use_bundle(path);
    HCERTSTORE store = zoo_store(NULL);
    CERT_CHAIN_ENGINE_CONFIG good = {.cbSize = sizeof good};
    assert_false(CertCreateCertificateChainEngine(NULL, &engine));
    assert_int_equal(GetLastError(), (DWORD)E_INVALIDARG);
    assert_false(CertCreateCertificateChainEngine(&good, NULL));
    CERT_CHAIN_ENGINE_CONFIG config = good;
    config.cbSize = 63;
    assert_int_equal(engine_error(&config), (DWORD)E_INVALIDARG);
    config = good;
    config.hExclusiveRoot = junk;
    assert_int_equal(engine_error(&config), (DWORD)E_INVALIDARG);
    config = good;
    config.hRestrictedRoot = junk;
    assert_int_equal(engine_error(&config), (DWORD)E_INVALIDARG);
    config = good;
    config.hRestrictedTrust = junk;
    assert_int_equal(engine_error(&config), (DWORD)E_INVALIDARG);
    config = good;
    config.hRestrictedOther = junk;
    assert_int_equal(engine_error(&config), (DWORD)E_INVALIDARG);
    config = good;
    config.cAdditionalStore = 1;
    assert_int_equal(engine_error(&config), (DWORD)E_INVALIDARG);
    for (size_t i = 0; i < ARRAY_LEN(stores); i++)
        stores[i] = store;
    config.rghAdditionalStore = stores;
    config.cAdditionalStore = 8;
    assert_int_equal(engine_error(&config), (DWORD)E_INVALIDARG);
    config = good;
    config.hExclusiveTrustedPeople = junk;
    assert_int_equal(engine_error(&config), (DWORD)E_INVALIDARG);
    config = good;
    config.dwFlags = 0xFF000000; /* C1 */
    assert_true(CertCreateCertificateChainEngine(&config, &engine));
    CertFreeCertificateChainEngine(engine);
    CertFreeCertificateChainEngine(NULL);
    mem_fail_at(1, false);
    assert_int_equal(engine_error(&good), ERROR_NOT_ENOUGH_MEMORY);
    mem_fail_at(0, false);
    CertCloseStore(store, 0);
}

/* A handle that is no engine must not mean the system's trust. */
static void foreign_engine(void **state)
{
    struct {
        uint32_t magic;
        char rest[124];
    } junk = {0};
    CERT_CHAIN_PARA para = {.cbSize = sizeof para};
    PCCERT_CHAIN_CONTEXT chain = NULL;
    (void)state;
    const struct zoo_cert *leaf = ZOO(.name = "leaf");
    assert_false(CertGetCertificateChain((HCERTCHAINENGINE)&junk, leaf->context, NULL, NULL, &para,
                                         0, NULL, &chain));
    assert_int_equal(GetLastError(), (DWORD)E_INVALIDARG);
}

static void positive_control(void **state)
{
    (void)state;
    assert_false(bundle_gives("", 3, "", 2, 0));
    assert_false(bundle_gives("", 2, "-----BEGIN CERTIFICATE-----\nMAA=\n", 2, 0));
    assert_false(
        bundle_gives("", 2, "-----BEGIN CERTIFICATE-----\nMAA=\n", -1, ERROR_ACCESS_DENIED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bundles),
        cmocka_unit_test(nothing_is_cached_on_failure),
        cmocka_unit_test(failures_are_reported),
        cmocka_unit_test(changes_are_seen),
        cmocka_unit_test(store_is_read_only),
        cmocka_unit_test(restricted_roots),
        cmocka_unit_test(restricted_roots_grow),
        cmocka_unit_test(exclusive_roots),
        cmocka_unit_test(refused_engines),
        cmocka_unit_test(foreign_engine),
        cmocka_unit_test(positive_control),
    };
    return cmocka_run_group_tests(tests, open_zoo, close_zoo);
}
