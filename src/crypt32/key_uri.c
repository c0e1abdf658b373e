/* SPDX-License-Identifier: MIT */
/*
 * Private keys behind URIs. Tokens are reached through OSSL_STORE, in a library context that serves
 * nothing else and reads the system's openssl.cnf, so that what an administrator set up for
 * PKCS #11 is there, and the context of all other work stays as it is. Files are read here: the
 * iterations of an encrypted one are counted before a key is derived.
 */
#include "crypt32/key_uri.h"

#include <openssl/conf.h>
#include <openssl/store.h>
#include <openssl/storeerr.h>
#include <openssl/ui.h>

#include "crypt32/cert.h"

enum { URI_PATH_MAX = 4096, KEY_FILE_MAX = 1 << 20 };

static const char file_scheme[] = "file:";
static const char token_scheme[] = "pkcs11:";

static bool begins(const char *text, const char *scheme)
{
    return strncasecmp(text, scheme, strlen(scheme)) == 0;
}

bool key_uri_is(const char *text)
{
    return begins(text, file_scheme) || begins(text, token_scheme);
}

/* ---- files ----------------------------------------------------------------------------- */

static int digit_of(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* RFC 8089 2: an authority is none or this machine; RFC 3986 2.1: percent-encoding. */
static bool path_of(const char *uri, char out[URI_PATH_MAX])
{
    static const char local[] = "localhost/";
    const char *p = uri + sizeof file_scheme - 1;
    size_t n = 0;
    if (strncmp(p, "//", 2) == 0) {
        p += 2;
        p += begins(p, local) ? sizeof local - 2 : 0;
        if (*p != '/')
            return false;
    }
    for (; *p != 0 && n < URI_PATH_MAX - 1; p++) {
        int high = *p == '%' ? digit_of(p[1]) : -1;
        int low = high >= 0 ? digit_of(p[2]) : -1;
        char c = *p;
        if (low >= 0)
            c = (char)(high << 4 | low);
        if (c == 0 || (*p == '%' && low < 0))
            return false;
        out[n++] = c;
        p += low >= 0 ? 2 : 0;
    }
    out[n] = 0;
    return *p == 0 && n != 0;
}

static EVP_PKEY *from_info(const PKCS8_PRIV_KEY_INFO *info)
{
    return info != NULL ? EVP_PKCS82PKEY_ex(info, crypto_context(), NULL) : NULL;
}

/* EncryptedPrivateKeyInfo of RFC 5958 3. */
static EVP_PKEY *open_sealed(const X509_SIG *sealed, const char *password, DWORD *out_error)
{
    const X509_ALGOR *algorithm = NULL;
    int64_t budget = PBE_ITERATIONS_MAX;
    X509_SIG_get0(sealed, &algorithm, NULL);
    if (!pbe_fits(algorithm, &budget))
        return NULL;
    *out_error = ERROR_INVALID_PASSWORD;
    PKCS8_PRIV_KEY_INFO *info =
        password != NULL
            ? PKCS8_decrypt_ex(sealed, password, (int)strlen(password), crypto_context(), NULL)
            : NULL;
    EVP_PKEY *pkey = from_info(info);
    PKCS8_PRIV_KEY_INFO_free(info);
    return pkey;
}

static EVP_PKEY *read_der(struct span der, const char *password, DWORD *out_error)
{
    const unsigned char *p = der.p;
    X509_SIG *sealed = d2i_X509_SIG(NULL, &p, (long)der.n);
    EVP_PKEY *pkey = NULL;
    if (sealed != NULL && p == der.p + der.n)
        pkey = open_sealed(sealed, password, out_error);
    X509_SIG_free(sealed);
    p = der.p;
    return pkey != NULL || *out_error == ERROR_INVALID_PASSWORD
               ? pkey
               : d2i_AutoPrivateKey_ex(NULL, &p, (long)der.n, crypto_context(), NULL);
}

static err adopt(EVP_PKEY *pkey, struct private_key **out, DWORD *out_error)
{
    if (pkey == NULL)
        return FAIL(ERR_CERT_KEY);
    err result = private_key_new(out, pkey);
    EVP_PKEY_free(pkey);
    *out_error = cert_last_error(result);
    return result;
}

static err load_file(const char *uri, const char *password, struct private_key **out,
                     DWORD *out_error)
{
    char path[URI_PATH_MAX];
    struct buf bytes;
    *out_error = ERROR_INVALID_NAME;
    if (!path_of(uri, path))
        return FAIL(ERR_ARGUMENT);
    TRY(read_file(path, KEY_FILE_MAX, &bytes, out_error));
    *out_error = (DWORD)NTE_BAD_KEY;
    bool is_text = memmem(bytes.p, bytes.n, "-----BEGIN ", 11) != NULL;
    err result = is_text ? pem_private_key((const char *)bytes.p, bytes.n, password, out, out_error)
                         : adopt(read_der(buf_span(&bytes), password, out_error), out, out_error);
    buf_release(&bytes);
    if (result == OK && *out == NULL)
        *out_error = (DWORD)NTE_NO_KEY;
    return result == OK && *out == NULL ? FAIL(ERR_CERT_KEY) : result;
}

/* ---- tokens ---------------------------------------------------------------------------- */

static pthread_mutex_t context_lock = PTHREAD_MUTEX_INITIALIZER;
static OSSL_LIB_CTX *store_context;

/* A file that cannot be read activates nothing: the schemes it would have brought are then missing.
 */
static OSSL_LIB_CTX *make_context(void)
{
    OSSL_LIB_CTX *context = OSSL_LIB_CTX_new();
    char *path = context != NULL ? CONF_get1_default_config_file() : NULL;
    if (path != NULL)
        (void)OSSL_LIB_CTX_load_config(context, path);
    OPENSSL_free(path);
    if (context != NULL && OSSL_PROVIDER_load(context, "default") == NULL) {
        OSSL_LIB_CTX_free(context);
        context = NULL;
    }
    return context;
}

static OSSL_LIB_CTX *open_context(void)
{
    pthread_mutex_lock(&context_lock);
    if (store_context == NULL)
        store_context = make_context();
    OSSL_LIB_CTX *context = store_context;
    pthread_mutex_unlock(&context_lock);
    return context;
}

struct pin {
    const char *text;
    bool was_asked;
};

static int give_pin(char *out, int cap, int is_writing, void *arg)
{
    struct pin *pin = arg;
    (void)is_writing;
    pin->was_asked = true;
    size_t n = pin->text != NULL ? strlen(pin->text) : 0;
    if (pin->text == NULL || cap < 0 || n > (size_t)cap)
        return -1;
    mem_copy(out, pin->text, n);
    return (int)n;
}

static EVP_PKEY *first_key(OSSL_STORE_CTX *store)
{
    EVP_PKEY *pkey = NULL;
    while (pkey == NULL && OSSL_STORE_eof(store) == 0) {
        OSSL_STORE_INFO *info = OSSL_STORE_load(store);
        if (info != NULL && OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY)
            pkey = OSSL_STORE_INFO_get1_PKEY(info);
        bool is_error = info == NULL && OSSL_STORE_error(store) != 0;
        OSSL_STORE_INFO_free(info);
        if (is_error)
            break;
    }
    return pkey;
}

static EVP_PKEY *search(OSSL_LIB_CTX *context, const char *uri, UI_METHOD *method, struct pin *pin,
                        DWORD *out_error)
{
    *out_error = ERROR_NOT_SUPPORTED; /* no provider for it */
    OSSL_STORE_CTX *store = OSSL_STORE_open_ex(uri, context, NULL, method, pin, NULL, NULL, NULL);
    if (store == NULL)
        return NULL;
    *out_error = (DWORD)NTE_NO_KEY;
    (void)OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY); /* a hint */
    EVP_PKEY *pkey = first_key(store);
    OSSL_STORE_close(store);
    return pkey;
}

static err load_token(const char *uri, const char *password, struct private_key **out,
                      DWORD *out_error)
{
    struct pin pin = {.text = password};
    OSSL_LIB_CTX *context = open_context();
    UI_METHOD *method = UI_UTIL_wrap_read_pem_callback(give_pin, 0);
    *out_error = ERROR_NOT_ENOUGH_MEMORY;
    EVP_PKEY *pkey = NULL;
    if (context != NULL && method != NULL)
        pkey = search(context, uri, method, &pin, out_error);
    UI_destroy_method(method);
    if (pkey == NULL && pin.was_asked)
        *out_error = ERROR_INVALID_PASSWORD;
    return adopt(pkey, out, out_error);
}

err key_uri_load(const char *uri, const char *password, struct private_key **out, DWORD *out_error)
{
    *out = NULL;
    return begins(uri, file_scheme) ? load_file(uri, password, out, out_error)
                                    : load_token(uri, password, out, out_error);
}
