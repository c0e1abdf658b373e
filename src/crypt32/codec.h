/* SPDX-License-Identifier: MIT */
/*
 * Inside of CryptDecodeObject and CryptEncodeObject.
 *
 * Decoding runs twice over the same bytes: a pass without a block counts what the structure and
 * everything it points to will need, a second one fills the block. A read function therefore fills
 * a structure in its caller's memory, takes room from the decoder, and stores only through
 * dec_store, which does nothing while there is no block. Both passes take the same steps.
 *
 * Errors are sticky: the first one is kept, further reads give nothing and further writes do
 * nothing, so that a codec reads like the ASN.1 it implements and is checked once, at its end.
 */
#ifndef SCHANNEL_CRYPT32_CODEC_H
#define SCHANNEL_CRYPT32_CODEC_H

#include <wincrypt.h>

#include "util/util.h"

enum {
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_NULL = 0x05,
    DER_OID = 0x06,
    DER_ENUMERATED = 0x0A,
    DER_UTF8 = 0x0C,
    DER_NUMERIC = 0x12,
    DER_PRINTABLE = 0x13,
    DER_TELETEX = 0x14,
    DER_VIDEOTEX = 0x15,
    DER_IA5 = 0x16,
    DER_UTC_TIME = 0x17,
    DER_GENERALIZED_TIME = 0x18,
    DER_GRAPHIC = 0x19,
    DER_VISIBLE = 0x1A,
    DER_GENERAL = 0x1B,
    DER_UNIVERSAL = 0x1C,
    DER_BMP = 0x1E,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
    DER_CONTEXT = 0x80,          /* + number: implicit and primitive */
    DER_CONTEXT_CONTAINER = 0xA0 /* + number: explicit, or implicit of a container */
};

/* ---- reading (codec_read.c) -------------------------------------------------------------- */

struct decoder {
    uint8_t *block; /* NULL in the counting pass */
    size_t room;
    size_t used;
    DWORD flags; /* CRYPT_DECODE_* */
    DWORD error; /* the first one */
};

void dec_fail(struct decoder *d, DWORD error);
/* Room for n bytes at an 8-byte distance from the block's start; NULL while counting. */
void *dec_take(struct decoder *d, size_t n);
void *dec_array(struct decoder *d, size_t count, size_t size);
void dec_store(void *array, size_t index, const void *item, size_t size);
/* Bytes that need no change: copied, or with CRYPT_DECODE_NOCOPY_FLAG where they are. */
BYTE *dec_bytes(struct decoder *d, struct span bytes);
void dec_blob(struct decoder *d, struct span bytes, CRYPT_DATA_BLOB *out);
/* Last byte first. */
void dec_blob_reversed(struct decoder *d, struct span bytes, CRYPT_DATA_BLOB *out);

bool asn_next_is(const struct rd *r, uint8_t tag);
/* The content of the next element, which must have this tag. */
struct span asn_take(struct decoder *d, struct rd *r, uint8_t tag);
/* The whole next element, whatever it is. */
struct span asn_any(struct decoder *d, struct rd *r);
struct rd asn_enter(struct decoder *d, struct rd *r, uint8_t tag);
/* Nothing may be left. */
void asn_leave(struct decoder *d, const struct rd *inner);
/* Elements that are left; 0 after an error. */
size_t asn_count(struct decoder *d, const struct rd *r);

bool asn_take_boolean(struct decoder *d, struct rd *r);
/* INTEGER or ENUMERATED of 32 bits. */
int asn_take_int(struct decoder *d, struct rd *r, uint8_t tag);
/* The same for a count or a version, which is not negative. */
DWORD asn_take_count(struct decoder *d, struct rd *r, uint8_t tag);
/* An INTEGER's content; must be in the shortest form. */
struct span asn_take_integer(struct decoder *d, struct rd *r, uint8_t tag);
/* The same for one that is not negative, without the sign byte. */
struct span asn_take_unsigned(struct decoder *d, struct rd *r, uint8_t tag);
void asn_take_bits(struct decoder *d, struct rd *r, uint8_t tag, CRYPT_BIT_BLOB *out);
LPSTR asn_take_oid(struct decoder *d, struct rd *r, uint8_t tag);
/* UTCTime or GeneralizedTime. */
FILETIME asn_take_time(struct decoder *d, struct rd *r);

/* ---- writing (codec_write.c) ------------------------------------------------------------- */

struct encoder {
    struct buf out;
    DWORD flags; /* CRYPT_ENCODE_* */
    DWORD error; /* the first one */
    DWORD where; /* of a wrong character: entry and attribute; with the error, its place, too */
};

void enc_fail(struct encoder *e, DWORD error);
/* A wrong character at this index of the current value. */
void enc_fail_at(struct encoder *e, DWORD error, size_t index);
size_t enc_begin(struct encoder *e, uint8_t tag);
void enc_end(struct encoder *e, size_t mark);
/* The elements since the mark in ascending order (X.690 11.6), then the end. */
void enc_end_set(struct encoder *e, size_t mark);
void enc_element(struct encoder *e, uint8_t tag, struct span content);
/* The blob's bytes; an error when there are none where some are announced. */
struct span enc_blob(struct encoder *e, const CRYPT_DATA_BLOB *blob);
/* DER that is there already: exactly one element, anything else is CRYPT_E_BAD_ENCODE. */
void enc_der(struct encoder *e, const CRYPT_DATA_BLOB *blob);
void enc_boolean(struct encoder *e, bool value);
void enc_int(struct encoder *e, uint8_t tag, int value);
/* Of a count or index, which is not negative. */
void enc_dword(struct encoder *e, uint8_t tag, DWORD value);
/* Little-endian in the blob. */
void enc_integer(struct encoder *e, uint8_t tag, const CRYPT_INTEGER_BLOB *blob);
void enc_unsigned(struct encoder *e, uint8_t tag, const CRYPT_UINT_BLOB *blob);
void enc_unsigned_be(struct encoder *e, struct span magnitude);
void enc_bits(struct encoder *e, uint8_t tag, const CRYPT_BIT_BLOB *bits);
/* A list of named bits: zero bits at the end are left out (X.690 11.2.2). */
void enc_named_bits(struct encoder *e, uint8_t tag, const CRYPT_BIT_BLOB *bits);
void enc_oid(struct encoder *e, uint8_t tag, const char *oid);
void enc_time(struct encoder *e, FILETIME time);
void enc_utc_time(struct encoder *e, FILETIME time);
/* False and E_INVALIDARG when a list is announced and not there. */
bool enc_list(struct encoder *e, DWORD count, const void *list);

/* ---- parts that other codecs use --------------------------------------------------------- */

/* codec_basic.c */
void read_algorithm(struct decoder *d, struct rd *r, CRYPT_ALGORITHM_IDENTIFIER *out);
void write_algorithm(struct encoder *e, const CRYPT_ALGORITHM_IDENTIFIER *in);
void read_attributes(struct decoder *d, struct rd *r, uint8_t tag, CRYPT_ATTRIBUTES *out);
void write_attributes(struct encoder *e, uint8_t tag, const CRYPT_ATTRIBUTES *in);
/* codec_name.c */
void read_alt_name(struct decoder *d, struct rd *r, CERT_ALT_NAME_ENTRY *out);
void write_alt_name(struct encoder *e, const CERT_ALT_NAME_ENTRY *in);
/* GeneralNames under a tag of its own; e->where tells the entry. */
void read_alt_names(struct decoder *d, struct rd *r, uint8_t tag, CERT_ALT_NAME_INFO *out);
void write_alt_names(struct encoder *e, uint8_t tag, const CERT_ALT_NAME_INFO *in);

/* ---- structure types (codec_table.c) ----------------------------------------------------- */

/* `out` points to memory of `size` bytes, zeroed; types without a size are bytes in the block. */
typedef void codec_read(struct decoder *d, struct rd *r, void *out);
typedef void codec_write(struct encoder *e, const void *in);

struct codec_row {
    LPCSTR type;
    size_t size;
    codec_read *read;
    codec_write *write; /* NULL: only for reading */
};
enum { CODEC_STRUCT_MAX = sizeof(CERT_INFO) };
/* By number or object identifier; NULL when the type is not known. */
const struct codec_row *codec_find(LPCSTR type);
/* A text that outlives every structure, or NULL. */
LPCSTR codec_shared_oid(const char *oid);

codec_read read_signed, read_cert_info, read_crl_info, read_request_info, read_extensions;
codec_write write_signed, write_cert_info, write_crl_info, write_request_info, write_extensions;
codec_read read_public_key, read_algorithm_row, read_attribute_row, read_attributes_row;
codec_write write_public_key, write_algorithm_row, write_attribute_row, write_attributes_row;
codec_read read_octets, read_bits, read_int, read_enumerated, read_integer, read_unsigned;
codec_write write_octets, write_bits, write_int, write_enumerated, write_integer, write_unsigned;
codec_write write_named_bits;
codec_read read_time, read_utc_time, read_oid, read_sequence_of_any;
codec_write write_time, write_utc_time, write_oid, write_sequence_of_any;
codec_read read_name, read_name_unicode, read_value, read_value_unicode, read_alt_names_row;
codec_write write_name, write_name_unicode, write_value, write_value_unicode, write_alt_names_row;
codec_read read_key_id, read_key_id2, read_basic_constraints, read_usage, read_info_access;
codec_write write_key_id, write_key_id2, write_basic_constraints, write_usage, write_info_access;
codec_read read_policies, read_policy_mappings, read_policy_constraints;
codec_write write_policies, write_policy_mappings, write_policy_constraints;
codec_read read_dist_points, read_name_constraints;
codec_write write_dist_points, write_name_constraints;
codec_read read_rsa_public, read_rsa_private, read_rsa_public_cng, read_rsa_private_cng;
codec_write write_rsa_public, write_rsa_private, write_rsa_public_cng;
codec_read read_private_key, read_encrypted_key, read_ecc_signature, read_ecc_private;
codec_write write_private_key, write_encrypted_key, write_ecc_signature, write_ecc_private;

#endif
