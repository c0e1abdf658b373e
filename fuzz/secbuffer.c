/* SPDX-License-Identifier: MIT */
/*
 * The public functions on one connection with buffer lists made by the input: any types, lengths
 * and places, any order of calls, between honest steps of the handshake. Every buffer is a block of
 * its own length, so that a sanitizer sees each byte too many.
 */
#include "pair.h"
#include "source.h"

enum { LIST_MAX = 6, OPS_MAX = 48, BLOCK_MAX = 2048 };

struct list {
    SecBufferDesc desc;
    SecBuffer buffers[LIST_MAX];
    void *given[LIST_MAX];
};

static struct pair pair;

/* Bytes of the wire, so that lists may hold real records in odd places. */
static void fill_block(struct source *s, const struct pair_side *side, uint8_t *block, size_t n)
{
    const uint8_t *text;
    uint8_t how = source_u8(s);
    if ((how & 1) != 0) {
        size_t have = side->wire_len < n ? side->wire_len : n;
        memcpy(block, side->wire, have);
        return;
    }
    size_t have = source_take(s, how >> 1 < (int)n ? (size_t)how >> 1 : n, &text);
    if (have != 0)
        memcpy(block, text, have);
}

static ULONG buffer_type(struct source *s)
{
    uint8_t kind = source_u8(s);
    ULONG type = kind & 31;
    if ((kind & 96) == 96)
        type |= SECBUFFER_READONLY;
    if ((kind & 160) == 160)
        type |= SECBUFFER_READONLY_WITH_CHECKSUM;
    return (kind & 192) == 192 && (kind & 1) != 0 ? type << 8 : type;
}

static void make_list(struct source *s, const struct pair_side *side, struct list *l)
{
    uint8_t shape = source_u8(s);
    memset(l, 0, sizeof *l);
    l->desc = (SecBufferDesc){(shape & 0xE0) == 0xE0 ? 1 : SECBUFFER_VERSION,
                              shape % (LIST_MAX + 1), l->buffers};
    for (ULONG i = 0; i < l->desc.cBuffers; i++) {
        SecBuffer *b = &l->buffers[i];
        b->BufferType = buffer_type(s);
        b->cbBuffer = source_u16(s) % BLOCK_MAX;
        if (b->cbBuffer == BLOCK_MAX - 1)
            b->cbBuffer = (ULONG)side->wire_len;
        if ((source_u8(s) & 15) == 15)
            b->cbBuffer = b->cbBuffer == 0 ? 7 : 0;
        l->given[i] = malloc(b->cbBuffer + (b->cbBuffer == 0));
        memset(l->given[i], 0xAA, b->cbBuffer);
        fill_block(s, side, l->given[i], b->cbBuffer);
        b->pvBuffer = (source_u8(s) & 7) == 7 ? NULL : l->given[i];
        if (b->pvBuffer == NULL && (shape & 8) == 0)
            b->cbBuffer = 0;
    }
}

/* What the library allocated is given back; what we gave is ours. */
static void drop_list(struct list *l, bool allocates)
{
    for (size_t i = 0; i < LIST_MAX; i++) {
        void *p = l->buffers[i].pvBuffer;
        bool is_ours = p == NULL;
        for (size_t k = 0; k < LIST_MAX && !is_ours; k++) {
            const uint8_t *start = l->given[k];
            is_ours = start != NULL && (uint8_t *)p >= start && (uint8_t *)p <= start + 0x40000;
            is_ours = is_ours && p == l->given[k];
        }
        if (!is_ours && allocates)
            PROPERTY(FreeContextBuffer(p) == SEC_E_OK);
    }
    for (size_t i = 0; i < LIST_MAX; i++)
        free(l->given[i]);
}

/* ---- calls ----------------------------------------------------------------------------- */

static ULONG request_flags(struct source *s, const struct pair_side *side)
{
    uint8_t how = source_u8(s);
    ULONG flags = side->request;
    if ((how & 1) != 0)
        flags &= ~(ULONG)ISC_REQ_ALLOCATE_MEMORY;
    if ((how & 6) == 6)
        flags ^= 1u << how / 8;
    return flags;
}

static void call_context(struct source *s, struct pair_side *side)
{
    struct list in;
    struct list out;
    CtxtHandle after = {0, 0};
    ULONG attributes = 0;
    TimeStamp expiry;
    ULONG flags = request_flags(s, side);
    make_list(s, side, &in);
    make_list(s, side, &out);
    /* Without memory of the library's own, output needs room; a NULL pointer has none. */
    CtxtHandle *before = side->has_ctx ? &side->ctx : NULL;
    bool no_input = (source_u8(s) & 7) == 7;
    SECURITY_STATUS status;
    if (side->is_server)
        status = AcceptSecurityContext(&side->cred, before, no_input ? NULL : &in.desc, flags, 0,
                                       &after, &out.desc, &attributes, &expiry);
    else
        status = InitializeSecurityContextA(&side->cred, before, (char *)side->target, flags, 0, 0,
                                            no_input ? NULL : &in.desc, 0, &after, &out.desc,
                                            &attributes, &expiry);
    if (status >= 0 && !side->has_ctx) {
        side->ctx = after;
        side->has_ctx = true;
    }
    drop_list(&in, false);
    /* The library allocates where it is asked to, and where a NULL pointer has a length. */
    drop_list(&out, true);
}

static void call_message(struct source *s, struct pair_side *side, bool encrypts)
{
    struct list l;
    ULONG quality = 0;
    make_list(s, side, &l);
    CtxtHandle none = {0, 0};
    CtxtHandle *ctx = side->has_ctx ? &side->ctx : &none;
    if (encrypts)
        (void)EncryptMessage(ctx, (source_u8(s) & 15) == 15, &l.desc, 0);
    else
        (void)DecryptMessage(ctx, &l.desc, 0, &quality);
    drop_list(&l, false);
}

static void call_control(struct source *s, struct pair_side *side)
{
    struct list l;
    make_list(s, side, &l);
    if (side->has_ctx)
        (void)ApplyControlToken(&side->ctx, &l.desc);
    drop_list(&l, false);
}

/* Sizes, names and numbers: answers without anything to free. */
static void call_query(struct source *s, struct pair_side *side)
{
    static const ULONG plain[] = {
        SECPKG_ATTR_SIZES,           SECPKG_ATTR_STREAM_SIZES,         SECPKG_ATTR_CIPHER_INFO,
        SECPKG_ATTR_CONNECTION_INFO, SECPKG_ATTR_APPLICATION_PROTOCOL, SECPKG_ATTR_LIFESPAN,
        SECPKG_ATTR_SESSION_INFO};
    union {
        uint64_t align;
        uint8_t bytes[2048];
        SecPkgContext_CipherInfo cipher;
    } answer;
    memset(&answer, 0, sizeof answer);
    answer.cipher.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1;
    ULONG id = plain[source_u8(s) % (sizeof plain / sizeof plain[0])];
    if (side->has_ctx)
        (void)QueryContextAttributesA(&side->ctx, id, &answer);
}

/* An honest piece of the handshake or of the data behind it. */
static void go_on(struct source *s, struct pair_side *side, struct pair_side *peer)
{
    uint8_t count = source_u8(s) % 3;
    for (unsigned i = 0; i <= count; i++)
        pair_deliver(&pair, side);
    if (!side->is_done && (side->in_len != 0 || !side->has_ctx))
        pair_call(side, peer);
}

static void send_data(struct pair_side *side, struct pair_side *peer)
{
    SecPkgContext_StreamSizes sizes;
    if (!side->is_done || peer->wire_len > 4096 ||
        QueryContextAttributesA(&side->ctx, SECPKG_ATTR_STREAM_SIZES, &sizes) != SEC_E_OK)
        return;
    uint8_t record[128] = {0};
    SecBuffer b[4] = {{sizes.cbHeader, SECBUFFER_STREAM_HEADER, record},
                      {10, SECBUFFER_DATA, record + sizes.cbHeader},
                      {sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, record + sizes.cbHeader + 10},
                      {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc message = {SECBUFFER_VERSION, 4, b};
    if (EncryptMessage(&side->ctx, 0, &message, 0) != SEC_E_OK)
        return;
    size_t n = b[0].cbBuffer + b[1].cbBuffer + b[2].cbBuffer;
    memcpy(peer->wire + peer->wire_len, record, n);
    peer->wire_len += n;
}

static void one_call(struct source *s, struct pair_side *side, struct pair_side *peer)
{
    switch (source_u8(s) % 8) {
    case 0:
    case 1:
        go_on(s, side, peer);
        break;
    case 2:
        call_context(s, side);
        break;
    case 3:
        call_message(s, side, false);
        break;
    case 4:
        call_message(s, side, true);
        break;
    case 5:
        call_control(s, side);
        break;
    case 6:
        call_query(s, side);
        break;
    default:
        send_data(side, peer);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct source source = {data, size};
    uint8_t how = source_u8(&source);
    struct pair_options options = {.server_certificate = pair_certificate("ed25519"),
                                   .client_flags = SCH_CRED_MANUAL_CRED_VALIDATION,
                                   .target = "localhost",
                                   .split = SPLIT_RECORD};
    options.client_disabled = (how & 1) != 0 ? SP_PROT_TLS1_3_CLIENT : SP_PROT_TLS1_2_CLIENT;
    if ((how & 2) != 0)
        options.server_request = ASC_REQ_MUTUAL_AUTH;
    PROPERTY(pair_open(&pair, &options) == SEC_E_OK);
    if ((how & 4) != 0)
        PROPERTY(pair_handshake(&pair));
    for (unsigned i = 0; i < OPS_MAX && source.n != 0; i++) {
        bool of_server = (source_u8(&source) & 1) != 0;
        struct pair_side *side = of_server ? &pair.server : &pair.client;
        one_call(&source, side, of_server ? &pair.client : &pair.server);
    }
    pair_close(&pair);
    return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}
