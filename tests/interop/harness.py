# SPDX-License-Identifier: MIT
"""What the interop programs share: processes that are waited for by what they print, rows, the verdict.

A program is a list of rows and a function that plays one row and returns an Outcome. Each row runs against peers
that it starts itself, on loopback, at a port the system chooses. A row says what is expected:
    status   exit status of the watched program (default 0)
    says     texts that ours must have printed
    peer     texts that the peer must have printed
    never    texts that neither may have printed
The control is a row with an expectation that is false: the run fails unless it is reported as failing.
"""
import atexit
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import pki

LIMIT_SECONDS = 20  # nothing here takes a tenth of that; it ends what hangs


class Mismatch(Exception):
    """Something other than what the row expects."""


class Outcome:
    def __init__(self, status=0, ours="", peer="", did=""):
        self.status, self.ours, self.peer, self.did = status, ours, peer, did


def expect(condition, text):
    if not condition:
        raise Mismatch(text)


def printable(text):
    """Enough of it to see what happened; what is not text as dots."""
    text = re.sub(r"[^\n -~]", ".", text)
    return text if len(text) < 6000 else text[:3000] + "\n[...]\n" + text[-3000:]


def found(pattern, text):
    """The first group of the first match."""
    match = re.search(pattern, text)
    expect(match, "%r is missing in:\n%s" % (pattern, printable(text)))
    return match.group(1)


class Process:
    """A process of ours with its output gathered by a thread, so that no pipe can fill up."""

    started = []

    def __init__(self, argv, env=None, merge=True, cwd=None, pass_fds=()):
        self.argv = argv
        self.out, self.err = bytearray(), bytearray()
        self.changed = threading.Condition()
        self.process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=cwd, pass_fds=pass_fds,
            stderr=subprocess.STDOUT if merge else subprocess.PIPE, env={**os.environ, **(env or {})})
        pairs = [(self.process.stdout, self.out)] + ([] if merge else [(self.process.stderr, self.err)])
        self.readers = [threading.Thread(target=self.gather, args=pair, daemon=True) for pair in pairs]
        for reader in self.readers:
            reader.start()
        Process.started.append(self)

    def gather(self, source, into):
        while True:
            some = os.read(source.fileno(), 65536)
            with self.changed:
                into.extend(some)
                self.changed.notify_all()
            if not some:
                return

    def text(self):
        with self.changed:
            return (self.out + self.err).decode(errors="replace")

    def wait_until(self, is_done, what):
        """is_done sees this object under its lock, each time that output arrived or the process ended."""
        deadline = time.monotonic() + LIMIT_SECONDS
        while True:
            with self.changed:
                if is_done(self):
                    return
                self.changed.wait(0.2)
                if is_done(self):
                    return
                ended = not any(reader.is_alive() for reader in self.readers)
            if ended or time.monotonic() > deadline:
                raise Mismatch("%s: no %s; it printed:\n%s" % (os.path.basename(self.argv[0]), what, printable(self.text())))

    def wait_for(self, pattern, count=1):
        """Until the pattern was printed so many times; the last match."""
        regex = re.compile(pattern.encode())
        self.wait_until(lambda p: len(regex.findall(bytes(p.out + p.err))) >= count, repr(pattern))
        with self.changed:
            return list(regex.finditer(bytes(self.out + self.err)))[-1]

    def wait_bytes(self, n):
        self.wait_until(lambda p: len(p.out) >= n, "%d bytes" % n)
        with self.changed:
            return bytes(self.out)

    def send(self, data):
        try:
            self.process.stdin.write(data)
            self.process.stdin.flush()
        except BrokenPipeError:
            pass

    def finish(self, data=None):
        """Closes stdin and waits for the end; the exit status."""
        if data:
            self.send(data)
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            self.process.wait(LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            self.stop()
            raise Mismatch("%s does not end; it printed:\n%s" % (" ".join(self.argv), printable(self.text()))) from None
        return self.ended()

    def ended(self):
        for reader in self.readers:
            reader.join(LIMIT_SECONDS)
        self.process.stdout.close()
        if self.process.stderr:
            self.process.stderr.close()
        return self.process.returncode

    def stop(self, number=signal.SIGTERM):
        """Told to end, and made to if it does not listen; the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(LIMIT_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.ended() if any(r.is_alive() for r in self.readers) else self.process.returncode


@atexit.register
def stop_all():
    for process in Process.started:
        if process.process.poll() is None:
            process.process.kill()


def end_server(server):
    """Told to end, our server does, in good order; a sanitizer's finding would show here."""
    status = server.stop()
    expect(status == 0, "our server ended with %s; it printed:\n%s" % (status, printable(server.text())))


def open_files(pid):
    links = []
    try:
        for entry in os.scandir("/proc/%d/fd" % pid):
            links.append(os.readlink(entry.path))
    except FileNotFoundError:
        pass  # closed in the meantime
    return links


def listening_port(process):
    """The loopback port of a peer that does not tell which one the system gave it."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < deadline and process.process.poll() is None:
        links = open_files(process.process.pid)
        with open("/proc/net/tcp") as table:
            for line in table.readlines()[1:]:
                column = line.split()
                if column[3] == "0A" and "socket:[%s]" % column[9] in links:
                    return int(column[1].split(":")[1], 16)
        time.sleep(0.01)
    raise Mismatch("%s does not listen; it printed:\n%s" % (process.argv[0], process.text()))


class Run:
    """One program's run: its folder, its certificates, the program `schannel`."""

    def __init__(self, schannel):
        self.folder = tempfile.mkdtemp(prefix="schannel-interop-")
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        self.pki = pki.Pki(self.folder)
        self.schannel = schannel
        self.shared = None  # a server for all rows, where a program wants one

    def client(self, *args, merge=True):
        return Process([self.schannel, "client", *args], merge=merge)

    def server(self, *args, cert="p256", env=None):
        """Our server, listening; its port is in .port."""
        chain, key = self.pki.chain(cert)
        process = Process([self.schannel, "server", "--port", "0", "--cert", chain, "--key", key, *args], env=env)
        process.port = int(process.wait_for(r"listening on \S+ port (\d+)").group(1))
        return process

    def expand(self, words):
        """Names of files in a row's arguments: {chain:NAME} {key:NAME} {root:NAME} {ocsp:NAME}
        {file:NAME}."""
        def file_of(match):
            kind, name = match.groups()
            if kind == "root":
                return self.pki.root(name)
            if kind == "ocsp":
                return self.pki.response(name)
            if kind == "file":
                return self.pki.path(name)
            return self.pki.chain(name)[0 if kind == "chain" else 1]
        return [re.sub(r"\{(chain|key|root|ocsp|file):([^}]+)\}", file_of, word) for word in words]


def judge(row, outcome):
    for kind, text in (("says", outcome.ours), ("peer", outcome.peer)):
        for wanted in row.get(kind, []):
            expect(wanted in text, "%s: '%s' is missing" % ("ours" if kind == "says" else "peer", wanted))
    for unwanted in row.get("never", []):
        expect(unwanted not in outcome.ours + outcome.peer, "'%s' was printed" % unwanted)
    wanted = row.get("status", 0)
    expect(outcome.status == wanted, "exit status %s, not %s" % (outcome.status, wanted))


def summary(text):
    """What our program's report says in one line: the failures, or what was negotiated."""
    failures = re.findall(r"^schannel: (.*)|^  (The peer .* alert \d+)", text, re.M)
    if failures:
        return "; ".join(a or b for a, b in failures)
    facts = re.findall(r"^  (?:protocol|cipher suite|key exchange|application protocol|peer certificate) +(.*)",
                       text, re.M)
    return ", ".join(facts) or (text.strip().splitlines() or ["nothing"])[-1]


def show(text):
    print("".join("      | %s\n" % line for line in printable(text).strip().splitlines()[-40:]), end="")


def try_row(row, play, run, quiet=False):
    """None when the row went as it says, else what was different."""
    outcome = Outcome()
    before = len(Process.started)
    try:
        outcome = play(row, run)
        judge(row, outcome)
    except (Mismatch, OSError) as mismatch:
        if not quiet:
            print("FAIL  %s: %s" % (row["name"], mismatch))
            show(outcome.ours)
            show(outcome.peer)
        return mismatch
    finally:
        for process in Process.started[before:]:
            process.stop(signal.SIGKILL)
        sys.stdout.flush()
    if not quiet:
        kind = "reject" if row.get("reject") else "accept"
        wanted = row.get("says", []) + row.get("peer", [])
        print("%s  %-52s %s" % (kind, row["name"], outcome.did or "; ".join(wanted)))
    return None


def skip(reason):
    print("skipped: " + reason)
    sys.exit(1 if os.environ.get("SCHANNEL_REQUIRE_ALL") == "1" else 77)


def main(rows, play, control, needs=(), setup=None):
    """control: (name of a row, what is changed in it so that it must fail). setup: what all rows share."""
    for command in needs:
        if shutil.which(command) is None:
            skip("there is no %s" % command)
    run = Run(os.path.abspath(sys.argv[1]))
    if setup:
        setup(run)
    only = sys.argv[2:]
    chosen = [row for row in rows if not only or any(text in row["name"] for text in only)]
    failed = sum(try_row(row, play, run) is not None for row in chosen)
    base = next(row for row in rows if row["name"] == control[0])
    difference = try_row({**base, **control[1]}, play, run, quiet=True)
    caught = isinstance(difference, Mismatch)
    print("control: %s, expecting %s: %s" % (control[0], control[1],
                                             "caught, " + str(difference) if caught else "NOT CAUGHT"))
    print("%d rows, %d rejected by design, %d failures" %
          (len(chosen), sum(1 for row in chosen if row.get("reject")), failed))
    if run.shared:
        try:
            end_server(run.shared)
        except Mismatch as mismatch:
            print("FAIL  %s" % mismatch)
            failed += 1
    sys.exit(0 if failed == 0 and caught and chosen else 1)
