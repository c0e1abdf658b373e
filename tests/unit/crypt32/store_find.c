/* SPDX-License-Identifier: MIT */
/*
 * Searches beyond those of api_store.c: attributes, hashes, identifiers, usages, archived
 * certificates; subjects, issuers and what is checked with them. certificates.md 3.4; observed.md
 * X11 to X13.
 */
#include <time.h>

#include "store_support.h"
#include "zoo_lists.h"

static const struct zoo_cert *root;
static const struct zoo_cert *server;
static const struct zoo_cert *client;
static const struct zoo_cert *both;
static const struct zoo_cert *plain;
static const struct zoo_cert *any;
static const struct zoo_cert *narrow; /* an authority for servers only */
static const struct zoo_cert *below;  /* issued by it, without usages */
static HCERTSTORE store;

static int open_zoo(void **state)
{
    (void)state;
    zoo_open();
    root = ZOO(.name = "Root Authority");
    server = ZOO(.name = "server.test", .issuer = root, .authority = ZOO_END,
                 .extensions = {{"extendedKeyUsage", "serverAuth"}});
    client = ZOO(.name = "client.test", .issuer = root, .authority = ZOO_END,
                 .extensions = {{"extendedKeyUsage", "clientAuth"},
                                {"subjectInfoAccess", "caRepository;URI:http://a.test/"}});
    both = ZOO(.name = "both.test", .issuer = root, .authority = ZOO_END,
               .extensions = {{"extendedKeyUsage", "serverAuth,clientAuth"}});
    plain = ZOO(.name = "plain.test", .issuer = root, .authority = ZOO_END);
    any = ZOO(.name = "any.test", .issuer = root, .authority = ZOO_END,
              .extensions = {{"extendedKeyUsage", "anyExtendedKeyUsage"}});
    narrow = ZOO(.name = "Narrow Authority", .issuer = root,
                 .extensions = {{"extendedKeyUsage", "serverAuth"}});
    below = ZOO(.name = "below.test", .issuer = narrow, .authority = ZOO_END);
    store = zoo_store(root, server, client, both, plain, any, narrow, below, NULL);
    return 0;
}

static int close_zoo(void **state)
{
    (void)state;
    CertCloseStore(store, 0);
    zoo_close();
    return 0;
}

/* A letter for each certificate that is found, in order. */
static const char *found_with(DWORD type, DWORD flags, const void *para)
{
    static char letters[16];
    const struct zoo_cert *all[] = {root, server, client, both, plain, any, narrow, below};
    size_t n = 0;
    SetLastError(0);
    for (PCCERT_CONTEXT c = NULL; (c = CertFindCertificateInStore(store, X509_ASN_ENCODING, flags,
                                                                  type, para, c)) != NULL;) {
        for (size_t i = 0; i < ARRAY_LEN(all); i++) {
            if (is_cert(c, all[i]))
                letters[n++] = "rscbpanB"[i];
        }
    }
    letters[n] = 0;
    return GetLastError() == (DWORD)CRYPT_E_NOT_FOUND ? letters : "error";
}

static void usages(void **state)
{
    char *server_oid[] = {(char *)szOID_PKIX_KP_SERVER_AUTH, (char *)szOID_PKIX_KP_CLIENT_AUTH};
    CERT_ENHKEY_USAGE one = {1, server_oid};
    CERT_ENHKEY_USAGE two = {2, server_oid};
    CERT_ENHKEY_USAGE other = {1, server_oid + 1};
    CERT_ENHKEY_USAGE none = {0, NULL};
    enum {
        LAX = CERT_FIND_OPTIONAL_ENHKEY_USAGE_FLAG,
        OR = CERT_FIND_OR_ENHKEY_USAGE_FLAG,
        NO = CERT_FIND_NO_ENHKEY_USAGE_FLAG,
        VALID = CERT_FIND_VALID_ENHKEY_USAGE_FLAG,
        EXT = CERT_FIND_EXT_ONLY_ENHKEY_USAGE_FLAG,
        PROP = CERT_FIND_PROP_ONLY_ENHKEY_USAGE_FLAG
    };
    const struct {
        const CERT_ENHKEY_USAGE *usage;
        DWORD flags;
        const char *found;
    } rows[] = {
        {&one, 0, "sbn"},
        {&other, 0, "cb"},
        {&two, 0, "b"},
        {&two, OR, "scbn"},
        {&one, LAX, "rsbpnB"},
        {&two, LAX | OR, "rscbpnB"},
        {NULL, 0, "scban"},
        {&none, 0, "scban"},
        {NULL, LAX, "rscbpanB"},
        {&one, NO, "rpB"},
        {&one, EXT, "sbn"},
        {&one, PROP, ""},
        {&one, PROP | LAX, "rscbpanB"},
        {&one, VALID, "rsbpanB"},
        {&other, VALID, "rcbpa"}, /* below its narrow authority there are no clients */
        {&two, VALID, "rbpa"},
        {&two, VALID | OR, "rscbpanB"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *found = found_with(CERT_FIND_ENHKEY_USAGE, rows[i].flags, rows[i].usage);
        if (strcmp(found, rows[i].found) != 0)
            print_message("row %zu: %s\n", i, found);
        assert_string_equal(found, rows[i].found);
    }
    /* The property narrows. */
    PCCERT_CONTEXT c = find_in(store, both);
    assert_true(CertSetEnhancedKeyUsage(c, &other));
    assert_string_equal(found_with(CERT_FIND_ENHKEY_USAGE, PROP, &other), "b");
    assert_string_equal(found_with(CERT_FIND_ENHKEY_USAGE, EXT, &one), "sbn");
    assert_true(CertSetCertificateContextProperty(c, CERT_ENHKEY_USAGE_PROP_ID, 0, NULL));
    CertFreeCertificateContext(c);
}

/* Values are what CryptDecodeObject says of them: UTF-16 for the zoo's UTF8String. */
static void attributes(void **state)
{
    enum { FOLD = CERT_CASE_INSENSITIVE_IS_RDN_ATTRS_FLAG, WIDE = CERT_UNICODE_IS_RDN_ATTRS_FLAG };
    static const struct {
        DWORD type;
        DWORD flags;
        const void *value;
        DWORD n;
        const char *found;
    } rows[] = {
        {CERT_FIND_SUBJECT_ATTR, 0, u"server.test", 22, "s"},
        {CERT_FIND_SUBJECT_ATTR, WIDE, u"server.test", 22, "s"},
        {CERT_FIND_SUBJECT_ATTR, WIDE, u"server.test", 0, "s"},
        {CERT_FIND_SUBJECT_ATTR, 0, "server.test", 11, ""},
        {CERT_FIND_SUBJECT_ATTR, WIDE, u"SERVER.test", 22, ""},
        {CERT_FIND_SUBJECT_ATTR, WIDE | FOLD, u"SERVER.test", 22, "s"},
        {CERT_FIND_SUBJECT_ATTR, WIDE, u"server.tes", 20, ""},
        {CERT_FIND_ISSUER_ATTR, WIDE, u"server.test", 22, ""},
        {CERT_FIND_ISSUER_ATTR, WIDE, u"Root Authority", 28, "rscbpan"},
        {CERT_FIND_SUBJECT_ATTR, WIDE, u"Root Authority", 28, "r"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CERT_RDN_ATTR attribute = {.pszObjId = (char *)szOID_COMMON_NAME,
                                   .dwValueType = CERT_RDN_ANY_TYPE,
                                   .Value = {rows[i].n, (BYTE *)(uintptr_t)rows[i].value}};
        CERT_RDN_ATTR pair[] = {
            attribute,
            {.pszObjId = (char *)szOID_ORGANIZATION_NAME, .dwValueType = CERT_RDN_ANY_TYPE}};
        CERT_RDN one = {1, pair};
        CERT_RDN both_of_them = {2, pair};
        const char *found = found_with(rows[i].type, rows[i].flags, &one);
        if (strcmp(found, rows[i].found) != 0)
            print_message("row %zu: %s\n", i, found);
        assert_string_equal(found, rows[i].found);
        assert_string_equal(found_with(rows[i].type, rows[i].flags, &both_of_them), "");
    }
    assert_string_equal(found_with(CERT_FIND_SUBJECT_ATTR, 0, NULL), "error");
}

static CRYPT_HASH_BLOB property(PCCERT_CONTEXT c, DWORD id)
{
    static BYTE bytes[4][64];
    static size_t next;
    CRYPT_HASH_BLOB blob = {.cbData = 64, .pbData = bytes[next++ % 4]};
    assert_true(CertGetCertificateContextProperty(c, id, blob.pbData, &blob.cbData));
    return blob;
}

static void hashes(void **state)
{
    static const struct {
        DWORD type;
        DWORD id;
    } rows[] = {
        {CERT_FIND_HASH, CERT_HASH_PROP_ID},
        {CERT_FIND_SHA1_HASH, CERT_SHA1_HASH_PROP_ID},
        {CERT_FIND_SHA256_HASH, CERT_SHA256_HASH_PROP_ID},
        {CERT_FIND_MD5_HASH, CERT_MD5_HASH_PROP_ID},
        {CERT_FIND_SIGNATURE_HASH, CERT_SIGNATURE_HASH_PROP_ID},
        {CERT_FIND_KEY_IDENTIFIER, CERT_KEY_IDENTIFIER_PROP_ID},
        {CERT_FIND_PUBKEY_MD5_HASH, CERT_SUBJECT_PUBLIC_KEY_MD5_HASH_PROP_ID},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CRYPT_HASH_BLOB blob = property(server->context, rows[i].id);
        assert_string_equal(found_with(rows[i].type, 0, &blob), "s");
        blob.pbData[0] ^= 1;
        assert_string_equal(found_with(rows[i].type, 0, &blob), "");
        blob.pbData[0] ^= 1;
        blob.cbData--;
        assert_string_equal(found_with(rows[i].type, 0, &blob), "");
        assert_string_equal(found_with(rows[i].type, 0, NULL), "error");
    }
}

static void hash_texts(void **state)
{
    static const DWORD ids[] = {CERT_SHA1_HASH_PROP_ID, CERT_SHA256_HASH_PROP_ID};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        CRYPT_HASH_BLOB blob = property(server->context, ids[i]);
        char text[256] = "";
        WCHAR wide[256];
        for (DWORD j = 0; j < blob.cbData; j++)
            snprintf(text + strlen(text), 8, j % 2 != 0 ? "%02X:" : " %02x", blob.pbData[j]);
        win_utf16_from_utf8(text, strlen(text) + 1, wide, ARRAY_LEN(wide));
        assert_string_equal(found_with(CERT_FIND_HASH_STR, 0, wide), "s");
        wide[1] = 'x';
        assert_string_equal(found_with(CERT_FIND_HASH_STR, 0, wide), "");
        wide[2] = 0;
        assert_string_equal(found_with(CERT_FIND_HASH_STR, 0, wide), "");
    }
    WCHAR wide[400];
    for (size_t i = 0; i < ARRAY_LEN(wide); i++)
        wide[i] = '0';
    wide[ARRAY_LEN(wide) - 1] = 0;
    assert_string_equal(found_with(CERT_FIND_HASH_STR, 0, wide), "");
    assert_string_equal(found_with(CERT_FIND_HASH_STR, 0, u""), "");
}

static void identifiers(void **state)
{
    CERT_ID id = {.dwIdChoice = CERT_ID_ISSUER_SERIAL_NUMBER};
    (void)state;
    id.IssuerSerialNumber.Issuer = server->context->pCertInfo->Issuer;
    id.IssuerSerialNumber.SerialNumber = server->context->pCertInfo->SerialNumber;
    assert_string_equal(found_with(CERT_FIND_CERT_ID, 0, &id), "s");
    id.IssuerSerialNumber.Issuer = server->context->pCertInfo->Subject;
    assert_string_equal(found_with(CERT_FIND_CERT_ID, 0, &id), "");
    id = (CERT_ID){.dwIdChoice = CERT_ID_SHA1_HASH,
                   .HashId = property(client->context, CERT_SHA1_HASH_PROP_ID)};
    assert_string_equal(found_with(CERT_FIND_CERT_ID, 0, &id), "c");
    id = (CERT_ID){.dwIdChoice = CERT_ID_KEY_IDENTIFIER,
                   .KeyId = property(both->context, CERT_KEY_IDENTIFIER_PROP_ID)};
    assert_string_equal(found_with(CERT_FIND_CERT_ID, 0, &id), "b");
    id.dwIdChoice = 4;
    assert_string_equal(found_with(CERT_FIND_CERT_ID, 0, &id), "");
}

static void others(void **state)
{
    DWORD spec = AT_KEYEXCHANGE;
    DWORD mark = CERT_CROSS_CERT_DIST_POINTS_PROP_ID;
    (void)state;
    assert_string_equal(found_with(CERT_FIND_SUBJECT_INFO_ACCESS, 0, NULL), "c");
    assert_string_equal(found_with(CERT_FIND_CROSS_CERT_DIST_POINTS, 0, NULL), "");
    PCCERT_CONTEXT c = find_in(store, plain);
    assert_true(set_mark(c, mark, 1));
    assert_string_equal(found_with(CERT_FIND_CROSS_CERT_DIST_POINTS, 0, NULL), "p");
    assert_true(CertSetCertificateContextProperty(c, mark, 0, NULL));
    assert_string_equal(found_with(CERT_FIND_KEY_SPEC, 0, &spec), "");
    assert_true(CertSetCertificateContextProperty(c, CERT_KEY_SPEC_PROP_ID, 0, &spec));
    assert_string_equal(found_with(CERT_FIND_KEY_SPEC, 0, &spec), "p");
    assert_true(CertSetCertificateContextProperty(c, CERT_KEY_SPEC_PROP_ID, 0, NULL));
    CertFreeCertificateContext(c);
}

/* Only whoever asks for archived certificates, or for this one, sees it. */
static void archived(void **state)
{
    (void)state;
    CRYPT_DATA_BLOB nothing = {0};
    CERT_BLOB blob = {.cbData = 16384, .pbData = (BYTE[16384]){0}};
    PCCERT_CONTEXT c = find_in(store, server);
    CRYPT_HASH_BLOB sha1 = property(c, CERT_SHA1_HASH_PROP_ID);
    CRYPT_HASH_BLOB sha256 = property(c, CERT_SHA256_HASH_PROP_ID);
    assert_string_equal(found_with(CERT_FIND_ANY, 0, NULL), "rscbpanB");
    assert_true(CertSetCertificateContextProperty(c, CERT_ARCHIVED_PROP_ID, 0, &nothing));
    assert_string_equal(found_with(CERT_FIND_ANY, 0, NULL), "rcbpanB");
    assert_string_equal(found_with(CERT_FIND_SUBJECT_STR_A, 0, "server"), "");
    assert_string_equal(found_with(CERT_FIND_SUBJECT_NAME, 0, &c->pCertInfo->Subject), "");
    assert_string_equal(found_with(CERT_FIND_HASH, 0, &sha1), "s");
    assert_string_equal(found_with(CERT_FIND_SHA256_HASH, 0, &sha256), "s");
    assert_string_equal(found_with(CERT_FIND_SUBJECT_CERT, 0, c->pCertInfo), "s");
    assert_string_equal(found_with(CERT_FIND_EXISTING, 0, c), "s");
    assert_true(
        CertSaveStore(store, 0, CERT_STORE_SAVE_AS_STORE, CERT_STORE_SAVE_TO_MEMORY, &blob, 0));
    for (int shows = 0; shows < 2; shows++) {
        HCERTSTORE other = CertOpenStore(CERT_STORE_PROV_SERIALIZED, 0, 0,
                                         shows != 0 ? CERT_STORE_ENUM_ARCHIVED_FLAG : 0, &blob);
        assert_int_equal(count_entries(other), 7 + shows);
        CertCloseStore(other, 0);
    }
    assert_true(CertSetCertificateContextProperty(c, CERT_ARCHIVED_PROP_ID, 0, NULL));
    CertFreeCertificateContext(c);
    assert_string_equal(found_with(CERT_FIND_ANY, 0, NULL), "rscbpanB");
}

static void subjects(void **state)
{
    (void)state;
    PCCERT_CONTEXT c =
        CertGetSubjectCertificateFromStore(store, X509_ASN_ENCODING, client->context->pCertInfo);
    assert_true(is_cert(c, client));
    CertFreeCertificateContext(c);
    const struct zoo_cert *stranger = ZOO(.name = "stranger");
    FAILS(CRYPT_E_NOT_FOUND,
          CertGetSubjectCertificateFromStore(store, 0, stranger->context->pCertInfo));
    FAILS(E_INVALIDARG, CertGetSubjectCertificateFromStore(store, 0, NULL));
    FAILS(E_INVALIDARG, CertGetSubjectCertificateFromStore(NULL, 0, client->context->pCertInfo));
}

/* ---- issuers --------------------------------------------------------------------------- */

static void issuers(void **state)
{
    DWORD flags = 0;
    int junk[64] = {0};
    (void)state;
    PCCERT_CONTEXT c = CertGetIssuerCertificateFromStore(store, below->context, NULL, &flags);
    assert_true(is_cert(c, narrow));
    assert_ptr_equal(c->hCertStore, store);
    FAILS(CRYPT_E_NOT_FOUND, CertGetIssuerCertificateFromStore(store, below->context, c, &flags));
    FAILS(CRYPT_E_SELF_SIGNED,
          CertGetIssuerCertificateFromStore(store, root->context, NULL, &flags)); /* X13 */
    FAILS(E_INVALIDARG, CertGetIssuerCertificateFromStore(store, NULL, NULL, &flags));
    FAILS(E_INVALIDARG, CertGetIssuerCertificateFromStore(store, below->context, NULL, NULL));
    FAILS(E_INVALIDARG, CertGetIssuerCertificateFromStore(NULL, below->context, NULL, &flags));
    FAILS(E_INVALIDARG, CertGetIssuerCertificateFromStore(junk, below->context, NULL, &flags));
    static const DWORD refused[] = {CERT_STORE_NO_CRL_FLAG, CERT_STORE_NO_ISSUER_FLAG, 8}; /* X13 */
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        flags = refused[i];
        FAILS(E_INVALIDARG, CertGetIssuerCertificateFromStore(store, below->context, NULL, &flags));
    }
    /* Newest first (X12), and the previous one is given back also on failure. */
    const struct zoo_cert *second = ZOO(.name = "Narrow Authority", .label = "another");
    HCERTSTORE two = zoo_store(narrow, NULL);
    assert_true(add(two, second, CERT_STORE_ADD_NEW));
    flags = 0;
    c = CertGetIssuerCertificateFromStore(two, below->context, NULL, &flags);
    assert_true(is_cert(c, second));
    c = CertGetIssuerCertificateFromStore(two, below->context, c, &flags);
    assert_true(is_cert(c, narrow));
    FAILS(E_INVALIDARG, CertGetIssuerCertificateFromStore(store, below->context, c, &flags));
    assert_true(CertCloseStore(two, CERT_CLOSE_STORE_CHECK_FLAG));
}

enum {
    SIGNATURE = CERT_STORE_SIGNATURE_FLAG,
    TIME = CERT_STORE_TIME_VALIDITY_FLAG,
    REVOCATION = CERT_STORE_REVOCATION_FLAG,
    ALL = SIGNATURE | TIME | REVOCATION
};

static DWORD checked(HCERTSTORE where, const struct zoo_cert *subject, DWORD flags)
{
    PCCERT_CONTEXT c = CertGetIssuerCertificateFromStore(where, subject->context, NULL, &flags);
    assert_true(c != NULL || GetLastError() == (DWORD)CRYPT_E_SELF_SIGNED);
    if (c != NULL) {
        DWORD again = flags & ALL;
        assert_true(CertVerifySubjectCertificateContext(subject->context, c, &again));
        CertFreeCertificateContext(c);
    }
    return flags;
}

static void checks(void **state)
{
    int64_t now = (int64_t)time(NULL);
    (void)state;
    const struct zoo_cert *current = ZOO(.name = "current", .issuer = root, .authority = ZOO_END,
                                         .not_before = now - 1000, .not_after = now + 100000);
    const struct zoo_cert *forged =
        ZOO(.name = "forged", .issuer = root, .authority = ZOO_END, .breaks_signature = true);
    const struct zoo_cert *past = ZOO(.name = "past", .issuer = root, .authority = ZOO_END,
                                      .not_before = now - 1000, .not_after = now - 10);
    assert_int_equal(checked(store, current, 0), 0);
    assert_int_equal(checked(store, current, SIGNATURE | TIME), 0);
    assert_int_equal(checked(store, forged, SIGNATURE), SIGNATURE);
    assert_int_equal(checked(store, forged, 0), 0); /* what is not asked for is not told */
    assert_int_equal(checked(store, past, SIGNATURE | TIME), TIME);
    assert_int_equal(checked(store, current, ALL), REVOCATION | CERT_STORE_NO_CRL_FLAG); /* X13 */
    assert_int_equal(checked(store, root, SIGNATURE | TIME), TIME); /* not yet valid */
    assert_int_equal(checked(store, root, SIGNATURE), 0);
}

static void verify_arguments(void **state)
{
    DWORD flags = TIME;
    (void)state;
    assert_true(CertVerifySubjectCertificateContext(server->context, NULL, &flags));
    assert_int_equal(flags, TIME | CERT_STORE_NO_ISSUER_FLAG);
    flags = SIGNATURE;
    FAILS(E_INVALIDARG, CertVerifySubjectCertificateContext(server->context, NULL, &flags));
    FAILS(E_INVALIDARG, CertVerifySubjectCertificateContext(NULL, root->context, &flags));
    FAILS(E_INVALIDARG, CertVerifySubjectCertificateContext(server->context, root->context, NULL));
    flags = CERT_STORE_NO_CRL_FLAG;
    FAILS(E_INVALIDARG,
          CertVerifySubjectCertificateContext(server->context, root->context, &flags));
    flags = SIGNATURE;
    assert_true(CertVerifySubjectCertificateContext(server->context, root->context, &flags));
    assert_int_equal(flags, 0);
    flags = SIGNATURE;
    assert_true(CertVerifySubjectCertificateContext(server->context, narrow->context, &flags));
    assert_int_equal(flags, SIGNATURE);
}

static void revoked(void **state)
{
    (void)state;
    HCERTSTORE lists = zoo_store(root, NULL);
    struct zoo_der list = LIST(.issuer = root, .entries = {{.cert = server}});
    zoo_add_list(lists, &list);
    assert_int_equal(checked(lists, server, REVOCATION), REVOCATION);
    assert_int_equal(checked(lists, client, REVOCATION), 0);
    CertCloseStore(lists, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usages),     cmocka_unit_test(attributes),       cmocka_unit_test(hashes),
        cmocka_unit_test(hash_texts), cmocka_unit_test(identifiers),      cmocka_unit_test(others),
        cmocka_unit_test(archived),   cmocka_unit_test(subjects),         cmocka_unit_test(issuers),
        cmocka_unit_test(checks),     cmocka_unit_test(verify_arguments), cmocka_unit_test(revoked),
    };
    return cmocka_run_group_tests(tests, open_zoo, close_zoo);
}
