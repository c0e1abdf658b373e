/* SPDX-License-Identifier: MIT */
/* Private to the crypto room: just enough DER for a public key and an AlgorithmIdentifier. */
#ifndef SCHANNEL_CRYPTO_DER_H
#define SCHANNEL_CRYPTO_DER_H

#include "util/util.h"

enum {
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_NULL = 0x05,
    DER_OID = 0x06,
    DER_SEQUENCE = 0x30,
    DER_CONTEXT_0 = 0xA0,
};

/* The content of the next element, which must have this tag. Definite, shortest lengths only. */
struct span der_take(struct rd *r, uint8_t tag);
struct rd der_open(struct rd *r, uint8_t tag);
/* Whether an element with this tag comes next. */
bool der_next_is(const struct rd *r, uint8_t tag);
/* The magnitude of a positive INTEGER in its shortest form, without the sign byte. */
struct span der_take_positive(struct rd *r);
/* A small non-negative INTEGER. */
uint32_t der_take_small(struct rd *r);
/* The bytes of a BIT STRING without unused bits. */
struct span der_take_bits(struct rd *r);

#endif
