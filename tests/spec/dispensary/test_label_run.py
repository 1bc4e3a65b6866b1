"""Which prescriptions at Assemble are labelled in one run, and why not the others? One thing wrong in each
row."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pestle.pharmacy.dispensary.label_run import Candidate, LineOfRun, new_finding, why_not
from pestle.pharmacy.medicines.concept import ControlledDrugCategory as Category
from pestle.pharmacy.refusal import Refusal

FULL = LineOfRun("furosemide", amount=56, pack=28, controlled=Category.NONE)
WAITS = Refusal("query.open", "A query is open")

LINES = [
    (FULL, ""),
    (replace(FULL, amount=28), ""),
    (replace(FULL, amount=30), "label-run.part-of-a-pack"),
    (replace(FULL, amount=14), "label-run.part-of-a-pack"),
    (replace(FULL, pack=None), "label-run.pack-unknown"),
    (replace(FULL, amount=None), "label-run.no-product"),
    (replace(FULL, controlled=Category.SCHEDULE_5), ""),
    (replace(FULL, controlled=Category.SCHEDULE_4_BENZODIAZEPINE), ""),
    (replace(FULL, controlled=Category.SCHEDULE_3_TEMAZEPAM), "label-run.controlled"),
    (replace(FULL, controlled=Category.SCHEDULE_2), "label-run.controlled"),
    (replace(FULL, controlled=Category.SCHEDULE_1), "label-run.controlled"),
    (replace(FULL, controlled=None), "label-run.schedule-unknown"),
    (replace(FULL, understood=False), "label-run.not-understood"),
    (replace(FULL, labelled=True), "label-run.labelled"),
    (replace(FULL, begun=True), "label-run.begun"),
    (replace(FULL, instalments=True), "label-run.instalments"),
    (replace(FULL, cancellation_asked=True), "label-run.cancellation-asked"),
    (replace(FULL, holds=WAITS), "query.open"),
]


@pytest.mark.parametrize(("line", "rule"), LINES)
def test_a_line(line: LineOfRun, rule: str) -> None:
    assert [one.rule for one in why_not(Candidate((line,)))] == ([rule] if rule else [])
    # One line that does not go keeps the whole prescription out.
    assert [one.rule for one in why_not(Candidate((FULL, line)))] == ([rule] if rule else [])


def test_a_prescription() -> None:
    assert [one.rule for one in why_not(Candidate(()))] == ["label-run.nothing"]
    kept = why_not(Candidate((FULL,), in_hand_of="Leon Brandt", referred=True))
    assert [one.rule for one in kept] == ["label-run.in-hand", "label-run.referred"]
    assert "Leon Brandt has it in hand" in kept[0].reason
    both = why_not(Candidate((replace(FULL, amount=30, understood=False),)))
    assert [one.rule for one in both] == ["label-run.not-understood", "label-run.part-of-a-pack"]
    assert new_finding("an allergy").rule == "label-run.new-finding"
