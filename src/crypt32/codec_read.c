/* SPDX-License-Identifier: MIT */
/*
 * The reader under all decoders: elements of DER (X.690 8 and 10: low tag numbers, definite
 * lengths in the shortest form), the block that results are laid out in, and the values that stand
 * for themselves. BER is refused.
 */
#include "crypt32/codec.h"

enum { ALIGNMENT = 8, OID_BYTES_MAX = 128, OID_TEXT_MAX = 4 * OID_BYTES_MAX, ARC_TEXT_MAX = 40 };

/* An arc of an object identifier may hold a UUID (X.667). */
__extension__ typedef unsigned __int128 arc;

void dec_fail(struct decoder *d, DWORD error)
{
    if (d->error == 0)
        d->error = error;
}

/* ---- the block --------------------------------------------------------------------------- */

void *dec_take(struct decoder *d, size_t n)
{
    size_t at = (d->used + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if (d->error != 0)
        return NULL;
    if (n > UINT32_MAX - at || at > UINT32_MAX) {
        dec_fail(d, (DWORD)CRYPT_E_ASN1_LARGE);
        return NULL;
    }
    d->used = at + n;
    if (d->block == NULL)
        return NULL;
    if (d->used > d->room) {
        dec_fail(d, (DWORD)CRYPT_E_ASN1_INTERNAL);
        return NULL;
    }
    return d->block + at;
}

void *dec_array(struct decoder *d, size_t count, size_t size)
{
    if (count == 0)
        return NULL;
    if (count > UINT32_MAX / size) {
        dec_fail(d, (DWORD)CRYPT_E_ASN1_LARGE);
        return NULL;
    }
    return dec_take(d, count * size);
}

void dec_store(void *array, size_t index, const void *item, size_t size)
{
    if (array != NULL)
        memcpy((uint8_t *)array + index * size, item, size);
}

BYTE *dec_bytes(struct decoder *d, struct span bytes)
{
    if (bytes.n == 0)
        return NULL;
    if ((d->flags & CRYPT_DECODE_NOCOPY_FLAG) != 0)
        return (BYTE *)(uintptr_t)bytes.p;
    BYTE *copy = dec_take(d, bytes.n);
    if (copy != NULL)
        memcpy(copy, bytes.p, bytes.n);
    return copy;
}

void dec_blob(struct decoder *d, struct span bytes, CRYPT_DATA_BLOB *out)
{
    out->cbData = (DWORD)bytes.n;
    out->pbData = dec_bytes(d, bytes);
}

void dec_blob_reversed(struct decoder *d, struct span bytes, CRYPT_DATA_BLOB *out)
{
    out->cbData = (DWORD)bytes.n;
    out->pbData = bytes.n != 0 ? dec_take(d, bytes.n) : NULL;
    for (size_t i = 0; out->pbData != NULL && i < bytes.n; i++)
        out->pbData[i] = bytes.p[bytes.n - 1 - i];
}

/* ---- elements ---------------------------------------------------------------------------- */

bool asn_next_is(const struct rd *r, uint8_t tag)
{
    return rd_left(r) != 0 && *r->p == tag;
}

static size_t take_length(struct decoder *d, struct rd *r)
{
    uint8_t first = rd_u8(r);
    unsigned count = first & 0x7Fu;
    size_t n = 0;
    if (r->bad || first < 0x80)
        return first;
    if (count == 0 || count > 4) {
        dec_fail(d, (DWORD)CRYPT_E_ASN1_CORRUPT);
        return 0;
    }
    for (unsigned i = 0; i < count; i++)
        n = n << 8 | rd_u8(r);
    if (!r->bad && (n < 0x80 || n >> (8 * (count - 1)) == 0))
        dec_fail(d, (DWORD)CRYPT_E_ASN1_CORRUPT);
    return n;
}

/* Behind the tag: the length and the content. */
static struct span take_content(struct decoder *d, struct rd *r)
{
    size_t n = take_length(d, r);
    struct span content = rd_take(r, n);
    if (r->bad)
        dec_fail(d, (DWORD)CRYPT_E_ASN1_EOD);
    return d->error == 0 ? content : span_empty();
}

struct span asn_take(struct decoder *d, struct rd *r, uint8_t tag)
{
    if (d->error == 0 && rd_left(r) == 0)
        dec_fail(d, (DWORD)CRYPT_E_ASN1_EOD);
    if (d->error == 0 && *r->p != tag)
        dec_fail(d, (DWORD)CRYPT_E_ASN1_BADTAG);
    if (d->error != 0) {
        rd_fail(r);
        return span_empty();
    }
    rd_u8(r);
    return take_content(d, r);
}

struct span asn_any(struct decoder *d, struct rd *r)
{
    const uint8_t *start = r->p;
    if (d->error == 0 && rd_left(r) == 0)
        dec_fail(d, (DWORD)CRYPT_E_ASN1_EOD);
    /* Tag numbers of 31 and above take more bytes; nothing here uses one. */
    if (d->error == 0 && (*start & 0x1F) == 0x1F)
        dec_fail(d, (DWORD)CRYPT_E_ASN1_CORRUPT);
    if (d->error != 0) {
        rd_fail(r);
        return span_empty();
    }
    rd_u8(r);
    take_content(d, r);
    return d->error == 0 ? span_of(start, (size_t)(r->p - start)) : span_empty();
}

struct rd asn_enter(struct decoder *d, struct rd *r, uint8_t tag)
{
    return rd_from(asn_take(d, r, tag));
}

void asn_leave(struct decoder *d, const struct rd *inner)
{
    if (!rd_end(inner))
        dec_fail(d, (DWORD)CRYPT_E_ASN1_CORRUPT);
}

size_t asn_count(struct decoder *d, const struct rd *r)
{
    struct rd rest = *r;
    size_t count = 0;
    while (d->error == 0 && rd_left(&rest) != 0) {
        asn_any(d, &rest);
        count++;
    }
    return d->error == 0 ? count : 0;
}

/* ---- values ------------------------------------------------------------------------------ */

bool asn_take_boolean(struct decoder *d, struct rd *r)
{
    struct span content = asn_take(d, r, DER_BOOLEAN);
    if (content.n != 1) {
        dec_fail(d, (DWORD)CRYPT_E_ASN1_CORRUPT);
        return false;
    }
    return content.p[0] != 0;
}

struct span asn_take_integer(struct decoder *d, struct rd *r, uint8_t tag)
{
    struct span content = asn_take(d, r, tag);
    bool is_padded = content.n > 1 && (content.p[0] == 0 || content.p[0] == 0xFF) &&
                     (content.p[0] & 0x80) == (content.p[1] & 0x80);
    if (content.n == 0 || is_padded)
        dec_fail(d, (DWORD)CRYPT_E_ASN1_CORRUPT);
    return d->error == 0 ? content : span_empty();
}

struct span asn_take_unsigned(struct decoder *d, struct rd *r, uint8_t tag)
{
    struct span content = asn_take_integer(d, r, tag);
    if (content.n != 0 && (content.p[0] & 0x80) != 0) {
        dec_fail(d, (DWORD)CRYPT_E_ASN1_CORRUPT);
        return span_empty();
    }
    if (content.n > 1 && content.p[0] == 0)
        content = span_of(content.p + 1, content.n - 1);
    return content;
}

int asn_take_int(struct decoder *d, struct rd *r, uint8_t tag)
{
    struct span content = asn_take_integer(d, r, tag);
    if (content.n > sizeof(int32_t)) {
        dec_fail(d, (DWORD)CRYPT_E_ASN1_LARGE);
        return 0;
    }
    uint32_t value = content.n != 0 && (content.p[0] & 0x80) != 0 ? UINT32_MAX : 0;
    for (size_t i = 0; i < content.n; i++)
        value = value << 8 | content.p[i];
    return (int)value;
}

DWORD asn_take_count(struct decoder *d, struct rd *r, uint8_t tag)
{
    int value = asn_take_int(d, r, tag);
    if (value < 0)
        dec_fail(d, (DWORD)CRYPT_E_ASN1_CORRUPT);
    return (DWORD)value;
}

void asn_take_bits(struct decoder *d, struct rd *r, uint8_t tag, CRYPT_BIT_BLOB *out)
{
    struct span content = asn_take(d, r, tag);
    uint8_t unused = content.n != 0 ? content.p[0] : 0;
    bool has_stray_bits =
        content.n > 1 && (content.p[content.n - 1] & ((1u << (unused & 7)) - 1)) != 0;
    if (content.n == 0 || unused > 7 || (content.n == 1 && unused != 0) || has_stray_bits) {
        dec_fail(d, (DWORD)CRYPT_E_ASN1_CORRUPT);
        return;
    }
    CRYPT_DATA_BLOB bytes;
    dec_blob(d, span_of(content.p + 1, content.n - 1), &bytes);
    *out = (CRYPT_BIT_BLOB){.cbData = bytes.cbData, .pbData = bytes.pbData, .cUnusedBits = unused};
}

/* ---- object identifiers ------------------------------------------------------------------ */

static size_t put_arc(char *text, arc value)
{
    char digits[ARC_TEXT_MAX];
    size_t n = 0;
    do {
        digits[n++] = (char)('0' + (int)(value % 10));
        value /= 10;
    } while (value != 0);
    for (size_t i = 0; i < n; i++)
        text[i] = digits[n - 1 - i];
    return n;
}

static bool take_arc(struct rd *r, arc *out)
{
    arc value = 0;
    uint8_t byte = rd_u8(r);
    if (byte == 0x80) /* not the shortest form */
        return false;
    for (;; byte = rd_u8(r)) {
        if (r->bad || value >> (128 - 7) != 0)
            return false;
        value = value << 7 | (byte & 0x7Fu);
        if ((byte & 0x80) == 0)
            break;
    }
    *out = value;
    return true;
}

/* Characters of the dotted form, or 0. */
static size_t oid_text(struct span content, char text[OID_TEXT_MAX])
{
    struct rd r = rd_from(content);
    arc value;
    if (content.n == 0 || content.n > OID_BYTES_MAX || !take_arc(&r, &value))
        return 0;
    arc first = value < 80 ? value / 40 : 2;
    size_t n = put_arc(text, first);
    text[n++] = '.';
    n += put_arc(text + n, value - first * 40);
    while (rd_left(&r) != 0) {
        if (!take_arc(&r, &value))
            return 0;
        text[n++] = '.';
        n += put_arc(text + n, value);
    }
    return n;
}

LPSTR asn_take_oid(struct decoder *d, struct rd *r, uint8_t tag)
{
    char text[OID_TEXT_MAX];
    struct span content = asn_take(d, r, tag);
    size_t n = oid_text(content, text);
    if (n == 0) {
        dec_fail(d, (DWORD)CRYPT_E_ASN1_CORRUPT);
        return NULL;
    }
    text[n] = 0;
    LPCSTR shared =
        (d->flags & CRYPT_DECODE_SHARE_OID_STRING_FLAG) != 0 ? codec_shared_oid(text) : NULL;
    if (shared != NULL)
        return (LPSTR)(uintptr_t)shared;
    LPSTR copy = dec_take(d, n + 1);
    if (copy != NULL)
        memcpy(copy, text, n + 1);
    return copy;
}

/* ---- time -------------------------------------------------------------------------------- */

static int take_decimal(struct decoder *d, struct rd *r, unsigned digits)
{
    int value = 0;
    for (unsigned i = 0; i < digits; i++) {
        uint8_t c = rd_u8(r);
        if (r->bad || c < '0' || c > '9') {
            dec_fail(d, (DWORD)CRYPT_E_ASN1_CORRUPT);
            return 0;
        }
        value = value * 10 + (c - '0');
    }
    return value;
}

/* Days from 1601-01-01 to a date of the Gregorian calendar; a year begins in March here. */
static int64_t days_from_1601(int year, int month, int day)
{
    int64_t y = month > 2 ? year : year - 1;
    int64_t m = month > 2 ? month - 3 : month + 9;
    int64_t days = y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1;
    return days - 584694; /* of 1601-01-01 by the same count */
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && is_leap ? 29 : days[month - 1];
}

static bool digit_is_next(const struct rd *r)
{
    return rd_left(r) != 0 && *r->p >= '0' && *r->p <= '9';
}

/* Tenths of microseconds; further digits are dropped. */
static int64_t take_fraction(struct decoder *d, struct rd *r)
{
    int64_t ticks = 0;
    int64_t unit = 1000000;
    if (rd_left(r) == 0 || (*r->p != '.' && *r->p != ','))
        return 0;
    rd_u8(r);
    if (!digit_is_next(r))
        dec_fail(d, (DWORD)CRYPT_E_ASN1_CORRUPT);
    while (digit_is_next(r)) {
        ticks += unit * (rd_u8(r) - '0');
        unit /= 10;
    }
    return ticks;
}

/* Seconds that local time is ahead. */
static int64_t take_zone(struct decoder *d, struct rd *r)
{
    uint8_t c = rd_u8(r);
    if (c == 'Z')
        return 0;
    int hours = take_decimal(d, r, 2);
    int minutes = take_decimal(d, r, 2);
    if ((c != '+' && c != '-') || hours > 23 || minutes > 59)
        dec_fail(d, (DWORD)CRYPT_E_ASN1_CORRUPT);
    int64_t seconds = hours * 3600 + minutes * 60;
    return c == '-' ? -seconds : seconds;
}

static int take_year(struct decoder *d, struct rd *r, bool is_utc)
{
    if (!is_utc)
        return take_decimal(d, r, 4);
    int year = take_decimal(d, r, 2);
    return year < 50 ? 2000 + year : 1900 + year; /* RFC 5280 4.1.2.5.1 */
}

FILETIME asn_take_time(struct decoder *d, struct rd *r)
{
    bool is_utc = asn_next_is(r, DER_UTC_TIME);
    struct rd text = asn_enter(d, r, is_utc ? DER_UTC_TIME : DER_GENERALIZED_TIME);
    int year = take_year(d, &text, is_utc);
    int month = take_decimal(d, &text, 2);
    int day = take_decimal(d, &text, 2);
    int hour = take_decimal(d, &text, 2);
    int minute = take_decimal(d, &text, 2);
    int second = digit_is_next(&text) ? take_decimal(d, &text, 2) : 0;
    int64_t ticks = is_utc ? 0 : take_fraction(d, &text);
    int64_t ahead = take_zone(d, &text);
    asn_leave(d, &text);
    if (year < 1601 || month < 1 || month > 12 || day < 1 || day > days_in(year, month) ||
        hour > 23 || minute > 59 || second > 59)
        dec_fail(d, (DWORD)CRYPT_E_ASN1_CORRUPT);
    if (d->error != 0)
        return (FILETIME){0};
    int64_t seconds =
        days_from_1601(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - ahead;
    ticks += seconds * 10000000;
    if (ticks < 0) {
        dec_fail(d, (DWORD)CRYPT_E_ASN1_CORRUPT);
        return (FILETIME){0};
    }
    uint64_t bits = (uint64_t)ticks;
    return (FILETIME){.dwLowDateTime = (DWORD)bits, .dwHighDateTime = (DWORD)(bits >> 32)};
}
