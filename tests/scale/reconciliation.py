"""How much of what changed does reconciliation find, and what does it cost?

The cases are constructed (`tests.reconciliation_cases`), so that what should be found is known; they say
nothing of how often letters are wrong. Time is processor time.

    PESTLE_SAMPLES=… python -m tests.scale.reconciliation
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from pathlib import Path

from tests.reconciliation_cases import cases, judged, names, proposed


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main() -> None:
    """Prints the figures."""
    folder = os.environ.get("PESTLE_SAMPLES")
    if not folder:
        raise SystemExit("PESTLE_SAMPLES is not set: the cases are made of real items")
    names()
    made = cases(Path(folder))
    verdicts = [judged(case) for case in made]
    every, found = Counter[str](), Counter[str]()
    for verdict in verdicts:
        for change, right in verdict.found:
            every[change] += 1
            found[change] += right
    lines = sum(len(verdict.case.listed) for verdict in verdicts)
    say(f"{len(made)} pairs of lists, {lines} lines on the practice’s side")
    for change, number in every.items():
        say(f"  {change:20} found {found[change]:4} of {number}")
    same, at_once = sum(each.same for each in verdicts), sum(each.at_once for each in verdicts)
    say(f"wrong pairs that nobody need confirm: {sum(len(each.wrong) for each in verdicts)}")
    say(f"stopped though nobody says so: {sum(len(each.silent) for each in verdicts)}")
    say(f"unchanged: {same} lines, settled in one step {at_once} ({100 * at_once / same:.1f} %)")
    started = time.process_time()
    for case in made:
        proposed(case)
    taken = time.process_time() - started
    say(f"reading and matching: {1000 * taken / len(made):.1f} ms a letter")


if __name__ == "__main__":
    main()
