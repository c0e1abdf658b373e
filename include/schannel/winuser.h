/* SPDX-License-Identifier: MIT */
/* Text formatting and the rest of it: in windows.h already. */
#include "windows.h"
