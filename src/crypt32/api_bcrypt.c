/* SPDX-License-Identifier: MIT */
/* CNG primitives: algorithms, hashes, randomness. Microsoft "BCryptOpenAlgorithmProvider" and so
 * on. */
#include "crypt32/bcrypt_algorithm.h"

/* Rows of hashes carry the handle that needs no opening. */
static const struct bcrypt_algorithm_row rows[] = {
    {"MD5", BCRYPT_HASH, "MD5", 0x21},
    {"SHA1", BCRYPT_HASH, "SHA1", 0x31},
    {"SHA256", BCRYPT_HASH, "SHA2-256", 0x41},
    {"SHA384", BCRYPT_HASH, "SHA2-384", 0x51},
    {"SHA512", BCRYPT_HASH, "SHA2-512", 0x61},
    {"RNG", BCRYPT_RNG, NULL, 0},
    {"AES", BCRYPT_AES, NULL, 0},
    {"RSA", BCRYPT_ASYMMETRIC, NULL, 0},
    {"RSA_SIGN", BCRYPT_ASYMMETRIC, NULL, 0},
    {"ECDSA_P256", BCRYPT_ASYMMETRIC, NULL, 0},
    {"ECDSA_P384", BCRYPT_ASYMMETRIC, NULL, 0},
    {"ECDSA_P521", BCRYPT_ASYMMETRIC, NULL, 0},
    {"ECDH_P256", BCRYPT_ASYMMETRIC, NULL, 0},
    {"ECDH_P384", BCRYPT_ASYMMETRIC, NULL, 0},
    {"ECDH_P521", BCRYPT_ASYMMETRIC, NULL, 0},
};

NTSTATUS bcrypt_status(err reason)
{
    switch ((int)reason) {
    case OK:
        return STATUS_SUCCESS;
    case ERR_NO_MEMORY:
        return STATUS_NO_MEMORY;
    case ERR_OUTPUT_TOO_SMALL:
        return STATUS_BUFFER_TOO_SMALL;
    case ERR_ARGUMENT:
    case ERR_KEY_DATA:
        return STATUS_INVALID_PARAMETER;
    case ERR_UNSUPPORTED:
        return STATUS_NOT_SUPPORTED;
    case ERR_SIGNATURE:
        return STATUS_INVALID_SIGNATURE;
    default:
        return STATUS_UNSUCCESSFUL;
    }
}

/* ---- algorithms ------------------------------------------------------------------------ */

bool bcrypt_algorithm_get(BCRYPT_ALG_HANDLE handle, struct bcrypt_algorithm *out)
{
    ULONG_PTR number = (ULONG_PTR)handle;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (number != 0 && rows[i].handle == number) {
            *out = (struct bcrypt_algorithm){.row = &rows[i]};
            return crypto_start() == OK;
        }
    }
    const struct bcrypt_algorithm *a = key_object_get(KEY_OBJECT_BCRYPT_ALGORITHM, number);
    if (a == NULL)
        return false;
    *out = *a;
    key_object_put(number);
    return true;
}

static const struct bcrypt_algorithm_row *find_row(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (strcasecmp(rows[i].name, name) == 0)
            return &rows[i];
    }
    return NULL;
}

NTSTATUS WINAPI BCryptOpenAlgorithmProvider(BCRYPT_ALG_HANDLE *phAlgorithm, LPCWSTR pszAlgId,
                                            LPCWSTR pszImplementation, ULONG dwFlags)
{
    char name[32];
    char implementation[64] = "Microsoft Primitive Provider";
    ULONG_PTR handle;
    if (phAlgorithm == NULL || !key_text(pszAlgId, name, sizeof name) ||
        (dwFlags & ~(ULONG)(BCRYPT_ALG_HANDLE_HMAC_FLAG | BCRYPT_HASH_REUSABLE_FLAG)) != 0)
        return STATUS_INVALID_PARAMETER;
    if (pszImplementation != NULL &&
        !key_text(pszImplementation, implementation, sizeof implementation))
        return STATUS_INVALID_PARAMETER;
    const struct bcrypt_algorithm_row *row = find_row(name);
    bool is_hmac = (dwFlags & BCRYPT_ALG_HANDLE_HMAC_FLAG) != 0;
    if (row == NULL || strcmp(implementation, "Microsoft Primitive Provider") != 0 ||
        (is_hmac && row->kind != BCRYPT_HASH))
        return STATUS_NOT_FOUND;
    err result = crypto_start();
    struct bcrypt_algorithm *a = result == OK ? mem_alloc(sizeof *a) : NULL;
    if (a == NULL)
        return result == OK ? STATUS_NO_MEMORY : STATUS_UNSUCCESSFUL;
    *a = (struct bcrypt_algorithm){.row = row, .is_hmac = is_hmac, .mode = BCRYPT_MODE_CBC};
    a->is_reusable = (dwFlags & BCRYPT_HASH_REUSABLE_FLAG) != 0;
    result = key_object_add(KEY_OBJECT_BCRYPT_ALGORITHM, a, &handle);
    if (result != OK)
        mem_free(a);
    else
        *phAlgorithm = (BCRYPT_ALG_HANDLE)handle;
    return bcrypt_status(result);
}

NTSTATUS WINAPI BCryptCloseAlgorithmProvider(BCRYPT_ALG_HANDLE hAlgorithm, ULONG dwFlags)
{
    (void)dwFlags;
    return key_object_remove(KEY_OBJECT_BCRYPT_ALGORITHM, (ULONG_PTR)hAlgorithm)
               ? STATUS_SUCCESS
               : STATUS_INVALID_HANDLE;
}

/* ---- hashes ---------------------------------------------------------------------------- */

struct bcrypt_hash {
    struct bcrypt_algorithm algorithm;
    bool is_reusable;
    bool is_finished;
    size_t len;
    EVP_MD_CTX *md;
    EVP_MAC_CTX *mac; /* HMAC */
    size_t secret_len;
    uint8_t secret[128]; /* HMAC: the key, hashed when it is longer than a block */
};

static void free_contexts(struct bcrypt_hash *h)
{
    EVP_MD_CTX_free(h->md);
    EVP_MAC_CTX_free(h->mac);
    h->md = NULL;
    h->mac = NULL;
}

void bcrypt_hash_free(void *object)
{
    struct bcrypt_hash *h = object;
    free_contexts(h);
    mem_free(h); /* wipes the secret */
}

static err start_mac(struct bcrypt_hash *h)
{
    char *digest = (char *)(uintptr_t)h->algorithm.row->hash;
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0),
                           OSSL_PARAM_construct_end()};
    EVP_MAC *mac = EVP_MAC_fetch(crypto_context(), "HMAC", NULL);
    h->mac = mac != NULL ? EVP_MAC_CTX_new(mac) : NULL;
    EVP_MAC_free(mac);
    if (h->mac == NULL || EVP_MAC_init(h->mac, h->secret, h->secret_len, params) != 1)
        return FAIL(ERR_CRYPTO);
    h->len = EVP_MAC_CTX_get_mac_size(h->mac);
    return OK;
}

static err start_hash(struct bcrypt_hash *h)
{
    EVP_MD *md = EVP_MD_fetch(crypto_context(), h->algorithm.row->hash, NULL);
    h->md = md != NULL ? EVP_MD_CTX_new() : NULL;
    bool ok = h->md != NULL && EVP_DigestInit_ex2(h->md, md, NULL) == 1;
    h->len = md != NULL ? (size_t)EVP_MD_get_size(md) : 0;
    EVP_MD_free(md);
    return ok ? OK : FAIL(ERR_CRYPTO);
}

static err start(struct bcrypt_hash *h)
{
    free_contexts(h);
    h->is_finished = false;
    return h->algorithm.is_hmac ? start_mac(h) : start_hash(h);
}

/* RFC 2104 2: keys longer than a block are hashed first. */
static err keep_secret(struct bcrypt_hash *h, struct span secret)
{
    if (secret.n <= sizeof h->secret) {
        mem_copy(h->secret, secret.p, secret.n);
        h->secret_len = secret.n;
        return OK;
    }
    EVP_MD *md = EVP_MD_fetch(crypto_context(), h->algorithm.row->hash, NULL);
    unsigned n = 0;
    bool ok = md != NULL && EVP_Digest(secret.p, secret.n, h->secret, &n, md, NULL) == 1;
    EVP_MD_free(md);
    h->secret_len = n;
    return ok ? OK : FAIL(ERR_CRYPTO);
}

static err create(const struct bcrypt_algorithm *algorithm, struct span secret, ULONG flags,
                  struct bcrypt_hash **out)
{
    struct bcrypt_hash *h = mem_alloc(sizeof *h);
    if (h == NULL)
        return FAIL(ERR_NO_MEMORY);
    h->algorithm = *algorithm;
    h->is_reusable = algorithm->is_reusable || (flags & BCRYPT_HASH_REUSABLE_FLAG) != 0;
    err result = algorithm->is_hmac ? keep_secret(h, secret) : OK;
    if (result == OK)
        result = start(h);
    if (result != OK) {
        bcrypt_hash_free(h);
        return result;
    }
    *out = h;
    return OK;
}

static NTSTATUS give_hash(struct bcrypt_hash *h, BCRYPT_HASH_HANDLE *out)
{
    ULONG_PTR handle;
    err result = key_object_add(KEY_OBJECT_BCRYPT_HASH, h, &handle);
    if (result != OK)
        bcrypt_hash_free(h);
    else
        *out = (BCRYPT_HASH_HANDLE)handle;
    return bcrypt_status(result);
}

NTSTATUS WINAPI BCryptCreateHash(BCRYPT_ALG_HANDLE hAlgorithm, BCRYPT_HASH_HANDLE *phHash,
                                 PUCHAR pbHashObject, ULONG cbHashObject, PUCHAR pbSecret,
                                 ULONG cbSecret, ULONG dwFlags)
{
    (void)pbHashObject;
    (void)cbHashObject;
    struct bcrypt_algorithm algorithm;
    struct bcrypt_hash *h = NULL;
    if (!bcrypt_algorithm_get(hAlgorithm, &algorithm))
        return STATUS_INVALID_HANDLE;
    if (algorithm.row->kind != BCRYPT_HASH)
        return STATUS_NOT_SUPPORTED;
    if (phHash == NULL || (pbSecret == NULL && cbSecret != 0) ||
        (cbSecret != 0 && !algorithm.is_hmac))
        return STATUS_INVALID_PARAMETER;
    crypto_mark();
    err result = create(&algorithm, span_of(pbSecret, cbSecret), dwFlags, &h);
    crypto_unmark();
    return result == OK ? give_hash(h, phHash) : bcrypt_status(result);
}

static err add_data(struct bcrypt_hash *h, struct span bytes)
{
    if (h->is_finished)
        return FAIL(ERR_WRONG_STATE);
    int done = h->mac != NULL ? EVP_MAC_update(h->mac, bytes.p, bytes.n)
                              : EVP_DigestUpdate(h->md, bytes.p, bytes.n);
    return done == 1 ? OK : FAIL(ERR_CRYPTO);
}

static err finish(struct bcrypt_hash *h, uint8_t *out)
{
    unsigned digest_len = 0;
    size_t mac_len = 0;
    if (h->is_finished)
        return FAIL(ERR_WRONG_STATE);
    int done = h->mac != NULL ? EVP_MAC_final(h->mac, out, &mac_len, h->len)
                              : EVP_DigestFinal_ex(h->md, out, &digest_len);
    if (done != 1)
        return FAIL(ERR_CRYPTO);
    h->is_finished = true;
    return h->is_reusable ? start(h) : OK;
}

NTSTATUS WINAPI BCryptHashData(BCRYPT_HASH_HANDLE hHash, PUCHAR pbInput, ULONG cbInput,
                               ULONG dwFlags)
{
    (void)dwFlags;
    struct bcrypt_hash *h = key_object_get(KEY_OBJECT_BCRYPT_HASH, (ULONG_PTR)hHash);
    if (h == NULL)
        return STATUS_INVALID_HANDLE;
    err result = pbInput != NULL || cbInput == 0 ? add_data(h, span_of(pbInput, cbInput))
                                                 : FAIL(ERR_ARGUMENT);
    key_object_put((ULONG_PTR)hHash);
    return result == ERR_WRONG_STATE ? STATUS_INVALID_HANDLE : bcrypt_status(result);
}

NTSTATUS WINAPI BCryptFinishHash(BCRYPT_HASH_HANDLE hHash, PUCHAR pbOutput, ULONG cbOutput,
                                 ULONG dwFlags)
{
    (void)dwFlags;
    struct bcrypt_hash *h = key_object_get(KEY_OBJECT_BCRYPT_HASH, (ULONG_PTR)hHash);
    if (h == NULL)
        return STATUS_INVALID_HANDLE;
    crypto_mark();
    err result = pbOutput != NULL && cbOutput == h->len ? finish(h, pbOutput) : FAIL(ERR_ARGUMENT);
    crypto_unmark();
    key_object_put((ULONG_PTR)hHash);
    return result == ERR_WRONG_STATE ? STATUS_INVALID_HANDLE : bcrypt_status(result);
}

static err duplicate(const struct bcrypt_hash *from, struct bcrypt_hash **out)
{
    struct bcrypt_hash *h = mem_dup(from, sizeof *from);
    if (h == NULL)
        return FAIL(ERR_NO_MEMORY);
    h->mac = from->mac != NULL ? EVP_MAC_CTX_dup(from->mac) : NULL;
    h->md = from->md != NULL ? EVP_MD_CTX_new() : NULL;
    bool ok = from->mac != NULL ? h->mac != NULL
                                : h->md != NULL && EVP_MD_CTX_copy_ex(h->md, from->md) == 1;
    if (!ok) {
        bcrypt_hash_free(h);
        return FAIL(ERR_NO_MEMORY);
    }
    *out = h;
    return OK;
}

NTSTATUS WINAPI BCryptDuplicateHash(BCRYPT_HASH_HANDLE hHash, BCRYPT_HASH_HANDLE *phNewHash,
                                    PUCHAR pbHashObject, ULONG cbHashObject, ULONG dwFlags)
{
    (void)pbHashObject;
    (void)cbHashObject;
    (void)dwFlags;
    struct bcrypt_hash *copy = NULL;
    struct bcrypt_hash *h = key_object_get(KEY_OBJECT_BCRYPT_HASH, (ULONG_PTR)hHash);
    if (h == NULL)
        return STATUS_INVALID_HANDLE;
    err result = phNewHash != NULL ? duplicate(h, &copy) : FAIL(ERR_ARGUMENT);
    key_object_put((ULONG_PTR)hHash);
    return result == OK ? give_hash(copy, phNewHash) : bcrypt_status(result);
}

NTSTATUS WINAPI BCryptDestroyHash(BCRYPT_HASH_HANDLE hHash)
{
    return key_object_remove(KEY_OBJECT_BCRYPT_HASH, (ULONG_PTR)hHash) ? STATUS_SUCCESS
                                                                       : STATUS_INVALID_HANDLE;
}

NTSTATUS WINAPI BCryptHash(BCRYPT_ALG_HANDLE hAlgorithm, PUCHAR pbSecret, ULONG cbSecret,
                           PUCHAR pbInput, ULONG cbInput, PUCHAR pbOutput, ULONG cbOutput)
{
    BCRYPT_HASH_HANDLE hash;
    NTSTATUS status = BCryptCreateHash(hAlgorithm, &hash, NULL, 0, pbSecret, cbSecret, 0);
    if (status != STATUS_SUCCESS)
        return status;
    status = BCryptHashData(hash, pbInput, cbInput, 0);
    if (status == STATUS_SUCCESS)
        status = BCryptFinishHash(hash, pbOutput, cbOutput, 0);
    BCryptDestroyHash(hash);
    return status;
}

size_t bcrypt_hash_len(BCRYPT_HASH_HANDLE handle)
{
    struct bcrypt_hash *h = key_object_get(KEY_OBJECT_BCRYPT_HASH, (ULONG_PTR)handle);
    if (h == NULL)
        return 0;
    size_t n = h->len;
    key_object_put((ULONG_PTR)handle);
    return n;
}

/* ---- randomness ------------------------------------------------------------------------ */

NTSTATUS WINAPI BCryptGenRandom(BCRYPT_ALG_HANDLE hAlgorithm, PUCHAR pbBuffer, ULONG cbBuffer,
                                ULONG dwFlags)
{
    struct bcrypt_algorithm algorithm;
    bool is_system = hAlgorithm == NULL && (dwFlags & BCRYPT_USE_SYSTEM_PREFERRED_RNG) != 0;
    if (!is_system &&
        (!bcrypt_algorithm_get(hAlgorithm, &algorithm) || algorithm.row->kind != BCRYPT_RNG))
        return STATUS_INVALID_HANDLE;
    if (pbBuffer == NULL && cbBuffer != 0)
        return STATUS_INVALID_PARAMETER;
    err result = crypto_start();
    if (result == OK && cbBuffer != 0)
        result = crypto_random(pbBuffer, cbBuffer);
    return bcrypt_status(result);
}
