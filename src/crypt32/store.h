/* SPDX-License-Identifier: MIT */
/*
 * Inside of stores. Every store is one struct: lists of entries in memory, and a kind, a table of
 * what differs. A collection has members instead of entries. How references are counted is told in
 * entry.h.
 */
#ifndef SCHANNEL_CRYPT32_STORE_H
#define SCHANNEL_CRYPT32_STORE_H

#include "crypt32/entry.h"

struct entry_list {
    struct entry **items; /* members, and those taken out that somebody still references */
    size_t count;
    size_t capacity;
    size_t removed_count;
};

/*
 * What a kind does differently; NULL: as a store in memory does it. The functions that return a
 * DWORD return 0 or what the last error is to be.
 */
struct store_kind {
    const char *name;
    bool ignores_read_only; /* observed.md X30 */
    /* Frees `data`. Nothing may be written any more: a failure could not be told. */
    void (*close)(struct store *store);
    /* Before an entry becomes a member, and before it is taken out, perhaps for a successor. */
    DWORD (*keep)(struct store *store, struct entry *entry);
    DWORD (*drop)(struct store *store, struct entry *entry, struct entry *successor);
    /* CertControlStore's CERT_STORE_CTRL_RESYNC and _COMMIT with its flags. */
    DWORD (*resync)(struct store *store);
    DWORD (*commit)(struct store *store, DWORD flags);
};

struct store {
    uint32_t magic;
    atomic_int refs;
    const struct store_kind *kind;
    bool is_read_only;
    bool shows_archived;
    atomic_bool resyncs;    /* before each enumeration */
    pthread_mutex_t adding; /* held from the look for an existing entry to its replacement */
    pthread_mutex_t lock;   /* entries, and the counts at 0; of a collection: its members */
    struct entry_list lists[ENTRY_KINDS];
    void *data; /* of the kind */
};

err store_new(struct store **out) MUST_USE;
struct store *store_of(HCERTSTORE handle); /* NULL when it is none */
struct store *store_nowhere(void);         /* the shared empty store of free-standing contexts */
void store_ref(struct store *store);
void store_release(struct store *store);
/* Whether somebody besides the caller holds the store, or a context of it. */
bool store_is_shared(struct store *store);

/*
 * Makes a context that nobody else knows an entry, at the head or at the end; on failure it is
 * gone. The result has one reference if out is not NULL.
 */
enum store_end { STORE_HEAD, STORE_TAIL };
err store_adopt(struct store *store, struct entry *entry, enum store_end end,
                struct entry **out) MUST_USE;
/* Room for one more of a kind, so that making an entry of it cannot fail. */
err store_reserve(struct store *store, enum entry_kind kind) MUST_USE;
bool store_holds(struct entry *entry);
/* False when it is no entry (any more). Its references stay valid; it is kept nowhere. */
bool store_take_out(struct entry *entry);
/* Forgets one that nobody references and that was taken out; under the store's lock. */
void store_strike(struct store *store, struct entry *entry);

/*
 * The context behind `previous`, as a program sees it: in a collection, one of the collection's
 * own. *out is NULL at the end. ERR_NO_MEMORY.
 */
err store_next(struct store *store, enum entry_kind kind, struct entry *previous,
               struct entry **out) MUST_USE;
/* The index-th entry with a reference, or NULL; in a collection, the entry of the member. */
struct entry *store_entry_at(struct store *store, enum entry_kind kind, size_t index);

/* ---- changing (add.c) ------------------------------------------------------------------ */

enum store_adding { STORE_COPY, STORE_LINK };
/* CERT_STORE_ADD_*; 0, or the last error. *out (not NULL) has one reference. */
DWORD store_put(struct store *store, struct entry *entry, DWORD disposition,
                enum store_adding adding, struct entry **out);
/* Takes an entry out of its store, or of the member that it is in. 0, or the last error. */
DWORD store_delete(struct entry *entry);
/* An entry that stands for the same (by_subject: names the same subject), with a reference. */
struct entry *store_find_same(struct store *store, const struct entry *entry, bool by_subject);

/* ---- collections (collection.c) -------------------------------------------------------- */

enum { COLLECTION_DEPTH_MAX = 8, COLLECTION_MEMBERS_MAX = 1000 };
err collection_new(struct store **out) MUST_USE;
bool store_is_collection(const struct store *store);
/* Keeps a reference to the member. ERR_ARGUMENT: no collection, or it would contain itself. */
err collection_add(struct store *collection, struct store *member, bool takes_entries,
                   DWORD priority) MUST_USE;
void collection_remove(struct store *collection, struct store *member);
err collection_next(struct store *collection, enum entry_kind kind, struct entry *previous,
                    struct entry **out) MUST_USE;
struct entry *collection_entry_at(struct store *collection, enum entry_kind kind, size_t index);
DWORD collection_put(struct store *collection, struct entry *entry, DWORD disposition,
                     enum store_adding adding, struct entry **out);

#endif
