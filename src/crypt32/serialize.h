/* SPDX-License-Identifier: MIT */
/*
 * Entries and whole stores as bytes, in Microsoft's serialized form: numbers are little-endian.
 *
 *  element    property*, then the encoded context as a property of its own kind
 *  property   number, encoding type, length, bytes
 *  store      0, "CERT", element*, a property of three zeros
 */
#ifndef SCHANNEL_CRYPT32_SERIALIZE_H
#define SCHANNEL_CRYPT32_SERIALIZE_H

#include "crypt32/store.h"

enum { SERIALIZED_MAX = 256 << 20 };

bool serialized_is_store(struct span bytes);
/* Adds what the bytes hold at the end. ERR_CERT_PARSE, with some of it added. */
err serialized_read_store(struct store *store, struct span bytes) MUST_USE;
err serialized_write_store(struct store *store, struct buf *out) MUST_USE;

err serialized_write_element(struct entry *entry, struct buf *out) MUST_USE;
/* One element and nothing behind it; one reference, nowhere. ERR_CERT_PARSE. */
err serialized_read_element(struct span bytes, struct entry **out) MUST_USE;

/* Properties alone, with the three zeros behind them. */
err serialized_write_properties(struct entry_state *state, struct buf *out) MUST_USE;
err serialized_read_properties(struct span bytes, struct cert_property **out) MUST_USE;

#endif
