/* SPDX-License-Identifier: MIT */
/*
 * A benchmark that measured something else than it says is worse than none: what is not as expected
 * ends the program with the place and the reason.
 */
#ifndef SCHANNEL_BENCH_CHECK_H
#define SCHANNEL_BENCH_CHECK_H

_Noreturn void die(const char *file, int line, const char *what);

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            die(__FILE__, __LINE__, #condition);                                                   \
    } while (0)

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#endif
