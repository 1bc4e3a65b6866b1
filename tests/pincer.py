"""The thirteen PINCER indicators as one slow program that shares nothing with the measures.

Written from their description (opensafely/pincer-measures 2e158943, MIT) in plain loops over one patient's
rows, with the published lists of codes and, beside each id of a medicine, the one that replaced it since.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

DRUGS = (
    "nsaid", "ppi", "anticoag", "aspirin", "non_asp_antiplate", "antiplat", "nsbb", "acei", "diur", "met",
    "lith", "amio",
)  # fmt: skip
CODES = (
    "pep",
    "gi_bleed",
    "ast",
    "ast_res",
    "hf",
    "egfr",
    "renal",
    "electro",
    "fbc",
    "lft",
    "lith_lev",
    "tft",
)


@dataclass
class Person:
    """One patient's rows: (code, day) of medicines and conditions; results with value and comparator."""

    born: date | None
    gender: str
    died: date | None = None
    practice: str | None = None
    medicines: list[tuple[int, date]] = field(default_factory=list)
    conditions: list[tuple[int, date]] = field(default_factory=list)
    results: list[tuple[int, date, Decimal | None, str | None]] = field(default_factory=list)


def lists(folder: Path, formulary: Path) -> Mapping[str, frozenset[int]]:
    """The published lists, from the folder of code lists; of medicines with the ids of today, by the table of
    the formulary."""
    with formulary.open(encoding="utf-8") as file:
        today = {int(old): int(row["id"]) for row in csv.DictReader(file) for old in row["previous"].split()}
    found = {}
    for name in (*DRUGS, *CODES):
        with (folder / f"pincer-{name}.csv").open(encoding="utf-8") as file:
            column = "id" if name in DRUGS else "code"
            codes = frozenset(int(row[column]) for row in csv.DictReader(file))
        found[name] = codes | {today[code] for code in codes & today.keys()} if name in DRUGS else codes
    return found


def back(on: date, months: int) -> date:
    """The same day so many months before, or the last there is of that month."""
    year, month = divmod(on.year * 12 + on.month - 1 - months, 12)
    for day in range(on.day, 27, -1):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    return date(year, month + 1, on.day)


def indicators(person: Person, on: date, codes: Mapping[str, frozenset[int]]) -> dict[str, bool]:
    """Of each indicator that asks about the patient, whether they are found."""
    three, six, twelve, fifteen = (back(on, months) for months in (3, 6, 12, 15))
    if person.born is None or person.practice is None or person.gender not in ("male", "female"):
        return {}
    if person.died is not None and person.died <= on:
        return {}
    age = on.year - person.born.year - ((on.month, on.day) < (person.born.month, person.born.day))
    if not 18 <= age <= 120:
        return {}

    def had(name: str, since: date, until: date) -> list[date]:
        return [day for code, day in person.medicines if code in codes[name] and since <= day <= until]

    def coded(name: str, until: date) -> list[date]:
        return [day for code, day in person.conditions if code in codes[name] and day <= until]

    def tested(name: str, since: date) -> bool:
        return any(
            code in codes[name] and since <= day <= on and (name != "egfr" or value is not None)
            for code, day, value, _ in person.results
        )

    def near(one: Iterable[date], other: Iterable[date]) -> bool:
        return any(abs((a - b).days) < 28 for a in one for b in other)

    def twice(name: str, middle: date, first: date) -> bool:
        return bool(had(name, first, middle)) and bool(had(name, middle, on))

    found: dict[str, bool] = {}
    nsaid, ppi = bool(had("nsaid", three, on)), bool(had("ppi", three, on))
    clots = had("anticoag", three, on)
    ulcer = bool(coded("pep", three) or coded("gi_bleed", three))
    if age >= 65 and not ppi:
        found["pincer_a"] = nsaid
    if ulcer and not ppi:
        found["pincer_b"] = nsaid
        found["pincer_c"] = bool(had("antiplat", three, on))
    if clots:
        found["pincer_d"] = nsaid
    if clots and not ppi:
        found["pincer_e"] = near(clots, had("antiplat", three, on))
    aspirin = had("aspirin", three, on)
    if aspirin and not ppi:
        found["pincer_f"] = near(aspirin, had("non_asp_antiplate", three, on))
    asthma, resolved = coded("ast", three), coded("ast_res", three)
    if asthma and (not resolved or max(resolved) < max(asthma)):
        found["pincer_g"] = bool(had("nsbb", three, on))
    if coded("hf", three):
        found["pincer_i"] = nsaid
    kidneys = [
        (day, value, sign)
        for code, day, value, sign in person.results
        if code in codes["egfr"] and day <= three and value is not None
    ]
    if kidneys:
        last = max(day for day, _, _ in kidneys)
        # Of several on one day the lowest counts, an exact one before one that lies beyond it.
        value, sign = min((value, sign or "") for day, value, sign in kidneys if day == last)
        if 1 <= value < 45 and sign not in (">", ">=", "~") and not (sign == "<" and value == 1):
            found["pincer_k"] = nsaid
    long = any(had(name, date.min, fifteen) and had(name, six, on) for name in ("acei", "diur"))
    if age >= 75 and long:
        found["pincer_ac"] = not (tested("renal", fifteen) and tested("electro", fifteen))
    if twice("met", three, six):
        found["pincer_me_fbc"] = not tested("fbc", three)
        found["pincer_me_lft"] = not tested("lft", three)
    if twice("lith", three, six):
        found["pincer_li"] = not tested("lith_lev", three)
    if twice("amio", six, twelve):
        found["pincer_am"] = not tested("tft", six)
    return found
