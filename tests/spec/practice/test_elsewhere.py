"""What has to be entered in the practice's other system, and what does its next extract say of it?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from tests.spec.practice.test_medicines_list import TEN, TODAY, TOLD, line, ordered

from pestle.pharmacy.dosage.dose import Coded, Dosage, DosageStep
from pestle.pharmacy.practice.change import changed, stop
from pestle.pharmacy.practice.elsewhere import EntryState, compare, entry_words
from pestle.pharmacy.quantity import Quantity, Unit
from pestle.pharmacy.record.medication import CourseOfTherapy, MedicationOrder

MORNING = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ENDED = changed(stop(line(), "ankles"), line=line(), authorised=None, id="z", told=TOLD, on=TODAY).order


def _says(text: str) -> MedicationOrder:
    return ordered(replace(TEN, dosage=Dosage((DosageStep(text=text),))))


def test_a_new_medicine_is_said_whole() -> None:
    assert entry_words(None, ordered()) == (
        "Add Amlodipine 5mg tablets", "Medicine: Amlodipine 5mg tablets",
        "Directions: Take 1 tablet once a day.", "Quantity: 28 tablets", "Course: repeat",
        "Issues allowed: 6", "Authorised until: 02-May-2027", "Review by: 02-May-2027",
    )  # fmt: skip


def test_of_a_change_only_what_changes() -> None:
    assert entry_words(ordered(), ordered(TEN)) == (
        "Change Amlodipine 5mg tablets", "Medicine: Amlodipine 10mg tablets",
    )  # fmt: skip
    for_angina = ordered(replace(TEN, indication=Coded("Angina")))
    assert entry_words(for_angina, ordered(TEN))[1:] == ("For: take it out",)
    assert entry_words(ordered(), ENDED) == ("End Amlodipine 5mg tablets",)


# what was wanted, what the extract has -> what differs
EXTRACTS = [
    ("the same", ordered(TEN), ordered(TEN), ()),
    ("the same in other words", ordered(TEN), _says("1 tablet daily"), ()),
    ("not there", ordered(TEN), None, ("it is not on the list there",)),
    ("the old strength", ordered(TEN), ordered(), ("the medicine there is Amlodipine 5mg tablets",)),
    ("another dose", ordered(TEN), _says("Take two tablets once a day"),
     ("the directions there are “Take two tablets once a day”",)),
    ("another quantity", ordered(TEN), ordered(replace(TEN, quantity=Quantity(Decimal(56), Unit("tablets")))),
     ("the quantity there is 56 tablets",)),
    ("acute there", ordered(TEN), ordered(replace(TEN, course=CourseOfTherapy.ACUTE)),
     ("it is acute there",)),
    ("says no review date", ordered(TEN), ordered(replace(TEN, review_by=None)), ()),
    ("ended, and gone", ENDED, None, ()),
    ("ended there too", ENDED, ENDED, ()),
    ("ended, and still there", ENDED, ordered(), ("it is still on the list there",)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("case", "wanted", "extract", "otherwise"), EXTRACTS, ids=[row[0] for row in EXTRACTS]
)
def test_what_an_extract_says(
    case: str, wanted: MedicationOrder, extract: MedicationOrder | None, otherwise: tuple[str, ...]
) -> None:
    found = compare(EntryState.ENTERED, wanted, extract, entered_at=MORNING, made_at=MORNING + HOUR)
    assert found.otherwise == otherwise
    assert found.state is (EntryState.NEVER_ARRIVED if otherwise else EntryState.CONFIRMED)


def test_what_was_entered_after_the_extract_was_made_is_not_missing_yet() -> None:
    found = compare(EntryState.ENTERED, ordered(TEN), None, entered_at=MORNING, made_at=MORNING - HOUR)
    assert found.state is EntryState.ENTERED


def test_what_nobody_entered_still_waits_and_may_have_arrived_all_the_same() -> None:
    waits = compare(EntryState.TO_ENTER, ordered(TEN), ordered(), entered_at=None, made_at=MORNING)
    there = compare(EntryState.TO_ENTER, ordered(TEN), ordered(TEN), entered_at=None, made_at=MORNING)
    assert (waits.state, there.state) == (EntryState.TO_ENTER, EntryState.CONFIRMED)
