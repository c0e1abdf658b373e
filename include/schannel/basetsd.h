/* SPDX-License-Identifier: MIT */
/* The basic types. */
#include "winnt.h"
