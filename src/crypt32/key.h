/* SPDX-License-Identifier: MIT */
/*
 * Keys that programs make, import and name through CryptoAPI and CNG. A key is an EVP_PKEY in the
 * library's own context; a container is a folder entry that holds keys under a name.
 */
#ifndef SCHANNEL_CRYPT32_KEY_H
#define SCHANNEL_CRYPT32_KEY_H

#include <bcrypt.h>
#include <stdatomic.h>

#include "crypt32/crypt32.h"
#include "crypt32/openssl.h"
#include "win/win.h"

/* ---- handles --------------------------------------------------------------------------- */

enum key_object {
    KEY_OBJECT_PROVIDER = 1, /* HCRYPTPROV: struct capi_provider */
    KEY_OBJECT_KEY,          /* HCRYPTKEY: struct key */
    KEY_OBJECT_HASH,         /* HCRYPTHASH: struct capi_hash */
    KEY_OBJECT_NCRYPT_PROVIDER,
    KEY_OBJECT_NCRYPT_KEY, /* NCRYPT_KEY_HANDLE: struct key */
    KEY_OBJECT_BCRYPT_ALGORITHM,
    KEY_OBJECT_BCRYPT_HASH,
    KEY_OBJECT_BCRYPT_KEY /* struct bcrypt_key */
};

/* The object stays pinned until key_object_put. */
err key_object_add(enum key_object type, void *object, ULONG_PTR *out) MUST_USE;
void *key_object_get(enum key_object type, ULONG_PTR handle);
void key_object_put(ULONG_PTR handle);
bool key_object_remove(enum key_object type, ULONG_PTR handle);

struct key;

/* What a certificate owns: an HCRYPTPROV or an NCRYPT_KEY_HANDLE. */
void key_handle_release(ULONG_PTR handle);
/* A handle that holds the key: HCRYPTPROV for RSA (unless `cng`), NCRYPT_KEY_HANDLE otherwise. */
err key_handle_new(struct key *key, bool cng, ULONG_PTR *out, DWORD *out_spec) MUST_USE;

/* Each api file frees its own kinds. */
void capi_provider_free(void *object);
void capi_hash_free(void *object);
void bcrypt_hash_free(void *object);
void bcrypt_key_free(void *object);

/* ---- keys ------------------------------------------------------------------------------ */

enum key_family { KEY_FAMILY_RSA, KEY_FAMILY_ECDSA, KEY_FAMILY_ECDH };

/* A row for each algorithm that a key can be of. */
struct key_algorithm {
    const char *name; /* CNG's */
    enum key_family family;
    const char *group; /* libcrypto's name of the curve, NULL for RSA */
    unsigned bits;     /* of the field; RSA: the default size */
    ULONG public_magic;
    ULONG private_magic;
};
const struct key_algorithm *key_algorithm_find(const char *name);
const struct key_algorithm *key_algorithm_by_magic(ULONG magic);
/* The algorithm of a key that came from elsewhere (EC: for signing); NULL: not supported. */
const struct key_algorithm *key_algorithm_of(const EVP_PKEY *pkey);

struct key {
    atomic_int refs;
    const struct key_algorithm *algorithm; /* NULL while an imported key is not known */
    EVP_PKEY *pkey;                        /* NULL until it is made */
    bool is_private;
    char *container;     /* UTF-8; NULL: not stored */
    DWORD key_spec;      /* AT_KEYEXCHANGE, AT_SIGNATURE; 0 for CNG keys */
    unsigned bits;       /* to be made with */
    DWORD export_policy; /* NCRYPT_ALLOW_EXPORT_FLAG, NCRYPT_ALLOW_PLAINTEXT_EXPORT_FLAG */
    DWORD usage;
    bool replaces;  /* an existing container may be overwritten */
    bool is_sealed; /* never given out, whatever the policy */
};

/* Takes the EVP_PKEY over, also on failure; it may be NULL. container may be NULL. */
err key_new(struct key **out, EVP_PKEY *pkey, bool is_private, const char *container) MUST_USE;
struct key *key_ref(struct key *key);
void key_release(struct key *key);
/* Makes a key of its algorithm and size. ERR_CRYPTO, ERR_NO_MEMORY, ERR_ARGUMENT. */
err key_generate(struct key *key) MUST_USE;
/* Whether its private half may leave as bytes. */
bool key_may_leave(const struct key *key);
/* The size of the modulus or the field in bytes. */
size_t key_bytes(const struct key *key);

enum key_padding { KEY_PADDING_NONE, KEY_PADDING_PKCS1, KEY_PADDING_PSS };
struct key_signing {
    enum key_padding padding;
    const char *hash; /* libcrypto's name; NULL: the digest is taken as it is */
    size_t salt_len;  /* PSS */
};
/* Over a digest. ECDSA signatures are r and s, each key_bytes long. out NULL asks for the length.
 */
err key_sign(const struct key *key, const struct key_signing *how, struct span digest, uint8_t *out,
             size_t *len) MUST_USE;
/* ERR_SIGNATURE when it does not verify. */
err key_verify(const struct key *key, const struct key_signing *how, struct span digest,
               struct span signature) MUST_USE;

/* libcrypto's name of a hash under CNG's; NULL: unknown. */
const char *key_hash_name(const char *cng_name);
/* UTF-8 of a wide argument of moderate length; false: NULL or too long. */
bool key_text(const WCHAR *wide, char *out, size_t cap);

/* ---- blobs (blob.c) -------------------------------------------------------------------- */

enum key_blob {
    KEY_BLOB_CAPI_PUBLIC,
    KEY_BLOB_CAPI_PRIVATE,
    KEY_BLOB_RSA_PUBLIC,
    KEY_BLOB_RSA_PRIVATE,
    KEY_BLOB_RSA_FULL,
    KEY_BLOB_ECC_PUBLIC,
    KEY_BLOB_ECC_PRIVATE,
    KEY_BLOB_PKCS8
};
/* CNG's name of a blob; `key` settles what PUBLICBLOB and PRIVATEBLOB mean. */
bool key_blob_named(const char *name, enum key_family family, enum key_blob *out);
bool key_blob_is_private(enum key_blob blob);
/* ERR_KEY_DATA for anything that is not exactly a key. *out_algorithm may be NULL. */
err key_blob_read(enum key_blob blob, struct span bytes, EVP_PKEY **out,
                  const struct key_algorithm **out_algorithm) MUST_USE;
err key_blob_write(enum key_blob blob, const struct key *key, struct buf *out) MUST_USE;

/* ---- containers (container.c) ---------------------------------------------------------- */

/*
 * Names are UTF-8, compared without case as far as ASCII goes. Files lie in the user's data folder,
 * which nothing but its owner may reach. ERR_KEY_PERMISSION in privileged processes, and when a
 * file is not the user's own with mode 0600.
 */
err container_create(const char *name) MUST_USE; /* ERR_KEY_EXISTS */
err container_find(const char *name) MUST_USE;   /* ERR_KEY_NOT_FOUND */
err container_delete(const char *name) MUST_USE; /* ERR_KEY_NOT_FOUND */
err container_store(const struct key *key) MUST_USE;
err container_load(const char *name, DWORD key_spec, struct key **out) MUST_USE;
/* With its last key the container goes, too. */
err container_remove_key(const char *name, DWORD key_spec) MUST_USE;

/* The key behind an HCRYPTPROV (with its key spec) or an NCRYPT_KEY_HANDLE, with a reference. */
err key_from_handle(ULONG_PTR handle, DWORD key_spec, struct key **out) MUST_USE;

#endif
