/* SPDX-License-Identifier: MIT */
/*
 * The places that certificates and lists name for revocation information, and what they give: from
 * the table of url_cache.h, or from the network within the budget of a chain. Nothing is judged
 * here; whoever judged tells whether it was of use.
 */
#ifndef SCHANNEL_CRYPT32_RETRIEVE_H
#define SCHANNEL_CRYPT32_RETRIEVE_H

#include "crypt32/chain.h"
#include "crypt32/crl.h"
#include "crypt32/fetch.h"

enum { URLS_MAX = 4 };

/* Those of the scheme http, each once. */
struct url_list {
    size_t count;
    char urls[URLS_MAX][FETCH_URL_MAX + 1];
};

/* RFC 5280 4.2.2.1: OCSP in authorityInfoAccess. */
void retrieve_responders(const struct cert *cert, struct url_list *out);
/* RFC 5280 4.2.1.13: whole lists of the certificate's own issuer. */
void retrieve_points(const struct cert *cert, struct url_list *out);
/* RFC 5280 4.2.1.15 and 5.2.6: deltas, as the certificate and the list name them. */
void retrieve_fresh_points(const struct cert *cert, const struct crl_body *base,
                           struct url_list *out);
/* Whether there is a place to ask, also one that is never asked. */
bool retrieve_names_source(const struct cert *cert);

/*
 * Known: what the table has, for free. The others ask the network, unless the place gave nothing of
 * use a moment ago or the budget is spent. Whoever judged what they gave settles what is
 * remembered.
 */

/* With a reference; NULL: nothing. ERR_NO_MEMORY. */
err retrieve_known_list(const struct revocation_question *q, const char *url,
                        struct crl_body **out) MUST_USE;
err retrieve_list(const struct revocation_question *q, const char *url,
                  struct crl_body **out) MUST_USE;
/* NULL: it was of no use. */
err retrieve_settle_list(const struct revocation_question *q, const char *url,
                         struct crl_body *list) MUST_USE;

/* To be released, also when it fails; empty: nothing. ERR_NO_MEMORY. */
err retrieve_known_response(const struct revocation_question *q, const char *url,
                            struct buf *out) MUST_USE;
err retrieve_response(const struct revocation_question *q, const char *url,
                      struct buf *out) MUST_USE;
/* Empty: it was of no use. next_update: 0 when it is not said. */
err retrieve_settle_response(const struct revocation_question *q, const char *url,
                             struct span response, int64_t next_update) MUST_USE;

#endif
