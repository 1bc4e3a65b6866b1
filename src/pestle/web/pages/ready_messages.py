"""Patients are told that something is ready: everybody who is new on one page, and what was made as a file of
texts and a pile of letters."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.dispensary.ready_message import WAYS, Wish, offered
from pestle.pharmacy.dispensary.uncollected import Way
from pestle.pharmacy.documents.ready_letter import ReadyLetter
from pestle.pharmacy.refusal import Refusal, refuse
from pestle.web.actions import ready_messages as actions
from pestle.web.actions.bags import MAY_PUT
from pestle.web.actions.once import Outcome
from pestle.web.pages import bag_flags
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, numbers, page
from pestle.web.pages.csv_file import csv_file
from pestle.web.pages.next_task import SeeOther, name_of
from pestle.web.pages.patients import patient_here
from pestle.web.pages.pdf_file import pdf_file
from pestle.web.print.bag_papers import ready_letters_pdf
from pestle.web.store import bags, models, patients

NEITHER = "neither"


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Who is to be told; a POST tells everybody on the page who agreed to a text or a letter."""
    bench = at_bench(request)
    if request.method == "GET":
        return _index(request, bench)
    seen = set(numbers(request, "bag"))
    outcome, refusals = attempt(
        lambda: actions.tell_all(by=bench.person, now=bench.now, key=key_of(request), seen=seen)
    )
    if outcome is None:
        return _index(request, bench, refusals=refusals)
    return SeeOther(reverse("told", kwargs={"batch": outcome.result["batch"]}))


@require_GET
def told(request: HttpRequest, batch: UUID) -> HttpResponse:
    """What was made together: who was told how, and the two files."""
    bench = at_bench(request)
    rows = _batch(bench, batch)
    return page(
        request,
        "bags/told.jinja",
        bench,
        section="worklist",
        batch=batch,
        by=rows[0].by.full_name,
        at=rows[0].at,
        texts=sum(one.way == Way.TEXT.value for one in rows),
        letters=sum(one.way == Way.LETTER.value for one in rows),
        rows=[
            {"href": reverse("bag", kwargs={"bag_id": one.bag_id}), "patient": name_of(one.patient),
             "way": Way(one.way).words, "number": one.number, "words": one.words}
            for one in rows
        ],
    )  # fmt: skip


@require_GET
def texts(request: HttpRequest, batch: UUID) -> HttpResponse:
    """The texts of a batch for the sending service: a number and words a line."""
    bench = at_bench(request)
    rows = [one for one in _batch(bench, batch) if one.way == Way.TEXT.value]
    # Without the sign, which a spreadsheet would take for a formula.
    lines = [(one.number.removeprefix("+"), one.words) for one in rows]
    return csv_file(f"texts-{batch}.csv", ("number", "message"), lines)


@require_GET
def letters(request: HttpRequest, batch: UUID) -> HttpResponse:
    """The letters of a batch."""
    bench = at_bench(request)
    made = []
    for one in (row for row in _batch(bench, batch) if row.way == Way.LETTER.value):
        who = patients.value(one.patient)
        made.append(ReadyLetter(who.name, who.address, one.at.astimezone(bench.zone).date(), one.words))
    if not made:
        raise Http404
    site = bench.site
    return pdf_file(
        f"letters-{batch}.pdf",
        ready_letters_pdf(made, pharmacy=site.name, address=site.address, telephone=site.telephone),
    )


@require_http_methods(["GET", "POST"])
def wish(request: HttpRequest, patient_id: int) -> HttpResponse:
    """How a patient wants to be told; a POST records it."""
    bench = at_bench(request)
    row = patient_here(bench, patient_id)
    if request.method == "GET":
        return _wish(request, bench, row)
    outcome, refusals = attempt(lambda: _record(request, bench, row))
    if outcome is None:
        return _wish(request, bench, row, refusals=refusals, typed=request.POST.dict())
    messages.success(request, "How they want to be told is on record.")
    return SeeOther(reverse("patient", kwargs={"patient_id": patient_id}))


def _record(request: HttpRequest, bench: Bench, row: models.Patient) -> Outcome:
    posted = request.POST
    said = posted.get("way", "")
    if said != NEITHER and said not in {way.value for way in WAYS}:
        raise refuse("contact.way", "Choose how the patient is told", place="way")
    wanted = Wish(None if said == NEITHER else Way(said), posted.get("number", ""))
    return actions.record_wish(
        by=bench.person, now=bench.now, key=key_of(request), patient_id=row.pk, wish=wanted,
        told_by=posted.get("told_by", ""),
    )  # fmt: skip


def _wish(
    request: HttpRequest,
    bench: Bench,
    row: models.Patient,
    *,
    refusals: tuple[Refusal, ...] = (),
    typed: dict[str, str] | None = None,
) -> HttpResponse:
    return page(
        request,
        "patients/contact.jinja",
        bench,
        section="patients",
        status=422 if refusals else 200,
        refusals=refusals,
        row=row,
        patient=patients.value(row),
        record=patients.allergy_record(row),
        choices=[*((way.value, way.words) for way in WAYS), (NEITHER, "Neither of them")],
        wishes=[
            {"way": Way(one.way).words if one.way else "Neither", "number": one.number,
             "told_by": one.told_by, "by": one.by.full_name, "at": one.at}
            for one in bags.wishes_of(row.pk)
        ],
        may_record=bench.person.has(*MAY_PUT),
        typed=typed or {},
    )  # fmt: skip


def _index(request: HttpRequest, bench: Bench, *, refusals: tuple[Refusal, ...] = ()) -> HttpResponse:
    found = actions.to_be_told(bench.site.pk)
    rows: list[dict[str, Any]] = [
        {
            "id": bag.bag.pk,
            "href": reverse("bag", kwargs={"bag_id": bag.bag.pk}),
            "patient": name_of(bag.patient),
            "ask_href": reverse("contact-wish", kwargs={"patient_id": bag.patient.pk}),
            "since": bag.ready_at,
            "lies": bag_flags.lies(bag),
            "way": wish.way.words if wish and wish.way else "",
        }
        for bag, wish in found
    ]
    ways = [wish.way for _, wish in found if wish]
    return page(
        request,
        "bags/tell.jinja",
        bench,
        section="worklist",
        status=422 if refusals else 200,
        refusals=refusals,
        rows=rows,
        texts=ways.count(Way.TEXT),
        letters=ways.count(Way.LETTER),
        offered=offered(pharmacy=bench.site.name, telephone=bench.site.telephone),
        may_tell=bench.person.has(*MAY_PUT),
    )


def _batch(bench: Bench, batch: UUID) -> list[models.ReadyMessage]:
    rows = models.ReadyMessage.objects.filter(batch=batch, patient__site=bench.site.pk)
    found = list(rows.select_related("patient", "by").order_by("pk"))
    if not found:
        raise Http404
    return found
