/* SPDX-License-Identifier: MIT */
/*
 * PKCS#12 through the public functions: what goes out comes back, libcrypto reads what is written,
 * and the flags of PFXImportCertStore and PFXExportCertStoreEx do what their pages say.
 */
#include <ncrypt.h>

#include "checks.h"
#include "folder.h"
#include "witness.h"

enum { PFX_MAX = 16384 };

static const char import_page[] = "PFXImportCertStore";
static const char export_page[] = "PFXExportCertStoreEx";

struct file {
    BYTE bytes[PFX_MAX];
    CRYPT_DATA_BLOB blob;
};

/* The two calls that programs make. */
static void export_as(HCERTSTORE store, const WCHAR *password, DWORD flags, struct file *out)
{
    out->blob = (CRYPT_DATA_BLOB){0};
    CHECK_WORKS(export_page, PFXExportCertStoreEx(store, &out->blob, password, NULL, flags));
    assert_true(out->blob.cbData > 0 && out->blob.cbData <= PFX_MAX);
    DWORD said = out->blob.cbData;
    out->blob.pbData = out->bytes;
    out->blob.cbData = said - 1;
    CHECK_FAILS(export_page, PFXExportCertStoreEx(store, &out->blob, password, NULL, flags),
                ERROR_MORE_DATA);
    CHECK_NUMBER(export_page, out->blob.cbData, said);
    CHECK_WORKS(export_page, PFXExportCertStoreEx(store, &out->blob, password, NULL, flags));
    CHECK_NUMBER(export_page, out->blob.cbData, said);
}

static void made_by_libcrypto(const struct witness_pfx_wish *wish, struct file *out)
{
    out->blob.pbData = out->bytes;
    out->blob.cbData = (DWORD)witness_pfx_make(wish, out->bytes, sizeof out->bytes);
}

/* A store with a certificate and its key. */
static HCERTSTORE store_of(const char *kind)
{
    return pair_store(pair_certificate(kind));
}

static PCCERT_CONTEXT first_of(HCERTSTORE store)
{
    PCCERT_CONTEXT first = CertEnumCertificatesInStore(store, NULL);
    assert_non_null(first);
    return first;
}

static bool has_property(PCCERT_CONTEXT certificate, DWORD id)
{
    DWORD last = 0;
    while ((last = CertEnumCertificateContextProperties(certificate, last)) != 0) {
        if (last == id)
            return true;
    }
    return false;
}

static bool serves(PCCERT_CONTEXT certificate)
{
    static struct pair p;
    HCERTSTORE roots = pair_store(certificate);
    struct pair_options o = {.server_certificate = certificate,
                             .client_roots = roots,
                             .target = "localhost",
                             .client_flags = SCH_CRED_NO_SERVERNAME_CHECK};
    bool done = pair_open(&p, &o) == SEC_E_OK && pair_handshake(&p);
    pair_close(&p);
    CertCloseStore(roots, 0);
    return done;
}

/* Whether the key's bytes can be had. */
static bool gives_key_away(PCCERT_CONTEXT certificate)
{
    ULONG_PTR handle;
    DWORD spec;
    BOOL must_free;
    BYTE blob[4096];
    DWORD n = sizeof blob;
    HCRYPTKEY key;
    assert_true(
        CryptAcquireCertificatePrivateKey(certificate, 0, NULL, &handle, &spec, &must_free));
    bool given;
    if (spec == CERT_NCRYPT_KEY_SPEC) {
        given = NCryptExportKey(handle, 0, NCRYPT_PKCS8_PRIVATE_KEY_BLOB, NULL, blob, sizeof blob,
                                &n, 0) == 0;
        if (must_free)
            NCryptFreeObject(handle);
    } else {
        assert_true(CryptGetUserKey(handle, spec, &key));
        given = CryptExportKey(key, 0, PRIVATEKEYBLOB, 0, blob, &n);
        CryptDestroyKey(key);
        if (must_free)
            CryptReleaseContext(handle, 0);
    }
    return given;
}

/* ---- out and in ------------------------------------------------------------------------ */

static void round_trips(void **state)
{
    (void)state;
    static const char *const kinds[] = {"rsa-2048", "ecdsa-p256", "ecdsa-p384", "ed25519"};
    static struct file file;
    struct witness_pfx seen;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        HCERTSTORE store = store_of(kinds[i]);
        export_as(store, u"secret", EXPORT_PRIVATE_KEYS, &file);
        CertCloseStore(store, 0);
        CHECK(export_page, witness_pfx_open(file.blob.pbData, file.blob.cbData, "secret", &seen));
        CHECK_NUMBER(export_page, seen.certificates, 1);
        CHECK(export_page, seen.has_key);
        CHECK(export_page, strcmp(seen.mac, "SHA256") == 0);
        CHECK_NUMBER(export_page, seen.iterations, 100000);
        CHECK("PFXIsPFXBlob", PFXIsPFXBlob(&file.blob));
        CHECK("PFXVerifyPassword", PFXVerifyPassword(&file.blob, u"secret", 0));
        store = PFXImportCertStore(&file.blob, u"secret", 0);
        assert_non_null(store);
        PCCERT_CONTEXT back = first_of(store);
        CHECK_NUMBER("X35", (uintptr_t)back->hCertStore, (uintptr_t)store);
        CHECK_NUMBER("X35", back->dwCertEncodingType, X509_ASN_ENCODING);
        CHECK(import_page, serves(back));
        CertFreeCertificateContext(back);
        CertCloseStore(store, 0);
    }
}

static void without_keys(void **state)
{
    (void)state;
    static struct file file;
    struct witness_pfx seen;
    HCERTSTORE store = store_of("rsa-2048");
    export_as(store, u"", 0, &file);
    CHECK(export_page, witness_pfx_open(file.blob.pbData, file.blob.cbData, "", &seen));
    CHECK_NUMBER(export_page, seen.certificates, 1);
    CHECK(export_page, !seen.has_key);
    CertCloseStore(store, 0);
    store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    export_as(store, NULL, EXPORT_PRIVATE_KEYS, &file);
    CHECK(export_page, PFXIsPFXBlob(&file.blob));
    HCERTSTORE back = PFXImportCertStore(&file.blob, NULL, 0);
    CHECK(import_page, back != NULL && CertEnumCertificatesInStore(back, NULL) == NULL);
    CertCloseStore(back, 0);
    CertCloseStore(store, 0);
}

/* Microsoft "PFXImportCertStore": NULL and L"" are different. */
static void passwords(void **state)
{
    (void)state;
    static const WCHAR *const all[] = {NULL, u"", u"secret", u"Secret", u"p\u00E4ss\U0001F511"};
    static struct file file;
    HCERTSTORE store = store_of("ecdsa-p256");
    for (size_t i = 0; i < COUNT(all); i++) {
        export_as(store, all[i], EXPORT_PRIVATE_KEYS, &file);
        for (size_t j = 0; j < COUNT(all); j++) {
            HCERTSTORE back = PFXImportCertStore(&file.blob, all[j], 0);
            CHECK_NUMBER("X38", back != NULL, i == j);
            if (back == NULL)
                CHECK_NUMBER("X36", GetLastError(), ERROR_INVALID_PASSWORD);
            else
                CertCloseStore(back, 0);
            if (i == j)
                CHECK_WORKS("PFXVerifyPassword", PFXVerifyPassword(&file.blob, all[j], 0));
            else
                CHECK_FAILS("PFXVerifyPassword", PFXVerifyPassword(&file.blob, all[j], 0),
                            ERROR_INVALID_PASSWORD);
        }
    }
    CertCloseStore(store, 0);
}

static void names_and_properties(void **state)
{
    (void)state;
    static struct file file;
    struct witness_pfx seen;
    WCHAR name[] = u"M\u00FChle";
    BYTE mark[] = {1, 2, 3, 4};
    WCHAR text[32];
    DWORD n = sizeof text;
    CRYPT_DATA_BLOB name_blob = {sizeof name, (BYTE *)name};
    CRYPT_DATA_BLOB mark_blob = {sizeof mark, mark};
    HCERTSTORE store = store_of("ecdsa-p256");
    PCCERT_CONTEXT own = first_of(store);
    CertSetCertificateContextProperty(own, CERT_FRIENDLY_NAME_PROP_ID, 0, &name_blob);
    CertSetCertificateContextProperty(own, 0x8123, 0, &mark_blob);
    CertSetCertificateContextProperty(own, CERT_DESCRIPTION_PROP_ID, 0, &name_blob);
    CertFreeCertificateContext(own);
    for (int extended = 0; extended < 2; extended++) {
        DWORD flag = extended != 0 ? PKCS12_INCLUDE_EXTENDED_PROPERTIES : 0;
        export_as(store, u"p", EXPORT_PRIVATE_KEYS | flag, &file);
        CHECK(export_page, witness_pfx_open(file.blob.pbData, file.blob.cbData, "p", &seen));
        CHECK(export_page, strcmp(seen.friendly_name, "M\xC3\xBChle") == 0);
        CHECK_NUMBER(export_page, strlen(seen.key_id), 40);
        for (int asks = 0; asks < 2; asks++) {
            HCERTSTORE back = PFXImportCertStore(
                &file.blob, u"p", asks != 0 ? PKCS12_INCLUDE_EXTENDED_PROPERTIES : 0);
            assert_non_null(back);
            PCCERT_CONTEXT first = first_of(back);
            n = sizeof text;
            CHECK(import_page,
                  CertGetCertificateContextProperty(first, CERT_FRIENDLY_NAME_PROP_ID, text, &n) &&
                      n == sizeof name && memcmp(text, name, n) == 0);
            n = sizeof text;
            CHECK_NUMBER(import_page, CertGetCertificateContextProperty(first, 0x8123, text, &n),
                         extended != 0 && asks != 0);
            CHECK_NUMBER(import_page, has_property(first, CERT_DESCRIPTION_PROP_ID),
                         extended != 0 && asks != 0);
            CertFreeCertificateContext(first);
            CertCloseStore(back, 0);
        }
    }
    CertCloseStore(store, 0);
}

/* The id that ties key and certificate together is the one that the file had. */
static void local_key_ids(void **state)
{
    (void)state;
    static struct file file;
    static struct file again;
    struct witness_pfx first;
    struct witness_pfx second;
    made_by_libcrypto(
        &(struct witness_pfx_wish){.password = "p", .friendly_name = "one", .with_chain = true},
        &file);
    assert_true(witness_pfx_open(file.blob.pbData, file.blob.cbData, "p", &first));
    HCERTSTORE store = PFXImportCertStore(&file.blob, u"p", CRYPT_EXPORTABLE);
    assert_non_null(store);
    export_as(store, u"q", EXPORT_PRIVATE_KEYS, &again);
    assert_true(witness_pfx_open(again.blob.pbData, again.blob.cbData, "q", &second));
    CHECK(export_page, second.has_key);
    CHECK_NUMBER(export_page, second.certificates, 2);
    CHECK(export_page, strcmp(first.key_id, second.key_id) == 0 && first.key_id[0] != 0);
    CHECK(export_page, strcmp(second.friendly_name, "one") == 0);
    CertCloseStore(store, 0);
}

/* ---- flags of the import --------------------------------------------------------------- */

static const struct import_row {
    const char *row;
    bool rsa;
    DWORD flags;
    bool has_context; /* set, and not only made when it is asked for */
    DWORD spec;       /* of that, or of what is made */
    bool gives_key_away;
} import_rows[] = {
    {"default", true, 0, false, AT_KEYEXCHANGE, false},
    {"CRYPT_EXPORTABLE", true, CRYPT_EXPORTABLE, false, AT_KEYEXCHANGE, true},
    {"X35", true, PKCS12_NO_PERSIST_KEY, true, AT_KEYEXCHANGE, false},
    {"X35", true, PKCS12_NO_PERSIST_KEY | CRYPT_EXPORTABLE, true, AT_KEYEXCHANGE, true},
    {"PKCS12_PREFER_CNG_KSP", true, PKCS12_PREFER_CNG_KSP, true, CERT_NCRYPT_KEY_SPEC, false},
    {"PKCS12_ALWAYS_CNG_KSP", true,
     PKCS12_ALWAYS_CNG_KSP | PKCS12_NO_PERSIST_KEY | CRYPT_EXPORTABLE, true, CERT_NCRYPT_KEY_SPEC,
     true},
    {"EC", false, 0, false, CERT_NCRYPT_KEY_SPEC, false},
    {"EC", false, PKCS12_NO_PERSIST_KEY, true, CERT_NCRYPT_KEY_SPEC, false},
    {"EC", false, PKCS12_NO_PERSIST_KEY | CRYPT_EXPORTABLE, true, CERT_NCRYPT_KEY_SPEC, true},
    {"passed over", true,
     CRYPT_USER_PROTECTED | CRYPT_MACHINE_KEYSET | PKCS12_IMPORT_SILENT | CRYPT_USER_KEYSET |
         PKCS12_ALLOW_OVERWRITE_KEY,
     false, AT_KEYEXCHANGE, false},
};

static void check_import_row(const struct import_row *row)
{
    static struct file file;
    CERT_KEY_CONTEXT context;
    DWORD n = sizeof context;
    made_by_libcrypto(&(struct witness_pfx_wish){.password = "p", .rsa = row->rsa}, &file);
    HCERTSTORE store = PFXImportCertStore(&file.blob, u"p", row->flags);
    assert_non_null(store);
    PCCERT_CONTEXT certificate = first_of(store);
    CHECK_NUMBER(row->row, has_property(certificate, CERT_KEY_CONTEXT_PROP_ID), row->has_context);
    CHECK(row->row, !has_property(certificate, CERT_KEY_PROV_INFO_PROP_ID));
    CHECK(row->row,
          CertGetCertificateContextProperty(certificate, CERT_KEY_CONTEXT_PROP_ID, &context, &n));
    CHECK_NUMBER(row->row, context.dwKeySpec, row->spec);
    CHECK_NUMBER(row->row, gives_key_away(certificate), row->gives_key_away);
    /* In another store, without its handle, it is no freer. */
    HCERTSTORE copies = pair_store(certificate);
    PCCERT_CONTEXT copy = first_of(copies);
    CHECK_NUMBER(row->row, gives_key_away(copy), row->gives_key_away);
    CertFreeCertificateContext(copy);
    CertCloseStore(copies, 0);
    CHECK(row->row, serves(certificate));
    CertFreeCertificateContext(certificate);
    CertCloseStore(store, 0);
}

static void import_flags(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(import_rows); i++)
        check_import_row(&import_rows[i]);
}

static void only_certificates(void **state)
{
    (void)state;
    static struct file file;
    made_by_libcrypto(&(struct witness_pfx_wish){.password = "p", .with_chain = true}, &file);
    HCERTSTORE store = PFXImportCertStore(&file.blob, u"p", PKCS12_ONLY_CERTIFICATES);
    assert_non_null(store);
    CHECK(import_page, CertFindCertificateInStore(store, X509_ASN_ENCODING, 0,
                                                  CERT_FIND_HAS_PRIVATE_KEY, NULL, NULL) == NULL);
    PCCERT_CONTEXT first = first_of(store);
    CHECK(import_page, (first = CertEnumCertificatesInStore(store, first)) != NULL);
    CertFreeCertificateContext(first);
    CertCloseStore(store, 0);
    CHECK_FAILS(import_page, PFXImportCertStore(&file.blob, u"q", PKCS12_ONLY_CERTIFICATES),
                ERROR_INVALID_PASSWORD);
    /* All of it is encrypted: there is nothing to be had without the password. */
    store = PFXImportCertStore(&file.blob, u"q", PKCS12_ONLY_NOT_ENCRYPTED_CERTIFICATES);
    CHECK(import_page, store != NULL && CertEnumCertificatesInStore(store, NULL) == NULL);
    CertCloseStore(store, 0);
}

/* ---- flags of the export --------------------------------------------------------------- */

static void reports(void **state)
{
    (void)state;
    static struct file file;
    struct witness_pfx seen;
    CRYPT_DATA_BLOB blob = {0};
    PCCERT_CONTEXT with_key = pair_certificate("ecdsa-p256");
    PCCERT_CONTEXT bare = CertCreateCertificateContext(X509_ASN_ENCODING, with_key->pbCertEncoded,
                                                       with_key->cbCertEncoded);
    HCERTSTORE store = pair_store(bare);
    CHECK_FAILS(
        export_page,
        PFXExportCertStoreEx(store, &blob, u"p", NULL, EXPORT_PRIVATE_KEYS | REPORT_NO_PRIVATE_KEY),
        CRYPT_E_NOT_FOUND);
    CHECK_FAILS(export_page, PFXExportCertStoreEx(store, &blob, u"p", NULL, REPORT_NO_PRIVATE_KEY),
                CRYPT_E_NOT_FOUND);
    CHECK_WORKS(export_page, PFXExportCertStore(store, &blob, u"p", EXPORT_PRIVATE_KEYS));
    CertFreeCertificateContext(bare);
    CertCloseStore(store, 0);

    made_by_libcrypto(&(struct witness_pfx_wish){.password = "p"}, &file);
    store = PFXImportCertStore(&file.blob, u"p", 0); /* not exportable */
    assert_non_null(store);
    CHECK_FAILS(export_page,
                PFXExportCertStoreEx(store, &blob, u"p", NULL,
                                     EXPORT_PRIVATE_KEYS | REPORT_NOT_ABLE_TO_EXPORT_PRIVATE_KEY),
                NTE_BAD_KEY_STATE);
    CHECK_WORKS(export_page, PFXExportCertStoreEx(store, &blob, u"p", NULL,
                                                  REPORT_NOT_ABLE_TO_EXPORT_PRIVATE_KEY |
                                                      REPORT_NO_PRIVATE_KEY));
    export_as(store, u"p", EXPORT_PRIVATE_KEYS, &file);
    CHECK(export_page, witness_pfx_open(file.blob.pbData, file.blob.cbData, "p", &seen));
    CHECK_NUMBER(export_page, seen.certificates, 1);
    CHECK(export_page, !seen.has_key);
    CertCloseStore(store, 0);
}

/* A key that lies in a container, and may or may not leave it. */
static void keys_in_containers(void **state)
{
    (void)state;
    static struct file file;
    BYTE der[128];
    CERT_NAME_BLOB name = {sizeof der, der};
    assert_true(CertStrToNameA(X509_ASN_ENCODING, "CN=localhost", CERT_X500_NAME_STR, NULL, der,
                               &name.cbData, NULL));
    for (DWORD flags = 0; flags <= CRYPT_EXPORTABLE; flags += CRYPT_EXPORTABLE) {
        HCRYPTPROV provider;
        HCRYPTKEY key;
        struct witness_pfx seen;
        assert_true(
            CryptAcquireContextW(&provider, u"to export", NULL, PROV_RSA_AES, CRYPT_NEWKEYSET));
        assert_true(CryptGenKey(provider, AT_SIGNATURE, flags, &key));
        CryptDestroyKey(key);
        PCCERT_CONTEXT made =
            CertCreateSelfSignCertificate(provider, &name, 0, NULL, NULL, NULL, NULL, NULL);
        assert_non_null(made);
        CryptReleaseContext(provider, 0);
        HCERTSTORE store = pair_store(made);
        CertFreeCertificateContext(made);
        export_as(store, u"p", EXPORT_PRIVATE_KEYS, &file);
        CHECK(export_page, witness_pfx_open(file.blob.pbData, file.blob.cbData, "p", &seen));
        CHECK_NUMBER("NTE_BAD_KEY_STATE", seen.has_key, flags != 0);
        CertCloseStore(store, 0);
        assert_true(
            CryptAcquireContextW(&provider, u"to export", NULL, PROV_RSA_AES, CRYPT_DELETEKEYSET));
    }
}

/* ---- refused --------------------------------------------------------------------------- */

static void bad_arguments(void **state)
{
    (void)state;
    static struct file file;
    CRYPT_DATA_BLOB blob = {0};
    static WCHAR absurd[5000];
    HCERTSTORE store = store_of("ecdsa-p256");
    for (size_t i = 0; i + 1 < COUNT(absurd); i++)
        absurd[i] = 'x';
    CHECK_FAILS("X34", PFXImportCertStore(NULL, NULL, 0), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(export_page, PFXExportCertStoreEx(NULL, &blob, u"p", NULL, 0),
                ERROR_INVALID_PARAMETER);
    CHECK_FAILS(export_page, PFXExportCertStoreEx(store, NULL, u"p", NULL, 0),
                ERROR_INVALID_PARAMETER);
    CHECK_FAILS(export_page, PFXExportCertStoreEx(store, &blob, absurd, NULL, 0),
                ERROR_INVALID_PASSWORD);
    CHECK_FAILS(export_page,
                PFXExportCertStoreEx(store, &blob, u"p", NULL, PKCS12_PROTECT_TO_DOMAIN_SIDS),
                ERROR_NOT_SUPPORTED);
    export_as(store, u"p", EXPORT_PRIVATE_KEYS, &file);
    DWORD whole = file.blob.cbData;
    for (DWORD n = 0; n < whole; n++) {
        file.blob.cbData = n;
        CHECK(import_page, !PFXIsPFXBlob(&file.blob));
        CHECK_FAILS(import_page, PFXImportCertStore(&file.blob, u"p", 0), CRYPT_E_BAD_ENCODE);
    }
    CertCloseStore(store, 0);
}

static void hostile_iterations(void **state)
{
    (void)state;
    static struct file file;
    made_by_libcrypto(&(struct witness_pfx_wish){.password = "p", .no_mac = true}, &file);
    CHECK_FAILS("no MAC", PFXImportCertStore(&file.blob, u"p", 0), NTE_FAIL);
    /* Each count is found by its bytes, and made negative. */
    static const BYTE usual[] = {2, 2, 8, 0};
    made_by_libcrypto(&(struct witness_pfx_wish){.password = "p", .iterations = 2048}, &file);
    size_t found = 0;
    for (DWORD i = 0; i + sizeof usual < file.blob.cbData; i++) {
        if (memcmp(file.bytes + i, usual, sizeof usual) != 0)
            continue;
        found++;
        file.bytes[i + 2] = 0x80; /* negative */
        CHECK(import_page, PFXImportCertStore(&file.blob, u"p", 0) == NULL);
        file.bytes[i + 2] = 8;
    }
    CHECK(import_page, found >= 2);
    HCERTSTORE store = PFXImportCertStore(&file.blob, u"p", 0);
    CHECK(import_page, store != NULL);
    CertCloseStore(store, 0);
}

static void planted(void **state)
{
    (void)state;
    struct import_row wrong = import_rows[0];
    wrong.gives_key_away = true;
    planted_begin();
    check_import_row(&wrong);
    assert_int_equal(planted_end(), 2);
    wrong = import_rows[2];
    wrong.has_context = false;
    wrong.spec = AT_SIGNATURE;
    planted_begin();
    check_import_row(&wrong);
    assert_int_equal(planted_end(), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted),
        cmocka_unit_test(round_trips),
        cmocka_unit_test(without_keys),
        cmocka_unit_test(passwords),
        cmocka_unit_test(names_and_properties),
        cmocka_unit_test(local_key_ids),
        cmocka_unit_test(import_flags),
        cmocka_unit_test(only_certificates),
        cmocka_unit_test(reports),
        cmocka_unit_test(keys_in_containers),
        cmocka_unit_test(bad_arguments),
        cmocka_unit_test(hostile_iterations),
    };
    return cmocka_run_group_tests_name("pfx", tests, folder_setup, folder_teardown);
}
