"""Stock-takes: what is counted, who counts, what somebody else has to count again. The book is not shown."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from pestle.pharmacy.ledger.stock_take import Verdict, may_count
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import stock_takes as actions
from pestle.web.actions.once import Outcome
from pestle.web.pages import words
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, page
from pestle.web.pages.moving import amount_of
from pestle.web.pages.next_task import SeeOther
from pestle.web.pages.pack_words import kept_pack_words
from pestle.web.pages.stock import expiry_words, id_of, may_keep, pack_scan
from pestle.web.store import models, places, stock, stock_takes

_TONES = {
    Verdict.TO_COUNT: ("note", "○"),
    Verdict.RECOUNT: ("interrupt", "◆"),
    Verdict.AGREES: ("done", "✓"),
    Verdict.DIFFERS: ("hard-stop", "■"),
}


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Every stock-take; a POST begins one."""
    bench = at_bench(request)
    if request.method == "GET":
        return _index_page(request, bench)
    outcome, refusals = attempt(
        lambda: actions.begin(
            by=bench.person, now=bench.now, key=key_of(request), shelf=request.POST.get("shelf", ""),
            account_id=id_of(request.POST.get("place", "")),
        )
    )  # fmt: skip
    if outcome is None:
        return _index_page(request, bench, refusals=refusals, status=422)
    return SeeOther(reverse("stock-take", kwargs={"take_id": outcome.result["take"]}))


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, take_id: int) -> HttpResponse:
    """One stock-take; a POST counts a batch, by its row or by scan, or finishes."""
    bench = at_bench(request)
    row = stock_takes.take(bench.site.pk, take_id)
    if row is None:
        raise Http404
    if request.method == "GET":
        return _take_page(request, bench, row)
    if request.POST.get("code"):
        return _scanned(request, bench, row)
    outcome, refusals = attempt(lambda: _act(request, bench, row))
    if outcome is None:
        chosen = id_of(request.POST.get("batch", ""))
        return _take_page(request, bench, row, chosen=chosen, refusals=refusals, status=422)
    if outcome.result.get("verdict"):
        messages.success(request, f"Counted: {outcome.result['verdict']}.")
    return SeeOther(reverse("stock-take", kwargs={"take_id": take_id}))


def _act(request: HttpRequest, bench: Bench, row: models.StockTake) -> Outcome:
    given: dict[str, Any] = {"by": bench.person, "now": bench.now, "key": key_of(request), "take_id": row.pk}
    if request.POST.get("what") == "finish":
        return actions.finish(**given, words=request.POST.get("words", ""))
    batch = stock.batch(bench.site.pk, id_of(request.POST.get("batch", "")))
    found = amount_of(request, batch, zero=True) if batch is not None else 0
    return actions.count(**given, batch_id=batch.pk if batch is not None else 0, found=found)


def _scanned(request: HttpRequest, bench: Bench, row: models.StockTake) -> HttpResponse:
    """A scan names the batch; one that holds no batch or expiry is found by its code among the lots."""
    try:
        scan = pack_scan(request)
    except Refused as refused:
        return _take_page(request, bench, row, refusals=refused.refusals, status=422)
    if not (scan.batch and scan.expiry):
        alike = [one.batch.pk for one in stock_takes.lots(row) if one.batch.gtin == scan.gtin]
        return _take_page(request, bench, row, chosen=alike[0] if len(alike) == 1 else 0, gtin=scan.gtin)
    number, printed = scan.batch, str(scan.expiry)
    outcome, refusals = attempt(
        lambda: actions.add_batch(
            by=bench.person, now=bench.now, key=key_of(request), take_id=row.pk, gtin=scan.gtin,
            number=number, expiry_text=printed,
        )
    )  # fmt: skip
    if outcome is None:
        return _take_page(request, bench, row, refusals=refusals, status=422)
    return _take_page(request, bench, row, chosen=outcome.result["batch"])


def _index_page(request: HttpRequest, bench: Bench, *, status: int = 200, **context: Any) -> HttpResponse:
    return page(
        request, "stock/takes.jinja", bench, section="stock", status=status,
        rows=[
            {
                "href": reverse("stock-take", kwargs={"take_id": row.pk}),
                "place": row.account.name,
                "shelf": row.shelf,
                "at": row.at,
                "by": row.by.full_name,
                "end": _end(row),
            }
            for row in stock_takes.takes(bench.site.pk)
        ],
        targets=[(str(one.account.pk), one.account.name) for one in places.places(bench.site.pk)],
        typed={name: request.POST.get(name, "") for name in ("place", "shelf")},
        may_keep=may_keep(bench.person),
        **context,
    )  # fmt: skip


def _take_page(
    request: HttpRequest, bench: Bench, row: models.StockTake, *, chosen: int = 0, gtin: str = "",
    status: int = 200, **context: Any,
) -> HttpResponse:  # fmt: skip
    lots = stock_takes.lots(row)
    batch = stock.batch(bench.site.pk, chosen) if chosen else None
    last = max((count for one in lots for count in one.counts), key=lambda one: one.pk, default=None)
    return page(
        request, "stock/take.jinja", bench, section="stock", status=status,
        take=row,
        ended=_end(row),
        rows=[_row(one, bench) for one in lots if not gtin or one.batch.gtin == gtin],
        done=sum(1 for one in lots if one.verdict.settled),
        total=len(lots),
        last=_said(last, bench) if last else "none yet",
        chosen=batch,
        chosen_name=kept_pack_words(batch.pack_id, batch.pack_name) if batch else "",
        typed={name: request.POST.get(name, "") for name in ("packs", "loose", "words")},
        may_keep=may_keep(bench.person),
        **context,
    )  # fmt: skip


def _row(one: stock_takes.LotAt, bench: Bench) -> dict[str, Any]:
    tone, shape = _TONES[one.verdict]
    return {
        "batch": one.batch.pk,
        "pack": kept_pack_words(one.batch.pack_id, one.batch.pack_name),
        "number": one.batch.number,
        "expiry": expiry_words(one.batch.expiry),
        "unit": one.batch.unit,
        "tone": tone,
        "shape": shape,
        "word": one.verdict.value,
        "who": ", ".join(count.by.full_name for count in one.counts),
        "can_count": may_count(stock_takes.counted(list(one.counts)), by=bench.person.id) is None,
    }


def _said(count: models.StockTakeCount, bench: Bench) -> str:
    return f"{count.by.full_name}, {words.near_time(count.at, now=bench.now, zone=bench.zone)}"


def _end(row: models.StockTake) -> str:
    if not hasattr(row, "end"):
        return ""
    return f"{row.end.by.full_name}{': ' + row.end.words if row.end.words else ''}"
