/* SPDX-License-Identifier: MIT */
/*
 * The lists and handles of InitializeSecurityContext and AcceptSecurityContext: what may come in,
 * what must be there to go out, what a refused call leaves alone. Microsoft
 * "InitializeSecurityContext (Schannel)", "AcceptSecurityContext (Schannel)", "Extra Buffers
 * Returned by Schannel", "Stream Contexts", "SSPI Handles", "SEC_FLAGS structure".
 */
#include "api.h"

enum { BIG = 8192, FLIGHT_MAX = 16384 };

static BYTE memory[4][FLIGHT_MAX];
static const int versions[] = {TLS12, TLS13};

/* A client that has sent its ClientHello, and the server's answer in client.in. */
static struct pair *client_with_flight(int version)
{
    struct pair *p = open_pair(version);
    pair_call(&p->client, &p->server);
    deliver(p, &p->server);
    pair_call(&p->server, &p->client);
    deliver(p, &p->client);
    return p;
}

static void set_out(struct io *io, ULONG size, void *bytes)
{
    const SecBuffer token = {size, SECBUFFER_TOKEN, bytes};
    io_out(io, 1, &token);
}

/* ---- the first call's input ------------------------------------------------------------ */

static BYTE alpn_block[] = {13, 0, 0, 0, 2, 0, 0, 0, 7, 0, 2, 'h', '2', 3, 'f', 'o', 'o'};

static void first_input(void **state)
{
    (void)state;
    static USHORT mtu = 1024;
    static const struct {
        const char *row;
        ULONG count;
        SecBuffer list[4];
    } rows[] = {
        {"I2", 1, {{0, SECBUFFER_EMPTY, NULL}}},
        {"I3", 2, {{0, SECBUFFER_TOKEN, NULL}, {0, SECBUFFER_EMPTY, NULL}}},
        {"I4",
         3,
         {{0, SECBUFFER_TOKEN, NULL},
          {0, SECBUFFER_EMPTY, NULL},
          {sizeof alpn_block, SECBUFFER_APPLICATION_PROTOCOLS, alpn_block}}},
        {"I5", 1, {{sizeof alpn_block, SECBUFFER_APPLICATION_PROTOCOLS, alpn_block}}},
        {"I6 a stream has no MTU", 1, {{sizeof mtu, SECBUFFER_DTLS_MTU, &mtu}}},
        {"I7", 0, {{0, 0, NULL}}},
        {"I7", 1, {{4, SECBUFFER_TOKEN_BINDING, "\1\0\1"}}},
        {"I7",
         2,
         {{4, SECBUFFER_TOKEN_BINDING, "\1\0\1"},
          {sizeof alpn_block, SECBUFFER_APPLICATION_PROTOCOLS, alpn_block}}},
        {"I23 attribute bits", 1, {{0, SECBUFFER_EMPTY | SECBUFFER_READONLY, NULL}}},
        {"a client speaks first",
         2,
         {{5, SECBUFFER_TOKEN, "\26\3\3\0\1"}, {0, SECBUFFER_EMPTY, NULL}}},
    };
    struct pair *p = open_pair(TLS13);
    for (size_t i = 0; i <= COUNT(rows); i++) {
        struct io io;
        io_init(&io, &p->client);
        const char *row = i < COUNT(rows) ? rows[i].row : "I1";
        if (i < COUNT(rows))
            io_in(&io, rows[i].count, rows[i].list);
        else
            io.in_arg = NULL;
        CHECK_STATUS(row, io_run(&io), SEC_I_CONTINUE_NEEDED);
        CHECK(row, io.out[0].cbBuffer > 100 && memcmp(io.out[0].pvBuffer, "\26\3\1", 3) == 0);
        bool has_protocols = memmem(io.out[0].pvBuffer, io.out[0].cbBuffer, "\2h2\3foo", 7) != NULL;
        bool gave_protocols = i < COUNT(rows) && (i == 2 || i == 3 || i == 7);
        CHECK(row, has_protocols == gave_protocols);
        io_drop(&io);
        CHECK_STATUS(row, DeleteSecurityContext(&io.made), SEC_E_OK);
    }
}

static void option_buffers(void **state)
{
    (void)state;
    static const struct {
        ULONG type;
        SECURITY_STATUS status;
    } rows[] = {
        {SECBUFFER_PKG_PARAMS, SEC_I_CONTINUE_NEEDED},
        {SECBUFFER_CHANNEL_BINDINGS, SEC_I_CONTINUE_NEEDED},
        {SECBUFFER_TARGET_HOST, SEC_I_CONTINUE_NEEDED},
        {SECBUFFER_TOKEN_BINDING, SEC_I_CONTINUE_NEEDED},
        {SECBUFFER_DTLS_MTU, SEC_I_CONTINUE_NEEDED},
        {SECBUFFER_NEGOTIATION_INFO, SEC_I_CONTINUE_NEEDED},
        {99, SEC_I_CONTINUE_NEEDED},
        {SECBUFFER_SRTP_PROTECTION_PROFILES, SEC_E_UNSUPPORTED_FUNCTION},
        {SECBUFFER_SRTP_MASTER_KEY_IDENTIFIER, SEC_E_UNSUPPORTED_FUNCTION},
        {SECBUFFER_PRESHARED_KEY, SEC_E_UNSUPPORTED_FUNCTION},
        {SECBUFFER_PRESHARED_KEY_IDENTITY, SEC_E_UNSUPPORTED_FUNCTION},
        {SECBUFFER_SEND_GENERIC_TLS_EXTENSION, SEC_E_UNSUPPORTED_FUNCTION},
        {SECBUFFER_SUBSCRIBE_GENERIC_TLS_EXTENSION, SEC_E_UNSUPPORTED_FUNCTION},
        {SECBUFFER_SESSION_TICKET, SEC_E_UNSUPPORTED_FUNCTION},
        {SECBUFFER_APP_SESSION_STATE, SEC_E_UNSUPPORTED_FUNCTION},
    };
    struct pair *p = open_pair(TLS13);
    for (size_t i = 0; i < COUNT(rows); i++) {
        char row[40];
        struct io io;
        const SecBuffer in[] = {{0, SECBUFFER_EMPTY, NULL}, {12, rows[i].type, memory[0]}};
        snprintf(row, sizeof row, "SecBuffer type %u", (unsigned)rows[i].type);
        io_init(&io, &p->client);
        io_in(&io, 2, in);
        CHECK_STATUS(row, io_run(&io), rows[i].status);
        CHECK(row, (io.made.dwLower != 0) == (rows[i].status >= 0));
        io_drop(&io);
        if (rows[i].status >= 0)
            CHECK_STATUS(row, DeleteSecurityContext(&io.made), SEC_E_OK);
    }
}

static void wide_flags(void **state)
{
    (void)state;
    static const struct {
        const char *row;
        unsigned long long flags;
        ULONG size;
        SECURITY_STATUS status;
    } rows[] = {
        {"SEC_FLAGS none", 0, 8, SEC_I_CONTINUE_NEEDED},
        {"SEC_FLAGS low bits", 1, 8, SEC_E_INVALID_PARAMETER},
        {"SEC_FLAGS low bits", 0x80000000, 8, SEC_E_INVALID_PARAMETER},
        {"SEC_FLAGS low bits", ISC_REQ_MESSAGES | 1, 8, SEC_E_INVALID_PARAMETER},
        {"SEC_FLAGS messages", ISC_REQ_MESSAGES, 8, SEC_E_UNSUPPORTED_FUNCTION},
        {"SEC_FLAGS session", ISC_REQ_EXPLICIT_SESSION, 8, SEC_E_UNSUPPORTED_FUNCTION},
        {"SEC_FLAGS deferred", ISC_REQ_DEFERRED_CRED_VALIDATION, 8, SEC_I_CONTINUE_NEEDED},
        {"SEC_FLAGS no post-handshake", ISC_REQ_NO_POST_HANDSHAKE_AUTH, 8, SEC_I_CONTINUE_NEEDED},
        {"SEC_FLAGS too short", 0, 7, SEC_E_INVALID_TOKEN},
        {"SEC_FLAGS too short", 0, 0, SEC_E_INVALID_TOKEN},
    };
    struct pair *p = open_pair(TLS13);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct io io;
        SEC_FLAGS flags = {rows[i].flags};
        const SecBuffer in[] = {{rows[i].size, SECBUFFER_FLAGS, &flags}};
        io_init(&io, &p->client);
        io_in(&io, 1, in);
        CHECK_STATUS(rows[i].row, io_run(&io), rows[i].status);
        io_drop(&io);
        if (rows[i].status >= 0)
            CHECK_STATUS(rows[i].row, DeleteSecurityContext(&io.made), SEC_E_OK);
    }
}

/* ---- the output list ------------------------------------------------------------------- */

/* Rows of "the first call", client; memory is the caller's unless `allocate`. */
static void output_matrix(void **state)
{
    (void)state;
    static const struct {
        const char *row;
        ULONG count;
        SecBuffer out[3];
        bool allocate;
        SECURITY_STATUS status;
    } rows[] = {
        {"I10", 1, {{0, SECBUFFER_TOKEN, memory[0]}}, false, SEC_E_INSUFFICIENT_MEMORY},
        {"I10 a little", 1, {{50, SECBUFFER_TOKEN, memory[0]}}, false, SEC_E_INSUFFICIENT_MEMORY},
        {"I10 nothing at all", 1, {{0, SECBUFFER_TOKEN, NULL}}, false, SEC_E_INSUFFICIENT_MEMORY},
        {"I11", 1, {{0, SECBUFFER_TOKEN, NULL}}, true, SEC_I_CONTINUE_NEEDED},
        {"I12", 1, {{BIG, SECBUFFER_TOKEN, memory[0]}}, false, SEC_I_CONTINUE_NEEDED},
        {"I13",
         2,
         {{BIG, SECBUFFER_TOKEN, memory[0]}, {0, SECBUFFER_ALERT, memory[1]}},
         false,
         SEC_E_INSUFFICIENT_MEMORY},
        {"I14",
         2,
         {{BIG, SECBUFFER_TOKEN, (void *)0xdeadbeef}, {0, SECBUFFER_ALERT, NULL}},
         true,
         SEC_I_CONTINUE_NEEDED},
        {"I15",
         2,
         {{BIG, SECBUFFER_TOKEN, memory[0]}, {BIG, SECBUFFER_ALERT, memory[1]}},
         false,
         SEC_I_CONTINUE_NEEDED},
        {"I16", 1, {{1000, SECBUFFER_TOKEN, NULL}}, true, SEC_I_CONTINUE_NEEDED},
        {"I16 I17", 1, {{1000, SECBUFFER_TOKEN, NULL}}, false, SEC_I_CONTINUE_NEEDED},
        {"I18", 1, {{0, SECBUFFER_EMPTY, NULL}}, true, SEC_I_CONTINUE_NEEDED},
        {"I18", 1, {{0, SECBUFFER_EMPTY, NULL}}, false, SEC_E_INVALID_TOKEN},
        {"I18", 1, {{BIG, SECBUFFER_EMPTY, memory[0]}}, false, SEC_E_INVALID_TOKEN},
        {"no buffers", 0, {{0, 0, NULL}}, true, SEC_E_INVALID_TOKEN},
        {"no TOKEN", 1, {{BIG, SECBUFFER_DATA, memory[0]}}, true, SEC_E_INVALID_TOKEN},
        {"I20",
         3,
         {{0, SECBUFFER_TOKEN, NULL}, {0, SECBUFFER_ALERT, NULL}, {0, SECBUFFER_EMPTY, NULL}},
         true,
         SEC_I_CONTINUE_NEEDED},
        {"I23",
         1,
         {{BIG, SECBUFFER_TOKEN | SECBUFFER_READONLY_WITH_CHECKSUM, memory[0]}},
         false,
         SEC_I_CONTINUE_NEEDED},
    };
    struct pair *p = open_pair(TLS13);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct io io;
        const char *row = rows[i].row;
        io_init(&io, &p->client);
        io_out(&io, rows[i].count, rows[i].out);
        io.made = (CtxtHandle){0x11, 0x22};
        if (!rows[i].allocate)
            io.request &= ~(ULONG)ISC_REQ_ALLOCATE_MEMORY;
        CHECK_STATUS(row, io_run(&io), rows[i].status);
        if (rows[i].status < 0) {
            CHECK("I22 I81", io.made.dwLower == 0x11 && io.made.dwUpper == 0x22);
            CHECK(row, io.out[0].pvBuffer == rows[i].out[0].pvBuffer);
            continue;
        }
        CHECK(row, (io.out[0].BufferType & ~(ULONG)SECBUFFER_ATTRMASK) == SECBUFFER_TOKEN);
        CHECK(row, io.out[0].cbBuffer > 100 && memcmp(io.out[0].pvBuffer, "\26\3\1", 3) == 0);
        bool is_own = rows[i].out[0].pvBuffer == memory[0] && !rows[i].allocate;
        CHECK(row, (io.out[0].pvBuffer == memory[0]) == is_own);
        if (rows[i].count > 1) {
            CHECK("I15", io.out[1].BufferType == SECBUFFER_ALERT && io.out[1].cbBuffer == 0);
            CHECK("I14", !rows[i].allocate || io.out[1].pvBuffer == NULL);
        }
        if (!is_own)
            CHECK_STATUS(row, FreeContextBuffer(io.out[0].pvBuffer), SEC_E_OK);
        CHECK_STATUS(row, DeleteSecurityContext(&io.made), SEC_E_OK);
    }
}

static void no_output_list(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(versions); i++) {
        struct pair *p = open_pair(versions[i]);
        struct io io;
        io_init(&io, &p->client);
        io.out_arg = NULL;
        CHECK_STATUS("I19", io_run(&io), SEC_E_INVALID_TOKEN);
        CHECK("I22", io.made.dwLower == 0 && io.made.dwUpper == 0);
        SecBufferDesc hollow = {SECBUFFER_VERSION, 1, NULL};
        io.out_arg = &hollow;
        CHECK_STATUS("I19 no array", io_run(&io), SEC_E_INVALID_TOKEN);
        io_init(&io, &p->server);
        io.out_arg = NULL;
        CHECK_STATUS("I19 server", io_run(&io), SEC_E_INVALID_TOKEN);
        CHECK("afterwards", go_on(p));
    }
}

/* I18: the last TOKEN of the output list is the one. */
static void last_token_wins(void **state)
{
    (void)state;
    struct pair *p = open_pair(TLS13);
    struct io io;
    const SecBuffer out[] = {{BIG, SECBUFFER_TOKEN, memory[0]}, {BIG, SECBUFFER_TOKEN, memory[1]}};
    memset(memory, 0, sizeof memory);
    io_init(&io, &p->client);
    io.request &= ~(ULONG)ISC_REQ_ALLOCATE_MEMORY;
    io_out(&io, 2, out);
    CHECK_STATUS("I18", io_run(&io), SEC_I_CONTINUE_NEEDED);
    CHECK("I18", memory[0][0] == 0 && memory[1][0] == 22);
    CHECK_STATUS("I18", DeleteSecurityContext(&io.made), SEC_E_OK);
}

/* I21: a session whose only output is one TOKEN in the caller's memory. */
static void callers_memory_throughout(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(versions); i++) {
        struct pair *p = open_pair(versions[i]);
        struct pair_side *sides[] = {&p->client, &p->server};
        p->client.request &= ~(ULONG)ISC_REQ_ALLOCATE_MEMORY;
        p->server.request &= ~(ULONG)ASC_REQ_ALLOCATE_MEMORY;
        for (unsigned turn = 0; turn < 8 && !(p->client.is_done && p->server.is_done); turn++) {
            struct io io;
            deliver(p, sides[turn % 2]);
            io_init(&io, sides[turn % 2]);
            set_out(&io, FLIGHT_MAX, memory[0]);
            io_run(&io);
            CHECK("I21", io.status == SEC_E_OK || io.status == SEC_I_CONTINUE_NEEDED);
            CHECK("I21", io.out[0].pvBuffer == memory[0]);
            io_keep(&io, sides[(turn + 1) % 2]);
        }
        CHECK("I21", p->client.is_done && p->server.is_done);
        CHECK_STATUS("I21", pair_send(p, &p->client, &p->server, "abc", 3), SEC_E_OK);
    }
}

/* ---- MISSING --------------------------------------------------------------------------- */

static void check_untouched(const char *row, const struct io *io)
{
    CHECK(row, io->out[0].cbBuffer == BIG && io->out[0].BufferType == SECBUFFER_TOKEN &&
                   io->out[0].pvBuffer == memory[0]);
    CHECK(row, io->made.dwLower == 0 && io->made.dwUpper == 0);
}

static void missing_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(versions); i++) {
        struct pair *p = client_with_flight(versions[i]);
        struct io io;
        size_t first_len = 5 + ((size_t)p->client.in[3] << 8 | p->client.in[4]);
        const struct {
            const char *row;
            ULONG have;
            ULONG missing;
        } rows[] = {
            {"I31", 0, 5},
            {"I32", 4, 1},
            {"I33", 5, (ULONG)first_len - 5},
            {"I33", 6, (ULONG)first_len - 6},
            {"I33", (ULONG)first_len - 1, 1},
        };
        for (size_t j = 0; j < COUNT(rows); j++) {
            const SecBuffer in[] = {{rows[j].have, SECBUFFER_TOKEN, p->client.in},
                                    {0, SECBUFFER_EMPTY, NULL}};
            io_init(&io, &p->client);
            io.request &= ~(ULONG)ISC_REQ_ALLOCATE_MEMORY;
            io_in(&io, 2, in);
            set_out(&io, BIG, memory[0]);
            CHECK_STATUS(rows[j].row, io_run(&io), SEC_E_INCOMPLETE_MESSAGE);
            CHECK_NUMBER(rows[j].row, io.in[1].BufferType, SECBUFFER_MISSING);
            CHECK_NUMBER(rows[j].row, io.in[1].cbBuffer, rows[j].missing);
            CHECK(rows[j].row,
                  io.in[0].cbBuffer == rows[j].have && io.in[0].BufferType == SECBUFFER_TOKEN);
            check_untouched(rows[j].row, &io);
        }
        io_init(&io, &p->client);
        io.request &= ~(ULONG)ISC_REQ_ALLOCATE_MEMORY;
        io.in_arg = NULL;
        set_out(&io, BIG, memory[0]);
        CHECK_STATUS("I30", io_run(&io), SEC_E_INCOMPLETE_MESSAGE);
        check_untouched("I30", &io);
        const SecBuffer only_empty[] = {{0, SECBUFFER_EMPTY, NULL}};
        io_in(&io, 1, only_empty);
        CHECK_STATUS("I30", io_run(&io), SEC_E_INCOMPLETE_MESSAGE);
        check_untouched("I30", &io);
        CHECK("I48", go_on(p));
    }
}

/* The EMPTY slot must be empty; the refused call has no effect. */
static void slot_with_garbage_size(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(versions); i++) {
        struct pair *p = client_with_flight(versions[i]);
        struct io io;
        io_init(&io, &p->client);
        io.in[1].cbBuffer = 0xdeadbeef;
        CHECK_STATUS("I35", io_run(&io), SEC_E_INVALID_TOKEN);
        CHECK("I35", io.in[1].cbBuffer == 0xdeadbeef && io.made.dwLower == 0);
        io_init(&io, &p->client);
        io.in_list.cBuffers = 1;
        CHECK("I34 I35", io_run(&io) == SEC_I_CONTINUE_NEEDED || io.status == SEC_E_OK);
        io_keep(&io, &p->server);
        CHECK("I34", go_on(p));
    }
}

/* I36: a slot that still says MISSING is no slot; nothing is lost by it. */
static void slot_not_reset(void **state)
{
    (void)state;
    struct pair *p = client_with_flight(TLS13);
    struct io io;
    io_init(&io, &p->client);
    io.in[0].cbBuffer -= 3;
    io.in[1] = (SecBuffer){7, SECBUFFER_MISSING, NULL};
    CHECK_STATUS("I36", io_run(&io), SEC_E_INCOMPLETE_MESSAGE);
    CHECK_NUMBER("I36", io.in[1].cbBuffer, 7);
    CHECK("I36", go_on(p));
}

static void token_without_memory(void **state)
{
    (void)state;
    struct pair *p = client_with_flight(TLS13);
    struct io io;
    io_init(&io, &p->client);
    io.in[0].pvBuffer = NULL;
    CHECK_STATUS("TOKEN without memory", io_run(&io), SEC_E_INVALID_TOKEN);
    CHECK("TOKEN without memory", go_on(p));
}

/* ---- EXTRA ----------------------------------------------------------------------------- */

/* How long a flight's first n records are. */
static size_t records_len(const BYTE *bytes, size_t n)
{
    size_t at = 0;
    for (size_t i = 0; i < n; i++)
        at += 5 + ((size_t)bytes[at + 3] << 8 | bytes[at + 4]);
    return at;
}

/* A record and a piece of the next: the first is handled, the piece is EXTRA. */
static void check_partial(struct pair *p, struct pair_side *side, struct pair_side *peer,
                          size_t piece)
{
    struct io io;
    size_t first = records_len(side->in, 1);
    io_init(&io, side);
    io.in[0].cbBuffer = (ULONG)(first + piece);
    CHECK_STATUS("I45", io_run(&io), SEC_I_CONTINUE_NEEDED);
    CHECK_NUMBER("I40", io.in[1].BufferType, SECBUFFER_EXTRA);
    CHECK_NUMBER("I40", io.in[1].cbBuffer, piece);
    CHECK("I41", io.in[1].pvBuffer == NULL);
    /* Nothing, or the change_cipher_spec that TLS 1.3 sends for the sake of old boxes. */
    bool is_ccs = io.out[0].cbBuffer == 6 && ((BYTE *)io.out[0].pvBuffer)[0] == 20;
    CHECK("I43", io.out[0].cbBuffer == 0 || is_ccs);
    CHECK_NUMBER("input is left alone", io.in[0].cbBuffer, first + piece);
    /* The tail is presented again with what follows. */
    memmove(side->in, side->in + first, side->in_len - first);
    side->in_len -= first;
    io.in_arg = NULL; /* the tail has been kept already */
    io_keep(&io, peer);
    CHECK("I42", go_on(p));
}

static void partial_second_record(void **state)
{
    (void)state;
    for (size_t piece = 1; piece < 6; piece++) { /* of a change_cipher_spec, in all cases */
        struct pair *p = client_with_flight(TLS13);
        check_partial(p, &p->client, &p->server, piece);
        p = client_with_flight(TLS12);
        pair_call(&p->client, &p->server);
        deliver(p, &p->server);
        check_partial(p, &p->server, &p->client, piece);
    }
}

/* Input is read only: the same bytes serve again. */
static void input_is_not_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(versions); i++) {
        struct pair *p = client_with_flight(versions[i]);
        static BYTE before[FLIGHT_MAX];
        struct io io;
        size_t n = p->client.in_len;
        memcpy(before, p->client.in, n);
        io_init(&io, &p->client);
        io_run(&io);
        CHECK("input is not written", memcmp(before, p->client.in, n) == 0);
        io_keep(&io, &p->server);
        CHECK("input is not written", go_on(p));
    }
}

/* I46 I47: application data behind the last handshake record is EXTRA and serves DecryptMessage. */
static void data_behind_the_handshake(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(versions); i++) {
        BYTE record[200];
        SecBuffer b[4];
        struct io io;
        struct pair *p = client_with_flight(versions[i]);
        struct pair_side *last = &p->server;
        struct pair_side *first = &p->client;
        if (versions[i] == TLS12) { /* there the client is the last to finish */
            pair_call(&p->client, &p->server);
            deliver(p, &p->server);
            last = &p->client;
            first = &p->server;
        }
        CHECK_STATUS("S2 S3", pair_call(first, last), SEC_E_OK);
        deliver(p, last);
        size_t n = pair_seal(first, "early", 5, record, sizeof record);
        memcpy(last->in + last->in_len, record, n);
        last->in_len += n;
        io_init(&io, last);
        CHECK_STATUS("I47", io_run(&io), SEC_E_OK);
        CHECK_NUMBER("I47", io.in[1].BufferType, SECBUFFER_EXTRA);
        CHECK_NUMBER("I47", io.in[1].cbBuffer, n);
        io_keep(&io, first);
        CHECK_STATUS("I47", unseal(last, last->in, last->in_len, b), SEC_E_OK);
        CHECK("I47", b[1].cbBuffer == 5 && memcmp(b[1].pvBuffer, "early", 5) == 0);
    }
}

/* I46: everything consumed leaves the slot as it was. */
static void nothing_left(void **state)
{
    (void)state;
    struct pair *p = client_with_flight(TLS13);
    struct io io;
    io_init(&io, &p->client);
    CHECK_STATUS("I46", io_run(&io), SEC_E_OK);
    CHECK("I46", io.in[1].BufferType == SECBUFFER_EMPTY && io.in[1].cbBuffer == 0 &&
                     io.in[1].pvBuffer == NULL);
    io_keep(&io, &p->server);
}

/* I49 I50: bytes one by one, and exactly as many as MISSING says. */
static void reading_what_is_missing(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(versions); i++) {
        struct pair *p = open_pair(versions[i]);
        struct pair_side *sides[] = {&p->client, &p->server};
        pair_call(&p->client, &p->server);
        for (unsigned turn = 0; turn < 400 && !(p->client.is_done && p->server.is_done); turn++) {
            struct pair_side *side = sides[0]->wire_len != 0 ? sides[0] : sides[1];
            struct pair_side *peer = side == sides[0] ? sides[1] : sides[0];
            struct io io;
            p->split = 5;
            pair_deliver(p, side);
            io_init(&io, side);
            io_run(&io);
            while (io.status == SEC_E_INCOMPLETE_MESSAGE && side->wire_len != 0) {
                p->split = (int)io.in[1].cbBuffer;
                CHECK("I50", pair_deliver(p, side));
                io_init(&io, side);
                io_run(&io);
            }
            CHECK("I50", io.status == SEC_E_OK || io.status == SEC_I_CONTINUE_NEEDED);
            io_keep(&io, peer);
        }
        CHECK("I50", p->client.is_done && p->server.is_done);
    }
}

/* ---- garbage --------------------------------------------------------------------------- */

static void garbage(void **state)
{
    (void)state;
    static BYTE block[BIG];
    struct pair *p = client_with_flight(TLS13);
    for (unsigned i = 0; i < 6; i++) {
        struct io io;
        const SecBuffer in[] = {{BIG, SECBUFFER_TOKEN, block}, {0, SECBUFFER_EMPTY, NULL}};
        memset(block, i % 2 == 0 ? 0xFA : 0, sizeof block);
        if (i == 4)
            memcpy(block, "HTTP/1.1 400 Bad Request\r\n", 26);
        if (i == 5)
            memcpy(block, "220 ftp ready\r\n", 15);
        io_init(&io, &p->client);
        io.request &= ~(ULONG)ISC_REQ_ALLOCATE_MEMORY;
        io_in(&io, 2, in);
        set_out(&io, 1, memory[0]);
        CHECK_STATUS("I60 I61 I63 I64 I66", io_run(&io), SEC_E_INVALID_TOKEN);
        CHECK_NUMBER("I60 I143", io.out[0].cbBuffer, 0);
        CHECK("I60", io.made.dwLower == 0);
        set_out(&io, 0, memory[0]);
        io_run(&io);
        CHECK("I62", io.status == SEC_E_INSUFFICIENT_MEMORY || io.status == SEC_E_INVALID_TOKEN);
        CHECK_NUMBER("I62", io.out[0].cbBuffer, 0);
    }
    SecPkgContext_PackageInfoA package;
    CHECK_STATUS("I63", QueryContextAttributesA(&p->client.ctx, SECPKG_ATTR_PACKAGE_INFO, &package),
                 SEC_E_OK);
    FreeContextBuffer(package.PackageInfo);
    CHECK("garbage has no effect", go_on(p));
}

static void garbage_to_a_server(void **state)
{
    (void)state;
    static BYTE block[BIG];
    static const char *const texts[] = {"GET / HTTP/1.1\r\n", "\xFA\xFA\xFA\xFA\xFA\xFA",
                                        "\0\0\0\0\0\0"};
    struct pair *p = open_pair(TLS13);
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct io io;
        const SecBuffer in[] = {{100, SECBUFFER_TOKEN, block}, {0, SECBUFFER_EMPTY, NULL}};
        memset(block, 0, sizeof block);
        memcpy(block, texts[i], 6);
        io_init(&io, &p->server);
        io_in(&io, 2, in);
        CHECK_STATUS("I60 server", io_run(&io), SEC_E_INVALID_TOKEN);
        CHECK("S13", io.made.dwLower == 0 && io.out[0].cbBuffer == 0);
    }
    CHECK("a refused first call leaves nothing", go_on(p));
}

/* I65 */
static void own_hello_echoed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(versions); i++) {
        struct pair *p = open_pair(versions[i]);
        struct io io;
        pair_call(&p->client, &p->client);
        deliver(p, &p->client);
        io_init(&io, &p->client);
        CHECK_STATUS("I65", io_run(&io), SEC_E_ILLEGAL_MESSAGE);
        FreeContextBuffer(io.out[0].pvBuffer);
        FreeContextBuffer(io.out[1].pvBuffer);
    }
}

/* ---- handles --------------------------------------------------------------------------- */

static void context_handles(void **state)
{
    (void)state;
    struct pair *p = client_with_flight(TLS13);
    struct pair_side *sides[] = {&p->client, &p->server};
    for (size_t i = 0; i < COUNT(sides); i++) {
        struct pair_side *side = sides[i];
        const SecHandle rows[] = {
            {0, 0},
            {(ULONG_PTR)-1, (ULONG_PTR)-1},
            {SEC_DELETED_HANDLE, SEC_DELETED_HANDLE},
            {0x123456789, 0xFEDCBA9876543210},
            {side->ctx.dwLower, side->ctx.dwUpper + 0x100},
            {side->ctx.dwLower + 9, side->ctx.dwUpper},
            {side->cred.dwLower, side->cred.dwUpper},
        };
        for (size_t j = 0; j < COUNT(rows); j++) {
            CtxtHandle h = rows[j];
            SecBuffer b[4] = {{16, SECBUFFER_DATA, memory[0]}};
            SecBufferDesc list = {SECBUFFER_VERSION, 4, b};
            struct io io;
            io_init(&io, side);
            io.ctx = &h;
            bool is_first_call = side->is_server && j < 2;
            if (!is_first_call)
                CHECK_STATUS("SSPI Handles", io_run(&io), SEC_E_INVALID_HANDLE);
            CHECK_STATUS("SSPI Handles", DeleteSecurityContext(&h), SEC_E_INVALID_HANDLE);
            CHECK_STATUS("SSPI Handles", ApplyControlToken(&h, &list), SEC_E_INVALID_HANDLE);
            CHECK_STATUS("SSPI Handles", EncryptMessage(&h, 0, &list, 0), SEC_E_INVALID_HANDLE);
            CHECK_STATUS("SSPI Handles", DecryptMessage(&h, &list, 0, NULL), SEC_E_INVALID_HANDLE);
            CHECK_STATUS("SSPI Handles", QueryContextAttributesA(&h, SECPKG_ATTR_FLAGS, memory[0]),
                         SEC_E_INVALID_HANDLE);
            CHECK_STATUS("SSPI Handles",
                         SetContextAttributesA(&h, SECPKG_ATTR_UI_INFO, memory[0], 8),
                         SEC_E_INVALID_HANDLE);
        }
    }
    CHECK_STATUS("NULL", DeleteSecurityContext(NULL), SEC_E_INVALID_HANDLE);
    CHECK("all are unharmed", go_on(p));
}

/* A variable that no call has filled is a first call for ASC, and a bad handle for ISC. */
static void blank_context_variable(void **state)
{
    (void)state;
    static const CtxtHandle blanks[] = {{0, 0}, {(ULONG_PTR)-1, (ULONG_PTR)-1}};
    for (size_t i = 0; i < COUNT(blanks); i++) {
        struct pair *p = open_pair(TLS13);
        CtxtHandle blank = blanks[i];
        struct io io;
        io_init(&io, &p->client);
        io.ctx = &blank;
        CHECK_STATUS("phContext of ISC", io_run(&io), SEC_E_INVALID_HANDLE);
        pair_call(&p->client, &p->server);
        deliver(p, &p->server);
        io_init(&io, &p->server);
        io.ctx = &blank;
        CHECK_STATUS("S4 phContext of ASC", io_run(&io), SEC_I_CONTINUE_NEEDED);
        io_keep(&io, &p->client);
        CHECK("S4", go_on(p));
    }
}

static void credential_handles(void **state)
{
    (void)state;
    struct pair *p = open_pair(TLS13);
    struct pair_side *sides[] = {&p->client, &p->server};
    struct io io;
    for (size_t i = 0; i < 2; i++) {
        CredHandle blank = {0, 0};
        io_init(&io, sides[i]);
        io.cred = NULL;
        CHECK_STATUS("phCredential NULL", io_run(&io), SEC_E_INVALID_HANDLE);
        io.cred = &blank;
        CHECK_STATUS("phCredential zero", io_run(&io), SEC_E_INVALID_HANDLE);
        io.cred = &sides[1 - i]->cred;
        CHECK_STATUS("phCredential of the other direction", io_run(&io), SEC_E_NO_CREDENTIALS);
        io_init(&io, sides[i]);
        io.new_ctx = NULL;
        CHECK_STATUS("phNewContext NULL", io_run(&io), SEC_E_INVALID_HANDLE);
    }
    p = client_with_flight(TLS12);
    io_init(&io, &p->client);
    io.cred = &p->server.cred;
    CHECK_STATUS("phCredential of the other direction", io_run(&io), SEC_E_NO_CREDENTIALS);
    io.cred = &p->client.ctx;
    CHECK_STATUS("a context as phCredential", io_run(&io), SEC_E_INVALID_HANDLE);
    io.cred = &p->client.cred;
    io.ctx = &p->server.ctx;
    CHECK_STATUS("ISC on a server's context", io_run(&io), SEC_E_INVALID_HANDLE);
    CHECK("all are unharmed", go_on(p));
}

static void deleted_contexts(void **state)
{
    (void)state;
    struct pair *p = client_with_flight(TLS13);
    CtxtHandle copy = p->client.ctx;
    struct io io;
    io_init(&io, &p->client);
    CHECK_STATUS("DeleteSecurityContext", DeleteSecurityContext(&p->client.ctx), SEC_E_OK);
    p->client.has_ctx = false;
    CHECK_STATUS("deleted", io_run(&io), SEC_E_INVALID_HANDLE);
    CHECK_STATUS("Q1", QueryContextAttributesA(&copy, SECPKG_ATTR_PACKAGE_INFO, memory[0]),
                 SEC_E_INVALID_HANDLE);
    CHECK_STATUS("deleted twice", DeleteSecurityContext(&copy), SEC_E_INVALID_HANDLE);
}

static void refused_requests(void **state)
{
    (void)state;
    struct pair *p = open_pair(TLS13);
    struct io io;
    static const ULONG client_bits[] = {ISC_REQ_DELEGATE, ISC_REQ_PROMPT_FOR_CREDS,
                                        ISC_REQ_DATAGRAM};
    for (size_t i = 0; i < COUNT(client_bits); i++) {
        io_init(&io, &p->client);
        io.request |= client_bits[i];
        CHECK_STATUS("fContextReq", io_run(&io), SEC_E_UNSUPPORTED_FUNCTION);
        CHECK("I22", io.made.dwLower == 0);
    }
    io_init(&io, &p->server);
    io.request |= ASC_REQ_DELEGATE;
    CHECK_STATUS("fContextReq", io_run(&io), SEC_E_UNSUPPORTED_FUNCTION);
    io_init(&io, &p->client);
    io.request |= ISC_REQ_USE_SESSION_KEY | ISC_REQ_USE_DCE_STYLE | ISC_REQ_CALL_LEVEL |
                  ISC_REQ_FRAGMENT_SUPPLIED | ISC_REQ_IDENTIFY | ISC_REQ_NULL_SESSION |
                  ISC_REQ_FRAGMENT_TO_FIT | ISC_REQ_NO_INTEGRITY | ISC_REQ_USE_HTTP_STYLE;
    CHECK_STATUS("ignored requests", io_run(&io), SEC_I_CONTINUE_NEEDED);
    CHECK_NUMBER("ignored requests", io.attributes, PAIR_ISC_REQUEST);
    io_keep(&io, &p->server);
    CHECK("ignored requests", go_on(p));
}

/* ---- the checks bite ------------------------------------------------------------------- */

static void planted(void **state)
{
    (void)state;
    struct pair *p = client_with_flight(TLS13);
    struct io io;
    io_init(&io, &p->client);
    set_out(&io, BIG, memory[0]);
    planted_begin();
    check_untouched("nothing was touched", &io);
    assert_int_equal(planted_end(), 0);
    io.out[0].cbBuffer = 0;
    io.made.dwLower = 1;
    planted_begin();
    check_untouched("planted", &io);
    CHECK_STATUS("planted", SEC_E_OK, SEC_E_INCOMPLETE_MESSAGE);
    assert_int_equal(planted_end(), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted),
        cmocka_unit_test(first_input),
        cmocka_unit_test(option_buffers),
        cmocka_unit_test(wide_flags),
        cmocka_unit_test(output_matrix),
        cmocka_unit_test(no_output_list),
        cmocka_unit_test(last_token_wins),
        cmocka_unit_test(callers_memory_throughout),
        cmocka_unit_test(missing_bytes),
        cmocka_unit_test(slot_with_garbage_size),
        cmocka_unit_test(slot_not_reset),
        cmocka_unit_test(token_without_memory),
        cmocka_unit_test(partial_second_record),
        cmocka_unit_test(input_is_not_written),
        cmocka_unit_test(data_behind_the_handshake),
        cmocka_unit_test(nothing_left),
        cmocka_unit_test(reading_what_is_missing),
        cmocka_unit_test(garbage),
        cmocka_unit_test(garbage_to_a_server),
        cmocka_unit_test(own_hello_echoed),
        cmocka_unit_test(context_handles),
        cmocka_unit_test(blank_context_variable),
        cmocka_unit_test(credential_handles),
        cmocka_unit_test(deleted_contexts),
        cmocka_unit_test(refused_requests),
    };
    return cmocka_run_group_tests(tests, NULL, close_pair);
}
