/* SPDX-License-Identifier: MIT */
/* Credential and context handles: a number of the object table in dwLower, its complement in
 * dwUpper. */
#include "sspi/internal.h"

static void destroy(unsigned type, void *object)
{
    if (type == HANDLE_CRED)
        cred_release(object);
    else
        ctx_free(object);
}

static struct slots objects = SLOTS_INIT(destroy);

/* 0 for what cannot be a handle of ours. */
static uint64_t number_of(const SecHandle *handle)
{
    return handle != NULL && handle->dwUpper == ~handle->dwLower ? handle->dwLower : 0;
}

err handle_new(enum handle_type type, void *object, PSecHandle out)
{
    uint64_t number = 0;
    TRY(slots_add(&objects, type, object, &number));
    out->dwLower = (ULONG_PTR)number;
    out->dwUpper = ~out->dwLower;
    return OK;
}

void *handle_get(enum handle_type type, const SecHandle *handle)
{
    return slots_get(&objects, type, number_of(handle));
}

void handle_put(const SecHandle *handle)
{
    slots_put(&objects, number_of(handle));
}

bool handle_delete(enum handle_type type, const SecHandle *handle)
{
    return slots_remove(&objects, type, number_of(handle));
}
