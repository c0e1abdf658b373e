/* SPDX-License-Identifier: MIT */
/* The list of subjects. */
#include "subject.h"

#include <string.h>

const struct subject *const subjects[SUBJECT_COUNT] = {
    [SUBJECT_SCHANNEL] = &subject_schannel,
    [SUBJECT_LIBSSL] = &subject_libssl,
    [SUBJECT_FLOOR] = &subject_floor,
    [SUBJECT_RAW] = &subject_raw,
};

const struct subject *subject_find(const char *name)
{
    for (size_t i = 0; i < SUBJECT_COUNT; i++) {
        if (strcmp(subjects[i]->name, name) == 0)
            return subjects[i];
    }
    return NULL;
}

bool subject_does(const struct subject *subject, const struct test *test)
{
    if (test->kind == TEST_CHAIN)
        return subject->verify != NULL;
    return test->kind == TEST_HANDSHAKE ? subject->does_handshakes : subject->does_records;
}
