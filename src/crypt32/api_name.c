/* SPDX-License-Identifier: MIT */
/* Names as text: CertNameToStr, CertStrToName, CertGetNameString, and the small comparisons. */
#include "crypt32/cert.h"

enum { NAME_TEXT_MAX = 8192 };

/* X.500 keys that Microsoft spells its own way. */
static const struct {
    int nid;
    const char *key;
} name_keys[] = {
    {NID_commonName, "CN"},
    {NID_organizationName, "O"},
    {NID_organizationalUnitName, "OU"},
    {NID_countryName, "C"},
    {NID_localityName, "L"},
    {NID_stateOrProvinceName, "S"},
    {NID_streetAddress, "STREET"},
    {NID_pkcs9_emailAddress, "E"},
    {NID_domainComponent, "DC"},
    {NID_givenName, "G"},
    {NID_surname, "SN"},
    {NID_title, "T"},
    {NID_serialNumber, "SERIALNUMBER"},
};

static bool needs_quotes(const char *value, size_t n)
{
    if (n == 0)
        return true;
    if (value[0] == ' ' || value[n - 1] == ' ')
        return true;
    for (size_t i = 0; i < n; i++) {
        if (strchr("+,=<>#;\"\r\n\t", value[i]) != NULL)
            return true;
    }
    return false;
}

static void put(struct buf *out, const char *text)
{
    wr_bytes(out, span_text(text));
}

static void put_value(struct buf *out, const char *value, size_t n, bool quote)
{
    bool quoted = quote && needs_quotes(value, n);
    if (quoted)
        put(out, "\"");
    for (size_t i = 0; i < n; i++) {
        if (quoted && value[i] == '"')
            put(out, "\"");
        wr_u8(out, (uint8_t)value[i]);
    }
    if (quoted)
        put(out, "\"");
}

static void put_key(struct buf *out, const ASN1_OBJECT *object, DWORD kind)
{
    char oid[128];
    int nid = OBJ_obj2nid(object);
    if (kind == CERT_SIMPLE_NAME_STR)
        return;
    for (size_t i = 0; kind == CERT_X500_NAME_STR && i < ARRAY_LEN(name_keys); i++) {
        if (name_keys[i].nid == nid) {
            put(out, name_keys[i].key);
            put(out, "=");
            return;
        }
    }
    OBJ_obj2txt(oid, sizeof oid, object, 1);
    put(out, kind == CERT_X500_NAME_STR ? "OID." : "");
    put(out, oid);
    put(out, "=");
}

static void put_name(struct buf *out, const X509_NAME *name, DWORD type)
{
    DWORD kind = type & 0xFF;
    const char *separator = (type & CERT_NAME_STR_SEMICOLON_FLAG) != 0 ? "; "
                            : (type & CERT_NAME_STR_CRLF_FLAG) != 0    ? "\r\n"
                                                                       : ", ";
    int count = X509_NAME_entry_count(name);
    for (int i = 0; i < count; i++) {
        bool is_reverse = (type & CERT_NAME_STR_REVERSE_FLAG) != 0;
        const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, is_reverse ? count - 1 - i : i);
        unsigned char *value = NULL;
        int n = ASN1_STRING_to_UTF8(&value, X509_NAME_ENTRY_get_data(entry));
        if (i != 0)
            put(out, separator);
        put_key(out, X509_NAME_ENTRY_get_object(entry), kind);
        if (n >= 0)
            put_value(out, (const char *)value, (size_t)n,
                      (type & CERT_NAME_STR_NO_QUOTING_FLAG) == 0);
        OPENSSL_free(value);
    }
}

/* UTF-8 text of a DER name; empty when it does not parse. */
static void name_text(struct buf *out, const CERT_NAME_BLOB *blob, DWORD type)
{
    const unsigned char *p = blob->pbData;
    buf_init(out, NAME_TEXT_MAX);
    X509_NAME *name = blob->pbData != NULL ? d2i_X509_NAME(NULL, &p, (long)blob->cbData) : NULL;
    if (name != NULL)
        put_name(out, name, type);
    else
        SetLastError(ERROR_FILE_NOT_FOUND);
    X509_NAME_free(name);
}

/* A too small buffer gives an empty string. */
static DWORD give_narrow(struct buf *text, LPSTR out, DWORD cap)
{
    DWORD needed = (DWORD)text->n + 1;
    if (out != NULL && cap != 0) {
        bool fits = needed <= cap;
        if (fits)
            mem_copy(out, text->p, text->n);
        out[fits ? text->n : 0] = 0;
        needed = fits ? needed : 1;
    }
    buf_release(text);
    return needed;
}

/* A too small buffer gives the beginning. */
static DWORD give_wide(struct buf *text, LPWSTR out, DWORD cap)
{
    const char *p = text->n != 0 ? (const char *)text->p : "";
    DWORD needed = (DWORD)win_utf16_from_utf8(p, text->n, NULL, 0) + 1;
    if (out != NULL && cap != 0) {
        win_utf16_from_utf8(p, text->n, out, cap);
        needed = needed < cap ? needed : cap;
        out[needed - 1] = 0;
    }
    buf_release(text);
    return needed;
}

DWORD WINAPI CertNameToStrA(DWORD dwCertEncodingType, PCERT_NAME_BLOB pName, DWORD dwStrType,
                            LPSTR psz, DWORD csz)
{
    struct buf text;
    (void)dwCertEncodingType;
    crypto_mark();
    name_text(&text, pName, dwStrType);
    crypto_unmark();
    return give_narrow(&text, psz, csz);
}

DWORD WINAPI CertNameToStrW(DWORD dwCertEncodingType, PCERT_NAME_BLOB pName, DWORD dwStrType,
                            LPWSTR psz, DWORD csz)
{
    struct buf text;
    (void)dwCertEncodingType;
    crypto_mark();
    name_text(&text, pName, dwStrType);
    crypto_unmark();
    return give_wide(&text, psz, csz);
}

/* ---- CertGetNameString ----------------------------------------------------------------- */

static bool put_attribute(struct buf *out, const X509_NAME *name, int nid)
{
    unsigned char *value = NULL;
    int i = X509_NAME_get_index_by_NID(name, nid, -1);
    if (i < 0)
        return false;
    int n = ASN1_STRING_to_UTF8(&value, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, i)));
    if (n > 0)
        wr_bytes(out, span_of(value, (size_t)n));
    OPENSSL_free(value);
    return n > 0;
}

static bool put_alternative(struct buf *out, X509 *x509, int kind)
{
    bool found = false;
    GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; names != NULL && i < sk_GENERAL_NAME_num(names) && !found; i++) {
        const GENERAL_NAME *entry = sk_GENERAL_NAME_value(names, i);
        if (entry->type != kind)
            continue;
        const ASN1_IA5STRING *text = entry->d.ia5;
        wr_bytes(out, span_of(ASN1_STRING_get0_data(text), (size_t)ASN1_STRING_length(text)));
        found = true;
    }
    GENERAL_NAMES_free(names);
    return found;
}

static void get_name(struct buf *out, X509 *x509, DWORD type, DWORD flags, const void *para)
{
    const X509_NAME *name = (flags & CERT_NAME_ISSUER_FLAG) != 0 ? X509_get_issuer_name(x509)
                                                                 : X509_get_subject_name(x509);
    buf_init(out, NAME_TEXT_MAX);
    switch (type) {
    case CERT_NAME_EMAIL_TYPE:
        if (!put_alternative(out, x509, GEN_EMAIL))
            put_attribute(out, name, NID_pkcs9_emailAddress);
        return;
    case CERT_NAME_DNS_TYPE:
        if (!put_alternative(out, x509, GEN_DNS))
            put_attribute(out, name, NID_commonName);
        return;
    case CERT_NAME_URL_TYPE:
        put_alternative(out, x509, GEN_URI);
        return;
    case CERT_NAME_RDN_TYPE:
        put_name(out, name, para != NULL ? *(const DWORD *)para : CERT_X500_NAME_STR);
        return;
    case CERT_NAME_ATTR_TYPE:
        if (para == NULL && put_attribute(out, name, NID_pkcs9_emailAddress))
            return;
        put_attribute(out, name, para != NULL ? OBJ_txt2nid(para) : NID_commonName);
        return;
    case CERT_NAME_SIMPLE_DISPLAY_TYPE:
    case CERT_NAME_FRIENDLY_DISPLAY_TYPE:
        if (!put_attribute(out, name, NID_commonName) &&
            !put_attribute(out, name, NID_organizationalUnitName) &&
            !put_attribute(out, name, NID_organizationName) &&
            !put_attribute(out, name, NID_pkcs9_emailAddress) &&
            !put_alternative(out, x509, GEN_EMAIL) && X509_NAME_entry_count(name) == 0)
            put_alternative(out, x509, GEN_DNS);
        return;
    default:
        return;
    }
}

DWORD WINAPI CertGetNameStringA(PCCERT_CONTEXT pCertContext, DWORD dwType, DWORD dwFlags,
                                void *pvTypePara, LPSTR pszNameString, DWORD cchNameString)
{
    struct buf text;
    crypto_mark();
    get_name(&text, cert_of(pCertContext)->body->x509, dwType, dwFlags, pvTypePara);
    crypto_unmark();
    return give_narrow(&text, pszNameString, cchNameString);
}

DWORD WINAPI CertGetNameStringW(PCCERT_CONTEXT pCertContext, DWORD dwType, DWORD dwFlags,
                                void *pvTypePara, LPWSTR pszNameString, DWORD cchNameString)
{
    struct buf text;
    crypto_mark();
    get_name(&text, cert_of(pCertContext)->body->x509, dwType, dwFlags, pvTypePara);
    crypto_unmark();
    return give_wide(&text, pszNameString, cchNameString);
}

/* ---- CertStrToName --------------------------------------------------------------------- */

struct name_reader {
    const char *p;
    DWORD type;
};

static int key_nid(const char *key, size_t n)
{
    char text[128];
    for (size_t i = 0; i < ARRAY_LEN(name_keys); i++) {
        if (strlen(name_keys[i].key) == n && strncasecmp(name_keys[i].key, key, n) == 0)
            return name_keys[i].nid;
    }
    if (n >= sizeof text)
        return NID_undef;
    if (n > 4 && strncasecmp(key, "OID.", 4) == 0) {
        key += 4;
        n -= 4;
    }
    memcpy(text, key, n);
    text[n] = 0;
    if (strcasecmp(text, "Email") == 0)
        return NID_pkcs9_emailAddress;
    if (strcasecmp(text, "ST") == 0)
        return NID_stateOrProvinceName;
    return OBJ_txt2nid(text);
}

static void skip_blanks(struct name_reader *r)
{
    while (*r->p == ' ')
        r->p++;
}

static bool read_quoted(struct name_reader *r, struct buf *out)
{
    for (r->p++;; r->p++) {
        if (*r->p == 0)
            return false;
        if (*r->p == '"' && r->p[1] != '"')
            break;
        if (*r->p == '"')
            r->p++;
        wr_u8(out, (uint8_t)*r->p);
    }
    r->p++;
    skip_blanks(r);
    return *r->p == 0 || strchr(",;+", *r->p) != NULL;
}

static bool read_value(struct name_reader *r, struct buf *out)
{
    skip_blanks(r);
    if (*r->p == '"')
        return read_quoted(r, out);
    const char *ends = (r->type & CERT_NAME_STR_NO_PLUS_FLAG) != 0 ? ",;" : ",;+";
    const char *start = r->p;
    while (*r->p != 0 && strchr(ends, *r->p) == NULL)
        r->p++;
    const char *end = r->p;
    while (end > start && end[-1] == ' ')
        end--;
    wr_bytes(out, span_of(start, (size_t)(end - start)));
    return true;
}

/* One KEY=value; false with r->p at the culprit. */
static bool read_attribute(struct name_reader *r, X509_NAME *name, bool joins)
{
    struct buf value;
    skip_blanks(r);
    const char *key = r->p;
    size_t n = strcspn(key, "=,;+");
    int nid = key[n] == '=' ? key_nid(key, n) : NID_undef;
    if (nid == NID_undef)
        return false;
    r->p += n + 1;
    buf_init(&value, NAME_TEXT_MAX);
    bool read = read_value(r, &value) && buf_check(&value) == OK;
    bool added = read && X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8, value.p, (int)value.n,
                                                    -1, joins ? -1 : 0) == 1;
    buf_release(&value);
    if (read && !added)
        r->p = key;
    return added;
}

static bool read_name(struct name_reader *r, X509_NAME *name)
{
    bool joins = false;
    skip_blanks(r);
    while (*r->p != 0) {
        if (!read_attribute(r, name, joins))
            return false;
        joins = *r->p == '+';
        if (*r->p != 0)
            r->p++;
        skip_blanks(r);
    }
    return true;
}

static BOOL give_name(const X509_NAME *name, BYTE *out, DWORD *size)
{
    unsigned char *der = NULL;
    int n = i2d_X509_NAME(name, &der);
    DWORD available = *size;
    if (n < 0)
        return win_fail(ERROR_NOT_ENOUGH_MEMORY);
    *size = (DWORD)n;
    bool fits = out == NULL || available >= (DWORD)n;
    if (out != NULL && fits)
        memcpy(out, der, (size_t)n);
    OPENSSL_free(der);
    return fits ? TRUE : win_fail(ERROR_MORE_DATA);
}

BOOL WINAPI CertStrToNameA(DWORD dwCertEncodingType, LPCSTR pszX500, DWORD dwStrType,
                           void *pvReserved, BYTE *pbEncoded, DWORD *pcbEncoded, LPCSTR *ppszError)
{
    (void)pvReserved;
    if (ppszError != NULL)
        *ppszError = NULL;
    if ((dwCertEncodingType & 0xFFFF) != X509_ASN_ENCODING)
        return win_fail(ERROR_FILE_NOT_FOUND);
    if (pszX500 == NULL || pcbEncoded == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    struct name_reader r = {.p = pszX500, .type = dwStrType};
    crypto_mark();
    X509_NAME *name = X509_NAME_new();
    bool read = name != NULL && read_name(&r, name);
    BOOL result = read ? give_name(name, pbEncoded, pcbEncoded)
                       : win_fail((DWORD)CRYPT_E_INVALID_X500_STRING);
    X509_NAME_free(name);
    crypto_unmark();
    if (!read && ppszError != NULL)
        *ppszError = r.p;
    return result;
}

BOOL WINAPI CertStrToNameW(DWORD dwCertEncodingType, LPCWSTR pszX500, DWORD dwStrType,
                           void *pvReserved, BYTE *pbEncoded, DWORD *pcbEncoded, LPCWSTR *ppszError)
{
    LPCSTR error = NULL;
    char *text = win_utf8_dup(pszX500);
    if (ppszError != NULL)
        *ppszError = NULL;
    if (text == NULL)
        return win_fail(pszX500 == NULL ? (DWORD)E_INVALIDARG : ERROR_NOT_ENOUGH_MEMORY);
    BOOL result = CertStrToNameA(dwCertEncodingType, text, dwStrType, pvReserved, pbEncoded,
                                 pcbEncoded, &error);
    if (error != NULL && ppszError != NULL)
        *ppszError = pszX500 + win_utf16_from_utf8(text, (size_t)(error - text), NULL, 0);
    mem_free(text);
    return result;
}

/* ---- small comparisons ----------------------------------------------------------------- */

PCERT_EXTENSION WINAPI CertFindExtension(LPCSTR pszObjId, DWORD cExtensions,
                                         CERT_EXTENSION rgExtensions[])
{
    for (DWORD i = 0; pszObjId != NULL && i < cExtensions; i++) {
        if (rgExtensions[i].pszObjId != NULL && strcmp(rgExtensions[i].pszObjId, pszObjId) == 0)
            return &rgExtensions[i];
    }
    return NULL;
}

LONG WINAPI CertVerifyTimeValidity(LPFILETIME pTimeToVerify, PCERT_INFO pCertInfo)
{
    FILETIME now;
    GetSystemTimeAsFileTime(&now);
    const FILETIME *when = pTimeToVerify != NULL ? pTimeToVerify : &now;
    if (CompareFileTime(when, &pCertInfo->NotBefore) < 0)
        return -1;
    return CompareFileTime(when, &pCertInfo->NotAfter) > 0 ? 1 : 0;
}

BOOL WINAPI CertCompareCertificateName(DWORD dwCertEncodingType, PCERT_NAME_BLOB pCertName1,
                                       PCERT_NAME_BLOB pCertName2)
{
    (void)dwCertEncodingType;
    return span_equal(span_of(pCertName1->pbData, pCertName1->cbData),
                      span_of(pCertName2->pbData, pCertName2->cbData));
}

/* Sign padding at the little end's far side means nothing. */
static struct span significant(const CRYPT_INTEGER_BLOB *blob)
{
    size_t n = blob->cbData;
    while (n > 1 && (blob->pbData[n - 1] == 0 || blob->pbData[n - 1] == 0xFF))
        n--;
    return span_of(blob->pbData, n);
}

BOOL WINAPI CertCompareCertificate(DWORD dwCertEncodingType, PCERT_INFO pCertId1,
                                   PCERT_INFO pCertId2)
{
    return CertCompareCertificateName(dwCertEncodingType, &pCertId1->Issuer, &pCertId2->Issuer) &&
           span_equal(significant(&pCertId1->SerialNumber), significant(&pCertId2->SerialNumber));
}
