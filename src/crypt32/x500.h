/* SPDX-License-Identifier: MIT */
/* Microsoft's keys of X.500 attributes: CertNameToStr, CertStrToName. */
#ifndef SCHANNEL_CRYPT32_X500_H
#define SCHANNEL_CRYPT32_X500_H

#include <stddef.h>

/* NULL when there is none. */
const char *x500_key(const char *oid);
/* The dotted decimals of a key, in either case; NULL when it is none. */
const char *x500_oid(const char *key, size_t key_len);

#endif
