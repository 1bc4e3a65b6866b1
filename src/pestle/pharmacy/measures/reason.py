"""Why does a patient stand to a measure as they do, as a list and a task say it?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime

from pestle.pharmacy.criteria import nodes as n
from pestle.pharmacy.criteria.evaluate import answer
from pestle.pharmacy.criteria.patient_day import PatientDay
from pestle.pharmacy.measures.facts import records
from pestle.pharmacy.measures.measure import Measure, stands
from pestle.pharmacy.measures.population import Population
from pestle.pharmacy.worklist.patient_task import Evidence

# How many patients are read at once.
_TOGETHER = 2000


def evidence(measure: Measure, day: PatientDay) -> Evidence:
    """The facts that were used and what is missing, each once: first those by which the patient is found
    among those asked. Age, sex and registration are with the name, and are no reason."""
    told = stands(measure, day)
    answers = [one for one in (told.among_them, told.population) if one is not None]
    known = {fact for leaf in _of_the_person(measure.found) for fact in answer(leaf, day).facts}
    facts = dict.fromkeys(fact for one in answers for fact in one.facts if fact not in known)
    missing = dict.fromkeys(gap.what for one in answers for gap in one.missing)
    return Evidence(tuple(facts), tuple(missing))


def _of_the_person(criterion: n.Criterion) -> Iterator[n.Criterion]:
    match criterion:
        case n.AllOf(of) | n.AnyOf(of) | n.AtLeast(_, of):
            for each in of:
                yield from _of_the_person(each)
        case n.Not(of) | n.Surely(of):
            yield from _of_the_person(of)
        case n.Age() | n.Sex() | n.Alive() | n.Registered():
            yield criterion


def reasons(
    wanted: Mapping[int, Collection[Measure]],
    population: Population,
    *,
    on: date,
    source: str,
    read_at: datetime,
) -> Iterator[tuple[int, Measure, Evidence]]:
    """Why each of these patients stands to each of the measures wanted of them as they do, from a population
    whose every medication is a supply. A patient is read once, however many measures want a reason; see
    `facts.records`."""
    numbers = sorted(wanted)
    for start in range(0, len(numbers), _TOGETHER):
        some = numbers[start : start + _TOGETHER]
        held = records(population, some, source=source, read_at=read_at)
        for number in some:
            day = PatientDay(held[number], on=on, substances=population.substances)
            for measure in wanted[number]:
                yield number, measure, evidence(measure, day)
