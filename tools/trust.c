/* SPDX-License-Identifier: MIT */
#include "trust.h"

struct bit {
    DWORD value;
    const char *name;
    const char *text;
};

#define BIT(name, text)                                                                            \
    {                                                                                              \
        CERT_TRUST_##name, #name, text                                                             \
    }

static const struct bit errors[] = {
    BIT(IS_NOT_TIME_VALID, "expired, or not yet valid"),
    BIT(IS_NOT_TIME_NESTED, "its dates do not lie within its issuer's"),
    BIT(IS_REVOKED, "revoked by its issuer"),
    BIT(IS_NOT_SIGNATURE_VALID, "the signature is not that of its issuer's key"),
    BIT(IS_NOT_VALID_FOR_USAGE, "not meant for this use"),
    BIT(IS_UNTRUSTED_ROOT, "ends in a root that is not trusted"),
    BIT(REVOCATION_STATUS_UNKNOWN, "nobody says whether it is revoked"),
    BIT(IS_CYCLIC, "the path comes back to a certificate that it has passed"),
    BIT(INVALID_EXTENSION, "an extension is malformed, or there twice"),
    BIT(INVALID_POLICY_CONSTRAINTS, "its policies break the constraints from above"),
    BIT(INVALID_BASIC_CONSTRAINTS, "it may not issue what is below it"),
    BIT(INVALID_NAME_CONSTRAINTS, "the name constraints from above are malformed"),
    BIT(HAS_NOT_SUPPORTED_NAME_CONSTRAINT, "a name constraint of a kind that is not supported"),
    BIT(HAS_NOT_DEFINED_NAME_CONSTRAINT, "a name of a kind that the constraints leave open"),
    BIT(HAS_NOT_PERMITTED_NAME_CONSTRAINT, "a name that the constraints do not permit"),
    BIT(HAS_EXCLUDED_NAME_CONSTRAINT, "a name that the constraints exclude"),
    BIT(IS_PARTIAL_CHAIN, "the issuer's certificate is not to be found"),
    BIT(CTL_IS_NOT_TIME_VALID, "the trust list is out of date"),
    BIT(CTL_IS_NOT_SIGNATURE_VALID, "the trust list's signature is wrong"),
    BIT(CTL_IS_NOT_VALID_FOR_USAGE, "the trust list is not meant for this use"),
    BIT(HAS_WEAK_SIGNATURE, "signed with a hash or a key that is too weak"),
    BIT(IS_OFFLINE_REVOCATION, "who knows whether it is revoked cannot be reached"),
    BIT(NO_ISSUANCE_CHAIN_POLICY, "no policy holds along the whole path"),
    BIT(IS_EXPLICIT_DISTRUST, "distrusted explicitly"),
    BIT(HAS_NOT_SUPPORTED_CRITICAL_EXT, "a critical extension that is not understood"),
};

static const struct bit info[] = {
    BIT(HAS_EXACT_MATCH_ISSUER, "issuer found by its name and serial number"),
    BIT(HAS_KEY_MATCH_ISSUER, "issuer found by its key identifier"),
    BIT(HAS_NAME_MATCH_ISSUER, "issuer found by its name"),
    BIT(IS_SELF_SIGNED, "signed with its own key"),
    BIT(HAS_PREFERRED_ISSUER, "the issuer has no errors"),
    BIT(HAS_ISSUANCE_CHAIN_POLICY, "a policy holds along the whole path"),
    BIT(HAS_VALID_NAME_CONSTRAINTS, "all names are within the constraints"),
    BIT(IS_PEER_TRUSTED, "trusted as it stands"),
    BIT(HAS_CRL_VALIDITY_EXTENDED, "the revocation list was taken beyond its date"),
    BIT(IS_FROM_EXCLUSIVE_TRUST_STORE, "comes from the roots that were given"),
    BIT(IS_CA_TRUSTED, "trusted as an issuer, though it is no root"),
    BIT(IS_COMPLEX_CHAIN, "more than a plain path"),
    BIT(NO_TIME_CHECK, "dates were not looked at"),
};

static void print(FILE *to, const struct bit *table, size_t count, DWORD bits, const char *indent)
{
    for (size_t i = 0; i < count; i++) {
        if ((bits & table[i].value) != 0)
            fprintf(to, "%s%s: %s\n", indent, table[i].name, table[i].text);
        bits &= ~table[i].value;
    }
    if (bits != 0)
        fprintf(to, "%s0x%08x\n", indent, (unsigned)bits);
}

static void print_json(FILE *to, const struct bit *table, size_t count, DWORD bits)
{
    const char *separator = "";
    fputc('[', to);
    for (size_t i = 0; i < count; i++) {
        if ((bits & table[i].value) == 0)
            continue;
        fprintf(to, "%s\"%s\"", separator, table[i].name);
        separator = ", ";
        bits &= ~table[i].value;
    }
    if (bits != 0)
        fprintf(to, "%s\"0x%08x\"", separator, (unsigned)bits);
    fputc(']', to);
}

enum { ERROR_COUNT = sizeof errors / sizeof errors[0], INFO_COUNT = sizeof info / sizeof info[0] };

void trust_print_errors(FILE *to, DWORD bits, const char *indent)
{
    print(to, errors, ERROR_COUNT, bits, indent);
}

void trust_print_info(FILE *to, DWORD bits, const char *indent)
{
    print(to, info, INFO_COUNT, bits, indent);
}

void trust_print_errors_json(FILE *to, DWORD bits)
{
    print_json(to, errors, ERROR_COUNT, bits);
}

void trust_print_info_json(FILE *to, DWORD bits)
{
    print_json(to, info, INFO_COUNT, bits);
}
