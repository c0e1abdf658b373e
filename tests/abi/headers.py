# SPDX-License-Identifier: MIT
"""Reads the public headers: which macros, types, fields, enumerators and functions they declare.

The compiler's preprocessor does the expanding; what is read here is its output, cut down to the lines that
come from the headers' own folder. Not a C parser: it knows the forms those headers use.
"""
import os
import re
import subprocess

# Not Microsoft's, or another spelling of the same file.
SKIPPED_FILES = {"libschannel.h"}
INCLUDES = ["winsock2.h", "ws2tcpip.h", "windows.h", "subauth.h", "sspi.h", "security.h", "schannel.h", "schnlsp.h",
            "wincrypt.h", "wininet.h", "wintrust.h", "bcrypt.h", "ncrypt.h", "sdkddkver.h", "tchar.h",
            "ntsecapi.h", "shlwapi.h"]
PROLOGUE = "".join("#include <%s>\n" % name for name in INCLUDES)
DEFINES = ["-DSECURITY_WIN32", "-DSCHANNEL_USE_BLACKLISTS", "-DCERT_CHAIN_PARA_HAS_EXTRA_FIELDS",
           "-DCERT_REVOCATION_PARA_HAS_EXTRA_FIELDS", "-D_WIN32_WINNT=0x0A00"]
TOKEN = re.compile(r'[A-Za-z_]\w*|0[xX][0-9a-fA-F]+|\d+\w*|"(?:\\.|[^"\\])*"|\.\.\.|[^\s\w]')


class Enum:
    def __init__(self, names, values):
        self.names, self.values = names, values


class Struct:
    def __init__(self, names, fields):
        self.names, self.fields = names, fields


def header_files(folder):
    """Every header once: of two spellings the lower-case one."""
    found = []
    for base, _, names in os.walk(folder):
        for name in sorted(names):
            if name.endswith(".h") and name == name.lower() and name not in SKIPPED_FILES:
                found.append(os.path.join(base, name))
    return sorted(found)


def macro_names(folder):
    """Object-like macros that the headers define, include guards left out."""
    names = {}
    for path in header_files(folder):
        for name in re.findall(r"^[ \t]*#[ \t]*define[ \t]+(\w+)(?=[\s])", open(path).read(), re.M):
            if not re.fullmatch(r"SCHANNEL_(PARTS_)?\w+_H", name):
                names[name] = os.path.relpath(path, folder)
    return names


def preprocess(compiler, folder, text, more=()):
    """What the preprocessor makes of a text that includes headers of the folder."""
    command = [compiler, "-E", "-xc", "-std=gnu11", "-I", folder, *DEFINES, *more, "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


def expansions(compiler, folder, names, more=()):
    """What each macro is in the end; a macro that expands to nothing gives ''."""
    text = PROLOGUE + "".join("\n@@%s@@ %s\n" % ("\x01".join(n), n) for n in names)
    out = preprocess(compiler, folder, text, more)
    result, name = {}, None
    for line in out.splitlines():
        if line.startswith("#"):
            continue
        start = re.match(r"@@([\w\x01 ]+?)@@(.*)", line)
        if start:
            name = re.sub(r"[\x01 ]", "", start.group(1))
            result[name] = start.group(2).strip()
        elif name:
            result[name] = (result[name] + " " + line.strip()).strip()
    return result


def own_text(compiler, folder, more=(), text=PROLOGUE):
    """The preprocessed lines that stand in the headers themselves."""
    kept, own = [], False
    root = os.path.realpath(folder) + os.sep
    for line in preprocess(compiler, folder, text, more).splitlines():
        marker = re.match(r'#\s+\d+\s+"([^"]*)"', line)
        if marker:
            own = os.path.realpath(marker.group(1)).startswith(root)
        elif own and not line.startswith("#"):
            kept.append(line)
    return "\n".join(kept)


def statements(text):
    """Top-level declarations, each a list of tokens without the semicolon; bodies of inlines end one."""
    current, depth = [], 0
    for token in TOKEN.findall(text):
        current.append(token)
        if token in "({[":
            depth += 1
        elif token in ")}]":
            depth -= 1
            if depth == 0 and token == "}" and current[0] == "static":
                current = []
        elif token == ";" and depth == 0:
            if len(current) > 1:
                yield current[:-1]
            current = []


def closing(tokens, at):
    depth = 0
    for i in range(at, len(tokens)):
        depth += (tokens[i] in "({[") - (tokens[i] in ")}]")
        if depth == 0:
            return i
    raise ValueError("unbalanced: " + " ".join(tokens))


def split(tokens, mark):
    part, depth, parts = [], 0, []
    for token in tokens:
        depth += (token in "({[") - (token in ")}]")
        if token == mark and depth == 0:
            parts.append(part)
            part = []
        else:
            part.append(token)
    return parts + [part] if part else parts


def declared(tokens):
    """The name that one declarator declares."""
    if "(" in tokens:
        inner = tokens[tokens.index("(") + 1:]
        if "*" in inner[:3]:
            return [t for t in inner if re.match(r"[A-Za-z_]", t)][0]
    plain = tokens[:tokens.index("[")] if "[" in tokens else tokens
    return plain[-1]


def fields_of(body):
    """Fields of a struct body; those of an unnamed member stand in the outer one."""
    fields = []
    for member in split(body, ";"):
        member = [t for t in member if t != "__extension__"]
        if "{" in member:
            start = member.index("{")
            end = closing(member, start)
            if end == len(member) - 1:
                fields += fields_of(member[start + 1:end])
                continue
            member = member[:start] + member[end + 1:]
        for declarator in split(member, ","):
            fields.append(declared(declarator))
    return fields


def declarations(text):
    """(structs, enums, plain typedef names, prototypes by name) of preprocessed text."""
    structs, enums, plain, functions = [], [], [], {}
    for tokens in statements(text):
        tokens = [t for t in tokens if t != "__extension__"]
        if tokens[0] in ("_Static_assert", "static"):
            continue
        if tokens[0] == "extern" and tokens[1].startswith('"'):
            raise ValueError("read as C only")
        kind = tokens[1] if tokens[0] == "typedef" else tokens[0]
        if kind in ("struct", "union", "enum") and "{" in tokens:
            start = tokens.index("{")
            end = closing(tokens, start)
            body, tail = tokens[start + 1:end], split(tokens[end + 1:], ",")
            names = [t[-1] for t in tail if "*" not in t]
            if tokens[0] != "typedef":
                names = [" ".join(tokens[:2])]
            plain += [t[-1] for t in tail if "*" in t]
            if kind == "enum":
                enums.append(Enum(names, [v[0] for v in split(body, ",")]))
            else:
                structs.append(Struct(names, fields_of(body)))
        elif tokens[0] == "typedef":
            plain += [declared(t) for t in split(tokens, ",")]
        elif "(" in tokens:
            functions[tokens[tokens.index("(") - 1]] = " ".join(tokens)
    return structs, enums, plain, functions
