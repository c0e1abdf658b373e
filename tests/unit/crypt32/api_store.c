/* SPDX-License-Identifier: MIT */
/*
 * The public functions of stores, finding and properties: good, each bad, NULL, boundaries and last
 * errors. certificates.md 2 to 4, observed.md 17.1 and 17.2.
 */
#include "zoo.h"

static const struct zoo_cert *root;
static const struct zoo_cert *leaf;
static const struct zoo_cert *other;

static int open_zoo(void **state)
{
    (void)state;
    zoo_open();
    root = ZOO(.name = "Root Authority");
    leaf = ZOO(.name = "leaf.test", .issuer = root, .authority = ZOO_END,
               .extensions = {{"subjectKeyIdentifier", "0102030405"}});
    other = ZOO(.name = "other", .kind = ZOO_RSA, .authority = ZOO_END);
    return 0;
}

static int close_zoo(void **state)
{
    (void)state;
    roots_use_bundle(NULL); /* forgets the system's */
    zoo_close();
    return 0;
}

#define FAILS(code, call)                                                                          \
    do {                                                                                           \
        SetLastError(0);                                                                           \
        assert_false(call);                                                                        \
        assert_int_equal(GetLastError(), (DWORD)(code));                                           \
    } while (0)

static int count_entries(HCERTSTORE store)
{
    int n = 0;
    for (PCCERT_CONTEXT c = NULL; (c = CertEnumCertificatesInStore(store, c)) != NULL;)
        n++;
    assert_int_equal(GetLastError(), (DWORD)CRYPT_E_NOT_FOUND);
    return n;
}

/* ---- opening and closing --------------------------------------------------------------- */

static void providers(void **state)
{
    enum { USER = CERT_SYSTEM_STORE_CURRENT_USER, MACHINE = CERT_SYSTEM_STORE_LOCAL_MACHINE };
    CRYPT_DATA_BLOB nothing = {0};
    const struct {
        LPCSTR provider;
        const void *para;
        DWORD flags;
        DWORD error; /* 0: opens */
    } rows[] = {
        {CERT_STORE_PROV_MEMORY, NULL, 0, 0},
        {CERT_STORE_PROV_MEMORY, "ignored", CERT_STORE_READONLY_FLAG, 0},
        {CERT_STORE_PROV_MEMORY, NULL, CERT_STORE_DELETE_FLAG, ERROR_CALL_NOT_IMPLEMENTED},
        {"Memory", NULL, 0, 0},
        {"mEmOrY", NULL, 0, 0},
        {"", NULL, 0, ERROR_FILE_NOT_FOUND},
        {"Memory ", NULL, 0, ERROR_FILE_NOT_FOUND},
        {NULL, NULL, 0, ERROR_FILE_NOT_FOUND},
        {CERT_STORE_PROV_MSG, NULL, 0, ERROR_FILE_NOT_FOUND},
        {CERT_STORE_PROV_FILE, NULL, 0, ERROR_FILE_NOT_FOUND},
        {CERT_STORE_PROV_REG, NULL, 0, ERROR_FILE_NOT_FOUND},
        {CERT_STORE_PROV_PHYSICAL, u"MY", USER, ERROR_FILE_NOT_FOUND},
        {"Ldap", NULL, 0, ERROR_FILE_NOT_FOUND},
        {CERT_STORE_PROV_COLLECTION, NULL, 0, 0},
        {"Collection", NULL, 0, 0},
        {CERT_STORE_PROV_COLLECTION, NULL, CERT_STORE_DELETE_FLAG, ERROR_CALL_NOT_IMPLEMENTED},
        {CERT_STORE_PROV_PKCS7, NULL, 0, (DWORD)E_INVALIDARG},
        {CERT_STORE_PROV_PKCS7, &nothing, 0, (DWORD)CRYPT_E_ASN1_BADTAG},
        {"PKCS7", NULL, 0, (DWORD)E_INVALIDARG},
        {CERT_STORE_PROV_SERIALIZED, NULL, 0, (DWORD)E_INVALIDARG},
        {"Serialized", &nothing, 0, (DWORD)CRYPT_E_FILE_ERROR},
        {CERT_STORE_PROV_PKCS12, NULL, 0, ERROR_INVALID_PARAMETER}, /* X34 */
        {"PKCS12", NULL, 0, ERROR_INVALID_PARAMETER},
        {CERT_STORE_PROV_FILENAME_A, NULL, 0, ERROR_FILE_NOT_FOUND},
        {CERT_STORE_PROV_FILENAME_W, NULL, 0, ERROR_FILE_NOT_FOUND},
        {"File", u"/dev/null/nothing", 0, ERROR_FILE_NOT_FOUND},
        {(LPCSTR)0xFFFF, NULL, 0, ERROR_FILE_NOT_FOUND},
        {CERT_STORE_PROV_SYSTEM_A, "ROOT", USER, 0},
        {CERT_STORE_PROV_SYSTEM_A, "root", USER, 0},
        {CERT_STORE_PROV_SYSTEM_A, "MY", USER, 0},
        {CERT_STORE_PROV_SYSTEM_A, "My", MACHINE, 0},
        {CERT_STORE_PROV_SYSTEM_A, "My", 0, ERROR_FILE_NOT_FOUND}, /* no location */
        {CERT_STORE_PROV_SYSTEM_A, "My", USER | MACHINE, ERROR_FILE_NOT_FOUND},
        {CERT_STORE_PROV_SYSTEM_A, "My", CERT_SYSTEM_STORE_USERS, ERROR_FILE_NOT_FOUND},
        {CERT_STORE_PROV_SYSTEM_REGISTRY_A, "My", 0, (DWORD)E_INVALIDARG},
        {CERT_STORE_PROV_SYSTEM_REGISTRY_A, "My", USER, 0},
        {"SystemRegistry", u"My", USER, 0},
        {CERT_STORE_PROV_SYSTEM_A, "", USER, ERROR_FILE_NOT_FOUND},
        {CERT_STORE_PROV_SYSTEM_A, "..", USER, ERROR_FILE_NOT_FOUND},
        {CERT_STORE_PROV_SYSTEM_A, "a/b", USER, ERROR_FILE_NOT_FOUND},
        {CERT_STORE_PROV_SYSTEM_A, "service\\MY", USER, ERROR_FILE_NOT_FOUND},
        {CERT_STORE_PROV_SYSTEM_A, NULL, USER, ERROR_FILE_NOT_FOUND},
        {CERT_STORE_PROV_SYSTEM_W, u"Root", USER, 0},
        {CERT_STORE_PROV_SYSTEM_W, u"Roots", USER | CERT_STORE_OPEN_EXISTING_FLAG,
         ERROR_FILE_NOT_FOUND},
        {CERT_STORE_PROV_SYSTEM_W, u"Roots", USER | CERT_STORE_READONLY_FLAG, ERROR_FILE_NOT_FOUND},
        {CERT_STORE_PROV_SYSTEM_W, u"MY", USER | CERT_STORE_CREATE_NEW_FLAG, ERROR_FILE_EXISTS},
        {CERT_STORE_PROV_SYSTEM_W, NULL, USER, ERROR_FILE_NOT_FOUND},           /* X33 */
        {CERT_STORE_PROV_SYSTEM_W, "My Store\0\0", USER, ERROR_FILE_NOT_FOUND}, /* X33 */
        {CERT_STORE_PROV_SYSTEM, u"ROOT", USER, 0},
        {"System", u"ROOT", USER, 0},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        SetLastError(0);
        HCERTSTORE store = CertOpenStore(rows[i].provider, 0, 0, rows[i].flags, rows[i].para);
        if ((store == NULL) != (rows[i].error != 0) ||
            (store == NULL && GetLastError() != rows[i].error))
            print_message("row %zu: %08x\n", i, (unsigned)GetLastError());
        assert_int_equal(store == NULL, rows[i].error != 0);
        if (store == NULL)
            assert_int_equal(GetLastError(), rows[i].error);
        assert_true(CertCloseStore(store, CERT_CLOSE_STORE_CHECK_FLAG));
    }
    FAILS(E_INVALIDARG, CertOpenSystemStoreA(0, NULL)); /* X33 */
    FAILS(E_INVALIDARG, CertOpenSystemStoreW(0, NULL));
    HCERTSTORE store = CertOpenSystemStoreW(0, (const WCHAR *)u"ROOT");
    assert_non_null(store);
    CertCloseStore(store, 0);
    mem_fail_at(1, false);
    FAILS(ERROR_NOT_ENOUGH_MEMORY, CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL));
    mem_fail_at(0, false);
}

static void closing(void **state)
{
    (void)state;
    HCERTSTORE store = zoo_store(root, NULL);
    assert_true(CertCloseStore(NULL, 0)); /* X30 */
    assert_ptr_equal(CertDuplicateStore(store), store);
    assert_null(CertDuplicateStore(NULL));
    PCCERT_CONTEXT held = CertEnumCertificatesInStore(store, NULL);
    FAILS(CRYPT_E_PENDING_CLOSE, CertCloseStore(store, CERT_CLOSE_STORE_CHECK_FLAG)); /* X31 */
    assert_true(CertCloseStore(store, CERT_CLOSE_STORE_FORCE_FLAG));
    assert_ptr_equal(held->hCertStore, store); /* the context keeps it */
    assert_int_equal(held->cbCertEncoded, root->der_len);
    CertFreeCertificateContext(held);
    /* The store of a free-standing context: there, empty, not to be closed (X2). */
    HCERTSTORE nowhere = root->context->hCertStore;
    assert_non_null(nowhere);
    assert_int_equal(count_entries(nowhere), 0);
    FAILS(E_UNEXPECTED, CertCloseStore(nowhere, 0));
    FAILS(ERROR_ACCESS_DENIED,
          CertAddCertificateContextToStore(nowhere, root->context, CERT_STORE_ADD_NEW, NULL));
    int junk[64] = {0};
    FAILS(E_UNEXPECTED, CertCloseStore(junk, 0));
}

/* ---- adding ---------------------------------------------------------------------------- */

enum { MARK = CERT_FIRST_USER_PROP_ID };

static void mark(PCCERT_CONTEXT context, DWORD id, BYTE value)
{
    CRYPT_DATA_BLOB blob = {.cbData = 1, .pbData = &value};
    assert_true(CertSetCertificateContextProperty(context, id, 0, &blob));
}

/* The value, or -1. */
static int marked(PCCERT_CONTEXT context, DWORD id)
{
    BYTE value = 0;
    DWORD size = 1;
    return CertGetCertificateContextProperty(context, id, &value, &size) ? value : -1;
}

/* A store with the root marked 1 gets the root marked 2 and with another mark. */
static void dispositions(void **state)
{
    static const struct {
        DWORD disposition;
        DWORD error;
        int entries;
        int first;  /* MARK of the result */
        int second; /* MARK + 1: only the new one has it */
        int third;  /* MARK + 2: only the old one has it */
    } rows[] = {
        {0, (DWORD)E_INVALIDARG, 1, 0, 0, 0}, /* X7 */
        {8, (DWORD)E_INVALIDARG, 1, 0, 0, 0},
        {UINT32_MAX, (DWORD)E_INVALIDARG, 1, 0, 0, 0},
        {CERT_STORE_ADD_NEW, (DWORD)CRYPT_E_EXISTS, 1, 0, 0, 0}, /* X6 */
        {CERT_STORE_ADD_USE_EXISTING, 0, 1, 1, 2, 1},
        {CERT_STORE_ADD_REPLACE_EXISTING, 0, 1, 2, 2, -1},
        {CERT_STORE_ADD_ALWAYS, 0, 2, 2, 2, -1},
        {CERT_STORE_ADD_REPLACE_EXISTING_INHERIT_PROPERTIES, 0, 1, 2, 2, 1},
        {CERT_STORE_ADD_NEWER, (DWORD)CRYPT_E_EXISTS, 1, 0, 0, 0},
        {CERT_STORE_ADD_NEWER_INHERIT_PROPERTIES, (DWORD)CRYPT_E_EXISTS, 1, 0, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        HCERTSTORE store = zoo_store(root, NULL);
        PCCERT_CONTEXT old = CertEnumCertificatesInStore(store, NULL);
        mark(old, MARK, 1);
        mark(old, MARK + 2, 1);
        CertFreeCertificateContext(old);
        PCCERT_CONTEXT added = NULL;
        PCCERT_CONTEXT again =
            CertCreateCertificateContext(X509_ASN_ENCODING, root->der, (DWORD)root->der_len);
        mark(again, MARK, 2);
        mark(again, MARK + 1, 2);
        SetLastError(0);
        BOOL done = CertAddCertificateContextToStore(store, again, rows[i].disposition, &added);
        assert_int_equal(done, rows[i].error == 0);
        assert_int_equal(count_entries(store), rows[i].entries);
        if (done) {
            assert_ptr_equal(added->hCertStore, store);
            assert_int_equal(marked(added, MARK), rows[i].first);
            assert_int_equal(marked(added, MARK + 1), rows[i].second);
            assert_int_equal(marked(added, MARK + 2), rows[i].third);
            CertFreeCertificateContext(added);
        } else {
            assert_null(added);
        }
        CertFreeCertificateContext(again);
        assert_true(CertCloseStore(store, CERT_CLOSE_STORE_CHECK_FLAG));
    }
}

static void newer(void **state)
{
    (void)state;
    const struct zoo_cert *old = ZOO(.name = "same", .not_before = ZOO_NOW - 100);
    const struct zoo_cert *young = ZOO(.name = "same", .not_before = ZOO_NOW - 50);
    HCERTSTORE store = zoo_store(old, NULL);
    assert_true(
        CertAddCertificateContextToStore(store, young->context, CERT_STORE_ADD_NEWER, NULL));
    assert_int_equal(count_entries(store), 1);
    FAILS(CRYPT_E_EXISTS,
          CertAddCertificateContextToStore(store, old->context, CERT_STORE_ADD_NEWER, NULL));
    assert_true(
        CertAddCertificateContextToStore(store, other->context, CERT_STORE_ADD_NEWER, NULL));
    assert_int_equal(count_entries(store), 2);
    CertCloseStore(store, 0);
}

static void adding_arguments(void **state)
{
    PCCERT_CONTEXT added = NULL;
    int junk[64] = {0};
    (void)state;
    HCERTSTORE store = zoo_store(NULL);
    FAILS(E_INVALIDARG, CertAddCertificateContextToStore(store, NULL, CERT_STORE_ADD_NEW, NULL));
    FAILS(E_INVALIDARG,
          CertAddCertificateContextToStore(junk, root->context, CERT_STORE_ADD_NEW, NULL));
    FAILS(E_INVALIDARG, CertAddEncodedCertificateToStore(store, 0, root->der, (DWORD)root->der_len,
                                                         CERT_STORE_ADD_NEW, NULL));
    FAILS(CRYPT_E_ASN1_EOD, CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, NULL, 0,
                                                             CERT_STORE_ADD_NEW, NULL));
    FAILS(CRYPT_E_ASN1_BADTAG, CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, root->der,
                                                                10, CERT_STORE_ADD_NEW, NULL));
    assert_int_equal(count_entries(store), 0);
    /* X5: without a store there is only a context. */
    assert_true(CertAddEncodedCertificateToStore(NULL, X509_ASN_ENCODING, root->der,
                                                 (DWORD)root->der_len, CERT_STORE_ADD_NEW, &added));
    assert_non_null(added);
    CertFreeCertificateContext(added);
    assert_true(CertAddCertificateContextToStore(NULL, root->context, CERT_STORE_ADD_NEW, NULL));
    /* X4: a copy with a count of its own. */
    assert_true(CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, root->der,
                                                 (DWORD)root->der_len, CERT_STORE_ADD_NEW, &added));
    assert_ptr_not_equal(added, root->context);
    CertFreeCertificateContext(added);
    CertCloseStore(store, 0);
}

static void adding_without_memory(void **state)
{
    (void)state;
    HCERTSTORE store = zoo_store(leaf, other, NULL);
    static const DWORD all[] = {CERT_STORE_ADD_ALWAYS,
                                CERT_STORE_ADD_REPLACE_EXISTING_INHERIT_PROPERTIES};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        for (uint64_t n = 1;; n++) {
            int64_t live = mem_live();
            mem_fail_at(n, false);
            BOOL done = CertAddCertificateContextToStore(store, leaf->context, all[i], NULL);
            mem_fail_at(0, false);
            if (done)
                break;
            assert_int_equal(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
            assert_int_equal(mem_live(), live);
            assert_int_equal(count_entries(store), i == 0 ? 2 : 3);
        }
    }
    CertCloseStore(store, 0);
}

static void deleting(void **state)
{
    (void)state;
    HCERTSTORE store = zoo_store(root, leaf, other, NULL);
    assert_true(CertDeleteCertificateFromStore(NULL));
    PCCERT_CONTEXT first = CertEnumCertificatesInStore(store, NULL);
    assert_true(CertDeleteCertificateFromStore(CertDuplicateCertificateContext(first)));
    assert_int_equal(count_entries(store), 2);
    /* The context lives on, and a second time changes nothing. */
    assert_int_equal(first->cbCertEncoded, root->der_len);
    assert_true(CertDeleteCertificateFromStore(first));
    assert_int_equal(count_entries(store), 2);
    CertCloseStore(store, 0);
    assert_true(CertDeleteCertificateFromStore(CertDuplicateCertificateContext(root->context)));
}

/* ---- finding --------------------------------------------------------------------------- */

static int found(HCERTSTORE store, DWORD type, const void *para)
{
    int n = 0;
    SetLastError(0);
    for (PCCERT_CONTEXT c = NULL;
         (c = CertFindCertificateInStore(store, X509_ASN_ENCODING, 0, type, para, c)) != NULL;)
        n++;
    return GetLastError() == (DWORD)CRYPT_E_NOT_FOUND ? n : -1;
}

static void finding(void **state)
{
    (void)state;
    HCERTSTORE store = zoo_store(root, leaf, other, NULL);
    const CERT_INFO *info = leaf->context->pCertInfo;
    CRYPT_HASH_BLOB sha1 = {.cbData = 20, .pbData = (BYTE[20]){0}};
    CRYPT_HASH_BLOB sha256 = {.cbData = 32, .pbData = (BYTE[32]){0}};
    CRYPT_HASH_BLOB wrong = {.cbData = 20, .pbData = (BYTE[20]){1}};
    CRYPT_HASH_BLOB none = {0};
    CRYPT_HASH_BLOB id = {.cbData = 5, .pbData = (BYTE[]){1, 2, 3, 4, 5}};
    DWORD mark_id = MARK;
    assert_true(CertGetCertificateContextProperty(leaf->context, CERT_SHA1_HASH_PROP_ID,
                                                  sha1.pbData, &sha1.cbData));
    assert_true(CertGetCertificateContextProperty(leaf->context, CERT_SHA256_HASH_PROP_ID,
                                                  sha256.pbData, &sha256.cbData));
    const struct {
        DWORD type;
        const void *para;
        int count; /* -1: E_INVALIDARG */
    } rows[] = {
        {CERT_FIND_ANY, NULL, 3},
        {CERT_FIND_SHA1_HASH, &sha1, 1},
        {CERT_FIND_HASH, &wrong, 0},
        {CERT_FIND_SHA1_HASH, &none, 0},
        {CERT_FIND_SHA1_HASH, &sha256, 0},
        {CERT_FIND_SHA1_HASH, NULL, -1},
        {22 << CERT_COMPARE_SHIFT, &sha256, 1},
        {CERT_FIND_SUBJECT_NAME, &info->Subject, 1},
        {CERT_FIND_SUBJECT_NAME, &info->Issuer, 1},
        {CERT_FIND_ISSUER_NAME, &info->Issuer, 2},
        {CERT_FIND_ISSUER_NAME, &info->Subject, 0},
        {CERT_FIND_ISSUER_NAME, NULL, -1},
        {CERT_FIND_SUBJECT_STR_A, "LEAF", 1},
        {CERT_FIND_SUBJECT_STR_A, "leaf.test", 1},
        {CERT_FIND_SUBJECT_STR_A, "leaf.test ", 0},
        {CERT_FIND_SUBJECT_STR_A, "", 3},
        {CERT_FIND_SUBJECT_STR_A, NULL, 3}, /* X11 */
        {CERT_FIND_SUBJECT_STR_W, u"eaf", 1},
        {CERT_FIND_SUBJECT_STR_W, u"CN=leaf", 0}, /* the simple form has no keys */
        {CERT_FIND_ISSUER_STR_A, "authority", 2},
        {CERT_FIND_ISSUER_STR_W, u"root auth", 2},
        {CERT_FIND_ISSUER_STR_W, NULL, 3},
        {CERT_FIND_SUBJECT_CERT, info, 1},
        {CERT_FIND_SUBJECT_CERT, NULL, -1},
        {CERT_FIND_EXISTING, leaf->context, 1},
        {CERT_FIND_EXISTING, NULL, -1},
        {CERT_FIND_ISSUER_OF, leaf->context, 1},
        {CERT_FIND_ISSUER_OF, other->context, 1},
        {CERT_FIND_PUBLIC_KEY, &info->SubjectPublicKeyInfo, 1},
        {CERT_FIND_PUBLIC_KEY, NULL, -1},
        {CERT_FIND_KEY_IDENTIFIER, &id, 1},
        {CERT_FIND_KEY_IDENTIFIER, &wrong, 0},
        {CERT_FIND_PROPERTY, &mark_id, 0},
        {CERT_FIND_HAS_PRIVATE_KEY, NULL, 0},
        {CERT_FIND_CROSS_CERT_DIST_POINTS, NULL, 0},
        {0x7FFF0000, NULL, -1},
        {1, NULL, -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int n = found(store, rows[i].type, rows[i].para);
        if (n != rows[i].count)
            print_message("row %zu: %d\n", i, n);
        assert_int_equal(n, rows[i].count);
        if (rows[i].count < 0)
            assert_int_equal(GetLastError(), (DWORD)E_INVALIDARG);
    }
    PCCERT_CONTEXT first = CertEnumCertificatesInStore(store, NULL);
    mark(first, MARK, 1);
    assert_int_equal(found(store, CERT_FIND_PROPERTY, &mark_id), 1);
    CertFreeCertificateContext(first);
    CertCloseStore(store, 0);
}

static void long_search_text(void **state)
{
    char text[300];
    (void)state;
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = 0;
    HCERTSTORE store = zoo_store(root, NULL);
    assert_int_equal(found(store, CERT_FIND_SUBJECT_STR_A, text), 0);
    mem_fail_at(1, false);
    FAILS(ERROR_NOT_ENOUGH_MEMORY, CertFindCertificateInStore(store, X509_ASN_ENCODING, 0,
                                                              CERT_FIND_SUBJECT_STR_A, "a", NULL));
    mem_fail_at(0, false);
    CertCloseStore(store, 0);
}

/* The previous context is freed in each case, also when it does not belong to the store. */
static void previous_contexts(void **state)
{
    (void)state;
    HCERTSTORE store = zoo_store(root, leaf, NULL);
    HCERTSTORE stranger = zoo_store(root, NULL);
    PCCERT_CONTEXT foreign = CertEnumCertificatesInStore(stranger, NULL);
    FAILS(E_INVALIDARG, CertEnumCertificatesInStore(store, foreign));
    assert_true(CertCloseStore(stranger, CERT_CLOSE_STORE_CHECK_FLAG));
    FAILS(E_INVALIDARG, CertEnumCertificatesInStore(NULL, NULL));
    FAILS(E_INVALIDARG,
          CertEnumCertificatesInStore(NULL, CertEnumCertificatesInStore(store, NULL)));
    /* One that was taken out meanwhile still leads to the one behind it. */
    PCCERT_CONTEXT first = CertEnumCertificatesInStore(store, NULL);
    CertDeleteCertificateFromStore(CertDuplicateCertificateContext(first));
    PCCERT_CONTEXT second = CertEnumCertificatesInStore(store, first);
    assert_non_null(second);
    assert_memory_equal(second->pbCertEncoded, leaf->der, second->cbCertEncoded);
    FAILS(CRYPT_E_NOT_FOUND, CertEnumCertificatesInStore(store, second));
    assert_true(CertCloseStore(store, CERT_CLOSE_STORE_CHECK_FLAG));
}

/* ---- properties ------------------------------------------------------------------------ */

static void property_sizes(void **state)
{
    BYTE value[4] = {1, 2, 3, 4};
    BYTE back[5] = {0};
    CRYPT_DATA_BLOB blob = {.cbData = 4, .pbData = value};
    DWORD size = 99;
    (void)state;
    PCCERT_CONTEXT c = ZOO(.name = "sizes")->context;
    FAILS(CRYPT_E_NOT_FOUND, CertGetCertificateContextProperty(c, MARK, NULL, &size)); /* X9 */
    assert_true(CertSetCertificateContextProperty(c, MARK, 0, &blob));
    assert_true(CertGetCertificateContextProperty(c, MARK, NULL, &size));
    assert_int_equal(size, 4);
    size = 3;
    FAILS(ERROR_MORE_DATA, CertGetCertificateContextProperty(c, MARK, back, &size));
    assert_int_equal(size, 4);
    assert_int_equal(back[0], 0);
    size = 5;
    assert_true(CertGetCertificateContextProperty(c, MARK, back, &size));
    assert_int_equal(size, 4);
    assert_memory_equal(back, "\1\2\3\4\0", 5);
    blob.cbData = 0;
    assert_true(CertSetCertificateContextProperty(c, MARK, 0, &blob));
    assert_true(CertGetCertificateContextProperty(c, MARK, back, &size));
    assert_int_equal(size, 0);
    assert_true(CertSetCertificateContextProperty(c, MARK, 0, NULL));
    FAILS(CRYPT_E_NOT_FOUND, CertGetCertificateContextProperty(c, MARK, NULL, &size));
    assert_true(CertSetCertificateContextProperty(c, MARK, 0, NULL));
}

static void property_arguments(void **state)
{
    BYTE byte = 1;
    CRYPT_DATA_BLOB null = {.cbData = 1};
    CRYPT_DATA_BLOB huge = {.cbData = (1 << 20) + 1, .pbData = &byte};
    CRYPT_DATA_BLOB good = {.cbData = 1, .pbData = &byte};
    DWORD size = 0;
    (void)state;
    PCCERT_CONTEXT c = leaf->context;
    FAILS(E_INVALIDARG, CertGetCertificateContextProperty(NULL, MARK, NULL, &size));
    FAILS(E_INVALIDARG, CertGetCertificateContextProperty(c, MARK, NULL, NULL));
    FAILS(E_INVALIDARG, CertSetCertificateContextProperty(NULL, MARK, 0, &good));
    FAILS(E_INVALIDARG, CertSetCertificateContextProperty(c, 0, 0, &good));
    FAILS(E_INVALIDARG, CertSetCertificateContextProperty(c, MARK, 0, &null));
    FAILS(E_INVALIDARG, CertSetCertificateContextProperty(c, MARK, 0, &huge));
    mem_fail_at(1, false);
    FAILS(ERROR_NOT_ENOUGH_MEMORY, CertSetCertificateContextProperty(c, MARK, 0, &good));
    mem_fail_at(0, false);
}

static void computed_properties(void **state)
{
    BYTE hash[64];
    BYTE expected[EVP_MAX_MD_SIZE];
    DWORD size = sizeof hash;
    unsigned n;
    (void)state;
    PCCERT_CONTEXT c = leaf->context;
    EVP_Digest(leaf->der, (size_t)leaf->der_len, expected, &n, EVP_sha1(), NULL);
    assert_true(CertGetCertificateContextProperty(c, CERT_HASH_PROP_ID, hash, &size));
    assert_int_equal(size, 20);
    assert_memory_equal(hash, expected, 20);
    size = sizeof hash;
    EVP_Digest(leaf->der, (size_t)leaf->der_len, expected, &n, EVP_sha256(), NULL);
    assert_true(CertGetCertificateContextProperty(c, CERT_SHA256_HASH_PROP_ID, hash, &size));
    assert_int_equal(size, 32);
    assert_memory_equal(hash, expected, 32);
    size = 31;
    FAILS(ERROR_MORE_DATA,
          CertGetCertificateContextProperty(c, CERT_SHA256_HASH_PROP_ID, hash, &size));
    assert_int_equal(size, 32);
    size = sizeof hash;
    assert_true(CertGetCertificateContextProperty(c, CERT_KEY_IDENTIFIER_PROP_ID, hash, &size));
    assert_int_equal(size, 5);
    assert_memory_equal(hash, "\1\2\3\4\5", 5);
    size = sizeof hash; /* without the extension: SHA-1 of the key */
    assert_true(
        CertGetCertificateContextProperty(root->context, CERT_KEY_IDENTIFIER_PROP_ID, hash, &size));
    assert_int_equal(size, 20);
    /* X8: a stored value wins, deleting it brings the computed one back. */
    CRYPT_DATA_BLOB own = {.cbData = 3, .pbData = (BYTE[]){7, 8, 9}};
    PCCERT_CONTEXT mine = ZOO(.name = "own hash")->context;
    assert_true(CertSetCertificateContextProperty(mine, CERT_HASH_PROP_ID, 0, &own));
    size = sizeof hash;
    assert_true(CertGetCertificateContextProperty(mine, CERT_HASH_PROP_ID, hash, &size));
    assert_int_equal(size, 3);
    assert_true(CertSetCertificateContextProperty(mine, CERT_HASH_PROP_ID, 0, NULL));
    size = sizeof hash;
    assert_true(CertGetCertificateContextProperty(mine, CERT_HASH_PROP_ID, hash, &size));
    assert_int_equal(size, 20);
}

/* Set through one reference, seen through the other. */
static void shared_properties(void **state)
{
    (void)state;
    HCERTSTORE store = zoo_store(root, NULL);
    PCCERT_CONTEXT one = CertEnumCertificatesInStore(store, NULL);
    PCCERT_CONTEXT two = CertEnumCertificatesInStore(store, NULL);
    assert_ptr_equal(one, two);
    mark(one, MARK, 5);
    CertFreeCertificateContext(one);
    assert_int_equal(marked(two, MARK), 5);
    CertFreeCertificateContext(two);
    /* And it stays with the entry while nobody holds it. */
    two = CertEnumCertificatesInStore(store, NULL);
    assert_int_equal(marked(two, MARK), 5);
    assert_int_equal(marked(root->context, MARK), -1);
    CertFreeCertificateContext(two);
    CertCloseStore(store, 0);
}

static void positive_control(void **state)
{
    (void)state;
    HCERTSTORE store = zoo_store(root, leaf, NULL);
    assert_int_not_equal(found(store, CERT_FIND_ANY, NULL), 3);
    assert_int_not_equal(found(store, 0x7FFF0000, NULL), 0);
    assert_int_not_equal(marked(root->context, MARK), 0);
    CertCloseStore(store, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(providers),
        cmocka_unit_test(closing),
        cmocka_unit_test(dispositions),
        cmocka_unit_test(newer),
        cmocka_unit_test(adding_arguments),
        cmocka_unit_test(adding_without_memory),
        cmocka_unit_test(deleting),
        cmocka_unit_test(finding),
        cmocka_unit_test(long_search_text),
        cmocka_unit_test(previous_contexts),
        cmocka_unit_test(property_sizes),
        cmocka_unit_test(property_arguments),
        cmocka_unit_test(computed_properties),
        cmocka_unit_test(shared_properties),
        cmocka_unit_test(positive_control),
    };
    return cmocka_run_group_tests(tests, open_zoo, close_zoo);
}
