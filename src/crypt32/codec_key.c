/* SPDX-License-Identifier: MIT */
/*
 * Codecs of keys: RSA keys (RFC 8017 A.1) as the blobs of CryptoAPI and CNG, PKCS#8 (RFC 5208,
 * RFC 5958), EC private keys (RFC 5915), ECDSA signatures (RFC 3279 2.2.3). Blobs are bytes without
 * pointers. Keys are only moved, not judged.
 */
#include "crypt32/codec.h"

enum {
    CSP_HEADER = sizeof(BLOBHEADER) + sizeof(RSAPUBKEY),
    RSA_BYTES_MAX = 8192,
    MAGIC_PUBLIC = 0x31415352, /* "RSA1" */
    MAGIC_PRIVATE = 0x32415352 /* "RSA2" */
};

/* ---- RSA keys as CryptoAPI has them -------------------------------------------------------- */

static uint8_t *put_reversed(uint8_t *to, struct span be, size_t width)
{
    for (size_t i = 0; i < be.n && i < width; i++)
        to[i] = be.p[be.n - 1 - i];
    if (be.n < width)
        memset(to + be.n, 0, width - be.n);
    return to + width;
}

static uint32_t number_of(struct decoder *d, struct span be)
{
    uint32_t value = 0;
    if (be.n > sizeof value)
        dec_fail(d, (DWORD)CRYPT_E_ASN1_LARGE);
    for (size_t i = 0; i < be.n; i++)
        value = value << 8 | be.p[i];
    return value;
}

static uint8_t *put_csp_header(uint8_t *to, BYTE kind, size_t modulus_len, uint32_t exponent)
{
    BLOBHEADER header = {.bType = kind, .bVersion = CUR_BLOB_VERSION, .aiKeyAlg = CALG_RSA_KEYX};
    RSAPUBKEY key = {.magic = kind == PUBLICKEYBLOB ? MAGIC_PUBLIC : MAGIC_PRIVATE,
                     .bitlen = (DWORD)modulus_len * 8,
                     .pubexp = exponent};
    memcpy(to, &header, sizeof header);
    memcpy(to + sizeof header, &key, sizeof key);
    return to + CSP_HEADER;
}

/* Numbers larger than any key in use are refused, so that sizes stay small. */
static struct span take_number(struct decoder *d, struct rd *r)
{
    struct span number = asn_take_unsigned(d, r, DER_INTEGER);
    if (number.n > RSA_BYTES_MAX)
        dec_fail(d, (DWORD)CRYPT_E_ASN1_LARGE);
    return number;
}

void read_rsa_public(struct decoder *d, struct rd *r, void *out)
{
    (void)out;
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    struct span modulus = take_number(d, &inner);
    uint32_t exponent = number_of(d, take_number(d, &inner));
    asn_leave(d, &inner);
    uint8_t *blob = dec_take(d, CSP_HEADER + modulus.n);
    if (blob != NULL)
        put_reversed(put_csp_header(blob, PUBLICKEYBLOB, modulus.n, exponent), modulus, modulus.n);
}

/* In the order of RSAPrivateKey. */
enum rsa_part { RSA_N, RSA_E, RSA_D, RSA_P, RSA_Q, RSA_DP, RSA_DQ, RSA_QINV, RSA_PARTS };

static void take_private(struct decoder *d, struct rd *r, struct span parts[RSA_PARTS])
{
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    if (asn_take_int(d, &inner, DER_INTEGER) != 0) /* of more than two primes */
        dec_fail(d, (DWORD)CRYPT_E_ASN1_CORRUPT);
    for (size_t i = 0; i < RSA_PARTS; i++)
        parts[i] = take_number(d, &inner);
    asn_leave(d, &inner);
}

/* The parts in the order of a PRIVATEKEYBLOB; those but the first and last have half the size. */
static const enum rsa_part csp_order[] = {RSA_N, RSA_P, RSA_Q, RSA_DP, RSA_DQ, RSA_QINV, RSA_D};

static size_t csp_width(enum rsa_part part, size_t modulus_len)
{
    return part == RSA_N || part == RSA_D ? modulus_len : (modulus_len + 1) / 2;
}

void read_rsa_private(struct decoder *d, struct rd *r, void *out)
{
    (void)out;
    struct span parts[RSA_PARTS];
    size_t size = CSP_HEADER;
    take_private(d, r, parts);
    for (size_t i = 0; i < ARRAY_LEN(csp_order); i++) {
        size_t width = csp_width(csp_order[i], parts[RSA_N].n);
        if (parts[csp_order[i]].n > width)
            dec_fail(d, (DWORD)CRYPT_E_BAD_ENCODE);
        size += width;
    }
    uint32_t exponent = number_of(d, parts[RSA_E]);
    uint8_t *to = dec_take(d, size);
    if (to == NULL)
        return;
    to = put_csp_header(to, PRIVATEKEYBLOB, parts[RSA_N].n, exponent);
    for (size_t i = 0; i < ARRAY_LEN(csp_order); i++)
        to = put_reversed(to, parts[csp_order[i]], csp_width(csp_order[i], parts[RSA_N].n));
}

/* The modulus' length in bytes, or 0 and an error. */
static size_t csp_header(struct encoder *e, const uint8_t *blob, BYTE kind, RSAPUBKEY *out_key)
{
    BLOBHEADER header;
    memcpy(&header, blob, sizeof header);
    memcpy(out_key, blob + sizeof header, sizeof *out_key);
    DWORD magic = kind == PUBLICKEYBLOB ? MAGIC_PUBLIC : MAGIC_PRIVATE;
    if (header.bType != kind || header.bVersion != CUR_BLOB_VERSION || out_key->magic != magic ||
        out_key->bitlen == 0 || out_key->bitlen % 8 != 0 || out_key->bitlen / 8 > RSA_BYTES_MAX) {
        enc_fail(e, (DWORD)E_INVALIDARG);
        return 0;
    }
    return out_key->bitlen / 8;
}

static void put_unsigned(struct encoder *e, const uint8_t *le, size_t n)
{
    CRYPT_UINT_BLOB blob = {.cbData = (DWORD)n, .pbData = (BYTE *)(uintptr_t)le};
    enc_unsigned(e, DER_INTEGER, &blob);
}

void write_rsa_public(struct encoder *e, const void *in)
{
    const uint8_t *blob = in;
    RSAPUBKEY key;
    size_t modulus_len = csp_header(e, blob, PUBLICKEYBLOB, &key);
    if (modulus_len == 0)
        return;
    size_t mark = enc_begin(e, DER_SEQUENCE);
    put_unsigned(e, blob + CSP_HEADER, modulus_len);
    enc_dword(e, DER_INTEGER, key.pubexp);
    enc_end(e, mark);
}

void write_rsa_private(struct encoder *e, const void *in)
{
    const uint8_t *at = in;
    const uint8_t *parts[RSA_PARTS] = {NULL};
    RSAPUBKEY key;
    size_t modulus_len = csp_header(e, at, PRIVATEKEYBLOB, &key);
    if (modulus_len == 0)
        return;
    at += CSP_HEADER;
    for (size_t i = 0; i < ARRAY_LEN(csp_order); i++) {
        parts[csp_order[i]] = at;
        at += csp_width(csp_order[i], modulus_len);
    }
    size_t mark = enc_begin(e, DER_SEQUENCE);
    enc_int(e, DER_INTEGER, 0);
    put_unsigned(e, parts[RSA_N], modulus_len);
    enc_dword(e, DER_INTEGER, key.pubexp);
    for (enum rsa_part part = RSA_D; part < RSA_PARTS; part++)
        put_unsigned(e, parts[part], csp_width(part, modulus_len));
    enc_end(e, mark);
}

/* ---- RSA keys as CNG has them -------------------------------------------------------------- */

/* The head of a CNG blob, in 32-bit words; the numbers follow, most significant byte first. */
enum {
    CNG_MAGIC,
    CNG_BITS,
    CNG_EXPONENT_LEN,
    CNG_MODULUS_LEN,
    CNG_PRIME1_LEN,
    CNG_PRIME2_LEN,
    CNG_WORDS
};

static uint32_t bits_of(struct span magnitude)
{
    uint32_t bits = (uint32_t)magnitude.n * 8;
    for (uint8_t top = magnitude.n != 0 ? magnitude.p[0] : 0xFF; top < 0x80 && bits != 0; bits--)
        top = (uint8_t)(top << 1 | 1);
    return bits;
}

static void put_cng(struct decoder *d, uint32_t magic, const struct span parts[RSA_PARTS])
{
    static const enum rsa_part order[] = {RSA_E, RSA_N, RSA_P, RSA_Q};
    const uint32_t head[CNG_WORDS] = {
        [CNG_MAGIC] = magic,
        [CNG_BITS] = bits_of(parts[RSA_N]),
        [CNG_EXPONENT_LEN] = (uint32_t)parts[RSA_E].n,
        [CNG_MODULUS_LEN] = (uint32_t)parts[RSA_N].n,
        [CNG_PRIME1_LEN] = (uint32_t)parts[RSA_P].n,
        [CNG_PRIME2_LEN] = (uint32_t)parts[RSA_Q].n,
    };
    size_t size = sizeof head;
    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        size += parts[order[i]].n;
    uint8_t *to = dec_take(d, size);
    if (to == NULL)
        return;
    memcpy(to, head, sizeof head);
    to += sizeof head;
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        mem_copy(to, parts[order[i]].p, parts[order[i]].n);
        to += parts[order[i]].n;
    }
}

void read_rsa_public_cng(struct decoder *d, struct rd *r, void *out)
{
    (void)out;
    struct span parts[RSA_PARTS] = {{0}};
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    parts[RSA_N] = take_number(d, &inner);
    parts[RSA_E] = take_number(d, &inner);
    asn_leave(d, &inner);
    put_cng(d, MAGIC_PUBLIC, parts);
}

void read_rsa_private_cng(struct decoder *d, struct rd *r, void *out)
{
    (void)out;
    struct span parts[RSA_PARTS];
    take_private(d, r, parts);
    put_cng(d, MAGIC_PRIVATE, parts);
}

void write_rsa_public_cng(struct encoder *e, const void *in)
{
    uint32_t head[CNG_WORDS];
    memcpy(head, in, sizeof head);
    const uint8_t *exponent = (const uint8_t *)in + sizeof head;
    if (head[CNG_MAGIC] != MAGIC_PUBLIC || head[CNG_EXPONENT_LEN] > RSA_BYTES_MAX ||
        head[CNG_MODULUS_LEN] > RSA_BYTES_MAX) {
        enc_fail(e, (DWORD)E_INVALIDARG);
        return;
    }
    size_t mark = enc_begin(e, DER_SEQUENCE);
    enc_unsigned_be(e, span_of(exponent + head[CNG_EXPONENT_LEN], head[CNG_MODULUS_LEN]));
    enc_unsigned_be(e, span_of(exponent, head[CNG_EXPONENT_LEN]));
    enc_end(e, mark);
}

/* ---- PKCS#8 -------------------------------------------------------------------------------- */

static CRYPT_ATTRIBUTES *take_attributes(struct decoder *d, struct rd *r)
{
    CRYPT_ATTRIBUTES attributes = {0};
    CRYPT_ATTRIBUTES *room = dec_take(d, sizeof *room);
    read_attributes(d, r, DER_CONTEXT_CONTAINER, &attributes);
    dec_store(room, 0, &attributes, sizeof attributes);
    return room;
}

void read_private_key(struct decoder *d, struct rd *r, void *out)
{
    CRYPT_PRIVATE_KEY_INFO *info = out;
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    info->Version = asn_take_count(d, &inner, DER_INTEGER);
    read_algorithm(d, &inner, &info->Algorithm);
    dec_blob(d, asn_take(d, &inner, DER_OCTET_STRING), &info->PrivateKey);
    if (asn_next_is(&inner, DER_CONTEXT_CONTAINER))
        info->pAttributes = take_attributes(d, &inner);
    if (asn_next_is(&inner, DER_CONTEXT + 1)) /* RFC 5958: the public key, which has no field */
        asn_take(d, &inner, DER_CONTEXT + 1);
    asn_leave(d, &inner);
}

void write_private_key(struct encoder *e, const void *in)
{
    const CRYPT_PRIVATE_KEY_INFO *info = in;
    size_t mark = enc_begin(e, DER_SEQUENCE);
    enc_dword(e, DER_INTEGER, info->Version);
    write_algorithm(e, &info->Algorithm);
    enc_element(e, DER_OCTET_STRING, enc_blob(e, &info->PrivateKey));
    if (info->pAttributes != NULL)
        write_attributes(e, DER_CONTEXT_CONTAINER, info->pAttributes);
    enc_end(e, mark);
}

void read_encrypted_key(struct decoder *d, struct rd *r, void *out)
{
    CRYPT_ENCRYPTED_PRIVATE_KEY_INFO *info = out;
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    read_algorithm(d, &inner, &info->EncryptionAlgorithm);
    dec_blob(d, asn_take(d, &inner, DER_OCTET_STRING), &info->EncryptedPrivateKey);
    asn_leave(d, &inner);
}

void write_encrypted_key(struct encoder *e, const void *in)
{
    const CRYPT_ENCRYPTED_PRIVATE_KEY_INFO *info = in;
    size_t mark = enc_begin(e, DER_SEQUENCE);
    write_algorithm(e, &info->EncryptionAlgorithm);
    enc_element(e, DER_OCTET_STRING, enc_blob(e, &info->EncryptedPrivateKey));
    enc_end(e, mark);
}

/* ---- elliptic curves ----------------------------------------------------------------------- */

void read_ecc_signature(struct decoder *d, struct rd *r, void *out)
{
    CERT_ECC_SIGNATURE *signature = out;
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    dec_blob_reversed(d, asn_take_unsigned(d, &inner, DER_INTEGER), &signature->r);
    dec_blob_reversed(d, asn_take_unsigned(d, &inner, DER_INTEGER), &signature->s);
    asn_leave(d, &inner);
}

void write_ecc_signature(struct encoder *e, const void *in)
{
    const CERT_ECC_SIGNATURE *signature = in;
    size_t mark = enc_begin(e, DER_SEQUENCE);
    enc_unsigned(e, DER_INTEGER, &signature->r);
    enc_unsigned(e, DER_INTEGER, &signature->s);
    enc_end(e, mark);
}

void read_ecc_private(struct decoder *d, struct rd *r, void *out)
{
    CRYPT_ECC_PRIVATE_KEY_INFO *info = out;
    struct rd inner = asn_enter(d, r, DER_SEQUENCE);
    info->dwVersion = asn_take_count(d, &inner, DER_INTEGER);
    dec_blob(d, asn_take(d, &inner, DER_OCTET_STRING), &info->PrivateKey);
    if (asn_next_is(&inner, DER_CONTEXT_CONTAINER)) {
        struct rd curve = asn_enter(d, &inner, DER_CONTEXT_CONTAINER);
        info->szCurveOid = asn_take_oid(d, &curve, DER_OID);
        asn_leave(d, &curve);
    }
    if (asn_next_is(&inner, DER_CONTEXT_CONTAINER + 1)) {
        struct rd point = asn_enter(d, &inner, DER_CONTEXT_CONTAINER + 1);
        asn_take_bits(d, &point, DER_BIT_STRING, &info->PublicKey);
        asn_leave(d, &point);
    }
    asn_leave(d, &inner);
}

void write_ecc_private(struct encoder *e, const void *in)
{
    const CRYPT_ECC_PRIVATE_KEY_INFO *info = in;
    size_t mark = enc_begin(e, DER_SEQUENCE);
    enc_dword(e, DER_INTEGER, info->dwVersion);
    enc_element(e, DER_OCTET_STRING, enc_blob(e, &info->PrivateKey));
    if (info->szCurveOid != NULL) {
        size_t curve = enc_begin(e, DER_CONTEXT_CONTAINER);
        enc_oid(e, DER_OID, info->szCurveOid);
        enc_end(e, curve);
    }
    if (info->PublicKey.cbData != 0) {
        size_t point = enc_begin(e, DER_CONTEXT_CONTAINER + 1);
        enc_bits(e, DER_BIT_STRING, &info->PublicKey);
        enc_end(e, point);
    }
    enc_end(e, mark);
}
