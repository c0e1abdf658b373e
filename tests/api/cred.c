/* SPDX-License-Identifier: MIT */
/*
 * Packages, the function tables and credentials. Microsoft "AcquireCredentialsHandle (Schannel)",
 * "SCHANNEL_CRED structure", "SCH_CREDENTIALS structure", "TLS_PARAMETERS structure",
 * "CRYPTO_SETTINGS structure", "QueryCredentialsAttributes", "SecurityFunctionTable structure".
 */
#include "api.h"

#include <bcrypt.h>

static const ULONG directions[] = {SECPKG_CRED_INBOUND, SECPKG_CRED_OUTBOUND};

static SECURITY_STATUS acquire(ULONG use, void *data, CredHandle *out)
{
    return AcquireCredentialsHandleA(NULL, (char *)UNISP_NAME_A, use, NULL, data, NULL, NULL, out,
                                     NULL);
}

/* Acquires and frees. */
static SECURITY_STATUS try_acquire(ULONG use, void *data)
{
    CredHandle cred;
    SecInvalidateHandle(&cred);
    SECURITY_STATUS status = acquire(use, data, &cred);
    if (status == SEC_E_OK)
        CHECK_STATUS("FreeCredentialsHandle", FreeCredentialsHandle(&cred), SEC_E_OK);
    else
        CHECK("a failed call writes no handle", !SecIsValidHandle(&cred));
    return status;
}

/* ---- packages -------------------------------------------------------------------------- */

enum { CAPABILITIES = 0x004107B3, TOKEN_MAX = 24576 };

static void check_package_a(const char *row, const SecPkgInfoA *info, const char *name)
{
    CHECK_NUMBER(row, info->fCapabilities, CAPABILITIES);
    CHECK_NUMBER(row, info->wVersion, 1);
    CHECK_NUMBER(row, info->wRPCID, UNISP_RPC_ID);
    CHECK_NUMBER(row, info->wRPCID, 14);
    CHECK_NUMBER(row, info->cbMaxToken, TOKEN_MAX);
    CHECK(row, name == NULL || strcmp(info->Name, name) == 0);
    CHECK(row, strcmp(info->Comment, "Schannel Security Package") == 0);
}

static bool wide_equals(const WCHAR *wide, const char *text)
{
    size_t i = 0;
    while (text[i] != 0 && wide[i] == (WCHAR)text[i])
        i++;
    return text[i] == 0 && wide[i] == 0;
}

static void package_info(void **state)
{
    (void)state;
    SecPkgInfoA *a = (SecPkgInfoA *)0x1234;
    SecPkgInfoW *w = (SecPkgInfoW *)0x1234;
    CHECK_STATUS("P1", QuerySecurityPackageInfoA((char *)"No such package", &a),
                 SEC_E_SECPKG_NOT_FOUND);
    CHECK_STATUS("P1", QuerySecurityPackageInfoW((WCHAR *)u"No such package", &w),
                 SEC_E_SECPKG_NOT_FOUND);
    CHECK_STATUS("P1", QuerySecurityPackageInfoA(NULL, &a), SEC_E_SECPKG_NOT_FOUND);
    CHECK_STATUS("P1", QuerySecurityPackageInfoW(NULL, &w), SEC_E_SECPKG_NOT_FOUND);
    CHECK("P1", a == (SecPkgInfoA *)0x1234 && w == (SecPkgInfoW *)0x1234);
    static const char *const known[] = {"Microsoft Unified Security Protocol Provider", "Schannel",
                                        "Default TLS SSP", "SCHANNEL"};
    for (size_t i = 0; i < COUNT(known); i++) {
        CHECK_STATUS("P3", QuerySecurityPackageInfoA((char *)known[i], &a), SEC_E_OK);
        check_package_a("P4 P6 P7", a, i < 3 ? known[i] : "Schannel");
        CHECK_STATUS("P9", FreeContextBuffer(a), SEC_E_OK);
    }
    CHECK_STATUS("P3", QuerySecurityPackageInfoW((WCHAR *)UNISP_NAME_W, &w), SEC_E_OK);
    CHECK("P3", wide_equals(w->Name, UNISP_NAME_A));
    CHECK("P3", wide_equals(w->Comment, "Schannel Security Package"));
    CHECK_NUMBER("P4", w->fCapabilities, CAPABILITIES);
    CHECK_STATUS("P9", FreeContextBuffer(w), SEC_E_OK);
    CHECK_STATUS("P9", FreeContextBuffer(NULL), SEC_E_OK);
    CHECK("output place", QuerySecurityPackageInfoA((char *)UNISP_NAME_A, NULL) < 0);
}

static void packages(void **state)
{
    (void)state;
    ULONG count = 0;
    SecPkgInfoA *list;
    SecPkgInfoW *wide;
    unsigned unisp = 0;
    CHECK_STATUS("P2", EnumerateSecurityPackagesA(&count, &list), SEC_E_OK);
    for (ULONG i = 0; i < count; i++) {
        SecPkgInfoA *one;
        check_package_a("P2", &list[i], NULL);
        CHECK_STATUS("P2", QuerySecurityPackageInfoA(list[i].Name, &one), SEC_E_OK);
        check_package_a("P2", one, list[i].Name);
        FreeContextBuffer(one);
        unisp += strcmp(list[i].Name, UNISP_NAME_A) == 0;
    }
    CHECK_NUMBER("P3", unisp, 1);
    CHECK_STATUS("EnumerateSecurityPackages: one block", FreeContextBuffer(list), SEC_E_OK);
    ULONG wide_count = 0;
    CHECK_STATUS("P2", EnumerateSecurityPackagesW(&wide_count, &wide), SEC_E_OK);
    CHECK_NUMBER("P2", wide_count, count);
    for (ULONG i = 0; i < wide_count; i++) {
        SecPkgInfoW *one;
        CHECK_STATUS("P2", QuerySecurityPackageInfoW(wide[i].Name, &one), SEC_E_OK);
        FreeContextBuffer(one);
    }
    FreeContextBuffer(wide);
    CHECK("output place", EnumerateSecurityPackagesA(NULL, &list) < 0);
    CHECK("output place", EnumerateSecurityPackagesA(&count, NULL) < 0);
}

/* ---- function tables ------------------------------------------------------------------- */

static void check_slots(const char *row, const void *table)
{
    void *slots[31];
    static const size_t reserved[] = {4, 22}; /* Reserved2, Reserved8 */
    memcpy(slots, (const char *)table + 8, sizeof slots);
    for (size_t i = 0; i < COUNT(slots); i++) {
        bool is_reserved = i == reserved[0] || i == reserved[1];
        char text[64];
        snprintf(text, sizeof text, "%s, slot %zu", row, i + 1);
        CHECK(text, (slots[i] == NULL) == is_reserved);
    }
    CHECK("P8 Reserved3", slots[17] == (void *)(uintptr_t)EncryptMessage && slots[17] == slots[24]);
    CHECK("P8 Reserved4", slots[18] == (void *)(uintptr_t)DecryptMessage && slots[18] == slots[25]);
}

static void tables(void **state)
{
    (void)state;
    SecurityFunctionTableA *a = InitSecurityInterfaceA();
    SecurityFunctionTableW *w = InitSecurityInterfaceW();
    CHECK("P8", a != NULL && w != NULL && a == InitSecurityInterfaceA());
    CHECK_NUMBER("P8", a->dwVersion, 1);
    CHECK_NUMBER("P8", w->dwVersion, 1);
    CHECK_NUMBER("SecurityFunctionTable structure", sizeof *a, 256);
    CHECK_NUMBER("SecurityFunctionTable structure", sizeof *w, 256);
    CHECK("P8", a->Reserved2 == NULL && w->Reserved2 == NULL);
    CHECK("P8", a->Reserved8 == NULL && w->Reserved8 == NULL);
    check_slots("P8 table A", a);
    check_slots("P8 table W", w);
}

static void calls_through_table_a(void **state)
{
    (void)state;
    SecurityFunctionTableA *t = InitSecurityInterfaceA();
    CredHandle cred;
    CtxtHandle ctx;
    SecPkgContext_PackageInfoA package;
    SecPkgCred_SupportedProtocols protocols;
    ULONG attributes;
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc out_list = {SECBUFFER_VERSION, 1, &out};
    CHECK_STATUS("P8",
                 t->AcquireCredentialsHandleA(NULL, (char *)UNISP_NAME_A, SECPKG_CRED_OUTBOUND,
                                              NULL, NULL, NULL, NULL, &cred, NULL),
                 SEC_E_OK);
    CHECK_STATUS("P8",
                 t->InitializeSecurityContextA(&cred, NULL, (char *)"localhost",
                                               ISC_REQ_ALLOCATE_MEMORY, 0, 0, NULL, 0, &ctx,
                                               &out_list, &attributes, NULL),
                 SEC_I_CONTINUE_NEEDED);
    CHECK("P8", out.cbBuffer > 50 && ((BYTE *)out.pvBuffer)[0] == 22);
    CHECK_STATUS("P8", t->FreeContextBuffer(out.pvBuffer), SEC_E_OK);
    CHECK_STATUS("P8", t->QueryContextAttributesA(&ctx, SECPKG_ATTR_PACKAGE_INFO, &package),
                 SEC_E_OK);
    CHECK_STATUS("P8", t->FreeContextBuffer(package.PackageInfo), SEC_E_OK);
    CHECK_STATUS("P8",
                 t->QueryCredentialsAttributesA(&cred, SECPKG_ATTR_SUPPORTED_PROTOCOLS, &protocols),
                 SEC_E_OK);
    CHECK_STATUS("P8", t->DeleteSecurityContext(&ctx), SEC_E_OK);
    CHECK_STATUS("P8", t->FreeCredentialHandle(&cred), SEC_E_OK);
}

/* What Schannel has no use for says so, and says first that a handle is bad. */
static void unsupported_functions(void **state)
{
    (void)state;
    SecurityFunctionTableW *t = InitSecurityInterfaceW();
    struct pair *p = connect_pair(TLS13);
    CtxtHandle *live = &p->client.ctx;
    CtxtHandle dead = {0, 0};
    HANDLE token;
    void *blob;
    SecBuffer packed = {0, SECBUFFER_EMPTY, NULL};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &packed};
    CtxtHandle *handles[] = {live, &dead};
    for (size_t i = 0; i < COUNT(handles); i++) {
        SECURITY_STATUS none = i == 0 ? SEC_E_UNSUPPORTED_FUNCTION : SEC_E_INVALID_HANDLE;
        SECURITY_STATUS no_account = i == 0 ? SEC_E_NO_IMPERSONATION : SEC_E_INVALID_HANDLE;
        CtxtHandle *h = handles[i];
        CHECK_STATUS("CompleteAuthToken", t->CompleteAuthToken(h, &list), none);
        CHECK_STATUS("MakeSignature", t->MakeSignature(h, 0, &list, 0), none);
        CHECK_STATUS("VerifySignature", t->VerifySignature(h, &list, 0, NULL), none);
        CHECK_STATUS("ImpersonateSecurityContext", t->ImpersonateSecurityContext(h), no_account);
        CHECK_STATUS("QuerySecurityContextToken", t->QuerySecurityContextToken(h, &token),
                     no_account);
        CHECK_STATUS("ExportSecurityContext", t->ExportSecurityContext(h, 0, &packed, &blob), none);
    }
    CHECK_STATUS("ImportSecurityContext",
                 t->ImportSecurityContextW((WCHAR *)UNISP_NAME_W, &packed, NULL, &dead),
                 SEC_E_UNSUPPORTED_FUNCTION);
    CHECK_STATUS("ImportSecurityContext",
                 t->ImportSecurityContextW((WCHAR *)u"x", &packed, NULL, &dead),
                 SEC_E_SECPKG_NOT_FOUND);
    CHECK_STATUS(
        "AddCredentials",
        t->AddCredentialsW(&p->client.cred, NULL, (WCHAR *)UNISP_NAME_W, 0, NULL, NULL, NULL, NULL),
        SEC_E_UNSUPPORTED_FUNCTION);
    CHECK_STATUS("SetCredentialsAttributes",
                 t->SetCredentialsAttributesW(&p->client.cred, SECPKG_ATTR_CLIENT_CERT_POLICY,
                                              &list, sizeof list),
                 SEC_E_UNSUPPORTED_FUNCTION);
    CHECK_STATUS("SetCredentialsAttributes",
                 t->SetCredentialsAttributesW(live, SECPKG_ATTR_SUPPORTED_ALGS, &list, sizeof list),
                 SEC_E_INVALID_HANDLE);
    CHECK_STATUS(
        "ChangeAccountPassword",
        t->ChangeAccountPasswordW((WCHAR *)UNISP_NAME_W, NULL, NULL, NULL, NULL, FALSE, 0, &list),
        SEC_E_UNSUPPORTED_FUNCTION);
    CHECK("SslEmptyCache: nothing to drop", !SslEmptyCacheA(NULL, 0));
}

/* ---- the call's own arguments ---------------------------------------------------------- */

static void package_and_direction(void **state)
{
    (void)state;
    CredHandle cred;
    TimeStamp expiry = {.QuadPart = 1};
    SCHANNEL_CRED zero = {0};
    CHECK_STATUS("A1",
                 AcquireCredentialsHandleA(NULL, NULL, SECPKG_CRED_OUTBOUND, NULL, NULL, NULL, NULL,
                                           &cred, NULL),
                 SEC_E_SECPKG_NOT_FOUND);
    CHECK_STATUS("A1",
                 AcquireCredentialsHandleW(NULL, NULL, SECPKG_CRED_OUTBOUND, NULL, NULL, NULL, NULL,
                                           &cred, NULL),
                 SEC_E_SECPKG_NOT_FOUND);
    CHECK_STATUS("A1",
                 AcquireCredentialsHandleA(NULL, (char *)"Kerberos", SECPKG_CRED_OUTBOUND, NULL,
                                           NULL, NULL, NULL, &cred, NULL),
                 SEC_E_SECPKG_NOT_FOUND);
    CHECK_STATUS("A2", acquire(0, NULL, NULL), SEC_E_NO_CREDENTIALS);
    CHECK_STATUS("A2", acquire(SECPKG_CRED_BOTH, NULL, NULL), SEC_E_NO_CREDENTIALS);
    CHECK_STATUS("A2", acquire(SECPKG_CRED_INBOUND, NULL, NULL), SEC_E_NO_CREDENTIALS);
    CHECK_STATUS("A3 (a crash on Windows)", acquire(SECPKG_CRED_OUTBOUND, NULL, NULL),
                 SEC_E_INVALID_HANDLE);
    CHECK_STATUS("A4", try_acquire(SECPKG_CRED_OUTBOUND, NULL), SEC_E_OK);
    CHECK_STATUS("A5", try_acquire(SECPKG_CRED_INBOUND, NULL), SEC_E_NO_CREDENTIALS);
    CHECK_STATUS("A6", acquire(SECPKG_CRED_OUTBOUND, &zero, NULL), SEC_E_UNKNOWN_CREDENTIALS);
    CHECK_STATUS("A6", acquire(SECPKG_CRED_INBOUND, &zero, NULL), SEC_E_UNKNOWN_CREDENTIALS);
    CHECK_STATUS("A4 expiry",
                 AcquireCredentialsHandleW(NULL, (WCHAR *)UNISP_NAME_W, SECPKG_CRED_OUTBOUND, NULL,
                                           NULL, NULL, NULL, &cred, &expiry),
                 SEC_E_OK);
    CHECK_NUMBER("no certificate: the largest time", expiry.QuadPart, INT64_MAX);
    CHECK_STATUS("FreeCredentialsHandle", FreeCredentialsHandle(&cred), SEC_E_OK);
}

static void expiry_of_certificate(void **state)
{
    (void)state;
    PCCERT_CONTEXT certificate = pair_certificate("ecdsa-p256");
    SCHANNEL_CRED data = {.dwVersion = SCHANNEL_CRED_VERSION, .cCreds = 1, .paCred = &certificate};
    CredHandle cred;
    TimeStamp expiry = {.QuadPart = 1};
    long long day = 864000000000;
    CHECK_STATUS("A11",
                 AcquireCredentialsHandleA(NULL, (char *)UNISP_NAME_A, SECPKG_CRED_INBOUND, NULL,
                                           &data, NULL, NULL, &cred, &expiry),
                 SEC_E_OK);
    ULARGE_INTEGER not_after = {.LowPart = certificate->pCertInfo->NotAfter.dwLowDateTime,
                                .HighPart = certificate->pCertInfo->NotAfter.dwHighDateTime};
    long long difference = expiry.QuadPart - (long long)not_after.QuadPart;
    CHECK("expiry: NotAfter in local time", difference > -day && difference < day);
    CHECK_STATUS("FreeCredentialsHandle", FreeCredentialsHandle(&cred), SEC_E_OK);
}

/* ---- versions of the structure --------------------------------------------------------- */

static void structure_versions(void **state)
{
    (void)state;
    PCCERT_CONTEXT good = pair_certificate("ecdsa-p256");
    for (size_t i = 0; i < COUNT(directions); i++) {
        SCHANNEL_CRED empty = {.dwVersion = SCHANNEL_CRED_VERSION};
        SCHANNEL_CRED one = {.cCreds = 1, .paCred = &good};
        SCH_CREDENTIALS new_form = {.dwVersion = SCH_CREDENTIALS_VERSION};
        CHECK_STATUS("A7", try_acquire(directions[i], &empty), SEC_E_OK);
        static const struct {
            const char *row;
            DWORD version;
            SECURITY_STATUS status;
        } rows[] = {
            {"A6", 0, SEC_E_UNKNOWN_CREDENTIALS},
            {"A9", SCH_CRED_V1, SEC_E_UNKNOWN_CREDENTIALS},
            {"A9", SCH_CRED_V2, SEC_E_UNKNOWN_CREDENTIALS},
            {"A10", SCH_CRED_V3, SEC_E_INSUFFICIENT_MEMORY},
            {"A11", SCHANNEL_CRED_VERSION, SEC_E_OK},
            {"unknown version", 6, SEC_E_UNKNOWN_CREDENTIALS},
            {"unknown version", 0xFFFFFFFF, SEC_E_UNKNOWN_CREDENTIALS},
        };
        for (size_t j = 0; j < COUNT(rows); j++) {
            one.dwVersion = rows[j].version;
            CHECK_STATUS(rows[j].row, try_acquire(directions[i], &one), rows[j].status);
        }
        CHECK_STATUS("A12", try_acquire(directions[i], &new_form), SEC_E_OK);
        new_form.cCreds = 1;
        new_form.paCred = &good;
        CHECK_STATUS("A12", try_acquire(directions[i], &new_form), SEC_E_OK);
    }
}

/* Hashes in place of certificates are for the kernel. */
static void certificate_formats(void **state)
{
    (void)state;
    SCHANNEL_CERT_HASH hash = {.dwLength = sizeof hash};
    SCHANNEL_CERT_HASH *hash_pointer = &hash;
    for (DWORD format = 1; format <= 2; format++) {
        SCHANNEL_CRED old_form = {.dwVersion = SCHANNEL_CRED_VERSION,
                                  .cCreds = 1,
                                  .paCred = (PCCERT_CONTEXT *)&hash_pointer,
                                  .dwCredFormat = format};
        SCH_CREDENTIALS new_form = {.dwVersion = SCH_CREDENTIALS_VERSION,
                                    .cCreds = 1,
                                    .paCred = (PCCERT_CONTEXT *)&hash_pointer,
                                    .dwCredFormat = format};
        CHECK_STATUS("SCHANNEL_CRED: dwCredFormat", try_acquire(SECPKG_CRED_INBOUND, &old_form),
                     SEC_E_UNKNOWN_CREDENTIALS);
        CHECK_STATUS("SCH_CREDENTIALS: dwCredFormat", try_acquire(SECPKG_CRED_INBOUND, &new_form),
                     SEC_E_UNKNOWN_CREDENTIALS);
    }
}

/* ---- protocols ------------------------------------------------------------------------- */

static SECURITY_STATUS with_protocols(ULONG use, DWORD mask)
{
    SCHANNEL_CRED data = {.dwVersion = SCHANNEL_CRED_VERSION, .grbitEnabledProtocols = mask};
    return try_acquire(use, &data);
}

static void enabled_protocols(void **state)
{
    (void)state;
    static const struct {
        const char *row;
        ULONG use;
        DWORD mask;
        SECURITY_STATUS status;
    } rows[] = {
        {"A20", SECPKG_CRED_OUTBOUND, SP_PROT_TLS1_2_SERVER, SEC_E_ALGORITHM_MISMATCH},
        {"A20", SECPKG_CRED_INBOUND, SP_PROT_TLS1_2_CLIENT, SEC_E_ALGORITHM_MISMATCH},
        {"A20", SECPKG_CRED_OUTBOUND, SP_PROT_TLS1_2_CLIENT, SEC_E_OK},
        {"A20", SECPKG_CRED_INBOUND, SP_PROT_TLS1_2_SERVER, SEC_E_OK},
        {"A20 both sides' bits", SECPKG_CRED_OUTBOUND, SP_PROT_TLS1_2, SEC_E_OK},
        {"A21", SECPKG_CRED_OUTBOUND, SP_PROT_SSL3_CLIENT, SEC_E_ALGORITHM_MISMATCH},
        {"A21", SECPKG_CRED_INBOUND, SP_PROT_SSL3_SERVER, SEC_E_ALGORITHM_MISMATCH},
        {"A22", SECPKG_CRED_OUTBOUND, SP_PROT_TLS1_0_CLIENT, SEC_E_ALGORITHM_MISMATCH},
        {"A22", SECPKG_CRED_OUTBOUND, SP_PROT_TLS1_1_CLIENT, SEC_E_ALGORITHM_MISMATCH},
        {"A22", SECPKG_CRED_OUTBOUND, SP_PROT_SSL2_CLIENT | SP_PROT_PCT1_CLIENT,
         SEC_E_ALGORITHM_MISMATCH},
        {"A22 beside others", SECPKG_CRED_OUTBOUND,
         SP_PROT_SSL3_CLIENT | SP_PROT_TLS1_0_CLIENT | SP_PROT_TLS1_2_CLIENT, SEC_E_OK},
        {"A15 the old structure brings no TLS 1.3", SECPKG_CRED_OUTBOUND, SP_PROT_TLS1_3_CLIENT,
         SEC_E_ALGORITHM_MISMATCH},
        {"A15", SECPKG_CRED_OUTBOUND, SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_3_CLIENT, SEC_E_OK},
        {"A23", SECPKG_CRED_OUTBOUND, SP_PROT_DTLS1_X_CLIENT | SP_PROT_TLS1_2_CLIENT,
         SEC_E_ALGORITHM_MISMATCH},
        {"A23", SECPKG_CRED_OUTBOUND, SP_PROT_DTLS1_X_CLIENT | SP_PROT_TLS1_SERVER,
         SEC_E_ALGORITHM_MISMATCH},
        {"A23", SECPKG_CRED_OUTBOUND, SP_PROT_DTLS1_X_CLIENT | SP_PROT_SSL3_SERVER,
         SEC_E_ALGORITHM_MISMATCH},
        {"A23", SECPKG_CRED_INBOUND, SP_PROT_DTLS1_X_SERVER | SP_PROT_TLS1_2_SERVER,
         SEC_E_ALGORITHM_MISMATCH},
        {"A24", SECPKG_CRED_OUTBOUND, SP_PROT_DTLS1_X_CLIENT, SEC_E_ALGORITHM_MISMATCH},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        CHECK_STATUS(rows[i].row, with_protocols(rows[i].use, rows[i].mask), rows[i].status);
}

static DWORD protocols_of(ULONG use, void *data)
{
    CredHandle cred;
    SecPkgCred_SupportedProtocols protocols = {0};
    CHECK_STATUS("A62", acquire(use, data, &cred), SEC_E_OK);
    CHECK_STATUS("A62",
                 QueryCredentialsAttributesA(&cred, SECPKG_ATTR_SUPPORTED_PROTOCOLS, &protocols),
                 SEC_E_OK);
    CHECK_STATUS("FreeCredentialsHandle", FreeCredentialsHandle(&cred), SEC_E_OK);
    return protocols.grbitProtocol;
}

static void disabled_protocols(void **state)
{
    (void)state;
    TLS_PARAMETERS p = {0};
    SCH_CREDENTIALS data = {
        .dwVersion = SCH_CREDENTIALS_VERSION, .cTlsParameters = 1, .pTlsParameters = &p};
    static const struct {
        const char *row;
        ULONG use;
        DWORD disabled;
        DWORD left;
    } rows[] = {
        {"A62 default", SECPKG_CRED_OUTBOUND, 0, SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_3_CLIENT},
        {"A62 default", SECPKG_CRED_INBOUND, 0, SP_PROT_TLS1_2_SERVER | SP_PROT_TLS1_3_SERVER},
        {"A25 complement", SECPKG_CRED_OUTBOUND, ~(DWORD)SP_PROT_TLS1_2_CLIENT,
         SP_PROT_TLS1_2_CLIENT},
        {"A25 A26", SECPKG_CRED_OUTBOUND, ~(DWORD)SP_PROT_TLS1_3_CLIENT, SP_PROT_TLS1_3_CLIENT},
        {"A25", SECPKG_CRED_INBOUND, ~(DWORD)SP_PROT_TLS1_3_SERVER, SP_PROT_TLS1_3_SERVER},
        {"A25 other side's bits", SECPKG_CRED_INBOUND, SP_PROT_TLS1_X_CLIENT | SP_PROT_DTLS1_X,
         SP_PROT_TLS1_2_SERVER | SP_PROT_TLS1_3_SERVER},
        {"A26", SECPKG_CRED_OUTBOUND,
         SP_PROT_TLS1_0_CLIENT | SP_PROT_TLS1_1_CLIENT | SP_PROT_TLS1_2_CLIENT,
         SP_PROT_TLS1_3_CLIENT},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        p.grbitDisabledProtocols = rows[i].disabled;
        CHECK_NUMBER(rows[i].row, protocols_of(rows[i].use, &data), rows[i].left);
    }
    p.grbitDisabledProtocols = 0xFFFFFFFF;
    CHECK_STATUS("nothing left", try_acquire(SECPKG_CRED_OUTBOUND, &data),
                 SEC_E_ALGORITHM_MISMATCH);
    CHECK_NUMBER("A62 NULL data", protocols_of(SECPKG_CRED_OUTBOUND, NULL),
                 SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_3_CLIENT);
    SCHANNEL_CRED old_form = {.dwVersion = SCHANNEL_CRED_VERSION,
                              .grbitEnabledProtocols = SP_PROT_TLS1_2_CLIENT};
    CHECK_NUMBER("A62", protocols_of(SECPKG_CRED_OUTBOUND, &old_form), SP_PROT_TLS1_2_CLIENT);
    old_form.grbitEnabledProtocols = 0;
    CHECK_NUMBER("A15", protocols_of(SECPKG_CRED_INBOUND, &old_form), SP_PROT_TLS1_2_SERVER);
}

/* ---- limits ---------------------------------------------------------------------------- */

enum { LIMIT = 16 };

static void parameter_blocks(void **state)
{
    (void)state;
    UNICODE_STRING ids[LIMIT + 1];
    TLS_PARAMETERS p[LIMIT + 1] = {0};
    static WCHAR letters[] = u"abcdefghijklmnopqrstuvwxyz";
    SCH_CREDENTIALS data = {.dwVersion = SCH_CREDENTIALS_VERSION, .pTlsParameters = p};
    for (size_t i = 0; i < COUNT(p); i++) {
        ids[i] = (UNICODE_STRING){2, 2, &letters[i]};
        p[i] = (TLS_PARAMETERS){.cAlpnIds = 1, .rgstrAlpnIds = &ids[i]};
    }
    const char *row = "SCH_CREDENTIALS: cTlsParameters";
    data.cTlsParameters = LIMIT;
    CHECK_STATUS(row, try_acquire(SECPKG_CRED_OUTBOUND, &data), SEC_E_OK);
    CHECK_STATUS(row, try_acquire(SECPKG_CRED_INBOUND, &data), SEC_E_OK);
    data.cTlsParameters = LIMIT + 1;
    CHECK_STATUS(row, try_acquire(SECPKG_CRED_OUTBOUND, &data), SEC_E_INVALID_PARAMETER);
    data.cTlsParameters = 1;
    data.pTlsParameters = NULL;
    CHECK_STATUS(row, try_acquire(SECPKG_CRED_OUTBOUND, &data), SEC_E_INVALID_PARAMETER);
    data.pTlsParameters = p;
    data.cTlsParameters = 2;
    p[0] = p[1] = (TLS_PARAMETERS){0};
    CHECK_STATUS("two blocks for everything", try_acquire(SECPKG_CRED_OUTBOUND, &data),
                 SEC_E_INVALID_PARAMETER);
    data.cTlsParameters = 1;
    p[0].dwFlags = TLS_PARAMS_OPTIONAL;
    CHECK_STATUS("TLS_PARAMS_OPTIONAL on a client", try_acquire(SECPKG_CRED_OUTBOUND, &data),
                 SEC_E_INVALID_PARAMETER);
    CHECK_STATUS("TLS_PARAMS_OPTIONAL", try_acquire(SECPKG_CRED_INBOUND, &data), SEC_E_OK);
}

static void protocol_ids(void **state)
{
    (void)state;
    UNICODE_STRING ids[LIMIT + 1];
    static WCHAR text[300];
    TLS_PARAMETERS p = {.rgstrAlpnIds = ids};
    SCH_CREDENTIALS data = {
        .dwVersion = SCH_CREDENTIALS_VERSION, .cTlsParameters = 1, .pTlsParameters = &p};
    const char *row = "TLS_PARAMETERS: cAlpnIds";
    for (size_t i = 0; i < COUNT(text); i++)
        text[i] = u'a';
    for (size_t i = 0; i < COUNT(ids); i++)
        ids[i] = (UNICODE_STRING){(USHORT)(2 * (i + 1)), (USHORT)(2 * (i + 1)), text};
    p.cAlpnIds = LIMIT;
    CHECK_STATUS(row, try_acquire(SECPKG_CRED_OUTBOUND, &data), SEC_E_OK);
    p.cAlpnIds = LIMIT + 1;
    CHECK_STATUS(row, try_acquire(SECPKG_CRED_OUTBOUND, &data), SEC_E_INVALID_PARAMETER);
    p.cAlpnIds = 1;
    ids[0] = (UNICODE_STRING){510, 510, text};
    CHECK_STATUS("an id of 255 bytes", try_acquire(SECPKG_CRED_OUTBOUND, &data), SEC_E_OK);
    ids[0] = (UNICODE_STRING){512, 512, text};
    CHECK_STATUS("an id of 256 bytes", try_acquire(SECPKG_CRED_OUTBOUND, &data),
                 SEC_E_INVALID_PARAMETER);
    ids[0] = (UNICODE_STRING){0, 0, NULL};
    CHECK_STATUS("an empty id", try_acquire(SECPKG_CRED_OUTBOUND, &data), SEC_E_INVALID_PARAMETER);
    p.rgstrAlpnIds = NULL;
    CHECK_STATUS(row, try_acquire(SECPKG_CRED_OUTBOUND, &data), SEC_E_INVALID_PARAMETER);
}

static void crypto_settings(void **state)
{
    (void)state;
    CRYPTO_SETTINGS settings[LIMIT + 1] = {0};
    UNICODE_STRING modes[LIMIT + 1];
    static const UNICODE_STRING cbc = UNICODE(BCRYPT_CHAIN_MODE_CBC);
    TLS_PARAMETERS p = {.pDisabledCrypto = settings};
    SCH_CREDENTIALS data = {
        .dwVersion = SCH_CREDENTIALS_VERSION, .cTlsParameters = 1, .pTlsParameters = &p};
    const char *row = "TLS_PARAMETERS: cDisabledCrypto";
    for (size_t i = 0; i < COUNT(settings); i++) {
        modes[i] = cbc;
        settings[i] = (CRYPTO_SETTINGS){.eAlgorithmUsage = TlsParametersCngAlgUsageCipher,
                                        .strCngAlgId = UNICODE(u"3DES")};
    }
    p.cDisabledCrypto = LIMIT;
    CHECK_STATUS(row, try_acquire(SECPKG_CRED_OUTBOUND, &data), SEC_E_OK);
    p.cDisabledCrypto = LIMIT + 1;
    CHECK_STATUS(row, try_acquire(SECPKG_CRED_OUTBOUND, &data), SEC_E_INVALID_PARAMETER);
    p.cDisabledCrypto = 1;
    settings[0].rgstrChainingModes = modes;
    settings[0].cChainingModes = LIMIT;
    row = "CRYPTO_SETTINGS: cChainingModes";
    CHECK_STATUS(row, try_acquire(SECPKG_CRED_OUTBOUND, &data), SEC_E_OK);
    settings[0].cChainingModes = LIMIT + 1;
    CHECK_STATUS(row, try_acquire(SECPKG_CRED_OUTBOUND, &data), SEC_E_INVALID_PARAMETER);
    settings[0].cChainingModes = 1;
    settings[0].rgstrChainingModes = NULL;
    CHECK_STATUS(row, try_acquire(SECPKG_CRED_OUTBOUND, &data), SEC_E_INVALID_PARAMETER);
    settings[0].cChainingModes = 0;
    settings[0].eAlgorithmUsage = 99;
    CHECK_STATUS("CRYPTO_SETTINGS: eAlgorithmUsage", try_acquire(SECPKG_CRED_OUTBOUND, &data),
                 SEC_E_INVALID_PARAMETER);
    p.pDisabledCrypto = NULL;
    CHECK_STATUS("pDisabledCrypto", try_acquire(SECPKG_CRED_OUTBOUND, &data),
                 SEC_E_INVALID_PARAMETER);
}

/* Settings take away what they name: AES-GCM off leaves what is not AES; everything off, nothing.
 */
static void disabled_crypto(void **state)
{
    (void)state;
    UNICODE_STRING gcm = UNICODE(BCRYPT_CHAIN_MODE_GCM);
    CRYPTO_SETTINGS settings[] = {{.eAlgorithmUsage = TlsParametersCngAlgUsageCipher,
                                   .strCngAlgId = UNICODE(u"AES"),
                                   .cChainingModes = 1,
                                   .rgstrChainingModes = &gcm},
                                  {.eAlgorithmUsage = TlsParametersCngAlgUsageCipher,
                                   .strCngAlgId = UNICODE(u"CHACHA20_POLY1305")}};
    TLS_PARAMETERS p = {.cDisabledCrypto = 1, .pDisabledCrypto = settings};
    SCH_CREDENTIALS data = {
        .dwVersion = SCH_CREDENTIALS_VERSION, .cTlsParameters = 1, .pTlsParameters = &p};
    CredHandle cred;
    SecPkgCred_CipherStrengths strengths;
    CHECK_STATUS("AES off", acquire(SECPKG_CRED_OUTBOUND, &data, &cred), SEC_E_OK);
    CHECK_STATUS("A61",
                 QueryCredentialsAttributesA(&cred, SECPKG_ATTR_CIPHER_STRENGTHS, &strengths),
                 SEC_E_OK);
    CHECK_NUMBER("only 256 bits are left", strengths.dwMinimumCipherStrength, 256);
    CHECK_STATUS("FreeCredentialsHandle", FreeCredentialsHandle(&cred), SEC_E_OK);
    p.cDisabledCrypto = 2;
    CHECK_STATUS("all ciphers off", try_acquire(SECPKG_CRED_OUTBOUND, &data),
                 SEC_E_ALGORITHM_MISMATCH);
}

static void counts_of_arrays(void **state)
{
    (void)state;
    PCCERT_CONTEXT certificates[SCH_CRED_MAX_SUPPORTED_CERTS + 1];
    static ALG_ID algorithms[SCH_CRED_MAX_SUPPORTED_ALGS + 1];
    SCHANNEL_CRED data = {.dwVersion = SCHANNEL_CRED_VERSION, .paCred = certificates};
    for (size_t i = 0; i < COUNT(certificates); i++)
        certificates[i] = pair_certificate("ecdsa-p256");
    for (size_t i = 0; i < COUNT(algorithms); i++)
        algorithms[i] = CALG_AES_256;
    data.cCreds = SCH_CRED_MAX_SUPPORTED_CERTS;
    CHECK_STATUS("100 certificates", try_acquire(SECPKG_CRED_INBOUND, &data), SEC_E_OK);
    data.cCreds = SCH_CRED_MAX_SUPPORTED_CERTS + 1;
    CHECK_STATUS("101 certificates", try_acquire(SECPKG_CRED_INBOUND, &data),
                 SEC_E_UNKNOWN_CREDENTIALS);
    data.cCreds = 0;
    data.palgSupportedAlgs = algorithms;
    data.cSupportedAlgs = SCH_CRED_MAX_SUPPORTED_ALGS;
    CHECK_STATUS("256 algorithms", try_acquire(SECPKG_CRED_OUTBOUND, &data), SEC_E_OK);
    data.cSupportedAlgs = SCH_CRED_MAX_SUPPORTED_ALGS + 1;
    CHECK_STATUS("257 algorithms", try_acquire(SECPKG_CRED_OUTBOUND, &data),
                 SEC_E_INVALID_PARAMETER);
}

/* ---- certificates ---------------------------------------------------------------------- */

/* The same certificate, without its key. */
static PCCERT_CONTEXT without_key(void)
{
    PCCERT_CONTEXT good = pair_certificate("ecdsa-p256");
    return CertCreateCertificateContext(X509_ASN_ENCODING, good->pbCertEncoded,
                                        good->cbCertEncoded);
}

/* A certificate whose public key is of a kind that nobody knows. */
static PCCERT_CONTEXT with_unknown_key(void)
{
    static const BYTE ec_public_key[] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01};
    PCCERT_CONTEXT good = pair_certificate("ecdsa-p256");
    BYTE *der = malloc(good->cbCertEncoded);
    assert_non_null(der);
    memcpy(der, good->pbCertEncoded, good->cbCertEncoded);
    for (DWORD i = 0; i + sizeof ec_public_key <= good->cbCertEncoded; i++) {
        if (memcmp(der + i, ec_public_key, sizeof ec_public_key) == 0)
            der[i + sizeof ec_public_key - 1] = 0x55;
    }
    PCCERT_CONTEXT made = CertCreateCertificateContext(X509_ASN_ENCODING, der, good->cbCertEncoded);
    free(der);
    return made;
}

static void bad_certificates(void **state)
{
    (void)state;
    PCCERT_CONTEXT good = pair_certificate("ecdsa-p256");
    PCCERT_CONTEXT keyless = without_key();
    PCCERT_CONTEXT unknown = with_unknown_key();
    assert_non_null(keyless);
    assert_non_null(unknown);
    const struct {
        const char *row;
        DWORD count;
        PCCERT_CONTEXT list[2];
        SECURITY_STATUS status;
    } rows[] = {
        {"A11", 1, {good, NULL}, SEC_E_OK},
        {"A40", 1, {unknown, NULL}, SEC_E_UNKNOWN_CREDENTIALS},
        {"A41", 1, {keyless, NULL}, SEC_E_NO_CREDENTIALS},
        {"A43", 2, {good, unknown}, SEC_E_UNKNOWN_CREDENTIALS},
        {"A43", 2, {unknown, good}, SEC_E_UNKNOWN_CREDENTIALS},
        {"A43", 2, {good, keyless}, SEC_E_UNKNOWN_CREDENTIALS},
        {"A43", 2, {keyless, good}, SEC_E_UNKNOWN_CREDENTIALS},
        {"two good ones", 2, {good, pair_certificate("rsa-2048")}, SEC_E_OK},
        {"NULL element", 2, {good, NULL}, SEC_E_UNKNOWN_CREDENTIALS},
        {"NULL element", 1, {NULL, NULL}, SEC_E_UNKNOWN_CREDENTIALS},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (size_t j = 0; j < COUNT(directions); j++) {
            SCHANNEL_CRED old_form = {.dwVersion = SCHANNEL_CRED_VERSION,
                                      .cCreds = rows[i].count,
                                      .paCred = (PCCERT_CONTEXT *)rows[i].list};
            SCH_CREDENTIALS new_form = {.dwVersion = SCH_CREDENTIALS_VERSION,
                                        .cCreds = rows[i].count,
                                        .paCred = (PCCERT_CONTEXT *)rows[i].list};
            CHECK_STATUS(rows[i].row, try_acquire(directions[j], &old_form), rows[i].status);
            CHECK_STATUS(rows[i].row, try_acquire(directions[j], &new_form), rows[i].status);
        }
    }
    SCHANNEL_CRED no_array = {.dwVersion = SCHANNEL_CRED_VERSION, .cCreds = 1};
    CHECK_STATUS("no array", try_acquire(SECPKG_CRED_INBOUND, &no_array),
                 SEC_E_UNKNOWN_CREDENTIALS);
    CertFreeCertificateContext(keyless);
    CertFreeCertificateContext(unknown);
}

/* A container that is not there is found out when the credential is acquired. */
static void key_containers(void **state)
{
    (void)state;
    CRYPT_KEY_PROV_INFO info = {.pwszContainerName = (WCHAR *)u"no such container",
                                .dwProvType = PROV_RSA_FULL,
                                .dwKeySpec = AT_KEYEXCHANGE};
    PCCERT_CONTEXT keyless = without_key();
    assert_non_null(keyless);
    CHECK("A42", CertSetCertificateContextProperty(keyless, CERT_KEY_PROV_INFO_PROP_ID, 0, &info));
    for (size_t i = 0; i < COUNT(directions); i++) {
        SCHANNEL_CRED data = {.dwVersion = SCHANNEL_CRED_VERSION, .cCreds = 1, .paCred = &keyless};
        CHECK_STATUS("A42", try_acquire(directions[i], &data), SEC_E_UNKNOWN_CREDENTIALS);
    }
    CertFreeCertificateContext(keyless);
}

/* Certificate, store and structure are gone when the first context is made. */
static void nothing_is_borrowed(void **state)
{
    (void)state;
    PCCERT_CONTEXT own = SchannelCreateTestCertificate("localhost", NULL, 1);
    assert_non_null(own);
    struct pair_options options = usual(TLS13);
    options.server_certificate = own;
    options.client_roots = pair_store(own);
    struct pair *p = open_pair_with(&options);
    CHECK("A48", CertCloseStore(options.client_roots, 0));
    CHECK("A48", CertFreeCertificateContext(own));
    CHECK("A48", pair_handshake(p));
}

/* ---- attributes ------------------------------------------------------------------------ */

static void check_query(const char *row, CredHandle *cred, ULONG id, void *buffer,
                        SECURITY_STATUS wanted)
{
    CHECK_STATUS(row, QueryCredentialsAttributesA(cred, id, buffer), wanted);
    CHECK_STATUS(row, QueryCredentialsAttributesW(cred, id, buffer), wanted);
    CHECK_STATUS(row, QueryCredentialsAttributesExA(cred, id, buffer, 64), wanted);
    CHECK_STATUS(row, QueryCredentialsAttributesExW(cred, id, buffer, 64), wanted);
}

static void credential_attributes(void **state)
{
    (void)state;
    CredHandle cred;
    BYTE block[128];
    SecPkgCred_CipherStrengths strengths = {0xDEADBEEF, 0xDEADBEEF};
    SecPkgCred_SupportedAlgs algorithms = {0, NULL};
    CHECK_STATUS("A4", acquire(SECPKG_CRED_OUTBOUND, NULL, &cred), SEC_E_OK);
    check_query("A60", &cred, SECPKG_CRED_ATTR_NAMES, block, SEC_E_NO_CREDENTIALS);
    check_query("A61", &cred, SECPKG_ATTR_CIPHER_STRENGTHS, &strengths, SEC_E_OK);
    CHECK_NUMBER("A61", strengths.dwMinimumCipherStrength, 128);
    CHECK_NUMBER("A61", strengths.dwMaximumCipherStrength, 256);
    CHECK_STATUS("A63", QueryCredentialsAttributesW(&cred, SECPKG_ATTR_SUPPORTED_ALGS, &algorithms),
                 SEC_E_OK);
    bool has_aes = false;
    for (DWORD i = 0; i < algorithms.cSupportedAlgs; i++)
        has_aes = has_aes || algorithms.palgSupportedAlgs[i] == CALG_AES_256;
    CHECK("A63", has_aes);
    CHECK_STATUS("A63", FreeContextBuffer(algorithms.palgSupportedAlgs), SEC_E_OK);
    check_query("A64", &cred, SECPKG_ATTR_SUPPORTED_PROTOCOLS, NULL, SEC_E_INTERNAL_ERROR);
    check_query("A64", &cred, SECPKG_ATTR_SUPPORTED_ALGS, NULL, SEC_E_INTERNAL_ERROR);
    check_query("A64", &cred, SECPKG_ATTR_CIPHER_STRENGTHS, NULL, SEC_E_INTERNAL_ERROR);
    for (ULONG id = 0; id < 0x90; id++) {
        bool is_known = id == SECPKG_CRED_ATTR_NAMES || id == SECPKG_ATTR_SUPPORTED_ALGS ||
                        id == SECPKG_ATTR_CIPHER_STRENGTHS || id == SECPKG_ATTR_SUPPORTED_PROTOCOLS;
        if (!is_known)
            check_query("unknown attribute", &cred, id, block, SEC_E_UNSUPPORTED_FUNCTION);
    }
    CHECK_STATUS("Ex",
                 QueryCredentialsAttributesExA(&cred, SECPKG_ATTR_SUPPORTED_PROTOCOLS, block, 3),
                 SEC_E_BUFFER_TOO_SMALL);
    CHECK_STATUS("Ex", QueryCredentialsAttributesExW(&cred, SECPKG_ATTR_SUPPORTED_ALGS, block, 8),
                 SEC_E_BUFFER_TOO_SMALL);
    CHECK_STATUS("Ex", QueryCredentialsAttributesExW(&cred, SECPKG_ATTR_CIPHER_STRENGTHS, block, 7),
                 SEC_E_BUFFER_TOO_SMALL);
    CHECK_STATUS("A71", FreeCredentialsHandle(&cred), SEC_E_OK);
    check_query("A71", &cred, SECPKG_ATTR_CIPHER_STRENGTHS, block, SEC_E_INVALID_HANDLE);
}

/* A60: after a handshake, too, and with a certificate. */
static void names_after_handshake(void **state)
{
    (void)state;
    BYTE block[16];
    struct pair *p = connect_pair(TLS12);
    check_query("A60", &p->client.cred, SECPKG_CRED_ATTR_NAMES, block, SEC_E_NO_CREDENTIALS);
    check_query("A60", &p->server.cred, SECPKG_CRED_ATTR_NAMES, block, SEC_E_NO_CREDENTIALS);
}

/* ---- lifetime -------------------------------------------------------------------------- */

static void freed_under_contexts(void **state)
{
    (void)state;
    for (int version = TLS12; version <= TLS13; version++) {
        struct pair *p = open_pair(version);
        CredHandle stale = p->client.cred;
        pair_call(&p->client, &p->server);
        CHECK_STATUS("A70", FreeCredentialsHandle(&p->client.cred), SEC_E_OK);
        struct pair_options options = usual(version);
        TLS_PARAMETERS parameters = {.grbitDisabledProtocols = options.client_disabled};
        SCH_CREDENTIALS data = {.dwVersion = SCH_CREDENTIALS_VERSION,
                                .cTlsParameters = 1,
                                .pTlsParameters = &parameters};
        CHECK_STATUS("A70", acquire(SECPKG_CRED_OUTBOUND, &data, &p->client.cred), SEC_E_OK);
        CHECK("A70 A73", pair_handshake(p));
        CHECK_STATUS("A70", FreeCredentialsHandle(&p->server.cred), SEC_E_OK);
        SecInvalidateHandle(&p->server.cred);
        CHECK_STATUS("A70", pair_send(p, &p->server, &p->client, "x", 1), SEC_E_OK);
        struct io io;
        io_init(&io, &p->client);
        io.ctx = NULL;
        io.cred = &stale;
        CHECK_STATUS("A71", io_run(&io), SEC_E_INVALID_HANDLE);
        CHECK_STATUS("A71", FreeCredentialsHandle(&stale), SEC_E_INVALID_HANDLE);
    }
}

static void bad_handles(void **state)
{
    (void)state;
    struct pair *p = open_pair(TLS13);
    pair_call(&p->client, &p->server);
    const struct {
        const char *row;
        SecHandle handle;
    } rows[] = {
        {"A72 zero", {0, 0}},
        {"A72 -1", {(ULONG_PTR)-1, (ULONG_PTR)-1}},
        {"SEC_DELETED_HANDLE", {SEC_DELETED_HANDLE, SEC_DELETED_HANDLE}},
        {"garbage", {0x123456789, 0xFEDCBA9876543210}},
        {"other generation", {p->client.cred.dwLower, p->client.cred.dwUpper + 0x100}},
        {"other slot", {p->client.cred.dwLower + 77, p->client.cred.dwUpper}},
        {"half", {p->client.cred.dwLower, 0}},
        {"a context", {p->client.ctx.dwLower, p->client.ctx.dwUpper}},
    };
    BYTE block[16];
    for (size_t i = 0; i < COUNT(rows); i++) {
        CredHandle h = rows[i].handle;
        CHECK_STATUS(rows[i].row, FreeCredentialsHandle(&h), SEC_E_INVALID_HANDLE);
        CHECK_STATUS(rows[i].row,
                     QueryCredentialsAttributesA(&h, SECPKG_ATTR_CIPHER_STRENGTHS, block),
                     SEC_E_INVALID_HANDLE);
    }
    CHECK_STATUS("NULL", FreeCredentialsHandle(NULL), SEC_E_INVALID_HANDLE);
    CHECK_STATUS("NULL", QueryCredentialsAttributesA(NULL, SECPKG_ATTR_CIPHER_STRENGTHS, block),
                 SEC_E_INVALID_HANDLE);
    CHECK("both are still alive", pair_handshake(p));
}

static void freed_twice(void **state)
{
    (void)state;
    CredHandle cred;
    CredHandle copy;
    CHECK_STATUS("A4", acquire(SECPKG_CRED_OUTBOUND, NULL, &cred), SEC_E_OK);
    copy = cred;
    CHECK_STATUS("FreeCredentialsHandle", FreeCredentialsHandle(&copy), SEC_E_OK);
    CHECK_STATUS("FreeCredentialsHandle, again", FreeCredentialsHandle(&cred),
                 SEC_E_INVALID_HANDLE);
    CredHandle next; /* likely in the same place: the old value must not name it */
    CHECK_STATUS("A4", acquire(SECPKG_CRED_OUTBOUND, NULL, &next), SEC_E_OK);
    CHECK_STATUS("FreeCredentialsHandle, again", FreeCredentialsHandle(&cred),
                 SEC_E_INVALID_HANDLE);
    CHECK_STATUS("FreeCredentialsHandle", FreeCredentialsHandle(&next), SEC_E_OK);
}

/* ---- the checks bite ------------------------------------------------------------------- */

static void planted(void **state)
{
    (void)state;
    SecurityFunctionTableA broken = *InitSecurityInterfaceA();
    SecPkgInfoA *info;
    broken.ApplyControlToken = NULL;
    CHECK_STATUS("P3", QuerySecurityPackageInfoA((char *)UNISP_NAME_A, &info), SEC_E_OK);
    info->fCapabilities ^= SECPKG_FLAG_STREAM;
    planted_begin();
    check_slots("planted", &broken);
    check_package_a("planted", info, UNISP_NAME_A);
    CHECK_STATUS("planted", acquire(SECPKG_CRED_INBOUND, NULL, NULL), SEC_E_OK);
    CHECK_NUMBER("planted", protocols_of(SECPKG_CRED_OUTBOUND, NULL), SP_PROT_TLS1_2_CLIENT);
    assert_int_equal(planted_end(), 4);
    FreeContextBuffer(info);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted),
        cmocka_unit_test(package_info),
        cmocka_unit_test(packages),
        cmocka_unit_test(tables),
        cmocka_unit_test(calls_through_table_a),
        cmocka_unit_test(unsupported_functions),
        cmocka_unit_test(package_and_direction),
        cmocka_unit_test(expiry_of_certificate),
        cmocka_unit_test(structure_versions),
        cmocka_unit_test(certificate_formats),
        cmocka_unit_test(enabled_protocols),
        cmocka_unit_test(disabled_protocols),
        cmocka_unit_test(parameter_blocks),
        cmocka_unit_test(protocol_ids),
        cmocka_unit_test(crypto_settings),
        cmocka_unit_test(disabled_crypto),
        cmocka_unit_test(counts_of_arrays),
        cmocka_unit_test(bad_certificates),
        cmocka_unit_test(key_containers),
        cmocka_unit_test(nothing_is_borrowed),
        cmocka_unit_test(credential_attributes),
        cmocka_unit_test(names_after_handshake),
        cmocka_unit_test(freed_under_contexts),
        cmocka_unit_test(bad_handles),
        cmocka_unit_test(freed_twice),
    };
    return cmocka_run_group_tests(tests, NULL, close_pair);
}
