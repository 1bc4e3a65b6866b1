"""An invented population of any size, of plausible people: for measuring, teaching and trying out.

The same seed and number give the same people, and the first thousand are the same however many there are.
People are made in chunks and sorted on disc, so that memory does not grow with their number. Nobody in it
has lived. Shares are from memory of published figures and unverified; each stands with its source: ages,
Office for National Statistics, mid-2022; conditions, Quality and Outcomes Framework 2022-23, England;
medicines and tests, primary-care prescribing in England by order of magnitude.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pestle.pharmacy.criteria.read import Terms
from pestle.pharmacy.measures.folder import connect

Ints = NDArray[np.int64]
_CHUNK = 20_000
_PRODUCTS = 40
_YEARS = 5
_PER_PRACTICE = 2500  # of a chunk; the average list in England is about four times as long
# Ages in bands of ten years, and how many of a thousand are in each.
_BANDS = (113, 118, 131, 136, 127, 133, 113, 84, 37, 8)


@dataclass(frozen=True, slots=True)
class Share:
    """How many of a hundred have it at the ages below 40, 40 to 64, 65 to 79, and above."""

    young: float
    middle: float
    old: float
    oldest: float

    def of(self, ages: Ints) -> NDArray[np.float64]:
        """The chance of each."""
        bounds = np.searchsorted(np.array([40, 65, 80]), ages, side="right")
        return np.array([self.young, self.middle, self.old, self.oldest])[bounds] / 100


# Conditions by the name of their list.
_CONDITIONS: Mapping[str, Share] = {
    "pincer_asthma": Share(7, 7, 7, 6),
    "pincer_heart_failure": Share(0.1, 0.6, 3, 9),
    "pincer_peptic_ulcer": Share(0.3, 1.5, 3, 4),
    "pincer_gi_bleed": Share(0.3, 0.8, 1.5, 3),
    "hypertension": Share(2, 18, 45, 60),
    "diabetes": Share(1, 9, 18, 18),
    "atrial_fibrillation": Share(0.1, 1, 7, 17),
}
_RESOLVED = 0.15  # of those with asthma


@dataclass(frozen=True, slots=True)
class Taken:
    """Medicines of a list: how many take them, for how many issues on average, and of how many days each."""

    who: Share
    issues: float
    days: int = 28


_MEDICINES: Mapping[str, Taken] = {
    "pincer_nsaid": Taken(Share(4, 9, 8, 4), 3),
    "pincer_ulcer_healing": Taken(Share(4, 18, 35, 40), 22),
    "pincer_anticoagulant": Taken(Share(0.2, 1.5, 9, 20), 30),
    "pincer_aspirin": Taken(Share(0.2, 4, 14, 16), 30),
    "pincer_other_antiplatelet": Taken(Share(0.1, 1.5, 6, 9), 25),
    "pincer_beta_blocker": Taken(Share(1.5, 2, 1.5, 1), 12),
    "pincer_ace_arb": Taken(Share(1, 15, 38, 45), 34),
    "pincer_loop_diuretic": Taken(Share(0.1, 1, 6, 18), 28),
    "pincer_methotrexate": Taken(Share(0.1, 0.6, 1.2, 1), 34),
    "pincer_lithium": Taken(Share(0.05, 0.15, 0.15, 0.1), 34),
    "pincer_amiodarone": Taken(Share(0.01, 0.05, 0.4, 0.8), 26),
    "statins": Taken(Share(0.5, 18, 48, 50), 34),
    "ssris": Taken(Share(6, 9, 8, 8), 20),
    "sulfonylureas": Taken(Share(0.1, 2, 4, 3), 30),
    "opioids": Taken(Share(2, 6, 9, 12), 8),
    "quinolones": Taken(Share(1, 1.5, 3, 4), 1.5, 7),
    "thiazides": Taken(Share(0.3, 6, 14, 14), 30),
    "dihydropyridines": Taken(Share(0.5, 12, 30, 32), 32),
    "thyroid_hormones": Taken(Share(1, 5, 9, 11), 34),
}


@dataclass(frozen=True, slots=True)
class Measured:
    """Results of a kind: how many a year, about which value and how far from it; no `unit`, no value."""

    a_year: Share
    unit: str = ""
    about: float = 0
    spread: float = 0


def _a_year(young: float, middle: float, old: float, oldest: float) -> Share:
    return Share(100 * young, 100 * middle, 100 * old, 100 * oldest)


_RESULTS: Mapping[str, Measured] = {
    "pincer_renal_function": Measured(_a_year(0.2, 0.7, 1.4, 1.8)),
    "pincer_electrolytes": Measured(_a_year(0.2, 0.7, 1.3, 1.7)),
    "pincer_full_blood_count": Measured(_a_year(0.25, 0.6, 1, 1.4)),
    "pincer_liver_function": Measured(_a_year(0.2, 0.6, 1, 1.3)),
    "pincer_thyroid_function": Measured(_a_year(0.1, 0.3, 0.4, 0.5)),
    "pincer_egfr": Measured(_a_year(0.15, 0.6, 1.3, 1.7), "mL/min/{1.73_m2}", 105, 15),
    "systolic_bp": Measured(_a_year(0.3, 0.9, 1.6, 1.6), "mm[Hg]", 132, 16),
    "body_weight": Measured(_a_year(0.2, 0.4, 0.6, 0.6), "kg", 78, 16),
}
_LITHIUM_LEVELS_A_YEAR = 3.2  # of those on lithium


def make(folder: Path, *, patients: int, on: date, terms: Terms, seed: int = 1) -> Iterator[int]:
    """Writes the four tables, sorted by code, and gives the number of people made so far.

    `terms` name the lists from which codes are taken; facts lie in the five years up to `on`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    codes, words = _codes(terms)
    pq.write_table(pa.table({"code": list(words), "text": list(words.values())}), folder / "term.parquet")
    with tempfile.TemporaryDirectory(dir=folder, prefix="making-") as chunks:
        made = 0
        for place in range(0, patients, _CHUNK):
            number = min(_CHUNK, patients - place)
            # A whole chunk is drawn even where only a part is wanted, so that people stay who they are.
            for name, rows in _chunk(place, on, codes, seed, keep=number).items():
                pq.write_table(rows, f"{chunks}/{name}-{place:012}.parquet", compression="zstd")
            made += number
            yield made
        backend = connect(threads=2, memory_mb=1000, spill=Path(chunks))
        for name, order in (("patient", "patient"), *((name, "code, patient") for name in _FACTS)):
            backend.raw_sql(
                f"COPY (SELECT * FROM read_parquet('{chunks}/{name}-*.parquet') ORDER BY {order})"  # noqa: S608
                f" TO '{folder}/{name}.parquet' (FORMAT parquet, COMPRESSION zstd)"
            )


_FACTS = ("medication", "condition", "observation")


def _codes(terms: Terms) -> tuple[Mapping[str, Ints], Mapping[int, str]]:
    """The ids that stand for each list, a handful of each, as few products make up most issues; and the words
    of those of which no list has ids, under negative numbers."""
    found: dict[str, Ints] = {}
    words: dict[int, str] = {}
    for name in (*_MEDICINES, *_CONDITIONS, *_RESULTS, "pincer_lithium_level", "pincer_asthma_resolved"):
        if name in terms.observables:
            ids, texts = [code for _, code in terms.observables[name].codes], [terms.observables[name].title]
        elif name in terms.conditions:
            ids, texts = [code for _, code in terms.conditions[name].codes], [terms.conditions[name].title]
        else:
            listed = terms.medicines[name]
            ids, texts = list(listed.products), sorted(listed.ingredients)
        numbers = sorted(int(code) for code in ids if code.isdigit())[:_PRODUCTS]
        if not numbers:
            numbers = [-1 - len(words) - place for place in range(len(texts[:5]))]
            words |= dict(zip(numbers, texts, strict=False))
        found[name] = np.array(numbers, dtype=np.int64)
    return found, words


def _chunk(
    place: int, on: date, codes: Mapping[str, Ints], seed: int, *, keep: int
) -> Mapping[str, pa.Table]:
    draw = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, place))))
    today = np.int64((on - date(1970, 1, 1)).days)
    numbers = np.arange(place + 1, place + _CHUNK + 1)
    bands = draw.choice(len(_BANDS), _CHUNK, p=np.array(_BANDS) / sum(_BANDS))
    days_old = ((bands * 10 + draw.random(_CHUNK) * 10) * 365.25).astype(np.int64)
    ages = days_old // 365
    female = draw.random(_CHUNK) < 0.507
    died = draw.random(_CHUNK) < np.where(ages >= 80, 0.02, 0.001)
    practices = np.char.add("EX", ((numbers - 1) // _PER_PRACTICE).astype("U6"))
    people = {
        "patient": numbers,
        "born": _days(today - days_old),
        "gender": np.where(female, "female", "male"),
        "died": pa.array(
            np.where(died, today - draw.integers(0, 300, _CHUNK), 0).astype(np.int32), mask=~died
        ).cast(pa.date32()),
        "practice": practices,
    }  # fmt: skip
    conditions, lithium = [], np.zeros(_CHUNK, bool)
    for name, share in _CONDITIONS.items():
        has = np.flatnonzero(draw.random(_CHUNK) < share.of(ages))
        since = today - (draw.random(len(has)) * np.minimum(days_old[has], 20 * 365)).astype(np.int64)
        conditions.append((numbers[has], draw.choice(codes[name], len(has)), since))
        if name == "pincer_asthma":
            over = draw.random(len(has)) < _RESOLVED
            later = since[over] + ((today - since[over]) * draw.random(over.sum())).astype(np.int64)
            resolved = draw.choice(codes["pincer_asthma_resolved"], over.sum())
            conditions.append((numbers[has][over], resolved, later))
    medication = []
    for name, taken in _MEDICINES.items():
        takes = np.flatnonzero(draw.random(_CHUNK) < taken.who.of(ages))
        if name == "pincer_lithium":
            lithium[takes] = True
        medication.append(_issues(draw, takes, numbers, taken, codes[name], today))
    results = [
        _measured(draw, kind.a_year.of(ages), numbers, kind, codes[name], today, ages)
        for name, kind in _RESULTS.items()
    ]
    often = np.where(lithium, _LITHIUM_LEVELS_A_YEAR, 0)
    level = Measured(_a_year(0, 0, 0, 0))
    results.append(_measured(draw, often, numbers, level, codes["pincer_lithium_level"], today, ages))
    last = place + keep
    return {
        "patient": pa.table(people).slice(0, keep),
        "condition": _table(("patient", "code", "recorded"), conditions, last),
        "medication": _table(("patient", "code", "issued", "days"), medication, last),
        "observation": _table(("patient", "code", "taken", "value", "unit"), results, last),
    }


def _issues(
    draw: np.random.Generator, takes: Ints, numbers: Ints, taken: Taken, codes: Ints, today: np.int64
) -> tuple[Ints, ...]:
    """Repeat issues one supply apart, from some day on; one product each, as most people have."""
    many = np.minimum(1 + draw.poisson(taken.issues - 1, len(takes)), _YEARS * 365 // taken.days)
    # Half of those who take something for long still do.
    longest = _YEARS * 365 - many * taken.days
    ended = np.where(draw.random(len(takes)) < 0.5, 0, draw.random(len(takes)) * longest).astype(np.int64)
    which = np.repeat(np.arange(len(takes)), many)
    nth = np.arange(len(which)) - np.repeat(np.cumsum(many) - many, many)
    day = today - ended[which] - nth * taken.days - draw.integers(0, taken.days, len(takes))[which]
    product = draw.choice(codes, len(takes))[which]
    return numbers[takes][which], product, day, np.full(len(which), taken.days)


def _measured(
    draw: np.random.Generator, a_year: NDArray[np.float64], numbers: Ints, kind: Measured, codes: Ints,
    today: np.int64, ages: Ints,
) -> tuple[Any, ...]:  # fmt: skip
    many = draw.poisson(a_year * _YEARS)
    which = np.repeat(np.arange(len(many)), many)
    day = today - (draw.random(len(which)) * _YEARS * 365).astype(np.int64)
    # Kidneys lose about one a year after forty.
    loss = np.maximum(ages[which] - 40, 0) if kind.unit.startswith("mL/min") else 0
    value = np.maximum(np.round(kind.about - loss + draw.normal(0, 1, len(which)) * kind.spread), 1)
    value = value if kind.unit else np.full(len(which), np.nan)
    return numbers[which], draw.choice(codes, len(which)), day, value, np.full(len(which), kind.unit)


def _days(numbers: Ints) -> pa.Array:
    return pa.array(numbers.astype(np.int32)).cast(pa.date32())


def _table(names: tuple[str, ...], parts: Sequence[tuple[Any, ...]], last: int) -> pa.Table:
    columns: dict[str, pa.Array] = {}
    for place, name in enumerate(names):
        whole = np.concatenate([part[place] for part in parts])
        if name in ("recorded", "issued", "taken"):
            columns[name] = _days(whole)
        elif name == "value":
            columns[name] = pa.array(whole, from_pandas=True).cast(pa.decimal128(18, 6))
        else:
            columns[name] = pa.array(whole)
    rows = pa.table(columns)
    return rows.filter(pa.compute.less_equal(rows["patient"], last))
