#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every state meets every event: tests/tcp/EVENT/STATE.c is there, has tests, and says what it shows.

A cell's tests are named EVENT_STATE, and its file cites a requirement: a label of RFC 9293, a rule of the state
machine (W-SM-...), another RFC, a line of the textbook or a class of attacks.
"""

import argparse
import os
import re
import sys

EVENTS = ["syn", "ack", "data", "fin", "rst", "urg", "icmp", "call", "timeout"]
STATES = [
    "closed",
    "listen",
    "syn_sent",
    "syn_received",
    "established",
    "fin_wait_1",
    "fin_wait_2",
    "close_wait",
    "closing",
    "last_ack",
    "time_wait",
]
CITES = re.compile(r"(MUST|SHLD|MAY)-\d|W-SM-\d|RFC \d{3,4}|\bT\d\.\d|attacks [A-Z]-\d|9293 s3")
# Nothing is required to happen there, so nothing can be cited.
NOTHING_HAPPENS = {"timeout/closed", "timeout/listen"}


def wrong_with(root, event, state):
    """What is wrong with one cell; None when nothing is."""
    path = os.path.join(root, "tests", "tcp", event, state + ".c")
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except OSError:
        return "no such file: this cell has no test"
    if not re.search(rf"^TEST\({event}_{state}, \w+\)$", text, re.MULTILINE):
        return f"no TEST({event}_{state}, ...) in it"
    if f"{event}/{state}" not in NOTHING_HAPPENS and not CITES.search(text):
        return "cites no requirement"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", default=os.path.join(os.path.dirname(__file__), "..", ".."))
    root = parser.parse_args().root
    findings = 0
    for event in EVENTS:
        for state in STATES:
            what = wrong_with(root, event, state)
            if what:
                findings += 1
                print(f"tests/tcp/{event}/{state}.c:1: {what}")
    print(f"{len(EVENTS) * len(STATES)} cells looked at, {findings} wrong")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
