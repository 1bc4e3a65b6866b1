"""Of whom is something asked, and what is found among them?

A measure has a population and, inside it by construction, those among them whom it is about. Kind: measure
(``measures/*/*.yaml``), in the words of `criteria.read`; either `among_them`, or ordered `rules` of which the
first that holds decides, as the Quality and Outcomes Framework writes its indicators, or `found_by`, the
names of other measures of which one at least finds the patient.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import reduce
from hashlib import sha256
from typing import Any

from pestle.pharmacy import definition as d
from pestle.pharmacy.criteria import fields
from pestle.pharmacy.criteria import read as criteria
from pestle.pharmacy.criteria.answer import Answer, Verdict
from pestle.pharmacy.criteria.evaluate import answer
from pestle.pharmacy.criteria.lists import MedicineList
from pestle.pharmacy.criteria.nodes import AllOf, AnyOf, Criterion, Not
from pestle.pharmacy.criteria.patient_day import PatientDay
from pestle.pharmacy.criteria.read import Terms
from pestle.pharmacy.definition import Definition, Definitions, Source

# One of these says who is found.
_FOUND = frozenset({"among_them", "rules", "found_by"})
KINDS = {
    "measure": frozenset(
        {"group", "why", "population", "among_them", "rules", "found_by", "fewer_is_better"}
    ),
}
_RULE = frozenset({"count", "leave_out", "do_not_count"})


class Standing(Enum):
    """How a patient stands to a measure."""

    FOUND = "found"
    NOT_FOUND = "not found"
    CANNOT_TELL = "cannot tell"
    NOT_ASKED = "not asked"


@dataclass(frozen=True, slots=True)
class Measure:
    """`population` is asked first; `among_them` only of those in it. `fewer_is_better`: None, neither is."""

    name: str
    title: str
    group: str
    why: str
    population: Criterion
    among_them: Criterion
    fewer_is_better: bool | None
    source: Source

    @property
    def found(self) -> Criterion:
        """Whom the measure is about: nobody outside its population."""
        return AllOf((self.population, self.among_them))


@dataclass(frozen=True, slots=True)
class Stands:
    """How one patient stands, and the answers that say why: to the population, and among them."""

    standing: Standing
    population: Answer
    among_them: Answer | None


def stands(measure: Measure, day: PatientDay) -> Stands:
    """How the patient stands to the measure, with the reason: the slow reading of one patient."""
    population = answer(measure.population, day)
    if population.verdict is Verdict.OUT:
        return Stands(Standing.NOT_ASKED, population, None)
    among = answer(measure.among_them, day)
    return Stands(standing(_held(population), _held(among)), population, among)


def standing(population: bool | None, among_them: bool | None) -> Standing:
    """The standing that two answers give; None is *cannot tell*.

    Who is not among those asked for is no finding whether in the population or not, but counts in it or not:
    that nobody can tell, too.
    """
    if population is False:
        return Standing.NOT_ASKED
    if population is None or among_them is None:
        return Standing.CANNOT_TELL
    return Standing.FOUND if among_them else Standing.NOT_FOUND


def lists_of_ids(measure: Measure) -> tuple[MedicineList, ...]:
    """The lists of medicines in a measure that know their members by id alone, by their title. Somebody who
    takes such a medicine under an id that is not on the list, nor has replaced one of it, is not found."""
    found = {one for one in _medicine_lists(measure.found) if not (one.ingredients or one.bnf or one.whole)}
    return tuple(sorted(found, key=lambda one: one.title))


def _medicine_lists(value: Any) -> Iterator[MedicineList]:
    if isinstance(value, MedicineList):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _medicine_lists(one)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from _medicine_lists(getattr(value, field.name))


def digest(measure: Measure) -> str:
    """What tells two states of a measure apart: SHA-256 of everything that decides who is found, the
    members of its lists among it. A change of words alone is none."""
    asked = _content((measure.population, measure.among_them))
    return sha256(json.dumps(asked, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


_WORDS = ("title", "source")


def _content(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        said = {
            one.name: _content(getattr(value, one.name))
            for one in dataclasses.fields(value)
            if one.compare and one.name not in _WORDS
        }
        return [type(value).__name__, said]
    if isinstance(value, Mapping):
        return sorted([str(key), _content(one)] for key, one in value.items())
    if isinstance(value, frozenset | set):
        return sorted((_content(one) for one in value), key=str)
    if isinstance(value, tuple | list):
        return [_content(one) for one in value]
    return str(value)


def read(files: Definitions, terms: Terms) -> Mapping[str, Measure]:
    """The measures of these definitions, by name."""
    made: dict[str, Measure] = {}
    # What is found by others comes after them.
    for file in sorted(files.of("measure"), key=lambda file: "found_by" in file.body):
        made[file.name] = _measure(file, terms, made)
    return {file.name: made[file.name] for file in files.of("measure")}


def _held(answer_: Answer) -> bool | None:
    return None if answer_.verdict is Verdict.CANNOT_TELL else answer_.verdict is Verdict.IN


def _measure(file: Definition, terms: Terms, made: Mapping[str, Measure]) -> Measure:
    population = criteria.read(file, "population", terms=terms)
    if len(_FOUND & set(file.body)) != 1:
        raise d.wrong(file, "among_them", "or rules or found_by says who is found, and one of them only")
    among: Criterion
    if "rules" in file.body:
        population, among = _ruled(file, population, terms)
    elif "found_by" in file.body:
        others = [fields.known(file, "found_by", name, made) for name in d.texts(file, "found_by")]
        among = AnyOf(tuple(other.found for other in others))
    else:
        among = criteria.read(file, "among_them", terms=terms)
    return Measure(
        name=file.name,
        title=file.title,
        group=d.text(file, "group"),
        why=d.text(file, "why"),
        population=population,
        among_them=among,
        fewer_is_better=d.flag(file, "fewer_is_better") if "fewer_is_better" in file.body else None,
        source=file.source,
    )


def _ruled(file: Definition, population: Criterion, terms: Terms) -> tuple[Criterion, Criterion]:
    """Ordered rules as two conditions. Each rule looks only at those whom none before it decided.

    `count`: found, and in the population; `do_not_count`: in it, and not found; `leave_out`: not in it.
    Whom no rule decides is in the population, and not found.
    """
    decided: list[tuple[str, Criterion]] = []
    for entry in d.entries(file, "rules"):
        if len(entry.body) != 1 or not _RULE.issuperset(entry.body):
            raise d.wrong(entry, "rules", f"each begin with one of: {', '.join(sorted(_RULE))}")
        (word,) = entry.body
        decided.append((word, criteria.read(entry, word, terms=terms)))
    counted = [
        AllOf((when, *(Not(other) for _, other in decided[:place])))
        for place, (word, when) in enumerate(decided)
        if word == "count"
    ]
    left_out = [
        AllOf((when, *(Not(other) for _, other in decided[:place])))
        for place, (word, when) in enumerate(decided)
        if word == "leave_out"
    ]
    if not counted:
        raise d.wrong(file, "rules", "count somebody")
    return reduce(lambda so_far, out: AllOf((so_far, Not(out))), left_out, population), AnyOf(tuple(counted))
