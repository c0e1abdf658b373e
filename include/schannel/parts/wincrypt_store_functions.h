/* SPDX-License-Identifier: MIT */
/*
 * Certificate stores. The rules of wincrypt_functions.h hold here, too; revocation lists go into
 * the same stores through wincrypt_crl.h.
 *
 * The system's stores are folders. What a program adds, deletes or sets there is written at once;
 * what another process wrote is seen when the store is opened, or with CERT_STORE_CTRL_RESYNC.
 *
 *  user     $XDG_DATA_HOME/schannel/stores/NAME, or ~/.local/share/schannel/stores/NAME
 *  machine  <sysconfdir>/schannel/stores/NAME
 *
 *  HASH.cer, HASH.crl  a certificate, a revocation list, named by its SHA-1 hash
 *  HASH.prop           its properties, if there are any
 *  HASH.key            its private key in PKCS #8, mode 0600, when the key is bound to the
 *                      certificate; a key that CERT_KEY_PROV_INFO names stays in its container
 *
 * Files that were put there by hand may have other names: .cer .crt .der .pem (certificates), .crl,
 * .key beside a certificate of the same name, .p12 and .pfx with an empty password and mode 0600.
 * Files that others than their owner may write, that belong to somebody else, or that do not parse
 * are passed over.
 */
#ifndef SCHANNEL_PARTS_WINCRYPT_STORE_FUNCTIONS_H
#define SCHANNEL_PARTS_WINCRYPT_STORE_FUNCTIONS_H

typedef struct _CERT_SYSTEM_STORE_INFO {
    DWORD cbSize;
} CERT_SYSTEM_STORE_INFO, *PCERT_SYSTEM_STORE_INFO;

/* pvSystemStore is the name, a LPCWSTR; FALSE ends the enumeration. */
typedef BOOL(WINAPI *PFN_CERT_ENUM_SYSTEM_STORE)(const void *pvSystemStore, DWORD dwFlags,
                                                 PCERT_SYSTEM_STORE_INFO pStoreInfo,
                                                 void *pvReserved, void *pvArg);

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* ---- opening and closing ------------------------------------------------------------------ */

/*
 * CertOpenStore - opens a store.
 * lpszStoreProvider  a number or its sz_ name, and what pvPara is then:
 *                    CERT_STORE_PROV_MEMORY: nothing; an empty store.
 *                    CERT_STORE_PROV_COLLECTION: nothing; it shows the entries of the stores that
 *                    CertAddStoreToCollection gives it.
 *                    CERT_STORE_PROV_FILENAME_A, _W: a path; a serialized store, PKCS #7, one
 *                    certificate or list in DER, or PEM text with any number of them.
 *                    CERT_STORE_PROV_SERIALIZED, _PKCS7, _PKCS12 (without a password, or with an
 *                    empty one): a CRYPT_DATA_BLOB.
 *                    CERT_STORE_PROV_SYSTEM_A, _W: the name of a system store, in either case: MY,
 *                    ROOT, CA, Trust, Disallowed, TrustedPeople, TrustedPublisher, AuthRoot,
 *                    UserDS, AddressBook, SmartCardRoot, "Client Authentication Issuers", NTAuth,
 *                    or another one of printable ASCII, which is made when it is not there. The
 *                    user's stores show the machine's entries, too, but for MY; ROOT shows the
 *                    distribution's trusted roots, too, unless the machine's folder ROOT has a
 *                    file named "exclusive".
 *                    CERT_STORE_PROV_SYSTEM_REGISTRY_A, _W: the same, its own folder alone.
 * dwEncodingType, hCryptProv  not looked at.
 * dwFlags            CERT_STORE_READONLY_FLAG: nothing can be changed (a memory store still can).
 *                    CERT_STORE_CREATE_NEW_FLAG, CERT_STORE_OPEN_EXISTING_FLAG: files and system
 *                    stores. CERT_STORE_DELETE_FLAG: removes a system store with all it holds; NULL
 *                    comes back, and the last error is 0 when it worked.
 *                    CERT_STORE_ENUM_ARCHIVED_FLAG: enumerations and searches show archived
 *                    certificates, too. CERT_STORE_MAXIMUM_ALLOWED_FLAG: a system store that cannot
 *                    be made is opened to be read.
 *                    CERT_FILE_STORE_COMMIT_ENABLE_FLAG: changes of a file go back to it when the
 *                    store is closed; serialized and PKCS #7 files only; a file that is not there
 *                    is made.
 *                    CERT_SYSTEM_STORE_CURRENT_USER, _CURRENT_SERVICE: the user's stores;
 *                    _LOCAL_MACHINE, _LOCAL_MACHINE_ENTERPRISE: the machine's; the _GROUP_POLICY
 *                    ones: the same, to be read. System stores need one of them.
 *                    Others are passed over.
 * Returns the store, given back with CertCloseStore, or NULL:
 * ERROR_FILE_NOT_FOUND        another provider, no file, no such system store, no location
 * ERROR_FILE_EXISTS           it was to be new
 * ERROR_ACCESS_DENIED         the folder or the file may not be read or written
 * ERROR_CALL_NOT_IMPLEMENTED  CERT_STORE_DELETE_FLAG for a store in memory
 * CRYPT_E_FILE_ERROR          the file or the serialized bytes are none of what is listed
 * CRYPT_E_ASN1_BADTAG         no PKCS #7; or the file of the roots does not parse
 * E_INVALIDARG                the blob is NULL; a location that _SYSTEM_REGISTRY does not know;
 *                             writing back to a file that is only to be read, or whose form cannot
 *                             take changes
 * The errors of PFXImportCertStore, and of reading files: ERROR_FILE_TOO_LARGE, ERROR_READ_FAULT.
 * Source: Microsoft "CertOpenStore function", "System Store Locations".
 */
HCERTSTORE WINAPI CertOpenStore(LPCSTR lpszStoreProvider, DWORD dwEncodingType,
                                HCRYPTPROV_LEGACY hCryptProv, DWORD dwFlags, const void *pvPara);

/*
 * CertOpenSystemStore - CertOpenStore with CERT_STORE_PROV_SYSTEM and
 * CERT_SYSTEM_STORE_CURRENT_USER.
 * hProv                not looked at; 0.
 * szSubsystemProtocol  the name.
 * E_INVALIDARG         szSubsystemProtocol is NULL
 * Source: Microsoft "CertOpenSystemStore function".
 */
HCERTSTORE WINAPI CertOpenSystemStoreA(HCRYPTPROV_LEGACY hProv, LPCSTR szSubsystemProtocol);
HCERTSTORE WINAPI CertOpenSystemStoreW(HCRYPTPROV_LEGACY hProv, LPCWSTR szSubsystemProtocol);
#define CertOpenSystemStore SCHANNEL_AW(CertOpenSystemStore)

/*
 * CertDuplicateStore - one more reference; returns its argument.
 * CertCloseStore - gives a reference back. The store goes with the last one; its contexts stay as
 * long as they are referenced.
 * dwFlags  CERT_CLOSE_STORE_CHECK_FLAG: say whether contexts of the store, or other references to
 *          it, still live. CERT_CLOSE_STORE_FORCE_FLAG changes nothing.
 * TRUE, also for NULL, or FALSE:
 * E_UNEXPECTED           no store, or the one that contexts without a store name
 * CRYPT_E_PENDING_CLOSE  with the flag; the reference is given back all the same
 * The errors of CertSaveStore, when changes go back to a file; the reference is given back, too.
 * Source: Microsoft pages of the two functions.
 */
HCERTSTORE WINAPI CertDuplicateStore(HCERTSTORE hCertStore);
BOOL WINAPI CertCloseStore(HCERTSTORE hCertStore, DWORD dwFlags);

/*
 * CertEnumSystemStore - calls for the name of each system store of a location: those that every
 * system has first, then those whose folders are there.
 * dwFlags                    the location, as for CertOpenStore.
 * pvSystemStoreLocationPara  not looked at; NULL.
 * pvArg                      for the callback.
 * TRUE, or FALSE:
 * E_INVALIDARG  another location, or no callback
 * Whatever the callback left as the last error when it returned FALSE.
 * Source: Microsoft "CertEnumSystemStore function".
 */
BOOL WINAPI CertEnumSystemStore(DWORD dwFlags, void *pvSystemStoreLocationPara, void *pvArg,
                                PFN_CERT_ENUM_SYSTEM_STORE pfnEnum);

/* ---- collections -------------------------------------------------------------------------- */

/*
 * CertAddStoreToCollection - shows the entries of a store in a collection, higher priority first,
 * then in the order of adding. The collection keeps a reference. Contexts that come out of the
 * collection name it as their store; their properties are those of the store's own contexts.
 * dwUpdateFlags  CERT_PHYSICAL_STORE_ADD_ENABLE_FLAG: what is added to the collection may go there;
 *                the first such store takes it.
 * TRUE, also when hSiblingStore is NULL, or FALSE:
 * E_INVALIDARG  no collection, no store, one that contains the collection, or more than 8
 *               collections in each other
 * CertRemoveStoreFromCollection - takes a store out again; contexts that are out live on.
 * Source: Microsoft pages of the two functions.
 */
BOOL WINAPI CertAddStoreToCollection(HCERTSTORE hCollectionStore, HCERTSTORE hSiblingStore,
                                     DWORD dwUpdateFlags, DWORD dwPriority);
VOID WINAPI CertRemoveStoreFromCollection(HCERTSTORE hCollectionStore, HCERTSTORE hSiblingStore);

/* ---- control and saving ------------------------------------------------------------------- */

/*
 * CertControlStore - reads a store again, or writes it.
 * dwFlags     with CERT_STORE_CTRL_COMMIT: CERT_STORE_CTRL_COMMIT_FORCE_FLAG writes without a
 *             change, _CLEAR_FLAG forgets that there were changes.
 * dwCtrlType  CERT_STORE_CTRL_RESYNC: reads folders and files again; changes of a file that were
 *             not written are lost. CERT_STORE_CTRL_COMMIT: writes changes back to a file; folders
 *             have nothing to write. CERT_STORE_CTRL_AUTO_RESYNC: reads again whenever an
 *             enumeration begins. A collection passes the first two on to its members.
 * pvCtrlPara  not looked at; NULL.
 * TRUE, or FALSE:
 * E_INVALIDARG         no store
 * ERROR_NOT_SUPPORTED  another type, or one that means nothing to this store
 * The errors of CertOpenStore and CertSaveStore.
 * Source: Microsoft "CertControlStore function".
 */
BOOL WINAPI CertControlStore(HCERTSTORE hCertStore, DWORD dwFlags, DWORD dwCtrlType,
                             const void *pvCtrlPara);

/*
 * CertSaveStore - writes a store to memory or to a file, which is replaced as a whole.
 * dwEncodingType  not looked at.
 * dwSaveAs        CERT_STORE_SAVE_AS_STORE: all with properties. _PKCS7: certificates and lists.
 *                 _PKCS12: certificates, and keys that may be exported; no password.
 * dwSaveTo        CERT_STORE_SAVE_TO_MEMORY: pvSaveToPara is a CERT_BLOB; pbData NULL asks for the
 *                 size. CERT_STORE_SAVE_TO_FILENAME_A, _W: it is a path.
 * dwFlags         not looked at; 0.
 * TRUE, or FALSE:
 * E_INVALIDARG          no store, no pvSaveToPara, another form or destination
 * ERROR_MORE_DATA       it does not fit
 * ERROR_FILE_NOT_FOUND  no such folder
 * ERROR_ACCESS_DENIED, ERROR_DISK_FULL, ERROR_WRITE_FAULT
 * The errors of PFXExportCertStoreEx.
 * Source: Microsoft "CertSaveStore function".
 */
BOOL WINAPI CertSaveStore(HCERTSTORE hCertStore, DWORD dwEncodingType, DWORD dwSaveAs,
                          DWORD dwSaveTo, void *pvSaveToPara, DWORD dwFlags);

/* ---- adding and deleting ------------------------------------------------------------------ */

/*
 * CertAddEncodedCertificateToStore - makes a context from DER and adds it.
 * CertAddCertificateContextToStore - adds a copy of a context with its properties and its key.
 * CertAddCertificateLinkToStore, CertAddCRLLinkToStore - adds a context that shares the properties
 * of the one that is given: what is set on one of them is seen on both. Links are not written to
 * the folder of a system store.
 * hCertStore                    the store; NULL (not for links): only the context is made or
 *                               duplicated. Without another order, new entries come first in
 *                               enumerations.
 * pbCertEncoded, cbCertEncoded  the certificate and its bytes; copied.
 * pCertContext                  the context to add.
 * dwAddDisposition              what to do when the same certificate (by SHA-1 hash; for the _NEWER
 *                               ones: one with the same subject) is there. CERT_STORE_ADD_NEW:
 *                               fail. _NEWER: fail unless the new one begins later. _USE_EXISTING:
 *                               keep the old one, with the new one's properties in addition.
 *                               _REPLACE_EXISTING: replace. _INHERIT_PROPERTIES: the old one's
 *                               properties go to the new one. _ALWAYS: add a second one; in the
 *                               folder of a system store, which has room for one: replace.
 * ppCertContext, ppStoreContext  out, may be NULL: the store's context, given back with
 *                               CertFreeCertificateContext.
 * TRUE, or FALSE:
 * E_INVALIDARG         another disposition, pCertContext NULL, no store
 * CRYPT_E_EXISTS       it is there, and the disposition says to fail
 * ERROR_ACCESS_DENIED  the store cannot be changed
 * E_ACCESSDENIED       no store of the collection takes new entries
 * ERROR_DISK_FULL, ERROR_WRITE_FAULT
 * The errors of CertCreateCertificateContext, for the encoded form.
 * Source: Microsoft pages of the functions.
 */
BOOL WINAPI CertAddEncodedCertificateToStore(HCERTSTORE hCertStore, DWORD dwCertEncodingType,
                                             const BYTE *pbCertEncoded, DWORD cbCertEncoded,
                                             DWORD dwAddDisposition, PCCERT_CONTEXT *ppCertContext);
BOOL WINAPI CertAddCertificateContextToStore(HCERTSTORE hCertStore, PCCERT_CONTEXT pCertContext,
                                             DWORD dwAddDisposition,
                                             PCCERT_CONTEXT *ppStoreContext);
BOOL WINAPI CertAddCertificateLinkToStore(HCERTSTORE hCertStore, PCCERT_CONTEXT pCertContext,
                                          DWORD dwAddDisposition, PCCERT_CONTEXT *ppStoreContext);
BOOL WINAPI CertAddCRLLinkToStore(HCERTSTORE hCertStore, PCCRL_CONTEXT pCrlContext,
                                  DWORD dwAddDisposition, PCCRL_CONTEXT *ppStoreContext);

/*
 * CertDeleteCertificateFromStore - takes a certificate out of its store.
 * pCertContext  a context of that store; given back in any case. Other references to it stay valid,
 *               and an enumeration can go on behind it.
 * TRUE, also for NULL, or FALSE:
 * ERROR_ACCESS_DENIED  the store cannot be changed, or the certificate lies in a file with others
 * ERROR_WRITE_FAULT
 * Source: Microsoft "CertDeleteCertificateFromStore function".
 */
BOOL WINAPI CertDeleteCertificateFromStore(PCCERT_CONTEXT pCertContext);

/*
 * CertSerializeCertificateStoreElement, CertSerializeCRLStoreElement - a context and its properties
 * as bytes, without handles of keys.
 * dwFlags    not looked at; 0.
 * pbElement  out; NULL asks for the size.
 * TRUE, or FALSE:
 * E_INVALIDARG     an argument is NULL
 * ERROR_MORE_DATA  it does not fit
 * CertAddSerializedElementToStore - adds what such bytes hold.
 * hCertStore          the store; NULL: only the context is made.
 * dwAddDisposition    as for CertAddCertificateContextToStore.
 * dwFlags             not looked at; 0.
 * dwContextTypeFlags  CERT_STORE_ALL_CONTEXT_FLAG, or which kinds are wanted.
 * pdwContextType      out, may be NULL: CERT_STORE_CERTIFICATE_CONTEXT or CERT_STORE_CRL_CONTEXT.
 * ppvContext          out, may be NULL: the context, given back with CertFreeCertificateContext or
 *                     CertFreeCRLContext.
 * TRUE, or FALSE:
 * ERROR_END_OF_MEDIA  no bytes
 * CRYPT_E_FILE_ERROR  they are no element
 * E_INVALIDARG        another kind than is wanted, or no store
 * The errors of CertAddCertificateContextToStore.
 * Source: Microsoft pages of the functions.
 */
BOOL WINAPI CertSerializeCertificateStoreElement(PCCERT_CONTEXT pCertContext, DWORD dwFlags,
                                                 BYTE *pbElement, DWORD *pcbElement);
BOOL WINAPI CertSerializeCRLStoreElement(PCCRL_CONTEXT pCrlContext, DWORD dwFlags, BYTE *pbElement,
                                         DWORD *pcbElement);
BOOL WINAPI CertAddSerializedElementToStore(HCERTSTORE hCertStore, const BYTE *pbElement,
                                            DWORD cbElement, DWORD dwAddDisposition, DWORD dwFlags,
                                            DWORD dwContextTypeFlags, DWORD *pdwContextType,
                                            const void **ppvContext);

/* ---- finding ------------------------------------------------------------------------------ */

/*
 * CertEnumCertificatesInStore - every certificate of a store, one a call.
 * CertFindCertificateInStore - every certificate of a store that matches. Archived ones are passed
 * over unless the store was opened with CERT_STORE_ENUM_ARCHIVED_FLAG or the search is for one
 * certificate (by hash, or by issuer and serial number).
 * hCertStore          the store.
 * dwCertEncodingType  not looked at.
 * dwFindType          what pvFindPara is, and dwFindFlags where they are named:
 *                     CERT_FIND_ANY, CERT_FIND_HAS_PRIVATE_KEY, CERT_FIND_CROSS_CERT_DIST_POINTS
 *                     and CERT_FIND_SUBJECT_INFO_ACCESS (it has the extension or the property):
 *                     NULL. CERT_FIND_SUBJECT_STR and CERT_FIND_ISSUER_STR, A and W: a part of the
 *                     name's text, letters A to Z in either case; NULL: any.
 *                     CERT_FIND_SHA1_HASH, _SHA256_HASH, _MD5_HASH (of the certificate),
 *                     _SIGNATURE_HASH (of what is signed), _KEY_IDENTIFIER, _PUBKEY_MD5_HASH: a
 *                     CRYPT_HASH_BLOB. CERT_FIND_HASH_STR: its SHA-1 or SHA-256 hash in hexadecimal
 *                     digits, a LPCWSTR; spaces and colons between them are passed over.
 *                     CERT_FIND_SUBJECT_NAME, CERT_FIND_ISSUER_NAME: a CERT_NAME_BLOB.
 *                     CERT_FIND_SUBJECT_ATTR, CERT_FIND_ISSUER_ATTR: a CERT_RDN whose attributes
 *                     are all there; values are bytes, or with CERT_UNICODE_IS_RDN_ATTRS_FLAG
 *                     UTF-16 text; CERT_CASE_INSENSITIVE_IS_RDN_ATTRS_FLAG.
 *                     CERT_FIND_SUBJECT_CERT: a CERT_INFO with issuer and serial number.
 *                     CERT_FIND_CERT_ID: a CERT_ID. CERT_FIND_PUBLIC_KEY: a CERT_PUBLIC_KEY_INFO.
 *                     CERT_FIND_EXISTING, and CERT_FIND_ISSUER_OF for issuers of it: a context.
 *                     CERT_FIND_PROPERTY: a DWORD with the property; CERT_FIND_KEY_SPEC: a DWORD.
 *                     CERT_FIND_ENHKEY_USAGE: a CERT_ENHKEY_USAGE, all of which the certificate
 *                     allows (NULL or empty: it has usages at all); flags
 *                     CERT_FIND_OPTIONAL_ENHKEY_USAGE_FLAG (one without usages fits, too),
 *                     _EXT_ONLY_, _PROP_ONLY_, _NO_ (none but it has none), _OR_ (one of them is
 *                     enough), _VALID_ (allowed by the certificate and its issuers in the store).
 * pPrevCertContext    NULL, or the result of the call before, which is given back in any case.
 * Returns the next one, given back with CertFreeCertificateContext or by the next call, or NULL:
 * CRYPT_E_NOT_FOUND  no other one
 * E_INVALIDARG       no store, another kind, a kind without its pvFindPara, or a context of another
 *                    store
 * Source: Microsoft pages of the two functions.
 */
PCCERT_CONTEXT WINAPI CertEnumCertificatesInStore(HCERTSTORE hCertStore,
                                                  PCCERT_CONTEXT pPrevCertContext);
PCCERT_CONTEXT WINAPI CertFindCertificateInStore(HCERTSTORE hCertStore, DWORD dwCertEncodingType,
                                                 DWORD dwFindFlags, DWORD dwFindType,
                                                 const void *pvFindPara,
                                                 PCCERT_CONTEXT pPrevCertContext);

/*
 * CertGetSubjectCertificateFromStore - the certificate with this issuer and serial number.
 * dwCertEncodingType  not looked at.
 * Returns a context, or NULL:
 * CRYPT_E_NOT_FOUND  it is not there
 * E_INVALIDARG       no store, or pCertId is NULL
 * Source: Microsoft "CertGetSubjectCertificateFromStore function".
 */
PCCERT_CONTEXT WINAPI CertGetSubjectCertificateFromStore(HCERTSTORE hCertStore,
                                                         DWORD dwCertEncodingType,
                                                         PCERT_INFO pCertId);

/*
 * CertGetIssuerCertificateFromStore - the certificates of a store that may have issued another one,
 * one a call.
 * CertVerifySubjectCertificateContext - the same checks with an issuer that is given.
 * pSubjectContext     the certificate.
 * pPrevIssuerContext  NULL, or the result of the call before, which is given back in any case.
 * pIssuer             the issuer; NULL only where nothing is to be checked with it.
 * pdwFlags            in: what to check: CERT_STORE_SIGNATURE_FLAG, CERT_STORE_TIME_VALIDITY_FLAG
 *                     (the subject's, now), CERT_STORE_REVOCATION_FLAG (by a list in the issuer's
 *                     store, or in hCertStore). Out: what failed; and CERT_STORE_NO_CRL_FLAG when
 *                     there was no list, CERT_STORE_NO_ISSUER_FLAG when pIssuer is NULL.
 * Returns a context, or NULL; or TRUE or FALSE:
 * CRYPT_E_NOT_FOUND    no other one
 * CRYPT_E_SELF_SIGNED  the subject is its own issuer; the checks are made with itself
 * E_INVALIDARG         no store, no subject, no pdwFlags, other flags, or a previous context of
 *                      another store
 * Source: Microsoft pages of the two functions.
 */
PCCERT_CONTEXT WINAPI CertGetIssuerCertificateFromStore(HCERTSTORE hCertStore,
                                                        PCCERT_CONTEXT pSubjectContext,
                                                        PCCERT_CONTEXT pPrevIssuerContext,
                                                        DWORD *pdwFlags);
BOOL WINAPI CertVerifySubjectCertificateContext(PCCERT_CONTEXT pSubject, PCCERT_CONTEXT pIssuer,
                                                DWORD *pdwFlags);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

SCHANNEL_SIZE(CERT_ID, 40);
SCHANNEL_SIZE(CERT_ISSUER_SERIAL_NUMBER, 32);

#endif
