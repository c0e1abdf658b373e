/* SPDX-License-Identifier: MIT */
/* Answers of web servers, in pieces and as a whole; what comes out is read as a revocation list. */
#include "crypt32/crl.h"
#include "crypt32/http.h"
#include "source.h"

enum { BODY_MAX = 2048 };

static enum http_state feed(struct http *http, struct span bytes, size_t piece)
{
    enum http_state state = HTTP_MORE;
    const struct http_question question = {.host = "localhost", .path = "/", .body_max = BODY_MAX};
    PROPERTY(http_open(http, &question) == OK);
    for (size_t at = 0; at < bytes.n && state == HTTP_MORE; at += piece) {
        size_t n = bytes.n - at < piece ? bytes.n - at : piece;
        state = http_take(http, span_of(bytes.p + at, n));
    }
    return state;
}

static void check_body(struct span body)
{
    struct crl_body *list;
    PROPERTY(body.n >= 2 && body.n <= BODY_MAX && body.p[0] == 0x30);
    if (crl_body_new(&list, body) == OK)
        crl_body_release(list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct source source = {data, size};
    struct http pieces;
    struct http whole;
    size_t piece = 1 + (size_t)source_u8(&source);
    struct span bytes = span_of(source.p, source.n);
    crypto_mark();
    enum http_state state = feed(&pieces, bytes, piece);
    PROPERTY(feed(&whole, bytes, bytes.n + 1) == state);
    if (state == HTTP_DONE) {
        PROPERTY(span_equal(http_body(&pieces), http_body(&whole)));
        check_body(http_body(&pieces));
    }
    http_close(&pieces);
    http_close(&whole);
    crypto_unmark();
    return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    PROPERTY(crypto_start() == OK);
    return 0;
}
