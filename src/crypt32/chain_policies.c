/* SPDX-License-Identifier: MIT */
/*
 * Certificate policies along a path: RFC 5280 6.1 with the shape of RFC 9618, where a policy stands
 * once on each level, so that the work grows with the certificates and not with their product.
 *
 * Of a level only what the next one needs is kept: the policies that are expected there, each with
 * the requested policies that lead to it (a bit for each), and whether any policy may follow. What
 * is left below the last certificate is the answer. The anchor does not take part.
 */
#include "crypt32/chain.h"
#include "crypt32/codec.h"

enum {
    POLICIES_MAX = 256, /* of a certificate, and of a level: more end the processing with a fault */
    MAPPINGS_MAX = 256,
    UNLIMITED = CHAIN_DEPTH_MAX + 1
};

struct policy {
    struct span oid; /* content of the OBJECT IDENTIFIER, inside the certificate */
    uint32_t wanted; /* the requested policies that lead here */
};

struct level {
    struct policy policies[POLICIES_MAX];
    size_t count;
    bool any;
};

struct mapping {
    struct span issuer;
    struct span subject;
};

/* The policy extensions of one certificate. */
struct own {
    struct span policies[POLICIES_MAX];
    size_t count;
    bool has_policies;
    bool has_any;
    struct mapping mappings[MAPPINGS_MAX];
    size_t mapping_count;
    int64_t require_explicit; /* -1: not there */
    int64_t inhibit_mapping;
    int64_t inhibit_any;
    bool is_bad;
};

struct walk {
    const struct chain_usages *wanted;
    struct level level;
    struct level next; /* while it is being made */
    struct own own;
    int64_t explicit_policy; /* certificates until a policy is demanded, and so on */
    int64_t policy_mapping;
    int64_t inhibit_any;
};

static const uint8_t any_policy[] = {0x55, 0x1D, 0x20, 0x00};

static bool is_any(struct span oid)
{
    return span_equal(oid, span_of(any_policy, sizeof any_policy));
}

/* ---- reading --------------------------------------------------------------------------- */

static bool find_value(const struct cert *cert, const char *oid, struct span *out)
{
    const CERT_INFO *info = &cert->body->info;
    const CERT_EXTENSION *extension = CertFindExtension(oid, info->cExtension, info->rgExtension);
    if (extension != NULL)
        *out = span_of(extension->Value.pbData, extension->Value.cbData);
    return extension != NULL;
}

static void read_asserted(struct own *own, struct span value)
{
    struct decoder d = {0};
    struct rd r = rd_from(value);
    struct rd list = asn_enter(&d, &r, DER_SEQUENCE);
    own->has_policies = true;
    while (d.error == 0 && rd_left(&list) != 0 && own->count < POLICIES_MAX) {
        struct rd one = asn_enter(&d, &list, DER_SEQUENCE);
        struct span oid = asn_take(&d, &one, DER_OID);
        if (is_any(oid))
            own->has_any = true;
        else
            own->policies[own->count++] = oid;
    }
    own->is_bad |= d.error != 0 || rd_left(&list) != 0 || !rd_end(&r);
}

static void read_mappings(struct own *own, struct span value)
{
    struct decoder d = {0};
    struct rd r = rd_from(value);
    struct rd list = asn_enter(&d, &r, DER_SEQUENCE);
    while (d.error == 0 && rd_left(&list) != 0 && own->mapping_count < MAPPINGS_MAX) {
        struct rd one = asn_enter(&d, &list, DER_SEQUENCE);
        struct mapping *m = &own->mappings[own->mapping_count++];
        m->issuer = asn_take(&d, &one, DER_OID);
        m->subject = asn_take(&d, &one, DER_OID);
        asn_leave(&d, &one);
        /* RFC 5280 6.1.4 (a). */
        own->is_bad |= is_any(m->issuer) || is_any(m->subject);
    }
    own->is_bad |= d.error != 0 || rd_left(&list) != 0 || !rd_end(&r);
}

/* A number of certificates; more than a path can have is unlimited. */
static int64_t take_skip(struct decoder *d, struct rd *r, uint8_t tag, bool *is_bad)
{
    struct span content = asn_take_integer(d, r, tag);
    if (d->error != 0 || content.n == 0 || (content.p[0] & 0x80) != 0)
        *is_bad = true;
    if (*is_bad)
        return 0;
    return content.n > 1 || content.p[0] > UNLIMITED ? UNLIMITED : content.p[0];
}

static void read_constraints(struct own *own, struct span value)
{
    struct decoder d = {0};
    struct rd r = rd_from(value);
    struct rd inner = asn_enter(&d, &r, DER_SEQUENCE);
    if (asn_next_is(&inner, DER_CONTEXT + 0))
        own->require_explicit = take_skip(&d, &inner, DER_CONTEXT + 0, &own->is_bad);
    if (asn_next_is(&inner, DER_CONTEXT + 1))
        own->inhibit_mapping = take_skip(&d, &inner, DER_CONTEXT + 1, &own->is_bad);
    asn_leave(&d, &inner);
    /* RFC 5280 4.2.1.11: it constrains something. */
    own->is_bad |=
        d.error != 0 || !rd_end(&r) || (own->require_explicit < 0 && own->inhibit_mapping < 0);
}

static void read_inhibit(struct own *own, struct span value)
{
    struct decoder d = {0};
    struct rd r = rd_from(value);
    own->inhibit_any = take_skip(&d, &r, DER_INTEGER, &own->is_bad);
    own->is_bad |= !rd_end(&r);
}

static void read_own(struct own *own, const struct cert *cert)
{
    struct span value;
    own->count = own->mapping_count = 0;
    own->has_policies = own->has_any = own->is_bad = false;
    own->require_explicit = own->inhibit_mapping = own->inhibit_any = -1;
    if (find_value(cert, szOID_CERT_POLICIES, &value))
        read_asserted(own, value);
    if (find_value(cert, szOID_POLICY_MAPPINGS, &value))
        read_mappings(own, value);
    if (find_value(cert, szOID_POLICY_CONSTRAINTS, &value))
        read_constraints(own, value);
    if (find_value(cert, szOID_INHIBIT_ANY_POLICY, &value))
        read_inhibit(own, value);
}

/* ---- levels ---------------------------------------------------------------------------- */

/* The requested policies that are this one. */
static uint32_t bits_of(const struct chain_usages *wanted, struct span oid)
{
    char text[128];
    uint32_t bits = 0;
    if (wanted->count == 0 || oid_text(oid, text, sizeof text) == 0)
        return 0;
    for (size_t i = 0; i < wanted->count; i++)
        bits |= strcmp(text, wanted->oids[i]) == 0 ? 1u << i : 0;
    return bits;
}

static struct policy *find(struct level *level, struct span oid)
{
    for (size_t i = 0; i < level->count; i++) {
        if (span_equal(level->policies[i].oid, oid))
            return &level->policies[i];
    }
    return NULL;
}

/* False when the level is full. */
static bool put(struct level *level, struct span oid, uint32_t bits)
{
    struct policy *there = find(level, oid);
    if (there != NULL) {
        there->wanted |= bits;
        return true;
    }
    if (level->count == POLICIES_MAX)
        return false;
    level->policies[level->count++] = (struct policy){.oid = oid, .wanted = bits};
    return true;
}

static bool is_empty(const struct level *level)
{
    return !level->any && level->count == 0;
}

/* RFC 5280 6.1.3 (d): what the certificate asserts of what was expected. */
static bool assert_policies(struct walk *w, bool any_counts)
{
    w->next.count = 0;
    w->next.any = false;
    if (!w->own.has_policies || is_empty(&w->level)) {
        w->level.count = 0;
        w->level.any = false;
        return true;
    }
    for (size_t i = 0; i < w->own.count; i++) {
        const struct policy *expected = find(&w->level, w->own.policies[i]);
        uint32_t bits =
            expected != NULL ? expected->wanted : bits_of(w->wanted, w->own.policies[i]);
        if ((expected != NULL || w->level.any) && !put(&w->next, w->own.policies[i], bits))
            return false;
    }
    if (w->own.has_any && any_counts) {
        for (size_t i = 0; i < w->level.count; i++) {
            const struct policy *expected = &w->level.policies[i];
            if (find(&w->next, expected->oid) == NULL &&
                !put(&w->next, expected->oid, expected->wanted))
                return false;
        }
        w->next.any = w->level.any;
    }
    w->level = w->next;
    return true;
}

static bool is_mapped(const struct own *own, struct span oid)
{
    for (size_t i = 0; i < own->mapping_count; i++) {
        if (span_equal(own->mappings[i].issuer, oid))
            return true;
    }
    return false;
}

/* RFC 5280 6.1.4 (b): what the next certificate is expected to assert instead. */
static bool map_policies(struct walk *w)
{
    w->next.count = 0;
    w->next.any = w->level.any;
    for (size_t i = 0; i < w->level.count; i++) {
        const struct policy *policy = &w->level.policies[i];
        if (!is_mapped(&w->own, policy->oid) && !put(&w->next, policy->oid, policy->wanted))
            return false;
    }
    for (size_t i = 0; w->policy_mapping > 0 && i < w->own.mapping_count; i++) {
        const struct mapping *m = &w->own.mappings[i];
        const struct policy *policy = find(&w->level, m->issuer);
        uint32_t bits = policy != NULL ? policy->wanted : bits_of(w->wanted, m->issuer);
        if ((policy != NULL || w->level.any) && !put(&w->next, m->subject, bits))
            return false;
    }
    w->level = w->next;
    return true;
}

/* ---- the walk -------------------------------------------------------------------------- */

static void lower(int64_t *counter, int64_t limit)
{
    if (limit >= 0 && limit < *counter)
        *counter = limit;
}

static void count_down(struct walk *w)
{
    w->explicit_policy -= w->explicit_policy > 0;
    w->policy_mapping -= w->policy_mapping > 0;
    w->inhibit_any -= w->inhibit_any > 0;
}

/* One certificate, coming from the anchor; false when its extensions are at fault. */
static bool step(struct walk *w, const struct cert *cert, bool is_last)
{
    bool is_self_issued = chain_is_self_issued(cert);
    read_own(&w->own, cert);
    if (w->own.is_bad || !assert_policies(w, w->inhibit_any > 0 || (!is_last && is_self_issued)))
        return false;
    if (is_last) {
        /* RFC 5280 6.1.5 (a) and (b). */
        w->explicit_policy -= w->explicit_policy > 0;
        if (w->own.require_explicit == 0)
            w->explicit_policy = 0;
        return true;
    }
    if (!map_policies(w))
        return false;
    if (!is_self_issued)
        count_down(w);
    lower(&w->explicit_policy, w->own.require_explicit);
    lower(&w->policy_mapping, w->own.inhibit_mapping);
    lower(&w->inhibit_any, w->own.inhibit_any);
    return true;
}

/* Whether one, or all, of the requested policies are left. */
static bool has_wanted(const struct walk *w)
{
    uint32_t all = (1u << w->wanted->count) - 1;
    uint32_t left = w->level.any ? all : 0;
    for (size_t i = 0; i < w->level.count; i++)
        left |= w->level.policies[i].wanted;
    if (!is_empty(&w->level))
        left |= bits_of(w->wanted, span_of(any_policy, sizeof any_policy));
    return w->wanted->all ? (left & all) == all : (left & all) != 0;
}

static void judge(const struct walk *w, struct chain_element *end)
{
    if (!is_empty(&w->level))
        end->infos |= CERT_TRUST_HAS_ISSUANCE_CHAIN_POLICY;
    else if (w->explicit_policy == 0)
        end->errors |= CERT_TRUST_INVALID_POLICY_CONSTRAINTS | CERT_TRUST_NO_ISSUANCE_CHAIN_POLICY;
    if (w->wanted->count != 0 && !has_wanted(w))
        end->errors |= CERT_TRUST_IS_NOT_VALID_FOR_USAGE;
}

/* Most private authorities do not know policies at all. */
static bool has_any_extension(const struct chain *path)
{
    static const char *const oids[] = {szOID_CERT_POLICIES, szOID_POLICY_MAPPINGS,
                                       szOID_POLICY_CONSTRAINTS, szOID_INHIBIT_ANY_POLICY};
    struct span value;
    for (size_t i = 0; i + 1 < path->count; i++) {
        for (size_t k = 0; k < ARRAY_LEN(oids); k++) {
            if (find_value(path->elements[i].cert, oids[k], &value))
                return true;
        }
    }
    return false;
}

err chain_policy_check(struct chain *path, const struct chain_usages *wanted)
{
    if (wanted->count == 0 && !has_any_extension(path))
        return OK;
    struct walk *w = mem_alloc(sizeof *w);
    if (w == NULL)
        return FAIL(ERR_NO_MEMORY);
    w->wanted = wanted;
    w->level.any = true;
    w->explicit_policy = w->policy_mapping = w->inhibit_any = (int64_t)path->count;
    bool is_good = true;
    for (size_t i = path->count - 1; i-- > 0 && is_good;) {
        is_good = step(w, path->elements[i].cert, i == 0);
        if (!is_good)
            path->elements[i].errors |= CERT_TRUST_INVALID_POLICY_CONSTRAINTS;
    }
    if (is_good && path->count > 1)
        judge(w, &path->elements[0]);
    mem_free(w);
    return OK;
}
