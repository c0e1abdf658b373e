/* SPDX-License-Identifier: MIT */
/*
 * Handshakes call by call: returned flags and times, missing memory at every step, certificates
 * that are asked for, alerts in the output lists, application protocols, target names. Microsoft
 * "InitializeSecurityContext (Schannel)", "AcceptSecurityContext (Schannel)", "Context
 * Requirements", "Creating an Schannel Security Context", "SEC_APPLICATION_PROTOCOLS structure".
 */
#include "api.h"

enum { FLIGHT_MAX = 32768 };

static BYTE memory[2][FLIGHT_MAX];
static const int versions[] = {TLS12, TLS13};

#define ALWAYS_CLIENT                                                                              \
    (ISC_RET_REPLAY_DETECT | ISC_RET_SEQUENCE_DETECT | ISC_RET_CONFIDENTIALITY | ISC_RET_STREAM)
#define ALWAYS_SERVER                                                                              \
    (ASC_RET_REPLAY_DETECT | ASC_RET_SEQUENCE_DETECT | ASC_RET_CONFIDENTIALITY | ASC_RET_STREAM)

static bool goes_on(SECURITY_STATUS status)
{
    return status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED;
}

/* ---- handles and flags ----------------------------------------------------------------- */

/* I80: phNewContext of later calls: another variable, the same one, none. */
static void new_context_pointer(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(versions); i++) {
        for (int form = 0; form < 3; form++) {
            struct pair *p = open_pair(versions[i]);
            struct pair_side *sides[] = {&p->client, &p->server};
            for (unsigned turn = 0; turn < 8 && !(p->client.is_done && p->server.is_done); turn++) {
                struct pair_side *side = sides[turn % 2];
                struct io io;
                deliver(p, side);
                io_init(&io, side);
                bool is_later = side->has_ctx;
                CtxtHandle before = side->ctx;
                if (is_later && form == 1)
                    io.new_ctx = &side->ctx;
                if (is_later && form == 2)
                    io.new_ctx = NULL;
                io_run(&io);
                CHECK("I80", goes_on(io.status));
                if (is_later) {
                    CHECK("I80", memcmp(&side->ctx, &before, sizeof before) == 0);
                    CHECK("I80", form != 0 || memcmp(&io.made, &before, sizeof before) == 0);
                }
                io_keep(&io, sides[(turn + 1) % 2]);
            }
            CHECK("I80", p->client.is_done && p->server.is_done);
        }
    }
}

struct flags_row {
    const char *row;
    ULONG request;
    ULONG returned;
};

/* Every call of the side's handshake returns the flags of its own request. */
static void check_flags(int version, bool at_server, const struct flags_row *row)
{
    struct pair *p = open_pair(version);
    struct pair_side *side = at_server ? &p->server : &p->client;
    side->request = row->request;
    if ((row->request & 0x100) == 0) { /* both sides' ALLOCATE_MEMORY */
        struct pair_side *sides[] = {&p->client, &p->server};
        for (unsigned turn = 0; turn < 8 && !(p->client.is_done && p->server.is_done); turn++) {
            const SecBuffer token = {FLIGHT_MAX, SECBUFFER_TOKEN, memory[0]};
            struct io io;
            deliver(p, sides[turn % 2]);
            io_init(&io, sides[turn % 2]);
            if (io.side == side)
                io_out(&io, 1, &token);
            io_run(&io);
            CHECK(row->row, goes_on(io.status));
            if (io.side == side)
                CHECK_NUMBER(row->row, io.attributes, row->returned);
            io_keep(&io, sides[(turn + 1) % 2]);
        }
    } else {
        CHECK(row->row, pair_handshake(p));
        CHECK_NUMBER(row->row, side->attributes, row->returned);
    }
    SecPkgContext_Flags flags;
    CHECK_STATUS(row->row, QueryContextAttributesA(&side->ctx, SECPKG_ATTR_FLAGS, &flags),
                 SEC_E_OK);
    CHECK_NUMBER(row->row, flags.Flags, row->returned);
}

static void returned_flags(void **state)
{
    (void)state;
    static const ULONG curl = ISC_REQ_SEQUENCE_DETECT | ISC_REQ_REPLAY_DETECT |
                              ISC_REQ_CONFIDENTIALITY | ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_STREAM;
    static const struct flags_row client[] = {
        {"I82", ISC_REQ_USE_SUPPLIED_CREDS, ALWAYS_CLIENT | ISC_RET_USED_SUPPLIED_CREDS},
        {"I83 nothing asked", 0, ALWAYS_CLIENT},
        {"I84", curl, curl},
        {"I84", curl | ISC_REQ_USE_SUPPLIED_CREDS, curl | ISC_RET_USED_SUPPLIED_CREDS},
        {"I84 no MUTUAL_AUTH", curl | ISC_REQ_MUTUAL_AUTH, curl},
        {"I85", curl | ISC_REQ_MANUAL_CRED_VALIDATION | ISC_REQ_EXTENDED_ERROR,
         curl | ISC_RET_MANUAL_CRED_VALIDATION | ISC_RET_EXTENDED_ERROR},
        {"I88", ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY, ALWAYS_CLIENT | ISC_RET_INTEGRITY},
        {"CONNECTION", curl | ISC_REQ_CONNECTION, curl | ISC_RET_CONNECTION},
    };
    static const struct flags_row server[] = {
        {"I83 server", 0, ALWAYS_SERVER},
        {"I85 server", PAIR_ASC_REQUEST, PAIR_ASC_REQUEST},
        {"I85 server", PAIR_ASC_REQUEST | ASC_REQ_INTEGRITY | ASC_REQ_CONNECTION,
         PAIR_ASC_REQUEST | ASC_RET_INTEGRITY | ASC_RET_CONNECTION},
    };
    for (size_t v = 0; v < COUNT(versions); v++) {
        for (size_t i = 0; i < COUNT(client); i++)
            check_flags(versions[v], false, &client[i]);
        for (size_t i = 0; i < COUNT(server); i++)
            check_flags(versions[v], true, &server[i]);
    }
}

/* I82: the credential's own flag switches validation off and does not show. */
static void manual_flag_of_the_credential(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(versions); i++) {
        struct pair_options options = usual(versions[i]);
        options.client_roots = NULL;
        options.client_flags = SCH_CRED_MANUAL_CRED_VALIDATION;
        options.target = NULL;
        struct pair *p = open_pair_with(&options);
        CHECK("I82 SCH_CRED_MANUAL_CRED_VALIDATION", pair_handshake(p));
        CHECK_NUMBER("I82", p->client.attributes, PAIR_ISC_REQUEST);
    }
}

/* I87: an ALERT without room is refused, with the three flags of the package alone. */
static void flags_of_a_refused_call(void **state)
{
    (void)state;
    struct pair *p = open_pair(TLS13);
    const SecBuffer out[] = {{FLIGHT_MAX, SECBUFFER_TOKEN, memory[0]},
                             {0, SECBUFFER_ALERT, memory[1]}};
    struct io io;
    io_init(&io, &p->client);
    io.request &= ~(ULONG)ISC_REQ_ALLOCATE_MEMORY;
    io_out(&io, 2, out);
    CHECK_STATUS("I13", io_run(&io), SEC_E_INSUFFICIENT_MEMORY);
    CHECK_NUMBER("I87", io.attributes,
                 ISC_RET_CONFIDENTIALITY | ISC_RET_SEQUENCE_DETECT | ISC_RET_REPLAY_DETECT);
    CHECK("I81", io.made.dwLower == 0);
}

static void expiry(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(versions); i++) {
        struct pair *p = open_pair(versions[i]);
        PCCERT_CONTEXT certificate = pair_certificate("ecdsa-p256");
        long long day = 864000000000;
        p->client.expiry.QuadPart = 5;
        pair_call(&p->client, &p->server);
        CHECK_NUMBER("I89", p->client.expiry.QuadPart, 0);
        CHECK("I89", pair_handshake(p));
        ULARGE_INTEGER not_after = {.LowPart = certificate->pCertInfo->NotAfter.dwLowDateTime,
                                    .HighPart = certificate->pCertInfo->NotAfter.dwHighDateTime};
        long long difference = p->client.expiry.QuadPart - (long long)not_after.QuadPart;
        CHECK("I89: NotAfter in local time", difference > -day && difference < day);
        CHECK_NUMBER("no peer certificate: the largest time", p->server.expiry.QuadPart, INT64_MAX);
    }
}

/* ---- sequences ------------------------------------------------------------------------- */

static void sequences(void **state)
{
    (void)state;
    struct pair *p = open_pair(TLS12);
    CHECK_STATUS("S2", pair_call(&p->client, &p->server), SEC_I_CONTINUE_NEEDED);
    deliver(p, &p->server);
    CHECK_STATUS("S2", pair_call(&p->server, &p->client), SEC_I_CONTINUE_NEEDED);
    deliver(p, &p->client);
    CHECK_STATUS("S2", pair_call(&p->client, &p->server), SEC_I_CONTINUE_NEEDED);
    deliver(p, &p->server);
    CHECK_STATUS("S2", pair_call(&p->server, &p->client), SEC_E_OK);
    CHECK("S2 S7: OK with output", p->client.wire_len != 0);
    deliver(p, &p->client);
    CHECK_STATUS("S2", pair_call(&p->client, &p->server), SEC_E_OK);
    CHECK("S2: OK without output", p->server.wire_len == 0);
    p = open_pair(TLS13);
    CHECK_STATUS("S3", pair_call(&p->client, &p->server), SEC_I_CONTINUE_NEEDED);
    deliver(p, &p->server);
    CHECK_STATUS("S3", pair_call(&p->server, &p->client), SEC_I_CONTINUE_NEEDED);
    deliver(p, &p->client);
    CHECK_STATUS("S3", pair_call(&p->client, &p->server), SEC_E_OK);
    CHECK("S3: OK with output", p->server.wire_len != 0);
    deliver(p, &p->server);
    CHECK_STATUS("S3", pair_call(&p->server, &p->client), SEC_E_OK);
}

/* S4: too little for a first call makes no context. */
static void short_first_call(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(versions); i++) {
        struct pair *p = open_pair(versions[i]);
        struct io io;
        pair_call(&p->client, &p->server);
        deliver(p, &p->server);
        size_t whole = p->server.in_len;
        static const size_t pieces[] = {0, 1, 4, 5, 6, 100};
        for (size_t j = 0; j < COUNT(pieces); j++) {
            io_init(&io, &p->server);
            io.in[0].cbBuffer = (ULONG)pieces[j];
            CHECK_STATUS("S4", io_run(&io), SEC_E_INCOMPLETE_MESSAGE);
            CHECK("S4", io.made.dwLower == 0 && io.made.dwUpper == 0);
            CHECK_NUMBER("S4", io.in[1].BufferType, SECBUFFER_MISSING);
            CHECK_NUMBER("S4", io.in[1].cbBuffer,
                         pieces[j] < 5 ? 5 - pieces[j] : whole - pieces[j]);
        }
        io_init(&io, &p->server);
        io.in_arg = NULL;
        CHECK_STATUS("S4", io_run(&io), SEC_E_INCOMPLETE_MESSAGE);
        CHECK("S4", pair_call(&p->server, &p->client) == SEC_I_CONTINUE_NEEDED && go_on(p));
    }
}

/* S1: {TOKEN, ALPN, EMPTY, EMPTY}, the caller's memory. */
static void server_first_list(void **state)
{
    (void)state;
    static BYTE alpn[] = {9, 0, 0, 0, 2, 0, 0, 0, 3, 0, 2, 'h', '2'};
    struct pair *p = open_pair(TLS12);
    struct io io;
    pair_call(&p->client, &p->server);
    deliver(p, &p->server);
    const SecBuffer in[] = {{(ULONG)p->server.in_len, SECBUFFER_TOKEN, p->server.in},
                            {sizeof alpn, SECBUFFER_APPLICATION_PROTOCOLS, alpn},
                            {0, SECBUFFER_EMPTY, NULL},
                            {0, SECBUFFER_EMPTY, NULL}};
    const SecBuffer out = {8192, SECBUFFER_TOKEN, memory[0]};
    io_init(&io, &p->server);
    io.request &= ~(ULONG)ASC_REQ_ALLOCATE_MEMORY;
    io_in(&io, 4, in);
    io_out(&io, 1, &out);
    CHECK_STATUS("S1 S6", io_run(&io), SEC_I_CONTINUE_NEEDED);
    io_keep(&io, &p->client);
    CHECK("S1", go_on(p));
}

/* ---- too little memory, at every step -------------------------------------------------- */

/* The call with ever more room, until it succeeds; how often it had too little. */
static unsigned starve(struct pair_side *side, struct pair_side *peer)
{
    static const ULONG sizes[] = {0, 1, 5, 40, 90, 300, FLIGHT_MAX};
    unsigned starved = 0;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        const SecBuffer out = {sizes[i], SECBUFFER_TOKEN, memory[0]};
        struct io io;
        io_init(&io, side);
        io.request &= ~(ULONG)0x100; /* both sides' ALLOCATE_MEMORY */
        io_out(&io, 1, &out);
        io_run(&io);
        if (io.status == SEC_E_INSUFFICIENT_MEMORY) {
            CHECK("I81 handle", io.made.dwLower == 0 && io.made.dwUpper == 0);
            CHECK("I81 output", io.out[0].cbBuffer == sizes[i] && io.out[0].pvBuffer == memory[0]);
            CHECK("I81 input", io.in[1].BufferType == SECBUFFER_EMPTY && io.in[1].cbBuffer == 0);
            starved++;
            continue;
        }
        CHECK("same input, more room",
              goes_on(io.status) || io.status == SEC_I_INCOMPLETE_CREDENTIALS);
        io_keep(&io, peer);
        return starved;
    }
    CHECK("enough room at last", false);
    return 0;
}

static void check_starved(const struct pair_options *options, unsigned at_least)
{
    struct pair *p = open_pair_with(options);
    struct pair_side *sides[] = {&p->client, &p->server};
    unsigned starved = starve(&p->client, &p->server);
    for (unsigned turn = 0; turn < 60 && !(p->client.is_done && p->server.is_done); turn++) {
        struct pair_side *side = sides[(turn + 1) % 2];
        struct pair_side *peer = sides[turn % 2];
        bool asks_again = side->status == SEC_I_INCOMPLETE_CREDENTIALS;
        bool has_more = pair_deliver(p, side);
        if (side->is_done || !(has_more || asks_again))
            continue;
        starved += starve(side, peer);
    }
    CHECK("starved to the end", p->client.is_done && p->server.is_done);
    CHECK("starved often enough", starved >= at_least);
    CHECK_STATUS("afterwards", pair_send(p, &p->client, &p->server, "abc", 3), SEC_E_OK);
    CHECK_STATUS("afterwards", pair_send(p, &p->server, &p->client, "abc", 3), SEC_E_OK);
}

static void insufficient_memory_everywhere(void **state)
{
    (void)state;
    static const int splits[] = {SPLIT_ALL, SPLIT_RECORD};
    for (size_t i = 0; i < COUNT(versions); i++) {
        for (size_t j = 0; j < COUNT(splits); j++) {
            struct pair_options options = usual(versions[i]);
            options.split = splits[j];
            check_starved(&options, 8);
            options.server_request = ASC_REQ_MUTUAL_AUTH;
            check_starved(&options, 8); /* INCOMPLETE_CREDENTIALS in between */
            options.client_certificate = pair_certificate("ecdsa-p384");
            check_starved(&options, 8);
        }
    }
}

/* ---- a client certificate is asked for ------------------------------------------------- */

enum form { SAME_BYTES, EMPTY_TOKEN, NO_INPUT, SAME_ARGUMENTS, FORMS };

static void acquire_with_certificate(int version, CredHandle *out)
{
    PCCERT_CONTEXT certificate = pair_certificate("rsa-2048");
    TLS_PARAMETERS parameters = {.grbitDisabledProtocols =
                                     version == TLS12 ? PAIR_TLS12_ONLY : PAIR_TLS13_ONLY};
    SCH_CREDENTIALS data = {.dwVersion = SCH_CREDENTIALS_VERSION,
                            .cCreds = 1,
                            .paCred = &certificate,
                            .cTlsParameters = 1,
                            .pTlsParameters = &parameters};
    CHECK_STATUS("A73",
                 AcquireCredentialsHandleA(NULL, (char *)UNISP_NAME_A, SECPKG_CRED_OUTBOUND, NULL,
                                           &data, NULL, NULL, out, NULL),
                 SEC_E_OK);
}

/* What may be asked while the context waits for a credential. */
static void check_waiting(struct pair_side *client)
{
    SecPkgContext_IssuerListInfoEx issuers = {.cIssuers = 7};
    PCCERT_CONTEXT remote;
    SecPkgContext_SupportedSignatures signatures;
    CHECK_STATUS("I120",
                 QueryContextAttributesA(&client->ctx, SECPKG_ATTR_ISSUER_LIST_EX, &issuers),
                 SEC_E_OK);
    CHECK_NUMBER("Q12", issuers.cIssuers, 0);
    CHECK("Q12", issuers.aIssuers == NULL);
    CHECK_STATUS("I120 Q3",
                 QueryContextAttributesA(&client->ctx, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &remote),
                 SEC_E_OK);
    CertFreeCertificateContext(remote);
    CHECK_STATUS(
        "I120",
        QueryContextAttributesA(&client->ctx, SECPKG_ATTR_SUPPORTED_SIGNATURES, &signatures),
        SEC_E_OK);
    CHECK("I120", signatures.cSignatureAndHashAlgorithms > 3);
    FreeContextBuffer(signatures.pSignatureAndHashAlgorithms);
}

/* Runs the client until it stops for a credential; its input is still there. */
static void run_to_question(struct pair *p, struct io *io)
{
    pair_call(&p->client, &p->server);
    for (unsigned i = 0; i < 10; i++) {
        deliver(p, &p->server);
        if (p->server.in_len != 0)
            pair_call(&p->server, &p->client);
        deliver(p, &p->client);
        io_init(io, &p->client);
        io_run(io);
        if (io->status == SEC_I_INCOMPLETE_CREDENTIALS)
            break;
        CHECK("I120", io->status == SEC_I_CONTINUE_NEEDED);
        io_keep(io, &p->server);
    }
    CHECK_STATUS("I120", io->status, SEC_I_INCOMPLETE_CREDENTIALS);
    CHECK_NUMBER("I120 no output", io->out[0].cbBuffer, 0);
    io_drop(io);
}

static void answer_in_form(struct pair *p, struct io *io, enum form form, CredHandle *cred)
{
    const SecBuffer empty[] = {{0, SECBUFFER_TOKEN, NULL}, {0, SECBUFFER_EMPTY, NULL}};
    io_init(io, &p->client);
    io->cred = cred;
    if (form == SAME_BYTES)
        io->request |= ISC_REQ_USE_SUPPLIED_CREDS;
    if (form == EMPTY_TOKEN)
        io_in(io, 2, empty);
    if (form == NO_INPUT)
        io->in_arg = NULL;
    io_run(io);
    CHECK("I121 I122 I123", goes_on(io->status));
    CHECK("I121 I122 I123: the client's flight", io->out[0].cbBuffer != 0);
    if (form == EMPTY_TOKEN || form == NO_INPUT)
        p->client.in_len = 0;
    io_keep(io, &p->server);
}

static void check_question(int version, enum form form, bool with_certificate)
{
    struct pair_options options = usual(version);
    CredHandle cred;
    struct io io;
    PCCERT_CONTEXT remote;
    options.server_request = ASC_REQ_MUTUAL_AUTH;
    struct pair *p = open_pair_with(&options);
    run_to_question(p, &io);
    check_waiting(&p->client);
    if (with_certificate)
        acquire_with_certificate(version, &cred);
    answer_in_form(p, &io, form, with_certificate ? &cred : &p->client.cred);
    CHECK("I120", go_on(p));
    SECURITY_STATUS status =
        QueryContextAttributesA(&p->server.ctx, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &remote);
    CHECK_STATUS("S9", status, with_certificate ? SEC_E_OK : SEC_E_NO_CREDENTIALS);
    if (with_certificate) {
        PCCERT_CONTEXT sent = pair_certificate("rsa-2048");
        CHECK("A73",
              remote->cbCertEncoded == sent->cbCertEncoded &&
                  memcmp(remote->pbCertEncoded, sent->pbCertEncoded, sent->cbCertEncoded) == 0);
        CertFreeCertificateContext(remote);
        CHECK_STATUS("FreeCredentialsHandle", FreeCredentialsHandle(&cred), SEC_E_OK);
    }
    CHECK_NUMBER("decided: never for an unverified certificate",
                 p->server.attributes & ASC_RET_MUTUAL_AUTH, 0);
    CHECK_STATUS("S9", pair_send(p, &p->client, &p->server, "abc", 3), SEC_E_OK);
    CHECK_STATUS("S9", pair_send(p, &p->server, &p->client, "abc", 3), SEC_E_OK);
}

static void incomplete_credentials(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(versions); i++) {
        for (enum form form = 0; form < FORMS; form++) {
            check_question(versions[i], form, false);
            check_question(versions[i], form, true);
        }
    }
}

/* I124: with USE_SUPPLIED_CREDS from the start nobody is asked. */
static void supplied_credentials(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(versions); i++) {
        struct pair_options options = usual(versions[i]);
        options.server_request = ASC_REQ_MUTUAL_AUTH;
        options.client_request = ISC_REQ_USE_SUPPLIED_CREDS;
        struct pair *p = open_pair_with(&options);
        pair_call(&p->client, &p->server);
        for (unsigned turn = 0; turn < 6 && !p->client.is_done; turn++) {
            deliver(p, &p->server);
            pair_call(&p->server, &p->client);
            deliver(p, &p->client);
            CHECK("I124", goes_on(pair_call(&p->client, &p->server)));
        }
        CHECK("I124", go_on(p));
    }
}

/* A certificate that verifies to hRootStore, where nobody maps: the only way to MUTUAL_AUTH. */
static void mutual_authentication(void **state)
{
    (void)state;
    PCCERT_CONTEXT own = pair_certificate("rsa-2048");
    HCERTSTORE store = pair_store(own);
    for (size_t i = 0; i < COUNT(versions); i++) {
        static const struct {
            const char *row;
            bool has_roots;
            DWORD flags;
            bool is_authenticated;
        } rows[] = {
            {"S10 verified, no mapper", true, SCH_CRED_NO_SYSTEM_MAPPER, true},
            {"S10 not verified", false, SCH_CRED_NO_SYSTEM_MAPPER, false},
            {"S10 mapper, and no mapping", true, 0, false},
        };
        for (size_t j = 0; j < COUNT(rows); j++) {
            struct pair_options options = usual(versions[i]);
            options.server_request = ASC_REQ_MUTUAL_AUTH;
            options.client_request = ISC_REQ_MUTUAL_AUTH;
            options.client_certificate = own;
            options.server_roots = rows[j].has_roots ? store : usual(TLS13).client_roots;
            options.server_flags = rows[j].flags;
            struct pair *p = connect_pair_with(&options);
            CHECK_NUMBER(rows[j].row, p->server.attributes,
                         PAIR_ASC_REQUEST | (rows[j].is_authenticated ? ASC_RET_MUTUAL_AUTH : 0));
            CHECK_NUMBER("client: its certificate was sent", p->client.attributes,
                         PAIR_ISC_REQUEST | ISC_RET_MUTUAL_AUTH);
        }
    }
    CertCloseStore(store, 0);
}

/* ---- alerts with a failure ------------------------------------------------------------- */

/* A client that trusts nobody gets the server's flight. */
static struct pair *distrustful(int version)
{
    static HCERTSTORE nobody;
    if (nobody == NULL)
        nobody = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    struct pair_options options = usual(version);
    options.client_roots = nobody;
    struct pair *p = open_pair_with(&options);
    pair_call(&p->client, &p->server);
    deliver(p, &p->server);
    pair_call(&p->server, &p->client);
    deliver(p, &p->client);
    return p;
}

static void check_alert_buffers(const char *row, int version, const struct io *io, BYTE number)
{
    /* In TLS 1.3 the client's change_cipher_spec comes first. */
    const BYTE *record = io->out[0].pvBuffer;
    ULONG n = io->out[0].cbBuffer;
    if (version == TLS13 && n > 6 && record[0] == 20) {
        record += 6;
        n -= 6;
    }
    if (version == TLS12)
        CHECK(row, n == 7 && record[0] == 21 && record[1] == 3 && (record[2] & ~2) == 1 &&
                       memcmp(record + 3, "\0\2\2", 3) == 0 && record[6] == number);
    else
        CHECK(row, n == 24 && memcmp(record, "\27\3\3\0\23", 5) == 0);
    if (io->out_list.cBuffers > 1) {
        const BYTE *alert = io->out[1].pvBuffer;
        CHECK(row, io->out[1].BufferType == SECBUFFER_ALERT && io->out[1].cbBuffer == 2);
        CHECK(row, alert != NULL && alert[0] == TLS1_ALERT_FATAL && alert[1] == number);
    }
}

static void alert_of_a_client(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(versions); i++) {
        for (int extended = 0; extended < 2; extended++) {
            struct pair *p = distrustful(versions[i]);
            struct io io;
            io_init(&io, &p->client);
            if (!extended)
                io.request &= ~(ULONG)ISC_REQ_EXTENDED_ERROR;
            CHECK_STATUS("I140 I161", io_run(&io), SEC_E_UNTRUSTED_ROOT);
            CHECK("I140", ((io.attributes & ISC_RET_EXTENDED_ERROR) != 0) == extended);
            check_alert_buffers("I140 I141", versions[i], &io, TLS1_ALERT_UNKNOWN_CA);
            CHECK("phNewContext after a failure", io.made.dwLower == 0);
            memcpy(p->server.in, io.out[0].pvBuffer, io.out[0].cbBuffer);
            p->server.in_len = io.out[0].cbBuffer;
            FreeContextBuffer(io.out[0].pvBuffer);
            FreeContextBuffer(io.out[1].pvBuffer);
            struct io again;
            io_init(&again, &p->client);
            CHECK_STATUS("the failure stays", io_run(&again), SEC_E_UNTRUSTED_ROOT);
            CHECK_NUMBER("one alert is enough", again.out[0].cbBuffer, 0);
            PCCERT_CONTEXT remote;
            CHECK_STATUS(
                "after a failure",
                QueryContextAttributesA(&p->client.ctx, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &remote),
                SEC_E_OK);
            CertFreeCertificateContext(remote);
            struct io server;
            io_init(&server, &p->server);
            CHECK_STATUS("I144", io_run(&server), SEC_E_UNTRUSTED_ROOT);
            CHECK_NUMBER("I144 no token", server.out[0].cbBuffer, 0);
            CHECK_NUMBER("I144 no alert", server.out[1].cbBuffer, 0);
        }
    }
}

/* The caller's memory: room for the alert in both, in one, in none of the buffers. */
static void alert_in_callers_memory(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(versions); i++) {
        static const ULONG token_room[] = {FLIGHT_MAX, 3, 0};
        static const ULONG alert_room[] = {2, 1, 100};
        for (size_t j = 0; j < COUNT(token_room); j++) {
            struct pair *p = distrustful(versions[i]);
            const SecBuffer out[] = {{token_room[j], SECBUFFER_TOKEN, memory[0]},
                                     {alert_room[j], SECBUFFER_ALERT, memory[1]}};
            struct io io;
            io_init(&io, &p->client);
            io.request &= ~(ULONG)ISC_REQ_ALLOCATE_MEMORY;
            io_out(&io, 2, out);
            CHECK_STATUS("I141", io_run(&io), SEC_E_UNTRUSTED_ROOT);
            CHECK("I141", (io.out[0].cbBuffer != 0) == (token_room[j] > 100));
            CHECK_NUMBER("I141", io.out[1].cbBuffer, alert_room[j] >= 2 ? 2 : 0);
        }
    }
}

static void check_server_failure(const char *row, const struct pair_options *options,
                                 SECURITY_STATUS server_status, BYTE alert,
                                 SECURITY_STATUS client_status)
{
    struct pair *p = open_pair_with(options);
    struct io io;
    pair_call(&p->client, &p->server);
    deliver(p, &p->server);
    io_init(&io, &p->server);
    const unsigned char *alpn = p->server.alpn;
    BYTE block[300] = {0};
    if (alpn != NULL) {
        ULONG size = (ULONG)p->server.alpn_len + 6;
        USHORT list = (USHORT)p->server.alpn_len;
        memcpy(block, &size, 4);
        block[4] = SecApplicationProtocolNegotiationExt_ALPN;
        memcpy(block + 8, &list, 2);
        memcpy(block + 10, alpn, p->server.alpn_len);
        io.in[2] = (SecBuffer){size + 4, SECBUFFER_APPLICATION_PROTOCOLS, block};
        io.in_list.cBuffers = 3;
    }
    CHECK_STATUS(row, io_run(&io), server_status);
    CHECK("S13", io.made.dwLower == 0 && io.made.dwUpper == 0);
    check_alert_buffers(row, TLS12, &io, alert);
    memcpy(p->client.in, io.out[0].pvBuffer, io.out[0].cbBuffer);
    p->client.in_len = io.out[0].cbBuffer;
    FreeContextBuffer(io.out[0].pvBuffer);
    FreeContextBuffer(io.out[1].pvBuffer);
    struct io client;
    io_init(&client, &p->client);
    CHECK_STATUS(row, io_run(&client), client_status);
    CHECK_NUMBER("I144", client.out[0].cbBuffer, 0);
}

static void failures_of_a_server(void **state)
{
    (void)state;
    CRYPTO_SETTINGS no_aes = {.eAlgorithmUsage = TlsParametersCngAlgUsageCipher,
                              .strCngAlgId = UNICODE(u"AES")};
    CRYPTO_SETTINGS no_chacha = {.eAlgorithmUsage = TlsParametersCngAlgUsageCipher,
                                 .strCngAlgId = UNICODE(u"CHACHA20_POLY1305")};
    for (size_t i = 0; i < COUNT(versions); i++) {
        struct pair_options options = usual(versions[i]);
        options.client_crypto = &no_aes;
        options.server_crypto = &no_chacha;
        options.client_crypto_count = options.server_crypto_count = 1;
        check_server_failure("S17 no common suite", &options, SEC_E_ALGORITHM_MISMATCH,
                             TLS1_ALERT_HANDSHAKE_FAILURE, SEC_E_ILLEGAL_MESSAGE);
        options = usual(versions[i]);
        options.server_certificate = NULL;
        check_server_failure("S15 no certificate", &options, SEC_E_NO_CREDENTIALS,
                             TLS1_ALERT_HANDSHAKE_FAILURE, SEC_E_ILLEGAL_MESSAGE);
        options = usual(versions[i]);
        options.alpn_client = "h2,foo";
        options.alpn_server = "http/1.1";
        check_server_failure("L6 I146", &options, SEC_E_APPLICATION_PROTOCOL_MISMATCH,
                             TLS1_ALERT_NO_APP_PROTOCOL, SEC_E_APPLICATION_PROTOCOL_MISMATCH);
        options = usual(versions[i]);
        options.server_disabled = versions[i] == TLS12 ? PAIR_TLS13_ONLY : PAIR_TLS12_ONLY;
        check_server_failure("I70 no common version", &options, SEC_E_UNSUPPORTED_FUNCTION,
                             TLS1_ALERT_PROTOCOL_VERSION, SEC_E_UNSUPPORTED_FUNCTION);
    }
}

/* S8: an alert where a ClientHello is due. */
static void alert_to_a_fresh_server(void **state)
{
    (void)state;
    struct pair *p = open_pair(TLS13);
    struct io io;
    memcpy(p->server.in, "\25\3\3\0\2\2\60", 7);
    p->server.in_len = 7;
    io_init(&io, &p->server);
    CHECK_STATUS("S8", io_run(&io), SEC_E_UNTRUSTED_ROOT);
    CHECK("S8 S13", io.made.dwLower == 0 && io.out[0].cbBuffer == 0);
}

/* ---- application protocols ------------------------------------------------------------- */

static void check_protocol(const char *row, struct pair_side *side, const char *wanted)
{
    SecPkgContext_ApplicationProtocol info;
    memset(&info, 0xAA, sizeof info);
    CHECK_STATUS(row, QueryContextAttributesW(&side->ctx, SECPKG_ATTR_APPLICATION_PROTOCOL, &info),
                 SEC_E_OK);
    size_t n = wanted != NULL ? strlen(wanted) : 0;
    CHECK_NUMBER(row, info.ProtoNegoStatus,
                 wanted != NULL ? SecApplicationProtocolNegotiationStatus_Success
                                : SecApplicationProtocolNegotiationStatus_None);
    CHECK_NUMBER(row, info.ProtoNegoExt,
                 wanted != NULL ? SecApplicationProtocolNegotiationExt_ALPN
                                : SecApplicationProtocolNegotiationExt_None);
    CHECK_NUMBER(row, info.ProtocolIdSize, n);
    CHECK(row, n == 0 || memcmp(info.ProtocolId, wanted, n) == 0);
}

static void application_protocols(void **state)
{
    (void)state;
    static const struct {
        const char *row;
        const char *client;
        const char *server;
        const char *chosen;
    } rows[] = {
        {"L3 L4", "http/1.1,h2", "http/1.1,h2", "http/1.1"},
        {"L5", "http/1.1,h2", "h2", "h2"},
        {"L5", "http/1.1", "http/1.1,h2", "http/1.1"},
        {"L5 the server's order", "a,b,c", "x,c,b", "c"},
        {"L7", "h2", NULL, NULL},
        {"L8", NULL, "h2", NULL},
        {"none", NULL, NULL, NULL},
    };
    for (size_t v = 0; v < COUNT(versions); v++) {
        for (size_t i = 0; i < COUNT(rows); i++) {
            struct pair_options options = usual(versions[v]);
            options.alpn_client = rows[i].client;
            options.alpn_server = rows[i].server;
            struct pair *p = connect_pair_with(&options);
            check_protocol(rows[i].row, &p->client, rows[i].chosen);
            check_protocol(rows[i].row, &p->server, rows[i].chosen);
        }
    }
}

/* I8 L10: given later, the list is ignored. */
static void protocols_given_late(void **state)
{
    (void)state;
    static BYTE h2[] = {9, 0, 0, 0, 2, 0, 0, 0, 3, 0, 2, 'h', '2'};
    for (size_t i = 0; i < COUNT(versions); i++) {
        struct pair *p = open_pair(versions[i]);
        struct pair_side *sides[] = {&p->client, &p->server};
        for (unsigned turn = 0; turn < 8 && !(p->client.is_done && p->server.is_done); turn++) {
            struct io io;
            deliver(p, sides[turn % 2]);
            io_init(&io, sides[turn % 2]);
            if (sides[turn % 2]->has_ctx) {
                io.in[2] = (SecBuffer){sizeof h2, SECBUFFER_APPLICATION_PROTOCOLS, h2};
                io.in_list.cBuffers = 3;
            }
            CHECK("I8 L10", goes_on(io_run(&io)));
            io_keep(&io, sides[(turn + 1) % 2]);
        }
        check_protocol("L10", &p->client, NULL);
        check_protocol("L10", &p->server, NULL);
    }
}

static void protocol_buffers(void **state)
{
    (void)state;
    static BYTE longest[4 + 6 + 256] = {[0] = 6, [1] = 1, [4] = 2, [8] = 0, [9] = 1, [10] = 255};
    static const struct {
        const char *row;
        ULONG size;
        const char *bytes;
        SECURITY_STATUS status;
    } rows[] = {
        {"L1", 13, "\11\0\0\0\2\0\0\0\3\0\2h2", SEC_I_CONTINUE_NEEDED},
        {"L2 a larger block", 16, "\11\0\0\0\2\0\0\0\3\0\2h2xxx", SEC_I_CONTINUE_NEEDED},
        {"no lists", 4, "\0\0\0\0", SEC_I_CONTINUE_NEEDED},
        {"an empty list", 10, "\6\0\0\0\2\0\0\0\0\0", SEC_I_CONTINUE_NEEDED},
        {"NPN is ignored", 13, "\11\0\0\0\1\0\0\0\3\0\2h2", SEC_I_CONTINUE_NEEDED},
        {"NPN, then ALPN", 22, "\22\0\0\0\1\0\0\0\3\0\2h2\2\0\0\0\3\0\2h3", SEC_I_CONTINUE_NEEDED},
        {"shorter than it says", 12, "\11\0\0\0\2\0\0\0\3\0\2h2", SEC_E_INVALID_TOKEN},
        {"no size", 3, "\0\0\0", SEC_E_INVALID_TOKEN},
        {"nothing", 0, "", SEC_E_INVALID_TOKEN},
        {"list longer than lists", 13, "\11\0\0\0\2\0\0\0\4\0\2h2", SEC_E_INVALID_TOKEN},
        {"id longer than list", 13, "\11\0\0\0\2\0\0\0\3\0\3h2", SEC_E_INVALID_TOKEN},
        {"empty id", 13, "\11\0\0\0\2\0\0\0\3\0\0\1a", SEC_E_INVALID_TOKEN},
        {"huge", 13, "\377\377\377\377\2\0\0\0\3\0\2h2", SEC_E_INVALID_TOKEN},
        {"an id of 255 bytes", sizeof longest, (const char *)longest, SEC_I_CONTINUE_NEEDED},
    };
    memset(longest + 11, 'a', 255);
    struct pair *p = open_pair(TLS13);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct io io;
        const SecBuffer in = {rows[i].size, SECBUFFER_APPLICATION_PROTOCOLS, (void *)rows[i].bytes};
        io_init(&io, &p->client);
        io_in(&io, 1, &in);
        CHECK_STATUS(rows[i].row, io_run(&io), rows[i].status);
        CHECK(rows[i].row, (io.made.dwLower != 0) == (rows[i].status >= 0));
        io_drop(&io);
        if (rows[i].status >= 0)
            CHECK_STATUS(rows[i].row, DeleteSecurityContext(&io.made), SEC_E_OK);
    }
}

/* ---- target names ---------------------------------------------------------------------- */

static bool hello_names(const char *target, const char *wanted)
{
    struct pair *p = open_pair(TLS13);
    struct io io;
    io_init(&io, &p->client);
    io.target = target;
    CHECK_STATUS("server_name", io_run(&io), SEC_I_CONTINUE_NEEDED);
    bool found = memmem(io.out[0].pvBuffer, io.out[0].cbBuffer, wanted, strlen(wanted)) != NULL;
    io_drop(&io);
    CHECK_STATUS("server_name", DeleteSecurityContext(&io.made), SEC_E_OK);
    return found;
}

static void target_names(void **state)
{
    (void)state;
    CHECK("a name", hello_names("www.example.net", "\0\17www.example.net"));
    CHECK("a name", hello_names("www.example.net", "www.example.net"));
    CHECK("I101 no literal", !hello_names("192.0.2.17", "192.0.2.17"));
    CHECK("I101 no literal", !hello_names("2001:db8::17", "2001:db8::17"));
    CHECK("I102 the dot does not travel", !hello_names("www.example.net.", "example.net."));
    CHECK("I102", hello_names("www.example.net.", "www.example.net"));
    /* I104: only the first call's name counts. */
    for (size_t i = 0; i < COUNT(versions); i++) {
        static const char *const later[] = {NULL, "", "other.example.net"};
        for (size_t j = 0; j < COUNT(later); j++) {
            struct pair *p = open_pair(versions[i]);
            pair_call(&p->client, &p->server);
            p->client.target = later[j];
            CHECK("I104", pair_handshake(p));
        }
    }
}

/* I107: the wide form of the call, all the way. */
static void wide_form(void **state)
{
    (void)state;
    struct pair *p = open_pair(TLS13);
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc out_list = {SECBUFFER_VERSION, 1, &out};
    ULONG attributes;
    CHECK_STATUS("I107",
                 InitializeSecurityContextW(&p->client.cred, NULL, (WCHAR *)u"localhost",
                                            PAIR_ISC_REQUEST, 0, 0, NULL, 0, &p->client.ctx,
                                            &out_list, &attributes, NULL),
                 SEC_I_CONTINUE_NEEDED);
    p->client.has_ctx = true;
    memcpy(p->server.wire, out.pvBuffer, out.cbBuffer);
    p->server.wire_len = out.cbBuffer;
    FreeContextBuffer(out.pvBuffer);
    CHECK("I107", pair_handshake(p));
    p = open_pair(TLS13);
    p->client.target = "somewhere.else";
    CHECK("I160", !pair_handshake(p));
    CHECK_STATUS("I160", p->client.status, SEC_E_WRONG_PRINCIPAL);
}

/* ---- calls without input --------------------------------------------------------------- */

static void idle_calls(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(versions); i++) {
        struct pair *p = connect_pair(versions[i]);
        struct pair_side *sides[] = {&p->client, &p->server};
        for (size_t j = 0; j < 2; j++) {
            struct io io;
            /* TLS 1.3 has no renegotiation; that of TLS 1.2 is refused, not half done. */
            SECURITY_STATUS wanted = versions[i] == TLS13 ? SEC_E_OK : SEC_E_UNSUPPORTED_FUNCTION;
            io_init(&io, sides[j]);
            CHECK_STATUS("established, nothing to do", io_run(&io), wanted);
            CHECK_NUMBER("established, nothing to do", io.out[0].cbBuffer, 0);
            io_init(&io, sides[j]);
            io.in_arg = NULL;
            CHECK_STATUS("established, no input", io_run(&io), wanted);
        }
        struct io io;
        io_init(&io, &p->server);
        io.request |= ASC_REQ_MUTUAL_AUTH;
        CHECK_STATUS("S12 a late certificate cannot be asked for", io_run(&io),
                     SEC_E_UNSUPPORTED_FUNCTION);
        CHECK_STATUS("still usable", pair_send(p, &p->client, &p->server, "abc", 3), SEC_E_OK);
        CHECK_STATUS("still usable", pair_send(p, &p->server, &p->client, "abc", 3), SEC_E_OK);
    }
}

/* ---- the checks bite ------------------------------------------------------------------- */

static void planted(void **state)
{
    (void)state;
    static const struct flags_row wrong = {"planted", PAIR_ISC_REQUEST,
                                           PAIR_ISC_REQUEST | ISC_RET_MUTUAL_AUTH};
    static BYTE record[] = {21, 3, 3, 0, 2, 2, 42};
    struct pair_options options = usual(TLS12);
    struct io io = {.out = {{sizeof record, SECBUFFER_TOKEN, record}},
                    .out_list = {SECBUFFER_VERSION, 1, NULL}};
    check_alert_buffers("as sent", TLS12, &io, 42);
    planted_begin();
    check_flags(TLS12, false, &wrong);                             /* twice: call and attribute */
    check_alert_buffers("planted", TLS12, &io, 43);                /* another number */
    check_starved(&options, 1000);                                 /* never so often */
    check_protocol("planted", &connect_pair(TLS12)->client, "h2"); /* four differences */
    assert_int_equal(planted_end(), 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted),
        cmocka_unit_test(new_context_pointer),
        cmocka_unit_test(returned_flags),
        cmocka_unit_test(manual_flag_of_the_credential),
        cmocka_unit_test(flags_of_a_refused_call),
        cmocka_unit_test(expiry),
        cmocka_unit_test(sequences),
        cmocka_unit_test(short_first_call),
        cmocka_unit_test(server_first_list),
        cmocka_unit_test(insufficient_memory_everywhere),
        cmocka_unit_test(incomplete_credentials),
        cmocka_unit_test(supplied_credentials),
        cmocka_unit_test(mutual_authentication),
        cmocka_unit_test(alert_of_a_client),
        cmocka_unit_test(alert_in_callers_memory),
        cmocka_unit_test(failures_of_a_server),
        cmocka_unit_test(alert_to_a_fresh_server),
        cmocka_unit_test(application_protocols),
        cmocka_unit_test(protocols_given_late),
        cmocka_unit_test(protocol_buffers),
        cmocka_unit_test(target_names),
        cmocka_unit_test(wide_form),
        cmocka_unit_test(idle_calls),
    };
    return cmocka_run_group_tests(tests, NULL, close_pair);
}
