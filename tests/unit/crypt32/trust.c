/* SPDX-License-Identifier: MIT */
/*
 * Every status bit that the engine sets and every error of a policy, provoked through the public
 * functions; which errors hide which. certificates.md 7.2 and 7.4, observed.md 16.2 and 16.3.
 */
#include <stdlib.h>
#include <wininet.h>

#include "crypt32/system.h"
#include "folder.h"
#include "zoo_lists.h"

static const struct zoo_cert *root;
static const struct zoo_cert *middle;

static int open_zoo(void **state)
{
    if (folder_setup(state) != 0)
        return -1;
    zoo_open();
    root = ZOO(.name = "root");
    middle = ZOO(.name = "middle", .issuer = root);
    return 0;
}

static int close_zoo(void **state)
{
    system_forget();
    zoo_close();
    return folder_teardown(state);
}

/* ---- one chain ------------------------------------------------------------------------- */

struct setting {
    struct zoo_spec leaf;   /* issuer NULL: `middle` as below; the name is "leaf" */
    struct zoo_spec middle; /* name NULL: the good one */
    bool is_self_signed;
    bool without_middle;
    bool without_root;
    const struct zoo_cert *also;
    const struct zoo_der *list;
    DWORD flags;
};

static HCERTCHAINENGINE engine_of(HCERTSTORE roots)
{
    HCERTCHAINENGINE engine = NULL;
    CERT_CHAIN_ENGINE_CONFIG config = {.cbSize = sizeof config, .hExclusiveRoot = roots};
    assert_true(CertCreateCertificateChainEngine(&config, &engine));
    return engine;
}

static const struct zoo_cert *make_middle(const struct setting *s)
{
    struct zoo_spec spec = s->middle;
    if (spec.name == NULL)
        return middle;
    if (spec.issuer == NULL)
        spec.issuer = root;
    return zoo_make(&spec);
}

static PCCERT_CHAIN_CONTEXT build(const struct setting *s)
{
    struct zoo_spec spec = s->leaf;
    const struct zoo_cert *issuer = make_middle(s);
    spec.name = "leaf";
    if (!s->is_self_signed)
        spec.issuer = issuer;
    if (spec.authority == ZOO_CA)
        spec.authority = ZOO_END;
    const struct zoo_cert *leaf = zoo_make(&spec);
    HCERTSTORE roots = s->without_root ? zoo_store(NULL) : zoo_store(root, NULL);
    HCERTSTORE others = s->without_middle ? zoo_store(NULL) : zoo_store(issuer, s->also, NULL);
    if (s->list != NULL)
        zoo_add_list(others, s->list);
    HCERTCHAINENGINE engine = engine_of(roots);
    FILETIME now = win_filetime_from_unix(ZOO_NOW);
    LPSTR usage[] = {(LPSTR)(uintptr_t)szOID_PKIX_KP_SERVER_AUTH};
    CERT_CHAIN_PARA para = {.cbSize = sizeof para, .RequestedUsage = {.Usage = {1, usage}}};
    PCCERT_CHAIN_CONTEXT chain = NULL;
    assert_true(CertGetCertificateChain(engine, leaf->context, &now, others, &para, s->flags, NULL,
                                        &chain));
    CertFreeCertificateChainEngine(engine);
    CertCloseStore(others, 0);
    CertCloseStore(roots, 0);
    return chain;
}

static CERT_CHAIN_POLICY_STATUS judge(LPCSTR policy, PCCERT_CHAIN_CONTEXT chain, DWORD flags)
{
    CERT_CHAIN_POLICY_PARA para = {.cbSize = sizeof para, .dwFlags = flags};
    CERT_CHAIN_POLICY_STATUS status = {.cbSize = sizeof status, .dwError = 1};
    assert_true(CertVerifyCertificateChainPolicy(policy, chain, &para, &status));
    return status;
}

/* ---- every bit ------------------------------------------------------------------------- */

/* What the engine never sets, and why: no trust lists here; Windows dropped the other two. */
#define NEVER                                                                                      \
    (CERT_TRUST_IS_NOT_TIME_NESTED | CERT_TRUST_HAS_NOT_DEFINED_NAME_CONSTRAINT |                  \
     CERT_TRUST_CTL_IS_NOT_TIME_VALID | CERT_TRUST_CTL_IS_NOT_SIGNATURE_VALID |                    \
     CERT_TRUST_CTL_IS_NOT_VALID_FOR_USAGE)
#define ALL                                                                                        \
    (0x000FFFFFu | CERT_TRUST_HAS_WEAK_SIGNATURE | CERT_TRUST_IS_OFFLINE_REVOCATION |              \
     CERT_TRUST_NO_ISSUANCE_CHAIN_POLICY | CERT_TRUST_IS_EXPLICIT_DISTRUST |                       \
     CERT_TRUST_HAS_NOT_SUPPORTED_CRITICAL_EXT)

struct row {
    const char *what;
    struct setting s;
    DWORD errors;
    int at;      /* the element; -1: the chain only */
    DWORD error; /* BASE */
    int error_at;
};

static bool check_row(const struct row *row)
{
    PCCERT_CHAIN_CONTEXT chain = build(&row->s);
    const CERT_SIMPLE_CHAIN *simple = chain->rgpChain[0];
    CERT_CHAIN_POLICY_STATUS status = judge(CERT_CHAIN_POLICY_BASE, chain, 0);
    bool fits = chain->TrustStatus.dwErrorStatus == row->errors && status.dwError == row->error &&
                status.lElementIndex == row->error_at;
    for (DWORD i = 0; i < simple->cElement; i++) {
        bool is_bad = simple->rgpElement[i]->TrustStatus.dwErrorStatus != 0;
        fits = fits && is_bad == ((int)i == row->at);
    }
    if (!fits)
        print_message("%s: %08x, policy %08x at %d\n", row->what, chain->TrustStatus.dwErrorStatus,
                      status.dwError, (int)status.lElementIndex);
    CertFreeCertificateChain(chain);
    return fits;
}

static void every_bit(void **state)
{
    static const DWORD check = CERT_CHAIN_REVOCATION_CHECK_END_CERT;
    (void)state;
    const struct zoo_cert *loop = ZOO(.name = "loop", .issuer = middle);
    const struct row rows[] = {
        {"out of date",
         {.leaf = {.not_after = ZOO_NOW - 1}},
         CERT_TRUST_IS_NOT_TIME_VALID,
         0,
         (DWORD)CERT_E_EXPIRED,
         0},
        {"a broken signature",
         {.leaf = {.breaks_signature = true}},
         CERT_TRUST_IS_NOT_SIGNATURE_VALID | CERT_TRUST_IS_PARTIAL_CHAIN,
         0,
         (DWORD)TRUST_E_CERT_SIGNATURE,
         0},
        {"a weak signature",
         {.leaf = {.hash = "SHA1"}},
         CERT_TRUST_IS_NOT_SIGNATURE_VALID | CERT_TRUST_HAS_WEAK_SIGNATURE |
             CERT_TRUST_IS_PARTIAL_CHAIN,
         0,
         (DWORD)TRUST_E_CERT_SIGNATURE,
         0},
        {"another usage",
         {.leaf = {.extensions = {{"extendedKeyUsage", "clientAuth"}}}},
         CERT_TRUST_IS_NOT_VALID_FOR_USAGE,
         0,
         (DWORD)CERT_E_WRONG_USAGE,
         0},
        {"an authority that may not sign",
         {.middle = {.name = "m", .extensions = {{"keyUsage", "digitalSignature"}}}},
         CERT_TRUST_IS_NOT_VALID_FOR_USAGE,
         1,
         (DWORD)CERT_E_WRONG_USAGE,
         1},
        {"self-made",
         {.is_self_signed = true},
         CERT_TRUST_IS_UNTRUSTED_ROOT,
         0,
         (DWORD)CERT_E_UNTRUSTEDROOT,
         0},
        {"no issuer",
         {.without_middle = true},
         CERT_TRUST_IS_PARTIAL_CHAIN,
         -1,
         (DWORD)CERT_E_CHAINING,
         -1},
        {"a circle (C26)",
         {.middle = {.name = "middle", .label = "middle", .issuer = loop},
          .also = loop,
          .without_root = true},
         CERT_TRUST_IS_CYCLIC | CERT_TRUST_IS_PARTIAL_CHAIN,
         -1,
         (DWORD)CERT_E_CHAINING,
         -1},
        {"nobody to ask",
         {.flags = check},
         CERT_TRUST_REVOCATION_STATUS_UNKNOWN,
         0,
         (DWORD)CRYPT_E_NO_REVOCATION_CHECK,
         0},
        {"nobody who answers",
         {.leaf = {.extensions = {{"crlDistributionPoints", "URI:http://127.0.0.1/"}}},
          .flags = check},
         CERT_TRUST_REVOCATION_STATUS_UNKNOWN | CERT_TRUST_IS_OFFLINE_REVOCATION,
         0,
         (DWORD)CRYPT_E_REVOCATION_OFFLINE,
         0},
        {"an extension that does not decode",
         {.leaf = {.extensions = {{"2.5.29.15", "DER:0500"}}}},
         CERT_TRUST_INVALID_EXTENSION,
         0,
         (DWORD)CERT_E_CRITICAL,
         0},
        {"an unknown critical extension",
         {.leaf = {.extensions = {{"1.2.3.4", "critical,DER:0500"}}}},
         CERT_TRUST_HAS_NOT_SUPPORTED_CRITICAL_EXT | CERT_TRUST_INVALID_EXTENSION,
         0,
         (DWORD)CERT_E_CRITICAL,
         0},
        {"a policy that is demanded",
         {.middle = {.name = "m",
                     .extensions = {{"policyConstraints", "critical,requireExplicitPolicy:0"}}}},
         CERT_TRUST_INVALID_POLICY_CONSTRAINTS | CERT_TRUST_NO_ISSUANCE_CHAIN_POLICY,
         0,
         (DWORD)CERT_E_INVALID_POLICY,
         0},
        {"no authority",
         {.middle = {.name = "m", .authority = ZOO_END}},
         CERT_TRUST_INVALID_BASIC_CONSTRAINTS,
         1,
         (DWORD)TRUST_E_BASIC_CONSTRAINTS,
         1},
        {"names that constrain nothing",
         {.middle = {.name = "m", .extensions = {{"2.5.29.30", "critical,DER:3000"}}}},
         CERT_TRUST_INVALID_NAME_CONSTRAINTS,
         1,
         (DWORD)CERT_E_INVALID_NAME,
         1},
        {"a name that is not permitted (C25)",
         {.leaf = {.extensions = {{"subjectAltName", "DNS:host.test"}}},
          .middle = {.name = "m",
                     .extensions = {{"nameConstraints", "critical,permitted;DNS:other.test"}}}},
         CERT_TRUST_HAS_NOT_PERMITTED_NAME_CONSTRAINT,
         1,
         (DWORD)CERT_E_INVALID_NAME,
         1},
        {"an excluded name",
         {.leaf = {.extensions = {{"subjectAltName", "DNS:host.test"}}},
          .middle = {.name = "m",
                     .extensions = {{"nameConstraints", "critical,excluded;DNS:test"}}}},
         CERT_TRUST_HAS_EXCLUDED_NAME_CONSTRAINT,
         1,
         (DWORD)CERT_E_INVALID_NAME,
         1},
        {"a kind of name that is not compared",
         {.leaf = {.extensions = {{"subjectAltName", "RID:1.2.3.4"}}},
          .middle = {.name = "m",
                     .extensions = {{"nameConstraints", "critical,permitted;RID:1.2.3"}}}},
         CERT_TRUST_HAS_NOT_SUPPORTED_NAME_CONSTRAINT,
         1,
         (DWORD)CERT_E_INVALID_NAME,
         1},
    };
    DWORD seen = 0;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_true(check_row(&rows[i]));
        seen |= rows[i].errors;
    }
    assert_int_equal(seen | CERT_TRUST_IS_REVOKED | CERT_TRUST_IS_EXPLICIT_DISTRUST, ALL & ~NEVER);
}

/* The one bit whose certificate must be known before: its serial number is in the list. */
static void revoked(void **state)
{
    (void)state;
    const struct zoo_cert *leaf = ZOO(.name = "leaf", .issuer = middle, .authority = ZOO_END);
    struct zoo_der listing =
        LIST(.issuer = middle, .this_update = 86400, .next_update = ZOO_NOW + 10000 * ZOO_DAY,
             .entries = {{.cert = leaf, .reason = 1}});
    HCERTSTORE roots = zoo_store(root, NULL);
    HCERTSTORE others = zoo_store(middle, NULL);
    zoo_add_list(roots, &listing); /* C87 */
    HCERTCHAINENGINE engine = engine_of(roots);
    FILETIME now = win_filetime_from_unix(ZOO_NOW);
    CERT_CHAIN_PARA para = {.cbSize = sizeof para};
    PCCERT_CHAIN_CONTEXT chain = NULL;
    assert_true(CertGetCertificateChain(engine, leaf->context, &now, others, &para,
                                        CERT_CHAIN_REVOCATION_CHECK_END_CERT, NULL, &chain));
    assert_int_equal(chain->TrustStatus.dwErrorStatus, CERT_TRUST_IS_REVOKED);
    assert_int_equal(judge(CERT_CHAIN_POLICY_BASE, chain, 0).dwError, (DWORD)CRYPT_E_REVOKED);
    const CERT_REVOCATION_INFO *info = chain->rgpChain[0]->rgpElement[0]->pRevocationInfo;
    assert_int_equal(info->cbSize, sizeof *info);
    assert_int_equal(info->dwRevocationResult, (DWORD)CRYPT_E_REVOKED);
    assert_true(info->fHasFreshnessTime);
    assert_int_equal(info->pCrlInfo->cbSize, sizeof *info->pCrlInfo);
    assert_memory_equal(info->pCrlInfo->pBaseCrlContext->pbCrlEncoded, listing.bytes, listing.n);
    assert_null(info->pCrlInfo->pDeltaCrlContext);
    assert_ptr_equal(info->pCrlInfo->pCrlEntry,
                     info->pCrlInfo->pBaseCrlContext->pCrlInfo->rgCRLEntry);
    assert_null(chain->rgpChain[0]->rgpElement[1]->pRevocationInfo);
    assert_true(chain->fHasRevocationFreshnessTime);
    assert_true(chain->rgpChain[0]->fHasRevocationFreshnessTime);
    /* Counted, and valid after everything else is gone. */
    assert_ptr_equal(CertDuplicateCertificateChain(chain), chain);
    CertFreeCertificateChain(chain);
    CertFreeCertificateChainEngine(engine);
    CertCloseStore(others, 0);
    CertCloseStore(roots, 0);
    assert_int_equal(info->pCrlInfo->pCrlEntry->cExtension, 1);
    CertFreeCertificateChain(chain);
    assert_null(CertDuplicateCertificateChain(NULL));
}

/* Adds to a store of the user's, or takes out. */
static void edit_store(DWORD location, const char *name, const struct zoo_cert *cert, bool adds)
{
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, 0, location, name);
    assert_non_null(store);
    if (adds) {
        assert_true(CertAddCertificateContextToStore(store, cert->context,
                                                     CERT_STORE_ADD_REPLACE_EXISTING, NULL));
    } else {
        PCCERT_CONTEXT found = CertFindCertificateInStore(store, X509_ASN_ENCODING, 0,
                                                          CERT_FIND_EXISTING, cert->context, NULL);
        assert_true(CertDeleteCertificateFromStore(found));
    }
    assert_true(CertCloseStore(store, 0));
}

static void edit_system(const char *name, const struct zoo_cert *cert, bool adds)
{
    edit_store(CERT_SYSTEM_STORE_CURRENT_USER, name, cert, adds);
}

/* Out of the Disallowed store, with an exclusive root, too, and before every other error. */
static void distrusted(void **state)
{
    (void)state;
    edit_system("Disallowed", middle, true);
    const struct row rows[] = {
        {"an authority",
         {.leaf = {.name = "leaf"}},
         CERT_TRUST_IS_EXPLICIT_DISTRUST,
         1,
         (DWORD)TRUST_E_EXPLICIT_DISTRUST,
         1},
        {"another one", {.middle = {.name = "m"}}, 0, -1, 0, -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_true(check_row(&rows[i]));
    PCCERT_CHAIN_CONTEXT chain = build(&(struct setting){.leaf = {.not_after = ZOO_NOW - 1}});
    assert_int_equal(judge(CERT_CHAIN_POLICY_BASE, chain, 0).dwError,
                     (DWORD)TRUST_E_EXPLICIT_DISTRUST);
    CertFreeCertificateChain(chain);
    /* The verdict of a security context is the same. */
    const struct zoo_cert *leaf = ZOO(.name = "leaf", .issuer = middle, .authority = ZOO_END);
    HCERTSTORE roots = zoo_store(root, NULL);
    HCERTSTORE others = zoo_store(middle, NULL);
    struct chain_request request = {
        .leaf = leaf->context, .additional = others, .exclusive_root = roots, .now = ZOO_NOW};
    struct chain_verdict verdict;
    assert_int_equal(chain_judge(&request, &verdict), OK);
    assert_int_equal(verdict.policy_error, TRUST_E_EXPLICIT_DISTRUST);
    assert_int_equal(verdict.reason, ERR_CERT_UNKNOWN);
    edit_system("Disallowed", middle, false);
    assert_int_equal(chain_judge(&request, &verdict), OK);
    assert_int_equal(verdict.reason, OK);
    CertCloseStore(others, 0);
    CertCloseStore(roots, 0);
}

/* ---- information ----------------------------------------------------------------------- */

static DWORD infos_of(PCCERT_CHAIN_CONTEXT chain, DWORD i)
{
    return chain->rgpChain[0]->rgpElement[i]->TrustStatus.dwInfoStatus;
}

static void infos(void **state)
{
    (void)state;
    const DWORD preferred = CERT_TRUST_HAS_PREFERRED_ISSUER;
    PCCERT_CHAIN_CONTEXT chain = build(&(struct setting){.leaf = {.name = "leaf"}});
    assert_int_equal(infos_of(chain, 0), CERT_TRUST_HAS_NAME_MATCH_ISSUER | preferred);
    assert_int_equal(infos_of(chain, 1), CERT_TRUST_HAS_NAME_MATCH_ISSUER | preferred);
    assert_int_equal(infos_of(chain, 2), CERT_TRUST_HAS_NAME_MATCH_ISSUER | preferred |
                                             CERT_TRUST_IS_SELF_SIGNED |
                                             CERT_TRUST_IS_FROM_EXCLUSIVE_TRUST_STORE);
    assert_int_equal(chain->TrustStatus.dwInfoStatus, preferred);
    CertFreeCertificateChain(chain);
    const struct zoo_extension id = {"subjectKeyIdentifier", "hash"};
    chain = build(&(struct setting){
        .leaf = {.extensions = {{"authorityKeyIdentifier", "keyid:always"},
                                {"2.5.29.32", "DER:3007300506032A0304"},
                                {"subjectAltName", "DNS:host.test"}}},
        .middle = {.name = "with id",
                   .extensions = {id,
                                  {"2.5.29.32", "DER:3007300506032A0304"},
                                  {"nameConstraints", "permitted;DNS:host.test"}}}});
    assert_int_equal(infos_of(chain, 0), CERT_TRUST_HAS_KEY_MATCH_ISSUER | preferred |
                                             CERT_TRUST_HAS_ISSUANCE_CHAIN_POLICY);
    assert_true((infos_of(chain, 1) & CERT_TRUST_HAS_VALID_NAME_CONSTRAINTS) != 0);
    CertFreeCertificateChain(chain);
    chain = build(
        &(struct setting){.leaf = {.extensions = {{"authorityKeyIdentifier", "issuer:always"}}},
                          .middle = {.name = "by number"}});
    assert_int_equal(infos_of(chain, 0), CERT_TRUST_HAS_EXACT_MATCH_ISSUER | preferred);
    CertFreeCertificateChain(chain);
    chain = build(&(struct setting){.without_middle = true});
    assert_int_equal(infos_of(chain, 0), 0);
    CertFreeCertificateChain(chain);
}

/* What is left of the usages, from the root down; NULL is everything. */
static void application_usages(void **state)
{
    static const struct {
        const char *middle;
        const char *leaf;
        int left[2]; /* of the leaf and of the authority; -1: everything */
    } rows[] = {
        {NULL, NULL, {-1, -1}},
        {NULL, "serverAuth,clientAuth", {2, -1}},
        {"serverAuth", NULL, {1, 1}},
        {"serverAuth,codeSigning", "serverAuth,clientAuth", {1, 2}},
        {"codeSigning", "serverAuth", {0, 1}},
        {"anyExtendedKeyUsage", "serverAuth", {1, -1}},
        {"serverAuth", "anyExtendedKeyUsage", {1, 1}},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct setting s = {.middle = {.name = "m"}};
        if (rows[i].middle != NULL)
            s.middle.extensions[0] = (struct zoo_extension){"extendedKeyUsage", rows[i].middle};
        if (rows[i].leaf != NULL)
            s.leaf.extensions[0] = (struct zoo_extension){"extendedKeyUsage", rows[i].leaf};
        PCCERT_CHAIN_CONTEXT chain = build(&s);
        for (int k = 0; k < 2; k++) {
            const CERT_ENHKEY_USAGE *usage = chain->rgpChain[0]->rgpElement[k]->pApplicationUsage;
            assert_int_equal(usage != NULL ? (int)usage->cUsageIdentifier : -1, rows[i].left[k]);
            if (usage != NULL && usage->cUsageIdentifier == 1 && rows[i].middle != NULL && i != 4)
                assert_string_equal(usage->rgpszUsageIdentifier[0], szOID_PKIX_KP_SERVER_AUTH);
        }
        CertFreeCertificateChain(chain);
    }
}

/* An intermediate as the anchor (C89). */
static void trusted_authority(void **state)
{
    (void)state;
    const struct zoo_cert *leaf = ZOO(.name = "leaf", .issuer = middle, .authority = ZOO_END);
    HCERTSTORE roots = zoo_store(middle, NULL);
    FILETIME now = win_filetime_from_unix(ZOO_NOW);
    CERT_CHAIN_PARA para = {.cbSize = sizeof para};
    for (DWORD flags = 0; flags <= CERT_CHAIN_EXCLUSIVE_ENABLE_CA_FLAG; flags++) {
        HCERTCHAINENGINE engine;
        PCCERT_CHAIN_CONTEXT chain = NULL;
        CERT_CHAIN_ENGINE_CONFIG config = {
            .cbSize = sizeof config, .hExclusiveRoot = roots, .dwExclusiveFlags = flags};
        assert_true(CertCreateCertificateChainEngine(&config, &engine));
        assert_true(
            CertGetCertificateChain(engine, leaf->context, &now, NULL, &para, 0, NULL, &chain));
        assert_int_equal(chain->TrustStatus.dwErrorStatus,
                         flags != 0 ? 0 : CERT_TRUST_IS_PARTIAL_CHAIN);
        if (flags != 0)
            assert_int_equal(infos_of(chain, 1),
                             CERT_TRUST_IS_CA_TRUSTED | CERT_TRUST_IS_FROM_EXCLUSIVE_TRUST_STORE);
        CertFreeCertificateChain(chain);
        CertFreeCertificateChainEngine(engine);
    }
    CertCloseStore(roots, 0);
}

/* ---- policies -------------------------------------------------------------------------- */

/* certificates.md 7.4: of two errors the first one of this list is told. */
static void order(void **state)
{
    static const struct {
        DWORD bit;
        LONG error;
    } rows[] = {
        {CERT_TRUST_IS_EXPLICIT_DISTRUST, TRUST_E_EXPLICIT_DISTRUST},
        {CERT_TRUST_IS_NOT_SIGNATURE_VALID, TRUST_E_CERT_SIGNATURE},
        {CERT_TRUST_IS_REVOKED, CRYPT_E_REVOKED},
        {CERT_TRUST_IS_UNTRUSTED_ROOT, CERT_E_UNTRUSTEDROOT},
        {CERT_TRUST_IS_PARTIAL_CHAIN, CERT_E_CHAINING},
        {CERT_TRUST_IS_NOT_VALID_FOR_USAGE, CERT_E_WRONG_USAGE},
        {CERT_TRUST_IS_NOT_TIME_VALID, CERT_E_EXPIRED},
        {CERT_TRUST_HAS_EXCLUDED_NAME_CONSTRAINT, CERT_E_INVALID_NAME},
        {CERT_TRUST_INVALID_POLICY_CONSTRAINTS, CERT_E_INVALID_POLICY},
        {CERT_TRUST_INVALID_BASIC_CONSTRAINTS, TRUST_E_BASIC_CONSTRAINTS},
        {CERT_TRUST_HAS_NOT_SUPPORTED_CRITICAL_EXT, CERT_E_CRITICAL},
        {CERT_TRUST_REVOCATION_STATUS_UNKNOWN, CRYPT_E_NO_REVOCATION_CHECK},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (size_t j = i; j < ARRAY_LEN(rows); j++) {
            struct chain chain = {.count = 2};
            struct chain_policy policy = {.flags = 0};
            LONG at;
            chain.elements[0] =
                (struct chain_element){.cert = cert_of(middle->context), .errors = rows[j].bit};
            chain.elements[1] =
                (struct chain_element){.cert = cert_of(root->context), .errors = rows[i].bit};
            chain.errors = rows[i].bit | rows[j].bit;
            assert_int_equal(chain_policy_error(&chain, &policy, &at), rows[i].error);
            assert_int_equal(at, i == j ? 0 : 1);
        }
    }
}

static void basic_constraints(void **state)
{
    const DWORD authority = BASIC_CONSTRAINTS_CERT_CHAIN_POLICY_CA_FLAG;
    const DWORD end = BASIC_CONSTRAINTS_CERT_CHAIN_POLICY_END_ENTITY_FLAG;
    (void)state;
    PCCERT_CHAIN_CONTEXT chain = build(&(struct setting){.leaf = {.name = "leaf"}});
    assert_int_equal(judge(CERT_CHAIN_POLICY_BASIC_CONSTRAINTS, chain, 0).dwError, 0);
    assert_int_equal(judge(CERT_CHAIN_POLICY_BASIC_CONSTRAINTS, chain, end).dwError, 0);
    CERT_CHAIN_POLICY_STATUS status = judge(CERT_CHAIN_POLICY_BASIC_CONSTRAINTS, chain, authority);
    assert_int_equal(status.dwError, (DWORD)TRUST_E_BASIC_CONSTRAINTS);
    assert_int_equal(status.lElementIndex, 0);
    CertFreeCertificateChain(chain);
    chain = build(&(struct setting){.middle = {.name = "m", .authority = ZOO_END}});
    status = judge(CERT_CHAIN_POLICY_BASIC_CONSTRAINTS, chain, 0); /* C50 */
    assert_int_equal(status.dwError, (DWORD)TRUST_E_BASIC_CONSTRAINTS);
    assert_int_equal(status.lChainIndex, 0);
    assert_int_equal(status.lElementIndex, 1);
    CertFreeCertificateChain(chain);
}

static void nt_auth(void **state)
{
    (void)state;
    PCCERT_CHAIN_CONTEXT chain = build(&(struct setting){.leaf = {.name = "leaf"}});
    CERT_CHAIN_POLICY_STATUS status = judge(CERT_CHAIN_POLICY_NT_AUTH, chain, 0);
    assert_int_equal(status.dwError, (DWORD)CERT_E_UNTRUSTEDCA);
    assert_int_equal(status.lElementIndex, 1);
    /* The machine's store, not the user's. */
    edit_system("NTAuth", middle, true);
    assert_int_equal(judge(CERT_CHAIN_POLICY_NT_AUTH, chain, 0).dwError, (DWORD)CERT_E_UNTRUSTEDCA);
    system_use_machine(getenv("XDG_DATA_HOME"));
    edit_store(CERT_SYSTEM_STORE_LOCAL_MACHINE_ENTERPRISE, "NTAuth", middle, true);
    status = judge(CERT_CHAIN_POLICY_NT_AUTH, chain, 0);
    assert_int_equal(status.dwError, 0);
    assert_int_equal(status.lElementIndex, -1);
    edit_store(CERT_SYSTEM_STORE_LOCAL_MACHINE_ENTERPRISE, "NTAuth", middle, false);
    system_use_machine(NULL);
    assert_int_equal(judge(CERT_CHAIN_POLICY_NT_AUTH, chain, 0).dwError, (DWORD)CERT_E_UNTRUSTEDCA);
    CertFreeCertificateChain(chain);
    chain = build(&(struct setting){.leaf = {.not_after = ZOO_NOW - 1}});
    assert_int_equal(judge(CERT_CHAIN_POLICY_NT_AUTH, chain, 0).dwError, (DWORD)CERT_E_EXPIRED);
    CertFreeCertificateChain(chain);
}

static void other_policies(void **state)
{
    static LPCSTR const policies[] = {NULL,
                                      CERT_CHAIN_POLICY_AUTHENTICODE,
                                      CERT_CHAIN_POLICY_AUTHENTICODE_TS,
                                      CERT_CHAIN_POLICY_MICROSOFT_ROOT,
                                      CERT_CHAIN_POLICY_EV,
                                      CERT_CHAIN_POLICY_SSL_F12,
                                      CERT_CHAIN_POLICY_SSL_HPKP_HEADER,
                                      CERT_CHAIN_POLICY_THIRD_PARTY_ROOT,
                                      CERT_CHAIN_POLICY_SSL_KEY_PIN};
    (void)state;
    PCCERT_CHAIN_CONTEXT chain = build(&(struct setting){.leaf = {.name = "leaf"}});
    CERT_CHAIN_POLICY_PARA para = {.cbSize = sizeof para};
    CERT_CHAIN_POLICY_STATUS status = {.cbSize = sizeof status};
    for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
        SetLastError(0);
        assert_false(CertVerifyCertificateChainPolicy(policies[i], chain, &para, &status));
        assert_int_equal(GetLastError(), ERROR_FILE_NOT_FOUND);
    }
    CertFreeCertificateChain(chain);
}

static void positive_control(void **state)
{
    (void)state;
    const struct row wrong[] = {
        {"errors", {.without_middle = true}, 0, -1, (DWORD)CERT_E_CHAINING, -1},
        {"verdict", {.without_middle = true}, CERT_TRUST_IS_PARTIAL_CHAIN, -1, 0, -1},
        {"element",
         {.leaf = {.not_after = ZOO_NOW - 1}},
         CERT_TRUST_IS_NOT_TIME_VALID,
         1,
         (DWORD)CERT_E_EXPIRED,
         0},
    };
    print_message("three planted expectations:\n");
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_false(check_row(&wrong[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bit),
        cmocka_unit_test(revoked),
        cmocka_unit_test(distrusted),
        cmocka_unit_test(infos),
        cmocka_unit_test(application_usages),
        cmocka_unit_test(trusted_authority),
        cmocka_unit_test(order),
        cmocka_unit_test(basic_constraints),
        cmocka_unit_test(nt_auth),
        cmocka_unit_test(other_policies),
        cmocka_unit_test(positive_control),
    };
    return cmocka_run_group_tests(tests, open_zoo, close_zoo);
}
