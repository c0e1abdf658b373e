#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""gnutls-cli against our server: server_gnutls.py SCHANNEL [ROW...]"""
import harness
from client_gnutls import GROUPS, LABEL, VERSIONS

PAGE = "HTTP/1.1 200 OK"
TRUSTED = "The certificate is trusted"
GET = b"GET /json HTTP/1.1\r\nHost: localhost\r\n\r\n"


def accept(name, priority="NORMAL", client=(), server=(), says=(), peer=(PAGE, TRUSTED), **more):
    return {"name": name, "priority": priority, "client": list(client), "server": list(server), "says": list(says),
            "peer": list(peer), **more}


def reject(name, priority="NORMAL", client=(), server=(), says=(), peer=(), **more):
    return accept(name, priority, client, server, says, peer, status=1, reject=True, **more)


def lines(client):
    """A line at a time through the echo, with the client's keys, or both sides', changed between them."""
    client.wait_for("Simple Client Mode")
    for i, command in enumerate((b"", b"^rekey^\n", b"", b"^rekey1^\n", b"")):
        client.send(command + b"line %d\n" % i)
        client.wait_for("line %d" % i)


def upload(client):
    client.wait_for("Simple Client Mode")
    client.send(b"".join(b"%0254d\n" % i for i in range(4096)))
    client.wait_for("%0254d" % 4095)
    text = client.text()
    harness.expect(all("%0254d" % i in text for i in range(0, 4096, 17)), "lines are missing")


ROWS = [
    accept("TLS 1.%s, %s certificate" % (version, cert), VERSIONS[version], cert=cert,
           says=["TLS 1." + version], peer=[PAGE, TRUSTED, "CN=" + cert, "(TLS1.%s-" % version])
    for version in "23" for cert in ("rsa", "p256", "p384", "ed25519")
] + [
    accept("TLS 1.3, " + name, VERSIONS["3"] + ":-CIPHER-ALL:+" + name, says=[suite])
    for name, suite in (("AES-256-GCM", "TLS_AES_256_GCM_SHA384"), ("AES-128-GCM", "TLS_AES_128_GCM_SHA256"),
                        ("CHACHA20-POLY1305", "TLS_CHACHA20_POLY1305_SHA256"))
] + [
    accept("TLS 1.2, %s, %s" % (name, cert), VERSIONS["2"] + ":-CIPHER-ALL:+" + name, says=[suite % kind], cert=cert)
    for name, suite in (("AES-256-GCM", "TLS_ECDHE_%s_WITH_AES_256_GCM_SHA384"),
                        ("AES-128-GCM", "TLS_ECDHE_%s_WITH_AES_128_GCM_SHA256"),
                        ("CHACHA20-POLY1305", "TLS_ECDHE_%s_WITH_CHACHA20_POLY1305_SHA256"))
    for cert, kind in (("rsa", "RSA"), ("p256", "ECDSA"))
] + [
    accept("TLS 1.%s, group %s" % (version, ours), VERSIONS[version] + ":-GROUP-ALL:+GROUP-" + theirs,
           says=[ours], cert="rsa")
    for version in "23" for ours, theirs in GROUPS.items()
] + [
    accept("HelloRetryRequest to " + ours, VERSIONS["3"] + ":-GROUP-ALL:+GROUP-SECP521R1:+GROUP-" + theirs,
           ["--single-key-share", "-d4"], says=[ours], peer=[PAGE, TRUSTED, "HELLO RETRY REQUEST"])
    for ours, theirs in GROUPS.items()
] + [
    row for version in "23" for row in (
        accept("TLS 1.%s, ALPN" % version, VERSIONS[version], ["--alpn", "h2", "--alpn", "http/1.1"],
               peer=[PAGE, "Application protocol: http/1.1"]),
        accept("TLS 1.%s, equal exporters" % version, VERSIONS[version],
               ["--keymatexport", LABEL, "--keymatexportsize", "32"], ["--export", LABEL], exports=True),
        accept("TLS 1.%s, client certificate" % version, VERSIONS[version],
               ["--x509certfile", "{chain:client}", "--x509keyfile", "{key:client}"],
               ["--ask", "--ca", "{root:root}"], ["client client (verified)"]),
        accept("TLS 1.%s, client certificate asked, none" % version, VERSIONS[version],
               server=["--ask", "--ca", "{root:root}"], never=["client client"]),
        accept("TLS 1.%s, client certificate of another root" % version, VERSIONS[version],
               ["--x509certfile", "{chain:client-other-root}", "--x509keyfile", "{key:client-other-root}"],
               ["--ask", "--ca", "{root:root}"], ["client client-other-root (not verified)"]),
        accept("TLS 1.%s, session given back" % version, VERSIONS[version], ["--resume"]),
        accept("TLS 1.%s, 1 MiB of lines both ways" % version, VERSIONS[version], [], ["--echo"], peer=[TRUSTED],
               act=upload),
        reject("TLS 1.%s, our root is not trusted" % version, VERSIONS[version], cert="other-root",
               peer=["The certificate issuer is unknown"]),
        reject("TLS 1.%s, our certificate is expired" % version, VERSIONS[version], cert="expired",
               peer=["expired certificate"]),
        reject("TLS 1.%s, our name is another" % version, VERSIONS[version], cert="wrong-name",
               peer=["The name in the certificate does not match"]),
        reject("TLS 1.%s, no common group" % version, VERSIONS[version] + ":-GROUP-ALL:+GROUP-SECP521R1",
               peer=["Received alert [40]"]),
    )
] + [
    accept("key updates, asked and not", VERSIONS["3"], ["--inline-commands", "-d4"], ["--echo"],
           peer=["line 4", "KEY_UPDATE (24) was received"], act=lines),
    accept("small records", client=["--recordsize", "512"]),
    reject("ALPN, nothing in common", client=["--alpn", "foo"], says=["SEC_E_APPLICATION_PROTOCOL_MISMATCH"],
           peer=["Received alert [120]"]),
    reject("the peer speaks 1.1 only", "NORMAL:-VERS-ALL:+VERS-TLS1.1:%UNSAFE_RENEGOTIATION",
           says=["SEC_E_UNSUPPORTED_FUNCTION"], peer=["Received alert [70]"]),
    reject("the peer speaks 1.2 only, we 1.3", VERSIONS["2"], server=["--tls", "1.3"], peer=["Received alert [70]"]),
    reject("no common suite in 1.2", VERSIONS["2"] + ":-CIPHER-ALL:+AES-128-CBC", peer=["Received alert [40]"]),
    reject("renegotiation in TLS 1.2", VERSIONS["2"], ["--rehandshake"], peer=["No renegotiation is allowed"]),
]


def play(row, run):
    server = run.server(*run.expand(row["server"]), cert=row.get("cert", "p256"))
    client = harness.Process(["gnutls-cli", "--port", str(server.port), "--x509cafile", run.pki.root(), "--priority",
                              row["priority"], *run.expand(row["client"]), "localhost"])
    act = row.get("act")
    if act:
        act(client)
    status = client.finish(None if act else GET)
    harness.end_server(server)
    if row.get("exports"):
        theirs = harness.found("Key material: ([0-9a-f]{64})", client.text())
        harness.expect('"keying_material": "%s"' % theirs in client.text(), "the exporters differ")
    ours = server.text().partition("\n")[2].strip()
    return harness.Outcome(status, ours, client.text(),
                           " ".join(["server", *row["server"], "| gnutls-cli", row["priority"], *row["client"], "|",
                                     "; ".join(sorted({line for line in ours.splitlines() if line[:1] != " "}))]))


if __name__ == "__main__":
    harness.main(ROWS, play, ("TLS 1.3, our certificate is expired", {"status": 0}), ["openssl", "gnutls-cli"])
