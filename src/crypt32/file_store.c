/* SPDX-License-Identifier: MIT */
/*
 * CERT_STORE_PROV_FILENAME, _SERIALIZED, _PKCS7 and _PKCS12. A file is a serialized store, PKCS #7,
 * one certificate, one revocation list, or PEM text with any number of the last three; which one
 * is seen from its bytes. Changes go back to it when the store is closed, if that was asked for.
 */
#include "crypt32/file_store.h"

#include <stdio.h>
#include <unistd.h>

#include "crypt32/cert.h"
#include "crypt32/crl.h"
#include "crypt32/folder.h"
#include "crypt32/pkcs7.h"
#include "crypt32/serialize.h"

enum { STORE_FILE_MAX = 64 << 20 };

struct file_store {
    char *path;
    DWORD save_as;             /* CERT_STORE_SAVE_AS_*; 0: it is never written */
    uint8_t written[HASH_MAX]; /* SHA-256 of what the file would be, unchanged */
};

static DWORD error_of(err result)
{
    return result == OK ? 0 : cert_last_error(result);
}

/* ---- bytes ----------------------------------------------------------------------------- */

static err read_block(struct store *store, const char *name, struct span der)
{
    if (strcmp(name, PEM_STRING_X509) == 0 || strcmp(name, PEM_STRING_X509_OLD) == 0)
        return store_add_der(store, der, NULL);
    if (strcmp(name, PEM_STRING_X509_CRL) == 0)
        return store_add_crl_der(store, der);
    if (strcmp(name, PEM_STRING_PKCS7) == 0 || strcmp(name, PEM_STRING_PKCS7_SIGNED) == 0)
        return pkcs7_read_store(store, der);
    return OK; /* keys and the like */
}

static err read_pem(struct store *store, struct span text)
{
    char *name = NULL;
    char *header = NULL;
    unsigned char *der = NULL;
    long n = 0;
    err result = OK;
    size_t count = 0;
    BIO *bio = BIO_new_mem_buf(text.p, (int)text.n);
    if (bio == NULL)
        return FAIL(ERR_NO_MEMORY);
    while (result == OK && PEM_read_bio(bio, &name, &header, &der, &n) == 1) {
        result = read_block(store, name, span_of(der, (size_t)n));
        count++;
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_clear_free(der, (size_t)n);
    }
    bool ends_well = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    BIO_free(bio);
    if (result == OK && (count == 0 || !ends_well))
        result = FAIL(ERR_CERT_PARSE);
    return result;
}

/* One of several kinds; only the memory of the last one counts as a reason. */
static err read_der(struct store *store, struct span bytes, DWORD *out_save_as)
{
    err result = pkcs7_read_store(store, bytes);
    *out_save_as = result == OK ? CERT_STORE_SAVE_AS_PKCS7 : 0;
    if (result == ERR_CERT_PARSE)
        result = store_add_der(store, bytes, NULL);
    if (result == ERR_CERT_PARSE)
        result = store_add_crl_der(store, bytes);
    return result;
}

/* *out_save_as: the form in which changes can go back, 0: in none. */
static DWORD read_any(struct store *store, struct span bytes, DWORD *out_save_as)
{
    *out_save_as = CERT_STORE_SAVE_AS_STORE;
    if (bytes.n == 0)
        return 0;
    err result;
    if (serialized_is_store(bytes)) {
        result = serialized_read_store(store, bytes);
    } else if (memmem(bytes.p, bytes.n, "-----BEGIN ", 11) != NULL) {
        *out_save_as = 0;
        result = read_pem(store, bytes);
    } else {
        result = read_der(store, bytes, out_save_as);
    }
    return result == ERR_CERT_PARSE ? (DWORD)CRYPT_E_FILE_ERROR : error_of(result);
}

DWORD store_encode(struct store *store, DWORD save_as, struct buf *out)
{
    buf_init(out, SERIALIZED_MAX);
    err result;
    switch (save_as) {
    case CERT_STORE_SAVE_AS_STORE:
        result = serialized_write_store(store, out);
        break;
    case CERT_STORE_SAVE_AS_PKCS7:
        result = pkcs7_write_store(store, out);
        break;
    default:
        return (DWORD)E_INVALIDARG;
    }
    if (result != OK)
        buf_release(out);
    return error_of(result);
}

/* ---- blobs ----------------------------------------------------------------------------- */

static const struct store_kind kind_bytes = {.name = "bytes"};

static DWORD open_bytes(const CRYPT_DATA_BLOB *blob, DWORD flags,
                        err (*read)(struct store *store, struct span bytes), struct store **out)
{
    *out = NULL;
    if (blob == NULL || (blob->cbData != 0 && blob->pbData == NULL))
        return (DWORD)E_INVALIDARG;
    err result = store_new(out);
    if (result != OK)
        return error_of(result);
    (*out)->kind = &kind_bytes;
    (*out)->is_read_only = (flags & CERT_STORE_READONLY_FLAG) != 0;
    result = read(*out, span_of(blob->pbData, blob->cbData));
    if (result == OK)
        return 0;
    store_release(*out);
    *out = NULL;
    return error_of(result);
}

DWORD serialized_store_open(const CRYPT_DATA_BLOB *blob, DWORD flags, struct store **out)
{
    DWORD error = open_bytes(blob, flags, serialized_read_store, out);
    return error == (DWORD)CRYPT_E_ASN1_BADTAG ? (DWORD)CRYPT_E_FILE_ERROR : error;
}

DWORD pkcs7_store_open(const CRYPT_DATA_BLOB *blob, DWORD flags, struct store **out)
{
    return open_bytes(blob, flags, pkcs7_read_store, out);
}

DWORD pkcs12_store_open(const CRYPT_DATA_BLOB *blob, DWORD flags, struct store **out)
{
    static const WCHAR empty[1];
    CRYPT_DATA_BLOB copy = blob != NULL ? *blob : (CRYPT_DATA_BLOB){0};
    HCERTSTORE store = PFXImportCertStore(&copy, NULL, CRYPT_EXPORTABLE);
    if (store == NULL && GetLastError() == ERROR_INVALID_PASSWORD)
        store = PFXImportCertStore(&copy, empty, CRYPT_EXPORTABLE);
    *out = store_of(store);
    if (store == NULL)
        return GetLastError();
    (*out)->kind = &kind_bytes;
    (*out)->is_read_only = (flags & CERT_STORE_READONLY_FLAG) != 0;
    return 0;
}

/* ---- files ----------------------------------------------------------------------------- */

static void file_close(struct store *store)
{
    struct file_store *file = store->data;
    mem_free(file->path);
    mem_free(file);
}

/* What the file would be now. */
static DWORD encode(struct store *store, struct buf *out, uint8_t digest[HASH_MAX])
{
    const struct file_store *file = store->data;
    DWORD error = store_encode(store, file->save_as, out);
    if (error == 0 && hash_once(HASH_SHA256, buf_span(out), digest) != OK) {
        buf_release(out);
        error = (DWORD)NTE_FAIL;
    }
    return error;
}

static DWORD write_back(struct store *store, bool always)
{
    struct file_store *file = store->data;
    struct buf bytes;
    uint8_t digest[HASH_MAX];
    DWORD error = encode(store, &bytes, digest);
    if (error != 0)
        return error;
    size_t n = hash_len(HASH_SHA256);
    if (always || !span_equal(span_of(digest, n), span_of(file->written, n)))
        error = file_write(file->path, buf_span(&bytes), false);
    if (error == 0)
        memcpy(file->written, digest, n);
    buf_release(&bytes);
    return error;
}

/* From here on it counts as written. */
static DWORD mark_written(struct store *store)
{
    struct file_store *file = store->data;
    struct buf bytes;
    DWORD error = encode(store, &bytes, file->written);
    if (error == 0)
        buf_release(&bytes);
    return error;
}

static DWORD file_commit(struct store *store, DWORD flags)
{
    const struct file_store *file = store->data;
    if (file->save_as == 0)
        return ERROR_NOT_SUPPORTED;
    pthread_mutex_lock(&store->adding);
    DWORD error = (flags & CERT_STORE_CTRL_COMMIT_CLEAR_FLAG) != 0
                      ? mark_written(store)
                      : write_back(store, (flags & CERT_STORE_CTRL_COMMIT_FORCE_FLAG) != 0);
    pthread_mutex_unlock(&store->adding);
    return error;
}

static DWORD load(struct store *store, struct store *into, DWORD *out_save_as)
{
    const struct file_store *file = store->data;
    struct buf bytes;
    DWORD error = 0;
    if (read_file(file->path, STORE_FILE_MAX, &bytes, &error) != OK)
        return error;
    error = read_any(into, buf_span(&bytes), out_save_as);
    buf_release(&bytes);
    return error;
}

static void take_out_all(struct store *store, enum entry_kind kind)
{
    for (;;) {
        struct entry *entry = store_entry_at(store, kind, 0);
        if (entry == NULL)
            return;
        store_take_out(entry);
        entry_release(entry);
    }
}

static err copy_all(struct store *to, struct store *from, enum entry_kind kind)
{
    for (size_t i = 0;; i++) {
        struct entry *copy;
        struct entry *entry = store_entry_at(from, kind, i);
        if (entry == NULL)
            return OK;
        err result = entry->type->copy(entry, &copy);
        if (result == OK) {
            result = entry_share_state(copy, entry);
            if (result == OK)
                result = store_adopt(to, copy, STORE_TAIL, NULL);
            else
                entry_release(copy);
        }
        entry_release(entry);
        TRY(result);
    }
}

/* What was changed here and not written is lost. */
static DWORD file_resync(struct store *store)
{
    struct store *fresh;
    DWORD save_as;
    if (store_new(&fresh) != OK)
        return ERROR_NOT_ENOUGH_MEMORY;
    pthread_mutex_lock(&store->adding);
    DWORD error = load(store, fresh, &save_as);
    for (enum entry_kind kind = 0; error == 0 && kind < ENTRY_KINDS; kind++) {
        take_out_all(store, kind);
        error = error_of(copy_all(store, fresh, kind));
    }
    const struct file_store *file = store->data;
    if (error == 0 && file->save_as != 0)
        error = mark_written(store);
    pthread_mutex_unlock(&store->adding);
    store_release(fresh);
    return error;
}

static const struct store_kind kind_file = {
    .name = "file", .close = file_close, .resync = file_resync, .commit = file_commit};

DWORD file_store_flush(struct store *store)
{
    const struct file_store *file = store->kind == &kind_file ? store->data : NULL;
    return file != NULL && file->save_as != 0 ? file_commit(store, 0) : 0;
}

/* Of a file that is not there yet. */
static DWORD form_of_name(const char *path)
{
    static const char *const endings[] = {".p7b", ".p7c", ".spc"};
    size_t n = strlen(path);
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        if (n > 4 && strcasecmp(path + n - 4, endings[i]) == 0)
            return CERT_STORE_SAVE_AS_PKCS7;
    }
    return CERT_STORE_SAVE_AS_STORE;
}

static DWORD fill(struct store *store, DWORD flags)
{
    struct file_store *file = store->data;
    bool commits = (flags & CERT_FILE_STORE_COMMIT_ENABLE_FLAG) != 0;
    bool is_there = access(file->path, F_OK) == 0;
    bool may_make = commits && (flags & CERT_STORE_OPEN_EXISTING_FLAG) == 0;
    DWORD save_as = form_of_name(file->path);
    if (is_there && (flags & CERT_STORE_CREATE_NEW_FLAG) != 0)
        return ERROR_FILE_EXISTS;
    if (!is_there && !may_make)
        return ERROR_FILE_NOT_FOUND;
    DWORD error = is_there ? load(store, store, &save_as) : 0;
    if (error != 0 || !commits)
        return error;
    if (save_as == 0) /* it could not hold what is added */
        return (DWORD)E_INVALIDARG;
    file->save_as = save_as;
    return is_there ? mark_written(store) : write_back(store, true);
}

DWORD file_store_open(const char *path, DWORD flags, struct store **out)
{
    *out = NULL;
    if (path == NULL)
        return ERROR_FILE_NOT_FOUND;
    if ((flags & CERT_STORE_READONLY_FLAG) != 0 &&
        (flags & CERT_FILE_STORE_COMMIT_ENABLE_FLAG) != 0)
        return (DWORD)E_INVALIDARG;
    struct file_store *file = mem_alloc(sizeof *file);
    char *copy = mem_dup(path, strlen(path) + 1);
    if (file == NULL || copy == NULL || store_new(out) != OK) {
        mem_free(file);
        mem_free(copy);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    file->path = copy;
    (*out)->kind = &kind_file;
    (*out)->data = file;
    DWORD error = fill(*out, flags);
    (*out)->is_read_only = (flags & CERT_STORE_READONLY_FLAG) != 0;
    if (error == 0)
        return 0;
    store_release(*out);
    *out = NULL;
    return error;
}
