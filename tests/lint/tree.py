# SPDX-License-Identifier: Apache-2.0
"""The project's files as the lint tests see them, and how these tests report.

Each lint test is a program that takes --root, the folder to look at, prints one line for each thing
that is wrong (`file:line: what`), and ends with status 0 when there was none. A lint test that finds
nothing to look at has failed too: it would else pass for ever after a folder was renamed.
"""

import argparse
import os
import sys

SKIPPED_FOLDERS = {".git", "__pycache__", ".cache", ".pytest_cache", "node_modules"}
SOURCE_ENDINGS = (".c", ".h", ".def", ".py", ".sh", ".lua", ".java", ".js", ".ts", ".build")
BINARY_ENDINGS = (".png", ".gif", ".ico", ".woff2", ".pcap", ".pcapng", ".gz", ".class", ".jar")


def options(what):
    """The arguments of a lint test: --root, and for some what they look at."""
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("--root", default=os.path.join(os.path.dirname(__file__), "..", ".."))
    return parser


def files(root, *folders):
    """Paths, relative to root, of all files of the project (or of some of its folders)."""
    found = []
    for top in folders or (".",):
        for folder, below, names in os.walk(os.path.join(root, top)):
            at_root = os.path.samefile(folder, root)
            below[:] = [name for name in below if not is_skipped(name, at_root)]
            # In a second worktree .git is a file, which says where the first one is.
            found += [os.path.relpath(os.path.join(folder, name), root) for name in names if name != ".git"]
    return sorted(set(found))


def is_skipped(folder, at_root):
    """Whether a folder holds nothing of the project's: build directories, caches."""
    return folder in SKIPPED_FOLDERS or (at_root and (folder == "build" or folder.startswith("build-")))


def lines(root, path):
    """The lines of a file, without their ends."""
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
        return file.read().split("\n")


def is_text(path):
    return not path.endswith(BINARY_ENDINGS)


def is_script(root, path):
    """Whether a file without an ending begins with #!, as the project's commands do."""
    if os.path.splitext(path)[1] or not os.path.isfile(os.path.join(root, path)):
        return False
    with open(os.path.join(root, path), "rb") as file:
        return file.read(2) == b"#!"


def is_source(root, path):
    """Whether a file is code, in any language: what the house rules are about."""
    name = os.path.basename(path)
    return path.endswith(SOURCE_ENDINGS) or name in ("Makefile", "meson_options.txt") or is_script(root, path)


def finish(looked_at, findings):
    """Prints what was found and ends the program with the status that says so."""
    for finding in findings:
        print(finding)
    if looked_at == 0:
        sys.exit("nothing to look at: this test would pass whatever was wrong")
    print(f"{looked_at} looked at, {len(findings)} wrong")
    sys.exit(1 if findings else 0)
