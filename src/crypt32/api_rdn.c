/* SPDX-License-Identifier: MIT */
/*
 * Attributes of names, and comparisons: CertFindRDNAttr, CertRDNValueToStr,
 * CertIsRDNAttrsInCertificateName; integers, public keys and their length, validity.
 */
#include "win/win.h"
#include <wincrypt.h>

static const char hex_digits[] = "0123456789abcdef";
static const WCHAR replacement = 0xFFFD;

PCRYPT_ATTRIBUTE WINAPI CertFindAttribute(LPCSTR pszObjId, DWORD cAttr, CRYPT_ATTRIBUTE rgAttr[])
{
    for (DWORD i = 0; pszObjId != NULL && rgAttr != NULL && i < cAttr; i++) {
        if (rgAttr[i].pszObjId != NULL && strcmp(pszObjId, rgAttr[i].pszObjId) == 0)
            return &rgAttr[i];
    }
    return NULL;
}

static CERT_RDN_ATTR *find_in(const CERT_RDN *relative, LPCSTR oid)
{
    for (DWORD i = 0; i < relative->cRDNAttr; i++) {
        if (strcmp(oid, relative->rgRDNAttr[i].pszObjId) == 0)
            return &relative->rgRDNAttr[i];
    }
    return NULL;
}

PCERT_RDN_ATTR WINAPI CertFindRDNAttr(LPCSTR pszObjId, PCERT_NAME_INFO pName)
{
    for (DWORD i = 0; pszObjId != NULL && pName != NULL && i < pName->cRDN; i++) {
        CERT_RDN_ATTR *found = find_in(&pName->rgRDN[i], pszObjId);
        if (found != NULL)
            return found;
    }
    return NULL;
}

/* ---- values as text ---------------------------------------------------------------------- */

/* Text that grows to its full length and is kept as far as there is room. */
struct wide_out {
    WCHAR *p;
    size_t room; /* with the NUL */
    size_t n;
};

/* A NUL inside would end the text early for every reader of C strings. */
static void put_unit(struct wide_out *out, WCHAR unit)
{
    if (out->n + 1 < out->room)
        out->p[out->n] = unit != 0 ? unit : replacement;
    out->n++;
}

static void put_hex(struct wide_out *out, const CERT_RDN_VALUE_BLOB *value)
{
    put_unit(out, '#');
    for (DWORD i = 0; i < value->cbData; i++) {
        put_unit(out, (WCHAR)hex_digits[value->pbData[i] >> 4]);
        put_unit(out, (WCHAR)hex_digits[value->pbData[i] & 15]);
    }
}

static void put_utf16(struct wide_out *out, const CERT_RDN_VALUE_BLOB *value)
{
    for (DWORD i = 0; i + sizeof(WCHAR) <= value->cbData; i += sizeof(WCHAR)) {
        WCHAR unit;
        memcpy(&unit, value->pbData + i, sizeof unit);
        put_unit(out, unit);
    }
}

static void put_utf32(struct wide_out *out, const CERT_RDN_VALUE_BLOB *value)
{
    for (DWORD i = 0; i + sizeof(uint32_t) <= value->cbData; i += sizeof(uint32_t)) {
        uint32_t c;
        memcpy(&c, value->pbData + i, sizeof c);
        if (c >= 0x10000 && c <= 0x10FFFF) {
            put_unit(out, (WCHAR)(0xD800 + ((c - 0x10000) >> 10)));
            put_unit(out, (WCHAR)(0xDC00 + ((c - 0x10000) & 0x3FF)));
        } else {
            put_unit(out, c < 0x10000 ? (WCHAR)c : replacement);
        }
    }
}

static void put_bytes(struct wide_out *out, const CERT_RDN_VALUE_BLOB *value)
{
    for (DWORD i = 0; i < value->cbData; i++)
        put_unit(out, value->pbData[i]);
}

/* Units with the NUL. */
static size_t value_text(DWORD type, const CERT_RDN_VALUE_BLOB *value, WCHAR *p, size_t room)
{
    struct wide_out out = {.p = p, .room = p != NULL ? room : 0};
    DWORD plain = type & CERT_RDN_TYPE_MASK;
    if (value != NULL && value->pbData != NULL) {
        if (plain == CERT_RDN_BMP_STRING || plain == CERT_RDN_UTF8_STRING)
            put_utf16(&out, value);
        else if (plain == CERT_RDN_UNIVERSAL_STRING)
            put_utf32(&out, value);
        else if (plain >= CERT_RDN_NUMERIC_STRING && plain <= CERT_RDN_GENERAL_STRING)
            put_bytes(&out, value);
        else
            put_hex(&out, value);
    }
    if (out.room != 0)
        out.p[out.n < out.room ? out.n : out.room - 1] = 0;
    return out.n + 1;
}

DWORD WINAPI CertRDNValueToStrW(DWORD dwValueType, PCERT_RDN_VALUE_BLOB pValue, LPWSTR psz,
                                DWORD csz)
{
    size_t needed = value_text(dwValueType, pValue, csz != 0 ? psz : NULL, csz);
    if (psz == NULL || csz == 0 || needed <= csz)
        return (DWORD)needed;
    return csz;
}

/* Bytes of UTF-8 that a cut leaves whole. */
static size_t whole_characters(const char *text, size_t n)
{
    while (n != 0 && ((uint8_t)text[n] & 0xC0) == 0x80)
        n--;
    return n;
}

DWORD WINAPI CertRDNValueToStrA(DWORD dwValueType, PCERT_RDN_VALUE_BLOB pValue, LPSTR psz,
                                DWORD csz)
{
    size_t units = value_text(dwValueType, pValue, NULL, 0);
    WCHAR *wide = mem_array(units, sizeof *wide);
    DWORD result = 1;
    if (wide == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return result;
    }
    value_text(dwValueType, pValue, wide, units);
    char *text = win_utf8_dup(wide);
    mem_free(wide);
    if (text == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return result;
    }
    size_t n = strlen(text);
    if (psz != NULL && csz != 0) {
        n = n < csz ? n : whole_characters(text, csz - 1);
        mem_copy(psz, text, n);
        psz[n] = 0;
    }
    result = (DWORD)n + 1;
    mem_free(text);
    return result;
}

/* ---- attributes in a name ---------------------------------------------------------------- */

static uint8_t folded(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

/* Letters of ASCII are bytes of that value, in UTF-16 with a zero byte beside. */
static bool same_bytes(struct span a, struct span b, DWORD flags)
{
    bool is_wide = (flags & CERT_UNICODE_IS_RDN_ATTRS_FLAG) != 0;
    if ((flags & CERT_CASE_INSENSITIVE_IS_RDN_ATTRS_FLAG) == 0 || a.n != b.n)
        return span_equal(a, b);
    for (size_t i = 0; i < a.n; i++) {
        bool is_letter = !is_wide || (i % 2 == 0 && i + 1 < a.n && a.p[i + 1] == 0);
        if (a.p[i] != b.p[i] && !(is_letter && folded(a.p[i]) == folded(b.p[i])))
            return false;
    }
    return true;
}

static struct span asked_value(const CERT_RDN_ATTR *asked, DWORD flags)
{
    bool to_nul = (flags & CERT_UNICODE_IS_RDN_ATTRS_FLAG) != 0 && asked->Value.cbData == 0;
    size_t n = asked->Value.cbData;
    if (to_nul)
        n = win_utf16_len((const WCHAR *)(const void *)asked->Value.pbData) * sizeof(WCHAR);
    return span_of(asked->Value.pbData, n);
}

static bool is_same(const CERT_RDN_ATTR *asked, const CERT_RDN_ATTR *there, DWORD flags)
{
    DWORD type = asked->dwValueType & CERT_RDN_TYPE_MASK;
    if (strcmp(asked->pszObjId, there->pszObjId) != 0 ||
        (type != CERT_RDN_ANY_TYPE && type != there->dwValueType))
        return false;
    return asked->Value.pbData == NULL ||
           same_bytes(asked_value(asked, flags), span_of(there->Value.pbData, there->Value.cbData),
                      flags);
}

static bool stands_in(const CERT_RDN_ATTR *asked, const CERT_NAME_INFO *name, DWORD flags)
{
    for (DWORD i = 0; asked->pszObjId != NULL && i < name->cRDN; i++) {
        for (DWORD j = 0; j < name->rgRDN[i].cRDNAttr; j++) {
            if (is_same(asked, &name->rgRDN[i].rgRDNAttr[j], flags))
                return true;
        }
    }
    return false;
}

BOOL WINAPI CertIsRDNAttrsInCertificateName(DWORD dwCertEncodingType, DWORD dwFlags,
                                            PCERT_NAME_BLOB pCertName, PCERT_RDN pRDN)
{
    CERT_NAME_INFO *name = NULL;
    DWORD size;
    bool all = true;
    if (pCertName == NULL || pRDN == NULL || (pRDN->cRDNAttr != 0 && pRDN->rgRDNAttr == NULL))
        return win_fail((DWORD)E_INVALIDARG);
    bool is_unicode = (dwFlags & CERT_UNICODE_IS_RDN_ATTRS_FLAG) != 0;
    if (!CryptDecodeObjectEx(dwCertEncodingType, is_unicode ? X509_UNICODE_NAME : X509_NAME,
                             pCertName->pbData, pCertName->cbData, CRYPT_DECODE_ALLOC_FLAG, NULL,
                             &name, &size))
        return FALSE;
    for (DWORD i = 0; i < pRDN->cRDNAttr && all; i++)
        all = stands_in(&pRDN->rgRDNAttr[i], name, dwFlags);
    LocalFree(name);
    return all ? TRUE : win_fail((DWORD)CRYPT_E_NO_MATCH);
}

/* ---- comparisons ------------------------------------------------------------------------- */

/* Without the upper bytes that are nothing but sign. */
static struct span magnitude_of(const CRYPT_INTEGER_BLOB *blob)
{
    struct span bytes = span_of(blob->pbData, blob->cbData);
    if (bytes.n == 0)
        return bytes;
    uint8_t sign = bytes.p[bytes.n - 1];
    while (bytes.n > 1 && (sign == 0 || sign == 0xFF) && bytes.p[bytes.n - 1] == sign)
        bytes.n--;
    return bytes;
}

BOOL WINAPI CertCompareIntegerBlob(PCRYPT_INTEGER_BLOB pInt1, PCRYPT_INTEGER_BLOB pInt2)
{
    return pInt1 != NULL && pInt2 != NULL && span_equal(magnitude_of(pInt1), magnitude_of(pInt2));
}

/* Absent parameters and NULL say the same. */
static struct span parameters_of(const CRYPT_ALGORITHM_IDENTIFIER *algorithm)
{
    struct span bytes = span_of(algorithm->Parameters.pbData, algorithm->Parameters.cbData);
    return bytes.n == 2 && bytes.p[0] == 5 && bytes.p[1] == 0 ? span_empty() : bytes;
}

BOOL WINAPI CertComparePublicKeyInfo(DWORD dwCertEncodingType, PCERT_PUBLIC_KEY_INFO pPublicKey1,
                                     PCERT_PUBLIC_KEY_INFO pPublicKey2)
{
    (void)dwCertEncodingType;
    const CERT_PUBLIC_KEY_INFO *a = pPublicKey1;
    const CERT_PUBLIC_KEY_INFO *b = pPublicKey2;
    if (a == NULL || b == NULL || a->Algorithm.pszObjId == NULL || b->Algorithm.pszObjId == NULL)
        return FALSE;
    return strcmp(a->Algorithm.pszObjId, b->Algorithm.pszObjId) == 0 &&
           span_equal(parameters_of(&a->Algorithm), parameters_of(&b->Algorithm)) &&
           a->PublicKey.cUnusedBits == b->PublicKey.cUnusedBits &&
           span_equal(span_of(a->PublicKey.pbData, a->PublicKey.cbData),
                      span_of(b->PublicKey.pbData, b->PublicKey.cbData));
}

static uint64_t ticks_of(FILETIME time)
{
    return (uint64_t)time.dwHighDateTime << 32 | time.dwLowDateTime;
}

BOOL WINAPI CertVerifyValidityNesting(PCERT_INFO pSubjectInfo, PCERT_INFO pIssuerInfo)
{
    return pSubjectInfo != NULL && pIssuerInfo != NULL &&
           ticks_of(pSubjectInfo->NotBefore) >= ticks_of(pIssuerInfo->NotBefore) &&
           ticks_of(pSubjectInfo->NotAfter) <= ticks_of(pIssuerInfo->NotAfter);
}

/* ---- key lengths ------------------------------------------------------------------------- */

static const struct {
    const char *oid;
    DWORD bits;
} curves[] = {{szOID_ECC_CURVE_P256, 256},
              {szOID_ECC_CURVE_P384, 384},
              {szOID_ECC_CURVE_P521, 521}},
  fixed[] = {
      {"1.3.101.110", 255}, {"1.3.101.111", 448}, {"1.3.101.112", 256}, {"1.3.101.113", 456}};

static DWORD curve_bits(const CRYPT_OBJID_BLOB *parameters)
{
    LPSTR *oid = NULL;
    DWORD size;
    DWORD bits = 0;
    if (!CryptDecodeObjectEx(X509_ASN_ENCODING, X509_OBJECT_IDENTIFIER, parameters->pbData,
                             parameters->cbData, CRYPT_DECODE_ALLOC_FLAG, NULL, &oid, &size))
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(curves); i++) {
        if (strcmp(*oid, curves[i].oid) == 0)
            bits = curves[i].bits;
    }
    LocalFree(oid);
    if (bits == 0)
        SetLastError((DWORD)NTE_BAD_ALGID);
    return bits;
}

/* Whatever the algorithm is called: the bits of what is shaped like an RSA key. */
static DWORD rsa_bits(DWORD encoding, const CRYPT_BIT_BLOB *key)
{
    uint8_t *blob = NULL;
    RSAPUBKEY rsa;
    DWORD size;
    if (!CryptDecodeObjectEx(encoding, RSA_CSP_PUBLICKEYBLOB, key->pbData, key->cbData,
                             CRYPT_DECODE_ALLOC_FLAG, NULL, &blob, &size))
        return 0;
    memcpy(&rsa, blob + sizeof(BLOBHEADER), sizeof rsa);
    LocalFree(blob);
    return rsa.bitlen;
}

DWORD WINAPI CertGetPublicKeyLength(DWORD dwCertEncodingType, PCERT_PUBLIC_KEY_INFO pPublicKey)
{
    if (pPublicKey == NULL) {
        SetLastError((DWORD)E_INVALIDARG);
        return 0;
    }
    if ((dwCertEncodingType & CERT_ENCODING_TYPE_MASK) != X509_ASN_ENCODING) {
        SetLastError(ERROR_FILE_NOT_FOUND);
        return 0;
    }
    const char *oid = pPublicKey->Algorithm.pszObjId;
    if (oid != NULL && strcmp(oid, szOID_ECC_PUBLIC_KEY) == 0)
        return curve_bits(&pPublicKey->Algorithm.Parameters);
    for (size_t i = 0; oid != NULL && i < ARRAY_LEN(fixed); i++) {
        if (strcmp(oid, fixed[i].oid) == 0)
            return fixed[i].bits;
    }
    return rsa_bits(dwCertEncodingType, &pPublicKey->PublicKey);
}
