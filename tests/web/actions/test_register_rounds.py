"""Counting a page together, destruction before a witness, and what patients bring back: the actions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.web.actions.bench import FUROSEMIDE_28, MORPHINE, MORPHINE_60, NOW, Bench, a_key, together

from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.controlled import Witness
from pestle.pharmacy.ledger.discrepancy import Closing
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import balance, destroying, differences
from pestle.web.actions.once import Outcome
from pestle.web.store import models, register, verify

ZONE = ZoneInfo("Europe/London")
OFFICER = Witness("Cora Lane", "NHS England CDLO, letter 12")


def _rules(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [each.rule for each in refused.value.refusals]


def _page(bench: Bench) -> register.Page:
    (page,) = register.pages(bench.site.pk)
    return page


def _count(bench: Bench, *, short: int = 0, second: Person | None = None, **other: Any) -> Outcome:
    """Tess and Leon count everything; of the first batch `short` less than the book says."""
    page = _page(bench)
    rows = register.stands(bench.site.pk, page)
    found = {(row.batch_id, row.account_id): row.amount for row in rows}
    found[rows[0].batch_id, rows[0].account_id] -= short
    given = {
        "by": bench.tess, "now": NOW, "key": a_key(), "page_id": page.id, "found": found,
        "seen": register.latest(register.batch_ids(bench.site.pk, page)), "second": second or bench.leon,
    }  # fmt: skip
    return balance.check_balance(**{**given, **other})


def _destroy(bench: Bench, batch: int, amount: int = 10, **other: Any) -> Outcome:
    given = {
        "by": bench.tess, "now": NOW, "key": a_key(), "page_id": _page(bench).id, "batch_id": batch,
        "source": (AccountKind.SHELF, ""), "amount": amount, "why": "expired", "method": "denaturing kit",
        "witness": OFFICER,
    }  # fmt: skip
    return destroying.destroy(**{**given, **other})


def _returned(bench: Bench, **other: Any) -> Outcome:
    given = {
        "by": bench.tess, "now": NOW, "key": a_key(), "medicine": "Morphine 10mg tablets",
        "quantity": "12 tablets", "brought_by": "Ann Other, daughter",
    }  # fmt: skip
    return destroying.record_return(**{**given, **other})


def test_a_right_count_makes_no_entry_and_is_on_record(bench: Bench) -> None:
    bench.stock(MORPHINE_60, 2)
    bench.at("accuracy", MORPHINE)
    result = _count(bench).result
    check = models.BalanceCheck.objects.get(pk=result["check"])
    assert (check.book, check.found, check.by_id, check.second_id) == (180, 180, bench.tess.id, bench.leon.id)
    assert result["discrepancies"] == []
    assert register.last_checks(bench.site.pk) == {_page(bench).id: check}


def test_a_difference_is_an_entry_that_somebody_else_closes(bench: Bench) -> None:
    bench.stock(MORPHINE_60, 1)
    with pytest.raises(Refused) as refused:
        _count(bench, short=2)
    assert _rules(refused) == ["stock.no-reason"]
    (opened,) = _count(bench, short=2, why="a blister is torn").result["discrepancies"]
    entries = register.everything(bench.site.pk, _page(bench), zone=ZONE)
    assert [one.balance for one in entries] == ["60 tablets", "58 tablets"]
    differences.look_into(by=bench.tess, now=NOW, key=a_key(), discrepancy_id=opened, words="searched")
    for closer, rule in ((bench.tess, "discrepancy.own"), (bench.leon, "discrepancy.pharmacist")):
        with pytest.raises(Refused) as refused:
            differences.close(
                by=closer, now=NOW, key=a_key(), discrepancy_id=opened, outcome=Closing.LOST, words="gone"
            )
        assert rule in _rules(refused)
    differences.close(
        by=bench.ruth, now=NOW, key=a_key(), discrepancy_id=opened, outcome=Closing.LOST, words="reported"
    )
    assert verify.verify(bench.site).faults == []


def test_overage_of_a_bottle_is_more_than_the_book(bench: Bench) -> None:
    bench.stock(MORPHINE_60, 1)
    _count(bench, short=-1, why="overage")
    assert register.everything(bench.site.pk, _page(bench), zone=ZONE)[-1].received == "1 tablet"


def test_nobody_counts_twice(bench: Bench) -> None:
    bench.stock(MORPHINE_60, 1)
    for second, rule in ((bench.tess, "witness.own"), (bench.mo, "witness.role")):
        with pytest.raises(Refused) as refused:
            _count(bench, second=second)
        assert _rules(refused) == [rule]
    assert not models.BalanceCheck.objects.exists()


def test_every_batch_is_counted_and_nothing_moved_meanwhile(bench: Bench) -> None:
    bench.stock(MORPHINE_60, 1)
    with pytest.raises(Refused) as refused:
        _count(bench, found={})
    assert _rules(refused) == ["register.not-counted"]
    seen = register.latest(register.batch_ids(bench.site.pk, _page(bench)))
    bench.stock(MORPHINE_60, 1)
    with pytest.raises(Refused) as refused:
        _count(bench, seen=seen)
    assert _rules(refused) == ["register.moved"]


def test_stock_is_destroyed_before_somebody_authorised(bench: Bench) -> None:
    batch = bench.stock(MORPHINE_60, 1).result["batch"]
    _destroy(bench, batch)
    last = register.everything(bench.site.pk, _page(bench), zone=ZONE)[-1]
    assert (last.supplied, last.balance) == ("10 tablets", "50 tablets")
    assert last.destruction is not None
    assert (last.destruction.witness_name, last.destruction.witness_authority) == (
        OFFICER.name, OFFICER.authority)  # fmt: skip
    assert verify.verify(bench.site).faults == []


@pytest.mark.parametrize(
    ("other", "rules"),
    [
        ({"witness": Witness("Cora Lane")}, ["witness.no-authority"]),
        ({"witness": Witness("Tess Okafor", "myself")}, ["witness.own"]),
        ({"method": ""}, ["destruction.no-method"]),
        ({"amount": 61}, ["stock.not-in-stock"]),
        ({"amount": 0}, ["ledger.not-positive"]),
        ({"why": ""}, ["stock.no-reason"]),
    ],
)
def test_a_destruction_that_is_refused_leaves_nothing(
    bench: Bench, other: dict[str, Any], rules: list[str]
) -> None:
    batch = bench.stock(MORPHINE_60, 1).result["batch"]
    before = models.AuditEvent.objects.count()
    with pytest.raises(Refused) as refused:
        _destroy(bench, batch, **other)
    assert _rules(refused) == rules
    assert (models.AuditEvent.objects.count(), models.Destruction.objects.count()) == (before, 0)


def test_a_colleague_cannot_watch_stock_being_destroyed_and_a_batch_has_its_page(bench: Bench) -> None:
    batch = bench.stock(MORPHINE_60, 1).result["batch"]
    other = bench.stock(FUROSEMIDE_28, 1).result["batch"]
    with pytest.raises(Refused) as refused:
        _destroy(bench, batch, witness=Witness(bench.ruth.name, person=bench.ruth))
    assert _rules(refused) == ["witness.not-authorised"]
    with pytest.raises(Refused) as refused:
        _destroy(bench, other)
    assert _rules(refused) == ["register.other-page"]


def test_what_a_patient_brings_back_is_no_stock_and_destroyed_once(bench: Bench) -> None:
    bench.stock(MORPHINE_60, 1)
    before = models.Movement.objects.count()
    brought = _returned(bench).result["return"]
    given = {
        "by": bench.tess, "now": NOW + timedelta(hours=1), "return_id": brought, "method": "denaturing kit",
    }  # fmt: skip
    with pytest.raises(Refused) as refused:
        destroying.destroy_return(key=a_key(), witness=Witness(bench.tess.name, person=bench.tess), **given)
    assert _rules(refused) == ["witness.own"]
    watched = Witness(bench.leon.name, person=bench.leon)
    destroying.destroy_return(key=a_key(), witness=watched, **given)
    with pytest.raises(Refused) as refused:
        destroying.destroy_return(key=a_key(), witness=watched, **given)
    assert _rules(refused) == ["return.destroyed"]
    assert models.Movement.objects.count() == before
    assert len(register.everything(bench.site.pk, _page(bench), zone=ZONE)) == 1
    (one,) = register.returns(bench.site.pk)
    assert one.destroyed is not None
    assert one.destroyed.witness_id == bench.leon.id
    assert verify.verify(bench.site).faults == []


def test_a_return_says_what_how_much_and_from_whom(bench: Bench) -> None:
    with pytest.raises(Refused) as refused:
        _returned(bench, medicine=" ", quantity="", brought_by="")
    assert _rules(refused) == ["return.no-medicine", "return.no-quantity", "return.no-person"]


def test_two_who_destroy_the_same_return_at_once_destroy_it_once(own_bench: Bench) -> None:
    brought = _returned(own_bench).result["return"]

    def destroyed() -> Outcome:
        return destroying.destroy_return(
            by=own_bench.tess, now=NOW, key=a_key(), return_id=brought, method="denaturing kit",
            witness=Witness(own_bench.leon.name, person=own_bench.leon),
        )  # fmt: skip

    done, refused = together(destroyed, destroyed)
    assert (len(done), [one.refusals[0].rule for one in refused]) == (1, ["return.destroyed"])
