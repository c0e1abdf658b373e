/* SPDX-License-Identifier: MIT */
/* The table for people: ratios beside their targets first, absolute numbers last. */
#include <stdio.h>

#include "check.h"
#include "results.h"

/* Of performance.md's kind: what one handshake pair (TLS 1.3, ECDSA, cold) may cost. */
struct goal {
    double value;
    bool is_required;
};
static const struct goal pair_bytes_max = {8 * 1024.0, false};
static const struct goal peak_bytes_max = {28 * 1024.0, false};
static const struct goal allocations_max = {590, false};
static const struct goal allocations_own_max = {12, false};
static const struct goal record_allocations_max = {0, true};
static const struct goal instructions_above_floor_max = {0.45e6, false};

static const char *judge(bool reaches_target, bool reaches_required)
{
    if (!reaches_required)
        return "MISSED";
    return reaches_target ? "pass" : "below";
}

static const char *verdict(double value, double target, double required)
{
    if (target == 0)
        return value >= required ? "-" : "MISSED";
    return judge(value >= target, value >= required);
}

static const char *verdict_max(double value, const struct goal *goal)
{
    return judge(value <= goal->value, value <= goal->value || !goal->is_required);
}

/* ---- speed ----------------------------------------------------------------------------- */

static void print_target(double target)
{
    if (target != 0)
        printf("  %6.2f", target);
    else
        printf("  %6s", "-");
}

static void print_ratio(struct ratio ratio, double target, double required)
{
    printf("  %5.2f (%4.2f-%4.2f)", ratio.median, ratio.min, ratio.max);
    print_target(target);
    printf(" %-6s", verdict(ratio.median, target, required));
}

static void report_speed(const struct results *r, enum test_kind kind, const char *title,
                         int reference, const char *reference_name)
{
    printf("\n%s\n%-34s  %-17s  %6s %-6s  %-17s\n", title, "", "x libssl", "target", "",
           reference_name);
    for (size_t i = 0; i < test_count; i++) {
        const struct test *t = &tests[i];
        if (t->kind != kind)
            continue;
        printf("%-34s", t->label);
        print_ratio(results_ratio(r, i, SUBJECT_SCHANNEL, SUBJECT_LIBSSL), t->target, t->required);
        struct ratio share = results_ratio(r, i, SUBJECT_SCHANNEL, reference);
        if (kind == TEST_HANDSHAKE)
            printf("  %5.2f   floor is %.2f x libssl", share.median,
                   results_ratio(r, i, SUBJECT_FLOOR, SUBJECT_LIBSSL).median);
        else
            print_ratio(share, t->target_share, t->required_share);
        printf("\n");
    }
}

static void report_chains(const struct results *r)
{
    printf("\nChains: leaf, intermediate, root; read, built and judged\n%-34s  %s\n", "",
           "x X509_verify_cert");
    for (size_t i = 0; i < test_count; i++) {
        if (tests[i].kind != TEST_CHAIN)
            continue;
        printf("%-34s", tests[i].label);
        print_ratio(results_ratio(r, i, SUBJECT_SCHANNEL, SUBJECT_LIBSSL), 0, 0);
        printf("\n");
    }
}

/* ---- memory ---------------------------------------------------------------------------- */

static void print_heap_line(const char *label, double own, double other, const struct goal *goal)
{
    printf("%-46s %10.0f %10.0f %10.0f %s\n", label, own, other, goal->value,
           verdict_max(own, goal));
}

static void report_handshake_heap(const struct results *r, size_t test)
{
    const struct heap_result *own = &r->heap[test][SUBJECT_SCHANNEL];
    const struct heap_result *other = &r->heap[test][SUBJECT_LIBSSL];
    printf("\nHeap, %s, everything cold\n%-46s %10s %10s %10s\n", tests[test].label, "", "ours",
           "libssl", "at most");
    print_heap_line("bytes per established pair", (double)own->pair_bytes,
                    (double)other->pair_bytes, &pair_bytes_max);
    print_heap_line("peak bytes during a handshake pair", (double)own->peak_bytes,
                    (double)other->peak_bytes, &peak_bytes_max);
    print_heap_line("allocations per handshake pair", (double)own->allocations,
                    (double)other->allocations, &allocations_max);
    printf("%-46s %10.0f %10s %10.0f %s\n", "... of libschannel itself",
           (double)own->allocations_own, "", allocations_own_max.value,
           verdict_max((double)own->allocations_own, &allocations_own_max));
}

static void report_record_heap(const struct results *r, size_t test)
{
    const struct heap_result *own = &r->heap[test][SUBJECT_SCHANNEL];
    const struct heap_result *other = &r->heap[test][SUBJECT_LIBSSL];
    double per = RECORDS_COUNTED;
    printf(
        "%-34s allocations per EncryptMessage %.3f, DecryptMessage %.3f %s (libssl %.3f, %.3f)\n",
        tests[test].label, (double)own->seal_allocations / per, (double)own->open_allocations / per,
        verdict_max((double)(own->seal_allocations + own->open_allocations),
                    &record_allocations_max),
        (double)other->seal_allocations / per, (double)other->open_allocations / per);
}

static void report_heap(const struct results *r)
{
    for (size_t i = 0; i < test_count; i++) {
        if (tests[i].kind == TEST_HANDSHAKE && test_counts_heap(&tests[i]))
            report_handshake_heap(r, i);
    }
    printf("\n");
    for (size_t i = 0; i < test_count; i++) {
        if (tests[i].kind == TEST_RECORDS && test_counts_heap(&tests[i]))
            report_record_heap(r, i);
    }
}

/* ---- instructions ---------------------------------------------------------------------- */

static void report_instructions(const struct results *r)
{
    printf(
        "\nInstructions per handshake pair, in thousands (callgrind)\n%-34s %9s %9s %9s %9s %12s\n",
        "", "ours", "own code", "libssl", "floor", "above floor");
    for (size_t i = 0; i < test_count; i++) {
        const struct instructions *of = r->instructions[i];
        if (of[SUBJECT_SCHANNEL].total == 0)
            continue;
        double above = of[SUBJECT_SCHANNEL].total - of[SUBJECT_FLOOR].total;
        printf("%-34s %9.0f %9.0f %9.0f %9.0f %12.0f", tests[i].label,
               of[SUBJECT_SCHANNEL].total / 1e3, of[SUBJECT_SCHANNEL].own / 1e3,
               of[SUBJECT_LIBSSL].total / 1e3, of[SUBJECT_FLOOR].total / 1e3, above / 1e3);
        if (i == 0)
            printf("  (at most %.0f) %s", instructions_above_floor_max.value / 1e3,
                   verdict_max(above, &instructions_above_floor_max));
        printf("\n");
    }
}

/* ---- absolute -------------------------------------------------------------------------- */

static void print_absolute(const struct test *t, double ns)
{
    if (ns == 0)
        printf(" %14s", "-");
    else if (t->kind != TEST_RECORDS)
        printf(" %12.0f/s", 1e9 / ns);
    else
        printf(" %10.3f GB/s", (double)t->record_len / ns);
}

static void report_absolute(const struct results *r)
{
    printf("\nAbsolute (medians; data: payload, sealed and opened)\n%-34s %15s %15s %15s %15s\n",
           "", "libschannel", "libssl", "floor", "raw EVP");
    for (size_t i = 0; i < test_count; i++) {
        printf("%-34s", tests[i].label);
        for (int s = 0; s < SUBJECT_COUNT; s++)
            print_absolute(&tests[i], results_median_ns(r, i, s));
        printf("\n");
    }
}

void report_text(const struct results *r)
{
    printf("%s, %s\n%s\n%u rounds of %.2f s a test, thread CPU time, ", r->libcrypto, r->cpu,
           r->features, r->rounds, r->seconds);
    if (r->core >= 0)
        printf("core %d\n", r->core);
    else
        printf("not pinned\n");
    printf("Ratios: median (smallest-largest) of the ratios inside a round; more is faster.\n"
           "\"below\" misses a target, \"MISSED\" a requirement.\n");
    report_speed(
        r, TEST_HANDSHAKE,
        "Full handshakes, both sides: X25519, AES-128-GCM, leaf and intermediate sent, chain "
        "and\nname verified against the root, nothing resumed, nothing cached unless it says so",
        SUBJECT_FLOOR, "share of floor");
    report_chains(r);
    report_speed(r, TEST_RECORDS, "Records: one EncryptMessage and the DecryptMessage of it",
                 SUBJECT_RAW, "share of raw EVP");
    if (r->has_heap)
        report_heap(r);
    if (r->has_instructions)
        report_instructions(r);
    report_absolute(r);
}
