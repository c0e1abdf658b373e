/* SPDX-License-Identifier: MIT */
/*
 * PKCS#12 (RFC 7292). RC2 and 3DES files need the legacy provider, which is loaded into a library
 * context that serves nothing else. Iteration counts are checked before any key is derived.
 */
#include <libschannel.h>

#include "crypt32/cert.h"

enum { PFX_FILE_MAX = 1 << 20, ITERATIONS_MAX = 5000000 };

static pthread_once_t context_once = PTHREAD_ONCE_INIT;
static OSSL_LIB_CTX *pfx_context;

static void make_context(void)
{
    pfx_context = OSSL_LIB_CTX_new();
    if (pfx_context == NULL)
        return;
    /* Absent on some systems: modern files work without. */
    OSSL_PROVIDER_load(pfx_context, "legacy");
    if (OSSL_PROVIDER_load(pfx_context, "default") == NULL) {
        OSSL_LIB_CTX_free(pfx_context);
        pfx_context = NULL;
    }
}

static PKCS12 *parse(struct span bytes)
{
    pthread_once(&context_once, make_context);
    PKCS12 *p12 = pfx_context != NULL ? PKCS12_init_ex(NID_pkcs7_data, pfx_context, NULL) : NULL;
    BIO *bio = p12 != NULL && bytes.n <= INT32_MAX ? BIO_new_mem_buf(bytes.p, (int)bytes.n) : NULL;
    if (bio == NULL || d2i_PKCS12_bio(bio, &p12) == NULL) {
        /* d2i frees the object only when it was reached. */
        if (bio == NULL)
            PKCS12_free(p12);
        p12 = NULL;
    }
    BIO_free(bio);
    return p12;
}

/* ---- iteration counts ------------------------------------------------------------------ */

static bool count_fits(const ASN1_INTEGER *count)
{
    int64_t value;
    return count == NULL ||
           (ASN1_INTEGER_get_int64(&value, count) == 1 && value > 0 && value <= ITERATIONS_MAX);
}

static bool pbes2_fits(const ASN1_TYPE *parameters)
{
    PBE2PARAM *pbe2 = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), parameters);
    PBKDF2PARAM *kdf =
        pbe2 != NULL && pbe2->keyfunc != NULL
            ? ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), pbe2->keyfunc->parameter)
            : NULL;
    bool fits = kdf != NULL && count_fits(kdf->iter);
    PBKDF2PARAM_free(kdf);
    PBE2PARAM_free(pbe2);
    return fits;
}

static bool algorithm_fits(const X509_ALGOR *algorithm)
{
    if (algorithm == NULL)
        return false;
    if (OBJ_obj2nid(algorithm->algorithm) == NID_pbes2)
        return pbes2_fits(algorithm->parameter);
    PBEPARAM *pbe = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBEPARAM), algorithm->parameter);
    bool fits = pbe != NULL && count_fits(pbe->iter);
    PBEPARAM_free(pbe);
    return fits;
}

static bool bags_fit(const PKCS7 *p7)
{
    STACK_OF(PKCS12_SAFEBAG) *bags = PKCS12_unpack_p7data((PKCS7 *)(uintptr_t)p7);
    bool fits = bags != NULL;
    for (int i = 0; fits && i < sk_PKCS12_SAFEBAG_num(bags); i++) {
        const PKCS12_SAFEBAG *bag = sk_PKCS12_SAFEBAG_value(bags, i);
        const X509_ALGOR *algorithm = NULL;
        if (PKCS12_SAFEBAG_get_nid(bag) != NID_pkcs8ShroudedKeyBag)
            continue;
        X509_SIG_get0(PKCS12_SAFEBAG_get0_pkcs8(bag), &algorithm, NULL);
        fits = algorithm_fits(algorithm);
    }
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
    return fits;
}

static bool counts_fit(const PKCS12 *p12)
{
    const ASN1_INTEGER *mac_count = NULL;
    PKCS12_get0_mac(NULL, NULL, NULL, &mac_count, p12);
    STACK_OF(PKCS7) *safes = PKCS12_unpack_authsafes(p12);
    bool fits = safes != NULL && count_fits(mac_count);
    for (int i = 0; fits && i < sk_PKCS7_num(safes); i++) {
        const PKCS7 *p7 = sk_PKCS7_value(safes, i);
        int kind = OBJ_obj2nid(p7->type);
        if (kind == NID_pkcs7_data)
            fits = bags_fit(p7);
        else if (kind == NID_pkcs7_encrypted)
            fits = p7->d.encrypted != NULL && p7->d.encrypted->enc_data != NULL &&
                   algorithm_fits(p7->d.encrypted->enc_data->algorithm);
    }
    sk_PKCS7_pop_free(safes, PKCS7_free);
    return fits;
}

/* ---- import ---------------------------------------------------------------------------- */

/* The key as an object of the crypto room's context. */
static EVP_PKEY *move_key(EVP_PKEY *pkey)
{
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pkey);
    EVP_PKEY *moved = info != NULL ? EVP_PKCS82PKEY_ex(info, crypto_context(), NULL) : NULL;
    PKCS8_PRIV_KEY_INFO_free(info);
    return moved;
}

static err add_x509(struct store *store, X509 *x509, struct cert **out)
{
    unsigned char *der = NULL;
    int n = i2d_X509(x509, &der);
    if (n <= 0)
        return FAIL(ERR_NO_MEMORY);
    err result = store_add_der(store, span_of(der, (size_t)n), out);
    OPENSSL_free(der);
    return result;
}

static err bind(struct cert *cert, EVP_PKEY *pkey)
{
    struct private_key *key = NULL;
    EVP_PKEY *moved = move_key(pkey);
    err result = moved != NULL ? private_key_new(&key, moved) : FAIL(ERR_CERT_KEY);
    if (result == OK)
        result = cert_bind_key(cert, key);
    private_key_free(key);
    EVP_PKEY_free(moved);
    return result;
}

static err fill(struct store *store, EVP_PKEY *pkey, X509 *leaf, const STACK_OF(X509) * others,
                struct cert **out_leaf)
{
    struct cert *cert = NULL;
    err result = leaf != NULL ? add_x509(store, leaf, &cert) : OK;
    if (result == OK && cert != NULL && pkey != NULL)
        result = bind(cert, pkey);
    for (int i = 0; result == OK && i < sk_X509_num(others); i++)
        result = add_x509(store, sk_X509_value(others, i), NULL);
    if (result == OK && out_leaf != NULL)
        *out_leaf = cert;
    else
        cert_release(cert);
    return result;
}

static err import(struct span bytes, const char *password, struct store *store,
                  struct cert **out_leaf, DWORD *out_error)
{
    EVP_PKEY *pkey = NULL;
    X509 *leaf = NULL;
    STACK_OF(X509) *others = NULL;
    err result = ERR_CERT_PARSE;
    PKCS12 *p12 = parse(bytes);
    *out_error = ERROR_INVALID_PARAMETER;
    if (p12 != NULL && !counts_fit(p12)) {
        *out_error = (DWORD)NTE_FAIL;
    } else if (p12 != NULL && PKCS12_parse(p12, password, &pkey, &leaf, &others) != 1) {
        *out_error = ERROR_INVALID_PASSWORD;
    } else if (p12 != NULL) {
        result = fill(store, pkey, leaf, others, out_leaf);
        *out_error = cert_last_error(result);
    }
    EVP_PKEY_free(pkey);
    X509_free(leaf);
    sk_X509_pop_free(others, X509_free);
    PKCS12_free(p12);
    return result;
}

static struct store *import_store(struct span bytes, const char *password, struct cert **out_leaf)
{
    struct store *store = NULL;
    DWORD error = (DWORD)NTE_FAIL;
    err result = crypto_start();
    crypto_mark();
    if (result == OK)
        result = store_new(&store);
    if (result == OK)
        result = import(bytes, password, store, out_leaf, &error);
    crypto_unmark();
    if (result == OK)
        return store;
    store_release(store);
    SetLastError(error);
    return NULL;
}

HCERTSTORE WINAPI PFXImportCertStore(CRYPT_DATA_BLOB *pPFX, LPCWSTR szPassword, DWORD dwFlags)
{
    (void)dwFlags; /* keys always live in memory, with the certificate */
    if (pPFX == NULL || pPFX->pbData == NULL || pPFX->cbData > PFX_FILE_MAX) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    char *password = win_utf8_dup(szPassword);
    HCERTSTORE store = import_store(span_of(pPFX->pbData, pPFX->cbData), password, NULL);
    mem_free(password);
    return store;
}

BOOL WINAPI PFXIsPFXBlob(CRYPT_DATA_BLOB *pPFX)
{
    if (pPFX == NULL || pPFX->pbData == NULL || crypto_start() != OK)
        return FALSE;
    crypto_mark();
    PKCS12 *p12 = parse(span_of(pPFX->pbData, pPFX->cbData));
    BOOL is_pfx = p12 != NULL;
    PKCS12_free(p12);
    crypto_unmark();
    return is_pfx;
}

BOOL WINAPI PFXVerifyPassword(CRYPT_DATA_BLOB *pPFX, LPCWSTR szPassword, DWORD dwFlags)
{
    (void)dwFlags;
    if (pPFX == NULL || pPFX->pbData == NULL || crypto_start() != OK)
        return FALSE;
    char *password = win_utf8_dup(szPassword);
    crypto_mark();
    PKCS12 *p12 = parse(span_of(pPFX->pbData, pPFX->cbData));
    BOOL fits = p12 != NULL && counts_fit(p12) &&
                (PKCS12_verify_mac(p12, password, -1) == 1 ||
                 (password == NULL && PKCS12_verify_mac(p12, "", 0) == 1));
    PKCS12_free(p12);
    crypto_unmark();
    mem_free(password);
    return fits;
}

PCCERT_CONTEXT SchannelLoadPfxFile(const char *file, const char *password)
{
    struct buf bytes;
    struct cert *leaf = NULL;
    DWORD error;
    if (read_file(file, PFX_FILE_MAX, &bytes, &error) != OK) {
        SetLastError(error);
        return NULL;
    }
    struct store *store = import_store(buf_span(&bytes), password, &leaf);
    buf_release(&bytes);
    store_release(store);
    if (store != NULL && leaf == NULL)
        SetLastError((DWORD)CRYPT_E_NOT_FOUND);
    return leaf != NULL ? &leaf->context : NULL;
}
