"""Counting together, destruction and returns through the pages: who signs, and what paper says."""

from __future__ import annotations

import re
from datetime import timedelta

import pypdfium2  # type: ignore[import-untyped]
import pytest
from tests.web.actions.bench import (
    FUROSEMIDE_28,
    MORPHINE,
    MORPHINE_60,
    NOW,
    WHOLESALER,
    Bench,
    open_bench,
)
from tests.web.desk import Desk, fields_of, stand_still, text_of, words

from pestle.web.store import models, people, register

PIN = "2468"


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, NOW + timedelta(minutes=30))
    bench = open_bench()
    for person in bench.people.values():
        models.User.objects.filter(pk=person.id).update(pin=people.hashed_pin(PIN))
    return bench


def _address(bench: Bench, what: str = "/") -> str:
    (page,) = register.pages(bench.site.pk)
    return f"/register/{page.id}{what}"


def _counted(desk: Desk, address: str, amount: str, **more: str) -> dict[str, str]:
    fields = fields_of(desk.get(address)[1], "check-form")
    return {name: amount if name.startswith("count-") else value for name, value in fields.items()} | more


def test_a_count_does_not_show_the_book_and_is_signed_by_two(bench: Bench) -> None:
    bench.stock(MORPHINE_60, 2)
    desk, address = Desk(bench.tess), _address(bench, "/check")
    assert "120" not in words(desk.get(address)[1])
    typed = _counted(desk, address, "120", witness=str(bench.leon.id))
    wrong = desk.post(address, typed, secret="1357")
    assert wrong.status_code == 422
    said = text_of(wrong)
    assert "witness.secret" in said
    assert "1357" not in said
    assert 'value="120"' in said
    assert desk.post(address, typed, secret=PIN).status_code == 303
    index = words(desk.get("/register/")[1])
    assert "Tess Okafor, Leon Brandt" in index
    assert "Overdue" not in index


def test_the_performer_cannot_sign_for_the_second(bench: Bench) -> None:
    bench.stock(MORPHINE_60, 1)
    desk, address = Desk(bench.tess), _address(bench, "/check")
    refused = desk.post(address, _counted(desk, address, "60", witness=str(bench.tess.id)), secret=PIN)
    assert refused.status_code == 422
    assert "witness.own" in text_of(refused)
    assert not models.BalanceCheck.objects.exists()


def test_a_password_signs_too_and_a_difference_leads_to_the_differences(bench: Bench) -> None:
    bench.stock(MORPHINE_60, 1)
    user = models.User.objects.get(pk=bench.leon.id)
    user.set_password("mortar-and-pestle")
    user.save()
    desk, address = Desk(bench.tess), _address(bench, "/check")
    typed = _counted(desk, address, "59", witness=str(bench.leon.id), why="one fell down")
    answer = desk.post(address, typed, secret="mortar-and-pestle")
    assert answer["Location"] == "/stock/discrepancies/"
    assert "59 tablets" in words(desk.get(_address(bench))[1])


def test_a_page_that_was_not_counted_for_a_week_is_overdue(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.stock(MORPHINE_60, 1)
    desk, address = Desk(bench.tess), _address(bench, "/check")
    assert "◆ Today" in words(desk.get("/register/")[1])
    desk.post(address, _counted(desk, address, "60", witness=str(bench.leon.id)), secret=PIN)
    stand_still(monkeypatch, NOW + timedelta(days=8))
    assert "◆ Overdue" in words(Desk(bench.tess).get("/register/")[1])


def test_stock_is_destroyed_before_a_witness_from_outside(bench: Bench) -> None:
    bench.stock(MORPHINE_60, 1)
    desk, address = Desk(bench.tess), _address(bench, "/destroy")
    typed = {
        "stand": _stand_of(desk, address),
        "amount": "5",
        "reason": "expired",
        "method": "denaturing kit",
    }
    refused = desk.post(address, typed, witness_name="Cora Lane")
    assert refused.status_code == 422
    assert "witness.no-authority" in text_of(refused)
    done = desk.post(address, typed, witness_name="Cora Lane", authority="CDLO letter 12")
    assert done.status_code == 303
    assert "Destroyed before Cora Lane, CDLO letter 12; denaturing kit" in words(desk.get(_address(bench))[1])


def test_what_a_patient_brings_back_is_kept_apart_and_destroyed(bench: Bench) -> None:
    desk = Desk(bench.tess)
    refused = desk.post("/register/returns/", medicine="Oxycodone 5mg capsules", quantity="", brought_by="")
    assert refused.status_code == 422
    assert 'value="Oxycodone 5mg capsules"' in text_of(refused)
    desk.post("/register/returns/", medicine="Oxycodone 5mg capsules", quantity="9", brought_by="Ann Other")
    address = f"/register/returns/{models.PatientReturn.objects.get().pk}/"
    assert "not yet" in words(desk.get("/register/returns/")[1])
    typed = {"method": "denaturing kit", "witness": str(bench.adam.id)}
    assert desk.post(address, typed, secret="0000").status_code == 422
    assert desk.post(address, typed, secret=PIN).status_code == 303
    assert "before Adam Patel" in words(desk.get("/register/returns/")[1])


def test_the_page_on_paper_says_every_entry(bench: Bench) -> None:
    bench.handed_out(bench.at("hand_out", MORPHINE))
    response = Desk(bench.ruth).fetch(_address(bench, ".pdf"))
    assert response["Content-Type"] == "application/pdf"
    document = pypdfium2.PdfDocument(response.content)
    text = " ".join("".join(page.get_textpage().get_text_range() for page in document).split())
    for said in ("Authority to possess", "Ashcombe Wholesale Ltd", "the patient", "0 tablets", "2 entries"):
        assert said in text


def test_two_sign_what_is_set_aside_and_the_page_says_so(bench: Bench) -> None:
    bench.stock(MORPHINE_60, 1)
    desk, address = Desk(bench.tess), _address(bench, "/set-aside")
    typed = {
        "stand": _stand_of(desk, address),
        "amount": "5",
        "why": "crushed",
        "witness": str(bench.adam.id),
    }
    refused = desk.post(address, typed, secret="0000")
    assert refused.status_code == 422
    assert "witness.secret" in text_of(refused)
    assert desk.post(address, typed, secret=PIN).status_code == 303
    assert "5 tablets Dispensary shelf → Quarantine batch B1 crushed Tess Okafor, Adam Patel" in words(
        desk.get(_address(bench))[1]
    )


def test_what_goes_back_to_the_supplier_is_filled_in_from_who_supplied_it(bench: Bench) -> None:
    bench.stock(MORPHINE_60, 1)
    desk, address = Desk(bench.tess), _address(bench, "/return")
    fields = fields_of(desk.get(address)[1], "return-form")
    assert (fields["supplier"], fields["supplier_address"]) == (WHOLESALER.name, WHOLESALER.address)
    typed = {**fields, "stand": _stand_of(desk, address), "amount": "60", "why": "not ordered"}
    refused = desk.post(address, typed)
    assert refused.status_code == 422
    assert "controlled.no-return-note" in text_of(refused)
    done = desk.post(address, typed | {"authority": "Licence 1234", "return_note": "RN-7"})
    assert done.status_code == 303
    book = words(desk.get(_address(bench))[1])
    assert "no. RN-7 not ordered Licence 1234" in book


def test_how_often_pages_are_counted_is_for_a_pharmacist(bench: Bench) -> None:
    assert "is not possible yet" in words(Desk(bench.tess).get("/register/")[1])
    desk = Desk(bench.ruth)
    refused = desk.post("/register/interval", days="365")
    assert refused.status_code == 422
    assert "register.interval" in text_of(refused)
    assert desk.post("/register/interval", days="14").status_code == 303
    assert "Two people count each page every 14 days" in words(desk.get("/register/")[1])


def test_a_belated_receipt_says_so(bench: Bench) -> None:
    typed = {"gtin": MORPHINE_60, "number": "B1", "expiry": "2028-01", "packs": "1",
             "supplier": WHOLESALER.name, "supplier_address": WHOLESALER.address,
             "invoice": "INV-9"}  # fmt: skip
    desk = Desk(bench.tess)
    assert "day.unreadable" in text_of(desk.post("/stock/receive", typed, received_on="last week"))
    assert desk.post("/stock/receive", typed, received_on="2026-10-30").status_code == 303
    assert "Belated: the register is to have it" in words(desk.get("/stock/receive")[1])
    assert "30-Oct-2026 ◆ Belated" in words(desk.get(_address(bench))[1])


def test_a_movement_is_undone_and_a_container_opened_from_the_batch(bench: Bench) -> None:
    batch = bench.stock(FUROSEMIDE_28, 2).result["batch"]
    desk, address = Desk(bench.tess), f"/stock/batches/{batch}/"
    shelf = str(models.Account.objects.get(kind="shelf").pk)
    refused = desk.post(f"{address}open", at=shelf, opened_on="2026-11-02", days="")
    assert refused.status_code == 422
    assert "expiry.in-use" in text_of(refused)
    assert desk.post(f"{address}open", at=shelf, opened_on="2026-11-02", days="28").status_code == 303
    assert "opened 02-Nov-2026, usable to 30-Nov-2026" in words(desk.get(address)[1])
    refused = desk.post(f"{address}undo", movement="1", why="")
    assert refused.status_code == 422
    assert "stock.no-reason" in text_of(refused)
    assert desk.post(f"{address}undo", movement="1", why="other batch").status_code == 303
    assert "undoes an earlier one" in words(desk.get(address)[1])


def _stand_of(desk: Desk, address: str) -> str:
    stand = re.search(r'name="stand" value="([^"]+)"', desk.get(address)[1])
    assert stand
    return stand.group(1)
