/* SPDX-License-Identifier: MIT */
/*
 * Names of Microsoft's C library over the C library of the system; windows.h includes it. The _s
 * functions return an error and leave an empty text where Microsoft's would end the program.
 */
#ifndef SCHANNEL_PARTS_CRT_H
#define SCHANNEL_PARTS_CRT_H

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "winbase_text.h"

typedef int errno_t;
typedef size_t rsize_t;

#define _TRUNCATE ((size_t)-1)
#define _MAX_PATH 260

#ifndef __cplusplus
#define _stricmp  strcasecmp
#define _strnicmp strncasecmp
#define _strdup   strdup
#define _alloca   __builtin_alloca
#define _unlink   unlink
#define _access   access
#define _fileno   fileno
#define _getpid   getpid
#define strtok_s  strtok_r
#else
static inline int _stricmp(const char *a, const char *b)
{
    return strcasecmp(a, b);
}
static inline int _strnicmp(const char *a, const char *b, size_t n)
{
    return strncasecmp(a, b, n);
}
static inline char *_strdup(const char *text)
{
    size_t n = strlen(text) + 1;
    void *copy = malloc(n);
    return copy != NULL ? (char *)memcpy(copy, text, n) : NULL;
}
#define _alloca  __builtin_alloca
#define strtok_s strtok_r
#endif

/* ---- memory and text ------------------------------------------------------------------- */

static inline errno_t memcpy_s(void *to, size_t size, const void *from, size_t n)
{
    if (n == 0)
        return 0;
    if (to == NULL || from == NULL || size < n) {
        if (to != NULL)
            memset(to, 0, size);
        return to == NULL || from == NULL ? EINVAL : ERANGE;
    }
    memcpy(to, from, n);
    return 0;
}

static inline errno_t memmove_s(void *to, size_t size, const void *from, size_t n)
{
    if (n == 0)
        return 0;
    if (to == NULL || from == NULL)
        return EINVAL;
    if (size < n)
        return ERANGE;
    memmove(to, from, n);
    return 0;
}

static inline size_t strnlen_s(const char *text, size_t max)
{
    size_t n = 0;
    while (text != NULL && n < max && text[n] != 0)
        n++;
    return n;
}

static inline errno_t strncpy_s(char *to, size_t size, const char *from, size_t n)
{
    if (to == NULL || size == 0)
        return EINVAL;
    to[0] = 0;
    if (from == NULL)
        return EINVAL;
    size_t len = strnlen_s(from, n == _TRUNCATE ? size - 1 : n);
    if (len >= size)
        return ERANGE;
    memcpy(to, from, len);
    to[len] = 0;
    return n == _TRUNCATE && from[len] != 0 ? 80 /* STRUNCATE */ : 0;
}

static inline errno_t strcpy_s(char *to, size_t size, const char *from)
{
    return strncpy_s(to, size, from, _TRUNCATE - 1);
}

static inline errno_t strcat_s(char *to, size_t size, const char *from)
{
    size_t len = to != NULL ? strnlen_s(to, size) : size;
    return to == NULL || len >= size ? EINVAL : strcpy_s(to + len, size - len, from);
}

static inline __attribute__((format(printf, 3, 0))) int
vsprintf_s(char *to, size_t size, const char *format, va_list arguments)
{
    int n = to != NULL && size != 0 ? vsnprintf(to, size, format, arguments) : -1;
    if (n >= 0 && (size_t)n < size)
        return n;
    if (to != NULL && size != 0)
        to[0] = 0;
    return -1;
}

static inline __attribute__((format(printf, 3, 4))) int sprintf_s(char *to, size_t size,
                                                                  const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n = vsprintf_s(to, size, format, arguments);
    va_end(arguments);
    return n;
}

/* Negative when the text is cut; unlike Microsoft's it always ends in a NUL. */
static inline __attribute__((format(printf, 3, 0))) int
_vsnprintf(char *to, size_t size, const char *format, va_list arguments)
{
    int n = vsnprintf(to, size, format, arguments);
    return n >= 0 && (size_t)n < size ? n : to == NULL && size == 0 ? n : -1;
}

static inline __attribute__((format(printf, 3, 4))) int _snprintf(char *to, size_t size,
                                                                  const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n = _vsnprintf(to, size, format, arguments);
    va_end(arguments);
    return n;
}

static inline __attribute__((format(printf, 4, 5))) int
_snprintf_s(char *to, size_t size, size_t count, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n = _vsnprintf(to, count < size ? count + 1 : size, format, arguments);
    va_end(arguments);
    return n;
}

static inline char *schannel_digits(unsigned long value, int is_negative, char *to, int radix)
{
    char reversed[sizeof value * CHAR_BIT];
    size_t n = 0;
    char *p = to;
    do
        reversed[n++] = "0123456789abcdefghijklmnopqrstuvwxyz"[value % (unsigned long)radix];
    while ((value /= (unsigned long)radix) != 0);
    if (is_negative)
        *p++ = '-';
    while (n > 0)
        *p++ = reversed[--n];
    *p = 0;
    return to;
}

/* Radix 2 to 36; a sign for radix 10 only. */
static inline char *_itoa(int value, char *to, int radix)
{
    int is_negative = radix == 10 && value < 0;
    unsigned magnitude = is_negative ? 0u - (unsigned)value : (unsigned)value;
    return schannel_digits(magnitude, is_negative, to, radix);
}

static inline char *_ultoa(unsigned long value, char *to, int radix)
{
    return schannel_digits(value, 0, to, radix);
}

/* ---- files and time -------------------------------------------------------------------- */

static inline errno_t fopen_s(FILE **out, const char *path, const char *mode)
{
    if (out == NULL)
        return EINVAL;
    *out = path != NULL && mode != NULL ? fopen(path, mode) : NULL;
    return *out != NULL ? 0 : path == NULL || mode == NULL ? EINVAL : errno;
}

#if defined(_POSIX_C_SOURCE) || defined(_GNU_SOURCE)
static inline errno_t localtime_s(struct tm *out, const time_t *when)
{
    return localtime_r(when, out) != NULL ? 0 : EINVAL;
}

static inline errno_t gmtime_s(struct tm *out, const time_t *when)
{
    return gmtime_r(when, out) != NULL ? 0 : EINVAL;
}
#endif

/* ---- wide text, of 16-bit units ---------------------------------------------------------- */

static inline errno_t schannel_wcsncpy_s(WCHAR *to, size_t size, const WCHAR *from, size_t n)
{
    size_t len = 0;
    if (to == NULL || size == 0)
        return EINVAL;
    to[0] = 0;
    if (from == NULL)
        return EINVAL;
    while (len < n && from[len] != 0 && len < size)
        len++;
    int is_cut = len >= size;
    if (is_cut && n != _TRUNCATE)
        return ERANGE;
    len = is_cut ? size - 1 : len;
    memcpy(to, from, len * sizeof *to);
    to[len] = 0;
    return is_cut ? 80 /* STRUNCATE */ : 0;
}

static inline errno_t schannel_wcscpy_s(WCHAR *to, size_t size, const WCHAR *from)
{
    return schannel_wcsncpy_s(to, size, from, _TRUNCATE - 1);
}

static inline errno_t schannel_wcscat_s(WCHAR *to, size_t size, const WCHAR *from)
{
    size_t len = 0;
    while (to != NULL && len < size && to[len] != 0)
        len++;
    return to == NULL || len >= size ? EINVAL : schannel_wcscpy_s(to + len, size - len, from);
}

static inline WCHAR *schannel_wcsdup(const WCHAR *text)
{
    size_t len = 0;
    while (text[len] != 0)
        len++;
    void *copy = malloc((len + 1) * sizeof *text);
    return copy != NULL ? (WCHAR *)memcpy(copy, text, (len + 1) * sizeof *text) : NULL;
}

static inline int schannel_wtoi(const WCHAR *text)
{
    char digits[32];
    size_t n = 0;
    while (n < sizeof digits - 1 && text[n] != 0 && text[n] < 0x80) {
        digits[n] = (char)text[n];
        n++;
    }
    digits[n] = 0;
    return atoi(digits);
}

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * schannel_vfwprintf, schannel_fwprintf, schannel_wprintf - format as schannel_vsnwprintf does and
 * write UTF-8 to a stream or to standard output; for programs with 16-bit wide text. Return the
 * bytes written, or -1. Any thread.
 * Source: C11 7.29.2.
 */
int schannel_vfwprintf(FILE *stream, const WCHAR *format, va_list arguments);
int schannel_fwprintf(FILE *stream, const WCHAR *format, ...);
int schannel_wprintf(const WCHAR *format, ...);
/*
 * schannel_mbstowcs, schannel_wcstombs - UTF-8 to UTF-16 and back as the functions without the
 * prefix do it: at most n units or bytes, the NUL included if it fits; the number without it; to
 * may be NULL, to ask for the number. Invalid text becomes U+FFFD. Any thread.
 * schannel_wide_main - calls program with the arguments of main in UTF-16; returns what it returns,
 * or 1 without memory. For _tmain under UNICODE. Once, from main.
 * Source: C11 7.22.8.
 */
SIZE_T schannel_mbstowcs(WCHAR *to, const char *from, SIZE_T n);
SIZE_T schannel_wcstombs(char *to, const WCHAR *from, SIZE_T n);
int schannel_wide_main(int (*program)(int count, WCHAR **arguments), int count, char **arguments);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

/* Where wchar_t itself has 16 bits the C library's wide functions work on the wrong width. */
#if __SIZEOF_WCHAR_T__ == 2 && !defined(__cplusplus)
#include <wchar.h>
#include <wctype.h>
#define wcslen      schannel_wcslen
#define wcscmp      schannel_wcscmp
#define wcsncmp     schannel_wcsncmp
#define _wcsicmp    schannel_wcsicmp
#define wcscpy      schannel_wcscpy
#define wcsncpy     schannel_wcsncpy
#define wcscat      schannel_wcscat
#define wcschr      schannel_wcschr
#define wcsrchr     schannel_wcsrchr
#define wcsstr      schannel_wcsstr
#define wcscpy_s    schannel_wcscpy_s
#define wcsncpy_s   schannel_wcsncpy_s
#define wcscat_s    schannel_wcscat_s
#define _wcsdup     schannel_wcsdup
#define _wtoi       schannel_wtoi
#define swprintf    schannel_snwprintf
#define swprintf_s  schannel_snwprintf
#define _snwprintf  schannel_snwprintf
#define vswprintf   schannel_vsnwprintf
#define _vsnwprintf schannel_vsnwprintf
#define wprintf     schannel_wprintf
#define fwprintf    schannel_fwprintf
#define vfwprintf   schannel_vfwprintf
#define mbstowcs    schannel_mbstowcs
#define wcstombs    schannel_wcstombs
#define wmain       SCHANNEL_WIDE_MAIN
#endif

/* Stands for the name in "int _tmain(int argc, TCHAR *argv[])": main comes before it. */
#define SCHANNEL_WIDE_MAIN                                                                         \
    schannel_program(int, WCHAR **);                                                               \
    int main(int count, char **arguments)                                                          \
    {                                                                                              \
        return schannel_wide_main(schannel_program, count, arguments);                             \
    }                                                                                              \
    int schannel_program

#ifdef __cplusplus
/* The forms that take the size from the array. */
template <size_t size> static inline errno_t strcpy_s(char (&to)[size], const char *from)
{
    return strcpy_s(to, size, from);
}
template <size_t size> static inline errno_t strcat_s(char (&to)[size], const char *from)
{
    return strcat_s(to, size, from);
}
template <size_t size> static inline errno_t strncpy_s(char (&to)[size], const char *from, size_t n)
{
    return strncpy_s(to, size, from, n);
}
template <size_t size> static inline int sprintf_s(char (&to)[size], const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n = vsprintf_s(to, size, format, arguments);
    va_end(arguments);
    return n;
}
#endif

#endif
