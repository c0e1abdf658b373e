/* SPDX-License-Identifier: MIT */
/*
 * Which Windows this is like, who runs it, its environment. The version is that of Windows Server
 * 2022, 10.0.20348, the first whose Schannel speaks TLS 1.3: programs choose their credential
 * structure by it.
 */
#ifndef SCHANNEL_PARTS_WINBASE_SYSTEM_H
#define SCHANNEL_PARTS_WINBASE_SYSTEM_H

#include "../windef.h"
#include "time.h"

#define VER_PLATFORM_WIN32s        0
#define VER_PLATFORM_WIN32_WINDOWS 1
#define VER_PLATFORM_WIN32_NT      2
#define VER_MINORVERSION           0x0000001
#define VER_MAJORVERSION           0x0000002
#define VER_BUILDNUMBER            0x0000004
#define VER_PLATFORMID             0x0000008
#define VER_SERVICEPACKMINOR       0x0000010
#define VER_SERVICEPACKMAJOR       0x0000020
#define VER_SUITENAME              0x0000040
#define VER_PRODUCT_TYPE           0x0000080
#define VER_EQUAL                  1
#define VER_GREATER                2
#define VER_GREATER_EQUAL          3
#define VER_LESS                   4
#define VER_LESS_EQUAL             5
#define VER_AND                    6
#define VER_OR                     7
#define VER_NT_WORKSTATION         0x0000001
#define VER_NT_DOMAIN_CONTROLLER   0x0000002
#define VER_NT_SERVER              0x0000003
#define MAX_COMPUTERNAME_LENGTH    15

typedef struct _OSVERSIONINFOA {
    DWORD dwOSVersionInfoSize;
    DWORD dwMajorVersion;
    DWORD dwMinorVersion;
    DWORD dwBuildNumber;
    DWORD dwPlatformId;
    CHAR szCSDVersion[128];
} OSVERSIONINFOA, *POSVERSIONINFOA, *LPOSVERSIONINFOA;

typedef struct _OSVERSIONINFOW {
    DWORD dwOSVersionInfoSize;
    DWORD dwMajorVersion;
    DWORD dwMinorVersion;
    DWORD dwBuildNumber;
    DWORD dwPlatformId;
    WCHAR szCSDVersion[128];
} OSVERSIONINFOW, *POSVERSIONINFOW, *LPOSVERSIONINFOW, RTL_OSVERSIONINFOW, *PRTL_OSVERSIONINFOW;

typedef struct _OSVERSIONINFOEXA {
    DWORD dwOSVersionInfoSize;
    DWORD dwMajorVersion;
    DWORD dwMinorVersion;
    DWORD dwBuildNumber;
    DWORD dwPlatformId;
    CHAR szCSDVersion[128];
    WORD wServicePackMajor;
    WORD wServicePackMinor;
    WORD wSuiteMask;
    BYTE wProductType;
    BYTE wReserved;
} OSVERSIONINFOEXA, *POSVERSIONINFOEXA, *LPOSVERSIONINFOEXA;

typedef struct _OSVERSIONINFOEXW {
    DWORD dwOSVersionInfoSize;
    DWORD dwMajorVersion;
    DWORD dwMinorVersion;
    DWORD dwBuildNumber;
    DWORD dwPlatformId;
    WCHAR szCSDVersion[128];
    WORD wServicePackMajor;
    WORD wServicePackMinor;
    WORD wSuiteMask;
    BYTE wProductType;
    BYTE wReserved;
} OSVERSIONINFOEXW, *POSVERSIONINFOEXW, *LPOSVERSIONINFOEXW, RTL_OSVERSIONINFOEXW,
    *PRTL_OSVERSIONINFOEXW;

#ifdef UNICODE
typedef OSVERSIONINFOW OSVERSIONINFO, *POSVERSIONINFO, *LPOSVERSIONINFO;
typedef OSVERSIONINFOEXW OSVERSIONINFOEX, *POSVERSIONINFOEX, *LPOSVERSIONINFOEX;
#else
typedef OSVERSIONINFOA OSVERSIONINFO, *POSVERSIONINFO, *LPOSVERSIONINFO;
typedef OSVERSIONINFOEXA OSVERSIONINFOEX, *POSVERSIONINFOEX, *LPOSVERSIONINFOEX;
#endif

typedef enum _COMPUTER_NAME_FORMAT {
    ComputerNameNetBIOS,
    ComputerNameDnsHostname,
    ComputerNameDnsDomain,
    ComputerNameDnsFullyQualified,
    ComputerNamePhysicalNetBIOS,
    ComputerNamePhysicalDnsHostname,
    ComputerNamePhysicalDnsDomain,
    ComputerNamePhysicalDnsFullyQualified,
    ComputerNameMax
} COMPUTER_NAME_FORMAT;

SCHANNEL_SIZE(OSVERSIONINFOA, 148);
SCHANNEL_SIZE(OSVERSIONINFOW, 276);
SCHANNEL_SIZE(OSVERSIONINFOEXA, 156);
SCHANNEL_SIZE(OSVERSIONINFOEXW, 284);

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * GetVersion - 10 in the lowest byte, 0 in the next, the build number in the high half.
 * GetVersionEx - fills an OSVERSIONINFO or OSVERSIONINFOEX, as dwOSVersionInfoSize says. FALSE and
 * ERROR_INSUFFICIENT_BUFFER for another size or NULL.
 * RtlGetVersion - the same; STATUS_SUCCESS, or STATUS_INVALID_PARAMETER. Any thread.
 * Source: Microsoft pages of the functions.
 */
DWORD WINAPI GetVersion(void);
BOOL WINAPI GetVersionExA(LPOSVERSIONINFOA lpVersionInformation);
BOOL WINAPI GetVersionExW(LPOSVERSIONINFOW lpVersionInformation);
#define GetVersionEx SCHANNEL_AW(GetVersionEx)
NTSTATUS NTAPI RtlGetVersion(PRTL_OSVERSIONINFOW lpVersionInformation);

/*
 * VerSetConditionMask - ConditionMask with Condition (VER_EQUAL ... VER_OR) for what the lowest bit
 * of TypeMask (VER_MAJORVERSION ...) names.
 * VerifyVersionInfo - whether the version, compared with the fields that dwTypeMask names under the
 * conditions, satisfies all: major, minor and service pack as one number as far as they are named,
 * the others each by itself. FALSE and ERROR_OLD_WIN_VERSION when not, FALSE and
 * ERROR_BAD_ARGUMENTS for NULL, an empty mask or a field without a condition. Any thread.
 * Source: Microsoft pages of the two functions.
 */
ULONGLONG NTAPI VerSetConditionMask(ULONGLONG ConditionMask, ULONG TypeMask, UCHAR Condition);
BOOL WINAPI VerifyVersionInfoA(LPOSVERSIONINFOEXA lpVersionInformation, DWORD dwTypeMask,
                               DWORDLONG dwlConditionMask);
BOOL WINAPI VerifyVersionInfoW(LPOSVERSIONINFOEXW lpVersionInformation, DWORD dwTypeMask,
                               DWORDLONG dwlConditionMask);
#define VerifyVersionInfo SCHANNEL_AW(VerifyVersionInfo)
#define VER_SET_CONDITION(mask, type, condition)                                                   \
    ((mask) = VerSetConditionMask((mask), (type), (condition)))

/*
 * GetUserName - the name of the process's effective user. *pcbBuffer: in the size of lpBuffer, out
 * the characters with the NUL. FALSE: ERROR_INSUFFICIENT_BUFFER with the size that is needed,
 * ERROR_NO_SUCH_USER, ERROR_INVALID_PARAMETER for a NULL.
 * GetComputerName, GetComputerNameEx - the host's name; the first part of it in capitals for the
 * NetBIOS formats (15 characters at most) and GetComputerName, the first part for a host name, what
 * follows it for a domain. *nSize: in the size, out the characters without the NUL. FALSE:
 * ERROR_MORE_DATA (ERROR_BUFFER_OVERFLOW from GetComputerName) with the size that is needed,
 * ERROR_INVALID_PARAMETER. Any thread.
 * Source: Microsoft pages of the functions.
 */
BOOL WINAPI GetUserNameA(LPSTR lpBuffer, LPDWORD pcbBuffer);
BOOL WINAPI GetUserNameW(LPWSTR lpBuffer, LPDWORD pcbBuffer);
#define GetUserName SCHANNEL_AW(GetUserName)
BOOL WINAPI GetComputerNameA(LPSTR lpBuffer, LPDWORD nSize);
BOOL WINAPI GetComputerNameW(LPWSTR lpBuffer, LPDWORD nSize);
#define GetComputerName SCHANNEL_AW(GetComputerName)
BOOL WINAPI GetComputerNameExA(COMPUTER_NAME_FORMAT NameType, LPSTR lpBuffer, LPDWORD nSize);
BOOL WINAPI GetComputerNameExW(COMPUTER_NAME_FORMAT NameType, LPWSTR lpBuffer, LPDWORD nSize);
#define GetComputerNameEx SCHANNEL_AW(GetComputerNameEx)

/*
 * GetEnvironmentVariable - the value of a variable; returns its characters without the NUL, or,
 * when they do not fit into nSize, the size that is needed; 0 and ERROR_ENVVAR_NOT_FOUND without
 * one. A variable that is empty gives 0 and last error 0. Not while another thread changes the
 * environment.
 * Source: Microsoft "GetEnvironmentVariable function".
 */
DWORD WINAPI GetEnvironmentVariableA(LPCSTR lpName, LPSTR lpBuffer, DWORD nSize);
DWORD WINAPI GetEnvironmentVariableW(LPCWSTR lpName, LPWSTR lpBuffer, DWORD nSize);
#define GetEnvironmentVariable SCHANNEL_AW(GetEnvironmentVariable)

/*
 * OutputDebugString - writes the text to standard error, where no debugger takes it. NULL writes
 * nothing. Any thread.
 * Source: Microsoft "OutputDebugString function".
 */
VOID WINAPI OutputDebugStringA(LPCSTR lpOutputString);
VOID WINAPI OutputDebugStringW(LPCWSTR lpOutputString);
#define OutputDebugString SCHANNEL_AW(OutputDebugString)

/*
 * GetLocalTime - now, in the process's time zone.
 * QueryPerformanceCounter, QueryPerformanceFrequency - ticks of a clock that only goes forward, and
 * how many there are in a second. Always TRUE. The pointers must not be NULL. Any thread.
 * Source: Microsoft pages of the functions.
 */
VOID WINAPI GetLocalTime(LPSYSTEMTIME lpSystemTime);
BOOL WINAPI QueryPerformanceCounter(LARGE_INTEGER *lpPerformanceCount);
BOOL WINAPI QueryPerformanceFrequency(LARGE_INTEGER *lpFrequency);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
