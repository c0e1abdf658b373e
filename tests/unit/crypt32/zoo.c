/* SPDX-License-Identifier: MIT */
/* Making the zoo's certificates. */
#include "zoo.h"

#include "crypt32/system.h"

#include <openssl/rsa.h>

enum { CERTS_MAX = 512, KEYS_MAX = 128 };

static struct zoo_cert *certs[CERTS_MAX];
static size_t cert_count;
static struct {
    char label[64];
    enum zoo_kind kind;
    EVP_PKEY *key;
} keys[KEYS_MAX];
static size_t key_count;
static int64_t live_before;

static EVP_PKEY *make_key(enum zoo_kind kind)
{
    switch (kind) {
    case ZOO_P256:
        return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    case ZOO_P384:
        return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384");
    case ZOO_P521:
        return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-521");
    case ZOO_RSA:
        return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    case ZOO_RSA_1024:
        return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
    case ZOO_RSA_512:
        return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)512);
    case ZOO_ED25519:
        return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    case ZOO_ED448:
        return EVP_PKEY_Q_keygen(NULL, NULL, "ED448");
    case ZOO_RSA_PSS:
        break;
    }
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
    assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, 2048), 1);
    assert_int_equal(EVP_PKEY_generate(ctx, &key), 1);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

EVP_PKEY *zoo_key(const char *label, enum zoo_kind kind)
{
    for (size_t i = 0; i < key_count; i++) {
        if (keys[i].kind == kind && strcmp(keys[i].label, label) == 0)
            return keys[i].key;
    }
    assert_true(key_count < KEYS_MAX);
    snprintf(keys[key_count].label, sizeof keys[0].label, "%s", label);
    keys[key_count].kind = kind;
    keys[key_count].key = make_key(kind);
    assert_non_null(keys[key_count].key);
    return keys[key_count++].key;
}

X509_EXTENSION *zoo_extension(const char *name, const char *value, X509 *issuer, X509 *subject)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, subject, NULL, NULL, 0);
    X509V3_set_ctx_nodb(&ctx);
    X509_EXTENSION *extension = X509V3_EXT_nconf(NULL, &ctx, name, value);
    if (extension == NULL)
        ERR_print_errors_fp(stderr);
    assert_non_null(extension);
    return extension;
}

static void add(X509 *x509, const char *name, const char *value, X509 *issuer)
{
    X509_EXTENSION *extension = zoo_extension(name, value, issuer, x509);
    assert_int_equal(X509_add_ext(x509, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static void add_extensions(X509 *x509, const struct zoo_spec *spec, X509 *issuer)
{
    char text[64] = "critical,CA:TRUE";
    if (spec->path_len != 0)
        snprintf(text, sizeof text, "critical,CA:TRUE,pathlen:%d", spec->path_len - 1);
    if (spec->authority == ZOO_CA)
        add(x509, "basicConstraints", text, issuer);
    if (spec->authority == ZOO_END)
        add(x509, "basicConstraints", "critical,CA:FALSE", issuer);
    for (size_t i = 0; i < ZOO_EXTENSIONS_MAX && spec->extensions[i].name != NULL; i++)
        add(x509, spec->extensions[i].name, spec->extensions[i].value, issuer);
}

static void sign(X509 *x509, EVP_PKEY *key, const struct zoo_spec *spec)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pkey_ctx = NULL;
    bool is_edwards = EVP_PKEY_is_a(key, "ED25519") == 1 || EVP_PKEY_is_a(key, "ED448") == 1;
    const char *hash = spec->hash != NULL ? spec->hash : "SHA256";
    assert_int_equal(
        EVP_DigestSignInit_ex(ctx, &pkey_ctx, is_edwards ? NULL : hash, NULL, NULL, key, NULL), 1);
    if (spec->pss)
        assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(pkey_ctx, RSA_PKCS1_PSS_PADDING), 1);
    if (spec->pss || EVP_PKEY_is_a(key, "RSA-PSS") == 1)
        assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(pkey_ctx, RSA_PSS_SALTLEN_DIGEST), 1);
    assert_true(X509_sign_ctx(x509, ctx) > 0);
    EVP_MD_CTX_free(ctx);
}

static void set_subject(X509 *x509, const struct zoo_spec *spec)
{
    X509_NAME *name = X509_get_subject_name(x509);
    if (spec->name[0] != 0)
        assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                                    (const unsigned char *)spec->name, -1, -1, 0),
                         1);
    X509_set_issuer_name(x509,
                         spec->issuer != NULL ? X509_get_subject_name(spec->issuer->x509) : name);
}

static void encode(struct zoo_cert *cert, bool breaks_signature)
{
    cert->der_len = i2d_X509(cert->x509, &cert->der);
    assert_true(cert->der_len > 0);
    /* The last byte belongs to the signature's value. */
    if (breaks_signature)
        cert->der[cert->der_len - 1] ^= 1;
    cert->context =
        CertCreateCertificateContext(X509_ASN_ENCODING, cert->der, (DWORD)cert->der_len);
    assert_non_null(cert->context);
}

static void take_modulus_away(X509 *x509)
{
    static const unsigned char numbers[] = {0x30, 6, 2, 1, 0, 2, 1, 3};
    unsigned char *copy = OPENSSL_memdup(numbers, sizeof numbers);
    assert_int_equal(X509_PUBKEY_set0_param(X509_get_X509_PUBKEY(x509),
                                            OBJ_nid2obj(NID_rsaEncryption), V_ASN1_NULL, NULL, copy,
                                            sizeof numbers),
                     1);
}

const struct zoo_cert *zoo_make(const struct zoo_spec *spec)
{
    static long serial = 1000;
    struct zoo_cert *cert = mem_alloc(sizeof *cert);
    assert_true(cert_count < CERTS_MAX);
    cert->key = zoo_key(spec->label != NULL ? spec->label : spec->name, spec->kind);
    cert->x509 = X509_new();
    X509_set_version(cert->x509, spec->is_v1 ? X509_VERSION_1 : X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(cert->x509), ++serial);
    ASN1_TIME_set(X509_getm_notBefore(cert->x509),
                  spec->not_before != 0 ? spec->not_before : ZOO_NOW - 365 * ZOO_DAY);
    ASN1_TIME_set(X509_getm_notAfter(cert->x509),
                  spec->not_after != 0 ? spec->not_after : ZOO_NOW + 365 * ZOO_DAY);
    assert_int_equal(X509_set_pubkey(cert->x509, cert->key), 1);
    if (spec->has_no_modulus)
        take_modulus_away(cert->x509);
    set_subject(cert->x509, spec);
    if (!spec->is_v1)
        add_extensions(cert->x509, spec, spec->issuer != NULL ? spec->issuer->x509 : cert->x509);
    sign(cert->x509, spec->issuer != NULL ? spec->issuer->key : cert->key, spec);
    encode(cert, spec->breaks_signature);
    certs[cert_count++] = cert;
    return cert;
}

struct span zoo_der(const struct zoo_cert *cert)
{
    return span_of(cert->der, (size_t)cert->der_len);
}

enum { ZOO_STORE_MAX = 32 };

HCERTSTORE zoo_store(const struct zoo_cert *first, ...)
{
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    va_list list;
    const struct zoo_cert *all[ZOO_STORE_MAX];
    size_t count = 0;
    assert_non_null(store);
    va_start(list, first);
    for (const struct zoo_cert *c = first; c != NULL; c = va_arg(list, const struct zoo_cert *)) {
        assert_true(count < ZOO_STORE_MAX);
        all[count++] = c;
    }
    va_end(list);
    /* What is added last is enumerated first (observed.md X12). */
    while (count-- > 0)
        assert_true(CertAddCertificateContextToStore(store, all[count]->context,
                                                     CERT_STORE_ADD_ALWAYS, NULL));
    return store;
}

void zoo_open(void)
{
    assert_int_equal(crypto_start(), OK);
    live_before = mem_live();
}

void zoo_close(void)
{
    /* What the library keeps of the system's stores. */
    system_forget();
    roots_use_bundle(NULL);
    for (size_t i = 0; i < cert_count; i++) {
        CertFreeCertificateContext(certs[i]->context);
        OPENSSL_free(certs[i]->der);
        X509_free(certs[i]->x509);
        mem_free(certs[i]);
    }
    for (size_t i = 0; i < key_count; i++)
        EVP_PKEY_free(keys[i].key);
    cert_count = key_count = 0;
    assert_int_equal(mem_live(), live_before);
}
