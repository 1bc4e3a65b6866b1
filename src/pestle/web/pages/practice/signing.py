"""What was prepared, for a prescriber to see and sign; and what was signed, with its messages and tokens."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.practice.collected import Collected, Told, collected
from pestle.pharmacy.practice.controlled import PRESCRIBES
from pestle.pharmacy.practice.elsewhere import COURSE_WORDS
from pestle.pharmacy.practice.medicines_list import MAY_AUTHORISE
from pestle.pharmacy.practice.request import PREPARED
from pestle.pharmacy.record.medication import CourseOfTherapy
from pestle.pharmacy.refusal import Refusal
from pestle.web.actions import signing
from pestle.web.pages import words
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, page
from pestle.web.pages.next_task import SeeOther, name_of
from pestle.web.pages.pdf_file import pdf_file
from pestle.web.pages.practice.medicines import law
from pestle.web.pages.practice.requests import line_rows, seen_lines
from pestle.web.print.tokens import Token, tokens_pdf
from pestle.web.store import models, requests
from pestle.web.store.ordering import policy

PATIENTS = 10
NEWEST = 50


@require_http_methods(["GET", "POST"])
def sign(request: HttpRequest) -> HttpResponse:
    """The patients whose lines wait longest, each line with what decides it; a POST signs what is ticked."""
    bench = at_bench(request)
    if request.method == "GET":
        return _sign_page(request, bench)
    outcome, refusals = attempt(
        lambda: signing.sign(
            by=bench.person, now=bench.now, key=key_of(request), lines=seen_lines(request),
            reasons=_reasons(request),
        )
    )  # fmt: skip
    if outcome is None:
        return _sign_page(request, bench, refusals=refusals)
    made = words.count(len(outcome.result["prescriptions"]), "prescription")
    messages.success(request, f"Signed: {made}. Their messages wait here.")
    return SeeOther(reverse("practice-issued"))


def _reasons(request: HttpRequest) -> dict[int, str]:
    """What was typed as the reason of a line that is ticked."""
    given = {one.line: request.POST.get(f"why-{one.line}", "")[:500] for one in seen_lines(request)}
    return {line: why for line, why in given.items() if why}


@require_GET
def issued(request: HttpRequest) -> HttpResponse:
    """What was signed, newest first."""
    bench = at_bench(request)
    found = models.IssuedPrescription.objects.filter(site=bench.site).select_related("patient", "by")
    rows = found.prefetch_related("items__standing").order_by("-at", "-pk")[:NEWEST]
    return page(
        request, "practice/issued.jinja", bench, section="practice-issued",
        rows=[_row(one, bench) for one in rows],
    )  # fmt: skip


@require_GET
def tokens(request: HttpRequest, issued_id: int) -> HttpResponse:
    """The token of a prescription, to be handed over or posted."""
    bench = at_bench(request)
    one = (
        models.IssuedPrescription.objects.filter(site=bench.site, pk=issued_id)
        .select_related("patient")
        .first()
    )
    if one is None:
        raise Http404
    body = tokens_pdf(
        Token(
            number=one.number, patient=name_of(one.patient), born=one.patient.born,
            nhs_number=one.patient.nhs_number or "", address=(*one.patient.address, one.patient.postcode),
            practice=bench.site.name, telephone=bench.site.telephone,
            signed_on=one.at.astimezone(bench.zone).date(),
            items=tuple((item.text, item.quantity) for item in one.items.order_by("pk")),
            pharmacy=one.patient.nominated_pharmacy, issues=one.issues,
        )
    )  # fmt: skip
    return pdf_file(f"token-{one.pk}.pdf", body)


def _sign_page(request: HttpRequest, bench: Bench, *, refusals: tuple[Refusal, ...] = ()) -> HttpResponse:
    waits = requests.listed(bench.site.pk, states=(PREPARED,))
    together: dict[int, list[models.RequestLine]] = {}
    for one in waits[: PATIENTS * 12]:
        if one.patient_id in together or len(together) < PATIENTS:
            together.setdefault(one.patient_id, []).append(one)
    every = [one for lines in together.values() for one in lines]
    rows = dict(zip((one.pk for one in every), line_rows(every, bench), strict=True))
    ticked = request.POST.getlist("line")
    drugs = PRESCRIBES if any(one.get("drug") for one in rows.values()) else None
    return page(
        request, "practice/sign.jinja", bench, section="practice-sign", status=422 if refusals else 200,
        refusals=refusals, may=bench.person.has(*MAY_AUTHORISE), ticked=ticked,
        laws=[one for one in (law(bench), drugs) if one],
        reasons={name: value for name, value in request.POST.items() if name.startswith("why-")},
        total=waits.count(), patients=[_patient(lines, rows) for lines in together.values()],
    )  # fmt: skip


def _patient(lines: list[models.RequestLine], rows: dict[int, dict[str, Any]]) -> dict[str, Any]:
    patient = lines[0].patient
    return {
        "id": patient.pk, "name": name_of(patient), "born": patient.born,
        "href": reverse("practice-request", kwargs={"patient_id": patient.pk}),
        "rows": [rows[one.pk] for one in lines],
    }  # fmt: skip


def _row(one: models.IssuedPrescription, bench: Bench) -> dict[str, Any]:
    return {
        "id": one.pk, "number": one.number, "patient": name_of(one.patient), "at": one.at,
        "by": one.by.full_name, "course": COURSE_WORDS[CourseOfTherapy(one.course)], "issues": one.issues,
        "items": [{"what": f"{item.text}, {item.quantity}", "known": _known(item.standing, bench)}
                  for item in one.items.all()],
        "message": reverse("message", kwargs={"message_id": one.message_id}),
        "token": reverse("practice-token", kwargs={"issued_id": one.pk}),
        "cancel": f"{reverse('practice-batch', kwargs={'patient_id': one.patient_id})}#signed",
        "href": reverse("practice-list", kwargs={"patient_id": one.patient_id}),
    }  # fmt: skip


def _known(standing: models.ItemStanding, bench: Bench) -> str:
    """Whether it was collected, as far as the service told; nothing while it is too soon."""
    after = policy().not_heard_after
    found = collected(
        Told(standing.told), signed_on=standing.signed_on, on=bench.today, not_heard_after=after
    )
    return standing.told if found is Collected.TOO_SOON else found.value
