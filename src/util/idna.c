/* SPDX-License-Identifier: MIT */
/* Internationalised host names to ASCII: labels apart, and Punycode (RFC 3492) for each. */
#include "util/idna.h"

enum { LABEL_MAX = 63, NOT_A_CHARACTER = 0x110000 };

/* ---- UTF-8 ----------------------------------------------------------------------------- */

/* The next character, or NOT_A_CHARACTER: only the shortest spelling of a scalar value counts. */
static uint32_t next_character(struct span *rest)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    uint8_t first = rest->p[0];
    unsigned more = first < 0x80 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
    uint32_t c = more == 0 ? first : first & (0x3FU >> more);
    if ((first >= 0x80 && first < 0xC2) || first > 0xF4 || rest->n <= more)
        return NOT_A_CHARACTER;
    for (unsigned i = 1; i <= more; i++) {
        if ((rest->p[i] & 0xC0) != 0x80)
            return NOT_A_CHARACTER;
        c = c << 6 | (rest->p[i] & 0x3FU);
    }
    *rest = span_of(rest->p + more + 1, rest->n - more - 1);
    bool is_scalar = c >= least[more] && c < NOT_A_CHARACTER && (c < 0xD800 || c > 0xDFFF);
    return is_scalar ? c : NOT_A_CHARACTER;
}

/* ---- Punycode (RFC 3492 6) ------------------------------------------------------------- */

enum { BASE = 36, T_MIN = 1, T_MAX = 26, SKEW = 38, DAMP = 700, FIRST_BIAS = 72, FIRST_N = 128 };

struct text {
    char *p;
    size_t n;
    size_t max;
    bool is_full;
};

static void put(struct text *out, char c)
{
    out->is_full = out->is_full || out->n == out->max;
    if (!out->is_full)
        out->p[out->n++] = c;
}

static char digit(uint32_t value)
{
    return (char)(value < 26 ? 'a' + value : '0' + (value - 26));
}

static uint32_t adapt(uint32_t delta, uint32_t count, bool is_first)
{
    uint32_t k = 0;
    delta = is_first ? delta / DAMP : delta / 2;
    delta += delta / count;
    for (; delta > (BASE - T_MIN) * T_MAX / 2; k += BASE)
        delta /= BASE - T_MIN;
    return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

static void put_delta(struct text *out, uint32_t delta, uint32_t bias)
{
    for (uint32_t k = BASE;; k += BASE) {
        uint32_t t = k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;
        if (delta < t)
            break;
        put(out, digit(t + (delta - t) % (BASE - t)));
        delta = (delta - t) / (BASE - t);
    }
    put(out, digit(delta));
}

static uint32_t least_from(const uint32_t *label, size_t n, uint32_t from)
{
    uint32_t least = NOT_A_CHARACTER;
    for (size_t i = 0; i < n; i++) {
        if (label[i] >= from && label[i] < least)
            least = label[i];
    }
    return least;
}

/* With at most LABEL_MAX characters, no delta comes near 2^32. */
static void put_punycode(struct text *out, const uint32_t *label, size_t n)
{
    uint32_t basic = 0;
    for (size_t i = 0; i < n; i++) {
        if (label[i] < FIRST_N) {
            put(out, (char)label[i]);
            basic++;
        }
    }
    if (basic != 0)
        put(out, '-');
    uint32_t bias = FIRST_BIAS;
    uint32_t delta = 0;
    uint32_t handled = basic;
    for (uint32_t next = FIRST_N; handled < n; next++, delta++) {
        uint32_t least = least_from(label, n, next);
        delta += (least - next) * (handled + 1);
        next = least;
        for (size_t i = 0; i < n; i++) {
            if (label[i] < next)
                delta++;
            if (label[i] != next)
                continue;
            put_delta(out, delta, bias);
            bias = adapt(delta, handled + 1, handled == basic);
            delta = 0;
            handled++;
        }
    }
}

/* ---- names ----------------------------------------------------------------------------- */

/* RFC 3490 3.1: the ideographic and the two wide full stops part labels, too. */
static bool is_dot(uint32_t c)
{
    return c == '.' || c == 0x3002 || c == 0xFF0E || c == 0xFF61;
}

static void put_label(struct text *out, const uint32_t *label, size_t n)
{
    size_t start = out->n;
    bool is_ascii = least_from(label, n, FIRST_N) == NOT_A_CHARACTER;
    for (size_t i = 0; i < n && is_ascii; i++)
        put(out, (char)label[i]);
    if (is_ascii)
        return;
    for (const char *p = "xn--"; *p != 0; p++)
        put(out, *p);
    put_punycode(out, label, n);
    out->is_full = out->is_full || out->n - start > LABEL_MAX;
}

size_t idna_to_ascii(struct span utf8, char out[IDNA_NAME_MAX + 1])
{
    struct text text = {.p = out, .max = IDNA_NAME_MAX};
    uint32_t label[LABEL_MAX];
    size_t n = 0;
    while (utf8.n != 0 && !text.is_full) {
        uint32_t c = next_character(&utf8);
        bool is_control = c < ' ' || (c >= 0x7F && c < 0xA0);
        if (c == NOT_A_CHARACTER || is_control || (n == LABEL_MAX && !is_dot(c)))
            return 0;
        if (!is_dot(c)) {
            label[n++] = c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
            continue;
        }
        put_label(&text, label, n);
        put(&text, '.');
        n = 0;
    }
    put_label(&text, label, n);
    out[text.n] = 0;
    return text.is_full ? 0 : text.n;
}
