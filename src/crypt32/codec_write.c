/* SPDX-License-Identifier: MIT */
/*
 * The writer under all encoders: DER (X.690 8 to 11) into one growing buffer. An element's length
 * is put in when the element ends, so what was written since moves up when the length takes more
 * than a byte.
 */
#include "crypt32/codec.h"

#include <stdlib.h>

enum { OID_BYTES_MAX = 128 };

__extension__ typedef unsigned __int128 arc;

void enc_fail(struct encoder *e, DWORD error)
{
    if (e->error == 0)
        e->error = error;
}

void enc_fail_at(struct encoder *e, DWORD error, size_t index)
{
    if (e->error == 0) {
        e->error = error;
        e->where |= (DWORD)index & CERT_UNICODE_VALUE_ERR_INDEX_MASK;
    }
}

/* Whether more may be written. */
static bool is_fine(struct encoder *e)
{
    err result = buf_check(&e->out);
    if (result != OK)
        enc_fail(e, result == ERR_NO_MEMORY ? ERROR_NOT_ENOUGH_MEMORY : (DWORD)CRYPT_E_ASN1_LARGE);
    return e->error == 0;
}

/* ---- elements ---------------------------------------------------------------------------- */

size_t enc_begin(struct encoder *e, uint8_t tag)
{
    wr_u8(&e->out, tag);
    return e->out.n;
}

static unsigned length_bytes(size_t n)
{
    unsigned bytes = 1;
    while (n >> (8 * bytes) != 0)
        bytes++;
    return bytes;
}

void enc_end(struct encoder *e, size_t mark)
{
    if (!is_fine(e))
        return;
    size_t n = e->out.n - mark;
    unsigned more = n < 0x80 ? 0 : length_bytes(n);
    if (buf_reserve(&e->out, more + 1) != OK)
        return;
    uint8_t *p = e->out.p + mark;
    mem_move(p + more + 1, p, n);
    *p = more == 0 ? (uint8_t)n : (uint8_t)(0x80 | more);
    for (unsigned i = 0; i < more; i++)
        p[1 + i] = (uint8_t)(n >> (8 * (more - 1 - i)));
    e->out.n += more + 1;
}

static int compare(const void *left, const void *right)
{
    const struct span *a = left;
    const struct span *b = right;
    for (size_t i = 0; i < a->n && i < b->n; i++) {
        if (a->p[i] != b->p[i])
            return a->p[i] < b->p[i] ? -1 : 1;
    }
    return a->n == b->n ? 0 : a->n < b->n ? -1 : 1;
}

/* Writes the elements of a copy back in order. */
static bool sort_elements(struct encoder *e, size_t mark, struct span copy)
{
    struct decoder d = {0};
    struct rd r = rd_from(copy);
    size_t count = asn_count(&d, &r);
    struct span *elements = mem_array(count, sizeof *elements);
    if (elements == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        elements[i] = asn_any(&d, &r);
    qsort(elements, count, sizeof *elements, compare);
    e->out.n = mark;
    for (size_t i = 0; i < count; i++)
        wr_bytes(&e->out, elements[i]);
    mem_free(elements);
    return d.error == 0;
}

void enc_end_set(struct encoder *e, size_t mark)
{
    if (!is_fine(e))
        return;
    size_t n = e->out.n - mark;
    uint8_t *copy = mem_dup(e->out.p + mark, n);
    if (copy == NULL || !sort_elements(e, mark, span_of(copy, n)))
        enc_fail(e, ERROR_NOT_ENOUGH_MEMORY);
    mem_free(copy);
    enc_end(e, mark);
}

void enc_element(struct encoder *e, uint8_t tag, struct span content)
{
    size_t mark = enc_begin(e, tag);
    wr_bytes(&e->out, content);
    enc_end(e, mark);
}

bool enc_list(struct encoder *e, DWORD count, const void *list)
{
    if (count != 0 && list == NULL)
        enc_fail(e, (DWORD)E_INVALIDARG);
    return e->error == 0;
}

struct span enc_blob(struct encoder *e, const CRYPT_DATA_BLOB *blob)
{
    return enc_list(e, blob->cbData, blob->pbData) ? span_of(blob->pbData, blob->cbData)
                                                   : span_empty();
}

void enc_der(struct encoder *e, const CRYPT_DATA_BLOB *blob)
{
    struct span bytes = enc_blob(e, blob);
    struct decoder d = {0};
    struct rd r = rd_from(bytes);
    asn_any(&d, &r);
    if (d.error != 0 || !rd_end(&r)) {
        enc_fail(e, (DWORD)CRYPT_E_BAD_ENCODE);
        return;
    }
    wr_bytes(&e->out, bytes);
}

/* ---- numbers ----------------------------------------------------------------------------- */

void enc_boolean(struct encoder *e, bool value)
{
    uint8_t byte = value ? 0xFF : 0;
    enc_element(e, DER_BOOLEAN, span_of(&byte, 1));
}

/* Big-endian two's complement with more sign than it needs. */
static void put_integer(struct encoder *e, uint8_t tag, struct span bytes)
{
    while (bytes.n > 1 && (bytes.p[0] == 0 || bytes.p[0] == 0xFF) &&
           (bytes.p[0] & 0x80) == (bytes.p[1] & 0x80))
        bytes = span_of(bytes.p + 1, bytes.n - 1);
    enc_element(e, tag, bytes);
}

void enc_int(struct encoder *e, uint8_t tag, int value)
{
    uint8_t bytes[4];
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)((uint32_t)value >> (24 - 8 * i));
    put_integer(e, tag, span_of(bytes, sizeof bytes));
}

void enc_dword(struct encoder *e, uint8_t tag, DWORD value)
{
    uint8_t bytes[5] = {0};
    for (unsigned i = 0; i < 4; i++)
        bytes[i + 1] = (uint8_t)(value >> (24 - 8 * i));
    put_integer(e, tag, span_of(bytes, sizeof bytes));
}

/* The blob's bytes the other way round behind one byte of sign. */
static void put_reversed(struct encoder *e, uint8_t tag, struct span le, uint8_t sign)
{
    uint8_t *bytes = mem_alloc(le.n + 1);
    if (bytes == NULL) {
        enc_fail(e, ERROR_NOT_ENOUGH_MEMORY);
        return;
    }
    bytes[0] = sign;
    for (size_t i = 0; i < le.n; i++)
        bytes[1 + i] = le.p[le.n - 1 - i];
    put_integer(e, tag, span_of(bytes, le.n + 1));
    mem_free(bytes);
}

void enc_integer(struct encoder *e, uint8_t tag, const CRYPT_INTEGER_BLOB *blob)
{
    struct span le = enc_blob(e, blob);
    bool is_negative = le.n != 0 && (le.p[le.n - 1] & 0x80) != 0;
    put_reversed(e, tag, le, is_negative ? 0xFF : 0);
}

void enc_unsigned(struct encoder *e, uint8_t tag, const CRYPT_UINT_BLOB *blob)
{
    put_reversed(e, tag, enc_blob(e, blob), 0);
}

void enc_unsigned_be(struct encoder *e, struct span magnitude)
{
    uint8_t zero = 0;
    while (magnitude.n > 1 && magnitude.p[0] == 0)
        magnitude = span_of(magnitude.p + 1, magnitude.n - 1);
    size_t mark = enc_begin(e, DER_INTEGER);
    if (magnitude.n == 0 || magnitude.p[0] >= 0x80)
        wr_bytes(&e->out, span_of(&zero, 1));
    wr_bytes(&e->out, magnitude);
    enc_end(e, mark);
}

/* ---- bits -------------------------------------------------------------------------------- */

static void put_bits(struct encoder *e, uint8_t tag, struct span bytes, unsigned unused)
{
    size_t mark = enc_begin(e, tag);
    wr_u8(&e->out, unused);
    if (bytes.n != 0) {
        wr_bytes(&e->out, span_of(bytes.p, bytes.n - 1));
        wr_u8(&e->out, bytes.p[bytes.n - 1] & ~((1u << unused) - 1) & 0xFF);
    }
    enc_end(e, mark);
}

static struct span bits_of(struct encoder *e, const CRYPT_BIT_BLOB *bits)
{
    if (bits->cUnusedBits > 7 || (bits->cbData == 0 && bits->cUnusedBits != 0))
        enc_fail(e, (DWORD)CRYPT_E_BAD_ENCODE);
    return enc_list(e, bits->cbData, bits->pbData) ? span_of(bits->pbData, bits->cbData)
                                                   : span_empty();
}

void enc_bits(struct encoder *e, uint8_t tag, const CRYPT_BIT_BLOB *bits)
{
    struct span bytes = bits_of(e, bits);
    put_bits(e, tag, bytes, bits->cUnusedBits & 7);
}

void enc_named_bits(struct encoder *e, uint8_t tag, const CRYPT_BIT_BLOB *bits)
{
    struct span bytes = bits_of(e, bits);
    unsigned unused = bits->cUnusedBits & 7;
    while (bytes.n != 0 && bytes.p[bytes.n - 1] >> unused == 0) {
        bytes.n--;
        unused = 0;
    }
    while (bytes.n != 0 && (bytes.p[bytes.n - 1] >> unused & 1) == 0)
        unused++;
    put_bits(e, tag, bytes, unused);
}

/* ---- object identifiers ------------------------------------------------------------------ */

static bool read_arc(const char **text, arc *out)
{
    const char *p = *text;
    arc value = 0;
    if (*p < '0' || *p > '9' || (p[0] == '0' && p[1] >= '0' && p[1] <= '9'))
        return false;
    for (; *p >= '0' && *p <= '9'; p++) {
        if (__builtin_mul_overflow(value, (arc)10, &value) ||
            __builtin_add_overflow(value, (arc)(*p - '0'), &value))
            return false;
    }
    *text = p;
    *out = value;
    return true;
}

static void put_arc(struct encoder *e, arc value)
{
    unsigned shift = 0;
    while (shift + 7 < 128 && value >> (shift + 7) != 0)
        shift += 7;
    for (; shift != 0; shift -= 7)
        wr_u8(&e->out, 0x80 | (unsigned)(value >> shift & 0x7F));
    wr_u8(&e->out, (unsigned)(value & 0x7F));
}

static bool put_oid(struct encoder *e, const char *text)
{
    arc first;
    arc value;
    if (!read_arc(&text, &first) || first > 2 || *text++ != '.' || !read_arc(&text, &value) ||
        (first < 2 && value > 39) || value > ~(arc)0 - 80)
        return false;
    put_arc(e, first * 40 + value);
    while (*text == '.') {
        text++;
        if (!read_arc(&text, &value))
            return false;
        put_arc(e, value);
    }
    return *text == 0;
}

void enc_oid(struct encoder *e, uint8_t tag, const char *oid)
{
    size_t mark = enc_begin(e, tag);
    if (oid == NULL || !put_oid(e, oid) || e->out.n - mark > OID_BYTES_MAX)
        enc_fail(e, (DWORD)CRYPT_E_ASN1_ERROR);
    enc_end(e, mark);
}

/* ---- time -------------------------------------------------------------------------------- */

struct civil {
    int64_t year;
    int64_t month;
    int64_t day;
    int64_t second; /* of the day */
};

/* The Gregorian calendar, in years that begin in March, in cycles of 400. */
static struct civil civil_of(FILETIME time)
{
    uint64_t ticks = (uint64_t)time.dwHighDateTime << 32 | time.dwLowDateTime;
    int64_t seconds = (int64_t)(ticks / 10000000);
    int64_t days = seconds / 86400 + 584694; /* from March of the year 0 */
    int64_t in_cycle = days % 146097;
    int64_t year = (in_cycle - in_cycle / 1460 + in_cycle / 36524 - in_cycle / 146096) / 365;
    int64_t in_year = in_cycle - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * in_year + 2) / 153;
    return (struct civil){.year = year + days / 146097 * 400 + (month >= 10 ? 1 : 0),
                          .month = month < 10 ? month + 3 : month - 9,
                          .day = in_year - (153 * month + 2) / 5 + 1,
                          .second = seconds % 86400};
}

static void put_decimal(struct encoder *e, int64_t value, unsigned digits)
{
    int64_t unit = 1;
    while (--digits != 0)
        unit *= 10;
    for (; unit != 0; unit /= 10)
        wr_u8(&e->out, (unsigned)('0' + value / unit % 10));
}

static void put_time(struct encoder *e, const struct civil *civil, bool is_utc)
{
    size_t mark = enc_begin(e, is_utc ? DER_UTC_TIME : DER_GENERALIZED_TIME);
    put_decimal(e, civil->year, is_utc ? 2 : 4);
    put_decimal(e, civil->month, 2);
    put_decimal(e, civil->day, 2);
    put_decimal(e, civil->second / 3600, 2);
    put_decimal(e, civil->second / 60 % 60, 2);
    put_decimal(e, civil->second % 60, 2);
    wr_u8(&e->out, 'Z');
    enc_end(e, mark);
}

static bool fits_utc_time(const struct civil *civil)
{
    return civil->year >= 1950 && civil->year < 2050;
}

void enc_time(struct encoder *e, FILETIME time)
{
    struct civil civil = civil_of(time);
    if (civil.year > 9999)
        enc_fail(e, (DWORD)CRYPT_E_BAD_ENCODE);
    put_time(e, &civil, fits_utc_time(&civil));
}

void enc_utc_time(struct encoder *e, FILETIME time)
{
    struct civil civil = civil_of(time);
    if (!fits_utc_time(&civil))
        enc_fail(e, (DWORD)CRYPT_E_BAD_ENCODE);
    put_time(e, &civil, true);
}
