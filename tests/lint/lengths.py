#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""No file over 500 lines, no function over 70.

A C function runs from a line that is `{` to the next that is `}`, which is how clang-format lays out
this project; a macro of many lines counts as a function. Python's functions are read with Python's own
parser, the shell's from `name() {` to `}`.
"""

import ast
import os
import re

import tree

FILE_LINES = 500
FUNCTION_LINES = 70
SHELL_FUNCTION = re.compile(r"^(?:function )?[A-Za-z_]\w*(?:\(\))? ?(?:\(\) )?[{(]$")


def c_functions(text):
    """(first line, lines) of each function body and each macro."""
    body = macro = None
    for number, line in enumerate(text, 1):
        if line == "{":
            body = number
        elif line == "}" and body:
            yield body, number - body + 1
            body = None
        if macro is None and re.match(r"\s*#\s*define\b.*\\$", line):
            macro = number
        elif macro is not None and not line.endswith("\\"):
            yield macro, number - macro + 1
            macro = None
    if body:
        yield body, len(text) - body + 1


def python_functions(text):
    for node in ast.walk(ast.parse("\n".join(text))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.end_lineno - node.lineno + 1


def shell_functions(text):
    start = None
    for number, line in enumerate(text, 1):
        if SHELL_FUNCTION.match(line):
            start = number
        elif line in ("}", ")") and start:
            yield start, number - start + 1
            start = None


def reader_for(root, path):
    """The way to find the functions of a file; None for languages without a rule."""
    ending = os.path.splitext(path)[1]
    if ending in (".c", ".h"):
        return c_functions
    if ending == ".py":
        return python_functions
    if ending == ".sh":
        return shell_functions
    if tree.is_script(root, path):
        return python_functions if "python" in tree.lines(root, path)[0] else shell_functions
    return None


def check_file(root, path, findings):
    text = tree.lines(root, path)
    count = len(text) - (text[-1] == "")
    if count > FILE_LINES:
        findings.append(f"{path}:{FILE_LINES + 1}: {count} lines; a file has at most {FILE_LINES}")
    reader = reader_for(root, path)
    for first, length in reader(text) if reader else ():
        if length > FUNCTION_LINES:
            findings.append(f"{path}:{first}: a function of {length} lines; at most {FUNCTION_LINES}")


def main():
    root = tree.options(__doc__).parse_args().root
    findings = []
    sources = [path for path in tree.files(root) if tree.is_source(root, path)]
    for path in sources:
        check_file(root, path, findings)
    tree.finish(len(sources), findings)


if __name__ == "__main__":
    main()
