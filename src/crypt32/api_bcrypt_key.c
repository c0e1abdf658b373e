/* SPDX-License-Identifier: MIT */
/* CNG primitives: key pairs, signatures, AES, RSA encryption, and the properties of all objects. */
#include <openssl/core_names.h>

#include "crypt32/bcrypt_algorithm.h"

enum { AES_BLOCK_LEN = 16, GCM_NONCE_LEN = 12, GCM_TAG_MIN = 12, GCM_TAG_MAX = 16 };

struct bcrypt_key {
    bool is_symmetric;
    struct key *pair;
    enum bcrypt_mode mode;
    size_t secret_len;
    uint8_t secret[32];
};

void bcrypt_key_free(void *object)
{
    struct bcrypt_key *k = object;
    key_release(k->pair);
    mem_free(k); /* wipes the secret */
}

static NTSTATUS give(struct bcrypt_key *k, BCRYPT_KEY_HANDLE *out)
{
    ULONG_PTR handle;
    err result = key_object_add(KEY_OBJECT_BCRYPT_KEY, k, &handle);
    if (result != OK)
        bcrypt_key_free(k);
    else
        *out = (BCRYPT_KEY_HANDLE)handle;
    return bcrypt_status(result);
}

static NTSTATUS give_pair(struct key *pair, BCRYPT_KEY_HANDLE *out)
{
    struct bcrypt_key *k = mem_alloc(sizeof *k);
    if (k == NULL) {
        key_release(pair);
        return STATUS_NO_MEMORY;
    }
    k->pair = pair;
    return give(k, out);
}

err bcrypt_key_give(struct key *pair, BCRYPT_KEY_HANDLE *out)
{
    NTSTATUS status = give_pair(pair, out);
    return status == STATUS_SUCCESS ? OK : FAIL(ERR_NO_MEMORY);
}

static struct bcrypt_key *get(BCRYPT_KEY_HANDLE handle)
{
    return key_object_get(KEY_OBJECT_BCRYPT_KEY, (ULONG_PTR)handle);
}

static void put(BCRYPT_KEY_HANDLE handle)
{
    key_object_put((ULONG_PTR)handle);
}

/* ---- key pairs ------------------------------------------------------------------------- */

static const struct key_algorithm *pair_algorithm(BCRYPT_ALG_HANDLE handle, NTSTATUS *out)
{
    struct bcrypt_algorithm algorithm;
    *out = STATUS_SUCCESS;
    if (!bcrypt_algorithm_get(handle, &algorithm)) {
        *out = STATUS_INVALID_HANDLE;
        return NULL;
    }
    const char *name = strcmp(algorithm.row->name, "RSA_SIGN") == 0 ? "RSA" : algorithm.row->name;
    const struct key_algorithm *found =
        algorithm.row->kind == BCRYPT_ASYMMETRIC ? key_algorithm_find(name) : NULL;
    if (found == NULL)
        *out = STATUS_NOT_SUPPORTED;
    return found;
}

NTSTATUS WINAPI BCryptGenerateKeyPair(BCRYPT_ALG_HANDLE hAlgorithm, BCRYPT_KEY_HANDLE *phKey,
                                      ULONG dwLength, ULONG dwFlags)
{
    (void)dwFlags;
    NTSTATUS status;
    struct key *pair;
    const struct key_algorithm *algorithm = pair_algorithm(hAlgorithm, &status);
    if (algorithm == NULL)
        return status;
    bool fits = algorithm->family == KEY_FAMILY_RSA || dwLength == 0 || dwLength == algorithm->bits;
    if (phKey == NULL || !fits)
        return STATUS_INVALID_PARAMETER;
    if (key_new(&pair, NULL, true, NULL) != OK)
        return STATUS_NO_MEMORY;
    pair->algorithm = algorithm;
    pair->bits = dwLength;
    return give_pair(pair, phKey);
}

NTSTATUS WINAPI BCryptFinalizeKeyPair(BCRYPT_KEY_HANDLE hKey, ULONG dwFlags)
{
    (void)dwFlags;
    struct bcrypt_key *k = get(hKey);
    if (k == NULL)
        return STATUS_INVALID_HANDLE;
    crypto_mark();
    NTSTATUS status = STATUS_INVALID_HANDLE; /* made already */
    if (k->pair != NULL && k->pair->pkey == NULL)
        status = bcrypt_status(key_generate(k->pair));
    crypto_unmark();
    put(hKey);
    return status;
}

static err import_pair(const struct key_algorithm *algorithm, const char *type, struct span bytes,
                       struct key **out)
{
    EVP_PKEY *pkey;
    enum key_blob blob;
    const struct key_algorithm *found;
    if (!key_blob_named(type, algorithm->family, &blob) || blob == KEY_BLOB_PKCS8)
        return FAIL(ERR_UNSUPPORTED);
    TRY(key_blob_read(blob, bytes, &pkey, &found));
    TRY(key_new(out, pkey, key_blob_is_private(blob), NULL));
    (*out)->algorithm = found;
    if (found == algorithm)
        return OK;
    key_release(*out);
    *out = NULL;
    return FAIL(ERR_KEY_DATA);
}

NTSTATUS WINAPI BCryptImportKeyPair(BCRYPT_ALG_HANDLE hAlgorithm, BCRYPT_KEY_HANDLE hImportKey,
                                    LPCWSTR pszBlobType, BCRYPT_KEY_HANDLE *phKey, PUCHAR pbInput,
                                    ULONG cbInput, ULONG dwFlags)
{
    (void)dwFlags;
    NTSTATUS status;
    char type[32];
    struct key *pair;
    const struct key_algorithm *algorithm = pair_algorithm(hAlgorithm, &status);
    if (algorithm == NULL)
        return status;
    if (hImportKey != NULL)
        return STATUS_NOT_SUPPORTED;
    if (phKey == NULL || pbInput == NULL || !key_text(pszBlobType, type, sizeof type))
        return STATUS_INVALID_PARAMETER;
    crypto_mark();
    err result = import_pair(algorithm, type, span_of(pbInput, cbInput), &pair);
    crypto_unmark();
    return result == OK ? give_pair(pair, phKey) : bcrypt_status(result);
}

static NTSTATUS export(const struct bcrypt_key *k, const char *type, PUCHAR out, ULONG room,
                       ULONG *result_len)
{
    enum key_blob blob;
    if (k->is_symmetric)
        return STATUS_NOT_SUPPORTED;
    if (k->pair->pkey == NULL)
        return STATUS_INVALID_HANDLE;
    if (!key_blob_named(type, k->pair->algorithm->family, &blob) || blob == KEY_BLOB_PKCS8)
        return STATUS_NOT_SUPPORTED;
    if (key_blob_is_private(blob) && !k->pair->is_private)
        return STATUS_INVALID_PARAMETER;
    SECURITY_STATUS status = cng_export(k->pair, blob, out, room, result_len);
    if (status == NTE_BUFFER_TOO_SMALL)
        return STATUS_BUFFER_TOO_SMALL;
    return status == ERROR_SUCCESS ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

NTSTATUS WINAPI BCryptExportKey(BCRYPT_KEY_HANDLE hKey, BCRYPT_KEY_HANDLE hExportKey,
                                LPCWSTR pszBlobType, PUCHAR pbOutput, ULONG cbOutput,
                                ULONG *pcbResult, ULONG dwFlags)
{
    (void)dwFlags;
    char type[32];
    struct bcrypt_key *k = get(hKey);
    if (k == NULL)
        return STATUS_INVALID_HANDLE;
    NTSTATUS status = STATUS_INVALID_PARAMETER;
    crypto_mark();
    if (hExportKey != NULL)
        status = STATUS_NOT_SUPPORTED;
    else if (pcbResult != NULL && key_text(pszBlobType, type, sizeof type))
        status = export(k, type, pbOutput, cbOutput, pcbResult);
    crypto_unmark();
    put(hKey);
    return status;
}

NTSTATUS WINAPI BCryptDestroyKey(BCRYPT_KEY_HANDLE hKey)
{
    return key_object_remove(KEY_OBJECT_BCRYPT_KEY, (ULONG_PTR)hKey) ? STATUS_SUCCESS
                                                                     : STATUS_INVALID_HANDLE;
}

/* ---- signatures ------------------------------------------------------------------------ */

static bool is_made_pair(const struct bcrypt_key *k)
{
    return k->pair != NULL && k->pair->pkey != NULL;
}

NTSTATUS WINAPI BCryptSignHash(BCRYPT_KEY_HANDLE hKey, VOID *pPaddingInfo, PUCHAR pbInput,
                               ULONG cbInput, PUCHAR pbOutput, ULONG cbOutput, ULONG *pcbResult,
                               ULONG dwFlags)
{
    struct bcrypt_key *k = get(hKey);
    if (k == NULL)
        return STATUS_INVALID_HANDLE;
    NTSTATUS status = STATUS_INVALID_PARAMETER;
    crypto_mark();
    if (is_made_pair(k) && pbInput != NULL && pcbResult != NULL)
        status = bcrypt_status(cng_sign(k->pair, pPaddingInfo, dwFlags, span_of(pbInput, cbInput),
                                        pbOutput, cbOutput, pcbResult));
    crypto_unmark();
    put(hKey);
    return status;
}

NTSTATUS WINAPI BCryptVerifySignature(BCRYPT_KEY_HANDLE hKey, VOID *pPaddingInfo, PUCHAR pbHash,
                                      ULONG cbHash, PUCHAR pbSignature, ULONG cbSignature,
                                      ULONG dwFlags)
{
    struct key_signing how;
    struct bcrypt_key *k = get(hKey);
    if (k == NULL)
        return STATUS_INVALID_HANDLE;
    NTSTATUS status = STATUS_INVALID_PARAMETER;
    crypto_mark();
    if (is_made_pair(k) && pbHash != NULL && pbSignature != NULL &&
        cng_signing(k->pair, pPaddingInfo, dwFlags, &how))
        status = bcrypt_status(
            key_verify(k->pair, &how, span_of(pbHash, cbHash), span_of(pbSignature, cbSignature)));
    crypto_unmark();
    put(hKey);
    return status;
}

/* ---- AES ------------------------------------------------------------------------------- */

NTSTATUS WINAPI BCryptGenerateSymmetricKey(BCRYPT_ALG_HANDLE hAlgorithm, BCRYPT_KEY_HANDLE *phKey,
                                           PUCHAR pbKeyObject, ULONG cbKeyObject, PUCHAR pbSecret,
                                           ULONG cbSecret, ULONG dwFlags)
{
    (void)pbKeyObject;
    (void)cbKeyObject;
    (void)dwFlags;
    struct bcrypt_algorithm algorithm;
    if (!bcrypt_algorithm_get(hAlgorithm, &algorithm))
        return STATUS_INVALID_HANDLE;
    if (algorithm.row->kind != BCRYPT_AES)
        return STATUS_NOT_SUPPORTED;
    if (phKey == NULL || pbSecret == NULL || (cbSecret != 16 && cbSecret != 24 && cbSecret != 32))
        return STATUS_INVALID_PARAMETER;
    struct bcrypt_key *k = mem_alloc(sizeof *k);
    if (k == NULL)
        return STATUS_NO_MEMORY;
    k->is_symmetric = true;
    k->mode = algorithm.mode;
    k->secret_len = cbSecret;
    memcpy(k->secret, pbSecret, cbSecret);
    return give(k, phKey);
}

/* One call of BCryptEncrypt or BCryptDecrypt. */
struct cipher_call {
    bool encrypts;
    bool pads;
    const BYTE *in;
    size_t in_len;
    BYTE *iv;
    size_t iv_len;
    BYTE *out;
    size_t room;
    size_t out_len;
    BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO *info;
};

static EVP_CIPHER_CTX *new_cipher(const struct bcrypt_key *k, const char *mode,
                                  const struct cipher_call *call, const BYTE *iv)
{
    char name[16];
    (void)snprintf(name, sizeof name, "AES-%zu-%s", 8 * k->secret_len, mode);
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(crypto_context(), name, NULL);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool ok = cipher != NULL && ctx != NULL &&
              EVP_CipherInit_ex2(ctx, cipher, k->secret, iv, call->encrypts, NULL) == 1;
    EVP_CIPHER_free(cipher);
    if (ok)
        return ctx;
    EVP_CIPHER_CTX_free(ctx);
    return NULL;
}

static NTSTATUS run_blocks(const struct bcrypt_key *k, struct cipher_call *call)
{
    bool is_cbc = k->mode == BCRYPT_MODE_CBC;
    BYTE zero[AES_BLOCK_LEN] = {0};
    int n = 0;
    int last = 0;
    EVP_CIPHER_CTX *ctx =
        new_cipher(k, is_cbc ? "CBC" : "ECB", call, call->iv != NULL ? call->iv : zero);
    if (ctx == NULL)
        return STATUS_NO_MEMORY;
    EVP_CIPHER_CTX_set_padding(ctx, call->pads);
    bool ok = EVP_CipherUpdate(ctx, call->out, &n, call->in, (int)call->in_len) == 1 &&
              EVP_CipherFinal_ex(ctx, call->out + n, &last) == 1;
    if (ok && is_cbc && call->iv != NULL)
        ok = EVP_CIPHER_CTX_get_updated_iv(ctx, call->iv, AES_BLOCK_LEN) == 1;
    EVP_CIPHER_CTX_free(ctx);
    call->out_len = (size_t)n + (size_t)last;
    return ok ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

/* Whole blocks go out; padding adds up to one. */
static NTSTATUS check_blocks(const struct bcrypt_key *k, struct cipher_call *call)
{
    bool is_cbc = k->mode == BCRYPT_MODE_CBC;
    bool is_whole = call->in_len % AES_BLOCK_LEN == 0;
    if (call->in_len > INT32_MAX - AES_BLOCK_LEN)
        return STATUS_INVALID_PARAMETER;
    if (is_cbc && call->iv != NULL && call->iv_len != AES_BLOCK_LEN)
        return STATUS_INVALID_PARAMETER;
    if (!is_whole && !(call->pads && call->encrypts))
        return STATUS_INVALID_BUFFER_SIZE;
    call->out_len = call->in_len;
    if (call->pads && call->encrypts)
        call->out_len = (call->in_len / AES_BLOCK_LEN + 1) * AES_BLOCK_LEN;
    if (call->out == NULL)
        return STATUS_SUCCESS;
    return call->room < call->out_len ? STATUS_BUFFER_TOO_SMALL : run_blocks(k, call);
}

static bool gcm_info_fits(const BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO *info)
{
    return info != NULL && info->cbSize == sizeof *info &&
           info->dwInfoVersion == BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO_VERSION &&
           info->dwFlags == 0 && info->pbNonce != NULL && info->cbNonce == GCM_NONCE_LEN &&
           info->pbTag != NULL && info->cbTag >= GCM_TAG_MIN && info->cbTag <= GCM_TAG_MAX &&
           (info->pbAuthData != NULL || info->cbAuthData == 0) && info->cbAuthData <= INT32_MAX;
}

static NTSTATUS run_gcm(const struct bcrypt_key *k, struct cipher_call *call)
{
    BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO *info = call->info;
    int n = 0;
    int last = 0;
    EVP_CIPHER_CTX *ctx = new_cipher(k, "GCM", call, info->pbNonce);
    if (ctx == NULL)
        return STATUS_NO_MEMORY;
    int tag_len = (int)info->cbTag;
    bool ok = call->encrypts ||
              EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, tag_len, info->pbTag) == 1;
    if (ok && info->cbAuthData != 0)
        ok = EVP_CipherUpdate(ctx, NULL, &n, info->pbAuthData, (int)info->cbAuthData) == 1;
    if (ok && call->in_len != 0)
        ok = EVP_CipherUpdate(ctx, call->out, &n, call->in, (int)call->in_len) == 1;
    BYTE nothing[AES_BLOCK_LEN];
    bool is_authentic = ok && EVP_CipherFinal_ex(ctx, nothing, &last) == 1;
    if (is_authentic && call->encrypts)
        is_authentic = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, tag_len, info->pbTag) == 1;
    EVP_CIPHER_CTX_free(ctx);
    if (is_authentic)
        return STATUS_SUCCESS;
    if (!call->encrypts)
        mem_wipe(call->out, call->in_len);
    return ok && !call->encrypts ? STATUS_AUTH_TAG_MISMATCH : STATUS_UNSUCCESSFUL;
}

static NTSTATUS check_gcm(const struct bcrypt_key *k, struct cipher_call *call)
{
    if (!gcm_info_fits(call->info) || call->in_len > INT32_MAX)
        return STATUS_INVALID_PARAMETER;
    call->out_len = call->in_len;
    if (call->out == NULL && call->in_len != 0)
        return STATUS_SUCCESS;
    return call->room < call->out_len ? STATUS_BUFFER_TOO_SMALL : run_gcm(k, call);
}

/* ---- RSA encryption -------------------------------------------------------------------- */

static bool set_rsa_padding(EVP_PKEY_CTX *ctx, ULONG flags, const BCRYPT_OAEP_PADDING_INFO *info)
{
    char name[32];
    if ((flags & BCRYPT_PAD_OAEP) == 0)
        return (flags & BCRYPT_PAD_PKCS1) != 0 &&
               EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0;
    if (info == NULL || !key_text(info->pszAlgId, name, sizeof name) ||
        key_hash_name(name) == NULL || info->cbLabel != 0)
        return false;
    return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) > 0 &&
           EVP_PKEY_CTX_set_rsa_oaep_md_name(ctx, key_hash_name(name), NULL) > 0;
}

static NTSTATUS run_rsa(const struct key *key, ULONG flags, const void *info,
                        struct cipher_call *call)
{
    size_t n = call->room;
    if (key->algorithm->family != KEY_FAMILY_RSA || (!call->encrypts && !key->is_private))
        return STATUS_NOT_SUPPORTED;
    call->out_len = key_bytes(key);
    if (call->out == NULL)
        return STATUS_SUCCESS;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(crypto_context(), key->pkey, NULL);
    if (ctx == NULL)
        return STATUS_NO_MEMORY;
    int ready = call->encrypts ? EVP_PKEY_encrypt_init(ctx) : EVP_PKEY_decrypt_init(ctx);
    NTSTATUS status = STATUS_INVALID_PARAMETER;
    if (ready == 1 && set_rsa_padding(ctx, flags, info)) {
        int done = call->encrypts ? EVP_PKEY_encrypt(ctx, call->out, &n, call->in, call->in_len)
                                  : EVP_PKEY_decrypt(ctx, call->out, &n, call->in, call->in_len);
        status = done == 1 ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
        call->out_len = n;
    }
    EVP_PKEY_CTX_free(ctx);
    return status;
}

static NTSTATUS run(BCRYPT_KEY_HANDLE handle, struct cipher_call *call, VOID *info, ULONG flags,
                    ULONG *result_len)
{
    struct bcrypt_key *k = get(handle);
    if (k == NULL)
        return STATUS_INVALID_HANDLE;
    NTSTATUS status = STATUS_INVALID_PARAMETER;
    crypto_mark();
    if (result_len != NULL && (call->in != NULL || call->in_len == 0)) {
        if (k->is_symmetric && k->mode == BCRYPT_MODE_GCM)
            status = check_gcm(k, call);
        else if (k->is_symmetric)
            status = check_blocks(k, call);
        else if (is_made_pair(k))
            status = run_rsa(k->pair, flags, info, call);
        *result_len = (ULONG)call->out_len;
    }
    crypto_unmark();
    put(handle);
    return status;
}

NTSTATUS WINAPI BCryptEncrypt(BCRYPT_KEY_HANDLE hKey, PUCHAR pbInput, ULONG cbInput,
                              VOID *pPaddingInfo, PUCHAR pbIV, ULONG cbIV, PUCHAR pbOutput,
                              ULONG cbOutput, ULONG *pcbResult, ULONG dwFlags)
{
    struct cipher_call call = {.encrypts = true,
                               .pads = (dwFlags & BCRYPT_BLOCK_PADDING) != 0,
                               .in = pbInput,
                               .in_len = cbInput,
                               .iv = pbIV,
                               .iv_len = cbIV,
                               .out = pbOutput,
                               .room = cbOutput,
                               .info = pPaddingInfo};
    return run(hKey, &call, pPaddingInfo, dwFlags, pcbResult);
}

NTSTATUS WINAPI BCryptDecrypt(BCRYPT_KEY_HANDLE hKey, PUCHAR pbInput, ULONG cbInput,
                              VOID *pPaddingInfo, PUCHAR pbIV, ULONG cbIV, PUCHAR pbOutput,
                              ULONG cbOutput, ULONG *pcbResult, ULONG dwFlags)
{
    struct cipher_call call = {.encrypts = false,
                               .pads = (dwFlags & BCRYPT_BLOCK_PADDING) != 0,
                               .in = pbInput,
                               .in_len = cbInput,
                               .iv = pbIV,
                               .iv_len = cbIV,
                               .out = pbOutput,
                               .room = cbOutput,
                               .info = pPaddingInfo};
    return run(hKey, &call, pPaddingInfo, dwFlags, pcbResult);
}

/* ---- properties ------------------------------------------------------------------------ */

static const char *const mode_names[] = {"ChainingModeCBC", "ChainingModeECB", "ChainingModeGCM"};

/* What an object answers; text wins over the number. */
struct property {
    const char *text;
    ULONG number;
};

static bool hash_property(const char *name, size_t len, size_t block_len, struct property *out)
{
    if (strcmp(name, "HashDigestLength") == 0)
        out->number = (ULONG)len;
    else if (strcmp(name, "HashBlockLength") == 0)
        out->number = (ULONG)block_len;
    else
        return false;
    return true;
}

static bool key_property(const char *name, const struct bcrypt_key *k, struct property *out)
{
    bool asks_length = strcmp(name, "KeyLength") == 0 || strcmp(name, "KeyStrength") == 0;
    if (k->is_symmetric && asks_length)
        out->number = (ULONG)(8 * k->secret_len);
    else if (k->is_symmetric && strcmp(name, "BlockLength") == 0)
        out->number = AES_BLOCK_LEN;
    else if (k->is_symmetric && strcmp(name, "ChainingMode") == 0)
        out->text = mode_names[k->mode];
    else if (is_made_pair(k) && asks_length)
        out->number = (ULONG)EVP_PKEY_get_bits(k->pair->pkey);
    else if (is_made_pair(k) && strcmp(name, "SignatureLength") == 0)
        out->number =
            (ULONG)(key_bytes(k->pair) * (k->pair->algorithm->family == KEY_FAMILY_RSA ? 1 : 2));
    else if (is_made_pair(k) && strcmp(name, "BlockLength") == 0)
        out->number = (ULONG)key_bytes(k->pair);
    else if (strcmp(name, "AlgorithmName") == 0)
        out->text = k->is_symmetric ? "AES" : k->pair->algorithm->name;
    else
        return false;
    return true;
}

static size_t digest_len(const char *hash)
{
    EVP_MD *md = EVP_MD_fetch(crypto_context(), hash, NULL);
    size_t n = md != NULL ? (size_t)EVP_MD_get_size(md) : 0;
    EVP_MD_free(md);
    return n;
}

static bool algorithm_property(const char *name, const struct bcrypt_algorithm *a,
                               struct property *out)
{
    if (strcmp(name, "AlgorithmName") == 0)
        out->text = a->row->name;
    else if (strcmp(name, "ObjectLength") == 0)
        out->number = sizeof(void *); /* nothing is kept in the caller's object */
    else if (a->row->kind == BCRYPT_HASH) {
        size_t n = digest_len(a->row->hash);
        return hash_property(name, n, n > 32 ? 128 : 64, out);
    } else if (a->row->kind == BCRYPT_AES && strcmp(name, "ChainingMode") == 0)
        out->text = mode_names[a->mode];
    else if (a->row->kind == BCRYPT_AES && strcmp(name, "BlockLength") == 0)
        out->number = AES_BLOCK_LEN;
    else
        return false;
    return true;
}

static NTSTATUS find_property(BCRYPT_HANDLE handle, const char *name, struct property *out)
{
    struct bcrypt_algorithm algorithm;
    struct bcrypt_key *k = get(handle);
    bool found;
    if (k != NULL) {
        found = key_property(name, k, out);
        put(handle);
    } else if (bcrypt_hash_len(handle) != 0) {
        size_t n = bcrypt_hash_len(handle);
        found = hash_property(name, n, n > 32 ? 128 : 64, out);
    } else if (bcrypt_algorithm_get(handle, &algorithm)) {
        found = algorithm_property(name, &algorithm, out);
    } else {
        return STATUS_INVALID_HANDLE;
    }
    return found ? STATUS_SUCCESS : STATUS_NOT_SUPPORTED;
}

NTSTATUS WINAPI BCryptGetProperty(BCRYPT_HANDLE hObject, LPCWSTR pszProperty, PUCHAR pbOutput,
                                  ULONG cbOutput, ULONG *pcbResult, ULONG dwFlags)
{
    (void)dwFlags;
    static const BCRYPT_AUTH_TAG_LENGTHS_STRUCT tags = {GCM_TAG_MIN, GCM_TAG_MAX, 1};
    char name[32];
    struct property property = {NULL, 0};
    if (pcbResult == NULL || !key_text(pszProperty, name, sizeof name))
        return STATUS_INVALID_PARAMETER;
    bool asks_tags = strcmp(name, "AuthTagLength") == 0;
    NTSTATUS status = find_property(hObject, asks_tags ? "ChainingMode" : name, &property);
    if (status != STATUS_SUCCESS)
        return status;
    SECURITY_STATUS given;
    if (asks_tags)
        given = cng_give(&tags, sizeof tags, pbOutput, cbOutput, pcbResult);
    else if (property.text != NULL)
        given = cng_give_text(property.text, pbOutput, cbOutput, pcbResult);
    else
        given = cng_give(&property.number, sizeof property.number, pbOutput, cbOutput, pcbResult);
    return given == ERROR_SUCCESS ? STATUS_SUCCESS : STATUS_BUFFER_TOO_SMALL;
}

static bool mode_named(const char *name, enum bcrypt_mode *out)
{
    for (size_t i = 0; i < ARRAY_LEN(mode_names); i++) {
        if (strcmp(mode_names[i], name) == 0) {
            *out = (enum bcrypt_mode)i;
            return true;
        }
    }
    return false;
}

static NTSTATUS set_mode(BCRYPT_HANDLE handle, enum bcrypt_mode mode)
{
    struct bcrypt_key *k = get(handle);
    if (k != NULL) {
        NTSTATUS status = k->is_symmetric ? STATUS_SUCCESS : STATUS_NOT_SUPPORTED;
        if (k->is_symmetric)
            k->mode = mode;
        put(handle);
        return status;
    }
    struct bcrypt_algorithm *a = key_object_get(KEY_OBJECT_BCRYPT_ALGORITHM, (ULONG_PTR)handle);
    if (a == NULL)
        return STATUS_INVALID_HANDLE;
    NTSTATUS status = a->row->kind == BCRYPT_AES ? STATUS_SUCCESS : STATUS_NOT_SUPPORTED;
    if (status == STATUS_SUCCESS)
        a->mode = mode;
    key_object_put((ULONG_PTR)handle);
    return status;
}

NTSTATUS WINAPI BCryptSetProperty(BCRYPT_HANDLE hObject, LPCWSTR pszProperty, PUCHAR pbInput,
                                  ULONG cbInput, ULONG dwFlags)
{
    (void)dwFlags;
    char name[32];
    char value[32];
    WCHAR wide[32] = {0};
    enum bcrypt_mode mode;
    if (!key_text(pszProperty, name, sizeof name) || pbInput == NULL || cbInput >= sizeof wide)
        return STATUS_INVALID_PARAMETER;
    memcpy(wide, pbInput, cbInput);
    if (strcmp(name, "ChainingMode") != 0 || !key_text(wide, value, sizeof value) ||
        !mode_named(value, &mode))
        return STATUS_NOT_SUPPORTED;
    return set_mode(hObject, mode);
}
