/* SPDX-License-Identifier: MIT */
/* Keys of certificates: properties that name them, handles that hold them, credentials that use
 * them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <ncrypt.h>

#include "folder.h"
#include "pair.h"

#define EXPECT_ERROR(call, error)                                                                  \
    do {                                                                                           \
        SetLastError(0);                                                                           \
        assert_false(call);                                                                        \
        assert_int_equal((DWORD)(error), GetLastError());                                          \
    } while (0)

enum { BLOB_MAX = 4096 };

static WCHAR container_name[] = u"of a certificate";

/* The same certificate, as it comes out of a file: without a key. */
static PCCERT_CONTEXT without_key(PCCERT_CONTEXT certificate)
{
    PCCERT_CONTEXT bare = CertCreateCertificateContext(
        X509_ASN_ENCODING, certificate->pbCertEncoded, certificate->cbCertEncoded);
    assert_non_null(bare);
    return bare;
}

static SECURITY_STATUS acquire(PCCERT_CONTEXT certificate)
{
    CredHandle handle;
    SCH_CREDENTIALS data = {
        .dwVersion = SCH_CREDENTIALS_VERSION, .cCreds = 1, .paCred = &certificate};
    SECURITY_STATUS status = AcquireCredentialsHandleA(
        NULL, (char *)UNISP_NAME_A, SECPKG_CRED_INBOUND, NULL, &data, NULL, NULL, &handle, NULL);
    if (status == SEC_E_OK)
        FreeCredentialsHandle(&handle);
    return status;
}

/* A handshake in which the certificate serves. */
static void check_serves(PCCERT_CONTEXT certificate)
{
    static struct pair p;
    HCERTSTORE roots = pair_store(certificate);
    struct pair_options o = {
        .server_certificate = certificate, .client_roots = roots, .target = "localhost"};
    assert_int_equal(pair_open(&p, &o), SEC_E_OK);
    assert_true(pair_handshake(&p));
    pair_close(&p);
    CertCloseStore(roots, 0);
}

static DWORD private_blob(PCCERT_CONTEXT certificate, BYTE *out)
{
    HCRYPTPROV provider;
    HCRYPTKEY key;
    DWORD spec;
    BOOL must_free;
    DWORD n = BLOB_MAX;
    assert_true(
        CryptAcquireCertificatePrivateKey(certificate, 0, NULL, &provider, &spec, &must_free));
    assert_int_equal(spec, AT_KEYEXCHANGE);
    assert_true(must_free);
    assert_true(CryptGetUserKey(provider, spec, &key));
    assert_true(CryptExportKey(key, 0, PRIVATEKEYBLOB, 0, out, &n));
    assert_true(CryptDestroyKey(key));
    assert_true(CryptReleaseContext(provider, 0));
    return n;
}

static void store_key(PCCERT_CONTEXT certificate, LPCWSTR container)
{
    BYTE blob[BLOB_MAX];
    HCRYPTPROV provider;
    HCRYPTKEY key;
    DWORD n = private_blob(certificate, blob);
    assert_true(CryptAcquireContextW(&provider, container, NULL, PROV_RSA_FULL, CRYPT_NEWKEYSET));
    assert_true(CryptImportKey(provider, blob, n, 0, 0, &key));
    assert_true(CryptDestroyKey(key));
    assert_true(CryptReleaseContext(provider, 0));
}

static void delete_key(LPCWSTR container)
{
    HCRYPTPROV provider;
    assert_true(
        CryptAcquireContextW(&provider, container, NULL, PROV_RSA_FULL, CRYPT_DELETEKEYSET));
}

static CRYPT_KEY_PROV_INFO named(WCHAR *container)
{
    return (CRYPT_KEY_PROV_INFO){.pwszContainerName = container,
                                 .pwszProvName = (WCHAR *)(uintptr_t)MS_ENH_RSA_AES_PROV_W,
                                 .dwProvType = PROV_RSA_AES,
                                 .dwKeySpec = AT_KEYEXCHANGE};
}

/* ---- the tests ------------------------------------------------------------------------- */

static void a_key_in_a_container(void **state)
{
    (void)state;
    BYTE block[512];
    DWORD n = 0;
    PCCERT_CONTEXT original = pair_certificate("rsa-2048");
    PCCERT_CONTEXT certificate = without_key(original);
    assert_int_equal(acquire(certificate), SEC_E_NO_CREDENTIALS);
    CRYPT_KEY_PROV_INFO info = named(container_name);
    assert_true(
        CertSetCertificateContextProperty(certificate, CERT_KEY_PROV_INFO_PROP_ID, 0, &info));
    assert_int_equal(acquire(certificate), SEC_E_UNKNOWN_CREDENTIALS); /* not there yet */
    store_key(original, container_name);
    assert_int_equal(acquire(certificate), SEC_E_OK);
    check_serves(certificate);

    assert_true(
        CertGetCertificateContextProperty(certificate, CERT_KEY_PROV_INFO_PROP_ID, NULL, &n));
    DWORD size = n - 1;
    EXPECT_ERROR(
        CertGetCertificateContextProperty(certificate, CERT_KEY_PROV_INFO_PROP_ID, block, &size),
        ERROR_MORE_DATA);
    assert_true(
        CertGetCertificateContextProperty(certificate, CERT_KEY_PROV_INFO_PROP_ID, block, &n));
    CRYPT_KEY_PROV_INFO *got = (CRYPT_KEY_PROV_INFO *)(void *)block;
    assert_memory_equal(got->pwszContainerName, container_name, sizeof container_name);
    assert_int_equal(got->dwKeySpec, AT_KEYEXCHANGE);
    assert_int_equal(got->cProvParam, 0);
    DWORD spec;
    n = sizeof spec;
    assert_true(CertGetCertificateContextProperty(certificate, CERT_KEY_SPEC_PROP_ID, &spec, &n));
    assert_int_equal(spec, AT_KEYEXCHANGE);
    EXPECT_ERROR(
        CertGetCertificateContextProperty(certificate, CERT_KEY_CONTEXT_PROP_ID, block, &n),
        CRYPT_E_NOT_FOUND);
    CertFreeCertificateContext(certificate);
    delete_key(container_name);
}

static void a_key_of_another_certificate(void **state)
{
    (void)state;
    HCRYPTPROV provider;
    PCCERT_CONTEXT other = SchannelCreateTestCertificate("elsewhere", "rsa-2048", 5);
    PCCERT_CONTEXT certificate = without_key(pair_certificate("rsa-2048"));
    store_key(other, container_name);
    CRYPT_KEY_PROV_INFO info = named(container_name);
    assert_true(
        CertSetCertificateContextProperty(certificate, CERT_KEY_PROV_INFO_PROP_ID, 0, &info));
    assert_int_equal(acquire(certificate), SEC_E_UNKNOWN_CREDENTIALS);
    EXPECT_ERROR(CryptAcquireCertificatePrivateKey(certificate, CRYPT_ACQUIRE_COMPARE_KEY_FLAG,
                                                   NULL, &provider, NULL, NULL),
                 NTE_BAD_PUBLIC_KEY);
    CertFreeCertificateContext(certificate);
    CertFreeCertificateContext(other);
    delete_key(container_name);
}

/* The way of programs that import a PEM key with CryptoAPI and keep no container. */
static void a_key_context(void **state)
{
    (void)state;
    BYTE blob[BLOB_MAX];
    HCRYPTPROV provider;
    HCRYPTKEY key;
    PCCERT_CONTEXT original = pair_certificate("rsa-2048");
    PCCERT_CONTEXT certificate = without_key(original);
    DWORD n = private_blob(original, blob);
    assert_true(CryptAcquireContextW(&provider, NULL, NULL, PROV_RSA_FULL, CRYPT_VERIFYCONTEXT));
    assert_true(CryptImportKey(provider, blob, n, 0, 0, &key));
    assert_true(CryptDestroyKey(key));
    CERT_KEY_CONTEXT context = {.cbSize = 5, .hCryptProv = provider, .dwKeySpec = AT_KEYEXCHANGE};
    EXPECT_ERROR(
        CertSetCertificateContextProperty(certificate, CERT_KEY_CONTEXT_PROP_ID, 0, &context),
        E_INVALIDARG);
    context.cbSize = sizeof context;
    assert_true(
        CertSetCertificateContextProperty(certificate, CERT_KEY_CONTEXT_PROP_ID, 0, &context));
    HCRYPTPROV got;
    n = sizeof got;
    assert_true(
        CertGetCertificateContextProperty(certificate, CERT_KEY_PROV_HANDLE_PROP_ID, &got, &n));
    assert_int_equal(got, provider);
    BOOL must_free = TRUE;
    DWORD spec;
    assert_true(CryptAcquireCertificatePrivateKey(certificate, 0, NULL, &got, &spec, &must_free));
    assert_int_equal(got, provider);
    assert_false(must_free);
    check_serves(certificate);
    CertFreeCertificateContext(certificate);
    EXPECT_ERROR(CryptReleaseContext(provider, 0), NTE_BAD_UID); /* went with the certificate */
}

static void handles_that_stay_the_callers(void **state)
{
    (void)state;
    static const char *const kinds[] = {"ecdsa-p256", "rsa-2048"};
    for (size_t i = 0; i < 2; i++) {
        NCRYPT_KEY_HANDLE key;
        DWORD spec;
        BOOL must_free;
        PCCERT_CONTEXT original = pair_certificate(kinds[i]);
        PCCERT_CONTEXT certificate = without_key(original);
        assert_true(CryptAcquireCertificatePrivateKey(original, CRYPT_ACQUIRE_ONLY_NCRYPT_KEY_FLAG,
                                                      NULL, &key, &spec, &must_free));
        assert_int_equal(spec, CERT_NCRYPT_KEY_SPEC);
        assert_true(must_free);
        /* By value, then behind a pointer. */
        assert_true(CertSetCertificateContextProperty(certificate, CERT_NCRYPT_KEY_HANDLE_PROP_ID,
                                                      CERT_STORE_NO_CRYPT_RELEASE_FLAG,
                                                      (void *)key));
        assert_true(CertSetCertificateContextProperty(certificate, CERT_NCRYPT_KEY_HANDLE_PROP_ID,
                                                      CERT_STORE_NO_CRYPT_RELEASE_FLAG, &key));
        check_serves(certificate);
        CertFreeCertificateContext(certificate);
        assert_int_equal(NCryptFreeObject(key), ERROR_SUCCESS);
    }
}

static void a_bound_key_has_a_handle(void **state)
{
    (void)state;
    CERT_KEY_CONTEXT context;
    DWORD n = sizeof context;
    PCCERT_CONTEXT made = SchannelCreateTestCertificate("localhost", "rsa-2048", 5);
    assert_true(CertGetCertificateContextProperty(made, CERT_KEY_CONTEXT_PROP_ID, &context, &n));
    assert_int_equal(n, sizeof context);
    assert_int_equal(context.dwKeySpec, AT_KEYEXCHANGE);
    HCRYPTPROV again;
    BOOL must_free;
    assert_true(CryptAcquireCertificatePrivateKey(made, CRYPT_ACQUIRE_CACHE_FLAG, NULL, &again,
                                                  NULL, &must_free));
    assert_int_equal(again, context.hCryptProv);
    assert_false(must_free);
    CertFreeCertificateContext(made);
    PCCERT_CONTEXT bare = without_key(pair_certificate("rsa-2048"));
    EXPECT_ERROR(CryptAcquireCertificatePrivateKey(bare, 0, NULL, &again, NULL, NULL),
                 CRYPT_E_NO_KEY_PROPERTY);
    EXPECT_ERROR(CertGetCertificateContextProperty(bare, CERT_KEY_SPEC_PROP_ID, &n, &n),
                 CRYPT_E_NOT_FOUND);
    CertFreeCertificateContext(bare);
}

static void computed_properties(void **state)
{
    (void)state;
    static const struct {
        DWORD id;
        DWORD size;
    } rows[] = {
        {CERT_SHA1_HASH_PROP_ID, 20},
        {CERT_MD5_HASH_PROP_ID, 16},
        {CERT_SHA256_HASH_PROP_ID, 32},
        {CERT_KEY_IDENTIFIER_PROP_ID, 20},
        {CERT_SIGNATURE_HASH_PROP_ID, 32},
        {CERT_SUBJECT_PUBLIC_KEY_MD5_HASH_PROP_ID, 16},
        {CERT_SUBJECT_NAME_MD5_HASH_PROP_ID, 16},
        {CERT_PIN_SHA256_HASH_PROP_ID, 32},
        {CERT_SUBJECT_PUB_KEY_BIT_LENGTH_PROP_ID, 4},
        {CERT_PUB_KEY_CNG_ALG_BIT_LENGTH_PROP_ID, sizeof u"RSA/2048"},
        {CERT_SIGN_HASH_CNG_ALG_PROP_ID, sizeof u"RSA/SHA256"},
        {CERT_ACCESS_STATE_PROP_ID, 4},
    };
    BYTE value[64];
    PCCERT_CONTEXT certificate = pair_certificate("rsa-2048");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        DWORD n = 0;
        assert_true(CertGetCertificateContextProperty(certificate, rows[i].id, NULL, &n));
        assert_int_equal(n, rows[i].size);
        n--;
        EXPECT_ERROR(CertGetCertificateContextProperty(certificate, rows[i].id, value, &n),
                     ERROR_MORE_DATA);
        assert_true(CertGetCertificateContextProperty(certificate, rows[i].id, value, &n));
    }
    DWORD n = sizeof value;
    assert_true(CertGetCertificateContextProperty(
        certificate, CERT_PUB_KEY_CNG_ALG_BIT_LENGTH_PROP_ID, value, &n));
    assert_memory_equal(value, u"RSA/2048", n);
}

static void properties_are_enumerated(void **state)
{
    (void)state;
    BYTE byte = 7;
    CRYPT_DATA_BLOB blob = {1, &byte};
    PCCERT_CONTEXT bare = without_key(pair_certificate("rsa-2048"));
    assert_int_equal(CertEnumCertificateContextProperties(bare, 0), 0);
    assert_true(CertSetCertificateContextProperty(bare, 0x8001, 0, &blob));
    assert_true(CertSetCertificateContextProperty(bare, CERT_FRIENDLY_NAME_PROP_ID, 0, &blob));
    DWORD first = CertEnumCertificateContextProperties(bare, 0);
    assert_int_equal(first, CERT_FRIENDLY_NAME_PROP_ID);
    assert_int_equal(CertEnumCertificateContextProperties(bare, first), 0x8001);
    assert_int_equal(CertEnumCertificateContextProperties(bare, 0x8001), 0);
    CertFreeCertificateContext(bare);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_in_a_container),
        cmocka_unit_test(a_key_of_another_certificate),
        cmocka_unit_test(a_key_context),
        cmocka_unit_test(handles_that_stay_the_callers),
        cmocka_unit_test(a_bound_key_has_a_handle),
        cmocka_unit_test(computed_properties),
        cmocka_unit_test(properties_are_enumerated),
    };
    return cmocka_run_group_tests_name("cert_keys", tests, folder_setup, folder_teardown);
}
