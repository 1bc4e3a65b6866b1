"""Supply on a requisition through the action: the ledger, the register, and the original."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.web.actions.bench import DIAZEPAM_28, MORPHINE_60, NOW, Bench, a_key, together

from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.recall import AlertKind, RecallLevel
from pestle.pharmacy.ledger.requisition import Purpose, Recipient, Requisition
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import moving, recalls, requisitions
from pestle.web.actions.once import Outcome
from pestle.web.store import ledger, models, register, verify
from pestle.web.store import recalls as stored_recalls
from pestle.web.store import requisitions as stored
from pestle.web.store.orders import generic_of

ZONE = ZoneInfo("Europe/London")
SHELF = (AccountKind.SHELF, "")
FORM = Requisition(
    Recipient("Dr Ada Osei", "general practitioner", "4 Mill Lane, Ashcombe", "Ashcombe Surgery"),
    Purpose.DOCTORS_BAG, NOW.date(), marked=True, taken_by="Dr Ada Osei",
)  # fmt: skip


def _rules(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [each.rule for each in refused.value.refusals]


def supplied(bench: Bench, batch: int, amount: int = 10, asked: int = 10, **other: Any) -> Outcome:
    generic = generic_of(models.Batch.objects.get(pk=batch).product_id)
    given = {
        "by": bench.tess, "now": NOW, "key": a_key(), "requisition": FORM, "asked": {generic: asked},
        "taken": [requisitions.Taken(batch, SHELF, amount)],
    }  # fmt: skip
    return requisitions.supply(**{**given, **other})


def test_a_supply_is_entered_with_who_asked_by_which_authority(bench: Bench) -> None:
    batch = bench.stock(MORPHINE_60, 1).result["batch"]
    supplied(bench, batch)
    (page,) = register.pages(bench.site.pk)
    last = register.everything(bench.site.pk, page, zone=ZONE)[-1]
    assert (last.supplied, last.balance) == ("10 tablets", "50 tablets")
    beside = last.particulars
    assert beside is not None
    assert (beside.party_name, beside.party_address, beside.authority) == (
        "Dr Ada Osei, Ashcombe Surgery", "4 Mill Lane, Ashcombe",
        "Requisition of Dr Ada Osei, general practitioner",
    )  # fmt: skip
    assert beside.collector_name == "Dr Ada Osei"
    (one,) = stored.requisitions(bench.site.pk)
    assert one.waits
    assert [(line.asked, line.supplied, line.batches) for line in one.lines] == [
        ("10 tablets", "10 tablets", ("B1",))
    ]
    assert verify.verify(bench.site).faults == []


@pytest.mark.parametrize(
    ("other", "rules"),
    [
        ({"requisition": replace(FORM, purpose=None, taken_by="")},
         ["requisition.no-purpose", "requisition.no-taker"]),
        ({"asked": 0}, ["requisition.no-quantity"]),
        ({"amount": 11}, ["requisition.more-than-asked"]),
        ({"amount": 61, "asked": 61}, ["stock.not-in-stock"]),
        ({"taken": []}, ["requisition.nothing"]),
        ({"taken": [requisitions.Taken(999, SHELF, 10)]}, ["stock.unknown-batch"]),
        ({"now": NOW + timedelta(days=800)}, ["stock.expired"]),
    ],
)  # fmt: skip
def test_what_is_refused_leaves_nothing(bench: Bench, other: dict[str, Any], rules: list[str]) -> None:
    batch = bench.stock(MORPHINE_60, 1).result["batch"]
    before = models.AuditEvent.objects.count()
    with pytest.raises(Refused) as refused:
        supplied(bench, batch, **other)
    assert _rules(refused) == rules
    assert (models.AuditEvent.objects.count(), models.Requisition.objects.count()) == (before, 0)


def test_schedule_4_and_recalled_packs_are_refused(bench: Bench) -> None:
    with pytest.raises(Refused) as refused:
        supplied(bench, bench.stock(DIAZEPAM_28, 1).result["batch"])
    assert _rules(refused) == ["requisition.schedule"]
    batch = bench.stock(MORPHINE_60, 1).result["batch"]
    bench.recall(MORPHINE_60, "B1")
    with pytest.raises(Refused) as refused:
        supplied(bench, batch)
    assert _rules(refused) == ["stock.recalled"]


def test_what_is_left_in_a_container_that_was_opened_too_long_ago_is_refused(bench: Bench) -> None:
    batch = bench.stock(MORPHINE_60, 1).result["batch"]
    supplied(bench, batch)
    moving.open_container(
        by=bench.tess, now=NOW, key=a_key(), batch_id=batch, kind=AccountKind.SHELF, opened_on=NOW.date(),
        days=7,
    )  # fmt: skip
    supplied(bench, batch, now=NOW + timedelta(days=7))
    with pytest.raises(Refused) as refused:
        supplied(bench, batch, now=NOW + timedelta(days=8))
    assert _rules(refused) == ["stock.opened-too-long"]


def test_it_does_not_come_back_and_is_not_undone(bench: Bench) -> None:
    batch = bench.stock(MORPHINE_60, 1).result["batch"]
    supplied(bench, batch)
    with pytest.raises(Refused) as refused:
        moving.correct(
            by=bench.ruth, now=NOW, key=a_key(), movement_id=models.Movement.objects.latest("pk").pk, why="no"
        )
    assert _rules(refused) == ["ledger.not-correctable"]


def test_a_recall_reaches_whoever_has_it(bench: Bench) -> None:
    batch = bench.stock(MORPHINE_60, 1).result["batch"]
    supplied(bench, batch)
    alert = recalls.record_alert(
        by=bench.tess, now=NOW, key=a_key(), kind=AlertKind.CLASS_2, reference="EL(26)A/09",
        level=RecallLevel.PHARMACY, deadline=NOW, packs=[(MORPHINE_60, "B1")],
    ).result["alert"]  # fmt: skip
    (one,) = stored_recalls.without_prescription(models.Alert.objects.get(pk=alert))
    assert one.particulars.party_name == "Dr Ada Osei, Ashcombe Surgery"


def test_an_original_is_sent_on_once_and_a_veterinary_one_is_kept(bench: Bench) -> None:
    batch = bench.stock(MORPHINE_60, 1).result["batch"]
    first = supplied(bench, batch).result["requisition"]
    kept = supplied(bench, batch, requisition=replace(FORM, veterinary=True)).result["requisition"]
    assert stored.waiting(bench.site.pk) == 1
    given = {"by": bench.tess, "now": NOW, "requisition_id": first}
    with pytest.raises(Refused) as refused:
        requisitions.send_on(key=a_key(), words="", **given)
    assert _rules(refused) == ["requisition.no-words"]
    requisitions.send_on(key=a_key(), words="FP34PCD of October", **given)
    with pytest.raises(Refused) as refused:
        requisitions.send_on(key=a_key(), words="again", **given)
    assert _rules(refused) == ["requisition.sent"]
    with pytest.raises(Refused) as refused:
        requisitions.send_on(key=a_key(), words="FP34PCD", **{**given, "requisition_id": kept})
    assert _rules(refused) == ["requisition.kept"]
    assert stored.waiting(bench.site.pk) == 0
    assert verify.verify(bench.site).faults == []


def test_two_who_supply_the_same_packs_at_once_supply_them_once(own_bench: Bench) -> None:
    batch = own_bench.stock(MORPHINE_60, 1).result["batch"]
    done, refused = together(
        lambda: supplied(own_bench, batch, 40, 40), lambda: supplied(own_bench, batch, 40, 40)
    )
    assert (len(done), [one.refusals[0].rule for one in refused]) == (1, ["stock.not-in-stock"])
    (shelf,) = ledger.accounts(own_bench.site.pk, SHELF)
    assert models.Balance.objects.get(batch=batch, account=shelf.id).amount == 20
