/* SPDX-License-Identifier: MIT */
/*
 * CertFindChainInStore: which certificates of a store a list of issuers, a usage, a key and a
 * callback leave, and with what chains.
 */
#define CERT_CHAIN_FIND_BY_ISSUER_PARA_HAS_EXTRA_FIELDS
#include "checks.h"
#include "pki.h"

static const char page[] = "CertFindChainInStore";

static HCERTSTORE store;
static CERT_NAME_BLOB root_a;
static CERT_NAME_BLOB middle_a;
static CERT_NAME_BLOB root_b;
static CERT_NAME_BLOB nobody;

/* ---- the store ------------------------------------------------------------------------- */

static PCCERT_CONTEXT add(const struct pki_cert *cert, bool with_key)
{
    PCCERT_CONTEXT added;
    const char *pem = pki_pem(cert, NULL, 0, with_key);
    PCCERT_CONTEXT loaded = SchannelLoadPem(pem, strlen(pem), NULL, 0, NULL);
    assert_non_null(loaded);
    assert_true(CertAddCertificateContextToStore(store, loaded, CERT_STORE_ADD_ALWAYS, &added));
    CertFreeCertificateContext(loaded);
    return added;
}

static CERT_NAME_BLOB name_of(PCCERT_CONTEXT cert)
{
    return cert->pCertInfo->Subject;
}

static PCCERT_CONTEXT kept[4];

static int make_store(void **state)
{
    (void)state;
#define AUTHORITY(...)                                                                             \
    pki_make(&(struct pki_wish){.is_authority = true, .to_days = 10, .from_days = -1, __VA_ARGS__})
#define LEAF(...) pki_make(&(struct pki_wish){.to_days = 10, .from_days = -1, __VA_ARGS__})
    const struct pki_cert *a = AUTHORITY(.name = "root a");
    const struct pki_cert *m = AUTHORITY(.name = "middle a", .issuer = a);
    const struct pki_cert *b = AUTHORITY(.name = "root b");
    store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    kept[0] = add(a, false);
    kept[1] = add(m, false);
    kept[2] = add(b, false);
    kept[3] =
        CertCreateCertificateContext(X509_ASN_ENCODING, pair_certificate("rsa-2048")->pbCertEncoded,
                                     pair_certificate("rsa-2048")->cbCertEncoded);
    root_a = name_of(kept[0]);
    middle_a = name_of(kept[1]);
    root_b = name_of(kept[2]);
    nobody = name_of(kept[3]);
    CertFreeCertificateContext(add(LEAF(.name = "a1", .issuer = m, .usage = "clientAuth"), true));
    CertFreeCertificateContext(add(LEAF(.name = "a2", .issuer = m, .usage = "serverAuth"), true));
    CertFreeCertificateContext(add(LEAF(.name = "a3", .issuer = a), true));
    CertFreeCertificateContext(add(LEAF(.name = "b1", .issuer = b, .usage = "clientAuth"), true));
    CertFreeCertificateContext(add(LEAF(.name = "b2", .issuer = b), false));
    CertFreeCertificateContext(
        add(pki_make(&(struct pki_wish){.name = "b3", .issuer = b, .from_days = -9, .to_days = -1}),
            true));
    return 0;
}

static int free_store(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(kept); i++)
        CertFreeCertificateContext(kept[i]);
    return CertCloseStore(store, CERT_CLOSE_STORE_CHECK_FLAG) ? 0 : -1; /* nothing was lost */
}

/* ---- rows ------------------------------------------------------------------------------ */

static const struct row {
    const char *what;
    const CERT_NAME_BLOB *issuers[3];
    const char *usage;
    DWORD spec;
    DWORD flags;
    const char *found; /* names in alphabetic order */
} rows[] = {
    {"no list", {NULL}, NULL, 0, 0, "a1 a2 a3 b1 b3 "},
    {"a root", {&root_a}, NULL, 0, 0, "a1 a2 a3 "},
    {"an issuer in the middle", {&middle_a}, NULL, 0, 0, "a1 a2 "},
    {"another root", {&root_b}, NULL, 0, 0, "b1 b3 "},
    {"two", {&middle_a, &root_b}, NULL, 0, 0, "a1 a2 b1 b3 "},
    {"one that issued nothing", {&nobody}, NULL, 0, 0, ""},
    {"that, and another", {&nobody, &middle_a}, NULL, 0, 0, "a1 a2 "},
    {"usage", {NULL}, szOID_PKIX_KP_CLIENT_AUTH, 0, 0, "a1 a3 b1 b3 "},
    {"usage", {&root_a}, szOID_PKIX_KP_SERVER_AUTH, 0, 0, "a2 a3 "},
    {"a usage nobody has", {&middle_a}, szOID_PKIX_KP_EMAIL_PROTECTION, 0, 0, ""},
    {"key spec", {NULL}, NULL, CERT_NCRYPT_KEY_SPEC, 0, "a1 a2 a3 b1 b3 "},
    {"key spec", {NULL}, NULL, AT_KEYEXCHANGE, 0, ""},
    {"NO_KEY", {&root_b}, NULL, 0, CERT_CHAIN_FIND_BY_ISSUER_NO_KEY_FLAG, "b1 b2 b3 root b "},
    {"COMPARE_KEY", {&root_b}, NULL, 0, CERT_CHAIN_FIND_BY_ISSUER_COMPARE_KEY_FLAG, "b1 b3 "},
    {"other flags",
     {&middle_a},
     NULL,
     0,
     CERT_CHAIN_FIND_BY_ISSUER_COMPLEX_CHAIN_FLAG | CERT_CHAIN_FIND_BY_ISSUER_CACHE_ONLY_URL_FLAG |
         CERT_CHAIN_FIND_BY_ISSUER_LOCAL_MACHINE_FLAG | CERT_CHAIN_FIND_BY_ISSUER_CACHE_ONLY_FLAG,
     "a1 a2 "},
};

enum { FOUND_MAX = 16 };

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void find_all(const CERT_CHAIN_FIND_BY_ISSUER_PARA *para, DWORD flags, char *out)
{
    static char names[FOUND_MAX][32];
    size_t count = 0;
    PCCERT_CHAIN_CONTEXT chain = NULL;
    while ((chain = CertFindChainInStore(store, X509_ASN_ENCODING, flags, CERT_CHAIN_FIND_BY_ISSUER,
                                         para, chain)) != NULL) {
        assert_true(count < FOUND_MAX);
        PCCERT_CONTEXT leaf = chain->rgpChain[0]->rgpElement[0]->pCertContext;
        CHECK("C9", leaf->hCertStore == store);
        CertGetNameStringA(leaf, CERT_NAME_SIMPLE_DISPLAY_TYPE, 0, NULL, names[count++], 32);
    }
    CHECK_NUMBER(page, GetLastError(), (DWORD)CRYPT_E_NOT_FOUND);
    qsort(names, count, sizeof names[0], compare);
    out[0] = 0;
    for (size_t i = 0; i < count; i++) {
        strcat(out, names[i]);
        strcat(out, " ");
    }
}

static void check_row(const struct row *row)
{
    char found[FOUND_MAX * 33];
    CERT_NAME_BLOB issuers[3];
    CERT_CHAIN_FIND_BY_ISSUER_PARA para = {.cbSize = sizeof para,
                                           .pszUsageIdentifier = row->usage,
                                           .dwKeySpec = row->spec,
                                           .rgIssuer = issuers};
    for (size_t i = 0; i < 3 && row->issuers[i] != NULL; i++)
        issuers[para.cIssuer++] = *row->issuers[i];
    find_all(&para, row->flags, found);
    if (strcmp(found, row->found) != 0)
        check_failed(__FILE__, __LINE__, row->what, found);
}

static void every_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        check_row(&rows[i]);
}

/* ---- places, callbacks, arguments ------------------------------------------------------ */

static void the_place_of_the_issuer(void **state)
{
    (void)state;
    DWORD chain_index = 77;
    DWORD element_index = 77;
    CERT_CHAIN_FIND_BY_ISSUER_PARA para = {.cbSize = sizeof para,
                                           .pszUsageIdentifier = szOID_PKIX_KP_SERVER_AUTH,
                                           .cIssuer = 1,
                                           .rgIssuer = &root_a,
                                           .pdwIssuerChainIndex = &chain_index,
                                           .pdwIssuerElementIndex = &element_index};
    PCCERT_CHAIN_CONTEXT chain =
        CertFindChainInStore(store, X509_ASN_ENCODING, 0, CERT_CHAIN_FIND_BY_ISSUER, &para, NULL);
    assert_non_null(chain);
    CHECK_NUMBER(page, chain_index, 0);
    CHECK(page, element_index < 2);
    CHECK(page, CertCompareCertificateName(
                    X509_ASN_ENCODING,
                    &chain->rgpChain[0]->rgpElement[element_index]->pCertContext->pCertInfo->Issuer,
                    &root_a));
    CertFreeCertificateChain(chain);
    /* The older, shorter structure: what stands behind it is not touched. */
    chain_index = 77;
    para.cbSize = 56;
    chain =
        CertFindChainInStore(store, X509_ASN_ENCODING, 0, CERT_CHAIN_FIND_BY_ISSUER, &para, NULL);
    assert_non_null(chain);
    CHECK_NUMBER(page, chain_index, 77);
    CertFreeCertificateChain(chain);
}

static unsigned asked;

static BOOL WINAPI only_a1(PCCERT_CONTEXT cert, void *arg)
{
    char name[32];
    asked++;
    assert_ptr_equal(arg, &asked);
    CertGetNameStringA(cert, CERT_NAME_SIMPLE_DISPLAY_TYPE, 0, NULL, name, sizeof name);
    return strcmp(name, "a1") == 0;
}

static void callbacks(void **state)
{
    (void)state;
    char found[FOUND_MAX * 33];
    CERT_CHAIN_FIND_BY_ISSUER_PARA para = {
        .cbSize = sizeof para, .pfnFindCallback = only_a1, .pvFindArg = &asked};
    find_all(&para, 0, found);
    CHECK(page, strcmp(found, "a1 ") == 0);
    CHECK_NUMBER(page, asked, 5); /* those with a key */
}

static void bad_arguments(void **state)
{
    (void)state;
    CERT_CHAIN_FIND_BY_ISSUER_PARA para = {.cbSize = sizeof para};
    HCERTSTORE other = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    const DWORD type = CERT_CHAIN_FIND_BY_ISSUER;
    CHECK_FAILS(page, CertFindChainInStore(NULL, 1, 0, type, &para, NULL), E_INVALIDARG);
    CHECK_FAILS(page, CertFindChainInStore(store, 1, 0, type + 1, &para, NULL), E_INVALIDARG);
    CHECK_FAILS(page, CertFindChainInStore(store, 1, 0, type, NULL, NULL), E_INVALIDARG);
    CHECK_FAILS(page, CertFindChainInStore(other, 1, 0, type, &para, NULL), CRYPT_E_NOT_FOUND);
    PCCERT_CHAIN_CONTEXT chain = CertFindChainInStore(store, 1, 0, type, &para, NULL);
    CHECK(page, chain != NULL);
    CHECK_FAILS(page, CertFindChainInStore(other, 1, 0, type, &para, chain), E_INVALIDARG);
    para.cbSize = 55;
    CHECK_FAILS(page, CertFindChainInStore(store, 1, 0, type, &para, NULL), E_INVALIDARG);
    para.cbSize = sizeof para;
    para.cIssuer = 1;
    CHECK_FAILS(page, CertFindChainInStore(store, 1, 0, type, &para, NULL), E_INVALIDARG);
    CertCloseStore(other, 0);
}

static void planted(void **state)
{
    (void)state;
    struct row wrong = rows[1];
    wrong.found = "a1 a2 ";
    planted_begin();
    check_row(&wrong);
    wrong = rows[7];
    wrong.usage = NULL;
    check_row(&wrong);
    assert_int_equal(planted_end(), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted),
        cmocka_unit_test(every_row),
        cmocka_unit_test(the_place_of_the_issuer),
        cmocka_unit_test(callbacks),
        cmocka_unit_test(bad_arguments),
    };
    return cmocka_run_group_tests_name("chain_find", tests, make_store, free_store);
}
