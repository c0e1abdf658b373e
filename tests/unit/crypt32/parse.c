/* SPDX-License-Identifier: MIT */
/*
 * Certificates as bytes: what CERT_INFO says about good ones (certificates.md 1), and that bad ones
 * give NULL, a last error, and leave nothing behind: every truncation, every changed byte, every
 * failed allocation.
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

static PCCERT_CONTEXT parse(struct span der)
{
    SetLastError(0);
    return CertCreateCertificateContext(X509_ASN_ENCODING, der.p, (DWORD)der.n);
}

/* NULL with this last error, and nothing of the call is left. */
static bool refused_with(struct span der, DWORD error)
{
    int64_t live = mem_live();
    ERR_clear_error();
    PCCERT_CONTEXT context = parse(der);
    bool refused = context == NULL && GetLastError() == error && ERR_peek_error() == 0;
    CertFreeCertificateContext(context);
    return refused && mem_live() == live;
}

/* ---- good ones ------------------------------------------------------------------------- */

static void certificate_info(void **state)
{
    (void)state;
    const struct zoo_cert *root = ZOO(.name = "root");
    const struct zoo_cert *cert = ZOO(.name = "leaf", .issuer = root, .authority = ZOO_END,
                                      .extensions = {{"keyUsage", "critical,digitalSignature"},
                                                     {"1.3.6.1.4.1.55555.1", "DER:0102"}});
    const CERT_INFO *info = cert->context->pCertInfo;
    assert_int_equal(cert->context->dwCertEncodingType, X509_ASN_ENCODING);
    assert_int_equal(cert->context->cbCertEncoded, cert->der_len);
    assert_memory_equal(cert->context->pbCertEncoded, cert->der, cert->der_len);
    assert_ptr_not_equal(cert->context->pbCertEncoded, cert->der);
    assert_non_null(cert->context->hCertStore); /* X2 */
    assert_int_equal(info->dwVersion, CERT_V3);
    assert_string_equal(info->SignatureAlgorithm.pszObjId, "1.2.840.10045.4.3.2");
    assert_int_equal(info->SignatureAlgorithm.Parameters.cbData, 0);
    assert_true(CertCompareCertificateName(X509_ASN_ENCODING, (PCERT_NAME_BLOB)&info->Issuer,
                                           (PCERT_NAME_BLOB)&root->context->pCertInfo->Subject));
    assert_string_equal(info->SubjectPublicKeyInfo.Algorithm.pszObjId, "1.2.840.10045.2.1");
    assert_int_equal(info->SubjectPublicKeyInfo.PublicKey.cbData, 65);
    assert_int_equal(info->SubjectPublicKeyInfo.PublicKey.cUnusedBits, 0);
    assert_int_equal(info->SubjectPublicKeyInfo.PublicKey.pbData[0], 4);
    assert_int_equal(info->cExtension, 3);
    const CERT_EXTENSION *usage =
        CertFindExtension("2.5.29.15", info->cExtension, info->rgExtension);
    assert_non_null(usage);
    assert_true(usage->fCritical);
    const CERT_EXTENSION *own =
        CertFindExtension("1.3.6.1.4.1.55555.1", info->cExtension, info->rgExtension);
    assert_non_null(own);
    assert_false(own->fCritical);
    assert_int_equal(own->Value.cbData, 2);
    assert_memory_equal(own->Value.pbData, "\x01\x02", 2);
    assert_null(CertFindExtension("1.2.3", info->cExtension, info->rgExtension));
    assert_null(CertFindExtension(NULL, info->cExtension, info->rgExtension));
    assert_int_equal(win_unix_from_filetime(info->NotBefore), ZOO_NOW - 365 * ZOO_DAY);
    assert_int_equal(win_unix_from_filetime(info->NotAfter), ZOO_NOW + 365 * ZOO_DAY);
}

static PCCERT_CONTEXT with_serial(const char *hex)
{
    const struct zoo_cert *model = ZOO(.name = "serial");
    X509 *x509 = X509_dup(model->x509);
    BIGNUM *number = NULL;
    unsigned char *der = NULL;
    assert_true(BN_hex2bn(&number, hex) > 0);
    assert_non_null(BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509)));
    BN_free(number);
    assert_true(X509_sign(x509, model->key, EVP_sha256()) > 0);
    int n = i2d_X509(x509, &der);
    PCCERT_CONTEXT context = parse(span_of(der, (size_t)n));
    OPENSSL_free(der);
    X509_free(x509);
    return context;
}

static void serial_numbers(void **state)
{
    static const struct {
        const char *number;
        const char *stored; /* little-endian, without sign padding */
        size_t n;
    } rows[] = {
        {"01", "\x01", 1},       {"00", "\x00", 1},        {"7F", "\x7F", 1},
        {"80", "\x80", 1},       {"9A01", "\x01\x9A", 2},  {"FF01", "\x01\xFF", 2},
        {"-01", "\xFF", 1},      {"-80", "\x80", 1},       {"-81", "\x7F\xFF", 2},
        {"0100", "\x00\x01", 2}, {"-0100", "\x00\xFF", 2},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        PCCERT_CONTEXT context = with_serial(rows[i].number);
        assert_non_null(context);
        const CRYPT_INTEGER_BLOB *serial = &context->pCertInfo->SerialNumber;
        assert_int_equal(serial->cbData, rows[i].n);
        assert_memory_equal(serial->pbData, rows[i].stored, rows[i].n);
        CertFreeCertificateContext(context);
    }
    PCCERT_CONTEXT longer = with_serial("0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF01234567"
                                        "89ABCDEF0123456789ABCDEF");
    assert_non_null(longer);
    assert_int_equal(longer->pCertInfo->SerialNumber.cbData, 40);
    CertFreeCertificateContext(longer);
}

/* 0xFF01 and 1 are not the same certificate, whatever padding means. */
static void serials_compared(void **state)
{
    (void)state;
    PCCERT_CONTEXT one = with_serial("01");
    PCCERT_CONTEXT large = with_serial("FF01");
    assert_true(CertCompareCertificate(X509_ASN_ENCODING, one->pCertInfo, one->pCertInfo));
    assert_false(CertCompareCertificate(X509_ASN_ENCODING, one->pCertInfo, large->pCertInfo));
    BYTE padded[] = {0x01, 0x00, 0x00};
    CERT_INFO copy = *one->pCertInfo;
    copy.SerialNumber = (CRYPT_INTEGER_BLOB){.cbData = sizeof padded, .pbData = padded};
    assert_true(CertCompareCertificate(X509_ASN_ENCODING, one->pCertInfo, &copy));
    CertFreeCertificateContext(one);
    CertFreeCertificateContext(large);
}

/* ---- bad ones -------------------------------------------------------------------------- */

static void bad_arguments(void **state)
{
    (void)state;
    struct span der = zoo_der(ZOO(.name = "x"));
    assert_null(CertCreateCertificateContext(0, der.p, (DWORD)der.n)); /* X1 */
    assert_int_equal(GetLastError(), (DWORD)E_INVALIDARG);
    assert_null(CertCreateCertificateContext(PKCS_7_ASN_ENCODING, der.p, (DWORD)der.n));
    assert_int_equal(GetLastError(), (DWORD)E_INVALIDARG);
    assert_null(CertCreateCertificateContext(X509_ASN_ENCODING, NULL, 5));
    assert_int_equal(GetLastError(), (DWORD)CRYPT_E_ASN1_EOD);
    assert_null(CertCreateCertificateContext(X509_ASN_ENCODING, der.p, 0));
    assert_int_equal(GetLastError(), (DWORD)CRYPT_E_ASN1_EOD);
    PCCERT_CONTEXT both =
        CertCreateCertificateContext(X509_ASN_ENCODING | PKCS_7_ASN_ENCODING, der.p, (DWORD)der.n);
    assert_non_null(both);
    assert_true(CertFreeCertificateContext(both));
    assert_true(CertFreeCertificateContext(NULL));
    assert_null(CertDuplicateCertificateContext(NULL));
}

static void every_truncation(void **state)
{
    (void)state;
    struct span der = zoo_der(ZOO(.name = "x"));
    for (size_t n = 1; n < der.n; n++) {
        /* A block of its own, so that a read behind the end is seen. */
        uint8_t *copy = mem_dup(der.p, n);
        assert_true(refused_with(span_of(copy, n), (DWORD)CRYPT_E_ASN1_BADTAG));
        mem_free(copy);
    }
}

static void trailing_bytes(void **state)
{
    (void)state;
    struct span der = zoo_der(ZOO(.name = "x"));
    uint8_t *longer = mem_alloc(der.n + 1);
    memcpy(longer, der.p, der.n);
    assert_true(refused_with(span_of(longer, der.n + 1), (DWORD)CRYPT_E_ASN1_BADTAG));
    mem_free(longer);
}

/* Whatever a changed byte makes of it: no crash, no leak, and what parses can be looked at. */
static void every_changed_byte(void **state)
{
    static const uint8_t changes[] = {0x01, 0x80, 0xFF};
    (void)state;
    const struct zoo_cert *cert =
        ZOO(.name = "host.test", .extensions = {{"subjectAltName", "DNS:host.test"},
                                                {"extendedKeyUsage", "serverAuth"}});
    struct span der = zoo_der(cert);
    HCERTSTORE roots = zoo_store(NULL);
    size_t parsed = 0;
    for (size_t i = 0; i < der.n * ARRAY_LEN(changes); i++) {
        int64_t live = mem_live();
        uint8_t *copy = mem_dup(der.p, der.n);
        copy[i / ARRAY_LEN(changes)] ^= changes[i % ARRAY_LEN(changes)];
        PCCERT_CONTEXT context = parse(span_of(copy, der.n));
        mem_free(copy);
        if (context != NULL) {
            struct chain_request request = {.leaf = context,
                                            .exclusive_root = roots,
                                            .server_name = "host.test",
                                            .now = ZOO_NOW};
            struct chain_verdict verdict;
            assert_int_equal(chain_judge(&request, &verdict), OK);
            assert_int_not_equal(verdict.reason, OK);
            parsed++;
        }
        CertFreeCertificateContext(context);
        assert_int_equal(mem_live(), live);
    }
    assert_true(parsed > 100);
    CertCloseStore(roots, 0);
}

static PCCERT_CONTEXT with_extensions(int count, bool same)
{
    const struct zoo_cert *model = ZOO(.name = "many");
    X509 *x509 = X509_dup(model->x509);
    unsigned char *der = NULL;
    for (int i = 0; i < count; i++) {
        char oid[64];
        snprintf(oid, sizeof oid, "1.3.6.1.4.1.55555.%d", same ? 1 : i + 1);
        X509_EXTENSION *extension = zoo_extension(oid, "DER:0500", x509, x509);
        X509_add_ext(x509, extension, -1);
        X509_EXTENSION_free(extension);
    }
    assert_true(X509_sign(x509, model->key, EVP_sha256()) > 0);
    int n = i2d_X509(x509, &der);
    PCCERT_CONTEXT context = parse(span_of(der, (size_t)n));
    OPENSSL_free(der);
    X509_free(x509);
    return context;
}

static DWORD trust_errors(PCCERT_CONTEXT context)
{
    HCERTSTORE roots = zoo_store(NULL);
    CertAddCertificateContextToStore(roots, context, CERT_STORE_ADD_ALWAYS, NULL);
    struct chain_request request = {.leaf = context, .exclusive_root = roots, .now = ZOO_NOW};
    struct chain_verdict verdict;
    assert_int_equal(chain_judge(&request, &verdict), OK);
    CertCloseStore(roots, 0);
    return verdict.trust_errors;
}

static void extension_counts(void **state)
{
    (void)state;
    PCCERT_CONTEXT different = with_extensions(200, false);
    assert_non_null(different);
    assert_int_equal(trust_errors(different), 0);
    PCCERT_CONTEXT twice = with_extensions(2, true);
    assert_non_null(twice); /* it can be looked at */
    assert_int_equal(trust_errors(twice), CERT_TRUST_INVALID_EXTENSION);
    CertFreeCertificateContext(different);
    CertFreeCertificateContext(twice);
    assert_null(with_extensions(300, false));
    assert_int_equal(GetLastError(), (DWORD)CRYPT_E_ASN1_BADTAG);
}

/* The algorithm inside the signed part and the one beside the signature. */
static void algorithms_disagree(void **state)
{
    (void)state;
    const struct zoo_cert *cert = ZOO(.name = "two algorithms");
    uint8_t *copy = mem_dup(cert->der, (size_t)cert->der_len);
    static const uint8_t oid[] = {0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02};
    uint8_t *last = NULL;
    for (size_t i = 0; i + sizeof oid <= (size_t)cert->der_len; i++) {
        if (memcmp(copy + i, oid, sizeof oid) == 0)
            last = copy + i;
    }
    assert_non_null(last);
    last[9] = 0x03; /* SHA-384 instead of SHA-256 */
    PCCERT_CONTEXT context = parse(span_of(copy, (size_t)cert->der_len));
    if (context != NULL)
        assert_true((trust_errors(context) & CERT_TRUST_IS_NOT_SIGNATURE_VALID) != 0);
    CertFreeCertificateContext(context);
    mem_free(copy);
}

/* C29: an inner NUL in an alternative name. */
static void inner_nul(void **state)
{
    static const struct {
        const char *der;
        DWORD errors;
    } rows[] = {
        {"DER:3005820361"
         "6263",
         0},
        {"DER:3005820361"
         "6200",
         0}, /* at the end: seen in the field */
        {"DER:3005820361"
         "0063",
         CERT_TRUST_INVALID_NAME_CONSTRAINTS | CERT_TRUST_INVALID_EXTENSION},
        {"DER:3005810361"
         "0063",
         CERT_TRUST_INVALID_NAME_CONSTRAINTS | CERT_TRUST_INVALID_EXTENSION},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct zoo_cert *cert =
            ZOO(.name = "nul", .extensions = {{"2.5.29.17", rows[i].der}});
        assert_int_equal(trust_errors(cert->context), rows[i].errors);
    }
}

/* ---- keys ------------------------------------------------------------------------------ */

/* An RSA key with numbers of these many bits: not made, only written down. */
static bool key_accepted(int modulus_bits, const char *exponent)
{
    const struct zoo_cert *model = ZOO(.name = "rsa", .kind = ZOO_RSA);
    BIGNUM *n = BN_new();
    BIGNUM *e = NULL;
    unsigned char bytes[4096];
    uint8_t *p = bytes;
    BN_rand(n, modulus_bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD);
    BN_hex2bn(&e, exponent);
    ASN1_INTEGER *numbers[2] = {BN_to_ASN1_INTEGER(n, NULL), BN_to_ASN1_INTEGER(e, NULL)};
    int body = i2d_ASN1_INTEGER(numbers[0], NULL) + i2d_ASN1_INTEGER(numbers[1], NULL);
    ASN1_put_object(&p, 1, body, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
    i2d_ASN1_INTEGER(numbers[0], &p);
    i2d_ASN1_INTEGER(numbers[1], &p);
    X509_PUBKEY *key = X509_PUBKEY_new();
    unsigned char *encoded = OPENSSL_memdup(bytes, (size_t)(p - bytes));
    X509_PUBKEY_set0_param(key, OBJ_nid2obj(NID_rsaEncryption), V_ASN1_NULL, NULL, encoded,
                           (int)(p - bytes));
    unsigned char *spki = NULL;
    int spki_len = i2d_X509_PUBKEY(key, &spki);
    struct public_key *made = NULL;
    bool accepted = public_key_new(&made, span_of(spki, (size_t)spki_len)) == OK;
    public_key_free(made);
    OPENSSL_free(spki);
    X509_PUBKEY_free(key);
    ASN1_INTEGER_free(numbers[0]);
    ASN1_INTEGER_free(numbers[1]);
    BN_free(n);
    BN_free(e);
    (void)model;
    return accepted;
}

static void rsa_bounds(void **state)
{
    (void)state;
    assert_true(key_accepted(1024, "010001"));
    assert_true(key_accepted(8192, "010001"));
    assert_false(key_accepted(1023, "010001"));
    assert_false(key_accepted(8193, "010001"));
    assert_false(key_accepted(16384, "010001"));
    assert_true(key_accepted(2048, "03"));
    assert_true(key_accepted(2048, "FFFFFFFFFFFFFFFF"));
    assert_false(key_accepted(2048, "01FFFFFFFFFFFFFFFF"));
    assert_false(key_accepted(2048, "01"));
    assert_false(key_accepted(2048, "010000"));
    assert_false(key_accepted(2048, "-03"));
}

/* ---- memory ---------------------------------------------------------------------------- */

static void no_memory(void **state)
{
    (void)state;
    struct span der = zoo_der(ZOO(.name = "x"));
    PCCERT_CONTEXT context = NULL;
    int failures = 0;
    for (uint64_t n = 1; context == NULL; n++) {
        int64_t live = mem_live();
        mem_fail_at(n, false);
        context = parse(der);
        mem_fail_at(0, false);
        if (context != NULL)
            break;
        failures++;
        assert_int_equal(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
        assert_int_equal(mem_live(), live);
    }
    assert_int_equal(failures, 4); /* body, bytes, arena, context */
    CertFreeCertificateContext(context);
}

static void peer_chain(void **state)
{
    (void)state;
    const struct zoo_cert *root = ZOO(.name = "root");
    const struct zoo_cert *leaf = ZOO(.name = "leaf", .issuer = root, .authority = ZOO_END);
    struct span chain[] = {zoo_der(leaf), zoo_der(root)};
    PCCERT_CONTEXT context = NULL;
    err result = ERR_NO_MEMORY;
    for (uint64_t n = 1; result != OK; n++) {
        int64_t live = mem_live();
        mem_fail_at(n, false);
        result = cert_chain_from_peer(chain, 2, span_text("staple"), &context);
        mem_fail_at(0, false);
        if (result != OK) {
            assert_int_equal(result, ERR_NO_MEMORY);
            assert_null(context);
            assert_int_equal(mem_live(), live);
        }
    }
    PCCERT_CONTEXT first = CertEnumCertificatesInStore(context->hCertStore, NULL);
    assert_ptr_equal(first, context); /* leaf first, the very context (Q5, Q6) */
    PCCERT_CONTEXT second = CertEnumCertificatesInStore(context->hCertStore, first);
    assert_int_equal(second->cbCertEncoded, root->der_len);
    assert_null(CertEnumCertificatesInStore(context->hCertStore, second));
    DWORD size = 0;
    assert_true(
        CertGetCertificateContextProperty(context, CERT_OCSP_RESPONSE_PROP_ID, NULL, &size));
    assert_int_equal(size, 6);
    CertFreeCertificateContext(context);
    chain[1] = span_text("junk");
    assert_int_equal(cert_chain_from_peer(chain, 2, span_empty(), &context), ERR_CERT_PARSE);
    assert_int_equal(cert_chain_from_peer(chain, 0, span_empty(), &context), ERR_CERT_EMPTY);
}

/* ---- planted --------------------------------------------------------------------------- */

static void positive_control(void **state)
{
    (void)state;
    struct span der = zoo_der(ZOO(.name = "x"));
    assert_false(refused_with(der, (DWORD)CRYPT_E_ASN1_BADTAG));        /* it is not refused */
    assert_false(refused_with(span_text("junk"), (DWORD)E_INVALIDARG)); /* with another error */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificate_info),    cmocka_unit_test(serial_numbers),
        cmocka_unit_test(serials_compared),    cmocka_unit_test(bad_arguments),
        cmocka_unit_test(every_truncation),    cmocka_unit_test(trailing_bytes),
        cmocka_unit_test(every_changed_byte),  cmocka_unit_test(extension_counts),
        cmocka_unit_test(algorithms_disagree), cmocka_unit_test(inner_nul),
        cmocka_unit_test(rsa_bounds),          cmocka_unit_test(no_memory),
        cmocka_unit_test(peer_chain),          cmocka_unit_test(positive_control),
    };
    return cmocka_run_group_tests(tests, open_zoo, close_zoo);
}
