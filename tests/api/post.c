/* SPDX-License-Identifier: MIT */
/*
 * Messages after the handshake: tickets and KeyUpdate of TLS 1.3, renegotiation of TLS 1.2, and
 * every way in which programs carry on after SEC_I_RENEGOTIATE. Microsoft "DecryptMessage
 * (Schannel)", "Recognizing a Request to Renegotiate a Connection", "Renegotiating an Schannel
 * Connection".
 */
#include "api.h"

#include "forge.h"

enum { RECORD_MAX = 1000 };

static BYTE block[64 * RECORD_MAX];

/* NewSessionTicket: lifetime, age_add, nonce, ticket, no extensions. */
static const BYTE ticket[] = {4, 0, 0, 22,  0,   0,   14,  16,  1,   2,   3,   4, 1,
                              0, 0, 8, 'o', 'p', 'a', 'q', 'u', 'e', '!', '!', 0, 0};
static const BYTE update_only[] = {24, 0, 0, 1, 0};
static const BYTE update_requested[] = {24, 0, 0, 1, 1};
static const BYTE update_bad[] = {24, 0, 0, 1, 2};
static const BYTE hello_request[] = {0, 0, 0, 0};
static const BYTE certificate_request[] = {13, 0, 0, 11, 0, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3};

/* ---- a connection whose one direction is forged ---------------------------------------- */

static struct pair *connect_forged(int version, bool from_server, struct forge *f)
{
    static BYTE server_hello[200];
    struct pair_options options = usual(version);
    forge_forget();
    struct pair *p = open_pair_with(&options);
    pair_call(&p->client, &p->server);
    deliver(p, &p->server);
    pair_call(&p->server, &p->client);
    memcpy(server_hello, p->client.wire, sizeof server_hello);
    CHECK("handshake", pair_handshake(p));
    forge_open(f, version == TLS13, from_server, server_hello);
    return p;
}

static void check_data(const char *row, struct pair_side *to, BYTE *record, size_t n,
                       const char *text)
{
    SecBuffer b[4];
    CHECK_STATUS(row, unseal(to, record, n, b), SEC_E_OK);
    CHECK(row, b[1].cbBuffer == strlen(text) && memcmp(b[1].pvBuffer, text, strlen(text)) == 0);
}

static SECURITY_STATUS try_encrypt(struct pair_side *side)
{
    static BYTE record[100];
    SecBuffer b[3] = {{13, SECBUFFER_STREAM_HEADER, record},
                      {4, SECBUFFER_DATA, record + 13},
                      {17, SECBUFFER_STREAM_TRAILER, record + 17}};
    SecBufferDesc message = {SECBUFFER_VERSION, 3, b};
    return EncryptMessage(&side->ctx, 0, &message, 0);
}

/* ---- the ways to carry on -------------------------------------------------------------- */

enum convention { EXTRA_AS_TOKEN, WHOLE_BUFFER, NO_INPUT, EMPTY_TOKEN, ONE_RECORD, CONVENTIONS };

/* What the next call consumed of the n bytes at `bytes`, which begin with the relabelled record. */
static size_t carry_on(struct io *io, struct pair_side *side, enum convention convention,
                       const SecBuffer *extra, BYTE *bytes, size_t n)
{
    size_t record_len = 5 + ((size_t)bytes[3] << 8 | bytes[4]);
    SecBuffer in[2] = {{0, SECBUFFER_TOKEN, NULL}, {0, SECBUFFER_EMPTY, NULL}};
    io_init(io, side);
    if (convention == EXTRA_AS_TOKEN)
        in[0] = (SecBuffer){extra->cbBuffer, SECBUFFER_TOKEN, extra->pvBuffer};
    if (convention == WHOLE_BUFFER)
        in[0] = (SecBuffer){(ULONG)n, SECBUFFER_TOKEN, bytes};
    if (convention == ONE_RECORD)
        in[0] = (SecBuffer){(ULONG)record_len, SECBUFFER_TOKEN, bytes};
    io_in(io, 2, in);
    if (convention == NO_INPUT)
        io->in_arg = NULL;
    io_run(io);
    if (convention != EXTRA_AS_TOKEN && convention != WHOLE_BUFFER)
        return record_len;
    return io->in[1].BufferType == SECBUFFER_EXTRA ? n - io->in[1].cbBuffer : n;
}

/* D42: the record's place holds the message in clear, and EXTRA begins there. */
static void check_relabelled(const char *row, const SecBuffer b[4], BYTE *bytes, size_t n,
                             const BYTE *message, size_t message_len)
{
    CHECK(row, bytes[0] == 22 && bytes[1] == 3 && bytes[2] == 3);
    CHECK(row, memcmp(bytes + 5, message, message_len) == 0);
    CHECK_NUMBER(row, (size_t)bytes[3] << 8 | bytes[4], message_len + 17);
    CHECK_NUMBER(row, b[0].BufferType, SECBUFFER_STREAM_HEADER);
    CHECK(row, b[1].BufferType == SECBUFFER_DATA && b[1].cbBuffer == 0);
    CHECK_NUMBER(row, b[2].BufferType, SECBUFFER_STREAM_TRAILER);
    CHECK_NUMBER(row, b[3].BufferType, SECBUFFER_EXTRA);
    CHECK(row, b[3].pvBuffer == bytes && b[3].cbBuffer == n);
}

static void ticket_in_every_way(void **state)
{
    (void)state;
    for (enum convention c = 0; c < CONVENTIONS; c++) {
        for (int with_data = 0; with_data < 2; with_data++) {
            struct forge f;
            struct io io;
            SecBuffer b[4];
            SecBuffer refused[4];
            struct pair *p = connect_forged(TLS13, true, &f);
            size_t n = forge_record(&f, 22, ticket, sizeof ticket, block);
            size_t data_at = n;
            if (with_data)
                n += forge_record(&f, 23, "after", 5, block + n);
            CHECK_STATUS("D40", unseal(&p->client, block, n, b), SEC_I_RENEGOTIATE);
            check_relabelled("D42 D43", b, block, n, ticket, sizeof ticket);
            CHECK_STATUS("D29", unseal(&p->client, block + data_at, n - data_at, refused),
                         SEC_E_CONTEXT_EXPIRED);
            CHECK_STATUS("decided: a ticket does not stop the writer", try_encrypt(&p->client),
                         SEC_E_OK);
            size_t consumed = carry_on(&io, &p->client, c, &b[3], block, n);
            CHECK_STATUS("D44", io.status, SEC_E_OK);
            CHECK_NUMBER("D44 no output", io.out[0].cbBuffer, 0);
            CHECK_NUMBER("D45 D46", consumed, data_at);
            if (with_data)
                check_data("D45", &p->client, block + consumed, n - consumed, "after");
            io_drop(&io);
        }
    }
}

/* D41: two tickets are two stops; both may also go through one loop of EXTRA. */
static void two_tickets(void **state)
{
    (void)state;
    for (enum convention c = 0; c < CONVENTIONS; c++) {
        struct forge f;
        struct io io;
        SecBuffer b[4];
        struct pair *p = connect_forged(TLS13, true, &f);
        size_t n = forge_record(&f, 22, ticket, sizeof ticket, block);
        n += forge_record(&f, 22, ticket, sizeof ticket, block + n);
        n += forge_record(&f, 23, "data", 4, block + n);
        BYTE *at = block;
        for (int i = 0; i < 2; i++) {
            CHECK_STATUS("D41", unseal(&p->client, at, n, b), SEC_I_RENEGOTIATE);
            size_t consumed = carry_on(&io, &p->client, c, &b[3], at, n);
            CHECK_STATUS("D41", io.status, SEC_E_OK);
            io_drop(&io);
            at += consumed;
            n -= consumed;
        }
        check_data("D41", &p->client, at, n, "data");
    }
}

/* Two messages in one record, and a ticket split over two records. */
static void tickets_and_records(void **state)
{
    (void)state;
    struct forge f;
    struct io io;
    SecBuffer b[4];
    BYTE both[2 * sizeof ticket];
    struct pair *p = connect_forged(TLS13, true, &f);
    memcpy(both, ticket, sizeof ticket);
    memcpy(both + sizeof ticket, ticket, sizeof ticket);
    size_t n = forge_record(&f, 22, both, sizeof both, block);
    CHECK_STATUS("two in one", unseal(&p->client, block, n, b), SEC_I_RENEGOTIATE);
    CHECK_NUMBER("two in one", carry_on(&io, &p->client, EXTRA_AS_TOKEN, &b[3], block, n), n);
    CHECK_STATUS("two in one", io.status, SEC_E_OK);
    n = forge_record(&f, 23, "data", 4, block);
    check_data("two in one", &p->client, block, n, "data");
}

/* D49: the raw record fed to ISC. */
static void raw_ticket_to_isc(void **state)
{
    (void)state;
    struct forge f;
    struct io io;
    struct pair *p = connect_forged(TLS13, true, &f);
    size_t n = forge_record(&f, 22, ticket, sizeof ticket, p->client.in);
    size_t data_len = forge_record(&f, 23, "data", 4, p->client.in + n);
    p->client.in_len = n + data_len;
    io_init(&io, &p->client);
    CHECK_STATUS("D49", io_run(&io), SEC_E_OK);
    CHECK_NUMBER("D49", io.out[0].cbBuffer, 0);
    CHECK_NUMBER("D45", io.in[1].BufferType, SECBUFFER_EXTRA);
    CHECK_NUMBER("D45", io.in[1].cbBuffer, data_len);
    io_keep(&io, &p->server);
    check_data("D45", &p->client, p->client.in, p->client.in_len, "data");
}

/* D48: a ticket behind the flight that ends the handshake. */
static void ticket_behind_the_flight(void **state)
{
    (void)state;
    struct forge f;
    struct io io;
    SecBuffer b[4];
    forge_forget();
    struct pair *p = open_pair(TLS13);
    pair_call(&p->client, &p->server);
    deliver(p, &p->server);
    pair_call(&p->server, &p->client);
    forge_open(&f, true, true, p->client.wire);
    deliver(p, &p->client);
    size_t n = forge_record(&f, 22, ticket, sizeof ticket, p->client.in + p->client.in_len);
    p->client.in_len += n;
    io_init(&io, &p->client);
    CHECK_STATUS("D48", io_run(&io), SEC_E_OK);
    CHECK_NUMBER("D48", io.in[1].cbBuffer, n);
    io_keep(&io, &p->server);
    CHECK_STATUS("D48", unseal(&p->client, p->client.in, p->client.in_len, b), SEC_I_RENEGOTIATE);
    carry_on(&io, &p->client, EXTRA_AS_TOKEN, &b[3], p->client.in, p->client.in_len);
    CHECK_STATUS("D48", io.status, SEC_E_OK);
    p->client.in_len = 0;
    CHECK("D48", pair_handshake(p));
    CHECK_STATUS("D48", pair_send(p, &p->client, &p->server, "abc", 3), SEC_E_OK);
}

/* ---- KeyUpdate ------------------------------------------------------------------------- */

/* A KeyUpdate of `from` reaches `to`, which carries on in a convention; its answer comes back. */
static void update_keys(struct pair *p, struct pair_side *from, struct pair_side *to,
                        bool is_requested, enum convention convention)
{
    struct io io;
    SecBuffer b[4];
    CHECK_STATUS("SchannelUpdateKeys", SchannelUpdateKeys(&from->ctx, is_requested), SEC_E_OK);
    CHECK_STATUS("KeyUpdate rides on the next token", pair_call(from, to), SEC_E_OK);
    CHECK("KeyUpdate", to->wire_len == 5 + 5 + 17);
    deliver(p, to);
    size_t data_len = pair_seal(from, "new keys", 8, to->in + to->in_len, RECORD_MAX);
    to->in_len += data_len;
    CHECK_STATUS("D40", unseal(to, to->in, to->in_len, b), SEC_I_RENEGOTIATE);
    check_relabelled("D42", b, to->in, to->in_len, is_requested ? update_requested : update_only,
                     sizeof update_only);
    CHECK_STATUS("writing stops only for a request", try_encrypt(to),
                 is_requested ? SEC_E_CONTEXT_EXPIRED : SEC_E_OK);
    if (!is_requested) { /* that record is lost: read it, so that the numbers agree */
        memset(from->wire, 0, RECORD_MAX);
        size_t n = pair_seal(to, "x", 1, from->wire, RECORD_MAX);
        CHECK("a lost record shows", unseal(from, from->wire, n, b) == SEC_E_MESSAGE_ALTERED);
        return;
    }
    size_t consumed = carry_on(&io, to, convention, &b[3], to->in, to->in_len);
    CHECK_STATUS("D44", io.status, SEC_E_OK);
    CHECK("D44: the answering KeyUpdate", io.out[0].cbBuffer == 5 + 5 + 17);
    memmove(to->in, to->in + consumed, to->in_len - consumed);
    to->in_len -= consumed;
    io.in_arg = NULL; /* the tail has been kept already */
    io_keep(&io, from);
    check_data("new keys", to, to->in, to->in_len, "new keys");
    to->in_len = 0;
    deliver(p, from);
    CHECK_STATUS("the answer", unseal(from, from->in, from->in_len, b), SEC_I_RENEGOTIATE);
    CHECK_NUMBER("the answer", carry_on(&io, from, convention, &b[3], from->in, from->in_len),
                 from->in_len);
    CHECK_STATUS("the answer", io.status, SEC_E_OK);
    CHECK_NUMBER("an answer is not answered", io.out[0].cbBuffer, 0);
    from->in_len = 0;
}

static void key_updates(void **state)
{
    (void)state;
    for (enum convention c = 0; c < CONVENTIONS; c++) {
        struct pair *p = connect_pair(TLS13);
        struct pair_side *sides[] = {&p->client, &p->server};
        for (int round = 0; round < 4; round++) {
            update_keys(p, sides[round % 2], sides[1 - round % 2], true, c);
            CHECK_STATUS("after an update", pair_send(p, &p->client, &p->server, "abc", 3),
                         SEC_E_OK);
            CHECK_STATUS("after an update", pair_send(p, &p->server, &p->client, "abc", 3),
                         SEC_E_OK);
        }
    }
}

/* Without a request the other direction keeps its keys. */
static void one_sided_updates(void **state)
{
    (void)state;
    for (int at_server = 0; at_server < 2; at_server++) {
        struct pair *p = connect_pair(TLS13);
        struct pair_side *from = at_server ? &p->server : &p->client;
        struct pair_side *to = at_server ? &p->client : &p->server;
        for (int round = 0; round < 3; round++) {
            CHECK_STATUS("SchannelUpdateKeys", SchannelUpdateKeys(&from->ctx, FALSE), SEC_E_OK);
            CHECK_STATUS("KeyUpdate", pair_call(from, to), SEC_E_OK);
            CHECK_STATUS("after an update", pair_send(p, from, to, "abc", 3), SEC_E_OK);
            CHECK_STATUS("the other way", pair_send(p, to, from, "abc", 3), SEC_E_OK);
        }
        p = connect_pair(TLS13);
        update_keys(p, at_server ? &p->server : &p->client, at_server ? &p->client : &p->server,
                    false, EXTRA_AS_TOKEN);
    }
}

/* Both sides ask at the same time. */
static void crossing_updates(void **state)
{
    (void)state;
    struct pair *p = connect_pair(TLS13);
    struct io io;
    SecBuffer b[4];
    struct pair_side *sides[] = {&p->client, &p->server};
    for (int i = 0; i < 2; i++) {
        CHECK_STATUS("SchannelUpdateKeys", SchannelUpdateKeys(&sides[i]->ctx, TRUE), SEC_E_OK);
        CHECK_STATUS("crossing", pair_call(sides[i], sides[1 - i]), SEC_E_OK);
    }
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 2; i++) {
            deliver(p, sides[i]);
            CHECK_STATUS("crossing", unseal(sides[i], sides[i]->in, sides[i]->in_len, b),
                         SEC_I_RENEGOTIATE);
        }
        for (int i = 0; i < 2; i++) {
            carry_on(&io, sides[i], NO_INPUT, NULL, sides[i]->in, sides[i]->in_len);
            CHECK_STATUS("crossing", io.status, SEC_E_OK);
            CHECK("crossing", (io.out[0].cbBuffer != 0) == (round == 0));
            sides[i]->in_len = 0;
            io_keep(&io, sides[1 - i]);
        }
    }
    CHECK_STATUS("afterwards", pair_send(p, &p->client, &p->server, "abc", 3), SEC_E_OK);
    CHECK_STATUS("afterwards", pair_send(p, &p->server, &p->client, "abc", 3), SEC_E_OK);
}

static void updates_refused(void **state)
{
    (void)state;
    struct pair *p = open_pair(TLS13);
    CtxtHandle dead = {0, 0};
    pair_call(&p->client, &p->server);
    CHECK("before the end", SchannelUpdateKeys(&p->client.ctx, FALSE) < 0);
    CHECK_STATUS("no context", SchannelUpdateKeys(&dead, FALSE), SEC_E_INVALID_HANDLE);
    p = connect_pair(TLS12);
    CHECK_STATUS("TLS 1.2", SchannelUpdateKeys(&p->client.ctx, FALSE), SEC_E_UNSUPPORTED_FUNCTION);
    p = connect_pair(TLS13);
    for (int i = 0; i < 100; i++) /* more than can wait */
        SchannelUpdateKeys(&p->client.ctx, FALSE);
    CHECK_STATUS("a hundred", pair_call(&p->client, &p->server), SEC_E_OK);
    CHECK_STATUS("a hundred", pair_send(p, &p->client, &p->server, "abc", 3), SEC_E_OK);
    CHECK_STATUS("a hundred", pair_send(p, &p->server, &p->client, "abc", 3), SEC_E_OK);
    p = connect_pair(TLS13);
    CHECK_STATUS("H20", pair_shutdown(&p->client, &p->server), SEC_E_OK);
    CHECK_STATUS("after the end", SchannelUpdateKeys(&p->client.ctx, FALSE), SEC_E_CONTEXT_EXPIRED);
}

/* Too little room for the answer: the same call again. */
static void answer_without_room(void **state)
{
    (void)state;
    for (enum convention c = 0; c < CONVENTIONS; c++) {
        struct forge f;
        struct io io;
        SecBuffer b[4];
        BYTE token[100];
        struct pair *p = connect_forged(TLS13, true, &f);
        size_t n = forge_record(&f, 22, update_requested, sizeof update_requested, block);
        forge_update(&f);
        size_t data_at = n;
        n += forge_record(&f, 23, "after", 5, block + n);
        CHECK_STATUS("D40", unseal(&p->client, block, n, b), SEC_I_RENEGOTIATE);
        p->client.request &= ~(ULONG)ISC_REQ_ALLOCATE_MEMORY;
        io_init(&io, &p->client);
        SecBuffer in[2] = {b[3], {0, SECBUFFER_EMPTY, NULL}};
        in[0].BufferType = SECBUFFER_TOKEN;
        static const ULONG rooms[] = {0, 26, 100};
        for (size_t i = 0; i < COUNT(rooms); i++) {
            const SecBuffer out = {rooms[i], SECBUFFER_TOKEN, token};
            io_init(&io, &p->client);
            io_in(&io, 2, in);
            if (c == NO_INPUT)
                io.in_arg = NULL;
            if (c == EMPTY_TOKEN)
                io.in[0] = (SecBuffer){0, SECBUFFER_TOKEN, NULL};
            if (c == ONE_RECORD)
                io.in[0].cbBuffer = (ULONG)data_at;
            io_out(&io, 1, &out);
            CHECK_STATUS("room", io_run(&io), i < 2 ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK);
        }
        CHECK_NUMBER("room", io.out[0].cbBuffer, 27);
        check_data("room", &p->client, block + data_at, n - data_at, "after");
        CHECK_STATUS("room", pair_send(p, &p->client, &p->client, "x", 1), SEC_E_MESSAGE_ALTERED);
    }
}

/* ---- what is not taken ----------------------------------------------------------------- */

static void messages_refused(void **state)
{
    (void)state;
    static const struct {
        const char *row;
        bool to_server;
        int version;
        const BYTE *message;
        size_t n;
    } rows[] = {
        {"a ticket for a server", true, TLS13, ticket, sizeof ticket},
        {"KeyUpdate: request_update 2", false, TLS13, update_bad, sizeof update_bad},
        {"KeyUpdate in TLS 1.2", false, TLS12, update_only, sizeof update_only},
        {"a ticket cut short", false, TLS13, ticket, 20},
        {"CertificateRequest that was not offered", false, TLS13, certificate_request,
         sizeof certificate_request},
        {"HelloRequest in TLS 1.3", false, TLS13, hello_request, sizeof hello_request},
        {"HelloRequest for a server", true, TLS12, hello_request, sizeof hello_request},
        {"Finished", false, TLS13, (const BYTE *)"\24\0\0\1\0", 5},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct forge f;
        struct io io;
        SecBuffer b[4];
        struct pair *p = connect_forged(rows[i].version, !rows[i].to_server, &f);
        struct pair_side *to = rows[i].to_server ? &p->server : &p->client;
        struct pair_side *peer = rows[i].to_server ? &p->client : &p->server;
        BYTE message[RECORD_MAX];
        memcpy(message, rows[i].message, rows[i].n);
        if (rows[i].message == ticket && rows[i].n < sizeof ticket)
            message[3] = (BYTE)(rows[i].n - 4);
        size_t n = forge_record(&f, 22, message, rows[i].n, block);
        CHECK_STATUS(rows[i].row, unseal(to, block, n, b), SEC_I_RENEGOTIATE);
        carry_on(&io, to, NO_INPUT, NULL, block, n);
        CHECK_STATUS(rows[i].row, io.status, SEC_E_ILLEGAL_MESSAGE);
        CHECK(rows[i].row, io.out[0].cbBuffer != 0);
        CHECK(rows[i].row, unseal(peer, io.out[0].pvBuffer, io.out[0].cbBuffer, b) < 0);
        FreeContextBuffer(io.out[0].pvBuffer);
        FreeContextBuffer(io.out[1].pvBuffer);
        CHECK_STATUS("D35", unseal(to, block, n, b), SEC_E_CONTEXT_EXPIRED);
        CHECK_STATUS("D35", try_encrypt(to), SEC_E_CONTEXT_EXPIRED);
    }
}

/* ---- renegotiation of TLS 1.2 ---------------------------------------------------------- */

/* The answer to a request for renegotiation: a warning, and the connection goes on. */
static void check_refusal(struct pair *p, struct forge *f, struct pair_side *to,
                          struct pair_side *peer, struct io *io)
{
    SecBuffer b[4];
    CHECK_STATUS("R1 refused", io->status, SEC_E_OK);
    CHECK_NUMBER("R1 refused", io->out[0].cbBuffer, 13 + 2 + 16);
    CHECK("R1 refused", ((BYTE *)io->out[0].pvBuffer)[0] == 21);
    CHECK_STATUS("no_renegotiation is a warning",
                 unseal(peer, io->out[0].pvBuffer, io->out[0].cbBuffer, b), SEC_E_OK);
    CHECK_NUMBER("no_renegotiation is a warning", b[1].cbBuffer, 0);
    io_drop(io);
    CHECK_STATUS("goes on", pair_send(p, to, peer, "abc", 3), SEC_E_OK);
    size_t n = forge_record(f, 23, "data", 4, block);
    check_data("goes on", to, block, n, "data");
}

static void hello_requests(void **state)
{
    (void)state;
    static const enum convention ways[] = {NO_INPUT, EMPTY_TOKEN};
    for (size_t c = 0; c < COUNT(ways); c++) {
        struct forge f;
        struct io io;
        SecBuffer b[4];
        struct pair *p = connect_forged(TLS12, true, &f);
        size_t n = forge_record(&f, 22, hello_request, sizeof hello_request, block);
        CHECK_STATUS("D18 D19 R1", unseal(&p->client, block, n, b), SEC_I_RENEGOTIATE);
        CHECK("D19", b[0].BufferType == SECBUFFER_STREAM_HEADER && b[0].cbBuffer == 13);
        CHECK("D19", b[1].BufferType == SECBUFFER_DATA && b[1].cbBuffer == 0);
        CHECK("D19", b[2].BufferType == SECBUFFER_STREAM_TRAILER && b[2].cbBuffer == 20);
        CHECK_NUMBER("D19", b[3].BufferType, SECBUFFER_EMPTY);
        CHECK_STATUS("D29", try_encrypt(&p->client), SEC_E_CONTEXT_EXPIRED);
        carry_on(&io, &p->client, ways[c], NULL, block, n);
        check_refusal(p, &f, &p->client, &p->server, &io);
    }
}

/* D20 R4: with data behind it, EXTRA is what follows. */
static void hello_request_with_data(void **state)
{
    (void)state;
    for (int whole = 0; whole < 2; whole++) {
        struct forge f;
        struct io io;
        SecBuffer b[4];
        struct pair *p = connect_forged(TLS12, true, &f);
        size_t n = forge_record(&f, 22, hello_request, sizeof hello_request, block);
        size_t data_len = forge_record(&f, 23, "after", 5, block + n);
        CHECK_STATUS("D20", unseal(&p->client, block, n + data_len, b), SEC_I_RENEGOTIATE);
        CHECK("D20", b[3].BufferType == SECBUFFER_EXTRA && b[3].pvBuffer == block + n &&
                         b[3].cbBuffer == data_len);
        SecBuffer in[2] = {{b[3].cbBuffer, SECBUFFER_TOKEN, b[3].pvBuffer},
                           {0, SECBUFFER_EMPTY, NULL}};
        if (whole)
            in[0] = (SecBuffer){(ULONG)(n + data_len), SECBUFFER_TOKEN, block};
        io_init(&io, &p->client);
        io_in(&io, 2, in);
        io_run(&io);
        CHECK_STATUS("D20 R4", io.status, SEC_E_OK);
        CHECK_NUMBER("D20 R4", io.in[1].BufferType, SECBUFFER_EXTRA);
        CHECK_NUMBER("D20 R4", io.in[1].cbBuffer, data_len);
        check_data("D20 R4", &p->client, block + n, data_len, "after");
        check_refusal(p, &f, &p->client, &p->server, &io);
    }
}

static void renegotiating_client(void **state)
{
    (void)state;
    struct forge f;
    struct io io;
    SecBuffer b[4];
    static const BYTE hello[] = {1, 0, 0, 2, 3, 3};
    struct pair *p = connect_forged(TLS12, false, &f);
    size_t n = forge_record(&f, 22, hello, sizeof hello, block);
    CHECK_STATUS("D50", unseal(&p->server, block, n, b), SEC_I_RENEGOTIATE);
    CHECK_STATUS("D29", unseal(&p->server, block, n, b), SEC_E_CONTEXT_EXPIRED);
    carry_on(&io, &p->server, NO_INPUT, NULL, block, n);
    check_refusal(p, &f, &p->server, &p->client, &io);
}

/* ---- the checks bite ------------------------------------------------------------------- */

static void planted(void **state)
{
    (void)state;
    struct forge f;
    SecBuffer b[4];
    struct pair *p = connect_forged(TLS13, true, &f);
    size_t n = forge_record(&f, 22, ticket, sizeof ticket, block);
    CHECK_STATUS("D40", unseal(&p->client, block, n, b), SEC_I_RENEGOTIATE);
    check_relabelled("as it is", b, block, n, ticket, sizeof ticket);
    block[0] = 23;
    b[3].BufferType = SECBUFFER_EMPTY;
    planted_begin();
    check_relabelled("planted", b, block, n, update_only, sizeof update_only);
    assert_int_equal(planted_end(), 4);
    p = connect_forged(TLS13, true, &f);
    f.number = 1;
    n = forge_record(&f, 23, "data", 4, block);
    planted_begin();
    check_data("planted: a number skipped", &p->client, block, n, "data");
    assert_true(planted_end() >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted),
        cmocka_unit_test(ticket_in_every_way),
        cmocka_unit_test(two_tickets),
        cmocka_unit_test(tickets_and_records),
        cmocka_unit_test(raw_ticket_to_isc),
        cmocka_unit_test(ticket_behind_the_flight),
        cmocka_unit_test(key_updates),
        cmocka_unit_test(one_sided_updates),
        cmocka_unit_test(crossing_updates),
        cmocka_unit_test(updates_refused),
        cmocka_unit_test(answer_without_room),
        cmocka_unit_test(messages_refused),
        cmocka_unit_test(hello_requests),
        cmocka_unit_test(hello_request_with_data),
        cmocka_unit_test(renegotiating_client),
    };
    forge_start();
    return cmocka_run_group_tests(tests, NULL, close_pair);
}
