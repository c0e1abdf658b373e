/* SPDX-License-Identifier: MIT */
/* Conversion of text: in windows.h already. */
#include "windows.h"
