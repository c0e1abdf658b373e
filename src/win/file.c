/* SPDX-License-Identifier: MIT */
/*
 * CreateFile and what is done with its handle, over descriptors. Nothing is asynchronous: an
 * OVERLAPPED only says where. Share modes and security attributes are not kept.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "win/handle.h"

struct file {
    int descriptor;
};

void win_file_free(void *object)
{
    struct file *file = object;
    close(file->descriptor);
    mem_free(file);
}

/* -1 for an access that nobody can mean. */
static int access_flags(DWORD access)
{
    bool all = (access & GENERIC_ALL) != 0;
    bool can_write = all || (access & GENERIC_WRITE) != 0;
    bool can_read = all || !can_write || (access & GENERIC_READ) != 0;
    return can_read && can_write ? O_RDWR : can_write ? O_WRONLY : O_RDONLY;
}

static int open_file(const char *path, int flags)
{
    int descriptor;
    do
        descriptor = open(path, flags | O_CLOEXEC | O_NOCTTY, 0666);
    while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

/* Opens, or makes when there is none; says which. */
static int open_or_make(const char *path, int flags, int if_there, bool *out_existed)
{
    int descriptor = open_file(path, flags | O_CREAT | O_EXCL);
    *out_existed = descriptor < 0 && errno == EEXIST;
    return *out_existed ? open_file(path, flags | if_there) : descriptor;
}

static int open_as(const char *path, int flags, DWORD disposition, bool *out_existed)
{
    *out_existed = false;
    switch (disposition) {
    case CREATE_NEW:
        return open_file(path, flags | O_CREAT | O_EXCL);
    case CREATE_ALWAYS:
        return open_or_make(path, flags, O_TRUNC, out_existed);
    case OPEN_EXISTING:
        return open_file(path, flags);
    case OPEN_ALWAYS:
        return open_or_make(path, flags, 0, out_existed);
    case TRUNCATE_EXISTING:
        if (flags != O_RDONLY)
            return open_file(path, flags | O_TRUNC);
        break;
    default:
        break;
    }
    errno = EINVAL;
    return -1;
}

/* A folder opens for reading on Linux, but is no file. */
static bool is_folder(int descriptor)
{
    struct stat status;
    return fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode);
}

/* INVALID_HANDLE_VALUE with the last error set; the descriptor becomes the handle's in any case. */
static HANDLE handle_of(int descriptor)
{
    struct file *file = is_folder(descriptor) ? NULL : mem_alloc(sizeof *file);
    if (file == NULL) {
        SetLastError(is_folder(descriptor) ? ERROR_ACCESS_DENIED : ERROR_NOT_ENOUGH_MEMORY);
        close(descriptor);
        return INVALID_HANDLE_VALUE;
    }
    file->descriptor = descriptor;
    HANDLE handle = win_handle_add(WIN_FILE, file);
    if (handle == NULL) {
        win_file_free(file);
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return INVALID_HANDLE_VALUE;
    }
    return handle;
}

/* path is freed. */
static HANDLE create_file(char *path, DWORD access, DWORD disposition, DWORD flags)
{
    if (path == NULL)
        return INVALID_HANDLE_VALUE;
    if ((flags & (FILE_FLAG_OVERLAPPED | FILE_FLAG_DELETE_ON_CLOSE)) != 0) {
        mem_free(path);
        SetLastError(ERROR_NOT_SUPPORTED);
        return INVALID_HANDLE_VALUE;
    }
    bool existed;
    int descriptor = open_as(path, access_flags(access), disposition, &existed);
    DWORD error = descriptor < 0 ? win_error_from_errno(errno) : ERROR_SUCCESS;
    mem_free(path);
    if (descriptor < 0) {
        SetLastError(error);
        return INVALID_HANDLE_VALUE;
    }
    HANDLE handle = handle_of(descriptor);
    if (handle != INVALID_HANDLE_VALUE &&
        (disposition == CREATE_ALWAYS || disposition == OPEN_ALWAYS))
        SetLastError(existed ? ERROR_ALREADY_EXISTS : ERROR_SUCCESS);
    return handle;
}

HANDLE WINAPI CreateFileA(LPCSTR lpFileName, DWORD dwDesiredAccess, DWORD dwShareMode,
                          LPSECURITY_ATTRIBUTES lpSecurityAttributes, DWORD dwCreationDisposition,
                          DWORD dwFlagsAndAttributes, HANDLE hTemplateFile)
{
    (void)dwShareMode;
    (void)lpSecurityAttributes;
    (void)hTemplateFile;
    return create_file(win_path(lpFileName), dwDesiredAccess, dwCreationDisposition,
                       dwFlagsAndAttributes);
}

HANDLE WINAPI CreateFileW(LPCWSTR lpFileName, DWORD dwDesiredAccess, DWORD dwShareMode,
                          LPSECURITY_ATTRIBUTES lpSecurityAttributes, DWORD dwCreationDisposition,
                          DWORD dwFlagsAndAttributes, HANDLE hTemplateFile)
{
    (void)dwShareMode;
    (void)lpSecurityAttributes;
    (void)hTemplateFile;
    return create_file(win_path_w(lpFileName), dwDesiredAccess, dwCreationDisposition,
                       dwFlagsAndAttributes);
}

/* ---- reading and writing ------------------------------------------------------------------- */

static off_t offset_of(const OVERLAPPED *overlapped)
{
    return (off_t)((uint64_t)overlapped->OffsetHigh << 32 | overlapped->Offset);
}

/* Writes until everything is written; reads once. Negative: errno. */
static ssize_t transfer(int descriptor, void *to, const void *from, size_t n,
                        const OVERLAPPED *place)
{
    size_t done = 0;
    do {
        ssize_t one;
        if (to != NULL)
            one = place != NULL ? pread(descriptor, to, n, offset_of(place))
                                : read(descriptor, to, n);
        else
            one = place != NULL ? pwrite(descriptor, (const char *)from + done, n - done,
                                         offset_of(place) + (off_t)done)
                                : write(descriptor, (const char *)from + done, n - done);
        if (one < 0 && errno != EINTR)
            return -errno;
        done += one > 0 ? (size_t)one : 0;
        if (to != NULL && one >= 0)
            break;
    } while (done < n);
    return (ssize_t)done;
}

static BOOL transferred(ssize_t n, DWORD *out_count, OVERLAPPED *place, bool is_at_end)
{
    DWORD count = n > 0 ? (DWORD)n : 0;
    if (out_count != NULL)
        *out_count = count;
    if (place != NULL) {
        place->Internal = 0;
        place->InternalHigh = count;
    }
    if (n < 0)
        return win_fail(win_error_from_errno((int)-n));
    return is_at_end && place != NULL ? win_fail(ERROR_HANDLE_EOF) : TRUE;
}

/* A read that is larger would not fit the count of one system call. */
enum { TRANSFER_MAX = 0x7FFFF000 };

BOOL WINAPI ReadFile(HANDLE hFile, LPVOID lpBuffer, DWORD nNumberOfBytesToRead,
                     LPDWORD lpNumberOfBytesRead, LPOVERLAPPED lpOverlapped)
{
    if ((lpBuffer == NULL && nNumberOfBytesToRead != 0) ||
        (lpNumberOfBytesRead == NULL && lpOverlapped == NULL))
        return win_fail(ERROR_INVALID_PARAMETER);
    struct file *file = win_handle_get(WIN_FILE, hFile);
    if (file == NULL)
        return win_fail(ERROR_INVALID_HANDLE);
    char nothing = 0;
    void *to = lpBuffer != NULL ? lpBuffer : &nothing;
    size_t n = nNumberOfBytesToRead < TRANSFER_MAX ? nNumberOfBytesToRead : TRANSFER_MAX;
    ssize_t got = transfer(file->descriptor, to, NULL, n, lpOverlapped);
    win_handle_put(hFile);
    return transferred(got, lpNumberOfBytesRead, lpOverlapped,
                       got == 0 && nNumberOfBytesToRead != 0);
}

BOOL WINAPI WriteFile(HANDLE hFile, LPCVOID lpBuffer, DWORD nNumberOfBytesToWrite,
                      LPDWORD lpNumberOfBytesWritten, LPOVERLAPPED lpOverlapped)
{
    if ((lpBuffer == NULL && nNumberOfBytesToWrite != 0) ||
        (lpNumberOfBytesWritten == NULL && lpOverlapped == NULL))
        return win_fail(ERROR_INVALID_PARAMETER);
    struct file *file = win_handle_get(WIN_FILE, hFile);
    if (file == NULL)
        return win_fail(ERROR_INVALID_HANDLE);
    const void *from = nNumberOfBytesToWrite != 0 ? lpBuffer : "";
    ssize_t put = transfer(file->descriptor, NULL, from, nNumberOfBytesToWrite, lpOverlapped);
    win_handle_put(hFile);
    return transferred(put, lpNumberOfBytesWritten, lpOverlapped, false);
}

/* ---- questions ----------------------------------------------------------------------------- */

static BOOL status_of(HANDLE handle, struct stat *out)
{
    struct file *file = win_handle_get(WIN_FILE, handle);
    if (file == NULL)
        return win_fail(ERROR_INVALID_HANDLE);
    BOOL done = fstat(file->descriptor, out) == 0 ? TRUE : win_fail(win_error_from_errno(errno));
    win_handle_put(handle);
    return done;
}

BOOL WINAPI GetFileSizeEx(HANDLE hFile, PLARGE_INTEGER lpFileSize)
{
    struct stat status;
    if (lpFileSize == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    if (!status_of(hFile, &status))
        return FALSE;
    lpFileSize->QuadPart = status.st_size;
    return TRUE;
}

DWORD WINAPI GetFileSize(HANDLE hFile, LPDWORD lpFileSizeHigh)
{
    struct stat status;
    if (!status_of(hFile, &status))
        return INVALID_FILE_SIZE;
    if (lpFileSizeHigh != NULL)
        *lpFileSizeHigh = (DWORD)((uint64_t)status.st_size >> 32);
    SetLastError(ERROR_SUCCESS);
    return (DWORD)status.st_size;
}

DWORD WINAPI GetFileType(HANDLE hFile)
{
    struct stat status;
    if (!status_of(hFile, &status))
        return FILE_TYPE_UNKNOWN;
    SetLastError(ERROR_SUCCESS);
    if (S_ISCHR(status.st_mode))
        return FILE_TYPE_CHAR;
    return S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode) ? FILE_TYPE_PIPE : FILE_TYPE_DISK;
}

BOOL WINAPI SetFilePointerEx(HANDLE hFile, LARGE_INTEGER liDistanceToMove,
                             PLARGE_INTEGER lpNewFilePointer, DWORD dwMoveMethod)
{
    static const int whence[] = {SEEK_SET, SEEK_CUR, SEEK_END};
    if (dwMoveMethod >= ARRAY_LEN(whence))
        return win_fail(ERROR_INVALID_PARAMETER);
    struct file *file = win_handle_get(WIN_FILE, hFile);
    if (file == NULL)
        return win_fail(ERROR_INVALID_HANDLE);
    off_t now = lseek(file->descriptor, (off_t)liDistanceToMove.QuadPart, whence[dwMoveMethod]);
    DWORD error = now < 0 ? win_error_from_errno(errno) : ERROR_SUCCESS;
    win_handle_put(hFile);
    if (now < 0)
        return win_fail(error);
    if (lpNewFilePointer != NULL)
        lpNewFilePointer->QuadPart = now;
    return TRUE;
}

DWORD WINAPI SetFilePointer(HANDLE hFile, LONG lDistanceToMove, PLONG lpDistanceToMoveHigh,
                            DWORD dwMoveMethod)
{
    LARGE_INTEGER distance = {.QuadPart = lDistanceToMove};
    LARGE_INTEGER now;
    if (lpDistanceToMoveHigh != NULL) {
        distance.u.LowPart = (DWORD)lDistanceToMove;
        distance.u.HighPart = *lpDistanceToMoveHigh;
    }
    if (!SetFilePointerEx(hFile, distance, &now, dwMoveMethod))
        return INVALID_SET_FILE_POINTER;
    if (lpDistanceToMoveHigh != NULL)
        *lpDistanceToMoveHigh = now.u.HighPart;
    SetLastError(ERROR_SUCCESS);
    return now.u.LowPart;
}
