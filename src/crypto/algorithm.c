/* SPDX-License-Identifier: MIT */
/*
 * AlgorithmIdentifiers: RFC 3279, 4055 (RSA and RSASSA-PSS), 5480 and 5758 (EC), 8410 (Ed25519).
 * Rows of OID contents; explicit curve parameters and a MGF1 with another hash are refused.
 */
#include "crypto/algorithm.h"

#define OID_PKCS1(last)      {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, last}, 9
#define OID_ECDSA_SHA2(last) {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, last}, 8
#define OID_ECDSA_SHA1       {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x01}, 7
#define OID_EC_KEY           {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01}, 7
#define OID_ED25519          {0x2B, 0x65, 0x70}, 3
#define OID_SHA2(last)       {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, last}, 9
#define OID_SHA1             {0x2B, 0x0E, 0x03, 0x02, 0x1A}, 5

enum { OID_MAX = 9 };

struct oid {
    uint8_t bytes[OID_MAX];
    uint8_t n;
};

static const struct {
    struct oid oid;
    enum scheme_form form;
    enum hash_id hash;
    bool is_weak;
} signature_rows[] = {
    {{OID_ECDSA_SHA2(0x02)}, FORM_ECDSA, HASH_SHA256, false},
    {{OID_ECDSA_SHA2(0x03)}, FORM_ECDSA, HASH_SHA384, false},
    {{OID_ECDSA_SHA2(0x04)}, FORM_ECDSA, HASH_SHA512, false},
    {{OID_PKCS1(0x0B)}, FORM_PKCS1, HASH_SHA256, false},
    {{OID_PKCS1(0x0C)}, FORM_PKCS1, HASH_SHA384, false},
    {{OID_PKCS1(0x0D)}, FORM_PKCS1, HASH_SHA512, false},
    {{OID_PKCS1(0x0A)}, FORM_PSS, HASH_SHA1, true}, /* until its parameters were read */
    {{OID_ED25519}, FORM_ED25519, HASH_SHA512, false},
    {{OID_PKCS1(0x05)}, FORM_PKCS1, HASH_SHA1, true},
    {{OID_PKCS1(0x04)}, FORM_PKCS1, HASH_SHA1, true}, /* MD5, which has no id here */
    {{OID_ECDSA_SHA1}, FORM_ECDSA, HASH_SHA1, true},
};

static const struct {
    struct oid oid;
    enum hash_id hash;
} hash_rows[] = {
    {{OID_SHA2(0x01)}, HASH_SHA256},
    {{OID_SHA2(0x02)}, HASH_SHA384},
    {{OID_SHA2(0x03)}, HASH_SHA512},
    {{OID_SHA1}, HASH_SHA1},
};

static const struct {
    struct oid oid;
    enum key_kind kind;
} key_rows[] = {
    {{OID_EC_KEY}, KEY_EC},
    {{OID_PKCS1(0x01)}, KEY_RSA},
    {{OID_PKCS1(0x0A)}, KEY_RSA_PSS},
    {{OID_ED25519}, KEY_ED25519},
};

static const struct oid oid_mgf1 = {OID_PKCS1(0x08)};

static bool oid_is(const struct oid *oid, struct span bytes)
{
    return span_equal(span_of(oid->bytes, oid->n), bytes);
}

/* Parameters that carry nothing: NULL or none at all. */
static void skip_null(struct rd *r)
{
    if (rd_left(r) != 0 && der_take(r, DER_NULL).n != 0)
        rd_fail(r);
}

/* ---- RSASSA-PSS-params, RFC 4055 3.1 --------------------------------------------------- */

static err hash_algorithm_read(struct rd *r, enum hash_id *out)
{
    struct rd inner = der_open(r, DER_SEQUENCE);
    struct span oid = der_take(&inner, DER_OID);
    skip_null(&inner);
    if (!rd_end(&inner))
        return FAIL(ERR_CERT_PARSE);
    for (size_t i = 0; i < ARRAY_LEN(hash_rows); i++) {
        if (oid_is(&hash_rows[i].oid, oid)) {
            *out = hash_rows[i].hash;
            return OK;
        }
    }
    return FAIL(ERR_UNSUPPORTED);
}

static err mask_algorithm_read(struct rd *r, enum hash_id *out)
{
    struct rd inner = der_open(r, DER_SEQUENCE);
    struct span oid = der_take(&inner, DER_OID);
    if (inner.bad)
        return FAIL(ERR_CERT_PARSE);
    if (!oid_is(&oid_mgf1, oid))
        return FAIL(ERR_UNSUPPORTED);
    TRY(hash_algorithm_read(&inner, out));
    return rd_end(&inner) ? OK : FAIL(ERR_CERT_PARSE);
}

static err pss_hashes_read(struct rd *r, enum hash_id *out_hash, enum hash_id *out_mask)
{
    *out_hash = HASH_SHA1;
    *out_mask = HASH_SHA1;
    if (der_next_is(r, DER_CONTEXT_0)) {
        struct rd field = der_open(r, DER_CONTEXT_0);
        TRY(hash_algorithm_read(&field, out_hash));
        if (!rd_end(&field))
            return FAIL(ERR_CERT_PARSE);
    }
    if (der_next_is(r, DER_CONTEXT_0 + 1)) {
        struct rd field = der_open(r, DER_CONTEXT_0 + 1);
        TRY(mask_algorithm_read(&field, out_mask));
        if (!rd_end(&field))
            return FAIL(ERR_CERT_PARSE);
    }
    return OK;
}

static uint32_t pss_number_read(struct rd *r, uint8_t tag, uint32_t absent)
{
    if (!der_next_is(r, tag))
        return absent;
    struct rd field = der_open(r, tag);
    uint32_t value = der_take_small(&field);
    if (!rd_end(&field))
        rd_fail(r);
    return value;
}

static err pss_read(struct rd *r, struct signature_algorithm *out)
{
    struct rd inner = der_open(r, DER_SEQUENCE);
    enum hash_id mask;
    TRY(pss_hashes_read(&inner, &out->hash, &mask));
    out->salt_len = pss_number_read(&inner, DER_CONTEXT_0 + 2, 20);
    uint32_t trailer = pss_number_read(&inner, DER_CONTEXT_0 + 3, 1);
    if (!rd_end(&inner))
        return FAIL(ERR_CERT_PARSE);
    out->form = FORM_PSS;
    out->is_weak = out->hash == HASH_SHA1;
    return trailer == 1 && mask == out->hash ? OK : FAIL(ERR_UNSUPPORTED);
}

/* ---- signatures ------------------------------------------------------------------------ */

static err signature_row_find(struct span oid, struct signature_algorithm *out)
{
    for (size_t i = 0; i < ARRAY_LEN(signature_rows); i++) {
        if (oid_is(&signature_rows[i].oid, oid)) {
            *out = (struct signature_algorithm){.form = signature_rows[i].form,
                                                .hash = signature_rows[i].hash,
                                                .is_weak = signature_rows[i].is_weak};
            return OK;
        }
    }
    return FAIL(ERR_UNSUPPORTED);
}

err signature_algorithm_read(struct span der, struct signature_algorithm *out)
{
    struct rd r = rd_from(der);
    struct rd inner = der_open(&r, DER_SEQUENCE);
    struct span oid = der_take(&inner, DER_OID);
    if (inner.bad || !rd_end(&r))
        return FAIL(ERR_CERT_PARSE);
    TRY(signature_row_find(oid, out));
    if (out->form == FORM_PSS)
        TRY(pss_read(&inner, out));
    else if (out->form == FORM_PKCS1)
        skip_null(&inner);
    /* RFC 5758 3.2, RFC 8410 3: ECDSA and Ed25519 take no parameters. */
    return rd_end(&inner) ? OK : FAIL(ERR_CERT_PARSE);
}

/* ---- keys ------------------------------------------------------------------------------ */

static err key_kind_find(struct span oid, enum key_kind *out)
{
    for (size_t i = 0; i < ARRAY_LEN(key_rows); i++) {
        if (oid_is(&key_rows[i].oid, oid)) {
            *out = key_rows[i].kind;
            return OK;
        }
    }
    return FAIL(ERR_CERT_KEY);
}

static err key_parameters_read(struct rd *r, struct key_algorithm *out)
{
    switch (out->kind) {
    case KEY_EC:
        out->group = group_find_curve_oid(der_take(r, DER_OID));
        return out->group != GROUP_COUNT ? OK : FAIL(ERR_CERT_KEY);
    case KEY_RSA:
        skip_null(r);
        return OK;
    case KEY_RSA_PSS:
        out->has_pss_limits = rd_left(r) != 0;
        return out->has_pss_limits ? pss_read(r, &out->pss) : OK;
    case KEY_ED25519:
        return OK;
    }
    return FAIL(ERR_INTERNAL);
}

err key_algorithm_read(struct rd *r, struct key_algorithm *out)
{
    *out = (struct key_algorithm){.group = GROUP_COUNT};
    struct rd inner = der_open(r, DER_SEQUENCE);
    struct span oid = der_take(&inner, DER_OID);
    TRY(key_kind_find(oid, &out->kind));
    if (key_parameters_read(&inner, out) != OK || !rd_end(&inner))
        return FAIL(ERR_CERT_KEY);
    return OK;
}
