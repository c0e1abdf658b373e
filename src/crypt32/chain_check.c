/* SPDX-License-Identifier: MIT */
/*
 * The checks of a path, RFC 5280 6.1, element by element: time, extensions, keys, authority, names,
 * policies and usages. Signatures are checked by the search in chain.c; revocation is not looked
 * up.
 */
#include "crypt32/chain.h"

bool chain_is_self_issued(const struct cert *cert)
{
    return span_equal(cert_issuer(cert), cert_subject(cert));
}

static DWORD time_errors(const struct cert *cert, int64_t now)
{
    bool valid = now >= cert->body->not_before && now <= cert->body->not_after;
    return valid ? 0 : CERT_TRUST_IS_NOT_TIME_VALID;
}

/* ---- extensions ------------------------------------------------------------------------ */

/* What is processed here, or restricts nothing: RFC 5280 4.2 lets no other one be critical. */
static bool is_processed(const X509_EXTENSION *extension)
{
    static const int known[] = {
        NID_key_usage,          NID_basic_constraints,       NID_ext_key_usage,
        NID_subject_alt_name,   NID_name_constraints,        NID_certificate_policies,
        NID_policy_constraints, NID_inhibit_any_policy,      NID_policy_mappings,
        NID_issuer_alt_name,    NID_crl_distribution_points, NID_freshest_crl,
    };
    int nid = OBJ_obj2nid(X509_EXTENSION_get_object((X509_EXTENSION *)(uintptr_t)extension));
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (known[i] == nid)
            return true;
    }
    return false;
}

static bool has_foreign_critical(const X509 *x509)
{
    for (int i = 0; i < X509_get_ext_count(x509); i++) {
        const X509_EXTENSION *extension = X509_get_ext(x509, i);
        if (X509_EXTENSION_get_critical(extension) && !is_processed(extension))
            return true;
    }
    return false;
}

/* A NUL that ends a name is seen in the field; one inside it is there to deceive. */
static bool has_inner_nul(const ASN1_STRING *text)
{
    const uint8_t *p = ASN1_STRING_get0_data(text);
    size_t n = (size_t)ASN1_STRING_length(text);
    while (n != 0 && p[n - 1] == 0)
        n--;
    return n != 0 && memchr(p, 0, n) != NULL;
}

static bool deceives(const X509 *x509)
{
    bool found = false;
    GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; !found && i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        bool is_text = name->type == GEN_DNS || name->type == GEN_EMAIL || name->type == GEN_URI;
        found = is_text && has_inner_nul(name->d.ia5);
    }
    GENERAL_NAMES_free(names);
    return found;
}

static DWORD extension_errors(const struct cert *cert)
{
    X509 *x509 = cert->body->x509;
    uint32_t flags = X509_get_extension_flags(x509);
    DWORD errors = 0;
    if ((flags & (EXFLAG_CRITICAL | EXFLAG_PROXY)) != 0 || has_foreign_critical(x509))
        errors |= CERT_TRUST_HAS_NOT_SUPPORTED_CRITICAL_EXT | CERT_TRUST_INVALID_EXTENSION;
    if ((flags & (EXFLAG_INVALID | EXFLAG_INVALID_POLICY)) != 0 ||
        cert->body->has_duplicate_extension)
        errors |= CERT_TRUST_INVALID_EXTENSION;
    if (deceives(x509))
        errors |= CERT_TRUST_INVALID_NAME_CONSTRAINTS | CERT_TRUST_INVALID_EXTENSION;
    /* RFC 5280 4.1.1.2: the two algorithm identifiers agree. */
    if (!span_equal(cert->body->inner_algorithm, cert->body->algorithm))
        errors |= CERT_TRUST_IS_NOT_SIGNATURE_VALID;
    return errors;
}

/* ---- usages ---------------------------------------------------------------------------- */

static bool has_usage(const EXTENDED_KEY_USAGE *usages, const char *wanted)
{
    char text[128];
    for (int i = 0; i < sk_ASN1_OBJECT_num(usages); i++) {
        const ASN1_OBJECT *usage = sk_ASN1_OBJECT_value(usages, i);
        if (OBJ_obj2nid(usage) == NID_anyExtendedKeyUsage)
            return true;
        if (oid_text_of(usage, text, sizeof text) != 0 && strcmp(text, wanted) == 0)
            return true;
    }
    return false;
}

/* One bit for each usage that the certificate allows; without the extension all of them. */
static uint32_t allowed_usages(const struct cert *cert, const struct chain_usages *wanted)
{
    X509 *x509 = cert->body->x509;
    uint32_t mask = 0;
    if (X509_get_ext_by_NID(x509, NID_ext_key_usage, -1) < 0)
        return UINT32_MAX;
    EXTENDED_KEY_USAGE *usages = X509_get_ext_d2i(x509, NID_ext_key_usage, NULL, NULL);
    for (size_t i = 0; i < wanted->count; i++) {
        if (has_usage(usages, wanted->oids[i]))
            mask |= 1u << i;
    }
    EXTENDED_KEY_USAGE_free(usages);
    return mask;
}

static bool usages_fit(uint32_t mask, const struct chain_usages *wanted)
{
    uint32_t all = (1u << wanted->count) - 1;
    return wanted->all ? (mask & all) == all : (mask & all) != 0;
}

void chain_usage_errors(const struct chain *chain, const struct chain_usages *usages,
                        DWORD out[CHAIN_DEPTH_MAX])
{
    uint32_t left = UINT32_MAX;
    memset(out, 0, CHAIN_DEPTH_MAX * sizeof out[0]);
    for (size_t i = chain->count; i-- > 0 && usages->count != 0;) {
        uint32_t own = allowed_usages(chain->elements[i].cert, usages);
        bool fitted = usages_fit(left, usages);
        left &= own;
        if (!usages_fit(own, usages) || (fitted && !usages_fit(left, usages)))
            out[i] = CERT_TRUST_IS_NOT_VALID_FOR_USAGE;
    }
}

/* ---- keys and signatures --------------------------------------------------------------- */

bool chain_is_weakly_signed(const struct cert *cert)
{
    static const char *const weak[] = {
        "1.2.840.113549.1.1.2", "1.2.840.113549.1.1.3", /* MD2, MD4 with RSA */
        "1.2.840.113549.1.1.4", "1.2.840.113549.1.1.5", /* MD5, SHA-1 with RSA */
        "1.2.840.10045.4.1",    "1.2.840.10040.4.3",    /* SHA-1 with ECDSA, DSA */
        "1.3.14.3.2.29",                                /* SHA-1 with RSA, OIW */
    };
    const char *algorithm = cert->body->info.SignatureAlgorithm.pszObjId;
    for (size_t i = 0; i < ARRAY_LEN(weak); i++) {
        if (strcmp(weak[i], algorithm) == 0)
            return true;
    }
    return false;
}

/* The search verified the signature below with this element's key, so the crypto room took it. */
static bool has_used_key(const struct chain *path, size_t i)
{
    return i != 0 && (path->elements[i - 1].errors & CERT_TRUST_IS_NOT_SIGNATURE_VALID) == 0;
}

/* A key that the crypto room refuses (kind, size, exponent, curve) proves nothing. */
static err key_errors(const struct chain *path, size_t i, DWORD *errors)
{
    struct public_key *key;
    if (has_used_key(path, i))
        return OK;
    err result = public_key_new(&key, path->elements[i].cert->body->spki);
    public_key_free(key);
    if (result == ERR_NO_MEMORY)
        return result;
    if (result != OK)
        *errors |= CERT_TRUST_IS_NOT_SIGNATURE_VALID | CERT_TRUST_HAS_WEAK_SIGNATURE;
    return OK;
}

/* ---- authorities ----------------------------------------------------------------------- */

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

static bool has_dns_name(const X509 *x509)
{
    bool found = false;
    GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; !found && i < sk_GENERAL_NAME_num(names); i++)
        found = sk_GENERAL_NAME_value(names, i)->type == GEN_DNS;
    GENERAL_NAMES_free(names);
    return found;
}

static DWORD name_constraint_error(int code)
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

/* RFC 5280 4.2.1.10: every certificate below but self-issued authorities. */
static DWORD name_constraint_errors(const struct chain *path, size_t authority, DWORD *infos)
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
        if (i != 0 && chain_is_self_issued(path->elements[i].cert))
            continue;
        X509_get_extension_flags(below); /* fills the names that are compared */
        errors |= name_constraint_error(NAME_CONSTRAINTS_check(below, constraints));
        /* A common name is a host name only where it is matched as one. */
        if (i == 0 && !has_dns_name(below))
            errors |= name_constraint_error(NAME_CONSTRAINTS_check_CN(below, constraints));
    }
    NAME_CONSTRAINTS_free(constraints);
    if (errors == 0)
        *infos |= CERT_TRUST_HAS_VALID_NAME_CONSTRAINTS;
    return errors;
}

/* ---- policies -------------------------------------------------------------------------- */

/* requireExplicitPolicy, or -1 without; what does not decode demands at once. */
static int64_t demanded_after(X509 *x509)
{
    int64_t value = -1;
    if (X509_get_ext_by_NID(x509, NID_policy_constraints, -1) < 0)
        return -1;
    POLICY_CONSTRAINTS *constraints = X509_get_ext_d2i(x509, NID_policy_constraints, NULL, NULL);
    if (constraints == NULL)
        return 0;
    const ASN1_INTEGER *number = constraints->requireExplicitPolicy;
    if (number != NULL && (ASN1_INTEGER_get_int64(&value, number) != 1 || value < 0))
        value = 0;
    POLICY_CONSTRAINTS_free(constraints);
    return value;
}

/*
 * Whether a certificate of the path demands that there be a policy: the counter explicit_policy of
 * RFC 5280 6.1.2 (d), 6.1.4 (h) and (i), 6.1.5 (a) and (b). The anchor does not take part.
 */
static bool demands_policy(const struct chain *path)
{
    int64_t left = (int64_t)path->count;
    for (size_t i = path->count - 1; i-- > 0;) {
        struct cert *cert = path->elements[i].cert;
        int64_t after = demanded_after(cert->body->x509);
        if (left > 0 && (i == 0 || !chain_is_self_issued(cert)))
            left--;
        if (after >= 0 && (i != 0 || after == 0) && after < left)
            left = after;
    }
    return left == 0;
}

/* Without policies in each certificate below the anchor no policy is left at the end. */
static bool all_have_policies(const struct chain *path)
{
    for (size_t i = 0; i + 1 < path->count; i++) {
        const X509 *x509 = path->elements[i].cert->body->x509;
        if (X509_get_ext_by_NID(x509, NID_certificate_policies, -1) < 0)
            return false;
    }
    return true;
}

/* libcrypto's policy tree; it loses memory over certificates that constrain policies but have none,
 * so only paths without such come here. */
static int check_policies(const struct chain *path)
{
    X509_POLICY_TREE *tree = NULL;
    int is_explicit = 0;
    int verdict = X509_PCY_TREE_INTERNAL;
    STACK_OF(ASN1_OBJECT) *wanted = sk_ASN1_OBJECT_new_reserve(NULL, 1);
    STACK_OF(X509) *certs = sk_X509_new_reserve(NULL, (int)path->count);
    if (certs != NULL && wanted != NULL) {
        sk_ASN1_OBJECT_push(wanted, OBJ_nid2obj(NID_any_policy));
        for (size_t i = 0; i < path->count; i++)
            sk_X509_push(certs, path->elements[i].cert->body->x509);
        verdict = X509_policy_check(&tree, &is_explicit, certs, wanted, 0);
    }
    X509_policy_tree_free(tree);
    sk_X509_free(certs);
    sk_ASN1_OBJECT_free(wanted);
    return verdict;
}

/* RFC 5280 6.1.5 (g): only a demand can make the lack of a policy a fault. */
static err policy_errors(struct chain *path)
{
    if (!demands_policy(path))
        return OK;
    int verdict = all_have_policies(path) ? check_policies(path) : X509_PCY_TREE_FAILURE;
    if (verdict == X509_PCY_TREE_INTERNAL)
        return FAIL(ERR_NO_MEMORY);
    if (verdict < 0)
        path->elements[0].errors |= CERT_TRUST_INVALID_POLICY_CONSTRAINTS;
    if (verdict == X509_PCY_TREE_FAILURE)
        path->elements[0].errors |= CERT_TRUST_NO_ISSUANCE_CHAIN_POLICY;
    return OK;
}

/* ---- the path -------------------------------------------------------------------------- */

static bool names_revocation_source(const struct cert *cert)
{
    X509 *x509 = cert->body->x509;
    return X509_get_ext_by_NID(x509, NID_crl_distribution_points, -1) >= 0 ||
           X509_get_ext_by_NID(x509, NID_info_access, -1) >= 0;
}

/* Nothing is looked up in this version; an anchor needs no answer. */
static DWORD revocation_errors(const struct chain *path, size_t i, enum chain_revocation which)
{
    bool is_top = i + 1 == path->count;
    bool wanted = which == CHAIN_REVOCATION_END        ? i == 0
                  : which == CHAIN_REVOCATION_ALL      ? true
                  : which == CHAIN_REVOCATION_BUT_ROOT ? !is_top || i == 0
                                                       : false;
    if (!wanted || (is_top && path->is_anchored))
        return 0;
    /* Without a place to ask the answer cannot be had, with one it was not had. */
    return CERT_TRUST_REVOCATION_STATUS_UNKNOWN |
           (names_revocation_source(path->elements[i].cert) ? CERT_TRUST_IS_OFFLINE_REVOCATION : 0);
}

static err check_element(struct chain *path, size_t i, const struct chain_inputs *inputs,
                         size_t authorities_below)
{
    struct chain_element *element = &path->elements[i];
    struct cert *cert = element->cert;
    bool is_anchor = path->is_anchored && i + 1 == path->count;
    element->infos |= CERT_TRUST_HAS_NAME_MATCH_ISSUER;
    if (chain_is_self_issued(cert))
        element->infos |= CERT_TRUST_IS_SELF_SIGNED;
    element->errors |= time_errors(cert, inputs->now) | extension_errors(cert) |
                       revocation_errors(path, i, inputs->revocation);
    if (i != 0)
        element->errors |= authority_errors(cert, authorities_below, is_anchor) |
                           name_constraint_errors(path, i, &element->infos);
    return key_errors(path, i, &element->errors);
}

static void judge_end(struct chain *path)
{
    struct chain_element *last = &path->elements[path->count - 1];
    if (path->is_anchored)
        return;
    if (path->is_cyclic)
        path->errors |= CERT_TRUST_IS_CYCLIC;
    if (chain_is_self_issued(last->cert))
        last->errors |= CERT_TRUST_IS_UNTRUSTED_ROOT;
    else
        path->errors |= CERT_TRUST_IS_PARTIAL_CHAIN;
}

err chain_check(struct chain *path, const struct chain_inputs *inputs)
{
    DWORD usage[CHAIN_DEPTH_MAX];
    size_t authorities_below = 0;
    path->errors = path->infos = 0;
    for (size_t i = 0; i < path->count; i++) {
        TRY(check_element(path, i, inputs, authorities_below));
        authorities_below += i != 0 && !chain_is_self_issued(path->elements[i].cert);
    }
    TRY(policy_errors(path));
    judge_end(path);
    chain_usage_errors(path, &inputs->usages, usage);
    for (size_t i = 0; i < path->count; i++) {
        path->elements[i].errors |= usage[i];
        path->errors |= path->elements[i].errors;
    }
    return OK;
}
