/* SPDX-License-Identifier: MIT */
/*
 * Key containers as files. A container is `<hash of its name>.name`, which holds the name; its keys
 * are `<hash>.<key spec>.key` beside it: a line about export, then PKCS#8 in PEM. The folder and
 * the files belong to their user alone; what does not is refused (folder.h).
 */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "crypt32/key.h"
#include "crypt32/places.h"

enum { FILE_LEN_MAX = 96, KEY_FILE_MAX = 64 * 1024, NAME_LEN_MAX = 256 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- files ----------------------------------------------------------------------------- */

/* Case does not count. */
static err file_of(const char *name, const char *suffix, char out[FILE_LEN_MAX])
{
    char lower[NAME_LEN_MAX];
    uint8_t digest[HASH_MAX];
    char hex[2 * HASH_MAX + 1];
    size_t n = strlen(name);
    if (n == 0 || n >= sizeof lower)
        return FAIL(ERR_ARGUMENT);
    for (size_t i = 0; i <= n; i++)
        lower[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + ('a' - 'A') : name[i]);
    TRY(hash_once(HASH_SHA256, span_of(lower, n), digest));
    for (size_t i = 0; i < hash_len(HASH_SHA256); i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    (void)snprintf(out, FILE_LEN_MAX, "%.64s%s", hex, suffix);
    return OK;
}

static err key_file_of(const char *name, DWORD key_spec, char out[FILE_LEN_MAX])
{
    char suffix[24];
    (void)snprintf(suffix, sizeof suffix, ".%u.key", (unsigned)key_spec);
    return file_of(name, suffix, out);
}

static err reason_of(DWORD error)
{
    return error == 0                         ? OK
           : error == ERROR_NOT_ENOUGH_MEMORY ? FAIL(ERR_NO_MEMORY)
                                              : FAIL(ERR_KEY_PERMISSION);
}

static err open_folder(int *out)
{
    DWORD error = 0;
    struct folder_path path = keys_path();
    *out = folder_open(&path, true, &error);
    return *out >= 0 ? OK : reason_of(error);
}

static err read_own(const char *file, struct buf *out)
{
    int folder;
    TRY(open_folder(&folder));
    err result = folder_read(folder, file, FOLDER_USER, true, KEY_FILE_MAX, out);
    if (result == ERR_NOT_AVAILABLE)
        result = folder_has(folder, file) ? FAIL(ERR_KEY_PERMISSION) : FAIL(ERR_KEY_NOT_FOUND);
    close(folder);
    return result;
}

static err write_own(const char *file, struct span bytes)
{
    int folder;
    TRY(open_folder(&folder));
    err result = reason_of(folder_write(folder, file, bytes, true));
    close(folder);
    return result;
}

static err remove_own(const char *file)
{
    int folder;
    TRY(open_folder(&folder));
    err result =
        folder_has(folder, file) ? reason_of(folder_remove(folder, file)) : FAIL(ERR_KEY_NOT_FOUND);
    close(folder);
    return result;
}

/* ---- containers ------------------------------------------------------------------------ */

err container_find(const char *name)
{
    char file[FILE_LEN_MAX];
    struct buf text;
    TRY(file_of(name, ".name", file));
    TRY(read_own(file, &text));
    buf_release(&text);
    return OK;
}

static err create(const char *name)
{
    char file[FILE_LEN_MAX];
    err result = container_find(name);
    if (result == OK)
        return FAIL(ERR_KEY_EXISTS);
    if (result != ERR_KEY_NOT_FOUND)
        return result;
    TRY(file_of(name, ".name", file));
    return write_own(file, span_text(name));
}

err container_create(const char *name)
{
    pthread_mutex_lock(&lock);
    err result = create(name);
    pthread_mutex_unlock(&lock);
    return result;
}

static err remove_key(const char *name, DWORD key_spec)
{
    char file[FILE_LEN_MAX];
    TRY(key_file_of(name, key_spec, file));
    return remove_own(file);
}

static err has_keys(const char *name, bool *out)
{
    char file[FILE_LEN_MAX];
    int folder;
    *out = false;
    TRY(open_folder(&folder));
    err result = OK;
    for (DWORD spec = 0; spec <= AT_SIGNATURE && result == OK && !*out; spec++) {
        result = key_file_of(name, spec, file);
        *out = result == OK && folder_has(folder, file);
    }
    close(folder);
    return result;
}

err container_remove_key(const char *name, DWORD key_spec)
{
    char file[FILE_LEN_MAX];
    bool has_others;
    TRY(remove_key(name, key_spec));
    TRY(has_keys(name, &has_others));
    if (has_others)
        return OK;
    TRY(file_of(name, ".name", file));
    return remove_own(file);
}

err container_delete(const char *name)
{
    char file[FILE_LEN_MAX];
    TRY(file_of(name, ".name", file));
    for (DWORD spec = 0; spec <= AT_SIGNATURE; spec++) {
        err result = remove_key(name, spec);
        if (result != OK && result != ERR_KEY_NOT_FOUND)
            return result;
    }
    return remove_own(file);
}

static err key_text_of(const struct key *key, struct buf *out)
{
    char head[64];
    char *pem = NULL;
    (void)snprintf(head, sizeof head, "Export-Policy: %u\n", (unsigned)key->export_policy);
    BIO *bio = BIO_new(BIO_s_secmem());
    if (bio == NULL)
        return FAIL(ERR_NO_MEMORY);
    err result = FAIL(ERR_CRYPTO);
    buf_init(out, KEY_FILE_MAX);
    if (PEM_write_bio_PKCS8PrivateKey(bio, key->pkey, NULL, NULL, 0, NULL, NULL) == 1) {
        long n = BIO_get_mem_data(bio, &pem);
        wr_bytes(out, span_text(head));
        wr_bytes(out, span_of(pem, (size_t)n));
        result = buf_check(out);
    }
    BIO_free(bio);
    if (result != OK)
        buf_release(out);
    return result;
}

err container_store(const struct key *key)
{
    char file[FILE_LEN_MAX];
    struct buf text;
    err result = container_create(key->container);
    if (result != OK && result != ERR_KEY_EXISTS)
        return result;
    TRY(key_file_of(key->container, key->key_spec, file));
    TRY(key_text_of(key, &text));
    result = write_own(file, buf_span(&text));
    buf_release(&text);
    return result;
}

static err parse_key(struct span text, const char *name, DWORD key_spec, struct key **out)
{
    unsigned policy = 0;
    BIO *bio = BIO_new_mem_buf(text.p, (int)text.n);
    EVP_PKEY *pkey = bio != NULL
                         ? PEM_read_bio_PrivateKey_ex(bio, NULL, NULL, NULL, crypto_context(), NULL)
                         : NULL;
    BIO_free(bio);
    if (pkey == NULL)
        return FAIL(ERR_KEY_DATA);
    TRY(key_new(out, pkey, true, name));
    char head[64] = "";
    memcpy(head, text.p, text.n < sizeof head - 1 ? text.n : sizeof head - 1);
    if (sscanf(head, "Export-Policy: %u", &policy) == 1)
        (*out)->export_policy = policy;
    (*out)->key_spec = key_spec;
    if ((*out)->algorithm != NULL)
        return OK;
    key_release(*out);
    *out = NULL;
    return FAIL(ERR_KEY_DATA);
}

err container_load(const char *name, DWORD key_spec, struct key **out)
{
    char file[FILE_LEN_MAX];
    struct buf text;
    *out = NULL;
    TRY(key_file_of(name, key_spec, file));
    TRY(read_own(file, &text));
    err result = parse_key(buf_span(&text), name, key_spec, out);
    buf_release(&text);
    return result;
}
