/* SPDX-License-Identifier: MIT */
/*
 * Entries that come and go: what the dispositions say when the same is there already. Microsoft
 * "CertAddCertificateContextToStore"; observed.md X6, X12.
 */
#include "crypt32/cert.h"

/*
 * What counts as the same: the same bytes, and for the dispositions that ask which one is newer,
 * the same subject.
 */
struct entry *store_find_same(struct store *store, const struct entry *entry, bool by_subject)
{
    for (size_t i = 0;; i++) {
        struct entry *there = store_entry_at(store, entry->type->kind, i);
        if (there == NULL || entry_same(there, entry) ||
            (by_subject && entry->type->same_subject(there, entry)))
            return there;
        entry_release(there);
    }
}

static bool asks_newer(DWORD disposition)
{
    return disposition == CERT_STORE_ADD_NEWER ||
           disposition == CERT_STORE_ADD_NEWER_INHERIT_PROPERTIES;
}

static bool inherits(DWORD disposition)
{
    return disposition == CERT_STORE_ADD_REPLACE_EXISTING_INHERIT_PROPERTIES ||
           disposition == CERT_STORE_ADD_NEWER_INHERIT_PROPERTIES;
}

static DWORD error_of(err result)
{
    return result == OK ? 0 : cert_last_error(result);
}

/* ---- new ones -------------------------------------------------------------------------- */

/* A copy that is nowhere yet, with the properties of both. */
static err make(struct entry *entry, struct entry *existing, enum store_adding adding,
                struct entry **out)
{
    err result = entry->type->copy(entry, out);
    if (result != OK) {
        *out = NULL;
        return result;
    }
    (*out)->is_link = adding == STORE_LINK;
    result = adding == STORE_LINK ? entry_share_state(*out, entry) : entry_inherit(*out, entry);
    if (result == OK && existing != NULL && adding != STORE_LINK)
        result = entry_inherit(*out, existing);
    return result;
}

/* The store's files first, so that a failure leaves the store as it was. */
static DWORD put_new(struct store *store, struct entry *entry, struct entry *existing,
                     enum store_adding adding, struct entry **out)
{
    struct entry *copy;
    DWORD error = error_of(make(entry, existing, adding, &copy));
    if (error == 0)
        error = error_of(store_reserve(store, entry->type->kind));
    bool is_kept = error == 0 && store->kind->keep != NULL && !copy->is_link;
    if (is_kept)
        error = store->kind->keep(store, copy);
    if (error != 0) {
        entry_release(copy);
        return error;
    }
    return error_of(store_adopt(store, copy, STORE_HEAD, out));
}

/* Nothing of the old one is left but what the new one is kept in, too. */
static DWORD replace(struct store *store, struct entry *existing, struct entry *entry,
                     DWORD disposition, enum store_adding adding, struct entry **out)
{
    struct entry *added;
    DWORD error = put_new(store, entry, inherits(disposition) ? existing : NULL, adding, &added);
    if (error != 0)
        return error;
    bool is_kept = store->kind->drop != NULL && !existing->is_link;
    if (is_kept)
        error = store->kind->drop(store, existing, added);
    if (error != 0 && store->kind->drop(store, added, existing) != 0)
        error = ERROR_WRITE_FAULT;
    store_take_out(error == 0 ? existing : added);
    if (error == 0 && out != NULL)
        *out = added;
    else
        entry_release(added);
    return error;
}

/* What the new one knows in addition goes to the old one. */
static DWORD use_existing(struct store *store, struct entry *existing, struct entry *entry,
                          struct entry **out)
{
    DWORD error = error_of(entry_inherit(existing, entry));
    if (error == 0 && store->kind->keep != NULL && !existing->is_link)
        error = store->kind->keep(store, existing);
    if (error == 0 && out != NULL) {
        entry_ref(existing);
        *out = existing;
    }
    return error;
}

/* What happens when it is there already. */
static DWORD settle_existing(struct store *store, struct entry *existing, struct entry *entry,
                             DWORD disposition, enum store_adding adding, struct entry **out)
{
    if (disposition == CERT_STORE_ADD_NEW ||
        (asks_newer(disposition) && entry->type->since(existing) >= entry->type->since(entry)))
        return (DWORD)CRYPT_E_EXISTS;
    if (disposition == CERT_STORE_ADD_USE_EXISTING)
        return use_existing(store, existing, entry, out);
    return replace(store, existing, entry, disposition, adding, out);
}

/* A folder has one file for one certificate. */
static bool may_double(const struct store *store, DWORD disposition)
{
    return disposition == CERT_STORE_ADD_ALWAYS && store->kind->keep == NULL;
}

DWORD store_put(struct store *store, struct entry *entry, DWORD disposition,
                enum store_adding adding, struct entry **out)
{
    if (disposition < CERT_STORE_ADD_NEW || disposition > CERT_STORE_ADD_NEWER_INHERIT_PROPERTIES)
        return (DWORD)E_INVALIDARG;
    if (store->is_read_only)
        return ERROR_ACCESS_DENIED;
    if (store_is_collection(store))
        return collection_put(store, entry, disposition, adding, out);
    pthread_mutex_lock(&store->adding);
    struct entry *existing = may_double(store, disposition)
                                 ? NULL
                                 : store_find_same(store, entry, asks_newer(disposition));
    DWORD error = existing != NULL
                      ? settle_existing(store, existing, entry, disposition, adding, out)
                      : put_new(store, entry, NULL, adding, out);
    pthread_mutex_unlock(&store->adding);
    entry_release(existing);
    return error;
}

DWORD store_delete(struct entry *entry)
{
    while (entry->origin != NULL)
        entry = entry->origin;
    struct store *store = entry->store;
    if (store == store_nowhere())
        return 0;
    if (store->is_read_only)
        return ERROR_ACCESS_DENIED;
    DWORD error = 0;
    pthread_mutex_lock(&store->adding);
    if (store->kind->drop != NULL && !entry->is_link && store_holds(entry))
        error = store->kind->drop(store, entry, NULL);
    if (error == 0)
        store_take_out(entry);
    pthread_mutex_unlock(&store->adding);
    return error;
}
