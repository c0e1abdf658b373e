/* SPDX-License-Identifier: MIT */
/* The allocator, secrets and errors: sizes, wiping, fault injection, comparison, names of reasons.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "util/util.h"

/* ---- allocation ------------------------------------------------------------------------ */

static void sizes(void **state)
{
    static const size_t all[] = {0, 1, 7, 8, 15, 16, 17, 255, 4096, 100000};
    (void)state;
    int64_t live = mem_live();
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        uint8_t *p = mem_alloc(all[i]);
        assert_non_null(p);
        assert_int_equal(mem_size(p), all[i]);
        assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
        for (size_t j = 0; j < all[i]; j++)
            assert_int_equal(p[j], 0);
        memset(p, 0xFF, all[i]);
        assert_int_equal(mem_live(), live + 1);
        mem_free(p);
    }
    mem_free(NULL);
    assert_int_equal(mem_size(NULL), 0);
    assert_int_equal(mem_live(), live);
}

static void overflows(void **state)
{
    (void)state;
    assert_null(mem_alloc(SIZE_MAX));
    assert_null(mem_alloc(SIZE_MAX - 8));
    assert_null(mem_array(SIZE_MAX / 2, 3));
    assert_null(mem_array(2, SIZE_MAX / 2 + 1));
    void *none = mem_array(0, SIZE_MAX);
    assert_non_null(none);
    mem_free(none);
    void *copy = mem_dup(NULL, 0);
    assert_non_null(copy);
    mem_free(copy);
    copy = mem_dup("abc", 3);
    assert_memory_equal(copy, "abc", 3);
    mem_free(copy);
}

/* Which of six allocations fail, as a text of digits. */
static const char *pattern(uint64_t n, bool all_after)
{
    static char text[7];
    mem_fail_at(n, all_after);
    for (int i = 0; i < 6; i++) {
        void *p = mem_alloc(1);
        text[i] = p != NULL ? '1' : '0';
        mem_free(p);
    }
    mem_fail_at(0, false);
    return text;
}

static void failures(void **state)
{
    (void)state;
    assert_string_equal(pattern(0, false), "111111");
    assert_string_equal(pattern(1, false), "011111");
    assert_string_equal(pattern(4, false), "111011");
    assert_string_equal(pattern(1, true), "000000");
    assert_string_equal(pattern(4, true), "111000");
    assert_string_equal(pattern(7, true), "111111");
    uint64_t before = mem_count();
    pattern(1, true);
    assert_int_equal(mem_count() - before, 6); /* failed ones are counted, too */
}

static void *other_thread(void *arg)
{
    void *p = mem_alloc(1);
    *(bool *)arg = p != NULL && mem_count() == 1;
    mem_free(p);
    return NULL;
}

static void of_this_thread_only(void **state)
{
    pthread_t thread;
    bool worked = false;
    (void)state;
    mem_fail_at(1, true);
    pthread_create(&thread, NULL, other_thread, &worked);
    pthread_join(thread, NULL);
    mem_fail_at(0, false);
    assert_true(worked);
}

/* ---- secrets --------------------------------------------------------------------------- */

typedef bool (*equal_fn)(const void *a, const void *b, size_t n);

/* Equal blocks are, and blocks that differ in any one bit are not. */
static bool compares_rightly(equal_fn equal)
{
    uint8_t a[SECRET_MAX];
    uint8_t b[SECRET_MAX];
    for (size_t i = 0; i < sizeof a; i++)
        a[i] = b[i] = (uint8_t)(i * 7);
    bool fits = equal(a, b, sizeof a) && equal(a, b, 0);
    for (size_t bit = 0; bit < 8 * sizeof a; bit++) {
        b[bit / 8] ^= (uint8_t)(1 << bit % 8);
        fits = fits && !equal(a, b, sizeof a) && equal(a, b, bit / 8);
        b[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    return fits;
}

static void comparison(void **state)
{
    (void)state;
    assert_true(compares_rightly(ct_equal));
    assert_true(ct_equal(NULL, NULL, 0));
}

static void wiping(void **state)
{
    struct secret s = {.b = "secret", .n = 6};
    (void)state;
    assert_true(span_equal(secret_span(&s), span_text("secret")));
    secret_wipe(&s);
    assert_int_equal(s.n, 0);
    for (size_t i = 0; i < SECRET_MAX; i++)
        assert_int_equal(s.b[i], 0);
    mem_wipe(NULL, 0);
}

/* ---- errors ---------------------------------------------------------------------------- */

static err raise_here(err code)
{
    return FAIL(code);
}

static err try_it(err code)
{
    TRY(raise_here(code));
    return ERR_ARGUMENT;
}

static err ensure_it(bool holds)
{
    ENSURE(holds);
    return OK;
}

static void reasons(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ERR_COUNT; i++) {
        assert_non_null(err_name((err)i));
        assert_true(strlen(err_text((err)i)) > 5);
        for (unsigned j = 0; j < i; j++) {
            assert_string_not_equal(err_name((err)i), err_name((err)j));
            assert_string_not_equal(err_text((err)i), err_text((err)j));
        }
    }
    assert_string_equal(err_name(OK), "OK");
    assert_string_equal(err_name(ERR_COUNT), "ERR_UNKNOWN");
    assert_non_null(err_text(ERR_COUNT));
    assert_int_equal(try_it(ERR_DECODE), ERR_DECODE);
    assert_string_equal(err_last_place()->function, "raise_here");
    assert_int_equal(err_last_place()->code, ERR_DECODE);
    assert_int_equal(try_it(OK), ERR_ARGUMENT);
    assert_int_equal(ensure_it(false), ERR_INTERNAL);
    assert_string_equal(err_last_place()->function, "ensure_it");
    assert_int_equal(ensure_it(true), OK);
}

/* ---- planted --------------------------------------------------------------------------- */

static bool equal_first_half(const void *a, const void *b, size_t n)
{
    return ct_equal(a, b, n / 2);
}

static bool never_equal(const void *a, const void *b, size_t n)
{
    return n == 0 && a != b;
}

static void positive_control(void **state)
{
    (void)state;
    assert_false(compares_rightly(equal_first_half));
    assert_false(compares_rightly(never_equal));
    assert_string_not_equal(pattern(2, false), "111111");
    void *leaked = mem_alloc(1);
    int64_t live = mem_live();
    mem_free(leaked);
    assert_int_not_equal(mem_live(), live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes),      cmocka_unit_test(overflows),
        cmocka_unit_test(failures),   cmocka_unit_test(of_this_thread_only),
        cmocka_unit_test(comparison), cmocka_unit_test(wiping),
        cmocka_unit_test(reasons),    cmocka_unit_test(positive_control),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
