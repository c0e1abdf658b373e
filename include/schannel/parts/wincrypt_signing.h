/* SPDX-License-Identifier: MIT */
/*
 * Certificates, requests and lists made with a key, and public keys out of handles and into them.
 * A key is an HCRYPTPROV with its key spec (AT_KEYEXCHANGE, AT_SIGNATURE; 0: whichever is there) or
 * an NCRYPT_KEY_HANDLE. Functions return TRUE, or FALSE with a last error: ERROR_INVALID_PARAMETER
 * (a handle that is none), NTE_NO_KEY (the handle has no such key, or not its private half),
 * NTE_BAD_ALGID (an algorithm that is not known or not one of the key's), ERROR_MORE_DATA (buffer
 * too small), ERROR_NOT_ENOUGH_MEMORY, NTE_FAIL, and what the function adds. The two-call form: a
 * NULL buffer asks for the size. Any thread may call them.
 */
#ifndef SCHANNEL_PARTS_WINCRYPT_SIGNING_H
#define SCHANNEL_PARTS_WINCRYPT_SIGNING_H

#include "../bcrypt.h"

/* What an imported EC key is for. */
#define CRYPT_OID_INFO_PUBKEY_SIGN_KEY_FLAG    0x80000000
#define CRYPT_OID_INFO_PUBKEY_ENCRYPT_KEY_FLAG 0x40000000

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * CertCreateSelfSignCertificate - a self-signed certificate, with its key bound to it.
 * hCryptProvOrNCryptKey  the key; 0: the one that pKeyProvInfo names.
 * pSubjectIssuerBlob     DER name of subject and issuer, as CertStrToName makes it.
 * dwFlags                CERT_CREATE_SELFSIGN_NO_SIGN: with an empty signature.
 *                        CERT_CREATE_SELFSIGN_NO_KEY_INFO: the result does not know its key.
 * pKeyProvInfo           with a handle: the key spec (AT_SIGNATURE where it is 0, or NULL) and what
 *                        CERT_KEY_PROV_INFO_PROP_ID will say; NULL: that is asked of the handle.
 *                        Without: the container, which is made, with a key, where it is not there;
 *                        dwProvType 0 names a key of CNG, which must be there. NULL without a
 *                        handle: a new container with a random name and an RSA key of 2048 bits.
 * pSignatureAlgorithm    szOID_RSA_SHA256RSA, szOID_ECDSA_SHA256 and their relatives with SHA-1,
 *                        SHA-384 and SHA-512; szOID_RSA_SSA_PSS with parameters. NULL: SHA-256.
 * pStartTime, pEndTime   UTC; NULL: now, and 365 days from now.
 * pExtensions            what else to put in, may be NULL; copied.
 * Returns the context, given back with CertFreeCertificateContext, or NULL:
 * E_INVALIDARG         no name
 * CRYPT_E_ASN1_BADTAG  the name is none
 * NTE_BAD_KEYSET       the CNG key is not there
 * NTE_PERM             the user's folder of keys cannot be used
 * and the errors of CryptAcquireContext, CryptEncodeObject and SystemTimeToFileTime.
 * Source: Microsoft "CertCreateSelfSignCertificate function".
 */
PCCERT_CONTEXT WINAPI CertCreateSelfSignCertificate(
    HCRYPTPROV_OR_NCRYPT_KEY_HANDLE hCryptProvOrNCryptKey, PCERT_NAME_BLOB pSubjectIssuerBlob,
    DWORD dwFlags, PCRYPT_KEY_PROV_INFO pKeyProvInfo,
    PCRYPT_ALGORITHM_IDENTIFIER pSignatureAlgorithm, LPSYSTEMTIME pStartTime, LPSYSTEMTIME pEndTime,
    PCERT_EXTENSIONS pExtensions);

/*
 * CryptSignCertificate - a signature over encoded bytes.
 * pSignatureAlgorithm  as for CertCreateSelfSignCertificate, not NULL.
 * pvHashAuxInfo        not looked at; NULL.
 * pbSignature          out: the signature, last byte first, as CERT_SIGNED_CONTENT_INFO has it.
 * pcbSignature         in: bytes available; out: bytes needed or written. ECDSA signatures vary.
 * ERROR_INVALID_PARAMETER  also: a NULL where none may be
 * Source: Microsoft "CryptSignCertificate function".
 */
BOOL WINAPI CryptSignCertificate(HCRYPTPROV_OR_NCRYPT_KEY_HANDLE hCryptProvOrNCryptKey,
                                 DWORD dwKeySpec, DWORD dwCertEncodingType,
                                 const BYTE *pbEncodedToBeSigned, DWORD cbEncodedToBeSigned,
                                 PCRYPT_ALGORITHM_IDENTIFIER pSignatureAlgorithm,
                                 const void *pvHashAuxInfo, BYTE *pbSignature, DWORD *pcbSignature);

/*
 * CryptSignAndEncodeCertificate - encodes what is to be signed, signs it, and encodes both.
 * lpszStructType       X509_CERT_TO_BE_SIGNED (CERT_INFO), X509_CERT_CRL_TO_BE_SIGNED (CRL_INFO) or
 *                      X509_CERT_REQUEST_TO_BE_SIGNED (CERT_REQUEST_INFO).
 * pvStructInfo         the structure. A certificate or list repeats the algorithm inside; it must
 * be the same one. pSignatureAlgorithm  as for CertCreateSelfSignCertificate, not NULL.
 * pvHashAuxInfo        not looked at; NULL.
 * pbEncoded            out: the DER.
 * pcbEncoded           in: bytes available; out: bytes written, or at most needed.
 * ERROR_FILE_NOT_FOUND  another type, or another encoding
 * E_INVALIDARG          a NULL where none may be
 * and the errors of CryptEncodeObject.
 * Source: Microsoft "CryptSignAndEncodeCertificate function".
 */
BOOL WINAPI CryptSignAndEncodeCertificate(HCRYPTPROV_OR_NCRYPT_KEY_HANDLE hCryptProvOrNCryptKey,
                                          DWORD dwKeySpec, DWORD dwCertEncodingType,
                                          LPCSTR lpszStructType, const void *pvStructInfo,
                                          PCRYPT_ALGORITHM_IDENTIFIER pSignatureAlgorithm,
                                          const void *pvHashAuxInfo, BYTE *pbEncoded,
                                          DWORD *pcbEncoded);

/*
 * CryptExportPublicKeyInfo, CryptExportPublicKeyInfoEx - the public half of a key, in one block.
 * pszPublicKeyObjId   the algorithm to write instead of the key's own, or NULL.
 * dwFlags, pvAuxInfo  not looked at; 0 and NULL.
 * pInfo               out: the structure with what it points to; NULL asks for the size.
 * pcbInfo             in: bytes available; out: bytes needed or written.
 * ERROR_FILE_NOT_FOUND  another encoding
 * E_INVALIDARG          pcbInfo is NULL
 * Source: Microsoft pages of the two functions.
 */
BOOL WINAPI CryptExportPublicKeyInfo(HCRYPTPROV_OR_NCRYPT_KEY_HANDLE hCryptProvOrNCryptKey,
                                     DWORD dwKeySpec, DWORD dwCertEncodingType,
                                     PCERT_PUBLIC_KEY_INFO pInfo, DWORD *pcbInfo);
BOOL WINAPI CryptExportPublicKeyInfoEx(HCRYPTPROV_OR_NCRYPT_KEY_HANDLE hCryptProvOrNCryptKey,
                                       DWORD dwKeySpec, DWORD dwCertEncodingType,
                                       LPSTR pszPublicKeyObjId, DWORD dwFlags, void *pvAuxInfo,
                                       PCERT_PUBLIC_KEY_INFO pInfo, DWORD *pcbInfo);

/*
 * CryptImportPublicKeyInfo, CryptImportPublicKeyInfoEx - an RSA public key as an HCRYPTKEY, freed
 * with CryptDestroyKey.
 * CryptImportPublicKeyInfoEx2 - an RSA or EC public key as a BCRYPT_KEY_HANDLE, freed with
 * BCryptDestroyKey.
 * pInfo      the key.
 * aiKeyAlg   CALG_RSA_SIGN or CALG_RSA_KEYX; 0: the latter.
 * dwFlags    Ex2: CRYPT_OID_INFO_PUBKEY_ENCRYPT_KEY_FLAG makes an EC key one for agreement,
 *            otherwise it is one for signatures.
 * pvAuxInfo  not looked at; NULL.
 * phKey      out.
 * ERROR_FILE_NOT_FOUND  another encoding
 * E_INVALIDARG          a NULL where none may be
 * NTE_BAD_UID           hCryptProv is none
 * NTE_BAD_PUBLIC_KEY    no key: a wrong size, form or point
 * NTE_BAD_ALGID         a kind of key that the handle cannot hold
 * Source: Microsoft pages of the functions.
 */
BOOL WINAPI CryptImportPublicKeyInfo(HCRYPTPROV hCryptProv, DWORD dwCertEncodingType,
                                     PCERT_PUBLIC_KEY_INFO pInfo, HCRYPTKEY *phKey);
BOOL WINAPI CryptImportPublicKeyInfoEx(HCRYPTPROV hCryptProv, DWORD dwCertEncodingType,
                                       PCERT_PUBLIC_KEY_INFO pInfo, ALG_ID aiKeyAlg, DWORD dwFlags,
                                       void *pvAuxInfo, HCRYPTKEY *phKey);
BOOL WINAPI CryptImportPublicKeyInfoEx2(DWORD dwCertEncodingType, PCERT_PUBLIC_KEY_INFO pInfo,
                                        DWORD dwFlags, void *pvAuxInfo, BCRYPT_KEY_HANDLE *phKey);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
