/* SPDX-License-Identifier: MIT */
/* Private to the crypto room: the life of the per-thread scratch sets. */
#ifndef SCHANNEL_CRYPTO_SCRATCH_H
#define SCHANNEL_CRYPTO_SCRATCH_H

#include "util/util.h"

/* Once per process, before the first scratch_get. */
err scratch_start(void) MUST_USE;
/* Empties this thread's set. */
void scratch_release(void);

#endif
