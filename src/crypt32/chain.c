/* SPDX-License-Identifier: MIT */
/*
 * Path building with backtracking (RFC 5280 6, RFC 4158), with Windows' status bits as the result.
 * A path ends at a certificate of the root store; the best one is the one with the least bad
 * errors. Signatures are checked here, everything else in chain_check.c.
 */
#include "crypt32/chain.h"

struct search {
    const struct chain_inputs *inputs;
    struct chain path;
    struct chain *best;
    bool has_best;
    unsigned signatures_left;
    err failed; /* a reason why no verdict can be reached */
};

/* ---- which path is better -------------------------------------------------------------- */

/* Lower is better; the order in which Windows' policies look at errors. */
static unsigned badness(const struct chain *path)
{
    static const DWORD order[] = {
        CERT_TRUST_IS_NOT_SIGNATURE_VALID,
        CERT_TRUST_IS_PARTIAL_CHAIN,
        CERT_TRUST_IS_UNTRUSTED_ROOT,
        CERT_TRUST_INVALID_BASIC_CONSTRAINTS | CERT_TRUST_INVALID_EXTENSION |
            CERT_TRUST_INVALID_NAME_CONSTRAINTS | CERT_TRUST_HAS_NOT_PERMITTED_NAME_CONSTRAINT |
            CERT_TRUST_HAS_EXCLUDED_NAME_CONSTRAINT | CERT_TRUST_HAS_NOT_SUPPORTED_NAME_CONSTRAINT |
            CERT_TRUST_HAS_NOT_SUPPORTED_CRITICAL_EXT | CERT_TRUST_HAS_WEAK_SIGNATURE |
            CERT_TRUST_INVALID_POLICY_CONSTRAINTS | CERT_TRUST_NO_ISSUANCE_CHAIN_POLICY,
        CERT_TRUST_IS_NOT_VALID_FOR_USAGE,
        CERT_TRUST_IS_NOT_TIME_VALID,
    };
    unsigned score = 0;
    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        score = score << 1 | ((path->errors & order[i]) != 0);
    return score;
}

static void copy_chain(struct chain *to, const struct chain *from)
{
    chain_release(to);
    *to = *from;
    for (size_t i = 0; i < to->count; i++)
        cert_ref(to->elements[i].cert);
}

static void consider(struct search *s)
{
    struct chain judged = s->path;
    err result = chain_check(&judged, s->inputs);
    if (result != OK) {
        s->failed = result;
        return;
    }
    if (s->has_best && badness(&judged) >= badness(s->best))
        return;
    copy_chain(s->best, &judged);
    s->has_best = true;
}

static bool is_finished(const struct search *s)
{
    return s->failed != OK || (s->has_best && badness(s->best) == 0);
}

/* ---- what belongs to what -------------------------------------------------------------- */

static bool in_path(const struct chain *path, const struct cert *cert)
{
    for (size_t i = 0; i < path->count; i++) {
        if (cert_same(path->elements[i].cert, cert))
            return true;
    }
    return false;
}

static bool names_issuer(const struct cert *cert, const struct cert *candidate)
{
    return span_equal(cert_issuer(cert), cert_subject(candidate));
}

/* OK, ERR_SIGNATURE, or another reason why it cannot be verified. */
static err verify_under(const struct cert *cert, const struct cert *issuer)
{
    struct public_key *key;
    TRY(public_key_new(&key, issuer->body->spki));
    err result =
        public_key_verify_x509(key, cert->body->algorithm, cert->body->tbs, cert->body->signature);
    public_key_free(key);
    return result;
}

static bool holds(struct store *store, const struct cert *cert)
{
    bool found = false;
    for (size_t i = 0; !found; i++) {
        struct cert *entry = store_entry(store, i);
        if (entry == NULL)
            break;
        found = cert_same(entry, cert);
        cert_release(entry);
    }
    return found;
}

/* A certificate of the root store that may end a path. */
static bool may_anchor(const struct search *s, const struct cert *root)
{
    return (s->inputs->any_anchor || chain_is_self_issued(root)) &&
           (s->inputs->restricted == NULL || holds(s->inputs->restricted, root));
}

static bool is_anchor(const struct search *s, const struct cert *cert)
{
    return holds(s->inputs->roots, cert) && may_anchor(s, cert);
}

/* ---- the search ------------------------------------------------------------------------ */

static void extend(struct search *s);

/* The status of the top of the path under an issuer that is tried. */
static DWORD signature_errors(struct search *s, const struct cert *cert, const struct cert *issuer)
{
    err result = verify_under(cert, issuer);
    if (result == ERR_NO_MEMORY)
        s->failed = result;
    if (result == OK)
        return 0;
    return CERT_TRUST_IS_NOT_SIGNATURE_VALID |
           (chain_is_weakly_signed(cert) ? CERT_TRUST_HAS_WEAK_SIGNATURE : 0);
}

/* False when a bound does not let the issuer be tried. */
static bool try_issuer(struct search *s, struct cert *issuer, bool is_root)
{
    struct chain_element *top = &s->path.elements[s->path.count - 1];
    if (s->path.count == CHAIN_DEPTH_MAX || s->signatures_left == 0)
        return false;
    s->signatures_left--;
    DWORD before = top->errors;
    top->errors |= signature_errors(s, top->cert, issuer);
    s->path.elements[s->path.count++] = (struct chain_element){.cert = issuer};
    s->path.is_anchored = is_root;
    if (s->failed == OK && (is_root || (top->errors & CERT_TRUST_IS_NOT_SIGNATURE_VALID) != 0))
        consider(s);
    else if (s->failed == OK)
        extend(s);
    s->path.count--;
    s->path.is_anchored = false;
    top->errors = before;
    return true;
}

/* Tries each entry that names itself as the issuer. *out_cycle: one of them is below already. */
static bool try_store(struct search *s, struct store *store, bool is_trusted, bool *out_cycle)
{
    bool tried = false;
    const struct cert *top = s->path.elements[s->path.count - 1].cert;
    for (size_t i = 0; store != NULL && !is_finished(s); i++) {
        struct cert *candidate = store_entry(store, i);
        if (candidate == NULL)
            break;
        bool is_issuer = names_issuer(top, candidate);
        if (is_issuer && !in_path(&s->path, candidate))
            tried |= try_issuer(s, candidate, is_trusted && may_anchor(s, candidate));
        else if (is_issuer && !cert_same(top, candidate))
            *out_cycle = true;
        cert_release(candidate);
    }
    return tried;
}

/* The path cannot go on: what it is worth as it stands. */
static void consider_end(struct search *s, bool is_cycle)
{
    struct chain_element *top = &s->path.elements[s->path.count - 1];
    DWORD before = top->errors;
    /* What a root that nobody trusts says about itself with a weak hash is neither here nor there.
     */
    if (chain_is_self_issued(top->cert) && !chain_is_weakly_signed(top->cert))
        top->errors |= signature_errors(s, top->cert, top->cert);
    s->path.is_cyclic = is_cycle;
    if (s->failed == OK)
        consider(s);
    s->path.is_cyclic = false;
    top->errors = before;
}

/* The recursion is as deep as the path, at most CHAIN_DEPTH_MAX. */
static void extend(struct search *s)
{
    bool is_cycle = false;
    if (is_anchor(s, s->path.elements[s->path.count - 1].cert)) {
        s->path.is_anchored = true;
        consider(s);
        s->path.is_anchored = false;
        return;
    }
    bool tried = try_store(s, s->inputs->roots, true, &is_cycle);
    for (size_t i = 0; i < CHAIN_STORES_MAX; i++)
        tried |= try_store(s, s->inputs->searched[i], false, &is_cycle);
    if (!tried && !is_finished(s))
        consider_end(s, is_cycle);
}

err chain_build(const struct chain_inputs *inputs, struct chain *out)
{
    *out = (struct chain){0};
    struct search s = {.inputs = inputs, .best = out, .signatures_left = CHAIN_SIGNATURES_MAX};
    s.path.elements[0].cert = inputs->leaf;
    s.path.count = 1;
    extend(&s);
    if (!s.has_best && s.failed == OK)
        consider(&s);
    if (s.failed == OK)
        return s.has_best ? OK : FAIL(ERR_INTERNAL);
    chain_release(out);
    return s.failed;
}

void chain_release(struct chain *chain)
{
    for (size_t i = 0; i < chain->count; i++)
        cert_release(chain->elements[i].cert);
    *chain = (struct chain){0};
}

enum chain_revocation chain_revocation_of(DWORD flags)
{
    if ((flags & CERT_CHAIN_REVOCATION_CHECK_CHAIN) != 0)
        return CHAIN_REVOCATION_ALL;
    if ((flags & CERT_CHAIN_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT) != 0)
        return CHAIN_REVOCATION_BUT_ROOT;
    return (flags & CERT_CHAIN_REVOCATION_CHECK_END_CERT) != 0 ? CHAIN_REVOCATION_END
                                                               : CHAIN_REVOCATION_NONE;
}

/* ---- the chain to send ----------------------------------------------------------------- */

static struct cert *find_issuer(struct store *store, const struct cert *cert,
                                const struct cert_list *list)
{
    for (size_t i = 0; store != NULL; i++) {
        struct cert *candidate = store_entry(store, i);
        if (candidate == NULL)
            break;
        bool is_listed = false;
        for (size_t j = 0; j < list->count; j++)
            is_listed = is_listed || cert_same(cert_of(list->items[j]), candidate);
        if (!is_listed && names_issuer(cert, candidate) && verify_under(cert, candidate) == OK)
            return candidate;
        cert_release(candidate);
    }
    return NULL;
}

err cert_list_to_send(PCCERT_CONTEXT leaf, bool with_root, struct cert_list *out)
{
    struct cert *cert = cert_of(leaf);
    struct store *store = cert->store;
    *out = (struct cert_list){.count = 1};
    out->items[0] = leaf;
    cert_ref(cert);
    while (out->count < ARRAY_LEN(out->items) && !chain_is_self_issued(cert)) {
        cert = find_issuer(store, cert, out);
        if (cert == NULL)
            break;
        if (chain_is_self_issued(cert) && !with_root) {
            cert_release(cert);
            break;
        }
        out->items[out->count++] = &cert->context;
    }
    return OK;
}

void cert_list_release(struct cert_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        cert_release(cert_of(list->items[i]));
    list->count = 0;
}
