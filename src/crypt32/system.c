/* SPDX-License-Identifier: MIT */
/* The system's stores as programs open them. What is seen through them is told in system.h. */
#include "crypt32/system.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "crypt32/cert.h"
#include "crypt32/places.h"
#include "crypt32/shelf.h"

/* ---- places ---------------------------------------------------------------------------- */

static pthread_mutex_t hooks_lock = PTHREAD_MUTEX_INITIALIZER;
static char machine_folder[FOLDER_PATH_MAX] = SCHANNEL_SYSCONFDIR;
static bool pretends_privileged;

void system_use_machine(const char *folder)
{
    pthread_mutex_lock(&hooks_lock);
    (void)snprintf(machine_folder, sizeof machine_folder, "%s",
                   folder != NULL ? folder : SCHANNEL_SYSCONFDIR);
    pthread_mutex_unlock(&hooks_lock);
    system_forget();
}

void system_pretend_privileged(bool is_privileged)
{
    pthread_mutex_lock(&hooks_lock);
    pretends_privileged = is_privileged;
    pthread_mutex_unlock(&hooks_lock);
    system_forget();
}

static bool is_privileged(void)
{
    pthread_mutex_lock(&hooks_lock);
    bool pretends = pretends_privileged;
    pthread_mutex_unlock(&hooks_lock);
    return pretends || getauxval(AT_SECURE) != 0;
}

/* "" when the user has no folder. */
static void user_base(char out[FOLDER_PATH_MAX])
{
    const char *data = secure_getenv("XDG_DATA_HOME");
    const char *home = secure_getenv("HOME");
    int n = 0;
    if (is_privileged())
        n = -1;
    else if (data != NULL && data[0] == '/')
        n = snprintf(out, FOLDER_PATH_MAX, "%s", data);
    else if (home != NULL && home[0] == '/')
        n = snprintf(out, FOLDER_PATH_MAX, "%s/.local/share", home);
    if (n <= 0 || n >= FOLDER_PATH_MAX)
        out[0] = 0;
}

struct folder_path keys_path(void)
{
    struct folder_path path = {
        .parts = {"schannel", "keys"}, .part_count = 2, .owner = FOLDER_USER};
    user_base(path.base);
    return path;
}

struct folder_path system_path(enum folder_owner owner, const char *name)
{
    struct folder_path path = {
        .parts = {"schannel", "stores", name}, .part_count = name != NULL ? 3 : 2, .owner = owner};
    if (owner == FOLDER_USER) {
        user_base(path.base);
        return path;
    }
    pthread_mutex_lock(&hooks_lock);
    (void)snprintf(path.base, sizeof path.base, "%s", machine_folder);
    pthread_mutex_unlock(&hooks_lock);
    return path;
}

bool system_root_is_exclusive(void)
{
    DWORD error;
    struct folder_path path = system_path(FOLDER_MACHINE, "ROOT");
    int folder = folder_open(&path, false, &error);
    bool is_exclusive = folder >= 0 && folder_has(folder, "exclusive");
    if (folder >= 0)
        close(folder);
    return is_exclusive;
}

/* ---- names ----------------------------------------------------------------------------- */

/* Those that every system has; their folders are spelled so. */
static const char *const known_names[] = {
    "MY",
    "ROOT",
    "CA",
    "Trust",
    "Disallowed",
    "TrustedPeople",
    "TrustedPublisher",
    "AuthRoot",
    "UserDS",
    "AddressBook",
    "SmartCardRoot",
    "Client Authentication Issuers",
    "NTAuth",
};

/* Names become folders: printable ASCII, no path. */
static bool is_name(const char *name)
{
    size_t n = name != NULL ? strlen(name) : 0;
    if (n == 0 || n > FOLDER_NAME_MAX || name[0] == '.')
        return false;
    for (size_t i = 0; i < n; i++) {
        if (name[i] < ' ' || name[i] > '~' || name[i] == '/' || name[i] == '\\')
            return false;
    }
    return true;
}

struct search {
    const char *name;
    char found[FOLDER_NAME_MAX + 1]; /* "" : none */
};

static err compare_folder(int folder, const char *name, void *arg)
{
    struct search *search = arg;
    (void)folder;
    if (search->found[0] == 0 && strcasecmp(name, search->name) == 0)
        (void)snprintf(search->found, sizeof search->found, "%s", name);
    return OK;
}

/* The spelling of a folder that is there. ERR_NO_MEMORY. */
static err find_folder(enum folder_owner owner, struct search *search)
{
    DWORD error;
    struct folder_path path = system_path(owner, NULL);
    int folder = folder_open(&path, false, &error);
    if (folder < 0)
        return OK;
    err result = folder_each(folder, compare_folder, search);
    close(folder);
    return result;
}

/* ---- opening --------------------------------------------------------------------------- */

enum location { LOCATION_NONE, LOCATION_USER, LOCATION_MACHINE };

static enum location location_of(DWORD flags, bool *out_is_read_only)
{
    DWORD location = flags & CERT_SYSTEM_STORE_LOCATION_MASK;
    *out_is_read_only = location == CERT_SYSTEM_STORE_CURRENT_USER_GROUP_POLICY ||
                        location == CERT_SYSTEM_STORE_LOCAL_MACHINE_GROUP_POLICY;
    switch (location) {
    case CERT_SYSTEM_STORE_CURRENT_USER:
    case CERT_SYSTEM_STORE_CURRENT_SERVICE:
    case CERT_SYSTEM_STORE_CURRENT_USER_GROUP_POLICY:
        return LOCATION_USER;
    case CERT_SYSTEM_STORE_LOCAL_MACHINE:
    case CERT_SYSTEM_STORE_LOCAL_MACHINE_GROUP_POLICY:
    case CERT_SYSTEM_STORE_LOCAL_MACHINE_ENTERPRISE:
        return LOCATION_MACHINE;
    default:
        return LOCATION_NONE;
    }
}

struct opening {
    char name[FOLDER_NAME_MAX + 1];
    enum folder_owner owner;
    bool is_known; /* one of those that every system has */
    bool is_there;
    bool is_read_only;
    DWORD flags;
};

static DWORD settle_name(const char *name, struct opening *o)
{
    struct search search = {.name = name};
    for (size_t i = 0; i < ARRAY_LEN(known_names) && !o->is_known; i++) {
        o->is_known = strcasecmp(name, known_names[i]) == 0;
        if (o->is_known)
            name = known_names[i];
    }
    (void)snprintf(o->name, sizeof o->name, "%s", name);
    if (find_folder(o->owner, &search) != OK)
        return ERROR_NOT_ENOUGH_MEMORY;
    if (search.found[0] != 0)
        (void)snprintf(o->name, sizeof o->name, "%s", search.found);
    o->is_there = o->is_known || search.found[0] != 0;
    return 0;
}

static DWORD settle(const char *name, DWORD flags, struct opening *o)
{
    enum location location = location_of(flags, &o->is_read_only);
    if (!is_name(name) || location == LOCATION_NONE)
        return ERROR_FILE_NOT_FOUND;
    o->flags = flags;
    o->owner = location == LOCATION_USER ? FOLDER_USER : FOLDER_MACHINE;
    o->is_read_only = o->is_read_only || (flags & CERT_STORE_READONLY_FLAG) != 0;
    DWORD error = settle_name(name, o);
    if (error != 0 || (flags & CERT_STORE_DELETE_FLAG) != 0)
        return error;
    if (o->is_there)
        return (flags & CERT_STORE_CREATE_NEW_FLAG) != 0 ? ERROR_FILE_EXISTS : 0;
    bool must_be_there = o->is_read_only || (flags & CERT_STORE_OPEN_EXISTING_FLAG) != 0;
    return must_be_there ? ERROR_FILE_NOT_FOUND : 0;
}

/* The store's own folder. */
static DWORD open_own(const struct opening *o, struct store **out)
{
    struct folder_path path = system_path(o->owner, o->name);
    DWORD error = shelf_open(&path, o->is_read_only, !o->is_there, out);
    if (error == ERROR_ACCESS_DENIED && (o->flags & CERT_STORE_MAXIMUM_ALLOWED_FLAG) != 0)
        error = shelf_open(&path, true, false, out);
    if (error == 0)
        (*out)->shows_archived = (o->flags & CERT_STORE_ENUM_ARCHIVED_FLAG) != 0;
    return error;
}

/* Takes the store over. */
static DWORD join_store(struct store *collection, struct store *member, bool takes_entries)
{
    err result = collection_add(collection, member, takes_entries, 0);
    store_release(member);
    return result == OK ? 0 : cert_last_error(result);
}

static DWORD add_machine(const struct opening *o, struct store *collection)
{
    struct store *machine;
    struct opening above = {.owner = FOLDER_MACHINE};
    DWORD error = settle_name(o->name, &above);
    if (error != 0)
        return error;
    struct folder_path path = system_path(FOLDER_MACHINE, above.name);
    error = shelf_open(&path, true, false, &machine);
    return error == 0 ? join_store(collection, machine, false) : error;
}

static DWORD add_bundle(struct store *collection)
{
    struct store *bundle;
    DWORD error = 0;
    if (system_root_is_exclusive())
        return 0;
    if (bundle_open(&bundle, &error) != OK)
        return error;
    return join_store(collection, bundle, false);
}

static DWORD fill(const struct opening *o, struct store *collection)
{
    struct store *own;
    DWORD error = open_own(o, &own);
    if (error == 0)
        error = join_store(collection, own, true);
    if (error == 0 && o->owner == FOLDER_USER && strcmp(o->name, "MY") != 0)
        error = add_machine(o, collection);
    if (error == 0 && strcmp(o->name, "ROOT") == 0)
        error = add_bundle(collection);
    return error;
}

static DWORD open_settled(const struct opening *o, bool is_alone, struct store **out)
{
    struct folder_path path = system_path(o->owner, o->name);
    if ((o->flags & CERT_STORE_DELETE_FLAG) != 0)
        return shelf_delete(&path);
    if (is_alone)
        return open_own(o, out);
    if (collection_new(out) != OK)
        return ERROR_NOT_ENOUGH_MEMORY;
    DWORD error = fill(o, *out);
    if (error == 0) {
        (*out)->is_read_only = o->is_read_only;
        (*out)->shows_archived = (o->flags & CERT_STORE_ENUM_ARCHIVED_FLAG) != 0;
        return 0;
    }
    store_release(*out);
    *out = NULL;
    return error;
}

DWORD system_open(const char *name, DWORD flags, struct store **out)
{
    struct opening o = {0};
    *out = NULL;
    DWORD error = settle(name, flags, &o);
    return error == 0 ? open_settled(&o, false, out) : error;
}

DWORD system_open_alone(const char *name, DWORD flags, struct store **out)
{
    struct opening o = {0};
    bool is_read_only;
    *out = NULL;
    if (location_of(flags, &is_read_only) == LOCATION_NONE)
        return (DWORD)E_INVALIDARG;
    DWORD error = settle(name, flags, &o);
    return error == 0 ? open_settled(&o, true, out) : error;
}

/* ---- enumeration ----------------------------------------------------------------------- */

struct visit {
    bool (*visit)(const char *name, void *arg);
    void *arg;
    bool has_ended;
};

static void visit_one(struct visit *v, const char *name)
{
    if (!v->has_ended)
        v->has_ended = !v->visit(name, v->arg);
}

static err visit_folder(int folder, const char *name, void *arg)
{
    (void)folder;
    for (size_t i = 0; i < ARRAY_LEN(known_names); i++) {
        if (strcasecmp(name, known_names[i]) == 0)
            return OK;
    }
    if (is_name(name))
        visit_one(arg, name);
    return OK;
}

DWORD system_each(DWORD flags, bool (*visit)(const char *name, void *arg), void *arg)
{
    struct visit v = {.visit = visit, .arg = arg};
    bool is_read_only;
    DWORD error;
    enum location location = location_of(flags, &is_read_only);
    if (location == LOCATION_NONE)
        return (DWORD)E_INVALIDARG;
    for (size_t i = 0; i < ARRAY_LEN(known_names); i++)
        visit_one(&v, known_names[i]);
    struct folder_path path =
        system_path(location == LOCATION_USER ? FOLDER_USER : FOLDER_MACHINE, NULL);
    int folder = folder_open(&path, false, &error);
    if (folder < 0)
        return 0;
    err result = folder_each(folder, visit_folder, &v);
    close(folder);
    return result == OK ? 0 : ERROR_NOT_ENOUGH_MEMORY;
}
