"""Repeat dispensing of a patient: which lines suit it and why not, set-up, and what was signed taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.practice.change import Wanted, wanted_of
from pestle.pharmacy.practice.medicines_list import MAY_PREPARE, ListStatus
from pestle.pharmacy.practice.repeat_dispensing import Judged, judge, nomination
from pestle.pharmacy.refusal import Refusal, refuse
from pestle.web.actions import batches
from pestle.web.actions.once import Outcome
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, number, numbers, page
from pestle.web.pages.next_task import SeeOther, name_of
from pestle.web.pages.patients import patient_here
from pestle.web.pages.practice.medicines import row_of
from pestle.web.store import medicines_list, models, patients, requests
from pestle.wire.eps.codes import CancellationOutcome, CancellationReason, display

PAGE = 25
_SAID = {one.value: one for one in CancellationOutcome}


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Patients who have repeats and no batch, each with how many lines suit one and what stands in the way of
    the others; a page at a time."""
    bench = at_bench(request)
    at = number(request.GET.get("page", "")) or 1
    active = {"listed__status": "active", "listed__standing": "authorised", "listed__course": "continuous"}
    found = models.Patient.objects.filter(site=bench.site, **active).distinct().order_by("search", "pk")
    several = list(found[(at - 1) * PAGE : at * PAGE + 1])
    return page(
        request, "practice/batch_candidates.jinja", bench, section="practice-batches",
        rows=_candidates(several[:PAGE], bench), before=f"?page={at - 1}" if at > 1 else "",
        after=f"?page={at + 1}" if len(several) > PAGE else "", rules=batches.suitability(),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, patient_id: int) -> HttpResponse:
    """One patient; a POST nominates, sets up, cancels an item, or takes in what the service answered."""
    bench = at_bench(request)
    row = patient_here(bench, patient_id)
    if request.method == "GET":
        return _show(request, bench, row)
    outcome, refusals = attempt(lambda: _act(request, bench, row))
    if outcome is None:
        return _show(request, bench, row, refusals=refusals)
    said = outcome.result.get("outcome")
    messages.success(request, display(_SAID[said]) if said else "Done.")
    return SeeOther(reverse("practice-batch", kwargs={"patient_id": row.pk}))


def _act(request: HttpRequest, bench: Bench, row: models.Patient) -> Outcome:
    form = request.POST
    given: dict[str, Any] = {"by": bench.person, "now": bench.now, "key": key_of(request)}
    match form.get("what", ""):
        case "nominate":
            return batches.nominate(**given, patient_id=row.pk, pharmacy=form.get("pharmacy", ""))
        case "set_up":
            listed = numbers(request, "listed")
            issues = number(form.get("issues", "")) or 0
            return batches.set_up(
                **given, patient_id=row.pk, listed=listed, issues=issues, consent=form.get("consent", "")
            )
        case "cancel":
            reasons = {one.value: one for one in CancellationReason}
            return batches.cancel_item(
                **given, item_id=_item(form.get("item", ""), row), words=form.get("words", ""),
                reason=reasons.get(form.get("reason", "")),
            )  # fmt: skip
        case "answer":
            file = request.FILES.get("file")
            if not isinstance(file, UploadedFile):
                raise refuse("extract.no-file", "Choose the file of the answer", place="file")
            return batches.take_answer(
                **given, item_id=_item(form.get("item", ""), row), data=file.read(), name=file.name or ""
            )
    raise refuse("query.no-such-step", "This page has no such step")


def _item(text: str, row: models.Patient) -> int:
    """An item of this patient; 0, which nobody has, for another's."""
    mine = models.IssuedItem.objects.filter(pk=number(text) or 0, prescription__patient=row)
    return mine.values_list("pk", flat=True).first() or 0


def _candidates(several: list[models.Patient], bench: Bench) -> list[dict[str, Any]]:
    lines = models.ListedMedicine.objects.filter(patient__in=several, status="active").select_related("order")
    of: dict[int, list[models.ListedMedicine]] = {}
    for row in lines.order_by("pk"):
        of.setdefault(row.patient_id, []).append(row)
    issued = requests.supplies([row.pk for rows in of.values() for row in rows], on=bench.today)
    rules = batches.suitability()
    found = []
    for patient in several:
        judged = [
            judge(rules, medicines_list.value(row), issued.get(row.pk, []), on=bench.today)
            for row in of.get(patient.pk, [])
        ]
        why = sorted({reason.words for one in judged for reason in one.reasons})
        found.append(
            {
                "name": name_of(patient), "born": patient.born, "suit": sum(one.suits for one in judged),
                "of": len(judged), "why": why, "nominated": patient.nominated_pharmacy,
                "href": reverse("practice-batch", kwargs={"patient_id": patient.pk}),
            }
        )  # fmt: skip
    return found


def _show(
    request: HttpRequest, bench: Bench, row: models.Patient, *, refusals: tuple[Refusal, ...] = ()
) -> HttpResponse:
    lines = [one for one in medicines_list.lines(row) if one.status is ListStatus.ACTIVE]
    issued = requests.supplies([one.id for one in lines], on=bench.today)
    rules = batches.suitability()
    judged = [judge(rules, one, issued.get(one.id, []), on=bench.today) for one in lines]
    missing = nomination(row.nominated_pharmacy)
    return page(
        request, "practice/batch.jinja", bench, section="practice-batches",
        status=422 if refusals else 200, refusals=refusals, row=row, patient=patients.value(row),
        record=patients.allergy_record(row), lines=[_judged(one, bench) for one in judged],
        missing=missing.words if missing else "", rules=rules, may=bench.person.has(*MAY_PREPARE),
        issued=_issued(row, bench), reasons=[(one.value, display(one)) for one in CancellationReason],
        was={name: request.POST.get(name, "") for name in ("issues", "consent", "pharmacy")},
        ticked=request.POST.getlist("listed"),
    )  # fmt: skip


def _judged(one: Judged, bench: Bench) -> dict[str, Any]:
    said: Wanted = wanted_of(one.line.order)
    return row_of(one.line, bench) | {
        "suits": one.suits, "days": said.days_supply,
        "against": [f"{reason.words}{'' if reason.known else ' (cannot be told)'}" for reason in one.reasons],
    }  # fmt: skip


def _issued(row: models.Patient, bench: Bench) -> list[dict[str, Any]]:
    """What was signed in the last year, item by item, with every cancellation and what became of it."""
    since = bench.now - timedelta(days=366)
    found = models.IssuedItem.objects.filter(prescription__patient=row, prescription__at__gte=since)
    found = found.select_related("prescription").prefetch_related("cancellations__said", "cancellations__by")
    return [_issued_item(one, bench) for one in found.order_by("-prescription__at", "pk")]


def _issued_item(one: models.IssuedItem, bench: Bench) -> dict[str, Any]:
    asked = list(one.cancellations.all())
    last = asked[-1] if asked else None
    answers = list(last.said.all()) if last else []
    outcome = _SAID[answers[-1].outcome] if answers else None
    telephone = {"patient": one.prescription.patient_id, "asked": "pharmacy"}
    return {
        "id": one.pk, "text": one.text, "quantity": one.quantity, "number": one.prescription.number,
        "at": one.prescription.at, "issues": one.prescription.issues,
        "asked": last.at if last else None, "by": last.by.full_name if last else "",
        "message": reverse("message", kwargs={"message_id": last.message_id}) if last else "",
        "said": display(outcome) if outcome else "", "waits": last is not None and outcome is None,
        "cancelled": outcome is CancellationOutcome.CANCELLED,
        "telephone": f"{reverse('ask-query')}?{urlencode(telephone)}"
        if outcome in batches.WITH_PHARMACY
        else "",
    }  # fmt: skip
