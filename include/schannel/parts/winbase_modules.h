/* SPDX-License-Identifier: MIT */
/*
 * Libraries by their Windows names. Those that this library stands in for are all the same library:
 * secur32, security, sspicli, schannel, crypt32, ncrypt, bcrypt, advapi32, kernel32, kernelbase,
 * ntdll and ws2_32, in any case, with or without ".dll" and a folder before it.
 */
#ifndef SCHANNEL_PARTS_WINBASE_MODULES_H
#define SCHANNEL_PARTS_WINBASE_MODULES_H

#include "../windef.h"

#define DONT_RESOLVE_DLL_REFERENCES      0x00000001
#define LOAD_WITH_ALTERED_SEARCH_PATH    0x00000008
#define LOAD_LIBRARY_SEARCH_SYSTEM32     0x00000800
#define LOAD_LIBRARY_SEARCH_DEFAULT_DIRS 0x00001000

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * LoadLibrary, LoadLibraryEx - a handle for one of those names, to be given back with FreeLibrary;
 * nothing is loaded. hFile and dwFlags are not looked at. NULL and ERROR_MOD_NOT_FOUND for any
 * other name, ERROR_INVALID_PARAMETER for NULL. Any thread.
 * GetModuleHandle - the same handle without the duty to give it back; NULL as name: a handle for
 * the program, in which GetProcAddress finds nothing.
 * FreeLibrary - TRUE for such a handle, else FALSE and ERROR_INVALID_HANDLE. The library stays.
 * Source: Microsoft pages of the functions.
 */
HMODULE WINAPI LoadLibraryA(LPCSTR lpLibFileName);
HMODULE WINAPI LoadLibraryW(LPCWSTR lpLibFileName);
#define LoadLibrary SCHANNEL_AW(LoadLibrary)
HMODULE WINAPI LoadLibraryExA(LPCSTR lpLibFileName, HANDLE hFile, DWORD dwFlags);
HMODULE WINAPI LoadLibraryExW(LPCWSTR lpLibFileName, HANDLE hFile, DWORD dwFlags);
#define LoadLibraryEx SCHANNEL_AW(LoadLibraryEx)
HMODULE WINAPI GetModuleHandleA(LPCSTR lpModuleName);
HMODULE WINAPI GetModuleHandleW(LPCWSTR lpModuleName);
#define GetModuleHandle SCHANNEL_AW(GetModuleHandle)
BOOL WINAPI FreeLibrary(HMODULE hLibModule);

/*
 * GetProcAddress - the address of a function that this library exports, whichever of the names the
 * handle stands for. NULL and ERROR_PROC_NOT_FOUND when there is none, for an ordinal number, and
 * in a program that has the library linked in statically and does not export its symbols;
 * ERROR_INVALID_HANDLE for another handle. Any thread.
 * Source: Microsoft "GetProcAddress function".
 */
FARPROC WINAPI GetProcAddress(HMODULE hModule, LPCSTR lpProcName);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
