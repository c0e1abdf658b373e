/* SPDX-License-Identifier: MIT */
/*
 * Usages, attributes of names and comparisons: rows X15 and X18 of the observations, the property
 * against the extension, what several certificates allow, values as text, integers, keys,
 * validity.
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

#define SERVER szOID_PKIX_KP_SERVER_AUTH
#define CLIENT szOID_PKIX_KP_CLIENT_AUTH

static PCCERT_CONTEXT with_usage(const char *label, const char *usage)
{
    const struct zoo_cert *cert = usage != NULL ? ZOO(.name = label, .authority = ZOO_END,
                                                      .extensions = {{"extendedKeyUsage", usage}})
                                                : ZOO(.name = label, .authority = ZOO_END);
    /* The zoo hands out a certificate again, so properties go on a context of the test's own. */
    return CertCreateCertificateContext(X509_ASN_ENCODING, cert->der, (DWORD)cert->der_len);
}

/* "a,b" for a list, "any" for no restriction, "none" for FALSE; to be freed. */
static char *usage_text(PCCERT_CONTEXT context, DWORD flags)
{
    DWORD size = 0;
    SetLastError(0xABCD);
    if (!CertGetEnhancedKeyUsage(context, flags, NULL, &size))
        return mem_dup("none", 5);
    CERT_ENHKEY_USAGE *usage = mem_alloc(size);
    assert_true(CertGetEnhancedKeyUsage(context, flags, usage, &size));
    bool any = GetLastError() == (DWORD)CRYPT_E_NOT_FOUND;
    assert_true(any || GetLastError() == 0);
    char *text = mem_alloc(256);
    strcpy(text, any ? "any" : "");
    for (DWORD i = 0; i < usage->cUsageIdentifier; i++) {
        strcat(text, i != 0 ? "," : "");
        strcat(text, usage->rgpszUsageIdentifier[i]);
    }
    mem_free(usage);
    return text;
}

static bool usage_is(PCCERT_CONTEXT context, DWORD flags, const char *expected)
{
    char *text = usage_text(context, flags);
    bool same = strcmp(text, expected) == 0;
    if (!same)
        print_message("'%s' instead of '%s'\n", text, expected);
    mem_free(text);
    return same;
}

static const DWORD extension_only = CERT_FIND_EXT_ONLY_ENHKEY_USAGE_FLAG;
static const DWORD property_only = CERT_FIND_PROP_ONLY_ENHKEY_USAGE_FLAG;

static void enhanced_usage(void **state)
{
    (void)state;
    PCCERT_CONTEXT none = with_usage("usage none", NULL);
    PCCERT_CONTEXT both = with_usage("usage both", "serverAuth,clientAuth");
    assert_true(usage_is(none, 0, "any"));
    assert_true(usage_is(none, extension_only, "none"));
    assert_int_equal(GetLastError(), (DWORD)CRYPT_E_NOT_FOUND);
    assert_true(usage_is(none, property_only, "none"));
    assert_int_equal(GetLastError(), (DWORD)CRYPT_E_NOT_FOUND);
    assert_true(usage_is(both, 0, SERVER "," CLIENT));
    assert_true(usage_is(both, extension_only, SERVER "," CLIENT));
    assert_true(usage_is(both, property_only, "none"));
    CertFreeCertificateContext(none);
    CertFreeCertificateContext(both);
}

/* X15: the property overrides the extension. */
static void usage_property(void **state)
{
    (void)state;
    PCCERT_CONTEXT cert = with_usage("usage both", "serverAuth,clientAuth");
    LPSTR oids[] = {CLIENT};
    CERT_ENHKEY_USAGE one = {1, oids};
    CERT_ENHKEY_USAGE empty = {0, NULL};
    assert_true(CertSetEnhancedKeyUsage(cert, &one));
    assert_true(usage_is(cert, 0, CLIENT));
    assert_true(usage_is(cert, property_only, CLIENT));
    assert_true(usage_is(cert, extension_only, SERVER "," CLIENT));
    assert_true(CertAddEnhancedKeyUsageIdentifier(cert, "1.2.3"));
    assert_true(CertAddEnhancedKeyUsageIdentifier(cert, "1.2.3"));
    assert_true(usage_is(cert, 0, CLIENT ",1.2.3"));
    assert_true(CertRemoveEnhancedKeyUsageIdentifier(cert, CLIENT));
    assert_true(CertRemoveEnhancedKeyUsageIdentifier(cert, "1.9.9"));
    assert_true(usage_is(cert, 0, "1.2.3"));
    assert_true(CertSetEnhancedKeyUsage(cert, &empty));
    assert_true(usage_is(cert, 0, ""));
    assert_true(CertSetEnhancedKeyUsage(cert, NULL));
    assert_true(usage_is(cert, 0, SERVER "," CLIENT));
    assert_true(CertAddEnhancedKeyUsageIdentifier(cert, "1.2.3"));
    assert_true(usage_is(cert, 0, "1.2.3"));
    assert_false(CertAddEnhancedKeyUsageIdentifier(cert, "no oid"));
    assert_int_equal(GetLastError(), (DWORD)CRYPT_E_ASN1_ERROR);
    CertFreeCertificateContext(cert);
}

static void usage_arguments(void **state)
{
    (void)state;
    PCCERT_CONTEXT cert = with_usage("usage both", "serverAuth,clientAuth");
    PCCERT_CONTEXT none = with_usage("usage none", NULL);
    CERT_ENHKEY_USAGE usage;
    DWORD size = sizeof usage;
    assert_false(CertGetEnhancedKeyUsage(cert, 0, &usage, &size));
    assert_int_equal(GetLastError(), ERROR_MORE_DATA);
    assert_true(size > sizeof usage);
    size = sizeof usage - 1;
    assert_false(CertGetEnhancedKeyUsage(none, 0, &usage, &size));
    assert_int_equal(GetLastError(), ERROR_MORE_DATA);
    assert_int_equal(size, sizeof usage);
    assert_false(CertGetEnhancedKeyUsage(NULL, 0, &usage, &size));
    assert_int_equal(GetLastError(), (DWORD)E_INVALIDARG);
    assert_false(CertSetEnhancedKeyUsage(NULL, NULL));
    assert_false(CertAddEnhancedKeyUsageIdentifier(cert, NULL));
    assert_false(CertRemoveEnhancedKeyUsageIdentifier(NULL, "1.2"));
    CertFreeCertificateContext(cert);
    CertFreeCertificateContext(none);
}

/* An extension that does not decode is an error, not a permission. */
static void broken_usage(void **state)
{
    (void)state;
    const struct zoo_cert *cert =
        ZOO(.name = "usage broken", .extensions = {{"2.5.29.37", "DER:0500"}});
    DWORD size = 0;
    int oids = 0;
    PCCERT_CONTEXT list[] = {cert->context};
    assert_false(CertGetEnhancedKeyUsage(cert->context, 0, NULL, &size));
    assert_int_equal(GetLastError(), (DWORD)CRYPT_E_ASN1_BADTAG);
    assert_false(CertGetValidUsages(1, list, &oids, NULL, &size));
    assert_int_equal(GetLastError(), (DWORD)CRYPT_E_ASN1_BADTAG);
}

static void intended_usage(void **state)
{
    (void)state;
    const struct zoo_cert *cert =
        ZOO(.name = "intended", .extensions = {{"keyUsage", "digitalSignature,decipherOnly"}});
    const struct zoo_cert *none = ZOO(.name = "intended none");
    BYTE usage[4];
    memset(usage, 0xA5, sizeof usage);
    assert_true(CertGetIntendedKeyUsage(X509_ASN_ENCODING, cert->context->pCertInfo, usage, 4));
    assert_memory_equal(usage, "\x80\x80\0\0", 4);
    memset(usage, 0xA5, sizeof usage);
    assert_true(CertGetIntendedKeyUsage(X509_ASN_ENCODING, cert->context->pCertInfo, usage, 1));
    assert_memory_equal(usage, "\x80\xA5", 2);
    SetLastError(1);
    assert_false(CertGetIntendedKeyUsage(X509_ASN_ENCODING, none->context->pCertInfo, usage, 4));
    assert_int_equal(GetLastError(), 0);
    assert_memory_equal(usage, "\0\0\0\0", 4);
    assert_false(CertGetIntendedKeyUsage(0, cert->context->pCertInfo, usage, 4));
    assert_int_equal(GetLastError(), ERROR_FILE_NOT_FOUND);
    assert_false(CertGetIntendedKeyUsage(X509_ASN_ENCODING, NULL, usage, 4));
}

/* X15: -1 for no restriction, else what all of them have. */
static void valid_usages(void **state)
{
    (void)state;
    PCCERT_CONTEXT none = with_usage("usage none", NULL);
    PCCERT_CONTEXT both = with_usage("usage both", "serverAuth,clientAuth");
    PCCERT_CONTEXT client = with_usage("usage client", "codeSigning,clientAuth");
    PCCERT_CONTEXT any = with_usage("usage any", "anyExtendedKeyUsage");
    PCCERT_CONTEXT other = with_usage("usage other", "codeSigning");
    PCCERT_CONTEXT list[] = {none, both, any, client, other};
    uint64_t block[32];
    LPSTR *oids = (LPSTR *)(void *)block;
    DWORD size = sizeof block;
    int count = 7;
    assert_true(CertGetValidUsages(1, list, &count, oids, &size));
    assert_int_equal(count, -1);
    assert_int_equal(size, 0);
    size = 0;
    assert_true(CertGetValidUsages(4, list, &count, NULL, &size));
    assert_int_equal(count, 1);
    assert_int_equal(size, sizeof(LPSTR) + sizeof CLIENT);
    size--;
    assert_false(CertGetValidUsages(4, list, &count, oids, &size));
    assert_int_equal(GetLastError(), ERROR_MORE_DATA);
    assert_true(CertGetValidUsages(4, list, &count, oids, &size));
    assert_string_equal(oids[0], CLIENT);
    size = sizeof block;
    assert_true(CertGetValidUsages(5, list, &count, oids, &size));
    assert_int_equal(count, 0);
    assert_int_equal(size, 0);
    list[2] = NULL;
    assert_false(CertGetValidUsages(4, list, &count, oids, &size));
    assert_int_equal(GetLastError(), (DWORD)E_INVALIDARG);
    CertFreeCertificateContext(none);
    CertFreeCertificateContext(both);
    CertFreeCertificateContext(client);
    CertFreeCertificateContext(any);
    CertFreeCertificateContext(other);
}

/* ---- names ------------------------------------------------------------------------------- */

static void found_attributes(void **state)
{
    (void)state;
    CERT_RDN_ATTR one[] = {{"2.5.4.6", 0, {0}}, {"2.5.4.3", 0, {0}}};
    CERT_RDN_ATTR two[] = {{"2.5.4.3", 0, {0}}};
    CERT_RDN rdns[] = {{2, one}, {1, two}};
    CERT_NAME_INFO name = {2, rdns};
    CRYPT_ATTRIBUTE attributes[] = {{"1.2.3", 0, NULL}, {"1.2.4", 0, NULL}};
    assert_ptr_equal(CertFindRDNAttr("2.5.4.3", &name), &one[1]);
    assert_null(CertFindRDNAttr("2.5.4.30", &name));
    assert_null(CertFindRDNAttr(NULL, &name));
    assert_null(CertFindRDNAttr("2.5.4.3", NULL));
    assert_ptr_equal(CertFindAttribute("1.2.4", 2, attributes), &attributes[1]);
    assert_null(CertFindAttribute("1.2.4", 1, attributes));
    assert_null(CertFindAttribute(NULL, 2, attributes));
}

static const struct value_row {
    DWORD type;
    DWORD n;
    const char *bytes;
    const char *text;
} values[] = {
    {CERT_RDN_PRINTABLE_STRING, 3, "abc", "abc"},
    {CERT_RDN_IA5_STRING, 3, "a\0b",
     "a\xEF\xBF\xBD"
     "b"},
    {CERT_RDN_TELETEX_STRING, 1, "\xE4", "\xC3\xA4"},
    {CERT_RDN_UTF8_STRING, 6, "\xE4\x00\x3D\xD8\x00\xDE", "\xC3\xA4\xF0\x9F\x98\x80"},
    {CERT_RDN_BMP_STRING, 2, "\x42\x00", "B"},
    {CERT_RDN_UNIVERSAL_STRING, 4, "\x00\xF6\x01\x00", "\xF0\x9F\x98\x80"},
    {CERT_RDN_UNIVERSAL_STRING, 4, "\xFF\xFF\xFF\xFF", "\xEF\xBF\xBD"},
    {CERT_RDN_OCTET_STRING, 2, "\x01\xAB", "#01ab"},
    {CERT_RDN_ENCODED_BLOB, 2, "\x05\x00", "#0500"},
    {CERT_RDN_PRINTABLE_STRING, 0, "", ""},
};

static bool value_is(const struct value_row *row)
{
    char text[64];
    CERT_RDN_VALUE_BLOB blob = {row->n, (BYTE *)(uintptr_t)row->bytes};
    DWORD n = CertRDNValueToStrA(row->type, &blob, text, sizeof text);
    bool same = n == strlen(row->text) + 1 && strcmp(text, row->text) == 0 &&
                CertRDNValueToStrA(row->type, &blob, NULL, 0) == n;
    if (!same)
        print_message("type %u: '%s'\n", row->type, text);
    return same;
}

static void values_as_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        assert_true(value_is(&values[i]));
}

static void short_values(void **state)
{
    (void)state;
    char text[8];
    WCHAR wide[8];
    CERT_RDN_VALUE_BLOB blob = {4, (BYTE *)"\xE4\0\xE4"};
    assert_int_equal(CertRDNValueToStrA(CERT_RDN_BMP_STRING, &blob, text, 5), 5);
    assert_int_equal(CertRDNValueToStrA(CERT_RDN_BMP_STRING, &blob, text, 4), 3);
    assert_string_equal(text, "\xC3\xA4");
    assert_int_equal(CertRDNValueToStrW(CERT_RDN_BMP_STRING, &blob, wide, 3), 3);
    assert_int_equal(CertRDNValueToStrW(CERT_RDN_BMP_STRING, &blob, wide, 2), 2);
    assert_int_equal(wide[0], 0xE4);
    assert_int_equal(wide[1], 0);
    assert_int_equal(CertRDNValueToStrW(CERT_RDN_BMP_STRING, &blob, wide, 1), 1);
    assert_int_equal(wide[0], 0);
    assert_int_equal(CertRDNValueToStrW(CERT_RDN_BMP_STRING, &blob, NULL, 0), 3);
    assert_int_equal(CertRDNValueToStrW(CERT_RDN_BMP_STRING, NULL, wide, 8), 1);
}

static void attributes_in_name(void **state)
{
    (void)state;
    static WCHAR wide[] = {'N', 'a', 'm', 'E', 0};
    static const DWORD fold = CERT_CASE_INSENSITIVE_IS_RDN_ATTRS_FLAG;
    static const DWORD unicode = CERT_UNICODE_IS_RDN_ATTRS_FLAG;
    CERT_NAME_BLOB name = ZOO(.name = "name")->context->pCertInfo->Subject;
    CERT_RDN_ATTR attribute = {szOID_COMMON_NAME, CERT_RDN_ANY_TYPE, {0, NULL}};
    CERT_RDN rdn = {1, &attribute};
    const DWORD enc = X509_ASN_ENCODING;
    assert_true(CertIsRDNAttrsInCertificateName(enc, 0, &name, &rdn));
    attribute.Value = (CERT_RDN_VALUE_BLOB){0, (BYTE *)wide};
    assert_true(CertIsRDNAttrsInCertificateName(enc, unicode | fold, &name, &rdn));
    assert_false(CertIsRDNAttrsInCertificateName(enc, unicode, &name, &rdn));
    assert_int_equal(GetLastError(), (DWORD)CRYPT_E_NO_MATCH);
    attribute.pszObjId = szOID_COUNTRY_NAME;
    assert_false(CertIsRDNAttrsInCertificateName(enc, unicode | fold, &name, &rdn));
    rdn.cRDNAttr = 0;
    assert_true(CertIsRDNAttrsInCertificateName(enc, 0, &name, &rdn));
    assert_false(CertIsRDNAttrsInCertificateName(0, 0, &name, &rdn));
    assert_int_equal(GetLastError(), ERROR_FILE_NOT_FOUND);
    assert_false(CertIsRDNAttrsInCertificateName(enc, 0, NULL, &rdn));
    assert_int_equal(GetLastError(), (DWORD)E_INVALIDARG);
}

/* ---- comparisons ------------------------------------------------------------------------- */

static void integers(void **state)
{
    (void)state;
    static const struct {
        const char *a;
        DWORD a_n;
        const char *b;
        DWORD b_n;
        bool same;
    } rows[] = {
        {"\x01", 1, "\x01\0\0", 3, true}, {"\x01\x9A", 2, "\x01\x9A\0", 3, true},
        {"\xFF", 1, "\xFF\xFF", 2, true}, {"\x01", 1, "\x02", 1, false},
        {"\x01", 1, "\0\x01", 2, false},  {"\0", 1, "\0\0", 2, true},
        {"\x01\xFF", 2, "\x01", 1, true}, {"", 0, "\x01", 1, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CRYPT_INTEGER_BLOB a = {rows[i].a_n, (BYTE *)(uintptr_t)rows[i].a};
        CRYPT_INTEGER_BLOB b = {rows[i].b_n, (BYTE *)(uintptr_t)rows[i].b};
        assert_int_equal(CertCompareIntegerBlob(&a, &b), rows[i].same);
        assert_int_equal(CertCompareIntegerBlob(&b, &a), rows[i].same);
    }
    assert_false(CertCompareIntegerBlob(NULL, NULL));
}

static void public_keys(void **state)
{
    (void)state;
    CERT_PUBLIC_KEY_INFO *a =
        &ZOO(.name = "key a", .kind = ZOO_RSA)->context->pCertInfo->SubjectPublicKeyInfo;
    CERT_PUBLIC_KEY_INFO *b = &ZOO(.name = "key b", .label = "key a", .kind = ZOO_RSA)
                                   ->context->pCertInfo->SubjectPublicKeyInfo;
    CERT_PUBLIC_KEY_INFO *other = &ZOO(.name = "key c")->context->pCertInfo->SubjectPublicKeyInfo;
    CERT_PUBLIC_KEY_INFO no_parameters = *b;
    CERT_PUBLIC_KEY_INFO other_curve = *other;
    no_parameters.Algorithm.Parameters = (CRYPT_OBJID_BLOB){0, NULL};
    other_curve.Algorithm.Parameters = (CRYPT_OBJID_BLOB){7, (BYTE *)"\x06\x05\x2b\x81\x04\0\x22"};
    assert_true(CertComparePublicKeyInfo(X509_ASN_ENCODING, a, b));
    assert_true(CertComparePublicKeyInfo(X509_ASN_ENCODING, a, &no_parameters));
    assert_false(CertComparePublicKeyInfo(X509_ASN_ENCODING, a, other));
    assert_false(CertComparePublicKeyInfo(X509_ASN_ENCODING, other, &other_curve));
    assert_false(CertComparePublicKeyInfo(X509_ASN_ENCODING, a, NULL));
}

/* X18 */
static void key_lengths(void **state)
{
    (void)state;
    static const struct {
        enum zoo_kind kind;
        DWORD bits;
    } rows[] = {{ZOO_P256, 256}, {ZOO_P384, 384},      {ZOO_P521, 521},
                {ZOO_RSA, 2048}, {ZOO_RSA_1024, 1024}, {ZOO_ED25519, 256}};
    static BYTE shaped[] = {0x30, 0x0C, 0x02, 0x07, 0x41, 2, 3, 4, 5, 6, 7, 0x02, 0x01, 0x03};
    CERT_PUBLIC_KEY_INFO key = {{"1.2.3", {0, NULL}}, {sizeof shaped, shaped, 0}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        PCCERT_CONTEXT cert = ZOO(.name = "length", .kind = rows[i].kind)->context;
        assert_int_equal(
            CertGetPublicKeyLength(X509_ASN_ENCODING, &cert->pCertInfo->SubjectPublicKeyInfo),
            rows[i].bits);
    }
    assert_int_equal(CertGetPublicKeyLength(X509_ASN_ENCODING, &key), 56);
    assert_int_equal(CertGetPublicKeyLength(0, &key), 0);
    assert_int_equal(GetLastError(), ERROR_FILE_NOT_FOUND);
    key.PublicKey.cbData = 0;
    assert_int_equal(CertGetPublicKeyLength(X509_ASN_ENCODING, &key), 0);
    assert_int_equal(GetLastError(), (DWORD)CRYPT_E_ASN1_EOD);
    key.Algorithm =
        (CRYPT_ALGORITHM_IDENTIFIER){szOID_ECC_PUBLIC_KEY, {4, (BYTE *)"\x06\x02*\x03"}};
    assert_int_equal(CertGetPublicKeyLength(X509_ASN_ENCODING, &key), 0);
    assert_int_equal(GetLastError(), (DWORD)NTE_BAD_ALGID);
    assert_int_equal(CertGetPublicKeyLength(X509_ASN_ENCODING, NULL), 0);
}

static void nesting(void **state)
{
    (void)state;
    CERT_INFO inner = {.NotBefore = {0, 2}, .NotAfter = {0, 8}};
    CERT_INFO outer = {.NotBefore = {0, 2}, .NotAfter = {0, 8}};
    assert_true(CertVerifyValidityNesting(&inner, &outer));
    outer.NotBefore.dwLowDateTime = 1;
    assert_false(CertVerifyValidityNesting(&inner, &outer));
    outer.NotBefore.dwLowDateTime = 0;
    inner.NotAfter.dwLowDateTime = 1;
    assert_false(CertVerifyValidityNesting(&inner, &outer));
    assert_false(CertVerifyValidityNesting(NULL, &outer));
}

static void failed_allocations(void **state)
{
    (void)state;
    PCCERT_CONTEXT cert = with_usage("usage both", "serverAuth,clientAuth");
    LPSTR oids[] = {CLIENT};
    CERT_ENHKEY_USAGE one = {1, oids};
    assert_true(CertSetEnhancedKeyUsage(cert, &one));
    PCCERT_CONTEXT list[] = {cert};
    int64_t live = mem_live();
    for (uint64_t at = 1;; at++) {
        DWORD size = 0;
        int count;
        assert_true(at < 50);
        mem_fail_at(at, false);
        BOOL done = CertGetValidUsages(1, list, &count, NULL, &size);
        mem_fail_at(0, false);
        assert_int_equal(mem_live(), live);
        if (done)
            break;
        assert_int_equal(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
    }
    CertFreeCertificateContext(cert);
}

static void positive_control(void **state)
{
    (void)state;
    print_message("two planted rows:\n");
    PCCERT_CONTEXT cert = with_usage("usage both", "serverAuth,clientAuth");
    assert_false(usage_is(cert, 0, SERVER));
    CertFreeCertificateContext(cert);
    assert_false(value_is(&(struct value_row){CERT_RDN_OCTET_STRING, 1, "a", "a"}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enhanced_usage),     cmocka_unit_test(usage_property),
        cmocka_unit_test(usage_arguments),    cmocka_unit_test(broken_usage),
        cmocka_unit_test(intended_usage),     cmocka_unit_test(valid_usages),
        cmocka_unit_test(found_attributes),   cmocka_unit_test(values_as_text),
        cmocka_unit_test(short_values),       cmocka_unit_test(attributes_in_name),
        cmocka_unit_test(integers),           cmocka_unit_test(public_keys),
        cmocka_unit_test(key_lengths),        cmocka_unit_test(nesting),
        cmocka_unit_test(failed_allocations), cmocka_unit_test(positive_control),
    };
    return cmocka_run_group_tests(tests, open_zoo, close_zoo);
}
