#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs every client against every server, with a PKI made on the spot; then with a wrong name and with
a wrong root, which the client must refuse."""

import itertools
import pathlib
import subprocess
import sys
import tempfile

PROGRAMS = pathlib.Path(sys.argv[1])
GREETING = "hello from a Windows server\r\n"
REQUEST = "got: hello from Windows\r\n"


def openssl(*args):
    subprocess.run(["openssl", *map(str, args)], check=True, capture_output=True)


def make_pki(folder):
    """root.der, other.der, server.pfx (leaf with its root)."""
    extensions = folder / "leaf.cnf"
    extensions.write_text("subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n")
    for name in ("root", "other"):
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / f"{name}.key",
                "-out", folder / f"{name}.pem", "-subj", f"/CN=Test {name}", "-days", 10)
        openssl("x509", "-in", folder / f"{name}.pem", "-outform", "DER",
                "-out", folder / f"{name}.der")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "leaf.key",
            "-out", folder / "leaf.csr", "-subj", "/CN=localhost")
    openssl("x509", "-req", "-in", folder / "leaf.csr", "-CA", folder / "root.pem",
            "-CAkey", folder / "root.key", "-CAcreateserial", "-days", 5,
            "-extfile", extensions, "-out", folder / "leaf.pem")
    openssl("pkcs12", "-export", "-inkey", folder / "leaf.key", "-in", folder / "leaf.pem",
            "-certfile", folder / "root.pem", "-passout", "pass:secret",
            "-out", folder / "server.pfx")


def run(client, server, folder, name="localhost", root="root"):
    """Exit status of the client, its output, the server's exit status and diagnostics."""
    with subprocess.Popen([PROGRAMS / server, folder / "server.pfx", "secret"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        port = process.stdout.readline().decode().strip()
        done = subprocess.run([PROGRAMS / client, "127.0.0.1", port, name, folder / f"{root}.der"],
                              capture_output=True, timeout=30)
        _, errors = process.communicate(timeout=30)
    return done.returncode, done.stdout.decode(), process.returncode, errors.decode()


def main():
    failures = 0

    def expect(row, is_right, got):
        nonlocal failures
        print(f"{'ok  ' if is_right else 'FAIL'} {row}{'' if is_right else ': ' + repr(got)}")
        failures += not is_right

    with tempfile.TemporaryDirectory() as text:
        folder = pathlib.Path(text)
        make_pki(folder)
        clients = ("win_client_narrow", "win_client_wide", "win_class_narrow", "win_class_wide")
        servers = ("win_server_wide", "win_server_order")
        for client, server in itertools.product(clients, servers):
            got = run(client, server, folder)
            expect(f"{client} and {server}", got == (0, GREETING, 0, REQUEST), got)
        for client in clients:
            got = run(client, servers[0], folder, name="elsewhere.example")
            expect(f"{client} refuses a wrong name", got[0] == 1 and got[1] == "", got)
            got = run(client, servers[0], folder, root="other")
            expect(f"{client} refuses another root", got[0] == 1 and got[1] == "", got)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
