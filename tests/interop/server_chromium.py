#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Headless Chromium against our server: server_chromium.py SCHANNEL [ROW...]

The test root is trusted through a certificate database in a home of the browser's own.
"""
import os
import shutil
import subprocess
import tempfile

import harness

PAGE = "<h1>This connection</h1>"
NAMES = ("chromium", "chromium-browser", "google-chrome")


def accept(name, server=(), says=(), peer=(PAGE,), **more):
    return {"name": name, "server": list(server), "says": list(says), "peer": list(peer), **more}


def reject(name, peer=(), **more):
    """The browser shows its own page instead of ours."""
    return accept(name, peer=peer, never=[PAGE], reject=True, **more)


ROWS = [
    accept("TLS 1.3, ECDSA certificate", says=["TLS 1.3"], peer=[PAGE, "TLS 1.3"]),
    accept("TLS 1.3, RSA certificate", says=["TLS 1.3"], peer=[PAGE, "TLS 1.3"], cert="rsa"),
    accept("TLS 1.2, ECDSA certificate", ["--tls", "1.2"], ["TLS 1.2"], [PAGE, "TLS 1.2"], cert="p384"),
    accept("TLS 1.2, RSA certificate", ["--tls", "1.2"], ["TLS 1.2"], [PAGE, "TLS_ECDHE_RSA_WITH"], cert="rsa"),
    reject("our root is not trusted", ["ERR_CERT_AUTHORITY_INVALID"], cert="other-root"),
    reject("our certificate is expired", ["ERR_CERT_DATE_INVALID"], cert="expired"),
    reject("our name is another", ["ERR_CERT_COMMON_NAME_INVALID"], cert="wrong-name"),
]


def home_with_root(run):
    home = run.pki.path("home")
    database = os.path.join(home, ".pki/nssdb")
    if not os.path.isdir(database):
        os.makedirs(database)
        for arguments in (["-N", "--empty-password"],
                          ["-A", "-t", "C,,", "-n", "interop", "-i", run.pki.root()]):
            subprocess.run(["certutil", "-d", "sql:" + database, *arguments], check=True, timeout=60)
    return home


def play(row, run):
    server = run.server(*row["server"], cert=row.get("cert", "p256"))
    home = home_with_root(run)
    profile = tempfile.mkdtemp(dir=run.folder)
    browser = harness.Process(
        [next(filter(None, map(shutil.which, NAMES))), "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom",
         "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking", "--disable-extensions",
         "--no-proxy-server", "--user-data-dir=" + profile, "https://localhost:%d/" % server.port],
        env={"HOME": home, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home}, merge=False)
    status = browser.finish()
    harness.end_server(server)
    ours = server.text().partition("\n")[2].strip()
    return harness.Outcome(status, ours, browser.text(),
                           " ".join(["server", *row["server"], "| chromium --headless |",
                                     "; ".join(row["peer"]), "|",
                                     "; ".join(sorted({line for line in ours.splitlines() if line[:1] != " "}))]))


if __name__ == "__main__":
    if not any(map(shutil.which, NAMES)):
        harness.skip("there is no Chromium")
    harness.main(ROWS, play, ("our root is not trusted", {"never": [], "peer": [PAGE]}), ["openssl", "certutil"])
