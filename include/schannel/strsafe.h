/* SPDX-License-Identifier: MIT */
/* The bounded text functions of strsafe.h, over those of parts/crt.h. No Ex forms. */
#ifndef SCHANNEL_STRSAFE_H
#define SCHANNEL_STRSAFE_H

#include "windows.h"

#define STRSAFE_MAX_CCH               2147483647
#define STRSAFE_E_INSUFFICIENT_BUFFER ((HRESULT)0x8007007A)
#define STRSAFE_E_INVALID_PARAMETER   ((HRESULT)0x80070057)

/* The text is cut where it does not fit. */
static inline HRESULT StringCchCopyNA(char *to, size_t size, const char *from, size_t n)
{
    if (to == NULL || from == NULL || size == 0 || size > STRSAFE_MAX_CCH)
        return STRSAFE_E_INVALID_PARAMETER;
    size_t len = strnlen_s(from, n);
    size_t kept = len < size ? len : size - 1;
    memcpy(to, from, kept);
    to[kept] = 0;
    return kept == len ? S_OK : STRSAFE_E_INSUFFICIENT_BUFFER;
}

static inline HRESULT StringCchCopyNW(WCHAR *to, size_t size, const WCHAR *from, size_t n)
{
    if (to == NULL || from == NULL || size == 0 || size > STRSAFE_MAX_CCH)
        return STRSAFE_E_INVALID_PARAMETER;
    size_t len = 0;
    while (len < n && from[len] != 0)
        len++;
    size_t kept = len < size ? len : size - 1;
    memcpy(to, from, kept * sizeof *to);
    to[kept] = 0;
    return kept == len ? S_OK : STRSAFE_E_INSUFFICIENT_BUFFER;
}

static inline HRESULT StringCchCopyA(char *to, size_t size, const char *from)
{
    return StringCchCopyNA(to, size, from, STRSAFE_MAX_CCH);
}

static inline HRESULT StringCchCopyW(WCHAR *to, size_t size, const WCHAR *from)
{
    return StringCchCopyNW(to, size, from, STRSAFE_MAX_CCH);
}

static inline HRESULT StringCchLengthA(const char *text, size_t max, size_t *out)
{
    size_t len = text != NULL && max <= STRSAFE_MAX_CCH ? strnlen_s(text, max) : max;
    if (out != NULL)
        *out = len < max ? len : 0;
    return len < max ? S_OK : STRSAFE_E_INVALID_PARAMETER;
}

static inline HRESULT StringCchLengthW(const WCHAR *text, size_t max, size_t *out)
{
    size_t len = text != NULL && max <= STRSAFE_MAX_CCH ? 0 : max;
    while (len < max && text[len] != 0)
        len++;
    if (out != NULL)
        *out = len < max ? len : 0;
    return len < max ? S_OK : STRSAFE_E_INVALID_PARAMETER;
}

static inline HRESULT StringCchCatA(char *to, size_t size, const char *from)
{
    size_t len;
    HRESULT result = StringCchLengthA(to, size, &len);
    return result == S_OK ? StringCchCopyA(to + len, size - len, from) : result;
}

static inline HRESULT StringCchCatW(WCHAR *to, size_t size, const WCHAR *from)
{
    size_t len;
    HRESULT result = StringCchLengthW(to, size, &len);
    return result == S_OK ? StringCchCopyW(to + len, size - len, from) : result;
}

static inline HRESULT StringCchVPrintfA(char *to, size_t size, const char *format, va_list list)
{
    if (to == NULL || format == NULL || size == 0 || size > STRSAFE_MAX_CCH)
        return STRSAFE_E_INVALID_PARAMETER;
    int n = vsnprintf(to, size, format, list);
    return n >= 0 && (size_t)n < size ? S_OK : STRSAFE_E_INSUFFICIENT_BUFFER;
}

static inline HRESULT StringCchVPrintfW(WCHAR *to, size_t size, const WCHAR *format, va_list list)
{
    if (to == NULL || format == NULL || size == 0 || size > STRSAFE_MAX_CCH)
        return STRSAFE_E_INVALID_PARAMETER;
    return schannel_vsnwprintf(to, size, format, list) >= 0 ? S_OK : STRSAFE_E_INSUFFICIENT_BUFFER;
}

static inline __attribute__((format(printf, 3, 4))) HRESULT
StringCchPrintfA(char *to, size_t size, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    HRESULT result = StringCchVPrintfA(to, size, format, list);
    va_end(list);
    return result;
}

static inline HRESULT StringCchPrintfW(WCHAR *to, size_t size, const WCHAR *format, ...)
{
    va_list list;
    va_start(list, format);
    HRESULT result = StringCchVPrintfW(to, size, format, list);
    va_end(list);
    return result;
}

#define StringCchCopy    SCHANNEL_AW(StringCchCopy)
#define StringCchCopyN   SCHANNEL_AW(StringCchCopyN)
#define StringCchCat     SCHANNEL_AW(StringCchCat)
#define StringCchLength  SCHANNEL_AW(StringCchLength)
#define StringCchPrintf  SCHANNEL_AW(StringCchPrintf)
#define StringCchVPrintf SCHANNEL_AW(StringCchVPrintf)

/* The same with sizes in bytes. */
#define StringCbCopyA(to, bytes, from)  StringCchCopyA((to), (bytes), (from))
#define StringCbCopyW(to, bytes, from)  StringCchCopyW((to), (bytes) / sizeof(WCHAR), (from))
#define StringCbCatA(to, bytes, from)   StringCchCatA((to), (bytes), (from))
#define StringCbCatW(to, bytes, from)   StringCchCatW((to), (bytes) / sizeof(WCHAR), (from))
#define StringCbPrintfA(to, bytes, ...) StringCchPrintfA((to), (bytes), __VA_ARGS__)
#define StringCbPrintfW(to, bytes, ...) StringCchPrintfW((to), (bytes) / sizeof(WCHAR), __VA_ARGS__)
#define StringCbCopy                    SCHANNEL_AW(StringCbCopy)
#define StringCbCat                     SCHANNEL_AW(StringCbCat)
#define StringCbPrintf                  SCHANNEL_AW(StringCbPrintf)

#endif
