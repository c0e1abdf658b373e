/* SPDX-License-Identifier: MIT */
/*
 * The few functions of kernel32 that Schannel programs use around SSPI. They are exported by the
 * library under their own names. Each thread has its own last error.
 */
#ifndef SCHANNEL_WINBASE_H
#define SCHANNEL_WINBASE_H

#include <stdarg.h>

#include "windef.h"
#include "winerror.h"
#include "parts/time.h"

#define LMEM_FIXED 0x0000
#define LMEM_MOVEABLE 0x0002
#define LMEM_ZEROINIT 0x0040
#define LPTR (LMEM_FIXED | LMEM_ZEROINIT)
#define CP_ACP 0
#define CP_OEMCP 1
#define CP_UTF8 65001
#define MB_PRECOMPOSED 0x00000001
#define MB_ERR_INVALID_CHARS 0x00000008
#define WC_ERR_INVALID_CHARS 0x00000080
#define FORMAT_MESSAGE_ALLOCATE_BUFFER 0x00000100
#define FORMAT_MESSAGE_IGNORE_INSERTS 0x00000200
#define FORMAT_MESSAGE_FROM_STRING 0x00000400
#define FORMAT_MESSAGE_FROM_HMODULE 0x00000800
#define FORMAT_MESSAGE_FROM_SYSTEM 0x00001000
#define FORMAT_MESSAGE_MAX_WIDTH_MASK 0x000000FF
#define HEAP_ZERO_MEMORY 0x00000008
#define INVALID_HANDLE_VALUE ((HANDLE)(LONG_PTR)-1)
#define INFINITE 0xFFFFFFFF

#define ZeroMemory(destination, length) memset((destination), 0, (length))
#define RtlZeroMemory(destination, length) memset((destination), 0, (length))
#define FillMemory(destination, length, fill) memset((destination), (fill), (length))
#define CopyMemory(destination, source, length) memcpy((destination), (source), (length))
#define RtlCopyMemory(destination, source, length) memcpy((destination), (source), (length))
#define MoveMemory(destination, source, length) memmove((destination), (source), (length))
#define SecureZeroMemory(pointer, count) explicit_bzero((pointer), (count))
#define RtlSecureZeroMemory(pointer, count) explicit_bzero((pointer), (count))

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* GetLastError, SetLastError - the calling thread's last error. */
DWORD WINAPI GetLastError(void);
VOID WINAPI SetLastError(DWORD dwErrCode);

/*
 * LocalAlloc - uBytes bytes (LMEM_ZEROINIT: zeroed); NULL and ERROR_NOT_ENOUGH_MEMORY on failure.
 * LocalFree - frees what LocalAlloc or a function of this library allocated "for LocalFree"; returns
 * NULL. NULL is harmless.
 */
HLOCAL WINAPI LocalAlloc(UINT uFlags, SIZE_T uBytes);
HLOCAL WINAPI LocalFree(HLOCAL hMem);
HANDLE WINAPI GetProcessHeap(void);
LPVOID WINAPI HeapAlloc(HANDLE hHeap, DWORD dwFlags, SIZE_T dwBytes);
BOOL WINAPI HeapFree(HANDLE hHeap, DWORD dwFlags, LPVOID lpMem);

/*
 * MultiByteToWideChar, WideCharToMultiByte - UTF-8 (CP_UTF8; CP_ACP is UTF-8, too) to and from UTF-16.
 * A source length of -1 means NUL-terminated, and the NUL is converted and counted. A destination size
 * of 0 asks for the size. Return the units written, or 0: ERROR_INVALID_PARAMETER,
 * ERROR_INSUFFICIENT_BUFFER, ERROR_NO_UNICODE_TRANSLATION (invalid text under the _ERR_INVALID_CHARS
 * flag; without it invalid text becomes U+FFFD).
 */
int WINAPI MultiByteToWideChar(UINT CodePage, DWORD dwFlags, LPCSTR lpMultiByteStr, int cbMultiByte,
                               LPWSTR lpWideCharStr, int cchWideChar);
int WINAPI WideCharToMultiByte(UINT CodePage, DWORD dwFlags, LPCWSTR lpWideCharStr, int cchWideChar,
                               LPSTR lpMultiByteStr, int cbMultiByte, LPCSTR lpDefaultChar,
                               LPBOOL lpUsedDefaultChar);

/* Time. FILETIME counts 100 ns since 1601, UTC unless the name says local. FALSE and
 * ERROR_INVALID_PARAMETER for a time that cannot be expressed. */
VOID WINAPI GetSystemTime(LPSYSTEMTIME lpSystemTime);
VOID WINAPI GetSystemTimeAsFileTime(LPFILETIME lpSystemTimeAsFileTime);
BOOL WINAPI FileTimeToSystemTime(const FILETIME *lpFileTime, LPSYSTEMTIME lpSystemTime);
BOOL WINAPI SystemTimeToFileTime(const SYSTEMTIME *lpSystemTime, LPFILETIME lpFileTime);
BOOL WINAPI FileTimeToLocalFileTime(const FILETIME *lpFileTime, LPFILETIME lpLocalFileTime);
LONG WINAPI CompareFileTime(const FILETIME *lpFileTime1, const FILETIME *lpFileTime2);
DWORD WINAPI GetTickCount(void);
ULONGLONG WINAPI GetTickCount64(void);
VOID WINAPI Sleep(DWORD dwMilliseconds);

/*
 * FormatMessage - the English text of a status or error (FORMAT_MESSAGE_FROM_SYSTEM only; unknown
 * numbers give "error 0x..."). With FORMAT_MESSAGE_ALLOCATE_BUFFER lpBuffer is the address of a
 * pointer that receives the text, to be freed with LocalFree. Returns the characters without the NUL,
 * or 0: ERROR_INVALID_PARAMETER, ERROR_INSUFFICIENT_BUFFER, ERROR_NOT_ENOUGH_MEMORY.
 */
DWORD WINAPI FormatMessageA(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId, DWORD dwLanguageId,
                            LPSTR lpBuffer, DWORD nSize, va_list *Arguments);
DWORD WINAPI FormatMessageW(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId, DWORD dwLanguageId,
                            LPWSTR lpBuffer, DWORD nSize, va_list *Arguments);
#define FormatMessage SCHANNEL_AW(FormatMessage)

int WINAPI lstrlenA(LPCSTR lpString);
int WINAPI lstrlenW(LPCWSTR lpString);
#define lstrlen SCHANNEL_AW(lstrlen)

/* UTF-16 forms of the wide C functions, for programs built with -fshort-wchar (see windows.h). */
SIZE_T schannel_wcslen(const WCHAR *s);
int schannel_wcscmp(const WCHAR *a, const WCHAR *b);
int schannel_wcsncmp(const WCHAR *a, const WCHAR *b, SIZE_T n);
int schannel_wcsicmp(const WCHAR *a, const WCHAR *b);
WCHAR *schannel_wcscpy(WCHAR *to, const WCHAR *from);
WCHAR *schannel_wcsncpy(WCHAR *to, const WCHAR *from, SIZE_T n);
WCHAR *schannel_wcscat(WCHAR *to, const WCHAR *from);
WCHAR *schannel_wcschr(const WCHAR *s, WCHAR c);
WCHAR *schannel_wcsrchr(const WCHAR *s, WCHAR c);
WCHAR *schannel_wcsstr(const WCHAR *s, const WCHAR *part);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
