/* SPDX-License-Identifier: MIT */
/*
 * The n-th allocation fails, for each n, in functions that make certificates, keys and files: they
 * fail with a last error and leave nothing behind, until there is enough memory.
 */
#include <bcrypt.h>

#include "zoo.h"

enum { STEPS_MAX = 2000, BYTES_MAX = 8192 };

static HCRYPTPROV provider;
static PCCERT_CONTEXT self_signed;
static HCERTSTORE store;
static BYTE name_der[64];
static CERT_NAME_BLOB name = {.pbData = name_der};
static char pem[4096];
static BYTE key_block[1024];

static CRYPT_ALGORITHM_IDENTIFIER sha256 = {.pszObjId = (LPSTR)(uintptr_t)szOID_RSA_SHA256RSA};

static int prepare(void **state)
{
    (void)state;
    HCRYPTKEY key;
    DWORD n = sizeof pem;
    zoo_open();
    assert_true(CryptAcquireContextW(&provider, NULL, NULL, PROV_RSA_AES, CRYPT_VERIFYCONTEXT));
    assert_true(CryptGenKey(provider, AT_SIGNATURE, CRYPT_EXPORTABLE, &key));
    CryptDestroyKey(key);
    name.cbData = sizeof name_der;
    assert_true(CertStrToNameA(X509_ASN_ENCODING, "CN=maker", CERT_X500_NAME_STR, NULL, name_der,
                               &name.cbData, NULL));
    self_signed = CertCreateSelfSignCertificate(provider, &name, 0, NULL, NULL, NULL, NULL, NULL);
    assert_non_null(self_signed);
    store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    assert_true(CertAddCertificateContextToStore(store, self_signed, CERT_STORE_ADD_ALWAYS, NULL));
    assert_true(CryptBinaryToStringA(self_signed->pbCertEncoded, self_signed->cbCertEncoded,
                                     CRYPT_STRING_BASE64HEADER, pem, &n));
    n = sizeof key_block;
    assert_true(CryptExportPublicKeyInfo(provider, AT_SIGNATURE, X509_ASN_ENCODING,
                                         (CERT_PUBLIC_KEY_INFO *)(void *)key_block, &n));
    return 0;
}

static int drop(void **state)
{
    (void)state;
    CertFreeCertificateContext(self_signed);
    CertCloseStore(store, 0);
    CryptReleaseContext(provider, 0);
    return 0;
}

/* ---- what is tried --------------------------------------------------------------------- */

static bool make_certificate(void)
{
    PCCERT_CONTEXT made =
        CertCreateSelfSignCertificate(provider, &name, 0, NULL, &sha256, NULL, NULL, NULL);
    CertFreeCertificateContext(made);
    return made != NULL;
}

static bool sign_request(void)
{
    BYTE der[BYTES_MAX];
    DWORD n = sizeof der;
    CERT_REQUEST_INFO info = {.Subject = name,
                              .SubjectPublicKeyInfo = *(CERT_PUBLIC_KEY_INFO *)(void *)key_block};
    return CryptSignAndEncodeCertificate(provider, AT_SIGNATURE, X509_ASN_ENCODING,
                                         X509_CERT_REQUEST_TO_BE_SIGNED, &info, &sha256, NULL, der,
                                         &n);
}

static bool export_key(void)
{
    BYTE block[1024];
    DWORD n = sizeof block;
    return CryptExportPublicKeyInfo(provider, AT_SIGNATURE, X509_ASN_ENCODING,
                                    (CERT_PUBLIC_KEY_INFO *)(void *)block, &n);
}

static bool import_key(void)
{
    BCRYPT_KEY_HANDLE key = NULL;
    if (!CryptImportPublicKeyInfoEx2(X509_ASN_ENCODING, (CERT_PUBLIC_KEY_INFO *)(void *)key_block,
                                     0, NULL, &key))
        return false;
    return BCryptDestroyKey(key) == 0;
}

static bool write_pfx(void)
{
    static const WCHAR password[] = {'p', 0};
    BYTE bytes[BYTES_MAX];
    CRYPT_DATA_BLOB blob = {sizeof bytes, bytes};
    return PFXExportCertStoreEx(store, &blob, password, NULL,
                                EXPORT_PRIVATE_KEYS | REPORT_NOT_ABLE_TO_EXPORT_PRIVATE_KEY |
                                    PKCS12_INCLUDE_EXTENDED_PROPERTIES);
}

static bool query(void)
{
    CRYPT_DATA_BLOB blob = {(DWORD)strlen(pem), (BYTE *)pem};
    const void *context = NULL;
    BOOL found =
        CryptQueryObject(CERT_QUERY_OBJECT_BLOB, &blob, CERT_QUERY_CONTENT_FLAG_ALL,
                         CERT_QUERY_FORMAT_FLAG_ALL, 0, NULL, NULL, NULL, NULL, NULL, &context);
    CertFreeCertificateContext(context);
    return found;
}

static bool parse_name(void)
{
    BYTE der[256];
    DWORD n = sizeof der;
    return CertStrToNameA(X509_ASN_ENCODING, "CN=a + OU=\"b\", O=c, 1.2.3=#AB",
                          CERT_X500_NAME_STR | CERT_NAME_STR_REVERSE_FLAG, NULL, der, &n, NULL);
}

static bool spell_name(void)
{
    char text[64];
    return CertNameToStrA(X509_ASN_ENCODING, &name, CERT_X500_NAME_STR, text, sizeof text) > 1;
}

static const struct row {
    const char *what;
    bool (*run)(void);
    DWORD error; /* 0: any */
} rows[] = {
    {"CertCreateSelfSignCertificate", make_certificate, 0},
    {"CryptSignAndEncodeCertificate", sign_request, ERROR_NOT_ENOUGH_MEMORY},
    {"CryptExportPublicKeyInfo", export_key, ERROR_NOT_ENOUGH_MEMORY},
    {"CryptImportPublicKeyInfoEx2", import_key, ERROR_NOT_ENOUGH_MEMORY},
    {"PFXExportCertStoreEx", write_pfx, 0},
    {"CryptQueryObject", query, ERROR_NOT_ENOUGH_MEMORY},
    {"CertStrToName", parse_name, ERROR_NOT_ENOUGH_MEMORY},
    {"CertNameToStr", spell_name, ERROR_NOT_ENOUGH_MEMORY},
};

/* Failures until it succeeds; -1: it left something, or failed for another reason. */
static int failures_of(const struct row *row)
{
    for (uint64_t n = 1; n < STEPS_MAX; n++) {
        int64_t live = mem_live();
        SetLastError(0);
        mem_fail_at(n, false);
        bool done = row->run();
        mem_fail_at(0, false);
        DWORD error = GetLastError();
        if (mem_live() != live || ERR_peek_error() != 0 ||
            (!done && (error == 0 || (row->error != 0 && error != row->error)))) {
            print_message("%s: at %u, error %08x, %d blocks\n", row->what, (unsigned)n, error,
                          (int)(mem_live() - live));
            return -1;
        }
        if (done)
            return (int)n - 1;
    }
    return -1;
}

static void every_function(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_true(rows[i].run()); /* what is set up once is there */
        int failures = failures_of(&rows[i]);
        print_message("%s: %d\n", rows[i].what, failures);
        assert_true(failures > 0);
    }
}

static void *kept;

/* Succeeds, and leaves a block. */
static bool leaks(void)
{
    kept = mem_alloc(8);
    SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    return kept != NULL;
}

static void positive_control(void **state)
{
    (void)state;
    struct row wrong = {"planted", leaks, 0};
    print_message("two planted outcomes:\n");
    assert_int_equal(failures_of(&wrong), -1);
    assert_non_null(kept);
    mem_free(kept);
    wrong = rows[6];
    wrong.error = ERROR_FILE_NOT_FOUND;
    assert_int_equal(failures_of(&wrong), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(positive_control),
        cmocka_unit_test(every_function),
    };
    return cmocka_run_group_tests_name("no_memory", tests, prepare, drop);
}
