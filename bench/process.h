/* SPDX-License-Identifier: MIT */
/* The parent's side of the workers: starting them, asking, and measuring under callgrind. */
#ifndef SCHANNEL_BENCH_PROCESS_H
#define SCHANNEL_BENCH_PROCESS_H

#include <stdio.h>
#include <sys/types.h>

#include "worker.h"

struct process {
    const struct subject *subject;
    pid_t pid;
    FILE *to;
    FILE *from;
};

/* All processes of the run stay on the core on which it was started. Returns its number. */
int process_pin(void);
/* `preload`: a shared object, or NULL. */
void process_start(struct process *p, const struct subject *subject, const struct pki *pki,
                   const char *preload);
void process_stop(struct process *p);

/* ns per operation. */
double process_time(struct process *p, const struct test *test, double seconds);
struct heap_result process_heap(struct process *p, const struct test *test);

/* Instructions of one handshake. */
struct instructions {
    double total;
    double own; /* in libschannel itself */
};

bool valgrind_is_there(void);
struct instructions instructions_of(const struct subject *subject, const struct pki *pki,
                                    const struct test *test);

#endif
