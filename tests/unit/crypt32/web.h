/* SPDX-License-Identifier: MIT */
/* A web server on the loopback address in a thread of the test: what it answers is set by path, and
 * it counts who asked for what. */
#ifndef SCHANNEL_TESTS_CRYPT32_WEB_H
#define SCHANNEL_TESTS_CRYPT32_WEB_H

#include <pthread.h>

#include "util/util.h"

enum web_kind {
    WEB_NOTHING, /* 404; also for paths that were never set */
    WEB_BODY,    /* 200 with the bytes */
    WEB_RAW,     /* the bytes and nothing else */
    WEB_SILENT,  /* the request is read, and that is all */
    WEB_HANGS_UP /* the connection is reset before the request is read */
};

enum {
    WEB_PAGES_MAX = 32,
    WEB_PAGE_LEN_MAX = 1 << 15,
    WEB_PATH_LEN_MAX = 40,
    WEB_REQUEST_MAX = 4096
};

struct web_page {
    char path[WEB_PATH_LEN_MAX];
    enum web_kind kind;
    uint8_t bytes[WEB_PAGE_LEN_MAX];
    size_t n;
    int requests;
};

struct web {
    int listener;
    int port;
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    struct web_page pages[WEB_PAGES_MAX];
    size_t page_count;
    int requests;
    char last[WEB_REQUEST_MAX]; /* the last request, as text */
};

void web_start(struct web *web);
void web_stop(struct web *web);
void web_set(struct web *web, const char *path, enum web_kind kind, const void *bytes, size_t n);
/* All pages are gone, and nobody ever asked. */
void web_clear(struct web *web);
/* How often a path was asked for; NULL: any. */
int web_requests(struct web *web, const char *path);
/* A port at which nobody listens. */
int web_deaf_port(void);

#endif
