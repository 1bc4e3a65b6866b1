"""Requisitions through the pages: the form, the list, paper, and the original."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pypdfium2  # type: ignore[import-untyped]
import pytest
from tests.web.actions.bench import MORPHINE_60, NOW, Bench, open_bench
from tests.web.desk import Desk, stand_still, text_of, words

from pestle.web.store import models, register

FORM = {
    "name": "Dr Ada Osei", "profession": "general practitioner", "address": "4 Mill Lane, Ashcombe",
    "purpose": "practice", "signed_on": "2026-11-02", "taken_by": "Dr Ada Osei",
}  # fmt: skip


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, NOW + timedelta(minutes=30))
    return open_bench()


def test_from_the_form_to_the_original(bench: Bench) -> None:
    desk = Desk(bench.tess)
    assert "nothing of Schedule 2 or 3 is held" in words(desk.get("/register/requisitions/supply")[1])
    batch = bench.stock(MORPHINE_60, 1).result["batch"]
    shelf = models.Account.objects.get(kind="shelf").pk
    drug = register.pages(bench.site.pk)[0].id
    typed = {**FORM, f"asked-{drug}": "20", f"take-{batch}-{shelf}": "20"}
    page = words(desk.get("/register/requisitions/supply")[1])
    assert "5 rules of law behind this page, 5 unverified" in page
    refused = desk.post(
        "/register/requisitions/supply", {**typed, "profession": "", "signed_on": "yesterday"}
    )
    assert refused.status_code == 422
    assert "day.unreadable" in text_of(refused)
    refused = desk.post("/register/requisitions/supply", {**typed, "profession": ""})
    said = text_of(refused)
    assert "requisition.no-profession" in said
    assert "requisition.not-marked" in said
    assert 'value="4 Mill Lane, Ashcombe"' in said, "nothing typed is lost"
    done = desk.post("/register/requisitions/supply", typed, marked="yes")
    assert done.status_code == 303
    address = done["Location"]
    assert "20 tablets" in words(desk.get(address)[1])
    assert "1 original to the NHS Business Services Authority" in words(
        desk.get("/register/requisitions/")[1]
    )
    assert "1 original of requisitions" in words(desk.get("/register/")[1])
    assert "Requisition of Dr Ada Osei" in words(desk.get(f"/register/{drug}/")[1])
    assert desk.post(f"{address}sent", words="").status_code == 422
    assert desk.post(f"{address}sent", words="FP34PCD of October").status_code == 303
    assert "sent on with FP34PCD of October" in words(desk.get("/register/requisitions/")[1])
    _on_paper(desk, address)


def _on_paper(desk: Desk, address: str) -> None:
    response = desk.fetch(f"{address.removesuffix('/')}.pdf")
    document = pypdfium2.PdfDocument(response.content)
    text = " ".join("".join(page.get_textpage().get_text_range() for page in document).split())
    for said in ("High Street Pharmacy, 1 High Street", "general practitioner", "2 Practice", "20 tablets"):
        assert said in text
    response = desk.fetch("/register/requisitions.csv")
    head, row = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
    found = dict(zip(head, row, strict=True))
    assert (found["Supplied"], found["Original"]) == ("20 tablets", "sent on with FP34PCD of October")
