"""What does a check look at, and how does it say what it found?

A check is a pure function ``assess(proposed, record, *, knowledge, on) -> Assessment``. `Proposed` is the
prescription as the bench understands it; `RecordView` is what is known of the patient. What was not
understood stays None, and a check that needs it answers *not assessed*.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pestle.pharmacy.checks.finding import Fact, Finding, Severity
from pestle.pharmacy.definition import Source
from pestle.pharmacy.medicines.concept import Product
from pestle.pharmacy.quantity import Quantity
from pestle.pharmacy.record.allergy import AllergyRecord
from pestle.pharmacy.record.medication import ControlledDrugStatement, CourseOfTherapy
from pestle.pharmacy.record.patient import Patient

PESTLE = Source(title="Pestle: a check that lacks a fact says so", verified=True)


@dataclass(frozen=True, slots=True)
class ProposedLine:
    """One line that is to be supplied.

    `line` is the line item id and `written` the medicine as prescribed. `product` is what it was matched
    to (None: not matched) and `generic` the VMP behind an AMP. `days_supply` is how many days the quantity
    lasts by the instruction, None when that could not be worked out. `controlled` is what the message
    itself says; `issue_number` counts the issues of repeat dispensing from 1.
    """

    line: str
    written: str
    product: Product | None = None
    generic: Product | None = None
    quantity: Quantity | None = None
    days_supply: Decimal | None = None
    controlled: ControlledDrugStatement | None = None
    course: CourseOfTherapy | None = None
    issue_number: int | None = None


@dataclass(frozen=True, slots=True)
class Proposed:
    """A prescription. `signed_on` and `starts_on` are UK calendar dates; None: not stated."""

    lines: tuple[ProposedLine, ...]
    signed_on: date | None = None
    starts_on: date | None = None


@dataclass(frozen=True, slots=True)
class Supply:
    """A medicine that was supplied before: what, when, for how many days (None: not known), says who."""

    written: str
    on: date
    product: Product | None = None
    generic: Product | None = None
    days_supply: Decimal | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class RecordView:
    """What is known of the patient. `supplies` holds earlier supplies, not this prescription's own;
    None means that the history is not available, which is not the same as empty."""

    patient: Patient
    allergies: AllergyRecord
    supplies: tuple[Supply, ...] | None


def products(item: ProposedLine | Supply) -> tuple[Product, ...]:
    """What is known of the medicine, the product itself before its generic."""
    return tuple(product for product in (item.product, item.generic) if product is not None)


def name(item: ProposedLine | Supply) -> str:
    """What to call the medicine: the matched product's name, else as written."""
    return item.product.name if item.product else item.written


def finding(
    check: str,
    severity: Severity,
    *,
    rule: str,
    about: tuple[ProposedLine | Supply, ...],
    what: str,
    do: str,
    source: Source,
    why: tuple[Fact, ...],
) -> Finding:
    """A finding about the lines and supplies in `about`; it stands at the line if there is only one line."""
    key = _key(check, rule, severity, about, list(map(_told, why)))
    return Finding(
        check=check, key=key, severity=severity, what=what, do=do, source=source, why=why, line=_line(about)
    )


def not_assessed(
    check: str,
    *,
    rule: str,
    about: tuple[ProposedLine | Supply, ...] = (),
    what: str,
    because: str,
    do: str,
    source: Source = PESTLE,
    why: tuple[Fact, ...] = (),
) -> Finding:
    """What could not be assessed, because of what, and what would make it known."""
    key = _key(check, rule, Severity.NOT_ASSESSED, about, [because, *map(_told, why)])
    return Finding(
        check=check,
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


def _line(about: tuple[ProposedLine | Supply, ...]) -> str | None:
    lines = [item.line for item in about if isinstance(item, ProposedLine)]
    return lines[0] if len(lines) == 1 else None


def _key(
    check: str, rule: str, severity: Severity, about: tuple[ProposedLine | Supply, ...], facts: list[str]
) -> str:
    # Neither line ids nor today's date: the same facts keep their key on the next issue and tomorrow.
    # Two lines of one product therefore share a key; (key, line) is unique within one prescription.
    medicines = sorted(item.product.id if item.product else item.written.casefold() for item in about)
    told = json.dumps([check, rule, severity.value, medicines, sorted(facts)], ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()[:32]
