"""What the stock will come to: what expires in which month, what will be left over, what moves slowly."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from pestle.pharmacy.ledger.base_unit import amount_words, base_unit
from pestle.pharmacy.ledger.outlook import SLOW_DAYS, Ahead, at_risk, months_ahead, slow
from pestle.web.pages import words
from pestle.web.pages.bench import Bench, at_bench, page
from pestle.web.pages.csv_file import csv_file
from pestle.web.pages.pack_words import kept_pack_words, pack_words
from pestle.web.pages.stock import expiry_words
from pestle.web.store import orders, stock

# Days of cover: up to which, and how it is said.
_BANDS = ((0, "none that can be used"), (7, "up to 7 days"), (30, "8 to 30 days"), (90, "31 to 90 days"),
          (SLOW_DAYS, f"91 to {SLOW_DAYS} days"))  # fmt: skip
_LONGER, _UNUSED = f"more than {SLOW_DAYS} days", "nothing used"
_WIDTH = 320


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """The pictures and the lists."""
    bench = at_bench(request)
    found = _worked_out(bench)
    return page(request, "stock/outlook.jinja", bench, section="stock", slow_days=SLOW_DAYS, **found)


@require_GET
def download(request: HttpRequest) -> HttpResponse:
    """What will be left over, as a file."""
    bench = at_bench(request)
    header = ("Pack", "Batch", "Expiry", "Held", "Left over at its expiry")
    rows = (
        (one["pack"], one["number"], one["expiry"], one["held"], one["left"])
        for one in _worked_out(bench)["risks"]
    )
    return csv_file(f"expiry-ahead-{bench.today.isoformat()}.csv", header, rows)


def _worked_out(bench: Bench) -> dict[str, Any]:
    known = {
        one.product_id: one
        for one in orders.stands(bench.site.pk, on=bench.today, now=bench.now, lead_days=0)
    }
    lots: dict[str, list[stock.Held]] = defaultdict(list)
    for held in stock.held(bench.site.pk, on=bench.today):
        if held.shelf and held.state not in ("recalled", "expired"):
            lots[orders.generic_of(held.batch.product_id)].append(held)
    every = [_ahead(held) for some in lots.values() for held in some]
    risks = []
    for product, some in lots.items():
        stand = known.get(product)
        used, days = (stand.used, stand.days) if stand else (0, 1)
        left = at_risk([_ahead(held) for held in some], used=used, days=days, on=bench.today)
        risks += [(held, left[held.batch.pk]) for held in some if left[held.batch.pk]]
    risks.sort(key=lambda one: (one[0].expiry.last_usable_day, one[0].batch.pk))
    return {
        "months": _bars([(_month(y, m), n) for y, m, n in months_ahead(every, on=bench.today)]),
        "cover": _bars(_bands(list(known.values()))),
        "risks": [
            {
                "href": reverse("batch", kwargs={"batch_id": held.batch.pk}),
                "pack": kept_pack_words(held.batch.pack_id, held.batch.pack_name),
                "number": held.batch.number,
                "expiry": expiry_words(held.batch.expiry),
                "held": held.shelf_words,
                "left": stock.words(held.batch, left),
            }
            for held, left in risks
        ],
        "slow": [
            {
                "pack": pack_words(one.pack),
                "usable": amount_words(one.stand.usable, base_unit(one.pack.unit)),
                "cover": words.count(one.cover, "day") if one.cover is not None else _UNUSED,
            }
            for one in known.values()
            if slow(one.stand.usable, one.used, days=one.days)
        ],
        "days": max((one.days for one in known.values()), default=1),
    }


def _ahead(held: stock.Held) -> Ahead:
    return Ahead(held.batch.pk, held.expiry.last_usable_day, held.shelf)


def _bands(known: Sequence[orders.Suggested]) -> list[tuple[str, int]]:
    counts: Counter[str] = Counter()
    for one in known:
        cover = 0 if not one.stand.usable else one.cover
        if cover is None:
            counts[_UNUSED] += 1
        else:
            counts[next((said for days, said in _BANDS if cover <= days), _LONGER)] += 1
    return [(said, counts[said]) for said in (*(said for _, said in _BANDS), _LONGER, _UNUSED)]


def _bars(rows: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
    """Each row with the length and the place of its bar in the picture."""
    most = max((count for _, count in rows), default=0) or 1
    return [
        {"words": said, "count": count, "width": count * _WIDTH // most, "y": n * 20}
        for n, (said, count) in enumerate(rows)
    ]


def _month(year: int, month: int) -> str:
    return words.short_date(date(year, month, 1))[3:]
