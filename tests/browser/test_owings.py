"""A part is handed out, the patient takes a slip home, stock arrives, and the rest is handed out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect
from tests.browser.hands import label_code, matrix, open_row, press, row, scan, scanned, take_the_charge

from pestle.web.store import models, prescriptions

Seat = Callable[[str], Page]
Shot = Callable[[Page, str], None]


def test_a_part_the_slip_the_stock_and_the_rest(colleague: Seat, shot: Shot) -> None:
    tess, adam = colleague("tess"), colleague("adam")
    line = models.Line.objects.get(prescription__order__message__name="m01.json")
    missing = prescriptions.standing(line).missing
    _owe(tess, missing, shot)
    _check_and_hand_out(tess, adam, first=True)
    _slip(tess, line.prescription_id, missing, shot)
    _stock_arrives(tess, packs=-(-missing // models.Batch.objects.get(number="T8101").pack_amount))
    _assemble_the_rest(tess, line.prescription_id)
    _check_and_hand_out(tess, adam)
    expect(tess.get_by_role("heading", name="Handed out")).to_be_visible()
    line.refresh_from_db()
    assert (line.state, prescriptions.standing(line).supplied) == ("supplied", line.wanted)
    assert models.HandOut.objects.filter(prescription=line.prescription_id).count() == 2


def _owe(tess: Page, missing: int, shot: Shot) -> None:
    open_row(tess, "Assemble", "MENSAH", "trazodone")
    tess.get_by_text("Owe a part or all of line 1").click()
    tess.get_by_label("Owed, in capsule").fill(str(missing))
    press(tess, "Owe this of line 1")
    expect(tess.locator(".pt-refusal")).to_contain_text("Choose why it is owed")
    tess.get_by_label("Why", exact=True).first.select_option(label="The wholesaler has none")
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    tess.get_by_label("Promised for").fill(tomorrow.isoformat())
    shot(tess, "guides/img/owe.png")
    press(tess, "Owe this of line 1")
    expect(tess.locator("#main")).to_contain_text(f"{missing} capsules of")
    press(tess, "Print labels for 1 line")
    press(tess, "Complete assembly of 1 line")
    expect(tess.locator("#feedback")).to_contain_text("assembled")


def _check_and_hand_out(tess: Page, adam: Page, *, first: bool = False) -> None:
    open_row(adam, "Accuracy", "MENSAH", "trazodone")
    press(adam, "Pass 1 line")
    expect(adam.locator("#feedback")).to_contain_text("is ready to be handed out")
    open_row(tess, "Ready", "MENSAH", "trazodone")
    tess.get_by_label("The patient", exact=True).check()
    # The charge is asked once, with the first bag.
    expect(tess.locator("#charge")).to_have_count(int(first))
    if first:
        take_the_charge(tess)
    press(tess, "Hand out 1 line")


def _slip(tess: Page, prescription: int, missing: int, shot: Shot) -> None:
    expect(tess.locator("#main")).to_contain_text("Owed")
    slip = tess.get_by_role("link", name="Owing slip (PDF)")
    shot(tess, "guides/img/owing.png")
    address = slip.get_attribute("href")
    assert address
    answer = tess.request.get(address)
    assert answer.ok
    assert answer.body().startswith(b"%PDF-")
    tess.goto("/?step=owings")
    shot(tess, "guides/img/owings.png")
    expect(row(tess, "MENSAH", f"{missing} capsules of trazodone")).to_be_visible()


def _stock_arrives(tess: Page, *, packs: int) -> None:
    tess.goto("/stock/receive")
    tess.get_by_label("Scan a pack").fill(models.Batch.objects.get(number="T8101").gtin)
    tess.get_by_role("button", name="Enter by hand").click()
    tess.get_by_label("Batch number").fill("T9001")
    tess.get_by_label("Expiry").fill("2030-01")
    tess.get_by_label("Packs").fill(str(packs))
    press(tess, "Put these packs away")
    expect(tess.locator("#feedback")).to_contain_text(
        "What was owed is there: 1 prescription back at Assemble"
    )


def _assemble_the_rest(tess: Page, prescription: int) -> None:
    open_row(tess, "Assemble", "MENSAH", "trazodone")
    expect(tess.locator("#main")).to_contain_text("Supplied")
    press(tess, "Print labels for 1 line")
    scan(tess, label_code(prescription))
    while prescriptions.standing(models.Line.objects.get(prescription=prescription)).missing:
        scan(tess, matrix("T9001"))
        scanned(tess, "batch T9001")
    press(tess, "Complete assembly of 1 line")
