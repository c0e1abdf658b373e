/* SPDX-License-Identifier: MIT */
/*
 * The structure types: by number, and the object identifiers of extensions, attributes and
 * parameters that stand for a number.
 */
#include "crypt32/codec.h"

static const struct codec_row rows[] = {
    {X509_CERT, sizeof(CERT_SIGNED_CONTENT_INFO), read_signed, write_signed},
    {X509_CERT_TO_BE_SIGNED, sizeof(CERT_INFO), read_cert_info, write_cert_info},
    {X509_CERT_CRL_TO_BE_SIGNED, sizeof(CRL_INFO), read_crl_info, write_crl_info},
    {X509_CERT_REQUEST_TO_BE_SIGNED, sizeof(CERT_REQUEST_INFO), read_request_info,
     write_request_info},
    {X509_EXTENSIONS, sizeof(CERT_EXTENSIONS), read_extensions, write_extensions},
    {X509_NAME_VALUE, sizeof(CERT_NAME_VALUE), read_value, write_value},
    {X509_NAME, sizeof(CERT_NAME_INFO), read_name, write_name},
    {X509_PUBLIC_KEY_INFO, sizeof(CERT_PUBLIC_KEY_INFO), read_public_key, write_public_key},
    {X509_AUTHORITY_KEY_ID, sizeof(CERT_AUTHORITY_KEY_ID_INFO), read_key_id, write_key_id},
    {X509_ALTERNATE_NAME, sizeof(CERT_ALT_NAME_INFO), read_alt_names_row, write_alt_names_row},
    {X509_KEY_USAGE, sizeof(CRYPT_BIT_BLOB), read_bits, write_named_bits},
    {X509_BASIC_CONSTRAINTS2, sizeof(CERT_BASIC_CONSTRAINTS2_INFO), read_basic_constraints,
     write_basic_constraints},
    {X509_CERT_POLICIES, sizeof(CERT_POLICIES_INFO), read_policies, write_policies},
    {PKCS_UTC_TIME, sizeof(FILETIME), read_utc_time, write_utc_time},
    {RSA_CSP_PUBLICKEYBLOB, 0, read_rsa_public, write_rsa_public},
    {X509_UNICODE_NAME, sizeof(CERT_NAME_INFO), read_name_unicode, write_name_unicode},
    {PKCS_ATTRIBUTE, sizeof(CRYPT_ATTRIBUTE), read_attribute_row, write_attribute_row},
    {X509_UNICODE_NAME_VALUE, sizeof(CERT_NAME_VALUE), read_value_unicode, write_value_unicode},
    {X509_OCTET_STRING, sizeof(CRYPT_DATA_BLOB), read_octets, write_octets},
    {X509_BITS, sizeof(CRYPT_BIT_BLOB), read_bits, write_bits},
    {X509_INTEGER, sizeof(int), read_int, write_int},
    {X509_MULTI_BYTE_INTEGER, sizeof(CRYPT_INTEGER_BLOB), read_integer, write_integer},
    {X509_ENUMERATED, sizeof(int), read_enumerated, write_enumerated},
    {X509_CHOICE_OF_TIME, sizeof(FILETIME), read_time, write_time},
    {X509_AUTHORITY_KEY_ID2, sizeof(CERT_AUTHORITY_KEY_ID2_INFO), read_key_id2, write_key_id2},
    {X509_AUTHORITY_INFO_ACCESS, sizeof(CERT_AUTHORITY_INFO_ACCESS), read_info_access,
     write_info_access},
    {X509_SEQUENCE_OF_ANY, sizeof(CRYPT_SEQUENCE_OF_ANY), read_sequence_of_any,
     write_sequence_of_any},
    {X509_CRL_DIST_POINTS, sizeof(CRL_DIST_POINTS_INFO), read_dist_points, write_dist_points},
    {X509_ENHANCED_KEY_USAGE, sizeof(CERT_ENHKEY_USAGE), read_usage, write_usage},
    {X509_MULTI_BYTE_UINT, sizeof(CRYPT_UINT_BLOB), read_unsigned, write_unsigned},
    {PKCS_RSA_PRIVATE_KEY, 0, read_rsa_private, write_rsa_private},
    {PKCS_PRIVATE_KEY_INFO, sizeof(CRYPT_PRIVATE_KEY_INFO), read_private_key, write_private_key},
    {PKCS_ENCRYPTED_PRIVATE_KEY_INFO, sizeof(CRYPT_ENCRYPTED_PRIVATE_KEY_INFO), read_encrypted_key,
     write_encrypted_key},
    {X509_ECC_SIGNATURE, sizeof(CERT_ECC_SIGNATURE), read_ecc_signature, write_ecc_signature},
    {PKCS_ATTRIBUTES, sizeof(CRYPT_ATTRIBUTES), read_attributes_row, write_attributes_row},
    {X509_BITS_WITHOUT_TRAILING_ZEROES, sizeof(CRYPT_BIT_BLOB), read_bits, write_named_bits},
    {X509_NAME_CONSTRAINTS, sizeof(CERT_NAME_CONSTRAINTS_INFO), read_name_constraints,
     write_name_constraints},
    {X509_POLICY_MAPPINGS, sizeof(CERT_POLICY_MAPPINGS_INFO), read_policy_mappings,
     write_policy_mappings},
    {X509_POLICY_CONSTRAINTS, sizeof(CERT_POLICY_CONSTRAINTS_INFO), read_policy_constraints,
     write_policy_constraints},
    {CNG_RSA_PUBLIC_KEY_BLOB, 0, read_rsa_public_cng, write_rsa_public_cng},
    {X509_OBJECT_IDENTIFIER, sizeof(LPSTR), read_oid, write_oid},
    {X509_ALGORITHM_IDENTIFIER, sizeof(CRYPT_ALGORITHM_IDENTIFIER), read_algorithm_row,
     write_algorithm_row},
    {X509_ECC_PRIVATE_KEY, sizeof(CRYPT_ECC_PRIVATE_KEY_INFO), read_ecc_private, write_ecc_private},
    {CNG_RSA_PRIVATE_KEY_BLOB, 0, read_rsa_private_cng, NULL},
};

static const struct {
    const char *oid;
    LPCSTR type;
} named[] = {
    {szOID_AUTHORITY_KEY_IDENTIFIER, X509_AUTHORITY_KEY_ID},
    {szOID_AUTHORITY_KEY_IDENTIFIER2, X509_AUTHORITY_KEY_ID2},
    {szOID_SUBJECT_ALT_NAME, X509_ALTERNATE_NAME},
    {szOID_SUBJECT_ALT_NAME2, X509_ALTERNATE_NAME},
    {szOID_ISSUER_ALT_NAME, X509_ALTERNATE_NAME},
    {szOID_ISSUER_ALT_NAME2, X509_ALTERNATE_NAME},
    {szOID_NEXT_UPDATE_LOCATION, X509_ALTERNATE_NAME},
    {szOID_SUBJECT_KEY_IDENTIFIER, X509_OCTET_STRING},
    {szOID_KEY_USAGE, X509_KEY_USAGE},
    {szOID_BASIC_CONSTRAINTS2, X509_BASIC_CONSTRAINTS2},
    {szOID_CERT_POLICIES, X509_CERT_POLICIES},
    {szOID_POLICY_MAPPINGS, X509_POLICY_MAPPINGS},
    {szOID_POLICY_CONSTRAINTS, X509_POLICY_CONSTRAINTS},
    {szOID_NAME_CONSTRAINTS, X509_NAME_CONSTRAINTS},
    {szOID_INHIBIT_ANY_POLICY, X509_INTEGER},
    {szOID_CRL_REASON_CODE, X509_ENUMERATED},
    {szOID_CRL_NUMBER, X509_INTEGER},
    {szOID_DELTA_CRL_INDICATOR, X509_INTEGER},
    {szOID_CRL_DIST_POINTS, X509_CRL_DIST_POINTS},
    {szOID_FRESHEST_CRL, X509_CRL_DIST_POINTS},
    {szOID_ENHANCED_KEY_USAGE, X509_ENHANCED_KEY_USAGE},
    {szOID_AUTHORITY_INFO_ACCESS, X509_AUTHORITY_INFO_ACCESS},
    {szOID_SUBJECT_INFO_ACCESS, X509_AUTHORITY_INFO_ACCESS},
    {szOID_CERT_EXTENSIONS, X509_EXTENSIONS},
    {szOID_RSA_certExtensions, X509_EXTENSIONS},
    {szOID_NETSCAPE_CERT_TYPE, X509_BITS},
    {szOID_RSA_RSA, RSA_CSP_PUBLICKEYBLOB},
    {szOID_ECC_PUBLIC_KEY, X509_OBJECT_IDENTIFIER},
};

const struct codec_row *codec_find(LPCSTR type)
{
    for (size_t i = 0; (uintptr_t)type > UINT16_MAX && i < ARRAY_LEN(named); i++) {
        if (strcmp(type, named[i].oid) == 0) {
            type = named[i].type;
            break;
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (type == rows[i].type)
            return &rows[i];
    }
    return NULL;
}

LPCSTR codec_shared_oid(const char *oid)
{
    for (size_t i = 0; i < ARRAY_LEN(named); i++) {
        if (strcmp(oid, named[i].oid) == 0)
            return named[i].oid;
    }
    return NULL;
}
