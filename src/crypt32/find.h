/* SPDX-License-Identifier: MIT */
/* Parts of searches that fill a file of their own. */
#ifndef SCHANNEL_CRYPT32_FIND_H
#define SCHANNEL_CRYPT32_FIND_H

#include "crypt32/cert.h"

/* CERT_FIND_ENHKEY_USAGE with its flags; usage may be NULL. */
bool find_usage(struct cert *cert, const CERT_ENHKEY_USAGE *usage, DWORD flags,
                struct store *store);

#endif
