/* SPDX-License-Identifier: MIT */
/* The text functions of kernel32 and user32. Numbers are formatted with Windows' sizes: l is 32
 * bits. */
#ifndef SCHANNEL_PARTS_WINBASE_TEXT_H
#define SCHANNEL_PARTS_WINBASE_TEXT_H

#include <stdarg.h>

#include "../windef.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * lstrcpy, lstrcat - copy, or append, with the NUL; the target must be large enough. Return it, or
 * NULL when a pointer is NULL.
 * lstrcpyn - copies at most iMaxLength - 1 characters and a NUL.
 * lstrcmp, lstrcmpi - negative, 0 or positive, by code unit; the second takes A to Z and a to z for
 * the same. NULL is less than any text. Any thread.
 * Source: Microsoft pages of the functions.
 */
LPSTR WINAPI lstrcpyA(LPSTR lpString1, LPCSTR lpString2);
LPWSTR WINAPI lstrcpyW(LPWSTR lpString1, LPCWSTR lpString2);
#define lstrcpy SCHANNEL_AW(lstrcpy)
LPSTR WINAPI lstrcpynA(LPSTR lpString1, LPCSTR lpString2, int iMaxLength);
LPWSTR WINAPI lstrcpynW(LPWSTR lpString1, LPCWSTR lpString2, int iMaxLength);
#define lstrcpyn SCHANNEL_AW(lstrcpyn)
LPSTR WINAPI lstrcatA(LPSTR lpString1, LPCSTR lpString2);
LPWSTR WINAPI lstrcatW(LPWSTR lpString1, LPCWSTR lpString2);
#define lstrcat SCHANNEL_AW(lstrcat)
int WINAPI lstrcmpA(LPCSTR lpString1, LPCSTR lpString2);
int WINAPI lstrcmpW(LPCWSTR lpString1, LPCWSTR lpString2);
#define lstrcmp SCHANNEL_AW(lstrcmp)
int WINAPI lstrcmpiA(LPCSTR lpString1, LPCSTR lpString2);
int WINAPI lstrcmpiW(LPCWSTR lpString1, LPCWSTR lpString2);
#define lstrcmpi SCHANNEL_AW(lstrcmpi)

/*
 * wsprintf, wvsprintf - formats into a buffer of 1024 characters, NUL included; longer text is cut.
 * Conversions d i u x X o p c s, with flags, width, precision and the sizes h, l, ll, I64, w; C and
 * S are the other width of text. In the W forms s is wide text and hs narrow text, in the A forms
 * ws and ls are wide text; narrow text is UTF-8. Floating point is not known: an unknown conversion
 * is copied as it stands. NULL as text is "(null)". Return the characters without the NUL, or -1
 * when there is no memory. Any thread. Source: Microsoft "wsprintf function".
 */
int WINAPIV wsprintfA(LPSTR, LPCSTR, ...);
int WINAPIV wsprintfW(LPWSTR, LPCWSTR, ...);
#define wsprintf SCHANNEL_AW(wsprintf)
int WINAPI wvsprintfA(LPSTR, LPCSTR, va_list arglist);
int WINAPI wvsprintfW(LPWSTR, LPCWSTR, va_list arglist);
#define wvsprintf SCHANNEL_AW(wvsprintf)

/*
 * schannel_vsnwprintf, schannel_snwprintf - the same conversions as wsprintfW and floating point (f
 * e g), into a buffer of size units; for the wide printf functions of programs built with
 * -fshort-wchar, which windows.h redirects. Return the units without the NUL, or -1 when they do
 * not fit (the text is then cut and ends in a NUL, if size is not 0) or there is no memory. Any
 * thread.
 * Source: C11 7.29.2.
 */
int schannel_vsnwprintf(WCHAR *buffer, SIZE_T size, const WCHAR *format, va_list arguments);
int schannel_snwprintf(WCHAR *buffer, SIZE_T size, const WCHAR *format, ...);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
