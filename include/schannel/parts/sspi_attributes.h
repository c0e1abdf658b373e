/* SPDX-License-Identifier: MIT */
/*
 * Attributes of credentials and contexts that sspi.h itself defines, with the structure each one
 * fills. Members marked FreeContextBuffer are allocated by the query and released with it, one
 * call per pointer; everything else lies in the caller's structure. Source: the
 * "SecPkgContext_*", "SecPkgCredentials_*" and "QueryContextAttributes (Schannel)" pages.
 */
#ifndef SCHANNEL_PARTS_SSPI_ATTRIBUTES_H
#define SCHANNEL_PARTS_SSPI_ATTRIBUTES_H

/* Attributes of a credential. Those of Schannel have numbers from 0x50 on, in schannel.h. */
#define SECPKG_CRED_ATTR_NAMES              1
#define SECPKG_CRED_ATTR_SSI_PROVIDER       2
#define SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS 3
#define SECPKG_CRED_ATTR_CERT               4
#define SECPKG_CRED_ATTR_PAC_BYPASS         5

/* Attributes of a context. Those of Schannel have numbers from 0x50 on, in schannel.h. */
#define SECPKG_ATTR_SIZES                       0
#define SECPKG_ATTR_NAMES                       1
#define SECPKG_ATTR_LIFESPAN                    2
#define SECPKG_ATTR_DCE_INFO                    3
#define SECPKG_ATTR_STREAM_SIZES                4
#define SECPKG_ATTR_KEY_INFO                    5
#define SECPKG_ATTR_AUTHORITY                   6
#define SECPKG_ATTR_PROTO_INFO                  7
#define SECPKG_ATTR_PASSWORD_EXPIRY             8
#define SECPKG_ATTR_SESSION_KEY                 9
#define SECPKG_ATTR_PACKAGE_INFO                10
#define SECPKG_ATTR_USER_FLAGS                  11
#define SECPKG_ATTR_NEGOTIATION_INFO            12
#define SECPKG_ATTR_NATIVE_NAMES                13
#define SECPKG_ATTR_FLAGS                       14
#define SECPKG_ATTR_USE_VALIDATED               15
#define SECPKG_ATTR_CREDENTIAL_NAME             16
#define SECPKG_ATTR_TARGET_INFORMATION          17
#define SECPKG_ATTR_ACCESS_TOKEN                18
#define SECPKG_ATTR_TARGET                      19
#define SECPKG_ATTR_AUTHENTICATION_ID           20
#define SECPKG_ATTR_LOGOFF_TIME                 21
#define SECPKG_ATTR_NEGO_KEYS                   22
#define SECPKG_ATTR_PROMPTING_NEEDED            24
#define SECPKG_ATTR_UNIQUE_BINDINGS             25
#define SECPKG_ATTR_ENDPOINT_BINDINGS           26
#define SECPKG_ATTR_CLIENT_SPECIFIED_TARGET     27
#define SECPKG_ATTR_LAST_CLIENT_TOKEN_STATUS    30
#define SECPKG_ATTR_NEGO_PKG_INFO               31
#define SECPKG_ATTR_NEGO_STATUS                 32
#define SECPKG_ATTR_CONTEXT_DELETED             33
#define SECPKG_ATTR_DTLS_MTU                    34
#define SECPKG_ATTR_DATAGRAM_SIZES              SECPKG_ATTR_STREAM_SIZES
#define SECPKG_ATTR_SUBJECT_SECURITY_ATTRIBUTES 128
#define SECPKG_ATTR_APPLICATION_PROTOCOL        35
#define SECPKG_ATTR_NEGOTIATED_TLS_EXTENSIONS   36
#define SECPKG_ATTR_IS_LOOPBACK                 37

/* Attributes of CredSSP; Schannel answers SEC_E_UNSUPPORTED_FUNCTION. */
#define SECPKG_ATTR_CREDS               0x80000080
#define SECPKG_ATTR_NEGOTIATION_PACKAGE 0x80000081
#define SECPKG_ATTR_SERVER_AUTH_FLAGS   0x80000083
#define SECPKG_ATTR_CERT_TRUST_STATUS   0x80000084
#define SECPKG_ATTR_CREDS_2             0x80000086

#define SECPKG_ATTR_NEGO_INFO_FLAG_NO_KERBEROS 0x1
#define SECPKG_ATTR_NEGO_INFO_FLAG_NO_NTLM     0x2

#define SECPKG_NEGOTIATION_COMPLETE      0
#define SECPKG_NEGOTIATION_OPTIMISTIC    1
#define SECPKG_NEGOTIATION_IN_PROGRESS   2
#define SECPKG_NEGOTIATION_DIRECT        3
#define SECPKG_NEGOTIATION_TRY_MULTICRED 4

/* SECPKG_CRED_ATTR_NAMES */
typedef struct _SecPkgCredentials_NamesW {
    SEC_WCHAR *sUserName; /* FreeContextBuffer */
} SecPkgCredentials_NamesW, *PSecPkgCredentials_NamesW;
typedef struct _SecPkgCredentials_NamesA {
    SEC_CHAR *sUserName;
} SecPkgCredentials_NamesA, *PSecPkgCredentials_NamesA;
#define SecPkgCredentials_Names  SCHANNEL_AW(SecPkgCredentials_Names)
#define PSecPkgCredentials_Names SCHANNEL_AW(PSecPkgCredentials_Names)

/* SECPKG_CRED_ATTR_SSI_PROVIDER; not answered by Schannel */
typedef struct _SecPkgCredentials_SSIProviderW {
    SEC_WCHAR *sProviderName;
    ULONG ProviderInfoLength;
    char *ProviderInfo;
} SecPkgCredentials_SSIProviderW, *PSecPkgCredentials_SSIProviderW;
typedef struct _SecPkgCredentials_SSIProviderA {
    SEC_CHAR *sProviderName;
    ULONG ProviderInfoLength;
    char *ProviderInfo;
} SecPkgCredentials_SSIProviderA, *PSecPkgCredentials_SSIProviderA;
#define SecPkgCredentials_SSIProvider  SCHANNEL_AW(SecPkgCredentials_SSIProvider)
#define PSecPkgCredentials_SSIProvider SCHANNEL_AW(PSecPkgCredentials_SSIProvider)

/* SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS; not answered by Schannel */
typedef struct _SecPkgCredentials_KdcProxySettingsW {
    ULONG Version;
    ULONG Flags;
    USHORT ProxyServerOffset;
    USHORT ProxyServerLength;
    USHORT ClientTlsCredOffset;
    USHORT ClientTlsCredLength;
} SecPkgCredentials_KdcProxySettingsW, *PSecPkgCredentials_KdcProxySettingsW;

/* SECPKG_CRED_ATTR_CERT; not answered by Schannel */
typedef struct _SecPkgCredentials_Cert {
    ULONG EncodedCertSize;
    UCHAR *EncodedCert;
} SecPkgCredentials_Cert, *PSecPkgCredentials_Cert;

/* SECPKG_ATTR_SUBJECT_SECURITY_ATTRIBUTES; not answered by Schannel */
typedef struct _SecPkgContext_SubjectAttributes {
    void *AttributeInfo;
} SecPkgContext_SubjectAttributes, *PSecPkgContext_SubjectAttributes;

typedef enum _SECPKG_CRED_CLASS {
    SecPkgCredClass_None = 0,
    SecPkgCredClass_Ephemeral = 10,
    SecPkgCredClass_PersistedGeneric = 20,
    SecPkgCredClass_PersistedSpecific = 30,
    SecPkgCredClass_Explicit = 40
} SECPKG_CRED_CLASS,
    *PSECPKG_CRED_CLASS;

/* SECPKG_ATTR_PROMPTING_NEEDED; not answered by Schannel */
typedef struct _SecPkgContext_CredInfo {
    SECPKG_CRED_CLASS CredClass;
    ULONG IsPromptingNeeded;
} SecPkgContext_CredInfo, *PSecPkgContext_CredInfo;

typedef struct _SecPkgContext_NegoPackageInfo {
    ULONG PackageMask;
} SecPkgContext_NegoPackageInfo, *PSecPkgContext_NegoPackageInfo;

typedef struct _SecPkgContext_NegoStatus {
    ULONG LastStatus;
} SecPkgContext_NegoStatus, *PSecPkgContext_NegoStatus;

/* SECPKG_ATTR_SIZES */
typedef struct _SecPkgContext_Sizes {
    ULONG cbMaxToken;        /* bytes, as SecPkgInfo */
    ULONG cbMaxSignature;    /* bytes of MAC or tag */
    ULONG cbBlockSize;       /* bytes, 1 for a stream cipher */
    ULONG cbSecurityTrailer; /* bytes of header and trailer */
} SecPkgContext_Sizes, *PSecPkgContext_Sizes;

/* SECPKG_ATTR_STREAM_SIZES */
typedef struct _SecPkgContext_StreamSizes {
    ULONG cbHeader;         /* bytes, exact */
    ULONG cbTrailer;        /* bytes, the most there can be */
    ULONG cbMaximumMessage; /* bytes of data in one record */
    ULONG cBuffers;         /* buffers that Encrypt and DecryptMessage take */
    ULONG cbBlockSize;      /* bytes */
} SecPkgContext_StreamSizes, *PSecPkgContext_StreamSizes;

typedef SecPkgContext_StreamSizes SecPkgContext_DatagramSizes;
typedef PSecPkgContext_StreamSizes PSecPkgContext_DatagramSizes;

/* SECPKG_ATTR_NAMES */
typedef struct _SecPkgContext_NamesW {
    SEC_WCHAR *sUserName; /* FreeContextBuffer */
} SecPkgContext_NamesW, *PSecPkgContext_NamesW;
typedef struct _SecPkgContext_NamesA {
    SEC_CHAR *sUserName;
} SecPkgContext_NamesA, *PSecPkgContext_NamesA;
#define SecPkgContext_Names  SCHANNEL_AW(SecPkgContext_Names)
#define PSecPkgContext_Names SCHANNEL_AW(PSecPkgContext_Names)

typedef enum _SECPKG_ATTR_LCT_STATUS {
    SecPkgAttrLastClientTokenYes,
    SecPkgAttrLastClientTokenNo,
    SecPkgAttrLastClientTokenMaybe
} SECPKG_ATTR_LCT_STATUS,
    *PSECPKG_ATTR_LCT_STATUS;

/* SECPKG_ATTR_LAST_CLIENT_TOKEN_STATUS; not answered by Schannel */
typedef struct _SecPkgContext_LastClientTokenStatus {
    SECPKG_ATTR_LCT_STATUS LastClientTokenStatus;
} SecPkgContext_LastClientTokenStatus, *PSecPkgContext_LastClientTokenStatus;

/* SECPKG_ATTR_LIFESPAN: validity of the peer's certificate, local time */
typedef struct _SecPkgContext_Lifespan {
    TimeStamp tsStart;
    TimeStamp tsExpiry;
} SecPkgContext_Lifespan, *PSecPkgContext_Lifespan;

/* SECPKG_ATTR_DCE_INFO; not answered by Schannel */
typedef struct _SecPkgContext_DceInfo {
    ULONG AuthzSvc;
    void *pPac;
} SecPkgContext_DceInfo, *PSecPkgContext_DceInfo;

/* SECPKG_ATTR_KEY_INFO */
typedef struct _SecPkgContext_KeyInfoW {
    SEC_WCHAR *sSignatureAlgorithmName; /* FreeContextBuffer */
    SEC_WCHAR *sEncryptAlgorithmName;   /* FreeContextBuffer */
    ULONG KeySize;                      /* bits */
    ULONG SignatureAlgorithm;           /* ALG_ID */
    ULONG EncryptAlgorithm;             /* ALG_ID */
} SecPkgContext_KeyInfoW, *PSecPkgContext_KeyInfoW;
typedef struct _SecPkgContext_KeyInfoA {
    SEC_CHAR *sSignatureAlgorithmName;
    SEC_CHAR *sEncryptAlgorithmName;
    ULONG KeySize;
    ULONG SignatureAlgorithm;
    ULONG EncryptAlgorithm;
} SecPkgContext_KeyInfoA, *PSecPkgContext_KeyInfoA;
#define SecPkgContext_KeyInfo  SCHANNEL_AW(SecPkgContext_KeyInfo)
#define PSecPkgContext_KeyInfo SCHANNEL_AW(PSecPkgContext_KeyInfo)

/* SECPKG_ATTR_AUTHORITY */
typedef struct _SecPkgContext_AuthorityW {
    SEC_WCHAR *sAuthorityName; /* FreeContextBuffer */
} SecPkgContext_AuthorityW, *PSecPkgContext_AuthorityW;
typedef struct _SecPkgContext_AuthorityA {
    SEC_CHAR *sAuthorityName;
} SecPkgContext_AuthorityA, *PSecPkgContext_AuthorityA;
#define SecPkgContext_Authority  SCHANNEL_AW(SecPkgContext_Authority)
#define PSecPkgContext_Authority SCHANNEL_AW(PSecPkgContext_Authority)

/* SECPKG_ATTR_PROTO_INFO */
typedef struct _SecPkgContext_ProtoInfoW {
    SEC_WCHAR *sProtocolName; /* FreeContextBuffer */
    ULONG majorVersion;
    ULONG minorVersion;
} SecPkgContext_ProtoInfoW, *PSecPkgContext_ProtoInfoW;
typedef struct _SecPkgContext_ProtoInfoA {
    SEC_CHAR *sProtocolName;
    ULONG majorVersion;
    ULONG minorVersion;
} SecPkgContext_ProtoInfoA, *PSecPkgContext_ProtoInfoA;
#define SecPkgContext_ProtoInfo  SCHANNEL_AW(SecPkgContext_ProtoInfo)
#define PSecPkgContext_ProtoInfo SCHANNEL_AW(PSecPkgContext_ProtoInfo)

/* SECPKG_ATTR_PASSWORD_EXPIRY; not answered by Schannel */
typedef struct _SecPkgContext_PasswordExpiry {
    TimeStamp tsPasswordExpires;
} SecPkgContext_PasswordExpiry, *PSecPkgContext_PasswordExpiry;

/* SECPKG_ATTR_LOGOFF_TIME; not answered by Schannel */
typedef struct _SecPkgContext_LogoffTime {
    TimeStamp tsLogoffTime;
} SecPkgContext_LogoffTime, *PSecPkgContext_LogoffTime;

/* SECPKG_ATTR_SESSION_KEY */
typedef struct _SecPkgContext_SessionKey {
    ULONG SessionKeyLength; /* bytes */
    UCHAR *SessionKey;      /* FreeContextBuffer */
} SecPkgContext_SessionKey, *PSecPkgContext_SessionKey;

/* SECPKG_ATTR_NEGO_KEYS; not answered by Schannel */
typedef struct _SecPkgContext_NegoKeys {
    ULONG KeyType;
    USHORT KeyLength;
    UCHAR *KeyValue;
    ULONG VerifyKeyType;
    USHORT VerifyKeyLength;
    UCHAR *VerifyKeyValue;
} SecPkgContext_NegoKeys, *PSecPkgContext_NegoKeys;

/* SECPKG_ATTR_PACKAGE_INFO */
typedef struct _SecPkgContext_PackageInfoW {
    PSecPkgInfoW PackageInfo; /* FreeContextBuffer */
} SecPkgContext_PackageInfoW, *PSecPkgContext_PackageInfoW;
typedef struct _SecPkgContext_PackageInfoA {
    PSecPkgInfoA PackageInfo;
} SecPkgContext_PackageInfoA, *PSecPkgContext_PackageInfoA;
#define SecPkgContext_PackageInfo  SCHANNEL_AW(SecPkgContext_PackageInfo)
#define PSecPkgContext_PackageInfo SCHANNEL_AW(PSecPkgContext_PackageInfo)

/* SECPKG_ATTR_USER_FLAGS; not answered by Schannel */
typedef struct _SecPkgContext_UserFlags {
    ULONG UserFlags;
} SecPkgContext_UserFlags, *PSecPkgContext_UserFlags;

/* SECPKG_ATTR_FLAGS */
typedef struct _SecPkgContext_Flags {
    ULONG Flags; /* ISC_RET_* or ASC_RET_* */
} SecPkgContext_Flags, *PSecPkgContext_Flags;

/* SECPKG_ATTR_NEGOTIATION_INFO; not answered by Schannel */
typedef struct _SecPkgContext_NegotiationInfoW {
    PSecPkgInfoW PackageInfo;
    ULONG NegotiationState;
} SecPkgContext_NegotiationInfoW, *PSecPkgContext_NegotiationInfoW;
typedef struct _SecPkgContext_NegotiationInfoA {
    PSecPkgInfoA PackageInfo;
    ULONG NegotiationState;
} SecPkgContext_NegotiationInfoA, *PSecPkgContext_NegotiationInfoA;
#define SecPkgContext_NegotiationInfo  SCHANNEL_AW(SecPkgContext_NegotiationInfo)
#define PSecPkgContext_NegotiationInfo SCHANNEL_AW(PSecPkgContext_NegotiationInfo)

/* SECPKG_ATTR_NATIVE_NAMES; not answered by Schannel */
typedef struct _SecPkgContext_NativeNamesW {
    SEC_WCHAR *sClientName;
    SEC_WCHAR *sServerName;
} SecPkgContext_NativeNamesW, *PSecPkgContext_NativeNamesW;
typedef struct _SecPkgContext_NativeNamesA {
    SEC_CHAR *sClientName;
    SEC_CHAR *sServerName;
} SecPkgContext_NativeNamesA, *PSecPkgContext_NativeNamesA;
#define SecPkgContext_NativeNames  SCHANNEL_AW(SecPkgContext_NativeNames)
#define PSecPkgContext_NativeNames SCHANNEL_AW(PSecPkgContext_NativeNames)

/* SECPKG_ATTR_CREDENTIAL_NAME; not answered by Schannel */
typedef struct _SecPkgContext_CredentialNameW {
    ULONG CredentialType;
    SEC_WCHAR *sCredentialName;
} SecPkgContext_CredentialNameW, *PSecPkgContext_CredentialNameW;
typedef struct _SecPkgContext_CredentialNameA {
    ULONG CredentialType;
    SEC_CHAR *sCredentialName;
} SecPkgContext_CredentialNameA, *PSecPkgContext_CredentialNameA;
#define SecPkgContext_CredentialName  SCHANNEL_AW(SecPkgContext_CredentialName)
#define PSecPkgContext_CredentialName SCHANNEL_AW(PSecPkgContext_CredentialName)

/* SECPKG_ATTR_ACCESS_TOKEN */
typedef struct _SecPkgContext_AccessToken {
    void *AccessToken; /* belongs to the context */
} SecPkgContext_AccessToken, *PSecPkgContext_AccessToken;

/* SECPKG_ATTR_TARGET_INFORMATION; not answered by Schannel */
typedef struct _SecPkgContext_TargetInformation {
    ULONG MarshalledTargetInfoLength;
    UCHAR *MarshalledTargetInfo;
} SecPkgContext_TargetInformation, *PSecPkgContext_TargetInformation;

typedef struct _SecPkgContext_AuthzID {
    ULONG AuthzIDLength;
    char *AuthzID;
} SecPkgContext_AuthzID, *PSecPkgContext_AuthzID;

/* SECPKG_ATTR_TARGET; not answered by Schannel */
typedef struct _SecPkgContext_Target {
    ULONG TargetLength;
    char *Target;
} SecPkgContext_Target, *PSecPkgContext_Target;

/* SECPKG_ATTR_CLIENT_SPECIFIED_TARGET; not answered by Schannel */
typedef struct _SecPkgContext_ClientSpecifiedTarget {
    SEC_WCHAR *sTargetName;
} SecPkgContext_ClientSpecifiedTarget, *PSecPkgContext_ClientSpecifiedTarget;

/* SECPKG_ATTR_UNIQUE_BINDINGS and SECPKG_ATTR_ENDPOINT_BINDINGS (RFC 5929) */
typedef struct _SecPkgContext_Bindings {
    ULONG BindingsLength;           /* bytes */
    SEC_CHANNEL_BINDINGS *Bindings; /* FreeContextBuffer */
} SecPkgContext_Bindings, *PSecPkgContext_Bindings;

typedef enum _SEC_APPLICATION_PROTOCOL_NEGOTIATION_STATUS {
    SecApplicationProtocolNegotiationStatus_None,
    SecApplicationProtocolNegotiationStatus_Success,
    SecApplicationProtocolNegotiationStatus_SelectedClientOnly
} SEC_APPLICATION_PROTOCOL_NEGOTIATION_STATUS,
    *PSEC_APPLICATION_PROTOCOL_NEGOTIATION_STATUS;

#define MAX_PROTOCOL_ID_SIZE 0xff

/* SECPKG_ATTR_APPLICATION_PROTOCOL (RFC 7301) */
typedef struct _SecPkgContext_ApplicationProtocol {
    SEC_APPLICATION_PROTOCOL_NEGOTIATION_STATUS ProtoNegoStatus;
    SEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT ProtoNegoExt;
    UCHAR ProtocolIdSize;                   /* bytes of ProtocolId */
    UCHAR ProtocolId[MAX_PROTOCOL_ID_SIZE]; /* no NUL */
} SecPkgContext_ApplicationProtocol, *PSecPkgContext_ApplicationProtocol;

/* SECPKG_ATTR_NEGOTIATED_TLS_EXTENSIONS */
typedef struct _SecPkgContext_NegotiatedTlsExtensions {
    ULONG ExtensionsCount;
    USHORT *Extensions; /* FreeContextBuffer; host order */
} SecPkgContext_NegotiatedTlsExtensions, *PSecPkgContext_NegotiatedTlsExtensions;

#endif
