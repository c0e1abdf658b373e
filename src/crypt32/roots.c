/* SPDX-License-Identifier: MIT */
/*
 * Files, and the distribution's bundle of trusted roots, read once and again when it has changed. A
 * bundle is taken whole or not at all: half a set of roots would make failures that come and go
 * with the memory at hand.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypt32/cert.h"
#include "crypt32/places.h"
#include "crypt32/system.h"

/* ---- files ----------------------------------------------------------------------------- */

static err refuse(DWORD *out_error, DWORD error)
{
    *out_error = error;
    return FAIL(error == ERROR_NOT_ENOUGH_MEMORY ? ERR_NO_MEMORY : ERR_ARGUMENT);
}

static err read_descriptor(int fd, size_t max, struct buf *out, DWORD *out_error)
{
    struct stat info;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
        return refuse(out_error, ERROR_ACCESS_DENIED);
    if ((uint64_t)info.st_size > max)
        return refuse(out_error, ERROR_FILE_TOO_LARGE);
    buf_init(out, max + 1);
    if (buf_reserve(out, (size_t)info.st_size + 1) != OK)
        return refuse(out_error, ERROR_NOT_ENOUGH_MEMORY);
    for (;;) {
        ssize_t n = read(fd, out->p + out->n, out->cap - out->n);
        if (n == 0)
            return OK;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return refuse(out_error, ERROR_READ_FAULT);
        out->n += (size_t)n;
        if (out->n > max)
            return refuse(out_error, ERROR_FILE_TOO_LARGE);
        if (buf_reserve(out, 1) != OK)
            return refuse(out_error, ERROR_NOT_ENOUGH_MEMORY);
    }
}

err read_file(const char *path, size_t max, struct buf *out, DWORD *out_error)
{
    buf_init(out, 0);
    /* O_NONBLOCK: a FIFO is refused, not waited for. */
    int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    if (fd < 0) {
        bool is_there = path != NULL && access(path, F_OK) == 0;
        return refuse(out_error, is_there ? ERROR_ACCESS_DENIED : ERROR_FILE_NOT_FOUND);
    }
    err result = read_descriptor(fd, max, out, out_error);
    close(fd);
    if (result != OK)
        buf_release(out);
    return result;
}

/* ---- the bundle ------------------------------------------------------------------------ */

static const char *const bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
};

/* What tells one state of the bundle from another. */
struct bundle {
    const char *path; /* NULL: there is none */
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec changed;
};

static pthread_mutex_t roots_lock = PTHREAD_MUTEX_INITIALIZER;
static struct store *roots_store;
static struct bundle roots_bundle;
static const char *only_bundle;

static bool look_at(const char *path, struct bundle *out)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return false;
    *out = (struct bundle){.path = path,
                           .device = info.st_dev,
                           .inode = info.st_ino,
                           .size = info.st_size,
                           .changed = info.st_mtim};
    return true;
}

static struct bundle find_bundle(void)
{
    struct bundle found = {0};
    if (only_bundle != NULL) {
        look_at(only_bundle, &found);
        return found;
    }
    for (size_t i = 0; i < ARRAY_LEN(bundles); i++) {
        if (look_at(bundles[i], &found))
            break;
    }
    return found;
}

static bool same_bundle(const struct bundle *a, const struct bundle *b)
{
    return a->path == b->path && a->device == b->device && a->inode == b->inode &&
           a->size == b->size && a->changed.tv_sec == b->changed.tv_sec &&
           a->changed.tv_nsec == b->changed.tv_nsec;
}

static err fill_from(struct store *store, const char *path, DWORD *out_error)
{
    struct buf text;
    err result = read_file(path, ROOT_BUNDLE_MAX, &text, out_error);
    if (result == ERR_ARGUMENT)
        return FAIL(ERR_INTERNAL);
    TRY(result);
    result = pem_certificates(store, (const char *)text.p, text.n, NULL);
    buf_release(&text);
    /* An empty bundle is a wish: nothing is trusted. */
    if (result == ERR_CERT_EMPTY)
        result = OK;
    *out_error = cert_last_error(result);
    return result;
}

static err load_roots(const char *path, struct store **out, DWORD *out_error)
{
    struct store *store;
    *out = NULL;
    *out_error = ERROR_NOT_ENOUGH_MEMORY;
    TRY(store_new(&store));
    err result = path != NULL ? fill_from(store, path, out_error) : OK;
    if (result != OK) {
        store_release(store);
        return result;
    }
    store->is_read_only = true;
    *out = store;
    return OK;
}

static err refresh(DWORD *out_error)
{
    struct store *loaded;
    struct bundle found = find_bundle();
    if (roots_store != NULL && same_bundle(&found, &roots_bundle))
        return OK;
    TRY(load_roots(found.path, &loaded, out_error));
    store_release(roots_store);
    roots_store = loaded;
    roots_bundle = found;
    return OK;
}

err bundle_open(struct store **out, DWORD *out_error)
{
    *out = NULL;
    pthread_mutex_lock(&roots_lock);
    err result = refresh(out_error);
    if (result == OK) {
        *out = roots_store;
        store_ref(roots_store);
    }
    pthread_mutex_unlock(&roots_lock);
    return result;
}

void roots_use_bundle(const char *path)
{
    pthread_mutex_lock(&roots_lock);
    only_bundle = path;
    store_release(roots_store);
    roots_store = NULL;
    pthread_mutex_unlock(&roots_lock);
    system_forget();
}
