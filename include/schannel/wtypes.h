/* SPDX-License-Identifier: MIT */
/* The basic types. */
#include "windef.h"
