/* SPDX-License-Identifier: MIT */
/*
 * Elements, serialized stores, PKCS #7 and #12, files: round trips, the layout byte by byte, and
 * every truncation.
 */
#include <sys/stat.h>
#include <unistd.h>

#include <libschannel.h>

#include "store_support.h"

static const struct zoo_cert *root;
static const struct zoo_cert *leaf;
static char folder[64] = "/tmp/schannel-test-XXXXXX";

static int open_zoo(void **state)
{
    (void)state;
    zoo_open();
    root = ZOO(.name = "root");
    leaf = ZOO(.name = "leaf", .issuer = root, .authority = ZOO_END);
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int close_zoo(void **state)
{
    (void)state;
    zoo_close();
    return rmdir(folder);
}

static const char *path_of(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* ---- elements -------------------------------------------------------------------------- */

static void put32(BYTE *p, DWORD value)
{
    for (int i = 0; i < 4; i++)
        p[i] = (BYTE)(value >> 8 * i);
}

static BYTE *element_of(PCCERT_CONTEXT context, DWORD *size)
{
    static BYTE bytes[8192];
    *size = 0;
    assert_true(CertSerializeCertificateStoreElement(context, 0, NULL, size));
    assert_true(*size < sizeof bytes);
    DWORD small = *size - 1;
    FAILS(ERROR_MORE_DATA, CertSerializeCertificateStoreElement(context, 0, bytes, &small));
    assert_int_equal(small, *size);
    assert_true(CertSerializeCertificateStoreElement(context, 0, bytes, size));
    return bytes;
}

static void layout(void **state)
{
    (void)state;
    DWORD size;
    BYTE expected[64];
    PCCERT_CONTEXT plain =
        CertCreateCertificateContext(X509_ASN_ENCODING, leaf->der, (DWORD)leaf->der_len);
    BYTE *bytes = element_of(plain, &size);
    put32(expected, 32);
    put32(expected + 4, X509_ASN_ENCODING);
    put32(expected + 8, (DWORD)leaf->der_len);
    assert_int_equal(size, 12 + leaf->der_len);
    assert_memory_equal(bytes, expected, 12);
    assert_memory_equal(bytes + 12, leaf->der, leaf->der_len);
    /* A property stands in front; handles do not. */
    assert_true(set_mark(plain, MARK, 9));
    bytes = element_of(plain, &size);
    put32(expected, MARK);
    put32(expected + 8, 1);
    assert_int_equal(size, 25 + leaf->der_len);
    assert_memory_equal(bytes, expected, 12);
    assert_int_equal(bytes[12], 9);
    CertFreeCertificateContext(plain);
}

/* CERT_KEY_PROV_INFO is a block of 28 bytes with offsets, and two texts. */
static void prov_info_layout(void **state)
{
    (void)state;
    DWORD size;
    BYTE head[28];
    CRYPT_KEY_PROV_INFO info = {.pwszContainerName = (WCHAR *)u"box",
                                .pwszProvName = (WCHAR *)u"maker",
                                .dwProvType = PROV_RSA_SCHANNEL,
                                .dwFlags = CRYPT_SILENT,
                                .dwKeySpec = AT_KEYEXCHANGE};
    PCCERT_CONTEXT context =
        CertCreateCertificateContext(X509_ASN_ENCODING, leaf->der, (DWORD)leaf->der_len);
    assert_true(CertSetCertificateContextProperty(context, CERT_KEY_PROV_INFO_PROP_ID, 0, &info));
    BYTE *bytes = element_of(context, &size);
    const DWORD values[] = {28, 36, PROV_RSA_SCHANNEL, CRYPT_SILENT, 0, 0, AT_KEYEXCHANGE};
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        put32(head + 4 * i, values[i]);
    assert_int_equal(size, 12 + 28 + 8 + 12 + 12 + leaf->der_len);
    assert_memory_equal(bytes + 12, head, sizeof head);
    assert_memory_equal(bytes + 40, u"box", 8);
    assert_memory_equal(bytes + 48, u"maker", 12);
    PCCERT_CONTEXT back = NULL;
    assert_true(CertAddSerializedElementToStore(NULL, bytes, size, CERT_STORE_ADD_NEW, 0,
                                                CERT_STORE_ALL_CONTEXT_FLAG, NULL,
                                                (const void **)&back));
    union {
        CRYPT_KEY_PROV_INFO info;
        BYTE room[256];
    } found;
    DWORD n = sizeof found;
    assert_true(CertGetCertificateContextProperty(back, CERT_KEY_PROV_INFO_PROP_ID, &found, &n));
    assert_int_equal(schannel_wcsicmp(found.info.pwszContainerName, (WCHAR *)u"box"), 0);
    assert_int_equal(schannel_wcsicmp(found.info.pwszProvName, (WCHAR *)u"maker"), 0);
    assert_int_equal(found.info.dwProvType, PROV_RSA_SCHANNEL);
    assert_int_equal(found.info.dwFlags, CRYPT_SILENT);
    assert_int_equal(found.info.dwKeySpec, AT_KEYEXCHANGE);
    CertFreeCertificateContext(back);
    /* Offsets that point elsewhere, texts without an end. */
    static const struct {
        size_t at;
        DWORD value;
    } flaws[] = {{12, 27}, {12, 1},    {12, 49}, {12, 0xFFFFFFFF},
                 {16, 47}, {16, 1000}, {8, 27},  {8, 0xFFFFFFFF}};
    for (size_t i = 0; i < ARRAY_LEN(flaws); i++) {
        BYTE *copy = mem_dup(bytes, size);
        put32(copy + flaws[i].at, flaws[i].value);
        if (flaws[i].at == 12 && flaws[i].value == 49)
            memset(copy + 12 + 49, 'x', 11); /* no NUL up to the end */
        back = NULL;
        FAILS(CRYPT_E_FILE_ERROR, CertAddSerializedElementToStore(
                                      NULL, copy, size, CERT_STORE_ADD_NEW, 0,
                                      CERT_STORE_ALL_CONTEXT_FLAG, NULL, (const void **)&back));
        assert_null(back);
        mem_free(copy);
    }
    CertFreeCertificateContext(context);
}

static BOOL add_element(HCERTSTORE store, const BYTE *bytes, DWORD size, DWORD kinds)
{
    return CertAddSerializedElementToStore(store, bytes, size, CERT_STORE_ADD_NEW, 0, kinds, NULL,
                                           NULL);
}

static void element_arguments(void **state)
{
    (void)state;
    int junk[64] = {0};
    DWORD size = 0;
    DWORD type = 0;
    const void *added = NULL;
    HCERTSTORE store = open_memory();
    FAILS(E_INVALIDARG, CertSerializeCertificateStoreElement(NULL, 0, NULL, &size));
    FAILS(E_INVALIDARG, CertSerializeCertificateStoreElement(leaf->context, 0, NULL, NULL));
    FAILS(E_INVALIDARG, CertSerializeCRLStoreElement(NULL, 0, NULL, &size));
    BYTE *bytes = element_of(leaf->context, &size);
    FAILS(ERROR_END_OF_MEDIA, add_element(store, NULL, 0, CERT_STORE_ALL_CONTEXT_FLAG));
    FAILS(E_INVALIDARG, add_element(store, NULL, 1, CERT_STORE_ALL_CONTEXT_FLAG));
    FAILS(E_INVALIDARG, add_element(junk, bytes, size, CERT_STORE_ALL_CONTEXT_FLAG));
    FAILS(E_INVALIDARG, add_element(store, bytes, size, CERT_STORE_CRL_CONTEXT_FLAG));
    FAILS(E_INVALIDARG, add_element(store, bytes, size, 0));
    FAILS(E_INVALIDARG, CertAddSerializedElementToStore(store, bytes, size, 0, 0,
                                                        CERT_STORE_ALL_CONTEXT_FLAG, NULL, NULL));
    assert_int_equal(count_entries(store), 0);
    assert_true(CertAddSerializedElementToStore(store, bytes, size, CERT_STORE_ADD_NEW, 0,
                                                CERT_STORE_CERTIFICATE_CONTEXT_FLAG, &type,
                                                &added));
    assert_int_equal(type, CERT_STORE_CERTIFICATE_CONTEXT);
    assert_true(is_cert(added, leaf));
    assert_ptr_equal(((PCCERT_CONTEXT)added)->hCertStore, store);
    CertFreeCertificateContext(added);
    FAILS(CRYPT_E_EXISTS, add_element(store, bytes, size, CERT_STORE_ALL_CONTEXT_FLAG));
    CertCloseStore(store, 0);
}

/* Nothing that is cut off or longer is taken, and nothing is left of it. */
static void element_truncations(void **state)
{
    (void)state;
    DWORD size;
    HCERTSTORE store = open_memory();
    PCCERT_CONTEXT context =
        CertCreateCertificateContext(X509_ASN_ENCODING, leaf->der, (DWORD)leaf->der_len);
    set_mark(context, MARK, 1);
    BYTE *bytes = element_of(context, &size);
    CertFreeCertificateContext(context);
    for (DWORD n = 1; n < size; n++) {
        BYTE *cut = mem_dup(bytes, n); /* so that a sanitizer sees the end */
        SetLastError(0);
        assert_false(add_element(store, cut, n, CERT_STORE_ALL_CONTEXT_FLAG));
        assert_int_equal(GetLastError(), (DWORD)CRYPT_E_FILE_ERROR);
        mem_free(cut);
    }
    BYTE *longer = mem_alloc(size + 12);
    memcpy(longer, bytes, size);
    FAILS(CRYPT_E_FILE_ERROR, add_element(store, longer, size + 12, CERT_STORE_ALL_CONTEXT_FLAG));
    FAILS(CRYPT_E_FILE_ERROR, add_element(store, longer, size + 1, CERT_STORE_ALL_CONTEXT_FLAG));
    mem_free(longer);
    assert_int_equal(count_entries(store), 0);
    assert_true(add_element(store, bytes, size, CERT_STORE_ALL_CONTEXT_FLAG)); /* the control */
    assert_int_equal(count_entries(store), 1);
    CertCloseStore(store, 0);
}

/* ---- stores ---------------------------------------------------------------------------- */

static CERT_BLOB saved(HCERTSTORE store, DWORD form)
{
    CERT_BLOB blob = {0};
    assert_true(CertSaveStore(store, X509_ASN_ENCODING, form, CERT_STORE_SAVE_TO_MEMORY, &blob, 0));
    blob.pbData = mem_alloc(blob.cbData);
    DWORD size = blob.cbData;
    if (form != CERT_STORE_SAVE_AS_PKCS12) { /* whose size differs each time */
        blob.cbData = size - 1;
        FAILS(ERROR_MORE_DATA,
              CertSaveStore(store, X509_ASN_ENCODING, form, CERT_STORE_SAVE_TO_MEMORY, &blob, 0));
        assert_int_equal(blob.cbData, size);
    }
    mem_free(blob.pbData);
    blob = (CERT_BLOB){.cbData = size + 64, .pbData = mem_alloc(size + 64)};
    assert_true(CertSaveStore(store, X509_ASN_ENCODING, form, CERT_STORE_SAVE_TO_MEMORY, &blob, 0));
    return blob;
}

static HCERTSTORE marked_store(void)
{
    HCERTSTORE store = zoo_store(root, leaf, NULL);
    PCCERT_CONTEXT context = find_in(store, leaf);
    assert_true(set_mark(context, MARK, 3));
    CertFreeCertificateContext(context);
    return store;
}

static void forms(void **state)
{
    static const struct {
        DWORD form;
        LPCSTR provider;
        int mark;
    } rows[] = {
        {CERT_STORE_SAVE_AS_STORE, CERT_STORE_PROV_SERIALIZED, 3},
        {CERT_STORE_SAVE_AS_PKCS7, CERT_STORE_PROV_PKCS7, -1},
        {CERT_STORE_SAVE_AS_PKCS12, CERT_STORE_PROV_PKCS12, -1},
    };
    (void)state;
    HCERTSTORE store = marked_store();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CERT_BLOB blob = saved(store, rows[i].form);
        for (int flags = 0; flags < 2; flags++) {
            HCERTSTORE back = CertOpenStore(rows[i].provider, 0, 0,
                                            flags != 0 ? CERT_STORE_READONLY_FLAG : 0, &blob);
            assert_non_null(back);
            assert_int_equal(count_entries(back), 2);
            assert_true(holds(back, root));
            PCCERT_CONTEXT context = find_in(back, leaf);
            assert_int_equal(get_mark(context, MARK), rows[i].mark);
            CertFreeCertificateContext(context);
            if (flags != 0)
                FAILS(ERROR_ACCESS_DENIED, add(back, root, CERT_STORE_ADD_ALWAYS));
            else
                assert_true(add(back, root, CERT_STORE_ADD_ALWAYS));
            assert_true(CertCloseStore(back, CERT_CLOSE_STORE_CHECK_FLAG));
        }
        mem_free(blob.pbData);
    }
    CertCloseStore(store, 0);
}

static void save_arguments(void **state)
{
    (void)state;
    CERT_BLOB blob = {0};
    HCERTSTORE store = marked_store();
    FAILS(E_INVALIDARG,
          CertSaveStore(NULL, 0, CERT_STORE_SAVE_AS_STORE, CERT_STORE_SAVE_TO_MEMORY, &blob, 0));
    FAILS(E_INVALIDARG, CertSaveStore(store, 0, 0, CERT_STORE_SAVE_TO_MEMORY, &blob, 0));
    FAILS(E_INVALIDARG, CertSaveStore(store, 0, CERT_STORE_SAVE_AS_STORE, 0, &blob, 0));
    FAILS(E_INVALIDARG,
          CertSaveStore(store, 0, CERT_STORE_SAVE_AS_STORE, CERT_STORE_SAVE_TO_MEMORY, NULL, 0));
    FAILS(ERROR_FILE_NOT_FOUND,
          CertSaveStore(store, 0, CERT_STORE_SAVE_AS_STORE, CERT_STORE_SAVE_TO_FILENAME_A,
                        (void *)(uintptr_t)path_of("missing/x"), 0));
    CertCloseStore(store, 0);
}

/* A store that is cut off anywhere is no store, and bytes that are changed never hurt. */
static void store_truncations(void **state)
{
    (void)state;
    HCERTSTORE store = marked_store();
    CERT_BLOB blob = saved(store, CERT_STORE_SAVE_AS_STORE);
    for (DWORD n = 0; n < blob.cbData; n++) {
        CRYPT_DATA_BLOB cut = {.cbData = n, .pbData = mem_dup(blob.pbData, n)};
        FAILS(CRYPT_E_FILE_ERROR, CertOpenStore(CERT_STORE_PROV_SERIALIZED, 0, 0, 0, &cut));
        mem_free(cut.pbData);
    }
    int opened = 0;
    for (DWORD n = 0; n < blob.cbData; n++) {
        for (int bit = 0; bit < 8; bit += 7) {
            CRYPT_DATA_BLOB changed = {.cbData = blob.cbData,
                                       .pbData = mem_dup(blob.pbData, blob.cbData)};
            changed.pbData[n] ^= (BYTE)(1 << bit);
            HCERTSTORE other = CertOpenStore(CERT_STORE_PROV_SERIALIZED, 0, 0, 0, &changed);
            opened += other != NULL;
            CertCloseStore(other, 0);
            mem_free(changed.pbData);
        }
    }
    assert_true(opened > 100 && opened < 2 * (int)blob.cbData); /* signatures are not looked at */
    mem_free(blob.pbData);
    CertCloseStore(store, 0);
}

static void pkcs7_truncations(void **state)
{
    (void)state;
    HCERTSTORE store = marked_store();
    CERT_BLOB blob = saved(store, CERT_STORE_SAVE_AS_PKCS7);
    for (DWORD n = 1; n < blob.cbData; n++) {
        CRYPT_DATA_BLOB cut = {.cbData = n, .pbData = mem_dup(blob.pbData, n)};
        FAILS(CRYPT_E_ASN1_BADTAG, CertOpenStore(CERT_STORE_PROV_PKCS7, 0, 0, 0, &cut));
        mem_free(cut.pbData);
    }
    BYTE *longer = mem_alloc(blob.cbData + 1);
    memcpy(longer, blob.pbData, blob.cbData);
    CRYPT_DATA_BLOB more = {.cbData = blob.cbData + 1, .pbData = longer};
    FAILS(CRYPT_E_ASN1_BADTAG, CertOpenStore(CERT_STORE_PROV_PKCS7, 0, 0, 0, &more));
    /* A certificate is no PKCS #7. */
    CRYPT_DATA_BLOB other = {.cbData = (DWORD)leaf->der_len, .pbData = leaf->der};
    FAILS(CRYPT_E_ASN1_BADTAG, CertOpenStore(CERT_STORE_PROV_PKCS7, 0, 0, 0, &other));
    mem_free(longer);
    mem_free(blob.pbData);
    CertCloseStore(store, 0);
}

/* ---- files ----------------------------------------------------------------------------- */

static void write_file(const char *name, const void *bytes, size_t n)
{
    FILE *file = fopen(path_of(name), "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    fclose(file);
}

static int count_in_file(const char *name, DWORD flags)
{
    SetLastError(0);
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, flags, path_of(name));
    int n = store != NULL ? count_entries(store) : -1;
    DWORD error = GetLastError();
    CertCloseStore(store, 0);
    SetLastError(error);
    return n;
}

static void kinds_of_files(void **state)
{
    (void)state;
    char pem[16384] = "words\n";
    HCERTSTORE store = marked_store();
    CERT_BLOB serialized = saved(store, CERT_STORE_SAVE_AS_STORE);
    CERT_BLOB pkcs7 = saved(store, CERT_STORE_SAVE_AS_PKCS7);
    for (int i = 0; i < 2; i++) {
        char *text = SchannelPemFromCertificate(i == 0 ? root->context : leaf->context);
        strncat(pem, text, sizeof pem - strlen(pem) - 1);
        mem_free(text);
    }
    write_file("any", serialized.pbData, serialized.cbData);
    assert_int_equal(count_in_file("any", 0), 2);
    write_file("any", pkcs7.pbData, pkcs7.cbData);
    assert_int_equal(count_in_file("any", 0), 2);
    write_file("any", leaf->der, (size_t)leaf->der_len);
    assert_int_equal(count_in_file("any", 0), 1);
    write_file("any", pem, strlen(pem));
    assert_int_equal(count_in_file("any", 0), 2);
    write_file("any", "", 0);
    assert_int_equal(count_in_file("any", 0), 0);
    /* Neither of them. */
    write_file("any", pem, strlen(pem) - 40);
    assert_int_equal(count_in_file("any", 0), -1);
    assert_int_equal(GetLastError(), (DWORD)CRYPT_E_FILE_ERROR);
    write_file("any", "hello", 5);
    assert_int_equal(count_in_file("any", 0), -1);
    assert_int_equal(GetLastError(), (DWORD)CRYPT_E_FILE_ERROR);
    write_file("any", serialized.pbData, serialized.cbData - 1);
    assert_int_equal(count_in_file("any", 0), -1);
    assert_int_equal(GetLastError(), (DWORD)CRYPT_E_FILE_ERROR);
    assert_int_equal(unlink(path_of("any")), 0);
    assert_int_equal(count_in_file("any", 0), -1);
    assert_int_equal(GetLastError(), ERROR_FILE_NOT_FOUND);
    assert_int_equal(count_in_file(".", 0), -1);
    assert_int_equal(GetLastError(), ERROR_ACCESS_DENIED);
    mem_free(serialized.pbData);
    mem_free(pkcs7.pbData);
    CertCloseStore(store, 0);
}

static void wide_path(void **state)
{
    (void)state;
    write_file("\xC3\xBC", leaf->der, (size_t)leaf->der_len);
    WCHAR *wide = win_utf16_dup(path_of("\xC3\xBC"));
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_FILENAME_W, 0, 0, 0, wide);
    assert_int_equal(count_entries(store), 1);
    assert_true(
        CertSaveStore(store, 0, CERT_STORE_SAVE_AS_PKCS7, CERT_STORE_SAVE_TO_FILENAME_W, wide, 0));
    CertCloseStore(store, 0);
    store = CertOpenStore("File", 0, 0, 0, wide);
    assert_int_equal(count_entries(store), 1);
    CertCloseStore(store, 0);
    mem_free(wide);
    assert_int_equal(unlink(path_of("\xC3\xBC")), 0);
}

static void committing(void **state)
{
    static const struct {
        const char *name;
        BYTE first; /* of the file */
    } rows[] = {{"store.sst", 0}, {"store.p7b", 0x30}};
    enum { COMMITS = CERT_FILE_STORE_COMMIT_ENABLE_FLAG };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *name = rows[i].name;
        assert_int_equal(count_in_file(name, COMMITS | CERT_STORE_OPEN_EXISTING_FLAG), -1);
        assert_int_equal(GetLastError(), ERROR_FILE_NOT_FOUND);
        HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0,
                                         COMMITS | CERT_STORE_CREATE_NEW_FLAG, path_of(name));
        assert_non_null(store);
        FAILS(ERROR_FILE_EXISTS,
              CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, COMMITS | CERT_STORE_CREATE_NEW_FLAG,
                            path_of(name)));
        assert_true(add(store, leaf, CERT_STORE_ADD_NEW));
        assert_int_equal(count_in_file(name, 0), 0); /* not yet */
        assert_true(CertControlStore(store, 0, CERT_STORE_CTRL_COMMIT, NULL));
        assert_int_equal(count_in_file(name, 0), 1);
        assert_true(add(store, root, CERT_STORE_ADD_NEW));
        assert_true(CertCloseStore(store, 0));
        assert_int_equal(count_in_file(name, 0), 2);
        FILE *file = fopen(path_of(name), "r");
        assert_int_equal(fgetc(file), rows[i].first);
        fclose(file);
        /* Without the flag nothing goes back. */
        store = CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, 0, path_of(name));
        assert_true(CertDeleteCertificateFromStore(find_in(store, leaf)));
        FAILS(ERROR_NOT_SUPPORTED, CertControlStore(store, 0, CERT_STORE_CTRL_COMMIT, NULL));
        assert_true(CertCloseStore(store, 0));
        assert_int_equal(count_in_file(name, 0), 2);
        /* Changes that are forgotten, and read over. */
        store = CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, COMMITS, path_of(name));
        assert_true(CertDeleteCertificateFromStore(find_in(store, leaf)));
        assert_true(CertControlStore(store, CERT_STORE_CTRL_COMMIT_CLEAR_FLAG,
                                     CERT_STORE_CTRL_COMMIT, NULL));
        assert_true(CertControlStore(store, 0, CERT_STORE_CTRL_RESYNC, NULL));
        assert_int_equal(count_entries(store), 2);
        assert_true(CertCloseStore(store, 0));
        assert_int_equal(count_in_file(name, 0), 2);
        FAILS(E_INVALIDARG, CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0,
                                          COMMITS | CERT_STORE_READONLY_FLAG, path_of(name)));
        store = CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, CERT_STORE_READONLY_FLAG,
                              path_of(name));
        FAILS(ERROR_ACCESS_DENIED, add(store, leaf, CERT_STORE_ADD_ALWAYS));
        CertCloseStore(store, 0);
        assert_int_equal(unlink(path_of(name)), 0);
    }
    /* One certificate cannot become two in its form. */
    write_file("one.cer", leaf->der, (size_t)leaf->der_len);
    FAILS(E_INVALIDARG,
          CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, COMMITS, path_of("one.cer")));
    assert_int_equal(unlink(path_of("one.cer")), 0);
    FAILS(ERROR_FILE_NOT_FOUND,
          CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, COMMITS, path_of("missing/store")));
}

/* A file that cannot be written tells so when the store is closed. */
static void failing_commit(void **state)
{
    (void)state;
    assert_int_equal(mkdir(path_of("there"), 0700), 0);
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0,
                                     CERT_FILE_STORE_COMMIT_ENABLE_FLAG, path_of("there/store"));
    assert_non_null(store);
    assert_true(add(store, leaf, CERT_STORE_ADD_NEW));
    assert_int_equal(unlink(path_of("there/store")), 0);
    assert_int_equal(rmdir(path_of("there")), 0);
    FAILS(ERROR_FILE_NOT_FOUND, CertControlStore(store, 0, CERT_STORE_CTRL_COMMIT, NULL));
    FAILS(ERROR_FILE_NOT_FOUND, CertControlStore(store, 0, CERT_STORE_CTRL_RESYNC, NULL));
    assert_int_equal(count_entries(store), 1);
    FAILS(ERROR_FILE_NOT_FOUND, CertCloseStore(store, 0));
}

static void control_elsewhere(void **state)
{
    static const DWORD types[] = {CERT_STORE_CTRL_RESYNC,
                                  CERT_STORE_CTRL_COMMIT,
                                  CERT_STORE_CTRL_AUTO_RESYNC,
                                  CERT_STORE_CTRL_NOTIFY_CHANGE,
                                  CERT_STORE_CTRL_CANCEL_NOTIFY,
                                  0,
                                  77};
    (void)state;
    HCERTSTORE store = open_memory();
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        FAILS(ERROR_NOT_SUPPORTED, CertControlStore(store, 0, types[i], NULL));
    FAILS(E_INVALIDARG, CertControlStore(NULL, 0, CERT_STORE_CTRL_RESYNC, NULL));
    CertCloseStore(store, 0);
}

static void without_memory(void **state)
{
    (void)state;
    HCERTSTORE store = marked_store();
    CERT_BLOB blob = saved(store, CERT_STORE_SAVE_AS_STORE);
    for (uint64_t n = 1;; n++) {
        int64_t live = mem_live();
        mem_fail_at(n, false);
        HCERTSTORE back = CertOpenStore(CERT_STORE_PROV_SERIALIZED, 0, 0, 0, &blob);
        mem_fail_at(0, false);
        if (back != NULL) {
            CertCloseStore(back, 0);
            break;
        }
        assert_int_equal(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
        assert_int_equal(mem_live(), live);
    }
    mem_free(blob.pbData);
    CertCloseStore(store, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layout),
        cmocka_unit_test(prov_info_layout),
        cmocka_unit_test(element_arguments),
        cmocka_unit_test(element_truncations),
        cmocka_unit_test(forms),
        cmocka_unit_test(save_arguments),
        cmocka_unit_test(store_truncations),
        cmocka_unit_test(pkcs7_truncations),
        cmocka_unit_test(kinds_of_files),
        cmocka_unit_test(wide_path),
        cmocka_unit_test(committing),
        cmocka_unit_test(failing_commit),
        cmocka_unit_test(control_elsewhere),
        cmocka_unit_test(without_memory),
    };
    return cmocka_run_group_tests(tests, open_zoo, close_zoo);
}
