#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every public header compiles alone and every ordered pair of the main ones compiles, as C11 and C++17,
with and without UNICODE, with and without 16-bit wchar_t, without a warning; so do mixtures with the headers
of libc and OpenSSL, before and after ours.

One compiler run takes many small files. Planted headers that need another one first, or that clash with
OpenSSL's names, must be caught. matrix.py [--headers DIR] COMPILER...
"""
import argparse
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
MAIN = ["windows.h", "sspi.h", "security.h", "schannel.h", "wincrypt.h", "winerror.h", "windef.h", "winnt.h",
        "subauth.h", "schnlsp.h", "libschannel.h"]
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
FOREIGN = ["stdio.h", "stdint.h", "stdlib.h", "wchar.h", "time.h", "openssl/x509.h", "openssl/ssl.h"]
OURS_MIXED = ["windows.h", "wincrypt.h", "security.h", "schannel.h", "libschannel.h", "winsock2.h"]
# What a program does with both in one file: every name that both headers have.
OPENSSL_USE = """
#include <string.h>
X509_NAME *probe_name(X509 *certificate);
X509_NAME *probe_name(X509 *certificate) { return X509_get_subject_name(certificate); }
X509_EXTENSIONS *probe_extensions;
PKCS7_SIGNER_INFO *probe_signer;
OCSP_REQUEST *probe_request;
OCSP_RESPONSE *probe_response;
PCCERT_CONTEXT probe_context;
"""
STANDARDS = [("c", "-std=c11"), ("c++", "-std=c++17")]
VARIANTS = [list(filter(None, v)) for v in itertools.product(["", "-fshort-wchar"], ["", "-DUNICODE"])]


def headers_in(folder):
    """Every header that a program may name, the capital spellings too; parts/ is ours."""
    return sorted(n for n in os.listdir(folder) if n.endswith(".h"))


def sources(folder):
    """(label, text) of every translation unit."""
    for name in headers_in(folder):
        yield name, "#include <%s>\n#include <%s>\n" % (name, name)
    for first, second in itertools.permutations(MAIN, 2):
        yield first + "+" + second, "#include <%s>\n#include <%s>\n" % (first, second)


def mixed_sources():
    for ours, foreign in itertools.product(OURS_MIXED, FOREIGN):
        for first, second in ((ours, foreign), (foreign, ours)):
            yield first + "+" + second, "#include <%s>\n#include <%s>\n" % (first, second)
    openssl = "#include <openssl/ssl.h>\n#include <openssl/pkcs7.h>\n#include <openssl/ocsp.h>\n#include <openssl/x509.h>\n"
    ours = "#include <windows.h>\n#include <wincrypt.h>\n#include <security.h>\n#include <schannel.h>\n"
    yield "ours, then OpenSSL, used", ours + openssl + OPENSSL_USE
    yield "OpenSSL, then ours, used", openssl + ours + OPENSSL_USE


def write(folder, units, suffix):
    """Files of a batch; the name of each leads back to its label."""
    names = {}
    for number, (label, text) in enumerate(units):
        name = os.path.join(folder, "u%04d.%s" % (number, suffix))
        open(name, "w").write(text + "typedef int not_empty;\n")
        names[os.path.basename(name)] = label
    return names


def run(job):
    """Problems of one batch."""
    compiler, language, standard, variant, include, folder, names = job
    command = [compiler, "-x", language, standard, "-fsyntax-only", *WARNINGS, "-DSECURITY_WIN32", *variant,
               "-I", include, *sorted(names)]
    out = subprocess.run(command, cwd=folder, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"})
    if out.returncode == 0:
        return []
    bad = sorted(set(re.findall(r"\bu\d{4}\.\w+", out.stderr)))
    where = " ".join([compiler, standard, *variant])
    first = re.findall(r"error: .*", out.stderr)
    return ["%s: %s: %s" % (where, names[b], first[0] if first else "?") for b in bad if b in names] \
        or ["%s: %s" % (where, out.stderr[:1000])]


def check(compilers, include, folder, units, mixed):
    """Everything with the first compiler; with the others the plain variant, and of the mixtures the used ones."""
    jobs = []
    for (language, standard), compiler in itertools.product(STANDARDS, compilers):
        suffix = "c" if language == "c" else "cc"
        is_first = compiler == compilers[0]
        few = mixed if is_first else mixed[-2:]
        for kind, these, variants in (("own", units, VARIANTS), ("mixed", few, [[]])):
            where = os.path.join(folder, kind + suffix + os.path.basename(compiler))
            os.makedirs(where, exist_ok=True)
            names = write(where, these, suffix)
            for variant in variants if is_first else variants[:1]:
                jobs.append((compiler, language, standard, variant, include, where, names))
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return [p for problems in pool.map(run, jobs) for p in problems]


PLANTED = [
    ("wincrypt.h", '#include "parts/time.h"\n', "", "#include <wincrypt.h>\n"),
    ("subauth.h", "#include", "typedef long planted_wchar[sizeof(L'x') == 2 ? 1 : -1];\n#include",
     "#include <subauth.h>\n"),
    ("openssl/types.h", "#undef X509_NAME\n", "", "#include <wincrypt.h>\n#include <openssl/x509.h>\n"),
]


def planted(compilers, headers, folder):
    """Copies of the headers with one flaw each; every one must be noticed."""
    missed = []
    for number, (name, before, after, program) in enumerate(PLANTED):
        copy = os.path.join(folder, "planted%d" % number)
        shutil.copytree(headers, copy)
        path = os.path.join(copy, name)
        text = open(path).read()
        if before not in text:
            missed.append("nothing to plant in " + name)
        open(path, "w").write(text.replace(before, after, 1))
        unit = [(name, program)]
        if not check(compilers[:1], copy, os.path.join(folder, "work%d" % number), unit, unit):
            missed.append("planted flaw in %s is not noticed" % name)
    return missed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--headers", default=os.path.normpath(os.path.join(HERE, "../../include/schannel")))
    parser.add_argument("compilers", nargs="+")
    options = parser.parse_args()
    compilers = [c for c in options.compilers if shutil.which(c)]
    units, mixed = list(sources(options.headers)), list(mixed_sources())
    with tempfile.TemporaryDirectory() as folder:
        problems = check(compilers, options.headers, folder, units, mixed)
        problems += planted(compilers, options.headers, folder)
    for problem in problems[:200]:
        print(problem)
    print("abi_headers: %d files of own headers in %d variants, %d mixed, by %s; %d problems"
          % (len(units), len(STANDARDS) * len(VARIANTS), len(mixed), " ".join(compilers), len(problems)))
    return 1 if problems or not compilers else 0


if __name__ == "__main__":
    sys.exit(main())
