#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Each header compiles alone, and twice.

The public ones as strict C11 and as C++, since any program may include any of them first; those of the
rooms as the project's own C.
"""

import os
import subprocess

import tree

WARNINGS = ["-Wall", "-Wextra", "-Werror", "-fsyntax-only"]
PUBLIC_DIALECTS = [
    ["gcc", "-x", "c", "-std=c11", "-pedantic"],
    ["clang", "-x", "c++", "-std=c++14"],
]
ROOM_DIALECTS = [["gcc", "-x", "c", "-std=gnu11", "-Wno-unused-function", "-D_GNU_SOURCE="]]
LIBRARIES = ["lua5.4", "jansson"]


def folders_of_libraries():
    run = subprocess.run(["pkg-config", "--cflags", *LIBRARIES], check=True, capture_output=True, text=True)
    return run.stdout.split()


def complaint(root, include, dialect):
    """What the compiler says of a file that is this header twice; empty when it takes it."""
    folders = ["-I", os.path.join(root, "include"), "-I", os.path.join(root, "src")]
    text = f"#include {include}\n#include {include}\n"
    run = subprocess.run([*dialect, *WARNINGS, *folders, "-"], input=text, capture_output=True, text=True)
    return run.stderr if run.returncode else ""


def check(root, path, dialects_of_rooms, findings):
    public = path.startswith("include/")
    name = path.split("/", 1)[1]
    include = f"<{name}>" if public else f'"{name}"'
    for dialect in PUBLIC_DIALECTS if public else dialects_of_rooms:
        said = complaint(root, include, dialect)
        if said:
            findings.append(f"{path}:1: does not compile alone as {dialect[3].split('=')[1]}:\n{said}")


def main():
    root = tree.options(__doc__).parse_args().root
    findings = []
    headers = [path for path in tree.files(root, "include", "src") if path.endswith(".h")]
    dialects_of_rooms = [dialect + folders_of_libraries() for dialect in ROOM_DIALECTS]
    for path in headers:
        check(root, path, dialects_of_rooms, findings)
    tree.finish(len(headers), findings)


if __name__ == "__main__":
    main()
