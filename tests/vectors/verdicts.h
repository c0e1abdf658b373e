/* SPDX-License-Identifier: MIT */
/*
 * The verdicts of a suite of chains against what the suite demands, and the checked-in list of the
 * cases that differ. The list is exact: a difference that does not stand in it fails, and so does
 * an entry that is none (any more).
 *
 * A line of the list: name of the case, "accepted" or "refused" (what we say), reason. "#" begins a
 * comment.
 */
#ifndef SCHANNEL_TESTS_VERDICTS_H
#define SCHANNEL_TESTS_VERDICTS_H

#include <stdbool.h>
#include <stddef.h>

enum { VERDICT_CASES_MAX = 512, VERDICT_NAME_MAX = 128 };

struct verdict {
    char name[VERDICT_NAME_MAX];
    bool should_accept;
    bool accepts;
    bool is_listed; /* the list says that it accepts as it does */
};

struct verdicts {
    struct verdict cases[VERDICT_CASES_MAX];
    size_t count;
};

void verdict_add(struct verdicts *v, const char *name, bool should_accept, bool accepts);
/* Compares with the list; prints the score and what is amiss. True when there is nothing. */
bool verdicts_fit(struct verdicts *v, const char *title, const char *list_file);
/* Whether the document has the score as a row of its table; says which row it should be. */
bool verdicts_told(const struct verdicts *v, const char *title, const char *document);
/* The planted controls: one verdict turned round is found, and so is a case that is missing. */
bool verdicts_controls(struct verdicts *v, const char *list_file);

#endif
