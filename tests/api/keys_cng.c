/* SPDX-License-Identifier: MIT */
/* CNG: hashes, randomness, key pairs and blobs, signatures, AES, keys in storage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <windows.h>
#include <bcrypt.h>
#include <ncrypt.h>

#include "folder.h"

enum { BLOB_MAX = 8192 };

#define W(text) ((LPCWSTR)u##text)

static BCRYPT_ALG_HANDLE open_algorithm(LPCWSTR name, ULONG flags)
{
    BCRYPT_ALG_HANDLE algorithm;
    assert_int_equal(BCryptOpenAlgorithmProvider(&algorithm, name, NULL, flags), STATUS_SUCCESS);
    return algorithm;
}

static size_t file_count;

static void count_file(const char *path)
{
    (void)path;
    file_count++;
}

static size_t files(void)
{
    file_count = 0;
    folder_visit(count_file);
    return file_count;
}

static void close_algorithm(BCRYPT_ALG_HANDLE algorithm)
{
    assert_int_equal(BCryptCloseAlgorithmProvider(algorithm, 0), STATUS_SUCCESS);
}

/* ---- hashes ---------------------------------------------------------------------------- */

static void hashes(void **state)
{
    (void)state;
    static const BYTE abc256[32] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea,
                                    0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
                                    0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
                                    0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
    BYTE value[64];
    BCRYPT_HASH_HANDLE hash;
    BCRYPT_HASH_HANDLE copy;
    ULONG n = 0;
    ULONG len = 0;
    BCRYPT_ALG_HANDLE algorithm = open_algorithm(BCRYPT_SHA256_ALGORITHM, 0);
    assert_int_equal(
        BCryptGetProperty(algorithm, BCRYPT_HASH_LENGTH, (PUCHAR)&len, sizeof len, &n, 0),
        STATUS_SUCCESS);
    assert_int_equal(len, 32);
    assert_int_equal(BCryptCreateHash(algorithm, &hash, NULL, 0, NULL, 0, 0), STATUS_SUCCESS);
    close_algorithm(algorithm); /* the hash lives on */
    assert_int_equal(BCryptHashData(hash, (PUCHAR) "ab", 2, 0), STATUS_SUCCESS);
    assert_int_equal(BCryptDuplicateHash(hash, &copy, NULL, 0, 0), STATUS_SUCCESS);
    assert_int_equal(BCryptHashData(hash, (PUCHAR) "c", 1, 0), STATUS_SUCCESS);
    assert_int_equal(BCryptFinishHash(hash, value, 31, 0), STATUS_INVALID_PARAMETER);
    assert_int_equal(BCryptFinishHash(hash, value, 32, 0), STATUS_SUCCESS);
    assert_memory_equal(value, abc256, 32);
    assert_int_equal(BCryptFinishHash(hash, value, 32, 0), STATUS_INVALID_HANDLE);
    assert_int_equal(BCryptHashData(hash, (PUCHAR) "c", 1, 0), STATUS_INVALID_HANDLE);
    assert_int_equal(BCryptHashData(copy, (PUCHAR) "c", 1, 0), STATUS_SUCCESS);
    assert_int_equal(BCryptFinishHash(copy, value, 32, 0), STATUS_SUCCESS);
    assert_memory_equal(value, abc256, 32);
    assert_int_equal(BCryptDestroyHash(hash), STATUS_SUCCESS);
    assert_int_equal(BCryptDestroyHash(hash), STATUS_INVALID_HANDLE);
    assert_int_equal(BCryptDestroyHash(copy), STATUS_SUCCESS);
    assert_int_equal(BCryptHash(BCRYPT_SHA256_ALG_HANDLE, NULL, 0, (PUCHAR) "abc", 3, value, 32),
                     STATUS_SUCCESS);
    assert_memory_equal(value, abc256, 32);
}

/* RFC 4231 4.3. */
static void hmac(void **state)
{
    (void)state;
    static const BYTE expected[8] = {0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e};
    BYTE value[32];
    BCRYPT_HASH_HANDLE hash;
    BCRYPT_ALG_HANDLE algorithm =
        open_algorithm(BCRYPT_SHA256_ALGORITHM, BCRYPT_ALG_HANDLE_HMAC_FLAG);
    assert_int_equal(
        BCryptCreateHash(algorithm, &hash, NULL, 0, (PUCHAR) "Jefe", 4, BCRYPT_HASH_REUSABLE_FLAG),
        STATUS_SUCCESS);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(BCryptHashData(hash, (PUCHAR) "what do ya want for nothing?", 28, 0),
                         STATUS_SUCCESS);
        assert_int_equal(BCryptFinishHash(hash, value, 32, 0), STATUS_SUCCESS);
        assert_memory_equal(value, expected, sizeof expected);
    }
    assert_int_equal(BCryptDestroyHash(hash), STATUS_SUCCESS);
    close_algorithm(algorithm);
    BCRYPT_ALG_HANDLE none;
    assert_int_equal(BCryptOpenAlgorithmProvider(&none, W("SHA3"), NULL, 0), STATUS_NOT_FOUND);
    assert_int_equal(BCryptOpenAlgorithmProvider(&none, BCRYPT_AES_ALGORITHM, W("Somebody"), 0),
                     STATUS_NOT_FOUND);
}

static void randomness(void **state)
{
    (void)state;
    BYTE a[32] = {0};
    BYTE b[32] = {0};
    BCRYPT_ALG_HANDLE rng = open_algorithm(BCRYPT_RNG_ALGORITHM, 0);
    assert_int_equal(BCryptGenRandom(rng, a, sizeof a, 0), STATUS_SUCCESS);
    assert_int_equal(BCryptGenRandom(NULL, b, sizeof b, BCRYPT_USE_SYSTEM_PREFERRED_RNG),
                     STATUS_SUCCESS);
    assert_memory_not_equal(a, b, sizeof a);
    assert_int_equal(BCryptGenRandom(NULL, b, sizeof b, 0), STATUS_INVALID_HANDLE);
    close_algorithm(rng);
    assert_int_equal(BCryptGenRandom(rng, b, sizeof b, 0), STATUS_INVALID_HANDLE);
}

/* ---- key pairs ------------------------------------------------------------------------- */

struct pair_row {
    LPCWSTR algorithm;
    ULONG bits;
    LPCWSTR public_blob;
    LPCWSTR private_blobs[2];
    bool signs;
};

static const struct pair_row pairs[] = {
    {BCRYPT_RSA_ALGORITHM,
     2048,
     BCRYPT_RSAPUBLIC_BLOB,
     {BCRYPT_RSAPRIVATE_BLOB, BCRYPT_RSAFULLPRIVATE_BLOB},
     true},
    {BCRYPT_ECDSA_P256_ALGORITHM, 256, BCRYPT_ECCPUBLIC_BLOB, {BCRYPT_ECCPRIVATE_BLOB, NULL}, true},
    {BCRYPT_ECDSA_P384_ALGORITHM, 384, BCRYPT_ECCPUBLIC_BLOB, {BCRYPT_ECCPRIVATE_BLOB, NULL}, true},
    {BCRYPT_ECDSA_P521_ALGORITHM, 521, BCRYPT_ECCPUBLIC_BLOB, {BCRYPT_ECCPRIVATE_BLOB, NULL}, true},
    {BCRYPT_ECDH_P256_ALGORITHM, 256, BCRYPT_ECCPUBLIC_BLOB, {BCRYPT_ECCPRIVATE_BLOB, NULL}, false},
};

static ULONG export_pair(BCRYPT_KEY_HANDLE key, LPCWSTR type, BYTE *out)
{
    ULONG size = 0;
    ULONG n = 0;
    assert_int_equal(BCryptExportKey(key, NULL, type, NULL, 0, &size, 0), STATUS_SUCCESS);
    assert_true(size != 0 && size <= BLOB_MAX);
    assert_int_equal(BCryptExportKey(key, NULL, type, out, size - 1, &n, 0),
                     STATUS_BUFFER_TOO_SMALL);
    assert_int_equal(BCryptExportKey(key, NULL, type, out, size, &n, 0), STATUS_SUCCESS);
    assert_int_equal(n, size);
    return n;
}

static void check_round_trip(const struct pair_row *row, BCRYPT_ALG_HANDLE algorithm,
                             BCRYPT_KEY_HANDLE key, LPCWSTR type, BCRYPT_KEY_HANDLE *out_copy)
{
    static BYTE blob[BLOB_MAX];
    static BYTE again[BLOB_MAX];
    BCRYPT_KEY_HANDLE bad;
    ULONG n = export_pair(key, type, blob);
    assert_int_equal(BCryptImportKeyPair(algorithm, NULL, type, out_copy, blob, n, 0),
                     STATUS_SUCCESS);
    assert_int_equal(export_pair(*out_copy, type, again), n);
    assert_memory_equal(blob, again, n);
    for (ULONG cut = 0; cut < n; cut += cut < 32 ? 1 : 13)
        assert_int_equal(BCryptImportKeyPair(algorithm, NULL, type, &bad, blob, cut, 0),
                         STATUS_INVALID_PARAMETER);
    /* Of another algorithm. */
    BCRYPT_ALG_HANDLE other = open_algorithm(
        row->bits == 384 ? BCRYPT_ECDSA_P256_ALGORITHM : BCRYPT_ECDSA_P384_ALGORITHM, 0);
    assert_int_not_equal(BCryptImportKeyPair(other, NULL, type, &bad, blob, n, 0), STATUS_SUCCESS);
    close_algorithm(other);
    /* A point or a modulus that does not fit. */
    blob[n - 5] ^= 0x10;
    if (row->public_blob == type && row->bits != 2048)
        assert_int_equal(BCryptImportKeyPair(algorithm, NULL, type, &bad, blob, n, 0),
                         STATUS_INVALID_PARAMETER);
}

static void check_signature(const struct pair_row *row, BCRYPT_KEY_HANDLE key,
                            BCRYPT_KEY_HANDLE verifier)
{
    BYTE digest[32] = "a digest of thirty-two bytes ...";
    BYTE signature[1024];
    ULONG n = 0;
    ULONG size = 0;
    BCRYPT_PKCS1_PADDING_INFO pkcs1 = {BCRYPT_SHA256_ALGORITHM};
    BCRYPT_PSS_PADDING_INFO pss = {BCRYPT_SHA256_ALGORITHM, 32};
    bool is_rsa = row->bits == 2048;
    for (int i = 0; i < (is_rsa ? 2 : 1); i++) {
        void *info = is_rsa ? i == 0 ? (void *)&pkcs1 : (void *)&pss : NULL;
        ULONG flags = is_rsa ? i == 0 ? BCRYPT_PAD_PKCS1 : BCRYPT_PAD_PSS : 0;
        assert_int_equal(BCryptSignHash(key, info, digest, 32, NULL, 0, &size, flags),
                         STATUS_SUCCESS);
        assert_int_equal(size, is_rsa ? 256 : 2 * ((row->bits + 7) / 8));
        assert_int_equal(BCryptSignHash(key, info, digest, 32, signature, size - 1, &n, flags),
                         STATUS_BUFFER_TOO_SMALL);
        assert_int_equal(BCryptSignHash(key, info, digest, 32, signature, size, &n, flags),
                         STATUS_SUCCESS);
        assert_int_equal(BCryptVerifySignature(verifier, info, digest, 32, signature, n, flags),
                         STATUS_SUCCESS);
        digest[3] ^= 1;
        assert_int_equal(BCryptVerifySignature(verifier, info, digest, 32, signature, n, flags),
                         STATUS_INVALID_SIGNATURE);
        digest[3] ^= 1;
        assert_int_equal(BCryptVerifySignature(verifier, info, digest, 32, signature, n - 1, flags),
                         STATUS_INVALID_SIGNATURE);
    }
    assert_int_not_equal(BCryptSignHash(verifier, is_rsa ? &pkcs1 : NULL, digest, 32, signature,
                                        sizeof signature, &n, is_rsa ? BCRYPT_PAD_PKCS1 : 0),
                         STATUS_SUCCESS); /* a public key */
}

static void key_pairs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const struct pair_row *row = &pairs[i];
        BCRYPT_KEY_HANDLE key;
        BCRYPT_KEY_HANDLE copy;
        BCRYPT_KEY_HANDLE pub;
        BCRYPT_ALG_HANDLE algorithm = open_algorithm(row->algorithm, 0);
        assert_int_equal(BCryptGenerateKeyPair(algorithm, &key, row->bits, 0), STATUS_SUCCESS);
        ULONG n;
        assert_int_equal(BCryptExportKey(key, NULL, row->public_blob, NULL, 0, &n, 0),
                         STATUS_INVALID_HANDLE); /* not made yet */
        assert_int_equal(BCryptFinalizeKeyPair(key, 0), STATUS_SUCCESS);
        assert_int_equal(BCryptFinalizeKeyPair(key, 0), STATUS_INVALID_HANDLE);
        check_round_trip(row, algorithm, key, row->public_blob, &pub);
        for (size_t b = 0; b < 2 && row->private_blobs[b] != NULL; b++) {
            check_round_trip(row, algorithm, key, row->private_blobs[b], &copy);
            if (row->signs)
                check_signature(row, copy, pub);
            assert_int_equal(BCryptDestroyKey(copy), STATUS_SUCCESS);
        }
        assert_int_equal(BCryptExportKey(pub, NULL, row->private_blobs[0], NULL, 0, &n, 0),
                         STATUS_INVALID_PARAMETER);
        assert_int_equal(BCryptDestroyKey(pub), STATUS_SUCCESS);
        assert_int_equal(BCryptDestroyKey(key), STATUS_SUCCESS);
        assert_int_equal(BCryptDestroyKey(key), STATUS_INVALID_HANDLE);
        close_algorithm(algorithm);
    }
}

/* ---- AES ------------------------------------------------------------------------------- */

static BCRYPT_KEY_HANDLE aes_key(LPCWSTR mode, const BYTE *secret, ULONG n)
{
    BCRYPT_KEY_HANDLE key;
    BCRYPT_ALG_HANDLE algorithm = open_algorithm(BCRYPT_AES_ALGORITHM, 0);
    assert_int_equal(
        BCryptSetProperty(algorithm, BCRYPT_CHAINING_MODE, (PUCHAR)(uintptr_t)mode, 32, 0),
        STATUS_SUCCESS);
    assert_int_equal(
        BCryptGenerateSymmetricKey(algorithm, &key, NULL, 0, (PUCHAR)(uintptr_t)secret, n, 0),
        STATUS_SUCCESS);
    close_algorithm(algorithm);
    return key;
}

/* Test case 3 of the GCM specification. */
static void gcm(void **state)
{
    (void)state;
    static const BYTE secret[16] = {0xfe, 0xff, 0xe9, 0x92, 0x86, 0x65, 0x73, 0x1c,
                                    0x6d, 0x6a, 0x8f, 0x94, 0x67, 0x30, 0x83, 0x08};
    static BYTE nonce[12] = {0xca, 0xfe, 0xba, 0xbe, 0xfa, 0xce,
                             0xdb, 0xad, 0xde, 0xca, 0xf8, 0x88};
    static const BYTE plain[16] = {0xd9, 0x31, 0x32, 0x25, 0xf8, 0x84, 0x06, 0xe5,
                                   0xa5, 0x59, 0x09, 0xc5, 0xaf, 0xf5, 0x26, 0x9a};
    static const BYTE cipher[16] = {0x42, 0x83, 0x1e, 0xc2, 0x21, 0x77, 0x74, 0x24,
                                    0x4b, 0x72, 0x21, 0xb7, 0x84, 0xd0, 0xd4, 0x9c};
    BYTE tag[16];
    BYTE out[16];
    ULONG n;
    BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO info;
    BCRYPT_INIT_AUTH_MODE_INFO(info);
    info.pbNonce = nonce;
    info.cbNonce = sizeof nonce;
    info.pbTag = tag;
    info.cbTag = sizeof tag;
    BCRYPT_KEY_HANDLE key = aes_key(BCRYPT_CHAIN_MODE_GCM, secret, sizeof secret);
    PUCHAR in = (PUCHAR)(uintptr_t)plain;
    assert_int_equal(BCryptEncrypt(key, in, 16, &info, NULL, 0, out, 16, &n, 0), STATUS_SUCCESS);
    assert_memory_equal(out, cipher, 16);
    assert_int_equal(BCryptDecrypt(key, out, 16, &info, NULL, 0, out, 16, &n, 0), STATUS_SUCCESS);
    assert_memory_equal(out, plain, 16);
    assert_int_equal(BCryptEncrypt(key, in, 16, &info, NULL, 0, out, 15, &n, 0),
                     STATUS_BUFFER_TOO_SMALL);
    tag[4] ^= 1;
    memcpy(out, cipher, 16);
    assert_int_equal(BCryptDecrypt(key, out, 16, &info, NULL, 0, out, 16, &n, 0),
                     STATUS_AUTH_TAG_MISMATCH);
    info.cbNonce = 11;
    assert_int_equal(BCryptEncrypt(key, in, 16, &info, NULL, 0, out, 16, &n, 0),
                     STATUS_INVALID_PARAMETER);
    assert_int_equal(BCryptDestroyKey(key), STATUS_SUCCESS);
}

static void cbc(void **state)
{
    (void)state;
    BYTE iv[16] = {0};
    BYTE iv_again[16] = {0};
    BYTE out[64];
    BYTE back[64];
    ULONG n;
    ULONG m;
    BCRYPT_KEY_HANDLE key = aes_key(BCRYPT_CHAIN_MODE_CBC, (const BYTE *)"0123456789abcdef", 16);
    assert_int_equal(
        BCryptEncrypt(key, (PUCHAR) "hello", 5, NULL, iv, 16, NULL, 0, &n, BCRYPT_BLOCK_PADDING),
        STATUS_SUCCESS);
    assert_int_equal(n, 16);
    assert_int_equal(BCryptEncrypt(key, (PUCHAR) "hello", 5, NULL, iv, 16, out, sizeof out, &n,
                                   BCRYPT_BLOCK_PADDING),
                     STATUS_SUCCESS);
    assert_memory_equal(iv, out, 16); /* chained on */
    assert_int_equal(
        BCryptDecrypt(key, out, n, NULL, iv_again, 16, back, sizeof back, &m, BCRYPT_BLOCK_PADDING),
        STATUS_SUCCESS);
    assert_int_equal(m, 5);
    assert_memory_equal(back, "hello", 5);
    assert_int_equal(BCryptEncrypt(key, (PUCHAR) "hello", 5, NULL, iv, 16, out, sizeof out, &n, 0),
                     STATUS_INVALID_BUFFER_SIZE);
    assert_int_equal(BCryptDestroyKey(key), STATUS_SUCCESS);
}

/* ---- storage --------------------------------------------------------------------------- */

static NCRYPT_PROV_HANDLE open_storage(void)
{
    NCRYPT_PROV_HANDLE provider;
    assert_int_equal(NCryptOpenStorageProvider(&provider, MS_KEY_STORAGE_PROVIDER, 0),
                     ERROR_SUCCESS);
    return provider;
}

static void named_keys(void **state)
{
    (void)state;
    static BYTE blob[BLOB_MAX];
    DWORD n = 0;
    DWORD bits = 0;
    WCHAR text[64];
    NCRYPT_KEY_HANDLE key;
    NCRYPT_KEY_HANDLE again;
    NCRYPT_PROV_HANDLE provider = open_storage();
    assert_int_equal(NCryptOpenKey(provider, &key, W("stored"), 0, 0), NTE_BAD_KEYSET);
    assert_int_equal(
        NCryptCreatePersistedKey(provider, &key, BCRYPT_ECDSA_P256_ALGORITHM, W("stored"), 0, 0),
        ERROR_SUCCESS);
    DWORD policy = NCRYPT_ALLOW_EXPORT_FLAG | NCRYPT_ALLOW_PLAINTEXT_EXPORT_FLAG;
    assert_int_equal(
        NCryptSetProperty(key, NCRYPT_EXPORT_POLICY_PROPERTY, (PBYTE)&policy, sizeof policy, 0),
        ERROR_SUCCESS);
    assert_int_equal(NCryptFinalizeKey(key, 0), ERROR_SUCCESS);
    assert_int_equal(
        NCryptCreatePersistedKey(provider, &again, BCRYPT_RSA_ALGORITHM, W("Stored"), 0, 0),
        NTE_EXISTS);
    assert_int_equal(NCryptOpenKey(provider, &again, W("STORED"), 0, 0), ERROR_SUCCESS);
    assert_int_equal(
        NCryptGetProperty(again, NCRYPT_LENGTH_PROPERTY, (PBYTE)&bits, sizeof bits, &n, 0),
        ERROR_SUCCESS);
    assert_int_equal(bits, 256);
    assert_int_equal(
        NCryptGetProperty(again, NCRYPT_ALGORITHM_GROUP_PROPERTY, (PBYTE)text, sizeof text, &n, 0),
        ERROR_SUCCESS);
    assert_memory_equal(text, u"ECDSA", n);
    assert_int_equal(
        NCryptExportKey(again, 0, NCRYPT_PKCS8_PRIVATE_KEY_BLOB, NULL, blob, sizeof blob, &n, 0),
        ERROR_SUCCESS);
    assert_int_not_equal(files(), 0);
    assert_int_equal(NCryptDeleteKey(again, 0), ERROR_SUCCESS);
    assert_int_equal(files(), 0);
    assert_int_equal(NCryptFreeObject(again), NTE_INVALID_HANDLE);
    assert_int_equal(NCryptOpenKey(provider, &again, W("stored"), 0, 0), NTE_BAD_KEYSET);
    assert_int_equal(NCryptFreeObject(key), ERROR_SUCCESS);
    assert_int_equal(NCryptFreeObject(provider), ERROR_SUCCESS);
    assert_int_equal(NCryptFreeObject(provider), NTE_INVALID_HANDLE);
}

/* The way of programs that load PEM files. */
static void pkcs8_under_a_name(void **state)
{
    (void)state;
    static BYTE blob[BLOB_MAX];
    static BYTE out[BLOB_MAX];
    DWORD n = 0;
    DWORD m = 0;
    BYTE digest[32] = {7};
    NCRYPT_KEY_HANDLE source;
    NCRYPT_KEY_HANDLE key;
    NCRYPT_PROV_HANDLE provider = open_storage();
    NCryptBuffer name = {sizeof u"imported", NCRYPTBUFFER_PKCS_KEY_NAME, (void *)u"imported"};
    NCryptBufferDesc list = {NCRYPTBUFFER_VERSION, 1, &name};
    assert_int_equal(NCryptCreatePersistedKey(provider, &source, BCRYPT_RSA_ALGORITHM, NULL, 0, 0),
                     ERROR_SUCCESS);
    assert_int_equal(NCryptFinalizeKey(source, 0), ERROR_SUCCESS);
    assert_int_equal(
        NCryptExportKey(source, 0, NCRYPT_PKCS8_PRIVATE_KEY_BLOB, NULL, blob, sizeof blob, &n, 0),
        ERROR_SUCCESS);
    assert_int_equal(NCryptImportKey(provider, 0, NCRYPT_PKCS8_PRIVATE_KEY_BLOB, &list, &key, blob,
                                     n, NCRYPT_SILENT_FLAG),
                     ERROR_SUCCESS);
    assert_int_equal(
        NCryptExportKey(key, 0, NCRYPT_PKCS8_PRIVATE_KEY_BLOB, NULL, out, sizeof out, &m, 0),
        NTE_PERM); /* stored, and nobody said it may leave */
    BCRYPT_PKCS1_PADDING_INFO padding = {BCRYPT_SHA256_ALGORITHM};
    assert_int_equal(
        NCryptSignHash(key, &padding, digest, 32, out, sizeof out, &m, NCRYPT_PAD_PKCS1_FLAG),
        ERROR_SUCCESS);
    assert_int_equal(m, 256);
    assert_int_equal(NCryptFreeObject(key), ERROR_SUCCESS);
    assert_int_equal(
        NCryptImportKey(provider, 0, NCRYPT_PKCS8_PRIVATE_KEY_BLOB, &list, &key, blob, n, 0),
        NTE_EXISTS);
    assert_int_equal(NCryptImportKey(provider, 0, NCRYPT_PKCS8_PRIVATE_KEY_BLOB, &list, &key, blob,
                                     n, NCRYPT_OVERWRITE_KEY_FLAG),
                     ERROR_SUCCESS);
    assert_int_equal(NCryptDeleteKey(key, 0), ERROR_SUCCESS);
    for (DWORD cut = 0; cut < n; cut += 17)
        assert_int_equal(
            NCryptImportKey(provider, 0, NCRYPT_PKCS8_PRIVATE_KEY_BLOB, NULL, &key, blob, cut, 0),
            NTE_BAD_DATA);
    assert_int_equal(NCryptImportKey(provider, 0, W("NoSuchBlob"), NULL, &key, blob, n, 0),
                     NTE_BAD_TYPE);
    assert_int_equal(NCryptFreeObject(source), ERROR_SUCCESS);
    assert_int_equal(NCryptFreeObject(provider), ERROR_SUCCESS);
}

static void wrong_handles(void **state)
{
    (void)state;
    DWORD n;
    NCRYPT_KEY_HANDLE key;
    NCRYPT_PROV_HANDLE provider = open_storage();
    NCRYPT_PROV_HANDLE other;
    assert_int_equal(NCryptOpenStorageProvider(&other, MS_PLATFORM_KEY_STORAGE_PROVIDER, 0),
                     NTE_BAD_PROVIDER);
    static const ULONG_PTR garbage[] = {0, 1, 0xdeadbeef, (ULONG_PTR)-1};
    for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
        assert_int_equal(NCryptFreeObject(garbage[i]), NTE_INVALID_HANDLE);
        assert_int_equal(NCryptOpenKey(garbage[i], &key, W("x"), 0, 0), NTE_INVALID_HANDLE);
        assert_int_equal(NCryptFinalizeKey(garbage[i], 0), NTE_INVALID_HANDLE);
        assert_int_equal(BCryptDestroyKey((BCRYPT_KEY_HANDLE)garbage[i]), STATUS_INVALID_HANDLE);
        assert_int_equal(
            BCryptGetProperty((BCRYPT_HANDLE)garbage[i], BCRYPT_HASH_LENGTH, NULL, 0, &n, 0),
            STATUS_INVALID_HANDLE);
    }
    assert_int_equal(NCryptFinalizeKey(provider, 0), NTE_INVALID_HANDLE);
    assert_int_equal(NCryptFreeObject(provider), ERROR_SUCCESS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes),        cmocka_unit_test(hmac),
        cmocka_unit_test(randomness),    cmocka_unit_test(key_pairs),
        cmocka_unit_test(gcm),           cmocka_unit_test(cbc),
        cmocka_unit_test(named_keys),    cmocka_unit_test(pkcs8_under_a_name),
        cmocka_unit_test(wrong_handles),
    };
    return cmocka_run_group_tests_name("keys_cng", tests, folder_setup, folder_teardown);
}
