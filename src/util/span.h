/* SPDX-License-Identifier: MIT */
/* Borrowed bytes. An empty span points at a static byte, never at NULL. */
#ifndef SCHANNEL_UTIL_SPAN_H
#define SCHANNEL_UTIL_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
    const uint8_t *p;
    size_t n;
};

extern const uint8_t span_nothing[1];

static inline struct span span_of(const void *p, size_t n)
{
    return (struct span){.p = n != 0 ? p : span_nothing, .n = n};
}

static inline struct span span_empty(void)
{
    return (struct span){.p = span_nothing, .n = 0};
}

static inline struct span span_text(const char *text)
{
    return span_of(text, strlen(text));
}

/* Equality of public bytes; secrets go through ct_equal. */
bool span_equal(struct span a, struct span b);

/* memcpy and memmove that take a length of 0 with any pointer. */
static inline void mem_copy(void *to, const void *from, size_t n)
{
    if (n != 0)
        memcpy(to, from, n);
}

static inline void mem_move(void *to, const void *from, size_t n)
{
    if (n != 0)
        memmove(to, from, n);
}

static inline uint16_t load_u16(const uint8_t *p)
{
    return (uint16_t)((unsigned)p[0] << 8 | p[1]);
}

static inline uint32_t load_u24(const uint8_t *p)
{
    return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

static inline void store_u16(uint8_t *p, size_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

static inline void store_u64(uint8_t *p, uint64_t value)
{
    value = __builtin_bswap64(value);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap64(value);
#endif
    memcpy(p, &value, sizeof value);
}

#endif
