"""The prescription-only-medicines register: on the screen, on paper, as a file."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from pestle.pharmacy.law import KnownFrom, Law
from pestle.web.pages.bench import at_bench, page
from pestle.web.pages.csv_file import csv_file
from pestle.web.store import pom_register

MOST = 200
_ACT = "Human Medicines Regulations 2012 (SI 2012/1916)"
LAWS = (
    Law("Every supply of a prescription-only medicine is entered on its day or, if that is not practicable, "
        "on the next, but for NHS prescriptions and what has its own record as a controlled drug.",
        f"{_ACT}, regulation 253, as made", KnownFrom.SUMMARY),
    Law("The particulars that an entry gives.", f"{_ACT}, Schedule 23, as made", KnownFrom.SUMMARY),
    Law("It is kept for two years.", f"{_ACT}, regulation 253", KnownFrom.MEMORY),
)  # fmt: skip
_HEADINGS = (
    "Number", "Supplied at", "Kind", "Medicine", "Quantity", "Patient", "Patient's address", "Prescriber",
    "Date on the prescription", "Emergency", "Prescription came on", "By",
)  # fmt: skip


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """The newest supplies."""
    bench = at_bench(request)
    rows = list(pom_register.entries(bench.site, most=MOST))
    return page(
        request, "register/pom.jinja", bench, section="stock", rows=rows, most=MOST, laws=LAWS,
        overdue=sum(one.due is not None and one.due < bench.now for one in rows),
    )  # fmt: skip


@require_GET
def download(request: HttpRequest) -> HttpResponse:
    """All of it as a file."""
    bench = at_bench(request)
    rows = (
        (one.number, one.at.isoformat(), one.kind.words, one.medicine, one.quantity, one.patient,
         one.patient_address, one.prescriber, one.dated or "", one.reason, one.came_on or "", one.by)
        for one in pom_register.entries(bench.site)
    )  # fmt: skip
    return csv_file(f"pom-register-{bench.today.isoformat()}.csv", _HEADINGS, rows)
