/* SPDX-License-Identifier: MIT */
/*
 * Character strings of ASN.1 and what the CERT_RDN_* types make of them (X.680 41, RFC 5280 4.1.2.4
 * and 7.2). UTF8String, BMPString and the like are UTF-16 in memory, the others one byte a
 * character. T.61 is read as UTF-8 if it is that, else as Latin-1, the way old issuers wrote it.
 */
#include "crypt32/codec_string.h"

enum unit { UNIT_BYTE, UNIT_OCTET, UNIT_UTF8, UNIT_UTF16, UNIT_UTF32 };

static const struct string_kind {
    uint8_t tag;
    DWORD type;
    enum unit unit;
} kinds[] = {
    {DER_OCTET_STRING, CERT_RDN_OCTET_STRING, UNIT_OCTET},
    {DER_NUMERIC, CERT_RDN_NUMERIC_STRING, UNIT_BYTE},
    {DER_PRINTABLE, CERT_RDN_PRINTABLE_STRING, UNIT_BYTE},
    {DER_TELETEX, CERT_RDN_TELETEX_STRING, UNIT_BYTE},
    {DER_VIDEOTEX, CERT_RDN_VIDEOTEX_STRING, UNIT_BYTE},
    {DER_IA5, CERT_RDN_IA5_STRING, UNIT_BYTE},
    {DER_GRAPHIC, CERT_RDN_GRAPHIC_STRING, UNIT_BYTE},
    {DER_VISIBLE, CERT_RDN_VISIBLE_STRING, UNIT_BYTE},
    {DER_GENERAL, CERT_RDN_GENERAL_STRING, UNIT_BYTE},
    {DER_UNIVERSAL, CERT_RDN_UNIVERSAL_STRING, UNIT_UTF32},
    {DER_BMP, CERT_RDN_BMP_STRING, UNIT_UTF16},
    {DER_UTF8, CERT_RDN_UTF8_STRING, UNIT_UTF8},
};

static const struct string_kind *kind_of_tag(const struct rd *r)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (asn_next_is(r, kinds[i].tag))
            return &kinds[i];
    }
    return NULL;
}

static const struct string_kind *kind_of_type(DWORD type)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (kinds[i].type == type)
            return &kinds[i];
    }
    return NULL;
}

/* ---- reading ----------------------------------------------------------------------------- */

/* A character of UTF-8 (RFC 3629 4); UINT32_MAX when it is none. */
static uint32_t take_utf8(struct rd *r)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t first = rd_u8(r);
    unsigned n = first < 0x80 ? 1 : first < 0xC0 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (n == 1)
        return first;
    if (n == 0 || first > 0xF4 || rd_left(r) < n - 1)
        return UINT32_MAX;
    uint32_t value = first & (0x7Fu >> n);
    for (unsigned i = 1; i < n; i++) {
        uint8_t next = rd_u8(r);
        if ((next & 0xC0) != 0x80)
            return UINT32_MAX;
        value = value << 6 | (next & 0x3Fu);
    }
    bool is_surrogate = value >= 0xD800 && value < 0xE000;
    return value < smallest[n] || value > 0x10FFFF || is_surrogate ? UINT32_MAX : value;
}

static bool is_utf8(struct span bytes)
{
    struct rd r = rd_from(bytes);
    while (rd_left(&r) != 0) {
        if (take_utf8(&r) == UINT32_MAX)
            return false;
    }
    return true;
}

/* A unit of BMPString may be half of a pair: it is passed on as it is. */
static uint32_t take_char(struct decoder *d, struct rd *r, enum unit unit)
{
    uint32_t value = unit == UNIT_UTF8    ? take_utf8(r)
                     : unit == UNIT_UTF16 ? rd_u16(r)
                     : unit == UNIT_UTF32 ? rd_u32(r)
                                          : rd_u8(r);
    bool is_surrogate = unit == UNIT_UTF32 && value >= 0xD800 && value < 0xE000;
    if (r->bad || value > 0x10FFFF || is_surrogate) {
        dec_fail(d, (DWORD)(unit == UNIT_UTF8 ? CRYPT_E_ASN1_UTF8 : CRYPT_E_ASN1_CORRUPT));
        rd_fail(r);
        return 0;
    }
    return value;
}

static void put_unit(uint8_t *out, size_t *units, uint32_t unit)
{
    WCHAR wide = (WCHAR)unit;
    dec_store(out, *units, &wide, sizeof wide);
    (*units)++;
}

/* Units of UTF-16; out may be NULL. */
static size_t put_wide(struct decoder *d, struct span bytes, enum unit unit, uint8_t *out)
{
    struct rd r = rd_from(bytes);
    size_t units = 0;
    while (d->error == 0 && rd_left(&r) != 0) {
        uint32_t value = take_char(d, &r, unit);
        if (value >= 0x10000) {
            put_unit(out, &units, 0xD800 + ((value - 0x10000) >> 10));
            put_unit(out, &units, 0xDC00 + ((value - 0x10000) & 0x3FF));
        } else {
            put_unit(out, &units, value);
        }
    }
    return units;
}

static void wide_blob(struct decoder *d, struct span bytes, enum unit unit, bool nul,
                      CRYPT_DATA_BLOB *out)
{
    size_t units = put_wide(d, bytes, unit, NULL);
    uint8_t *room = dec_array(d, units + (nul ? 1 : 0), sizeof(WCHAR));
    if (room != NULL) {
        put_wide(d, bytes, unit, room);
        if (nul)
            put_unit(room, &(size_t){units}, 0);
    }
    out->cbData = (DWORD)(units * sizeof(WCHAR));
    out->pbData = room;
}

/* UniversalString as 32-bit numbers. */
static void universal_blob(struct decoder *d, struct span bytes, CRYPT_DATA_BLOB *out)
{
    struct rd r = rd_from(bytes);
    uint8_t *room = bytes.n != 0 ? dec_take(d, bytes.n) : NULL;
    for (size_t i = 0; d->error == 0 && rd_left(&r) != 0; i++) {
        uint32_t value = take_char(d, &r, UNIT_UTF32);
        dec_store(room, i, &value, sizeof value);
    }
    out->cbData = (DWORD)bytes.n;
    out->pbData = room;
}

static void string_blob(struct decoder *d, const struct string_kind *kind, struct span bytes,
                        bool is_unicode, CRYPT_DATA_BLOB *out)
{
    enum unit unit = kind->unit;
    if (unit == UNIT_BYTE && kind->type == CERT_RDN_TELETEX_STRING && is_utf8(bytes) && is_unicode)
        unit = UNIT_UTF8;
    if (unit == UNIT_OCTET || (unit == UNIT_BYTE && !is_unicode))
        dec_blob(d, bytes, out);
    else if (unit == UNIT_UTF32 && !is_unicode)
        universal_blob(d, bytes, out);
    else
        wide_blob(d, bytes, unit, is_unicode, out);
}

void read_string_value(struct decoder *d, struct rd *r, bool is_unicode, DWORD *out_type,
                       CRYPT_DATA_BLOB *out)
{
    const struct string_kind *kind = kind_of_tag(r);
    if (kind == NULL) {
        *out_type = CERT_RDN_ENCODED_BLOB;
        dec_blob(d, asn_any(d, r), out);
        return;
    }
    *out_type = kind->type;
    string_blob(d, kind, asn_take(d, r, kind->tag), is_unicode, out);
}

LPWSTR read_ia5(struct decoder *d, struct rd *r, uint8_t tag)
{
    struct span bytes = asn_take(d, r, tag);
    CRYPT_DATA_BLOB text;
    for (size_t i = 0; i < bytes.n; i++) {
        if (bytes.p[i] == 0 || bytes.p[i] >= 0x80)
            dec_fail(d, (DWORD)CRYPT_E_INVALID_IA5_STRING);
    }
    wide_blob(d, bytes, UNIT_BYTE, true, &text);
    return (LPWSTR)(void *)text.pbData;
}

/* ---- writing ----------------------------------------------------------------------------- */

static bool is_printable(uint32_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c != 0 && c < 0x80 && strchr(" '()+,-./:=?", (int)c) != NULL);
}

/* 0, or what it is when the type does not have the character. */
static DWORD char_error(DWORD type, uint32_t c)
{
    bool is_digit = (c >= '0' && c <= '9') || c == ' ';
    if (type == CERT_RDN_NUMERIC_STRING)
        return is_digit ? 0 : (DWORD)CRYPT_E_INVALID_NUMERIC_STRING;
    if (type == CERT_RDN_PRINTABLE_STRING)
        return is_printable(c) ? 0 : (DWORD)CRYPT_E_INVALID_PRINTABLE_STRING;
    if (type == CERT_RDN_IA5_STRING || type == CERT_RDN_VISIBLE_STRING)
        return c < 0x80 ? 0 : (DWORD)CRYPT_E_INVALID_IA5_STRING;
    return c <= 0xFF ? 0 : (DWORD)CRYPT_E_BAD_ENCODE;
}

/* UTF-16 that need not lie aligned. */
struct wide {
    const BYTE *p;
    size_t units;
};

static WCHAR unit_at(const struct wide *text, size_t i)
{
    WCHAR unit;
    memcpy(&unit, text->p + i * sizeof unit, sizeof unit);
    return unit;
}

/* The character at *i, which moves behind it; UINT32_MAX for half a pair. */
static uint32_t char_at(const struct wide *text, size_t *i)
{
    uint32_t high = unit_at(text, (*i)++);
    if (high < 0xD800 || high >= 0xE000)
        return high;
    if (high >= 0xDC00 || *i == text->units)
        return UINT32_MAX;
    uint32_t low = unit_at(text, (*i)++);
    if (low < 0xDC00 || low >= 0xE000)
        return UINT32_MAX;
    return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
}

static void put_utf8(struct encoder *e, uint32_t c)
{
    static const uint8_t heads[] = {0, 0xC0, 0xE0, 0xF0};
    unsigned more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    wr_u8(&e->out, heads[more] | c >> (6 * more));
    while (more-- != 0)
        wr_u8(&e->out, 0x80 | (c >> (6 * more) & 0x3F));
}

static void put_char(struct encoder *e, const struct string_kind *kind, uint32_t c, size_t index)
{
    DWORD error = c == UINT32_MAX                                       ? (DWORD)CRYPT_E_BAD_ENCODE
                  : kind->unit == UNIT_BYTE || kind->unit == UNIT_OCTET ? char_error(kind->type, c)
                                                                        : 0;
    if (error != 0)
        enc_fail_at(e, error, index);
    else if (kind->unit == UNIT_UTF8)
        put_utf8(e, c);
    else if (kind->unit == UNIT_UTF32)
        wr_u32(&e->out, c);
    else
        wr_u8(&e->out, c & 0xFF);
}

static void put_wide_string(struct encoder *e, const struct string_kind *kind,
                            const struct wide *text)
{
    size_t mark = enc_begin(e, kind->tag);
    for (size_t i = 0; i < text->units && e->error == 0;) {
        size_t index = i;
        if (kind->unit == UNIT_UTF16)
            wr_u16(&e->out, unit_at(text, i++));
        else
            put_char(e, kind, char_at(text, &i), index);
    }
    enc_end(e, mark);
}

/* One byte a character, in memory as in the encoding. */
static void put_byte_string(struct encoder *e, const struct string_kind *kind, DWORD type,
                            struct span bytes)
{
    bool is_checked = kind->unit == UNIT_BYTE && (type & CERT_RDN_DISABLE_CHECK_TYPE_FLAG) == 0;
    for (size_t i = 0; is_checked && i < bytes.n; i++) {
        DWORD error = char_error(kind->type, bytes.p[i]);
        if (error != 0)
            enc_fail_at(e, error, i);
    }
    enc_element(e, kind->tag, bytes);
}

static void put_universal_string(struct encoder *e, struct span bytes)
{
    size_t mark = enc_begin(e, DER_UNIVERSAL);
    if (bytes.n % sizeof(uint32_t) != 0)
        enc_fail(e, (DWORD)CRYPT_E_BAD_ENCODE);
    for (size_t i = 0; i + sizeof(uint32_t) <= bytes.n; i += sizeof(uint32_t)) {
        uint32_t value;
        memcpy(&value, bytes.p + i, sizeof value);
        wr_u32(&e->out, value);
    }
    enc_end(e, mark);
}

static bool is_printable_text(const struct wide *text)
{
    for (size_t i = 0; i < text->units; i++) {
        if (!is_printable(unit_at(text, i)))
            return false;
    }
    return true;
}

/* RFC 5280 4.1.2.4 and appendix A.1: what an attribute wants, else the plainest that fits. */
static DWORD fitting_type(const char *oid, DWORD type, const struct wide *text)
{
    static const char *const ia5[] = {szOID_RSA_emailAddr, szOID_DOMAIN_COMPONENT};
    static const char *const printable[] = {szOID_COUNTRY_NAME, szOID_DEVICE_SERIAL_NUMBER,
                                            szOID_DN_QUALIFIER};
    for (size_t i = 0; oid != NULL && i < ARRAY_LEN(ia5); i++) {
        if (strcmp(oid, ia5[i]) == 0)
            return CERT_RDN_IA5_STRING;
    }
    for (size_t i = 0; oid != NULL && i < ARRAY_LEN(printable); i++) {
        if (strcmp(oid, printable[i]) == 0)
            return CERT_RDN_PRINTABLE_STRING;
    }
    bool force = (type & CERT_RDN_FORCE_UTF8_UNICODE_FLAG) != 0;
    return !force && is_printable_text(text) ? CERT_RDN_PRINTABLE_STRING : CERT_RDN_UTF8_STRING;
}

/* Without a length the text goes up to its NUL. */
static struct wide wide_of(struct encoder *e, const CRYPT_DATA_BLOB *in, bool may_measure)
{
    struct wide text = {.p = enc_blob(e, in).p, .units = in->cbData / sizeof(WCHAR)};
    if (in->cbData % sizeof(WCHAR) != 0)
        enc_fail(e, (DWORD)CRYPT_E_BAD_ENCODE);
    if (in->cbData != 0 || in->pbData == NULL || !may_measure)
        return e->error == 0 ? text : (struct wide){.p = span_nothing};
    text.p = in->pbData;
    while (unit_at(&text, text.units) != 0)
        text.units++;
    return text;
}

void write_string_value(struct encoder *e, const char *oid, bool is_unicode, DWORD type,
                        const CRYPT_DATA_BLOB *in)
{
    DWORD plain = type & CERT_RDN_TYPE_MASK;
    if (plain == CERT_RDN_ENCODED_BLOB) {
        enc_der(e, in);
        return;
    }
    struct wide text = {.p = span_nothing};
    bool is_wide = is_unicode ? plain != CERT_RDN_OCTET_STRING
                              : plain == CERT_RDN_BMP_STRING || plain == CERT_RDN_UTF8_STRING;
    if (is_wide)
        text = wide_of(e, in, is_unicode);
    if (is_unicode && plain == CERT_RDN_ANY_TYPE)
        plain = fitting_type(oid, type, &text);
    const struct string_kind *kind = kind_of_type(plain);
    if (kind == NULL)
        enc_fail(e, (DWORD)E_INVALIDARG);
    else if (is_wide)
        put_wide_string(e, kind, &text);
    else if (kind->unit == UNIT_UTF32)
        put_universal_string(e, enc_blob(e, in));
    else
        put_byte_string(e, kind, type, enc_blob(e, in));
}

void write_ia5(struct encoder *e, uint8_t tag, const WCHAR *text)
{
    const struct string_kind kind = {.tag = tag, .type = CERT_RDN_IA5_STRING, .unit = UNIT_BYTE};
    if (text == NULL) {
        enc_fail(e, (DWORD)E_INVALIDARG);
        return;
    }
    CRYPT_DATA_BLOB blob = {.pbData = (BYTE *)(uintptr_t)text};
    struct wide wide = wide_of(e, &blob, true);
    put_wide_string(e, &kind, &wide);
}
