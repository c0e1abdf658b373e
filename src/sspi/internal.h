/* SPDX-License-Identifier: MIT */
/* The insides of the surface: handles, buffers, statuses. Only here do SECURITY_STATUS values
 * exist. */
#ifndef SCHANNEL_SSPI_INTERNAL_H
#define SCHANNEL_SSPI_INTERNAL_H

#include "ctx/ctx.h"

/* ---- handles (handle.c) ---------------------------------------------------------------- */

enum handle_type { HANDLE_CRED = 1, HANDLE_CTX = 2 };

/*
 * A handle is slot + generation. handle_get pins the object without a lock until handle_put; a
 * stale, foreign, zero or garbage handle gives NULL. handle_delete makes the handle stale at once
 * and frees the object when the last pin goes.
 */
err handle_new(enum handle_type type, void *object, PSecHandle out) MUST_USE;
void *handle_get(enum handle_type type, const SecHandle *handle);
void handle_put(const SecHandle *handle);
bool handle_delete(enum handle_type type, const SecHandle *handle);

/* ---- statuses (status.c) --------------------------------------------------------------- */

SECURITY_STATUS status_of(err reason);
/* As status_of; a received alert is looked up by its number. */
SECURITY_STATUS status_of_failure(err reason, int alert_received);
SECURITY_STATUS status_of_alert(int alert);

/* ---- buffers (secbuffer.c) ------------------------------------------------------------- */

static inline ULONG secbuffer_type(const SecBuffer *b)
{
    return b->BufferType & ~(ULONG)SECBUFFER_ATTRMASK;
}
/* A list that can be walked: NULL, or one without array, counts as empty. */
ULONG secbuffer_count(const SecBufferDesc *desc);
SecBuffer *secbuffer_find(const SecBufferDesc *desc, ULONG type);
SecBuffer *secbuffer_find_last(const SecBufferDesc *desc, ULONG type);
/* The bytes of a buffer; empty when pvBuffer is NULL. */
struct span secbuffer_bytes(const SecBuffer *b);
/*
 * The first ALPN list of a SECBUFFER_APPLICATION_PROTOCOLS (SEC_APPLICATION_PROTOCOLS), empty when
 * there is none. False when the structure contradicts itself or its buffer.
 */
bool secbuffer_alpn(const SecBufferDesc *desc, struct span *out);

/* ---- text (package.c) ------------------------------------------------------------------ */

/* ERR_NOT_AVAILABLE when no package of ours has the name. */
err package_find(const char *name) MUST_USE;

#endif
