"""May a Schedule 2 or 3 medicine be signed, and what does its prescription say that others do not?

The total quantity in words as well as figures, no repeat dispensing, valid for 28 days, and a reason for more
than the 30 days of good practice: each by the definition ``checks/controlled/*.yaml`` that names its source.
Who may prescribe one is `PRESCRIBES`, which nobody has compared with the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from pestle.pharmacy.checks.known.controlled import ControlledRule
from pestle.pharmacy.checks.number_words import words_of
from pestle.pharmacy.law import KnownFrom, Law
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.practice.medicines_list import SHORTEST
from pestle.pharmacy.quantity import Quantity, counted, plain
from pestle.pharmacy.record.medication import ControlledDrugStatement, CourseOfTherapy, Medication
from pestle.pharmacy.refusal import Refusal

PRESCRIBES = Law(
    "A Schedule 2 or 3 drug is prescribed by a doctor, a dentist, or a nurse or pharmacist who is an"
    " independent prescriber; independent prescribers of other professions may prescribe a short list only."
    " Cocaine, diamorphine and dipipanone for addiction need a licence of the doctor",
    "Misuse of Drugs Regulations 2001 (SI 2001/3998), regulations 6B and 6C",
    KnownFrom.MEMORY,
)
_SCHEDULES = frozenset({2, 3})
# The registers of doctors, dentists, pharmacists (also of Northern Ireland) and nurses.
_BODIES = frozenset({"GMC", "GDC", "GPHC", "PSNI", "NMC"})
_NO_PRESCRIBERS = (Role.TECHNICIAN, Role.ACCURACY_CHECKER)


@dataclass(frozen=True, slots=True)
class Controlled:
    """A Schedule 2 or 3 medicine as it is to be signed; `days` is None where it cannot be told how long it
    lasts."""

    name: str
    schedule: int
    quantity: Quantity | None
    days: Decimal | None
    course: CourseOfTherapy

    @property
    def statement(self) -> ControlledDrugStatement:
        """What the prescription says of it, the quantity in words as its figures are."""
        words = words_of(self.quantity.value) if self.quantity and _can_be_written(self.quantity) else ""
        return ControlledDrugStatement(f"CD{self.schedule}", words)

    @property
    def total(self) -> str:
        """“28 (twenty eight) tablets”; empty where no quantity can be written."""
        if self.quantity is None or not self.statement.quantity_words:
            return ""
        unit = counted(self.quantity.unit.text, self.quantity.value)
        return f"{plain(self.quantity.value)} ({self.statement.quantity_words}) {unit}"

    def valid_until(self, rule: ControlledRule, *, signed_on: date) -> date | None:
        """The last day on which it may be supplied, by the rule of validity."""
        return None if rule.days is None else signed_on + timedelta(days=rule.days)

    def longer_than(self, rule: ControlledRule) -> bool:
        """Whether it lasts for more days than is good practice, or for nobody knows how many."""
        return self.schedule in rule.schedules and (
            self.days is None or (rule.days is not None and self.days > rule.days)
        )


def controlled(
    medication: Medication, *, quantity: Quantity | None, days: Decimal | None, course: CourseOfTherapy
) -> Controlled | None:
    """The medicine, where the dictionary says that it is of Schedule 2 or 3."""
    category = next((one.controlled for one in medication.products if one.controlled), None)
    schedule = category.schedule if category else None
    if schedule not in _SCHEDULES:
        return None
    return Controlled(medication.name, schedule, quantity, days, course)


def signing_refusals(
    one: Controlled, rules: Mapping[str, ControlledRule], *, reason: str, by: Person
) -> Iterator[Refusal]:
    """Everything for which it is not signed: ``controlled.prescriber``, ``controlled.repeat-dispensing``,
    ``controlled.no-quantity``, ``controlled.no-reason``. `rules` are those of the checks by name."""
    named = f"{one.name} is a Schedule {one.schedule} drug"
    if not may_prescribe(by):
        theirs = f"{named}, and your register or role is not one of those who prescribe it"
        yield Refusal(
            "controlled.prescriber",
            theirs,
            way_out="Ask a doctor, or a nurse or pharmacist who prescribes, to sign it.",
        )
    barred = rules["repeat_dispensing"].schedules
    if one.course is CourseOfTherapy.REPEAT_DISPENSING and one.schedule in barred:
        yield Refusal("controlled.repeat-dispensing", f"{named}: it is never on repeat dispensing",
                      way_out="Make it a repeat or an acute line.")  # fmt: skip
    if not one.total:
        yield Refusal("controlled.no-quantity", f"{named}: no quantity can be written in words", "quantity")
    if one.longer_than(rules["supply_days"]) and len(reason.strip()) < SHORTEST:
        lasts = (
            "it is not known how long it lasts" if one.days is None else f"it lasts {plain(one.days)} days"
        )
        asked = f"{named} and {lasts}; good practice is up to {rules['supply_days'].days} days"
        yield Refusal("controlled.no-reason", f"{asked}: say why", "reason")


def may_prescribe(by: Person) -> bool:
    """Whether somebody who prescribes may prescribe these, as far as we know of their profession: by their
    register where one is recorded, else by the role that they hold beside that of a prescriber."""
    if not by.has(Role.PRESCRIBER):
        return False
    if by.registration is not None and by.registration.body.strip().upper() not in _BODIES:
        return False
    return by.has(Role.PHARMACIST, Role.NURSE) or not by.has(*_NO_PRESCRIBERS)


def _can_be_written(quantity: Quantity) -> bool:
    return 0 < quantity.value < 1_000_000
