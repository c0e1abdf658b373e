/* SPDX-License-Identifier: MIT */
/*
 * Certificate policies along a path, with and without policies that are asked for. RFC 5280 6.1,
 * RFC 9618; certificates.md 7.2. Policies are 1.2.3.N; DER is written out, as libcrypto wants a
 * configuration file for it.
 */
#include "zoo.h"

#define POLICY(last)                                                                               \
    {                                                                                              \
        "2.5.29.32", "DER:3007300506032A03" last                                                   \
    }
#define POLICIES(a, b)                                                                             \
    {                                                                                              \
        "2.5.29.32", "DER:300E300506032A03" a "300506032A03" b                                     \
    }
#define ANY                                                                                        \
    {                                                                                              \
        "2.5.29.32", "DER:300830060604551D2000"                                                    \
    }
#define MAPPING(from, to)                                                                          \
    {                                                                                              \
        "2.5.29.33", "critical,DER:300C300A06032A03" from "06032A03" to                            \
    }
#define DEMANDED                                                                                   \
    {                                                                                              \
        "policyConstraints", "critical,requireExplicitPolicy:0"                                    \
    }
#define NO_MAPPING                                                                                 \
    {                                                                                              \
        "policyConstraints", "critical,inhibitPolicyMapping:0"                                     \
    }
#define NO_ANY                                                                                     \
    {                                                                                              \
        "inhibitAnyPolicy", "critical,0"                                                           \
    }

#define ONE   "1.2.3.1"
#define TWO   "1.2.3.2"
#define THREE "1.2.3.3"
#define EVERY "2.5.29.32.0"

#define CONSTRAINED (CERT_TRUST_INVALID_POLICY_CONSTRAINTS | CERT_TRUST_NO_ISSUANCE_CHAIN_POLICY)
#define BAD         CERT_TRUST_INVALID_POLICY_CONSTRAINTS
#define UNWANTED    CERT_TRUST_IS_NOT_VALID_FOR_USAGE

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

struct row {
    const char *what;
    struct zoo_extension upper[3];
    struct zoo_extension lower[3];
    struct zoo_extension leaf[3];
    struct chain_usages wanted;
    DWORD errors;
};

static void build(const struct row *row, struct chain *out)
{
    struct zoo_spec spec = {.name = "upper", .issuer = root};
    memcpy(spec.extensions, row->upper, sizeof row->upper);
    const struct zoo_cert *upper = zoo_make(&spec);
    spec = (struct zoo_spec){.name = "lower", .issuer = upper};
    memcpy(spec.extensions, row->lower, sizeof row->lower);
    const struct zoo_cert *lower = zoo_make(&spec);
    spec = (struct zoo_spec){.name = "leaf", .issuer = lower, .authority = ZOO_END};
    memcpy(spec.extensions, row->leaf, sizeof row->leaf);
    const struct zoo_cert *leaf = zoo_make(&spec);
    HCERTSTORE others = zoo_store(upper, lower, NULL);
    HCERTSTORE roots = zoo_store(root, NULL);
    struct chain_inputs inputs = {.leaf = cert_of(leaf->context),
                                  .searched = {store_of(others)},
                                  .roots = store_of(roots),
                                  .now = ZOO_NOW,
                                  .policies = row->wanted};
    assert_int_equal(chain_build(&inputs, out), OK);
    CertCloseStore(others, 0);
    CertCloseStore(roots, 0);
}

static bool fits(const struct row *row)
{
    struct chain chain;
    build(row, &chain);
    bool is_good = chain.errors == row->errors;
    if (!is_good)
        print_message("%s: %08x instead of %08x\n", row->what, chain.errors, row->errors);
    chain_release(&chain);
    return is_good;
}

static void check(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_true(fits(&rows[i]));
}

static void demanded(void **state)
{
    static const struct row rows[] = {
        {.what = "the same policy", {POLICY("01"), DEMANDED}, {POLICY("01")}, {POLICY("01")}},
        {.what = "any, then one", {ANY, DEMANDED}, {POLICY("01")}, {POLICY("01")}},
        {.what = "one, then any", {POLICY("01"), DEMANDED}, {ANY}, {POLICY("01")}},
        {.what = "one, any, any", {POLICY("01"), DEMANDED}, {ANY}, {ANY}},
        {.what = "any policy forbidden",
         {POLICY("01"), DEMANDED, NO_ANY},
         {ANY},
         {POLICY("01")},
         .errors = CONSTRAINED},
        {.what = "forbidden, and not used",
         {POLICY("01"), DEMANDED, NO_ANY},
         {POLICY("01")},
         {POLICY("01")}},
        {.what = "mapped",
         {POLICY("01"), DEMANDED, MAPPING("01", "02")},
         {POLICY("02")},
         {POLICY("02")}},
        {.what = "mapped, and not followed",
         {POLICY("01"), DEMANDED, MAPPING("01", "02")},
         {POLICY("01")},
         {POLICY("01")},
         .errors = CONSTRAINED},
        {.what = "mapped out of any",
         {ANY, DEMANDED, MAPPING("01", "02")},
         {POLICY("02")},
         {POLICY("02")}},
        {.what = "mapped by the lower one",
         {POLICY("01"), DEMANDED},
         {POLICY("01"), MAPPING("01", "02")},
         {POLICY("02")}},
        {.what = "mapping forbidden above",
         {POLICY("01"), NO_MAPPING},
         {POLICY("01"), MAPPING("01", "02"), DEMANDED},
         {POLICY("02")},
         .errors = CONSTRAINED},
        {.what = "two, of which one runs through",
         {POLICIES("01", "02"), DEMANDED},
         {POLICIES("02", "03")},
         {POLICIES("02", "04")}},
        {.what = "two, of which none does",
         {POLICIES("01", "02"), DEMANDED},
         {POLICIES("02", "03")},
         {POLICIES("01", "03")},
         .errors = CONSTRAINED},
    };
    (void)state;
    check(rows, ARRAY_LEN(rows));
}

static void malformed(void **state)
{
    static const struct row rows[] = {
        {.what = "mapped from any",
         {ANY, {"2.5.29.33", "critical,DER:300D300B0604551D200006032A0301"}},
         {{0}},
         {{0}},
         .errors = BAD},
        {.what = "mapped to any",
         {ANY, {"2.5.29.33", "critical,DER:300D300B06032A03010604551D2000"}},
         {{0}},
         {{0}},
         .errors = BAD},
        {.what = "constraints of nothing",
         {{"2.5.29.36", "critical,DER:3000"}},
         {{0}},
         {{0}},
         .errors = BAD},
        {.what = "a negative number",
         {{"2.5.29.36", "critical,DER:30038001FF"}},
         {{0}},
         {{0}},
         .errors = BAD},
        {.what = "a negative number of any",
         {{"2.5.29.54", "critical,DER:0201FF"}},
         {{0}},
         {{0}},
         .errors = BAD},
        {.what = "policies that are none",
         {{"2.5.29.32", "DER:0500"}},
         {{0}},
         {{0}},
         .errors = BAD},
        {.what = "a large number is no limit",
         {{"2.5.29.36", "critical,DER:3006800400FFFFFF"}},
         {{0}},
         {{0}}},
    };
    (void)state;
    check(rows, ARRAY_LEN(rows));
}

#define WANTED(all_, ...)                                                                          \
    .wanted = {.oids = {__VA_ARGS__},                                                              \
               .count = sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *),                    \
               .all = (all_)}

static void wanted(void **state)
{
    static const struct row rows[] = {
        {.what = "the one that is there",
         {POLICY("01")},
         {POLICY("01")},
         {POLICY("01")},
         WANTED(true, ONE)},
        {.what = "another one",
         {POLICY("01")},
         {POLICY("01")},
         {POLICY("01")},
         WANTED(true, TWO),
         .errors = UNWANTED},
        {.what = "one of two",
         {POLICY("01")},
         {POLICY("01")},
         {POLICY("01")},
         WANTED(false, TWO, ONE)},
        {.what = "both of two",
         {POLICY("01")},
         {POLICY("01")},
         {POLICY("01")},
         WANTED(true, TWO, ONE),
         .errors = UNWANTED},
        {.what = "both, and there",
         {POLICIES("01", "02")},
         {POLICIES("01", "02")},
         {POLICIES("01", "02")},
         WANTED(true, TWO, ONE)},
        {.what = "any at all", {POLICY("01")}, {POLICY("01")}, {POLICY("01")}, WANTED(true, EVERY)},
        {.what = "any, and there is none",
         {{0}},
         {{0}},
         {{0}},
         WANTED(true, EVERY),
         .errors = UNWANTED},
        {.what = "under any policy", {ANY}, {ANY}, {ANY}, WANTED(true, THREE)},
        {.what = "under any policy, narrowed",
         {ANY},
         {POLICY("01")},
         {POLICY("01")},
         WANTED(true, THREE),
         .errors = UNWANTED},
        {.what = "by its name at the anchor's side",
         {POLICY("01"), MAPPING("01", "02")},
         {POLICY("02")},
         {POLICY("02")},
         WANTED(true, ONE)},
        {.what = "not by the mapped name",
         {POLICY("01"), MAPPING("01", "02")},
         {POLICY("02")},
         {POLICY("02")},
         WANTED(true, TWO),
         .errors = UNWANTED},
        {.what = "mapped out of any",
         {ANY, MAPPING("01", "02")},
         {POLICY("02")},
         {POLICY("02")},
         WANTED(true, ONE)},
        {.what = "missing in the leaf",
         {POLICY("01")},
         {POLICY("01")},
         {{0}},
         WANTED(true, ONE),
         .errors = UNWANTED},
    };
    (void)state;
    check(rows, ARRAY_LEN(rows));
}

/* ---- bounds ---------------------------------------------------------------------------- */

enum { COUNT_MAX = 256, ONE_LEN = 8 };

/* certificatePolicies with this many policies 1.2.3.N, as hexadecimal text. */
static const char *many(char *text, size_t cap, unsigned count)
{
    size_t n = (size_t)snprintf(text, cap, "DER:3082%04X", count * (ONE_LEN + 1));
    for (unsigned i = 0; i < count; i++)
        n += (size_t)snprintf(text + n, cap - n, "300706052A03%02X%02X%02X", 0x81, 0x80 | i >> 7,
                              i & 0x7F);
    return text;
}

static void bounds(void **state)
{
    static char full[16 + 2 * (COUNT_MAX + 1) * (ONE_LEN + 1)];
    static char over[16 + 2 * (COUNT_MAX + 1) * (ONE_LEN + 1)];
    (void)state;
    const char *at_limit = many(full, sizeof full, COUNT_MAX);
    const char *above = many(over, sizeof over, COUNT_MAX + 1);
    const struct row rows[] = {
        {.what = "as many as are taken",
         {{"2.5.29.32", at_limit}, DEMANDED},
         {{"2.5.29.32", at_limit}},
         {{"2.5.29.32", at_limit}}},
        {.what = "one more", {{"2.5.29.32", above}}, {{0}}, {{0}}, .errors = BAD},
    };
    check(rows, ARRAY_LEN(rows));
}

static void infos(void **state)
{
    struct chain chain;
    (void)state;
    build(&(struct row){.upper = {POLICY("01")}, .lower = {POLICY("01")}, .leaf = {POLICY("01")}},
          &chain);
    assert_true((chain.elements[0].infos & CERT_TRUST_HAS_ISSUANCE_CHAIN_POLICY) != 0);
    chain_release(&chain);
    build(&(struct row){.what = "none"}, &chain);
    assert_false((chain.elements[0].infos & CERT_TRUST_HAS_ISSUANCE_CHAIN_POLICY) != 0);
    chain_release(&chain);
}

static void positive_control(void **state)
{
    (void)state;
    print_message("two planted expectations:\n");
    assert_false(fits(&(struct row){.what = "control", .upper = {DEMANDED}}));
    assert_false(fits(&(struct row){.what = "control", .errors = CONSTRAINED}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(demanded), cmocka_unit_test(malformed), cmocka_unit_test(wanted),
        cmocka_unit_test(bounds),   cmocka_unit_test(infos),     cmocka_unit_test(positive_control),
    };
    return cmocka_run_group_tests(tests, open_zoo, close_zoo);
}
