/* SPDX-License-Identifier: MIT */
/* Of ntdef.h only what Schannel programs include it for: the base types and UNICODE_STRING. */
#ifndef SCHANNEL_NTDEF_H
#define SCHANNEL_NTDEF_H

#include "windef.h"
#include "parts/unicode_string.h"

#endif
