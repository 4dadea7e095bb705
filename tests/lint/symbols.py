#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The core's purity, read from its archive: what libweir.a calls, and what it keeps.

It may call the mem* functions, which any compiler assumes, and nothing else of any library. It has no
writable global: no state outside the structures its user gave memory for. Tables of addresses
(.data.rel.ro), which the loader fills in and then write-protects, are constants.
"""

import re
import subprocess

import tree

# __cpu_model belongs to the compiler's own runtime: which instruction sets the processor has.
ALLOWED = {"memcpy", "memmove", "memset", "memcmp", "_GLOBAL_OFFSET_TABLE_", "__stack_chk_fail", "__cpu_model"}
WRITABLE_SECTION = re.compile(r"^\.(bss|data|tbss|tdata|sdata|sbss)(\.|$)|^\*COM\*$|^COMMON$")
CONSTANT_SECTION = re.compile(r"^\.data\.rel\.ro(\.|$)")
MEMBER = re.compile(r"^(?:Symbols|Undefined symbols) from .*\[([^\]]+)\]:$")


def symbols(archive):
    """(member, name, class, section) of each symbol, as nm's sysv format lists them."""
    listing = subprocess.run(["nm", "-f", "sysv", archive], check=True, capture_output=True, text=True).stdout
    member = archive
    for line in listing.split("\n"):
        heading = MEMBER.match(line)
        fields = [field.strip() for field in line.split("|")]
        if heading:
            member = heading.group(1)
        elif len(fields) == 7 and fields[0] != "Name":
            yield member, fields[0], fields[2], fields[6]


def check(table):
    findings = []
    defined = {name for _, name, kind, _ in table if kind.upper() != "U" and kind != "w"}
    for member, name, kind, section in table:
        if kind in "Uw" and name not in defined and name not in ALLOWED:
            findings.append(f"{member}:1: calls {name}, which is not the core's")
        common = kind in "Cc"
        if common or (WRITABLE_SECTION.match(section) and not CONSTANT_SECTION.match(section)):
            findings.append(f"{member}:1: {name} is a writable global (section {section or 'common'})")
    return findings


def main():
    parser = tree.options(__doc__)
    parser.add_argument("archive", help="libweir.a, of an optimised build")
    table = list(symbols(parser.parse_args().archive))
    functions = sum(1 for _, _, kind, _ in table if kind == "T")
    tree.finish(functions, check(table))


if __name__ == "__main__":
    main()
