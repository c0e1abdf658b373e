/* SPDX-License-Identifier: MIT */
/* For functions that answer FALSE or NULL and set the last error. */
#ifndef SCHANNEL_TESTS_API_CHECKS_H
#define SCHANNEL_TESTS_API_CHECKS_H

#include "api.h"
#include "pki.h"

/* The call fails with this error, and leaves nothing in libcrypto's error queue. */
#define CHECK_FAILS(row, call, error)                                                              \
    do {                                                                                           \
        SetLastError(0);                                                                           \
        CHECK(row, !(call));                                                                       \
        CHECK_NUMBER(row, GetLastError(), (DWORD)(error));                                         \
        CHECK_NUMBER(row, crypto_queue_error(), 0);                                                \
    } while (0)
/* The call succeeds, likewise. */
#define CHECK_WORKS(row, call)                                                                     \
    do {                                                                                           \
        CHECK(row, call);                                                                          \
        CHECK_NUMBER(row, crypto_queue_error(), 0);                                                \
    } while (0)

#endif
