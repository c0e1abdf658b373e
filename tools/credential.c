/* SPDX-License-Identifier: MIT */
#include "credential.h"

#include <string.h>

#include "report.h"

bool tls_version_parse(const char *text, int *out)
{
    if (strcmp(text, "1.2") == 0)
        *out = TLS_12_ONLY;
    else if (strcmp(text, "1.3") == 0)
        *out = TLS_13_ONLY;
    else
        return false;
    return true;
}

static DWORD disabled_protocols(int tls)
{
    if (tls == TLS_12_ONLY)
        return SP_PROT_TLS1_3_CLIENT | SP_PROT_TLS1_3_SERVER;
    if (tls == TLS_13_ONLY)
        return SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_2_SERVER;
    return 0;
}

SECURITY_STATUS credential_acquire(CredHandle *out, bool is_server, int tls,
                                   PCCERT_CONTEXT certificate, HCERTSTORE roots, DWORD flags)
{
    TLS_PARAMETERS parameters = {.grbitDisabledProtocols = disabled_protocols(tls)};
    SCH_CREDENTIALS data = {
        .dwVersion = SCH_CREDENTIALS_VERSION,
        .cCreds = certificate != NULL ? 1 : 0,
        .paCred = &certificate,
        .hRootStore = roots,
        .dwFlags = flags | SCH_USE_STRONG_CRYPTO,
        .cTlsParameters = 1,
        .pTlsParameters = &parameters,
    };
    return AcquireCredentialsHandleA(NULL, (SEC_CHAR *)UNISP_NAME_A,
                                     is_server ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND, NULL,
                                     &data, NULL, NULL, out, NULL);
}

static bool load_certificate(const struct credential_options *o, PCCERT_CONTEXT *out)
{
    *out = NULL;
    if (o->pfx != NULL)
        *out = SchannelLoadPfxFile(o->pfx, o->password);
    else if (o->certificate != NULL)
        *out = SchannelLoadPemFiles(o->certificate, o->key, o->password);
    else if (o->self_signed != NULL)
        *out = SchannelCreateTestCertificate(o->self_signed, "ecdsa-p256", 30);
    else
        return true;
    if (*out == NULL)
        report_last_error("cannot load the certificate", o->pfx != NULL ? o->pfx : o->certificate);
    return *out != NULL;
}

static bool load_roots(const struct credential_options *o, HCERTSTORE *out)
{
    *out = NULL;
    if (o->ca == NULL)
        return true;
    *out = SchannelLoadCaFile(o->ca);
    if (*out == NULL)
        report_last_error("cannot load the roots", o->ca);
    return *out != NULL;
}

/* A response that is larger would not be taken. */
enum { STAPLE_MAX = 1 << 16 };

static bool add_staple(PCCERT_CONTEXT certificate, const char *path)
{
    static BYTE bytes[STAPLE_MAX];
    FILE *file = fopen(path, "rb");
    size_t n = file != NULL ? fread(bytes, 1, sizeof bytes, file) : 0;
    bool ok = file != NULL && ferror(file) == 0;
    if (!ok)
        report_errno("cannot read", path);
    if (file != NULL)
        fclose(file);
    CRYPT_DATA_BLOB blob = {.cbData = (DWORD)n, .pbData = bytes};
    return ok && CertSetCertificateContextProperty(certificate, CERT_OCSP_RESPONSE_PROP_ID, 0,
                                                   &blob) != FALSE;
}

bool credential_open(CredHandle *out, const struct credential_options *o)
{
    PCCERT_CONTEXT certificate;
    HCERTSTORE roots;
    if (!load_certificate(o, &certificate))
        return false;
    if ((o->staple != NULL && !add_staple(certificate, o->staple)) || !load_roots(o, &roots)) {
        CertFreeCertificateContext(certificate);
        return false;
    }
    SECURITY_STATUS status =
        credential_acquire(out, o->is_server, o->tls, certificate, roots, o->flags);
    /* The credential holds its own references. */
    CertFreeCertificateContext(certificate);
    CertCloseStore(roots, 0);
    if (status != SEC_E_OK)
        report_failure("AcquireCredentialsHandle", status, NULL);
    return status == SEC_E_OK;
}
