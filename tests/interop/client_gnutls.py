#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Our client against gnutls-serv: client_gnutls.py SCHANNEL [ROW...]"""
import harness

LABEL = "EXPORTER-interop"
PAGE = "HTTP/1.0 200 OK"
VERSIONS = {"2": "NORMAL:-VERS-ALL:+VERS-TLS1.2", "3": "NORMAL:-VERS-ALL:+VERS-TLS1.3"}
GROUPS = {"x25519": "X25519", "secp256r1": "SECP256R1", "secp384r1": "SECP384R1"}  # we share the first


def accept(name, priority="NORMAL", server=(), client=(), says=(), peer=(), **more):
    return {"name": name, "priority": priority, "server": list(server), "client": list(client),
            "says": [PAGE, *says], "peer": list(peer), **more}


def reject(name, priority="NORMAL", server=(), client=(), says=(), peer=(), **more):
    return {**accept(name, priority, server, client, peer=peer, status=1, reject=True, **more), "says": list(says)}


def upload(server, client):
    """Lines to the echo and back."""
    lines = b"".join(b"line %d of the client\n" % i for i in range(2000))
    client.send(lines)
    client.wait_for("line 1999 of the client")
    harness.expect(bytes(client.out).count(b"of the client") == 2000, "lines are missing")


ROWS = [
    accept("TLS 1.%s, %s certificate" % (version, cert), VERSIONS[version], cert=cert,
           says=["TLS 1." + version, "CN=" + cert], peer=["TLS1." + version])
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
    accept("TLS 1.%s, group %s%s" % (version, ours, ", HelloRetryRequest" if version == "3" and ours != "x25519" else ""),
           VERSIONS[version] + ":-GROUP-ALL:+GROUP-" + theirs, says=[ours], cert="rsa")
    for version in "23" for ours, theirs in GROUPS.items()
] + [
    row for version in "23" for row in (
        accept("TLS 1.%s, ALPN" % version, VERSIONS[version], ["--alpn", "http/1.1"], ["--alpn", "h2,http/1.1"],
               ["application protocol   http/1.1"]),
        accept("TLS 1.%s, equal exporters" % version, VERSIONS[version],
               ["--keymatexport", LABEL, "--keymatexportsize", "32"], ["--export", LABEL], exports=True),
        accept("TLS 1.%s, client certificate required" % version, VERSIONS[version],
               ["--require-client-cert", "--x509cafile", "{root:root}"],
               ["--cert", "{chain:client}", "--key", "{key:client}"], peer=["CN=client"]),
        accept("TLS 1.%s, client certificate requested, none" % version, VERSIONS[version],
               ["--x509cafile", "{root:root}"], never=["CN=client"]),
        reject("TLS 1.%s, client certificate required, none" % version, VERSIONS[version],
               ["--require-client-cert"], says=["The peer sent alert"]),
        accept("TLS 1.%s, no tickets" % version, VERSIONS[version], ["--noticket"]),
        {**accept("TLS 1.%s, lines echoed" % version, VERSIONS[version], echo=True), "says": ["TLS 1." + version]},
        reject("TLS 1.%s, wrong name" % version, VERSIONS[version], cert="wrong-name",
               says=["SEC_E_WRONG_PRINCIPAL", "told with alert 46"]),
        reject("TLS 1.%s, untrusted root" % version, VERSIONS[version], cert="other-root",
               says=["SEC_E_UNTRUSTED_ROOT", "told with alert 48"], peer=["Error in handshake: A TLS fatal alert"]),
        reject("TLS 1.%s, expired" % version, VERSIONS[version], cert="expired",
               says=["SEC_E_CERT_EXPIRED", "told with alert 45"], peer=["Error in handshake: A TLS fatal alert"]),
    )
] + [
    accept("small records", server=["--recordsize", "512"]),
    reject("ALPN, nothing in common", server=["--alpn", "foo", "--alpn-fatal"], client=["--alpn", "bar"],
           says=["The peer sent alert 120"]),
    # It looks for a suite before it looks at the version.
    reject("the peer speaks 1.1 only", "NORMAL:-VERS-ALL:+VERS-TLS1.1", says=["The peer sent alert 40"]),
    reject("no common suite", VERSIONS["2"] + ":-CIPHER-ALL:+AES-128-CBC", says=["The peer sent alert 40"]),
    reject("no common group", VERSIONS["3"] + ":-GROUP-ALL:+GROUP-SECP521R1", says=["The peer sent alert"]),
]


def play(row, run):
    chain, key = run.pki.chain(row.get("cert", "p256"))
    echo = row.get("echo", False)
    arguments = ["--priority", row["priority"], *run.expand(row["server"])]
    # Lines, because what gnutls-serv has not flushed is lost when it is told to end.
    server = harness.Process(["stdbuf", "-oL", "gnutls-serv", "--port", "0", "--echo" if echo else "--http", "--x509certfile", chain,
                              "--x509keyfile", key, *arguments])
    port = harness.listening_port(server)
    client = run.client("--ca", run.pki.root(), *run.expand(row["client"]), *([] if echo else ["--get", "/"]),
                        "localhost:%d" % port)
    if echo:
        upload(server, client)
    status = client.finish()
    server.stop()
    if row.get("exports"):
        theirs = harness.found("Key material: ([0-9a-f]{64})", server.text())
        harness.expect("keying material        %s\n" % theirs in client.text(), "the exporters differ")
    return harness.Outcome(status, client.text(), server.text() + client.text(),
                           " ".join(["gnutls-serv", row["priority"], *row["server"], "| client", *row["client"], "|",
                                     harness.summary(client.text())]))


if __name__ == "__main__":
    harness.main(ROWS, play, ("TLS 1.3, expired", {"says": ["SEC_E_UNTRUSTED_ROOT"]}), ["openssl", "gnutls-serv"])
