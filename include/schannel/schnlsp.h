/* SPDX-License-Identifier: MIT */
/* An older name of schannel.h. */
#include "schannel.h"
