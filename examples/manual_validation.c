/* SPDX-License-Identifier: MIT */
/*
 * Both sides of a connection validate the other's certificate themselves, in the fourteen steps of
 * the Microsoft page "Manually Validating Schannel Credentials". Client and server talk over memory
 * in one process, so that the steps stand side by side; with a socket between them nothing changes.
 *
 *     manual_validation ROOTS.pem NAME SERVER.pem [CLIENT.pem] [--revocation]
 *
 * ROOTS.pem holds the roots that both trust, NAME is whom the client wants to reach, the other two
 * hold certificate, chain and key. Exit status: 0 accepted, 2 refused by one side, 1 neither.
 */
#define SECURITY_WIN32
#define SCHANNEL_USE_BLACKLISTS /* SCH_CREDENTIALS */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>
#include <security.h>
#include <schannel.h>
#include <wincrypt.h>
#include <libschannel.h>

enum { WIRE_MAX = 1 << 17 };

struct side {
    const char *name;
    BOOL is_server;
    CredHandle credential;
    CtxtHandle context;
    BOOL has_context;
    LPSTR target; /* client: whom the user wants to reach */
    SECURITY_STATUS status;
    BYTE in[WIRE_MAX]; /* came from the other side, not used up */
    DWORD in_len;
};

static void give_up(const char *what, SECURITY_STATUS status)
{
    fprintf(stderr, "%s: %s (0x%08X): %s\n", what, SchannelStatusName(status), (unsigned)status,
            SchannelStatusText(status));
    exit(1);
}

/* ---- credentials ----------------------------------------------------------------------- */

static void open_credential(struct side *side, PCCERT_CONTEXT certificate)
{
    /* Step 1, client: without this flag Schannel does all of what follows by itself. */
    SCH_CREDENTIALS data = {.dwVersion = SCH_CREDENTIALS_VERSION,
                            .dwFlags = SCH_CRED_NO_DEFAULT_CREDS | SCH_USE_STRONG_CRYPTO |
                                       (side->is_server ? 0 : SCH_CRED_MANUAL_CRED_VALIDATION)};
    data.cCreds = certificate != NULL ? 1 : 0;
    data.paCred = &certificate;
    SECURITY_STATUS status =
        AcquireCredentialsHandleA(NULL, (SEC_CHAR *)UNISP_NAME_A,
                                  side->is_server ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND,
                                  NULL, &data, NULL, NULL, &side->credential, NULL);
    if (status != SEC_E_OK)
        give_up("AcquireCredentialsHandle", status);
}

/* ---- the exchange of tokens ------------------------------------------------------------ */

static void deliver(struct side *to, const void *bytes, DWORD n)
{
    if (n > sizeof to->in - to->in_len) {
        fprintf(stderr, "%s: more than %d bytes are waiting\n", to->name, WIRE_MAX);
        exit(1);
    }
    if (n != 0)
        memcpy(to->in + to->in_len, bytes, n);
    to->in_len += n;
}

/* Keeps what a call has left over. */
static void keep_extra(struct side *side, const SecBuffer *extra)
{
    DWORD n = extra->BufferType == SECBUFFER_EXTRA ? extra->cbBuffer : 0;
    memmove(side->in, side->in + side->in_len - n, n);
    side->in_len = n;
}

static SECURITY_STATUS call(struct side *side, SecBufferDesc *in, SecBufferDesc *out)
{
    CtxtHandle *old = side->has_context ? &side->context : NULL;
    CtxtHandle *made = side->has_context ? NULL : &side->context;
    ULONG attributes;
    if (side->is_server)
        /* Step 1, server: MUTUAL_AUTH asks for a certificate; looking at it is our business. */
        return AcceptSecurityContext(&side->credential, old, in,
                                     ASC_REQ_MUTUAL_AUTH | ASC_REQ_ALLOCATE_MEMORY |
                                         ASC_REQ_STREAM | ASC_REQ_CONFIDENTIALITY |
                                         ASC_REQ_REPLAY_DETECT | ASC_REQ_SEQUENCE_DETECT |
                                         ASC_REQ_EXTENDED_ERROR,
                                     0, made, out, &attributes, NULL);
    return InitializeSecurityContextA(&side->credential, old, side->target,
                                      ISC_REQ_MANUAL_CRED_VALIDATION | ISC_REQ_ALLOCATE_MEMORY |
                                          ISC_REQ_STREAM | ISC_REQ_CONFIDENTIALITY |
                                          ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT |
                                          ISC_REQ_EXTENDED_ERROR,
                                      0, 0, in, 0, made, out, &attributes, NULL);
}

static void next_token(struct side *side, struct side *peer)
{
    SecBuffer in[2] = {{side->in_len, SECBUFFER_TOKEN, side->in}, {0, SECBUFFER_EMPTY, NULL}};
    SecBuffer out[1] = {{0, SECBUFFER_TOKEN, NULL}};
    SecBufferDesc in_list = {SECBUFFER_VERSION, 2, in};
    SecBufferDesc out_list = {SECBUFFER_VERSION, 1, out};
    side->status = call(side, &in_list, &out_list);
    if (side->status == SEC_E_OK || side->status == SEC_I_CONTINUE_NEEDED)
        side->has_context = TRUE;
    deliver(peer, out[0].pvBuffer, out[0].cbBuffer);
    FreeContextBuffer(out[0].pvBuffer);
    if (side->status != SEC_E_INCOMPLETE_MESSAGE)
        keep_extra(side, &in[1]);
    if (side->status == SEC_I_INCOMPLETE_CREDENTIALS)
        next_token(side, peer); /* asked for a certificate that we do not have: go on without */
    else if (side->status < 0 && side->status != SEC_E_INCOMPLETE_MESSAGE)
        give_up(side->name, side->status);
}

/* Step 2: both reach SEC_E_OK. No application data moves before step 13 is behind us. */
static void handshake(struct side *client, struct side *server)
{
    next_token(client, server);
    while (client->status != SEC_E_OK || server->status != SEC_E_OK) {
        if (server->in_len != 0 && server->status != SEC_E_OK)
            next_token(server, client);
        else if (client->in_len != 0 && client->status != SEC_E_OK)
            next_token(client, server);
        else
            give_up("handshake", SEC_E_INCOMPLETE_MESSAGE);
    }
}

/* ---- validation ------------------------------------------------------------------------ */

/* Steps 6 to 9: what CertGetCertificateChain has looked at, and where it puts what it found. */
static const struct {
    int step;
    DWORD errors;
    const char *question;
} questions[] = {
    {5, CERT_TRUST_IS_UNTRUSTED_ROOT | CERT_TRUST_IS_PARTIAL_CHAIN,
     "does the chain end in a root that we trust"},
    {5, CERT_TRUST_IS_NOT_SIGNATURE_VALID, "is each certificate signed by the next"},
    {6, CERT_TRUST_IS_NOT_TIME_VALID, "is it within every certificate's dates"},
    {7,
     CERT_TRUST_IS_REVOKED | CERT_TRUST_REVOCATION_STATUS_UNKNOWN |
         CERT_TRUST_IS_OFFLINE_REVOCATION,
     "is none of them revoked"},
    {8, CERT_TRUST_INVALID_BASIC_CONSTRAINTS, "may those above sign certificates"},
    {9, CERT_TRUST_IS_NOT_VALID_FOR_USAGE, "is the certificate meant for its role"},
};

static void explain(PCCERT_CHAIN_CONTEXT chain, BOOL checks_revocation)
{
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        DWORD found = chain->TrustStatus.dwErrorStatus & questions[i].errors;
        if (questions[i].step == 7 && !checks_revocation)
            printf("  step 7: is none of them revoked: not asked\n");
        else if (found != 0)
            printf("  step %d: %s: no (0x%08X)\n", questions[i].step, questions[i].question,
                   (unsigned)found);
        else
            printf("  step %d: %s: yes\n", questions[i].step, questions[i].question);
    }
}

static PCCERT_CHAIN_CONTEXT build_chain(const struct side *side, PCCERT_CONTEXT leaf,
                                        HCERTCHAINENGINE engine, BOOL checks_revocation)
{
    static LPSTR for_server[] = {(LPSTR)szOID_PKIX_KP_SERVER_AUTH, (LPSTR)szOID_SERVER_GATED_CRYPTO,
                                 (LPSTR)szOID_SGC_NETSCAPE};
    static LPSTR for_client[] = {(LPSTR)szOID_PKIX_KP_CLIENT_AUTH};
    CERT_CHAIN_PARA para = {.cbSize = sizeof para};
    PCCERT_CHAIN_CONTEXT chain;
    /* Step 9: a client's certificate is no server's, and the other way round. */
    para.RequestedUsage.dwType = USAGE_MATCH_TYPE_OR;
    para.RequestedUsage.Usage.cUsageIdentifier = side->is_server ? 1 : 3;
    para.RequestedUsage.Usage.rgpszUsageIdentifier = side->is_server ? for_client : for_server;
    DWORD flags = checks_revocation ? CERT_CHAIN_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT : 0;
    /* Step 4: what else the peer sent is in its leaf's store; in which order means nothing. */
    if (!CertGetCertificateChain(engine, leaf, NULL, leaf->hCertStore, &para, flags, NULL, &chain))
        give_up("CertGetCertificateChain", (SECURITY_STATUS)GetLastError());
    return chain;
}

/* Steps 10 and 11. The name is what the user typed: not what DNS or the peer has made of it. */
static DWORD ask_policy(const struct side *side, PCCERT_CHAIN_CONTEXT chain, const WCHAR *name)
{
    SSL_EXTRA_CERT_CHAIN_POLICY_PARA ssl = {.cbSize = sizeof ssl,
                                            .dwAuthType =
                                                side->is_server ? AUTHTYPE_CLIENT : AUTHTYPE_SERVER,
                                            .pwszServerName = (WCHAR *)name};
    CERT_CHAIN_POLICY_PARA para = {.cbSize = sizeof para, .pvExtraPolicyPara = &ssl};
    CERT_CHAIN_POLICY_STATUS verdict = {.cbSize = sizeof verdict};
    /* TRUE says that the question was answered; the answer is in dwError. */
    if (!CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_SSL, chain, &para, &verdict))
        give_up("CertVerifyCertificateChainPolicy", (SECURITY_STATUS)GetLastError());
    return verdict.dwError;
}

static void print_subject(const char *before, PCCERT_CONTEXT certificate)
{
    char text[256];
    CertGetNameStringA(certificate, CERT_NAME_SIMPLE_DISPLAY_TYPE, 0, NULL, text, sizeof text);
    printf("%s%s\n", before, text);
}

/* 0, or why the peer is refused. */
static DWORD validate(struct side *side, HCERTCHAINENGINE engine, const WCHAR *name,
                      BOOL checks_revocation)
{
    PCCERT_CONTEXT leaf = NULL;
    printf("%s looks at its peer\n", side->name);
    /* Step 3. */
    SECURITY_STATUS status =
        QueryContextAttributesA(&side->context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &leaf);
    if (status == SEC_E_NO_CREDENTIALS) {
        printf("  step 3: it sent no certificate\n");
        return (DWORD)status;
    }
    if (status != SEC_E_OK)
        give_up("QueryContextAttributes(REMOTE_CERT_CONTEXT)", status);
    print_subject("  step 3: it says to be ", leaf);
    PCCERT_CHAIN_CONTEXT chain = build_chain(side, leaf, engine, checks_revocation);
    explain(chain, checks_revocation);
    DWORD verdict = ask_policy(side, chain, name);
    printf("  step 10: the policy says %s\n", SchannelStatusName((SECURITY_STATUS)verdict));
    if (verdict == 0 && side->is_server)
        print_subject("  step 11: the account to look for is that of ", leaf);
    /* Step 13. */
    CertFreeCertificateChain(chain);
    CertFreeCertificateContext(leaf);
    return verdict;
}

/* ---- refusal --------------------------------------------------------------------------- */

static DWORD alert_for(DWORD verdict)
{
    switch (verdict) {
    case (DWORD)CERT_E_UNTRUSTEDROOT:
    case (DWORD)CERT_E_CHAINING:
        return TLS1_ALERT_UNKNOWN_CA;
    case (DWORD)CERT_E_EXPIRED:
    case (DWORD)CERT_E_VALIDITYPERIODNESTING:
        return TLS1_ALERT_CERTIFICATE_EXPIRED;
    case (DWORD)CRYPT_E_REVOKED:
    case (DWORD)CERT_E_REVOKED:
        return TLS1_ALERT_CERTIFICATE_REVOKED;
    case (DWORD)SEC_E_NO_CREDENTIALS:
        return TLS1_ALERT_ACCESS_DENIED;
    default:
        return TLS1_ALERT_CERTIFICATE_UNKNOWN;
    }
}

static SECURITY_STATUS read_message(struct side *side, struct side *peer, char *text, DWORD cap);

/* Step 12: the peer is told why, and the context is not used any more. */
static void refuse(struct side *side, struct side *peer, DWORD verdict)
{
    SCHANNEL_ALERT_TOKEN alert = {SCHANNEL_ALERT, TLS1_ALERT_FATAL, alert_for(verdict)};
    SecBuffer token = {sizeof alert, SECBUFFER_TOKEN, &alert};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &token};
    char text[64];
    SECURITY_STATUS status = ApplyControlToken(&side->context, &list);
    if (status != SEC_E_OK)
        give_up("ApplyControlToken(SCHANNEL_ALERT)", status);
    side->in_len = 0;
    next_token(side, peer);
    printf("  step 12: %s refuses with alert %u\n", side->name, (unsigned)alert.dwAlertNumber);
    status = read_message(peer, side, text, sizeof text);
    printf("%s is told: %s\n", peer->name, SchannelStatusName(status));
}

/* ---- data ------------------------------------------------------------------------------ */

static void write_message(struct side *side, struct side *peer, const char *text)
{
    SecPkgContext_StreamSizes sizes;
    BYTE record[512];
    SECURITY_STATUS status =
        QueryContextAttributesA(&side->context, SECPKG_ATTR_STREAM_SIZES, &sizes);
    if (status != SEC_E_OK || sizes.cbHeader + strlen(text) + sizes.cbTrailer > sizeof record)
        give_up("QueryContextAttributes(STREAM_SIZES)", status);
    DWORD n = (DWORD)strlen(text);
    memcpy(record + sizes.cbHeader, text, n);
    SecBuffer b[4] = {{sizes.cbHeader, SECBUFFER_STREAM_HEADER, record},
                      {n, SECBUFFER_DATA, record + sizes.cbHeader},
                      {sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, record + sizes.cbHeader + n},
                      {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc list = {SECBUFFER_VERSION, 4, b};
    status = EncryptMessage(&side->context, 0, &list, 0);
    if (status != SEC_E_OK)
        give_up("EncryptMessage", status);
    deliver(peer, record, b[0].cbBuffer + b[1].cbBuffer + b[2].cbBuffer);
}

static SECURITY_STATUS read_message(struct side *side, struct side *peer, char *text, DWORD cap)
{
    text[0] = 0;
    for (;;) {
        SecBuffer b[4] = {{side->in_len, SECBUFFER_DATA, side->in}};
        SecBufferDesc list = {SECBUFFER_VERSION, 4, b};
        SECURITY_STATUS status = DecryptMessage(&side->context, &list, 0, NULL);
        if (status == SEC_E_OK) {
            DWORD n = b[1].cbBuffer < cap - 1 ? b[1].cbBuffer : cap - 1;
            memcpy(text, b[1].pvBuffer, n);
            text[n] = 0;
            keep_extra(side, &b[3]);
            return status;
        }
        if (status != SEC_I_RENEGOTIATE)
            return status;
        /* Step 14: in TLS 1.3 a ticket or new keys, nothing to validate; where the handshake itself
         * begins again (TLS 1.2), the certificate may be another one, so back to step 2. */
        keep_extra(side, &b[3]);
        next_token(side, peer);
    }
}

static void talk(struct side *from, struct side *to, const char *text)
{
    char got[256];
    write_message(from, to, text);
    SECURITY_STATUS status = read_message(to, from, got, sizeof got);
    if (status != SEC_E_OK)
        give_up("DecryptMessage", status);
    printf("%s hears: %s\n", to->name, got);
}

/* ---- the program ----------------------------------------------------------------------- */

static HCERTCHAINENGINE engine_over(HCERTSTORE roots)
{
    CERT_CHAIN_ENGINE_CONFIG config = {.cbSize = sizeof config, .hExclusiveRoot = roots};
    HCERTCHAINENGINE engine;
    if (!CertCreateCertificateChainEngine(&config, &engine))
        give_up("CertCreateCertificateChainEngine", (SECURITY_STATUS)GetLastError());
    return engine;
}

static PCCERT_CONTEXT load(const char *file)
{
    PCCERT_CONTEXT certificate = file != NULL ? SchannelLoadPemFiles(file, NULL, NULL) : NULL;
    if (file != NULL && certificate == NULL)
        give_up(file, (SECURITY_STATUS)GetLastError());
    return certificate;
}

/* The server's verdict counts only when the client has accepted it. */
static int meet(struct side *client, struct side *server, HCERTCHAINENGINE engine,
                BOOL checks_revocation)
{
    WCHAR name[256];
    MultiByteToWideChar(CP_UTF8, 0, client->target, -1, name, 256);
    handshake(client, server);
    DWORD verdict = validate(client, engine, name, checks_revocation);
    if (verdict != 0) {
        refuse(client, server, verdict);
        return 2;
    }
    verdict = validate(server, engine, NULL, checks_revocation);
    if (verdict != 0) {
        refuse(server, client, verdict);
        return 2;
    }
    talk(client, server, "who am I?");
    talk(server, client, "one whom I know");
    return 0;
}

static void close_side(struct side *side, PCCERT_CONTEXT certificate)
{
    DeleteSecurityContext(&side->context);
    FreeCredentialsHandle(&side->credential);
    CertFreeCertificateContext(certificate);
}

int main(int argc, char **argv)
{
    static struct side client = {.name = "the client", .status = SEC_I_CONTINUE_NEEDED};
    static struct side server = {
        .name = "the server", .is_server = TRUE, .status = SEC_I_CONTINUE_NEEDED};
    BOOL checks_revocation = argc > 4 && strcmp(argv[argc - 1], "--revocation") == 0;
    if (checks_revocation)
        argc--;
    if (argc != 4 && argc != 5) {
        fprintf(stderr,
                "usage: %s ROOTS.pem NAME SERVER.pem [CLIENT.pem] [--revocation]\n"
                "  each .pem with certificate, chain and key; the roots without keys\n",
                argv[0]);
        return 1;
    }
    HCERTSTORE roots = SchannelLoadCaFile(argv[1]);
    if (roots == NULL)
        give_up(argv[1], (SECURITY_STATUS)GetLastError());
    HCERTCHAINENGINE engine = engine_over(roots);
    PCCERT_CONTEXT server_certificate = load(argv[3]);
    PCCERT_CONTEXT client_certificate = load(argc == 5 ? argv[4] : NULL);
    client.target = argv[2];
    open_credential(&client, client_certificate);
    open_credential(&server, server_certificate);
    int result = meet(&client, &server, engine, checks_revocation);
    close_side(&client, client_certificate);
    close_side(&server, server_certificate);
    CertFreeCertificateChainEngine(engine);
    CertCloseStore(roots, 0);
    return result;
}
