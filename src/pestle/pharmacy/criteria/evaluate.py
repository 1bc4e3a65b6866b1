"""Does this condition hold for this patient on this day, and because of which facts?

The slow, obvious reading of the nodes: one patient, every fact looked at, every answer explained. It raises
nothing on any record. Facts after the day do not count; one whose date is known only in part may leave the
answer open. Where medicines are asked for and none of the record's medication could be read, nobody can
tell; where some could, the answer holds for what was read.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import assert_never

from pestle.pharmacy.criteria import clearance, conditions, medicines, results, start
from pestle.pharmacy.criteria import nodes as n
from pestle.pharmacy.criteria.answer import (
    Answer,
    Missing,
    Verdict,
    at_least,
    cannot_tell,
    is_in,
    is_out,
    negated,
)
from pestle.pharmacy.criteria.patient_day import PatientDay
from pestle.pharmacy.medicines.substances import Substances
from pestle.pharmacy.record.fact import Fact
from pestle.pharmacy.record.medication import Medication
from pestle.pharmacy.record.patient import Gender, Patient
from pestle.pharmacy.record.record import Record


def evaluate(
    criterion: n.Criterion,
    record: Record,
    *,
    on: date,
    substances: Substances,
    proposed: Iterable[Medication] = (),
) -> Answer:
    """In, out or cannot tell, with the reason; `proposed` medicines count as issued on the day."""
    return answer(criterion, PatientDay(record, on=on, substances=substances, proposed=proposed))


def answer(criterion: n.Criterion, day: PatientDay) -> Answer:
    """The same, of a record that is asked several things."""
    match criterion:
        # First what most rules ask for.
        case n.ResultIs() | n.AnswerIs() | n.ResultChanged() | n.Tested() | n.WrittenWith():
            return results.answer(criterion, day)
        case n.AllOf(of):
            return at_least(len(of), [answer(each, day) for each in of])
        case n.AnyOf(of):
            return at_least(1, [answer(each, day) for each in of])
        case n.AtLeast(number, of):
            return at_least(number, [answer(each, day) for each in of])
        case n.Not(of):
            return negated(answer(of, day))
        case n.Earlier(by, of):
            return answer(of, day.earlier(by.before(day.on)))
        case n.Surely(of):
            sure = answer(of, day)
            return is_out(*sure.facts) if sure.verdict is Verdict.CANNOT_TELL else sure
        case n.Age() | n.Sex() | n.Alive() | n.Registered():
            return _of_the_patient(criterion, day)
        case (
            n.Taking() | n.Issued() | n.Stopped() | n.LatestMedicine() | n.CoPrescribed() | n.MedicineCount()
        ):
            return medicines.answer(criterion, day)
        case n.HasCondition() | n.LatestCondition():
            return conditions.answer(criterion, day)
        case n.TestedAtStart():
            return start.answer(criterion, day)
        case n.ClearanceIs() | n.TestedByClearance():
            return clearance.answer(criterion, day)
    assert_never(criterion)


def _of_the_patient(criterion: n.Age | n.Sex | n.Alive | n.Registered, day: PatientDay) -> Answer:
    patient = day.record.patient
    match criterion:
        case n.Age():
            return _age(criterion, patient, day.on)
        case n.Sex(genders):
            if patient.gender is Gender.UNKNOWN:
                return cannot_tell(Missing("The patient's sex is not recorded", "Ask, and record it."))
            fact = Fact(f"Sex: {patient.gender.value}")
            return is_in(fact) if patient.gender in genders else is_out(fact)
        case n.Alive():
            if patient.died is None or patient.died > day.on:
                return is_in(Fact("No death is recorded"))
            return is_out(Fact("Died", on=patient.died))
        case n.Registered(practices):
            code = patient.gp_practice_code
            if code is None:
                return cannot_tell(
                    Missing("The patient's GP practice is not recorded", "Look the patient up again.")
                )
            fact = Fact(f"Registered with {code}")
            return is_in(fact) if not practices or code in practices else is_out(fact)
    assert_never(criterion)


def _age(criterion: n.Age, patient: Patient, on: date) -> Answer:
    if patient.born is None or patient.born > on:
        return cannot_tell(Missing("The patient's date of birth is not known", "Ask for it, and record it."))
    fact = Fact("Born", on=patient.born)
    months = (on.year - patient.born.year) * 12 + on.month - patient.born.month - (on.day < patient.born.day)
    # Born on 29 February: the month is complete on the day after the shorter month's end, as the year is.
    age = {
        n.AgeUnit.YEARS: patient.age(on=on) or 0,
        n.AgeUnit.MONTHS: months,
        n.AgeUnit.DAYS: (on - patient.born).days,
    }[criterion.unit]
    old = criterion.at_least is None or age >= criterion.at_least
    young = criterion.below is None or age < criterion.below
    return is_in(fact) if old and young else is_out(fact)
