"""What is owed: the slip for the patient, and what comes back when its stock does."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_GET

from pestle.pharmacy.dispensary.owing import OwingReason
from pestle.pharmacy.documents.owing_slip import OwingSlip, SlipLine
from pestle.web.actions import owings as actions
from pestle.web.pages import words
from pestle.web.pages.bench import Bench, at_bench
from pestle.web.pages.pdf_file import pdf_file
from pestle.web.pages.prescription_view import lines_of, load
from pestle.web.print.owing_slips import owing_slip_pdf
from pestle.web.store import owings, patients


@require_GET
def slip(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """The slip of what is owed now."""
    bench = at_bench(request)
    row = load(bench, prescription_id)
    lines = [line for line in lines_of(row, on=bench.today) if line.owed and line.promised_on]
    said = owings.last_said(line.row for line in lines)
    lines = [line for line in lines if not owings.in_instalments(said[line.id])]
    if not lines:
        raise Http404
    made = owing_slip_pdf(
        OwingSlip(
            patient=patients.value(row.patient).name,
            pharmacy_name=bench.site.name,
            pharmacy_address=tuple(bench.site.address),
            pharmacy_telephone=bench.site.telephone,
            reference=str(row.pk),
            on=said[lines[0].id].at.astimezone(bench.zone).date(),
            lines=tuple(
                SlipLine(
                    medicine=line.row.product_name,
                    owed=line.owed,
                    prescribed=line.wanted,
                    reasons=tuple(OwingReason(one["reason"]).words for one in said[line.id].reasons),
                    promised_on=line.promised_on,
                    last_day=line.last_day,
                )
                for line in lines
                if line.promised_on
            ),
        )
    )
    return pdf_file(f"owing-slip-{row.pk}.pdf", made)


def bring_back(request: HttpRequest, bench: Bench, key: str) -> None:
    """After stock came: brings back what it was owed for, and says so."""
    moved = actions.bring_back(by=bench.person, now=bench.now, key=key)
    if moved:
        messages.success(
            request,
            format_html(
                'What was owed is there: {} back at <a href="{}?step=assemble">Assemble</a>.',
                words.count(len(moved), "prescription"),
                reverse("worklist"),
            ),
        )
