/* SPDX-License-Identifier: MIT */
/*
 * Views of the system's stores for validation: flat, in memory, kept until a folder changes. A view
 * of a folder that is not there costs nothing.
 */
#include "crypt32/cert.h"
#include "crypt32/crl.h"
#include "crypt32/places.h"
#include "crypt32/shelf.h"
#include "crypt32/system.h"

/* What a view was made of. */
struct sources {
    struct folder_stamp user;
    struct folder_stamp machine;
    struct store *bundle; /* ROOT: with a reference; NULL: none */
};

struct view {
    const char *name;
    bool is_machine;     /* the user's store does not count */
    struct store *store; /* NULL: nothing is kept */
    struct sources sources;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct view views[] = {
    [VIEW_ROOT] = {.name = "ROOT"},
    [VIEW_CA] = {.name = "CA"},
    [VIEW_DISALLOWED] = {.name = "Disallowed"},
    [VIEW_TRUSTED_PEOPLE] = {.name = "TrustedPeople"},
    /* Who may vouch for accounts is not the user's to say. */
    [VIEW_NTAUTH] = {.name = "NTAuth", .is_machine = true},
    [VIEW_MACHINE_ROOT] = {.name = "ROOT", .is_machine = true},
    [VIEW_MACHINE_CA] = {.name = "CA", .is_machine = true},
    [VIEW_MACHINE_TRUSTED_PEOPLE] = {.name = "TrustedPeople", .is_machine = true},
    [VIEW_MACHINE_DISALLOWED] = {.name = "Disallowed", .is_machine = true},
};

static bool has_bundle(const struct view *view)
{
    return view == &views[VIEW_ROOT] || view == &views[VIEW_MACHINE_ROOT];
}

static void forget(struct view *view)
{
    store_release(view->store);
    store_release(view->sources.bundle);
    view->store = NULL;
    view->sources = (struct sources){0};
}

void system_forget(void)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < ARRAY_LEN(views); i++)
        forget(&views[i]);
    pthread_mutex_unlock(&lock);
}

static err look(const struct view *view, struct sources *out, DWORD *out_error)
{
    struct folder_path user = system_path(FOLDER_USER, view->name);
    struct folder_path machine = system_path(FOLDER_MACHINE, view->name);
    *out = (struct sources){.machine = folder_stamp(&machine)};
    if (!view->is_machine)
        out->user = folder_stamp(&user);
    if (!has_bundle(view) || (out->machine.is_there && system_root_is_exclusive()))
        return OK;
    return bundle_open(&out->bundle, out_error);
}

static bool same_sources(const struct sources *a, const struct sources *b)
{
    return a->bundle == b->bundle && folder_same(&a->user, &b->user) &&
           folder_same(&a->machine, &b->machine);
}

static err copy_bundle(struct store *store, struct store *bundle)
{
    for (size_t i = 0;; i++) {
        struct entry *copy;
        struct entry *entry = store_entry_at(bundle, ENTRY_CERT, i);
        if (entry == NULL)
            return OK;
        err result = entry->type->copy(entry, &copy);
        entry_release(entry);
        TRY(result);
        TRY(store_adopt(store, copy, STORE_TAIL, NULL));
    }
}

static err read_all(const struct view *view, const struct sources *sources, struct store *store)
{
    struct folder_path user = system_path(FOLDER_USER, view->name);
    struct folder_path machine = system_path(FOLDER_MACHINE, view->name);
    if (!view->is_machine)
        TRY(shelf_read(&user, store));
    TRY(shelf_read(&machine, store));
    return sources->bundle != NULL ? copy_bundle(store, sources->bundle) : OK;
}

/* Without folders the bundle, or nothing, is all there is. */
static err load(const struct view *view, const struct sources *sources, struct store **out)
{
    *out = sources->bundle != NULL ? sources->bundle : store_nowhere();
    if (!sources->user.is_there && !sources->machine.is_there) {
        store_ref(*out);
        return OK;
    }
    TRY(store_new(out));
    err result = read_all(view, sources, *out);
    (*out)->is_read_only = true;
    if (result == OK)
        return OK;
    store_release(*out);
    *out = NULL;
    return result;
}

/* Takes what the sources hold over. */
static err refresh(struct view *view, struct sources *sources)
{
    struct store *loaded;
    if (view->store != NULL && same_sources(&view->sources, sources)) {
        store_release(sources->bundle);
        return OK;
    }
    err result = load(view, sources, &loaded);
    if (result != OK) {
        store_release(sources->bundle);
        return result;
    }
    forget(view);
    view->store = loaded;
    view->sources = *sources;
    return OK;
}

err system_view_open(enum system_view which, struct store **out, DWORD *out_error)
{
    struct sources sources;
    struct view *view = &views[which];
    *out = NULL;
    *out_error = 0;
    pthread_mutex_lock(&lock);
    err result = look(view, &sources, out_error);
    if (result == OK) {
        result = refresh(view, &sources);
        *out_error = cert_last_error(result);
    }
    if (result == OK) {
        *out = view->store;
        store_ref(*out);
    }
    pthread_mutex_unlock(&lock);
    return result;
}

err roots_open(struct store **out, DWORD *out_error)
{
    return system_view_open(VIEW_ROOT, out, out_error);
}
