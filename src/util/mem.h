/* SPDX-License-Identifier: MIT */
/*
 * All heap of the library. Blocks know their size, are zero when allocated and wiped when freed.
 * Tests make the n-th allocation fail through mem_fail_at.
 */
#ifndef SCHANNEL_UTIL_MEM_H
#define SCHANNEL_UTIL_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed memory, or NULL. A size of 0 gives a valid block. */
void *mem_alloc(size_t n) __attribute__((malloc));
/* count * size with the overflow checked. */
void *mem_array(size_t count, size_t size) __attribute__((malloc));
/* A copy of n bytes, or NULL. */
void *mem_dup(const void *from, size_t n) __attribute__((malloc));
/* Wipes and frees; NULL is fine. */
void mem_free(void *p);
/* The size that was asked for. */
size_t mem_size(const void *p);
/* Zeroes memory in a way the compiler keeps. */
void mem_wipe(void *p, size_t n);

/*
 * Fault injection and counting for tests, for this thread: allocation number `n` from now (1 =
 * the next) fails, and with `all_after` every later one too; 0 switches it off.
 */
void mem_fail_at(uint64_t n, bool all_after);
/* Number of allocations made by this thread, and of blocks alive in the process. */
uint64_t mem_count(void);
int64_t mem_live(void);

#endif
