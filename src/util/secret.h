/* SPDX-License-Identifier: MIT */
/* Secrets of bounded length, and comparison in constant time. */
#ifndef SCHANNEL_UTIL_SECRET_H
#define SCHANNEL_UTIL_SECRET_H

#include "util/mem.h"
#include "util/span.h"

/* The longest shared secret is that of secp384r1 with ML-KEM-1024: 48 + 32 bytes. */
enum { SECRET_MAX = 80 };

struct secret {
    uint8_t b[SECRET_MAX];
    uint8_t n;
};

static inline struct span secret_span(const struct secret *s)
{
    return span_of(s->b, s->n);
}

static inline void secret_wipe(struct secret *s)
{
    mem_wipe(s, sizeof *s);
}

/* True when the n bytes are equal; the time depends on n only. */
bool ct_equal(const void *a, const void *b, size_t n);

#endif
