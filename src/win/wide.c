/* SPDX-License-Identifier: MIT */
/* The wide string functions on UTF-16 units, for programs built with -fshort-wchar. */
#include "win/win.h"

SIZE_T schannel_wcslen(const WCHAR *s)
{
    return win_utf16_len(s);
}

int WINAPI lstrlenA(LPCSTR lpString)
{
    return lpString != NULL ? (int)strlen(lpString) : 0;
}

int WINAPI lstrlenW(LPCWSTR lpString)
{
    return lpString != NULL ? (int)win_utf16_len(lpString) : 0;
}

static unsigned lower(WCHAR c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned)c + ('a' - 'A') : (unsigned)(uint16_t)c;
}

int schannel_wcsncmp(const WCHAR *a, const WCHAR *b, SIZE_T n)
{
    for (SIZE_T i = 0; i < n; i++) {
        if (a[i] != b[i])
            return (uint16_t)a[i] < (uint16_t)b[i] ? -1 : 1;
        if (a[i] == 0)
            break;
    }
    return 0;
}

int schannel_wcscmp(const WCHAR *a, const WCHAR *b)
{
    return schannel_wcsncmp(a, b, SIZE_MAX);
}

int schannel_wcsicmp(const WCHAR *a, const WCHAR *b)
{
    for (SIZE_T i = 0;; i++) {
        if (lower(a[i]) != lower(b[i]))
            return lower(a[i]) < lower(b[i]) ? -1 : 1;
        if (a[i] == 0)
            return 0;
    }
}

WCHAR *schannel_wcscpy(WCHAR *to, const WCHAR *from)
{
    mem_move(to, from, (win_utf16_len(from) + 1) * sizeof *to);
    return to;
}

WCHAR *schannel_wcsncpy(WCHAR *to, const WCHAR *from, SIZE_T n)
{
    SIZE_T i = 0;
    for (; i < n && from[i] != 0; i++)
        to[i] = from[i];
    for (; i < n; i++)
        to[i] = 0;
    return to;
}

WCHAR *schannel_wcscat(WCHAR *to, const WCHAR *from)
{
    schannel_wcscpy(to + win_utf16_len(to), from);
    return to;
}

WCHAR *schannel_wcschr(const WCHAR *s, WCHAR c)
{
    for (;; s++) {
        if (*s == c)
            return (WCHAR *)(uintptr_t)s;
        if (*s == 0)
            return NULL;
    }
}

WCHAR *schannel_wcsrchr(const WCHAR *s, WCHAR c)
{
    for (SIZE_T n = win_utf16_len(s) + 1; n > 0; n--) {
        if (s[n - 1] == c)
            return (WCHAR *)(uintptr_t)(s + n - 1);
    }
    return NULL;
}

WCHAR *schannel_wcsstr(const WCHAR *s, const WCHAR *part)
{
    SIZE_T n = win_utf16_len(part);
    for (;; s++) {
        if (schannel_wcsncmp(s, part, n) == 0)
            return (WCHAR *)(uintptr_t)s;
        if (*s == 0)
            return NULL;
    }
}

WCHAR *schannel_wmemcpy(WCHAR *to, const WCHAR *from, SIZE_T n)
{
    mem_copy(to, from, n * sizeof *to);
    return to;
}

WCHAR *schannel_wmemmove(WCHAR *to, const WCHAR *from, SIZE_T n)
{
    mem_move(to, from, n * sizeof *to);
    return to;
}

WCHAR *schannel_wmemset(WCHAR *to, WCHAR unit, SIZE_T n)
{
    for (SIZE_T i = 0; i < n; i++)
        to[i] = unit;
    return to;
}

int schannel_wmemcmp(const WCHAR *a, const WCHAR *b, SIZE_T n)
{
    for (SIZE_T i = 0; i < n; i++) {
        if (a[i] != b[i])
            return (uint16_t)a[i] < (uint16_t)b[i] ? -1 : 1;
    }
    return 0;
}

WCHAR *schannel_wmemchr(const WCHAR *s, WCHAR unit, SIZE_T n)
{
    for (SIZE_T i = 0; i < n; i++) {
        if (s[i] == unit)
            return (WCHAR *)(uintptr_t)(s + i);
    }
    return NULL;
}
