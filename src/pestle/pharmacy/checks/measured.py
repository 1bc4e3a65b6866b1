"""How old is the patient, what do they weigh, how tall are they, and how well do their kidneys work?

Each is the latest result that still counts on the day, with its date, or why there is none.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from pestle.pharmacy.calculators.body_surface_area import body_surface_area
from pestle.pharmacy.calculators.precision import decimal_of
from pestle.pharmacy.checks.finding import Fact
from pestle.pharmacy.checks.knowledge import Knowledge
from pestle.pharmacy.criteria.patient_day import PatientDay
from pestle.pharmacy.record.patient import Patient
from pestle.pharmacy.record.result import Found, NoResult, Result, said
from pestle.pharmacy.refusal import Refused


class Measured:
    """The patient on the day."""

    __slots__ = ("_day", "_found", "_knowledge")

    def __init__(self, day: PatientDay, knowledge: Knowledge) -> None:
        self._day = day
        self._knowledge = knowledge
        self._found: dict[str, Found] = {}

    @property
    def on(self) -> date:
        """The day."""
        return self._day.on

    @property
    def patient(self) -> Patient:
        """Who it is."""
        return self._day.record.patient

    @property
    def months(self) -> int | None:
        """Completed months of age; None where the birth date is not known or lies ahead."""
        born = self.patient.born
        if born is None or born > self.on:
            return None
        months = (self.on.year - born.year) * 12 + self.on.month - born.month
        return months - (self.on.day < born.day)

    def latest(self, observable: str) -> Found:
        """The latest result of the kind, if it still counts."""
        if observable not in self._found:
            days = self._knowledge.result_ages.days(observable, self.months)
            kind = self._knowledge.terms.observables[observable]
            self._found[observable] = self._day.results.latest(kind, on=self.on, days=days)
        return self._found[observable]

    def weight(self) -> Result | str:
        """Body weight in kg, or why it is not known."""
        return usable(self.latest("body_weight"))

    def surface(self) -> tuple[Fraction, tuple[Fact, ...]] | str:
        """Body surface in m² (Mosteller), with the weight and height that it comes from; or why not."""
        weight, height = self.weight(), usable(self.latest("body_height"))
        if isinstance(weight, str):
            return weight
        if isinstance(height, str):
            return height
        assert weight.value is not None
        assert height.value is not None
        try:
            found = body_surface_area(
                height_cm=decimal_of(height.value), weight_kg=decimal_of(weight.value), method="mosteller"
            )
        except Refused as refused:
            return refused.refusals[0].reason
        assert found.figure is not None
        words = f"Body surface {found.answer} (Mosteller): {found.formula}"
        return Fraction(found.figure.quantity.value), (*facts(weight), *facts(height), Fact(words))


def usable(found: Found) -> Result | str:
    """A result with an exact value; else why there is none, in words."""
    if isinstance(found, NoResult):
        return found.words
    if found.value is None or found.comparator is not None:
        return f"{said(found)} is no exact value"
    return found


def facts(found: Result) -> tuple[Fact, ...]:
    """The result as a fact, with its day."""
    taken = found.taken
    day = taken.first if taken.day is not None else None
    words = said(found) if day else f"{said(found)} ({taken.words})"
    return (Fact(words, day, found.observation.provenance.who),)
