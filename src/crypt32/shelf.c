/* SPDX-License-Identifier: MIT */
/*
 * Stores in folders; what the files are is told in shelf.h. Entries are read when the store is
 * opened and when CertControlStore asks for it; changes are written at once.
 */
#include "crypt32/shelf.h"

#include <stdio.h>
#include <unistd.h>

#include "crypt32/cert.h"
#include "crypt32/crl.h"
#include "crypt32/serialize.h"

enum { CERT_FILE_MAX = 4 << 20, CRL_FILE_MAX = 64 << 20, KEY_FILE_MAX = 64 << 10 };
enum { PROPERTY_FILE_MAX = 4 << 20, STEM_MAX = FOLDER_NAME_MAX };

static const char *const our_suffixes[] = {".cer", ".crt", ".der", ".pem",  ".crl",
                                           ".p12", ".pfx", ".key", ".prop", "exclusive"};

struct shelf {
    atomic_int refs;
    pthread_mutex_t lock; /* one writer at a time */
    struct folder_path path;
    char name[FOLDER_NAME_MAX + 1]; /* what the last part of the path points to */
    bool is_read_only;
};

struct shelf_place {
    struct place base; /* first */
    atomic_int refs;
    struct shelf *shelf;
    bool is_fixed; /* the file holds others, too: it is not touched */
    const char *suffix;
    char stem[STEM_MAX + 1];
};

/* ---- lifetime -------------------------------------------------------------------------- */

static struct shelf *shelf_new(const struct folder_path *path, bool is_read_only)
{
    struct shelf *shelf = mem_alloc(sizeof *shelf);
    if (shelf == NULL)
        return NULL;
    atomic_init(&shelf->refs, 1);
    pthread_mutex_init(&shelf->lock, NULL);
    shelf->path = *path;
    (void)snprintf(shelf->name, sizeof shelf->name, "%s", path->parts[path->part_count - 1]);
    shelf->path.parts[path->part_count - 1] = shelf->name;
    shelf->is_read_only = is_read_only;
    return shelf;
}

static void shelf_release(struct shelf *shelf)
{
    if (shelf == NULL || atomic_fetch_sub(&shelf->refs, 1) != 1)
        return;
    pthread_mutex_destroy(&shelf->lock);
    mem_free(shelf);
}

static struct place *place_ref(struct place *place)
{
    atomic_fetch_add(&((struct shelf_place *)place)->refs, 1);
    return place;
}

static void place_release(struct place *base)
{
    struct shelf_place *place = (struct shelf_place *)base;
    if (atomic_fetch_sub(&place->refs, 1) != 1)
        return;
    shelf_release(place->shelf);
    mem_free(place);
}

static DWORD write_properties(struct place *base, struct entry_state *state);

static struct shelf_place *place_new(struct shelf *shelf, const char *stem, const char *suffix,
                                     bool is_fixed)
{
    struct shelf_place *place = mem_alloc(sizeof *place);
    if (place == NULL)
        return NULL;
    place->base =
        (struct place){.write = write_properties, .ref = place_ref, .release = place_release};
    place->base.access = CERT_ACCESS_STATE_SYSTEM_STORE_FLAG;
    if (shelf->path.owner == FOLDER_MACHINE)
        place->base.access |= CERT_ACCESS_STATE_LM_SYSTEM_STORE_FLAG;
    atomic_init(&place->refs, 1);
    place->shelf = shelf;
    atomic_fetch_add(&shelf->refs, 1);
    place->is_fixed = is_fixed;
    place->suffix = suffix;
    (void)snprintf(place->stem, sizeof place->stem, "%s", stem);
    return place;
}

/* With a reference; NULL: it is kept nowhere. */
static struct shelf_place *place_of(struct entry *entry)
{
    struct entry_state *state = entry_state(entry);
    if (state == NULL)
        return NULL;
    pthread_mutex_lock(&state->lock);
    struct place *place = state->place != NULL ? place_ref(state->place) : NULL;
    pthread_mutex_unlock(&state->lock);
    return (struct shelf_place *)place;
}

/* ---- reading --------------------------------------------------------------------------- */

struct reading {
    struct store *store;
    struct shelf *shelf; /* NULL: entries are only looked at, without their keys */
    enum folder_owner owner;
};

static bool join(char out[STEM_MAX + 16], const char *stem, const char *suffix)
{
    int n = snprintf(out, STEM_MAX + 16, "%s%s", stem, suffix);
    return n > 0 && n <= FOLDER_NAME_MAX;
}

static bool is_pem(struct span bytes)
{
    return memmem(bytes.p, bytes.n, "-----BEGIN ", 11) != NULL;
}

static err parse_certificates(struct store *store, struct span bytes)
{
    return is_pem(bytes) ? pem_certificates(store, (const char *)bytes.p, bytes.n, NULL)
                         : store_add_der(store, bytes, NULL);
}

static err parse_list(struct store *store, struct span bytes)
{
    if (!is_pem(bytes))
        return store_add_crl_der(store, bytes);
    char *name = NULL;
    char *header = NULL;
    unsigned char *der = NULL;
    long n = 0;
    BIO *bio = BIO_new_mem_buf(bytes.p, (int)bytes.n);
    err result = FAIL(ERR_CERT_PARSE);
    if (bio != NULL && PEM_read_bio(bio, &name, &header, &der, &n) == 1 &&
        strcmp(name, PEM_STRING_X509_CRL) == 0)
        result = store_add_crl_der(store, span_of(der, (size_t)n));
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(der);
    BIO_free(bio);
    return result;
}

static void copy_all(struct store *to, struct store *from, err *result)
{
    for (size_t i = 0; *result == OK; i++) {
        struct cert *cert = store_entry(from, i);
        if (cert == NULL)
            break;
        struct entry *copy;
        *result = cert_type.copy(&cert->base, &copy);
        if (*result == OK) {
            *result = entry_inherit(copy, &cert->base);
            if (*result == OK)
                *result = store_adopt(to, copy, STORE_TAIL, NULL);
            else
                entry_release(copy);
        }
        cert_release(cert);
    }
}

static err parse_pfx(struct store *store, struct span bytes)
{
    static const WCHAR empty[1];
    CRYPT_DATA_BLOB blob = {.cbData = (DWORD)bytes.n, .pbData = (BYTE *)(uintptr_t)bytes.p};
    HCERTSTORE pfx = PFXImportCertStore(&blob, NULL, CRYPT_EXPORTABLE);
    if (pfx == NULL && GetLastError() == ERROR_INVALID_PASSWORD)
        pfx = PFXImportCertStore(&blob, empty, CRYPT_EXPORTABLE);
    if (pfx == NULL)
        return GetLastError() == ERROR_NOT_ENOUGH_MEMORY ? FAIL(ERR_NO_MEMORY)
                                                         : FAIL(ERR_CERT_PARSE);
    err result = OK;
    copy_all(store, store_of(pfx), &result);
    CertCloseStore(pfx, 0);
    return result;
}

static const struct file_kind {
    const char *suffix;
    err (*parse)(struct store *store, struct span bytes);
    size_t max;
    bool is_secret;
    bool is_container; /* whatever is in there stays in there */
} kinds[] = {
    {".cer", parse_certificates, CERT_FILE_MAX, false, false},
    {".crt", parse_certificates, CERT_FILE_MAX, false, false},
    {".der", parse_certificates, CERT_FILE_MAX, false, false},
    {".pem", parse_certificates, CERT_FILE_MAX, false, false},
    {".crl", parse_list, CRL_FILE_MAX, false, false},
    {".p12", parse_pfx, CERT_FILE_MAX, true, true},
    {".pfx", parse_pfx, CERT_FILE_MAX, true, true},
};

static const struct file_kind *kind_of(const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        size_t m = strlen(kinds[i].suffix);
        if (n > m && strcmp(name + n - m, kinds[i].suffix) == 0)
            return &kinds[i];
    }
    return NULL;
}

static bool is_memory(err result)
{
    return result == ERR_NO_MEMORY;
}

static err parse_key(struct span bytes, struct private_key **out)
{
    DWORD error;
    *out = NULL;
    if (is_pem(bytes))
        return pem_private_key((const char *)bytes.p, bytes.n, NULL, out, &error);
    const unsigned char *p = bytes.p;
    PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)bytes.n);
    EVP_PKEY *pkey = info != NULL && p == bytes.p + bytes.n
                         ? EVP_PKCS82PKEY_ex(info, crypto_context(), NULL)
                         : NULL;
    PKCS8_PRIV_KEY_INFO_free(info);
    if (pkey == NULL)
        return FAIL(ERR_CERT_KEY);
    err result = private_key_new(out, pkey);
    EVP_PKEY_free(pkey);
    return result;
}

/* A key that is not there, not closed to others, or another one's is none. */
static err read_key(const struct reading *r, int folder, const char *stem, struct entry *entry)
{
    char name[STEM_MAX + 16];
    struct buf bytes;
    struct private_key *key = NULL;
    if (entry->type->kind != ENTRY_CERT || !join(name, stem, ".key"))
        return OK;
    err result = folder_read(folder, name, r->owner, true, KEY_FILE_MAX, &bytes);
    if (result != OK)
        return is_memory(result) ? result : OK;
    result = parse_key(buf_span(&bytes), &key);
    buf_release(&bytes);
    if (result == OK && key != NULL)
        result = cert_bind_key(cert_of_entry(entry), key);
    private_key_free(key);
    return is_memory(result) ? result : OK;
}

static err read_properties(const struct reading *r, int folder, const char *stem,
                           struct entry *entry)
{
    char name[STEM_MAX + 16];
    struct buf bytes;
    struct cert_property *list;
    if (!join(name, stem, ".prop"))
        return OK;
    err result = folder_read(folder, name, r->owner, false, PROPERTY_FILE_MAX, &bytes);
    if (result != OK)
        return is_memory(result) ? result : OK;
    result = serialized_read_properties(buf_span(&bytes), &list);
    buf_release(&bytes);
    if (result != OK)
        return is_memory(result) ? result : OK;
    return entry_replace_properties(entry, list);
}

/* What belongs to one entry of a file, and the way back to it. */
static err furnish(const struct reading *r, int folder, const char *stem,
                   const struct file_kind *kind, bool is_alone, struct entry *entry)
{
    if (is_alone)
        TRY(read_properties(r, folder, stem, entry));
    if (r->shelf == NULL)
        return OK;
    if (is_alone)
        TRY(read_key(r, folder, stem, entry));
    struct shelf_place *place = place_new(r->shelf, stem, kind->suffix, !is_alone);
    if (place == NULL)
        return FAIL(ERR_NO_MEMORY);
    err result = entry_set_place(entry, &place->base);
    if (result != OK)
        place_release(&place->base);
    return result;
}

static err take_entry(const struct reading *r, int folder, const char *stem,
                      const struct file_kind *kind, bool is_alone, struct entry *from)
{
    struct entry *copy;
    struct entry *same = store_find_same(r->store, from, false);
    entry_release(same);
    if (same != NULL)
        return OK;
    TRY(from->type->copy(from, &copy));
    err result = entry_inherit(copy, from);
    if (result == OK)
        result = furnish(r, folder, stem, kind, is_alone, copy);
    if (result != OK) {
        entry_release(copy);
        return result;
    }
    return store_adopt(r->store, copy, STORE_TAIL, NULL);
}

static err take_entries(const struct reading *r, int folder, const char *stem,
                        const struct file_kind *kind, struct store *found)
{
    err result = OK;
    size_t count = found->lists[ENTRY_CERT].count + found->lists[ENTRY_CRL].count;
    bool is_alone = count == 1 && !kind->is_container;
    for (enum entry_kind k = 0; k < ENTRY_KINDS; k++) {
        for (size_t i = 0; result == OK; i++) {
            struct entry *entry = store_entry_at(found, k, i);
            if (entry == NULL)
                break;
            result = take_entry(r, folder, stem, kind, is_alone, entry);
            entry_release(entry);
        }
    }
    return result;
}

static err visit_file(int folder, const char *name, void *arg)
{
    const struct reading *r = arg;
    const struct file_kind *kind = kind_of(name);
    struct buf bytes;
    struct store *found;
    char stem[STEM_MAX + 1];
    if (kind == NULL)
        return OK;
    (void)snprintf(stem, sizeof stem, "%.*s", (int)(strlen(name) - strlen(kind->suffix)), name);
    err result = folder_read(folder, name, r->owner, kind->is_secret, kind->max, &bytes);
    if (result != OK)
        return is_memory(result) ? result : OK;
    result = store_new(&found);
    if (result == OK) {
        result = kind->parse(found, buf_span(&bytes));
        if (result == OK)
            result = take_entries(r, folder, stem, kind, found);
        store_release(found);
    }
    buf_release(&bytes);
    return is_memory(result) ? result : OK;
}

static err read_folder(const struct folder_path *path, struct reading *r)
{
    DWORD error;
    int folder = folder_open(path, false, &error);
    if (folder < 0)
        return error == ERROR_NOT_ENOUGH_MEMORY ? FAIL(ERR_NO_MEMORY) : OK;
    crypto_mark();
    err result = folder_each(folder, visit_file, r);
    crypto_unmark();
    close(folder);
    return result;
}

err shelf_read(const struct folder_path *path, struct store *store)
{
    struct reading r = {.store = store, .owner = path->owner};
    return read_folder(path, &r);
}

/* ---- writing --------------------------------------------------------------------------- */

static DWORD error_of(err result)
{
    return result == OK ? 0 : cert_last_error(result);
}

/* An empty file is none. */
static DWORD write_file(int folder, const char *stem, const char *suffix, struct span bytes,
                        bool is_secret)
{
    char name[STEM_MAX + 16];
    if (!join(name, stem, suffix))
        return ERROR_WRITE_FAULT;
    return bytes.n != 0 ? folder_write(folder, name, bytes, is_secret)
                        : folder_remove(folder, name);
}

/* Nothing when there is nothing to keep. */
static DWORD write_state(int folder, const char *stem, struct entry_state *state)
{
    enum { EMPTY_LEN = 12 };
    struct buf bytes;
    buf_init(&bytes, PROPERTY_FILE_MAX);
    DWORD error = error_of(serialized_write_properties(state, &bytes));
    if (error == 0)
        error = write_file(folder, stem, ".prop",
                           bytes.n > EMPTY_LEN ? buf_span(&bytes) : span_empty(), false);
    buf_release(&bytes);
    return error;
}

/* A key that lives in a container or behind a provider stays there. */
static err key_bytes(struct entry *entry, struct buf *out)
{
    unsigned char *der = NULL;
    buf_init(out, KEY_FILE_MAX);
    if (entry->type->kind != ENTRY_CERT || entry_has_property(entry, CERT_KEY_PROV_INFO_PROP_ID))
        return OK;
    struct private_key *key = cert_bound_key(cert_of_entry(entry));
    if (key == NULL)
        return OK;
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(private_key_object(key));
    int n = info != NULL ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : 0;
    if (n > 0) {
        wr_bytes(out, span_of(der, (size_t)n));
        OPENSSL_clear_free(der, (size_t)n);
    }
    PKCS8_PRIV_KEY_INFO_free(info);
    private_key_free(key);
    return buf_check(out);
}

static DWORD write_key(int folder, const char *stem, struct entry *entry)
{
    struct buf bytes;
    DWORD error = error_of(key_bytes(entry, &bytes));
    if (error == 0)
        error = write_file(folder, stem, ".key", buf_span(&bytes), true);
    buf_release(&bytes);
    return error;
}

/* The entry's own file comes last: who sees it sees all of it. */
static DWORD write_entry(int folder, const struct shelf_place *place, struct entry *entry)
{
    DWORD error = write_key(folder, place->stem, entry);
    if (error == 0)
        error = write_state(folder, place->stem, entry_state(entry));
    if (error == 0)
        error = write_file(folder, place->stem, place->suffix, entry->type->der(entry), false);
    return error;
}

static DWORD remove_entry(int folder, const struct shelf_place *place)
{
    const char *const suffixes[] = {place->suffix, ".prop", ".key"};
    DWORD error = 0;
    for (size_t i = 0; i < ARRAY_LEN(suffixes) && error == 0; i++)
        error = write_file(folder, place->stem, suffixes[i], span_empty(), false);
    return error;
}

/* Whole or, where nothing was before, not at all. */
static DWORD write_whole_entry(int folder, const struct shelf_place *place, struct entry *entry)
{
    char name[STEM_MAX + 16];
    bool was_there = !join(name, place->stem, place->suffix) || folder_has(folder, name);
    DWORD error = write_entry(folder, place, entry);
    if (error != 0 && !was_there)
        (void)remove_entry(folder, place);
    return error;
}

static DWORD write_properties(struct place *base, struct entry_state *state)
{
    const struct shelf_place *place = (const struct shelf_place *)base;
    DWORD error;
    if (place->is_fixed || place->shelf->is_read_only)
        return 0;
    pthread_mutex_lock(&place->shelf->lock);
    int folder = folder_open(&place->shelf->path, true, &error);
    if (folder >= 0) {
        error = write_state(folder, place->stem, state);
        close(folder);
    }
    pthread_mutex_unlock(&place->shelf->lock);
    return error;
}

/* The thumbprint in hexadecimal digits. */
static err name_entry(const struct entry *entry, char out[2 * HASH_MAX + 1])
{
    uint8_t digest[HASH_MAX];
    TRY(hash_once(HASH_SHA1, entry->type->der(entry), digest));
    for (size_t i = 0; i < hash_len(HASH_SHA1); i++)
        (void)snprintf(out + 2 * i, 3, "%02x", digest[i]);
    return OK;
}

static DWORD keep_new(struct shelf *shelf, struct entry *entry)
{
    char stem[2 * HASH_MAX + 1];
    DWORD error = error_of(name_entry(entry, stem));
    if (error != 0)
        return error;
    struct shelf_place *place =
        place_new(shelf, stem, entry->type->kind == ENTRY_CERT ? ".cer" : ".crl", false);
    if (place == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    if (entry_set_place(entry, &place->base) != OK) {
        place_release(&place->base);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    pthread_mutex_lock(&shelf->lock);
    int folder = folder_open(&shelf->path, true, &error);
    if (folder >= 0) {
        error = write_whole_entry(folder, place, entry);
        close(folder);
    }
    pthread_mutex_unlock(&shelf->lock);
    return error;
}

/* What an entry that is there has learned. */
static DWORD keep_old(const struct shelf_place *place, struct entry *entry)
{
    DWORD error;
    if (place->is_fixed)
        return 0;
    pthread_mutex_lock(&place->shelf->lock);
    int folder = folder_open(&place->shelf->path, true, &error);
    if (folder >= 0) {
        error = write_key(folder, place->stem, entry);
        if (error == 0)
            error = write_state(folder, place->stem, entry_state(entry));
        close(folder);
    }
    pthread_mutex_unlock(&place->shelf->lock);
    return error;
}

static DWORD shelf_keep(struct store *store, struct entry *entry)
{
    struct shelf_place *place = place_of(entry);
    if (place == NULL)
        return keep_new(store->data, entry);
    DWORD error = keep_old(place, entry);
    place_release(&place->base);
    return error;
}

static bool same_file(const struct shelf_place *a, const struct shelf_place *b)
{
    return b != NULL && a->shelf == b->shelf && strcmp(a->stem, b->stem) == 0 &&
           strcmp(a->suffix, b->suffix) == 0;
}

static DWORD remove_files(const struct shelf_place *place)
{
    DWORD error;
    if (place->is_fixed)
        return ERROR_ACCESS_DENIED;
    int folder = folder_open(&place->shelf->path, false, &error);
    if (folder < 0)
        return error == ERROR_FILE_NOT_FOUND ? 0 : error;
    error = remove_entry(folder, place);
    close(folder);
    return error;
}

static DWORD shelf_drop(struct store *store, struct entry *entry, struct entry *successor)
{
    (void)store;
    struct shelf_place *place = place_of(entry);
    struct shelf_place *other = successor != NULL ? place_of(successor) : NULL;
    DWORD error = 0;
    if (place != NULL && !same_file(place, other)) {
        pthread_mutex_lock(&place->shelf->lock);
        error = remove_files(place);
        pthread_mutex_unlock(&place->shelf->lock);
    }
    if (other != NULL)
        place_release(&other->base);
    if (place != NULL)
        place_release(&place->base);
    return error;
}

/* ---- the store ------------------------------------------------------------------------- */

static void shelf_close(struct store *store)
{
    shelf_release(store->data);
}

/* Properties and key of what was read anew go to the entry that is there. */
static err refresh(struct entry *entry, struct entry *fresh)
{
    struct entry_state *from = entry_state(fresh);
    struct cert_property *list = NULL;
    struct private_key *key = NULL;
    if (from != NULL) {
        pthread_mutex_lock(&from->lock);
        list = from->properties;
        key = from->key;
        from->properties = NULL;
        from->key = NULL;
        pthread_mutex_unlock(&from->lock);
    }
    err result = entry_replace_properties(entry, list);
    struct entry_state *to = entry_state(entry);
    if (to != NULL && key != NULL) {
        pthread_mutex_lock(&to->lock);
        struct private_key *old = to->key;
        to->key = key;
        pthread_mutex_unlock(&to->lock);
        key = old;
    }
    private_key_free(key);
    return result;
}

/* What is gone goes, what is there stays with what is written about it now. */
static err settle_old(struct store *store, struct store *fresh, enum entry_kind kind)
{
    for (size_t i = 0;; i++) {
        struct entry *entry = store_entry_at(store, kind, i);
        if (entry == NULL)
            return OK;
        struct entry *same = store_find_same(fresh, entry, false);
        err result = OK;
        if (same == NULL && !entry->is_link) {
            store_take_out(entry);
            i--;
        } else if (same != NULL && !entry->is_link) {
            result = refresh(entry, same);
        }
        entry_release(same);
        entry_release(entry);
        TRY(result);
    }
}

static err add_new(struct store *store, struct store *fresh, enum entry_kind kind)
{
    for (size_t i = 0;; i++) {
        struct entry *copy;
        struct entry *entry = store_entry_at(fresh, kind, i);
        if (entry == NULL)
            return OK;
        struct entry *same = store_find_same(store, entry, false);
        err result = OK;
        if (same == NULL) {
            result = entry->type->copy(entry, &copy);
            if (result == OK) {
                /* The place goes along: the state is the same. */
                result = entry_share_state(copy, entry);
                if (result == OK)
                    result = store_adopt(store, copy, STORE_TAIL, NULL);
                else
                    entry_release(copy);
            }
        }
        entry_release(same);
        entry_release(entry);
        TRY(result);
    }
}

static DWORD shelf_resync(struct store *store)
{
    struct shelf *shelf = store->data;
    struct store *fresh;
    err result = store_new(&fresh);
    if (result != OK)
        return ERROR_NOT_ENOUGH_MEMORY;
    struct reading r = {.store = fresh, .shelf = shelf, .owner = shelf->path.owner};
    pthread_mutex_lock(&store->adding);
    result = read_folder(&shelf->path, &r);
    for (enum entry_kind kind = 0; result == OK && kind < ENTRY_KINDS; kind++) {
        result = settle_old(store, fresh, kind);
        if (result == OK)
            result = add_new(store, fresh, kind);
    }
    pthread_mutex_unlock(&store->adding);
    store_release(fresh);
    return error_of(result);
}

/* Everything is written at once. */
static DWORD shelf_commit(struct store *store, DWORD flags)
{
    return (flags & CERT_STORE_CTRL_COMMIT_CLEAR_FLAG) != 0 ? shelf_resync(store) : 0;
}

static const struct store_kind kind_shelf = {.name = "folder",
                                             .close = shelf_close,
                                             .keep = shelf_keep,
                                             .drop = shelf_drop,
                                             .resync = shelf_resync,
                                             .commit = shelf_commit};

static DWORD make_folder(const struct folder_path *path)
{
    DWORD error;
    int folder = folder_open(path, true, &error);
    if (folder >= 0)
        close(folder);
    return error;
}

DWORD shelf_open(const struct folder_path *path, bool is_read_only, bool makes, struct store **out)
{
    *out = NULL;
    DWORD error = makes ? make_folder(path) : 0;
    if (error != 0)
        return error;
    struct shelf *shelf = shelf_new(path, is_read_only);
    if (shelf == NULL || store_new(out) != OK) {
        shelf_release(shelf);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    (*out)->kind = &kind_shelf;
    (*out)->data = shelf;
    (*out)->is_read_only = is_read_only;
    struct reading r = {.store = *out, .shelf = shelf, .owner = path->owner};
    error = error_of(read_folder(path, &r));
    if (error == 0)
        return 0;
    store_release(*out);
    *out = NULL;
    return error;
}

DWORD shelf_delete(const struct folder_path *path)
{
    return folder_delete(path, our_suffixes, ARRAY_LEN(our_suffixes));
}
