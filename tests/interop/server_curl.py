#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""curl against our server: server_curl.py SCHANNEL [ROW...]"""
import os

import harness

MEBIBYTE = 1 << 20
JSON = '"protocol": "TLS 1.'


def accept(name, client=(), server=(), says=(), peer=(JSON,), **more):
    return {"name": name, "client": list(client), "server": list(server), "says": list(says), "peer": list(peer),
            **more}


def reject(name, client=(), status=60, server=(), says=(), peer=(), **more):
    """status: 35 the handshake failed, 60 the certificate was refused."""
    return accept(name, client, server, says, peer, status=status, reject=True, **more)


def echo(run, curl):
    """The request comes back as it was sent: curl takes it for an answer of the oldest HTTP."""
    data = os.urandom(MEBIBYTE)
    with open(run.pki.path("upload"), "wb") as to:
        to.write(data)
    client = curl("--http0.9", "--no-buffer", "-H", "Expect:", "--data-binary", "@" + run.pki.path("upload"), "--output", "-")
    client.wait_until(lambda p: bytes(p.out).endswith(data[-64:]), "end of the upload")
    head, _, body = bytes(client.out).partition(b"\r\n\r\n")
    client.stop()
    harness.expect(head.startswith(b"POST /json HTTP/1.1") and body == data, "what came back is not what was sent")
    return 0, client


ROWS = [
    accept("TLS 1.2, %s certificate" % cert, ["--tls-max", "1.2"], peer=[JSON + '2"'], says=["TLS 1.2"], cert=cert)
    for cert in ("rsa", "p256", "p384")
] + [
    accept("TLS 1.3, %s certificate" % cert, ["--tlsv1.3"], peer=[JSON + '3"'], says=["TLS 1.3"], cert=cert)
    for cert in ("rsa", "p256", "p384", "ed25519")
] + [
    accept("HTTP/2 offered beside ours", ["--http2"], peer=[JSON, '"alpn": "http/1.1"']),
    accept("no ALPN", ["--no-alpn"], peer=[JSON], never=["alpn"]),
    accept("HelloRetryRequest", ["--tlsv1.3", "--curves", "P-521:P-384"], says=["secp384r1"],
           peer=[JSON, '"key_exchange": "secp384r1"']),
    accept("ChaCha20-Poly1305", ["--tlsv1.3", "--tls13-ciphers", "TLS_CHACHA20_POLY1305_SHA256"],
           says=["TLS_CHACHA20_POLY1305_SHA256"]),
    accept("the status page", ["--url", "https://localhost:{port}/"], peer=["This connection", "TLS 1.3"]),
    accept("only the head", ["--head"], peer=["HTTP/1.1 200 OK"], never=[JSON]),
    accept("client certificate", ["--cert", "{chain:client}", "--key", "{key:client}"],
           ["--ask", "--ca", "{root:root}"], ["client client (verified)"], [JSON, '"peer": "client"']),
    accept("ten pages over ten connections", ["--url", "https://localhost:{port}/json?[1-9]"], times=10),
    accept("TLS 1.2, 1 MiB up and down", ["--tls-max", "1.2"], ["--echo"], act=echo, peer=[]),
    accept("TLS 1.3, 1 MiB up and down", ["--tlsv1.3"], ["--echo"], act=echo, peer=[]),
    # curl closes with bytes unread, and the reset may overtake its alert: what ours saw differs.
    reject("our root is not trusted", cert="other-root", peer=["unable to get local issuer certificate"]),
    reject("our certificate is expired", cert="expired", peer=["certificate has expired"]),
    reject("our name is another", cert="wrong-name", peer=["no alternative certificate subject name matches"]),
    accept("all of that unchecked", ["--insecure"], cert="expired"),
    reject("the peer speaks 1.1 only", ["--tls-max", "1.1", "--tlsv1.0", "--ciphers", "DEFAULT@SECLEVEL=0"], 35,
           says=["SEC_E_UNSUPPORTED_FUNCTION"], peer=["alert protocol version"]),
    reject("no common suite", ["--tls-max", "1.2", "--ciphers", "AES128-SHA256"], 35,
           says=["SEC_E_ALGORITHM_MISMATCH"], peer=["alert handshake failure"]),
    reject("the peer speaks 1.3 only, we 1.2", ["--tlsv1.3"], 35, ["--tls", "1.2"], peer=["alert protocol version"]),
]


def play(row, run):
    server = run.server(*run.expand(row["server"]), cert=row.get("cert", "p256"))
    arguments = [word.replace("{port}", str(server.port)) for word in run.expand(row["client"])]

    def curl(*more):
        return harness.Process(["curl", "--silent", "--show-error", "--noproxy", "*", "--cacert", run.pki.root(),
                                "https://localhost:%d/json" % server.port, *arguments, *more], merge=False)

    if "act" in row:
        status, client = row["act"](run, curl)
    else:
        client = curl()
        status = client.finish()
    harness.end_server(server)
    times = client.text().count(JSON)
    harness.expect(times == row.get("times", times), "%d pages" % times)
    ours = server.text().partition("\n")[2].strip()
    return harness.Outcome(status, ours, client.text(),
                           " ".join(["server", *row["server"], "| curl", *row["client"], "|",
                                     "; ".join(sorted({line for line in ours.splitlines() if line[:1] != " "}))]))


if __name__ == "__main__":
    harness.main(ROWS, play, ("our root is not trusted", {"status": 0}), ["openssl", "curl"])
