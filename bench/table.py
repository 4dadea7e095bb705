# SPDX-License-Identifier: Apache-2.0
"""What the bench prints: medians side by side, ratios, and whether each target is met.

A result is a dictionary with row, what, unit and engine, and either median, low, high and rounds or
impossible (why there is no figure).
"""

import statistics
import sys

# Units in which less is better.
COSTS = {"ns", "bytes"}


class Target:
    """A bound on Weir's figure in a row: at_least so many times as good as an engine in another row (or the
    same), at_most so many times its cost; without an engine, at_most so much."""

    def __init__(self, row, engine=None, peer_row=None, at_least=None, at_most=None):
        self.row, self.engine, self.peer_row = row, engine, peer_row or row
        self.at_least, self.at_most = at_least, at_most

    def against(self):
        if self.engine is None:
            return ""
        return self.engine if self.peer_row == self.row else f"{self.engine}, {self.peer_row}"

    def judge(self, rows):
        """(measured, bound, whether it is kept), or None when one of the two has no figure."""
        ours = rows.get(self.row, {}).get("weir", {})
        theirs = rows.get(self.peer_row, {}).get(self.engine, {})
        if "median" not in ours or (self.engine and "median" not in theirs):
            return None
        if self.engine is None:
            return figure(ours["median"], ours["unit"]), f"<= {self.at_most:g}", ours["median"] <= self.at_most
        times = ratio(ours, theirs)
        if self.at_most is not None:
            return f"{1 / times:.2f} x", f"<= {self.at_most:g} x", 1 / times <= self.at_most
        return f"{times:.2f} x", f">= {self.at_least:g} x", times >= self.at_least


def result(row, what, unit, engine, values, note=""):
    """The median of one engine's rounds; note: where the time went."""
    return {
        "row": row,
        "what": what,
        "unit": unit,
        "engine": engine,
        "median": statistics.median(values),
        "low": min(values),
        "high": max(values),
        "rounds": len(values),
        "note": note,
    }


def progress(text):
    """What is being measured, on a terminal; erased by the next."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def figure(value, unit):
    digits = 0 if abs(value) >= 1000 else 1 if abs(value) >= 100 else 2
    return f"{value:,.{digits}f} {unit}".strip()


def ratio(ours, theirs):
    """How many times as good as the peer's: above 1 is better, whatever the unit."""
    if ours["unit"] in COSTS:
        return theirs["median"] / ours["median"]
    return ours["median"] / theirs["median"]


def by_row(results):
    rows = {}
    for entry in results:
        rows.setdefault(entry["row"], {})[entry["engine"]] = entry
    return rows


def print_figures(results):
    """Each row: every engine's median with its extremes, and Weir's ratio to it."""
    for engines in by_row(results).values():
        ours = engines.get("weir", {})
        print(f"\n{next(iter(engines.values()))['what']}")
        for entry in engines.values():
            if "impossible" in entry:
                print(f"    {entry['engine']:<12}not possible: {entry['impossible']}")
                continue
            against = ""
            if entry is not ours and "median" in ours:
                against = f"weir is {ratio(ours, entry):.2f} x"
            spread = f"({figure(entry['low'], '')} .. {figure(entry['high'], '')}, {entry['rounds']} rounds)"
            print(f"    {entry['engine']:<12}{figure(entry['median'], entry['unit']):>18}   {spread:<38}{against}".rstrip())
            if entry.get("note"):
                print(f"{'':16}processor time: {entry['note']}")


def print_targets(targets, results):
    """The closing table. Returns how many targets were missed."""
    rows, missed = by_row(results), 0
    print(f"\n{'target':<46}{'against':<30}{'bound':>10}{'measured':>14}")
    for target in targets:
        engines = rows.get(target.row)
        what = next(iter(engines.values()))["what"] if engines else target.row
        verdict = target.judge(rows)
        if verdict is None:
            print(f"{what:<46}{target.against():<30}{'':>10}{'not measured':>14}")
            continue
        measured, bound, kept = verdict
        missed += not kept
        print(f"{what:<46}{target.against():<30}{bound:>10}{measured:>14}   {'met' if kept else 'MISSED'}")
    return missed
