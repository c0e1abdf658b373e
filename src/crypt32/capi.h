/* SPDX-License-Identifier: MIT */
/* What the files of CryptoAPI share. */
#ifndef SCHANNEL_CRYPT32_CAPI_H
#define SCHANNEL_CRYPT32_CAPI_H

#include <pthread.h>

#include "crypt32/key.h"

struct capi_provider {
    atomic_int handle_refs; /* CryptContextAddRef, CryptReleaseContext */
    DWORD type;
    char *container; /* NULL: keys live as long as the provider */
    pthread_mutex_t lock;
    struct key *keys[AT_SIGNATURE + 1]; /* by key spec */
};

DWORD capi_error(err reason);
/* TRUE, or FALSE with the last error of the reason. */
BOOL capi_result(err reason);
/* The two-call form: *len is the room and becomes the length; out NULL asks for it. */
BOOL capi_give(const void *bytes, size_t n, BYTE *out, DWORD *len);
/* The container's key with a reference. ERR_NOT_AVAILABLE: there is none. */
err capi_user_key(struct capi_provider *p, DWORD key_spec, struct key **out) MUST_USE;

#endif
