#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The program schannel with itself: client against server, and the demo. ourselves.py SCHANNEL [ROW...]"""
import json
import os
import subprocess

import harness

MEBIBYTE = 1 << 20
LABEL = "EXPORTER-interop"
PAGE = "HTTP/1.1 200 OK"


def accept(name, server=(), client=(), says=(), peer=(), **more):
    """says: our client; peer: our server."""
    return {"name": name, "server": list(server), "client": list(client), "says": list(says), "peer": list(peer),
            **more}


def reject(name, server=(), client=(), says=(), peer=(), **more):
    return accept(name, server, client, says, peer, **{"status": 1, "reject": True, **more})


def fetch(run, connect):
    client = connect("--get", "/json")
    return client.finish(), client, ""


def echo(run, connect):
    """All of it comes back although the client says at once that it has nothing more to say."""
    data = os.urandom(MEBIBYTE)
    client = connect(merge=False)
    status = client.finish(data)
    harness.expect(bytes(client.out) == data, "what came back is not what was sent")
    return status, client, "1 MiB there and back, equal"


def same_export(run, connect):
    client = connect("--export", LABEL, "--get", "/json")
    status = client.finish()
    ours = harness.found("keying material +([0-9a-f]{64})", client.text())
    harness.expect('"keying_material": "%s"' % ours in client.text(), "the exporters differ")
    return status, client, "both export " + ours[:16] + "..."


def as_json(run, connect):
    client = connect("--json", "--get", "/json", merge=False)
    status = client.finish()
    report, page = json.loads(client.err), json.loads(client.out.partition(b"\r\n\r\n")[2])
    for key in ("protocol", "cipher_suite", "key_exchange", "tls_server_end_point"):
        harness.expect(report[key] == page[key], key + " differs")
    harness.expect([c["subject"] for c in report["chain"]] == ["CN=p256", "CN=intermediate"], "wrong chain")
    return status, client, "both report the same"


def pfx(run, name):
    chain, key = run.pki.chain(name)
    run.pki.openssl("pkcs12", "-export", "-in", chain, "-inkey", key, "-out", run.pki.path(name + ".pfx"),
                    "-passout", "pass:secret")
    return run.pki.path(name + ".pfx")


def with_pfx(run, connect):
    client = connect("--pfx", pfx(run, "client"), "--password", "secret", "--get", "/json")
    return client.finish(), client, ""


def cut(run, connect):
    """The client dies; what the server thinks of it is on record, and it ends in good order."""
    client = connect()
    client.wait_for("connected to")
    client.send(b"alive\n")
    client.wait_for("alive")
    client.process.kill()
    client.process.wait()
    return client.ended(), client, "the server lives on"


def hold(run, connect):
    client = connect()
    client.wait_for("connected to")
    return 0, client, "the server ends although a client stays"


def key_log(run, connect):
    client = connect("--get", "/json")
    status = client.finish()
    with open(run.pki.path("keylog")) as of:
        labels = sorted(line.split()[0] for line in of)
    harness.expect(labels == ["CLIENT_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0", "EXPORTER_SECRET",
                              "SERVER_HANDSHAKE_TRAFFIC_SECRET", "SERVER_TRAFFIC_SECRET_0"], "logged: %s" % labels)
    return status, client, "five secrets logged"


def demo(*arguments, tls="1.3"):
    return {"name": "demo " + " ".join(arguments), "demo": list(arguments), "tls": tls}


def command(name, arguments, says, status=1):
    return {"name": name, "command": arguments, "says": says, "status": status, "reject": True}


ROWS = [
    accept("TLS 1.%s, %s certificate" % (version, cert), ["--tls", "1." + version], says=["TLS 1." + version, PAGE],
           cert=cert)
    for version in "23" for cert in ("rsa", "p256", "p384", "ed25519")
] + [
    row for version in "23" for row in (
        accept("TLS 1.%s, 1 MiB both ways" % version, ["--echo"], ["--tls", "1." + version], act=echo),
        accept("TLS 1.%s, equal exporters" % version, ["--export", LABEL], ["--tls", "1." + version],
               act=same_export),
        accept("TLS 1.%s, reports as JSON" % version, [], ["--tls", "1." + version], act=as_json),
        accept("TLS 1.%s, client certificate" % version, ["--ask", "--ca", "{root:root}"],
               ["--tls", "1." + version, "--cert", "{chain:client}", "--key", "{key:client}"],
               peer=["client client (verified)"]),
        accept("TLS 1.%s, client certificate from PKCS#12" % version, ["--ask", "--ca", "{root:root}"],
               ["--tls", "1." + version], peer=["client client (verified)"], act=with_pfx),
        accept("TLS 1.%s, client certificate asked, none" % version, ["--ask", "--ca", "{root:root}"],
               ["--tls", "1." + version], never=["client client"]),
        accept("TLS 1.%s, client certificate of another root" % version, ["--ask", "--ca", "{root:root}"],
               ["--tls", "1." + version, "--cert", "{chain:client-other-root}", "--key", "{key:client-other-root}"],
               peer=["(not verified)"]),
        reject("TLS 1.%s, wrong name" % version, client=["--tls", "1." + version], cert="wrong-name",
               says=["SEC_E_WRONG_PRINCIPAL"], peer=["The peer sent alert 46"]),
        reject("TLS 1.%s, untrusted root" % version, client=["--tls", "1." + version], cert="other-root",
               says=["SEC_E_UNTRUSTED_ROOT"], peer=["The peer sent alert 48"]),
        reject("TLS 1.%s, expired" % version, client=["--tls", "1." + version], cert="expired",
               says=["SEC_E_CERT_EXPIRED"], peer=["The peer sent alert 45"]),
    )
] + [
    accept("ALPN, the server's order decides", ["--alpn", "a,b"], ["--alpn", "b,a"], ["application protocol   a"]),
    reject("ALPN, nothing in common", ["--alpn", "a"], ["--alpn", "b"],
           ["SEC_E_APPLICATION_PROTOCOL_MISMATCH", "The peer sent alert 120"]),
    reject("no common version", ["--tls", "1.2"], ["--tls", "1.3"],
           ["SEC_E_UNSUPPORTED_FUNCTION", "The peer sent alert 70"]),
    accept("an echo stopped in the middle", ["--echo"], act=cut, status=-9),
    accept("told to end with a connection open", ["--echo"], act=hold),
    accept("secrets logged", ["--tls", "1.3", "--keylog", "{file:keylog}"], act=key_log),
] + [
    demo(*version, *split, *form, tls=version[1] if version else "1.3")
    for version in ((), ("--tls", "1.2"), ("--tls", "1.3")) for split in ((), ("--split", "1"), ("--split", "7"))
    for form in ((), ("--json",))
] + [
    command("nobody listens", ["client", "localhost:1"], ["Connection refused"]),
    command("no certificate in the file", ["server", "--port", "0", "--cert", "/dev/null"],
            ["cannot load the certificate"]),
    command("no roots in the file", ["client", "--ca", "/dev/null", "localhost:1"], ["cannot load the roots"]),
    command("an unknown option", ["client", "--frobnicate", "localhost"], ["--help' lists the options"], 2),
    command("an unknown version", ["server", "--tls", "1.1"], ["takes 1.2 or 1.3"], 2),
    command("an unknown command", ["frobnicate"], ["there is no command"], 2),
]


def play_demo(row, run):
    done = subprocess.run([run.schannel, "demo", *row["demo"]], capture_output=True, text=True,
                          timeout=harness.LIMIT_SECONDS)
    text = done.stdout + done.stderr
    if "--json" in row["demo"]:
        try:
            shown = json.loads(done.stdout)
        except ValueError as error:
            raise harness.Mismatch("not JSON: %s" % error) from None
        incomplete = sum(call["status"] == "SEC_E_INCOMPLETE_MESSAGE" for call in shown["calls"])
        harness.expect(shown["ok"] is True, "it is not ok")
        harness.expect(shown["negotiated"]["protocol"] == "TLS " + row["tls"], "another protocol")
        harness.expect(("--split" in row["demo"]) == (incomplete > 0), "%d incomplete messages" % incomplete)
        did = "%d calls, %d of them incomplete" % (len(shown["calls"]), incomplete)
    else:
        for wanted in ("InitializeSecurityContext", "AcceptSecurityContext", "TLS " + row["tls"], "Shutdown",
                       "SEC_I_CONTEXT_EXPIRED"):
            harness.expect(wanted in text, "'%s' is missing" % wanted)
        did = "%d lines" % text.count("\n")
    return harness.Outcome(done.returncode, text, "", did)


def play_command(row, run):
    process = harness.Process([run.schannel, *row["command"]])
    status = process.finish()
    return harness.Outcome(status, process.text(), "", "exit %d: %s" % (status, process.text().split("\n")[0]))


def play(row, run):
    if "demo" in row:
        return play_demo(row, run)
    if "command" in row:
        return play_command(row, run)
    server = run.server(*run.expand(row["server"]), cert=row.get("cert", "p256"))
    arguments = run.expand(row["client"])

    def connect(*more, merge=True):
        return run.client("--ca", run.pki.root(), *arguments, *more, "localhost:%d" % server.port, merge=merge)

    status, client, did = row.get("act", fetch)(run, connect)
    harness.end_server(server)
    return harness.Outcome(status, client.text(), server.text(),
                           " ".join(["server", *row["server"], "| client", *row["client"], "|",
                                     did or harness.summary(client.text())]))


if __name__ == "__main__":
    harness.main(ROWS, play, ("TLS 1.3, expired", {"status": 0}), ["openssl"])
