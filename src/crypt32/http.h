/* SPDX-License-Identifier: MIT */
/*
 * One HTTP exchange without a network (RFC 9112): the bytes to send, and what the bytes that came
 * amount to. libcrypto writes the request and reads the answer. Only the answer 200 with one DER
 * SEQUENCE counts; redirects, other answers and further bytes do not.
 */
#ifndef SCHANNEL_CRYPT32_HTTP_H
#define SCHANNEL_CRYPT32_HTTP_H

#include "crypt32/crypt32.h"
#include "crypt32/openssl.h"

struct http_question {
    const char *host;         /* as the Host field names it, with the port unless it is 80 */
    const char *path;         /* with the query */
    const OCSP_REQUEST *ocsp; /* to be posted; NULL: GET */
    size_t body_max;
};

struct http {
    OSSL_HTTP_REQ_CTX *request;
    BIO *outgoing;
    BIO *incoming;
    size_t body_max;
    size_t room; /* bytes that may still come */
};

enum http_state { HTTP_MORE, HTTP_DONE, HTTP_FAILED };

/* To be closed, also when it fails. ERR_NOT_AVAILABLE. */
err http_open(struct http *http, const struct http_question *question) MUST_USE;
/* All of the request; borrowed. */
struct span http_outgoing(const struct http *http);
/* What came; fails once it is too much. */
enum http_state http_take(struct http *http, struct span bytes);
/* The SEQUENCE, once it is there; borrowed. */
struct span http_body(const struct http *http);
void http_close(struct http *http);

#endif
