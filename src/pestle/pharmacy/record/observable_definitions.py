"""Which kinds of observation do the definitions name?

Kind: observable (``observables/*.yaml``); it is called by the name of its file. SNOMED CT codes stand as ids
only. A unit is the `same_as` another, so many `times` the observable's own (and `plus`), or converted `by` a
factor of `conversions`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from pestle.pharmacy import definition as d
from pestle.pharmacy.definition import Definition, Definitions
from pestle.pharmacy.quantity import SNOMED
from pestle.pharmacy.record.conversions import CONVERSIONS
from pestle.pharmacy.record.observable import (
    Conversion,
    DayRule,
    Observable,
    folded_unit,
    folded_words,
)

LOINC = "http://loinc.org"
KINDS = {
    "observable": frozenset(
        {"called", "words", "snomed", "loinc", "unit", "units", "plausible", "day", "answers", "panel"}
    )
}
_DAY = {rule.value: rule for rule in DayRule}
_RANGE = frozenset({"low", "high"})
_CONVERSION = frozenset({"times", "plus", "same_as", "by"})


def read(files: Definitions) -> Mapping[str, Observable]:
    """The observables by their names.

    Raises `Refused`: what `definition` names, and ``definition.wrong-value`` for a member of a panel that
    is not an observable, or is a panel itself.
    """
    alone = {file.name: _observable(file) for file in files.of("observable")}
    whole = {}
    for file in files.of("observable"):
        members = d.texts(file, "panel", empty=True)
        for member in members:
            if member not in alone or any(f.name == member and "panel" in f.body for f in files.files):
                raise d.wrong(file, "panel", f"names observables that are no panels; “{member}” is not one")
        panel = tuple(alone[member] for member in members)
        whole[file.name] = replace(alone[file.name], panel=panel) if panel else alone[file.name]
    return whole


def _observable(file: Definition) -> Observable:
    called = d.text(file, "called") if "called" in file.body else file.title
    codes = {(SNOMED, code) for code in d.texts(file, "snomed", empty=True)}
    codes |= {(LOINC, code) for code in d.texts(file, "loinc", empty=True)}
    low = high = None
    if "plausible" in file.body:
        plausible = d.entry(file, "plausible", fields=_RANGE)
        low, high = d.exact(plausible, "low"), d.exact(plausible, "high")
        if low >= high:
            raise d.wrong(file, "plausible", "has its low below its high")
    units = _units(file)
    answers = None
    if "answers" in file.body:
        if units is not None:
            raise d.wrong(file, "answers", "belongs to an observable without a unit")
        answers = {
            name: frozenset(map(folded_words, (name, *means)))
            for name, means in d.word_lists(file, "answers").items()
        }
    return Observable(
        name=file.name,
        title=called,
        words=frozenset(map(folded_words, (called, *d.texts(file, "words", empty=True)))),
        source=file.source,
        codes=frozenset(codes),
        unit=_text(file, "unit") if units is not None else None,
        units=units,
        low=low,
        high=high,
        day_rule=d.choice(file, "day", _DAY) if "day" in file.body else DayRule.LAST,
        answers=answers,
    )


def _units(file: Definition) -> Mapping[str, Conversion] | None:
    """Every unit that is taken, folded, with its conversion; None for what is not measured."""
    if "unit" not in file.body:
        if "units" in file.body or "plausible" in file.body:
            raise d.wrong(file, "unit", "is the unit in which values are compared")
        return None
    found = {folded_unit(_text(file, "unit")): Conversion(Fraction(1))}
    others = d.entry(file, "units") if "units" in file.body else None
    for written in others.body if others else ():
        assert others is not None
        entry = d.entry(others, written, fields=_CONVERSION)
        if "same_as" in entry.body:
            same = folded_unit(_text(entry, "same_as"))
            if same not in found:
                raise d.wrong(entry, "same_as", "names a unit above it")
            conversion = found[same]
        elif "by" in entry.body:
            conversion = d.choice(entry, "by", CONVERSIONS)
        else:
            plus = d.exact(entry, "plus") if "plus" in entry.body else Fraction(0)
            conversion = Conversion(d.exact(entry, "times"), plus)
            if conversion.times <= 0:
                raise d.wrong(entry, "times", "is above zero")
        if found.setdefault(folded_unit(written), conversion) != conversion:
            raise d.wrong(others, written, "is given two meanings")
    return found


def _text(definition: Definition, field: str) -> str:
    # A unit may be empty: a ratio such as an INR has none.
    value = definition.body.get(field)
    return "" if value == "" else d.text(definition, field)
