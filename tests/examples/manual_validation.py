#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The example of manual validation: who is accepted, who is refused in which step, and what the other
side is told. The certificates are made on the spot."""

import pathlib
import subprocess
import sys
import tempfile

PROGRAM = sys.argv[1]


def openssl(*args):
    subprocess.run(["openssl", *map(str, args)], check=True, capture_output=True)


def make_root(folder, name):
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / f"{name}.key", "-out",
            folder / f"{name}.pem", "-subj", f"/CN=Test {name}", "-days", 10)


def make_leaf(folder, name, usage, *, signer="root", dates=()):
    extensions = folder / "leaf.cnf"
    extensions.write_text(f"subjectAltName=DNS:{name}.example\nextendedKeyUsage={usage}\n")
    key, request, leaf = (folder / f"leaf.{kind}" for kind in ("key", "csr", "pem"))
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request, "-subj",
            f"/CN={name}")
    openssl("x509", "-req", "-in", request, "-CA", folder / f"{signer}.pem", "-CAkey",
            folder / f"{signer}.key", "-CAcreateserial", "-extfile", extensions, "-out", leaf,
            *(dates or ("-days", 5)))
    (folder / f"{name}.pem").write_text(leaf.read_text() + key.read_text())


# What is called, its exit status, and sentences that it prints in this order.
ACCEPTED = ["the client looks at its peer", "step 10: the policy says SEC_E_OK",
            "the server looks at its peer", "step 10: the policy says SEC_E_OK",
            "step 11: the account to look for is that of client", "the server hears: who am I?",
            "the client hears: one whom I know"]
ROWS = [
    ("both are accepted", ["server.example", "server", "client"], 0, ACCEPTED),
    ("the user wanted somebody else", ["other.example", "server", "client"], 2,
     ["the policy says CERT_E_CN_NO_MATCH", "the client refuses with alert 46",
      "the server is told: SEC_E_CERT_UNKNOWN"]),
    ("the server's root is unknown", ["foreign.example", "foreign", "client"], 2,
     ["step 5: does the chain end in a root that we trust: no", "the client refuses with alert 48",
      "the server is told: SEC_E_UNTRUSTED_ROOT"]),
    ("the server's certificate is too old", ["late.example", "late", "client"], 2,
     ["step 6: is it within every certificate's dates: no", "the client refuses with alert 45",
      "the server is told: SEC_E_CERT_EXPIRED"]),
    ("a client's certificate is no server's", ["client.example", "client", "client"], 2,
     ["step 9: is the certificate meant for its role: no", "the policy says CERT_E_WRONG_USAGE",
      "the client refuses with alert 46"]),
    ("nobody knows about revocation", ["server.example", "server", "client", "--revocation"], 2,
     ["step 7: is none of them revoked: no", "the client refuses"]),
    ("the client has no certificate", ["server.example", "server"], 2,
     ["the server looks at its peer", "step 3: it sent no certificate",
      "the server refuses with alert 49", "the client is told: SEC_E_"]),
    ("a server's certificate is no client's", ["server.example", "server", "server"], 2,
     ["the server looks at its peer", "step 9: is the certificate meant for its role: no",
      "the server refuses with alert 46"]),
    ("the client's root is unknown", ["server.example", "server", "stranger"], 2,
     ["the server looks at its peer", "step 5: does the chain end in a root that we trust: no",
      "the server refuses with alert 48", "the client is told: SEC_E_UNTRUSTED_ROOT"]),
]


def holds_in_order(text, sentences):
    at = 0
    for sentence in sentences:
        at = text.find(sentence, at)
        if at < 0:
            return False
        at += len(sentence)
    return True


def main():
    failures = 0
    with tempfile.TemporaryDirectory() as text:
        folder = pathlib.Path(text)
        make_root(folder, "root")
        make_root(folder, "other")
        for name, usage, more in (("server", "serverAuth", {}), ("client", "clientAuth", {}),
                                  ("foreign", "serverAuth", {"signer": "other"}),
                                  ("stranger", "clientAuth", {"signer": "other"}),
                                  ("late", "serverAuth", {"dates": ("-days", "-1")})):
            make_leaf(folder, name, usage, **more)
        for row, arguments, status, sentences in ROWS:
            command = [PROGRAM, folder / "root.pem", arguments[0]]
            command += [a if a.startswith("--") else folder / f"{a}.pem" for a in arguments[1:]]
            done = subprocess.run(command, capture_output=True, text=True, timeout=30)
            is_right = done.returncode == status and holds_in_order(done.stdout, sentences)
            print(f"{'ok  ' if is_right else 'FAIL'} {row}")
            if not is_right:
                print(f"exit status {done.returncode}\n{done.stdout}{done.stderr}")
                failures += 1
    # The judge notices sentences out of order and missing ones.
    control = not holds_in_order("a b", ["b", "a"]) and not holds_in_order("a", ["b"])
    print(f"{'ok  ' if control else 'FAIL'} planted wrong outputs are noticed")
    failures += not control
    print(f"{len(ROWS) + 1 - failures} passed, {failures} failed")
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
