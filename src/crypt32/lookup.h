/* SPDX-License-Identifier: MIT */
/*
 * Host names to addresses that may be connected to. The system's look-up cannot be stopped, so it
 * runs in a thread of its own, which is left behind when time is up.
 */
#ifndef SCHANNEL_CRYPT32_LOOKUP_H
#define SCHANNEL_CRYPT32_LOOKUP_H

#include <sys/socket.h>

#include "util/util.h"

enum {
    LOOKUP_HOST_MAX = 253,
    LOOKUP_ADDRESSES_MAX = 8,
    LOOKUP_THREADS_MAX = 16 /* at once; more names than that are not looked up */
};

struct address {
    struct sockaddr_storage bytes;
    socklen_t n;
};

struct addresses {
    struct address list[LOOKUP_ADDRESSES_MAX];
    size_t count;
};

/* The addresses of a name or of an IP literal that are allowed, at least one. `deadline` is in
 * milliseconds of CLOCK_MONOTONIC. ERR_NOT_AVAILABLE, ERR_NO_MEMORY. */
err lookup(const char *host, const char *port, int64_t deadline, struct addresses *out) MUST_USE;
/*
 * Not the machine itself, nor its neighbours by link, nor a group: loopback, link-local,
 * unspecified, multicast and broadcast addresses, also where IPv6 carries them.
 */
bool lookup_allows(const struct sockaddr *address);
/* Allows loopback addresses: for tests, which have nothing else. */
void fetch_allow_loopback(bool on);

#endif
