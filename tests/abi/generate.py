#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the probe: one C file with every constant, string, type, field, enumerator and prototype of the
public headers, one on a line.

Compiled to assembly, each line leaves a marker with its value, so a foreign compiler's values are read without
running its program. generate.py [--headers DIR] [--cc CC] [--output FILE]
"""
import argparse
import os
import re
import sys

import headers

HERE = os.path.dirname(os.path.abspath(__file__))
HEADERS = os.path.normpath(os.path.join(HERE, "../../include/schannel"))
# Compiler words, annotations and the like: what they expand to is no constant on purpose.
UNITS_PER_WORD = 3
HEAD = """/* Generated from the public headers: see generate.py. */
%s#include <stddef.h>
#define PROBE(label, value) __asm__ volatile("\\n@@ " label " %%0" ::"i"((long long)(value)));
#define UNIT(text, i) (sizeof(text) / sizeof((text)[0]) > (i) ? (unsigned short)(text)[i] : 0ll)
#define UNITS(text, i) (UNIT(text, i) | UNIT(text, i + 1) << 16 | UNIT(text, i + 2) << 32)
"""


class Line:
    """One thing to compare; key is what the lists call it."""

    def __init__(self, key, name, text):
        self.key, self.name, self.text = key, name, text


def probe(key, name, part, value):
    label = key if not part else key + " " + part
    return Line(key, name, 'PROBE("%s", %s)' % (label, value))


def constant_lines(values):
    for name, value in sorted(values.items()):
        if value.startswith(('"', 'u"', 'L"')):
            units = sum(len(t) for t in re.findall(r'"([^"]*)"', value)) + 1
            yield probe("string " + name, name, "size", "sizeof(%s)" % name)
            for i in range(0, units, UNITS_PER_WORD):
                yield probe("string " + name, name, "at%d" % i, "UNITS(%s, %d)" % (name, i))
        else:
            yield probe("constant " + name, name, "size", "sizeof(%s)" % name)
            yield probe("constant " + name, name, "value", name)


def type_lines(structs, enums, plain):
    for struct in structs:
        for name in struct.names:
            yield probe("type " + name, name, "size", "sizeof(%s)" % name)
        name = struct.names[0]
        for field in struct.fields:
            key = "field %s.%s" % (name, field)
            yield probe(key, name, "offset", "offsetof(%s, %s)" % (name, field))
            yield probe(key, name, "size", "sizeof(((%s *)0)->%s)" % (name, field))
    for enum in enums:
        for name in enum.names:
            yield probe("type " + name, name, "size", "sizeof(%s)" % name)
        for value in enum.values:
            yield probe("constant " + value, value, "value", value)
    for name in plain:
        yield probe("type " + name, name, "size", "sizeof(%s)" % name)


def function_lines(functions):
    """A second declaration: it compiles only where the first one has the same types."""
    for name, text in sorted(functions.items()):
        yield Line("function " + name, name, text + ";")


def is_constant(name, value):
    """Macros that stand for a type, a function, a keyword, an initialiser or nothing are not constants."""
    return value != "" and not value.startswith("{") and ";" not in value and not re.fullmatch(r"[A-Za-z_]\w*( \*| int| long| inline)*", value) \
        and not value.startswith(("static inline", "struct ", "extern"))


def collect(folder, compiler, more):
    names = headers.macro_names(folder)
    values = headers.expansions(compiler, folder, names, more)
    constants = {n: v for n, v in values.items() if is_constant(n, v)}
    structs, enums, plain, functions = headers.declarations(
        headers.own_text(compiler, folder, more))
    lines = list(constant_lines(constants)) + list(type_lines(structs, enums, plain))
    # One line per thing, whatever the number of declarations.
    unique = {line.text: line for line in lines}
    return list(unique.values()), list(function_lines(functions))


def render(lines, functions, left_out=()):
    """The source text, and for each line number the Line that stands there."""
    text, where = (HEAD % headers.PROLOGUE).splitlines(), {}
    for block, start, end in ((functions, "", ""), (lines, "void probe(void)\n{", "}")):
        text += start.splitlines()
        for line in block:
            if line.key not in left_out:
                text.append(line.text)
                where[len(text)] = line
        text += end.splitlines()
    return "\n".join(text) + "\n", where


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--headers", default=HEADERS)
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--output")
    parser.add_argument("--unicode", action="store_true")
    options = parser.parse_args()
    more = ["-DUNICODE"] if options.unicode else []
    text, _ = render(*collect(options.headers, options.cc, more))
    (open(options.output, "w") if options.output else sys.stdout).write(text)


if __name__ == "__main__":
    main()
