/* SPDX-License-Identifier: MIT */
/*
 * Revocation lists and OCSP responses over HTTP. Only the scheme http, without redirects and
 * proxies, to addresses that lookup.h allows, up to a size, within a time that includes the
 * look-up of the name. The calling thread waits; no lock may be held meanwhile.
 */
#ifndef SCHANNEL_CRYPT32_FETCH_H
#define SCHANNEL_CRYPT32_FETCH_H

#include "crypt32/crypt32.h"
#include "crypt32/lookup.h"
#include "crypt32/openssl.h"

enum {
    FETCH_URL_MAX = 1024,
    FETCH_LIST_MAX = 16 << 20,
    FETCH_RESPONSE_MAX = 1 << 16,
    FETCH_ONE_MS = 15000, /* for one, when nobody says anything */
    FETCH_ALL_MS = 20000, /* for several together */
    FETCHES_MAX = 8       /* along one chain */
};

struct fetch_order {
    const char *url;
    const OCSP_REQUEST *ocsp; /* to be posted; NULL: GET */
    size_t body_max;
};

/* Whether it would be fetched, as far as the text tells. */
bool fetch_takes(struct span url);
/*
 * *left_ms is the time there is, and afterwards what is left of it. The body, one DER SEQUENCE, is
 * to be released. ERR_NOT_AVAILABLE, ERR_NO_MEMORY, both with an empty body.
 */
err fetch(const struct fetch_order *order, uint32_t *left_ms, struct buf *out_body) MUST_USE;

#endif
