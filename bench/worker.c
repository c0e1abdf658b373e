/* SPDX-License-Identifier: MIT */
/* The process that runs one subject. See worker.h. */
#include "worker.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"
#include "heap.h"

enum { WARM_UP = 30, RECORD_BATCH = 64, COUNTED_HANDSHAKES = 16 };

/* ---- time ------------------------------------------------------------------------------ */

static double cpu_seconds(void)
{
    struct timespec t;
    REQUIRE(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) == 0);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void handshakes(const struct subject *subject, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        subject->connect(0);
        subject->disconnect(0);
    }
}

static void chains(const struct subject *subject, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        subject->verify();
}

static void records(const struct subject *subject, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        subject->seal(0);
        subject->open(0);
    }
}

struct timing {
    double ns;
    unsigned long operations;
};

static struct timing run_for(const struct subject *subject, double seconds, unsigned batch,
                             void (*run)(const struct subject *, unsigned))
{
    unsigned long done = 0;
    double begin = cpu_seconds();
    double spent;
    do {
        run(subject, batch);
        done += batch;
        spent = cpu_seconds() - begin;
    } while (spent < seconds);
    return (struct timing){.ns = spent * 1e9 / (double)done, .operations = done};
}

static struct timing time_test(const struct subject *subject, const struct test *test,
                               double seconds)
{
    if (test->kind != TEST_RECORDS) {
        void (*run)(const struct subject *, unsigned) =
            test->kind == TEST_HANDSHAKE ? handshakes : chains;
        run(subject, WARM_UP);
        return run_for(subject, seconds, 1, run);
    }
    subject->connect(0);
    records(subject, RECORD_BATCH);
    struct timing timing = run_for(subject, seconds, RECORD_BATCH, records);
    subject->disconnect(0);
    return timing;
}

/* ---- heap ------------------------------------------------------------------------------ */

struct counter {
    void (*read)(struct heap_count *out);
    void (*reset_peak)(void);
};

static struct counter find_counter(void)
{
    struct counter c;
    void *read = dlsym(RTLD_DEFAULT, HEAP_READ_NAME);
    void *reset = dlsym(RTLD_DEFAULT, HEAP_RESET_PEAK_NAME);
    REQUIRE(read != NULL && reset != NULL);
    memcpy(&c.read, &read, sizeof read);
    memcpy(&c.reset_peak, &reset, sizeof reset);
    return c;
}

static struct heap_count heap_now(const struct counter *c)
{
    struct heap_count now;
    c->read(&now);
    return now;
}

static void count_handshakes(const struct subject *subject, const struct counter *c,
                             struct heap_result *out)
{
    struct heap_count before = heap_now(c);
    handshakes(subject, COUNTED_HANDSHAKES);
    struct heap_count after = heap_now(c);
    out->allocations = (long long)(after.allocations - before.allocations) / COUNTED_HANDSHAKES;
    out->allocations_own =
        (long long)(after.allocations_own - before.allocations_own) / COUNTED_HANDSHAKES;
    c->reset_peak();
    before = heap_now(c);
    handshakes(subject, 1);
    out->peak_bytes = (long long)(heap_now(c).peak_bytes - before.live_bytes);
}

static void count_pairs(const struct subject *subject, const struct counter *c,
                        struct heap_result *out)
{
    struct heap_count before = heap_now(c);
    for (unsigned slot = 0; slot < PAIRS_MAX; slot++)
        subject->connect(slot);
    struct heap_count after = heap_now(c);
    out->pair_bytes = (long long)(after.live_bytes - before.live_bytes) / PAIRS_MAX;
    for (unsigned slot = 0; slot < PAIRS_MAX; slot++)
        subject->disconnect(slot);
}

static void count_records(const struct subject *subject, const struct counter *c,
                          struct heap_result *out)
{
    out->seal_allocations = 0;
    out->open_allocations = 0;
    subject->connect(0);
    records(subject, WARM_UP);
    for (unsigned i = 0; i < RECORDS_COUNTED; i++) {
        struct heap_count before = heap_now(c);
        subject->seal(0);
        struct heap_count between = heap_now(c);
        subject->open(0);
        struct heap_count after = heap_now(c);
        out->seal_allocations += (long long)(between.allocations - before.allocations);
        out->open_allocations += (long long)(after.allocations - between.allocations);
    }
    subject->disconnect(0);
}

static struct heap_result count_heap(const struct subject *subject, const struct test *test)
{
    struct counter c = find_counter();
    struct heap_result result = {0};
    handshakes(subject, WARM_UP);
    if (test->kind == TEST_RECORDS) {
        count_records(subject, &c, &result);
        return result;
    }
    count_handshakes(subject, &c, &result);
    if (subject->has_pairs)
        count_pairs(subject, &c, &result);
    return result;
}

/* ---- serving --------------------------------------------------------------------------- */

static void begin(const struct subject *subject, const struct test *test, const struct pki *pki)
{
    subject->setup(test, pki);
    if (subject->refuses_wrong_name != NULL)
        REQUIRE(subject->refuses_wrong_name());
}

static void answer_time(const struct subject *subject, const struct test *test, double seconds)
{
    struct timing t = time_test(subject, test, seconds);
    printf("%.3f %lu\n", t.ns, t.operations);
}

static void answer_heap(const struct subject *subject, const struct test *test)
{
    struct heap_result r = count_heap(subject, test);
    printf("%lld %lld %lld %lld %lld %lld\n", r.pair_bytes, r.peak_bytes, r.allocations,
           r.allocations_own, r.seal_allocations, r.open_allocations);
}

int worker_serve(const struct subject *subject, const struct pki *pki)
{
    char line[256];
    while (fgets(line, sizeof line, stdin) != NULL) {
        char what[16];
        char name[64];
        double seconds = 0;
        REQUIRE(sscanf(line, "%15s %63s %lf", what, name, &seconds) >= 2);
        const struct test *test = test_find(name);
        REQUIRE(test != NULL && subject_does(subject, test));
        begin(subject, test, pki);
        if (strcmp(what, "time") == 0)
            answer_time(subject, test, seconds);
        else
            answer_heap(subject, test);
        subject->teardown();
        REQUIRE(fflush(stdout) == 0);
    }
    return 0;
}

int worker_run(const struct subject *subject, const struct pki *pki, const struct test *test,
               unsigned count)
{
    subject->setup(test, pki);
    if (test->kind == TEST_HANDSHAKE) {
        handshakes(subject, count);
    } else if (test->kind == TEST_CHAIN) {
        chains(subject, count);
    } else {
        subject->connect(0);
        records(subject, count);
        subject->disconnect(0);
    }
    subject->teardown();
    return 0;
}
