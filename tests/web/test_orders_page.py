"""Orders through the pages: what is suggested and why, ordering, receiving by scan, what will not come."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.actions.bench import (
    FUROSEMIDE,
    FUROSEMIDE_28,
    FUROSEMIDE_28_B,
    MORPHINE_60,
    NOW,
    PARACETAMOL_32,
    Bench,
    a_key,
    open_bench,
    together,
)
from tests.web.desk import Desk, stand_still, text_of, words

from pestle.web.actions import orders as actions
from pestle.web.store import models, orders, verify
from pestle.web.store.knowledge import dictionary

LATER = NOW + timedelta(minutes=30)
PACK = {"gtin": FUROSEMIDE_28, "number": "A1", "expiry": "2028-01", "packs": "2"}


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, LATER)
    return open_bench()


def _pack(gtin: str) -> str:
    pack = dictionary().pack_by_gtin(gtin)
    assert pack is not None
    return pack.id


def _ordered(desk: Desk, gtin: str = FUROSEMIDE_28, packs: str = "3") -> str:
    if not models.Supplier.objects.exists():
        desk.post("/stock/orders/", name="Wholesaler", lead_days="1", cut_off="17:30")
    supplier = models.Supplier.objects.latest("pk").pk
    answer = desk.post("/stock/orders/suggested", {"supplier": supplier, f"pack-{_pack(gtin)}": packs})
    assert answer.status_code == 303
    return str(answer["Location"])


def _held(kind: str) -> int:
    return sum(models.Balance.objects.filter(account__kind=kind).values_list("amount", flat=True))


def test_what_is_wanted_is_suggested_once_and_says_why(bench: Bench) -> None:
    prescription = bench.take_in(FUROSEMIDE)
    bench.enter(prescription)
    desk = Desk(bench.tess)
    seen = words(desk.get("/stock/orders/suggested")[1])
    assert "Why 1 pack" in seen
    assert "28 tablets wanted by prescriptions in progress" in seen
    assert "28 tablets short in the end" in seen
    _ordered(desk, packs="1")
    assert "Nothing is below its level" in words(desk.get("/stock/orders/suggested")[1])
    assert "28 tablets on order" in words(desk.get("/stock/orders/suggested?show=all")[1])


def test_expired_and_recalled_stock_counts_as_none(bench: Bench) -> None:
    bench.stock(FUROSEMIDE_28, 9, expiry="2026-11")
    late = NOW + timedelta(days=40)
    found = orders.stands(bench.site.pk, on=late.date(), now=late, lead_days=1)
    assert [one.stand.usable for one in found] == [0]


def test_levels_come_from_what_was_supplied_or_from_a_person(bench: Bench) -> None:
    bench.at("closed", FUROSEMIDE, now=NOW)
    desk = Desk(bench.tess)
    product = orders.generic_of(models.Batch.objects.get().product_id)
    at = NOW + timedelta(days=28)
    (found,) = orders.stands(bench.site.pk, on=at.date(), now=at, lead_days=1)
    assert (found.used, found.days, found.levels.minimum, found.levels.maximum, found.packs) == (
        28,
        28,
        4,
        18,
        1,
    )
    fields = {"what": "levels", "product": product, "minimum": "2", "maximum": "4", "pack_amount": "28"}
    assert desk.post("/stock/orders/suggested?show=all", fields).status_code == 303
    (found,) = orders.stands(bench.site.pk, on=at.date(), now=at, lead_days=1)
    assert (found.by_hand, found.levels.minimum, found.levels.maximum, found.packs) == (True, 56, 112, 4)
    wrong = desk.post("/stock/orders/suggested?show=all", {**fields, "minimum": "5"})
    assert "level.wrong" in text_of(wrong)
    desk.post("/stock/orders/suggested?show=all", {**fields, "minimum": "", "maximum": ""})
    (found,) = orders.stands(bench.site.pk, on=at.date(), now=at, lead_days=1)
    assert not found.by_hand


def test_an_order_is_received_in_parts_by_scan(bench: Bench) -> None:
    desk = Desk(bench.tess)
    at = _ordered(desk)
    scanned = text_of(desk.post(at, code=f"]d2010{FUROSEMIDE_28}1728013110A1"))
    assert 'value="2028-01-31"' in scanned
    assert desk.post(at, PACK).status_code == 303
    assert "1" in words(desk.get(at)[1])
    order = orders.order(bench.site.pk, models.PurchaseOrder.objects.get().pk)
    assert order is not None
    assert (order.lines[0].came, order.lines[0].outstanding, order.open) == (2, 1, True)
    over = text_of(desk.post(at, PACK))
    assert "order.more-than-ordered" in over
    assert 'name="accepted" value="order.more-than-ordered"' in over
    assert desk.post(at, {**PACK, "accepted": "order.more-than-ordered"}).status_code == 303
    assert "1 over" in words(desk.get(at)[1])
    assert _held("shelf") == 4 * 28
    assert verify.verify(bench.site).faults == []


def test_another_makers_pack_counts_and_damaged_ones_are_set_aside(bench: Bench) -> None:
    desk = Desk(bench.tess)
    at = _ordered(desk)
    assert desk.post(at, {**PACK, "gtin": FUROSEMIDE_28_B, "damaged": "yes"}).status_code == 303
    assert (_held("shelf"), _held("quarantine")) == (0, 56)
    assert "damaged, another maker's" in words(desk.get(at)[1])


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"gtin": PARACETAMOL_32}, "order.not-ordered"),
        ({"gtin": "4006381333931"}, "stock.unknown-pack"),
        ({"expiry": "2026-12"}, "order.short-dated"),
        ({"expiry": "2026-10"}, "stock.expired"),
        ({"packs": "4"}, "order.more-than-ordered"),
        ({"packs": "0"}, "stock.packs"),
        ({"number": ""}, "stock.no-batch"),
        ({"to": "99999999"}, "place.unknown"),
        ({"what": "not_supplied", "words": ""}, "order.unknown-line"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_taken_in(
    bench: Bench, changed: dict[str, str], rule: str
) -> None:
    desk = Desk(bench.tess)
    at = _ordered(desk)
    response = desk.post(at, {**PACK, **changed})
    assert response.status_code == 422
    assert rule in text_of(response)
    assert not models.Movement.objects.exists()


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"name": "", "lead_days": "1", "cut_off": "17:30"}, "supplier.name"),
        ({"name": "AA", "lead_days": "soon", "cut_off": "17:30"}, "supplier.lead-days"),
        ({"name": "AA", "lead_days": "1", "cut_off": "tea"}, "supplier.cut-off"),
    ],
)
def test_suppliers_that_are_refused(bench: Bench, fields: dict[str, str], rule: str) -> None:
    assert rule in text_of(Desk(bench.tess).post("/stock/orders/", fields))
    assert not models.Supplier.objects.exists()


def test_orders_that_are_refused(bench: Bench) -> None:
    desk = Desk(bench.tess)
    _ordered(desk)
    supplier, name = models.Supplier.objects.get().pk, f"pack-{_pack(FUROSEMIDE_28)}"
    for fields, rule in (
        ({"supplier": "", name: "1"}, "supplier.unknown"),
        ({"supplier": supplier, name: "0"}, "order.nothing"),
        ({"supplier": supplier, name: "-1"}, "stock.packs"),
        ({"supplier": supplier, "pack-1": "1"}, "stock.unknown-pack"),
    ):
        assert rule in text_of(desk.post("/stock/orders/suggested", fields)), rule
    assert models.PurchaseOrder.objects.count() == 1


def test_what_will_not_come_is_a_shortage_until_some_comes(bench: Bench) -> None:
    desk = Desk(bench.tess)
    at = _ordered(desk)
    line = str(models.PurchaseLine.objects.get().pk)
    missing = {"what": "not_supplied", "line": line, "shortage": "yes", "words": "until January"}
    assert desk.post(at, missing).status_code == 303
    assert "order.nothing-outstanding" in text_of(desk.post(at, missing))
    bench.enter(bench.take_in(FUROSEMIDE))
    assert "◆ Shortage Wholesaler: until January" in words(desk.get("/stock/orders/suggested")[1])
    entering = bench.take_in(FUROSEMIDE, key="b")
    for row in models.Prescription.objects.all():
        seen = words(desk.get(f"/prescriptions/{row.pk}/")[1])
        assert "◆ Shortage Wholesaler cannot supply it: until January (02-Nov-2026)" in seen
    assert bench.row(entering).step == "entry"
    (product,) = orders.shortages(bench.site.pk, now=LATER)
    second = _ordered(desk)
    actions.receive(
        by=bench.tess, now=LATER + timedelta(hours=1), key=a_key(), order_id=int(second.split("/")[-2]),
        gtin=FUROSEMIDE_28, number="A1", expiry_text="2028-01", packs=1,
    )  # fmt: skip
    assert product not in orders.shortages(bench.site.pk, now=LATER)


def test_an_order_goes_out_on_paper_and_as_a_file(bench: Bench) -> None:
    desk = Desk(bench.tess)
    at = _ordered(desk)
    paper = desk.fetch(f"{at}order.pdf")
    assert paper.content.startswith(b"%PDF")
    assert paper.content == desk.fetch(f"{at}order.pdf").content
    rows = list(csv.reader(io.StringIO(desk.fetch(f"{at}order.csv").content.decode("utf-8-sig"))))
    assert rows[0] == ["order", "site", "ordered", "gtin", "packs", "description"]
    number = models.PurchaseOrder.objects.get().pk
    assert rows[1][:5] == [f"PO-{number:06d}", "FZZ01", "2026-11-02", f"0{FUROSEMIDE_28}", "3"]
    assert rows[1][5].startswith("3 x furosemide 40")
    assert "03-Nov-2026" in words(desk.get(at)[1])


def test_two_who_receive_the_last_packs_in_one_moment(database: str) -> None:
    own_bench = open_bench()
    supplier = actions.record_supplier(
        by=own_bench.tess, now=NOW, key=a_key(), name="Wholesaler", lead_days=1, cut_off=LATER.time()
    ).result["supplier"]
    order = actions.place_order(
        by=own_bench.tess, now=NOW, key=a_key(), supplier_id=supplier, packs={_pack(FUROSEMIDE_28): 3}
    ).result["order"]
    calls = [
        lambda: actions.receive(
            by=own_bench.tess, now=NOW, key=a_key(), order_id=order, gtin=FUROSEMIDE_28, number="A1",
            expiry_text="2028-01", packs=1,
        )
        for _ in range(5)
    ]  # fmt: skip
    done, refused = together(*calls)
    assert len(done) == 3
    assert [one.rule for one in refused] == ["order.more-than-ordered"] * 2


def test_more_of_anything_takes_no_more_queries(bench: Bench) -> None:
    desk = Desk(bench.tess)
    used: dict[str, list[int]] = {}
    for more in (1, 5):
        for number in range(more):
            _ordered(desk)
            bench.stock(FUROSEMIDE_28 if number % 2 else PARACETAMOL_32, 1, number=f"{more}-{number}")
        for path in ("orders/", "orders/suggested", "orders/suggested?show=all"):
            desk.get(f"/stock/{path}")
            with CaptureQueriesContext(connection) as queries:
                assert desk.get(f"/stock/{path}")[0] == 200
            used.setdefault(path, []).append(len(queries))
    assert all(first == second <= 20 for first, second in used.values()), used


def test_a_controlled_drug_comes_in_with_what_its_register_wants(bench: Bench) -> None:
    desk = Desk(bench.tess)
    at = _ordered(desk, MORPHINE_60)
    fields = {**PACK, "gtin": MORPHINE_60, "packs": "1"}
    refused = text_of(desk.post(at, fields))
    assert "controlled.no-supplier-address" in refused
    assert "controlled.no-invoice" in refused
    assert desk.post(at, {**fields, "supplier_address": "1 Mill Lane", "invoice": "INV-7"}).status_code == 303
    beside = models.RegisterParticulars.objects.get()
    assert (beside.party_name, beside.document) == ("Wholesaler", "INV-7")
    assert verify.verify(bench.site).faults == []
