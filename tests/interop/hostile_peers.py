#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Peers that are no good against one server of ours, which must serve the next one: hostile_peers.py SCHANNEL [ROW...]

Each row does something to the server and then has a page fetched, by our client and while the row's connections
are still open. `alert` is what the server answers: the number of an alert in clear, a word of the ssl module's name
for one under keys, None where it owes nothing.
"""
import os
import random
import socket
import ssl
import struct
import threading
import time

import harness

REQUEST = b"GET /json HTTP/1.1\r\nHost: localhost\r\n\r\n"
HANDSHAKE, ALERT, CHANGE, DATA = 22, 21, 20, 23


class Peer:
    """A connection, bare or with TLS by Python's ssl module, whose records can be tampered with."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE

    def __init__(self, port, version=ssl.TLSVersion.TLSv1_3):
        self.socket = socket.create_connection(("127.0.0.1", port), harness.LIMIT_SECONDS)
        self.context.maximum_version = version
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = self.context.wrap_bio(self.incoming, self.outgoing, server_hostname="localhost")

    def hello(self):
        """The record with a ClientHello that is in order."""
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        return self.outgoing.read()

    def send(self, data, piece=None):
        """False when the server does not want to hear it all."""
        try:
            for at in range(0, len(data), piece or max(len(data), 1)):
                self.socket.sendall(data[at:at + piece] if piece else data)
        except (ConnectionError, BrokenPipeError):
            return False
        return True

    def until(self, attempt, piece=None):
        """Repeats what wants more from the server; the result."""
        while True:
            try:
                result = attempt()
                self.send(self.outgoing.read(), piece)
                return result
            except ssl.SSLWantReadError:
                self.send(self.outgoing.read(), piece)
                some = self.socket.recv(65536)
                if not some:
                    raise harness.Mismatch("the server closed the connection") from None
                self.incoming.write(some)

    def shake(self, piece=None):
        self.until(self.tls.do_handshake, piece)

    def seal(self, data):
        """Records with the data, not sent yet."""
        self.tls.write(data)
        return self.outgoing.read()

    def alert(self):
        """What the server answers until it closes: the number of an alert in clear, or None."""
        data = bytearray()
        try:
            while some := self.socket.recv(65536):
                data += some
        except ConnectionError:
            pass
        self.socket.close()
        if len(data) >= 7 and data[0] == ALERT and struct.unpack(">H", data[3:5])[0] == 2:
            return data[6]
        return None

    def sealed_alert(self):
        """The same for an alert under keys, as the ssl module tells it."""
        try:
            while True:
                if not self.until(lambda: self.tls.read(65536)):
                    return "close_notify"
        except ssl.SSLError as error:
            return (error.reason or str(error)).lower()
        except (harness.Mismatch, ConnectionError):
            return None


def record(kind, body, version=0x0303):
    return struct.pack(">BHH", kind, version, len(body)) + body


def sends(make, piece=None):
    """A row's act that sends bytes: make(hello) -> bytes."""
    def act(port):
        peer = Peer(port)
        peer.send(make(peer.hello()), piece)
        peer.socket.shutdown(socket.SHUT_WR)
        return peer.alert(), []
    return act


def breaks(tamper, version=ssl.TLSVersion.TLSv1_3):
    """After a handshake in order: tamper(peer) -> bytes to send; the server's answer under its keys."""
    def act(port):
        peer = Peer(port, version)
        peer.shake()
        peer.send(tamper(peer))
        return peer.sealed_alert(), []
    return act


def flip(peer):
    sealed = bytearray(peer.seal(REQUEST))
    sealed[-1] ^= 1
    return bytes(sealed)


def swap(peer):
    first, second = peer.seal(b"GET /json HTTP/1.1\r\n"), peer.seal(b"Host: localhost\r\n\r\n")
    return second + first


def replay(peer):
    sealed = peer.seal(b"GET /json HTTP/1.1\r\n")
    return sealed + sealed


def crawl(port):
    """One byte at a time, and still served."""
    peer = Peer(port)
    peer.shake(piece=1)
    peer.send(peer.seal(REQUEST), piece=1)
    page = peer.until(lambda: peer.tls.read(65536))
    harness.expect(b"200 OK" in page, "no page for the slow peer")
    return "served", [peer]


def vanish(when):
    """Gone with a reset: the kernel forgets the connection and all that is in it."""
    def act(port):
        peer = Peer(port)
        if when == "hello":
            peer.send(peer.hello())
        elif when != "connect":
            peer.shake()
            peer.send(peer.seal(REQUEST))
        peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.socket.close()
        return None, []
    return act


def idle(count, after):
    """Connections that stop and stay: bare, after half a ClientHello, after the server's answer, or established."""
    def act(port):
        peers = [Peer(port) for _ in range(count)]
        for peer in peers:
            if after == "half":
                peer.send(peer.hello()[:40])
            elif after == "hello":
                peer.send(peer.hello())
            elif after == "handshake":
                peer.shake()
        return None, peers
    return act


def crowd(count):
    """Good peers and bad ones at the same time; every good one is served."""
    def act(port):
        served = []

        def one(number):
            peer = Peer(port)
            if number % 4 == 0:
                peer.send(os.urandom(2000))
                peer.alert()
                return
            peer.shake()
            peer.send(peer.seal(REQUEST))
            served.append(b"200 OK" in peer.until(lambda: peer.tls.read(65536)))
            peer.socket.close()

        threads = [threading.Thread(target=one, args=(i,)) for i in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(harness.LIMIT_SECONDS)
        harness.expect(len(served) == count - (count + 3) // 4 and all(served), "%d good peers served" % len(served))
        return "%d served" % len(served), []
    return act


def too_many(port):
    """More than the server takes: the rest is turned away; when they go, it takes new ones."""
    peers = [Peer(port) for _ in range(300)]
    for peer in peers:
        peer.socket.close()
    deadline = time.monotonic() + harness.LIMIT_SECONDS
    while time.monotonic() < deadline:
        try:
            peer = Peer(port)
            peer.shake()
            return None, [peer]
        except (harness.Mismatch, OSError):
            continue
    raise harness.Mismatch("the server takes nobody any more")


def random_bytes(n):
    return random.Random(n).randbytes(n)


def bad(name, act, alert=None):
    return {"name": name, "act": act, "alert": alert, "reject": True}


def good(name, act, alert=None):
    return {"name": name, "act": act, "alert": alert}


ROWS = [
    bad("nothing at all", sends(lambda hello: b"")),
    bad("HTTP without TLS", sends(lambda hello: REQUEST)),
    bad("an SSH client", sends(lambda hello: b"SSH-2.0-OpenSSH_9.2\r\n")),
    bad("10 random bytes", sends(lambda hello: random_bytes(10))),
    bad("100,000 random bytes", sends(lambda hello: random_bytes(100000))),
    bad("100,000 zeros", sends(lambda hello: bytes(100000))),
    bad("half a record header", sends(lambda hello: hello[:3])),
    bad("half a ClientHello", sends(lambda hello: hello[:len(hello) // 2])),
    bad("half a ClientHello, byte by byte", sends(lambda hello: hello[:len(hello) // 2], 1)),
    bad("a record longer than any may be",
        sends(lambda hello: struct.pack(">BHH", HANDSHAKE, 0x0301, 0xFFFF) + bytes(70000)), 22),
    bad("a handshake message of 16 MiB",
        sends(lambda hello: record(HANDSHAKE, b"\x01\xff\xff\xff" + bytes(16000)) * 3), 10),
    bad("an SSL 2 hello", sends(lambda hello: b"\x80\x2e\x01\x00\x02" + bytes(43))),
    bad("empty handshake records without end", sends(lambda hello: record(HANDSHAKE, b"") * 5000), 10),
    bad("warning alerts without end", sends(lambda hello: record(ALERT, b"\x01\x5a") * 5000), 10),
    bad("change_cipher_spec without end", sends(lambda hello: hello + record(CHANGE, b"\x01") * 5000), 10),
    bad("a fatal alert", sends(lambda hello: record(ALERT, b"\x02\x28"))),
    bad("data before the handshake", sends(lambda hello: record(DATA, REQUEST)), 10),
    bad("a ClientHello with a byte too many",
        sends(lambda hello: record(HANDSHAKE, hello[5:6] + (len(hello) - 8).to_bytes(3, "big") + hello[9:] + b"\0")), 50),
    bad("a ClientHello twice", sends(lambda hello: hello + hello), 10),
    bad("a ClientHello, then data in clear", sends(lambda hello: hello + record(DATA, REQUEST)), 20),
    bad("gone after connecting", vanish("connect")),
    bad("gone after the ClientHello", vanish("hello")),
    bad("gone after the request", vanish("request")),
] + [
    bad("%s, %s" % (version.name.replace("v1_", " 1."), name), breaks(tamper, version), alert)
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3) for name, tamper, alert in (
        ("a record changed on its way", flip, "bad_record_mac"),
        ("two records swapped", swap, "bad_record_mac"),
        ("a record twice", replay, "bad_record_mac"),
        ("a record in clear among sealed ones", lambda peer: record(HANDSHAKE, b"\x01\0\0\0"), "alert_"),
        ("random bytes after the handshake", lambda peer: random_bytes(5000), "alert_"),
        ("a request without end", lambda peer: peer.seal(b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20000),
         "close_notify"),
    )
] + [
    good("one byte at a time", crawl, "served"),
    good("50 idle connections", idle(50, "connect")),
    good("50 with half a ClientHello", idle(50, "half")),
    good("50 that never answer", idle(50, "hello")),
    good("50 established and silent", idle(50, "handshake")),
    good("40 at once, 10 of them bad", crowd(40), "30 served"),
    good("300 connections, more than it takes", too_many),
]


def play(row, run):
    shown = len(run.shared.text())
    answer, open_peers = row["act"](run.shared.port)
    client = run.client("--ca", run.pki.root(), "--quiet", "--get", "/json", "localhost:%d" % run.shared.port)
    status = client.finish()
    for peer in open_peers:
        peer.socket.close()
    harness.expect("200 OK" in client.text(), "the next peer is not served: " + client.text())
    harness.expect(run.shared.process.poll() is None, "the server is gone")
    wanted = row["alert"]
    as_wanted = wanted in str(answer) if isinstance(wanted, str) else wanted == answer
    harness.expect(as_wanted, "the server answered %r, not %r" % (answer, wanted))
    return harness.Outcome(status, run.shared.text()[shown:], client.text(), "answer: %s; the next is served" % answer)


def start_server(run):
    run.shared = run.server("--quiet")


if __name__ == "__main__":
    harness.main(ROWS, play, ("one byte at a time", {"alert": "bad record mac"}), ["openssl"], start_server)
