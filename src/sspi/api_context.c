/* SPDX-License-Identifier: MIT */
/*
 * InitializeSecurityContext and AcceptSecurityContext. Microsoft "InitializeSecurityContext
 * (Schannel)", "AcceptSecurityContext (Schannel)", "Extra Buffers Returned by Schannel".
 *
 * What holds for every call:
 *  - arguments and lists are judged before anything happens; a refused call changes nothing,
 *  - SEC_E_INCOMPLETE_MESSAGE changes nothing but the EMPTY slot of the input, which becomes
 * MISSING,
 *  - output that does not fit stays in the context, and the same call may be repeated,
 *  - a first call that does not go on leaves no context and writes no handle.
 */
#include <schannel.h>

#include "sspi/internal.h"

struct role {
    bool is_client;
    ULONG refused; /* request bits */
    ULONG always;  /* returned bits */
    ULONG echoed;  /* returned when requested */
    ULONG mutual;
    ULONG allocate;
    ULONG manual; /* 0 = no such bit */
    ULONG supplied;
};

/* Microsoft "Context Requirements"; the values of ISC_ and ASC_ bits part from 0x4000 up. */
static const struct role client_role = {
    .is_client = true,
    .refused = ISC_REQ_DELEGATE | ISC_REQ_PROMPT_FOR_CREDS | ISC_REQ_DATAGRAM,
    .always =
        ISC_RET_REPLAY_DETECT | ISC_RET_SEQUENCE_DETECT | ISC_RET_CONFIDENTIALITY | ISC_RET_STREAM,
    .echoed = ISC_REQ_USE_SUPPLIED_CREDS | ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_EXTENDED_ERROR |
              ISC_REQ_MANUAL_CRED_VALIDATION | ISC_REQ_CONNECTION | ISC_REQ_INTEGRITY,
    .mutual = ISC_REQ_MUTUAL_AUTH,
    .allocate = ISC_REQ_ALLOCATE_MEMORY,
    .manual = ISC_REQ_MANUAL_CRED_VALIDATION,
    .supplied = ISC_REQ_USE_SUPPLIED_CREDS,
};
static const struct role server_role = {
    .is_client = false,
    .refused = ASC_REQ_DELEGATE | ASC_REQ_DATAGRAM,
    .always =
        ASC_RET_REPLAY_DETECT | ASC_RET_SEQUENCE_DETECT | ASC_RET_CONFIDENTIALITY | ASC_RET_STREAM,
    .echoed =
        ASC_REQ_ALLOCATE_MEMORY | ASC_REQ_EXTENDED_ERROR | ASC_REQ_CONNECTION | ASC_REQ_INTEGRITY,
    .mutual = ASC_REQ_MUTUAL_AUTH,
    .allocate = ASC_REQ_ALLOCATE_MEMORY,
};

/* One call, and what its lists hold. */
struct call {
    const struct role *role;
    PCredHandle credential;
    PCtxtHandle context;
    PCtxtHandle new_context;
    const char *target;
    ULONG request;
    PSecBufferDesc input;
    PSecBufferDesc output;
    ULONG *attributes;
    PTimeStamp expiry;

    bool is_first;
    bool defers_validation;
    struct span token;
    struct span alpn;
    SecBuffer *slot; /* where EXTRA or MISSING go */
    SecBuffer *out_token;
    SecBuffer *out_alert;
};

static bool allocates(const struct call *call)
{
    return (call->request & call->role->allocate) != 0;
}

/* ---- judging the lists ----------------------------------------------------------------- */

/* Microsoft "SEC_FLAGS": the request bits above 31. */
static SECURITY_STATUS read_flags(struct call *call)
{
    const SecBuffer *b = secbuffer_find(call->input, SECBUFFER_FLAGS);
    SEC_FLAGS wide;
    if (b == NULL)
        return SEC_E_OK;
    if (secbuffer_bytes(b).n < sizeof wide)
        return SEC_E_INVALID_TOKEN;
    memcpy(&wide, b->pvBuffer, sizeof wide);
    if ((wide.Flags & UINT32_MAX) != 0)
        return SEC_E_INVALID_PARAMETER;
    if ((wide.Flags & (ISC_REQ_MESSAGES | ISC_REQ_EXPLICIT_SESSION)) != 0)
        return SEC_E_UNSUPPORTED_FUNCTION;
    call->defers_validation = (wide.Flags & ISC_REQ_DEFERRED_CRED_VALIDATION) != 0;
    return SEC_E_OK;
}

/* Options whose silent loss would change what the caller gets. */
static bool asks_for_unsupported(const SecBufferDesc *input)
{
    static const ULONG types[] = {
        SECBUFFER_SRTP_PROTECTION_PROFILES,
        SECBUFFER_SRTP_MASTER_KEY_IDENTIFIER,
        SECBUFFER_PRESHARED_KEY,
        SECBUFFER_PRESHARED_KEY_IDENTITY,
        SECBUFFER_SEND_GENERIC_TLS_EXTENSION,
        SECBUFFER_SUBSCRIBE_GENERIC_TLS_EXTENSION,
        SECBUFFER_CERTIFICATE_REQUEST_CONTEXT,
        SECBUFFER_APP_SESSION_STATE,
        SECBUFFER_SESSION_TICKET,
    };
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (secbuffer_find(input, types[i]) != NULL)
            return true;
    }
    return false;
}

static SECURITY_STATUS read_input(struct call *call)
{
    const SecBuffer *token = secbuffer_find(call->input, SECBUFFER_TOKEN);
    if (token != NULL && token->pvBuffer == NULL && token->cbBuffer != 0 &&
        call->input != call->output)
        return SEC_E_INVALID_TOKEN;
    call->token = call->input != call->output ? secbuffer_bytes(token) : span_empty();
    call->slot = secbuffer_find(call->input, SECBUFFER_EMPTY);
    if (call->slot != NULL && call->slot->cbBuffer != 0)
        return SEC_E_INVALID_TOKEN;
    if (asks_for_unsupported(call->input))
        return SEC_E_UNSUPPORTED_FUNCTION;
    return read_flags(call);
}

static SECURITY_STATUS read_output(struct call *call)
{
    call->out_token = secbuffer_find_last(call->output, SECBUFFER_TOKEN);
    if (call->out_token == NULL && allocates(call))
        call->out_token = secbuffer_find(call->output, SECBUFFER_EMPTY);
    if (call->out_token == NULL)
        return SEC_E_INVALID_TOKEN;
    call->out_alert = secbuffer_find(call->output, SECBUFFER_ALERT);
    if (call->out_alert != NULL && !allocates(call) && call->out_alert->cbBuffer == 0) {
        if (call->attributes != NULL)
            *call->attributes = call->role->always & ~(ULONG)(ISC_RET_STREAM | ASC_RET_STREAM);
        return SEC_E_INSUFFICIENT_MEMORY;
    }
    return SEC_E_OK;
}

static SECURITY_STATUS judge(struct call *call)
{
    if ((call->request & call->role->refused) != 0)
        return SEC_E_UNSUPPORTED_FUNCTION;
    SECURITY_STATUS status = read_output(call);
    if (status == SEC_E_OK)
        status = read_input(call);
    return status;
}

/* Whole records only: without a slot a tail could not be reported and would be lost. */
static bool ends_on_record(struct span bytes)
{
    while (bytes.n != 0) {
        if (bytes.n < TLS_RECORD_HEADER_LEN)
            return false;
        size_t n = TLS_RECORD_HEADER_LEN + (size_t)load_u16(bytes.p + 3);
        if (bytes.n < n)
            return false;
        bytes = span_of(bytes.p + n, bytes.n - n);
    }
    return true;
}

/* ---- reporting ------------------------------------------------------------------------- */

static void report(SecBuffer *slot, ULONG type, size_t n)
{
    if (slot == NULL || n == 0)
        return;
    slot->BufferType = type;
    slot->cbBuffer = (ULONG)n;
}

/* Memory for n bytes in an output buffer: the library's or the caller's. NULL: too small. */
static uint8_t *room_for(const struct call *call, const SecBuffer *b, size_t n)
{
    if (allocates(call) || (b->pvBuffer == NULL && b->cbBuffer != 0))
        return mem_alloc(n);
    return b->pvBuffer != NULL && b->cbBuffer >= n ? b->pvBuffer : NULL;
}

static void set_output(const struct call *call, SecBuffer *b, ULONG type, uint8_t *bytes, size_t n)
{
    b->BufferType = type | (b->BufferType & SECBUFFER_ATTRMASK);
    b->cbBuffer = (ULONG)n;
    if (n != 0 || allocates(call))
        b->pvBuffer = bytes;
}

/* SEC_E_INSUFFICIENT_MEMORY leaves everything as it was, in the context, too. */
static SECURITY_STATUS deliver_token(const struct call *call, struct ctx *ctx)
{
    size_t n = ctx_output_len(ctx);
    if (n == 0) {
        set_output(call, call->out_token, SECBUFFER_TOKEN, NULL, 0);
        return SEC_E_OK;
    }
    uint8_t *bytes = room_for(call, call->out_token, n);
    if (bytes == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    err result = ctx_output(ctx, bytes, n, &n);
    if (result != OK) {
        if (bytes != call->out_token->pvBuffer || allocates(call))
            mem_free(bytes);
        return status_of(result);
    }
    set_output(call, call->out_token, SECBUFFER_TOKEN, bytes, n);
    return SEC_E_OK;
}

/* Level and description of the alert that the peer is owed; nothing when there is none. */
static void deliver_alert(const struct call *call, int description)
{
    enum { LEVEL_AND_NUMBER = 2 };
    SecBuffer *b = call->out_alert;
    if (b == NULL)
        return;
    uint8_t *bytes = description >= 0 ? room_for(call, b, LEVEL_AND_NUMBER) : NULL;
    if (bytes != NULL) {
        bytes[0] = TLS1_ALERT_FATAL;
        bytes[1] = (uint8_t)description;
    }
    set_output(call, b, SECBUFFER_ALERT, bytes, bytes != NULL ? LEVEL_AND_NUMBER : 0);
}

static void report_attributes(const struct call *call, struct ctx *ctx, SECURITY_STATUS status)
{
    const struct role *role = call->role;
    ULONG attributes = role->always | (call->request & role->echoed);
    if (status == SEC_E_OK && (call->request & role->mutual) != 0 && ctx_peer_authenticated(ctx))
        attributes |= role->mutual;
    ctx_set_flags(ctx, attributes);
    if (call->attributes != NULL)
        *call->attributes = attributes;
}

static void report_expiry(const struct call *call, const struct ctx *ctx)
{
    if (call->expiry == NULL)
        return;
    int64_t seconds = call->is_first ? 0 : ctx_expiry(ctx);
    call->expiry->QuadPart = 0;
    if (!call->is_first)
        call->expiry->QuadPart =
            seconds == INT64_MAX ? INT64_MAX : win_local_ticks_from_unix(seconds);
}

/* The alert goes out as a record in TOKEN and as two bytes in ALERT. */
static SECURITY_STATUS report_failure(const struct call *call, struct ctx *ctx, err reason)
{
    const struct tls_info *info = ctx_info(ctx);
    SECURITY_STATUS status = status_of_failure(reason, info->alert_received);
    bool owes_alert = ctx_output_len(ctx) != 0 && reason != ERR_RECORD_GARBAGE;
    bool delivered = owes_alert && deliver_token(call, ctx) == SEC_E_OK;
    if (!delivered)
        set_output(call, call->out_token, SECBUFFER_TOKEN, NULL, 0);
    deliver_alert(call, owes_alert ? info->alert_sent : -1);
    if (owes_alert)
        report_attributes(call, ctx, status);
    return status;
}

static SECURITY_STATUS status_of_outcome(enum ctx_outcome outcome)
{
    switch (outcome) {
    case CTX_CONTINUE:
        return SEC_I_CONTINUE_NEEDED;
    case CTX_DONE:
        return SEC_E_OK;
    case CTX_INCOMPLETE:
        return SEC_E_INCOMPLETE_MESSAGE;
    case CTX_NEEDS_CREDENTIAL:
        return SEC_I_INCOMPLETE_CREDENTIALS;
    case CTX_CLOSED:
        return SEC_I_CONTEXT_EXPIRED;
    }
    return SEC_E_INTERNAL_ERROR;
}

/* ---- stepping -------------------------------------------------------------------------- */

static SECURITY_STATUS incomplete(const struct call *call, size_t missing)
{
    report(call->slot, SECBUFFER_MISSING, missing);
    return SEC_E_INCOMPLETE_MESSAGE;
}

static SECURITY_STATUS finish(const struct call *call, struct ctx *ctx, const struct ctx_step *step)
{
    SECURITY_STATUS status = SEC_E_OK;
    if (step->outcome == CTX_NEEDS_CREDENTIAL)
        set_output(call, call->out_token, SECBUFFER_TOKEN, NULL, 0);
    else
        status = deliver_token(call, ctx);
    if (status != SEC_E_OK) {
        ctx_unreported(ctx, span_of(call->token.p, step->consumed));
        return status;
    }
    deliver_alert(call, -1);
    report(call->slot, SECBUFFER_EXTRA, call->token.n - step->consumed);
    status = status_of_outcome(step->outcome);
    report_attributes(call, ctx, status);
    report_expiry(call, ctx);
    return status;
}

static SECURITY_STATUS step(const struct call *call, struct ctx *ctx, struct cred *cred)
{
    struct ctx_step step;
    bool no_default = (call->request & call->role->supplied) != 0;
    if (call->slot == NULL && !ends_on_record(call->token))
        return SEC_E_INCOMPLETE_MESSAGE;
    err result = ctx_step(ctx, cred, no_default, call->token, &step);
    if (result != OK)
        return report_failure(call, ctx, result);
    if (step.outcome == CTX_INCOMPLETE)
        return incomplete(call, step.missing);
    return finish(call, ctx, &step);
}

/* ---- the first call -------------------------------------------------------------------- */

static bool goes_on(SECURITY_STATUS status)
{
    return status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED;
}

static SECURITY_STATUS make(struct call *call, struct cred *cred, CtxtHandle *out)
{
    struct ctx *ctx;
    if (call->role->is_client)
        call->token = span_empty(); /* a client speaks first */
    struct ctx_params params = {
        .cred = cred,
        .target = call->target,
        .alpn = call->alpn,
        .request_certificate = !call->role->is_client && (call->request & call->role->mutual) != 0,
        .manual_validation = (call->request & call->role->manual) != 0,
        .deferred_validation = call->defers_validation,
    };
    err result = ctx_new(&ctx, &params);
    if (result != OK)
        return status_of(result);
    result = handle_new(HANDLE_CTX, ctx, out);
    if (result != OK) {
        ctx_free(ctx);
        return status_of(result);
    }
    SECURITY_STATUS status = step(call, ctx, NULL);
    if (!goes_on(status))
        handle_delete(HANDLE_CTX, out);
    return status;
}

static SECURITY_STATUS begin(struct call *call)
{
    CtxtHandle made;
    call->is_first = true;
    struct cred *cred = handle_get(HANDLE_CRED, call->credential);
    if (cred == NULL)
        return SEC_E_INVALID_HANDLE;
    SECURITY_STATUS status = judge(call);
    if (cred->is_server == call->role->is_client)
        status = SEC_E_NO_CREDENTIALS;
    else if (call->new_context == NULL)
        status = SEC_E_INVALID_HANDLE;
    if (status == SEC_E_OK && !secbuffer_alpn(call->input, &call->alpn))
        status = SEC_E_INVALID_TOKEN;
    if (status == SEC_E_OK) {
        status = make(call, cred, &made);
        if (goes_on(status))
            *call->new_context = made;
    }
    handle_put(call->credential);
    return status;
}

/* ---- later calls ----------------------------------------------------------------------- */

/* After ApplyControlToken: its record, whatever the input. */
static SECURITY_STATUS deliver_control(const struct call *call, struct ctx *ctx)
{
    SECURITY_STATUS status = deliver_token(call, ctx);
    if (status != SEC_E_OK) {
        ctx_arm_control(ctx);
        return status;
    }
    deliver_alert(call, -1);
    report_attributes(call, ctx, status);
    report_expiry(call, ctx);
    return status;
}

/* Nothing comes in, nothing waits, and the handshake is over. */
static bool is_idle(const struct call *call, const struct ctx *ctx)
{
    return call->token.n == 0 && ctx_output_len(ctx) == 0 && !ctx_has_pending(ctx) &&
           ctx_is_established(ctx) && ctx_info(ctx)->failure == OK;
}

static SECURITY_STATUS step_again(struct call *call, struct ctx *ctx)
{
    if (ctx_is_server(ctx) == call->role->is_client)
        return SEC_E_INVALID_HANDLE;
    /* Some programs say it from the second call on only. */
    if ((call->request & call->role->manual) != 0)
        ctx_leave_judgement(ctx);
    if (is_idle(call, ctx)) {
        if (ctx_control_delivered(ctx))
            return incomplete(call, TLS_RECORD_HEADER_LEN);
        /* Renegotiation: TLS 1.3 has none, and that of TLS 1.2 is refused in both roles. Nor is a
         * certificate asked for late. */
        bool asks_late = !call->role->is_client && (call->request & call->role->mutual) != 0;
        if (ctx_info(ctx)->version == TLS_VERSION_12 || asks_late)
            return SEC_E_UNSUPPORTED_FUNCTION;
    }
    if (call->credential == NULL)
        return step(call, ctx, NULL);
    struct cred *cred = handle_get(HANDLE_CRED, call->credential);
    if (cred == NULL)
        return SEC_E_INVALID_HANDLE;
    SECURITY_STATUS status =
        cred->is_server == call->role->is_client ? SEC_E_NO_CREDENTIALS : step(call, ctx, cred);
    handle_put(call->credential);
    return status;
}

static SECURITY_STATUS continue_with(struct call *call, struct ctx *ctx)
{
    if (ctx_is_foreign(ctx))
        return SEC_E_CONTEXT_EXPIRED;
    SECURITY_STATUS status = judge(call);
    if (status != SEC_E_OK)
        return status;
    status = ctx_take_control(ctx) ? deliver_control(call, ctx) : step_again(call, ctx);
    bool is_unchanged = status < 0; /* SEC_E_OK and SEC_I_ are not negative */
    if (!is_unchanged && call->new_context != NULL)
        *call->new_context = *call->context;
    return status;
}

/* Server loops of old hand over a handle variable that no call has filled yet. */
static bool is_blank(const CtxtHandle *handle)
{
    return (handle->dwLower == 0 && handle->dwUpper == 0) ||
           (handle->dwLower == (ULONG_PTR)-1 && handle->dwUpper == (ULONG_PTR)-1);
}

static SECURITY_STATUS establish(struct call *call)
{
    if (call->context == NULL || (!call->role->is_client && is_blank(call->context)))
        return begin(call);
    struct ctx *ctx = handle_get(HANDLE_CTX, call->context);
    if (ctx == NULL)
        return SEC_E_INVALID_HANDLE;
    CtxtHandle pinned = *call->context;
    SECURITY_STATUS status = continue_with(call, ctx);
    handle_put(&pinned);
    return status;
}

SECURITY_STATUS SEC_ENTRY InitializeSecurityContextA(
    PCredHandle phCredential, PCtxtHandle phContext, SEC_CHAR *pszTargetName, ULONG fContextReq,
    ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput, ULONG Reserved2,
    PCtxtHandle phNewContext, PSecBufferDesc pOutput, ULONG *pfContextAttr, PTimeStamp ptsExpiry)
{
    (void)Reserved1;
    (void)TargetDataRep;
    (void)Reserved2;
    struct call call = {.role = &client_role,
                        .credential = phCredential,
                        .context = phContext,
                        .new_context = phNewContext,
                        .target = pszTargetName,
                        .request = fContextReq,
                        .input = pInput,
                        .output = pOutput,
                        .attributes = pfContextAttr,
                        .expiry = ptsExpiry};
    crypto_mark();
    SECURITY_STATUS status = establish(&call);
    crypto_unmark();
    return status;
}

SECURITY_STATUS SEC_ENTRY InitializeSecurityContextW(
    PCredHandle phCredential, PCtxtHandle phContext, SEC_WCHAR *pszTargetName, ULONG fContextReq,
    ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput, ULONG Reserved2,
    PCtxtHandle phNewContext, PSecBufferDesc pOutput, ULONG *pfContextAttr, PTimeStamp ptsExpiry)
{
    char *target = phContext == NULL ? win_utf8_dup(pszTargetName) : NULL;
    if (phContext == NULL && pszTargetName != NULL && target == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    SECURITY_STATUS status = InitializeSecurityContextA(
        phCredential, phContext, target, fContextReq, Reserved1, TargetDataRep, pInput, Reserved2,
        phNewContext, pOutput, pfContextAttr, ptsExpiry);
    mem_free(target);
    return status;
}

SECURITY_STATUS SEC_ENTRY AcceptSecurityContext(PCredHandle phCredential, PCtxtHandle phContext,
                                                PSecBufferDesc pInput, ULONG fContextReq,
                                                ULONG TargetDataRep, PCtxtHandle phNewContext,
                                                PSecBufferDesc pOutput, ULONG *pfContextAttr,
                                                PTimeStamp ptsExpiry)
{
    (void)TargetDataRep;
    struct call call = {.role = &server_role,
                        .credential = phCredential,
                        .context = phContext,
                        .new_context = phNewContext,
                        .request = fContextReq,
                        .input = pInput,
                        .output = pOutput,
                        .attributes = pfContextAttr,
                        .expiry = ptsExpiry};
    crypto_mark();
    SECURITY_STATUS status = establish(&call);
    crypto_unmark();
    return status;
}

SECURITY_STATUS SEC_ENTRY DeleteSecurityContext(PCtxtHandle phContext)
{
    return handle_delete(HANDLE_CTX, phContext) ? SEC_E_OK : SEC_E_INVALID_HANDLE;
}
