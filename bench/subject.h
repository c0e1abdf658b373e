/* SPDX-License-Identifier: MIT */
/*
 * A subject is something that can do the tests: our library on its public headers, OpenSSL's
 * libssl, the floor (only the libcrypto calls that a handshake cannot avoid), and raw EVP for
 * records. Each runs in a process of its own and knows one test at a time.
 */
#ifndef SCHANNEL_BENCH_SUBJECT_H
#define SCHANNEL_BENCH_SUBJECT_H

#include "pki.h"
#include "test.h"

enum { PAIRS_MAX = 64 };

struct subject {
    const char *name;
    bool does_handshakes;
    bool does_records;
    bool has_pairs; /* connections that can be kept, so that their heap can be counted */
    /* What a program makes once: credentials, contexts, trust. */
    void (*setup)(const struct test *test, const struct pki *pki);
    void (*teardown)(void);
    /* A whole handshake of both sides with everything asserted; `slot` below PAIRS_MAX. */
    void (*connect)(unsigned slot);
    void (*disconnect)(unsigned slot);
    /* The server's certificate and the intermediate read from their encoding, the chain to the root
     * built and judged, name and usage included; everything asserted. NULL: not done. */
    void (*verify)(void);
    /* One record of the test's length: client to server, there and back in place. */
    void (*seal)(unsigned slot);
    void (*open)(unsigned slot);
    /* A handshake for a name that the certificate does not bear; true when it was refused. */
    bool (*refuses_wrong_name)(void);
};

extern const struct subject subject_schannel, subject_libssl, subject_floor, subject_raw;

extern const struct subject *const subjects[];
enum { SUBJECT_SCHANNEL, SUBJECT_LIBSSL, SUBJECT_FLOOR, SUBJECT_RAW, SUBJECT_COUNT };

const struct subject *subject_find(const char *name);
bool subject_does(const struct subject *subject, const struct test *test);

#endif
