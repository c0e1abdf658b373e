/* SPDX-License-Identifier: MIT */
/*
 * Stores as lists of entries. A store owns its entries; how their references are counted is told in
 * entry.h. What happens when an entry is there already is in add.c.
 */
#include "crypt32/cert.h"

enum { STORE_MAGIC = 0x53544F52, STORE_FIRST_CAPACITY = 4, STORE_COUNT_MAX = 100000 };

static const struct store_kind memory = {.name = "memory", .ignores_read_only = true};
static const struct store_kind nothing = {.name = "nothing"};

static struct store nowhere = {
    .magic = STORE_MAGIC,
    .refs = 1,
    .kind = &nothing,
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
    store->kind = &memory;
    atomic_init(&store->refs, 1);
    atomic_init(&store->resyncs, false);
    pthread_mutex_init(&store->adding, NULL);
    pthread_mutex_init(&store->lock, NULL);
    return OK;
}

void store_ref(struct store *store)
{
    if (store != &nowhere)
        atomic_fetch_add(&store->refs, 1);
}

bool store_is_shared(struct store *store)
{
    return atomic_load(&store->refs) != 1;
}

static void list_free(struct entry_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        entry_free(list->items[i]);
    mem_free(list->items);
}

void store_release(struct store *store)
{
    if (store == NULL || store == &nowhere || atomic_fetch_sub(&store->refs, 1) != 1)
        return;
    if (store->kind->close != NULL)
        store->kind->close(store);
    for (size_t i = 0; i < ENTRY_KINDS; i++)
        list_free(&store->lists[i]);
    pthread_mutex_destroy(&store->lock);
    pthread_mutex_destroy(&store->adding);
    store->magic = 0;
    mem_free(store);
}

/* ---- the list -------------------------------------------------------------------------- */

static err reserve(struct entry_list *list)
{
    if (list->count < list->capacity)
        return OK;
    if (list->count >= STORE_COUNT_MAX)
        return FAIL(ERR_ARGUMENT);
    size_t capacity = list->capacity != 0 ? 2 * list->capacity : STORE_FIRST_CAPACITY;
    struct entry **items = mem_array(capacity, sizeof *items);
    if (items == NULL)
        return FAIL(ERR_NO_MEMORY);
    mem_copy(items, list->items, list->count * sizeof *items);
    mem_free(list->items);
    list->items = items;
    list->capacity = capacity;
    return OK;
}

/* SIZE_MAX: not there. Mostly it is where it was seen last. */
static size_t position_of(const struct entry_list *list, const struct entry *entry)
{
    if (entry->position < list->count && list->items[entry->position] == entry)
        return entry->position;
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i] == entry)
            return i;
    }
    return SIZE_MAX;
}

static struct entry_list *list_of(struct store *store, const struct entry *entry)
{
    return &store->lists[entry->type->kind];
}

/* A reference to an entry, under the lock of its store, of which the caller holds one. */
static void take_entry(struct entry *entry, size_t position)
{
    entry->position = position;
    if (atomic_fetch_add(&entry->refs, 1) == 0)
        store_ref(entry->store);
}

static void insert(struct store *store, struct entry *entry, enum store_end end)
{
    struct entry_list *list = list_of(store, entry);
    size_t position = end == STORE_HEAD ? 0 : list->count;
    mem_move(list->items + position + 1, list->items + position,
             (list->count - position) * sizeof list->items[0]);
    list->items[position] = entry;
    list->count++;
    atomic_store(&entry->refs, 0);
    entry->store = store;
    *entry->handle = store;
    entry->is_member = true;
    entry->position = position;
}

err store_adopt(struct store *store, struct entry *entry, enum store_end end, struct entry **out)
{
    pthread_mutex_lock(&store->lock);
    err result = reserve(list_of(store, entry));
    if (result == OK) {
        insert(store, entry, end);
        if (out != NULL)
            take_entry(entry, entry->position);
    }
    pthread_mutex_unlock(&store->lock);
    if (result != OK)
        entry_free(entry);
    else if (out != NULL)
        *out = entry;
    return result;
}

err store_reserve(struct store *store, enum entry_kind kind)
{
    pthread_mutex_lock(&store->lock);
    err result = reserve(&store->lists[kind]);
    pthread_mutex_unlock(&store->lock);
    return result;
}

bool store_holds(struct entry *entry)
{
    pthread_mutex_lock(&entry->store->lock);
    bool is_member = entry->is_member;
    pthread_mutex_unlock(&entry->store->lock);
    return is_member;
}

bool store_take_out(struct entry *entry)
{
    struct store *store = entry->store;
    pthread_mutex_lock(&store->lock);
    bool was_member = entry->is_member;
    entry->is_member = false;
    if (was_member)
        list_of(store, entry)->removed_count++;
    pthread_mutex_unlock(&store->lock);
    if (was_member && !entry->is_link)
        entry_leave_place(entry);
    return was_member;
}

void store_strike(struct store *store, struct entry *entry)
{
    struct entry_list *list = list_of(store, entry);
    size_t position = position_of(list, entry);
    if (position == SIZE_MAX)
        return;
    mem_move(list->items + position, list->items + position + 1,
             (list->count - position - 1) * sizeof list->items[0]);
    list->count--;
    list->removed_count--;
}

/* ---- walking --------------------------------------------------------------------------- */

static struct entry *next_in_list(struct store *store, enum entry_kind kind,
                                  const struct entry *previous)
{
    struct entry *found = NULL;
    const struct entry_list *list = &store->lists[kind];
    pthread_mutex_lock(&store->lock);
    size_t i = 0;
    if (previous != NULL) {
        i = position_of(list, previous);
        i = i != SIZE_MAX ? i + 1 : list->count;
    }
    while (i < list->count && !list->items[i]->is_member)
        i++;
    if (i < list->count) {
        found = list->items[i];
        take_entry(found, i);
    }
    pthread_mutex_unlock(&store->lock);
    return found;
}

err store_next(struct store *store, enum entry_kind kind, struct entry *previous,
               struct entry **out)
{
    if (store_is_collection(store))
        return collection_next(store, kind, previous, out);
    *out = next_in_list(store, kind, previous);
    return OK;
}

static size_t position_at(const struct entry_list *list, size_t index)
{
    if (list->removed_count == 0)
        return index;
    size_t i = 0;
    for (; i < list->count; i++) {
        if (list->items[i]->is_member && index-- == 0)
            break;
    }
    return i;
}

struct entry *store_entry_at(struct store *store, enum entry_kind kind, size_t index)
{
    struct entry *found = NULL;
    if (store_is_collection(store))
        return collection_entry_at(store, kind, index);
    pthread_mutex_lock(&store->lock);
    const struct entry_list *list = &store->lists[kind];
    size_t position = position_at(list, index);
    if (position < list->count) {
        found = list->items[position];
        take_entry(found, position);
    }
    pthread_mutex_unlock(&store->lock);
    return found;
}

/* ---- certificates ---------------------------------------------------------------------- */

err store_add_der(struct store *store, struct span der, struct cert **out)
{
    struct cert *cert;
    struct entry *entry = NULL;
    TRY(cert_new(&cert, der));
    TRY(store_adopt(store, &cert->base, STORE_TAIL, out != NULL ? &entry : NULL));
    if (out != NULL)
        *out = cert_of_entry(entry);
    return OK;
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
