/* SPDX-License-Identifier: MIT */
/* What the files of BCrypt share: the algorithm behind a handle. */
#ifndef SCHANNEL_CRYPT32_BCRYPT_ALGORITHM_H
#define SCHANNEL_CRYPT32_BCRYPT_ALGORITHM_H

#include "crypt32/cng.h"

enum bcrypt_kind { BCRYPT_HASH, BCRYPT_RNG, BCRYPT_AES, BCRYPT_ASYMMETRIC };
enum bcrypt_mode { BCRYPT_MODE_CBC, BCRYPT_MODE_ECB, BCRYPT_MODE_GCM };

struct bcrypt_algorithm_row {
    const char *name; /* CNG's */
    enum bcrypt_kind kind;
    const char *hash; /* libcrypto's */
    ULONG_PTR handle; /* of the form that needs no opening; 0: none */
};

struct bcrypt_algorithm {
    const struct bcrypt_algorithm_row *row;
    bool is_hmac;
    bool is_reusable;
    enum bcrypt_mode mode; /* AES */
};

/* A copy; false when the handle is none. */
bool bcrypt_algorithm_get(BCRYPT_ALG_HANDLE handle, struct bcrypt_algorithm *out);
NTSTATUS bcrypt_status(err reason);
/* Length of a hash's digest; 0 when the handle is none. */
size_t bcrypt_hash_len(BCRYPT_HASH_HANDLE handle);

#endif
