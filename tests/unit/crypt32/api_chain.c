/* SPDX-License-Identifier: MIT */
/*
 * The public functions of chains and policies: arguments, structures, ignored errors, revocation
 * flags. certificates.md 7, observed.md 16.1, 16.3, 16.5.
 */
#include <time.h>
#include <wininet.h>

#include "zoo.h"

static const struct zoo_cert *root;
static const struct zoo_cert *middle;
static const struct zoo_cert *leaf;
static HCERTSTORE roots;
static HCERTSTORE others;
static HCERTCHAINENGINE engine;

static int open_zoo(void **state)
{
    (void)state;
    zoo_open();
    root = ZOO(.name = "root");
    middle = ZOO(.name = "middle", .issuer = root);
    leaf = ZOO(.name = "leaf", .issuer = middle, .authority = ZOO_END,
               .extensions = {{"subjectAltName", "DNS:host.test"},
                              {"extendedKeyUsage", "serverAuth"}});
    roots = zoo_store(root, NULL);
    others = zoo_store(middle, NULL);
    CERT_CHAIN_ENGINE_CONFIG config = {.cbSize = sizeof config, .hExclusiveRoot = roots};
    assert_true(CertCreateCertificateChainEngine(&config, &engine));
    return 0;
}

static int close_zoo(void **state)
{
    (void)state;
    CertFreeCertificateChainEngine(engine);
    CertCloseStore(roots, 0);
    CertCloseStore(others, 0);
    zoo_close();
    return 0;
}

#define FAILS(code, call)                                                                          \
    do {                                                                                           \
        SetLastError(0);                                                                           \
        assert_false(call);                                                                        \
        assert_int_equal(GetLastError(), (DWORD)(code));                                           \
    } while (0)

static PCCERT_CHAIN_CONTEXT chain_of(const struct zoo_cert *cert, HCERTSTORE additional,
                                     CERT_CHAIN_PARA *para, DWORD flags, int64_t now)
{
    CERT_CHAIN_PARA none = {.cbSize = sizeof none};
    FILETIME time = win_filetime_from_unix(now);
    PCCERT_CHAIN_CONTEXT chain = NULL;
    assert_true(CertGetCertificateChain(engine, cert->context, &time, additional,
                                        para != NULL ? para : &none, flags, NULL, &chain));
    assert_non_null(chain);
    return chain;
}

/* ---- the chain context ----------------------------------------------------------------- */

static void structure(void **state)
{
    (void)state;
    PCCERT_CHAIN_CONTEXT chain = chain_of(leaf, others, NULL, 0, ZOO_NOW);
    assert_int_equal(chain->cbSize, sizeof *chain);
    assert_int_equal(chain->TrustStatus.dwErrorStatus, 0);
    assert_int_equal(chain->cChain, 1);
    assert_int_equal(chain->cLowerQualityChainContext, 0); /* C10 */
    const CERT_SIMPLE_CHAIN *simple = chain->rgpChain[0];
    assert_int_equal(simple->cbSize, sizeof *simple);
    assert_int_equal(simple->cElement, 3);
    assert_ptr_equal(simple->rgpElement[0]->pCertContext, leaf->context); /* C9 */
    for (DWORD i = 0; i < simple->cElement; i++) {
        assert_int_equal(simple->rgpElement[i]->cbSize, sizeof(CERT_CHAIN_ELEMENT));
        assert_int_equal(simple->rgpElement[i]->TrustStatus.dwErrorStatus, 0);
        assert_true((simple->rgpElement[i]->TrustStatus.dwInfoStatus &
                     CERT_TRUST_HAS_NAME_MATCH_ISSUER) != 0);
    }
    assert_true((simple->rgpElement[2]->TrustStatus.dwInfoStatus & CERT_TRUST_IS_SELF_SIGNED) != 0);
    assert_false((simple->rgpElement[0]->TrustStatus.dwInfoStatus & CERT_TRUST_IS_SELF_SIGNED) !=
                 0);
    CertFreeCertificateChain(chain);
    CertFreeCertificateChain(NULL);
}

static void chain_arguments(void **state)
{
    CERT_CHAIN_PARA para = {.cbSize = sizeof para};
    PCCERT_CHAIN_CONTEXT chain = NULL;
    PCCERT_CONTEXT c = leaf->context;
    int junk[64] = {0};
    (void)state;
    FAILS(E_INVALIDARG, CertGetCertificateChain(engine, NULL, NULL, NULL, &para, 0, NULL, &chain));
    FAILS(E_INVALIDARG, CertGetCertificateChain(engine, c, NULL, NULL, NULL, 0, NULL, &chain));
    FAILS(E_INVALIDARG, CertGetCertificateChain(engine, c, NULL, NULL, &para, 0, NULL, NULL));
    FAILS(E_INVALIDARG, CertGetCertificateChain(engine, c, NULL, junk, &para, 0, NULL, &chain));
    para.RequestedUsage.Usage.cUsageIdentifier = 1;
    FAILS(E_INVALIDARG, CertGetCertificateChain(engine, c, NULL, NULL, &para, 0, NULL, &chain));
    LPSTR usages[17] = {NULL};
    para.RequestedUsage.Usage.rgpszUsageIdentifier = usages;
    FAILS(E_INVALIDARG, CertGetCertificateChain(engine, c, NULL, NULL, &para, 0, NULL, &chain));
    for (size_t i = 0; i < 17; i++)
        usages[i] = (LPSTR)(uintptr_t)szOID_PKIX_KP_SERVER_AUTH;
    para.RequestedUsage.Usage.cUsageIdentifier = 17;
    FAILS(E_INVALIDARG, CertGetCertificateChain(engine, c, NULL, NULL, &para, 0, NULL, &chain));
    assert_null(chain);
    para.RequestedUsage.Usage.cUsageIdentifier = 16;
    assert_true(CertGetCertificateChain(engine, c, NULL, others, &para, 0, NULL, &chain));
    CertFreeCertificateChain(chain);
}

/* C6: whatever stands in cbSize. */
static void para_sizes(void **state)
{
    static const DWORD sizes[] = {0, 4, 32, sizeof(CERT_CHAIN_PARA), sizeof(CERT_CHAIN_PARA) + 1};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        CERT_CHAIN_PARA para = {.cbSize = sizes[i]};
        CertFreeCertificateChain(chain_of(leaf, others, &para, 0, ZOO_NOW));
    }
}

/* C7 */
static void requested_usages(void **state)
{
    LPSTR usages[2] = {(LPSTR)(uintptr_t)szOID_PKIX_KP_CLIENT_AUTH,
                       (LPSTR)(uintptr_t)szOID_PKIX_KP_SERVER_AUTH};
    static const struct {
        DWORD type;
        DWORD from;
        DWORD count;
        DWORD errors;
    } rows[] = {
        {USAGE_MATCH_TYPE_AND, 0, 0, 0},
        {USAGE_MATCH_TYPE_AND, 1, 1, 0},
        {USAGE_MATCH_TYPE_AND, 0, 1, CERT_TRUST_IS_NOT_VALID_FOR_USAGE},
        {USAGE_MATCH_TYPE_AND, 0, 2, CERT_TRUST_IS_NOT_VALID_FOR_USAGE},
        {USAGE_MATCH_TYPE_OR, 0, 2, 0},
        {USAGE_MATCH_TYPE_OR, 0, 1, CERT_TRUST_IS_NOT_VALID_FOR_USAGE},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CERT_CHAIN_PARA para = {
            .cbSize = sizeof para,
            .RequestedUsage = {rows[i].type, {rows[i].count, usages + rows[i].from}}};
        PCCERT_CHAIN_CONTEXT chain = chain_of(leaf, others, &para, 0, ZOO_NOW);
        assert_int_equal(chain->TrustStatus.dwErrorStatus, rows[i].errors);
        CertFreeCertificateChain(chain);
    }
}

static void no_memory(void **state)
{
    CERT_CHAIN_PARA para = {.cbSize = sizeof para};
    FILETIME now = win_filetime_from_unix(ZOO_NOW);
    PCCERT_CHAIN_CONTEXT chain = NULL;
    (void)state;
    for (uint64_t n = 1;; n++) {
        int64_t live = mem_live();
        mem_fail_at(n, false);
        BOOL done =
            CertGetCertificateChain(engine, leaf->context, &now, others, &para, 0, NULL, &chain);
        mem_fail_at(0, false);
        if (done)
            break;
        assert_int_equal(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
        assert_int_equal(mem_live(), live);
        assert_true(n < 100);
    }
    assert_int_equal(chain->TrustStatus.dwErrorStatus, 0);
    CertFreeCertificateChain(chain);
}

/* ---- policies -------------------------------------------------------------------------- */

struct policy_row {
    const char *what;
    LPCSTR policy;
    DWORD flags;
    DWORD checks;
    DWORD auth_type; /* 0: no SSL parameters at all */
    const char *name;
    LONG error;
    LONG at;
};

static bool verified_as(PCCERT_CHAIN_CONTEXT chain, const struct policy_row *row)
{
    WCHAR *name = win_utf16_dup(row->name);
    SSL_EXTRA_CERT_CHAIN_POLICY_PARA extra = {.cbSize = sizeof extra,
                                              .dwAuthType = row->auth_type,
                                              .fdwChecks = row->checks,
                                              .pwszServerName = name};
    CERT_CHAIN_POLICY_PARA para = {.cbSize = sizeof para,
                                   .dwFlags = row->flags,
                                   .pvExtraPolicyPara = row->auth_type != 0 ? &extra : NULL};
    CERT_CHAIN_POLICY_STATUS status = {.cbSize = sizeof status, .dwError = 77};
    assert_true(CertVerifyCertificateChainPolicy(row->policy, chain, &para, &status));
    mem_free(name);
    bool fits = status.dwError == (DWORD)row->error &&
                status.lChainIndex == (row->error != 0 ? 0 : -1) &&
                status.lElementIndex == (row->error != 0 ? row->at : -1);
    if (!fits)
        print_message("%s: %08x at %d\n", row->what, status.dwError, (int)status.lElementIndex);
    return fits;
}

#define SSL  CERT_CHAIN_POLICY_SSL
#define BASE CERT_CHAIN_POLICY_BASE

static void good_chain(void **state)
{
    static const struct policy_row rows[] = {
        {"base", BASE, 0, 0, 0, NULL, 0, 0},
        {"SSL without parameters", SSL, 0, 0, 0, NULL, 0, 0},
        {"server", SSL, 0, 0, AUTHTYPE_SERVER, "host.test", 0, 0},
        {"case and dot", SSL, 0, 0, AUTHTYPE_SERVER, "HOST.test.", 0, 0},
        {"no name (C72)", SSL, 0, 0, AUTHTYPE_SERVER, NULL, 0, 0},
        {"empty name (C73)", SSL, 0, 0, AUTHTYPE_SERVER, "", 0, 0},
        {"other name (C61)", SSL, 0, 0, AUTHTYPE_SERVER, "other.test", CERT_E_CN_NO_MATCH, 0},
        {"other name ignored (C68)", SSL, 0, SECURITY_FLAG_IGNORE_CERT_CN_INVALID, AUTHTYPE_SERVER,
         "other.test", 0, 0},
        {"base takes no name", BASE, 0, 0, AUTHTYPE_SERVER, "other.test", 0, 0},
        {"a client must be one", SSL, 0, 0, AUTHTYPE_CLIENT, "other.test", CERT_E_WRONG_USAGE, 0},
        {"that ignored, and the name of no client counts", SSL, 0, SECURITY_FLAG_IGNORE_WRONG_USAGE,
         AUTHTYPE_CLIENT, "other.test", 0, 0},
        {"by the other flag", SSL, CERT_CHAIN_POLICY_IGNORE_WRONG_USAGE_FLAG, 0, AUTHTYPE_CLIENT,
         NULL, 0, 0},
    };
    (void)state;
    PCCERT_CHAIN_CONTEXT chain = chain_of(leaf, others, NULL, 0, ZOO_NOW);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_true(verified_as(chain, &rows[i]));
    CertFreeCertificateChain(chain);
}

/* C52: with several ignored the next problem is reported. */
static void ignored_errors(void **state)
{
    const DWORD ca = SECURITY_FLAG_IGNORE_UNKNOWN_CA;
    const DWORD date = SECURITY_FLAG_IGNORE_CERT_DATE_INVALID;
    const DWORD usage = SECURITY_FLAG_IGNORE_WRONG_USAGE;
    const DWORD name = SECURITY_FLAG_IGNORE_CERT_CN_INVALID;
    const struct policy_row rows[] = {
        {"all of it", SSL, 0, 0, AUTHTYPE_SERVER, "x", CERT_E_UNTRUSTEDROOT, 0},
        {"CA", SSL, 0, ca, AUTHTYPE_SERVER, "x", CERT_E_WRONG_USAGE, 0},
        {"CA, usage", SSL, 0, ca | usage, AUTHTYPE_SERVER, "x", CERT_E_EXPIRED, 0},
        {"CA, usage, date", SSL, 0, ca | usage | date, AUTHTYPE_SERVER, "x", CERT_E_CN_NO_MATCH, 0},
        {"CA, usage, date, name", SSL, 0, ca | usage | date | name, AUTHTYPE_SERVER, "x", 0, 0},
        {"flags for CA", SSL, CERT_CHAIN_POLICY_ALLOW_UNKNOWN_CA_FLAG, usage, AUTHTYPE_SERVER, "x",
         CERT_E_EXPIRED, 0},
        {"flags for time", SSL, CERT_CHAIN_POLICY_IGNORE_NOT_TIME_VALID_FLAG, ca | usage,
         AUTHTYPE_SERVER, "x", CERT_E_CN_NO_MATCH, 0},
        {"checks mean nothing to BASE", BASE, 0, ca, AUTHTYPE_SERVER, "x", CERT_E_UNTRUSTEDROOT, 0},
        {"flags do", BASE, CERT_CHAIN_POLICY_ALLOW_UNKNOWN_CA_FLAG, 0, 0, NULL, CERT_E_EXPIRED, 0},
        {"both", BASE,
         CERT_CHAIN_POLICY_ALLOW_UNKNOWN_CA_FLAG | CERT_CHAIN_POLICY_IGNORE_NOT_TIME_VALID_FLAG, 0,
         0, NULL, 0, 0},
    };
    (void)state;
    const struct zoo_cert *bad =
        ZOO(.name = "bad", .authority = ZOO_END, .not_after = ZOO_NOW - ZOO_DAY,
            .extensions = {{"extendedKeyUsage", "clientAuth"}});
    PCCERT_CHAIN_CONTEXT chain = chain_of(bad, NULL, NULL, 0, ZOO_NOW);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_true(verified_as(chain, &rows[i]));
    CertFreeCertificateChain(chain);
    const struct zoo_cert *forged = ZOO(.name = "forged", .issuer = root, .breaks_signature = true);
    chain = chain_of(forged, NULL, NULL, 0, ZOO_NOW);
    assert_true(verified_as(chain, &(struct policy_row){"a signature is never ignored", SSL,
                                                        UINT32_MAX, UINT32_MAX, AUTHTYPE_SERVER,
                                                        NULL, TRUST_E_CERT_SIGNATURE, 0}));
    CertFreeCertificateChain(chain);
}

static void policy_arguments(void **state)
{
    static const LPCSTR unknown[] = {NULL, CERT_CHAIN_POLICY_AUTHENTICODE, CERT_CHAIN_POLICY_EV,
                                     (LPCSTR)99, "1.2.3"};
    CERT_CHAIN_POLICY_STATUS status = {0};
    (void)state;
    PCCERT_CHAIN_CONTEXT chain = chain_of(leaf, others, NULL, 0, ZOO_NOW);
    for (size_t i = 0; i < ARRAY_LEN(unknown); i++) /* C41 */
        FAILS(ERROR_FILE_NOT_FOUND,
              CertVerifyCertificateChainPolicy(unknown[i], chain, NULL, &status));
    FAILS(E_INVALIDARG, CertVerifyCertificateChainPolicy(SSL, NULL, NULL, &status));
    FAILS(E_INVALIDARG, CertVerifyCertificateChainPolicy(SSL, chain, NULL, NULL));
    /* C42: sizes and missing parameters change nothing. */
    assert_true(CertVerifyCertificateChainPolicy(SSL, chain, NULL, &status));
    assert_int_equal(status.dwError, 0);
    SSL_EXTRA_CERT_CHAIN_POLICY_PARA extra = {.pwszServerName = (WCHAR *)(uintptr_t)u"other"};
    CERT_CHAIN_POLICY_PARA para = {.cbSize = 99, .pvExtraPolicyPara = &extra};
    assert_true(CertVerifyCertificateChainPolicy(SSL, chain, &para, &status));
    assert_int_equal(status.dwError, 0);
    extra.cbSize = sizeof extra;
    assert_true(CertVerifyCertificateChainPolicy(SSL, chain, &para, &status));
    assert_int_equal(status.dwError, (DWORD)CERT_E_CN_NO_MATCH);
    mem_fail_at(1, false);
    FAILS(ERROR_NOT_ENOUGH_MEMORY, CertVerifyCertificateChainPolicy(SSL, chain, &para, &status));
    mem_fail_at(0, false);
    CertFreeCertificateChain(chain);
}

/* ---- revocation ------------------------------------------------------------------------ */

static void revocation(void **state)
{
    const DWORD unknown = CERT_TRUST_REVOCATION_STATUS_UNKNOWN;
    const DWORD offline = CERT_TRUST_IS_OFFLINE_REVOCATION | unknown;
    const DWORD end = CERT_CHAIN_POLICY_IGNORE_END_REV_UNKNOWN_FLAG;
    const DWORD ca = CERT_CHAIN_POLICY_IGNORE_CA_REV_UNKNOWN_FLAG;
    const DWORD all = CERT_CHAIN_POLICY_IGNORE_ALL_REV_UNKNOWN_FLAGS;
    const struct {
        DWORD flags;
        DWORD elements[3];
        DWORD ignored;
        LONG error;
        LONG at;
    } rows[] = {
        {0, {0, 0, 0}, 0, 0, 0},
        {CERT_CHAIN_REVOCATION_CHECK_END_CERT, {offline, 0, 0}, 0, CRYPT_E_REVOCATION_OFFLINE, 0},
        {CERT_CHAIN_REVOCATION_CHECK_END_CERT, {offline, 0, 0}, ca, CRYPT_E_REVOCATION_OFFLINE, 0},
        {CERT_CHAIN_REVOCATION_CHECK_END_CERT, {offline, 0, 0}, end, 0, 0},
        {CERT_CHAIN_REVOCATION_CHECK_CHAIN,
         {offline, unknown, 0},
         end,
         CRYPT_E_NO_REVOCATION_CHECK,
         1}, /* C86 */
        {CERT_CHAIN_REVOCATION_CHECK_CHAIN, {offline, unknown, 0}, end | ca, 0, 0},
        {CERT_CHAIN_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT,
         {offline, unknown, 0},
         0,
         CRYPT_E_REVOCATION_OFFLINE,
         0},
        {CERT_CHAIN_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT, {offline, unknown, 0}, all, 0, 0},
    };
    (void)state;
    const struct zoo_cert *revocable =
        ZOO(.name = "leaf", .issuer = middle, .authority = ZOO_END,
            .extensions = {{"subjectAltName", "DNS:host.test"},
                           {"crlDistributionPoints", "URI:http://127.0.0.1/1"}});
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        PCCERT_CHAIN_CONTEXT chain = chain_of(revocable, others, NULL, rows[i].flags, ZOO_NOW);
        for (size_t j = 0; j < 3; j++)
            assert_int_equal(chain->rgpChain[0]->rgpElement[j]->TrustStatus.dwErrorStatus,
                             rows[i].elements[j]); /* C8 */
        assert_true(verified_as(chain, &(struct policy_row){"revocation", SSL, rows[i].ignored, 0,
                                                            AUTHTYPE_SERVER, "host.test",
                                                            rows[i].error, rows[i].at}));
        assert_true(verified_as(chain, &(struct policy_row){"revocation ignored", SSL, 0,
                                                            SECURITY_FLAG_IGNORE_REVOCATION,
                                                            AUTHTYPE_SERVER, "host.test", 0, 0}));
        CertFreeCertificateChain(chain);
    }
    /* C85: an anchor is not asked. */
    PCCERT_CHAIN_CONTEXT chain =
        chain_of(root, NULL, NULL, CERT_CHAIN_REVOCATION_CHECK_CHAIN, ZOO_NOW);
    assert_int_equal(chain->TrustStatus.dwErrorStatus, 0);
    CertFreeCertificateChain(chain);
}

/* SCH_CRED_IGNORE_NO_REVOCATION_CHECK and SCH_CRED_IGNORE_REVOCATION_OFFLINE: each its own. */
static void ignored_revocation(void **state)
{
    (void)state;
    const struct zoo_cert *points[] = {
        ZOO(.name = "nowhere", .issuer = root, .authority = ZOO_END),
        ZOO(.name = "somewhere", .issuer = root, .authority = ZOO_END,
            .extensions = {{"authorityInfoAccess", "OCSP;URI:http://127.0.0.1/"}})};
    for (int i = 0; i < 8; i++) {
        struct chain_request request = {.leaf = points[i & 1]->context,
                                        .exclusive_root = roots,
                                        .now = ZOO_NOW,
                                        .chain_flags = CERT_CHAIN_REVOCATION_CHECK_END_CERT,
                                        .ignore_no_revocation_check = (i & 2) != 0,
                                        .ignore_revocation_offline = (i & 4) != 0};
        struct chain_verdict verdict;
        bool ignored = (i & 1) != 0 ? (i & 4) != 0 : (i & 2) != 0;
        assert_int_equal(chain_judge(&request, &verdict), OK);
        assert_int_equal(verdict.reason, ignored        ? OK
                                         : (i & 1) != 0 ? ERR_CERT_REVOCATION_OFFLINE
                                                        : ERR_CERT_NO_REVOCATION_CHECK);
    }
}

/* ---- small ones ------------------------------------------------------------------------ */

static void time_validity(void **state)
{
    const CERT_INFO *info = leaf->context->pCertInfo;
    FILETIME at = info->NotBefore;
    PCERT_INFO subject = (PCERT_INFO)(uintptr_t)info;
    (void)state;
    assert_int_equal(CertVerifyTimeValidity(&at, subject), 0);
    at.dwLowDateTime--;
    assert_int_equal(CertVerifyTimeValidity(&at, subject), -1);
    at = info->NotAfter;
    assert_int_equal(CertVerifyTimeValidity(&at, subject), 0);
    at.dwLowDateTime++;
    assert_int_equal(CertVerifyTimeValidity(&at, subject), 1);
    LONG now = time(NULL) < ZOO_NOW - 365 * ZOO_DAY   ? -1
               : time(NULL) > ZOO_NOW + 365 * ZOO_DAY ? 1
                                                      : 0;
    assert_int_equal(CertVerifyTimeValidity(NULL, subject), now);
}

static void comparisons(void **state)
{
    PCERT_INFO a = leaf->context->pCertInfo;
    PCERT_INFO b = middle->context->pCertInfo;
    (void)state;
    assert_true(CertCompareCertificateName(X509_ASN_ENCODING, &a->Issuer, &b->Subject));
    assert_false(CertCompareCertificateName(X509_ASN_ENCODING, &a->Subject, &b->Subject));
    assert_true(CertCompareCertificate(X509_ASN_ENCODING, a, a));
    assert_false(CertCompareCertificate(X509_ASN_ENCODING, a, b));
}

static void positive_control(void **state)
{
    (void)state;
    PCCERT_CHAIN_CONTEXT chain = chain_of(leaf, others, NULL, 0, ZOO_NOW);
    print_message("three planted verdicts:\n");
    assert_false(verified_as(chain, &(struct policy_row){"error", SSL, 0, 0, AUTHTYPE_SERVER,
                                                         "host.test", CERT_E_EXPIRED, 0}));
    assert_false(verified_as(
        chain, &(struct policy_row){"none", SSL, 0, 0, AUTHTYPE_SERVER, "other.test", 0, 0}));
    assert_false(verified_as(chain, &(struct policy_row){"place", SSL, 0, 0, AUTHTYPE_SERVER,
                                                         "other.test", CERT_E_CN_NO_MATCH, 1}));
    CertFreeCertificateChain(chain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(structure),        cmocka_unit_test(chain_arguments),
        cmocka_unit_test(para_sizes),       cmocka_unit_test(requested_usages),
        cmocka_unit_test(no_memory),        cmocka_unit_test(good_chain),
        cmocka_unit_test(ignored_errors),   cmocka_unit_test(policy_arguments),
        cmocka_unit_test(revocation),       cmocka_unit_test(ignored_revocation),
        cmocka_unit_test(time_validity),    cmocka_unit_test(comparisons),
        cmocka_unit_test(positive_control),
    };
    return cmocka_run_group_tests(tests, open_zoo, close_zoo);
}
