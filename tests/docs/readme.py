#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The README keeps its word: its program compiles and runs, the links lead somewhere, and the commands
of `schannel` it shows work (example.org's place is taken by a server started here).
usage: readme.py PROJECT SCHANNEL LIBRARY_FOLDER COMPILER FLAGS"""

import pathlib
import re
import subprocess
import sys
import tempfile

PROJECT = pathlib.Path(sys.argv[1])
SCHANNEL, LIBRARY, COMPILER, FLAGS = sys.argv[2:6]
README = (PROJECT / "README.md").read_text()


def blocks(language):
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.M | re.S)
    return [text for name, text in fenced if name == language]


def run(*command, **options):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          timeout=60, **options)


def check_program(folder):
    (program,) = blocks("c")
    assert len(program.splitlines()) <= 45, "the program has grown too long"
    (folder / "hello.c").write_text(program)
    built = run(COMPILER, *FLAGS.split(), "-Wall", "-Wextra", "-Werror", f"-I{PROJECT}/include/schannel",
                folder / "hello.c", "-o", folder / "hello", f"-L{LIBRARY}", "-lschannel",
                f"-Wl,-rpath,{LIBRARY}")
    assert built.returncode == 0, built.stderr
    ran = run(folder / "hello")
    assert re.fullmatch(r"the ClientHello has [1-9]\d+ bytes\n", ran.stdout), ran


def check_links():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (PROJECT / target).exists(), f"{target} is not there"


def commands():
    """The lines of the block that shows the program's use, without comments."""
    (shown,) = [block for block in blocks("") if block.startswith("schannel ")]
    return [line.split("#")[0].split() for line in shown.splitlines()]


def check_commands(folder):
    lines = commands()
    assert len(lines) == 5
    server = next(line for line in lines if line[1] == "server")
    server[server.index("--port") + 1] = "0"
    with subprocess.Popen([SCHANNEL, *server[1:]], cwd=folder, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True) as process:
        try:
            port = process.stdout.readline().split()[-1]
            for line in lines:
                if line is server:
                    continue
                line = [part.replace("8443", port) for part in line]
                if "www.example.org" in line:
                    line[line.index("www.example.org")] = f"localhost:{port}"
                    line[2:2] = ["--ca", "ca.pem"]
                ran = run(SCHANNEL, *line[1:], cwd=folder)
                assert ran.returncode == 0, (line, ran.stderr)
                assert ran.stdout, line
                print("ok", *line)
        finally:
            process.terminate()


def main():
    with tempfile.TemporaryDirectory() as text:
        check_links()
        check_program(pathlib.Path(text))
        check_commands(pathlib.Path(text))
    return 0


if __name__ == "__main__":
    sys.exit(main())
