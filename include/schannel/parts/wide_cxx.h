/* SPDX-License-Identifier: MIT */
/*
 * C++ under -fshort-wchar: wchar_t has 16 bits, but the wide functions of libc and the wide strings
 * compiled into the C++ library have 32. Here the functions are bound to 16-bit ones and
 * std::wstring is compiled anew in the program. Wide streams, std::to_wstring, std::stoi of wide
 * text and the wide parts of locales stay the library's, and do not work.
 */
#ifndef SCHANNEL_PARTS_WIDE_CXX_H
#define SCHANNEL_PARTS_WIDE_CXX_H

#if defined(__clang__) && defined(_GLIBCXX_STRING)
#error                                                                                             \
    "under -fshort-wchar clang needs <windows.h> before <string>: compile with -include windows.h"
#endif

#include <stdlib.h>
#include <wchar.h>

#if defined(__USE_FORTIFY_LEVEL) && __USE_FORTIFY_LEVEL > 0
#error "-fshort-wchar and _FORTIFY_SOURCE do not go together in C++: compile with -U_FORTIFY_SOURCE"
#endif

extern "C" {
extern size_t wcslen(const wchar_t *) __THROW __asm__("schannel_wcslen");
extern int wcscmp(const wchar_t *, const wchar_t *) __THROW __asm__("schannel_wcscmp");
extern int wcsncmp(const wchar_t *, const wchar_t *, size_t) __THROW __asm__("schannel_wcsncmp");
extern wchar_t *wcscpy(wchar_t *, const wchar_t *) __THROW __asm__("schannel_wcscpy");
extern wchar_t *wcsncpy(wchar_t *, const wchar_t *, size_t) __THROW __asm__("schannel_wcsncpy");
extern wchar_t *wcscat(wchar_t *, const wchar_t *) __THROW __asm__("schannel_wcscat");
extern wchar_t *wmemcpy(wchar_t *, const wchar_t *, size_t) __THROW __asm__("schannel_wmemcpy");
extern wchar_t *wmemmove(wchar_t *, const wchar_t *, size_t) __THROW __asm__("schannel_wmemmove");
extern wchar_t *wmemset(wchar_t *, wchar_t, size_t) __THROW __asm__("schannel_wmemset");
extern int wmemcmp(const wchar_t *, const wchar_t *, size_t) __THROW __asm__("schannel_wmemcmp");
extern int swprintf(wchar_t *, size_t, const wchar_t *, ...) __THROW __asm__("schannel_snwprintf");
extern int vswprintf(wchar_t *, size_t, const wchar_t *, __gnuc_va_list) __THROW
    __asm__("schannel_vsnwprintf");
extern size_t mbstowcs(wchar_t *, const char *, size_t) __THROW __asm__("schannel_mbstowcs");
extern size_t wcstombs(char *, const wchar_t *, size_t) __THROW __asm__("schannel_wcstombs");
extern int _wcsicmp(const wchar_t *, const wchar_t *) __asm__("schannel_wcsicmp");
#ifndef __CORRECT_ISO_CPP_WCHAR_H_PROTO
extern wchar_t *wcschr(const wchar_t *, wchar_t) __THROW __asm__("schannel_wcschr");
extern wchar_t *wcsrchr(const wchar_t *, wchar_t) __THROW __asm__("schannel_wcsrchr");
extern wchar_t *wcsstr(const wchar_t *, const wchar_t *) __THROW __asm__("schannel_wcsstr");
extern wchar_t *wmemchr(const wchar_t *, wchar_t, size_t) __THROW __asm__("schannel_wmemchr");
#endif
}
#ifdef __CORRECT_ISO_CPP_WCHAR_H_PROTO
extern "C++" {
extern wchar_t *wcschr(wchar_t *, wchar_t) __THROW __asm__("schannel_wcschr");
extern const wchar_t *wcschr(const wchar_t *, wchar_t) __THROW __asm__("schannel_wcschr");
extern wchar_t *wcsrchr(wchar_t *, wchar_t) __THROW __asm__("schannel_wcsrchr");
extern const wchar_t *wcsrchr(const wchar_t *, wchar_t) __THROW __asm__("schannel_wcsrchr");
extern wchar_t *wcsstr(wchar_t *, const wchar_t *) __THROW __asm__("schannel_wcsstr");
extern const wchar_t *wcsstr(const wchar_t *, const wchar_t *) __THROW __asm__("schannel_wcsstr");
extern wchar_t *wmemchr(wchar_t *, wchar_t, size_t) __THROW __asm__("schannel_wmemchr");
extern const wchar_t *wmemchr(const wchar_t *, wchar_t, size_t) __THROW __asm__("schannel_wmemchr");
}
#endif

#include <string>
#ifdef __GLIBCXX__
template class std::basic_string<wchar_t>;
#endif

#endif
