"""Bags and their shelves: made when the check is passed, put by whom and when, shared, told of once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.web.actions.bench import (
    FUROSEMIDE,
    JOHN,
    MORPHINE,
    NOW,
    PARACETAMOL,
    Bench,
    a_key,
    together,
)

from pestle.pharmacy.dispensary.bag import Part
from pestle.pharmacy.dispensary.ready_message import Wish
from pestle.pharmacy.dispensary.uncollected import Way
from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.storage import Condition
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import bags, places, ready_messages
from pestle.web.actions.once import Outcome
from pestle.web.store import audit, ledger, models, verify
from pestle.web.store import bags as stored


def rules(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [each.rule for each in refused.value.refusals]


def shelves(bench: Bench) -> dict[str, int]:
    """A1 to A3, a fridge and a cupboard, by name."""
    for names, part in (("A1..A3", Part.BAG), ("FRIDGE 1", Part.FRIDGE), ("CD", Part.CUPBOARD)):
        bags.name_shelves(by=bench.mo, now=NOW, key=a_key(), names=names, part=part)
    return {one.name: one.pk for one in stored.shelves(bench.site.pk)}


def bag_of(prescription: int) -> stored.BagAt:
    return stored.of_prescriptions([prescription])[prescription]


def put(bench: Bench, bag: int, shelf: int, **other: Any) -> Outcome:
    given: dict[str, Any] = {"by": bench.tess, "now": NOW, "key": a_key()}
    return bags.put(bag_id=bag, shelf_id=shelf, **{**given, **other})


def kept_cold(bench: Bench, medicine: str) -> None:
    """That medicine is kept in a fridge here (invented)."""
    fridge = ledger.account(bench.site.pk, AccountKind.FRIDGE, "Fridge")
    places.record_place(by=bench.tess, now=NOW, key=a_key(), kind=fridge.kind, name="Fridge",
                        condition=Condition.FRIDGE)  # fmt: skip
    line = models.Line.objects.filter(product_name=medicine).first()
    assert line is not None
    places.keep_product(
        by=bench.tess, now=NOW, key=a_key(), product_id=line.product_id, condition=Condition.FRIDGE,
        source="invented", account_id=fridge.id, address="",
    )  # fmt: skip


def test_a_bag_has_parts_and_a_last_day(bench: Bench) -> None:
    first = bench.at("accuracy", FUROSEMIDE, PARACETAMOL, MORPHINE)
    kept_cold(bench, "Paracetamol 500mg tablets")
    bench.passed(first)
    bag, at = bag_of(first), shelves(bench)
    assert bag.parts == (Part.BAG, Part.FRIDGE, Part.CUPBOARD)
    assert str(bag.last_day) == "2026-11-29"  # signed on 1 November: 28 days after it
    for name in ("A2", "FRIDGE 1", "CD"):
        put(bench, bag.bag.pk, at[name])
    assert {part: str(bag_of(first).shelf_of(part)) for part in Part} == {
        Part.BAG: "A2", Part.FRIDGE: "FRIDGE 1", Part.CUPBOARD: "CD",
    }  # fmt: skip
    # The pharmacist withholds the controlled line: its part and its day are gone.
    bench.withhold(bench.lines(first)[2].pk)
    assert (bag_of(first).parts, bag_of(first).last_day) == ((Part.BAG, Part.FRIDGE), None)
    with pytest.raises(Refused) as refused:
        put(bench, bag.bag.pk, at["CD"])
    assert rules(refused) == ["bag.wrong-shelf"]
    assert not list(audit.seal_faults(bench.site.pk, verify._SEALED))


def test_it_is_moved_and_the_book_says_by_whom(bench: Bench) -> None:
    bag, at = bag_of(bench.at("hand_out")), shelves(bench)
    first = put(bench, bag.bag.pk, at["A1"], seen=0)
    put(bench, bag.bag.pk, at["A3"], by=bench.leon, now=NOW + timedelta(hours=1))
    said = [(str(one.shelf), one.by.full_name) for one in stored.book(bag.bag.pk)]
    assert said == [("A1", "Tess Okafor"), ("A3", "Leon Brandt")]
    assert first.result["shelf"] == "A1"
    with pytest.raises(Refused) as refused:
        bags.end_shelf(by=bench.mo, now=NOW, key=a_key(), shelf_id=at["A3"])
    assert rules(refused) == ["shelf.not-empty"]
    bags.end_shelf(by=bench.mo, now=NOW, key=a_key(), shelf_id=at["A1"])
    with pytest.raises(Refused) as refused:
        put(bench, bag.bag.pk, at["A1"])
    assert rules(refused) == ["shelf.unknown"]


def test_two_put_the_same_bag(own_bench: Bench) -> None:
    bag, at = bag_of(own_bench.at("hand_out")), shelves(own_bench)
    done, refused = together(
        lambda: put(own_bench, bag.bag.pk, at["A1"], seen=0, by=own_bench.tess),
        lambda: put(own_bench, bag.bag.pk, at["A2"], seen=0, by=own_bench.leon),
    )
    (row,) = models.BagPut.objects.select_related("by", "shelf")
    assert (len(done), [each.rule for each in refused]) == (1, ["bag.moved-meanwhile"])
    assert f"{row.by.full_name} has put it on {row.shelf}" in str(refused[0])


def test_bags_of_one_patient_are_joined_and_parted(bench: Bench) -> None:
    one, two = bench.at("hand_out", key="a"), bench.at("hand_out", PARACETAMOL, key="b")
    other = bench.at("hand_out", key="c", patient=JOHN)
    bag = bag_of(one).bag.pk
    bags.join(by=bench.tess, now=NOW, key=a_key(), bag_id=bag, other_id=bag_of(two).bag.pk)
    assert [row.pk for row in bag_of(one).prescriptions] == [one, two]
    with pytest.raises(Refused) as refused:
        bags.join(by=bench.tess, now=NOW, key=a_key(), bag_id=bag, other_id=bag_of(other).bag.pk)
    assert rules(refused) == ["bag.other-patient"]
    # What is handed out is not in it any more; alone, nothing can be taken out.
    bags.take_out(by=bench.tess, now=NOW, key=a_key(), bag_id=bag, prescription_id=two)
    assert bag_of(two).bag.pk != bag
    bags.join(by=bench.tess, now=NOW, key=a_key(), bag_id=bag, other_id=bag_of(two).bag.pk)
    bench.handed_out(one)
    assert [row.pk for row in bag_of(two).prescriptions] == [two]
    with pytest.raises(Refused) as refused:
        bags.take_out(by=bench.tess, now=NOW, key=a_key(), bag_id=bag, prescription_id=two)
    assert rules(refused) == ["bag.only-one"]


def test_a_patient_is_told_once_as_they_agreed(bench: Bench) -> None:
    first = bench.at("hand_out")
    patient, bag = bench.row(first).patient_id, bag_of(first).bag.pk
    words = "Something is ready for you at High Street Pharmacy."

    def tell(way: Way = Way.TEXT, said: str = words, now: timedelta = timedelta(0)) -> Outcome:
        return ready_messages.tell(by=bench.tess, now=NOW + now, key=a_key(), words={bag: (way, said)})

    with pytest.raises(Refused) as refused:
        tell(said="Your furosemide tablets are ready to collect")
    assert rules(refused) == ["ready-message.not-asked", "ready-message.names-medicine"]
    ready_messages.record_wish(
        by=bench.tess, now=NOW, key=a_key(), patient_id=patient, wish=Wish(Way.TEXT, "07700 900123"),
        told_by="the patient",
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        tell(Way.LETTER)
    assert rules(refused) == ["ready-message.not-agreed"]
    tell()
    told = models.ReadyMessage.objects.get()
    assert (told.number, told.by.full_name) == ("+447700900123", "Tess Okafor")
    with pytest.raises(Refused) as refused:
        tell()
    assert rules(refused) == ["ready-message.told"]
    assert ready_messages.to_be_told(bench.site.pk) == []
    # What becomes ready later is told of; everybody else who is new is told in the same batch.
    later = NOW + timedelta(days=2)
    second = bench.at("hand_out", PARACETAMOL, key="b", now=later)
    third = bench.at("hand_out", key="c", patient=JOHN, now=later)
    wishes = {one.bag.pk: wish for one, wish in ready_messages.to_be_told(bench.site.pk)}
    agreed = Wish(Way.TEXT, "+447700900123")
    assert wishes == {bag_of(second).bag.pk: agreed, bag_of(third).bag.pk: None}
    made = ready_messages.tell_all(by=bench.leon, now=later, key=a_key(), seen=wishes)
    assert (made.result["text"], made.result["letter"]) == (1, 0)
