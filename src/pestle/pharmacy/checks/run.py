"""Which checks are there, and what do they say together?

`CHECKS` is the one table. A check that breaks is itself *not assessed*: its place is never empty.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from pestle.pharmacy.checks import (
    allergy,
    controlled,
    doac,
    dose,
    duplicate,
    form,
    instruction,
    interaction,
    lookalike,
    monitoring,
    renal,
    rule,
    supply,
)
from pestle.pharmacy.checks.check import Proposed, not_assessed
from pestle.pharmacy.checks.finding import Assessment
from pestle.pharmacy.checks.knowledge import Knowledge
from pestle.pharmacy.checks.known.rule import Question
from pestle.pharmacy.record.record import Record


@dataclass(frozen=True, slots=True)
class Check:
    """A check by its name and its question; `assess` is called ``(proposed, record, knowledge=, on=)``."""

    name: str
    title: str
    assess: Callable[..., Assessment]


CHECKS = (
    Check(allergy.CHECK, allergy.TITLE, allergy.assess),
    Check(interaction.CHECK, interaction.TITLE, interaction.assess),
    Check(duplicate.CHECK, duplicate.TITLE, duplicate.assess),
    Check(instruction.CHECK, instruction.TITLE, instruction.assess),
    Check(dose.CHECK, dose.TITLE, dose.assess),
    Check(renal.CHECK, renal.TITLE, renal.assess),
    Check(doac.CHECK, doac.TITLE, doac.assess),
    Check(form.CHECK, form.TITLE, form.assess),
    Check(supply.CHECK, supply.TITLE, supply.assess),
    *(Check(each.value, rule.TITLES[each], rule.ASSESS[each]) for each in Question),
    Check(monitoring.CHECK, monitoring.TITLE, monitoring.assess),
    Check(lookalike.CHECK, lookalike.TITLE, lookalike.assess),
    Check(controlled.CHECK, controlled.TITLE, controlled.assess),
)

# What a pharmacist looks for and no check here answers. Said on the screen: silence is not safety.
NOT_COVERED = (
    "food and alcohol",
    "what may be mixed or infused together, and how fast",
    "genes",
)


def assess_all(
    proposed: Proposed,
    record: Record,
    *,
    knowledge: Knowledge,
    on: date,
    checks: tuple[Check, ...] = CHECKS,
) -> tuple[Assessment, ...]:
    """One assessment from every check, in the order of the table. Raises nothing that a check raises."""
    return tuple(_answer(check, proposed, record, knowledge, on) for check in checks)


def _answer(check: Check, proposed: Proposed, record: Record, knowledge: Knowledge, on: date) -> Assessment:
    try:
        return check.assess(proposed, record, knowledge=knowledge, on=on)
    except Exception as error:
        # The type only: an exception's words may hold what is known of the patient.
        failed = not_assessed(
            check.name,
            rule="failed",
            what=f"“{check.title}” was not answered",
            because=f"The check failed ({type(error).__name__})",
            do="Check this by hand, and report the failure.",
        )
        return Assessment(check.name, check.title, (failed,))
