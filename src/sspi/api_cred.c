/* SPDX-License-Identifier: MIT */
/* Credentials. Microsoft "AcquireCredentialsHandle (Schannel)", "FreeCredentialsHandle". */
#include "sspi/internal.h"

enum { DIRECTIONS = SECPKG_CRED_INBOUND | SECPKG_CRED_OUTBOUND };

static void set_expiry(PTimeStamp out, int64_t seconds)
{
    if (out == NULL)
        return;
    out->QuadPart = seconds == INT64_MAX ? INT64_MAX : win_local_ticks_from_unix(seconds);
}

static SECURITY_STATUS acquire(const char *package, ULONG use, const void *auth_data,
                               PCredHandle out, PTimeStamp expiry)
{
    struct cred *cred;
    if (package_find(package) != OK)
        return SEC_E_SECPKG_NOT_FOUND;
    bool is_server = (use & DIRECTIONS) == SECPKG_CRED_INBOUND;
    bool is_client = (use & DIRECTIONS) == SECPKG_CRED_OUTBOUND;
    if (!is_server && !is_client)
        return SEC_E_NO_CREDENTIALS;
    err result = crypto_start();
    if (result == OK)
        result = cred_new(&cred, is_server, auth_data);
    if (result != OK)
        return status_of(result);
    int64_t not_after = cred->not_after;
    /* The data are judged before the place for the handle. */
    result = out != NULL ? handle_new(HANDLE_CRED, cred, out) : ERR_WRONG_STATE;
    if (result != OK) {
        cred_release(cred);
        return status_of(result);
    }
    set_expiry(expiry, not_after);
    return SEC_E_OK;
}

SECURITY_STATUS SEC_ENTRY AcquireCredentialsHandleA(SEC_CHAR *pszPrincipal, SEC_CHAR *pszPackage,
                                                    ULONG fCredentialUse, void *pvLogonId,
                                                    void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                                                    void *pvGetKeyArgument,
                                                    PCredHandle phCredential, PTimeStamp ptsExpiry)
{
    (void)pszPrincipal;
    (void)pvLogonId;
    (void)pGetKeyFn;
    (void)pvGetKeyArgument;
    crypto_mark();
    SECURITY_STATUS status =
        acquire(pszPackage, fCredentialUse, pAuthData, phCredential, ptsExpiry);
    crypto_unmark();
    return status;
}

SECURITY_STATUS SEC_ENTRY AcquireCredentialsHandleW(SEC_WCHAR *pszPrincipal, SEC_WCHAR *pszPackage,
                                                    ULONG fCredentialUse, void *pvLogonId,
                                                    void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                                                    void *pvGetKeyArgument,
                                                    PCredHandle phCredential, PTimeStamp ptsExpiry)
{
    (void)pszPrincipal;
    char *package = win_utf8_dup(pszPackage);
    SECURITY_STATUS status =
        AcquireCredentialsHandleA(NULL, package, fCredentialUse, pvLogonId, pAuthData, pGetKeyFn,
                                  pvGetKeyArgument, phCredential, ptsExpiry);
    mem_free(package);
    return status;
}

SECURITY_STATUS SEC_ENTRY FreeCredentialsHandle(PCredHandle phCredential)
{
    return handle_delete(HANDLE_CRED, phCredential) ? SEC_E_OK : SEC_E_INVALID_HANDLE;
}

/* ---- attributes ------------------------------------------------------------------------ */

/* Everything that some suite uses, whatever the credential allows. */
static SECURITY_STATUS query_algorithms(SecPkgCred_SupportedAlgs *out)
{
    static const ALG_ID ids[] = {CALG_AES_128, CALG_AES_256,  CALG_SHA_256,    CALG_SHA_384,
                                 CALG_SHA_512, CALG_RSA_SIGN, CALG_ECDH_EPHEM, CALG_ECDSA};
    ALG_ID *list = mem_dup(ids, sizeof ids);
    if (list == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    out->cSupportedAlgs = ARRAY_LEN(ids);
    out->palgSupportedAlgs = list;
    return SEC_E_OK;
}

static SECURITY_STATUS query_attribute(const struct cred *cred, ULONG attribute, void *out)
{
    if (out == NULL)
        return SEC_E_INTERNAL_ERROR;
    switch (attribute) {
    case SECPKG_ATTR_SUPPORTED_ALGS:
        return query_algorithms(out);
    case SECPKG_ATTR_CIPHER_STRENGTHS:
        *(SecPkgCred_CipherStrengths *)out =
            (SecPkgCred_CipherStrengths){cred->strength_min, cred->strength_max};
        return SEC_E_OK;
    case SECPKG_ATTR_SUPPORTED_PROTOCOLS:
        ((SecPkgCred_SupportedProtocols *)out)->grbitProtocol = cred->protocols;
        return SEC_E_OK;
    case SECPKG_CRED_ATTR_NAMES:
        return SEC_E_NO_CREDENTIALS; /* certificates have no account here */
    default:
        return SEC_E_UNSUPPORTED_FUNCTION;
    }
}

SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesA(PCredHandle phCredential, ULONG ulAttribute,
                                                      void *pBuffer)
{
    struct cred *cred = handle_get(HANDLE_CRED, phCredential);
    if (cred == NULL)
        return SEC_E_INVALID_HANDLE;
    SECURITY_STATUS status = query_attribute(cred, ulAttribute, pBuffer);
    handle_put(phCredential);
    return status;
}

SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesW(PCredHandle phCredential, ULONG ulAttribute,
                                                      void *pBuffer)
{
    return QueryCredentialsAttributesA(phCredential, ulAttribute, pBuffer);
}

SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesExA(PCredHandle phCredential, ULONG ulAttribute,
                                                        void *pBuffer, ULONG cbBuffer)
{
    static const struct {
        ULONG id;
        ULONG size;
    } sizes[] = {
        {SECPKG_ATTR_SUPPORTED_ALGS, sizeof(SecPkgCred_SupportedAlgs)},
        {SECPKG_ATTR_CIPHER_STRENGTHS, sizeof(SecPkgCred_CipherStrengths)},
        {SECPKG_ATTR_SUPPORTED_PROTOCOLS, sizeof(SecPkgCred_SupportedProtocols)},
    };
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        if (sizes[i].id == ulAttribute && cbBuffer < sizes[i].size)
            return SEC_E_BUFFER_TOO_SMALL;
    }
    return QueryCredentialsAttributesA(phCredential, ulAttribute, pBuffer);
}

SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesExW(PCredHandle phCredential, ULONG ulAttribute,
                                                        void *pBuffer, ULONG cbBuffer)
{
    return QueryCredentialsAttributesExA(phCredential, ulAttribute, pBuffer, cbBuffer);
}

/* Answers INVALID_HANDLE for what is no credential, `status` otherwise. */
static SECURITY_STATUS for_cred(PCredHandle handle, SECURITY_STATUS status)
{
    if (handle_get(HANDLE_CRED, handle) == NULL)
        return SEC_E_INVALID_HANDLE;
    handle_put(handle);
    return status;
}

SECURITY_STATUS SEC_ENTRY SetCredentialsAttributesA(PCredHandle phCredential, ULONG ulAttribute,
                                                    void *pBuffer, ULONG cbBuffer)
{
    (void)ulAttribute;
    (void)pBuffer;
    (void)cbBuffer;
    return for_cred(phCredential, SEC_E_UNSUPPORTED_FUNCTION);
}

SECURITY_STATUS SEC_ENTRY SetCredentialsAttributesW(PCredHandle phCredential, ULONG ulAttribute,
                                                    void *pBuffer, ULONG cbBuffer)
{
    return SetCredentialsAttributesA(phCredential, ulAttribute, pBuffer, cbBuffer);
}

SECURITY_STATUS SEC_ENTRY AddCredentialsA(PCredHandle hCredentials, SEC_CHAR *pszPrincipal,
                                          SEC_CHAR *pszPackage, ULONG fCredentialUse,
                                          void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                                          void *pvGetKeyArgument, PTimeStamp ptsExpiry)
{
    (void)pszPrincipal;
    (void)pszPackage;
    (void)fCredentialUse;
    (void)pAuthData;
    (void)pGetKeyFn;
    (void)pvGetKeyArgument;
    (void)ptsExpiry;
    return for_cred(hCredentials, SEC_E_UNSUPPORTED_FUNCTION);
}

SECURITY_STATUS SEC_ENTRY AddCredentialsW(PCredHandle hCredentials, SEC_WCHAR *pszPrincipal,
                                          SEC_WCHAR *pszPackage, ULONG fCredentialUse,
                                          void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                                          void *pvGetKeyArgument, PTimeStamp ptsExpiry)
{
    (void)pszPrincipal;
    (void)pszPackage;
    return AddCredentialsA(hCredentials, NULL, NULL, fCredentialUse, pAuthData, pGetKeyFn,
                           pvGetKeyArgument, ptsExpiry);
}
