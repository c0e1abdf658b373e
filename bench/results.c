/* SPDX-License-Identifier: MIT */
/* Ratios, and what the machine is. */
#include "results.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "check.h"

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static struct ratio summary(double *values, unsigned n)
{
    qsort(values, n, sizeof values[0], compare);
    double median = n % 2 != 0 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
    return (struct ratio){.median = median, .min = values[0], .max = values[n - 1]};
}

struct ratio results_ratio(const struct results *r, size_t test, int subject, int other)
{
    double values[ROUNDS_MAX];
    for (unsigned round = 0; round < r->rounds; round++)
        values[round] = r->ns[test][other][round] / r->ns[test][subject][round];
    return summary(values, r->rounds);
}

double results_median_ns(const struct results *r, size_t test, int subject)
{
    double values[ROUNDS_MAX];
    memcpy(values, r->ns[test][subject], r->rounds * sizeof values[0]);
    return summary(values, r->rounds).median;
}

/* ---- the machine ----------------------------------------------------------------------- */

/* The value of the first line of this name in /proc/cpuinfo. */
static void cpu_info(const char *name, char *out, size_t cap)
{
    char line[8192];
    FILE *f = fopen("/proc/cpuinfo", "r");
    out[0] = 0;
    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        char *value = strchr(line, ':');
        if (strncmp(line, name, strlen(name)) != 0 || value == NULL)
            continue;
        line[strcspn(line, "\n")] = 0;
        value += strspn(value, ": \t");
        REQUIRE(strlen(value) < cap);
        memcpy(out, value, strlen(value) + 1);
        break;
    }
    if (f != NULL)
        (void)fclose(f);
}

/* Those that decide how fast libcrypto is. */
static void pick_features(char *flags, char *out, size_t cap)
{
    static const char *const relevant[] = {
        "aes", "pclmulqdq", "vaes",       "vpclmulqdq", "avx2",  "avx512f", "bmi2",
        "adx", "sha_ni",    "avx512ifma", "asimd",      "pmull", "sha2"};
    size_t used = 0;
    out[0] = 0;
    for (char *flag; (flag = strsep(&flags, " ")) != NULL;) {
        for (size_t i = 0; i < COUNT(relevant); i++) {
            if (strcmp(flag, relevant[i]) == 0 && used + strlen(flag) + 2 < cap)
                used +=
                    (size_t)snprintf(out + used, cap - used, "%s%s", used != 0 ? " " : "", flag);
        }
    }
}

void machine_describe(struct results *r)
{
    char flags[8192];
    snprintf(r->libcrypto, sizeof r->libcrypto, "%s", OpenSSL_version(OPENSSL_VERSION));
    cpu_info("model name", r->cpu, sizeof r->cpu);
    cpu_info("flags", flags, sizeof flags);
    if (flags[0] == 0)
        cpu_info("Features", flags, sizeof flags);
    pick_features(flags, r->features, sizeof r->features);
}
