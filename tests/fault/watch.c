/* SPDX-License-Identifier: MIT */
#include "watch.h"

#include <stdio.h>
#include <windows.h>
#include <security.h>
#include <schannel.h>
#include <libschannel.h>

#include <openssl/err.h>

#include "../unit/crypto/support.h"
#include "util/util.h"

static enum fault_kind fault;
static uint64_t fault_at;
static uint64_t count_before;
static unsigned complaints;
static unsigned calls;
static unsigned refusals;
static bool is_quiet;
static SECURITY_STATUS expected;

void watch_expect(int32_t status)
{
    expected = status;
}

void watch_quiet(bool quiet)
{
    is_quiet = quiet;
}

unsigned watch_complaints(void)
{
    return complaints;
}

unsigned watch_calls(void)
{
    return calls;
}

unsigned watch_refusals(void)
{
    return refusals;
}

void watch_begin(enum fault_kind kind, uint64_t n, bool all_after)
{
    fault = kind;
    fault_at = n;
    count_before = mem_count();
    if (kind == FAULT_OWN)
        mem_fail_at(n, all_after);
    if (kind == FAULT_LIBCRYPTO)
        libcrypto_fail_at(n);
}

bool watch_reached(void)
{
    if (fault == FAULT_LIBCRYPTO)
        return libcrypto_has_failed();
    return fault == FAULT_OWN && mem_count() - count_before >= fault_at;
}

bool watch_end(void)
{
    bool was_reached = watch_reached();
    mem_fail_at(0, false);
    libcrypto_fail_at(0);
    fault = FAULT_NONE;
    return was_reached;
}

static bool is_good(SECURITY_STATUS status)
{
    return status >= 0 || status == SEC_E_INCOMPLETE_MESSAGE;
}

/*
 * libcrypto does not always say that it was memory it lacked. What it could not read or verify is
 * then refused as malformed, wrong or unknown: never taken for good.
 */
static bool is_permitted(SECURITY_STATUS status)
{
    static const SECURITY_STATUS refusals_of_libcrypto[] = {
        SEC_E_INTERNAL_ERROR,  SEC_E_CERT_UNKNOWN,        SEC_E_DECRYPT_FAILURE,
        SEC_E_WRONG_PRINCIPAL, SEC_E_UNKNOWN_CREDENTIALS, SEC_E_ILLEGAL_MESSAGE,
        SEC_E_UNTRUSTED_ROOT,  SEC_E_CERT_WRONG_USAGE,    TRUST_E_CERT_SIGNATURE};
    if (is_good(status) || status == SEC_E_INSUFFICIENT_MEMORY || status == expected)
        return true;
    for (size_t i = 0; i < ARRAY_LEN(refusals_of_libcrypto); i++) {
        if (fault == FAULT_LIBCRYPTO && status == refusals_of_libcrypto[i])
            return true;
    }
    return false;
}

static void complain(const char *call, const char *what, unsigned long value)
{
    complaints++;
    if (!is_quiet)
        fprintf(stderr, "%s: %s 0x%08lX (allocation %lu of %s; last raised: %s in %s:%d)\n", call,
                what, value, (unsigned long)fault_at, fault == FAULT_OWN ? "ours" : "libcrypto",
                err_name(err_last_place()->code), err_last_place()->function,
                err_last_place()->line);
}

static SECURITY_STATUS judge(const char *call, bool was_reached, SECURITY_STATUS status)
{
    unsigned long left = ERR_peek_error();
    calls++;
    if (left != 0) {
        complain(call, "left in the error queue:", left);
        ERR_clear_error();
    }
    if (!was_reached && watch_reached()) {
        refusals += !is_good(status);
        if (!is_permitted(status))
            complain(call, "status", (unsigned long)(uint32_t)status);
    }
    return status;
}

#define WATCHED(name, parameters, ...)                                                             \
    SECURITY_STATUS __real_##name parameters;                                                      \
    SECURITY_STATUS __wrap_##name parameters;                                                      \
    SECURITY_STATUS __wrap_##name parameters                                                       \
    {                                                                                              \
        bool was_reached = watch_reached();                                                        \
        return judge(#name, was_reached, __real_##name(__VA_ARGS__));                              \
    }

WATCHED(AcquireCredentialsHandleA,
        (LPSTR principal, LPSTR package, ULONG use, void *id, void *data, SEC_GET_KEY_FN get,
         void *arg, PCredHandle out, PTimeStamp expiry),
        principal, package, use, id, data, get, arg, out, expiry)
WATCHED(InitializeSecurityContextA,
        (PCredHandle cred, PCtxtHandle ctx, SEC_CHAR *target, ULONG request, ULONG r1, ULONG rep,
         PSecBufferDesc in, ULONG r2, PCtxtHandle out_ctx, PSecBufferDesc out, PULONG attributes,
         PTimeStamp expiry),
        cred, ctx, target, request, r1, rep, in, r2, out_ctx, out, attributes, expiry)
WATCHED(AcceptSecurityContext,
        (PCredHandle cred, PCtxtHandle ctx, PSecBufferDesc in, ULONG request, ULONG rep,
         PCtxtHandle out_ctx, PSecBufferDesc out, PULONG attributes, PTimeStamp expiry),
        cred, ctx, in, request, rep, out_ctx, out, attributes, expiry)
WATCHED(DeleteSecurityContext, (PCtxtHandle ctx), ctx)
WATCHED(FreeCredentialsHandle, (PCredHandle cred), cred)
WATCHED(FreeContextBuffer, (void *p), p)
WATCHED(ApplyControlToken, (PCtxtHandle ctx, PSecBufferDesc in), ctx, in)
WATCHED(EncryptMessage, (PCtxtHandle ctx, ULONG quality, PSecBufferDesc list, ULONG number), ctx,
        quality, list, number)
WATCHED(DecryptMessage, (PCtxtHandle ctx, PSecBufferDesc list, ULONG number, PULONG quality), ctx,
        list, number, quality)
WATCHED(QueryContextAttributesA, (PCtxtHandle ctx, ULONG attribute, void *out), ctx, attribute, out)
WATCHED(SetContextAttributesA, (PCtxtHandle ctx, ULONG attribute, void *in, ULONG n), ctx,
        attribute, in, n)
WATCHED(SchannelUpdateKeys, (PCtxtHandle ctx, BOOL request), ctx, request)
