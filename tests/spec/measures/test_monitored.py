"""Monitoring measures and unsuitable medicines, one patient a row: the measure, the record, how they stand.

The day is 22 November 2026. Both readings are asked: of the one patient, and of all of them as one query.
"""

from __future__ import annotations

import pytest
from tests.spec.criteria import bench

from pestle.definitions import folder
from pestle.pharmacy.criteria.patient_day import PatientDay
from pestle.pharmacy.measures import library
from pestle.pharmacy.measures.askable import why_not
from pestle.pharmacy.measures.measure import stands
from pestle.pharmacy.measures.rows import Rows
from pestle.pharmacy.measures.run import standings

LIBRARY = library.read(*map(folder, library.FOLDERS))
MTX = "took Methotrexate 2.5mg on 2026-03-01; took Methotrexate 2.5mg on 2026-11-01"
OLD_MTX = "took Methotrexate 2.5mg on 2026-03-01; took Methotrexate 2.5mg on 2026-08-01"
NEW = "took Leflunomide 10mg on 2026-11-01"
ROWS = [
    # Twelve weeks before the day is 30 August.
    ("monitoring_methotrexate_fbc", MTX, "found"),
    ("monitoring_methotrexate_fbc", f"{MTX}; Haemoglobin = 130 g/L on 2026-08-30", "not found"),
    ("monitoring_methotrexate_fbc", f"{MTX}; Haemoglobin = 130 g/L on 2026-08-29", "found"),
    # Stopped more than three months ago; begun less than two weeks ago; never on it.
    ("monitoring_methotrexate_fbc", OLD_MTX, "not asked"),
    ("monitoring_methotrexate_fbc", "took Methotrexate 2.5mg on 2026-11-10", "not asked"),
    ("monitoring_methotrexate_fbc", "took Paracetamol 500mg on 2026-11-10", "not asked"),
    # Nobody matched the product, so nobody knows whether it is methotrexate.
    ("monitoring_methotrexate_fbc", "took ? Rheumatrex on 2026-11-10; took ? Rheumatrex on 2026-03-01",
     "cannot tell"),
    # A result without a unit was measured, and cannot be held against a limit.
    ("monitoring_methotrexate_neutrophils_limit", f"{MTX}; Neutrophils = 1.5 x10^9/L on 2026-11-01", "found"),
    ("monitoring_methotrexate_neutrophils_limit", f"{MTX}; Neutrophils = 1.6 x10^9/L on 2026-11-01",
     "not found"),
    ("monitoring_methotrexate_neutrophils_limit", f"{MTX}; Neutrophils = 1.5 on 2026-11-01", "cannot tell"),
    ("monitoring_methotrexate_neutrophils_limit", MTX, "not asked"),
    # Begun three weeks ago: the baseline counts when it is not older than six months.
    ("monitoring_leflunomide_fbc_baseline", NEW, "found"),
    ("monitoring_leflunomide_fbc_baseline", f"{NEW}; Haemoglobin = 130 g/L on 2026-05-01", "not found"),
    ("monitoring_leflunomide_fbc_baseline", f"{NEW}; Haemoglobin = 130 g/L on 2026-04-30", "found"),
    ("monitoring_leflunomide_fbc_baseline", f"{NEW}; Haemoglobin = 130 g/L on 2026-11-02", "found"),
    ("monitoring_leflunomide_fbc_baseline", f"took Leflunomide 10mg on 2026-05-01; {NEW}", "not asked"),
    # A DOAC: with a clearance of 40 mL/min creatinine is due after 120 days, 25 July.
    ("monitoring_doacs_renal_function", "born 1960-01-01; took Apixaban 5mg on 2026-10-10; "
     "took Apixaban 5mg on 2025-10-10; Creatinine clearance = 40 mL/min on 2026-07-25", "not found"),
    ("monitoring_doacs_renal_function", "born 1960-01-01; took Apixaban 5mg on 2026-10-10; "
     "took Apixaban 5mg on 2025-10-10; Creatinine clearance = 40 mL/min on 2026-07-24", "found"),
    ("monitoring_doacs_renal_function", "born 1960-01-01; took Apixaban 5mg on 2026-10-10; "
     "took Apixaban 5mg on 2025-10-10; eGFR = 40 mL/min on 2026-07-24", "cannot tell"),
    # The rules of the checks, asked of everybody.
    ("rule_nsaid_65_unprotected", "took Ibuprofen 400mg on 2026-11-10", "found"),
    ("rule_nsaid_65_unprotected", "took Ibuprofen 400mg on 2026-11-10; took Omeprazole 20mg on 2026-10-01",
     "not found"),
    ("rule_nsaid_65_unprotected", "born 1990-01-01; took Ibuprofen 400mg on 2026-11-10", "not found"),
    ("rule_methotrexate_without_folic_acid", MTX, "found"),
    ("rule_methotrexate_without_folic_acid", f"{MTX}; took Folic acid 5mg on 2026-11-01", "not found"),
    ("rule_asthma_nsaid", "has Asthma since 2001; took Naproxen 250mg on 2026-11-01", "found"),
    ("rule_asthma_nsaid", "took Naproxen 250mg on 2026-11-01", "not found"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "facts", "standing"), ROWS)
def test_how_a_patient_stands(name: str, facts: str, standing: str) -> None:
    day = PatientDay(bench.told(facts), on=bench.TODAY, substances=LIBRARY.substances)
    assert stands(LIBRARY.measures[name], day).standing.value == standing


@pytest.mark.parametrize("name", sorted({name for name, _, _ in ROWS}))
def test_the_query_says_the_same_of_all_of_them(name: str) -> None:
    rows = Rows()
    for number, (_, facts, _) in enumerate(ROWS):
        rows.add(number, bench.told(facts))
    population = rows.population(LIBRARY.substances)
    measure = LIBRARY.measures[name]
    told = standings(measure, population, on=bench.TODAY).to_pyarrow().to_pylist()
    at_once = {row["patient"]: row["standing"] for row in told}
    for number, (_, facts, _) in enumerate(ROWS):
        day = PatientDay(bench.told(facts), on=bench.TODAY, substances=LIBRARY.substances)
        assert at_once.get(number, "not asked") == stands(measure, day).standing.value, facts


def test_what_has_no_code_is_not_asked_of_codes() -> None:
    rows = Rows()
    rows.add(1, bench.told("took Warfarin 3mg on 2026-11-01"))
    measure = LIBRARY.measures["monitoring_warfarin_inr"]
    why = why_not(measure, rows.population(LIBRARY.substances))
    assert why == "no code is known for INR, and nothing in the population is called so"
    rows.add(2, bench.told("took Warfarin 3mg on 2026-11-01; INR = 2.5 on 2026-11-01"))
    assert why_not(measure, rows.population(LIBRARY.substances)) is None
    assert why_not(LIBRARY.measures["pincer_k"], rows.population(LIBRARY.substances)) is None


def test_every_group_has_its_measures() -> None:
    for group in bench.KNOWLEDGE.monitoring.groups.all:
        names = [name for name in LIBRARY.measures if name.startswith(f"monitoring_{group.name}_")]
        kinds = {each.observable.name for each in group.tests} | {each.of.name for each in group.limits}
        assert all(any(name.startswith(f"monitoring_{group.name}_{kind}") for name in names) for kind in kinds
                   if any(not limit.starting for limit in group.limits if limit.of.name == kind)
                   or kind in {each.observable.name for each in group.tests}), group.name  # fmt: skip
