"""Runs of labels: what can be labelled together, how far a run is, and its labels on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.documents.label import DispensingLabel
from pestle.pharmacy.refusal import Refusal, Refused
from pestle.web.actions import label_runs as actions
from pestle.web.jobs import label_run as job
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, page
from pestle.web.pages.next_task import SeeOther, name_of
from pestle.web.pages.pack_words import name_words
from pestle.web.pages.pdf_file import pdf_file
from pestle.web.print.labels import labels_pdf
from pestle.web.store import label_runs, labels, models

ORDERS = ((label_runs.WORKLIST, "As on the worklist"), (label_runs.SHELF, "As on the shelves"))


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """What would be labelled in a run and what not, and the latest runs; a POST begins one."""
    bench = at_bench(request)
    refusals: tuple[Refusal, ...] = ()
    if request.method == "POST":
        outcome, refusals = attempt(
            lambda: actions.begin(
                by=bench.person, now=bench.now, key=key_of(request),
                ordered=request.POST.get("ordered", ""), start=job.start,
            )
        )  # fmt: skip
        if outcome is not None:
            return _to(outcome.result["run"])
    found = label_runs.at_assemble(bench.site.pk, by=bench.person.id, now=bench.now)
    return page(
        request, "label_runs/index.jinja", bench, section="worklist", status=422 if refusals else 200,
        refusals=refusals,
        qualify=[_row(one.row) for one in found if not one.why_not],
        others=[{**_row(one.row), "reasons": one.why_not} for one in found if one.why_not],
        orders=ORDERS,
        may=bench.person.has(*actions.MAY_LABEL),
        runs=[_run(one, bench) for one in label_runs.of_site(bench.site.pk)],
    )  # fmt: skip


@require_GET
def show(request: HttpRequest, run_id: int) -> HttpResponse:
    """One run: how far it is, and what became of each prescription."""
    bench = at_bench(request)
    return _show(request, bench, _here(bench, run_id))


@require_http_methods(["GET", "HEAD", "POST"])
def go_on(request: HttpRequest, run_id: int) -> HttpResponse:
    """Goes on with a run that was interrupted; whoever comes by address is shown the run."""
    bench = at_bench(request)
    row = _here(bench, run_id)
    if request.method == "POST":
        outcome, refusals = attempt(
            lambda: actions.go_on(
                by=bench.person, now=bench.now, key=key_of(request), run_id=row.pk, start=job.start
            )
        )
        if outcome is None:
            return _show(request, bench, row, refusals=refusals)
    return _to(row.pk)


@require_GET
def pdf(request: HttpRequest, run_id: int) -> HttpResponse:
    """The labels of a run in their order, or of the part of it that is named by ``part``; a label that cannot
    be printed is left out, and said."""
    row = _here(at_bench(request), run_id)
    wanted = request.GET.get("part")
    numbers = {part.pk: str(part.n) for part in row.parts.all()}
    items = [item for item in _items(row) if wanted in (None, numbers[item.part_id])]
    found = [(of, labels.label(of, stored.line, stored)) for of, stored in label_runs.stored_labels(items)]
    made = _typeset(request, found) if found else None
    if made is None:
        raise Http404
    return pdf_file(f"label-run-{row.pk}.pdf", made)


def _typeset(
    request: HttpRequest, found: Sequence[tuple[models.Prescription, DispensingLabel]]
) -> bytes | None:
    """All of them at once, which is many times faster than one by one; only where one refuses is it looked
    for."""
    try:
        return labels_pdf([label for _, label in found])
    except Refused:
        good = []
        for of, label in found:
            try:
                labels_pdf([label])
            except Refused as refused:
                first = refused.refusals[0]
                messages.error(
                    request, f"{name_of(of.patient)}, label {label.id}: {first.reason}. Not printed."
                )
            else:
                good.append(label)
        return labels_pdf(good) if good else None


def _to(run_id: int) -> HttpResponse:
    return SeeOther(reverse("label-run", kwargs={"run_id": run_id}))


def _here(bench: Bench, run_id: int) -> models.LabelRun:
    row = label_runs.one(bench.site.pk, run_id)
    if row is None:
        raise Http404
    return row


def _items(row: models.LabelRun) -> list[models.LabelRunItem]:
    """In the order of the run."""
    at = {pk: number for number, pk in enumerate(row.prescriptions)}
    return sorted(row.items.all(), key=lambda item: at[item.prescription_id])


def _show(
    request: HttpRequest, bench: Bench, row: models.LabelRun, *, refusals: tuple[Any, ...] = ()
) -> HttpResponse:
    items, left = _items(row), label_runs.left(row)
    silent = label_runs.silent(row, now=bench.now)
    waiting = models.Prescription.objects.filter(pk__in=left).select_related("patient").in_bulk()
    return page(
        request, "label_runs/show.jinja", bench, section="worklist", status=422 if refusals else 200,
        refusals=refusals,
        row=row,
        items=[_item(item) for item in items],
        left=[_row(waiting[pk]) for pk in left],
        done=len(items),
        total=len(row.prescriptions),
        printed=sum(len(item.labels) for item in items),
        parts=[
            {"n": part.n, "who": part.by.full_name, "at": part.at,
             "labels": sum(len(item.labels) for item in items if item.part_id == part.pk)}
            for part in sorted(row.parts.all(), key=lambda part: part.n)
        ],
        under_way=bool(left) and not silent,
        silent=silent,
        may=bench.person.has(*actions.MAY_LABEL),
        ordered=dict(ORDERS)[row.ordered],
    )  # fmt: skip


def _row(row: models.Prescription) -> dict[str, Any]:
    lines: Sequence[models.Line] = getattr(row, "open", ())
    return {
        "href": reverse("prescription", kwargs={"prescription_id": row.pk}),
        "patient": name_of(row.patient),
        "due": row.due_at,
        "medicines": [name_words(line.product_name or line.medication_text) for line in lines],
    }


def _item(item: models.LabelRunItem) -> Mapping[str, Any]:
    return {**_row(item.prescription), "labels": len(item.labels), "reasons": item.reasons}


def _run(row: models.LabelRun, bench: Bench) -> Mapping[str, Any]:
    items = list(row.items.all())
    return {
        "href": reverse("label-run", kwargs={"run_id": row.pk}),
        "pk": row.pk,
        "at": row.at,
        "who": row.by.full_name,
        "done": len(items),
        "total": len(row.prescriptions),
        "labels": sum(len(item.labels) for item in items),
    }
