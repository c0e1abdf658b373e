/* SPDX-License-Identifier: MIT */
/* The functions of Winsock that differ from the calls of the system, or that it lacks. */
#include <signal.h>
#include <time.h>

#include <winsock2.h>

#include "win/win.h"

#undef select
#undef setsockopt

enum { MILLISECONDS = 1000, BUFFERS_MAX = 64 };

static int refuse(int error)
{
    errno = error;
    return SOCKET_ERROR;
}

int WSAAPI WSAStartup(WORD wVersionRequested, LPWSADATA lpWSAData)
{
    if (lpWSAData == NULL)
        return WSAEFAULT;
    if (LOBYTE(wVersionRequested) == 0)
        return WSAVERNOTSUPPORTED;
    struct sigaction now;
    if (sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler == SIG_DFL)
        signal(SIGPIPE, SIG_IGN);
    WORD highest = MAKEWORD(2, 2);
    bool is_higher = LOBYTE(wVersionRequested) > 2 || wVersionRequested == MAKEWORD(2, 3);
    *lpWSAData =
        (WSADATA){.wVersion = is_higher ? highest : wVersionRequested, .wHighVersion = highest};
    return 0;
}

int WSAAPI WSACleanup(void)
{
    return 0;
}

int WSAAPI WSAGetLastError(void)
{
    return errno == EINPROGRESS ? WSAEWOULDBLOCK : errno;
}

void WSAAPI WSASetLastError(int iError)
{
    errno = iError;
}

int WSAAPI closesocket(SOCKET s)
{
    return close(s);
}

/* Linux reads and writes an int. */
int WSAAPI ioctlsocket(SOCKET s, long cmd, unsigned long *argp)
{
    if (argp == NULL)
        return refuse(EFAULT);
    int value = (int)*argp;
    int failed = ioctl(s, (unsigned long)cmd, &value);
    *argp = (unsigned long)value;
    return failed;
}

int schannel_select(int count, fd_set *readable, fd_set *writable, fd_set *failed,
                    const struct timeval *timeout)
{
    (void)count;
    struct timeval copy = timeout != NULL ? *timeout : (struct timeval){0};
    return select(FD_SETSIZE, readable, writable, failed, timeout != NULL ? &copy : NULL);
}

int schannel_setsockopt(SOCKET s, int level, int name, const void *value, socklen_t size)
{
    bool is_time = level == SOL_SOCKET && (name == SO_RCVTIMEO || name == SO_SNDTIMEO);
    if (!is_time || size != sizeof(DWORD) || value == NULL)
        return setsockopt(s, level, name, value, size);
    DWORD milliseconds;
    mem_copy(&milliseconds, value, sizeof milliseconds);
    struct timeval time = {.tv_sec = milliseconds / MILLISECONDS,
                           .tv_usec = (suseconds_t)(milliseconds % MILLISECONDS * 1000)};
    return setsockopt(s, level, name, &time, sizeof time);
}

/* ---- buffers --------------------------------------------------------------------------------- */

static ssize_t receive(SOCKET s, LPWSABUF buffers, DWORD count, DWORD *flags)
{
    struct iovec pieces[BUFFERS_MAX];
    for (DWORD i = 0; i < count; i++)
        pieces[i] = (struct iovec){.iov_base = buffers[i].buf, .iov_len = buffers[i].len};
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = count};
    ssize_t n;
    do
        n = recvmsg(s, &message, (int)*flags);
    while (n < 0 && errno == EINTR);
    *flags = 0;
    return n;
}

int WSAAPI WSARecv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesRecvd,
                   LPDWORD lpFlags, LPWSAOVERLAPPED lpOverlapped,
                   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
    if (lpOverlapped != NULL || lpCompletionRoutine != NULL)
        return refuse(WSAEOPNOTSUPP);
    if (lpBuffers == NULL || lpNumberOfBytesRecvd == NULL || lpFlags == NULL)
        return refuse(WSAEFAULT);
    if (dwBufferCount > BUFFERS_MAX)
        return refuse(WSAEINVAL);
    ssize_t n = receive(s, lpBuffers, dwBufferCount, lpFlags);
    *lpNumberOfBytesRecvd = n > 0 ? (DWORD)n : 0;
    return n < 0 ? SOCKET_ERROR : 0;
}

/* False when it stopped before the end; *total counts on. */
static bool send_one(SOCKET s, const WSABUF *buffer, DWORD flags, DWORD *total)
{
    for (size_t done = 0; done < buffer->len;) {
        ssize_t n = send(s, buffer->buf + done, buffer->len - done, (int)flags | MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        done += (size_t)n;
        *total += (DWORD)n;
    }
    return true;
}

int WSAAPI WSASend(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesSent,
                   DWORD dwFlags, LPWSAOVERLAPPED lpOverlapped,
                   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
    DWORD total = 0;
    if (lpOverlapped != NULL || lpCompletionRoutine != NULL)
        return refuse(WSAEOPNOTSUPP);
    if (lpBuffers == NULL || lpNumberOfBytesSent == NULL)
        return refuse(WSAEFAULT);
    bool is_whole = true;
    for (DWORD i = 0; i < dwBufferCount && is_whole; i++)
        is_whole = send_one(s, &lpBuffers[i], dwFlags, &total);
    *lpNumberOfBytesSent = total;
    /* A part was sent: the caller sends the rest, as after send. */
    return is_whole || (total != 0 && errno == EWOULDBLOCK) ? 0 : SOCKET_ERROR;
}

/* ---- connecting by name ---------------------------------------------------------------------- */

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * MILLISECONDS + now.tv_nsec / 1000000;
}

/* Waits for a connect that goes on; 0 or an errno value. */
static int await_connect(SOCKET s, int64_t deadline_ms)
{
    struct pollfd socket = {.fd = s, .events = POLLOUT};
    int error = 0;
    socklen_t size = sizeof error;
    int ready;
    do {
        int64_t left = deadline_ms < 0 ? -1 : deadline_ms - now_ms();
        ready = poll(&socket, 1, deadline_ms < 0 ? -1 : left > 0 ? (int)left : 0);
    } while (ready < 0 && errno == EINTR);
    if (ready == 0)
        return ETIMEDOUT;
    if (ready < 0 || getsockopt(s, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        return errno;
    return error;
}

/* The socket does not block meanwhile, so that the time-out holds. */
static int connect_within(SOCKET s, const struct addrinfo *address, int64_t deadline_ms)
{
    int flags = fcntl(s, F_GETFL);
    if (flags < 0 || fcntl(s, F_SETFL, flags | O_NONBLOCK) != 0)
        return errno;
    int error = connect(s, address->ai_addr, address->ai_addrlen) == 0 ? 0 : errno;
    if (error == EINPROGRESS)
        error = await_connect(s, deadline_ms);
    return fcntl(s, F_SETFL, flags) == 0 ? error : errno;
}

static int connect_any(SOCKET s, const char *host, const char *service, int64_t deadline_ms)
{
    int family = AF_UNSPEC;
    socklen_t size = sizeof family;
    if (getsockopt(s, SOL_SOCKET, SO_DOMAIN, &family, &size) != 0)
        return errno;
    struct addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    if (getaddrinfo(host, service, &hints, &found) != 0)
        return WSAHOST_NOT_FOUND;
    int error = WSAHOST_NOT_FOUND;
    for (const struct addrinfo *p = found; p != NULL && error != 0 && error != ETIMEDOUT;
         p = p->ai_next)
        error = connect_within(s, p, deadline_ms);
    freeaddrinfo(found);
    return error;
}

static BOOL fill_address(int (*ask)(int, struct sockaddr *, socklen_t *), SOCKET s,
                         LPSOCKADDR address, DWORD *size)
{
    if (address == NULL || size == NULL)
        return TRUE;
    socklen_t len = *size;
    if (ask(s, address, &len) != 0)
        return FALSE;
    *size = len;
    return TRUE;
}

BOOL WSAAPI WSAConnectByNameA(SOCKET s, LPSTR nodename, LPSTR servicename,
                              LPDWORD LocalAddressLength, LPSOCKADDR LocalAddress,
                              LPDWORD RemoteAddressLength, LPSOCKADDR RemoteAddress,
                              const struct timeval *timeout, LPWSAOVERLAPPED Reserved)
{
    int64_t deadline = -1;
    if (timeout != NULL)
        deadline = now_ms() + (int64_t)timeout->tv_sec * MILLISECONDS + timeout->tv_usec / 1000;
    int error = nodename == NULL || servicename == NULL ? WSAEFAULT
                : Reserved != NULL                      ? WSAEINVAL
                                   : connect_any(s, nodename, servicename, deadline);
    if (error != 0) {
        errno = error;
        return FALSE;
    }
    return fill_address(getsockname, s, LocalAddress, LocalAddressLength) &&
           fill_address(getpeername, s, RemoteAddress, RemoteAddressLength);
}

BOOL WSAAPI WSAConnectByNameW(SOCKET s, LPWSTR nodename, LPWSTR servicename,
                              LPDWORD LocalAddressLength, LPSOCKADDR LocalAddress,
                              LPDWORD RemoteAddressLength, LPSOCKADDR RemoteAddress,
                              const struct timeval *timeout, LPWSAOVERLAPPED Reserved)
{
    char *host = win_utf8_dup(nodename);
    char *service = win_utf8_dup(servicename);
    BOOL done = WSAConnectByNameA(s, host, service, LocalAddressLength, LocalAddress,
                                  RemoteAddressLength, RemoteAddress, timeout, Reserved);
    int error = errno;
    mem_free(host);
    mem_free(service);
    errno = error;
    return done;
}
