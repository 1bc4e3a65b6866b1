"""Labels and scans on the page: opened, picked, asked or refused by name, and nothing lost."""

from __future__ import annotations

import uuid

import pytest
from tests.web.actions.bench import (
    FUROSEMIDE,
    FUROSEMIDE_28,
    FUROSEMIDE_28_B,
    PARACETAMOL,
    PARACETAMOL_32,
    Bench,
    open_bench,
)
from tests.web.desk import LATER, Desk, at, gs1, stand_still, text_of, words

from pestle.demo.messages import Item
from pestle.web.store import models, prescriptions, verify


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, LATER)
    return open_bench()


def _labelled(bench: Bench, *items: Item) -> tuple[int, list[models.Line]]:
    prescription = bench.at("assemble", *items)
    bench.labels(prescription)
    return prescription, bench.lines(prescription)


def test_a_label_opens_its_line_and_a_pack_goes_into_it(bench: Bench) -> None:
    prescription, (line, _) = _labelled(bench, FUROSEMIDE, PARACETAMOL)
    bench.stock(FUROSEMIDE_28, 2)
    desk = Desk(bench.tess)
    label = models.Label.objects.get(line=line)
    opened = desk.post(at(prescription, "scan"), code=f"PESTLE:L:{label.code}")
    assert opened["Location"] == at(prescription, f"?line={line.pk}")
    assert "Scan a pack of Furosemide 40mg tablets" in desk.get(opened["Location"])[1]
    picked = desk.post(at(prescription, f"scan?line={line.pk}"), code=gs1(FUROSEMIDE_28))
    assert picked.status_code == 303
    assert prescriptions.picked(line) == 28
    assert "batch B1, expiry 2028-01, into line 1" in words(desk.get(at(prescription))[1])


def test_a_pack_finds_the_only_line_that_it_may_supply(bench: Bench) -> None:
    prescription, (_, second) = _labelled(bench, FUROSEMIDE, PARACETAMOL)
    bench.stock(PARACETAMOL_32, 1)
    Desk(bench.tess).post(at(prescription, "scan"), code=gs1(PARACETAMOL_32))
    assert prescriptions.picked(second) == 32


def test_where_two_lines_may_be_meant_a_person_is_asked(bench: Bench) -> None:
    prescription, (first, second) = _labelled(bench, FUROSEMIDE, FUROSEMIDE)
    bench.stock(FUROSEMIDE_28, 2)
    desk = Desk(bench.tess)
    answer = desk.post(at(prescription, "scan"), code=gs1(FUROSEMIDE_28))
    assert answer.status_code == 200
    assert "Which line gets" in text_of(answer)
    desk.post(
        at(prescription, "scan"), gtin=FUROSEMIDE_28, number="B1", expiry="2028-01", line=str(second.pk)
    )
    assert (prescriptions.picked(first), prescriptions.picked(second)) == (0, 28)


def test_a_code_without_batch_asks_and_the_first_to_expire_stands_in_front(bench: Bench) -> None:
    prescription, (line,) = _labelled(bench, FUROSEMIDE)
    bench.stock(FUROSEMIDE_28, 1, number="LATE", expiry="2029-05")
    bench.stock(FUROSEMIDE_28, 1, number="SOON", expiry="2027-02")
    desk = Desk(bench.tess)
    asked = text_of(desk.post(at(prescription, "scan"), code=FUROSEMIDE_28))
    assert asked.index("Batch SOON") < asked.index("Batch LATE")
    assert prescriptions.picked(line) == 0
    soon = models.Batch.objects.get(number="SOON")
    desk.post(at(prescription, "scan"), gtin=FUROSEMIDE_28, batch=str(soon.pk), line=str(line.pk))
    assert models.Pick.objects.get().batch == soon


def test_a_batch_may_be_typed_as_it_is_printed(bench: Bench) -> None:
    prescription, (line,) = _labelled(bench, FUROSEMIDE)
    bench.stock(FUROSEMIDE_28, 1)
    desk = Desk(bench.tess)
    typed = {"gtin": FUROSEMIDE_28, "number": "B1", "line": str(line.pk)}
    assert "expiry.not-a-date" in text_of(desk.post(at(prescription, "scan"), expiry="soon", **typed))
    assert desk.post(at(prescription, "scan"), expiry="2028-01", **typed).status_code == 303
    assert prescriptions.picked(line) == 28


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("rubbish", "barcode."),
        (gs1("9521000000774"), "barcode.check-digit"),
        (gs1("9526000000014"), "barcode.check-digit"),
        (gs1(PARACETAMOL_32), "equivalence.other-medicine"),
        (gs1(FUROSEMIDE_28, expiry="250100"), "pick.expired"),
        (gs1(FUROSEMIDE_28, number="NEVER"), "stock.not-in-stock"),
        ("PESTLE:L:1-9-9", "label.unknown"),
    ],
)
def test_a_scan_is_refused_by_name_and_stays_in_the_feed(bench: Bench, code: str, rule: str) -> None:
    prescription, (line,) = _labelled(bench, FUROSEMIDE)
    bench.stock(FUROSEMIDE_28_B, 1)
    desk = Desk(bench.tess)
    answer = desk.post(at(prescription, f"scan?line={line.pk}"), code=code)
    assert answer.status_code == 422
    assert rule in text_of(answer)
    assert rule in desk.get(at(prescription))[1]
    assert prescriptions.picked(line) == 0


def test_a_pack_in_the_hand_is_picked_and_the_difference_stays_open(bench: Bench) -> None:
    prescription, (line,) = _labelled(bench, FUROSEMIDE)
    desk = Desk(bench.tess)
    asked = desk.post(at(prescription, f"scan?line={line.pk}"), code=gs1(FUROSEMIDE_28, number="NEVER"))
    html = text_of(asked)
    assert "in your hand?" in html
    said = {"gtin": FUROSEMIDE_28, "number": "NEVER", "expiry": "2028-01", "line": str(line.pk)}
    assert desk.post(at(prescription, "scan"), in_hand="yes", **said).status_code == 303
    assert prescriptions.picked(line) == 28
    opened = models.Discrepancy.objects.get()
    assert (opened.opened_by_id, opened.movement.amount) == (bench.tess.id, 28)
    assert verify.verify(bench.site).faults == []


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        (gs1(FUROSEMIDE_28, expiry="250100"), "pick.expired"),
        (gs1(FUROSEMIDE_28, number="BAD"), "pick.recalled"),
        (gs1(PARACETAMOL_32), "equivalence.other-medicine"),
    ],
)
def test_what_is_in_the_hand_may_still_not_be_right(bench: Bench, code: str, rule: str) -> None:
    prescription, (line,) = _labelled(bench, FUROSEMIDE)
    bench.recall(FUROSEMIDE_28, "BAD")
    answer = Desk(bench.tess).post(at(prescription, f"scan?line={line.pk}"), code=code, in_hand="yes")
    assert rule in text_of(answer)
    assert "in your hand?" not in text_of(answer)
    assert not models.Discrepancy.objects.exists()


def test_a_label_of_another_prescription_is_refused(bench: Bench) -> None:
    prescription, _ = _labelled(bench, FUROSEMIDE)
    other = bench.at("assemble", FUROSEMIDE, key="other")
    bench.labels(other)
    label = models.Label.objects.get(line__prescription=other)
    answer = Desk(bench.tess).post(at(prescription, "scan"), code=f"PESTLE:L:{label.code}")
    assert "scan.other-prescription" in text_of(answer)


def test_a_scan_by_part_answers_the_part_with_a_fresh_key(bench: Bench) -> None:
    prescription, _ = _labelled(bench, FUROSEMIDE)
    bench.stock(FUROSEMIDE_28, 1)
    key = str(uuid.uuid4())
    answer = Desk(bench.tess).send(
        at(prescription, "scan"), {"key": key, "code": gs1(FUROSEMIDE_28)}, **{"HX-Request": "true"}
    )
    html = text_of(answer)
    assert answer.status_code == 200
    assert html.lstrip().startswith('<div id="assembly">')
    assert "<html" not in html
    assert key not in html
    assert "Complete assembly of 1 line" in html


def test_a_scan_after_somebody_moved_it_on_shows_the_new_page(bench: Bench) -> None:
    prescription = bench.at("accuracy", FUROSEMIDE)
    answer = Desk(bench.tess).send(
        at(prescription, "scan"), {"key": str(uuid.uuid4()), "code": gs1(FUROSEMIDE_28)},
        **{"HX-Request": "true"},
    )  # fmt: skip
    assert answer["HX-Refresh"] == "true"


def test_a_pack_is_put_back_once(bench: Bench) -> None:
    prescription, (line,) = _labelled(bench, FUROSEMIDE)
    bench.stock(FUROSEMIDE_28, 1)
    bench.pick(line.pk, FUROSEMIDE_28)
    desk, pick = Desk(bench.leon), models.Pick.objects.get()
    assert desk.post(at(prescription, "undo-pick"), pick=str(pick.pk)).status_code == 303
    assert prescriptions.picked(line) == 0
    again = desk.post(at(prescription, "undo-pick"), pick=str(pick.pk))
    assert (again.status_code, "pick.undone" in text_of(again)) == (409, True)


def test_labels_are_a_pdf_once_they_are_printed_and_a_reprint_is_on_record(bench: Bench) -> None:
    prescription = bench.at("assemble", FUROSEMIDE)
    desk = Desk(bench.tess)
    assert desk.get(at(prescription, "labels.pdf"))[0] == 404
    desk.post(at(prescription, "labels"))
    answer = desk.fetch(at(prescription, "labels.pdf"))
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    label = models.Label.objects.get()
    refused = desk.post(f"/labels/{label.code}/reprint", reason="")
    assert (refused.status_code, "label.no-reason" in text_of(refused)) == (422, True)
    answer = desk.post(f"/labels/{label.code}/reprint", reason="it jammed")
    assert answer["Location"] == at(prescription, f"labels.pdf?label={label.code}")
    assert desk.fetch(answer["Location"]).content.startswith(b"%PDF")
    assert "it jammed" in desk.get(at(prescription, "story"))[1]
    assert desk.post("/labels/no-such/reprint", reason="it jammed").status_code == 404
