"""How is a date written of which only a year or a month may be known: for people, and for machines?"""

from __future__ import annotations

import pytest

from pestle.pharmacy.record.moment import PartialDate, partial_date

DATES = [
    (PartialDate(2026, 7, 9), "09-Jul-2026", "2026-07-09"),
    (PartialDate(2026, 7), "Jul-2026", "2026-07"),
    (PartialDate(2026), "2026", "2026"),
]


@pytest.mark.parametrize(("day", "words", "iso"), DATES)
def test_as_much_is_written_as_is_known(day: PartialDate, words: str, iso: str) -> None:
    assert (day.words, str(day)) == (words, iso)
    assert partial_date(iso, place="date") == day
