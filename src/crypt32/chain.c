/* SPDX-License-Identifier: MIT */
/*
 * Path building with backtracking (RFC 5280 6, RFC 4158), with Windows' status bits as the result.
 * A path ends at a certificate of the root store; the best one is the one with the least bad
 * errors. Signatures are checked here, everything else in chain_check.c.
 */
#include "crypt32/chain.h"
#include "crypt32/fetch.h"
#include "crypt32/proof.h"
#include "crypt32/system.h"

enum { ONLINE_ROUNDS_MAX = 4 };

struct search {
    const struct chain_inputs *inputs;
    struct chain_budget *budget;
    struct chain path;
    struct chain *best;
    bool has_best;
    struct chain_others *others; /* NULL: the worse ones are not asked for */
    err failed;                  /* a reason why no verdict can be reached */
    /* Those that the network said are revoked, with references. */
    struct chain_element revoked[ONLINE_ROUNDS_MAX];
    size_t revoked_count;
};

/* ---- which path is better -------------------------------------------------------------- */

/* Lower is better: certificates.md 7.2, with the faults of form behind trust. */
static unsigned badness(const struct chain *path)
{
    static const DWORD order[] = {
        CERT_TRUST_IS_EXPLICIT_DISTRUST,
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
        CERT_TRUST_IS_REVOKED,
        CERT_TRUST_REVOCATION_STATUS_UNKNOWN | CERT_TRUST_IS_OFFLINE_REVOCATION,
    };
    unsigned score = 0;
    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        score = score << 1 | ((path->errors & order[i]) != 0);
    return score;
}

static void copy_chain(struct chain *to, const struct chain *from)
{
    *to = *from;
    for (size_t i = 0; i < to->count; i++) {
        cert_ref(to->elements[i].cert);
        revocation_ref(to->elements[i].revocation);
    }
}

static bool same_path(const struct chain *a, const struct chain *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = cert_same(a->elements[i].cert, b->elements[i].cert);
    return same;
}

/* Takes the chain over; the worst one, or one that is there already, is released. */
static void keep_other(struct search *s, struct chain *chain)
{
    struct chain_others *others = s->others;
    size_t place = 0;
    bool is_known = others == NULL || same_path(s->best, chain);
    for (size_t i = 0; !is_known && i < others->count; i++)
        is_known = same_path(&others->chains[i], chain);
    while (!is_known && place < others->count && badness(&others->chains[place]) <= badness(chain))
        place++;
    if (is_known || place == CHAIN_OTHERS_MAX) {
        chain_release(chain);
        return;
    }
    if (others->count == CHAIN_OTHERS_MAX)
        chain_release(&others->chains[--others->count]);
    mem_move(&others->chains[place + 1], &others->chains[place],
             (others->count - place) * sizeof *chain);
    others->chains[place] = *chain;
    others->count++;
}

static void keep(struct search *s, const struct chain *judged)
{
    struct chain copy;
    bool is_better = !s->has_best || badness(judged) < badness(s->best);
    if (!is_better && s->others == NULL)
        return;
    copy_chain(&copy, judged);
    if (!is_better) {
        keep_other(s, &copy);
        return;
    }
    struct chain old = *s->best;
    *s->best = copy;
    if (s->has_best)
        keep_other(s, &old);
    s->has_best = true;
}

/* What the network said holds, whether it is remembered elsewhere or not. */
static void recall_revoked(const struct search *s, struct chain *judged)
{
    for (size_t i = 0; i < judged->count * s->revoked_count; i++) {
        struct chain_element *element = &judged->elements[i / s->revoked_count];
        const struct chain_element *revoked = &s->revoked[i % s->revoked_count];
        if (element->revocation == NULL || !cert_same(element->cert, revoked->cert))
            continue;
        revocation_ref(revoked->revocation);
        revocation_release(element->revocation);
        element->revocation = revoked->revocation;
        element->errors |= CERT_TRUST_IS_REVOKED;
        judged->errors |= CERT_TRUST_IS_REVOKED;
    }
}

static void consider(struct search *s)
{
    struct chain judged = s->path;
    err result = chain_check(&judged, s->inputs, s->budget);
    if (result == OK) {
        recall_revoked(s, &judged);
        keep(s, &judged);
    } else {
        s->failed = result;
    }
    for (size_t i = 0; i < judged.count; i++)
        revocation_release(judged.elements[i].revocation);
}

static bool is_finished(const struct search *s)
{
    return s->failed != OK || (s->has_best && s->others == NULL && badness(s->best) == 0);
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

static bool is_nameless(const struct cert *cert)
{
    enum { EMPTY_SEQUENCE_LEN = 2 };
    return cert_subject(cert).n <= EMPTY_SEQUENCE_LEN;
}

/* RFC 5280 4.1.2.6: an authority has a name. */
bool chain_names_issuer(const struct cert *cert, const struct cert *candidate)
{
    if (is_nameless(candidate))
        return false;
    return span_equal(cert_issuer(cert), cert_subject(candidate)) ||
           X509_NAME_cmp(X509_get_issuer_name(cert->body->x509),
                         X509_get_subject_name(candidate->body->x509)) == 0;
}

static bool same_octets(const ASN1_OCTET_STRING *a, const ASN1_OCTET_STRING *b)
{
    return a != NULL && b != NULL && ASN1_OCTET_STRING_cmp(a, b) == 0;
}

/* RFC 5280 4.2.1.1: issuer and serial number of the issuer's certificate. */
static bool is_named_exactly(X509 *below, X509 *above)
{
    const ASN1_INTEGER *serial = X509_get0_authority_serial(below);
    const GENERAL_NAMES *names = X509_get0_authority_issuer(below);
    if (serial == NULL || ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(above)) != 0)
        return false;
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type == GEN_DIRNAME &&
            X509_NAME_cmp(name->d.directoryName, X509_get_issuer_name(above)) == 0)
            return true;
    }
    return false;
}

DWORD chain_match(const struct cert *cert, const struct cert *issuer)
{
    X509 *below = chain_x509(cert);
    X509 *above = chain_x509(issuer);
    if (is_named_exactly(below, above))
        return CERT_TRUST_HAS_EXACT_MATCH_ISSUER;
    return same_octets(X509_get0_authority_key_id(below), X509_get0_subject_key_id(above))
               ? CERT_TRUST_HAS_KEY_MATCH_ISSUER
               : CERT_TRUST_HAS_NAME_MATCH_ISSUER;
}

static err verify_fresh(const struct cert *cert, const struct cert *issuer)
{
    struct public_key *key;
    TRY(public_key_new(&key, issuer->body->spki));
    err result =
        public_key_verify_x509(key, cert->body->algorithm, cert->body->tbs, cert->body->signature);
    public_key_free(key);
    return result;
}

static err proof_of(const struct cert *cert, const struct cert *issuer, struct proof *out)
{
    uint8_t digest[HASH_MAX];
    TRY(cert_thumbprint(cert, HASH_SHA256, digest));
    memcpy(out->what, digest, sizeof out->what);
    TRY(hash_once(HASH_SHA256, issuer->body->spki, digest));
    memcpy(out->key, digest, sizeof out->key);
    return OK;
}

err chain_verify_under(const struct cert *cert, const struct cert *issuer, bool is_authority)
{
    struct proof proof;
    if (!is_authority)
        return verify_fresh(cert, issuer);
    TRY(proof_of(cert, issuer, &proof));
    if (proof_is_known(&proof))
        return OK;
    TRY(verify_fresh(cert, issuer));
    proof_remember(&proof);
    return OK;
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

static bool is_peer(const struct search *s, const struct cert *cert)
{
    return s->path.count == 1 && s->inputs->peers != NULL && holds(s->inputs->peers, cert);
}

/* ---- the search ------------------------------------------------------------------------ */

enum { TRIED_MAX = 32 };

/* The issuers of the path's top. */
struct frame {
    struct cert *tried[TRIED_MAX]; /* with a reference; the same one in another store is skipped */
    size_t count;
    bool has_tried;
    bool has_cycle; /* one of them is below already */
};

static void extend(struct search *s);

/* The status of the top of the path under an issuer that is tried. */
static DWORD signature_errors(struct search *s, const struct cert *cert, const struct cert *issuer)
{
    err result = chain_verify_under(cert, issuer, s->path.count > 1);
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
    if (s->path.count == CHAIN_DEPTH_MAX || s->budget->signatures == 0)
        return false;
    s->budget->signatures--;
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

static bool was_tried(const struct frame *frame, const struct cert *candidate)
{
    for (size_t i = 0; i < frame->count; i++) {
        if (cert_same(frame->tried[i], candidate))
            return true;
    }
    return false;
}

static void try_candidate(struct search *s, struct frame *frame, struct cert *candidate,
                          bool is_trusted)
{
    const struct cert *top = s->path.elements[s->path.count - 1].cert;
    if (in_path(&s->path, candidate)) {
        frame->has_cycle |= !cert_same(top, candidate);
        return;
    }
    if (was_tried(frame, candidate))
        return;
    if (frame->count < TRIED_MAX) {
        cert_ref(candidate);
        frame->tried[frame->count++] = candidate;
    }
    frame->has_tried |= try_issuer(s, candidate, is_trusted && may_anchor(s, candidate));
}

/* Tries each entry that names itself as the issuer: in the first round those with the right key
 * identifier, in the second one the others. */
static void try_store(struct search *s, struct frame *frame, struct store *store, bool is_trusted,
                      bool by_name)
{
    const struct cert *top = s->path.elements[s->path.count - 1].cert;
    for (size_t i = 0; store != NULL && !is_finished(s); i++) {
        struct cert *candidate = store_entry(store, i);
        if (candidate == NULL)
            break;
        if (chain_names_issuer(top, candidate) &&
            (chain_match(top, candidate) == CERT_TRUST_HAS_NAME_MATCH_ISSUER) == by_name)
            try_candidate(s, frame, candidate, is_trusted);
        cert_release(candidate);
    }
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
    struct frame frame = {.count = 0};
    const struct cert *top = s->path.elements[s->path.count - 1].cert;
    s->path.is_peer = is_peer(s, top);
    if (s->path.is_peer || is_anchor(s, top)) {
        s->path.is_anchored = true;
        consider(s);
        s->path.is_anchored = false;
        return;
    }
    for (int round = 0; round < 2; round++) {
        try_store(s, &frame, s->inputs->roots, true, round != 0);
        for (size_t i = 0; i < CHAIN_STORES_MAX; i++)
            try_store(s, &frame, s->inputs->searched[i], false, round != 0);
    }
    if (!frame.has_tried && !is_finished(s))
        consider_end(s, frame.has_cycle);
    for (size_t i = 0; i < frame.count; i++)
        cert_release(frame.tried[i]);
}

/* Another path than the best one is not worse any more. */
static void forget_other(struct chain_others *others, const struct chain *best)
{
    for (size_t i = 0; others != NULL && i < others->count; i++) {
        if (!same_path(&others->chains[i], best))
            continue;
        chain_release(&others->chains[i]);
        mem_move(&others->chains[i], &others->chains[i + 1], (--others->count - i) * sizeof *best);
    }
}

static void note_revoked(struct search *s)
{
    for (size_t i = 0; i < s->best->count && s->revoked_count < ONLINE_ROUNDS_MAX; i++) {
        struct chain_element *element = &s->best->elements[i];
        if (element->revocation == NULL || (element->errors & CERT_TRUST_IS_REVOKED) == 0)
            continue;
        cert_ref(element->cert);
        revocation_ref(element->revocation);
        s->revoked[s->revoked_count++] = *element;
    }
}

static void release_revoked(struct search *s)
{
    for (size_t i = 0; i < s->revoked_count; i++) {
        cert_release(s->revoked[i].cert);
        revocation_release(s->revoked[i].revocation);
    }
}

/*
 * Only the best path's places are asked, so the number of requests does not grow with that of
 * paths. One that turns out to be revoked is left for the next best, which is looked for again with
 * what is known by now.
 */
static void ask_online(struct search *s)
{
    for (int round = 0; round < ONLINE_ROUNDS_MAX && s->failed == OK; round++) {
        bool was_revoked = (s->best->errors & CERT_TRUST_IS_REVOKED) != 0;
        s->failed = chain_ask_online(s->best, s->inputs, s->budget);
        if (s->failed != OK || was_revoked || (s->best->errors & CERT_TRUST_IS_REVOKED) == 0)
            return;
        note_revoked(s);
        extend(s);
        forget_other(s->others, s->best);
    }
}

err chain_build_within(const struct chain_inputs *inputs, struct chain_budget *budget,
                       struct chain *out, struct chain_others *out_others)
{
    *out = (struct chain){0};
    if (out_others != NULL)
        out_others->count = 0;
    struct search s = {.inputs = inputs, .budget = budget, .best = out, .others = out_others};
    s.path.elements[0].cert = inputs->leaf;
    s.path.count = 1;
    extend(&s);
    if (!s.has_best && s.failed == OK)
        consider(&s);
    if (s.failed == OK && s.has_best)
        ask_online(&s);
    release_revoked(&s);
    if (s.failed == OK)
        return s.has_best ? OK : FAIL(ERR_INTERNAL);
    chain_release(out);
    if (out_others != NULL)
        chain_others_release(out_others);
    return s.failed;
}

struct chain_budget chain_budget_of(const struct chain_inputs *inputs)
{
    uint32_t usual = inputs->shares_time ? FETCH_ALL_MS : FETCH_ONE_MS;
    return (struct chain_budget){.signatures = CHAIN_SIGNATURES_MAX,
                                 .lists = CHAIN_LISTS_MAX,
                                 .fetches = FETCHES_MAX,
                                 .fetch_ms =
                                     inputs->retrieval_ms != 0 ? inputs->retrieval_ms : usual,
                                 .shares_time = inputs->shares_time};
}

err chain_build(const struct chain_inputs *inputs, struct chain *out)
{
    struct chain_budget budget = chain_budget_of(inputs);
    return chain_build_within(inputs, &budget, out, NULL);
}

void chain_release(struct chain *chain)
{
    for (size_t i = 0; i < chain->count; i++) {
        cert_release(chain->elements[i].cert);
        revocation_release(chain->elements[i].revocation);
    }
    *chain = (struct chain){0};
}

void chain_others_release(struct chain_others *others)
{
    for (size_t i = 0; i < others->count; i++)
        chain_release(&others->chains[i]);
    others->count = 0;
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

enum chain_retrieval chain_retrieval_of(DWORD flags)
{
    const DWORD stays =
        CERT_CHAIN_CACHE_ONLY_URL_RETRIEVAL | CERT_CHAIN_REVOCATION_CHECK_CACHE_ONLY;
    if (chain_revocation_of(flags) == CHAIN_REVOCATION_NONE)
        return CHAIN_RETRIEVAL_NONE;
    return (flags & stays) != 0 ? CHAIN_RETRIEVAL_KNOWN : CHAIN_RETRIEVAL_ONLINE;
}

/* ---- the chain to send ----------------------------------------------------------------- */

/* The leaf's own, the system's CA, and ROOT. */
enum { SENDING_STORES = 3 };

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
        if (!is_listed && chain_names_issuer(cert, candidate) &&
            chain_verify_under(cert, candidate, list->count > 1) == OK)
            return candidate;
        cert_release(candidate);
    }
    return NULL;
}

/* Everything above the last one of the list, as far as it is found. */
static void list_issuers(struct cert_list *list, struct store *const *stores, bool with_root)
{
    struct cert *cert = cert_of(list->items[list->count - 1]);
    while (list->count < ARRAY_LEN(list->items) && !chain_is_self_issued(cert)) {
        struct cert *issuer = NULL;
        for (size_t i = 0; issuer == NULL && i < SENDING_STORES; i++)
            issuer = find_issuer(stores[i], cert, list);
        if (issuer == NULL)
            return;
        if (chain_is_self_issued(issuer) && !with_root) {
            cert_release(issuer);
            return;
        }
        list->items[list->count++] = &issuer->context;
        cert = issuer;
    }
}

err cert_list_to_send(PCCERT_CONTEXT leaf, bool with_root, struct cert_list *out)
{
    DWORD error;
    struct store *stores[SENDING_STORES] = {cert_store(cert_of(leaf))};
    *out = (struct cert_list){.count = 0};
    TRY(system_view_open(VIEW_CA, &stores[1], &error));
    /* A broken bundle of roots does not keep anybody from sending what is known. */
    if (with_root && roots_open(&stores[2], &error) == ERR_NO_MEMORY) {
        store_release(stores[1]);
        return ERR_NO_MEMORY;
    }
    out->items[0] = leaf;
    out->count = 1;
    cert_ref(cert_of(leaf));
    list_issuers(out, stores, with_root);
    store_release(stores[2]);
    store_release(stores[1]);
    return OK;
}

void cert_list_release(struct cert_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        cert_release(cert_of(list->items[i]));
    list->count = 0;
}
