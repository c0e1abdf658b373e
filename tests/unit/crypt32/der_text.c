/* SPDX-License-Identifier: MIT */
#include "der_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DEPTH_MAX = 16 };

static size_t put_length(uint8_t *out, size_t n)
{
    size_t bytes = n < 0x80 ? 0 : n < 0x100 ? 1 : 2;
    if (bytes == 0)
        out[0] = (uint8_t)n;
    else
        out[0] = (uint8_t)(0x80 | bytes);
    for (size_t i = 0; i < bytes; i++)
        out[1 + i] = (uint8_t)(n >> (8 * (bytes - 1 - i)));
    return bytes + 1;
}

/* Moves the content up and puts its length in front. */
static size_t close_element(uint8_t *content, size_t n)
{
    uint8_t length[3];
    size_t bytes = put_length(length, n);
    memmove(content + bytes, content, n);
    memcpy(content, length, bytes);
    return bytes;
}

size_t der_from_text(const char *text, uint8_t out[DER_TEXT_MAX])
{
    size_t opened[DEPTH_MAX];
    size_t depth = 0;
    size_t n = 0;
    for (const char *p = text; *p != 0; p++) {
        assert_true(n + 4 < DER_TEXT_MAX);
        if (*p == '(') {
            assert_true(depth < DEPTH_MAX);
            opened[depth++] = n;
        } else if (*p == ')') {
            assert_true(depth != 0);
            depth--;
            n += close_element(out + opened[depth], n - opened[depth]);
        } else if (*p != ' ') {
            char digits[3] = {p[0], p[1], 0};
            char *end;
            out[n++] = (uint8_t)strtoul(digits, &end, 16);
            assert_ptr_equal(end, digits + 2);
            p++;
        }
    }
    assert_int_equal(depth, 0);
    return n;
}
