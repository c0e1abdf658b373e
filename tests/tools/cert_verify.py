#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""schannel cert verify: files of every kind and a host, accepted and refused, what is said about it in
words and as JSON, and its exit status."""

import json
import pathlib
import subprocess
import sys
import tempfile

PROGRAM = sys.argv[1]
LEAF = "subjectAltName=DNS:localhost,DNS:xn--bcher-kva.example\nextendedKeyUsage=serverAuth\n"


def openssl(*args):
    subprocess.run(["openssl", *map(str, args)], check=True, capture_output=True)


def make_pki(folder):
    for name in ("root", "other"):
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / f"{name}.key",
                "-out", folder / f"{name}.pem", "-subj", f"/CN=Test {name}", "-days", 10)
    for name, signer, extensions in (("middle", "root", "basicConstraints=critical,CA:TRUE\n"),
                                     ("leaf", "middle", LEAF), ("plain", "leaf", LEAF)):
        (folder / "x.cnf").write_text(extensions)
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / f"{name}.key",
                "-out", folder / "x.csr", "-subj", f"/CN=Test {name}")
        openssl("x509", "-req", "-in", folder / "x.csr", "-CA", folder / f"{signer}.pem", "-CAkey",
                folder / f"{signer}.key", "-CAcreateserial", "-days", 5, "-extfile",
                folder / "x.cnf", "-out", folder / f"{name}.pem")
    leaf, middle, plain = ((folder / f"{n}.pem").read_text() for n in ("leaf", "middle", "plain"))
    (folder / "chain.pem").write_text(leaf + middle)
    (folder / "below.pem").write_text(plain + leaf + middle)
    openssl("x509", "-in", folder / "chain.pem", "-outform", "DER", "-out", folder / "leaf.der")
    openssl("pkcs12", "-export", "-inkey", folder / "leaf.key", "-in", folder / "leaf.pem",
            "-certfile", folder / "middle.pem", "-passout", "pass:secret", "-out",
            folder / "leaf.pfx")
    (folder / "empty.pem").write_text("nothing\n")


def run(folder, *arguments):
    return subprocess.run([PROGRAM, "cert", "verify", *map(str, arguments)], cwd=folder,
                          capture_output=True, text=True, timeout=60)


# Arguments, exit status, and what is said somewhere.
ROWS = [
    (["chain.pem", "--ca", "root.pem"], 0, ["0  CN=Test leaf", "1  CN=Test middle", "2  CN=Test root",
                                            "IS_SELF_SIGNED", "for a server: accepted"]),
    (["chain.pem", "--ca", "root.pem", "--name", "localhost"], 0, ["named localhost: accepted"]),
    (["chain.pem", "--ca", "root.pem", "--name", "b\u00fccher.example"], 0, [": accepted"]),
    (["chain.pem", "--ca", "root.pem", "--name", "else.example"], 1, ["CERT_E_CN_NO_MATCH"]),
    (["chain.pem", "--ca", "other.pem"], 1, ["IS_PARTIAL_CHAIN", "CERT_E_CHAINING"]),
    (["chain.pem"], 1, ["CERT_E_CHAINING"]),
    (["root.pem", "--ca", "other.pem"], 1, ["IS_UNTRUSTED_ROOT", "CERT_E_UNTRUSTEDROOT"]),
    (["leaf.der", "--ca", "root.pem"], 1, ["IS_PARTIAL_CHAIN"]),
    (["leaf.pfx", "--ca", "root.pem", "--password", "secret"], 0, ["1  CN=Test middle", "accepted"]),
    (["leaf.pfx", "--ca", "root.pem", "--password", "wrong"], 1, ["no certificate in leaf.pfx"]),
    (["chain.pem", "--ca", "root.pem", "--client"], 1, ["IS_NOT_VALID_FOR_USAGE", "for a client",
                                                        "CERT_E_WRONG_USAGE"]),
    (["chain.pem", "--ca", "root.pem", "--time", "2099-01-01"], 1, ["IS_NOT_TIME_VALID",
                                                                    "CERT_E_EXPIRED"]),
    (["chain.pem", "--ca", "root.pem", "--revocation"], 1, ["REVOCATION_STATUS_UNKNOWN"]),
    (["below.pem", "--ca", "root.pem"], 1, ["INVALID_BASIC_CONSTRAINTS"]),
    (["empty.pem"], 1, ["no certificate in empty.pem"]),
    (["chain.pem", "--ca", "missing.pem"], 1, ["cannot load the roots missing.pem"]),
    (["chain.pem", "--time", "tomorrow"], 2, ["--time takes YYYY-MM-DD"]),
    (["chain.pem", "--bogus"], 2, ["unknown option"]),
    ([], 2, ["one FILE or HOST[:PORT] is wanted"]),
    (["--help"], 0, ["usage: schannel cert verify"]),
]


def check_host(folder, expect):
    """A server of ours, asked by name; then by a name that is not its."""
    with subprocess.Popen([PROGRAM, "server", "--port", "0", "--cert", folder / "chain.pem", "--key",
                           folder / "leaf.key"], stdout=subprocess.PIPE, text=True) as server:
        port = server.stdout.readline().split()[-1]
        host = f"localhost:{port}"
        done = run(folder, host, "--ca", "root.pem")
        expect("a host", done, done.returncode == 0 and "named localhost: accepted" in done.stdout)
        done = run(folder, host, "--ca", "root.pem", "--name", "else.example")
        expect("a host under another name", done,
               done.returncode == 1 and "CERT_E_CN_NO_MATCH" in done.stdout)
        server.terminate()


def check_json(folder, expect):
    done = run(folder, "chain.pem", "--ca", "root.pem", "--name", "else.example", "--json")
    answer = json.loads(done.stdout)
    expect("as JSON", done, done.returncode == 1 and len(answer["elements"]) == 3
           and answer["elements"][2]["certificate"]["subject"] == "CN=Test root"
           and "IS_SELF_SIGNED" in answer["elements"][2]["info"] and answer["errors"] == []
           and answer["verdict"] == "CERT_E_CN_NO_MATCH" and answer["name"] == "else.example")


def main():
    count = failures = 0

    def expect(row, done, is_right):
        nonlocal count, failures
        count += 1
        failures += not is_right
        print(f"{'ok  ' if is_right else 'FAIL'} {row}")
        if not is_right:
            print(f"exit status {done.returncode}\n{done.stdout}{done.stderr}")

    with tempfile.TemporaryDirectory() as text:
        folder = pathlib.Path(text)
        make_pki(folder)
        for arguments, status, sentences in ROWS:
            done = run(folder, *arguments)
            said = done.stdout + done.stderr
            expect(" ".join(arguments) or "nothing", done,
                   done.returncode == status and all(s in said for s in sentences))
        check_host(folder, expect)
        check_json(folder, expect)
    print(f"{count - failures} passed, {failures} failed")
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
