"""What does this observation say, in the unit in which its kind is compared?

A result that has no unit, a unit that is not known here, or a value outside what is plausible is no result:
that is said, and never guessed at. A result written "< 5" keeps its comparator: the true value lies below 5,
and a comparison with it may have no answer. Source: FHIR R4 Observation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.quantity import UCUM, Quantity, decimal
from pestle.pharmacy.record.moment import PartialDate, whole
from pestle.pharmacy.record.observable import Observable, folded_unit, folded_words
from pestle.pharmacy.record.observation import Comparator, Component, Observation, Value
from pestle.pharmacy.refusal import Refused


@dataclass(frozen=True, slots=True)
class Result:
    """One usable result. `value` is in the observable's unit, exactly; or `answer` is what was answered.

    Both are None where it is only known that it was done. `written` is the result as sent.
    """

    observable: Observable
    taken: PartialDate
    observation: Observation
    written: str
    value: Fraction | None = None
    comparator: Comparator | None = None
    answer: str | None = None

    def compare(self, to: Fraction) -> Order:
        """On which sides of `to` the true value can lie."""
        if self.value is None:
            return Order(below=True, equal=True, above=True)
        down = self.comparator in (Comparator.LESS, Comparator.AT_MOST)
        up = self.comparator in (Comparator.MORE, Comparator.AT_LEAST)
        itself = self.comparator not in (Comparator.LESS, Comparator.MORE)
        above, below = self.value > to, self.value < to
        return Order(
            below=below or down,
            equal=(self.value == to and itself) or (above and down) or (below and up),
            above=above or up,
        )


@dataclass(frozen=True, slots=True)
class Order:
    """Where the true value can lie, compared with another one; at least one is True."""

    below: bool
    equal: bool
    above: bool


class Why(Enum):
    """Why there is no result."""

    NOT_ON_RECORD = "no results are on record"
    NONE = "none is on file"
    OLD = "the last one is too old"
    NO_DATE = "it has no date"
    UNIT = "its unit is not known here"
    IMPLAUSIBLE = "its value is not plausible"
    NOT_UNDERSTOOD = "it could not be read"
    SEVERAL = "several of one day differ, and nobody knows which was the last"


@dataclass(frozen=True, slots=True)
class NoResult:
    """Why there is no result to use; `words` say it, `taken` and `observation` where there is a result."""

    observable: Observable
    why: Why
    words: str
    taken: PartialDate | None = None
    observation: Observation | None = None


Found = Result | NoResult


def number(value: Fraction) -> str:
    """A value as it is shown: exact where it can be, else to three places."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    if Fraction(exact) != value:
        exact = round(exact, 3)
    text = f"{exact:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def said(found: Found) -> str:
    """A result in words: ``Potassium 5.6 mmol/L``, with what was written where that was another unit."""
    if isinstance(found, NoResult):
        return found.words
    title = found.observable.title
    if found.value is None:
        return f"{title}: {found.answer or found.written or 'done'}"
    sign = f"{found.comparator.value} " if found.comparator else ""
    text = f"{title} {sign}{number(found.value)} {found.observable.unit}".rstrip()
    same = folded_unit(found.written) == folded_unit(f"{sign}{number(found.value)}{found.observable.unit}")
    return text if same or not found.written else f"{text} (written {found.written})"


def read(part: Observation | Component, observation: Observation, observable: Observable) -> Found:
    """An observation, or one of its components, as a result of the kind; or why it is none."""
    written = _as_written(part.value, part.comparator)

    def cannot(why: Why, words: str) -> NoResult:
        return NoResult(observable, why, words, taken_on(observation), observation)

    taken = taken_on(observation)
    if taken is None:
        return cannot(Why.NO_DATE, f"{observable.title} {written} has no date")
    if observable.units is None:
        answer = answer_of(part.value, observable)
        if observable.answers is not None and answer is None:
            return cannot(Why.NOT_UNDERSTOOD, f"{observable.title} “{written}” is no answer known here")
        return Result(observable, taken, observation, written, answer=answer)
    read = measured(part.value, part.comparator)
    if read is None:
        return cannot(Why.NOT_UNDERSTOOD, f"{observable.title} “{written}” is not a measured value")
    amount, units, comparator = read
    conversion = next(
        (observable.units[unit] for unit in map(folded_unit, units) if unit in observable.units), None
    )
    if conversion is None:
        unit = f"unit “{units[0]}” is not known" if units and units[0] else "unit was not said"
        return cannot(Why.UNIT, f"{observable.title} {written} of {taken.words} was not used: its {unit}")
    value = conversion.of(amount)
    if (observable.low is not None and value < observable.low and comparator not in _UPWARD) or (
        observable.high is not None and value > observable.high
    ):
        return cannot(
            Why.IMPLAUSIBLE,
            f"{observable.title} {written} of {taken.words} was not used: it is not plausible",
        )
    return Result(observable, taken, observation, written, value, comparator)


_UPWARD = (Comparator.MORE, Comparator.AT_LEAST)
_IN_WORDS = re.compile(r"\s*(<=|>=|<|>|≤|≥)?\s*([0-9][0-9,]*(?:\.[0-9]+)?)\s*(.*)", re.DOTALL)
_COMPARATORS = {each.value: each for each in Comparator} | {"≤": Comparator.AT_MOST, "≥": Comparator.AT_LEAST}


def measured(
    value: Value | None, comparator: Comparator | None
) -> tuple[Fraction, list[str], Comparator | None] | None:
    """The number, the names of its unit, and the comparator; words such as ``< 5 mg/L`` are read too."""
    if isinstance(value, Quantity):
        units = [value.unit.code] if value.unit.system == UCUM and value.unit.code else []
        return Fraction(value.value), [*units, value.unit.text], comparator
    if not isinstance(value, str):
        return None
    match = _IN_WORDS.fullmatch(value)
    if match is None or (comparator is not None and match[1]):
        return None
    try:
        amount = decimal(match[2], place="value")
    except Refused:
        return None
    return Fraction(amount), [match[3].strip()], _COMPARATORS.get(match[1] or "", comparator)


def answer_of(value: Value | None, observable: Observable) -> str | None:
    """Which of the observable's answers a value in words, a code, or yes and no means; None where none."""
    words: tuple[str, ...] = ()
    if isinstance(value, bool):
        words = ("yes",) if value else ("no",)
    elif isinstance(value, Coded):
        words = (value.text, value.code or "")
    elif isinstance(value, str):
        words = (value,)
    folded = {folded_words(word) for word in words if word}
    return next((name for name, means in (observable.answers or {}).items() if folded & means), None)


def _as_written(value: Value | None, comparator: Comparator | None) -> str:
    if isinstance(value, Quantity):
        sign = f"{comparator.value} " if comparator else ""
        # A pure number has the unit 1 (UCUM), which nobody says.
        unit = "" if (value.unit.system, value.unit.code) == (UCUM, "1") else value.unit.text
        return f"{sign}{value.value:f} {unit}".rstrip()
    if isinstance(value, Coded):
        return value.text
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value or ""


def taken_on(observation: Observation) -> PartialDate | None:
    """The day of an observation: as written, else that of its moment."""
    if observation.taken is not None:
        return observation.taken
    moment = observation.taken_at or observation.provenance.happened_at
    return whole(moment.date()) if moment else None
