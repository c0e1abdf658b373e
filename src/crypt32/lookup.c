/* SPDX-License-Identifier: MIT */
/*
 * Looking up names under a deadline. Two share the block of a look-up: who waits, and the thread;
 * whoever lets go last frees it, so that neither touches what is gone.
 */
#include "crypt32/lookup.h"

#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

struct lookup {
    pthread_mutex_t lock;
    pthread_cond_t done; /* on CLOCK_MONOTONIC */
    int refs;
    bool is_done;
    struct addresses found;
    char host[LOOKUP_HOST_MAX + 1];
    char port[8];
};

static atomic_bool allows_loopback;
static atomic_int threads;
static pthread_once_t forks_once = PTHREAD_ONCE_INIT;

void fetch_allow_loopback(bool on)
{
    atomic_store(&allows_loopback, on);
}

/* ---- addresses ------------------------------------------------------------------------- */

static bool allows_v4(uint32_t address)
{
    enum { LOOPBACK = 127, MULTICAST = 224 };
    unsigned first = address >> 24;
    if (first == LOOPBACK)
        return atomic_load(&allows_loopback);
    /* 169.254/16; and from 224 on multicast, reserved and broadcast. */
    return first != 0 && address >> 16 != 0xA9FE && first < MULTICAST;
}

static uint32_t v4_at(const uint8_t *p)
{
    return (uint32_t)load_u16(p) << 16 | load_u16(p + 2);
}

static bool begins(const uint8_t address[16], const uint8_t *prefix, size_t n)
{
    return span_equal(span_of(address, n), span_of(prefix, n));
}

/* IPv4 addresses in IPv6: mapped, compatible (with which :: and ::1 begin), NAT64, 6to4. */
static bool allows_v6(const uint8_t address[16])
{
    static const uint8_t zeros[12] = {0};
    static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    static const uint8_t nat64[12] = {0x00, 0x64, 0xFF, 0x9B};
    static const uint8_t loopback[16] = {[15] = 1};
    if (begins(address, loopback, sizeof loopback))
        return atomic_load(&allows_loopback);
    if (begins(address, zeros, sizeof zeros) || begins(address, mapped, sizeof mapped) ||
        begins(address, nat64, sizeof nat64))
        return allows_v4(v4_at(address + 12));
    if (load_u16(address) == 0x2002)
        return allows_v4(v4_at(address + 2));
    /* ff00::/8; fe80::/10 and the site-local addresses behind it. */
    return address[0] != 0xFF && (load_u16(address) & 0xFF80) != 0xFE80;
}

bool lookup_allows(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)address;
        return allows_v4(ntohl(in->sin_addr.s_addr));
    }
    const struct sockaddr_in6 *in6 = (const void *)address;
    return address->sa_family == AF_INET6 && allows_v6(in6->sin6_addr.s6_addr);
}

static void keep_allowed(const struct addrinfo *found, struct addresses *out)
{
    for (; found != NULL && out->count < LOOKUP_ADDRESSES_MAX; found = found->ai_next) {
        struct address *place = &out->list[out->count];
        if (found->ai_addrlen > sizeof place->bytes || !lookup_allows(found->ai_addr))
            continue;
        mem_copy(&place->bytes, found->ai_addr, found->ai_addrlen);
        place->n = found->ai_addrlen;
        out->count++;
    }
}

/* False when there is no such name. */
static bool ask(const char *host, const char *port, int flags, struct addresses *out)
{
    struct addrinfo *found = NULL;
    struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV | flags};
    if (getaddrinfo(host, port, &hints, &found) != 0)
        return false;
    keep_allowed(found, out);
    freeaddrinfo(found);
    return true;
}

/* ---- the thread ------------------------------------------------------------------------ */

static void let_go(struct lookup *l)
{
    pthread_mutex_lock(&l->lock);
    bool is_last = --l->refs == 0;
    pthread_mutex_unlock(&l->lock);
    if (!is_last)
        return;
    pthread_cond_destroy(&l->done);
    pthread_mutex_destroy(&l->lock);
    mem_free(l);
}

static void *run(void *arg)
{
    struct lookup *l = arg;
    struct addresses found = {.count = 0};
    ask(l->host, l->port, AI_ADDRCONFIG, &found);
    pthread_mutex_lock(&l->lock);
    l->found = found;
    l->is_done = true;
    pthread_cond_signal(&l->done);
    pthread_mutex_unlock(&l->lock);
    atomic_fetch_sub(&threads, 1);
    let_go(l);
    return NULL;
}

/* A child of fork has none of the threads. */
static void forget_threads(void)
{
    atomic_store(&threads, 0);
}

static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, forget_threads);
}

/* Signals are the program's threads' business. */
static bool start(struct lookup *l)
{
    pthread_t thread;
    pthread_attr_t attributes;
    sigset_t all;
    sigset_t before;
    if (pthread_attr_init(&attributes) != 0)
        return false;
    sigfillset(&all);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&thread, &attributes, run, l) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return started;
}

static struct lookup *lookup_new(const char *host, const char *port)
{
    pthread_condattr_t attributes;
    struct lookup *l = mem_alloc(sizeof *l);
    if (l == NULL)
        return NULL;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->done, &attributes);
    pthread_condattr_destroy(&attributes);
    l->refs = 1;
    mem_copy(l->host, host, strlen(host));
    mem_copy(l->port, port, strlen(port));
    return l;
}

static void wait_until(struct lookup *l, int64_t deadline, struct addresses *out)
{
    struct timespec until = {.tv_sec = deadline / 1000, .tv_nsec = deadline % 1000 * 1000000};
    pthread_mutex_lock(&l->lock);
    while (!l->is_done) {
        if (pthread_cond_timedwait(&l->done, &l->lock, &until) != 0)
            break;
    }
    if (l->is_done)
        *out = l->found;
    pthread_mutex_unlock(&l->lock);
}

static err ask_in_time(const char *host, const char *port, int64_t deadline, struct addresses *out)
{
    pthread_once(&forks_once, watch_forks);
    if (atomic_fetch_add(&threads, 1) >= LOOKUP_THREADS_MAX) {
        atomic_fetch_sub(&threads, 1);
        return FAIL(ERR_NOT_AVAILABLE);
    }
    struct lookup *l = lookup_new(host, port);
    if (l == NULL) {
        atomic_fetch_sub(&threads, 1);
        return FAIL(ERR_NO_MEMORY);
    }
    l->refs = 2; /* before the thread is there */
    if (start(l)) {
        wait_until(l, deadline, out);
    } else {
        l->refs = 1;
        atomic_fetch_sub(&threads, 1);
    }
    let_go(l);
    return OK;
}

err lookup(const char *host, const char *port, int64_t deadline, struct addresses *out)
{
    out->count = 0;
    if (strlen(host) > LOOKUP_HOST_MAX || strlen(port) >= sizeof((struct lookup *)0)->port)
        return FAIL(ERR_NOT_AVAILABLE);
    if (!ask(host, port, AI_NUMERICHOST, out))
        TRY(ask_in_time(host, port, deadline, out));
    return out->count != 0 ? OK : FAIL(ERR_NOT_AVAILABLE);
}
