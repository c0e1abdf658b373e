/* SPDX-License-Identifier: MIT */
/*
 * The checks of a path, RFC 5280 6.1, element by element: time, extensions, keys, authority, usages
 * and revocation. Signatures are checked by the search in chain.c; names and policies have files of
 * their own.
 */
#include "crypt32/chain.h"
#include "crypt32/codec.h"

bool chain_is_self_issued(const struct cert *cert)
{
    return span_equal(cert_issuer(cert), cert_subject(cert)) ||
           X509_NAME_cmp(X509_get_issuer_name(cert->body->x509),
                         X509_get_subject_name(cert->body->x509)) == 0;
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

DWORD chain_extension_errors(const struct cert *cert)
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

/* Bits of an RSA modulus; 0 for other keys, and for what does not decode. */
static size_t modulus_bits(const struct cert *cert)
{
    const CERT_PUBLIC_KEY_INFO *info = &cert->body->info.SubjectPublicKeyInfo;
    bool is_rsa = strcmp(info->Algorithm.pszObjId, szOID_RSA_RSA) == 0 ||
                  strcmp(info->Algorithm.pszObjId, szOID_RSA_SSA_PSS) == 0;
    struct decoder d = {0};
    struct rd r = rd_from(span_of(info->PublicKey.pbData, info->PublicKey.cbData));
    if (!is_rsa)
        return 0;
    struct rd numbers = asn_enter(&d, &r, DER_SEQUENCE);
    struct span modulus = asn_take_unsigned(&d, &numbers, DER_INTEGER);
    if (d.error != 0 || modulus.n == 0)
        return 0;
    /* Nought, or written with more zeros than it needs: short in any case. */
    if (modulus.p[0] == 0)
        return 1;
    return 8 * modulus.n - (size_t)(__builtin_clz(modulus.p[0]) - 24);
}

/* A key that is too short, or that the crypto room refuses (kind, exponent, curve), proves nothing.
 */
static err key_errors(const struct chain *path, size_t i, DWORD *errors)
{
    struct public_key *key;
    size_t bits = modulus_bits(path->elements[i].cert);
    if (bits != 0 && bits < CHAIN_RSA_BITS_MIN)
        *errors |= CERT_TRUST_IS_NOT_SIGNATURE_VALID | CERT_TRUST_HAS_WEAK_SIGNATURE;
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

/* ---- the path -------------------------------------------------------------------------- */

static const DWORD REVOCATION_ERRORS =
    CERT_TRUST_IS_REVOKED | CERT_TRUST_REVOCATION_STATUS_UNKNOWN | CERT_TRUST_IS_OFFLINE_REVOCATION;

bool chain_is_listed(struct store *store, const struct cert *cert)
{
    bool found = false;
    for (size_t i = 0; store != NULL && !found; i++) {
        struct cert *entry = store_entry(store, i);
        if (entry == NULL)
            break;
        found = span_equal(entry->body->tbs, cert->body->tbs);
        cert_release(entry);
    }
    return found;
}

static bool is_asked_about(const struct chain *path, size_t i, enum chain_revocation which)
{
    bool is_top = i + 1 == path->count;
    /* An anchor needs no answer. */
    if (which == CHAIN_REVOCATION_NONE || (is_top && path->is_anchored))
        return false;
    return which == CHAIN_REVOCATION_ALL || i == 0 ||
           (which == CHAIN_REVOCATION_BUT_ROOT && !is_top);
}

static err check_revocation(struct chain *path, size_t i, const struct chain_inputs *inputs,
                            struct chain_budget *budget)
{
    struct chain_element *element = &path->elements[i];
    if (!is_asked_about(path, i, inputs->revocation))
        return OK;
    /* Who issued the list, and who stands for it, is known only where the path has an end. */
    if (path->is_anchored) {
        struct revocation_question q = {.cert = element->cert,
                                        .issuer = path->elements[i + 1].cert,
                                        .path = path,
                                        .inputs = inputs,
                                        .budget = budget};
        TRY(revocation_ask(&q, &element->revocation));
    } else {
        TRY(revocation_unknown(element->cert, &element->revocation));
    }
    element->errors |= revocation_errors(element->revocation);
    element->infos |= element->revocation->infos;
    return OK;
}

/* Elements of which something is known, or whose errors are not about it, are not asked again. */
static err ask_online(struct chain *path, size_t i, const struct chain_inputs *inputs,
                      struct chain_budget *budget)
{
    struct revocation *answer;
    struct chain_element *element = &path->elements[i];
    struct revocation_question q = {.cert = element->cert,
                                    .issuer = path->elements[i + 1].cert,
                                    .path = path,
                                    .inputs = inputs,
                                    .budget = budget,
                                    .is_online = true};
    if (element->revocation == NULL ||
        (element->errors & CERT_TRUST_REVOCATION_STATUS_UNKNOWN) == 0)
        return OK;
    TRY(revocation_ask(&q, &answer));
    revocation_release(element->revocation);
    element->revocation = answer;
    element->errors &= (DWORD)~REVOCATION_ERRORS;
    element->errors |= revocation_errors(answer);
    element->infos |= answer->infos;
    return OK;
}

/* A path that is not trusted, or is revoked already, is worth no request. From the top: whoever is
 * revoked cannot speak for those below. */
err chain_ask_online(struct chain *path, const struct chain_inputs *inputs,
                     struct chain_budget *budget)
{
    const DWORD hopeless = CERT_TRUST_IS_NOT_SIGNATURE_VALID | CERT_TRUST_IS_UNTRUSTED_ROOT |
                           CERT_TRUST_IS_PARTIAL_CHAIN | CERT_TRUST_IS_CYCLIC |
                           CERT_TRUST_IS_EXPLICIT_DISTRUST | CERT_TRUST_IS_REVOKED;
    if (inputs->retrieval != CHAIN_RETRIEVAL_ONLINE || !path->is_anchored)
        return OK;
    for (size_t i = path->count; i-- > 0 && (path->errors & hopeless) == 0;) {
        if (i + 1 == path->count)
            continue;
        TRY(ask_online(path, i, inputs, budget));
        path->errors |= path->elements[i].errors;
    }
    path->errors &= (DWORD)~REVOCATION_ERRORS;
    for (size_t i = 0; i < path->count; i++)
        path->errors |= path->elements[i].errors;
    return OK;
}

/* How the issuer was found; a root found itself. */
static DWORD match_infos(const struct chain *path, size_t i, const struct chain_inputs *inputs)
{
    const struct cert *cert = path->elements[i].cert;
    bool is_top = i + 1 == path->count;
    bool is_root = is_top && chain_is_self_issued(cert);
    DWORD infos = is_root ? CERT_TRUST_IS_SELF_SIGNED : 0;
    if (is_top && path->is_anchored && inputs->is_exclusive)
        infos |= CERT_TRUST_IS_FROM_EXCLUSIVE_TRUST_STORE;
    if (path->is_peer)
        infos |= CERT_TRUST_IS_PEER_TRUSTED;
    else if (is_top && path->is_anchored && !is_root)
        infos |= CERT_TRUST_IS_CA_TRUSTED;
    if (!is_top || is_root)
        infos |= chain_match(cert, path->elements[is_top ? i : i + 1].cert) |
                 CERT_TRUST_HAS_PREFERRED_ISSUER;
    return infos;
}

static err check_element(struct chain *path, size_t i, const struct chain_inputs *inputs,
                         size_t authorities_below)
{
    struct chain_element *element = &path->elements[i];
    struct cert *cert = element->cert;
    bool is_anchor = path->is_anchored && i + 1 == path->count;
    element->infos |= match_infos(path, i, inputs);
    element->errors |= time_errors(cert, inputs->now) | chain_extension_errors(cert);
    if (chain_is_listed(inputs->distrusted, cert))
        element->errors |= CERT_TRUST_IS_EXPLICIT_DISTRUST;
    if (i != 0)
        element->errors |= authority_errors(cert, authorities_below, is_anchor) |
                           chain_name_errors(path, i, &element->infos);
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

static void sum_up(struct chain *path, const struct chain_inputs *inputs)
{
    DWORD usage[CHAIN_DEPTH_MAX];
    path->infos = CERT_TRUST_HAS_PREFERRED_ISSUER;
    chain_usage_errors(path, &inputs->usages, usage);
    for (size_t i = 0; i < path->count; i++) {
        path->elements[i].errors |= usage[i];
        path->errors |= path->elements[i].errors;
        path->infos &= path->elements[i].infos;
    }
}

err chain_check(struct chain *path, const struct chain_inputs *inputs, struct chain_budget *budget)
{
    size_t authorities_below = 0;
    path->errors = 0;
    for (size_t i = 0; i < path->count; i++) {
        TRY(check_element(path, i, inputs, authorities_below));
        TRY(check_revocation(path, i, inputs, budget));
        authorities_below += i != 0 && !chain_is_self_issued(path->elements[i].cert);
    }
    TRY(chain_policy_check(path, &inputs->policies));
    judge_end(path);
    sum_up(path, inputs);
    return OK;
}
