/* SPDX-License-Identifier: MIT */
/*
 * schannel cert verify: the chain of a certificate from a file, a PKCS#12 file or a host, each
 * status bit in words, and what the SSL policy says. It is the manual validation of the Microsoft
 * pages, with nothing hidden.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "connection.h"
#include "credential.h"
#include "describe.h"
#include "net.h"
#include "report.h"
#include "trust.h"

struct options {
    const char *what; /* a file, or HOST[:PORT] */
    char host[NET_NAME_MAX];
    char port[8];
    bool is_host;
    const char *ca;
    const char *name; /* NULL: the host's; a file is looked at without a name */
    const char *password;
    bool is_client; /* meant for clients */
    bool checks_revocation;
    bool has_time;
    FILETIME time;
    bool json;
};

static void usage(FILE *to)
{
    fputs(
        "usage: schannel cert verify [OPTIONS] FILE|HOST[:PORT]\n\n"
        "Builds the chain of a certificate and asks the SSL policy about it. FILE is PEM (the\n"
        "certificate first, then others that may help), DER or PKCS#12; what is no file is a host\n"
        "that is asked for its certificate.\n\n"
        "  --ca FILE         PEM file with the only roots to trust (default: the system's)\n"
        "  --name NAME       the name to look for (default: HOST; none for a file)\n"
        "  --client          as a client's certificate, not a server's\n"
        "  --revocation      ask whether anything in the chain is revoked\n"
        "  --time DATE       as of DATE, YYYY-MM-DD\n"
        "  --password TEXT   of the PKCS#12 file\n"
        "  --json            the same as JSON\n\n"
        "The exit status is 0 when the policy accepts it.\n",
        to);
}

/* ---- options --------------------------------------------------------------------------- */

enum {
    OPT_CA = 256,
    OPT_NAME,
    OPT_CLIENT,
    OPT_REVOCATION,
    OPT_TIME,
    OPT_PASSWORD,
    OPT_JSON,
    OPT_HELP
};

static const struct option longs[] = {
    {"ca", required_argument, NULL, OPT_CA},
    {"name", required_argument, NULL, OPT_NAME},
    {"client", no_argument, NULL, OPT_CLIENT},
    {"revocation", no_argument, NULL, OPT_REVOCATION},
    {"time", required_argument, NULL, OPT_TIME},
    {"password", required_argument, NULL, OPT_PASSWORD},
    {"json", no_argument, NULL, OPT_JSON},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

static bool read_date(const char *text, FILETIME *out)
{
    unsigned year;
    unsigned month;
    unsigned day;
    char rest;
    if (sscanf(text, "%4u-%2u-%2u%c", &year, &month, &day, &rest) != 3)
        return false;
    SYSTEMTIME t = {.wYear = (WORD)year, .wMonth = (WORD)month, .wDay = (WORD)day};
    return SystemTimeToFileTime(&t, out) != FALSE;
}

/* EXIT_OK: go on. -1: help was asked for. */
static int take_option(struct options *o, int option)
{
    switch (option) {
    case OPT_CA:
        o->ca = optarg;
        break;
    case OPT_NAME:
        o->name = optarg;
        break;
    case OPT_CLIENT:
        o->is_client = true;
        break;
    case OPT_REVOCATION:
        o->checks_revocation = true;
        break;
    case OPT_TIME:
        o->has_time = true;
        if (!read_date(optarg, &o->time))
            return report_usage("cert verify", "--time takes YYYY-MM-DD, not '%s'", optarg);
        break;
    case OPT_PASSWORD:
        o->password = optarg;
        break;
    case OPT_JSON:
        o->json = true;
        break;
    case OPT_HELP:
        return -1;
    default:
        return report_usage("cert verify", "unknown option");
    }
    return EXIT_OK;
}

static int parse(int argc, char **argv, struct options *o)
{
    int option;
    opterr = 0;
    optind = 1;
    while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        int result = take_option(o, option);
        if (result != EXIT_OK)
            return result;
    }
    if (optind + 1 != argc)
        return report_usage("cert verify", "one FILE or HOST[:PORT] is wanted");
    o->what = argv[optind];
    o->is_host = access(o->what, F_OK) != 0;
    if (o->is_host && !net_split(o->what, o->host, o->port, "443"))
        return report_usage("cert verify", "'%s' is no file and no HOST[:PORT]", o->what);
    if (o->is_host && o->name == NULL)
        o->name = o->host;
    return EXIT_OK;
}

/* ---- where the certificate comes from -------------------------------------------------- */

enum { FILE_MAX = 1 << 20 };

static bool read_file(const char *path, BYTE **out, DWORD *out_len)
{
    FILE *file = fopen(path, "rb");
    BYTE *bytes = file != NULL ? malloc(FILE_MAX) : NULL;
    size_t n = bytes != NULL ? fread(bytes, 1, FILE_MAX, file) : 0;
    bool ok = bytes != NULL && ferror(file) == 0;
    if (!ok)
        report_errno("cannot read", path);
    if (file != NULL)
        fclose(file);
    if (!ok) {
        free(bytes);
        return false;
    }
    *out = bytes;
    *out_len = (DWORD)n;
    return true;
}

/* The first certificate of a PEM file; its store holds the others. */
static PCCERT_CONTEXT from_pem(const char *path)
{
    HCERTSTORE store = SchannelLoadCaFile(path);
    PCCERT_CONTEXT first = store != NULL ? CertEnumCertificatesInStore(store, NULL) : NULL;
    CertCloseStore(store, 0);
    return first;
}

static PCCERT_CONTEXT from_file(const struct options *o)
{
    CRYPT_DATA_BLOB blob;
    PCCERT_CONTEXT leaf;
    if (!read_file(o->what, &blob.pbData, &blob.cbData))
        return NULL;
    if (PFXIsPFXBlob(&blob))
        leaf = SchannelLoadPfxFile(o->what, o->password);
    else
        leaf = CertCreateCertificateContext(X509_ASN_ENCODING, blob.pbData, blob.cbData);
    free(blob.pbData);
    if (leaf == NULL && GetLastError() != ERROR_INVALID_PASSWORD)
        leaf = from_pem(o->what);
    if (leaf == NULL)
        report_last_error("no certificate in", o->what);
    return leaf;
}

static PCCERT_CONTEXT of_peer(struct connection *c)
{
    PCCERT_CONTEXT leaf = NULL;
    if (!connection_handshake(c)) {
        connection_report(c);
        return NULL;
    }
    SECURITY_STATUS status =
        QueryContextAttributesA(&c->context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &leaf);
    if (status != SEC_E_OK)
        report_failure("QueryContextAttributes(REMOTE_CERT_CONTEXT)", status, &c->context);
    connection_shutdown(c);
    return leaf;
}

static PCCERT_CONTEXT from_host(const struct options *o)
{
    static struct connection connection;
    struct credential_options wanted = {.flags = SCH_CRED_NO_DEFAULT_CREDS |
                                                 SCH_CRED_MANUAL_CRED_VALIDATION};
    CredHandle credential;
    PCCERT_CONTEXT leaf = NULL;
    if (!credential_open(&credential, &wanted))
        return NULL;
    int fd = net_connect(o->host, o->port);
    if (fd >= 0) {
        connection_init(&connection, fd, &credential, false);
        connection.target = o->name;
        leaf = of_peer(&connection);
        connection_end(&connection);
        net_finish(fd);
        close(fd);
    }
    FreeCredentialsHandle(&credential);
    return leaf;
}

/* ---- the chain ------------------------------------------------------------------------- */

static bool open_engine(const struct options *o, HCERTCHAINENGINE *out)
{
    CERT_CHAIN_ENGINE_CONFIG config = {.cbSize = sizeof config};
    *out = NULL;
    if (o->ca == NULL)
        return true;
    config.hExclusiveRoot = SchannelLoadCaFile(o->ca);
    if (config.hExclusiveRoot == NULL) {
        report_last_error("cannot load the roots", o->ca);
        return false;
    }
    bool ok = CertCreateCertificateChainEngine(&config, out) != FALSE;
    if (!ok)
        report_last_error("CertCreateCertificateChainEngine", NULL);
    CertCloseStore(config.hExclusiveRoot, 0);
    return ok;
}

static PCCERT_CHAIN_CONTEXT build(const struct options *o, HCERTCHAINENGINE engine,
                                  PCCERT_CONTEXT leaf)
{
    static LPSTR server[] = {(LPSTR)szOID_PKIX_KP_SERVER_AUTH, (LPSTR)szOID_SERVER_GATED_CRYPTO,
                             (LPSTR)szOID_SGC_NETSCAPE};
    static LPSTR client[] = {(LPSTR)szOID_PKIX_KP_CLIENT_AUTH};
    CERT_CHAIN_PARA para = {.cbSize = sizeof para};
    PCCERT_CHAIN_CONTEXT chain = NULL;
    FILETIME time = o->time;
    para.RequestedUsage.dwType = USAGE_MATCH_TYPE_OR;
    para.RequestedUsage.Usage.cUsageIdentifier = o->is_client ? 1 : 3;
    para.RequestedUsage.Usage.rgpszUsageIdentifier = o->is_client ? client : server;
    DWORD flags = o->checks_revocation ? CERT_CHAIN_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT : 0;
    if (!CertGetCertificateChain(engine, leaf, o->has_time ? &time : NULL, leaf->hCertStore, &para,
                                 flags, NULL, &chain))
        report_last_error("CertGetCertificateChain", NULL);
    return chain;
}

static bool ask_policy(const struct options *o, PCCERT_CHAIN_CONTEXT chain,
                       CERT_CHAIN_POLICY_STATUS *out)
{
    WCHAR name[NET_NAME_MAX];
    SSL_EXTRA_CERT_CHAIN_POLICY_PARA ssl = {.cbSize = sizeof ssl,
                                            .dwAuthType =
                                                o->is_client ? AUTHTYPE_CLIENT : AUTHTYPE_SERVER,
                                            .pwszServerName = o->name != NULL ? name : NULL};
    CERT_CHAIN_POLICY_PARA para = {.cbSize = sizeof para, .pvExtraPolicyPara = &ssl};
    *out = (CERT_CHAIN_POLICY_STATUS){.cbSize = sizeof *out};
    if (o->name != NULL && MultiByteToWideChar(CP_UTF8, 0, o->name, -1, name, NET_NAME_MAX) == 0) {
        report_last_error("the name", o->name);
        return false;
    }
    if (CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_SSL, chain, &para, out))
        return true;
    report_last_error("CertVerifyCertificateChainPolicy", NULL);
    return false;
}

/* ---- what is printed ------------------------------------------------------------------- */

static void print_verdict(const struct options *o, const CERT_CHAIN_POLICY_STATUS *verdict)
{
    printf("SSL policy for a %s", o->is_client ? "client" : "server");
    if (o->name != NULL)
        printf(" named %s", o->name);
    if (verdict->dwError == 0) {
        puts(": accepted");
        return;
    }
    SECURITY_STATUS status = (SECURITY_STATUS)verdict->dwError;
    printf(": refused with %s (0x%08x)", report_status_name(status), (unsigned)verdict->dwError);
    if (verdict->lElementIndex >= 0)
        printf(" for certificate %d", (int)verdict->lElementIndex);
    printf("\n  %s\n", SchannelStatusText(status));
}

static void print_chain(const CERT_SIMPLE_CHAIN *chain)
{
    for (DWORD i = 0; i < chain->cElement; i++) {
        const CERT_CHAIN_ELEMENT *element = chain->rgpElement[i];
        certificate_print(stdout, element->pCertContext, (unsigned)i);
        trust_print_errors(stdout, element->TrustStatus.dwErrorStatus, "     NOT GOOD: ");
        trust_print_info(stdout, element->TrustStatus.dwInfoStatus, "     ");
    }
}

static void print(const struct options *o, PCCERT_CHAIN_CONTEXT chain,
                  const CERT_CHAIN_POLICY_STATUS *verdict)
{
    for (DWORD i = 0; i < chain->cChain; i++)
        print_chain(chain->rgpChain[i]);
    puts("the chain");
    if (chain->TrustStatus.dwErrorStatus == 0)
        puts("     no error");
    trust_print_errors(stdout, chain->TrustStatus.dwErrorStatus, "     NOT GOOD: ");
    trust_print_info(stdout, chain->TrustStatus.dwInfoStatus, "     ");
    print_verdict(o, verdict);
}

static void print_status_json(const CERT_TRUST_STATUS *status)
{
    fputs("\"errors\": ", stdout);
    trust_print_errors_json(stdout, status->dwErrorStatus);
    fputs(", \"info\": ", stdout);
    trust_print_info_json(stdout, status->dwInfoStatus);
}

static void print_json(const struct options *o, PCCERT_CHAIN_CONTEXT chain,
                       const CERT_CHAIN_POLICY_STATUS *verdict)
{
    const CERT_SIMPLE_CHAIN *first = chain->rgpChain[0];
    fputs("{\n  \"elements\": [", stdout);
    for (DWORD i = 0; i < first->cElement; i++) {
        const CERT_CHAIN_ELEMENT *element = first->rgpElement[i];
        printf("%s\n    {\"certificate\": ", i != 0 ? "," : "");
        certificate_print_json(stdout, element->pCertContext);
        fputs(", ", stdout);
        print_status_json(&element->TrustStatus);
        fputc('}', stdout);
    }
    fputs("\n  ],\n  ", stdout);
    print_status_json(&chain->TrustStatus);
    printf(",\n  \"role\": \"%s\",\n  \"name\": ", o->is_client ? "client" : "server");
    json_text(stdout, o->name != NULL ? o->name : "");
    printf(",\n  \"verdict\": \"%s\",\n  \"element\": %d\n}\n",
           report_status_name((SECURITY_STATUS)verdict->dwError), (int)verdict->lElementIndex);
}

/* ---- the command ----------------------------------------------------------------------- */

static int verify(const struct options *o, PCCERT_CONTEXT leaf)
{
    CERT_CHAIN_POLICY_STATUS verdict;
    HCERTCHAINENGINE engine;
    int result = EXIT_FAILED;
    if (!open_engine(o, &engine))
        return EXIT_FAILED;
    PCCERT_CHAIN_CONTEXT chain = build(o, engine, leaf);
    if (chain != NULL && ask_policy(o, chain, &verdict)) {
        (o->json ? print_json : print)(o, chain, &verdict);
        result = verdict.dwError == 0 ? EXIT_OK : EXIT_FAILED;
    }
    if (chain != NULL)
        CertFreeCertificateChain(chain);
    if (engine != NULL)
        CertFreeCertificateChainEngine(engine);
    return result;
}

int command_cert_verify(int argc, char **argv)
{
    struct options o = {0};
    int result = parse(argc, argv, &o);
    if (result == -1)
        usage(stdout);
    if (result != EXIT_OK)
        return result == -1 ? EXIT_OK : result;
    PCCERT_CONTEXT leaf = o.is_host ? from_host(&o) : from_file(&o);
    if (leaf == NULL)
        return EXIT_FAILED;
    result = verify(&o, leaf);
    CertFreeCertificateContext(leaf);
    return result;
}
