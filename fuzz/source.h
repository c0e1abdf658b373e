/* SPDX-License-Identifier: MIT */
/* The input as a source of small decisions; when it is used up, everything is 0. */
#ifndef SCHANNEL_FUZZ_SOURCE_H
#define SCHANNEL_FUZZ_SOURCE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A broken property ends the run, so that the fuzzer keeps the input. */
#define PROPERTY(condition)                                                                        \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

struct source {
    const uint8_t *p;
    size_t n;
};

static inline uint8_t source_u8(struct source *s)
{
    if (s->n == 0)
        return 0;
    s->n--;
    return *s->p++;
}

static inline uint16_t source_u16(struct source *s)
{
    unsigned high = source_u8(s);
    return (uint16_t)(high << 8 | source_u8(s));
}

/* At most n of the bytes that are left; returns how many. */
static inline size_t source_take(struct source *s, size_t n, const uint8_t **out)
{
    if (n > s->n)
        n = s->n;
    *out = s->p;
    s->p += n;
    s->n -= n;
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

#endif
