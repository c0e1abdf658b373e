/* SPDX-License-Identifier: MIT */
/*
 * Certificate stores in memory. A store owns its entries; how their references are counted is told
 * in cert.h.
 */
#include "crypt32/cert.h"
#include "crypt32/crl.h"

enum { STORE_MAGIC = 0x53544F52, STORE_FIRST_CAPACITY = 4, STORE_COUNT_MAX = 100000 };

static struct store nowhere = {
    .magic = STORE_MAGIC,
    .refs = 1,
    .is_read_only = true,
    .adding = PTHREAD_MUTEX_INITIALIZER,
    .lock = PTHREAD_MUTEX_INITIALIZER,
};

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
    pthread_mutex_init(&store->adding, NULL);
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
    store_drop_crls(store);
    mem_free(store->entries);
    pthread_mutex_destroy(&store->lock);
    pthread_mutex_destroy(&store->adding);
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

/* A reference to an entry, under the lock of its store, of which the caller holds one. */
static void take_entry(struct cert *entry)
{
    if (atomic_fetch_add(&entry->refs, 1) == 0)
        store_ref(entry->store);
}

/* Makes a context that nobody else knows an entry; on failure it is gone. */
static err adopt(struct store *store, struct cert *cert, struct cert **out)
{
    pthread_mutex_lock(&store->lock);
    err result = reserve(store);
    if (result == OK) {
        atomic_store(&cert->refs, 0);
        cert->store = store;
        cert->context.hCertStore = store;
        cert->is_member = true;
        store->entries[store->count++] = cert;
        if (out != NULL)
            take_entry(cert);
    }
    pthread_mutex_unlock(&store->lock);
    if (result != OK)
        cert_destroy(cert);
    else if (out != NULL)
        *out = cert;
    return result;
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
    err result = cert_inherit_properties(copy, from);
    if (result != OK) {
        cert_destroy(copy);
        return result;
    }
    return adopt(store, copy, out);
}

bool store_remove(struct cert *cert)
{
    struct store *store = cert->store;
    bool was_entry = false;
    pthread_mutex_lock(&store->lock);
    for (size_t i = 0; i < store->count && !was_entry; i++) {
        was_entry = store->entries[i] == cert;
        if (!was_entry)
            continue;
        mem_move(store->entries + i, store->entries + i + 1,
                 (store->count - i - 1) * sizeof store->entries[0]);
        store->count--;
        cert->is_member = false;
    }
    pthread_mutex_unlock(&store->lock);
    return was_entry;
}

struct cert *store_entry(struct store *store, size_t index)
{
    pthread_mutex_lock(&store->lock);
    struct cert *cert = index < store->count ? store->entries[index] : NULL;
    if (cert != NULL)
        take_entry(cert);
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
