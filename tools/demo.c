/* SPDX-License-Identifier: MIT */
/*
 * schannel demo: a client and a server in one process, over memory. Each call of the exchange is
 * shown with its buffers and with the TLS messages inside the tokens; then what was negotiated, a
 * message each way, and the shutdown.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "connection.h"
#include "credential.h"
#include "describe.h"
#include "ladder.h"
#include "report.h"

enum { WIRE_MAX = 128 * 1024, EVENTS_KEPT = 1024 };

struct side {
    bool is_server;
    CredHandle credential;
    CtxtHandle context;
    bool has_context;
    bool is_done;
    uint8_t wire[WIRE_MAX]; /* on its way to this side */
    size_t wire_len;
    uint8_t in[WIRE_MAX]; /* arrived, not used */
    size_t in_len;
};

struct demo {
    struct side client;
    struct side server;
    struct ladder ladder;
    size_t split; /* bytes delivered at a time; 0 = all */
    int tls;
    bool json;
};

static const char host[] = "localhost";

static void usage(FILE *to)
{
    fputs("usage: schannel demo [OPTIONS]\n\n"
          "  --tls 1.2|1.3   only this version (default: the highest)\n"
          "  --split N       deliver N bytes at a time: shows SEC_E_INCOMPLETE_MESSAGE with\n"
          "                  MISSING and EXTRA at work\n"
          "  --json          every call as JSON\n",
          to);
}

static int parse(int argc, char **argv, struct demo *d)
{
    enum { OPT_TLS = 256, OPT_SPLIT, OPT_JSON, OPT_HELP };
    static const struct option longs[] = {
        {"tls", required_argument, NULL, OPT_TLS},
        {"split", required_argument, NULL, OPT_SPLIT},
        {"json", no_argument, NULL, OPT_JSON},
        {"help", no_argument, NULL, OPT_HELP},
        {NULL, 0, NULL, 0},
    };
    int option;
    char *end;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        if (option == OPT_HELP)
            return -1;
        if (option == OPT_JSON) {
            d->json = true;
        } else if (option == OPT_TLS) {
            if (!tls_version_parse(optarg, &d->tls))
                return report_usage("demo", "--tls takes 1.2 or 1.3, not '%s'", optarg);
        } else if (option == OPT_SPLIT) {
            d->split = strtoul(optarg, &end, 10);
            if (*end != 0 || d->split == 0)
                return report_usage("demo", "--split takes a number above 0, not '%s'", optarg);
        } else {
            return report_usage("demo", "unknown option");
        }
    }
    return optind == argc ? EXIT_OK : report_usage("demo", "'%s' is too much", argv[optind]);
}

/* ---- the wire -------------------------------------------------------------------------- */

static bool transmit(struct demo *d, struct side *to, const void *bytes, size_t n)
{
    if (n > sizeof to->wire - to->wire_len)
        return false;
    memcpy(to->wire + to->wire_len, bytes, n);
    to->wire_len += n;
    ladder_transfer(&d->ladder, to->is_server, n, d->split);
    return true;
}

static bool deliver(const struct demo *d, struct side *side)
{
    size_t n = d->split != 0 && d->split < side->wire_len ? d->split : side->wire_len;
    if (n > sizeof side->in - side->in_len)
        return false;
    memcpy(side->in + side->in_len, side->wire, n);
    side->in_len += n;
    side->wire_len -= n;
    memmove(side->wire, side->wire + n, side->wire_len);
    return n != 0;
}

static void keep_tail(struct side *side, size_t tail)
{
    memmove(side->in, side->in + side->in_len - tail, tail);
    side->in_len = tail;
}

static void read_events(struct side *side, struct shown_call *call)
{
    if (side->has_context)
        SchannelReadEvents(&side->context, call->events, SHOWN_EVENTS_MAX, &call->event_count,
                           NULL);
}

/* ---- credentials ----------------------------------------------------------------------- */

static bool acquire(struct demo *d, struct side *side, PCCERT_CONTEXT certificate, HCERTSTORE roots)
{
    struct shown_call call = {.is_server = side->is_server,
                              .function = "AcquireCredentialsHandle",
                              .argument =
                                  side->is_server ? "SECPKG_CRED_INBOUND" : "SECPKG_CRED_OUTBOUND"};
    call.status =
        credential_acquire(&side->credential, side->is_server, d->tls, certificate, roots, 0);
    ladder_call(&d->ladder, &call);
    if (call.status != SEC_E_OK) {
        report_failure(call.function, call.status, NULL);
        return false;
    }
    SchannelTraceCredential(&side->credential, EVENTS_KEPT);
    return true;
}

/* ---- tokens ---------------------------------------------------------------------------- */

static SECURITY_STATUS call_context(struct side *side, SecBufferDesc *in, SecBufferDesc *out)
{
    CtxtHandle *context = side->has_context ? &side->context : NULL;
    ULONG attributes;
    SECURITY_STATUS status;
    if (side->is_server)
        status = AcceptSecurityContext(&side->credential, context, in,
                                       ASC_REQ_ALLOCATE_MEMORY | ASC_REQ_STREAM |
                                           ASC_REQ_CONFIDENTIALITY | ASC_REQ_EXTENDED_ERROR,
                                       0, &side->context, out, &attributes, NULL);
    else
        status = InitializeSecurityContextA(&side->credential, context, (SEC_CHAR *)host,
                                            ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_STREAM |
                                                ISC_REQ_CONFIDENTIALITY | ISC_REQ_EXTENDED_ERROR,
                                            0, 0, in, 0, &side->context, out, &attributes, NULL);
    if (status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED)
        side->has_context = true;
    return status;
}

static SECURITY_STATUS exchange(struct demo *d, struct side *side, struct side *peer)
{
    uint8_t protocols[64];
    SecBuffer in[3] = {{(ULONG)side->in_len, SECBUFFER_TOKEN, side->in},
                       {0, SECBUFFER_EMPTY, NULL},
                       {0, SECBUFFER_APPLICATION_PROTOCOLS, protocols}};
    SecBuffer out[2] = {{0, SECBUFFER_TOKEN, NULL}, {0, SECBUFFER_ALERT, NULL}};
    SecBufferDesc in_list = {SECBUFFER_VERSION, 2, in};
    SecBufferDesc out_list = {SECBUFFER_VERSION, 2, out};
    struct shown_call call = {.is_server = side->is_server,
                              .function = side->is_server ? "AcceptSecurityContext"
                                                          : "InitializeSecurityContext"};
    if (!side->has_context) {
        in[2].cbBuffer = alpn_buffer("h2,http/1.1", protocols, sizeof protocols);
        in_list.cBuffers = 3;
    }
    shown_before(&call.in, &in_list);
    shown_before(&call.out, &out_list);
    call.status = call_context(side, &in_list, &out_list);
    shown_after(&call.in, &in_list);
    shown_after(&call.out, &out_list);
    read_events(side, &call);
    ladder_call(&d->ladder, &call);
    if (call.status != SEC_E_INCOMPLETE_MESSAGE)
        keep_tail(side, in[1].BufferType == SECBUFFER_EXTRA ? in[1].cbBuffer : 0);
    bool sent = transmit(d, peer, out[0].pvBuffer != NULL ? out[0].pvBuffer : "", out[0].cbBuffer);
    FreeContextBuffer(out[0].pvBuffer);
    FreeContextBuffer(out[1].pvBuffer);
    side->is_done = call.status == SEC_E_OK;
    return sent ? call.status : SEC_E_INSUFFICIENT_MEMORY;
}

/* Calls with what arrives until nothing is on the wire, or the side is done. */
static bool run_side(struct demo *d, struct side *side, struct side *peer)
{
    while (!side->is_done && deliver(d, side)) {
        SECURITY_STATUS status;
        do {
            status = exchange(d, side, peer);
        } while (status == SEC_I_CONTINUE_NEEDED && side->in_len != 0);
        if (status < 0 && status != SEC_E_INCOMPLETE_MESSAGE) {
            report_failure(side->is_server ? "AcceptSecurityContext" : "InitializeSecurityContext",
                           status, side->has_context ? &side->context : NULL);
            return false;
        }
    }
    return true;
}

static bool handshake(struct demo *d)
{
    enum { FLIGHTS_MAX = 8 };
    exchange(d, &d->client, &d->server);
    for (int i = 0; i < FLIGHTS_MAX && !(d->client.is_done && d->server.is_done); i++) {
        if (!run_side(d, &d->server, &d->client) || !run_side(d, &d->client, &d->server))
            return false;
    }
    return d->client.is_done && d->server.is_done;
}

/* ---- data ------------------------------------------------------------------------------ */

static bool seal(struct demo *d, struct side *from, struct side *to, const char *text)
{
    uint8_t record[512];
    size_t n = strlen(text);
    SecPkgContext_StreamSizes sizes;
    struct shown_call call = {.is_server = from->is_server, .function = "EncryptMessage"};
    if (QueryContextAttributesA(&from->context, SECPKG_ATTR_STREAM_SIZES, &sizes) != SEC_E_OK)
        return false;
    memcpy(record + sizes.cbHeader, text, n);
    SecBuffer b[4] = {{sizes.cbHeader, SECBUFFER_STREAM_HEADER, record},
                      {(ULONG)n, SECBUFFER_DATA, record + sizes.cbHeader},
                      {sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, record + sizes.cbHeader + n},
                      {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc message = {SECBUFFER_VERSION, 4, b};
    shown_before(&call.in, &message);
    call.status = EncryptMessage(&from->context, 0, &message, 0);
    shown_after(&call.in, &message);
    read_events(from, &call);
    ladder_call(&d->ladder, &call);
    return call.status == SEC_E_OK &&
           transmit(d, to, record, b[0].cbBuffer + b[1].cbBuffer + b[2].cbBuffer);
}

/* Opens the next record; its text, if it is data, goes to `text`. */
static SECURITY_STATUS open_record(struct demo *d, struct side *side, char *text, size_t cap)
{
    SecBuffer b[4] = {{(ULONG)side->in_len, SECBUFFER_DATA, side->in}};
    SecBufferDesc message = {SECBUFFER_VERSION, 4, b};
    struct shown_call call = {.is_server = side->is_server, .function = "DecryptMessage"};
    shown_before(&call.in, &message);
    call.status = DecryptMessage(&side->context, &message, 0, NULL);
    shown_after(&call.in, &message);
    read_events(side, &call);
    ladder_call(&d->ladder, &call);
    if (call.status == SEC_E_INCOMPLETE_MESSAGE)
        return call.status;
    if (call.status == SEC_E_OK)
        snprintf(text, cap, "%.*s", (int)b[1].cbBuffer, (const char *)b[1].pvBuffer);
    keep_tail(side, b[3].BufferType == SECBUFFER_EXTRA ? b[3].cbBuffer : 0);
    return call.status;
}

static SECURITY_STATUS receive(struct demo *d, struct side *side, char *text, size_t cap)
{
    SECURITY_STATUS status = SEC_E_INCOMPLETE_MESSAGE;
    while (status == SEC_E_INCOMPLETE_MESSAGE && deliver(d, side))
        status = open_record(d, side, text, cap);
    return status;
}

static bool send_text(struct demo *d, struct side *from, struct side *to, const char *text)
{
    char got[256] = "";
    return seal(d, from, to, text) && receive(d, to, got, sizeof got) == SEC_E_OK &&
           strcmp(got, text) == 0;
}

static bool close_side(struct demo *d, struct side *from, struct side *to)
{
    char nothing[1];
    DWORD type = SCHANNEL_SHUTDOWN;
    SecBuffer token = {sizeof type, SECBUFFER_TOKEN, &type};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &token};
    struct shown_call call = {.is_server = from->is_server,
                              .function = "ApplyControlToken",
                              .argument = "SCHANNEL_SHUTDOWN"};
    shown_before(&call.in, &list);
    call.status = ApplyControlToken(&from->context, &list);
    shown_after(&call.in, &list);
    ladder_call(&d->ladder, &call);
    return call.status == SEC_E_OK && exchange(d, from, to) == SEC_E_OK &&
           receive(d, to, nothing, sizeof nothing) == SEC_I_CONTEXT_EXPIRED;
}

/* ---- the whole ------------------------------------------------------------------------- */

static bool open_credentials(struct demo *d)
{
    PCCERT_CONTEXT certificate = SchannelCreateTestCertificate(host, NULL, 1);
    HCERTSTORE roots = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    bool ok = certificate != NULL && roots != NULL &&
              CertAddCertificateContextToStore(roots, certificate, CERT_STORE_ADD_ALWAYS, NULL);
    if (!ok)
        report_last_error("cannot make a certificate", NULL);
    ok = ok && acquire(d, &d->client, NULL, roots) && acquire(d, &d->server, certificate, NULL);
    CertFreeCertificateContext(certificate);
    CertCloseStore(roots, 0);
    return ok;
}

static bool run(struct demo *d)
{
    struct facts facts;
    if (d->json)
        printf("{\n  \"library\": \"%s\",\n  \"calls\": [\n", SchannelVersion());
    ladder_start(&d->ladder, stdout, d->json);
    if (!open_credentials(d) || !handshake(d))
        return false;
    facts_of(&d->client.context, &facts);
    ladder_heading(&d->ladder, "Established. What the client sees:");
    if (!d->json)
        facts_print(stdout, &facts);
    ladder_heading(&d->ladder, "A message each way");
    bool ok = send_text(d, &d->client, &d->server, "Hello, server!") &&
              send_text(d, &d->server, &d->client, "Hello, client!");
    ladder_heading(&d->ladder, "Shutdown");
    ok = ok && close_side(d, &d->client, &d->server) && close_side(d, &d->server, &d->client);
    ladder_end(&d->ladder);
    if (d->json) {
        printf("\n  ],\n  \"negotiated\": {\n");
        facts_print_json(stdout, &facts, "    ");
        printf("\n  },\n  \"ok\": %s\n}\n", ok ? "true" : "false");
    }
    return ok;
}

static void release(struct side *side)
{
    if (side->has_context)
        DeleteSecurityContext(&side->context);
    if (side->credential.dwLower != 0)
        FreeCredentialsHandle(&side->credential);
}

int command_demo(int argc, char **argv)
{
    static struct demo demo = {.server = {.is_server = true}};
    int result = parse(argc, argv, &demo);
    if (result == -1)
        usage(stdout);
    if (result != EXIT_OK)
        return result == -1 ? EXIT_OK : result;
    bool ok = run(&demo);
    release(&demo.client);
    release(&demo.server);
    if (!ok)
        fputs("schannel demo: the exchange did not end as it should\n", stderr);
    return ok ? EXIT_OK : EXIT_FAILED;
}
