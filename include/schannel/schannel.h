/* SPDX-License-Identifier: MIT */
/*
 * Schannel's own part of SSPI: credential structures, protocol bits, flags, control tokens and
 * context attributes. May be included before or after sspi.h. As on Windows, SCH_CREDENTIALS and
 * its companions are visible when SCHANNEL_USE_BLACKLISTS is defined.
 */
#ifndef SCHANNEL_SCHANNEL_H
#define SCHANNEL_SCHANNEL_H

#include "wincrypt.h"
#include "parts/security_status.h"
#include "parts/unicode_string.h"

/* Names of the package. */
#define UNISP_NAME_A           "Microsoft Unified Security Protocol Provider"
#define UNISP_NAME_W           SCHANNEL_WIDE("Microsoft Unified Security Protocol Provider")
#define UNISP_NAME             SCHANNEL_AW(UNISP_NAME_)
#define SSL2SP_NAME_A          "Microsoft SSL 2.0"
#define SSL2SP_NAME_W          SCHANNEL_WIDE("Microsoft SSL 2.0")
#define SSL2SP_NAME            SCHANNEL_AW(SSL2SP_NAME_)
#define SSL3SP_NAME_A          "Microsoft SSL 3.0"
#define SSL3SP_NAME_W          SCHANNEL_WIDE("Microsoft SSL 3.0")
#define SSL3SP_NAME            SCHANNEL_AW(SSL3SP_NAME_)
#define TLS1SP_NAME_A          "Microsoft TLS 1.0"
#define TLS1SP_NAME_W          SCHANNEL_WIDE("Microsoft TLS 1.0")
#define TLS1SP_NAME            SCHANNEL_AW(TLS1SP_NAME_)
#define PCT1SP_NAME_A          "Microsoft PCT 1.0"
#define PCT1SP_NAME_W          SCHANNEL_WIDE("Microsoft PCT 1.0")
#define PCT1SP_NAME            SCHANNEL_AW(PCT1SP_NAME_)
#define SCHANNEL_NAME_A        "Schannel"
#define SCHANNEL_NAME_W        SCHANNEL_WIDE("Schannel")
#define SCHANNEL_NAME          SCHANNEL_AW(SCHANNEL_NAME_)
#define DEFAULT_TLS_SSP_NAME_A "Default TLS SSP"
#define DEFAULT_TLS_SSP_NAME_W SCHANNEL_WIDE("Default TLS SSP")
#define DEFAULT_TLS_SSP_NAME   SCHANNEL_AW(DEFAULT_TLS_SSP_NAME_)
#define UNISP_RPC_ID           14

/* Attributes of a Schannel context or credential. */
#define SECPKG_ATTR_ISSUER_LIST                           0x50
#define SECPKG_ATTR_REMOTE_CRED                           0x51
#define SECPKG_ATTR_LOCAL_CRED                            0x52
#define SECPKG_ATTR_REMOTE_CERT_CONTEXT                   0x53
#define SECPKG_ATTR_LOCAL_CERT_CONTEXT                    0x54
#define SECPKG_ATTR_ROOT_STORE                            0x55
#define SECPKG_ATTR_SUPPORTED_ALGS                        0x56
#define SECPKG_ATTR_CIPHER_STRENGTHS                      0x57
#define SECPKG_ATTR_SUPPORTED_PROTOCOLS                   0x58
#define SECPKG_ATTR_ISSUER_LIST_EX                        0x59
#define SECPKG_ATTR_CONNECTION_INFO                       0x5a
#define SECPKG_ATTR_EAP_KEY_BLOCK                         0x5b
#define SECPKG_ATTR_MAPPED_CRED_ATTR                      0x5c
#define SECPKG_ATTR_SESSION_INFO                          0x5d
#define SECPKG_ATTR_APP_DATA                              0x5e
#define SECPKG_ATTR_REMOTE_CERTIFICATES                   0x5f
#define SECPKG_ATTR_CLIENT_CERT_POLICY                    0x60
#define SECPKG_ATTR_CC_POLICY_RESULT                      0x61
#define SECPKG_ATTR_USE_NCRYPT                            0x62
#define SECPKG_ATTR_LOCAL_CERT_INFO                       0x63
#define SECPKG_ATTR_CIPHER_INFO                           0x64
#define SECPKG_ATTR_EAP_PRF_INFO                          0x65
#define SECPKG_ATTR_SUPPORTED_SIGNATURES                  0x66
#define SECPKG_ATTR_REMOTE_CERT_CHAIN                     0x67
#define SECPKG_ATTR_UI_INFO                               0x68
#define SECPKG_ATTR_EARLY_START                           0x69
#define SECPKG_ATTR_KEYING_MATERIAL_INFO                  0x6a
#define SECPKG_ATTR_KEYING_MATERIAL                       0x6b
#define SECPKG_ATTR_SRTP_PARAMETERS                       0x6c
#define SECPKG_ATTR_TOKEN_BINDING                         0x6d
#define SECPKG_ATTR_CONNECTION_INFO_EX                    0x6e
#define SECPKG_ATTR_KEYING_MATERIAL_TOKEN_BINDING         0x6f
#define SECPKG_ATTR_KEYING_MATERIAL_INPROC                0x70
#define SECPKG_ATTR_CERT_CHECK_RESULT                     0x71
#define SECPKG_ATTR_CERT_CHECK_RESULT_INPROC              0x72
#define SECPKG_ATTR_SESSION_TICKET_KEYS                   0x73
#define SECPKG_ATTR_SERIALIZED_REMOTE_CERT_CONTEXT_INPROC 0x74
#define SECPKG_ATTR_SERIALIZED_REMOTE_CERT_CONTEXT        0x75

/* Protocol bits: the server's, the client's, both. */
#define SP_PROT_NONE             0
#define SP_PROT_PCT1_SERVER      0x00000001
#define SP_PROT_PCT1_CLIENT      0x00000002
#define SP_PROT_PCT1             (SP_PROT_PCT1_SERVER | SP_PROT_PCT1_CLIENT)
#define SP_PROT_SSL2_SERVER      0x00000004
#define SP_PROT_SSL2_CLIENT      0x00000008
#define SP_PROT_SSL2             (SP_PROT_SSL2_SERVER | SP_PROT_SSL2_CLIENT)
#define SP_PROT_SSL3_SERVER      0x00000010
#define SP_PROT_SSL3_CLIENT      0x00000020
#define SP_PROT_SSL3             (SP_PROT_SSL3_SERVER | SP_PROT_SSL3_CLIENT)
#define SP_PROT_TLS1_SERVER      0x00000040
#define SP_PROT_TLS1_CLIENT      0x00000080
#define SP_PROT_TLS1             (SP_PROT_TLS1_SERVER | SP_PROT_TLS1_CLIENT)
#define SP_PROT_SSL3TLS1_CLIENTS (SP_PROT_TLS1_CLIENT | SP_PROT_SSL3_CLIENT)
#define SP_PROT_SSL3TLS1_SERVERS (SP_PROT_TLS1_SERVER | SP_PROT_SSL3_SERVER)
#define SP_PROT_SSL3TLS1         (SP_PROT_SSL3 | SP_PROT_TLS1)
#define SP_PROT_UNI_SERVER       0x40000000
#define SP_PROT_UNI_CLIENT       0x80000000
#define SP_PROT_UNI              (SP_PROT_UNI_SERVER | SP_PROT_UNI_CLIENT)
#define SP_PROT_ALL              0xffffffff
#define SP_PROT_CLIENTS                                                                            \
    (SP_PROT_PCT1_CLIENT | SP_PROT_SSL2_CLIENT | SP_PROT_SSL3_CLIENT | SP_PROT_UNI_CLIENT |        \
     SP_PROT_TLS1_CLIENT)
#define SP_PROT_SERVERS                                                                            \
    (SP_PROT_PCT1_SERVER | SP_PROT_SSL2_SERVER | SP_PROT_SSL3_SERVER | SP_PROT_UNI_SERVER |        \
     SP_PROT_TLS1_SERVER)
#define SP_PROT_TLS1_0_SERVER  SP_PROT_TLS1_SERVER
#define SP_PROT_TLS1_0_CLIENT  SP_PROT_TLS1_CLIENT
#define SP_PROT_TLS1_0         (SP_PROT_TLS1_0_SERVER | SP_PROT_TLS1_0_CLIENT)
#define SP_PROT_TLS1_1_SERVER  0x00000100
#define SP_PROT_TLS1_1_CLIENT  0x00000200
#define SP_PROT_TLS1_1         (SP_PROT_TLS1_1_SERVER | SP_PROT_TLS1_1_CLIENT)
#define SP_PROT_TLS1_2_SERVER  0x00000400
#define SP_PROT_TLS1_2_CLIENT  0x00000800
#define SP_PROT_TLS1_2         (SP_PROT_TLS1_2_SERVER | SP_PROT_TLS1_2_CLIENT)
#define SP_PROT_TLS1_3_SERVER  0x00001000
#define SP_PROT_TLS1_3_CLIENT  0x00002000
#define SP_PROT_TLS1_3         (SP_PROT_TLS1_3_SERVER | SP_PROT_TLS1_3_CLIENT)
#define SP_PROT_DTLS_SERVER    0x00010000
#define SP_PROT_DTLS_CLIENT    0x00020000
#define SP_PROT_DTLS           (SP_PROT_DTLS_SERVER | SP_PROT_DTLS_CLIENT)
#define SP_PROT_DTLS1_0_SERVER SP_PROT_DTLS_SERVER
#define SP_PROT_DTLS1_0_CLIENT SP_PROT_DTLS_CLIENT
#define SP_PROT_DTLS1_0        (SP_PROT_DTLS1_0_SERVER | SP_PROT_DTLS1_0_CLIENT)
#define SP_PROT_DTLS1_2_SERVER 0x00040000
#define SP_PROT_DTLS1_2_CLIENT 0x00080000
#define SP_PROT_DTLS1_2        (SP_PROT_DTLS1_2_SERVER | SP_PROT_DTLS1_2_CLIENT)
#define SP_PROT_DTLS1_X_SERVER (SP_PROT_DTLS1_0_SERVER | SP_PROT_DTLS1_2_SERVER)
#define SP_PROT_DTLS1_X_CLIENT (SP_PROT_DTLS1_0_CLIENT | SP_PROT_DTLS1_2_CLIENT)
#define SP_PROT_DTLS1_X        (SP_PROT_DTLS1_X_SERVER | SP_PROT_DTLS1_X_CLIENT)
#define SP_PROT_TLS1_1PLUS_SERVER                                                                  \
    (SP_PROT_TLS1_1_SERVER | SP_PROT_TLS1_2_SERVER | SP_PROT_TLS1_3_SERVER)
#define SP_PROT_TLS1_1PLUS_CLIENT                                                                  \
    (SP_PROT_TLS1_1_CLIENT | SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_3_CLIENT)
#define SP_PROT_TLS1_1PLUS         (SP_PROT_TLS1_1PLUS_SERVER | SP_PROT_TLS1_1PLUS_CLIENT)
#define SP_PROT_TLS1_3PLUS_SERVER  SP_PROT_TLS1_3_SERVER
#define SP_PROT_TLS1_3PLUS_CLIENT  SP_PROT_TLS1_3_CLIENT
#define SP_PROT_TLS1_3PLUS         (SP_PROT_TLS1_3PLUS_SERVER | SP_PROT_TLS1_3PLUS_CLIENT)
#define SP_PROT_TLS1_X_SERVER      (SP_PROT_TLS1_0_SERVER | SP_PROT_TLS1_1PLUS_SERVER)
#define SP_PROT_TLS1_X_CLIENT      (SP_PROT_TLS1_0_CLIENT | SP_PROT_TLS1_1PLUS_CLIENT)
#define SP_PROT_TLS1_X             (SP_PROT_TLS1_X_SERVER | SP_PROT_TLS1_X_CLIENT)
#define SP_PROT_SSL3TLS1_X_CLIENTS (SP_PROT_TLS1_X_CLIENT | SP_PROT_SSL3_CLIENT)
#define SP_PROT_SSL3TLS1_X_SERVERS (SP_PROT_TLS1_X_SERVER | SP_PROT_SSL3_SERVER)
#define SP_PROT_SSL3TLS1_X         (SP_PROT_SSL3 | SP_PROT_TLS1_X)
#define SP_PROT_X_CLIENTS          (SP_PROT_CLIENTS | SP_PROT_TLS1_X_CLIENT | SP_PROT_DTLS1_X_CLIENT)
#define SP_PROT_X_SERVERS          (SP_PROT_SERVERS | SP_PROT_TLS1_X_SERVER | SP_PROT_DTLS1_X_SERVER)

/* Credentials. */
#define SCH_CRED_V1                            0x00000001
#define SCH_CRED_V2                            0x00000002
#define SCH_CRED_VERSION                       0x00000002
#define SCH_CRED_V3                            0x00000003
#define SCHANNEL_CRED_VERSION                  0x00000004
#define SCH_CREDENTIALS_VERSION                0x00000005
#define SCH_CRED_FORMAT_CERT_CONTEXT           0x00000000
#define SCH_CRED_FORMAT_CERT_HASH              0x00000001
#define SCH_CRED_FORMAT_CERT_HASH_STORE        0x00000002
#define SCH_CRED_MAX_STORE_NAME_SIZE           128
#define SCH_CRED_MAX_SUPPORTED_ALGS            256
#define SCH_CRED_MAX_SUPPORTED_CERTS           100
#define SCH_CRED_MAX_SUPPORTED_PARAMETERS      16
#define SCH_CRED_MAX_SUPPORTED_ALPN_IDS        16
#define SCH_CRED_MAX_SUPPORTED_CRYPTO_SETTINGS 16
#define SCH_CRED_MAX_SUPPORTED_CHAINING_MODES  16
#define SCH_MAX_EXT_SUBSCRIPTIONS              2
#define SCH_MACHINE_CERT_HASH                  0x00000001

/* dwFlags of a credential. */
#define SCH_CRED_NO_SYSTEM_MAPPER                    0x00000002
#define SCH_CRED_NO_SERVERNAME_CHECK                 0x00000004
#define SCH_CRED_MANUAL_CRED_VALIDATION              0x00000008
#define SCH_CRED_NO_DEFAULT_CREDS                    0x00000010
#define SCH_CRED_AUTO_CRED_VALIDATION                0x00000020
#define SCH_CRED_USE_DEFAULT_CREDS                   0x00000040
#define SCH_CRED_DISABLE_RECONNECTS                  0x00000080
#define SCH_CRED_REVOCATION_CHECK_END_CERT           0x00000100
#define SCH_CRED_REVOCATION_CHECK_CHAIN              0x00000200
#define SCH_CRED_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT 0x00000400
#define SCH_CRED_IGNORE_NO_REVOCATION_CHECK          0x00000800
#define SCH_CRED_IGNORE_REVOCATION_OFFLINE           0x00001000
#define SCH_CRED_RESTRICTED_ROOTS                    0x00002000
#define SCH_CRED_REVOCATION_CHECK_CACHE_ONLY         0x00004000
#define SCH_CRED_CACHE_ONLY_URL_RETRIEVAL            0x00008000
#define SCH_CRED_MEMORY_STORE_CERT                   0x00010000
#define SCH_CRED_CACHE_ONLY_URL_RETRIEVAL_ON_CREATE  0x00020000
#define SCH_SEND_ROOT_CERT                           0x00040000
#define SCH_CRED_SNI_CREDENTIAL                      0x00080000
#define SCH_CRED_SNI_ENABLE_OCSP                     0x00100000
#define SCH_SEND_AUX_RECORD                          0x00200000
#define SCH_USE_STRONG_CRYPTO                        0x00400000
#define SCH_USE_PRESHAREDKEY_ONLY                    0x00800000
#define SCH_USE_DTLS_ONLY                            0x01000000
#define SCH_ALLOW_NULL_ENCRYPTION                    0x02000000
#define SCH_CRED_DEFERRED_CRED_VALIDATION            0x04000000

struct _HMAPPER;

/* Credential data, version 4. Everything is copied by AcquireCredentialsHandle. */
typedef struct _SCHANNEL_CRED {
    DWORD dwVersion; /* SCHANNEL_CRED_VERSION */
    DWORD cCreds;
    PCCERT_CONTEXT *paCred; /* cCreds certificates with their keys */
    HCERTSTORE hRootStore;  /* the only roots trusted, NULL: the system's */
    DWORD cMappers;
    struct _HMAPPER **aphMappers;
    DWORD cSupportedAlgs;
    ALG_ID *palgSupportedAlgs;
    DWORD grbitEnabledProtocols;   /* SP_PROT_*, 0: the default set */
    DWORD dwMinimumCipherStrength; /* bits, 0: default */
    DWORD dwMaximumCipherStrength; /* bits, 0: default */
    DWORD dwSessionLifespan;       /* milliseconds, 0: ten hours */
    DWORD dwFlags;                 /* SCH_CRED_*, SCH_* */
    DWORD dwCredFormat;            /* 0 */
} SCHANNEL_CRED, *PSCHANNEL_CRED;

typedef struct _SCHANNEL_CERT_HASH {
    DWORD dwLength;
    DWORD dwFlags;
    HCRYPTPROV hProv;
    BYTE ShaHash[20];
} SCHANNEL_CERT_HASH, *PSCHANNEL_CERT_HASH;

typedef struct _SCHANNEL_CERT_HASH_STORE {
    DWORD dwLength;
    DWORD dwFlags;
    HCRYPTPROV hProv;
    BYTE ShaHash[20];
    WCHAR pwszStoreName[SCH_CRED_MAX_STORE_NAME_SIZE];
} SCHANNEL_CERT_HASH_STORE, *PSCHANNEL_CERT_HASH_STORE;

#ifdef SCHANNEL_USE_BLACKLISTS

typedef enum _eTlsAlgorithmUsage {
    TlsParametersCngAlgUsageKeyExchange,
    TlsParametersCngAlgUsageSignature,
    TlsParametersCngAlgUsageCipher,
    TlsParametersCngAlgUsageDigest,
    TlsParametersCngAlgUsageCertSig
} eTlsAlgorithmUsage;

/* One group of algorithms that is switched off. */
typedef struct _CRYPTO_SETTINGS {
    eTlsAlgorithmUsage eAlgorithmUsage;
    UNICODE_STRING strCngAlgId; /* a CNG name, e.g. AES, ECDSA, SHA256 */
    DWORD cChainingModes;
    PUNICODE_STRING rgstrChainingModes; /* none: every mode */
    DWORD dwMinBitLength;               /* shorter keys are off, 0: no bound */
    DWORD dwMaxBitLength;               /* longer keys are off, 0: no bound */
} CRYPTO_SETTINGS, *PCRYPTO_SETTINGS;

typedef struct _TLS_PARAMETERS {
    DWORD cAlpnIds;
    PUNICODE_STRING rgstrAlpnIds; /* protocols the block is for, none: all others */
    DWORD grbitDisabledProtocols; /* SP_PROT_* that are switched off */
    DWORD cDisabledCrypto;
    PCRYPTO_SETTINGS pDisabledCrypto;
    DWORD dwFlags; /* TLS_PARAMS_* */
} TLS_PARAMETERS, *PTLS_PARAMETERS;

#define TLS_PARAMS_OPTIONAL 0x00000001

/* Credential data, version 5: the one that brings TLS 1.3. */
typedef struct _SCH_CREDENTIALS {
    DWORD dwVersion; /* SCH_CREDENTIALS_VERSION */
    DWORD dwCredFormat;
    DWORD cCreds;
    PCCERT_CONTEXT *paCred;
    HCERTSTORE hRootStore;
    DWORD cMappers;
    struct _HMAPPER **aphMappers;
    DWORD dwSessionLifespan;
    DWORD dwFlags;
    DWORD cTlsParameters; /* at most SCH_CRED_MAX_SUPPORTED_PARAMETERS */
    PTLS_PARAMETERS pTlsParameters;
} SCH_CREDENTIALS, *PSCH_CREDENTIALS;

SCHANNEL_SIZE(CRYPTO_SETTINGS, 48);
SCHANNEL_AT(CRYPTO_SETTINGS, strCngAlgId, 8);
SCHANNEL_AT(CRYPTO_SETTINGS, rgstrChainingModes, 32);
SCHANNEL_AT(CRYPTO_SETTINGS, dwMinBitLength, 40);
SCHANNEL_SIZE(TLS_PARAMETERS, 40);
SCHANNEL_AT(TLS_PARAMETERS, grbitDisabledProtocols, 16);
SCHANNEL_AT(TLS_PARAMETERS, pDisabledCrypto, 24);
SCHANNEL_SIZE(SCH_CREDENTIALS, 72);
SCHANNEL_AT(SCH_CREDENTIALS, paCred, 16);
SCHANNEL_AT(SCH_CREDENTIALS, hRootStore, 24);
SCHANNEL_AT(SCH_CREDENTIALS, dwFlags, 52);
SCHANNEL_AT(SCH_CREDENTIALS, cTlsParameters, 56);
SCHANNEL_AT(SCH_CREDENTIALS, pTlsParameters, 64);

#endif

/* Control tokens of ApplyControlToken. */
#define SCHANNEL_RENEGOTIATE 0
#define SCHANNEL_SHUTDOWN    1
#define SCHANNEL_ALERT       2
#define SCHANNEL_SESSION     3

typedef struct _SCHANNEL_ALERT_TOKEN {
    DWORD dwTokenType; /* SCHANNEL_ALERT */
    DWORD dwAlertType; /* TLS1_ALERT_WARNING or TLS1_ALERT_FATAL */
    DWORD dwAlertNumber;
} SCHANNEL_ALERT_TOKEN;

#define TLS1_ALERT_WARNING              1
#define TLS1_ALERT_FATAL                2
#define TLS1_ALERT_CLOSE_NOTIFY         0
#define TLS1_ALERT_UNEXPECTED_MESSAGE   10
#define TLS1_ALERT_BAD_RECORD_MAC       20
#define TLS1_ALERT_DECRYPTION_FAILED    21
#define TLS1_ALERT_RECORD_OVERFLOW      22
#define TLS1_ALERT_DECOMPRESSION_FAIL   30
#define TLS1_ALERT_HANDSHAKE_FAILURE    40
#define TLS1_ALERT_BAD_CERTIFICATE      42
#define TLS1_ALERT_UNSUPPORTED_CERT     43
#define TLS1_ALERT_CERTIFICATE_REVOKED  44
#define TLS1_ALERT_CERTIFICATE_EXPIRED  45
#define TLS1_ALERT_CERTIFICATE_UNKNOWN  46
#define TLS1_ALERT_ILLEGAL_PARAMETER    47
#define TLS1_ALERT_UNKNOWN_CA           48
#define TLS1_ALERT_ACCESS_DENIED        49
#define TLS1_ALERT_DECODE_ERROR         50
#define TLS1_ALERT_DECRYPT_ERROR        51
#define TLS1_ALERT_EXPORT_RESTRICTION   60
#define TLS1_ALERT_PROTOCOL_VERSION     70
#define TLS1_ALERT_INSUFFIENT_SECURITY  71
#define TLS1_ALERT_INTERNAL_ERROR       80
#define TLS1_ALERT_USER_CANCELED        90
#define TLS1_ALERT_NO_RENEGOTIATION     100
#define TLS1_ALERT_UNSUPPORTED_EXT      110
#define TLS1_ALERT_UNKNOWN_PSK_IDENTITY 115
#define TLS1_ALERT_NO_APP_PROTOCOL      120

#define SSL_SESSION_ENABLE_RECONNECTS  1
#define SSL_SESSION_DISABLE_RECONNECTS 2
typedef struct _SCHANNEL_SESSION_TOKEN {
    DWORD dwTokenType; /* SCHANNEL_SESSION */
    DWORD dwFlags;     /* SSL_SESSION_* */
} SCHANNEL_SESSION_TOKEN;

#define SSL_SESSION_RECONNECT 1

#include "parts/schannel_attributes.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * SslEmptyCache - drops the sessions that are kept for a target, and says whether there were any.
 * This version keeps none, so it returns FALSE.
 * pszTargetName  the name, NULL: all. Not looked at.
 * dwFlags        0. Not looked at.
 * No last error. Any thread.
 * Source: Microsoft "SslEmptyCacheW function".
 */
BOOL SslEmptyCacheA(LPSTR pszTargetName, DWORD dwFlags);
BOOL SslEmptyCacheW(LPWSTR pszTargetName, DWORD dwFlags);
#define SslEmptyCache SCHANNEL_AW(SslEmptyCache)

/*
 * SslGetServerIdentity - which host a client asks for, read from its first bytes before there is a
 * context.
 * ClientHello, ClientHelloSize  the bytes from the record header on, and how many there are.
 * ServerIdentity      out: the host name of the server_name extension, inside ClientHello and
 *                     without a NUL; NULL when there is no such extension. Nothing to free.
 * ServerIdentitySize  out: its bytes; 0 when there is none.
 * Flags               0.
 * SEC_E_OK                  also without a name
 * SEC_E_INCOMPLETE_MESSAGE  more bytes are needed
 * SEC_E_INVALID_PARAMETER   a pointer is NULL, or Flags is not 0
 * SEC_E_INVALID_TOKEN       not a ClientHello, an ill-formed one, or one that does not lie in one
 *                           record
 * Any thread.
 * Source: Microsoft "SslGetServerIdentity function", RFC 6066 3.
 */
SECURITY_STATUS SslGetServerIdentity(PBYTE ClientHello, DWORD ClientHelloSize,
                                     PBYTE *ServerIdentity, PDWORD ServerIdentitySize, DWORD Flags);

/* What the buffer types of the same names hold: one extension to send, extensions to hand out. */
typedef struct _SEND_GENERIC_TLS_EXTENSION {
    WORD ExtensionType;
    WORD HandshakeType; /* of the message that carries it */
    DWORD Flags;        /* 0 */
    WORD BufferSize;    /* bytes of Buffer */
    UCHAR Buffer[ANYSIZE_ARRAY];
} SEND_GENERIC_TLS_EXTENSION, *PSEND_GENERIC_TLS_EXTENSION;

typedef struct _TLS_EXTENSION_SUBSCRIPTION {
    WORD ExtensionType;
    WORD HandshakeType;
} TLS_EXTENSION_SUBSCRIPTION, *PTLS_EXTENSION_SUBSCRIPTION;

typedef struct _SUBSCRIBE_GENERIC_TLS_EXTENSION {
    DWORD Flags;              /* 0 */
    DWORD SubscriptionsCount; /* at most SCH_MAX_EXT_SUBSCRIPTIONS */
    TLS_EXTENSION_SUBSCRIPTION Subscriptions[ANYSIZE_ARRAY];
} SUBSCRIBE_GENERIC_TLS_EXTENSION, *PSUBSCRIBE_GENERIC_TLS_EXTENSION;

SCHANNEL_AT(SEND_GENERIC_TLS_EXTENSION, BufferSize, 8);
SCHANNEL_AT(SEND_GENERIC_TLS_EXTENSION, Buffer, 10);
SCHANNEL_SIZE(TLS_EXTENSION_SUBSCRIPTION, 4);
SCHANNEL_AT(SUBSCRIBE_GENERIC_TLS_EXTENSION, Subscriptions, 8);

/* What SslGetExtensions looks for and finds. */
typedef struct _SCH_EXTENSION_DATA {
    WORD ExtensionType;   /* in */
    const BYTE *pExtData; /* out: into the ClientHello; NULL when absent */
    DWORD cbExtData;
} SCH_EXTENSION_DATA;

typedef enum _SchGetExtensionsOptions {
    SCH_EXTENSIONS_OPTIONS_NONE = 0,
    SCH_NO_RECORD_HEADER = 1 /* the bytes begin with the handshake message */
} SchGetExtensionsOptions;

/*
 * SslGetExtensions - finds extensions in a client's first bytes.
 * clientHello, clientHelloByteSize  the bytes, and how many there are.
 * genericExtensions       in: which types are looked for; out: where each one's body lies inside
 *                         clientHello, NULL and 0 when it is not there. Nothing to free.
 * genericExtensionsCount  elements of that array.
 * bytesToRead             out: with SEC_E_INCOMPLETE_MESSAGE how many bytes are needed in all, else
 *                         0.
 * flags                   SCH_NO_RECORD_HEADER: the bytes begin with the handshake message.
 * SEC_E_OK                  also when none was found
 * SEC_E_INCOMPLETE_MESSAGE  more bytes are needed
 * SEC_E_INVALID_PARAMETER   clientHello or bytesToRead is NULL, or the array is with a count
 * SEC_E_INVALID_TOKEN       as for SslGetServerIdentity
 * Any thread.
 * Source: Microsoft "SslGetExtensions function", RFC 8446 4.2.
 */
SECURITY_STATUS SslGetExtensions(const BYTE *clientHello, DWORD clientHelloByteSize,
                                 SCH_EXTENSION_DATA *genericExtensions, BYTE genericExtensionsCount,
                                 DWORD *bytesToRead, SchGetExtensionsOptions flags);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

SCHANNEL_SIZE(SCHANNEL_CRED, 80);
SCHANNEL_AT(SCHANNEL_CRED, paCred, 8);
SCHANNEL_AT(SCHANNEL_CRED, hRootStore, 16);
SCHANNEL_AT(SCHANNEL_CRED, palgSupportedAlgs, 48);
SCHANNEL_AT(SCHANNEL_CRED, grbitEnabledProtocols, 56);
SCHANNEL_AT(SCHANNEL_CRED, dwFlags, 72);
SCHANNEL_AT(SCHANNEL_CRED, dwCredFormat, 76);
SCHANNEL_SIZE(SCHANNEL_CERT_HASH, 40);
SCHANNEL_SIZE(SCHANNEL_CERT_HASH_STORE, 296);
SCHANNEL_SIZE(SCHANNEL_ALERT_TOKEN, 12);
SCHANNEL_SIZE(SCHANNEL_SESSION_TOKEN, 8);
SCHANNEL_SIZE(SCH_EXTENSION_DATA, 24);

#endif
