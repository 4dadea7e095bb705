#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""C sources are laid out as .clang-format says, by clang-format 14 (`make format` does it)."""

import collections
import os
import re
import shutil
import subprocess
import sys

import tree

FOLDERS = ["src", "include", "tests", "bench", "fuzz", "examples"]
VERSION = "14"
PLACE = re.compile(r"^([^:\n]+):(\d+):\d+: error: ", re.MULTILINE)


def clang_format():
    """The clang-format of the version that this project is laid out by: versions differ in detail."""
    for name in (f"clang-format-{VERSION}", "clang-format"):
        path = shutil.which(name)
        if path and re.search(rf"version {VERSION}\.", subprocess.getoutput(f"{path} --version")):
            return path
    sys.exit(f"no clang-format {VERSION} here; Debian 12's package clang-format is this version")


def main():
    root = tree.options(__doc__).parse_args().root
    folders = [folder for folder in FOLDERS if os.path.isdir(os.path.join(root, folder))]
    sources = [path for path in tree.files(root, *folders) if path.endswith((".c", ".h"))]
    run = subprocess.run(
        [clang_format(), "--style=file", "--dry-run", "-Werror", *sources], cwd=root, capture_output=True, text=True
    )
    places = collections.defaultdict(list)
    for path, number in PLACE.findall(run.stderr):
        places[path].append(number)
    findings = [f"{path}:{where[0]}: not laid out, {len(where)} places" for path, where in places.items()]
    if run.returncode and not findings:
        findings = [f".clang-format:1: clang-format failed:\n{run.stderr}"]
    tree.finish(len(sources), findings)


if __name__ == "__main__":
    main()
