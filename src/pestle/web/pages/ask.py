"""Asking somebody outside: about a line, a prescription, a patient or a product, with the words offered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from pestle.pharmacy.checks.finding import Finding
from pestle.pharmacy.documents.query_letter import question
from pestle.pharmacy.dosage.agree import read_dosage
from pestle.pharmacy.people import SiteKind
from pestle.pharmacy.refusal import Refusal, refuse
from pestle.pharmacy.worklist.query import MAY_ASK, Asked, asked_at
from pestle.web.actions import queries as actions
from pestle.web.actions.once import Outcome
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, number, page
from pestle.web.pages.dates import in_field, moment_of
from pestle.web.pages.next_task import SeeOther, name_of
from pestle.web.pages.queries import owners
from pestle.web.store import findings, models, patients, prescriptions
from pestle.web.store.knowledge import dictionary

# By when an answer is wanted where nothing else says: soon enough for somebody who waits at the counter.
WANTED_WITHIN = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is asked about, as the page shows it and the action takes it."""

    about: actions.About
    words: str
    offered: str
    prescription: models.Prescription | None = None
    line: models.Line | None = None
    patient: models.Patient | None = None


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The form, with its words offered; a POST opens the query and goes back to the work."""
    bench = at_bench(request)
    subject = _subject(request, bench)
    if request.method == "GET":
        return _form(request, bench, subject)
    outcome, refusals = attempt(lambda: _ask(request, bench, subject))
    if outcome is None:
        return _form(request, bench, subject, refusals=refusals, typed=request.POST.dict())
    pk = outcome.result["query"]
    waits = " It waits for the answer." if request.POST.get("holds") == "yes" else ""
    messages.success(request, f"Query {pk} is open: {subject.words}.{waits}")
    if request.POST.get("then") == "query" or subject.prescription is None:
        return SeeOther(reverse("query", kwargs={"query_id": pk}))
    return SeeOther(reverse("prescription", kwargs={"prescription_id": subject.prescription.pk}))


def _ask(request: HttpRequest, bench: Bench, subject: Subject) -> Outcome:
    form = request.POST
    due_at = moment_of(form.get("deadline", ""), "deadline", zone=bench.zone)
    if due_at is None:
        raise refuse("query.no-deadline", "Say by when the answer is wanted", place="deadline")
    return actions.ask(
        by=bench.person, now=bench.now, key=key_of(request), about=subject.about,
        asked=next((one for one in Asked if one.value == form.get("asked")), None),
        name=form.get("name", "")[:120], telephone=form.get("telephone", "")[:30],
        words=form.get("words", "")[:1000], due_at=due_at, holds=form.get("holds") == "yes",
        owner_id=number(form.get("owner", "")),
    )  # fmt: skip


def _subject(request: HttpRequest, bench: Bench) -> Subject:
    """What the address names. Raises `Http404` where there is no such thing at this site."""
    asked = request.GET
    finding = asked.get("finding", "")[:32]
    line_id, prescription_id = number(asked.get("line", "")), number(asked.get("prescription", ""))
    patient_id, product_id = number(asked.get("patient", "")), asked.get("product", "")
    if line_id is not None or prescription_id is not None:
        return _of_prescription(bench, line_id, prescription_id, finding)
    if patient_id is not None:
        patient = models.Patient.objects.filter(pk=patient_id, site=bench.site).first()
        if patient is None:
            raise Http404
        return Subject(actions.About(patient_id=patient.pk), name_of(patient), "", patient=patient)
    product = dictionary().product(product_id) if product_id else None
    if product is None:
        raise Http404
    return Subject(actions.About(product_id=product.id), product.name, "")


def _of_prescription(bench: Bench, line_id: int | None, prescription_id: int | None, finding: str) -> Subject:
    lines = models.Line.objects.filter(prescription__site=bench.site)
    line = lines.filter(pk=line_id).first() if line_id is not None else None
    wanted = line.prescription_id if line else prescription_id
    row = (
        models.Prescription.objects.select_related("patient", "site", "order")
        .filter(pk=wanted or 0, site=bench.site)
        .first()
    )
    if row is None or (line_id is not None and line is None):
        raise Http404
    about = actions.About(line_id=line.pk if line else None, prescription_id=row.pk, finding=finding)
    return Subject(
        about, f"line {line.place}, {_name(line)}" if line else f"prescription {row.number}",
        _offered(bench, row, line, finding), row, line, row.patient,
    )  # fmt: skip


def _offered(bench: Bench, row: models.Prescription, line: models.Line | None, finding: str) -> str:
    found = _finding(bench, row, finding) if finding else None
    if line is None:
        every = ", ".join(_name(one) for one in prescriptions.open_lines(row.lines.all()))
        return question(every, findings=[found] if found else [])
    request = prescriptions.request(prescriptions.signed(row), line)
    dosage = request.dosage
    written = (
        dosage.text or "; ".join(step.patient_instruction or "" for step in dosage.steps) if dosage else ""
    )
    note = ""
    if dosage is not None and read_dosage(dosage).refusal is not None:
        note = "We cannot read the instruction in one way only"
    return question(_name(line), directions=written.strip(), findings=[found] if found else [], note=note)


def _finding(bench: Bench, row: models.Prescription, key: str) -> Finding | None:
    """The finding of that key, as the checks find it now."""
    found = findings.checked(row, prescriptions.open_lines(prescriptions.lines(row)), now=bench.now)
    return next((entry.finding for entry in found.entries if entry.finding.key[:32] == key), None)


def _form(
    request: HttpRequest,
    bench: Bench,
    subject: Subject,
    *,
    refusals: tuple[Refusal, ...] = (),
    typed: dict[str, str] | None = None,
) -> HttpResponse:
    asked = next((one for one in Asked if one.value == request.GET.get("asked")), Asked.PRESCRIBER)
    row = subject.prescription
    due = (
        row.due_at
        if row is not None and row.due_at > bench.now + WANTED_WITHIN / 4
        else bench.now + WANTED_WITHIN
    )
    name, telephone = _whom(asked, subject)
    offered = {
        "asked": asked.value, "name": name, "telephone": telephone, "words": subject.offered,
        "deadline": in_field(due, zone=bench.zone), "owner": str(bench.person.id),
        "holds": "yes" if row is not None else "",
    }  # fmt: skip
    patient = subject.patient
    back = reverse("prescription", kwargs={"prescription_id": row.pk}) if row else reverse("queries")
    return page(
        request, "queries/ask.jinja", bench, section="worklist", status=422 if refusals else 200,
        refusals=refusals, subject=subject, typed=typed or offered, back=back,
        address=request.get_full_path(), can_hold=row is not None and row.step != "closed",
        asks=[
            {"value": one.value, "label": one.words.removeprefix("the ").capitalize(),
             "href": f"{reverse('ask-query')}?{_with(request, one)}", "current": one is asked}
            for one in asked_at(SiteKind(bench.site.kind))
        ],
        owners=owners(bench), may_ask=bench.person.has(*MAY_ASK),
        patient=patients.value(patient) if patient else None,
        allergies=patients.allergy_record(patient) if patient else None,
    )  # fmt: skip


def _whom(asked: Asked, subject: Subject) -> tuple[str, str]:
    """Who is asked by name, and their telephone, as far as the prescription says it."""
    if asked is Asked.PATIENT and subject.patient is not None:
        return name_of(subject.patient), ""
    if asked is Asked.PRESCRIBER and subject.prescription is not None:
        prescriber = prescriptions.signed(subject.prescription).prescriber
        where = prescriber.organisation
        name = ", ".join(part for part in (prescriber.name, where.name if where else "") if part)
        return name[:120], (prescriber.telephone or (where.telephone if where else ""))[:30]
    return "", ""


def _with(request: HttpRequest, asked: Asked) -> str:
    asked_for: Any = request.GET.copy()
    asked_for["asked"] = asked.value
    return str(asked_for.urlencode())


def _name(line: models.Line) -> str:
    return line.product_name or line.medication_text
