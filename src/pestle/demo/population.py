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

from pestle.pharmacy.criteria.lists import Described, described, has_medicine
from pestle.pharmacy.criteria.read import Terms
from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.measures.folder import connect
from pestle.pharmacy.medicines.dictionary import Dictionary
from pestle.pharmacy.medicines.substances import Substances
from pestle.pharmacy.quantity import SNOMED
from pestle.pharmacy.record.medication import Medication

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
    "coronary_disease": Share(0.1, 3, 11, 17),
    "stroke_tia": Share(0.1, 1.2, 5, 11),
    "ckd": Share(0.1, 2, 11, 28),
    "depression": Share(9, 15, 11, 8),
    "epilepsy": Share(0.6, 0.9, 1, 1.2),
    "dementia": Share(0, 0.1, 2, 11),
    "falls": Share(0.2, 0.8, 4, 14),
    "gout": Share(0.2, 2, 5, 6),
    "frailty": Share(0, 0.2, 6, 26),
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
    # By their ingredient.
    "azathioprine": Taken(Share(0.1, 0.2, 0.25, 0.15), 30),
    "leflunomide": Taken(Share(0.01, 0.05, 0.1, 0.05), 28),
    "sulfasalazine": Taken(Share(0.05, 0.2, 0.3, 0.2), 28),
    "hydroxychloroquine": Taken(Share(0.05, 0.2, 0.3, 0.2), 30),
    "mycophenolate": Taken(Share(0.02, 0.06, 0.06, 0.02), 30),
    "spironolactone": Taken(Share(0.05, 0.4, 1.6, 3.2), 24),
    "valproic acid": Taken(Share(0.15, 0.3, 0.3, 0.25), 34),
    "carbamazepine": Taken(Share(0.1, 0.3, 0.4, 0.4), 34),
    "topiramate": Taken(Share(0.2, 0.3, 0.1, 0.05), 24),
    "carbimazole": Taken(Share(0.05, 0.15, 0.2, 0.2), 18),
    "apixaban": Taken(Share(0.05, 0.6, 4, 11), 28),
    "edoxaban": Taken(Share(0.02, 0.3, 2, 5), 28),
    "metformin": Taken(Share(0.6, 6, 12, 10), 34),
    "allopurinol": Taken(Share(0.1, 1.2, 3.2, 4), 30),
    "digoxin": Taken(Share(0.01, 0.1, 1, 3), 28),
    "amitriptyline": Taken(Share(1.5, 5, 5, 4), 14),
    "nitrofurantoin": Taken(Share(1.5, 2, 4, 7), 2, 5),
    "trimethoprim": Taken(Share(0.6, 0.8, 2, 4), 2, 7),
    "amoxicillin": Taken(Share(6, 6, 8, 10), 2, 7),
    "doxycycline": Taken(Share(2, 4, 5, 5), 1.5, 7),
    "salbutamol": Taken(Share(8, 9, 11, 10), 9),
}


@dataclass(frozen=True, slots=True)
class Measured:
    """Results of a kind: how many a year, about which value and how far from it, to so many places; no
    `unit`, no value. `a_year_older`: how the value changes in each year after forty."""

    a_year: Share
    unit: str = ""
    about: float = 0
    spread: float = 0
    places: int = 0
    a_year_older: float = 0


def _a_year(young: float, middle: float, old: float, oldest: float) -> Share:
    return Share(100 * young, 100 * middle, 100 * old, 100 * oldest)


_BLOOD = _a_year(0.1, 0.25, 0.5, 0.7)
_RESULTS: Mapping[str, Measured] = {
    "pincer_renal_function": Measured(_a_year(0.2, 0.7, 1.4, 1.8)),
    "pincer_electrolytes": Measured(_a_year(0.2, 0.7, 1.3, 1.7)),
    "pincer_full_blood_count": Measured(_a_year(0.25, 0.6, 1, 1.4)),
    "pincer_liver_function": Measured(_a_year(0.2, 0.6, 1, 1.3)),
    "pincer_thyroid_function": Measured(_a_year(0.1, 0.3, 0.4, 0.5)),
    # Kidneys lose about one a year after forty.
    "pincer_egfr": Measured(_a_year(0.15, 0.6, 1.3, 1.7), "mL/min/{1.73_m2}", 105, 15, a_year_older=-1),
    "systolic_bp": Measured(_a_year(0.3, 0.9, 1.6, 1.6), "mm[Hg]", 132, 16),
    "diastolic_bp": Measured(_a_year(0.3, 0.9, 1.6, 1.6), "mm[Hg]", 78, 10),
    "body_weight": Measured(_a_year(0.2, 0.4, 0.6, 0.6), "kg", 78, 16),
    "bmi": Measured(_a_year(0.15, 0.3, 0.4, 0.4), "kg/m2", 27.5, 5, places=1),
    "creatinine": Measured(_a_year(0.15, 0.5, 1, 1.4), "umol/L", 74, 18, a_year_older=0.6),
    "potassium": Measured(_BLOOD, "mmol/L", 4.4, 0.45, places=1),
    "sodium": Measured(_BLOOD, "mmol/L", 139, 3),
    "haemoglobin": Measured(_BLOOD, "g/L", 138, 15),
    "white_cells": Measured(_BLOOD, "10*9/L", 7, 2, places=1),
    "neutrophils": Measured(_BLOOD, "10*9/L", 4.2, 1.4, places=1),
    "platelets": Measured(_BLOOD, "10*9/L", 250, 60),
    "alt": Measured(_BLOOD, "U/L", 27, 16),
    "albumin": Measured(_BLOOD, "g/L", 41, 4),
    "tsh": Measured(_a_year(0.1, 0.25, 0.35, 0.4), "mU/L", 2.2, 1.3, places=2),
    "hba1c": Measured(_a_year(0.05, 0.35, 0.6, 0.5), "mmol/mol", 44, 13),
    "cholesterol": Measured(_a_year(0.05, 0.35, 0.6, 0.4), "mmol/L", 4.9, 1.1, places=1),
    "medication_review": Measured(_a_year(0.1, 0.4, 0.9, 1.1)),
}
_LITHIUM_LEVELS_A_YEAR = 3.2  # of those on lithium


@dataclass(frozen=True, slots=True)
class Words:
    """From where codes are taken: the lists, the words for substances, and the dictionary in use."""

    terms: Terms
    substances: Substances
    dictionary: Dictionary


def make(folder: Path, *, patients: int, on: date, words: Words, seed: int = 1) -> Iterator[int]:
    """Writes the four tables, sorted by code, and gives the number of people made so far.

    Facts lie in the five years up to `on`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    codes, called = _codes(words)
    pq.write_table(pa.table({"code": list(called), "text": list(called.values())}), folder / "term.parquet")
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


def _codes(words: Words) -> tuple[Mapping[str, Ints], Mapping[int, str]]:
    """The ids that stand for each list, a handful of each, as few products make up most issues; and the words
    of those of which no list has ids, under negative numbers."""
    found: dict[str, Ints] = {}
    called: dict[int, str] = {}
    products = _products(words)
    terms = words.terms
    for name in (*_MEDICINES, *_CONDITIONS, *_RESULTS, "pincer_lithium_level", "pincer_asthma_resolved"):
        if name in _MEDICINES:
            ids, texts = _of_medicines(name, words, products)
        elif name in terms.observables:
            ids, texts = [code for _, code in terms.observables[name].codes], [terms.observables[name].title]
        else:
            ids, texts = [code for _, code in terms.conditions[name].codes], [terms.conditions[name].title]
        numbers = sorted(int(code) for code in ids if code.isdigit())[:_PRODUCTS]
        if not numbers:
            numbers = [-1 - len(called) - place for place in range(len(texts[:5]))]
            called |= dict(zip(numbers, texts, strict=False))
        found[name] = np.array(numbers, dtype=np.int64)
    return found, called


def _products(words: Words) -> Mapping[str, Described]:
    """The products of the dictionary in use, ready to be held against lists.

    One that a list of ids means by its generic, and not by its own id, is left out: a plain program that
    reads the list would not know it.
    """
    lists = [listed.ids for listed in words.terms.medicines.values() if listed.ids]
    found = {}
    for product in words.dictionary.products():
        medication = Medication(Coded(product.name, SNOMED, product.id), product)
        each = described(medication, substances=words.substances)
        if all(product.id in ids or each.ids.isdisjoint(ids) for ids in lists):
            found[product.id] = each
    return found


def _of_medicines(
    name: str, words: Words, products: Mapping[str, Described]
) -> tuple[Sequence[str], Sequence[str]]:
    """The ids and words of a list, or of an ingredient. Of a list they are today's, as in a record, and those
    alone that the dictionary in use has, where it has any, so that lists of ingredients know them too."""
    listed = words.terms.medicines.get(name)
    if listed is None:
        holds = words.substances.of(name)
        return [id_ for id_, each in products.items() if each.holds and holds <= each.holds], [name]
    if listed.products:
        today = {words.dictionary.current(id_) for id_ in listed.products}
        return [id_ for id_ in today if words.dictionary.product(id_)] or list(today), []
    return [id_ for id_, each in products.items() if has_medicine(listed, each)], sorted(listed.ingredients)


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
    older = np.maximum(ages[which] - 40, 0) * kind.a_year_older
    value = kind.about + older + draw.normal(0, 1, len(which)) * kind.spread
    value = np.maximum(np.round(value, kind.places), 10.0**-kind.places)
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
