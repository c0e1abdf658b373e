/* SPDX-License-Identifier: MIT */
/* schannel client: connects, validates, reports; then fetches a page or relays stdin and stdout. */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "connection.h"
#include "credential.h"
#include "describe.h"
#include "net.h"
#include "report.h"

struct options {
    char host[NET_NAME_MAX];
    char port[8];
    const char *name;
    const char *get;
    const char *alpn;
    const char *export_label;
    bool quiet;
    bool json;
    struct credential_options credential;
};

static void usage(FILE *to)
{
    fputs("usage: schannel client [OPTIONS] HOST[:PORT]\n\n"
          "Connects with TLS (port 443 unless given), validates the server, reports what was\n"
          "negotiated on stderr; then relays stdin to the server and the server to stdout.\n\n"
          "  --get PATH        fetch PATH with HTTP/1.1 instead, and print the answer\n"
          "  --name NAME       verify and ask for this name instead of HOST\n"
          "  --ca FILE         PEM file with the only roots to trust (default: the system's)\n"
          "  --insecure        do not validate the server\n"
          "  --revocation      ask whether the server's certificate is revoked\n"
          "  --cert FILE       client certificate and chain, PEM; the key too unless --key\n"
          "  --key FILE        its private key, PEM\n"
          "  --pfx FILE        client certificate and key, PKCS#12\n"
          "  --password TEXT   for the key or the PKCS#12 file\n"
          "  --alpn LIST       application protocols to offer, comma-separated\n"
          "  --tls 1.2|1.3     only this version\n"
          "  --export LABEL    report 32 bytes of keying material for this label, too\n"
          "  --quiet           no report\n"
          "  --json            the report as JSON\n",
          to);
}

enum {
    OPT_GET = 256,
    OPT_NAME,
    OPT_CA,
    OPT_INSECURE,
    OPT_REVOCATION,
    OPT_CERT,
    OPT_KEY,
    OPT_PFX,
    OPT_PASSWORD,
    OPT_ALPN,
    OPT_TLS,
    OPT_EXPORT,
    OPT_QUIET,
    OPT_JSON,
    OPT_HELP
};

static const struct option longs[] = {
    {"get", required_argument, NULL, OPT_GET},
    {"name", required_argument, NULL, OPT_NAME},
    {"ca", required_argument, NULL, OPT_CA},
    {"insecure", no_argument, NULL, OPT_INSECURE},
    {"revocation", no_argument, NULL, OPT_REVOCATION},
    {"cert", required_argument, NULL, OPT_CERT},
    {"key", required_argument, NULL, OPT_KEY},
    {"pfx", required_argument, NULL, OPT_PFX},
    {"password", required_argument, NULL, OPT_PASSWORD},
    {"alpn", required_argument, NULL, OPT_ALPN},
    {"tls", required_argument, NULL, OPT_TLS},
    {"export", required_argument, NULL, OPT_EXPORT},
    {"quiet", no_argument, NULL, OPT_QUIET},
    {"json", no_argument, NULL, OPT_JSON},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

/* EXIT_OK: go on. -1: help was asked for. */
static int take_option(struct options *o, int option)
{
    switch (option) {
    case OPT_GET:
        o->get = optarg;
        break;
    case OPT_NAME:
        o->name = optarg;
        break;
    case OPT_CA:
        o->credential.ca = optarg;
        break;
    case OPT_INSECURE:
        o->credential.flags |= SCH_CRED_MANUAL_CRED_VALIDATION;
        break;
    case OPT_REVOCATION:
        o->credential.flags |= SCH_CRED_REVOCATION_CHECK_END_CERT;
        break;
    case OPT_CERT:
        o->credential.certificate = optarg;
        break;
    case OPT_KEY:
        o->credential.key = optarg;
        break;
    case OPT_PFX:
        o->credential.pfx = optarg;
        break;
    case OPT_PASSWORD:
        o->credential.password = optarg;
        break;
    case OPT_ALPN:
        o->alpn = optarg;
        break;
    case OPT_TLS:
        if (!tls_version_parse(optarg, &o->credential.tls))
            return report_usage("client", "--tls takes 1.2 or 1.3, not '%s'", optarg);
        break;
    case OPT_EXPORT:
        o->export_label = optarg;
        break;
    case OPT_QUIET:
        o->quiet = true;
        break;
    case OPT_JSON:
        o->json = true;
        break;
    case OPT_HELP:
        return -1;
    default:
        return report_usage("client", "unknown option");
    }
    return EXIT_OK;
}

static int parse(int argc, char **argv, struct options *o)
{
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        int result = take_option(o, option);
        if (result != EXIT_OK)
            return result;
    }
    if (optind + 1 != argc)
        return report_usage("client", "one HOST[:PORT] is wanted");
    if (!net_split(argv[optind], o->host, o->port, "443"))
        return report_usage("client", "'%s' is no HOST[:PORT]", argv[optind]);
    uint8_t room[512];
    if (o->alpn != NULL && alpn_buffer(o->alpn, room, sizeof room) == 0)
        return report_usage("client", "'%s' is no list of protocols", o->alpn);
    return EXIT_OK;
}

static void report(struct connection *c, const struct options *o)
{
    struct facts facts;
    if (o->quiet)
        return;
    facts_of(&c->context, &facts);
    if (o->export_label != NULL)
        facts_add_export(&c->context, o->export_label, &facts);
    if (o->json) {
        fputs("{\n", stderr);
        facts_print_json(stderr, &facts, "  ");
        fputs(",\n  \"chain\": [\n", stderr);
        chain_print_json(stderr, &c->context, "    ");
        fputs("\n  ]\n}\n", stderr);
        return;
    }
    fprintf(stderr, "connected to %s port %s\n", o->host, o->port);
    facts_print(stderr, &facts);
    fputs("chain sent by the server\n", stderr);
    chain_print(stderr, &c->context);
}

/* ---- what is done with the connection -------------------------------------------------- */

/* Everything the server sends goes to stdout. A close that TLS does not announce is an error. */
static bool copy_to_stdout(struct connection *c)
{
    static char some[16384];
    long n;
    while ((n = connection_read(c, some, sizeof some)) > 0)
        fwrite(some, 1, (size_t)n, stdout);
    fflush(stdout);
    if (n == 0)
        return true;
    connection_report(c);
    if (c->status == -1 && errno == 0)
        fputs("  There was no close_notify: the answer may have been cut off.\n", stderr);
    return false;
}

static bool fetch(struct connection *c, const struct options *o)
{
    char request[1024];
    const char *name = o->name != NULL ? o->name : o->host;
    int n = snprintf(request, sizeof request,
                     "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nUser-Agent: "
                     "libschannel/%s\r\n\r\n",
                     o->get, name, SchannelVersion());
    if (n < 0 || (size_t)n >= sizeof request) {
        fputs("schannel client: the path is too long\n", stderr);
        return false;
    }
    if (!connection_write(c, request, (size_t)n)) {
        connection_report(c);
        return false;
    }
    return copy_to_stdout(c);
}

static bool send_input(struct connection *c, bool *input_open)
{
    char some[16384];
    ssize_t n = read(STDIN_FILENO, some, sizeof some);
    if (n > 0)
        return connection_write(c, some, (size_t)n);
    *input_open = false;
    connection_shutdown(c);
    return true;
}

/*
 * One round: what is there on either side. False at the end. Not every record is data, so what has
 * been received is looked through before anything waits.
 */
static bool relay_once(struct connection *c, bool *input_open, bool *ok)
{
    char some[16384];
    struct pollfd waits[2] = {{.fd = *input_open ? STDIN_FILENO : -1, .events = POLLIN},
                              {.fd = c->fd, .events = POLLIN}};
    long n = connection_take(c, some, sizeof some);
    if (n > 0) {
        fwrite(some, 1, (size_t)n, stdout);
        fflush(stdout);
        return true;
    }
    *ok = n == 0 || n == CONNECTION_WANTS_MORE;
    if (n != CONNECTION_WANTS_MORE)
        return false;
    if (poll(waits, 2, -1) < 0)
        return errno == EINTR;
    if (waits[1].revents != 0)
        *ok = connection_receive(c);
    if (*ok && waits[0].revents != 0)
        *ok = send_input(c, input_open);
    return *ok;
}

static bool relay(struct connection *c)
{
    bool input_open = true;
    bool ok = true;
    bool goes_on = true;
    net_limit(c->fd, 0);
    while (goes_on)
        goes_on = relay_once(c, &input_open, &ok);
    if (!ok && !input_open && c->status == -1 && errno == 0)
        ok = true; /* both sides have said all: many servers do not answer a close_notify */
    if (!ok)
        connection_report(c);
    return ok;
}

static bool talk(struct connection *c, const struct options *o)
{
    if (!connection_handshake(c)) {
        connection_report(c);
        return false;
    }
    report(c, o);
    bool ok = o->get != NULL ? fetch(c, o) : relay(c);
    connection_shutdown(c);
    return ok;
}

int command_client(int argc, char **argv)
{
    static struct connection connection;
    struct options o = {.credential = {.flags = SCH_CRED_NO_DEFAULT_CREDS}};
    CredHandle credential;
    int result = parse(argc, argv, &o);
    if (result == -1)
        usage(stdout);
    if (result != EXIT_OK)
        return result == -1 ? EXIT_OK : result;
    if (!credential_open(&credential, &o.credential))
        return EXIT_FAILED;
    int fd = net_connect(o.host, o.port);
    bool ok = false;
    if (fd >= 0) {
        connection_init(&connection, fd, &credential, false);
        connection.target = o.name != NULL ? o.name : o.host;
        connection.alpn = o.alpn;
        ok = talk(&connection, &o);
        connection_end(&connection);
        net_finish(fd);
        close(fd);
    }
    FreeCredentialsHandle(&credential);
    return ok ? EXIT_OK : EXIT_FAILED;
}
