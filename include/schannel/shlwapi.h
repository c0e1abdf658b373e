/* SPDX-License-Identifier: MIT */
/* Of shlwapi.h the bounded formatting functions only. */
#ifndef SCHANNEL_SHLWAPI_H
#define SCHANNEL_SHLWAPI_H

#include "windows.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * wnsprintf - wsprintf into a buffer of cchLimitIn characters. Returns the characters without the
 * NUL, or -1 when the text is cut (it ends in a NUL all the same) or without memory. Any thread.
 * Source: Microsoft "wnsprintf function".
 */
int WINAPIV wnsprintfA(LPSTR lpOut, int cchLimitIn, LPCSTR lpFmt, ...);
int WINAPIV wnsprintfW(LPWSTR lpOut, int cchLimitIn, LPCWSTR lpFmt, ...);
#define wnsprintf SCHANNEL_AW(wnsprintf)

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
