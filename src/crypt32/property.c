/* SPDX-License-Identifier: MIT */
/* Properties of contexts, and the key of a certificate: a list under a lock, shared by links. */
#include "crypt32/store.h"
#include "crypt32/key.h"

/* ---- the state ------------------------------------------------------------------------- */

struct entry_state *entry_state(struct entry *entry)
{
    return __atomic_load_n(&entry->state, __ATOMIC_ACQUIRE);
}

struct entry_state *entry_state_make(struct entry *entry)
{
    struct entry_state *there = entry_state(entry);
    if (there != NULL)
        return there;
    struct entry_state *state = mem_alloc(sizeof *state);
    if (state == NULL)
        return NULL;
    atomic_init(&state->refs, 1);
    pthread_mutex_init(&state->lock, NULL);
    if (__atomic_compare_exchange_n(&entry->state, &there, state, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE))
        return state;
    entry_state_release(state); /* another thread was faster */
    return there;
}

void entry_state_release(struct entry_state *state)
{
    if (state == NULL || atomic_fetch_sub(&state->refs, 1) != 1)
        return;
    property_list_free(state->properties);
    private_key_free(state->key);
    if (state->place != NULL)
        state->place->release(state->place);
    pthread_mutex_destroy(&state->lock);
    mem_free(state);
}

err entry_share_state(struct entry *to, struct entry *from)
{
    struct entry_state *state = entry_state_make(from);
    if (state == NULL)
        return FAIL(ERR_NO_MEMORY);
    atomic_fetch_add(&state->refs, 1);
    to->state = state;
    return OK;
}

/* ---- the place ------------------------------------------------------------------------- */

static void exchange_place(struct entry_state *state, struct place *place)
{
    pthread_mutex_lock(&state->lock);
    struct place *old = state->place;
    state->place = place;
    pthread_mutex_unlock(&state->lock);
    if (old != NULL)
        old->release(old);
}

err entry_set_place(struct entry *entry, struct place *place)
{
    struct entry_state *state = entry_state_make(entry);
    if (state == NULL)
        return FAIL(ERR_NO_MEMORY);
    exchange_place(state, place);
    return OK;
}

void entry_leave_place(struct entry *entry)
{
    struct entry_state *state = entry_state(entry);
    if (state != NULL)
        exchange_place(state, NULL);
}

bool entry_is_kept(struct entry *entry)
{
    struct entry_state *state = entry_state(entry);
    if (state == NULL)
        return false;
    pthread_mutex_lock(&state->lock);
    bool is_kept = state->place != NULL;
    pthread_mutex_unlock(&state->lock);
    return is_kept;
}

DWORD entry_access(struct entry *entry)
{
    while (entry->origin != NULL)
        entry = entry->origin;
    DWORD access = entry->store->is_read_only ? 0 : CERT_ACCESS_STATE_WRITE_PERSIST_FLAG;
    struct entry_state *state = entry_state(entry);
    if (state == NULL)
        return access;
    pthread_mutex_lock(&state->lock);
    access |= state->place != NULL ? state->place->access : 0;
    pthread_mutex_unlock(&state->lock);
    return access;
}

DWORD entry_write(struct entry *entry)
{
    struct entry_state *state = entry_state(entry);
    if (state == NULL)
        return 0;
    pthread_mutex_lock(&state->lock);
    struct place *place = state->place != NULL ? state->place->ref(state->place) : NULL;
    pthread_mutex_unlock(&state->lock);
    if (place == NULL)
        return 0;
    DWORD error = place->write(place, state);
    place->release(place);
    return error;
}

/* ---- one property ---------------------------------------------------------------------- */

bool property_is_handle(DWORD id)
{
    return id == CERT_KEY_CONTEXT_PROP_ID || id == CERT_KEY_PROV_HANDLE_PROP_ID ||
           id == CERT_NCRYPT_KEY_HANDLE_PROP_ID;
}

bool property_names_key(DWORD id)
{
    return id == CERT_KEY_PROV_INFO_PROP_ID || property_is_handle(id);
}

struct cert_property *property_new(DWORD id, struct span data)
{
    struct cert_property *property = mem_alloc(sizeof *property + data.n);
    if (property == NULL)
        return NULL;
    property->id = id;
    property->n = data.n;
    mem_copy(property->data, data.p, data.n);
    return property;
}

static void property_free(struct cert_property *property)
{
    ULONG_PTR handle;
    if (property != NULL && property->owns_handle && property->n >= sizeof handle) {
        mem_copy(&handle, property->data + property->n - sizeof handle, sizeof handle);
        key_handle_release(handle);
    }
    mem_free(property);
}

void property_list_free(struct cert_property *list)
{
    while (list != NULL) {
        struct cert_property *next = list->next;
        property_free(list);
        list = next;
    }
}

static struct cert_property **find_property(struct entry_state *state, DWORD id)
{
    struct cert_property **p = &state->properties;
    while (*p != NULL && (*p)->id != id)
        p = &(*p)->next;
    return p;
}

err entry_set_property(struct entry *entry, DWORD id, struct span data, enum property_form form)
{
    struct entry_state *state = entry_state_make(entry);
    struct cert_property *property = state != NULL ? property_new(id, data) : NULL;
    if (property == NULL)
        return FAIL(ERR_NO_MEMORY);
    property->owns_handle = form == PROPERTY_OWNS_HANDLE;
    property->is_transient = form == PROPERTY_TRANSIENT;
    pthread_mutex_lock(&state->lock);
    struct cert_property **place = find_property(state, id);
    struct cert_property *old = *place;
    property->next = old != NULL ? old->next : NULL;
    *place = property;
    pthread_mutex_unlock(&state->lock);
    property_free(old);
    return OK;
}

void entry_drop_property(struct entry *entry, DWORD id)
{
    struct entry_state *state = entry_state(entry);
    if (state == NULL)
        return;
    pthread_mutex_lock(&state->lock);
    struct cert_property **place = find_property(state, id);
    struct cert_property *old = *place;
    if (old != NULL)
        *place = old->next;
    pthread_mutex_unlock(&state->lock);
    property_free(old);
}

err entry_copy_property(struct entry *entry, DWORD id, struct buf *out)
{
    struct entry_state *state = entry_state(entry);
    err result = FAIL(ERR_NOT_AVAILABLE);
    buf_init(out, PROPERTY_LEN_MAX);
    if (state == NULL)
        return result;
    pthread_mutex_lock(&state->lock);
    const struct cert_property *p = *find_property(state, id);
    if (p != NULL) {
        wr_bytes(out, span_of(p->data, p->n));
        result = buf_check(out);
    }
    pthread_mutex_unlock(&state->lock);
    if (result != OK)
        buf_release(out);
    return result;
}

bool entry_has_property(struct entry *entry, DWORD id)
{
    struct entry_state *state = entry_state(entry);
    if (state == NULL)
        return false;
    pthread_mutex_lock(&state->lock);
    bool has = *find_property(state, id) != NULL;
    pthread_mutex_unlock(&state->lock);
    return has;
}

DWORD entry_next_property(struct entry *entry, DWORD id)
{
    struct entry_state *state = entry_state(entry);
    DWORD next = 0;
    if (state == NULL)
        return 0;
    pthread_mutex_lock(&state->lock);
    for (const struct cert_property *p = state->properties; p != NULL; p = p->next) {
        if (p->id > id && (next == 0 || p->id < next))
            next = p->id;
    }
    pthread_mutex_unlock(&state->lock);
    return next;
}

/* ---- many ------------------------------------------------------------------------------ */

/* Copies of all properties, and a reference to the key, as they are at one moment. */
static err snapshot(struct entry_state *from, struct cert_property **out,
                    struct private_key **out_key)
{
    err result = OK;
    pthread_mutex_lock(&from->lock);
    for (struct cert_property *p = from->properties; p != NULL; p = p->next) {
        /* Microsoft "CertAddCertificateContextToStore": handles stay with their context. */
        if (property_is_handle(p->id))
            continue;
        struct cert_property *copy = property_new(p->id, span_of(p->data, p->n));
        if (copy == NULL) {
            result = FAIL(ERR_NO_MEMORY);
            break;
        }
        copy->is_transient = p->is_transient;
        copy->next = *out;
        *out = copy;
    }
    *out_key = from->key != NULL ? private_key_ref(from->key) : NULL;
    pthread_mutex_unlock(&from->lock);
    return result;
}

/* Moves what `to` lacks out of the list; what it has stays behind. */
static void apply_missing(struct entry_state *to, struct cert_property **list,
                          struct private_key **key)
{
    pthread_mutex_lock(&to->lock);
    for (struct cert_property **p = list; *p != NULL;) {
        struct cert_property *property = *p;
        struct cert_property **place = find_property(to, property->id);
        if (*place != NULL) {
            p = &property->next;
            continue;
        }
        *p = property->next;
        property->next = NULL;
        *place = property;
    }
    if (to->key == NULL) {
        to->key = *key;
        *key = NULL;
    }
    pthread_mutex_unlock(&to->lock);
}

err entry_inherit(struct entry *to, struct entry *from)
{
    struct cert_property *list = NULL;
    struct private_key *key = NULL;
    struct entry_state *source = entry_state(from);
    if (source == NULL || source == entry_state(to))
        return OK;
    struct entry_state *target = entry_state_make(to);
    if (target == NULL)
        return FAIL(ERR_NO_MEMORY);
    err result = snapshot(source, &list, &key);
    if (result == OK)
        apply_missing(target, &list, &key);
    property_list_free(list);
    private_key_free(key);
    return result;
}

err entry_replace_properties(struct entry *entry, struct cert_property *list)
{
    struct entry_state *state = list != NULL ? entry_state_make(entry) : entry_state(entry);
    if (state == NULL) {
        property_list_free(list);
        return list != NULL ? FAIL(ERR_NO_MEMORY) : OK;
    }
    struct cert_property *old = NULL;
    pthread_mutex_lock(&state->lock);
    for (struct cert_property **p = &state->properties; *p != NULL;) {
        struct cert_property *property = *p;
        if (property_is_handle(property->id) || property->is_transient) {
            p = &property->next;
            continue;
        }
        *p = property->next;
        property->next = old;
        old = property;
    }
    while (list != NULL) {
        struct cert_property *property = list;
        list = property->next;
        struct cert_property **place = find_property(state, property->id);
        property->next = *place != NULL ? (*place)->next : NULL;
        if (*place != NULL) {
            (*place)->next = old;
            old = *place;
        }
        *place = property;
    }
    pthread_mutex_unlock(&state->lock);
    property_list_free(old);
    return OK;
}
