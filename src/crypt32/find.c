/* SPDX-License-Identifier: MIT */
/*
 * CertEnumCertificatesInStore and CertFindCertificateInStore. One row for each kind of search: what
 * it looks at, and whether it needs a parameter. Kinds that are not listed are refused.
 */
#include "crypt32/cert.h"

static PCCERT_CONTEXT fail_null(DWORD error)
{
    SetLastError(error);
    return NULL;
}

enum { FIND_SHA256_HASH = 22 << CERT_COMPARE_SHIFT };

/* ---- kinds ----------------------------------------------------------------------------- */

static bool any(struct cert *cert, const void *para)
{
    (void)cert;
    (void)para;
    return true;
}

static bool holds_text(const CERT_NAME_BLOB *name, const WCHAR *part)
{
    WCHAR text[2048];
    CERT_NAME_BLOB copy = *name;
    if (part == NULL)
        return true;
    CertNameToStrW(X509_ASN_ENCODING, &copy, CERT_SIMPLE_NAME_STR, text, ARRAY_LEN(text));
    size_t n = win_utf16_len(part);
    for (const WCHAR *p = text;; p++) {
        WCHAR head[256];
        if (n >= ARRAY_LEN(head))
            return false;
        schannel_wcsncpy(head, p, n);
        head[n] = 0;
        if (schannel_wcsicmp(head, part) == 0)
            return true;
        if (*p == 0)
            return false;
    }
}

static bool subject_text(struct cert *cert, const void *para)
{
    return holds_text(&cert->body->info.Subject, para);
}

static bool issuer_text(struct cert *cert, const void *para)
{
    return holds_text(&cert->body->info.Issuer, para);
}

static struct span blob_span(const void *para)
{
    const CRYPT_DATA_BLOB *blob = para;
    return span_of(blob->pbData, blob->cbData);
}

static bool has_thumbprint(const struct cert *cert, enum hash_id hash, struct span wanted)
{
    uint8_t digest[HASH_MAX];
    return wanted.n == hash_len(hash) && cert_thumbprint(cert, hash, digest) == OK &&
           span_equal(wanted, span_of(digest, wanted.n));
}

static bool sha1_hash(struct cert *cert, const void *para)
{
    return has_thumbprint(cert, HASH_SHA1, blob_span(para));
}

static bool sha256_hash(struct cert *cert, const void *para)
{
    return has_thumbprint(cert, HASH_SHA256, blob_span(para));
}

static bool subject_name(struct cert *cert, const void *para)
{
    return span_equal(blob_span(para), cert_subject(cert));
}

static bool issuer_name(struct cert *cert, const void *para)
{
    return span_equal(blob_span(para), cert_issuer(cert));
}

static bool identifier(struct cert *cert, const void *para)
{
    uint8_t id[HASH_MAX];
    size_t id_len;
    return cert_key_identifier(cert, id, &id_len) == OK &&
           span_equal(blob_span(para), span_of(id, id_len));
}

static bool same_encoding(struct cert *cert, const void *para)
{
    return span_equal(cert_der(para), cert_der(&cert->context));
}

static bool issuer_and_serial(struct cert *cert, const void *para)
{
    return CertCompareCertificate(X509_ASN_ENCODING, &cert->body->info,
                                  (PCERT_INFO)(uintptr_t)para);
}

static bool public_key(struct cert *cert, const void *para)
{
    const CERT_PUBLIC_KEY_INFO *wanted = para;
    const CERT_PUBLIC_KEY_INFO *have = &cert->body->info.SubjectPublicKeyInfo;
    return wanted->Algorithm.pszObjId != NULL &&
           strcmp(wanted->Algorithm.pszObjId, have->Algorithm.pszObjId) == 0 &&
           span_equal(blob_span(&wanted->Algorithm.Parameters),
                      blob_span(&have->Algorithm.Parameters)) &&
           span_equal(span_of(wanted->PublicKey.pbData, wanted->PublicKey.cbData),
                      span_of(have->PublicKey.pbData, have->PublicKey.cbData));
}

static bool issuer_of(struct cert *cert, const void *para)
{
    return span_equal(cert_issuer(cert_of(para)), cert_subject(cert));
}

static bool with_property(struct cert *cert, const void *para)
{
    DWORD size = 0;
    return CertGetCertificateContextProperty(&cert->context, *(const DWORD *)para, NULL, &size);
}

static bool with_key(struct cert *cert, const void *para)
{
    (void)para;
    return cert_has_key(cert);
}

static const struct kind {
    DWORD type;
    bool (*matches)(struct cert *cert, const void *para);
    bool needs_para;
} kinds[] = {
    {CERT_FIND_ANY, any, false},
    {CERT_FIND_SUBJECT_STR_W, subject_text, false},
    {CERT_FIND_ISSUER_STR_W, issuer_text, false},
    {CERT_FIND_SHA1_HASH, sha1_hash, true},
    {FIND_SHA256_HASH, sha256_hash, true},
    {CERT_FIND_SUBJECT_NAME, subject_name, true},
    {CERT_FIND_ISSUER_NAME, issuer_name, true},
    {CERT_FIND_KEY_IDENTIFIER, identifier, true},
    {CERT_FIND_EXISTING, same_encoding, true},
    {CERT_FIND_SUBJECT_CERT, issuer_and_serial, true},
    {CERT_FIND_PUBLIC_KEY, public_key, true},
    {CERT_FIND_ISSUER_OF, issuer_of, true},
    {CERT_FIND_PROPERTY, with_property, true},
    {CERT_FIND_HAS_PRIVATE_KEY, with_key, false},
};

static const struct kind *find_kind(DWORD type)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (kinds[i].type == type)
            return &kinds[i];
    }
    return NULL;
}

/* ---- the search ------------------------------------------------------------------------ */

static PCCERT_CONTEXT find(struct store *store, const struct kind *kind, const void *para,
                           struct cert *previous)
{
    struct entry *first = previous != NULL ? &previous->base : NULL;
    struct entry *entry = first;
    for (;;) {
        struct entry *next;
        err result = store_next(store, ENTRY_CERT, entry, &next);
        if (entry != first)
            entry_release(entry);
        if (result != OK)
            return fail_null(ERROR_NOT_ENOUGH_MEMORY);
        if (next == NULL)
            return fail_null((DWORD)CRYPT_E_NOT_FOUND);
        if (kind->matches(cert_of_entry(next), para))
            return &cert_of_entry(next)->context;
        entry = next;
    }
}

static PCCERT_CONTEXT find_checked(struct store *store, DWORD type, const void *para,
                                   PCCERT_CONTEXT previous)
{
    const struct kind *kind = find_kind(type);
    if (store == NULL || kind == NULL || (kind->needs_para && para == NULL) ||
        (previous != NULL && cert_store(cert_of(previous)) != store))
        return fail_null((DWORD)E_INVALIDARG);
    crypto_mark();
    PCCERT_CONTEXT found = find(store, kind, para, previous != NULL ? cert_of(previous) : NULL);
    crypto_unmark();
    return found;
}

PCCERT_CONTEXT WINAPI CertFindCertificateInStore(HCERTSTORE hCertStore, DWORD dwCertEncodingType,
                                                 DWORD dwFindFlags, DWORD dwFindType,
                                                 const void *pvFindPara,
                                                 PCCERT_CONTEXT pPrevCertContext)
{
    (void)dwCertEncodingType;
    (void)dwFindFlags;
    PCCERT_CONTEXT found;
    bool is_narrow = dwFindType == CERT_FIND_SUBJECT_STR_A || dwFindType == CERT_FIND_ISSUER_STR_A;
    DWORD type = dwFindType == CERT_FIND_SUBJECT_STR_A  ? CERT_FIND_SUBJECT_STR_W
                 : dwFindType == CERT_FIND_ISSUER_STR_A ? CERT_FIND_ISSUER_STR_W
                                                        : dwFindType;
    WCHAR *wide = is_narrow ? win_utf16_dup(pvFindPara) : NULL;
    if (is_narrow && pvFindPara != NULL && wide == NULL)
        found = fail_null(ERROR_NOT_ENOUGH_MEMORY);
    else
        found = find_checked(store_of(hCertStore), type, is_narrow ? wide : pvFindPara,
                             pPrevCertContext);
    mem_free(wide);
    CertFreeCertificateContext(pPrevCertContext);
    return found;
}

PCCERT_CONTEXT WINAPI CertEnumCertificatesInStore(HCERTSTORE hCertStore,
                                                  PCCERT_CONTEXT pPrevCertContext)
{
    return CertFindCertificateInStore(hCertStore, X509_ASN_ENCODING, 0, CERT_FIND_ANY, NULL,
                                      pPrevCertContext);
}
