"""Orders: what to order and why, what was ordered, what comes in by scan, what will not come; suppliers."""

from __future__ import annotations

from dataclasses import asdict
from datetime import time
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.ledger.account import STORES, AccountKind
from pestle.pharmacy.ledger.base_unit import amount_words, base_unit
from pestle.pharmacy.ledger.reorder import COVER_DAYS, SAFETY_DAYS, Levels
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.web.actions import orders as actions
from pestle.web.actions.once import Outcome
from pestle.web.pages import supplier_answers, words
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, page
from pestle.web.pages.dates import day_or_none
from pestle.web.pages.next_task import SeeOther
from pestle.web.pages.owings import bring_back
from pestle.web.pages.pack_words import kept_pack_words, pack_words
from pestle.web.pages.pdf_file import pdf_file
from pestle.web.pages.stock import (
    RECEIVED,
    id_of,
    may_keep,
    pack_scan,
    receiving,
    warn_if_belated,
    whole,
)
from pestle.web.print.orders import OrderPaper, order_pdf
from pestle.web.store import orders, places
from pestle.web.store.knowledge import dictionary
from pestle.wire.suppliers import table_csv
from pestle.wire.suppliers.order import OrderedPack, OrderOut

_ASKED = ("order.more-than-ordered", "order.short-dated", "stock.storage")


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """What was ordered, and suppliers; a POST puts a supplier on record."""
    bench = at_bench(request)
    if request.method == "GET":
        return _index_page(request, bench)
    outcome, refusals = attempt(lambda: _supplier(request, bench))
    if outcome is None:
        return _index_page(request, bench, refusals=refusals, status=422)
    messages.success(request, "The supplier is on record.")
    return SeeOther(reverse("orders"))


@require_http_methods(["GET", "POST"])
def suggest(request: HttpRequest) -> HttpResponse:
    """What is below its level, how many packs, and why; a POST orders what stands in the form, or sets the
    levels of one product."""
    bench = at_bench(request)
    if request.method == "GET":
        return _suggest_page(request, bench)
    setting = request.POST.get("what") == "levels"
    outcome, refusals = attempt(lambda: _levels(request, bench) if setting else _order(request, bench))
    if outcome is None:
        return _suggest_page(request, bench, refusals=refusals, status=422)
    if setting:
        messages.success(request, "The levels are set.")
        return SeeOther(reverse("suggest-order"))
    messages.success(request, "Ordered. Print it, or send the file.")
    return SeeOther(reverse("order", kwargs={"order_id": outcome.result["order"]}))


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, order_id: int) -> HttpResponse:
    """One order; a POST scans a pack of it, takes packs in or the supplier's answer, or records what will not
    come."""
    bench = at_bench(request)
    found = orders.order(bench.site.pk, order_id)
    if found is None:
        raise Http404
    typed = {name: request.POST.get(name, "").strip() for name in RECEIVED}
    if request.method == "GET":
        return _order_page(request, bench, found, typed)
    if request.POST.get("code"):
        return _scanned(request, bench, found)
    if request.POST.get("what") == "answer":
        return _answered(request, bench, found, typed)
    missing = request.POST.get("what") == "not_supplied"
    outcome, refusals = attempt(
        lambda: (
            _not_supplied(request, bench, order_id) if missing else _receive(request, bench, order_id, typed)
        )
    )
    if outcome is None:
        return _order_page(request, bench, found, typed, refusals=refusals, status=422)
    messages.success(request, "Recorded." if missing else "Received. Scan the next.")
    warn_if_belated(request, belated=bool(outcome.result.get("belated")))
    if not missing:
        bring_back(request, bench, key_of(request))
    return SeeOther(reverse("order", kwargs={"order_id": order_id}))


@require_GET
def paper(request: HttpRequest, order_id: int) -> HttpResponse:
    """The order on paper."""
    bench = at_bench(request)
    found = orders.order(bench.site.pk, order_id)
    if found is None:
        raise Http404
    row = found.order
    made = order_pdf(
        OrderPaper(
            number=row.number,
            supplier=row.supplier.name,
            ordered=words.date_and_time(row.at, zone=bench.zone),
            expected=words.short_date(row.expected_on),
            by=row.by.full_name,
            site=bench.site.name,
            address=tuple(bench.site.address),
            telephone=bench.site.telephone,
            lines=[(_name(one), _gtin(one), one.line.packs) for one in found.lines],
        )
    )
    return pdf_file(f"order-{row.pk}.pdf", made)


@require_GET
def download(request: HttpRequest, order_id: int) -> HttpResponse:
    """The order as a file that a supplier reads."""
    bench = at_bench(request)
    found = orders.order(bench.site.pk, order_id)
    if found is None:
        raise Http404
    row = found.order
    made = table_csv.write(
        OrderOut(
            number=row.number,
            site=bench.site.code,
            ordered_on=row.at.astimezone(bench.zone).date(),
            lines=tuple(OrderedPack(_gtin(one), _name(one), one.line.packs) for one in found.lines),
        )
    )
    return HttpResponse(
        made,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="order-{row.pk}.csv"'},
    )


def _supplier(request: HttpRequest, bench: Bench) -> Outcome:
    try:
        cut_off = time.fromisoformat(request.POST.get("cut_off", "").strip())
    except ValueError:
        raise refuse("supplier.cut-off", "Say until when orders go out the same day, such as 17:30",
                     place="cut-off") from None  # fmt: skip
    days = request.POST.get("lead_days", "").strip()
    return actions.record_supplier(
        by=bench.person, now=bench.now, key=key_of(request), name=request.POST.get("name", ""),
        lead_days=int(days) if days.isascii() and days.isdecimal() and len(days) < 4 else -1, cut_off=cut_off,
    )  # fmt: skip


def _order(request: HttpRequest, bench: Bench) -> Outcome:
    chosen = request.POST.get("supplier", "")
    packs = {}
    for name in request.POST:
        text = request.POST.get(name, "").strip()
        if name.startswith("pack-") and text not in ("", "0"):
            packs[name.removeprefix("pack-")] = whole(text)
    return actions.place_order(
        by=bench.person, now=bench.now, key=key_of(request), packs=packs,
        supplier_id=id_of(chosen),
    )  # fmt: skip


def _levels(request: HttpRequest, bench: Bench) -> Outcome:
    product, low, high = (request.POST.get(name, "").strip() for name in ("product", "minimum", "maximum"))
    pack_amount = whole(request.POST.get("pack_amount", ""))
    levels = None
    if low or high:
        if not all(text.isascii() and text.isdecimal() and len(text) < 7 for text in (low, high)):
            raise refuse("level.wrong", "Both levels are whole numbers of packs", place="minimum")
        levels = Levels(int(low) * pack_amount, int(high) * pack_amount)
    return actions.set_levels(
        by=bench.person, now=bench.now, key=key_of(request), product_id=product, levels=levels
    )


def _receive(request: HttpRequest, bench: Bench, order_id: int, typed: dict[str, str]) -> Outcome:
    return actions.receive(
        by=bench.person, now=bench.now, key=key_of(request), order_id=order_id, gtin=typed["gtin"],
        number=typed["number"], expiry_text=typed["expiry"], packs=whole(typed["packs"]),
        place=receiving(bench, typed["to"]), damaged=request.POST.get("damaged") == "yes",
        supplier_address=typed["supplier_address"][:400], invoice=typed["invoice"][:120],
        received_on=day_or_none(typed["received_on"], place="received on"),
        accepted=[rule for rule in _ASKED if rule in request.POST.getlist("accepted")],
    )  # fmt: skip


def _not_supplied(request: HttpRequest, bench: Bench, order_id: int) -> Outcome:
    line = request.POST.get("line", "")
    return actions.not_supplied(
        by=bench.person, now=bench.now, key=key_of(request), order_id=order_id,
        line_id=id_of(line),
        shortage=request.POST.get("shortage") == "yes", words=request.POST.get("words", "")[:200],
    )  # fmt: skip


def _answered(
    request: HttpRequest, bench: Bench, found: orders.OrderAt, typed: dict[str, str]
) -> HttpResponse:
    outcome, refusals = attempt(lambda: supplier_answers.take_in(request, bench, found.order.pk))
    result = outcome.result if outcome else {"refusals": [asdict(one) for one in refusals]}
    if result["refusals"]:
        wrong = tuple(Refusal(**one) for one in result["refusals"])
        return _order_page(
            request,
            bench,
            found,
            typed,
            refusals=wrong,
            kept=result.get("message"),
            answering=True,
            status=422,
        )
    again = result["outcome"] == "duplicate"
    messages.success(
        request, "This file was applied before." if again else "The supplier’s answer is applied."
    )
    return SeeOther(reverse("order", kwargs={"order_id": found.order.pk}))


def _scanned(request: HttpRequest, bench: Bench, found: orders.OrderAt) -> HttpResponse:
    empty = dict.fromkeys(RECEIVED, "")
    try:
        scan = pack_scan(request)
        pack = dictionary().pack_by_gtin(scan.gtin)
        if pack is None:
            raise refuse("stock.unknown-pack", "The dictionary has no pack with this code", place="pack")
    except Refused as refused:
        return _order_page(request, bench, found, empty, refusals=refused.refusals, status=422)
    kept = places.keeping_of(bench.site.pk, pack.product_id)
    typed = {
        **empty,
        "gtin": scan.gtin,
        "number": scan.batch or "",
        "expiry": str(scan.expiry) if scan.expiry else "",
        "packs": "1",
        "to": str(kept.account_id) if kept else "",
    }
    return _order_page(request, bench, found, typed, scanned=pack_words(pack))


def _index_page(request: HttpRequest, bench: Bench, *, status: int = 200, **context: Any) -> HttpResponse:
    return page(
        request, "stock/orders.jinja", bench, section="stock", status=status,
        rows=[
            {
                "href": reverse("order", kwargs={"order_id": one.order.pk}),
                "number": one.order.number,
                "supplier": one.order.supplier.name,
                "at": one.order.at,
                "by": one.order.by.full_name,
                "expected": one.expected_on,
                "late": one.open and one.expected_on < bench.today,
                "open": one.open,
                "packs": sum(line.line.packs for line in one.lines),
                "outstanding": sum(line.outstanding for line in one.lines),
            }
            for one in orders.orders(bench.site.pk)
        ],
        suppliers=orders.suppliers(bench.site.pk),
        typed={name: request.POST.get(name, "") for name in ("name", "lead_days", "cut_off")},
        may_keep=may_keep(bench.person),
        **context,
    )  # fmt: skip


def _suggest_page(request: HttpRequest, bench: Bench, *, status: int = 200, **context: Any) -> HttpResponse:
    known = orders.suppliers(bench.site.pk)
    lead = max((row.lead_days for row in known), default=1)
    found = orders.stands(bench.site.pk, on=bench.today, now=bench.now, lead_days=lead)
    every = request.GET.get("show") == "all"
    unmatched = request.POST.get("what") != "levels"
    return page(
        request, "stock/suggest.jinja", bench, section="stock", status=status,
        rows=[
            _suggestion(one, request.POST.get(f"pack-{one.pack.id}") if unmatched else None)
            for one in found
            if every or one.packs or f"pack-{one.pack.id}" in request.POST
        ],
        every=every,
        suppliers=[
            (str(row.pk),
             f"{row.name}: {supplier_answers.cut_off_words(row, now=bench.now, zone=bench.zone)}")
            for row in known
        ],
        typed={"supplier": request.POST.get("supplier", "")},
        lead=lead,
        may_keep=may_keep(bench.person),
        **context,
    )  # fmt: skip


def _suggestion(one: orders.Suggested, typed: str | None) -> dict[str, Any]:
    base = base_unit(one.pack.unit)

    def said(amount: int) -> str:
        return amount_words(amount, base)

    where = "set by hand" if one.by_hand else f"use while it comes, {SAFETY_DAYS} days of safety"
    more = "set by hand" if one.by_hand else f"that and {COVER_DAYS} days"
    owed = one.stand.available
    facts = [
        f"{said(one.used)} supplied in {words.count(one.days, 'day')}",
        f"{said(one.stand.usable)} can be used; expired and recalled stock is not counted",
        f"{said(one.stand.on_order)} on order",
        f"{said(one.stand.wanted)} wanted by prescriptions in progress that are matched and not yet picked",
        f"minimum {said(one.levels.minimum)} ({where}), maximum {said(one.levels.maximum)} ({more})",
        f"{said(owed)} available in the end" if owed >= 0 else f"{said(-owed)} short in the end",
        f"a pack is {said(one.pack_amount)}",
    ]
    return {
        "product": one.product_id,
        "pack_id": one.pack.id,
        "pack": pack_words(one.pack),
        "pack_amount": one.pack_amount,
        "packs": typed if typed is not None else (str(one.packs) if one.packs else ""),
        "suggested": one.packs,
        "usable": said(one.stand.usable),
        "on_order": said(one.stand.on_order) if one.stand.on_order else "",
        "wanted": said(one.stand.wanted) if one.stand.wanted else "",
        "cover": words.count(one.cover, "day") if one.cover is not None else "nothing used",
        "facts": facts,
        "short": one.short,
        "by_hand": one.by_hand,
    }


def _order_page(
    request: HttpRequest, bench: Bench, found: orders.OrderAt, typed: dict[str, str], *, status: int = 200,
    scanned: str = "", **context: Any,
) -> HttpResponse:  # fmt: skip
    rules = {one.rule for one in context.get("refusals", ())}
    receipts = {one.line.pk: one.line.receipts for one in found.lines}
    notes = {
        pk: ", ".join(dict.fromkeys(note for note in rows.values_list("note", flat=True) if note))
        for pk, rows in receipts.items()
    }
    said = {
        row.line_id: f"{row.words}{' (shortage)' if row.shortage else ''}"
        for one in found.lines
        for row in one.line.not_supplied.all()
    }
    return page(
        request, "stock/order.jinja", bench, section="stock", status=status,
        order=found.order,
        open=found.open,
        expected=found.expected_on,
        formats=supplier_answers.formats(),
        lines=[
            {
                "id": one.line.pk,
                "pack": _name(one),
                "gtin": _gtin(one),
                "packs": one.line.packs,
                "came": one.came,
                "outstanding": one.outstanding,
                "over": max(one.came + one.not_coming - one.line.packs, 0),
                "notes": notes[one.line.pk],
                "not_supplied": said.get(one.line.pk, ""),
                "answers": supplier_answers.answer_words(one.answers),
            }
            for one in found.lines
        ],
        typed=typed,
        scanned=scanned,
        asked=[(rule, _ANSWERS[rule]) for rule in _ASKED if rule in rules or rule in
               request.POST.getlist("accepted")],
        accepted=request.POST.getlist("accepted"),
        damaged=request.POST.get("damaged") == "yes",
        targets=[
            (str(one.account.pk), one.account.name)
            for one in places.places(bench.site.pk)
            if AccountKind(one.account.kind) in STORES
        ],
        may_keep=may_keep(bench.person),
        **context,
    )  # fmt: skip


_ANSWERS = {
    "order.more-than-ordered": "They are kept: record them as over-delivered",
    "order.short-dated": "They are kept although they expire soon",
    "stock.storage": "They go there all the same",
}


def _name(one: orders.LineAt) -> str:
    return kept_pack_words(one.line.pack_id, one.line.pack_name)


def _gtin(one: orders.LineAt) -> str:
    pack = dictionary().pack(one.line.pack_id)
    return pack.gtins[0] if pack is not None and pack.gtins else ""
