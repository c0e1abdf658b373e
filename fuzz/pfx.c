/* SPDX-License-Identifier: MIT */
/* PFXImportCertStore and its two companions. */
#include <libschannel.h>

#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const WCHAR password[] = {'p', 'w', 0};
    CRYPT_DATA_BLOB blob = {.cbData = (DWORD)size, .pbData = (BYTE *)(uintptr_t)data};
    BOOL is_pfx = PFXIsPFXBlob(&blob);
    BOOL fits = PFXVerifyPassword(&blob, password, 0);
    HCERTSTORE store = PFXImportCertStore(&blob, password, 0);
    PROPERTY(store == NULL || is_pfx);
    PROPERTY(store == NULL || fits);
    if (store == NULL)
        return 0;
    PCCERT_CONTEXT certificate = NULL;
    while ((certificate = CertEnumCertificatesInStore(store, certificate)) != NULL)
        PROPERTY(certificate->cbCertEncoded != 0);
    PROPERTY(CertCloseStore(store, 0));
    return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}
