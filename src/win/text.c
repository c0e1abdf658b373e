/* SPDX-License-Identifier: MIT */
/* lstrcpy and its kin: text functions of kernel32 that bear NULL. No locale. */
#include "win/win.h"

LPSTR WINAPI lstrcpyA(LPSTR lpString1, LPCSTR lpString2)
{
    if (lpString1 == NULL || lpString2 == NULL)
        return NULL;
    mem_move(lpString1, lpString2, strlen(lpString2) + 1);
    return lpString1;
}

LPWSTR WINAPI lstrcpyW(LPWSTR lpString1, LPCWSTR lpString2)
{
    if (lpString1 == NULL || lpString2 == NULL)
        return NULL;
    return schannel_wcscpy(lpString1, lpString2);
}

LPSTR WINAPI lstrcpynA(LPSTR lpString1, LPCSTR lpString2, int iMaxLength)
{
    if (lpString1 == NULL || lpString2 == NULL || iMaxLength < 1)
        return NULL;
    size_t n = strnlen(lpString2, (size_t)iMaxLength - 1);
    mem_move(lpString1, lpString2, n);
    lpString1[n] = 0;
    return lpString1;
}

LPWSTR WINAPI lstrcpynW(LPWSTR lpString1, LPCWSTR lpString2, int iMaxLength)
{
    if (lpString1 == NULL || lpString2 == NULL || iMaxLength < 1)
        return NULL;
    size_t n = 0;
    while (n < (size_t)iMaxLength - 1 && lpString2[n] != 0)
        n++;
    mem_move(lpString1, lpString2, n * sizeof *lpString1);
    lpString1[n] = 0;
    return lpString1;
}

LPSTR WINAPI lstrcatA(LPSTR lpString1, LPCSTR lpString2)
{
    if (lpString1 == NULL || lpString2 == NULL)
        return NULL;
    lstrcpyA(lpString1 + strlen(lpString1), lpString2);
    return lpString1;
}

LPWSTR WINAPI lstrcatW(LPWSTR lpString1, LPCWSTR lpString2)
{
    if (lpString1 == NULL || lpString2 == NULL)
        return NULL;
    return schannel_wcscat(lpString1, lpString2);
}

static unsigned lower(unsigned unit)
{
    return unit >= 'A' && unit <= 'Z' ? unit + ('a' - 'A') : unit;
}

/* True when one of them is NULL; *out_order is then the answer. */
static bool null_order(const void *a, const void *b, int *out_order)
{
    *out_order = a == b ? 0 : a == NULL ? -1 : 1;
    return a == NULL || b == NULL;
}

static int compare_narrow(const char *a, const char *b, bool is_exact)
{
    int order;
    if (null_order(a, b, &order))
        return order;
    for (;; a++, b++) {
        unsigned x = (unsigned char)*a;
        unsigned y = (unsigned char)*b;
        unsigned p = is_exact ? x : lower(x);
        unsigned q = is_exact ? y : lower(y);
        if (p != q)
            return p < q ? -1 : 1;
        if (x == 0)
            return 0;
    }
}

int WINAPI lstrcmpA(LPCSTR lpString1, LPCSTR lpString2)
{
    return compare_narrow(lpString1, lpString2, true);
}

int WINAPI lstrcmpiA(LPCSTR lpString1, LPCSTR lpString2)
{
    return compare_narrow(lpString1, lpString2, false);
}

int WINAPI lstrcmpW(LPCWSTR lpString1, LPCWSTR lpString2)
{
    int order;
    return null_order(lpString1, lpString2, &order) ? order : schannel_wcscmp(lpString1, lpString2);
}

int WINAPI lstrcmpiW(LPCWSTR lpString1, LPCWSTR lpString2)
{
    int order;
    return null_order(lpString1, lpString2, &order) ? order
                                                    : schannel_wcsicmp(lpString1, lpString2);
}
