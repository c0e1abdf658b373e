/* SPDX-License-Identifier: MIT */
/* SchannelLoadPem: certificates and keys out of text. */
#include <windows.h>
#include <libschannel.h>

#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    PCCERT_CONTEXT certificate = SchannelLoadPem((const char *)data, size, NULL, 0, "password");
    if (certificate == NULL) {
        PROPERTY(size == 0 || GetLastError() != 0);
        return 0;
    }
    char *text = SchannelPemFromCertificate(certificate);
    PROPERTY(text != NULL);
    PCCERT_CONTEXT again = SchannelLoadPem(text, strlen(text), NULL, 0, NULL);
    PROPERTY(again != NULL && again->cbCertEncoded == certificate->cbCertEncoded);
    PROPERTY(memcmp(again->pbCertEncoded, certificate->pbCertEncoded, again->cbCertEncoded) == 0);
    PROPERTY(CertFreeCertificateContext(again));
    LocalFree(text);
    PROPERTY(CertFreeCertificateContext(certificate));
    return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}
