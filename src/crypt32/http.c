/* SPDX-License-Identifier: MIT */
/*
 * One HTTP exchange over two memory BIOs. The limits are kept here: libcrypto 3.0 notes an answer
 * that is longer than its limit and reads on.
 */
#include "crypt32/http.h"

enum {
    LINE_LEN_MAX = 4096,
    FIELDS_LEN_MAX = 1 << 16 /* bytes in front of the body */
};

static bool write_request(struct http *http, const struct http_question *question)
{
    const ASN1_VALUE *body = (const ASN1_VALUE *)(const void *)question->ocsp;
    OSSL_HTTP_REQ_CTX *request = http->request;
    return OSSL_HTTP_REQ_CTX_set_request_line(request, body != NULL, NULL, NULL, question->path) ==
               1 &&
           OSSL_HTTP_REQ_CTX_add1_header(request, "Host", question->host) == 1 &&
           OSSL_HTTP_REQ_CTX_set_expected(request, NULL, 1, 0, 0) == 1 &&
           (body == NULL || OSSL_HTTP_REQ_CTX_set1_req(request, "application/ocsp-request",
                                                       ASN1_ITEM_rptr(OCSP_REQUEST), body) == 1) &&
           OSSL_HTTP_REQ_CTX_nbio(request) == -1;
}

err http_open(struct http *http, const struct http_question *question)
{
    *http =
        (struct http){.body_max = question->body_max, .room = question->body_max + FIELDS_LEN_MAX};
    http->outgoing = BIO_new(BIO_s_mem());
    http->incoming = BIO_new(BIO_s_mem());
    if (http->outgoing == NULL || http->incoming == NULL)
        return FAIL(ERR_NOT_AVAILABLE);
    http->request = OSSL_HTTP_REQ_CTX_new(http->outgoing, http->incoming, LINE_LEN_MAX);
    if (http->request == NULL || !write_request(http, question))
        return FAIL(ERR_NOT_AVAILABLE);
    OSSL_HTTP_REQ_CTX_set_max_response_length(http->request, question->body_max);
    return OK;
}

static struct span content_of(BIO *bio)
{
    char *p = NULL;
    long n = BIO_get_mem_data(bio, &p);
    return n > 0 ? span_of(p, (size_t)n) : span_empty();
}

struct span http_outgoing(const struct http *http)
{
    return content_of(http->outgoing);
}

enum http_state http_take(struct http *http, struct span bytes)
{
    if (bytes.n == 0 || bytes.n > http->room)
        return HTTP_FAILED;
    http->room -= bytes.n;
    if (BIO_write(http->incoming, bytes.p, (int)bytes.n) != (int)bytes.n)
        return HTTP_FAILED;
    int state = OSSL_HTTP_REQ_CTX_nbio(http->request);
    if (state != 1)
        return state == -1 ? HTTP_MORE : HTTP_FAILED;
    return OSSL_HTTP_REQ_CTX_get_resp_len(http->request) <= http->body_max ? HTTP_DONE
                                                                           : HTTP_FAILED;
}

struct span http_body(const struct http *http)
{
    struct span all = content_of(OSSL_HTTP_REQ_CTX_get0_mem_bio(http->request));
    size_t n = OSSL_HTTP_REQ_CTX_get_resp_len(http->request);
    return n <= all.n ? span_of(all.p, n) : span_empty();
}

void http_close(struct http *http)
{
    OSSL_HTTP_REQ_CTX_free(http->request);
    BIO_free(http->outgoing);
    BIO_free(http->incoming);
    *http = (struct http){0};
}
