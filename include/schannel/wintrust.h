/* SPDX-License-Identifier: MIT */
/* Included by Schannel programs for the certificate types only. */
#include "wincrypt.h"
