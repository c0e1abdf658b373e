/* SPDX-License-Identifier: MIT */
/* The win room: UTF-16, FILETIME and the last error, as the surface of Windows needs them. */
#ifndef SCHANNEL_WIN_WIN_H
#define SCHANNEL_WIN_WIN_H

#include <winbase.h>
#include <windef.h>
#include <winerror.h>

#include "util/util.h"

/* Units of UTF-16 that the UTF-8 text needs or got; invalid bytes become U+FFFD. out may be NULL.
 */
size_t win_utf16_from_utf8(const char *text, size_t text_len, WCHAR *out, size_t out_cap);
/* Bytes of UTF-8 likewise. */
size_t win_utf8_from_utf16(const WCHAR *text, size_t text_len, char *out, size_t out_cap);
size_t win_utf16_len(const WCHAR *text);
/* NUL-terminated copies from mem_alloc; NULL without memory (or for a NULL argument). */
WCHAR *win_utf16_dup(const char *text);
char *win_utf8_dup(const WCHAR *text);

/* Seconds since 1970 to FILETIME ticks (UTC) and back. */
FILETIME win_filetime_from_unix(int64_t seconds);
int64_t win_unix_from_filetime(FILETIME time);
/* Ticks of a UTC second in local time, as SSPI's TimeStamp wants them. */
int64_t win_local_ticks_from_unix(int64_t seconds);

/* Sets the last error; returns FALSE so that a function can end with it. */
BOOL win_fail(DWORD error);

struct win_status {
    LONG status;
    const char *name;
    const char *text;
};
/* NULL when the number has no name. */
const struct win_status *win_status_find(LONG status);

#endif
