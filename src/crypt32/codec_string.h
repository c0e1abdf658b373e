/* SPDX-License-Identifier: MIT */
/* Character strings of ASN.1 (X.680 41) and the values of names that are made of them. */
#ifndef SCHANNEL_CRYPT32_CODEC_STRING_H
#define SCHANNEL_CRYPT32_CODEC_STRING_H

#include "crypt32/codec.h"

/*
 * The value of an attribute: CERT_RDN_* and its bytes, UTF-16 where the type is Unicode. With
 * is_unicode every character string becomes UTF-16 with a NUL that is not counted.
 */
void read_string_value(struct decoder *d, struct rd *r, bool is_unicode, DWORD *out_type,
                       CRYPT_DATA_BLOB *out);
/* oid: the attribute's, which settles CERT_RDN_ANY_TYPE; may be NULL. */
void write_string_value(struct encoder *e, const char *oid, bool is_unicode, DWORD type,
                        const CRYPT_DATA_BLOB *in);

/* IA5String under a tag as a NUL-terminated text: CRYPT_E_INVALID_IA5_STRING for a NUL inside. */
LPWSTR read_ia5(struct decoder *d, struct rd *r, uint8_t tag);
void write_ia5(struct encoder *e, uint8_t tag, const WCHAR *text);

#endif
