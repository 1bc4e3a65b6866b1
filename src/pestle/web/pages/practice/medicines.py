"""The medicines list of a patient: what stands, what waits to be authorised, its story; changed by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.law import Law
from pestle.pharmacy.practice.change import stop, wanted_of
from pestle.pharmacy.practice.elsewhere import COURSE_WORDS, directions, entry_words
from pestle.pharmacy.practice.medicines_list import (
    AUTHORISES,
    MAY_AUTHORISE,
    MAY_PREPARE,
    Listed,
    ListStatus,
    Standing,
    issue_refusals,
)
from pestle.pharmacy.practice.traffic_light import Agreement
from pestle.pharmacy.refusal import Refusal, refuse
from pestle.web.actions import medication_list
from pestle.web.actions import traffic_lights as light_actions
from pestle.web.actions.documents import File
from pestle.web.actions.once import Outcome
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, number, page
from pestle.web.pages.dates import day_of
from pestle.web.pages.document_file import document_file
from pestle.web.pages.next_task import SeeOther
from pestle.web.pages.patients import patient_here
from pestle.web.pages.practice.change_form import options, shown, typed_of, wanted
from pestle.web.pages.practice.light_view import light_of
from pestle.web.store import medicines_list, models, patients, traffic_lights

TAGS = {
    Standing.PREPARED: ("interrupt", "◆", "To authorise"),
    Standing.SENT_BACK: ("stop", "■", "Sent back"),
}
STATUS_TAGS = {
    ListStatus.WITHHELD: ("interrupt", "◆", "Withheld"),
    ListStatus.ELSEWHERE: ("note", "●", "Prescribed elsewhere"),
    ListStatus.ENDED: ("unknown", "○", "Ended"),
}


@require_GET
def show(request: HttpRequest, patient_id: int) -> HttpResponse:
    """The list; with ``?ended=1`` also what ended."""
    bench = at_bench(request)
    return _show(request, bench, patient_here(bench, patient_id))


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, patient_id: int) -> HttpResponse:
    """The form of one line, or of a new one; a POST changes the list."""
    bench = at_bench(request)
    row = patient_here(bench, patient_id)
    asked = request.GET.get("line", "")
    line = medicines_list.value(_listed(row, number(asked) or 0)) if asked else None
    if request.method == "GET":
        return _form(request, bench, row, line, typed_of(wanted_of(line.order)) if line else typed_of(None))
    typed = request.POST.dict()
    if typed.get("look_up"):
        return _form(request, bench, row, line, typed)
    outcome, refusals = attempt(
        lambda: medication_list.apply(
            by=bench.person,
            now=bench.now,
            key=key_of(request),
            patient_id=row.pk,
            changes=[wanted(typed, line)],
            why=medication_list.Why(told_by=typed.get("told_by", "")),
        )
    )
    if outcome is None:
        return _form(request, bench, row, line, typed, refusals=refusals)
    waits = outcome.result["lines"][0]["standing"] == Standing.PREPARED.value
    messages.success(request, "Prepared: it waits for a prescriber." if waits else "The list is changed.")
    return _to_list(row)


@require_http_methods(["GET", "POST"])
def line(request: HttpRequest, patient_id: int, listed_id: int) -> HttpResponse:
    """One line with its story; a POST ends it, or records that its care is shared, or is no more."""
    bench = at_bench(request)
    row = patient_here(bench, patient_id)
    if request.method == "GET":
        return _line_page(request, bench, row, listed_id)
    if request.POST.get("what") in ("agree", "end-agreement"):
        outcome, refusals = attempt(lambda: _agree(request, bench, row, listed_id))
        if outcome is None:
            return _line_page(request, bench, row, listed_id, refusals=refusals)
        messages.success(request, "The agreement is recorded.")
        return SeeOther(reverse("practice-line", kwargs={"patient_id": row.pk, "listed_id": listed_id}))
    here = medicines_list.value(_listed(row, listed_id))
    outcome, refusals = attempt(
        lambda: medication_list.apply(
            by=bench.person,
            now=bench.now,
            key=key_of(request),
            patient_id=row.pk,
            changes=[stop(here, request.POST.get("reason", ""))],
        )
    )
    if outcome is None:
        return _line_page(request, bench, row, listed_id, refusals=refusals)
    messages.success(request, f"{here.name} has ended.")
    return _to_list(row)


@require_GET
def agreement_document(request: HttpRequest, message_id: int) -> HttpResponse:
    """A shared-care agreement as it was kept."""
    bench = at_bench(request)
    return document_file(traffic_lights.document(bench.site.pk, message_id), name="agreement")


def _agree(request: HttpRequest, bench: Bench, row: models.Patient, listed_id: int) -> Outcome:
    stands = traffic_lights.agreements([listed_id]).get(listed_id)
    ended = request.POST.get("ended", "").strip()
    if request.POST.get("what") == "end-agreement":
        if stands is None or not ended:
            raise refuse("agreement.no-reason", "Say why the agreement is over", place="ended")
        wanted = replace(stands, ended=ended)
    else:
        agreed = day_of(request.POST.get("agreed", ""), place="agreed")
        wanted = Agreement(request.POST.get("specialist", ""), agreed)
    file = request.FILES.get("document")
    return light_actions.record_agreement(
        by=bench.person, now=bench.now, key=key_of(request), patient_id=row.pk, listed_id=listed_id,
        agreement=wanted,
        document=File(file.name or "", file.read()) if isinstance(file, UploadedFile) else None,
    )  # fmt: skip


def row_of(one: Listed, bench: Bench) -> dict[str, Any]:
    """A line as every list of the practice shows it."""
    request, repeat = one.order.request, one.repeat
    tone, shape, word = STATUS_TAGS.get(one.status) or TAGS.get(one.standing) or ("", "", "")
    return {
        "id": one.id, "name": one.name, "directions": directions(request.dosage),
        "quantity": str(request.quantity) if request.quantity else "not said",
        "course": COURSE_WORDS[request.course_of_therapy], "tone": tone, "shape": shape, "word": word,
        "until": one.order.withheld_until.words if one.order.withheld_until else "", "reason": one.reason,
        "issues": f"{one.issues} of {repeat.issues_allowed}" if repeat.issues_allowed else str(one.issues),
        "last_issued": one.last_issued, "authorised_until": repeat.authorisation_expires,
        "review_by": repeat.review_by,
        "late": repeat.review_by is not None and repeat.review_by < bench.today,
        "indication": request.reason.text if request.reason else "",
        "why_not": [each.reason for each in issue_refusals(one, on=bench.today)],
    }  # fmt: skip


def _show(request: HttpRequest, bench: Bench, row: models.Patient) -> HttpResponse:
    ended = request.GET.get("ended") == "1"
    lines = medicines_list.lines(row, ended=ended)
    told = traffic_lights.of_lines(bench.site.pk, lines)
    return page(
        request, "practice/medicines.jinja", bench, section="patients", row=row,
        patient=patients.value(row), record=patients.allergy_record(row), ended=ended,
        lines=[row_of(one, bench) | {"light": light_of(told[one.id])} for one in lines],
        may=bench.person.has(*MAY_PREPARE),
    )  # fmt: skip


def _line_page(
    request: HttpRequest,
    bench: Bench,
    row: models.Patient,
    listed_id: int,
    *,
    refusals: tuple[Refusal, ...] = (),
) -> HttpResponse:
    listed = _listed(row, listed_id)
    here, steps = medicines_list.value(listed), medicines_list.history(listed)
    story = [
        _told(step, steps[at + 1] if at + 1 < len(steps) else None, bench) for at, step in enumerate(steps)
    ]
    issued = list(listed.issued.order_by("-on")[:26])
    return page(
        request, "practice/line.jinja", bench, section="patients", status=422 if refusals else 200,
        refusals=refusals, row=row, patient=patients.value(row), record=patients.allergy_record(row),
        line=row_of(here, bench), story=story, issued=issued, agreements=traffic_lights.story(listed.pk),
        light=light_of(traffic_lights.of_lines(bench.site.pk, [here])[here.id]),
        typed={name: request.POST.get(name, "") for name in ("specialist", "agreed", "ended")},
        agreeing=request.POST.get("what") in ("agree", "end-agreement"),
        may=bench.person.has(*MAY_PREPARE) and here.status is not ListStatus.ENDED,
        reason=request.POST.get("reason", ""), law=law(bench),
    )  # fmt: skip


def law(bench: Bench) -> Law | None:
    """Who may authorise, for whoever may not."""
    return None if bench.person.has(*MAY_AUTHORISE) else AUTHORISES


def _told(step: medicines_list.Step, before: medicines_list.Step | None, bench: Bench) -> dict[str, Any]:
    what, *more = (words.rstrip(".") for words in entry_words(before.order if before else None, step.order))
    told: dict[str, Any] = {
        "at": step.row.recorded_at, "who": step.row.who, "what": what, "kind": "",
        "detail": "; ".join((*more, *([f"because: {step.row.reason}"] if step.row.reason else []))),
        "href": "",
    }  # fmt: skip
    if step.authorisation is not None:
        made = step.authorisation
        said = f"{made.outcome} by {made.by.full_name}"
        told["detail"] += f"; {said}{f': {made.reason}' if made.reason else ''}"
        told["kind"] = "done" if made.outcome == Standing.AUTHORISED.value else "stop"
    return told


def _form(
    request: HttpRequest,
    bench: Bench,
    row: models.Patient,
    line: Listed | None,
    typed: dict[str, str],
    *,
    refusals: tuple[Refusal, ...] = (),
) -> HttpResponse:
    return page(
        request, "practice/change.jinja", bench, section="patients", status=422 if refusals else 200,
        refusals=refusals, row=row, patient=patients.value(row), record=patients.allergy_record(row),
        line=row_of(line, bench) if line else None, was=shown(typed), options=options(typed),
        seen=line.order.id if line else "",
        courses=[(course.value, words) for course, words in COURSE_WORDS.items()],
    )  # fmt: skip


def _listed(row: models.Patient, listed_id: int) -> models.ListedMedicine:
    found = models.ListedMedicine.objects.filter(patient=row, pk=listed_id).select_related("order").first()
    if found is None:
        raise Http404
    return found


def _to_list(row: models.Patient) -> HttpResponse:
    return SeeOther(reverse("practice-list", kwargs={"patient_id": row.pk}))
