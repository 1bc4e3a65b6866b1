"""What a row of a sheet of requests means on a patient's list: surely, in part, or not at all.

The table is for a pharmacist to read: what the list has, what a care home wrote, and what becomes of it.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.reconciliation_cases import known, names

from pestle.pharmacy.practice.reconciliation.written import written_line
from pestle.pharmacy.practice.request_sheet import Asked, Verdict, meaning
from pestle.pharmacy.quantity import Quantity, Unit

LIST = {
    "amlodipine": ("Amlodipine 5mg tablets one daily", 28),
    "methotrexate": ("Methotrexate 2.5mg tablets four once a week", 16),
    "propranolol": ("Propranolol 80mg modified-release capsules one daily", 28),
    "warfarin1": ("Warfarin 1mg tablets one daily", 28),
    "warfarin3": ("Warfarin 3mg tablets one daily", 28),
    "paracetamol": ("Paracetamol 500mg tablets two four times a day when required", 100),
}
ASKED, LOOK, WORDS = Verdict.ASKED, Verdict.TO_LOOK_AT, Verdict.IN_WORDS

# What was written, the quantity beside it, what becomes of it, the line that is meant, and of why.
ROWS = [
    ("Amlodipine 5mg tablets", "", ASKED, "amlodipine", ""),
    ("AMLODIPINE 5 MG TABS", "as usual", ASKED, "amlodipine", ""),
    ("amlodipine 5mg tablets one daily", "28 tablets", ASKED, "amlodipine", ""),
    ("Amlodipine", "", ASKED, "amlodipine", ""),
    ("Istin 5mg tablets", "", ASKED, "amlodipine", ""),
    ("Warfarin 3mg tablets", "28", ASKED, "warfarin3", ""),
    # The line is sure, and they ask for something else than it says.
    ("Amlodipine 5mg tablets", "56", LOOK, "amlodipine", "28 tablets on the list, 56 asked for"),
    ("Amlodipine 5mg tablets", "2 boxes", LOOK, "amlodipine", "2 boxes asked for"),
    ("Amlodipine 5mg tablets", "a month", LOOK, "amlodipine", "“a month” asked for"),
    ("Methotrexate 2.5mg tablets take four tablets once a day", "", LOOK, "methotrexate", "how often"),
    ("Methotrexate 2.5mg tablets four daily", "", LOOK, "methotrexate", "“four daily” cannot be compared"),
    ("Amlodipine 5mg tablets take two tablets daily", "", LOOK, "amlodipine", "the dose"),
    ("Amlodipine 5mg tablets - stopped", "", LOOK, "amlodipine", "stopped"),
    # Never guessed.
    ("Warfarin", "", WORDS, None, "2 lines of the list may be meant"),
    ("Amlodipine 10mg tablets", "", WORDS, None, "the strength"),
    ("Amlodipine 10mg", "", WORDS, None, "not that strength"),
    ("Amlodopine 5mg tablets", "", WORDS, None, "a name that may be meant"),
    ("Propranolol", "", WORDS, None, "modified or immediate release"),
    ("Propranolol 80mg tablets", "", WORDS, None, "modified or immediate release"),
    ("Paracetamol 500mg soluble tablets", "", WORDS, None, "the form"),
    ("Simvastatin 40mg tablets", "", WORDS, None, "nothing on the list"),
    ("the white one for her water", "", WORDS, None, "nothing on the list"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "quantity", "verdict", "line", "because"), ROWS)
def test_what_a_row_means(text: str, quantity: str, verdict: Verdict, line: str | None, because: str) -> None:
    listed = [written_line(words, names(), key=key) for key, (words, _) in LIST.items()]
    usual = {key: Quantity(Decimal(many), Unit("tablet")) for key, (_, many) in LIST.items()}
    asked = Asked("row 2", text, written_line(text, names(), key="2"), quantity=quantity)
    found = meaning(asked, listed, usual, known())
    assert (found.verdict, found.key) == (verdict, line), found.why
    assert because in "; ".join(found.why)
    assert bool(found.why) == (verdict is not ASKED)


def test_one_medicine_on_two_lines_of_the_list_is_not_guessed() -> None:
    twice = ("Prednisolone 5mg tablets one in the morning", "Prednisolone 5mg tablets two at night")
    listed = [written_line(words, names(), key=words[-5:]) for words in twice]
    asked = Asked("row 2", "", written_line("Prednisolone 5mg tablets", names(), key="2"))
    found = meaning(asked, listed, {}, known())
    assert found.key is None
    assert all(words in found.why[0] for words in twice)
