/* SPDX-License-Identifier: MIT */
/* References of contexts, whatever they are contexts of. The rules are told in entry.h. */
#include "crypt32/store.h"

const struct entry_type *entry_type_of(enum entry_kind kind)
{
    static const struct entry_type *const types[ENTRY_KINDS] = {
        [ENTRY_CERT] = &cert_type, [ENTRY_CRL] = &crl_type};
    return types[kind];
}

void entry_init(struct entry *entry, const struct entry_type *type, HCERTSTORE *handle)
{
    entry->type = type;
    entry->handle = handle;
    atomic_init(&entry->refs, 1);
    entry->store = store_nowhere();
    *handle = entry->store;
}

void entry_ref(struct entry *entry)
{
    atomic_fetch_add(&entry->refs, 1);
}

/* The recursion is as deep as collections are nested, COLLECTION_DEPTH_MAX. */
void entry_free(struct entry *entry)
{
    struct entry *origin = entry->origin;
    entry_state_release(entry->state);
    entry->type->destroy(entry);
    entry_release(origin);
}

/* Gives a reference back unless it is the last one. */
static bool release_shared(struct entry *entry)
{
    int refs = atomic_load(&entry->refs);
    while (refs > 1) {
        if (atomic_compare_exchange_weak(&entry->refs, &refs, refs - 1))
            return true;
    }
    return false;
}

void entry_release(struct entry *entry)
{
    if (entry == NULL || release_shared(entry))
        return;
    struct store *store = entry->store; /* held by the context until the end of this function */
    pthread_mutex_lock(&store->lock);
    bool is_last = atomic_fetch_sub(&entry->refs, 1) == 1;
    bool is_orphan = is_last && !entry->is_member;
    if (is_orphan)
        store_strike(store, entry);
    pthread_mutex_unlock(&store->lock);
    /* From here on an entry belongs to whoever finds it. */
    if (is_orphan)
        entry_free(entry);
    if (is_last)
        store_release(store); /* may free the store and with it the entry */
}

bool entry_same(const struct entry *a, const struct entry *b)
{
    return a->type == b->type && span_equal(a->type->der(a), b->type->der(b));
}
