/* SPDX-License-Identifier: MIT */
/*
 * Codecs of plain values: integers, bits, octets, times, object identifiers, algorithm identifiers
 * (RFC 5280 4.1.1.2), public keys (4.1.2.7), attributes (RFC 2986 4).
 */
#include "crypt32/codec.h"

/* ---- integers ---------------------------------------------------------------------------- */

void read_int(struct decoder *d, struct rd *r, void *out)
{
    *(int *)out = asn_take_int(d, r, DER_INTEGER);
}

void write_int(struct encoder *e, const void *in)
{
    enc_int(e, DER_INTEGER, *(const int *)in);
}

void read_enumerated(struct decoder *d, struct rd *r, void *out)
{
    *(int *)out = asn_take_int(d, r, DER_ENUMERATED);
}

void write_enumerated(struct encoder *e, const void *in)
{
    enc_int(e, DER_ENUMERATED, *(const int *)in);
}

void read_integer(struct decoder *d, struct rd *r, void *out)
{
    dec_blob_reversed(d, asn_take_integer(d, r, DER_INTEGER), out);
}

void write_integer(struct encoder *e, const void *in)
{
    enc_integer(e, DER_INTEGER, in);
}

void read_unsigned(struct decoder *d, struct rd *r, void *out)
{
    dec_blob_reversed(d, asn_take_unsigned(d, r, DER_INTEGER), out);
}

void write_unsigned(struct encoder *e, const void *in)
{
    enc_unsigned(e, DER_INTEGER, in);
}

/* ---- bytes and bits ---------------------------------------------------------------------- */

void read_octets(struct decoder *d, struct rd *r, void *out)
{
    dec_blob(d, asn_take(d, r, DER_OCTET_STRING), out);
}

void write_octets(struct encoder *e, const void *in)
{
    enc_element(e, DER_OCTET_STRING, enc_blob(e, in));
}

void read_bits(struct decoder *d, struct rd *r, void *out)
{
    asn_take_bits(d, r, DER_BIT_STRING, out);
}

void write_bits(struct encoder *e, const void *in)
{
    enc_bits(e, DER_BIT_STRING, in);
}

void write_named_bits(struct encoder *e, const void *in)
{
    enc_named_bits(e, DER_BIT_STRING, in);
}

/* ---- time, object identifiers ------------------------------------------------------------ */

void read_time(struct decoder *d, struct rd *r, void *out)
{
    FILETIME time = asn_take_time(d, r);
    memcpy(out, &time, sizeof time);
}

void write_time(struct encoder *e, const void *in)
{
    enc_time(e, *(const FILETIME *)in);
}

void read_utc_time(struct decoder *d, struct rd *r, void *out)
{
    if (d->error == 0 && rd_left(r) != 0 && !asn_next_is(r, DER_UTC_TIME))
        dec_fail(d, (DWORD)CRYPT_E_ASN1_BADTAG);
    read_time(d, r, out);
}

void write_utc_time(struct encoder *e, const void *in)
{
    enc_utc_time(e, *(const FILETIME *)in);
}

void read_oid(struct decoder *d, struct rd *r, void *out)
{
    *(LPSTR *)out = asn_take_oid(d, r, DER_OID);
}

void write_oid(struct encoder *e, const void *in)
{
    enc_oid(e, DER_OID, *(const LPSTR *)in);
}

/* ---- algorithms and keys ----------------------------------------------------------------- */

void read_algorithm(struct decoder *d, struct rd *r, CRYPT_ALGORITHM_IDENTIFIER *out)
{
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    out->pszObjId = asn_take_oid(d, &inner, DER_OID);
    if (rd_left(&inner) != 0)
        dec_blob(d, asn_any(d, &inner), &out->Parameters);
    asn_leave(d, &inner);
}

/* The algorithms of PKCS#1 and of its time are written with NULL where nothing else is said. */
static bool wants_null(const char *oid)
{
    static const char *const families[] = {"1.2.840.113549.", "1.3.14.3.2."};
    for (size_t i = 0; oid != NULL && i < ARRAY_LEN(families); i++) {
        if (strncmp(oid, families[i], strlen(families[i])) == 0)
            return true;
    }
    return false;
}

void write_algorithm(struct encoder *e, const CRYPT_ALGORITHM_IDENTIFIER *in)
{
    size_t mark = enc_begin(e, DER_SEQUENCE);
    enc_oid(e, DER_OID, in->pszObjId);
    if (in->Parameters.cbData != 0)
        enc_der(e, &in->Parameters);
    else if (wants_null(in->pszObjId))
        enc_element(e, DER_NULL, span_empty());
    enc_end(e, mark);
}

void read_algorithm_row(struct decoder *d, struct rd *r, void *out)
{
    read_algorithm(d, r, out);
}

void write_algorithm_row(struct encoder *e, const void *in)
{
    write_algorithm(e, in);
}

void read_public_key(struct decoder *d, struct rd *r, void *out)
{
    CERT_PUBLIC_KEY_INFO *key = out;
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    read_algorithm(d, &inner, &key->Algorithm);
    asn_take_bits(d, &inner, DER_BIT_STRING, &key->PublicKey);
    asn_leave(d, &inner);
}

void write_public_key(struct encoder *e, const void *in)
{
    const CERT_PUBLIC_KEY_INFO *key = in;
    size_t mark = enc_begin(e, DER_SEQUENCE);
    write_algorithm(e, &key->Algorithm);
    enc_bits(e, DER_BIT_STRING, &key->PublicKey);
    enc_end(e, mark);
}

/* ---- attributes and sequences ------------------------------------------------------------ */

/* Elements of any kind, each as a blob. */
static CRYPT_DATA_BLOB *take_blobs(struct decoder *d, struct rd *r, DWORD *out_count)
{
    size_t count = asn_count(d, r);
    CRYPT_DATA_BLOB *list = dec_array(d, count, sizeof *list);
    for (size_t i = 0; i < count; i++) {
        CRYPT_DATA_BLOB blob = {0};
        dec_blob(d, asn_any(d, r), &blob);
        dec_store(list, i, &blob, sizeof blob);
    }
    *out_count = (DWORD)count;
    return list;
}

void read_sequence_of_any(struct decoder *d, struct rd *r, void *out)
{
    CRYPT_SEQUENCE_OF_ANY *sequence = out;
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    sequence->rgValue = take_blobs(d, &inner, &sequence->cValue);
}

void write_sequence_of_any(struct encoder *e, const void *in)
{
    const CRYPT_SEQUENCE_OF_ANY *sequence = in;
    size_t mark = enc_begin(e, DER_SEQUENCE);
    if (!enc_list(e, sequence->cValue, sequence->rgValue))
        return;
    for (DWORD i = 0; i < sequence->cValue && e->error == 0; i++)
        enc_der(e, &sequence->rgValue[i]);
    enc_end(e, mark);
}

void read_attribute_row(struct decoder *d, struct rd *r, void *out)
{
    CRYPT_ATTRIBUTE *attribute = out;
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    attribute->pszObjId = asn_take_oid(d, &inner, DER_OID);
    struct rd values = asn_enter(d, &inner, DER_SET);
    attribute->rgValue = take_blobs(d, &values, &attribute->cValue);
    asn_leave(d, &inner);
}

void write_attribute_row(struct encoder *e, const void *in)
{
    const CRYPT_ATTRIBUTE *attribute = in;
    size_t mark = enc_begin(e, DER_SEQUENCE);
    enc_oid(e, DER_OID, attribute->pszObjId);
    size_t values = enc_begin(e, DER_SET);
    if (!enc_list(e, attribute->cValue, attribute->rgValue))
        return;
    for (DWORD i = 0; i < attribute->cValue && e->error == 0; i++)
        enc_der(e, &attribute->rgValue[i]);
    enc_end_set(e, values);
    enc_end(e, mark);
}

void read_attributes(struct decoder *d, struct rd *r, uint8_t tag, CRYPT_ATTRIBUTES *out)
{
    struct rd inner = asn_enter(d, r, tag);
    size_t count = asn_count(d, &inner);
    out->cAttr = (DWORD)count;
    out->rgAttr = dec_array(d, count, sizeof(CRYPT_ATTRIBUTE));
    for (size_t i = 0; i < count; i++) {
        CRYPT_ATTRIBUTE attribute = {0};
        read_attribute_row(d, &inner, &attribute);
        dec_store(out->rgAttr, i, &attribute, sizeof attribute);
    }
}

void write_attributes(struct encoder *e, uint8_t tag, const CRYPT_ATTRIBUTES *in)
{
    size_t mark = enc_begin(e, tag);
    if (!enc_list(e, in->cAttr, in->rgAttr))
        return;
    for (DWORD i = 0; i < in->cAttr && e->error == 0; i++)
        write_attribute_row(e, &in->rgAttr[i]);
    enc_end_set(e, mark);
}

void read_attributes_row(struct decoder *d, struct rd *r, void *out)
{
    read_attributes(d, r, DER_SET, out);
}

void write_attributes_row(struct encoder *e, const void *in)
{
    write_attributes(e, DER_SET, in);
}
