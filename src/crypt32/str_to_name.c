/* SPDX-License-Identifier: MIT */
/*
 * CertStrToName: the text of a name, read from left to right and encoded on the way. Values take
 * the string type that suits their attribute; a value of "#" and hexadecimal digits is an OCTET
 * STRING. Microsoft "CertStrToName".
 */
#include <strings.h>

#include "crypt32/codec_string.h"
#include "crypt32/x500.h"
#include "win/win.h"

enum { NAME_MAX_LEN = 1 << 16, OID_TEXT_LEN = 256 };

static const struct {
    const char *oid;
    const char *key;
    const char *other; /* only for reading */
} keys[] = {
    {szOID_COMMON_NAME, "CN", NULL},
    {szOID_ORGANIZATION_NAME, "O", NULL},
    {szOID_ORGANIZATIONAL_UNIT_NAME, "OU", NULL},
    {szOID_COUNTRY_NAME, "C", NULL},
    {szOID_LOCALITY_NAME, "L", NULL},
    {szOID_STATE_OR_PROVINCE_NAME, "S", "ST"},
    {szOID_STREET_ADDRESS, "STREET", NULL},
    {szOID_RSA_emailAddr, "E", "Email"},
    {szOID_DOMAIN_COMPONENT, "DC", NULL},
    {szOID_GIVEN_NAME, "G", "GivenName"},
    {szOID_SUR_NAME, "SN", NULL},
    {szOID_TITLE, "T", "Title"},
    {szOID_INITIALS, "I", "Initials"},
    {szOID_DEVICE_SERIAL_NUMBER, "SERIALNUMBER", NULL},
    {szOID_DESCRIPTION, "Description", NULL},
    {szOID_POSTAL_CODE, "PostalCode", NULL},
    {szOID_POST_OFFICE_BOX, "POBox", NULL},
    {szOID_TELEPHONE_NUMBER, "Phone", NULL},
    {szOID_X21_ADDRESS, "X21Address", NULL},
    {szOID_DN_QUALIFIER, "dnQualifier", NULL},
};

const char *x500_key(const char *oid)
{
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        if (strcmp(keys[i].oid, oid) == 0)
            return keys[i].key;
    }
    return NULL;
}

static bool is_key(const char *known, const char *key, size_t key_len)
{
    return known != NULL && strlen(known) == key_len && strncasecmp(known, key, key_len) == 0;
}

const char *x500_oid(const char *key, size_t key_len)
{
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        if (is_key(keys[i].key, key, key_len) || is_key(keys[i].other, key, key_len))
            return keys[i].oid;
    }
    return NULL;
}

/* ---- reading --------------------------------------------------------------------------- */

struct reader {
    const char *p;      /* where a failure is told to be */
    const char *stops;  /* what separates relative names */
    DWORD flags;        /* CERT_NAME_STR_* */
    struct encoder out; /* of the relative names */
};

static const char *stops_of(DWORD flags)
{
    bool comma = (flags & CERT_NAME_STR_COMMA_FLAG) != 0;
    bool semicolon = (flags & CERT_NAME_STR_SEMICOLON_FLAG) != 0;
    if ((flags & CERT_NAME_STR_CRLF_FLAG) != 0)
        return "\r\n";
    return comma == semicolon ? ",;" : comma ? "," : ";";
}

static bool is_one_of(const char *set, char c)
{
    return c != 0 && strchr(set, c) != NULL;
}

static bool joins(const struct reader *r, char c)
{
    return c == '+' && (r->flags & CERT_NAME_STR_NO_PLUS_FLAG) == 0;
}

static bool ends_value(const struct reader *r, char c)
{
    return c == 0 || is_one_of(r->stops, c) || joins(r, c);
}

/* Blanks that do not separate. */
static void skip_blanks(struct reader *r)
{
    while (is_one_of(" \t\r\n", *r->p) && !is_one_of(r->stops, *r->p))
        r->p++;
}

static const char *trimmed(const char *start, const char *end)
{
    while (end > start && is_one_of(" \t\r\n", end[-1]))
        end--;
    return end;
}

/* False with r->p at the character that does not fit. */
static bool read_quoted(struct reader *r, struct buf *value)
{
    for (r->p++;; r->p++) {
        if (*r->p == 0)
            return false;
        if (*r->p == '"' && r->p[1] != '"')
            break;
        if (*r->p == '"')
            r->p++;
        wr_u8(value, (uint8_t)*r->p);
    }
    r->p++;
    skip_blanks(r);
    return ends_value(r, *r->p);
}

static void read_plain(struct reader *r, struct buf *value)
{
    const char *start = r->p;
    while (!ends_value(r, *r->p))
        r->p++;
    wr_bytes(value, span_of(start, (size_t)(trimmed(start, r->p) - start)));
}

static int digit_of(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static bool read_hex(struct reader *r, struct buf *value)
{
    for (r->p++; digit_of(*r->p) >= 0; r->p += 2) {
        if (digit_of(r->p[1]) < 0) {
            r->p++;
            return false;
        }
        wr_u8(value, (unsigned)(digit_of(*r->p) << 4 | digit_of(r->p[1])));
    }
    skip_blanks(r);
    return ends_value(r, *r->p);
}

/* ---- encoding -------------------------------------------------------------------------- */

static bool put_text(struct reader *r, const char *oid, const struct buf *value)
{
    const char *text = value->n != 0 ? (const char *)value->p : "";
    size_t units = win_utf16_from_utf8(text, value->n, NULL, 0);
    WCHAR *wide = mem_array(units + 1, sizeof *wide);
    if (wide == NULL) {
        enc_fail(&r->out, ERROR_NOT_ENOUGH_MEMORY);
        return false;
    }
    win_utf16_from_utf8(text, value->n, wide, units);
    CRYPT_DATA_BLOB blob = {(DWORD)(units * sizeof *wide), (BYTE *)wide};
    bool forces = (r->flags & CERT_NAME_STR_FORCE_UTF8_DIR_STR_FLAG) != 0;
    write_string_value(&r->out, oid, true,
                       CERT_RDN_ANY_TYPE | (forces ? CERT_RDN_FORCE_UTF8_UNICODE_FLAG : 0), &blob);
    mem_free(wide);
    return r->out.error == 0;
}

/* The value at r->p. */
static bool put_value(struct reader *r, const char *oid)
{
    struct buf value;
    bool quotes = (r->flags & CERT_NAME_STR_NO_QUOTING_FLAG) == 0;
    bool is_hex = *r->p == '#';
    const char *start = r->p;
    bool read = true;
    buf_init(&value, NAME_MAX_LEN);
    if (is_hex)
        read = read_hex(r, &value);
    else if (*r->p == '"' && quotes)
        read = read_quoted(r, &value);
    else
        read_plain(r, &value);
    if (read && buf_check(&value) != OK) {
        enc_fail(&r->out, buf_check(&value) == ERR_NO_MEMORY ? ERROR_NOT_ENOUGH_MEMORY
                                                             : (DWORD)CRYPT_E_INVALID_X500_STRING);
        read = false;
    }
    if (read && is_hex) {
        enc_element(&r->out, DER_OCTET_STRING, buf_span(&value));
    } else if (read && !put_text(r, oid, &value)) {
        r->p = start;
        read = false;
    }
    buf_release(&value);
    return read;
}

/* The attribute behind a key; false when the key is none. */
static bool put_key(struct reader *r, const char *key, size_t n, char oid[OID_TEXT_LEN])
{
    static const char prefix[] = "OID.";
    const char *known = x500_oid(key, n);
    if (known == NULL && n > sizeof prefix - 1 &&
        strncasecmp(key, prefix, sizeof prefix - 1) == 0) {
        key += sizeof prefix - 1;
        n -= sizeof prefix - 1;
    }
    if (known != NULL) {
        key = known;
        n = strlen(known);
    }
    if (n == 0 || n >= OID_TEXT_LEN || digit_of(key[0]) < 0)
        return false;
    memcpy(oid, key, n);
    oid[n] = 0;
    enc_oid(&r->out, DER_OID, oid);
    return r->out.error == 0;
}

/* One KEY=value; false with r->p at the culprit. */
static bool read_pair(struct reader *r)
{
    char oid[OID_TEXT_LEN];
    skip_blanks(r);
    const char *key = r->p;
    const char *equals = key;
    while (*equals != '=' && !ends_value(r, *equals))
        equals++;
    if (*equals != '=')
        return false;
    size_t mark = enc_begin(&r->out, DER_SEQUENCE);
    if (!put_key(r, key, (size_t)(trimmed(key, equals) - key), oid))
        return false;
    r->p = equals + 1;
    skip_blanks(r);
    if (!put_value(r, oid))
        return false;
    enc_end(&r->out, mark);
    return true;
}

static bool read_relative(struct reader *r)
{
    size_t mark = enc_begin(&r->out, DER_SET);
    for (bool more = true; more;) {
        if (!read_pair(r))
            return false;
        more = joins(r, *r->p);
        if (more)
            r->p++;
    }
    enc_end_set(&r->out, mark);
    return true;
}

/* Separators may follow each other, and stand at the end. */
static bool read_all(struct reader *r)
{
    for (;;) {
        skip_blanks(r);
        while (is_one_of(r->stops, *r->p)) {
            r->p++;
            skip_blanks(r);
        }
        if (*r->p == 0)
            return true;
        if (!read_relative(r))
            return false;
    }
}

/* ---- the whole name -------------------------------------------------------------------- */

static void put_reversed(struct encoder *to, struct span relatives)
{
    struct decoder d = {0};
    struct rd r = rd_from(relatives);
    size_t count = asn_count(&d, &r);
    struct span *parts = mem_array(count, sizeof *parts);
    if (parts == NULL) {
        enc_fail(to, ERROR_NOT_ENOUGH_MEMORY);
        return;
    }
    for (size_t i = 0; i < count; i++)
        parts[i] = asn_any(&d, &r);
    while (count-- != 0)
        wr_bytes(&to->out, parts[count]);
    mem_free(parts);
}

/* 0 or the error; *out is released by the caller. */
static DWORD wrap(const struct reader *r, struct buf *out)
{
    struct encoder whole = {0};
    buf_init(&whole.out, 2 * NAME_MAX_LEN);
    size_t mark = enc_begin(&whole, DER_SEQUENCE);
    if ((r->flags & CERT_NAME_STR_REVERSE_FLAG) != 0)
        put_reversed(&whole, buf_span(&r->out.out));
    else
        wr_bytes(&whole.out, buf_span(&r->out.out));
    enc_end(&whole, mark);
    *out = whole.out;
    if (whole.error == 0 && buf_check(out) != OK)
        whole.error = ERROR_NOT_ENOUGH_MEMORY;
    return whole.error;
}

/* What CertStrToName's page lists. */
static bool is_told(DWORD error)
{
    return error == 0 || error == ERROR_NOT_ENOUGH_MEMORY ||
           error == (DWORD)CRYPT_E_INVALID_NUMERIC_STRING ||
           error == (DWORD)CRYPT_E_INVALID_PRINTABLE_STRING ||
           error == (DWORD)CRYPT_E_INVALID_IA5_STRING;
}

/* 0 or the error, with the place of the culprit. */
static DWORD parse_name(const char *text, DWORD flags, struct buf *out, const char **out_place)
{
    struct reader r = {.p = text, .stops = stops_of(flags), .flags = flags};
    buf_init(&r.out.out, NAME_MAX_LEN);
    buf_init(out, 0);
    *out_place = NULL;
    bool read = read_all(&r);
    DWORD error = r.out.error;
    if (error == 0 && buf_check(&r.out.out) == ERR_NO_MEMORY)
        error = ERROR_NOT_ENOUGH_MEMORY;
    else if (error == 0 && (!read || buf_check(&r.out.out) != OK))
        error = (DWORD)CRYPT_E_INVALID_X500_STRING;
    else if (!is_told(error))
        error = (DWORD)CRYPT_E_INVALID_X500_STRING; /* an object identifier that is none, ... */
    if (error == 0)
        error = wrap(&r, out);
    else if (error != ERROR_NOT_ENOUGH_MEMORY)
        *out_place = r.p;
    buf_release(&r.out.out);
    return error;
}

static BOOL give(const struct buf *der, BYTE *out, DWORD *size)
{
    DWORD room = *size;
    *size = (DWORD)der->n;
    if (out == NULL)
        return TRUE;
    if (room < der->n)
        return win_fail(ERROR_MORE_DATA);
    mem_copy(out, der->p, der->n);
    return TRUE;
}

BOOL WINAPI CertStrToNameA(DWORD dwCertEncodingType, LPCSTR pszX500, DWORD dwStrType,
                           void *pvReserved, BYTE *pbEncoded, DWORD *pcbEncoded, LPCSTR *ppszError)
{
    struct buf der;
    const char *place;
    (void)pvReserved;
    if (ppszError != NULL)
        *ppszError = NULL;
    if ((dwCertEncodingType & CERT_ENCODING_TYPE_MASK) != X509_ASN_ENCODING)
        return win_fail(ERROR_FILE_NOT_FOUND);
    if (pszX500 == NULL || pcbEncoded == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    DWORD error = parse_name(pszX500, dwStrType, &der, &place);
    if (ppszError != NULL)
        *ppszError = place;
    BOOL given = error == 0 ? give(&der, pbEncoded, pcbEncoded) : win_fail(error);
    buf_release(&der);
    return given;
}

BOOL WINAPI CertStrToNameW(DWORD dwCertEncodingType, LPCWSTR pszX500, DWORD dwStrType,
                           void *pvReserved, BYTE *pbEncoded, DWORD *pcbEncoded, LPCWSTR *ppszError)
{
    LPCSTR error = NULL;
    if (ppszError != NULL)
        *ppszError = NULL;
    char *text = win_utf8_dup(pszX500);
    if (text == NULL)
        return win_fail(pszX500 == NULL ? (DWORD)E_INVALIDARG : ERROR_NOT_ENOUGH_MEMORY);
    BOOL result = CertStrToNameA(dwCertEncodingType, text, dwStrType, pvReserved, pbEncoded,
                                 pcbEncoded, &error);
    if (error != NULL && ppszError != NULL)
        *ppszError = pszX500 + win_utf16_from_utf8(text, (size_t)(error - text), NULL, 0);
    mem_free(text);
    return result;
}
