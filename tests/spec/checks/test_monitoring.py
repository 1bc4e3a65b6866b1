"""Which tests are overdue, which results are out of their limits, and what cannot be told?"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from tests.spec.criteria.bench import KNOWLEDGE, TODAY, medicine, record, told

from pestle.pharmacy.checks import monitoring as check
from pestle.pharmacy.checks.check import Proposed, ProposedLine
from pestle.pharmacy.checks.finding import Finding
from pestle.pharmacy.record.record import Record

MTX = "took Methotrexate 2.5mg on 2024-01-10; took Methotrexate 2.5mg on 2026-11-01"
LIVER = (
    "ALT = 20 U/L on 2026-10-01; Creatinine = 80 umol/L on 2026-02-01; "
    "Creatinine = 80 umol/L on 2026-10-01; eGFR = 80 mL/min on 2026-10-01"
)
LI = "took Lithium 400mg on 2026-01-01"
LI_TESTS = (
    "Sodium = 140 mmol/L on 2026-10-01; Creatinine = 80 umol/L on 2026-10-01; TSH = 2 mU/L on 2026-10-01; "
    "Calcium = 2.4 mmol/L on 2026-10-01; Weight = 70 kg on 2026-10-01"
)
APIXABAN = "took Apixaban 5mg on 2025-01-01; INR = 1 on 2026-11-01; medication review = done on 2026-10-01"
DOAC_TESTS = (
    "Haemoglobin = 130 g/L on 2026-07-01; ALT = 20 U/L on 2026-07-01; Sodium = 140 mmol/L on 2026-07-01"
)

# what is to be supplied, the record, what is told of which kind of finding
OVERDUE = [
    # Twelve weeks since the last blood count: one day more is overdue.
    (
        "Methotrexate 2.5mg",
        f"{MTX}; {LIVER}; Haemoglobin = 130 g/L on 2026-08-29",
        {"overdue": ["full blood count (at least every 12 weeks; last 29-Aug-2026; secondary)"]},
    ),
    ("Methotrexate 2.5mg", f"{MTX}; {LIVER}; Haemoglobin = 130 g/L on 2026-08-30", {}),
    # With leflunomide it is monthly: the strictest rule is told.
    (
        "Methotrexate 2.5mg",
        f"{MTX}; {LIVER}; Haemoglobin = 130 g/L on 2026-10-30; took Leflunomide 10mg on 2026-11-01; "
        "ALT = 20 U/L on 2026-11-01; Creatinine = 80 umol/L on 2026-11-01",
        {},
    ),
    (
        "Methotrexate 2.5mg",
        f"{MTX}; {LIVER}; took Leflunomide 10mg on 2026-11-01; ALT = 20 U/L on 2026-11-01; "
        "Creatinine = 80 umol/L on 2026-11-01; Haemoglobin = 130 g/L on 2026-10-01",
        {"overdue": ["full blood count (monthly until stable 12 months; last 01-Oct-2026)"]},
    ),
    # Lithium level: three months in the first year.
    (
        "Lithium 400mg",
        f"{LI}; {LI_TESTS}; Lithium level = 0.6 mmol/L on 2026-08-21",
        {"overdue": ["lithium level (every 3 months for the first year; last 21-Aug-2026)"]},
    ),
    ("Lithium 400mg", f"{LI}; {LI_TESTS}; Lithium level = 0.6 mmol/L on 2026-08-22", {}),
    # Clozapine: weekly, then fortnightly, then every four weeks.
    (
        "Clozapine 100mg",
        "took Clozapine 100mg on 2026-10-01; White cell count = 6 x10^9/L on 2026-11-14; "
        "Neutrophils = 4 x10^9/L on 2026-11-14",
        {"overdue": ["full blood count (weekly for 18 weeks; last 14-Nov-2026)"]},
    ),
    (
        "Clozapine 100mg",
        "took Clozapine 100mg on 2026-03-01; White cell count = 6 x10^9/L on 2026-11-14; "
        "Neutrophils = 4 x10^9/L on 2026-11-14",
        {},
    ),
    # A DOAC with a clearance of 40 mL/min: every four months; with one of 60, every year.
    (
        "Apixaban 5mg",
        f"born 1960-01-01; {APIXABAN}; {DOAC_TESTS}; Creatinine clearance = 40 mL/min on 2026-07-01",
        {"overdue": ["creatinine or eGFR (every CrCl/10 months; last 01-Jul-2026)"]},
    ),
    (
        "Apixaban 5mg",
        f"born 1960-01-01; {APIXABAN}; {DOAC_TESTS}; Creatinine clearance = 60 mL/min on 2026-07-01",
        {},
    ),
    (
        "Apixaban 5mg",
        f"born 1960-01-01; {APIXABAN}; {DOAC_TESTS}; eGFR = 60 mL/min on 2026-07-01",
        {"missing": ["The creatinine clearance cannot be worked out"]},
    ),
    # Worked out from creatinine, weight and age: (140 - 66) x 70 x 1.04 / 150 = 35.9 mL/min, 107 days.
    (
        "Apixaban 5mg",
        f"born 1960-01-01; {APIXABAN}; {DOAC_TESTS}; Weight = 70 kg on 2026-07-01; "
        "Creatinine = 150 umol/L on 2026-08-06",
        {"overdue": ["creatinine or eGFR (every CrCl/10 months; last 06-Aug-2026)"]},
    ),
    (
        "Apixaban 5mg",
        f"born 1960-01-01; {APIXABAN}; {DOAC_TESTS}; Weight = 70 kg on 2026-07-01; "
        "Creatinine = 150 umol/L on 2026-08-07",
        {},
    ),
    # Before the first supply: what must be there, and what was done.
    ("Mesalazine 400mg", "took Paracetamol 500mg on 2026-11-01", {}),
    (
        "Mercaptopurine 50mg",
        "took Paracetamol 500mg on 2026-11-01; Haemoglobin = 130 g/L on 2026-10-01; "
        "ALT = 20 U/L on 2026-10-01; TPMT = normal on 2026-10-01",
        {"baseline": ["urea and electrolytes (before starting; none on file)"]},
    ),
    (
        "Mercaptopurine 50mg",
        "took Paracetamol 500mg on 2026-11-01; Haemoglobin = 130 g/L on 2026-10-01; "
        "ALT = 20 U/L on 2026-10-01; TPMT = normal on 2026-10-01; Sodium = 140 mmol/L on 2026-10-01",
        {},
    ),
    # A first supply a week ago is not late with what is due after two weeks.
    ("Metformin 500mg", "took Metformin 500mg on 2026-11-15", {}),
    ("Paracetamol 500mg", "", {}),
]

LIMITS = [
    (
        "Clozapine 100mg",
        "took Clozapine 100mg on 2026-10-01; Neutrophils = 1.4 x10^9/L on 2026-11-20; "
        "White cell count = 3.5 x10^9/L on 2026-11-20",
        {"limit": ["neutrophils WBC <3.0 or neutrophils <1.5"]},
    ),
    (
        "Clozapine 100mg",
        "took Clozapine 100mg on 2026-10-01; Neutrophils = 2.0 x10^9/L on 2026-11-20; "
        "White cell count = 3.5 x10^9/L on 2026-11-20",
        {},
    ),
    # A comparator decides where it can, and says so where it cannot.
    (
        "Clozapine 100mg",
        "took Clozapine 100mg on 2026-10-01; Neutrophils = < 1.0 x10^9/L on 2026-11-20; "
        "White cell count = 3.5 x10^9/L on 2026-11-20",
        {"limit": ["neutrophils WBC <3.0 or neutrophils <1.5"]},
    ),
    (
        "Clozapine 100mg",
        "took Clozapine 100mg on 2026-10-01; Neutrophils = < 2.5 x10^9/L on 2026-11-20; "
        "White cell count = 3.5 x10^9/L on 2026-11-20",
        {"limit": ["Whether neutrophils < 1.5 x10^9/L cannot be told from: neutrophils < 2.5 x10^9/L"]},
    ),
    (
        "Clozapine 100mg",
        "took Clozapine 100mg on 2026-10-01; Neutrophils = 4 on 2026-11-20; "
        "White cell count = 3.5 x10^9/L on 2026-11-20",
        {"limit": ["its unit was not said"]},
    ),
    (
        "Metformin 500mg",
        "took Metformin 500mg on 2026-01-01; eGFR = 29 mL/min on 2026-10-01",
        {"limit": ["eGFR <30; recalled"]},
    ),
    (
        "Metformin 500mg",
        "took Metformin 500mg on 2026-01-01; eGFR = 30 mL/min on 2026-10-01",
        {"limit": ["eGFR <45; recalled"]},
    ),
    ("Metformin 500mg", "took Metformin 500mg on 2026-01-01; eGFR = 45 mL/min on 2026-10-01", {}),
]


def _found(name: str, one: Record) -> list[Finding]:
    line = ProposedLine("1", medicine(name))
    return list(check.assess(Proposed((line,)), one, knowledge=KNOWLEDGE, on=TODAY).findings)


def _told(found: list[Finding]) -> dict[str, list[str]]:
    return {
        each.rule: [other.because or other.what for other in found if other.rule == each.rule]
        for each in found
    }


@pytest.mark.parametrize(("name", "row", "expected"), OVERDUE + LIMITS)
def test_what_is_told(name: str, row: str, expected: dict[str, list[str]]) -> None:
    found = _told(_found(name, told(row)))
    assert found.keys() == expected.keys()
    for rule, words in expected.items():
        assert len(found[rule]) == len(words)
        assert all(each in said for each, said in zip(words, found[rule], strict=True))


def test_where_nothing_could_be_read_nothing_is_called_overdue() -> None:
    for one in (record(results=None), record(supplies=None)):
        assert [each.rule for each in _found("Methotrexate 2.5mg", one)] == ["unread"]
    assert [each.rule for each in _found("? Maxtrex", record())] == ["medicine"]


def test_every_row_of_the_table_is_here(samples: Path) -> None:
    """313 rows are reckoned with, 44 stand as words for a person; none was compared with its source."""
    rows = list(csv.DictReader((samples / "clinical" / "monitoring.csv").open(encoding="utf-8")))
    groups = KNOWLEDGE.monitoring.groups.all
    assert len({row["drug"] for row in rows}) == len(groups) == 44
    assert sum(len(group.by_hand) for group in groups) == 44
    assert not any(group.source.verified for group in groups)
    words = " ".join(
        [each.says for group in groups for each in group.tests]
        + [each.says for group in groups for each in group.limits]
        + [each for group in groups for each in group.by_hand]
    )
    written = [row["interval_text"] or row["threshold"] for row in rows]
    assert [each for each in written if " ".join(each.split()) not in words] == []
