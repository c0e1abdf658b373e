/* SPDX-License-Identifier: MIT */
/*
 * Collections: stores that show the entries of others, higher priority first, then in the order in
 * which they were added (observed.md X32). A context of a collection is made when it is asked for:
 * it shares body and properties with the member's own, to which it holds a reference.
 */
#include "crypt32/cert.h"

/* Under the collection's lock. The pair of priority and membership is never given twice. */
struct member {
    struct store *store;
    bool takes_entries;
    DWORD priority;
    uint64_t membership;
};

struct collection {
    struct member *members;
    size_t count;
    uint64_t last_membership;
    unsigned above; /* how many collections lie over it at most, ever; under `nesting` */
};

/* Who contains whom changes only under this one, so that no circle comes about. */
static pthread_mutex_t nesting = PTHREAD_MUTEX_INITIALIZER;

static void collection_close(struct store *store)
{
    struct collection *collection = store->data;
    for (size_t i = 0; i < collection->count; i++)
        store_release(collection->members[i].store);
    mem_free(collection->members);
    mem_free(collection);
}

/* What every member does that can; an error of one does not keep the others from it. */
static DWORD for_each_member(struct store *store, DWORD (*act)(struct store *member, DWORD flags),
                             DWORD flags);

static DWORD resync_one(struct store *member, DWORD flags)
{
    (void)flags;
    return member->kind->resync != NULL ? member->kind->resync(member) : 0;
}

static DWORD commit_one(struct store *member, DWORD flags)
{
    return member->kind->commit != NULL ? member->kind->commit(member, flags) : 0;
}

/* The recursion is as deep as collections are nested. */
static DWORD collection_resync(struct store *store)
{
    return for_each_member(store, resync_one, 0);
}

static DWORD collection_commit(struct store *store, DWORD flags)
{
    return for_each_member(store, commit_one, flags);
}

static const struct store_kind kind_collection = {.name = "collection",
                                                  .close = collection_close,
                                                  .resync = collection_resync,
                                                  .commit = collection_commit};

bool store_is_collection(const struct store *store)
{
    return store->kind == &kind_collection;
}

err collection_new(struct store **out)
{
    struct collection *collection = mem_alloc(sizeof *collection);
    *out = NULL;
    if (collection == NULL)
        return FAIL(ERR_NO_MEMORY);
    err result = store_new(out);
    if (result != OK) {
        mem_free(collection);
        return result;
    }
    (*out)->kind = &kind_collection;
    (*out)->data = collection;
    return OK;
}

/* ---- members --------------------------------------------------------------------------- */

static bool stands_before(const struct member *a, DWORD priority, uint64_t membership)
{
    return a->priority != priority ? a->priority > priority : a->membership < membership;
}

/* The index-th member with a reference to its store; false at the end. */
static bool member_at(struct store *store, size_t index, struct member *out)
{
    const struct collection *collection = store->data;
    pthread_mutex_lock(&store->lock);
    bool found = index < collection->count;
    if (found) {
        *out = collection->members[index];
        store_ref(out->store);
    }
    pthread_mutex_unlock(&store->lock);
    return found;
}

/* The first member that does not stand before a place. */
static size_t member_from(struct store *store, DWORD priority, uint64_t membership)
{
    const struct collection *collection = store->data;
    size_t i = 0;
    pthread_mutex_lock(&store->lock);
    while (i < collection->count && stands_before(&collection->members[i], priority, membership))
        i++;
    pthread_mutex_unlock(&store->lock);
    return i;
}

static DWORD for_each_member(struct store *store, DWORD (*act)(struct store *member, DWORD flags),
                             DWORD flags)
{
    DWORD error = 0;
    struct member member;
    for (size_t i = 0; member_at(store, i, &member); i++) {
        DWORD one = act(member.store, flags);
        error = error != 0 ? error : one;
        store_release(member.store);
    }
    return error;
}

/* How many collections lie on each other here; more than the bound when `wanted` is among them. */
static unsigned height_of(struct store *store, const struct store *wanted, unsigned above)
{
    struct member member;
    if (store == wanted || above > COLLECTION_DEPTH_MAX)
        return COLLECTION_DEPTH_MAX + 1;
    if (!store_is_collection(store))
        return above;
    unsigned highest = above + 1;
    for (size_t i = 0; member_at(store, i, &member); i++) {
        unsigned height = height_of(member.store, wanted, above + 1);
        highest = height > highest ? height : highest;
        store_release(member.store);
    }
    return highest;
}

static void lift(struct store *store, unsigned above)
{
    struct collection *collection = store->data;
    struct member member;
    if (!store_is_collection(store) || collection->above >= above)
        return;
    collection->above = above;
    for (size_t i = 0; member_at(store, i, &member); i++) {
        lift(member.store, above + 1);
        store_release(member.store);
    }
}

static err insert_member(struct store *store, struct member member)
{
    struct collection *collection = store->data;
    if (collection->count == COLLECTION_MEMBERS_MAX)
        return FAIL(ERR_ARGUMENT);
    struct member *members = mem_array(collection->count + 1, sizeof *members);
    if (members == NULL)
        return FAIL(ERR_NO_MEMORY);
    size_t at = 0;
    member.membership = ++collection->last_membership;
    while (at < collection->count &&
           stands_before(&collection->members[at], member.priority, member.membership))
        at++;
    mem_copy(members, collection->members, at * sizeof *members);
    for (size_t i = at; i < collection->count; i++)
        members[i + 1] = collection->members[i];
    members[at] = member;
    mem_free(collection->members);
    collection->members = members;
    collection->count++;
    store_ref(member.store);
    return OK;
}

err collection_add(struct store *store, struct store *member, bool takes_entries, DWORD priority)
{
    if (!store_is_collection(store))
        return FAIL(ERR_ARGUMENT);
    pthread_mutex_lock(&nesting);
    unsigned above = ((struct collection *)store->data)->above + 1;
    err result = OK;
    if (height_of(member, store, above) > COLLECTION_DEPTH_MAX) {
        result = FAIL(ERR_ARGUMENT);
    } else {
        pthread_mutex_lock(&store->lock);
        result = insert_member(
            store,
            (struct member){.store = member, .takes_entries = takes_entries, .priority = priority});
        pthread_mutex_unlock(&store->lock);
        if (result == OK)
            lift(member, above);
    }
    pthread_mutex_unlock(&nesting);
    return result;
}

void collection_remove(struct store *store, struct store *member)
{
    struct collection *collection = store->data;
    size_t i = 0;
    pthread_mutex_lock(&nesting);
    pthread_mutex_lock(&store->lock);
    while (i < collection->count && collection->members[i].store != member)
        i++;
    bool found = i < collection->count;
    if (found) {
        mem_move(collection->members + i, collection->members + i + 1,
                 (collection->count - i - 1) * sizeof collection->members[0]);
        collection->count--;
    }
    pthread_mutex_unlock(&store->lock);
    pthread_mutex_unlock(&nesting);
    if (found)
        store_release(member);
}

/* ---- contexts -------------------------------------------------------------------------- */

/* The collection's context for a member's; takes the reference to it over, also on failure. */
static err wrap(struct store *store, const struct member *member, struct entry *origin,
                struct entry **out)
{
    struct entry *entry;
    *out = NULL;
    err result = origin->type->copy(origin, &entry);
    if (result == OK)
        result = entry_share_state(entry, origin);
    else
        entry = NULL;
    if (result != OK) {
        entry_release(entry);
        entry_release(origin);
        return result;
    }
    entry->origin = origin;
    entry->priority = member->priority;
    entry->membership = member->membership;
    entry->store = store;
    *entry->handle = store;
    store_ref(store);
    *out = entry;
    return OK;
}

err collection_next(struct store *store, enum entry_kind kind, struct entry *previous,
                    struct entry **out)
{
    struct member member;
    err result = OK;
    struct entry *origin = NULL;
    size_t i = previous != NULL ? member_from(store, previous->priority, previous->membership) : 0;
    *out = NULL;
    for (; result == OK && member_at(store, i, &member); i++) {
        bool goes_on = previous != NULL && member.membership == previous->membership;
        result = store_next(member.store, kind, goes_on ? previous->origin : NULL, &origin);
        if (result == OK && origin != NULL)
            result = wrap(store, &member, origin, out);
        store_release(member.store);
        if (origin != NULL)
            break;
    }
    return result;
}

static size_t count_of(struct store *store, enum entry_kind kind)
{
    size_t n = 0;
    struct member member;
    if (!store_is_collection(store)) {
        pthread_mutex_lock(&store->lock);
        n = store->lists[kind].count - store->lists[kind].removed_count;
        pthread_mutex_unlock(&store->lock);
        return n;
    }
    for (size_t i = 0; member_at(store, i, &member); i++) {
        n += count_of(member.store, kind);
        store_release(member.store);
    }
    return n;
}

struct entry *collection_entry_at(struct store *store, enum entry_kind kind, size_t index)
{
    struct member member;
    struct entry *found = NULL;
    for (size_t i = 0; found == NULL && member_at(store, i, &member); i++) {
        size_t count = count_of(member.store, kind);
        if (index < count)
            found = store_entry_at(member.store, kind, index);
        else
            index -= count;
        store_release(member.store);
    }
    return found;
}

/* ---- adding ---------------------------------------------------------------------------- */

static bool asks_newer(DWORD disposition)
{
    return disposition == CERT_STORE_ADD_NEWER ||
           disposition == CERT_STORE_ADD_NEWER_INHERIT_PROPERTIES;
}

static bool has_same(struct store *store, const struct entry *entry, DWORD disposition)
{
    if (disposition == CERT_STORE_ADD_ALWAYS)
        return false;
    struct entry *same = store_find_same(store, entry, asks_newer(disposition));
    entry_release(same);
    return same != NULL;
}

static DWORD put_into(struct store *store, const struct member *member, struct entry *entry,
                      DWORD disposition, enum store_adding adding, struct entry **out)
{
    struct entry *origin = NULL;
    DWORD error =
        store_put(member->store, entry, disposition, adding, out != NULL ? &origin : NULL);
    if (error != 0 || out == NULL)
        return error;
    return wrap(store, member, origin, out) == OK ? 0 : ERROR_NOT_ENOUGH_MEMORY;
}

/* What is there is settled where it is; what is new goes to the first member that takes it. */
DWORD collection_put(struct store *store, struct entry *entry, DWORD disposition,
                     enum store_adding adding, struct entry **out)
{
    struct member member;
    DWORD error = (DWORD)E_ACCESSDENIED;
    bool is_done = false;
    for (size_t i = 0; !is_done && member_at(store, i, &member); i++) {
        is_done = has_same(member.store, entry, disposition);
        if (is_done)
            error = put_into(store, &member, entry, disposition, adding, out);
        store_release(member.store);
    }
    for (size_t i = 0; !is_done && member_at(store, i, &member); i++) {
        if (member.takes_entries) {
            error = put_into(store, &member, entry, disposition, adding, out);
            is_done = error == 0;
        }
        store_release(member.store);
    }
    return error;
}
