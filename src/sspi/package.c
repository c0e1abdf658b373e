/* SPDX-License-Identifier: MIT */
/* The package under its names, and what is known about it. */
#include <schannel.h>

#include "sspi/internal.h"

/* The first ones are listed by EnumerateSecurityPackages. */
static const char *const names[] = {UNISP_NAME_A, SCHANNEL_NAME_A, DEFAULT_TLS_SSP_NAME_A};
enum { LISTED_COUNT = 2 };

err package_find(const char *name)
{
    for (size_t i = 0; name != NULL && i < ARRAY_LEN(names); i++) {
        if (strcasecmp(names[i], name) == 0)
            return OK;
    }
    return FAIL(ERR_NOT_AVAILABLE);
}

static const char *canonical(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (strcasecmp(names[i], name) == 0)
            return names[i];
    }
    return NULL;
}

static SECURITY_STATUS query(bool wide, const char *name, void *out)
{
    void *info;
    const char *known = name != NULL ? canonical(name) : NULL;
    if (known == NULL)
        return SEC_E_SECPKG_NOT_FOUND;
    if (out == NULL)
        return SEC_E_INTERNAL_ERROR;
    if (ctx_package_info(wide, known, &info) != OK)
        return SEC_E_INSUFFICIENT_MEMORY;
    memcpy(out, &info, sizeof info);
    return SEC_E_OK;
}

SECURITY_STATUS SEC_ENTRY QuerySecurityPackageInfoA(SEC_CHAR *pszPackageName,
                                                    PSecPkgInfoA *ppPackageInfo)
{
    return query(false, pszPackageName, ppPackageInfo);
}

SECURITY_STATUS SEC_ENTRY QuerySecurityPackageInfoW(SEC_WCHAR *pszPackageName,
                                                    PSecPkgInfoW *ppPackageInfo)
{
    char *name = win_utf8_dup(pszPackageName);
    SECURITY_STATUS status = query(true, name, ppPackageInfo);
    mem_free(name);
    return status;
}

/* One block: the array, then the texts of each element. */
static SECURITY_STATUS enumerate(bool wide, ULONG *out_count, void *out)
{
    enum { TEXT_MAX = 160 };
    if (out_count == NULL || out == NULL)
        return SEC_E_INTERNAL_ERROR;
    SecPkgInfoA *list = mem_alloc(LISTED_COUNT * (sizeof *list + TEXT_MAX));
    if (list == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    for (size_t i = 0; i < LISTED_COUNT; i++) {
        SecPkgInfoA *one;
        uint8_t *texts = (uint8_t *)(list + LISTED_COUNT) + i * TEXT_MAX;
        if (ctx_package_info(wide, names[i], (void **)&one) != OK) {
            mem_free(list);
            return SEC_E_INSUFFICIENT_MEMORY;
        }
        size_t n = mem_size(one) - sizeof *one;
        memcpy(texts, one + 1, n < TEXT_MAX ? n : TEXT_MAX);
        list[i] = *one;
        list[i].Name = (char *)texts + (one->Name - (char *)(one + 1));
        list[i].Comment = (char *)texts + (one->Comment - (char *)(one + 1));
        mem_free(one);
    }
    *out_count = LISTED_COUNT;
    memcpy(out, &list, sizeof list);
    return SEC_E_OK;
}

SECURITY_STATUS SEC_ENTRY EnumerateSecurityPackagesA(ULONG *pcPackages, PSecPkgInfoA *ppPackageInfo)
{
    return enumerate(false, pcPackages, ppPackageInfo);
}

SECURITY_STATUS SEC_ENTRY EnumerateSecurityPackagesW(ULONG *pcPackages, PSecPkgInfoW *ppPackageInfo)
{
    return enumerate(true, pcPackages, ppPackageInfo);
}

SECURITY_STATUS SEC_ENTRY FreeContextBuffer(void *pvContextBuffer)
{
    mem_free(pvContextBuffer);
    return SEC_E_OK;
}
