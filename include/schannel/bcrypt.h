/* SPDX-License-Identifier: MIT */
/*
 * CNG: names of algorithms (CRYPTO_SETTINGS uses them, too), hashes, randomness, keys and symmetric
 * ciphers as far as Schannel programs use them. All functions return an NTSTATUS: STATUS_SUCCESS,
 * STATUS_INVALID_HANDLE (a handle that is none), STATUS_INVALID_PARAMETER, STATUS_NOT_SUPPORTED,
 * STATUS_BUFFER_TOO_SMALL, STATUS_NO_MEMORY and what the function adds. Handles of algorithms may
 * be shared by threads; one of a hash or a key in use belongs to one thread at a time. Source:
 * Microsoft "CNG Cryptographic Primitive Functions".
 */
#ifndef SCHANNEL_BCRYPT_H
#define SCHANNEL_BCRYPT_H

#include "windef.h"
#include "parts/security_status.h"

typedef PVOID BCRYPT_HANDLE;
typedef PVOID BCRYPT_ALG_HANDLE;
typedef PVOID BCRYPT_KEY_HANDLE;
typedef PVOID BCRYPT_HASH_HANDLE;
typedef PVOID BCRYPT_SECRET_HANDLE;

#ifndef BCRYPT_SUCCESS
#define BCRYPT_SUCCESS(Status) (((NTSTATUS)(Status)) >= 0)
#endif
#ifndef STATUS_SUCCESS
#define STATUS_SUCCESS ((NTSTATUS)0x00000000)
#endif
#ifndef STATUS_UNSUCCESSFUL
#define STATUS_UNSUCCESSFUL ((NTSTATUS)0xC0000001)
#endif
#ifndef STATUS_INVALID_HANDLE
#define STATUS_INVALID_HANDLE ((NTSTATUS)0xC0000008)
#endif
#ifndef STATUS_INVALID_PARAMETER
#define STATUS_INVALID_PARAMETER ((NTSTATUS)0xC000000D)
#endif
#ifndef STATUS_NO_MEMORY
#define STATUS_NO_MEMORY ((NTSTATUS)0xC0000017)
#endif
#ifndef STATUS_BUFFER_TOO_SMALL
#define STATUS_BUFFER_TOO_SMALL ((NTSTATUS)0xC0000023)
#endif
#ifndef STATUS_NOT_SUPPORTED
#define STATUS_NOT_SUPPORTED ((NTSTATUS)0xC00000BB)
#endif
#ifndef STATUS_NOT_FOUND
#define STATUS_NOT_FOUND ((NTSTATUS)0xC0000225)
#endif
#ifndef STATUS_INVALID_SIGNATURE
#define STATUS_INVALID_SIGNATURE ((NTSTATUS)0xC000A000)
#endif
#ifndef STATUS_AUTH_TAG_MISMATCH
#define STATUS_AUTH_TAG_MISMATCH ((NTSTATUS)0xC000A002)
#endif
#ifndef STATUS_INVALID_BUFFER_SIZE
#define STATUS_INVALID_BUFFER_SIZE ((NTSTATUS)0xC0000206)
#endif

/* ---- names ----------------------------------------------------------------------------- */

#define BCRYPT_RSA_ALGORITHM               SCHANNEL_WIDE("RSA")
#define BCRYPT_RSA_SIGN_ALGORITHM          SCHANNEL_WIDE("RSA_SIGN")
#define BCRYPT_DSA_ALGORITHM               SCHANNEL_WIDE("DSA")
#define BCRYPT_DH_ALGORITHM                SCHANNEL_WIDE("DH")
#define BCRYPT_ECDH_ALGORITHM              SCHANNEL_WIDE("ECDH")
#define BCRYPT_ECDSA_ALGORITHM             SCHANNEL_WIDE("ECDSA")
#define BCRYPT_ECDH_P256_ALGORITHM         SCHANNEL_WIDE("ECDH_P256")
#define BCRYPT_ECDH_P384_ALGORITHM         SCHANNEL_WIDE("ECDH_P384")
#define BCRYPT_ECDH_P521_ALGORITHM         SCHANNEL_WIDE("ECDH_P521")
#define BCRYPT_ECDSA_P256_ALGORITHM        SCHANNEL_WIDE("ECDSA_P256")
#define BCRYPT_ECDSA_P384_ALGORITHM        SCHANNEL_WIDE("ECDSA_P384")
#define BCRYPT_ECDSA_P521_ALGORITHM        SCHANNEL_WIDE("ECDSA_P521")
#define BCRYPT_ECC_CURVE_25519             SCHANNEL_WIDE("curve25519")
#define BCRYPT_AES_ALGORITHM               SCHANNEL_WIDE("AES")
#define BCRYPT_CHACHA20_POLY1305_ALGORITHM SCHANNEL_WIDE("CHACHA20_POLY1305")
#define BCRYPT_3DES_ALGORITHM              SCHANNEL_WIDE("3DES")
#define BCRYPT_DES_ALGORITHM               SCHANNEL_WIDE("DES")
#define BCRYPT_RC2_ALGORITHM               SCHANNEL_WIDE("RC2")
#define BCRYPT_RC4_ALGORITHM               SCHANNEL_WIDE("RC4")
#define BCRYPT_MD2_ALGORITHM               SCHANNEL_WIDE("MD2")
#define BCRYPT_MD4_ALGORITHM               SCHANNEL_WIDE("MD4")
#define BCRYPT_MD5_ALGORITHM               SCHANNEL_WIDE("MD5")
#define BCRYPT_SHA1_ALGORITHM              SCHANNEL_WIDE("SHA1")
#define BCRYPT_SHA256_ALGORITHM            SCHANNEL_WIDE("SHA256")
#define BCRYPT_SHA384_ALGORITHM            SCHANNEL_WIDE("SHA384")
#define BCRYPT_SHA512_ALGORITHM            SCHANNEL_WIDE("SHA512")
#define BCRYPT_RNG_ALGORITHM               SCHANNEL_WIDE("RNG")
#define MS_PRIMITIVE_PROVIDER              SCHANNEL_WIDE("Microsoft Primitive Provider")

/* Algorithms that need not be opened. */
#define BCRYPT_MD5_ALG_HANDLE    ((BCRYPT_ALG_HANDLE)0x00000021)
#define BCRYPT_SHA1_ALG_HANDLE   ((BCRYPT_ALG_HANDLE)0x00000031)
#define BCRYPT_SHA256_ALG_HANDLE ((BCRYPT_ALG_HANDLE)0x00000041)
#define BCRYPT_SHA384_ALG_HANDLE ((BCRYPT_ALG_HANDLE)0x00000051)
#define BCRYPT_SHA512_ALG_HANDLE ((BCRYPT_ALG_HANDLE)0x00000061)

#define BCRYPT_OBJECT_LENGTH     SCHANNEL_WIDE("ObjectLength")
#define BCRYPT_ALGORITHM_NAME    SCHANNEL_WIDE("AlgorithmName")
#define BCRYPT_CHAINING_MODE     SCHANNEL_WIDE("ChainingMode")
#define BCRYPT_BLOCK_LENGTH      SCHANNEL_WIDE("BlockLength")
#define BCRYPT_KEY_LENGTH        SCHANNEL_WIDE("KeyLength")
#define BCRYPT_KEY_STRENGTH      SCHANNEL_WIDE("KeyStrength")
#define BCRYPT_HASH_LENGTH       SCHANNEL_WIDE("HashDigestLength")
#define BCRYPT_HASH_BLOCK_LENGTH SCHANNEL_WIDE("HashBlockLength")
#define BCRYPT_AUTH_TAG_LENGTH   SCHANNEL_WIDE("AuthTagLength")
#define BCRYPT_SIGNATURE_LENGTH  SCHANNEL_WIDE("SignatureLength")

#define BCRYPT_CHAIN_MODE_NA  SCHANNEL_WIDE("ChainingModeN/A")
#define BCRYPT_CHAIN_MODE_CBC SCHANNEL_WIDE("ChainingModeCBC")
#define BCRYPT_CHAIN_MODE_ECB SCHANNEL_WIDE("ChainingModeECB")
#define BCRYPT_CHAIN_MODE_CFB SCHANNEL_WIDE("ChainingModeCFB")
#define BCRYPT_CHAIN_MODE_CCM SCHANNEL_WIDE("ChainingModeCCM")
#define BCRYPT_CHAIN_MODE_GCM SCHANNEL_WIDE("ChainingModeGCM")

#define BCRYPT_OPAQUE_KEY_BLOB     SCHANNEL_WIDE("OpaqueKeyBlob")
#define BCRYPT_KEY_DATA_BLOB       SCHANNEL_WIDE("KeyDataBlob")
#define BCRYPT_PUBLIC_KEY_BLOB     SCHANNEL_WIDE("PUBLICBLOB")
#define BCRYPT_PRIVATE_KEY_BLOB    SCHANNEL_WIDE("PRIVATEBLOB")
#define BCRYPT_RSAPUBLIC_BLOB      SCHANNEL_WIDE("RSAPUBLICBLOB")
#define BCRYPT_RSAPRIVATE_BLOB     SCHANNEL_WIDE("RSAPRIVATEBLOB")
#define BCRYPT_RSAFULLPRIVATE_BLOB SCHANNEL_WIDE("RSAFULLPRIVATEBLOB")
#define BCRYPT_ECCPUBLIC_BLOB      SCHANNEL_WIDE("ECCPUBLICBLOB")
#define BCRYPT_ECCPRIVATE_BLOB     SCHANNEL_WIDE("ECCPRIVATEBLOB")

/* ---- flags ----------------------------------------------------------------------------- */

#define BCRYPT_ALG_HANDLE_HMAC_FLAG     0x00000008
#define BCRYPT_HASH_REUSABLE_FLAG       0x00000020
#define BCRYPT_USE_SYSTEM_PREFERRED_RNG 0x00000002
#define BCRYPT_BLOCK_PADDING            0x00000001
#define BCRYPT_PAD_NONE                 0x00000001
#define BCRYPT_PAD_PKCS1                0x00000002
#define BCRYPT_PAD_OAEP                 0x00000004
#define BCRYPT_PAD_PSS                  0x00000008

/* ---- structures ------------------------------------------------------------------------ */

typedef struct _BCRYPT_PKCS1_PADDING_INFO {
    LPCWSTR pszAlgId; /* hash */
} BCRYPT_PKCS1_PADDING_INFO;

typedef struct _BCRYPT_PSS_PADDING_INFO {
    LPCWSTR pszAlgId;
    ULONG cbSalt;
} BCRYPT_PSS_PADDING_INFO;

typedef struct _BCRYPT_OAEP_PADDING_INFO {
    LPCWSTR pszAlgId;
    PUCHAR pbLabel;
    ULONG cbLabel;
} BCRYPT_OAEP_PADDING_INFO;

#define BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO_VERSION 1
typedef struct _BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO {
    ULONG cbSize;
    ULONG dwInfoVersion;
    PUCHAR pbNonce;
    ULONG cbNonce;
    PUCHAR pbAuthData;
    ULONG cbAuthData;
    PUCHAR pbTag;
    ULONG cbTag;
    PUCHAR pbMacContext;
    ULONG cbMacContext;
    ULONG cbAAD;
    ULONGLONG cbData;
    ULONG dwFlags;
} BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO, *PBCRYPT_AUTHENTICATED_CIPHER_MODE_INFO;
#define BCRYPT_INIT_AUTH_MODE_INFO(_AUTH_INFO_STRUCT_)                                             \
    RtlZeroMemory(&(_AUTH_INFO_STRUCT_), sizeof(BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO));           \
    (_AUTH_INFO_STRUCT_).cbSize = sizeof(BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO);                   \
    (_AUTH_INFO_STRUCT_).dwInfoVersion = BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO_VERSION

typedef struct __BCRYPT_KEY_LENGTHS_STRUCT {
    ULONG dwMinLength;
    ULONG dwMaxLength;
    ULONG dwIncrement;
} BCRYPT_KEY_LENGTHS_STRUCT, BCRYPT_AUTH_TAG_LENGTHS_STRUCT;

typedef struct _BCRYPT_KEY_BLOB {
    ULONG Magic;
} BCRYPT_KEY_BLOB;

#define BCRYPT_KEY_DATA_BLOB_MAGIC    0x4D42444B
#define BCRYPT_KEY_DATA_BLOB_VERSION1 0x1
typedef struct _BCRYPT_KEY_DATA_BLOB_HEADER {
    ULONG dwMagic;
    ULONG dwVersion;
    ULONG cbKeyData;
} BCRYPT_KEY_DATA_BLOB_HEADER, *PBCRYPT_KEY_DATA_BLOB_HEADER;

/* Followed by exponent, modulus and, in private blobs, the primes (full: and the rest of the CRT
 * values and the private exponent); big-endian. */
#define BCRYPT_RSAPUBLIC_MAGIC      0x31415352
#define BCRYPT_RSAPRIVATE_MAGIC     0x32415352
#define BCRYPT_RSAFULLPRIVATE_MAGIC 0x33415352
typedef struct _BCRYPT_RSAKEY_BLOB {
    ULONG Magic;
    ULONG BitLength;
    ULONG cbPublicExp;
    ULONG cbModulus;
    ULONG cbPrime1;
    ULONG cbPrime2;
} BCRYPT_RSAKEY_BLOB;

/* Followed by X, Y and, in private blobs, the private value, cbKey bytes each; big-endian. */
#define BCRYPT_ECDH_PUBLIC_P256_MAGIC   0x314B4345
#define BCRYPT_ECDH_PRIVATE_P256_MAGIC  0x324B4345
#define BCRYPT_ECDH_PUBLIC_P384_MAGIC   0x334B4345
#define BCRYPT_ECDH_PRIVATE_P384_MAGIC  0x344B4345
#define BCRYPT_ECDH_PUBLIC_P521_MAGIC   0x354B4345
#define BCRYPT_ECDH_PRIVATE_P521_MAGIC  0x364B4345
#define BCRYPT_ECDSA_PUBLIC_P256_MAGIC  0x31534345
#define BCRYPT_ECDSA_PRIVATE_P256_MAGIC 0x32534345
#define BCRYPT_ECDSA_PUBLIC_P384_MAGIC  0x33534345
#define BCRYPT_ECDSA_PRIVATE_P384_MAGIC 0x34534345
#define BCRYPT_ECDSA_PUBLIC_P521_MAGIC  0x35534345
#define BCRYPT_ECDSA_PRIVATE_P521_MAGIC 0x36534345
typedef struct _BCRYPT_ECCKEY_BLOB {
    ULONG dwMagic;
    ULONG cbKey;
} BCRYPT_ECCKEY_BLOB, *PBCRYPT_ECCKEY_BLOB;

#define BCRYPTBUFFER_VERSION 0
typedef struct _BCryptBuffer {
    ULONG cbBuffer;
    ULONG BufferType;
    PVOID pvBuffer;
} BCryptBuffer, *PBCryptBuffer;
typedef struct _BCryptBufferDesc {
    ULONG ulVersion;
    ULONG cBuffers;
    PBCryptBuffer pBuffers;
} BCryptBufferDesc, *PBCryptBufferDesc;

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * BCryptOpenAlgorithmProvider, BCryptCloseAlgorithmProvider - a handle for an algorithm: RSA, ECDSA
 * and ECDH (with and without a curve), AES, the hashes (with BCRYPT_ALG_HANDLE_HMAC_FLAG as HMAC),
 * RNG. pszImplementation NULL or MS_PRIMITIVE_PROVIDER. STATUS_NOT_FOUND for others. Closed with
 * BCryptCloseAlgorithmProvider; what was made with it lives on.
 */
NTSTATUS WINAPI BCryptOpenAlgorithmProvider(BCRYPT_ALG_HANDLE *phAlgorithm, LPCWSTR pszAlgId,
                                            LPCWSTR pszImplementation, ULONG dwFlags);
NTSTATUS WINAPI BCryptCloseAlgorithmProvider(BCRYPT_ALG_HANDLE hAlgorithm, ULONG dwFlags);

/*
 * BCryptGetProperty - a property of an algorithm, hash or key: BCRYPT_HASH_LENGTH,
 * BCRYPT_HASH_BLOCK_LENGTH, BCRYPT_OBJECT_LENGTH, BCRYPT_BLOCK_LENGTH, BCRYPT_KEY_LENGTH,
 * BCRYPT_KEY_STRENGTH, BCRYPT_SIGNATURE_LENGTH (ULONG each), BCRYPT_ALGORITHM_NAME,
 * BCRYPT_CHAINING_MODE (text with its NUL), BCRYPT_AUTH_TAG_LENGTH
 * (BCRYPT_AUTH_TAG_LENGTHS_STRUCT). pbOutput NULL asks for the size in *pcbResult.
 *
 * BCryptSetProperty - BCRYPT_CHAINING_MODE of an AES algorithm or key: CBC, ECB or GCM.
 */
NTSTATUS WINAPI BCryptGetProperty(BCRYPT_HANDLE hObject, LPCWSTR pszProperty, PUCHAR pbOutput,
                                  ULONG cbOutput, ULONG *pcbResult, ULONG dwFlags);
NTSTATUS WINAPI BCryptSetProperty(BCRYPT_HANDLE hObject, LPCWSTR pszProperty, PUCHAR pbInput,
                                  ULONG cbInput, ULONG dwFlags);

/*
 * BCryptCreateHash, BCryptHash, BCryptHashData, BCryptFinishHash - a hash, or an HMAC with pbSecret
 * when the algorithm was opened for one. pbHashObject is not used and may be NULL. BCryptHashData
 * adds bytes; BCryptFinishHash writes the digest (cbOutput must be its length) and ends the hash,
 * or, made with BCRYPT_HASH_REUSABLE_FLAG, begins a new one. BCryptDuplicateHash copies a running
 * one. BCryptDestroyHash frees it. BCryptHash does all of it at once.
 */
NTSTATUS WINAPI BCryptCreateHash(BCRYPT_ALG_HANDLE hAlgorithm, BCRYPT_HASH_HANDLE *phHash,
                                 PUCHAR pbHashObject, ULONG cbHashObject, PUCHAR pbSecret,
                                 ULONG cbSecret, ULONG dwFlags);
NTSTATUS WINAPI BCryptHashData(BCRYPT_HASH_HANDLE hHash, PUCHAR pbInput, ULONG cbInput,
                               ULONG dwFlags);
NTSTATUS WINAPI BCryptFinishHash(BCRYPT_HASH_HANDLE hHash, PUCHAR pbOutput, ULONG cbOutput,
                                 ULONG dwFlags);
/* BCryptDuplicateHash - a copy of a running hash. BCryptDestroyHash frees it. */
NTSTATUS WINAPI BCryptDuplicateHash(BCRYPT_HASH_HANDLE hHash, BCRYPT_HASH_HANDLE *phNewHash,
                                    PUCHAR pbHashObject, ULONG cbHashObject, ULONG dwFlags);
/* BCryptDestroyHash - frees a hash. */
NTSTATUS WINAPI BCryptDestroyHash(BCRYPT_HASH_HANDLE hHash);
NTSTATUS WINAPI BCryptHash(BCRYPT_ALG_HANDLE hAlgorithm, PUCHAR pbSecret, ULONG cbSecret,
                           PUCHAR pbInput, ULONG cbInput, PUCHAR pbOutput, ULONG cbOutput);

/*
 * BCryptGenRandom - random bytes. hAlgorithm: RNG, or NULL with BCRYPT_USE_SYSTEM_PREFERRED_RNG.
 * STATUS_UNSUCCESSFUL when there is no randomness.
 */
NTSTATUS WINAPI BCryptGenRandom(BCRYPT_ALG_HANDLE hAlgorithm, PUCHAR pbBuffer, ULONG cbBuffer,
                                ULONG dwFlags);

/*
 * BCryptGenerateKeyPair, BCryptFinalizeKeyPair, BCryptImportKeyPair - the first prepares an RSA
 * (2048 to 8192 bits), ECDSA or ECDH key pair; BCryptFinalizeKeyPair makes it. BCryptImportKeyPair
 * takes a blob: BCRYPT_RSAPUBLIC_BLOB, BCRYPT_RSAPRIVATE_BLOB, BCRYPT_RSAFULLPRIVATE_BLOB,
 * BCRYPT_ECCPUBLIC_BLOB, BCRYPT_ECCPRIVATE_BLOB or the general names BCRYPT_PUBLIC_KEY_BLOB,
 * BCRYPT_PRIVATE_KEY_BLOB. BCryptExportKey writes one (pbOutput NULL asks for the size).
 * BCryptDestroyKey frees a key of any kind. STATUS_INVALID_PARAMETER for a blob that contradicts
 * itself or holds no key of the algorithm.
 */
NTSTATUS WINAPI BCryptGenerateKeyPair(BCRYPT_ALG_HANDLE hAlgorithm, BCRYPT_KEY_HANDLE *phKey,
                                      ULONG dwLength, ULONG dwFlags);
NTSTATUS WINAPI BCryptFinalizeKeyPair(BCRYPT_KEY_HANDLE hKey, ULONG dwFlags);
NTSTATUS WINAPI BCryptImportKeyPair(BCRYPT_ALG_HANDLE hAlgorithm, BCRYPT_KEY_HANDLE hImportKey,
                                    LPCWSTR pszBlobType, BCRYPT_KEY_HANDLE *phKey, PUCHAR pbInput,
                                    ULONG cbInput, ULONG dwFlags);
/* BCryptExportKey, BCryptDestroyKey - as above. */
NTSTATUS WINAPI BCryptExportKey(BCRYPT_KEY_HANDLE hKey, BCRYPT_KEY_HANDLE hExportKey,
                                LPCWSTR pszBlobType, PUCHAR pbOutput, ULONG cbOutput,
                                ULONG *pcbResult, ULONG dwFlags);
NTSTATUS WINAPI BCryptDestroyKey(BCRYPT_KEY_HANDLE hKey);

/*
 * BCryptSignHash, BCryptVerifySignature - over a digest. RSA: dwFlags BCRYPT_PAD_PKCS1 with a
 * BCRYPT_PKCS1_PADDING_INFO or BCRYPT_PAD_PSS with a BCRYPT_PSS_PADDING_INFO. ECDSA: pPaddingInfo
 * NULL; the signature is r and s, each as long as the curve's field. STATUS_INVALID_SIGNATURE when
 * it does not verify.
 */
NTSTATUS WINAPI BCryptSignHash(BCRYPT_KEY_HANDLE hKey, VOID *pPaddingInfo, PUCHAR pbInput,
                               ULONG cbInput, PUCHAR pbOutput, ULONG cbOutput, ULONG *pcbResult,
                               ULONG dwFlags);
NTSTATUS WINAPI BCryptVerifySignature(BCRYPT_KEY_HANDLE hKey, VOID *pPaddingInfo, PUCHAR pbHash,
                                      ULONG cbHash, PUCHAR pbSignature, ULONG cbSignature,
                                      ULONG dwFlags);

/*
 * BCryptGenerateSymmetricKey - an AES key of 16, 24 or 32 bytes in the algorithm's chaining mode.
 * pbKeyObject is not used and may be NULL.
 *
 * BCryptEncrypt, BCryptDecrypt - CBC and ECB: whole blocks, or any length with
 * BCRYPT_BLOCK_PADDING; pbIV (CBC) is updated. GCM: pPaddingInfo is a
 * BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO with a nonce of 12 bytes and a tag of 12 to 16. RSA keys:
 * BCRYPT_PAD_PKCS1 and BCRYPT_PAD_OAEP. pbOutput NULL asks for the size. STATUS_AUTH_TAG_MISMATCH,
 * STATUS_INVALID_BUFFER_SIZE (no whole blocks), STATUS_UNSUCCESSFUL (bad padding).
 */
NTSTATUS WINAPI BCryptGenerateSymmetricKey(BCRYPT_ALG_HANDLE hAlgorithm, BCRYPT_KEY_HANDLE *phKey,
                                           PUCHAR pbKeyObject, ULONG cbKeyObject, PUCHAR pbSecret,
                                           ULONG cbSecret, ULONG dwFlags);
NTSTATUS WINAPI BCryptEncrypt(BCRYPT_KEY_HANDLE hKey, PUCHAR pbInput, ULONG cbInput,
                              VOID *pPaddingInfo, PUCHAR pbIV, ULONG cbIV, PUCHAR pbOutput,
                              ULONG cbOutput, ULONG *pcbResult, ULONG dwFlags);
NTSTATUS WINAPI BCryptDecrypt(BCRYPT_KEY_HANDLE hKey, PUCHAR pbInput, ULONG cbInput,
                              VOID *pPaddingInfo, PUCHAR pbIV, ULONG cbIV, PUCHAR pbOutput,
                              ULONG cbOutput, ULONG *pcbResult, ULONG dwFlags);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

SCHANNEL_SIZE(BCRYPT_PSS_PADDING_INFO, 16);
SCHANNEL_SIZE(BCRYPT_RSAKEY_BLOB, 24);
SCHANNEL_SIZE(BCRYPT_ECCKEY_BLOB, 8);
SCHANNEL_SIZE(BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO, 88);
SCHANNEL_AT(BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO, pbTag, 40);
SCHANNEL_AT(BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO, cbData, 72);
SCHANNEL_SIZE(BCryptBufferDesc, 16);

#endif
