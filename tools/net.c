/* SPDX-License-Identifier: MIT */
#include "net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "report.h"

static bool copy_text(char *out, size_t cap, const char *text, size_t n)
{
    if (n == 0 || n >= cap)
        return false;
    memcpy(out, text, n);
    out[n] = 0;
    return true;
}

bool net_split(const char *text, char host[NET_NAME_MAX], char port[8], const char *default_port)
{
    const char *host_end;
    const char *rest;
    if (text[0] == '[') {
        text++;
        host_end = strchr(text, ']');
        if (host_end == NULL)
            return false;
        rest = host_end + 1;
    } else {
        const char *colon = strchr(text, ':');
        bool is_bare_v6 = colon != NULL && strchr(colon + 1, ':') != NULL;
        host_end = colon != NULL && !is_bare_v6 ? colon : text + strlen(text);
        rest = host_end;
    }
    if (rest[0] != 0 && rest[0] != ':')
        return false;
    const char *port_text = rest[0] == ':' ? rest + 1 : default_port;
    return copy_text(host, NET_NAME_MAX, text, (size_t)(host_end - text)) &&
           copy_text(port, 8, port_text, strlen(port_text));
}

void net_limit(int fd, unsigned seconds)
{
    struct timeval limit = {.tv_sec = (time_t)seconds};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

static int resolve(const char *host, const char *port, int flags, struct addrinfo **out)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = flags};
    int error = getaddrinfo(host, port, &hints, out);
    if (error != 0)
        fprintf(stderr, "schannel: cannot look up %s: %s\n", host, gai_strerror(error));
    return error;
}

int net_connect(const char *host, const char *port)
{
    struct addrinfo *list;
    int fd = -1;
    int on = 1;
    char where[NET_NAME_MAX + 16];
    if (resolve(host, port, 0, &list) != 0)
        return -1;
    for (struct addrinfo *a = list; a != NULL && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
        if (fd >= 0)
            net_limit(fd, NET_SECONDS);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
            int error = errno;
            close(fd);
            errno = error;
            fd = -1;
        }
    }
    snprintf(where, sizeof where, "%s port %s", host, port);
    if (fd < 0)
        report_errno("cannot connect to", where);
    else
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    freeaddrinfo(list);
    return fd;
}

static unsigned local_port(int fd)
{
    struct sockaddr_storage address;
    socklen_t n = sizeof address;
    char text[8] = "0";
    if (getsockname(fd, (struct sockaddr *)&address, &n) == 0)
        getnameinfo((struct sockaddr *)&address, n, NULL, 0, text, sizeof text, NI_NUMERICSERV);
    unsigned port = 0;
    sscanf(text, "%u", &port);
    return port;
}

int net_listen(const char *address, const char *port, unsigned *out_port)
{
    struct addrinfo *list;
    int on = 1;
    if (resolve(address, port, AI_PASSIVE, &list) != 0)
        return -1;
    int fd = socket(list->ai_family, list->ai_socktype | SOCK_CLOEXEC, list->ai_protocol);
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, list->ai_addr, list->ai_addrlen) != 0 || listen(fd, 64) != 0) {
        char where[NET_NAME_MAX + 16];
        snprintf(where, sizeof where, "%s port %s", address, port);
        report_errno("cannot listen on", where);
        if (fd >= 0)
            close(fd);
        fd = -1;
    }
    freeaddrinfo(list);
    if (fd >= 0)
        *out_port = local_port(fd);
    return fd;
}

bool net_send(int fd, const void *bytes, size_t n)
{
    const char *p = bytes;
    while (n != 0) {
        ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        p += sent;
        n -= (size_t)sent;
    }
    return true;
}

long net_receive(int fd, void *bytes, size_t cap)
{
    for (;;) {
        ssize_t n = recv(fd, bytes, cap, 0);
        if (n >= 0 || errno != EINTR)
            return n;
    }
}

void net_finish(int fd)
{
    char rest[4096];
    shutdown(fd, SHUT_WR);
    net_limit(fd, NET_LAST_SECONDS);
    int reads = 0;
    while (reads < 64 && net_receive(fd, rest, sizeof rest) > 0)
        reads++;
}
