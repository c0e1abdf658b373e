/* SPDX-License-Identifier: MIT */
/* A certificate in DER: its fields, names, properties, and a chain over it. */
#include <schannel.h>
#include <security.h>
#include <wincrypt.h>

#include "source.h"

static void read_names(PCCERT_CONTEXT certificate)
{
    char text[128];
    static const DWORD kinds[] = {CERT_NAME_SIMPLE_DISPLAY_TYPE, CERT_NAME_DNS_TYPE,
                                  CERT_NAME_RDN_TYPE, CERT_NAME_EMAIL_TYPE};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        DWORD format = CERT_X500_NAME_STR;
        DWORD n =
            CertGetNameStringA(certificate, kinds[i], 0,
                               kinds[i] == CERT_NAME_RDN_TYPE ? &format : NULL, text, sizeof text);
        PROPERTY(n >= 1 && n <= sizeof text && text[n - 1] == 0);
    }
    DWORD n = CertNameToStrA(X509_ASN_ENCODING, &certificate->pCertInfo->Subject,
                             CERT_X500_NAME_STR, text, sizeof text);
    PROPERTY(n >= 1 && n <= sizeof text);
}

static void read_info(PCCERT_CONTEXT certificate)
{
    const CERT_INFO *info = certificate->pCertInfo;
    unsigned sum = 0;
    for (DWORD i = 0; i < info->cExtension; i++) {
        const CERT_EXTENSION *extension = &info->rgExtension[i];
        PROPERTY(extension->pszObjId != NULL);
        for (DWORD k = 0; k < extension->Value.cbData; k++)
            sum += extension->Value.pbData[k];
        PROPERTY(CertFindExtension(extension->pszObjId, info->cExtension, info->rgExtension) !=
                 NULL);
    }
    for (DWORD i = 0; i < info->SerialNumber.cbData; i++)
        sum += info->SerialNumber.pbData[i];
    for (DWORD i = 0; i < info->SubjectPublicKeyInfo.PublicKey.cbData; i++)
        sum += info->SubjectPublicKeyInfo.PublicKey.pbData[i];
    PROPERTY(sum != 0xFFFFFFFF);
    (void)CertVerifyTimeValidity(NULL, (PCERT_INFO)info);
}

static void read_chain(PCCERT_CONTEXT certificate)
{
    CERT_CHAIN_PARA para = {.cbSize = sizeof para};
    PCCERT_CHAIN_CONTEXT chain = NULL;
    if (!CertGetCertificateChain(NULL, certificate, NULL, NULL, &para, 0, NULL, &chain))
        return;
    HTTPSPolicyCallbackData ssl = {.cbStruct = sizeof ssl, .dwAuthType = AUTHTYPE_SERVER};
    WCHAR name[] = {'h', 'o', 's', 't', 0};
    ssl.pwszServerName = name;
    CERT_CHAIN_POLICY_PARA policy = {.cbSize = sizeof policy, .pvExtraPolicyPara = &ssl};
    CERT_CHAIN_POLICY_STATUS status = {.cbSize = sizeof status};
    PROPERTY(CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_SSL, chain, &policy, &status));
    PROPERTY(status.dwError != 0); /* no root of this machine has signed it */
    CertFreeCertificateChain(chain);
}

static void read_properties(PCCERT_CONTEXT certificate)
{
    uint8_t value[64];
    static const DWORD ids[] = {CERT_SHA1_HASH_PROP_ID, CERT_FRIENDLY_NAME_PROP_ID,
                                CERT_KEY_PROV_INFO_PROP_ID};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        DWORD n = sizeof value;
        (void)CertGetCertificateContextProperty(certificate, ids[i], value, &n);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    PCCERT_CONTEXT certificate = CertCreateCertificateContext(X509_ASN_ENCODING, data, (DWORD)size);
    if (certificate == NULL)
        return 0;
    PROPERTY(certificate->cbCertEncoded == size);
    read_names(certificate);
    read_info(certificate);
    read_properties(certificate);
    read_chain(certificate);
    PROPERTY(CertFreeCertificateContext(certificate));
    return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}
