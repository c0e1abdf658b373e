/* SPDX-License-Identifier: MIT */
/* Winsock's own ways: connecting by name, buffers, select without a count, time-outs in
 * milliseconds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include <winsock2.h>

static SOCKET listen_on_loopback(char port[8])
{
    SOCKADDR_IN address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_not_equal(s, INVALID_SOCKET);
    assert_int_equal(bind(s, (LPSOCKADDR)&address, size), 0);
    assert_int_equal(listen(s, 4), 0);
    assert_int_equal(getsockname(s, (LPSOCKADDR)&address, &size), 0);
    snprintf(port, 8, "%u", ntohs(address.sin_port));
    return s;
}

static int start(void **state)
{
    (void)state;
    WSADATA data;
    return WSAStartup(MAKEWORD(2, 2), &data) != 0 || data.wVersion != MAKEWORD(2, 2);
}

static void versions(void **state)
{
    (void)state;
    WSADATA data;
    assert_int_equal(WSAStartup(MAKEWORD(1, 1), &data), 0);
    assert_int_equal(data.wVersion, MAKEWORD(1, 1));
    assert_int_equal(WSAStartup(MAKEWORD(9, 0), &data), 0);
    assert_int_equal(data.wVersion, MAKEWORD(2, 2));
    assert_int_equal(WSAStartup(0, &data), WSAVERNOTSUPPORTED);
    assert_int_equal(WSAStartup(MAKEWORD(2, 2), NULL), WSAEFAULT);
    assert_int_equal(WSACleanup(), 0);
}

static void by_name(void **state)
{
    (void)state;
    char port[8];
    WCHAR wide_port[8];
    SOCKADDR_IN remote;
    DWORD size = sizeof remote;
    struct timeval patience = {.tv_sec = 10};
    SOCKET server = listen_on_loopback(port);
    for (size_t i = 0; i < sizeof port; i++)
        wide_port[i] = (WCHAR)port[i];
    SOCKET client = WSASocketA(AF_INET, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
    char host[] = "127.0.0.1";
    assert_true(WSAConnectByNameA(client, host, port, NULL, NULL, &size, (LPSOCKADDR)&remote,
                                  &patience, NULL));
    assert_int_equal(ntohs(remote.sin_port), atoi(port));
    assert_int_equal(fcntl(client, F_GETFL) & O_NONBLOCK, 0);
    assert_int_equal(closesocket(client), 0);
    client = socket(AF_INET, SOCK_STREAM, 0);
    WCHAR wide_host[] = {'1', '2', '7', '.', '0', '.', '0', '.', '1', 0};
    assert_true(
        WSAConnectByNameW(client, wide_host, wide_port, NULL, NULL, NULL, NULL, NULL, NULL));
    assert_int_equal(closesocket(client), 0);
    closesocket(server);
    client = socket(AF_INET, SOCK_STREAM, 0);
    assert_false(WSAConnectByNameA(client, host, port, NULL, NULL, NULL, NULL, NULL, NULL));
    assert_int_equal(WSAGetLastError(), WSAECONNREFUSED);
    char nowhere[] = "no such host.invalid";
    assert_false(WSAConnectByNameA(client, nowhere, port, NULL, NULL, NULL, NULL, NULL, NULL));
    assert_int_equal(WSAGetLastError(), WSAHOST_NOT_FOUND);
    assert_false(WSAConnectByNameA(client, NULL, port, NULL, NULL, NULL, NULL, NULL, NULL));
    assert_int_equal(WSAGetLastError(), WSAEFAULT);
    closesocket(client);
    assert_int_equal(WSASocketA(AF_INET, SOCK_STREAM, 0, "x", 0, 0), INVALID_SOCKET);
}

static void pair(SOCKET out[2])
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, out), 0);
}

static void buffers(void **state)
{
    (void)state;
    SOCKET s[2];
    char hello[] = "hello ";
    char world[] = "world";
    char first[4];
    char second[16];
    DWORD n = 0;
    DWORD flags = 0;
    pair(s);
    WSABUF out[] = {{6, hello}, {5, world}};
    WSABUF in[] = {{sizeof first, first}, {sizeof second, second}};
    assert_int_equal(WSASend(s[0], out, 2, &n, 0, NULL, NULL), 0);
    assert_int_equal(n, 11);
    assert_int_equal(WSARecv(s[1], in, 2, &n, &flags, NULL, NULL), 0);
    assert_int_equal(n, 11);
    assert_memory_equal(first, "hell", 4);
    assert_memory_equal(second, "o world", 7);
    OVERLAPPED overlapped = {0};
    assert_int_equal(WSASend(s[0], out, 2, &n, 0, &overlapped, NULL), SOCKET_ERROR);
    assert_int_equal(WSAGetLastError(), WSAEOPNOTSUPP);
    assert_int_equal(WSARecv(s[1], in, 2, NULL, &flags, NULL, NULL), SOCKET_ERROR);
    assert_int_equal(WSAGetLastError(), WSAEFAULT);
    closesocket(s[1]);
    /* WSAStartup has seen to it that this is no signal; send is libc's. */
    assert_int_equal(WSASend(s[0], out, 2, &n, 0, NULL, NULL), SOCKET_ERROR);
    assert_int_equal(send(s[0], hello, 6, 0), SOCKET_ERROR);
    assert_int_equal(WSAGetLastError(), EPIPE);
    closesocket(s[0]);
}

static void waiting(void **state)
{
    (void)state;
    SOCKET s[2];
    FD_SET readable;
    TIMEVAL patience = {.tv_sec = 10};
    char byte;
    unsigned long value = 1;
    pair(s);
    assert_int_equal(send(s[0], "x", 1, 0), 1);
    FD_ZERO(&readable);
    FD_SET(s[1], &readable);
    assert_int_equal(select(0, &readable, NULL, NULL, &patience), 1);
    assert_true(FD_ISSET(s[1], &readable));
    assert_int_equal(patience.tv_sec, 10);
    assert_int_equal(ioctlsocket(s[1], FIONREAD, &value), 0);
    assert_int_equal(value, 1);
    WSAPOLLFD poll_one = {.fd = s[1], .events = POLLIN};
    assert_int_equal(WSAPoll(&poll_one, 1, 0), 1);
    assert_int_equal(recv(s[1], &byte, 1, 0), 1);
    DWORD milliseconds = 20;
    assert_int_equal(
        setsockopt(s[1], SOL_SOCKET, SO_RCVTIMEO, (char *)&milliseconds, sizeof milliseconds), 0);
    assert_int_equal(recv(s[1], &byte, 1, 0), SOCKET_ERROR);
    assert_int_equal(WSAGetLastError(), WSAEWOULDBLOCK);
    value = 1;
    assert_int_equal(ioctlsocket(s[0], FIONBIO, &value), 0);
    assert_int_equal(recv(s[0], &byte, 1, 0), SOCKET_ERROR);
    assert_int_equal(WSAGetLastError(), WSAEWOULDBLOCK);
    WSASetLastError(EINPROGRESS);
    assert_int_equal(WSAGetLastError(), WSAEWOULDBLOCK);
    assert_int_equal(ioctlsocket(s[0], FIONBIO, NULL), SOCKET_ERROR);
    closesocket(s[0]);
    closesocket(s[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions),
        cmocka_unit_test(by_name),
        cmocka_unit_test(buffers),
        cmocka_unit_test(waiting),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
