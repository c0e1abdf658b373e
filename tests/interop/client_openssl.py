#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Our client against openssl s_server: client_openssl.py SCHANNEL [ROW...]"""
import socketserver
import threading

import harness

LABEL = "EXPORTER-interop"
SUITES_13 = ["TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"]
SUITES_12 = [  # theirs, ours, certificate
    ("ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "p256"),
    ("ECDHE-ECDSA-AES128-GCM-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "p256"),
    ("ECDHE-ECDSA-CHACHA20-POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "p256"),
    ("ECDHE-RSA-AES256-GCM-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "rsa"),
    ("ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "rsa"),
    ("ECDHE-RSA-CHACHA20-POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "rsa"),
]
PAGE = "HTTP/1.0 200 ok"


def accept(name, server=(), client=(), says=(), peer=(), **more):
    return {"name": name, "server": list(server), "client": list(client), "says": list(says), "peer": list(peer),
            **more}


def reject(name, server=(), client=(), says=(), alert=None, **more):
    """alert: the number that the peer must have received, or None where it sees none."""
    peer = [] if alert is None else ["SSL alert number %d" % alert]
    return accept(name, server, client, says, peer, status=1, reject=True, **more)


def talk(process, client):
    """Bytes both ways, and again after the peer has changed its keys (k), or its own and asked for ours (K)."""
    for command in ("k", "K"):
        client.send(b"ping %s\n" % command.encode())
        process.wait_for("ping " + command)
        process.send(command.encode() + b"\n")
        process.wait_for(">>> .*KeyUpdate", 1 if command == "k" else 2)
        process.send(b"pong %s\n" % command.encode())
        client.wait_for("pong " + command)
    client.send(b"the end\n")
    process.wait_for("the end")
    process.wait_for("<<< .*KeyUpdate")


def same_export(process, client):
    theirs = process.wait_for(r"Keying material: ([0-9A-F]+)").group(1).decode().lower()
    client.wait_for("keying material +" + theirs)


ROWS = [
    accept("TLS 1.%s, %s certificate" % (version, cert), ["-tls1_" + version], cert=cert,
           says=["TLS 1." + version, "CN=" + cert, "CN=intermediate", PAGE], peer=["TLSv1." + version])
    for version in "23" for cert in ("rsa", "p256", "p384", "ed25519")
] + [
    accept(suite, ["-tls1_3", "-ciphersuites", suite], says=[suite], peer=[suite]) for suite in SUITES_13
] + [
    accept(ours, ["-tls1_2", "-cipher", theirs], cert=cert, says=[ours], peer=[theirs])
    for theirs, ours, cert in SUITES_12
] + [
    accept("TLS 1.%s, group %s" % (version, ours), ["-tls1_" + version, "-groups", theirs], says=[ours],
           hellos=2 if version == "3" and theirs != "X25519" else 1)
    for version in "23" for theirs, ours in (("X25519", "x25519"), ("P-256", "secp256r1"), ("P-384", "secp384r1"))
] + [
    accept("highest version of both", says=["TLS 1.3"]),
    accept("we offer 1.2 only", client=["--tls", "1.2"], says=["TLS 1.2"]),
    accept("the peer speaks 1.2 only", ["-no_tls1_3"], says=["TLS 1.2"]),
    accept("ALPN, second of ours is theirs", ["-alpn", "http/1.1"], ["--alpn", "h2,http/1.1"],
           ["application protocol   http/1.1"]),
    accept("ALPN in TLS 1.2", ["-tls1_2", "-alpn", "h2,http/1.1"], ["--alpn", "h2"], ["application protocol   h2"]),
    accept("ALPN unknown to the peer", client=["--alpn", "h2"], never=["application protocol"]),
    reject("ALPN, nothing in common", ["-alpn", "foo"], ["--alpn", "bar"], ["The peer sent alert 120"]),
    accept("no tickets", ["-tls1_3", "-num_tickets", "0"], says=[PAGE]),
    accept("five tickets", ["-tls1_3", "-num_tickets", "5"], says=[PAGE]),
    accept("records padded to 512", ["-tls1_3", "-record_padding", "512"], says=[PAGE]),
    accept("small records", ["-max_send_frag", "512"], says=[PAGE]),
    accept("no session tickets in 1.2", ["-tls1_2", "-no_ticket"], says=[PAGE]),
    accept("key updates, asked and not", ["-tls1_3", "-msg"], act=talk, says=["pong k", "pong K"]),
    accept("equal exporters, TLS 1.2", ["-tls1_2", "-keymatexport", LABEL, "-keymatexportlen", "32"],
           ["--export", LABEL], act=same_export),
    accept("equal exporters, TLS 1.3", ["-tls1_3", "-keymatexport", LABEL, "-keymatexportlen", "32"],
           ["--export", LABEL], act=same_export),
] + [
    row for version in "23" for row in (
        accept("TLS 1.%s, client certificate required" % version,
               ["-tls1_" + version, "-Verify", "3", "-verify_return_error", "-CAfile", "{root:root}"],
               ["--cert", "{chain:client}", "--key", "{key:client}"], peer=["CN = client"]),
        accept("TLS 1.%s, RSA client certificate required" % version,
               ["-tls1_" + version, "-Verify", "3", "-verify_return_error", "-CAfile", "{root:root}"],
               ["--cert", "{chain:client-rsa}", "--key", "{key:client-rsa}"], peer=["CN = client-rsa"]),
        accept("TLS 1.%s, client certificate requested, given" % version, ["-tls1_" + version, "-verify", "3"],
               ["--cert", "{chain:client}", "--key", "{key:client}"], peer=["CN = client"]),
        accept("TLS 1.%s, client certificate requested, none" % version, ["-tls1_" + version, "-verify", "3"],
               says=[PAGE], never=["CN = client"]),
        reject("TLS 1.%s, client certificate required, none" % version, ["-tls1_" + version, "-Verify", "3"],
               says=["The peer sent alert %d" % (116 if version == "3" else 40)]),
        reject("TLS 1.%s, client certificate of another root" % version,
               ["-tls1_" + version, "-Verify", "3", "-verify_return_error", "-CAfile", "{root:root}"],
               ["--cert", "{chain:client-other-root}", "--key", "{key:client-other-root}"],
               says=["The peer sent alert 48"]),
        accept("TLS 1.%s, a stapled response says good" % version,
               ["-tls1_" + version, "-status_file", "{ocsp:p256}"], ["--revocation"], says=[PAGE]),
        reject("TLS 1.%s, a stapled response says revoked" % version,
               ["-tls1_" + version, "-status_file", "{ocsp:p256-revoked}"], ["--revocation"],
               says=["CRYPT_E_REVOKED"], alert=44),
        reject("TLS 1.%s, nothing is stapled" % version, ["-tls1_" + version], ["--revocation"],
               says=["CRYPT_E_NO_REVOCATION_CHECK"], alert=46),
        reject("TLS 1.%s, wrong name" % version, ["-tls1_" + version], cert="wrong-name",
               says=["SEC_E_WRONG_PRINCIPAL"], alert=46),
        reject("TLS 1.%s, untrusted root" % version, ["-tls1_" + version], cert="other-root",
               says=["SEC_E_UNTRUSTED_ROOT"], alert=48),
        reject("TLS 1.%s, expired" % version, ["-tls1_" + version], cert="expired",
               says=["SEC_E_CERT_EXPIRED"], alert=45),
        reject("TLS 1.%s, certificate of a client" % version, ["-tls1_" + version], cert="wrong-usage",
               says=["SEC_E_CERT_WRONG_USAGE"], alert=46),
        accept("TLS 1.%s, all of that unchecked" % version, ["-tls1_" + version], ["--insecure"], cert="expired",
               says=[PAGE]),
        accept("TLS 1.%s, asked for the other name" % version, ["-tls1_" + version],
               ["--name", "elsewhere.example"], cert="wrong-name", says=[PAGE]),
    )
] + [
    reject("the peer speaks 1.1 only", ["-tls1_1", "-cipher", "ALL@SECLEVEL=0"], cert="rsa",
           says=["SEC_E_UNSUPPORTED_FUNCTION", "The peer sent alert 70"]),
    reject("we speak 1.3 only, the peer 1.2 only", ["-tls1_2"], ["--tls", "1.3"],
           says=["SEC_E_UNSUPPORTED_FUNCTION", "The peer sent alert 70"]),
    reject("no common suite", ["-tls1_2", "-cipher", "AES128-SHA256"], cert="rsa",
           says=["The peer sent alert 40"]),
    reject("no common group", ["-tls1_3", "-groups", "X448"], says=["The peer sent alert 40"]),
    reject("plaintext HTTP", plain=b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
           says=["SEC_E_INVALID_TOKEN"]),
    reject("a peer that says nothing and goes", plain=b"", says=["the peer closed the connection"]),
]


def intermediate(run, chain):
    with open(chain) as pem:
        return ["-cert_chain", run.pki.path("intermediate.crt")] if pem.read().count("BEGIN") == 2 else []


class Plain(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.recv(65536)
        self.request.sendall(self.server.answer)


def play_plain(row, run):
    with socketserver.TCPServer(("127.0.0.1", 0), Plain) as server:
        server.answer = row["plain"]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        client = run.client("--get", "/", "localhost:%d" % server.server_address[1])
        status = client.finish()
        server.shutdown()
    return harness.Outcome(status, client.text(), "", "a TCP server: %s" % harness.summary(client.text()))


def play(row, run):
    if "plain" in row:
        return play_plain(row, run)
    chain, key = run.pki.chain(row.get("cert", "p256"))
    act = row.get("act")
    arguments = run.expand(row["server"]) + (["-msg"] if "hellos" in row else []) + ([] if act else ["-www"])
    server = harness.Process(["openssl", "s_server", "-accept", "127.0.0.1:0", "-naccept", "1", "-cert", chain,
                              "-key", key, *intermediate(run, chain), *arguments])
    port = server.wait_for(r"ACCEPT 127\.0\.0\.1:(\d+)").group(1).decode()
    client = run.client("--ca", run.pki.root(), *run.expand(row["client"]), *([] if act else ["--get", "/"]),
                        "localhost:" + port)
    if act:
        act(server, client)
    status = client.finish()
    server.finish()
    hellos = server.text().count("ClientHello\n")
    harness.expect(hellos == row.get("hellos", hellos), "%d ClientHellos" % hellos)
    # The page that s_server -www sends is its view of the connection.
    return harness.Outcome(status, client.text(), server.text() + client.text(),
                           " ".join(["s_server", *row["server"], "| client", *row["client"], "|",
                                     harness.summary(client.text())]))


if __name__ == "__main__":
    harness.main(ROWS, play, ("TLS 1.3, wrong name", {"says": ["SEC_E_CERT_EXPIRED"]}), ["openssl"])
