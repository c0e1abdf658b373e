/* SPDX-License-Identifier: MIT */
/*
 * Path building with backtracking and RFC 5280 6 checks, with Windows' status bits as the result. A
 * path ends at a certificate of the root store; the best one is the one with the least bad errors.
 */
#include "crypt32/chain.h"

#include <wininet.h>

struct search {
    const struct chain_inputs *inputs;
    struct chain path;
    struct chain *best;
    bool has_best;
    unsigned signatures_left;
};

/* ---- checks of a path ------------------------------------------------------------------ */

static bool is_self_issued(const struct cert *cert)
{
    const CERT_INFO *info = &cert->body->info;
    return span_equal(span_of(info->Issuer.pbData, info->Issuer.cbData),
                      span_of(info->Subject.pbData, info->Subject.cbData));
}

static DWORD time_errors(const struct cert *cert, int64_t now)
{
    bool valid = now >= cert->body->not_before && now <= cert->body->not_after;
    return valid ? 0 : CERT_TRUST_IS_NOT_TIME_VALID;
}

/* RFC 5280 4.2.1.9, 6.1.4: an issuer is an authority, within its path length, and may sign. */
static DWORD authority_errors(const struct cert *cert, size_t authorities_below, bool is_root)
{
    X509 *x509 = cert->body->x509;
    uint32_t flags = X509_get_extension_flags(x509);
    DWORD errors = 0;
    bool is_v1_root = is_root && X509_get_version(x509) == X509_VERSION_1;
    if (!is_v1_root && (flags & EXFLAG_CA) == 0)
        errors |= CERT_TRUST_INVALID_BASIC_CONSTRAINTS;
    long path_len = X509_get_pathlen(x509);
    if (path_len >= 0 && authorities_below > (size_t)path_len)
        errors |= CERT_TRUST_INVALID_BASIC_CONSTRAINTS;
    if ((flags & EXFLAG_KUSAGE) != 0 && (X509_get_key_usage(x509) & KU_KEY_CERT_SIGN) == 0)
        errors |= CERT_TRUST_IS_NOT_VALID_FOR_USAGE;
    return errors;
}

static DWORD extension_errors(const struct cert *cert)
{
    uint32_t flags = X509_get_extension_flags(cert->body->x509);
    DWORD errors = 0;
    if ((flags & EXFLAG_CRITICAL) != 0)
        errors |= CERT_TRUST_HAS_NOT_SUPPORTED_CRITICAL_EXT | CERT_TRUST_INVALID_EXTENSION;
    if ((flags & EXFLAG_INVALID) != 0)
        errors |= CERT_TRUST_INVALID_EXTENSION;
    /* RFC 5280 4.1.1.2: the two algorithm identifiers agree. */
    if (!span_equal(cert->body->inner_algorithm, cert->body->algorithm))
        errors |= CERT_TRUST_IS_NOT_SIGNATURE_VALID;
    return errors;
}

static bool has_usage(const EXTENDED_KEY_USAGE *usages, const char *wanted)
{
    char text[128];
    for (int i = 0; i < sk_ASN1_OBJECT_num(usages); i++) {
        const ASN1_OBJECT *usage = sk_ASN1_OBJECT_value(usages, i);
        if (OBJ_obj2nid(usage) == NID_anyExtendedKeyUsage)
            return true;
        if (OBJ_obj2txt(text, sizeof text, usage, 1) > 0 && strcmp(text, wanted) == 0)
            return true;
    }
    return false;
}

/* An extended key usage restricts, in the end certificate and in every authority that has one. */
static DWORD usage_errors(const struct cert *cert, const struct chain_inputs *inputs)
{
    X509 *x509 = cert->body->x509;
    if (inputs->usage_count == 0 || X509_get_ext_by_NID(x509, NID_ext_key_usage, -1) < 0)
        return 0;
    EXTENDED_KEY_USAGE *usages = X509_get_ext_d2i(x509, NID_ext_key_usage, NULL, NULL);
    size_t found = 0;
    for (size_t i = 0; usages != NULL && i < inputs->usage_count; i++)
        found += has_usage(usages, inputs->usages[i]);
    EXTENDED_KEY_USAGE_free(usages);
    bool fits = inputs->all_usages ? found == inputs->usage_count : found != 0;
    return fits ? 0 : CERT_TRUST_IS_NOT_VALID_FOR_USAGE;
}

/* Weak keys; a signature that is too weak is not verified at all. */
static DWORD key_errors(const struct cert *cert)
{
    enum { RSA_BITS_MIN = 1024 };
    struct public_key *key;
    if (public_key_new(&key, cert->body->spki) != OK)
        return CERT_TRUST_IS_NOT_SIGNATURE_VALID;
    const struct key_info *info = public_key_info(key);
    bool is_weak = info->kind != KEY_EC && info->kind != KEY_ED25519 && info->bits < RSA_BITS_MIN;
    public_key_free(key);
    return is_weak ? CERT_TRUST_HAS_WEAK_SIGNATURE : 0;
}

static DWORD name_constraint_error(int code)
{
    if (code == X509_V_OK)
        return 0;
    if (code == X509_V_ERR_PERMITTED_VIOLATION)
        return CERT_TRUST_HAS_NOT_PERMITTED_NAME_CONSTRAINT;
    if (code == X509_V_ERR_EXCLUDED_VIOLATION)
        return CERT_TRUST_HAS_EXCLUDED_NAME_CONSTRAINT;
    return CERT_TRUST_INVALID_NAME_CONSTRAINTS;
}

/* RFC 5280 4.2.1.10: every certificate below but self-issued authorities. */
static DWORD name_constraint_errors(const struct chain *path, size_t authority)
{
    X509 *x509 = path->elements[authority].cert->body->x509;
    if (X509_get_ext_by_NID(x509, NID_name_constraints, -1) < 0)
        return 0;
    NAME_CONSTRAINTS *constraints = X509_get_ext_d2i(x509, NID_name_constraints, NULL, NULL);
    if (constraints == NULL)
        return CERT_TRUST_INVALID_NAME_CONSTRAINTS;
    DWORD errors = 0;
    for (size_t i = 0; i < authority; i++) {
        X509 *below = path->elements[i].cert->body->x509;
        if (i != 0 && is_self_issued(path->elements[i].cert))
            continue;
        X509_get_extension_flags(below); /* fills the names that are compared */
        errors |= name_constraint_error(NAME_CONSTRAINTS_check(below, constraints));
        if (i == 0)
            errors |= name_constraint_error(NAME_CONSTRAINTS_check_CN(below, constraints));
    }
    NAME_CONSTRAINTS_free(constraints);
    return errors;
}

static DWORD element_errors(const struct chain *path, size_t i, const struct chain_inputs *inputs,
                            size_t authorities_below)
{
    struct cert *cert = path->elements[i].cert;
    bool is_anchor = path->is_anchored && i + 1 == path->count;
    DWORD errors = time_errors(cert, inputs->now) | extension_errors(cert) | key_errors(cert);
    if (!is_anchor || i == 0)
        errors |= usage_errors(cert, inputs);
    if (i != 0)
        errors |=
            authority_errors(cert, authorities_below, is_anchor) | name_constraint_errors(path, i);
    return errors;
}

static void judge_path(struct chain *path, const struct chain_inputs *inputs)
{
    size_t authorities_below = 0;
    path->errors = path->infos = 0;
    for (size_t i = 0; i < path->count; i++) {
        struct chain_element *element = &path->elements[i];
        element->errors |= element_errors(path, i, inputs, authorities_below);
        element->infos = CERT_TRUST_HAS_NAME_MATCH_ISSUER;
        if (is_self_issued(element->cert))
            element->infos |= CERT_TRUST_IS_SELF_SIGNED;
        else if (i != 0)
            authorities_below++;
        if (inputs->wants_revocation && !(path->is_anchored && i + 1 == path->count))
            element->errors |=
                CERT_TRUST_REVOCATION_STATUS_UNKNOWN | CERT_TRUST_IS_OFFLINE_REVOCATION;
        path->errors |= element->errors;
    }
    struct chain_element *last = &path->elements[path->count - 1];
    if (path->is_anchored)
        return;
    if (is_self_issued(last->cert))
        last->errors |= CERT_TRUST_IS_UNTRUSTED_ROOT;
    else
        path->errors |= CERT_TRUST_IS_PARTIAL_CHAIN;
    path->errors |= last->errors;
}

/* ---- the search ------------------------------------------------------------------------ */

/* Lower is better; the order in which Windows' policies look at errors. */
static unsigned badness(const struct chain *path)
{
    static const DWORD order[] = {
        CERT_TRUST_IS_NOT_SIGNATURE_VALID,
        CERT_TRUST_IS_PARTIAL_CHAIN,
        CERT_TRUST_IS_UNTRUSTED_ROOT,
        CERT_TRUST_INVALID_BASIC_CONSTRAINTS | CERT_TRUST_INVALID_EXTENSION |
            CERT_TRUST_INVALID_NAME_CONSTRAINTS | CERT_TRUST_HAS_NOT_PERMITTED_NAME_CONSTRAINT |
            CERT_TRUST_HAS_EXCLUDED_NAME_CONSTRAINT | CERT_TRUST_HAS_NOT_SUPPORTED_CRITICAL_EXT |
            CERT_TRUST_HAS_WEAK_SIGNATURE,
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
    judge_path(&judged, s->inputs);
    if (s->has_best && badness(&judged) >= badness(s->best))
        return;
    copy_chain(s->best, &judged);
    s->has_best = true;
}

static bool is_satisfied(const struct search *s)
{
    return s->has_best && badness(s->best) == 0;
}

static bool same_certificate(const struct cert *a, const struct cert *b)
{
    return a->body == b->body || memcmp(a->body->sha256, b->body->sha256, 32) == 0;
}

static bool in_path(const struct chain *path, const struct cert *cert)
{
    for (size_t i = 0; i < path->count; i++) {
        if (same_certificate(path->elements[i].cert, cert))
            return true;
    }
    return false;
}

static bool names_issuer(const struct cert *cert, const struct cert *candidate)
{
    const CERT_NAME_BLOB *issuer = &cert->body->info.Issuer;
    const CERT_NAME_BLOB *subject = &candidate->body->info.Subject;
    return span_equal(span_of(issuer->pbData, issuer->cbData),
                      span_of(subject->pbData, subject->cbData));
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

static bool is_root(const struct search *s, const struct cert *cert)
{
    bool found = false;
    for (size_t i = 0; !found; i++) {
        struct cert *root = store_entry(s->inputs->roots, i);
        if (root == NULL)
            break;
        found = same_certificate(root, cert);
        cert_release(root);
    }
    return found;
}

static void extend(struct search *s);

static void try_issuer(struct search *s, struct cert *issuer, bool is_anchor)
{
    struct chain_element *top = &s->path.elements[s->path.count - 1];
    if (s->path.count == CHAIN_DEPTH_MAX || s->signatures_left == 0 || in_path(&s->path, issuer))
        return;
    s->signatures_left--;
    DWORD before = top->errors;
    if (verify_under(top->cert, issuer) != OK)
        top->errors |= CERT_TRUST_IS_NOT_SIGNATURE_VALID;
    s->path.elements[s->path.count++] = (struct chain_element){.cert = issuer};
    s->path.is_anchored = is_anchor;
    if (is_anchor || (top->errors & CERT_TRUST_IS_NOT_SIGNATURE_VALID) != 0)
        consider(s);
    else
        extend(s);
    s->path.count--;
    s->path.is_anchored = false;
    s->path.elements[s->path.count - 1].errors = before;
}

static bool try_store(struct search *s, struct store *store, bool is_anchor)
{
    bool tried = false;
    const struct cert *top = s->path.elements[s->path.count - 1].cert;
    for (size_t i = 0; store != NULL && !is_satisfied(s); i++) {
        struct cert *candidate = store_entry(store, i);
        if (candidate == NULL)
            break;
        if (names_issuer(top, candidate) && !in_path(&s->path, candidate)) {
            tried = true;
            try_issuer(s, candidate, is_anchor);
        }
        cert_release(candidate);
    }
    return tried;
}

/* The recursion is as deep as the path, at most CHAIN_DEPTH_MAX. */
static void extend(struct search *s)
{
    struct cert *top = s->path.elements[s->path.count - 1].cert;
    if (is_root(s, top)) {
        s->path.is_anchored = true;
        consider(s);
        s->path.is_anchored = false;
        return;
    }
    bool tried = try_store(s, s->inputs->roots, true);
    if (!is_satisfied(s))
        tried |= try_store(s, s->inputs->additional, false);
    if (!tried && !is_satisfied(s)) {
        if (is_self_issued(top) && verify_under(top, top) != OK)
            s->path.elements[s->path.count - 1].errors |= CERT_TRUST_IS_NOT_SIGNATURE_VALID;
        consider(s);
    }
}

err chain_build(const struct chain_inputs *inputs, struct chain *out)
{
    *out = (struct chain){0};
    struct search s = {.inputs = inputs, .best = out, .signatures_left = CHAIN_SIGNATURES_MAX};
    s.path.elements[0].cert = inputs->leaf;
    s.path.count = 1;
    extend(&s);
    if (!s.has_best)
        consider(&s);
    return s.has_best ? OK : FAIL(ERR_INTERNAL);
}

void chain_release(struct chain *chain)
{
    for (size_t i = 0; i < chain->count; i++)
        cert_release(chain->elements[i].cert);
    *chain = (struct chain){0};
}

/* ---- policy ---------------------------------------------------------------------------- */

struct policy_row {
    DWORD trust_error;
    LONG error;
    DWORD ignored_by_flag;
    DWORD ignored_by_check;
};

/* In the order in which Windows reports them: one error only, the gravest. */
static const struct policy_row policy_rows[] = {
    {CERT_TRUST_IS_NOT_SIGNATURE_VALID, TRUST_E_CERT_SIGNATURE, 0, 0},
    {CERT_TRUST_IS_UNTRUSTED_ROOT, CERT_E_UNTRUSTEDROOT, CERT_CHAIN_POLICY_ALLOW_UNKNOWN_CA_FLAG,
     SECURITY_FLAG_IGNORE_UNKNOWN_CA},
    {CERT_TRUST_IS_PARTIAL_CHAIN, CERT_E_CHAINING, CERT_CHAIN_POLICY_ALLOW_UNKNOWN_CA_FLAG,
     SECURITY_FLAG_IGNORE_UNKNOWN_CA},
    {CERT_TRUST_INVALID_BASIC_CONSTRAINTS, TRUST_E_BASIC_CONSTRAINTS,
     CERT_CHAIN_POLICY_IGNORE_INVALID_BASIC_CONSTRAINTS_FLAG, 0},
    {CERT_TRUST_HAS_NOT_SUPPORTED_CRITICAL_EXT, CERT_E_CRITICAL,
     CERT_CHAIN_POLICY_IGNORE_NOT_SUPPORTED_CRITICAL_EXT_FLAG, 0},
    {CERT_TRUST_INVALID_EXTENSION, CERT_E_CRITICAL, 0, 0},
    {CERT_TRUST_INVALID_NAME_CONSTRAINTS | CERT_TRUST_HAS_NOT_PERMITTED_NAME_CONSTRAINT |
         CERT_TRUST_HAS_EXCLUDED_NAME_CONSTRAINT,
     CERT_E_INVALID_NAME, CERT_CHAIN_POLICY_IGNORE_INVALID_NAME_FLAG, 0},
    {CERT_TRUST_HAS_WEAK_SIGNATURE, TRUST_E_CERT_SIGNATURE, 0, 0},
    {CERT_TRUST_IS_NOT_VALID_FOR_USAGE, CERT_E_WRONG_USAGE,
     CERT_CHAIN_POLICY_IGNORE_WRONG_USAGE_FLAG, SECURITY_FLAG_IGNORE_WRONG_USAGE},
    {CERT_TRUST_IS_NOT_TIME_VALID, CERT_E_EXPIRED, CERT_CHAIN_POLICY_IGNORE_NOT_TIME_VALID_FLAG,
     SECURITY_FLAG_IGNORE_CERT_DATE_INVALID},
    {CERT_TRUST_IS_REVOKED, CRYPT_E_REVOKED, 0, SECURITY_FLAG_IGNORE_REVOCATION},
    {CERT_TRUST_IS_OFFLINE_REVOCATION, CRYPT_E_REVOCATION_OFFLINE,
     CERT_CHAIN_POLICY_IGNORE_ALL_REV_UNKNOWN_FLAGS, SECURITY_FLAG_IGNORE_REVOCATION},
};

static LONG find_element(const struct chain *chain, DWORD trust_error)
{
    for (size_t i = 0; i < chain->count; i++) {
        if ((chain->elements[i].errors & trust_error) != 0)
            return (LONG)i;
    }
    return -1;
}

LONG chain_policy_error(const struct chain *chain, const struct chain_policy *policy,
                        LONG *out_element)
{
    *out_element = -1;
    for (size_t i = 0; i < ARRAY_LEN(policy_rows); i++) {
        const struct policy_row *row = &policy_rows[i];
        if ((chain->errors & row->trust_error) == 0 ||
            (policy->flags & row->ignored_by_flag) != 0 ||
            (policy->is_ssl && (policy->fdw_checks & row->ignored_by_check) != 0))
            continue;
        *out_element = find_element(chain, row->trust_error);
        return row->error;
    }
    if (!policy->is_ssl || policy->server_name == NULL ||
        (policy->fdw_checks & SECURITY_FLAG_IGNORE_CERT_CN_INVALID) != 0 ||
        cert_matches_name(&chain->elements[0].cert->context, policy->server_name))
        return 0;
    *out_element = 0;
    return CERT_E_CN_NO_MATCH;
}

/* ---- the verdict for the security context ---------------------------------------------- */

static err reason_of(LONG error)
{
    switch ((DWORD)error) {
    case 0:
        return OK;
    case (DWORD)CERT_E_CN_NO_MATCH:
        return ERR_CERT_WRONG_NAME;
    case (DWORD)CERT_E_EXPIRED:
        return ERR_CERT_EXPIRED;
    case (DWORD)CERT_E_UNTRUSTEDROOT:
    case (DWORD)CERT_E_CHAINING:
        return ERR_CERT_UNTRUSTED_ROOT;
    case (DWORD)CERT_E_WRONG_USAGE:
        return ERR_CERT_WRONG_USAGE;
    case (DWORD)CRYPT_E_REVOKED:
        return ERR_CERT_REVOKED;
    case (DWORD)CRYPT_E_NO_REVOCATION_CHECK:
        return ERR_CERT_NO_REVOCATION_CHECK;
    case (DWORD)CRYPT_E_REVOCATION_OFFLINE:
        return ERR_CERT_REVOCATION_OFFLINE;
    case (DWORD)TRUST_E_CERT_SIGNATURE:
        return ERR_CERT_BAD_SIGNATURE;
    default:
        return ERR_CERT_UNKNOWN;
    }
}

/* Server gated crypto: two older usages that servers' certificates may carry instead. */
static void set_usages(struct chain_inputs *inputs, enum chain_usage usage)
{
    if (usage == CHAIN_CLIENT_AUTH) {
        inputs->usages[0] = szOID_PKIX_KP_CLIENT_AUTH;
        inputs->usage_count = 1;
        return;
    }
    inputs->usages[0] = szOID_PKIX_KP_SERVER_AUTH;
    inputs->usages[1] = "1.3.6.1.4.1.311.10.3.3";
    inputs->usages[2] = "2.16.840.1.113730.4.1";
    inputs->usage_count = 3;
}

static err judge(const struct chain_request *request, struct store *roots,
                 struct chain_verdict *out)
{
    DWORD revocation = CERT_CHAIN_REVOCATION_CHECK_END_CERT | CERT_CHAIN_REVOCATION_CHECK_CHAIN |
                       CERT_CHAIN_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT;
    struct chain_inputs inputs = {.leaf = cert_of(request->leaf),
                                  .additional = store_of(request->additional),
                                  .roots = roots,
                                  .now = request->now,
                                  .wants_revocation = (request->chain_flags & revocation) != 0};
    struct chain_policy policy = {.is_ssl = true, .server_name = request->server_name};
    struct chain chain;
    LONG element;
    set_usages(&inputs, request->usage);
    if (request->ignore_revocation_offline)
        policy.flags |= CERT_CHAIN_POLICY_IGNORE_ALL_REV_UNKNOWN_FLAGS;
    TRY(chain_build(&inputs, &chain));
    out->policy_error = chain_policy_error(&chain, &policy, &element);
    out->reason = reason_of(out->policy_error);
    out->trust_errors = chain.errors;
    out->element_index = element > 0 ? (size_t)element : 0;
    chain_release(&chain);
    return OK;
}

err chain_judge(const struct chain_request *request, struct chain_verdict *out)
{
    *out = (struct chain_verdict){.reason = ERR_CERT_UNKNOWN};
    struct store *roots = store_of(request->exclusive_root);
    if (request->exclusive_root != NULL && roots == NULL)
        return FAIL(ERR_ARGUMENT);
    if (roots != NULL)
        store_ref(roots);
    else
        roots = roots_open();
    if (roots == NULL)
        return FAIL(ERR_NO_MEMORY);
    err result = judge(request, roots, out);
    store_release(roots);
    return result;
}

/* ---- the chain to send ----------------------------------------------------------------- */

static struct cert *find_issuer(struct store *store, const struct cert *cert)
{
    for (size_t i = 0; store != NULL; i++) {
        struct cert *candidate = store_entry(store, i);
        if (candidate == NULL)
            break;
        if (names_issuer(cert, candidate) && !same_certificate(cert, candidate) &&
            verify_under(cert, candidate) == OK)
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
    while (out->count < ARRAY_LEN(out->items) && !is_self_issued(cert)) {
        cert = find_issuer(store, cert);
        if (cert == NULL)
            break;
        if (is_self_issued(cert) && !with_root) {
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
