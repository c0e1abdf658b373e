/* SPDX-License-Identifier: MIT */
/* Certificates and revocation lists in a SignedData that nobody signed (RFC 2315, RFC 5652 5). */
#ifndef SCHANNEL_CRYPT32_PKCS7_H
#define SCHANNEL_CRYPT32_PKCS7_H

#include "crypt32/store.h"

/* Adds what is in there at the end. ERR_CERT_PARSE: something else, or something behind it. */
err pkcs7_read_store(struct store *store, struct span der) MUST_USE;
err pkcs7_write_store(struct store *store, struct buf *out) MUST_USE;

#endif
