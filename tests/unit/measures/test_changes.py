"""What has become of a patient since a measure was asked before: every pair of standings."""

from __future__ import annotations

import pytest

from pestle.pharmacy.measures.changes import change
from pestle.pharmacy.measures.measure import Standing

# before, then as it is now: found, not found, cannot tell, not asked
TABLE = {
    Standing.FOUND: ("Still", "Resolved", "Cannot tell any more", "Resolved"),
    Standing.NOT_FOUND: ("New", "", "", ""),
    Standing.CANNOT_TELL: ("New", "", "", ""),
    Standing.NOT_ASKED: ("New", "", "", ""),
}


@pytest.mark.parametrize("before", TABLE)
def test_change(before: Standing) -> None:
    told = [change(before, now) for now in Standing]
    assert tuple(one.words if one else "" for one in told) == TABLE[before]
