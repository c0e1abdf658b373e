/* SPDX-License-Identifier: MIT */
/* SECURITY_STATUS, shared by sspi.h, schannel.h and ncrypt.h. */
#ifndef SCHANNEL_PARTS_SECURITY_STATUS_H
#define SCHANNEL_PARTS_SECURITY_STATUS_H

#include "../winnt.h"

/* Signed, 32 bits: errors are negative, successes and SEC_I_* are not. */
typedef LONG SECURITY_STATUS;

SCHANNEL_SIZE(SECURITY_STATUS, 4);

#endif
