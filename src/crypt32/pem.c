/* SPDX-License-Identifier: MIT */
/* Certificates and keys from PEM text and PKCS#12, and test certificates. */
#include <arpa/inet.h>
#include <libschannel.h>
#include <stdio.h>
#include <time.h>

#include "crypt32/crl.h"
#include "crypt32/key_uri.h"

DWORD cert_last_error(err reason)
{
    if (reason == OK)
        return 0;
    if (reason == ERR_NO_MEMORY)
        return ERROR_NOT_ENOUGH_MEMORY;
    if (reason == ERR_CERT_PARSE)
        return (DWORD)CRYPT_E_ASN1_BADTAG;
    if (reason == ERR_CERT_KEY || reason == ERR_CRED_BAD_CERTIFICATE)
        return (DWORD)NTE_BAD_KEY;
    if (reason == ERR_CERT_EMPTY)
        return (DWORD)CRYPT_E_NOT_FOUND;
    return (DWORD)E_INVALIDARG;
}

/* ---- reading --------------------------------------------------------------------------- */

/* One block of PEM text. */
struct block {
    char *name;
    char *header;
    unsigned char *data;
    long n;
};

static void block_free(struct block *block)
{
    OPENSSL_free(block->name);
    OPENSSL_free(block->header);
    OPENSSL_clear_free(block->data, (size_t)block->n);
    *block = (struct block){0};
}

/* False at the end of the text, and when the rest cannot be read: *out_result tells. */
static bool next_block(BIO *bio, struct block *out, err *out_result)
{
    *out = (struct block){0};
    if (PEM_read_bio(bio, &out->name, &out->header, &out->data, &out->n) == 1)
        return true;
    unsigned long code = ERR_peek_last_error();
    if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
        *out_result = FAIL(ERR_NO_MEMORY);
    else if (ERR_GET_LIB(code) != ERR_LIB_PEM || ERR_GET_REASON(code) != PEM_R_NO_START_LINE)
        *out_result = FAIL(ERR_CERT_PARSE);
    return false;
}

static BIO *open_text(const char *text, size_t text_len, err *out_result)
{
    BIO *bio = NULL;
    if (text_len > INT32_MAX)
        *out_result = FAIL(ERR_ARGUMENT);
    else if ((bio = BIO_new_mem_buf(text, (int)text_len)) == NULL)
        *out_result = FAIL(ERR_NO_MEMORY);
    return bio;
}

/* What the block holds goes into the store, if it is something for one; *count counts. */
static err add_block(struct store *store, const struct block *block, struct cert **out_first,
                     size_t *count)
{
    struct span der = span_of(block->data, (size_t)block->n);
    if (strcmp(block->name, PEM_STRING_X509) == 0 || strcmp(block->name, PEM_STRING_X509_OLD) == 0)
        return store_add_der(store, der, (*count)++ == 0 ? out_first : NULL);
    if (strcmp(block->name, PEM_STRING_X509_CRL) != 0)
        return OK;
    /* Beside a leaf a list is no certificate that could be missing. */
    *count += out_first == NULL;
    return store_add_crl_der(store, der);
}

err pem_certificates(struct store *store, const char *text, size_t text_len,
                     struct cert **out_first)
{
    struct block block;
    size_t count = 0;
    err result = OK;
    BIO *bio = open_text(text, text_len, &result);
    while (result == OK && next_block(bio, &block, &result)) {
        result = add_block(store, &block, out_first, &count);
        /* In a bundle of roots one that does not parse is passed over. */
        if (result == ERR_CERT_PARSE && out_first == NULL)
            result = OK;
        block_free(&block);
    }
    BIO_free(bio);
    if (result == OK && count == 0)
        result = FAIL(ERR_CERT_EMPTY);
    return result;
}

/* The iterations of an encrypted key, if there is one, may be run. */
static bool key_fits(const char *text, size_t text_len)
{
    int64_t budget = PBE_ITERATIONS_MAX;
    struct block block;
    bool fits = true;
    err result = OK;
    BIO *bio = open_text(text, text_len, &result);
    while (result == OK && fits && next_block(bio, &block, &result)) {
        if (strcmp(block.name, PEM_STRING_PKCS8) == 0) {
            const unsigned char *p = block.data;
            const X509_ALGOR *algorithm = NULL;
            X509_SIG *sealed = d2i_X509_SIG(NULL, &p, block.n);
            if (sealed != NULL)
                X509_SIG_get0(sealed, &algorithm, NULL);
            fits = pbe_fits(algorithm, &budget);
            X509_SIG_free(sealed);
        }
        block_free(&block);
    }
    BIO_free(bio);
    return fits;
}

struct password {
    const char *text;
    bool was_asked;
};

static int give_password(char *out, int cap, int is_writing, void *arg)
{
    struct password *password = arg;
    (void)is_writing;
    password->was_asked = true;
    size_t n = password->text != NULL ? strlen(password->text) : 0;
    if (password->text == NULL || cap < 0 || n > (size_t)cap)
        return -1;
    mem_copy(out, password->text, n);
    return (int)n;
}

/*
 * Behind another block libcrypto reads a key by its older way, which gives an object that does not
 * answer all questions; through PKCS#8 it becomes one of the crypto room's context.
 */
static err adopt_key(struct private_key **out, EVP_PKEY *pkey)
{
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pkey);
    EVP_PKEY *native = info != NULL ? EVP_PKCS82PKEY_ex(info, crypto_context(), NULL) : NULL;
    err result = private_key_new(out, native != NULL ? native : pkey);
    EVP_PKEY_free(native);
    PKCS8_PRIV_KEY_INFO_free(info);
    return result;
}

err pem_private_key(const char *text, size_t text_len, const char *password_text,
                    struct private_key **out, DWORD *out_error)
{
    struct password password = {.text = password_text};
    *out = NULL;
    err result = OK;
    *out_error = (DWORD)NTE_BAD_KEY;
    if (!key_fits(text, text_len))
        return FAIL(ERR_CERT_KEY);
    BIO *bio = open_text(text, text_len, &result);
    TRY(result);
    EVP_PKEY *pkey =
        PEM_read_bio_PrivateKey_ex(bio, NULL, give_password, &password, crypto_context(), NULL);
    BIO_free(bio);
    if (pkey == NULL) {
        *out_error = password.was_asked ? ERROR_INVALID_PASSWORD : (DWORD)NTE_BAD_KEY;
        bool has_key = memmem(text, text_len, "PRIVATE KEY-----", 16) != NULL;
        return password.was_asked || has_key ? FAIL(ERR_CERT_KEY) : OK;
    }
    result = adopt_key(out, pkey);
    EVP_PKEY_free(pkey);
    *out_error = cert_last_error(result);
    return result;
}

struct pem_source {
    const char *pem;
    size_t pem_len;
    const char *key_pem; /* NULL: in pem, too, if anywhere */
    size_t key_len;
    const char *key_uri; /* instead */
    const char *password;
};

/* *out stays NULL when there need not be a key and there is none. */
static err load_key(const struct pem_source *source, struct private_key **out, DWORD *out_error)
{
    if (source->key_uri != NULL)
        return key_uri_load(source->key_uri, source->password, out, out_error);
    if (source->key_pem == NULL)
        return pem_private_key(source->pem, source->pem_len, source->password, out, out_error);
    TRY(pem_private_key(source->key_pem, source->key_len, source->password, out, out_error));
    return *out != NULL ? OK : FAIL(ERR_CERT_KEY);
}

static err load_pem(const struct pem_source *source, struct cert **out, DWORD *out_error)
{
    struct store *store;
    struct cert *leaf = NULL;
    struct private_key *key = NULL;
    err result = store_new(&store);
    if (result == OK)
        result = pem_certificates(store, source->pem, source->pem_len, &leaf);
    *out_error = cert_last_error(result);
    if (result == OK)
        result = load_key(source, &key, out_error);
    if (result == OK && key != NULL) {
        result = cert_bind_key(leaf, key);
        *out_error = cert_last_error(result);
    }
    if (result != OK) {
        cert_release(leaf);
        leaf = NULL;
    }
    private_key_free(key);
    store_release(store);
    *out = leaf;
    return result;
}

static PCCERT_CONTEXT finish(struct cert *leaf, err result, DWORD error)
{
    crypto_unmark();
    if (result == OK && leaf != NULL)
        return &leaf->context;
    SetLastError(error);
    return NULL;
}

PCCERT_CONTEXT SchannelLoadPem(const char *pem, size_t pem_len, const char *key_pem, size_t key_len,
                               const char *password)
{
    struct cert *leaf = NULL;
    DWORD error = (DWORD)E_INVALIDARG;
    if (pem == NULL || crypto_start() != OK) {
        SetLastError(error);
        return NULL;
    }
    crypto_mark();
    struct pem_source source = {.pem = pem,
                                .pem_len = pem_len,
                                .key_pem = key_pem,
                                .key_len = key_len,
                                .password = password};
    err result = load_pem(&source, &leaf, &error);
    return finish(leaf, result, error);
}

PCCERT_CONTEXT SchannelLoadPemFiles(const char *certificate_file, const char *key_file,
                                    const char *password)
{
    struct buf certificate;
    struct buf key;
    struct cert *leaf = NULL;
    DWORD error = (DWORD)NTE_FAIL;
    if (crypto_start() != OK) {
        SetLastError(error);
        return NULL;
    }
    crypto_mark();
    buf_init(&key, 0);
    bool is_uri = key_file != NULL && key_uri_is(key_file);
    err result = read_file(certificate_file, PEM_FILE_MAX, &certificate, &error);
    if (result == OK && key_file != NULL && !is_uri)
        result = read_file(key_file, PEM_FILE_MAX, &key, &error);
    if (result == OK) {
        struct pem_source source = {.pem = (const char *)certificate.p,
                                    .pem_len = certificate.n,
                                    .key_pem = key_file != NULL ? (const char *)key.p : NULL,
                                    .key_len = key.n,
                                    .key_uri = is_uri ? key_file : NULL,
                                    .password = password};
        result = load_pem(&source, &leaf, &error);
    }
    buf_release(&certificate);
    buf_release(&key);
    return finish(leaf, result, error);
}

HCERTSTORE SchannelLoadCaFile(const char *file)
{
    struct buf text;
    struct store *store = NULL;
    DWORD error = (DWORD)NTE_FAIL;
    if (crypto_start() != OK) {
        SetLastError(error);
        return NULL;
    }
    crypto_mark();
    err result = read_file(file, ROOT_BUNDLE_MAX, &text, &error);
    if (result == OK) {
        result = store_new(&store);
        if (result == OK)
            result = pem_certificates(store, (const char *)text.p, text.n, NULL);
        error = cert_last_error(result);
    }
    buf_release(&text);
    crypto_unmark();
    if (result == OK)
        return store;
    store_release(store);
    SetLastError(error);
    return NULL;
}

char *SchannelPemFromCertificate(PCCERT_CONTEXT certificate)
{
    char *text = NULL;
    char *copy = NULL;
    crypto_mark();
    BIO *bio = certificate != NULL ? BIO_new(BIO_s_mem()) : NULL;
    if (bio != NULL && PEM_write_bio(bio, PEM_STRING_X509, "", certificate->pbCertEncoded,
                                     (long)certificate->cbCertEncoded) > 0) {
        long n = BIO_get_mem_data(bio, &text);
        copy = n > 0 ? mem_alloc((size_t)n + 1) : NULL;
        if (copy != NULL)
            mem_copy(copy, text, (size_t)n);
    }
    BIO_free(bio);
    crypto_unmark();
    if (copy == NULL)
        SetLastError(certificate != NULL ? ERROR_NOT_ENOUGH_MEMORY : (DWORD)E_INVALIDARG);
    return copy;
}

/* ---- making ---------------------------------------------------------------------------- */

static EVP_PKEY *make_key(const char *type)
{
    struct ossl_lib_ctx_st *context = crypto_context();
    if (strcmp(type, "ecdsa-p256") == 0)
        return EVP_PKEY_Q_keygen(context, NULL, "EC", "P-256");
    if (strcmp(type, "ecdsa-p384") == 0)
        return EVP_PKEY_Q_keygen(context, NULL, "EC", "P-384");
    if (strcmp(type, "rsa-2048") == 0)
        return EVP_PKEY_Q_keygen(context, NULL, "RSA", (size_t)2048);
    if (strcmp(type, "rsa-3072") == 0)
        return EVP_PKEY_Q_keygen(context, NULL, "RSA", (size_t)3072);
    if (strcmp(type, "ed25519") == 0)
        return EVP_PKEY_Q_keygen(context, NULL, "ED25519");
    return NULL;
}

static bool is_ip(const char *name)
{
    uint8_t address[16];
    return inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1;
}

/* "a,b" becomes "DNS:a,IP:b"; the first name goes into the subject. */
static bool set_names(X509 *x509, X509V3_CTX *v3, const char *host_names)
{
    char text[2048] = "";
    char names[1024];
    char *rest = NULL;
    if (strlen(host_names) >= sizeof names)
        return false;
    memcpy(names, host_names, strlen(host_names) + 1);
    X509_NAME *subject = X509_get_subject_name(x509);
    bool is_first = true;
    for (char *name = strtok_r(names, ", ", &rest); name != NULL;
         name = strtok_r(NULL, ", ", &rest)) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "%s%s:%s", is_first ? "" : ",",
                 is_ip(name) ? "IP" : "DNS", name);
        if (is_first && X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                                   (const unsigned char *)name, -1, -1, 0) != 1)
            return false;
        is_first = false;
    }
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, v3, NID_subject_alt_name, text);
    bool added = extension != NULL && X509_add_ext(x509, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added && X509_set_issuer_name(x509, subject) == 1;
}

static bool add_extension(X509 *x509, X509V3_CTX *v3, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, v3, nid, value);
    bool added = extension != NULL && X509_add_ext(x509, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

/*
 * Not an authority: a self-signed end certificate is its own anchor for every client that trusts
 * it, and whoever steals its key cannot issue others with it.
 */
static bool fill_certificate(X509 *x509, EVP_PKEY *pkey, const char *host_names, DWORD days)
{
    uint8_t serial[16];
    X509V3_CTX v3;
    if (crypto_random(serial, sizeof serial) != OK)
        return false;
    serial[0] = (uint8_t)((serial[0] & 0x7F) | 0x40);
    BIGNUM *number = BN_bin2bn(serial, sizeof serial, NULL);
    bool ok = number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509)) != NULL;
    BN_free(number);
    X509V3_set_ctx(&v3, x509, x509, NULL, NULL, 0);
    bool is_edwards = EVP_PKEY_is_a(pkey, "ED25519") == 1;
    return ok && X509_set_version(x509, X509_VERSION_3) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(x509), -86400) != NULL &&
           X509_gmtime_adj(X509_getm_notAfter(x509), (long)days * 86400) != NULL &&
           X509_set_pubkey(x509, pkey) == 1 && set_names(x509, &v3, host_names) &&
           add_extension(x509, &v3, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(x509, &v3, NID_key_usage, "critical,digitalSignature") &&
           add_extension(x509, &v3, NID_ext_key_usage, "serverAuth,clientAuth") &&
           add_extension(x509, &v3, NID_subject_key_identifier, "hash") &&
           X509_sign(x509, pkey, is_edwards ? NULL : EVP_sha256()) > 0;
}

static err bind_made(X509 *x509, EVP_PKEY *pkey, struct cert **out)
{
    unsigned char *der = NULL;
    int n = i2d_X509(x509, &der);
    struct store *store = NULL;
    struct private_key *key = NULL;
    struct cert *cert = NULL;
    err result = n > 0 ? store_new(&store) : FAIL(ERR_NO_MEMORY);
    if (result == OK)
        result = store_add_der(store, span_of(der, (size_t)n), &cert);
    if (result == OK)
        result = private_key_new(&key, pkey);
    if (result == OK)
        result = cert_bind_key(cert, key);
    if (result != OK) {
        cert_release(cert);
        cert = NULL;
    }
    private_key_free(key);
    store_release(store);
    OPENSSL_free(der);
    *out = cert;
    return result;
}

PCCERT_CONTEXT SchannelCreateTestCertificate(const char *host_names, const char *key_type,
                                             DWORD days)
{
    struct cert *cert = NULL;
    if (host_names == NULL || host_names[0] == 0 || days < 1 || days > 3650 ||
        crypto_start() != OK) {
        SetLastError((DWORD)E_INVALIDARG);
        return NULL;
    }
    crypto_mark();
    EVP_PKEY *pkey = make_key(key_type != NULL ? key_type : "ecdsa-p256");
    X509 *x509 = pkey != NULL ? X509_new_ex(crypto_context(), NULL) : NULL;
    DWORD error = pkey == NULL ? (DWORD)E_INVALIDARG : (DWORD)NTE_FAIL;
    err result = ERR_CRYPTO;
    if (x509 != NULL && fill_certificate(x509, pkey, host_names, days))
        result = bind_made(x509, pkey, &cert);
    X509_free(x509);
    EVP_PKEY_free(pkey);
    return finish(cert, result, error);
}
