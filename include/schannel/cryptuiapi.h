/* SPDX-License-Identifier: MIT */
/* Included for the certificate types: there are no dialogs. */
#include "wincrypt.h"
