/* SPDX-License-Identifier: MIT */
/* The rest of SSPI: what Schannel does not implement, and what needs an account behind a
 * certificate. */
#include <schannel.h>

#include "sspi/internal.h"

/* INVALID_HANDLE for what is no context, `status` otherwise. */
static SECURITY_STATUS for_ctx(PCtxtHandle handle, SECURITY_STATUS status)
{
    if (handle_get(HANDLE_CTX, handle) == NULL)
        return SEC_E_INVALID_HANDLE;
    handle_put(handle);
    return status;
}

SECURITY_STATUS SEC_ENTRY CompleteAuthToken(PCtxtHandle phContext, PSecBufferDesc pToken)
{
    (void)pToken;
    return for_ctx(phContext, SEC_E_UNSUPPORTED_FUNCTION);
}

SECURITY_STATUS SEC_ENTRY MakeSignature(PCtxtHandle phContext, ULONG fQOP, PSecBufferDesc pMessage,
                                        ULONG MessageSeqNo)
{
    (void)fQOP;
    (void)pMessage;
    (void)MessageSeqNo;
    return for_ctx(phContext, SEC_E_UNSUPPORTED_FUNCTION);
}

SECURITY_STATUS SEC_ENTRY VerifySignature(PCtxtHandle phContext, PSecBufferDesc pMessage,
                                          ULONG MessageSeqNo, ULONG *pfQOP)
{
    (void)pMessage;
    (void)MessageSeqNo;
    (void)pfQOP;
    return for_ctx(phContext, SEC_E_UNSUPPORTED_FUNCTION);
}

/* Microsoft "Mapping Certificates": no certificate is mapped to an account, so nobody can be. */
SECURITY_STATUS SEC_ENTRY ImpersonateSecurityContext(PCtxtHandle phContext)
{
    return for_ctx(phContext, SEC_E_NO_IMPERSONATION);
}

SECURITY_STATUS SEC_ENTRY RevertSecurityContext(PCtxtHandle phContext)
{
    return for_ctx(phContext, SEC_E_UNSUPPORTED_FUNCTION);
}

SECURITY_STATUS SEC_ENTRY QuerySecurityContextToken(PCtxtHandle phContext, HANDLE *Token)
{
    (void)Token;
    return for_ctx(phContext, SEC_E_NO_IMPERSONATION);
}

/* A copy of a context would use the same nonces twice. */
SECURITY_STATUS SEC_ENTRY ExportSecurityContext(PCtxtHandle phContext, ULONG fFlags,
                                                PSecBuffer pPackedContext, void **pToken)
{
    (void)fFlags;
    (void)pPackedContext;
    (void)pToken;
    return for_ctx(phContext, SEC_E_UNSUPPORTED_FUNCTION);
}

static SECURITY_STATUS for_package(const char *name)
{
    return package_find(name) == OK ? SEC_E_UNSUPPORTED_FUNCTION : SEC_E_SECPKG_NOT_FOUND;
}

static SECURITY_STATUS for_wide_package(const WCHAR *wide)
{
    char *name = win_utf8_dup(wide);
    SECURITY_STATUS status =
        wide != NULL && name == NULL ? SEC_E_INSUFFICIENT_MEMORY : for_package(name);
    mem_free(name);
    return status;
}

SECURITY_STATUS SEC_ENTRY ImportSecurityContextA(SEC_CHAR *pszPackage, PSecBuffer pPackedContext,
                                                 void *Token, PCtxtHandle phContext)
{
    (void)pPackedContext;
    (void)Token;
    (void)phContext;
    return for_package(pszPackage);
}

SECURITY_STATUS SEC_ENTRY ImportSecurityContextW(SEC_WCHAR *pszPackage, PSecBuffer pPackedContext,
                                                 void *Token, PCtxtHandle phContext)
{
    (void)pPackedContext;
    (void)Token;
    (void)phContext;
    return for_wide_package(pszPackage);
}

SECURITY_STATUS SEC_ENTRY ChangeAccountPasswordA(SEC_CHAR *pszPackageName, SEC_CHAR *pszDomainName,
                                                 SEC_CHAR *pszAccountName, SEC_CHAR *pszOldPassword,
                                                 SEC_CHAR *pszNewPassword, BOOLEAN bImpersonating,
                                                 ULONG dwReserved, PSecBufferDesc pOutput)
{
    (void)pszDomainName;
    (void)pszAccountName;
    (void)pszOldPassword;
    (void)pszNewPassword;
    (void)bImpersonating;
    (void)dwReserved;
    (void)pOutput;
    return for_package(pszPackageName);
}

SECURITY_STATUS SEC_ENTRY ChangeAccountPasswordW(SEC_WCHAR *pszPackageName,
                                                 SEC_WCHAR *pszDomainName,
                                                 SEC_WCHAR *pszAccountName,
                                                 SEC_WCHAR *pszOldPassword,
                                                 SEC_WCHAR *pszNewPassword, BOOLEAN bImpersonating,
                                                 ULONG dwReserved, PSecBufferDesc pOutput)
{
    (void)pszDomainName;
    (void)pszAccountName;
    (void)pszOldPassword;
    (void)pszNewPassword;
    (void)bImpersonating;
    (void)dwReserved;
    (void)pOutput;
    return for_wide_package(pszPackageName);
}

SECURITY_STATUS SEC_ENTRY AddSecurityPackageA(LPSTR pszPackageName,
                                              PSECURITY_PACKAGE_OPTIONS pOptions)
{
    (void)pszPackageName;
    (void)pOptions;
    return SEC_E_UNSUPPORTED_FUNCTION;
}

SECURITY_STATUS SEC_ENTRY AddSecurityPackageW(LPWSTR pszPackageName,
                                              PSECURITY_PACKAGE_OPTIONS pOptions)
{
    (void)pszPackageName;
    (void)pOptions;
    return SEC_E_UNSUPPORTED_FUNCTION;
}

SECURITY_STATUS SEC_ENTRY DeleteSecurityPackageA(LPSTR pszPackageName)
{
    (void)pszPackageName;
    return SEC_E_UNSUPPORTED_FUNCTION;
}

SECURITY_STATUS SEC_ENTRY DeleteSecurityPackageW(LPWSTR pszPackageName)
{
    (void)pszPackageName;
    return SEC_E_UNSUPPORTED_FUNCTION;
}

/* No session outlives its connection, so there is never one to drop. */
BOOL SslEmptyCacheA(LPSTR pszTargetName, DWORD dwFlags)
{
    (void)pszTargetName;
    (void)dwFlags;
    return FALSE;
}

BOOL SslEmptyCacheW(LPWSTR pszTargetName, DWORD dwFlags)
{
    (void)pszTargetName;
    (void)dwFlags;
    return FALSE;
}
