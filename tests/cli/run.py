#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the tests of this folder and prints TAP, so that each is counted."""

import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))


class Tap:
    """One line a test; what a failed one says goes to stderr."""

    def __init__(self):
        self.count = 0

    def pytest_collection_finish(self, session):
        print(f"1..{len(session.items)}", flush=True)

    def pytest_runtest_logreport(self, report):
        if report.when != "call" and report.outcome == "passed":
            return
        self.count += 1
        name = report.nodeid.replace("#", "")
        if report.skipped:
            print(f"ok {self.count} - {name} # SKIP {report.longrepr[2]}", flush=True)
            return
        print(f"{'not ok' if report.failed else 'ok'} {self.count} - {name}", flush=True)
        if report.failed:
            print(report.longreprtext, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.exit(pytest.main([HERE, "-p", "no:terminal", "-p", "no:cacheprovider", *sys.argv[1:]], plugins=[Tap()]))
