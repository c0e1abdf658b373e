/* SPDX-License-Identifier: MIT */
/*
 * Codecs of names (RFC 5280 4.1.2.4), single values of names, and general names (4.2.1.6). X.400
 * addresses and EDI party names have no place in CERT_ALT_NAME_ENTRY: they are only announced.
 */
#include "crypt32/codec_string.h"

/* ---- distinguished names ----------------------------------------------------------------- */

static void read_attribute(struct decoder *d, struct rd *r, bool is_unicode, CERT_RDN_ATTR *out)
{
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    out->pszObjId = asn_take_oid(d, &inner, DER_OID);
    read_string_value(d, &inner, is_unicode, &out->dwValueType, &out->Value);
    asn_leave(d, &inner);
}

static void read_relative(struct decoder *d, struct rd *r, bool is_unicode, CERT_RDN *out)
{
    struct rd inner = asn_enter(d, r, DER_SET);
    size_t count = asn_count(d, &inner);
    out->cRDNAttr = (DWORD)count;
    out->rgRDNAttr = dec_array(d, count, sizeof(CERT_RDN_ATTR));
    for (size_t i = 0; i < count; i++) {
        CERT_RDN_ATTR attribute = {0};
        read_attribute(d, &inner, is_unicode, &attribute);
        dec_store(out->rgRDNAttr, i, &attribute, sizeof attribute);
    }
}

static void read_any_name(struct decoder *d, struct rd *r, bool is_unicode, CERT_NAME_INFO *out)
{
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    size_t count = asn_count(d, &inner);
    out->cRDN = (DWORD)count;
    out->rgRDN = dec_array(d, count, sizeof(CERT_RDN));
    for (size_t i = 0; i < count; i++) {
        CERT_RDN relative = {0};
        read_relative(d, &inner, is_unicode, &relative);
        dec_store(out->rgRDN, i, &relative, sizeof relative);
    }
}

void read_name(struct decoder *d, struct rd *r, void *out)
{
    read_any_name(d, r, false, out);
}

void read_name_unicode(struct decoder *d, struct rd *r, void *out)
{
    read_any_name(d, r, true, out);
}

static void write_attribute(struct encoder *e, const CERT_RDN_ATTR *in, bool is_unicode)
{
    size_t mark = enc_begin(e, DER_SEQUENCE);
    enc_oid(e, DER_OID, in->pszObjId);
    write_string_value(e, in->pszObjId, is_unicode, in->dwValueType, &in->Value);
    enc_end(e, mark);
}

static void write_relative(struct encoder *e, const CERT_RDN *in, DWORD index, bool is_unicode)
{
    size_t mark = enc_begin(e, DER_SET);
    if (!enc_list(e, in->cRDNAttr, in->rgRDNAttr))
        return;
    for (DWORD i = 0; i < in->cRDNAttr && e->error == 0; i++) {
        e->where = index << CERT_UNICODE_RDN_ERR_INDEX_SHIFT |
                   (i & CERT_UNICODE_ATTR_ERR_INDEX_MASK) << CERT_UNICODE_ATTR_ERR_INDEX_SHIFT;
        write_attribute(e, &in->rgRDNAttr[i], is_unicode);
    }
    enc_end_set(e, mark);
}

static void write_any_name(struct encoder *e, const CERT_NAME_INFO *in, bool is_unicode)
{
    size_t mark = enc_begin(e, DER_SEQUENCE);
    if (!enc_list(e, in->cRDN, in->rgRDN))
        return;
    for (DWORD i = 0; i < in->cRDN && e->error == 0; i++)
        write_relative(e, &in->rgRDN[i], i, is_unicode);
    enc_end(e, mark);
}

void write_name(struct encoder *e, const void *in)
{
    write_any_name(e, in, false);
}

void write_name_unicode(struct encoder *e, const void *in)
{
    write_any_name(e, in, true);
}

/* ---- single values ----------------------------------------------------------------------- */

void read_value(struct decoder *d, struct rd *r, void *out)
{
    CERT_NAME_VALUE *value = out;
    read_string_value(d, r, false, &value->dwValueType, &value->Value);
}

void read_value_unicode(struct decoder *d, struct rd *r, void *out)
{
    CERT_NAME_VALUE *value = out;
    read_string_value(d, r, true, &value->dwValueType, &value->Value);
}

void write_value(struct encoder *e, const void *in)
{
    const CERT_NAME_VALUE *value = in;
    write_string_value(e, NULL, false, value->dwValueType, &value->Value);
}

void write_value_unicode(struct encoder *e, const void *in)
{
    const CERT_NAME_VALUE *value = in;
    write_string_value(e, NULL, true, value->dwValueType, &value->Value);
}

/* ---- general names ----------------------------------------------------------------------- */

/* Tags of GeneralName: the choice is the number and one. */
enum {
    TAG_OTHER = DER_CONTEXT_CONTAINER,
    TAG_RFC822 = DER_CONTEXT + 1,
    TAG_DNS = DER_CONTEXT + 2,
    TAG_X400 = DER_CONTEXT_CONTAINER + 3,
    TAG_DIRECTORY = DER_CONTEXT_CONTAINER + 4,
    TAG_EDI = DER_CONTEXT_CONTAINER + 5,
    TAG_URI = DER_CONTEXT + 6,
    TAG_IP = DER_CONTEXT + 7,
    TAG_REGISTERED = DER_CONTEXT + 8
};

static CERT_OTHER_NAME *read_other(struct decoder *d, struct rd *r)
{
    CERT_OTHER_NAME other = {0};
    CERT_OTHER_NAME *room = dec_take(d, sizeof *room);
    struct rd inner = asn_enter(d, r, TAG_OTHER);
    other.pszObjId = asn_take_oid(d, &inner, DER_OID);
    struct rd value = asn_enter(d, &inner, DER_CONTEXT_CONTAINER);
    dec_blob(d, asn_any(d, &value), &other.Value);
    asn_leave(d, &value);
    asn_leave(d, &inner);
    dec_store(room, 0, &other, sizeof other);
    return room;
}

static void read_directory(struct decoder *d, struct rd *r, CERT_NAME_BLOB *out)
{
    struct rd inner = asn_enter(d, r, TAG_DIRECTORY);
    if (d->error == 0 && rd_left(&inner) != 0 && !asn_next_is(&inner, DER_SEQUENCE))
        dec_fail(d, (DWORD)CRYPT_E_ASN1_BADTAG);
    dec_blob(d, asn_any(d, &inner), out);
    asn_leave(d, &inner);
}

void read_alt_name(struct decoder *d, struct rd *r, CERT_ALT_NAME_ENTRY *out)
{
    uint8_t tag = rd_left(r) != 0 ? *r->p : 0;
    out->dwAltNameChoice = (tag & 0x1Fu) + 1;
    switch (tag) {
    case TAG_OTHER:
        out->pOtherName = read_other(d, r);
        break;
    case TAG_RFC822:
    case TAG_DNS:
    case TAG_URI:
        out->pwszDNSName = read_ia5(d, r, tag);
        break;
    case TAG_X400:
    case TAG_EDI:
        asn_any(d, r);
        break;
    case TAG_DIRECTORY:
        read_directory(d, r, &out->DirectoryName);
        break;
    case TAG_IP:
        dec_blob(d, asn_take(d, r, tag), &out->IPAddress);
        break;
    case TAG_REGISTERED:
        out->pszRegisteredID = asn_take_oid(d, r, tag);
        break;
    default:
        dec_fail(d, (DWORD)(rd_left(r) != 0 ? CRYPT_E_ASN1_BADTAG : CRYPT_E_ASN1_EOD));
        break;
    }
}

void read_alt_names(struct decoder *d, struct rd *r, uint8_t tag, CERT_ALT_NAME_INFO *out)
{
    struct rd inner = asn_enter(d, r, tag);
    size_t count = asn_count(d, &inner);
    out->cAltEntry = (DWORD)count;
    out->rgAltEntry = dec_array(d, count, sizeof(CERT_ALT_NAME_ENTRY));
    for (size_t i = 0; i < count; i++) {
        CERT_ALT_NAME_ENTRY entry = {0};
        read_alt_name(d, &inner, &entry);
        dec_store(out->rgAltEntry, i, &entry, sizeof entry);
    }
}

void read_alt_names_row(struct decoder *d, struct rd *r, void *out)
{
    read_alt_names(d, r, DER_SEQUENCE, out);
}

static void write_other(struct encoder *e, const CERT_OTHER_NAME *in)
{
    if (!enc_list(e, 1, in))
        return;
    size_t mark = enc_begin(e, TAG_OTHER);
    enc_oid(e, DER_OID, in->pszObjId);
    size_t value = enc_begin(e, DER_CONTEXT_CONTAINER);
    enc_der(e, &in->Value);
    enc_end(e, value);
    enc_end(e, mark);
}

void write_alt_name(struct encoder *e, const CERT_ALT_NAME_ENTRY *in)
{
    size_t mark;
    switch (in->dwAltNameChoice) {
    case CERT_ALT_NAME_OTHER_NAME:
        write_other(e, in->pOtherName);
        break;
    case CERT_ALT_NAME_RFC822_NAME:
    case CERT_ALT_NAME_DNS_NAME:
    case CERT_ALT_NAME_URL:
        write_ia5(e, (uint8_t)(DER_CONTEXT + in->dwAltNameChoice - 1), in->pwszDNSName);
        break;
    case CERT_ALT_NAME_DIRECTORY_NAME:
        mark = enc_begin(e, TAG_DIRECTORY);
        enc_der(e, &in->DirectoryName);
        enc_end(e, mark);
        break;
    case CERT_ALT_NAME_IP_ADDRESS:
        enc_element(e, TAG_IP, enc_blob(e, &in->IPAddress));
        break;
    case CERT_ALT_NAME_REGISTERED_ID:
        enc_oid(e, TAG_REGISTERED, in->pszRegisteredID);
        break;
    default:
        enc_fail(e, (DWORD)E_INVALIDARG);
        break;
    }
}

void write_alt_names(struct encoder *e, uint8_t tag, const CERT_ALT_NAME_INFO *in)
{
    const DWORD entry_bits = CERT_ALT_NAME_ENTRY_ERR_INDEX_MASK
                             << CERT_ALT_NAME_ENTRY_ERR_INDEX_SHIFT;
    size_t mark = enc_begin(e, tag);
    if (!enc_list(e, in->cAltEntry, in->rgAltEntry))
        return;
    for (DWORD i = 0; i < in->cAltEntry && e->error == 0; i++) {
        e->where =
            (e->where & ~entry_bits) | (i << CERT_ALT_NAME_ENTRY_ERR_INDEX_SHIFT & entry_bits);
        write_alt_name(e, &in->rgAltEntry[i]);
    }
    enc_end(e, mark);
}

void write_alt_names_row(struct encoder *e, const void *in)
{
    write_alt_names(e, DER_SEQUENCE, in);
}
