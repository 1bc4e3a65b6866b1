"""Patients: found, looked at as a whole, and their record put right by a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pestle.pharmacy.dispensary.workflow import DISPENSING
from pestle.pharmacy.people import Role
from pestle.pharmacy.record.allergy import AllergyKind, ReactionSeverity
from pestle.pharmacy.refusal import Refusal, refuse
from pestle.pharmacy.worklist.patient_task import OPEN
from pestle.web.actions import patients as corrections
from pestle.web.actions import record
from pestle.web.actions.once import Outcome
from pestle.web.pages import repeat_view, words
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, page
from pestle.web.pages.next_task import SeeOther, name_of
from pestle.web.pages.patient_tasks import row_of as task_row
from pestle.web.pages.patient_tasks import story_of as story_of_tasks
from pestle.web.pages.queries import story_of
from pestle.web.pages.telephone import answer
from pestle.web.store import (
    audit,
    calls,
    issues,
    models,
    patient_tasks,
    patients,
    prescriptions,
    queries,
    supplies,
)

Choice = TypeVar("Choice", AllergyKind, ReactionSeverity)

_CLOSED = {
    "supplied": "handed out",
    "not_collected": "not collected, returned to stock",
    "cancelled": "cancelled",
    "refused": "refused",
}


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Search by name or NHS number; without words, those with the newest prescriptions."""
    bench = at_bench(request)
    text = request.POST.get("text", "").strip()[:200]
    guessed = False
    if text:
        found, guessed = supplies.meant(bench.site.pk, text)
    else:
        found = supplies.recent(bench.site.pk)
    return page(
        request,
        "patients/index.jinja",
        bench,
        section="patients",
        text=text,
        guessed=guessed,
        rows=rows(bench, found),
        most=supplies.MOST,
    )


def rows(bench: Bench, found: list[models.Patient]) -> list[dict[str, Any]]:
    """Patients as a list shows them, each with the answer for the telephone."""
    open_ = supplies.under_way(found)
    return [
        {
            "href": reverse("patient", kwargs={"patient_id": one.pk}),
            "name": name_of(one),
            "born": one.born,
            "gender": patients.value(one).gender,
            "nhs_number": one.nhs_number,
            "postcode": one.postcode,
            "answer": answer(open_[one.pk], now=bench.now, zone=bench.zone),
        }
        for one in found
    ]


@require_GET
def show(request: HttpRequest, patient_id: int) -> HttpResponse:
    """The patient as a whole."""
    bench = at_bench(request)
    return _show(request, bench, patient_here(bench, patient_id))


@require_POST
def record_allergy(request: HttpRequest, patient_id: int) -> HttpResponse:
    """Adds an allergy or intolerance."""
    bench = at_bench(request)
    row = patient_here(bench, patient_id)
    posted = request.POST
    return _acted(
        request,
        bench,
        row,
        "allergy",
        "The allergy is on record.",
        lambda: record.record_allergy(
            by=bench.person,
            now=bench.now,
            key=key_of(request),
            patient_id=row.pk,
            substance=posted.get("substance", ""),
            reaction=posted.get("reaction", ""),
            kind=_one_of(AllergyKind, posted.get("kind", "")),
            severity=_one_of(ReactionSeverity, posted.get("severity", "")),
            told_by=posted.get("told_by", ""),
        ),
    )


@require_POST
def no_known_allergies(request: HttpRequest, patient_id: int) -> HttpResponse:
    """Records that somebody asked and none is known."""
    bench = at_bench(request)
    row = patient_here(bench, patient_id)
    return _acted(
        request,
        bench,
        row,
        "none-known",
        "It is on record that no allergies are known.",
        lambda: record.record_no_known_allergies(
            by=bench.person,
            now=bench.now,
            key=key_of(request),
            patient_id=row.pk,
            told_by=request.POST.get("told_by", ""),
        ),
    )


@require_POST
def retract_allergy(request: HttpRequest, patient_id: int) -> HttpResponse:
    """Follows an allergy by a fact that refutes it."""
    bench = at_bench(request)
    row = patient_here(bench, patient_id)
    text = request.POST.get("fact", "")
    fact = row.allergy_facts.filter(pk=int(text)).first() if text.isdecimal() and len(text) < 19 else None
    if fact is None:
        raise Http404
    return _acted(
        request,
        bench,
        row,
        f"retract-{fact.pk}",
        f"{fact.substance} does not stand as an allergy any more.",
        lambda: record.retract_allergy(
            by=bench.person,
            now=bench.now,
            key=key_of(request),
            fact_id=fact.pk,
            reason=request.POST.get("reason", ""),
        ),
    )


@require_POST
def correct(request: HttpRequest, patient_id: int) -> HttpResponse:
    """Puts surname or birth date right, with who confirmed it."""
    bench = at_bench(request)
    row = patient_here(bench, patient_id)
    posted = request.POST
    return _acted(
        request,
        bench,
        row,
        "correct",
        "Corrected. Prescriptions keep what was signed.",
        lambda: corrections.correct(
            by=bench.person,
            now=bench.now,
            key=key_of(request),
            patient_id=row.pk,
            family=posted.get("family", ""),
            born=_day(posted.get("born", "")),
            reason=posted.get("reason", ""),
        ),
    )


def _acted(
    request: HttpRequest,
    bench: Bench,
    row: models.Patient,
    form: str,
    done: str,
    do: Callable[[], Outcome],
) -> HttpResponse:
    outcome, refusals = attempt(do)
    if outcome is None:
        row.refresh_from_db()
        return _show(request, bench, row, refusals=refusals, status=422, form=form, typed=request.POST.dict())
    messages.success(request, done)
    return SeeOther(reverse("patient", kwargs={"patient_id": row.pk}))


def _show(
    request: HttpRequest,
    bench: Bench,
    row: models.Patient,
    *,
    refusals: tuple[Refusal, ...] = (),
    status: int = 200,
    form: str = "",
    typed: dict[str, str] | None = None,
) -> HttpResponse:
    facts = list(row.allergy_facts.order_by("pk"))
    supplied, coming = supplies.of_patient(row, zone=bench.zone)
    held = list(row.prescriptions.prefetch_related("hand_outs").order_by("-received_at"))
    events = audit.about(f"patient:{row.pk}")
    tasks = patient_tasks.of_patient(row)
    return page(
        request,
        "patients/show.jinja",
        bench,
        section="patients",
        status=status,
        refusals=refusals,
        row=row,
        patient=patients.value(row),
        record=patients.allergies(facts),
        gp=row.gp_practice_code,
        coming=[_coming(line) for line in coming],
        supplied=[_supplied(one, bench) for one in supplied],
        upcoming=repeat_view.upcoming(issues.of_patient(row), on=bench.today),
        standing=_standing(facts),
        tasks=[task_row(one, bench) for one in tasks if one.standing.state == OPEN],
        story=_story(row, facts, held, events, tasks),
        on_telephone=answer(supplies.under_way([row])[row.pk], now=bench.now, zone=bench.zone),
        may_record=bench.person.has(*record.MAY_RECORD),
        may_correct=bench.person.has(*corrections.MAY_CORRECT),
        may_retract=bench.person.has(Role.PHARMACIST),
        form=form,
        typed=typed or {},
        kinds=[(one.value, _said(one.value)) for one in AllergyKind],
        severities=[(one.value, _said(one.value)) for one in ReactionSeverity],
    )


def _coming(line: models.Line) -> dict[str, Any]:
    return {
        "href": reverse("prescription", kwargs={"prescription_id": line.prescription_id}),
        "name": line.product_name or line.medication_text,
        "directions": line.directions or "directions not settled yet",
        "step": DISPENSING.step(line.prescription.step).title,
        "since": line.prescription.step_since,
    }


def _supplied(one: supplies.Supplied, bench: Bench) -> dict[str, Any]:
    line = one.line
    lasts = {True: "current", False: "past", None: "unknown"}[one.current(on=bench.today)]
    quantity = prescriptions.quantity(one.amount, prescriptions.base(line))
    return {
        "href": reverse("prescription", kwargs={"prescription_id": line.prescription_id}),
        "name": line.product_name,
        "directions": line.directions,
        "quantity": str(quantity),
        "at": one.at,
        "lasts": lasts,
        "ends_on": one.ends_on,
        "batches": [f"{number}, expiry {expiry}" for number, expiry in one.batches],
    }


def _standing(facts: list[models.AllergyFact]) -> list[dict[str, Any]]:
    """The allergies that stand, with what the pharmacist needs to retract one."""
    followed = {fact.follows_id for fact in facts}
    return [
        {
            "id": fact.pk,
            "substance": fact.substance,
            "reaction": fact.reaction,
            "severity": _said(fact.severity),
            "kind": _said(fact.kind),
            "who": fact.who,
            "at": fact.recorded_at,
        }
        for fact in facts
        if fact.statement == "allergy" and not fact.refuted and fact.pk not in followed
    ]


def _story(
    row: models.Patient,
    facts: list[models.AllergyFact],
    held: list[models.Prescription],
    events: list[models.AuditEvent],
    tasks: list[models.PatientTask],
) -> list[dict[str, Any]]:
    """Everything that happened, newest first."""
    told = [_fact_event(fact) for fact in facts]
    for one in held:
        href = reverse("prescription", kwargs={"prescription_id": one.pk})
        told.append(_event(one.received_at, "Prescription", f"{one.number} received", href=href))
        told += [
            _event(left.at, "Prescription", f"{one.number} handed out", href=href, kind="done")
            for left in one.hand_outs.all()
        ]
        if one.step == "closed" and one.closed_because != "supplied":
            why = _CLOSED.get(one.closed_because, one.closed_because)
            told.append(_event(one.step_since, "Prescription", f"{one.number} {why}", href=href, kind="stop"))
    for event in events:
        if event.action == "record.correct_patient":
            changed = " and ".join(event.detail["changed"])
            told.append(
                _event(
                    event.at,
                    event.person_name,
                    f"corrected {changed}",
                    event.detail["reason"],
                    kind="question",
                )
            )
    told += story_of(queries.of_patient(row))
    told += story_of_tasks(tasks)
    told += [
        _event(
            one.at, one.caller, f"rang: {one.about}", f"{one.told or 'nothing noted'} ({one.by.full_name})"
        )
        for one in calls.of_patient(row)
    ]
    return sorted(told, key=lambda one: one["at"], reverse=True)


def _fact_event(fact: models.AllergyFact) -> dict[str, Any]:
    if fact.statement == "none_known":
        return _event(fact.recorded_at, fact.who, "recorded: no known allergies")
    if fact.refuted:
        return _event(
            fact.recorded_at,
            fact.who,
            f"retracted the allergy to {fact.substance}",
            fact.reaction,
            kind="question",
        )
    return _event(
        fact.recorded_at, fact.who, f"recorded an allergy: {fact.substance}", fact.reaction, kind="stop"
    )


def _event(
    at: datetime, who: str, what: str, detail: str = "", *, kind: str = "", href: str = ""
) -> dict[str, Any]:
    return {"at": at, "who": who, "what": what, "detail": detail, "kind": kind, "href": href}


def patient_here(bench: Bench, patient_id: int) -> models.Patient:
    """The patient of that id at this site, else 404."""
    row = models.Patient.objects.filter(pk=patient_id, site=bench.site).first()
    if row is None:
        raise Http404
    return row


def _day(text: str) -> date:
    """A day as the form's date field sends it. Raises `Refused` (``patient.not-a-date``)."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise refuse("patient.not-a-date", f"“{text}” is not a date", place="birth date") from None


def _one_of(kind: type[Choice], text: str) -> Choice:
    """The chosen member; what was not chosen is not known."""
    return next((one for one in kind if one.value == text), kind("unknown"))


def _said(value: str) -> str:
    return words.NOT_KNOWN.capitalize() if value in ("unknown", "") else value.capitalize()
