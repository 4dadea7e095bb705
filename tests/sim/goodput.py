#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Compares the table of goodputs with the one that is kept.
#
#   goodput.py PROGRAM                 the quick rows, as a TAP test
#   goodput.py PROGRAM --all           all rows, and says which have changed
#   goodput.py PROGRAM --all --keep    keeps the new table (say why in the commit)
import os
import subprocess
import sys

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "goodput.golden")


def point(row):
    """What a row is about: its first columns."""
    return tuple(row.split()[:4])


def kept_rows():
    with open(GOLDEN, encoding="utf-8") as golden:
        return {point(row): row for row in golden.read().splitlines()}


def main():
    program, options = sys.argv[1], sys.argv[2:]
    command = [program] if "--all" in options else [program, "--quick"]
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    rows = run.stdout.splitlines()
    if "--keep" in options:
        with open(GOLDEN, "w", encoding="utf-8") as golden:
            golden.write(run.stdout)
    known = kept_rows()
    changed = [(known.get(point(row), "nothing"), row) for row in rows]
    changed = [(old, new) for old, new in changed if old != new]
    if "--all" in options:
        print(run.stdout, end="")
    else:
        print("1..1")
    for old, new in changed:
        print(f"# kept: {old}\n# now:  {new}")
    if changed:
        print(f"# {len(changed)} rows differ; when that is meant: make goodput KEEP=1, and say why in the commit")
    if "--all" not in options:
        print("not ok 1 - goodput table" if changed else "ok 1 - goodput table")
    sys.exit(1 if changed else 0)


if __name__ == "__main__":
    main()
