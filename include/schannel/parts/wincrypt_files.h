/* SPDX-License-Identifier: MIT */
/*
 * Files of certificates: PKCS#12 in and out, and finding out what a file is. Functions return TRUE
 * or a handle, or FALSE or NULL with a last error; ERROR_NOT_ENOUGH_MEMORY and NTE_FAIL (libcrypto
 * cannot be set up) besides those that are named. Any thread may call them.
 */
#ifndef SCHANNEL_PARTS_WINCRYPT_FILES_H
#define SCHANNEL_PARTS_WINCRYPT_FILES_H

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * PFXImportCertStore - the certificates of a PKCS#12 blob, each with its key bound to it, so that
 * AcquireCredentialsHandle takes it; with their friendly names. Keys live in the process, not in a
 * container.
 * pPFX        the blob, at most 1 MiB.
 * szPassword  NULL and "" are different passwords; exactly the one given is tried. At most 4096
 *             characters.
 * dwFlags     CRYPT_EXPORTABLE: keys may be exported again; without it they are only used.
 *             PKCS12_NO_PERSIST_KEY: CERT_KEY_CONTEXT_PROP_ID is set, with an HCRYPTPROV and
 *             AT_KEYEXCHANGE for RSA, else with an NCRYPT_KEY_HANDLE; without it that handle is
 *             made when it is asked for.
 *             PKCS12_PREFER_CNG_KSP, PKCS12_ALWAYS_CNG_KSP: the handle is an NCRYPT_KEY_HANDLE.
 *             PKCS12_ONLY_CERTIFICATES: leave the keys out.
 *             PKCS12_ONLY_NOT_ENCRYPTED_CERTIFICATES: take what is readable without a password,
 *             which is then not looked at; no keys. Nothing says who wrote the file.
 *             PKCS12_INCLUDE_EXTENDED_PROPERTIES: take the properties that the file carries, too.
 *             Others are passed over.
 * Returns a memory store, given back with CertCloseStore, or NULL:
 * ERROR_INVALID_PARAMETER  pPFX or its pbData is NULL, or the blob too large
 * CRYPT_E_BAD_ENCODE       no PKCS#12
 * ERROR_INVALID_PASSWORD   the password does not fit
 * NTE_BAD_ALGID            encrypted with what libcrypto does not have here (RC2 without its legacy
 *                          provider)
 * NTE_FAIL                 no MAC; or more than 5 million iterations in all, 32 keys or 4 levels of
 *                          nesting
 * NTE_BAD_KEY              a key of a kind that is not supported
 * CRYPT_E_ASN1_BADTAG      a certificate does not parse
 * Source: Microsoft "PFXImportCertStore function", RFC 7292.
 */
HCERTSTORE WINAPI PFXImportCertStore(CRYPT_DATA_BLOB *pPFX, LPCWSTR szPassword, DWORD dwFlags);

/*
 * PFXIsPFXBlob - whether the bytes are a PKCS#12 blob. No last error.
 * PFXVerifyPassword - whether the password fits.
 * pPFX        the blob, at most 1 MiB.
 * szPassword  as for PFXImportCertStore.
 * dwFlags     not looked at; 0.
 * TRUE or FALSE; PFXVerifyPassword:
 * ERROR_INVALID_PASSWORD  it does not, or more iterations than PFXImportCertStore takes
 * Source: Microsoft pages of the two functions.
 */
BOOL WINAPI PFXIsPFXBlob(CRYPT_DATA_BLOB *pPFX);
BOOL WINAPI PFXVerifyPassword(CRYPT_DATA_BLOB *pPFX, LPCWSTR szPassword, DWORD dwFlags);

/*
 * PFXExportCertStoreEx, PFXExportCertStore - the certificates of a store as a PKCS#12 blob:
 * AES-256 and a MAC with SHA-256, 100000 iterations each. Friendly names go along.
 * hStore      the store.
 * pPFX        cbData in: bytes available; out: bytes needed or written. pbData: where they go; NULL
 *             asks for the size, which is that of the next call with the same arguments.
 * szPassword  NULL and "" are different passwords.
 * pvPara      not looked at; NULL.
 * dwFlags     EXPORT_PRIVATE_KEYS: keys, too.
 *             REPORT_NO_PRIVATE_KEY: fail at a certificate without a key.
 *             REPORT_NOT_ABLE_TO_EXPORT_PRIVATE_KEY: fail at a key that may not leave, which is
 *             left out otherwise.
 *             PKCS12_INCLUDE_EXTENDED_PROPERTIES: properties that are not computed and name no key.
 *             Others are passed over, but for PKCS12_PROTECT_TO_DOMAIN_SIDS.
 * TRUE, or FALSE:
 * ERROR_INVALID_PARAMETER  hStore or pPFX is NULL
 * ERROR_MORE_DATA          it does not fit
 * CRYPT_E_NOT_FOUND        with REPORT_NO_PRIVATE_KEY
 * NTE_BAD_KEY_STATE        with REPORT_NOT_ABLE_TO_EXPORT_PRIVATE_KEY
 * ERROR_INVALID_PASSWORD   a password of more than 4096 characters
 * ERROR_NOT_SUPPORTED      PKCS12_PROTECT_TO_DOMAIN_SIDS
 * NTE_FAIL                 also: more than 1 MiB
 * Source: Microsoft pages of the two functions, RFC 7292.
 */
BOOL WINAPI PFXExportCertStoreEx(HCERTSTORE hStore, CRYPT_DATA_BLOB *pPFX, LPCWSTR szPassword,
                                 void *pvPara, DWORD dwFlags);
BOOL WINAPI PFXExportCertStore(HCERTSTORE hStore, CRYPT_DATA_BLOB *pPFX, LPCWSTR szPassword,
                               DWORD dwFlags);

/*
 * CryptQueryObject - what a file or some bytes are, and what is in them.
 * dwObjectType               CERT_QUERY_OBJECT_FILE or CERT_QUERY_OBJECT_BLOB; at most 16 MiB.
 * pvObject                   the path (UTF-16) or a CRYPT_DATA_BLOB.
 * dwExpectedContentTypeFlags CERT_QUERY_CONTENT_FLAG_CERT, _CRL, _SERIALIZED_STORE,
 *                            _SERIALIZED_CERT, _SERIALIZED_CRL, _PKCS7_SIGNED, _PKCS10, _PFX,
 *                            _PFX_AND_LOAD (which is no part of _ALL, and opens those without a
 *                            password). The others never match.
 * dwExpectedFormatTypeFlags  CERT_QUERY_FORMAT_FLAG_BINARY, _BASE64_ENCODED (with or without PEM's
 *                            lines; the first block), _ASN_ASCII_HEX_ENCODED ("{ASN}" and digits).
 * dwFlags                    not looked at; 0.
 * All that follow are out, and may be NULL; 0 and NULL on failure.
 * pdwMsgAndCertEncodingType  X509_ASN_ENCODING, for PKCS#7 with PKCS_7_ASN_ENCODING.
 * pdwContentType             CERT_QUERY_CONTENT_*.
 * pdwFormatType              CERT_QUERY_FORMAT_*.
 * phCertStore                a memory store of what is in it, given back with CertCloseStore; NULL
 *                            for PKCS#10 and PKCS#12 that is not loaded.
 * phMsg                      always NULL: there are no message handles.
 * ppvContext                 the PCCERT_CONTEXT or PCCRL_CONTEXT, for one certificate or list.
 * TRUE, or FALSE:
 * E_INVALIDARG      pvObject is NULL, a blob without bytes, another dwObjectType
 * CRYPT_E_NO_MATCH  none of what is asked for
 * ERROR_FILE_NOT_FOUND, ERROR_ACCESS_DENIED and others of reading a file
 * Source: Microsoft "CryptQueryObject function".
 */
BOOL WINAPI CryptQueryObject(DWORD dwObjectType, const void *pvObject,
                             DWORD dwExpectedContentTypeFlags, DWORD dwExpectedFormatTypeFlags,
                             DWORD dwFlags, DWORD *pdwMsgAndCertEncodingType, DWORD *pdwContentType,
                             DWORD *pdwFormatType, HCERTSTORE *phCertStore, HCRYPTMSG *phMsg,
                             const void **ppvContext);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
