/* SPDX-License-Identifier: MIT */
/* Is this at least that Windows: over VerifyVersionInfo, so the answer is that of Server 2022. */
#ifndef SCHANNEL_VERSIONHELPERS_H
#define SCHANNEL_VERSIONHELPERS_H

#include "windows.h"

static inline BOOL IsWindowsVersionOrGreater(WORD major, WORD minor, WORD service_pack)
{
    OSVERSIONINFOEXA wanted;
    memset(&wanted, 0, sizeof wanted);
    wanted.dwOSVersionInfoSize = sizeof wanted;
    wanted.dwMajorVersion = major;
    wanted.dwMinorVersion = minor;
    wanted.wServicePackMajor = service_pack;
    ULONGLONG mask = VerSetConditionMask(0, VER_MAJORVERSION, VER_GREATER_EQUAL);
    mask = VerSetConditionMask(mask, VER_MINORVERSION, VER_GREATER_EQUAL);
    mask = VerSetConditionMask(mask, VER_SERVICEPACKMAJOR, VER_GREATER_EQUAL);
    return VerifyVersionInfoA(&wanted, VER_MAJORVERSION | VER_MINORVERSION | VER_SERVICEPACKMAJOR,
                              mask);
}

#define IsWindowsXPOrGreater()        IsWindowsVersionOrGreater(5, 1, 0)
#define IsWindowsVistaOrGreater()     IsWindowsVersionOrGreater(6, 0, 0)
#define IsWindows7OrGreater()         IsWindowsVersionOrGreater(6, 1, 0)
#define IsWindows8OrGreater()         IsWindowsVersionOrGreater(6, 2, 0)
#define IsWindows8Point1OrGreater()   IsWindowsVersionOrGreater(6, 3, 0)
#define IsWindowsThresholdOrGreater() IsWindowsVersionOrGreater(10, 0, 0)
#define IsWindows10OrGreater()        IsWindowsVersionOrGreater(10, 0, 0)
#define IsWindowsServer()             TRUE

#endif
