/* SPDX-License-Identifier: MIT */
/*
 * authentication.md 15, rows 3 and 4. Row 3: a client that validates by itself refuses each bad
 * server with the status of certificates.md 9.1 and the alert on the wire. Row 4: under the manual
 * flag each handshake succeeds, and the program finds the error with CertGetCertificateChain and
 * CertVerifyCertificateChainPolicy. Microsoft "Performing Authentication Using Schannel",
 * "Manually Validating Schannel Credentials".
 */
#include "api.h"

#include "pki.h"

enum fault {
    NONE,
    NONE_STAPLED, /* asked about revocation, and the staple says good */
    NONE_LISTED,  /* asked, and the list does not name it */
    UNTRUSTED_ROOT,
    EXPIRED,
    WRONG_NAME,
    REVOKED_BY_STAPLE,
    REVOKED_BY_LIST,
    WRONG_USAGE,
    PARTIAL_CHAIN
};

static const struct row {
    const char *name;
    enum fault fault;
    bool asks; /* about revocation */
    SECURITY_STATUS status;
    int alert;
    DWORD error; /* of the policy */
    DWORD trust; /* the chain's error bits */
} rows[] = {
    {"good", NONE, false, SEC_E_OK, -1, 0, 0},
    {"good, stapled", NONE_STAPLED, true, SEC_E_OK, -1, 0, 0},
    {"good, not on the list", NONE_LISTED, true, SEC_E_OK, -1, 0, 0},
    {"untrusted root", UNTRUSTED_ROOT, false, SEC_E_UNTRUSTED_ROOT, TLS1_ALERT_UNKNOWN_CA,
     (DWORD)CERT_E_UNTRUSTEDROOT, CERT_TRUST_IS_UNTRUSTED_ROOT},
    {"expired", EXPIRED, false, SEC_E_CERT_EXPIRED, TLS1_ALERT_CERTIFICATE_EXPIRED,
     (DWORD)CERT_E_EXPIRED, CERT_TRUST_IS_NOT_TIME_VALID},
    {"wrong name", WRONG_NAME, false, SEC_E_WRONG_PRINCIPAL, TLS1_ALERT_CERTIFICATE_UNKNOWN,
     (DWORD)CERT_E_CN_NO_MATCH, 0},
    {"revoked by the staple", REVOKED_BY_STAPLE, true, CRYPT_E_REVOKED,
     TLS1_ALERT_CERTIFICATE_REVOKED, (DWORD)CRYPT_E_REVOKED, CERT_TRUST_IS_REVOKED},
    {"revoked by a list", REVOKED_BY_LIST, true, CRYPT_E_REVOKED, TLS1_ALERT_CERTIFICATE_REVOKED,
     (DWORD)CRYPT_E_REVOKED, CERT_TRUST_IS_REVOKED},
    {"wrong usage", WRONG_USAGE, false, SEC_E_CERT_WRONG_USAGE, TLS1_ALERT_CERTIFICATE_UNKNOWN,
     (DWORD)CERT_E_WRONG_USAGE, CERT_TRUST_IS_NOT_VALID_FOR_USAGE},
    {"partial chain", PARTIAL_CHAIN, false, SEC_E_UNTRUSTED_ROOT, TLS1_ALERT_UNKNOWN_CA,
     (DWORD)CERT_E_CHAINING, CERT_TRUST_IS_PARTIAL_CHAIN},
};

static const int versions[] = {TLS12, TLS13};

/* ---- the server and what the client trusts --------------------------------------------- */

struct made {
    PCCERT_CONTEXT leaf;
    HCERTSTORE roots;
};

static const struct pki_cert *make(const char *name, const struct pki_cert *issuer,
                                   enum fault fault)
{
    struct pki_wish wish = {.name = name, .issuer = issuer, .from_days = -1, .to_days = 30};
    wish.is_authority = strcmp(name, "localhost") != 0 && strcmp(name, "other.example") != 0;
    wish.usage = wish.is_authority ? NULL : fault == WRONG_USAGE ? "clientAuth" : "serverAuth";
    if (fault == EXPIRED && !wish.is_authority) {
        wish.from_days = -9;
        wish.to_days = -2;
    }
    return pki_make(&wish);
}

static HCERTSTORE trust(const struct pki_cert *root)
{
    const char *pem = pki_pem(root, NULL, 0, false);
    PCCERT_CONTEXT cert = SchannelLoadPem(pem, strlen(pem), NULL, 0, NULL);
    assert_non_null(cert);
    HCERTSTORE store = pair_store(cert);
    CertFreeCertificateContext(cert);
    return store;
}

static void staple(PCCERT_CONTEXT leaf, const struct pki_cert *cert, const struct pki_cert *issuer,
                   bool is_revoked)
{
    size_t n;
    const uint8_t *der = pki_response(cert, issuer, is_revoked, &n);
    CRYPT_DATA_BLOB blob = {.cbData = (DWORD)n, .pbData = (BYTE *)(uintptr_t)der};
    assert_true(CertSetCertificateContextProperty(leaf, CERT_OCSP_RESPONSE_PROP_ID, 0, &blob));
}

/* Two lists, so that no element of the chain is without an answer. */
static void add_list(HCERTSTORE store, const struct pki_cert *issuer,
                     const struct pki_cert *revoked)
{
    size_t n;
    const uint8_t *der = pki_list(issuer, revoked, &n);
    assert_true(CertAddEncodedCRLToStore(store, X509_ASN_ENCODING, der, (DWORD)n,
                                         CERT_STORE_ADD_ALWAYS, NULL));
}

static struct made make_server(enum fault fault)
{
    struct made made;
    const struct pki_cert *root = make("Test Root", NULL, fault);
    const struct pki_cert *middle = make("Test Authority", root, fault);
    const struct pki_cert *leaf =
        make(fault == WRONG_NAME ? "other.example" : "localhost", middle, fault);
    const struct pki_cert *others[] = {middle, root};
    size_t sent = fault == PARTIAL_CHAIN ? 0 : fault == UNTRUSTED_ROOT ? 2 : 1;
    const char *pem = pki_pem(leaf, others, sent, true);
    made.leaf = SchannelLoadPem(pem, strlen(pem), NULL, 0, NULL);
    assert_non_null(made.leaf);
    made.roots = trust(fault == UNTRUSTED_ROOT ? make("Another Root", NULL, fault) : root);
    if (fault == NONE_STAPLED || fault == REVOKED_BY_STAPLE)
        staple(made.leaf, leaf, middle, fault == REVOKED_BY_STAPLE);
    if (fault == NONE_LISTED || fault == REVOKED_BY_LIST) {
        add_list(made.roots, root, NULL);
        add_list(made.roots, middle, fault == REVOKED_BY_LIST ? leaf : NULL);
    }
    return made;
}

static void drop(struct made *made)
{
    CertFreeCertificateContext(made->leaf);
    CertCloseStore(made->roots, 0);
}

static struct pair_options options_for(const struct row *row, const struct made *made, int version)
{
    struct pair_options options = usual(version);
    options.server_certificate = made->leaf;
    options.client_roots = made->roots;
    options.target = "localhost";
    if (row->fault == UNTRUSTED_ROOT)
        options.server_flags = SCH_SEND_ROOT_CERT;
    if (row->asks)
        options.client_flags = row->fault == NONE_LISTED || row->fault == REVOKED_BY_LIST
                                   ? SCH_CRED_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT
                                   : SCH_CRED_REVOCATION_CHECK_END_CERT;
    return options;
}

/* ---- row 3 ----------------------------------------------------------------------------- */

static void row_3(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct made made = make_server(rows[i].fault);
        for (size_t v = 0; v < COUNT(versions); v++) {
            struct pair_options options = options_for(&rows[i], &made, versions[v]);
            struct pair *p = open_pair_with(&options);
            LONG sent = -1;
            LONG received = -1;
            bool is_done = pair_handshake(p);
            CHECK_STATUS(rows[i].name, p->client.status, rows[i].status);
            CHECK(rows[i].name, is_done == (rows[i].status == SEC_E_OK));
            CHECK_STATUS(rows[i].name, SchannelPeerAlert(&p->client.ctx, NULL, &sent), SEC_E_OK);
            CHECK_STATUS(rows[i].name, SchannelPeerAlert(&p->server.ctx, &received, NULL),
                         SEC_E_OK);
            CHECK_NUMBER(rows[i].name, (DWORD)sent, (DWORD)rows[i].alert);
            CHECK_NUMBER(rows[i].name, (DWORD)received, (DWORD)rows[i].alert);
        }
        drop(&made);
    }
}

/* ---- row 4 ----------------------------------------------------------------------------- */

static PCCERT_CHAIN_CONTEXT build(PCCERT_CONTEXT leaf, HCERTCHAINENGINE engine,
                                  const struct row *row)
{
    LPSTR usage[] = {(LPSTR)szOID_PKIX_KP_SERVER_AUTH};
    CERT_CHAIN_PARA para = {.cbSize = sizeof para};
    PCCERT_CHAIN_CONTEXT chain = NULL;
    para.RequestedUsage.dwType = USAGE_MATCH_TYPE_OR;
    para.RequestedUsage.Usage.cUsageIdentifier = 1;
    para.RequestedUsage.Usage.rgpszUsageIdentifier = usage;
    bool by_list = row->fault == NONE_LISTED || row->fault == REVOKED_BY_LIST;
    DWORD flags = !row->asks ? 0
                  : by_list  ? CERT_CHAIN_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT
                             : CERT_CHAIN_REVOCATION_CHECK_END_CERT;
    CHECK(row->name, CertGetCertificateChain(engine, leaf, NULL, leaf->hCertStore, &para, flags,
                                             NULL, &chain));
    return chain;
}

static DWORD policy_error(const struct row *row, PCCERT_CHAIN_CONTEXT chain)
{
    SSL_EXTRA_CERT_CHAIN_POLICY_PARA ssl = {.cbSize = sizeof ssl,
                                            .dwAuthType = AUTHTYPE_SERVER,
                                            .pwszServerName = (WCHAR *)u"localhost"};
    CERT_CHAIN_POLICY_PARA para = {.cbSize = sizeof para, .pvExtraPolicyPara = &ssl};
    CERT_CHAIN_POLICY_STATUS verdict = {.cbSize = sizeof verdict, .dwError = 0xAAAAAAAA};
    CHECK(row->name,
          CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_SSL, chain, &para, &verdict));
    return verdict.dwError;
}

static void judge_by_hand(const struct row *row, struct pair_side *client, HCERTSTORE roots)
{
    CERT_CHAIN_ENGINE_CONFIG config = {.cbSize = sizeof config, .hExclusiveRoot = roots};
    HCERTCHAINENGINE engine = NULL;
    PCCERT_CONTEXT leaf = NULL;
    CHECK_STATUS(row->name,
                 QueryContextAttributesA(&client->ctx, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &leaf),
                 SEC_E_OK);
    CHECK(row->name, CertCreateCertificateChainEngine(&config, &engine));
    PCCERT_CHAIN_CONTEXT chain = build(leaf, engine, row);
    CHECK_NUMBER(row->name, chain->TrustStatus.dwErrorStatus, row->trust);
    CHECK_NUMBER(row->name, policy_error(row, chain), row->error);
    CertFreeCertificateChain(chain);
    CertFreeCertificateChainEngine(engine);
    CertFreeCertificateContext(leaf);
}

static void row_4(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct made made = make_server(rows[i].fault);
        for (size_t v = 0; v < COUNT(versions); v++) {
            struct pair_options options = options_for(&rows[i], &made, versions[v]);
            options.client_request = ISC_REQ_MANUAL_CRED_VALIDATION;
            struct pair *p = open_pair_with(&options);
            CHECK(rows[i].name, pair_handshake(p));
            judge_by_hand(&rows[i], &p->client, made.roots);
        }
        drop(&made);
    }
}

/* ---- the staple itself ----------------------------------------------------------------- */

static bool peer_has_staple(struct pair_side *client)
{
    PCCERT_CONTEXT leaf = NULL;
    DWORD n = 0;
    CHECK_STATUS("staple",
                 QueryContextAttributesA(&client->ctx, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &leaf),
                 SEC_E_OK);
    bool has = CertGetCertificateContextProperty(leaf, CERT_OCSP_RESPONSE_PROP_ID, NULL, &n);
    CertFreeCertificateContext(leaf);
    return has && n != 0;
}

/* It arrives whatever is asked about revocation; without the property nothing does. */
static void staples_arrive(void **state)
{
    (void)state;
    static const enum fault faults[] = {NONE, NONE_STAPLED};
    for (size_t i = 0; i < COUNT(faults); i++) {
        struct made made = make_server(faults[i]);
        for (size_t v = 0; v < COUNT(versions); v++) {
            struct pair_options options = options_for(&rows[0], &made, versions[v]);
            struct pair *p = open_pair_with(&options);
            CHECK("staple", pair_handshake(p));
            CHECK("staple", peer_has_staple(&p->client) == (faults[i] == NONE_STAPLED));
        }
        drop(&made);
    }
}

/* What clients take in one message besides the chain. */
static void staples_have_a_bound(void **state)
{
    (void)state;
    static BYTE bytes[16385];
    static const struct {
        DWORD n;
        SECURITY_STATUS status;
    } lengths[] = {{16384, SEC_E_OK}, {16385, SEC_E_INVALID_PARAMETER}};
    for (size_t i = 0; i < COUNT(lengths); i++) {
        struct made made = make_server(NONE);
        CRYPT_DATA_BLOB blob = {.cbData = lengths[i].n, .pbData = bytes};
        SCHANNEL_CRED data = {
            .dwVersion = SCHANNEL_CRED_VERSION, .cCreds = 1, .paCred = &made.leaf};
        CredHandle handle;
        assert_true(
            CertSetCertificateContextProperty(made.leaf, CERT_OCSP_RESPONSE_PROP_ID, 0, &blob));
        SECURITY_STATUS status =
            AcquireCredentialsHandleA(NULL, (SEC_CHAR *)UNISP_NAME_A, SECPKG_CRED_INBOUND, NULL,
                                      &data, NULL, NULL, &handle, NULL);
        CHECK_STATUS("staple", status, lengths[i].status);
        if (status == SEC_E_OK) {
            FreeCredentialsHandle(&handle);
            for (size_t v = 0; v < COUNT(versions); v++) {
                struct pair_options options = options_for(&rows[0], &made, versions[v]);
                struct pair *p = open_pair_with(&options);
                CHECK("the longest staple", pair_handshake(p));
                CHECK("the longest staple", peer_has_staple(&p->client));
            }
        }
        drop(&made);
    }
}

/* A row whose verdict is another one is noticed, by the status and by the policy. */
static void planted(void **state)
{
    (void)state;
    struct made made = make_server(EXPIRED);
    struct pair_options options = options_for(&rows[0], &made, TLS13);
    struct pair *p = open_pair_with(&options);
    assert_false(pair_handshake(p));
    assert_int_not_equal(p->client.status, rows[3].status);
    drop(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted),
        cmocka_unit_test(row_3),
        cmocka_unit_test(row_4),
        cmocka_unit_test(staples_arrive),
        cmocka_unit_test(staples_have_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, close_pair);
}
