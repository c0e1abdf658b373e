/* SPDX-License-Identifier: MIT */
/*
 * What a certificate may be used for: extended key usage (RFC 5280 4.2.1.12) in the extension and
 * in the property that overrides it, key usage (4.2.1.3), and what several certificates allow
 * together. Chains judge usages by themselves.
 */
#include "crypt32/cert.h"

static const DWORD encoding = X509_ASN_ENCODING;

/* ---- extended key usage ------------------------------------------------------------------ */

/* A copy of the property, to be freed; OK and NULL when it is not there. */
static DWORD property_of(PCCERT_CONTEXT context, struct span *out)
{
    DWORD size = 0;
    *out = (struct span){0};
    if (!CertGetCertificateContextProperty(context, CERT_ENHKEY_USAGE_PROP_ID, NULL, &size))
        return GetLastError() == (DWORD)CRYPT_E_NOT_FOUND ? 0 : GetLastError();
    uint8_t *copy = mem_alloc(size);
    if (copy == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    if (!CertGetCertificateContextProperty(context, CERT_ENHKEY_USAGE_PROP_ID, copy, &size)) {
        mem_free(copy);
        return GetLastError();
    }
    *out = (struct span){.p = copy, .n = size};
    return 0;
}

static const CERT_EXTENSION *extension_of(const CERT_INFO *info, LPCSTR oid)
{
    return CertFindExtension(oid, info->cExtension, info->rgExtension);
}

static BOOL give_none(DWORD flags, PCERT_ENHKEY_USAGE usage, DWORD *inout_size)
{
    DWORD room = *inout_size;
    if (flags != 0)
        return win_fail((DWORD)CRYPT_E_NOT_FOUND);
    *inout_size = sizeof *usage;
    if (usage != NULL && room < sizeof *usage)
        return win_fail(ERROR_MORE_DATA);
    if (usage != NULL)
        *usage = (CERT_ENHKEY_USAGE){0};
    SetLastError((DWORD)CRYPT_E_NOT_FOUND);
    return TRUE;
}

static BOOL give_decoded(struct span der, PCERT_ENHKEY_USAGE usage, DWORD *inout_size)
{
    if (!CryptDecodeObject(encoding, X509_ENHANCED_KEY_USAGE, der.p, (DWORD)der.n, 0, usage,
                           inout_size))
        return FALSE;
    SetLastError(0);
    return TRUE;
}

BOOL WINAPI CertGetEnhancedKeyUsage(PCCERT_CONTEXT pCertContext, DWORD dwFlags,
                                    PCERT_ENHKEY_USAGE pUsage, DWORD *pcbUsage)
{
    struct span property = {0};
    if (pCertContext == NULL || pcbUsage == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    DWORD error = (dwFlags & CERT_FIND_EXT_ONLY_ENHKEY_USAGE_FLAG) == 0
                      ? property_of(pCertContext, &property)
                      : 0;
    if (error != 0)
        return win_fail(error);
    if (property.p != NULL) {
        BOOL done = give_decoded(property, pUsage, pcbUsage);
        mem_free((void *)(uintptr_t)property.p);
        return done;
    }
    const CERT_EXTENSION *extension =
        (dwFlags & CERT_FIND_PROP_ONLY_ENHKEY_USAGE_FLAG) == 0
            ? extension_of(pCertContext->pCertInfo, szOID_ENHANCED_KEY_USAGE)
            : NULL;
    if (extension == NULL)
        return give_none(dwFlags, pUsage, pcbUsage);
    return give_decoded(span_of(extension->Value.pbData, extension->Value.cbData), pUsage,
                        pcbUsage);
}

BOOL WINAPI CertSetEnhancedKeyUsage(PCCERT_CONTEXT pCertContext, PCERT_ENHKEY_USAGE pUsage)
{
    CRYPT_DATA_BLOB blob = {0};
    if (pCertContext == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    if (pUsage == NULL)
        return CertSetCertificateContextProperty(pCertContext, CERT_ENHKEY_USAGE_PROP_ID, 0, NULL);
    if (!CryptEncodeObjectEx(encoding, X509_ENHANCED_KEY_USAGE, pUsage, CRYPT_ENCODE_ALLOC_FLAG,
                             NULL, &blob.pbData, &blob.cbData))
        return FALSE;
    BOOL done =
        CertSetCertificateContextProperty(pCertContext, CERT_ENHKEY_USAGE_PROP_ID, 0, &blob);
    LocalFree(blob.pbData);
    return done;
}

/* The usages, to be freed; with *out_any, whether they are not restricted. NULL: last error. */
static CERT_ENHKEY_USAGE *usages_of(PCCERT_CONTEXT context, DWORD flags, bool *out_any)
{
    DWORD size = 0;
    if (!CertGetEnhancedKeyUsage(context, flags, NULL, &size)) {
        if (GetLastError() != (DWORD)CRYPT_E_NOT_FOUND)
            return NULL;
        size = sizeof(CERT_ENHKEY_USAGE);
    }
    CERT_ENHKEY_USAGE *usage = mem_alloc(size);
    if (usage == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    BOOL done = CertGetEnhancedKeyUsage(context, flags, usage, &size);
    *out_any = GetLastError() == (DWORD)CRYPT_E_NOT_FOUND;
    if (done || *out_any)
        return usage;
    mem_free(usage);
    return NULL;
}

static bool lists(const CERT_ENHKEY_USAGE *usage, LPCSTR oid)
{
    for (DWORD i = 0; i < usage->cUsageIdentifier; i++) {
        if (strcmp(usage->rgpszUsageIdentifier[i], oid) == 0)
            return true;
    }
    return false;
}

/* The property's list without the OID, and with it at the end if it is to be added. */
static BOOL change_property(PCCERT_CONTEXT context, const CERT_ENHKEY_USAGE *old, LPCSTR oid,
                            bool is_added)
{
    LPSTR *list = mem_array((size_t)old->cUsageIdentifier + 1, sizeof *list);
    CERT_ENHKEY_USAGE usage = {.rgpszUsageIdentifier = list};
    if (list == NULL)
        return win_fail(ERROR_NOT_ENOUGH_MEMORY);
    for (DWORD i = 0; i < old->cUsageIdentifier; i++) {
        if (strcmp(old->rgpszUsageIdentifier[i], oid) != 0)
            list[usage.cUsageIdentifier++] = old->rgpszUsageIdentifier[i];
    }
    if (is_added)
        list[usage.cUsageIdentifier++] = (LPSTR)(uintptr_t)oid;
    BOOL done = CertSetEnhancedKeyUsage(context, &usage);
    mem_free(list);
    return done;
}

BOOL WINAPI CertAddEnhancedKeyUsageIdentifier(PCCERT_CONTEXT pCertContext,
                                              LPCSTR pszUsageIdentifier)
{
    bool is_absent;
    if (pCertContext == NULL || pszUsageIdentifier == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    CERT_ENHKEY_USAGE *usage =
        usages_of(pCertContext, CERT_FIND_PROP_ONLY_ENHKEY_USAGE_FLAG, &is_absent);
    if (usage == NULL)
        return FALSE;
    BOOL done = lists(usage, pszUsageIdentifier)
                    ? TRUE
                    : change_property(pCertContext, usage, pszUsageIdentifier, true);
    mem_free(usage);
    return done;
}

BOOL WINAPI CertRemoveEnhancedKeyUsageIdentifier(PCCERT_CONTEXT pCertContext,
                                                 LPCSTR pszUsageIdentifier)
{
    bool is_absent;
    if (pCertContext == NULL || pszUsageIdentifier == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    CERT_ENHKEY_USAGE *usage =
        usages_of(pCertContext, CERT_FIND_PROP_ONLY_ENHKEY_USAGE_FLAG, &is_absent);
    if (usage == NULL)
        return FALSE;
    BOOL done = lists(usage, pszUsageIdentifier)
                    ? change_property(pCertContext, usage, pszUsageIdentifier, false)
                    : TRUE;
    mem_free(usage);
    return done;
}

/* ---- key usage --------------------------------------------------------------------------- */

BOOL WINAPI CertGetIntendedKeyUsage(DWORD dwCertEncodingType, PCERT_INFO pCertInfo,
                                    BYTE *pbKeyUsage, DWORD cbKeyUsage)
{
    CRYPT_BIT_BLOB *bits = NULL;
    DWORD size;
    if (pCertInfo == NULL || (pbKeyUsage == NULL && cbKeyUsage != 0))
        return win_fail((DWORD)E_INVALIDARG);
    const CERT_EXTENSION *extension = extension_of(pCertInfo, szOID_KEY_USAGE);
    for (DWORD i = 0; i < cbKeyUsage; i++)
        pbKeyUsage[i] = 0;
    if (extension == NULL)
        return win_fail(0);
    if (!CryptDecodeObjectEx(dwCertEncodingType, X509_KEY_USAGE, extension->Value.pbData,
                             extension->Value.cbData, CRYPT_DECODE_ALLOC_FLAG, NULL, &bits, &size))
        return FALSE;
    mem_copy(pbKeyUsage, bits->pbData, bits->cbData < cbKeyUsage ? bits->cbData : cbKeyUsage);
    LocalFree(bits);
    return TRUE;
}

/* ---- what several allow ------------------------------------------------------------------ */

/* The usages common so far; NULL: any. A list only shrinks, so it is changed where it is. */
static void intersect(CERT_ENHKEY_USAGE *common, const CERT_ENHKEY_USAGE *more)
{
    DWORD kept = 0;
    for (DWORD i = 0; i < common->cUsageIdentifier; i++) {
        if (lists(more, common->rgpszUsageIdentifier[i]))
            common->rgpszUsageIdentifier[kept++] = common->rgpszUsageIdentifier[i];
    }
    common->cUsageIdentifier = kept;
}

/* Takes the certificate's list; the common one is freed with the caller's others. */
static BOOL take_usages(PCCERT_CONTEXT context, CERT_ENHKEY_USAGE **common)
{
    bool any;
    CERT_ENHKEY_USAGE *usage = usages_of(context, 0, &any);
    if (usage == NULL)
        return FALSE;
    any = any || lists(usage, szOID_ANY_ENHANCED_KEY_USAGE);
    if (!any && *common == NULL) {
        *common = usage;
        return TRUE;
    }
    if (!any)
        intersect(*common, usage);
    mem_free(usage);
    return TRUE;
}

static BOOL give_usages(const CERT_ENHKEY_USAGE *common, LPSTR *out, DWORD *inout_size)
{
    size_t needed = 0;
    DWORD room = *inout_size;
    for (DWORD i = 0; i < common->cUsageIdentifier; i++)
        needed += sizeof(LPSTR) + strlen(common->rgpszUsageIdentifier[i]) + 1;
    *inout_size = (DWORD)needed;
    if (out == NULL)
        return TRUE;
    if (room < needed)
        return win_fail(ERROR_MORE_DATA);
    char *text = (char *)(out + common->cUsageIdentifier);
    for (DWORD i = 0; i < common->cUsageIdentifier; i++) {
        size_t n = strlen(common->rgpszUsageIdentifier[i]) + 1;
        memcpy(text, common->rgpszUsageIdentifier[i], n);
        out[i] = text;
        text += n;
    }
    return TRUE;
}

BOOL WINAPI CertGetValidUsages(DWORD cCerts, PCCERT_CONTEXT *rghCerts, int *cNumOIDs,
                               LPSTR *rghOIDs, DWORD *pcbOIDs)
{
    CERT_ENHKEY_USAGE *common = NULL;
    BOOL done = TRUE;
    if ((cCerts != 0 && rghCerts == NULL) || cNumOIDs == NULL || pcbOIDs == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    for (DWORD i = 0; i < cCerts && done; i++)
        done =
            rghCerts[i] != NULL ? take_usages(rghCerts[i], &common) : win_fail((DWORD)E_INVALIDARG);
    if (done && common == NULL) {
        *cNumOIDs = -1;
        *pcbOIDs = 0;
    } else if (done) {
        *cNumOIDs = (int)common->cUsageIdentifier;
        done = give_usages(common, rghOIDs, pcbOIDs);
    }
    mem_free(common);
    return done;
}
