/* SPDX-License-Identifier: MIT */
/* The table behind a HANDLE, and errors and paths of the system in Windows' terms. */
#include "win/handle.h"

#include <errno.h>

static void destroy(unsigned type, void *object)
{
    switch ((enum win_object)type) {
    case WIN_FILE:
        win_file_free(object);
        break;
    case WIN_FIND:
        win_find_free(object);
        break;
    case WIN_EVENT:
    case WIN_THREAD:
        win_waitable_free(object);
        break;
    }
}

static struct slots table = SLOTS_INIT(destroy);

HANDLE win_handle_add(enum win_object kind, void *object)
{
    uint64_t number;
    if (slots_add(&table, kind, object, &number) != OK)
        return NULL;
    return (HANDLE)(uintptr_t)number;
}

void *win_handle_get(enum win_object kind, HANDLE handle)
{
    return slots_get(&table, kind, (uintptr_t)handle);
}

void win_handle_put(HANDLE handle)
{
    slots_put(&table, (uintptr_t)handle);
}

bool win_handle_close(enum win_object kind, HANDLE handle)
{
    return slots_remove(&table, kind, (uintptr_t)handle);
}

BOOL WINAPI CloseHandle(HANDLE hObject)
{
    if (win_handle_close(WIN_FILE, hObject) || win_handle_close(WIN_EVENT, hObject) ||
        win_handle_close(WIN_THREAD, hObject))
        return TRUE;
    return win_fail(ERROR_INVALID_HANDLE);
}

DWORD win_error_from_errno(int number)
{
    static const struct {
        int number;
        DWORD error;
    } table_of_errors[] = {
        {ENOENT, ERROR_FILE_NOT_FOUND},
        {ENOTDIR, ERROR_PATH_NOT_FOUND},
        {EACCES, ERROR_ACCESS_DENIED},
        {EPERM, ERROR_ACCESS_DENIED},
        {EISDIR, ERROR_ACCESS_DENIED},
        {EROFS, ERROR_WRITE_PROTECT},
        {EEXIST, ERROR_FILE_EXISTS},
        {EMFILE, ERROR_TOO_MANY_OPEN_FILES},
        {ENFILE, ERROR_TOO_MANY_OPEN_FILES},
        {ENOMEM, ERROR_NOT_ENOUGH_MEMORY},
        {ENOSPC, ERROR_DISK_FULL},
        {EDQUOT, ERROR_DISK_FULL},
        {EBADF, ERROR_ACCESS_DENIED},
        {EINVAL, ERROR_INVALID_PARAMETER},
        {ENAMETOOLONG, ERROR_FILENAME_EXCED_RANGE},
        {EPIPE, ERROR_BROKEN_PIPE},
        {EFBIG, ERROR_FILE_TOO_LARGE},
        {ELOOP, ERROR_PATH_NOT_FOUND},
    };
    for (size_t i = 0; i < ARRAY_LEN(table_of_errors); i++) {
        if (table_of_errors[i].number == number)
            return table_of_errors[i].error;
    }
    return ERROR_GEN_FAILURE;
}

static char *with_slashes(char *path)
{
    if (path == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    for (char *p = path; *p != 0; p++) {
        if (*p == '\\')
            *p = '/';
    }
    return path;
}

char *win_path(const char *path)
{
    if (path == NULL) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    return with_slashes(mem_dup(path, strlen(path) + 1));
}

char *win_path_w(const WCHAR *path)
{
    if (path == NULL) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    return with_slashes(win_utf8_dup(path));
}
