# SPDX-License-Identifier: Apache-2.0
"""Runs cases, which are functions that raise AssertionError, and prints TAP."""


def run(cases):
    """cases: (name, function) each. Returns the status for the program."""
    print(f"1..{len(cases)}")
    failed = 0
    for number, (name, function) in enumerate(cases, 1):
        try:
            function()
            print(f"ok {number} - {name}")
        except AssertionError as error:
            failed += 1
            print(f"not ok {number} - {name}")
            for line in str(error).splitlines():
                print(f"# {line}")
    return 1 if failed else 0
