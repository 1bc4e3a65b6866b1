"""Was this name taken for another one, which the patient has?

A note where the patient has a medicine whose name looks like that of a line, has never had the line's own on
record, and is not getting the other one now: prednisolone ordered, propranolol taken. Names look alike where
a published list pairs them, or two typing errors or fewer lie between them.

Source: the lists in the definitions ``lookalike``; `pestle.pharmacy.medicines.lookalike`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pestle.pharmacy.checks.asked import asked
from pestle.pharmacy.checks.check import Proposed, finding, not_assessed
from pestle.pharmacy.checks.finding import Assessment, Fact, Finding, Severity
from pestle.pharmacy.checks.holding import Holding, fact, in_order
from pestle.pharmacy.checks.knowledge import Knowledge
from pestle.pharmacy.definition import Source
from pestle.pharmacy.medicines.lookalike import alike
from pestle.pharmacy.record.record import Record

CHECK = "lookalike"
TITLE = "Was its name taken for another?"

_SPELT_ALIKE = Source(title="Pestle: names with two typing errors or fewer between them", verified=True)


def assess(proposed: Proposed, record: Record, *, knowledge: Knowledge, on: date) -> Assessment:
    """A note for each line and each look-alike that the patient has instead."""
    case = asked(proposed, record, knowledge=knowledge, on=on)
    lines, has = case.lines, case.at_hand
    if has is None:
        return Assessment(CHECK, TITLE, (_without_history(),))
    had = frozenset[str]().union(*(each.substances for each in has))
    ordered = frozenset[str]().union(*(each.substances for each in lines))
    found: dict[tuple[str, str | None], Finding] = {}
    for line in lines:
        for mine in sorted(line.substances - had):
            for other, source in _alike(mine, had - ordered, knowledge):
                facts = in_order(each for each in has if other in each.substances)
                each = _finding(line, mine, other, facts, source)
                found.setdefault((each.key, each.line), each)
    return Assessment(CHECK, TITLE, tuple(found.values()))


def _alike(mine: str, others: frozenset[str], knowledge: Knowledge) -> Iterator[tuple[str, Source]]:
    listed = knowledge.look_alikes.of.get(mine, {})
    for other in sorted(others):
        if other in listed:
            yield other, listed[other]
        elif alike(mine, other):
            yield other, _SPELT_ALIKE


def _finding(line: Holding, mine: str, other: str, facts: list[Holding], source: Source) -> Finding:
    return finding(
        CHECK,
        Severity.NOTE,
        rule="has-the-other",
        about=(line.said,),
        what=f"{line.name}: {mine} is new to the patient, who has {other}, a name that looks like it",
        do="See that the one that was ordered is the one that was meant.",
        source=source,
        why=(Fact(f"On this prescription: {line.name}"), *dict.fromkeys(map(fact, facts))),
        lasting=(mine, other),
    )


def _without_history() -> Finding:
    return not_assessed(
        CHECK,
        rule="history",
        what="Look-alike names were not compared with what the patient has",
        because="What the patient was ordered, takes or was supplied is not available",
        do="Ask the patient what they take, and what this is for.",
    )
