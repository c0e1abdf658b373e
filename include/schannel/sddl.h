/* SPDX-License-Identifier: MIT */
/* Included with the basic types: there are no security descriptors here. */
#include "windows.h"
