/* SPDX-License-Identifier: MIT */
#include "api.h"

#include "pki.h"

/* ---- checks ---------------------------------------------------------------------------- */

static bool is_planted;
static unsigned planted_count;

void check_failed(const char *file, int line, const char *row, const char *what)
{
    if (is_planted) {
        planted_count++;
        return;
    }
    fprintf(stderr, "[%s] %s\n", row, what);
    _fail(file, line);
}

static const char *name_of(SECURITY_STATUS status)
{
    const char *name = SchannelStatusName(status);
    return name != NULL ? name : "?";
}

void check_status(const char *file, int line, const char *row, const char *what,
                  SECURITY_STATUS got, SECURITY_STATUS wanted)
{
    char text[512];
    if (got == wanted && !crypto_queue_error())
        return;
    snprintf(text, sizeof text, "%s: %s (0x%08x) instead of %s, error queue 0x%lx", what,
             name_of(got), (unsigned)got, name_of(wanted), crypto_queue_error());
    check_failed(file, line, row, text);
}

void check_number(const char *file, int line, const char *row, const char *what,
                  unsigned long long got, unsigned long long wanted)
{
    char text[512];
    if (got == wanted)
        return;
    snprintf(text, sizeof text, "%s: %llu (0x%llx) instead of %llu (0x%llx)", what, got, got,
             wanted, wanted);
    check_failed(file, line, row, text);
}

void planted_begin(void)
{
    is_planted = true;
    planted_count = 0;
}

unsigned planted_end(void)
{
    is_planted = false;
    return planted_count;
}

/* ---- pairs ----------------------------------------------------------------------------- */

struct pair_options usual(int version)
{
    static HCERTSTORE roots;
    if (roots == NULL)
        roots = pair_store(pair_certificate("ecdsa-p256"));
    DWORD disabled = version == TLS12 ? PAIR_TLS12_ONLY : PAIR_TLS13_ONLY;
    return (struct pair_options){.client_disabled = disabled,
                                 .server_disabled = disabled,
                                 .server_certificate = pair_certificate("ecdsa-p256"),
                                 .client_roots = roots,
                                 .target = "localhost"};
}

static struct pair pair;
static bool is_open;

int close_pair(void **state)
{
    (void)state;
    if (is_open)
        pair_close(&pair);
    is_open = false;
    return 0;
}

struct pair *open_pair_with(const struct pair_options *options)
{
    close_pair(NULL);
    CHECK_STATUS("AcquireCredentialsHandle", pair_open(&pair, options), SEC_E_OK);
    is_open = true;
    return &pair;
}

struct pair *open_pair(int version)
{
    struct pair_options options = usual(version);
    return open_pair_with(&options);
}

struct pair *connect_pair_with(const struct pair_options *options)
{
    struct pair *p = open_pair_with(options);
    CHECK("handshake", pair_handshake(p));
    return p;
}

struct pair *connect_pair(int version)
{
    struct pair_options options = usual(version);
    return connect_pair_with(&options);
}

void deliver(struct pair *p, struct pair_side *side)
{
    while (pair_deliver(p, side))
        continue;
}

static void push_back(struct pair_side *side)
{
    assert_true(side->in_len + side->wire_len <= sizeof side->wire);
    memmove(side->wire + side->in_len, side->wire, side->wire_len);
    memcpy(side->wire, side->in, side->in_len);
    side->wire_len += side->in_len;
    side->in_len = 0;
}

bool go_on(struct pair *p)
{
    push_back(&p->client);
    push_back(&p->server);
    p->split = SPLIT_ALL;
    return pair_handshake(p);
}

/* ---- one call -------------------------------------------------------------------------- */

void io_init(struct io *io, struct pair_side *side)
{
    const SecBuffer in[] = {{(ULONG)side->in_len, SECBUFFER_TOKEN, side->in},
                            {0, SECBUFFER_EMPTY, NULL}};
    const SecBuffer out[] = {{0, SECBUFFER_TOKEN, NULL}, {0, SECBUFFER_ALERT, NULL}};
    memset(io, 0, sizeof *io);
    io->side = side;
    io->cred = &side->cred;
    io->ctx = side->has_ctx ? &side->ctx : NULL;
    io->new_ctx = &io->made;
    io->target = side->target;
    io->request = side->request;
    io_in(io, COUNT(in), in);
    io_out(io, COUNT(out), out);
}

void io_in(struct io *io, ULONG count, const SecBuffer *buffers)
{
    memset(io->in, 0, sizeof io->in);
    memcpy(io->in, buffers, count * sizeof *buffers);
    io->in_list = (SecBufferDesc){SECBUFFER_VERSION, count, io->in};
    io->in_arg = &io->in_list;
}

void io_out(struct io *io, ULONG count, const SecBuffer *buffers)
{
    memset(io->out, 0, sizeof io->out);
    memcpy(io->out, buffers, count * sizeof *buffers);
    io->out_list = (SecBufferDesc){SECBUFFER_VERSION, count, io->out};
    io->out_arg = &io->out_list;
}

SECURITY_STATUS io_run(struct io *io)
{
    if (io->side->is_server)
        io->status = AcceptSecurityContext(io->cred, io->ctx, io->in_arg, io->request, 0,
                                           io->new_ctx, io->out_arg, &io->attributes, &io->expiry);
    else
        io->status = InitializeSecurityContextA(io->cred, io->ctx, (char *)io->target, io->request,
                                                0, SECURITY_NATIVE_DREP, io->in_arg, 0, io->new_ctx,
                                                io->out_arg, &io->attributes, &io->expiry);
    return io->status;
}

static void keep_input(const struct io *io)
{
    struct pair_side *side = io->side;
    size_t tail = 0;
    if (io->status == SEC_E_INCOMPLETE_MESSAGE || io->in_arg == NULL)
        return;
    for (ULONG i = 0; i < io->in_list.cBuffers; i++) {
        if (io->in[i].BufferType == SECBUFFER_EXTRA)
            tail = io->in[i].cbBuffer;
    }
    assert_true(tail <= side->in_len);
    memmove(side->in, side->in + side->in_len - tail, tail);
    side->in_len = tail;
}

void io_keep(struct io *io, struct pair_side *peer)
{
    if (io->made.dwLower != 0 && !io->side->has_ctx) {
        io->side->ctx = io->made;
        io->side->has_ctx = true;
    }
    keep_input(io);
    for (ULONG i = 0; io->out_arg != NULL && i < io->out_list.cBuffers; i++) {
        if (io->out[i].BufferType != SECBUFFER_TOKEN || io->out[i].cbBuffer == 0)
            continue;
        assert_true(io->out[i].cbBuffer <= sizeof peer->wire - peer->wire_len);
        memcpy(peer->wire + peer->wire_len, io->out[i].pvBuffer, io->out[i].cbBuffer);
        peer->wire_len += io->out[i].cbBuffer;
    }
    if (io->status == SEC_E_OK)
        io->side->is_done = true;
    io->side->status = io->status;
    io_drop(io);
}

void io_drop(struct io *io)
{
    ULONG allocate = io->side->is_server ? ASC_REQ_ALLOCATE_MEMORY : ISC_REQ_ALLOCATE_MEMORY;
    if ((io->request & allocate) == 0 || io->out_arg == NULL || io->status < 0)
        return;
    for (ULONG i = 0; i < io->out_list.cBuffers; i++) {
        FreeContextBuffer(io->out[i].pvBuffer);
        io->out[i].pvBuffer = NULL;
    }
}

/* ---- messages -------------------------------------------------------------------------- */

SECURITY_STATUS unseal(struct pair_side *side, void *bytes, size_t n, SecBuffer b[4])
{
    memset(b, 0, 4 * sizeof *b);
    b[0] = (SecBuffer){(ULONG)n, SECBUFFER_DATA, bytes};
    SecBufferDesc message = {SECBUFFER_VERSION, 4, b};
    return DecryptMessage(&side->ctx, &message, 0, NULL);
}
