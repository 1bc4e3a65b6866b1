"""How much of a substance is the most, for whom, by which route, and how seldom may it be given?

Kinds: dose_limit (``dose/*/*.yaml``), one file a substance with a limit for each group of people, which with
`when` holds only where that condition does;
least_interval (``dose/intervals/*.yaml``), what is given once a week or less often.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from pestle.pharmacy import definition as d
from pestle.pharmacy.checks.finding import LEVELS, Severity
from pestle.pharmacy.criteria import read as criteria
from pestle.pharmacy.criteria.nodes import Criterion
from pestle.pharmacy.criteria.read import Terms
from pestle.pharmacy.definition import Definition, Definitions, Source
from pestle.pharmacy.medicines.medicine_class import WHICH, Classes

KINDS = {
    "dose_limit": WHICH | {"unit", "limits", "stop_times", "severity", "when", "do"},
    "least_interval": WHICH | {"unit", "dose_from", "days", "effect", "do"},
}
_AMOUNTS = ("single", "daily", "weekly")
_PER = ("", "_per_kg", "_per_m2")
_LIMIT = frozenset({
    "routes", "from_age", "under_age", "from_kg", "under_kg", "if_known", "with", "note",
    *(f"{amount}{per}" for amount in _AMOUNTS for per in _PER),
})  # fmt: skip
_AGE = re.compile(r"([0-9]+) (year|month)s?")


@dataclass(frozen=True, slots=True)
class Limit:
    """The most for one group of people; None: no such bound. Ages in months, weights in kg.

    `routes` in lower case, empty: any that is not local. `beside`: only with one of these substances. `most`
    is by (single, daily or weekly; "", per_kg or per_m2), in the unit of the file. `if_known`: it is left
    out where weight or age is not known, and nothing is said of that.
    """

    routes: frozenset[str]
    from_months: int | None
    under_months: int | None
    from_kg: Fraction | None
    under_kg: Fraction | None
    beside: frozenset[str]
    most: Mapping[tuple[str, str], Fraction]
    if_known: bool
    note: str


@dataclass(frozen=True, slots=True)
class DoseLimits:
    """The limits of one substance, or of several each by itself; `when` says of whom (None: of everybody).

    What is above them is as serious as `severity`; more than `stop_times` as much is a stop (None: never).
    """

    title: str
    which: frozenset[str]
    unit: str
    limits: tuple[Limit, ...]
    when: Criterion | None
    severity: Severity
    stop_times: Fraction | None
    do: str
    source: Source


@dataclass(frozen=True, slots=True)
class LeastInterval:
    """Doses of at least `dose_from` (in `unit`; None: any) lie `days` days apart or more."""

    title: str
    which: frozenset[str]
    unit: str
    dose_from: Fraction | None
    days: int
    effect: str
    do: str
    source: Source


@dataclass(frozen=True, slots=True)
class DoseKnowledge:
    """What the dose check knows, by substance."""

    limits: Mapping[str, tuple[DoseLimits, ...]]
    intervals: Mapping[str, tuple[LeastInterval, ...]]


def names(files: Definitions) -> list[str]:
    """Every substance that these definitions name."""
    return criteria.ingredients_within(files.of("dose_limit", "least_interval"))


def read(files: Definitions, terms: Terms) -> DoseKnowledge:
    """What these definitions say."""
    limits: dict[str, tuple[DoseLimits, ...]] = {}
    intervals: dict[str, tuple[LeastInterval, ...]] = {}
    for file in files.of("dose_limit"):
        found = _limits(file, terms)
        for substance in found.which:
            limits[substance] = (*limits.get(substance, ()), found)
    for file in files.of("least_interval"):
        rule = _interval(file, terms.classes)
        for substance in rule.which:
            intervals[substance] = (*intervals.get(substance, ()), rule)
    return DoseKnowledge(limits, intervals)


def _limits(file: Definition, terms: Terms) -> DoseLimits:
    entries = d.entries(file, "limits", fields=_LIMIT)
    if not entries:
        raise d.wrong(file, "limits", "has at least one limit")
    severity = d.choice(file, "severity", LEVELS) if "severity" in file.body else Severity.INTERRUPT
    if severity is None:
        raise d.wrong(file, "severity", "is hard_stop, interrupt or note")
    return DoseLimits(
        title=file.title,
        which=terms.classes.meant(file),
        unit=d.text(file, "unit"),
        limits=tuple(_limit(entry, terms.classes) for entry in entries),
        when=criteria.read(file, "when", terms=terms) if "when" in file.body else None,
        severity=severity,
        stop_times=d.exact(file, "stop_times") if "stop_times" in file.body else None,
        do=d.text(file, "do"),
        source=file.source,
    )


def _limit(entry: Definition, classes: Classes) -> Limit:
    most = {
        (amount, per.removeprefix("_")): d.exact(entry, f"{amount}{per}")
        for amount in _AMOUNTS
        for per in _PER
        if f"{amount}{per}" in entry.body
    }
    if not most:
        raise d.wrong(entry, "daily", "or single or weekly says how much is the most")
    return Limit(
        routes=frozenset(route.casefold() for route in d.texts(entry, "routes", empty=True)),
        from_months=_months(entry, "from_age"),
        under_months=_months(entry, "under_age"),
        from_kg=d.exact(entry, "from_kg") if "from_kg" in entry.body else None,
        under_kg=d.exact(entry, "under_kg") if "under_kg" in entry.body else None,
        beside=classes.meant(d.entry(entry, "with", fields=WHICH)) if "with" in entry.body else frozenset(),
        most=MappingProxyType(most),
        if_known=d.flag(entry, "if_known"),
        note=d.text(entry, "note") if "note" in entry.body else "",
    )


def _interval(file: Definition, classes: Classes) -> LeastInterval:
    return LeastInterval(
        title=file.title,
        which=classes.meant(file),
        unit=d.text(file, "unit"),
        dose_from=d.exact(file, "dose_from") if "dose_from" in file.body else None,
        days=d.number(file, "days"),
        effect=d.text(file, "effect"),
        do=d.text(file, "do"),
        source=file.source,
    )


def _months(entry: Definition, field: str) -> int | None:
    if field not in entry.body:
        return None
    found = _AGE.fullmatch(d.text(entry, field))
    if found is None:
        raise d.wrong(entry, field, "is an age such as 16 years or 3 months")
    return int(found[1]) * (12 if found[2] == "year" else 1)
