/* SPDX-License-Identifier: MIT */
/*
 * Winsock over BSD sockets, header only, for stand-alone programs: enough to connect, listen, send
 * and receive. A SOCKET is the descriptor itself, an int, so that it fits the C library's
 * functions.
 */
#ifndef SCHANNEL_WINSOCK2_H
#define SCHANNEL_WINSOCK2_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include "windows.h"

typedef int SOCKET;
#define INVALID_SOCKET  (-1)
#define SOCKET_ERROR    (-1)
#define SD_RECEIVE      SHUT_RD
#define SD_SEND         SHUT_WR
#define SD_BOTH         SHUT_RDWR
#define closesocket     close
#define ioctlsocket     ioctl
#define WSAEWOULDBLOCK  EWOULDBLOCK
#define WSAEINPROGRESS  EINPROGRESS
#define WSAEINTR        EINTR
#define WSAECONNRESET   ECONNRESET
#define WSAECONNREFUSED ECONNREFUSED
#define WSAETIMEDOUT    ETIMEDOUT
#define WSAENOTCONN     ENOTCONN
#define WSAEADDRINUSE   EADDRINUSE

typedef struct sockaddr SOCKADDR, *PSOCKADDR, *LPSOCKADDR;
typedef struct sockaddr_in SOCKADDR_IN, *PSOCKADDR_IN;
typedef struct sockaddr_in6 SOCKADDR_IN6;
typedef struct sockaddr_storage SOCKADDR_STORAGE;
typedef struct addrinfo ADDRINFOA, *PADDRINFOA;
typedef struct hostent HOSTENT, *PHOSTENT;

typedef struct WSAData {
    WORD wVersion;
    WORD wHighVersion;
    unsigned short iMaxSockets;
    unsigned short iMaxUdpDg;
    char *lpVendorInfo;
    char szDescription[257];
    char szSystemStatus[129];
} WSADATA, *LPWSADATA;

static inline int WSAStartup(WORD version, LPWSADATA data)
{
    memset(data, 0, sizeof *data);
    data->wVersion = version;
    data->wHighVersion = version;
    return 0;
}

static inline int WSACleanup(void)
{
    return 0;
}

static inline int WSAGetLastError(void)
{
    return errno;
}

static inline void WSASetLastError(int error)
{
    errno = error;
}

#endif
