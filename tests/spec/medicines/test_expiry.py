"""Until when may a pack be used? The one rule, as a table."""

from __future__ import annotations

from datetime import date

import pytest

from pestle.pharmacy.medicines.expiry import InUse, expiry, last_usable_day
from pestle.pharmacy.refusal import Refused

# printed, opened on + days -> the last usable day
LAST = [
    ("2027-03-15", None, "2027-03-15"),
    ("2027-03", None, "2027-03-31"),
    ("2028-02", None, "2028-02-29"),
    ("2027-02", None, "2027-02-28"),
    ("2027-03", ("2026-11-01", 28), "2026-11-29"),
    ("2027-03", ("2026-11-01", 0), "2026-11-01"),
    ("2026-11-15", ("2026-11-01", 28), "2026-11-15"),
    ("2026-11", ("2026-11-02", 28), "2026-11-30"),
    ("2026-11", ("2026-11-03", 28), "2026-11-30"),
]


@pytest.mark.parametrize(("printed", "opened", "last"), LAST)
def test_last_usable_day(printed: str, opened: tuple[str, int] | None, last: str) -> None:
    in_use = InUse(date.fromisoformat(opened[0]), opened[1]) if opened else None
    assert last_usable_day(expiry(printed), in_use) == date.fromisoformat(last)


# printed, day -> expired
EXPIRED = [
    ("2026-11-30", "2026-11-29", False),
    ("2026-11-30", "2026-11-30", False),
    ("2026-11-30", "2026-12-01", True),
    ("2026-11", "2026-11-30", False),
    ("2026-11", "2026-12-01", True),
]


@pytest.mark.parametrize(("printed", "day", "expired"), EXPIRED)
def test_the_day_itself_is_usable(printed: str, day: str, expired: bool) -> None:
    assert expiry(printed).expired(on=date.fromisoformat(day)) == expired


def test_a_life_after_opening_has_its_limits() -> None:
    for days in (-1, 3651):
        with pytest.raises(Refused) as refused:
            InUse(date(2026, 11, 1), days)
        assert refused.value.rule == "expiry.in-use"
