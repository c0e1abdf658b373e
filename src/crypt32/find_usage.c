/* SPDX-License-Identifier: MIT */
/*
 * CERT_FIND_ENHKEY_USAGE: what a certificate may be used for, by its extension, its property, or
 * both. Microsoft "CertFindCertificateInStore", dwFindFlags.
 */
#include "crypt32/find.h"

enum { USAGE_BLOCK_MAX = 16 * 1024, ISSUERS_MAX = 10 };

struct usages {
    CERT_ENHKEY_USAGE *list; /* a block */
    bool is_unrestricted;    /* nothing is said about usages */
};

static DWORD source_flags(DWORD flags)
{
    return flags & (CERT_FIND_EXT_ONLY_ENHKEY_USAGE_FLAG | CERT_FIND_PROP_ONLY_ENHKEY_USAGE_FLAG);
}

/* False when they cannot be read, which matches nothing. */
static bool read_usages(struct cert *cert, DWORD flags, struct usages *out)
{
    DWORD n = 0;
    *out = (struct usages){0};
    if (!CertGetEnhancedKeyUsage(&cert->context, source_flags(flags), NULL, &n) ||
        n > USAGE_BLOCK_MAX)
        return GetLastError() == (DWORD)CRYPT_E_NOT_FOUND ? (out->is_unrestricted = true) : false;
    out->list = mem_alloc(n);
    if (out->list == NULL)
        return false;
    SetLastError(0);
    if (!CertGetEnhancedKeyUsage(&cert->context, source_flags(flags), out->list, &n)) {
        mem_free(out->list);
        out->list = NULL;
        return false;
    }
    /* observed.md X15: none, and the last error tells why. */
    out->is_unrestricted =
        out->list->cUsageIdentifier == 0 && GetLastError() == (DWORD)CRYPT_E_NOT_FOUND;
    return true;
}

static bool has(const struct usages *usages, const char *oid)
{
    for (DWORD i = 0; usages->list != NULL && i < usages->list->cUsageIdentifier; i++) {
        if (strcmp(usages->list->rgpszUsageIdentifier[i], oid) == 0)
            return true;
    }
    return false;
}

/* What is meant for everything is meant for this. */
static bool allows(const struct usages *usages, const char *oid)
{
    return usages->is_unrestricted || has(usages, oid) || has(usages, "2.5.29.37.0");
}

static bool fits(const struct usages *usages, const CERT_ENHKEY_USAGE *wanted, DWORD flags,
                 bool (*test)(const struct usages *usages, const char *oid))
{
    bool one_is_enough = (flags & CERT_FIND_OR_ENHKEY_USAGE_FLAG) != 0;
    for (DWORD i = 0; i < wanted->cUsageIdentifier; i++) {
        if (test(usages, wanted->rgpszUsageIdentifier[i]) == one_is_enough)
            return one_is_enough;
    }
    return !one_is_enough;
}

static struct cert *issuer_in(struct store *store, const struct cert *cert)
{
    for (size_t i = 0;; i++) {
        struct cert *candidate = store_entry(store, i);
        if (candidate == NULL ||
            (span_equal(cert_issuer(cert), cert_subject(candidate)) && !cert_same(cert, candidate)))
            return candidate;
        cert_release(candidate);
    }
}

/* The certificate and its issuers, as far as they are in the store, allow it. */
static bool is_valid_for(struct cert *cert, const CERT_ENHKEY_USAGE *wanted, DWORD flags,
                         struct store *store)
{
    bool is_valid = true;
    cert_ref(cert);
    for (int i = 0; is_valid && cert != NULL && i < ISSUERS_MAX; i++) {
        struct usages usages;
        is_valid = read_usages(cert, flags, &usages) && fits(&usages, wanted, flags, allows);
        mem_free(usages.list);
        bool is_top = span_equal(cert_issuer(cert), cert_subject(cert));
        struct cert *issuer = is_valid && !is_top ? issuer_in(store, cert) : NULL;
        cert_release(cert);
        cert = issuer;
    }
    cert_release(cert);
    return is_valid;
}

bool find_usage(struct cert *cert, const CERT_ENHKEY_USAGE *wanted, DWORD flags,
                struct store *store)
{
    struct usages usages;
    bool is_any = wanted == NULL || wanted->cUsageIdentifier == 0;
    if ((flags & CERT_FIND_VALID_ENHKEY_USAGE_FLAG) != 0 && !is_any)
        return is_valid_for(cert, wanted, flags, store);
    if (!read_usages(cert, flags, &usages))
        return false;
    bool found = !is_any && fits(&usages, wanted, flags, has);
    if ((flags & CERT_FIND_NO_ENHKEY_USAGE_FLAG) != 0)
        found = usages.is_unrestricted;
    else if (usages.is_unrestricted)
        found = (flags & CERT_FIND_OPTIONAL_ENHKEY_USAGE_FLAG) != 0;
    else if (is_any)
        found = true;
    mem_free(usages.list);
    return found;
}
