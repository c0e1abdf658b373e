/* SPDX-License-Identifier: MIT */
/* What libschannel.h adds to a security context: events, alerts, key updates. */
#include <libschannel.h>

#include "sspi/internal.h"

enum { EVENTS_MAX = 65536, READ_AT_ONCE = 16 };

SECURITY_STATUS SchannelTraceCredential(PCredHandle credential, DWORD event_count)
{
    struct cred *cred = handle_get(HANDLE_CRED, credential);
    if (cred == NULL)
        return SEC_E_INVALID_HANDLE;
    if (event_count <= EVENTS_MAX)
        atomic_store(&cred->event_count, event_count);
    handle_put(credential);
    return event_count <= EVENTS_MAX ? SEC_E_OK : SEC_E_INVALID_PARAMETER;
}

/* The word that a kind of event is about. */
static const char *event_name(const struct tls_event *event)
{
    switch (event->kind) {
    case TLS_EVENT_RECORD_RECEIVED:
    case TLS_EVENT_RECORD_SENT:
        return tls_content_type_name(event->content_type);
    case TLS_EVENT_MESSAGE_PARSED:
    case TLS_EVENT_MESSAGE_BUILT:
        return tls_message_name(event->message_type);
    case TLS_EVENT_KEY_INSTALLED:
        return event->from != NULL ? event->from : "";
    case TLS_EVENT_ALERT_RECEIVED:
    case TLS_EVENT_ALERT_SENT:
        return tls_alert_name(event->alert);
    case TLS_EVENT_FAILURE:
        return err_name(event->reason);
    case TLS_EVENT_STATE:
        break;
    }
    return "";
}

static SCHANNEL_EVENT public_event(const struct tls_event *event)
{
    return (SCHANNEL_EVENT){
        .Number = event->number,
        .Kind = (DWORD)event->kind,
        .Level = (DWORD)event->level,
        .ContentType = event->content_type,
        .MessageType = event->message_type,
        .AlertLevel = event->alert_level,
        .Alert = event->alert,
        .Length = event->length,
        .Line = (DWORD)event->line,
        .Name = event_name(event),
        .Text = event->kind == TLS_EVENT_FAILURE ? err_text(event->reason) : "",
        .From = event->from != NULL ? event->from : "",
        .To = event->to != NULL ? event->to : "",
        .Function = event->function != NULL ? event->function : "",
    };
}

static DWORD read_events(struct ctx *ctx, SCHANNEL_EVENT *events, DWORD max, ULONGLONG *dropped)
{
    struct tls_event some[READ_AT_ONCE];
    DWORD count = 0;
    size_t n = 1;
    *dropped = 0;
    while (count < max && n != 0) {
        uint64_t lost;
        size_t ask = max - count < READ_AT_ONCE ? max - count : READ_AT_ONCE;
        n = tls_events(ctx_engine(ctx), some, ask, &lost);
        *dropped += lost;
        for (size_t i = 0; i < n; i++)
            events[count++] = public_event(&some[i]);
    }
    return count;
}

SECURITY_STATUS SchannelReadEvents(PCtxtHandle context, SCHANNEL_EVENT *events, DWORD max,
                                   DWORD *count, ULONGLONG *dropped)
{
    ULONGLONG lost;
    struct ctx *ctx = handle_get(HANDLE_CTX, context);
    if (ctx == NULL)
        return SEC_E_INVALID_HANDLE;
    bool is_valid = count != NULL && (events != NULL || max == 0);
    if (is_valid) {
        *count = read_events(ctx, events, max, &lost);
        if (dropped != NULL)
            *dropped = lost;
    }
    handle_put(context);
    return is_valid ? SEC_E_OK : SEC_E_INVALID_PARAMETER;
}

SECURITY_STATUS SchannelPeerAlert(PCtxtHandle context, LONG *received, LONG *sent)
{
    struct ctx *ctx = handle_get(HANDLE_CTX, context);
    if (ctx == NULL)
        return SEC_E_INVALID_HANDLE;
    if (received != NULL)
        *received = ctx_info(ctx)->alert_received;
    if (sent != NULL)
        *sent = ctx_info(ctx)->alert_sent;
    handle_put(context);
    return SEC_E_OK;
}

static SECURITY_STATUS update_keys(struct ctx *ctx, bool request_update)
{
    if (ctx_is_foreign(ctx))
        return SEC_E_CONTEXT_EXPIRED;
    return status_of(tls_update_keys(ctx_engine(ctx), request_update));
}

SECURITY_STATUS SchannelUpdateKeys(PCtxtHandle context, DWORD request_update)
{
    struct ctx *ctx = handle_get(HANDLE_CTX, context);
    if (ctx == NULL)
        return SEC_E_INVALID_HANDLE;
    crypto_mark();
    SECURITY_STATUS status = update_keys(ctx, request_update != 0);
    crypto_unmark();
    handle_put(context);
    return status;
}
