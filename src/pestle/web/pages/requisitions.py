"""Requisitions for controlled drugs: the list, the form by which something is supplied, one on paper, and its
original sent on."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.base_unit import base_units
from pestle.pharmacy.ledger.requisition import (
    LAWS,
    Purpose,
    Recipient,
    Requisition,
    agency_name,
    form_name,
)
from pestle.pharmacy.ledger.routes import KEEPS_STOCK
from pestle.pharmacy.people import Country
from pestle.pharmacy.quantity import Quantity, decimal
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.web.actions import requisitions as actions
from pestle.web.actions.once import Outcome
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, page
from pestle.web.pages.csv_file import csv_file
from pestle.web.pages.dates import day_or_none
from pestle.web.pages.next_task import SeeOther
from pestle.web.pages.pack_words import kept_pack_words, name_words
from pestle.web.pages.pdf_file import pdf_file
from pestle.web.print.requisitions import RequisitionPaper, requisition_pdf
from pestle.web.store import ledger, models, requisitions

_HEADINGS = (
    "Number", "Supplied at", "Recipient", "Profession", "Organisation", "Address", "Purpose", "Signed",
    "Drug", "Schedule", "Asked for", "Supplied", "Batches", "Taken by", "By", "Original",
)  # fmt: skip


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every requisition; first those whose original has not been sent on."""
    bench = at_bench(request)
    found = requisitions.requisitions(bench.site.pk)
    return page(
        request,
        "register/requisitions.jinja",
        bench,
        section="stock",
        rows=[{**_row(one), "href": _address(one.row.pk)} for one in found],
        waiting=sum(one.waits for one in found),
        agency=agency_name(_country(bench)),
        form_name=form_name(_country(bench)),
        laws=LAWS,
        may_keep=bench.person.has(*KEEPS_STOCK),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def supply(request: HttpRequest) -> HttpResponse:
    """Supplies on a requisition."""
    bench = at_bench(request)
    if request.method != "POST":
        return _supply_page(request, bench)
    outcome, refusals = attempt(lambda: _supply(request, bench))
    if outcome is None:
        return _supply_page(request, bench, refusals=refusals)
    messages.success(request, "Supplied, and entered in the register.")
    return SeeOther(_address(outcome.result["requisition"]))


@require_GET
def show(request: HttpRequest, requisition_id: int) -> HttpResponse:
    """One requisition."""
    bench = at_bench(request)
    return _one_page(request, bench, _found(bench, requisition_id))


@require_POST
def send_on(request: HttpRequest, requisition_id: int) -> HttpResponse:
    """Its original was sent on."""
    bench = at_bench(request)
    found = _found(bench, requisition_id)
    outcome, refusals = attempt(
        lambda: actions.send_on(
            by=bench.person, now=bench.now, key=key_of(request), requisition_id=found.row.pk,
            words=request.POST.get("words", "")[:200],
        )
    )  # fmt: skip
    if outcome is None:
        return _one_page(request, bench, found, refusals=refusals)
    messages.success(request, "On record: the original was sent on.")
    return SeeOther(reverse("requisitions"))


@require_GET
def download(request: HttpRequest) -> HttpResponse:
    """The list as a file, a row for each drug."""
    bench = at_bench(request)
    rows = (
        (
            one.row.pk, one.row.at.isoformat(), one.row.name, one.row.profession, one.row.organisation,
            one.row.address, _row(one)["purpose"], one.row.signed_on.isoformat(), line.row.product_name,
            line.row.schedule, line.asked, line.supplied, ", ".join(line.batches), one.row.taken_by,
            one.row.by.full_name, _row(one)["original"],
        )
        for one in requisitions.requisitions(bench.site.pk)
        for line in one.lines
    )  # fmt: skip
    return csv_file(f"requisitions-{bench.today.isoformat()}.csv", _HEADINGS, rows)


@require_GET
def pdf(request: HttpRequest, requisition_id: int) -> HttpResponse:
    """What is kept of it, on paper."""
    bench = at_bench(request)
    found = _found(bench, requisition_id)
    row, said = found.row, _row(found)
    made = requisition_pdf(
        RequisitionPaper(
            number=str(row.pk),
            supplier=", ".join((bench.site.name, *bench.site.address)),
            supplied=f"{row.at.astimezone(bench.zone):%d-%b-%Y %H:%M} by {row.by.full_name}",
            recipient=said["party"],
            profession=row.profession,
            address=row.address,
            purpose=said["purpose"],
            signed=f"{row.signed_on:%d-%b-%Y}",
            taken_by=row.taken_by,
            original=said["original"],
            printed=f"Printed {bench.now.astimezone(bench.zone):%d-%b-%Y %H:%M} by {bench.person.name}",
            lines=[
                (line.row.product_name, f"{line.row.schedule}", line.asked, line.supplied,
                 ", ".join(line.batches))
                for line in found.lines
            ],
        )
    )  # fmt: skip
    return pdf_file(f"requisition-{row.pk}.pdf", made)


def _supply(request: HttpRequest, bench: Bench) -> Outcome:
    form = request.POST
    purpose = next((one for one in Purpose if one.value == form.get("purpose")), None)
    asked, taken = _amounts(request, bench)
    return actions.supply(
        by=bench.person, now=bench.now, key=key_of(request), asked=asked, taken=taken,
        requisition=Requisition(
            Recipient(
                form.get("name", "")[:120], form.get("profession", "")[:120], form.get("address", "")[:300],
                form.get("organisation", "")[:120],
            ),
            purpose, day_or_none(form.get("signed_on", ""), place="signed on"), form.get("marked") == "yes",
            form.get("taken_by", "")[:120], form.get("purpose_words", "")[:200],
            form.get("veterinary") == "yes",
        ),
    )  # fmt: skip


def _amounts(request: HttpRequest, bench: Bench) -> tuple[dict[str, int], list[actions.Taken]]:
    """What the form states of each drug, and what is taken of which batch. Raises `Refused`."""
    asked, taken = {}, []
    for drug in requisitions.drugs(bench.site.pk):
        stated = request.POST.get(f"asked-{drug.id}", "").strip()
        if stated:
            asked[drug.id] = _amount(stated, drug.stands[0].batch, place=f"asked-{drug.id}")
        for row in drug.stands:
            text = request.POST.get(_field(row), "").strip()
            if text:
                source = AccountKind(row.account.kind), row.account.name
                taken.append(actions.Taken(row.batch_id, source, _amount(text, row.batch, place=_field(row))))
    return asked, taken


def _amount(text: str, batch: models.Batch, *, place: str) -> int:
    base = ledger.base(batch)
    try:
        return base_units(Quantity(decimal(text, place=place), base.unit), base)
    except Refused as refused:
        first = refused.refusals[0]
        raise refuse(first.rule, first.reason, place=place) from refused


def _supply_page(request: HttpRequest, bench: Bench, *, refusals: tuple[Refusal, ...] = ()) -> HttpResponse:
    typed = defaultdict(str, {name: str(value) for name, value in request.POST.items()})
    return page(
        request,
        "register/requisition_supply.jinja",
        bench,
        section="stock",
        status=422 if refusals else 200,
        refusals=refusals,
        typed=typed,
        form_name=form_name(_country(bench)),
        purposes=[(one.value, one.words) for one in Purpose],
        premises=", ".join((bench.site.name, *bench.site.address)),
        laws=LAWS,
        may_keep=bench.person.has(*KEEPS_STOCK),
        drugs=[
            {
                "id": drug.id,
                "name": name_words(drug.name),
                "schedule": drug.schedule,
                "unit": drug.unit,
                "open": any(typed[name] for name in (f"asked-{drug.id}", *map(_field, drug.stands))),
                "stands": [
                    {
                        "field": _field(row),
                        "pack": kept_pack_words(row.batch.pack_id, row.batch.pack_name),
                        "number": row.batch.number,
                        "expiry": row.batch.expiry,
                        "account": row.account.name,
                    }
                    for row in drug.stands
                ],
            }
            for drug in requisitions.drugs(bench.site.pk)
        ],
    )


def _one_page(
    request: HttpRequest,
    bench: Bench,
    found: requisitions.RequisitionAt,
    *,
    refusals: tuple[Refusal, ...] = (),
) -> HttpResponse:
    return page(
        request,
        "register/requisition.jinja",
        bench,
        section="stock",
        status=422 if refusals else 200,
        refusals=refusals,
        found=found,
        said=_row(found),
        lines=[{"line": line, "name": name_words(line.row.product_name)} for line in found.lines],
        agency=agency_name(_country(bench)),
        form_name=form_name(_country(bench)),
        typed={"words": request.POST.get("words", "")},
        may_keep=bench.person.has(*KEEPS_STOCK),
    )


def _row(one: requisitions.RequisitionAt) -> dict[str, Any]:
    row = one.row
    purpose = Purpose(row.purpose).words
    if row.veterinary:
        original = "kept here (veterinary)"
    elif one.sent is None:
        original = "not sent on yet"
    else:
        original = f"sent on with {one.sent.words}"
    return {
        "row": row,
        "party": ", ".join(filter(None, (row.name, row.organisation))),
        "purpose": f"{purpose}: {row.purpose_words}" if row.purpose_words else purpose,
        "drugs": [f"{line.supplied} of {name_words(line.row.product_name)}" for line in one.lines],
        "original": original,
        "waits": one.waits,
    }


def _found(bench: Bench, requisition_id: int) -> requisitions.RequisitionAt:
    found = requisitions.requisition(bench.site.pk, requisition_id)
    if found is None:
        raise Http404
    return found


def _address(requisition_id: int) -> str:
    return reverse("requisition", kwargs={"requisition_id": requisition_id})


def _country(bench: Bench) -> Country:
    return Country(bench.site.country)


def _field(row: models.Balance) -> str:
    return f"take-{row.batch_id}-{row.account_id}"
