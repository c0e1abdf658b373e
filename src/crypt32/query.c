/* SPDX-License-Identifier: MIT */
/*
 * CryptQueryObject: what some bytes are, by trying every kind that is asked for in every form that
 * is asked for. Each try is a complete parse by whoever owns the kind. Trust lists, embedded
 * signatures and cross-certificate pairs are not known. Microsoft "CryptQueryObject".
 */
#include "crypt32/cert.h"
#include "crypt32/text.h"

enum { QUERY_MAX = ROOT_BUNDLE_MAX };

static const DWORD x509_only = X509_ASN_ENCODING;
static const DWORD x509_and_message = X509_ASN_ENCODING | PKCS_7_ASN_ENCODING;

struct answer {
    DWORD encoding;
    DWORD content;
    DWORD format;
    HCERTSTORE store;    /* NULL: this kind has none */
    const void *context; /* a certificate or a list, by content; NULL: none */
};

/* ---- kinds ----------------------------------------------------------------------------- */

static bool is_cert(struct span der, struct answer *out)
{
    PCCERT_CONTEXT cert = NULL;
    out->store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    if (out->store == NULL ||
        !CertAddEncodedCertificateToStore(out->store, x509_only, der.p, (DWORD)der.n,
                                          CERT_STORE_ADD_ALWAYS, &cert))
        return false;
    out->context = cert;
    out->encoding = x509_only;
    return true;
}

static bool is_crl(struct span der, struct answer *out)
{
    PCCRL_CONTEXT crl = NULL;
    out->store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    if (out->store == NULL || !CertAddEncodedCRLToStore(out->store, x509_only, der.p, (DWORD)der.n,
                                                        CERT_STORE_ADD_ALWAYS, &crl))
        return false;
    out->context = crl;
    out->encoding = x509_only;
    return true;
}

static HCERTSTORE open_as(LPCSTR provider, struct span bytes)
{
    CRYPT_DATA_BLOB blob = {(DWORD)bytes.n, (BYTE *)(uintptr_t)bytes.p};
    return CertOpenStore(provider, x509_and_message, 0, 0, &blob);
}

static bool is_serialized(struct span bytes, struct answer *out)
{
    out->store = open_as(CERT_STORE_PROV_SERIALIZED, bytes);
    out->encoding = x509_only;
    return out->store != NULL;
}

/* One certificate or list with its properties. */
static bool is_element(struct span bytes, DWORD kind, struct answer *out)
{
    out->store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    out->encoding = x509_only;
    return out->store != NULL &&
           CertAddSerializedElementToStore(out->store, bytes.p, (DWORD)bytes.n,
                                           CERT_STORE_ADD_ALWAYS, 0, kind, NULL, &out->context);
}

static bool is_serialized_cert(struct span bytes, struct answer *out)
{
    return is_element(bytes, CERT_STORE_CERTIFICATE_CONTEXT_FLAG, out);
}

static bool is_serialized_crl(struct span bytes, struct answer *out)
{
    return is_element(bytes, CERT_STORE_CRL_CONTEXT_FLAG, out);
}

static bool is_message(struct span der, struct answer *out)
{
    out->store = open_as(CERT_STORE_PROV_PKCS7, der);
    out->encoding = x509_and_message;
    return out->store != NULL;
}

/* RFC 2986: a signed object around a request. */
static bool is_request(struct span der, struct answer *out)
{
    CERT_SIGNED_CONTENT_INFO *content = NULL;
    DWORD n;
    if (!CryptDecodeObjectEx(x509_only, X509_CERT, der.p, (DWORD)der.n, CRYPT_DECODE_ALLOC_FLAG,
                             NULL, &content, &n))
        return false;
    out->encoding = x509_only;
    bool is =
        CryptDecodeObject(x509_only, X509_CERT_REQUEST_TO_BE_SIGNED, content->ToBeSigned.pbData,
                          content->ToBeSigned.cbData, CRYPT_DECODE_TO_BE_SIGNED_FLAG, NULL, &n);
    LocalFree(content);
    return is;
}

static bool is_pfx(struct span der, struct answer *out)
{
    CRYPT_DATA_BLOB blob = {(DWORD)der.n, (BYTE *)(uintptr_t)der.p};
    out->encoding = x509_only;
    return PFXIsPFXBlob(&blob);
}

/* With the passwords that nobody has to be asked for. */
static bool is_open_pfx(struct span der, struct answer *out)
{
    static const WCHAR empty[1];
    CRYPT_DATA_BLOB blob = {(DWORD)der.n, (BYTE *)(uintptr_t)der.p};
    out->encoding = x509_only;
    out->store = PFXImportCertStore(&blob, NULL, 0);
    if (out->store == NULL && GetLastError() == ERROR_INVALID_PASSWORD)
        out->store = PFXImportCertStore(&blob, empty, 0);
    return out->store != NULL;
}

static const struct {
    DWORD content;
    bool (*is)(struct span bytes, struct answer *out);
} kinds[] = {
    {CERT_QUERY_CONTENT_CERT, is_cert},
    {CERT_QUERY_CONTENT_CRL, is_crl},
    {CERT_QUERY_CONTENT_SERIALIZED_STORE, is_serialized},
    {CERT_QUERY_CONTENT_SERIALIZED_CERT, is_serialized_cert},
    {CERT_QUERY_CONTENT_SERIALIZED_CRL, is_serialized_crl},
    {CERT_QUERY_CONTENT_PKCS7_SIGNED, is_message},
    {CERT_QUERY_CONTENT_PKCS10, is_request},
    {CERT_QUERY_CONTENT_PFX, is_pfx},
    {CERT_QUERY_CONTENT_PFX_AND_LOAD, is_open_pfx},
};

static void drop(struct answer *answer)
{
    if (answer->content == CERT_QUERY_CONTENT_CRL ||
        answer->content == CERT_QUERY_CONTENT_SERIALIZED_CRL)
        CertFreeCRLContext(answer->context);
    else
        CertFreeCertificateContext(answer->context);
    CertCloseStore(answer->store, 0);
    *answer = (struct answer){0};
}

/* CRYPT_E_NO_MATCH, or why nothing could be told. */
static DWORD try_kinds(struct span bytes, DWORD wanted, struct answer *out)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if ((wanted & 1u << kinds[i].content) == 0)
            continue;
        SetLastError(0);
        *out = (struct answer){.content = kinds[i].content};
        if (kinds[i].is(bytes, out))
            return 0;
        bool no_memory = GetLastError() == ERROR_NOT_ENOUGH_MEMORY;
        drop(out);
        if (no_memory)
            return ERROR_NOT_ENOUGH_MEMORY;
    }
    return (DWORD)CRYPT_E_NO_MATCH;
}

/* ---- forms ----------------------------------------------------------------------------- */

static err as_base64(struct span text, struct buf *out)
{
    struct text_found found;
    return text_decode(text, CRYPT_STRING_BASE64_ANY, out, &found);
}

static err as_hex(struct span text, struct buf *out)
{
    static const char mark[] = "{ASN}";
    struct text_found found;
    size_t skipped = 0;
    while (skipped < text.n && strchr(" \t\r\n", text.p[skipped]) != NULL && text.p[skipped] != 0)
        skipped++;
    if (text.n - skipped < sizeof mark - 1 ||
        !span_equal(span_of(text.p + skipped, sizeof mark - 1), span_text(mark)))
        return FAIL(ERR_DECODE);
    skipped += sizeof mark - 1;
    return text_decode(span_of(text.p + skipped, text.n - skipped), CRYPT_STRING_HEX_ANY, out,
                       &found);
}

static DWORD try_text(struct span text, DWORD wanted, err (*decode)(struct span, struct buf *),
                      struct answer *out)
{
    struct buf bytes;
    buf_init(&bytes, QUERY_MAX);
    err result = decode(text, &bytes);
    DWORD error = result == OK              ? try_kinds(buf_span(&bytes), wanted, out)
                  : result == ERR_NO_MEMORY ? ERROR_NOT_ENOUGH_MEMORY
                                            : (DWORD)CRYPT_E_NO_MATCH;
    buf_release(&bytes);
    return error;
}

static DWORD try_forms(struct span bytes, DWORD wanted, DWORD formats, struct answer *out)
{
    DWORD error = (DWORD)CRYPT_E_NO_MATCH;
    DWORD format = CERT_QUERY_FORMAT_BINARY;
    if ((formats & CERT_QUERY_FORMAT_FLAG_BINARY) != 0)
        error = try_kinds(bytes, wanted, out);
    if (error == (DWORD)CRYPT_E_NO_MATCH &&
        (formats & CERT_QUERY_FORMAT_FLAG_BASE64_ENCODED) != 0) {
        error = try_text(bytes, wanted, as_base64, out);
        format = CERT_QUERY_FORMAT_BASE64_ENCODED;
    }
    if (error == (DWORD)CRYPT_E_NO_MATCH &&
        (formats & CERT_QUERY_FORMAT_FLAG_ASN_ASCII_HEX_ENCODED) != 0) {
        error = try_text(bytes, wanted, as_hex, out);
        format = CERT_QUERY_FORMAT_ASN_ASCII_HEX_ENCODED;
    }
    out->format = format;
    return error;
}

/* ---- the call -------------------------------------------------------------------------- */

/* 0 or the error; *file is to be released. */
static DWORD open_object(DWORD type, const void *object, struct buf *file, struct span *out)
{
    const CRYPT_DATA_BLOB *blob = object;
    DWORD error = 0;
    if (object == NULL)
        return (DWORD)E_INVALIDARG;
    if (type == CERT_QUERY_OBJECT_BLOB) {
        *out = span_of(blob->pbData, blob->cbData);
        if (blob->cbData > QUERY_MAX)
            return (DWORD)CRYPT_E_NO_MATCH;
        return blob->pbData != NULL || blob->cbData == 0 ? 0 : (DWORD)E_INVALIDARG;
    }
    if (type != CERT_QUERY_OBJECT_FILE)
        return (DWORD)E_INVALIDARG;
    char *path = win_utf8_dup(object);
    if (path == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    err result = read_file(path, QUERY_MAX, file, &error);
    mem_free(path);
    *out = buf_span(file);
    return result == OK ? 0 : error;
}

static void put(DWORD *out, DWORD value)
{
    if (out != NULL)
        *out = value;
}

/* What the caller does not take is given back. */
static void give(struct answer *answer, HCERTSTORE *out_store, const void **out_context)
{
    if (out_store != NULL) {
        *out_store = answer->store;
        answer->store = NULL;
    }
    if (out_context != NULL) {
        *out_context = answer->context;
        answer->context = NULL;
    }
    drop(answer);
}

BOOL WINAPI CryptQueryObject(DWORD dwObjectType, const void *pvObject,
                             DWORD dwExpectedContentTypeFlags, DWORD dwExpectedFormatTypeFlags,
                             DWORD dwFlags, DWORD *pdwMsgAndCertEncodingType, DWORD *pdwContentType,
                             DWORD *pdwFormatType, HCERTSTORE *phCertStore, HCRYPTMSG *phMsg,
                             const void **ppvContext)
{
    struct answer answer = {0};
    struct buf file;
    struct span bytes = span_empty();
    (void)dwFlags;
    buf_init(&file, 0);
    DWORD error = open_object(dwObjectType, pvObject, &file, &bytes);
    if (error == 0)
        error = try_forms(bytes, dwExpectedContentTypeFlags, dwExpectedFormatTypeFlags, &answer);
    buf_release(&file);
    put(pdwMsgAndCertEncodingType, error == 0 ? answer.encoding : 0);
    put(pdwContentType, error == 0 ? answer.content : 0);
    put(pdwFormatType, error == 0 ? answer.format : 0);
    if (phMsg != NULL)
        *phMsg = NULL;
    give(&answer, phCertStore, ppvContext);
    return error == 0 ? TRUE : win_fail(error);
}
