/* SPDX-License-Identifier: MIT */
/*
 * schannel server: a status page over HTTP/1.1, or an echo. One thread for each connection;
 * whatever a peer does ends its own connection only.
 */
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <windows.h>

#include "commands.h"
#include "connection.h"
#include "credential.h"
#include "describe.h"
#include "net.h"
#include "page.h"
#include "report.h"

enum { CONNECTIONS_MAX = 256, REQUEST_MAX = 16384 };

struct options {
    const char *address;
    const char *port;
    const char *alpn;
    const char *write_cert;
    const char *export_label;
    bool echo;
    bool ask_certificate;
    bool quiet;
    unsigned limit; /* connections until the end; 0 = none */
    struct credential_options credential;
};

static struct options options = {
    .address = "127.0.0.1",
    .port = "8443",
    .credential = {.is_server = true, .self_signed = "localhost,127.0.0.1,::1"},
};
static CredHandle credential;
static int listener = -1;

/* A connection and its thread. What is not said to be shared belongs to the accepting thread. */
struct slot {
    bool is_used;
    pthread_t thread;
    struct connection *connection; /* the connection's thread frees it */
    atomic_bool is_over;           /* shared: the thread only has to be joined */
    int fd;                        /* shared under `fds`; -1 once closed */
};
static struct slot slots[CONNECTIONS_MAX];
static pthread_mutex_t fds = PTHREAD_MUTEX_INITIALIZER;

static void usage(FILE *to)
{
    fputs("usage: schannel server [OPTIONS]\n\n"
          "Serves a page that shows what was negotiated (/ as HTML, /json) over TLS.\n\n"
          "  --port N          port to listen on, 0 for any (default 8443)\n"
          "  --bind ADDRESS    address to listen on (default 127.0.0.1)\n"
          "  --echo            send back what comes instead of serving pages\n"
          "  --cert FILE       certificate and chain, PEM; the key too unless --key\n"
          "  --key FILE        its private key, PEM\n"
          "  --pfx FILE        certificate and key, PKCS#12\n"
          "  --password TEXT   for the key or the PKCS#12 file\n"
          "  --ocsp FILE       OCSP response to staple to the certificate, DER\n"
          "  --ask             ask the client for a certificate\n"
          "  --ca FILE         PEM file with the roots of client certificates\n"
          "  --alpn LIST       application protocols in order of preference\n"
          "                    (default http/1.1; none with --echo)\n"
          "  --tls 1.2|1.3     only this version\n"
          "  --export LABEL    show 32 bytes of keying material for this label, too\n"
          "  --keylog FILE     write secrets for packet analysers (NSS format)\n"
          "  --connections N   end after N connections\n"
          "  --write-cert FILE write the certificate as PEM, for clients to trust\n"
          "  --quiet           no line for each connection\n\n"
          "Without --cert or --pfx a self-signed certificate for localhost is made.\n",
          to);
}

enum {
    OPT_PORT = 256,
    OPT_BIND,
    OPT_ECHO,
    OPT_CERT,
    OPT_KEY,
    OPT_PFX,
    OPT_PASSWORD,
    OPT_OCSP,
    OPT_ASK,
    OPT_CA,
    OPT_ALPN,
    OPT_TLS,
    OPT_EXPORT,
    OPT_KEYLOG,
    OPT_CONNECTIONS,
    OPT_WRITE_CERT,
    OPT_QUIET,
    OPT_HELP
};

static const struct option longs[] = {
    {"port", required_argument, NULL, OPT_PORT},
    {"bind", required_argument, NULL, OPT_BIND},
    {"echo", no_argument, NULL, OPT_ECHO},
    {"cert", required_argument, NULL, OPT_CERT},
    {"key", required_argument, NULL, OPT_KEY},
    {"pfx", required_argument, NULL, OPT_PFX},
    {"password", required_argument, NULL, OPT_PASSWORD},
    {"ocsp", required_argument, NULL, OPT_OCSP},
    {"ask", no_argument, NULL, OPT_ASK},
    {"ca", required_argument, NULL, OPT_CA},
    {"alpn", required_argument, NULL, OPT_ALPN},
    {"tls", required_argument, NULL, OPT_TLS},
    {"export", required_argument, NULL, OPT_EXPORT},
    {"keylog", required_argument, NULL, OPT_KEYLOG},
    {"connections", required_argument, NULL, OPT_CONNECTIONS},
    {"write-cert", required_argument, NULL, OPT_WRITE_CERT},
    {"quiet", no_argument, NULL, OPT_QUIET},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

static int take_text_option(int option)
{
    switch (option) {
    case OPT_PORT:
        options.port = optarg;
        break;
    case OPT_BIND:
        options.address = optarg;
        break;
    case OPT_CERT:
        options.credential.certificate = optarg;
        break;
    case OPT_KEY:
        options.credential.key = optarg;
        break;
    case OPT_PFX:
        options.credential.pfx = optarg;
        break;
    case OPT_PASSWORD:
        options.credential.password = optarg;
        break;
    case OPT_OCSP:
        options.credential.staple = optarg;
        break;
    case OPT_CA:
        options.credential.ca = optarg;
        break;
    case OPT_ALPN:
        options.alpn = optarg;
        break;
    case OPT_EXPORT:
        options.export_label = optarg;
        break;
    case OPT_WRITE_CERT:
        options.write_cert = optarg;
        break;
    default:
        return report_usage("server", "unknown option");
    }
    return EXIT_OK;
}

static int take_option(int option)
{
    switch (option) {
    case OPT_ECHO:
        options.echo = true;
        break;
    case OPT_ASK:
        options.ask_certificate = true;
        break;
    case OPT_QUIET:
        options.quiet = true;
        break;
    case OPT_TLS:
        if (!tls_version_parse(optarg, &options.credential.tls))
            return report_usage("server", "--tls takes 1.2 or 1.3, not '%s'", optarg);
        break;
    case OPT_KEYLOG:
        setenv("SSLKEYLOGFILE", optarg, 1);
        break;
    case OPT_CONNECTIONS:
        options.limit = (unsigned)strtoul(optarg, NULL, 10);
        if (options.limit == 0)
            return report_usage("server", "--connections takes a number above 0");
        break;
    case OPT_HELP:
        return -1;
    default:
        return take_text_option(option);
    }
    return EXIT_OK;
}

static int parse(int argc, char **argv)
{
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        int result = take_option(option);
        if (result != EXIT_OK)
            return result;
    }
    if (optind != argc)
        return report_usage("server", "'%s' is too much", argv[optind]);
    if (options.alpn == NULL && !options.echo)
        options.alpn = "http/1.1";
    uint8_t room[512];
    if (options.alpn != NULL && alpn_buffer(options.alpn, room, sizeof room) == 0)
        return report_usage("server", "'%s' is no list of protocols", options.alpn);
    return EXIT_OK;
}

/* ---- one connection -------------------------------------------------------------------- */

static bool echo(struct connection *c)
{
    char some[16384];
    long n;
    while ((n = connection_read(c, some, sizeof some)) > 0) {
        if (!connection_write(c, some, (size_t)n))
            return false;
    }
    return n == 0;
}

static bool serve_page(struct connection *c, const struct facts *facts)
{
    char request[REQUEST_MAX + 1];
    size_t n = 0;
    while (!page_request_complete(request, n)) {
        long more = n < REQUEST_MAX ? connection_read(c, request + n, REQUEST_MAX - n) : 0;
        if (more <= 0)
            return more == 0;
        n += (size_t)more;
    }
    request[n] = 0;
    size_t response_len = 0;
    char *response = page_response(request, facts, &response_len);
    bool ok = response != NULL && connection_write(c, response, response_len);
    free(response);
    return ok;
}

/* A certificate alone proves possession of its key; the flag tells that its chain was verified. */
static void announce(const struct connection *c, const struct facts *facts)
{
    const char *peer = facts_value(facts, "peer");
    bool is_verified = (c->attributes & ASC_RET_MUTUAL_AUTH) != 0;
    fprintf(stderr, "%s, %s, %s%s%s%s\n", facts_value(facts, "protocol"),
            facts_value(facts, "cipher_suite"), facts_value(facts, "key_exchange"),
            peer[0] != 0 ? ", client " : "", peer,
            peer[0] == 0  ? ""
            : is_verified ? " (verified)"
                          : " (not verified)");
}

static void serve(struct connection *c)
{
    struct facts facts;
    if (!connection_handshake(c)) {
        if (c->in_len != 0 || c->status != -1 || errno != 0)
            connection_report(c);
        return;
    }
    facts_of(&c->context, &facts);
    if (options.export_label != NULL)
        facts_add_export(&c->context, options.export_label, &facts);
    if (!options.quiet)
        announce(c, &facts);
    bool ok = options.echo ? echo(c) : serve_page(c, &facts);
    if (!ok && (c->status != -1 || errno != 0))
        connection_report(c);
    connection_shutdown(c);
}

static void *serve_thread(void *arg)
{
    struct slot *s = arg;
    serve(s->connection);
    connection_end(s->connection);
    free(s->connection);
    net_finish(s->fd);
    pthread_mutex_lock(&fds);
    close(s->fd);
    s->fd = -1;
    pthread_mutex_unlock(&fds);
    atomic_store(&s->is_over, true);
    return NULL;
}

static void join(struct slot *s)
{
    pthread_join(s->thread, NULL);
    s->is_used = false;
}

static struct slot *free_slot(void)
{
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        if (slots[i].is_used && atomic_load(&slots[i].is_over))
            join(&slots[i]);
        if (!slots[i].is_used)
            return &slots[i];
    }
    return NULL;
}

static bool start(int fd)
{
    struct slot *s = free_slot();
    struct connection *c = s != NULL ? malloc(sizeof *c) : NULL;
    if (c == NULL)
        return false;
    net_limit(fd, NET_SECONDS);
    connection_init(c, fd, &credential, true);
    c->alpn = options.alpn;
    c->request = options.ask_certificate ? ASC_REQ_MUTUAL_AUTH : 0;
    s->connection = c;
    s->fd = fd;
    atomic_store(&s->is_over, false);
    s->is_used = pthread_create(&s->thread, NULL, serve_thread, s) == 0;
    if (!s->is_used)
        free(c);
    return s->is_used;
}

/* Waits for the connections; those still open are cut when nobody wants to wait. */
static void end_all(bool cut)
{
    pthread_mutex_lock(&fds);
    for (size_t i = 0; cut && i < CONNECTIONS_MAX; i++) {
        if (slots[i].is_used && slots[i].fd >= 0)
            shutdown(slots[i].fd, SHUT_RDWR);
    }
    pthread_mutex_unlock(&fds);
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        if (slots[i].is_used)
            join(&slots[i]);
    }
}

/* ---- the server ------------------------------------------------------------------------ */

static void stop(int signal_number)
{
    (void)signal_number;
    shutdown(listener, SHUT_RDWR); /* accept returns */
}

/* Out of descriptors or memory for a moment: connections that end give them back. */
static bool is_passing(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/* False: it was told to stop before the wanted number of connections had come. */
static bool accept_all(void)
{
    unsigned count = 0;
    while (options.limit == 0 || count < options.limit) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0 && errno == EINVAL)
            return false;
        if (fd < 0) {
            if (is_passing(errno))
                usleep(10000);
            continue;
        }
        count++;
        if (!start(fd))
            close(fd);
    }
    return true;
}

/* A certificate made on the spot is of use only to clients that can get hold of it. */
static bool write_certificate(PCCERT_CONTEXT certificate, const char *file)
{
    char *pem = SchannelPemFromCertificate(certificate);
    FILE *to = pem != NULL ? fopen(file, "w") : NULL;
    bool ok = to != NULL && fputs(pem, to) >= 0;
    if (to != NULL && fclose(to) != 0)
        ok = false;
    LocalFree(pem);
    if (!ok)
        report_errno("cannot write", file);
    return ok;
}

static bool open_credential(void)
{
    struct credential_options *o = &options.credential;
    if (options.write_cert == NULL || o->certificate != NULL || o->pfx != NULL)
        return credential_open(&credential, o);
    PCCERT_CONTEXT certificate = SchannelCreateTestCertificate(o->self_signed, NULL, 30);
    if (certificate == NULL) {
        report_last_error("cannot make a certificate", NULL);
        return false;
    }
    bool ok = write_certificate(certificate, options.write_cert);
    if (ok) {
        SECURITY_STATUS status =
            credential_acquire(&credential, true, o->tls, certificate, NULL, o->flags);
        ok = status == SEC_E_OK;
        if (!ok)
            report_failure("AcquireCredentialsHandle", status, NULL);
    }
    CertFreeCertificateContext(certificate);
    return ok;
}

int command_server(int argc, char **argv)
{
    unsigned port = 0;
    struct sigaction action = {.sa_handler = stop};
    int result = parse(argc, argv);
    if (result == -1)
        usage(stdout);
    if (result != EXIT_OK)
        return result == -1 ? EXIT_OK : result;
    if (options.credential.ca != NULL)
        options.credential.flags |= SCH_CRED_NO_SYSTEM_MAPPER;
    if (!open_credential())
        return EXIT_FAILED;
    listener = net_listen(options.address, options.port, &port);
    if (listener < 0)
        return EXIT_FAILED;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    printf("listening on %s port %u\n", options.address, port);
    fflush(stdout);
    bool is_complete = accept_all();
    end_all(!is_complete);
    close(listener);
    FreeCredentialsHandle(&credential);
    return EXIT_OK;
}
