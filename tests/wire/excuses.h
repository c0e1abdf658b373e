/* SPDX-License-Identifier: MIT */
/* Reasons of util/err.h that no peer can give in some role and version, and why. */
#ifndef SCHANNEL_TESTS_EXCUSES_H
#define SCHANNEL_TESTS_EXCUSES_H

#include "wire.h"

/* Records, alerts, framing, hellos, certificates and proofs, post-handshake messages. */
enum { FIRST_REASON = ERR_RECORD_GARBAGE, LAST_REASON = ERR_POST_HANDSHAKE_FLOOD };

/* Bits of enum wire_on. */
unsigned excused_on(err reason);

#endif
