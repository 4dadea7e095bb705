#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Include edges: who may know whom.

    base <- wire <- tcp, udp <- net <- sock <- stack <- { trace, link, packetdrill }
    { trace, link } <- plan <- { sim, world } <- cli

The core (base to stack) sees the public headers and four headers of C, nothing of a system. Above it,
trace, link and packetdrill know the core only; plan, the words that scripts describe a world with, knows links; sim
and world, which make worlds of plans, may use all of these and not each other; cli may use both; shim, which is
loaded into other people's programs, may see the world's protocol and nothing that
would draw the stack in. A room is named in full: "room/file.h".
"""

import re

import tree

CORE = ["base", "wire", "tcp", "udp", "net", "sock", "stack"]
MAY_USE = {
    "base": set(),
    "wire": {"base"},
    "tcp": {"base", "wire"},
    "udp": {"base", "wire"},
    "net": {"base", "wire", "tcp", "udp"},
    "sock": {"base", "wire", "tcp", "udp", "net"},
    "stack": {"base", "wire", "tcp", "udp", "net", "sock"},
    "trace": set(CORE),
    "link": set(CORE),
    "packetdrill": set(CORE),
    "plan": {*CORE, "link"},
    "sim": {*CORE, "trace", "link", "plan"},
    "world": {*CORE, "trace", "link", "plan"},
    "shim": {"world"},
    "cli": {*CORE, "trace", "link", "plan", "sim", "world"},
}
CORE_SYSTEM = {"stdbool.h", "stddef.h", "stdint.h", "string.h"}
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>|(\S+))')


def wrong_with(room, quoted, angled):
    """What is wrong with one include in a file of a room; None when nothing is."""
    if quoted is not None:
        target = quoted.split("/")[0] if "/" in quoted else None
        if target not in MAY_USE:
            return f'"{quoted}": internal headers are named from src, "room/file.h"'
        if target != room and target not in MAY_USE[room]:
            return f'"{quoted}": {room} may not use {target}'
    elif angled is None:
        return "an include whose file cannot be read off the line"
    elif room in CORE and not angled.startswith("weir/") and angled not in CORE_SYSTEM:
        return f"<{angled}>: the core uses {', '.join(sorted(CORE_SYSTEM))} and <weir/...> only"
    return None


def check_file(root, path, findings):
    room = path.split("/")[1]
    if room not in MAY_USE:
        findings.append(f"{path}:1: no such room; tests/lint/includes.py has the table")
        return
    for number, line in enumerate(tree.lines(root, path), 1):
        include = INCLUDE.match(line)
        what = include and wrong_with(room, include.group(1), include.group(2))
        if what:
            findings.append(f"{path}:{number}: {what}")


def check_public(root, path, findings):
    for number, line in enumerate(tree.lines(root, path), 1):
        include = INCLUDE.match(line)
        angled = include.group(2) or "" if include else None
        if include and not angled.startswith("weir/") and angled not in CORE_SYSTEM:
            findings.append(f"{path}:{number}: a public header includes <weir/...> and plain C headers only")


def main():
    root = tree.options(__doc__).parse_args().root
    findings = []
    sources = [path for path in tree.files(root, "src") if path.endswith((".c", ".h", ".def"))]
    public = [path for path in tree.files(root, "include") if path.endswith(".h")]
    for path in sources:
        check_file(root, path, findings)
    for path in public:
        check_public(root, path, findings)
    tree.finish(len(sources), findings)


if __name__ == "__main__":
    main()
