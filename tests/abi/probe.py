#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares our headers with those of mingw-w64 by the values of one probe.

The probe of generate.py is compiled to assembly against both. What mingw-w64 does not know must stand in
only_ours.txt, what it knows differently in differences.txt, each line with its reason; an entry that is not
needed any more fails, too (with the version of mingw-w64 for which the lists were made). At the end copies of the headers with planted errors must be caught.

probe.py [--cc CC] [--mingw CC] [--headers DIR]
Exit status: 0 same, 1 different, 77 no mingw-w64 compiler (1 with SCHANNEL_REQUIRE_ALL=1).
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

import generate
import headers

ROUNDS = 8
LISTS_MADE_FOR = "10"
UNKNOWN = re.compile(r"undeclared|unknown type name|has no member|no member named|is not defined|expected .* before"
                     r"|storage size of .* isn.t known|invalid application of .sizeof.|incomplete type|undefined type")


class Failure(Exception):
    pass


def compile_once(compiler, flags, source, output):
    command = [compiler, "-S", "-O1", "-w", "-std=gnu11", "-fmax-errors=0", "-ftrack-macro-expansion=0", "-fno-diagnostics-show-caret",
               *headers.DEFINES, *flags, source, "-o", output]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"})


def values_of(assembly):
    values = {}
    for kind, name, part, value in re.findall(r"^\s*@@ (\w+) (.+?) (\w+) [$#]?(-?\d+)$", assembly, re.M):
        values.setdefault(kind + " " + name, {})[part] = int(value)
    return values


def measure(compiler, flags, lines, functions, folder):
    """(values by key, errors by key): lines that do not compile are taken out until the rest does."""
    errors = {}
    source, output = os.path.join(folder, "probe.c"), os.path.join(folder, "probe.s")
    for _ in range(ROUNDS):
        text, where = generate.render(lines, functions, errors)
        open(source, "w").write(text)
        run = compile_once(compiler, flags, source, output)
        if run.returncode == 0:
            values = values_of(open(output).read())
            for line in functions:
                if line.key not in errors:
                    values[line.key] = {"declaration": 1}
            return values, errors
        before = len(errors)
        for number, message in re.findall(r"probe\.c:(\d+):.*?error: (.*)", run.stderr):
            if int(number) in where:
                errors.setdefault(where[int(number)].key, message)
        if len(errors) == before:
            raise Failure("%s: %s" % (compiler, run.stderr[:2000]))
    raise Failure("%s: the probe does not settle" % compiler)


def compare(options, folder, include, more):
    """What is only ours, and what differs: key -> text."""
    lines, functions = generate.collect(include, options.cc, more)
    ours, ours_bad = measure(options.cc, ["-I", include, *more], lines, functions, folder)
    opaque = {key for key, message in ours_bad.items() if "incomplete type" in message}
    if len(opaque) < len(ours_bad):
        raise Failure("our own headers fail: %s" % [m for m in ours_bad.items() if m[0] not in opaque][:10])
    lines = [line for line in lines if line.key not in opaque]
    theirs, theirs_bad = measure(options.mingw, more, lines, functions, folder)
    only, different = {}, {}
    for key, parts in ours.items():
        if key.startswith("field ") and "type " + key[6:].split(".")[0] in theirs_bad:
            continue
        if key in theirs_bad and UNKNOWN.search(theirs_bad[key]):
            only[key] = theirs_bad[key]
        elif key in theirs_bad:
            different[key] = "does not compile there: " + theirs_bad[key]
        elif theirs.get(key) != parts:
            other = theirs.get(key, {})
            different[key] = ", ".join("%s %d, there %s" % (p, v, other.get(p)) for p, v in parts.items()
                                       if other.get(p) != v)
    unknown_functions(only, ours, options, more, functions, folder)
    return only, different, len(ours)


def unknown_functions(only, ours, options, more, functions, folder):
    """A second declaration compiles even without a first one: ask for each name."""
    lines = [generate.Line(f.key, f.name, "PROBE(\"%s size\", sizeof(&%s))" % (f.key, f.name)) for f in functions]
    _, missing = measure(options.mingw, more, lines, [], folder)
    for key, message in missing.items():
        if key in ours:
            only[key] = message


def read_list(path):
    entries = {}
    for number, line in enumerate(open(path), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        key, mark, reason = line.partition(": ")
        if not mark or not reason:
            raise Failure("%s:%d: no reason" % (path, number))
        if key in entries:
            raise Failure("%s:%d: %s stands there twice" % (path, number, key))
        entries[key] = reason
    return entries


def mingw_version(options):
    run = subprocess.run([options.mingw, "-E", "-P", "-"], input="#include <_mingw_mac.h>\n__MINGW64_VERSION_MAJOR",
                         capture_output=True, text=True, check=True)
    return run.stdout.split()[-1]


def judge(title, found, entries, exact):
    """Texts of what is found and not listed, and of what is listed and not found."""
    problems = ["%s: %s: %s" % (title, key, text) for key, text in sorted(found.items()) if key not in entries]
    stale = ["%s: stale entry: %s" % (title, key) for key in entries if key not in found]
    if stale and not exact:
        print("abi_probe: not mingw-w64 %s, %d entries are not needed" % (LISTS_MADE_FOR, len(stale)))
    return problems + (stale if exact else [])


def check(options, folder, include, variants):
    only, different, count = {}, {}, 0
    for more in variants:
        o, d, n = compare(options, folder, include, more)
        only.update(o)
        different.update(d)
        count += n
    here = os.path.dirname(os.path.abspath(__file__))
    exact = mingw_version(options) == LISTS_MADE_FOR
    problems = judge("only ours", only, read_list(os.path.join(here, "only_ours.txt")), exact)
    problems += judge("different", different, read_list(os.path.join(here, "differences.txt")), exact)
    return problems, count, len(only), len(different)


PLANTED = [
    ("sspi.h", r"(#define SECBUFFER_TOKEN +)2\n", r"\g<1>3\n", "constant SECBUFFER_TOKEN"),
    ("schannel.h", r'"Microsoft PCT 1\.0"', '"Microsoft PCT 1.1"', "string PCT1SP_NAME_A"),
    ("parts/schannel_attributes.h", "    DWORD cIssuers;\n", "    ULONGLONG cIssuers;\n",
     "field SecPkgContext_IssuerListInfoEx.cIssuers"),
    ("parts/sspi_attributes.h", "    ULONG UserFlags;\n", "    ULONG Filler;\n    ULONG UserFlags;\n",
     "field SecPkgContext_UserFlags.UserFlags"),
    ("parts/sspi_functions.h", r"CompleteAuthToken\(PCtxtHandle phContext, PSecBufferDesc pToken\)",
     "CompleteAuthToken(PCtxtHandle phContext, void *pToken)", "function CompleteAuthToken"),
    ("parts/sspi_functions.h", r"SECURITY_STATUS SEC_ENTRY FreeContextBuffer\(",
     "SECURITY_STATUS SEC_ENTRY FreeContextPlanted(", "function FreeContextPlanted"),
]


def planted(options, folder):
    """A copy of the headers with each error in it; every one must be named."""
    copy = os.path.join(folder, "planted")
    shutil.copytree(options.headers, copy)
    for name, before, after, _ in PLANTED:
        path = os.path.join(copy, name)
        text = open(path).read()
        changed = re.sub(before, after, text, count=1)
        if changed == text:
            raise Failure("nothing to plant in %s: %r" % (name, before))
        open(path, "w").write(changed)
    problems, _, _, _ = check(options, folder, copy, ([],))
    stale = judge("planted", {}, {"constant GONE": "no reason"}, True)
    return [key for _, _, _, key in PLANTED if not any(key + ":" in p for p in problems)] \
        + ([] if stale else ["a stale entry"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--headers", default=generate.HEADERS)
    parser.add_argument("--cc", default="gcc")
    parser.add_argument("--mingw", default="x86_64-w64-mingw32-gcc")
    options = parser.parse_args()
    if shutil.which(options.mingw) is None:
        print("abi_probe: skipped, there is no %s (Debian: gcc-mingw-w64-x86-64)" % options.mingw)
        return 1 if os.environ.get("SCHANNEL_REQUIRE_ALL") == "1" else 77
    with tempfile.TemporaryDirectory() as folder:
        problems, count, only, different = check(options, folder, options.headers, ([], ["-DUNICODE"]))
        for problem in problems:
            print(problem)
        if problems:
            return 1
        missed = planted(options, folder)
        for key in missed:
            print("planted, not noticed: " + key)
    print("abi_probe: %d things compared with mingw-w64, %d only ours, %d different with a reason, "
          "%d planted errors caught" % (count, only, different, len(PLANTED) + 1 - len(missed)))
    return 1 if missed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        print("abi_probe: %s" % failure)
        sys.exit(1)
