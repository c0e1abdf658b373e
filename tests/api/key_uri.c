/* SPDX-License-Identifier: MIT */
/*
 * Keys that SchannelLoadPemFiles is given as URIs: files, and objects of a provider that the
 * system's openssl.cnf activates. TOKEN_MODULE is such a provider.
 */
#include <ncrypt.h>
#include <sys/stat.h>
#include <unistd.h>

#include "checks.h"

static const char page[] = "SchannelLoadPemFiles";
static char folder[] = "/tmp/schannel-uri-XXXXXX";

static const char *in_folder(const char *format)
{
    static char text[4][512];
    static size_t next;
    char *out = text[next++ % 4];
    snprintf(out, sizeof text[0], format, folder);
    return out;
}

static void write_file(const char *path, const void *bytes, size_t n)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    fclose(file);
}

/* PKCS#8 of a certificate's key. */
static DWORD key_of(PCCERT_CONTEXT cert, BYTE *out, DWORD room)
{
    NCRYPT_KEY_HANDLE key;
    DWORD spec;
    DWORD n = 0;
    BOOL must_free;
    assert_true(CryptAcquireCertificatePrivateKey(cert, CRYPT_ACQUIRE_ONLY_NCRYPT_KEY_FLAG, NULL,
                                                  &key, &spec, &must_free));
    assert_int_equal(NCryptExportKey(key, 0, NCRYPT_PKCS8_PRIVATE_KEY_BLOB, NULL, out, room, &n, 0),
                     0);
    if (must_free)
        NCryptFreeObject(key);
    return n;
}

static void write_pem(const char *path, const BYTE *der, DWORD n)
{
    char base64[8192];
    char text[8400];
    DWORD length = sizeof base64;
    assert_true(
        CryptBinaryToStringA(der, n, CRYPT_STRING_BASE64 | CRYPT_STRING_NOCR, base64, &length));
    int size = snprintf(text, sizeof text,
                        "-----BEGIN PRIVATE "
                        "KEY-----\n%s-----END PRIVATE "
                        "KEY-----\n",
                        base64);
    write_file(path, text, (size_t)size);
}

static int make_files(void **state)
{
    (void)state;
    BYTE der[4096];
    char conf[1024];
    if (mkdtemp(folder) == NULL)
        return -1;
    /* Before libcrypto reads it for the first time. */
    int n = snprintf(conf, sizeof conf,
                     "openssl_conf = begin\n[begin]\nproviders = list\n[list]\ndefault = usual\n"
                     "token = token\n[usual]\nactivate = 1\n[token]\nmodule = %s\nactivate = 1\n",
                     TOKEN_MODULE);
    write_file(in_folder("%s/openssl.cnf"), conf, (size_t)n);
    setenv("OPENSSL_CONF", in_folder("%s/openssl.cnf"), 1);
    PCCERT_CONTEXT cert = pair_certificate("ecdsa-p256");
    char *pem = SchannelPemFromCertificate(cert);
    write_file(in_folder("%s/cert.pem"), pem, strlen(pem));
    LocalFree(pem);
    DWORD size = key_of(cert, der, sizeof der);
    write_file(in_folder("%s/key.der"), der, size);
    write_pem(in_folder("%s/key of mine.pem"), der, size);
    size = key_of(pair_certificate("rsa-2048"), der, sizeof der);
    write_file(in_folder("%s/other.der"), der, size);
    write_file(in_folder("%s/empty"), "", 0);
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    static const char *const names[] = {"%s/openssl.cnf",     "%s/cert.pem",  "%s/key.der",
                                        "%s/key of mine.pem", "%s/other.der", "%s/empty"};
    for (size_t i = 0; i < COUNT(names); i++)
        unlink(in_folder(names[i]));
    return rmdir(folder);
}

static bool serves(PCCERT_CONTEXT cert)
{
    static struct pair p;
    HCERTSTORE roots = pair_store(cert);
    struct pair_options o = {
        .server_certificate = cert, .client_roots = roots, .target = "localhost"};
    bool done = pair_open(&p, &o) == SEC_E_OK && pair_handshake(&p);
    pair_close(&p);
    CertCloseStore(roots, 0);
    return done;
}

static const struct row {
    const char *uri; /* %s: the folder */
    const char *password;
    DWORD error; /* 0: it serves */
} rows[] = {
    {"file:%s/key.der", NULL, 0},
    {"FILE:%s/key.der", NULL, 0},
    {"file://%s/key.der", NULL, 0},
    {"file://localhost%s/key.der", NULL, 0},
    {"file:%s/key%%20of%%20mine.pem", NULL, 0},
    {"file:%s/key of mine.pem", "not needed", 0},
    {"file:%s/%%6b%%65%%79.der", NULL, 0},
    {"file:%s/absent", NULL, ERROR_FILE_NOT_FOUND},
    {"file:%s", NULL, ERROR_ACCESS_DENIED},
    {"file:%s/other.der", NULL, NTE_BAD_KEY},
    {"file:%s/cert.pem", NULL, NTE_NO_KEY},
    {"file:%s/empty", NULL, NTE_BAD_KEY},
    {"file://elsewhere%s/key.der", NULL, ERROR_INVALID_NAME},
    {"file:", NULL, ERROR_INVALID_NAME},
    {"file:%s/key%%00.der", NULL, ERROR_INVALID_NAME},
    {"file:%s/key%%2", NULL, ERROR_INVALID_NAME},
    {"file:%s/key%%zz", NULL, ERROR_INVALID_NAME},
    {"pkcs11:object=%s/key.der", NULL, 0},
    {"pkcs11:object=%s/key.der;pin-source=ask", "1234", 0},
    {"pkcs11:object=%s/key.der;pin-source=ask", "4321", ERROR_INVALID_PASSWORD},
    {"pkcs11:object=%s/key.der;pin-source=ask", NULL, ERROR_INVALID_PASSWORD},
    {"pkcs11:object=%s/other.der", NULL, NTE_BAD_KEY},
    {"pkcs11:object=%s/absent", NULL, NTE_NO_KEY},
};

static void check_row(const struct row *row)
{
    char uri[512];
    char cert_file[512];
    snprintf(uri, sizeof uri, row->uri, folder);
    snprintf(cert_file, sizeof cert_file, "%s", in_folder("%s/cert.pem"));
    SetLastError(0);
    PCCERT_CONTEXT cert = SchannelLoadPemFiles(cert_file, uri, row->password);
    CHECK_NUMBER(row->uri, crypto_queue_error(), 0);
    CHECK_NUMBER(row->uri, cert != NULL, row->error == 0);
    if (cert == NULL)
        CHECK_NUMBER(row->uri, GetLastError(), row->error);
    else
        CHECK(row->uri, serves(cert));
    CertFreeCertificateContext(cert);
}

static void every_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        check_row(&rows[i]);
}

/* A path that happens to have a colon is one. */
static void other_paths(void **state)
{
    (void)state;
    CHECK_FAILS(page, SchannelLoadPemFiles(in_folder("%s/cert.pem"), "http://key", NULL),
                ERROR_FILE_NOT_FOUND);
    CHECK_FAILS(page, SchannelLoadPemFiles(in_folder("%s/absent"), "pkcs11:object=x", NULL),
                ERROR_FILE_NOT_FOUND);
}

static void planted(void **state)
{
    (void)state;
    struct row wrong = rows[0];
    wrong.error = NTE_BAD_KEY;
    planted_begin();
    check_row(&wrong);
    wrong = rows[19];
    wrong.password = "1234";
    check_row(&wrong);
    assert_int_equal(planted_end(), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted),
        cmocka_unit_test(every_row),
        cmocka_unit_test(other_paths),
    };
    return cmocka_run_group_tests_name("key_uri", tests, make_files, remove_files);
}
