"""The paper prescriptions of a month, sorted for the payer, to be counted and printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from pestle.pharmacy.dispensary.paper_bundle import Bundle, Form, Group
from pestle.pharmacy.dispensary.prescription_kind import kind_of
from pestle.pharmacy.ledger.waste import pounds
from pestle.web.pages import words
from pestle.web.pages.bench import Bench, at_bench, page
from pestle.web.pages.csv_file import csv_file
from pestle.web.pages.next_task import name_of
from pestle.web.pages.payment import month_of
from pestle.web.store import models, paper_bundle, payment, prescriptions
from pestle.web.store.knowledge import charges

_HEADER = ("Group", "Finished", "Patient", "Form", "Items", "Items with a charge", "Charges, GBP",
           "Exemption", "Back signed", "Reference")  # fmt: skip


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """The bundle of a month by group, with the count of each."""
    bench = at_bench(request)
    month = month_of(request, bench)
    found, rows = paper_bundle.of_month(bench.site, month)
    return page(
        request, "payment/bundle.jinja", bench, section="worklist", month=month, months=_months(bench, month),
        forms=found.forms,
        groups=[
            {
                "name": one.group.value,
                "settle": one.group is Group.NOT_ASKED,
                "items": one.items,
                "paid_items": one.paid_items,
                "pence": "not known" if one.pence is None else pounds(one.pence),
                "forms": [_row(form, rows) for form in one.forms],
            }
            for one in found.groups
        ],
        waiting=[_row(form, rows) for form in found.waiting],
        csv_href=f"{reverse('paper-bundle-csv')}?month={month:%Y-%m}",
    )  # fmt: skip


@require_GET
def download(request: HttpRequest) -> HttpResponse:
    """The same as a file."""
    bench = at_bench(request)
    month = month_of(request, bench)
    found, rows = paper_bundle.of_month(bench.site, month)
    return csv_file(f"paper-bundle-{month:%Y-%m}.csv", _HEADER, _cells(found, rows))


def _cells(found: Bundle, rows: Mapping[int, models.Prescription]) -> Iterator[tuple[object, ...]]:
    for group in found.groups:
        for form in group.forms:
            row = _row(form, rows)
            yield (
                group.group.value,
                words.short_date(row["on"]),
                row["patient"],
                row["kind"],
                form.items,
                "" if form.paid_items is None else form.paid_items,
                "" if form.pence is None else f"{Decimal(form.pence) / 100:.2f}",
                row["exemption"],
                {True: "yes", False: "no", None: "not needed"}[form.signed],
                form.id,
            )


def _row(form: Form, rows: Mapping[int, models.Prescription]) -> dict[str, Any]:
    row = rows[form.id]
    charge = payment.charge_of(row)
    exemption = charges().exemptions[charge.exemption].words if charge else "nobody was asked"
    return {
        "href": reverse("payment", kwargs={"prescription_id": row.pk}),
        "patient": name_of(row.patient),
        "kind": kind_of(prescriptions.signed(row)).words,
        "on": form.finished_on,
        "items": form.items,
        "paid_items": form.paid_items,
        "exemption": exemption,
        "step": row.step,
    }


def _months(bench: Bench, month: date) -> list[tuple[str, str, bool]]:
    """This month and the eleven before it, and the one that is shown."""
    year, number = bench.today.year, bench.today.month
    last = [date(year - (number - 1 - back < 0), (number - 1 - back) % 12 + 1, 1) for back in range(12)]
    found = sorted({*last, month}, reverse=True)
    return [(f"{one:%Y-%m}", f"{one:%B %Y}", one == month) for one in found]
