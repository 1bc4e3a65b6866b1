"""On which part of the days was there medicine to take, by what was supplied or issued?

The proportion of days covered (`calculators.days_covered`): days with a supply ÷ days from the first fill of
the period to its end, both included; a fill that comes early is carried forward; never above 1. Strengths and
brands of one moiety are one medicine: each product's fills are carried forward by themselves, and a day is
covered when any of them covers it. At least two fills on different days are needed, the first so long before
the end, or nobody can tell. It says what was supplied, not what was taken; of what is taken when needed, or
lasts nobody knows how long, nothing is said.

Source: Pharmacy Quality Alliance, as described by Nau DP, Proportion of days covered (PDC) as a preferred
method of measuring medication adherence, PQA 2012; two fills and 91 days are recalled, unverified.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

from pestle.pharmacy.calculators.days_covered import covered_days
from pestle.pharmacy.criteria.span import Span
from pestle.pharmacy.record.lasts import days_of
from pestle.pharmacy.record.medication import Medication, MedicationOrder
from pestle.pharmacy.record.record import Record

_DAY = timedelta(days=1)
# How FHIR writes one issue of a plan.
ISSUE = "instance-order"


@dataclass(frozen=True, slots=True)
class CoveredPolicy:
    """Below so many per cent a medicine is not covered; how long the period is, and what it needs."""

    below: int
    period: Span
    least_days: int
    least_fills: int


@dataclass(frozen=True, slots=True)
class Fill:
    """One supply or issue: of what, on which day, for how many days (None: not known)."""

    medication: Medication
    on: date
    days: Decimal | None


@dataclass(frozen=True, slots=True)
class Covered:
    """`covered` of `days` days, from the first of `fills` fills in the period to its end."""

    medicine: str
    covered: int
    days: int
    fills: int
    since: date
    until: date

    @property
    def per_cent(self) -> Fraction:
        """The proportion, exactly, in per cent."""
        return Fraction(self.covered * 100, self.days)

    def below(self, policy: CoveredPolicy) -> bool:
        """Whether it is less than the practice asks for."""
        return self.per_cent < policy.below


@dataclass(frozen=True, slots=True)
class NotTold:
    """Why nobody can tell."""

    medicine: str
    because: str


def fills(record: Record) -> tuple[Fill, ...] | None:
    """What was supplied, in order, or, where no supply is on record, what a practice issued; None where
    neither could be read."""
    found = [Fill(each.medication, each.on, each.days_supply) for each in record.supplies or ()]
    if not found:
        found = [
            _issued(each) for each in record.orders or () if each.request.intent == ISSUE and each.starts
        ]
    if not found and record.supplies is None and record.orders is None:
        return None
    return tuple(sorted(found, key=lambda fill: fill.on))


def _issued(order: MedicationOrder) -> Fill:
    assert order.starts is not None
    return Fill(order.medication, order.starts.last, days_of(order))


def days_covered(
    medication: Medication, filled: Iterable[Fill], policy: CoveredPolicy, *, on: date
) -> Covered | NotTold:
    """The proportion for a medicine, in the period up to the day before."""
    until, key = on - _DAY, same_medicine(medication)
    first_day = policy.period.before(on)
    of_it = [fill for fill in filled if same_medicine(fill.medication) == key]
    inside = [fill for fill in of_it if first_day <= fill.on <= until]
    name = medication.name
    if not inside:
        period = f"{first_day:%d-%b-%Y} and {until:%d-%b-%Y}"
        return NotTold(name, f"No supply of it between {period} is on record")
    unknown = [fill for fill in inside if fill.days is None or fill.days < 1]
    if unknown:
        return NotTold(name, f"For how many days the supply of {unknown[0].on:%d-%b-%Y} lasts is not known")
    on_days = {fill.on for fill in inside}
    if len(on_days) < policy.least_fills:
        return NotTold(name, f"{len(on_days)} of the {policy.least_fills} supplies that are needed to tell")
    since = min(on_days)
    days = (until - since).days + 1
    if days < policy.least_days:
        return NotTold(
            name, f"The first supply is {days} of the {policy.least_days} days ago that are needed"
        )
    covered = set().union(*(covered_days(each, until, carried=True) for each in _by_product(inside)))
    return Covered(name, len(covered), days, len(inside), since, until)


def same_medicine(medication: Medication) -> str:
    """By what supplies are told to be of one medicine: the moiety, else the product, else the words."""
    for product in medication.products:
        if product.moiety_key:
            return product.moiety_key
    return medication.product.id if medication.product else medication.written.text.casefold()


def _by_product(inside: list[Fill]) -> Iterator[list[tuple[date, int]]]:
    by: dict[str, dict[date, Decimal]] = {}
    for fill in inside:
        assert fill.days is not None
        generic = fill.medication.generic or fill.medication.product
        of = by.setdefault(generic.id if generic else fill.medication.written.text, {})
        # Two packs of one day are one fill that lasts for both.
        of[fill.on] = of.get(fill.on, Decimal(0)) + fill.days
    for days in by.values():
        yield [(on, int(many.to_integral_value(ROUND_FLOOR))) for on, many in sorted(days.items())]
