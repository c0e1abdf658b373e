/* SPDX-License-Identifier: MIT */
/*
 * The certificate functions. What holds for all of them: failure is FALSE or NULL and GetLastError
 * tells why; success says nothing about the last error. Any function may be called from any thread,
 * also on the same context or store. A context is reference-counted and stays valid after its store
 * is closed; what it points to belongs to it. NULL is harmless in every function that frees. Sizes
 * are bytes unless characters are named. dwCertEncodingType is X509_ASN_ENCODING, alone or with
 * PKCS_7_ASN_ENCODING. Where no memory is left the error is ERROR_NOT_ENOUGH_MEMORY, and NTE_FAIL
 * where libcrypto cannot be set up.
 */
#ifndef SCHANNEL_PARTS_WINCRYPT_FUNCTIONS_H
#define SCHANNEL_PARTS_WINCRYPT_FUNCTIONS_H

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* ---- contexts ----------------------------------------------------------------------------- */

/*
 * CertCreateCertificateContext - a context from one DER certificate.
 * pbCertEncoded, cbCertEncoded  the certificate and its bytes; copied.
 * Returns the context, given back with CertFreeCertificateContext, or NULL:
 * E_INVALIDARG         dwCertEncodingType is another one
 * CRYPT_E_ASN1_EOD     no bytes
 * CRYPT_E_ASN1_BADTAG  does not parse, or has bytes behind it
 * Source: Microsoft "CertCreateCertificateContext function".
 */
PCCERT_CONTEXT WINAPI CertCreateCertificateContext(DWORD dwCertEncodingType,
                                                   const BYTE *pbCertEncoded, DWORD cbCertEncoded);

/*
 * CertDuplicateCertificateContext - one more reference; returns its argument, NULL for NULL.
 * CertFreeCertificateContext - gives a reference back. Always TRUE.
 * Source: Microsoft pages of the two functions.
 */
PCCERT_CONTEXT WINAPI CertDuplicateCertificateContext(PCCERT_CONTEXT pCertContext);
BOOL WINAPI CertFreeCertificateContext(PCCERT_CONTEXT pCertContext);

/*
 * CertGetCertificateContextProperty - reads a property.
 * pCertContext  the certificate.
 * dwPropId      CERT_*_PROP_ID. Always there: the hashes (SHA1, MD5, SHA256, SIGNATURE, PIN_SHA256,
 *               SUBJECT_PUBLIC_KEY_MD5, SUBJECT_NAME_MD5), KEY_IDENTIFIER,
 *               SUBJECT_PUB_KEY_BIT_LENGTH, PUB_KEY_CNG_ALG_BIT_LENGTH, SIGN_HASH_CNG_ALG,
 *               ACCESS_STATE. KEY_CONTEXT, KEY_PROV_HANDLE or NCRYPT_KEY_HANDLE, and KEY_SPEC when
 *               a key is bound; its handle belongs to the certificate. Others when they were set,
 *               or came with a PKCS#12 file or a stapled response.
 * pvData        out: the bytes; NULL asks for the size.
 * pcbData       in: bytes available; out: bytes needed or written.
 * TRUE, or FALSE:
 * E_INVALIDARG       pCertContext or pcbData is NULL
 * CRYPT_E_NOT_FOUND  no such property
 * ERROR_MORE_DATA    it does not fit
 * Source: Microsoft "CertGetCertificateContextProperty function".
 */
BOOL WINAPI CertGetCertificateContextProperty(PCCERT_CONTEXT pCertContext, DWORD dwPropId,
                                              void *pvData, DWORD *pcbData);

/*
 * CertSetCertificateContextProperty - sets a property of this context.
 * pCertContext  the certificate.
 * dwPropId      CERT_*_PROP_ID, not 0.
 * dwFlags       CERT_STORE_NO_CRYPT_RELEASE_FLAG: a key handle stays the caller's; without it the
 *               certificate releases it.
 * pvData        copied; NULL takes the property away. CERT_KEY_PROV_INFO: a CRYPT_KEY_PROV_INFO;
 *               CERT_KEY_CONTEXT: a CERT_KEY_CONTEXT; CERT_KEY_PROV_HANDLE, CERT_NCRYPT_KEY_HANDLE:
 *               the handle, as value or behind a pointer; CERT_KEY_SPEC: a DWORD;
 *               CERT_DATE_STAMP: a FILETIME; all others: a CRYPT_DATA_BLOB.
 * TRUE, or FALSE:
 * E_INVALIDARG             pCertContext is NULL, dwPropId 0, the blob has a size without bytes or
 *                          more than 1 MiB, or cbSize of a CERT_KEY_CONTEXT is wrong
 * ERROR_NOT_ENOUGH_MEMORY
 * Source: Microsoft "CertSetCertificateContextProperty function".
 */
BOOL WINAPI CertSetCertificateContextProperty(PCCERT_CONTEXT pCertContext, DWORD dwPropId,
                                              DWORD dwFlags, const void *pvData);

/*
 * CertEnumCertificateContextProperties - the next larger number of a property that was set; 0
 * begins and ends. Source: Microsoft "CertEnumCertificateContextProperties function".
 */
DWORD WINAPI CertEnumCertificateContextProperties(PCCERT_CONTEXT pCertContext, DWORD dwPropId);

/* ---- names -------------------------------------------------------------------------------- */

/*
 * CertGetNameString - one name of a certificate as text.
 * pCertContext   the certificate.
 * dwType         CERT_NAME_EMAIL_TYPE, CERT_NAME_DNS_TYPE: the first alternative name of that kind,
 *                else the attribute of the subject. CERT_NAME_URL_TYPE, CERT_NAME_UPN_TYPE: the
 *                first one. CERT_NAME_RDN_TYPE: the whole name; when it is empty, an alternative
 *                directoryName. CERT_NAME_ATTR_TYPE: one attribute, of either.
 *                CERT_NAME_SIMPLE_DISPLAY_TYPE: what a person would call it.
 *                CERT_NAME_FRIENDLY_DISPLAY_TYPE: the friendly name, else the same.
 * dwFlags        CERT_NAME_ISSUER_FLAG: of the issuer. CERT_NAME_SEARCH_ALL_NAMES_FLAG with
 *                CERT_NAME_DNS_TYPE: every host name, each with a NUL, and one more NUL. Others are
 *                passed over. Alternative names stand in the extension 2.5.29.17 (issuer: .18), or
 *                where that is missing in its forerunner, 2.5.29.7 (.8).
 * pvTypePara     CERT_NAME_RDN_TYPE: a DWORD with the form of CertNameToStr, NULL: X.500.
 *                CERT_NAME_ATTR_TYPE: the dotted OID, NULL: the e-mail address, else the common
 *                name. Otherwise not looked at.
 * pszNameString  out, with a NUL; NULL asks for the size. A: UTF-8.
 * cchNameString  characters that fit; 0 asks for the size.
 * Returns the characters with the NUL: 1 when there is no such name. A text that does not fit gives
 * an empty one (A) or as much as fits (W).
 * E_INVALIDARG     pCertContext is NULL; the text is empty
 * ERROR_MORE_DATA  a name that is too long to be one; the text is empty
 * Source: Microsoft "CertGetNameString function".
 */
DWORD WINAPI CertGetNameStringA(PCCERT_CONTEXT pCertContext, DWORD dwType, DWORD dwFlags,
                                void *pvTypePara, LPSTR pszNameString, DWORD cchNameString);
DWORD WINAPI CertGetNameStringW(PCCERT_CONTEXT pCertContext, DWORD dwType, DWORD dwFlags,
                                void *pvTypePara, LPWSTR pszNameString, DWORD cchNameString);
#define CertGetNameString SCHANNEL_AW(CertGetNameString)

/*
 * CertNameToStr - a DER name as text.
 * pName      the name.
 * dwStrType  CERT_SIMPLE_NAME_STR (values), CERT_OID_NAME_STR (OID=value) or CERT_X500_NAME_STR
 *            (CN=value), with CERT_NAME_STR_REVERSE_FLAG, _SEMICOLON_FLAG, _CRLF_FLAG,
 *            _NO_PLUS_FLAG, _NO_QUOTING_FLAG; others are passed over. A value that is no text is
 *            "#" and hexadecimal digits.
 * psz, csz   as pszNameString and cchNameString of CertGetNameString.
 * Returns as CertGetNameString does.
 * ERROR_FILE_NOT_FOUND  pName is NULL or does not parse, or dwCertEncodingType is another one; the
 *                       text is empty
 * E_INVALIDARG          CERT_XML_NAME_STR; the text is empty
 * Source: Microsoft "CertNameToStr function".
 */
DWORD WINAPI CertNameToStrA(DWORD dwCertEncodingType, PCERT_NAME_BLOB pName, DWORD dwStrType,
                            LPSTR psz, DWORD csz);
DWORD WINAPI CertNameToStrW(DWORD dwCertEncodingType, PCERT_NAME_BLOB pName, DWORD dwStrType,
                            LPWSTR psz, DWORD csz);
#define CertNameToStr SCHANNEL_AW(CertNameToStr)

/*
 * CertStrToName - DER of a name such as "CN=www.example.com, O=Example".
 * pszX500     the text; A: UTF-8.
 *             Keys are those of CertNameToStr and of its page, in either case, and dotted OIDs with
 *             or without "OID."; "#" and hexadecimal digits are an OCTET STRING.
 * dwStrType   CERT_NAME_STR_COMMA_FLAG, _SEMICOLON_FLAG, _CRLF_FLAG: the only separator (otherwise
 *             comma and semicolon are); _NO_PLUS_FLAG, _NO_QUOTING_FLAG: these characters mean
 *             nothing; _REVERSE_FLAG: the last part first; _FORCE_UTF8_DIR_STR_FLAG: UTF-8 also
 *             where PrintableString would do. Others are passed over.
 * pvReserved  not looked at; NULL.
 * pbEncoded   out: the DER; NULL asks for the size.
 * pcbEncoded  in: bytes available; out: bytes needed or written.
 * ppszError   out, may be NULL: where in pszX500 the reading stopped, else NULL.
 * TRUE, or FALSE:
 * ERROR_FILE_NOT_FOUND         dwCertEncodingType is another one
 * E_INVALIDARG                 pszX500 or pcbEncoded is NULL
 * CRYPT_E_INVALID_X500_STRING  the text is no name, or longer than 64 KiB
 * CRYPT_E_INVALID_PRINTABLE_STRING, CRYPT_E_INVALID_IA5_STRING  the value at ppszError has a
 *                              character that its attribute does not take
 * ERROR_MORE_DATA              it does not fit
 * Source: Microsoft "CertStrToName function".
 */
BOOL WINAPI CertStrToNameA(DWORD dwCertEncodingType, LPCSTR pszX500, DWORD dwStrType,
                           void *pvReserved, BYTE *pbEncoded, DWORD *pcbEncoded, LPCSTR *ppszError);
BOOL WINAPI CertStrToNameW(DWORD dwCertEncodingType, LPCWSTR pszX500, DWORD dwStrType,
                           void *pvReserved, BYTE *pbEncoded, DWORD *pcbEncoded,
                           LPCWSTR *ppszError);
#define CertStrToName SCHANNEL_AW(CertStrToName)

/*
 * CertFindExtension - the first extension with this OID.
 * pszObjId                  dotted.
 * cExtensions, rgExtensions  the array and its length.
 * Returns a pointer into the array, not to be freed; NULL when there is none. No last error.
 * Source: Microsoft "CertFindExtension function".
 */
PCERT_EXTENSION WINAPI CertFindExtension(LPCSTR pszObjId, DWORD cExtensions,
                                         CERT_EXTENSION rgExtensions[]);

/*
 * CertVerifyTimeValidity - -1 before, 0 inside, 1 after the validity of pCertInfo.
 * pTimeToVerify  UTC; NULL: now.
 * CertCompareCertificateName - TRUE when two DER names are equal byte for byte.
 * CertCompareCertificate - TRUE when issuer and serial number are equal.
 * The other pointers must not be NULL. No last error.
 * Source: Microsoft pages of the functions.
 */
LONG WINAPI CertVerifyTimeValidity(LPFILETIME pTimeToVerify, PCERT_INFO pCertInfo);
BOOL WINAPI CertCompareCertificateName(DWORD dwCertEncodingType, PCERT_NAME_BLOB pCertName1,
                                       PCERT_NAME_BLOB pCertName2);
BOOL WINAPI CertCompareCertificate(DWORD dwCertEncodingType, PCERT_INFO pCertId1,
                                   PCERT_INFO pCertId2);

/* ---- chains ------------------------------------------------------------------------------- */

/*
 * CertCreateCertificateChainEngine - an engine with stores of its own.
 * pConfig        hExclusiveRoot: the only roots trusted, NULL: the system's; with
 *                CERT_CHAIN_EXCLUSIVE_ENABLE_CA_FLAG in dwExclusiveFlags they need not be
 *                self-signed. hRestrictedRoot: of the system's roots only these. hRestrictedOther,
 *                rghAdditionalStore: where else to look for issuers. hExclusiveTrustedPeople:
 *                end certificates that are trusted as they stand; alone it leaves no root trusted.
 *                The stores are referenced. Other members are not looked at. An older, shorter
 *                structure is taken by its cbSize.
 * phChainEngine  out: the engine, given back with CertFreeCertificateChainEngine.
 * TRUE, or FALSE:
 * E_INVALIDARG         a NULL, a cbSize that is too small, no store where one should be, more
 *                      stores than are taken, or hRestrictedRoot beside hExclusiveRoot
 * CRYPT_E_NOT_FOUND    a certificate of hRestrictedRoot is no root of the system
 * CertFreeCertificateChainEngine - gives an engine back; HCCE_* are harmless.
 * Source: Microsoft pages of the two functions.
 */
BOOL WINAPI CertCreateCertificateChainEngine(PCERT_CHAIN_ENGINE_CONFIG pConfig,
                                             HCERTCHAINENGINE *phChainEngine);
VOID WINAPI CertFreeCertificateChainEngine(HCERTCHAINENGINE hChainEngine);

/*
 * CertGetCertificateChain - builds and judges the chain of a certificate. TRUE does not mean trust:
 * read TrustStatus, or call CertVerifyCertificateChainPolicy.
 * hChainEngine      an engine, or HCCE_*: the system's roots.
 * pCertContext      the end certificate.
 * pTime             UTC; NULL: now.
 * hAdditionalStore  where to look for issuers, may be NULL: for a peer's certificate its
 *                   hCertStore.
 * pChainPara        RequestedUsage: the usages that are asked for, at most 16.
 *                   RequestedIssuancePolicy, if cbSize has it: certificate policies, at most 16, of
 *                   which one, or all, must hold along the whole chain ("2.5.29.32.0": any).
 *                   fCheckRevocationFreshnessTime, if cbSize has it: answers may be as old as
 *                   dwRevocationFreshnessTime. dwUrlRetrievalTimeout, if cbSize has it and it is
 *                   not 0, comes before that of the engine. Other members are not looked at.
 * dwFlags           CERT_CHAIN_REVOCATION_CHECK_END_CERT, _CHAIN, _CHAIN_EXCLUDE_ROOT: whose
 *                   revocation is looked up: in the stapled response of the end certificate
 *                   (CERT_OCSP_RESPONSE_PROP_ID), in what was fetched before, in the lists of all
 *                   stores, and then over the network; an anchor needs no answer. The answers must
 *                   be current now, whatever pTime says.
 *                   CERT_CHAIN_REVOCATION_CHECK_CACHE_ONLY, CERT_CHAIN_CACHE_ONLY_URL_RETRIEVAL
 *                   (also in dwFlags of the engine): nothing is fetched.
 *                   CERT_CHAIN_REVOCATION_ACCUMULATIVE_TIMEOUT: 20 seconds, or
 *                   dwUrlRetrievalTimeout, are for all places together, and each takes at most half
 *                   of what is left; without it each has 15 seconds, or that.
 *                   CERT_CHAIN_RETURN_LOWER_QUALITY_CONTEXTS: up to 4 worse chains, too. Others are
 *                   passed over.
 * pvReserved        not looked at; NULL.
 * ppChainContext    out: the chain, given back with CertFreeCertificateChain.
 * Without a revocation flag nothing is ever fetched, and issuers never are. With one the call waits
 * for the responders of authorityInfoAccess (a request is posted), then for the lists of
 * cRLDistributionPoints and freshestCRL, of those certificates of the best chain about which
 * nothing is known, if it ends at a trusted root: at most 8 requests for a chain and 4 places of a
 * kind for a certificate, only the scheme http, no redirects, no proxies, no loopback or link-local
 * addresses, 16 MiB of a list and 64 KiB of a response. The process remembers 64 answers, until the
 * next one is due but for a week at most, and for a minute those that gave none.
 * TRUE, or FALSE:
 * E_INVALIDARG         a NULL, no engine or no store where one should be, too many usages
 * The errors of SchannelLoadCaFile, when the file of the roots cannot be read.
 * CertDuplicateCertificateChain - one more reference; returns its argument.
 * CertFreeCertificateChain - gives a reference back.
 * Source: Microsoft pages of the functions, RFC 5280 6.
 */
BOOL WINAPI CertGetCertificateChain(HCERTCHAINENGINE hChainEngine, PCCERT_CONTEXT pCertContext,
                                    LPFILETIME pTime, HCERTSTORE hAdditionalStore,
                                    PCERT_CHAIN_PARA pChainPara, DWORD dwFlags, LPVOID pvReserved,
                                    PCCERT_CHAIN_CONTEXT *ppChainContext);
PCCERT_CHAIN_CONTEXT WINAPI CertDuplicateCertificateChain(PCCERT_CHAIN_CONTEXT pChainContext);
VOID WINAPI CertFreeCertificateChain(PCCERT_CHAIN_CONTEXT pChainContext);

/*
 * CertVerifyCertificateChainPolicy - what a chain's status means for a use.
 * pszPolicyOID   CERT_CHAIN_POLICY_BASE; CERT_CHAIN_POLICY_SSL: with usage and name;
 *                CERT_CHAIN_POLICY_BASIC_CONSTRAINTS: path lengths and who is an authority, with
 *                BASIC_CONSTRAINTS_CERT_CHAIN_POLICY_CA_FLAG or _END_ENTITY_FLAG in dwFlags also of
 *                the end certificate; CERT_CHAIN_POLICY_NT_AUTH: BASE, BASIC_CONSTRAINTS, and the
 *                issuer is in the system's NTAuth store.
 * pChainContext  a chain of CertGetCertificateChain.
 * pPolicyPara    may be NULL. dwFlags: CERT_CHAIN_POLICY_IGNORE_*,
 *                CERT_CHAIN_POLICY_ALLOW_UNKNOWN_CA_FLAG. SSL: pvExtraPolicyPara is an
 *                SSL_EXTRA_CERT_CHAIN_POLICY_PARA: dwAuthType of the certificate's owner,
 *                pwszServerName (UTF-16; NULL or empty: not compared), fdwChecks
 *                (SECURITY_FLAG_IGNORE_* of wininet.h).
 * pPolicyStatus  out: dwError, 0 or the gravest fault, and where it stands (lChainIndex,
 *                lElementIndex; -1: nowhere). dwError is TRUST_E_EXPLICIT_DISTRUST (the system's
 *                Disallowed store), TRUST_E_CERT_SIGNATURE, CRYPT_E_REVOKED,
 *                CERT_E_UNTRUSTEDROOT, CERT_E_CHAINING, CERT_E_WRONG_USAGE, CERT_E_EXPIRED,
 *                CERT_E_INVALID_NAME, CERT_E_INVALID_POLICY, TRUST_E_BASIC_CONSTRAINTS,
 *                CERT_E_CRITICAL, CRYPT_E_REVOCATION_OFFLINE, CRYPT_E_NO_REVOCATION_CHECK,
 *                CERT_E_UNTRUSTEDCA (NT_AUTH) or CERT_E_CN_NO_MATCH.
 * TRUE when the policy was applied, whatever dwError says, or FALSE:
 * ERROR_FILE_NOT_FOUND  another policy
 * E_INVALIDARG          pChainContext or pPolicyStatus is NULL
 * Source: Microsoft "CertVerifyCertificateChainPolicy function".
 */
BOOL WINAPI CertVerifyCertificateChainPolicy(LPCSTR pszPolicyOID,
                                             PCCERT_CHAIN_CONTEXT pChainContext,
                                             PCERT_CHAIN_POLICY_PARA pPolicyPara,
                                             PCERT_CHAIN_POLICY_STATUS pPolicyStatus);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
