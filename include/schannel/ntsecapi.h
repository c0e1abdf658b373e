/* SPDX-License-Identifier: MIT */
/* Of ntsecapi.h only what Schannel programs include it for: UNICODE_STRING, LUID and NTSTATUS. */
#ifndef SCHANNEL_NTSECAPI_H
#define SCHANNEL_NTSECAPI_H

#include "windef.h"
#include "parts/unicode_string.h"

#endif
