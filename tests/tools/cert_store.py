#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""schannel cert list, show, add, delete: stores and files of every kind, for people and as JSON, over
several runs of the program; what is refused, and that nothing is left of it."""

import hashlib
import json
import os
import pathlib
import ssl
import subprocess
import sys
import tempfile

PROGRAM = sys.argv[1]


def openssl(*args):
    subprocess.run(["openssl", *map(str, args)], check=True, capture_output=True)


def make_pki(folder):
    for name in ("one", "two"):
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / f"{name}.key",
                "-out", folder / f"{name}.pem", "-subj", f"/O=Test/CN=Test {name}", "-days", 10)
    openssl("x509", "-in", folder / "one.pem", "-outform", "DER", "-out", folder / "one.der")
    (folder / "both.pem").write_text((folder / "one.pem").read_text() + (folder / "two.pem").read_text())
    openssl("crl2pkcs7", "-nocrl", "-certfile", folder / "both.pem", "-outform", "DER", "-out",
            folder / "both.p7b")
    for name, password in (("sealed", "secret"), ("open", "")):
        openssl("pkcs12", "-export", "-inkey", folder / "one.key", "-in", folder / "one.pem",
                "-certfile", folder / "two.pem", "-passout", f"pass:{password}", "-out",
                folder / f"{name}.pfx")
    (folder / "words.pem").write_text("nothing\n")


class Checks:
    def __init__(self, folder):
        self.folder = folder
        self.count = self.failures = 0

    def run(self, *arguments):
        environment = dict(os.environ, XDG_DATA_HOME=str(self.folder / "data"))
        return subprocess.run([PROGRAM, "cert", *map(str, arguments)], cwd=self.folder, env=environment,
                              capture_output=True, text=True, timeout=60)

    def expect(self, row, is_right, done=None):
        self.count += 1
        self.failures += not is_right
        print(f"{'ok  ' if is_right else 'FAIL'} {row}")
        if not is_right and done is not None:
            print(f"exit status {done.returncode}\n{done.stdout}{done.stderr}")

    def says(self, arguments, status, *sentences):
        done = self.run(*arguments)
        said = done.stdout + done.stderr
        self.expect(" ".join(arguments) or "nothing",
                    done.returncode == status and all(s in said for s in sentences), done)
        return done

    def listed(self, what, *options):
        done = self.run("list", what, "--json", *options)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def lists(self, what, names, *options):
        found = self.listed(what, *options)
        subjects = None if found is None else sorted(c["subject"] for c in found)
        self.expect(f"{what} holds {len(names)}", subjects == sorted(f"CN=Test {n}, O=Test" for n in names))
        return found


def sha1(path):
    return hashlib.sha1(ssl.PEM_cert_to_DER_cert(path.read_text())).hexdigest()


def check_files(c):
    for name, names in (("one.pem", ["one"]), ("one.der", ["one"]), ("both.pem", ["one", "two"]),
                        ("both.p7b", ["one", "two"]), ("open.pfx", ["one", "two"])):
        c.lists(name, names)
    c.lists("sealed.pfx", ["one", "two"], "--password", "secret")
    keyed = [e["subject"] for e in c.listed("open.pfx") if e["has_private_key"]]
    c.expect("one of them has a key", keyed == ["CN=Test one, O=Test"])
    one = c.listed("one.pem")[0]
    c.expect("what JSON says", one["thumbprint"] == sha1(c.folder / "one.pem") and one["issuer"] == one["subject"]
             and one["not_after"].endswith("Z") and one["friendly_name"] == "" and not one["has_private_key"])
    c.says(["list", "sealed.pfx"], 1, "no certificates in")
    c.says(["list", "sealed.pfx", "--password", "wrong"], 1, "0x00000056")
    c.says(["list", "words.pem"], 1, "no certificates in")
    c.says(["list", "missing.pem"], 1, "no store and no file")
    c.says(["list", "Missing"], 1, "no store and no file")


def check_store(c):
    c.lists("MY", [])
    c.says(["add", "MY", "both.pem"], 0, "added " + sha1(c.folder / "one.pem"))
    found = c.lists("my", ["one", "two"])
    c.expect("no key yet", not any(e["has_private_key"] for e in found))
    c.says(["add", "MY", "one.pem", "--key", "one.key", "--friendly-name", "Bücher"], 0, "with its key")
    found = {e["subject"]: e for e in c.lists("MY", ["one", "two"])}
    one = found["CN=Test one, O=Test"]
    c.expect("a key and a name", one["has_private_key"] and one["friendly_name"] == "Bücher")
    files = sorted(p.suffix for p in (c.folder / "data/schannel/stores/MY").iterdir())
    c.expect("the files", files == [".cer", ".cer", ".key", ".prop"])
    key = c.folder / f"data/schannel/stores/MY/{one['thumbprint']}.key"
    c.expect("the key's mode", key.stat().st_mode & 0o777 == 0o600)
    c.says(["show", "MY", one["thumbprint"]], 0, "CN=Test one", "with a private key", "property 11", "2.5.29.14")
    done = c.says(["show", "MY", "Test two", "--pem"], 0, "BEGIN CERTIFICATE")
    c.expect("the same certificate", ssl.PEM_cert_to_DER_cert(done.stdout)
             == ssl.PEM_cert_to_DER_cert((c.folder / "two.pem").read_text()))
    c.says(["show", "MY", "Test"], 1, "more than one certificate")
    c.says(["show", "MY", "nobody"], 1, "no certificate has")
    c.says(["delete", "MY", "Test"], 1, "more than one certificate")
    c.says(["delete", "MY", ""], 1, "no certificate has")
    c.lists("MY", ["one", "two"])
    c.says(["delete", "MY", one["thumbprint"].upper()], 0, "deleted")
    c.lists("MY", ["two"])
    files = sorted(p.suffix for p in (c.folder / "data/schannel/stores/MY").iterdir())
    c.expect("nothing of it is left", files == [".cer"])


def check_pfx(c):
    c.says(["add", "Mine", "sealed.pfx", "--password", "wrong"], 1, "0x00000056")
    c.expect("no store came about", not (c.folder / "data/schannel/stores/Mine").exists())
    c.says(["add", "Mine", "sealed.pfx", "--password", "secret"], 0, "with its key")
    c.lists("Mine", ["one", "two"])
    c.says(["add", "MY", "two.pem", "--key", "one.key"], 1, "no certificate with this key")


def check_root(c):
    """A root of the user's own: the bundle stays, and verification goes by it at once."""
    before = len(c.listed("ROOT"))
    refused = c.run("verify", "one.pem")
    c.says(["add", "ROOT", "one.pem"], 0, "added")
    accepted = c.run("verify", "one.pem")
    c.expect("one more root", len(c.listed("ROOT")) == before + 1)
    c.expect("trusted from then on", "IS_UNTRUSTED_ROOT" in refused.stdout
             and "IS_UNTRUSTED_ROOT" not in accepted.stdout, accepted)
    c.says(["delete", "ROOT", "Test one"], 0, "deleted")
    c.expect("and no more", len(c.listed("ROOT")) == before)


def check_usage(c):
    c.says(["list"], 2, "STORE|FILE is wanted")
    c.says(["list", "MY", "ROOT"], 2, "STORE|FILE is wanted")
    c.says(["add", "MY"], 2, "STORE FILE is wanted")
    c.says(["delete", "MY", "x", "y"], 2, "STORE CERTIFICATE is wanted")
    c.says(["list", "--bogus", "MY"], 2, "unknown option")
    for command in ("list", "show", "add", "delete"):
        c.says([command, "--help"], 0, f"usage: schannel cert {command}")
    c.says(["--help"], 0, "list", "show", "add", "delete", "verify")


def main():
    with tempfile.TemporaryDirectory() as text:
        checks = Checks(pathlib.Path(text))
        make_pki(checks.folder)
        for check in (check_files, check_store, check_pfx, check_root, check_usage):
            check(checks)
    print(f"{checks.count - checks.failures} passed, {checks.failures} failed")
    return checks.failures != 0


if __name__ == "__main__":
    sys.exit(main())
