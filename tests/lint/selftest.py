#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Shows that each lint test can fail, and that it passes what it should pass.

Each case is a small tree with one thing wrong, the lint test to be run on it, and words that its
report must contain; None where it must find nothing. Prints TAP.
"""

import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SPDX = "/* SPDX-License-Identifier: Apache-2.0 */\n"
STYLE = "BasedOnStyle: LLVM\nIndentWidth: 8\nUseTab: ForIndentation\nBreakBeforeBraces: Linux\n"
LONG_BODY = "\tx++;\n" * 69
ARCHIVE = "libsample.a"

TEXTBOOK = [
    f"T{part}.{statement}"
    for part, count in ((1, 7), (2, 4), (3, 7), (4, 2), (5, 7), (6, 9), (7, 2), (8, 6))
    for statement in range(1, count + 1)
]
FIGURES = " ".join(f"6.{figure}" for figure in range(1, 13))


def book(heads=" ".join(TEXTBOOK), figures=FIGURES, expects=" ".join(TEXTBOOK), test="T9"):
    """A scenario and a test for the whole textbook."""
    scenario = f'scenario {{\n  figure = "{figures}",\n  shows = "{heads}",\n}}\n-- {expects}\n'
    return {"scenarios/a.lua": scenario, "tests/a.py": f"# {test}\n"}


REQUIREMENTS = "docs/REQUIREMENTS.md"
DEVIATIONS = "docs/DEVIATIONS.md"
TWO = "| MUST-1 | 3.1 | This |\n| W-SM-2 | 3.10 | That |\n"
NOT_MET = "# Deviations\n| MUST-1 | a detail | of it |\n\n## Not met\n\n| Id | Why |\n|---|---|\n| W-SM-2 |{}|\n"
THREE = "".join(f"| MUST-{number} | 3 | x |\n" for number in (1, 2, 3))
RANGE = {"src/a.c": "[MUST-1 ... MUST-3]", "tests/a.c": "[MUST-1 ... MUST-3]"}
ONE = {"src/a.c": "[MUST-1]", "tests/a.c": "[MUST-1]"}
BOTH = {"src/tcp/a.c": "/* [9293 MUST-1] [W-SM-2] */", "tests/a.c": "/* [9293 MUST-1;\n * W-SM-2] */"}


def ledger(texts, requirements=TWO, deviations="# Deviations\n"):
    return {REQUIREMENTS: requirements, DEVIATIONS: deviations, **texts}


# (lint test, what the case shows, {path: text}, words of the report or None)
CASES = [
    ("includes", "a room may use those below it", {"src/net/a.c": '#include "wire/ip.h"\n'}, None),
    ("includes", "tcp may not use net", {"src/tcp/a.c": 'int x;\n#include "net/net.h"\n'}, "src/tcp/a.c:2:"),
    ("includes", "udp may not use tcp", {"src/udp/a.c": '#include "tcp/tcp.h"\n'}, "udp may not use tcp"),
    ("includes", "packetdrill may not use the world", {"src/packetdrill/a.c": '#include "world/world.h"\n'}, "may not use"),
    ("includes", "the core has no stdio", {"src/base/a.h": "#include <stdio.h>\n"}, "src/base/a.h:1:"),
    ("includes", "the world may use a system", {"src/world/a.c": "#include <sys/socket.h>\n"}, None),
    ("includes", "headers are named with their room", {"src/base/a.c": '#include "ring.h"\n'}, "named from src"),
    ("includes", "an unknown room", {"src/helpers/a.c": "\n"}, "no such room"),
    ("includes", "public headers are plain C", {"include/weir/a.h": "#include <poll.h>\n", "src/base/a.c": ""}, "public"),
    ("includes", "no sources at all", {"README.md": "\n"}, "nothing to look at"),
    ("lengths", "70 lines of function", {"a.c": "void f(int x)\n{\n" + LONG_BODY[:-6] + "}\n"}, None),
    ("lengths", "71 lines of function", {"a.c": "void f(int x)\n{\n" + LONG_BODY + "}\n"}, "a.c:2: a function of 71"),
    ("lengths", "a long macro", {"a.h": "#define F \\\n" + "\tx++; \\\n" * 70 + "\tx--;\n"}, "a.h:1: a function of 72"),
    ("lengths", "a long table is no function", {"a.c": "int t[] = {\n" + "\t1,\n" * 90 + "};\n"}, None),
    ("lengths", "500 lines of file", {"a.c": "int x;\n" * 500}, None),
    ("lengths", "501 lines of file", {"a.c": "int x;\n" * 501}, "a.c:501: 501 lines"),
    ("lengths", "a long Python function", {"a.py": "def f():\n" + "    x = 1\n" * 70}, "a.py:1: a function of 71"),
    ("lengths", "a long shell function", {"run": "#!/bin/sh\nf() {\n" + "\ttrue\n" * 69 + "}\n"}, "run:2:"),
    ("marks", "a licensed source", {"a.c": SPDX + "int x;\n"}, None),
    ("marks", "no licence", {"a.c": "int x;\n"}, "a.c:1:"),
    ("marks", "no licence in a script", {"run": "#!/bin/sh\ntrue\n"}, "run:1:"),
    ("marks", "a left-over mark", {"a.c": SPDX + "/* TO" + "DO: all */\n"}, "a.c:2:"),
    ("marks", "mktemp's letters are no mark", {"a.sh": "# " + SPDX + "mktemp x.XX" + "XXXX\n"}, None),
    ("marks", "a path of one machine", {"a.md": "see /wo" + "rk/main\n"}, "a.md:1:"),
    ("marks", "a folder above the project", {"a.md": "see ../sha" + "red/x\n"}, "a.md:1:"),
    ("marks", "an ordinary path", {"a.md": "see /var/work/x and framework/y\n"}, None),
    ("headers", "a header that stands alone", {"include/weir/a.h": "#include <stddef.h>\n"}, None),
    ("headers", "a header that needs another", {"include/weir/a.h": "size_t a(void);\n"}, "include/weir/a.h:1:"),
    ("headers", "a header without a guard", {"src/base/a.h": "struct a {\n\tint x;\n};\n"}, "src/base/a.h:1:"),
    ("headers", "C++ keywords", {"include/weir/a.h": "void a(int new);\n"}, "as c++14"),
    ("textbook", "all of it", book(), None),
    ("textbook", "one line less", book(heads=" ".join(TEXTBOOK).replace("T3.3", "T3.33")), "no scenario shows T3.3"),
    ("textbook", "one figure less", book(figures=FIGURES.replace("6.7", "")), "no scenario has figure 6.7"),
    ("textbook", "an id only in a head", book(expects=" ".join(TEXTBOOK[1:])), "nothing carries T1.1"),
    ("textbook", "no test of the programs", book(test=""), "nothing carries T9"),
    ("textbook", "ids in lint tests do not count", {**book(test=""), "tests/lint/a.py": "T9"}, "nothing carries T9"),
    ("ledger", "all cited in code and in a test", ledger(BOTH), None),
    ("ledger", "no brackets", ledger({**BOTH, "src/tcp/a.c": "/* MUST-1 [W-SM-2] */"}), "MUST-1 is cited nowhere in src"),
    ("ledger", "no test", ledger({**BOTH, "tests/a.c": "/* [MUST-1] */"}), "W-SM-2 is cited nowhere in tests"),
    ("ledger", "a lint test is none", ledger({**BOTH, "tests/a.c": "", "tests/lint/a.py": "[MUST-1]"}), "nowhere in tests"),
    ("ledger", "an unknown label", ledger({**BOTH, "src/a.c": "\n/* [9293 MUST-70] */"}), "src/a.c:2: there is no MUST-70"),
    ("ledger", "a range", ledger(RANGE, THREE), None),
    ("ledger", "excepted with a reason", ledger(ONE, deviations=NOT_MET.format(" Why. ")), None),
    ("ledger", "excepted without one", ledger(ONE, deviations=NOT_MET.format(" ")), "W-SM-2 is excepted without"),
    ("ledger", "excepted and met", ledger(BOTH, deviations=NOT_MET.format(" Why. ")), "src/tcp/a.c:1: W-SM-2 is said to be met"),
    ("ledger", "no requirements", ledger(BOTH, ""), "there is no MUST-1"),
    ("layout", "laid out", {".clang-format": STYLE, "src/a.c": "int x;\n"}, None),
    ("layout", "not laid out", {".clang-format": STYLE, "src/a.c": "int\n   x  ;\n"}, "src/a.c:1:"),
    ("symbols", "pure", {"a.c": 'static const char *const t[] = {"a"};\nconst char *f(int i) { return t[i]; }'}, None),
    ("symbols", "mem functions", {"a.c": "#include <string.h>\nvoid f(char *a, int n) { memset(a, 1, n); }"}, None),
    ("symbols", "a library call", {"a.c": "#include <stdlib.h>\nvoid f(void) { abort(); }"}, "calls abort"),
    ("symbols", "a writable global", {"a.c": "int count;\nvoid f(void) {}"}, "count is a writable global"),
    ("symbols", "an initialised global", {"a.c": "int count = 3;\nvoid f(void) {}"}, "count is a writable global"),
    ("symbols", "a static in a function", {"a.c": "int f(void) { static int n; return n++; }"}, "writable global"),
    ("symbols", "a thread's global", {"a.c": "_Thread_local int n;\nvoid f(void) {}"}, "n is a writable global"),
    ("symbols", "an empty archive", {"a.c": "static int f __attribute__((used));"}, "nothing to look at"),
]


def make_tree(root, texts):
    for path, text in texts.items():
        target = os.path.join(root, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "w", encoding="utf-8") as file:
            file.write(text)
    for folder in ("src", "include", "tests"):
        os.makedirs(os.path.join(root, folder), exist_ok=True)


def make_archive(root):
    subprocess.run(["gcc", "-O2", "-fPIC", "-c", "a.c", "-o", "a.o"], cwd=root, check=True)
    subprocess.run(["ar", "rcs", ARCHIVE, "a.o"], cwd=root, check=True)


def verdict(lint, texts, words):
    """Runs one case; an empty string when the lint test said what it should, else what it said."""
    with tempfile.TemporaryDirectory() as root:
        make_tree(root, texts)
        command = [sys.executable, os.path.join(HERE, lint + ".py"), "--root", root]
        if lint == "symbols":
            make_archive(root)
            command.append(os.path.join(root, ARCHIVE))
        run = subprocess.run(command, capture_output=True, text=True)
    said = run.stdout + run.stderr
    right = run.returncode == 0 if words is None else run.returncode == 1 and words in said
    return "" if right else f"status {run.returncode}, wanted {words!r}, it said:\n{said}"


def main():
    print(f"1..{len(CASES)}")
    failures = 0
    for number, (lint, what, texts, words) in enumerate(CASES, 1):
        wrong = verdict(lint, texts, words)
        failures += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {number} - {lint}: {what}")
        for line in wrong.split("\n") if wrong else ():
            print(f"# {line}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
