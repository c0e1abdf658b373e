/* SPDX-License-Identifier: MIT */
/* The version, user, host, environment, memory that grows, and lstrcpy's kin. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include <versionhelpers.h>

#include "win/win.h"

static BOOL is_at_least(DWORD major, DWORD minor, DWORD build)
{
    OSVERSIONINFOEXW wanted = {.dwOSVersionInfoSize = sizeof wanted,
                               .dwMajorVersion = major,
                               .dwMinorVersion = minor,
                               .dwBuildNumber = build};
    DWORDLONG mask = 0;
    VER_SET_CONDITION(mask, VER_MAJORVERSION, VER_GREATER_EQUAL);
    VER_SET_CONDITION(mask, VER_MINORVERSION, VER_GREATER_EQUAL);
    VER_SET_CONDITION(mask, VER_BUILDNUMBER, VER_GREATER_EQUAL);
    return VerifyVersionInfoW(&wanted, VER_MAJORVERSION | VER_MINORVERSION | VER_BUILDNUMBER, mask);
}

static void the_version_has_tls13(void **state)
{
    (void)state;
    OSVERSIONINFOA narrow = {.dwOSVersionInfoSize = sizeof narrow};
    OSVERSIONINFOEXW wide = {.dwOSVersionInfoSize = sizeof wide};
    assert_true(GetVersionExA(&narrow));
    assert_int_equal(narrow.dwMajorVersion, 10);
    assert_true(narrow.dwBuildNumber >= 20348);
    assert_int_equal(narrow.dwPlatformId, VER_PLATFORM_WIN32_NT);
    assert_true(GetVersionExW((LPOSVERSIONINFOW)&wide));
    assert_int_equal(wide.wProductType, VER_NT_SERVER);
    assert_int_equal(RtlGetVersion((PRTL_OSVERSIONINFOW)&wide), STATUS_SUCCESS);
    assert_int_equal(GetVersion() >> 16, wide.dwBuildNumber);
    assert_int_equal(LOBYTE(GetVersion()), 10);
    narrow.dwOSVersionInfoSize = 3;
    assert_false(GetVersionExA(&narrow));
    assert_int_equal(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
    wide.dwOSVersionInfoSize = 0;
    assert_int_equal(RtlGetVersion((PRTL_OSVERSIONINFOW)&wide), STATUS_INVALID_PARAMETER);
    assert_int_equal(RtlGetVersion(NULL), STATUS_INVALID_PARAMETER);
}

static void versions_are_compared(void **state)
{
    (void)state;
    assert_true(is_at_least(10, 0, 20348));
    assert_true(is_at_least(6, 3, 9600));
    assert_true(is_at_least(6, 9, 0));
    assert_false(is_at_least(10, 1, 0));
    assert_int_equal(GetLastError(), ERROR_OLD_WIN_VERSION);
    assert_false(is_at_least(11, 0, 0));
    assert_false(is_at_least(10, 0, 99999));
    assert_true(IsWindows8Point1OrGreater());
    assert_true(IsWindows10OrGreater());
    assert_false(IsWindowsVersionOrGreater(10, 0, 1));
    OSVERSIONINFOEXA wanted = {.dwMajorVersion = 10, .dwPlatformId = VER_PLATFORM_WIN32_NT};
    ULONGLONG equal = VerSetConditionMask(0, VER_MAJORVERSION, VER_EQUAL);
    ULONGLONG less = VerSetConditionMask(0, VER_MAJORVERSION, VER_LESS);
    assert_true(VerifyVersionInfoA(&wanted, VER_MAJORVERSION, equal));
    assert_false(VerifyVersionInfoA(&wanted, VER_MAJORVERSION, less));
    equal = VerSetConditionMask(equal, VER_PLATFORMID, VER_EQUAL);
    assert_true(VerifyVersionInfoA(&wanted, VER_MAJORVERSION | VER_PLATFORMID, equal));
    wanted.dwPlatformId = VER_PLATFORM_WIN32_WINDOWS;
    assert_false(VerifyVersionInfoA(&wanted, VER_MAJORVERSION | VER_PLATFORMID, equal));
    assert_false(VerifyVersionInfoA(&wanted, VER_MINORVERSION, equal));
    assert_int_equal(GetLastError(), ERROR_BAD_ARGUMENTS);
    assert_false(VerifyVersionInfoA(NULL, VER_MAJORVERSION, equal));
    assert_int_equal(GetLastError(), ERROR_BAD_ARGUMENTS);
}

static void user_and_host(void **state)
{
    (void)state;
    char name[256];
    WCHAR wide[256];
    DWORD size = sizeof name;
    DWORD wide_size = 256;
    assert_true(GetUserNameA(name, &size));
    assert_int_equal(size, strlen(name) + 1);
    assert_true(GetUserNameW(wide, &wide_size));
    assert_int_equal(wide_size, size);
    assert_int_equal(wide[0], name[0]);
    size = 1;
    assert_false(GetUserNameA(name, &size));
    assert_int_equal(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(size, wide_size);
    assert_false(GetUserNameA(name, NULL));
    assert_int_equal(GetLastError(), ERROR_INVALID_PARAMETER);
    size = sizeof name;
    assert_true(GetComputerNameExA(ComputerNameDnsHostname, name, &size));
    assert_int_equal(size, strlen(name));
    size = 0;
    assert_false(GetComputerNameExW(ComputerNameDnsHostname, NULL, &size));
    assert_int_equal(GetLastError(), ERROR_MORE_DATA);
    assert_int_equal(size, strlen(name) + 1);
    size = sizeof name;
    assert_true(GetComputerNameA(name, &size));
    assert_true(size <= MAX_COMPUTERNAME_LENGTH);
    size = sizeof name;
    assert_false(GetComputerNameExA(ComputerNameMax, name, &size));
    assert_int_equal(GetLastError(), ERROR_INVALID_PARAMETER);
}

static void environment(void **state)
{
    (void)state;
    char value[8];
    WCHAR wide[8];
    setenv("SCHANNEL_UNIT_TEST", "abc", 1);
    assert_int_equal(GetEnvironmentVariableA("SCHANNEL_UNIT_TEST", value, sizeof value), 3);
    assert_string_equal(value, "abc");
    assert_int_equal(GetEnvironmentVariableA("SCHANNEL_UNIT_TEST", value, 3), 4);
    assert_int_equal(GetEnvironmentVariableA("SCHANNEL_UNIT_TEST", NULL, 0), 4);
    assert_int_equal(GetEnvironmentVariableW(SCHANNEL_WIDE("SCHANNEL_UNIT_TEST"), wide, 8), 3);
    assert_int_equal(wide[2], 'c');
    setenv("SCHANNEL_UNIT_TEST", "", 1);
    assert_int_equal(GetEnvironmentVariableA("SCHANNEL_UNIT_TEST", value, sizeof value), 0);
    assert_int_equal(GetLastError(), ERROR_SUCCESS);
    unsetenv("SCHANNEL_UNIT_TEST");
    assert_int_equal(GetEnvironmentVariableW(SCHANNEL_WIDE("SCHANNEL_UNIT_TEST"), wide, 8), 0);
    assert_int_equal(GetLastError(), ERROR_ENVVAR_NOT_FOUND);
}

static void memory_grows(void **state)
{
    (void)state;
    char *block = LocalAlloc(LPTR, 4);
    lstrcpyA(block, "abc");
    block = LocalReAlloc(block, 400, LMEM_MOVEABLE);
    assert_string_equal(block, "abc");
    assert_int_equal(block[399], 0);
    assert_int_equal(LocalSize(block), 400);
    mem_fail_at(1, false);
    assert_null(LocalReAlloc(block, 500, 0));
    mem_fail_at(0, false);
    assert_int_equal(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
    assert_string_equal(block, "abc");
    assert_ptr_equal(LocalReAlloc(block, 0, LMEM_MODIFY), block);
    assert_null(LocalFree(block));
    block = HeapAlloc(GetProcessHeap(), 0, 2);
    assert_null(HeapReAlloc(GetProcessHeap(), HEAP_REALLOC_IN_PLACE_ONLY, block, 3));
    block = HeapReAlloc(GetProcessHeap(), 0, block, 3);
    assert_int_equal(HeapSize(GetProcessHeap(), 0, block), 3);
    assert_true(HeapFree(GetProcessHeap(), 0, block));
    assert_null(HeapReAlloc(GetProcessHeap(), 0, NULL, 3));
    HGLOBAL global = GlobalAlloc(GPTR, 8);
    assert_ptr_equal(GlobalLock(global), global);
    assert_false(GlobalUnlock(global));
    assert_int_equal(GetLastError(), ERROR_SUCCESS);
    assert_int_equal(GlobalSize(global), 8);
    global = GlobalReAlloc(global, 16, 0);
    assert_int_equal(GlobalSize(global), 16);
    assert_null(GlobalFree(global));
    assert_null(LocalReAlloc(NULL, 1, 0));
    assert_int_equal(GetLastError(), ERROR_INVALID_HANDLE);
}

static void texts_bear_null(void **state)
{
    (void)state;
    char narrow[8] = "ab";
    WCHAR wide[8] = {'a', 'b'};
    assert_ptr_equal(lstrcatA(narrow, "cd"), narrow);
    assert_string_equal(narrow, "abcd");
    assert_string_equal(lstrcpynA(narrow, "123456", 4), "123");
    assert_int_equal(lstrcmpW(lstrcatW(wide, SCHANNEL_WIDE("cd")), SCHANNEL_WIDE("abcd")), 0);
    assert_int_equal(lstrlenW(lstrcpynW(wide, SCHANNEL_WIDE("123456"), 4)), 3);
    assert_int_equal(lstrcmpiA("Schannel", "SCHANNEL"), 0);
    assert_true(lstrcmpA("Schannel", "SCHANNEL") > 0);
    assert_int_equal(lstrcmpiW(SCHANNEL_WIDE("My"), SCHANNEL_WIDE("mY")), 0);
    assert_true(lstrcmpA("a", "b") < 0);
    assert_null(lstrcpyA(NULL, "a"));
    assert_null(lstrcpyW(wide, NULL));
    assert_null(lstrcpynA(narrow, "a", 0));
    assert_true(lstrcmpA(NULL, "") < 0);
    assert_true(lstrcmpiW(wide, NULL) > 0);
    assert_int_equal(lstrcmpW(NULL, NULL), 0);
}

static void clocks(void **state)
{
    (void)state;
    LARGE_INTEGER first;
    LARGE_INTEGER second;
    LARGE_INTEGER frequency;
    SYSTEMTIME local;
    assert_true(QueryPerformanceFrequency(&frequency));
    assert_true(frequency.QuadPart > 0);
    assert_true(QueryPerformanceCounter(&first));
    assert_true(QueryPerformanceCounter(&second));
    assert_true(second.QuadPart >= first.QuadPart);
    GetLocalTime(&local);
    assert_true(local.wYear >= 2024 && local.wMonth >= 1 && local.wMonth <= 12);
    assert_int_equal(GetCurrentProcessId(), getpid());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_version_has_tls13),
        cmocka_unit_test(versions_are_compared),
        cmocka_unit_test(user_and_host),
        cmocka_unit_test(environment),
        cmocka_unit_test(memory_grows),
        cmocka_unit_test(texts_bear_null),
        cmocka_unit_test(clocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
