#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Each line of the textbook has a scenario that shows it and says so, and so has each figure; its programs have a test.

The textbook is the chapter on what lies underneath a socket; T3.2 is the second statement of its part 3. A scenario
names the lines in `shows` and the figures in `figure`, and an `expect` of it carries each id, unless a test does. Part
9, the programs, is one statement, T9: an end-to-end test carries it.
"""

import re

import tree

# part: how many statements it has
STATEMENTS = {1: 7, 2: 4, 3: 7, 4: 2, 5: 7, 6: 9, 7: 2, 8: 6}
FIGURES = [f"6.{number}" for number in range(1, 13)]
ID = re.compile(r"(?<![\w.])T(?:[1-8]\.[1-9][0-9]*(?!\.[0-9])|9(?!\.))(?![\w])")
HEAD = re.compile(r'^\s*(shows|figure) = "([^"]*)"')
TEST_ENDINGS = (".c", ".py", ".java")


def carried(root, paths):
    """The ids that the files name; of a scenario's head they do not count."""
    return {id for path in paths for line in tree.lines(root, path) if not HEAD.match(line) for id in ID.findall(line)}


def named(root, paths):
    """What the heads of scenarios name."""
    heads = [HEAD.match(line) for path in paths for line in tree.lines(root, path)]
    return {word for head in heads if head for word in head[2].split()}


def main():
    root = tree.options(__doc__).parse_args().root
    files = tree.files(root, "tests")
    tests = [path for path in files if path.endswith(TEST_ENDINGS) and not path.startswith("tests/lint/")]
    scenarios = [path for path in tree.files(root, "scenarios") if path.endswith(".lua")]
    ids = [f"T{part}.{number}" for part, count in STATEMENTS.items() for number in range(1, count + 1)]
    have, heads = carried(root, tests + scenarios), named(root, scenarios)
    findings = [f"scenarios:1: no scenario shows {id}" for id in ids if id not in heads]
    findings += [f"scenarios:1: no scenario has figure {figure}" for figure in FIGURES if figure not in heads]
    findings += [f"tests:1: nothing carries {id}" for id in [*ids, "T9"] if id not in have]
    tree.finish(len(tests) + len(scenarios), findings)


if __name__ == "__main__":
    main()
