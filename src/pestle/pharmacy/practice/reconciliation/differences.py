"""In what do two lines about one medicine differ?

What is compared is the meaning: the product, then what the directions come to. What a line does not say is no
difference, and what cannot be compared is said with its reason: two lines are the same only where everything
that was compared is.

Of a medicine that is kept on one product (`careful`) the brand and strength are compared as written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from pestle.pharmacy.dosage.dose import Bounds, DosageStep
from pestle.pharmacy.dosage.phases import phases_read
from pestle.pharmacy.dosage.rate import course_days, decimal_of, times_per_day
from pestle.pharmacy.dosage.supply import CannotTell
from pestle.pharmacy.dosage.units import MASS, unit_word
from pestle.pharmacy.medicines.equivalence import Bar
from pestle.pharmacy.medicines.substances import Substances
from pestle.pharmacy.practice.reconciliation.amount import Taken, counted_alike, taken, values
from pestle.pharmacy.practice.reconciliation.line import ListLine
from pestle.pharmacy.quantity import plain

MODIFIED = "modified-release"


class Kind(Enum):
    """What differs; the value says it to a person."""

    SUBSTANCE = "the substance or its salt"
    ROUTE = "the route"
    RELEASE = "modified or immediate release"
    FORM = "the form"
    STRENGTH = "the strength"
    BRAND = "the brand"
    DOSE = "the dose"
    FREQUENCY = "how often"
    AS_NEEDED = "regular or when required"
    TIME = "the time of day"
    LENGTH = "how long"
    COUNT = "how many each time"
    UNCLEAR = "what cannot be compared"


# Differences of the product alone, where what the patient takes comes to the same.
OF_THE_PRODUCT = frozenset({Kind.FORM, Kind.STRENGTH, Kind.BRAND})
OF_THE_DOSE = frozenset({Kind.DOSE, Kind.FREQUENCY, Kind.AS_NEEDED, Kind.TIME, Kind.LENGTH})


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: what it is of, and what each side has, the practice's list first."""

    kind: Kind
    listed: str
    arrived: str

    def __str__(self) -> str:
        if self.kind is Kind.UNCLEAR:
            return self.arrived or self.listed
        ours, theirs = self.listed or "not said", self.arrived or "not said"
        return f"{self.kind.value}: {ours} on the practice’s list, {theirs} in the letter"


def differences(
    listed: ListLine,
    arrived: ListLine,
    *,
    substances: Substances,
    bars: Collection[Bar],
    careful: bool = False,
) -> tuple[Difference, ...]:
    """Everything in which a line that arrived differs from the practice's own."""
    return (*_of_product(listed, arrived, bars, careful), *_of_directions(listed, arrived, substances))


def release(line: ListLine, bars: Collection[Bar]) -> bool | None:
    """Whether it is of modified release; None where neither the line nor the moiety tells."""
    modified = next((bar for bar in bars if bar.name == MODIFIED), None)
    if modified is None:
        return None
    if products := line.meant.medication.products:
        return any(modified.holds_for(each) for each in products)
    answers = {modified.holds_for(each) for each in line.meant.products}
    return answers.pop() if len(answers) == 1 else None


def routes(line: ListLine) -> frozenset[str]:
    """The routes by which it is given, in lower case; empty where they are not known."""
    products = line.meant.medication.products or line.meant.products
    known = {frozenset(route.casefold() for route in each.routes) for each in products if each.routes}
    return known.pop() if len(known) == 1 else frozenset()


def _of_product(
    listed: ListLine, arrived: ListLine, bars: Collection[Bar], careful: bool
) -> Iterator[Difference]:
    ours, theirs = listed.meant.substances, arrived.meant.substances
    if ours and theirs and ours != theirs:
        yield Difference(Kind.SUBSTANCE, " + ".join(sorted(ours)), " + ".join(sorted(theirs)))
    elif listed.moiety and arrived.moiety and listed.moiety != arrived.moiety:
        yield Difference(Kind.SUBSTANCE, listed.called, arrived.called)
    by, other = routes(listed), routes(arrived)
    if by and other and not by & other:
        yield Difference(Kind.ROUTE, ", ".join(sorted(by)), ", ".join(sorted(other)))
    slow, too = release(listed, bars), release(arrived, bars)
    if slow is not None and too is not None and slow != too:
        yield Difference(Kind.RELEASE, _release(slow), _release(too))
    one, another = listed.product, arrived.product
    if one is None or another is None:
        return
    generic, same = listed.generic, arrived.generic
    if generic is not None and same is not None and generic.id != same.id:
        if (generic.form or "") != (same.form or ""):
            yield Difference(Kind.FORM, generic.form or generic.name, same.form or same.name)
        elif not counted_alike(listed, arrived):
            yield Difference(Kind.STRENGTH, generic.name, same.name)
    if (
        one.id != another.id
        and (careful or (listed.brand and arrived.brand))
        and listed.brand != arrived.brand
    ):
        yield Difference(Kind.BRAND, listed.brand or "no brand", arrived.brand or "no brand")


def _release(modified: bool) -> str:
    return "modified release" if modified else "immediate release"


def _of_directions(listed: ListLine, arrived: ListLine, substances: Substances) -> Iterator[Difference]:
    ours, theirs = _words(listed), _words(arrived)
    alike = counted_alike(listed, arrived)
    if ours and ours == theirs and alike:
        return
    one, other = taken(listed, substances), taken(arrived, substances)
    if alike and isinstance(other, CannotTell) and _only_count_missing(listed, arrived):
        yield Difference(Kind.COUNT, "1 each time", "not said")
        yield from _of_moments(listed, arrived)
        return
    if isinstance(one, CannotTell) or isinstance(other, CannotTell):
        for side, answer, words in (("practice's list", one, ours), ("letter", other, theirs)):
            if isinstance(answer, CannotTell):
                said = f"“{words}”: {answer.reason}" if words else "no directions are written"
                yield Difference(Kind.UNCLEAR, "", f"The {side} cannot be compared: {said}")
        return
    if len(one) != len(other):
        yield Difference(Kind.DOSE, ours, theirs)
        return
    for step, their_step in zip(one, other, strict=True):
        yield from _of_step(step, their_step, alike)
    yield from _of_moments(listed, arrived)


def _only_count_missing(listed: ListLine, arrived: ListLine) -> bool:
    """Whether the letter leaves out how many each time (“5mg tablets OD”) and the list has one as often."""
    phases, dosage = phases_read(listed.directions), arrived.directions.dosage
    if isinstance(phases, CannotTell) or len(phases) != 1 or dosage is None or len(dosage.steps) != 1:
        return False
    phase, step = phases[0], dosage.steps[0]
    often = times_per_day(step.repeat)
    if step.doses or isinstance(often, str) or phase.longest is not None or course_days(_bounds(step)):
        return False
    ((times, amount), *more) = phase.doses
    same = often.least == often.most == times and phase.as_needed == (step.as_needed is not None)
    return same and not more and amount == 1 and (unit_word(phase.unit.text) or "") not in MASS


def _bounds(step: DosageStep) -> Bounds | None:
    return step.repeat.bounds if step.repeat else None


def _of_step(one: Taken, other: Taken, alike: bool) -> Iterator[Difference]:
    if one.unit != other.unit or one.most.keys() != other.most.keys():
        # A dose without a unit counts what the other names: “one” and “one tablet”.
        same_count = alike and ("" in (one.unit, other.unit)) and len(one.most) == len(other.most) == 1
        if not same_count and not _one_substance(one, other):
            yield Difference(Kind.UNCLEAR, "", f"{one.words} and {other.words}: nothing connects the two")
            return
    if not alike and one.unit not in ("mg", "unit"):
        yield Difference(Kind.UNCLEAR, "", f"{one.words}: how much is in one is not known to be the same")
        return
    each, every = values(one.each), values(other.each)
    if each != every:
        yield Difference(Kind.DOSE, f"{_amount(each)} {one.unit} each time".replace("  ", " "),
                         f"{_amount(every)} {other.unit} each time".replace("  ", " "))  # fmt: skip
    elif (values(one.least), values(one.most)) != (values(other.least), values(other.most)) and (
        one.times == other.times and one.phase.as_needed == other.phase.as_needed
    ):
        yield Difference(Kind.DOSE, one.words, other.words)
    if one.times != other.times:
        yield Difference(Kind.FREQUENCY, _often(one.times), _often(other.times))
    if one.phase.as_needed != other.phase.as_needed:
        yield Difference(Kind.AS_NEEDED, _needed(one), _needed(other))
    if one.phase.cycle != other.phase.cycle:
        yield Difference(Kind.FREQUENCY, "days on and off" if one.phase.cycle else "every day",
                         "days on and off" if other.phase.cycle else "every day")  # fmt: skip
    if (one.phase.shortest, one.phase.longest) != (other.phase.shortest, other.phase.longest):
        yield Difference(Kind.LENGTH, _length(one), _length(other))


def _of_moments(listed: ListLine, arrived: ListLine) -> Iterator[Difference]:
    """The moments of the day and the days of the week, where both name some."""
    ours, theirs = _moments(listed), _moments(arrived)
    for one, other in zip(ours, theirs, strict=False):
        for here, there in zip(one, other, strict=True):
            if here and there and here != there:
                yield Difference(Kind.TIME, ", ".join(sorted(here)), ", ".join(sorted(there)))


def _moments(line: ListLine) -> list[tuple[frozenset[str], frozenset[str], frozenset[str]]]:
    steps = line.directions.dosage.steps if line.directions.dosage else ()
    repeats = [step.repeat for step in steps if step.repeat]
    return [
        (
            frozenset(when.name.replace("_", " ").casefold() for when in each.when),
            frozenset(f"{at:%H:%M}" for at in each.times_of_day),
            frozenset(day.name.casefold() for day in each.days_of_week),
        )
        for each in repeats
    ]


def _one_substance(one: Taken, other: Taken) -> bool:
    """Whether both are milligrams of one substance, though a side does not name it."""
    return (
        one.unit == other.unit == "mg"
        and len(one.most) == len(other.most) == 1
        and "" in {*one.most, *other.most}
    )


def _amount(several: list[Fraction]) -> str:
    return " and ".join(plain(decimal_of(value)) for value in several)


def _often(times: Fraction) -> str:
    if times >= 1:
        return f"{plain(decimal_of(times))} times a day" if times != 1 else "once a day"
    every = 1 / times if times else Fraction(0)
    return "once a week" if every == 7 else f"once every {plain(decimal_of(every))} days"


def _needed(step: Taken) -> str:
    return "when required" if step.phase.as_needed else "regularly"


def _length(step: Taken) -> str:
    least, most = step.phase.shortest, step.phase.longest
    if most is not None:
        return f"for {plain(decimal_of(most))} days"
    return f"for {plain(decimal_of(least))} days or more" if least else "with no end stated"


def _words(line: ListLine) -> str:
    return " ".join(line.directions.text.casefold().split())
