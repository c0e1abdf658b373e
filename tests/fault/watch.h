/* SPDX-License-Identifier: MIT */
/*
 * Watches every public call of a program that is linked with --wrap: the error queue of libcrypto
 * is empty afterwards, and the call during which an allocation failed answers with a status that
 * says so, or gets along without.
 */
#ifndef SCHANNEL_TESTS_WATCH_H
#define SCHANNEL_TESTS_WATCH_H

#include <stdbool.h>
#include <stdint.h>

enum fault_kind { FAULT_NONE, FAULT_OWN, FAULT_LIBCRYPTO };

/* Allocation n from now fails; with all_after (our own only) every later one, too. */
void watch_begin(enum fault_kind kind, uint64_t n, bool all_after);
bool watch_reached(void);
/* Switches faults off. True when the allocation was reached. */
bool watch_end(void);
/* Things that were not as they must be, since the program began. */
unsigned watch_complaints(void);
/* Calls seen since the program began. */
unsigned watch_calls(void);
/* Statuses other than success that calls with a failed allocation gave. */
unsigned watch_refusals(void);
/* A status that the scenario ends with in any case. */
void watch_expect(int32_t status);
/* Without a message: for positive controls. */
void watch_quiet(bool quiet);

#endif
