/* SPDX-License-Identifier: MIT */
/*
 * EncryptMessage and DecryptMessage: lists, sizes, what tampering and disorder do. Microsoft
 * "EncryptMessage (Schannel)", "DecryptMessage (Schannel)", "Stream Contexts".
 */
#include "api.h"

enum { MESSAGE_MAX = 16384, BLOCK_MAX = 40000 };

static BYTE block[BLOCK_MAX];
static BYTE other[BLOCK_MAX];
static const int versions[] = {TLS12, TLS13};

static SecPkgContext_StreamSizes sizes_of(struct pair_side *side)
{
    SecPkgContext_StreamSizes sizes = {0};
    CHECK_STATUS("STREAM_SIZES",
                 QueryContextAttributesA(&side->ctx, SECPKG_ATTR_STREAM_SIZES, &sizes), SEC_E_OK);
    return sizes;
}

static SECURITY_STATUS encrypt(struct pair_side *side, ULONG qop, ULONG count, SecBuffer *b)
{
    SecBufferDesc message = {SECBUFFER_VERSION, count, b};
    return EncryptMessage(&side->ctx, qop, &message, 0);
}

/* What arrives must be the text. */
static void check_arrives(const char *row, struct pair_side *to, BYTE *record, size_t n,
                          const char *text, size_t text_len)
{
    SecBuffer b[4];
    CHECK_STATUS(row, unseal(to, record, n, b), SEC_E_OK);
    CHECK_NUMBER(row, b[1].cbBuffer, text_len);
    CHECK(row, b[1].cbBuffer == text_len && memcmp(b[1].pvBuffer, text, text_len) == 0);
    CHECK_NUMBER(row, b[3].BufferType, SECBUFFER_EMPTY);
}

/* ---- lists for EncryptMessage ---------------------------------------------------------- */

/* {type, piece}: H, D, T stand for header, data and trailer; E for EMPTY. */
struct list_row {
    const char *row;
    const char *pieces;
    ULONG types[6];
    SECURITY_STATUS status;
};

static const struct list_row list_rows[] = {
    {"E1", "HDTE", {7, 1, 6, 0}, SEC_E_OK},
    {"E2", "HDT", {7, 1, 6}, SEC_E_OK},
    {"E3", "HDT", {2, 1, 2}, SEC_E_OK},
    {"any order", "THD", {6, 7, 1}, SEC_E_OK},
    {"more EMPTYs", "EHDTEE", {0, 7, 1, 6, 0, 0}, SEC_E_OK},
    {"attribute bits", "HDT", {7, 1 | SECBUFFER_RESERVED, 6}, SEC_E_OK},
    {"no DATA", "HT", {7, 6}, SEC_E_INVALID_TOKEN},
    {"no header", "DT", {1, 6}, SEC_E_INVALID_TOKEN},
    {"no trailer", "HD", {7, 1}, SEC_E_INVALID_TOKEN},
    {"two DATA", "HDDT", {7, 1, 1, 6}, SEC_E_INVALID_TOKEN},
    {"two headers", "HHDT", {7, 7, 1, 6}, SEC_E_INVALID_TOKEN},
    {"STREAM is not DATA", "HDT", {7, 10, 6}, SEC_E_INVALID_TOKEN},
    {"READONLY is not processed", "HDT", {7, 1 | SECBUFFER_READONLY, 6}, SEC_E_INVALID_TOKEN},
    {"nothing", "", {0}, SEC_E_INVALID_TOKEN},
};

static SecBuffer piece(char kind, ULONG type, const SecPkgContext_StreamSizes *sizes, ULONG n)
{
    SecBuffer b = {0, type, NULL};
    if (kind == 'H')
        b = (SecBuffer){sizes->cbHeader, type, block};
    if (kind == 'D')
        b = (SecBuffer){n, type, block + sizes->cbHeader};
    if (kind == 'T')
        b = (SecBuffer){sizes->cbTrailer, type, block + sizes->cbHeader + n};
    return b;
}

static void encrypt_lists(void **state)
{
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        struct pair *p = connect_pair(versions[v]);
        SecPkgContext_StreamSizes sizes = sizes_of(&p->client);
        for (size_t i = 0; i < COUNT(list_rows); i++) {
            const struct list_row *row = &list_rows[i];
            SecBuffer b[6];
            ULONG count = (ULONG)strlen(row->pieces);
            for (ULONG j = 0; j < count; j++)
                b[j] = piece(row->pieces[j], row->types[j], &sizes, 5);
            memset(block, 0xEE, 100);
            memcpy(block + sizes.cbHeader, "hello", 5);
            CHECK_STATUS(row->row, encrypt(&p->client, 0, count, b), row->status);
            size_t whole = sizes.cbHeader + 5 + sizes.cbTrailer;
            if (row->status != SEC_E_OK) {
                CHECK(row->row, memcmp(block + sizes.cbHeader, "hello", 5) == 0);
                continue;
            }
            CHECK_NUMBER("E1", (size_t)block[3] << 8 | block[4], whole - 5);
            CHECK("E1", memcmp(block + sizes.cbHeader, "hello", 5) != 0 && block[whole] == 0xEE);
            check_arrives(row->row, &p->server, block, whole, "hello", 5);
        }
        CHECK_STATUS("pMessage NULL", EncryptMessage(&p->client.ctx, 0, NULL, 0),
                     SEC_E_INVALID_TOKEN);
    }
}

/* Memory that is missing: an error, no crash. */
static void encrypt_without_memory(void **state)
{
    (void)state;
    struct pair *p = connect_pair(TLS13);
    SecPkgContext_StreamSizes sizes = sizes_of(&p->client);
    for (size_t i = 0; i < 3; i++) {
        SecBuffer b[3] = {piece('H', SECBUFFER_STREAM_HEADER, &sizes, 5),
                          piece('D', SECBUFFER_DATA, &sizes, 5),
                          piece('T', SECBUFFER_STREAM_TRAILER, &sizes, 5)};
        b[i].pvBuffer = NULL;
        CHECK_STATUS("no memory", encrypt(&p->client, 0, 3, b), SEC_E_INVALID_TOKEN);
    }
    CHECK_STATUS("afterwards", pair_send(p, &p->client, &p->server, "abc", 3), SEC_E_OK);
}

static void encrypt_sizes(void **state)
{
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        static const ULONG lengths[] = {0, 1, 2, 1000, MESSAGE_MAX - 1, MESSAGE_MAX};
        struct pair *p = connect_pair(versions[v]);
        SecPkgContext_StreamSizes sizes = sizes_of(&p->client);
        CHECK_NUMBER("Z1", sizes.cbMaximumMessage, MESSAGE_MAX);
        memset(other, 'q', sizeof other);
        for (size_t i = 0; i < COUNT(lengths); i++) {
            ULONG n = lengths[i];
            memset(block, 'q', sizeof block);
            SecBuffer b[4] = {piece('H', SECBUFFER_STREAM_HEADER, &sizes, n),
                              piece('D', SECBUFFER_DATA, &sizes, n),
                              piece('T', SECBUFFER_STREAM_TRAILER, &sizes, n)};
            CHECK_STATUS("E4 E6 E7", encrypt(&p->client, 0, 4, b), SEC_E_OK);
            CHECK("E7", b[0].cbBuffer == sizes.cbHeader && b[1].cbBuffer == n &&
                            b[2].cbBuffer == sizes.cbTrailer);
            check_arrives("E4 E6", &p->server, block, sizes.cbHeader + n + sizes.cbTrailer,
                          (char *)other, n);
        }
        SecBuffer b[4] = {piece('H', SECBUFFER_STREAM_HEADER, &sizes, MESSAGE_MAX + 1),
                          piece('D', SECBUFFER_DATA, &sizes, MESSAGE_MAX + 1),
                          piece('T', SECBUFFER_STREAM_TRAILER, &sizes, MESSAGE_MAX + 1)};
        memset(block, 'q', sizeof block);
        CHECK_STATUS("E5", encrypt(&p->client, 0, 4, b), SEC_E_ENCRYPT_FAILURE);
        CHECK("E5 no partial output", memcmp(block, other, sizeof block) == 0);
        CHECK_STATUS("E5 afterwards", pair_send(p, &p->client, &p->server, "abc", 3), SEC_E_OK);
    }
}

static void encrypt_small_frames(void **state)
{
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        struct pair *p = connect_pair(versions[v]);
        SecPkgContext_StreamSizes sizes = sizes_of(&p->client);
        for (size_t i = 0; i < 3; i += 2) {
            SecBuffer b[4] = {piece('H', SECBUFFER_STREAM_HEADER, &sizes, 5),
                              piece('D', SECBUFFER_DATA, &sizes, 5),
                              piece('T', SECBUFFER_STREAM_TRAILER, &sizes, 5)};
            b[i].cbBuffer--;
            memcpy(b[1].pvBuffer, "hello", 5);
            CHECK_STATUS("E14", encrypt(&p->client, 0, 4, b), SEC_E_BUFFER_TOO_SMALL);
            CHECK("E14", memcmp(b[1].pvBuffer, "hello", 5) == 0);
        }
        CHECK_STATUS("E14 afterwards", pair_send(p, &p->client, &p->server, "abc", 3), SEC_E_OK);
        /* More room than needed is shortened to what was written. */
        SecBuffer b[4] = {{sizes.cbHeader + 10, SECBUFFER_STREAM_HEADER, block},
                          {5, SECBUFFER_DATA, block + 100},
                          {sizes.cbTrailer + 10, SECBUFFER_STREAM_TRAILER, block + 200}};
        memcpy(block + 100, "hello", 5);
        CHECK_STATUS("E13", encrypt(&p->client, 0, 4, b), SEC_E_OK);
        CHECK("E1", b[0].cbBuffer == sizes.cbHeader && b[2].cbBuffer == sizes.cbTrailer);
        memcpy(other, block, sizes.cbHeader);
        memcpy(other + sizes.cbHeader, block + 100, 5);
        memcpy(other + sizes.cbHeader + 5, block + 200, sizes.cbTrailer);
        check_arrives("E13", &p->server, other, sizes.cbHeader + 5 + sizes.cbTrailer, "hello", 5);
    }
}

static void quality_of_protection(void **state)
{
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        struct pair *p = connect_pair(versions[v]);
        SecPkgContext_StreamSizes sizes = sizes_of(&p->client);
        SecBuffer opened[4];
        SecBuffer b[3] = {piece('H', SECBUFFER_STREAM_HEADER, &sizes, 2),
                          piece('D', SECBUFFER_DATA, &sizes, 2),
                          piece('T', SECBUFFER_STREAM_TRAILER, &sizes, 2)};
        memcpy(b[1].pvBuffer, "\2\52", 2);
        CHECK_STATUS("fQOP", encrypt(&p->client, SECQOP_WRAP_NO_ENCRYPT, 3, b),
                     SEC_E_QOP_NOT_SUPPORTED);
        CHECK_STATUS("fQOP", encrypt(&p->client, 7, 3, b), SEC_E_QOP_NOT_SUPPORTED);
        CHECK("fQOP", memcmp(b[1].pvBuffer, "\2\52", 2) == 0);
        b[1].cbBuffer = 1;
        CHECK_STATUS("fQOP: an alert has two bytes",
                     encrypt(&p->client, SECQOP_WRAP_OOB_DATA, 3, b), SEC_E_INVALID_TOKEN);
        b[1].cbBuffer = 2;
        CHECK_STATUS("SECQOP_WRAP_OOB_DATA", encrypt(&p->client, SECQOP_WRAP_OOB_DATA, 3, b),
                     SEC_E_OK);
        CHECK("SECQOP_WRAP_OOB_DATA", block[0] == (versions[v] == TLS12 ? 21 : 23));
        CHECK_STATUS("SECQOP_WRAP_OOB_DATA: bad_certificate",
                     unseal(&p->server, block, sizes.cbHeader + 2 + sizes.cbTrailer, opened),
                     SEC_E_CERT_UNKNOWN);
    }
}

static void before_the_end(void **state)
{
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        struct pair *p = open_pair(versions[v]);
        SecBuffer b[4];
        memset(block, 0, 100);
        memcpy(block, "\27\3\3\0\40", 5);
        pair_call(&p->client, &p->server);
        for (unsigned step = 0; step < 2; step++) {
            struct pair_side *side = step == 0 ? &p->client : &p->server;
            SecBuffer e[3] = {{13, SECBUFFER_STREAM_HEADER, block},
                              {5, SECBUFFER_DATA, block + 13},
                              {17, SECBUFFER_STREAM_TRAILER, block + 18}};
            CHECK_STATUS("E10", encrypt(side, 0, 3, e), SEC_E_INVALID_HANDLE);
            CHECK_STATUS("D28", unseal(side, block, 37, b), SEC_E_INVALID_HANDLE);
            deliver(p, &p->server);
            if (step == 0)
                pair_call(&p->server, &p->client);
        }
        CHECK("E10 D28: no harm", go_on(p));
        CHECK_STATUS("afterwards", pair_send(p, &p->client, &p->server, "abc", 3), SEC_E_OK);
    }
}

/* ---- lists for DecryptMessage ---------------------------------------------------------- */

static void decrypt_lists(void **state)
{
    (void)state;
    static const struct {
        const char *row;
        ULONG count;
        ULONG types[6];
        SECURITY_STATUS status;
    } rows[] = {
        {"D1", 3, {1, 0, 0}, SEC_E_INVALID_TOKEN},
        {"D1", 1, {1}, SEC_E_INVALID_TOKEN},
        {"D1", 0, {0}, SEC_E_INVALID_TOKEN},
        {"D2", 4, {0, 0, 0, 0}, SEC_E_INVALID_TOKEN},
        {"D3", 4, {1, 1, 0, 0}, SEC_E_INVALID_TOKEN},
        {"D4", 4, {1, 5, 0, 0}, SEC_E_INVALID_TOKEN},
        {"a TOKEN among them", 4, {1, 2, 0, 0}, SEC_E_INVALID_TOKEN},
        {"a TOKEN instead", 4, {2, 0, 0, 0}, SEC_E_INVALID_TOKEN},
        {"a STREAM instead", 4, {10, 0, 0, 0}, SEC_E_INVALID_TOKEN},
        {"D5 D6", 4, {1, 0, 0, 0}, SEC_E_OK},
        {"D5 more EMPTYs", 6, {1, 0, 0, 0, 0, 0}, SEC_E_OK},
        {"D5 DATA elsewhere", 4, {0, 0, 1, 0}, SEC_E_OK},
    };
    for (size_t v = 0; v < COUNT(versions); v++) {
        struct pair *p = connect_pair(versions[v]);
        for (size_t i = 0; i < COUNT(rows); i++) {
            SecBuffer b[6] = {0};
            ULONG qop = 99;
            size_t n = pair_seal(&p->client, "hello", 5, block, sizeof block);
            memcpy(other, block, n);
            for (ULONG j = 0; j < rows[i].count; j++) {
                bool holds = rows[i].types[j] != SECBUFFER_EMPTY && rows[i].types[j] != 5;
                b[j] = (SecBuffer){holds ? (ULONG)n : 0, rows[i].types[j], holds ? block : NULL};
            }
            SecBufferDesc message = {SECBUFFER_VERSION, rows[i].count, b};
            CHECK_STATUS(rows[i].row, DecryptMessage(&p->server.ctx, &message, 0, &qop),
                         rows[i].status);
            if (rows[i].status != SEC_E_OK) {
                CHECK("D6", memcmp(block, other, n) == 0);
                check_arrives("D6", &p->server, block, n, "hello", 5);
                continue;
            }
            CHECK("D13", b[0].BufferType == SECBUFFER_STREAM_HEADER &&
                             b[1].BufferType == SECBUFFER_DATA &&
                             b[2].BufferType == SECBUFFER_STREAM_TRAILER &&
                             b[3].BufferType == SECBUFFER_EMPTY);
            CHECK("D13", b[1].cbBuffer == 5 && memcmp(b[1].pvBuffer, "hello", 5) == 0);
        }
        CHECK_STATUS("pMessage NULL", DecryptMessage(&p->server.ctx, NULL, 0, NULL),
                     SEC_E_INVALID_TOKEN);
        SecBuffer none[4] = {{20, SECBUFFER_DATA, NULL}};
        SecBufferDesc message = {SECBUFFER_VERSION, 4, none};
        CHECK_STATUS("no memory", DecryptMessage(&p->server.ctx, &message, 0, NULL),
                     SEC_E_INVALID_TOKEN);
    }
}

static void decrypt_layout(void **state)
{
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        struct pair *p = connect_pair(versions[v]);
        SecPkgContext_StreamSizes sizes = sizes_of(&p->client);
        SecBuffer b[4];
        size_t first = pair_seal(&p->client, "first", 5, block, 1000);
        size_t second = pair_seal(&p->client, "second!", 7, block + first, 1000);
        CHECK_STATUS("D16", unseal(&p->server, block, first + second, b), SEC_E_OK);
        CHECK("D14", b[0].pvBuffer == block && b[0].cbBuffer == sizes.cbHeader);
        CHECK("D14", b[1].pvBuffer == block + sizes.cbHeader && b[1].cbBuffer == 5);
        /* The trailer counts the EXTRA bytes in. */
        CHECK("D15", b[2].pvBuffer == block + sizes.cbHeader + 5 &&
                         b[2].cbBuffer == sizes.cbTrailer + second);
        CHECK_NUMBER("D14", b[3].BufferType, SECBUFFER_EXTRA);
        CHECK("D14", b[3].pvBuffer == block + first && b[3].cbBuffer == second);
        check_arrives("D14", &p->server, b[3].pvBuffer, b[3].cbBuffer, "second!", 7);
    }
}

static void decrypt_incomplete(void **state)
{
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        struct pair *p = connect_pair(versions[v]);
        SecBuffer b[4];
        size_t n = pair_seal(&p->client, "hello", 5, block, 1000);
        memcpy(other, block, n);
        for (size_t have = 0; have < n; have++) {
            ULONG missing = (ULONG)(have < 5 ? 5 - have : n - have);
            CHECK_STATUS("D10", unseal(&p->server, block, have, b), SEC_E_INCOMPLETE_MESSAGE);
            CHECK_NUMBER("D10", b[0].BufferType, SECBUFFER_MISSING);
            CHECK_NUMBER("D10", b[0].cbBuffer, missing);
            CHECK("D10", b[0].pvBuffer == block);
            CHECK_NUMBER("D11", b[1].BufferType, SECBUFFER_MISSING);
            CHECK_NUMBER("D11", b[1].cbBuffer, missing);
            CHECK("D12", memcmp(block, other, n) == 0);
        }
        check_arrives("D12", &p->server, block, n, "hello", 5);
    }
}

/* ---- closing --------------------------------------------------------------------------- */

static void close_and_what_follows(void **state)
{
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        struct pair *p = connect_pair(versions[v]);
        SecBuffer b[4];
        size_t n = pair_seal(&p->client, "last", 4, block, 1000);
        CHECK_STATUS("H20", pair_shutdown(&p->client, &p->server), SEC_E_OK);
        size_t close_len = p->server.wire_len;
        memcpy(block + n, p->server.wire, close_len);
        memcpy(block + n + close_len, "abcdef", 6);
        p->server.wire_len = 0;
        CHECK_STATUS("D21", unseal(&p->server, block, n + close_len + 6, b), SEC_E_OK);
        CHECK_STATUS("D21", unseal(&p->server, block + n, close_len + 6, b), SEC_I_CONTEXT_EXPIRED);
        CHECK_NUMBER("D21", b[1].cbBuffer, 0);
        CHECK("D21 EXTRA behind the close", b[3].BufferType == SECBUFFER_EXTRA &&
                                                b[3].cbBuffer == 6 &&
                                                b[3].pvBuffer == block + n + close_len);
        CHECK_STATUS("D21 again", unseal(&p->server, block, 6, b), SEC_I_CONTEXT_EXPIRED);
        CHECK_STATUS("D21 again", unseal(&p->server, block, 0, b), SEC_I_CONTEXT_EXPIRED);
        SecBuffer e[3] = {{13, SECBUFFER_STREAM_HEADER, block},
                          {4, SECBUFFER_DATA, block + 13},
                          {17, SECBUFFER_STREAM_TRAILER, block + 17}};
        CHECK_STATUS("E9", encrypt(&p->client, 0, 3, e), SEC_E_CONTEXT_EXPIRED);
        /* Half closed: the other direction still works. */
        CHECK_STATUS("half-open", pair_send(p, &p->server, &p->client, "late", 4), SEC_E_OK);
    }
}

/* ---- tampering and disorder ------------------------------------------------------------ */

/* One bit of the record changed at `at`; what the receiver says, and that it is dead then. */
static SECURITY_STATUS tamper(int version, size_t at, BYTE bit)
{
    struct pair *p = connect_pair(version);
    SecBuffer b[4];
    size_t n = pair_seal(&p->client, "hello", 5, block, 1000);
    block[at] ^= bit;
    SECURITY_STATUS status = unseal(&p->server, block, n, b);
    if (status == SEC_E_INCOMPLETE_MESSAGE)
        return status;
    CHECK("D32 no plaintext", status < 0);
    n = pair_seal(&p->client, "hello", 5, block, 1000);
    CHECK_STATUS("D35", unseal(&p->server, block, n, b), SEC_E_CONTEXT_EXPIRED);
    SecBuffer e[3] = {{13, SECBUFFER_STREAM_HEADER, block},
                      {4, SECBUFFER_DATA, block + 13},
                      {17, SECBUFFER_STREAM_TRAILER, block + 17}};
    CHECK_STATUS("D35", encrypt(&p->server, 0, 3, e), SEC_E_CONTEXT_EXPIRED);
    return status;
}

static void tampered_records(void **state)
{
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        size_t whole = versions[v] == TLS12 ? 13 + 5 + 16 : 5 + 5 + 17;
        for (size_t at = 5; at < whole; at++)
            CHECK_STATUS("D32", tamper(versions[v], at, (BYTE)(1 << at % 8)),
                         SEC_E_MESSAGE_ALTERED);
        CHECK_STATUS("D32 longer", tamper(versions[v], 4, 0x40), SEC_E_INCOMPLETE_MESSAGE);
        CHECK("D32 shorter", tamper(versions[v], 4, 1) < 0);
        CHECK("D26 D32 type", tamper(versions[v], 0, 0x01) < 0); /* 22 */
        CHECK_STATUS("D26 D32 type", tamper(versions[v], 0, 0x80), SEC_E_DECRYPT_FAILURE);
        CHECK("D32 version", tamper(versions[v], 1, 0x01) < 0);
        CHECK_STATUS("D32 too long", tamper(versions[v], 3, 0x80), SEC_E_ILLEGAL_MESSAGE);
    }
}

static void replayed_and_reordered(void **state)
{
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        struct pair *p = connect_pair(versions[v]);
        SecBuffer b[4];
        size_t n = pair_seal(&p->client, "hello", 5, block, 1000);
        memcpy(other, block, n);
        check_arrives("once", &p->server, block, n, "hello", 5);
        CHECK_STATUS("a replayed record", unseal(&p->server, other, n, b), SEC_E_MESSAGE_ALTERED);
        p = connect_pair(versions[v]);
        pair_seal(&p->client, "first", 5, block, 1000);
        n = pair_seal(&p->client, "later", 5, other, 1000);
        CHECK_STATUS("a record out of order", unseal(&p->server, other, n, b),
                     SEC_E_MESSAGE_ALTERED);
        p = connect_pair(versions[v]);
        n = pair_seal(&p->client, "hello", 5, block, 1000);
        CHECK_STATUS("a record sent back", unseal(&p->client, block, n, b), SEC_E_MESSAGE_ALTERED);
    }
}

/* D26 D27: plaintext where a record of the connection is due. */
static void foreign_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *row;
        const char *bytes;
        size_t n;
        SECURITY_STATUS status;
    } rows[] = {
        {"D27 a handshake record in clear", "\26\3\3\0\4\1\0\0\0", 9, 0},
        {"D26 change_cipher_spec", "\24\3\3\0\1\1", 6, SEC_E_DECRYPT_FAILURE},
        {"D26 unknown type", "\40\3\3\0\1\1", 6, SEC_E_DECRYPT_FAILURE},
        {"D26 text", "HTTP/1.1 200 OK\r\n", 17, SEC_E_DECRYPT_FAILURE},
        {"too short to be protected", "\27\3\3\0\1\1", 6, 0},
        {"an alert in clear", "\25\3\3\0\2\2\50", 7, 0},
    };
    for (size_t v = 0; v < COUNT(versions); v++) {
        for (size_t i = 0; i < COUNT(rows); i++) {
            struct pair *p = connect_pair(versions[v]);
            SecBuffer b[4];
            memset(block, 0, 64);
            memcpy(block, rows[i].bytes, rows[i].n);
            SECURITY_STATUS status = unseal(&p->client, block, rows[i].n, b);
            CHECK(rows[i].row, status < 0 && status != SEC_E_INCOMPLETE_MESSAGE);
            if (rows[i].status != 0)
                CHECK_STATUS(rows[i].row, status, rows[i].status);
            CHECK_STATUS("D35", unseal(&p->client, block, rows[i].n, b), SEC_E_CONTEXT_EXPIRED);
        }
    }
}

/* D17: empty records are data of no bytes, within reason. */
static void empty_records(void **state)
{
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        struct pair *p = connect_pair(versions[v]);
        for (unsigned i = 0; i < 10; i++) {
            size_t n = pair_seal(&p->client, "", 0, block, 1000);
            check_arrives("D17", &p->server, block, n, "", 0);
        }
        SECURITY_STATUS status = SEC_E_OK;
        SecBuffer b[4];
        for (unsigned i = 0; i < 1000 && status == SEC_E_OK; i++) {
            size_t n = pair_seal(&p->client, "", 0, block, 1000);
            status = unseal(&p->server, block, n, b);
        }
        CHECK_STATUS("a flood of nothing", status, SEC_E_ILLEGAL_MESSAGE);
    }
}

/* ---- the checks bite ------------------------------------------------------------------- */

static void planted(void **state)
{
    (void)state;
    struct pair *p = connect_pair(TLS13);
    size_t n = pair_seal(&p->client, "hello", 5, block, 1000);
    memcpy(other, block, n);
    other[n - 1] ^= 1;
    planted_begin();
    check_arrives("planted: other text", &p->server, block, n, "hellO", 5);
    assert_int_equal(planted_end(), 1);
    planted_begin();
    check_arrives("planted: tampered", &p->server, other, n, "hello", 5);
    assert_true(planted_end() >= 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted),
        cmocka_unit_test(encrypt_lists),
        cmocka_unit_test(encrypt_without_memory),
        cmocka_unit_test(encrypt_sizes),
        cmocka_unit_test(encrypt_small_frames),
        cmocka_unit_test(quality_of_protection),
        cmocka_unit_test(before_the_end),
        cmocka_unit_test(decrypt_lists),
        cmocka_unit_test(decrypt_layout),
        cmocka_unit_test(decrypt_incomplete),
        cmocka_unit_test(close_and_what_follows),
        cmocka_unit_test(tampered_records),
        cmocka_unit_test(replayed_and_reordered),
        cmocka_unit_test(foreign_bytes),
        cmocka_unit_test(empty_records),
    };
    return cmocka_run_group_tests(tests, NULL, close_pair);
}
