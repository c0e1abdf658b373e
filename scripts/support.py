# SPDX-License-Identifier: MIT
"""What the lint scripts share: finding files, taking C text apart, and proving that a check bites."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent

_TOKEN = re.compile(
    r"""/\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'""", re.S | re.X
)


def _blank(text):
    return re.sub(r"[^\n]", " ", text)


def code_only(text):
    """C text with comments and literals blanked; every line keeps its number."""
    return _TOKEN.sub(lambda m: _blank(m.group()), text)


def comments_only(text):
    return [
        (text.count("\n", 0, m.start()) + 1, m.group())
        for m in _TOKEN.finditer(text)
        if m.group().startswith(("/*", "//"))
    ]


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def read(path):
    return path.read_text(encoding="utf-8", errors="replace")


def sources(root, folders, suffixes=(".c", ".h")):
    for folder in folders:
        base = root / folder
        if base.is_dir():
            for path in sorted(base.rglob("*")):
                if path.is_file() and path.suffix in suffixes and "__pycache__" not in path.parts:
                    yield path


def project_files(root):
    """What is tracked or about to be; outside a repository, every file but the builds."""
    try:
        listed = subprocess.run(
            ["git", "-C", str(root), "ls-files", "-z", "-co", "--exclude-standard"],
            check=True, capture_output=True).stdout
        names = [n for n in os.fsdecode(listed).split("\0") if n]
    except (OSError, subprocess.CalledProcessError):
        names = [
            str(p.relative_to(root)) for p in root.rglob("*")
            if p.is_file() and p.relative_to(root).parts[0] not in ("build", ".git")
        ]
    return [root / n for n in sorted(names) if (root / n).is_file()]


def plant(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def prove(check, clean, planted):
    """Runs a check over a clean tree, then over that tree with one flaw at a time.

    planted: list of (files, words): the finding must contain the words.
    """
    failures = []
    cases = [({}, None)] + planted
    for files, words in cases:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            plant(root, clean)
            plant(root, files)
            findings = check(root)
        if words is None and findings:
            failures.append(f"a clean tree was refused: {findings}")
        if words is not None and not any(words in f for f in findings):
            failures.append(f"not caught: {sorted(files)} ({words}); found {findings}")
    for failure in failures:
        print(f"self-test: {failure}")
    print(f"self-test: {len(planted)} planted flaws, {len(failures)} failures")
    return 1 if failures else 0


def finish(name, findings):
    for finding in findings:
        print(f"{name}: {finding}")
    print(f"{name}: {'clean' if not findings else str(len(findings)) + ' findings'}")
    return 1 if findings else 0


def main(check, self_test, name):
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(self_test())
    if sys.argv[1:]:
        sys.exit(f"usage: scripts/{name} [--self-test]")
    sys.exit(finish(name, check(ROOT)))
