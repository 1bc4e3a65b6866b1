"""How fast do the patient's kidneys clear creatinine, and was a test done as often as that asks for?

The clearance in mL/min: the last one that was reported, else by Cockcroft and Gault from the last creatinine
and weight (UK constants, actual weight), within the bounds that the calculator takes. It is exact, so that a
bound is met or not. See `calculators.creatinine_clearance` for the source.
"""

from __future__ import annotations

from fractions import Fraction

from pestle.pharmacy.calculators.creatinine_clearance import UK_CONSTANTS
from pestle.pharmacy.calculators.person import AGE, CREATININE_SERUM, WEIGHT
from pestle.pharmacy.criteria import nodes as n
from pestle.pharmacy.criteria import results
from pestle.pharmacy.criteria.answer import Answer, Missing, cannot_tell, is_in, is_out
from pestle.pharmacy.criteria.patient_day import PatientDay
from pestle.pharmacy.criteria.span import Span, SpanUnit, Window
from pestle.pharmacy.record.fact import Fact
from pestle.pharmacy.record.result import Result, number


def answer(criterion: n.ClearanceIs | n.TestedByClearance, day: PatientDay) -> Answer:
    """The answer to a condition on the clearance."""
    known = clearance(criterion.kidneys, day)
    if isinstance(known, Missing):
        return cannot_tell(known)
    value, facts = known
    if isinstance(criterion, n.TestedByClearance):
        since = Window(Span(int(value * criterion.days), SpanUnit.DAYS))
        return results.answer(n.Tested(criterion.observables, since), day)
    holds = {
        n.Comparison.BELOW: value < criterion.value,
        n.Comparison.AT_MOST: value <= criterion.value,
        n.Comparison.AT_LEAST: value >= criterion.value,
        n.Comparison.ABOVE: value > criterion.value,
    }[criterion.comparison]
    return is_in(*facts) if holds else is_out(*facts)


def clearance(kidneys: n.Kidneys, day: PatientDay) -> tuple[Fraction, tuple[Fact, ...]] | Missing:
    """The clearance in mL/min and the facts that say so; or what is missing."""
    reported, creatinine, weight = (
        day.results.latest(each, on=day.on) for each in (kidneys.reported, kidneys.creatinine, kidneys.weight)
    )
    if isinstance(reported, Result) and reported.value is not None and reported.comparator is None:
        return reported.value, (results.fact(reported),)
    patient = day.record.patient
    age, constant = patient.age(on=day.on), UK_CONSTANTS.get(patient.gender.value)
    gap = Missing(
        "The creatinine clearance cannot be worked out", "Record creatinine and weight, age and sex."
    )
    if not (isinstance(creatinine, Result) and isinstance(weight, Result)) or age is None or constant is None:
        return gap
    if creatinine.value is None or creatinine.comparator or weight.value is None or weight.comparator:
        return gap
    within = (
        AGE.low <= age <= AGE.high
        and WEIGHT.low <= weight.value <= WEIGHT.high
        and CREATININE_SERUM.low <= creatinine.value <= CREATININE_SERUM.high
    )
    if not within:
        return gap
    worked_out = (140 - age) * weight.value * Fraction(constant) / creatinine.value
    said = Fact(f"Creatinine clearance about {number(Fraction(round(worked_out, 1)))} mL/min, worked out")
    return worked_out, (said, results.fact(creatinine), results.fact(weight))
