/* SPDX-License-Identifier: MIT */
/*
 * ApplyControlToken, the shutdown, and alerts of every number. Microsoft "ApplyControlToken",
 * "Shutting Down an Schannel Connection", "Schannel Error Codes for TLS and SSL Alerts",
 * "SCHANNEL_ALERT_TOKEN structure", "SCHANNEL_SESSION_TOKEN structure", "DeleteSecurityContext".
 */
#include "api.h"

static BYTE memory[2000];
static const int versions[] = {TLS12, TLS13};

static SECURITY_STATUS apply(CtxtHandle *ctx, ULONG type, ULONG size, const void *bytes)
{
    SecBuffer token = {size, type, (void *)bytes};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &token};
    return ApplyControlToken(ctx, &list);
}

static SECURITY_STATUS apply_shutdown(CtxtHandle *ctx)
{
    static const DWORD shutdown = SCHANNEL_SHUTDOWN;
    return apply(ctx, SECBUFFER_TOKEN, sizeof shutdown, &shutdown);
}

static SECURITY_STATUS apply_alert(CtxtHandle *ctx, DWORD level, DWORD number)
{
    SCHANNEL_ALERT_TOKEN alert = {SCHANNEL_ALERT, level, number};
    return apply(ctx, SECBUFFER_TOKEN, sizeof alert, &alert);
}

/* The next call with no input; its token goes to `out`. */
static SECURITY_STATUS fetch(struct pair_side *side, BYTE *out, ULONG *out_len)
{
    const SecBuffer token = {1000, SECBUFFER_TOKEN, out};
    struct io io;
    io_init(&io, side);
    io.request = 0;
    io.target = NULL;
    io.in_arg = NULL;
    io_out(&io, 1, &token);
    io_run(&io);
    *out_len = io.out[0].cbBuffer;
    return io.status;
}

static struct pair *half_open(void)
{
    struct pair *p = open_pair(TLS13);
    pair_call(&p->client, &p->server);
    return p;
}

/* ---- the token ------------------------------------------------------------------------- */

static void control_buffers(void **state)
{
    (void)state;
    struct pair *p = half_open();
    CtxtHandle *ctx = &p->client.ctx;
    static const DWORD shutdown[2] = {SCHANNEL_SHUTDOWN, 0};
    static const DWORD renegotiate = SCHANNEL_RENEGOTIATE;
    SecBuffer b[2] = {{4, SECBUFFER_TOKEN, (void *)shutdown},
                      {4, SECBUFFER_TOKEN, (void *)shutdown}};
    SecBufferDesc list = {SECBUFFER_VERSION, 2, b};
    CHECK_STATUS("H1", ApplyControlToken(ctx, &list), SEC_E_INVALID_TOKEN);
    b[1] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    CHECK_STATUS("H1", ApplyControlToken(ctx, &list), SEC_E_INVALID_TOKEN);
    list.cBuffers = 0;
    CHECK_STATUS("H1", ApplyControlToken(ctx, &list), SEC_E_INVALID_TOKEN);
    list = (SecBufferDesc){SECBUFFER_VERSION, 1, NULL};
    CHECK_STATUS("no array", ApplyControlToken(ctx, &list), SEC_E_INVALID_TOKEN);
    CHECK_STATUS("H2", apply(ctx, SECBUFFER_TOKEN, 4, &renegotiate), SEC_E_UNSUPPORTED_FUNCTION);
    CHECK_STATUS("H3", apply_shutdown(NULL), SEC_E_INVALID_HANDLE);
    CHECK_STATUS("H4", ApplyControlToken(ctx, NULL), SEC_E_INTERNAL_ERROR);
    CHECK_STATUS("H5", apply(ctx, SECBUFFER_ALERT, 4, shutdown), SEC_E_INVALID_TOKEN);
    CHECK_STATUS("H5", apply(ctx, SECBUFFER_DATA, 4, shutdown), SEC_E_INVALID_TOKEN);
    for (ULONG size = 0; size < 4; size++)
        CHECK_STATUS("H6", apply(ctx, SECBUFFER_TOKEN, size, shutdown), SEC_E_UNSUPPORTED_FUNCTION);
    CHECK_STATUS("H25", apply(ctx, SECBUFFER_TOKEN, 4, NULL), SEC_E_UNSUPPORTED_FUNCTION);
    CHECK("nothing was armed", go_on(p));
}

static void control_types(void **state)
{
    (void)state;
    struct pair *p = half_open();
    CtxtHandle *ctx = &p->client.ctx;
    for (DWORD type = 4; type < 300; type++)
        CHECK_STATUS("unknown token", apply(ctx, SECBUFFER_TOKEN, 4, &type),
                     SEC_E_UNSUPPORTED_FUNCTION);
    static const struct {
        const char *row;
        DWORD words[3];
        ULONG size;
        SECURITY_STATUS status;
    } rows[] = {
        {"ALERT cut short", {SCHANNEL_ALERT, 2, 42}, 11, SEC_E_UNSUPPORTED_FUNCTION},
        {"ALERT cut short", {SCHANNEL_ALERT, 2, 42}, 4, SEC_E_UNSUPPORTED_FUNCTION},
        {"ALERT level 0", {SCHANNEL_ALERT, 0, 42}, 12, SEC_E_UNSUPPORTED_FUNCTION},
        {"ALERT level 3", {SCHANNEL_ALERT, 3, 42}, 12, SEC_E_UNSUPPORTED_FUNCTION},
        {"ALERT number 256", {SCHANNEL_ALERT, 2, 256}, 12, SEC_E_UNSUPPORTED_FUNCTION},
        {"SESSION cut short", {SCHANNEL_SESSION, 2, 0}, 7, SEC_E_UNSUPPORTED_FUNCTION},
        {"H26", {SCHANNEL_SESSION, SSL_SESSION_DISABLE_RECONNECTS, 0}, 8, SEC_E_OK},
        {"SESSION enable",
         {SCHANNEL_SESSION, SSL_SESSION_ENABLE_RECONNECTS, 0},
         8,
         SEC_E_UNSUPPORTED_FUNCTION},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        CHECK_STATUS(rows[i].row, apply(ctx, SECBUFFER_TOKEN, rows[i].size, rows[i].words),
                     rows[i].status);
    CHECK("nothing was armed", go_on(p));
}

/* H7 to H12, in the order in which they were observed. */
static void half_open_sequence(void **state)
{
    (void)state;
    struct pair *p = half_open();
    CtxtHandle *ctx = &p->client.ctx;
    static const DWORD shutdown[2] = {SCHANNEL_SHUTDOWN, 0};
    ULONG n;
    struct io io;
    CHECK_STATUS("H7", apply(ctx, SECBUFFER_TOKEN, 5, shutdown), SEC_E_OK);
    CHECK_STATUS("H8", apply(ctx, SECBUFFER_TOKEN, 4, shutdown), SEC_E_OK);
    memset(memory, 0xAA, sizeof memory);
    const SecBuffer in = {500, SECBUFFER_TOKEN, memory + 1000};
    const SecBuffer out = {1000, SECBUFFER_TOKEN, memory};
    io_init(&io, &p->client);
    io.target = NULL;
    io.request = 0;
    io_in(&io, 1, &in);
    io_out(&io, 1, &out);
    CHECK_STATUS("H9", io_run(&io), SEC_E_OK);
    CHECK("H9", io.out[0].cbBuffer == 7 && memcmp(memory, "\25\3\1\0\2\1\0", 7) == 0);
    CHECK("H9", memcmp(&io.made, ctx, sizeof *ctx) == 0);
    io_init(&io, &p->client);
    io.in_arg = NULL;
    CHECK_STATUS("H10", io_run(&io), SEC_E_INCOMPLETE_MESSAGE);
    CHECK("H10", io.made.dwLower == 0);
    CHECK_STATUS("H11", apply(ctx, SECBUFFER_TOKEN, 4, shutdown), SEC_E_OK);
    io_init(&io, &p->client);
    io.request = 0;
    io.in_arg = NULL;
    io.new_ctx = NULL;
    io_out(&io, 1, &out);
    CHECK_STATUS("H11", io_run(&io), SEC_E_OK);
    CHECK("H11", io.out[0].cbBuffer == 7 && memcmp(memory, "\25\3\1\0\2\1\0", 7) == 0);
    CHECK_STATUS("H12", apply_alert(ctx, TLS1_ALERT_FATAL, TLS1_ALERT_BAD_CERTIFICATE), SEC_E_OK);
    CHECK_STATUS("H12", fetch(&p->client, memory, &n), SEC_E_OK);
    CHECK("H12", n == 7 && memcmp(memory, "\25\3\1\0\2\2\52", 7) == 0);
}

/* The token stays until it can be delivered. */
static void control_without_room(void **state)
{
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        struct pair *p = connect_pair(versions[v]);
        struct pair_side *sides[] = {&p->client, &p->server};
        for (size_t i = 0; i < 2; i++) {
            SecBuffer b[4];
            ULONG n = 0;
            CHECK_STATUS("H7", apply_shutdown(&sides[i]->ctx), SEC_E_OK);
            for (ULONG room = 0; room < 40; room++) {
                const SecBuffer out = {room, SECBUFFER_TOKEN, memory};
                struct io io;
                io_init(&io, sides[i]);
                io.request = 0;
                io_out(&io, 1, &out);
                if (io_run(&io) == SEC_E_INSUFFICIENT_MEMORY)
                    continue;
                CHECK_STATUS("H20", io.status, SEC_E_OK);
                n = io.out[0].cbBuffer;
                break;
            }
            CHECK_NUMBER("H27", n, versions[v] == TLS12 ? 31 : 24);
            CHECK_STATUS("D21", unseal(sides[1 - i], memory, n, b), SEC_I_CONTEXT_EXPIRED);
        }
    }
}

/* ---- shutdown -------------------------------------------------------------------------- */

/* H20 to H23: forms of the call that fetches the close_notify. */
static void shutdown_forms(void **state)
{
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        for (int form = 0; form < 5; form++) {
            for (int at_server = 0; at_server < 2; at_server++) {
                struct pair *p = connect_pair(versions[v]);
                struct pair_side *from = at_server ? &p->server : &p->client;
                struct pair_side *to = at_server ? &p->client : &p->server;
                SecBuffer b[4];
                struct io io;
                CHECK_STATUS("H7", apply_shutdown(&from->ctx), SEC_E_OK);
                io_init(&io, from);
                if (form == 1) /* S14 */
                    io.in_arg = NULL;
                if (form == 2) /* H22 */
                    io.in_arg = &io.out_list;
                if (form == 3) /* no credential */
                    io.cred = NULL;
                if (form == 4) { /* H23: ISC whatever the side */
                    io.status =
                        InitializeSecurityContextA(NULL, &from->ctx, NULL, PAIR_ISC_REQUEST, 0, 0,
                                                   NULL, 0, NULL, io.out_arg, NULL, NULL);
                } else {
                    io_run(&io);
                }
                CHECK_STATUS("H20 H21 H22 H23 S14", io.status, SEC_E_OK);
                CHECK_STATUS("D21", unseal(to, io.out[0].pvBuffer, io.out[0].cbBuffer, b),
                             SEC_I_CONTEXT_EXPIRED);
                FreeContextBuffer(io.out[0].pvBuffer);
                FreeContextBuffer(io.out[1].pvBuffer);
                io_init(&io, from);
                CHECK_STATUS("H10", io_run(&io), SEC_E_INCOMPLETE_MESSAGE);
            }
        }
    }
}

/* Both sides, in the order of the page; the receiver's own close_notify comes last. */
static void shutdown_procedure(void **state)
{
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        for (int at_server = 0; at_server < 2; at_server++) {
            struct pair *p = connect_pair(versions[v]);
            struct pair_side *from = at_server ? &p->server : &p->client;
            struct pair_side *to = at_server ? &p->client : &p->server;
            SecBuffer b[4];
            CHECK_STATUS("H20", pair_shutdown(from, to), SEC_E_OK);
            CHECK_STATUS("half-open", pair_send(p, to, from, "still here", 10), SEC_E_OK);
            deliver(p, to);
            CHECK_STATUS("D21", unseal(to, to->in, to->in_len, b), SEC_I_CONTEXT_EXPIRED);
            to->in_len = 0;
            CHECK_STATUS("H20", pair_shutdown(to, from), SEC_E_OK);
            deliver(p, from);
            CHECK_STATUS("D21", unseal(from, from->in, from->in_len, b), SEC_I_CONTEXT_EXPIRED);
            from->in_len = 0;
        }
    }
}

/* A close_notify fed to ISC or ASC, in the handshake and after it. */
static void close_to_isc_and_asc(void **state)
{
    (void)state;
    static const char close_notify[] = "\25\3\3\0\2\1\0";
    struct pair *p = half_open();
    struct io io;
    memcpy(p->client.in, close_notify, 7);
    p->client.in_len = 7;
    io_init(&io, &p->client);
    CHECK_STATUS("close_notify in the handshake", io_run(&io), SEC_I_CONTEXT_EXPIRED);
    CHECK_NUMBER("close_notify in the handshake", io.out[0].cbBuffer, 0);
    io_init(&io, &p->client);
    CHECK_STATUS("again", io_run(&io), SEC_I_CONTEXT_EXPIRED);
    for (size_t v = 0; v < COUNT(versions); v++) {
        p = connect_pair(versions[v]);
        CHECK_STATUS("H20", pair_shutdown(&p->client, &p->server), SEC_E_OK);
        deliver(p, &p->server);
        io_init(&io, &p->server);
        CHECK_STATUS("close_notify to ASC", io_run(&io), SEC_I_CONTEXT_EXPIRED);
    }
}

/* ---- alerts of every number ------------------------------------------------------------ */

static SECURITY_STATUS mapped(unsigned number)
{
    static const struct {
        unsigned number;
        SECURITY_STATUS status;
    } table[] = {
        {0, SEC_I_CONTEXT_EXPIRED},       {10, SEC_E_ILLEGAL_MESSAGE},
        {20, SEC_E_MESSAGE_ALTERED},      {21, SEC_E_DECRYPT_FAILURE},
        {22, SEC_E_ILLEGAL_MESSAGE},      {30, SEC_E_MESSAGE_ALTERED},
        {40, SEC_E_ILLEGAL_MESSAGE},      {42, SEC_E_CERT_UNKNOWN},
        {43, SEC_E_CERT_UNKNOWN},         {44, CRYPT_E_REVOKED},
        {45, SEC_E_CERT_EXPIRED},         {46, SEC_E_CERT_UNKNOWN},
        {47, SEC_E_ILLEGAL_MESSAGE},      {48, SEC_E_UNTRUSTED_ROOT},
        {49, SEC_E_LOGON_DENIED},         {50, SEC_E_ILLEGAL_MESSAGE},
        {51, SEC_E_DECRYPT_FAILURE},      {60, SEC_E_ILLEGAL_MESSAGE},
        {70, SEC_E_UNSUPPORTED_FUNCTION}, {71, SEC_E_ALGORITHM_MISMATCH},
        {80, SEC_E_INTERNAL_ERROR},       {90, SEC_E_UNFINISHED_CONTEXT_DELETED},
        {100, SEC_E_ILLEGAL_MESSAGE},     {110, SEC_E_ILLEGAL_MESSAGE},
        {115, SEC_E_ILLEGAL_MESSAGE},     {120, SEC_E_APPLICATION_PROTOCOL_MISMATCH},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        if (table[i].number == number)
            return table[i].status;
    }
    return SEC_E_ILLEGAL_MESSAGE;
}

/* Warnings end nothing in TLS 1.2; in TLS 1.3 every alert but two is fatal, whatever its level. */
static bool is_ignored(int version, unsigned level, unsigned number)
{
    if (number == TLS1_ALERT_CLOSE_NOTIFY)
        return false;
    return version == TLS13 ? number == TLS1_ALERT_USER_CANCELED : level == TLS1_ALERT_WARNING;
}

/* In clear, before anything is negotiated. */
static void check_alert_in_clear(unsigned level, unsigned number)
{
    char row[60];
    struct pair *p = half_open();
    struct io io;
    const BYTE record[] = {21, 3, 3, 0, 2, (BYTE)level, (BYTE)number};
    snprintf(row, sizeof row, "alert %u %u in the handshake", level, number);
    memcpy(p->client.in, record, sizeof record);
    p->client.in_len = sizeof record;
    io_init(&io, &p->client);
    bool ignored = is_ignored(TLS12, level, number);
    CHECK_STATUS(row, io_run(&io), ignored ? SEC_I_CONTINUE_NEEDED : mapped(number));
    CHECK_NUMBER("I144", io.out[0].cbBuffer, 0);
    CHECK_NUMBER("I144", io.out[1].cbBuffer, 0);
}

static void alerts_in_the_handshake(void **state)
{
    (void)state;
    for (unsigned number = 0; number < 256; number++) {
        check_alert_in_clear(TLS1_ALERT_WARNING, number);
        check_alert_in_clear(TLS1_ALERT_FATAL, number);
    }
}

/* Through ApplyControlToken and the wire; then the same context again. */
static void check_alert_after(int version, struct pair *p, bool to_client, unsigned level,
                              unsigned number)
{
    char row[60];
    SecBuffer b[4];
    ULONG n;
    struct pair_side *from = to_client ? &p->server : &p->client;
    struct pair_side *to = to_client ? &p->client : &p->server;
    snprintf(row, sizeof row, "alert %u %u, TLS %d", level, number, version);
    CHECK_STATUS(row, apply_alert(&from->ctx, level, number), SEC_E_OK);
    CHECK_STATUS(row, fetch(from, memory, &n), SEC_E_OK);
    bool ignored = is_ignored(version, level, number);
    CHECK_STATUS(row, unseal(to, memory, n, b), ignored ? SEC_E_OK : mapped(number));
    CHECK_NUMBER(row, ignored ? b[1].cbBuffer : 0, 0);
    LONG received;
    CHECK_STATUS(row, SchannelPeerAlert(&to->ctx, &received, NULL), SEC_E_OK);
    bool is_fatal = !ignored && number != TLS1_ALERT_CLOSE_NOTIFY;
    CHECK(row, received == (is_fatal ? (LONG)number : -1));
    memset(memory, 0, 40);
    CHECK_STATUS(row, unseal(to, memory, is_fatal || !ignored ? 40 : 0, b),
                 is_fatal  ? SEC_E_CONTEXT_EXPIRED
                 : ignored ? SEC_E_INCOMPLETE_MESSAGE
                           : SEC_I_CONTEXT_EXPIRED);
}

static void alerts_after_the_handshake(void **state)
{
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        for (unsigned number = 0; number < 256; number++) {
            for (unsigned level = TLS1_ALERT_WARNING; level <= TLS1_ALERT_FATAL; level++)
                check_alert_after(versions[v], connect_pair(versions[v]), number % 2 == 0, level,
                                  number);
        }
    }
}

/* A level that does not exist. */
static void alert_levels(void **state)
{
    (void)state;
    static const BYTE levels[] = {0, 3, 255};
    for (size_t i = 0; i < COUNT(levels); i++) {
        struct pair *p = half_open();
        struct io io;
        const BYTE record[] = {21, 3, 3, 0, 2, levels[i], 40};
        memcpy(p->client.in, record, sizeof record);
        p->client.in_len = sizeof record;
        io_init(&io, &p->client);
        CHECK_STATUS("alert level", io_run(&io), SEC_E_ILLEGAL_MESSAGE);
        FreeContextBuffer(io.out[0].pvBuffer);
        FreeContextBuffer(io.out[1].pvBuffer);
    }
}

/* A fatal alert of one's own ends the connection once it is out, not before. */
static void own_fatal_alert(void **state)
{
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        struct pair *p = connect_pair(versions[v]);
        ULONG n;
        SecBuffer b[3] = {{13, SECBUFFER_STREAM_HEADER, memory},
                          {4, SECBUFFER_DATA, memory + 13},
                          {17, SECBUFFER_STREAM_TRAILER, memory + 17}};
        SecBufferDesc list = {SECBUFFER_VERSION, 3, b};
        CHECK_STATUS("T2", apply_alert(&p->client.ctx, TLS1_ALERT_FATAL, TLS1_ALERT_ACCESS_DENIED),
                     SEC_E_OK);
        CHECK_STATUS("before it is fetched", pair_send(p, &p->client, &p->server, "abc", 3),
                     SEC_E_OK);
        CHECK_STATUS("T2", fetch(&p->client, memory + 100, &n), SEC_E_OK);
        CHECK_STATUS("afterwards", EncryptMessage(&p->client.ctx, 0, &list, 0),
                     SEC_E_CONTEXT_EXPIRED);
        SecBuffer opened[4];
        CHECK_STATUS("T2", unseal(&p->server, memory + 100, n, opened), SEC_E_LOGON_DENIED);
    }
}

/* The application dislikes the peer in the middle of the handshake. */
static void alert_while_half_open(void **state)
{
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        struct pair *p = open_pair(versions[v]);
        struct io io;
        ULONG n;
        pair_call(&p->client, &p->server);
        deliver(p, &p->server);
        pair_call(&p->server, &p->client);
        CHECK_STATUS("T2", apply_alert(&p->server.ctx, TLS1_ALERT_FATAL, TLS1_ALERT_ACCESS_DENIED),
                     SEC_E_OK);
        CHECK_STATUS("T2", fetch(&p->server, memory, &n), SEC_E_OK);
        deliver(p, &p->client);
        memcpy(p->client.in + p->client.in_len, memory, n);
        p->client.in_len += n;
        io_init(&io, &p->client);
        io_run(&io);
        if (versions[v] == TLS13) { /* done, and the alert is read as data are */
            SecBuffer b[4];
            CHECK_STATUS("I125", io.status, SEC_E_OK);
            io_keep(&io, &p->server);
            CHECK_STATUS("I125", unseal(&p->client, p->client.in, p->client.in_len, b),
                         SEC_E_LOGON_DENIED);
        } else {
            io_keep(&io, &p->server);
            if (io.status == SEC_I_CONTINUE_NEEDED) {
                io_init(&io, &p->client);
                io_run(&io);
            }
            CHECK_STATUS("I127", io.status, SEC_E_LOGON_DENIED);
        }
    }
}

/* ---- deleting -------------------------------------------------------------------------- */

/* A context may go in every state; what it gave out stays. */
static void delete_in_every_state(void **state)
{
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        for (int at = 0; at < 7; at++) {
            struct pair *p = open_pair(versions[v]);
            PCCERT_CONTEXT remote = NULL;
            pair_call(&p->client, &p->server);
            if (at == 1)
                CHECK_STATUS("armed", apply_shutdown(&p->client.ctx), SEC_E_OK);
            if (at >= 2) {
                deliver(p, &p->server);
                pair_call(&p->server, &p->client);
            }
            if (at >= 3)
                CHECK("handshake", pair_handshake(p));
            if (at >= 4)
                QueryContextAttributesA(&p->client.ctx, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &remote);
            if (at == 5)
                pair_shutdown(&p->client, &p->server);
            if (at == 6) {
                SecBuffer b[4];
                memset(memory, 0x55, 100);
                CHECK("dead", unseal(&p->client, memory, 100, b) < 0);
            }
            CtxtHandle copy = p->client.ctx;
            CHECK_STATUS("DeleteSecurityContext", DeleteSecurityContext(&p->client.ctx), SEC_E_OK);
            p->client.has_ctx = false;
            CHECK_STATUS("twice", DeleteSecurityContext(&copy), SEC_E_INVALID_HANDLE);
            CHECK_STATUS("deleted", apply_shutdown(&copy), SEC_E_INVALID_HANDLE);
            if (remote != NULL) {
                CHECK("what was given out stays", remote->cbCertEncoded > 100);
                PCCERT_CONTEXT found = CertFindCertificateInStore(
                    remote->hCertStore, X509_ASN_ENCODING, 0, CERT_FIND_ANY, NULL, NULL);
                CHECK("what was given out stays", found != NULL);
                CertFreeCertificateContext(found);
                CertFreeCertificateContext(remote);
            }
        }
    }
}

/* ---- the checks bite ------------------------------------------------------------------- */

static void planted(void **state)
{
    (void)state;
    struct pair *p = connect_pair(TLS12);
    planted_begin();
    check_alert_after(TLS13, p, true, TLS1_ALERT_WARNING, 42); /* as if it were TLS 1.3 */
    assert_true(planted_end() >= 2);
    planted_begin();
    CHECK_STATUS("planted", apply_shutdown(&p->client.ctx), SEC_I_CONTEXT_EXPIRED);
    CHECK_STATUS("planted", mapped(120), SEC_E_ILLEGAL_MESSAGE);
    assert_int_equal(planted_end(), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted),
        cmocka_unit_test(control_buffers),
        cmocka_unit_test(control_types),
        cmocka_unit_test(half_open_sequence),
        cmocka_unit_test(control_without_room),
        cmocka_unit_test(shutdown_forms),
        cmocka_unit_test(shutdown_procedure),
        cmocka_unit_test(close_to_isc_and_asc),
        cmocka_unit_test(alerts_in_the_handshake),
        cmocka_unit_test(alerts_after_the_handshake),
        cmocka_unit_test(alert_levels),
        cmocka_unit_test(own_fatal_alert),
        cmocka_unit_test(alert_while_half_open),
        cmocka_unit_test(delete_in_every_state),
    };
    return cmocka_run_group_tests(tests, NULL, close_pair);
}
