/* SPDX-License-Identifier: MIT */
/* Walks the engine's tables: every path from the first state to the end, as messages. */
#ifndef SCHANNEL_TESTS_MACHINE_H
#define SCHANNEL_TESTS_MACHINE_H

#include "flow.h"

/* All machines of a role in one list, so that a test may take a row away. */
enum { ROWS_MAX = 64 };
struct machine {
    bool is_server;
    size_t count;
    struct hs_row rows[ROWS_MAX];
};
void machine_load(struct machine *m, bool is_server);
enum hs_state machine_start(const struct machine *m);

/* Version in which a state is met; 0 for the hello phase. */
uint16_t machine_state_version(int state);
/* What a sending state sends, at most two messages; MSG_NONE ends. */
void machine_sends(int state, enum msg out[2]);

struct walk {
    struct path_set paths;
    uint64_t reached; /* states, bits */
    size_t longest;   /* in steps */
    bool has_cycle;
};
void machine_walk(const struct machine *m, struct walk *out);

#endif
