/* SPDX-License-Identifier: MIT */
/*
 * Choosing a certificate for a peer that lists the issuers it accepts.
 */
#ifndef SCHANNEL_PARTS_WINCRYPT_FIND_CHAIN_H
#define SCHANNEL_PARTS_WINCRYPT_FIND_CHAIN_H

typedef BOOL(WINAPI *PFN_CERT_CHAIN_FIND_BY_ISSUER_CALLBACK)(PCCERT_CONTEXT pCert, void *pvFindArg);

typedef struct _CERT_CHAIN_FIND_BY_ISSUER_PARA {
    DWORD cbSize;
    LPCSTR pszUsageIdentifier;
    DWORD dwKeySpec;
    DWORD dwAcquirePrivateKeyFlags;
    DWORD cIssuer;
    CERT_NAME_BLOB *rgIssuer;
    PFN_CERT_CHAIN_FIND_BY_ISSUER_CALLBACK pfnFindCallback;
    void *pvFindArg;
#ifdef CERT_CHAIN_FIND_BY_ISSUER_PARA_HAS_EXTRA_FIELDS
    DWORD *pdwIssuerChainIndex;
    DWORD *pdwIssuerElementIndex;
#endif
} CERT_CHAIN_FIND_ISSUER_PARA, *PCERT_CHAIN_FIND_ISSUER_PARA, CERT_CHAIN_FIND_BY_ISSUER_PARA,
    *PCERT_CHAIN_FIND_BY_ISSUER_PARA;

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * CertFindChainInStore - the next certificate of a store that fits, with its chain.
 * hCertStore          the store; issuers are looked for in it, too.
 * dwCertEncodingType  not looked at.
 * dwFindFlags         CERT_CHAIN_FIND_BY_ISSUER_NO_KEY_FLAG: also certificates without a key.
 *                     _COMPARE_KEY_FLAG: the key must be there and be the certificate's.
 *                     _LOCAL_MACHINE_FLAG: the machine's engine. _CACHE_ONLY_URL_FLAG,
 *                     _CACHE_ONLY_FLAG: nothing is fetched. Others are passed over.
 * dwFindType          CERT_CHAIN_FIND_BY_ISSUER.
 * pvFindPara          a CERT_CHAIN_FIND_BY_ISSUER_PARA: pszUsageIdentifier, a usage that the chain
 *                     must be good for, NULL: any; dwKeySpec, 0: any; rgIssuer, of which one must
 *                     be an issuer in the chain, none: any; pfnFindCallback, which is asked with
 *                     pvFindArg before a chain is built, and rejects with FALSE. With the extra
 *                     fields (cbSize tells), the place of the issuer that was found is written.
 *                     dwAcquirePrivateKeyFlags is not looked at.
 * pPrevChainContext   NULL, or the result of the call before, which is given back in any case.
 * Returns the chain, given back with CertFreeCertificateChain or by the next call, or NULL. It need
 * not be trusted or valid: its status says so. Revocation is not looked up.
 * CRYPT_E_NOT_FOUND  no other one
 * E_INVALIDARG       no store, another type, no pvFindPara or too short a one, or a chain of
 * another store Source: Microsoft "CertFindChainInStore function".
 */
PCCERT_CHAIN_CONTEXT WINAPI CertFindChainInStore(HCERTSTORE hCertStore, DWORD dwCertEncodingType,
                                                 DWORD dwFindFlags, DWORD dwFindType,
                                                 const void *pvFindPara,
                                                 PCCERT_CHAIN_CONTEXT pPrevChainContext);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#ifndef CERT_CHAIN_FIND_BY_ISSUER_PARA_HAS_EXTRA_FIELDS
SCHANNEL_SIZE(CERT_CHAIN_FIND_BY_ISSUER_PARA, 56);
#endif

#endif
