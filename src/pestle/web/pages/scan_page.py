"""Scans on the prescription's page: a label, a pack to pick, a pack to look at again; and a pack put back.

With htmx the part that holds the scan box is answered, so that the next scan is never lost; without it, the
whole page.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from pestle.pharmacy.dispensary.workflow import ACCURACY, ASSEMBLE
from pestle.pharmacy.medicines.barcode import LabelScan
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.web.actions import accuracy, assembly
from pestle.web.pages import scanning
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, number
from pestle.web.pages.next_task import SeeOther, posted
from pestle.web.pages.pack_words import pack_words
from pestle.web.pages.prescription_lines import LineView
from pestle.web.pages.prescription_view import lines_of, load, shown
from pestle.web.pages.scans import scanned


@posted
def scan_pack(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """A scan while assembling: opens a line, picks a pack, or asks what only a person can say."""
    bench = at_bench(request)
    load(bench, prescription_id)
    in_hand = number(request.POST.get("line") or request.GET.get("line", ""))
    try:
        return _scanned(request, bench, prescription_id, in_hand)
    except Refused as refused:
        return _refused(request, bench, prescription_id, refused.refusals, in_hand, ASSEMBLE)


@posted
def undo_pick(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """Puts a picked pack back on the shelf."""
    bench = at_bench(request)
    pick = number(request.POST.get("pick", ""))
    if not any(one.id == pick for line in lines_of(load(bench, prescription_id)) for one in line.picks):
        gone = Refusal("pick.undone", "This pack was put back already")
        return _refused(request, bench, prescription_id, (gone,), None, ASSEMBLE)
    outcome, refusals = attempt(
        lambda: assembly.undo_pick(by=bench.person, now=bench.now, key=key_of(request), pick_id=pick or 0)
    )
    if outcome is None:
        return _refused(request, bench, prescription_id, refusals, None, ASSEMBLE)
    scanning.remember(request, prescription_id, at=bench.now, what="Put back on the shelf")
    return _answer(request, bench, prescription_id, None, ASSEMBLE)


@posted
def rescan(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """A scan at the accuracy check: is this pack one of those that were picked?"""
    bench = at_bench(request)
    load(bench, prescription_id)
    product = ""
    try:
        scan = scanned(request)
        if isinstance(scan, LabelScan):
            raise refuse("scan.label", "This is the label; the check looks at the pack", place="scan",
                         way_out="Scan the maker's code on the pack.")  # fmt: skip
        pack = scanning.pack_in_hand(scan)
        product = scanning.known_pack(scan.gtin).product_id
        accuracy.rescan(by=bench.person, now=bench.now, key=key_of(request), prescription_id=prescription_id,
                        gtin=scan.gtin, number=scan.batch)  # fmt: skip
    except Refused as refused:
        return _refused(request, bench, prescription_id, refused.refusals, None, ACCURACY, product=product)
    batch = f"batch {scan.batch}" if scan.batch else "the code holds no batch: compare it by eye"
    scanning.remember(request, prescription_id, at=bench.now, what=pack.name, detail=batch)
    return _answer(request, bench, prescription_id, None, ACCURACY)


def _scanned(request: HttpRequest, bench: Bench, prescription_id: int, in_hand: int | None) -> HttpResponse:
    if request.POST.get("gtin"):
        pack = _said(request, bench)
    else:
        scan = scanned(request)
        if isinstance(scan, LabelScan):
            opened = scanning.scanned_label(scan, prescription_id=prescription_id, site_id=bench.site.pk)
            return _answer(request, bench, prescription_id, opened, ASSEMBLE)
        pack = scanning.pack_in_hand(scan)
    views = lines_of(load(bench, prescription_id))
    line = scanning.line_for(pack, views, in_hand=in_hand)
    if isinstance(line, scanning.Question):
        return _ask(request, bench, prescription_id, line, in_hand)
    if not pack.number or not pack.expiry_text:
        question = scanning.which_batch(pack, line, site_id=bench.site.pk, on=bench.today)
        return _ask(request, bench, prescription_id, question, in_hand)
    return _pick(request, bench, prescription_id, pack, line)


def _said(request: HttpRequest, bench: Bench) -> scanning.PackScanned:
    """The pack of a question that a person has answered."""
    posted = request.POST
    gtin = posted["gtin"]
    pack = scanning.PackScanned(gtin, pack_words(scanning.known_pack(gtin)), raw=posted.get("raw", "")[:200])
    if batch := number(posted.get("batch", "")):
        return scanning.with_batch(pack, batch, site_id=bench.site.pk)
    return scanning.PackScanned(gtin, pack.name, posted.get("number", "").strip(),
                                posted.get("expiry", "").strip(), pack.raw)  # fmt: skip


def _pick(
    request: HttpRequest, bench: Bench, prescription_id: int, pack: scanning.PackScanned, line: LineView
) -> HttpResponse:
    in_hand = request.POST.get("in_hand") == "yes"
    try:
        outcome = assembly.pick(
            by=bench.person, now=bench.now, key=key_of(request), line_id=line.id, gtin=pack.gtin,
            number=pack.number, expiry_text=pack.expiry_text, scanned=pack.raw, in_hand=in_hand,
        )  # fmt: skip
    except Refused as refused:
        lacking = refused.refusals[0]
        if in_hand or len(refused.refusals) > 1 or lacking.rule != "stock.not-in-stock":
            raise
        scanning.remember(request, prescription_id, at=bench.now, what="", refusal=lacking)
        question = scanning.Question(pack, line, lacking=lacking.reason)
        return _ask(request, bench, prescription_id, question, line.id, status=422)
    if not outcome.repeated:
        detail = f"batch {pack.number}, expiry {pack.expiry_text}, into line {line.place}"
        scanning.remember(request, prescription_id, at=bench.now, what=pack.name, detail=detail)
    still = line.id if outcome.result["left"] else None
    return _answer(request, bench, prescription_id, still, ASSEMBLE)


def _ask(
    request: HttpRequest, bench: Bench, prescription_id: int, question: scanning.Question,
    in_hand: int | None, *, status: int = 200,
) -> HttpResponse:  # fmt: skip
    part = ASSEMBLE if request.headers.get("HX-Request") else ""
    answer = shown(request, bench, prescription_id, question=question, in_hand=in_hand, part=part)
    answer.status_code = 200 if part else status
    return answer


def _answer(
    request: HttpRequest, bench: Bench, prescription_id: int, in_hand: int | None, part: str
) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return shown(request, bench, prescription_id, in_hand=in_hand, part=part)
    line = f"?line={in_hand}" if in_hand else ""
    return SeeOther(reverse("prescription", kwargs={"prescription_id": prescription_id}) + line)


def _refused(
    request: HttpRequest, bench: Bench, prescription_id: int, refusals: Sequence[Refusal],
    in_hand: int | None, part: str, *, product: str = "",
) -> HttpResponse:  # fmt: skip
    for refusal in reversed(refusals):
        scanning.remember(request, prescription_id, at=bench.now, what="", refusal=refusal, product=product)
    if not request.headers.get("HX-Request"):
        return shown(request, bench, prescription_id, refusals=refusals, in_hand=in_hand)
    if load(bench, prescription_id).step != part:
        # Somebody has moved it on: the whole page has changed, not this part of it.
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return shown(request, bench, prescription_id, refusals=refusals, in_hand=in_hand, part=part)
