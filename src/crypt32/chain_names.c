/* SPDX-License-Identifier: MIT */
/*
 * Name constraints (RFC 5280 4.2.1.10) of the authorities of a path. libcrypto compares; here stand
 * which names are compared, and what Windows calls the result. The fault is the constraining
 * authority's.
 */
#include "crypt32/chain.h"

static DWORD error_of(int code)
{
    if (code == X509_V_OK)
        return 0;
    if (code == X509_V_ERR_PERMITTED_VIOLATION)
        return CERT_TRUST_HAS_NOT_PERMITTED_NAME_CONSTRAINT;
    if (code == X509_V_ERR_EXCLUDED_VIOLATION)
        return CERT_TRUST_HAS_EXCLUDED_NAME_CONSTRAINT;
    if (code == X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE)
        return CERT_TRUST_HAS_NOT_SUPPORTED_NAME_CONSTRAINT;
    return CERT_TRUST_INVALID_NAME_CONSTRAINTS;
}

static bool constrains(const STACK_OF(GENERAL_SUBTREE) * trees, int type)
{
    for (int i = 0; i < sk_GENERAL_SUBTREE_num(trees); i++) {
        if (sk_GENERAL_SUBTREE_value(trees, i)->base->type == type)
            return true;
    }
    return false;
}

/* ".example.com" is no host name; as the end of one it would pass for a name of example.com. */
static bool is_host_name(const ASN1_STRING *text)
{
    return ASN1_STRING_length(text) == 0 || ASN1_STRING_get0_data(text)[0] != '.';
}

struct host_names {
    bool has_one;
    bool has_wrong_one;
};

static struct host_names host_names_of(const X509 *x509)
{
    struct host_names found = {false, false};
    GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type != GEN_DNS)
            continue;
        found.has_one = true;
        found.has_wrong_one |= !is_host_name(name->d.dNSName);
    }
    GENERAL_NAMES_free(names);
    return found;
}

static DWORD errors_below(const NAME_CONSTRAINTS *constraints, const struct cert *cert, bool is_end)
{
    X509 *below = chain_x509(cert);
    NAME_CONSTRAINTS *nc = (NAME_CONSTRAINTS *)(uintptr_t)constraints;
    DWORD errors = error_of(NAME_CONSTRAINTS_check(below, nc));
    struct host_names hosts = host_names_of(below);
    if (hosts.has_wrong_one && (constrains(constraints->permittedSubtrees, GEN_DNS) ||
                                constrains(constraints->excludedSubtrees, GEN_DNS)))
        errors |= CERT_TRUST_INVALID_NAME_CONSTRAINTS;
    /* A common name is a host name only where it is matched as one. */
    if (is_end && !hosts.has_one)
        errors |= error_of(NAME_CONSTRAINTS_check_CN(below, nc));
    return errors;
}

/* Every certificate below but self-issued authorities. */
DWORD chain_name_errors(const struct chain *path, size_t authority, DWORD *infos)
{
    X509 *x509 = path->elements[authority].cert->body->x509;
    if (X509_get_ext_by_NID(x509, NID_name_constraints, -1) < 0)
        return 0;
    NAME_CONSTRAINTS *constraints = X509_get_ext_d2i(x509, NID_name_constraints, NULL, NULL);
    if (constraints == NULL)
        return CERT_TRUST_INVALID_NAME_CONSTRAINTS;
    /* It must constrain something. */
    bool is_empty = sk_GENERAL_SUBTREE_num(constraints->permittedSubtrees) <= 0 &&
                    sk_GENERAL_SUBTREE_num(constraints->excludedSubtrees) <= 0;
    DWORD errors = is_empty ? CERT_TRUST_INVALID_NAME_CONSTRAINTS : 0;
    for (size_t i = 0; i < authority; i++) {
        if (i == 0 || !chain_is_self_issued(path->elements[i].cert))
            errors |= errors_below(constraints, path->elements[i].cert, i == 0);
    }
    NAME_CONSTRAINTS_free(constraints);
    if (errors == 0)
        *infos |= CERT_TRUST_HAS_VALID_NAME_CONSTRAINTS;
    return errors;
}
