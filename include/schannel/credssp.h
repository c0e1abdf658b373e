/* SPDX-License-Identifier: MIT */
/* Of credssp.h what sspi.h has: there is no CredSSP package. */
#include "sspi.h"
