/* SPDX-License-Identifier: MIT */
/*
 * The reader: every call at every length of input, stickiness, vectors at their bounds, and that
 * not a byte outside the span is looked at (each input is a block of its own, for the sanitizer).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "util/util.h"

/* ---- one script of reads over every prefix of its input -------------------------------- */

enum step_kind { U8, U16, U24, U32, TAKE, COPY, VEC1, VEC2, VEC3, REST, END_OF_SCRIPT };

struct step {
    enum step_kind kind;
    size_t n;   /* TAKE, COPY: bytes; VEC: the minimum */
    size_t max; /* VEC */
};

enum { STEPS_MAX = 8 };

struct script {
    struct step steps[STEPS_MAX];
    const char *input;
    size_t n;
};

/* Written a second time, without the reader: how many bytes a step eats, or SIZE_MAX. */
static size_t eaten(const struct step *step, const uint8_t *p, size_t left)
{
    size_t width = step->kind == U8 ? 1 : step->kind == U16 ? 2 : step->kind == U24 ? 3 : 4;
    size_t vec_width = step->kind == VEC1 ? 1 : step->kind == VEC2 ? 2 : 3;
    size_t length = 0;
    switch (step->kind) {
    case U8:
    case U16:
    case U24:
    case U32:
        return width <= left ? width : SIZE_MAX;
    case TAKE:
    case COPY:
        return step->n <= left ? step->n : SIZE_MAX;
    case REST:
        return left;
    case VEC1:
    case VEC2:
    case VEC3:
        if (left < vec_width)
            return SIZE_MAX;
        for (size_t i = 0; i < vec_width; i++)
            length = length * 256 + p[i];
        if (length < step->n || length > step->max || length > left - vec_width)
            return SIZE_MAX;
        return vec_width + length;
    case END_OF_SCRIPT:
        break;
    }
    return 0;
}

static void perform(struct rd *r, const struct step *step)
{
    uint8_t copied[64];
    switch (step->kind) {
    case U8:
        rd_u8(r);
        break;
    case U16:
        rd_u16(r);
        break;
    case U24:
        rd_u24(r);
        break;
    case U32:
        rd_u32(r);
        break;
    case TAKE:
        rd_take(r, step->n);
        break;
    case COPY:
        rd_copy(r, copied, step->n);
        break;
    case VEC1:
        rd_vec(r, 1, step->n, step->max);
        break;
    case VEC2:
        rd_vec(r, 2, step->n, step->max);
        break;
    case VEC3:
        rd_vec(r, 3, step->n, step->max);
        break;
    case REST:
        rd_rest(r);
        break;
    case END_OF_SCRIPT:
        break;
    }
}

typedef void (*perform_fn)(struct rd *r, const struct step *step);

/* Whether the reader and the second reckoning agree after each step, for this prefix. */
static bool agrees(const struct script *script, size_t n, perform_fn act)
{
    uint8_t *copy = mem_dup(script->input, n);
    struct rd r = rd_from(span_of(copy, n));
    size_t at = 0;
    bool bad = false;
    bool fits = true;
    for (size_t i = 0; i < STEPS_MAX && script->steps[i].kind != END_OF_SCRIPT; i++) {
        size_t step = bad ? SIZE_MAX : eaten(&script->steps[i], copy + at, n - at);
        bad = bad || step == SIZE_MAX;
        at = bad ? n : at + step;
        act(&r, &script->steps[i]);
        fits = fits && r.bad == bad && rd_left(&r) == n - at && rd_end(&r) == (!bad && at == n);
    }
    mem_free(copy);
    return fits;
}

#define INPUT(text) text, sizeof text - 1
#define END                                                                                        \
    {                                                                                              \
        END_OF_SCRIPT, 0, 0                                                                        \
    }

static const struct script scripts[] = {
    {{{U8, 0, 0}, {U16, 0, 0}, {U24, 0, 0}, {U32, 0, 0}, END}, INPUT("0123456789")},
    {{{TAKE, 3, 0}, {COPY, 4, 0}, {TAKE, 0, 0}, {COPY, 0, 0}, END}, INPUT("01234567")},
    {{{VEC1, 0, 255}, {U8, 0, 0}, END}, INPUT("\003abcd")},
    {{{VEC1, 3, 3}, {VEC1, 0, 0}, END}, INPUT("\003abc\000x")},
    {{{VEC1, 4, 255}, {U8, 0, 0}, END}, INPUT("\003abcd")},
    {{{VEC1, 0, 2}, {U8, 0, 0}, END}, INPUT("\003abcd")},
    {{{VEC2, 0, 65535}, {VEC3, 0, 16777215}, END}, INPUT("\000\002ab\000\000\001c")},
    {{{VEC2, 0, 300}, END}, INPUT("\001\000abc")},
    {{{VEC3, 1, 2}, {REST, 0, 0}, END}, INPUT("\000\000\002abrest")},
    {{{REST, 0, 0}, {REST, 0, 0}, {TAKE, 0, 0}, END}, INPUT("abc")},
    {{{U32, 0, 0}, {TAKE, SIZE_MAX, 0}, END}, INPUT("abcdefg")},
    {{{VEC3, 0, SIZE_MAX}, {U8, 0, 0}, END}, INPUT("\377\377\377abc")},
};

static void every_truncation(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
        for (size_t n = 0; n <= scripts[i].n; n++)
            assert_true(agrees(&scripts[i], n, perform));
    }
}

/* ---- values ---------------------------------------------------------------------------- */

static void values(void **state)
{
    uint8_t out[3] = {9, 9, 9};
    (void)state;
    struct rd r = rd_from(span_of("\x01\x23\x45\x67\x89\xAB\xCD\xEF\xFE\xDC", 10));
    assert_int_equal(rd_u8(&r), 0x01);
    assert_int_equal(rd_u16(&r), 0x2345);
    assert_int_equal(rd_u24(&r), 0x6789AB);
    assert_int_equal(rd_u32(&r), 0xCDEFFEDC);
    assert_true(rd_end(&r));
    /* Behind a failure there are only zeros and empty spans. */
    r = rd_from(span_of("\xFF", 1));
    assert_int_equal(rd_u16(&r), 0);
    assert_true(r.bad);
    assert_int_equal(rd_u8(&r), 0);
    assert_int_equal(rd_take(&r, 0).n, 0);
    rd_copy(&r, out, sizeof out);
    assert_memory_equal(out, "\0\0\0", 3);
    assert_false(rd_end(&r));
    struct span rest = rd_rest(&r);
    assert_int_equal(rest.n, 0);
    assert_non_null(rest.p);
}

static void spans(void **state)
{
    (void)state;
    assert_non_null(span_of(NULL, 0).p);
    assert_non_null(span_empty().p);
    assert_true(span_equal(span_of(NULL, 0), span_empty()));
    assert_true(span_equal(span_text("abc"), span_of("abcd", 3)));
    assert_false(span_equal(span_text("abc"), span_text("abd")));
    assert_false(span_equal(span_text("abc"), span_text("ab")));
    mem_copy(NULL, NULL, 0);
    mem_move(NULL, NULL, 0);
    struct rd r = rd_from(span_empty());
    assert_true(rd_end(&r));
    rd_fail(&r);
    assert_false(rd_end(&r));
}

/* ---- planted --------------------------------------------------------------------------- */

static void forgetful(struct rd *r, const struct step *step)
{
    perform(r, step);
    r->bad = false;
}

static void greedy(struct rd *r, const struct step *step)
{
    perform(r, step);
    if (rd_left(r) != 0)
        rd_u8(r);
}

static int disagreements(perform_fn act)
{
    int n = 0;
    for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
        for (size_t k = 0; k <= scripts[i].n; k++)
            n += !agrees(&scripts[i], k, act);
    }
    return n;
}

static void positive_control(void **state)
{
    (void)state;
    assert_true(disagreements(forgetful) > 20);
    assert_true(disagreements(greedy) > 20);
    assert_int_equal(disagreements(perform), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_truncation),
        cmocka_unit_test(values),
        cmocka_unit_test(spans),
        cmocka_unit_test(positive_control),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
