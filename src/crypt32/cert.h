/* SPDX-License-Identifier: MIT */
/*
 * Inside of certificate contexts. A body is the immutable parsed certificate; contexts share it.
 * How references are counted is told in entry.h, stores are in store.h.
 */
#ifndef SCHANNEL_CRYPT32_CERT_H
#define SCHANNEL_CRYPT32_CERT_H

#include "crypt32/openssl.h"
#include "crypt32/store.h"

struct cert_body {
    atomic_int refs;
    uint8_t *der;
    size_t der_len;
    X509 *x509; /* parsed in the empty library context: no key inside */
    CERT_INFO info;
    uint8_t *arena; /* what CERT_INFO points to beside the DER */
    struct span tbs;
    struct span spki;
    struct span inner_algorithm;
    struct span algorithm;
    struct span signature;
    bool has_duplicate_extension;
    int64_t not_before;
    int64_t not_after;
};

struct cert {
    CERT_CONTEXT context; /* first: a PCCERT_CONTEXT is a struct cert */
    struct entry base;
    struct cert_body *body;
};

err cert_body_new(struct cert_body **out, struct span der) MUST_USE;
struct cert_body *cert_body_ref(struct cert_body *body);
void cert_body_release(struct cert_body *body);

/* The dotted decimals of an OBJECT IDENTIFIER's content; 0 when it is malformed, has an arc beyond
 * 64 bits, or does not fit with its NUL. The second one spells every object that fits. */
size_t oid_text(struct span content, char *text, size_t cap);
size_t oid_text_of(const ASN1_OBJECT *object, char *text, size_t cap);

/* The same bytes. */
bool cert_same(const struct cert *a, const struct cert *b);
/* The hash of the encoded certificate, its thumbprint. */
err cert_thumbprint(const struct cert *cert, enum hash_id hash, uint8_t out[HASH_MAX]) MUST_USE;

/* A free-standing context with one reference. */
err cert_new(struct cert **out, struct span der) MUST_USE;
static inline struct cert *cert_of(PCCERT_CONTEXT context)
{
    return (struct cert *)(uintptr_t)context;
}
static inline struct cert *cert_of_entry(struct entry *entry)
{
    return entry != NULL ? (struct cert *)(void *)((char *)entry - offsetof(struct cert, base))
                         : NULL;
}
static inline struct store *cert_store(const struct cert *cert)
{
    return cert->base.store;
}
/* One more for whoever holds one already. */
static inline void cert_ref(struct cert *cert)
{
    entry_ref(&cert->base);
}
static inline void cert_release(struct cert *cert)
{
    entry_release(cert != NULL ? &cert->base : NULL);
}
/* Binds a key; the certificate takes its own reference. ERR_CRED_BAD_CERTIFICATE when it is not
 * its. */
err cert_bind_key(struct cert *cert, struct private_key *key) MUST_USE;
/* A key is bound, or a property names one. */
bool cert_has_key(struct cert *cert);
/* A reference to the key that is bound, or NULL. */
struct private_key *cert_bound_key(struct cert *cert);
/* Binds the key that the properties name. ERR_CRED_NO_CERTIFICATE, ERR_CRED_BAD_CERTIFICATE. */
err cert_resolve_key(struct cert *cert) MUST_USE;
static inline MUST_USE err cert_set_property(struct cert *cert, DWORD id, struct span data)
{
    return entry_set_property(&cert->base, id, data, PROPERTY_PLAIN);
}
/* The same, with a key handle that is released with the property. */
static inline MUST_USE err cert_set_owned_handle(struct cert *cert, DWORD id, struct span data)
{
    return entry_set_property(&cert->base, id, data, PROPERTY_OWNS_HANDLE);
}
static inline void cert_drop_property(struct cert *cert, DWORD id)
{
    entry_drop_property(&cert->base, id);
}
/* A copy. ERR_NOT_AVAILABLE when it is not there. */
static inline MUST_USE err cert_copy_property(struct cert *cert, DWORD id, struct buf *out)
{
    return entry_copy_property(&cert->base, id, out);
}
/* Those that `to` lacks, and the key if it has none. */
static inline MUST_USE err cert_inherit_properties(struct cert *to, struct cert *from)
{
    return entry_inherit(&to->base, &from->base);
}
/* RFC 5280 4.2.1.2: the subject key identifier, or SHA-1 of the key. */
err cert_key_identifier(struct cert *cert, uint8_t out[HASH_MAX], size_t *out_len) MUST_USE;
/* Names as DER. */
static inline struct span cert_subject(const struct cert *cert)
{
    return span_of(cert->body->info.Subject.pbData, cert->body->info.Subject.cbData);
}
static inline struct span cert_issuer(const struct cert *cert)
{
    return span_of(cert->body->info.Issuer.pbData, cert->body->info.Issuer.cbData);
}

/* Adds one that was parsed from these bytes at the end. */
err store_add_der(struct store *store, struct span der, struct cert **out) MUST_USE;
/* The index-th certificate with a reference, or NULL. */
static inline struct cert *store_entry(struct store *store, size_t index)
{
    return cert_of_entry(store_entry_at(store, ENTRY_CERT, index));
}

/*
 * The system's trusted roots, with a reference: the stores ROOT of user and machine (system.h), and
 * all of the distribution's bundle or nothing. Empty when there is no bundle. ERR_NO_MEMORY,
 * ERR_CERT_PARSE, ERR_INTERNAL (unreadable); the last error in *out_error.
 */
err roots_open(struct store **out, DWORD *out_error) MUST_USE;
/* For tests: the only bundle to look for; NULL = the system's. Forgets what was loaded. */
void roots_use_bundle(const char *path);

/*
 * Reads PEM text: certificates into the store; a block that is no base64 is ERR_CERT_PARSE. With
 * out_first, receives the first one, and each certificate must parse; without, those that do not
 * are passed over.
 */
enum { PEM_FILE_MAX = 1 << 20, ROOT_BUNDLE_MAX = 16 << 20 };
err pem_certificates(struct store *store, const char *text, size_t text_len,
                     struct cert **out_first) MUST_USE;
/* The first private key of the text; *out stays NULL when there is none. The last error is in
 * *out_error. */
err pem_private_key(const char *text, size_t text_len, const char *password,
                    struct private_key **out, DWORD *out_error) MUST_USE;
/* Last error codes by reason, for the api files. */
DWORD cert_last_error(err reason);
err read_file(const char *path, size_t max, struct buf *out, DWORD *out_error) MUST_USE;

/*
 * Password-based encryption (RFC 8018, RFC 7292): whether the iterations of an AlgorithmIdentifier
 * may be run. Each use draws from *budget, so that many small counts are bounded as one large is.
 */
enum { PBE_ITERATIONS_MAX = 5000000 };
bool pbe_fits(const X509_ALGOR *algorithm, int64_t *budget);
bool pbe_count_fits(const ASN1_INTEGER *count, int64_t *budget);

#endif
