/* SPDX-License-Identifier: MIT */
/* Of winternl.h only what Schannel programs include it for: UNICODE_STRING and NTSTATUS. */
#ifndef SCHANNEL_WINTERNL_H
#define SCHANNEL_WINTERNL_H

#include "windef.h"
#include "parts/unicode_string.h"

#endif
