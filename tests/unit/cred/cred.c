/* SPDX-License-Identifier: MIT */
/*
 * Credentials out of SCHANNEL_CRED, SCH_CREDENTIALS and nothing: versions, protocol bits of both
 * directions, certificates, blocks by ALPN, limits, ownership, failed allocations. sspi.md 3.1
 * to 3.5.
 */
#include <libschannel.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cred/cred.h"
#include "win/win.h"

static PCCERT_CONTEXT own; /* with a key */
static PCCERT_CONTEXT keyless;

static int open_all(void **state)
{
    (void)state;
    own = SchannelCreateTestCertificate("host.test", NULL, 7);
    assert_non_null(own);
    keyless =
        CertCreateCertificateContext(X509_ASN_ENCODING, own->pbCertEncoded, own->cbCertEncoded);
    assert_non_null(keyless);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    CertFreeCertificateContext(own);
    CertFreeCertificateContext(keyless);
    return 0;
}

/* The reason, and nothing of the credential left. */
static err reason_of(bool is_server, const void *data)
{
    struct cred *cred;
    int64_t live = mem_live();
    err result = cred_new(&cred, is_server, data);
    assert_int_equal(cred == NULL, result != OK);
    cred_release(cred);
    assert_int_equal(mem_live(), live);
    return result;
}

/* ---- versions -------------------------------------------------------------------------- */

static void versions(void **state)
{
    SCHANNEL_CRED cred = {.dwVersion = SCHANNEL_CRED_VERSION};
    (void)state;
    static const DWORD unknown[] = {0, 1, 2, 6, 0x10000, UINT32_MAX};
    for (size_t i = 0; i < ARRAY_LEN(unknown); i++) {
        cred.dwVersion = unknown[i];
        assert_int_equal(reason_of(false, &cred), ERR_CRED_VERSION); /* A6 */
        assert_int_equal(reason_of(true, &cred), ERR_CRED_VERSION);
    }
    cred.dwVersion = SCH_CRED_V3;
    assert_int_equal(reason_of(false, &cred), OK);
    cred.cCreds = 1;
    cred.paCred = &own;
    assert_int_equal(reason_of(false, &cred), ERR_NO_MEMORY);
    cred.dwVersion = SCHANNEL_CRED_VERSION;
    assert_int_equal(reason_of(false, &cred), OK);
    assert_int_equal(reason_of(true, &cred), OK);
    cred.cCreds = 0;
    assert_int_equal(reason_of(true, &cred), OK); /* A7 */
}

static void nothing_given(void **state)
{
    struct cred *cred;
    (void)state;
    assert_int_equal(reason_of(true, NULL), ERR_CRED_NO_CERTIFICATE);
    assert_int_equal(cred_new(&cred, false, NULL), OK);
    assert_true(cred->is_default);
    assert_int_equal(cred->protocols, SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_3_CLIENT);
    assert_int_equal(cred->strength_min, 128);
    assert_int_equal(cred->strength_max, 256);
    assert_int_equal(cred->session_lifespan_ms, 36000000);
    assert_int_equal(cred->not_after, INT64_MAX);
    cred_release(cred_ref(cred));
    cred_release(cred);
    cred_release(NULL);
}

/* ---- protocols ------------------------------------------------------------------------- */

/* The bits that are spoken, or 0 when the credential is refused. */
static DWORD spoken(bool is_server, const void *data)
{
    struct cred *cred;
    err result = cred_new(&cred, is_server, data);
    if (result != OK) {
        assert_int_equal(result, ERR_CRED_NO_PROTOCOL);
        return 0;
    }
    DWORD protocols = cred->protocols;
    assert_int_equal(cred->parameters[0].config.tls13,
                     (protocols & (SP_PROT_TLS1_3_CLIENT | SP_PROT_TLS1_3_SERVER)) != 0);
    cred_release(cred);
    return protocols;
}

/* SCHANNEL_CRED lists what is enabled, and never brings TLS 1.3. */
static void enabled_protocols(void **state)
{
    static const struct {
        DWORD mask;
        bool client;
        bool server;
    } rows[] = {
        {0, true, true},
        {SP_PROT_TLS1_2_CLIENT, true, false},
        {SP_PROT_TLS1_2_SERVER, false, true}, /* A20 */
        {SP_PROT_TLS1_2, true, true},
        {SP_PROT_TLS1_X, true, true},
        {SP_PROT_TLS1_3, false, false},
        {SP_PROT_TLS1_3 | SP_PROT_TLS1_2, true, true},
        {SP_PROT_SSL2, false, false},
        {SP_PROT_SSL3, false, false}, /* A21 */
        {SP_PROT_TLS1, false, false},
        {SP_PROT_TLS1_1, false, false},
        {SP_PROT_TLS1 | SP_PROT_TLS1_1 | SP_PROT_TLS1_2, true, true},
        {SP_PROT_DTLS1_X, false, false},                  /* A24 */
        {SP_PROT_DTLS1_X | SP_PROT_TLS1_X, false, false}, /* A23 */
        {SP_PROT_DTLS1_2_SERVER | SP_PROT_TLS1_2_CLIENT, false, false},
        {0x00100000, false, false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        SCHANNEL_CRED cred = {.dwVersion = SCHANNEL_CRED_VERSION,
                              .grbitEnabledProtocols = rows[i].mask};
        assert_int_equal(spoken(false, &cred), rows[i].client ? SP_PROT_TLS1_2_CLIENT : 0);
        assert_int_equal(spoken(true, &cred), rows[i].server ? SP_PROT_TLS1_2_SERVER : 0);
    }
}

/* TLS_PARAMETERS list what is disabled: unknown bits and those of others mean nothing. */
static void disabled_protocols(void **state)
{
    static const struct {
        DWORD mask;
        int client; /* bit 0: 1.2, bit 1: 1.3 */
        int server;
    } rows[] = {
        {0, 3, 3},
        {SP_PROT_TLS1_2_CLIENT, 2, 3},
        {SP_PROT_TLS1_2_SERVER, 3, 2},
        {SP_PROT_TLS1_3, 1, 1},
        {SP_PROT_TLS1_2, 2, 2},
        {SP_PROT_TLS1_2 | SP_PROT_TLS1_3, 0, 0},
        {SP_PROT_TLS1_3_CLIENT | SP_PROT_TLS1_2_SERVER, 1, 2},
        {SP_PROT_SSL3 | SP_PROT_TLS1 | SP_PROT_TLS1_1 | SP_PROT_DTLS1_X, 3, 3},
        {~(DWORD)SP_PROT_TLS1_2, 1, 1}, /* "only 1.2" */
        {~(DWORD)SP_PROT_TLS1_3, 2, 2},
        {~(DWORD)SP_PROT_TLS1_3_CLIENT, 2, 0},
        {UINT32_MAX, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        TLS_PARAMETERS block = {.grbitDisabledProtocols = rows[i].mask};
        SCH_CREDENTIALS cred = {
            .dwVersion = SCH_CREDENTIALS_VERSION, .cTlsParameters = 1, .pTlsParameters = &block};
        DWORD client = ((rows[i].client & 1) != 0 ? SP_PROT_TLS1_2_CLIENT : 0) |
                       ((rows[i].client & 2) != 0 ? SP_PROT_TLS1_3_CLIENT : 0);
        DWORD server = ((rows[i].server & 1) != 0 ? SP_PROT_TLS1_2_SERVER : 0) |
                       ((rows[i].server & 2) != 0 ? SP_PROT_TLS1_3_SERVER : 0);
        assert_int_equal(spoken(false, &cred), client);
        assert_int_equal(spoken(true, &cred), server);
    }
}

static void flags_without_protocol(void **state)
{
    static const DWORD flags[] = {SCH_USE_PRESHAREDKEY_ONLY, SCH_USE_DTLS_ONLY};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
        SCH_CREDENTIALS cred = {.dwVersion = SCH_CREDENTIALS_VERSION, .dwFlags = flags[i]};
        assert_int_equal(spoken(false, &cred), 0);
        assert_int_equal(spoken(true, &cred), 0);
    }
}

static void strengths_and_lists(void **state)
{
    ALG_ID ids[] = {CALG_AES_256, CALG_RC4};
    struct cred *made;
    (void)state;
    SCHANNEL_CRED cred = {.dwVersion = SCHANNEL_CRED_VERSION, .dwMinimumCipherStrength = 256};
    assert_int_equal(cred_new(&made, false, &cred), OK);
    assert_int_equal(made->strength_min, 256);
    cred_release(made);
    cred.dwMinimumCipherStrength = 512;
    assert_int_equal(reason_of(false, &cred), ERR_CRED_NO_PROTOCOL);
    cred.dwMinimumCipherStrength = 0;
    cred.cSupportedAlgs = 1;
    assert_int_equal(reason_of(false, &cred), OK); /* a count without a list */
    cred.palgSupportedAlgs = ids;
    assert_int_equal(reason_of(false, &cred), OK);
    cred.palgSupportedAlgs = ids + 1;
    assert_int_equal(reason_of(false, &cred), ERR_CRED_NO_PROTOCOL);
    cred.cSupportedAlgs = SCH_CRED_MAX_SUPPORTED_ALGS + 1;
    assert_int_equal(reason_of(false, &cred), ERR_CRED_LIMIT);
}

/* ---- certificates ---------------------------------------------------------------------- */

static void certificates(void **state)
{
    PCCERT_CONTEXT list[2] = {own, keyless};
    PCCERT_CONTEXT nulls[2] = {NULL, NULL};
    struct cred *made;
    (void)state;
    SCH_CREDENTIALS cred = {.dwVersion = SCH_CREDENTIALS_VERSION, .cCreds = 1};
    assert_int_equal(reason_of(true, &cred), ERR_CRED_BAD_CERTIFICATE); /* no list */
    cred.paCred = nulls;
    assert_int_equal(reason_of(true, &cred), ERR_CRED_BAD_CERTIFICATE);
    cred.paCred = list + 1;
    assert_int_equal(reason_of(true, &cred), ERR_CRED_NO_CERTIFICATE);
    cred.paCred = list;
    cred.cCreds = 2;
    assert_int_equal(reason_of(true, &cred), ERR_CRED_BAD_CERTIFICATE);
    cred.cCreds = SCH_CRED_MAX_SUPPORTED_CERTS + 1;
    assert_int_equal(reason_of(true, &cred), ERR_CRED_BAD_CERTIFICATE);
    cred.cCreds = 1;
    assert_int_equal(cred_new(&made, true, &cred), OK);
    assert_ptr_equal(made->certificates[0].context, own);
    assert_int_equal(made->certificates[0].presented.list12.n, own->cbCertEncoded + 3);
    assert_int_equal(made->certificates[0].presented.list13.n, own->cbCertEncoded + 5);
    assert_int_equal(made->not_after, win_unix_from_filetime(own->pCertInfo->NotAfter));
    /* The credential has references of its own. */
    PCCERT_CONTEXT copy = CertDuplicateCertificateContext(own);
    CertFreeCertificateContext(copy);
    cred_release(made);
}

static void root_store(void **state)
{
    struct cred *made;
    (void)state;
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    SCH_CREDENTIALS cred = {.dwVersion = SCH_CREDENTIALS_VERSION, .hRootStore = store};
    int64_t live = mem_live();
    assert_int_equal(cred_new(&made, false, &cred), OK);
    assert_ptr_equal(made->root_store, store);
    CertCloseStore(store, 0);
    assert_int_equal(CertEnumCertificatesInStore(made->root_store, NULL) == NULL, 1);
    cred_release(made);
    assert_true(mem_live() < live);
}

/* ---- blocks ---------------------------------------------------------------------------- */

static UNICODE_STRING unicode(const WCHAR *text)
{
    USHORT n = (USHORT)(win_utf16_len(text) * sizeof(WCHAR));
    return (UNICODE_STRING){.Length = n, .MaximumLength = n, .Buffer = (PWSTR)(uintptr_t)text};
}

static void blocks_by_protocol(void **state)
{
    struct cred *made;
    (void)state;
    UNICODE_STRING ids[] = {unicode((const WCHAR *)u"h2"), unicode((const WCHAR *)u"http/1.1"),
                            unicode((const WCHAR *)u"M\u00FCll")};
    TLS_PARAMETERS blocks[] = {
        {.cAlpnIds = 2, .rgstrAlpnIds = ids, .grbitDisabledProtocols = SP_PROT_TLS1_2},
        {.grbitDisabledProtocols = SP_PROT_TLS1_3},
        {.cAlpnIds = 1, .rgstrAlpnIds = ids + 2},
    };
    SCH_CREDENTIALS cred = {
        .dwVersion = SCH_CREDENTIALS_VERSION, .cTlsParameters = 3, .pTlsParameters = blocks};
    static const struct {
        const char *protocol;
        bool tls12;
        bool tls13;
    } rows[] = {
        {"", true, false},        {"h2", false, true}, {"http/1.1", false, true},
        {"H2", true, false},      {"h", true, false},  {"M\xC3\xBCll", true, true},
        {"unknown", true, false},
    };
    assert_int_equal(cred_new(&made, true, &cred), OK);
    assert_int_equal(made->parameter_count, 3);
    assert_int_equal(made->protocols, SP_PROT_TLS1_2_SERVER | SP_PROT_TLS1_3_SERVER);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct tls_config *config = cred_config(made, span_text(rows[i].protocol));
        assert_int_equal(config->tls12, rows[i].tls12);
        assert_int_equal(config->tls13, rows[i].tls13);
    }
    cred_release(made);
}

static void block_limits(void **state)
{
    static WCHAR long_id[300];
    TLS_PARAMETERS blocks[SCH_CRED_MAX_SUPPORTED_PARAMETERS + 1] = {{0}};
    UNICODE_STRING ids[SCH_CRED_MAX_SUPPORTED_ALPN_IDS + 1];
    CRYPTO_SETTINGS settings[SCH_CRED_MAX_SUPPORTED_CRYPTO_SETTINGS + 1] = {{0}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(long_id) - 1; i++)
        long_id[i] = 'x';
    for (size_t i = 0; i < ARRAY_LEN(ids); i++)
        ids[i] = unicode((const WCHAR *)u"h2");
    SCH_CREDENTIALS cred = {.dwVersion = SCH_CREDENTIALS_VERSION};
    cred.cTlsParameters = 1;
    assert_int_equal(reason_of(false, &cred), ERR_CRED_LIMIT); /* no list */
    cred.pTlsParameters = blocks;
    for (size_t i = 1; i < ARRAY_LEN(blocks); i++) {
        blocks[i].cAlpnIds = 1;
        blocks[i].rgstrAlpnIds = ids;
    }
    cred.cTlsParameters = SCH_CRED_MAX_SUPPORTED_PARAMETERS;
    assert_int_equal(reason_of(false, &cred), OK);
    cred.cTlsParameters++;
    assert_int_equal(reason_of(false, &cred), ERR_CRED_LIMIT);
    cred.cTlsParameters = 2;
    blocks[1].cAlpnIds = 0; /* a second one for all others */
    assert_int_equal(reason_of(false, &cred), ERR_CRED_LIMIT);
    cred.cTlsParameters = 1;
    blocks[0].cAlpnIds = SCH_CRED_MAX_SUPPORTED_ALPN_IDS;
    assert_int_equal(reason_of(false, &cred), ERR_CRED_LIMIT); /* no list */
    blocks[0].rgstrAlpnIds = ids;
    assert_int_equal(reason_of(false, &cred), OK);
    blocks[0].cAlpnIds++;
    assert_int_equal(reason_of(false, &cred), ERR_CRED_LIMIT);
    blocks[0].cAlpnIds = 1;
    ids[0].Length = 0;
    assert_int_equal(reason_of(false, &cred), ERR_CRED_LIMIT); /* an empty protocol */
    ids[0] = unicode((const WCHAR *)u"h2");
    ids[0].Buffer = NULL;
    assert_int_equal(reason_of(false, &cred), ERR_CRED_LIMIT);
    long_id[255] = 0;
    ids[0] = unicode(long_id);
    assert_int_equal(reason_of(false, &cred), OK);
    long_id[255] = 'x';
    long_id[256] = 0;
    ids[0] = unicode(long_id);
    assert_int_equal(reason_of(false, &cred), ERR_CRED_LIMIT);
    blocks[0] = (TLS_PARAMETERS){.cDisabledCrypto = 1};
    assert_int_equal(reason_of(false, &cred), ERR_CRED_LIMIT);
    blocks[0].pDisabledCrypto = settings;
    blocks[0].cDisabledCrypto = SCH_CRED_MAX_SUPPORTED_CRYPTO_SETTINGS;
    assert_int_equal(reason_of(false, &cred), OK);
    blocks[0].cDisabledCrypto++;
    assert_int_equal(reason_of(false, &cred), ERR_CRED_LIMIT);
    blocks[0] = (TLS_PARAMETERS){.dwFlags = TLS_PARAMS_OPTIONAL};
    assert_int_equal(reason_of(false, &cred), ERR_CRED_LIMIT); /* for servers only */
    assert_int_equal(reason_of(true, &cred), OK);
}

/* ---- memory ---------------------------------------------------------------------------- */

static void no_memory(void **state)
{
    (void)state;
    UNICODE_STRING id = unicode((const WCHAR *)u"h2");
    TLS_PARAMETERS blocks[] = {{.cAlpnIds = 1, .rgstrAlpnIds = &id}, {.cAlpnIds = 0}};
    SCH_CREDENTIALS cred = {.dwVersion = SCH_CREDENTIALS_VERSION,
                            .cCreds = 1,
                            .paCred = &own,
                            .cTlsParameters = 2,
                            .pTlsParameters = blocks};
    int failures = 0;
    for (uint64_t n = 1;; n++) {
        mem_fail_at(n, false);
        err result = reason_of(true, &cred);
        mem_fail_at(0, false);
        if (result == OK)
            break;
        assert_int_equal(result, ERR_NO_MEMORY);
        failures++;
    }
    assert_true(failures >= 8);
}

static void positive_control(void **state)
{
    struct cred *made;
    (void)state;
    SCHANNEL_CRED cred = {.dwVersion = SCHANNEL_CRED_VERSION,
                          .grbitEnabledProtocols = SP_PROT_TLS1_2_CLIENT};
    assert_int_not_equal(spoken(false, &cred), SP_PROT_TLS1_2_SERVER);
    assert_int_not_equal(spoken(false, &cred), spoken(true, &cred));
    int64_t live = mem_live();
    assert_int_equal(cred_new(&made, false, &cred), OK);
    assert_int_not_equal(mem_live(), live); /* what reason_of would notice */
    cred_release(made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions),
        cmocka_unit_test(nothing_given),
        cmocka_unit_test(enabled_protocols),
        cmocka_unit_test(disabled_protocols),
        cmocka_unit_test(flags_without_protocol),
        cmocka_unit_test(strengths_and_lists),
        cmocka_unit_test(certificates),
        cmocka_unit_test(root_store),
        cmocka_unit_test(blocks_by_protocol),
        cmocka_unit_test(block_limits),
        cmocka_unit_test(no_memory),
        cmocka_unit_test(positive_control),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
