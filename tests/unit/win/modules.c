/* SPDX-License-Identifier: MIT */
/* LoadLibrary and GetProcAddress, as programs find the security functions; and what is not found.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <windows.h>
#include <security.h>
#include <schannel.h>

static void windows_names_are_known(void **state)
{
    (void)state;
    static const char *const names[] = {"secur32.dll",
                                        "Secur32",
                                        "SECURITY.DLL",
                                        "schannel.dll",
                                        "C:\\Windows\\System32\\crypt32.dll",
                                        "ncrypt.dll",
                                        "bcrypt.dll",
                                        "advapi32",
                                        "NTDLL",
                                        "kernel32.dll",
                                        "ws2_32.dll",
                                        "sspicli.dll",
                                        "./secur32.dll"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        HMODULE module = LoadLibraryA(names[i]);
        assert_non_null(module);
        assert_ptr_equal(module, GetModuleHandleA(names[i]));
        assert_non_null(GetProcAddress(module, "InitSecurityInterfaceA"));
        assert_true(FreeLibrary(module));
    }
    assert_ptr_equal(LoadLibraryW(SCHANNEL_WIDE("SecUr32.DLL")), LoadLibraryA("secur32"));
    assert_ptr_equal(LoadLibraryExW(SCHANNEL_WIDE("ntdll"), NULL, LOAD_LIBRARY_SEARCH_SYSTEM32),
                     GetModuleHandleW(SCHANNEL_WIDE("ntdll.dll")));
}

static void other_names_are_not(void **state)
{
    (void)state;
    static const char *const names[] = {"user32.dll", "",     "secur32.dll.dll",
                                        "secur",      ".dll", "libcrypto.so.3"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        SetLastError(0);
        assert_null(LoadLibraryA(names[i]));
        assert_int_equal(GetLastError(), ERROR_MOD_NOT_FOUND);
        assert_null(GetModuleHandleA(names[i]));
    }
    assert_null(LoadLibraryA(NULL));
    assert_int_equal(GetLastError(), ERROR_INVALID_PARAMETER);
    assert_null(LoadLibraryW(NULL));
    assert_int_equal(GetLastError(), ERROR_INVALID_PARAMETER);
    assert_false(FreeLibrary((HMODULE)(uintptr_t)1));
    assert_int_equal(GetLastError(), ERROR_INVALID_HANDLE);
}

static void the_function_is_the_linked_one(void **state)
{
    (void)state;
    /* By way of a function without type, so that the compiler takes the cast for meant. */
    INIT_SECURITY_INTERFACE_A start = (INIT_SECURITY_INTERFACE_A)(void (*)(void))GetProcAddress(
        LoadLibraryA("schannel.dll"), SECURITY_ENTRYPOINT_ANSIA);
    assert_non_null(start);
    assert_ptr_equal(start(), InitSecurityInterfaceA());
    typedef NTSTATUS(NTAPI * version_function)(PRTL_OSVERSIONINFOW);
    version_function version = (version_function)(void (*)(void))GetProcAddress(
        GetModuleHandleA("ntdll"), "RtlGetVersion");
    RTL_OSVERSIONINFOW info = {.dwOSVersionInfoSize = sizeof info};
    assert_non_null(version);
    assert_int_equal(version(&info), STATUS_SUCCESS);
    assert_true(info.dwBuildNumber >= 20348);
}

static void what_the_library_does_not_export(void **state)
{
    (void)state;
    static const char *const names[] = {"wine_get_version", "malloc", "EVP_sha256", "mem_alloc",
                                        ""};
    HMODULE module = LoadLibraryA("secur32.dll");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        SetLastError(0);
        assert_null(GetProcAddress(module, names[i]));
        assert_int_equal(GetLastError(), ERROR_PROC_NOT_FOUND);
    }
    assert_null(GetProcAddress(module, (LPCSTR)(uintptr_t)12));
    assert_int_equal(GetLastError(), ERROR_PROC_NOT_FOUND);
    assert_null(GetProcAddress(GetModuleHandleA(NULL), "GetLastError"));
    assert_int_equal(GetLastError(), ERROR_PROC_NOT_FOUND);
    assert_null(GetProcAddress(NULL, "GetLastError"));
    assert_int_equal(GetLastError(), ERROR_INVALID_HANDLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_names_are_known),
        cmocka_unit_test(other_names_are_not),
        cmocka_unit_test(the_function_is_the_linked_one),
        cmocka_unit_test(what_the_library_does_not_export),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
