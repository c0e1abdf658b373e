/* SPDX-License-Identifier: MIT */
/*
 * Key containers as files. A container is `<hash of its name>.name`, which holds the name; its keys
 * are
 * `<hash>.<key spec>.key` beside it: a line about export, then PKCS#8 in PEM. The folder and the
 * files belong to their user alone; what does not is refused.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypt32/key.h"

enum { PATH_LEN_MAX = 1024, KEY_FILE_MAX = 64 * 1024, NAME_LEN_MAX = 256 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- paths ----------------------------------------------------------------------------- */

static err make_folder(const char *path)
{
    struct stat info;
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return FAIL(ERR_KEY_PERMISSION);
    bool is_ours = lstat(path, &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == geteuid() &&
                   (info.st_mode & 0022) == 0;
    return is_ours ? OK : FAIL(ERR_KEY_PERMISSION);
}

/* $XDG_DATA_HOME/schannel/keys, with the parents that are missing. */
static err key_folder(char out[PATH_LEN_MAX])
{
    const char *data = secure_getenv("XDG_DATA_HOME");
    const char *home = secure_getenv("HOME");
    char base[PATH_LEN_MAX];
    /* A privileged process must not read keys from where its caller points it. */
    if (getauxval(AT_SECURE) != 0)
        return FAIL(ERR_KEY_PERMISSION);
    int n = data != NULL && data[0] == '/'   ? snprintf(base, sizeof base, "%s", data)
            : home != NULL && home[0] == '/' ? snprintf(base, sizeof base, "%s/.local/share", home)
                                             : -1;
    if (n < 0 || (size_t)n >= sizeof base - 32)
        return FAIL(ERR_KEY_PERMISSION);
    for (char *slash = strchr(base + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        (void)mkdir(base, 0700); /* the last one tells whether it worked */
        *slash = '/';
    }
    (void)mkdir(base, 0700);
    (void)snprintf(out, PATH_LEN_MAX, "%.990s/schannel", base);
    TRY(make_folder(out));
    (void)snprintf(out, PATH_LEN_MAX, "%.990s/schannel/keys", base);
    return make_folder(out);
}

static err container_path(const char *name, const char *suffix, char out[PATH_LEN_MAX])
{
    char folder[PATH_LEN_MAX];
    char lower[NAME_LEN_MAX];
    uint8_t digest[HASH_MAX];
    char hex[2 * HASH_MAX + 1];
    size_t n = strlen(name);
    if (n == 0 || n >= sizeof lower)
        return FAIL(ERR_ARGUMENT);
    for (size_t i = 0; i <= n; i++)
        lower[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + ('a' - 'A') : name[i]);
    TRY(key_folder(folder));
    TRY(hash_once(HASH_SHA256, span_of(lower, n), digest));
    for (size_t i = 0; i < hash_len(HASH_SHA256); i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    int written = snprintf(out, PATH_LEN_MAX, "%s/%.64s%s", folder, hex, suffix);
    return written > 0 && written < PATH_LEN_MAX ? OK : FAIL(ERR_ARGUMENT);
}

static err key_path(const char *name, DWORD key_spec, char out[PATH_LEN_MAX])
{
    char suffix[32];
    (void)snprintf(suffix, sizeof suffix, ".%u.key", (unsigned)key_spec);
    return container_path(name, suffix, out);
}

/* ---- files ----------------------------------------------------------------------------- */

/* The whole file, which must be a regular one of ours that nobody else can reach. */
static err read_own(const char *path, struct buf *out)
{
    struct stat info;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return FAIL(errno == ENOENT ? ERR_KEY_NOT_FOUND : ERR_KEY_PERMISSION);
    bool is_ours = fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid() &&
                   (info.st_mode & 0077) == 0 && info.st_size <= KEY_FILE_MAX;
    err result = is_ours ? OK : FAIL(ERR_KEY_PERMISSION);
    uint8_t some[4096];
    ssize_t n = 1;
    buf_init(out, KEY_FILE_MAX);
    while (result == OK && n != 0) {
        n = read(fd, some, sizeof some);
        if (n < 0 && errno != EINTR)
            result = FAIL(ERR_KEY_PERMISSION);
        else if (n > 0)
            wr_bytes(out, span_of(some, (size_t)n));
        if (result == OK)
            result = buf_check(out);
    }
    mem_wipe(some, sizeof some);
    close(fd);
    if (result != OK)
        buf_release(out);
    return result;
}

static bool write_all(int fd, struct span bytes)
{
    size_t done = 0;
    while (done < bytes.n) {
        ssize_t n = write(fd, bytes.p + done, bytes.n - done);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0)
            done += (size_t)n;
    }
    return fsync(fd) == 0;
}

/* Whole or not at all: a temporary file takes the name. */
static err write_own(const char *path, struct span bytes)
{
    char temporary[PATH_LEN_MAX + 16];
    (void)snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
    int fd = mkostemp(temporary, O_CLOEXEC); /* mode 0600 */
    if (fd < 0)
        return FAIL(ERR_KEY_PERMISSION);
    bool ok = write_all(fd, bytes);
    if (close(fd) != 0)
        ok = false;
    if (ok && rename(temporary, path) == 0)
        return OK;
    (void)unlink(temporary);
    return FAIL(ERR_KEY_PERMISSION);
}

static err remove_file(const char *path)
{
    if (unlink(path) == 0)
        return OK;
    return FAIL(errno == ENOENT ? ERR_KEY_NOT_FOUND : ERR_KEY_PERMISSION);
}

/* ---- containers ------------------------------------------------------------------------ */

err container_find(const char *name)
{
    char path[PATH_LEN_MAX];
    struct buf text;
    TRY(container_path(name, ".name", path));
    TRY(read_own(path, &text));
    buf_release(&text);
    return OK;
}

static err create(const char *name)
{
    char path[PATH_LEN_MAX];
    err result = container_find(name);
    if (result == OK)
        return FAIL(ERR_KEY_EXISTS);
    if (result != ERR_KEY_NOT_FOUND)
        return result;
    TRY(container_path(name, ".name", path));
    return write_own(path, span_text(name));
}

err container_create(const char *name)
{
    pthread_mutex_lock(&lock);
    err result = create(name);
    pthread_mutex_unlock(&lock);
    return result;
}

err container_remove_key(const char *name, DWORD key_spec)
{
    char path[PATH_LEN_MAX];
    TRY(key_path(name, key_spec, path));
    return remove_file(path);
}

err container_delete(const char *name)
{
    char path[PATH_LEN_MAX];
    TRY(container_path(name, ".name", path));
    for (DWORD spec = 0; spec <= AT_SIGNATURE; spec++) {
        err result = container_remove_key(name, spec);
        if (result != OK && result != ERR_KEY_NOT_FOUND)
            return result;
    }
    return remove_file(path);
}

static err key_text_of(const struct key *key, struct buf *out)
{
    char head[64];
    char *pem = NULL;
    (void)snprintf(head, sizeof head, "Export-Policy: %u\n", (unsigned)key->export_policy);
    BIO *bio = BIO_new(BIO_s_secmem());
    if (bio == NULL)
        return FAIL(ERR_NO_MEMORY);
    err result = FAIL(ERR_CRYPTO);
    buf_init(out, KEY_FILE_MAX);
    if (PEM_write_bio_PKCS8PrivateKey(bio, key->pkey, NULL, NULL, 0, NULL, NULL) == 1) {
        long n = BIO_get_mem_data(bio, &pem);
        wr_bytes(out, span_text(head));
        wr_bytes(out, span_of(pem, (size_t)n));
        result = buf_check(out);
    }
    BIO_free(bio);
    if (result != OK)
        buf_release(out);
    return result;
}

err container_store(const struct key *key)
{
    char path[PATH_LEN_MAX];
    struct buf text;
    err result = container_create(key->container);
    if (result != OK && result != ERR_KEY_EXISTS)
        return result;
    TRY(key_path(key->container, key->key_spec, path));
    TRY(key_text_of(key, &text));
    result = write_own(path, buf_span(&text));
    buf_release(&text);
    return result;
}

static err parse_key(struct span text, const char *name, DWORD key_spec, struct key **out)
{
    unsigned policy = 0;
    BIO *bio = BIO_new_mem_buf(text.p, (int)text.n);
    EVP_PKEY *pkey = bio != NULL
                         ? PEM_read_bio_PrivateKey_ex(bio, NULL, NULL, NULL, crypto_context(), NULL)
                         : NULL;
    BIO_free(bio);
    if (pkey == NULL)
        return FAIL(ERR_KEY_DATA);
    TRY(key_new(out, pkey, true, name));
    char head[64] = "";
    memcpy(head, text.p, text.n < sizeof head - 1 ? text.n : sizeof head - 1);
    if (sscanf(head, "Export-Policy: %u", &policy) == 1)
        (*out)->export_policy = policy;
    (*out)->key_spec = key_spec;
    if ((*out)->algorithm != NULL)
        return OK;
    key_release(*out);
    *out = NULL;
    return FAIL(ERR_KEY_DATA);
}

err container_load(const char *name, DWORD key_spec, struct key **out)
{
    char path[PATH_LEN_MAX];
    struct buf text;
    *out = NULL;
    TRY(key_path(name, key_spec, path));
    TRY(read_own(path, &text));
    err result = parse_key(buf_span(&text), name, key_spec, out);
    buf_release(&text);
    return result;
}
