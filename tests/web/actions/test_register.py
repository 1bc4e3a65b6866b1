"""The controlled-drug register through the actions: entries beside their movements, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.web.actions.bench import (
    DIAZEPAM,
    FUROSEMIDE_28,
    MORPHINE,
    MORPHINE_60,
    NOW,
    WHOLESALER,
    Bench,
    a_key,
    together,
)

from pestle.demo.messages import Item
from pestle.pharmacy.dispensary.collection import Collection, Collector, Identity
from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.controlled import Source
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import moving
from pestle.web.actions import register as actions
from pestle.web.store import models, register, verify

ZONE = ZoneInfo("Europe/London")
TEMAZEPAM = Item("Temazepam 10mg tablets", "28", "Take one tablet at night")


def _rules(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [each.rule for each in refused.value.refusals]


def _page(bench: Bench) -> register.Page:
    (page,) = register.pages(bench.site.pk)
    return page


def _balances(bench: Bench) -> list[tuple[str, str, str]]:
    entries = register.everything(bench.site.pk, _page(bench), zone=ZONE)
    return [(one.received, one.supplied, one.balance) for one in entries]


def test_a_hand_out_is_entered_with_who_took_it(bench: Bench) -> None:
    prescription = bench.at("hand_out", MORPHINE)
    bench.handed_out(
        prescription,
        now=NOW + timedelta(days=1),
        collection=Collection(Collector.REPRESENTATIVE, "Pat O'Brien", identity=Identity.SHOWN),
    )
    received, supplied = register.everything(bench.site.pk, _page(bench), zone=ZONE)
    assert _balances(bench) == [("60 tablets", "", "60 tablets"), ("", "60 tablets", "0 tablets")]
    beside = received.particulars
    assert beside is not None
    assert (beside.party_name, beside.party_address, beside.document) == (
        WHOLESALER.name, WHOLESALER.address, WHOLESALER.document)  # fmt: skip
    beside = supplied.particulars
    assert beside is not None
    assert beside.party_name.startswith("O'BRIEN")
    assert beside.authority.startswith("Prescription of ")
    assert beside.document == bench.row(prescription).number
    assert (beside.collector, beside.collector_name, beside.identity) == (
        "representative", "Pat O'Brien", "shown")  # fmt: skip
    assert not supplied.belated
    assert verify.verify(bench.site).faults == []


def test_nothing_goes_until_it_is_said_who_takes_it(bench: Bench) -> None:
    prescription = bench.at("hand_out", MORPHINE)
    before = models.AuditEvent.objects.count()
    with pytest.raises(Refused) as refused:
        bench.handed_out(prescription, collection=Collection(Collector.PATIENT))
    assert _rules(refused) == ["controlled.identity-missing"]
    assert models.AuditEvent.objects.count() == before
    assert models.RegisterParticulars.objects.count() == 1, "the delivery alone"


def test_after_28_days_it_does_not_go(bench: Bench) -> None:
    prescription = bench.at("hand_out", MORPHINE)
    with pytest.raises(Refused) as refused:
        bench.handed_out(prescription, now=NOW + timedelta(days=28))
    assert "validity.expired" in _rules(refused)


def test_schedule_4_asks_nothing_and_has_no_page(bench: Bench) -> None:
    prescription = bench.at("hand_out", DIAZEPAM)
    bench.handed_out(prescription, collection=Collection(Collector.PATIENT))
    assert register.pages(bench.site.pk) == []
    assert not models.RegisterParticulars.objects.exists()


def test_a_delivery_without_supplier_or_invoice_is_refused(bench: Bench) -> None:
    with pytest.raises(Refused) as refused:
        bench.stock(MORPHINE_60, 1, source=Source("Ashcombe Wholesale Ltd"))
    assert _rules(refused) == ["controlled.no-supplier-address", "controlled.no-invoice"]
    assert not models.Movement.objects.exists()
    bench.stock(FUROSEMIDE_28, 1, source=Source())
    assert not models.RegisterParticulars.objects.exists()


@pytest.mark.parametrize(
    ("reason", "to"),
    [
        (Reason.SUPPLY, AccountKind.PATIENT),
        (Reason.WASTE, AccountKind.WASTE),
        (Reason.SUPPLIER_RETURN, AccountKind.SUPPLIER),
    ],
)
def test_no_plain_move_takes_it_out_of_the_register(bench: Bench, reason: Reason, to: AccountKind) -> None:
    batch = bench.stock(MORPHINE_60, 1).result["batch"]
    with pytest.raises(Refused) as refused:
        moving.move(
            by=bench.ruth, now=NOW, key=a_key(), reason=reason, batch_id=batch, amount=1,
            source=(AccountKind.SHELF, ""), target=(to, ""), why="because",
        )  # fmt: skip
    assert _rules(refused) == ["controlled.own-action"]


def test_a_wrong_quantity_is_corrected_by_an_entry_and_a_wrong_word_by_a_note(bench: Bench) -> None:
    bench.stock(MORPHINE_60, 1)
    first = models.Movement.objects.get()
    actions.note(
        by=bench.ruth, now=NOW, key=a_key(), page_id=_page(bench).id, movement_id=first.pk,
        words="The invoice is INV-0043",
    )  # fmt: skip
    moving.correct(by=bench.tess, now=NOW, key=a_key(), movement_id=first.pk, why="two packs came")
    bench.stock(MORPHINE_60, 2)
    wrong, undone, right = register.everything(bench.site.pk, _page(bench), zone=ZONE)
    assert [one.balance for one in (wrong, undone, right)] == ["60 tablets", "0 tablets", "120 tablets"]
    assert wrong.corrected
    assert undone.movement.reverses_id == first.pk
    (note,) = wrong.notes
    assert (note.words, note.by_id) == ("The invoice is INV-0043", bench.ruth.id)
    assert verify.verify(bench.site).faults == []


def test_a_note_stands_beside_an_entry_of_its_page(bench: Bench) -> None:
    bench.stock(MORPHINE_60, 1)
    bench.stock(FUROSEMIDE_28, 1)
    other = models.Movement.objects.latest("pk").pk
    page = _page(bench).id
    for movement, words, rule in (
        (other, "not of this page", "register.unknown-entry"),
        (models.Movement.objects.earliest("pk").pk, " ", "register.no-words"),
    ):
        with pytest.raises(Refused) as refused:
            actions.note(by=bench.tess, now=NOW, key=a_key(), page_id=page, movement_id=movement, words=words)
        assert _rules(refused) == [rule]


def test_changed_particulars_are_found(bench: Bench) -> None:
    bench.stock(MORPHINE_60, 1)
    beside = models.RegisterParticulars.objects.get()
    event = models.AuditEvent.objects.latest("pk")
    assert f"registerparticulars:{beside.pk}" in event.detail["sealed"]


def test_two_who_hand_out_at_once_make_one_entry(own_bench: Bench) -> None:
    prescription = own_bench.at("hand_out", MORPHINE)
    done, refused = together(
        lambda: own_bench.handed_out(prescription),
        lambda: own_bench.handed_out(prescription, by=own_bench.leon),
    )
    assert (len(done), len(refused)) == (1, 1)
    assert len(_balances(own_bench)) == 2


def test_a_long_page_is_brought_forward(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "PAGE", 2)
    for number in range(5):
        bench.stock(MORPHINE_60, 1, number=f"N{number}")
    shown = register.shown(bench.site.pk, _page(bench), zone=ZONE)
    assert (shown.number, shown.numbers, shown.brought_forward) == (3, 3, "240 tablets")
    assert [one.balance for one in shown.entries] == ["300 tablets"]
    assert len(register.everything(bench.site.pk, _page(bench), zone=ZONE)) == 5
