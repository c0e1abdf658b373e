/* SPDX-License-Identifier: MIT */
/* Source annotations: empty, in parts/compiler.h. */
#include "parts/compiler.h"
