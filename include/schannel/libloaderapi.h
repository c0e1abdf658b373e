/* SPDX-License-Identifier: MIT */
/* Part of windows.h. */
#include "windows.h"
