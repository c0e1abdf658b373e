/* SPDX-License-Identifier: MIT */
/*
 * Certificate revocation lists and revocation. The rules of wincrypt_functions.h hold here, too.
 * Nothing is fetched over the network: lists come from stores, responses are those that a server
 * staples.
 */
#ifndef SCHANNEL_PARTS_WINCRYPT_CRL_H
#define SCHANNEL_PARTS_WINCRYPT_CRL_H

/* Why a certificate is revoked (RFC 5280 5.3.1). */
#define CRL_REASON_UNSPECIFIED            0
#define CRL_REASON_KEY_COMPROMISE         1
#define CRL_REASON_CA_COMPROMISE          2
#define CRL_REASON_AFFILIATION_CHANGED    3
#define CRL_REASON_SUPERSEDED             4
#define CRL_REASON_CESSATION_OF_OPERATION 5
#define CRL_REASON_CERTIFICATE_HOLD       6
#define CRL_REASON_REMOVE_FROM_CRL        8

/* Kinds of search, and what else must hold for CRL_FIND_ISSUED_BY and CRL_FIND_ISSUED_FOR. */
#define CRL_FIND_ANY                                   0
#define CRL_FIND_ISSUED_BY                             1
#define CRL_FIND_EXISTING                              2
#define CRL_FIND_ISSUED_FOR                            3
#define CRL_FIND_ISSUED_BY_AKI_FLAG                    0x1
#define CRL_FIND_ISSUED_BY_SIGNATURE_FLAG              0x2
#define CRL_FIND_ISSUED_BY_DELTA_FLAG                  0x4
#define CRL_FIND_ISSUED_BY_BASE_FLAG                   0x8
#define CRL_FIND_ISSUED_FOR_SET_STRONG_PROPERTIES_FLAG 0x10

typedef struct _CRL_FIND_ISSUED_FOR_PARA {
    PCCERT_CONTEXT pSubjectCert;
    PCCERT_CONTEXT pIssuerCert;
} CRL_FIND_ISSUED_FOR_PARA, *PCRL_FIND_ISSUED_FOR_PARA;

typedef struct _CERT_REVOCATION_CHAIN_PARA {
    DWORD cbSize;
    HCERTCHAINENGINE hChainEngine;
    HCERTSTORE hAdditionalStore;
    DWORD dwChainFlags;
    DWORD dwUrlRetrievalTimeout;
    LPFILETIME pftCurrentTime;
    LPFILETIME pftCacheResync;
    DWORD cbMaxUrlRetrievalByteCount;
} CERT_REVOCATION_CHAIN_PARA, *PCERT_REVOCATION_CHAIN_PARA;

typedef struct _CERT_REVOCATION_PARA {
    DWORD cbSize;
    PCCERT_CONTEXT pIssuerCert; /* of the first context, where the contexts are no chain */
    DWORD cCertStore;
    HCERTSTORE *rgCertStore; /* where issuers and lists are looked for */
    HCERTSTORE hCrlStore;
    LPFILETIME pftTimeToUse;
#ifdef CERT_REVOCATION_PARA_HAS_EXTRA_FIELDS
    DWORD dwUrlRetrievalTimeout; /* milliseconds; 0: as usual */
    BOOL fCheckFreshnessTime;
    DWORD dwFreshnessTime;     /* how old an answer may be, seconds */
    LPFILETIME pftCurrentTime; /* NULL: now */
    PCERT_REVOCATION_CRL_INFO pCrlInfo;
    LPFILETIME pftCacheResync;
    PCERT_REVOCATION_CHAIN_PARA pChainPara;
#endif
} CERT_REVOCATION_PARA, *PCERT_REVOCATION_PARA;

typedef struct _CERT_REVOCATION_STATUS {
    DWORD cbSize;
    DWORD dwIndex; /* the first context that is revoked or could not be checked */
    DWORD dwError; /* 0, CRYPT_E_REVOKED, CRYPT_E_NO_REVOCATION_CHECK, CRYPT_E_REVOCATION_OFFLINE */
    DWORD dwReason; /* CRL_REASON_* */
    BOOL fHasFreshnessTime;
    DWORD dwFreshnessTime; /* age of the answer, seconds */
} CERT_REVOCATION_STATUS, *PCERT_REVOCATION_STATUS;

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* ---- contexts ----------------------------------------------------------------------------- */

/*
 * CertCreateCRLContext - a context from one DER list.
 * pbCrlEncoded, cbCrlEncoded  the list and its bytes, up to 64 MiB; copied.
 * Returns the context, given back with CertFreeCRLContext, or NULL:
 * E_INVALIDARG         dwCertEncodingType is another one
 * CRYPT_E_ASN1_EOD     no bytes
 * CRYPT_E_ASN1_BADTAG  does not parse, or has bytes behind it
 * CertDuplicateCRLContext - one more reference; returns its argument, NULL for NULL.
 * CertFreeCRLContext - gives a reference back. Always TRUE.
 * Source: Microsoft pages of the functions, RFC 5280 5.
 */
PCCRL_CONTEXT WINAPI CertCreateCRLContext(DWORD dwCertEncodingType, const BYTE *pbCrlEncoded,
                                          DWORD cbCrlEncoded);
PCCRL_CONTEXT WINAPI CertDuplicateCRLContext(PCCRL_CONTEXT pCrlContext);
BOOL WINAPI CertFreeCRLContext(PCCRL_CONTEXT pCrlContext);

/* ---- stores ------------------------------------------------------------------------------- */

/*
 * CertAddEncodedCRLToStore - makes a context from DER and adds it.
 * CertAddCRLContextToStore - adds a context; what it holds is shared.
 * hCertStore                  the store; NULL: only the context is made or duplicated.
 * pbCrlEncoded, cbCrlEncoded  the list and its bytes; copied.
 * pCrlContext                 the context to add.
 * dwAddDisposition            what to do when the same list (byte for byte; for the _NEWER ones:
 *                             one of the same issuer, kind and scope) is there; the values are
 *                             those of CertAddEncodedCertificateToStore. Lists have no properties
 *                             to inherit. _NEWER compares when the lists were issued.
 * ppCrlContext, ppStoreContext  out, may be NULL: the store's context, given back with
 *                             CertFreeCRLContext.
 * TRUE, or FALSE:
 * E_INVALIDARG         another disposition, pCrlContext NULL, no store
 * CRYPT_E_EXISTS       it is there, and the disposition says to fail
 * ERROR_ACCESS_DENIED  the store cannot be changed
 * The errors of CertCreateCRLContext, for the encoded form.
 * Source: Microsoft pages of the two functions.
 */
BOOL WINAPI CertAddEncodedCRLToStore(HCERTSTORE hCertStore, DWORD dwCertEncodingType,
                                     const BYTE *pbCrlEncoded, DWORD cbCrlEncoded,
                                     DWORD dwAddDisposition, PCCRL_CONTEXT *ppCrlContext);
BOOL WINAPI CertAddCRLContextToStore(HCERTSTORE hCertStore, PCCRL_CONTEXT pCrlContext,
                                     DWORD dwAddDisposition, PCCRL_CONTEXT *ppStoreContext);

/*
 * CertDeleteCRLFromStore - takes a list out of its store.
 * pCrlContext  a context of that store; given back in any case. Other references stay valid.
 * TRUE, also for NULL, or FALSE:
 * ERROR_ACCESS_DENIED  the store cannot be changed
 * Source: Microsoft "CertDeleteCRLFromStore function".
 */
BOOL WINAPI CertDeleteCRLFromStore(PCCRL_CONTEXT pCrlContext);

/*
 * CertEnumCRLsInStore - every list of a store, one a call.
 * CertFindCRLInStore - every list of a store that matches.
 * hCertStore          the store.
 * dwCertEncodingType  not looked at.
 * dwFindType          what pvFindPara is. CRL_FIND_ANY: NULL. CRL_FIND_ISSUED_BY: the issuer's
 *                     certificate, NULL: any. CRL_FIND_EXISTING: a list, for one of the same
 *                     issuer, kind and scope. CRL_FIND_ISSUED_FOR: a CRL_FIND_ISSUED_FOR_PARA.
 * dwFindFlags         for the two CRL_FIND_ISSUED_*: _AKI_FLAG: the list's authority key
 * identifier, if it has one, is the issuer's. _SIGNATURE_FLAG: the issuer's key verifies it.
 * _DELTA_FLAG, _BASE_FLAG: of this kind. pPrevCrlContext     NULL, or the result of the call
 * before, which is given back in any case. Returns the next one, given back with CertFreeCRLContext
 * or by the next call, or NULL: CRYPT_E_NOT_FOUND  no other one E_INVALIDARG       no store,
 * another kind, a kind without its pvFindPara, or a context of another store Source: Microsoft
 * pages of the two functions.
 */
PCCRL_CONTEXT WINAPI CertEnumCRLsInStore(HCERTSTORE hCertStore, PCCRL_CONTEXT pPrevCrlContext);
PCCRL_CONTEXT WINAPI CertFindCRLInStore(HCERTSTORE hCertStore, DWORD dwCertEncodingType,
                                        DWORD dwFindFlags, DWORD dwFindType, const void *pvFindPara,
                                        PCCRL_CONTEXT pPrevCrlContext);

/* ---- what a list says --------------------------------------------------------------------- */

/*
 * CertFindCertificateInCRL - looks a certificate's serial number up. Neither issuer nor signature
 * are compared.
 * dwFlags, pvReserved  not looked at; 0 and NULL.
 * ppCrlEntry           out: the entry, which belongs to the list; NULL: it is not listed.
 * TRUE, or FALSE:
 * E_INVALIDARG  a NULL
 * CertVerifyCRLRevocation - TRUE when no list names the serial number. FALSE otherwise, and with
 * E_INVALIDARG for a NULL.
 * pCertId               the certificate.
 * cCrlInfo, rgpCrlInfo  the lists.
 * CertIsValidCRLForCertificate - TRUE when the list would name the certificate if it were revoked:
 * the issuer is the same and the list's scope covers it. The signature is not verified. FALSE with
 * E_INVALIDARG for a NULL.
 * CertVerifyCRLTimeValidity - -1 before, 0 inside, 1 after the time from ThisUpdate to NextUpdate;
 * without NextUpdate there is no after.
 * pTimeToVerify  UTC; NULL: now. pCrlInfo must not be NULL. No last error.
 * Source: Microsoft pages of the functions.
 */
BOOL WINAPI CertFindCertificateInCRL(PCCERT_CONTEXT pCert, PCCRL_CONTEXT pCrlContext, DWORD dwFlags,
                                     void *pvReserved, PCRL_ENTRY *ppCrlEntry);
BOOL WINAPI CertVerifyCRLRevocation(DWORD dwCertEncodingType, PCERT_INFO pCertId, DWORD cCrlInfo,
                                    PCRL_INFO rgpCrlInfo[]);
BOOL WINAPI CertIsValidCRLForCertificate(PCCERT_CONTEXT pCert, PCCRL_CONTEXT pCrl, DWORD dwFlags,
                                         void *pvReserved);
LONG WINAPI CertVerifyCRLTimeValidity(LPFILETIME pTimeToVerify, PCRL_INFO pCrlInfo);

/*
 * CertVerifyRevocation - asks whether contexts are revoked; the answers come, in this order, from
 * stapled responses (CERT_OCSP_RESPONSE_PROP_ID of a context), from what was fetched before, from
 * the lists of the stores, and from the places that the contexts name, which are asked as
 * CertGetCertificateChain does, when the context's issuer is known and signed it.
 * dwRevType             CERT_CONTEXT_REVOCATION_TYPE: rgpvContext are certificates.
 * cContext, rgpvContext  the contexts.
 * dwFlags               CERT_VERIFY_REV_CHAIN_FLAG: each context is issued by the next one, so that
 *                       the last one is not asked about unless pRevPara names its issuer.
 *                       CERT_VERIFY_CACHE_ONLY_BASED_REVOCATION: nothing is fetched.
 *                       CERT_VERIFY_REV_ACCUMULATIVE_TIMEOUT_FLAG: the time is one for all places.
 *                       Others are passed over.
 * pRevPara              may be NULL. Without an issuer there rgCertStore and the context's own
 * store are searched for it. dwUrlRetrievalTimeout, fCheckFreshnessTime with dwFreshnessTime, and
 * pftCurrentTime count if cbSize has them; the members behind are not looked at. pRevStatus in:
 * cbSize; out: the first context without a good answer, and why. TRUE when all are good, also when
 * there are none; or FALSE with dwError as the last error: CRYPT_E_REVOKED              a context
 * is revoked CRYPT_E_NO_REVOCATION_CHECK  it names no place to ask, or is self-signed, and no list
 * speaks of it CRYPT_E_REVOCATION_OFFLINE   it names one, which may not be asked or does not
 * answer, or what is there is out of date CRYPT_E_NO_REVOCATION_DLL    another encoding or kind
 * E_INVALIDARG                 pRevStatus is NULL or has a cbSize that is too small, or a context
 * is NULL Source: Microsoft "CertVerifyRevocation function", RFC 5280 6.3, RFC 6960.
 */
BOOL WINAPI CertVerifyRevocation(DWORD dwEncodingType, DWORD dwRevType, DWORD cContext,
                                 PVOID rgpvContext[], DWORD dwFlags, PCERT_REVOCATION_PARA pRevPara,
                                 PCERT_REVOCATION_STATUS pRevStatus);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

SCHANNEL_SIZE(CRL_ENTRY, 40);
SCHANNEL_SIZE(CRL_INFO, 96);
SCHANNEL_SIZE(CRL_CONTEXT, 40);
SCHANNEL_SIZE(CERT_REVOCATION_CHAIN_PARA, 56);
#ifdef CERT_REVOCATION_PARA_HAS_EXTRA_FIELDS
SCHANNEL_SIZE(CERT_REVOCATION_PARA, 96);
#else
SCHANNEL_SIZE(CERT_REVOCATION_PARA, 48);
#endif
SCHANNEL_SIZE(CERT_REVOCATION_STATUS, 24);
SCHANNEL_SIZE(CERT_REVOCATION_CRL_INFO, 40);

#endif
