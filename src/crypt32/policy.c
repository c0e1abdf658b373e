/* SPDX-License-Identifier: MIT */
/*
 * What a chain's status means: the BASE and SSL policies (certificates.md 7.4), and the one verdict
 * for security contexts. Only the gravest error is reported.
 */
#include <wininet.h>

#include "crypt32/chain.h"
#include "crypt32/system.h"

/* ---- policies -------------------------------------------------------------------------- */

struct policy_row {
    DWORD trust_error;
    LONG error;
    DWORD ignored_by_flag;
    DWORD ignored_by_check;
};

/* In the order in which Windows reports them. */
static const struct policy_row policy_rows[] = {
    {CERT_TRUST_IS_EXPLICIT_DISTRUST, TRUST_E_EXPLICIT_DISTRUST, 0, 0},
    {CERT_TRUST_IS_NOT_SIGNATURE_VALID | CERT_TRUST_HAS_WEAK_SIGNATURE, TRUST_E_CERT_SIGNATURE, 0,
     0},
    {CERT_TRUST_IS_REVOKED, CRYPT_E_REVOKED, 0, SECURITY_FLAG_IGNORE_REVOCATION},
    {CERT_TRUST_IS_UNTRUSTED_ROOT, CERT_E_UNTRUSTEDROOT, CERT_CHAIN_POLICY_ALLOW_UNKNOWN_CA_FLAG,
     SECURITY_FLAG_IGNORE_UNKNOWN_CA},
    {CERT_TRUST_IS_PARTIAL_CHAIN | CERT_TRUST_IS_CYCLIC, CERT_E_CHAINING,
     CERT_CHAIN_POLICY_ALLOW_UNKNOWN_CA_FLAG, SECURITY_FLAG_IGNORE_UNKNOWN_CA},
    {CERT_TRUST_IS_NOT_VALID_FOR_USAGE, CERT_E_WRONG_USAGE,
     CERT_CHAIN_POLICY_IGNORE_WRONG_USAGE_FLAG, SECURITY_FLAG_IGNORE_WRONG_USAGE},
    {CERT_TRUST_IS_NOT_TIME_VALID, CERT_E_EXPIRED, CERT_CHAIN_POLICY_IGNORE_NOT_TIME_VALID_FLAG,
     SECURITY_FLAG_IGNORE_CERT_DATE_INVALID},
    {CERT_TRUST_INVALID_NAME_CONSTRAINTS | CERT_TRUST_HAS_NOT_SUPPORTED_NAME_CONSTRAINT |
         CERT_TRUST_HAS_NOT_DEFINED_NAME_CONSTRAINT | CERT_TRUST_HAS_NOT_PERMITTED_NAME_CONSTRAINT |
         CERT_TRUST_HAS_EXCLUDED_NAME_CONSTRAINT,
     CERT_E_INVALID_NAME, CERT_CHAIN_POLICY_IGNORE_INVALID_NAME_FLAG, 0},
    {CERT_TRUST_INVALID_POLICY_CONSTRAINTS | CERT_TRUST_NO_ISSUANCE_CHAIN_POLICY,
     CERT_E_INVALID_POLICY, CERT_CHAIN_POLICY_IGNORE_INVALID_POLICY_FLAG, 0},
    {CERT_TRUST_INVALID_BASIC_CONSTRAINTS, TRUST_E_BASIC_CONSTRAINTS,
     CERT_CHAIN_POLICY_IGNORE_INVALID_BASIC_CONSTRAINTS_FLAG, 0},
    {CERT_TRUST_HAS_NOT_SUPPORTED_CRITICAL_EXT, CERT_E_CRITICAL,
     CERT_CHAIN_POLICY_IGNORE_NOT_SUPPORTED_CRITICAL_EXT_FLAG, 0},
};

/* The status as the policy sees it: what is asked of the usage may be more than was built with. */
struct view {
    size_t count;
    DWORD elements[CHAIN_DEPTH_MAX];
    DWORD errors;
};

static struct view view_of(const struct chain *chain, const struct chain_policy *policy)
{
    struct view v = {.count = chain->count, .errors = chain->errors};
    chain_usage_errors(chain, &policy->usages, v.elements);
    if (chain->is_peer && (policy->flags & CERT_CHAIN_POLICY_IGNORE_PEER_TRUST_FLAG) != 0)
        v.elements[0] |= CERT_TRUST_IS_UNTRUSTED_ROOT;
    for (size_t i = 0; i < v.count; i++) {
        v.elements[i] |= chain->elements[i].errors;
        v.errors |= v.elements[i];
    }
    return v;
}

static LONG find_element(const struct view *v, DWORD trust_error)
{
    for (size_t i = 0; i < v->count; i++) {
        if ((v->elements[i] & trust_error) != 0)
            return (LONG)i;
    }
    return -1;
}

static bool is_passed_over(const struct policy_row *row, const struct chain_policy *policy)
{
    return (policy->flags & row->ignored_by_flag) != 0 ||
           (policy->is_ssl && (policy->fdw_checks & row->ignored_by_check) != 0);
}

static LONG trust_error(const struct view *v, const struct chain_policy *policy, LONG *out_element)
{
    for (size_t i = 0; i < ARRAY_LEN(policy_rows); i++) {
        const struct policy_row *row = &policy_rows[i];
        if ((v->errors & row->trust_error) == 0 || is_passed_over(row, policy))
            continue;
        *out_element = find_element(v, row->trust_error);
        bool is_cycle = row->error == CERT_E_CHAINING && (v->errors & CERT_TRUST_IS_CYCLIC) != 0;
        return is_cycle && policy->is_ssl ? CERT_E_UNTRUSTEDROOT : row->error;
    }
    return 0;
}

/* Extensions that do not decode, or occur twice, and that no flag passes over. */
static LONG extension_error(const struct view *v, LONG *out_element)
{
    for (size_t i = 0; i < v->count; i++) {
        bool is_invalid = (v->elements[i] & CERT_TRUST_INVALID_EXTENSION) != 0;
        bool is_foreign = (v->elements[i] & CERT_TRUST_HAS_NOT_SUPPORTED_CRITICAL_EXT) != 0;
        if (!is_invalid || is_foreign)
            continue;
        *out_element = (LONG)i;
        return CERT_E_CRITICAL;
    }
    return 0;
}

static DWORD revocation_flag(size_t i, size_t count)
{
    return i == 0           ? CERT_CHAIN_POLICY_IGNORE_END_REV_UNKNOWN_FLAG
           : i + 1 == count ? CERT_CHAIN_POLICY_IGNORE_ROOT_REV_UNKNOWN_FLAG
                            : CERT_CHAIN_POLICY_IGNORE_CA_REV_UNKNOWN_FLAG;
}

/* Nothing said where to ask, or nobody could be asked. */
static LONG element_revocation_error(DWORD errors, const struct chain_policy *policy)
{
    bool is_offline = (errors & CERT_TRUST_IS_OFFLINE_REVOCATION) != 0;
    if (is_offline)
        return policy->ignores_offline ? 0 : CRYPT_E_REVOCATION_OFFLINE;
    bool is_unknown = (errors & CERT_TRUST_REVOCATION_STATUS_UNKNOWN) != 0;
    return is_unknown && !policy->ignores_no_check ? CRYPT_E_NO_REVOCATION_CHECK : 0;
}

/* A flag silences its own kind of element only. */
static LONG revocation_error(const struct view *v, const struct chain_policy *policy,
                             LONG *out_element)
{
    if (policy->is_ssl && (policy->fdw_checks & SECURITY_FLAG_IGNORE_REVOCATION) != 0)
        return 0;
    for (size_t i = 0; i < v->count; i++) {
        LONG error = element_revocation_error(v->elements[i], policy);
        if (error == 0 || (policy->flags & revocation_flag(i, v->count)) != 0)
            continue;
        *out_element = (LONG)i;
        return error;
    }
    return 0;
}

LONG chain_policy_error(const struct chain *chain, const struct chain_policy *policy,
                        LONG *out_element)
{
    *out_element = -1;
    struct view v = view_of(chain, policy);
    LONG error = trust_error(&v, policy, out_element);
    if (error == 0)
        error = extension_error(&v, out_element);
    if (error == 0)
        error = revocation_error(&v, policy, out_element);
    if (error != 0 || !policy->is_ssl || policy->server_name == NULL ||
        (policy->fdw_checks & SECURITY_FLAG_IGNORE_CERT_CN_INVALID) != 0 ||
        cert_matches_name(&chain->elements[0].cert->context, policy->server_name))
        return error;
    *out_element = 0;
    return CERT_E_CN_NO_MATCH;
}

/* Windows: one that is not good as it stands, and an end certificate of the other kind. */
LONG chain_basic_constraints_error(const struct chain *chain, DWORD flags, LONG *out_element)
{
    struct view v = view_of(chain, &(struct chain_policy){0});
    bool is_authority =
        (X509_get_extension_flags(chain->elements[0].cert->body->x509) & EXFLAG_CA) != 0;
    bool is_wrong_kind =
        ((flags & BASIC_CONSTRAINTS_CERT_CHAIN_POLICY_CA_FLAG) != 0 && !is_authority) ||
        ((flags & BASIC_CONSTRAINTS_CERT_CHAIN_POLICY_END_ENTITY_FLAG) != 0 && is_authority);
    *out_element = is_wrong_kind ? 0 : find_element(&v, CERT_TRUST_INVALID_BASIC_CONSTRAINTS);
    return *out_element >= 0 ? TRUST_E_BASIC_CONSTRAINTS : 0;
}

/* Server gated crypto: two older usages that servers' certificates may carry instead. */
struct chain_usages chain_ssl_usages(enum chain_usage usage)
{
    if (usage == CHAIN_CLIENT_AUTH)
        return (struct chain_usages){.oids = {szOID_PKIX_KP_CLIENT_AUTH}, .count = 1};
    return (struct chain_usages){
        .oids = {szOID_PKIX_KP_SERVER_AUTH, "1.3.6.1.4.1.311.10.3.3", "2.16.840.1.113730.4.1"},
        .count = 3,
    };
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

/* The system's stores that take part, each with a reference. */
struct views {
    struct store *authorities;
    struct store *distrusted;
};

static err judge(const struct chain_request *request, struct store *roots,
                 const struct views *views, struct chain_verdict *out)
{
    struct chain_inputs inputs = {
        .leaf = cert_of(request->leaf),
        .searched = {store_of(request->additional), views->authorities},
        .roots = roots,
        .distrusted = views->distrusted,
        .is_exclusive = request->exclusive_root != NULL,
        .now = request->now,
        .usages = chain_ssl_usages(request->usage),
        .revocation = chain_revocation_of(request->chain_flags),
        .retrieval = chain_retrieval_of(request->chain_flags),
        .shares_time = (request->chain_flags & CERT_CHAIN_REVOCATION_ACCUMULATIVE_TIMEOUT) != 0};
    struct chain_policy policy = {.is_ssl = true,
                                  .server_name = request->server_name,
                                  .ignores_no_check = request->ignore_no_revocation_check,
                                  .ignores_offline = request->ignore_revocation_offline};
    struct chain chain;
    LONG element;
    TRY(chain_build(&inputs, &chain));
    out->policy_error = chain_policy_error(&chain, &policy, &element);
    out->reason = reason_of(out->policy_error);
    out->trust_errors = chain.errors;
    out->element_index = element > 0 ? (size_t)element : 0;
    chain_release(&chain);
    return OK;
}

static err open_views(struct views *out)
{
    DWORD error;
    TRY(system_view_open(VIEW_CA, &out->authorities, &error));
    return system_view_open(VIEW_DISALLOWED, &out->distrusted, &error);
}

err chain_judge(const struct chain_request *request, struct chain_verdict *out)
{
    DWORD error;
    struct views views = {NULL, NULL};
    *out = (struct chain_verdict){.reason = ERR_CERT_UNKNOWN};
    struct store *roots = store_of(request->exclusive_root);
    if (request->exclusive_root != NULL && roots == NULL)
        return FAIL(ERR_ARGUMENT);
    if (roots != NULL)
        store_ref(roots);
    else
        TRY(roots_open(&roots, &error));
    err result = open_views(&views);
    if (result == OK)
        result = judge(request, roots, &views, out);
    store_release(views.distrusted);
    store_release(views.authorities);
    store_release(roots);
    return result;
}
