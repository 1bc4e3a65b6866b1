"""Runs over many patients: how far each is, and what went out with it: letters, messages, a list of tests."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.practice.monitoring_round import words as next_words
from pestle.web.actions import monitoring_batches as actions
from pestle.web.jobs import monitoring as job
from pestle.web.pages import words
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, page
from pestle.web.pages.csv_file import csv_file
from pestle.web.pages.next_task import SeeOther, name_of
from pestle.web.pages.pdf_file import pdf_file
from pestle.web.print.invitations import invitations_pdf
from pestle.web.store import models, monitoring_batches, monitoring_rounds

STATES = {"waiting": "waits for the worker", "running": "running", "done": "done", "failed": "failed"}
_WAYS = {"letter": "letters", "text": "text messages", "": ""}


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every run of the site, the newest first."""
    bench = at_bench(request)
    rows = models.MonitoringBatch.objects.filter(site=bench.site).select_related("by").order_by("-pk")[:100]
    return page(
        request, "practice/monitoring_runs.jinja", bench, section="monitoring",
        rows=[{"row": row, "title": _title(row), "state": STATES[row.state]} for row in rows],
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, batch_id: int) -> HttpResponse:
    """One run: how far it is, then what came of it; a POST begins it again where its worker was lost."""
    bench = at_bench(request)
    row = _row(bench, batch_id)
    refusals: tuple[Any, ...] = ()
    if request.method == "POST":
        outcome, refusals = attempt(
            lambda: actions.again(
                by=bench.person, now=bench.now, key=key_of(request), batch_id=row.pk, start=job.start
            )
        )
        if outcome is not None:
            messages.success(request, "It begins again; nobody is done twice.")
            return SeeOther(reverse("monitoring-run", kwargs={"batch_id": row.pk}))
    silent = monitoring_batches.silent(row, now=bench.now)
    names = models.Patient.objects.in_bulk([each["patient"] for each in row.skipped])
    refresh = row.verb == monitoring_batches.REFRESH
    return page(
        request, "practice/monitoring_run.jinja", bench, section="monitoring",
        status=422 if refusals else 200, refusals=refusals, row=row, title=_title(row),
        state="lost its worker" if silent else STATES[row.state],
        under_way=row.state in ("waiting", "running") and not silent,
        total=models.Patient.objects.filter(site=bench.site).count() if refresh else len(row.patients),
        may_again=silent or row.state == "failed",
        skipped=[
            {"patient": name_of(names[each["patient"]]), "why": each["why"],
             "href": reverse("monitoring-patient", kwargs={"patient_id": each["patient"]})}
            for each in row.skipped
        ],
        letters=row.way == "letter", texts=row.way == "text", requests=row.verb == "arrange",
    )  # fmt: skip


@require_GET
def letters(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The letters of a run as one file to print."""
    row = _row(at_bench(request), batch_id)
    made = [
        monitoring_rounds.told(event) for event in monitoring_batches.letters(row) if event.way == "letter"
    ]
    if not made:
        raise Http404
    return pdf_file(f"invitations-{row.pk}.pdf", invitations_pdf(made))


@require_GET
def texts(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The text messages of a run, for whatever sends them and knows the telephone numbers."""
    row = _row(at_bench(request), batch_id)
    rows = []
    for event in monitoring_batches.letters(row):
        if event.way == "text":
            one = monitoring_rounds.told(event)
            rows.append((one.number, one.patient, one.message))
    return csv_file(f"messages-{row.pk}.csv", ("NHS number", "Patient", "Message"), rows)


@require_GET
def requests(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The list of tests to request: a row for each test of each patient."""
    row = _row(at_bench(request), batch_id)
    rows = [
        (words.nhs_number_words(event.round.patient.nhs_number), name_of(event.round.patient),
         words.short_date(event.round.patient.born) if event.round.patient.born else "",
         each["test"], each["state"], each["why"])
        for event in monitoring_batches.letters(row) if event.verb == "arrange"
        for each in event.said["tests"]
    ]  # fmt: skip
    header = ("NHS number", "Patient", "Born", "Test", "State", "By the rule of")
    return csv_file(f"tests-{row.pk}.csv", header, rows)


def _row(bench: Bench, batch_id: int) -> models.MonitoringBatch:
    row = models.MonitoringBatch.objects.select_related("by").filter(pk=batch_id, site=bench.site).first()
    if row is None:
        raise Http404
    return row


def _title(row: models.MonitoringBatch) -> str:
    if row.verb == monitoring_batches.REFRESH:
        return "The list worked out anew"
    way = _WAYS[row.way]
    return f"{next_words(row.verb)}{f', {way}' if way else ''}: {words.count(len(row.patients), 'patient')}"
