/* SPDX-License-Identifier: MIT */
/*
 * The functions of kernel32 that Schannel programs use around SSPI; the larger groups stand in
 * parts/. They are exported by the library under their own names. Each thread has its own last
 * error.
 */
#ifndef SCHANNEL_WINBASE_H
#define SCHANNEL_WINBASE_H

#include <stdarg.h>

#include "windef.h"
#include "winerror.h"
#include "parts/time.h"
#include "parts/winbase_files.h"
#include "parts/winbase_memory.h"
#include "parts/winbase_modules.h"
#include "parts/winbase_sync.h"
#include "parts/winbase_system.h"
#include "parts/winbase_text.h"

#define LMEM_FIXED                     0x0000
#define LMEM_MOVEABLE                  0x0002
#define LMEM_ZEROINIT                  0x0040
#define LPTR                           (LMEM_FIXED | LMEM_ZEROINIT)
#define CP_ACP                         0
#define CP_OEMCP                       1
#define CP_UTF8                        65001
#define MB_PRECOMPOSED                 0x00000001
#define MB_ERR_INVALID_CHARS           0x00000008
#define WC_ERR_INVALID_CHARS           0x00000080
#define FORMAT_MESSAGE_ALLOCATE_BUFFER 0x00000100
#define FORMAT_MESSAGE_IGNORE_INSERTS  0x00000200
#define FORMAT_MESSAGE_FROM_STRING     0x00000400
#define FORMAT_MESSAGE_FROM_HMODULE    0x00000800
#define FORMAT_MESSAGE_FROM_SYSTEM     0x00001000
#define FORMAT_MESSAGE_MAX_WIDTH_MASK  0x000000FF
#define HEAP_ZERO_MEMORY               0x00000008
#define INVALID_HANDLE_VALUE           ((HANDLE)(LONG_PTR)(-1))
#define INFINITE                       0xFFFFFFFF

#define ZeroMemory(destination, length)            memset((destination), 0, (length))
#define RtlZeroMemory(destination, length)         memset((destination), 0, (length))
#define FillMemory(destination, length, fill)      memset((destination), (fill), (length))
#define CopyMemory(destination, source, length)    memcpy((destination), (source), (length))
#define RtlCopyMemory(destination, source, length) memcpy((destination), (source), (length))
#define MoveMemory(destination, source, length)    memmove((destination), (source), (length))
#define SecureZeroMemory(pointer, count)           explicit_bzero((pointer), (count))
#define RtlSecureZeroMemory(pointer, count)        explicit_bzero((pointer), (count))

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * GetLastError - the calling thread's last error: the number that the last failing function of this
 * library left in it; other functions leave it alone.
 * SetLastError - sets it to dwErrCode. Any thread, each has its own.
 * Source: Microsoft pages of the two functions.
 */
DWORD WINAPI GetLastError(void);
VOID WINAPI SetLastError(DWORD dwErrCode);

/*
 * LocalAlloc - uBytes bytes, zeroed whatever uFlags say. NULL and ERROR_NOT_ENOUGH_MEMORY on
 * failure. The caller frees them with LocalFree.
 * LocalFree - frees what LocalAlloc gave, or what a function of this library gave "to be freed with
 * LocalFree". Returns NULL; NULL is harmless.
 * GetProcessHeap - a handle for HeapAlloc and HeapFree; nothing to close.
 * HeapAlloc - dwBytes bytes, zeroed whatever dwFlags say; NULL without memory, no last error. Freed
 * with HeapFree.
 * HeapFree - frees them. Always TRUE; NULL is harmless. hHeap and dwFlags are not looked at in
 * either. Any thread.
 * Source: Microsoft pages of the functions.
 */
HLOCAL WINAPI LocalAlloc(UINT uFlags, SIZE_T uBytes);
HLOCAL WINAPI LocalFree(HLOCAL hMem);
HANDLE WINAPI GetProcessHeap(void);
LPVOID WINAPI HeapAlloc(HANDLE hHeap, DWORD dwFlags, SIZE_T dwBytes);
BOOL WINAPI HeapFree(HANDLE hHeap, DWORD dwFlags, LPVOID lpMem);

/*
 * MultiByteToWideChar, WideCharToMultiByte - UTF-8 to UTF-16 and back.
 * CodePage          CP_UTF8; CP_ACP and CP_OEMCP are UTF-8, too.
 * dwFlags           MB_ERR_INVALID_CHARS, WC_ERR_INVALID_CHARS: invalid text is an error; otherwise
 *                   it becomes U+FFFD. Other flags are passed over.
 * source, count     the text and its bytes or UTF-16 units; -1: up to and with its NUL.
 * destination, size  where the result goes, and how many units or bytes fit; size 0 asks for the
 *                    number.
 * lpDefaultChar     NULL with CP_UTF8; otherwise not looked at.
 * lpUsedDefaultChar  NULL with CP_UTF8; otherwise out, may be NULL: whether something was invalid.
 * Return the units or bytes written or needed, with the NUL if the source had one, or 0:
 * ERROR_INVALID_PARAMETER       a NULL, a count of 0, another code page, source and destination the
 *                               same
 * ERROR_INSUFFICIENT_BUFFER     the result does not fit
 * ERROR_NO_UNICODE_TRANSLATION  the text is invalid
 * Any thread.
 * Source: Microsoft pages of the two functions.
 */
int WINAPI MultiByteToWideChar(UINT CodePage, DWORD dwFlags, LPCSTR lpMultiByteStr, int cbMultiByte,
                               LPWSTR lpWideCharStr, int cchWideChar);
int WINAPI WideCharToMultiByte(UINT CodePage, DWORD dwFlags, LPCWSTR lpWideCharStr, int cchWideChar,
                               LPSTR lpMultiByteStr, int cbMultiByte, LPCSTR lpDefaultChar,
                               LPBOOL lpUsedDefaultChar);

/*
 * GetSystemTime, GetSystemTimeAsFileTime - now, in UTC; a FILETIME counts 100 ns since 1601-01-01.
 * FileTimeToSystemTime, SystemTimeToFileTime - one into the other.
 * FileTimeToLocalFileTime - from UTC to the time of the process's time zone at that moment.
 * CompareFileTime - -1, 0 or 1: the first is earlier, equal, later.
 * GetTickCount, GetTickCount64 - milliseconds of a clock that only goes forward; the first one
 * starts anew every 49.7 days.
 * Sleep - waits dwMilliseconds, less when a signal comes. The pointers must not be NULL. The BOOL
 * ones give FALSE and ERROR_INVALID_PARAMETER for a time that cannot be expressed: before 1601,
 * after the year 30827, or no date. Any thread.
 * Source: Microsoft pages of the functions.
 */
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
 * FormatMessage - the English text of a status or error; of a number without one "error 0x" and the
 * number.
 * dwFlags       FORMAT_MESSAGE_FROM_SYSTEM, the only source there is. With
 *               FORMAT_MESSAGE_ALLOCATE_BUFFER lpBuffer is the address of a pointer that receives
 *               the text, to be freed with LocalFree.
 * lpSource, dwLanguageId, Arguments  not looked at.
 * dwMessageId   the number.
 * lpBuffer      out: the text with its NUL; A: UTF-8.
 * nSize         characters that fit, without FORMAT_MESSAGE_ALLOCATE_BUFFER.
 * Returns the characters without the NUL, or 0:
 * ERROR_INVALID_PARAMETER    no FORMAT_MESSAGE_FROM_SYSTEM, or lpBuffer is NULL
 * ERROR_INSUFFICIENT_BUFFER  the text does not fit
 * ERROR_NOT_ENOUGH_MEMORY    no memory
 * Any thread.
 * Source: Microsoft "FormatMessage function".
 */
DWORD WINAPI FormatMessageA(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId, DWORD dwLanguageId,
                            LPSTR lpBuffer, DWORD nSize, va_list *Arguments);
DWORD WINAPI FormatMessageW(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId, DWORD dwLanguageId,
                            LPWSTR lpBuffer, DWORD nSize, va_list *Arguments);
#define FormatMessage SCHANNEL_AW(FormatMessage)

/*
 * lstrlen - bytes (A) or UTF-16 units (W) of a text without its NUL; 0 for NULL. No last error. Any
 * thread.
 * Source: Microsoft "lstrlen function".
 */
int WINAPI lstrlenA(LPCSTR lpString);
int WINAPI lstrlenW(LPCWSTR lpString);
#define lstrlen SCHANNEL_AW(lstrlen)

/*
 * The wide functions of the C library on UTF-16 units, for programs built with -fshort-wchar, whose
 * wchar_t the C library's own do not fit; windows.h redirects them. Each does what the one without
 * the prefix does; schannel_wcsicmp compares without regard to the case of the letters A to Z. No
 * NULL; no last error. Any thread.
 * Source: C11 7.29.4.
 */
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

/*
 * schannel_wmemcpy, schannel_wmemmove, schannel_wmemset, schannel_wmemcmp, schannel_wmemchr - the
 * functions without the prefix on UTF-16 units, for the wide strings of C++ programs built with
 * -fshort-wchar. Any thread.
 * Source: C11 7.29.4.
 */
WCHAR *schannel_wmemcpy(WCHAR *to, const WCHAR *from, SIZE_T n);
WCHAR *schannel_wmemmove(WCHAR *to, const WCHAR *from, SIZE_T n);
WCHAR *schannel_wmemset(WCHAR *to, WCHAR unit, SIZE_T n);
int schannel_wmemcmp(const WCHAR *a, const WCHAR *b, SIZE_T n);
WCHAR *schannel_wmemchr(const WCHAR *s, WCHAR unit, SIZE_T n);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
