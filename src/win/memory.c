/* SPDX-License-Identifier: MIT */
/* Blocks that grow, and the Global names of the Local functions. */
#include "win/win.h"

/* The old block stays as it is when there is no memory. */
static void *resize(void *old, size_t n)
{
    void *fresh = mem_alloc(n);
    if (fresh == NULL)
        return NULL;
    size_t had = mem_size(old);
    mem_copy(fresh, old, had < n ? had : n);
    mem_free(old);
    return fresh;
}

static void *fail_null(DWORD error)
{
    SetLastError(error);
    return NULL;
}

HLOCAL WINAPI LocalReAlloc(HLOCAL hMem, SIZE_T uBytes, UINT uFlags)
{
    if (hMem == NULL)
        return fail_null(ERROR_INVALID_HANDLE);
    if ((uFlags & LMEM_MODIFY) != 0)
        return hMem;
    void *fresh = resize(hMem, uBytes);
    return fresh != NULL ? fresh : fail_null(ERROR_NOT_ENOUGH_MEMORY);
}

SIZE_T WINAPI LocalSize(HLOCAL hMem)
{
    if (hMem != NULL)
        return mem_size(hMem);
    SetLastError(ERROR_INVALID_HANDLE);
    return 0;
}

HGLOBAL WINAPI GlobalAlloc(UINT uFlags, SIZE_T dwBytes)
{
    return LocalAlloc(uFlags, dwBytes);
}

HGLOBAL WINAPI GlobalReAlloc(HGLOBAL hMem, SIZE_T dwBytes, UINT uFlags)
{
    return LocalReAlloc(hMem, dwBytes, uFlags);
}

HGLOBAL WINAPI GlobalFree(HGLOBAL hMem)
{
    return LocalFree(hMem);
}

SIZE_T WINAPI GlobalSize(HGLOBAL hMem)
{
    return LocalSize(hMem);
}

LPVOID WINAPI GlobalLock(HGLOBAL hMem)
{
    return hMem != NULL ? hMem : fail_null(ERROR_INVALID_HANDLE);
}

BOOL WINAPI GlobalUnlock(HGLOBAL hMem)
{
    return win_fail(hMem != NULL ? ERROR_SUCCESS : ERROR_INVALID_HANDLE);
}

LPVOID WINAPI HeapReAlloc(HANDLE hHeap, DWORD dwFlags, LPVOID lpMem, SIZE_T dwBytes)
{
    (void)hHeap;
    if (lpMem == NULL)
        return NULL;
    if ((dwFlags & HEAP_REALLOC_IN_PLACE_ONLY) != 0)
        return dwBytes <= mem_size(lpMem) ? lpMem : NULL;
    return resize(lpMem, dwBytes);
}

SIZE_T WINAPI HeapSize(HANDLE hHeap, DWORD dwFlags, LPCVOID lpMem)
{
    (void)hHeap;
    (void)dwFlags;
    return lpMem != NULL ? mem_size(lpMem) : (SIZE_T)-1;
}
