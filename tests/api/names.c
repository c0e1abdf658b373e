/* SPDX-License-Identifier: MIT */
/*
 * Names as text and back, through the public functions: what CertStrToName reads and with which
 * string types, what CertNameToStr writes, what CertGetNameString finds where.
 */
#include "checks.h"
#include "folder.h"

enum { TEXT_MAX = 1024 };

static const char parsing[] = "CertStrToName";
static const char spelling[] = "CertNameToStr";
static const char finding[] = "CertGetNameString";

/* ---- CertStrToName --------------------------------------------------------------------- */

struct name {
    BYTE der[TEXT_MAX];
    CERT_NAME_BLOB blob;
};

static BOOL parse(const char *text, DWORD flags, struct name *out)
{
    out->blob = (CERT_NAME_BLOB){sizeof out->der, out->der};
    return CertStrToNameA(X509_ASN_ENCODING, text, flags, NULL, out->der, &out->blob.cbData, NULL);
}

static const char *spelled(const CERT_NAME_BLOB *blob, DWORD type)
{
    static char text[TEXT_MAX];
    CertNameToStrA(X509_ASN_ENCODING, (CERT_NAME_BLOB *)(uintptr_t)blob, type, text, sizeof text);
    return text;
}

#define REVERSE CERT_NAME_STR_REVERSE_FLAG
#define COMMA   CERT_NAME_STR_COMMA_FLAG
#define SEMI    CERT_NAME_STR_SEMICOLON_FLAG
#define CRLF    CERT_NAME_STR_CRLF_FLAG
#define NO_PLUS CERT_NAME_STR_NO_PLUS_FLAG
#define NO_QUOT CERT_NAME_STR_NO_QUOTING_FLAG

static const struct parse_row {
    const char *row;
    const char *text;
    DWORD flags;
    const char *back; /* with CERT_X500_NAME_STR; NULL: no name */
} parse_rows[] = {
    {"X52", "CN=a, O=b, C=DE", 0, "CN=a, O=b, C=DE"},
    {"CERT_NAME_STR_REVERSE_FLAG", "CN=a, O=b, C=DE", REVERSE, "C=DE, O=b, CN=a"},
    {"CERT_NAME_STR_REVERSE_FLAG", "CN=a+OU=u, O=b", REVERSE, "O=b, CN=a + OU=u"},
    {"CERT_NAME_STR_REVERSE_FLAG", "", REVERSE, ""},
    {"CERT_NAME_STR_FORWARD_FLAG", "CN=a, O=b", CERT_NAME_STR_FORWARD_FLAG, "CN=a, O=b"},
    {"separators", "CN=a; O=b, OU=c", 0, "CN=a, O=b, OU=c"},
    {"CERT_NAME_STR_COMMA_FLAG", "CN=a;b, O=c", COMMA, "CN=\"a;b\", O=c"},
    {"CERT_NAME_STR_SEMICOLON_FLAG", "CN=a,b; O=c", SEMI, "CN=\"a,b\", O=c"},
    {"both", "CN=a, O=b; OU=c", COMMA | SEMI, "CN=a, O=b, OU=c"},
    {"CERT_NAME_STR_CRLF_FLAG", "CN=a,b;c\r\nO=d\n", CRLF, "CN=\"a,b;c\", O=d"},
    {"repeated", ",, CN=a ,, O=b ;", 0, "CN=a, O=b"},
    {"X54", "CN=a+b", 0, NULL},
    {"X54", "CN=a+b", NO_PLUS, "CN=\"a+b\""},
    {"several values", "CN=a + OU=u", 0, "CN=a + OU=u"},
    {"CERT_NAME_STR_NO_QUOTING_FLAG", "CN=\"a\"", NO_QUOT, "CN=\"\"\"a\"\"\""},
    {"quotes", "CN=\"a, b = c\"", 0, "CN=\"a, b = c\""},
    {"quotes", "CN=\"a\"\"b\"", 0, "CN=\"a\"\"b\""},
    {"quotes", "CN=\"\"", 0, "CN="},
    {"quotes", "CN=\"a\" b", 0, NULL},
    {"quotes", "CN=\"a", 0, NULL},
    {"single quotes", "CN='a'", 0, "CN='a'"},
    {"no value", "CN=", 0, "CN="},
    {"no value", "CN=, O=b", 0, "CN=, O=b"},
    {"blanks", "  CN  =  a b  ,  O = c ", 0, "CN=a b, O=c"},
    {"blanks", "CN\t=\ta\t,\r\n O=c", 0, "CN=a, O=c"},
    {"case", "cn=a, street=b, serialnumber=1", 0, "CN=a, STREET=b, SERIALNUMBER=1"},
    {"other keys", "ST=a, Email=b@c, GivenName=d, Title=e, Initials=f", 0,
     "S=a, E=b@c, G=d, T=e, I=f"},
    {"other keys", "Description=a, PostalCode=1, POBox=2, Phone=3, X21Address=4, dnQualifier=5", 0,
     "Description=a, PostalCode=1, POBox=2, Phone=3, X21Address=4, dnQualifier=5"},
    {"identifiers", "2.5.4.3=a, OID.2.5.4.10=b, oid.1.2.3.4.5=c", 0, "CN=a, O=b, OID.1.2.3.4.5=c"},
    {"identifiers", "1=a", 0, NULL},
    {"identifiers", "1.2.3.=a", 0, NULL},
    {"identifiers", "3.2.3=a", 0, NULL},
    {"identifiers", "OID.=a", 0, NULL},
    {"not Windows' names", "commonName=a", 0, NULL},
    {"not Windows' names", "UID=a", 0, NULL},
    {"hexadecimal", "1.2.3.4=#0401FF", 0, "OID.1.2.3.4=#0401ff"},
    {"hexadecimal", "1.2.3.4=#", 0, "OID.1.2.3.4=#"},
    {"hexadecimal", "1.2.3.4=#040", 0, NULL},
    {"hexadecimal", "1.2.3.4=#04xx", 0, NULL},
    {"country", "C=Germany", 0, "C=Germany"},
    {"other alphabets", "CN=\xD0\xAF, O=\xF0\x9F\x94\x91", 0, "CN=\xD0\xAF, O=\xF0\x9F\x94\x91"},
};

static void check_parse(const struct parse_row *row)
{
    struct name name;
    SetLastError(0);
    BOOL parsed = parse(row->text, CERT_X500_NAME_STR | row->flags, &name);
    CHECK_NUMBER(row->row, parsed, row->back != NULL);
    if (row->back == NULL)
        CHECK_NUMBER(row->row, GetLastError(), (DWORD)CRYPT_E_INVALID_X500_STRING);
    else if (parsed && strcmp(spelled(&name.blob, CERT_X500_NAME_STR), row->back) != 0)
        check_failed(__FILE__, __LINE__, row->row, spelled(&name.blob, CERT_X500_NAME_STR));
}

static void parse_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(parse_rows); i++)
        check_parse(&parse_rows[i]);
}

/* RFC 5280 4.1.2.4, appendix A.1; what CertStrToName's page says of its flags. */
static void string_types(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        DWORD flags;
        DWORD type;
    } rows[] = {
        {"CN=plain", 0, CERT_RDN_PRINTABLE_STRING},
        {"CN=plain", CERT_NAME_STR_FORCE_UTF8_DIR_STR_FLAG, CERT_RDN_UTF8_STRING},
        {"CN=under_score", 0, CERT_RDN_UTF8_STRING},
        {"CN=\xC3\xBC", 0, CERT_RDN_UTF8_STRING},
        {"CN=\xC3\xBC", CERT_NAME_STR_ENABLE_UTF8_UNICODE_FLAG, CERT_RDN_UTF8_STRING},
        {"E=a@b.c", 0, CERT_RDN_IA5_STRING},
        {"DC=example", 0, CERT_RDN_IA5_STRING},
        {"C=DE", CERT_NAME_STR_FORCE_UTF8_DIR_STR_FLAG, CERT_RDN_PRINTABLE_STRING},
        {"SERIALNUMBER=12", 0, CERT_RDN_PRINTABLE_STRING},
        {"1.2.3=#AB", 0, CERT_RDN_OCTET_STRING},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct name name;
        CERT_NAME_INFO *info = NULL;
        DWORD n;
        CHECK_WORKS(rows[i].text, parse(rows[i].text, CERT_X500_NAME_STR | rows[i].flags, &name));
        assert_true(CryptDecodeObjectEx(X509_ASN_ENCODING, X509_NAME, name.der, name.blob.cbData,
                                        CRYPT_DECODE_ALLOC_FLAG, NULL, &info, &n));
        CHECK_NUMBER(rows[i].text, info->rgRDN[0].rgRDNAttr[0].dwValueType, rows[i].type);
        LocalFree(info);
    }
}

/* X54: where, and why. */
static void bad_places(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        DWORD error;
        int at;
    } rows[] = {
        {"CN=a, X=b", CRYPT_E_INVALID_X500_STRING, 6},
        {"CN=a, no equals", CRYPT_E_INVALID_X500_STRING, 6},
        {"CN=a + b, O=c", CRYPT_E_INVALID_X500_STRING, 7},
        {"CN=\"a\"b", CRYPT_E_INVALID_X500_STRING, 6},
        {"CN=\"a", CRYPT_E_INVALID_X500_STRING, 5},
        {"O=a, C=\xC3\xBC", CRYPT_E_INVALID_PRINTABLE_STRING, 7},
        {"E=\xC3\xBC@a", CRYPT_E_INVALID_IA5_STRING, 2},
        {"O=\xF0\x9F\x94\x91, DC=\xC3\xBC", CRYPT_E_INVALID_IA5_STRING, 11},
        {"1.2.3=#0g", CRYPT_E_INVALID_X500_STRING, 8},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        BYTE der[TEXT_MAX];
        WCHAR wide[TEXT_MAX];
        DWORD n = sizeof der;
        LPCSTR place = NULL;
        LPCWSTR wide_place = NULL;
        const char *text = rows[i].text;
        CHECK_FAILS(
            "X54",
            CertStrToNameA(X509_ASN_ENCODING, text, CERT_X500_NAME_STR, NULL, der, &n, &place),
            rows[i].error);
        CHECK_NUMBER(text, place - text, rows[i].at);
        assert_true(MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, TEXT_MAX) > 0);
        int before = MultiByteToWideChar(CP_UTF8, 0, text, rows[i].at, NULL, 0);
        CHECK_FAILS(
            "X54",
            CertStrToNameW(X509_ASN_ENCODING, wide, CERT_X500_NAME_STR, NULL, der, &n, &wide_place),
            rows[i].error);
        CHECK_NUMBER(text, wide_place - wide, before);
    }
}

static void sizes(void **state)
{
    (void)state;
    BYTE der[64];
    DWORD n = 0;
    CHECK_WORKS(parsing, CertStrToNameA(X509_ASN_ENCODING, "CN=a, O=b", CERT_X500_NAME_STR, NULL,
                                        NULL, &n, NULL));
    DWORD exact = n;
    for (n = 0; n < exact;) {
        DWORD room = n;
        CHECK_FAILS(
            parsing,
            CertStrToNameA(X509_ASN_ENCODING, "CN=a, O=b", CERT_X500_NAME_STR, NULL, der, &n, NULL),
            ERROR_MORE_DATA);
        CHECK_NUMBER(parsing, n, exact);
        n = room + 1;
    }
    CHECK_WORKS(parsing, CertStrToNameA(X509_ASN_ENCODING, "CN=a, O=b", CERT_X500_NAME_STR, NULL,
                                        der, &n, NULL));
}

/* A text without end: refused, and not by exhausting memory. */
static void a_long_text(void **state)
{
    (void)state;
    DWORD n = 0;
    size_t length = 1u << 20;
    char *text = malloc(length + 1);
    memset(text, 'x', length);
    memcpy(text, "CN=", 3);
    text[length] = 0;
    CHECK_FAILS(parsing, CertStrToNameA(X509_ASN_ENCODING, text, 0, NULL, NULL, &n, NULL),
                CRYPT_E_INVALID_X500_STRING);
    for (size_t i = 0; i + 5 < length; i += 5)
        memcpy(text + i, "CN=a,", 5);
    CHECK_FAILS(parsing, CertStrToNameA(X509_ASN_ENCODING, text, REVERSE, NULL, NULL, &n, NULL),
                CRYPT_E_INVALID_X500_STRING);
    free(text);
}

/* ---- CertNameToStr --------------------------------------------------------------------- */

/* Names that no text gives: DER, and its spelling. */
static void odd_names(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        BYTE der[32];
        DWORD n;
        const char *text;
    } rows[] = {
        {"INTEGER",
         {0x30, 14, 0x31, 12, 0x30, 10, 6, 3, 0x55, 4, 3, 2, 3, 1, 2, 3},
         16,
         "CN=#0203010203"},
        {"SEQUENCE",
         {0x30, 13, 0x31, 11, 0x30, 9, 6, 3, 0x55, 4, 3, 0x30, 2, 5, 0},
         15,
         "CN=#30020500"},
        {"BMPString",
         {0x30, 13, 0x31, 11, 0x30, 9, 6, 3, 0x55, 4, 3, 0x1E, 2, 0x20, 0xAC},
         15,
         "CN=\xE2\x82\xAC"},
        {"T61String",
         {0x30, 12, 0x31, 10, 0x30, 8, 6, 3, 0x55, 4, 3, 0x14, 1, 0xE4},
         14,
         "CN=\xC3\xA4"},
        {"an identifier beyond 64 bits",
         {0x30, 21,   0x31, 19,   0x30, 17,   6,    12, 0x69, 0x82, 0x80, 0x80,
          0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1,  0x13, 1,    'x'},
         23,
         NULL},
        {"NUL",
         {0x30, 14, 0x31, 12, 0x30, 10, 6, 3, 0x55, 4, 3, 0x0C, 3, 'a', 0, 'b'},
         16,
         "CN=a\xEF\xBF\xBD"
         "b"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        CERT_NAME_BLOB blob = {rows[i].n, (BYTE *)(uintptr_t)rows[i].der};
        const char *got = spelled(&blob, CERT_X500_NAME_STR);
        if (rows[i].text != NULL && strcmp(got, rows[i].text) != 0)
            check_failed(__FILE__, __LINE__, rows[i].what, got);
        CHECK_NUMBER(rows[i].what, crypto_queue_error(), 0);
        for (DWORD n = 0; n < rows[i].n; n++) {
            blob.cbData = n;
            CHECK(rows[i].what, spelled(&blob, CERT_X500_NAME_STR)[0] == 0);
        }
    }
    /* Bytes behind the name. */
    BYTE behind[] = {0x30, 0, 0};
    CERT_NAME_BLOB blob = {sizeof behind, behind};
    SetLastError(0);
    CHECK_NUMBER("X50", CertNameToStrA(X509_ASN_ENCODING, &blob, CERT_X500_NAME_STR, NULL, 0), 1);
    CHECK_NUMBER("X50", GetLastError(), ERROR_FILE_NOT_FOUND);
}

static void forms(void **state)
{
    (void)state;
    static const struct {
        DWORD type;
        const char *text;
    } rows[] = {
        {0, "a + \"b,c\"; d"},
        {CERT_SIMPLE_NAME_STR, "a + \"b,c\"; d"},
        {CERT_OID_NAME_STR, "2.5.4.3=a + 2.5.4.11=\"b,c\"; 1.2.3=d"},
        {CERT_X500_NAME_STR, "CN=a + OU=\"b,c\"; OID.1.2.3=d"},
        {CERT_X500_NAME_STR | REVERSE, "OID.1.2.3=d; CN=a + OU=\"b,c\""},
        {CERT_X500_NAME_STR | NO_PLUS, "CN=a OU=\"b,c\"; OID.1.2.3=d"},
        {CERT_X500_NAME_STR | NO_QUOT, "CN=a + OU=b,c; OID.1.2.3=d"},
        {CERT_X500_NAME_STR | CERT_NAME_STR_ENABLE_PUNYCODE_FLAG |
             CERT_NAME_STR_DISABLE_IE4_UTF8_FLAG | CERT_NAME_STR_FORWARD_FLAG,
         "CN=a + OU=\"b,c\"; OID.1.2.3=d"},
        {CERT_XML_NAME_STR, ""},
    };
    struct name name;
    assert_true(parse("CN=a + OU=\"b,c\", 1.2.3=d", CERT_X500_NAME_STR, &name));
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *got = spelled(&name.blob, rows[i].type | SEMI);
        if (strcmp(got, rows[i].text) != 0)
            check_failed(__FILE__, __LINE__, spelling, got);
    }
    SetLastError(0);
    CHECK_NUMBER(spelling,
                 CertNameToStrA(X509_ASN_ENCODING, &name.blob, CERT_XML_NAME_STR, NULL, 0), 1);
    CHECK_NUMBER(spelling, GetLastError(), (DWORD)E_INVALIDARG);
}

/* ---- CertGetNameString ----------------------------------------------------------------- */

static HCRYPTPROV signer;

static int make_signer(void **state)
{
    HCRYPTKEY key;
    return folder_setup(state) == 0 &&
                   CryptAcquireContextW(&signer, NULL, NULL, PROV_RSA_AES, CRYPT_VERIFYCONTEXT) &&
                   CryptGenKey(signer, AT_SIGNATURE, 0, &key) && CryptDestroyKey(key)
               ? 0
               : -1;
}

static int free_signer(void **state)
{
    CryptReleaseContext(signer, 0);
    return folder_teardown(state);
}

static PCCERT_CONTEXT make_cert(const char *subject, const char *oid, CERT_ALT_NAME_ENTRY *entries,
                                DWORD count)
{
    struct name name;
    CERT_ALT_NAME_INFO info = {count, entries};
    CERT_EXTENSION extension = {.pszObjId = (LPSTR)(uintptr_t)oid};
    CERT_EXTENSIONS extensions = {1, &extension};
    assert_true(parse(subject, CERT_X500_NAME_STR, &name));
    assert_true(CryptEncodeObjectEx(X509_ASN_ENCODING, X509_ALTERNATE_NAME, &info,
                                    CRYPT_ENCODE_ALLOC_FLAG, NULL, &extension.Value.pbData,
                                    &extension.Value.cbData));
    PCCERT_CONTEXT made =
        CertCreateSelfSignCertificate(signer, &name.blob, 0, NULL, NULL, NULL, NULL, &extensions);
    assert_non_null(made);
    LocalFree(extension.Value.pbData);
    return made;
}

static const char *found(PCCERT_CONTEXT cert, DWORD type, DWORD flags, const void *para)
{
    static char text[TEXT_MAX];
    DWORD n = CertGetNameStringA(cert, type, flags, (void *)(uintptr_t)para, text, sizeof text);
    CHECK(finding, n >= 1 && text[n - 1] == 0);
    return text;
}

static void check_found(PCCERT_CONTEXT cert, DWORD type, DWORD flags, const void *para,
                        const char *wanted)
{
    const char *got = found(cert, type, flags, para);
    if (strcmp(got, wanted) != 0)
        check_failed(__FILE__, __LINE__, wanted, got);
}

static void a_directory_name(void **state)
{
    (void)state;
    struct name other;
    assert_true(parse("O=inside, OU=unit", CERT_X500_NAME_STR, &other));
    CERT_ALT_NAME_ENTRY entries[] = {
        {.dwAltNameChoice = CERT_ALT_NAME_RFC822_NAME, .pwszRfc822Name = (WCHAR[]){u"m@a.test"}},
        {.dwAltNameChoice = CERT_ALT_NAME_DIRECTORY_NAME, .DirectoryName = other.blob}};
    PCCERT_CONTEXT nameless = make_cert("", szOID_SUBJECT_ALT_NAME2, entries, 2);
    check_found(nameless, CERT_NAME_RDN_TYPE, 0, NULL, "O=inside, OU=unit");
    check_found(nameless, CERT_NAME_ATTR_TYPE, 0, szOID_ORGANIZATION_NAME, "inside");
    check_found(nameless, CERT_NAME_ATTR_TYPE, 0, szOID_COMMON_NAME, "");
    check_found(nameless, CERT_NAME_SIMPLE_DISPLAY_TYPE, 0, NULL, "unit");
    check_found(nameless, CERT_NAME_EMAIL_TYPE, 0, NULL, "m@a.test");
    check_found(nameless, CERT_NAME_DNS_TYPE, 0, NULL, "");
    CertFreeCertificateContext(nameless);
    PCCERT_CONTEXT named = make_cert("O=outside", szOID_SUBJECT_ALT_NAME2, entries, 2);
    check_found(named, CERT_NAME_RDN_TYPE, 0, NULL, "O=outside");
    check_found(named, CERT_NAME_ATTR_TYPE, 0, szOID_ORGANIZATION_NAME, "outside");
    check_found(named, CERT_NAME_ATTR_TYPE, 0, szOID_ORGANIZATIONAL_UNIT_NAME, "unit");
    DWORD simple = CERT_SIMPLE_NAME_STR;
    check_found(named, CERT_NAME_RDN_TYPE, 0, &simple, "outside");
    CertFreeCertificateContext(named);
}

/* X55: the extensions that 2.5.29.17 and 2.5.29.18 took the place of. */
static void old_extensions(void **state)
{
    (void)state;
    CERT_ALT_NAME_ENTRY entries[] = {
        {.dwAltNameChoice = CERT_ALT_NAME_DNS_NAME, .pwszDNSName = (WCHAR[]){u"old.test"}},
        {.dwAltNameChoice = CERT_ALT_NAME_URL, .pwszURL = (WCHAR[]){u"http://old.test/"}}};
    static const struct {
        const char *oid;
        const char *subject;
        const char *issuer;
    } rows[] = {{szOID_SUBJECT_ALT_NAME, "old.test", "plain"},
                {szOID_SUBJECT_ALT_NAME2, "old.test", "plain"},
                {szOID_ISSUER_ALT_NAME, "plain", "old.test"},
                {szOID_ISSUER_ALT_NAME2, "plain", "old.test"}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        PCCERT_CONTEXT made = make_cert("CN=plain", rows[i].oid, entries, 2);
        bool is_subject = i < 2;
        check_found(made, CERT_NAME_DNS_TYPE, 0, NULL, rows[i].subject);
        check_found(made, CERT_NAME_DNS_TYPE, CERT_NAME_ISSUER_FLAG, NULL, rows[i].issuer);
        check_found(made, CERT_NAME_URL_TYPE, is_subject ? 0 : CERT_NAME_ISSUER_FLAG, NULL,
                    "http://old.test/");
        check_found(made, CERT_NAME_URL_TYPE, is_subject ? CERT_NAME_ISSUER_FLAG : 0, NULL, "");
        CertFreeCertificateContext(made);
    }
}

static void principal_names(void **state)
{
    (void)state;
    static BYTE utf8[] = {0x0C, 3, 'a', '@', 'b'};
    static BYTE bmp[] = {0x1E, 6, 0, 'a', 0, '@', 0, 'b'};
    static BYTE number[] = {2, 1, 5};
    static const struct {
        const char *oid;
        CRYPT_OBJID_BLOB value;
        const char *name;
    } rows[] = {{szOID_NT_PRINCIPAL_NAME, {sizeof utf8, utf8}, "a@b"},
                {szOID_NT_PRINCIPAL_NAME, {sizeof bmp, bmp}, "a@b"},
                {szOID_NT_PRINCIPAL_NAME, {sizeof number, number}, ""},
                {"1.2.3.4", {sizeof utf8, utf8}, ""}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        CERT_OTHER_NAME other = {(LPSTR)(uintptr_t)rows[i].oid, rows[i].value};
        CERT_ALT_NAME_ENTRY entry = {.dwAltNameChoice = CERT_ALT_NAME_OTHER_NAME,
                                     .pOtherName = &other};
        PCCERT_CONTEXT made = make_cert("CN=plain", szOID_SUBJECT_ALT_NAME2, &entry, 1);
        check_found(made, CERT_NAME_UPN_TYPE, 0, NULL, rows[i].name);
        CertFreeCertificateContext(made);
    }
}

static void attributes(void **state)
{
    (void)state;
    CERT_ALT_NAME_ENTRY none = {.dwAltNameChoice = CERT_ALT_NAME_REGISTERED_ID,
                                .pszRegisteredID = (LPSTR)(uintptr_t) "1.2.3"};
    PCCERT_CONTEXT made = make_cert("SERIALNUMBER=7, E=m@a.test, O=org, OU=unit, CN=name",
                                    szOID_SUBJECT_ALT_NAME2, &none, 1);
    check_found(made, CERT_NAME_ATTR_TYPE, 0, NULL, "m@a.test"); /* X55 */
    check_found(made, CERT_NAME_SIMPLE_DISPLAY_TYPE, 0, NULL, "name");
    check_found(made, CERT_NAME_FRIENDLY_DISPLAY_TYPE, 0, NULL, "name");
    check_found(made, CERT_NAME_EMAIL_TYPE, 0, NULL, "m@a.test");
    check_found(made, CERT_NAME_DNS_TYPE, 0, NULL, "name");
    check_found(made, CERT_NAME_DNS_TYPE,
                CERT_NAME_SEARCH_ALL_NAMES_FLAG | CERT_NAME_DISABLE_IE4_UTF8_FLAG, NULL, "name");
    CRYPT_DATA_BLOB friendly = {sizeof u"friend", (BYTE *)(uintptr_t)u"friend"};
    CertSetCertificateContextProperty(made, CERT_FRIENDLY_NAME_PROP_ID, 0, &friendly);
    check_found(made, CERT_NAME_FRIENDLY_DISPLAY_TYPE, 0, NULL, "friend");
    CertFreeCertificateContext(made);
    made = make_cert("SERIALNUMBER=7, E=m@a.test", szOID_SUBJECT_ALT_NAME2, &none, 1);
    check_found(made, CERT_NAME_SIMPLE_DISPLAY_TYPE, 0, NULL, "m@a.test");
    CertFreeCertificateContext(made);
    made = make_cert("SERIALNUMBER=7", szOID_SUBJECT_ALT_NAME2, &none, 1);
    check_found(made, CERT_NAME_SIMPLE_DISPLAY_TYPE, 0, NULL, "7");
    check_found(made, CERT_NAME_ATTR_TYPE, 0, NULL, "");
    CertFreeCertificateContext(made);
}

static void planted(void **state)
{
    (void)state;
    struct parse_row wrong = parse_rows[1];
    wrong.back = "CN=a, O=b, C=DE";
    planted_begin();
    check_parse(&wrong);
    wrong.back = NULL;
    check_parse(&wrong);
    check_found(pair_certificate("ecdsa-p256"), CERT_NAME_DNS_TYPE, 0, NULL, "elsewhere");
    assert_int_equal(planted_end(), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted),
        cmocka_unit_test(parse_table),
        cmocka_unit_test(string_types),
        cmocka_unit_test(bad_places),
        cmocka_unit_test(sizes),
        cmocka_unit_test(a_long_text),
        cmocka_unit_test(odd_names),
        cmocka_unit_test(forms),
        cmocka_unit_test(a_directory_name),
        cmocka_unit_test(old_extensions),
        cmocka_unit_test(principal_names),
        cmocka_unit_test(attributes),
    };
    return cmocka_run_group_tests_name("names", tests, make_signer, free_signer);
}
