/* SPDX-License-Identifier: MIT */
/*
 * QueryContextAttributes and SetContextAttributes. Microsoft "QueryContextAttributes (Schannel)".
 * The attributes are the rows of ctx/attribute.c.
 */
#include "sspi/internal.h"

enum direction { QUERY, SET };

static SECURITY_STATUS find(const struct ctx *ctx, ULONG id, enum direction direction,
                            const void *buffer, const struct ctx_attribute **out)
{
    const struct ctx_attribute *row = ctx_attribute_find(id);
    *out = row;
    if (ctx_is_foreign(ctx))
        return SEC_E_CONTEXT_EXPIRED;
    if (row == NULL || (direction == QUERY ? row->query == NULL : row->set == NULL))
        return SEC_E_UNSUPPORTED_FUNCTION;
    if (buffer == NULL)
        return SEC_E_INTERNAL_ERROR;
    if (!row->before_done && !ctx_is_established(ctx))
        return SEC_E_INVALID_HANDLE;
    return SEC_E_OK;
}

static SECURITY_STATUS query(PCtxtHandle handle, bool wide, ULONG id, void *buffer, ULONG size)
{
    const struct ctx_attribute *row;
    struct ctx *ctx = handle_get(HANDLE_CTX, handle);
    if (ctx == NULL)
        return SEC_E_INVALID_HANDLE;
    crypto_mark();
    SECURITY_STATUS status = find(ctx, id, QUERY, buffer, &row);
    if (status == SEC_E_OK)
        status =
            size < row->size ? SEC_E_BUFFER_TOO_SMALL : status_of(row->query(ctx, wide, buffer));
    crypto_unmark();
    handle_put(handle);
    return status;
}

SECURITY_STATUS SEC_ENTRY QueryContextAttributesA(PCtxtHandle phContext, ULONG ulAttribute,
                                                  void *pBuffer)
{
    return query(phContext, false, ulAttribute, pBuffer, UINT32_MAX);
}

SECURITY_STATUS SEC_ENTRY QueryContextAttributesW(PCtxtHandle phContext, ULONG ulAttribute,
                                                  void *pBuffer)
{
    return query(phContext, true, ulAttribute, pBuffer, UINT32_MAX);
}

SECURITY_STATUS SEC_ENTRY QueryContextAttributesExA(PCtxtHandle phContext, ULONG ulAttribute,
                                                    void *pBuffer, ULONG cbBuffer)
{
    return query(phContext, false, ulAttribute, pBuffer, cbBuffer);
}

SECURITY_STATUS SEC_ENTRY QueryContextAttributesExW(PCtxtHandle phContext, ULONG ulAttribute,
                                                    void *pBuffer, ULONG cbBuffer)
{
    return query(phContext, true, ulAttribute, pBuffer, cbBuffer);
}

SECURITY_STATUS SEC_ENTRY SetContextAttributesA(PCtxtHandle phContext, ULONG ulAttribute,
                                                void *pBuffer, ULONG cbBuffer)
{
    const struct ctx_attribute *row;
    struct ctx *ctx = handle_get(HANDLE_CTX, phContext);
    if (ctx == NULL)
        return SEC_E_INVALID_HANDLE;
    SECURITY_STATUS status = find(ctx, ulAttribute, SET, pBuffer, &row);
    if (status == SEC_E_OK)
        status = cbBuffer < row->size ? SEC_E_BUFFER_TOO_SMALL : status_of(row->set(ctx, pBuffer));
    handle_put(phContext);
    return status;
}

SECURITY_STATUS SEC_ENTRY SetContextAttributesW(PCtxtHandle phContext, ULONG ulAttribute,
                                                void *pBuffer, ULONG cbBuffer)
{
    return SetContextAttributesA(phContext, ulAttribute, pBuffer, cbBuffer);
}
