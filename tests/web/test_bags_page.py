"""Bags, messages and rounds through the pages: by scan, by choice, and what is refused by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.web.actions.bench import FUROSEMIDE, MARY, MORPHINE, PARACETAMOL, Bench, a_key, open_bench
from tests.web.actions.test_bags import bag_of, shelves
from tests.web.desk import LATER, Desk, at, stand_still, text_of, words

from pestle.pharmacy.dispensary.bag import Part
from pestle.web.actions import bags
from pestle.web.store import bags as stored
from pestle.web.store import models


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, LATER)
    return open_bench()


def scanned(desk: Desk, code: str) -> str:
    return str(desk.post("/scan", code=code)["Location"])


def test_a_bag_is_put_by_two_scans_and_the_telephone_says_where(bench: Bench) -> None:
    prescription = bench.at("hand_out", FUROSEMIDE, MORPHINE)
    desk, at_ = Desk(bench.tess), shelves(bench)
    bag = bag_of(prescription).bag.pk
    page = scanned(desk, f"PESTLE:BAG:{bag}")
    assert page == f"/bags/{bag}/"
    for name in ("A2", "CD"):
        assert desk.post(page, code=f"PESTLE:SHELF:{at_[name]}").status_code == 303
    refused = desk.post(page, code=f"PESTLE:SHELF:{at_['FRIDGE 1']}")
    assert (refused.status_code, "bag.wrong-shelf" in text_of(refused)) == (422, True)
    assert "bag.not-a-shelf" in text_of(desk.post(page, code="9521000000773"))
    where = "A2 ● CD part: CD"
    listed = words(desk.get("/?step=hand_out")[1])
    assert where in listed
    assert "CD: last day Sun 29-Nov-2026" in listed
    assert "1 ready, shelf A2, CD cupboard" in words(text_of(desk.post("/search", q="obrien")))
    assert where in words(desk.get(scanned(desk, f"PESTLE:SHELF:{at_['A2']}"))[1])
    assert "No bag lies here" in words(desk.get(f"/bags/?shelf={at_['A3']}")[1])
    labels = desk.fetch(f"/bags/{bag}/labels.pdf")
    assert labels["Content-Type"] == "application/pdf"
    assert b"A2; CD part: CD" in b"".join(desk.client.get("/bags.csv"))


def test_of_a_shared_bag_none_is_left_behind(bench: Bench) -> None:
    one, two = bench.at("hand_out", key="a"), bench.at("hand_out", PARACETAMOL, key="b")
    desk, first, second = Desk(bench.tess), bag_of(one).bag.pk, bag_of(two).bag.pk
    assert "1 prescription, On no shelf" in words(desk.get(f"/bags/{first}/")[1])
    desk.post(f"/bags/{first}/", what="join", other=second)
    assert bench.row(two).number in words(desk.get(at(one))[1]).partition("Also in it:")[2][:60]
    given = {"collector": "patient", "exemption": "0001", "declared_by": "patient"}
    answer = desk.post(at(one, "hand-out"), given)
    assert answer["Location"] == at(two)
    assert "This is in the same bag" in words(desk.get(at(two))[1])
    assert "Nothing is in this bag any more" in words(desk.get(f"/bags/{second}/")[1])


def test_everybody_who_is_new_is_told_in_one_go(bench: Bench) -> None:
    prescription = bench.at("hand_out")
    desk, patient = Desk(bench.tess), bench.row(prescription).patient_id
    assert "Not asked ask, and record it" in words(desk.get("/bags/tell")[1])
    refused = desk.post(f"/patients/{patient}/contact", way="text", number="01234 567890", told_by="she")
    assert (refused.status_code, "contact.number" in text_of(refused)) == (422, True)
    desk.post(f"/patients/{patient}/contact", way="text", number="07700 900123", told_by="the patient")
    bag = bag_of(prescription).bag.pk
    answer = desk.post("/bags/tell", bag=str(bag))
    told = str(answer["Location"])
    assert "1 text and 0 letters" in words(desk.get(told)[1])
    texts = b"".join(desk.client.get(f"{told}texts.csv")).decode()
    assert "447700900123,High Street Pharmacy: something is ready" in texts
    assert desk.fetch(f"{told}letters.pdf").status_code == 404
    assert "Everybody has been told" in words(desk.get("/bags/tell")[1])
    assert "By text message" in words(desk.get("/bags/")[1])
    again = desk.post(f"/bags/{bag}/", what="tell", way="text", words="Something is ready for you here")
    assert "ready-message.told" in text_of(again)


def test_a_round_from_its_first_scan_to_its_end(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    one = bench.at("hand_out", patient=replace(MARY, born=date(1985, 3, 10)))
    models.Patient.objects.update(address=["4 Mill Lane"], postcode="QX1 2AB")
    desk, bag = Desk(bench.tess), bag_of(one).bag.pk
    page = str(desk.post("/rounds/", on="2026-11-02", driver="Jo Bloggs")["Location"])
    assert "round.not-a-bag" in text_of(desk.post(page, code="9521000000773"))
    desk.post(page, code=f"PESTLE:BAG:{bag}")
    assert "4 Mill Lane, QX1 2AB" in words(desk.get(page)[1])
    assert desk.fetch(f"{page}sheet.pdf")["Content-Type"] == "application/pdf"
    refused = desk.post(page, what="leave")
    assert "round.charge" in text_of(refused)
    desk.post(at(one, "payment"), what="charge", exemption="0001", declared_by="patient")
    desk.post(page, what="leave")
    assert "out for delivery" in words(text_of(desk.post("/search", q="obrien")))
    assert "the bag is out for delivery with Jo Bloggs" in words(desk.get(at(one))[1])
    stand_still(monkeypatch, LATER + timedelta(hours=3))
    stop = f"/rounds/stops/{models.RoundStop.objects.get().pk}/"
    assert "round.no-reason" in text_of(desk.post(stop, what="fail"))
    desk.post(stop, what="fail", failed="no_answer", when="2026-11-02T11:15")
    back = words(desk.get(page)[1])
    assert "Came back Nobody answered, 02-Nov-2026 11:15" in back
    assert "Came back and lies on no shelf yet: O'BRIEN, Mary (Mrs)" in back
    desk.post(page, what="close")
    assert "1 attempt to deliver failed" in words(desk.get("/bags/")[1])
    bags.put(by=bench.tess, now=LATER, key=a_key(), bag_id=bag, shelf_id=shelves(bench)["A1"])
    assert str(stored.of_prescriptions([one])[one].shelf_of(Part.BAG)) == "A1"


def test_shelves_are_named_and_given_up(bench: Bench) -> None:
    desk = Desk(bench.mo)
    wrong = desk.post("/manage/shelves", part="bag", names="A9..A2")
    assert (wrong.status_code, "shelf.run" in text_of(wrong)) == (422, True)
    desk.post("/manage/shelves", part="bag", names="A9..A11")
    assert "A9 shelf nothing Give up A9 A10" in words(desk.get("/manage/shelves")[1])
    assert desk.fetch("/manage/shelves.pdf")["Content-Type"] == "application/pdf"
    desk.post("/manage/shelves", what="end", shelf=models.BagShelf.objects.get(name="A10").pk)
    assert "A10" not in words(desk.get("/manage/shelves")[1])
