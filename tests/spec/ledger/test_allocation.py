"""Which batches does an amount come from? The first to expire first, over as many as it takes."""

from __future__ import annotations

from datetime import date

import pytest

from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.allocation import Lot, allocate
from pestle.pharmacy.medicines.expiry import InUse, expiry

TODAY = date(2026, 11, 30)


def lot(text: str) -> Lot:
    """``1 shelf 2027-03 56 of 28``, and ``recalled``, ``whole`` or ``opened 2026-11-01+28`` after it."""
    parts = text.split()
    opened = None
    if "opened" in parts:
        day, _, days = parts[parts.index("opened") + 1].partition("+")
        opened = InUse(date.fromisoformat(day), int(days))
    return Lot(
        batch_id=int(parts[0]), account_id=1, kind=AccountKind(parts[1]), expiry=expiry(parts[2]),
        held=int(parts[3]), pack=int(parts[5]), splits="whole" not in parts,
        recall="EL(26)A/40" if "recalled" in parts else None, opened=opened,
    )  # fmt: skip


# lots; wanted, whole packs first -> batch:amount, how much is short, what was left out
CASES = [
    (["1 shelf 2027-03 56 of 28"], 28, False, "1:28", 0, ""),
    (["1 shelf 2027-03 56 of 28", "2 shelf 2027-02 56 of 28"], 84, False, "2:56 1:28", 0, ""),
    (["1 shelf 2027-03 1 of 28", "2 shelf 2027-04 28 of 28"], 29, False, "1:1 2:28", 0, ""),
    (["1 shelf 2027-03 20 of 28"], 28, False, "1:20", 8, ""),
    ([], 28, False, "", 28, ""),
    # the day itself is usable to its end; a month to its last day
    (["1 shelf 2026-11-30 28 of 28"], 28, False, "1:28", 0, ""),
    (["1 shelf 2026-11 28 of 28"], 28, False, "1:28", 0, ""),
    (["1 shelf 2026-11-29 28 of 28"], 28, False, "", 28, "1:EXPIRED"),
    (["1 shelf 2026-10 28 of 28", "2 shelf 2028-01 28 of 28"], 28, False, "2:28", 0, "1:EXPIRED"),
    # stock that is all expired is no stock
    (["1 shelf 2026-10 28 of 28", "2 fridge 2026-09 28 of 28"], 1, False, "", 1, "1:EXPIRED 2:EXPIRED"),
    (["1 shelf 2027-03 28 of 28 recalled", "2 shelf 2028-01 28 of 28"], 28, False, "2:28", 0, "1:RECALLED"),
    (["1 quarantine 2027-03 28 of 28", "2 robot 2028-01 28 of 28"], 28, False, "2:28", 0, "1:SET_ASIDE"),
    (["1 in_transit 2027-03 28 of 28", "2 prepared 2027-03 28 of 28"], 28, False, "", 28,
     "1:SET_ASIDE 2:SET_ASIDE"),
    # whole packs first: the opened one is left for what is smaller than a pack
    (["1 shelf 2027-03 35 of 28", "2 shelf 2027-04 28 of 28"], 63, True, "1:35 2:28", 0, ""),
    (["1 shelf 2027-03 7 of 28", "2 shelf 2027-04 28 of 28"], 28, True, "2:28", 0, ""),
    (["1 shelf 2027-03 7 of 28", "2 shelf 2027-04 28 of 28"], 28, False, "1:7 2:21", 0, ""),
    # a pack that stays whole is not opened
    (["1 shelf 2027-03 56 of 28 whole"], 30, False, "1:28", 2, ""),
    (["1 shelf 2027-03 56 of 28 whole", "2 shelf 2027-04 28 of 28"], 30, False, "1:28 2:2", 0, ""),
    # an opened bottle is used first while it may be, then the sealed ones of its batch
    (["1 shelf 2028-03 250 of 100 opened 2026-11-02+28", "2 shelf 2027-01 100 of 100"], 200, False,
     "1:50 2:100 1:50", 0, ""),
    (["1 shelf 2028-03 250 of 100 opened 2026-11-01+28"], 250, False, "1:200", 50, "1:OPENED_TOO_LONG"),
    (["1 shelf 2026-11-15 50 of 100 opened 2026-11-01+28"], 50, False, "", 50, "1:EXPIRED"),
]  # fmt: skip


@pytest.mark.parametrize(("lots", "wanted", "whole", "takes", "short", "left_out"), CASES)
def test_allocation(lots: list[str], wanted: int, whole: bool, takes: str, short: int, left_out: str) -> None:
    found = allocate(wanted, [lot(text) for text in lots], on=TODAY, whole_packs_first=whole)
    amounts: dict[int, int] = {}
    for one in takes.split():
        batch, _, amount = one.partition(":")
        amounts[int(batch)] = amounts.get(int(batch), 0) + int(amount)
    assert [(take.batch_id, take.amount) for take in found.takes] == list(amounts.items())
    assert found.short == short
    assert " ".join(f"{one.batch_id}:{why.name}" for one, why in found.left_out) == left_out
