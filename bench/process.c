/* SPDX-License-Identifier: MIT */
/* Starting workers and asking them. */
#include "process.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

int process_pin(void)
{
    int core = sched_getcpu();
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((unsigned)core, &set);
    return core >= 0 && sched_setaffinity(0, sizeof set, &set) == 0 ? core : -1;
}

static void become_worker(const struct subject *subject, const struct pki *pki, const char *preload)
{
    if (preload != NULL)
        REQUIRE(setenv("LD_PRELOAD", preload, 1) == 0);
    execl("/proc/self/exe", "schannel-bench", "--worker", subject->name, "--pki", pki->folder,
          (char *)NULL);
    _exit(127);
}

void process_start(struct process *p, const struct subject *subject, const struct pki *pki,
                   const char *preload)
{
    int down[2];
    int up[2];
    REQUIRE(pipe2(down, O_CLOEXEC) == 0 && pipe2(up, O_CLOEXEC) == 0);
    p->subject = subject;
    p->pid = fork();
    REQUIRE(p->pid >= 0);
    if (p->pid == 0) {
        REQUIRE(dup2(down[0], STDIN_FILENO) >= 0 && dup2(up[1], STDOUT_FILENO) >= 0);
        become_worker(subject, pki, preload);
    }
    REQUIRE(close(down[0]) == 0 && close(up[1]) == 0);
    p->to = fdopen(down[1], "w");
    p->from = fdopen(up[0], "r");
    REQUIRE(p->to != NULL && p->from != NULL);
}

void process_stop(struct process *p)
{
    int status;
    (void)fclose(p->to);
    (void)fclose(p->from);
    REQUIRE(waitpid(p->pid, &status, 0) == p->pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void ask(struct process *p, char *answer, int cap)
{
    REQUIRE(fflush(p->to) == 0);
    /* A worker that fails has said why. */
    if (fgets(answer, cap, p->from) == NULL) {
        fprintf(stderr, "schannel-bench: the worker of %s ended\n", p->subject->name);
        exit(1);
    }
}

double process_time(struct process *p, const struct test *test, double seconds)
{
    char answer[128];
    double ns;
    fprintf(p->to, "time %s %g\n", test->name, seconds);
    ask(p, answer, sizeof answer);
    REQUIRE(sscanf(answer, "%lf", &ns) == 1 && ns > 0);
    return ns;
}

struct heap_result process_heap(struct process *p, const struct test *test)
{
    char answer[256];
    struct heap_result r;
    fprintf(p->to, "heap %s\n", test->name);
    ask(p, answer, sizeof answer);
    REQUIRE(sscanf(answer, "%lld %lld %lld %lld %lld %lld", &r.pair_bytes, &r.peak_bytes,
                   &r.allocations, &r.allocations_own, &r.seal_allocations,
                   &r.open_allocations) == 6);
    return r;
}
