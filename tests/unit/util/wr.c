/* SPDX-License-Identifier: MIT */
/* The bounded buffer and the writer: every limit, stickiness, nested lengths, failed growth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "util/util.h"

/* 1 + 2 + 3 + 4 + 5 + (2 + 3) + (1 + (2 + 2)) = 25 bytes. */
static void write_all(struct buf *b)
{
    wr_u8(b, 0x01);
    wr_u16(b, 0x0203);
    wr_u24(b, 0x040506);
    wr_u32(b, 0x0708090A);
    wr_bytes(b, span_text("bytes"));
    wr_vec(b, 2, span_text("vec"));
    struct wr_mark outer = wr_open(b, 1);
    struct wr_mark inner = wr_open(b, 2);
    wr_u16(b, 0xBBAA);
    wr_close(b, inner);
    wr_close(b, outer);
}

static const uint8_t expected[] = {1,   2,   3, 4, 5,   6,   7,   8, 9, 10, 'b',  'y', 't',
                                   'e', 's', 0, 3, 'v', 'e', 'c', 4, 0, 2,  0xBB, 0xAA};

typedef void (*write_fn)(struct buf *b);

/* With this limit: all of it, or an error, nothing behind the limit, nothing after the error. */
static bool bounded(size_t max, write_fn act)
{
    struct buf b;
    buf_init(&b, max);
    act(&b);
    bool fits =
        max >= sizeof expected
            ? buf_check(&b) == OK && span_equal(buf_span(&b), span_of(expected, sizeof expected))
            : buf_check(&b) == ERR_OUTPUT_TOO_SMALL && b.n <= max && b.cap <= max;
    size_t n = b.n;
    wr_u8(&b, 1);
    fits = fits && (max > sizeof expected ? b.n == n + 1 : b.n == n);
    buf_release(&b);
    return fits && b.p == NULL && b.n == 0 && b.max == max && b.failed == OK;
}

static void every_limit(void **state)
{
    (void)state;
    for (size_t max = 0; max <= sizeof expected + 2; max++)
        assert_true(bounded(max, write_all));
    assert_true(bounded(SIZE_MAX, write_all));
}

static void every_allocation(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        struct buf b;
        int64_t live = mem_live();
        buf_init(&b, 1 << 20);
        mem_fail_at(n, false);
        for (int i = 0; i < 1000; i++)
            write_all(&b);
        mem_fail_at(0, false);
        err result = buf_check(&b);
        size_t length = b.n;
        buf_release(&b);
        assert_int_equal(mem_live(), live);
        if (result == OK) {
            assert_int_equal(length, 1000 * sizeof expected);
            assert_true(n > 6);
            break;
        }
        assert_int_equal(result, ERR_NO_MEMORY);
    }
}

static void lengths_at_their_bounds(void **state)
{
    static const struct {
        unsigned width;
        size_t n;
        err result;
    } rows[] = {
        {1, 0, OK},
        {1, 255, OK},
        {1, 256, ERR_OUTPUT_TOO_SMALL},
        {2, 65535, OK},
        {2, 65536, ERR_OUTPUT_TOO_SMALL},
        {3, 65536, OK},
        {3, 16777215, OK},
        {3, 16777216, ERR_OUTPUT_TOO_SMALL},
    };
    static uint8_t bytes[16777216];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf b;
        buf_init(&b, sizeof bytes + 16);
        wr_vec(&b, rows[i].width, span_of(bytes, rows[i].n));
        assert_int_equal(buf_check(&b), rows[i].result);
        struct rd r = rd_from(buf_span(&b));
        if (rows[i].result == OK) {
            assert_int_equal(rd_vec(&r, rows[i].width, 0, sizeof bytes).n, rows[i].n);
            assert_true(rd_end(&r));
        }
        buf_release(&b);
    }
}

static void clear_and_drop(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, 100);
    buf_drop(&b, 0);
    wr_bytes(&b, span_text("0123456789"));
    buf_drop(&b, 4);
    assert_true(span_equal(buf_span(&b), span_text("456789")));
    buf_drop(&b, 6);
    assert_int_equal(b.n, 0);
    wr_bytes(&b, span_text("secret"));
    uint8_t *p = b.p;
    buf_clear(&b);
    assert_int_equal(b.n, 0);
    assert_ptr_equal(b.p, p);
    assert_memory_equal(p, "\0\0\0\0\0\0", 6); /* wiped */
    assert_int_equal(buf_reserve(&b, 100), OK);
    assert_int_equal(buf_reserve(&b, 101), ERR_OUTPUT_TOO_SMALL);
    assert_int_equal(buf_reserve(&b, 1), ERR_OUTPUT_TOO_SMALL); /* sticky */
    buf_clear(&b);
    assert_int_equal(buf_reserve(&b, SIZE_MAX), ERR_OUTPUT_TOO_SMALL);
    buf_release(&b);
    wr_u8(&b, 7);
    assert_int_equal(b.n, 1);
    buf_release(&b);
    buf_release(&b);
}

/* ---- planted --------------------------------------------------------------------------- */

static void write_wrong_value(struct buf *b)
{
    write_all(b);
    if (b->n > 3)
        b->p[3] ^= 1;
}

static void write_through_failure(struct buf *b)
{
    write_all(b);
    b->failed = OK;
}

static void positive_control(void **state)
{
    (void)state;
    assert_false(bounded(100, write_wrong_value));
    assert_false(bounded(10, write_through_failure));
    assert_true(bounded(100, write_through_failure));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_limit),
        cmocka_unit_test(every_allocation),
        cmocka_unit_test(lengths_at_their_bounds),
        cmocka_unit_test(clear_and_drop),
        cmocka_unit_test(positive_control),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
