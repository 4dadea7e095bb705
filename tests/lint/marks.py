#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What must not be left in the project, and what must be in each file of it.

No marks of unfinished work in code; no paths of one developer's machine anywhere; the licence named
in the first lines of each source file.
"""

import re

import tree

MARK = re.compile(r"\b(T[O]DO|F[I]XME|X[X]X|H[A]CK)\b")
FOREIGN_PATH = re.compile(r"(^|[^A-Za-z0-9_])/(w[o]rk|f[a]rm)/|\.\./shared")
LICENCE = "SPDX-License-Identifier: Apache-2.0"
LICENCE_WITHIN = 3


def check_file(root, path, findings):
    text = tree.lines(root, path)
    is_source = tree.is_source(root, path)
    if is_source and not any(LICENCE in line for line in text[:LICENCE_WITHIN]):
        findings.append(f"{path}:1: '{LICENCE}' is not in the first {LICENCE_WITHIN} lines")
    for number, line in enumerate(text, 1):
        mark = MARK.search(line) if is_source else None
        if mark:
            findings.append(f"{path}:{number}: '{mark.group(1)}': do it, or open an issue")
        if FOREIGN_PATH.search(line):
            findings.append(f"{path}:{number}: a path that only one machine has")


def main():
    root = tree.options(__doc__).parse_args().root
    findings = []
    texts = [path for path in tree.files(root) if tree.is_text(path)]
    for path in texts:
        check_file(root, path, findings)
    tree.finish(len(texts), findings)


if __name__ == "__main__":
    main()
