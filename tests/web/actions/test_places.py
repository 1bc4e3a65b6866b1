"""Places and how products are kept; nothing goes to the wrong place unasked, nor back beyond what came."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.web.actions.bench import FUROSEMIDE_28, NOW, PARACETAMOL_32, Bench, a_key

from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.ledger.storage import Condition
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import differences, moving, places, transfers
from pestle.web.actions.once import Outcome
from pestle.web.store import models, verify

SHELF, FRIDGE = (AccountKind.SHELF, ""), (AccountKind.FRIDGE, "Fridge 1")
SUPPLIER, QUARANTINE = (AccountKind.SUPPLIER, ""), (AccountKind.QUARANTINE, "")


def _fridge(bench: Bench, **other: Any) -> int:
    given = {"kind": AccountKind.FRIDGE, "name": "Fridge 1", "condition": Condition.FRIDGE, **other}
    return int(places.record_place(by=bench.tess, now=NOW, key=a_key(), **given).result["account"])


def _keep(bench: Bench, **other: Any) -> Outcome:
    account = _fridge(bench)
    batch = models.Batch.objects.first()
    given = {"product_id": batch.product_id if batch else "", "condition": Condition.FRIDGE,
             "source": "the pack", "account_id": account, "address": "top", **other}  # fmt: skip
    return places.keep_product(by=bench.tess, now=NOW, key=a_key(), **given)


def _move(bench: Bench, batch: int, reason: Reason, amount: int, *ends: Any, **other: Any) -> Outcome:
    given = {"by": bench.tess, "why": "damaged on the way", **other}
    return moving.move(
        now=NOW,
        key=a_key(),
        reason=reason,
        batch_id=batch,
        amount=amount,
        source=ends[0],
        target=ends[1],
        **given,
    )


def test_a_product_of_the_fridge_goes_to_a_shelf_only_when_somebody_says_so(bench: Bench) -> None:
    batch = bench.stock(FUROSEMIDE_28, 2).result["batch"]
    _keep(bench)
    acts: list[Callable[..., Outcome]] = [
        lambda **how: bench.stock(FUROSEMIDE_28, 1, **how),
        lambda **how: _move(bench, batch, Reason.PUT_AWAY, 28, SHELF, (AccountKind.ROBOT, ""), **how),
        lambda **how: transfers.send(
            by=bench.tess, now=NOW, key=a_key(), source=SHELF, target=(AccountKind.WARD, "Ward 4"),
            amounts={batch: 1}, carrier="a porter", **how,
        ),
    ]  # fmt: skip
    for act in acts:
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.rule == "stock.storage"
        act(all_the_same=True)
    bench.stock(FUROSEMIDE_28, 1, place=FRIDGE)
    event = models.AuditEvent.objects.filter(action="stock.put_away").get()
    assert event.detail["misplaced"] is True


def test_the_newest_word_on_a_place_counts(bench: Bench) -> None:
    bench.stock(FUROSEMIDE_28, 1)
    _keep(bench)
    _fridge(bench, condition=Condition.FREEZER)
    with pytest.raises(Refused):
        bench.stock(FUROSEMIDE_28, 1, place=FRIDGE)
    _keep(bench, condition=None, source="")
    bench.stock(FUROSEMIDE_28, 1, place=FRIDGE)
    assert verify.verify(bench.site).faults == []


# what is recorded of a place -> the refusal
PLACES: list[tuple[dict[str, Any], str]] = [
    ({"kind": AccountKind.PATIENT}, "place.kind"),
    ({"kind": AccountKind.IN_TRANSIT}, "place.kind"),
    ({"name": " "}, "place.name"),
    ({"name": "x" * 81}, "place.name"),
    ({"condition": Condition.ROOM}, "place.condition"),
]


@pytest.mark.parametrize(("changed", "rule"), PLACES)
def test_places_that_cannot_be(bench: Bench, changed: dict[str, Any], rule: str) -> None:
    with pytest.raises(Refused) as refused:
        _fridge(bench, **changed)
    assert refused.value.rule == rule
    assert not models.Place.objects.exists()


KEEPINGS: list[tuple[dict[str, Any], str]] = [
    ({"product_id": "1"}, "stock.unknown-product"),
    ({"account_id": 0}, "place.unknown"),
    ({"source": " "}, "place.no-source"),
    ({"address": "x" * 31}, "place.address"),
]


@pytest.mark.parametrize(("changed", "rule"), KEEPINGS)
def test_keepings_that_are_refused(bench: Bench, changed: dict[str, Any], rule: str) -> None:
    bench.stock(FUROSEMIDE_28, 1)
    with pytest.raises(Refused) as refused:
        _keep(bench, **changed)
    assert refused.value.rule == rule
    assert not models.Keeping.objects.exists()


def test_never_more_goes_back_than_came(bench: Bench) -> None:
    batch = bench.stock(PARACETAMOL_32, 2).result["batch"]
    back = _move(bench, batch, Reason.SUPPLIER_RETURN, 64, SHELF, SUPPLIER)
    moving.correct(
        by=bench.tess, now=NOW, key=a_key(), movement_id=back.result["movement"], why="they did not take it"
    )
    _move(bench, batch, Reason.SUPPLIER_RETURN, 32, SHELF, SUPPLIER)
    differences.count(
        by=bench.tess,
        now=NOW,
        key=a_key(),
        batch_id=batch,
        kind=AccountKind.SHELF,
        found=96,
        why="counted more",
    )
    with pytest.raises(Refused) as refused:
        _move(bench, batch, Reason.SUPPLIER_RETURN, 33, SHELF, SUPPLIER)
    assert refused.value.rule == "stock.more-than-received"
    _move(bench, batch, Reason.SUPPLIER_RETURN, 32, SHELF, SUPPLIER)
