/* SPDX-License-Identifier: MIT */
/* The util room: errors, spans, readers, writers, memory, secrets. Knows no TLS and no Windows. */
#ifndef SCHANNEL_UTIL_UTIL_H
#define SCHANNEL_UTIL_UTIL_H

#include "util/err.h"
#include "util/mem.h"
#include "util/rd.h"
#include "util/secret.h"
#include "util/slots.h"
#include "util/span.h"
#include "util/wr.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#endif
