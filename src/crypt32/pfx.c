/* SPDX-License-Identifier: MIT */
/*
 * PKCS#12 (RFC 7292), password integrity mode. RC2 and 3DES files need the legacy provider, which
 * is loaded into a library context that serves nothing else. Every iteration count is checked
 * before a key is derived with it: what lies open before the first derivation, what was encrypted
 * as soon as it is readable. All of a file draws from one budget. A file without a MAC is refused.
 */
#include <libschannel.h>

#include "crypt32/cert_key.h"
#include "crypt32/pfx.h"

enum { PFX_NESTING_MAX = 4, PFX_KEYS_MAX = 32 };

static pthread_mutex_t context_lock = PTHREAD_MUTEX_INITIALIZER;
static OSSL_LIB_CTX *pfx_context;

static OSSL_LIB_CTX *make_context(void)
{
    OSSL_LIB_CTX *context = OSSL_LIB_CTX_new();
    if (context == NULL)
        return NULL;
    /* Absent on some systems: modern files work without. */
    OSSL_PROVIDER_load(context, "legacy");
    if (OSSL_PROVIDER_load(context, "default") == NULL) {
        OSSL_LIB_CTX_free(context);
        return NULL;
    }
    return context;
}

static OSSL_LIB_CTX *open_context(void)
{
    pthread_mutex_lock(&context_lock);
    if (pfx_context == NULL)
        pfx_context = make_context();
    OSSL_LIB_CTX *context = pfx_context;
    pthread_mutex_unlock(&context_lock);
    return context;
}

static PKCS12 *parse(struct span bytes)
{
    OSSL_LIB_CTX *context = open_context();
    ASN1_VALUE *p12 =
        context != NULL ? (ASN1_VALUE *)PKCS12_init_ex(NID_pkcs7_data, context, NULL) : NULL;
    const unsigned char *p = bytes.p;
    /* On failure the object is freed, and p12 is NULL. */
    if (p12 != NULL)
        ASN1_item_d2i_ex(&p12, &p, (long)bytes.n, ASN1_ITEM_rptr(PKCS12), context, NULL);
    return (PKCS12 *)p12;
}

/* ---- iteration counts ------------------------------------------------------------------ */

static bool bags_fit(const STACK_OF(PKCS12_SAFEBAG) * bags, unsigned depth, int64_t *budget);

static bool bag_fits(const PKCS12_SAFEBAG *bag, unsigned depth, int64_t *budget)
{
    const X509_ALGOR *algorithm = NULL;
    switch (PKCS12_SAFEBAG_get_nid(bag)) {
    case NID_pkcs8ShroudedKeyBag:
        X509_SIG_get0(PKCS12_SAFEBAG_get0_pkcs8(bag), &algorithm, NULL);
        return pbe_fits(algorithm, budget);
    case NID_safeContentsBag:
        return bags_fit(PKCS12_SAFEBAG_get0_safes(bag), depth + 1, budget);
    default:
        return true;
    }
}

/* The recursion is bounded by PFX_NESTING_MAX. */
static bool bags_fit(const STACK_OF(PKCS12_SAFEBAG) * bags, unsigned depth, int64_t *budget)
{
    if (bags == NULL || depth > PFX_NESTING_MAX)
        return false;
    for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); i++) {
        if (!bag_fits(sk_PKCS12_SAFEBAG_value(bags, i), depth, budget))
            return false;
    }
    return true;
}

static bool safe_fits(PKCS7 *p7, int64_t *budget)
{
    STACK_OF(PKCS12_SAFEBAG) * bags;
    bool fits;
    switch (OBJ_obj2nid(p7->type)) {
    case NID_pkcs7_data:
        bags = PKCS12_unpack_p7data(p7);
        fits = bags_fit(bags, 0, budget);
        sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
        return fits;
    case NID_pkcs7_encrypted:
        return p7->d.encrypted != NULL && p7->d.encrypted->enc_data != NULL &&
               pbe_fits(p7->d.encrypted->enc_data->algorithm, budget);
    default:
        return true;
    }
}

/* A MAC that is a plain HMAC keyed as RFC 7292 B says, with a bounded count. */
static bool mac_fits(const PKCS12 *p12, int64_t *budget)
{
    const X509_ALGOR *algorithm = NULL;
    const ASN1_OBJECT *object = NULL;
    const ASN1_INTEGER *count = NULL;
    if (!PKCS12_mac_present(p12))
        return false;
    PKCS12_get0_mac(NULL, &algorithm, NULL, &count, p12);
    X509_ALGOR_get0(&object, NULL, NULL, algorithm);
    return EVP_get_digestbyobj(object) != NULL && pbe_count_fits(count, budget);
}

/* What can be seen without a password. */
static bool counts_fit(const PKCS12 *p12, const STACK_OF(PKCS7) * safes, bool without_mac,
                       int64_t *budget)
{
    bool fits = safes != NULL && (without_mac || mac_fits(p12, budget));
    for (int i = 0; fits && i < sk_PKCS7_num(safes); i++)
        fits = safe_fits(sk_PKCS7_value(safes, i), budget);
    return fits;
}

/* ---- import ---------------------------------------------------------------------------- */

struct import {
    struct store *store;
    const char *password; /* NULL and "" are different passwords */
    int password_len;
    DWORD flags; /* PKCS12_*, CRYPT_EXPORTABLE */
    bool seals_keys;
    int64_t budget;
    EVP_PKEY *keys[PFX_KEYS_MAX];
    size_t key_count;
    DWORD error;
};

static err fail(struct import *in, err reason, DWORD error)
{
    in->error = error;
    return reason;
}

static err name_cert(struct cert *cert, PKCS12_SAFEBAG *bag)
{
    char *name = PKCS12_get_friendlyname(bag);
    WCHAR *wide = win_utf16_dup(name);
    bool has_name = name != NULL;
    OPENSSL_free(name);
    if (!has_name)
        return OK;
    if (wide == NULL)
        return FAIL(ERR_NO_MEMORY);
    err result = cert_set_property(cert, CERT_FRIENDLY_NAME_PROP_ID,
                                   span_of(wide, (win_utf16_len(wide) + 1) * sizeof *wide));
    mem_free(wide);
    return result;
}

/* The octets of an attribute with one value; false for anything else. */
static bool octets_of(X509_ATTRIBUTE *attribute, struct span *out)
{
    const ASN1_TYPE *value = X509_ATTRIBUTE_get0_type(attribute, 0);
    if (value == NULL || value->type != V_ASN1_OCTET_STRING)
        return false;
    const ASN1_OCTET_STRING *octets = value->value.octet_string;
    *out = span_of(ASN1_STRING_get0_data(octets), (size_t)ASN1_STRING_length(octets));
    return true;
}

/* The property that an attribute stands for; 0: none that a file may set. */
static DWORD property_of(const ASN1_OBJECT *object, bool with_extended)
{
    static const char prefix[] = PFX_PROPERTY_OID;
    char oid[64];
    if (OBJ_obj2nid(object) == NID_localKeyID)
        return PFX_LOCAL_KEY_ID_PROP_ID;
    if (!with_extended || oid_text_of(object, oid, sizeof oid) == 0 ||
        strncmp(oid, prefix, sizeof prefix - 1) != 0)
        return 0;
    char *end;
    unsigned long id = strtoul(oid + sizeof prefix - 1, &end, 10);
    return *end == 0 && pfx_carries_property(id) ? (DWORD)id : 0;
}

static err take_attributes(struct cert *cert, const PKCS12_SAFEBAG *bag, bool with_extended)
{
    const STACK_OF(X509_ATTRIBUTE) *attributes = PKCS12_SAFEBAG_get0_attrs(bag);
    for (int i = 0; i < sk_X509_ATTRIBUTE_num(attributes); i++) {
        X509_ATTRIBUTE *attribute = sk_X509_ATTRIBUTE_value(attributes, i);
        DWORD id = property_of(X509_ATTRIBUTE_get0_object(attribute), with_extended);
        struct span value;
        if (id != 0 && octets_of(attribute, &value))
            TRY(cert_set_property(cert, id, value));
    }
    return OK;
}

static err take_cert(struct import *in, PKCS12_SAFEBAG *bag)
{
    bool with_extended = (in->flags & PKCS12_INCLUDE_EXTENDED_PROPERTIES) != 0;
    unsigned char *der = NULL;
    struct cert *cert = NULL;
    if (PKCS12_SAFEBAG_get_bag_nid(bag) != NID_x509Certificate)
        return OK;
    X509 *x509 = PKCS12_SAFEBAG_get1_cert(bag);
    int n = x509 != NULL ? i2d_X509(x509, &der) : 0;
    X509_free(x509);
    if (n <= 0)
        return fail(in, ERR_CERT_PARSE, (DWORD)CRYPT_E_ASN1_BADTAG);
    err result = store_add_der(in->store, span_of(der, (size_t)n), &cert);
    OPENSSL_free(der);
    if (result == OK)
        result = name_cert(cert, bag);
    if (result == OK)
        result = take_attributes(cert, bag, with_extended);
    cert_release(cert);
    return result == OK ? OK : fail(in, result, cert_last_error(result));
}

/* The key becomes an object of the crypto room's context. */
static err take_key(struct import *in, const PKCS8_PRIV_KEY_INFO *info)
{
    if (info == NULL)
        return fail(in, ERR_CERT_KEY, ERROR_INVALID_PASSWORD);
    if (in->key_count == PFX_KEYS_MAX)
        return fail(in, ERR_CERT_KEY, (DWORD)NTE_FAIL);
    EVP_PKEY *pkey = EVP_PKCS82PKEY_ex(info, crypto_context(), NULL);
    if (pkey == NULL)
        return fail(in, ERR_CERT_KEY, (DWORD)NTE_BAD_KEY);
    in->keys[in->key_count++] = pkey;
    return OK;
}

static err take_shrouded_key(struct import *in, const PKCS12_SAFEBAG *bag)
{
    PKCS8_PRIV_KEY_INFO *info =
        PKCS12_decrypt_skey_ex(bag, in->password, in->password_len, pfx_context, NULL);
    err result = take_key(in, info);
    PKCS8_PRIV_KEY_INFO_free(info);
    return result;
}

/* The recursion is bounded: bags_fit has passed. */
static err take_bags(struct import *in, const STACK_OF(PKCS12_SAFEBAG) * bags)
{
    err result = OK;
    bool with_keys = (in->flags & PFX_WITHOUT_KEYS) == 0;
    for (int i = 0; result == OK && i < sk_PKCS12_SAFEBAG_num(bags); i++) {
        PKCS12_SAFEBAG *bag = sk_PKCS12_SAFEBAG_value(bags, i);
        int kind = PKCS12_SAFEBAG_get_nid(bag);
        if (kind == NID_certBag)
            result = take_cert(in, bag);
        else if (kind == NID_keyBag && with_keys)
            result = take_key(in, PKCS12_SAFEBAG_get0_p8inf(bag));
        else if (kind == NID_pkcs8ShroudedKeyBag && with_keys)
            result = take_shrouded_key(in, bag);
        else if (kind == NID_safeContentsBag)
            result = take_bags(in, PKCS12_SAFEBAG_get0_safes(bag));
    }
    return result;
}

/* Why something stays shut although the password fits the MAC: nobody can open it here. */
static DWORD shut_error(const X509_ALGOR *algorithm)
{
    int cipher = NID_undef;
    int digest = NID_undef;
    int nid = OBJ_obj2nid(algorithm->algorithm);
    if (nid == NID_pbes2)
        return ERROR_INVALID_PASSWORD;
    EVP_CIPHER *found = NULL;
    if (EVP_PBE_find(EVP_PBE_TYPE_OUTER, nid, &cipher, &digest, NULL) == 1)
        found = EVP_CIPHER_fetch(pfx_context, OBJ_nid2sn(cipher), NULL);
    DWORD error = found != NULL ? ERROR_INVALID_PASSWORD : (DWORD)NTE_BAD_ALGID;
    EVP_CIPHER_free(found);
    return error;
}

static err take_safe(struct import *in, PKCS7 *p7)
{
    int kind = OBJ_obj2nid(p7->type);
    bool only_open = (in->flags & PKCS12_ONLY_NOT_ENCRYPTED_CERTIFICATES) != 0;
    if (kind != NID_pkcs7_data && (kind != NID_pkcs7_encrypted || only_open))
        return OK;
    bool is_open = kind == NID_pkcs7_data;
    STACK_OF(PKCS12_SAFEBAG) *bags =
        is_open ? PKCS12_unpack_p7data(p7)
                : PKCS12_unpack_p7encdata(p7, in->password, in->password_len);
    err result = OK;
    if (bags == NULL)
        result = fail(in, ERR_CERT_PARSE,
                      is_open ? (DWORD)CRYPT_E_BAD_ENCODE
                              : shut_error(p7->d.encrypted->enc_data->algorithm));
    else if (!is_open && !bags_fit(bags, 0, &in->budget))
        result = fail(in, ERR_CERT_PARSE, (DWORD)NTE_FAIL);
    if (result == OK)
        result = take_bags(in, bags);
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
    return result;
}

static bool is_key_of(EVP_PKEY *pkey, const struct cert *cert)
{
    const CRYPT_BIT_BLOB *bits = &cert->body->info.SubjectPublicKeyInfo.PublicKey;
    const unsigned char *p = NULL;
    int n = 0;
    X509_PUBKEY *public_key = NULL;
    bool is_key = X509_PUBKEY_set(&public_key, pkey) == 1 &&
                  X509_PUBKEY_get0_param(NULL, &p, &n, NULL, public_key) == 1 && n > 0 &&
                  span_equal(span_of(p, (size_t)n), span_of(bits->pbData, bits->cbData));
    X509_PUBKEY_free(public_key);
    return is_key;
}

/* A handle that goes with the context, for programs that look for one. */
static err keep_handle(struct import *in, struct cert *cert)
{
    bool is_cng = (in->flags & (PKCS12_PREFER_CNG_KSP | PKCS12_ALWAYS_CNG_KSP)) != 0;
    CERT_KEY_CONTEXT context;
    if (!is_cng && (in->flags & PKCS12_NO_PERSIST_KEY) == 0)
        return OK;
    err result = cert_key_handle(cert, is_cng, &context);
    if (result == ERR_NOT_AVAILABLE)
        return OK; /* Ed25519 */
    return result == OK ? key_context_store(cert, &context, true) : result;
}

static err bind(struct import *in, struct cert *cert, EVP_PKEY *pkey)
{
    struct private_key *key = NULL;
    TRY(private_key_new(&key, pkey));
    if (in->seals_keys)
        private_key_seal(key);
    err result = cert_bind_key(cert, key);
    private_key_free(key);
    return result == OK ? keep_handle(in, cert) : result;
}

/* Keys without a certificate have no place to live and are left out. */
static err bind_keys(struct import *in)
{
    err result = OK;
    for (size_t i = 0; result == OK; i++) {
        struct cert *cert = store_entry(in->store, i);
        if (cert == NULL)
            break;
        for (size_t j = 0; j < in->key_count && result == OK; j++) {
            if (is_key_of(in->keys[j], cert))
                result = bind(in, cert, in->keys[j]);
        }
        cert_release(cert);
    }
    return result == OK ? OK : fail(in, result, cert_last_error(result));
}

static bool password_fits(PKCS12 *p12, struct import *in, bool tries_empty)
{
    if (PKCS12_verify_mac(p12, in->password, in->password_len) == 1)
        return true;
    if (!tries_empty || in->password != NULL)
        return false;
    in->password = "";
    return PKCS12_verify_mac(p12, "", 0) == 1;
}

static err import_safes(struct import *in, PKCS12 *p12, STACK_OF(PKCS7) * safes, bool tries_empty)
{
    bool only_open = (in->flags & PKCS12_ONLY_NOT_ENCRYPTED_CERTIFICATES) != 0;
    if (!counts_fit(p12, safes, only_open, &in->budget))
        return fail(in, ERR_CERT_PARSE, (DWORD)NTE_FAIL);
    if (!only_open && !password_fits(p12, in, tries_empty))
        return fail(in, ERR_CERT_PARSE, ERROR_INVALID_PASSWORD);
    for (int i = 0; i < sk_PKCS7_num(safes); i++)
        TRY(take_safe(in, sk_PKCS7_value(safes, i)));
    return bind_keys(in);
}

static err import(struct import *in, struct span bytes, bool tries_empty)
{
    PKCS12 *p12 = parse(bytes);
    if (p12 == NULL)
        return fail(in, ERR_CERT_PARSE, (DWORD)CRYPT_E_BAD_ENCODE);
    STACK_OF(PKCS7) *safes = PKCS12_unpack_authsafes(p12);
    err result = import_safes(in, p12, safes, tries_empty);
    for (size_t i = 0; i < in->key_count; i++)
        EVP_PKEY_free(in->keys[i]);
    sk_PKCS7_pop_free(safes, PKCS7_free);
    PKCS12_free(p12);
    return result;
}

/* tries_empty: a NULL password also stands for an empty one. */
static struct store *import_store(struct span bytes, const char *password, DWORD flags,
                                  bool tries_empty)
{
    struct import in = {.password = password,
                        .password_len = password != NULL ? (int)strlen(password) : 0,
                        .flags = flags,
                        .seals_keys = (flags & CRYPT_EXPORTABLE) == 0,
                        .budget = PBE_ITERATIONS_MAX,
                        .error = (DWORD)NTE_FAIL};
    err result = crypto_start();
    if (result == OK) {
        crypto_mark();
        result = store_new(&in.store);
        if (result == OK)
            result = import(&in, bytes, tries_empty);
        else
            in.error = ERROR_NOT_ENOUGH_MEMORY;
        crypto_unmark();
    }
    if (result == OK)
        return in.store;
    store_release(in.store);
    SetLastError(result == ERR_NO_MEMORY ? ERROR_NOT_ENOUGH_MEMORY : in.error);
    return NULL;
}

static bool blob_fits(const CRYPT_DATA_BLOB *blob)
{
    return blob != NULL && blob->pbData != NULL && blob->cbData <= PFX_FILE_MAX;
}

bool pfx_read_password(LPCWSTR wide, char **out)
{
    enum { PASSWORD_MAX = 4096 };
    *out = NULL;
    if (wide == NULL)
        return true;
    if (win_utf16_len(wide) > PASSWORD_MAX)
        return win_fail(ERROR_INVALID_PASSWORD) != FALSE;
    *out = win_utf8_dup(wide);
    return *out != NULL || win_fail(ERROR_NOT_ENOUGH_MEMORY) != FALSE;
}

HCERTSTORE WINAPI PFXImportCertStore(CRYPT_DATA_BLOB *pPFX, LPCWSTR szPassword, DWORD dwFlags)
{
    char *password;
    if (!blob_fits(pPFX)) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    if (!pfx_read_password(szPassword, &password))
        return NULL;
    struct span bytes = span_of(pPFX->pbData, pPFX->cbData);
    HCERTSTORE store = import_store(bytes, password, dwFlags, false);
    mem_free(password);
    return store;
}

BOOL WINAPI PFXIsPFXBlob(CRYPT_DATA_BLOB *pPFX)
{
    if (!blob_fits(pPFX) || crypto_start() != OK)
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
    struct import in = {.budget = PBE_ITERATIONS_MAX};
    char *password;
    (void)dwFlags;
    if (!blob_fits(pPFX) || crypto_start() != OK || !pfx_read_password(szPassword, &password))
        return FALSE;
    crypto_mark();
    PKCS12 *p12 = parse(span_of(pPFX->pbData, pPFX->cbData));
    in.password = password;
    in.password_len = password != NULL ? (int)strlen(password) : 0;
    BOOL fits = p12 != NULL && mac_fits(p12, &in.budget) && password_fits(p12, &in, false);
    PKCS12_free(p12);
    crypto_unmark();
    mem_free(password);
    return fits ? TRUE : win_fail(ERROR_INVALID_PASSWORD);
}

static struct cert *first_with_key(struct store *store)
{
    for (size_t i = 0;; i++) {
        struct cert *cert = store_entry(store, i);
        if (cert == NULL || cert_has_key(cert))
            return cert;
        cert_release(cert);
    }
}

PCCERT_CONTEXT SchannelLoadPfxFile(const char *file, const char *password)
{
    struct buf bytes;
    DWORD error;
    if (read_file(file, PFX_FILE_MAX, &bytes, &error) != OK) {
        SetLastError(error);
        return NULL;
    }
    struct store *store = import_store(buf_span(&bytes), password, CRYPT_EXPORTABLE, true);
    buf_release(&bytes);
    if (store == NULL)
        return NULL;
    struct cert *leaf = first_with_key(store);
    store_release(store);
    if (leaf == NULL)
        SetLastError((DWORD)CRYPT_E_NOT_FOUND);
    return leaf != NULL ? &leaf->context : NULL;
}
