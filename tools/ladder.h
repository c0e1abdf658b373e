/* SPDX-License-Identifier: MIT */
/*
 * Calls of a client and a server as a ladder of two columns, or as JSON. Calls that only asked for
 * more bytes are gathered into one entry of the ladder.
 */
#ifndef SCHANNEL_TOOLS_LADDER_H
#define SCHANNEL_TOOLS_LADDER_H

#include <stdbool.h>
#include <stdio.h>

#include <libschannel.h>

enum { SHOWN_BUFFERS_MAX = 4, SHOWN_EVENTS_MAX = 64, SHOWN_MISSING_MAX = 6 };

/* A buffer list as the caller gave it and as it came back. */
struct shown_list {
    ULONG count;
    SecBuffer before[SHOWN_BUFFERS_MAX];
    SecBuffer after[SHOWN_BUFFERS_MAX];
};

struct shown_call {
    bool is_server;
    const char *function;
    const char *argument; /* what stands out among the arguments, or NULL */
    SECURITY_STATUS status;
    struct shown_list in;
    struct shown_list out;
    DWORD event_count;
    SCHANNEL_EVENT events[SHOWN_EVENTS_MAX];
};

struct ladder {
    FILE *to;
    bool json;
    bool is_first;
    unsigned held; /* calls that asked for more bytes, not shown yet */
    struct shown_call last_held;
    ULONG missing[SHOWN_MISSING_MAX];
};

void ladder_start(struct ladder *l, FILE *to, bool json);
void ladder_call(struct ladder *l, const struct shown_call *call);
/* Bytes on their way, in pieces of `split` (0: in one piece). */
void ladder_transfer(struct ladder *l, bool to_server, size_t n, size_t split);
/* A line across both columns; nothing in JSON. */
void ladder_heading(struct ladder *l, const char *text);
void ladder_end(struct ladder *l);

void shown_before(struct shown_list *list, const SecBufferDesc *desc);
void shown_after(struct shown_list *list, const SecBufferDesc *desc);

#endif
