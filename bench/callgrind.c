/* SPDX-License-Identifier: MIT */
/*
 * Instructions per handshake: the same worker under callgrind with 10 and with 30 handshakes, the
 * difference divided by 20. Repeatable to a few instructions. Valgrind's processor lacks some of
 * the real one's instructions, so only differences between subjects mean something.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "process.h"

enum { FEW = 10, MANY = 30 };

bool valgrind_is_there(void)
{
    const char *path = getenv("PATH");
    char *copy = strdup(path != NULL ? path : "");
    char *rest = copy;
    bool found = false;
    REQUIRE(copy != NULL);
    for (char *folder; !found && (folder = strsep(&rest, ":")) != NULL;) {
        char file[4096];
        int n = snprintf(file, sizeof file, "%s/valgrind", folder);
        found = n > 0 && n < (int)sizeof file && access(file, X_OK) == 0;
    }
    free(copy);
    return found;
}

static void run_under_callgrind(const struct subject *subject, const struct pki *pki,
                                const struct test *test, const char *count, const char *out_file)
{
    char out_option[PKI_PATH_MAX + 64];
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    REQUIRE(n > 0);
    self[n] = 0;
    snprintf(out_option, sizeof out_option, "--callgrind-out-file=%s", out_file);
    pid_t pid = fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
        execlp("valgrind", "valgrind", "-q", "--tool=callgrind", "--dump-instr=no", out_option,
               self, "--worker", subject->name, "--pki", pki->folder, "--test", test->name,
               "--operations", count, (char *)NULL);
        _exit(127);
    }
    int status;
    REQUIRE(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* "ob=(2) /path/of/object" names an object, later "ob=(2)" means it again. */
static bool enters_own(const char *line, char own[32])
{
    const char *id_end = strchr(line, ')');
    if (id_end == NULL)
        return false;
    size_t n = (size_t)(id_end - line) + 1;
    if (strstr(id_end, "libschannel.so") != NULL && n < 32) {
        memcpy(own, line, n);
        own[n] = 0;
    }
    return own[0] != 0 && strncmp(line, own, n) == 0 && own[n] == 0;
}

/* A cost line is "position cost"; the one behind "calls=" is inclusive and counted elsewhere. */
static struct instructions read_costs(const char *file)
{
    char line[8192];
    char own[32] = "";
    bool is_own = false;
    bool is_call = false;
    struct instructions sum = {0};
    FILE *f = fopen(file, "r");
    REQUIRE(f != NULL);
    while (fgets(line, sizeof line, f) != NULL) {
        double cost;
        if (strncmp(line, "ob=", 3) == 0)
            is_own = enters_own(line + 3, own);
        if (strncmp(line, "cob=", 4) == 0)
            (void)enters_own(line + 4, own);
        bool is_cost =
            strchr("0123456789+-*", line[0]) != NULL && sscanf(line, "%*s %lf", &cost) == 1;
        if (is_cost && !is_call) {
            sum.total += cost;
            sum.own += is_own ? cost : 0;
        }
        is_call = strncmp(line, "calls=", 6) == 0;
    }
    (void)fclose(f);
    return sum;
}

static struct instructions measure(const struct subject *subject, const struct pki *pki,
                                   const struct test *test, const char *count)
{
    char file[PKI_PATH_MAX + 32];
    snprintf(file, sizeof file, "%s/callgrind.out", pki->folder);
    run_under_callgrind(subject, pki, test, count, file);
    struct instructions sum = read_costs(file);
    (void)unlink(file);
    return sum;
}

struct instructions instructions_of(const struct subject *subject, const struct pki *pki,
                                    const struct test *test)
{
    char few[16];
    char many[16];
    snprintf(few, sizeof few, "%d", FEW);
    snprintf(many, sizeof many, "%d", MANY);
    struct instructions a = measure(subject, pki, test, few);
    struct instructions b = measure(subject, pki, test, many);
    return (struct instructions){.total = (b.total - a.total) / (MANY - FEW),
                                 .own = (b.own - a.own) / (MANY - FEW)};
}
