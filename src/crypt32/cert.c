/* SPDX-License-Identifier: MIT */
/*
 * Certificate contexts: parsing into CERT_INFO, bodies, bound keys. libcrypto parses the
 * objects; the signed bytes and the key are slices of the DER as it came.
 */
#include "crypt32/cert.h"
#include "crypt32/key.h"

#include <time.h>

enum { OID_TEXT_MAX = 128, CERT_DER_MAX = 1 << 20, CERT_EXTENSIONS_MAX = 256 };

/* ---- the DER's outline ----------------------------------------------------------------- */

/* One element with its header; ERR_CERT_PARSE if it does not lie wholly in *rest. */
static err next_element(struct span *rest, struct span *out_whole, struct span *out_content)
{
    *out_whole = *out_content = span_empty();
    const unsigned char *p = rest->p;
    long len;
    int tag;
    int class;
    int form = ASN1_get_object(&p, &len, &tag, &class, (long)rest->n);
    if ((form & 0x80) != 0 || (form & 1) != 0) /* malformed, or of indefinite length */
        return FAIL(ERR_CERT_PARSE);
    size_t whole = (size_t)(p - rest->p) + (size_t)len;
    *out_whole = span_of(rest->p, whole);
    *out_content = span_of(p, (size_t)len);
    *rest = span_of(rest->p + whole, rest->n - whole);
    return OK;
}

static void set_blob(CRYPT_OBJID_BLOB *blob, struct span bytes)
{
    blob->cbData = (DWORD)bytes.n;
    blob->pbData = (BYTE *)(uintptr_t)bytes.p;
}

static err outline_tbs(struct cert_body *body, struct span tbs, struct span *out_serial)
{
    struct span whole;
    struct span content;
    struct span rest = tbs;
    if (rest.n != 0 && rest.p[0] == 0xA0)
        TRY(next_element(&rest, &whole, &content));
    TRY(next_element(&rest, &whole, out_serial));
    TRY(next_element(&rest, &body->inner_algorithm, &content));
    TRY(next_element(&rest, &whole, &content));
    set_blob(&body->info.Issuer, whole);
    TRY(next_element(&rest, &whole, &content)); /* validity */
    TRY(next_element(&rest, &whole, &content));
    set_blob(&body->info.Subject, whole);
    return next_element(&rest, &body->spki, &content);
}

static err outline(struct cert_body *body, struct span *out_serial)
{
    struct span whole;
    struct span content;
    struct span tbs;
    struct span rest = span_of(body->der, body->der_len);
    TRY(next_element(&rest, &whole, &content));
    if (rest.n != 0)
        return FAIL(ERR_CERT_PARSE);
    rest = content;
    TRY(next_element(&rest, &body->tbs, &tbs));
    TRY(next_element(&rest, &body->algorithm, &content));
    TRY(next_element(&rest, &whole, &content));
    if (content.n < 1 || content.p[0] != 0) /* unused bits */
        return FAIL(ERR_CERT_PARSE);
    body->signature = span_of(content.p + 1, content.n - 1);
    return outline_tbs(body, tbs, out_serial);
}

/* ---- CERT_INFO ------------------------------------------------------------------------- */

/* Everything CERT_INFO points to beside the DER is cut from one block. */
enum { ARENA_STEP = 16 };

struct arena {
    uint8_t *p;
    size_t n;
    size_t used;
};

static void *arena_take(struct arena *a, size_t n)
{
    n = (n + ARENA_STEP - 1) / ARENA_STEP * ARENA_STEP;
    if (a->n - a->used < n)
        return NULL;
    void *p = a->p + a->used;
    a->used += n;
    return p;
}

static char *arena_oid(struct arena *a, const ASN1_OBJECT *object)
{
    char text[OID_TEXT_MAX];
    size_t n = oid_text_of(object, text, sizeof text);
    char *copy = n != 0 ? arena_take(a, n + 1) : NULL;
    if (copy != NULL)
        memcpy(copy, text, n + 1);
    return copy;
}

/* Little-endian, with sign padding removed. */
static err fill_serial(struct cert_body *body, struct arena *a, struct span serial)
{
    while (serial.n > 1 && (serial.p[0] == 0 || serial.p[0] == 0xFF) &&
           (serial.p[0] & 0x80) == (serial.p[1] & 0x80))
        serial = span_of(serial.p + 1, serial.n - 1);
    if (serial.n > 1 && serial.p[0] == 0)
        serial = span_of(serial.p + 1, serial.n - 1);
    uint8_t *copy = arena_take(a, serial.n);
    if (copy == NULL || serial.n == 0)
        return FAIL(ERR_CERT_PARSE);
    for (size_t i = 0; i < serial.n; i++)
        copy[i] = serial.p[serial.n - 1 - i];
    set_blob(&body->info.SerialNumber, span_of(copy, serial.n));
    return OK;
}

/* AlgorithmIdentifier ::= SEQUENCE { algorithm, parameters }: the parameters as DER. */
static err fill_algorithm(CRYPT_ALGORITHM_IDENTIFIER *out, struct arena *a, struct span der)
{
    struct span whole;
    struct span content;
    struct span rest = der;
    const unsigned char *p;
    TRY(next_element(&rest, &whole, &content));
    rest = content;
    TRY(next_element(&rest, &whole, &content));
    p = whole.p;
    ASN1_OBJECT *object = d2i_ASN1_OBJECT(NULL, &p, (long)whole.n);
    if (object == NULL)
        return FAIL(ERR_CERT_PARSE);
    out->pszObjId = arena_oid(a, object);
    ASN1_OBJECT_free(object);
    set_blob(&out->Parameters, rest);
    return out->pszObjId != NULL ? OK : FAIL(ERR_CERT_PARSE);
}

static err fill_public_key(struct cert_body *body, struct arena *a)
{
    struct span whole;
    struct span content;
    struct span algorithm;
    struct span rest = body->spki;
    TRY(next_element(&rest, &whole, &content));
    rest = content;
    TRY(next_element(&rest, &algorithm, &content));
    TRY(next_element(&rest, &whole, &content));
    if (content.n < 1)
        return FAIL(ERR_CERT_PARSE);
    CERT_PUBLIC_KEY_INFO *info = &body->info.SubjectPublicKeyInfo;
    info->PublicKey.cbData = (DWORD)(content.n - 1);
    info->PublicKey.pbData = (BYTE *)(uintptr_t)(content.p + 1);
    info->PublicKey.cUnusedBits = content.p[0];
    return fill_algorithm(&info->Algorithm, a, algorithm);
}

/* RFC 5280 4.2: no more than one of a kind. Such a certificate can be looked at, but not trusted.
 */
static void note_duplicates(struct cert_body *body)
{
    const CERT_EXTENSION *extensions = body->info.rgExtension;
    for (DWORD i = 1; i < body->info.cExtension; i++) {
        for (DWORD j = 0; j < i; j++) {
            if (strcmp(extensions[i].pszObjId, extensions[j].pszObjId) == 0)
                body->has_duplicate_extension = true;
        }
    }
}

static err fill_extensions(struct cert_body *body, struct arena *a)
{
    int count = X509_get_ext_count(body->x509);
    if (count <= 0)
        return OK;
    body->info.rgExtension = arena_take(a, (size_t)count * sizeof(CERT_EXTENSION));
    if (body->info.rgExtension == NULL)
        return FAIL(ERR_CERT_PARSE);
    for (int i = 0; i < count; i++) {
        X509_EXTENSION *extension = X509_get_ext(body->x509, i);
        const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(extension);
        CERT_EXTENSION *out = &body->info.rgExtension[i];
        out->pszObjId = arena_oid(a, X509_EXTENSION_get_object(extension));
        if (out->pszObjId == NULL)
            return FAIL(ERR_CERT_PARSE);
        out->fCritical = X509_EXTENSION_get_critical(extension);
        set_blob(&out->Value,
                 span_of(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value)));
    }
    body->info.cExtension = (DWORD)count;
    note_duplicates(body);
    return OK;
}

static err unix_time(const ASN1_TIME *time, int64_t *out)
{
    struct tm utc;
    if (time == NULL || ASN1_TIME_to_tm(time, &utc) != 1)
        return FAIL(ERR_CERT_PARSE);
    *out = timegm(&utc);
    return OK;
}

static err fill_times(struct cert_body *body)
{
    TRY(unix_time(X509_get0_notBefore(body->x509), &body->not_before));
    TRY(unix_time(X509_get0_notAfter(body->x509), &body->not_after));
    body->info.NotBefore = win_filetime_from_unix(body->not_before);
    body->info.NotAfter = win_filetime_from_unix(body->not_after);
    return OK;
}

static size_t oid_room(size_t content_len)
{
    /* At most "127." for each byte. */
    size_t text_len = 4 * content_len;
    return (text_len < OID_TEXT_MAX ? text_len : OID_TEXT_MAX) + ARENA_STEP;
}

static size_t arena_room(const struct cert_body *body, struct span serial)
{
    size_t n = serial.n + ARENA_STEP + oid_room(body->inner_algorithm.n) + oid_room(body->spki.n);
    for (int i = 0; i < X509_get_ext_count(body->x509); i++)
        n += sizeof(CERT_EXTENSION) +
             oid_room(OBJ_length(X509_EXTENSION_get_object(X509_get_ext(body->x509, i))));
    return n + ARENA_STEP;
}

static err fill_info(struct cert_body *body, struct span serial)
{
    if (X509_get_ext_count(body->x509) > CERT_EXTENSIONS_MAX)
        return FAIL(ERR_CERT_PARSE);
    struct arena a = {.n = arena_room(body, serial)};
    body->arena = mem_alloc(a.n);
    a.p = body->arena;
    if (a.p == NULL)
        return FAIL(ERR_NO_MEMORY);
    body->info.dwVersion = (DWORD)X509_get_version(body->x509);
    TRY(fill_serial(body, &a, serial));
    TRY(fill_algorithm(&body->info.SignatureAlgorithm, &a, body->inner_algorithm));
    TRY(fill_public_key(body, &a));
    TRY(fill_extensions(body, &a));
    return fill_times(body);
}

static err parse_x509(struct cert_body *body)
{
    const unsigned char *p = body->der;
    body->x509 = X509_new_ex(crypto_empty_context(), NULL);
    if (body->x509 == NULL)
        return FAIL(ERR_NO_MEMORY);
    if (d2i_X509(&body->x509, &p, (long)body->der_len) == NULL) {
        body->x509 = NULL; /* freed by d2i */
        bool no_memory = ERR_GET_REASON(ERR_peek_last_error()) == ERR_R_MALLOC_FAILURE;
        return no_memory ? FAIL(ERR_NO_MEMORY) : FAIL(ERR_CERT_PARSE);
    }
    return p == body->der + body->der_len ? OK : FAIL(ERR_CERT_PARSE);
}

static err parse_body(struct cert_body *body)
{
    struct span serial;
    TRY(parse_x509(body));
    TRY(outline(body, &serial));
    return fill_info(body, serial);
}

err cert_body_new(struct cert_body **out, struct span der)
{
    *out = NULL;
    if (der.n == 0 || der.n > CERT_DER_MAX)
        return FAIL(ERR_CERT_PARSE);
    struct cert_body *body = mem_alloc(sizeof *body);
    if (body == NULL)
        return FAIL(ERR_NO_MEMORY);
    atomic_init(&body->refs, 1);
    body->der = mem_dup(der.p, der.n);
    body->der_len = der.n;
    err result = body->der != NULL ? parse_body(body) : FAIL(ERR_NO_MEMORY);
    if (result != OK) {
        cert_body_release(body);
        return result;
    }
    *out = body;
    return OK;
}

struct cert_body *cert_body_ref(struct cert_body *body)
{
    atomic_fetch_add(&body->refs, 1);
    return body;
}

void cert_body_release(struct cert_body *body)
{
    if (body == NULL || atomic_fetch_sub(&body->refs, 1) != 1)
        return;
    X509_free(body->x509);
    mem_free(body->arena);
    mem_free(body->der);
    mem_free(body);
}

static struct span body_der(const struct cert_body *body)
{
    return span_of(body->der, body->der_len);
}

bool cert_same(const struct cert *a, const struct cert *b)
{
    return a->body == b->body || span_equal(body_der(a->body), body_der(b->body));
}

err cert_thumbprint(const struct cert *cert, enum hash_id hash, uint8_t out[HASH_MAX])
{
    return hash_once(hash, body_der(cert->body), out);
}

/* ---- contexts -------------------------------------------------------------------------- */

static struct cert *cert_around(struct cert_body *body)
{
    struct cert *cert = mem_alloc(sizeof *cert);
    if (cert == NULL)
        return NULL;
    cert->body = body;
    cert->context = (CERT_CONTEXT){.dwCertEncodingType = X509_ASN_ENCODING,
                                   .pbCertEncoded = body->der,
                                   .cbCertEncoded = (DWORD)body->der_len,
                                   .pCertInfo = &body->info};
    entry_init(&cert->base, &cert_type, &cert->context.hCertStore);
    return cert;
}

err cert_new(struct cert **out, struct span der)
{
    struct cert_body *body;
    *out = NULL;
    TRY(cert_body_new(&body, der));
    *out = cert_around(body);
    if (*out != NULL)
        return OK;
    cert_body_release(body);
    return FAIL(ERR_NO_MEMORY);
}

static err parse_cert(struct span der, struct entry **out)
{
    struct cert *cert;
    *out = NULL;
    TRY(cert_new(&cert, der));
    *out = &cert->base;
    return OK;
}

static err copy_cert(struct entry *from, struct entry **out)
{
    struct cert_body *body = cert_of_entry(from)->body;
    struct cert *copy = cert_around(body);
    *out = NULL;
    if (copy == NULL)
        return FAIL(ERR_NO_MEMORY);
    cert_body_ref(body);
    *out = &copy->base;
    return OK;
}

static void destroy_cert(struct entry *entry)
{
    struct cert *cert = cert_of_entry(entry);
    cert_body_release(cert->body);
    mem_free(cert);
}

static const struct cert *const_cert(const struct entry *entry)
{
    return (const struct cert *)(const void *)((const char *)entry - offsetof(struct cert, base));
}

static struct span entry_der(const struct entry *entry)
{
    return body_der(const_cert(entry)->body);
}

static bool same_subject(const struct entry *a, const struct entry *b)
{
    return span_equal(cert_subject(const_cert(a)), cert_subject(const_cert(b)));
}

static int64_t valid_since(const struct entry *entry)
{
    return const_cert(entry)->body->not_before;
}

const struct entry_type cert_type = {
    .kind = ENTRY_CERT,
    .context_type = CERT_STORE_CERTIFICATE_CONTEXT,
    .element_id = 32,
    .parse = parse_cert,
    .copy = copy_cert,
    .destroy = destroy_cert,
    .der = entry_der,
    .same_subject = same_subject,
    .since = valid_since,
};

/* ---- keys ------------------------------------------------------------------------------ */

err cert_bind_key(struct cert *cert, struct private_key *key)
{
    struct public_key *public_key;
    TRY(public_key_new(&public_key, cert->body->spki));
    bool fits = key_pair_matches(key, public_key);
    public_key_free(public_key);
    if (!fits)
        return FAIL(ERR_CRED_BAD_CERTIFICATE);
    struct entry_state *state = entry_state_make(&cert->base);
    if (state == NULL)
        return FAIL(ERR_NO_MEMORY);
    pthread_mutex_lock(&state->lock);
    struct private_key *old = state->key;
    state->key = private_key_ref(key);
    pthread_mutex_unlock(&state->lock);
    private_key_free(old);
    return OK;
}

struct private_key *cert_bound_key(struct cert *cert)
{
    struct entry_state *state = entry_state(&cert->base);
    if (state == NULL)
        return NULL;
    pthread_mutex_lock(&state->lock);
    struct private_key *key = state->key != NULL ? private_key_ref(state->key) : NULL;
    pthread_mutex_unlock(&state->lock);
    return key;
}

bool cert_has_key(struct cert *cert)
{
    static const DWORD ids[] = {CERT_KEY_PROV_INFO_PROP_ID, CERT_KEY_CONTEXT_PROP_ID,
                                CERT_KEY_PROV_HANDLE_PROP_ID, CERT_NCRYPT_KEY_HANDLE_PROP_ID};
    struct private_key *key = cert_bound_key(cert);
    bool has = key != NULL;
    private_key_free(key);
    for (size_t i = 0; i < ARRAY_LEN(ids) && !has; i++)
        has = entry_has_property(&cert->base, ids[i]);
    return has;
}

/* ---- what other rooms ask -------------------------------------------------------------- */

struct span cert_der(PCCERT_CONTEXT cert)
{
    return span_of(cert_of(cert)->body->der, cert_of(cert)->body->der_len);
}

struct span cert_spki(PCCERT_CONTEXT cert)
{
    return cert_of(cert)->body->spki;
}

struct span cert_signature_algorithm(PCCERT_CONTEXT cert)
{
    return cert_of(cert)->body->algorithm;
}

void cert_validity(PCCERT_CONTEXT cert, int64_t *out_not_before, int64_t *out_not_after)
{
    *out_not_before = cert_of(cert)->body->not_before;
    *out_not_after = cert_of(cert)->body->not_after;
}

bool cert_may_sign(PCCERT_CONTEXT cert)
{
    ASN1_BIT_STRING *usage = X509_get_ext_d2i(cert_of(cert)->body->x509, NID_key_usage, NULL, NULL);
    if (usage == NULL) {
        /* Absent is fine; there and undecodable is not. */
        return X509_get_ext_by_NID(cert_of(cert)->body->x509, NID_key_usage, -1) < 0;
    }
    bool may = ASN1_BIT_STRING_get_bit(usage, 0) != 0;
    ASN1_BIT_STRING_free(usage);
    return may;
}

err cert_public_key(PCCERT_CONTEXT cert, struct public_key **out)
{
    return public_key_new(out, cert_of(cert)->body->spki);
}

err cert_private_key(PCCERT_CONTEXT context, struct private_key **out)
{
    struct cert *cert = cert_of(context);
    *out = cert_bound_key(cert);
    if (*out != NULL)
        return OK;
    TRY(cert_resolve_key(cert));
    *out = cert_bound_key(cert);
    return *out != NULL ? OK : FAIL(ERR_CRED_NO_CERTIFICATE);
}
