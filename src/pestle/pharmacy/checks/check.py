"""What does a check look at, and how does it say what it found?

A check is a pure function ``assess(proposed, record, *, knowledge, on) -> Assessment``. `Proposed` is the
prescription as the bench understands it; `Record` is what is known of the patient. What was not
understood stays None, and a check that needs it answers *not assessed*.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from pestle.pharmacy.checks.finding import Fact, Finding, Severity
from pestle.pharmacy.definition import Source
from pestle.pharmacy.dosage.dose import Dosage
from pestle.pharmacy.quantity import Quantity
from pestle.pharmacy.record.medication import (
    ControlledDrugStatement,
    CourseOfTherapy,
    Medication,
    MedicationOrder,
    MedicationStatement,
    MedicationSupply,
)

PESTLE = Source(title="Pestle: a check that lacks a fact says so", verified=True)


@dataclass(frozen=True, slots=True)
class ProposedLine:
    """One line that is to be supplied.

    `line` is the line item id. `dosage` is what the instruction was understood to say, None when it was not.
    `days_supply` is how many days the quantity lasts by it, None when that could not be worked out.
    `controlled` is what the message itself says; `issue_number` counts the issues from 1.
    """

    line: str
    medication: Medication
    dosage: Dosage | None = None
    quantity: Quantity | None = None
    days_supply: Decimal | None = None
    controlled: ControlledDrugStatement | None = None
    course: CourseOfTherapy | None = None
    issue_number: int | None = None


@dataclass(frozen=True, slots=True)
class Proposed:
    """A prescription. `signed_on` and `starts_on` are UK calendar dates; None: not stated.

    `made` is where `asked` keeps what it made ready for it.
    """

    lines: tuple[ProposedLine, ...]
    signed_on: date | None = None
    starts_on: date | None = None
    made: list[object] = field(default_factory=list, init=False, compare=False, repr=False)


Item = ProposedLine | MedicationOrder | MedicationStatement | MedicationSupply


def finding(
    check: str,
    severity: Severity,
    *,
    rule: str,
    about: tuple[Item, ...],
    what: str,
    do: str,
    source: Source,
    why: tuple[Fact, ...],
    lasting: tuple[str, ...] | None = None,
) -> Finding:
    """A finding about the lines and supplies in `about`; it stands at the line if there is only one line.

    `lasting` is what the key is made of where neither the products nor the words of the facts are what
    matters: the two substances of a pair, whichever supply says that the patient has one of them.
    """
    if lasting is None:
        key = _key(check, rule, severity, _medicines(about), list(map(_told, why)))
    else:
        key = _key(check, rule, severity, [], list(lasting))
    return Finding(
        check=check,
        rule=rule,
        key=key,
        severity=severity,
        what=what,
        do=do,
        source=source,
        why=why,
        line=_line(about),
    )


def not_assessed(
    check: str,
    *,
    rule: str,
    about: tuple[Item, ...] = (),
    what: str,
    because: str,
    do: str,
    source: Source = PESTLE,
    why: tuple[Fact, ...] = (),
) -> Finding:
    """What could not be assessed, because of what, and what would make it known."""
    key = _key(check, rule, Severity.NOT_ASSESSED, _medicines(about), [because, *map(_told, why)])
    return Finding(
        check=check,
        rule=rule,
        key=key,
        severity=Severity.NOT_ASSESSED,
        what=what,
        do=do,
        source=source,
        why=why,
        line=_line(about),
        because=because,
    )


def _told(fact: Fact) -> str:
    return f"{fact.text} {fact.on or ''}"


def _line(about: tuple[Item, ...]) -> str | None:
    lines = [item.line for item in about if isinstance(item, ProposedLine)]
    return lines[0] if len(lines) == 1 else None


def _medicines(about: tuple[Item, ...]) -> list[str]:
    return sorted(called(item.medication) for item in about)


def _key(check: str, rule: str, severity: Severity, medicines: list[str], facts: list[str]) -> str:
    # Neither line ids nor today's date: the same facts keep their key on the next issue and tomorrow.
    # Two lines of one product therefore share a key; (key, line) is unique within one prescription.
    told = json.dumps([check, rule, severity.value, medicines, sorted(facts)], ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def called(medication: Medication) -> str:
    """By what a key tells a medicine from another: the product's id, else the name as written."""
    return medication.product.id if medication.product else medication.written.text.casefold()
