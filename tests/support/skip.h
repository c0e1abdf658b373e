/* SPDX-License-Identifier: MIT */
/* Skipping a whole test program, with a word; not allowed where everything must run. */
#ifndef SCHANNEL_TESTS_SKIP_H
#define SCHANNEL_TESTS_SKIP_H

#include <stdio.h>
#include <stdlib.h>

static inline _Noreturn void test_skip(const char *reason)
{
    const char *all = getenv("SCHANNEL_REQUIRE_ALL");
    printf("skipped: %s\n", reason);
    exit(all != NULL && all[0] == '1' ? 1 : 77);
}

/* The folder of other people's vectors; skips when there is none. */
static inline const char *test_vectors_dir(void)
{
    const char *dir = getenv("SCHANNEL_VECTORS");
    if (dir == NULL || dir[0] == 0)
        dir = getenv("SCHANNEL_VECTORS_DEFAULT");
    if (dir == NULL || dir[0] == 0)
        test_skip("no vectors");
    return dir;
}

#endif
