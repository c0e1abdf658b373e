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
    {NID_initials, "I"},
    {NID_serialNumber, "SERIALNUMBER"},
};

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

static void put_entry(struct buf *out, const X509_NAME_ENTRY *entry, DWORD type)
{
    unsigned char *value = NULL;
    int n = ASN1_STRING_to_UTF8(&value, X509_NAME_ENTRY_get_data(entry));
    put_key(out, X509_NAME_ENTRY_get_object(entry), type & 0xFF);
    if (n >= 0)
        put_value(out, (const char *)value, (size_t)n, (type & CERT_NAME_STR_NO_QUOTING_FLAG) == 0);
    OPENSSL_free(value);
}

/* The entries from..to - 1 are one relative name. */
static void put_rdn(struct buf *out, const X509_NAME *name, int from, int to, DWORD type)
{
    for (int i = from; i < to; i++) {
        if (i != from)
            put(out, (type & CERT_NAME_STR_NO_PLUS_FLAG) != 0 ? " " : " + ");
        put_entry(out, X509_NAME_get_entry(name, i), type);
    }
}

static int rdn_of(const X509_NAME *name, int i)
{
    return X509_NAME_ENTRY_set(X509_NAME_get_entry(name, i));
}

static void put_name(struct buf *out, const X509_NAME *name, DWORD type)
{
    const char *separator = (type & CERT_NAME_STR_SEMICOLON_FLAG) != 0 ? "; "
                            : (type & CERT_NAME_STR_CRLF_FLAG) != 0    ? "\r\n"
                                                                       : ", ";
    bool is_reverse = (type & CERT_NAME_STR_REVERSE_FLAG) != 0;
    int count = X509_NAME_entry_count(name);
    for (int done = 0; done < count;) {
        int from = is_reverse ? count - 1 - done : done;
        int to = from + 1;
        while (is_reverse && from > 0 && rdn_of(name, from - 1) == rdn_of(name, from))
            from--;
        while (!is_reverse && to < count && rdn_of(name, to) == rdn_of(name, from))
            to++;
        if (done != 0)
            put(out, separator);
        put_rdn(out, name, from, to, type);
        done += to - from;
    }
}

/* UTF-8 text of a DER name; empty when it does not parse. */
static void name_text(struct buf *out, DWORD encoding, const CERT_NAME_BLOB *blob, DWORD type)
{
    buf_init(out, NAME_TEXT_MAX);
    if ((encoding & 0xFFFF) != X509_ASN_ENCODING || blob == NULL || blob->pbData == NULL ||
        blob->cbData > INT32_MAX) {
        SetLastError(ERROR_FILE_NOT_FOUND);
        return;
    }
    const unsigned char *p = blob->pbData;
    X509_NAME *name = d2i_X509_NAME(NULL, &p, (long)blob->cbData);
    if (name != NULL)
        put_name(out, name, type);
    else
        SetLastError(ERROR_FILE_NOT_FOUND);
    X509_NAME_free(name);
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

static bool put_attribute(struct buf *out, const X509_NAME *name, int nid)
{
    return put_entry_text(out, name, X509_NAME_get_index_by_NID(name, nid, -1));
}

static bool put_attribute_oid(struct buf *out, const X509_NAME *name, const char *oid)
{
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    int i = object != NULL ? X509_NAME_get_index_by_OBJ(name, object, -1) : -1;
    ASN1_OBJECT_free(object);
    return put_entry_text(out, name, i);
}

/* What a name is looked for in: the subject's side of the certificate or the issuer's. */
struct side {
    struct cert *cert;
    const X509_NAME *name;
    GENERAL_NAMES *others;
};

static struct side side_of(PCCERT_CONTEXT context, bool is_issuer)
{
    struct cert *cert = cert_of(context);
    X509 *x509 = cert->body->x509;
    return (struct side){
        .cert = cert,
        .name = is_issuer ? X509_get_issuer_name(x509) : X509_get_subject_name(x509),
        .others = X509_get_ext_d2i(x509, is_issuer ? NID_issuer_alt_name : NID_subject_alt_name,
                                   NULL, NULL)};
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

static void put_principal(struct buf *out, const struct side *side)
{
    for (int i = 0; i < sk_GENERAL_NAME_num(side->others); i++) {
        const GENERAL_NAME *entry = sk_GENERAL_NAME_value(side->others, i);
        if (entry->type != GEN_OTHERNAME ||
            OBJ_obj2nid(entry->d.otherName->type_id) != NID_ms_upn ||
            entry->d.otherName->value->type != V_ASN1_UTF8STRING)
            continue;
        const ASN1_UTF8STRING *text = entry->d.otherName->value->value.utf8string;
        put_text(out, (const char *)ASN1_STRING_get0_data(text), (size_t)ASN1_STRING_length(text));
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
    if (out->n == 0 && put_attribute(out, side->name, NID_commonName))
        wr_u8(out, 0);
}

static void put_display(struct buf *out, const struct side *side)
{
    static const int order[] = {NID_commonName, NID_organizationalUnitName, NID_organizationName,
                                NID_pkcs9_emailAddress};
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        if (put_attribute(out, side->name, order[i]))
            return;
    }
    if (put_alternative(out, side, GEN_EMAIL))
        return;
    if (X509_NAME_entry_count(side->name) != 0)
        put_entry_text(out, side->name, 0);
    else
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

static void put_kind(struct buf *out, const struct side *side, DWORD type, const void *para)
{
    switch (type) {
    case CERT_NAME_EMAIL_TYPE:
        if (!put_alternative(out, side, GEN_EMAIL))
            put_attribute(out, side->name, NID_pkcs9_emailAddress);
        return;
    case CERT_NAME_DNS_TYPE:
        if (!put_alternative(out, side, GEN_DNS))
            put_attribute(out, side->name, NID_commonName);
        return;
    case CERT_NAME_URL_TYPE:
        put_alternative(out, side, GEN_URI);
        return;
    case CERT_NAME_UPN_TYPE:
        put_principal(out, side);
        return;
    case CERT_NAME_RDN_TYPE:
        put_name(out, side->name, para != NULL ? *(const DWORD *)para : CERT_X500_NAME_STR);
        return;
    case CERT_NAME_ATTR_TYPE:
        if (para != NULL)
            put_attribute_oid(out, side->name, para);
        else if (!put_attribute(out, side->name, NID_pkcs9_emailAddress))
            put_attribute(out, side->name, NID_commonName);
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
