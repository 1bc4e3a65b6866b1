"""What do weak kidneys ask of a medicine, by which measure?

Kind: renal_rule (``renal/*.yaml``), one file a medicine: bands of eGFR or of creatinine clearance, each with
what is said of it and, where only more than so much a day is too much, how much. By creatinine clearance it
may name the `weight` that goes into it: actual (also where it names none), ideal or adjusted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from pestle.pharmacy import definition as d
from pestle.pharmacy.calculators.creatinine_clearance import WeightUsed
from pestle.pharmacy.checks.finding import LEVELS, Severity
from pestle.pharmacy.definition import Definition, Definitions, Source
from pestle.pharmacy.medicines import medicine_class
from pestle.pharmacy.medicines.medicine_class import WHICH, Classes

KINDS = {"renal_rule": WHICH | {"measure", "weight", "unit", "bands"}}
_BAND = frozenset({"from", "below", "above", "country", "daily", "daily_from", "severity", "says", "do"})
_WEIGHTS: dict[str, WeightUsed] = {"actual": "actual", "ideal": "ideal", "adjusted": "adjusted"}


class Measure(Enum):
    """By what the kidneys are judged; the value is how a definition writes it."""

    EGFR = "egfr"
    CLEARANCE = "crcl"


@dataclass(frozen=True, slots=True)
class Band:
    """From `least` on and below `below`, or above `above`; None: no such bound.

    With `daily` it speaks only of more than so much a day, with `daily_from` of so much or more; with
    `country` only of that country's rules.
    """

    least: Fraction | None
    below: Fraction | None
    above: Fraction | None
    country: str | None
    daily: Fraction | None
    daily_from: Fraction | None
    severity: Severity
    says: str
    do: str

    @property
    def amount(self) -> Fraction | None:
        """The amount a day that it hangs on; None: on none."""
        return self.daily if self.daily is not None else self.daily_from

    def speaks_of(self, a_day: Fraction) -> bool:
        """Whether it has something to say of so much a day."""
        if self.daily is not None:
            return a_day > self.daily
        return self.daily_from is None or a_day >= self.daily_from


@dataclass(frozen=True, slots=True)
class RenalRule:
    """The bands of a medicine by one measure; a clearance is worked out with this `weight`; `unit` is that of
    the daily amounts."""

    title: str
    which: frozenset[str]
    measure: Measure
    weight: WeightUsed
    unit: str
    bands: tuple[Band, ...]
    source: Source

    @property
    def has_upper_bound(self) -> bool:
        """Whether strong kidneys can be too strong for it."""
        return any(band.above is not None for band in self.bands)


RenalRules = Mapping[str, tuple[RenalRule, ...]]


def names(files: Definitions) -> list[str]:
    """Every substance that these definitions name."""
    return medicine_class.ingredients(files.of("renal_rule"))


def read(files: Definitions, classes: Classes) -> RenalRules:
    """The rules by substance."""
    found: dict[str, tuple[RenalRule, ...]] = {}
    for file in files.of("renal_rule"):
        rule = _rule(file, classes)
        for substance in rule.which:
            found[substance] = (*found.get(substance, ()), rule)
    return found


def _rule(file: Definition, classes: Classes) -> RenalRule:
    bands = tuple(_band(entry) for entry in d.entries(file, "bands", fields=_BAND))
    if not bands:
        raise d.wrong(file, "bands", "has at least one band")
    unit = d.text(file, "unit") if any(band.amount is not None for band in bands) else ""
    measure = d.choice(file, "measure", {each.value: each for each in Measure})
    if "weight" in file.body and measure is not Measure.CLEARANCE:
        raise d.wrong(file, "weight", "is only for creatinine clearance")
    weight = d.choice(file, "weight", _WEIGHTS) if "weight" in file.body else "actual"
    return RenalRule(file.title, classes.meant(file), measure, weight, unit, bands, file.source)


def _band(entry: Definition) -> Band:
    def bound(field: str) -> Fraction | None:
        return d.exact(entry, field) if field in entry.body else None

    severity = d.choice(entry, "severity", LEVELS)
    below, above = bound("below"), bound("above")
    if severity is None or (below is None) == (above is None):
        raise d.wrong(entry, "below", "or above bounds the band, and its severity says something")
    if "daily" in entry.body and "daily_from" in entry.body:
        raise d.wrong(entry, "daily", "or daily_from says from which amount on, not both")
    return Band(
        least=bound("from"),
        below=below,
        above=above,
        country=d.choice(entry, "country", {"uk": "uk", "us": "us"}) if "country" in entry.body else None,
        daily=bound("daily"),
        daily_from=bound("daily_from"),
        severity=severity,
        says=d.text(entry, "says"),
        do=d.text(entry, "do"),
    )
