#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the library exports and what the public headers declare are the same names, each is described in a
comment that says "Name - ", and a program that links only the alias libraries (-lsecur32 -lcrypt32 and the
others) builds and runs.

A prototype too many, a prototype too few, one without a description and a missing alias must be caught.
exports.py --build DIR [--cc CC] [--cflags FLAGS]
"""
import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile

import generate
import headers

ALL = headers.PROLOGUE + "#include <libschannel.h>\n"
PROGRAM = """
#include <windows.h>
#include <security.h>
#include <schannel.h>
int main(void)
{
    PSecurityFunctionTableA table = InitSecurityInterfaceA();
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    return table == NULL || table->dwVersion == 0 || store == NULL || !CertCloseStore(store, 0);
}
"""


def exported(library):
    out = subprocess.run(["nm", "-D", "--defined-only", library], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in out.splitlines()]
    return {row[-1].split("@")[0] for row in rows if row[-2] != "A"}


def declared(compiler, include, text):
    return set(headers.declarations(headers.own_text(compiler, include, text=text))[3])


def compare(symbols, prototypes):
    return ["exported, not declared: " + n for n in sorted(symbols - prototypes)] \
        + ["declared, not exported: " + n for n in sorted(prototypes - symbols)]


def undescribed(folder, prototypes):
    """Names that no comment introduces; of an A/W pair the neutral name is enough."""
    files = headers.header_files(folder) + [os.path.join(folder, "libschannel.h")]
    comments = "\n".join(c for f in files for c in re.findall(r"/\*.*?\*/", open(f).read(), re.S))
    lines = re.findall(r"^(?:/\*| \*) ((?:\w+, )*\w+) - ", comments, re.M)
    described = {name for line in lines for name in line.split(", ")}
    return sorted(n for n in prototypes if n not in described and re.sub("[AW]$", "", n) not in described
                  and not n.startswith("schannel_wcs"))


def link(options, folder, libraries):
    """True when a program links against the alias libraries alone and succeeds."""
    source, program = os.path.join(folder, "alias.c"), os.path.join(folder, "alias")
    open(source, "w").write(PROGRAM)
    command = [options.cc, *shlex.split(options.cflags), "-DSECURITY_WIN32", "-I", options.headers, source, "-o",
               program, "-L", options.build, "-L", os.path.join(options.build, "alias"),
               *["-l" + name for name in libraries]]
    built = subprocess.run(command, capture_output=True, text=True)
    if built.returncode != 0:
        return False, built.stderr
    ran = subprocess.run([program], env={**os.environ, "LD_LIBRARY_PATH": options.build})
    return ran.returncode == 0, "exit status %d" % ran.returncode


def aliases(options):
    return sorted(n[3:-3] for n in os.listdir(os.path.join(options.build, "alias")) if n.endswith(".so"))


def link_problems(options, folder):
    problems = []
    for libraries in (["secur32", "crypt32"], aliases(options)):
        good, text = link(options, folder, libraries)
        if not good:
            problems.append("linking %s: %s" % (" ".join(libraries), text))
    if link(options, folder, ["secur32", "planted32"])[0]:
        problems.append("a missing alias library is not noticed")
    return problems


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--headers", default=generate.HEADERS)
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--cflags", default="")
    options = parser.parse_args()
    symbols = exported(os.path.join(options.build, "libschannel.so"))
    prototypes = declared(options.cc, options.headers, ALL)
    problems = compare(symbols, prototypes)
    if len(compare(symbols | {"Planted"}, prototypes)) == len(problems):
        problems.append("a symbol without a prototype is not noticed")
    problems += ["not described: " + n for n in undescribed(options.headers, prototypes)]
    if "Planted" not in undescribed(options.headers, {"Planted"}):
        problems.append("a prototype without a description is not noticed")
    with tempfile.TemporaryDirectory() as folder:
        extra = ALL + '#include "extra.h"\n'
        open(os.path.join(folder, "extra.h"), "w").write("int schannel_planted(void);\n")
        planted = headers.declarations(headers.own_text(options.cc, folder, ["-I", options.headers], extra))[3]
        if compare(symbols, set(planted) | prototypes) == problems:
            problems.append("a prototype without a symbol is not noticed")
        problems += link_problems(options, folder)
    for problem in problems:
        print(problem)
    print("abi_exports: %d symbols, %d prototypes, aliases %s, %d problems"
          % (len(symbols), len(prototypes), " ".join(aliases(options)), len(problems)))
    return 1 if problems or not symbols else 0


if __name__ == "__main__":
    sys.exit(main())
