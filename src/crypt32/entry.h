/* SPDX-License-Identifier: MIT */
/*
 * What certificates and revocation lists have in common: they are contexts with a count of
 * references, a store and properties.
 *
 *  - A context counts the references that programs hold. While there is one, the context holds a
 *    reference to its store, so hCertStore stays usable for as long as the context.
 *  - A store owns its entries; it is freed when its last reference goes, and then no entry is
 *    referenced any more.
 *  - An entry's count leaves 0 and comes back to 0 only under its store's lock, where entries are
 *    looked up and taken out, too: so a context that is being let go of cannot be found again
 *    half-way, and exactly one thread sees the last reference go.
 *  - One that was taken out keeps its place in the list until its last reference goes, so that an
 *    enumeration can go on behind it.
 *  - Properties and key are in a state of their own, made when the first one comes. Links and the
 *    contexts of collections share the state of what they stand for.
 *  - Locks are taken one at a time, but for `adding` of a store, which is taken before all others.
 */
#ifndef SCHANNEL_CRYPT32_ENTRY_H
#define SCHANNEL_CRYPT32_ENTRY_H

#include <pthread.h>
#include <stdatomic.h>

#include "crypt32/crypt32.h"
#include "win/win.h"

enum entry_kind { ENTRY_CERT, ENTRY_CRL, ENTRY_KINDS };

enum { PROPERTY_LEN_MAX = 1 << 20 };

struct cert_property {
    struct cert_property *next;
    DWORD id;
    bool owns_handle;  /* the bytes begin with a key handle that goes with the property */
    bool is_transient; /* never written to a store's files */
    size_t n;
    uint8_t data[];
};

struct entry_state;

/* Where an entry is kept; the first member of something larger. */
struct place {
    DWORD access; /* CERT_ACCESS_STATE_* */
    /* Writes the properties again: 0, or the last error. */
    DWORD (*write)(struct place *place, struct entry_state *state);
    struct place *(*ref)(struct place *place);
    void (*release)(struct place *place);
};

struct entry_state {
    atomic_int refs;
    pthread_mutex_t lock;
    struct cert_property *properties;
    struct private_key *key;
    struct place *place; /* NULL: in memory only */
};

struct store;
struct entry;

struct entry_type {
    enum entry_kind kind;
    DWORD context_type; /* CERT_STORE_*_CONTEXT */
    DWORD element_id;   /* of the encoded form in a serialized element */
    /* A free-standing context with one reference. */
    err (*parse)(struct span der, struct entry **out);
    /* The same once more, without properties. */
    err (*copy)(struct entry *from, struct entry **out);
    /* Frees it, after its references to other things are gone. */
    void (*destroy)(struct entry *entry);
    struct span (*der)(const struct entry *entry);
    /* For the dispositions that ask which one is newer: what replaces what, and since when. */
    bool (*same_subject)(const struct entry *a, const struct entry *b);
    int64_t (*since)(const struct entry *entry);
};

struct entry {
    const struct entry_type *type;
    atomic_int refs;
    bool is_member;  /* under the store's lock */
    bool is_link;    /* what stands elsewhere is kept there, too */
    size_t position; /* where it was in the store's list; under the store's lock */
    struct store *store;
    HCERTSTORE *handle;        /* the member of the public context that names the store */
    struct entry_state *state; /* NULL: no property yet; through entry_state */
    struct entry *origin;      /* in a collection: the member's own context, with a reference */
    DWORD priority;            /* in a collection: where the member stands */
    uint64_t membership;
};

extern const struct entry_type cert_type;
extern const struct entry_type crl_type;
const struct entry_type *entry_type_of(enum entry_kind kind);

/* A fresh context: one reference, nowhere. */
void entry_init(struct entry *entry, const struct entry_type *type, HCERTSTORE *handle);
/* One more for whoever holds one already. */
void entry_ref(struct entry *entry);
void entry_release(struct entry *entry);
/* Frees one that nobody references. */
void entry_free(struct entry *entry);
/* The same bytes. */
bool entry_same(const struct entry *a, const struct entry *b);

/* ---- properties ------------------------------------------------------------------------ */

/* NULL when there is none yet; or without memory. */
struct entry_state *entry_state(struct entry *entry);
struct entry_state *entry_state_make(struct entry *entry);
void entry_state_release(struct entry_state *state);
/* Puts the place over; NULL: from now on it is kept nowhere. ERR_NO_MEMORY, with nothing done. */
err entry_set_place(struct entry *entry, struct place *place) MUST_USE;
void entry_leave_place(struct entry *entry);
bool entry_is_kept(struct entry *entry);
/* CERT_ACCESS_STATE_*: where it is kept, and whether its store may be changed. */
DWORD entry_access(struct entry *entry);
/* Writes the properties where the entry is kept, if it is: 0, or the last error. */
DWORD entry_write(struct entry *entry);
/* From now on both have the same properties; `to` must be fresh. */
err entry_share_state(struct entry *to, struct entry *from) MUST_USE;

/* CERT_KEY_*: what names a key, and of that what is a handle. */
bool property_names_key(DWORD id);
bool property_is_handle(DWORD id);

enum property_form { PROPERTY_PLAIN, PROPERTY_OWNS_HANDLE, PROPERTY_TRANSIENT };
err entry_set_property(struct entry *entry, DWORD id, struct span data,
                       enum property_form form) MUST_USE;
void entry_drop_property(struct entry *entry, DWORD id);
/* A copy. ERR_NOT_AVAILABLE when it is not there. */
err entry_copy_property(struct entry *entry, DWORD id, struct buf *out) MUST_USE;
bool entry_has_property(struct entry *entry, DWORD id);
/* The next larger number of a property that is there; 0: none. */
DWORD entry_next_property(struct entry *entry, DWORD id);
/* Those that `to` lacks, and the key if it has none. Both stay usable by other threads. */
err entry_inherit(struct entry *to, struct entry *from) MUST_USE;
/* Puts a list in the place of all properties that are not handles; takes it over. */
err entry_replace_properties(struct entry *entry, struct cert_property *list) MUST_USE;
struct cert_property *property_new(DWORD id, struct span data);
void property_list_free(struct cert_property *list);

#endif
