/* SPDX-License-Identifier: MIT */
/* Certificate stores in memory, and the system's trusted roots. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypt32/cert.h"

enum { STORE_MAGIC = 0x53544F52, STORE_FIRST_CAPACITY = 4, STORE_COUNT_MAX = 100000 };

static struct store nowhere = {
    .magic = STORE_MAGIC, .refs = 1, .is_read_only = true, .lock = PTHREAD_MUTEX_INITIALIZER};

struct store *store_nowhere(void)
{
    return &nowhere;
}

struct store *store_of(HCERTSTORE handle)
{
    struct store *store = handle;
    return store != NULL && store->magic == STORE_MAGIC ? store : NULL;
}

err store_new(struct store **out)
{
    struct store *store = mem_alloc(sizeof *store);
    *out = store;
    if (store == NULL)
        return FAIL(ERR_NO_MEMORY);
    store->magic = STORE_MAGIC;
    atomic_init(&store->refs, 1);
    pthread_mutex_init(&store->lock, NULL);
    return OK;
}

void store_ref(struct store *store)
{
    if (store != &nowhere)
        atomic_fetch_add(&store->refs, 1);
}

void store_release(struct store *store)
{
    if (store == NULL || store == &nowhere || atomic_fetch_sub(&store->refs, 1) != 1)
        return;
    for (size_t i = 0; i < store->count; i++)
        cert_destroy(store->entries[i]);
    mem_free(store->entries);
    pthread_mutex_destroy(&store->lock);
    store->magic = 0;
    mem_free(store);
}

static err reserve(struct store *store)
{
    if (store->count < store->capacity)
        return OK;
    if (store->count >= STORE_COUNT_MAX)
        return FAIL(ERR_ARGUMENT);
    size_t capacity = store->capacity != 0 ? 2 * store->capacity : STORE_FIRST_CAPACITY;
    struct cert **entries = mem_array(capacity, sizeof *entries);
    if (entries == NULL)
        return FAIL(ERR_NO_MEMORY);
    mem_copy(entries, store->entries, store->count * sizeof *entries);
    mem_free(store->entries);
    store->entries = entries;
    store->capacity = capacity;
    return OK;
}

/* Makes a fresh, unreferenced context an entry. */
static err append(struct store *store, struct cert *cert)
{
    pthread_mutex_lock(&store->lock);
    err result = reserve(store);
    if (result == OK) {
        store->entries[store->count++] = cert;
        cert->store = store;
        cert->context.hCertStore = store;
        cert->is_member = true;
    }
    pthread_mutex_unlock(&store->lock);
    return result;
}

static err adopt(struct store *store, struct cert *cert, struct cert **out)
{
    atomic_store(&cert->refs, 0);
    err result = append(store, cert);
    if (result != OK) {
        cert_destroy(cert);
        return result;
    }
    if (out != NULL) {
        cert_ref(cert);
        *out = cert;
    }
    return OK;
}

err store_add_der(struct store *store, struct span der, struct cert **out)
{
    struct cert *cert;
    TRY(cert_new(&cert, der));
    return adopt(store, cert, out);
}

err store_add(struct store *store, struct cert *from, struct cert **out)
{
    struct cert *copy = mem_alloc(sizeof *copy);
    if (copy == NULL)
        return FAIL(ERR_NO_MEMORY);
    pthread_mutex_init(&copy->lock, NULL);
    copy->body = cert_body_ref(from->body);
    copy->context = from->context;
    err result = cert_copy_properties(copy, from);
    if (result != OK) {
        cert_destroy(copy);
        return result;
    }
    return adopt(store, copy, out);
}

void store_remove(struct cert *cert)
{
    struct store *store = cert->store;
    pthread_mutex_lock(&store->lock);
    for (size_t i = 0; i < store->count; i++) {
        if (store->entries[i] != cert)
            continue;
        mem_move(store->entries + i, store->entries + i + 1,
                 (store->count - i - 1) * sizeof store->entries[0]);
        store->count--;
        cert->is_member = false;
        break;
    }
    pthread_mutex_unlock(&store->lock);
}

struct cert *store_entry(struct store *store, size_t index)
{
    pthread_mutex_lock(&store->lock);
    struct cert *cert = index < store->count ? store->entries[index] : NULL;
    if (cert != NULL)
        cert_ref(cert);
    pthread_mutex_unlock(&store->lock);
    return cert;
}

size_t store_position(struct store *store, const struct cert *cert)
{
    size_t position = SIZE_MAX;
    pthread_mutex_lock(&store->lock);
    for (size_t i = 0; i < store->count && position == SIZE_MAX; i++) {
        if (store->entries[i] == cert)
            position = i;
    }
    pthread_mutex_unlock(&store->lock);
    return position;
}

err cert_chain_from_peer(const struct span *certificates, size_t count, struct span staple,
                         PCCERT_CONTEXT *out_leaf)
{
    struct store *store;
    struct cert *leaf = NULL;
    *out_leaf = NULL;
    TRY(store_new(&store));
    err result = count != 0 ? OK : FAIL(ERR_CERT_EMPTY);
    for (size_t i = 0; i < count && result == OK; i++)
        result = store_add_der(store, certificates[i], i == 0 ? &leaf : NULL);
    if (result == OK && staple.n != 0)
        result = cert_set_property(leaf, CERT_OCSP_RESPONSE_PROP_ID, staple);
    if (result != OK) {
        cert_release(leaf);
        leaf = NULL;
    }
    store_release(store);
    *out_leaf = leaf != NULL ? &leaf->context : NULL;
    return result;
}

/* ---- files ----------------------------------------------------------------------------- */

static err read_descriptor(int fd, size_t max, struct buf *out, DWORD *out_error)
{
    struct stat info;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        *out_error = ERROR_ACCESS_DENIED;
        return FAIL(ERR_ARGUMENT);
    }
    if ((uint64_t)info.st_size > max) {
        *out_error = ERROR_FILE_TOO_LARGE;
        return FAIL(ERR_ARGUMENT);
    }
    buf_init(out, max + 1);
    *out_error = ERROR_NOT_ENOUGH_MEMORY;
    TRY(buf_reserve(out, (size_t)info.st_size + 1));
    for (;;) {
        ssize_t n = read(fd, out->p + out->n, out->cap - out->n);
        if (n <= 0) {
            *out_error = ERROR_READ_FAULT;
            return n == 0 ? OK : FAIL(ERR_ARGUMENT);
        }
        out->n += (size_t)n;
        if (out->n > max) {
            *out_error = ERROR_FILE_TOO_LARGE;
            return FAIL(ERR_ARGUMENT);
        }
        TRY(buf_reserve(out, 1));
    }
}

err read_file(const char *path, size_t max, struct buf *out, DWORD *out_error)
{
    buf_init(out, 0);
    int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0) {
        *out_error = access(path != NULL ? path : "", F_OK) != 0 ? ERROR_FILE_NOT_FOUND
                                                                 : ERROR_ACCESS_DENIED;
        return FAIL(ERR_ARGUMENT);
    }
    err result = read_descriptor(fd, max, out, out_error);
    close(fd);
    if (result != OK)
        buf_release(out);
    return result;
}

/* ---- the system's roots ---------------------------------------------------------------- */

static const char *const bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
};

static pthread_mutex_t roots_lock = PTHREAD_MUTEX_INITIALIZER;
static struct store *roots_store;
static struct timespec roots_changed;

static const char *find_bundle(struct timespec *out_changed)
{
    struct stat info;
    for (size_t i = 0; i < ARRAY_LEN(bundles); i++) {
        if (stat(bundles[i], &info) == 0) {
            *out_changed = info.st_mtim;
            return bundles[i];
        }
    }
    *out_changed = (struct timespec){0};
    return NULL;
}

static struct store *load_roots(const char *path)
{
    struct store *store;
    struct buf text;
    DWORD error;
    if (store_new(&store) != OK)
        return NULL;
    if (path != NULL && read_file(path, ROOT_BUNDLE_MAX, &text, &error) == OK) {
        err ignored = pem_certificates(store, (const char *)text.p, text.n, NULL);
        (void)ignored; /* what parses is trusted, the rest is not */
        buf_release(&text);
    }
    store->is_read_only = true;
    return store;
}

struct store *roots_open(void)
{
    struct timespec changed;
    const char *path = find_bundle(&changed);
    pthread_mutex_lock(&roots_lock);
    bool is_fresh = roots_store != NULL && changed.tv_sec == roots_changed.tv_sec &&
                    changed.tv_nsec == roots_changed.tv_nsec;
    if (!is_fresh) {
        struct store *loaded = load_roots(path);
        if (loaded != NULL) {
            store_release(roots_store);
            roots_store = loaded;
            roots_changed = changed;
        }
    }
    struct store *store = roots_store;
    if (store != NULL)
        store_ref(store);
    pthread_mutex_unlock(&roots_lock);
    return store;
}
