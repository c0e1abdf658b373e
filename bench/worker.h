/* SPDX-License-Identifier: MIT */
/*
 * A worker is this program started again for one subject. It answers lines on its standard input
 * with one line each:
 *
 *      time TEST SECONDS   ->  ns per operation, operations
 *      heap TEST           ->  the fields of struct heap_result
 *
 * A worker that meets anything unexpected says so on standard error and ends.
 */
#ifndef SCHANNEL_BENCH_WORKER_H
#define SCHANNEL_BENCH_WORKER_H

#include <stdint.h>

#include "subject.h"

struct heap_result {
    long long pair_bytes;  /* per established pair, over PAIRS_MAX pairs */
    long long peak_bytes;  /* above what lived before, during one handshake pair */
    long long allocations; /* per handshake pair, contexts made and deleted */
    long long allocations_own;
    long long seal_allocations; /* over RECORDS_COUNTED records */
    long long open_allocations;
};

enum { RECORDS_COUNTED = 1000 };

int worker_serve(const struct subject *subject, const struct pki *pki);
/* Under callgrind: sets up and does so many handshakes, or records on one connection. */
int worker_run(const struct subject *subject, const struct pki *pki, const struct test *test,
               unsigned count);

#endif
