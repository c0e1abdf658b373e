#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every function, attribute and flag of the headers has its row in docs/STATUS.md, and no row speaks of
something that the headers lack. usage: names.py PROJECT"""

import pathlib
import re
import sys

PROJECT = pathlib.Path(sys.argv[1])
SSPI_HEADERS = ("sspi.h", "schannel.h", "parts/sspi_functions.h", "parts/sspi_table.h")


def header_text():
    folder = PROJECT / "include/schannel"
    files = list(folder.glob("*.h")) + list(folder.glob("parts/*.h"))
    return "".join(path.read_text() for path in files)


def functions():
    folder = PROJECT / "include/schannel"
    text = "".join((folder / name).read_text() for name in SSPI_HEADERS)
    names = re.findall(r"^\w+ (?:SEC_ENTRY )?((?:[A-Z][a-z]+)\w+)\(", text, re.M)
    pairs = {name[:-1] for name in names if name[-1] in "AW" and name[:-1] + "A" in names}
    return {name[:-1] if name[:-1] in pairs else name for name in names}


def numbers(text, prefix):
    pattern = rf"^#define ({prefix}[A-Z0-9_]+) +\(?(0x[0-9a-fA-F]+|\d+)"
    return {name: int(value, 0) for name, value in re.findall(pattern, text, re.M)}


def tables():
    result, heading = {}, None
    for line in (PROJECT / "docs/STATUS.md").read_text().splitlines():
        if line.startswith("## "):
            heading = line[3:]
            result[heading] = []
        elif line.startswith("| ") and heading and not line.startswith("| ---"):
            result[heading].append([cell.strip() for cell in line.strip("|").split("|")])
    return {heading: rows[1:] for heading, rows in result.items()}


def compare(what, wanted, found):
    missing, surplus = sorted(wanted - found), sorted(found - wanted)
    for name in missing:
        print(f"{what}: {name} has no row, or the wrong number")
    for name in surplus:
        print(f"{what}: {name} is not in the headers")
    return len(missing) + len(surplus)


def findings(rows, text):
    attributes = {(value, name[12:]) for name, value in numbers(text, "SECPKG_ATTR_").items()
                  if not name.startswith("SECPKG_ATTR_NEGO_INFO_FLAG")}
    request = {side: {(name, value) for name, value in numbers(text, f"{side}_REQ_").items()}
               for side in ("ISC", "ASC")}
    credential = {name for name in numbers(text, "SCH_(?:CRED|USE|SEND|ALLOW)_")
                  if not re.match(r"SCH_CRED_(V\d|VERSION|MAX|FORMAT)", name)}
    return (compare("functions", functions(), {row[0] for row in rows["Functions"]})
            + compare("attributes", attributes,
                      {(int(row[0]), row[1]) for row in rows["Context attributes"]})
            + compare("ISC flags", request["ISC"],
                      {(row[0], int(row[1], 0))
                       for row in rows["Request flags of InitializeSecurityContext"]})
            + compare("ASC flags", request["ASC"],
                      {(row[0], int(row[1], 0))
                       for row in rows["Request flags of AcceptSecurityContext"]})
            + compare("credential flags", credential,
                      {row[0] for row in rows["Credential flags"]}))


def main():
    rows, text = tables(), header_text()
    failed = findings(rows, text)
    # The planted control: without one row of each table something must be found.
    thinned = {heading: table[1:] for heading, table in rows.items()}
    print("control:")
    if findings(thinned, text) < 5:
        print("the control was not found out")
        return 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
