/* SPDX-License-Identifier: MIT */
/*
 * The private key of a certificate: found through the properties that name it, and handed out as a
 * handle of CryptoAPI or CNG. Microsoft "CertSetCertificateContextProperty",
 * "CryptAcquireCertificatePrivateKey".
 */
#include "crypt32/cert_key.h"

#include <ncrypt.h>

/* ---- CRYPT_KEY_PROV_INFO --------------------------------------------------------------- */

static err put_text(struct buf *b, const WCHAR *text)
{
    static const WCHAR nothing[1];
    if (text == NULL)
        text = nothing;
    wr_bytes(b, span_of(text, (win_utf16_len(text) + 1) * sizeof(WCHAR)));
    return buf_check(b);
}

err prov_info_store(struct cert *cert, const CRYPT_KEY_PROV_INFO *info)
{
    struct buf flat;
    struct prov_info_head head = {info->dwProvType, info->dwFlags, info->dwKeySpec};
    buf_init(&flat, PROPERTY_LEN_MAX);
    wr_bytes(&flat, span_of(&head, sizeof head));
    err result = put_text(&flat, info->pwszContainerName);
    if (result == OK)
        result = put_text(&flat, info->pwszProvName);
    if (result == OK)
        result = cert_set_property(cert, CERT_KEY_PROV_INFO_PROP_ID, buf_span(&flat));
    buf_release(&flat);
    return result;
}

/* The texts behind the head; they were written by prov_info_store. */
static void texts_of(struct span flat, const WCHAR **out_container, const WCHAR **out_provider)
{
    *out_container = (const WCHAR *)(const void *)(flat.p + sizeof(struct prov_info_head));
    *out_provider = *out_container + win_utf16_len(*out_container) + 1;
}

size_t prov_info_size(struct span flat)
{
    return sizeof(CRYPT_KEY_PROV_INFO) + flat.n - sizeof(struct prov_info_head);
}

void prov_info_give(struct span flat, void *out)
{
    CRYPT_KEY_PROV_INFO *info = out;
    struct prov_info_head head;
    WCHAR *texts = (WCHAR *)(info + 1);
    memcpy(&head, flat.p, sizeof head);
    memcpy(texts, flat.p + sizeof head, flat.n - sizeof head);
    *info = (CRYPT_KEY_PROV_INFO){.pwszContainerName = texts,
                                  .pwszProvName = texts + win_utf16_len(texts) + 1,
                                  .dwProvType = head.type,
                                  .dwFlags = head.flags,
                                  .dwKeySpec = head.key_spec};
}

/* ---- finding the key ------------------------------------------------------------------- */

err cert_key_load_cng(const WCHAR *container, DWORD key_spec, struct key **out)
{
    char name[256];
    *out = NULL;
    if (!key_text(container, name, sizeof name))
        return FAIL(ERR_KEY_NOT_FOUND);
    err result = container_load(name, 0, out);
    bool has_spec = key_spec != 0 && key_spec <= AT_SIGNATURE;
    return result == ERR_KEY_NOT_FOUND && has_spec ? container_load(name, key_spec, out) : result;
}

static err key_of_container(struct span flat, struct key **out)
{
    struct prov_info_head head;
    const WCHAR *container;
    const WCHAR *provider;
    char name[256];
    memcpy(&head, flat.p, sizeof head);
    texts_of(flat, &container, &provider);
    if (head.type == 0)
        return cert_key_load_cng(container, head.key_spec, out);
    if (!key_text(container, name, sizeof name) || head.key_spec > AT_SIGNATURE)
        return FAIL(ERR_KEY_NOT_FOUND);
    return container_load(name, head.key_spec != 0 ? head.key_spec : AT_KEYEXCHANGE, out);
}

static err key_of_handle(struct span property, DWORD id, struct key **out)
{
    CERT_KEY_CONTEXT context = {0};
    if (id == CERT_KEY_CONTEXT_PROP_ID)
        memcpy(&context, property.p, sizeof context);
    else
        memcpy(&context.hCryptProv, property.p, sizeof context.hCryptProv);
    DWORD spec = context.dwKeySpec == CERT_NCRYPT_KEY_SPEC ? 0 : context.dwKeySpec;
    return key_from_handle(context.hCryptProv, spec, out);
}

/* ERR_NOT_AVAILABLE when no property names a key. */
err cert_named_key(struct cert *cert, struct key **out)
{
    static const DWORD ids[] = {CERT_KEY_CONTEXT_PROP_ID, CERT_KEY_PROV_HANDLE_PROP_ID,
                                CERT_NCRYPT_KEY_HANDLE_PROP_ID, CERT_KEY_PROV_INFO_PROP_ID};
    err result = ERR_NOT_AVAILABLE;
    *out = NULL;
    for (size_t i = 0; i < ARRAY_LEN(ids) && result == ERR_NOT_AVAILABLE; i++) {
        struct buf property;
        result = cert_copy_property(cert, ids[i], &property);
        if (result != OK)
            continue;
        result = ids[i] == CERT_KEY_PROV_INFO_PROP_ID
                     ? key_of_container(buf_span(&property), out)
                     : key_of_handle(buf_span(&property), ids[i], out);
        buf_release(&property);
        if (result == ERR_NOT_AVAILABLE)
            result = ERR_KEY_NOT_FOUND;
    }
    return result;
}

static err bind(struct cert *cert, const struct key *key)
{
    struct private_key *private_key;
    err result = private_key_new(&private_key, key->pkey);
    if (result == OK) {
        result = cert_bind_key(cert, private_key);
        private_key_free(private_key);
    }
    return result == ERR_NO_MEMORY || result == OK ? result : FAIL(ERR_CRED_BAD_CERTIFICATE);
}

err cert_resolve_key(struct cert *cert)
{
    struct key *key;
    err result = cert_named_key(cert, &key);
    if (result == ERR_NOT_AVAILABLE)
        return FAIL(ERR_CRED_NO_CERTIFICATE);
    if (result != OK)
        return result == ERR_NO_MEMORY ? result : FAIL(ERR_CRED_BAD_CERTIFICATE);
    result = key->is_private ? bind(cert, key) : FAIL(ERR_CRED_BAD_CERTIFICATE);
    key_release(key);
    return result;
}

/* ---- handles --------------------------------------------------------------------------- */

/* The key under the certificate, with a reference; ERR_NOT_AVAILABLE when it has none. */
static err any_key(struct cert *cert, struct key **out)
{
    struct private_key *bound;
    err result = cert_named_key(cert, out);
    if (result != ERR_NOT_AVAILABLE)
        return result;
    if (cert_private_key(&cert->context, &bound) != OK)
        return ERR_NOT_AVAILABLE;
    EVP_PKEY *pkey = private_key_object(bound);
    bool is_sealed = private_key_is_sealed(bound);
    result = FAIL(ERR_INTERNAL);
    if (EVP_PKEY_up_ref(pkey) == 1)
        result = key_new(out, pkey, true, NULL);
    private_key_free(bound);
    if (result != OK)
        return result;
    (*out)->is_sealed = is_sealed;
    if (!is_sealed)
        (*out)->export_policy = NCRYPT_ALLOW_EXPORT_FLAG | NCRYPT_ALLOW_PLAINTEXT_EXPORT_FLAG;
    if ((*out)->algorithm != NULL)
        return OK;
    key_release(*out); /* Ed25519: no handle of Windows' holds one */
    *out = NULL;
    return ERR_NOT_AVAILABLE;
}

err cert_key_handle(struct cert *cert, bool cng, CERT_KEY_CONTEXT *out)
{
    struct key *key;
    TRY(any_key(cert, &key));
    *out = (CERT_KEY_CONTEXT){.cbSize = sizeof *out};
    err result = key_handle_new(key, cng, &out->hCryptProv, &out->dwKeySpec);
    key_release(key);
    return result;
}

/* A handle for a bound key, made once and kept with the certificate. */
err cert_keep_handle(struct cert *cert)
{
    CERT_KEY_CONTEXT context;
    struct buf there;
    if (cert_copy_property(cert, CERT_KEY_CONTEXT_PROP_ID, &there) == OK) {
        buf_release(&there);
        return OK;
    }
    TRY(cert_key_handle(cert, false, &context));
    return key_context_store(cert, &context, true);
}

/* The handle stands last in the property, where its owner looks for it. */
err key_context_store(struct cert *cert, const CERT_KEY_CONTEXT *context, bool owns_handle)
{
    struct buf flat;
    DWORD handle_id = context->dwKeySpec == CERT_NCRYPT_KEY_SPEC ? CERT_NCRYPT_KEY_HANDLE_PROP_ID
                                                                 : CERT_KEY_PROV_HANDLE_PROP_ID;
    struct span handle = span_of(&context->hCryptProv, sizeof context->hCryptProv);
    buf_init(&flat, PROPERTY_LEN_MAX);
    wr_bytes(&flat, span_of(context, sizeof *context));
    wr_bytes(&flat, handle);
    err result = buf_check(&flat);
    if (result == OK)
        result = owns_handle
                     ? cert_set_owned_handle(cert, CERT_KEY_CONTEXT_PROP_ID, buf_span(&flat))
                     : cert_set_property(cert, CERT_KEY_CONTEXT_PROP_ID, buf_span(&flat));
    buf_release(&flat);
    if (result == OK)
        result = cert_set_property(cert, handle_id, handle);
    return result;
}

BOOL WINAPI
CryptAcquireCertificatePrivateKey(PCCERT_CONTEXT pCert, DWORD dwFlags, void *pvParameters,
                                  HCRYPTPROV_OR_NCRYPT_KEY_HANDLE *phCryptProvOrNCryptKey,
                                  DWORD *pdwKeySpec, BOOL *pfCallerFreeProvOrNCryptKey)
{
    (void)pvParameters;
    CERT_KEY_CONTEXT context;
    if (pCert == NULL || phCryptProvOrNCryptKey == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    struct cert *cert = cert_of(pCert);
    struct buf kept;
    crypto_mark();
    bool has_handle = cert_copy_property(cert, CERT_KEY_CONTEXT_PROP_ID, &kept) == OK;
    bool cng = (dwFlags &
                (CRYPT_ACQUIRE_PREFER_NCRYPT_KEY_FLAG | CRYPT_ACQUIRE_ONLY_NCRYPT_KEY_FLAG)) != 0;
    err result = OK;
    if (has_handle) {
        memcpy(&context, kept.p, sizeof context);
        buf_release(&kept);
    } else {
        result = cert_key_handle(cert, cng, &context);
    }
    bool caches = result == OK && !has_handle && (dwFlags & CRYPT_ACQUIRE_CACHE_FLAG) != 0;
    if (caches)
        result = key_context_store(cert, &context, true);
    if (result == OK && (dwFlags & CRYPT_ACQUIRE_COMPARE_KEY_FLAG) != 0 &&
        cert_resolve_key(cert) == ERR_CRED_BAD_CERTIFICATE)
        result = ERR_CRED_BAD_CERTIFICATE;
    crypto_unmark();
    if (result == ERR_NOT_AVAILABLE)
        return win_fail((DWORD)CRYPT_E_NO_KEY_PROPERTY);
    if (result == ERR_CRED_BAD_CERTIFICATE)
        return win_fail((DWORD)NTE_BAD_PUBLIC_KEY);
    if (result != OK)
        return win_fail(result == ERR_NO_MEMORY        ? ERROR_NOT_ENOUGH_MEMORY
                        : result == ERR_KEY_PERMISSION ? (DWORD)NTE_PERM
                                                       : (DWORD)NTE_BAD_KEYSET);
    *phCryptProvOrNCryptKey = context.hCryptProv;
    if (pdwKeySpec != NULL)
        *pdwKeySpec = context.dwKeySpec;
    if (pfCallerFreeProvOrNCryptKey != NULL)
        *pfCallerFreeProvOrNCryptKey = !has_handle && !caches;
    SetLastError(0);
    return TRUE;
}
