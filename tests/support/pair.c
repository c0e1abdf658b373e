/* SPDX-License-Identifier: MIT */
#include "pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Works outside of cmocka, too: the fuzz and fault programs use it. */
#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* ---- opening --------------------------------------------------------------------------- */

static SECURITY_STATUS acquire(struct pair_side *side, DWORD disabled, CRYPTO_SETTINGS *crypto,
                               DWORD crypto_count, PCCERT_CONTEXT certificate, HCERTSTORE roots,
                               DWORD flags)
{
    TLS_PARAMETERS parameters = {.grbitDisabledProtocols = disabled,
                                 .cDisabledCrypto = crypto_count,
                                 .pDisabledCrypto = crypto};
    SCH_CREDENTIALS data = {.dwVersion = SCH_CREDENTIALS_VERSION,
                            .cCreds = certificate != NULL,
                            .paCred = &certificate,
                            .hRootStore = roots,
                            .dwFlags = flags,
                            .cTlsParameters = 1,
                            .pTlsParameters = &parameters};
    return AcquireCredentialsHandleA(NULL, (char *)UNISP_NAME_A,
                                     side->is_server ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND,
                                     NULL, &data, NULL, NULL, &side->cred, NULL);
}

/* (length, id)* from a comma-separated list; lives as long as the process. */
static const unsigned char *protocol_list(const char *text, size_t *out_len)
{
    *out_len = 0;
    if (text == NULL)
        return NULL;
    size_t n = strlen(text);
    unsigned char *list = malloc(n + 1);
    REQUIRE(list != NULL);
    size_t length_at = 0;
    for (size_t i = 0; i <= n; i++) {
        if (text[i] != ',' && text[i] != 0) {
            list[i + 1] = (unsigned char)text[i];
            continue;
        }
        list[length_at] = (unsigned char)(i - length_at);
        length_at = i + 1;
    }
    *out_len = n + 1;
    return list;
}

SECURITY_STATUS pair_open(struct pair *p, const struct pair_options *o)
{
    memset(p, 0, sizeof *p);
    p->split = o->split;
    p->seed = o->seed != 0 ? o->seed : 1;
    p->client.name = "client";
    p->client.request = PAIR_ISC_REQUEST | o->client_request;
    p->client.target = o->target;
    p->client.alpn = protocol_list(o->alpn_client, &p->client.alpn_len);
    p->server.name = "server";
    p->server.is_server = true;
    p->server.request = PAIR_ASC_REQUEST | o->server_request;
    p->server.alpn = protocol_list(o->alpn_server, &p->server.alpn_len);
    SecInvalidateHandle(&p->client.cred);
    SecInvalidateHandle(&p->server.cred);
    SECURITY_STATUS status =
        acquire(&p->client, o->client_disabled, o->client_crypto, o->client_crypto_count,
                o->client_certificate, o->client_roots, o->client_flags);
    if (status == SEC_E_OK)
        status = acquire(&p->server, o->server_disabled, o->server_crypto, o->server_crypto_count,
                         o->server_certificate, o->server_roots, o->server_flags);
    return status;
}

static void close_side(struct pair_side *side)
{
    if (side->has_ctx)
        REQUIRE(DeleteSecurityContext(&side->ctx) == SEC_E_OK);
    if (SecIsValidHandle(&side->cred))
        REQUIRE(FreeCredentialsHandle(&side->cred) == SEC_E_OK);
    free((void *)side->alpn);
}

void pair_close(struct pair *p)
{
    close_side(&p->client);
    close_side(&p->server);
}

/* ---- tokens ---------------------------------------------------------------------------- */

static ULONG put_alpn(const struct pair_side *side, uint8_t *out)
{
    uint32_t kind = SecApplicationProtocolNegotiationExt_ALPN;
    uint16_t list_len = (uint16_t)side->alpn_len;
    uint32_t lists_len = (uint32_t)(sizeof kind + sizeof list_len + side->alpn_len);
    memcpy(out, &lists_len, 4);
    memcpy(out + 4, &kind, 4);
    memcpy(out + 8, &list_len, 2);
    memcpy(out + 10, side->alpn, side->alpn_len);
    return (ULONG)(10 + side->alpn_len);
}

static void keep_tail(struct pair_side *side, size_t tail)
{
    REQUIRE(tail <= side->in_len);
    memmove(side->in, side->in + side->in_len - tail, tail);
    side->in_len = tail;
}

static void transmit(struct pair_side *to, const void *bytes, size_t n)
{
    REQUIRE(n <= sizeof to->wire - to->wire_len);
    memcpy(to->wire + to->wire_len, bytes, n);
    to->wire_len += n;
}

static SECURITY_STATUS call(struct pair_side *side, SecBufferDesc *in, SecBufferDesc *out)
{
    CtxtHandle *before = side->has_ctx ? &side->ctx : NULL;
    CtxtHandle after = {0, 0};
    SECURITY_STATUS status;
    if (side->is_server)
        status = AcceptSecurityContext(&side->cred, before, in, side->request, 0, &after, out,
                                       &side->attributes, &side->expiry);
    else
        status =
            InitializeSecurityContextA(&side->cred, before, (char *)side->target, side->request, 0,
                                       0, in, 0, &after, out, &side->attributes, &side->expiry);
    bool wrote = after.dwLower != 0 || after.dwUpper != 0;
    REQUIRE(wrote == (status >= 0)); /* only then */
    if (wrote && side->has_ctx)
        REQUIRE(after.dwLower == side->ctx.dwLower && after.dwUpper == side->ctx.dwUpper);
    if (wrote) {
        side->ctx = after;
        side->has_ctx = true;
    }
    return status;
}

SECURITY_STATUS pair_call(struct pair_side *side, struct pair_side *peer)
{
    uint8_t alpn[600];
    SecBuffer in[3] = {{(ULONG)side->in_len, SECBUFFER_TOKEN, side->in},
                       {0, SECBUFFER_EMPTY, NULL},
                       {0, SECBUFFER_APPLICATION_PROTOCOLS, alpn}};
    SecBuffer out[2] = {{0, SECBUFFER_TOKEN, NULL}, {0, SECBUFFER_ALERT, NULL}};
    SecBufferDesc in_list = {SECBUFFER_VERSION, 2, in};
    SecBufferDesc out_list = {SECBUFFER_VERSION, 2, out};
    if (!side->has_ctx && side->alpn != NULL) {
        in[2].cbBuffer = put_alpn(side, alpn);
        in_list.cBuffers = 3;
    }
    side->calls++;
    side->status = call(side, &in_list, &out_list);
    if (side->status != SEC_E_INCOMPLETE_MESSAGE) {
        REQUIRE(in[1].BufferType == SECBUFFER_EMPTY || in[1].BufferType == SECBUFFER_EXTRA);
        keep_tail(side, in[1].BufferType == SECBUFFER_EXTRA ? in[1].cbBuffer : 0);
    } else {
        REQUIRE(in[1].BufferType == SECBUFFER_MISSING && in[1].cbBuffer != 0);
    }
    if (out[0].cbBuffer != 0)
        transmit(peer, out[0].pvBuffer, out[0].cbBuffer);
    REQUIRE(FreeContextBuffer(out[0].pvBuffer) == SEC_E_OK);
    REQUIRE(FreeContextBuffer(out[1].pvBuffer) == SEC_E_OK);
    if (side->status == SEC_E_OK)
        side->is_done = true;
    return side->status;
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 16;
}

static size_t piece_len(struct pair *p, const struct pair_side *side)
{
    size_t n = side->wire_len;
    if (p->split > 0)
        n = (size_t)p->split;
    else if (p->split == SPLIT_RECORD && side->wire_len >= 5)
        n = 5 + ((size_t)side->wire[3] << 8 | side->wire[4]);
    else if (p->split == SPLIT_RANDOM)
        n = 1 + next_random(&p->seed) % 700;
    return n < side->wire_len ? n : side->wire_len;
}

bool pair_deliver(struct pair *p, struct pair_side *side)
{
    size_t n = piece_len(p, side);
    REQUIRE(n <= sizeof side->in - side->in_len);
    memcpy(side->in + side->in_len, side->wire, n);
    side->in_len += n;
    side->wire_len -= n;
    memmove(side->wire, side->wire + n, side->wire_len);
    return n != 0;
}

static bool goes_on(SECURITY_STATUS status)
{
    return status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED ||
           status == SEC_E_INCOMPLETE_MESSAGE || status == SEC_I_INCOMPLETE_CREDENTIALS;
}

/* Everything that can be done with what has arrived and what is on the wire. */
static bool run_side(struct pair *p, struct pair_side *side, struct pair_side *peer)
{
    bool moved = false;
    while (!side->is_done && pair_deliver(p, side)) {
        moved = true;
        size_t before;
        do {
            before = side->in_len;
            pair_call(side, peer);
        } while (!side->is_done && side->status == SEC_I_CONTINUE_NEEDED && side->in_len != 0 &&
                 side->in_len != before);
        if (side->status == SEC_I_INCOMPLETE_CREDENTIALS)
            pair_call(side, peer);
        if (!goes_on(side->status))
            return moved;
    }
    return moved;
}

bool pair_handshake(struct pair *p)
{
    if (!p->client.has_ctx)
        pair_call(&p->client, &p->server);
    for (unsigned i = 0; i < 64; i++) {
        if (!goes_on(p->client.status) && p->server.wire_len == 0)
            return false;
        bool moved = run_side(p, &p->server, &p->client);
        if (!goes_on(p->server.status) && p->client.wire_len == 0)
            return false;
        moved = run_side(p, &p->client, &p->server) || moved;
        if (p->client.is_done && p->server.is_done)
            return true;
        if (!moved)
            return false;
    }
    return false;
}

/* ---- data ------------------------------------------------------------------------------ */

size_t pair_seal(struct pair_side *side, const void *data, size_t n, uint8_t *out, size_t cap)
{
    SecPkgContext_StreamSizes sizes;
    REQUIRE(QueryContextAttributesA(&side->ctx, SECPKG_ATTR_STREAM_SIZES, &sizes) == SEC_E_OK);
    REQUIRE(n <= sizes.cbMaximumMessage && sizes.cbHeader + n + sizes.cbTrailer <= cap);
    if (n != 0)
        memcpy(out + sizes.cbHeader, data, n);
    SecBuffer b[4] = {{sizes.cbHeader, SECBUFFER_STREAM_HEADER, out},
                      {(ULONG)n, SECBUFFER_DATA, out + sizes.cbHeader},
                      {sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, out + sizes.cbHeader + n},
                      {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc message = {SECBUFFER_VERSION, 4, b};
    REQUIRE(EncryptMessage(&side->ctx, 0, &message, 0) == SEC_E_OK);
    return b[0].cbBuffer + b[1].cbBuffer + b[2].cbBuffer;
}

/* The next record out of `in`; *plain points into it. */
static SECURITY_STATUS open_record(struct pair_side *side, uint8_t **plain, size_t *plain_len,
                                   size_t *tail)
{
    SecBuffer b[4] = {{(ULONG)side->in_len, SECBUFFER_DATA, side->in},
                      {0, SECBUFFER_EMPTY, NULL},
                      {0, SECBUFFER_EMPTY, NULL},
                      {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc message = {SECBUFFER_VERSION, 4, b};
    SECURITY_STATUS status = DecryptMessage(&side->ctx, &message, 0, NULL);
    *plain = b[1].pvBuffer;
    *plain_len = b[1].cbBuffer;
    *tail = b[3].BufferType == SECBUFFER_EXTRA ? b[3].cbBuffer : 0;
    return status;
}

SECURITY_STATUS pair_send(struct pair *p, struct pair_side *from, struct pair_side *to,
                          const void *data, size_t n)
{
    static _Thread_local uint8_t record[20000];
    uint8_t *plain;
    size_t plain_len;
    size_t tail;
    size_t record_len = pair_seal(from, data, n, record, sizeof record);
    transmit(to, record, record_len);
    for (;;) {
        SECURITY_STATUS status = open_record(to, &plain, &plain_len, &tail);
        if (status == SEC_E_INCOMPLETE_MESSAGE && pair_deliver(p, to))
            continue;
        if (status == SEC_I_RENEGOTIATE) {
            keep_tail(to, tail);
            status = pair_call(to, from);
            if (status == SEC_E_OK)
                continue;
        }
        if (status == SEC_E_OK) {
            REQUIRE(plain_len == n && (n == 0 || memcmp(plain, data, n) == 0));
            keep_tail(to, tail);
        }
        return status;
    }
}

SECURITY_STATUS pair_shutdown(struct pair_side *from, struct pair_side *to)
{
    DWORD type = SCHANNEL_SHUTDOWN;
    SecBuffer token = {sizeof type, SECBUFFER_TOKEN, &type};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &token};
    SECURITY_STATUS status = ApplyControlToken(&from->ctx, &list);
    return status != SEC_E_OK ? status : pair_call(from, to);
}

SECURITY_STATUS pair_export(struct pair_side *side, const char *label, uint8_t out[32])
{
    SecPkgContext_KeyingMaterialInfo info = {
        .cbLabel = (WORD)(strlen(label) + 1), .pszLabel = (char *)label, .cbKeyingMaterial = 32};
    SecPkgContext_KeyingMaterial material;
    SECURITY_STATUS status =
        SetContextAttributesA(&side->ctx, SECPKG_ATTR_KEYING_MATERIAL_INFO, &info, sizeof info);
    if (status == SEC_E_OK)
        status = QueryContextAttributesA(&side->ctx, SECPKG_ATTR_KEYING_MATERIAL, &material);
    if (status != SEC_E_OK)
        return status;
    REQUIRE(material.cbKeyingMaterial == 32);
    memcpy(out, material.pbKeyingMaterial, 32);
    FreeContextBuffer(material.pbKeyingMaterial);
    return SEC_E_OK;
}

/* ---- certificates ---------------------------------------------------------------------- */

PCCERT_CONTEXT pair_certificate(const char *key_type)
{
    static struct {
        char kind[16];
        PCCERT_CONTEXT certificate;
    } made[8];
    size_t i = 0;
    while (made[i].certificate != NULL && strcmp(made[i].kind, key_type) != 0)
        i++;
    if (made[i].certificate == NULL) {
        snprintf(made[i].kind, sizeof made[i].kind, "%s", key_type);
        made[i].certificate = SchannelCreateTestCertificate("localhost,127.0.0.1", key_type, 30);
        REQUIRE(made[i].certificate != NULL);
    }
    return made[i].certificate;
}

HCERTSTORE pair_store(PCCERT_CONTEXT certificate)
{
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    REQUIRE(store != NULL);
    REQUIRE(CertAddCertificateContextToStore(store, certificate, CERT_STORE_ADD_ALWAYS, NULL));
    return store;
}
