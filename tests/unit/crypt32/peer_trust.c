/* SPDX-License-Identifier: MIT */
/*
 * End certificates that are trusted as they stand: hExclusiveTrustedPeople of an engine, and the
 * system's TrustedPeople under CERT_CHAIN_ENABLE_PEER_TRUST.
 */
#include "folder.h"
#include "zoo.h"

static const struct zoo_cert *root;
static const struct zoo_cert *middle;
static const struct zoo_cert *leaf;

static int open_zoo(void **state)
{
    if (folder_setup(state) != 0)
        return -1;
    zoo_open();
    root = ZOO(.name = "root");
    middle = ZOO(.name = "middle", .issuer = root);
    leaf = ZOO(.name = "leaf", .issuer = middle, .authority = ZOO_END,
               .extensions = {{"extendedKeyUsage", "serverAuth"}});
    return 0;
}

static int close_zoo(void **state)
{
    zoo_close();
    return folder_teardown(state);
}

/* ---- one chain ------------------------------------------------------------------------- */

struct question {
    const struct zoo_cert *cert;
    const struct zoo_cert *trusted_peer; /* NULL: no store of people */
    const struct zoo_cert *trusted_root; /* NULL: no store of roots */
    DWORD flags;
    LPCSTR usage; /* NULL: any */
    int64_t now;  /* 0: ZOO_NOW */
};

static HCERTCHAINENGINE open_engine(const struct question *q)
{
    HCERTSTORE people = q->trusted_peer != NULL ? zoo_store(q->trusted_peer, NULL) : NULL;
    HCERTSTORE roots = q->trusted_root != NULL ? zoo_store(q->trusted_root, NULL) : NULL;
    CERT_CHAIN_ENGINE_CONFIG config = {
        .cbSize = sizeof config, .hExclusiveRoot = roots, .hExclusiveTrustedPeople = people};
    HCERTCHAINENGINE engine = NULL;
    if (people != NULL || roots != NULL)
        assert_true(CertCreateCertificateChainEngine(&config, &engine));
    if (people != NULL)
        CertCloseStore(people, 0);
    if (roots != NULL)
        CertCloseStore(roots, 0);
    return engine;
}

static PCCERT_CHAIN_CONTEXT build(const struct question *q)
{
    LPSTR usages[] = {(LPSTR)(uintptr_t)q->usage};
    CERT_CHAIN_PARA para = {
        .cbSize = sizeof para,
        .RequestedUsage = {USAGE_MATCH_TYPE_OR, {q->usage != NULL ? 1 : 0, usages}}};
    FILETIME time = win_filetime_from_unix(q->now != 0 ? q->now : ZOO_NOW);
    HCERTCHAINENGINE engine = open_engine(q);
    PCCERT_CHAIN_CONTEXT chain = NULL;
    assert_true(CertGetCertificateChain(engine, q->cert->context, &time, NULL, &para, q->flags,
                                        NULL, &chain));
    if (engine != NULL)
        CertFreeCertificateChainEngine(engine);
    return chain;
}

#define ASK(...) build(&(struct question){__VA_ARGS__})

static DWORD errors_then_free(PCCERT_CHAIN_CONTEXT chain)
{
    DWORD errors = chain->TrustStatus.dwErrorStatus;
    CertFreeCertificateChain(chain);
    return errors;
}

static DWORD policy_error(PCCERT_CHAIN_CONTEXT chain, LPCSTR policy, DWORD flags)
{
    CERT_CHAIN_POLICY_PARA para = {.cbSize = sizeof para, .dwFlags = flags};
    CERT_CHAIN_POLICY_STATUS status = {.cbSize = sizeof status};
    assert_true(CertVerifyCertificateChainPolicy(policy, chain, &para, &status));
    return status.dwError;
}

/* ---- an engine's own people ------------------------------------------------------------ */

static void stands_alone(void **state)
{
    (void)state;
    PCCERT_CHAIN_CONTEXT chain = ASK(.cert = leaf, .trusted_peer = leaf);
    assert_int_equal(chain->TrustStatus.dwErrorStatus, 0);
    assert_int_equal(chain->rgpChain[0]->cElement, 1);
    assert_int_equal(chain->rgpChain[0]->rgpElement[0]->TrustStatus.dwInfoStatus,
                     CERT_TRUST_IS_PEER_TRUSTED | CERT_TRUST_IS_FROM_EXCLUSIVE_TRUST_STORE);
    assert_int_equal(policy_error(chain, CERT_CHAIN_POLICY_BASE, 0), 0);
    assert_int_equal(policy_error(chain, CERT_CHAIN_POLICY_SSL, 0), 0);
    assert_int_equal(
        policy_error(chain, CERT_CHAIN_POLICY_BASE, CERT_CHAIN_POLICY_IGNORE_PEER_TRUST_FLAG),
        (DWORD)CERT_E_UNTRUSTEDROOT);
    CertFreeCertificateChain(chain);
    /* Nobody is asked whether it is revoked. */
    chain = ASK(.cert = leaf, .trusted_peer = leaf, .flags = CERT_CHAIN_REVOCATION_CHECK_CHAIN);
    assert_int_equal(chain->TrustStatus.dwErrorStatus, 0);
    CertFreeCertificateChain(chain);
}

static void is_still_looked_at(void **state)
{
    (void)state;
    assert_int_equal(
        errors_then_free(ASK(.cert = leaf, .trusted_peer = leaf, .now = ZOO_NOW + 800 * ZOO_DAY)),
        CERT_TRUST_IS_NOT_TIME_VALID);
    assert_int_equal(errors_then_free(ASK(.cert = leaf, .trusted_peer = leaf,
                                          .usage = szOID_PKIX_KP_CLIENT_AUTH)),
                     CERT_TRUST_IS_NOT_VALID_FOR_USAGE);
    assert_int_equal(errors_then_free(ASK(.cert = leaf, .trusted_peer = leaf,
                                          .usage = szOID_PKIX_KP_SERVER_AUTH)),
                     0);
}

/* Only itself: not what it has issued, not its sister of the same key, and no root any more. */
static void trusts_nobody_else(void **state)
{
    (void)state;
    const struct zoo_cert *twin =
        ZOO(.name = "leaf", .issuer = middle, .authority = ZOO_END, .not_after = ZOO_NOW + ZOO_DAY);
    assert_int_equal(errors_then_free(ASK(.cert = leaf, .trusted_peer = middle)),
                     CERT_TRUST_IS_PARTIAL_CHAIN);
    assert_int_equal(errors_then_free(ASK(.cert = twin, .trusted_peer = leaf)),
                     CERT_TRUST_IS_PARTIAL_CHAIN);
    assert_int_equal(errors_then_free(ASK(.cert = root, .trusted_peer = leaf)),
                     CERT_TRUST_IS_UNTRUSTED_ROOT);
    /* Beside roots of its own the engine knows both. */
    PCCERT_CHAIN_CONTEXT chain = ASK(.cert = middle, .trusted_peer = leaf, .trusted_root = root);
    assert_int_equal(chain->TrustStatus.dwErrorStatus, 0);
    assert_int_equal(chain->rgpChain[0]->cElement, 2);
    CertFreeCertificateChain(chain);
}

/* ---- the system's people --------------------------------------------------------------- */

static void of_the_system(void **state)
{
    (void)state;
    HCERTSTORE people = CertOpenSystemStoreA(0, "TrustedPeople");
    PCCERT_CONTEXT added = NULL;
    assert_non_null(people);
    assert_true(
        CertAddCertificateContextToStore(people, leaf->context, CERT_STORE_ADD_ALWAYS, &added));
    assert_int_equal(errors_then_free(ASK(.cert = leaf)), CERT_TRUST_IS_PARTIAL_CHAIN);
    PCCERT_CHAIN_CONTEXT chain = ASK(.cert = leaf, .flags = CERT_CHAIN_ENABLE_PEER_TRUST);
    assert_int_equal(chain->TrustStatus.dwErrorStatus, 0);
    assert_int_equal(chain->rgpChain[0]->rgpElement[0]->TrustStatus.dwInfoStatus,
                     CERT_TRUST_IS_PEER_TRUSTED);
    CertFreeCertificateChain(chain);
    /* An exclusive engine does not know them. */
    assert_int_equal(errors_then_free(ASK(.cert = leaf, .trusted_root = root,
                                          .flags = CERT_CHAIN_ENABLE_PEER_TRUST)),
                     CERT_TRUST_IS_PARTIAL_CHAIN);
    /* A security context does not ask for it. */
    struct chain_request request = {.leaf = leaf->context, .now = ZOO_NOW};
    struct chain_verdict verdict;
    assert_int_equal(chain_judge(&request, &verdict), OK);
    assert_int_equal(verdict.reason, ERR_CERT_UNTRUSTED_ROOT);
    assert_true(CertDeleteCertificateFromStore(added));
    assert_true(CertCloseStore(people, 0));
    assert_int_equal(errors_then_free(ASK(.cert = leaf, .flags = CERT_CHAIN_ENABLE_PEER_TRUST)),
                     CERT_TRUST_IS_PARTIAL_CHAIN);
}

static void positive_control(void **state)
{
    (void)state;
    assert_int_not_equal(errors_then_free(ASK(.cert = leaf, .trusted_peer = middle)), 0);
    assert_int_not_equal(errors_then_free(ASK(.cert = leaf, .trusted_root = leaf)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stands_alone),       cmocka_unit_test(is_still_looked_at),
        cmocka_unit_test(trusts_nobody_else), cmocka_unit_test(of_the_system),
        cmocka_unit_test(positive_control),
    };
    return cmocka_run_group_tests(tests, open_zoo, close_zoo);
}
