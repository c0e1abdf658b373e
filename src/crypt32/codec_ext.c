/* SPDX-License-Identifier: MIT */
/*
 * Codecs of extensions (RFC 5280 4.2): authority key identifier, basic constraints, extended key
 * usage, information access, policies and their mappings and constraints, distribution points, name
 * constraints. Whether what they say makes sense is for the chain engine.
 */
#include "crypt32/codec.h"

/* ---- authority key identifier ------------------------------------------------------------ */

static void take_serial(struct decoder *d, struct rd *r, CRYPT_INTEGER_BLOB *out)
{
    if (!asn_next_is(r, DER_CONTEXT + 2))
        return;
    struct span content = asn_take_integer(d, r, DER_CONTEXT + 2);
    if (content.n > 1 && content.p[0] == 0)
        content = span_of(content.p + 1, content.n - 1);
    dec_blob_reversed(d, content, out);
}

static void take_key_id(struct decoder *d, struct rd *r, CRYPT_DATA_BLOB *out)
{
    if (asn_next_is(r, DER_CONTEXT))
        dec_blob(d, asn_take(d, r, DER_CONTEXT), out);
}

/* The older form knows the issuer's name only. */
static void take_issuer(struct decoder *d, struct rd *r, CERT_NAME_BLOB *out)
{
    CERT_ALT_NAME_ENTRY entry = {0};
    if (!asn_next_is(r, DER_CONTEXT_CONTAINER + 1))
        return;
    struct rd inner = asn_enter(d, r, DER_CONTEXT_CONTAINER + 1);
    read_alt_name(d, &inner, &entry);
    asn_leave(d, &inner);
    if (entry.dwAltNameChoice != CERT_ALT_NAME_DIRECTORY_NAME)
        dec_fail(d, (DWORD)CRYPT_E_ASN1_CHOICE);
    *out = entry.DirectoryName;
}

void read_key_id(struct decoder *d, struct rd *r, void *out)
{
    CERT_AUTHORITY_KEY_ID_INFO *id = out;
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    take_key_id(d, &inner, &id->KeyId);
    take_issuer(d, &inner, &id->CertIssuer);
    take_serial(d, &inner, &id->CertSerialNumber);
    asn_leave(d, &inner);
}

void read_key_id2(struct decoder *d, struct rd *r, void *out)
{
    CERT_AUTHORITY_KEY_ID2_INFO *id = out;
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    take_key_id(d, &inner, &id->KeyId);
    if (asn_next_is(&inner, DER_CONTEXT_CONTAINER + 1))
        read_alt_names(d, &inner, DER_CONTEXT_CONTAINER + 1, &id->AuthorityCertIssuer);
    take_serial(d, &inner, &id->AuthorityCertSerialNumber);
    asn_leave(d, &inner);
}

static void write_key_id_parts(struct encoder *e, const CRYPT_DATA_BLOB *key,
                               const CERT_ALT_NAME_INFO *issuer, const CRYPT_INTEGER_BLOB *serial)
{
    size_t mark = enc_begin(e, DER_SEQUENCE);
    if (key->cbData != 0)
        enc_element(e, DER_CONTEXT, enc_blob(e, key));
    if (issuer->cAltEntry != 0)
        write_alt_names(e, DER_CONTEXT_CONTAINER + 1, issuer);
    if (serial->cbData != 0)
        enc_unsigned(e, DER_CONTEXT + 2, serial);
    enc_end(e, mark);
}

void write_key_id(struct encoder *e, const void *in)
{
    const CERT_AUTHORITY_KEY_ID_INFO *id = in;
    CERT_ALT_NAME_ENTRY entry = {.dwAltNameChoice = CERT_ALT_NAME_DIRECTORY_NAME,
                                 .DirectoryName = id->CertIssuer};
    CERT_ALT_NAME_INFO issuer = {.cAltEntry = id->CertIssuer.cbData != 0 ? 1 : 0,
                                 .rgAltEntry = &entry};
    write_key_id_parts(e, &id->KeyId, &issuer, &id->CertSerialNumber);
}

void write_key_id2(struct encoder *e, const void *in)
{
    const CERT_AUTHORITY_KEY_ID2_INFO *id = in;
    write_key_id_parts(e, &id->KeyId, &id->AuthorityCertIssuer, &id->AuthorityCertSerialNumber);
}

/* ---- basic constraints, usages ----------------------------------------------------------- */

void read_basic_constraints(struct decoder *d, struct rd *r, void *out)
{
    CERT_BASIC_CONSTRAINTS2_INFO *info = out;
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    if (asn_next_is(&inner, DER_BOOLEAN))
        info->fCA = asn_take_boolean(d, &inner);
    if (asn_next_is(&inner, DER_INTEGER)) {
        info->fPathLenConstraint = TRUE;
        info->dwPathLenConstraint = asn_take_count(d, &inner, DER_INTEGER);
    }
    asn_leave(d, &inner);
}

void write_basic_constraints(struct encoder *e, const void *in)
{
    const CERT_BASIC_CONSTRAINTS2_INFO *info = in;
    size_t mark = enc_begin(e, DER_SEQUENCE);
    if (info->fCA)
        enc_boolean(e, true);
    if (info->fPathLenConstraint)
        enc_dword(e, DER_INTEGER, info->dwPathLenConstraint);
    enc_end(e, mark);
}

void read_usage(struct decoder *d, struct rd *r, void *out)
{
    CERT_ENHKEY_USAGE *usage = out;
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    size_t count = asn_count(d, &inner);
    usage->cUsageIdentifier = (DWORD)count;
    usage->rgpszUsageIdentifier = dec_array(d, count, sizeof(LPSTR));
    for (size_t i = 0; i < count; i++) {
        LPSTR oid = asn_take_oid(d, &inner, DER_OID);
        dec_store(usage->rgpszUsageIdentifier, i, &oid, sizeof oid);
    }
}

void write_usage(struct encoder *e, const void *in)
{
    const CERT_ENHKEY_USAGE *usage = in;
    size_t mark = enc_begin(e, DER_SEQUENCE);
    if (!enc_list(e, usage->cUsageIdentifier, usage->rgpszUsageIdentifier))
        return;
    for (DWORD i = 0; i < usage->cUsageIdentifier && e->error == 0; i++)
        enc_oid(e, DER_OID, usage->rgpszUsageIdentifier[i]);
    enc_end(e, mark);
}

/* ---- information access ------------------------------------------------------------------ */

static void read_access(struct decoder *d, struct rd *r, CERT_ACCESS_DESCRIPTION *out)
{
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    out->pszAccessMethod = asn_take_oid(d, &inner, DER_OID);
    read_alt_name(d, &inner, &out->AccessLocation);
    asn_leave(d, &inner);
}

void read_info_access(struct decoder *d, struct rd *r, void *out)
{
    CERT_AUTHORITY_INFO_ACCESS *access = out;
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    size_t count = asn_count(d, &inner);
    access->cAccDescr = (DWORD)count;
    access->rgAccDescr = dec_array(d, count, sizeof(CERT_ACCESS_DESCRIPTION));
    for (size_t i = 0; i < count; i++) {
        CERT_ACCESS_DESCRIPTION one = {0};
        read_access(d, &inner, &one);
        dec_store(access->rgAccDescr, i, &one, sizeof one);
    }
}

void write_info_access(struct encoder *e, const void *in)
{
    const CERT_AUTHORITY_INFO_ACCESS *access = in;
    size_t mark = enc_begin(e, DER_SEQUENCE);
    if (!enc_list(e, access->cAccDescr, access->rgAccDescr))
        return;
    for (DWORD i = 0; i < access->cAccDescr && e->error == 0; i++) {
        size_t one = enc_begin(e, DER_SEQUENCE);
        e->where = i << CERT_ALT_NAME_ENTRY_ERR_INDEX_SHIFT;
        enc_oid(e, DER_OID, access->rgAccDescr[i].pszAccessMethod);
        write_alt_name(e, &access->rgAccDescr[i].AccessLocation);
        enc_end(e, one);
    }
    enc_end(e, mark);
}

/* ---- policies ---------------------------------------------------------------------------- */

static void read_qualifier(struct decoder *d, struct rd *r, CERT_POLICY_QUALIFIER_INFO *out)
{
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    out->pszPolicyQualifierId = asn_take_oid(d, &inner, DER_OID);
    if (rd_left(&inner) != 0)
        dec_blob(d, asn_any(d, &inner), &out->Qualifier);
    asn_leave(d, &inner);
}

static void read_qualifiers(struct decoder *d, struct rd *r, CERT_POLICY_INFO *out)
{
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    size_t count = asn_count(d, &inner);
    out->cPolicyQualifier = (DWORD)count;
    out->rgPolicyQualifier = dec_array(d, count, sizeof(CERT_POLICY_QUALIFIER_INFO));
    for (size_t i = 0; i < count; i++) {
        CERT_POLICY_QUALIFIER_INFO one = {0};
        read_qualifier(d, &inner, &one);
        dec_store(out->rgPolicyQualifier, i, &one, sizeof one);
    }
}

static void read_policy(struct decoder *d, struct rd *r, CERT_POLICY_INFO *out)
{
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    out->pszPolicyIdentifier = asn_take_oid(d, &inner, DER_OID);
    if (d->error == 0 && rd_left(&inner) != 0)
        read_qualifiers(d, &inner, out);
    asn_leave(d, &inner);
}

void read_policies(struct decoder *d, struct rd *r, void *out)
{
    CERT_POLICIES_INFO *policies = out;
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    size_t count = asn_count(d, &inner);
    policies->cPolicyInfo = (DWORD)count;
    policies->rgPolicyInfo = dec_array(d, count, sizeof(CERT_POLICY_INFO));
    for (size_t i = 0; i < count; i++) {
        CERT_POLICY_INFO one = {0};
        read_policy(d, &inner, &one);
        dec_store(policies->rgPolicyInfo, i, &one, sizeof one);
    }
}

static void write_qualifiers(struct encoder *e, const CERT_POLICY_INFO *in)
{
    if (in->cPolicyQualifier == 0 || !enc_list(e, in->cPolicyQualifier, in->rgPolicyQualifier))
        return;
    size_t mark = enc_begin(e, DER_SEQUENCE);
    for (DWORD i = 0; i < in->cPolicyQualifier && e->error == 0; i++) {
        const CERT_POLICY_QUALIFIER_INFO *one = &in->rgPolicyQualifier[i];
        size_t one_mark = enc_begin(e, DER_SEQUENCE);
        enc_oid(e, DER_OID, one->pszPolicyQualifierId);
        if (one->Qualifier.cbData != 0)
            enc_der(e, &one->Qualifier);
        enc_end(e, one_mark);
    }
    enc_end(e, mark);
}

void write_policies(struct encoder *e, const void *in)
{
    const CERT_POLICIES_INFO *policies = in;
    size_t mark = enc_begin(e, DER_SEQUENCE);
    if (!enc_list(e, policies->cPolicyInfo, policies->rgPolicyInfo))
        return;
    for (DWORD i = 0; i < policies->cPolicyInfo && e->error == 0; i++) {
        size_t one = enc_begin(e, DER_SEQUENCE);
        enc_oid(e, DER_OID, policies->rgPolicyInfo[i].pszPolicyIdentifier);
        write_qualifiers(e, &policies->rgPolicyInfo[i]);
        enc_end(e, one);
    }
    enc_end(e, mark);
}

void read_policy_mappings(struct decoder *d, struct rd *r, void *out)
{
    CERT_POLICY_MAPPINGS_INFO *mappings = out;
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    size_t count = asn_count(d, &inner);
    mappings->cPolicyMapping = (DWORD)count;
    mappings->rgPolicyMapping = dec_array(d, count, sizeof(CERT_POLICY_MAPPING));
    for (size_t i = 0; i < count; i++) {
        CERT_POLICY_MAPPING one = {0};
        struct rd pair = asn_enter(d, &inner, DER_SEQUENCE);
        one.pszIssuerDomainPolicy = asn_take_oid(d, &pair, DER_OID);
        one.pszSubjectDomainPolicy = asn_take_oid(d, &pair, DER_OID);
        asn_leave(d, &pair);
        dec_store(mappings->rgPolicyMapping, i, &one, sizeof one);
    }
}

void write_policy_mappings(struct encoder *e, const void *in)
{
    const CERT_POLICY_MAPPINGS_INFO *mappings = in;
    size_t mark = enc_begin(e, DER_SEQUENCE);
    if (!enc_list(e, mappings->cPolicyMapping, mappings->rgPolicyMapping))
        return;
    for (DWORD i = 0; i < mappings->cPolicyMapping && e->error == 0; i++) {
        size_t one = enc_begin(e, DER_SEQUENCE);
        enc_oid(e, DER_OID, mappings->rgPolicyMapping[i].pszIssuerDomainPolicy);
        enc_oid(e, DER_OID, mappings->rgPolicyMapping[i].pszSubjectDomainPolicy);
        enc_end(e, one);
    }
    enc_end(e, mark);
}

static BOOL take_optional_count(struct decoder *d, struct rd *r, uint8_t tag, DWORD *out)
{
    if (!asn_next_is(r, tag))
        return FALSE;
    *out = asn_take_count(d, r, tag);
    return TRUE;
}

void read_policy_constraints(struct decoder *d, struct rd *r, void *out)
{
    CERT_POLICY_CONSTRAINTS_INFO *info = out;
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    info->fRequireExplicitPolicy =
        take_optional_count(d, &inner, DER_CONTEXT, &info->dwRequireExplicitPolicySkipCerts);
    info->fInhibitPolicyMapping =
        take_optional_count(d, &inner, DER_CONTEXT + 1, &info->dwInhibitPolicyMappingSkipCerts);
    asn_leave(d, &inner);
}

void write_policy_constraints(struct encoder *e, const void *in)
{
    const CERT_POLICY_CONSTRAINTS_INFO *info = in;
    size_t mark = enc_begin(e, DER_SEQUENCE);
    if (info->fRequireExplicitPolicy)
        enc_dword(e, DER_CONTEXT, info->dwRequireExplicitPolicySkipCerts);
    if (info->fInhibitPolicyMapping)
        enc_dword(e, DER_CONTEXT + 1, info->dwInhibitPolicyMappingSkipCerts);
    enc_end(e, mark);
}

/* ---- distribution points ----------------------------------------------------------------- */

/* A name relative to the issuer is only announced: nothing in the structure holds it. */
static void read_point_name(struct decoder *d, struct rd *r, CRL_DIST_POINT_NAME *out)
{
    struct rd inner = asn_enter(d, r, DER_CONTEXT_CONTAINER);
    if (asn_next_is(&inner, DER_CONTEXT_CONTAINER + 1)) {
        out->dwDistPointNameChoice = CRL_DIST_POINT_ISSUER_RDN_NAME;
        asn_any(d, &inner);
    } else {
        out->dwDistPointNameChoice = CRL_DIST_POINT_FULL_NAME;
        read_alt_names(d, &inner, DER_CONTEXT_CONTAINER, &out->FullName);
    }
    asn_leave(d, &inner);
}

static void read_dist_point(struct decoder *d, struct rd *r, CRL_DIST_POINT *out)
{
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    if (asn_next_is(&inner, DER_CONTEXT_CONTAINER))
        read_point_name(d, &inner, &out->DistPointName);
    if (asn_next_is(&inner, DER_CONTEXT + 1))
        asn_take_bits(d, &inner, DER_CONTEXT + 1, &out->ReasonFlags);
    if (asn_next_is(&inner, DER_CONTEXT_CONTAINER + 2))
        read_alt_names(d, &inner, DER_CONTEXT_CONTAINER + 2, &out->CRLIssuer);
    asn_leave(d, &inner);
}

void read_dist_points(struct decoder *d, struct rd *r, void *out)
{
    CRL_DIST_POINTS_INFO *points = out;
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    size_t count = asn_count(d, &inner);
    points->cDistPoint = (DWORD)count;
    points->rgDistPoint = dec_array(d, count, sizeof(CRL_DIST_POINT));
    for (size_t i = 0; i < count; i++) {
        CRL_DIST_POINT one = {0};
        read_dist_point(d, &inner, &one);
        dec_store(points->rgDistPoint, i, &one, sizeof one);
    }
}

static void write_point_name(struct encoder *e, const CRL_DIST_POINT_NAME *in)
{
    if (in->dwDistPointNameChoice == CRL_DIST_POINT_NO_NAME)
        return;
    if (in->dwDistPointNameChoice != CRL_DIST_POINT_FULL_NAME)
        enc_fail(e, (DWORD)E_INVALIDARG);
    if (e->error != 0)
        return;
    size_t mark = enc_begin(e, DER_CONTEXT_CONTAINER);
    write_alt_names(e, DER_CONTEXT_CONTAINER, &in->FullName);
    enc_end(e, mark);
}

void write_dist_points(struct encoder *e, const void *in)
{
    const CRL_DIST_POINTS_INFO *points = in;
    size_t mark = enc_begin(e, DER_SEQUENCE);
    if (!enc_list(e, points->cDistPoint, points->rgDistPoint))
        return;
    for (DWORD i = 0; i < points->cDistPoint && e->error == 0; i++) {
        const CRL_DIST_POINT *one = &points->rgDistPoint[i];
        size_t one_mark = enc_begin(e, DER_SEQUENCE);
        e->where = (i & CRL_DIST_POINT_ERR_INDEX_MASK) << CRL_DIST_POINT_ERR_INDEX_SHIFT;
        write_point_name(e, &one->DistPointName);
        if (one->ReasonFlags.cbData != 0)
            enc_named_bits(e, DER_CONTEXT + 1, &one->ReasonFlags);
        e->where |= CRL_DIST_POINT_ERR_CRL_ISSUER_BIT;
        if (one->CRLIssuer.cAltEntry != 0)
            write_alt_names(e, DER_CONTEXT_CONTAINER + 2, &one->CRLIssuer);
        enc_end(e, one_mark);
    }
    enc_end(e, mark);
}

/* ---- name constraints -------------------------------------------------------------------- */

static void read_subtree(struct decoder *d, struct rd *r, CERT_GENERAL_SUBTREE *out)
{
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    read_alt_name(d, &inner, &out->Base);
    if (asn_next_is(&inner, DER_CONTEXT))
        out->dwMinimum = asn_take_count(d, &inner, DER_CONTEXT);
    if (asn_next_is(&inner, DER_CONTEXT + 1)) {
        out->fMaximum = TRUE;
        out->dwMaximum = asn_take_count(d, &inner, DER_CONTEXT + 1);
    }
    asn_leave(d, &inner);
}

static CERT_GENERAL_SUBTREE *read_subtrees(struct decoder *d, struct rd *r, uint8_t tag,
                                           DWORD *out_count)
{
    if (!asn_next_is(r, tag))
        return NULL;
    struct rd inner = asn_enter(d, r, tag);
    size_t count = asn_count(d, &inner);
    CERT_GENERAL_SUBTREE *list = dec_array(d, count, sizeof *list);
    for (size_t i = 0; i < count; i++) {
        CERT_GENERAL_SUBTREE one = {0};
        read_subtree(d, &inner, &one);
        dec_store(list, i, &one, sizeof one);
    }
    *out_count = (DWORD)count;
    return list;
}

void read_name_constraints(struct decoder *d, struct rd *r, void *out)
{
    CERT_NAME_CONSTRAINTS_INFO *info = out;
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    info->rgPermittedSubtree =
        read_subtrees(d, &inner, DER_CONTEXT_CONTAINER, &info->cPermittedSubtree);
    info->rgExcludedSubtree =
        read_subtrees(d, &inner, DER_CONTEXT_CONTAINER + 1, &info->cExcludedSubtree);
    asn_leave(d, &inner);
}

static void write_subtrees(struct encoder *e, uint8_t tag, DWORD count,
                           const CERT_GENERAL_SUBTREE *list)
{
    if (count == 0 || !enc_list(e, count, list))
        return;
    size_t mark = enc_begin(e, tag);
    for (DWORD i = 0; i < count && e->error == 0; i++) {
        size_t one = enc_begin(e, DER_SEQUENCE);
        e->where = i << CERT_ALT_NAME_ENTRY_ERR_INDEX_SHIFT |
                   (tag != DER_CONTEXT_CONTAINER ? CERT_EXCLUDED_SUBTREE_BIT : 0);
        write_alt_name(e, &list[i].Base);
        if (list[i].dwMinimum != 0)
            enc_dword(e, DER_CONTEXT, list[i].dwMinimum);
        if (list[i].fMaximum)
            enc_dword(e, DER_CONTEXT + 1, list[i].dwMaximum);
        enc_end(e, one);
    }
    enc_end(e, mark);
}

void write_name_constraints(struct encoder *e, const void *in)
{
    const CERT_NAME_CONSTRAINTS_INFO *info = in;
    size_t mark = enc_begin(e, DER_SEQUENCE);
    write_subtrees(e, DER_CONTEXT_CONTAINER, info->cPermittedSubtree, info->rgPermittedSubtree);
    write_subtrees(e, DER_CONTEXT_CONTAINER + 1, info->cExcludedSubtree, info->rgExcludedSubtree);
    enc_end(e, mark);
}
