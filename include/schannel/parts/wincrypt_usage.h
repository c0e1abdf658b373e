/* SPDX-License-Identifier: MIT */
/*
 * Usages, comparisons, hashes and signatures of certificates. Unless a description says otherwise:
 * failure is FALSE and GetLastError tells why, a buffer of NULL asks for the size, one that is too
 * small gives ERROR_MORE_DATA and the size.
 */
#ifndef SCHANNEL_PARTS_WINCRYPT_USAGE_H
#define SCHANNEL_PARTS_WINCRYPT_USAGE_H

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* ---- usages -------------------------------------------------------------------------------- */

/*
 * CertGetEnhancedKeyUsage - the OIDs that the certificate may be used for, in one block at pUsage:
 * those of the property CERT_ENHKEY_USAGE_PROP_ID, else those of the extension. dwFlags: 0 or
 * CERT_FIND_EXT_ONLY_ENHKEY_USAGE_FLAG or CERT_FIND_PROP_ONLY_ENHKEY_USAGE_FLAG. None set down:
 * with dwFlags 0 TRUE, an empty list and CRYPT_E_NOT_FOUND as last error (good for everything),
 * else FALSE with CRYPT_E_NOT_FOUND. An empty list with last error 0 is good for nothing.
 * CertSetEnhancedKeyUsage - sets the property; NULL takes it away.
 * CertAddEnhancedKeyUsageIdentifier, CertRemoveEnhancedKeyUsageIdentifier - one OID of the
 * property. E_INVALIDARG, CRYPT_E_ASN1_* (the extension does not decode, an OID is none). Source:
 * Microsoft pages of the functions.
 */
BOOL WINAPI CertGetEnhancedKeyUsage(PCCERT_CONTEXT pCertContext, DWORD dwFlags,
                                    PCERT_ENHKEY_USAGE pUsage, DWORD *pcbUsage);
BOOL WINAPI CertSetEnhancedKeyUsage(PCCERT_CONTEXT pCertContext, PCERT_ENHKEY_USAGE pUsage);
BOOL WINAPI CertAddEnhancedKeyUsageIdentifier(PCCERT_CONTEXT pCertContext,
                                              LPCSTR pszUsageIdentifier);
BOOL WINAPI CertRemoveEnhancedKeyUsageIdentifier(PCCERT_CONTEXT pCertContext,
                                                 LPCSTR pszUsageIdentifier);

/*
 * CertGetIntendedKeyUsage - the bytes of the key usage extension, padded with zeros to cbKeyUsage.
 * FALSE with last error 0 and zeros when there is none; CRYPT_E_ASN1_*.
 */
BOOL WINAPI CertGetIntendedKeyUsage(DWORD dwCertEncodingType, PCERT_INFO pCertInfo,
                                    BYTE *pbKeyUsage, DWORD cbKeyUsage);

/*
 * CertGetValidUsages - the usages that all of the certificates have: *cNumOIDs of them (-1: any),
 * an array of pointers and the texts in one block at rghOIDs. E_INVALIDARG, CRYPT_E_ASN1_*.
 */
BOOL WINAPI CertGetValidUsages(DWORD cCerts, PCCERT_CONTEXT *rghCerts, int *cNumOIDs,
                               LPSTR *rghOIDs, DWORD *pcbOIDs);

/* ---- names --------------------------------------------------------------------------------- */

/* CertFindAttribute - the attribute with this dotted OID in an array, or NULL; borrowed. */
PCRYPT_ATTRIBUTE WINAPI CertFindAttribute(LPCSTR pszObjId, DWORD cAttr, CRYPT_ATTRIBUTE rgAttr[]);
/* CertFindRDNAttr - the first attribute of a name with this dotted OID, or NULL; borrowed. */
PCERT_RDN_ATTR WINAPI CertFindRDNAttr(LPCSTR pszObjId, PCERT_NAME_INFO pName);

/*
 * CertRDNValueToStr - one value of a name (X509_NAME) as text; values that are no text as '#' and
 * hexadecimal digits. Returns characters with the NUL; psz NULL or csz 0 asks for them; what does
 * not fit is cut off.
 */
DWORD WINAPI CertRDNValueToStrA(DWORD dwValueType, PCERT_RDN_VALUE_BLOB pValue, LPSTR psz,
                                DWORD csz);
DWORD WINAPI CertRDNValueToStrW(DWORD dwValueType, PCERT_RDN_VALUE_BLOB pValue, LPWSTR psz,
                                DWORD csz);
#define CertRDNValueToStr SCHANNEL_AW(CertRDNValueToStr)

/*
 * CertIsRDNAttrsInCertificateName - whether each attribute of pRDN stands in the DER name: the same
 * OID, the same value (any, when pbData is NULL) and type (any, for CERT_RDN_ANY_TYPE). dwFlags:
 * CERT_UNICODE_IS_RDN_ATTRS_FLAG (values are UTF-16), CERT_CASE_INSENSITIVE_IS_RDN_ATTRS_FLAG
 * (letters of ASCII). CRYPT_E_NO_MATCH, E_INVALIDARG, CRYPT_E_ASN1_*, ERROR_FILE_NOT_FOUND.
 */
BOOL WINAPI CertIsRDNAttrsInCertificateName(DWORD dwCertEncodingType, DWORD dwFlags,
                                            PCERT_NAME_BLOB pCertName, PCERT_RDN pRDN);

/* ---- comparisons --------------------------------------------------------------------------- */

/* CertCompareIntegerBlob - TRUE when equal but for bytes of sign at the upper end; no last error.
 */
BOOL WINAPI CertCompareIntegerBlob(PCRYPT_INTEGER_BLOB pInt1, PCRYPT_INTEGER_BLOB pInt2);
/* CertComparePublicKeyInfo - TRUE when algorithm, parameters and key are equal; no last error. */
BOOL WINAPI CertComparePublicKeyInfo(DWORD dwCertEncodingType, PCERT_PUBLIC_KEY_INFO pPublicKey1,
                                     PCERT_PUBLIC_KEY_INFO pPublicKey2);
/* CertVerifyValidityNesting - TRUE when the subject's validity lies within the issuer's. */
BOOL WINAPI CertVerifyValidityNesting(PCERT_INFO pSubjectInfo, PCERT_INFO pIssuerInfo);
/*
 * CertGetPublicKeyLength - bits of the key; 0 on failure: ERROR_FILE_NOT_FOUND (encoding),
 * NTE_BAD_ALGID (a curve that is not known), CRYPT_E_ASN1_* (neither a curve nor an RSA key).
 */
DWORD WINAPI CertGetPublicKeyLength(DWORD dwCertEncodingType, PCERT_PUBLIC_KEY_INFO pPublicKey);

/* ---- hashes and signatures ----------------------------------------------------------------- */

/*
 * CryptHashCertificate - the hash of bytes; Algid 0 is CALG_SHA1. hCryptProv and dwFlags are not
 * used. NTE_BAD_ALGID, E_INVALIDARG.
 * CryptHashCertificate2 - the same by CNG name ("SHA256"); STATUS_NOT_FOUND for an unknown one.
 * CryptHashPublicKeyInfo - the hash of the encoded structure; Algid 0 is CALG_MD5.
 * CryptHashToBeSigned - of a signed object: the hash of what is signed by the algorithm of its
 * signature. NTE_BAD_ALGID, CRYPT_E_ASN1_*.
 * Source: Microsoft pages of the functions.
 */
BOOL WINAPI CryptHashCertificate(HCRYPTPROV_LEGACY hCryptProv, ALG_ID Algid, DWORD dwFlags,
                                 const BYTE *pbEncoded, DWORD cbEncoded, BYTE *pbComputedHash,
                                 DWORD *pcbComputedHash);
BOOL WINAPI CryptHashCertificate2(LPCWSTR pwszCNGHashAlgid, DWORD dwFlags, void *pvReserved,
                                  const BYTE *pbEncoded, DWORD cbEncoded, BYTE *pbComputedHash,
                                  DWORD *pcbComputedHash);
BOOL WINAPI CryptHashPublicKeyInfo(HCRYPTPROV_LEGACY hCryptProv, ALG_ID Algid, DWORD dwFlags,
                                   DWORD dwCertEncodingType, PCERT_PUBLIC_KEY_INFO pInfo,
                                   BYTE *pbComputedHash, DWORD *pcbComputedHash);
BOOL WINAPI CryptHashToBeSigned(HCRYPTPROV_LEGACY hCryptProv, DWORD dwCertEncodingType,
                                const BYTE *pbEncoded, DWORD cbEncoded, BYTE *pbComputedHash,
                                DWORD *pcbComputedHash);

/*
 * CryptVerifyCertificateSignatureEx - verifies the signature of a certificate, list or request.
 * dwSubjectType CRYPT_VERIFY_CERT_SIGN_SUBJECT_BLOB (CRYPT_DATA_BLOB), _CERT, _CRL; dwIssuerType
 * CRYPT_VERIFY_CERT_SIGN_ISSUER_PUBKEY (CERT_PUBLIC_KEY_INFO), _CERT, _CHAIN (its end certificate).
 * The algorithm in front of the signature must be the one that is signed. NTE_BAD_SIGNATURE,
 * NTE_BAD_ALGID (also for SHA-1 and MD5), NTE_BAD_PUBLIC_KEY, E_INVALIDARG, ERROR_FILE_NOT_FOUND,
 * CRYPT_E_ASN1_*.
 * CryptVerifyCertificateSignature - a blob and a public key.
 * Source: Microsoft pages of the functions.
 */
BOOL WINAPI CryptVerifyCertificateSignature(HCRYPTPROV_LEGACY hCryptProv, DWORD dwCertEncodingType,
                                            const BYTE *pbEncoded, DWORD cbEncoded,
                                            PCERT_PUBLIC_KEY_INFO pPublicKey);
BOOL WINAPI CryptVerifyCertificateSignatureEx(HCRYPTPROV_LEGACY hCryptProv,
                                              DWORD dwCertEncodingType, DWORD dwSubjectType,
                                              void *pvSubject, DWORD dwIssuerType, void *pvIssuer,
                                              DWORD dwFlags, void *pvExtra);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
