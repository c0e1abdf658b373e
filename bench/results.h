/* SPDX-License-Identifier: MIT */
/* Everything that a run found out. */
#ifndef SCHANNEL_BENCH_RESULTS_H
#define SCHANNEL_BENCH_RESULTS_H

#include "process.h"

enum { ROUNDS_MAX = 99, TESTS_MAX = 32, MACHINE_TEXT_MAX = 256 };

struct results {
    unsigned rounds;
    double seconds; /* per test and round */
    int core;       /* -1: not pinned */
    double ns[TESTS_MAX][SUBJECT_COUNT][ROUNDS_MAX];
    bool has_heap;
    struct heap_result heap[TESTS_MAX][SUBJECT_COUNT];
    bool has_instructions;
    struct instructions instructions[TESTS_MAX][SUBJECT_COUNT];
    char libcrypto[MACHINE_TEXT_MAX];
    char cpu[MACHINE_TEXT_MAX];
    char features[MACHINE_TEXT_MAX];
};

/* Median, smallest and largest of a ratio that is formed inside each round. */
struct ratio {
    double median;
    double min;
    double max;
};

/* How many times faster `subject` is than `other`. */
struct ratio results_ratio(const struct results *r, size_t test, int subject, int other);
double results_median_ns(const struct results *r, size_t test, int subject);

void machine_describe(struct results *r);

void report_text(const struct results *r);
void report_json(const struct results *r);

#endif
