/* SPDX-License-Identifier: MIT */
/*
 * Host names in the form that DNS, certificates and server_name carry: U-labels become A-labels
 * (RFC 5890 2.3.2.1, RFC 3492). What is beyond ASCII is taken as it stands: a U-label is lower case
 * and composed by definition, so another spelling gives another name, never somebody else's.
 */
#ifndef SCHANNEL_UTIL_IDNA_H
#define SCHANNEL_UTIL_IDNA_H

#include "util/span.h"

enum { IDNA_NAME_MAX = 255 };

/*
 * UTF-8 to lower-case ASCII with a NUL; the length without it, 0 when there is no such name: it is
 * not UTF-8, a converted label has more than 63 characters, or all of it more than IDNA_NAME_MAX.
 */
size_t idna_to_ascii(struct span utf8, char out[IDNA_NAME_MAX + 1]);

#endif
