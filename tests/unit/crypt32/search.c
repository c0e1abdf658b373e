/* SPDX-License-Identifier: MIT */
/*
 * The search for paths: which of several is taken, worse ones on request, what bounds it (shown by
 * counts), and what it remembers of authorities' signatures. certificates.md 7.2, RFC 4158.
 */
#include "crypt32/proof.h"
#include "zoo.h"

#include <sys/wait.h>
#include <unistd.h>

static const struct zoo_cert *root;

static int open_zoo(void **state)
{
    (void)state;
    zoo_open();
    root = ZOO(.name = "root");
    return 0;
}

static int close_zoo(void **state)
{
    (void)state;
    zoo_close();
    return 0;
}

static struct chain_budget full(void)
{
    return (struct chain_budget){.signatures = CHAIN_SIGNATURES_MAX, .lists = CHAIN_LISTS_MAX};
}

static struct chain_inputs inputs_of(const struct zoo_cert *leaf, HCERTSTORE others,
                                     HCERTSTORE roots)
{
    return (struct chain_inputs){.leaf = cert_of(leaf->context),
                                 .searched = {store_of(others)},
                                 .roots = store_of(roots),
                                 .now = ZOO_NOW};
}

static bool is_at(const struct chain *chain, size_t i, const struct zoo_cert *cert)
{
    return i < chain->count && cert_same(chain->elements[i].cert, cert_of(cert->context));
}

/* ---- which one ------------------------------------------------------------------------- */

/* Each second issuer is worse in one thing; whatever the order in the store, the first is taken. */
static void better_one(void **state)
{
    const struct zoo_cert *stranger = ZOO(.name = "stranger");
    const struct {
        const char *what;
        struct zoo_spec worse;
    } rows[] = {
        {"of another key", {.name = "middle", .label = "other", .issuer = root}},
        {"out of date", {.name = "middle", .issuer = root, .not_after = ZOO_NOW - 1}},
        {"of an unknown issuer", {.name = "middle", .issuer = stranger}},
        {"no authority", {.name = "middle", .issuer = root, .authority = ZOO_END}},
        {"with a broken signature", {.name = "middle", .issuer = root, .breaks_signature = true}},
        {"with an odd extension",
         {.name = "middle", .issuer = root, .extensions = {{"1.2.3.4", "critical,DER:0500"}}}},
        {"not for lists or certificates",
         {.name = "middle", .issuer = root, .extensions = {{"keyUsage", "digitalSignature"}}}},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct zoo_cert *good = ZOO(.name = "middle", .issuer = root);
        const struct zoo_cert *worse = zoo_make(&rows[i].worse);
        const struct zoo_cert *leaf = ZOO(.name = "leaf", .issuer = good, .authority = ZOO_END);
        for (int order = 0; order < 2; order++) {
            HCERTSTORE others =
                order == 0 ? zoo_store(good, worse, NULL) : zoo_store(worse, good, NULL);
            HCERTSTORE roots = zoo_store(root, NULL);
            struct chain_inputs inputs = inputs_of(leaf, others, roots);
            struct chain chain;
            assert_int_equal(chain_build(&inputs, &chain), OK);
            if (chain.errors != 0 || !is_at(&chain, 1, good))
                print_message("%s\n", rows[i].what);
            assert_int_equal(chain.errors, 0);
            assert_true(is_at(&chain, 1, good));
            chain_release(&chain);
            CertCloseStore(others, 0);
            CertCloseStore(roots, 0);
        }
    }
}

/* Two certificates up, where the first one's only path ends in the air. */
static void deep_backtracking(void **state)
{
    (void)state;
    const struct zoo_cert *stranger = ZOO(.name = "stranger");
    const struct zoo_cert *upper_wrong = ZOO(.name = "upper", .issuer = stranger);
    const struct zoo_cert *upper = ZOO(.name = "upper", .issuer = root);
    const struct zoo_cert *middle = ZOO(.name = "middle", .issuer = upper);
    const struct zoo_cert *leaf = ZOO(.name = "leaf", .issuer = middle, .authority = ZOO_END);
    HCERTSTORE others = zoo_store(upper_wrong, middle, upper, NULL);
    HCERTSTORE roots = zoo_store(root, NULL);
    struct chain_inputs inputs = inputs_of(leaf, others, roots);
    struct chain chain;
    assert_int_equal(chain_build(&inputs, &chain), OK);
    assert_int_equal(chain.errors, 0);
    assert_int_equal(chain.count, 4);
    assert_true(is_at(&chain, 2, upper));
    chain_release(&chain);
    CertCloseStore(others, 0);
    CertCloseStore(roots, 0);
}

/* The right key identifier is tried first: one signature for each element, however many there are.
 */
static void key_identifiers(void **state)
{
    enum { CROWD = 20 };
    (void)state;
    HCERTSTORE others = zoo_store(NULL);
    const struct zoo_extension id = {"subjectKeyIdentifier", "hash"};
    for (int i = 0; i < CROWD; i++) {
        char label[32];
        snprintf(label, sizeof label, "crowd %d", i);
        const struct zoo_cert *one =
            ZOO(.name = "middle", .label = label, .issuer = root, .extensions = {id});
        assert_true(
            CertAddCertificateContextToStore(others, one->context, CERT_STORE_ADD_ALWAYS, NULL));
    }
    const struct zoo_cert *middle = ZOO(.name = "middle", .issuer = root, .extensions = {id});
    const struct zoo_cert *leaf = ZOO(.name = "leaf", .issuer = middle, .authority = ZOO_END,
                                      .extensions = {{"authorityKeyIdentifier", "keyid:always"}});
    assert_true(
        CertAddCertificateContextToStore(others, middle->context, CERT_STORE_ADD_ALWAYS, NULL));
    HCERTSTORE roots = zoo_store(root, NULL);
    struct chain_inputs inputs = inputs_of(leaf, others, roots);
    struct chain_budget budget = full();
    struct chain chain;
    assert_int_equal(chain_build_within(&inputs, &budget, &chain, NULL), OK);
    assert_int_equal(chain.errors, 0);
    assert_int_equal(CHAIN_SIGNATURES_MAX - budget.signatures, 2);
    chain_release(&chain);
    CertCloseStore(others, 0);
    CertCloseStore(roots, 0);
}

/* RFC 5280 7.1: letters and blanks of a name do not matter; an empty name names nobody. */
static void names(void **state)
{
    (void)state;
    const struct zoo_cert *shouting = ZOO(.name = "THE   Middle", .label = "m", .issuer = root);
    const struct zoo_cert *middle = ZOO(.name = "the middle", .label = "m", .issuer = root);
    const struct zoo_cert *leaf = ZOO(.name = "leaf", .issuer = shouting, .authority = ZOO_END);
    const struct zoo_cert *nobody = ZOO(.name = "", .label = "nobody", .issuer = root);
    const struct zoo_cert *orphan = ZOO(.name = "leaf", .issuer = nobody, .authority = ZOO_END);
    HCERTSTORE others = zoo_store(middle, nobody, NULL);
    HCERTSTORE roots = zoo_store(root, NULL);
    struct chain_inputs inputs = inputs_of(leaf, others, roots);
    struct chain chain;
    assert_int_equal(chain_build(&inputs, &chain), OK);
    assert_int_equal(chain.errors, 0);
    assert_true(is_at(&chain, 1, middle));
    chain_release(&chain);
    inputs.leaf = cert_of(orphan->context);
    assert_int_equal(chain_build(&inputs, &chain), OK);
    assert_int_equal(chain.errors, CERT_TRUST_IS_PARTIAL_CHAIN);
    chain_release(&chain);
    CertCloseStore(others, 0);
    CertCloseStore(roots, 0);
}

/* ---- worse ones ------------------------------------------------------------------------ */

static void worse_ones(void **state)
{
    (void)state;
    const struct zoo_cert *good = ZOO(.name = "middle", .issuer = root);
    const struct zoo_cert *late = ZOO(.name = "middle", .issuer = root, .not_after = ZOO_NOW - 1);
    const struct zoo_cert *stranger = ZOO(.name = "stranger");
    const struct zoo_cert *alone = ZOO(.name = "middle", .issuer = stranger);
    const struct zoo_cert *leaf = ZOO(.name = "leaf", .issuer = good, .authority = ZOO_END);
    HCERTSTORE others = zoo_store(alone, late, good, NULL);
    HCERTSTORE roots = zoo_store(root, NULL);
    CERT_CHAIN_ENGINE_CONFIG config = {.cbSize = sizeof config, .hExclusiveRoot = roots};
    CERT_CHAIN_PARA para = {.cbSize = sizeof para};
    FILETIME now = win_filetime_from_unix(ZOO_NOW);
    HCERTCHAINENGINE engine;
    PCCERT_CHAIN_CONTEXT chain = NULL;
    assert_true(CertCreateCertificateChainEngine(&config, &engine));
    assert_true(CertGetCertificateChain(engine, leaf->context, &now, others, &para,
                                        CERT_CHAIN_RETURN_LOWER_QUALITY_CONTEXTS, NULL, &chain));
    assert_int_equal(chain->TrustStatus.dwErrorStatus, 0);
    assert_int_equal(chain->dwCreateFlags, CERT_CHAIN_RETURN_LOWER_QUALITY_CONTEXTS);
    assert_int_equal(chain->cLowerQualityChainContext, 2);
    PCCERT_CHAIN_CONTEXT *lower = chain->rgpLowerQualityChainContext;
    assert_int_equal(lower[0]->TrustStatus.dwErrorStatus, CERT_TRUST_IS_NOT_TIME_VALID);
    assert_int_equal(lower[1]->TrustStatus.dwErrorStatus, CERT_TRUST_IS_PARTIAL_CHAIN);
    assert_int_equal(lower[1]->rgpChain[0]->cElement, 2);
    assert_int_equal(lower[1]->cLowerQualityChainContext, 0);
    CertFreeCertificateChain(chain);
    CertFreeCertificateChainEngine(engine);
    CertCloseStore(others, 0);
    CertCloseStore(roots, 0);
}

/* More than are kept: the best of them, best first, and nothing leaks. */
static void many_worse_ones(void **state)
{
    enum { CROWD = 12 };
    (void)state;
    HCERTSTORE others = zoo_store(NULL);
    const struct zoo_cert *good = NULL;
    for (int i = 0; i < CROWD; i++) {
        struct zoo_spec spec = {.name = "middle", .issuer = root};
        if (i % 3 == 0)
            spec.not_after = ZOO_NOW - 1 - i;
        if (i % 3 == 1)
            spec.authority = ZOO_END;
        good = zoo_make(&spec);
        assert_true(
            CertAddCertificateContextToStore(others, good->context, CERT_STORE_ADD_ALWAYS, NULL));
    }
    const struct zoo_cert *leaf = ZOO(.name = "leaf", .issuer = good, .authority = ZOO_END);
    HCERTSTORE roots = zoo_store(root, NULL);
    struct chain_inputs inputs = inputs_of(leaf, others, roots);
    struct chain_budget budget = full();
    struct chain chain;
    struct chain_others worse;
    assert_int_equal(chain_build_within(&inputs, &budget, &chain, &worse), OK);
    assert_int_equal(chain.errors, 0);
    assert_int_equal(worse.count, CHAIN_OTHERS_MAX);
    for (size_t i = 0; i < worse.count; i++)
        assert_int_equal(worse.chains[i].errors, i < 3 ? 0 : CERT_TRUST_IS_NOT_TIME_VALID);
    chain_others_release(&worse);
    chain_release(&chain);
    CertCloseStore(others, 0);
    CertCloseStore(roots, 0);
}

/* ---- bounds ---------------------------------------------------------------------------- */

/* Every authority signs every other one, and none is trusted: without bounds LEVELS! paths. */
static void mesh(void **state)
{
    enum { LEVELS = 8 };
    (void)state;
    const struct zoo_cert *members[LEVELS];
    HCERTSTORE others = zoo_store(NULL);
    HCERTSTORE roots = zoo_store(root, NULL);
    for (int i = 0; i < LEVELS; i++) {
        char name[32];
        snprintf(name, sizeof name, "mesh %d", i);
        members[i] = ZOO(.name = name);
    }
    for (int i = 0; i < LEVELS; i++) {
        char name[32];
        snprintf(name, sizeof name, "mesh %d", i);
        for (int j = 0; j < LEVELS; j++) {
            const struct zoo_cert *cross = ZOO(.name = name, .issuer = members[j]);
            if (i != j)
                assert_true(CertAddCertificateContextToStore(others, cross->context,
                                                             CERT_STORE_ADD_ALWAYS, NULL));
        }
    }
    const struct zoo_cert *leaf = ZOO(.name = "leaf", .issuer = members[0], .authority = ZOO_END);
    struct chain_inputs inputs = inputs_of(leaf, others, roots);
    struct chain_budget budget = full();
    struct chain chain;
    uint64_t allocations = mem_count();
    assert_int_equal(chain_build_within(&inputs, &budget, &chain, NULL), OK);
    allocations = mem_count() - allocations;
    assert_int_equal(budget.signatures, 0);
    /* A few for each signature and each path that was judged. */
    assert_in_range(allocations, 1, 40 * CHAIN_SIGNATURES_MAX);
    assert_true((chain.errors & (CERT_TRUST_IS_PARTIAL_CHAIN | CERT_TRUST_IS_UNTRUSTED_ROOT)) != 0);
    chain_release(&chain);
    CertCloseStore(others, 0);
    CertCloseStore(roots, 0);
}

/* The same certificates in every store are looked at once. */
static void repeated_stores(void **state)
{
    (void)state;
    const struct zoo_cert *wrong = ZOO(.name = "middle", .label = "wrong", .issuer = root);
    const struct zoo_cert *middle = ZOO(.name = "middle", .issuer = root);
    const struct zoo_cert *leaf = ZOO(.name = "leaf", .issuer = middle, .authority = ZOO_END);
    HCERTSTORE others = zoo_store(wrong, wrong, wrong, middle, NULL);
    HCERTSTORE roots = zoo_store(root, NULL);
    struct chain_inputs inputs = inputs_of(leaf, others, roots);
    for (size_t i = 0; i < CHAIN_STORES_MAX; i++)
        inputs.searched[i] = store_of(others);
    struct chain_budget budget = full();
    struct chain chain;
    assert_int_equal(chain_build_within(&inputs, &budget, &chain, NULL), OK);
    assert_int_equal(chain.errors, 0);
    assert_int_equal(CHAIN_SIGNATURES_MAX - budget.signatures, 3);
    chain_release(&chain);
    CertCloseStore(others, 0);
    CertCloseStore(roots, 0);
}

/* ---- what is remembered ---------------------------------------------------------------- */

static void judge_chain(const struct zoo_cert *leaf, const struct zoo_cert *middle, DWORD expected)
{
    HCERTSTORE others = zoo_store(middle, NULL);
    HCERTSTORE roots = zoo_store(root, NULL);
    struct chain_inputs inputs = inputs_of(leaf, others, roots);
    struct chain chain;
    assert_int_equal(chain_build(&inputs, &chain), OK);
    assert_int_equal(chain.errors, expected);
    chain_release(&chain);
    CertCloseStore(others, 0);
    CertCloseStore(roots, 0);
}

static void remembered(void **state)
{
    (void)state;
    const struct zoo_cert *middle = ZOO(.name = "middle", .issuer = root);
    const struct zoo_cert *leaf = ZOO(.name = "leaf", .issuer = middle, .authority = ZOO_END);
    const struct zoo_cert *broken =
        ZOO(.name = "leaf", .issuer = middle, .authority = ZOO_END, .breaks_signature = true);
    const struct zoo_cert *forged = ZOO(.name = "middle", .issuer = root, .breaks_signature = true);
    const DWORD wrong = CERT_TRUST_IS_NOT_SIGNATURE_VALID | CERT_TRUST_IS_PARTIAL_CHAIN;
    proof_cache_switch(true);
    judge_chain(leaf, middle, 0);
    struct proof_counts counts = proof_cache_counts();
    assert_int_equal(counts.hits, 0);
    assert_int_equal(counts.misses, 1);
    assert_int_equal(counts.entries, 1);
    judge_chain(leaf, middle, 0);
    assert_int_equal(proof_cache_counts().hits, 1);
    /* The end certificate is verified every time. */
    judge_chain(broken, middle, wrong);
    /* A failure is not remembered, and a wrong signature is not the right one's. */
    judge_chain(leaf, forged, CERT_TRUST_IS_NOT_SIGNATURE_VALID);
    judge_chain(leaf, forged, CERT_TRUST_IS_NOT_SIGNATURE_VALID);
    assert_int_equal(proof_cache_counts().entries, 1);
    proof_cache_switch(false);
    judge_chain(leaf, middle, 0);
    judge_chain(leaf, middle, 0);
    counts = proof_cache_counts();
    assert_int_equal(counts.hits, 0);
    assert_int_equal(counts.entries, 0);
    proof_cache_switch(true);
}

static void bounded_memory(void **state)
{
    (void)state;
    struct proof proof = {{0}, {0}};
    proof_cache_switch(true);
    for (unsigned i = 0; i < 5000; i++) {
        uint8_t digest[HASH_MAX];
        assert_int_equal(hash_once(HASH_SHA256, span_of((uint8_t *)&i, sizeof i), digest), OK);
        memcpy(proof.what, digest, sizeof proof.what);
        proof_remember(&proof);
        assert_true(proof_is_known(&proof));
    }
    size_t entries = proof_cache_counts().entries;
    assert_in_range(entries, PROOF_ENTRIES_MAX / 2, PROOF_ENTRIES_MAX);
    proof.key[31] ^= 1;
    assert_false(proof_is_known(&proof));
    /* A child of fork has verified nothing itself. */
    int status;
    pid_t child = fork();
    if (child == 0)
        _exit(proof_cache_counts().entries == 0 ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(proof_cache_counts().entries, entries);
    proof_cache_switch(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(better_one),
        cmocka_unit_test(deep_backtracking),
        cmocka_unit_test(key_identifiers),
        cmocka_unit_test(names),
        cmocka_unit_test(worse_ones),
        cmocka_unit_test(many_worse_ones),
        cmocka_unit_test(mesh),
        cmocka_unit_test(repeated_stores),
        cmocka_unit_test(remembered),
        cmocka_unit_test(bounded_memory),
    };
    return cmocka_run_group_tests(tests, open_zoo, close_zoo);
}
