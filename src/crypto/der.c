/* SPDX-License-Identifier: MIT */
/*
 * A strict DER reader over rd (X.690 8 and 10.1): low tag numbers, definite lengths in the shortest
 * form. Certificates as a whole are libcrypto's; this reads only what a key or an algorithm is.
 */
#include "crypto/der.h"

static size_t der_length(struct rd *r)
{
    uint8_t first = rd_u8(r);
    if (first < 0x80)
        return first;
    unsigned count = first & 0x7Fu;
    size_t n = 0;
    if (count == 0 || count > 3) {
        rd_fail(r);
        return 0;
    }
    for (unsigned i = 0; i < count; i++)
        n = n << 8 | rd_u8(r);
    /* X.690 10.1: no longer form than needed. */
    if (n < 0x80 || (count > 1 && n >> (8 * (count - 1)) == 0))
        rd_fail(r);
    return n;
}

struct span der_take(struct rd *r, uint8_t tag)
{
    if (!der_next_is(r, tag)) {
        rd_fail(r);
        return span_empty();
    }
    rd_u8(r);
    size_t n = der_length(r);
    return rd_take(r, n);
}

struct rd der_open(struct rd *r, uint8_t tag)
{
    struct rd inner = rd_from(der_take(r, tag));
    inner.bad = r->bad;
    return inner;
}

bool der_next_is(const struct rd *r, uint8_t tag)
{
    return rd_left(r) != 0 && *r->p == tag;
}

struct span der_take_positive(struct rd *r)
{
    struct span bytes = der_take(r, DER_INTEGER);
    bool has_sign_byte = bytes.n > 1 && bytes.p[0] == 0;
    bool is_shortest = !has_sign_byte || bytes.p[1] >= 0x80;
    bool is_positive = bytes.n != 0 && bytes.p[0] < 0x80 && (bytes.n > 1 || bytes.p[0] != 0);
    if (!is_shortest || !is_positive) {
        rd_fail(r);
        return span_empty();
    }
    return has_sign_byte ? span_of(bytes.p + 1, bytes.n - 1) : bytes;
}

uint32_t der_take_small(struct rd *r)
{
    struct span bytes = der_take(r, DER_INTEGER);
    if (bytes.n == 0 || bytes.n > 3 || bytes.p[0] >= 0x80 ||
        (bytes.n > 1 && bytes.p[0] == 0 && bytes.p[1] < 0x80)) {
        rd_fail(r);
        return 0;
    }
    uint32_t value = 0;
    for (size_t i = 0; i < bytes.n; i++)
        value = value << 8 | bytes.p[i];
    return value;
}

struct span der_take_bits(struct rd *r)
{
    struct span bytes = der_take(r, DER_BIT_STRING);
    if (bytes.n == 0 || bytes.p[0] != 0) {
        rd_fail(r);
        return span_empty();
    }
    return span_of(bytes.p + 1, bytes.n - 1);
}
