/* SPDX-License-Identifier: MIT */
/*
 * Reader over a span. Sticky: the first short read empties the reader and sets `bad`, so a decoder
 * reads like the RFC's struct and is checked once, by rd_end, which also rejects trailing bytes.
 */
#ifndef SCHANNEL_UTIL_RD_H
#define SCHANNEL_UTIL_RD_H

#include "util/err.h"
#include "util/span.h"

struct rd {
    const uint8_t *p;
    const uint8_t *end;
    bool bad;
};

struct rd rd_from(struct span bytes);
uint8_t rd_u8(struct rd *r);
uint16_t rd_u16(struct rd *r);
uint32_t rd_u24(struct rd *r);
uint32_t rd_u32(struct rd *r);
struct span rd_take(struct rd *r, size_t n);
void rd_copy(struct rd *r, uint8_t *out, size_t n);

/* The RFC's vector <min..max>: a length of `width` bytes (1 to 3), then that many bytes. */
struct span rd_vec(struct rd *r, unsigned width, size_t min, size_t max);

static inline size_t rd_left(const struct rd *r)
{
    return (size_t)(r->end - r->p);
}

/* Everything that is left. */
struct span rd_rest(struct rd *r);

/* True when no read failed and nothing is left over. */
static inline bool rd_end(const struct rd *r)
{
    return !r->bad && r->p == r->end;
}

void rd_fail(struct rd *r);

#endif
