/* SPDX-License-Identifier: MIT */
/*
 * The certificate functions. Unless a description says otherwise: failure is FALSE or NULL and
 * GetLastError tells why; every function may be called from any thread, on different objects at the
 * same time; a context is reference-counted and stays valid after its store is closed; NULL is
 * harmless in every function that frees.
 */
#ifndef SCHANNEL_PARTS_WINCRYPT_FUNCTIONS_H
#define SCHANNEL_PARTS_WINCRYPT_FUNCTIONS_H

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* ---- contexts ------------------------------------------------------------------------------ */

/*
 * CertCreateCertificateContext - a context from one DER certificate, which is copied.
 * dwCertEncodingType: X509_ASN_ENCODING, alone or with PKCS_7_ASN_ENCODING. cbCertEncoded: bytes.
 * The result belongs to the caller: CertFreeCertificateContext.
 * E_INVALIDARG (encoding), CRYPT_E_ASN1_EOD (empty), CRYPT_E_ASN1_BADTAG (does not parse or has
 * bytes behind it), ERROR_NOT_ENOUGH_MEMORY.
 * Source: Microsoft "CertCreateCertificateContext function".
 */
PCCERT_CONTEXT WINAPI CertCreateCertificateContext(DWORD dwCertEncodingType,
                                                   const BYTE *pbCertEncoded, DWORD cbCertEncoded);
/* CertDuplicateCertificateContext - one more reference; returns its argument, NULL for NULL. */
PCCERT_CONTEXT WINAPI CertDuplicateCertificateContext(PCCERT_CONTEXT pCertContext);
/* CertFreeCertificateContext - gives a reference back. Always TRUE. */
BOOL WINAPI CertFreeCertificateContext(PCCERT_CONTEXT pCertContext);

/*
 * CertGetCertificateContextProperty - reads CERT_*_PROP_ID dwPropId into pvData. *pcbData: bytes
 * available in, bytes needed or written out; pvData NULL asks for the size. Hashes are computed
 * when they are asked for. CRYPT_E_NOT_FOUND (no such property), ERROR_MORE_DATA (too small).
 * CertSetCertificateContextProperty - stores a copy of what the property's page says pvData points
 * to; NULL deletes. E_INVALIDARG for a malformed structure. Source: Microsoft pages of the two
 * functions.
 */
BOOL WINAPI CertGetCertificateContextProperty(PCCERT_CONTEXT pCertContext, DWORD dwPropId,
                                              void *pvData, DWORD *pcbData);
BOOL WINAPI CertSetCertificateContextProperty(PCCERT_CONTEXT pCertContext, DWORD dwPropId,
                                              DWORD dwFlags, const void *pvData);

/* ---- stores -------------------------------------------------------------------------------- */

/*
 * CertOpenStore - opens a store. Providers: CERT_STORE_PROV_MEMORY (empty), and
 * CERT_STORE_PROV_SYSTEM, _A, _W with the name "ROOT" (the distribution's trust bundle, read-only).
 * Others, and other names, give NULL with ERROR_FILE_NOT_FOUND. Close with CertCloseStore.
 * CertOpenSystemStore - the same by name. E_INVALIDARG for a NULL name.
 * CertDuplicateStore - one more reference; returns its argument.
 * CertCloseStore - gives a reference back. With CERT_CLOSE_STORE_CHECK_FLAG: FALSE and
 * CRYPT_E_PENDING_CLOSE when contexts of the store still live (it is closed all the same).
 * Source: Microsoft pages of the functions.
 */
HCERTSTORE WINAPI CertOpenStore(LPCSTR lpszStoreProvider, DWORD dwEncodingType,
                                HCRYPTPROV_LEGACY hCryptProv, DWORD dwFlags, const void *pvPara);
HCERTSTORE WINAPI CertOpenSystemStoreA(HCRYPTPROV_LEGACY hProv, LPCSTR szSubsystemProtocol);
HCERTSTORE WINAPI CertOpenSystemStoreW(HCRYPTPROV_LEGACY hProv, LPCWSTR szSubsystemProtocol);
#define CertOpenSystemStore SCHANNEL_AW(CertOpenSystemStore)
HCERTSTORE WINAPI CertDuplicateStore(HCERTSTORE hCertStore);
BOOL WINAPI CertCloseStore(HCERTSTORE hCertStore, DWORD dwFlags);

/*
 * CertAddEncodedCertificateToStore, CertAddCertificateContextToStore - add a copy.
 * dwAddDisposition: CERT_STORE_ADD_NEW (CRYPT_E_EXISTS if the same certificate is there),
 * _USE_EXISTING, _REPLACE_EXISTING, _ALWAYS, _NEWER, ... Equality is that of the SHA-1 hash.
 * ppCertContext, if not NULL, receives the store's context, to be freed. hCertStore NULL: only the
 * context is made. E_INVALIDARG (disposition), ERROR_ACCESS_DENIED (read-only store).
 * CertDeleteCertificateFromStore - takes the certificate out of its store and frees the context,
 * also on failure.
 * Source: Microsoft pages of the functions.
 */
BOOL WINAPI CertAddEncodedCertificateToStore(HCERTSTORE hCertStore, DWORD dwCertEncodingType,
                                             const BYTE *pbCertEncoded, DWORD cbCertEncoded,
                                             DWORD dwAddDisposition, PCCERT_CONTEXT *ppCertContext);
BOOL WINAPI CertAddCertificateContextToStore(HCERTSTORE hCertStore, PCCERT_CONTEXT pCertContext,
                                             DWORD dwAddDisposition,
                                             PCCERT_CONTEXT *ppStoreContext);
BOOL WINAPI CertDeleteCertificateFromStore(PCCERT_CONTEXT pCertContext);

/*
 * CertEnumCertificatesInStore, CertFindCertificateInStore - the next certificate after
 * pPrevCertContext (NULL: the first), which is freed. NULL and CRYPT_E_NOT_FOUND at the end.
 * dwFindType: CERT_FIND_ANY, _SUBJECT_STR_A/_W, _ISSUER_STR_A/_W, _SUBJECT_NAME, _ISSUER_NAME,
 * _SHA1_HASH, _SHA256_HASH, _SUBJECT_CERT, _EXISTING, _HAS_PRIVATE_KEY, _KEY_IDENTIFIER,
 * _PUBLIC_KEY; others E_INVALIDARG. Source: Microsoft pages of the functions.
 */
PCCERT_CONTEXT WINAPI CertEnumCertificatesInStore(HCERTSTORE hCertStore,
                                                  PCCERT_CONTEXT pPrevCertContext);
PCCERT_CONTEXT WINAPI CertFindCertificateInStore(HCERTSTORE hCertStore, DWORD dwCertEncodingType,
                                                 DWORD dwFindFlags, DWORD dwFindType,
                                                 const void *pvFindPara,
                                                 PCCERT_CONTEXT pPrevCertContext);

/* ---- PKCS#12 ------------------------------------------------------------------------------- */

/*
 * PFXImportCertStore - a memory store with the certificates of a PKCS#12 blob; the one with the key
 * has it bound. szPassword: UTF-16, may be NULL. ERROR_INVALID_PARAMETER (NULL, no PKCS#12),
 * ERROR_INVALID_PASSWORD, NTE_FAIL (iteration count out of bounds, unsupported content).
 * PFXIsPFXBlob, PFXVerifyPassword - TRUE or FALSE, no last error.
 * Source: Microsoft pages of the functions; RFC 7292.
 */
HCERTSTORE WINAPI PFXImportCertStore(CRYPT_DATA_BLOB *pPFX, LPCWSTR szPassword, DWORD dwFlags);
BOOL WINAPI PFXIsPFXBlob(CRYPT_DATA_BLOB *pPFX);
BOOL WINAPI PFXVerifyPassword(CRYPT_DATA_BLOB *pPFX, LPCWSTR szPassword, DWORD dwFlags);

/*
 * CertCreateSelfSignCertificate - a self-signed certificate for the DER name pSubjectIssuerBlob
 * with a fresh RSA-2048 key (hCryptProvOrNCryptKey must be 0), valid from pStartTime (NULL: now) to
 * pEndTime (NULL: a year later), UTC, with the given extensions. The key is bound to the result.
 * E_INVALIDARG, NTE_FAIL. Source: Microsoft "CertCreateSelfSignCertificate function".
 */
PCCERT_CONTEXT WINAPI CertCreateSelfSignCertificate(
    HCRYPTPROV_OR_NCRYPT_KEY_HANDLE hCryptProvOrNCryptKey, PCERT_NAME_BLOB pSubjectIssuerBlob,
    DWORD dwFlags, PCRYPT_KEY_PROV_INFO pKeyProvInfo,
    PCRYPT_ALGORITHM_IDENTIFIER pSignatureAlgorithm, LPSYSTEMTIME pStartTime, LPSYSTEMTIME pEndTime,
    PCERT_EXTENSIONS pExtensions);

/* ---- names --------------------------------------------------------------------------------- */

/*
 * CertGetNameString - one name of the certificate as text. Returns characters with the NUL; 1 when
 * there is none. pszNameString NULL or cchNameString 0 asks for the count.
 * CertNameToStr - a DER name as text (CERT_SIMPLE_NAME_STR, CERT_OID_NAME_STR, CERT_X500_NAME_STR
 * with the _REVERSE_ and separator flags); the same conventions. CertStrToName - the reverse.
 * CRYPT_E_INVALID_X500_STRING with *ppszError at the culprit, ERROR_MORE_DATA. Source: Microsoft
 * pages of the functions.
 */
DWORD WINAPI CertGetNameStringA(PCCERT_CONTEXT pCertContext, DWORD dwType, DWORD dwFlags,
                                void *pvTypePara, LPSTR pszNameString, DWORD cchNameString);
DWORD WINAPI CertGetNameStringW(PCCERT_CONTEXT pCertContext, DWORD dwType, DWORD dwFlags,
                                void *pvTypePara, LPWSTR pszNameString, DWORD cchNameString);
#define CertGetNameString SCHANNEL_AW(CertGetNameString)
DWORD WINAPI CertNameToStrA(DWORD dwCertEncodingType, PCERT_NAME_BLOB pName, DWORD dwStrType,
                            LPSTR psz, DWORD csz);
DWORD WINAPI CertNameToStrW(DWORD dwCertEncodingType, PCERT_NAME_BLOB pName, DWORD dwStrType,
                            LPWSTR psz, DWORD csz);
#define CertNameToStr SCHANNEL_AW(CertNameToStr)
BOOL WINAPI CertStrToNameA(DWORD dwCertEncodingType, LPCSTR pszX500, DWORD dwStrType,
                           void *pvReserved, BYTE *pbEncoded, DWORD *pcbEncoded, LPCSTR *ppszError);
BOOL WINAPI CertStrToNameW(DWORD dwCertEncodingType, LPCWSTR pszX500, DWORD dwStrType,
                           void *pvReserved, BYTE *pbEncoded, DWORD *pcbEncoded,
                           LPCWSTR *ppszError);
#define CertStrToName SCHANNEL_AW(CertStrToName)

/* CertFindExtension - the extension with this dotted OID in an array, or NULL; borrowed. */
PCERT_EXTENSION WINAPI CertFindExtension(LPCSTR pszObjId, DWORD cExtensions,
                                         CERT_EXTENSION rgExtensions[]);
/* CertVerifyTimeValidity - -1 before, 0 inside, 1 after the validity; NULL = now. */
LONG WINAPI CertVerifyTimeValidity(LPFILETIME pTimeToVerify, PCERT_INFO pCertInfo);
/* CertCompareCertificateName - TRUE when the DER names are equal byte for byte. */
BOOL WINAPI CertCompareCertificateName(DWORD dwCertEncodingType, PCERT_NAME_BLOB pCertName1,
                                       PCERT_NAME_BLOB pCertName2);
/* CertCompareCertificate - TRUE when issuer and serial number are equal. */
BOOL WINAPI CertCompareCertificate(DWORD dwCertEncodingType, PCERT_INFO pCertId1,
                                   PCERT_INFO pCertId2);

/* ---- chains -------------------------------------------------------------------------------- */

/*
 * CertCreateCertificateChainEngine - an engine with its own trust: hExclusiveRoot is honoured
 * (NULL: the system's roots). Older, shorter structures are taken by cbSize. E_INVALIDARG. Free
 * with CertFreeCertificateChainEngine. CertGetCertificateChain - builds and judges the chain of
 * pCertContext: issuers come from hAdditionalStore and the roots; pTime NULL is now; RequestedUsage
 * is honoured. Success does not mean trust: read TrustStatus or call
 * CertVerifyCertificateChainPolicy. Free with CertFreeCertificateChain. E_INVALIDARG. Revocation is
 * not looked up in this version: with a CERT_CHAIN_REVOCATION_CHECK_* flag the status says
 * CERT_TRUST_REVOCATION_STATUS_UNKNOWN and CERT_TRUST_IS_OFFLINE_REVOCATION.
 * CertVerifyCertificateChainPolicy - CERT_CHAIN_POLICY_BASE and CERT_CHAIN_POLICY_SSL; the verdict
 * is dwError of the status, with the element it stands at. FALSE and ERROR_FILE_NOT_FOUND for
 * another policy. Source: Microsoft pages of the functions; RFC 5280 6.
 */
BOOL WINAPI CertCreateCertificateChainEngine(PCERT_CHAIN_ENGINE_CONFIG pConfig,
                                             HCERTCHAINENGINE *phChainEngine);
VOID WINAPI CertFreeCertificateChainEngine(HCERTCHAINENGINE hChainEngine);
BOOL WINAPI CertGetCertificateChain(HCERTCHAINENGINE hChainEngine, PCCERT_CONTEXT pCertContext,
                                    LPFILETIME pTime, HCERTSTORE hAdditionalStore,
                                    PCERT_CHAIN_PARA pChainPara, DWORD dwFlags, LPVOID pvReserved,
                                    PCCERT_CHAIN_CONTEXT *ppChainContext);
VOID WINAPI CertFreeCertificateChain(PCCERT_CHAIN_CONTEXT pChainContext);
BOOL WINAPI CertVerifyCertificateChainPolicy(LPCSTR pszPolicyOID,
                                             PCCERT_CHAIN_CONTEXT pChainContext,
                                             PCERT_CHAIN_POLICY_PARA pPolicyPara,
                                             PCERT_CHAIN_POLICY_STATUS pPolicyStatus);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
