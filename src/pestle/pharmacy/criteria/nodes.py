"""Which questions can be asked of a record?

This is all of them: the language is closed, every node is frozen and checks itself at birth, and lists and
observables stand in the nodes as values. `evaluate` answers one for one patient, with the reason; the same
nodes can be turned into a query over many. A node that is given what makes no sense raises ValueError.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from pestle.pharmacy.criteria.lists import ConditionList, MedicineList
from pestle.pharmacy.criteria.span import EVER, Span, SpanUnit, Window
from pestle.pharmacy.record.observable import Observable
from pestle.pharmacy.record.observation import Comparator
from pestle.pharmacy.record.patient import Gender


class AgeUnit(Enum):
    """What an age is counted in, completed."""

    YEARS = "years"
    MONTHS = "months"
    DAYS = "days"


class State(Enum):
    """How a condition stands: recorded at some time, not resolved since, or one the patient has today."""

    EVER = "ever"
    UNRESOLVED = "unresolved"
    ACTIVE = "active"


class Comparison(Enum):
    """How a result stands to a value."""

    BELOW = "below"
    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    ABOVE = "above"

    @property
    def sign(self) -> str:
        """As it is written between numbers."""
        return {"below": "<", "at_most": "≤", "at_least": "≥", "above": ">"}[self.value]


@dataclass(frozen=True, slots=True)
class Age:
    """The patient is at least so old, and below so old."""

    at_least: int | None = None
    below: int | None = None
    unit: AgeUnit = AgeUnit.YEARS

    def __post_init__(self) -> None:
        if self.at_least is None and self.below is None:
            raise ValueError("an age has a bound")
        if (self.at_least or 0) < 0 or (self.below is not None and self.below <= (self.at_least or 0)):
            raise ValueError("an age lies between two that are not negative, the lower one first")


@dataclass(frozen=True, slots=True)
class Sex:
    """The patient's gender as administered is one of these."""

    genders: frozenset[Gender]

    def __post_init__(self) -> None:
        if not self.genders or Gender.UNKNOWN in self.genders:
            raise ValueError("a gender that is not known is asked by nobody")


@dataclass(frozen=True, slots=True)
class Alive:
    """The patient has not died."""


@dataclass(frozen=True, slots=True)
class Registered:
    """The patient is registered with a GP practice; with `practices`, with one of these (ODS codes)."""

    practices: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Taking:
    """The patient has one of these medicines on the day, by an order, a statement or a supply that lasts.

    A supply whose length nobody knows counts for `unknown_lasts` days, unsure. With `or_issued`, an issue
    not longer ago than that counts too.
    """

    medicines: MedicineList
    or_issued: Span | None = None
    unknown_lasts: int = 90


@dataclass(frozen=True, slots=True)
class Issued:
    """One of these medicines was ordered, supplied or given in the window, on at least so many days."""

    medicines: MedicineList
    window: Window
    at_least: int = 1

    def __post_init__(self) -> None:
        _some(self.at_least)


@dataclass(frozen=True, slots=True)
class Stopped:
    """One of these medicines was issued in the window, and the patient has none of them on the day."""

    medicines: MedicineList
    window: Window


@dataclass(frozen=True, slots=True)
class LatestMedicine:
    """The last issue in the window of those in `among` is one of these medicines."""

    medicines: MedicineList
    among: MedicineList
    window: Window


@dataclass(frozen=True, slots=True)
class CoPrescribed:
    """In the window, an issue of one and an issue of the other lie fewer than so many days apart."""

    one: MedicineList
    other: MedicineList
    days: int
    window: Window

    def __post_init__(self) -> None:
        _some(self.days)


@dataclass(frozen=True, slots=True)
class MedicineCount:
    """At least so many different medicines (by their substances) of the list were issued in the window."""

    medicines: MedicineList
    at_least: int
    window: Window

    def __post_init__(self) -> None:
        _some(self.at_least)


@dataclass(frozen=True, slots=True)
class HasCondition:
    """A condition of the list was recorded in the window, and stands so.

    UNRESOLVED: the last of them has not ended, and nothing of `resolved_by` was recorded on its day or later.
    """

    conditions: ConditionList
    state: State
    window: Window = EVER
    resolved_by: ConditionList | None = None

    def __post_init__(self) -> None:
        if self.resolved_by is not None and self.state is not State.UNRESOLVED:
            raise ValueError("only “unresolved” asks what resolves it")


@dataclass(frozen=True, slots=True)
class LatestCondition:
    """The last condition in the window of those in `among` is one of these."""

    conditions: ConditionList
    among: ConditionList
    window: Window = EVER


@dataclass(frozen=True, slots=True)
class Tested:
    """At least so many results of any of these kinds lie in the window, whatever they were; the first and the
    last of them at least so many days `apart`."""

    observables: tuple[Observable, ...]
    window: Window
    at_least: int = 1
    apart: int = 0

    def __post_init__(self) -> None:
        _some(self.at_least)
        if self.apart and self.at_least == 1:
            raise ValueError("one result lies apart from no other")
        if not self.observables:
            raise ValueError("what was tested has a name")


@dataclass(frozen=True, slots=True)
class ResultIs:
    """The latest result in the window stands so to the value, in the observable's unit.

    `as_written`: by its number alone, whatever comparator was written before it, as some published measures
    read it. Never in a check.
    """

    observable: Observable
    comparison: Comparison
    value: Fraction
    window: Window = EVER
    as_written: bool = False

    def __post_init__(self) -> None:
        if self.observable.unit is None:
            raise ValueError("only what is measured can be compared")


@dataclass(frozen=True, slots=True)
class WrittenWith:
    """The latest result in the window was written with one of these comparators before its number."""

    observable: Observable
    comparators: frozenset[Comparator]
    window: Window = EVER

    def __post_init__(self) -> None:
        if self.observable.unit is None or not self.comparators:
            raise ValueError("only what is measured is written with a comparator")


@dataclass(frozen=True, slots=True)
class ResultChanged:
    """The latest result in the window is more than so many per cent above the lowest before it in the window
    (`rise`), or below the highest."""

    observable: Observable
    rise: bool
    per_cent: Fraction
    window: Window

    def __post_init__(self) -> None:
        if self.observable.unit is None or self.per_cent <= 0:
            raise ValueError("a change is that of something measured, by more than nothing")


@dataclass(frozen=True, slots=True)
class AnswerIs:
    """The latest answer in the window is this one."""

    observable: Observable
    answer: str
    window: Window = EVER

    def __post_init__(self) -> None:
        if self.answer not in (self.observable.answers or {}):
            raise ValueError("the answer is one that the observable has")


@dataclass(frozen=True, slots=True)
class TestedAtStart:
    """A result of any of these kinds lies on or after the first issue of these medicines.

    With `before`: between so long before that first issue and its day.
    """

    observables: tuple[Observable, ...]
    medicines: MedicineList
    before: Span | None = None

    def __post_init__(self) -> None:
        if not self.observables:
            raise ValueError("what was tested has a name")


@dataclass(frozen=True, slots=True)
class Kidneys:
    """By which kinds of result the clearance of creatinine is known: as reported, else worked out."""

    reported: Observable
    creatinine: Observable
    weight: Observable


@dataclass(frozen=True, slots=True)
class ClearanceIs:
    """The clearance of creatinine stands so to the value, in mL/min; see `criteria.clearance`."""

    kidneys: Kidneys
    comparison: Comparison
    value: Fraction


@dataclass(frozen=True, slots=True)
class TestedByClearance:
    """A result of any of these kinds lies in the last `days` days for each mL/min of the clearance."""

    kidneys: Kidneys
    observables: tuple[Observable, ...]
    days: int

    def __post_init__(self) -> None:
        _some(self.days)
        if not self.observables:
            raise ValueError("what was tested has a name")


@dataclass(frozen=True, slots=True)
class AllOf:
    """All of these."""

    of: tuple[Criterion, ...]

    def __post_init__(self) -> None:
        _several(self.of)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of these."""

    of: tuple[Criterion, ...]

    def __post_init__(self) -> None:
        _several(self.of)


@dataclass(frozen=True, slots=True)
class AtLeast:
    """At least so many of these."""

    number: int
    of: tuple[Criterion, ...]

    def __post_init__(self) -> None:
        _several(self.of)
        if not 1 <= self.number <= len(self.of):
            raise ValueError("at least so many are not more than there are")


@dataclass(frozen=True, slots=True)
class Not:
    """Not this."""

    of: Criterion


@dataclass(frozen=True, slots=True)
class Earlier:
    """This, asked so long before the day: as it could have been told then."""

    by: Span
    of: Criterion


@dataclass(frozen=True, slots=True)
class Surely:
    """This for certain: what nobody can tell counts as out, as published measures do. Never in a check."""

    of: Criterion


Criterion = (
    Age
    | Sex
    | Alive
    | Registered
    | Taking
    | Issued
    | Stopped
    | LatestMedicine
    | CoPrescribed
    | MedicineCount
    | HasCondition
    | LatestCondition
    | Tested
    | ResultIs
    | WrittenWith
    | ResultChanged
    | AnswerIs
    | TestedAtStart
    | ClearanceIs
    | TestedByClearance
    | AllOf
    | AnyOf
    | AtLeast
    | Not
    | Earlier
    | Surely
)


def days(number: int) -> Window:
    """The last so many days."""
    return Window(Span(number, SpanUnit.DAYS))


def months(number: int) -> Window:
    """The last so many months."""
    return Window(Span(number, SpanUnit.MONTHS))


def _some(number: int) -> None:
    if number < 1:
        raise ValueError("a count begins at one")


def _several(of: tuple[Criterion, ...]) -> None:
    if not of:
        raise ValueError("there is at least one condition to combine")
