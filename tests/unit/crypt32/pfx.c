/* SPDX-License-Identifier: MIT */
/*
 * PKCS#12 files made by libcrypto: kinds of encryption, passwords, contents, and what a hostile
 * file may cost. Iteration counts are changed in the finished file: what is refused takes no time.
 */
#include <libschannel.h>
#include <openssl/provider.h>
#include <time.h>
#include <unistd.h>

#include "zoo.h"

/* ---- making ---------------------------------------------------------------------------- */

struct pfx_spec {
    const struct zoo_cert *certs[4];
    const struct zoo_cert *keys[4];
    const char *password; /* NULL and "" differ */
    int key_nid;          /* 0: AES-256 with PBES2; -1: not encrypted */
    int cert_nid;         /* likewise */
    int key_iterations;   /* 0: 10 */
    int cert_iterations;
    int mac_iterations; /* -1: no MAC */
    int nesting;        /* safe contents bags around the keys */
    bool keys_inside;   /* in the certificates' safe */
    const char *friendly_name;
};

static OSSL_LIB_CTX *lib;
static OSSL_PROVIDER *providers[2];

static int or_ten(int n)
{
    return n != 0 ? n : 10;
}

static int pbe_of(int nid)
{
    return nid != 0 ? nid : NID_aes_256_cbc;
}

/* The iteration counts that would take too long are written into the structure afterwards. */
static void set_count(X509_ALGOR *algorithm, int count)
{
    if (OBJ_obj2nid(algorithm->algorithm) == NID_pbes2) {
        PBE2PARAM *pbe2 =
            ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), algorithm->parameter);
        PBKDF2PARAM *kdf =
            ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), pbe2->keyfunc->parameter);
        ASN1_INTEGER_set(kdf->iter, count);
        ASN1_TYPE_pack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), kdf, &pbe2->keyfunc->parameter);
        ASN1_TYPE_pack_sequence(ASN1_ITEM_rptr(PBE2PARAM), pbe2, &algorithm->parameter);
        PBKDF2PARAM_free(kdf);
        PBE2PARAM_free(pbe2);
        return;
    }
    PBEPARAM *pbe = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBEPARAM), algorithm->parameter);
    ASN1_INTEGER_set(pbe->iter, count);
    ASN1_TYPE_pack_sequence(ASN1_ITEM_rptr(PBEPARAM), pbe, &algorithm->parameter);
    PBEPARAM_free(pbe);
}

static bool is_costly(int count)
{
    return count > 1000 || count < 0;
}

static void add_key(STACK_OF(PKCS12_SAFEBAG) * *bags, const struct pfx_spec *spec,
                    const struct zoo_cert *owner)
{
    int count = or_ten(spec->key_iterations);
    int nid = pbe_of(spec->key_nid);
    PKCS12_SAFEBAG *bag = PKCS12_add_key_ex(bags, owner->key, 0, is_costly(count) ? 1 : count, nid,
                                            nid > 0 ? spec->password : NULL, lib, NULL);
    assert_non_null(bag);
    if (nid > 0 && is_costly(count)) {
        const X509_ALGOR *algorithm = NULL;
        X509_SIG_get0(PKCS12_SAFEBAG_get0_pkcs8(bag), &algorithm, NULL);
        set_count((X509_ALGOR *)(uintptr_t)algorithm, count);
    }
}

static STACK_OF(PKCS12_SAFEBAG) * key_bags(const struct pfx_spec *spec)
{
    STACK_OF(PKCS12_SAFEBAG) *bags = sk_PKCS12_SAFEBAG_new_null();
    for (size_t i = 0; i < 4 && spec->keys[i] != NULL; i++)
        add_key(&bags, spec, spec->keys[i]);
    for (int i = 0; i < spec->nesting; i++) {
        /* There is no constructor: a safe contents bag is decoded from its own encoding. */
        unsigned char *inner = NULL;
        int n = ASN1_item_i2d((ASN1_VALUE *)bags, &inner, ASN1_ITEM_rptr(PKCS12_SAFEBAGS));
        uint8_t *text = mem_alloc((size_t)n + 64);
        uint8_t *p = text;
        ASN1_OBJECT *type = OBJ_nid2obj(NID_safeContentsBag);
        int explicit_len = ASN1_object_size(1, n, 0);
        ASN1_put_object(&p, 1, i2d_ASN1_OBJECT(type, NULL) + explicit_len, V_ASN1_SEQUENCE,
                        V_ASN1_UNIVERSAL);
        i2d_ASN1_OBJECT(type, &p);
        ASN1_put_object(&p, 1, n, 0, V_ASN1_CONTEXT_SPECIFIC);
        memcpy(p, inner, (size_t)n);
        p += n;
        const unsigned char *from = text;
        PKCS12_SAFEBAG *nest =
            (PKCS12_SAFEBAG *)ASN1_item_d2i(NULL, &from, p - text, ASN1_ITEM_rptr(PKCS12_SAFEBAG));
        assert_non_null(nest);
        OPENSSL_free(inner);
        mem_free(text);
        sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
        bags = sk_PKCS12_SAFEBAG_new_null();
        sk_PKCS12_SAFEBAG_push(bags, nest);
    }
    return bags;
}

static void add_certs(STACK_OF(PKCS12_SAFEBAG) * *bags, const struct pfx_spec *spec)
{
    for (size_t i = 0; i < 4 && spec->certs[i] != NULL; i++) {
        PKCS12_SAFEBAG *bag = PKCS12_add_cert(bags, spec->certs[i]->x509);
        assert_non_null(bag);
        if (i == 0 && spec->friendly_name != NULL)
            assert_int_equal(PKCS12_add_friendlyname_utf8(bag, spec->friendly_name, -1), 1);
    }
}

static void set_mac(PKCS12 *p12, const struct pfx_spec *spec)
{
    const ASN1_INTEGER *count = NULL;
    if (spec->mac_iterations < 0)
        return;
    int iterations = spec->mac_iterations != 0 ? spec->mac_iterations : 10;
    assert_int_equal(PKCS12_set_mac(p12, spec->password,
                                    spec->password != NULL ? (int)strlen(spec->password) : 0, NULL,
                                    8, is_costly(iterations) ? 2 : iterations, EVP_sha256()),
                     1);
    PKCS12_get0_mac(NULL, NULL, NULL, &count, p12);
    if (is_costly(iterations))
        ASN1_INTEGER_set((ASN1_INTEGER *)(uintptr_t)count, iterations);
}

/* DER of the file; freed with mem_free. */
static CRYPT_DATA_BLOB make_pfx(const struct pfx_spec *spec)
{
    STACK_OF(PKCS7) *safes = NULL;
    STACK_OF(PKCS12_SAFEBAG) *keys = key_bags(spec);
    STACK_OF(PKCS12_SAFEBAG) *certs = NULL;
    int cert_count = or_ten(spec->cert_iterations);
    add_certs(&certs, spec);
    while (spec->keys_inside && sk_PKCS12_SAFEBAG_num(keys) != 0)
        sk_PKCS12_SAFEBAG_push(certs, sk_PKCS12_SAFEBAG_shift(keys));
    if (sk_PKCS12_SAFEBAG_num(certs) > 0)
        assert_int_equal(PKCS12_add_safe_ex(&safes, certs, pbe_of(spec->cert_nid),
                                            is_costly(cert_count) ? 1 : cert_count, spec->password,
                                            lib, NULL),
                         1);
    if (is_costly(cert_count))
        set_count(sk_PKCS7_value(safes, 0)->d.encrypted->enc_data->algorithm, cert_count);
    if (sk_PKCS12_SAFEBAG_num(keys) > 0)
        assert_int_equal(PKCS12_add_safe_ex(&safes, keys, -1, 0, NULL, lib, NULL), 1);
    PKCS12 *p12 = PKCS12_add_safes_ex(safes, 0, lib, NULL);
    assert_non_null(p12);
    set_mac(p12, spec);
    unsigned char *der = NULL;
    int n = i2d_PKCS12(p12, &der);
    CRYPT_DATA_BLOB blob = {.cbData = (DWORD)n, .pbData = mem_dup(der, (size_t)n)};
    OPENSSL_free(der);
    PKCS12_free(p12);
    sk_PKCS7_pop_free(safes, PKCS7_free);
    sk_PKCS12_SAFEBAG_pop_free(keys, PKCS12_SAFEBAG_free);
    sk_PKCS12_SAFEBAG_pop_free(certs, PKCS12_SAFEBAG_free);
    return blob;
}

/* ---- importing ------------------------------------------------------------------------- */

struct outcome {
    int certs; /* -1: refused */
    int keys;
    DWORD error;
};

static struct outcome import_as(const CRYPT_DATA_BLOB *blob, const char *password, DWORD flags)
{
    struct outcome outcome = {.certs = -1};
    CRYPT_DATA_BLOB copy = *blob;
    int64_t live = mem_live();
    WCHAR *wide = win_utf16_dup(password);
    ERR_clear_error();
    SetLastError(0);
    HCERTSTORE store = PFXImportCertStore(&copy, wide, flags);
    mem_free(wide);
    assert_int_equal(ERR_peek_error(), 0);
    outcome.error = GetLastError();
    if (store == NULL) {
        assert_int_equal(mem_live(), live);
        return outcome;
    }
    outcome.certs = 0;
    for (PCCERT_CONTEXT c = NULL; (c = CertEnumCertificatesInStore(store, c)) != NULL;) {
        assert_ptr_equal(c->hCertStore, store); /* X35 */
        outcome.certs++;
    }
    for (PCCERT_CONTEXT c = NULL;
         (c = CertFindCertificateInStore(store, X509_ASN_ENCODING, 0, CERT_FIND_HAS_PRIVATE_KEY,
                                         NULL, c)) != NULL;) {
        struct private_key *key;
        assert_int_equal(cert_private_key(c, &key), OK);
        private_key_free(key);
        outcome.keys++;
    }
    CertCloseStore(store, 0);
    assert_int_equal(mem_live(), live);
    return outcome;
}

static bool imports_as(const struct pfx_spec *spec, const char *password, struct outcome expected)
{
    CRYPT_DATA_BLOB blob = make_pfx(spec);
    struct outcome outcome = import_as(&blob, password, 0);
    mem_free(blob.pbData);
    bool fits = outcome.certs == expected.certs && outcome.keys == expected.keys &&
                (expected.certs >= 0 || outcome.error == expected.error);
    if (!fits)
        print_message("%d certificates, %d keys, error %08x\n", outcome.certs, outcome.keys,
                      outcome.error);
    return fits;
}

#define SPEC(...)                                                                                  \
    &(struct pfx_spec)                                                                             \
    {                                                                                              \
        .certs = __VA_ARGS__                                                                       \
    }
#define GIVES(c, k)                                                                                \
    (struct outcome)                                                                               \
    {                                                                                              \
        .certs = (c), .keys = (k)                                                                  \
    }
#define REFUSED(code)                                                                              \
    (struct outcome)                                                                               \
    {                                                                                              \
        .certs = -1, .error = (DWORD)(code)                                                        \
    }

static const struct zoo_cert *root;
static const struct zoo_cert *leaf;
static const struct zoo_cert *other;

static int open_zoo(void **state)
{
    (void)state;
    zoo_open();
    lib = OSSL_LIB_CTX_new();
    providers[0] = OSSL_PROVIDER_load(lib, "default");
    providers[1] = OSSL_PROVIDER_load(lib, "legacy");
    assert_non_null(providers[1]);
    root = ZOO(.name = "root");
    leaf = ZOO(.name = "leaf", .issuer = root, .authority = ZOO_END);
    other = ZOO(.name = "other", .kind = ZOO_RSA, .authority = ZOO_END);
    return 0;
}

static int close_zoo(void **state)
{
    (void)state;
    OSSL_PROVIDER_unload(providers[1]);
    OSSL_PROVIDER_unload(providers[0]);
    OSSL_LIB_CTX_free(lib);
    zoo_close();
    return 0;
}

/* ---- good files ------------------------------------------------------------------------ */

static void encryptions(void **state)
{
    static const int ciphers[] = {NID_aes_256_cbc, NID_aes_128_cbc,
                                  NID_pbe_WithSHA1And3_Key_TripleDES_CBC,
                                  NID_pbe_WithSHA1And40BitRC2_CBC, -1};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(ciphers); i++) {
        for (size_t j = 0; j < ARRAY_LEN(ciphers); j++)
            assert_true(imports_as(SPEC({leaf, root}, {leaf}, "secret", ciphers[i], ciphers[j]),
                                   "secret", GIVES(2, 1)));
    }
}

static void contents(void **state)
{
    (void)state;
    assert_true(imports_as(SPEC({leaf}, {leaf}, "p"), "p", GIVES(1, 1)));
    assert_true(imports_as(SPEC({leaf, root}, {NULL}, "p"), "p", GIVES(2, 0)));
    assert_true(imports_as(SPEC({root, leaf, other}, {other, leaf}, "p"), "p", GIVES(3, 2)));
    assert_true(imports_as(SPEC({leaf}, {other}, "p"), "p", GIVES(1, 0)));
    assert_true(imports_as(SPEC({NULL}, {leaf}, "p"), "p", GIVES(0, 0)));
    assert_true(imports_as(SPEC({leaf}, {leaf}, "p", .keys_inside = true), "p", GIVES(1, 1)));
    for (int i = 1; i <= 4; i++)
        assert_true(imports_as(SPEC({leaf}, {leaf}, "p", .nesting = i), "p", GIVES(1, 1)));
    assert_true(
        imports_as(SPEC({leaf}, {leaf}, "p", .nesting = 2, .keys_inside = true), "p", GIVES(1, 1)));
}

static void certificates_only(void **state)
{
    (void)state;
    CRYPT_DATA_BLOB blob = make_pfx(SPEC({leaf, root}, {leaf}, "p"));
    struct outcome outcome = import_as(&blob, "p", PKCS12_ONLY_CERTIFICATES);
    assert_int_equal(outcome.certs, 2);
    assert_int_equal(outcome.keys, 0);
    mem_free(blob.pbData);
}

static void friendly_name(void **state)
{
    WCHAR name[32];
    DWORD size = sizeof name;
    char narrow[64];
    (void)state;
    CRYPT_DATA_BLOB blob =
        make_pfx(SPEC({leaf, root}, {leaf}, "p", .friendly_name = "M\xC3\xBChle"));
    HCERTSTORE store = PFXImportCertStore(&blob, (const WCHAR *)u"p", 0);
    assert_non_null(store);
    PCCERT_CONTEXT context = CertEnumCertificatesInStore(store, NULL);
    assert_true(
        CertGetCertificateContextProperty(context, CERT_FRIENDLY_NAME_PROP_ID, name, &size));
    assert_int_equal(size, 6 * sizeof(WCHAR)); /* with the NUL */
    assert_int_equal(name[5], 0);
    assert_int_equal(CertGetNameStringA(context, CERT_NAME_FRIENDLY_DISPLAY_TYPE, 0, NULL, narrow,
                                        sizeof narrow),
                     6 + 1);
    assert_string_equal(narrow, "M\xC3\xBChle");
    CertFreeCertificateContext(context);
    CertCloseStore(store, 0);
    mem_free(blob.pbData);
}

/* ---- passwords ------------------------------------------------------------------------- */

static void passwords(void **state)
{
    (void)state;
    const char *const all[] = {NULL, "", "secret", "Secret", "secret ", "p\xC3\xA4ss"};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        CRYPT_DATA_BLOB blob = make_pfx(SPEC({leaf}, {leaf}, all[i]));
        for (size_t j = 0; j < ARRAY_LEN(all); j++) {
            struct outcome outcome = import_as(&blob, all[j], 0);
            WCHAR *wide = win_utf16_dup(all[j]);
            assert_int_equal(PFXVerifyPassword(&blob, wide, 0), i == j);
            mem_free(wide);
            if (i == j) {
                assert_int_equal(outcome.certs, 1);
                assert_int_equal(outcome.keys, 1);
            } else {
                assert_int_equal(outcome.certs, -1);
                assert_int_equal(outcome.error, ERROR_INVALID_PASSWORD); /* X36 */
            }
        }
        mem_free(blob.pbData);
    }
}

static void absurd_password(void **state)
{
    static WCHAR wide[5000];
    (void)state;
    CRYPT_DATA_BLOB blob = make_pfx(SPEC({leaf}, {leaf}, "p"));
    for (size_t i = 0; i + 1 < ARRAY_LEN(wide); i++)
        wide[i] = 'x';
    assert_null(PFXImportCertStore(&blob, wide, 0));
    assert_int_equal(GetLastError(), ERROR_INVALID_PASSWORD);
    assert_false(PFXVerifyPassword(&blob, wide, 0));
    mem_free(blob.pbData);
}

/* ---- costs ----------------------------------------------------------------------------- */

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Each count by itself, where it can be seen and where it is hidden; all of it in no time. */
static void absurd_iterations(void **state)
{
    const int counts[] = {PBE_ITERATIONS_MAX + 1, INT32_MAX, -1, -10};
    const int old = NID_pbe_WithSHA1And3_Key_TripleDES_CBC;
    (void)state;
    double start = seconds();
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        int n = counts[i];
        struct outcome no = REFUSED(NTE_FAIL);
        if (n > 0)
            assert_true(imports_as(SPEC({leaf}, {leaf}, "p", .mac_iterations = n), "p", no));
        assert_true(imports_as(SPEC({leaf}, {leaf}, "p", .cert_iterations = n), "p", no));
        assert_true(imports_as(SPEC({leaf}, {leaf}, "p", .key_iterations = n), "p", no));
        assert_true(
            imports_as(SPEC({leaf}, {leaf}, "p", .cert_nid = old, .cert_iterations = n), "p", no));
        assert_true(
            imports_as(SPEC({leaf}, {leaf}, "p", .key_nid = old, .key_iterations = n), "p", no));
        assert_true(
            imports_as(SPEC({leaf}, {leaf}, "p", .key_iterations = n, .nesting = 3), "p", no));
        assert_true(imports_as(SPEC({leaf}, {leaf}, "p", .key_iterations = n, .keys_inside = true),
                               "p", no));
        assert_true(imports_as(
            SPEC({leaf}, {leaf}, "p", .key_iterations = n, .nesting = 3, .keys_inside = true), "p",
            no));
    }
    assert_true(seconds() - start < 20);
}

/* Counts that would each be let through, but not all of them together. */
static void many_iterations(void **state)
{
    const int half = PBE_ITERATIONS_MAX / 2 + 1;
    (void)state;
    assert_true(imports_as(SPEC({leaf}, {leaf, other}, "p", .key_iterations = half), "p",
                           REFUSED(NTE_FAIL)));
    assert_true(
        imports_as(SPEC({leaf}, {leaf}, "p", .key_iterations = half, .mac_iterations = half), "p",
                   REFUSED(NTE_FAIL)));
    assert_true(
        imports_as(SPEC({leaf}, {leaf, other}, "p", .key_iterations = half, .keys_inside = true),
                   "p", REFUSED(NTE_FAIL)));
}

static void nesting(void **state)
{
    (void)state;
    for (int i = 5; i < 12; i++)
        assert_true(imports_as(SPEC({leaf}, {leaf}, "p", .nesting = i), "p", REFUSED(NTE_FAIL)));
    assert_true(imports_as(SPEC({leaf}, {leaf}, "p", .nesting = 5, .keys_inside = true), "p",
                           REFUSED(NTE_FAIL)));
}

/* Nothing says who wrote it. */
static void no_mac(void **state)
{
    (void)state;
    assert_true(
        imports_as(SPEC({leaf}, {leaf}, "p", .mac_iterations = -1), "p", REFUSED(NTE_FAIL)));
    CRYPT_DATA_BLOB blob = make_pfx(SPEC({leaf}, {leaf}, "p", .mac_iterations = -1));
    assert_true(PFXIsPFXBlob(&blob));
    assert_false(PFXVerifyPassword(&blob, (const WCHAR *)u"p", 0));
    mem_free(blob.pbData);
}

/* ---- arguments, truncations, memory ---------------------------------------------------- */

static void bad_arguments(void **state)
{
    BYTE junk[] = "this is not a PKCS#12 file";
    (void)state;
    CRYPT_DATA_BLOB blob = {.cbData = sizeof junk, .pbData = junk};
    CRYPT_DATA_BLOB null = {.cbData = 10};
    CRYPT_DATA_BLOB huge = {.cbData = (1 << 20) + 1, .pbData = junk};
    CRYPT_DATA_BLOB empty = {.cbData = 0, .pbData = junk};
    CRYPT_DATA_BLOB *all[] = {NULL, &blob, &null, &huge, &empty};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        SetLastError(0);
        assert_null(PFXImportCertStore(all[i], NULL, 0)); /* X34 */
        assert_int_equal(GetLastError(),
                         i == 1 || i == 4 ? (DWORD)CRYPT_E_BAD_ENCODE : ERROR_INVALID_PARAMETER);
        assert_false(PFXIsPFXBlob(all[i]));
        assert_false(PFXVerifyPassword(all[i], NULL, 0));
    }
}

static void truncations(void **state)
{
    (void)state;
    CRYPT_DATA_BLOB blob = make_pfx(SPEC({leaf}, {leaf}, "p"));
    for (DWORD n = 1; n < blob.cbData; n++) {
        CRYPT_DATA_BLOB shorter = {.cbData = n, .pbData = mem_dup(blob.pbData, n)};
        assert_false(PFXIsPFXBlob(&shorter));
        struct outcome outcome = import_as(&shorter, "p", 0);
        assert_int_equal(outcome.certs, -1);
        assert_int_equal(outcome.error, (DWORD)CRYPT_E_BAD_ENCODE);
        mem_free(shorter.pbData);
    }
    mem_free(blob.pbData);
}

/* A changed byte is noticed by the MAC, or the file does not parse: nothing is ever imported but
 * what was written. */
static void changed_bytes(void **state)
{
    int imported = 0;
    (void)state;
    CRYPT_DATA_BLOB blob = make_pfx(SPEC({leaf}, {leaf}, "p"));
    for (DWORD i = 0; i < blob.cbData; i++) {
        blob.pbData[i] ^= 0x10;
        struct outcome outcome = import_as(&blob, "p", 0);
        blob.pbData[i] ^= 0x10;
        imported += outcome.certs >= 0;
    }
    assert_true(imported <= 2); /* the version, which libcrypto does not look at */
    mem_free(blob.pbData);
}

static void no_memory(void **state)
{
    int failures = 0;
    (void)state;
    CRYPT_DATA_BLOB blob = make_pfx(SPEC({leaf, root}, {leaf}, "p", .friendly_name = "name"));
    assert_int_equal(import_as(&blob, "p", 0).certs, 2);
    for (uint64_t n = 1;; n++) {
        WCHAR password[] = {'p', 0};
        int64_t live = mem_live();
        mem_fail_at(n, false);
        HCERTSTORE store = PFXImportCertStore(&blob, password, 0);
        mem_fail_at(0, false);
        if (store != NULL) {
            CertCloseStore(store, 0);
            break;
        }
        assert_int_equal(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
        assert_int_equal(mem_live(), live);
        failures++;
    }
    assert_true(failures > 10);
    mem_free(blob.pbData);
}

/* ---- files ----------------------------------------------------------------------------- */

static void from_file(void **state)
{
    char path[] = "/dev/shm/schannel-pfx-XXXXXX";
    (void)state;
    int fd = mkstemp(path);
    CRYPT_DATA_BLOB blob = make_pfx(SPEC({root, leaf}, {leaf}, ""));
    assert_int_equal(write(fd, blob.pbData, blob.cbData), blob.cbData);
    close(fd);
    PCCERT_CONTEXT context = SchannelLoadPfxFile(path, NULL); /* stands for an empty one, too */
    assert_non_null(context);
    assert_int_equal(context->cbCertEncoded, leaf->der_len);
    CertFreeCertificateContext(context);
    context = SchannelLoadPfxFile(path, "");
    assert_non_null(context);
    CertFreeCertificateContext(context);
    assert_null(SchannelLoadPfxFile(path, "wrong"));
    assert_int_equal(GetLastError(), ERROR_INVALID_PASSWORD);
    unlink(path);
    assert_null(SchannelLoadPfxFile(path, ""));
    assert_int_equal(GetLastError(), ERROR_FILE_NOT_FOUND);
    assert_null(SchannelLoadPfxFile(NULL, ""));
    assert_int_equal(GetLastError(), ERROR_FILE_NOT_FOUND);
    mem_free(blob.pbData);
}

static void positive_control(void **state)
{
    (void)state;
    print_message("three planted outcomes:\n");
    assert_false(imports_as(SPEC({leaf}, {leaf}, "p"), "p", GIVES(1, 0)));
    assert_false(imports_as(SPEC({leaf}, {leaf}, "p"), "q", GIVES(1, 1)));
    assert_false(imports_as(SPEC({leaf}, {leaf}, "p"), "q", REFUSED(NTE_FAIL)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encryptions),       cmocka_unit_test(contents),
        cmocka_unit_test(certificates_only), cmocka_unit_test(friendly_name),
        cmocka_unit_test(passwords),         cmocka_unit_test(absurd_password),
        cmocka_unit_test(absurd_iterations), cmocka_unit_test(many_iterations),
        cmocka_unit_test(nesting),           cmocka_unit_test(no_mac),
        cmocka_unit_test(bad_arguments),     cmocka_unit_test(truncations),
        cmocka_unit_test(changed_bytes),     cmocka_unit_test(no_memory),
        cmocka_unit_test(from_file),         cmocka_unit_test(positive_control),
    };
    return cmocka_run_group_tests(tests, open_zoo, close_zoo);
}
