/* SPDX-License-Identifier: MIT */
/*
 * Object identifiers as dotted decimals (X.690 8.19), without libcrypto's table of names and its
 * formatter: a certificate has about ten of them, and they are spelled at each handshake.
 */
#include "crypt32/cert.h"

enum { DECIMAL_MAX = 20, FIRST_ARC = 40 };

/* Appends ".value"; false when the rest of the text is too short. */
static bool put_arc(char *text, size_t cap, size_t *n, uint64_t value, bool is_first)
{
    char digits[DECIMAL_MAX];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    if (cap - *n <= count + 1)
        return false;
    if (!is_first)
        text[(*n)++] = '.';
    while (count != 0)
        text[(*n)++] = digits[--count];
    return true;
}

/* The first number stands for two: 40 times the first arc plus the second. */
static bool put_first(char *text, size_t cap, size_t *n, uint64_t value)
{
    uint64_t arc = value < FIRST_ARC ? 0 : value < (uint64_t)2 * FIRST_ARC ? 1 : 2;
    return put_arc(text, cap, n, arc, true) &&
           put_arc(text, cap, n, value - FIRST_ARC * arc, false);
}

size_t oid_text(struct span content, char *text, size_t cap)
{
    size_t n = 0;
    uint64_t value = 0;
    bool is_first = true;
    if (content.n == 0 || cap == 0 || (content.p[content.n - 1] & 0x80) != 0)
        return 0;
    for (size_t i = 0; i < content.n; i++) {
        if (value > UINT64_MAX >> 7)
            return 0;
        value = value << 7 | (content.p[i] & 0x7Fu);
        if ((content.p[i] & 0x80) != 0)
            continue;
        if (!(is_first ? put_first(text, cap, &n, value) : put_arc(text, cap, &n, value, false)))
            return 0;
        is_first = false;
        value = 0;
    }
    text[n] = 0;
    return n;
}

size_t oid_text_of(const ASN1_OBJECT *object, char *text, size_t cap)
{
    size_t n = oid_text(span_of(OBJ_get0_data(object), OBJ_length(object)), text, cap);
    if (n != 0)
        return n;
    /* An arc beyond 64 bits: rare, and libcrypto can spell it. */
    int len = OBJ_obj2txt(text, (int)cap, object, 1);
    return len > 0 && (size_t)len < cap ? (size_t)len : 0;
}
