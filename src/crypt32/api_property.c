/* SPDX-License-Identifier: MIT */
/*
 * Properties of certificates: what programs set, what is computed on demand, and the keys.
 * Microsoft "CertGetCertificateContextProperty", "CertSetCertificateContextProperty".
 */
#include "crypt32/cert_key.h"

/* ---- giving ---------------------------------------------------------------------------- */

static BOOL give(struct span value, void *data, DWORD *size)
{
    DWORD available = *size;
    *size = (DWORD)value.n;
    if (data == NULL)
        return TRUE;
    if (available < value.n)
        return win_fail(ERROR_MORE_DATA);
    mem_copy(data, value.p, value.n);
    return TRUE;
}

/* A NUL-terminated text, wide. */
static BOOL give_text(const char *text, void *data, DWORD *size)
{
    WCHAR wide[64];
    size_t n = win_utf16_from_utf8(text, strlen(text) + 1, wide, ARRAY_LEN(wide));
    return n <= ARRAY_LEN(wide) ? give(span_of(wide, n * sizeof(WCHAR)), data, size)
                                : win_fail((DWORD)NTE_FAIL);
}

static BOOL give_prov_info(struct span flat, void *data, DWORD *size)
{
    DWORD available = *size;
    *size = (DWORD)prov_info_size(flat);
    if (data == NULL)
        return TRUE;
    if (available < *size)
        return win_fail(ERROR_MORE_DATA);
    prov_info_give(flat, data);
    return TRUE;
}

/* ---- computed -------------------------------------------------------------------------- */

/* RFC 5280 4.2.1.2: the extension's value, or SHA-1 of the key. */
err cert_key_identifier(struct cert *cert, uint8_t out[HASH_MAX], size_t *out_len)
{
    ASN1_OCTET_STRING *id =
        X509_get_ext_d2i(cert->body->x509, NID_subject_key_identifier, NULL, NULL);
    if (id != NULL && ASN1_STRING_length(id) <= HASH_MAX) {
        *out_len = (size_t)ASN1_STRING_length(id);
        mem_copy(out, ASN1_STRING_get0_data(id), *out_len);
        ASN1_OCTET_STRING_free(id);
        return OK;
    }
    ASN1_OCTET_STRING_free(id);
    const CRYPT_BIT_BLOB *key = &cert->body->info.SubjectPublicKeyInfo.PublicKey;
    *out_len = 20;
    return hash_once(HASH_SHA1, span_of(key->pbData, key->cbData), out);
}

static BOOL compute_key_identifier(struct cert *cert, void *data, DWORD *size)
{
    uint8_t id[HASH_MAX];
    size_t n;
    return cert_key_identifier(cert, id, &n) == OK ? give(span_of(id, n), data, size)
                                                   : win_fail((DWORD)NTE_FAIL);
}

static BOOL give_digest(const char *hash, struct span bytes, void *data, DWORD *size)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    EVP_MD *md = EVP_MD_fetch(crypto_context(), hash, NULL);
    bool ok = md != NULL && EVP_Digest(bytes.p, bytes.n, digest, &n, md, NULL) == 1;
    EVP_MD_free(md);
    return ok ? give(span_of(digest, n), data, size) : win_fail((DWORD)NTE_BAD_ALGID);
}

static struct span whole(const struct cert *cert)
{
    return span_of(cert->body->der, cert->body->der_len);
}

static BOOL compute_sha1(struct cert *cert, void *data, DWORD *size)
{
    return give_digest("SHA1", whole(cert), data, size);
}

static BOOL compute_md5(struct cert *cert, void *data, DWORD *size)
{
    return give_digest("MD5", whole(cert), data, size);
}

static BOOL compute_sha256(struct cert *cert, void *data, DWORD *size)
{
    return give_digest("SHA2-256", whole(cert), data, size);
}

static BOOL compute_pin(struct cert *cert, void *data, DWORD *size)
{
    return give_digest("SHA2-256", cert->body->spki, data, size);
}

static BOOL compute_subject_key_md5(struct cert *cert, void *data, DWORD *size)
{
    const CRYPT_BIT_BLOB *key = &cert->body->info.SubjectPublicKeyInfo.PublicKey;
    return give_digest("MD5", span_of(key->pbData, key->cbData), data, size);
}

static BOOL compute_subject_name_md5(struct cert *cert, void *data, DWORD *size)
{
    return give_digest("MD5", cert_subject(cert), data, size);
}

/* The hash that the certificate's signature is over. */
static BOOL compute_signature_hash(struct cert *cert, void *data, DWORD *size)
{
    static const char *const names[] = {"SHA2-256", "SHA2-384", "SHA2-512", "SHA1"};
    enum hash_id hash;
    if (hash_of_x509_signature(cert->body->algorithm, &hash) != OK)
        return win_fail((DWORD)NTE_BAD_ALGID);
    return give_digest(names[hash], cert->body->tbs, data, size);
}

static const char *key_family(const struct key_info *info)
{
    switch (info->kind) {
    case KEY_RSA:
    case KEY_RSA_PSS:
        return "RSA";
    case KEY_EC:
        return info->bits == 256 ? "ECDSA_P256" : info->bits == 384 ? "ECDSA_P384" : "ECDSA_P521";
    case KEY_ED25519:
        return "ED25519";
    }
    return "";
}

static BOOL with_key_info(struct cert *cert, struct key_info *out)
{
    struct public_key *key;
    if (cert_public_key(&cert->context, &key) != OK)
        return win_fail((DWORD)NTE_BAD_ALGID);
    *out = *public_key_info(key);
    public_key_free(key);
    return TRUE;
}

static BOOL compute_key_bits(struct cert *cert, void *data, DWORD *size)
{
    struct key_info info = {0};
    if (!with_key_info(cert, &info))
        return FALSE;
    DWORD bits = info.bits;
    return give(span_of(&bits, sizeof bits), data, size);
}

static BOOL compute_key_algorithm(struct cert *cert, void *data, DWORD *size)
{
    struct key_info info = {0};
    char text[64];
    if (!with_key_info(cert, &info))
        return FALSE;
    (void)snprintf(text, sizeof text, "%s/%u", key_family(&info), info.bits);
    return give_text(text, data, size);
}

static BOOL compute_signature_algorithm(struct cert *cert, void *data, DWORD *size)
{
    static const char *const hashes[] = {"SHA256", "SHA384", "SHA512", "SHA1"};
    const char *oid = cert->body->info.SignatureAlgorithm.pszObjId;
    bool is_ecdsa = strncmp(oid, "1.2.840.10045.", 14) == 0;
    enum hash_id hash;
    char text[64];
    if (hash_of_x509_signature(cert->body->algorithm, &hash) != OK)
        return win_fail((DWORD)NTE_BAD_ALGID);
    (void)snprintf(text, sizeof text, "%s/%s", is_ecdsa ? "ECDSA" : "RSA", hashes[hash]);
    return give_text(text, data, size);
}

static BOOL compute_access_state(struct cert *cert, void *data, DWORD *size)
{
    DWORD state = entry_access(&cert->base);
    return give(span_of(&state, sizeof state), data, size);
}

static bool context_spec(struct cert *cert, DWORD *out)
{
    struct buf flat;
    CERT_KEY_CONTEXT context;
    if (cert_copy_property(cert, CERT_KEY_CONTEXT_PROP_ID, &flat) != OK)
        return false;
    memcpy(&context, flat.p, sizeof context);
    buf_release(&flat);
    *out = context.dwKeySpec;
    return true;
}

static bool prov_info_spec(struct cert *cert, DWORD *out)
{
    struct buf flat;
    struct prov_info_head head;
    if (cert_copy_property(cert, CERT_KEY_PROV_INFO_PROP_ID, &flat) != OK)
        return false;
    memcpy(&head, flat.p, sizeof head);
    buf_release(&flat);
    *out = head.type == 0 ? CERT_NCRYPT_KEY_SPEC : head.key_spec;
    return true;
}

/* From what names the key. */
static BOOL compute_key_spec(struct cert *cert, void *data, DWORD *size)
{
    DWORD spec;
    bool found = context_spec(cert, &spec) || prov_info_spec(cert, &spec) ||
                 (cert_keep_handle(cert) == OK && context_spec(cert, &spec));
    return found ? give(span_of(&spec, sizeof spec), data, size)
                 : win_fail((DWORD)CRYPT_E_NOT_FOUND);
}

static const struct {
    DWORD id;
    BOOL (*compute)(struct cert *cert, void *data, DWORD *size);
} computed[] = {
    {CERT_SHA1_HASH_PROP_ID, compute_sha1},
    {CERT_MD5_HASH_PROP_ID, compute_md5},
    {CERT_SHA256_HASH_PROP_ID, compute_sha256},
    {CERT_KEY_IDENTIFIER_PROP_ID, compute_key_identifier},
    {CERT_SIGNATURE_HASH_PROP_ID, compute_signature_hash},
    {CERT_SUBJECT_PUBLIC_KEY_MD5_HASH_PROP_ID, compute_subject_key_md5},
    {CERT_SUBJECT_NAME_MD5_HASH_PROP_ID, compute_subject_name_md5},
    {CERT_PIN_SHA256_HASH_PROP_ID, compute_pin},
    {CERT_SUBJECT_PUB_KEY_BIT_LENGTH_PROP_ID, compute_key_bits},
    {CERT_PUB_KEY_CNG_ALG_BIT_LENGTH_PROP_ID, compute_key_algorithm},
    {CERT_SIGN_HASH_CNG_ALG_PROP_ID, compute_signature_algorithm},
    {CERT_ACCESS_STATE_PROP_ID, compute_access_state},
    {CERT_KEY_SPEC_PROP_ID, compute_key_spec},
};

/* ---- getting --------------------------------------------------------------------------- */

static BOOL give_property(DWORD id, struct span value, void *data, DWORD *size)
{
    if (id == CERT_KEY_PROV_INFO_PROP_ID)
        return give_prov_info(value, data, size);
    if (id == CERT_KEY_CONTEXT_PROP_ID)
        value.n = sizeof(CERT_KEY_CONTEXT);
    return give(value, data, size);
}

static bool is_handle(DWORD id)
{
    return id == CERT_KEY_CONTEXT_PROP_ID || id == CERT_KEY_PROV_HANDLE_PROP_ID ||
           id == CERT_NCRYPT_KEY_HANDLE_PROP_ID ||
           id == CERT_HCRYPTPROV_OR_NCRYPT_KEY_HANDLE_PROP_ID;
}

/* A key that came with PEM or PKCS#12 has a handle as soon as somebody asks for one. */
static err copy_property(struct cert *cert, DWORD id, struct buf *out)
{
    err result = cert_copy_property(cert, id, out);
    struct buf prov_info;
    if (result != ERR_NOT_AVAILABLE || !is_handle(id))
        return result;
    if (cert_copy_property(cert, CERT_KEY_PROV_INFO_PROP_ID, &prov_info) == OK) {
        buf_release(&prov_info); /* a stored key is opened by whoever wants it */
        return FAIL(ERR_NOT_AVAILABLE);
    }
    TRY(cert_keep_handle(cert));
    if (id != CERT_HCRYPTPROV_OR_NCRYPT_KEY_HANDLE_PROP_ID)
        return cert_copy_property(cert, id, out);
    result = cert_copy_property(cert, CERT_KEY_PROV_HANDLE_PROP_ID, out);
    return result == ERR_NOT_AVAILABLE
               ? cert_copy_property(cert, CERT_NCRYPT_KEY_HANDLE_PROP_ID, out)
               : result;
}

BOOL WINAPI CertGetCertificateContextProperty(PCCERT_CONTEXT pCertContext, DWORD dwPropId,
                                              void *pvData, DWORD *pcbData)
{
    struct buf value;
    if (pCertContext == NULL || pcbData == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    struct cert *cert = cert_of(pCertContext);
    BOOL result = FALSE;
    crypto_mark();
    err found = copy_property(cert, dwPropId, &value);
    if (found == OK) {
        result = give_property(dwPropId, buf_span(&value), pvData, pcbData);
        buf_release(&value);
    } else if (found == ERR_NO_MEMORY) {
        win_fail(ERROR_NOT_ENOUGH_MEMORY);
    } else {
        size_t i = 0;
        while (i < ARRAY_LEN(computed) && computed[i].id != dwPropId)
            i++;
        result = i < ARRAY_LEN(computed) ? computed[i].compute(cert, pvData, pcbData)
                                         : win_fail((DWORD)CRYPT_E_NOT_FOUND);
    }
    crypto_unmark();
    return result;
}

DWORD WINAPI CertEnumCertificateContextProperties(PCCERT_CONTEXT pCertContext, DWORD dwPropId)
{
    if (pCertContext == NULL)
        return 0;
    DWORD next = entry_next_property(&cert_of(pCertContext)->base, dwPropId);
    return next <= CERT_LAST_USER_PROP_ID ? next : 0; /* the library's own stand beyond */
}

/* ---- setting --------------------------------------------------------------------------- */

/* A handle is passed as the value itself, and by some callers behind a pointer. */
static ULONG_PTR handle_argument(const void *data)
{
    struct key *key;
    ULONG_PTR value = (ULONG_PTR)data;
    err result = key_from_handle(value, 0, &key);
    if (result == OK)
        key_release(key);
    if (result != ERR_ARGUMENT)
        return value; /* a handle, with or without a key */
    memcpy(&value, data, sizeof value);
    return value;
}

static err set_key_property(struct cert *cert, DWORD id, DWORD flags, const void *data)
{
    bool owns = (flags & CERT_STORE_NO_CRYPT_RELEASE_FLAG) == 0;
    CERT_KEY_CONTEXT context = {.cbSize = sizeof context};
    switch (id) {
    case CERT_KEY_PROV_INFO_PROP_ID:
        return prov_info_store(cert, data);
    case CERT_KEY_CONTEXT_PROP_ID:
        memcpy(&context, data, sizeof context.cbSize);
        if (context.cbSize != sizeof context)
            return FAIL(ERR_ARGUMENT);
        memcpy(&context, data, sizeof context);
        return key_context_store(cert, &context, owns);
    case CERT_KEY_PROV_HANDLE_PROP_ID:
        context.hCryptProv = handle_argument(data);
        context.dwKeySpec = 0;
        break;
    default:
        context.hNCryptKey = handle_argument(data);
        context.dwKeySpec = CERT_NCRYPT_KEY_SPEC;
        break;
    }
    return key_context_store(cert, &context, owns);
}

static BOOL set_key(struct cert *cert, DWORD id, DWORD flags, const void *data)
{
    err result = set_key_property(cert, id, flags, data);
    if (result == ERR_ARGUMENT)
        return win_fail((DWORD)E_INVALIDARG);
    if (result != OK)
        return win_fail(ERROR_NOT_ENOUGH_MEMORY);
    /* A key that is there and fits works from here on, in copies, too; others are judged in use. */
    if (cert_resolve_key(cert) == ERR_NO_MEMORY)
        return win_fail(ERROR_NOT_ENOUGH_MEMORY);
    return TRUE;
}

static void drop(struct cert *cert, DWORD id)
{
    if (id == CERT_KEY_CONTEXT_PROP_ID) {
        cert_drop_property(cert, CERT_KEY_PROV_HANDLE_PROP_ID);
        cert_drop_property(cert, CERT_NCRYPT_KEY_HANDLE_PROP_ID);
    }
    cert_drop_property(cert, id);
}

static BOOL set_bytes(struct cert *cert, DWORD id, DWORD flags, struct span bytes)
{
    enum property_form form =
        (flags & CERT_SET_PROPERTY_INHIBIT_PERSIST_FLAG) != 0 ? PROPERTY_TRANSIENT : PROPERTY_PLAIN;
    err result = entry_set_property(&cert->base, id, bytes, form);
    return result == OK ? TRUE : win_fail(ERROR_NOT_ENOUGH_MEMORY);
}

static BOOL set_value(struct cert *cert, DWORD id, DWORD flags, const void *data)
{
    const CRYPT_DATA_BLOB *blob = data;
    if (data == NULL) {
        drop(cert, id);
        return TRUE;
    }
    if (property_names_key(id))
        return set_key(cert, id, flags, data);
    if (id == CERT_KEY_SPEC_PROP_ID || id == CERT_DATE_STAMP_PROP_ID)
        return set_bytes(cert, id, flags, span_of(data, id == CERT_KEY_SPEC_PROP_ID ? 4 : 8));
    if (blob->cbData > PROPERTY_LEN_MAX || (blob->cbData != 0 && blob->pbData == NULL))
        return win_fail((DWORD)E_INVALIDARG);
    return set_bytes(cert, id, flags, span_of(blob->pbData, blob->cbData));
}

/* In a system store the change is written at once; what cannot be written is not changed. */
static BOOL set_and_keep(struct cert *cert, DWORD id, DWORD flags, const void *data)
{
    struct buf old;
    bool had = cert_copy_property(cert, id, &old) == OK;
    BOOL done = set_value(cert, id, flags, data);
    DWORD error = done ? entry_write(&cert->base) : 0;
    if (error != 0 && (flags & CERT_SET_PROPERTY_IGNORE_PERSIST_ERROR_FLAG) == 0) {
        if (!had || cert_set_property(cert, id, buf_span(&old)) != OK)
            cert_drop_property(cert, id);
        done = win_fail(error);
    }
    if (had)
        buf_release(&old);
    return done;
}

BOOL WINAPI CertSetCertificateContextProperty(PCCERT_CONTEXT pCertContext, DWORD dwPropId,
                                              DWORD dwFlags, const void *pvData)
{
    if (pCertContext == NULL || dwPropId == 0)
        return win_fail((DWORD)E_INVALIDARG);
    struct cert *cert = cert_of(pCertContext);
    crypto_mark();
    BOOL done = entry_is_kept(&cert->base) && !property_is_handle(dwPropId)
                    ? set_and_keep(cert, dwPropId, dwFlags, pvData)
                    : set_value(cert, dwPropId, dwFlags, pvData);
    crypto_unmark();
    return done;
}
