/* SPDX-License-Identifier: MIT */
/*
 * schannel-bench: libschannel beside OpenSSL's libssl, the libcrypto floor and raw EVP, in one run.
 * Every subject is a process of its own; a round runs every test on every subject, in an order that
 * turns each round. Then one run each under the malloc counter and under callgrind.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "results.h"

struct options {
    unsigned rounds;
    double seconds;
    bool is_quick;
    bool is_json;
    const char *worker;
    const char *pki_folder;
    const char *test;
    unsigned operations;
};

static struct results results;
static struct pki pki;
static pid_t pki_owner;

_Noreturn void die(const char *file, int line, const char *what)
{
    fprintf(stderr, "schannel-bench: %s:%d: not so: %s\n", file, line, what);
    exit(1);
}

static void remove_pki(void)
{
    if (getpid() == pki_owner)
        pki_remove(&pki);
}

/* ---- the run --------------------------------------------------------------------------- */

static void progress(const char *what, unsigned i, unsigned n)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r%s %u/%u   %s", what, i, n, i == n ? "\r\033[K" : "");
}

static void run_round(struct process *workers, unsigned round)
{
    for (size_t i = 0; i < test_count; i++) {
        for (unsigned turn = 0; turn < SUBJECT_COUNT; turn++) {
            unsigned s = (turn + round) % SUBJECT_COUNT;
            if (subject_does(subjects[s], &tests[i]))
                results.ns[i][s][round] = process_time(&workers[s], &tests[i], results.seconds);
        }
    }
}

static void run_times(void)
{
    struct process workers[SUBJECT_COUNT];
    for (int s = 0; s < SUBJECT_COUNT; s++)
        process_start(&workers[s], subjects[s], &pki, NULL);
    for (unsigned round = 0; round < results.rounds; round++) {
        progress("round", round + 1, results.rounds);
        run_round(workers, round);
    }
    for (int s = 0; s < SUBJECT_COUNT; s++)
        process_stop(&workers[s]);
}

/* Beside this program. */
static void counter_path(char *out, size_t cap)
{
    ssize_t n = readlink("/proc/self/exe", out, cap - 1);
    REQUIRE(n > 0);
    out[n] = 0;
    char *slash = strrchr(out, '/');
    REQUIRE(slash != NULL);
    size_t left = cap - (size_t)(slash + 1 - out);
    REQUIRE((size_t)snprintf(slash + 1, left, "%s", COUNTER_FILE) < left);
}

static void run_heap(void)
{
    char counter[4096];
    counter_path(counter, sizeof counter);
    for (int s = 0; s < SUBJECT_COUNT; s++) {
        struct process worker;
        if (!subjects[s]->has_pairs)
            continue;
        process_start(&worker, subjects[s], &pki, counter);
        for (size_t i = 0; i < test_count; i++) {
            if (test_counts_heap(&tests[i]))
                results.heap[i][s] = process_heap(&worker, &tests[i]);
        }
        process_stop(&worker);
    }
    results.has_heap = true;
}

/* One handshake of each version; more would cost more time than they tell. */
static void run_instructions(void)
{
    if (!valgrind_is_there())
        return;
    for (size_t i = 0; i < test_count; i++) {
        for (int s = 0; s < SUBJECT_COUNT; s++) {
            bool is_counted = tests[i].kind == TEST_HANDSHAKE && !tests[i].is_rsa &&
                              !tests[i].remembers && !tests[i].is_mutual &&
                              subject_does(subjects[s], &tests[i]);
            if (is_counted)
                results.instructions[i][s] = instructions_of(subjects[s], &pki, &tests[i]);
        }
    }
    results.has_instructions = true;
}

static int run_all(const struct options *o)
{
    results.rounds = o->rounds;
    results.seconds = o->seconds;
    results.core = process_pin();
    machine_describe(&results);
    pki_create(&pki);
    pki_owner = getpid();
    REQUIRE(atexit(remove_pki) == 0);
    run_times();
    run_heap();
    if (!o->is_quick)
        run_instructions();
    if (o->is_json)
        report_json(&results);
    else
        report_text(&results);
    return 0;
}

/* ---- options --------------------------------------------------------------------------- */

enum {
    OPT_QUICK = 1,
    OPT_ROUNDS,
    OPT_JSON,
    OPT_HELP,
    OPT_WORKER,
    OPT_PKI,
    OPT_TEST,
    OPT_OPERATIONS
};

static void usage(FILE *f)
{
    fprintf(f, "usage: schannel-bench [--quick] [--rounds N] [--json]\n"
               "  --quick     about ten seconds: two rounds of short runs, no callgrind\n"
               "  --rounds N  rounds of 0.2 s a test (1 to 99, 5 if not given)\n"
               "  --json      one JSON object instead of the tables\n");
}

static unsigned number(const char *text, unsigned max)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    if (*end != 0 || n == 0 || n > max) {
        fprintf(stderr, "schannel-bench: a number from 1 to %u is wanted, not \"%s\"\n", max, text);
        exit(2);
    }
    return (unsigned)n;
}

static void set_option(struct options *o, int option)
{
    switch (option) {
    case OPT_QUICK:
        *o =
            (struct options){.is_quick = true, .rounds = 2, .seconds = 0.05, .is_json = o->is_json};
        break;
    case OPT_ROUNDS:
        o->rounds = number(optarg, ROUNDS_MAX);
        break;
    case OPT_JSON:
        o->is_json = true;
        break;
    case OPT_WORKER:
        o->worker = optarg;
        break;
    case OPT_PKI:
        o->pki_folder = optarg;
        break;
    case OPT_TEST:
        o->test = optarg;
        break;
    case OPT_OPERATIONS:
        o->operations = number(optarg, 1000000);
        break;
    case OPT_HELP:
        usage(stdout);
        exit(0);
    default:
        usage(stderr);
        exit(2);
    }
}

static int run_worker(const struct options *o)
{
    const struct subject *subject = subject_find(o->worker);
    REQUIRE(subject != NULL && o->pki_folder != NULL);
    pki_locate(&pki, o->pki_folder);
    if (o->operations == 0)
        return worker_serve(subject, &pki);
    const struct test *test = o->test != NULL ? test_find(o->test) : NULL;
    REQUIRE(test != NULL && subject_does(subject, test));
    return worker_run(subject, &pki, test, o->operations);
}

int main(int argc, char **argv)
{
    static const struct option long_options[] = {
        {"quick", no_argument, NULL, OPT_QUICK},
        {"rounds", required_argument, NULL, OPT_ROUNDS},
        {"json", no_argument, NULL, OPT_JSON},
        {"help", no_argument, NULL, OPT_HELP},
        /* How the program starts itself. */
        {"worker", required_argument, NULL, OPT_WORKER},
        {"pki", required_argument, NULL, OPT_PKI},
        {"test", required_argument, NULL, OPT_TEST},
        {"operations", required_argument, NULL, OPT_OPERATIONS},
        {NULL, 0, NULL, 0},
    };
    struct options o = {.rounds = 5, .seconds = 0.2};
    for (int option; (option = getopt_long(argc, argv, "", long_options, NULL)) != -1;)
        set_option(&o, option);
    return o.worker != NULL ? run_worker(&o) : run_all(&o);
}
