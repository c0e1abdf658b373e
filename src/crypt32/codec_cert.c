/* SPDX-License-Identifier: MIT */
/*
 * Codecs of signed objects: the signed wrapper, certificates (RFC 5280 4.1), revocation lists
 * (5.1), certification requests (RFC 2986 4), extensions. Serial numbers are positive: the zero
 * byte that says so is dropped in memory and put back when encoding, so a negative one of a broken
 * issuer does not come back as it was.
 */
#include "crypt32/codec.h"

/* ---- the signed wrapper ------------------------------------------------------------------ */

static void reverse_in_place(CRYPT_BIT_BLOB *bits)
{
    for (DWORD i = 0; bits->pbData != NULL && i < bits->cbData / 2; i++) {
        BYTE byte = bits->pbData[i];
        bits->pbData[i] = bits->pbData[bits->cbData - 1 - i];
        bits->pbData[bits->cbData - 1 - i] = byte;
    }
}

/* A signature that is turned round is copied in any case. */
static void read_signature(struct decoder *d, struct rd *r, CRYPT_BIT_BLOB *out)
{
    bool is_reversed = (d->flags & CRYPT_DECODE_NO_SIGNATURE_BYTE_REVERSAL_FLAG) == 0;
    DWORD flags = d->flags;
    if (is_reversed)
        d->flags &= ~(DWORD)CRYPT_DECODE_NOCOPY_FLAG;
    asn_take_bits(d, r, DER_BIT_STRING, out);
    d->flags = flags;
    if (is_reversed && d->error == 0)
        reverse_in_place(out);
}

void read_signed(struct decoder *d, struct rd *r, void *out)
{
    CERT_SIGNED_CONTENT_INFO *content = out;
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    dec_blob(d, asn_any(d, &inner), &content->ToBeSigned);
    read_algorithm(d, &inner, &content->SignatureAlgorithm);
    read_signature(d, &inner, &content->Signature);
    asn_leave(d, &inner);
}

static void write_signature(struct encoder *e, const CRYPT_BIT_BLOB *in)
{
    CRYPT_BIT_BLOB copy = *in;
    if ((e->flags & CRYPT_ENCODE_NO_SIGNATURE_BYTE_REVERSAL_FLAG) != 0 ||
        !enc_list(e, in->cbData, in->pbData)) {
        enc_bits(e, DER_BIT_STRING, in);
        return;
    }
    copy.pbData = mem_dup(in->pbData, in->cbData);
    if (copy.pbData == NULL)
        enc_fail(e, ERROR_NOT_ENOUGH_MEMORY);
    reverse_in_place(&copy);
    enc_bits(e, DER_BIT_STRING, &copy);
    mem_free(copy.pbData);
}

void write_signed(struct encoder *e, const void *in)
{
    const CERT_SIGNED_CONTENT_INFO *content = in;
    size_t mark = enc_begin(e, DER_SEQUENCE);
    enc_der(e, &content->ToBeSigned);
    write_algorithm(e, &content->SignatureAlgorithm);
    write_signature(e, &content->Signature);
    enc_end(e, mark);
}

static bool is_signed(const struct rd *r)
{
    static const uint8_t tags[] = {DER_SEQUENCE, DER_SEQUENCE, DER_BIT_STRING};
    struct decoder peek = {0};
    struct rd outer = *r;
    struct rd inner = asn_enter(&peek, &outer, DER_SEQUENCE);
    for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
        if (!asn_next_is(&inner, tags[i]))
            return false;
        asn_any(&peek, &inner);
    }
    return peek.error == 0 && rd_end(&inner);
}

/* What is signed, alone or in its wrapper: the content of its SEQUENCE. */
static struct rd enter_signed(struct decoder *d, struct rd *r)
{
    if ((d->flags & CRYPT_DECODE_TO_BE_SIGNED_FLAG) != 0 || !is_signed(r))
        return asn_enter(d, r, DER_SEQUENCE);
    struct rd outer = asn_enter(d, r, DER_SEQUENCE);
    return asn_enter(d, &outer, DER_SEQUENCE);
}

/* ---- parts ------------------------------------------------------------------------------- */

static void read_serial(struct decoder *d, struct rd *r, CRYPT_INTEGER_BLOB *out)
{
    struct span content = asn_take_integer(d, r, DER_INTEGER);
    if (content.n > 1 && content.p[0] == 0)
        content = span_of(content.p + 1, content.n - 1);
    dec_blob_reversed(d, content, out);
}

/* A name, as it stands. */
static void read_name_blob(struct decoder *d, struct rd *r, CERT_NAME_BLOB *out)
{
    if (d->error == 0 && rd_left(r) != 0 && !asn_next_is(r, DER_SEQUENCE))
        dec_fail(d, (DWORD)CRYPT_E_ASN1_BADTAG);
    dec_blob(d, asn_any(d, r), out);
}

static void write_name_blob(struct encoder *e, const CERT_NAME_BLOB *in)
{
    if (in->cbData == 0)
        enc_element(e, DER_SEQUENCE, span_empty());
    else
        enc_der(e, in);
}

static void read_extension(struct decoder *d, struct rd *r, CERT_EXTENSION *out)
{
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    out->pszObjId = asn_take_oid(d, &inner, DER_OID);
    if (asn_next_is(&inner, DER_BOOLEAN))
        out->fCritical = asn_take_boolean(d, &inner);
    dec_blob(d, asn_take(d, &inner, DER_OCTET_STRING), &out->Value);
    asn_leave(d, &inner);
}

static void write_extension(struct encoder *e, const CERT_EXTENSION *in)
{
    size_t mark = enc_begin(e, DER_SEQUENCE);
    enc_oid(e, DER_OID, in->pszObjId);
    if (in->fCritical)
        enc_boolean(e, true);
    enc_element(e, DER_OCTET_STRING, enc_blob(e, &in->Value));
    enc_end(e, mark);
}

static CERT_EXTENSION *read_extension_list(struct decoder *d, struct rd *r, DWORD *out_count)
{
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    size_t count = asn_count(d, &inner);
    CERT_EXTENSION *list = dec_array(d, count, sizeof *list);
    for (size_t i = 0; i < count; i++) {
        CERT_EXTENSION extension = {0};
        read_extension(d, &inner, &extension);
        dec_store(list, i, &extension, sizeof extension);
    }
    *out_count = (DWORD)count;
    return list;
}

static void write_extension_list(struct encoder *e, DWORD count, const CERT_EXTENSION *list)
{
    size_t mark = enc_begin(e, DER_SEQUENCE);
    if (!enc_list(e, count, list))
        return;
    for (DWORD i = 0; i < count && e->error == 0; i++)
        write_extension(e, &list[i]);
    enc_end(e, mark);
}

/* Under an explicit tag, if there are any. */
static void write_tagged_extensions(struct encoder *e, uint8_t tag, DWORD count,
                                    const CERT_EXTENSION *list)
{
    if (count == 0)
        return;
    size_t mark = enc_begin(e, tag);
    write_extension_list(e, count, list);
    enc_end(e, mark);
}

static CERT_EXTENSION *read_tagged_extensions(struct decoder *d, struct rd *r, uint8_t tag,
                                              DWORD *out_count)
{
    if (!asn_next_is(r, tag))
        return NULL;
    struct rd inner = asn_enter(d, r, tag);
    CERT_EXTENSION *list = read_extension_list(d, &inner, out_count);
    asn_leave(d, &inner);
    return list;
}

void read_extensions(struct decoder *d, struct rd *r, void *out)
{
    CERT_EXTENSIONS *extensions = out;
    extensions->rgExtension = read_extension_list(d, r, &extensions->cExtension);
}

void write_extensions(struct encoder *e, const void *in)
{
    const CERT_EXTENSIONS *extensions = in;
    write_extension_list(e, extensions->cExtension, extensions->rgExtension);
}

/* ---- certificates ------------------------------------------------------------------------ */

static void read_version(struct decoder *d, struct rd *r, DWORD *out)
{
    if (!asn_next_is(r, DER_CONTEXT_CONTAINER))
        return;
    struct rd inner = asn_enter(d, r, DER_CONTEXT_CONTAINER);
    *out = asn_take_count(d, &inner, DER_INTEGER);
    asn_leave(d, &inner);
}

static void read_validity(struct decoder *d, struct rd *r, CERT_INFO *out)
{
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    out->NotBefore = asn_take_time(d, &inner);
    out->NotAfter = asn_take_time(d, &inner);
    asn_leave(d, &inner);
}

void read_cert_info(struct decoder *d, struct rd *r, void *out)
{
    CERT_INFO *info = out;
    struct rd tbs = enter_signed(d, r);
    read_version(d, &tbs, &info->dwVersion);
    read_serial(d, &tbs, &info->SerialNumber);
    read_algorithm(d, &tbs, &info->SignatureAlgorithm);
    read_name_blob(d, &tbs, &info->Issuer);
    read_validity(d, &tbs, info);
    read_name_blob(d, &tbs, &info->Subject);
    read_public_key(d, &tbs, &info->SubjectPublicKeyInfo);
    if (asn_next_is(&tbs, DER_CONTEXT + 1))
        asn_take_bits(d, &tbs, DER_CONTEXT + 1, &info->IssuerUniqueId);
    if (asn_next_is(&tbs, DER_CONTEXT + 2))
        asn_take_bits(d, &tbs, DER_CONTEXT + 2, &info->SubjectUniqueId);
    info->rgExtension =
        read_tagged_extensions(d, &tbs, DER_CONTEXT_CONTAINER + 3, &info->cExtension);
    asn_leave(d, &tbs);
}

static void write_version(struct encoder *e, DWORD version)
{
    if (version == 0)
        return;
    size_t mark = enc_begin(e, DER_CONTEXT_CONTAINER);
    enc_dword(e, DER_INTEGER, version);
    enc_end(e, mark);
}

void write_cert_info(struct encoder *e, const void *in)
{
    const CERT_INFO *info = in;
    size_t mark = enc_begin(e, DER_SEQUENCE);
    write_version(e, info->dwVersion);
    enc_unsigned(e, DER_INTEGER, &info->SerialNumber);
    write_algorithm(e, &info->SignatureAlgorithm);
    write_name_blob(e, &info->Issuer);
    size_t validity = enc_begin(e, DER_SEQUENCE);
    enc_time(e, info->NotBefore);
    enc_time(e, info->NotAfter);
    enc_end(e, validity);
    write_name_blob(e, &info->Subject);
    write_public_key(e, &info->SubjectPublicKeyInfo);
    if (info->IssuerUniqueId.cbData != 0)
        enc_bits(e, DER_CONTEXT + 1, &info->IssuerUniqueId);
    if (info->SubjectUniqueId.cbData != 0)
        enc_bits(e, DER_CONTEXT + 2, &info->SubjectUniqueId);
    write_tagged_extensions(e, DER_CONTEXT_CONTAINER + 3, info->cExtension, info->rgExtension);
    enc_end(e, mark);
}

/* ---- revocation lists -------------------------------------------------------------------- */

static bool time_is_next(const struct rd *r)
{
    return asn_next_is(r, DER_UTC_TIME) || asn_next_is(r, DER_GENERALIZED_TIME);
}

static void read_crl_entry(struct decoder *d, struct rd *r, CRL_ENTRY *out)
{
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    read_serial(d, &inner, &out->SerialNumber);
    out->RevocationDate = asn_take_time(d, &inner);
    if (d->error == 0 && rd_left(&inner) != 0)
        out->rgExtension = read_extension_list(d, &inner, &out->cExtension);
    asn_leave(d, &inner);
}

static void read_crl_entries(struct decoder *d, struct rd *r, CRL_INFO *out)
{
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    size_t count = asn_count(d, &inner);
    out->cCRLEntry = (DWORD)count;
    out->rgCRLEntry = dec_array(d, count, sizeof(CRL_ENTRY));
    for (size_t i = 0; i < count; i++) {
        CRL_ENTRY entry = {0};
        read_crl_entry(d, &inner, &entry);
        dec_store(out->rgCRLEntry, i, &entry, sizeof entry);
    }
}

void read_crl_info(struct decoder *d, struct rd *r, void *out)
{
    CRL_INFO *info = out;
    struct rd tbs = enter_signed(d, r);
    if (asn_next_is(&tbs, DER_INTEGER))
        info->dwVersion = asn_take_count(d, &tbs, DER_INTEGER);
    read_algorithm(d, &tbs, &info->SignatureAlgorithm);
    read_name_blob(d, &tbs, &info->Issuer);
    info->ThisUpdate = asn_take_time(d, &tbs);
    if (time_is_next(&tbs))
        info->NextUpdate = asn_take_time(d, &tbs);
    if (asn_next_is(&tbs, DER_SEQUENCE))
        read_crl_entries(d, &tbs, info);
    info->rgExtension = read_tagged_extensions(d, &tbs, DER_CONTEXT_CONTAINER, &info->cExtension);
    asn_leave(d, &tbs);
}

static void write_crl_entries(struct encoder *e, const CRL_INFO *in)
{
    if (in->cCRLEntry == 0 || !enc_list(e, in->cCRLEntry, in->rgCRLEntry))
        return;
    size_t mark = enc_begin(e, DER_SEQUENCE);
    for (DWORD i = 0; i < in->cCRLEntry && e->error == 0; i++) {
        const CRL_ENTRY *entry = &in->rgCRLEntry[i];
        size_t entry_mark = enc_begin(e, DER_SEQUENCE);
        enc_unsigned(e, DER_INTEGER, &entry->SerialNumber);
        enc_time(e, entry->RevocationDate);
        if (entry->cExtension != 0)
            write_extension_list(e, entry->cExtension, entry->rgExtension);
        enc_end(e, entry_mark);
    }
    enc_end(e, mark);
}

void write_crl_info(struct encoder *e, const void *in)
{
    const CRL_INFO *info = in;
    size_t mark = enc_begin(e, DER_SEQUENCE);
    if (info->dwVersion != 0)
        enc_dword(e, DER_INTEGER, info->dwVersion);
    write_algorithm(e, &info->SignatureAlgorithm);
    write_name_blob(e, &info->Issuer);
    enc_time(e, info->ThisUpdate);
    if (info->NextUpdate.dwLowDateTime != 0 || info->NextUpdate.dwHighDateTime != 0)
        enc_time(e, info->NextUpdate);
    write_crl_entries(e, info);
    write_tagged_extensions(e, DER_CONTEXT_CONTAINER, info->cExtension, info->rgExtension);
    enc_end(e, mark);
}

/* ---- requests ---------------------------------------------------------------------------- */

void read_request_info(struct decoder *d, struct rd *r, void *out)
{
    CERT_REQUEST_INFO *info = out;
    CRYPT_ATTRIBUTES attributes = {0};
    struct rd tbs = enter_signed(d, r);
    info->dwVersion = asn_take_count(d, &tbs, DER_INTEGER);
    read_name_blob(d, &tbs, &info->Subject);
    read_public_key(d, &tbs, &info->SubjectPublicKeyInfo);
    if (asn_next_is(&tbs, DER_CONTEXT_CONTAINER))
        read_attributes(d, &tbs, DER_CONTEXT_CONTAINER, &attributes);
    info->cAttribute = attributes.cAttr;
    info->rgAttribute = attributes.rgAttr;
    asn_leave(d, &tbs);
}

void write_request_info(struct encoder *e, const void *in)
{
    const CERT_REQUEST_INFO *info = in;
    CRYPT_ATTRIBUTES attributes = {.cAttr = info->cAttribute, .rgAttr = info->rgAttribute};
    size_t mark = enc_begin(e, DER_SEQUENCE);
    enc_dword(e, DER_INTEGER, info->dwVersion);
    write_name_blob(e, &info->Subject);
    write_public_key(e, &info->SubjectPublicKeyInfo);
    write_attributes(e, DER_CONTEXT_CONTAINER, &attributes);
    enc_end(e, mark);
}
