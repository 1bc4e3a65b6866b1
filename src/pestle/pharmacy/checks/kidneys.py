"""How well do this patient's kidneys work on the day, by which measure and from which results?

The eGFR is the one that the laboratory reported. The creatinine clearance is worked out (Cockcroft-Gault)
where creatinine, weight and sex are known, with the weight that is asked for: the actual one, or by the
height on record the ideal or the adjusted one, for which somebody below their ideal weight counts as they
weigh. For the actual weight a reported clearance is taken where none can be worked out; for the other two
it is not, since a report does not say which weight it was made with.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from pestle.pharmacy.calculators.body_weight import ideal_kg
from pestle.pharmacy.calculators.creatinine_clearance import WeightUsed, creatinine_clearance
from pestle.pharmacy.calculators.person import Country, Sex
from pestle.pharmacy.calculators.precision import decimal_of
from pestle.pharmacy.checks.finding import Fact
from pestle.pharmacy.checks.known.renal import Measure
from pestle.pharmacy.checks.measured import Measured, facts, usable
from pestle.pharmacy.record.observation import Comparator
from pestle.pharmacy.record.patient import Gender
from pestle.pharmacy.record.result import NoResult, Order, Result, said
from pestle.pharmacy.refusal import Refused

_SEX: dict[Gender, Sex] = {Gender.FEMALE: "female", Gender.MALE: "male"}


@dataclass(frozen=True, slots=True)
class Kidneys:
    """A value (mL/min, of eGFR per 1.73 m²), how it is called, and the facts behind it.

    With a comparator the true value lies beyond the one given.
    """

    value: Fraction
    comparator: Comparator | None
    words: str
    because: tuple[Fact, ...]
    reported: Result | None = None

    def compare(self, to: Fraction) -> Order:
        """On which sides of `to` the true value can lie."""
        if self.reported is not None:
            return self.reported.compare(to)
        return Order(below=self.value < to, equal=self.value == to, above=self.value > to)


def kidneys(
    measure: Measure, person: Measured, *, country: Country, weight: WeightUsed = "actual"
) -> Kidneys | str:
    """The measure on the day, a clearance by that weight; else why it is not known."""
    if measure is Measure.EGFR:
        return _reported("egfr", person)
    worked_out = _clearance(person, country, weight)
    if isinstance(worked_out, Kidneys) or weight != "actual":
        return worked_out
    reported = _reported("creatinine_clearance", person)
    return reported if isinstance(reported, Kidneys) else worked_out


def _reported(observable: str, person: Measured) -> Kidneys | str:
    found = person.latest(observable)
    if isinstance(found, NoResult):
        return found.words
    if found.value is None:
        return f"{said(found)} is no value"
    words = f"{said(found)} as reported"
    return Kidneys(found.value, found.comparator, words, facts(found), found)


def _clearance(person: Measured, country: Country, asked_for: WeightUsed) -> Kidneys | str:
    creatinine, weight = usable(person.latest("creatinine")), person.weight()
    height = None if asked_for == "actual" else usable(person.latest("body_height"))
    sex, age = _SEX.get(person.patient.gender), person.patient.age(on=person.on)
    missing = [each for each in (creatinine, weight) if isinstance(each, str)]
    if isinstance(height, str):
        missing.append(f"{height}, which the {asked_for} weight needs")
    if sex is None:
        missing.append("Whether the patient is male or female is not recorded")
    if age is None:
        missing.append("The patient’s age is not known")
    if (
        missing
        or isinstance(creatinine, str)
        or isinstance(weight, str)
        or isinstance(height, str)
        or sex is None
        or age is None
    ):
        return "; ".join(missing)
    assert creatinine.value is not None
    assert weight.value is not None
    kg = decimal_of(weight.value)
    cm = decimal_of(height.value) if height is not None and height.value is not None else None
    try:
        below = cm is not None and kg < ideal_kg(sex, cm)
        used: WeightUsed = "actual" if below else asked_for
        found = creatinine_clearance(
            age_years=decimal_of(Fraction(age)),
            sex=sex,
            weight_kg=kg,
            creatinine_umol_l=decimal_of(creatinine.value),
            constants=country,
            weight_used=used,
            height_cm=cm,
        )
    except Refused as refused:
        return "; ".join(each.reason for each in refused.refusals)
    assert found.figure is not None
    by = f"{used} weight" + (", which is below the ideal one" if below else "")
    how = f"Cockcroft-Gault, {by}, {country.upper()} constants"
    from_height = facts(height) if height is not None else ()
    worked_out = tuple(Fact(f"{each.label} = {each}") for each in found.also)
    return Kidneys(
        Fraction(found.figure.quantity.value),
        None,
        f"creatinine clearance {found.answer} ({how})",
        (
            *facts(creatinine),
            *facts(weight),
            *from_height,
            *worked_out,
            Fact(f"{how}: {found.formula} = {found.answer}"),
        ),
    )
