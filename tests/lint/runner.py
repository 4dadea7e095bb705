#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Shows that tests/run counts what test programs say, and does not believe those that end early.

Each case is what meson kept of one program's run, and the outcomes that must be counted. Prints TAP.
"""

import importlib.machinery
import importlib.util
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PASS, FAIL, SKIP = "passed", "failed", "skipped"

# (what the case shows, meson's result, status, what the program printed, outcomes)
CASES = [
    ("all pass", "OK", 0, "1..2\nok 1 - a\nok 2 - b\n", [PASS, PASS]),
    ("one fails", "FAIL", 1, "1..2\nok 1 - a\nnot ok 2 - b\n# expected 1\n# not ok - group\n", [PASS, FAIL]),
    ("cmocka's skip", "OK", 0, "1..2\nok 1 - a\nnot ok 2 # SKIP b\n", [PASS, SKIP]),
    ("a skip with a reason", "OK", 0, "1..1\nok 1 - a # SKIP no tun\n", [SKIP]),
    ("nothing can run", "OK", 0, "1..0 # SKIP no tun\n", [SKIP]),
    ("two groups", "OK", 0, "1..1\nok 1 - a\n1..2\nok 1 - b\nok 2 - c\n", [PASS, PASS, PASS]),
    ("ends early with status 0", "OK", 0, "1..3\nok 1 - a\n", [PASS, FAIL]),
    ("dies in the second case", "FAIL", -11, "1..2\nok 1 - a\n", [PASS, FAIL]),
    ("hangs", "TIMEOUT", -15, "1..2\nok 1 - a\n", [PASS, FAIL]),
    ("passes but has a bad end", "FAIL", 1, "1..1\nok 1 - a\nLeakSanitizer: 8 bytes\n", [PASS, FAIL]),
    ("no TAP, status 0", "OK", 0, "12 looked at, 0 wrong\n", [PASS]),
    ("no TAP, status 1", "FAIL", 1, "a.c:1: wrong\n", [FAIL]),
    ("no TAP, skips", "SKIP", 77, "no tun here\n", [SKIP]),
    ("words that look like TAP", "FAIL", 1, "ok so far\nnot ok\n", [FAIL]),
]


def load_runner():
    sys.path.insert(0, os.path.join(HERE, ".."))
    loader = importlib.machinery.SourceFileLoader("runner_under_test", os.path.join(HERE, "..", "run"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def main():
    sys.dont_write_bytecode = True
    runner = load_runner()
    print(f"1..{len(CASES)}")
    failures = 0
    for number, (what, result, status, printed, outcomes) in enumerate(CASES, 1):
        test = {"name": "sample", "result": result, "returncode": status, "stdout": printed}
        counted = [case.outcome for case in runner.program_cases("build", "unit", test)]
        failures += counted != outcomes
        print(f"{'ok' if counted == outcomes else 'not ok'} {number} - {what}")
        if counted != outcomes:
            print(f"# counted {counted}, should be {outcomes}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
