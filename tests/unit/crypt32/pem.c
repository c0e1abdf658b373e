/* SPDX-License-Identifier: MIT */
/*
 * PEM text, files, and certificates made by the library: SchannelLoadPem and its relatives,
 * SchannelCreateTestCertificate. libschannel.h says what each gives.
 */
#include <libschannel.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "zoo.h"

static const struct zoo_cert *root;
static const struct zoo_cert *leaf;
static const struct zoo_cert *other;

static int open_zoo(void **state)
{
    (void)state;
    zoo_open();
    root = ZOO(.name = "root");
    leaf = ZOO(.name = "leaf", .issuer = root, .authority = ZOO_END);
    other = ZOO(.name = "other", .kind = ZOO_RSA, .authority = ZOO_END);
    return 0;
}

static int close_zoo(void **state)
{
    (void)state;
    zoo_close();
    return 0;
}

/* ---- text ------------------------------------------------------------------------------ */

enum form { FORM_PKCS8, FORM_OLD, FORM_SEALED, FORM_OLD_SEALED };

static void write_key(BIO *bio, EVP_PKEY *key, enum form form)
{
    int done = 0;
    switch (form) {
    case FORM_PKCS8:
        done = PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
        break;
    case FORM_OLD:
        done = PEM_write_bio_PrivateKey_traditional(bio, key, NULL, NULL, 0, NULL, NULL);
        break;
    case FORM_SEALED:
        done = PEM_write_bio_PKCS8PrivateKey(bio, key, EVP_aes_256_cbc(), "secret", 6, NULL, NULL);
        break;
    case FORM_OLD_SEALED:
        done = PEM_write_bio_PrivateKey_traditional(bio, key, EVP_aes_128_cbc(),
                                                    (const unsigned char *)"secret", 6, NULL, NULL);
        break;
    }
    assert_int_equal(done, 1);
}

/* NUL-terminated; freed with mem_free. */
static char *take_text(BIO *bio)
{
    char *p = NULL;
    long n = BIO_get_mem_data(bio, &p);
    char *text = mem_alloc((size_t)n + 1);
    mem_copy(text, p, (size_t)n);
    BIO_free(bio);
    return text;
}

static char *text_of(const struct zoo_cert *first, const struct zoo_cert *second, EVP_PKEY *key,
                     enum form form)
{
    BIO *bio = BIO_new(BIO_s_mem());
    if (first != NULL)
        PEM_write_bio_X509(bio, first->x509);
    if (second != NULL)
        PEM_write_bio_X509(bio, second->x509);
    if (key != NULL)
        write_key(bio, key, form);
    return take_text(bio);
}

static bool has_key(PCCERT_CONTEXT context)
{
    struct private_key *key;
    if (cert_private_key(context, &key) != OK)
        return false;
    private_key_free(key);
    return true;
}

/* The leaf with or without its key, or NULL with this error; no block and no error is left over. */
static bool loads_as(const char *pem, const char *key_pem, const char *password, bool key,
                     DWORD error)
{
    int64_t live = mem_live();
    ERR_clear_error();
    SetLastError(0);
    PCCERT_CONTEXT context = SchannelLoadPem(pem, pem != NULL ? strlen(pem) : 0, key_pem,
                                             key_pem != NULL ? strlen(key_pem) : 0, password);
    bool fits = context == NULL ? error != 0 && GetLastError() == error
                                : error == 0 && has_key(context) == key &&
                                      context->cbCertEncoded == (DWORD)leaf->der_len;
    if (!fits)
        print_message("%s, last error %08x\n", context != NULL ? "loaded" : "refused",
                      GetLastError());
    CertFreeCertificateContext(context);
    return fits && mem_live() == live && ERR_peek_error() == 0;
}

static void texts(void **state)
{
    (void)state;
    char *alone = text_of(leaf, NULL, NULL, FORM_PKCS8);
    char *chain = text_of(leaf, root, NULL, FORM_PKCS8);
    char *nothing = text_of(NULL, NULL, NULL, FORM_PKCS8);
    char *wrong = text_of(leaf, root, other->key, FORM_PKCS8);
    char *only_key = text_of(NULL, NULL, leaf->key, FORM_PKCS8);
    assert_true(loads_as(alone, NULL, NULL, false, 0));
    assert_true(loads_as(chain, NULL, NULL, false, 0));
    assert_true(loads_as(chain, only_key, NULL, true, 0));
    assert_true(loads_as(chain, only_key, "unused", true, 0));
    assert_true(loads_as(chain, chain, NULL, false, (DWORD)NTE_BAD_KEY));
    assert_true(loads_as(wrong, NULL, NULL, false, (DWORD)NTE_BAD_KEY));
    assert_true(loads_as(nothing, NULL, NULL, false, (DWORD)CRYPT_E_NOT_FOUND));
    assert_true(loads_as("words\n", NULL, NULL, false, (DWORD)CRYPT_E_NOT_FOUND));
    assert_true(loads_as(only_key, NULL, NULL, false, (DWORD)CRYPT_E_NOT_FOUND));
    assert_true(loads_as(NULL, NULL, NULL, false, (DWORD)E_INVALIDARG));
    assert_true(loads_as("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n", NULL,
                         NULL, false, (DWORD)CRYPT_E_ASN1_BADTAG));
    assert_true(loads_as("-----BEGIN CERTIFICATE-----\nMAA", NULL, NULL, false,
                         (DWORD)CRYPT_E_ASN1_BADTAG));
    alone[strlen(alone) - 40] = '!'; /* inside the base64 */
    assert_true(loads_as(alone, NULL, NULL, false, (DWORD)CRYPT_E_ASN1_BADTAG));
    mem_free(alone);
    mem_free(chain);
    mem_free(nothing);
    mem_free(wrong);
    mem_free(only_key);
}

static void key_forms(void **state)
{
    (void)state;
    for (enum form form = FORM_PKCS8; form <= FORM_OLD_SEALED; form++) {
        bool sealed = form >= FORM_SEALED;
        char *both = text_of(leaf, root, leaf->key, form);
        assert_true(loads_as(both, NULL, sealed ? "secret" : NULL, true, 0));
        if (sealed) {
            assert_true(loads_as(both, NULL, NULL, false, ERROR_INVALID_PASSWORD));
            assert_true(loads_as(both, NULL, "Secret", false, ERROR_INVALID_PASSWORD));
            assert_true(loads_as(both, NULL, "", false, ERROR_INVALID_PASSWORD));
        }
        mem_free(both);
    }
}

static void kinds_of_keys(void **state)
{
    static const enum zoo_kind kinds[] = {ZOO_P256, ZOO_P384,    ZOO_P521,
                                          ZOO_RSA,  ZOO_RSA_PSS, ZOO_ED25519};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        const struct zoo_cert *cert =
            ZOO(.name = "kind", .kind = kinds[i], .pss = kinds[i] == ZOO_RSA_PSS);
        char *both = text_of(cert, NULL, cert->key, FORM_PKCS8);
        PCCERT_CONTEXT context = SchannelLoadPem(both, strlen(both), NULL, 0, NULL);
        assert_non_null(context);
        assert_true(has_key(context));
        CertFreeCertificateContext(context);
        mem_free(both);
    }
    static const enum zoo_kind refused[] = {ZOO_RSA_512, ZOO_ED448};
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        const struct zoo_cert *cert =
            ZOO(.name = "kind", .label = "refused", .kind = refused[i], .issuer = root);
        char *both = text_of(cert, NULL, cert->key, FORM_PKCS8);
        SetLastError(0);
        assert_null(SchannelLoadPem(both, strlen(both), NULL, 0, NULL));
        assert_int_equal(GetLastError(), (DWORD)NTE_BAD_KEY);
        mem_free(both);
    }
}

/* A key that would take hours to open. */
static void absurd_iterations(void **state)
{
    (void)state;
    char *pem = text_of(leaf, NULL, leaf->key, FORM_SEALED);
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509_SIG *sealed = PEM_read_bio_PKCS8(bio, NULL, NULL, NULL);
    const X509_ALGOR *algorithm = NULL;
    BIO_free(bio);
    X509_SIG_get0(sealed, &algorithm, NULL);
    PBE2PARAM *pbe2 = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), algorithm->parameter);
    PBKDF2PARAM *kdf =
        ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), pbe2->keyfunc->parameter);
    ASN1_INTEGER_set(kdf->iter, INT32_MAX);
    ASN1_TYPE_pack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), kdf, &pbe2->keyfunc->parameter);
    ASN1_TYPE_pack_sequence(ASN1_ITEM_rptr(PBE2PARAM), pbe2,
                            (ASN1_TYPE **)(uintptr_t)&algorithm->parameter);
    bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, leaf->x509);
    PEM_write_bio_PKCS8(bio, sealed);
    char *costly = take_text(bio);
    assert_true(loads_as(costly, NULL, "secret", false, (DWORD)NTE_BAD_KEY));
    PBKDF2PARAM_free(kdf);
    PBE2PARAM_free(pbe2);
    X509_SIG_free(sealed);
    mem_free(costly);
    mem_free(pem);
}

static void chain_in_store(void **state)
{
    (void)state;
    char *pem = text_of(leaf, root, leaf->key, FORM_PKCS8);
    PCCERT_CONTEXT context = SchannelLoadPem(pem, strlen(pem), NULL, 0, NULL);
    PCCERT_CONTEXT first = CertEnumCertificatesInStore(context->hCertStore, NULL);
    assert_ptr_equal(first, context);
    PCCERT_CONTEXT second = CertEnumCertificatesInStore(context->hCertStore, first);
    assert_int_equal(second->cbCertEncoded, root->der_len);
    assert_null(CertEnumCertificatesInStore(context->hCertStore, second));
    struct cert_list list;
    assert_int_equal(cert_list_to_send(context, false, &list), OK);
    assert_int_equal(list.count, 1); /* the root is left out */
    cert_list_release(&list);
    assert_int_equal(cert_list_to_send(context, true, &list), OK);
    assert_int_equal(list.count, 2);
    cert_list_release(&list);
    CertFreeCertificateContext(context);
    mem_free(pem);
}

static void every_cut(void **state)
{
    (void)state;
    char *pem = text_of(leaf, root, leaf->key, FORM_OLD);
    size_t n = strlen(pem);
    for (size_t i = 0; i < n; i += 3) {
        int64_t live = mem_live();
        char *cut = mem_dup(pem, i);
        CertFreeCertificateContext(SchannelLoadPem(cut, i, NULL, 0, NULL));
        mem_free(cut);
        assert_int_equal(mem_live(), live);
    }
    mem_free(pem);
}

static void no_memory(void **state)
{
    int failures = 0;
    (void)state;
    char *pem = text_of(leaf, root, leaf->key, FORM_PKCS8);
    for (uint64_t n = 1;; n++) {
        int64_t live = mem_live();
        mem_fail_at(n, false);
        PCCERT_CONTEXT context = SchannelLoadPem(pem, strlen(pem), NULL, 0, NULL);
        mem_fail_at(0, false);
        bool loaded = context != NULL;
        CertFreeCertificateContext(context);
        assert_int_equal(mem_live(), live);
        if (loaded)
            break;
        assert_int_equal(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
        failures++;
    }
    assert_true(failures > 8);
    mem_free(pem);
}

/* ---- files ----------------------------------------------------------------------------- */

static void save(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void files(void **state)
{
    char folder[] = "/dev/shm/schannel-pem-XXXXXX";
    char cert_path[64];
    char key_path[64];
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(cert_path, sizeof cert_path, "%s/cert", folder);
    snprintf(key_path, sizeof key_path, "%s/key", folder);
    char *chain = text_of(leaf, root, NULL, FORM_PKCS8);
    char *key = text_of(NULL, NULL, leaf->key, FORM_PKCS8);
    save(cert_path, chain);
    save(key_path, key);
    PCCERT_CONTEXT context = SchannelLoadPemFiles(cert_path, key_path, NULL);
    assert_non_null(context);
    assert_true(has_key(context));
    CertFreeCertificateContext(context);
    context = SchannelLoadPemFiles(cert_path, NULL, NULL);
    assert_non_null(context);
    assert_false(has_key(context));
    CertFreeCertificateContext(context);
    HCERTSTORE store = SchannelLoadCaFile(cert_path);
    assert_non_null(store);
    CertCloseStore(store, CERT_CLOSE_STORE_CHECK_FLAG);
    assert_null(SchannelLoadCaFile(key_path));
    assert_int_equal(GetLastError(), (DWORD)CRYPT_E_NOT_FOUND);
    static const struct {
        const char *cert;
        const char *key;
        DWORD error;
    } rows[] = {
        {"/dev/shm/schannel-is-not-there", NULL, ERROR_FILE_NOT_FOUND},
        {NULL, NULL, ERROR_FILE_NOT_FOUND},
        {"/dev/shm", NULL, ERROR_ACCESS_DENIED},
        {"/dev/null", NULL, ERROR_ACCESS_DENIED},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_null(SchannelLoadPemFiles(rows[i].cert, rows[i].key, NULL));
        assert_int_equal(GetLastError(), rows[i].error);
        assert_null(SchannelLoadCaFile(rows[i].cert));
        assert_int_equal(GetLastError(), rows[i].error);
        assert_null(
            SchannelLoadPemFiles(cert_path, rows[i].cert != NULL ? rows[i].cert : "", NULL));
        assert_int_equal(GetLastError(), rows[i].error);
    }
    assert_int_equal(truncate(cert_path, (1 << 20) + 1), 0);
    assert_null(SchannelLoadPemFiles(cert_path, NULL, NULL));
    assert_int_equal(GetLastError(), ERROR_FILE_TOO_LARGE);
    unlink(cert_path);
    assert_int_equal(mkfifo(cert_path, 0600), 0);
    assert_null(SchannelLoadPemFiles(cert_path, NULL, NULL)); /* and does not wait */
    assert_int_equal(GetLastError(), ERROR_ACCESS_DENIED);
    unlink(cert_path);
    unlink(key_path);
    rmdir(folder);
    mem_free(chain);
    mem_free(key);
}

static void to_pem(void **state)
{
    (void)state;
    char *pem = SchannelPemFromCertificate(leaf->context);
    char *expected = text_of(leaf, NULL, NULL, FORM_PKCS8);
    assert_string_equal(pem, expected);
    LocalFree(pem);
    mem_free(expected);
    assert_null(SchannelPemFromCertificate(NULL));
    assert_int_equal(GetLastError(), (DWORD)E_INVALIDARG);
    mem_fail_at(1, false);
    assert_null(SchannelPemFromCertificate(leaf->context));
    mem_fail_at(0, false);
    assert_int_equal(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
}

/* ---- making ---------------------------------------------------------------------------- */

static void test_certificates(void **state)
{
    static const char *const types[] = {NULL,       "ecdsa-p256", "ecdsa-p384",
                                        "rsa-2048", "rsa-3072",   "ed25519"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        PCCERT_CONTEXT made =
            SchannelCreateTestCertificate("a.test,b.test, 10.0.0.1,::1", types[i], 7);
        assert_non_null(made);
        assert_true(has_key(made));
        assert_true(cert_matches_name(made, "a.test"));
        assert_true(cert_matches_name(made, "b.test"));
        assert_true(cert_matches_name(made, "10.0.0.1"));
        assert_true(cert_matches_name(made, "[::1]"));
        assert_false(cert_matches_name(made, "c.test"));
        assert_int_equal(CertVerifyTimeValidity(NULL, made->pCertInfo), 0);
        HCERTSTORE roots = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
        CertAddCertificateContextToStore(roots, made, CERT_STORE_ADD_NEW, NULL);
        for (int usage = CHAIN_SERVER_AUTH; usage <= CHAIN_CLIENT_AUTH; usage++) {
            struct chain_verdict verdict;
            struct chain_request request = {.leaf = made,
                                            .exclusive_root = roots,
                                            .usage = (enum chain_usage)usage,
                                            .server_name = "a.test",
                                            .now = (int64_t)time(NULL)};
            assert_int_equal(chain_judge(&request, &verdict), OK);
            assert_int_equal(verdict.reason, OK);
        }
        CertCloseStore(roots, 0);
        CertFreeCertificateContext(made);
    }
}

static void test_certificate_arguments(void **state)
{
    char names[1100];
    (void)state;
    memset(names, 'a', sizeof names);
    names[sizeof names - 1] = 0;
    static const struct {
        const char *names;
        const char *type;
        DWORD days;
    } rows[] = {{NULL, NULL, 1}, {"", NULL, 1},     {"a", "rsa-1024", 1}, {"a", "", 1},
                {"a", NULL, 0},  {"a", NULL, 3651}, {"a", "RSA-2048", 1}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        SetLastError(0);
        assert_null(SchannelCreateTestCertificate(rows[i].names, rows[i].type, rows[i].days));
        assert_int_equal(GetLastError(), (DWORD)E_INVALIDARG);
    }
    assert_null(SchannelCreateTestCertificate(names, NULL, 1));
    PCCERT_CONTEXT longest = SchannelCreateTestCertificate("a", NULL, 3650);
    assert_non_null(longest);
    CertFreeCertificateContext(longest);
}

static void positive_control(void **state)
{
    (void)state;
    char *pem = text_of(leaf, NULL, NULL, FORM_PKCS8);
    print_message("three planted outcomes:\n");
    assert_false(loads_as(pem, NULL, NULL, true, 0));
    assert_false(loads_as(pem, NULL, NULL, false, (DWORD)NTE_BAD_KEY));
    assert_false(loads_as("words", NULL, NULL, false, (DWORD)NTE_BAD_KEY));
    mem_free(pem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),
        cmocka_unit_test(key_forms),
        cmocka_unit_test(kinds_of_keys),
        cmocka_unit_test(absurd_iterations),
        cmocka_unit_test(chain_in_store),
        cmocka_unit_test(every_cut),
        cmocka_unit_test(no_memory),
        cmocka_unit_test(files),
        cmocka_unit_test(to_pem),
        cmocka_unit_test(test_certificates),
        cmocka_unit_test(test_certificate_arguments),
        cmocka_unit_test(positive_control),
    };
    return cmocka_run_group_tests(tests, open_zoo, close_zoo);
}
