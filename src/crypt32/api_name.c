/* SPDX-License-Identifier: MIT */
/* Names as text: CertNameToStr, CertGetNameString; and the small comparisons. */
#include "crypt32/cert.h"
#include "crypt32/x500.h"

enum { NAME_TEXT_MAX = 8192, NAME_STR_KIND = 0xFF };

static bool needs_quotes(const char *value, size_t n)
{
    if (n == 0)
        return false;
    if (value[0] == ' ' || value[n - 1] == ' ')
        return true;
    for (size_t i = 0; i < n; i++) {
        if (value[i] != 0 && strchr("+,=<>#;\"\r\n\t", value[i]) != NULL)
            return true;
    }
    return false;
}

static void put(struct buf *out, const char *text)
{
    wr_bytes(out, span_text(text));
}

/*
 * A NUL inside a name would end the text early for every reader of C strings, and show them another
 * name than the one that was signed.
 */
static void put_char(struct buf *out, char c)
{
    if (c != 0)
        wr_u8(out, (uint8_t)c);
    else
        put(out, "\xEF\xBF\xBD");
}

static void put_text(struct buf *out, const char *text, size_t n)
{
    while (n != 0 && text[n - 1] == 0)
        n--;
    for (size_t i = 0; i < n; i++)
        put_char(out, text[i]);
}

static void put_value(struct buf *out, const char *value, size_t n, bool quote)
{
    bool quoted = quote && needs_quotes(value, n);
    if (quoted)
        put(out, "\"");
    for (size_t i = 0; i < n; i++) {
        if (quoted && value[i] == '"')
            put(out, "\"");
        put_char(out, value[i]);
    }
    if (quoted)
        put(out, "\"");
}

static void put_key(struct buf *out, const char *oid, DWORD kind)
{
    if (kind != CERT_OID_NAME_STR && kind != CERT_X500_NAME_STR)
        return;
    const char *key = kind == CERT_X500_NAME_STR ? x500_key(oid) : oid;
    put(out, key != NULL ? "" : "OID.");
    put(out, key != NULL ? key : oid);
    put(out, "=");
}

/* What is no text: "#" and its octets, or its encoding. */
static void put_octets(struct buf *out, const CERT_RDN_VALUE_BLOB *value)
{
    static const char digits[] = "0123456789abcdef";
    put(out, "#");
    for (DWORD i = 0; i < value->cbData; i++) {
        wr_u8(out, (uint8_t)digits[value->pbData[i] >> 4]);
        wr_u8(out, (uint8_t)digits[value->pbData[i] & 15]);
    }
}

static void put_wide_value(struct buf *out, const CERT_RDN_VALUE_BLOB *value, bool quote)
{
    const WCHAR *wide = (const WCHAR *)(const void *)value->pbData;
    size_t units = value->cbData / sizeof *wide;
    size_t n = win_utf8_from_utf16(wide, units, NULL, 0);
    char *text = mem_alloc(n + 1);
    if (text == NULL) {
        out->failed = ERR_NO_MEMORY;
        return;
    }
    win_utf8_from_utf16(wide, units, text, n);
    put_value(out, text, n, quote);
    mem_free(text);
}

static void put_pair(struct buf *out, const CERT_RDN_ATTR *attribute, DWORD type)
{
    DWORD form = attribute->dwValueType & CERT_RDN_TYPE_MASK;
    put_key(out, attribute->pszObjId, type & NAME_STR_KIND);
    if (form == CERT_RDN_ENCODED_BLOB || form == CERT_RDN_OCTET_STRING)
        put_octets(out, &attribute->Value);
    else
        put_wide_value(out, &attribute->Value, (type & CERT_NAME_STR_NO_QUOTING_FLAG) == 0);
}

static void put_relative(struct buf *out, const CERT_RDN *relative, DWORD type)
{
    for (DWORD i = 0; i < relative->cRDNAttr; i++) {
        if (i != 0)
            put(out, (type & CERT_NAME_STR_NO_PLUS_FLAG) != 0 ? " " : " + ");
        put_pair(out, &relative->rgRDNAttr[i], type);
    }
}

static void put_relatives(struct buf *out, const CERT_NAME_INFO *name, DWORD type)
{
    const char *separator = (type & CERT_NAME_STR_SEMICOLON_FLAG) != 0 ? "; "
                            : (type & CERT_NAME_STR_CRLF_FLAG) != 0    ? "\r\n"
                                                                       : ", ";
    bool is_reverse = (type & CERT_NAME_STR_REVERSE_FLAG) != 0;
    for (DWORD i = 0; i < name->cRDN; i++) {
        if (i != 0)
            put(out, separator);
        put_relative(out, &name->rgRDN[is_reverse ? name->cRDN - 1 - i : i], type);
    }
}

/* A DER name; nothing, and the last error, when it does not parse. */
static void put_name(struct buf *out, struct span der, DWORD type)
{
    CERT_NAME_INFO *name = NULL;
    DWORD n;
    if ((type & NAME_STR_KIND) > CERT_X500_NAME_STR) {
        SetLastError((DWORD)E_INVALIDARG);
    } else if (CryptDecodeObjectEx(X509_ASN_ENCODING, X509_UNICODE_NAME, der.p, (DWORD)der.n,
                                   CRYPT_DECODE_ALLOC_FLAG, NULL, &name, &n)) {
        put_relatives(out, name, type);
        LocalFree(name);
    } else if (GetLastError() != ERROR_NOT_ENOUGH_MEMORY) {
        SetLastError(ERROR_FILE_NOT_FOUND);
    }
}

/* UTF-8 text of a DER name; empty when it does not parse. */
static void name_text(struct buf *out, DWORD encoding, const CERT_NAME_BLOB *blob, DWORD type)
{
    buf_init(out, NAME_TEXT_MAX);
    if ((encoding & 0xFFFF) != X509_ASN_ENCODING || blob == NULL || blob->pbData == NULL)
        SetLastError(ERROR_FILE_NOT_FOUND);
    else
        put_name(out, span_of(blob->pbData, blob->cbData), type);
}

/* Half a name is none. */
static void drop_incomplete(struct buf *text)
{
    err result = buf_check(text);
    if (result == OK)
        return;
    SetLastError(result == ERR_NO_MEMORY ? ERROR_NOT_ENOUGH_MEMORY : ERROR_MORE_DATA);
    text->n = 0;
}

/* A too small buffer gives an empty string. */
static DWORD give_narrow(struct buf *text, LPSTR out, DWORD cap)
{
    drop_incomplete(text);
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
    drop_incomplete(text);
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
    crypto_mark();
    name_text(&text, dwCertEncodingType, pName, dwStrType);
    crypto_unmark();
    return give_narrow(&text, psz, csz);
}

DWORD WINAPI CertNameToStrW(DWORD dwCertEncodingType, PCERT_NAME_BLOB pName, DWORD dwStrType,
                            LPWSTR psz, DWORD csz)
{
    struct buf text;
    crypto_mark();
    name_text(&text, dwCertEncodingType, pName, dwStrType);
    crypto_unmark();
    return give_wide(&text, psz, csz);
}

/* ---- CertGetNameString ----------------------------------------------------------------- */

static bool put_entry_text(struct buf *out, const X509_NAME *name, int i)
{
    unsigned char *value = NULL;
    if (i < 0)
        return false;
    int n = ASN1_STRING_to_UTF8(&value, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, i)));
    if (n > 0)
        put_text(out, (const char *)value, (size_t)n);
    OPENSSL_free(value);
    return n > 0;
}

/* What a name is looked for in: the subject's side of the certificate or the issuer's. */
struct side {
    struct cert *cert;
    const X509_NAME *names[2]; /* its name, and a directoryName among the others; may be NULL */
    GENERAL_NAMES *others;
};

/* X55: the extension that 2.5.29.17 and .18 took the place of is read where they are missing. */
static GENERAL_NAMES *other_names(X509 *x509, bool is_issuer)
{
    int nid = is_issuer ? NID_issuer_alt_name : NID_subject_alt_name;
    if (X509_get_ext_by_NID(x509, nid, -1) >= 0)
        return X509_get_ext_d2i(x509, nid, NULL, NULL);
    ASN1_OBJECT *old = OBJ_txt2obj(is_issuer ? szOID_ISSUER_ALT_NAME : szOID_SUBJECT_ALT_NAME, 1);
    int i = old != NULL ? X509_get_ext_by_OBJ(x509, old, -1) : -1;
    ASN1_OBJECT_free(old);
    if (i < 0)
        return NULL;
    const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(X509_get_ext(x509, i));
    const unsigned char *p = ASN1_STRING_get0_data(value);
    return d2i_GENERAL_NAMES(NULL, &p, ASN1_STRING_length(value));
}

static const X509_NAME *directory_name(const GENERAL_NAMES *others)
{
    for (int i = 0; i < sk_GENERAL_NAME_num(others); i++) {
        const GENERAL_NAME *entry = sk_GENERAL_NAME_value(others, i);
        if (entry->type == GEN_DIRNAME)
            return entry->d.directoryName;
    }
    return NULL;
}

static struct side side_of(PCCERT_CONTEXT context, bool is_issuer)
{
    struct cert *cert = cert_of(context);
    X509 *x509 = cert->body->x509;
    struct side side = {.cert = cert, .others = other_names(x509, is_issuer)};
    side.names[0] = is_issuer ? X509_get_issuer_name(x509) : X509_get_subject_name(x509);
    side.names[1] = directory_name(side.others);
    return side;
}

static bool put_attribute(struct buf *out, const struct side *side, const ASN1_OBJECT *object)
{
    for (size_t i = 0; i < ARRAY_LEN(side->names); i++) {
        const X509_NAME *name = side->names[i];
        if (name != NULL && put_entry_text(out, name, X509_NAME_get_index_by_OBJ(name, object, -1)))
            return true;
    }
    return false;
}

static bool put_attribute_nid(struct buf *out, const struct side *side, int nid)
{
    return put_attribute(out, side, OBJ_nid2obj(nid));
}

static void put_attribute_oid(struct buf *out, const struct side *side, const char *oid)
{
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    if (object != NULL)
        put_attribute(out, side, object);
    ASN1_OBJECT_free(object);
}

static bool put_alternative(struct buf *out, const struct side *side, int kind)
{
    for (int i = 0; i < sk_GENERAL_NAME_num(side->others); i++) {
        const GENERAL_NAME *entry = sk_GENERAL_NAME_value(side->others, i);
        if (entry->type != kind)
            continue;
        const ASN1_IA5STRING *text = entry->d.ia5;
        put_text(out, (const char *)ASN1_STRING_get0_data(text), (size_t)ASN1_STRING_length(text));
        return true;
    }
    return false;
}

static bool is_text(int type)
{
    static const int types[] = {
        V_ASN1_UTF8STRING,    V_ASN1_PRINTABLESTRING, V_ASN1_IA5STRING,
        V_ASN1_BMPSTRING,     V_ASN1_T61STRING,       V_ASN1_NUMERICSTRING,
        V_ASN1_VISIBLESTRING, V_ASN1_GENERALSTRING,   V_ASN1_UNIVERSALSTRING};
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (types[i] == type)
            return true;
    }
    return false;
}

/* The text of a string type; false for everything else. */
static bool put_any_text(struct buf *out, const ASN1_TYPE *value)
{
    unsigned char *text = NULL;
    if (!is_text(value->type))
        return false;
    int n = ASN1_STRING_to_UTF8(&text, value->value.asn1_string);
    if (n > 0)
        put_text(out, (const char *)text, (size_t)n);
    OPENSSL_free(text);
    return n > 0;
}

static void put_principal(struct buf *out, const struct side *side)
{
    for (int i = 0; i < sk_GENERAL_NAME_num(side->others); i++) {
        const GENERAL_NAME *entry = sk_GENERAL_NAME_value(side->others, i);
        if (entry->type != GEN_OTHERNAME || OBJ_obj2nid(entry->d.otherName->type_id) != NID_ms_upn)
            continue;
        if (put_any_text(out, entry->d.otherName->value))
            return;
    }
}

/* Every host name with a NUL behind it; the common name when there is none, as the SSL policy. */
static void put_all_hosts(struct buf *out, const struct side *side)
{
    for (int i = 0; i < sk_GENERAL_NAME_num(side->others); i++) {
        const GENERAL_NAME *entry = sk_GENERAL_NAME_value(side->others, i);
        if (entry->type != GEN_DNS)
            continue;
        const ASN1_IA5STRING *text = entry->d.dNSName;
        put_text(out, (const char *)ASN1_STRING_get0_data(text), (size_t)ASN1_STRING_length(text));
        wr_u8(out, 0);
    }
    if (out->n == 0 && put_attribute_nid(out, side, NID_commonName))
        wr_u8(out, 0);
}

static void put_display(struct buf *out, const struct side *side)
{
    static const int order[] = {NID_commonName, NID_organizationalUnitName, NID_organizationName,
                                NID_pkcs9_emailAddress};
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        if (put_attribute_nid(out, side, order[i]))
            return;
    }
    if (put_alternative(out, side, GEN_EMAIL))
        return;
    for (size_t i = 0; i < ARRAY_LEN(side->names); i++) {
        if (side->names[i] != NULL && X509_NAME_entry_count(side->names[i]) != 0 &&
            put_entry_text(out, side->names[i], 0))
            return;
    }
    put_alternative(out, side, GEN_DNS);
}

static bool put_friendly(struct buf *out, PCCERT_CONTEXT context)
{
    WCHAR text[NAME_TEXT_MAX / 2];
    char narrow[NAME_TEXT_MAX];
    DWORD size = sizeof text;
    if (!CertGetCertificateContextProperty(context, CERT_FRIENDLY_NAME_PROP_ID, text, &size) ||
        size < 2 * sizeof(WCHAR))
        return false;
    size_t n = win_utf8_from_utf16(text, size / sizeof(WCHAR), narrow, sizeof narrow);
    if (n > sizeof narrow)
        return false;
    put_text(out, narrow, n);
    return true;
}

static void put_whole(struct buf *out, const struct side *side, DWORD type)
{
    bool is_empty = X509_NAME_entry_count(side->names[0]) == 0;
    const X509_NAME *name = is_empty && side->names[1] != NULL ? side->names[1] : side->names[0];
    const unsigned char *der = NULL;
    size_t n = 0;
    if (X509_NAME_get0_der(name, &der, &n) == 1)
        put_name(out, span_of(der, n), type);
}

static void put_kind(struct buf *out, const struct side *side, DWORD type, const void *para)
{
    switch (type) {
    case CERT_NAME_EMAIL_TYPE:
        if (!put_alternative(out, side, GEN_EMAIL))
            put_attribute_nid(out, side, NID_pkcs9_emailAddress);
        return;
    case CERT_NAME_DNS_TYPE:
        if (!put_alternative(out, side, GEN_DNS))
            put_attribute_nid(out, side, NID_commonName);
        return;
    case CERT_NAME_URL_TYPE:
        put_alternative(out, side, GEN_URI);
        return;
    case CERT_NAME_UPN_TYPE:
        put_principal(out, side);
        return;
    case CERT_NAME_RDN_TYPE:
        put_whole(out, side, para != NULL ? *(const DWORD *)para : CERT_X500_NAME_STR);
        return;
    case CERT_NAME_ATTR_TYPE:
        if (para != NULL)
            put_attribute_oid(out, side, para);
        else if (!put_attribute_nid(out, side, NID_pkcs9_emailAddress))
            put_attribute_nid(out, side, NID_commonName);
        return;
    case CERT_NAME_FRIENDLY_DISPLAY_TYPE:
        if (!put_friendly(out, &side->cert->context))
            put_display(out, side);
        return;
    case CERT_NAME_SIMPLE_DISPLAY_TYPE:
        put_display(out, side);
        return;
    default:
        return;
    }
}

static void get_name(struct buf *out, PCCERT_CONTEXT context, DWORD type, DWORD flags,
                     const void *para)
{
    buf_init(out, NAME_TEXT_MAX);
    if (context == NULL) {
        SetLastError((DWORD)E_INVALIDARG);
        return;
    }
    crypto_mark();
    struct side side = side_of(context, (flags & CERT_NAME_ISSUER_FLAG) != 0);
    if ((flags & CERT_NAME_SEARCH_ALL_NAMES_FLAG) == 0)
        put_kind(out, &side, type, para);
    else if (type == CERT_NAME_DNS_TYPE)
        put_all_hosts(out, &side);
    GENERAL_NAMES_free(side.others);
    crypto_unmark();
}

DWORD WINAPI CertGetNameStringA(PCCERT_CONTEXT pCertContext, DWORD dwType, DWORD dwFlags,
                                void *pvTypePara, LPSTR pszNameString, DWORD cchNameString)
{
    struct buf text;
    get_name(&text, pCertContext, dwType, dwFlags, pvTypePara);
    return give_narrow(&text, pszNameString, cchNameString);
}

DWORD WINAPI CertGetNameStringW(PCCERT_CONTEXT pCertContext, DWORD dwType, DWORD dwFlags,
                                void *pvTypePara, LPWSTR pszNameString, DWORD cchNameString)
{
    struct buf text;
    get_name(&text, pCertContext, dwType, dwFlags, pvTypePara);
    return give_wide(&text, pszNameString, cchNameString);
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

/*
 * Zeros at the far end of a little-endian number mean nothing; some producers keep the sign byte. A
 * 0xFF there may belong to a large positive number, so it stays.
 */
static struct span significant(const CRYPT_INTEGER_BLOB *blob)
{
    size_t n = blob->cbData;
    while (n > 1 && blob->pbData[n - 1] == 0)
        n--;
    return span_of(blob->pbData, n);
}

BOOL WINAPI CertCompareCertificate(DWORD dwCertEncodingType, PCERT_INFO pCertId1,
                                   PCERT_INFO pCertId2)
{
    return CertCompareCertificateName(dwCertEncodingType, &pCertId1->Issuer, &pCertId2->Issuer) &&
           span_equal(significant(&pCertId1->SerialNumber), significant(&pCertId2->SerialNumber));
}
