/* SPDX-License-Identifier: MIT */
/* What BCrypt and NCrypt share. */
#ifndef SCHANNEL_CRYPT32_CNG_H
#define SCHANNEL_CRYPT32_CNG_H

#include "crypt32/key.h"

/* The two-call form; *result_len becomes the length, out NULL asks for it. NTE_BUFFER_TOO_SMALL. */
SECURITY_STATUS cng_give(const void *bytes, size_t n, BYTE *out, DWORD room, DWORD *result_len);
SECURITY_STATUS cng_give_text(const char *text, BYTE *out, DWORD room, DWORD *result_len);
SECURITY_STATUS cng_export(const struct key *key, enum key_blob blob, BYTE *out, DWORD room,
                           DWORD *result_len);
/* What pPaddingInfo and dwFlags say; false when they contradict the key. */
bool cng_signing(const struct key *key, const void *info, DWORD flags, struct key_signing *out);
err cng_sign(const struct key *key, const void *info, DWORD flags, struct span digest, BYTE *out,
             DWORD room, DWORD *result_len) MUST_USE;
/* A BCrypt handle for a key pair or a public key, which goes over, also on failure. */
err bcrypt_key_give(struct key *pair, BCRYPT_KEY_HANDLE *out) MUST_USE;

#endif
