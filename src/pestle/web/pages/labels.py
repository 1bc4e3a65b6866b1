"""Labels on paper: those that were printed, and one printed again with its reason."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from pestle.web.actions import assembly
from pestle.web.pages.bench import at_bench, attempt, key_of
from pestle.web.pages.next_task import SeeOther
from pestle.web.pages.pdf_file import pdf_file
from pestle.web.pages.prescription_view import load, shown
from pestle.web.print.labels import labels_pdf
from pestle.web.store import labels, models, prescriptions


@require_GET
def pdf(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """The printed labels of a prescription as they stand, or the one named by ``label``."""
    bench = at_bench(request)
    row = load(bench, prescription_id)
    wanted = request.GET.get("label")
    documents = [
        labels.label(row, line, stored)
        for line in prescriptions.lines(row)
        for stored in line.current  # type: ignore[attr-defined]
        if stored.prints.all() and wanted in (None, stored.code)
    ]
    if not documents:
        raise Http404
    return pdf_file(f"labels-{row.pk}.pdf", labels_pdf(documents))


@require_POST
def reprint(request: HttpRequest, code: str) -> HttpResponse:
    """Prints one label again, on record, and opens it."""
    bench = at_bench(request)
    stored = models.Label.objects.filter(code=code, line__prescription__site=bench.site.pk).first()
    if stored is None:
        raise Http404
    prescription_id = models.Line.objects.values_list("prescription_id", flat=True).get(pk=stored.line_id)
    reason = request.POST.get("reason", "")
    outcome, refusals = attempt(
        lambda: assembly.reprint_label(
            by=bench.person, now=bench.now, key=key_of(request), label_code=code, reason=reason
        )
    )
    if outcome is None:
        return shown(request, bench, prescription_id, refusals=refusals)
    return SeeOther(f"{reverse('labels-pdf', kwargs={'prescription_id': prescription_id})}?label={code}")
