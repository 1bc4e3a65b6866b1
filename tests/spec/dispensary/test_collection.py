"""Who takes a bag away, and what is asked of them: Misuse of Drugs Regulations 2001, regulation 16(6)."""

from __future__ import annotations

import pytest

from pestle.pharmacy.dispensary.collection import Collection, Collector, Identity, collection_refusals

PATIENT, SOMEBODY, PROFESSIONAL, DELIVERED = (
    Collector.PATIENT,
    Collector.REPRESENTATIVE,
    Collector.PROFESSIONAL,
    Collector.DELIVERED,
)
SHOWN, NOT_SHOWN, KNOWN, NOT_ASKED = Identity.SHOWN, Identity.NOT_SHOWN, Identity.KNOWN, Identity.NOT_ASKED
NAME, ADDRESS = "Pat O'Brien", "Ashcombe Surgery, 4 Mill Lane"

TABLE = [
    # Schedule, who takes it, and what is missing
    (None, Collection(PATIENT), []),
    (4, Collection(PATIENT), []),
    (None, Collection(DELIVERED), []),
    (None, Collection(SOMEBODY), ["hand-out.no-name"]),
    (None, Collection(SOMEBODY, NAME), []),
    (None, Collection(PROFESSIONAL, NAME), ["hand-out.no-address"]),
    (2, Collection(PATIENT), ["controlled.identity-missing"]),
    (3, Collection(PATIENT), ["controlled.identity-missing"]),
    (2, Collection(PATIENT, identity=SHOWN), []),
    (2, Collection(PATIENT, identity=KNOWN), []),
    (2, Collection(PATIENT, identity=NOT_SHOWN), ["controlled.no-remarks"]),
    (2, Collection(PATIENT, identity=NOT_ASKED), ["controlled.no-remarks"]),
    (2, Collection(PATIENT, identity=NOT_ASKED, remarks="in great pain"), []),
    (3, Collection(PATIENT, identity=NOT_ASKED), []),
    (2, Collection(SOMEBODY, identity=SHOWN), ["hand-out.no-name"]),
    (2, Collection(SOMEBODY, NAME, identity=SHOWN), []),
    (2, Collection(PROFESSIONAL, NAME, identity=SHOWN), ["hand-out.no-address"]),
    (2, Collection(PROFESSIONAL, NAME, ADDRESS, SHOWN), []),
    (2, Collection(PROFESSIONAL, NAME, ADDRESS, KNOWN), []),
    (2, Collection(PROFESSIONAL, NAME, ADDRESS, NOT_ASKED, "busy"), ["controlled.identity-not-asked"]),
    # He may supply although he is not satisfied, and says why.
    (2, Collection(PROFESSIONAL, NAME, ADDRESS, NOT_SHOWN, "badge forgotten, rang the ward"), []),
    (2, Collection(DELIVERED, identity=KNOWN), ["hand-out.no-name"]),
    (2, Collection(DELIVERED, NAME, identity=KNOWN), []),
]


@pytest.mark.parametrize(("schedule", "collection", "rules"), TABLE)
def test_what_is_missing(schedule: int | None, collection: Collection, rules: list[str]) -> None:
    schedules = {schedule} if schedule else set()
    assert [each.rule for each in collection_refusals(collection, schedules=schedules)] == rules


@pytest.mark.parametrize(
    ("identity", "asked", "shown"),
    [(SHOWN, True, True), (NOT_SHOWN, True, False), (KNOWN, False, False), (NOT_ASKED, False, False)],
)
def test_the_two_headings_of_the_register(identity: Identity, asked: bool, shown: bool) -> None:
    assert (identity.asked, identity.shown) == (asked, shown)
