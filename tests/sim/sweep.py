#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Some hundreds of the random schedules of faults in sweep.lua; `make sweep` runs ten thousand. Prints TAP."""

import os
import subprocess
import sys

SEEDS, AT_ONCE = 400, 100
SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sweep.lua")


def main():
    weir = os.path.abspath(sys.argv[1])
    failed = 0
    print(f"1..{SEEDS // AT_ONCE}")
    for number, first in enumerate(range(1, SEEDS, AT_ONCE), 1):
        seeds = f"{first}..{first + AT_ONCE - 1}"
        run = subprocess.run([weir, "sim", "--seeds", seeds, SCRIPT], capture_output=True, text=True)
        good = run.returncode == 0 and run.stdout == f"{AT_ONCE} runs, 0 failed\n"
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - seeds {seeds}: each byte once, in order, and an end")
        for line in () if good else (run.stdout + run.stderr).splitlines():
            print(f"# {line}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
