/* SPDX-License-Identifier: MIT */
/* The table of groups: RFC 8446 4.2.7 and 4.2.8.2, RFC 8422 5.1.1; OIDs from RFC 5480 2.1.1.1. */
#include "crypto/group.h"

#include "crypto/crypto.h"

static const uint8_t oid_p256[] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07};
static const uint8_t oid_p384[] = {0x2B, 0x81, 0x04, 0x00, 0x22};
static const uint8_t oid_p521[] = {0x2B, 0x81, 0x04, 0x00, 0x23};

#define GROUP_OID(bytes)                                                                           \
    {                                                                                              \
        .p = (bytes), .n = sizeof(bytes)                                                           \
    }

const struct group groups[GROUP_COUNT] = {
    [GROUP_P256] = {GROUP_SECP256R1, 256, 65, 32, "P-256", "prime256v1", GROUP_OID(oid_p256)},
    [GROUP_P384] = {GROUP_SECP384R1, 384, 97, 48, "P-384", "secp384r1", GROUP_OID(oid_p384)},
    [GROUP_P521] = {GROUP_SECP521R1, 521, 133, 66, "P-521", "secp521r1", GROUP_OID(oid_p521)},
    [GROUP_CURVE25519] = {GROUP_X25519, 255, 32, 32, "X25519", "X25519", {span_nothing, 0}},
};

enum group_index group_find(uint16_t id)
{
    enum group_index g = 0;
    while (g < GROUP_COUNT && groups[g].id != id)
        g++;
    return g;
}

enum group_index group_find_curve_oid(struct span oid)
{
    enum group_index g = 0;
    while (group_is_curve(g) && !span_equal(groups[g].oid, oid))
        g++;
    return group_is_curve(g) ? g : GROUP_COUNT;
}

enum group_index group_find_curve_name(const char *name)
{
    enum group_index g = 0;
    while (group_is_curve(g) && strcmp(groups[g].name, name) != 0 &&
           strcmp(groups[g].long_name, name) != 0)
        g++;
    return group_is_curve(g) ? g : GROUP_COUNT;
}
