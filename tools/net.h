/* SPDX-License-Identifier: MIT */
/* Sockets, blocking, with a time limit for each read and write. */
#ifndef SCHANNEL_TOOLS_NET_H
#define SCHANNEL_TOOLS_NET_H

#include <stdbool.h>
#include <stddef.h>

enum { NET_NAME_MAX = 256, NET_SECONDS = 30, NET_LAST_SECONDS = 2 };

/* "HOST", "HOST:PORT", "[v6]:PORT" or a bare v6 address; false when it is none of them. */
bool net_split(const char *text, char host[NET_NAME_MAX], char port[8], const char *default_port);
/* Reports and returns -1 on failure. */
int net_connect(const char *host, const char *port);
/* *out_port: the port that was really taken. */
int net_listen(const char *address, const char *port, unsigned *out_port);
/* A limit on silence of the peer; 0 = none. */
void net_limit(int fd, unsigned seconds);
bool net_send(int fd, const void *bytes, size_t n);
/* Bytes read; 0 at the end; -1 on failure. */
long net_receive(int fd, void *bytes, size_t cap);
/* Before closing: sees to it that the last bytes, an alert perhaps, arrive. Closing with bytes
 * unread would send a reset that overtakes them. */
void net_finish(int fd);

#endif
