/* SPDX-License-Identifier: MIT */
/*
 * Text and structures: CryptStringToBinary and its reverse, CryptDecodeObject and
 * CryptEncodeObject. Failure is FALSE and GetLastError tells why; every function may be called from
 * any thread.
 */
#ifndef SCHANNEL_PARTS_WINCRYPT_CODEC_H
#define SCHANNEL_PARTS_WINCRYPT_CODEC_H

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * CryptStringToBinary - bytes of a text in one of the CRYPT_STRING_* forms of dwFlags.
 * cchString: characters, 0 = up to the NUL. pbBinary NULL asks for the size in *pcbBinary.
 * *pdwSkip, if not NULL: characters before the "-----BEGIN ". *pdwFlags, if not NULL: the form that
 * was found. The words of a BEGIN line are not looked at. What follows the '=' of base64 is passed
 * over, with CRYPT_STRING_STRICT refused. CRYPT_STRING_ANY tries header, base64, bytes.
 * ERROR_INVALID_PARAMETER (NULL), ERROR_INVALID_DATA (does not decode, unknown form or flag),
 * ERROR_MORE_DATA (too small: nothing written, but with CRYPT_STRING_HEX what fits),
 * ERROR_NOT_ENOUGH_MEMORY.
 * Source: Microsoft "CryptStringToBinaryA function".
 */
BOOL WINAPI CryptStringToBinaryA(LPCSTR pszString, DWORD cchString, DWORD dwFlags, BYTE *pbBinary,
                                 DWORD *pcbBinary, DWORD *pdwSkip, DWORD *pdwFlags);
BOOL WINAPI CryptStringToBinaryW(LPCWSTR pszString, DWORD cchString, DWORD dwFlags, BYTE *pbBinary,
                                 DWORD *pcbBinary, DWORD *pdwSkip, DWORD *pdwFlags);
#define CryptStringToBinary SCHANNEL_AW(CryptStringToBinary)

/*
 * CryptBinaryToString - the reverse. pszString NULL: *pcchString receives the characters needed
 * with the NUL; afterwards it holds those written without it. Lines of 64 (base64) end in CR LF,
 * with CRYPT_STRING_NOCR in LF, with CRYPT_STRING_NOCRLF there are none. CRYPT_STRING_BINARY has no
 * NUL. ERROR_INVALID_PARAMETER (NULL, a form that is only for reading), ERROR_MORE_DATA.
 * Source: Microsoft "CryptBinaryToStringA function".
 */
BOOL WINAPI CryptBinaryToStringA(const BYTE *pbBinary, DWORD cbBinary, DWORD dwFlags,
                                 LPSTR pszString, DWORD *pcchString);
BOOL WINAPI CryptBinaryToStringW(const BYTE *pbBinary, DWORD cbBinary, DWORD dwFlags,
                                 LPWSTR pszString, DWORD *pcchString);
#define CryptBinaryToString SCHANNEL_AW(CryptBinaryToString)

/*
 * CryptDecodeObjectEx - the structure of a DER object. lpszStructType: an X509_* or PKCS_* number,
 * or an szOID_* of an extension or attribute. The structure and all it points to are one block in
 * pvStructInfo of *pcbStructInfo bytes; NULL asks for the size. With CRYPT_DECODE_ALLOC_FLAG
 * pvStructInfo is a pointer to a pointer that receives the block, from pDecodePara->pfnAlloc or
 * from LocalAlloc (then free it with LocalFree). With CRYPT_DECODE_NOCOPY_FLAG bytes that need no
 * change stay in pbEncoded, which then must outlive the structure.
 * E_INVALIDARG, ERROR_FILE_NOT_FOUND (type or encoding not known), ERROR_MORE_DATA (too small),
 * CRYPT_E_ASN1_EOD (cut off), CRYPT_E_ASN1_BADTAG (another object), CRYPT_E_ASN1_CORRUPT (not DER),
 * CRYPT_E_ASN1_LARGE, CRYPT_E_ASN1_UTF8, CRYPT_E_INVALID_IA5_STRING (not ASCII, or a NUL inside a
 * name that C programs read), ERROR_NOT_ENOUGH_MEMORY.
 * CryptDecodeObject - the same without pDecodePara.
 * Source: Microsoft "CryptDecodeObjectEx function", "Constants for CryptEncodeObject and
 * CryptDecodeObject"; X.690 10.
 */
BOOL WINAPI CryptDecodeObjectEx(DWORD dwCertEncodingType, LPCSTR lpszStructType,
                                const BYTE *pbEncoded, DWORD cbEncoded, DWORD dwFlags,
                                PCRYPT_DECODE_PARA pDecodePara, void *pvStructInfo,
                                DWORD *pcbStructInfo);
BOOL WINAPI CryptDecodeObject(DWORD dwCertEncodingType, LPCSTR lpszStructType,
                              const BYTE *pbEncoded, DWORD cbEncoded, DWORD dwFlags,
                              void *pvStructInfo, DWORD *pcbStructInfo);

/*
 * CryptEncodeObjectEx - the reverse: DER in pvEncoded, or with CRYPT_ENCODE_ALLOC_FLAG in a block
 * that *(BYTE **)pvEncoded receives. E_INVALIDARG, ERROR_FILE_NOT_FOUND, ERROR_MORE_DATA,
 * CRYPT_E_ASN1_ERROR (an OID that is none), CRYPT_E_BAD_ENCODE (a value without an encoding),
 * CRYPT_E_INVALID_NUMERIC_STRING, _PRINTABLE_STRING, _IA5_STRING (then *pcbEncoded tells where: see
 * GET_CERT_UNICODE_*_ERR_INDEX, GET_CERT_ALT_NAME_*_ERR_INDEX), ERROR_NOT_ENOUGH_MEMORY.
 * CryptEncodeObject - the same without pEncodePara.
 * Source: Microsoft "CryptEncodeObjectEx function".
 */
BOOL WINAPI CryptEncodeObjectEx(DWORD dwCertEncodingType, LPCSTR lpszStructType,
                                const void *pvStructInfo, DWORD dwFlags,
                                PCRYPT_ENCODE_PARA pEncodePara, void *pvEncoded, DWORD *pcbEncoded);
BOOL WINAPI CryptEncodeObject(DWORD dwCertEncodingType, LPCSTR lpszStructType,
                              const void *pvStructInfo, BYTE *pbEncoded, DWORD *pcbEncoded);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
