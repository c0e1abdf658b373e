/* SPDX-License-Identifier: MIT */
/*
 * The public functions of revocation lists: contexts, stores, finding, what a list says, and
 * CertVerifyRevocation. certificates.md 1, 2, 3.3, 7.3; observed.md 16.5.
 */
#include <libschannel.h>
#include <unistd.h>

#include "crypt32/crl.h"
#include "zoo_lists.h"

static const struct zoo_cert *root;
static const struct zoo_cert *leaf;
static const struct zoo_cert *other;
static struct zoo_der first;  /* lists leaf */
static struct zoo_der second; /* empty, a day later */
static struct zoo_der delta;
static struct zoo_der foreign;

static int open_zoo(void **state)
{
    (void)state;
    zoo_open();
    root = ZOO(.name = "root", .extensions = {{"subjectKeyIdentifier", "hash"}});
    other = ZOO(.name = "other");
    leaf = ZOO(.name = "leaf", .issuer = root, .authority = ZOO_END);
    first = LIST(.issuer = root, .number = 1, .entries = {{.cert = leaf, .reason = 1}},
                 .extension = {"authorityKeyIdentifier", "DER:3006800401020304"});
    second = LIST(.issuer = root, .number = 2, .this_update = ZOO_NOW - ZOO_DAY / 2);
    delta = LIST(.issuer = root, .number = 3, .base_number = 2);
    foreign = LIST(.issuer = other);
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

static PCCRL_CONTEXT context_of(const struct zoo_der *der)
{
    PCCRL_CONTEXT context = CertCreateCRLContext(X509_ASN_ENCODING, der->bytes, (DWORD)der->n);
    assert_non_null(context);
    return context;
}

static HCERTSTORE open_memory(void)
{
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    assert_non_null(store);
    return store;
}

static BOOL add(HCERTSTORE store, const struct zoo_der *der, DWORD disposition, PCCRL_CONTEXT *out)
{
    return CertAddEncodedCRLToStore(store, X509_ASN_ENCODING, der->bytes, (DWORD)der->n,
                                    disposition, out);
}

static size_t count_lists(HCERTSTORE store)
{
    size_t count = 0;
    PCCRL_CONTEXT context = NULL;
    while ((context = CertEnumCRLsInStore(store, context)) != NULL)
        count++;
    assert_int_equal(GetLastError(), (DWORD)CRYPT_E_NOT_FOUND);
    return count;
}

/* ---- contexts -------------------------------------------------------------------------- */

static void contexts(void **state)
{
    (void)state;
    PCCRL_CONTEXT c = context_of(&first);
    const CRL_INFO *info = c->pCrlInfo;
    assert_int_equal(c->dwCertEncodingType, X509_ASN_ENCODING);
    assert_int_equal(c->cbCrlEncoded, first.n);
    assert_memory_equal(c->pbCrlEncoded, first.bytes, first.n);
    assert_non_null(c->hCertStore);
    assert_int_equal(info->dwVersion, CRL_V2);
    assert_string_equal(info->SignatureAlgorithm.pszObjId, szOID_ECDSA_SHA256);
    assert_true(CertCompareCertificateName(X509_ASN_ENCODING,
                                           (PCERT_NAME_BLOB)(uintptr_t)&info->Issuer,
                                           &root->context->pCertInfo->Subject));
    assert_int_equal(win_unix_from_filetime(info->ThisUpdate), ZOO_NOW - ZOO_DAY);
    assert_int_equal(win_unix_from_filetime(info->NextUpdate), ZOO_NOW + ZOO_DAY);
    assert_int_equal(info->cCRLEntry, 1);
    assert_int_equal(info->cExtension, 2);
    const CRL_ENTRY *entry = &info->rgCRLEntry[0];
    const CRYPT_INTEGER_BLOB *serial = &leaf->context->pCertInfo->SerialNumber;
    assert_int_equal(entry->SerialNumber.cbData, serial->cbData);
    assert_memory_equal(entry->SerialNumber.pbData, serial->pbData, serial->cbData);
    assert_int_equal(win_unix_from_filetime(entry->RevocationDate), ZOO_NOW - 2 * ZOO_DAY);
    assert_int_equal(entry->cExtension, 1);
    assert_string_equal(entry->rgExtension[0].pszObjId, szOID_CRL_REASON_CODE);
    assert_ptr_equal(CertDuplicateCRLContext(c), c);
    assert_null(CertDuplicateCRLContext(NULL));
    assert_true(CertFreeCRLContext(c));
    assert_int_equal(c->cbCrlEncoded, first.n);
    assert_true(CertFreeCRLContext(c));
    assert_true(CertFreeCRLContext(NULL));
}

static void bad_bytes(void **state)
{
    (void)state;
    struct zoo_der longer = first;
    longer.bytes[longer.n++] = 0;
    FAILS(E_INVALIDARG, CertCreateCRLContext(0, first.bytes, (DWORD)first.n));
    FAILS(CRYPT_E_ASN1_EOD, CertCreateCRLContext(X509_ASN_ENCODING, NULL, 0));
    FAILS(CRYPT_E_ASN1_BADTAG,
          CertCreateCRLContext(X509_ASN_ENCODING, longer.bytes, (DWORD)longer.n));
    FAILS(CRYPT_E_ASN1_BADTAG,
          CertCreateCRLContext(X509_ASN_ENCODING, leaf->der, (DWORD)leaf->der_len));
    for (DWORD n = 1; n < first.n; n++)
        FAILS(CRYPT_E_ASN1_BADTAG, CertCreateCRLContext(X509_ASN_ENCODING, first.bytes, n));
    /* Whatever a changed byte makes of it: nothing leaks. */
    for (size_t i = 0; i < first.n; i++) {
        struct zoo_der changed = first;
        changed.bytes[i] ^= 0x41;
        CertFreeCRLContext(
            CertCreateCRLContext(X509_ASN_ENCODING, changed.bytes, (DWORD)changed.n));
    }
}

static void no_memory(void **state)
{
    (void)state;
    PCCRL_CONTEXT context = NULL;
    uint64_t n = 0;
    while (context == NULL) {
        int64_t live = mem_live();
        mem_fail_at(++n, false);
        context = CertCreateCRLContext(X509_ASN_ENCODING, first.bytes, (DWORD)first.n);
        mem_fail_at(0, false);
        if (context != NULL)
            break;
        assert_int_equal(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
        assert_int_equal(mem_live(), live);
    }
    assert_true(n > 3);
    CertFreeCRLContext(context);
}

/* ---- stores ---------------------------------------------------------------------------- */

static void adding(void **state)
{
    (void)state;
    HCERTSTORE store = open_memory();
    PCCRL_CONTEXT c = NULL;
    assert_true(add(store, &first, CERT_STORE_ADD_NEW, &c));
    assert_ptr_equal(c->hCertStore, store);
    CertFreeCRLContext(c);
    FAILS(CRYPT_E_EXISTS, add(store, &first, CERT_STORE_ADD_NEW, NULL));
    assert_true(add(store, &first, CERT_STORE_ADD_USE_EXISTING, &c));
    CertFreeCRLContext(c);
    assert_int_equal(count_lists(store), 1);
    assert_true(add(store, &first, CERT_STORE_ADD_ALWAYS, NULL));
    assert_int_equal(count_lists(store), 2);
    assert_true(add(store, &first, CERT_STORE_ADD_REPLACE_EXISTING, NULL));
    assert_int_equal(count_lists(store), 2);
    assert_true(add(store, &foreign, CERT_STORE_ADD_NEW, NULL));
    assert_int_equal(count_lists(store), 3);
    FAILS(E_INVALIDARG, add(store, &first, 0, NULL));
    FAILS(E_INVALIDARG, add(store, &first, 8, NULL));
    FAILS(E_INVALIDARG, CertAddCRLContextToStore(store, NULL, CERT_STORE_ADD_NEW, NULL));
    int junk[64] = {0};
    FAILS(E_INVALIDARG, add(junk, &first, CERT_STORE_ADD_NEW, NULL));
    CertCloseStore(store, 0);
}

static void newer(void **state)
{
    static const DWORD dispositions[] = {CERT_STORE_ADD_NEWER,
                                         CERT_STORE_ADD_NEWER_INHERIT_PROPERTIES};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(dispositions); i++) {
        HCERTSTORE store = open_memory();
        assert_true(add(store, &first, dispositions[i], NULL));
        FAILS(CRYPT_E_EXISTS, add(store, &first, dispositions[i], NULL));
        assert_true(add(store, &second, dispositions[i], NULL));
        assert_int_equal(count_lists(store), 1);
        FAILS(CRYPT_E_EXISTS, add(store, &first, dispositions[i], NULL));
        /* Of another kind, and of another issuer. */
        assert_true(add(store, &delta, dispositions[i], NULL));
        assert_true(add(store, &foreign, dispositions[i], NULL));
        assert_int_equal(count_lists(store), 3);
        CertCloseStore(store, 0);
    }
}

static void without_store(void **state)
{
    (void)state;
    PCCRL_CONTEXT c = NULL;
    assert_true(add(NULL, &first, CERT_STORE_ADD_NEW, &c));
    assert_non_null(c);
    PCCRL_CONTEXT same = NULL;
    assert_true(CertAddCRLContextToStore(NULL, c, CERT_STORE_ADD_NEW, &same));
    assert_ptr_equal(same, c);
    CertFreeCRLContext(same);
    CertFreeCRLContext(c);
    HCERTSTORE system =
        CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, 0,
                      CERT_SYSTEM_STORE_CURRENT_USER | CERT_STORE_READONLY_FLAG, "ROOT");
    assert_non_null(system);
    FAILS(ERROR_ACCESS_DENIED, add(system, &first, CERT_STORE_ADD_NEW, NULL));
    CertCloseStore(system, 0);
    roots_use_bundle(NULL);
}

/* Taken out during the enumeration, and held beyond the store's life. */
static void lifetimes(void **state)
{
    (void)state;
    HCERTSTORE store = open_memory();
    const struct zoo_der *all[] = {&first, &second, &delta, &foreign};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        zoo_add_list(store, all[i]);
    PCCRL_CONTEXT c = NULL;
    size_t seen = 0;
    while ((c = CertEnumCRLsInStore(store, c)) != NULL) {
        if (seen++ % 2 == 0)
            assert_true(CertDeleteCRLFromStore(CertDuplicateCRLContext(c)));
    }
    assert_int_equal(seen, 4);
    assert_int_equal(count_lists(store), 2);
    c = CertEnumCRLsInStore(store, NULL); /* the newest first */
    CertCloseStore(store, 0);
    assert_memory_equal(c->pbCrlEncoded, delta.bytes, delta.n);
    assert_int_equal(count_lists(c->hCertStore), 2);
    assert_true(CertDeleteCRLFromStore(c));
    assert_true(CertDeleteCRLFromStore(NULL));
}

static void finding(void **state)
{
    (void)state;
    CRL_FIND_ISSUED_FOR_PARA pair = {leaf->context, root->context};
    CRL_FIND_ISSUED_FOR_PARA wrong = {other->context, root->context};
    CRL_FIND_ISSUED_FOR_PARA half = {leaf->context, NULL};
    PCCRL_CONTEXT like = context_of(&second);
    const struct {
        DWORD type;
        DWORD flags;
        const void *para;
        size_t count;
    } rows[] = {
        {CRL_FIND_ANY, 0, NULL, 4},
        {CRL_FIND_ISSUED_BY, 0, NULL, 4},
        {CRL_FIND_ISSUED_BY, 0, root->context, 3},
        {CRL_FIND_ISSUED_BY, 0, leaf->context, 0},
        {CRL_FIND_ISSUED_BY, CRL_FIND_ISSUED_BY_BASE_FLAG, root->context, 2},
        {CRL_FIND_ISSUED_BY, CRL_FIND_ISSUED_BY_DELTA_FLAG, root->context, 1},
        {CRL_FIND_ISSUED_BY, CRL_FIND_ISSUED_BY_AKI_FLAG, root->context, 2},
        {CRL_FIND_ISSUED_BY, CRL_FIND_ISSUED_BY_SIGNATURE_FLAG, root->context, 3},
        {CRL_FIND_EXISTING, 0, like, 2},
        {CRL_FIND_ISSUED_FOR, 0, &pair, 3},
        {CRL_FIND_ISSUED_FOR, CRL_FIND_ISSUED_BY_DELTA_FLAG, &pair, 1},
        {CRL_FIND_ISSUED_FOR, 0, &wrong, 0},
    };
    HCERTSTORE store = open_memory();
    const struct zoo_der *all[] = {&first, &second, &delta, &foreign};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        zoo_add_list(store, all[i]);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        PCCRL_CONTEXT c = NULL;
        size_t count = 0;
        while ((c = CertFindCRLInStore(store, X509_ASN_ENCODING, rows[i].flags, rows[i].type,
                                       rows[i].para, c)) != NULL)
            count++;
        assert_int_equal(GetLastError(), (DWORD)CRYPT_E_NOT_FOUND);
        if (count != rows[i].count)
            print_message("row %zu finds %zu\n", i, count);
        assert_int_equal(count, rows[i].count);
    }
    FAILS(E_INVALIDARG, CertFindCRLInStore(store, 1, 0, 4, NULL, NULL));
    FAILS(E_INVALIDARG, CertFindCRLInStore(store, 1, 0, CRL_FIND_EXISTING, NULL, NULL));
    FAILS(E_INVALIDARG, CertFindCRLInStore(store, 1, 0, CRL_FIND_ISSUED_FOR, &half, NULL));
    FAILS(E_INVALIDARG, CertFindCRLInStore(NULL, 1, 0, CRL_FIND_ANY, NULL, NULL));
    /* A context of another store is given back all the same. */
    FAILS(E_INVALIDARG, CertEnumCRLsInStore(store, like));
    CertCloseStore(store, 0);
}

/* ---- files ----------------------------------------------------------------------------- */

static void write_block(FILE *file, DWORD format, const uint8_t *der, size_t n)
{
    char text[16384];
    DWORD size = sizeof text;
    assert_true(CryptBinaryToStringA(der, (DWORD)n, format | CRYPT_STRING_NOCR, text, &size));
    assert_true(fputs(text, file) >= 0);
}

static size_t count_certificates(HCERTSTORE store)
{
    size_t count = 0;
    PCCERT_CONTEXT context = NULL;
    while ((context = CertEnumCertificatesInStore(store, context)) != NULL)
        count++;
    return count;
}

/* A file of authorities brings their lists along; one list does not parse. */
static void files(void **state)
{
    char path[] = "/dev/shm/schannel-lists-XXXXXX";
    (void)state;
    int fd = mkstemp(path);
    FILE *file = fdopen(fd, "w");
    assert_non_null(file);
    struct zoo_der cut = second;
    cut.n--;
    write_block(file, CRYPT_STRING_BASE64HEADER, root->der, (size_t)root->der_len);
    write_block(file, CRYPT_STRING_BASE64X509CRLHEADER, first.bytes, first.n);
    write_block(file, CRYPT_STRING_BASE64X509CRLHEADER, cut.bytes, cut.n);
    write_block(file, CRYPT_STRING_BASE64X509CRLHEADER, delta.bytes, delta.n);
    fclose(file);
    HCERTSTORE store = SchannelLoadCaFile(path);
    assert_non_null(store);
    assert_int_equal(count_lists(store), 2);
    assert_int_equal(count_certificates(store), 1);
    CertCloseStore(store, 0);
    /* Beside a leaf everything must parse. */
    assert_null(SchannelLoadPemFiles(path, NULL, NULL));
    assert_int_equal(GetLastError(), (DWORD)CRYPT_E_ASN1_BADTAG);
    file = fopen(path, "w");
    write_block(file, CRYPT_STRING_BASE64X509CRLHEADER, first.bytes, first.n);
    fclose(file);
    store = SchannelLoadCaFile(path);
    assert_int_equal(count_lists(store), 1);
    CertCloseStore(store, 0);
    assert_null(SchannelLoadPemFiles(path, NULL, NULL));
    assert_int_equal(GetLastError(), (DWORD)CRYPT_E_NOT_FOUND);
    unlink(path);
}

/* ---- what a list says ------------------------------------------------------------------ */

static void looking_up(void **state)
{
    (void)state;
    PCCRL_CONTEXT c = context_of(&first);
    PCRL_ENTRY entry = NULL;
    PCRL_INFO infos[] = {NULL, NULL};
    assert_true(CertFindCertificateInCRL(leaf->context, c, 0, NULL, &entry));
    assert_ptr_equal(entry, c->pCrlInfo->rgCRLEntry);
    assert_true(CertFindCertificateInCRL(other->context, c, 0, NULL, &entry));
    assert_null(entry);
    FAILS(E_INVALIDARG, CertFindCertificateInCRL(NULL, c, 0, NULL, &entry));
    FAILS(E_INVALIDARG, CertFindCertificateInCRL(leaf->context, NULL, 0, NULL, &entry));
    FAILS(E_INVALIDARG, CertFindCertificateInCRL(leaf->context, c, 0, NULL, NULL));
    PCCRL_CONTEXT empty = context_of(&second);
    infos[0] = empty->pCrlInfo;
    infos[1] = c->pCrlInfo;
    assert_true(CertVerifyCRLRevocation(1, leaf->context->pCertInfo, 1, infos));
    assert_true(CertVerifyCRLRevocation(1, leaf->context->pCertInfo, 0, NULL));
    FAILS(0, CertVerifyCRLRevocation(1, leaf->context->pCertInfo, 2, infos));
    assert_true(CertVerifyCRLRevocation(1, other->context->pCertInfo, 2, infos));
    FAILS(E_INVALIDARG, CertVerifyCRLRevocation(1, NULL, 2, infos));
    FAILS(E_INVALIDARG, CertVerifyCRLRevocation(1, leaf->context->pCertInfo, 1, NULL));
    assert_true(CertIsValidCRLForCertificate(leaf->context, c, 0, NULL));
    assert_false(CertIsValidCRLForCertificate(other->context, c, 0, NULL));
    FAILS(E_INVALIDARG, CertIsValidCRLForCertificate(NULL, c, 0, NULL));
    FAILS(E_INVALIDARG, CertIsValidCRLForCertificate(leaf->context, NULL, 0, NULL));
    CertFreeCRLContext(empty);
    CertFreeCRLContext(c);
}

static void time_validity(void **state)
{
    static const struct {
        int64_t now;
        LONG expected;
        LONG endless;
    } rows[] = {
        {ZOO_NOW - ZOO_DAY - 1, -1, -1}, {ZOO_NOW - ZOO_DAY, 0, 0},     {ZOO_NOW, 0, 0},
        {ZOO_NOW + ZOO_DAY, 0, 0},       {ZOO_NOW + ZOO_DAY + 1, 1, 0},
    };
    (void)state;
    struct zoo_der unbounded = LIST(.issuer = root, .next_update = -1);
    PCCRL_CONTEXT c = context_of(&first);
    PCCRL_CONTEXT endless = context_of(&unbounded);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        FILETIME time = win_filetime_from_unix(rows[i].now);
        assert_int_equal(CertVerifyCRLTimeValidity(&time, c->pCrlInfo), rows[i].expected);
        assert_int_equal(CertVerifyCRLTimeValidity(&time, endless->pCrlInfo), rows[i].endless);
    }
    assert_int_not_equal(CertVerifyCRLTimeValidity(NULL, c->pCrlInfo), 0);
    CertFreeCRLContext(endless);
    CertFreeCRLContext(c);
}

/* ---- CertVerifyRevocation -------------------------------------------------------------- */

static void verify_arguments(void **state)
{
    (void)state;
    CERT_REVOCATION_STATUS status = {.cbSize = 0};
    PVOID contexts_[] = {(PVOID)(uintptr_t)leaf->context};
    PVOID none[] = {NULL};
    FAILS(E_INVALIDARG, CertVerifyRevocation(1, 1, 1, contexts_, 0, NULL, &status)); /* C80 */
    FAILS(E_INVALIDARG, CertVerifyRevocation(1, 1, 1, contexts_, 0, NULL, NULL));
    status.cbSize = sizeof status;
    assert_true(CertVerifyRevocation(1, 1, 0, NULL, 0, NULL, &status)); /* C81 */
    FAILS(CRYPT_E_NO_REVOCATION_DLL,
          CertVerifyRevocation(0, 1, 1, contexts_, 0, NULL, &status)); /* C83 */
    assert_int_equal(status.dwError, (DWORD)CRYPT_E_NO_REVOCATION_DLL);
    FAILS(CRYPT_E_NO_REVOCATION_DLL, CertVerifyRevocation(1, 2, 1, contexts_, 0, NULL, &status));
    FAILS(E_INVALIDARG, CertVerifyRevocation(1, 1, 1, none, 0, NULL, &status));
    FAILS(E_INVALIDARG, CertVerifyRevocation(1, 1, 1, NULL, 0, NULL, &status));
}

/* The machine's time counts here, so the lists are valid from long ago to long after. */
static void verifying(void **state)
{
    const int64_t early = 86400;
    const int64_t late = ZOO_NOW + 10000 * ZOO_DAY;
    (void)state;
    const struct zoo_cert *pointed =
        ZOO(.name = "pointed", .issuer = root, .authority = ZOO_END,
            .extensions = {{"authorityInfoAccess", "OCSP;URI:http://127.0.0.1/"}});
    struct zoo_der empty = LIST(.issuer = root, .this_update = early, .next_update = late);
    struct zoo_der listing = LIST(.issuer = root, .this_update = early, .next_update = late,
                                  .entries = {{.cert = pointed, .reason = 4}});
    HCERTSTORE good = open_memory();
    HCERTSTORE bad = open_memory();
    zoo_add_list(good, &empty);
    zoo_add_list(bad, &listing);
    HCERTSTORE roots = zoo_store(root, NULL);
    PVOID chain[] = {(PVOID)(uintptr_t)pointed->context, (PVOID)(uintptr_t)root->context};
    PVOID two[] = {(PVOID)(uintptr_t)leaf->context, (PVOID)(uintptr_t)pointed->context};
    CERT_REVOCATION_STATUS status = {.cbSize = sizeof status};
    CERT_REVOCATION_PARA para = {.cbSize = sizeof para, .pIssuerCert = root->context};
    FAILS(CRYPT_E_NO_REVOCATION_CHECK,
          CertVerifyRevocation(1, 1, 1, &chain[1], 0, NULL, &status)); /* C82 */
    assert_int_equal(status.dwIndex, 0);
    FAILS(CRYPT_E_REVOCATION_OFFLINE, /* C84 */
          CertVerifyRevocation(1, 1, 1, chain, 0, NULL, &status));
    FAILS(CRYPT_E_NO_REVOCATION_CHECK, CertVerifyRevocation(1, 1, 1, two, 0, NULL, &status));
    para.hCrlStore = good;
    assert_true(CertVerifyRevocation(1, 1, 1, chain, 0, &para, &status));
    assert_int_equal(status.dwError, 0);
    assert_true(status.fHasFreshnessTime);
    para.hCrlStore = bad;
    FAILS(CRYPT_E_REVOKED, CertVerifyRevocation(1, 1, 1, chain, 0, &para, &status));
    assert_int_equal(status.dwReason, CRL_REASON_SUPERSEDED);
    /* The issuer out of a store; the second one is the bad one. */
    HCERTSTORE stores[] = {roots};
    para.pIssuerCert = NULL;
    para.cCertStore = 1;
    para.rgCertStore = stores;
    FAILS(CRYPT_E_REVOKED, CertVerifyRevocation(1, 1, 2, two, 0, &para, &status));
    assert_int_equal(status.dwIndex, 1);
    /* The issuer out of the chain. */
    para.cCertStore = 0;
    para.hCrlStore = good;
    assert_true(CertVerifyRevocation(1, 1, 2, chain, CERT_VERIFY_REV_CHAIN_FLAG, &para, &status));
    para.cCertStore = 1;
    para.rgCertStore = NULL;
    FAILS(E_INVALIDARG, CertVerifyRevocation(1, 1, 1, chain, 0, &para, &status));
    CertCloseStore(good, 0);
    CertCloseStore(bad, 0);
    CertCloseStore(roots, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contexts),      cmocka_unit_test(bad_bytes),
        cmocka_unit_test(no_memory),     cmocka_unit_test(adding),
        cmocka_unit_test(newer),         cmocka_unit_test(without_store),
        cmocka_unit_test(lifetimes),     cmocka_unit_test(finding),
        cmocka_unit_test(files),         cmocka_unit_test(looking_up),
        cmocka_unit_test(time_validity), cmocka_unit_test(verify_arguments),
        cmocka_unit_test(verifying),
    };
    return cmocka_run_group_tests(tests, open_zoo, close_zoo);
}
