/* SPDX-License-Identifier: MIT */
/* Who runs the process, on which host, its environment; debug output; local time, counters. */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "win/win.h"

enum { TEXT_MAX = 1024, NANOSECONDS = 1000000000 };

/*
 * Gives a text to a caller whose buffer has *size characters. Returns the characters without the
 * NUL when it fits; otherwise *out_needed is what is needed with it, and nothing is written.
 */
struct answer {
    bool fits;
    DWORD length;
};

static struct answer give_narrow(const char *text, char *buffer, DWORD size)
{
    size_t n = strlen(text);
    struct answer answer = {.fits = buffer != NULL && n < size, .length = (DWORD)n};
    if (answer.fits)
        mem_copy(buffer, text, n + 1);
    return answer;
}

static struct answer give_wide(const char *text, WCHAR *buffer, DWORD size)
{
    size_t n = win_utf16_from_utf8(text, strlen(text), NULL, 0);
    struct answer answer = {.fits = buffer != NULL && n < size, .length = (DWORD)n};
    if (answer.fits) {
        win_utf16_from_utf8(text, strlen(text), buffer, n);
        buffer[n] = 0;
    }
    return answer;
}

/* ---- user ---------------------------------------------------------------------------------- */

static bool user_name(char out[TEXT_MAX])
{
    struct passwd entry;
    struct passwd *found = NULL;
    char strings[TEXT_MAX];
    if (getpwuid_r(geteuid(), &entry, strings, sizeof strings, &found) != 0 || found == NULL)
        return false;
    return give_narrow(found->pw_name, out, TEXT_MAX).fits;
}

/* Windows counts the NUL here both ways. */
static BOOL finish_user(struct answer answer, DWORD *size)
{
    *size = answer.length + 1;
    return answer.fits ? TRUE : win_fail(ERROR_INSUFFICIENT_BUFFER);
}

BOOL WINAPI GetUserNameA(LPSTR lpBuffer, LPDWORD pcbBuffer)
{
    char name[TEXT_MAX];
    if (pcbBuffer == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    if (!user_name(name))
        return win_fail(ERROR_NO_SUCH_USER);
    return finish_user(give_narrow(name, lpBuffer, *pcbBuffer), pcbBuffer);
}

BOOL WINAPI GetUserNameW(LPWSTR lpBuffer, LPDWORD pcbBuffer)
{
    char name[TEXT_MAX];
    if (pcbBuffer == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    if (!user_name(name))
        return win_fail(ERROR_NO_SUCH_USER);
    return finish_user(give_wide(name, lpBuffer, *pcbBuffer), pcbBuffer);
}

/* ---- host ---------------------------------------------------------------------------------- */

static void netbios_form(char *name)
{
    for (size_t i = 0; name[i] != 0; i++) {
        if (i == MAX_COMPUTERNAME_LENGTH)
            name[i] = 0;
        else if (name[i] >= 'a' && name[i] <= 'z')
            name[i] = (char)(name[i] - ('a' - 'A'));
    }
}

static bool host_name(COMPUTER_NAME_FORMAT format, char out[TEXT_MAX])
{
    if (gethostname(out, TEXT_MAX) != 0)
        return false;
    out[TEXT_MAX - 1] = 0;
    char *dot = strchr(out, '.');
    switch (format) {
    case ComputerNameDnsFullyQualified:
    case ComputerNamePhysicalDnsFullyQualified:
        return true;
    case ComputerNameDnsDomain:
    case ComputerNamePhysicalDnsDomain:
        if (dot != NULL)
            mem_move(out, dot + 1, strlen(dot));
        else
            out[0] = 0;
        return true;
    case ComputerNameNetBIOS:
    case ComputerNamePhysicalNetBIOS:
    case ComputerNameDnsHostname:
    case ComputerNamePhysicalDnsHostname:
        if (dot != NULL)
            *dot = 0;
        if (format == ComputerNameNetBIOS || format == ComputerNamePhysicalNetBIOS)
            netbios_form(out);
        return true;
    case ComputerNameMax:
        break;
    }
    return false;
}

/* The NUL is counted only in a size that is needed. */
static BOOL finish_host(struct answer answer, DWORD *size, DWORD error)
{
    *size = answer.fits ? answer.length : answer.length + 1;
    return answer.fits ? TRUE : win_fail(error);
}

BOOL WINAPI GetComputerNameExA(COMPUTER_NAME_FORMAT NameType, LPSTR lpBuffer, LPDWORD nSize)
{
    char name[TEXT_MAX];
    if (nSize == NULL || !host_name(NameType, name))
        return win_fail(ERROR_INVALID_PARAMETER);
    return finish_host(give_narrow(name, lpBuffer, *nSize), nSize, ERROR_MORE_DATA);
}

BOOL WINAPI GetComputerNameExW(COMPUTER_NAME_FORMAT NameType, LPWSTR lpBuffer, LPDWORD nSize)
{
    char name[TEXT_MAX];
    if (nSize == NULL || !host_name(NameType, name))
        return win_fail(ERROR_INVALID_PARAMETER);
    return finish_host(give_wide(name, lpBuffer, *nSize), nSize, ERROR_MORE_DATA);
}

BOOL WINAPI GetComputerNameA(LPSTR lpBuffer, LPDWORD nSize)
{
    char name[TEXT_MAX];
    if (nSize == NULL || !host_name(ComputerNameNetBIOS, name))
        return win_fail(ERROR_INVALID_PARAMETER);
    return finish_host(give_narrow(name, lpBuffer, *nSize), nSize, ERROR_BUFFER_OVERFLOW);
}

BOOL WINAPI GetComputerNameW(LPWSTR lpBuffer, LPDWORD nSize)
{
    char name[TEXT_MAX];
    if (nSize == NULL || !host_name(ComputerNameNetBIOS, name))
        return win_fail(ERROR_INVALID_PARAMETER);
    return finish_host(give_wide(name, lpBuffer, *nSize), nSize, ERROR_BUFFER_OVERFLOW);
}

/* ---- environment --------------------------------------------------------------------------- */

static DWORD finish_variable(struct answer answer)
{
    SetLastError(ERROR_SUCCESS);
    return answer.fits ? answer.length : answer.length + 1;
}

static DWORD no_variable(DWORD error)
{
    SetLastError(error);
    return 0;
}

DWORD WINAPI GetEnvironmentVariableA(LPCSTR lpName, LPSTR lpBuffer, DWORD nSize)
{
    /* The program asks for its own variable: the library does not act on what it says. */
    const char *value = lpName != NULL ? getenv(lpName) : NULL;
    if (value == NULL)
        return no_variable(ERROR_ENVVAR_NOT_FOUND);
    return finish_variable(give_narrow(value, lpBuffer, nSize));
}

DWORD WINAPI GetEnvironmentVariableW(LPCWSTR lpName, LPWSTR lpBuffer, DWORD nSize)
{
    char *name = win_utf8_dup(lpName);
    if (name == NULL && lpName != NULL)
        return no_variable(ERROR_NOT_ENOUGH_MEMORY);
    const char *value = name != NULL ? getenv(name) : NULL;
    mem_free(name);
    if (value == NULL)
        return no_variable(ERROR_ENVVAR_NOT_FOUND);
    return finish_variable(give_wide(value, lpBuffer, nSize));
}

VOID WINAPI OutputDebugStringA(LPCSTR lpOutputString)
{
    if (lpOutputString != NULL)
        (void)fputs(lpOutputString, stderr);
}

VOID WINAPI OutputDebugStringW(LPCWSTR lpOutputString)
{
    char *text = win_utf8_dup(lpOutputString);
    OutputDebugStringA(text);
    mem_free(text);
}

/* ---- time ---------------------------------------------------------------------------------- */

VOID WINAPI GetLocalTime(LPSYSTEMTIME lpSystemTime)
{
    FILETIME now;
    FILETIME local;
    GetSystemTimeAsFileTime(&now);
    if (FileTimeToLocalFileTime(&now, &local))
        FileTimeToSystemTime(&local, lpSystemTime);
}

BOOL WINAPI QueryPerformanceCounter(LARGE_INTEGER *lpPerformanceCount)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    lpPerformanceCount->QuadPart = (LONGLONG)now.tv_sec * NANOSECONDS + now.tv_nsec;
    return TRUE;
}

BOOL WINAPI QueryPerformanceFrequency(LARGE_INTEGER *lpFrequency)
{
    lpFrequency->QuadPart = NANOSECONDS;
    return TRUE;
}
