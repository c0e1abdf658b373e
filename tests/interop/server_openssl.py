#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""openssl s_client against our server: server_openssl.py SCHANNEL [ROW...]"""
import os

import harness
from client_openssl import LABEL, SUITES_12, SUITES_13

MEBIBYTE = 1 << 20
JSON = "HTTP/1.1 200 OK"
TRUSTED = "Verify return code: 0 (ok)"
GET = b"GET /json HTTP/1.1\r\nHost: localhost\r\n\r\n"


def accept(name, client=(), server=(), says=(), peer=(JSON, TRUSTED), **more):
    return {"name": name, "client": list(client), "server": list(server), "says": list(says), "peer": list(peer),
            **more}


def reject(name, client=(), server=(), says=(), peer=(), **more):
    return accept(name, client, server, says, peer, status=1, reject=True, **more)


def echo(run, connect, server):
    """A mebibyte there and back, with the peer's ends of records where it likes them."""
    data = os.urandom(MEBIBYTE)
    client = connect("-quiet", merge=False)
    client.send(data)
    harness.expect(client.wait_bytes(MEBIBYTE) == data, "what came back is not what was sent")
    client.stop()
    return 0, client, "1 MiB there and back, equal"


def update_keys(run, connect, server):
    client = connect("-msg")
    client.wait_for("Verify return code")
    for number, command in ((1, b"k\n"), (2, b"K\n")):
        client.send(command)
        client.wait_for(">>> .*KeyUpdate", number)
        client.send(b"ping %d\n" % number)
        client.wait_for("\nping %d" % number)
    client.wait_for("<<< .*KeyUpdate")
    client.stop()
    return 0, client, "data after new keys of the client, then of both"


def early_data(run, connect, server):
    """A ticket of another server, with early data: refused, skipped, and the handshake goes on in full."""
    chain, key = run.pki.chain("p256")
    other = harness.Process(["openssl", "s_server", "-accept", "127.0.0.1:0", "-naccept", "1", "-cert", chain,
                             "-key", key, "-max_early_data", "16384"])
    port = other.wait_for(r"ACCEPT 127\.0\.0\.1:(\d+)").group(1).decode()
    session, data = run.pki.path("session.pem"), run.pki.path("early")
    first = harness.Process(["openssl", "s_client", "-connect", "localhost:" + port, "-sess_out", session])
    first.wait_for("Verify return code")
    other.send(b"behind the tickets\n")
    first.wait_for("behind the tickets")
    first.finish(b"Q\n")
    with open(data, "wb") as to:
        to.write(os.urandom(12000))
    client = connect("-sess_in", session, "-early_data", data, "-ign_eof")
    return client.finish(GET), client, "early data refused, page fetched"


def same_export(run, connect, server):
    client = connect("-keymatexport", LABEL, "-keymatexportlen", "32", "-ign_eof")
    status = client.finish(GET)
    theirs = client.wait_for("Keying material: ([0-9A-F]{64})").group(1).decode().lower()
    harness.expect('"keying_material": "%s"' % theirs in client.text(), "the exporters differ")
    return status, client, "both export " + theirs[:16] + "..."


def renegotiate(run, connect, server):
    client = connect()
    client.wait_for("Verify return code")
    client.send(b"R\n")
    client.wait_for("RENEGOTIATING")
    status = client.finish()
    return min(status, 1), client, "refused"


ROWS = [
    accept("TLS 1.%s, %s certificate" % (version, cert), ["-tls1_" + version], cert=cert,
           says=["TLS 1." + version], peer=[JSON, TRUSTED, "CN = " + cert, "TLSv1." + version])
    for version in "23" for cert in ("rsa", "p256", "p384", "ed25519")
] + [
    accept(suite, ["-tls1_3", "-ciphersuites", suite], says=[suite]) for suite in SUITES_13
] + [
    accept(ours, ["-tls1_2", "-cipher", theirs], says=[ours], cert=cert) for theirs, ours, cert in SUITES_12
] + [
    accept("TLS 1.%s, group %s" % (version, ours), ["-tls1_" + version, "-groups", theirs], says=[ours],
           cert="rsa" if version == "2" else "p256")
    for version in "23" for theirs, ours in (("X25519", "x25519"), ("P-256", "secp256r1"), ("P-384", "secp384r1"))
] + [
    accept("HelloRetryRequest, %s after %s" % (ours, first), ["-tls1_3", "-msg", "-groups", first + ":" + second],
           says=[ours], hellos=2)
    for first, second, ours in (("P-521", "X25519", "x25519"), ("X448", "P-384", "secp384r1"),
                                ("P-521", "P-256", "secp256r1"))
] + [
    accept("highest version of both", says=["TLS 1.3"]),
    accept("the server speaks 1.2 only", server=["--tls", "1.2"], says=["TLS 1.2"]),
    accept("the peer speaks 1.2 only", ["-no_tls1_3"], ["--tls", "1.2"], ["TLS 1.2"]),
    accept("ALPN, one in common", ["-alpn", "h2,http/1.1"], peer=[JSON, "ALPN protocol: http/1.1"]),
    accept("ALPN in TLS 1.2, our order decides", ["-tls1_2", "-alpn", "b,a"], ["--alpn", "a,b"],
           peer=[JSON, "ALPN protocol: a"]),
    accept("ALPN not offered", peer=[JSON, "No ALPN negotiated"]),
    reject("ALPN, nothing in common", ["-alpn", "foo"], says=["SEC_E_APPLICATION_PROTOCOL_MISMATCH"],
           peer=["SSL alert number 120"]),
    accept("a server name", ["-servername", "localhost"]),
    accept("another server name", ["-servername", "elsewhere.example"]),
    accept("no server name", ["-noservername"]),
    accept("no compatibility mode", ["-tls1_3", "-no_middlebox"]),
    accept("no tickets, no encrypt-then-MAC", ["-tls1_2", "-no_ticket", "-no_etm"]),
    accept("a maximum fragment length is asked for", ["-maxfraglen", "512"]),
    accept("records padded to 512", ["-tls1_3", "-record_padding", "512"]),
    accept("five reconnects, TLS 1.2", ["-tls1_2", "-reconnect"], peer=[JSON], connections=6),
    accept("five reconnects, TLS 1.3", ["-tls1_3", "-reconnect"], peer=[JSON], connections=6),
    accept("key updates, asked and not", ["-tls1_3"], ["--echo"], peer=["ping 2"], act=update_keys),
    accept("early data", ["-tls1_3"], act=early_data, peer=[JSON, "Early data was rejected"]),
    accept("early data and HelloRetryRequest", ["-tls1_3", "-groups", "P-521:X25519"], act=early_data,
           peer=[JSON, "Early data was rejected"]),
] + [
    row for version in "23" for row in (
        accept("TLS 1.%s, equal exporters" % version, ["-tls1_" + version], ["--export", LABEL], act=same_export),
        accept("TLS 1.%s, 1 MiB both ways" % version, ["-tls1_" + version], ["--echo"], act=echo, peer=[]),
        accept("TLS 1.%s, 1 MiB both ways in small records" % version,
               ["-tls1_" + version, "-max_send_frag", "512"], ["--echo"], act=echo, peer=[]),
        accept("TLS 1.%s, client certificate" % version,
               ["-tls1_" + version, "-cert", "{chain:client}", "-key", "{key:client}", "-cert_chain",
                "{file:intermediate.crt}"],
               ["--ask", "--ca", "{root:root}"], ["client client (verified)"]),
        accept("TLS 1.%s, RSA client certificate" % version,
               ["-tls1_" + version, "-cert", "{chain:client-rsa}", "-key", "{key:client-rsa}", "-cert_chain",
                "{file:intermediate.crt}"],
               ["--ask", "--ca", "{root:root}"], ["client client-rsa (verified)"]),
        accept("TLS 1.%s, a stapled response" % version, ["-tls1_" + version, "-status"],
               ["--ocsp", "{ocsp:p256}"], peer=[JSON, "OCSP Response Status: successful", "Cert Status: good"]),
        accept("TLS 1.%s, a stapled response nobody asked for" % version, ["-tls1_" + version],
               ["--ocsp", "{ocsp:p256}"], never=["OCSP Response Status"]),
        accept("TLS 1.%s, nothing to staple" % version, ["-tls1_" + version, "-status"],
               peer=[JSON, "OCSP response: no response sent"]),
        accept("TLS 1.%s, client certificate asked, none" % version, ["-tls1_" + version],
               ["--ask", "--ca", "{root:root}"], never=["client client"]),
        accept("TLS 1.%s, client certificate of another root" % version,
               ["-tls1_" + version, "-cert", "{chain:client-other-root}", "-key", "{key:client-other-root}"],
               ["--ask", "--ca", "{root:root}"], ["client client-other-root (not verified)"]),
        accept("TLS 1.%s, client certificate not asked for" % version,
               ["-tls1_" + version, "-cert", "{chain:client}", "-key", "{key:client}"], never=["client client"]),
        reject("TLS 1.%s, our root is not trusted" % version, ["-tls1_" + version, "-verify_return_error"],
               cert="other-root", says=["SEC_E_UNTRUSTED_ROOT", "The peer sent alert 48"]),
        reject("TLS 1.%s, our certificate is expired" % version, ["-tls1_" + version, "-verify_return_error"],
               cert="expired", says=["SEC_E_CERT_EXPIRED", "The peer sent alert 45"]),
        reject("TLS 1.%s, our name is another" % version,
               ["-tls1_" + version, "-verify_return_error", "-verify_hostname", "localhost"],
               cert="wrong-name", says=["The peer sent alert 42"]),
        reject("TLS 1.%s, no common group" % version, ["-tls1_" + version, "-groups", "P-521"],
               peer=["SSL alert number 40"]),
        reject("TLS 1.%s, no common signature scheme" % version,
               ["-tls1_" + version, "-sigalgs", "RSA-PSS+SHA256"], peer=["SSL alert number 40"]),
    )
] + [
    reject("TLS 1.2, the certificate's curve is not offered", ["-tls1_2", "-groups", "X25519"],
           peer=["SSL alert number 40"]),
    reject("the peer speaks 1.1 only", ["-tls1_1", "-cipher", "ALL@SECLEVEL=0"],
           says=["SEC_E_UNSUPPORTED_FUNCTION"], peer=["SSL alert number 70"]),
    reject("the peer speaks 1.2 only, we 1.3", ["-tls1_2"], ["--tls", "1.3"], peer=["SSL alert number 70"]),
    reject("the peer speaks 1.3 only, we 1.2", ["-tls1_3"], ["--tls", "1.2"], peer=["SSL alert number 70"]),
    reject("no common suite in 1.2", ["-tls1_2", "-cipher", "AES128-SHA256"], peer=["SSL alert number 40"]),
    reject("a fallback that was not needed", ["-no_tls1_3", "-fallback_scsv"], peer=["SSL alert number 86"]),
    reject("renegotiation in TLS 1.2", ["-tls1_2"], ["--echo"], act=renegotiate, peer=["no renegotiation"]),
]


def play(row, run):
    server = run.server(*run.expand(row["server"]), cert=row.get("cert", "p256"))
    arguments = run.expand(row["client"])

    def connect(*more, merge=True):
        return harness.Process(["openssl", "s_client", "-connect", "localhost:%d" % server.port,
                                "-CAfile", run.pki.root(), *arguments, *more], merge=merge)

    if "act" in row:
        status, client, did = row["act"](run, connect, server)
    else:
        client = connect("-ign_eof")
        status, did = client.finish(GET), ""
    harness.end_server(server)
    ours = server.text().partition("\n")[2].strip()
    hellos = client.text().count(", ClientHello\n")
    harness.expect(hellos == row.get("hellos", hellos), "%d ClientHellos" % hellos)
    lines = [line for line in ours.splitlines() if not line.startswith("  ")]
    harness.expect(len(lines) == row.get("connections", len(lines)), "%d connections" % len(lines))
    return harness.Outcome(status, ours, client.text(),
                           " ".join(["server", *row["server"], "| s_client", *row["client"], "|", did,
                                     "|", "; ".join(sorted(set(lines)))]))


if __name__ == "__main__":
    harness.main(ROWS, play, ("TLS 1.3, p256 certificate", {"peer": ["TLSv1.2"]}), ["openssl"])
