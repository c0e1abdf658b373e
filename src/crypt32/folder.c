/* SPDX-License-Identifier: MIT */
/* Files in folders that somebody else might have touched. The rules are told in folder.h. */
#include "crypt32/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

DWORD folder_error(int number)
{
    switch (number) {
    case 0:
        return 0;
    case ENOENT:
    case ENOTDIR:
        return ERROR_FILE_NOT_FOUND;
    case ENOMEM:
        return ERROR_NOT_ENOUGH_MEMORY;
    case ENOSPC:
    case EDQUOT:
        return ERROR_DISK_FULL;
    case EACCES:
    case EPERM:
    case EROFS:
    case ELOOP:
        return ERROR_ACCESS_DENIED;
    default:
        return ERROR_WRITE_FAULT;
    }
}

/* Nobody else may write. */
static bool is_trusted(const struct stat *info, enum folder_owner owner)
{
    bool is_ours = info->st_uid == geteuid() || (owner == FOLDER_MACHINE && info->st_uid == 0);
    return is_ours && (info->st_mode & 0022) == 0;
}

/* ---- folders --------------------------------------------------------------------------- */

/* Takes `above` over; -1 and errno. */
static int enter(int above, const char *name, enum folder_owner owner, bool makes)
{
    struct stat info;
    int saved = 0;
    bool made = makes && mkdirat(above, name, owner == FOLDER_USER ? 0700 : 0755) == 0;
    bool can_make = made || !makes || errno == EEXIST;
    if (!can_make)
        saved = errno;
    int folder = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0)
        saved = can_make ? errno : saved;
    else if (fstat(folder, &info) != 0 || !is_trusted(&info, owner))
        saved = EACCES;
    else
        saved = 0;
    close(above);
    if (saved == 0)
        return folder;
    if (folder >= 0)
        close(folder);
    errno = saved;
    return -1;
}

/* The folders above the base are the user's own business. */
static void make_base(const char *base)
{
    char path[FOLDER_PATH_MAX];
    (void)snprintf(path, sizeof path, "%s", base);
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        (void)mkdir(path, 0700);
        *slash = '/';
    }
    (void)mkdir(path, 0700); /* whether it worked is seen when it is opened */
}

int folder_open(const struct folder_path *path, bool makes, DWORD *out_error)
{
    if (path->base[0] == 0) {
        *out_error = makes ? ERROR_ACCESS_DENIED : ERROR_FILE_NOT_FOUND;
        return -1;
    }
    if (makes && path->owner == FOLDER_USER)
        make_base(path->base);
    int folder = open(path->base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (size_t i = 0; folder >= 0 && i < path->part_count; i++)
        folder = enter(folder, path->parts[i], path->owner, makes);
    *out_error = folder >= 0 ? 0 : folder_error(errno);
    return folder;
}

/* Longer than the coarsest clock that a kernel stamps files with. */
enum { STAMP_DOUBT_MS = 50 };

static bool is_fresh(const struct timespec *changed)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t age_ms =
        ((int64_t)now.tv_sec - changed->tv_sec) * 1000 + (now.tv_nsec - changed->tv_nsec) / 1000000;
    return age_ms < STAMP_DOUBT_MS;
}

struct folder_stamp folder_stamp(const struct folder_path *path)
{
    DWORD error;
    struct stat info;
    struct folder_stamp stamp = {0};
    char name[2 * FOLDER_PATH_MAX];
    int n = snprintf(name, sizeof name, "%s", path->base);
    for (size_t i = 0; i < path->part_count && n > 0 && (size_t)n < sizeof name; i++)
        n += snprintf(name + n, sizeof name - (size_t)n, "/%s", path->parts[i]);
    /* Mostly there is none, which one question tells. */
    if (n <= 0 || (size_t)n >= sizeof name || stat(name, &info) != 0)
        return stamp;
    int folder = folder_open(path, false, &error);
    if (folder < 0)
        return stamp;
    if (fstat(folder, &info) == 0)
        stamp = (struct folder_stamp){.device = info.st_dev,
                                      .inode = info.st_ino,
                                      .changed = info.st_mtim,
                                      .is_there = true,
                                      .may_change_unseen = is_fresh(&info.st_mtim)};
    close(folder);
    return stamp;
}

bool folder_same(const struct folder_stamp *a, const struct folder_stamp *b)
{
    if (!a->is_there || !b->is_there)
        return a->is_there == b->is_there;
    return !a->may_change_unseen && a->device == b->device && a->inode == b->inode &&
           a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

/* ---- names ----------------------------------------------------------------------------- */

struct names {
    char **items;
    size_t count;
    size_t capacity;
};

enum { NAMES_FIRST_CAPACITY = 64, NAMES_MAX = 100000 };

static void free_names(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        mem_free(names->items[i]);
    mem_free(names->items);
}

static err put_name(struct names *names, const char *name)
{
    if (names->count == NAMES_MAX)
        return OK;
    if (names->count == names->capacity) {
        size_t capacity = names->capacity != 0 ? 2 * names->capacity : NAMES_FIRST_CAPACITY;
        char **items = mem_array(capacity, sizeof *items);
        if (items == NULL)
            return FAIL(ERR_NO_MEMORY);
        mem_copy(items, names->items, names->count * sizeof *items);
        mem_free(names->items);
        names->items = items;
        names->capacity = capacity;
    }
    char *copy = mem_dup(name, strlen(name) + 1);
    if (copy == NULL)
        return FAIL(ERR_NO_MEMORY);
    names->items[names->count++] = copy;
    return OK;
}

/* Takes a descriptor of the folder over. One that cannot be read is empty. */
static err list_names(int folder, struct names *names)
{
    err result = OK;
    DIR *stream = fdopendir(folder);
    if (stream == NULL) {
        close(folder);
        return OK;
    }
    for (const struct dirent *entry; result == OK && (entry = readdir(stream)) != NULL;) {
        if (entry->d_name[0] != '.')
            result = put_name(names, entry->d_name);
    }
    closedir(stream);
    return result;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

err folder_each(int folder, err (*visit)(int folder, const char *name, void *arg), void *arg)
{
    struct names names = {0};
    /* A descriptor of its own: the position in a folder goes with the open file. */
    int list = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    err result = list >= 0 ? list_names(list, &names) : OK;
    if (names.count > 1)
        qsort(names.items, names.count, sizeof names.items[0], compare_names);
    for (size_t i = 0; result == OK && i < names.count; i++)
        result = visit(folder, names.items[i], arg);
    free_names(&names);
    return result;
}

bool folder_has(int folder, const char *name)
{
    return faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* ---- reading --------------------------------------------------------------------------- */

static err read_whole(int file, size_t max, struct buf *out)
{
    buf_init(out, max + 1);
    for (;;) {
        TRY(buf_reserve(out, out->n + 4096 <= max ? 4096 : max + 1 - out->n));
        ssize_t n = read(file, out->p + out->n, out->cap - out->n);
        if (n == 0)
            return OK;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return FAIL(ERR_NOT_AVAILABLE);
        out->n += (size_t)n;
        if (out->n > max)
            return FAIL(ERR_NOT_AVAILABLE);
    }
}

err folder_read(int folder, const char *name, enum folder_owner owner, bool is_secret, size_t max,
                struct buf *out)
{
    struct stat info;
    buf_init(out, 0);
    /* O_NONBLOCK: a FIFO is refused, not waited for. */
    int file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0)
        return errno == ENOMEM ? FAIL(ERR_NO_MEMORY) : FAIL(ERR_NOT_AVAILABLE);
    bool is_good = fstat(file, &info) == 0 && S_ISREG(info.st_mode) && is_trusted(&info, owner) &&
                   (uint64_t)info.st_size <= max && (!is_secret || (info.st_mode & 0077) == 0);
    err result = is_good ? read_whole(file, max, out) : FAIL(ERR_NOT_AVAILABLE);
    close(file);
    if (result != OK)
        buf_release(out);
    return result == OK || result == ERR_NO_MEMORY ? result : ERR_NOT_AVAILABLE;
}

/* ---- writing --------------------------------------------------------------------------- */

static bool write_all(int file, struct span bytes)
{
    size_t done = 0;
    while (done < bytes.n) {
        ssize_t n = write(file, bytes.p + done, bytes.n - done);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0)
            done += (size_t)n;
    }
    return fsync(file) == 0;
}

static int make_temporary(int folder, char name[64], bool is_secret)
{
    uint64_t number;
    int file = -1;
    for (int i = 0; i < 8 && file < 0; i++) {
        if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
            return -1;
        (void)snprintf(name, 64, ".new-%016llx", (unsigned long long)number);
        file = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                      is_secret ? 0600 : 0644);
        if (file < 0 && errno != EEXIST)
            return -1;
    }
    return file;
}

DWORD folder_write(int folder, const char *name, struct span bytes, bool is_secret)
{
    char temporary[64];
    int number = 0;
    int file = make_temporary(folder, temporary, is_secret);
    if (file < 0)
        return folder_error(errno);
    /* The mask of the process must not open or close the file for others. */
    if (fchmod(file, is_secret ? 0600 : 0644) != 0 || !write_all(file, bytes))
        number = errno;
    if (close(file) != 0 && number == 0)
        number = errno;
    if (number == 0 && renameat(folder, temporary, folder, name) != 0)
        number = errno;
    if (number != 0)
        (void)unlinkat(folder, temporary, 0);
    else if (fsync(folder) != 0)
        number = errno;
    return folder_error(number);
}

DWORD file_write(const char *path, struct span bytes, bool is_secret)
{
    char above[FOLDER_PATH_MAX];
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    int n = slash == NULL   ? snprintf(above, sizeof above, ".")
            : slash == path ? snprintf(above, sizeof above, "/")
                            : snprintf(above, sizeof above, "%.*s", (int)(slash - path), path);
    if (name[0] == 0 || n <= 0 || (size_t)n >= sizeof above)
        return ERROR_FILE_NOT_FOUND;
    int folder = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return folder_error(errno);
    DWORD error = folder_write(folder, name, bytes, is_secret);
    close(folder);
    return error;
}

DWORD folder_remove(int folder, const char *name)
{
    if (unlinkat(folder, name, 0) != 0)
        return errno == ENOENT ? 0 : folder_error(errno);
    return fsync(folder) == 0 ? 0 : folder_error(errno);
}

struct suffixes {
    const char *const *list;
    size_t count;
    DWORD error;
};

static bool ends_with(const char *name, const char *suffix)
{
    size_t n = strlen(name);
    size_t m = strlen(suffix);
    return n >= m && strcmp(name + n - m, suffix) == 0;
}

static err remove_one(int folder, const char *name, void *arg)
{
    struct suffixes *suffixes = arg;
    for (size_t i = 0; i < suffixes->count; i++) {
        if (!ends_with(name, suffixes->list[i]))
            continue;
        DWORD error = folder_remove(folder, name);
        if (suffixes->error == 0)
            suffixes->error = error;
        break;
    }
    return OK;
}

DWORD folder_delete(const struct folder_path *path, const char *const *suffixes, size_t count)
{
    struct suffixes wanted = {.list = suffixes, .count = count};
    struct folder_path above = *path;
    DWORD error;
    int folder = folder_open(path, false, &error);
    if (folder < 0)
        return error;
    err result = folder_each(folder, remove_one, &wanted);
    close(folder);
    if (result != OK)
        return ERROR_NOT_ENOUGH_MEMORY;
    if (wanted.error != 0)
        return wanted.error;
    above.part_count--;
    folder = folder_open(&above, false, &error);
    if (folder < 0)
        return error;
    error = unlinkat(folder, path->parts[above.part_count], AT_REMOVEDIR) == 0
                ? 0
                : folder_error(errno);
    close(folder);
    return error;
}
