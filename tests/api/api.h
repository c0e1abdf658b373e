/* SPDX-License-Identifier: MIT */
/*
 * What the programs of this folder share: checks that name the row they show, one call of
 * InitializeSecurityContext or AcceptSecurityContext with every list and pointer in the test's
 * hands, and pairs of contexts. A row is named by its place in the list of observed behaviour (A2,
 * I35, D10) or by the Microsoft page that says it.
 */
#ifndef SCHANNEL_TESTS_API_H
#define SCHANNEL_TESTS_API_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pair.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- checks ---------------------------------------------------------------------------- */

void check_failed(const char *file, int line, const char *row, const char *what);
void check_status(const char *file, int line, const char *row, const char *what,
                  SECURITY_STATUS got, SECURITY_STATUS wanted);
void check_number(const char *file, int line, const char *row, const char *what,
                  unsigned long long got, unsigned long long wanted);

#define CHECK(row, condition)                                                                      \
    do {                                                                                           \
        if (!(condition))                                                                          \
            check_failed(__FILE__, __LINE__, row, #condition);                                     \
    } while (0)
/* The status, and nothing left in libcrypto's error queue. */
#define CHECK_STATUS(row, expression, wanted)                                                      \
    check_status(__FILE__, __LINE__, row, #expression, expression, wanted)
#define CHECK_NUMBER(row, expression, wanted)                                                      \
    check_number(__FILE__, __LINE__, row, #expression, (unsigned long long)(expression),           \
                 (unsigned long long)(wanted))

/* Between the two, failed checks are counted and not reported: for the planted ones. */
void planted_begin(void);
unsigned planted_end(void);

/* ---- pairs ----------------------------------------------------------------------------- */

enum { TLS12 = 12, TLS13 = 13 };

/* An ECDSA server for "localhost" that the client trusts. */
struct pair_options usual(int version);
/* The one pair of a program; opened with what `usual` gives, or with the options. */
struct pair *open_pair(int version);
struct pair *open_pair_with(const struct pair_options *options);
/* The same, after the handshake. */
struct pair *connect_pair(int version);
struct pair *connect_pair_with(const struct pair_options *options);
/* After the last test. */
int close_pair(void **state);
/* Everything on the wire of the side arrives. */
void deliver(struct pair *p, struct pair_side *side);
/* The rest of a handshake, with what has arrived already. */
bool go_on(struct pair *p);

/* ---- one call -------------------------------------------------------------------------- */

enum { IO_BUFFERS = 8 };

struct io {
    struct pair_side *side;
    PCredHandle cred;
    PCtxtHandle ctx;
    PCtxtHandle new_ctx;
    CtxtHandle made; /* what new_ctx points at; zero before the call */
    const char *target;
    ULONG request;
    SecBuffer in[IO_BUFFERS];
    SecBuffer out[IO_BUFFERS];
    SecBufferDesc in_list;
    SecBufferDesc out_list;
    PSecBufferDesc in_arg;
    PSecBufferDesc out_arg;
    ULONG attributes;
    TimeStamp expiry;
    SECURITY_STATUS status;
};

/* The side's next call as a usual program makes it: {TOKEN, EMPTY} in, {TOKEN, ALERT} out, all
 * memory allocated by the library. */
void io_init(struct io *io, struct pair_side *side);
/* Replaces the lists. */
void io_in(struct io *io, ULONG count, const SecBuffer *buffers);
void io_out(struct io *io, ULONG count, const SecBuffer *buffers);
SECURITY_STATUS io_run(struct io *io);
/* Takes over what the call gave: handle, tail of the input, token on the wire of `peer`. */
void io_keep(struct io *io, struct pair_side *peer);
/* Frees what the library allocated; io_keep does so, too. */
void io_drop(struct io *io);

/* ---- messages -------------------------------------------------------------------------- */

/* DecryptMessage over bytes, with the four buffers afterwards. */
SECURITY_STATUS unseal(struct pair_side *side, void *bytes, size_t n, SecBuffer b[4]);

/* A text of UTF-16 for UNICODE_STRING; the size excludes the NUL. */
#define UNICODE(text)                                                                              \
    {                                                                                              \
        sizeof(text) - sizeof(WCHAR), sizeof(text), (WCHAR *)(text)                                \
    }

#endif
