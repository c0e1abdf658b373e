/* SPDX-License-Identifier: MIT */
/*
 * Fetching over HTTP: the URL taken apart, a connection to an address that was checked, and the
 * exchange of http.c over it, under one deadline. The address that is connected to is the one that
 * was checked: nothing is looked up twice.
 */
#include "crypt32/fetch.h"

#include <errno.h>
#include <poll.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "crypt32/http.h"

/* ---- time ------------------------------------------------------------------------------ */

static int64_t clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* False when the time is up, or the socket is gone. */
static bool wait_for(int fd, short events, int64_t deadline)
{
    for (;;) {
        struct pollfd entry = {.fd = fd, .events = events};
        int64_t left = deadline - clock_ms();
        if (left <= 0)
            return false;
        int count = poll(&entry, 1, left < INT32_MAX ? (int)left : INT32_MAX);
        if (count > 0)
            return true;
        if (count < 0 && errno != EINTR)
            return false;
    }
}

/* ---- the URL --------------------------------------------------------------------------- */

/* Texts of libcrypto's. */
struct place {
    char *host; /* without brackets */
    char *port;
    char *path; /* with the query */
    char *host_field;
};

static char *text_of(const char *const parts[], size_t count)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        n += strlen(parts[i]);
    char *text = OPENSSL_zalloc(n + 1);
    for (size_t i = 0, at = 0; text != NULL && i < count; at += strlen(parts[i++]))
        mem_copy(text + at, parts[i], strlen(parts[i]));
    return text;
}

static void place_release(struct place *place)
{
    OPENSSL_free(place->host);
    OPENSSL_free(place->port);
    OPENSSL_free(place->path);
    OPENSSL_free(place->host_field);
}

/* What begins a new line in a request, or a second word, is not in a URL. */
bool fetch_takes(struct span url)
{
    static const char scheme[] = "http://";
    if (url.n < sizeof scheme || url.n > FETCH_URL_MAX ||
        strncasecmp((const char *)url.p, scheme, sizeof scheme - 1) != 0)
        return false;
    for (size_t i = 0; i < url.n; i++) {
        if (url.p[i] <= ' ' || url.p[i] >= 0x7F)
            return false;
    }
    return true;
}

static void strip_brackets(char *host)
{
    size_t n = strlen(host);
    if (n < 2 || host[0] != '[' || host[n - 1] != ']')
        return;
    mem_move(host, host + 1, n - 2);
    host[n - 2] = 0;
}

static char *host_field_of(const struct place *place)
{
    bool is_v6 = strchr(place->host, ':') != NULL;
    bool is_default = strcmp(place->port, OSSL_HTTP_PORT) == 0;
    const char *parts[] = {is_v6 ? "[" : "", place->host, is_v6 ? "]" : "", is_default ? "" : ":",
                           is_default ? "" : place->port};
    return text_of(parts, ARRAY_LEN(parts));
}

/* Letters of a scheme are of either case; libcrypto knows the small ones. */
static bool take_apart(const char *url, struct place *out, char **path, char **query)
{
    static const char scheme[] = "http";
    char text[FETCH_URL_MAX + 1] = {0};
    char *user = NULL;
    int port = 0;
    if (!fetch_takes(span_text(url)))
        return false;
    mem_copy(text, url, strlen(url));
    mem_copy(text, scheme, sizeof scheme - 1);
    bool is_good = OSSL_HTTP_parse_url(text, NULL, &user, &out->host, &out->port, &port, path,
                                       query, NULL) == 1 &&
                   (user == NULL || *user == 0) && *out->host != 0 && port > 0;
    OPENSSL_free(user);
    return is_good;
}

static bool place_read(const char *url, struct place *out)
{
    char *path = NULL;
    char *query = NULL;
    *out = (struct place){0};
    if (take_apart(url, out, &path, &query)) {
        bool has_query = query != NULL && *query != 0;
        const char *parts[] = {path, has_query ? "?" : "", has_query ? query : ""};
        strip_brackets(out->host);
        out->path = text_of(parts, ARRAY_LEN(parts));
        out->host_field = host_field_of(out);
    }
    OPENSSL_free(path);
    OPENSSL_free(query);
    return out->path != NULL && out->host_field != NULL;
}

/* ---- the connection -------------------------------------------------------------------- */

/* The socket, or -1. */
static int connect_to(const struct address *address, int64_t deadline)
{
    int error = 0;
    socklen_t n = sizeof error;
    int fd = socket(address->bytes.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    bool is_there = connect(fd, (const struct sockaddr *)&address->bytes, address->n) == 0;
    if (!is_there && (errno == EINPROGRESS || errno == EINTR))
        is_there = wait_for(fd, POLLOUT, deadline) &&
                   getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) == 0 && error == 0;
    if (is_there)
        return fd;
    close(fd);
    return -1;
}

/* One that does not answer may take half of what is left, so that the next one gets its turn. */
static int connect_to_one(const struct addresses *addresses, int64_t deadline)
{
    int fd = -1;
    for (size_t i = 0; i < addresses->count && fd < 0; i++) {
        int64_t now = clock_ms();
        bool is_last = i + 1 == addresses->count;
        fd = connect_to(&addresses->list[i], is_last ? deadline : now + (deadline - now) / 2);
    }
    return fd;
}

/* MSG_NOSIGNAL: a server that hangs up must not end the program. */
static bool send_all(int fd, struct span bytes, int64_t deadline)
{
    while (bytes.n != 0) {
        ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);
        if (n > 0) {
            bytes = span_of(bytes.p + n, bytes.n - (size_t)n);
            continue;
        }
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return false;
        if (!wait_for(fd, POLLOUT, deadline))
            return false;
    }
    return true;
}

static bool receive_all(int fd, struct http *http, int64_t deadline)
{
    enum { PIECE = 16384 };
    uint8_t bytes[PIECE];
    enum http_state state = HTTP_MORE;
    while (state == HTTP_MORE) {
        if (!wait_for(fd, POLLIN, deadline))
            return false;
        ssize_t n = recv(fd, bytes, sizeof bytes, 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (n <= 0)
            return false;
        state = http_take(http, span_of(bytes, (size_t)n));
    }
    return state == HTTP_DONE;
}

/* ---- all together ---------------------------------------------------------------------- */

static err exchange(int fd, const struct http_question *question, int64_t deadline, struct buf *out)
{
    struct http http;
    err result = http_open(&http, question);
    if (result == OK &&
        (!send_all(fd, http_outgoing(&http), deadline) || !receive_all(fd, &http, deadline)))
        result = FAIL(ERR_NOT_AVAILABLE);
    if (result == OK) {
        wr_bytes(out, http_body(&http));
        result = buf_check(out);
    }
    http_close(&http);
    return result;
}

static err fetch_from(const struct place *place, const struct fetch_order *order, int64_t deadline,
                      struct buf *out)
{
    struct addresses addresses;
    struct http_question question = {.host = place->host_field,
                                     .path = place->path,
                                     .ocsp = order->ocsp,
                                     .body_max = order->body_max};
    TRY(lookup(place->host, place->port, deadline, &addresses));
    int fd = connect_to_one(&addresses, deadline);
    if (fd < 0)
        return FAIL(ERR_NOT_AVAILABLE);
    err result = exchange(fd, &question, deadline, out);
    close(fd);
    return result;
}

err fetch(const struct fetch_order *order, uint32_t *left_ms, struct buf *out_body)
{
    struct place place;
    int64_t start = clock_ms();
    buf_init(out_body, order->body_max);
    crypto_mark();
    err result = place_read(order->url, &place)
                     ? fetch_from(&place, order, start + *left_ms, out_body)
                     : FAIL(ERR_NOT_AVAILABLE);
    crypto_unmark();
    place_release(&place);
    int64_t spent = clock_ms() - start;
    *left_ms = spent < *left_ms ? *left_ms - (uint32_t)spent : 0;
    if (result != OK)
        buf_release(out_body);
    return result;
}
