/* SPDX-License-Identifier: MIT */
/*
 * CertEnumCertificatesInStore and CertFindCertificateInStore. One row for each kind of search: what
 * it looks at, whether it needs a parameter, and whether it shows archived certificates. Kinds that
 * are not listed are refused.
 */
#include "crypt32/cert.h"
#include "crypt32/find.h"

static PCCERT_CONTEXT fail_null(DWORD error)
{
    SetLastError(error);
    return NULL;
}

/* What is looked for. */
struct wanted {
    const void *para;
    DWORD flags;
    struct store *store;
};

/* ---- kinds ----------------------------------------------------------------------------- */

static bool any(struct cert *cert, const struct wanted *w)
{
    (void)cert;
    (void)w;
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

static bool subject_text(struct cert *cert, const struct wanted *w)
{
    return holds_text(&cert->body->info.Subject, w->para);
}

static bool issuer_text(struct cert *cert, const struct wanted *w)
{
    return holds_text(&cert->body->info.Issuer, w->para);
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

static bool sha1_hash(struct cert *cert, const struct wanted *w)
{
    return has_thumbprint(cert, HASH_SHA1, blob_span(w->para));
}

static bool sha256_hash(struct cert *cert, const struct wanted *w)
{
    return has_thumbprint(cert, HASH_SHA256, blob_span(w->para));
}

static int hex_digit(WCHAR c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Which of the two hashes it is, is seen from its length. */
static bool hash_text(struct cert *cert, const struct wanted *w)
{
    uint8_t digest[HASH_MAX];
    size_t n = 0;
    for (const WCHAR *p = w->para; *p != 0; p++) {
        if (*p == ' ' || *p == ':')
            continue;
        int digit = hex_digit(*p);
        if (digit < 0 || n == 2 * sizeof digest)
            return false;
        digest[n / 2] = (uint8_t)(n % 2 == 0 ? digit << 4 : digest[n / 2] | digit);
        n++;
    }
    struct span wanted = span_of(digest, n / 2);
    return n % 2 == 0 &&
           (has_thumbprint(cert, HASH_SHA1, wanted) || has_thumbprint(cert, HASH_SHA256, wanted));
}

/* A property of moderate size, computed or set. */
static bool has_value(struct cert *cert, DWORD id, struct span wanted)
{
    uint8_t value[256];
    DWORD n = sizeof value;
    return CertGetCertificateContextProperty(&cert->context, id, value, &n) &&
           span_equal(wanted, span_of(value, n));
}

static bool md5_hash(struct cert *cert, const struct wanted *w)
{
    return has_value(cert, CERT_MD5_HASH_PROP_ID, blob_span(w->para));
}

static bool signature_hash(struct cert *cert, const struct wanted *w)
{
    return has_value(cert, CERT_SIGNATURE_HASH_PROP_ID, blob_span(w->para));
}

static bool key_md5_hash(struct cert *cert, const struct wanted *w)
{
    return has_value(cert, CERT_SUBJECT_PUBLIC_KEY_MD5_HASH_PROP_ID, blob_span(w->para));
}

static bool identifier(struct cert *cert, const struct wanted *w)
{
    return has_value(cert, CERT_KEY_IDENTIFIER_PROP_ID, blob_span(w->para));
}

static bool key_spec(struct cert *cert, const struct wanted *w)
{
    return has_value(cert, CERT_KEY_SPEC_PROP_ID, span_of(w->para, sizeof(DWORD)));
}

static bool subject_name(struct cert *cert, const struct wanted *w)
{
    return span_equal(blob_span(w->para), cert_subject(cert));
}

static bool issuer_name(struct cert *cert, const struct wanted *w)
{
    return span_equal(blob_span(w->para), cert_issuer(cert));
}

static bool has_attributes(CERT_NAME_BLOB name, const struct wanted *w)
{
    return CertIsRDNAttrsInCertificateName(X509_ASN_ENCODING, w->flags, &name,
                                           (PCERT_RDN)(uintptr_t)w->para);
}

static bool subject_attributes(struct cert *cert, const struct wanted *w)
{
    return has_attributes(cert->body->info.Subject, w);
}

static bool issuer_attributes(struct cert *cert, const struct wanted *w)
{
    return has_attributes(cert->body->info.Issuer, w);
}

static bool same_encoding(struct cert *cert, const struct wanted *w)
{
    return span_equal(cert_der(w->para), cert_der(&cert->context));
}

static bool issuer_and_serial(struct cert *cert, const struct wanted *w)
{
    return CertCompareCertificate(X509_ASN_ENCODING, &cert->body->info,
                                  (PCERT_INFO)(uintptr_t)w->para);
}

static bool id(struct cert *cert, const struct wanted *w)
{
    const CERT_ID *id = w->para;
    const CERT_INFO *info = &cert->body->info;
    CERT_ISSUER_SERIAL_NUMBER pair;
    switch (id->dwIdChoice) {
    case CERT_ID_ISSUER_SERIAL_NUMBER:
        pair = id->IssuerSerialNumber;
        return span_equal(blob_span(&pair.Issuer), cert_issuer(cert)) &&
               CertCompareIntegerBlob(&pair.SerialNumber,
                                      (CRYPT_INTEGER_BLOB *)(uintptr_t)&info->SerialNumber);
    case CERT_ID_KEY_IDENTIFIER:
        return has_value(cert, CERT_KEY_IDENTIFIER_PROP_ID, blob_span(&id->KeyId));
    case CERT_ID_SHA1_HASH:
        return has_thumbprint(cert, HASH_SHA1, blob_span(&id->HashId));
    default:
        return false;
    }
}

static bool public_key(struct cert *cert, const struct wanted *w)
{
    const CERT_PUBLIC_KEY_INFO *wanted = w->para;
    const CERT_PUBLIC_KEY_INFO *have = &cert->body->info.SubjectPublicKeyInfo;
    return wanted->Algorithm.pszObjId != NULL &&
           strcmp(wanted->Algorithm.pszObjId, have->Algorithm.pszObjId) == 0 &&
           span_equal(blob_span(&wanted->Algorithm.Parameters),
                      blob_span(&have->Algorithm.Parameters)) &&
           span_equal(span_of(wanted->PublicKey.pbData, wanted->PublicKey.cbData),
                      span_of(have->PublicKey.pbData, have->PublicKey.cbData));
}

static bool issuer_of(struct cert *cert, const struct wanted *w)
{
    return span_equal(cert_issuer(cert_of(w->para)), cert_subject(cert));
}

static bool with_property(struct cert *cert, const struct wanted *w)
{
    DWORD size = 0;
    return CertGetCertificateContextProperty(&cert->context, *(const DWORD *)w->para, NULL, &size);
}

static bool with_key(struct cert *cert, const struct wanted *w)
{
    (void)w;
    return cert_has_key(cert);
}

static bool has_extension(const struct cert *cert, const char *oid)
{
    const CERT_INFO *info = &cert->body->info;
    return CertFindExtension(oid, info->cExtension, info->rgExtension) != NULL;
}

static bool cross_certificates(struct cert *cert, const struct wanted *w)
{
    (void)w;
    return entry_has_property(&cert->base, CERT_CROSS_CERT_DIST_POINTS_PROP_ID) ||
           has_extension(cert, "1.3.6.1.4.1.311.10.9.1");
}

static bool information_access(struct cert *cert, const struct wanted *w)
{
    (void)w;
    return entry_has_property(&cert->base, CERT_SUBJECT_INFO_ACCESS_PROP_ID) ||
           has_extension(cert, "1.3.6.1.5.5.7.1.11");
}

static bool usage(struct cert *cert, const struct wanted *w)
{
    return find_usage(cert, w->para, w->flags, w->store);
}

static const struct kind {
    DWORD type;
    bool (*matches)(struct cert *cert, const struct wanted *w);
    bool needs_para;
    bool is_explicit; /* asks for one certificate, even if it is archived */
} kinds[] = {
    {CERT_FIND_ANY, any, false, false},
    {CERT_FIND_SUBJECT_STR_W, subject_text, false, false},
    {CERT_FIND_ISSUER_STR_W, issuer_text, false, false},
    {CERT_FIND_SHA1_HASH, sha1_hash, true, true},
    {CERT_FIND_SHA256_HASH, sha256_hash, true, true},
    {CERT_FIND_HASH_STR, hash_text, true, true},
    {CERT_FIND_MD5_HASH, md5_hash, true, true},
    {CERT_FIND_SIGNATURE_HASH, signature_hash, true, true},
    {CERT_FIND_PUBKEY_MD5_HASH, key_md5_hash, true, false},
    {CERT_FIND_SUBJECT_NAME, subject_name, true, false},
    {CERT_FIND_ISSUER_NAME, issuer_name, true, false},
    {CERT_FIND_SUBJECT_ATTR, subject_attributes, true, false},
    {CERT_FIND_ISSUER_ATTR, issuer_attributes, true, false},
    {CERT_FIND_KEY_IDENTIFIER, identifier, true, true},
    {CERT_FIND_KEY_SPEC, key_spec, true, false},
    {CERT_FIND_ENHKEY_USAGE, usage, false, false},
    {CERT_FIND_EXISTING, same_encoding, true, true},
    {CERT_FIND_SUBJECT_CERT, issuer_and_serial, true, true},
    {CERT_FIND_CERT_ID, id, true, true},
    {CERT_FIND_PUBLIC_KEY, public_key, true, false},
    {CERT_FIND_ISSUER_OF, issuer_of, true, false},
    {CERT_FIND_PROPERTY, with_property, true, false},
    {CERT_FIND_HAS_PRIVATE_KEY, with_key, false, false},
    {CERT_FIND_CROSS_CERT_DIST_POINTS, cross_certificates, false, false},
    {CERT_FIND_SUBJECT_INFO_ACCESS, information_access, false, false},
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

static bool is_shown(const struct kind *kind, const struct store *store, struct cert *cert)
{
    return kind->is_explicit || store->shows_archived ||
           !entry_has_property(&cert->base, CERT_ARCHIVED_PROP_ID);
}

static PCCERT_CONTEXT find(const struct kind *kind, const struct wanted *w, struct cert *previous)
{
    struct store *store = w->store;
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
        if (is_shown(kind, store, cert_of_entry(next)) && kind->matches(cert_of_entry(next), w))
            return &cert_of_entry(next)->context;
        entry = next;
    }
}

static PCCERT_CONTEXT find_checked(const struct wanted *w, DWORD type, PCCERT_CONTEXT previous)
{
    const struct kind *kind = find_kind(type);
    struct store *store = w->store;
    if (store == NULL || kind == NULL || (kind->needs_para && w->para == NULL) ||
        (previous != NULL && cert_store(cert_of(previous)) != store))
        return fail_null((DWORD)E_INVALIDARG);
    crypto_mark();
    /* Where it cannot be read again, what is there is shown. */
    if (previous == NULL && atomic_load(&store->resyncs) && store->kind->resync != NULL)
        (void)store->kind->resync(store);
    PCCERT_CONTEXT found = find(kind, w, previous != NULL ? cert_of(previous) : NULL);
    crypto_unmark();
    return found;
}

PCCERT_CONTEXT WINAPI CertFindCertificateInStore(HCERTSTORE hCertStore, DWORD dwCertEncodingType,
                                                 DWORD dwFindFlags, DWORD dwFindType,
                                                 const void *pvFindPara,
                                                 PCCERT_CONTEXT pPrevCertContext)
{
    (void)dwCertEncodingType;
    PCCERT_CONTEXT found;
    struct wanted wanted = {
        .para = pvFindPara, .flags = dwFindFlags, .store = store_of(hCertStore)};
    bool is_narrow = dwFindType == CERT_FIND_SUBJECT_STR_A || dwFindType == CERT_FIND_ISSUER_STR_A;
    DWORD type = dwFindType == CERT_FIND_SUBJECT_STR_A  ? CERT_FIND_SUBJECT_STR_W
                 : dwFindType == CERT_FIND_ISSUER_STR_A ? CERT_FIND_ISSUER_STR_W
                                                        : dwFindType;
    WCHAR *wide = is_narrow ? win_utf16_dup(pvFindPara) : NULL;
    if (is_narrow)
        wanted.para = wide;
    if (is_narrow && pvFindPara != NULL && wide == NULL)
        found = fail_null(ERROR_NOT_ENOUGH_MEMORY);
    else
        found = find_checked(&wanted, type, pPrevCertContext);
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

PCCERT_CONTEXT WINAPI CertGetSubjectCertificateFromStore(HCERTSTORE hCertStore,
                                                         DWORD dwCertEncodingType,
                                                         PCERT_INFO pCertId)
{
    return CertFindCertificateInStore(hCertStore, dwCertEncodingType, 0, CERT_FIND_SUBJECT_CERT,
                                      pCertId, NULL);
}
