/* SPDX-License-Identifier: MIT */
/*
 * Hashes of certificates, keys and signed objects, and their signatures. Signed bytes are the
 * slice of the encoding that came in, never encoded anew.
 */
#include "crypt32/cert.h"
#include "crypt32/codec.h"

static const struct hash_name {
    ALG_ID id;
    const char *name; /* also CNG's */
} hashes[] = {
    {CALG_MD5, "MD5"},        {CALG_SHA1, "SHA1"},      {CALG_SHA_256, "SHA256"},
    {CALG_SHA_384, "SHA384"}, {CALG_SHA_512, "SHA512"},
};

/* 0 or the error. */
static DWORD digest_of(const char *name, struct span bytes, uint8_t out[EVP_MAX_MD_SIZE],
                       unsigned *out_n)
{
    if (crypto_start() != OK)
        return (DWORD)NTE_FAIL;
    crypto_mark();
    EVP_MD *md = EVP_MD_fetch(crypto_context(), name, NULL);
    bool done = md != NULL && EVP_Digest(bytes.p, bytes.n, out, out_n, md, NULL) == 1;
    DWORD error = md == NULL ? (DWORD)NTE_BAD_ALGID : done ? 0 : (DWORD)NTE_FAIL;
    EVP_MD_free(md);
    crypto_unmark();
    return error;
}

static BOOL give_hash(const char *name, struct span bytes, BYTE *out, DWORD *inout_size)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned n;
    if (name == NULL)
        return win_fail((DWORD)NTE_BAD_ALGID);
    DWORD error = digest_of(name, bytes, digest, &n);
    if (error != 0)
        return win_fail(error);
    DWORD room = *inout_size;
    *inout_size = n;
    if (out == NULL)
        return TRUE;
    if (room < n)
        return win_fail(ERROR_MORE_DATA);
    mem_copy(out, digest, n);
    return TRUE;
}

static const char *name_of(ALG_ID id)
{
    for (size_t i = 0; i < ARRAY_LEN(hashes); i++) {
        if (hashes[i].id == id)
            return hashes[i].name;
    }
    return NULL;
}

BOOL WINAPI CryptHashCertificate(HCRYPTPROV_LEGACY hCryptProv, ALG_ID Algid, DWORD dwFlags,
                                 const BYTE *pbEncoded, DWORD cbEncoded, BYTE *pbComputedHash,
                                 DWORD *pcbComputedHash)
{
    (void)hCryptProv;
    (void)dwFlags;
    if (pcbComputedHash == NULL || (pbEncoded == NULL && cbEncoded != 0))
        return win_fail((DWORD)E_INVALIDARG);
    return give_hash(name_of(Algid != 0 ? Algid : CALG_SHA1), span_of(pbEncoded, cbEncoded),
                     pbComputedHash, pcbComputedHash);
}

static const char *cng_name(LPCWSTR name)
{
    char *text = win_utf8_dup(name);
    const char *found = NULL;
    for (size_t i = 0; text != NULL && i < ARRAY_LEN(hashes); i++) {
        if (strcasecmp(text, hashes[i].name) == 0)
            found = hashes[i].name;
    }
    mem_free(text);
    return found;
}

BOOL WINAPI CryptHashCertificate2(LPCWSTR pwszCNGHashAlgid, DWORD dwFlags, void *pvReserved,
                                  const BYTE *pbEncoded, DWORD cbEncoded, BYTE *pbComputedHash,
                                  DWORD *pcbComputedHash)
{
    static const DWORD status_not_found = 0xC0000225;
    (void)dwFlags;
    (void)pvReserved;
    if (pwszCNGHashAlgid == NULL || pcbComputedHash == NULL ||
        (pbEncoded == NULL && cbEncoded != 0))
        return win_fail((DWORD)E_INVALIDARG);
    const char *name = cng_name(pwszCNGHashAlgid);
    if (name == NULL)
        return win_fail(status_not_found);
    return give_hash(name, span_of(pbEncoded, cbEncoded), pbComputedHash, pcbComputedHash);
}

/* The key's encoding, to be freed with LocalFree. */
static BOOL encode_key(DWORD encoding, const CERT_PUBLIC_KEY_INFO *key, BYTE **out, DWORD *out_n)
{
    return CryptEncodeObjectEx(encoding, X509_PUBLIC_KEY_INFO, key, CRYPT_ENCODE_ALLOC_FLAG, NULL,
                               out, out_n);
}

BOOL WINAPI CryptHashPublicKeyInfo(HCRYPTPROV_LEGACY hCryptProv, ALG_ID Algid, DWORD dwFlags,
                                   DWORD dwCertEncodingType, PCERT_PUBLIC_KEY_INFO pInfo,
                                   BYTE *pbComputedHash, DWORD *pcbComputedHash)
{
    BYTE *der = NULL;
    DWORD n;
    (void)hCryptProv;
    (void)dwFlags;
    if (pcbComputedHash == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    if (!encode_key(dwCertEncodingType, pInfo, &der, &n))
        return FALSE;
    BOOL done = give_hash(name_of(Algid != 0 ? Algid : CALG_MD5), span_of(der, n), pbComputedHash,
                          pcbComputedHash);
    LocalFree(der);
    return done;
}

/* ---- signed objects ---------------------------------------------------------------------- */

struct signed_object {
    struct span tbs;
    struct span algorithm; /* DER */
    struct span signature;
};

/* 0 or the error. Nothing may stand behind the object. */
static DWORD open_signed(struct span der, struct signed_object *out)
{
    struct decoder d = {0};
    struct rd whole = rd_from(der);
    struct rd inner = asn_enter(&d, &whole, DER_SEQUENCE);
    out->tbs = asn_any(&d, &inner);
    out->algorithm = asn_any(&d, &inner);
    struct span bits = asn_take(&d, &inner, DER_BIT_STRING);
    asn_leave(&d, &inner);
    asn_leave(&d, &whole);
    if (d.error == 0 && (bits.n == 0 || bits.p[0] != 0))
        dec_fail(&d, (DWORD)CRYPT_E_ASN1_CORRUPT);
    out->signature = d.error == 0 ? span_of(bits.p + 1, bits.n - 1) : span_empty();
    return d.error;
}

static const struct {
    const char *oid;
    const char *hash;
} signatures[] = {
    {szOID_RSA_MD5RSA, "MD5"},       {szOID_RSA_SHA1RSA, "SHA1"},
    {szOID_RSA_SHA256RSA, "SHA256"}, {szOID_RSA_SHA384RSA, "SHA384"},
    {szOID_RSA_SHA512RSA, "SHA512"}, {szOID_OIWSEC_sha1RSASign, "SHA1"},
    {szOID_ECDSA_SHA1, "SHA1"},      {szOID_ECDSA_SHA256, "SHA256"},
    {szOID_ECDSA_SHA384, "SHA384"},  {szOID_ECDSA_SHA512, "SHA512"},
    {szOID_OIWSEC_sha1, "SHA1"},     {szOID_NIST_sha256, "SHA256"},
    {szOID_NIST_sha384, "SHA384"},   {szOID_NIST_sha512, "SHA512"},
};

static const char *hash_of_oid(const char *oid)
{
    for (size_t i = 0; i < ARRAY_LEN(signatures); i++) {
        if (strcmp(oid, signatures[i].oid) == 0)
            return signatures[i].hash;
    }
    return NULL;
}

/* RFC 4055 3.1: the hash is the first parameter and SHA-1 by default. */
static const char *hash_of_pss(const CRYPT_OBJID_BLOB *parameters)
{
    struct decoder d = {0};
    struct rd r = rd_from(span_of(parameters->pbData, parameters->cbData));
    struct rd inner = asn_enter(&d, &r, DER_SEQUENCE);
    if (d.error != 0)
        return NULL;
    if (!asn_next_is(&inner, DER_CONTEXT_CONTAINER))
        return "SHA1";
    struct rd hash = asn_enter(&d, &inner, DER_CONTEXT_CONTAINER);
    struct span algorithm = asn_any(&d, &hash);
    CRYPT_ALGORITHM_IDENTIFIER *id = NULL;
    DWORD size;
    if (!CryptDecodeObjectEx(X509_ASN_ENCODING, X509_ALGORITHM_IDENTIFIER, algorithm.p,
                             (DWORD)algorithm.n, CRYPT_DECODE_ALLOC_FLAG, NULL, &id, &size))
        return NULL;
    const char *name = hash_of_oid(id->pszObjId);
    LocalFree(id);
    return name;
}

/* NULL: an algorithm without a hash of its own, or an unknown one. */
static const char *hash_of_algorithm(struct span der)
{
    CRYPT_ALGORITHM_IDENTIFIER *id = NULL;
    DWORD size;
    if (!CryptDecodeObjectEx(X509_ASN_ENCODING, X509_ALGORITHM_IDENTIFIER, der.p, (DWORD)der.n,
                             CRYPT_DECODE_ALLOC_FLAG, NULL, &id, &size))
        return NULL;
    const char *name = strcmp(id->pszObjId, szOID_RSA_SSA_PSS) == 0 ? hash_of_pss(&id->Parameters)
                                                                    : hash_of_oid(id->pszObjId);
    LocalFree(id);
    return name;
}

static bool is_x509(DWORD encoding)
{
    return (encoding & CERT_ENCODING_TYPE_MASK) == X509_ASN_ENCODING;
}

BOOL WINAPI CryptHashToBeSigned(HCRYPTPROV_LEGACY hCryptProv, DWORD dwCertEncodingType,
                                const BYTE *pbEncoded, DWORD cbEncoded, BYTE *pbComputedHash,
                                DWORD *pcbComputedHash)
{
    struct signed_object object;
    (void)hCryptProv;
    if (pcbComputedHash == NULL || (pbEncoded == NULL && cbEncoded != 0))
        return win_fail((DWORD)E_INVALIDARG);
    if (!is_x509(dwCertEncodingType))
        return win_fail(ERROR_FILE_NOT_FOUND);
    DWORD error = open_signed(span_of(pbEncoded, cbEncoded), &object);
    if (error != 0)
        return win_fail(error);
    return give_hash(hash_of_algorithm(object.algorithm), object.tbs, pbComputedHash,
                     pcbComputedHash);
}

/* ---- signatures -------------------------------------------------------------------------- */

/*
 * RFC 5280 4.1.1.2, 5.1.1.2: a certificate and a list repeat the algorithm inside of what is
 * signed, behind the version and, in a certificate, the serial number. A request does not.
 */
static bool algorithm_is_signed(const struct signed_object *object)
{
    struct decoder d = {0};
    struct rd r = rd_from(object->tbs);
    struct rd inner = asn_enter(&d, &r, DER_SEQUENCE);
    if (asn_next_is(&inner, DER_CONTEXT_CONTAINER))
        asn_any(&d, &inner);
    if (asn_next_is(&inner, DER_INTEGER))
        asn_any(&d, &inner);
    return span_equal(asn_any(&d, &inner), object->algorithm);
}

static DWORD signature_error(err result)
{
    if (result == OK)
        return 0;
    if (result == ERR_SIGNATURE)
        return (DWORD)NTE_BAD_SIGNATURE;
    if (result == ERR_UNSUPPORTED || result == ERR_SIGNATURE_SCHEME)
        return (DWORD)NTE_BAD_ALGID;
    return result == ERR_NO_MEMORY ? ERROR_NOT_ENOUGH_MEMORY : (DWORD)NTE_FAIL;
}

static DWORD verify_with(const struct signed_object *object, struct span spki)
{
    struct public_key *key = NULL;
    if (crypto_start() != OK)
        return (DWORD)NTE_FAIL;
    crypto_mark();
    err result = public_key_new(&key, spki);
    DWORD error = result == OK              ? 0
                  : result == ERR_NO_MEMORY ? ERROR_NOT_ENOUGH_MEMORY
                                            : (DWORD)NTE_BAD_PUBLIC_KEY;
    if (error == 0)
        error = signature_error(
            public_key_verify_x509(key, object->algorithm, object->tbs, object->signature));
    public_key_free(key);
    crypto_unmark();
    return error;
}

static BOOL verify(DWORD encoding, struct span der, bool is_request_possible,
                   const CERT_PUBLIC_KEY_INFO *key)
{
    struct signed_object object;
    BYTE *spki = NULL;
    DWORD n;
    DWORD error = open_signed(der, &object);
    if (error != 0)
        return win_fail(error);
    if (!is_request_possible && !algorithm_is_signed(&object))
        return win_fail((DWORD)NTE_BAD_SIGNATURE);
    if (!encode_key(encoding, key, &spki, &n))
        return FALSE;
    error = verify_with(&object, span_of(spki, n));
    LocalFree(spki);
    return error == 0 ? TRUE : win_fail(error);
}

/* A request has a name where certificates and lists have the algorithm. */
static bool may_be_request(struct span der)
{
    struct signed_object object;
    struct decoder d = {0};
    if (open_signed(der, &object) != 0)
        return true;
    struct rd r = rd_from(object.tbs);
    struct rd inner = asn_enter(&d, &r, DER_SEQUENCE);
    asn_take(&d, &inner, DER_INTEGER);
    asn_take(&d, &inner, DER_SEQUENCE); /* subject */
    asn_take(&d, &inner, DER_SEQUENCE); /* key */
    if (asn_next_is(&inner, DER_CONTEXT_CONTAINER))
        asn_any(&d, &inner);
    asn_leave(&d, &inner);
    return d.error == 0;
}

BOOL WINAPI CryptVerifyCertificateSignature(HCRYPTPROV_LEGACY hCryptProv, DWORD dwCertEncodingType,
                                            const BYTE *pbEncoded, DWORD cbEncoded,
                                            PCERT_PUBLIC_KEY_INFO pPublicKey)
{
    CRYPT_DATA_BLOB blob = {.cbData = cbEncoded, .pbData = (BYTE *)(uintptr_t)pbEncoded};
    return CryptVerifyCertificateSignatureEx(
        hCryptProv, dwCertEncodingType, CRYPT_VERIFY_CERT_SIGN_SUBJECT_BLOB, &blob,
        CRYPT_VERIFY_CERT_SIGN_ISSUER_PUBKEY, pPublicKey, 0, NULL);
}

/* Nothing where the kind is not known. */
static struct span subject_of(DWORD type, const void *subject)
{
    const CRYPT_DATA_BLOB *blob = subject;
    const CERT_CONTEXT *cert = subject;
    const CRL_CONTEXT *crl = subject;
    switch (type) {
    case CRYPT_VERIFY_CERT_SIGN_SUBJECT_BLOB:
        return blob->pbData != NULL ? span_of(blob->pbData, blob->cbData) : (struct span){0};
    case CRYPT_VERIFY_CERT_SIGN_SUBJECT_CERT:
        return span_of(cert->pbCertEncoded, cert->cbCertEncoded);
    case CRYPT_VERIFY_CERT_SIGN_SUBJECT_CRL:
        return span_of(crl->pbCrlEncoded, crl->cbCrlEncoded);
    default:
        return (struct span){0};
    }
}

static const CERT_PUBLIC_KEY_INFO *key_of(DWORD type, const void *issuer)
{
    const CERT_CONTEXT *cert = issuer;
    const CERT_CHAIN_CONTEXT *chain = issuer;
    if (issuer == NULL)
        return NULL;
    switch (type) {
    case CRYPT_VERIFY_CERT_SIGN_ISSUER_PUBKEY:
        return issuer;
    case CRYPT_VERIFY_CERT_SIGN_ISSUER_CERT:
        return &cert->pCertInfo->SubjectPublicKeyInfo;
    case CRYPT_VERIFY_CERT_SIGN_ISSUER_CHAIN:
        if (chain->cChain == 0 || chain->rgpChain[0]->cElement == 0)
            return NULL;
        cert = chain->rgpChain[0]->rgpElement[0]->pCertContext;
        return &cert->pCertInfo->SubjectPublicKeyInfo;
    default:
        return NULL;
    }
}

BOOL WINAPI CryptVerifyCertificateSignatureEx(HCRYPTPROV_LEGACY hCryptProv,
                                              DWORD dwCertEncodingType, DWORD dwSubjectType,
                                              void *pvSubject, DWORD dwIssuerType, void *pvIssuer,
                                              DWORD dwFlags, void *pvExtra)
{
    (void)hCryptProv;
    (void)dwFlags;
    (void)pvExtra;
    if (!is_x509(dwCertEncodingType))
        return win_fail(ERROR_FILE_NOT_FOUND);
    if (pvSubject == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    struct span der = subject_of(dwSubjectType, pvSubject);
    const CERT_PUBLIC_KEY_INFO *key = key_of(dwIssuerType, pvIssuer);
    if (der.p == NULL || key == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    bool is_request = dwSubjectType == CRYPT_VERIFY_CERT_SIGN_SUBJECT_BLOB && may_be_request(der);
    return verify(dwCertEncodingType, der, is_request, key);
}
