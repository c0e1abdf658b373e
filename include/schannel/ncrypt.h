/* SPDX-License-Identifier: MIT */
/*
 * CNG keys in storage. One provider, MS_KEY_STORAGE_PROVIDER: named keys are files that only their
 * user can read, keys without a name live as long as their handle. All functions return a
 * SECURITY_STATUS: ERROR_SUCCESS, NTE_INVALID_HANDLE, NTE_INVALID_PARAMETER, NTE_NOT_SUPPORTED,
 * NTE_NO_MEMORY, NTE_BUFFER_TOO_SMALL and what the function adds. A handle belongs to one thread at
 * a time. Source: Microsoft "CNG Key Storage Functions".
 */
#ifndef SCHANNEL_NCRYPT_H
#define SCHANNEL_NCRYPT_H

#include "parts/security_status.h"
#include "windef.h"
#include "winerror.h"
#include "bcrypt.h"

#ifndef SCHANNEL_NCRYPT_HANDLES
#define SCHANNEL_NCRYPT_HANDLES
typedef ULONG_PTR NCRYPT_HANDLE;
typedef ULONG_PTR NCRYPT_PROV_HANDLE;
typedef ULONG_PTR NCRYPT_KEY_HANDLE;
#endif

#define MS_KEY_STORAGE_PROVIDER SCHANNEL_WIDE("Microsoft Software Key Storage Provider")
#define MS_SMART_CARD_KEY_STORAGE_PROVIDER                                                         \
    SCHANNEL_WIDE("Microsoft Smart Card Key Storage Provider")
#define MS_PLATFORM_KEY_STORAGE_PROVIDER SCHANNEL_WIDE("Microsoft Platform Crypto Provider")

#define NCRYPT_RSA_ALGORITHM        BCRYPT_RSA_ALGORITHM
#define NCRYPT_ECDH_P256_ALGORITHM  BCRYPT_ECDH_P256_ALGORITHM
#define NCRYPT_ECDH_P384_ALGORITHM  BCRYPT_ECDH_P384_ALGORITHM
#define NCRYPT_ECDH_P521_ALGORITHM  BCRYPT_ECDH_P521_ALGORITHM
#define NCRYPT_ECDSA_P256_ALGORITHM BCRYPT_ECDSA_P256_ALGORITHM
#define NCRYPT_ECDSA_P384_ALGORITHM BCRYPT_ECDSA_P384_ALGORITHM
#define NCRYPT_ECDSA_P521_ALGORITHM BCRYPT_ECDSA_P521_ALGORITHM

#define NCRYPT_NAME_PROPERTY            SCHANNEL_WIDE("Name")
#define NCRYPT_UNIQUE_NAME_PROPERTY     SCHANNEL_WIDE("Unique Name")
#define NCRYPT_ALGORITHM_PROPERTY       SCHANNEL_WIDE("Algorithm Name")
#define NCRYPT_ALGORITHM_GROUP_PROPERTY SCHANNEL_WIDE("Algorithm Group")
#define NCRYPT_LENGTH_PROPERTY          SCHANNEL_WIDE("Length")
#define NCRYPT_EXPORT_POLICY_PROPERTY   SCHANNEL_WIDE("Export Policy")
#define NCRYPT_KEY_USAGE_PROPERTY       SCHANNEL_WIDE("Key Usage")
#define NCRYPT_KEY_TYPE_PROPERTY        SCHANNEL_WIDE("Key Type")
#define NCRYPT_VERSION_PROPERTY         SCHANNEL_WIDE("Version")
#define NCRYPT_SECURITY_DESCR_PROPERTY  SCHANNEL_WIDE("Security Descr")
#define NCRYPT_PROVIDER_HANDLE_PROPERTY SCHANNEL_WIDE("Provider Handle")

#define NCRYPT_PKCS8_PRIVATE_KEY_BLOB SCHANNEL_WIDE("PKCS8_PRIVATEKEY")

/* Values of NCRYPT_EXPORT_POLICY_PROPERTY and NCRYPT_KEY_USAGE_PROPERTY. */
#define NCRYPT_ALLOW_EXPORT_FLAG           0x00000001
#define NCRYPT_ALLOW_PLAINTEXT_EXPORT_FLAG 0x00000002
#define NCRYPT_ALLOW_DECRYPT_FLAG          0x00000001
#define NCRYPT_ALLOW_SIGNING_FLAG          0x00000002
#define NCRYPT_ALLOW_KEY_AGREEMENT_FLAG    0x00000004
#define NCRYPT_ALLOW_ALL_USAGES            0x00FFFFFF

#define NCRYPT_PAD_PKCS1_FLAG       0x00000002
#define NCRYPT_PAD_OAEP_FLAG        0x00000004
#define NCRYPT_PAD_PSS_FLAG         0x00000008
#define NCRYPT_MACHINE_KEY_FLAG     0x00000020
#define NCRYPT_SILENT_FLAG          0x00000040
#define NCRYPT_OVERWRITE_KEY_FLAG   0x00000080
#define NCRYPT_DO_NOT_FINALIZE_FLAG 0x00000400
#define NCRYPT_PERSIST_ONLY_FLAG    0x40000000
#define NCRYPT_PERSIST_FLAG         0x80000000

typedef BCryptBuffer NCryptBuffer;
typedef BCryptBuffer *PNCryptBuffer;
typedef BCryptBufferDesc NCryptBufferDesc;
typedef BCryptBufferDesc *PNCryptBufferDesc;
#define NCRYPTBUFFER_VERSION       0
#define NCRYPTBUFFER_PKCS_KEY_NAME 45

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * NCryptOpenStorageProvider, NCryptFreeObject - a handle for the provider; pszProviderName NULL or
 * MS_KEY_STORAGE_PROVIDER, NTE_BAD_PROVIDER otherwise. NCryptFreeObject frees it, and keys, too.
 */
SECURITY_STATUS WINAPI NCryptOpenStorageProvider(NCRYPT_PROV_HANDLE *phProvider,
                                                 LPCWSTR pszProviderName, DWORD dwFlags);
SECURITY_STATUS WINAPI NCryptFreeObject(NCRYPT_HANDLE hObject);

/*
 * NCryptOpenKey - a named key. NTE_BAD_KEYSET when there is none, NTE_PERM when its file is not the
 * user's own.
 *
 * NCryptCreatePersistedKey, NCryptFinalizeKey - prepares a new key: RSA, ECDSA or ECDH. pszKeyName
 * NULL: not stored. NTE_EXISTS without NCRYPT_OVERWRITE_KEY_FLAG when the name is taken,
 * NTE_BAD_ALGID. NCryptFinalizeKey makes and stores it.
 *
 * NCryptImportKey - a key from a blob: NCRYPT_PKCS8_PRIVATE_KEY_BLOB, the BCRYPT_ blobs. A
 * NCRYPTBUFFER_PKCS_KEY_NAME in pParameterList names and stores it. hImportKey 0. NTE_BAD_DATA for
 * a blob that holds no key, NTE_EXISTS, NTE_BAD_TYPE. With NCRYPT_DO_NOT_FINALIZE_FLAG it is stored
 * by NCryptFinalizeKey.
 *
 * NCryptExportKey - writes a blob; pbOutput NULL asks for the size. Private ones only when
 * NCRYPT_EXPORT_POLICY_PROPERTY allows it (keys without a name always do): NTE_PERM.
 *
 * NCryptDeleteKey - deletes a stored key, and frees the handle.
 */
SECURITY_STATUS WINAPI NCryptOpenKey(NCRYPT_PROV_HANDLE hProvider, NCRYPT_KEY_HANDLE *phKey,
                                     LPCWSTR pszKeyName, DWORD dwLegacyKeySpec, DWORD dwFlags);
SECURITY_STATUS WINAPI NCryptCreatePersistedKey(NCRYPT_PROV_HANDLE hProvider,
                                                NCRYPT_KEY_HANDLE *phKey, LPCWSTR pszAlgId,
                                                LPCWSTR pszKeyName, DWORD dwLegacyKeySpec,
                                                DWORD dwFlags);
SECURITY_STATUS WINAPI NCryptFinalizeKey(NCRYPT_KEY_HANDLE hKey, DWORD dwFlags);
SECURITY_STATUS WINAPI NCryptImportKey(NCRYPT_PROV_HANDLE hProvider, NCRYPT_KEY_HANDLE hImportKey,
                                       LPCWSTR pszBlobType, NCryptBufferDesc *pParameterList,
                                       NCRYPT_KEY_HANDLE *phKey, PBYTE pbData, DWORD cbData,
                                       DWORD dwFlags);
SECURITY_STATUS WINAPI NCryptExportKey(NCRYPT_KEY_HANDLE hKey, NCRYPT_KEY_HANDLE hExportKey,
                                       LPCWSTR pszBlobType, NCryptBufferDesc *pParameterList,
                                       PBYTE pbOutput, DWORD cbOutput, DWORD *pcbResult,
                                       DWORD dwFlags);
SECURITY_STATUS WINAPI NCryptDeleteKey(NCRYPT_KEY_HANDLE hKey, DWORD dwFlags);

/*
 * NCryptGetProperty - NCRYPT_NAME_PROPERTY, NCRYPT_UNIQUE_NAME_PROPERTY, NCRYPT_ALGORITHM_PROPERTY,
 * NCRYPT_ALGORITHM_GROUP_PROPERTY (text), NCRYPT_LENGTH_PROPERTY (bits),
 * NCRYPT_EXPORT_POLICY_PROPERTY, NCRYPT_KEY_USAGE_PROPERTY, NCRYPT_KEY_TYPE_PROPERTY (DWORD).
 * NCryptSetProperty - NCRYPT_LENGTH_PROPERTY before the key is made, NCRYPT_EXPORT_POLICY_PROPERTY,
 * NCRYPT_KEY_USAGE_PROPERTY.
 */
SECURITY_STATUS WINAPI NCryptGetProperty(NCRYPT_HANDLE hObject, LPCWSTR pszProperty, PBYTE pbOutput,
                                         DWORD cbOutput, DWORD *pcbResult, DWORD dwFlags);
SECURITY_STATUS WINAPI NCryptSetProperty(NCRYPT_HANDLE hObject, LPCWSTR pszProperty, PBYTE pbInput,
                                         DWORD cbInput, DWORD dwFlags);

/*
 * NCryptSignHash - as BCryptSignHash, with NCRYPT_PAD_PKCS1_FLAG and NCRYPT_PAD_PSS_FLAG.
 */
SECURITY_STATUS WINAPI NCryptSignHash(NCRYPT_KEY_HANDLE hKey, VOID *pPaddingInfo, PBYTE pbHashValue,
                                      DWORD cbHashValue, PBYTE pbSignature, DWORD cbSignature,
                                      DWORD *pcbResult, DWORD dwFlags);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
