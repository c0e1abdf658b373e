/* SPDX-License-Identifier: MIT */
/* Handles of CNG keys; the functions are not part of the library. */
#ifndef SCHANNEL_NCRYPT_H
#define SCHANNEL_NCRYPT_H

#include "parts/security_status.h"
#include "windef.h"
#include "bcrypt.h"

#ifndef SCHANNEL_NCRYPT_HANDLES
#define SCHANNEL_NCRYPT_HANDLES
typedef ULONG_PTR NCRYPT_HANDLE;
typedef ULONG_PTR NCRYPT_PROV_HANDLE;
typedef ULONG_PTR NCRYPT_KEY_HANDLE;
#endif

#endif
