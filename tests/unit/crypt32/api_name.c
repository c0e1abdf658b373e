/* SPDX-License-Identifier: MIT */
/*
 * Names as text and back: CertNameToStr, CertStrToName, CertGetNameString. certificates.md 5,
 * observed.md 17.3.
 */
#include "zoo.h"

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

#define FAILS(code, call)                                                                          \
    do {                                                                                           \
        SetLastError(0);                                                                           \
        assert_false(call);                                                                        \
        assert_int_equal(GetLastError(), (DWORD)(code));                                           \
    } while (0)

/* ---- CertStrToName and CertNameToStr --------------------------------------------------- */

static bool encode(const char *text, DWORD flags, BYTE der[1024], CERT_NAME_BLOB *out)
{
    DWORD n = 1024;
    out->pbData = der;
    BOOL done = CertStrToNameA(X509_ASN_ENCODING, text, flags, NULL, der, &n, NULL);
    out->cbData = n;
    return done;
}

/* The text of the name of a text, in both widths. */
static bool spelled_as(const char *text, DWORD type, const char *expected)
{
    BYTE der[1024];
    char narrow[512];
    WCHAR wide[512];
    CERT_NAME_BLOB name;
    if (!encode(text, CERT_X500_NAME_STR, der, &name))
        return false;
    DWORD n = CertNameToStrA(X509_ASN_ENCODING, &name, type, narrow, sizeof narrow);
    WCHAR *expected_wide = win_utf16_dup(expected);
    DWORD wide_n = CertNameToStrW(X509_ASN_ENCODING, &name, type, wide, ARRAY_LEN(wide));
    bool fits = strcmp(narrow, expected) == 0 && n == strlen(expected) + 1 &&
                schannel_wcscmp(wide, expected_wide) == 0 && wide_n == win_utf16_len(wide) + 1 &&
                CertNameToStrA(X509_ASN_ENCODING, &name, type, NULL, 0) == n &&
                CertNameToStrW(X509_ASN_ENCODING, &name, type, NULL, 0) == wide_n;
    mem_free(expected_wide);
    if (!fits)
        print_message("\"%s\" gives \"%s\" (%u)\n", text, narrow, n);
    return fits;
}

static void spellings(void **state)
{
    static const struct {
        const char *text;
        DWORD type;
        const char *expected;
    } rows[] = {
        {"CN=a", CERT_X500_NAME_STR, "CN=a"},
        {"CN=a, O=b; C=DE", CERT_X500_NAME_STR, "CN=a, O=b, C=DE"},
        {"CN=a, O=b, C=DE", CERT_SIMPLE_NAME_STR, "a, b, DE"},
        {"CN=a, O=b", CERT_OID_NAME_STR, "2.5.4.3=a, 2.5.4.10=b"},
        {"", CERT_X500_NAME_STR, ""},
        /* X52: Microsoft's own keys */
        {"ST=Hessen, E=a@b.c", CERT_X500_NAME_STR, "S=Hessen, E=a@b.c"},
        {"S=x, Email=a@b.c", CERT_X500_NAME_STR, "S=x, E=a@b.c"},
        {"OU=u, L=l, STREET=s, T=t, G=g, SN=n, I=i, DC=d", CERT_X500_NAME_STR,
         "OU=u, L=l, STREET=s, T=t, G=g, SN=n, I=i, DC=d"},
        {"cn=a, oid.2.5.4.10=b, 2.5.4.11=c", CERT_X500_NAME_STR, "CN=a, O=b, OU=c"},
        {"OID.2.5.4.41=x", CERT_X500_NAME_STR, "OID.2.5.4.41=x"},
        {"CN=a, O=b", CERT_X500_NAME_STR | CERT_NAME_STR_SEMICOLON_FLAG, "CN=a; O=b"},
        {"CN=a, O=b", CERT_X500_NAME_STR | CERT_NAME_STR_CRLF_FLAG, "CN=a\r\nO=b"},
        {"CN=a, O=b, C=DE", CERT_X500_NAME_STR | CERT_NAME_STR_REVERSE_FLAG, "C=DE, O=b, CN=a"},
        /* values of several attributes stay together */
        {"CN=a+OU=u, O=b", CERT_X500_NAME_STR, "CN=a + OU=u, O=b"},
        {"CN=a+OU=u, O=b", CERT_X500_NAME_STR | CERT_NAME_STR_NO_PLUS_FLAG, "CN=a OU=u, O=b"},
        {"CN=a+OU=u, O=b", CERT_X500_NAME_STR | CERT_NAME_STR_REVERSE_FLAG, "O=b, CN=a + OU=u"},
        {"CN=a+OU=u, O=b", CERT_SIMPLE_NAME_STR, "a + u, b"},
        /* X53: quotes */
        {"CN=\"a,b\"", CERT_X500_NAME_STR, "CN=\"a,b\""},
        {"CN=\"a+b\"", CERT_X500_NAME_STR, "CN=\"a+b\""},
        {"CN=\"a=b\"", CERT_X500_NAME_STR, "CN=\"a=b\""},
        {"CN=\"a<b\"", CERT_X500_NAME_STR, "CN=\"a<b\""},
        {"CN=\"a>b\"", CERT_X500_NAME_STR, "CN=\"a>b\""},
        {"CN=\"a#b\"", CERT_X500_NAME_STR, "CN=\"a#b\""},
        {"CN=\"a;b\"", CERT_X500_NAME_STR, "CN=\"a;b\""},
        {"CN=\"a\"\"b\"", CERT_X500_NAME_STR, "CN=\"a\"\"b\""},
        {"CN=\" a\"", CERT_X500_NAME_STR, "CN=\" a\""},
        {"CN=\"a \"", CERT_X500_NAME_STR, "CN=\"a \""},
        {"CN=a b", CERT_X500_NAME_STR, "CN=a b"},
        {"CN=a'b", CERT_X500_NAME_STR, "CN=a'b"},
        {"CN=a\nb", CERT_X500_NAME_STR, "CN=\"a\nb\""},
        {"CN=\"a,b\"", CERT_X500_NAME_STR | CERT_NAME_STR_NO_QUOTING_FLAG, "CN=a,b"},
        {"CN=\"a,b\"", CERT_SIMPLE_NAME_STR, "\"a,b\""},
        {"CN=M\xC3\xBCller", CERT_X500_NAME_STR, "CN=M\xC3\xBCller"},
        {"CN=a  ,  O=b", CERT_X500_NAME_STR, "CN=a, O=b"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_true(spelled_as(rows[i].text, rows[i].type, rows[i].expected));
}

static void small_buffers(void **state)
{
    BYTE der[1024];
    CERT_NAME_BLOB name;
    char narrow[8];
    WCHAR wide[8];
    (void)state;
    assert_true(encode("CN=abc", CERT_X500_NAME_STR, der, &name)); /* 6 characters and a NUL */
    for (DWORD cap = 1; cap <= 8; cap++) {
        memset(narrow, 'x', sizeof narrow);
        memset(wide, 'x', sizeof wide);
        DWORD n = CertNameToStrA(X509_ASN_ENCODING, &name, CERT_X500_NAME_STR, narrow, cap);
        assert_int_equal(n, cap >= 7 ? 7 : 1); /* X51 */
        assert_string_equal(narrow, cap >= 7 ? "CN=abc" : "");
        n = CertNameToStrW(X509_ASN_ENCODING, &name, CERT_X500_NAME_STR, wide, cap);
        assert_int_equal(n, cap < 7 ? cap : 7);
        assert_int_equal(win_utf16_len(wide), n - 1);
        assert_int_equal(schannel_wcsncmp(wide, (const WCHAR *)u"CN=abc", n - 1), 0);
    }
    /* X50: no room asked for, nothing written. */
    narrow[0] = 'x';
    assert_int_equal(CertNameToStrA(X509_ASN_ENCODING, &name, CERT_X500_NAME_STR, narrow, 0), 7);
    assert_int_equal(narrow[0], 'x');
}

static void bad_names(void **state)
{
    BYTE junk[] = {0x30, 0x05, 0x31};
    CERT_NAME_BLOB bad = {.cbData = sizeof junk, .pbData = junk};
    CERT_NAME_BLOB null = {.cbData = 5};
    CERT_NAME_BLOB *all[] = {&bad, &null, NULL};
    BYTE der[1024];
    CERT_NAME_BLOB good;
    char text[16];
    WCHAR wide[16];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        SetLastError(0);
        assert_int_equal(
            CertNameToStrA(X509_ASN_ENCODING, all[i], CERT_X500_NAME_STR, text, sizeof text), 1);
        assert_string_equal(text, "");
        assert_int_equal(GetLastError(), ERROR_FILE_NOT_FOUND);
        assert_int_equal(
            CertNameToStrW(X509_ASN_ENCODING, all[i], CERT_X500_NAME_STR, wide, ARRAY_LEN(wide)),
            1);
        assert_int_equal(wide[0], 0);
    }
    assert_true(encode("CN=a", CERT_X500_NAME_STR, der, &good));
    SetLastError(0);
    assert_int_equal(CertNameToStrA(0, &good, CERT_X500_NAME_STR, text, sizeof text), 1);
    assert_int_equal(GetLastError(), ERROR_FILE_NOT_FOUND); /* X50 */
    mem_fail_at(1, true);
    SetLastError(0);
    assert_int_equal(CertNameToStrA(X509_ASN_ENCODING, &good, CERT_X500_NAME_STR, text, 16), 1);
    mem_fail_at(0, false);
    assert_int_equal(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
}

/* ---- parsing --------------------------------------------------------------------------- */

/* X54: the culprit's place, in both widths. */
static void bad_texts(void **state)
{
    static const struct {
        const char *text;
        int at;
    } rows[] = {
        {"a", 0},
        {"=a", 0},
        {"XX=a", 0},
        {"CN=a, XX=b", 6},
        {"CN=a,O", 5},
        {"CN", 0},
        {"CN=\"a", 5},
        {"CN=\"a\"b", 6},
        {"1.2.x=a", 0},
        {"M\xC3\xBC=a", 0},
        {"CN=\xC3\xBC, X=a", 7},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BYTE der[256];
        DWORD n = sizeof der;
        LPCSTR error = NULL;
        LPCWSTR wide_error = NULL;
        WCHAR *wide = win_utf16_dup(rows[i].text);
        FAILS(CRYPT_E_INVALID_X500_STRING,
              CertStrToNameA(X509_ASN_ENCODING, rows[i].text, CERT_X500_NAME_STR, NULL, der, &n,
                             &error));
        if (error - rows[i].text != rows[i].at)
            print_message("\"%s\": at %d\n", rows[i].text, (int)(error - rows[i].text));
        assert_int_equal(error - rows[i].text, rows[i].at);
        FAILS(CRYPT_E_INVALID_X500_STRING,
              CertStrToNameW(X509_ASN_ENCODING, wide, CERT_X500_NAME_STR, NULL, der, &n,
                             &wide_error));
        assert_int_equal(wide_error - wide,
                         win_utf16_from_utf8(rows[i].text, (size_t)rows[i].at, NULL, 0));
        mem_free(wide);
    }
}

static void parse_arguments(void **state)
{
    BYTE der[64];
    DWORD n = 0;
    LPCSTR error = "untouched";
    (void)state;
    FAILS(E_INVALIDARG,
          CertStrToNameA(X509_ASN_ENCODING, NULL, CERT_X500_NAME_STR, NULL, der, &n, &error));
    assert_null(error);
    FAILS(E_INVALIDARG,
          CertStrToNameA(X509_ASN_ENCODING, "CN=a", CERT_X500_NAME_STR, NULL, der, NULL, NULL));
    FAILS(E_INVALIDARG,
          CertStrToNameW(X509_ASN_ENCODING, NULL, CERT_X500_NAME_STR, NULL, der, &n, NULL));
    FAILS(ERROR_FILE_NOT_FOUND,
          CertStrToNameA(0, "CN=a", CERT_X500_NAME_STR, NULL, der, &n, NULL)); /* X54 */
    assert_true(
        CertStrToNameA(X509_ASN_ENCODING, "CN=a", CERT_X500_NAME_STR, NULL, NULL, &n, NULL));
    DWORD needed = n;
    n = needed - 1;
    FAILS(ERROR_MORE_DATA,
          CertStrToNameA(X509_ASN_ENCODING, "CN=a", CERT_X500_NAME_STR, NULL, der, &n, NULL));
    assert_int_equal(n, needed);
    assert_true(CertStrToNameA(X509_ASN_ENCODING, "CN=a", CERT_X500_NAME_STR, NULL, der, &n, NULL));
    n = sizeof der;
    assert_true(CertStrToNameA(X509_ASN_ENCODING, "CN=a+b",
                               CERT_X500_NAME_STR | CERT_NAME_STR_NO_PLUS_FLAG, NULL, der, &n,
                               NULL));
    mem_fail_at(1, true);
    FAILS(ERROR_NOT_ENOUGH_MEMORY, CertStrToNameW(X509_ASN_ENCODING, (const WCHAR *)u"CN=a",
                                                  CERT_X500_NAME_STR, NULL, der, &n, NULL));
    mem_fail_at(0, false);
}

/* ---- CertGetNameString ----------------------------------------------------------------- */

static bool named_as(PCCERT_CONTEXT context, DWORD type, DWORD flags, const void *para,
                     const char *expected)
{
    char narrow[256];
    WCHAR wide[256];
    void *p = (void *)(uintptr_t)para;
    DWORD n = CertGetNameStringA(context, type, flags, p, narrow, sizeof narrow);
    DWORD wide_n = CertGetNameStringW(context, type, flags, p, wide, ARRAY_LEN(wide));
    char *back = win_utf8_dup(wide);
    bool fits = strcmp(narrow, expected) == 0 && strcmp(back, expected) == 0 &&
                n == strlen(expected) + 1 && wide_n == win_utf16_len(wide) + 1 &&
                CertGetNameStringA(context, type, flags, p, NULL, 0) == n &&
                CertGetNameStringW(context, type, flags, p, NULL, 0) == wide_n;
    mem_free(back);
    if (!fits)
        print_message("type %u: \"%s\" (%u)\n", type, narrow, n);
    return fits;
}

static const struct zoo_cert *full_cert(void)
{
    const struct zoo_cert *issuer = ZOO(.name = "Issuer");
    return ZOO(.name = "Subject", .issuer = issuer, .authority = ZOO_END,
               .extensions = {{"subjectAltName",
                               "DNS:a.test,DNS:b.test,email:m@a.test,URI:http://a.test/,"
                               "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:user@realm"},
                              {"issuerAltName", "DNS:issuer.test,email:m@issuer.test"}});
}

static void name_kinds(void **state)
{
    const DWORD oid_type = CERT_OID_NAME_STR;
    (void)state;
    PCCERT_CONTEXT c = full_cert()->context;
    static const struct {
        DWORD type;
        DWORD flags;
        const char *expected;
    } rows[] = {
        {CERT_NAME_EMAIL_TYPE, 0, "m@a.test"},
        {CERT_NAME_DNS_TYPE, 0, "a.test"},
        {CERT_NAME_URL_TYPE, 0, "http://a.test/"},
        {CERT_NAME_UPN_TYPE, 0, "user@realm"},
        {CERT_NAME_RDN_TYPE, 0, "CN=Subject"},
        {CERT_NAME_ATTR_TYPE, 0, "Subject"},
        {CERT_NAME_SIMPLE_DISPLAY_TYPE, 0, "Subject"},
        {CERT_NAME_FRIENDLY_DISPLAY_TYPE, 0, "Subject"},
        {CERT_NAME_EMAIL_TYPE, CERT_NAME_ISSUER_FLAG, "m@issuer.test"},
        {CERT_NAME_DNS_TYPE, CERT_NAME_ISSUER_FLAG, "issuer.test"}, /* X55 */
        {CERT_NAME_URL_TYPE, CERT_NAME_ISSUER_FLAG, ""},
        {CERT_NAME_RDN_TYPE, CERT_NAME_ISSUER_FLAG, "CN=Issuer"},
        {CERT_NAME_SIMPLE_DISPLAY_TYPE, CERT_NAME_ISSUER_FLAG, "Issuer"},
        {CERT_NAME_SIMPLE_DISPLAY_TYPE, CERT_NAME_SEARCH_ALL_NAMES_FLAG, ""},
        {0, 0, ""},
        {99, 0, ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_true(named_as(c, rows[i].type, rows[i].flags, NULL, rows[i].expected));
    assert_true(named_as(c, CERT_NAME_RDN_TYPE, 0, &oid_type, "2.5.4.3=Subject"));
    assert_true(named_as(c, CERT_NAME_ATTR_TYPE, 0, "2.5.4.3", "Subject"));
    assert_true(named_as(c, CERT_NAME_ATTR_TYPE, 0, "2.5.4.10", ""));
    assert_true(named_as(c, CERT_NAME_ATTR_TYPE, 0, "1.2.3.4.5", ""));
    assert_true(named_as(c, CERT_NAME_ATTR_TYPE, 0, "no oid", ""));
    assert_true(named_as(NULL, CERT_NAME_DNS_TYPE, 0, NULL, ""));
    /* X55: the common name stands in for a host name. */
    PCCERT_CONTEXT plain = ZOO(.name = "host.test")->context;
    assert_true(named_as(plain, CERT_NAME_DNS_TYPE, 0, NULL, "host.test"));
    assert_true(named_as(plain, CERT_NAME_EMAIL_TYPE, 0, NULL, ""));
    PCCERT_CONTEXT nameless =
        ZOO(.name = "", .label = "nameless", .extensions = {{"subjectAltName", "email:m@a.test"}})
            ->context;
    assert_true(named_as(nameless, CERT_NAME_SIMPLE_DISPLAY_TYPE, 0, NULL, "m@a.test"));
}

static void all_hosts(void **state)
{
    char text[32];
    (void)state;
    memset(text, 'x', sizeof text);
    PCCERT_CONTEXT c = full_cert()->context;
    DWORD n = CertGetNameStringA(c, CERT_NAME_DNS_TYPE, CERT_NAME_SEARCH_ALL_NAMES_FLAG, NULL, text,
                                 sizeof text);
    assert_int_equal(n, 15);
    assert_memory_equal(text, "a.test\0b.test\0\0", 15);
    c = ZOO(.name = "host.test")->context;
    n = CertGetNameStringA(c, CERT_NAME_DNS_TYPE, CERT_NAME_SEARCH_ALL_NAMES_FLAG, NULL, text,
                           sizeof text);
    assert_int_equal(n, 11);
    assert_memory_equal(text, "host.test\0\0", 11);
    assert_int_equal(
        CertGetNameStringA(c, CERT_NAME_DNS_TYPE, CERT_NAME_SEARCH_ALL_NAMES_FLAG, NULL, text, 5),
        1);
    assert_string_equal(text, "");
}

/* A reader of C strings sees that there is more, and not the name of somebody else. */
static void inner_nul(void **state)
{
    (void)state;
    /* dNSName "a.b" NUL "c" */
    PCCERT_CONTEXT c =
        ZOO(.name = "x", .extensions = {{"2.5.29.17", "DER:30078205612E620063"}})->context;
    assert_true(named_as(c, CERT_NAME_DNS_TYPE, 0, NULL,
                         "a.b\xEF\xBF\xBD"
                         "c"));
    c = ZOO(.name = "x", .extensions = {{"2.5.29.17", "DER:30078205612E626300"}})->context;
    assert_true(named_as(c, CERT_NAME_DNS_TYPE, 0, NULL, "a.bc"));
}

/* A name that does not fit the limit is none, rather than its beginning. */
static void huge_name(void **state)
{
    (void)state;
    const struct zoo_cert *model = ZOO(.name = "huge");
    X509 *x509 = X509_dup(model->x509);
    unsigned char *der = NULL;
    for (int i = 0; i < 200; i++)
        X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8,
                                   (const unsigned char *)"0123456789012345678901234567890123456789"
                                                          "012345678901234567890123",
                                   -1, -1, 0);
    assert_true(X509_sign(x509, model->key, EVP_sha256()) > 0);
    int n = i2d_X509(x509, &der);
    PCCERT_CONTEXT c = CertCreateCertificateContext(X509_ASN_ENCODING, der, (DWORD)n);
    SetLastError(0);
    assert_int_equal(CertGetNameStringA(c, CERT_NAME_RDN_TYPE, 0, NULL, NULL, 0), 1);
    assert_int_equal(GetLastError(), ERROR_MORE_DATA);
    assert_true(named_as(c, CERT_NAME_SIMPLE_DISPLAY_TYPE, 0, NULL, "huge"));
    CertFreeCertificateContext(c);
    OPENSSL_free(der);
    X509_free(x509);
}

static void positive_control(void **state)
{
    (void)state;
    print_message("three planted texts:\n");
    assert_false(spelled_as("CN=a", CERT_X500_NAME_STR, "CN=b"));
    assert_false(spelled_as("CN=\"a,b\"", CERT_X500_NAME_STR, "CN=a,b"));
    assert_false(named_as(full_cert()->context, CERT_NAME_DNS_TYPE, 0, NULL, "b.test"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spellings),       cmocka_unit_test(small_buffers),
        cmocka_unit_test(bad_names),       cmocka_unit_test(bad_texts),
        cmocka_unit_test(parse_arguments), cmocka_unit_test(name_kinds),
        cmocka_unit_test(all_hosts),       cmocka_unit_test(inner_nul),
        cmocka_unit_test(huge_name),       cmocka_unit_test(positive_control),
    };
    return cmocka_run_group_tests(tests, open_zoo, close_zoo);
}
