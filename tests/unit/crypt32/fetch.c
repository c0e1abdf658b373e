/* SPDX-License-Identifier: MIT */
/*
 * Fetching over HTTP: which URLs and addresses, which answers, how much and for how long. The
 * server is a thread of the test on the loopback address, which is refused unless a test allows it.
 */
#include "crypt32/fetch.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypt32/http.h"
#include "web.h"

static struct web web;
static int64_t live_before;

/* A SEQUENCE that holds three bytes. */
static const uint8_t small[] = {0x30, 0x03, 0x02, 0x01, 0x05};

static int start(void **state)
{
    (void)state;
    assert_int_equal(crypto_start(), OK);
    web_start(&web);
    live_before = mem_live();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    web_stop(&web);
    return 0;
}

static int allow(void **state)
{
    (void)state;
    web_clear(&web);
    fetch_allow_loopback(true);
    return 0;
}

static int refuse(void **state)
{
    (void)state;
    fetch_allow_loopback(false);
    assert_int_equal(ERR_peek_error(), 0);
    return 0;
}

static const char *url_to(const char *path)
{
    static char url[128];
    snprintf(url, sizeof url, "http://127.0.0.1:%d%s", web.port, path);
    return url;
}

static err get_within(const char *url, size_t body_max, uint32_t ms, struct buf *out)
{
    return fetch(&(struct fetch_order){.url = url, .body_max = body_max}, &ms, out);
}

/* Whether it gives this body; NULL: nothing. */
static bool gives(const char *what, const char *url, size_t body_max, uint32_t ms,
                  const struct span *wanted)
{
    struct buf body;
    err result = get_within(url, body_max, ms, &body);
    bool fits = wanted != NULL ? result == OK && span_equal(buf_span(&body), *wanted)
                               : result == ERR_NOT_AVAILABLE && body.n == 0;
    if (!fits)
        print_message("%s: %s, %zu bytes\n", what, err_name(result), body.n);
    buf_release(&body);
    assert_int_equal(ERR_peek_error(), 0);
    return fits;
}

enum { LONG_MS = 60000, SHORT_MS = 100 };

#define RAW(text) (text), sizeof(text) - 1
#define HEAD      "HTTP/1.0 200 OK\r\n"
#define BODY      "\x30\x03\x02\x01\x05"

/* ---- addresses ------------------------------------------------------------------------- */

static bool is_allowed(const char *text)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
        return lookup_allows((const struct sockaddr *)&in);
    assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
    return lookup_allows((const struct sockaddr *)&in6);
}

static void addresses(void **state)
{
    static const char *const refused[] = {"0.0.0.0",
                                          "0.1.2.3",
                                          "127.0.0.1",
                                          "127.255.255.255",
                                          "169.254.0.1",
                                          "169.254.255.255",
                                          "224.0.0.1",
                                          "239.255.255.255",
                                          "240.0.0.1",
                                          "255.255.255.255",
                                          "::",
                                          "::1",
                                          "fe80::1",
                                          "febf::1",
                                          "fec0::1",
                                          "ff02::1",
                                          "::ffff:127.0.0.1",
                                          "::ffff:0.0.0.0",
                                          "::ffff:169.254.1.1",
                                          "::127.0.0.1",
                                          "64:ff9b::127.0.0.1",
                                          "2002:7f00:1::1",
                                          "2002:a9fe:1::1"};
    static const char *const allowed[] = {
        "10.0.0.1",    "192.168.1.1",     "172.16.0.1",       "126.0.0.1", "128.0.0.1",
        "169.253.0.1", "169.255.0.1",     "223.255.255.255",  "1.0.0.0",   "2001:db8::1",
        "fc00::1",     "::ffff:10.0.0.1", "64:ff9b::10.0.0.1"};
    static const char *const loopback[] = {"127.0.0.1", "::1", "::ffff:127.0.0.1"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        assert_false(is_allowed(refused[i]));
    for (size_t i = 0; i < ARRAY_LEN(allowed); i++)
        assert_true(is_allowed(allowed[i]));
    fetch_allow_loopback(true);
    for (size_t i = 0; i < ARRAY_LEN(loopback); i++)
        assert_true(is_allowed(loopback[i]));
    assert_false(is_allowed("169.254.0.1"));
    assert_false(is_allowed("0.0.0.0"));
}

/* The positive control of every refusal: the same page is there once it is allowed. */
static void loopback(void **state)
{
    const struct span body = span_of(small, sizeof small);
    char named[64];
    char number[64];
    (void)state;
    snprintf(named, sizeof named, "http://localhost:%d/a", web.port);
    snprintf(number, sizeof number, "http://0x7f.1:%d/a", web.port);
    web_set(&web, "/a", WEB_BODY, small, sizeof small);
    fetch_allow_loopback(false);
    assert_true(gives("refused", url_to("/a"), 100, LONG_MS, NULL));
    assert_true(gives("refused by name", named, 100, LONG_MS, NULL));
    assert_true(gives("refused as a number", number, 100, LONG_MS, NULL));
    assert_int_equal(web_requests(&web, NULL), 0);
    fetch_allow_loopback(true);
    assert_true(gives("allowed", url_to("/a"), 100, LONG_MS, &body));
    assert_true(gives("allowed by name", named, 100, LONG_MS, &body));
    assert_true(gives("allowed as a number", number, 100, LONG_MS, &body));
    assert_int_equal(web_requests(&web, "/a"), 3);
}

/* ---- requests -------------------------------------------------------------------------- */

static void urls(void **state)
{
    static const struct {
        const char *format; /* with the port */
        const char *path;   /* that is asked for; NULL: it is not asked */
    } rows[] = {
        {"http://127.0.0.1:%d/a", "/a"},
        {"HTTP://127.0.0.1:%d/a", "/a"},
        {"http://127.0.0.1:%d/a?b=c&d", "/a?b=c&d"},
        {"http://127.0.0.1:%d/a#part", "/a"},
        {"http://127.0.0.1:%d", "/"},
        {"http://127.0.0.1:%d/", "/"},
        {"https://127.0.0.1:%d/a", NULL},
        {"ldap://127.0.0.1:%d/a", NULL},
        {"ftp://127.0.0.1:%d/a", NULL},
        {"file:///etc/passwd?%d", NULL},
        {"127.0.0.1:%d/a", NULL},
        {"//127.0.0.1:%d/a", NULL},
        {"http://user:word@127.0.0.1:%d/a", NULL},
        {"http://user@127.0.0.1:%d/a", NULL},
        {"http://127.0.0.1:%d/a b", NULL},
        {"http://127.0.0.1:%d/a\r\nHost: b", NULL},
        {"http://127.0.0.1:%d/a\x7F", NULL},
        {"http://127.0.0.1:%d/\xC3\xA4", NULL},
        {"http://:%d/a", NULL},
        {"http://127.0.0.1:7%d00/a", NULL},
        {"http://", NULL},
        {"", NULL},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char url[128];
        const struct span body = span_of(small, sizeof small);
        web_clear(&web);
        /* NOLINTNEXTLINE: the formats stand above */
        snprintf(url, sizeof url, rows[i].format, web.port);
        web_set(&web, rows[i].path != NULL ? rows[i].path : "/a", WEB_BODY, small, sizeof small);
        assert_true(gives(url, url, 100, LONG_MS, rows[i].path != NULL ? &body : NULL));
        assert_int_equal(web_requests(&web, NULL), rows[i].path != NULL);
    }
}

static void long_url(void **state)
{
    char url[FETCH_URL_MAX + 2];
    (void)state;
    memset(url, 'a', sizeof url);
    memcpy(url, "http://h/", 9);
    assert_true(fetch_takes(span_of(url, FETCH_URL_MAX)));
    assert_false(fetch_takes(span_of(url, FETCH_URL_MAX + 1)));
    assert_false(fetch_takes(span_of("http://h/\0a", 11)));
}

static bool last_has(const char *text)
{
    pthread_mutex_lock(&web.lock);
    bool has = strstr(web.last, text) != NULL;
    pthread_mutex_unlock(&web.lock);
    return has;
}

static void fields(void **state)
{
    struct buf body;
    char host[64];
    uint32_t ms = LONG_MS;
    (void)state;
    snprintf(host, sizeof host, "\r\nHost: 127.0.0.1:%d\r\n", web.port);
    web_set(&web, "/a", WEB_BODY, small, sizeof small);
    assert_int_equal(get_within(url_to("/a"), 100, LONG_MS, &body), OK);
    buf_release(&body);
    assert_true(last_has("GET /a HTTP/1.0\r\n"));
    assert_true(last_has(host));
    OCSP_REQUEST *request = OCSP_REQUEST_new();
    struct fetch_order order = {.url = url_to("/a"), .ocsp = request, .body_max = 100};
    assert_int_equal(fetch(&order, &ms, &body), OK);
    assert_true(ms <= LONG_MS);
    buf_release(&body);
    OCSP_REQUEST_free(request);
    assert_true(last_has("POST /a HTTP/1.0\r\n"));
    assert_true(last_has("\r\nContent-Type: application/ocsp-request\r\n"));
    assert_true(last_has(host));
}

/* Nobody's settings lead elsewhere. */
static void no_proxy(void **state)
{
    const struct span body = span_of(small, sizeof small);
    (void)state;
    web_set(&web, "/a", WEB_BODY, small, sizeof small);
    setenv("http_proxy", "http://127.0.0.1:1/", 1);
    setenv("HTTP_PROXY", "http://127.0.0.1:1/", 1);
    assert_true(gives("proxy", url_to("/a"), 100, LONG_MS, &body));
    unsetenv("http_proxy");
    unsetenv("HTTP_PROXY");
}

/* ---- answers --------------------------------------------------------------------------- */

struct answer_row {
    const char *what;
    const char *bytes;
    size_t n;
    bool is_good;
};

static const struct answer_row answer_rows[] = {
    {"plain", RAW(HEAD "\r\n" BODY), true},
    {"HTTP/1.1", RAW("HTTP/1.1 200 OK\r\nContent-Type: a/b\r\n\r\n" BODY), true},
    {"bytes behind", RAW(HEAD "\r\n" BODY "more"), true},
    {"no answer", RAW(""), false},
    {"no HTTP", RAW("hello\r\n\r\n" BODY), false},
    {"no head's end", RAW(HEAD), false},
    {"cut", RAW(HEAD "\r\n\x30\x03\x02\x01"), false},
    {"no SEQUENCE", RAW(HEAD "\r\n\x31\x03\x02\x01\x05"), false},
    {"text", RAW(HEAD "\r\n<html>sign in</html>"), false},
    {"without a length", RAW(HEAD "\r\n\x30\x80\x02\x01\x05\x00\x00"), false},
    {"a length of five bytes", RAW(HEAD "\r\n\x30\x85\x00\x00\x00\x00\x03\x02\x01\x05"), false},
    {"no content", RAW("HTTP/1.0 204 No Content\r\n\r\n" BODY), false},
    {"not found", RAW("HTTP/1.0 404 Not Found\r\n\r\n" BODY), false},
    {"an error", RAW("HTTP/1.0 500 Sorry\r\n\r\n" BODY), false},
    {"go on", RAW("HTTP/1.0 100 Continue\r\n\r\n" HEAD "\r\n" BODY), false},
    {"elsewhere, without a place", RAW("HTTP/1.0 302 Found\r\n\r\n" BODY), false},
    {"chunked", RAW("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n" BODY "\r\n0\r\n"),
     false},
    {"longer than allowed", RAW(HEAD "\r\n\x30\x63" BODY), false},
    {"announced to be longer than allowed", RAW(HEAD "\r\n\x30\x84\x7F\xFF\xFF\xFF" BODY), false},
};

static void answers(void **state)
{
    const struct span body = span_of(small, sizeof small);
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(answer_rows); i++) {
        const struct answer_row *row = &answer_rows[i];
        web_set(&web, "/a", WEB_RAW, row->bytes, row->n);
        assert_true(gives(row->what, url_to("/a"), 100, LONG_MS, row->is_good ? &body : NULL));
    }
}

/* The same without a network, in pieces of every size. */
static enum http_state feed(const struct answer_row *row, size_t piece, struct buf *out)
{
    struct http http;
    enum http_state http_is = HTTP_MORE;
    assert_int_equal(
        http_open(&http, &(struct http_question){.host = "h", .path = "/", .body_max = 100}), OK);
    for (size_t at = 0; at < row->n && http_is == HTTP_MORE; at += piece) {
        size_t n = row->n - at < piece ? row->n - at : piece;
        http_is = http_take(&http, span_of(row->bytes + at, n));
    }
    if (http_is == HTTP_DONE)
        wr_bytes(out, http_body(&http));
    http_close(&http);
    return http_is;
}

static void pieces(void **state)
{
    (void)state;
    crypto_mark();
    for (size_t i = 0; i < ARRAY_LEN(answer_rows); i++) {
        for (size_t piece = 1; piece <= answer_rows[i].n; piece++) {
            struct buf body;
            buf_init(&body, 100);
            bool is_done = feed(&answer_rows[i], piece, &body) == HTTP_DONE;
            assert_int_equal(is_done, answer_rows[i].is_good);
            assert_true(!is_done || span_equal(buf_span(&body), span_of(small, sizeof small)));
            buf_release(&body);
        }
    }
    crypto_unmark();
}

static void redirects(void **state)
{
    char text[256];
    (void)state;
    static const char *const lines[] = {"301 Moved", "302 Found", "303 See Other", "307 Temporary",
                                        "308 Permanent"};
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        web_clear(&web);
        int n = snprintf(text, sizeof text, "HTTP/1.0 %s\r\nLocation: %s\r\n\r\n" BODY, lines[i],
                         url_to("/b"));
        web_set(&web, "/a", WEB_RAW, text, (size_t)n);
        web_set(&web, "/b", WEB_BODY, small, sizeof small);
        assert_true(gives(lines[i], url_to("/a"), 100, LONG_MS, NULL));
        assert_int_equal(web_requests(&web, "/a"), 1);
        assert_int_equal(web_requests(&web, "/b"), 0);
    }
}

static void sizes(void **state)
{
    static uint8_t big[WEB_PAGE_LEN_MAX];
    const size_t content = sizeof big - 4;
    const struct span body = span_of(big, sizeof big);
    (void)state;
    big[0] = 0x30;
    big[1] = 0x82;
    store_u16(big + 2, content);
    web_set(&web, "/a", WEB_BODY, big, sizeof big);
    assert_true(gives("as long as allowed", url_to("/a"), sizeof big, LONG_MS, &body));
    assert_true(gives("a byte too long", url_to("/a"), sizeof big - 1, LONG_MS, NULL));
}

/* What announces little, or nothing, and goes on and on. */
static void endless(void **state)
{
    struct http http;
    static const uint8_t line[] =
        "A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n";
    enum http_state is = HTTP_MORE;
    size_t total = 0;
    (void)state;
    crypto_mark();
    assert_int_equal(
        http_open(&http, &(struct http_question){.host = "h", .path = "/", .body_max = 100}), OK);
    is = http_take(&http, span_text(HEAD));
    for (; is == HTTP_MORE; total += sizeof line - 1)
        is = http_take(&http, span_of(line, sizeof line - 1));
    http_close(&http);
    crypto_unmark();
    assert_int_equal(is, HTTP_FAILED);
    assert_in_range(total, 1, 1 << 17);
}

/* ---- time ------------------------------------------------------------------------------ */

static void slow(void **state)
{
    char url[64];
    (void)state;
    web_set(&web, "/a", WEB_SILENT, NULL, 0);
    assert_true(gives("silent", url_to("/a"), 100, SHORT_MS, NULL));
    assert_int_equal(web_requests(&web, "/a"), 1);
    web_set(&web, "/a", WEB_BODY, small, sizeof small);
    assert_true(gives("no time at all", url_to("/a"), 100, 0, NULL));
    assert_int_equal(web_requests(&web, "/a"), 1);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/a", web_deaf_port());
    assert_true(gives("nobody listens", url, 100, LONG_MS, NULL));
    web_set(&web, "/b", WEB_HANGS_UP, NULL, 0);
    assert_true(gives("hung up", url_to("/b"), 100, LONG_MS, NULL));
}

/* A thread that is left behind frees what it holds by itself. */
static void left_behind(void **state)
{
    (void)state;
    for (int i = 0; i < 2 * LOOKUP_THREADS_MAX; i++)
        assert_true(gives("no time to look up", "http://localhost:1/", 100, 0, NULL));
    for (int i = 0; i < 10000 && mem_live() != live_before; i++)
        usleep(1000);
    assert_int_equal(mem_live(), live_before);
}

/* ---- memory ---------------------------------------------------------------------------- */

static void without_memory(void **state)
{
    char named[64];
    (void)state;
    snprintf(named, sizeof named, "http://localhost:%d/a", web.port);
    const char *places[] = {url_to("/a"), named};
    web_set(&web, "/a", WEB_BODY, small, sizeof small);
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        int failures = 0;
        err result = ERR_NO_MEMORY;
        for (uint64_t n = 1; result != OK; n++, failures++) {
            struct buf body;
            mem_fail_at(n, false);
            result = get_within(places[i], 100, LONG_MS, &body);
            mem_fail_at(0, false);
            assert_true(result == OK || result == ERR_NO_MEMORY);
            assert_true(result == OK || body.n == 0);
            buf_release(&body);
        }
        assert_in_range(failures, 2, 20);
    }
}

static void positive_control(void **state)
{
    const struct span other = span_text("other");
    (void)state;
    web_set(&web, "/a", WEB_BODY, small, sizeof small);
    print_message("two planted expectations:\n");
    assert_false(gives("control", url_to("/a"), 100, LONG_MS, NULL));
    assert_false(gives("control", url_to("/a"), 100, LONG_MS, &other));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, allow, refuse)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(addresses, refuse),
        TEST(loopback),
        TEST(urls),
        TEST(long_url),
        TEST(fields),
        TEST(no_proxy),
        TEST(answers),
        TEST(pieces),
        TEST(redirects),
        TEST(sizes),
        TEST(endless),
        TEST(slow),
        TEST(left_behind),
        TEST(without_memory),
        TEST(positive_control),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
