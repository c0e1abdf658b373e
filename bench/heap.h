/* SPDX-License-Identifier: MIT */
/*
 * The numbers of the malloc counter (counter.c), a shared object that is preloaded into a worker
 * for the counting run only.
 */
#ifndef SCHANNEL_BENCH_HEAP_H
#define SCHANNEL_BENCH_HEAP_H

#include <stdint.h>

struct heap_count {
    uint64_t allocations;
    uint64_t allocations_own; /* asked for by libschannel itself, not by libcrypto */
    uint64_t live_bytes;      /* usable sizes */
    uint64_t peak_bytes;
};

/* The names under which counter.c exports its two functions. */
#define HEAP_READ_NAME       "schannel_bench_heap_read"
#define HEAP_RESET_PEAK_NAME "schannel_bench_heap_reset_peak"

#endif
