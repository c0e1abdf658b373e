/* SPDX-License-Identifier: MIT */
/* Listing a folder by a pattern, and what kind of file a path is. No short names. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "win/handle.h"

enum { TICKS_IN_100NS = 100 };

struct find {
    DIR *folder;
    char *pattern;
};

void win_find_free(void *object)
{
    struct find *find = object;
    if (find->folder != NULL)
        closedir(find->folder);
    mem_free(find->pattern);
    mem_free(find);
}

static int lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

/* Wildcards; goes back to the last star when a character does not fit. */
static bool fits(const char *name, const char *pattern)
{
    const char *star = NULL;
    const char *retry = NULL;
    while (*name != 0) {
        if (*pattern == '*') {
            star = ++pattern;
            retry = name;
        } else if (*pattern == '?' || (*pattern != 0 && lower(*pattern) == lower(*name))) {
            pattern++;
            name++;
        } else if (star != NULL) {
            pattern = star;
            name = ++retry;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == 0;
}

static FILETIME filetime(struct timespec time)
{
    FILETIME whole = win_filetime_from_unix(time.tv_sec);
    uint64_t ticks = (uint64_t)whole.dwHighDateTime << 32 | whole.dwLowDateTime;
    ticks += (uint64_t)time.tv_nsec / TICKS_IN_100NS;
    return (FILETIME){.dwLowDateTime = (DWORD)ticks, .dwHighDateTime = (DWORD)(ticks >> 32)};
}

static DWORD attributes_of(const struct stat *status)
{
    DWORD attributes = S_ISDIR(status->st_mode) ? FILE_ATTRIBUTE_DIRECTORY : 0;
    if ((status->st_mode & 0222) == 0)
        attributes |= FILE_ATTRIBUTE_READONLY;
    return attributes != 0 ? attributes : FILE_ATTRIBUTE_NORMAL;
}

/* False when the file cannot be told of: gone meanwhile, or its name is too long. */
static bool describe(const struct find *find, const char *name, WIN32_FIND_DATAA *out)
{
    struct stat status;
    size_t n = strlen(name);
    if (n >= sizeof out->cFileName || fstatat(dirfd(find->folder), name, &status, 0) != 0)
        return false;
    *out = (WIN32_FIND_DATAA){.dwFileAttributes = attributes_of(&status),
                              .ftCreationTime = filetime(status.st_ctim),
                              .ftLastAccessTime = filetime(status.st_atim),
                              .ftLastWriteTime = filetime(status.st_mtim),
                              .nFileSizeHigh = (DWORD)((uint64_t)status.st_size >> 32),
                              .nFileSizeLow = (DWORD)status.st_size};
    mem_copy(out->cFileName, name, n + 1);
    return true;
}

static bool next(const struct find *find, WIN32_FIND_DATAA *out)
{
    const struct dirent *entry;
    while ((entry = readdir(find->folder)) != NULL) {
        if (fits(entry->d_name, find->pattern) && describe(find, entry->d_name, out))
            return true;
    }
    return false;
}

/* Splits a path into its folder, opened, and the pattern; the last error says why not. */
static bool split(struct find *find, char *path)
{
    char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    const char *pattern = strcmp(name, "*.*") == 0 ? "*" : name;
    find->pattern = mem_dup(pattern, strlen(pattern) + 1);
    if (find->pattern == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return false;
    }
    if (slash == path)
        find->folder = opendir("/");
    else if (slash != NULL) {
        *slash = 0;
        find->folder = opendir(path);
    } else {
        find->folder = opendir(".");
    }
    if (find->folder == NULL)
        SetLastError(errno == ENOENT ? ERROR_PATH_NOT_FOUND : win_error_from_errno(errno));
    return find->folder != NULL;
}

/* path is freed. */
static HANDLE find_first(char *path, WIN32_FIND_DATAA *out)
{
    struct find *find = mem_alloc(sizeof *find);
    HANDLE handle = NULL;
    if (find == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    } else if (split(find, path)) {
        bool found = next(find, out);
        handle = found ? win_handle_add(WIN_FIND, find) : NULL;
        if (handle == NULL)
            SetLastError(found ? ERROR_NOT_ENOUGH_MEMORY : ERROR_FILE_NOT_FOUND);
    }
    mem_free(path);
    if (handle != NULL)
        return handle;
    if (find != NULL)
        win_find_free(find);
    return INVALID_HANDLE_VALUE;
}

static HANDLE refuse(DWORD error)
{
    SetLastError(error);
    return INVALID_HANDLE_VALUE;
}

HANDLE WINAPI FindFirstFileA(LPCSTR lpFileName, LPWIN32_FIND_DATAA lpFindFileData)
{
    if (lpFindFileData == NULL)
        return refuse(ERROR_INVALID_PARAMETER);
    char *path = win_path(lpFileName);
    return path != NULL ? find_first(path, lpFindFileData) : INVALID_HANDLE_VALUE;
}

static void widen(const WIN32_FIND_DATAA *from, WIN32_FIND_DATAW *out)
{
    *out = (WIN32_FIND_DATAW){.dwFileAttributes = from->dwFileAttributes,
                              .ftCreationTime = from->ftCreationTime,
                              .ftLastAccessTime = from->ftLastAccessTime,
                              .ftLastWriteTime = from->ftLastWriteTime,
                              .nFileSizeHigh = from->nFileSizeHigh,
                              .nFileSizeLow = from->nFileSizeLow};
    win_utf16_from_utf8(from->cFileName, strlen(from->cFileName), out->cFileName, MAX_PATH - 1);
}

HANDLE WINAPI FindFirstFileW(LPCWSTR lpFileName, LPWIN32_FIND_DATAW lpFindFileData)
{
    if (lpFindFileData == NULL)
        return refuse(ERROR_INVALID_PARAMETER);
    WIN32_FIND_DATAA narrow;
    char *path = win_path_w(lpFileName);
    HANDLE handle = path != NULL ? find_first(path, &narrow) : INVALID_HANDLE_VALUE;
    if (handle != INVALID_HANDLE_VALUE)
        widen(&narrow, lpFindFileData);
    return handle;
}

BOOL WINAPI FindNextFileA(HANDLE hFindFile, LPWIN32_FIND_DATAA lpFindFileData)
{
    if (lpFindFileData == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    struct find *find = win_handle_get(WIN_FIND, hFindFile);
    if (find == NULL)
        return win_fail(ERROR_INVALID_HANDLE);
    BOOL found = next(find, lpFindFileData) ? TRUE : win_fail(ERROR_NO_MORE_FILES);
    win_handle_put(hFindFile);
    return found;
}

BOOL WINAPI FindNextFileW(HANDLE hFindFile, LPWIN32_FIND_DATAW lpFindFileData)
{
    WIN32_FIND_DATAA narrow;
    if (lpFindFileData == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    if (!FindNextFileA(hFindFile, &narrow))
        return FALSE;
    widen(&narrow, lpFindFileData);
    return TRUE;
}

BOOL WINAPI FindClose(HANDLE hFindFile)
{
    return win_handle_close(WIN_FIND, hFindFile) ? TRUE : win_fail(ERROR_INVALID_HANDLE);
}

/* path is freed. */
static DWORD attributes_at(char *path)
{
    struct stat status;
    if (path == NULL)
        return INVALID_FILE_ATTRIBUTES;
    int failed = stat(path, &status);
    DWORD error = failed != 0 ? win_error_from_errno(errno) : ERROR_SUCCESS;
    mem_free(path);
    if (failed != 0) {
        SetLastError(error);
        return INVALID_FILE_ATTRIBUTES;
    }
    return attributes_of(&status);
}

DWORD WINAPI GetFileAttributesA(LPCSTR lpFileName)
{
    return attributes_at(win_path(lpFileName));
}

DWORD WINAPI GetFileAttributesW(LPCWSTR lpFileName)
{
    return attributes_at(win_path_w(lpFileName));
}
