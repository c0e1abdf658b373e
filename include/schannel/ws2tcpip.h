/* SPDX-License-Identifier: MIT */
/* Address look-up: in winsock2.h already. */
#include "winsock2.h"
