/* SPDX-License-Identifier: MIT */
/* What the Schannel attributes of QueryContextAttributes and its relatives fill in. Pointers are
 * freed with FreeContextBuffer unless they are certificate contexts or stores. */
#ifndef SCHANNEL_PARTS_SCHANNEL_ATTRIBUTES_H
#define SCHANNEL_PARTS_SCHANNEL_ATTRIBUTES_H

#define SZ_ALG_MAX_SIZE                     64
#define SECPKGCONTEXT_CIPHERINFO_V1         1
#define SECPKGCONTEXT_CONNECTION_INFO_EX_V1 1
#define ENABLE_TLS_CLIENT_EARLY_START       0x00000001
#define RCRED_STATUS_NOCRED                 0x00000000
#define RCRED_CRED_EXISTS                   0x00000001
#define RCRED_STATUS_UNKNOWN_ISSUER         0x00000002
#define LCRED_STATUS_NOCRED                 0x00000000
#define LCRED_CRED_EXISTS                   0x00000001
#define LCRED_STATUS_UNKNOWN_ISSUER         0x00000002
#define KERN_CONTEXT_CERT_INFO_V1           0x00000000
#define SESSION_TICKET_INFO_V0              0
#define SESSION_TICKET_INFO_VERSION         SESSION_TICKET_INFO_V0

typedef struct _SecPkgContext_IssuerListInfo {
    DWORD cbIssuerList;
    PBYTE pIssuerList;
} SecPkgContext_IssuerListInfo, *PSecPkgContext_IssuerListInfo;

typedef struct _SecPkgContext_RemoteCredentialInfo {
    DWORD cbCertificateChain;
    PBYTE pbCertificateChain;
    DWORD cCertificates;
    DWORD fFlags; /* RCRED_* */
    DWORD dwBits;
} SecPkgContext_RemoteCredentialInfo, *PSecPkgContext_RemoteCredentialInfo;

typedef struct _SecPkgContext_LocalCredentialInfo {
    DWORD cbCertificateChain;
    PBYTE pbCertificateChain;
    DWORD cCertificates;
    DWORD fFlags; /* LCRED_* */
    DWORD dwBits;
} SecPkgContext_LocalCredentialInfo, *PSecPkgContext_LocalCredentialInfo;

typedef struct _SecPkgContext_ClientCertPolicyResult {
    HRESULT dwPolicyResult;
    GUID guidPolicyId;
} SecPkgContext_ClientCertPolicyResult, *PSecPkgContext_ClientCertPolicyResult;

/* aIssuers: DER names, all freed with one FreeContextBuffer(aIssuers). */
typedef struct _SecPkgContext_IssuerListInfoEx {
    PCERT_NAME_BLOB aIssuers;
    DWORD cIssuers;
} SecPkgContext_IssuerListInfoEx, *PSecPkgContext_IssuerListInfoEx;

typedef struct _SecPkgContext_ConnectionInfo {
    DWORD dwProtocol; /* one SP_PROT_* bit */
    ALG_ID aiCipher;
    DWORD dwCipherStrength; /* bits */
    ALG_ID aiHash;
    DWORD dwHashStrength; /* bits, 0 for AEAD */
    ALG_ID aiExch;
    DWORD dwExchStrength; /* bits */
} SecPkgContext_ConnectionInfo, *PSecPkgContext_ConnectionInfo;

typedef struct _SecPkgContext_ConnectionInfoEx {
    DWORD dwVersion; /* in: SECPKGCONTEXT_CONNECTION_INFO_EX_V1 */
    DWORD dwProtocol;
    WCHAR szCipher[SZ_ALG_MAX_SIZE];
    DWORD dwCipherStrength;
    WCHAR szHash[SZ_ALG_MAX_SIZE];
    DWORD dwHashStrength;
    WCHAR szExchange[SZ_ALG_MAX_SIZE];
    DWORD dwExchStrength;
} SecPkgContext_ConnectionInfoEx, *PSecPkgContext_ConnectionInfoEx;

typedef struct _SecPkgContext_CipherInfo {
    DWORD dwVersion;         /* in: SECPKGCONTEXT_CIPHERINFO_V1 */
    DWORD dwProtocol;        /* wire version, e.g. 0x303 */
    DWORD dwCipherSuite;     /* IANA number */
    DWORD dwBaseCipherSuite; /* IANA number */
    WCHAR szCipherSuite[SZ_ALG_MAX_SIZE];
    WCHAR szCipher[SZ_ALG_MAX_SIZE];
    DWORD dwCipherLen;      /* bits */
    DWORD dwCipherBlockLen; /* bytes */
    WCHAR szHash[SZ_ALG_MAX_SIZE];
    DWORD dwHashLen; /* bits */
    WCHAR szExchange[SZ_ALG_MAX_SIZE];
    DWORD dwMinExchangeLen; /* bits */
    DWORD dwMaxExchangeLen; /* bits */
    WCHAR szCertificate[SZ_ALG_MAX_SIZE];
    DWORD dwKeyType; /* IANA group */
} SecPkgContext_CipherInfo, *PSecPkgContext_CipherInfo;

typedef struct _SecPkgContext_EapKeyBlock {
    BYTE rgbKeys[128];
    BYTE rgbIVs[64];
} SecPkgContext_EapKeyBlock, *PSecPkgContext_EapKeyBlock;

typedef struct _SecPkgContext_MappedCredAttr {
    DWORD dwAttribute;
    PVOID pvBuffer;
} SecPkgContext_MappedCredAttr, *PSecPkgContext_MappedCredAttr;

typedef struct _SecPkgContext_SessionInfo {
    DWORD dwFlags; /* SSL_SESSION_RECONNECT: resumed */
    DWORD cbSessionId;
    BYTE rgbSessionId[32];
} SecPkgContext_SessionInfo, *PSecPkgContext_SessionInfo;

typedef struct _SecPkgContext_SessionAppData {
    DWORD dwFlags;
    DWORD cbAppData;
    PBYTE pbAppData;
} SecPkgContext_SessionAppData, *PSecPkgContext_SessionAppData;

typedef struct _SecPkgContext_EapPrfInfo {
    DWORD dwVersion;
    DWORD cbPrfData;
    PBYTE pbPrfData;
} SecPkgContext_EapPrfInfo, *PSecPkgContext_EapPrfInfo;

/* Each WORD: signature algorithm in the high byte, hash in the low one. */
typedef struct _SecPkgContext_SupportedSignatures {
    WORD cSignatureAndHashAlgorithms;
    WORD *pSignatureAndHashAlgorithms;
} SecPkgContext_SupportedSignatures, *PSecPkgContext_SupportedSignatures;

typedef struct _SecPkgContext_Certificates {
    DWORD cCertificates;
    DWORD cbCertificateChain;
    PBYTE pbCertificateChain; /* (DWORD length, DER)* */
} SecPkgContext_Certificates, *PSecPkgContext_Certificates;

typedef struct _SecPkgContext_CertInfo {
    DWORD dwVersion;
    DWORD cbSubjectName;
    LPWSTR pwszSubjectName;
    DWORD cbIssuerName;
    LPWSTR pwszIssuerName;
    DWORD dwKeySize;
} SecPkgContext_CertInfo, *PSecPkgContext_CertInfo;

typedef struct _SecPkgContext_UiInfo {
    HWND hParentWindow;
} SecPkgContext_UiInfo, *PSecPkgContext_UiInfo;

typedef struct _SecPkgContext_EarlyStart {
    DWORD dwEarlyStartFlags;
} SecPkgContext_EarlyStart, *PSecPkgContext_EarlyStart;

typedef struct _SecPkgContext_KeyingMaterialInfo {
    WORD cbLabel; /* bytes with the NUL */
    LPSTR pszLabel;
    WORD cbContextValue;
    PBYTE pbContextValue; /* NULL exactly when cbContextValue is 0 */
    DWORD cbKeyingMaterial;
} SecPkgContext_KeyingMaterialInfo, *PSecPkgContext_KeyingMaterialInfo;

typedef struct _SecPkgContext_KeyingMaterial {
    DWORD cbKeyingMaterial;
    PBYTE pbKeyingMaterial;
} SecPkgContext_KeyingMaterial, *PSecPkgContext_KeyingMaterial;

typedef struct _SecPkgContext_KeyingMaterial_Inproc {
    WORD cbLabel;
    LPSTR pszLabel;
    WORD cbContextValue;
    PBYTE pbContextValue;
    DWORD cbKeyingMaterial;
    PBYTE pbKeyingMaterial; /* out */
} SecPkgContext_KeyingMaterial_Inproc, *PSecPkgContext_KeyingMaterial_Inproc;

typedef struct _SecPkgContext_SrtpParameters {
    WORD ProtectionProfile;
    BYTE MasterKeyIdentifierSize;
    PBYTE MasterKeyIdentifier;
} SecPkgContext_SrtpParameters, *PSecPkgContext_SrtpParameters;

typedef struct _SecPkgContext_TokenBinding {
    BYTE MajorVersion;
    BYTE MinorVersion;
    WORD KeyParametersSize;
    PBYTE KeyParameters;
} SecPkgContext_TokenBinding, *PSecPkgContext_TokenBinding;

typedef struct _SecPkgContext_CertificateValidationResult {
    DWORD dwChainErrorStatus;    /* CERT_TRUST_* error bits */
    HRESULT hrVerifyChainStatus; /* 0 or the SSL policy's error */
} SecPkgContext_CertificateValidationResult, *PSecPkgContext_CertificateValidationResult;

typedef struct _SecPkgCred_SupportedAlgs {
    DWORD cSupportedAlgs;
    ALG_ID *palgSupportedAlgs;
} SecPkgCred_SupportedAlgs, *PSecPkgCred_SupportedAlgs;

typedef struct _SecPkgCred_CipherStrengths {
    DWORD dwMinimumCipherStrength; /* bits */
    DWORD dwMaximumCipherStrength;
} SecPkgCred_CipherStrengths, *PSecPkgCred_CipherStrengths;

typedef struct _SecPkgCred_SupportedProtocols {
    DWORD grbitProtocol; /* SP_PROT_* of the credential's direction */
} SecPkgCred_SupportedProtocols, *PSecPkgCred_SupportedProtocols;

typedef struct _SecPkgCred_ClientCertPolicy {
    DWORD dwFlags;
    GUID guidPolicyId;
    DWORD dwCertFlags;
    DWORD dwUrlRetrievalTimeout;
    BOOL fCheckRevocationFreshnessTime;
    DWORD dwRevocationFreshnessTime;
    BOOL fOmitUsageCheck;
    LPWSTR pwszSslCtlStoreName;
    LPWSTR pwszSslCtlIdentifier;
} SecPkgCred_ClientCertPolicy, *PSecPkgCred_ClientCertPolicy;

typedef struct _SecPkgCred_SessionTicketKey {
    DWORD TicketInfoVersion;
    BYTE KeyId[16];
    BYTE KeyingMaterial[64];
    BYTE KeyingMaterialSize;
} SecPkgCred_SessionTicketKey, *PSecPkgCred_SessionTicketKey;

typedef struct _SecPkgCred_SessionTicketKeys {
    DWORD cSessionTicketKeys;
    PSecPkgCred_SessionTicketKey pSessionTicketKeys;
} SecPkgCred_SessionTicketKeys, *PSecPkgCred_SessionTicketKeys;

SCHANNEL_SIZE(SecPkgContext_RemoteCredentialInfo, 32);
SCHANNEL_SIZE(SecPkgContext_ClientCertPolicyResult, 20);
SCHANNEL_SIZE(SecPkgContext_IssuerListInfoEx, 16);
SCHANNEL_SIZE(SecPkgContext_ConnectionInfo, 28);
SCHANNEL_SIZE(SecPkgContext_ConnectionInfoEx, 404);
SCHANNEL_SIZE(SecPkgContext_CipherInfo, 680);
SCHANNEL_AT(SecPkgContext_CipherInfo, szCipher, 144);
SCHANNEL_AT(SecPkgContext_CipherInfo, dwCipherLen, 272);
SCHANNEL_AT(SecPkgContext_CipherInfo, szHash, 280);
SCHANNEL_AT(SecPkgContext_CipherInfo, szExchange, 412);
SCHANNEL_AT(SecPkgContext_CipherInfo, szCertificate, 548);
SCHANNEL_AT(SecPkgContext_CipherInfo, dwKeyType, 676);
SCHANNEL_SIZE(SecPkgContext_EapKeyBlock, 192);
SCHANNEL_SIZE(SecPkgContext_MappedCredAttr, 16);
SCHANNEL_SIZE(SecPkgContext_SessionInfo, 40);
SCHANNEL_SIZE(SecPkgContext_SessionAppData, 16);
SCHANNEL_SIZE(SecPkgContext_EapPrfInfo, 16);
SCHANNEL_SIZE(SecPkgContext_SupportedSignatures, 16);
SCHANNEL_SIZE(SecPkgContext_Certificates, 16);
SCHANNEL_SIZE(SecPkgContext_CertInfo, 40);
SCHANNEL_SIZE(SecPkgContext_UiInfo, 8);
SCHANNEL_SIZE(SecPkgContext_KeyingMaterialInfo, 40);
SCHANNEL_SIZE(SecPkgContext_KeyingMaterial, 16);
SCHANNEL_SIZE(SecPkgContext_KeyingMaterial_Inproc, 48);
SCHANNEL_SIZE(SecPkgContext_SrtpParameters, 16);
SCHANNEL_SIZE(SecPkgContext_TokenBinding, 16);
SCHANNEL_SIZE(SecPkgContext_CertificateValidationResult, 8);
SCHANNEL_SIZE(SecPkgCred_SupportedAlgs, 16);
SCHANNEL_SIZE(SecPkgCred_ClientCertPolicy, 56);
SCHANNEL_SIZE(SecPkgCred_SessionTicketKey, 88);

#endif
