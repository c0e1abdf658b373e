/* SPDX-License-Identifier: MIT */
/*
 * What the client thinks of a server's certificates: status, alert on the wire, and what the
 * program may ask afterwards. Microsoft "Manually Validating Schannel Credentials", "Performing
 * Authentication Using Schannel", "SCH_CREDENTIALS structure" (dwFlags).
 */
#include "api.h"

#include "pki.h"

static const int versions[] = {TLS12, TLS13};

/* ---- certificates ---------------------------------------------------------------------- */

enum part { LEAF, MIDDLE, ROOT, PARTS };

/* One server: what is special about its three certificates, and what is sent and trusted. */
struct server {
    struct pki_wish wish[PARTS];
    bool is_self_signed; /* the leaf alone, and trusted */
    bool keeps_middle;   /* not sent */
    bool is_tampered;    /* the leaf's signature, made by the root */
    bool is_unknown;     /* the client's store holds another root */
};

struct made {
    PCCERT_CONTEXT leaf;
    HCERTSTORE roots;
};

static PCCERT_CONTEXT load(const char *pem)
{
    PCCERT_CONTEXT cert = SchannelLoadPem(pem, strlen(pem), NULL, 0, NULL);
    assert_non_null(cert);
    return cert;
}

static const struct pki_cert *make_part(const struct server *server, enum part part,
                                        const struct pki_cert *issuer)
{
    static const char *const names[] = {"localhost", "Test Authority", "Test Root"};
    struct pki_wish wish = server->wish[part];
    if (wish.name == NULL)
        wish.name = names[part];
    if (wish.from_days == 0 && wish.to_days == 0) {
        wish.from_days = -1;
        wish.to_days = 30;
    }
    if (part != LEAF && !wish.no_basic_constraints && wish.path_len >= 0)
        wish.is_authority = true;
    wish.issuer = issuer;
    return pki_make(&wish);
}

static struct made make(const struct server *server)
{
    struct made made;
    const struct pki_cert *root = make_part(server, ROOT, NULL);
    const struct pki_cert *middle = make_part(server, MIDDLE, root);
    const struct pki_cert *issuer = server->is_tampered ? root : middle;
    const struct pki_cert *leaf = make_part(server, LEAF, server->is_self_signed ? NULL : issuer);
    const struct pki_cert *anchor = server->is_self_signed ? leaf : root;
    if (server->is_tampered)
        leaf = pki_tampered(leaf);
    if (server->is_unknown) {
        struct server stranger = {.wish[ROOT].name = "Another Root"};
        anchor = make_part(&stranger, ROOT, NULL);
    }
    bool sends_middle = !server->is_self_signed && !server->keeps_middle;
    made.leaf = load(pki_pem(leaf, &middle, sends_middle, true));
    PCCERT_CONTEXT trusted = load(pki_pem(anchor, NULL, 0, false));
    made.roots = pair_store(trusted);
    CertFreeCertificateContext(trusted);
    return made;
}

static void drop(struct made *made)
{
    CertFreeCertificateContext(made->leaf);
    CertCloseStore(made->roots, 0);
}

/* ---- one connection -------------------------------------------------------------------- */

static struct pair_options options_for(const struct made *made, int version)
{
    struct pair_options options = usual(version);
    options.server_certificate = made->leaf;
    options.client_roots = made->roots;
    return options;
}

static SECURITY_STATUS status_of_alert(int alert)
{
    switch (alert) {
    case TLS1_ALERT_BAD_CERTIFICATE:
    case TLS1_ALERT_CERTIFICATE_UNKNOWN:
        return SEC_E_CERT_UNKNOWN;
    case TLS1_ALERT_CERTIFICATE_EXPIRED:
        return SEC_E_CERT_EXPIRED;
    case TLS1_ALERT_UNKNOWN_CA:
        return SEC_E_UNTRUSTED_ROOT;
    default:
        return SEC_E_ILLEGAL_MESSAGE;
    }
}

/* The client ends with the status, and the server learns why. */
static void check_verdict(const char *row, const struct pair_options *options,
                          SECURITY_STATUS wanted, int alert)
{
    struct pair *p = open_pair_with(options);
    bool is_done = pair_handshake(p);
    CHECK_STATUS(row, p->client.status, wanted);
    if (wanted == SEC_E_OK) {
        CHECK(row, is_done);
        CHECK_STATUS(row, pair_send(p, &p->client, &p->server, "abc", 3), SEC_E_OK);
        return;
    }
    LONG sent;
    LONG received;
    CHECK(row, !is_done);
    CHECK_STATUS(row, SchannelPeerAlert(&p->client.ctx, NULL, &sent), SEC_E_OK);
    CHECK(row, sent == alert);
    CHECK_STATUS(row, SchannelPeerAlert(&p->server.ctx, &received, NULL), SEC_E_OK);
    CHECK(row, received == alert);
    CHECK_STATUS(row, p->server.status, status_of_alert(alert));
    PCCERT_CONTEXT remote;
    CHECK_STATUS(row,
                 QueryContextAttributesA(&p->client.ctx, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &remote),
                 SEC_E_OK);
    CertFreeCertificateContext(remote);
}

/* ---- automatic validation -------------------------------------------------------------- */

struct row {
    const char *row;
    struct server server;
    SECURITY_STATUS status;
    int alert;
    DWORD trust; /* bits that must be set in dwChainErrorStatus */
    LONG result; /* hrVerifyChainStatus */
};

#define SELF .is_self_signed = true

static const struct row rows[] = {
    {"good", {.wish = {{0}}}, SEC_E_OK, -1, 0, 0},
    {"self-signed and trusted", {SELF}, SEC_E_OK, -1, 0, 0},
    {"usage: server", {.wish[LEAF].usage = "serverAuth"}, SEC_E_OK, -1, 0, 0},
    {"usage: any", {.wish[LEAF].usage = "anyExtendedKeyUsage"}, SEC_E_OK, -1, 0, 0},
    {"usage: server and client", {.wish[LEAF].usage = "clientAuth,serverAuth"}, SEC_E_OK, -1, 0, 0},
    {"I161 untrusted root",
     {.is_unknown = true},
     SEC_E_UNTRUSTED_ROOT,
     48,
     CERT_TRUST_IS_PARTIAL_CHAIN,
     CERT_E_CHAINING},
    {"I161 self-signed",
     {SELF, .is_unknown = true},
     SEC_E_UNTRUSTED_ROOT,
     48,
     CERT_TRUST_IS_UNTRUSTED_ROOT,
     CERT_E_UNTRUSTEDROOT},
    {"missing intermediate",
     {.keeps_middle = true},
     SEC_E_UNTRUSTED_ROOT,
     48,
     CERT_TRUST_IS_PARTIAL_CHAIN,
     CERT_E_CHAINING},
    {"I162 expired",
     {.wish[LEAF] = {.from_days = -9, .to_days = -2}},
     SEC_E_CERT_EXPIRED,
     45,
     CERT_TRUST_IS_NOT_TIME_VALID,
     CERT_E_EXPIRED},
    {"I162 not yet valid",
     {.wish[LEAF] = {.from_days = 2, .to_days = 9}},
     SEC_E_CERT_EXPIRED,
     45,
     CERT_TRUST_IS_NOT_TIME_VALID,
     CERT_E_EXPIRED},
    {"I162 self-signed, expired",
     {SELF, .wish[LEAF] = {.from_days = -9, .to_days = -2}},
     SEC_E_CERT_EXPIRED,
     45,
     CERT_TRUST_IS_NOT_TIME_VALID,
     CERT_E_EXPIRED},
    {"I162 expired authority",
     {.wish[MIDDLE] = {.from_days = -9, .to_days = -2}},
     SEC_E_CERT_EXPIRED,
     45,
     CERT_TRUST_IS_NOT_TIME_VALID,
     CERT_E_EXPIRED},
    {"I162 expired root",
     {.wish[ROOT] = {.from_days = -9, .to_days = -2}},
     SEC_E_CERT_EXPIRED,
     45,
     CERT_TRUST_IS_NOT_TIME_VALID,
     CERT_E_EXPIRED},
    {"I165 usage: client",
     {.wish[LEAF].usage = "clientAuth"},
     SEC_E_CERT_WRONG_USAGE,
     46,
     CERT_TRUST_IS_NOT_VALID_FOR_USAGE,
     CERT_E_WRONG_USAGE},
    {"I165 the authority's usage",
     {.wish[MIDDLE].usage = "clientAuth"},
     SEC_E_CERT_WRONG_USAGE,
     46,
     CERT_TRUST_IS_NOT_VALID_FOR_USAGE,
     CERT_E_WRONG_USAGE},
    {"issuer with CA:FALSE",
     {.wish[MIDDLE].path_len = -1},
     SEC_E_CERT_UNKNOWN,
     46,
     CERT_TRUST_INVALID_BASIC_CONSTRAINTS,
     TRUST_E_BASIC_CONSTRAINTS},
    {"issuer without constraints",
     {.wish[MIDDLE].no_basic_constraints = true},
     SEC_E_CERT_UNKNOWN,
     46,
     CERT_TRUST_INVALID_BASIC_CONSTRAINTS,
     TRUST_E_BASIC_CONSTRAINTS},
    {"path too long",
     {.wish[ROOT].path_len = 1},
     SEC_E_CERT_UNKNOWN,
     46,
     CERT_TRUST_INVALID_BASIC_CONSTRAINTS,
     TRUST_E_BASIC_CONSTRAINTS},
    {"path just long enough",
     {.wish[ROOT].path_len = 2, .wish[MIDDLE].path_len = 1},
     SEC_E_OK,
     -1,
     0,
     0},
    {"names permitted", {.wish[ROOT].constraints = "permitted;DNS:localhost"}, SEC_E_OK, -1, 0, 0},
    {"names not permitted",
     {.wish[ROOT].constraints = "permitted;DNS:example.org"},
     SEC_E_CERT_UNKNOWN,
     46,
     CERT_TRUST_HAS_NOT_PERMITTED_NAME_CONSTRAINT,
     0},
    {"names excluded",
     {.wish[MIDDLE].constraints = "excluded;DNS:localhost"},
     SEC_E_CERT_UNKNOWN,
     46,
     CERT_TRUST_HAS_EXCLUDED_NAME_CONSTRAINT,
     0},
    {"unknown critical extension",
     {.wish[LEAF].critical_oid = "1.3.6.1.4.1.99999.1"},
     SEC_E_CERT_UNKNOWN,
     46,
     CERT_TRUST_HAS_NOT_SUPPORTED_CRITICAL_EXT,
     0},
    {"I71 signature",
     {.is_tampered = true},
     TRUST_E_CERT_SIGNATURE,
     42,
     CERT_TRUST_IS_NOT_SIGNATURE_VALID,
     TRUST_E_CERT_SIGNATURE},
    {"I160 another name",
     {.wish[LEAF].name = "other.example.org"},
     SEC_E_WRONG_PRINCIPAL,
     46,
     0,
     CERT_E_CN_NO_MATCH},
};

static void automatic(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct made made = make(&rows[i].server);
        for (size_t v = 0; v < COUNT(versions); v++) {
            struct pair_options options = options_for(&made, versions[v]);
            check_verdict(rows[i].row, &options, rows[i].status, rows[i].alert);
        }
        drop(&made);
    }
}

/* A key that must not sign is refused whoever judges. */
static void key_usage(void **state)
{
    (void)state;
    static const struct server server = {.wish[LEAF].key_usage = "critical,keyAgreement"};
    static const struct server fine = {.wish[LEAF].key_usage = "critical,digitalSignature"};
    struct made made = make(&server);
    struct made good = make(&fine);
    for (size_t v = 0; v < COUNT(versions); v++) {
        struct pair_options options = options_for(&good, versions[v]);
        check_verdict("keyUsage", &options, SEC_E_OK, -1);
        options = options_for(&made, versions[v]);
        check_verdict("keyUsage", &options, SEC_E_CERT_UNKNOWN, TLS1_ALERT_ILLEGAL_PARAMETER);
        options.client_request = ISC_REQ_MANUAL_CRED_VALIDATION;
        check_verdict("keyUsage", &options, SEC_E_CERT_UNKNOWN, TLS1_ALERT_ILLEGAL_PARAMETER);
    }
    drop(&made);
    drop(&good);
}

/* The worst of several faults decides. */
static void several_faults(void **state)
{
    (void)state;
    static const struct server server = {.wish[LEAF] = {.name = "other.example.org",
                                                        .from_days = -9,
                                                        .to_days = -2,
                                                        .usage = "clientAuth"},
                                         .is_unknown = true};
    struct made made = make(&server);
    struct pair_options options = options_for(&made, TLS13);
    check_verdict("untrusted comes first", &options, SEC_E_UNTRUSTED_ROOT, 48);
    drop(&made);
}

/* ---- names ----------------------------------------------------------------------------- */

static void target_names(void **state)
{
    (void)state;
    static const struct {
        const char *row;
        const char *target;
        DWORD flags;
        SECURITY_STATUS status;
    } names[] = {
        {"the name", "localhost", 0, SEC_E_OK},
        {"another case", "LOCALhost", 0, SEC_E_OK},
        {"I160", "example.org", 0, SEC_E_WRONG_PRINCIPAL},
        {"I160 longer", "localhost.example.org", 0, SEC_E_WRONG_PRINCIPAL},
        {"I101 an address is compared", "127.0.0.1", 0, SEC_E_WRONG_PRINCIPAL},
        {"decided: no name, nobody is right", NULL, 0, SEC_E_WRONG_PRINCIPAL},
        {"decided: no name, nobody is right", "", 0, SEC_E_WRONG_PRINCIPAL},
        {"no check", "example.org", SCH_CRED_NO_SERVERNAME_CHECK, SEC_E_OK},
        {"no check", NULL, SCH_CRED_NO_SERVERNAME_CHECK, SEC_E_OK},
        {"no check", "", SCH_CRED_NO_SERVERNAME_CHECK, SEC_E_OK},
    };
    static const struct server server;
    struct made made = make(&server);
    for (size_t v = 0; v < COUNT(versions); v++) {
        for (size_t i = 0; i < COUNT(names); i++) {
            struct pair_options options = options_for(&made, versions[v]);
            options.target = names[i].target;
            options.client_flags = names[i].flags;
            check_verdict(names[i].row, &options, names[i].status, 46);
        }
    }
    drop(&made);
    static const struct server wild = {.wish[LEAF].name = "*.example.org"};
    made = make(&wild);
    struct pair_options options = options_for(&made, TLS13);
    options.target = "www.example.org";
    check_verdict("wildcard", &options, SEC_E_OK, -1);
    options.target = "a.www.example.org";
    check_verdict("one label only", &options, SEC_E_WRONG_PRINCIPAL, 46);
    options.target = "example.org";
    check_verdict("one label at least", &options, SEC_E_WRONG_PRINCIPAL, 46);
    drop(&made);
    /* Without the name check everything else is still checked. */
    static const struct server expired = {.wish[LEAF] = {.from_days = -9, .to_days = -2}};
    made = make(&expired);
    options = options_for(&made, TLS13);
    options.client_flags = SCH_CRED_NO_SERVERNAME_CHECK;
    check_verdict("only the name", &options, SEC_E_CERT_EXPIRED, 45);
    drop(&made);
}

/* ---- by hand, and later ---------------------------------------------------------------- */

static void by_hand(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct made made = make(&rows[i].server);
        for (int form = 0; form < 3; form++) {
            struct pair_options options = options_for(&made, versions[i % 2]);
            SecPkgContext_CertificateValidationResult result;
            options.target = NULL;
            if (form != 0)
                options.client_flags = SCH_CRED_MANUAL_CRED_VALIDATION;
            if (form == 0)
                options.client_request = ISC_REQ_MANUAL_CRED_VALIDATION;
            if (form == 2) /* both: the one that judges less wins */
                options.client_flags |= SCH_CRED_AUTO_CRED_VALIDATION;
            struct pair *p = open_pair_with(&options);
            CHECK(rows[i].row, pair_handshake(p));
            CHECK_STATUS(
                "nothing was judged",
                QueryContextAttributesA(&p->client.ctx, SECPKG_ATTR_CERT_CHECK_RESULT, &result),
                SEC_E_UNSUPPORTED_FUNCTION);
        }
        drop(&made);
    }
}

/* A program may say so after its first call, too: the server is judged at the end. */
static void by_hand_said_late(void **state)
{
    (void)state;
    struct made made = make(&rows[5].server);
    for (size_t v = 0; v < COUNT(versions); v++) {
        struct pair_options options = options_for(&made, versions[v]);
        struct pair *p = open_pair_with(&options);
        CHECK_STATUS("first call", pair_call(&p->client, &p->server), SEC_I_CONTINUE_NEEDED);
        p->client.request |= ISC_REQ_MANUAL_CRED_VALIDATION;
        CHECK("said late", pair_handshake(p));
    }
    drop(&made);
}

static void check_result(const struct row *row, struct pair_side *client)
{
    SecPkgContext_CertificateValidationResult result = {0xAAAAAAAA, 0x55};
    CHECK_STATUS(row->row,
                 QueryContextAttributesA(&client->ctx, SECPKG_ATTR_CERT_CHECK_RESULT, &result),
                 SEC_E_OK);
    CHECK_NUMBER(row->row, result.dwChainErrorStatus & row->trust, row->trust);
    CHECK(row->row, (result.dwChainErrorStatus == 0) == (row->trust == 0));
    CHECK(row->row, (result.hrVerifyChainStatus == 0) == (row->status == SEC_E_OK));
    if (row->result != 0)
        CHECK_STATUS(row->row, result.hrVerifyChainStatus, row->result);
}

/* The result is there after a deferred validation and after a refusal. */
static void deferred(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct made made = make(&rows[i].server);
        for (size_t v = 0; v < COUNT(versions); v++) {
            struct pair_options options = options_for(&made, versions[v]);
            struct pair *p = open_pair_with(&options);
            pair_handshake(p);
            CHECK_STATUS(rows[i].row, p->client.status, rows[i].status);
            check_result(&rows[i], &p->client);
            options.client_flags = SCH_CRED_DEFERRED_CRED_VALIDATION;
            p = open_pair_with(&options);
            CHECK(rows[i].row, pair_handshake(p));
            check_result(&rows[i], &p->client);
        }
        drop(&made);
    }
}

/* The same through SECBUFFER_FLAGS of the first call. */
static void deferred_by_the_call(void **state)
{
    (void)state;
    struct made made = make(&rows[5].server);
    struct pair_options options = options_for(&made, TLS13);
    struct pair *p = open_pair_with(&options);
    SEC_FLAGS flags = {ISC_REQ_DEFERRED_CRED_VALIDATION};
    const SecBuffer in = {sizeof flags, SECBUFFER_FLAGS, &flags};
    struct io io;
    io_init(&io, &p->client);
    io_in(&io, 1, &in);
    CHECK_STATUS("SEC_FLAGS", io_run(&io), SEC_I_CONTINUE_NEEDED);
    io_keep(&io, &p->server);
    CHECK("SEC_FLAGS", pair_handshake(p));
    check_result(&rows[5], &p->client);
    drop(&made);
}

/* ---- roots and revocation -------------------------------------------------------------- */

/* hRootStore is the whole truth, and it is read when it is needed. */
static void exclusive_roots(void **state)
{
    (void)state;
    static const struct server server;
    struct made a = make(&server);
    struct made b = make(&server);
    for (size_t v = 0; v < COUNT(versions); v++) {
        struct pair_options options = options_for(&a, versions[v]);
        check_verdict("own root", &options, SEC_E_OK, -1);
        options.client_roots = b.roots;
        struct pair *p = open_pair_with(&options);
        CHECK("another root of the same name", !pair_handshake(p) && p->client.status < 0);
        options.client_roots = usual(TLS13).client_roots;
        check_verdict("another root", &options, SEC_E_UNTRUSTED_ROOT, 48);
        options.client_roots = NULL;
        check_verdict("the system's roots", &options, SEC_E_UNTRUSTED_ROOT, 48);
    }
    drop(&a);
    drop(&b);
}

static void revocation(void **state)
{
    (void)state;
    static const DWORD checks[] = {SCH_CRED_REVOCATION_CHECK_END_CERT,
                                   SCH_CRED_REVOCATION_CHECK_CHAIN,
                                   SCH_CRED_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT};
    static const struct server server;
    struct made made = make(&server);
    for (size_t i = 0; i < COUNT(checks); i++) {
        struct pair_options options = options_for(&made, versions[i % 2]);
        options.client_flags = checks[i];
        check_verdict("I164 nowhere to ask", &options, CRYPT_E_NO_REVOCATION_CHECK, 46);
        options.client_flags =
            checks[i] | SCH_CRED_IGNORE_NO_REVOCATION_CHECK | SCH_CRED_IGNORE_REVOCATION_OFFLINE;
        check_verdict("I164 ignored", &options, SEC_E_OK, -1);
    }
    struct pair_options options = options_for(&made, TLS13);
    options.client_flags = SCH_CRED_IGNORE_NO_REVOCATION_CHECK;
    check_verdict("no check, nothing to ignore", &options, SEC_E_OK, -1);
    drop(&made);
}

/* The server does not judge its clients. */
static void clients_certificates(void **state)
{
    (void)state;
    static const struct server bad = {.wish[LEAF] = {.from_days = -9, .to_days = -2},
                                      .is_unknown = true};
    struct made made = make(&bad);
    for (size_t v = 0; v < COUNT(versions); v++) {
        struct pair_options options = usual(versions[v]);
        options.client_certificate = made.leaf;
        options.server_request = ASC_REQ_MUTUAL_AUTH;
        struct pair *p = connect_pair_with(&options);
        PCCERT_CONTEXT remote;
        CHECK_STATUS(
            "S3 S9",
            QueryContextAttributesA(&p->server.ctx, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &remote),
            SEC_E_OK);
        CertFreeCertificateContext(remote);
        CHECK_NUMBER("S10", p->server.attributes & ASC_RET_MUTUAL_AUTH, 0);
        options.server_flags = SCH_CRED_NO_SYSTEM_MAPPER;
        p = connect_pair_with(&options);
        CHECK_NUMBER("S10", p->server.attributes & ASC_RET_MUTUAL_AUTH, 0);
    }
    drop(&made);
}

/* ---- the checks bite ------------------------------------------------------------------- */

static void planted(void **state)
{
    (void)state;
    static const struct server server = {.is_unknown = true};
    static const struct row wrong = {.row = "planted", .status = SEC_E_OK};
    struct made made = make(&server);
    struct pair_options options = options_for(&made, TLS13);
    planted_begin();
    check_verdict("planted", &options, SEC_E_UNTRUSTED_ROOT, 46); /* sent, received, status */
    assert_int_equal(planted_end(), 3);
    planted_begin();
    check_verdict("planted", &options, SEC_E_CERT_EXPIRED, 48); /* the status alone */
    assert_int_equal(planted_end(), 1);
    options.client_flags = SCH_CRED_DEFERRED_CRED_VALIDATION;
    struct pair *p = connect_pair_with(&options);
    planted_begin();
    check_result(&wrong, &p->client);
    assert_int_equal(planted_end(), 2);
    drop(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted),
        cmocka_unit_test(automatic),
        cmocka_unit_test(key_usage),
        cmocka_unit_test(several_faults),
        cmocka_unit_test(target_names),
        cmocka_unit_test(by_hand),
        cmocka_unit_test(by_hand_said_late),
        cmocka_unit_test(deferred),
        cmocka_unit_test(deferred_by_the_call),
        cmocka_unit_test(exclusive_roots),
        cmocka_unit_test(revocation),
        cmocka_unit_test(clients_certificates),
    };
    return cmocka_run_group_tests(tests, NULL, close_pair);
}
