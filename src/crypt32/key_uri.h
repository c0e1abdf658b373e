/* SPDX-License-Identifier: MIT */
/* Private keys named by a URI. */
#ifndef SCHANNEL_CRYPT32_KEY_URI_H
#define SCHANNEL_CRYPT32_KEY_URI_H

#include "crypt32/crypt32.h"

/* "pkcs11:" (RFC 7512) or "file:" (RFC 8089), in either case. */
bool key_uri_is(const char *text);
/*
 * The key; with its last error in *out_error when there is none. password may be NULL. A file is
 * read as read_file does it; all other places are asked through the providers that the system's
 * openssl.cnf activates.
 */
err key_uri_load(const char *uri, const char *password, struct private_key **out,
                 DWORD *out_error) MUST_USE;

#endif
