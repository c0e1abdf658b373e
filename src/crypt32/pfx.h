/* SPDX-License-Identifier: MIT */
/* What reading and writing of PKCS#12 files share. */
#ifndef SCHANNEL_CRYPT32_PFX_H
#define SCHANNEL_CRYPT32_PFX_H

#include "crypt32/cert.h"

enum { PFX_FILE_MAX = 1 << 20 };

/* Each stands for itself: no keys. */
#define PFX_WITHOUT_KEYS (PKCS12_ONLY_CERTIFICATES | PKCS12_ONLY_NOT_ENCRYPTED_CERTIFICATES)

/*
 * The local key id of RFC 2985 5.5.2 as it stood in the file. Beyond the range that programs see:
 * it is not the subject key identifier.
 */
enum { PFX_LOCAL_KEY_ID_PROP_ID = 0x10001 };

/* Bag attributes of Microsoft's that carry a property: this, and its number. */
#define PFX_PROPERTY_OID "1.3.6.1.4.1.311.17.3."

/* A property that a file may carry: no handles, no names of keys, nothing that is computed. */
bool pfx_carries_property(unsigned long id);

/* UTF-8 of a password, freed with mem_free; false, with the last error, without memory or when it
 * is absurdly long. */
bool pfx_read_password(LPCWSTR wide, char **out);

#endif
