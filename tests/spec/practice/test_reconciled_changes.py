"""What a settled line does to the practice's list, and what is told of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from tests.reconciliation_cases import dictionary, known, names, product

from pestle.pharmacy.dosage.dose import Coded, Dosage, DosageStep
from pestle.pharmacy.practice.change import Change
from pestle.pharmacy.practice.medicines_list import Listed, Standing
from pestle.pharmacy.practice.reconciliation.answers import Ended, to_patient, to_sender
from pestle.pharmacy.practice.reconciliation.changes import changes_of
from pestle.pharmacy.practice.reconciliation.listed import listed_line, next_supplies
from pestle.pharmacy.practice.reconciliation.matching import matched
from pestle.pharmacy.practice.reconciliation.outcome import Outcome, Settled, proposals
from pestle.pharmacy.practice.reconciliation.written import written
from pestle.pharmacy.quantity import SNOMED, Quantity, Unit
from pestle.pharmacy.record.medication import (
    CourseOfTherapy,
    LineStatus,
    MedicationOrder,
    MedicationRequest,
    OrderAction,
)
from pestle.pharmacy.record.medication import (
    matched as in_dictionary,
)
from pestle.pharmacy.record.moment import whole
from pestle.pharmacy.record.provenance import Provenance, SourceKind

SAID = Provenance(SourceKind.PERSON, "Somebody", datetime(2026, 11, 1, 9, tzinfo=UTC))
DAY = date(2026, 11, 30)


def on_list(id_: int, name: str, how: str, number: str = "28") -> Listed:
    """A repeat for 28 days."""
    found = product(name)
    written_ = Coded(found.name, SNOMED, found.id)
    unit = found.base_unit.unit if found.base_unit else Unit("")
    request = MedicationRequest(
        f"r{id_}", written_, Dosage((DosageStep(text=how),)), Quantity(Decimal(number), unit),
        LineStatus.ACTIVE, "order", CourseOfTherapy.REPEAT, days_supply=Decimal(28),
    )  # fmt: skip
    order = MedicationOrder(request, in_dictionary(written_, dictionary()), SAID, starts=whole(DAY))
    return Listed(id_, order, Standing.AUTHORISED, last_issued=date(2026, 11, 10))


def changed(lines: list[Listed], letter: str, settled: Settled) -> tuple[Change, ...]:
    """What settling the only medicine so does to the list."""
    ours = [listed_line(line, names()) for line in lines]
    (proposal,) = proposals(matched(ours, written(letter, names(), on=DAY), known()), known())
    return changes_of(
        proposal, settled, {str(line.id): line for line in lines}, letter="letter of 30-Nov-2026"
    )


RAMIPRIL = on_list(1, "Ramipril 2.5mg capsules", "One capsule daily")

# The letter, what was settled, and what becomes of the line: action, medicine, directions, quantity.
CHANGES = [
    ("Ramipril 2.5mg capsules one daily", Settled(Outcome.UNCHANGED), None),
    ("Ramipril 2.5mg capsules one daily", Settled(Outcome.QUERY, "?"), None),
    ("Ramipril 5mg capsules one daily", Settled(Outcome.DOSE_CHANGED),
     (OrderAction.REVISE, "Ramipril 5mg capsules", "one daily", "28")),
    ("Ramipril 2.5mg capsules one twice a day", Settled(Outcome.DOSE_CHANGED),
     (OrderAction.REVISE, "Ramipril 2.5mg capsules", "one twice a day", "56")),
    ("Ramipril 2.5mg capsules one twice a day", Settled(Outcome.DOSE_CHANGED, directions="Two each day"),
     (OrderAction.REVISE, "Ramipril 2.5mg capsules", "Two each day", "56")),
    # As many as before cannot be worked out from “as directed”: whoever authorises it says.
    ("Ramipril 2.5mg capsules as directed, changed", Settled(Outcome.DOSE_CHANGED),
     (OrderAction.REVISE, "Ramipril 2.5mg capsules", "as directed", None)),
    ("Ramipril 2.5mg capsules stopped because of cough",
     Settled(Outcome.STOPPED), (OrderAction.DISCONTINUE,)),
]  # fmt: skip


@pytest.mark.parametrize(("letter", "settled", "becomes"), CHANGES)
def test_a_settled_line_changes_the_list(
    letter: str, settled: Settled, becomes: tuple[object, ...] | None
) -> None:
    found = changed([RAMIPRIL], letter, settled)
    if becomes is None:
        assert found == ()
        return
    (change,) = found
    wanted = change.wanted
    if wanted is None:
        assert (change.action,) == becomes
        assert change.reason == "stopped because of cough (letter of 30-Nov-2026)"
        return
    quantity = str(wanted.quantity.value) if wanted.quantity else None
    dosage = wanted.dosage.text if wanted.dosage else ""
    assert (change.action, wanted.medication.text, dosage, quantity) == becomes
    assert change.seen == "r1"


def test_withheld_and_the_hospitals_stay_on_the_list() -> None:
    (held,) = changed([RAMIPRIL], "Ramipril withheld until 12/12/2026", Settled(Outcome.WITHHELD))
    assert held.wanted is not None
    assert (held.wanted.withheld, held.wanted.withheld_until) == (True, whole(date(2026, 12, 12)))
    (theirs,) = changed(
        [RAMIPRIL], "Ramipril 2.5mg capsules one daily hospital only", Settled(Outcome.HOSPITAL_ONLY)
    )
    assert theirs.wanted is not None
    assert theirs.wanted.prescribed_elsewhere
    (new,) = changed([], "Thalidomide 50mg tablets one daily hospital only", Settled(Outcome.HOSPITAL_ONLY))
    assert (new.action, new.wanted and new.wanted.prescribed_elsewhere) == (OrderAction.NEW, True)


def test_two_lines_become_one_product_and_the_other_ends() -> None:
    parts = [
        on_list(1, "Amiloride 5mg tablets", "One daily"),
        on_list(2, "Furosemide 40mg tablets", "One daily"),
    ]
    revised, ended = changed(
        parts, "Co-amilofruse 5mg/40mg tablets one daily", Settled(Outcome.FORM_CHANGED, "joined")
    )
    assert revised.wanted is not None
    assert revised.wanted.medication.text == "Co-amilofruse 5mg/40mg tablets"
    assert ended.action is OrderAction.DISCONTINUE
    assert {revised.listed, ended.listed} == {1, 2}


def test_the_next_supply_is_when_the_last_runs_out() -> None:
    assert next_supplies([RAMIPRIL]) == {"Ramipril 2.5mg capsules": date(2026, 12, 8)}


def test_where_the_list_does_not_say_how_long_an_issue_lasts_its_directions_do() -> None:
    order = RAMIPRIL.order
    unsaid = replace(RAMIPRIL, order=replace(order, request=replace(order.request, days_supply=None)))
    assert next_supplies([unsaid]) == next_supplies([RAMIPRIL])


ENDED = (
    Ended(Outcome.UNCHANGED, "Amlodipine 5mg tablets"),
    Ended(Outcome.STARTED, "Apixaban 5mg tablets", "Apixaban 5mg tablets one twice a day"),
    Ended(Outcome.STOPPED, "Warfarin 3mg tablets", reason="apixaban instead"),
    Ended(Outcome.WITHHELD, "Ramipril 5mg capsules", until="2026-12-12"),
)


def test_the_patient_reads_what_to_do_first_and_what_is_not_settled_last() -> None:
    sections = to_patient(ENDED, ["Zopiclone 7.5mg tablets"])
    assert [section.title.split(":")[0] for section in sections] == [
        "New medicines", "Stopped", "Do not take these for the time being", "Carry on with these as before",
        "We are still asking about these",
    ]  # fmt: skip
    assert sections[0].lines == (("Apixaban 5mg tablets", "Apixaban 5mg tablets one twice a day"),)
    assert sections[2].lines == (("Ramipril 5mg capsules", "until 2026-12-12"),)


def test_the_sender_reads_every_outcome_and_what_is_asked() -> None:
    sections = to_sender(ENDED, [("Zopiclone 7.5mg tablets", "for how long?")])
    assert [section.title for section in sections] == [
        "Unchanged", "Started", "Stopped", "Withheld until", "Still being asked here",
    ]  # fmt: skip
    assert sections[2].lines == (("Warfarin 3mg tablets", "apixaban instead"),)
