/* SPDX-License-Identifier: MIT */
/* The bounded growable buffer and the writer over it. */
#include "util/wr.h"

#include "util/mem.h"

enum { BUF_FIRST_CAPACITY = 256 };

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){.max = max};
}

void buf_release(struct buf *b)
{
    mem_free(b->p);
    *b = (struct buf){.max = b->max};
}

void buf_clear(struct buf *b)
{
    if (b->n != 0)
        mem_wipe(b->p, b->n);
    b->n = 0;
    b->failed = OK;
}

err buf_reserve(struct buf *b, size_t n)
{
    if (b->failed != OK)
        return b->failed;
    if (n > b->max - b->n || b->n > b->max)
        return b->failed = FAIL(ERR_OUTPUT_TOO_SMALL);
    if (n <= b->cap - b->n)
        return OK;
    size_t cap = b->cap != 0 ? b->cap : BUF_FIRST_CAPACITY;
    while (cap < b->n + n)
        cap *= 2;
    if (cap > b->max)
        cap = b->max;
    uint8_t *p = mem_alloc(cap);
    if (p == NULL)
        return b->failed = FAIL(ERR_NO_MEMORY);
    mem_copy(p, b->p, b->n);
    mem_free(b->p);
    b->p = p;
    b->cap = cap;
    return OK;
}

void buf_drop(struct buf *b, size_t n)
{
    if (n == 0)
        return;
    mem_move(b->p, b->p + n, b->n - n);
    b->n -= n;
}

static void wr_uint(struct buf *b, uint32_t value, unsigned width)
{
    if (buf_reserve(b, width) != OK)
        return;
    for (unsigned i = 0; i < width; i++)
        b->p[b->n + i] = (uint8_t)(value >> (8 * (width - 1 - i)));
    b->n += width;
}

void wr_u8(struct buf *b, unsigned value)
{
    wr_uint(b, value, 1);
}

void wr_u16(struct buf *b, unsigned value)
{
    wr_uint(b, value, 2);
}

void wr_u24(struct buf *b, uint32_t value)
{
    wr_uint(b, value, 3);
}

void wr_u32(struct buf *b, uint32_t value)
{
    wr_uint(b, value, 4);
}

void wr_bytes(struct buf *b, struct span bytes)
{
    if (buf_reserve(b, bytes.n) != OK)
        return;
    if (bytes.n != 0)
        memcpy(b->p + b->n, bytes.p, bytes.n);
    b->n += bytes.n;
}

static bool fits_width(size_t n, unsigned width)
{
    return n >> (8 * width) == 0;
}

void wr_vec(struct buf *b, unsigned width, struct span bytes)
{
    struct wr_mark mark = wr_open(b, width);
    wr_bytes(b, bytes);
    wr_close(b, mark);
}

struct wr_mark wr_open(struct buf *b, unsigned width)
{
    struct wr_mark mark = {.at = b->n, .width = width};
    wr_uint(b, 0, width);
    return mark;
}

void wr_close(struct buf *b, struct wr_mark mark)
{
    if (b->failed != OK)
        return;
    size_t n = b->n - mark.at - mark.width;
    if (!fits_width(n, mark.width)) {
        b->failed = FAIL(ERR_OUTPUT_TOO_SMALL);
        return;
    }
    for (unsigned i = 0; i < mark.width; i++)
        b->p[mark.at + i] = (uint8_t)(n >> (8 * (mark.width - 1 - i)));
}
