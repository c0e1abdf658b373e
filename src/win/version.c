/* SPDX-License-Identifier: MIT */
/* The version of Windows whose Schannel this library is like, and comparing with it. */
#include "win/win.h"

enum {
    MAJOR = 10,
    MINOR = 0,
    BUILD = 20348, /* Windows Server 2022, the first with TLS 1.3 */
    CONDITION_BITS = 3,
    CONDITION_MASK = 7
};

DWORD WINAPI GetVersion(void)
{
    return (DWORD)BUILD << 16 | (DWORD)MAJOR; /* and a minor version of 0 */
}

BOOL WINAPI GetVersionExA(LPOSVERSIONINFOA lpVersionInformation)
{
    OSVERSIONINFOEXA info = {.dwMajorVersion = MAJOR,
                             .dwMinorVersion = MINOR,
                             .dwBuildNumber = BUILD,
                             .dwPlatformId = VER_PLATFORM_WIN32_NT,
                             .wProductType = VER_NT_SERVER};
    DWORD size = lpVersionInformation != NULL ? lpVersionInformation->dwOSVersionInfoSize : 0;
    if (size != sizeof(OSVERSIONINFOA) && size != sizeof(OSVERSIONINFOEXA))
        return win_fail(ERROR_INSUFFICIENT_BUFFER);
    info.dwOSVersionInfoSize = size;
    mem_copy(lpVersionInformation, &info, size);
    return TRUE;
}

static bool fill(LPOSVERSIONINFOW out)
{
    OSVERSIONINFOEXW info = {.dwMajorVersion = MAJOR,
                             .dwMinorVersion = MINOR,
                             .dwBuildNumber = BUILD,
                             .dwPlatformId = VER_PLATFORM_WIN32_NT,
                             .wProductType = VER_NT_SERVER};
    DWORD size = out != NULL ? out->dwOSVersionInfoSize : 0;
    if (size != sizeof(OSVERSIONINFOW) && size != sizeof(OSVERSIONINFOEXW))
        return false;
    info.dwOSVersionInfoSize = size;
    mem_copy(out, &info, size);
    return true;
}

BOOL WINAPI GetVersionExW(LPOSVERSIONINFOW lpVersionInformation)
{
    return fill(lpVersionInformation) ? TRUE : win_fail(ERROR_INSUFFICIENT_BUFFER);
}

NTSTATUS NTAPI RtlGetVersion(PRTL_OSVERSIONINFOW lpVersionInformation)
{
    return fill(lpVersionInformation) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

/* ---- conditions ---------------------------------------------------------------------------- */

/* Each bit of the type mask has three bits of the condition mask, in the same order. */
static unsigned shift_of(DWORD type)
{
    return CONDITION_BITS * (unsigned)__builtin_ctz(type);
}

ULONGLONG NTAPI VerSetConditionMask(ULONGLONG ConditionMask, ULONG TypeMask, UCHAR Condition)
{
    if ((TypeMask & 0xFF) == 0)
        return ConditionMask;
    unsigned shift = shift_of(TypeMask & 0xFF);
    return (ConditionMask & ~((ULONGLONG)CONDITION_MASK << shift)) |
           (ULONGLONG)(Condition & CONDITION_MASK) << shift;
}

static bool holds(ULONGLONG have, ULONGLONG want, unsigned condition)
{
    switch (condition) {
    case VER_EQUAL:
        return have == want;
    case VER_GREATER:
        return have > want;
    case VER_GREATER_EQUAL:
        return have >= want;
    case VER_LESS:
        return have < want;
    case VER_LESS_EQUAL:
        return have <= want;
    default:
        return false;
    }
}

static const DWORD number_types =
    VER_MAJORVERSION | VER_MINORVERSION | VER_SERVICEPACKMAJOR | VER_SERVICEPACKMINOR;

struct wanted {
    DWORD type;
    ULONGLONG have;
    ULONGLONG want;
};

static unsigned condition_of(ULONGLONG conditions, DWORD type)
{
    return (unsigned)(conditions >> shift_of(type)) & CONDITION_MASK;
}

/* The parts of one version number: the first that differs decides, by its own condition. */
static bool number_holds(const struct wanted *parts, size_t count, DWORD mask, ULONGLONG conditions)
{
    unsigned condition = VER_EQUAL;
    for (size_t i = 0; i < count; i++) {
        if ((mask & parts[i].type) == 0)
            continue;
        /* The condition of the highest part is the whole number's. */
        if (condition == VER_EQUAL)
            condition = condition_of(conditions, parts[i].type);
        if (parts[i].have != parts[i].want)
            return holds(parts[i].have, parts[i].want, condition);
    }
    return holds(0, 0, condition);
}

static bool suites_hold(WORD wanted, unsigned condition)
{
    /* There are no suites: all of none hold, any of some does not. */
    return wanted == 0 && (condition == VER_AND || condition == VER_OR);
}

static bool all_conditions_there(DWORD mask, ULONGLONG conditions)
{
    for (DWORD type = 1; type <= VER_PRODUCT_TYPE; type <<= 1) {
        if ((mask & type) != 0 && condition_of(conditions, type) == 0)
            return false;
    }
    return true;
}

BOOL WINAPI VerifyVersionInfoW(LPOSVERSIONINFOEXW lpVersionInformation, DWORD dwTypeMask,
                               DWORDLONG dwlConditionMask)
{
    const OSVERSIONINFOEXW *want = lpVersionInformation;
    if (want == NULL || (dwTypeMask & 0xFF) == 0 ||
        !all_conditions_there(dwTypeMask, dwlConditionMask))
        return win_fail(ERROR_BAD_ARGUMENTS);
    const struct wanted parts[] = {{VER_MAJORVERSION, MAJOR, want->dwMajorVersion},
                                   {VER_MINORVERSION, MINOR, want->dwMinorVersion},
                                   {VER_SERVICEPACKMAJOR, 0, want->wServicePackMajor},
                                   {VER_SERVICEPACKMINOR, 0, want->wServicePackMinor}};
    const struct wanted others[] = {{VER_BUILDNUMBER, BUILD, want->dwBuildNumber},
                                    {VER_PLATFORMID, VER_PLATFORM_WIN32_NT, want->dwPlatformId},
                                    {VER_PRODUCT_TYPE, VER_NT_SERVER, want->wProductType}};
    bool is_right = (dwTypeMask & number_types) == 0 ||
                    number_holds(parts, ARRAY_LEN(parts), dwTypeMask, dwlConditionMask);
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        if ((dwTypeMask & others[i].type) != 0)
            is_right = is_right && holds(others[i].have, others[i].want,
                                         condition_of(dwlConditionMask, others[i].type));
    }
    if ((dwTypeMask & VER_SUITENAME) != 0)
        is_right = is_right &&
                   suites_hold(want->wSuiteMask, condition_of(dwlConditionMask, VER_SUITENAME));
    return is_right ? TRUE : win_fail(ERROR_OLD_WIN_VERSION);
}

BOOL WINAPI VerifyVersionInfoA(LPOSVERSIONINFOEXA lpVersionInformation, DWORD dwTypeMask,
                               DWORDLONG dwlConditionMask)
{
    if (lpVersionInformation == NULL)
        return win_fail(ERROR_BAD_ARGUMENTS);
    OSVERSIONINFOEXW wide = {.dwMajorVersion = lpVersionInformation->dwMajorVersion,
                             .dwMinorVersion = lpVersionInformation->dwMinorVersion,
                             .dwBuildNumber = lpVersionInformation->dwBuildNumber,
                             .dwPlatformId = lpVersionInformation->dwPlatformId,
                             .wServicePackMajor = lpVersionInformation->wServicePackMajor,
                             .wServicePackMinor = lpVersionInformation->wServicePackMinor,
                             .wSuiteMask = lpVersionInformation->wSuiteMask,
                             .wProductType = lpVersionInformation->wProductType};
    return VerifyVersionInfoW(&wide, dwTypeMask, dwlConditionMask);
}
