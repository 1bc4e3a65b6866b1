"""Is a reason short enough for a list, and does it leave nothing out?"""

from __future__ import annotations

from datetime import date

from pestle.pharmacy.record.fact import Fact
from pestle.pharmacy.worklist.patient_task import Evidence


def test_what_was_supplied_again_and_again_stands_once_with_its_last_day() -> None:
    supplied = [Fact("Supplied: Naproxen", date(2026, month, 3)) for month in (9, 11, 10)]
    why = Evidence((supplied[0], Fact("No PPI on record"), *supplied[1:], Fact("Asthma", date(2019, 1, 1))))
    assert why.brief == (
        "Supplied: Naproxen (03-Nov-2026, and 2 before)", "No PPI on record", "Asthma (01-Jan-2019)",
    )  # fmt: skip
