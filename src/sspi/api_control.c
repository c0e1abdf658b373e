/* SPDX-License-Identifier: MIT */
/* ApplyControlToken. Microsoft "ApplyControlToken", "Shutting Down an Schannel Connection". */
#include <schannel.h>

#include "sspi/internal.h"

/* What the token says; fields behind dwTokenType are there when the token is long enough. */
struct control {
    DWORD type;
    DWORD level_or_flags;
    DWORD number;
};

static SECURITY_STATUS arm_alert(struct ctx *ctx, uint8_t level, uint8_t number)
{
    /* Repeated before the record was fetched: one alert is enough. */
    bool is_armed = ctx_take_control(ctx);
    err result = is_armed ? OK : tls_send_alert(ctx_engine(ctx), level, number);
    /* After a failure of ours the alert that the peer is owed stands for the caller's. */
    if (result != OK && result != ERR_DEAD)
        return status_of(result);
    ctx_arm_control(ctx);
    return SEC_E_OK;
}

static SECURITY_STATUS arm(struct ctx *ctx, const struct control *control, size_t n)
{
    switch (control->type) {
    case SCHANNEL_SHUTDOWN:
        return arm_alert(ctx, TLS1_ALERT_WARNING, TLS1_ALERT_CLOSE_NOTIFY);
    case SCHANNEL_ALERT:
        if (n < sizeof(SCHANNEL_ALERT_TOKEN) || control->level_or_flags < TLS1_ALERT_WARNING ||
            control->level_or_flags > TLS1_ALERT_FATAL || control->number > UINT8_MAX)
            return SEC_E_UNSUPPORTED_FUNCTION;
        return arm_alert(ctx, (uint8_t)control->level_or_flags, (uint8_t)control->number);
    case SCHANNEL_SESSION:
        /* Sessions are never kept, so switching them off is done and switching them on is not. */
        if (n < sizeof(SCHANNEL_SESSION_TOKEN) ||
            control->level_or_flags != SSL_SESSION_DISABLE_RECONNECTS)
            return SEC_E_UNSUPPORTED_FUNCTION;
        return SEC_E_OK;
    default:
        return SEC_E_UNSUPPORTED_FUNCTION;
    }
}

static SECURITY_STATUS apply(struct ctx *ctx, const SecBufferDesc *input)
{
    struct control control = {0};
    if (input == NULL)
        return SEC_E_INTERNAL_ERROR;
    if (secbuffer_count(input) != 1 || secbuffer_type(&input->pBuffers[0]) != SECBUFFER_TOKEN)
        return SEC_E_INVALID_TOKEN;
    struct span token = secbuffer_bytes(&input->pBuffers[0]);
    if (token.n < sizeof control.type)
        return SEC_E_UNSUPPORTED_FUNCTION;
    memcpy(&control, token.p, token.n < sizeof control ? token.n : sizeof control);
    return arm(ctx, &control, token.n);
}

SECURITY_STATUS SEC_ENTRY ApplyControlToken(PCtxtHandle phContext, PSecBufferDesc pInput)
{
    struct ctx *ctx = handle_get(HANDLE_CTX, phContext);
    if (ctx == NULL)
        return SEC_E_INVALID_HANDLE;
    SECURITY_STATUS status = ctx_is_foreign(ctx) ? SEC_E_CONTEXT_EXPIRED : apply(ctx, pInput);
    handle_put(phContext);
    return status;
}
