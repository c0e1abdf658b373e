/* SPDX-License-Identifier: MIT */
/* Of subauth.h only what Schannel programs include it for: UNICODE_STRING and NTSTATUS. */
#ifndef SCHANNEL_SUBAUTH_H
#define SCHANNEL_SUBAUTH_H

#include "windef.h"
#include "parts/unicode_string.h"

#endif
