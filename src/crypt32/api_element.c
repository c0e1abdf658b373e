/* SPDX-License-Identifier: MIT */
/*
 * Certificates and revocation lists as serialized elements, and links. Microsoft
 * "CertSerializeCertificateStoreElement", "CertAddSerializedElementToStore",
 * "CertAddCertificateLinkToStore".
 */
#include "crypt32/cert.h"
#include "crypt32/crl.h"
#include "crypt32/serialize.h"

/* ---- giving ---------------------------------------------------------------------------- */

static BOOL give_element(struct entry *entry, BYTE *out, DWORD *size)
{
    struct buf bytes;
    buf_init(&bytes, SERIALIZED_MAX);
    if (serialized_write_element(entry, &bytes) != OK) {
        buf_release(&bytes);
        return win_fail(ERROR_NOT_ENOUGH_MEMORY);
    }
    DWORD room = *size;
    *size = (DWORD)bytes.n;
    bool fits = out == NULL || room >= bytes.n;
    if (out != NULL && fits)
        mem_copy(out, bytes.p, bytes.n);
    buf_release(&bytes);
    return fits ? TRUE : win_fail(ERROR_MORE_DATA);
}

BOOL WINAPI CertSerializeCertificateStoreElement(PCCERT_CONTEXT pCertContext, DWORD dwFlags,
                                                 BYTE *pbElement, DWORD *pcbElement)
{
    (void)dwFlags;
    if (pCertContext == NULL || pcbElement == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    return give_element(&cert_of(pCertContext)->base, pbElement, pcbElement);
}

BOOL WINAPI CertSerializeCRLStoreElement(PCCRL_CONTEXT pCrlContext, DWORD dwFlags, BYTE *pbElement,
                                         DWORD *pcbElement)
{
    (void)dwFlags;
    if (pCrlContext == NULL || pcbElement == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    return give_element(&crl_of(pCrlContext)->base, pbElement, pcbElement);
}

/* ---- taking ---------------------------------------------------------------------------- */

static const void *context_of(struct entry *entry)
{
    return entry->type->kind == ENTRY_CERT ? (const void *)&cert_of_entry(entry)->context
                                           : (const void *)&crl_of_entry(entry)->context;
}

static DWORD read_element(struct span bytes, DWORD wanted, struct entry **out)
{
    *out = NULL;
    if (bytes.n == 0)
        return ERROR_END_OF_MEDIA;
    if (crypto_start() != OK)
        return (DWORD)NTE_FAIL;
    err result = serialized_read_element(bytes, out);
    if (result != OK)
        return result == ERR_CERT_PARSE ? (DWORD)CRYPT_E_FILE_ERROR : cert_last_error(result);
    if ((wanted & 1U << (*out)->type->context_type) != 0)
        return 0;
    entry_release(*out);
    *out = NULL;
    return (DWORD)E_INVALIDARG;
}

/* Takes the entry over. Without a store it is the result itself. */
static DWORD put_element(struct store *store, struct entry *entry, DWORD disposition,
                         struct entry **out)
{
    if (store != NULL) {
        DWORD error = store_put(store, entry, disposition, STORE_COPY, out);
        entry_release(entry);
        return error;
    }
    if (out != NULL)
        *out = entry;
    else
        entry_release(entry);
    return 0;
}

BOOL WINAPI CertAddSerializedElementToStore(HCERTSTORE hCertStore, const BYTE *pbElement,
                                            DWORD cbElement, DWORD dwAddDisposition, DWORD dwFlags,
                                            DWORD dwContextTypeFlags, DWORD *pdwContextType,
                                            const void **ppvContext)
{
    (void)dwFlags;
    struct store *store = store_of(hCertStore);
    struct entry *entry;
    struct entry *added = NULL;
    if ((store == NULL && hCertStore != NULL) || (pbElement == NULL && cbElement != 0))
        return win_fail((DWORD)E_INVALIDARG);
    crypto_mark();
    DWORD error = read_element(span_of(pbElement, cbElement), dwContextTypeFlags, &entry);
    DWORD type = entry != NULL ? entry->type->context_type : 0;
    if (error == 0)
        error = put_element(store, entry, dwAddDisposition, ppvContext != NULL ? &added : NULL);
    crypto_unmark();
    if (error != 0)
        return win_fail(error);
    if (pdwContextType != NULL)
        *pdwContextType = type;
    if (ppvContext != NULL)
        *ppvContext = context_of(added);
    return TRUE;
}

/* ---- links ----------------------------------------------------------------------------- */

static BOOL put_link(HCERTSTORE handle, struct entry *entry, DWORD disposition, struct entry **out)
{
    struct store *store = store_of(handle);
    if (store == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    DWORD error = store_put(store, entry, disposition, STORE_LINK, out);
    return error == 0 ? TRUE : win_fail(error);
}

BOOL WINAPI CertAddCertificateLinkToStore(HCERTSTORE hCertStore, PCCERT_CONTEXT pCertContext,
                                          DWORD dwAddDisposition, PCCERT_CONTEXT *ppStoreContext)
{
    struct entry *added = NULL;
    if (pCertContext == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    if (!put_link(hCertStore, &cert_of(pCertContext)->base, dwAddDisposition,
                  ppStoreContext != NULL ? &added : NULL))
        return FALSE;
    if (ppStoreContext != NULL)
        *ppStoreContext = &cert_of_entry(added)->context;
    return TRUE;
}

BOOL WINAPI CertAddCRLLinkToStore(HCERTSTORE hCertStore, PCCRL_CONTEXT pCrlContext,
                                  DWORD dwAddDisposition, PCCRL_CONTEXT *ppStoreContext)
{
    struct entry *added = NULL;
    if (pCrlContext == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    if (!put_link(hCertStore, &crl_of(pCrlContext)->base, dwAddDisposition,
                  ppStoreContext != NULL ? &added : NULL))
        return FALSE;
    if (ppStoreContext != NULL)
        *ppStoreContext = &crl_of_entry(added)->context;
    return TRUE;
}
