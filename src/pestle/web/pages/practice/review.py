"""One review: its checklist answered, or the pack prepared and each line decided; and a patient's reviews."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.practice.review import Decision, LineDecision, ReviewKind
from pestle.pharmacy.practice.review_outcome import changes
from pestle.pharmacy.refusal import Refusal, refuse
from pestle.pharmacy.worklist.workflow import can
from pestle.web.actions import review_planning
from pestle.web.actions import reviews as actions
from pestle.web.actions.once import Outcome
from pestle.web.pages import words
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, number, page, seen_of
from pestle.web.pages.dates import day_of
from pestle.web.pages.next_task import SeeOther
from pestle.web.pages.patients import patient_here
from pestle.web.pages.pdf_file import pdf_file
from pestle.web.print.review_pack import Heading, pack_pdf
from pestle.web.store import models, monitoring, patients, people, review_needs, reviews
from pestle.web.store.knowledge import review_library

_PAST = {
    "move": "moved it", "complete": "completed it", "cancel": "cancelled it", "prepare": "prepared the pack",
    "decide": "decided lines", "send_back": "sent it back", "measure": "measured what changed",
}  # fmt: skip
_DONE = {
    "prepare": "The pack is prepared.",
    "decide": "Decided.",
    "send_back": "It goes back to be prepared.",
    "cancel": "Cancelled.",
    "move": "Moved.",
}


@require_http_methods(["GET", "POST"])
def of_patient(request: HttpRequest, patient_id: int) -> HttpResponse:
    """A patient's need and reviews; a POST plans one."""
    bench = at_bench(request)
    row = patient_here(bench, patient_id)
    refusals: tuple[Refusal, ...] = ()
    if request.method == "POST":
        outcome, refusals = attempt(lambda: _plan(request, bench, row))
        if outcome is not None:
            return SeeOther(reverse("review", kwargs={"review_id": outcome.result["review"]}))
    found = monitoring.seen(row, now=bench.now)
    _, need = review_needs.looked_at(row, found)
    return page(
        request, "practice/review_patient.jinja", bench, section="reviews", status=422 if refusals else 200,
        refusals=refusals, row=row, patient=patients.value(row), allergies=patients.allergy_record(row),
        need=need, last=need.last_review,
        reviews=[_title_row(each) for each in reviews.of_patient(row)],
        kinds=[(kind.value, kind.words) for kind in ReviewKind], owners=_owners(bench),
        typed={name: request.POST.get(name, "") for name in ("kind", "week", "owner")},
        may=bench.person.has(*review_planning.MAY_PLAN),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, review_id: int) -> HttpResponse:
    """The review; a POST does what its button says."""
    bench = at_bench(request)
    row = _row(bench, review_id)
    if request.method == "GET":
        return _show(request, bench, row)
    what = request.POST.get("what", "")
    outcome, refusals = attempt(lambda: _act(request, bench, row, what))
    if outcome is None:
        return _show(request, bench, _row(bench, review_id), refusals=refusals)
    made = len(outcome.result["tasks"])
    if what == "complete":
        became = f" {words.count(made, 'task')} came of it." if made else " Nothing is left to do."
        messages.success(request, f"Completed.{became}")
    else:
        messages.success(request, _DONE[what])
    return SeeOther(reverse("review", kwargs={"review_id": review_id}))


@require_GET
def pack(request: HttpRequest, review_id: int) -> HttpResponse:
    """The pack on paper, as it was prepared last."""
    bench = at_bench(request)
    row = _row(bench, review_id)
    made = reviews.pack(row)
    if made is None:
        raise Http404
    prepared = [event for event in row.events.all() if event.verb == "prepare"][-1]
    allergies = patients.allergy_record(row.patient)
    named = ", ".join(each.substance for each in allergies.allergies if not each.refuted)
    heading = Heading(
        patient=patients.value(row.patient),
        allergies=named or allergies.status.value,
        practice=bench.site.name,
        prepared_by=prepared.by.full_name,
        prepared_at=words.date_and_time(prepared.at, zone=timezone.get_current_timezone()),
        on=made.on,
    )
    return pdf_file(f"review-{row.pk}.pdf", pack_pdf(made, heading))


def _plan(request: HttpRequest, bench: Bench, row: models.Patient) -> Outcome:
    kind = next((one for one in ReviewKind if one.value == request.POST.get("kind")), None)
    if kind is None:
        raise refuse("review.kind", "Choose which review", place="kind")
    week = request.POST.get("week", "").strip()
    return review_planning.plan_one(
        by=bench.person, now=bench.now, key=key_of(request), patient_id=row.pk, kind=kind,
        week=day_of(week, place="week") if week else None, owner_id=number(request.POST.get("owner", "")),
    )  # fmt: skip


def _act(request: HttpRequest, bench: Bench, row: models.Review, what: str) -> Outcome:
    form = request.POST
    given: dict[str, Any] = {
        "by": bench.person, "now": bench.now, "key": key_of(request), "review_id": row.pk,
        "seen": seen_of(request),
    }  # fmt: skip
    said = form.get("words", "")
    answers = {
        name.removeprefix("answer-"): str(value) for name, value in form.items() if name.startswith("answer-")
    }
    structured = row.kind == ReviewKind.STRUCTURED.value
    acts: dict[str, Callable[[], Outcome]] = {
        "move": lambda: actions.move(
            **given,
            week=day_of(form.get("week", ""), place="week"),
            owner_id=number(form.get("owner", "")) or 0,
        ),
        "prepare": lambda: actions.prepare(**given, answers=answers),
        "decide": lambda: actions.decide(**given, decisions=_decisions(request)),
        "send_back": lambda: actions.send_back(**given, words=said),
        "cancel": lambda: actions.cancel(**given, words=said),
        "complete": lambda: (
            actions.complete(**given, words=said)
            if structured
            else actions.complete_technical(
                **given, checklist=form.get("checklist", ""), answers=answers, words=said
            )
        ),
    }
    if what not in acts:
        raise refuse("review.no-such-step", "A review has no such step")
    return acts[what]()


def _decisions(request: HttpRequest) -> list[LineDecision]:
    """What was chosen for each line; a line that nobody chose for is not decided."""
    found = []
    for name, value in request.POST.items():
        if name.startswith("decision-") and value in {one.value for one in Decision}:
            line = name.removeprefix("decision-")
            found.append(LineDecision(line, Decision(value), request.POST.get(f"words-{line}", "").strip()))
    return found


def _show(
    request: HttpRequest, bench: Bench, row: models.Review, *, refusals: tuple[Refusal, ...] = ()
) -> HttpResponse:
    kind, task = reviews.kind(row), reviews.task(row)
    verbs = {each.verb for each in kind.workflow.transitions}
    may = {
        verb: verb in verbs and can(kind.workflow, task, verb, by=bench.person, now=bench.now)
        for verb in _PAST
    }
    made, decided = reviews.pack(row), reviews.decisions(row)
    chosen = request.GET.get("checklist", "") or request.POST.get("checklist", "")
    checklists = review_library().of(kind)
    checklist = next((each for each in checklists if each.name == chosen), checklists[0])
    before, after = reviews.measured(row)
    return page(
        request, "practice/review.jinja", bench, section="reviews", status=422 if refusals else 200,
        refusals=refusals, row=row, kind=kind, task=task, may=may,
        step=kind.workflow.step(task.step).title, patient=patients.value(row.patient),
        allergies=patients.allergy_record(row.patient), pack=made,
        lines=[_line(each, decided, request) for each in made.lines] if made else [],
        undecided=sum(each.id not in decided for each in made.lines) if made else 0,
        decisions=[(one.value, one.words) for one in Decision], checklist=checklist, checklists=checklists,
        typed=request.POST.dict(), answers=_answers(row), owners=_owners(bench),
        changes=changes([(before, after)]) if before and after else (),
        story=[_event(event) for event in sorted(row.events.all(), key=lambda one: -one.pk)],
    )  # fmt: skip


def _line(
    each: Any, decided: dict[str, tuple[LineDecision, models.ReviewEvent]], request: HttpRequest
) -> dict[str, Any]:
    held, event = decided.get(each.id, (None, None))
    posted = request.POST.get(f"decision-{each.id}")
    return {
        "line": each,
        "decision": posted or (held.decision.value if held else ""),
        "words": request.POST.get(f"words-{each.id}", held.words if held else ""),
        "said": held.decision.words if held else "",
        "who": event.by.full_name if event else "",
    }


def _answers(row: models.Review) -> dict[str, Any] | None:
    """What was answered in a review that was completed by a checklist."""
    for event in row.events.all():
        if event.verb == "complete" and "answers" in event.said:
            return {"title": event.said["title"], "answers": event.said["answers"], "words": event.words}
    return None


def _event(event: models.ReviewEvent) -> dict[str, Any]:
    detail = event.words
    if event.verb == "decide":
        detail = words.count(len(event.said["lines"]), "line")
    return {"at": event.at, "who": event.by.full_name, "what": _PAST[event.verb], "detail": detail,
            "kind": "done" if event.verb == "complete" else "", "href": ""}  # fmt: skip


def _title_row(each: models.Review) -> dict[str, Any]:
    flow = reviews.kind(each).workflow
    return {
        "href": reverse("review", kwargs={"review_id": each.pk}),
        "kind": reviews.kind(each).words,
        "step": flow.step(each.standing.step).title,
        "owner": each.standing.owner.full_name,
        "week": each.standing.week,
        "done": each.standing.done_on,
    }


def _owners(bench: Bench) -> list[tuple[str, str]]:
    team = [one for one in people.team(bench.site.pk) if one.has(*review_planning.MAY_PLAN)]
    return [(str(one.id), f"{one.name}, {one.title}") for one in team]


def _row(bench: Bench, review_id: int) -> models.Review:
    row = reviews.loaded(review_id, site_id=bench.site.pk)
    if row is None:
        raise Http404
    return row
