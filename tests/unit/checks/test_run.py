"""All checks together: one answer each, and a check that breaks is not assessed."""

from __future__ import annotations

from datetime import date

from tests.spec.checks import bench

from pestle.pharmacy.checks.check import Proposed
from pestle.pharmacy.checks.finding import Assessment, Severity, worst_first
from pestle.pharmacy.checks.knowledge import Knowledge
from pestle.pharmacy.checks.run import CHECKS, Check, assess_all
from pestle.pharmacy.record.record import Record


def _breaks(proposed: Proposed, record: Record, *, knowledge: Knowledge, on: date) -> Assessment:
    raise KeyError(f"{record.patient.name} has a secret")


def test_every_check_answers_in_the_order_of_the_table() -> None:
    paracetamol = bench.line(
        "Paracetamol 500mg tablets",
        quantity=bench.quantity("100", "tablet"),
        dosage=bench.written("Take TWO tablets FOUR times a day"),
    )
    answers = assess_all(Proposed((paracetamol,)), bench.record(), knowledge=bench.KNOWLEDGE, on=bench.TODAY)
    assert [answer.check for answer in answers] == [check.name for check in CHECKS]
    assert all(answer.findings == () for answer in answers)
    assert len({check.name for check in CHECKS}) == len(CHECKS)


def test_a_check_that_breaks_is_not_assessed_and_tells_nothing_of_the_patient() -> None:
    (answer,) = assess_all(
        bench.prescription("Paracetamol 500mg tablets"),
        bench.record(),
        knowledge=bench.KNOWLEDGE,
        on=bench.TODAY,
        checks=(Check("broken", "Does it break?", _breaks),),
    )
    (found,) = answer.findings
    assert (answer.check, found.severity) == ("broken", Severity.NOT_ASSESSED)
    assert found.because == "The check failed (KeyError)"
    assert "EXAMPLE" not in repr(answer)


def test_the_worst_comes_first() -> None:
    answers = assess_all(
        bench.prescription(
            "Amoxicillin 500mg capsules",
            "Warfarin 1mg tablets",
            "Warfarin 3mg tablets",
            "Naproxen 250mg tablets",
        ),
        bench.record(bench.known(bench.allergy("penicillin")), None, orders=None, statements=None),
        knowledge=bench.KNOWLEDGE,
        on=bench.TODAY,
    )
    severities = [found.severity.value for found in worst_first(answers)]
    order = ["hard_stop", "interrupt", "not_assessed", "note"]
    assert severities == sorted(severities, key=order.index)
    assert {"hard_stop", "interrupt", "not_assessed", "note"} == set(severities)
