/* SPDX-License-Identifier: MIT */
/* The same for machines: one JSON object. */
#include <stdio.h>

#include "results.h"

static void print_string(const char *text)
{
    putchar('"');
    for (; *text != 0; text++) {
        if (*text == '"' || *text == '\\')
            putchar('\\');
        if ((unsigned char)*text >= 0x20)
            putchar(*text);
    }
    putchar('"');
}

static void print_ratio(const char *name, struct ratio ratio)
{
    printf(", \"%s\": {\"median\": %.4f, \"min\": %.4f, \"max\": %.4f}", name, ratio.median,
           ratio.min, ratio.max);
}

static void print_heap(const struct heap_result *h)
{
    printf("{\"pair_bytes\": %lld, \"peak_bytes\": %lld, \"allocations\": %lld, "
           "\"allocations_own\": %lld, \"seal_allocations\": %.3f, \"open_allocations\": %.3f}",
           h->pair_bytes, h->peak_bytes, h->allocations, h->allocations_own,
           (double)h->seal_allocations / RECORDS_COUNTED,
           (double)h->open_allocations / RECORDS_COUNTED);
}

static void print_subject(const struct results *r, size_t i, int s)
{
    printf("%s\"%s\": {\"ns\": %.1f", s != 0 ? ", " : "", subjects[s]->name,
           results_median_ns(r, i, s));
    if (r->has_heap && subjects[s]->has_pairs && test_counts_heap(&tests[i])) {
        printf(", \"heap\": ");
        print_heap(&r->heap[i][s]);
    }
    if (r->has_instructions && r->instructions[i][s].total != 0)
        printf(", \"instructions\": %.0f, \"instructions_own\": %.0f", r->instructions[i][s].total,
               r->instructions[i][s].own);
    printf("}");
}

static void print_test(const struct results *r, size_t i)
{
    const struct test *t = &tests[i];
    int limit = t->kind == TEST_HANDSHAKE ? SUBJECT_FLOOR : SUBJECT_RAW;
    printf("%s\n    {\"name\": \"%s\", \"target\": %.2f, \"target_share\": %.2f", i != 0 ? "," : "",
           t->name, t->target, t->target_share);
    print_ratio("x_libssl", results_ratio(r, i, SUBJECT_SCHANNEL, SUBJECT_LIBSSL));
    if (t->kind != TEST_CHAIN) {
        print_ratio("share_of_limit", results_ratio(r, i, SUBJECT_SCHANNEL, limit));
        print_ratio("limit_x_libssl", results_ratio(r, i, limit, SUBJECT_LIBSSL));
    }
    printf(", \"subjects\": {");
    for (int s = 0; s < SUBJECT_COUNT; s++)
        print_subject(r, i, s);
    printf("}}");
}

void report_json(const struct results *r)
{
    printf("{\"libcrypto\": ");
    print_string(r->libcrypto);
    printf(", \"cpu\": ");
    print_string(r->cpu);
    printf(", \"features\": ");
    print_string(r->features);
    printf(", \"rounds\": %u, \"seconds\": %.3f, \"core\": %d, \"tests\": [", r->rounds, r->seconds,
           r->core);
    for (size_t i = 0; i < test_count; i++)
        print_test(r, i);
    printf("\n]}\n");
}
