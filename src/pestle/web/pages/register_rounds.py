"""What is done with the register besides reading it: counting a page, destroying before a witness, and the
record of what patients brought back."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.base_unit import base_units
from pestle.pharmacy.ledger.controlled import Witness
from pestle.pharmacy.ledger.routes import KEEPS_STOCK
from pestle.pharmacy.ledger.waste import WasteReason, why_words
from pestle.pharmacy.quantity import Quantity, decimal
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.web.actions import balance, destroying
from pestle.web.actions.once import Outcome
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, page
from pestle.web.pages.next_task import SeeOther
from pestle.web.pages.pack_words import kept_pack_words, name_words
from pestle.web.pages.register import page_at, stepped
from pestle.web.pages.witness import colleagues, signed
from pestle.web.store import ledger, models, register

_WHY = ("expired", "damaged", "temperature", "recalled", "other")


@sensitive_post_parameters("secret")
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, page_id: str) -> HttpResponse:
    """Two people count a page; what the book says is not shown."""
    bench = at_bench(request)
    found = page_at(bench, page_id)
    if request.method != "POST":
        return _check_page(request, bench, found)
    outcome, refusals = attempt(lambda: _count(request, bench, found))
    if outcome is None:
        return _check_page(request, bench, found, refusals=refusals)
    opened = len(outcome.result["discrepancies"])
    if opened:
        messages.warning(request, "Book and count differ. The difference is entered, and open until "
                         "somebody else has looked into it and closed it.")  # fmt: skip
        return SeeOther(reverse("discrepancies"))
    messages.success(request, "Counted: the balance is right.")
    return SeeOther(reverse("register-page", kwargs={"page_id": page_id}))


@require_http_methods(["GET", "HEAD", "POST"])
def destroy(request: HttpRequest, page_id: str) -> HttpResponse:
    """Stock of a page is destroyed before somebody authorised from outside."""
    return stepped(
        request, page_id, form=_destroy_page, do=_destroy,
        said="Destroyed, and entered in the register with who watched.",
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def returns(request: HttpRequest) -> HttpResponse:
    """What patients brought back; a POST records one more."""
    bench = at_bench(request)
    if request.method != "POST":
        return _returns_page(request, bench)
    typed = request.POST
    outcome, refusals = attempt(
        lambda: destroying.record_return(
            by=bench.person, now=bench.now, key=key_of(request), medicine=typed.get("medicine", ""),
            quantity=typed.get("quantity", ""), brought_by=typed.get("brought_by", ""),
        )
    )  # fmt: skip
    if outcome is None:
        return _returns_page(request, bench, refusals=refusals)
    messages.success(request, "Recorded. Keep it apart until it is destroyed.")
    return SeeOther(reverse("controlled-returns"))


@sensitive_post_parameters("secret")
@require_http_methods(["GET", "HEAD", "POST"])
def destroy_return(request: HttpRequest, return_id: int) -> HttpResponse:
    """One of them is destroyed before a witness."""
    bench = at_bench(request)
    row = models.PatientReturn.objects.select_related("by").filter(pk=return_id, site=bench.site.pk).first()
    if row is None:
        raise Http404
    if request.method != "POST":
        return _return_page(request, bench, row)

    def do() -> Outcome:
        if request.POST.get("witness"):
            person = signed(request, bench)
            witness = Witness(person.name, person=person)
        else:
            witness = _outsider(request)
        return destroying.destroy_return(
            by=bench.person, now=bench.now, key=key_of(request), return_id=row.pk,
            method=request.POST.get("method", "")[:200], witness=witness,
        )  # fmt: skip

    outcome, refusals = attempt(do)
    if outcome is None:
        return _return_page(request, bench, row, refusals=refusals)
    messages.success(request, "Destroyed, with who watched.")
    return SeeOther(reverse("controlled-returns"))


def _count(request: HttpRequest, bench: Bench, found: register.Page) -> Outcome:
    counts: dict[balance.Stand, int] = {}
    for row in register.stands(bench.site.pk, found):
        text = request.POST.get(stand_field(row), "").strip()
        if text:
            counts[row.batch_id, row.account_id] = amount_in_unit(text, row.batch, place=stand_field(row))
    seen = request.POST.get("seen", "")
    return balance.check_balance(
        by=bench.person, now=bench.now, key=key_of(request), page_id=found.id, found=counts,
        seen=int(seen) if seen.isdecimal() and len(seen) < 19 else -1, second=signed(request, bench),
        why=request.POST.get("why", "")[:180],
    )  # fmt: skip


def _destroy(request: HttpRequest, bench: Bench, found: register.Page) -> Outcome:
    row = chosen_stand(request, bench, found)
    if row is None:
        raise refuse("destruction.no-stock", "Choose what is destroyed", place="stand")
    reason = request.POST.get("reason", "")
    if reason not in _WHY:
        raise refuse("stock.no-reason", "Choose why it is destroyed", place="reason")
    return destroying.destroy(
        by=bench.person, now=bench.now, key=key_of(request), page_id=found.id, batch_id=row.batch_id,
        source=(AccountKind(row.account.kind), row.account.name),
        amount=amount_in_unit(request.POST.get("amount", ""), row.batch, place="amount"),
        why=why_words(WasteReason(reason), request.POST.get("words", "")[:150]),
        method=request.POST.get("method", "")[:200], witness=_outsider(request),
    )  # fmt: skip


def _outsider(request: HttpRequest) -> Witness:
    return Witness(request.POST.get("witness_name", "")[:120], request.POST.get("authority", "")[:200])


def chosen_stand(request: HttpRequest, bench: Bench, found: register.Page) -> models.Balance | None:
    """The batch and place that the form chose."""
    chosen = request.POST.get("stand", "")
    return next((one for one in register.stands(bench.site.pk, found) if stand_field(one) == chosen), None)


def amount_in_unit(text: str, batch: models.Batch, *, place: str) -> int:
    """What was typed in the unit of the batch, in base units; nought is a count. Raises `Refused`."""
    value = decimal(text, place=place)
    if not value:
        return 0
    try:
        return base_units(Quantity(value, ledger.base(batch).unit), ledger.base(batch))
    except Refused as refused:
        first = refused.refusals[0]
        raise refuse(first.rule, first.reason, place=place) from refused


def stand_field(row: models.Balance) -> str:
    """How a form names one batch at one place."""
    return f"count-{row.batch_id}-{row.account_id}"


def _may(bench: Bench) -> bool:
    return bench.person.has(*KEEPS_STOCK)


def stand_row(row: models.Balance) -> dict[str, Any]:
    """One batch at one place, to choose from."""
    batch = row.batch
    return {
        "field": stand_field(row),
        "pack": kept_pack_words(batch.pack_id, batch.pack_name),
        "number": batch.number,
        "expiry": batch.expiry,
        "account": row.account.name,
        "unit": batch.unit,
    }


def _check_page(
    request: HttpRequest, bench: Bench, found: register.Page, *, refusals: tuple[Refusal, ...] = ()
) -> HttpResponse:
    return page(
        request,
        "register/check.jinja",
        bench,
        section="stock",
        status=422 if refusals else 200,
        refusals=refusals,
        found=found,
        name=name_words(found.name),
        stands=[stand_row(row) for row in register.stands(bench.site.pk, found)],
        seen=_seen(request, refusals) or register.latest(register.batch_ids(bench.site.pk, found)),
        typed=typed_of(request),
        colleagues=colleagues(bench),
        may_keep=_may(bench),
    )


def _seen(request: HttpRequest, refusals: tuple[Refusal, ...]) -> str:
    """What the page had seen when the counting began; empty once something moved, to begin again."""
    moved = any(one.rule == "register.moved" for one in refusals)
    return "" if moved else request.POST.get("seen", "")


def _destroy_page(
    request: HttpRequest, bench: Bench, found: register.Page, *, refusals: tuple[Refusal, ...] = ()
) -> HttpResponse:
    return page(
        request,
        "register/destroy.jinja",
        bench,
        section="stock",
        status=422 if refusals else 200,
        refusals=refusals,
        found=found,
        name=name_words(found.name),
        stands=[stand_row(row) for row in register.stands(bench.site.pk, found)],
        reasons=[(value, value.capitalize()) for value in _WHY],
        typed=typed_of(request),
        may_keep=_may(bench),
    )


def _returns_page(request: HttpRequest, bench: Bench, *, refusals: tuple[Refusal, ...] = ()) -> HttpResponse:
    rows = register.returns(bench.site.pk)
    return page(
        request,
        "register/returns.jinja",
        bench,
        section="stock",
        status=422 if refusals else 200,
        refusals=refusals,
        rows=rows,
        waiting=sum(row.destroyed is None for row in rows),
        typed=typed_of(request),
        may_keep=_may(bench),
    )


def _return_page(
    request: HttpRequest, bench: Bench, row: models.PatientReturn, *, refusals: tuple[Refusal, ...] = ()
) -> HttpResponse:
    return page(
        request,
        "register/return.jinja",
        bench,
        section="stock",
        status=422 if refusals else 200,
        refusals=refusals,
        row=row,
        destroyed=models.Destruction.objects.select_related("by").filter(patient_return=row).first(),
        typed=typed_of(request),
        colleagues=colleagues(bench),
        may_keep=_may(bench),
    )


def typed_of(request: HttpRequest) -> defaultdict[str, str]:
    """What was posted, but for secrets; what was not is empty."""
    posted = {name: str(value) for name, value in request.POST.items() if name != "secret"}
    return defaultdict(str, posted)
