/* SPDX-License-Identifier: MIT */
/* A stranger's program: the first calls of any SSPI client, and one store, so that both alias
 * libraries have something to resolve. */
#define SECURITY_WIN32
#include <windows.h>
#include <security.h>
#include <schannel.h>
#include <wincrypt.h>

#include <stdio.h>
#include <string.h>

int main(void)
{
    ULONG count = 0;
    SecPkgInfoA *packages = NULL;
    SECURITY_STATUS status = EnumerateSecurityPackagesA(&count, &packages);
    if (status != SEC_E_OK || count == 0) {
        printf("EnumerateSecurityPackages: 0x%08x, %u packages\n", (unsigned)status,
               (unsigned)count);
        return 1;
    }
    int found = 0;
    for (ULONG i = 0; i < count; i++)
        found |= strcmp(packages[i].Name, UNISP_NAME_A) == 0;
    FreeContextBuffer(packages);
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    if (store == NULL || !CertCloseStore(store, 0)) {
        printf("CertOpenStore: %u\n", (unsigned)GetLastError());
        return 1;
    }
    printf("%s\n", found ? "consumer: works" : "consumer: no " UNISP_NAME_A);
    return found ? 0 : 1;
}
