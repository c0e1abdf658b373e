/* SPDX-License-Identifier: MIT */
/*
 * Files, as programs read certificates and keys with them. In a path a backslash is a slash. Text
 * is UTF-8 in the A forms. Handles are numbers, not descriptors.
 */
#ifndef SCHANNEL_PARTS_WINBASE_FILES_H
#define SCHANNEL_PARTS_WINBASE_FILES_H

#include "../windef.h"

#define FILE_SHARE_READ              0x00000001
#define FILE_SHARE_WRITE             0x00000002
#define FILE_SHARE_DELETE            0x00000004
#define CREATE_NEW                   1
#define CREATE_ALWAYS                2
#define OPEN_EXISTING                3
#define OPEN_ALWAYS                  4
#define TRUNCATE_EXISTING            5
#define FILE_ATTRIBUTE_READONLY      0x00000001
#define FILE_ATTRIBUTE_HIDDEN        0x00000002
#define FILE_ATTRIBUTE_DIRECTORY     0x00000010
#define FILE_ATTRIBUTE_ARCHIVE       0x00000020
#define FILE_ATTRIBUTE_NORMAL        0x00000080
#define FILE_ATTRIBUTE_TEMPORARY     0x00000100
#define FILE_ATTRIBUTE_REPARSE_POINT 0x00000400
#define FILE_FLAG_WRITE_THROUGH      0x80000000
#define FILE_FLAG_OVERLAPPED         0x40000000
#define FILE_FLAG_RANDOM_ACCESS      0x10000000
#define FILE_FLAG_SEQUENTIAL_SCAN    0x08000000
#define FILE_FLAG_DELETE_ON_CLOSE    0x04000000
#define INVALID_FILE_ATTRIBUTES      ((DWORD)-1)
#define INVALID_FILE_SIZE            ((DWORD)0xFFFFFFFF)
#define INVALID_SET_FILE_POINTER     ((DWORD)-1)
#define FILE_BEGIN                   0
#define FILE_CURRENT                 1
#define FILE_END                     2
#define FILE_TYPE_UNKNOWN            0x0000
#define FILE_TYPE_DISK               0x0001
#define FILE_TYPE_CHAR               0x0002
#define FILE_TYPE_PIPE               0x0003

typedef struct _SECURITY_ATTRIBUTES {
    DWORD nLength;
    LPVOID lpSecurityDescriptor;
    BOOL bInheritHandle;
} SECURITY_ATTRIBUTES, *PSECURITY_ATTRIBUTES, *LPSECURITY_ATTRIBUTES;

typedef struct _OVERLAPPED {
    ULONG_PTR Internal;
    ULONG_PTR InternalHigh; /* bytes transferred */
    __extension__ union {
        __extension__ struct {
            DWORD Offset; /* in the file, low and high half */
            DWORD OffsetHigh;
        };
        PVOID Pointer;
    };
    HANDLE hEvent;
} OVERLAPPED, *LPOVERLAPPED;

typedef struct _WIN32_FIND_DATAA {
    DWORD dwFileAttributes;
    FILETIME ftCreationTime;
    FILETIME ftLastAccessTime;
    FILETIME ftLastWriteTime;
    DWORD nFileSizeHigh;
    DWORD nFileSizeLow;
    DWORD dwReserved0;
    DWORD dwReserved1;
    CHAR cFileName[MAX_PATH]; /* without the folder */
    CHAR cAlternateFileName[14];
} WIN32_FIND_DATAA, *PWIN32_FIND_DATAA, *LPWIN32_FIND_DATAA;

typedef struct _WIN32_FIND_DATAW {
    DWORD dwFileAttributes;
    FILETIME ftCreationTime;
    FILETIME ftLastAccessTime;
    FILETIME ftLastWriteTime;
    DWORD nFileSizeHigh;
    DWORD nFileSizeLow;
    DWORD dwReserved0;
    DWORD dwReserved1;
    WCHAR cFileName[MAX_PATH];
    WCHAR cAlternateFileName[14];
} WIN32_FIND_DATAW, *PWIN32_FIND_DATAW, *LPWIN32_FIND_DATAW;

#ifdef UNICODE
typedef WIN32_FIND_DATAW WIN32_FIND_DATA;
typedef LPWIN32_FIND_DATAW LPWIN32_FIND_DATA;
#else
typedef WIN32_FIND_DATAA WIN32_FIND_DATA;
typedef LPWIN32_FIND_DATAA LPWIN32_FIND_DATA;
#endif

SCHANNEL_SIZE(SECURITY_ATTRIBUTES, 24);
SCHANNEL_SIZE(OVERLAPPED, 32);
SCHANNEL_SIZE(WIN32_FIND_DATAA, 320);
SCHANNEL_SIZE(WIN32_FIND_DATAW, 592);

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * CreateFile - opens or makes a file.
 * lpFileName             its path.
 * dwDesiredAccess        GENERIC_READ, GENERIC_WRITE, GENERIC_ALL or 0 (may then only be asked
 *                        about).
 * dwShareMode, lpSecurityAttributes, hTemplateFile  not looked at: nothing here locks a file, and
 *                        a handle is never inherited.
 * dwCreationDisposition  CREATE_NEW, CREATE_ALWAYS, OPEN_EXISTING, OPEN_ALWAYS, TRUNCATE_EXISTING.
 * dwFlagsAndAttributes   hints are passed over; FILE_FLAG_OVERLAPPED and FILE_FLAG_DELETE_ON_CLOSE
 *                        are not supported.
 * Returns the handle, to be closed with CloseHandle; or INVALID_HANDLE_VALUE:
 * ERROR_FILE_NOT_FOUND, ERROR_PATH_NOT_FOUND, ERROR_FILE_EXISTS  as they say
 * ERROR_ACCESS_DENIED      no permission, or a folder
 * ERROR_NOT_SUPPORTED      one of the two flags
 * ERROR_INVALID_PARAMETER  NULL, another disposition
 * ERROR_NOT_ENOUGH_MEMORY, ERROR_TOO_MANY_OPEN_FILES, ERROR_GEN_FAILURE  as they say
 * With CREATE_ALWAYS and OPEN_ALWAYS the last error of success is ERROR_ALREADY_EXISTS when there
 * was such a file, else 0. Any thread.
 * Source: Microsoft "CreateFile function".
 */
HANDLE WINAPI CreateFileA(LPCSTR lpFileName, DWORD dwDesiredAccess, DWORD dwShareMode,
                          LPSECURITY_ATTRIBUTES lpSecurityAttributes, DWORD dwCreationDisposition,
                          DWORD dwFlagsAndAttributes, HANDLE hTemplateFile);
HANDLE WINAPI CreateFileW(LPCWSTR lpFileName, DWORD dwDesiredAccess, DWORD dwShareMode,
                          LPSECURITY_ATTRIBUTES lpSecurityAttributes, DWORD dwCreationDisposition,
                          DWORD dwFlagsAndAttributes, HANDLE hTemplateFile);
#define CreateFile SCHANNEL_AW(CreateFile)

/*
 * ReadFile - reads up to nNumberOfBytesToRead bytes; TRUE with 0 bytes at the end of the file.
 * WriteFile - writes nNumberOfBytesToWrite bytes.
 * lpNumberOfBytesRead, lpNumberOfBytesWritten  out: how many; NULL only with lpOverlapped.
 * lpOverlapped  NULL; or in: the offset, out: InternalHigh, how many. The call waits in any case.
 *               At the end of the file it then gives FALSE and ERROR_HANDLE_EOF.
 * Return FALSE with ERROR_INVALID_HANDLE, ERROR_ACCESS_DENIED, ERROR_INVALID_PARAMETER (a NULL),
 * ERROR_DISK_FULL, ERROR_BROKEN_PIPE or ERROR_GEN_FAILURE. Any thread.
 * Source: Microsoft pages of the two functions.
 */
BOOL WINAPI ReadFile(HANDLE hFile, LPVOID lpBuffer, DWORD nNumberOfBytesToRead,
                     LPDWORD lpNumberOfBytesRead, LPOVERLAPPED lpOverlapped);
BOOL WINAPI WriteFile(HANDLE hFile, LPCVOID lpBuffer, DWORD nNumberOfBytesToWrite,
                      LPDWORD lpNumberOfBytesWritten, LPOVERLAPPED lpOverlapped);

/*
 * GetFileSize - the low half of the size, the high one in *lpFileSizeHigh (may be NULL); or
 * INVALID_FILE_SIZE and a last error other than 0.
 * GetFileSizeEx - the size in *lpFileSize.
 * SetFilePointer, SetFilePointerEx - moves the place of the next read or write by a signed
 * distance from FILE_BEGIN, FILE_CURRENT or FILE_END and gives the new one; the first has the high
 * half in and out at lpDistanceToMoveHigh, or takes 32 bits when that is NULL, and returns
 * INVALID_SET_FILE_POINTER with a last error other than 0 on failure.
 * GetFileType - FILE_TYPE_DISK, _CHAR, _PIPE; FILE_TYPE_UNKNOWN and a last error for no file.
 * The others return FALSE with ERROR_INVALID_HANDLE, ERROR_INVALID_PARAMETER or ERROR_GEN_FAILURE.
 * Any thread.
 * Source: Microsoft pages of the functions.
 */
DWORD WINAPI GetFileSize(HANDLE hFile, LPDWORD lpFileSizeHigh);
BOOL WINAPI GetFileSizeEx(HANDLE hFile, PLARGE_INTEGER lpFileSize);
DWORD WINAPI SetFilePointer(HANDLE hFile, LONG lDistanceToMove, PLONG lpDistanceToMoveHigh,
                            DWORD dwMoveMethod);
BOOL WINAPI SetFilePointerEx(HANDLE hFile, LARGE_INTEGER liDistanceToMove,
                             PLARGE_INTEGER lpNewFilePointer, DWORD dwMoveMethod);
DWORD WINAPI GetFileType(HANDLE hFile);

/*
 * CloseHandle - closes a file, an event or a thread's handle. FALSE and ERROR_INVALID_HANDLE for
 * anything else, also for one closed before. Any thread.
 * Source: Microsoft "CloseHandle function".
 */
BOOL WINAPI CloseHandle(HANDLE hObject);

/*
 * GetFileAttributes - FILE_ATTRIBUTE_DIRECTORY, FILE_ATTRIBUTE_READONLY (no permission bit for
 * writing), FILE_ATTRIBUTE_NORMAL (neither); or INVALID_FILE_ATTRIBUTES and ERROR_FILE_NOT_FOUND,
 * ERROR_PATH_NOT_FOUND, ERROR_ACCESS_DENIED. Any thread.
 * Source: Microsoft "GetFileAttributes function".
 */
DWORD WINAPI GetFileAttributesA(LPCSTR lpFileName);
DWORD WINAPI GetFileAttributesW(LPCWSTR lpFileName);
#define GetFileAttributes SCHANNEL_AW(GetFileAttributes)

/*
 * FindFirstFile - begins to list the files whose names fit the last part of a path: * stands for
 * any characters, ? for one, *.* for any name; the case of A to Z is not looked at. Returns a
 * handle to be closed with FindClose, and the first name; or INVALID_HANDLE_VALUE:
 * ERROR_FILE_NOT_FOUND     no name fits
 * ERROR_PATH_NOT_FOUND     there is no such folder
 * ERROR_INVALID_PARAMETER  a NULL
 * ERROR_ACCESS_DENIED, ERROR_NOT_ENOUGH_MEMORY  as they say
 * FindNextFile - the next one; FALSE and ERROR_NO_MORE_FILES after the last.
 * FindClose - ends it; FALSE and ERROR_INVALID_HANDLE for another handle.
 * The order is the file system's. Names of more than MAX_PATH - 1 characters are left out;
 * cAlternateFileName is empty. One thread at a time for a handle.
 * Source: Microsoft pages of the functions.
 */
HANDLE WINAPI FindFirstFileA(LPCSTR lpFileName, LPWIN32_FIND_DATAA lpFindFileData);
HANDLE WINAPI FindFirstFileW(LPCWSTR lpFileName, LPWIN32_FIND_DATAW lpFindFileData);
#define FindFirstFile SCHANNEL_AW(FindFirstFile)
BOOL WINAPI FindNextFileA(HANDLE hFindFile, LPWIN32_FIND_DATAA lpFindFileData);
BOOL WINAPI FindNextFileW(HANDLE hFindFile, LPWIN32_FIND_DATAW lpFindFileData);
#define FindNextFile SCHANNEL_AW(FindNextFile)
BOOL WINAPI FindClose(HANDLE hFindFile);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
