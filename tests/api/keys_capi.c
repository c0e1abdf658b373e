/* SPDX-License-Identifier: MIT */
/* CryptoAPI: containers, RSA blobs, hashes, signatures, wrong handles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include <windows.h>
#include <wincrypt.h>

#include "folder.h"

#define EXPECT_ERROR(call, error)                                                                  \
    do {                                                                                           \
        SetLastError(0);                                                                           \
        assert_false(call);                                                                        \
        assert_int_equal((DWORD)(error), GetLastError());                                          \
    } while (0)

enum { BLOB_MAX = 4096, BITS = 1024 };

static HCRYPTPROV ephemeral(void)
{
    HCRYPTPROV provider;
    assert_true(CryptAcquireContextA(&provider, NULL, NULL, PROV_RSA_AES, CRYPT_VERIFYCONTEXT));
    return provider;
}

static DWORD export_key(HCRYPTKEY key, DWORD type, BYTE *out)
{
    DWORD size = 0;
    DWORD n = BLOB_MAX;
    assert_true(CryptExportKey(key, 0, type, 0, NULL, &size));
    assert_true(CryptExportKey(key, 0, type, 0, out, &n));
    assert_int_equal(n, size);
    n = size - 1;
    EXPECT_ERROR(CryptExportKey(key, 0, type, 0, out, &n), ERROR_MORE_DATA);
    assert_int_equal(n, size);
    return size;
}

static HCRYPTHASH hash_text(HCRYPTPROV provider, ALG_ID id, const char *text)
{
    HCRYPTHASH hash;
    assert_true(CryptCreateHash(provider, id, 0, 0, &hash));
    assert_true(CryptHashData(hash, (const BYTE *)text, (DWORD)strlen(text), 0));
    return hash;
}

/* ---- hashes ---------------------------------------------------------------------------- */

static void hashes(void **state)
{
    (void)state;
    static const struct {
        ALG_ID id;
        DWORD len;
        BYTE first[4]; /* of the digest of "abc" */
    } rows[] = {
        {CALG_MD5, 16, {0x90, 0x01, 0x50, 0x98}},     {CALG_SHA1, 20, {0xa9, 0x99, 0x3e, 0x36}},
        {CALG_SHA_256, 32, {0xba, 0x78, 0x16, 0xbf}}, {CALG_SHA_384, 48, {0xcb, 0x00, 0x75, 0x3f}},
        {CALG_SHA_512, 64, {0xdd, 0xaf, 0x35, 0xa1}},
    };
    HCRYPTPROV provider = ephemeral();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        BYTE value[64];
        DWORD n = sizeof value;
        DWORD number;
        DWORD number_len = sizeof number;
        HCRYPTHASH hash = hash_text(provider, rows[i].id, "abc");
        assert_true(CryptGetHashParam(hash, HP_HASHSIZE, (BYTE *)&number, &number_len, 0));
        assert_int_equal(number, rows[i].len);
        assert_true(CryptGetHashParam(hash, HP_ALGID, (BYTE *)&number, &number_len, 0));
        assert_int_equal(number, rows[i].id);
        assert_true(CryptGetHashParam(hash, HP_HASHVAL, value, &n, 0));
        assert_int_equal(n, rows[i].len);
        assert_memory_equal(value, rows[i].first, 4);
        EXPECT_ERROR(CryptHashData(hash, value, 1, 0), NTE_BAD_HASH_STATE);
        assert_true(CryptGetHashParam(hash, HP_HASHVAL, value, &n, 0)); /* again */
        EXPECT_ERROR(CryptGetHashParam(hash, 99, value, &n, 0), NTE_BAD_TYPE);
        assert_true(CryptDestroyHash(hash));
        EXPECT_ERROR(CryptDestroyHash(hash), NTE_BAD_HASH);
    }
    HCRYPTHASH hash;
    EXPECT_ERROR(CryptCreateHash(provider, CALG_RC4, 0, 0, &hash), NTE_BAD_ALGID);
    EXPECT_ERROR(CryptCreateHash(provider, CALG_SHA_256, 0, 0, NULL), ERROR_INVALID_PARAMETER);
    EXPECT_ERROR(CryptCreateHash(0, CALG_SHA_256, 0, 0, &hash), NTE_BAD_UID);
    assert_true(CryptReleaseContext(provider, 0));
}

/* ---- keys ------------------------------------------------------------------------------ */

static void keys_travel_as_blobs(void **state)
{
    (void)state;
    BYTE blob[BLOB_MAX];
    BYTE again[BLOB_MAX];
    HCRYPTPROV provider = ephemeral();
    HCRYPTKEY key;
    HCRYPTKEY copy;
    assert_true(CryptGenKey(provider, AT_SIGNATURE, BITS << 16 | CRYPT_EXPORTABLE, &key));
    static const DWORD types[] = {PRIVATEKEYBLOB, PUBLICKEYBLOB};
    for (size_t i = 0; i < 2; i++) {
        DWORD n = export_key(key, types[i], blob);
        assert_true(CryptImportKey(provider, blob, n, 0, CRYPT_EXPORTABLE, &copy));
        assert_int_equal(export_key(copy, types[i], again), n);
        assert_memory_equal(blob, again, n);
        assert_true(CryptDestroyKey(copy));
        for (DWORD cut = 0; cut < n; cut++) {
            SetLastError(0);
            assert_false(CryptImportKey(provider, blob, cut, 0, 0, &copy));
            assert_int_equal(GetLastError(), (DWORD)NTE_BAD_DATA);
        }
    }
    DWORD n = export_key(key, PRIVATEKEYBLOB, blob);
    blob[30] ^= 1; /* in the modulus */
    EXPECT_ERROR(CryptImportKey(provider, blob, n, 0, 0, &copy), NTE_BAD_DATA);
    blob[30] ^= 1;
    blob[n - 3] ^= 1; /* in the private exponent */
    EXPECT_ERROR(CryptImportKey(provider, blob, n, 0, 0, &copy), NTE_BAD_DATA);
    blob[0] = SIMPLEBLOB;
    EXPECT_ERROR(CryptImportKey(provider, blob, n, 0, 0, &copy), NTE_BAD_TYPE);
    assert_true(CryptDestroyKey(key));
    assert_true(CryptReleaseContext(provider, 0));
}

static void what_may_not_be_exported_is_not(void **state)
{
    (void)state;
    BYTE blob[BLOB_MAX];
    DWORD n = sizeof blob;
    HCRYPTPROV provider = ephemeral();
    HCRYPTKEY key;
    assert_true(CryptGenKey(provider, AT_KEYEXCHANGE, BITS << 16, &key));
    EXPECT_ERROR(CryptExportKey(key, 0, PRIVATEKEYBLOB, 0, blob, &n), NTE_BAD_KEY_STATE);
    export_key(key, PUBLICKEYBLOB, blob);
    DWORD bits;
    n = sizeof bits;
    assert_true(CryptGetKeyParam(key, KP_KEYLEN, (BYTE *)&bits, &n, 0));
    assert_int_equal(bits, BITS);
    assert_true(CryptGetKeyParam(key, KP_ALGID, (BYTE *)&bits, &n, 0));
    assert_int_equal(bits, CALG_RSA_KEYX);
    assert_true(CryptDestroyKey(key));
    EXPECT_ERROR(CryptGenKey(provider, CALG_RC4, 0, &key), NTE_BAD_ALGID);
    EXPECT_ERROR(CryptGenKey(provider, AT_SIGNATURE, 128u << 16, &key), ERROR_INVALID_PARAMETER);
    assert_true(CryptReleaseContext(provider, 0));
}

static void signatures(void **state)
{
    (void)state;
    BYTE signature[512];
    DWORD n = sizeof signature;
    HCRYPTPROV provider = ephemeral();
    HCRYPTKEY key;
    HCRYPTHASH hash = hash_text(provider, CALG_SHA_256, "to be signed");
    EXPECT_ERROR(CryptSignHashA(hash, AT_SIGNATURE, NULL, 0, signature, &n), NTE_NO_KEY);
    assert_true(CryptGenKey(provider, AT_SIGNATURE, BITS << 16, &key));
    n = 0;
    assert_true(CryptSignHashA(hash, AT_SIGNATURE, NULL, 0, NULL, &n));
    assert_int_equal(n, BITS / 8);
    assert_true(CryptSignHashW(hash, AT_SIGNATURE, NULL, 0, signature, &n));
    assert_true(CryptVerifySignatureA(hash, signature, n, key, NULL, 0));
    HCRYPTHASH other = hash_text(provider, CALG_SHA_256, "to be signeD");
    EXPECT_ERROR(CryptVerifySignatureW(other, signature, n, key, NULL, 0), NTE_BAD_SIGNATURE);
    EXPECT_ERROR(CryptVerifySignatureA(hash, signature, n - 1, key, NULL, 0), NTE_BAD_SIGNATURE);
    for (DWORD i = 0; i < n; i += 7) {
        signature[i] ^= 0x40;
        EXPECT_ERROR(CryptVerifySignatureA(hash, signature, n, key, NULL, 0), NTE_BAD_SIGNATURE);
        signature[i] ^= 0x40;
    }
    assert_true(CryptVerifySignatureA(hash, signature, n, key, NULL, 0));
    assert_true(CryptDestroyHash(other));
    assert_true(CryptDestroyHash(hash));
    assert_true(CryptDestroyKey(key));
    assert_true(CryptReleaseContext(provider, 0));
}

/* ---- containers ------------------------------------------------------------------------ */

static void containers_come_and_go(void **state)
{
    (void)state;
    HCRYPTPROV provider;
    HCRYPTKEY key;
    BYTE blob[BLOB_MAX];
    BYTE again[BLOB_MAX];
    char name[64];
    DWORD n = sizeof name;
    EXPECT_ERROR(CryptAcquireContextA(&provider, "mine", NULL, PROV_RSA_FULL, 0), NTE_BAD_KEYSET);
    assert_true(CryptAcquireContextW(&provider, u"Mine", NULL, PROV_RSA_FULL, CRYPT_NEWKEYSET));
    EXPECT_ERROR(CryptAcquireContextA(&key, "mine", NULL, PROV_RSA_FULL, CRYPT_NEWKEYSET),
                 NTE_EXISTS);
    assert_true(CryptGetProvParam(provider, PP_CONTAINER, (BYTE *)name, &n, 0));
    assert_string_equal(name, "Mine");
    EXPECT_ERROR(CryptGetUserKey(provider, AT_KEYEXCHANGE, &key), NTE_NO_KEY);
    assert_true(CryptGenKey(provider, AT_KEYEXCHANGE, BITS << 16 | CRYPT_EXPORTABLE, &key));
    DWORD len = export_key(key, PRIVATEKEYBLOB, blob);
    assert_true(CryptDestroyKey(key));
    assert_true(CryptReleaseContext(provider, 0));

    /* Another handle finds the same key, and remembers that it may be exported. */
    assert_true(CryptAcquireContextA(&provider, "MINE", NULL, PROV_RSA_SCHANNEL, 0));
    assert_true(CryptGetUserKey(provider, AT_KEYEXCHANGE, &key));
    assert_int_equal(export_key(key, PRIVATEKEYBLOB, again), len);
    assert_memory_equal(blob, again, len);
    EXPECT_ERROR(CryptGetUserKey(provider, AT_SIGNATURE, &key), NTE_NO_KEY);
    assert_true(CryptDestroyKey(key));
    assert_true(CryptReleaseContext(provider, 0));

    assert_true(CryptAcquireContextA(&provider, "mine", NULL, PROV_RSA_FULL, CRYPT_DELETEKEYSET));
    EXPECT_ERROR(CryptAcquireContextA(&provider, "mine", NULL, PROV_RSA_FULL, 0), NTE_BAD_KEYSET);
    EXPECT_ERROR(CryptAcquireContextA(&provider, "mine", NULL, PROV_RSA_FULL, CRYPT_DELETEKEYSET),
                 NTE_BAD_KEYSET);
}

static unsigned key_files;

static void loosen(const char *path)
{
    struct stat info;
    size_t n = strlen(path);
    if (n < 4 || strcmp(path + n - 4, ".key") != 0)
        return;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(chmod(path, 0644), 0);
    key_files++;
}

static void a_key_that_others_can_read_is_refused(void **state)
{
    (void)state;
    HCRYPTPROV provider;
    HCRYPTKEY key;
    assert_true(CryptAcquireContextA(&provider, "open", NULL, PROV_RSA_FULL, CRYPT_NEWKEYSET));
    assert_true(CryptGenKey(provider, AT_SIGNATURE, BITS << 16, &key));
    assert_true(CryptDestroyKey(key));
    assert_true(CryptReleaseContext(provider, 0));
    folder_visit(loosen);
    assert_int_equal(key_files, 1);
    assert_true(CryptAcquireContextA(&provider, "open", NULL, PROV_RSA_FULL, 0));
    EXPECT_ERROR(CryptGetUserKey(provider, AT_SIGNATURE, &key), NTE_PERM);
    assert_true(CryptReleaseContext(provider, 0));
    assert_true(CryptAcquireContextA(&provider, "open", NULL, PROV_RSA_FULL, CRYPT_DELETEKEYSET));
}

static void references(void **state)
{
    (void)state;
    HCRYPTPROV provider = ephemeral();
    BYTE random[16] = {0};
    assert_true(CryptContextAddRef(provider, NULL, 0));
    assert_true(CryptReleaseContext(provider, 0));
    assert_true(CryptGenRandom(provider, sizeof random, random));
    assert_memory_not_equal(random, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", sizeof random);
    assert_true(CryptReleaseContext(provider, 0));
    EXPECT_ERROR(CryptReleaseContext(provider, 0), NTE_BAD_UID);
    EXPECT_ERROR(CryptGenRandom(provider, sizeof random, random), NTE_BAD_UID);
}

static void wrong_arguments(void **state)
{
    (void)state;
    HCRYPTPROV provider = ephemeral();
    HCRYPTKEY key;
    DWORD n = 0;
    static const ULONG_PTR garbage[] = {0, 1, 0xdeadbeef, (ULONG_PTR)-1};
    for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
        EXPECT_ERROR(CryptDestroyKey(garbage[i]), NTE_BAD_KEY);
        EXPECT_ERROR(CryptExportKey(garbage[i], 0, PUBLICKEYBLOB, 0, NULL, &n), NTE_BAD_KEY);
        EXPECT_ERROR(CryptGetUserKey(garbage[i], AT_SIGNATURE, &key), NTE_BAD_UID);
        EXPECT_ERROR(CryptHashData(garbage[i], NULL, 0, 0), NTE_BAD_HASH);
    }
    EXPECT_ERROR(CryptDestroyKey(provider), NTE_BAD_KEY); /* of another kind */
    EXPECT_ERROR(CryptAcquireContextA(&key, NULL, NULL, PROV_DSS, CRYPT_VERIFYCONTEXT),
                 NTE_BAD_PROV_TYPE);
    EXPECT_ERROR(CryptAcquireContextA(NULL, NULL, NULL, PROV_RSA_FULL, CRYPT_VERIFYCONTEXT),
                 ERROR_INVALID_PARAMETER);
    EXPECT_ERROR(CryptImportKey(provider, NULL, 5, 0, 0, &key), ERROR_INVALID_PARAMETER);
    EXPECT_ERROR(CryptGetProvParam(provider, 12345, NULL, &n, 0), NTE_BAD_TYPE);
    assert_true(CryptReleaseContext(provider, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes),
        cmocka_unit_test(keys_travel_as_blobs),
        cmocka_unit_test(what_may_not_be_exported_is_not),
        cmocka_unit_test(signatures),
        cmocka_unit_test(containers_come_and_go),
        cmocka_unit_test(a_key_that_others_can_read_is_refused),
        cmocka_unit_test(references),
        cmocka_unit_test(wrong_arguments),
    };
    return cmocka_run_group_tests_name("keys_capi", tests, folder_setup, folder_teardown);
}
