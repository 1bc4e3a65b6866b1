"""A monitoring measure finds whom the monitoring check would stop: both come from one definition."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from tests.spec.criteria import bench

from pestle.definitions import folder
from pestle.pharmacy.checks import monitoring as check
from pestle.pharmacy.checks.check import Proposed, ProposedLine
from pestle.pharmacy.criteria.patient_day import PatientDay
from pestle.pharmacy.measures import library
from pestle.pharmacy.measures.measure import Measure, Standing, stands
from pestle.pharmacy.record.record import Record

LIBRARY = library.read(*map(folder, library.FOLDERS))
RESULTS = [
    ("Haemoglobin", "130 g/L"), ("White cell count", "6 10*9/L"), ("ALT", "20 U/L"),
    ("Creatinine", "150 umol/L"), ("Weight", "70 kg"), ("Sodium", "140 mmol/L"), ("TSH", "2 mU/L"),
    ("Lithium level", "0.6 mmol/L"), ("Lithium level", "0.9 mmol/L"), ("Potassium", "4.4 mmol/L"),
    ("Calcium", "2.4 mmol/L"), ("medication review", "done"), ("Creatinine clearance", "40 mL/min"),
]  # fmt: skip
# Since the start, and before today.
DAYS = [0, 1, 6, 7, 13, 14, 30, 31, 62, 83, 84, 85, 91, 92, 119, 121, 183, 184, 364, 366, 500]


def _record(medicine: str, draw: Random) -> Record:
    issues = sorted({draw.choice(DAYS) for _ in range(draw.randint(1, 4))} | {draw.choice([1, 20, 60])})
    results = [
        bench.result(*draw.choice(RESULTS), str(bench.TODAY - timedelta(days=draw.choice(DAYS))))
        for _ in range(draw.randint(0, 12))
    ]
    # As Results keeps them apart: no two of one kind on one day.
    unlike = {(each.what.text, str(each.taken)): each for each in results}
    return bench.record(
        born=draw.choice(["1940-05-01", "1970-05-01", "2000-05-01"]),
        supplies=tuple(
            bench.supplied(medicine, str(bench.TODAY - timedelta(days=back)), days=28) for back in issues
        ),
        results=tuple(unlike.values()),
    )


@pytest.mark.parametrize(
    ("medicine", "group"),
    [
        ("Methotrexate 2.5mg", "methotrexate"), ("Lithium 400mg", "lithium"), ("Apixaban 5mg", "doacs"),
        ("Clozapine 100mg", "clozapine"), ("Amiodarone 200mg", "amiodarone"),
        ("Ramipril 5mg", "renin_angiotensin"),
    ],
)  # fmt: skip
def test_the_measure_finds_whom_the_check_calls_overdue(medicine: str, group: str) -> None:
    measures: dict[str, Measure] = {
        each.title: each
        for each in LIBRARY.measures.values()
        if each.source.definition == f"{group}.yaml" and each.group == "Monitoring: overdue"
    }
    titles = {title.partition(": ")[2].removesuffix(" overdue"): each for title, each in measures.items()}
    source = next(iter(measures.values())).source
    found_some = 0
    for seed in range(60):
        record = _record(medicine, Random(f"{group} {seed}"))
        line = ProposedLine("1", bench.medicine(medicine))
        told = check.assess(Proposed((line,)), record, knowledge=bench.KNOWLEDGE, on=bench.TODAY)
        overdue = " ".join(
            each.what for each in told.findings if each.rule == "overdue" and each.source == source
        )
        day = PatientDay(record, on=bench.TODAY, substances=LIBRARY.substances)
        for title, measure in titles.items():
            found = stands(measure, day).standing is Standing.FOUND
            assert found == (f" {title} (" in overdue), (seed, title, overdue)
            found_some += found
    assert found_some >= 20
