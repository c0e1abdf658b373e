/* SPDX-License-Identifier: MIT */
/*
 * Which names of a certificate stand for which host: certificates.md 8 (KB258858's table),
 * observed.md 16.4, and what attackers try. A row is a certificate's names, a target, and the
 * answer.
 */
#include "zoo.h"

struct row {
    const char *common_name;
    const char *san; /* NULL: no extension */
    const char *target;
    bool matches;
};

static const struct row rows[] = {
    /* KB258858 */
    {"x", "DNS:www.example.com", "www.example.com", true},
    {"x", "DNS:*.example.com", "www.example.com", true},
    {"x", "DNS:w*.example.com", "www.example.com", true},
    {"x", "DNS:ww*.example.com", "www.example.com", true},
    {"x", "DNS:*www.example.com", "www.example.com", false},
    {"x", "DNS:*w.example.com", "www.example.com", false},
    {"x", "DNS:w*w.example.com", "www.example.com", false},
    {"x", "DNS:*ww.example.com", "www.example.com", false},
    {"x", "DNS:www.e*ample.com", "www.example.com", false},
    {"x", "DNS:www.*.com", "www.example.com", false},
    {"x", "DNS:www.*ample.com", "www.example.com", false},
    {"x", "DNS:www.ex*.com", "www.example.com", false},
    {"x", "DNS:www.*e.com", "www.example.com", false},
    {"x", "DNS:*.com", "example.com", false},
    {"x", "DNS:*.com", "www.example.com", false},
    {"x", "DNS:*.abc.com", "www.example.abc.com", false},
    {"x", "DNS:*.*", "example.com", false},
    {"x", "DNS:*", "localhost", false},
    {"x", "DNS:a*.d*.example.com", "ab.de.example.com", false},
    {"x", "DNS:*.*.com.au", "www.example.com.au", false},
    /* edges of wildcards */
    {"x", "DNS:*.example.com", "example.com", false},
    {"x", "DNS:*.example.com", ".example.com", false},
    {"x", "DNS:*.example.com", "a.b.example.com", false},
    {"x", "DNS:www*.example.com", "www.example.com", false},
    {"x", "DNS:www*.example.com", "ww.example.com", false},
    {"x", "DNS:**.example.com", "www.example.com", false},
    {"x", "DNS:*.example.com", "*.example.com", false},
    {"x", "DNS:*.example.com", "xn--bcher-kva.example.com", true},
    {"x", "DNS:xn--b*.example.com", "xn--bcher-kva.example.com", false},
    {"x", "DNS:x*.example.com", "xn--bcher-kva.example.com", false},
    {"x", "DNS:*.example.com.", "www.example.com", true},
    {"x", "DNS:*.example.", "www.example", false},
    {"x", "DNS:*..com", "www..com", false},
    {"x", "DNS:*.", "www", false},
    /* case, dots, lengths */
    {"x", "DNS:WWW.Example.COM", "www.eXAMPLE.com", true},
    {"x", "DNS:www.example.com", "www.example.com.", true},
    {"x", "DNS:www.example.com.", "www.example.com", true},
    {"x", "DNS:www.example.com", "www.example.com..", false},
    {"x", "DNS:www.example.com", "www.example.co", false},
    {"x", "DNS:www.example.com", "ww.example.com", false},
    {"x", "DNS:www.example.com", "", false},
    {"x", "DNS:www.example.com", ".", false},
    {"x", "DNS:www.example.com", "www.example.com ", false},
    {"x",
     "DNS:b\xC3\xBC"
     "cher.example",
     "b\xC3\xBC"
     "cher.example",
     false},
    {"x", "DNS:xn--bcher-kva.example",
     "B\xC3\xBC"
     "cher.Example",
     true},
    {"x", "DNS:xn--bcher-kva.example", "bucher.example", false},
    {"x", "DNS:*.example.com",
     "b\xC3\xBC"
     "cher.example.com",
     true},
    {"x", "DNS:b*.example.com",
     "b\xC3\xBC"
     "cher.example.com",
     false},
    /* several entries (C64 to C67, C73) */
    {"x", "DNS:cs.stanford.edu,DNS:www.cs.stanford.edu", "cs.stanford.edu", true},
    {"x", "DNS:cs.stanford.edu,DNS:www.cs.stanford.edu", "www.cs.stanford.edu", true},
    {"x", "DNS:cs.stanford.edu,DNS:www.cs.stanford.edu", "a.cs.stanford.edu", false},
    {"x", "DNS:*.winehq.org", "winehq.org", false},
    {"x", "DNS:*.winehq.org", "a.b.winehq.org", false},
    /* the common name */
    {"*.openssl.org", NULL, "a.openssl.org", true},
    {"*.openssl.org", NULL, "openssl.org", false},
    {"*.openssl.org", NULL, "fopenssl.org", false},
    {"*.openssl.org", NULL, "a.b.openssl.org", false},
    {"www.example.com", NULL, "www.example.com", true},
    {"www.example.com", "DNS:other.example", "www.example.com", false},
    {"www.example.com", "IP:10.0.0.1", "www.example.com", false},
    {"www.example.com", "email:a@example.com", "www.example.com", true},
    {"www.example.com", "URI:https://www.example.com", "www.example.com", true},
    /* addresses */
    {"x", "IP:10.0.0.1", "10.0.0.1", true},
    {"x", "IP:10.0.0.1", "10.0.0.2", false},
    {"x", "IP:10.0.0.1", "10.0.0.1.", true},
    {"x", "IP:10.0.0.1", "[10.0.0.1]", false},
    {"x", "IP:::1", "::1", true},
    {"x", "IP:::1", "[::1]", true},
    {"x", "IP:::1", "0:0:0:0:0:0:0:1", true},
    {"x", "IP:::1", "[::1", false},
    {"x", "IP:::1", "::1%lo", false},
    {"x", "IP:10.0.0.1", "::ffff:10.0.0.1", false},
    {"x", "DNS:10.0.0.1", "10.0.0.1", false},
    {"10.0.0.1", NULL, "10.0.0.1", false},
    {"x", "DNS:10.0.0.1", "10.0.0.1.", false},
    {"x", "DNS:*.0.0.1", "10.0.0.1.", false},
    {"x", "DNS:*.0.1", "127.0.1", false},
    {"x", "DNS:127.1", "127.1", false},
    {"x", "DNS:0x7f000001", "0x7f000001", false},
    {"x", "DNS:www.1example", "www.1example", true},
    {"x", "IP:10.0.0.1,DNS:www.example.com", "www.example.com", true},
};

static bool answers_as(const struct row *row)
{
    struct zoo_spec spec = {.name = row->common_name, .label = "all", .authority = ZOO_END};
    if (row->san != NULL)
        spec.extensions[0] = (struct zoo_extension){"subjectAltName", row->san};
    const struct zoo_cert *cert = zoo_make(&spec);
    bool matches = cert_matches_name(cert->context, row->target);
    if (matches != row->matches)
        print_message("CN=%s, %s against \"%s\": %d\n", row->common_name,
                      row->san != NULL ? row->san : "no alternative names", row->target, matches);
    return matches == row->matches;
}

static void every_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_true(answers_as(&rows[i]));
}

/* ---- what libcrypto's configuration cannot write --------------------------------------- */

/* A certificate with these names exactly as they are. */
static bool matches_raw(const char *const *names, const size_t *lens, size_t count, bool twice,
                        const char *target)
{
    const struct zoo_cert *model =
        ZOO(.name = "www.example.com", .label = "all", .authority = ZOO_END);
    X509 *x509 = X509_dup(model->x509);
    GENERAL_NAMES *list = sk_GENERAL_NAME_new_null();
    for (size_t i = 0; i < count; i++) {
        GENERAL_NAME *name = GENERAL_NAME_new();
        ASN1_IA5STRING *text = ASN1_IA5STRING_new();
        ASN1_STRING_set(text, names[i], (int)lens[i]);
        GENERAL_NAME_set0_value(name, GEN_DNS, text);
        sk_GENERAL_NAME_push(list, name);
    }
    for (int i = 0; i < 1 + twice; i++)
        assert_int_equal(X509_add1_ext_i2d(x509, NID_subject_alt_name, list, 0, X509V3_ADD_APPEND),
                         1);
    sk_GENERAL_NAME_pop_free(list, GENERAL_NAME_free);
    assert_true(X509_sign(x509, model->key, EVP_sha256()) > 0);
    unsigned char *der = NULL;
    int n = i2d_X509(x509, &der);
    PCCERT_CONTEXT context = CertCreateCertificateContext(X509_ASN_ENCODING, der, (DWORD)n);
    assert_non_null(context);
    bool matches = cert_matches_name(context, target);
    CertFreeCertificateContext(context);
    OPENSSL_free(der);
    X509_free(x509);
    return matches;
}

static bool matches_bytes(const char *name, size_t n, bool twice, const char *target)
{
    return matches_raw(&name, &n, 1, twice, target);
}

#define BYTES(text) text, sizeof text - 1

static void hostile_names(void **state)
{
    (void)state;
    assert_true(matches_bytes(BYTES("www.example.com\0"), false, "www.example.com")); /* C71 */
    assert_false(matches_bytes(BYTES("www.example.com\0.evil.com"), false, "www.example.com"));
    assert_false(matches_bytes(BYTES("\0"), false, "www.example.com"));
    assert_false(matches_bytes("", 0, false, "www.example.com"));
    assert_false(matches_bytes(BYTES("."), false, "www.example.com"));
    /* Two of the extension: neither counts, and the common name does not step in. */
    assert_true(matches_bytes(BYTES("www.example.com"), false, "www.example.com"));
    assert_false(matches_bytes(BYTES("www.example.com"), true, "www.example.com"));
    assert_false(matches_bytes(BYTES("other"), true, "www.example.com"));
}

/* An extension that cannot be read does not hand over to the common name. */
static void unreadable_extension(void **state)
{
    (void)state;
    const struct zoo_cert *cert =
        ZOO(.name = "www.example.com", .label = "all", .authority = ZOO_END,
            .extensions = {{"2.5.29.17", "DER:0500"}});
    assert_false(cert_matches_name(cert->context, "www.example.com"));
}

/* C69: every common name counts. */
static void two_common_names(void **state)
{
    (void)state;
    const struct zoo_cert *model = ZOO(.name = "*.foo.com", .label = "all", .authority = ZOO_END);
    X509 *x509 = X509_dup(model->x509);
    unsigned char *der = NULL;
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8,
                               (const unsigned char *)"foo.com", -1, -1, 0);
    assert_true(X509_sign(x509, model->key, EVP_sha256()) > 0);
    int n = i2d_X509(x509, &der);
    PCCERT_CONTEXT context = CertCreateCertificateContext(X509_ASN_ENCODING, der, (DWORD)n);
    assert_true(cert_matches_name(context, "foo.com"));
    assert_true(cert_matches_name(context, "a.foo.com"));
    assert_false(cert_matches_name(context, "afoo.com"));
    CertFreeCertificateContext(context);
    OPENSSL_free(der);
    X509_free(x509);
}

static void long_names(void **state)
{
    char name[300] = "";
    (void)state;
    const struct zoo_cert *cert = ZOO(.name = "x", .label = "all", .authority = ZOO_END,
                                      .extensions = {{"subjectAltName", "DNS:*.example.com"}});
    memset(name, 'a', 63);
    memcpy(name + 63, ".example.com", sizeof ".example.com");
    assert_true(cert_matches_name(cert->context, name));
    memset(name, 'a', 64);
    memcpy(name + 64, ".example.com", sizeof ".example.com");
    assert_false(cert_matches_name(cert->context, name));
}

/* The table's judge notices a wrong answer in both directions. */
static void positive_control(void **state)
{
    (void)state;
    print_message("two planted answers:\n");
    assert_false(answers_as(&(struct row){"x", "DNS:www.example.com", "www.example.com", false}));
    assert_false(answers_as(&(struct row){"x", "DNS:*.com", "example.com", true}));
}

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row),
        cmocka_unit_test(hostile_names),
        cmocka_unit_test(unreadable_extension),
        cmocka_unit_test(two_common_names),
        cmocka_unit_test(long_names),
        cmocka_unit_test(positive_control),
    };
    return cmocka_run_group_tests(tests, open_zoo, close_zoo);
}
