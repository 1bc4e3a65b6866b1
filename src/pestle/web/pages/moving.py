"""What is on its way and arrives; what was wasted and what it cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.ledger.base_unit import base_units
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.ledger.waste import pounds
from pestle.pharmacy.quantity import Quantity, decimal
from pestle.pharmacy.refusal import refuse
from pestle.web.actions import transfers
from pestle.web.actions.once import Outcome
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, page
from pestle.web.pages.csv_file import csv_file
from pestle.web.pages.next_task import SeeOther
from pestle.web.pages.pack_words import kept_pack_words
from pestle.web.store import ledger, models, moved, register, stock

WASTE_FOR = timedelta(days=365)
_SETTLES = {
    Reason.ARRIVE: "Arrived",
    Reason.QUARANTINE: "Set aside in quarantine",
    Reason.WASTE: "Wasted on the way",
}


@require_GET
def transfer_list(request: HttpRequest) -> HttpResponse:
    """What is on its way and what has arrived."""
    return _transfers_page(request, at_bench(request))


@require_http_methods(["GET", "HEAD", "POST"])
def settle(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """What a transfer brought of one batch."""
    bench = at_bench(request)
    found = moved.transfer(bench.site.pk, transfer_id)
    if found is None:
        raise Http404
    if request.method != "POST":
        return SeeOther(reverse("transfers"))
    outcome, refusals = attempt(lambda: _settle(request, bench, found))
    if outcome is None:
        return _transfers_page(request, bench, refusals=refusals, status=422)
    left = outcome.result["on_the_way"]
    messages.success(request, "Recorded. Nothing of it is on the way any more." if not left else
                     "Recorded. The rest of it is still on the way.")  # fmt: skip
    return SeeOther(reverse("transfers"))


@require_GET
def waste(request: HttpRequest) -> HttpResponse:
    """What was wasted in a year, why, and what it cost where a price is known."""
    bench = at_bench(request)
    rows = moved.wasted(bench.site.pk, since=bench.now - WASTE_FOR)
    unknown = sum(1 for one in rows if one.pence is None)
    return page(
        request,
        "stock/waste.jinja",
        bench,
        section="stock",
        rows=[_wasted(one) for one in rows],
        total=pounds(sum(one.pence or 0 for one in rows)),
        unknown=unknown,
    )


@require_GET
def waste_csv(request: HttpRequest) -> HttpResponse:
    """The same as a file."""
    bench = at_bench(request)
    rows = map(_wasted, moved.wasted(bench.site.pk, since=bench.now - WASTE_FOR))
    header = ("When (UTC)", "Pack", "Batch", "Amount", "From", "Reason", "Words", "Cost", "Who")
    return csv_file(
        f"waste-{bench.today.isoformat()}.csv",
        header,
        (
            (
                one["at"].isoformat(),
                one["pack"],
                one["number"],
                one["amount"],
                one["source"],
                one["reason"],
                one["why"],
                one["cost"],
                one["who"],
            )
            for one in rows
        ),
    )


def _settle(request: HttpRequest, bench: Bench, found: moved.OnTheWay) -> Outcome:
    number = request.POST.get("batch", "")
    row = next((batch for batch, *_ in found.batches if str(batch.pk) == number), None)
    if row is None:
        raise refuse("stock.unknown-batch", "This batch is not in the transfer", place="batch")
    reason = next((one for one in _SETTLES if one.value == request.POST.get("as")), None)
    if reason is None:
        raise refuse("stock.no-way", "Say whether it arrived", place="what")
    return transfers.settle(
        by=bench.person, now=bench.now, key=key_of(request), transfer_id=found.transfer.pk,
        amounts={row.pk: amount_of(request, row)}, reason=reason,
        why=request.POST.get("why", "").strip()[:180], received_by=request.POST.get("received_by", "")[:100],
    )  # fmt: skip


def amount_of(request: HttpRequest, row: models.Batch, *, zero: bool = False) -> int:
    """The base units in so many packs and so much loose; `zero` may be written, never left out. Raises
    `Refused`."""
    packs, loose = (request.POST.get(name, "").strip() for name in ("packs", "loose"))
    amount = 0
    if packs:
        if not (packs.isascii() and packs.isdecimal() and len(packs) < 7):
            raise refuse("stock.packs", "Packs are a whole number", place="packs")
        amount = int(packs) * row.pack_amount
    if loose:
        base = ledger.base(row)
        amount += base_units(Quantity(decimal(loose, place="loose"), base.unit), base)
    if amount <= 0 and not (zero and packs):
        raise refuse("ledger.not-positive", "Say how much", place="packs")
    return amount


def _transfers_page(request: HttpRequest, bench: Bench, *, status: int = 200, **context: Any) -> HttpResponse:
    found = moved.transfers(bench.site.pk)
    said = moved.custody(one.transfer.pk for one in found)
    rows = [
        {
            "id": one.transfer.pk,
            "at": one.transfer.at,
            "by": one.transfer.by.full_name,
            "carrier": one.transfer.carrier,
            "source": one.transfer.source.name,
            "target": one.transfer.target.name,
            "number": batch.number,
            "batch": batch.pk,
            "pack": kept_pack_words(batch.pack_id, batch.pack_name),
            "unit": batch.unit,
            "sent": stock.words(batch, sent),
            "ordered_by": said.get((one.transfer.pk, batch.pk), ""),
            "in_register": register.needs_entry(batch.product_id),
            "left": stock.words(batch, sent - settled) if sent > settled else "",
        }
        for one in found
        for batch, sent, settled in one.batches
    ]
    return page(
        request, "stock/transfers.jinja", bench, section="stock", status=status, rows=rows,
        settles=[(reason.value, said) for reason, said in _SETTLES.items()], **context,
    )  # fmt: skip


def _wasted(one: moved.Wasted) -> dict[str, Any]:
    batch = one.movement.batch
    words_ = one.movement.why.partition(": ")[2] if one.reason else one.movement.why
    return {
        "at": one.movement.happened_at,
        "pack": kept_pack_words(batch.pack_id, batch.pack_name),
        "number": batch.number,
        "href": reverse("batch", kwargs={"batch_id": batch.pk}),
        "amount": stock.words(batch, one.movement.amount),
        "source": one.movement.source.name,
        "reason": one.reason.value if one.reason else "no reason from the list",
        "why": words_,
        "cost": pounds(one.pence) if one.pence is not None else "cost not known",
        "who": one.movement.by.full_name,
    }
