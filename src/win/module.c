/* SPDX-License-Identifier: MIT */
/*
 * LoadLibrary and GetProcAddress for the Windows libraries that this one stands in for. The dynamic
 * linker is asked for a symbol, and only one that this library itself defines counts.
 */
#include <dlfcn.h>
#include <strings.h>

#include "win/win.h"

struct module {
    const char *name;
};
/* Their addresses are the handles; the first is the program. */
static const struct module modules[] = {
    {NULL},     {"secur32"},  {"security"}, {"sspicli"},    {"schannel"}, {"crypt32"}, {"ncrypt"},
    {"bcrypt"}, {"advapi32"}, {"kernel32"}, {"kernelbase"}, {"ntdll"},    {"ws2_32"},
};

/* The name without its folder and without ".dll". */
static struct span base_name(const char *name)
{
    for (const char *p = name; *p != 0; p++) {
        if (*p == '/' || *p == '\\' || *p == ':')
            name = p + 1;
    }
    size_t n = strlen(name);
    if (n > 4 && strcasecmp(name + n - 4, ".dll") == 0)
        n -= 4;
    return span_of(name, n);
}

static HMODULE find(const char *name)
{
    struct span base = base_name(name);
    for (size_t i = 1; i < ARRAY_LEN(modules); i++) {
        if (strlen(modules[i].name) == base.n &&
            strncasecmp(modules[i].name, (const char *)base.p, base.n) == 0)
            return (HMODULE)(uintptr_t)&modules[i];
    }
    SetLastError(ERROR_MOD_NOT_FOUND);
    return NULL;
}

static bool is_module(HMODULE module)
{
    for (size_t i = 0; i < ARRAY_LEN(modules); i++) {
        if ((uintptr_t)module == (uintptr_t)&modules[i])
            return true;
    }
    return false;
}

HMODULE WINAPI LoadLibraryA(LPCSTR lpLibFileName)
{
    if (lpLibFileName != NULL)
        return find(lpLibFileName);
    SetLastError(ERROR_INVALID_PARAMETER);
    return NULL;
}

HMODULE WINAPI LoadLibraryW(LPCWSTR lpLibFileName)
{
    char *name = win_utf8_dup(lpLibFileName);
    if (name == NULL) {
        SetLastError(lpLibFileName == NULL ? ERROR_INVALID_PARAMETER : ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    HMODULE module = find(name);
    mem_free(name);
    return module;
}

HMODULE WINAPI LoadLibraryExA(LPCSTR lpLibFileName, HANDLE hFile, DWORD dwFlags)
{
    (void)hFile;
    (void)dwFlags;
    return LoadLibraryA(lpLibFileName);
}

HMODULE WINAPI LoadLibraryExW(LPCWSTR lpLibFileName, HANDLE hFile, DWORD dwFlags)
{
    (void)hFile;
    (void)dwFlags;
    return LoadLibraryW(lpLibFileName);
}

HMODULE WINAPI GetModuleHandleA(LPCSTR lpModuleName)
{
    return lpModuleName != NULL ? find(lpModuleName) : (HMODULE)(uintptr_t)&modules[0];
}

HMODULE WINAPI GetModuleHandleW(LPCWSTR lpModuleName)
{
    return lpModuleName != NULL ? LoadLibraryW(lpModuleName) : (HMODULE)(uintptr_t)&modules[0];
}

BOOL WINAPI FreeLibrary(HMODULE hLibModule)
{
    return is_module(hLibModule) ? TRUE : win_fail(ERROR_INVALID_HANDLE);
}

/* NULL when no such symbol, or when another library's. */
static void *own_symbol(const char *name)
{
    Dl_info own;
    Dl_info other;
    if (dladdr(modules, &own) == 0)
        return NULL;
    void *self = dlopen(own.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
    void *symbol = dlsym(self != NULL ? self : RTLD_DEFAULT, name);
    if (self != NULL)
        dlclose(self);
    if (symbol == NULL || dladdr(symbol, &other) == 0 || other.dli_fbase != own.dli_fbase)
        return NULL;
    return symbol;
}

FARPROC WINAPI GetProcAddress(HMODULE hModule, LPCSTR lpProcName)
{
    FARPROC function = NULL;
    if (!is_module(hModule)) {
        SetLastError(ERROR_INVALID_HANDLE);
        return NULL;
    }
    /* An ordinal is a number in place of a pointer; the program exports nothing. */
    bool is_name = (uintptr_t)lpProcName > UINT16_MAX && (uintptr_t)hModule != (uintptr_t)modules;
    void *symbol = is_name ? own_symbol(lpProcName) : NULL;
    if (symbol == NULL) {
        SetLastError(ERROR_PROC_NOT_FOUND);
        return NULL;
    }
    mem_copy(&function, &symbol, sizeof function);
    return function;
}
