/* SPDX-License-Identifier: MIT */
/* The same header under the spelling that some sources use. */
#include "winnt.h"
