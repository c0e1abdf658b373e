/* SPDX-License-Identifier: MIT */
/*
 * Base64 (RFC 4648) with and without BEGIN and END lines, and the hexadecimal forms, as
 * CryptBinaryToString writes and CryptStringToBinary reads them. Decoding is as lenient as
 * Windows': unpadded tails are taken, what follows the padding is passed over unless
 * CRYPT_STRING_STRICT is given. Not constant-time: text of keys is read as it comes from a file.
 */
#include "crypt32/text.h"

enum { BASE64_LINE = 64, HEX_LINE = 16, ADDRESS_DIGITS = 4 };

static const char plain_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char uri_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char hex_digits[] = "0123456789abcdef";

static const char begin_line[] = "-----BEGIN ";
static const char end_line[] = "-----END ";
static const char dashes[] = "-----";

bool text_is_hex(DWORD form)
{
    return form == CRYPT_STRING_HEX || form == CRYPT_STRING_HEXRAW ||
           form == CRYPT_STRING_HEXADDR || form == CRYPT_STRING_HEXASCII ||
           form == CRYPT_STRING_HEXASCIIADDR;
}

/* ---- writing --------------------------------------------------------------------------- */

static void put(struct buf *out, const char *text)
{
    wr_bytes(out, span_text(text));
}

static const char *line_break(DWORD flags)
{
    if ((flags & CRYPT_STRING_NOCRLF) != 0)
        return "";
    return (flags & CRYPT_STRING_NOCR) != 0 ? "\n" : "\r\n";
}

static void put_quartet(struct buf *out, struct span bytes, const char *alphabet, bool padded)
{
    uint32_t value = (uint32_t)bytes.p[0] << 16;
    value |= bytes.n > 1 ? (uint32_t)bytes.p[1] << 8 : 0;
    value |= bytes.n > 2 ? bytes.p[2] : 0;
    for (unsigned i = 0; i <= bytes.n && i < 4; i++)
        wr_u8(out, (uint8_t)alphabet[value >> (18 - 6 * i) & 63]);
    for (size_t i = bytes.n; padded && i < 3; i++)
        wr_u8(out, '=');
}

/* Lines with an end each. */
static void put_base64(struct buf *out, struct span bytes, DWORD flags)
{
    bool is_uri = (flags & CRYPT_STRING_ENCODEMASK) == CRYPT_STRING_BASE64URI;
    const char *alphabet = is_uri ? uri_alphabet : plain_alphabet;
    for (size_t at = 0; at < bytes.n; at += 3) {
        size_t n = bytes.n - at < 3 ? bytes.n - at : 3;
        if (at != 0 && at % (BASE64_LINE / 4 * 3) == 0)
            put(out, line_break(flags));
        put_quartet(out, span_of(bytes.p + at, n), alphabet, !is_uri);
    }
    if (bytes.n != 0)
        put(out, line_break(flags));
}

static void put_headed(struct buf *out, struct span bytes, DWORD flags, const char *words)
{
    put(out, begin_line);
    put(out, words);
    put(out, dashes);
    put(out, line_break(flags));
    put_base64(out, bytes, flags);
    put(out, end_line);
    put(out, words);
    put(out, dashes);
    put(out, line_break(flags));
}

static void put_hex(struct buf *out, uint8_t byte)
{
    wr_u8(out, (uint8_t)hex_digits[byte >> 4]);
    wr_u8(out, (uint8_t)hex_digits[byte & 15]);
}

static void put_hex_raw(struct buf *out, struct span bytes, DWORD flags)
{
    for (size_t i = 0; i < bytes.n; i++)
        put_hex(out, bytes.p[i]);
    put(out, line_break(flags));
}

static bool has_address(DWORD form)
{
    return form == CRYPT_STRING_HEXADDR || form == CRYPT_STRING_HEXASCIIADDR;
}

static bool has_ascii(DWORD form)
{
    return form == CRYPT_STRING_HEXASCII || form == CRYPT_STRING_HEXASCIIADDR;
}

static void put_address(struct buf *out, size_t address)
{
    unsigned digits = ADDRESS_DIGITS;
    while (digits < 16 && address >> (4 * digits) != 0)
        digits++;
    while (digits-- != 0)
        wr_u8(out, (uint8_t)hex_digits[address >> (4 * digits) & 15]);
    put(out, "\t");
}

static void put_hex_line(struct buf *out, struct span line, DWORD form)
{
    for (size_t i = 0; i < HEX_LINE && (i < line.n || has_ascii(form)); i++) {
        put(out, i == 0 ? "" : i == HEX_LINE / 2 ? "  " : " ");
        if (i < line.n)
            put_hex(out, line.p[i]);
        else
            put(out, "  ");
    }
    if (!has_ascii(form))
        return;
    put(out, "   ");
    for (size_t i = 0; i < line.n; i++)
        wr_u8(out, line.p[i] >= 0x20 && line.p[i] < 0x7F ? line.p[i] : '.');
}

static void put_hex_lines(struct buf *out, struct span bytes, DWORD flags)
{
    DWORD form = flags & CRYPT_STRING_ENCODEMASK;
    bool joined = (flags & CRYPT_STRING_NOCRLF) != 0;
    for (size_t at = 0; at < bytes.n; at += HEX_LINE) {
        size_t n = bytes.n - at < HEX_LINE ? bytes.n - at : HEX_LINE;
        if (at != 0 && joined)
            put(out, " ");
        if (has_address(form))
            put_address(out, at);
        put_hex_line(out, span_of(bytes.p + at, n), form);
        put(out, line_break(flags));
    }
}

err text_encode(struct buf *out, struct span bytes, DWORD flags)
{
    switch (flags & CRYPT_STRING_ENCODEMASK) {
    case CRYPT_STRING_BASE64HEADER:
        put_headed(out, bytes, flags, "CERTIFICATE");
        break;
    case CRYPT_STRING_BASE64REQUESTHEADER:
        put_headed(out, bytes, flags, "NEW CERTIFICATE REQUEST");
        break;
    case CRYPT_STRING_BASE64X509CRLHEADER:
        put_headed(out, bytes, flags, "X509 CRL");
        break;
    case CRYPT_STRING_BASE64:
    case CRYPT_STRING_BASE64URI:
        put_base64(out, bytes, flags);
        break;
    case CRYPT_STRING_BINARY:
        wr_bytes(out, bytes);
        break;
    case CRYPT_STRING_HEXRAW:
        put_hex_raw(out, bytes, flags);
        break;
    case CRYPT_STRING_HEX:
    case CRYPT_STRING_HEXASCII:
    case CRYPT_STRING_HEXADDR:
    case CRYPT_STRING_HEXASCIIADDR:
        put_hex_lines(out, bytes, flags);
        break;
    default:
        return FAIL(ERR_ARGUMENT);
    }
    return buf_check(out);
}

/* ---- base64 ---------------------------------------------------------------------------- */

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_blanks(struct rd *r)
{
    while (rd_left(r) != 0 && is_blank(*r->p))
        rd_u8(r);
}

static int digit_of(uint8_t c, const char *alphabet)
{
    const char *at = c != 0 ? strchr(alphabet, c) : NULL;
    return at != NULL ? (int)(at - alphabet) : -1;
}

/* The padding after `digits` characters of the last quartet. */
static bool padding_fits(struct rd *r, unsigned digits, bool strict)
{
    if (digits == 1 || (digits == 0 && strict))
        return false;
    rd_u8(r);
    skip_blanks(r);
    if (digits == 2 && (rd_left(r) == 0 || rd_u8(r) != '='))
        return false;
    skip_blanks(r);
    return !strict || rd_left(r) == 0;
}

static void put_tail(struct buf *out, uint32_t value, unsigned digits, bool padded)
{
    /* A lone character stands for the upper six bits of a byte. */
    if (digits == 1 && !padded)
        wr_u8(out, value << 2 & 0xFF);
    if (digits == 2)
        wr_u8(out, value >> 4 & 0xFF);
    if (digits == 3)
        wr_u16(out, value >> 2 & 0xFFFF);
}

static bool base64_read(struct span text, const char *alphabet, bool strict, struct buf *out)
{
    struct rd r = rd_from(text);
    uint32_t value = 0;
    unsigned digits = 0;
    for (skip_blanks(&r); rd_left(&r) != 0 && *r.p != '='; skip_blanks(&r)) {
        int digit = digit_of(rd_u8(&r), alphabet);
        if (digit < 0)
            return false;
        value = value << 6 | (uint32_t)digit;
        if (++digits == 4) {
            wr_u24(out, value & 0xFFFFFF);
            digits = 0;
        }
    }
    bool padded = rd_left(&r) != 0;
    if (padded && !padding_fits(&r, digits, strict))
        return false;
    if (digits == 1 && strict)
        return false;
    put_tail(out, value, digits, padded);
    return true;
}

static size_t find(struct span text, size_t from, const char *what)
{
    size_t n = strlen(what);
    for (size_t at = from; at + n <= text.n; at++) {
        if (span_equal(span_of(text.p + at, n), span_of(what, n)))
            return at;
    }
    return SIZE_MAX;
}

static bool headed_read(struct span text, bool strict, struct buf *out, size_t *out_skipped)
{
    size_t begin = find(text, 0, begin_line);
    if (begin == SIZE_MAX)
        return false;
    size_t body = find(text, begin + strlen(begin_line), dashes);
    if (body == SIZE_MAX)
        return false;
    body += strlen(dashes);
    size_t end = find(text, body, end_line);
    if (end == SIZE_MAX)
        return false;
    *out_skipped = begin;
    return base64_read(span_of(text.p + body, end - body), plain_alphabet, strict, out);
}

/* ---- hexadecimal ----------------------------------------------------------------------- */

static int hex_value(uint8_t c)
{
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return digit_of(c, hex_digits);
}

static bool hex_byte(struct rd *r, struct buf *out)
{
    if (rd_left(r) < 2)
        return false;
    int high = hex_value(rd_u8(r));
    int low = hex_value(rd_u8(r));
    if (high < 0 || low < 0)
        return false;
    wr_u8(out, (unsigned)high << 4 | (unsigned)low);
    return true;
}

static void skip_separators(struct rd *r, bool blanks)
{
    while (rd_left(r) != 0 && (*r->p == '-' || *r->p == ',' || (blanks && is_blank(*r->p))))
        rd_u8(r);
}

static struct span trimmed(struct span text)
{
    while (text.n != 0 && is_blank(text.p[0]))
        text = span_of(text.p + 1, text.n - 1);
    while (text.n != 0 && is_blank(text.p[text.n - 1]))
        text.n--;
    return text;
}

static bool hex_read(struct span text, bool blanks, struct buf *out)
{
    struct rd r = rd_from(trimmed(text));
    while (rd_left(&r) != 0) {
        if (!hex_byte(&r, out))
            return false;
        skip_separators(&r, blanks);
    }
    return true;
}

static bool skip_address(struct rd *r)
{
    size_t digits = 0;
    skip_blanks(r);
    while (rd_left(r) != 0 && hex_value(*r->p) >= 0) {
        rd_u8(r);
        digits++;
    }
    return digits >= ADDRESS_DIGITS && rd_left(r) != 0 && is_blank(*r->p);
}

/* The bytes of a line; with an ASCII column, three blanks or the sixteenth byte end them. */
static bool hex_line_read(struct span line, DWORD form, struct buf *out)
{
    struct rd r = rd_from(line);
    if (has_address(form) && !skip_address(&r))
        return false;
    for (size_t bytes = 0;; bytes++) {
        const uint8_t *gap = r.p;
        skip_blanks(&r);
        if (rd_left(&r) == 0)
            return bytes != 0;
        if (has_ascii(form) && bytes != 0 && (r.p - gap >= 3 || bytes == HEX_LINE))
            return true;
        if ((bytes != 0 && r.p == gap) || !hex_byte(&r, out))
            return false;
    }
}

static bool hex_lines_read(struct span text, DWORD form, struct buf *out)
{
    struct rd r = rd_from(text);
    while (rd_left(&r) != 0) {
        const uint8_t *end = memchr(r.p, '\n', rd_left(&r));
        struct span line = rd_take(&r, end != NULL ? (size_t)(end - r.p) + 1 : rd_left(&r));
        if (trimmed(line).n != 0 && !hex_line_read(line, form, out))
            return false;
    }
    return true;
}

/* ---- choice ---------------------------------------------------------------------------- */

/* C text ends at the NUL, also when the caller counted it. */
static struct span until_nul(struct span text)
{
    const uint8_t *nul = memchr(text.p, 0, text.n);
    return nul != NULL ? span_of(text.p, (size_t)(nul - text.p)) : text;
}

static bool read_as(struct span whole, DWORD form, bool strict, struct buf *out, size_t *skipped)
{
    struct span text = until_nul(whole);
    buf_clear(out);
    *skipped = 0;
    switch (form) {
    case CRYPT_STRING_BASE64HEADER:
    case CRYPT_STRING_BASE64REQUESTHEADER:
    case CRYPT_STRING_BASE64X509CRLHEADER:
        return headed_read(text, strict, out, skipped);
    case CRYPT_STRING_BASE64:
        return base64_read(text, plain_alphabet, strict, out);
    case CRYPT_STRING_BASE64URI:
        return base64_read(text, uri_alphabet, strict, out);
    case CRYPT_STRING_BINARY:
        wr_bytes(out, whole);
        return true;
    case CRYPT_STRING_HEX:
    case CRYPT_STRING_HEXRAW:
        return hex_read(text, form == CRYPT_STRING_HEX, out);
    case CRYPT_STRING_HEXASCII:
    case CRYPT_STRING_HEXADDR:
    case CRYPT_STRING_HEXASCIIADDR:
        return hex_lines_read(text, form, out);
    default:
        return false;
    }
}

enum { TRIALS_MAX = 5 };
static const DWORD base64_trials[TRIALS_MAX] = {CRYPT_STRING_BASE64HEADER, CRYPT_STRING_BASE64,
                                                UINT32_MAX};
static const DWORD any_trials[TRIALS_MAX] = {CRYPT_STRING_BASE64HEADER, CRYPT_STRING_BASE64,
                                             CRYPT_STRING_BINARY, UINT32_MAX};
static const DWORD hex_trials[TRIALS_MAX] = {CRYPT_STRING_HEXADDR, CRYPT_STRING_HEXASCIIADDR,
                                             CRYPT_STRING_HEX, CRYPT_STRING_HEXRAW,
                                             CRYPT_STRING_HEXASCII};

err text_decode(struct span text, DWORD flags, struct buf *out, struct text_found *found)
{
    DWORD form = flags & CRYPT_STRING_ENCODEMASK;
    const DWORD alone[TRIALS_MAX] = {form, UINT32_MAX};
    const DWORD *trials = form == CRYPT_STRING_BASE64_ANY ? base64_trials
                          : form == CRYPT_STRING_ANY      ? any_trials
                          : form == CRYPT_STRING_HEX_ANY  ? hex_trials
                                                          : alone;
    bool strict = (flags & CRYPT_STRING_STRICT) != 0;
    for (size_t i = 0; i < TRIALS_MAX && trials[i] != UINT32_MAX; i++) {
        if (!read_as(text, trials[i], strict, out, &found->skipped))
            continue;
        found->form = trials[i];
        return buf_check(out);
    }
    return FAIL(ERR_DECODE);
}
