/* SPDX-License-Identifier: MIT */
/*
 * Writing PKCS#12 files (RFC 7292): PBES2 with AES-256 and HMAC-SHA-256, a MAC with SHA-256. Keys
 * lie in a safe of shrouded bags, certificates in an encrypted one. Every part has a fixed length,
 * so that a program may ask for the size and call again.
 */
#include <stdio.h>

#include "crypt32/cert_key.h"
#include "crypt32/pfx.h"

enum { PFX_ITERATIONS = 100000, PFX_SALT_LEN = 16, KEY_ID_LEN = 20 };

struct export
{
    const char *password; /* NULL and "" are different passwords */
    int password_len;
    DWORD flags;
    STACK_OF(PKCS12_SAFEBAG) * keys;
    STACK_OF(PKCS12_SAFEBAG) * certs;
    STACK_OF(PKCS7) * safes;
    DWORD error;
};

static err fail(struct export *out, err reason, DWORD error)
{
    out->error = error;
    return reason;
}

static err fail_crypto(struct export *out)
{
    return fail(out, FAIL(ERR_CRYPTO), (DWORD)NTE_FAIL);
}

/* ---- attributes ------------------------------------------------------------------------ */

bool pfx_carries_property(unsigned long id)
{
    static const DWORD computed[] = {CERT_SHA1_HASH_PROP_ID,
                                     CERT_MD5_HASH_PROP_ID,
                                     CERT_KEY_SPEC_PROP_ID,
                                     CERT_FRIENDLY_NAME_PROP_ID, /* has an attribute of its own */
                                     CERT_ACCESS_STATE_PROP_ID,
                                     CERT_SIGNATURE_HASH_PROP_ID,
                                     CERT_KEY_IDENTIFIER_PROP_ID,
                                     CERT_SUBJECT_PUBLIC_KEY_MD5_HASH_PROP_ID,
                                     CERT_SUBJECT_NAME_MD5_HASH_PROP_ID,
                                     CERT_SIGN_HASH_CNG_ALG_PROP_ID,
                                     CERT_SUBJECT_PUB_KEY_BIT_LENGTH_PROP_ID,
                                     CERT_PUB_KEY_CNG_ALG_BIT_LENGTH_PROP_ID,
                                     CERT_SHA256_HASH_PROP_ID,
                                     CERT_PIN_SHA256_HASH_PROP_ID,
                                     CERT_HCRYPTPROV_OR_NCRYPT_KEY_HANDLE_PROP_ID,
                                     CERT_NCRYPT_KEY_HANDLE_TRANSFER_PROP_ID,
                                     CERT_HCRYPTPROV_TRANSFER_PROP_ID};
    enum { FIRST_ELEMENT = 32, LAST_ELEMENT = 35 }; /* contents of serialized stores */
    if (id == 0 || id > CERT_LAST_USER_PROP_ID || property_names_key((DWORD)id) ||
        (id >= FIRST_ELEMENT && id <= LAST_ELEMENT))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(computed); i++) {
        if (computed[i] == id)
            return false;
    }
    return true;
}

static err put_friendly_name(struct cert *cert, PKCS12_SAFEBAG *bag)
{
    struct buf wide;
    if (cert_copy_property(cert, CERT_FRIENDLY_NAME_PROP_ID, &wide) != OK)
        return OK;
    size_t units = wide.n / sizeof(WCHAR);
    const WCHAR *text = (const WCHAR *)(const void *)wide.p;
    while (units != 0 && text[units - 1] == 0)
        units--;
    size_t n = win_utf8_from_utf16(text, units, NULL, 0);
    char *narrow = mem_alloc(n + 1);
    err result = narrow != NULL ? OK : FAIL(ERR_NO_MEMORY);
    if (result == OK) {
        win_utf8_from_utf16(text, units, narrow, n);
        if (PKCS12_add_friendlyname_utf8(bag, narrow, (int)n) != 1)
            result = FAIL(ERR_CRYPTO);
    }
    mem_free(narrow);
    buf_release(&wide);
    return result;
}

/* What ties a key to its certificate: as it came, or the thumbprint. */
static err put_local_key_id(struct cert *cert, PKCS12_SAFEBAG *cert_bag, PKCS12_SAFEBAG *key_bag)
{
    uint8_t id[HASH_MAX];
    size_t n = KEY_ID_LEN;
    struct buf kept;
    TRY(cert_thumbprint(cert, HASH_SHA1, id));
    if (cert_copy_property(cert, PFX_LOCAL_KEY_ID_PROP_ID, &kept) == OK) {
        if (kept.n <= sizeof id) {
            n = kept.n;
            mem_copy(id, kept.p, n);
        }
        buf_release(&kept);
    }
    return PKCS12_add_localkeyid(cert_bag, id, (int)n) == 1 &&
                   PKCS12_add_localkeyid(key_bag, id, (int)n) == 1
               ? OK
               : FAIL(ERR_CRYPTO);
}

static err put_properties(struct cert *cert, PKCS12_SAFEBAG *bag)
{
    DWORD id = 0;
    while ((id = entry_next_property(&cert->base, id)) != 0) {
        char oid[64];
        struct buf value;
        if (!pfx_carries_property(id) || cert_copy_property(cert, id, &value) != OK)
            continue;
        (void)snprintf(oid, sizeof oid, PFX_PROPERTY_OID "%u", (unsigned)id);
        int added = PKCS12_add1_attr_by_txt(bag, oid, V_ASN1_OCTET_STRING, value.p, (int)value.n);
        buf_release(&value);
        if (added != 1)
            return FAIL(ERR_CRYPTO);
    }
    return OK;
}

/* ---- keys ------------------------------------------------------------------------------ */

/* The key as an object that may be written; ERR_NOT_AVAILABLE: the certificate has none. */
static err open_key(struct cert *cert, EVP_PKEY **out)
{
    struct key *named;
    *out = NULL;
    err result = cert_named_key(cert, &named);
    if (result == OK) {
        if (key_may_leave(named) && EVP_PKEY_up_ref(named->pkey) == 1)
            *out = named->pkey;
        key_release(named);
        return *out != NULL ? OK : FAIL(ERR_KEY_PERMISSION);
    }
    if (result != ERR_NOT_AVAILABLE)
        return result;
    struct private_key *bound = cert_bound_key(cert);
    if (bound == NULL)
        return FAIL(ERR_NOT_AVAILABLE);
    if (!private_key_is_sealed(bound) && EVP_PKEY_up_ref(private_key_object(bound)) == 1)
        *out = private_key_object(bound);
    private_key_free(bound);
    return *out != NULL ? OK : FAIL(ERR_KEY_PERMISSION);
}

static PKCS12_SAFEBAG *shroud(struct export *out, EVP_PKEY *pkey)
{
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pkey);
    if (info == NULL)
        return NULL;
    PKCS12_SAFEBAG *bag = PKCS12_SAFEBAG_create_pkcs8_encrypt_ex(
        NID_aes_256_cbc, out->password, out->password_len, NULL, PFX_SALT_LEN, PFX_ITERATIONS, info,
        crypto_context(), NULL);
    PKCS8_PRIV_KEY_INFO_free(info);
    return bag;
}

/* Microsoft "PFXExportCertStoreEx", dwFlags: what is reported and what is passed over. */
static err key_missing(struct export *out, err reason)
{
    bool is_absent = reason == ERR_NOT_AVAILABLE;
    DWORD asked = is_absent ? REPORT_NO_PRIVATE_KEY : REPORT_NOT_ABLE_TO_EXPORT_PRIVATE_KEY;
    if (reason == ERR_NO_MEMORY)
        return fail(out, reason, ERROR_NOT_ENOUGH_MEMORY);
    if ((out->flags & asked) == 0)
        return OK;
    return fail(out, reason, is_absent ? (DWORD)CRYPT_E_NOT_FOUND : (DWORD)NTE_BAD_KEY_STATE);
}

static err put_key(struct export *out, struct cert *cert, PKCS12_SAFEBAG *cert_bag)
{
    EVP_PKEY *pkey;
    err result = open_key(cert, &pkey);
    if (result != OK)
        return key_missing(out, result);
    PKCS12_SAFEBAG *bag = shroud(out, pkey);
    EVP_PKEY_free(pkey);
    if (bag == NULL) /* a token keeps its keys */
        return key_missing(out, ERR_KEY_PERMISSION);
    if (sk_PKCS12_SAFEBAG_push(out->keys, bag) <= 0) {
        PKCS12_SAFEBAG_free(bag);
        return fail(out, FAIL(ERR_NO_MEMORY), ERROR_NOT_ENOUGH_MEMORY);
    }
    result = put_local_key_id(cert, cert_bag, bag);
    if (result == OK)
        result = put_friendly_name(cert, bag);
    return result == OK ? OK : fail_crypto(out);
}

/* ---- certificates ---------------------------------------------------------------------- */

static PKCS12_SAFEBAG *new_cert_bag(struct export *out, const struct cert *cert)
{
    const unsigned char *p = cert->body->der;
    X509 *x509 = d2i_X509(NULL, &p, (long)cert->body->der_len);
    PKCS12_SAFEBAG *bag = x509 != NULL ? PKCS12_SAFEBAG_create_cert(x509) : NULL;
    X509_free(x509);
    if (bag != NULL && sk_PKCS12_SAFEBAG_push(out->certs, bag) > 0)
        return bag;
    PKCS12_SAFEBAG_free(bag);
    return NULL;
}

static err put_cert(struct export *out, struct cert *cert)
{
    PKCS12_SAFEBAG *bag = new_cert_bag(out, cert);
    if (bag == NULL)
        return fail_crypto(out);
    err result = put_friendly_name(cert, bag);
    if (result == OK && (out->flags & PKCS12_INCLUDE_EXTENDED_PROPERTIES) != 0)
        result = put_properties(cert, bag);
    if (result != OK)
        return fail_crypto(out);
    if ((out->flags & EXPORT_PRIVATE_KEYS) != 0)
        return put_key(out, cert, bag);
    return cert_has_key(cert) ? OK : key_missing(out, ERR_NOT_AVAILABLE);
}

static err put_all(struct export *out, HCERTSTORE store)
{
    PCCERT_CONTEXT context = NULL;
    while ((context = CertEnumCertificatesInStore(store, context)) != NULL) {
        err result = put_cert(out, cert_of(context));
        if (result != OK) {
            CertFreeCertificateContext(context);
            return result;
        }
    }
    return OK;
}

/* ---- the file -------------------------------------------------------------------------- */

static bool add_safe(struct export *out, STACK_OF(PKCS12_SAFEBAG) * bags, bool encrypts)
{
    if (sk_PKCS12_SAFEBAG_num(bags) <= 0)
        return true;
    PKCS7 *safe = encrypts ? PKCS12_pack_p7encdata_ex(NID_aes_256_cbc, out->password,
                                                      out->password_len, NULL, PFX_SALT_LEN,
                                                      PFX_ITERATIONS, bags, crypto_context(), NULL)
                           : PKCS12_pack_p7data(bags);
    if (safe != NULL && sk_PKCS7_push(out->safes, safe) > 0)
        return true;
    PKCS7_free(safe);
    return false;
}

static err seal(struct export *out, struct buf *file)
{
    unsigned char *der = NULL;
    PKCS12 *p12 = NULL;
    if (add_safe(out, out->certs, true) && add_safe(out, out->keys, false))
        p12 = PKCS12_add_safes_ex(out->safes, NID_pkcs7_data, crypto_context(), NULL);
    int n = -1;
    if (p12 != NULL && PKCS12_set_mac(p12, out->password, out->password_len, NULL, PFX_SALT_LEN,
                                      PFX_ITERATIONS, EVP_sha256()) == 1)
        n = i2d_PKCS12(p12, &der);
    PKCS12_free(p12);
    if (n <= 0)
        return fail_crypto(out);
    wr_bytes(file, span_of(der, (size_t)n));
    OPENSSL_free(der);
    err result = buf_check(file);
    return result == OK ? OK
                        : fail(out, result,
                               result == ERR_NO_MEMORY ? ERROR_NOT_ENOUGH_MEMORY : (DWORD)NTE_FAIL);
}

static err write_file(struct export *out, HCERTSTORE store, struct buf *file)
{
    out->keys = sk_PKCS12_SAFEBAG_new_null();
    out->certs = sk_PKCS12_SAFEBAG_new_null();
    out->safes = sk_PKCS7_new_null();
    err result = out->keys != NULL && out->certs != NULL && out->safes != NULL
                     ? put_all(out, store)
                     : fail(out, FAIL(ERR_NO_MEMORY), ERROR_NOT_ENOUGH_MEMORY);
    if (result == OK)
        result = seal(out, file);
    sk_PKCS12_SAFEBAG_pop_free(out->keys, PKCS12_SAFEBAG_free);
    sk_PKCS12_SAFEBAG_pop_free(out->certs, PKCS12_SAFEBAG_free);
    sk_PKCS7_pop_free(out->safes, PKCS7_free);
    return result;
}

static BOOL give(const struct buf *file, CRYPT_DATA_BLOB *blob)
{
    DWORD room = blob->cbData;
    blob->cbData = (DWORD)file->n;
    if (blob->pbData == NULL)
        return TRUE;
    if (room < file->n)
        return win_fail(ERROR_MORE_DATA);
    mem_copy(blob->pbData, file->p, file->n);
    return TRUE;
}

BOOL WINAPI PFXExportCertStoreEx(HCERTSTORE hStore, CRYPT_DATA_BLOB *pPFX, LPCWSTR szPassword,
                                 void *pvPara, DWORD dwFlags)
{
    char *password;
    struct buf file;
    (void)pvPara;
    if (hStore == NULL || pPFX == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    if ((dwFlags & PKCS12_PROTECT_TO_DOMAIN_SIDS) != 0)
        return win_fail(ERROR_NOT_SUPPORTED);
    if (crypto_start() != OK)
        return win_fail((DWORD)NTE_FAIL);
    if (!pfx_read_password(szPassword, &password))
        return FALSE;
    struct export out = {.password = password,
                         .password_len = password != NULL ? (int)strlen(password) : 0,
                         .flags = dwFlags,
                         .error = (DWORD)NTE_FAIL};
    buf_init(&file, PFX_FILE_MAX);
    crypto_mark();
    err result = write_file(&out, hStore, &file);
    crypto_unmark();
    mem_free(password);
    BOOL given = result == OK ? give(&file, pPFX) : win_fail(out.error);
    buf_release(&file);
    return given;
}

BOOL WINAPI PFXExportCertStore(HCERTSTORE hStore, CRYPT_DATA_BLOB *pPFX, LPCWSTR szPassword,
                               DWORD dwFlags)
{
    return PFXExportCertStoreEx(hStore, pPFX, szPassword, NULL, dwFlags);
}
