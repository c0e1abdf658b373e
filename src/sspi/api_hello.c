/* SPDX-License-Identifier: MIT */
/*
 * SslGetServerIdentity and SslGetExtensions: a look at a ClientHello before any context exists (RFC
 * 8446 4.1.2, RFC 6066 3). The hello must lie in one record.
 */
#include <schannel.h>

#include "sspi/internal.h"

enum {
    HANDSHAKE_HEADER_LEN = 4,
    CLIENT_HELLO = 1,
    RANDOM_LEN = 32,
    SERVER_NAME = 0,
    HOST_NAME = 0
};

/* How many bytes the whole needs; 0 when it is all there. */
static SECURITY_STATUS find_hello(struct span bytes, bool has_record_header, struct span *out,
                                  size_t *out_needed)
{
    size_t at = has_record_header ? TLS_RECORD_HEADER_LEN : 0;
    *out_needed = at + HANDSHAKE_HEADER_LEN;
    if (bytes.n != 0 && bytes.p[0] != (has_record_header ? TLS_HANDSHAKE : CLIENT_HELLO))
        return SEC_E_INVALID_TOKEN;
    if (bytes.n < *out_needed)
        return SEC_E_INCOMPLETE_MESSAGE;
    size_t body_len = load_u24(bytes.p + at + 1);
    *out_needed += body_len;
    if (bytes.p[at] != CLIENT_HELLO)
        return SEC_E_INVALID_TOKEN;
    if (has_record_header && load_u16(bytes.p + 3) < HANDSHAKE_HEADER_LEN + body_len)
        return SEC_E_INVALID_TOKEN;
    if (bytes.n < *out_needed)
        return SEC_E_INCOMPLETE_MESSAGE;
    *out_needed = 0;
    *out = span_of(bytes.p + at + HANDSHAKE_HEADER_LEN, body_len);
    return SEC_E_OK;
}

/* The extension block; empty when the hello has none. */
static bool find_extensions(struct span hello, struct span *out)
{
    struct rd r = rd_from(hello);
    rd_take(&r, 2 + RANDOM_LEN);
    rd_vec(&r, 1, 0, 32);
    rd_vec(&r, 2, 2, UINT16_MAX - 1);
    rd_vec(&r, 1, 1, 255);
    *out = rd_left(&r) != 0 ? rd_vec(&r, 2, 0, UINT16_MAX) : span_empty();
    return rd_end(&r);
}

/* The next {type, body}; false at the end, or with *bad set. */
static bool next_extension(struct rd *r, WORD *out_type, struct span *out_body)
{
    if (r->bad || rd_left(r) == 0)
        return false;
    *out_type = rd_u16(r);
    *out_body = rd_vec(r, 2, 0, UINT16_MAX);
    return !r->bad;
}

static bool host_name(struct span body, struct span *out)
{
    struct rd r = rd_from(body);
    struct rd names = rd_from(rd_vec(&r, 2, 1, UINT16_MAX));
    *out = span_empty();
    while (!names.bad && rd_left(&names) != 0) {
        uint8_t type = rd_u8(&names);
        struct span name = rd_vec(&names, 2, 1, UINT16_MAX);
        if (type == HOST_NAME && !names.bad && out->n == 0)
            *out = name;
    }
    return rd_end(&r) && !names.bad;
}

SECURITY_STATUS SslGetServerIdentity(PBYTE ClientHello, DWORD ClientHelloSize,
                                     PBYTE *ServerIdentity, PDWORD ServerIdentitySize, DWORD Flags)
{
    struct span hello;
    struct span block;
    struct span body;
    size_t needed;
    WORD type;
    if (ClientHello == NULL || ServerIdentity == NULL || ServerIdentitySize == NULL || Flags != 0)
        return SEC_E_INVALID_PARAMETER;
    SECURITY_STATUS status =
        find_hello(span_of(ClientHello, ClientHelloSize), true, &hello, &needed);
    if (status != SEC_E_OK)
        return status;
    if (!find_extensions(hello, &block))
        return SEC_E_INVALID_TOKEN;
    struct span name = span_empty();
    struct rd r = rd_from(block);
    while (next_extension(&r, &type, &body)) {
        if (type == SERVER_NAME && !host_name(body, &name))
            return SEC_E_INVALID_TOKEN;
    }
    if (r.bad)
        return SEC_E_INVALID_TOKEN;
    *ServerIdentity = name.n != 0 ? ClientHello + (name.p - ClientHello) : NULL;
    *ServerIdentitySize = (DWORD)name.n;
    return SEC_E_OK;
}

static bool fill_extensions(struct span block, SCH_EXTENSION_DATA *wanted, size_t count)
{
    WORD type;
    struct span body;
    for (size_t i = 0; i < count; i++) {
        wanted[i].pExtData = NULL;
        wanted[i].cbExtData = 0;
    }
    struct rd r = rd_from(block);
    while (next_extension(&r, &type, &body)) {
        for (size_t i = 0; i < count; i++) {
            if (wanted[i].ExtensionType != type)
                continue;
            wanted[i].pExtData = r.p - body.n; /* inside, also when it is empty */
            wanted[i].cbExtData = (DWORD)body.n;
        }
    }
    return !r.bad;
}

SECURITY_STATUS SslGetExtensions(const BYTE *clientHello, DWORD clientHelloByteSize,
                                 SCH_EXTENSION_DATA *genericExtensions, BYTE genericExtensionsCount,
                                 DWORD *bytesToRead, SchGetExtensionsOptions flags)
{
    struct span hello;
    struct span block;
    size_t needed;
    if (clientHello == NULL || bytesToRead == NULL ||
        (genericExtensions == NULL && genericExtensionsCount != 0))
        return SEC_E_INVALID_PARAMETER;
    SECURITY_STATUS status = find_hello(span_of(clientHello, clientHelloByteSize),
                                        (flags & SCH_NO_RECORD_HEADER) == 0, &hello, &needed);
    *bytesToRead = status == SEC_E_INCOMPLETE_MESSAGE ? (DWORD)needed : 0;
    if (status != SEC_E_OK)
        return status;
    if (!find_extensions(hello, &block) ||
        !fill_extensions(block, genericExtensions, genericExtensionsCount))
        return SEC_E_INVALID_TOKEN;
    return SEC_E_OK;
}
