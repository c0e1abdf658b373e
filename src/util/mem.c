/* SPDX-License-Identifier: MIT */
/* The allocator: a size header in front of each block, wiped on free. */
#include "util/mem.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "util/span.h"

/* The header keeps the block aligned for every type. */
union mem_header {
    size_t n;
    max_align_t align;
};

static _Thread_local uint64_t fail_countdown;
static _Thread_local bool fail_all_after;
static _Thread_local uint64_t allocation_count;
static atomic_int_fast64_t live_blocks;

static bool must_fail(void)
{
    allocation_count++;
    if (fail_countdown == 0)
        return false;
    if (fail_countdown > 1) {
        fail_countdown--;
        return false;
    }
    if (!fail_all_after)
        fail_countdown = 0;
    return true;
}

void *mem_alloc(size_t n)
{
    if (n > SIZE_MAX - sizeof(union mem_header) || must_fail())
        return NULL;
    union mem_header *header = calloc(1, sizeof *header + n);
    if (header == NULL)
        return NULL;
    header->n = n;
    atomic_fetch_add_explicit(&live_blocks, 1, memory_order_relaxed);
    return header + 1;
}

void *mem_array(size_t count, size_t size)
{
    size_t n;
    if (__builtin_mul_overflow(count, size, &n))
        return NULL;
    return mem_alloc(n);
}

void *mem_dup(const void *from, size_t n)
{
    void *p = mem_alloc(n);
    if (p != NULL)
        mem_copy(p, from, n);
    return p;
}

size_t mem_size(const void *p)
{
    return p != NULL ? ((const union mem_header *)p - 1)->n : 0;
}

void mem_free(void *p)
{
    if (p == NULL)
        return;
    union mem_header *header = (union mem_header *)p - 1;
    mem_wipe(p, header->n);
    free(header);
    atomic_fetch_sub_explicit(&live_blocks, 1, memory_order_relaxed);
}

void mem_wipe(void *p, size_t n)
{
    if (n != 0)
        explicit_bzero(p, n);
}

void mem_fail_at(uint64_t n, bool all_after)
{
    fail_countdown = n;
    fail_all_after = all_after;
}

uint64_t mem_count(void)
{
    return allocation_count;
}

int64_t mem_live(void)
{
    return (int64_t)atomic_load_explicit(&live_blocks, memory_order_relaxed);
}
