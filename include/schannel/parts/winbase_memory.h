/* SPDX-License-Identifier: MIT */
/* More of the heap: blocks that grow, and the Global functions, which are the Local ones. */
#ifndef SCHANNEL_PARTS_WINBASE_MEMORY_H
#define SCHANNEL_PARTS_WINBASE_MEMORY_H

#include "../windef.h"

#define LMEM_MODIFY                0x0080
#define LHND                       0x0042
#define GMEM_FIXED                 0x0000
#define GMEM_MOVEABLE              0x0002
#define GMEM_ZEROINIT              0x0040
#define GMEM_MODIFY                0x0080
#define GHND                       0x0042
#define GPTR                       0x0040
#define HEAP_GENERATE_EXCEPTIONS   0x00000004
#define HEAP_REALLOC_IN_PLACE_ONLY 0x00000010

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * LocalReAlloc, GlobalReAlloc - the block with another size: a new place, the old one wiped and
 * freed, what was added zeroed. uFlags with LMEM_MODIFY give the block back as it is. NULL and
 * ERROR_NOT_ENOUGH_MEMORY, the block then unchanged; ERROR_INVALID_HANDLE for NULL.
 * LocalSize, GlobalSize - the bytes that were asked for; 0 and ERROR_INVALID_HANDLE for NULL.
 * GlobalAlloc, GlobalFree - LocalAlloc and LocalFree under other names.
 * GlobalLock - the block's address, which is its handle.
 * GlobalUnlock - FALSE and last error 0: never locked more than once.
 * HeapReAlloc - as LocalReAlloc, for blocks of HeapAlloc, without a last error; NULL when dwFlags
 * have HEAP_REALLOC_IN_PLACE_ONLY and the size grows.
 * HeapSize - the bytes that were asked for; all ones for NULL. Any thread.
 * Source: Microsoft pages of the functions.
 */
HLOCAL WINAPI LocalReAlloc(HLOCAL hMem, SIZE_T uBytes, UINT uFlags);
SIZE_T WINAPI LocalSize(HLOCAL hMem);
HGLOBAL WINAPI GlobalAlloc(UINT uFlags, SIZE_T dwBytes);
HGLOBAL WINAPI GlobalReAlloc(HGLOBAL hMem, SIZE_T dwBytes, UINT uFlags);
HGLOBAL WINAPI GlobalFree(HGLOBAL hMem);
SIZE_T WINAPI GlobalSize(HGLOBAL hMem);
LPVOID WINAPI GlobalLock(HGLOBAL hMem);
BOOL WINAPI GlobalUnlock(HGLOBAL hMem);
LPVOID WINAPI HeapReAlloc(HANDLE hHeap, DWORD dwFlags, LPVOID lpMem, SIZE_T dwBytes);
SIZE_T WINAPI HeapSize(HANDLE hHeap, DWORD dwFlags, LPCVOID lpMem);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
