/* SPDX-License-Identifier: MIT */
/*
 * Iteration counts of password-based encryption, before any key is derived: PBES1 and PBES2 of RFC
 * 8018, the older schemes of RFC 7292. What cannot be counted is refused.
 */
#include "crypt32/cert.h"

bool pbe_count_fits(const ASN1_INTEGER *count, int64_t *budget)
{
    int64_t value = 1; /* RFC 7292 4: the default of a MAC */
    if (count != NULL && (ASN1_INTEGER_get_int64(&value, count) != 1 || value < 1))
        return false;
    if (value > PBE_ITERATIONS_MAX || value > *budget)
        return false;
    *budget -= value;
    return true;
}

static bool pbes2_fits(const ASN1_TYPE *parameters, int64_t *budget)
{
    PBE2PARAM *pbe2 = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), parameters);
    bool is_pbkdf2 = pbe2 != NULL && pbe2->keyfunc != NULL &&
                     OBJ_obj2nid(pbe2->keyfunc->algorithm) == NID_id_pbkdf2;
    PBKDF2PARAM *kdf =
        is_pbkdf2 ? ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), pbe2->keyfunc->parameter)
                  : NULL;
    bool fits = kdf != NULL && pbe_count_fits(kdf->iter, budget);
    PBKDF2PARAM_free(kdf);
    PBE2PARAM_free(pbe2);
    return fits;
}

bool pbe_fits(const X509_ALGOR *algorithm, int64_t *budget)
{
    const ASN1_OBJECT *object = NULL;
    if (algorithm == NULL)
        return false;
    X509_ALGOR_get0(&object, NULL, NULL, algorithm);
    if (OBJ_obj2nid(object) == NID_pbes2)
        return pbes2_fits(algorithm->parameter, budget);
    PBEPARAM *pbe = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBEPARAM), algorithm->parameter);
    bool fits = pbe != NULL && pbe_count_fits(pbe->iter, budget);
    PBEPARAM_free(pbe);
    return fits;
}
