/* SPDX-License-Identifier: MIT */
/*
 * The chain builder over the zoo: one row for each thing that can be wrong with a path, with the
 * status bits, where they stand, and the verdict of the SSL policy. certificates.md 7, observed.md
 * 16.2 to 16.4.
 */
#include "crypt32/proof.h"
#include "zoo.h"

#define SERVER                                                                                     \
    {                                                                                              \
        "extendedKeyUsage", "serverAuth"                                                           \
    }
#define HOST                                                                                       \
    {                                                                                              \
        "subjectAltName", "DNS:host.test"                                                          \
    }

/* ---- one judgement --------------------------------------------------------------------- */

struct expected {
    DWORD errors; /* of the whole chain */
    int count;    /* elements */
    int at;       /* the element that carries the errors; -1: none does */
    LONG policy;  /* SSL, for the name host.test */
    int policy_at;
};

struct path {
    const struct zoo_cert *leaf;
    const struct zoo_cert *others[16];
    const struct zoo_cert *roots[4];
    int64_t now; /* 0: ZOO_NOW */
    const char *name;
};

static HCERTSTORE store_of_list(const struct zoo_cert *const *list, size_t max)
{
    HCERTSTORE store = zoo_store(NULL);
    for (size_t i = 0; i < max && list[i] != NULL; i++)
        assert_true(
            CertAddCertificateContextToStore(store, list[i]->context, CERT_STORE_ADD_ALWAYS, NULL));
    return store;
}

/* Whether the chain is as expected; says what is not. */
static bool judged_as(const char *what, const struct path *path, const struct expected *expected)
{
    HCERTSTORE others = store_of_list(path->others, ARRAY_LEN(path->others));
    HCERTSTORE roots = store_of_list(path->roots, ARRAY_LEN(path->roots));
    struct chain_inputs inputs = {.leaf = cert_of(path->leaf->context),
                                  .searched = {store_of(others)},
                                  .roots = store_of(roots),
                                  .now = path->now != 0 ? path->now : ZOO_NOW,
                                  .usages = chain_ssl_usages(CHAIN_SERVER_AUTH)};
    struct chain_policy policy = {
        .is_ssl = true,
        .usages = inputs.usages,
        .server_name = path->name != NULL ? path->name : "host.test",
    };
    struct chain chain;
    LONG at;
    assert_int_equal(chain_build(&inputs, &chain), OK);
    LONG error = chain_policy_error(&chain, &policy, &at);
    bool fits = chain.errors == expected->errors && (int)chain.count == expected->count &&
                error == expected->policy && (error == 0 || at == expected->policy_at);
    for (size_t i = 0; i < chain.count && expected->at >= 0; i++)
        fits = fits && (chain.elements[i].errors != 0) == ((int)i == expected->at);
    if (!fits) {
        print_message("%s: errors %08x in %zu elements, policy %08x at %d\n", what, chain.errors,
                      chain.count, (unsigned)error, (int)at);
        for (size_t i = 0; i < chain.count; i++)
            print_message("  element %zu: %08x\n", i, chain.elements[i].errors);
    }
    chain_release(&chain);
    CertCloseStore(others, 0);
    CertCloseStore(roots, 0);
    return fits;
}

#define PATH(...)                                                                                  \
    &(struct path)                                                                                 \
    {                                                                                              \
        .leaf = __VA_ARGS__                                                                        \
    }
#define SHOULD(...)                                                                                \
    &(struct expected)                                                                             \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define GOOD(n)                     SHOULD(.count = (n), .at = -1)
#define CHECK(what, path, expected) assert_true(judged_as(what, path, expected))

static int open_zoo(void **state)
{
    (void)state;
    zoo_open();
    return 0;
}

static int close_zoo(void **state)
{
    (void)state;
    zoo_close();
    return 0;
}

/* ---- kinds of keys and signatures ------------------------------------------------------ */

static void every_key_kind(void **state)
{
    static const struct {
        const char *name;
        enum zoo_kind kind;
        const char *hash;
        bool pss;
    } rows[] = {
        {"P-256", ZOO_P256, NULL, false},          {"P-384", ZOO_P384, "SHA384", false},
        {"P-521", ZOO_P521, "SHA512", false},      {"RSA", ZOO_RSA, NULL, false},
        {"RSA SHA-512", ZOO_RSA, "SHA512", false}, {"RSA with PSS", ZOO_RSA, "SHA384", true},
        {"RSA-PSS key", ZOO_RSA_PSS, NULL, true},  {"Ed25519", ZOO_ED25519, NULL, false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct zoo_cert *root =
            ZOO(.name = rows[i].name, .label = "root", .kind = rows[i].kind, .hash = rows[i].hash,
                .pss = rows[i].pss);
        const struct zoo_cert *middle =
            ZOO(.name = "middle", .label = "middle", .kind = rows[i].kind, .issuer = root,
                .hash = rows[i].hash, .pss = rows[i].pss);
        const struct zoo_cert *leaf =
            ZOO(.name = "leaf", .kind = rows[i].kind, .issuer = middle, .authority = ZOO_END,
                .hash = rows[i].hash, .pss = rows[i].pss, .extensions = {SERVER, HOST});
        CHECK(rows[i].name, PATH(leaf, {middle}, {root}), GOOD(3));
        const struct zoo_cert *bad =
            ZOO(.name = "leaf", .kind = rows[i].kind, .issuer = middle, .authority = ZOO_END,
                .hash = rows[i].hash, .pss = rows[i].pss, .breaks_signature = true,
                .extensions = {SERVER, HOST});
        CHECK(rows[i].name, PATH(bad, {middle}, {root}),
              SHOULD(CERT_TRUST_IS_NOT_SIGNATURE_VALID | CERT_TRUST_IS_PARTIAL_CHAIN, 2, 0,
                     TRUST_E_CERT_SIGNATURE, 0));
    }
}

static void refused_keys_and_hashes(void **state)
{
    const DWORD weak = CERT_TRUST_IS_NOT_SIGNATURE_VALID | CERT_TRUST_HAS_WEAK_SIGNATURE;
    (void)state;
    const struct zoo_cert *root = ZOO(.name = "root", .kind = ZOO_RSA);
    static const char *const hashes[] = {"SHA1", "MD5"};
    for (size_t i = 0; i < ARRAY_LEN(hashes); i++) {
        const struct zoo_cert *leaf = ZOO(.name = "leaf", .issuer = root, .authority = ZOO_END,
                                          .hash = hashes[i], .extensions = {SERVER, HOST});
        CHECK(hashes[i], PATH(leaf, {NULL}, {root}), SHOULD(weak, 2, 0, TRUST_E_CERT_SIGNATURE, 0));
        /* The root's own signature is not looked at: it is trusted, not proved. */
        const struct zoo_cert *old = ZOO(.name = "old root", .kind = ZOO_RSA, .hash = hashes[i]);
        const struct zoo_cert *fine =
            ZOO(.name = "leaf", .issuer = old, .authority = ZOO_END, .extensions = {SERVER, HOST});
        CHECK("root with an old hash", PATH(fine, {NULL}, {old}), GOOD(2));
        CHECK("the same untrusted", PATH(fine, {old}, {NULL}),
              SHOULD(CERT_TRUST_IS_UNTRUSTED_ROOT, 2, 1, CERT_E_UNTRUSTEDROOT, 1));
        const struct zoo_cert *middle = ZOO(.name = "middle", .issuer = root, .hash = hashes[i]);
        const struct zoo_cert *below = ZOO(.name = "leaf", .issuer = middle, .authority = ZOO_END,
                                           .extensions = {SERVER, HOST});
        CHECK("intermediate with an old hash", PATH(below, {middle}, {root}),
              SHOULD(weak, 3, 1, TRUST_E_CERT_SIGNATURE, 1));
    }
    const struct zoo_cert *tiny = ZOO(.name = "leaf", .kind = ZOO_RSA_512, .issuer = root,
                                      .authority = ZOO_END, .extensions = {SERVER, HOST});
    CHECK("RSA of 512 bits", PATH(tiny, {NULL}, {root}),
          SHOULD(weak, 2, 0, TRUST_E_CERT_SIGNATURE, 0));
    const struct zoo_cert *small = ZOO(.name = "leaf", .kind = ZOO_RSA_1024, .issuer = root,
                                       .authority = ZOO_END, .extensions = {SERVER, HOST});
    CHECK("RSA of 1024 bits", PATH(small, {NULL}, {root}),
          SHOULD(weak, 2, 0, TRUST_E_CERT_SIGNATURE, 0));
    const struct zoo_cert *small_root = ZOO(.name = "small root", .kind = ZOO_RSA_1024);
    const struct zoo_cert *signed_small = ZOO(.name = "leaf", .issuer = small_root,
                                              .authority = ZOO_END, .extensions = {SERVER, HOST});
    CHECK("RSA of 1024 bits, the root's", PATH(signed_small, {NULL}, {small_root}),
          SHOULD(weak, 2, 1, TRUST_E_CERT_SIGNATURE, 1));
    const struct zoo_cert *nought = ZOO(.name = "leaf", .has_no_modulus = true, .issuer = root,
                                        .authority = ZOO_END, .extensions = {SERVER, HOST});
    CHECK("a modulus of nought", PATH(nought, {NULL}, {root}),
          SHOULD(weak, 2, 0, TRUST_E_CERT_SIGNATURE, 0));
    const struct zoo_cert *foreign = ZOO(.name = "leaf", .kind = ZOO_ED448, .issuer = root,
                                         .authority = ZOO_END, .extensions = {SERVER, HOST});
    CHECK("a kind that is not spoken", PATH(foreign, {NULL}, {root}),
          SHOULD(weak, 2, 0, TRUST_E_CERT_SIGNATURE, 0));
}

/* ---- shapes ---------------------------------------------------------------------------- */

static void shapes(void **state)
{
    (void)state;
    const struct zoo_cert *root = ZOO(.name = "root");
    const struct zoo_cert *other = ZOO(.name = "other root");
    const struct zoo_cert *middle = ZOO(.name = "middle", .issuer = root);
    const struct zoo_cert *leaf =
        ZOO(.name = "leaf", .issuer = middle, .authority = ZOO_END, .extensions = {SERVER, HOST});
    const struct zoo_cert *self =
        ZOO(.name = "host.test", .authority = ZOO_END, .extensions = {SERVER, HOST});
    CHECK("in order", PATH(leaf, {middle, root}, {root}), GOOD(3));
    CHECK("out of order, with strangers", PATH(leaf, {other, root, leaf, middle}, {other, root}),
          GOOD(3));
    CHECK("missing intermediate", PATH(leaf, {NULL}, {root}),
          SHOULD(CERT_TRUST_IS_PARTIAL_CHAIN, 1, -1, CERT_E_CHAINING, -1));
    CHECK("no roots at all", PATH(leaf, {middle, root}, {NULL}),
          SHOULD(CERT_TRUST_IS_UNTRUSTED_ROOT, 3, 2, CERT_E_UNTRUSTEDROOT, 2));
    CHECK("the wrong root", PATH(leaf, {middle}, {other}),
          SHOULD(CERT_TRUST_IS_PARTIAL_CHAIN, 2, -1, CERT_E_CHAINING, -1));
    CHECK("self-signed leaf among the roots", PATH(self, {NULL}, {self}), GOOD(1));
    CHECK("self-signed leaf elsewhere", PATH(self, {self}, {root}),
          SHOULD(CERT_TRUST_IS_UNTRUSTED_ROOT, 1, 0, CERT_E_UNTRUSTEDROOT, 0));
    CHECK("an intermediate among the roots anchors nothing", PATH(leaf, {NULL}, {middle}),
          SHOULD(CERT_TRUST_IS_PARTIAL_CHAIN, 2, -1, CERT_E_CHAINING, -1));
    CHECK("nor does the leaf itself", PATH(leaf, {NULL}, {leaf}),
          SHOULD(CERT_TRUST_IS_PARTIAL_CHAIN, 1, -1, CERT_E_CHAINING, -1));
    /* A root of the same name and another key is no root of this one. */
    const struct zoo_cert *impostor = ZOO(.name = "root", .label = "impostor");
    CHECK("same name, other key", PATH(leaf, {middle}, {impostor}),
          SHOULD(CERT_TRUST_IS_NOT_SIGNATURE_VALID, 3, 1, TRUST_E_CERT_SIGNATURE, 1));
    CHECK("both: the one that verifies", PATH(leaf, {middle}, {impostor, root}), GOOD(3));
}

static void cross_signed(void **state)
{
    (void)state;
    const struct zoo_cert *old_root = ZOO(.name = "old root", .not_after = ZOO_NOW - ZOO_DAY);
    const struct zoo_cert *new_root = ZOO(.name = "new root");
    const struct zoo_cert *cross = ZOO(.name = "new root", .issuer = old_root);
    const struct zoo_cert *middle = ZOO(.name = "middle", .issuer = new_root);
    const struct zoo_cert *leaf =
        ZOO(.name = "leaf", .issuer = middle, .authority = ZOO_END, .extensions = {SERVER, HOST});
    CHECK("expired way first, good way found", PATH(leaf, {cross, middle}, {old_root, new_root}),
          GOOD(3));
    CHECK("only the expired way", PATH(leaf, {cross, middle}, {old_root}),
          SHOULD(CERT_TRUST_IS_NOT_TIME_VALID, 4, 3, CERT_E_EXPIRED, 3));
    const struct zoo_cert *expired_middle =
        ZOO(.name = "middle", .issuer = new_root, .not_after = ZOO_NOW - ZOO_DAY);
    CHECK("renewed intermediate (C31)", PATH(leaf, {expired_middle, middle}, {new_root}), GOOD(3));
}

static void loops(void **state)
{
    (void)state;
    const struct zoo_cert *a0 = ZOO(.name = "a");
    const struct zoo_cert *b0 = ZOO(.name = "b");
    const struct zoo_cert *a = ZOO(.name = "a", .issuer = b0);
    const struct zoo_cert *b = ZOO(.name = "b", .issuer = a0);
    const struct zoo_cert *leaf =
        ZOO(.name = "leaf", .issuer = a0, .authority = ZOO_END, .extensions = {SERVER, HOST});
    const struct zoo_cert *root = ZOO(.name = "root");
    CHECK("two that sign each other (C26, C46)", PATH(leaf, {a, b}, {root}),
          SHOULD(CERT_TRUST_IS_PARTIAL_CHAIN | CERT_TRUST_IS_CYCLIC, 3, -1, CERT_E_UNTRUSTEDROOT,
                 -1));
    CHECK("with a way out", PATH(leaf, {a, b}, {b0}), GOOD(3));
}

static const struct zoo_cert *deep(const struct zoo_cert *root, int count,
                                   const struct zoo_cert **others)
{
    const struct zoo_cert *issuer = root;
    for (int i = 0; i < count - 2; i++) {
        char name[24];
        snprintf(name, sizeof name, "level %d", i);
        issuer = ZOO(.name = name, .label = "deep", .issuer = issuer);
        others[i] = issuer;
    }
    return ZOO(.name = "leaf", .issuer = issuer, .authority = ZOO_END,
               .extensions = {SERVER, HOST});
}

static void depth(void **state)
{
    (void)state;
    const struct zoo_cert *root = ZOO(.name = "root");
    struct path ten = {.roots = {root}};
    struct path eleven = {.roots = {root}};
    ten.leaf = deep(root, 10, ten.others);
    eleven.leaf = deep(root, 11, eleven.others);
    CHECK("ten elements", &ten, GOOD(10));
    CHECK("eleven elements", &eleven,
          SHOULD(CERT_TRUST_IS_PARTIAL_CHAIN, 10, -1, CERT_E_CHAINING, -1));
}

/* Hundreds of candidates of the same name: bounded work, and a verdict. */
static void width(void **state)
{
    (void)state;
    const struct zoo_cert *root = ZOO(.name = "root");
    const struct zoo_cert *leaf =
        ZOO(.name = "leaf", .issuer = root, .authority = ZOO_END, .extensions = {SERVER, HOST});
    const struct zoo_cert *impostor = ZOO(.name = "root", .label = "impostor");
    HCERTSTORE roots = zoo_store(root, NULL);
    for (int i = 0; i < 200; i++)
        CertAddCertificateContextToStore(roots, ZOO(.name = "root", .label = "impostor")->context,
                                         CERT_STORE_ADD_ALWAYS, NULL);
    struct chain_inputs inputs = {
        .leaf = cert_of(leaf->context), .roots = store_of(roots), .now = ZOO_NOW};
    struct chain chain;
    assert_int_equal(chain_build(&inputs, &chain), OK);
    assert_true((chain.errors & CERT_TRUST_IS_NOT_SIGNATURE_VALID) != 0);
    chain_release(&chain);
    CertCloseStore(roots, 0);
    CHECK("few of them", PATH(leaf, {NULL}, {impostor, root}), GOOD(2));
}

/* ---- validity -------------------------------------------------------------------------- */

static void validity(void **state)
{
    const int64_t from = ZOO_NOW - 10 * ZOO_DAY;
    const int64_t to = ZOO_NOW + 10 * ZOO_DAY;
    (void)state;
    const struct zoo_cert *root = ZOO(.name = "root");
    const struct zoo_cert *leaf =
        ZOO(.name = "leaf", .issuer = root, .authority = ZOO_END, .not_before = from,
            .not_after = to, .extensions = {SERVER, HOST});
    const struct expected *expired = SHOULD(CERT_TRUST_IS_NOT_TIME_VALID, 2, 0, CERT_E_EXPIRED, 0);
    CHECK("first second", PATH(leaf, {NULL}, {root}, .now = from), GOOD(2));
    CHECK("last second", PATH(leaf, {NULL}, {root}, .now = to), GOOD(2));
    CHECK("a second too early", PATH(leaf, {NULL}, {root}, .now = from - 1), expired);
    CHECK("a second too late", PATH(leaf, {NULL}, {root}, .now = to + 1), expired);
    const struct zoo_cert *old = ZOO(.name = "middle", .issuer = root, .not_after = to - 1);
    const struct zoo_cert *below =
        ZOO(.name = "leaf", .issuer = old, .authority = ZOO_END, .extensions = {SERVER, HOST});
    CHECK("expired intermediate (C22)", PATH(below, {old}, {root}, .now = to),
          SHOULD(CERT_TRUST_IS_NOT_TIME_VALID, 3, 1, CERT_E_EXPIRED, 1));
    CHECK("not nested is no error (C23)", PATH(below, {old}, {root}), GOOD(3));
    /* Generalised time beyond 2050. */
    const struct zoo_cert *far =
        ZOO(.name = "leaf", .issuer = root, .authority = ZOO_END,
            .not_after = INT64_C(253402300799), .extensions = {SERVER, HOST});
    CHECK("the last day of 9999", PATH(far, {NULL}, {root}), GOOD(2));
}

/* ---- authority ------------------------------------------------------------------------- */

static void authority(void **state)
{
    (void)state;
    const struct expected *constraints =
        SHOULD(CERT_TRUST_INVALID_BASIC_CONSTRAINTS, 3, 1, TRUST_E_BASIC_CONSTRAINTS, 1);
    const struct zoo_cert *root = ZOO(.name = "root");
    const struct {
        const char *what;
        struct zoo_spec middle;
        const struct expected *expected;
    } rows[] = {
        {"an authority", {.name = "m", .issuer = root}, GOOD(3)},
        {"CA:FALSE (C24)", {.name = "m", .issuer = root, .authority = ZOO_END}, constraints},
        {"no basic constraints",
         {.name = "m", .issuer = root, .authority = ZOO_NO_CONSTRAINTS},
         constraints},
        {"version 1", {.name = "m", .issuer = root, .is_v1 = true}, constraints},
        {"keyUsage without keyCertSign (C30)",
         {.name = "m", .issuer = root, .extensions = {{"keyUsage", "digitalSignature"}}},
         SHOULD(CERT_TRUST_IS_NOT_VALID_FOR_USAGE, 3, 1, CERT_E_WRONG_USAGE, 1)},
        {"keyUsage with it",
         {.name = "m", .issuer = root, .extensions = {{"keyUsage", "critical,keyCertSign"}}},
         GOOD(3)},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct zoo_cert *middle = zoo_make(&rows[i].middle);
        const struct zoo_cert *leaf = ZOO(.name = "leaf", .issuer = middle, .authority = ZOO_END,
                                          .extensions = {SERVER, HOST});
        CHECK(rows[i].what, PATH(leaf, {middle}, {root}), rows[i].expected);
    }
    const struct zoo_cert *v1 = ZOO(.name = "v1 root", .is_v1 = true);
    const struct zoo_cert *leaf =
        ZOO(.name = "leaf", .issuer = v1, .authority = ZOO_END, .extensions = {SERVER, HOST});
    CHECK("a root of version 1 is one by decree", PATH(leaf, {NULL}, {v1}), GOOD(2));
}

static void path_length(void **state)
{
    (void)state;
    const struct zoo_cert *root = ZOO(.name = "root", .path_len = 1 + 1);
    const struct zoo_cert *one = ZOO(.name = "one", .issuer = root, .path_len = 0 + 1);
    const struct zoo_cert *two = ZOO(.name = "two", .issuer = one);
    const struct zoo_cert *fine =
        ZOO(.name = "leaf", .issuer = one, .authority = ZOO_END, .extensions = {SERVER, HOST});
    const struct zoo_cert *deeper =
        ZOO(.name = "leaf", .issuer = two, .authority = ZOO_END, .extensions = {SERVER, HOST});
    CHECK("at the limit", PATH(fine, {one}, {root}), GOOD(3));
    CHECK("one too many, at both limits", PATH(deeper, {two, one}, {root}),
          SHOULD(CERT_TRUST_INVALID_BASIC_CONSTRAINTS, 4, -1, TRUST_E_BASIC_CONSTRAINTS, 2));
    /* RFC 5280 4.2.1.9: self-issued authorities are not counted. */
    const struct zoo_cert *rekeyed = ZOO(.name = "one", .label = "new one", .issuer = one);
    const struct zoo_cert *below =
        ZOO(.name = "leaf", .issuer = rekeyed, .authority = ZOO_END, .extensions = {SERVER, HOST});
    CHECK("self-issued authority", PATH(below, {rekeyed, one}, {root}), GOOD(4));
}

/* ---- usages ---------------------------------------------------------------------------- */

static void usages(void **state)
{
    static const struct {
        const char *what;
        const char *leaf; /* NULL: no extension */
        const char *middle;
        int wrong_at; /* -1: fine */
    } rows[] = {
        {"server", "serverAuth", NULL, -1},
        {"none", NULL, NULL, -1},
        {"any", "anyExtendedKeyUsage", NULL, -1},
        {"several", "clientAuth,serverAuth", "serverAuth,codeSigning", -1},
        {"gated crypto, Microsoft's", "msSGC", NULL, -1},
        {"gated crypto, Netscape's", "nsSGC", NULL, -1},
        {"client", "clientAuth", NULL, 0},
        {"mail", "emailProtection", NULL, 0},
        {"an authority for clients (C48)", "serverAuth", "clientAuth", 1},
        {"an authority for any use", "serverAuth", "anyExtendedKeyUsage", -1},
        {"both fine alone, nothing in common", "serverAuth", "msSGC", 0},
    };
    (void)state;
    const struct zoo_cert *root = ZOO(.name = "root");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct zoo_spec spec = {.name = "middle", .issuer = root};
        if (rows[i].middle != NULL)
            spec.extensions[0] = (struct zoo_extension){"extendedKeyUsage", rows[i].middle};
        const struct zoo_cert *middle = zoo_make(&spec);
        spec = (struct zoo_spec){
            .name = "leaf", .issuer = middle, .authority = ZOO_END, .extensions = {HOST}};
        if (rows[i].leaf != NULL)
            spec.extensions[1] = (struct zoo_extension){"extendedKeyUsage", rows[i].leaf};
        const struct zoo_cert *leaf = zoo_make(&spec);
        CHECK(rows[i].what, PATH(leaf, {middle}, {root}),
              rows[i].wrong_at < 0 ? GOOD(3)
                                   : SHOULD(CERT_TRUST_IS_NOT_VALID_FOR_USAGE, 3, rows[i].wrong_at,
                                            CERT_E_WRONG_USAGE, rows[i].wrong_at));
    }
}

/* ---- extensions ------------------------------------------------------------------------ */

static void extensions(void **state)
{
    const DWORD foreign = CERT_TRUST_HAS_NOT_SUPPORTED_CRITICAL_EXT | CERT_TRUST_INVALID_EXTENSION;
    const DWORD invalid = CERT_TRUST_INVALID_EXTENSION;
    const struct {
        const char *what;
        struct zoo_extension extension;
        DWORD errors;
        LONG policy;
    } rows[] = {
        {"unknown, not critical", {"1.3.6.1.4.1.55555.1", "DER:0500"}, 0, 0},
        {"unknown and critical",
         {"1.3.6.1.4.1.55555.1", "critical,DER:0500"},
         foreign,
         CERT_E_CRITICAL},
        {"address blocks, critical",
         {"1.3.6.1.5.5.7.1.7", "critical,DER:3000"},
         foreign,
         CERT_E_CRITICAL},
        {"must-staple, critical",
         {"tlsfeature", "critical,status_request"},
         foreign,
         CERT_E_CRITICAL},
        {"proxy certificate",
         {"1.3.6.1.5.5.7.1.14", "critical,DER:300C300A06082B06010505071501"},
         foreign,
         CERT_E_CRITICAL},
        {"a usage that does not decode",
         {"2.5.29.15", "critical,DER:0500"},
         invalid,
         CERT_E_CRITICAL},
        {"an extended usage that does not decode",
         {"2.5.29.37", "DER:0500"},
         invalid | CERT_TRUST_IS_NOT_VALID_FOR_USAGE,
         CERT_E_WRONG_USAGE},
        {"policies, critical", {"2.5.29.32", "critical,DER:3007300506032A0304"}, 0, 0},
        {"a policy demanded further below",
         {"policyConstraints", "critical,requireExplicitPolicy:5"},
         0,
         0},
        {"a policy demanded and missing",
         {"policyConstraints", "critical,requireExplicitPolicy:0"},
         CERT_TRUST_INVALID_POLICY_CONSTRAINTS | CERT_TRUST_NO_ISSUANCE_CHAIN_POLICY,
         CERT_E_INVALID_POLICY},
    };
    (void)state;
    const struct zoo_cert *root = ZOO(.name = "root");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct zoo_cert *middle =
            ZOO(.name = "middle", .issuer = root, .extensions = {rows[i].extension});
        const struct zoo_cert *good = ZOO(.name = "leaf", .issuer = root, .authority = ZOO_END,
                                          .extensions = {HOST, rows[i].extension});
        const struct zoo_cert *below =
            ZOO(.name = "leaf", .issuer = middle, .authority = ZOO_END, .extensions = {HOST});
        bool is_policy = rows[i].policy == CERT_E_INVALID_POLICY;
        if (strstr(rows[i].extension.name, "policy") == NULL)
            CHECK(rows[i].what, PATH(good, {NULL}, {root}),
                  SHOULD(rows[i].errors, 2, rows[i].errors != 0 ? 0 : -1, rows[i].policy, 0));
        CHECK(rows[i].what, PATH(below, {middle}, {root}),
              SHOULD(rows[i].errors, 3,
                     rows[i].errors == 0 ? -1
                     : is_policy         ? 0
                                         : 1,
                     rows[i].policy, is_policy ? 0 : 1));
    }
}

/* RFC 5280 6.1: who demands a policy, where, and which policies run through. */
static void policies(void **state)
{
#define POLICY(last)                                                                               \
    {                                                                                              \
        "2.5.29.32", "DER:3007300506032A03" last                                                   \
    }
    const struct {
        const char *what;
        struct zoo_extension root[2];
        struct zoo_extension upper[2];
        struct zoo_extension lower[2];
        struct zoo_extension leaf[2];
        bool fits;
    } rows[] = {
        {"nothing demanded", {{0}}, {POLICY("04")}, {{0}}, {{0}}, true},
        {"the same in all",
         {{0}},
         {POLICY("04"), {"policyConstraints", "critical,requireExplicitPolicy:0"}},
         {POLICY("04")},
         {POLICY("04")},
         true},
        {"another one below",
         {{0}},
         {POLICY("04"), {"policyConstraints", "critical,requireExplicitPolicy:0"}},
         {POLICY("05")},
         {POLICY("05")},
         false},
        {"none in the leaf",
         {{0}},
         {POLICY("04"), {"policyConstraints", "critical,requireExplicitPolicy:0"}},
         {POLICY("04")},
         {{0}},
         false},
        {"demanded from the leaf on",
         {{0}},
         {{"policyConstraints", "critical,requireExplicitPolicy:2"}},
         {{0}},
         {{0}},
         false},
        {"demanded only below the leaf",
         {{0}},
         {{"policyConstraints", "critical,requireExplicitPolicy:3"}},
         {{0}},
         {{0}},
         true},
        {"by the lower one, at once",
         {{0}},
         {{0}},
         {{"policyConstraints", "critical,requireExplicitPolicy:0"}},
         {{0}},
         false},
        {"by the leaf itself",
         {{0}},
         {{0}},
         {{0}},
         {{"policyConstraints", "critical,requireExplicitPolicy:0"}},
         false},
        {"the anchor's word does not count",
         {{"policyConstraints", "critical,requireExplicitPolicy:0"}},
         {{0}},
         {{0}},
         {{0}},
         true},
    };
#undef POLICY
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
#define TWO(list) .extensions = { list[0], list[1] }
        const struct zoo_cert *root = ZOO(.name = "root", TWO(rows[i].root));
        const struct zoo_cert *upper = ZOO(.name = "upper", .issuer = root, TWO(rows[i].upper));
        const struct zoo_cert *lower = ZOO(.name = "lower", .issuer = upper, TWO(rows[i].lower));
        const struct zoo_cert *leaf =
            ZOO(.name = "host.test", .issuer = lower, .authority = ZOO_END, TWO(rows[i].leaf));
#undef TWO
        DWORD errors = CERT_TRUST_INVALID_POLICY_CONSTRAINTS | CERT_TRUST_NO_ISSUANCE_CHAIN_POLICY;
        CHECK(rows[i].what, PATH(leaf, {lower, upper}, {root}),
              rows[i].fits ? GOOD(4) : SHOULD(errors, 4, 0, CERT_E_INVALID_POLICY, 0));
    }
}

/* ---- name constraints ------------------------------------------------------------------ */

static void name_constraints(void **state)
{
    const DWORD permitted = CERT_TRUST_HAS_NOT_PERMITTED_NAME_CONSTRAINT;
    const DWORD excluded = CERT_TRUST_HAS_EXCLUDED_NAME_CONSTRAINT;
    const struct {
        const char *what;
        const char *constraints;
        const char *name; /* common name */
        const char *san;
        DWORD errors;
        const char *target;
    } rows[] = {
        {"permitted host", "critical,permitted;DNS:test", "x", "DNS:host.test", 0, "host.test"},
        {"host elsewhere", "critical,permitted;DNS:example", "x", "DNS:host.test", permitted,
         "host.test"},
        {"not critical counts, too", "permitted;DNS:example", "x", "DNS:host.test", permitted,
         "host.test"},
        {"excluded host", "critical,excluded;DNS:host.test", "x", "DNS:host.test", excluded,
         "host.test"},
        {"excluded elsewhere", "critical,excluded;DNS:example", "x", "DNS:host.test", 0,
         "host.test"},
        {"second name elsewhere", "critical,permitted;DNS:test", "x",
         "DNS:host.test,DNS:host.example", permitted, "host.test"},
        {"permitted address", "critical,permitted;IP:10.0.0.0/255.0.0.0", "x", "IP:10.1.2.3", 0,
         "10.1.2.3"},
        {"address elsewhere", "critical,permitted;IP:10.0.0.0/255.0.0.0", "x", "IP:11.1.2.3",
         permitted, "11.1.2.3"},
        {"excluded address", "critical,excluded;IP:10.0.0.0/255.0.0.0", "x", "IP:10.1.2.3",
         excluded, "10.1.2.3"},
        {"common name as a host", "critical,permitted;DNS:example", "host.test", "email:a@b.c",
         permitted, "host.test"},
        {"common name beside a host name", "critical,permitted;DNS:test", "www.example",
         "DNS:host.test", 0, "host.test"},
    };
    (void)state;
    const struct zoo_cert *root = ZOO(.name = "root");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct zoo_cert *middle =
            ZOO(.name = "middle", .issuer = root,
                .extensions = {{"nameConstraints", rows[i].constraints}});
        const struct zoo_cert *leaf =
            ZOO(.name = rows[i].name, .issuer = middle, .authority = ZOO_END,
                .extensions = {{"subjectAltName", rows[i].san}});
        /* The authority that sets the bound carries the bit (C25). */
        CHECK(rows[i].what, PATH(leaf, {middle}, {root}, .name = rows[i].target),
              rows[i].errors == 0 ? GOOD(3) : SHOULD(rows[i].errors, 3, 1, CERT_E_INVALID_NAME, 1));
        const struct zoo_cert *strict =
            ZOO(.name = "strict", .extensions = {{"nameConstraints", rows[i].constraints}});
        const struct zoo_cert *direct =
            ZOO(.name = rows[i].name, .issuer = strict, .authority = ZOO_END,
                .extensions = {{"subjectAltName", rows[i].san}});
        CHECK("of the root", PATH(direct, {NULL}, {strict}, .name = rows[i].target),
              rows[i].errors == 0 ? GOOD(2) : SHOULD(rows[i].errors, 2, 1, CERT_E_INVALID_NAME, 1));
    }
}

/* directoryName constraints bind the subject: here CN=inside is what is permitted. */
static void directory_constraints(void **state)
{
    static const char permitted[] =
        "critical,DER:301BA0193017A415301331" /* permitted { directoryName { */
        "11300F0603550403"                    /* commonName */
        "0C08"
        "696E736964652121"; /* "inside!!" */
    (void)state;
    const struct zoo_cert *root = ZOO(.name = "root");
    const struct zoo_cert *middle =
        ZOO(.name = "middle", .issuer = root, .extensions = {{"2.5.29.30", permitted}});
    const struct zoo_cert *in =
        ZOO(.name = "inside!!", .issuer = middle, .authority = ZOO_END, .extensions = {HOST});
    const struct zoo_cert *out =
        ZOO(.name = "outside!", .issuer = middle, .authority = ZOO_END, .extensions = {HOST});
    CHECK("subject inside", PATH(in, {middle}, {root}), GOOD(3));
    CHECK("subject outside", PATH(out, {middle}, {root}),
          SHOULD(CERT_TRUST_HAS_NOT_PERMITTED_NAME_CONSTRAINT, 3, 1, CERT_E_INVALID_NAME, 1));
}

/* ---- one error only -------------------------------------------------------------------- */

static void precedence(void **state)
{
    (void)state;
    const struct zoo_cert *root = ZOO(.name = "root");
    const struct zoo_cert *leaf =
        ZOO(.name = "leaf", .authority = ZOO_END, .issuer = root, .not_after = ZOO_NOW - ZOO_DAY,
            .extensions = {{"extendedKeyUsage", "clientAuth"}, {"subjectAltName", "DNS:other"}});
    const DWORD both = CERT_TRUST_IS_NOT_VALID_FOR_USAGE | CERT_TRUST_IS_NOT_TIME_VALID;
    CHECK("untrusted root hides the rest (C44)", PATH(leaf, {root}, {NULL}),
          SHOULD(both | CERT_TRUST_IS_UNTRUSTED_ROOT, 2, -1, CERT_E_UNTRUSTEDROOT, 1));
    CHECK("usage before time", PATH(leaf, {NULL}, {root}),
          SHOULD(both, 2, 0, CERT_E_WRONG_USAGE, 0));
    const struct zoo_cert *misnamed = ZOO(.name = "leaf", .issuer = root, .authority = ZOO_END,
                                          .extensions = {{"subjectAltName", "DNS:other"}});
    CHECK("the name comes last (C53)", PATH(misnamed, {NULL}, {root}),
          SHOULD(0, 2, -1, CERT_E_CN_NO_MATCH, 0));
}

/* ---- memory ---------------------------------------------------------------------------- */

/* Without memory there is no verdict, and never a better one. */
static void no_memory(void **state)
{
    (void)state;
    const struct zoo_cert *root = ZOO(.name = "root");
    const struct zoo_cert *middle = ZOO(.name = "middle", .issuer = root);
    const struct zoo_cert *bad = ZOO(.name = "leaf", .issuer = middle, .authority = ZOO_END,
                                     .extensions = {{"extendedKeyUsage", "clientAuth"}});
    HCERTSTORE others = zoo_store(middle, root, NULL);
    HCERTSTORE roots = zoo_store(root, NULL);
    struct chain_request request = {.leaf = bad->context,
                                    .additional = others,
                                    .exclusive_root = roots,
                                    .server_name = "host.test",
                                    .now = ZOO_NOW};
    struct chain_verdict verdict;
    err result = ERR_NO_MEMORY;
    int failures = 0;
    proof_cache_switch(false);
    for (uint64_t n = 1; result != OK; n++) {
        int64_t live = mem_live();
        mem_fail_at(n, false);
        result = chain_judge(&request, &verdict);
        mem_fail_at(0, false);
        assert_int_equal(mem_live(), live);
        assert_int_not_equal(verdict.reason, OK);
        if (result != OK)
            assert_int_equal(result, ERR_NO_MEMORY);
        failures += result != OK;
    }
    assert_int_equal(verdict.reason, ERR_CERT_WRONG_USAGE);
    assert_true(failures > 2);
    proof_cache_switch(true);
    CertCloseStore(others, 0);
    CertCloseStore(roots, 0);
}

/* ---- planted --------------------------------------------------------------------------- */

/* The judge of this file notices a wrong expectation of each kind. */
static void positive_control(void **state)
{
    (void)state;
    const struct zoo_cert *root = ZOO(.name = "root");
    const struct zoo_cert *leaf = ZOO(.name = "leaf", .issuer = root, .authority = ZOO_END,
                                      .breaks_signature = true, .extensions = {SERVER, HOST});
    assert_true(
        judged_as("right", PATH(leaf, {NULL}, {root}),
                  SHOULD(CERT_TRUST_IS_NOT_SIGNATURE_VALID, 2, 0, TRUST_E_CERT_SIGNATURE, 0)));
    print_message("four planted expectations:\n");
    assert_false(judged_as("errors", PATH(leaf, {NULL}, {root}),
                           SHOULD(0, 2, 0, TRUST_E_CERT_SIGNATURE, 0)));
    assert_false(
        judged_as("count", PATH(leaf, {NULL}, {root}),
                  SHOULD(CERT_TRUST_IS_NOT_SIGNATURE_VALID, 1, 0, TRUST_E_CERT_SIGNATURE, 0)));
    assert_false(
        judged_as("element", PATH(leaf, {NULL}, {root}),
                  SHOULD(CERT_TRUST_IS_NOT_SIGNATURE_VALID, 2, 1, TRUST_E_CERT_SIGNATURE, 0)));
    assert_false(judged_as("verdict", PATH(leaf, {NULL}, {root}),
                           SHOULD(CERT_TRUST_IS_NOT_SIGNATURE_VALID, 2, 0, 0, 0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_kind),
        cmocka_unit_test(refused_keys_and_hashes),
        cmocka_unit_test(shapes),
        cmocka_unit_test(cross_signed),
        cmocka_unit_test(loops),
        cmocka_unit_test(depth),
        cmocka_unit_test(width),
        cmocka_unit_test(validity),
        cmocka_unit_test(authority),
        cmocka_unit_test(path_length),
        cmocka_unit_test(usages),
        cmocka_unit_test(extensions),
        cmocka_unit_test(name_constraints),
        cmocka_unit_test(directory_constraints),
        cmocka_unit_test(policies),
        cmocka_unit_test(precedence),

        cmocka_unit_test(no_memory),
        cmocka_unit_test(positive_control),
    };
    return cmocka_run_group_tests(tests, open_zoo, close_zoo);
}
