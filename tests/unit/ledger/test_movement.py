"""A movement that cannot be is refused at birth; a reversal points at what it undoes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from pestle.pharmacy.ledger.account import Account, AccountKind
from pestle.pharmacy.ledger.movement import Movement, reversal
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.refusal import Refused

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SHELF = Account(1, AccountKind.SHELF, "Dispensary shelf")
BAGS = Account(2, AccountKind.PREPARED, "Bags that wait")
PICK = Movement(7, SHELF, BAGS, 28, NOW, NOW, by=3, key="k", reason=Reason.PICK, about="line:9")


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"amount": 0}, "ledger.not-positive"),
        ({"amount": -5}, "ledger.not-positive"),
        ({"target": SHELF}, "ledger.same-account"),
        ({"happened_at": NOW + timedelta(seconds=1)}, "ledger.future"),
    ],
)
def test_what_cannot_be(changed: dict[str, object], rule: str) -> None:
    with pytest.raises(Refused) as refused:
        replace(PICK, **changed)  # type: ignore[arg-type]
    assert refused.value.rule == rule


def test_a_reversal_goes_back_the_same_way_and_points_at_it() -> None:
    later = NOW + timedelta(minutes=1)
    back = reversal(PICK, 41, at=later, by=5, key="undo", reason=Reason.UNDO_PICK)
    assert (back.source, back.target, back.amount) == (BAGS, SHELF, 28)
    assert (back.batch_id, back.about, back.reverses) == (7, "line:9", 41)
    assert (back.by, back.key, back.happened_at, back.recorded_at) == (5, "undo", later, later)


def test_the_chain_protects_every_field_and_no_time_zone() -> None:
    assert set(PICK.content()) == {
        "batch", "from", "to", "amount", "happened_at", "recorded_at",
        "by", "key", "reason", "about", "why", "reverses",
    }  # fmt: skip
    summer = timezone(timedelta(hours=1))
    there = replace(PICK, happened_at=NOW.astimezone(summer), recorded_at=NOW.astimezone(summer))
    assert there.content() == PICK.content()
