/* SPDX-License-Identifier: MIT */
/* Walking lists of security buffers. Types are compared without their attribute bits. */
#include "sspi/internal.h"

ULONG secbuffer_count(const SecBufferDesc *desc)
{
    return desc != NULL && desc->pBuffers != NULL ? desc->cBuffers : 0;
}

SecBuffer *secbuffer_find(const SecBufferDesc *desc, ULONG type)
{
    for (ULONG i = 0; i < secbuffer_count(desc); i++) {
        if (secbuffer_type(&desc->pBuffers[i]) == type)
            return &desc->pBuffers[i];
    }
    return NULL;
}

SecBuffer *secbuffer_find_last(const SecBufferDesc *desc, ULONG type)
{
    for (ULONG i = secbuffer_count(desc); i > 0; i--) {
        if (secbuffer_type(&desc->pBuffers[i - 1]) == type)
            return &desc->pBuffers[i - 1];
    }
    return NULL;
}

struct span secbuffer_bytes(const SecBuffer *b)
{
    return b != NULL && b->pvBuffer != NULL ? span_of(b->pvBuffer, b->cbBuffer) : span_empty();
}

/* ---- application protocols ------------------------------------------------------------- */

/* Numbers in these structures are the machine's, at any alignment. */
static uint32_t take_u32(struct rd *r)
{
    uint32_t value = 0;
    rd_copy(r, (uint8_t *)&value, sizeof value);
    return value;
}

static uint16_t take_u16(struct rd *r)
{
    uint16_t value = 0;
    rd_copy(r, (uint8_t *)&value, sizeof value);
    return value;
}

/* (length byte, id)*, no id empty. */
static bool is_protocol_list(struct span list)
{
    struct rd r = rd_from(list);
    while (!r.bad && rd_left(&r) != 0)
        rd_vec(&r, 1, 1, 255);
    return !r.bad;
}

bool secbuffer_alpn(const SecBufferDesc *desc, struct span *out)
{
    const SecBuffer *b = secbuffer_find(desc, SECBUFFER_APPLICATION_PROTOCOLS);
    *out = span_empty();
    if (b == NULL)
        return true;
    struct rd block = rd_from(secbuffer_bytes(b));
    uint32_t lists_len = take_u32(&block);
    struct rd lists = rd_from(rd_take(&block, lists_len));
    while (!block.bad && !lists.bad && rd_left(&lists) != 0) {
        uint32_t kind = take_u32(&lists);
        struct span list = rd_take(&lists, take_u16(&lists));
        if (kind == SecApplicationProtocolNegotiationExt_ALPN && out->n == 0)
            *out = list;
    }
    return !block.bad && !lists.bad && is_protocol_list(*out);
}
