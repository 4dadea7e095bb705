#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Each requirement of docs/REQUIREMENTS.md is met and tested, or excepted with a reason.

A requirement is met where code in src or include cites it in brackets, [9293 MUST-13], and tested where a
test does; MUST-24 ... MUST-29 in brackets cites all from the first to the last. It is excepted when the
second table of docs/DEVIATIONS.md names it with a reason. Prints the ledger, one requirement a line.
"""

import collections
import re

import tree

REQUIREMENTS = "docs/REQUIREMENTS.md"
DEVIATIONS = "docs/DEVIATIONS.md"
EXCEPTIONS_HEADING = "## Not met"
LABEL = r"(?:MUST|SHLD|MAY|REC|W-SM|W-RPT)-[1-9][0-9]*"
ROW = re.compile(rf"^\| ({LABEL}) \| [^|]+ \| ([^|]+) \|$")
EXCEPTION = re.compile(r"^\| ([^|]+) \|([^|]*)\|$")
COMMENT_LINE_END = re.compile(r"\n\s*(?:\*|#|--)\s")
BRACKETS = re.compile(r"\[[^\[\]]*\]")
RANGE = re.compile(rf"({LABEL}) \.\.\. ({LABEL})")
CODE_ENDINGS = (".c", ".h", ".def", ".py", ".lua")

Citation = collections.namedtuple("Citation", "label path line")


def labels_in(text):
    """The labels that a text names, those between the ends of a range with them."""
    labels = re.findall(LABEL, text)
    for first, last in RANGE.findall(text):
        kind, low = first.rsplit("-", 1)
        labels += [f"{kind}-{number}" for number in range(int(low) + 1, int(last.rsplit("-", 1)[1]))]
    return labels


def citations(root, paths):
    """What these files cite in brackets. A comment may break a line within them."""
    found = []
    for path in paths:
        text = "\n".join(tree.lines(root, path))
        joined = COMMENT_LINE_END.sub(lambda match: "\v" * (len(match.group()) - 1) + " ", text)
        for match in BRACKETS.finditer(joined):
            line = text.count("\n", 0, match.start()) + 1
            found += [Citation(label, path, line) for label in labels_in(match.group().replace("\v", ""))]
    return found


def requirements(root):
    """{label: what it asks}, in the order of the document."""
    rows = (ROW.match(line) for line in tree.lines(root, REQUIREMENTS))
    return {row.group(1): row.group(2) for row in rows if row}


def exceptions(root):
    """{label: the reason, perhaps empty} from the second table."""
    reasons, inside = {}, False
    for line in tree.lines(root, DEVIATIONS):
        if line.startswith("## "):
            inside = line == EXCEPTIONS_HEADING
        row = EXCEPTION.match(line) if inside else None
        for label in labels_in(row.group(1)) if row else ():
            reasons[label] = row.group(2).strip()
    return reasons


def places(cited):
    """The first place, and how many more there are."""
    more = f" (+{len(cited) - 1})" if len(cited) > 1 else ""
    return f"{cited[0].path}:{cited[0].line}{more}"


def entry(label, met, shown, reason):
    """What the ledger says of a requirement, and what is wrong with it (empty: nothing)."""
    if reason is not None:
        if not reason:
            return "excepted", f"{DEVIATIONS}:1: {label} is excepted without a reason"
        if met:
            return "excepted", f"{met[0].path}:{met[0].line}: {label} is said to be met here, and excepted in {DEVIATIONS}"
        return f"excepted: {reason}", ""
    said = f"implemented {places(met)}" if met else "not implemented"
    said += f", tested {places(shown)}" if shown else ", not tested"
    gap = " and ".join([*([] if met else ["in src or include"]), *([] if shown else ["in tests"])])
    return said, f"{REQUIREMENTS}:1: {label} is cited nowhere {gap}" if gap else ""


def by_label(cited):
    index = collections.defaultdict(list)
    for citation in cited:
        index[citation.label].append(citation)
    return index


def main():
    root = tree.options(__doc__).parse_args().root
    code = [path for path in tree.files(root, "src", "include") if path.endswith(CODE_ENDINGS)]
    tests = [path for path in tree.files(root, "tests") if path.endswith(CODE_ENDINGS)]
    met = by_label(citations(root, code))
    shown = by_label(citations(root, (path for path in tests if not path.startswith("tests/lint/"))))
    wanted, excepted = requirements(root), exceptions(root)
    findings = [
        f"{cited.path}:{cited.line}: there is no {label} in {REQUIREMENTS}"
        for index in (met, shown)
        for label, all_cited in index.items()
        for cited in (all_cited if label not in wanted else ())
    ]
    findings += [f"{DEVIATIONS}:1: there is no {label} in {REQUIREMENTS}" for label in excepted if label not in wanted]
    both = gaps = 0
    for label, what in wanted.items():
        said, wrong = entry(label, met[label], shown[label], excepted.get(label))
        print(f"{label:<8} {what}\n         {said}")
        both += bool(met[label] and shown[label])
        gaps += bool(wrong)
        findings += [wrong] if wrong else []
    print(f"{len(wanted)} requirements: {both} implemented and tested, {len(excepted)} excepted, {gaps} open")
    tree.finish(len(wanted), findings)


if __name__ == "__main__":
    main()
