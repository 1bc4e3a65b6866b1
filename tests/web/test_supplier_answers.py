"""A supplier's answer through the page of its order: applied whole or not at all, and never lost."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.web.actions.bench import FUROSEMIDE_28, FUROSEMIDE_28_B, PARACETAMOL_32, Bench, open_bench
from tests.web.desk import LATER, Desk, stand_still, text_of, words

from pestle.web.store import models, orders, verify
from pestle.web.store.knowledge import dictionary

HEADING = "order,gtin,status,packs,instead,price,expected,words"


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, LATER)
    return open_bench()


def _ordered(desk: Desk) -> tuple[str, str]:
    """The address of an order of ten furosemide and four paracetamol, and its number."""
    desk.post("/stock/orders/", name="Wholesaler", lead_days="1", cut_off="17:30")
    packs = {FUROSEMIDE_28: "10", PARACETAMOL_32: "4"}
    fields = {"supplier": str(models.Supplier.objects.get().pk)}
    for gtin, count in packs.items():
        pack = dictionary().pack_by_gtin(gtin)
        assert pack is not None
        fields |= {f"pack-{pack.id}": count}
    return str(
        desk.post("/stock/orders/suggested", fields)["Location"]
    ), models.PurchaseOrder.objects.get().number


def _send(desk: Desk, at: str, *lines: str) -> tuple[int, str]:
    file = SimpleUploadedFile("answer.csv", "\n".join([HEADING, *lines]).encode())
    answer = desk.post(at, what="answer", format="table-csv", file=file)
    return answer.status_code, text_of(answer)


def test_what_is_accepted_short_and_sent_instead_stands_at_its_line(bench: Bench) -> None:
    desk = Desk(bench.tess)
    at, number = _ordered(desk)
    lines = (
        f"{number},{FUROSEMIDE_28},accepted,6,,1.23,2026-11-05,",
        f"{number},{FUROSEMIDE_28},substituted,1,{FUROSEMIDE_28_B},1.30,2026-11-04,",
        f"{number},{FUROSEMIDE_28},refused,1,,,,not on this account",
        f"{number},{PARACETAMOL_32},short,4,,,,until January",
    )
    assert _send(desk, at, *lines) == (303, "")
    seen = words(desk.get(at)[1])
    for part in ("6 packs accepted, £1.23 each, for 05-Nov-2026", "1 pack sent as another maker’s, ",
                 "4 packs short, “until January”", "Expected 05-Nov-2026"):  # fmt: skip
        assert part in seen, part
    (order,) = orders.orders(bench.site.pk)
    assert [(one.outstanding, one.not_coming) for one in order.lines] == [(9, 1), (0, 4)]
    assert {row.line.order.number for row in orders.shortages(bench.site.pk, now=LATER).values()} == {number}
    message = models.Message.objects.get()
    assert (message.kind, message.outcome) == ("supplier-answer", "accepted")
    assert bytes(message.body).decode().splitlines()[1:] == list(lines)
    assert "05-Nov-2026" in words(desk.get("/stock/orders/")[1])
    assert verify.verify(bench.site).faults == []


def test_the_same_file_again_is_applied_once(bench: Bench) -> None:
    desk = Desk(bench.tess)
    at, number = _ordered(desk)
    line = f"{number},{PARACETAMOL_32},short,2,,,,"
    assert [_send(desk, at, line)[0] for _ in range(2)] == [303, 303]
    assert models.NotSupplied.objects.get().packs == 2
    assert [one.outcome for one in models.Message.objects.order_by("pk")] == ["accepted", "duplicate"]


def test_a_file_with_faults_is_refused_by_line_kept_and_not_applied(bench: Bench) -> None:
    desk = Desk(bench.tess)
    at, number = _ordered(desk)
    good = f"{number},{PARACETAMOL_32},short,2,,,,"
    status, said = _send(
        desk, at, good, f"{number},{FUROSEMIDE_28},accepted,11,,,,", f"{number},123,short,1,,,,"
    )
    assert status == 422
    for part in ("confirmation.more-than-outstanding", "line 3", "confirmation.unknown-pack", "line 4"):
        assert part in said, part
    assert not models.SupplierAnswer.objects.exists()
    assert not models.NotSupplied.objects.exists()
    message = models.MessageTask.objects.get().message
    assert good in bytes(message.body).decode()
    assert f"/messages/{message.pk}/" in said
    page = f"/messages/{message.pk}/"
    assert "Try again" not in desk.get(page)[1]
    assert "messages.not-again" in text_of(desk.post(f"{page}try-again"))
    assert desk.fetch(f"{page}file")["Content-Disposition"].endswith('.csv"')
    assert _send(desk, at, good)[0] == 303


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"format": "table-csv"}, "messages.no-file"),
        ({"format": "edifact", "file": b"x"}, "confirmation.format"),
        (
            {"format": "table-csv", "file": b"order,gtin,status,packs\nPO-9,1,short,1\n"},
            "confirmation.other-order",
        ),
        ({"format": "table-csv", "file": b"\xff"}, "confirmation.unreadable"),
    ],
)
def test_what_is_no_answer_to_this_order(bench: Bench, fields: dict[str, object], rule: str) -> None:
    desk = Desk(bench.tess)
    at, _ = _ordered(desk)
    if isinstance(fields.get("file"), bytes):
        fields = fields | {"file": SimpleUploadedFile("a.csv", fields["file"])}  # type: ignore[arg-type]
    answer = desk.post(at, what="answer", **fields)
    assert (answer.status_code, rule in text_of(answer)) == (422, True)
    assert not models.SupplierAnswer.objects.exists()


def test_the_cut_off_says_when_it_comes(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(bench.tess)
    _ordered(desk)
    page = "/stock/orders/suggested?show=all"
    assert "ordered until 17:30 it comes on 03-Nov-2026" in words(desk.get(page)[1])
    stand_still(monkeypatch, LATER.replace(hour=18))
    assert "17:30 has passed: it comes on 04-Nov-2026" in words(desk.get(page)[1])
