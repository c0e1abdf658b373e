/* SPDX-License-Identifier: MIT */
/* Private to the crypto room: the table of groups. */
#ifndef SCHANNEL_CRYPTO_GROUP_H
#define SCHANNEL_CRYPTO_GROUP_H

#include "util/util.h"

enum group_index { GROUP_P256, GROUP_P384, GROUP_P521, GROUP_CURVE25519, GROUP_COUNT };

struct group {
    uint16_t id;           /* IANA */
    uint16_t bits;         /* of the field */
    uint16_t public_len;   /* on the wire */
    uint16_t secret_len;   /* of the shared secret, leading zeros included */
    const char *name;      /* libcrypto's */
    const char *long_name; /* the name it gives for a key that was loaded from elsewhere */
    struct span oid;       /* content of the curve's OBJECT IDENTIFIER; empty for X25519 */
};

extern const struct group groups[GROUP_COUNT];

/* GROUP_COUNT when the group is not known. */
enum group_index group_find(uint16_t id);
enum group_index group_find_curve_oid(struct span oid);
enum group_index group_find_curve_name(const char *name);

static inline bool group_is_curve(enum group_index g)
{
    return g < GROUP_CURVE25519;
}

#endif
