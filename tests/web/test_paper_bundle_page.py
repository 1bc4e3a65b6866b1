"""The charge of a paper form is asked and signed for, and the forms of a month are sorted and counted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.web.actions.bench import FUROSEMIDE_28, NOW, Bench, open_bench
from tests.web.desk import Desk, at, stand_still, text_of, words
from tests.web.test_type_in_page import PAPER, PATH

from pestle.web.store import models

GIVE = {"collector": "patient"}
PAYS = {**GIVE, "exemption": "0001", "declared_by": "patient"}


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, NOW + timedelta(minutes=30))
    return open_bench()


def _ready(bench: Bench, **typed: str) -> int:
    done = Desk(bench.tess).post(PATH, {**PAPER, **typed})
    prescription = int(done["Location"].split("/")[2])
    bench.stock(FUROSEMIDE_28, 1)
    if bench.row(prescription).step == "entry":
        bench.enter(prescription)
    bench.decide(prescription)
    bench.labels(prescription)
    bench.pick(bench.lines(prescription)[0].pk, FUROSEMIDE_28)
    bench.assembled(prescription)
    bench.passed(prescription)
    return prescription


def test_paper_is_charged_for_and_bundled(bench: Bench) -> None:
    desk = Desk(bench.tess)
    pays = _ready(bench, born="1990-04-03")
    shown = words(desk.get(at(pays))[1])
    assert "The declaration on the back of the form is filled in and signed" in shown
    assert "charge.not-asked" in text_of(desk.post(at(pays, "hand-out"), GIVE))
    assert "charge.not-signed" in text_of(desk.post(at(pays, "hand-out"), PAYS))
    assert desk.post(at(pays, "hand-out"), {**PAYS, "signed": "yes"}).status_code == 303
    charge = models.Charge.objects.get()
    assert (charge.paid_items, charge.item_pence, charge.signed) == (1, 990, True)

    # The date of birth shows it: nothing is asked and nothing is signed.
    exempt = _ready(bench, family="Okoro")
    assert desk.post(at(exempt, "hand-out"), GIVE).status_code == 303
    assert models.Charge.objects.get(prescription=exempt).signed is None
    # Nobody is asked of a private one, which is in no bundle.
    private = _ready(bench, family="Unsworth", kind="private", born="1990-04-03")
    assert desk.post(at(private, "hand-out"), GIVE).status_code == 303

    page = words(desk.get("/paper-bundle/?month=2026-11")[1])
    assert "Charge paid 1 1 1 £9.90" in page
    assert "Exempt 1 1 0 £0.00" in page
    assert "Unsworth" not in page.title()
    file = b"".join(desk.client.get("/paper-bundle.csv?month=2026-11")).decode()
    assert "NHS prescription on paper (FP10),1,1,9.90,Pays the charge,yes" in file
    assert "No paper form was finished" in words(desk.get("/paper-bundle/?month=2026-10")[1])
    paid_by = words(desk.get(at(pays, "payment"))[1])
    assert "It is paid for by its form" in paid_by
    assert "Back of the form signed" in paid_by
