/* SPDX-License-Identifier: MIT */
/* The sticky reader. */
#include "util/rd.h"

const uint8_t span_nothing[1] = {0};

bool span_equal(struct span a, struct span b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

struct rd rd_from(struct span bytes)
{
    return (struct rd){.p = bytes.p, .end = bytes.p + bytes.n, .bad = false};
}

void rd_fail(struct rd *r)
{
    r->bad = true;
    r->p = r->end;
}

struct span rd_take(struct rd *r, size_t n)
{
    if (r->bad || rd_left(r) < n) {
        rd_fail(r);
        return span_empty();
    }
    struct span taken = span_of(r->p, n);
    r->p += n;
    return taken;
}

static uint32_t rd_uint(struct rd *r, unsigned width)
{
    struct span bytes = rd_take(r, width);
    uint32_t value = 0;
    for (size_t i = 0; i < bytes.n; i++)
        value = value << 8 | bytes.p[i];
    return value;
}

uint8_t rd_u8(struct rd *r)
{
    return (uint8_t)rd_uint(r, 1);
}

uint16_t rd_u16(struct rd *r)
{
    return (uint16_t)rd_uint(r, 2);
}

uint32_t rd_u24(struct rd *r)
{
    return rd_uint(r, 3);
}

uint32_t rd_u32(struct rd *r)
{
    return rd_uint(r, 4);
}

void rd_copy(struct rd *r, uint8_t *out, size_t n)
{
    struct span bytes = rd_take(r, n);
    if (bytes.n == n)
        mem_copy(out, bytes.p, n);
    else
        memset(out, 0, n);
}

struct span rd_vec(struct rd *r, unsigned width, size_t min, size_t max)
{
    size_t n = rd_uint(r, width);
    if (r->bad || n < min || n > max) {
        rd_fail(r);
        return span_empty();
    }
    return rd_take(r, n);
}

struct span rd_rest(struct rd *r)
{
    return rd_take(r, rd_left(r));
}
