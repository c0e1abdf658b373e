/* SPDX-License-Identifier: MIT */
/*
 * Certificates, requests and lists made with a key: CertCreateSelfSignCertificate,
 * CryptSignCertificate, CryptSignAndEncodeCertificate; public keys out of handles and into them.
 * What is made, libcrypto verifies.
 */
#include <ncrypt.h>

#include "checks.h"
#include "folder.h"
#include "witness.h"

enum { DER_MAX = 8192 };

static const char page[] = "CertCreateSelfSignCertificate";
static const char signing[] = "CryptSignAndEncodeCertificate";
static BYTE name_der[256];
static CERT_NAME_BLOB name = {.pbData = name_der};

static int make_name(void **state)
{
    if (folder_setup(state) != 0)
        return -1;
    name.cbData = sizeof name_der;
    return CertStrToNameA(X509_ASN_ENCODING, "CN=localhost, O=Signers", CERT_X500_NAME_STR, NULL,
                          name_der, &name.cbData, NULL)
               ? 0
               : -1;
}

static CRYPT_ALGORITHM_IDENTIFIER algorithm(const char *oid)
{
    return (CRYPT_ALGORITHM_IDENTIFIER){.pszObjId = (LPSTR)(uintptr_t)oid};
}

static HCRYPTPROV open_rsa(const WCHAR *container, DWORD spec)
{
    HCRYPTPROV provider;
    HCRYPTKEY key;
    assert_true(CryptAcquireContextW(&provider, container, NULL, PROV_RSA_AES,
                                     container != NULL ? CRYPT_NEWKEYSET : CRYPT_VERIFYCONTEXT));
    if (spec == 0)
        return provider;
    assert_true(CryptGenKey(provider, spec, CRYPT_EXPORTABLE, &key));
    assert_true(CryptDestroyKey(key));
    return provider;
}

static NCRYPT_KEY_HANDLE open_cng(const WCHAR *kind, const WCHAR *container)
{
    NCRYPT_PROV_HANDLE provider;
    NCRYPT_KEY_HANDLE key;
    assert_int_equal(NCryptOpenStorageProvider(&provider, MS_KEY_STORAGE_PROVIDER, 0), 0);
    assert_int_equal(
        NCryptCreatePersistedKey(provider, &key, kind, container, 0, NCRYPT_OVERWRITE_KEY_FLAG), 0);
    assert_int_equal(NCryptFinalizeKey(key, 0), 0);
    assert_int_equal(NCryptFreeObject(provider), 0);
    return key;
}

static void delete_container(const WCHAR *container)
{
    HCRYPTPROV provider;
    assert_true(CryptAcquireContextW(&provider, container, NULL, PROV_RSA_AES, CRYPT_DELETEKEYSET));
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

static CRYPT_KEY_PROV_INFO *key_info(PCCERT_CONTEXT made)
{
    static _Alignas(8) BYTE block[1024];
    DWORD n = sizeof block;
    return CertGetCertificateContextProperty(made, CERT_KEY_PROV_INFO_PROP_ID, block, &n)
               ? (CRYPT_KEY_PROV_INFO *)(void *)block
               : NULL;
}

static bool is_self_signed(PCCERT_CONTEXT made)
{
    return witness_self_signed(made->pbCertEncoded, made->cbCertEncoded);
}

/* A handshake in which it serves: the key is there, is used, and fits. */
static void check_serves(PCCERT_CONTEXT made)
{
    static struct pair p;
    HCERTSTORE roots = pair_store(made);
    struct pair_options o = {
        .server_certificate = made, .client_roots = roots, .target = "localhost"};
    assert_int_equal(pair_open(&p, &o), SEC_E_OK);
    CHECK(page, pair_handshake(&p));
    pair_close(&p);
    CertCloseStore(roots, 0);
}

/* ---- self-signed ----------------------------------------------------------------------- */

static void a_new_container(void **state)
{
    (void)state;
    PCCERT_CONTEXT made = CertCreateSelfSignCertificate(0, &name, 0, NULL, NULL, NULL, NULL, NULL);
    assert_non_null(made);
    CHECK(page, is_self_signed(made));
    CHECK_NUMBER(page, strcmp(made->pCertInfo->SignatureAlgorithm.pszObjId, szOID_RSA_SHA256RSA),
                 0);
    CHECK_NUMBER(page, made->pCertInfo->dwVersion, CERT_V3);
    CHECK_NUMBER(page, CertVerifyTimeValidity(NULL, made->pCertInfo), 0);
    CHECK(page, CertCompareCertificateName(X509_ASN_ENCODING,
                                           (PCERT_NAME_BLOB)&made->pCertInfo->Issuer, &name));
    CRYPT_KEY_PROV_INFO *info = key_info(made);
    CHECK("X19", info != NULL && info->pwszContainerName[0] == '{');
    CHECK_NUMBER("X19", info->dwKeySpec, AT_SIGNATURE);
    CHECK_NUMBER("X19", files(), 2);
    check_serves(made);
    /* From its bytes and the name alone: as another process would have it. */
    PCCERT_CONTEXT bare =
        CertCreateCertificateContext(X509_ASN_ENCODING, made->pbCertEncoded, made->cbCertEncoded);
    CHECK("X19", CertSetCertificateContextProperty(bare, CERT_KEY_PROV_INFO_PROP_ID, 0, info));
    check_serves(bare);
    delete_container(info->pwszContainerName);
    CertFreeCertificateContext(bare);
    CertFreeCertificateContext(made);
    CHECK_NUMBER("X19", files(), 0);
}

static void times_and_extensions(void **state)
{
    (void)state;
    SYSTEMTIME start = {.wYear = 2020, .wMonth = 2, .wDay = 29, .wHour = 1};
    SYSTEMTIME end = {.wYear = 2051, .wMonth = 12, .wDay = 31};
    SYSTEMTIME back;
    BYTE null_value[] = {5, 0};
    CERT_EXTENSION extension = {
        .pszObjId = (LPSTR)(uintptr_t) "1.2.3.4", .fCritical = TRUE, .Value = {2, null_value}};
    CERT_EXTENSIONS extensions = {1, &extension};
    HCRYPTPROV provider = open_rsa(NULL, AT_SIGNATURE);
    PCCERT_CONTEXT made =
        CertCreateSelfSignCertificate(provider, &name, 0, NULL, NULL, &start, &end, &extensions);
    assert_non_null(made);
    CHECK(page, FileTimeToSystemTime(&made->pCertInfo->NotBefore, &back) && back.wDay == 29);
    CHECK(page, FileTimeToSystemTime(&made->pCertInfo->NotAfter, &back) && back.wYear == 2051);
    CHECK_NUMBER(page, made->pCertInfo->cExtension, 1);
    CHECK(page, made->pCertInfo->rgExtension[0].fCritical);
    CertFreeCertificateContext(made);
    start.wMonth = 13;
    CHECK_FAILS(page,
                CertCreateSelfSignCertificate(provider, &name, 0, NULL, NULL, &start, NULL, NULL),
                ERROR_INVALID_PARAMETER);
    extension.pszObjId = (LPSTR)(uintptr_t) "no dots";
    CHECK(page, CertCreateSelfSignCertificate(provider, &name, 0, NULL, NULL, NULL, NULL,
                                              &extensions) == NULL);
    CryptReleaseContext(provider, 0);
}

static void handles_of_cryptoapi(void **state)
{
    (void)state;
    HCRYPTPROV provider = open_rsa(u"signer", AT_KEYEXCHANGE);
    CHECK_FAILS("X19",
                CertCreateSelfSignCertificate(provider, &name, 0, NULL, NULL, NULL, NULL, NULL),
                NTE_NO_KEY);
    CRYPT_KEY_PROV_INFO info = {.pwszContainerName = (WCHAR[]){u"signer"},
                                .dwProvType = PROV_RSA_AES,
                                .dwKeySpec = AT_KEYEXCHANGE};
    PCCERT_CONTEXT made =
        CertCreateSelfSignCertificate(provider, &name, 0, &info, NULL, NULL, NULL, NULL);
    assert_non_null(made);
    CHECK(page, is_self_signed(made));
    CHECK(page, key_info(made) != NULL && key_info(made)->dwKeySpec == AT_KEYEXCHANGE);
    CryptReleaseContext(provider, 0);
    check_serves(made);
    CertFreeCertificateContext(made);
    delete_container(u"signer");

    /* What the handle says of itself. */
    provider = open_rsa(u"signer", AT_SIGNATURE);
    made = CertCreateSelfSignCertificate(provider, &name, 0, NULL, NULL, NULL, NULL, NULL);
    assert_non_null(made);
    CHECK(page, key_info(made) != NULL &&
                    memcmp(key_info(made)->pwszContainerName, u"signer", sizeof u"signer") == 0);
    CHECK_NUMBER(page, key_info(made)->dwProvType, PROV_RSA_AES);
    CryptReleaseContext(provider, 0);
    CertFreeCertificateContext(made);
    delete_container(u"signer");
}

static void named_containers(void **state)
{
    (void)state;
    CRYPT_KEY_PROV_INFO info = {.pwszContainerName = (WCHAR[]){u"made on demand"},
                                .dwProvType = PROV_RSA_FULL,
                                .dwFlags = CERT_SET_KEY_CONTEXT_PROP_ID,
                                .dwKeySpec = AT_KEYEXCHANGE};
    PCCERT_CONTEXT first =
        CertCreateSelfSignCertificate(0, &name, 0, &info, NULL, NULL, NULL, NULL);
    PCCERT_CONTEXT second =
        CertCreateSelfSignCertificate(0, &name, 0, &info, NULL, NULL, NULL, NULL);
    assert_non_null(first);
    assert_non_null(second);
    CHECK(page, CertComparePublicKeyInfo(X509_ASN_ENCODING, &first->pCertInfo->SubjectPublicKeyInfo,
                                         &second->pCertInfo->SubjectPublicKeyInfo));
    CHECK(page, !CertCompareIntegerBlob(&first->pCertInfo->SerialNumber,
                                        &second->pCertInfo->SerialNumber));
    check_serves(second);
    CertFreeCertificateContext(first);
    CertFreeCertificateContext(second);
    delete_container(info.pwszContainerName);
    info.dwProvType = 0; /* CNG's: never made here */
    CHECK_FAILS(page, CertCreateSelfSignCertificate(0, &name, 0, &info, NULL, NULL, NULL, NULL),
                NTE_BAD_KEYSET);
    info.dwProvType = PROV_DSS;
    CHECK_FAILS(page, CertCreateSelfSignCertificate(0, &name, 0, &info, NULL, NULL, NULL, NULL),
                NTE_BAD_PROV_TYPE);
    CHECK_NUMBER(page, files(), 0);
}

static void keys_of_cng(void **state)
{
    (void)state;
    static const struct {
        const WCHAR *kind;
        const char *oid;
        const char *as;
    } rows[] = {
        {BCRYPT_RSA_ALGORITHM, NULL, "RSA-SHA256"},
        {BCRYPT_RSA_ALGORITHM, szOID_RSA_SHA384RSA, "RSA-SHA384"},
        {BCRYPT_RSA_ALGORITHM, szOID_RSA_SHA512RSA, "RSA-SHA512"},
        {BCRYPT_RSA_ALGORITHM, szOID_RSA_SHA1RSA, "RSA-SHA1"},
        {BCRYPT_ECDSA_P256_ALGORITHM, NULL, "ecdsa-with-SHA256"},
        {BCRYPT_ECDSA_P256_ALGORITHM, szOID_ECDSA_SHA256, "ecdsa-with-SHA256"},
        {BCRYPT_ECDSA_P384_ALGORITHM, szOID_ECDSA_SHA384, "ecdsa-with-SHA384"},
        {BCRYPT_ECDSA_P521_ALGORITHM, szOID_ECDSA_SHA512, "ecdsa-with-SHA512"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        CRYPT_ALGORITHM_IDENTIFIER way = algorithm(rows[i].oid);
        NCRYPT_KEY_HANDLE key = open_cng(rows[i].kind, u"cng signer");
        CRYPT_KEY_PROV_INFO info = {.pwszContainerName = (WCHAR[]){u"cng signer"}};
        PCCERT_CONTEXT by_handle = CertCreateSelfSignCertificate(
            key, &name, 0, NULL, rows[i].oid != NULL ? &way : NULL, NULL, NULL, NULL);
        PCCERT_CONTEXT by_name = CertCreateSelfSignCertificate(
            0, &name, 0, &info, rows[i].oid != NULL ? &way : NULL, NULL, NULL, NULL);
        assert_non_null(by_handle);
        assert_non_null(by_name);
        CHECK(page, is_self_signed(by_handle) && is_self_signed(by_name));
        CHECK_NUMBER(page,
                     strcmp(witness_signature_name(by_name->pbCertEncoded, by_name->cbCertEncoded),
                            rows[i].as),
                     0);
        CHECK(page, key_info(by_handle) != NULL && key_info(by_handle)->dwProvType == 0);
        check_serves(by_handle);
        CertFreeCertificateContext(by_handle);
        CertFreeCertificateContext(by_name);
        NCryptDeleteKey(key, 0);
    }
}

/* RFC 4055: SHA-256 with MGF1 over SHA-256 and 32 bytes of salt. */
static BYTE pss_parameters[] = {0x30, 0x34, 0xA0, 0x0F, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48,
                                0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0xA1, 0x1C, 0x30,
                                0x1A, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01,
                                0x08, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
                                0x04, 0x02, 0x01, 0x05, 0x00, 0xA2, 0x03, 0x02, 0x01, 0x20};

static void pss(void **state)
{
    (void)state;
    HCRYPTPROV provider = open_rsa(NULL, AT_SIGNATURE);
    CRYPT_ALGORITHM_IDENTIFIER way = algorithm(szOID_RSA_SSA_PSS);
    way.Parameters = (CRYPT_OBJID_BLOB){sizeof pss_parameters, pss_parameters};
    PCCERT_CONTEXT made =
        CertCreateSelfSignCertificate(provider, &name, 0, NULL, &way, NULL, NULL, NULL);
    assert_non_null(made);
    CHECK(page, is_self_signed(made));
    CertFreeCertificateContext(made);
    way.Parameters.cbData = 0; /* SHA-1, says RFC 4055 */
    CHECK_FAILS(page,
                CertCreateSelfSignCertificate(provider, &name, 0, NULL, &way, NULL, NULL, NULL),
                NTE_BAD_ALGID);
    for (DWORD n = 1; n < sizeof pss_parameters; n++) {
        way.Parameters.cbData = n;
        CHECK_FAILS(page,
                    CertCreateSelfSignCertificate(provider, &name, 0, NULL, &way, NULL, NULL, NULL),
                    NTE_BAD_ALGID);
    }
    CryptReleaseContext(provider, 0);
}

static void self_sign_flags(void **state)
{
    (void)state;
    HCRYPTPROV provider = open_rsa(NULL, AT_SIGNATURE);
    DWORD n = 0;
    PCCERT_CONTEXT made = CertCreateSelfSignCertificate(
        provider, &name, CERT_CREATE_SELFSIGN_NO_KEY_INFO, NULL, NULL, NULL, NULL, NULL);
    assert_non_null(made);
    CHECK(page, is_self_signed(made));
    CHECK_FAILS(page, CertGetCertificateContextProperty(made, CERT_KEY_CONTEXT_PROP_ID, NULL, &n),
                CRYPT_E_NOT_FOUND);
    CertFreeCertificateContext(made);
    made = CertCreateSelfSignCertificate(provider, &name, CERT_CREATE_SELFSIGN_NO_SIGN, NULL, NULL,
                                         NULL, NULL, NULL);
    assert_non_null(made);
    CHECK(page, !is_self_signed(made));
    CHECK(page, !CryptVerifyCertificateSignature(0, X509_ASN_ENCODING, made->pbCertEncoded,
                                                 made->cbCertEncoded,
                                                 &made->pCertInfo->SubjectPublicKeyInfo));
    CertFreeCertificateContext(made);
    CryptReleaseContext(provider, 0);
}

static void self_sign_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {szOID_RSA_MD5RSA, szOID_ECDSA_SHA256, "1.2.3", ""};
    HCRYPTPROV provider = open_rsa(NULL, AT_SIGNATURE);
    HCRYPTPROV empty = open_rsa(NULL, 0);
    BYTE junk[] = {0x30, 3, 1, 1, 0xFF};
    CERT_NAME_BLOB no_name = {sizeof junk, junk};
    size_t before = files();
    CHECK_FAILS(page, CertCreateSelfSignCertificate(0, NULL, 0, NULL, NULL, NULL, NULL, NULL),
                E_INVALIDARG);
    CHECK_FAILS(page, CertCreateSelfSignCertificate(1, &name, 0, NULL, NULL, NULL, NULL, NULL),
                ERROR_INVALID_PARAMETER);
    CHECK_FAILS("X19", CertCreateSelfSignCertificate(empty, &name, 0, NULL, NULL, NULL, NULL, NULL),
                NTE_NO_KEY);
    CHECK_FAILS(page,
                CertCreateSelfSignCertificate(provider, &no_name, 0, NULL, NULL, NULL, NULL, NULL),
                CRYPT_E_ASN1_BADTAG);
    /* What was made on the way is gone. */
    CHECK_FAILS(page, CertCreateSelfSignCertificate(0, &no_name, 0, NULL, NULL, NULL, NULL, NULL),
                CRYPT_E_ASN1_BADTAG);
    CHECK_NUMBER(page, files(), before);
    for (size_t i = 0; i < COUNT(wrong); i++) {
        CRYPT_ALGORITHM_IDENTIFIER way = algorithm(wrong[i]);
        CHECK_FAILS(page,
                    CertCreateSelfSignCertificate(provider, &name, 0, NULL, &way, NULL, NULL, NULL),
                    NTE_BAD_ALGID);
    }
    CryptReleaseContext(provider, 0);
    CryptReleaseContext(empty, 0);
    CHECK_FAILS(page,
                CertCreateSelfSignCertificate(provider, &name, 0, NULL, NULL, NULL, NULL, NULL),
                ERROR_INVALID_PARAMETER);
}

/* ---- signing --------------------------------------------------------------------------- */

static void raw_signatures(void **state)
{
    (void)state;
    static const char raw[] = "CryptSignCertificate";
    BYTE message[] = "to be signed";
    BYTE signature[256];
    DWORD n = 0;
    HCRYPTPROV provider = open_rsa(NULL, AT_SIGNATURE);
    CRYPT_ALGORITHM_IDENTIFIER way = algorithm(szOID_RSA_SHA256RSA);
    CHECK_WORKS(raw, CryptSignCertificate(provider, AT_SIGNATURE, X509_ASN_ENCODING, message,
                                          sizeof message, &way, NULL, NULL, &n));
    CHECK_NUMBER(raw, n, 256);
    n = 255;
    CHECK_FAILS(raw,
                CryptSignCertificate(provider, AT_SIGNATURE, X509_ASN_ENCODING, message,
                                     sizeof message, &way, NULL, signature, &n),
                ERROR_MORE_DATA);
    CHECK_WORKS(raw, CryptSignCertificate(provider, AT_SIGNATURE, X509_ASN_ENCODING, message,
                                          sizeof message, &way, NULL, signature, &n));
    /* CryptoAPI verifies what has the order of CryptoAPI (X20). */
    HCRYPTHASH hash;
    HCRYPTKEY key;
    assert_true(CryptCreateHash(provider, CALG_SHA_256, 0, 0, &hash));
    assert_true(CryptHashData(hash, message, sizeof message, 0));
    assert_true(CryptGetUserKey(provider, AT_SIGNATURE, &key));
    CHECK_WORKS("X20", CryptVerifySignatureW(hash, signature, n, key, NULL, 0));
    signature[7] ^= 1;
    CHECK("X20", !CryptVerifySignatureW(hash, signature, n, key, NULL, 0));
    CryptDestroyKey(key);
    CryptDestroyHash(hash);
    CHECK_FAILS(raw,
                CryptSignCertificate(provider, AT_KEYEXCHANGE, X509_ASN_ENCODING, message,
                                     sizeof message, &way, NULL, signature, &n),
                NTE_NO_KEY);
    CHECK_FAILS(raw,
                CryptSignCertificate(0, AT_SIGNATURE, X509_ASN_ENCODING, message, sizeof message,
                                     &way, NULL, signature, &n),
                ERROR_INVALID_PARAMETER);
    CHECK_FAILS(raw,
                CryptSignCertificate(provider, AT_SIGNATURE, X509_ASN_ENCODING, NULL, 0, &way, NULL,
                                     signature, &n),
                ERROR_INVALID_PARAMETER);
    CHECK_FAILS(raw,
                CryptSignCertificate(provider, AT_SIGNATURE, X509_ASN_ENCODING, message,
                                     sizeof message, NULL, NULL, signature, &n),
                ERROR_INVALID_PARAMETER);
    CHECK_FAILS(raw,
                CryptSignCertificate(provider, AT_SIGNATURE, X509_ASN_ENCODING, message,
                                     sizeof message, &way, NULL, signature, NULL),
                ERROR_INVALID_PARAMETER);
    CryptReleaseContext(provider, 0);
}

static CERT_PUBLIC_KEY_INFO *public_of(ULONG_PTR key, DWORD spec)
{
    static _Alignas(8) BYTE block[2048];
    DWORD n = sizeof block;
    CERT_PUBLIC_KEY_INFO *info = (CERT_PUBLIC_KEY_INFO *)(void *)block;
    assert_true(CryptExportPublicKeyInfo(key, spec, X509_ASN_ENCODING, info, &n));
    return info;
}

/* The two calls that programs make. */
static DWORD sign_twice(ULONG_PTR key, LPCSTR type, const void *info,
                        CRYPT_ALGORITHM_IDENTIFIER *way, BYTE *out)
{
    DWORD n = 0;
    CHECK_WORKS(signing, CryptSignAndEncodeCertificate(key, AT_SIGNATURE, X509_ASN_ENCODING, type,
                                                       info, way, NULL, NULL, &n));
    assert_true(n <= DER_MAX);
    DWORD room = n;
    CHECK_WORKS(signing, CryptSignAndEncodeCertificate(key, AT_SIGNATURE, X509_ASN_ENCODING, type,
                                                       info, way, NULL, out, &n));
    CHECK(signing, n <= room);
    return n;
}

static void requests(void **state)
{
    (void)state;
    BYTE der[DER_MAX];
    HCRYPTPROV rsa = open_rsa(NULL, AT_SIGNATURE);
    NCRYPT_KEY_HANDLE ec = open_cng(BCRYPT_ECDSA_P384_ALGORITHM, NULL);
    const struct {
        ULONG_PTR key;
        const char *oid;
    } rows[] = {{rsa, szOID_RSA_SHA256RSA}, {ec, szOID_ECDSA_SHA384}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        CRYPT_ALGORITHM_IDENTIFIER way = algorithm(rows[i].oid);
        CERT_REQUEST_INFO request = {.dwVersion = CERT_REQUEST_V1,
                                     .Subject = name,
                                     .SubjectPublicKeyInfo = *public_of(rows[i].key, AT_SIGNATURE)};
        DWORD n = sign_twice(rows[i].key, X509_CERT_REQUEST_TO_BE_SIGNED, &request, &way, der);
        CHECK(signing, witness_request(der, n));
        CHECK_WORKS(signing, CryptVerifyCertificateSignature(0, X509_ASN_ENCODING, der, n,
                                                             &request.SubjectPublicKeyInfo));
        der[n - 1] ^= 1;
        CHECK(signing, !witness_request(der, n));
    }
    CryptReleaseContext(rsa, 0);
    NCryptFreeObject(ec);
}

/* ECDSA signatures vary in length: what the first call says is always enough. */
static void varying_lengths(void **state)
{
    (void)state;
    BYTE der[DER_MAX];
    NCRYPT_KEY_HANDLE ec = open_cng(BCRYPT_ECDSA_P256_ALGORITHM, NULL);
    CRYPT_ALGORITHM_IDENTIFIER way = algorithm(szOID_ECDSA_SHA256);
    CERT_REQUEST_INFO request = {.Subject = name, .SubjectPublicKeyInfo = *public_of(ec, 0)};
    for (int i = 0; i < 100; i++)
        sign_twice(ec, X509_CERT_REQUEST_TO_BE_SIGNED, &request, &way, der);
    NCryptFreeObject(ec);
}

static void certificates_and_lists(void **state)
{
    (void)state;
    BYTE der[DER_MAX];
    BYTE serial[] = {1, 2, 3};
    HCRYPTPROV issuer_key = open_rsa(NULL, AT_SIGNATURE);
    NCRYPT_KEY_HANDLE leaf_key = open_cng(BCRYPT_ECDSA_P256_ALGORITHM, NULL);
    PCCERT_CONTEXT issuer =
        CertCreateSelfSignCertificate(issuer_key, &name, 0, NULL, NULL, NULL, NULL, NULL);
    assert_non_null(issuer);
    CRYPT_ALGORITHM_IDENTIFIER way = algorithm(szOID_RSA_SHA384RSA);
    CERT_INFO info = *issuer->pCertInfo;
    info.SerialNumber = (CRYPT_INTEGER_BLOB){sizeof serial, serial};
    info.SignatureAlgorithm = way;
    info.SubjectPublicKeyInfo = *public_of(leaf_key, 0);
    DWORD n = sign_twice(issuer_key, X509_CERT_TO_BE_SIGNED, &info, &way, der);
    CHECK(signing, witness_signed_by(der, n, issuer->pbCertEncoded, issuer->cbCertEncoded));
    CHECK(signing, !witness_self_signed(der, n));

    CRL_ENTRY entry = {.SerialNumber = info.SerialNumber, .RevocationDate = info.NotBefore};
    CRL_INFO list = {.SignatureAlgorithm = way,
                     .Issuer = name,
                     .ThisUpdate = info.NotBefore,
                     .NextUpdate = info.NotAfter,
                     .cCRLEntry = 1,
                     .rgCRLEntry = &entry};
    n = sign_twice(issuer_key, X509_CERT_CRL_TO_BE_SIGNED, &list, &way, der);
    CHECK(signing, witness_list_signed_by(der, n, issuer->pbCertEncoded, issuer->cbCertEncoded));
    der[n - 1] ^= 1;
    CHECK(signing, !witness_list_signed_by(der, n, issuer->pbCertEncoded, issuer->cbCertEncoded));
    CertFreeCertificateContext(issuer);
    CryptReleaseContext(issuer_key, 0);
    NCryptFreeObject(leaf_key);
}

static void signing_refused(void **state)
{
    (void)state;
    BYTE der[DER_MAX];
    DWORD n = sizeof der;
    HCRYPTPROV key = open_rsa(NULL, AT_SIGNATURE);
    CRYPT_ALGORITHM_IDENTIFIER way = algorithm(szOID_RSA_SHA256RSA);
    CRYPT_ALGORITHM_IDENTIFIER wrong = algorithm(szOID_ECDSA_SHA256);
    CERT_REQUEST_INFO request = {.Subject = name,
                                 .SubjectPublicKeyInfo = *public_of(key, AT_SIGNATURE)};
    LPCSTR type = X509_CERT_REQUEST_TO_BE_SIGNED;
    CHECK_FAILS(signing,
                CryptSignAndEncodeCertificate(key, AT_SIGNATURE, X509_ASN_ENCODING, type, &request,
                                              &wrong, NULL, der, &n),
                NTE_BAD_ALGID);
    CHECK_FAILS(signing,
                CryptSignAndEncodeCertificate(key, AT_SIGNATURE, X509_ASN_ENCODING, X509_NAME,
                                              &request, &way, NULL, der, &n),
                ERROR_FILE_NOT_FOUND);
    CHECK_FAILS(
        signing,
        CryptSignAndEncodeCertificate(key, AT_SIGNATURE, 0, type, &request, &way, NULL, der, &n),
        ERROR_FILE_NOT_FOUND);
    CHECK_FAILS(signing,
                CryptSignAndEncodeCertificate(0, AT_SIGNATURE, X509_ASN_ENCODING, type, &request,
                                              &way, NULL, der, &n),
                ERROR_INVALID_PARAMETER);
    CHECK_FAILS(signing,
                CryptSignAndEncodeCertificate(key, AT_SIGNATURE, X509_ASN_ENCODING, type, &request,
                                              NULL, NULL, der, &n),
                E_INVALIDARG);
    CHECK_FAILS(signing,
                CryptSignAndEncodeCertificate(key, AT_SIGNATURE, X509_ASN_ENCODING, type, NULL,
                                              &way, NULL, der, &n),
                E_INVALIDARG);
    n = 100;
    CHECK_FAILS(signing,
                CryptSignAndEncodeCertificate(key, AT_SIGNATURE, X509_ASN_ENCODING, type, &request,
                                              &way, NULL, der, &n),
                ERROR_MORE_DATA);
    CHECK(signing, n > 100 && n < DER_MAX);
    CryptReleaseContext(key, 0);
}

/* ---- public keys ----------------------------------------------------------------------- */

static void exported(void **state)
{
    (void)state;
    static const char row[] = "CryptExportPublicKeyInfoEx";
    _Alignas(8) BYTE block[2048];
    CERT_PUBLIC_KEY_INFO *info = (CERT_PUBLIC_KEY_INFO *)(void *)block;
    DWORD n = 0;
    HCRYPTPROV key = open_rsa(NULL, AT_KEYEXCHANGE);
    CHECK_WORKS(row, CryptExportPublicKeyInfo(key, AT_KEYEXCHANGE, X509_ASN_ENCODING, NULL, &n));
    DWORD exact = n;
    n--;
    CHECK_FAILS(row, CryptExportPublicKeyInfo(key, AT_KEYEXCHANGE, X509_ASN_ENCODING, info, &n),
                ERROR_MORE_DATA);
    CHECK_NUMBER(row, n, exact);
    CHECK_WORKS(row, CryptExportPublicKeyInfo(key, 0, X509_ASN_ENCODING, info, &n));
    CHECK_NUMBER(row, strcmp(info->Algorithm.pszObjId, szOID_RSA_RSA), 0);
    CHECK_NUMBER(row, CertGetPublicKeyLength(X509_ASN_ENCODING, info), 2048);
    n = sizeof block;
    CHECK_WORKS(row, CryptExportPublicKeyInfoEx(key, AT_KEYEXCHANGE, X509_ASN_ENCODING,
                                                (LPSTR)(uintptr_t) "1.2.3.4", 0, NULL, info, &n));
    CHECK_NUMBER(row, strcmp(info->Algorithm.pszObjId, "1.2.3.4"), 0);
    n = sizeof block;
    CHECK_FAILS(row, CryptExportPublicKeyInfo(key, AT_SIGNATURE, X509_ASN_ENCODING, info, &n),
                NTE_NO_KEY);
    CHECK_FAILS(row, CryptExportPublicKeyInfo(key, AT_KEYEXCHANGE, 0, info, &n),
                ERROR_FILE_NOT_FOUND);
    CHECK_FAILS(row, CryptExportPublicKeyInfo(12345, AT_KEYEXCHANGE, X509_ASN_ENCODING, info, &n),
                ERROR_INVALID_PARAMETER);
    CHECK_FAILS(row, CryptExportPublicKeyInfo(key, AT_KEYEXCHANGE, X509_ASN_ENCODING, info, NULL),
                E_INVALIDARG);
    CryptReleaseContext(key, 0);
}

static void imported_for_cryptoapi(void **state)
{
    (void)state;
    static const char row[] = "CryptImportPublicKeyInfo";
    HCRYPTPROV provider = open_rsa(NULL, 0);
    HCRYPTKEY key;
    DWORD bits;
    DWORD n = sizeof bits;
    PCCERT_CONTEXT rsa = pair_certificate("rsa-2048");
    PCCERT_CONTEXT ec = pair_certificate("ecdsa-p256");
    CERT_PUBLIC_KEY_INFO info = rsa->pCertInfo->SubjectPublicKeyInfo;
    CHECK_WORKS(row, CryptImportPublicKeyInfo(provider, X509_ASN_ENCODING, &info, &key));
    CHECK(row, CryptGetKeyParam(key, KP_KEYLEN, (BYTE *)&bits, &n, 0) && bits == 2048);
    BYTE blob[2048];
    n = sizeof blob;
    CHECK(row, CryptExportKey(key, 0, PUBLICKEYBLOB, 0, blob, &n));
    CHECK_FAILS(row, CryptExportKey(key, 0, PRIVATEKEYBLOB, 0, blob, &n), NTE_BAD_KEY_STATE);
    CHECK(row, CryptDestroyKey(key));
    CHECK_WORKS(row, CryptImportPublicKeyInfoEx(provider, X509_ASN_ENCODING, &info, CALG_RSA_SIGN,
                                                0, NULL, &key));
    n = sizeof bits;
    CHECK(row, CryptGetKeyParam(key, KP_ALGID, (BYTE *)&bits, &n, 0) && bits == CALG_RSA_SIGN);
    CHECK(row, CryptDestroyKey(key));
    CHECK_FAILS(row,
                CryptImportPublicKeyInfo(provider, X509_ASN_ENCODING,
                                         &ec->pCertInfo->SubjectPublicKeyInfo, &key),
                NTE_BAD_ALGID);
    CHECK_FAILS(row, CryptImportPublicKeyInfo(0, X509_ASN_ENCODING, &info, &key), NTE_BAD_UID);
    CHECK_FAILS(row, CryptImportPublicKeyInfo(provider, 0, &info, &key), ERROR_FILE_NOT_FOUND);
    CHECK_FAILS(row, CryptImportPublicKeyInfo(provider, X509_ASN_ENCODING, NULL, &key),
                E_INVALIDARG);
    CHECK_FAILS(row, CryptImportPublicKeyInfo(provider, X509_ASN_ENCODING, &info, NULL),
                E_INVALIDARG);
    info.PublicKey.cbData--;
    CHECK_FAILS(row, CryptImportPublicKeyInfo(provider, X509_ASN_ENCODING, &info, &key),
                NTE_BAD_PUBLIC_KEY);
    CryptReleaseContext(provider, 0);
}

/* A key of the certificate's verifies what the certificate's key signed. */
static void imported_for_cng(void **state)
{
    (void)state;
    static const char row[] = "CryptImportPublicKeyInfoEx2";
    BYTE digest[32] = {1, 2, 3};
    BYTE signature[512];
    BCRYPT_KEY_HANDLE key;
    NCRYPT_KEY_HANDLE signer;
    BOOL must_free;
    DWORD spec;
    DWORD n;
    PCCERT_CONTEXT certificate = pair_certificate("ecdsa-p256");
    CERT_PUBLIC_KEY_INFO info = certificate->pCertInfo->SubjectPublicKeyInfo;
    assert_true(CryptAcquireCertificatePrivateKey(certificate, CRYPT_ACQUIRE_ONLY_NCRYPT_KEY_FLAG,
                                                  NULL, &signer, &spec, &must_free));
    assert_int_equal(NCryptSignHash(signer, NULL, digest, 32, signature, sizeof signature, &n, 0),
                     0);
    if (must_free)
        NCryptFreeObject(signer);
    CHECK_WORKS(row, CryptImportPublicKeyInfoEx2(X509_ASN_ENCODING, &info, 0, NULL, &key));
    CHECK_NUMBER(row, BCryptVerifySignature(key, NULL, digest, 32, signature, n, 0), 0);
    signature[9] ^= 1;
    CHECK(row, BCryptVerifySignature(key, NULL, digest, 32, signature, n, 0) != 0);
    BCryptDestroyKey(key);
    CHECK_WORKS(row,
                CryptImportPublicKeyInfoEx2(X509_ASN_ENCODING, &info,
                                            CRYPT_OID_INFO_PUBKEY_ENCRYPT_KEY_FLAG, NULL, &key));
    WCHAR text[32];
    CHECK_NUMBER(
        row, BCryptGetProperty(key, BCRYPT_ALGORITHM_NAME, (BYTE *)text, sizeof text, &n, 0), 0);
    CHECK(row, memcmp(text, u"ECDH_P256", n) == 0);
    BCryptDestroyKey(key);
    CHECK_FAILS(row, CryptImportPublicKeyInfoEx2(0, &info, 0, NULL, &key), ERROR_FILE_NOT_FOUND);
    CHECK_FAILS(row, CryptImportPublicKeyInfoEx2(X509_ASN_ENCODING, NULL, 0, NULL, &key),
                E_INVALIDARG);
    for (DWORD left = info.PublicKey.cbData; left-- > 1;) {
        info.PublicKey.cbData = left;
        CHECK(row, !CryptImportPublicKeyInfoEx2(X509_ASN_ENCODING, &info, 0, NULL, &key));
    }
    PCCERT_CONTEXT edwards = pair_certificate("ed25519");
    CHECK_FAILS(row,
                CryptImportPublicKeyInfoEx2(
                    X509_ASN_ENCODING, &edwards->pCertInfo->SubjectPublicKeyInfo, 0, NULL, &key),
                NTE_BAD_ALGID);
}

/* ---- the checks bite ------------------------------------------------------------------- */

static void planted(void **state)
{
    (void)state;
    PCCERT_CONTEXT other = pair_certificate("ecdsa-p256");
    PCCERT_CONTEXT rsa = pair_certificate("rsa-2048");
    planted_begin();
    CHECK_FAILS("planted", CertCreateSelfSignCertificate(0, NULL, 0, NULL, NULL, NULL, NULL, NULL),
                NTE_NO_KEY);
    CHECK_FAILS("planted", is_self_signed(other), 0);
    CHECK_WORKS("planted", witness_signed_by(other->pbCertEncoded, other->cbCertEncoded,
                                             rsa->pbCertEncoded, rsa->cbCertEncoded));
    assert_int_equal(planted_end(), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted),
        cmocka_unit_test(a_new_container),
        cmocka_unit_test(times_and_extensions),
        cmocka_unit_test(handles_of_cryptoapi),
        cmocka_unit_test(named_containers),
        cmocka_unit_test(keys_of_cng),
        cmocka_unit_test(pss),
        cmocka_unit_test(self_sign_flags),
        cmocka_unit_test(self_sign_refused),
        cmocka_unit_test(raw_signatures),
        cmocka_unit_test(requests),
        cmocka_unit_test(varying_lengths),
        cmocka_unit_test(certificates_and_lists),
        cmocka_unit_test(signing_refused),
        cmocka_unit_test(exported),
        cmocka_unit_test(imported_for_cryptoapi),
        cmocka_unit_test(imported_for_cng),
    };
    return cmocka_run_group_tests_name("sign", tests, make_name, folder_teardown);
}
