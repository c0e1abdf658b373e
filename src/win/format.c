/* SPDX-License-Identifier: MIT */
/*
 * Formatting as wsprintf does it. The format is walked as UTF-8; each conversion is done by libc
 * with the argument taken by Windows' sizes, where l has 32 bits. Positional arguments and n are
 * not known; an unknown conversion is copied as it stands.
 */
#include <stdio.h>

#include <shlwapi.h>

#include "win/win.h"

enum { WSPRINTF_MAX = 1024, FIELD_MAX = 4096, NUMBER_MAX = 512, FLAGS_MAX = 5 };

/* The text so far; from mem_alloc. */
struct sink {
    char *text;
    size_t len;
    size_t cap;
    bool has_failed;
};

struct arguments {
    va_list list;
};

struct options {
    bool is_wide; /* s and c without a size are wide */
    bool has_floating;
};

enum size { SIZE_NONE, SIZE_SHORT, SIZE_LONG, SIZE_64, SIZE_POINTER };

struct spec {
    char flags[FLAGS_MAX + 1];
    int width;
    int precision; /* -1: none */
    enum size size;
    char conversion;
};

static void put(struct sink *sink, const char *text, size_t n)
{
    if (sink->has_failed)
        return;
    if (sink->cap - sink->len <= n) {
        size_t cap = sink->cap + sink->cap / 2 + n + 64;
        char *grown = mem_alloc(cap);
        sink->has_failed = grown == NULL;
        if (grown == NULL)
            return;
        mem_copy(grown, sink->text, sink->len);
        mem_free(sink->text);
        sink->text = grown;
        sink->cap = cap;
    }
    mem_copy(sink->text + sink->len, text, n);
    sink->len += n;
}

static void pad(struct sink *sink, char with, size_t n)
{
    for (; n > 0; n--)
        put(sink, &with, 1);
}

/* ---- reading a conversion -------------------------------------------------------------------- */

static const char *read_flags(const char *p, struct spec *out)
{
    size_t n = 0;
    for (; *p != 0 && strchr("-+ #0", *p) != NULL; p++) {
        if (n < FLAGS_MAX && strchr(out->flags, *p) == NULL)
            out->flags[n++] = *p;
    }
    return p;
}

/* A number or a star; bounded, so that a format cannot ask for any amount of memory. */
static const char *read_number(const char *p, struct arguments *arguments, int *out)
{
    int value = 0;
    if (*p == '*') {
        value = va_arg(arguments->list, int);
        p++;
    }
    for (; *p >= '0' && *p <= '9'; p++)
        value = value < FIELD_MAX ? value * 10 + (*p - '0') : value;
    *out = value > FIELD_MAX ? FIELD_MAX : value < -FIELD_MAX ? -FIELD_MAX : value;
    return p;
}

static const char *read_size(const char *p, enum size *out)
{
    static const struct {
        const char *text;
        enum size size;
    } sizes[] = {{"I64", SIZE_64}, {"I32", SIZE_LONG}, {"ll", SIZE_64},     {"h", SIZE_SHORT},
                 {"l", SIZE_LONG}, {"w", SIZE_LONG},   {"I", SIZE_POINTER}, {"z", SIZE_POINTER},
                 {"j", SIZE_64},   {"t", SIZE_POINTER}};
    *out = SIZE_NONE;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        size_t n = strlen(sizes[i].text);
        if (strncmp(p, sizes[i].text, n) == 0) {
            *out = sizes[i].size;
            return p + n;
        }
    }
    return p;
}

/* p stands after the percent sign; returns what follows the conversion. */
static const char *read_spec(const char *p, struct arguments *arguments, struct spec *out)
{
    *out = (struct spec){.precision = -1};
    p = read_flags(p, out);
    p = read_number(p, arguments, &out->width);
    if (*p == '.')
        p = read_number(p + 1, arguments, &out->precision);
    p = read_size(p, &out->size);
    out->conversion = *p;
    return *p != 0 ? p + 1 : p;
}

/* ---- writing it ------------------------------------------------------------------------------ */

static void put_padded(struct sink *sink, const struct spec *spec, const char *text, size_t n)
{
    bool is_left = spec->width < 0 || strchr(spec->flags, '-') != NULL;
    size_t width = (size_t)(spec->width < 0 ? -spec->width : spec->width);
    size_t missing = n < width ? width - n : 0;
    if (!is_left)
        pad(sink, ' ', missing);
    put(sink, text, n);
    if (is_left)
        pad(sink, ' ', missing);
}

static void put_wide(struct sink *sink, const struct spec *spec, const WCHAR *text, size_t n)
{
    size_t bytes = win_utf8_from_utf16(text, n, NULL, 0);
    char *narrow = mem_alloc(bytes + 1);
    sink->has_failed = sink->has_failed || narrow == NULL;
    if (narrow == NULL)
        return;
    win_utf8_from_utf16(text, n, narrow, bytes);
    put_padded(sink, spec, narrow, bytes);
    mem_free(narrow);
}

static bool is_wide_text(const struct spec *spec, bool is_wide)
{
    if (spec->size == SIZE_SHORT || spec->size == SIZE_LONG)
        return spec->size == SIZE_LONG;
    return spec->conversion == 'S' || spec->conversion == 'C' ? !is_wide : is_wide;
}

static void put_text(struct sink *sink, const struct spec *spec, bool is_wide,
                     struct arguments *arguments)
{
    const void *text = va_arg(arguments->list, const void *);
    size_t max = spec->precision >= 0 ? (size_t)spec->precision : SIZE_MAX;
    if (text == NULL) {
        put_padded(sink, spec, "(null)", max < 6 ? max : 6);
    } else if (is_wide) {
        const WCHAR *wide = text;
        size_t n = 0;
        while (n < max && wide[n] != 0)
            n++;
        put_wide(sink, spec, wide, n);
    } else {
        put_padded(sink, spec, text, strnlen(text, max));
    }
}

static void put_character(struct sink *sink, const struct spec *spec, bool is_wide,
                          struct arguments *arguments)
{
    int value = va_arg(arguments->list, int);
    WCHAR wide = (WCHAR)value;
    char narrow = (char)value;
    if (is_wide)
        put_wide(sink, spec, &wide, 1);
    else
        put_padded(sink, spec, &narrow, 1);
}

static long long signed_argument(enum size size, struct arguments *arguments)
{
    switch (size) {
    case SIZE_64:
        return va_arg(arguments->list, long long);
    case SIZE_POINTER:
        return va_arg(arguments->list, intptr_t);
    case SIZE_SHORT:
        return (short)va_arg(arguments->list, int);
    case SIZE_NONE:
    case SIZE_LONG:
        break;
    }
    return va_arg(arguments->list, int);
}

static unsigned long long unsigned_argument(enum size size, struct arguments *arguments)
{
    switch (size) {
    case SIZE_64:
        return va_arg(arguments->list, unsigned long long);
    case SIZE_POINTER:
        return va_arg(arguments->list, uintptr_t);
    case SIZE_SHORT:
        return (unsigned short)va_arg(arguments->list, int);
    case SIZE_NONE:
    case SIZE_LONG:
        break;
    }
    return va_arg(arguments->list, unsigned);
}

/* A number in its parts: sign or 0x, zeros, digits. */
struct number {
    char prefix[3];
    size_t zeros;
    char digits[NUMBER_MAX];
};

/* Zeros up to the precision, or with the flag 0 up to the width. */
static void put_parts(struct sink *sink, const struct spec *spec, struct number *number,
                      bool has_precision)
{
    size_t prefix = strlen(number->prefix);
    size_t n = strlen(number->digits);
    size_t width = (size_t)(spec->width < 0 ? -spec->width : spec->width);
    bool is_left = spec->width < 0 || strchr(spec->flags, '-') != NULL;
    if (strchr(spec->flags, '0') != NULL && !is_left && !has_precision && width > prefix + n)
        number->zeros = width - prefix - n;
    size_t all = prefix + number->zeros + n;
    size_t missing = all < width ? width - all : 0;
    if (!is_left)
        pad(sink, ' ', missing);
    put(sink, number->prefix, prefix);
    pad(sink, '0', number->zeros);
    put(sink, number->digits, n);
    if (is_left)
        pad(sink, ' ', missing);
}

static void set_sign(struct number *number, const struct spec *spec, bool is_negative)
{
    number->prefix[0] = is_negative                        ? '-'
                        : strchr(spec->flags, '+') != NULL ? '+'
                        : strchr(spec->flags, ' ') != NULL ? ' '
                                                           : '\0';
}

static void set_unsigned(struct number *number, const struct spec *spec, unsigned long long value)
{
    bool is_alternate = strchr(spec->flags, '#') != NULL && value != 0;
    if (spec->conversion == 'x' || spec->conversion == 'X') {
        snprintf(number->digits, NUMBER_MAX, spec->conversion == 'x' ? "%llx" : "%llX", value);
        if (is_alternate)
            snprintf(number->prefix, sizeof number->prefix, "0%c", spec->conversion);
    } else if (spec->conversion == 'o') {
        snprintf(number->digits, NUMBER_MAX, is_alternate ? "0%llo" : "%llo", value);
    } else {
        snprintf(number->digits, NUMBER_MAX, "%llu", value);
    }
}

static void put_number(struct sink *sink, const struct spec *spec, struct arguments *arguments)
{
    struct number number = {.zeros = 0};
    if (spec->conversion == 'p') {
        snprintf(number.digits, NUMBER_MAX, "%016llX", unsigned_argument(SIZE_POINTER, arguments));
    } else if (spec->conversion == 'd' || spec->conversion == 'i') {
        long long value = signed_argument(spec->size, arguments);
        set_sign(&number, spec, value < 0);
        snprintf(number.digits, NUMBER_MAX, "%llu",
                 value < 0 ? 0 - (unsigned long long)value : (unsigned long long)value);
    } else {
        set_unsigned(&number, spec, unsigned_argument(spec->size, arguments));
    }
    size_t least = spec->precision > 0 ? (size_t)spec->precision : 0;
    size_t n = strlen(number.digits);
    number.zeros = n < least ? least - n : 0;
    put_parts(sink, spec, &number, spec->precision >= 0);
}

/* Of a value without its sign; a precision of hundreds of digits is cut. */
static void print_floating(char out[NUMBER_MAX], char conversion, int precision, double value)
{
    int digits = precision < 0 ? 6 : precision > 100 ? 100 : precision;
    switch (conversion) {
    case 'e':
        snprintf(out, NUMBER_MAX, "%.*e", digits, value);
        break;
    case 'E':
        snprintf(out, NUMBER_MAX, "%.*E", digits, value);
        break;
    case 'g':
        snprintf(out, NUMBER_MAX, "%.*g", digits, value);
        break;
    case 'G':
        snprintf(out, NUMBER_MAX, "%.*G", digits, value);
        break;
    default:
        snprintf(out, NUMBER_MAX, "%.*f", digits, value);
        break;
    }
}

static void put_floating(struct sink *sink, const struct spec *spec, struct arguments *arguments)
{
    struct number number = {.zeros = 0};
    double value = va_arg(arguments->list, double);
    bool is_negative = __builtin_signbit(value) != 0;
    set_sign(&number, spec, is_negative);
    print_floating(number.digits, spec->conversion, spec->precision, is_negative ? -value : value);
    put_parts(sink, spec, &number, false);
}

static void convert(struct sink *sink, const struct spec *spec, struct options options,
                    struct arguments *arguments, struct span source)
{
    char c = spec->conversion;
    if (c == 's' || c == 'S')
        put_text(sink, spec, is_wide_text(spec, options.is_wide), arguments);
    else if (c == 'c' || c == 'C')
        put_character(sink, spec, is_wide_text(spec, options.is_wide), arguments);
    else if (c != 0 && strchr("diuoxXp", c) != NULL)
        put_number(sink, spec, arguments);
    else if (c != 0 && options.has_floating && strchr("fFeEgG", c) != NULL)
        put_floating(sink, spec, arguments);
    else if (c == '%')
        put(sink, "%", 1);
    else
        put(sink, (const char *)source.p, source.n);
}

static void format_all(struct sink *sink, const char *format, struct options options,
                       struct arguments *arguments)
{
    while (*format != 0) {
        size_t plain = strcspn(format, "%");
        put(sink, format, plain);
        format += plain;
        if (*format == 0)
            break;
        struct spec spec;
        const char *end = read_spec(format + 1, arguments, &spec);
        convert(sink, &spec, options, arguments, span_of(format, (size_t)(end - format)));
        format = end;
    }
    put(sink, "", 1);
    if (!sink->has_failed)
        sink->len--;
}

/* ---- the functions --------------------------------------------------------------------------- */

/* The bytes written without the NUL; *out_is_cut when there were more. -1 without memory. */
static int format_narrow(char *buffer, size_t size, const char *format, va_list list,
                         bool *out_is_cut)
{
    struct sink sink = {0};
    struct arguments arguments;
    va_copy(arguments.list, list);
    format_all(&sink, format, (struct options){.is_wide = false}, &arguments);
    va_end(arguments.list);
    size_t n = sink.len < size ? sink.len : size - (size != 0);
    *out_is_cut = n < sink.len || size == 0;
    if (!sink.has_failed && size != 0) {
        mem_copy(buffer, sink.text, n);
        buffer[n] = 0;
    }
    mem_free(sink.text);
    return sink.has_failed ? -1 : (int)n;
}

int WINAPI wvsprintfA(LPSTR lpOut, LPCSTR lpFmt, va_list arglist)
{
    bool is_cut;
    return format_narrow(lpOut, WSPRINTF_MAX, lpFmt, arglist, &is_cut);
}

int WINAPIV wnsprintfA(LPSTR lpOut, int cchLimitIn, LPCSTR lpFmt, ...)
{
    bool is_cut = false;
    va_list list;
    va_start(list, lpFmt);
    int n = format_narrow(lpOut, cchLimitIn > 0 ? (size_t)cchLimitIn : 0, lpFmt, list, &is_cut);
    va_end(list);
    return is_cut ? -1 : n;
}

/* The units written without the NUL; *out_is_cut when there were more. -1 without memory. */
static int format_wide(WCHAR *buffer, size_t size, const WCHAR *format, bool has_floating,
                       va_list list, bool *out_is_cut)
{
    struct sink sink = {0};
    struct arguments arguments;
    char *narrow = win_utf8_dup(format);
    if (narrow == NULL)
        return -1;
    va_copy(arguments.list, list);
    format_all(&sink, narrow, (struct options){.is_wide = true, .has_floating = has_floating},
               &arguments);
    va_end(arguments.list);
    mem_free(narrow);
    WCHAR *wide = sink.has_failed ? NULL : win_utf16_dup(sink.text);
    mem_free(sink.text);
    if (wide == NULL)
        return -1;
    size_t len = win_utf16_len(wide);
    size_t n = len < size ? len : size - (size != 0);
    *out_is_cut = n < len || size == 0;
    mem_copy(buffer, wide, n * sizeof *buffer);
    if (size != 0)
        buffer[n] = 0;
    mem_free(wide);
    return (int)n;
}

int WINAPI wvsprintfW(LPWSTR lpOut, LPCWSTR lpFmt, va_list arglist)
{
    bool is_cut;
    return format_wide(lpOut, WSPRINTF_MAX, lpFmt, false, arglist, &is_cut);
}

int WINAPIV wsprintfA(LPSTR lpOut, LPCSTR lpFmt, ...)
{
    va_list list;
    va_start(list, lpFmt);
    int n = wvsprintfA(lpOut, lpFmt, list);
    va_end(list);
    return n;
}

int WINAPIV wsprintfW(LPWSTR lpOut, LPCWSTR lpFmt, ...)
{
    va_list list;
    va_start(list, lpFmt);
    int n = wvsprintfW(lpOut, lpFmt, list);
    va_end(list);
    return n;
}

int schannel_vsnwprintf(WCHAR *buffer, SIZE_T size, const WCHAR *format, va_list arguments)
{
    bool is_cut = false;
    int n = format_wide(buffer, size, format, true, arguments, &is_cut);
    return is_cut ? -1 : n;
}

int schannel_snwprintf(WCHAR *buffer, SIZE_T size, const WCHAR *format, ...)
{
    va_list list;
    va_start(list, format);
    int n = schannel_vsnwprintf(buffer, size, format, list);
    va_end(list);
    return n;
}

int WINAPIV wnsprintfW(LPWSTR lpOut, int cchLimitIn, LPCWSTR lpFmt, ...)
{
    bool is_cut = false;
    va_list list;
    va_start(list, lpFmt);
    int n =
        format_wide(lpOut, cchLimitIn > 0 ? (size_t)cchLimitIn : 0, lpFmt, false, list, &is_cut);
    va_end(list);
    return is_cut ? -1 : n;
}

int schannel_vfwprintf(FILE *stream, const WCHAR *format, va_list arguments)
{
    struct sink sink = {0};
    struct arguments taken;
    char *narrow = win_utf8_dup(format);
    if (narrow == NULL)
        return -1;
    va_copy(taken.list, arguments);
    format_all(&sink, narrow, (struct options){.is_wide = true, .has_floating = true}, &taken);
    va_end(taken.list);
    mem_free(narrow);
    bool is_out = !sink.has_failed && fwrite(sink.text, 1, sink.len, stream) == sink.len;
    mem_free(sink.text);
    return is_out ? (int)sink.len : -1;
}

int schannel_fwprintf(FILE *stream, const WCHAR *format, ...)
{
    va_list list;
    va_start(list, format);
    int n = schannel_vfwprintf(stream, format, list);
    va_end(list);
    return n;
}

int schannel_wprintf(const WCHAR *format, ...)
{
    va_list list;
    va_start(list, format);
    int n = schannel_vfwprintf(stdout, format, list);
    va_end(list);
    return n;
}
