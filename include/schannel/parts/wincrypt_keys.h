/* SPDX-License-Identifier: MIT */
/*
 * CryptoAPI keys and hashes: containers, RSA key blobs, hashing and signing. Functions return TRUE,
 * or FALSE with a last error: NTE_BAD_UID, NTE_BAD_KEY, NTE_BAD_HASH (a handle that is none),
 * ERROR_INVALID_PARAMETER, NTE_NO_MEMORY, ERROR_MORE_DATA (buffer too small) and what the function
 * adds. A handle belongs to one thread at a time. Source: Microsoft "Cryptography Functions".
 */
#ifndef SCHANNEL_PARTS_WINCRYPT_KEYS_H
#define SCHANNEL_PARTS_WINCRYPT_KEYS_H

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * CryptAcquireContext - opens a key container. szContainer NULL: the default one, or, with
 * CRYPT_VERIFYCONTEXT, none (keys live as long as the handle). szProvider and dwProvType: any RSA
 * provider. CRYPT_NEWKEYSET makes it (NTE_EXISTS), CRYPT_DELETEKEYSET deletes it and its keys
 * (*phProv is not set); without either it must be there (NTE_BAD_KEYSET). CRYPT_MACHINE_KEYSET is
 * accepted and means the user's, too. NTE_BAD_PROV_TYPE, NTE_KEYSET_ENTRY_BAD (an unreadable key),
 * NTE_PERM (a file that is not the user's own).
 *
 * CryptContextAddRef, CryptReleaseContext - one reference more and less.
 */
BOOL WINAPI CryptAcquireContextA(HCRYPTPROV *phProv, LPCSTR szContainer, LPCSTR szProvider,
                                 DWORD dwProvType, DWORD dwFlags);
BOOL WINAPI CryptAcquireContextW(HCRYPTPROV *phProv, LPCWSTR szContainer, LPCWSTR szProvider,
                                 DWORD dwProvType, DWORD dwFlags);
#define CryptAcquireContext SCHANNEL_AW(CryptAcquireContext)
BOOL WINAPI CryptContextAddRef(HCRYPTPROV hProv, DWORD *pdwReserved, DWORD dwFlags);
BOOL WINAPI CryptReleaseContext(HCRYPTPROV hProv, DWORD dwFlags);

/* CryptGenRandom - random bytes. */
BOOL WINAPI CryptGenRandom(HCRYPTPROV hProv, DWORD dwLen, BYTE *pbBuffer);

/*
 * CryptGenKey - makes the RSA key AT_KEYEXCHANGE or AT_SIGNATURE of the container; the upper 16
 * bits of dwFlags are its size (0: 2048), CRYPT_EXPORTABLE lets it out again. NTE_BAD_ALGID.
 *
 * CryptImportKey - an RSA PUBLICKEYBLOB or PRIVATEKEYBLOB; a private one becomes the container's
 * key. hPubKey 0. NTE_BAD_DATA, NTE_BAD_VER, NTE_BAD_TYPE.
 *
 * CryptExportKey - writes a PUBLICKEYBLOB or PRIVATEKEYBLOB; pbData NULL asks for the size.
 * NTE_BAD_KEY_STATE for a private key that is not exportable.
 *
 * CryptGetUserKey, CryptDuplicateKey, CryptDestroyKey - the container's key; NTE_NO_KEY.
 * CryptDuplicateKey - another handle for it. CryptDestroyKey - frees the handle; the key stays in
 * its container.
 *
 * CryptGetKeyParam - KP_ALGID, KP_KEYLEN, KP_BLOCKLEN, KP_PERMISSIONS.
 */
BOOL WINAPI CryptGenKey(HCRYPTPROV hProv, ALG_ID Algid, DWORD dwFlags, HCRYPTKEY *phKey);
BOOL WINAPI CryptImportKey(HCRYPTPROV hProv, const BYTE *pbData, DWORD dwDataLen, HCRYPTKEY hPubKey,
                           DWORD dwFlags, HCRYPTKEY *phKey);
BOOL WINAPI CryptExportKey(HCRYPTKEY hKey, HCRYPTKEY hExpKey, DWORD dwBlobType, DWORD dwFlags,
                           BYTE *pbData, DWORD *pdwDataLen);
BOOL WINAPI CryptGetUserKey(HCRYPTPROV hProv, DWORD dwKeySpec, HCRYPTKEY *phUserKey);
BOOL WINAPI CryptDuplicateKey(HCRYPTKEY hKey, DWORD *pdwReserved, DWORD dwFlags, HCRYPTKEY *phKey);
BOOL WINAPI CryptDestroyKey(HCRYPTKEY hKey);
BOOL WINAPI CryptGetKeyParam(HCRYPTKEY hKey, DWORD dwParam, BYTE *pbData, DWORD *pdwDataLen,
                             DWORD dwFlags);

/*
 * CryptGetProvParam - PP_CONTAINER, PP_UNIQUE_CONTAINER, PP_NAME (char text with its NUL),
 * PP_PROVTYPE, PP_KEYSPEC (DWORD). NTE_BAD_TYPE for others.
 */
BOOL WINAPI CryptGetProvParam(HCRYPTPROV hProv, DWORD dwParam, BYTE *pbData, DWORD *pdwDataLen,
                              DWORD dwFlags);

/*
 * CryptCreateHash, CryptHashData, CryptGetHashParam, CryptDestroyHash - CALG_MD5, CALG_SHA1,
 * CALG_SHA_256, CALG_SHA_384, CALG_SHA_512; NTE_BAD_ALGID. CryptHashData adds bytes; after
 * CryptGetHashParam(HP_HASHVAL) no more may be added: NTE_BAD_HASH_STATE. CryptGetHashParam -
 * HP_ALGID, HP_HASHSIZE, HP_HASHVAL. CryptDestroyHash frees it.
 *
 * CryptSignHash - an RSA PKCS#1 signature of the hash with the container's key dwKeySpec;
 * little-endian, as CryptoAPI has it. pbSignature NULL asks for the size. NTE_NO_KEY.
 * CryptVerifySignature - NTE_BAD_SIGNATURE when it is none. sDescription must be NULL.
 */
BOOL WINAPI CryptCreateHash(HCRYPTPROV hProv, ALG_ID Algid, HCRYPTKEY hKey, DWORD dwFlags,
                            HCRYPTHASH *phHash);
BOOL WINAPI CryptHashData(HCRYPTHASH hHash, const BYTE *pbData, DWORD dwDataLen, DWORD dwFlags);
BOOL WINAPI CryptGetHashParam(HCRYPTHASH hHash, DWORD dwParam, BYTE *pbData, DWORD *pdwDataLen,
                              DWORD dwFlags);
BOOL WINAPI CryptDestroyHash(HCRYPTHASH hHash);
BOOL WINAPI CryptSignHashA(HCRYPTHASH hHash, DWORD dwKeySpec, LPCSTR szDescription, DWORD dwFlags,
                           BYTE *pbSignature, DWORD *pdwSigLen);
BOOL WINAPI CryptSignHashW(HCRYPTHASH hHash, DWORD dwKeySpec, LPCWSTR szDescription, DWORD dwFlags,
                           BYTE *pbSignature, DWORD *pdwSigLen);
#define CryptSignHash SCHANNEL_AW(CryptSignHash)
BOOL WINAPI CryptVerifySignatureA(HCRYPTHASH hHash, const BYTE *pbSignature, DWORD dwSigLen,
                                  HCRYPTKEY hPubKey, LPCSTR szDescription, DWORD dwFlags);
BOOL WINAPI CryptVerifySignatureW(HCRYPTHASH hHash, const BYTE *pbSignature, DWORD dwSigLen,
                                  HCRYPTKEY hPubKey, LPCWSTR szDescription, DWORD dwFlags);
#define CryptVerifySignature SCHANNEL_AW(CryptVerifySignature)

/*
 * CryptAcquireCertificatePrivateKey - a handle for the key of a certificate: an HCRYPTPROV with its
 * key spec, or an NCRYPT_KEY_HANDLE with CERT_NCRYPT_KEY_SPEC (keys that are not RSA, and all of
 * them with CRYPT_ACQUIRE_PREFER_NCRYPT_KEY_FLAG or CRYPT_ACQUIRE_ONLY_NCRYPT_KEY_FLAG). When
 * *pfCallerFreeProvOrNCryptKey is TRUE the caller releases it with CryptReleaseContext or
 * NCryptFreeObject; with CRYPT_ACQUIRE_CACHE_FLAG it stays with the certificate.
 * CRYPT_ACQUIRE_COMPARE_KEY_FLAG: NTE_BAD_PUBLIC_KEY when it is not the certificate's key.
 * CRYPT_E_NO_KEY_PROPERTY (nothing names a key), NTE_BAD_KEYSET (what is named is not there),
 * NTE_PERM.
 */
BOOL WINAPI
CryptAcquireCertificatePrivateKey(PCCERT_CONTEXT pCert, DWORD dwFlags, void *pvParameters,
                                  HCRYPTPROV_OR_NCRYPT_KEY_HANDLE *phCryptProvOrNCryptKey,
                                  DWORD *pdwKeySpec, BOOL *pfCallerFreeProvOrNCryptKey);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
