/* SPDX-License-Identifier: MIT */
/*
 * Private to the crypto room: EC public keys from points on the wire, by way of kept key objects.
 *
 * A kept object is dangerous: setting a point that is refused leaves the old key usable, and
 * libcrypto would also take the point at infinity and compressed or hybrid forms. Hence: length
 * and form are checked before; after any failure the object is thrown away; an object is lent to
 * one holder at a time; and when the self-test did not pass, each key is a new object.
 */
#ifndef SCHANNEL_CRYPTO_EC_KEPT_H
#define SCHANNEL_CRYPTO_EC_KEPT_H

#include "crypto/tables.h"

/* A key with the curve's parameters and no point. */
EVP_PKEY *ec_parameters_new(enum group_index g);

/*
 * Lends a key that holds this point. ERR_KEY_SHARE when the point has a wrong length or form or is
 * not on the curve. With a verification bound to it when asked.
 */
err ec_kept_take(struct ec_kept *out, enum group_index g, struct span point,
                 bool with_verify) MUST_USE;
/* Gives it back to the calling thread's set. */
void ec_kept_give(struct ec_kept *kept, enum group_index g);
void ec_kept_drop(struct ec_kept *kept);

#endif
