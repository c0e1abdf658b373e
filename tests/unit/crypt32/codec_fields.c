/* SPDX-License-Identifier: MIT */
/*
 * What CryptDecodeObject says, field by field, and libcrypto's word against ours: certificates of
 * the zoo with every extension, lists, requests, keys of every kind; what CryptEncodeObject makes
 * of structures that programs fill.
 */
#include "der_text.h"
#include "zoo.h"

static const DWORD encoding = X509_ASN_ENCODING | PKCS_7_ASN_ENCODING;

static int open_zoo(void **state)
{
    (void)state;
    zoo_open();
    return 0;
}

static int close_zoo(void **state)
{
    (void)state;
    zoo_close();
    return 0;
}

/* Never NULL; to be freed with LocalFree. */
static void *decode(LPCSTR type, const void *der, size_t n, DWORD flags)
{
    void *structure = NULL;
    DWORD size;
    assert_true(CryptDecodeObjectEx(encoding, type, der, (DWORD)n, flags | CRYPT_DECODE_ALLOC_FLAG,
                                    NULL, &structure, &size));
    return structure;
}

static void *decode_text(LPCSTR type, const char *text)
{
    uint8_t der[DER_TEXT_MAX];
    return decode(type, der, der_from_text(text, der), 0);
}

static void expect_encoding(LPCSTR type, const void *structure, const char *text)
{
    uint8_t der[DER_TEXT_MAX];
    BYTE *out = NULL;
    DWORD n;
    size_t expected = der_from_text(text, der);
    assert_true(
        CryptEncodeObjectEx(encoding, type, structure, CRYPT_ENCODE_ALLOC_FLAG, NULL, &out, &n));
    assert_int_equal(n, expected);
    assert_memory_equal(out, der, n);
    LocalFree(out);
}

static void expect_failure(LPCSTR type, const void *structure, LONG error, DWORD where)
{
    BYTE out[64];
    DWORD n = sizeof out;
    int64_t live = mem_live();
    assert_false(CryptEncodeObject(encoding, type, structure, out, &n));
    assert_int_equal(GetLastError(), (DWORD)error);
    assert_int_equal(n, where);
    assert_int_equal(mem_live(), live);
}

/* ---- certificates and lists --------------------------------------------------------------- */

static const struct zoo_cert *everything(void)
{
    const struct zoo_cert *root = ZOO(.name = "fields root");
    return ZOO(.name = "fields", .issuer = root, .authority = ZOO_END,
               .extensions = {
                   {"subjectAltName", "DNS:a.example,email:a@example,URI:http://a/,IP:127.0.0.1,"
                                      "IP:::1,RID:1.2.3,otherName:1.2.3.4;UTF8:x"},
                   {"keyUsage", "critical,digitalSignature,decipherOnly"},
                   {"extendedKeyUsage", "serverAuth,1.2.3.4.5"},
                   {"2.5.29.32", "DER:300e300406022a0330060604551d2000"},
                   {"crlDistributionPoints", "URI:http://c/a.crl,URI:http://c/b.crl"},
                   {"authorityInfoAccess", "OCSP;URI:http://o/,caIssuers;URI:http://i/"},
                   {"authorityKeyIdentifier", "keyid,issuer"},
                   {"subjectKeyIdentifier", "hash"},
               });
}

/* The same as the context has it, which libcrypto's parser made. */
static void same_extensions(const CERT_INFO *ours, const CERT_INFO *theirs)
{
    assert_int_equal(ours->cExtension, theirs->cExtension);
    for (DWORD i = 0; i < ours->cExtension; i++) {
        const CERT_EXTENSION *a = &ours->rgExtension[i];
        const CERT_EXTENSION *b = &theirs->rgExtension[i];
        assert_string_equal(a->pszObjId, b->pszObjId);
        assert_int_equal(a->fCritical != 0, b->fCritical != 0);
        assert_int_equal(a->Value.cbData, b->Value.cbData);
        assert_memory_equal(a->Value.pbData, b->Value.pbData, a->Value.cbData);
    }
}

static void same_blob(const CRYPT_DATA_BLOB *a, const CRYPT_DATA_BLOB *b)
{
    assert_int_equal(a->cbData, b->cbData);
    assert_memory_equal(a->pbData, b->pbData, a->cbData);
}

static void certificate(void **state)
{
    (void)state;
    const struct zoo_cert *cert = everything();
    const CERT_INFO *theirs = cert->context->pCertInfo;
    CERT_INFO *ours = decode(X509_CERT_TO_BE_SIGNED, cert->der, (size_t)cert->der_len, 0);
    CERT_SIGNED_CONTENT_INFO *content = decode(X509_CERT, cert->der, (size_t)cert->der_len, 0);
    CERT_INFO *bare = decode(X509_CERT_TO_BE_SIGNED, content->ToBeSigned.pbData,
                             content->ToBeSigned.cbData, CRYPT_DECODE_TO_BE_SIGNED_FLAG);
    assert_int_equal(ours->dwVersion, CERT_V3);
    same_blob(&ours->SerialNumber, &theirs->SerialNumber);
    same_blob(&ours->Issuer, &theirs->Issuer);
    same_blob(&ours->Subject, &theirs->Subject);
    same_blob(&ours->SubjectPublicKeyInfo.Algorithm.Parameters,
              &theirs->SubjectPublicKeyInfo.Algorithm.Parameters);
    assert_memory_equal(&ours->NotBefore, &theirs->NotBefore, sizeof(FILETIME));
    assert_memory_equal(&ours->NotAfter, &theirs->NotAfter, sizeof(FILETIME));
    assert_string_equal(ours->SignatureAlgorithm.pszObjId, theirs->SignatureAlgorithm.pszObjId);
    same_extensions(ours, theirs);
    same_extensions(bare, theirs);
    LocalFree(bare);
    LocalFree(content);
    LocalFree(ours);
}

/* X20: the signature lies the other way round, unless that is switched off. */
static void reversed_signature(void **state)
{
    (void)state;
    const struct zoo_cert *cert = everything();
    CERT_SIGNED_CONTENT_INFO *turned = decode(X509_CERT, cert->der, (size_t)cert->der_len, 0);
    CERT_SIGNED_CONTENT_INFO *plain = decode(X509_CERT, cert->der, (size_t)cert->der_len,
                                             CRYPT_DECODE_NO_SIGNATURE_BYTE_REVERSAL_FLAG);
    const ASN1_BIT_STRING *signature;
    X509_get0_signature(&signature, NULL, cert->x509);
    assert_int_equal(plain->Signature.cbData, signature->length);
    assert_memory_equal(plain->Signature.pbData, signature->data, signature->length);
    for (DWORD i = 0; i < plain->Signature.cbData; i++)
        assert_int_equal(turned->Signature.pbData[i],
                         plain->Signature.pbData[plain->Signature.cbData - 1 - i]);
    BYTE *out = NULL;
    DWORD n;
    assert_true(CryptEncodeObjectEx(
        encoding, X509_CERT, plain,
        CRYPT_ENCODE_ALLOC_FLAG | CRYPT_ENCODE_NO_SIGNATURE_BYTE_REVERSAL_FLAG, NULL, &out, &n));
    assert_int_equal(n, cert->der_len);
    assert_memory_equal(out, cert->der, n);
    LocalFree(out);
    LocalFree(plain);
    LocalFree(turned);
}

/* Every extension of the zoo decodes by its identifier and comes back as it was. */
static void every_extension(void **state)
{
    (void)state;
    const CERT_INFO *info = everything()->context->pCertInfo;
    for (DWORD i = 0; i < info->cExtension; i++) {
        const CERT_EXTENSION *extension = &info->rgExtension[i];
        void *structure =
            decode(extension->pszObjId, extension->Value.pbData, extension->Value.cbData, 0);
        BYTE *out = NULL;
        DWORD n;
        assert_true(CryptEncodeObjectEx(encoding, extension->pszObjId, structure,
                                        CRYPT_ENCODE_ALLOC_FLAG, NULL, &out, &n));
        assert_int_equal(n, extension->Value.cbData);
        assert_memory_equal(out, extension->Value.pbData, n);
        LocalFree(out);
        LocalFree(structure);
    }
}

static X509_CRL *make_crl(const struct zoo_cert *issuer)
{
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *time = ASN1_TIME_set(NULL, (time_t)ZOO_NOW);
    X509_CRL_set_version(crl, 1);
    X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer->x509));
    X509_CRL_set1_lastUpdate(crl, time);
    X509_CRL_set1_nextUpdate(crl, time);
    for (int i = 1; i <= 3; i++) {
        X509_REVOKED *revoked = X509_REVOKED_new();
        ASN1_INTEGER *serial = ASN1_INTEGER_new();
        ASN1_INTEGER_set(serial, i * 200);
        X509_REVOKED_set_serialNumber(revoked, serial);
        X509_REVOKED_set_revocationDate(revoked, time);
        X509_CRL_add0_revoked(crl, revoked);
        ASN1_INTEGER_free(serial);
    }
    ASN1_TIME_free(time);
    assert_int_not_equal(0, X509_CRL_sign(crl, issuer->key, EVP_sha256()));
    return crl;
}

static void revocation_list(void **state)
{
    (void)state;
    X509_CRL *crl = make_crl(ZOO(.name = "fields root"));
    unsigned char *der = NULL;
    int n = i2d_X509_CRL(crl, &der);
    CRL_INFO *info = decode(X509_CERT_CRL_TO_BE_SIGNED, der, (size_t)n, 0);
    assert_int_equal(info->dwVersion, CRL_V2);
    assert_int_equal(info->cCRLEntry, 3);
    assert_int_equal(info->rgCRLEntry[0].SerialNumber.cbData, 1);
    assert_int_equal(info->rgCRLEntry[0].SerialNumber.pbData[0], 200);
    assert_int_equal(info->rgCRLEntry[2].SerialNumber.cbData, 2);
    assert_memory_equal(info->rgCRLEntry[2].SerialNumber.pbData, "\x58\x02", 2);
    FILETIME now = win_filetime_from_unix(ZOO_NOW);
    assert_memory_equal(&info->ThisUpdate, &now, sizeof now);
    assert_memory_equal(&info->NextUpdate, &now, sizeof now);
    LocalFree(info);
    OPENSSL_free(der);
    X509_CRL_free(crl);
}

static void request(void **state)
{
    (void)state;
    X509_REQ *req = X509_REQ_new();
    EVP_PKEY *key = zoo_key("request", ZOO_P256);
    unsigned char *der = NULL;
    X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(req), "CN", MBSTRING_ASC,
                               (const unsigned char *)"req", -1, -1, 0);
    X509_REQ_set_pubkey(req, key);
    X509_REQ_add1_attr_by_txt(req, "challengePassword", MBSTRING_ASC, (const unsigned char *)"pw",
                              2);
    assert_int_not_equal(0, X509_REQ_sign(req, key, EVP_sha256()));
    int n = i2d_X509_REQ(req, &der);
    CERT_REQUEST_INFO *info = decode(X509_CERT_REQUEST_TO_BE_SIGNED, der, (size_t)n, 0);
    assert_int_equal(info->dwVersion, CERT_REQUEST_V1);
    assert_string_equal(info->SubjectPublicKeyInfo.Algorithm.pszObjId, szOID_ECC_PUBLIC_KEY);
    assert_int_equal(info->cAttribute, 1);
    assert_string_equal(info->rgAttribute[0].pszObjId, szOID_RSA_challengePwd);
    assert_int_equal(info->rgAttribute[0].cValue, 1);
    LocalFree(info);
    OPENSSL_free(der);
    X509_REQ_free(req);
}

/* ---- names ------------------------------------------------------------------------------- */

static void names(void **state)
{
    (void)state;
    CERT_NAME_INFO *name = decode_text((LPCSTR)7, "30(31(30(0603550406 1302 4445)) "
                                                  "31(30(0603550403 0c(c3a4f09f9880))))");
    assert_int_equal(name->cRDN, 2);
    assert_string_equal(name->rgRDN[0].rgRDNAttr[0].pszObjId, szOID_COUNTRY_NAME);
    assert_int_equal(name->rgRDN[0].rgRDNAttr[0].dwValueType, CERT_RDN_PRINTABLE_STRING);
    assert_int_equal(name->rgRDN[0].rgRDNAttr[0].Value.cbData, 2);
    assert_memory_equal(name->rgRDN[0].rgRDNAttr[0].Value.pbData, "DE", 2);
    const CERT_RDN_ATTR *common = &name->rgRDN[1].rgRDNAttr[0];
    assert_int_equal(common->dwValueType, CERT_RDN_UTF8_STRING);
    assert_int_equal(common->Value.cbData, 6);
    assert_memory_equal(common->Value.pbData, "\xE4\x00\x3D\xD8\x00\xDE", 6);
    LocalFree(name);
}

static void unicode_names(void **state)
{
    (void)state;
    static const char text[] = "30(31(30(0603550403 1402 41e4)) 31(30(0603550403 1403 41c3a4)) "
                               "31(30(0603550403 1e02 00e4)) 31(30(0603550403 1c04 0001f600)) "
                               "31(30(0603550403 1302 4445)) 31(30(0603550403 0401ff)))";
    static const struct {
        DWORD type;
        DWORD n;
        const char *bytes;
    } expected[] = {
        {CERT_RDN_TELETEX_STRING, 4, "A\0\xE4\0\0"},
        {CERT_RDN_TELETEX_STRING, 4, "A\0\xE4\0\0"},
        {CERT_RDN_BMP_STRING, 2, "\xE4\0\0"},
        {CERT_RDN_UNIVERSAL_STRING, 4, "\x3D\xD8\x00\xDE\0"},
        {CERT_RDN_PRINTABLE_STRING, 4, "D\0E\0\0"},
        {CERT_RDN_OCTET_STRING, 1, "\xFF"},
    };
    CERT_NAME_INFO *name = decode_text(X509_UNICODE_NAME, text);
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        const CERT_RDN_ATTR *attribute = &name->rgRDN[i].rgRDNAttr[0];
        bool is_wide = expected[i].type != CERT_RDN_OCTET_STRING;
        assert_int_equal(attribute->dwValueType, expected[i].type);
        assert_int_equal(attribute->Value.cbData, expected[i].n);
        assert_memory_equal(attribute->Value.pbData, expected[i].bytes,
                            expected[i].n + (is_wide ? 2 : 0));
    }
    LocalFree(name);
}

static CERT_NAME_INFO one_name(CERT_RDN *rdn, CERT_RDN_ATTR *attribute)
{
    *rdn = (CERT_RDN){1, attribute};
    return (CERT_NAME_INFO){1, rdn};
}

static void encoded_names(void **state)
{
    (void)state;
    static WCHAR plain[] = {'A', 'b', 0};
    static WCHAR umlaut[] = {0xE4, 0xD83D, 0xDE00, 0};
    static WCHAR half[] = {0xD83D, 'x', 0};
    CERT_RDN rdn;
    CERT_RDN_ATTR attribute = {szOID_COMMON_NAME, CERT_RDN_ANY_TYPE, {0, (BYTE *)plain}};
    CERT_NAME_INFO name = one_name(&rdn, &attribute);
    expect_encoding(X509_UNICODE_NAME, &name, "30(31(30(0603550403 13(4162))))");
    attribute.dwValueType = CERT_RDN_ANY_TYPE | CERT_RDN_FORCE_UTF8_UNICODE_FLAG;
    expect_encoding(X509_UNICODE_NAME, &name, "30(31(30(0603550403 0c(4162))))");
    attribute.dwValueType = CERT_RDN_BMP_STRING;
    expect_encoding(X509_UNICODE_NAME, &name, "30(31(30(0603550403 1e(00410062))))");
    attribute.pszObjId = szOID_RSA_emailAddr;
    attribute.dwValueType = CERT_RDN_ANY_TYPE;
    expect_encoding(X509_UNICODE_NAME, &name, "30(31(30(06(2a864886f70d010901) 16(4162))))");
    attribute.pszObjId = szOID_COMMON_NAME;
    attribute.Value.pbData = (BYTE *)umlaut;
    expect_encoding(X509_UNICODE_NAME, &name, "30(31(30(0603550403 0c(c3a4f09f9880))))");
    attribute.dwValueType = CERT_RDN_UNIVERSAL_STRING;
    expect_encoding(X509_UNICODE_NAME, &name, "30(31(30(0603550403 1c(000000e40001f600))))");
    attribute.Value.pbData = (BYTE *)half;
    expect_failure(X509_UNICODE_NAME, &name, CRYPT_E_BAD_ENCODE, 0);
    expect_failure((LPCSTR)7, &(CERT_NAME_INFO){1, NULL}, E_INVALIDARG, 0);
    attribute.dwValueType = CERT_RDN_ANY_TYPE;
    expect_failure((LPCSTR)7, &name, E_INVALIDARG, 0);
}

/* A wrong character is told by relative name, attribute and place. */
static void wrong_characters(void **state)
{
    (void)state;
    static WCHAR country[] = {'D', 0xC4, 0};
    CERT_RDN_ATTR attributes[] = {
        {szOID_COMMON_NAME, CERT_RDN_PRINTABLE_STRING, {2, (BYTE *)"ok"}},
        {szOID_COMMON_NAME, CERT_RDN_PRINTABLE_STRING, {3, (BYTE *)"ab*"}}};
    CERT_RDN rdns[] = {{1, attributes}, {2, attributes}};
    CERT_NAME_INFO name = {2, rdns};
    expect_failure((LPCSTR)7, &name, CRYPT_E_INVALID_PRINTABLE_STRING, 1 << 22 | 1 << 16 | 2);
    attributes[1].dwValueType = CERT_RDN_NUMERIC_STRING;
    expect_failure((LPCSTR)7, &name, CRYPT_E_INVALID_NUMERIC_STRING, 1 << 22 | 1 << 16);
    attributes[1].dwValueType = CERT_RDN_IA5_STRING;
    attributes[1].Value = (CRYPT_DATA_BLOB){1, (BYTE *)"\xE4"};
    expect_failure((LPCSTR)7, &name, CRYPT_E_INVALID_IA5_STRING, 1 << 22 | 1 << 16);
    attributes[1].dwValueType = CERT_RDN_IA5_STRING | CERT_RDN_DISABLE_CHECK_TYPE_FLAG;
    DWORD n = 0;
    assert_true(CryptEncodeObject(encoding, (LPCSTR)7, &name, NULL, &n));
    CERT_RDN_ATTR wide = {szOID_COUNTRY_NAME, CERT_RDN_ANY_TYPE, {0, (BYTE *)country}};
    CERT_NAME_INFO unicode = one_name(&rdns[0], &wide);
    expect_failure(X509_UNICODE_NAME, &unicode, CRYPT_E_INVALID_PRINTABLE_STRING, 1);
}

/* A SET is written in order, whatever the order of the structure. */
static void ordered_set(void **state)
{
    (void)state;
    CERT_RDN_ATTR attributes[] = {{"2.5.4.4", CERT_RDN_PRINTABLE_STRING, {1, (BYTE *)"a"}},
                                  {"2.5.4.3", CERT_RDN_PRINTABLE_STRING, {2, (BYTE *)"bb"}},
                                  {"2.5.4.3", CERT_RDN_PRINTABLE_STRING, {1, (BYTE *)"c"}}};
    CERT_RDN rdn = {3, attributes};
    CERT_NAME_INFO name = {1, &rdn};
    expect_encoding(
        (LPCSTR)7, &name,
        "30(31(30(0603550403 1301 63) 30(0603550404 1301 61) 30(0603550403 1302 6262)))");
}

static void alternative_names(void **state)
{
    (void)state;
    const CERT_EXTENSION *extension;
    const CERT_INFO *info = everything()->context->pCertInfo;
    extension = CertFindExtension(szOID_SUBJECT_ALT_NAME2, info->cExtension, info->rgExtension);
    CERT_ALT_NAME_INFO *names_info =
        decode(X509_ALTERNATE_NAME, extension->Value.pbData, extension->Value.cbData, 0);
    CERT_ALT_NAME_ENTRY *e = names_info->rgAltEntry;
    assert_int_equal(names_info->cAltEntry, 7);
    assert_int_equal(e[0].dwAltNameChoice, CERT_ALT_NAME_DNS_NAME);
    assert_int_equal(win_utf16_len(e[0].pwszDNSName), 9);
    assert_int_equal(e[0].pwszDNSName[8], 'e');
    assert_int_equal(e[1].dwAltNameChoice, CERT_ALT_NAME_RFC822_NAME);
    assert_int_equal(e[2].dwAltNameChoice, CERT_ALT_NAME_URL);
    assert_int_equal(e[3].dwAltNameChoice, CERT_ALT_NAME_IP_ADDRESS);
    assert_int_equal(e[3].IPAddress.cbData, 4);
    assert_memory_equal(e[3].IPAddress.pbData, "\x7F\0\0\x01", 4);
    assert_int_equal(e[4].IPAddress.cbData, 16);
    assert_int_equal(e[5].dwAltNameChoice, CERT_ALT_NAME_REGISTERED_ID);
    assert_string_equal(e[5].pszRegisteredID, "1.2.3");
    assert_int_equal(e[6].dwAltNameChoice, CERT_ALT_NAME_OTHER_NAME);
    assert_string_equal(e[6].pOtherName->pszObjId, "1.2.3.4");
    assert_int_equal(e[6].pOtherName->Value.cbData, 3);
    assert_memory_equal(e[6].pOtherName->Value.pbData, "\x0C\x01x", 3);
    LocalFree(names_info);
}

static void wrong_alternative_names(void **state)
{
    (void)state;
    static WCHAR host[] = {'a', 0xFC, 0};
    CERT_ALT_NAME_ENTRY entries[2] = {
        {.dwAltNameChoice = CERT_ALT_NAME_IP_ADDRESS},
        {.dwAltNameChoice = CERT_ALT_NAME_DNS_NAME, .pwszDNSName = host}};
    CERT_ALT_NAME_INFO info = {2, entries};
    expect_failure(X509_ALTERNATE_NAME, &info, CRYPT_E_INVALID_IA5_STRING, 1 << 16 | 1);
    entries[1].pwszDNSName = NULL;
    expect_failure(X509_ALTERNATE_NAME, &info, E_INVALIDARG, 0);
    entries[1].dwAltNameChoice = CERT_ALT_NAME_X400_ADDRESS;
    expect_failure(X509_ALTERNATE_NAME, &info, E_INVALIDARG, 0);
    entries[1] = (CERT_ALT_NAME_ENTRY){.dwAltNameChoice = CERT_ALT_NAME_DIRECTORY_NAME};
    expect_failure(X509_ALTERNATE_NAME, &info, CRYPT_E_BAD_ENCODE, 0);
    entries[1] = (CERT_ALT_NAME_ENTRY){.dwAltNameChoice = CERT_ALT_NAME_REGISTERED_ID};
    expect_failure(X509_ALTERNATE_NAME, &info, CRYPT_E_ASN1_ERROR, 0);
}

/* ---- values ------------------------------------------------------------------------------ */

static void object_identifiers(void **state)
{
    (void)state;
    static const struct {
        const char *oid;
        const char *text; /* NULL: none */
    } rows[] = {
        {"1.2.840.113549", "06(2a864886f70d)"},
        {"0.0", "06(00)"},
        {"2.999", "06(8837)"},
        {"2.25.340282366920938463463374607431768211455",
         "06(69 83ffffffffffffffffffffffffffffffffff7f)"},
        {"2.25.340282366920938463463374607431768211456", NULL},
        {"", NULL},
        {"1", NULL},
        {"1.", NULL},
        {"1.40", NULL},
        {"3.1", NULL},
        {"1.2.", NULL},
        {"1..2", NULL},
        {"1.02", NULL},
        {"1.2x", NULL},
        {" 1.2", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        LPSTR oid = (LPSTR)(uintptr_t)rows[i].oid;
        if (rows[i].text == NULL) {
            expect_failure(X509_OBJECT_IDENTIFIER, &oid, CRYPT_E_ASN1_ERROR, 0);
            continue;
        }
        expect_encoding(X509_OBJECT_IDENTIFIER, &oid, rows[i].text);
        LPSTR *back = decode_text(X509_OBJECT_IDENTIFIER, rows[i].text);
        assert_string_equal(*back, rows[i].oid);
        LocalFree(back);
    }
}

static void times(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t ticks;
    } rows[] = {
        {"18(31363031303130313030303030305a)", 0},
        {"17(3730303130313030303030305a)", 116444736000000000},
        {"17(373030313031303030305a)", 116444736000000000}, /* no seconds */
        {"17(3730303130313031303030302b30313030)", 116444736000000000},
        {"17(3639313233313233303030302d30313030)", 116444736000000000},
        {"18(31393730303130313030303030302e355a)", 116444736005000000},
        {"18(31393730303130313030303030302e303030303030315a)", 116444736000000001},
        {"18(32303030303232393030303030305a)", 125962560000000000},
        {"18(39393939313233313233353935395a)", 2650467743990000000},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        FILETIME *time = decode_text(X509_CHOICE_OF_TIME, rows[i].text);
        assert_int_equal((uint64_t)time->dwHighDateTime << 32 | time->dwLowDateTime, rows[i].ticks);
        LocalFree(time);
    }
    FILETIME late = {0xFFFFFFFF, 0x7FFFFFFF};
    expect_failure(X509_CHOICE_OF_TIME, &late, CRYPT_E_BAD_ENCODE, 0);
    FILETIME early = {0, 0};
    expect_failure(PKCS_UTC_TIME, &early, CRYPT_E_BAD_ENCODE, 0);
}

/* Every day of five centuries comes back. */
static void calendar(void **state)
{
    (void)state;
    for (int64_t day = 0; day < 200000; day += 13) {
        uint64_t ticks = (uint64_t)day * 864000000000;
        FILETIME time = {(DWORD)ticks, (DWORD)(ticks >> 32)};
        BYTE der[20];
        FILETIME back;
        DWORD n = sizeof der;
        DWORD size = sizeof back;
        assert_true(CryptEncodeObject(encoding, X509_CHOICE_OF_TIME, &time, der, &n));
        assert_true(CryptDecodeObject(encoding, X509_CHOICE_OF_TIME, der, n, 0, &back, &size));
        assert_memory_equal(&back, &time, sizeof time);
    }
}

static void numbers(void **state)
{
    (void)state;
    CRYPT_INTEGER_BLOB *blob = decode_text(X509_MULTI_BYTE_INTEGER, "02(009a01)");
    assert_int_equal(blob->cbData, 3);
    assert_memory_equal(blob->pbData, "\x01\x9A\0", 3);
    LocalFree(blob);
    blob = decode_text(X509_MULTI_BYTE_UINT, "02(009a01)");
    assert_int_equal(blob->cbData, 2);
    LocalFree(blob);
    CRYPT_INTEGER_BLOB none = {0};
    expect_encoding(X509_MULTI_BYTE_INTEGER, &none, "020100");
    expect_encoding(X509_MULTI_BYTE_UINT, &none, "020100");
    CRYPT_INTEGER_BLOB padded = {4, (BYTE *)"\x01\xFF\xFF\xFF"};
    expect_encoding(X509_MULTI_BYTE_INTEGER, &padded, "02(ff01)");
    expect_encoding(X509_MULTI_BYTE_UINT, &padded, "02(00ffffff01)");
    int *number = decode_text(X509_INTEGER, "02(80)");
    assert_int_equal(*number, -128);
    LocalFree(number);
}

static void usages_and_constraints(void **state)
{
    (void)state;
    BYTE bits[] = {0xA0, 0};
    CRYPT_BIT_BLOB usage = {2, bits, 0};
    expect_encoding(X509_KEY_USAGE, &usage, "03(05a0)");
    expect_encoding(X509_BITS, &usage, "03(00a000)");
    usage.cUnusedBits = 8;
    expect_failure(X509_BITS, &usage, CRYPT_E_BAD_ENCODE, 0);
    CERT_BASIC_CONSTRAINTS2_INFO constraints = {TRUE, TRUE, 0xFFFFFFFF};
    expect_encoding(X509_BASIC_CONSTRAINTS2, &constraints, "30(0101ff 02(00ffffffff))");
    CERT_BASIC_CONSTRAINTS2_INFO *back = decode_text(szOID_BASIC_CONSTRAINTS2, "30(0101ff 020102)");
    assert_true(back->fCA && back->fPathLenConstraint && back->dwPathLenConstraint == 2);
    LocalFree(back);
    CERT_ENHKEY_USAGE *purposes =
        decode_text(szOID_ENHANCED_KEY_USAGE, "30(06(2b06010505070301) 0604551d2500)");
    assert_int_equal(purposes->cUsageIdentifier, 2);
    assert_string_equal(purposes->rgpszUsageIdentifier[0], szOID_PKIX_KP_SERVER_AUTH);
    assert_string_equal(purposes->rgpszUsageIdentifier[1], szOID_ANY_ENHANCED_KEY_USAGE);
    LocalFree(purposes);
}

/* NULL is written for the algorithms of PKCS#1 alone. */
static void parameters(void **state)
{
    (void)state;
    CRYPT_ALGORITHM_IDENTIFIER algorithm = {szOID_RSA_SHA256RSA, {0, NULL}};
    expect_encoding(X509_ALGORITHM_IDENTIFIER, &algorithm, "30(06(2a864886f70d01010b) 0500)");
    algorithm.pszObjId = szOID_ECDSA_SHA256;
    expect_encoding(X509_ALGORITHM_IDENTIFIER, &algorithm, "30(06(2a8648ce3d040302))");
    algorithm.Parameters = (CRYPT_OBJID_BLOB){2, (BYTE *)"\x05\x01"};
    expect_failure(X509_ALGORITHM_IDENTIFIER, &algorithm, CRYPT_E_BAD_ENCODE, 0);
    algorithm.Parameters = (CRYPT_OBJID_BLOB){2, NULL};
    expect_failure(X509_ALGORITHM_IDENTIFIER, &algorithm, E_INVALIDARG, 0);
}

/* A point without a name of its own, and one relative to the issuer. */
static void distribution_points(void **state)
{
    (void)state;
    CRL_DIST_POINTS_INFO *points = decode_text(
        X509_CRL_DIST_POINTS, "30(30(a0(a1(30(0603550403 130161)))) 30(a0(a0(86(61)))) 30())");
    assert_int_equal(points->cDistPoint, 3);
    assert_int_equal(points->rgDistPoint[0].DistPointName.dwDistPointNameChoice,
                     CRL_DIST_POINT_ISSUER_RDN_NAME);
    assert_int_equal(points->rgDistPoint[1].DistPointName.dwDistPointNameChoice,
                     CRL_DIST_POINT_FULL_NAME);
    assert_int_equal(points->rgDistPoint[1].DistPointName.FullName.rgAltEntry[0].pwszURL[0], 'a');
    assert_int_equal(points->rgDistPoint[2].DistPointName.dwDistPointNameChoice,
                     CRL_DIST_POINT_NO_NAME);
    expect_failure(X509_CRL_DIST_POINTS, points, E_INVALIDARG, 0);
    LocalFree(points);
}

/* ---- keys -------------------------------------------------------------------------------- */

static void expect_number(const uint8_t *le, size_t n, const EVP_PKEY *key, const char *name)
{
    BIGNUM *theirs = NULL;
    assert_int_equal(1, EVP_PKEY_get_bn_param(key, name, &theirs));
    BIGNUM *ours = BN_lebin2bn(le, (int)n, NULL);
    assert_int_equal(0, BN_cmp(ours, theirs));
    BN_free(ours);
    BN_free(theirs);
}

static void rsa_private_key(void **state)
{
    (void)state;
    static const char *const names_of[] = {
        "n", "rsa-factor1", "rsa-factor2", "rsa-exponent1", "rsa-exponent2", "rsa-coefficient1",
        "d"};
    EVP_PKEY *key = zoo_key("rsa", ZOO_RSA);
    unsigned char *der = NULL;
    int n = i2d_PrivateKey(key, &der);
    uint8_t *blob = decode(PKCS_RSA_PRIVATE_KEY, der, (size_t)n, 0);
    const BLOBHEADER *header = (const void *)blob;
    const RSAPUBKEY *rsa = (const void *)(blob + sizeof *header);
    assert_int_equal(header->bType, PRIVATEKEYBLOB);
    assert_int_equal(header->bVersion, CUR_BLOB_VERSION);
    assert_int_equal(header->aiKeyAlg, CALG_RSA_KEYX);
    assert_memory_equal(&rsa->magic, "RSA2", 4);
    assert_int_equal(rsa->bitlen, 2048);
    assert_int_equal(rsa->pubexp, 65537);
    const uint8_t *at = blob + 20;
    for (size_t i = 0; i < ARRAY_LEN(names_of); i++) {
        size_t width = i == 0 || i == 6 ? 256 : 128;
        expect_number(at, width, key, names_of[i]);
        at += width;
    }
    BYTE *out = NULL;
    DWORD out_n;
    assert_true(CryptEncodeObjectEx(encoding, PKCS_RSA_PRIVATE_KEY, blob, CRYPT_ENCODE_ALLOC_FLAG,
                                    NULL, &out, &out_n));
    assert_int_equal(out_n, n);
    assert_memory_equal(out, der, n);
    LocalFree(out);
    blob[0] = PUBLICKEYBLOB;
    expect_failure(PKCS_RSA_PRIVATE_KEY, blob, E_INVALIDARG, 0);
    LocalFree(blob);
    OPENSSL_free(der);
}

static void rsa_keys_of_cng(void **state)
{
    (void)state;
    EVP_PKEY *key = zoo_key("rsa", ZOO_RSA);
    unsigned char *der = NULL;
    int n = i2d_PrivateKey(key, &der);
    uint32_t *blob = decode(CNG_RSA_PRIVATE_KEY_BLOB, der, (size_t)n, 0);
    static const uint32_t expected[] = {0x32415352, 2048, 3, 256, 128, 128};
    assert_memory_equal(blob, expected, sizeof expected);
    BIGNUM *modulus = NULL;
    assert_int_equal(1, EVP_PKEY_get_bn_param(key, "n", &modulus));
    uint8_t bytes[256];
    BN_bn2binpad(modulus, bytes, sizeof bytes);
    assert_memory_equal((uint8_t *)blob + 24, "\x01\x00\x01", 3);
    assert_memory_equal((uint8_t *)blob + 27, bytes, sizeof bytes);
    BN_free(modulus);
    LocalFree(blob);
    OPENSSL_free(der);
}

static void pkcs8(void **state)
{
    (void)state;
    static const enum zoo_kind kinds[] = {ZOO_P256, ZOO_P384, ZOO_RSA_1024, ZOO_ED25519};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        EVP_PKEY *key = zoo_key("pkcs8", kinds[i]);
        PKCS8_PRIV_KEY_INFO *theirs = EVP_PKEY2PKCS8(key);
        const unsigned char *content;
        int content_n;
        unsigned char *der = NULL;
        int n = i2d_PKCS8_PRIV_KEY_INFO(theirs, &der);
        PKCS8_pkey_get0(NULL, &content, &content_n, NULL, theirs);
        CRYPT_PRIVATE_KEY_INFO *ours = decode(PKCS_PRIVATE_KEY_INFO, der, (size_t)n, 0);
        assert_int_equal(ours->PrivateKey.cbData, content_n);
        assert_memory_equal(ours->PrivateKey.pbData, content, content_n);
        assert_null(ours->pAttributes);
        if (kinds[i] == ZOO_P256) {
            CRYPT_ECC_PRIVATE_KEY_INFO *ec =
                decode(X509_ECC_PRIVATE_KEY, content, (size_t)content_n, 0);
            assert_int_equal(ec->dwVersion, CRYPT_ECC_PRIVATE_KEY_INFO_v1);
            assert_int_equal(ec->PrivateKey.cbData, 32);
            assert_int_equal(ec->PublicKey.cbData, 65);
            LocalFree(ec);
        }
        LocalFree(ours);
        OPENSSL_free(der);
        PKCS8_PRIV_KEY_INFO_free(theirs);
    }
}

static void positive_control(void **state)
{
    (void)state;
    CRYPT_INTEGER_BLOB blob = {1, (BYTE *)"\x01"};
    uint8_t der[DER_TEXT_MAX];
    BYTE out[8];
    DWORD n = sizeof out;
    assert_true(CryptEncodeObject(encoding, X509_MULTI_BYTE_INTEGER, &blob, out, &n));
    assert_int_equal(der_from_text("02(02)", der), n);
    assert_memory_not_equal(out, der, n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificate),
        cmocka_unit_test(reversed_signature),
        cmocka_unit_test(every_extension),
        cmocka_unit_test(revocation_list),
        cmocka_unit_test(request),
        cmocka_unit_test(names),
        cmocka_unit_test(unicode_names),
        cmocka_unit_test(encoded_names),
        cmocka_unit_test(wrong_characters),
        cmocka_unit_test(ordered_set),
        cmocka_unit_test(alternative_names),
        cmocka_unit_test(wrong_alternative_names),
        cmocka_unit_test(object_identifiers),
        cmocka_unit_test(times),
        cmocka_unit_test(calendar),
        cmocka_unit_test(numbers),
        cmocka_unit_test(usages_and_constraints),
        cmocka_unit_test(parameters),
        cmocka_unit_test(distribution_points),
        cmocka_unit_test(rsa_private_key),
        cmocka_unit_test(rsa_keys_of_cng),
        cmocka_unit_test(pkcs8),
        cmocka_unit_test(positive_control),
    };
    return cmocka_run_group_tests(tests, open_zoo, close_zoo);
}
