/* SPDX-License-Identifier: MIT */
/*
 * The engine beside X509_verify_cert: every leaf of the list below every authority below every
 * root. Where the two do not agree, a row of `explained` says why; a row that explains nothing
 * fails.
 */
#include "zoo.h"

#include <openssl/x509_vfy.h>

#define HOST                                                                                       \
    {                                                                                              \
        "subjectAltName", "DNS:host.test"                                                          \
    }
#define ODD                                                                                        \
    {                                                                                              \
        "1.2.3.4", "critical,DER:0500"                                                             \
    }

struct variant {
    const char *what;
    struct zoo_spec spec;
};

static const struct variant leaves[] = {
    {"plain", {.authority = ZOO_END, .extensions = {HOST}}},
    {"without constraints", {.authority = ZOO_NO_CONSTRAINTS, .extensions = {HOST}}},
    {"version 1", {.is_v1 = true}},
    {"for servers",
     {.authority = ZOO_END, .extensions = {HOST, {"extendedKeyUsage", "serverAuth"}}}},
    {"for clients",
     {.authority = ZOO_END, .extensions = {HOST, {"extendedKeyUsage", "clientAuth"}}}},
    {"for any use",
     {.authority = ZOO_END, .extensions = {HOST, {"extendedKeyUsage", "anyExtendedKeyUsage"}}}},
    {"gated crypto", {.authority = ZOO_END, .extensions = {HOST, {"extendedKeyUsage", "msSGC"}}}},
    {"for agreement only",
     {.authority = ZOO_END, .extensions = {HOST, {"keyUsage", "critical,keyAgreement"}}}},
    {"for lists only", {.authority = ZOO_END, .extensions = {HOST, {"keyUsage", "cRLSign"}}}},
    {"out of date", {.authority = ZOO_END, .not_after = ZOO_NOW - 1, .extensions = {HOST}}},
    {"of tomorrow", {.authority = ZOO_END, .not_before = ZOO_NOW + 1, .extensions = {HOST}}},
    {"odd", {.authority = ZOO_END, .extensions = {HOST, ODD}}},
    {"broken", {.authority = ZOO_END, .breaks_signature = true, .extensions = {HOST}}},
    {"weak", {.authority = ZOO_END, .hash = "SHA1", .extensions = {HOST}}},
    {"an authority", {.authority = ZOO_CA, .extensions = {HOST}}},
    {"RSA 1024", {.authority = ZOO_END, .kind = ZOO_RSA_1024, .extensions = {HOST}}},
    {"Ed448", {.authority = ZOO_END, .kind = ZOO_ED448, .extensions = {HOST}}},
    {"Ed25519", {.authority = ZOO_END, .kind = ZOO_ED25519, .extensions = {HOST}}},
    {"another host", {.authority = ZOO_END, .extensions = {{"subjectAltName", "DNS:other.test"}}}},
    {"an address", {.authority = ZOO_END, .extensions = {{"subjectAltName", "IP:192.0.2.1"}}}},
};

static const struct variant middles[] = {
    {"plain", {.authority = ZOO_CA}},
    {"path length 0", {.path_len = 1}},
    {"no authority", {.authority = ZOO_END}},
    {"without constraints", {.authority = ZOO_NO_CONSTRAINTS}},
    {"version 1", {.is_v1 = true}},
    {"out of date", {.not_after = ZOO_NOW - 1}},
    {"may sign certificates", {.extensions = {{"keyUsage", "critical,keyCertSign"}}}},
    {"may not", {.extensions = {{"keyUsage", "critical,cRLSign"}}}},
    {"for servers", {.extensions = {{"extendedKeyUsage", "serverAuth"}}}},
    {"for clients", {.extensions = {{"extendedKeyUsage", "clientAuth"}}}},
    {"for any use", {.extensions = {{"extendedKeyUsage", "anyExtendedKeyUsage"}}}},
    {"odd", {.extensions = {ODD}}},
    {"broken", {.breaks_signature = true}},
    {"host permitted", {.extensions = {{"nameConstraints", "critical,permitted;DNS:host.test"}}}},
    {"host excluded", {.extensions = {{"nameConstraints", "critical,excluded;DNS:host.test"}}}},
    {"address permitted",
     {.extensions = {{"nameConstraints", "critical,permitted;IP:192.0.2.0/255.255.255.0"}}}},
    {"names of nothing", {.extensions = {{"2.5.29.30", "critical,DER:3000"}}}},
    {"policy demanded",
     {.extensions = {{"policyConstraints", "critical,requireExplicitPolicy:0"}}}},
};

static const struct variant roots[] = {
    {"plain", {.authority = ZOO_CA}},
    {"version 1", {.is_v1 = true}},
    {"out of date", {.not_after = ZOO_NOW - 1}},
    {"path length 0", {.path_len = 1}},
    {"may not sign", {.extensions = {{"keyUsage", "critical,digitalSignature"}}}},
    {"no authority", {.authority = ZOO_END}},
    {"weak", {.hash = "SHA1"}},
};

/* "*": any. */
static const struct {
    const char *leaf, *middle, *root;
    bool we_accept;
    const char *why;
} explained[] = {
    {"weak", "*", "*", false, "SHA-1 counts for nothing in any signature but a root's own"},
    {"Ed448", "*", "*", false, "no Ed448 here"},
    {"RSA 1024", "*", "*", false, "RSA keys have 2048 bits or more"},
    {"*", "policy demanded", "*", false, "libcrypto was not told to look at policies"},
    {"*", "names of nothing", "*", false, "RFC 5280 4.2.1.10: constraints constrain something"},
    {"for any use", "*", "*", true, "Windows: any usage is every usage"},
    {"*", "for any use", "*", true, "Windows: any usage is every usage"},
    {"gated crypto", "for servers", "*", false, "Windows: usages are intersected one by one"},
    {"for lists only", "*", "*", true,
     "a leaf's keyUsage is the handshake's matter: signing is refused there"},
};

/* ---- theirs ---------------------------------------------------------------------------- */

static X509 *parsed(const struct zoo_cert *cert)
{
    const unsigned char *p = cert->der;
    X509 *x509 = d2i_X509(NULL, &p, cert->der_len);
    assert_non_null(x509);
    return x509;
}

static bool they_accept(const struct zoo_cert *leaf, const struct zoo_cert *middle,
                        const struct zoo_cert *root, int *out_error)
{
    X509 *x509[] = {parsed(leaf), parsed(middle), parsed(root)};
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    STACK_OF(X509) *untrusted = sk_X509_new_null();
    sk_X509_push(untrusted, x509[1]);
    X509_STORE_add_cert(store, x509[2]);
    assert_int_equal(X509_STORE_CTX_init(ctx, store, x509[0], untrusted), 1);
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
    X509_VERIFY_PARAM_set_time(param, ZOO_NOW);
    X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
    bool accepted = X509_verify_cert(ctx) == 1;
    *out_error = X509_STORE_CTX_get_error(ctx);
    X509_STORE_CTX_free(ctx);
    sk_X509_free(untrusted);
    X509_STORE_free(store);
    for (size_t i = 0; i < ARRAY_LEN(x509); i++)
        X509_free(x509[i]);
    ERR_clear_error();
    return accepted;
}

/* ---- ours ------------------------------------------------------------------------------ */

static bool we_accept(const struct zoo_cert *leaf, const struct zoo_cert *middle,
                      const struct zoo_cert *root, DWORD *out_errors)
{
    HCERTSTORE others = zoo_store(middle, NULL);
    HCERTSTORE anchors = zoo_store(root, NULL);
    struct chain_inputs inputs = {.leaf = cert_of(leaf->context),
                                  .searched = {store_of(others)},
                                  .roots = store_of(anchors),
                                  .now = ZOO_NOW,
                                  .usages = chain_ssl_usages(CHAIN_SERVER_AUTH)};
    struct chain_policy policy = {.flags = 0};
    struct chain chain;
    LONG at;
    assert_int_equal(chain_build(&inputs, &chain), OK);
    bool accepted = chain_policy_error(&chain, &policy, &at) == 0;
    *out_errors = chain.errors;
    chain_release(&chain);
    CertCloseStore(others, 0);
    CertCloseStore(anchors, 0);
    return accepted;
}

/* ---- both ------------------------------------------------------------------------------ */

static size_t used[ARRAY_LEN(explained)];

static bool is_like(const char *pattern, const char *what)
{
    return strcmp(pattern, "*") == 0 || strcmp(pattern, what) == 0;
}

static bool is_explained(const char *leaf, const char *middle, const char *root, bool ours)
{
    for (size_t i = 0; i < ARRAY_LEN(explained); i++) {
        if (explained[i].we_accept == ours && is_like(explained[i].leaf, leaf) &&
            is_like(explained[i].middle, middle) && is_like(explained[i].root, root)) {
            used[i]++;
            return true;
        }
    }
    return false;
}

struct tally {
    size_t agreed[2];
    size_t explained;
    size_t open;
};

static const struct zoo_cert *make(const struct variant *variant, const char *name,
                                   const struct zoo_cert *issuer)
{
    struct zoo_spec spec = variant->spec;
    spec.name = name;
    spec.issuer = issuer;
    return zoo_make(&spec);
}

static void compare(const struct variant *l, const struct variant *m, const struct variant *r,
                    const struct zoo_cert *middle, const struct zoo_cert *root, struct tally *tally)
{
    int their_error;
    DWORD our_errors;
    const struct zoo_cert *leaf = make(l, "leaf", middle);
    bool theirs = they_accept(leaf, middle, root, &their_error);
    bool ours = we_accept(leaf, middle, root, &our_errors);
    if (ours == theirs) {
        tally->agreed[ours]++;
    } else if (is_explained(l->what, m->what, r->what, ours)) {
        tally->explained++;
    } else {
        tally->open++;
        print_message("%s / %s / %s: ours %08x, theirs %s\n", l->what, m->what, r->what, our_errors,
                      X509_verify_cert_error_string(their_error));
    }
}

static void compare_below(const struct variant *r, struct tally *tally)
{
    zoo_open();
    const struct zoo_cert *root = make(r, "root", NULL);
    for (size_t i = 0; i < ARRAY_LEN(middles); i++) {
        const struct zoo_cert *middle = make(&middles[i], "middle", root);
        for (size_t k = 0; k < ARRAY_LEN(leaves); k++)
            compare(&leaves[k], &middles[i], r, middle, root, tally);
    }
    zoo_close();
}

static void product(void **state)
{
    struct tally tally = {{0}, 0, 0};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(roots); i++)
        compare_below(&roots[i], &tally);
    print_message("accepted by both %zu, refused by both %zu, explained %zu, open %zu\n",
                  tally.agreed[1], tally.agreed[0], tally.explained, tally.open);
    for (size_t i = 0; i < ARRAY_LEN(explained); i++) {
        if (used[i] == 0)
            print_message("explains nothing: %s\n", explained[i].why);
        assert_true(used[i] != 0);
    }
    assert_int_equal(tally.open, 0);
    assert_true(tally.agreed[1] > 50 && tally.agreed[0] > 500);
}

/* A disagreement that nothing explains is found. */
static void positive_control(void **state)
{
    struct tally tally = {{0}, 0, 0};
    (void)state;
    zoo_open();
    const struct zoo_cert *root = make(&roots[0], "root", NULL);
    const struct zoo_cert *middle = make(&middles[0], "middle", root);
    const struct variant renamed = {"weak, by another name", leaves[13].spec};
    assert_string_equal(leaves[13].what, "weak");
    print_message("a planted disagreement:\n");
    compare(&renamed, &middles[0], &roots[0], middle, root, &tally);
    zoo_close();
    assert_int_equal(tally.open, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(product),
                                       cmocka_unit_test(positive_control)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
