/* SPDX-License-Identifier: MIT */
/* SslGetServerIdentity and SslGetExtensions. The first byte: with or without a record header. */
#include <schannel.h>
#include <security.h>

#include "source.h"

static void inside(const uint8_t *start, size_t n, const uint8_t *p, size_t len)
{
    if (p == NULL)
        return;
    PROPERTY(p >= start && len <= n && (size_t)(p - start) <= n - len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    /* In a block of its own, so that every byte too many is seen. */
    size_t n = size - 1;
    uint8_t *bytes = malloc(n);
    memcpy(bytes, data + 1, n);
    PBYTE name = NULL;
    DWORD name_len = 0;
    SECURITY_STATUS status = SslGetServerIdentity(bytes, (DWORD)n, &name, &name_len, 0);
    PROPERTY(status == SEC_E_OK || status == SEC_E_INVALID_TOKEN ||
             status == SEC_E_INCOMPLETE_MESSAGE);
    if (status == SEC_E_OK)
        inside(bytes, n, name, name_len);
    SCH_EXTENSION_DATA wanted[3] = {
        {.ExtensionType = 0}, {.ExtensionType = 16}, {.ExtensionType = 43}};
    DWORD needed = 0;
    SchGetExtensionsOptions flags = (data[0] & 1) != 0 ? SCH_NO_RECORD_HEADER : 0;
    status = SslGetExtensions(bytes, (DWORD)n, wanted, 3, &needed, flags);
    PROPERTY((status == SEC_E_INCOMPLETE_MESSAGE) == (needed != 0));
    PROPERTY(status != SEC_E_INCOMPLETE_MESSAGE || needed > n);
    for (size_t i = 0; status == SEC_E_OK && i < 3; i++)
        inside(bytes, n, wanted[i].pExtData, wanted[i].cbExtData);
    free(bytes);
    return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}
