#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Each line of the textbook that Weir holds so far has a test that carries its id.

The textbook is the chapter on what lies underneath a socket; T3.2 is the second statement of its part
3. A test carries an id by naming it in its own file, at the test that shows it. Part 9, the programs, is one statement: T9.
"""

import re

import tree

# part: the statements of it that tests must carry
HELD = {
    1: [1, 2, 3, 4, 5, 6, 7],
    2: [1, 2, 3, 4],
    3: [1, 2, 3, 4, 5, 6],
    5: [1, 2, 3, 4, 5, 6, 7],
    6: [1, 2, 3, 4, 5, 7, 9],
    7: [1, 2],
    8: [1, 2, 3, 4, 5],
    9: [0],
}
ID = re.compile(r"(?<![\w.])T([1-9])\.([1-9][0-9]*)(?![\w])(?!\.[0-9])")
WHOLE = re.compile(r"(?<![\w.])T(9)(?![\w.])")
TEST_ENDINGS = (".c", ".py", ".lua", ".java")


def carried(root, paths):
    """The ids, as (part, statement), that the files name."""
    ids = set()
    for path in paths:
        for line in tree.lines(root, path):
            ids.update((int(part), int(statement)) for part, statement in ID.findall(line))
            ids.update((int(part), 0) for part in WHOLE.findall(line))
    return ids


def main():
    root = tree.options(__doc__).parse_args().root
    tests = [
        path
        for path in tree.files(root, "tests")
        if path.endswith(TEST_ENDINGS) and not path.startswith("tests/lint/")
    ]
    have = carried(root, tests)
    findings = [
        f"tests:1: no test carries T{part}" + (f".{statement}" if statement else "")
        for part, statements in HELD.items()
        for statement in statements
        if (part, statement) not in have
    ]
    tree.finish(len(tests), findings)


if __name__ == "__main__":
    main()
