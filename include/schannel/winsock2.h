/* SPDX-License-Identifier: MIT */
/*
 * Winsock over BSD sockets for stand-alone programs: enough to connect, listen, send and receive. A
 * SOCKET is the descriptor itself, an int, so that it fits the C library's functions; errors are
 * errno values under Winsock's names. Nothing is overlapped: every call is finished when it
 * returns.
 */
#ifndef SCHANNEL_WINSOCK2_H
#define SCHANNEL_WINSOCK2_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include "windows.h"

typedef int SOCKET;
#define INVALID_SOCKET        (-1)
#define SOCKET_ERROR          (-1)
#define SD_RECEIVE            SHUT_RD
#define SD_SEND               SHUT_WR
#define SD_BOTH               SHUT_RDWR
#define WSAEINTR              EINTR
#define WSAEBADF              EBADF
#define WSAEACCES             EACCES
#define WSAEFAULT             EFAULT
#define WSAEINVAL             EINVAL
#define WSAEMFILE             EMFILE
#define WSAEWOULDBLOCK        EWOULDBLOCK
#define WSAEINPROGRESS        EINPROGRESS
#define WSAEALREADY           EALREADY
#define WSAENOTSOCK           ENOTSOCK
#define WSAEDESTADDRREQ       EDESTADDRREQ
#define WSAEMSGSIZE           EMSGSIZE
#define WSAEPROTOTYPE         EPROTOTYPE
#define WSAENOPROTOOPT        ENOPROTOOPT
#define WSAEPROTONOSUPPORT    EPROTONOSUPPORT
#define WSAEOPNOTSUPP         EOPNOTSUPP
#define WSAEAFNOSUPPORT       EAFNOSUPPORT
#define WSAEADDRINUSE         EADDRINUSE
#define WSAEADDRNOTAVAIL      EADDRNOTAVAIL
#define WSAENETDOWN           ENETDOWN
#define WSAENETUNREACH        ENETUNREACH
#define WSAENETRESET          ENETRESET
#define WSAECONNABORTED       ECONNABORTED
#define WSAECONNRESET         ECONNRESET
#define WSAENOBUFS            ENOBUFS
#define WSAEISCONN            EISCONN
#define WSAENOTCONN           ENOTCONN
#define WSAESHUTDOWN          ESHUTDOWN
#define WSAETIMEDOUT          ETIMEDOUT
#define WSAECONNREFUSED       ECONNREFUSED
#define WSAEHOSTDOWN          EHOSTDOWN
#define WSAEHOSTUNREACH       EHOSTUNREACH
#define WSASYSNOTREADY        10091
#define WSAVERNOTSUPPORTED    10092
#define WSANOTINITIALISED     10093
#define WSAEDISCON            10101
#define WSASYSCALLFAILURE     10107
#define WSAHOST_NOT_FOUND     11001
#define WSANO_DATA            11004
#define WSA_IO_PENDING        ERROR_IO_PENDING
#define WSA_INVALID_HANDLE    ERROR_INVALID_HANDLE
#define WSA_NOT_ENOUGH_MEMORY ERROR_NOT_ENOUGH_MEMORY
#define WSA_FLAG_OVERLAPPED   0x01
#define WSADESCRIPTION_LEN    256
#define WSASYS_STATUS_LEN     128

typedef struct sockaddr SOCKADDR, *PSOCKADDR, *LPSOCKADDR;
typedef struct sockaddr_in SOCKADDR_IN, *PSOCKADDR_IN, *LPSOCKADDR_IN;
typedef struct sockaddr_in6 SOCKADDR_IN6, *PSOCKADDR_IN6, *LPSOCKADDR_IN6;
typedef struct sockaddr_storage SOCKADDR_STORAGE, *PSOCKADDR_STORAGE, *LPSOCKADDR_STORAGE;
typedef struct in_addr IN_ADDR, *PIN_ADDR, *LPIN_ADDR;
typedef struct in6_addr IN6_ADDR, *PIN6_ADDR, *LPIN6_ADDR;
typedef struct addrinfo ADDRINFOA, *PADDRINFOA;
typedef struct hostent HOSTENT, *PHOSTENT, *LPHOSTENT;
typedef struct timeval TIMEVAL, *PTIMEVAL, *LPTIMEVAL;
typedef struct pollfd WSAPOLLFD, *PWSAPOLLFD, *LPWSAPOLLFD;
typedef struct linger LINGER, *PLINGER, *LPLINGER;
/* A type beside the macro of the same name, which takes arguments. */
typedef fd_set FD_SET, *PFD_SET, *LPFD_SET;
typedef unsigned short ADDRESS_FAMILY;
typedef unsigned int GROUP;

typedef struct _WSABUF {
    ULONG len;
    CHAR *buf;
} WSABUF, *LPWSABUF;

typedef OVERLAPPED WSAOVERLAPPED;
typedef LPOVERLAPPED LPWSAOVERLAPPED;
typedef void(CALLBACK *LPWSAOVERLAPPED_COMPLETION_ROUTINE)(DWORD dwError, DWORD cbTransferred,
                                                           LPWSAOVERLAPPED lpOverlapped,
                                                           DWORD dwFlags);

typedef struct WSAData {
    WORD wVersion;
    WORD wHighVersion;
    unsigned short iMaxSockets;
    unsigned short iMaxUdpDg;
    char *lpVendorInfo;
    char szDescription[WSADESCRIPTION_LEN + 1];
    char szSystemStatus[WSASYS_STATUS_LEN + 1];
} WSADATA, *LPWSADATA;

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * WSAStartup - to be called first: from here on the going of a peer is an error and no signal, if
 * the program has not set SIGPIPE itself. *lpWSAData gets the version asked for, 2.2 at most. 0,
 * WSAEFAULT for NULL, WSAVERNOTSUPPORTED for version 0.
 * WSACleanup - 0; nothing to undo.
 * WSAGetLastError, WSASetLastError - the thread's errno; a connect that goes on is WSAEWOULDBLOCK.
 * closesocket - close.
 * ioctlsocket - FIONBIO and the other commands of ioctl that take an int. Any thread.
 * Source: Microsoft pages of the functions.
 */
int WSAAPI WSAStartup(WORD wVersionRequested, LPWSADATA lpWSAData);
int WSAAPI WSACleanup(void);
int WSAAPI WSAGetLastError(void);
void WSAAPI WSASetLastError(int iError);
int WSAAPI closesocket(SOCKET s);
int WSAAPI ioctlsocket(SOCKET s, long cmd, unsigned long *argp);

/*
 * WSAConnectByName - looks a host and a service up and connects to the first address that answers.
 * s               an unconnected stream socket; its family's addresses are tried.
 * nodename, servicename  the host, and a number or name of a port.
 * LocalAddressLength, LocalAddress, RemoteAddressLength, RemoteAddress  each pair NULL, or out: the
 *                 address; in and out: its size.
 * timeout         NULL: as long as it takes; else for all tries together.
 * Reserved        NULL.
 * TRUE; or FALSE, and WSAGetLastError says WSAHOST_NOT_FOUND, WSAETIMEDOUT, WSAEINVAL, WSAEFAULT or
 * why the last try failed. Any thread.
 * Source: Microsoft "WSAConnectByName function".
 */
BOOL WSAAPI WSAConnectByNameA(SOCKET s, LPSTR nodename, LPSTR servicename,
                              LPDWORD LocalAddressLength, LPSOCKADDR LocalAddress,
                              LPDWORD RemoteAddressLength, LPSOCKADDR RemoteAddress,
                              const struct timeval *timeout, LPWSAOVERLAPPED Reserved);
BOOL WSAAPI WSAConnectByNameW(SOCKET s, LPWSTR nodename, LPWSTR servicename,
                              LPDWORD LocalAddressLength, LPSOCKADDR LocalAddress,
                              LPDWORD RemoteAddressLength, LPSOCKADDR RemoteAddress,
                              const struct timeval *timeout, LPWSAOVERLAPPED Reserved);
#define WSAConnectByName SCHANNEL_AW(WSAConnectByName)

/*
 * WSASend - sends the buffers one after another; on a blocking socket all of them.
 * WSARecv - receives once, into the buffers one after another.
 * The number of bytes goes to lpNumberOfBytesSent or lpNumberOfBytesRecvd. *lpFlags and dwFlags are
 * those of send and recv. lpOverlapped and lpCompletionRoutine must be NULL: WSAEOPNOTSUPP. 0 or
 * SOCKET_ERROR and WSAGetLastError. No signal is raised when the peer has gone. Any thread.
 * Source: Microsoft pages of the two functions.
 */
int WSAAPI WSASend(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesSent,
                   DWORD dwFlags, LPWSAOVERLAPPED lpOverlapped,
                   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);
int WSAAPI WSARecv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesRecvd,
                   LPDWORD lpFlags, LPWSAOVERLAPPED lpOverlapped,
                   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);

/*
 * schannel_select, schannel_setsockopt - select and setsockopt as Winsock has them: the count is
 * not looked at and the time-out of select is left as it was; SO_RCVTIMEO and SO_SNDTIMEO may be
 * given as a DWORD of milliseconds. Any thread. Source: Microsoft pages of the two functions.
 */
int schannel_select(int count, fd_set *readable, fd_set *writable, fd_set *failed,
                    const struct timeval *timeout);
int schannel_setsockopt(SOCKET s, int level, int name, const void *value, socklen_t size);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#define select     schannel_select
#define setsockopt schannel_setsockopt

static inline int WSAPoll(LPWSAPOLLFD sockets, ULONG count, int milliseconds)
{
    return poll(sockets, count, milliseconds);
}

/* No protocol information: it must be NULL. */
static inline SOCKET WSASocketA(int family, int type, int protocol, const void *information,
                                GROUP group, DWORD flags)
{
    (void)group;
    (void)flags;
    if (information == NULL)
        return socket(family, type, protocol);
    errno = EINVAL;
    return INVALID_SOCKET;
}
#define WSASocketW    WSASocketA
#define WSASocket     WSASocketA
#define GetAddrInfoA  getaddrinfo
#define FreeAddrInfoA freeaddrinfo
#define InetPtonA     inet_pton
#define InetNtopA     inet_ntop
#ifndef UNICODE
#define GetAddrInfo  getaddrinfo
#define FreeAddrInfo freeaddrinfo
#define InetPton     inet_pton
#define InetNtop     inet_ntop
typedef ADDRINFOA ADDRINFOT, ADDRINFO, *LPADDRINFO;
#endif

#ifdef __cplusplus
/* Lengths are int in Winsock. */
template <typename Length> struct schannel_only_int {
};
template <> struct schannel_only_int<int> {
    typedef int type;
};
template <typename Length>
static inline typename schannel_only_int<Length>::type accept(SOCKET s, struct sockaddr *address,
                                                              Length *size)
{
    return accept(s, address, reinterpret_cast<socklen_t *>(size));
}
template <typename Length>
static inline typename schannel_only_int<Length>::type
getsockname(SOCKET s, struct sockaddr *address, Length *size)
{
    return getsockname(s, address, reinterpret_cast<socklen_t *>(size));
}
template <typename Length>
static inline typename schannel_only_int<Length>::type
getpeername(SOCKET s, struct sockaddr *address, Length *size)
{
    return getpeername(s, address, reinterpret_cast<socklen_t *>(size));
}
template <typename Length>
static inline typename schannel_only_int<Length>::type getsockopt(SOCKET s, int level, int name,
                                                                  char *value, Length *size)
{
    return getsockopt(s, level, name, value, reinterpret_cast<socklen_t *>(size));
}
template <typename Length>
static inline typename schannel_only_int<Length>::type
recvfrom(SOCKET s, char *buffer, int n, int flags, struct sockaddr *address, Length *size)
{
    return static_cast<int>(recvfrom(s, buffer, static_cast<size_t>(n), flags, address,
                                     reinterpret_cast<socklen_t *>(size)));
}
#endif

#endif
