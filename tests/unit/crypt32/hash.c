/* SPDX-License-Identifier: MIT */
/*
 * Hashes of certificates, keys and signed objects against libcrypto's (row X14 of the
 * observations); signatures of certificates, lists and requests by every kind of key, and what
 * breaks them.
 */
#include "zoo.h"

static const DWORD encoding = X509_ASN_ENCODING;

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

static bool is_digest(const char *name, struct span bytes, const BYTE *ours, DWORD ours_n)
{
    uint8_t theirs[EVP_MAX_MD_SIZE];
    size_t n = sizeof theirs;
    assert_int_equal(1, EVP_Q_digest(NULL, name, NULL, bytes.p, bytes.n, theirs, &n));
    return n == ours_n && memcmp(theirs, ours, n) == 0;
}

static void hashes(void **state)
{
    (void)state;
    static const struct {
        ALG_ID id;
        const char *name;
    } rows[] = {{0, "SHA1"},
                {CALG_MD5, "MD5"},
                {CALG_SHA1, "SHA1"},
                {CALG_SHA_256, "SHA256"},
                {CALG_SHA_384, "SHA384"},
                {CALG_SHA_512, "SHA512"}};
    static const BYTE bytes[] = "abc";
    BYTE hash[64];
    DWORD n;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        n = sizeof hash;
        assert_true(CryptHashCertificate(0, rows[i].id, 0, bytes, 3, hash, &n));
        assert_true(is_digest(rows[i].name, span_of(bytes, 3), hash, n));
        n = 0;
        assert_true(CryptHashCertificate(0, rows[i].id, 0, NULL, 0, NULL, &n));
    }
    n = 19;
    assert_false(CryptHashCertificate(0, 0, 0, bytes, 3, hash, &n));
    assert_int_equal(GetLastError(), ERROR_MORE_DATA);
    assert_int_equal(n, 20);
    assert_false(CryptHashCertificate(0, CALG_RC4, 0, bytes, 3, hash, &n));
    assert_int_equal(GetLastError(), (DWORD)NTE_BAD_ALGID);
    assert_false(CryptHashCertificate(0, 0, 0, NULL, 3, hash, &n));
    assert_int_equal(GetLastError(), (DWORD)E_INVALIDARG);
    assert_false(CryptHashCertificate(0, 0, 0, bytes, 3, hash, NULL));
}

static void hashes_by_name(void **state)
{
    (void)state;
    static const WCHAR sha256[] = {'S', 'H', 'A', '2', '5', '6', 0};
    static const WCHAR lower[] = {'s', 'h', 'a', '2', '5', '6', 0};
    static const WCHAR unknown[] = {'S', 'H', 'A', '2', '5', '7', 0};
    static const BYTE bytes[] = "abc";
    BYTE hash[64];
    DWORD n = sizeof hash;
    assert_true(CryptHashCertificate2(sha256, 0, NULL, bytes, 3, hash, &n));
    assert_true(is_digest("SHA256", span_of(bytes, 3), hash, n));
    assert_true(CryptHashCertificate2(lower, 0, NULL, bytes, 3, hash, &n));
    assert_false(CryptHashCertificate2(unknown, 0, NULL, bytes, 3, hash, &n));
    assert_int_equal(GetLastError(), 0xC0000225);
    assert_false(CryptHashCertificate2(NULL, 0, NULL, bytes, 3, hash, &n));
    assert_int_equal(GetLastError(), (DWORD)E_INVALIDARG);
}

static void public_key_hash(void **state)
{
    (void)state;
    static const enum zoo_kind kinds[] = {ZOO_P256, ZOO_RSA, ZOO_ED25519};
    BYTE hash[64];
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        const struct zoo_cert *cert = ZOO(.name = "hashed", .kind = kinds[i]);
        unsigned char *der = NULL;
        int der_n = i2d_PUBKEY(cert->key, &der);
        CERT_PUBLIC_KEY_INFO *key = &cert->context->pCertInfo->SubjectPublicKeyInfo;
        DWORD n = sizeof hash;
        assert_true(CryptHashPublicKeyInfo(0, CALG_SHA_256, 0, encoding, key, hash, &n));
        assert_true(is_digest("SHA256", span_of(der, (size_t)der_n), hash, n));
        n = sizeof hash;
        assert_true(CryptHashPublicKeyInfo(0, 0, 0, encoding, key, hash, &n));
        assert_true(is_digest("MD5", span_of(der, (size_t)der_n), hash, n));
        assert_false(CryptHashPublicKeyInfo(0, 0, 0, 0, key, hash, &n));
        assert_int_equal(GetLastError(), ERROR_FILE_NOT_FOUND);
        OPENSSL_free(der);
    }
    DWORD n = 0;
    assert_false(CryptHashPublicKeyInfo(0, 0, 0, encoding, NULL, hash, &n));
    assert_int_equal(GetLastError(), (DWORD)E_INVALIDARG);
}

static void signed_hash(void **state)
{
    (void)state;
    static const struct {
        enum zoo_kind kind;
        const char *hash;
        bool pss;
    } rows[] = {{ZOO_P256, "SHA256", false},
                {ZOO_P384, "SHA384", false},
                {ZOO_RSA, "SHA512", false},
                {ZOO_RSA, "SHA1", false},
                {ZOO_RSA, "SHA384", true}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct zoo_cert *cert =
            ZOO(.name = "signed", .kind = rows[i].kind, .hash = rows[i].hash, .pss = rows[i].pss);
        BYTE hash[64];
        DWORD n = sizeof hash;
        assert_true(CryptHashToBeSigned(0, encoding, cert->der, (DWORD)cert->der_len, hash, &n));
        const struct cert_body *body = cert_of(cert->context)->body;
        assert_true(is_digest(rows[i].hash, body->tbs, hash, n));
    }
    const struct zoo_cert *without = ZOO(.name = "signed", .kind = ZOO_ED25519);
    DWORD n = 0;
    assert_false(CryptHashToBeSigned(0, encoding, without->der, (DWORD)without->der_len, NULL, &n));
    assert_int_equal(GetLastError(), (DWORD)NTE_BAD_ALGID);
    assert_false(CryptHashToBeSigned(0, encoding, without->der, 20, NULL, &n));
    assert_int_equal(GetLastError(), (DWORD)CRYPT_E_ASN1_EOD);
    assert_false(CryptHashToBeSigned(0, 0, without->der, (DWORD)without->der_len, NULL, &n));
    assert_int_equal(GetLastError(), ERROR_FILE_NOT_FOUND);
}

/* ---- signatures -------------------------------------------------------------------------- */

/* 0 or the error. */
static DWORD verdict(const void *der, size_t n, const struct zoo_cert *issuer)
{
    int64_t live = mem_live();
    ERR_clear_error();
    SetLastError(0);
    BOOL done = CryptVerifyCertificateSignature(0, encoding, der, (DWORD)n,
                                                &issuer->context->pCertInfo->SubjectPublicKeyInfo);
    assert_int_equal(mem_live(), live);
    assert_int_equal(ERR_peek_error(), 0);
    return done ? 0 : GetLastError();
}

static void certificate_signatures(void **state)
{
    (void)state;
    static const enum zoo_kind kinds[] = {ZOO_P256, ZOO_P384, ZOO_P521, ZOO_RSA, ZOO_ED25519};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        const struct zoo_cert *issuer = ZOO(.name = "verifier", .kind = kinds[i]);
        const struct zoo_cert *other = ZOO(.name = "stranger", .kind = kinds[i]);
        const struct zoo_cert *good = ZOO(.name = "verified", .issuer = issuer);
        const struct zoo_cert *bad =
            ZOO(.name = "broken", .issuer = issuer, .breaks_signature = true);
        assert_int_equal(verdict(good->der, (size_t)good->der_len, issuer), 0);
        assert_int_equal(verdict(good->der, (size_t)good->der_len, other),
                         (DWORD)NTE_BAD_SIGNATURE);
        assert_int_equal(verdict(bad->der, (size_t)bad->der_len, issuer), (DWORD)NTE_BAD_SIGNATURE);
    }
    const struct zoo_cert *pss = ZOO(.name = "verifier", .kind = ZOO_RSA);
    const struct zoo_cert *by_pss = ZOO(.name = "by pss", .issuer = pss, .pss = true);
    assert_int_equal(verdict(by_pss->der, (size_t)by_pss->der_len, pss), 0);
    const struct zoo_cert *weak = ZOO(.name = "weak", .issuer = pss, .hash = "SHA1");
    assert_int_equal(verdict(weak->der, (size_t)weak->der_len, pss), (DWORD)NTE_BAD_ALGID);
    const struct zoo_cert *mixed = ZOO(.name = "verifier", .kind = ZOO_P256);
    assert_int_equal(verdict(by_pss->der, (size_t)by_pss->der_len, mixed), (DWORD)NTE_BAD_ALGID);
    const struct zoo_cert *small = ZOO(.name = "small", .kind = ZOO_RSA_512);
    assert_int_equal(verdict(by_pss->der, (size_t)by_pss->der_len, small),
                     (DWORD)NTE_BAD_PUBLIC_KEY);
}

/* Every byte of a certificate counts. */
static void changed_certificates(void **state)
{
    (void)state;
    const struct zoo_cert *issuer = ZOO(.name = "verifier", .kind = ZOO_P256);
    const struct zoo_cert *cert = ZOO(.name = "verified", .issuer = issuer);
    uint8_t *copy = mem_dup(cert->der, (size_t)cert->der_len);
    for (int i = 0; i < cert->der_len; i++) {
        copy[i] ^= 0x04;
        assert_int_not_equal(verdict(copy, (size_t)cert->der_len, issuer), 0);
        copy[i] ^= 0x04;
        assert_int_not_equal(verdict(copy, (size_t)i, issuer), 0);
    }
    assert_int_equal(verdict(copy, (size_t)cert->der_len, issuer), 0);
    mem_free(copy);
}

static void other_subjects(void **state)
{
    (void)state;
    const struct zoo_cert *issuer = ZOO(.name = "verifier", .kind = ZOO_P256);
    X509_CRL *crl = X509_CRL_new();
    X509_REQ *req = X509_REQ_new();
    ASN1_TIME *time = ASN1_TIME_set(NULL, (time_t)ZOO_NOW);
    X509_CRL_set_version(crl, 1);
    X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer->x509));
    X509_CRL_set1_lastUpdate(crl, time);
    assert_int_not_equal(0, X509_CRL_sign(crl, issuer->key, EVP_sha256()));
    X509_REQ_set_pubkey(req, issuer->key);
    assert_int_not_equal(0, X509_REQ_sign(req, issuer->key, EVP_sha256()));
    unsigned char *crl_der = NULL;
    unsigned char *req_der = NULL;
    int crl_n = i2d_X509_CRL(crl, &crl_der);
    int req_n = i2d_X509_REQ(req, &req_der);
    assert_int_equal(verdict(crl_der, (size_t)crl_n, issuer), 0);
    assert_int_equal(verdict(req_der, (size_t)req_n, issuer), 0);
    CRL_CONTEXT context = {.pbCrlEncoded = crl_der, .cbCrlEncoded = (DWORD)crl_n};
    assert_true(CryptVerifyCertificateSignatureEx(0, encoding, CRYPT_VERIFY_CERT_SIGN_SUBJECT_CRL,
                                                  &context, CRYPT_VERIFY_CERT_SIGN_ISSUER_CERT,
                                                  (void *)(uintptr_t)issuer->context, 0, NULL));
    crl_der[crl_n - 1] ^= 1;
    req_der[req_n - 1] ^= 1;
    assert_int_equal(verdict(crl_der, (size_t)crl_n, issuer), (DWORD)NTE_BAD_SIGNATURE);
    assert_int_equal(verdict(req_der, (size_t)req_n, issuer), (DWORD)NTE_BAD_SIGNATURE);
    OPENSSL_free(crl_der);
    OPENSSL_free(req_der);
    ASN1_TIME_free(time);
    X509_CRL_free(crl);
    X509_REQ_free(req);
}

/* The outer algorithm is not signed: one that differs from the inner one is refused. */
static void other_outer_algorithm(void **state)
{
    (void)state;
    const struct zoo_cert *issuer = ZOO(.name = "verifier", .kind = ZOO_P256);
    const struct zoo_cert *cert = ZOO(.name = "verified", .issuer = issuer);
    uint8_t *copy = mem_dup(cert->der, (size_t)cert->der_len);
    const struct cert_body *body = cert_of(cert->context)->body;
    size_t at = (size_t)(body->algorithm.p - body->der) + body->algorithm.n - 1;
    copy[at] = 3; /* ECDSA with SHA-384 */
    assert_int_equal(verdict(copy, (size_t)cert->der_len, issuer), (DWORD)NTE_BAD_SIGNATURE);
    mem_free(copy);
}

static BOOL verify_ex(DWORD subject_type, const void *subject, DWORD issuer_type,
                      const void *issuer)
{
    SetLastError(0);
    return CryptVerifyCertificateSignatureEx(0, encoding, subject_type, (void *)(uintptr_t)subject,
                                             issuer_type, (void *)(uintptr_t)issuer, 0, NULL);
}

static void kinds_of_arguments(void **state)
{
    (void)state;
    enum { BLOB = CRYPT_VERIFY_CERT_SIGN_SUBJECT_BLOB, CERT = CRYPT_VERIFY_CERT_SIGN_SUBJECT_CERT };
    const struct zoo_cert *issuer = ZOO(.name = "verifier", .kind = ZOO_P256);
    const struct zoo_cert *cert = ZOO(.name = "verified", .issuer = issuer);
    CRYPT_DATA_BLOB blob = {(DWORD)cert->der_len, cert->der};
    CERT_PUBLIC_KEY_INFO *key = &issuer->context->pCertInfo->SubjectPublicKeyInfo;
    CERT_CHAIN_ELEMENT element = {.pCertContext = issuer->context};
    CERT_CHAIN_ELEMENT *elements[] = {&element};
    CERT_SIMPLE_CHAIN simple = {.cElement = 1, .rgpElement = elements};
    CERT_SIMPLE_CHAIN *simples[] = {&simple};
    CERT_CHAIN_CONTEXT chain = {.cChain = 1, .rgpChain = simples};
    assert_true(verify_ex(BLOB, &blob, CRYPT_VERIFY_CERT_SIGN_ISSUER_PUBKEY, key));
    assert_true(
        verify_ex(CERT, cert->context, CRYPT_VERIFY_CERT_SIGN_ISSUER_CERT, issuer->context));
    assert_true(verify_ex(CERT, cert->context, CRYPT_VERIFY_CERT_SIGN_ISSUER_CHAIN, &chain));
    assert_false(verify_ex(CERT, cert->context, CRYPT_VERIFY_CERT_SIGN_ISSUER_CERT, cert->context));
    assert_int_equal(GetLastError(), (DWORD)NTE_BAD_SIGNATURE);
    simple.cElement = 0;
    assert_false(verify_ex(CERT, cert->context, CRYPT_VERIFY_CERT_SIGN_ISSUER_CHAIN, &chain));
    assert_int_equal(GetLastError(), (DWORD)E_INVALIDARG);
    assert_false(verify_ex(CERT, cert->context, CRYPT_VERIFY_CERT_SIGN_ISSUER_NULL, NULL));
    assert_int_equal(GetLastError(), (DWORD)E_INVALIDARG);
    assert_false(verify_ex(9, &blob, CRYPT_VERIFY_CERT_SIGN_ISSUER_PUBKEY, key));
    assert_int_equal(GetLastError(), (DWORD)E_INVALIDARG);
    assert_false(verify_ex(BLOB, NULL, CRYPT_VERIFY_CERT_SIGN_ISSUER_PUBKEY, key));
    assert_int_equal(GetLastError(), (DWORD)E_INVALIDARG);
    assert_false(CryptVerifyCertificateSignature(0, 0, cert->der, (DWORD)cert->der_len, key));
    assert_int_equal(GetLastError(), ERROR_FILE_NOT_FOUND);
    assert_false(CryptVerifyCertificateSignature(0, encoding, NULL, 9, key));
    assert_int_equal(GetLastError(), (DWORD)E_INVALIDARG);
}

static void failed_allocations(void **state)
{
    (void)state;
    const struct zoo_cert *issuer = ZOO(.name = "verifier", .kind = ZOO_P256);
    const struct zoo_cert *cert = ZOO(.name = "verified", .issuer = issuer);
    for (uint64_t at = 1;; at++) {
        assert_true(at < 50);
        mem_fail_at(at, false);
        DWORD error = verdict(cert->der, (size_t)cert->der_len, issuer);
        mem_fail_at(0, false);
        if (error == 0)
            break;
        assert_int_equal(error, ERROR_NOT_ENOUGH_MEMORY);
    }
}

static void positive_control(void **state)
{
    (void)state;
    static const BYTE bytes[] = "abc";
    BYTE hash[64];
    DWORD n = sizeof hash;
    assert_true(CryptHashCertificate(0, 0, 0, bytes, 3, hash, &n));
    assert_false(is_digest("SHA1", span_of(bytes, 2), hash, n));
    assert_false(is_digest("SHA256", span_of(bytes, 3), hash, n));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes),
        cmocka_unit_test(hashes_by_name),
        cmocka_unit_test(public_key_hash),
        cmocka_unit_test(signed_hash),
        cmocka_unit_test(certificate_signatures),
        cmocka_unit_test(changed_certificates),
        cmocka_unit_test(other_subjects),
        cmocka_unit_test(other_outer_algorithm),
        cmocka_unit_test(kinds_of_arguments),
        cmocka_unit_test(failed_allocations),
        cmocka_unit_test(positive_control),
    };
    return cmocka_run_group_tests(tests, open_zoo, close_zoo);
}
