"""Is a direct oral anticoagulant dosed as atrial fibrillation asks, neither too much nor too little?

The dose that the published rules give for the patient's kidneys, age, weight and other medicines is compared
with the one that was ordered. Too little is an alert as too much is: it leaves the patient to a stroke. Where
atrial fibrillation is not on record the medicine may be for something else, and it is *not assessed*; that
kidneys are too weak for it altogether is said by `renal`.

Source: the definition ``doac_af.yaml`` of the calculators; see `pestle.pharmacy.calculators.doac_dose`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from functools import cache

from pestle.pharmacy.calculators.doac_dose import Rule, dose
from pestle.pharmacy.calculators.precision import decimal_of
from pestle.pharmacy.calculators.result import Result
from pestle.pharmacy.checks.asked import Asked, asked
from pestle.pharmacy.checks.check import Proposed, finding, not_assessed
from pestle.pharmacy.checks.dosed import Dosed, dosed, written
from pestle.pharmacy.checks.finding import Assessment, Fact, Finding, Severity
from pestle.pharmacy.checks.holding import Holding, fact
from pestle.pharmacy.checks.kidneys import Kidneys, kidneys
from pestle.pharmacy.checks.knowledge import Knowledge
from pestle.pharmacy.checks.known.renal import Measure
from pestle.pharmacy.checks.measured import facts, usable
from pestle.pharmacy.criteria.answer import Verdict
from pestle.pharmacy.criteria.evaluate import answer
from pestle.pharmacy.criteria.nodes import HasCondition, State
from pestle.pharmacy.dosage.packing import CannotTell
from pestle.pharmacy.dosage.parse import read
from pestle.pharmacy.dosage.phases import phases_of
from pestle.pharmacy.record.record import Record
from pestle.pharmacy.refusal import Refused

CHECK = "doac"
TITLE = "Is the anticoagulant dosed as atrial fibrillation asks?"

# The substances by which a medicine interacts, as the rules call it.
TAKES = {
    "verapamil": frozenset({"verapamil"}),
    "p-gp": frozenset({"ciclosporin", "dronedarone", "erythromycin", "ketoconazole"}),
}
_UNIT = "mg"


def assess(proposed: Proposed, record: Record, *, knowledge: Knowledge, on: date) -> Assessment:
    """A finding for each line of a direct oral anticoagulant whose daily dose is another one."""
    case = asked(proposed, record, knowledge=knowledge, on=on)
    found: dict[tuple[str, str | None], Finding] = {}
    for line in case.lines:
        for medicine in sorted(line.substances):
            rule = knowledge.doac.rules.get((medicine, knowledge.country))
            if rule is None:
                continue
            for each in _judged(line, rule, case):
                found.setdefault((each.key, each.line), each)
    return Assessment(CHECK, TITLE, tuple(found.values()))


def _judged(line: Holding, rule: Rule, case: Asked) -> Iterator[Finding]:
    knowledge = case.knowledge
    listed = knowledge.terms.conditions["atrial_fibrillation"]
    has_it = answer(HasCondition(listed, State.ACTIVE), case.day)
    if has_it.verdict is not Verdict.IN:
        yield _cannot(line, "Atrial fibrillation is not on record, so what it is for is not known", knowledge)
        return
    here = _here(rule, case)
    if isinstance(here, str):
        yield _cannot(line, here, knowledge)
        return
    if here is None:
        return
    result, because = here
    ordered = dosed(line, rule.medicine, _UNIT, case)
    if ordered.most is None or ordered.least is None:
        yield _cannot(line, ordered.why, knowledge)
        return
    wanted = _daily_mg(result.answer)
    if ordered.most != wanted or ordered.least != wanted:
        yield _differs(line, rule, result, ordered, wanted, (*has_it.facts, *because), knowledge)


def _here(rule: Rule, case: Asked) -> tuple[Result, tuple[Fact, ...]] | str | None:
    """The dose by the rule, and the facts; why it cannot be told; None where the medicine is not used."""
    person = case.person
    present = frozenset[str]().union(*(each.substances for each in (*case.lines, *(case.at_hand or ()))))
    how = kidneys(Measure.CLEARANCE, person, country=case.knowledge.country)
    weight, creatinine = person.weight(), usable(person.latest("creatinine"))
    age = person.patient.age(on=person.on)
    missing = [each for each in (how, weight, creatinine) if isinstance(each, str)]
    if age is None:
        missing.append("The patient’s age is not known")
    if isinstance(how, str) or isinstance(weight, str) or isinstance(creatinine, str) or age is None:
        return "; ".join(sorted(set(missing)))
    assert isinstance(how, Kidneys)
    assert weight.value is not None
    assert creatinine.value is not None
    try:
        result = dose(
            rule,
            clearance_ml_min=decimal_of(how.value),
            age_years=decimal_of(Fraction(age)),
            weight_kg=decimal_of(weight.value),
            creatinine_umol_l=decimal_of(creatinine.value),
            takes=frozenset(name for name, of in TAKES.items() if of & present),
        )
    except Refused:
        return None
    said = Fact(f"{rule.medicine}, {rule.country.upper()}: {result.answer}, because {result.formula}")
    return result, (*how.because, *facts(weight), said)


def _differs(
    line: Holding,
    rule: Rule,
    result: Result,
    ordered: Dosed,
    wanted: Fraction,
    because: tuple[Fact, ...],
    knowledge: Knowledge,
) -> Finding:
    assert ordered.most is not None
    less = ordered.most < wanted
    what = (
        f"{line.name}: {written(ordered.most, _UNIT)} a day is {'less' if less else 'more'} than "
        f"{result.answer}, the dose in atrial fibrillation here ({result.formula})"
    )
    risk = "too little leaves the patient to a stroke, too much to bleeding"
    do = f"Ask the prescriber which dose is meant; {risk}."
    return finding(
        CHECK,
        Severity.INTERRUPT,
        rule="too-little" if less else "too-much",
        about=(line.said,),
        what=what,
        do=f"{rule.consider} {do}" if less and rule.consider else do,
        source=knowledge.doac.source,
        why=tuple(dict.fromkeys((fact(line), *because))),
    )


@cache
def _daily_mg(dose_words: str) -> Fraction:
    """The amount a day of a dose such as “2.5 mg twice a day”."""
    reading = read(dose_words)
    phases = phases_of(reading.dosage) if reading.dosage else CannotTell("", "")
    if isinstance(phases, CannotTell):
        raise ValueError(f"“{dose_words}” is no dose")
    return max(phase.most for phase in phases)


def _cannot(line: Holding, because: str, knowledge: Knowledge) -> Finding:
    return not_assessed(
        CHECK,
        rule="dose",
        about=(line.said,),
        what=f"{line.name}: the dose was not compared with that of atrial fibrillation",
        because=because,
        do="Find out what it is for and what is missing; without it, refer to a pharmacist.",
        source=knowledge.doac.source,
    )
