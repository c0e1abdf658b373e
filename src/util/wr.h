/* SPDX-License-Identifier: MIT */
/*
 * Writer into a growable, bounded buffer. Sticky: once it is full, or memory ran out, further
 * writes do nothing and buf_check tells. Lengths of nested vectors are back-patched by wr_close.
 */
#ifndef SCHANNEL_UTIL_WR_H
#define SCHANNEL_UTIL_WR_H

#include "util/err.h"
#include "util/span.h"

struct buf {
    uint8_t *p;
    size_t n;   /* bytes in use */
    size_t cap; /* bytes allocated */
    size_t max; /* hard limit; 0 = nothing may be written */
    err failed; /* OK, ERR_NO_MEMORY, or ERR_OUTPUT_TOO_SMALL */
};

/* A position whose length is written later. */
struct wr_mark {
    size_t at;
    unsigned width;
};

void buf_init(struct buf *b, size_t max);
/* Wipes and frees; the buffer is usable again with the same limit. */
void buf_release(struct buf *b);
/* Makes room for n more bytes without changing the content. */
err buf_reserve(struct buf *b, size_t n) MUST_USE;
/* Removes the first n bytes. */
void buf_drop(struct buf *b, size_t n);
/* Sets the length to 0 and wipes what was there; memory is kept. */
void buf_clear(struct buf *b);
static inline struct span buf_span(const struct buf *b)
{
    return span_of(b->p, b->n);
}
static inline err buf_check(const struct buf *b)
{
    return b->failed;
}

void wr_u8(struct buf *b, unsigned value);
void wr_u16(struct buf *b, unsigned value);
void wr_u24(struct buf *b, uint32_t value);
void wr_u32(struct buf *b, uint32_t value);
void wr_bytes(struct buf *b, struct span bytes);
/* A whole vector: length of `width` bytes, then the bytes. */
void wr_vec(struct buf *b, unsigned width, struct span bytes);
struct wr_mark wr_open(struct buf *b, unsigned width);
void wr_close(struct buf *b, struct wr_mark mark);

#endif
