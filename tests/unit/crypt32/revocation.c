/* SPDX-License-Identifier: MIT */
/*
 * Revocation along a chain: lists in stores, their scope, signers and deltas, and stapled
 * responses. certificates.md 7.3, observed.md 16.5, RFC 5280 6.3.3, RFC 6960 4.2.2.2.
 */
#include "crypt32/crl.h"
#include "zoo_lists.h"

#define URI "URI:http://lists.test/one.crl"
#define POINT                                                                                      \
    {                                                                                              \
        "crlDistributionPoints", URI                                                               \
    }
#define UNKNOWN CERT_TRUST_REVOCATION_STATUS_UNKNOWN
#define OFFLINE (CERT_TRUST_REVOCATION_STATUS_UNKNOWN | CERT_TRUST_IS_OFFLINE_REVOCATION)
#define REVOKED CERT_TRUST_IS_REVOKED

static const struct zoo_cert *root;
static const struct zoo_cert *middle;
static const struct zoo_cert *leaf;  /* names no place to ask */
static const struct zoo_cert *point; /* names one */
static const struct zoo_cert *other; /* of another authority */

static int open_zoo(void **state)
{
    (void)state;
    zoo_open();
    root = ZOO(.name = "root");
    middle = ZOO(.name = "middle", .issuer = root);
    leaf = ZOO(.name = "leaf", .issuer = middle, .authority = ZOO_END);
    point = ZOO(.name = "point", .issuer = middle, .authority = ZOO_END, .extensions = {POINT});
    other = ZOO(.name = "other");
    return 0;
}

static int close_zoo(void **state)
{
    (void)state;
    zoo_close();
    return 0;
}

/* ---- asking ---------------------------------------------------------------------------- */

enum { LISTS_MAX = 4 };

struct setting {
    const struct zoo_cert *leaf;
    const struct zoo_cert *others[4];
    const struct zoo_der *lists[LISTS_MAX];
    const struct zoo_der *root_lists[2];
    enum chain_revocation which; /* CHAIN_REVOCATION_NONE: of the end certificate */
    int64_t now;                 /* of the answers; 0: ZOO_NOW */
    int64_t age_max;
};

static void open_stores(const struct setting *s, HCERTSTORE *out_others, HCERTSTORE *out_roots)
{
    *out_others = zoo_store(middle, NULL);
    *out_roots = zoo_store(root, NULL);
    for (size_t i = 0; i < ARRAY_LEN(s->others) && s->others[i] != NULL; i++)
        assert_true(CertAddCertificateContextToStore(*out_others, s->others[i]->context,
                                                     CERT_STORE_ADD_ALWAYS, NULL));
    for (size_t i = 0; i < LISTS_MAX && s->lists[i] != NULL; i++)
        zoo_add_list(*out_others, s->lists[i]);
    for (size_t i = 0; i < ARRAY_LEN(s->root_lists) && s->root_lists[i] != NULL; i++)
        zoo_add_list(*out_roots, s->root_lists[i]);
}

static void build(const struct setting *s, struct chain *out)
{
    HCERTSTORE others;
    HCERTSTORE roots;
    open_stores(s, &others, &roots);
    struct chain_inputs inputs = {
        .leaf = cert_of(s->leaf->context),
        .searched = {store_of(others)},
        .roots = store_of(roots),
        .now = ZOO_NOW,
        .revocation = s->which != CHAIN_REVOCATION_NONE ? s->which : CHAIN_REVOCATION_END,
        .revocation_now = s->now,
        .revocation_age_max = s->age_max};
    assert_int_equal(chain_build(&inputs, out), OK);
    CertCloseStore(others, 0);
    CertCloseStore(roots, 0);
}

/* Whether the whole chain has these errors, and the end certificate its share of them. */
static bool gives(const char *what, const struct setting *s, DWORD errors)
{
    struct chain chain;
    build(s, &chain);
    bool fits = chain.errors == errors &&
                (s->which != CHAIN_REVOCATION_NONE || chain.elements[0].errors == errors);
    if (!fits)
        print_message("%s: %08x (end %08x) instead of %08x\n", what, chain.errors,
                      chain.elements[0].errors, errors);
    chain_release(&chain);
    return fits;
}

#define GIVES(what, errors, ...) assert_true(gives(what, &(struct setting){__VA_ARGS__}, errors))

/* ---- rows ------------------------------------------------------------------------------ */

static void without_lists(void **state)
{
    (void)state;
    GIVES("nothing to ask (C86)", UNKNOWN, .leaf = leaf);
    GIVES("a place to ask", OFFLINE, .leaf = point);
    GIVES("the whole chain but the root", UNKNOWN, .leaf = leaf,
          .which = CHAIN_REVOCATION_BUT_ROOT);
    GIVES("the root needs no answer (C85)", 0, .leaf = root, .which = CHAIN_REVOCATION_ALL);
}

static void plain_lists(void **state)
{
    (void)state;
    struct zoo_der empty = LIST(.issuer = middle);
    struct zoo_der listing = LIST(.issuer = middle, .entries = {{.cert = leaf, .reason = 1}});
    struct zoo_der hold = LIST(.issuer = middle, .entries = {{.cert = leaf, .reason = 6}});
    struct zoo_der removed = LIST(.issuer = middle, .entries = {{.cert = leaf, .reason = 8}});
    struct zoo_der foreign = LIST(.issuer = other, .entries = {{.cert = leaf}});
    struct zoo_der forged = LIST(.issuer = middle, .signer = other);
    struct zoo_der broken = LIST(.issuer = middle, .breaks_signature = true);
    struct zoo_der weak = LIST(.issuer = middle, .hash = "SHA1");
    GIVES("an empty list", 0, .leaf = leaf, .lists = {&empty});
    GIVES("listed", REVOKED, .leaf = leaf, .lists = {&listing});
    GIVES("on hold is revoked", REVOKED, .leaf = leaf, .lists = {&hold});
    GIVES("removed is not", 0, .leaf = leaf, .lists = {&removed});
    GIVES("of another issuer", UNKNOWN, .leaf = leaf, .lists = {&foreign});
    GIVES("signed by somebody else", UNKNOWN, .leaf = leaf, .lists = {&forged});
    GIVES("with a broken signature", UNKNOWN, .leaf = leaf, .lists = {&broken});
    GIVES("signed with a weak hash", UNKNOWN, .leaf = leaf, .lists = {&weak});
    GIVES("the revoking one wins (C87)", REVOKED, .leaf = leaf, .lists = {&empty, &listing});
    GIVES("in either order", REVOKED, .leaf = leaf, .lists = {&listing, &empty});
    GIVES("in the root store (C87)", REVOKED, .leaf = leaf, .root_lists = {&listing});
    GIVES("empty in the root store", 0, .leaf = leaf, .root_lists = {&empty});
}

static void whole_chain(void **state)
{
    (void)state;
    struct zoo_der fine = LIST(.issuer = middle);
    struct zoo_der root_fine = LIST(.issuer = root);
    struct zoo_der root_listing = LIST(.issuer = root, .entries = {{.cert = middle}});
    GIVES("all good", 0, .leaf = leaf, .lists = {&fine, &root_fine},
          .which = CHAIN_REVOCATION_BUT_ROOT);
    GIVES("the authority is not known", UNKNOWN, .leaf = leaf, .lists = {&fine},
          .which = CHAIN_REVOCATION_BUT_ROOT);
    GIVES("the authority is revoked", REVOKED, .leaf = leaf, .lists = {&fine, &root_listing},
          .which = CHAIN_REVOCATION_ALL);
    GIVES("and nobody asks", 0, .leaf = leaf, .lists = {&fine, &root_listing});
}

static void freshness(void **state)
{
    (void)state;
    struct zoo_der day = LIST(.issuer = middle);
    struct zoo_der endless = LIST(.issuer = middle, .next_update = -1);
    GIVES("the last second", 0, .leaf = leaf, .lists = {&day}, .now = ZOO_NOW + ZOO_DAY);
    GIVES("out of date", OFFLINE, .leaf = leaf, .lists = {&day}, .now = ZOO_NOW + ZOO_DAY + 1);
    GIVES("the first second", 0, .leaf = leaf, .lists = {&day}, .now = ZOO_NOW - ZOO_DAY);
    GIVES("not yet", OFFLINE, .leaf = leaf, .lists = {&day}, .now = ZOO_NOW - ZOO_DAY - 1);
    GIVES("without an end", 0, .leaf = leaf, .lists = {&endless}, .now = ZOO_NOW + 999 * ZOO_DAY);
    GIVES("young enough", 0, .leaf = leaf, .lists = {&day}, .age_max = ZOO_DAY);
    GIVES("too old for the caller", OFFLINE, .leaf = leaf, .lists = {&day}, .age_max = ZOO_DAY - 1);
}

static void extensions(void **state)
{
    static const struct zoo_extension odd = {"1.2.3.4", "critical,DER:0500"};
    static const struct zoo_extension odd_but_harmless = {"1.2.3.4", "DER:0500"};
    (void)state;
    struct zoo_der list = LIST(.issuer = middle, .extension = odd);
    struct zoo_der entry = LIST(.issuer = middle, .entries = {{.cert = leaf, .extension = odd}});
    struct zoo_der elsewhere =
        LIST(.issuer = middle, .entries = {{.cert = point, .extension = odd}});
    struct zoo_der harmless = LIST(.issuer = middle, .extension = odd_but_harmless);
    GIVES("critical and not known", UNKNOWN, .leaf = leaf, .lists = {&list});
    GIVES("of the entry", UNKNOWN, .leaf = leaf, .lists = {&entry});
    GIVES("of another entry", UNKNOWN, .leaf = leaf, .lists = {&elsewhere});
    GIVES("not critical", 0, .leaf = leaf, .lists = {&harmless});
}

static void scopes(void **state)
{
    static const struct {
        const char *what;
        const char *scope;
        DWORD leaf; /* of `leaf`, which has no point */
        DWORD point;
    } rows[] = {
        {"end certificates", "critical,onlyuser:TRUE", 0, 0},
        {"authorities", "critical,onlyCA:TRUE", UNKNOWN, OFFLINE},
        {"attribute certificates", "critical,onlyAA:TRUE", UNKNOWN, OFFLINE},
        {"some reasons", "critical,onlysomereasons:keyCompromise", UNKNOWN, OFFLINE},
        {"indirect", "critical,indirectCRL:TRUE", UNKNOWN, OFFLINE},
        {"the same point", "critical,fullname:" URI, UNKNOWN, 0},
        {"in other letters", "critical,fullname:URI:HTTP://LISTS.test/ONE.crl", UNKNOWN, 0},
        {"another point", "critical,fullname:URI:http://lists.test/two.crl", UNKNOWN, OFFLINE},
        {"not critical, and obeyed", "onlyCA:TRUE", UNKNOWN, OFFLINE},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct zoo_der list = LIST(.issuer = middle, .scope = rows[i].scope);
        GIVES(rows[i].what, rows[i].leaf, .leaf = leaf, .lists = {&list});
        GIVES(rows[i].what, rows[i].point, .leaf = point, .lists = {&list});
    }
    struct zoo_der authorities = LIST(.issuer = root, .scope = "critical,onlyCA:TRUE");
    struct zoo_der ends = LIST(.issuer = middle, .scope = "critical,onlyuser:TRUE");
    GIVES("each its own", 0, .leaf = leaf, .lists = {&authorities, &ends},
          .which = CHAIN_REVOCATION_BUT_ROOT);
}

static void deltas(void **state)
{
    (void)state;
    struct zoo_der base = LIST(.issuer = middle, .number = 5);
    struct zoo_der held =
        LIST(.issuer = middle, .number = 5, .entries = {{.cert = leaf, .reason = 6}});
    struct zoo_der adds =
        LIST(.issuer = middle, .number = 7, .base_number = 4, .entries = {{.cert = leaf}});
    struct zoo_der lifts = LIST(.issuer = middle, .number = 7, .base_number = 5,
                                .entries = {{.cert = leaf, .reason = 8}});
    struct zoo_der later = LIST(.issuer = middle, .number = 8, .base_number = 5);
    struct zoo_der ahead =
        LIST(.issuer = middle, .number = 7, .base_number = 6, .entries = {{.cert = leaf}});
    struct zoo_der older =
        LIST(.issuer = middle, .number = 5, .base_number = 4, .entries = {{.cert = leaf}});
    struct zoo_der stale = LIST(.issuer = middle, .number = 7, .base_number = 5,
                                .next_update = ZOO_NOW - 1, .entries = {{.cert = leaf}});
    GIVES("a delta alone", UNKNOWN, .leaf = leaf, .lists = {&adds});
    GIVES("adds", REVOKED, .leaf = leaf, .lists = {&base, &adds});
    GIVES("adds, found first", REVOKED, .leaf = leaf, .lists = {&adds, &base});
    GIVES("lifts a hold", 0, .leaf = leaf, .lists = {&held, &lifts});
    GIVES("the latest one counts", 0, .leaf = leaf, .lists = {&base, &adds, &later});
    GIVES("for a newer base", 0, .leaf = leaf, .lists = {&base, &ahead});
    GIVES("not newer than the base", 0, .leaf = leaf, .lists = {&base, &older});
    GIVES("out of date", 0, .leaf = leaf, .lists = {&base, &stale});
}

/* RFC 5280 6.3.3 (f): another key of the issuer, if its own path is good. */
static void other_signers(void **state)
{
    (void)state;
    static const struct zoo_extension lists_only = {"keyUsage", "critical,cRLSign"};
    static const struct zoo_extension certs_only = {"keyUsage", "critical,keyCertSign"};
    const struct zoo_cert *lister = ZOO(.name = "middle", .label = "lists", .issuer = root,
                                        .authority = ZOO_END, .extensions = {lists_only});
    const struct zoo_cert *signer =
        ZOO(.name = "middle", .label = "certs", .issuer = root, .extensions = {certs_only});
    const struct zoo_cert *end = ZOO(.name = "end", .issuer = signer, .authority = ZOO_END);
    const struct zoo_cert *late =
        ZOO(.name = "middle", .label = "lists", .issuer = root, .authority = ZOO_END,
            .not_after = ZOO_NOW - 1, .extensions = {lists_only});
    const struct zoo_cert *stranger = ZOO(.name = "middle", .label = "lists", .issuer = other,
                                          .authority = ZOO_END, .extensions = {lists_only});
    struct zoo_der list = LIST(.issuer = middle, .signer = lister);
    struct zoo_der listing = LIST(.issuer = middle, .signer = lister, .entries = {{.cert = end}});
    struct zoo_der own = LIST(.issuer = signer);
    struct zoo_der signers = LIST(.issuer = root);
    struct zoo_der without = LIST(.issuer = root, .entries = {{.cert = lister}});
    GIVES("the issuer may not sign lists", UNKNOWN, .leaf = end, .others = {signer},
          .lists = {&own});
    GIVES("its other key may", 0, .leaf = end, .others = {signer, lister},
          .lists = {&list, &signers});
    GIVES("and revokes", REVOKED, .leaf = end, .others = {signer, lister},
          .lists = {&listing, &signers});
    GIVES("nothing is known of the other key", UNKNOWN, .leaf = end, .others = {signer, lister},
          .lists = {&list});
    GIVES("the other key is revoked", UNKNOWN, .leaf = end, .others = {signer, lister},
          .lists = {&list, &without});
    GIVES("the other key is out of date", UNKNOWN, .leaf = end, .others = {signer, late},
          .lists = {&list, &signers});
    GIVES("the other key hangs elsewhere", UNKNOWN, .leaf = end,
          .others = {signer, stranger, other}, .lists = {&list, &signers});
}

/* The path whose authority is revoked is left for one that is not. */
static void backtracking(void **state)
{
    (void)state;
    const struct zoo_cert *second = ZOO(.name = "middle", .issuer = root);
    struct zoo_der fine = LIST(.issuer = middle);
    struct zoo_der revokes_first = LIST(.issuer = root, .entries = {{.cert = middle}});
    struct zoo_der revokes_both =
        LIST(.issuer = root, .entries = {{.cert = middle}, {.cert = second}});
    GIVES("the other certificate of the same key", 0, .leaf = leaf, .others = {second},
          .lists = {&fine, &revokes_first}, .which = CHAIN_REVOCATION_BUT_ROOT);
    GIVES("both", REVOKED, .leaf = leaf, .others = {second}, .lists = {&fine, &revokes_both},
          .which = CHAIN_REVOCATION_BUT_ROOT);
}

/* ---- what is told ---------------------------------------------------------------------- */

static void details(void **state)
{
    (void)state;
    struct chain chain;
    struct zoo_der base = LIST(.issuer = middle, .number = 1);
    struct zoo_der delta = LIST(.issuer = middle, .number = 2, .base_number = 1,
                                .entries = {{.cert = leaf, .reason = 4}});
    build(&(struct setting){.leaf = leaf, .lists = {&base, &delta}}, &chain);
    const struct revocation *found = chain.elements[0].revocation;
    assert_non_null(found);
    assert_int_equal(found->result, (DWORD)CRYPT_E_REVOKED);
    assert_int_equal(found->reason, CRL_REASON_SUPERSEDED);
    assert_true(found->has_freshness);
    assert_int_equal(found->freshness, ZOO_DAY);
    assert_true(found->is_in_delta);
    assert_memory_equal(found->base->der, base.bytes, base.n);
    assert_memory_equal(found->delta->der, delta.bytes, delta.n);
    assert_ptr_equal(found->entry, &found->delta->info->rgCRLEntry[0]);
    assert_null(chain.elements[1].revocation);
    chain_release(&chain);
}

/* ---- stapled responses ----------------------------------------------------------------- */

static bool stapled(const char *what, const struct zoo_der *response, const struct zoo_der *list,
                    DWORD errors, DWORD infos)
{
    const DWORD asked = CERT_TRUST_SSL_HANDSHAKE_OCSP | CERT_TRUST_SSL_TIME_VALID_OCSP;
    struct chain chain;
    zoo_set_staple(leaf->context, response);
    build(&(struct setting){.leaf = leaf, .lists = {list}}, &chain);
    cert_drop_property(cert_of(leaf->context), CERT_OCSP_RESPONSE_PROP_ID);
    bool fits = chain.errors == errors && (chain.elements[0].infos & asked) == infos;
    if (!fits)
        print_message("%s: errors %08x infos %08x\n", what, chain.errors, chain.elements[0].infos);
    chain_release(&chain);
    return fits;
}

enum { TOLD = CERT_TRUST_SSL_HANDSHAKE_OCSP | CERT_TRUST_SSL_TIME_VALID_OCSP };

#define STAPLED(what, errors, infos, ...)                                                          \
    do {                                                                                           \
        struct zoo_der response = STAPLE(__VA_ARGS__);                                             \
        assert_true(stapled(what, &response, NULL, errors, infos));                                \
    } while (0)

static void responses(void **state)
{
    (void)state;
    const int revoked = V_OCSP_CERTSTATUS_REVOKED;
    const int64_t hour = 3600;
    STAPLED("good", 0, TOLD, .cert = leaf, .issuer = middle, .status = V_OCSP_CERTSTATUS_GOOD);
    STAPLED("named by its key", 0, TOLD, .cert = leaf, .issuer = middle, .by_key = true);
    STAPLED("without the certificate", 0, TOLD, .cert = leaf, .issuer = middle,
            .omits_signer = true);
    STAPLED("identified by SHA-256", 0, TOLD, .cert = leaf, .issuer = middle, .id_hash = "SHA256");
    STAPLED("revoked", REVOKED, TOLD, .cert = leaf, .issuer = middle, .status = revoked,
            .reason = 1);
    STAPLED("unknown to the responder", UNKNOWN, 0, .cert = leaf, .issuer = middle,
            .status = V_OCSP_CERTSTATUS_UNKNOWN);
    STAPLED("out of date", OFFLINE, 0, .cert = leaf, .issuer = middle, .next_update = ZOO_NOW - 1);
    STAPLED("out of date, revoked", OFFLINE, 0, .cert = leaf, .issuer = middle, .status = revoked,
            .next_update = ZOO_NOW - 1);
    STAPLED("a clock that is ahead", 0, TOLD, .cert = leaf, .issuer = middle,
            .this_update = ZOO_NOW + 300);
    STAPLED("too far ahead", OFFLINE, 0, .cert = leaf, .issuer = middle,
            .this_update = ZOO_NOW + 301);
    STAPLED("without an end", 0, TOLD, .cert = leaf, .issuer = middle, .next_update = -1,
            .this_update = ZOO_NOW - 12 * hour);
    STAPLED("without an end, old", OFFLINE, 0, .cert = leaf, .issuer = middle, .next_update = -1,
            .this_update = ZOO_NOW - 12 * hour - 1);
    STAPLED("about another one", UNKNOWN, 0, .issuer = middle, .cert = point);
    STAPLED("of another issuer", UNKNOWN, 0, .cert = leaf, .issuer = root);
    STAPLED("with a broken signature", UNKNOWN, 0, .cert = leaf, .issuer = middle,
            .omits_signer = true, .breaks_signature = true);
    STAPLED("an error", UNKNOWN, 0, .cert = leaf, .issuer = middle, .is_error = true);
    STAPLED("signed by a stranger", UNKNOWN, 0, .cert = leaf, .issuer = middle, .signer = other);
}

static void delegates(void **state)
{
    static const struct zoo_extension ocsp = {"extendedKeyUsage", "OCSPSigning"};
    static const struct zoo_extension no_check = {"1.3.6.1.5.5.7.48.1.5", "DER:0500"};
    (void)state;
    const struct {
        const char *what;
        struct zoo_spec spec;
        DWORD errors;
    } rows[] = {
        {"a delegate", {.issuer = middle, .extensions = {ocsp}}, 0},
        {"nobody need ask", {.issuer = middle, .extensions = {ocsp, no_check}}, 0},
        {"without the usage", {.issuer = middle}, UNKNOWN},
        {"for any usage",
         {.issuer = middle, .extensions = {{"extendedKeyUsage", "anyExtendedKeyUsage"}}},
         UNKNOWN},
        {"of another authority", {.issuer = root, .extensions = {ocsp}}, UNKNOWN},
        {"self-made", {.extensions = {ocsp}}, UNKNOWN},
        {"out of date",
         {.issuer = middle, .not_after = ZOO_NOW - 1, .extensions = {ocsp}},
         UNKNOWN},
        {"not for signatures",
         {.issuer = middle, .extensions = {ocsp, {"keyUsage", "keyEncipherment"}}},
         UNKNOWN},
        {"with a broken signature",
         {.issuer = middle, .extensions = {ocsp}, .breaks_signature = true},
         UNKNOWN},
        {"with an odd extension",
         {.issuer = middle, .extensions = {ocsp, {"1.2.3.4", "critical,DER:0500"}}},
         UNKNOWN},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct zoo_spec spec = rows[i].spec;
        spec.name = "responder";
        spec.authority = ZOO_END;
        const struct zoo_cert *signer = zoo_make(&spec);
        struct zoo_der response = STAPLE(.cert = leaf, .issuer = middle, .signer = signer);
        /* libcrypto encodes the certificate anew, without the flaw. */
        if (spec.breaks_signature)
            response.bytes[response.n - 1] ^= 1;
        assert_true(
            stapled(rows[i].what, &response, NULL, rows[i].errors, rows[i].errors == 0 ? TOLD : 0));
    }
}

/* Lists say what the response does not. */
static void responses_and_lists(void **state)
{
    static const struct zoo_extension ocsp = {"extendedKeyUsage", "OCSPSigning"};
    (void)state;
    const struct zoo_cert *delegate =
        ZOO(.name = "responder", .issuer = middle, .authority = ZOO_END, .extensions = {ocsp});
    struct zoo_der good = STAPLE(.cert = leaf, .issuer = middle);
    struct zoo_der delegated = STAPLE(.cert = leaf, .issuer = middle, .signer = delegate);
    struct zoo_der empty = LIST(.issuer = middle);
    struct zoo_der listing = LIST(.issuer = middle, .entries = {{.cert = leaf}});
    struct zoo_der silencing = LIST(.issuer = middle, .entries = {{.cert = delegate}});
    assert_true(stapled("both good", &good, &empty, 0, TOLD));
    assert_true(stapled("a good response, revoked in a list", &good, &listing, REVOKED, 0));
    assert_true(stapled("a revoked delegate, and a list", &delegated, &silencing, 0, 0));
}

/* Every truncation, and every byte changed: never good, nothing leaks. */
static void broken_responses(void **state)
{
    (void)state;
    struct zoo_der response = STAPLE(.cert = leaf, .issuer = middle, .omits_signer = true);
    int accepted = 0;
    for (size_t n = 1; n < response.n; n++) {
        struct zoo_der cut = response;
        cut.n = n;
        assert_true(stapled("cut", &cut, NULL, UNKNOWN, 0));
    }
    for (size_t i = 0; i < response.n; i++) {
        struct zoo_der changed = response;
        struct chain chain;
        changed.bytes[i] ^= 0x01;
        zoo_set_staple(leaf->context, &changed);
        build(&(struct setting){.leaf = leaf}, &chain);
        accepted += chain.errors == 0;
        chain_release(&chain);
    }
    cert_drop_property(cert_of(leaf->context), CERT_OCSP_RESPONSE_PROP_ID);
    assert_int_equal(accepted, 0);
}

/* ---- planted --------------------------------------------------------------------------- */

static void positive_control(void **state)
{
    (void)state;
    struct zoo_der listing = LIST(.issuer = middle, .entries = {{.cert = leaf}});
    print_message("two planted expectations:\n");
    assert_false(gives("control", &(struct setting){.leaf = leaf, .lists = {&listing}}, 0));
    assert_false(gives("control", &(struct setting){.leaf = leaf}, REVOKED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_lists),
        cmocka_unit_test(plain_lists),
        cmocka_unit_test(whole_chain),
        cmocka_unit_test(freshness),
        cmocka_unit_test(extensions),
        cmocka_unit_test(scopes),
        cmocka_unit_test(deltas),
        cmocka_unit_test(other_signers),
        cmocka_unit_test(backtracking),
        cmocka_unit_test(details),
        cmocka_unit_test(responses),
        cmocka_unit_test(delegates),
        cmocka_unit_test(responses_and_lists),
        cmocka_unit_test(broken_responses),
        cmocka_unit_test(positive_control),
    };
    return cmocka_run_group_tests(tests, open_zoo, close_zoo);
}
