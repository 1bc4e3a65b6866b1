"""Is the instruction one that can be believed?

Asked of every medicine, whether or not there are limits for its dose: an amount, a number of times or a
length beyond what is given in practice, a maximum below what is to be taken, a range that runs backwards, a
minus, and a structure that says something else than its words. The label would carry the prescriber's own
words, so somebody has to find out what is meant first. An instruction that is not understood for another
reason is *not assessed* by `supply`, and by every check that needs it.

Source: `pestle.pharmacy.dosage.limits` and `pestle.pharmacy.dosage.agree`, whose rules each finding names.
"""

from __future__ import annotations

from datetime import date

from pestle.pharmacy.checks.asked import asked
from pestle.pharmacy.checks.check import PESTLE, Proposed, finding
from pestle.pharmacy.checks.finding import Assessment, Fact, Severity
from pestle.pharmacy.checks.knowledge import Knowledge
from pestle.pharmacy.record.record import Record

CHECK = "instruction"
TITLE = "Can the instruction be believed?"

_NOT_BELIEVED = frozenset({
    "dosage.max-below-regular",
    "dosage.minus",
    "dosage.nothing-at-once",
    "dosage.range-reversed",
    "dosage.text-and-structure-disagree",
    "dosage.too-long",
    "dosage.too-much-at-once",
    "dosage.too-often",
})  # fmt: skip


def assess(proposed: Proposed, record: Record, *, knowledge: Knowledge, on: date) -> Assessment:
    """A finding for each line whose instruction was read and is not believed."""
    case = asked(proposed, record, knowledge=knowledge, on=on)
    found = []
    for line in proposed.lines:
        refusal = case.reading(line.dosage).refusal if line.dosage is not None else None
        if line.dosage is None or refusal is None or refusal.rule not in _NOT_BELIEVED:
            continue
        found.append(
            finding(
                CHECK,
                Severity.INTERRUPT,
                rule=refusal.rule.removeprefix("dosage."),
                about=(line,),
                what=f"{line.medication.name}: the instruction is not believed. {refusal.reason}",
                do="Ask the prescriber what is meant; the label would carry their own words.",
                source=PESTLE,
                why=(Fact(f"Instruction: {line.dosage.text or 'in its structure only'}"),),
            )
        )
    return Assessment(CHECK, TITLE, tuple(found))
