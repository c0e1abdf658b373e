/* SPDX-License-Identifier: MIT */
/* The web server of the tests: one connection after the other. */
#include "web.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static struct web_page *page_of(struct web *web, const char *path)
{
    for (size_t i = 0; i < web->page_count; i++) {
        if (strcmp(web->pages[i].path, path) == 0)
            return &web->pages[i];
    }
    return NULL;
}

/* The head, and as much behind it as it announces. */
static size_t read_request(int fd, char text[WEB_REQUEST_MAX])
{
    size_t n = 0;
    size_t wanted = WEB_REQUEST_MAX - 1;
    while (n < wanted) {
        ssize_t more = recv(fd, text + n, wanted - n, 0);
        if (more <= 0)
            break;
        n += (size_t)more;
        text[n] = 0;
        const char *body = strstr(text, "\r\n\r\n");
        if (body == NULL)
            continue;
        const char *length = strcasestr(text, "Content-Length:");
        wanted = (size_t)(body + 4 - text) + (length != NULL ? (size_t)atoi(length + 15) : 0);
    }
    text[n] = 0;
    return n;
}

static void say(int fd, const void *bytes, size_t n)
{
    const char *p = bytes;
    while (n != 0) {
        ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        p += sent;
        n -= (size_t)sent;
    }
}

static void wait_for_end(int fd)
{
    char bytes[256];
    while (recv(fd, bytes, sizeof bytes, 0) > 0)
        continue;
}

static void answer(int fd, const struct web_page *page)
{
    static const char missing[] = "HTTP/1.0 404 Not Found\r\n\r\n";
    char head[128];
    switch (page->kind) {
    case WEB_BODY:
        snprintf(head, sizeof head, "HTTP/1.0 200 OK\r\nContent-Length: %zu\r\n\r\n", page->n);
        say(fd, head, strlen(head));
        say(fd, page->bytes, page->n);
        return;
    case WEB_RAW:
        say(fd, page->bytes, page->n);
        return;
    case WEB_SILENT:
        wait_for_end(fd);
        return;
    case WEB_NOTHING:
    case WEB_HANGS_UP:
        say(fd, missing, sizeof missing - 1);
    }
}

static bool hangs_up(struct web *web)
{
    bool all = false;
    pthread_mutex_lock(&web->lock);
    for (size_t i = 0; i < web->page_count; i++)
        all |= web->pages[i].kind == WEB_HANGS_UP;
    pthread_mutex_unlock(&web->lock);
    return all;
}

static void serve(struct web *web, int fd)
{
    static struct web_page page;
    char path[WEB_PATH_LEN_MAX] = "";
    char text[WEB_REQUEST_MAX] = "";
    if (hangs_up(web)) {
        struct linger now = {.l_onoff = 1};
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        return;
    }
    if (read_request(fd, text) == 0)
        return;
    sscanf(text, "%*s %39s", path);
    pthread_mutex_lock(&web->lock);
    web->requests++;
    memcpy(web->last, text, sizeof text);
    struct web_page *found = page_of(web, path);
    page = (struct web_page){.kind = WEB_NOTHING};
    if (found != NULL) {
        found->requests++;
        page = *found;
    }
    pthread_mutex_unlock(&web->lock);
    answer(fd, &page);
}

static void *run(void *arg)
{
    struct web *web = arg;
    for (;;) {
        int fd = accept(web->listener, NULL, NULL);
        if (fd < 0)
            return NULL;
        serve(web, fd);
        close(fd);
    }
}

static int listen_anywhere(int *out_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, n), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &n), 0);
    *out_port = ntohs(address.sin_port);
    return fd;
}

void web_start(struct web *web)
{
    web->page_count = 0;
    web->requests = 0;
    web->listener = listen_anywhere(&web->port);
    assert_int_equal(listen(web->listener, 16), 0);
    pthread_mutex_init(&web->lock, NULL);
    assert_int_equal(pthread_create(&web->thread, NULL, run, web), 0);
}

void web_stop(struct web *web)
{
    shutdown(web->listener, SHUT_RDWR);
    pthread_join(web->thread, NULL);
    close(web->listener);
    pthread_mutex_destroy(&web->lock);
}

void web_set(struct web *web, const char *path, enum web_kind kind, const void *bytes, size_t n)
{
    assert_true(n <= WEB_PAGE_LEN_MAX);
    pthread_mutex_lock(&web->lock);
    struct web_page *page = page_of(web, path);
    if (page == NULL) {
        assert_true(web->page_count < WEB_PAGES_MAX);
        page = &web->pages[web->page_count++];
        page->requests = 0;
    }
    snprintf(page->path, sizeof page->path, "%s", path);
    page->kind = kind;
    page->n = n;
    mem_copy(page->bytes, bytes, n);
    pthread_mutex_unlock(&web->lock);
}

void web_clear(struct web *web)
{
    pthread_mutex_lock(&web->lock);
    web->page_count = 0;
    web->requests = 0;
    pthread_mutex_unlock(&web->lock);
}

int web_requests(struct web *web, const char *path)
{
    pthread_mutex_lock(&web->lock);
    const struct web_page *page = path != NULL ? page_of(web, path) : NULL;
    int count = path == NULL ? web->requests : page != NULL ? page->requests : 0;
    pthread_mutex_unlock(&web->lock);
    return count;
}

int web_deaf_port(void)
{
    int port;
    close(listen_anywhere(&port));
    return port;
}
