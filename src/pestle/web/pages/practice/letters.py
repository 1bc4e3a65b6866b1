"""Letters that list medicines: the inbox by the clock, a list taken in, one letter settled from the
keyboard."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.people import Role
from pestle.pharmacy.practice.reconciliation.differences import Kind
from pestle.pharmacy.practice.reconciliation.discrepancy import Intent, Severity
from pestle.pharmacy.practice.reconciliation.outcome import (
    CLINICAL,
    MAY_SETTLE,
    Outcome,
    Proposal,
    Settled,
    asks_for,
)
from pestle.pharmacy.refusal import Refusal
from pestle.web.actions import letter_undo
from pestle.web.actions import letters as actions
from pestle.web.actions.once import Outcome as Done
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, number, page, seen_of
from pestle.web.pages.dates import day_of
from pestle.web.pages.next_task import SeeOther, name_of
from pestle.web.pages.patients import patient_here
from pestle.web.pages.practice import letter_form
from pestle.web.pages.practice.letter_form import LETTERS
from pestle.web.store import letters, models, patient_tasks, patients

_TABS = (("open", "To settle"), ("questions", "With a question"), ("settled", "Settled"))
OUTCOME_TAGS = {
    Outcome.QUERY: ("interrupt", "◆"),
    Outcome.UNCHANGED: ("done", "✓"),
    Outcome.STOPPED: ("note", "●"),
}
FOR = (Role.TECHNICIAN, Role.PHARMACIST, Role.PRESCRIBER, Role.NURSE, Role.RECEPTIONIST)
_SEVERITIES = [(each.value, each.value.capitalize()) for each in Severity if each is not Severity.NOT_JUDGED]
_INTENTS = [(each.value, each.value.capitalize()) for each in Intent]
_FIELDS = ("what", "words", "due", "role", "kind_of_task", "look_up", "decision", "why")


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The inbox: what is due first on top."""
    bench = at_bench(request)
    view = request.GET.get("show", "")
    view = view if view in letters.VIEWS else "open"
    found = letters.listed(
        bench.site.pk, view=view, today=bench.today, page=number(request.GET.get("page", "")) or 1
    )
    return page(
        request, "practice/letters.jinja", bench, section="letters", view=view, title=dict(_TABS)[view],
        found=found, rows=[_row(one, bench) for one in found.rows],
        asked=_asked(bench) if view == "questions" else [], may=bench.person.has(*MAY_SETTLE),
        tabs=[
            {"label": label, "href": f"{reverse('letters')}?show={name}", "count": found.counts[name],
             "current": name == view, "alarm": name == "open" and found.counts["late"] > 0}
            for name, label in _TABS
        ],
        hrefs={n: f"{reverse('letters')}?show={view}&page={n}" for n in range(1, found.pages + 1)},
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def take_in(request: HttpRequest) -> HttpResponse:
    """The form for a list that arrived; a POST takes it in and opens the letter."""
    bench = at_bench(request)
    wanted = number(request.GET.get("patient", ""))
    row = patient_here(bench, wanted) if wanted is not None else None
    if request.method == "GET" or row is None:
        return _take_in_page(request, bench, row)
    outcome, refusals = attempt(
        lambda: actions.take_in(
            by=bench.person, now=bench.now, key=key_of(request), patient_id=row.pk,
            arrived=letter_form.arrived(request, today=bench.today),
        )
    )  # fmt: skip
    if outcome is None:
        return _take_in_page(request, bench, row, refusals=refusals)
    messages.success(request, f"Taken in and compared: {outcome.result['left']} to settle.")
    return SeeOther(reverse("letter", kwargs={"letter_id": outcome.result["letter"]}))


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, letter_id: int) -> HttpResponse:
    """One letter; a POST settles what was chosen, or makes a task of something else that it asks for."""
    bench = at_bench(request)
    row = _here(bench, letter_id)
    if request.method == "GET":
        return _show(request, bench, row)
    what = request.POST.get("what", "")
    if request.POST.get("look_up"):
        return _show(request, bench, row, typed=request.POST.dict())
    act = {"task": _open_task, "undo": _undo}.get(what, _settle)
    outcome, refusals = attempt(lambda: act(request, bench, row))
    if outcome is None:
        return _show(request, bench, _here(bench, letter_id), refusals=refusals, typed=request.POST.dict())
    if what == "task":
        opened = outcome.result["opened"]
        messages.success(request, "Task opened." if opened else "This task is open already.")
        return SeeOther(reverse("letter", kwargs={"letter_id": letter_id}))
    if what == "undo":
        messages.success(request, f"Undone: {outcome.result['name']} is open again.")
        return SeeOther(reverse("letter", kwargs={"letter_id": letter_id}))
    return _onward(request, bench, row, outcome)


def _onward(request: HttpRequest, bench: Bench, row: models.Letter, outcome: Done) -> HttpResponse:
    """Back to the letter while something is left for this person; else to the next one."""
    left, asked, done = (outcome.result[name] for name in ("left", "asked", "settled"))
    mine = left if bench.person.has(*CLINICAL) else left - asked
    said = f"{done} settled; {left} left" + (f", {asked} of them with the pharmacist." if asked else ".")
    if mine:
        messages.success(request, said)
        return SeeOther(reverse("letter", kwargs={"letter_id": row.pk}))
    view = "questions" if bench.person.has(*CLINICAL) else "open"
    following = letters.next_open(bench.site.pk, view=view, but=row.pk)
    if following is None:
        messages.success(request, f"{said} No other letter waits here.")
        return SeeOther(reverse("letters"))
    messages.success(request, f"{said} Next: {name_of(following.patient)}.")
    return SeeOther(reverse("letter", kwargs={"letter_id": following.letter_id}))


def _settle(request: HttpRequest, bench: Bench, row: models.Letter) -> Done:
    look = letters.look(row)
    every = [*look.open, *(one.proposal for one in look.questions)]
    if request.POST.get("what") == "unchanged":
        chosen = {each.key: Settled(Outcome.UNCHANGED) for each in look.open if each.at_once}
        judged: dict[str, actions.Judged] = {}
    else:
        chosen, judged = letter_form.settled(request.POST, every)
        for name, said in request.POST.items():
            if said and name.startswith("outcome-"):
                look.proposal(name.removeprefix("outcome-"))
    return actions.settle(
        by=bench.person, now=bench.now, key=key_of(request), letter_id=row.pk, seen=seen_of(request),
        settled=chosen, judged=judged,
    )  # fmt: skip


def _undo(request: HttpRequest, bench: Bench, row: models.Letter) -> Done:
    form = request.POST
    return letter_undo.undo(
        by=bench.person, now=bench.now, key=key_of(request), letter_id=row.pk, seen=seen_of(request),
        decision_id=number(form.get("decision", "")) or 0, reason=form.get("why", ""),
    )  # fmt: skip


def _open_task(request: HttpRequest, bench: Bench, row: models.Letter) -> Done:
    form = request.POST
    return actions.open_task(
        by=bench.person, now=bench.now, key=key_of(request), letter_id=row.pk,
        what=form.get("kind_of_task", ""), words=form.get("words", "")[:300],
        due_on=day_of(form.get("due", ""), place="due"),
        role=next((one for one in FOR if one.value == form.get("role")), None),
    )  # fmt: skip


def _row(one: models.LetterStanding, bench: Bench) -> dict[str, Any]:
    letter = one.letter
    return {
        "href": reverse("letter", kwargs={"letter_id": letter.pk}), "id": letter.pk,
        "patient": name_of(one.patient), "born": one.patient.born,
        "kind": actions.KINDS[letter.kind], "sender": letter.sender, "received": letter.received_on,
        "due": one.due_on, "why": one.due_why, "late": one.state == letters.OPEN and one.due_on < bench.today,
        "left": one.left, "asked": one.asked, "high_risk": one.high_risk,
    }  # fmt: skip


def _asked(bench: Bench) -> list[dict[str, Any]]:
    """Every question that waits for a pharmacist, with both lines and what was known when it was asked."""
    return [
        {"href": reverse("letter", kwargs={"letter_id": one.letter_id}),
         "patient": name_of(one.letter.patient), "asked": one.reason, "by": one.by.full_name, "at": one.at,
         "high_risk": one.shown.get("high_risk", "")}
        | {name: one.shown[name] for name in ("listed", "arrived", "name", "clinical")}
        for one in letters.questions(bench.site.pk)
    ]  # fmt: skip


def _take_in_page(
    request: HttpRequest,
    bench: Bench,
    row: models.Patient | None,
    *,
    refusals: tuple[Refusal, ...] = (),
) -> HttpResponse:
    names = ("list", "sender", "kind", "dated", "received")
    typed = {name: request.POST.get(name, "") for name in names}
    return page(
        request, "practice/letter_new.jinja", bench, section="letters", status=422 if refusals else 200,
        refusals=refusals, row=row, typed=typed, kinds=list(actions.KINDS.items()),
        patient=patients.value(row) if row else None, may=bench.person.has(*MAY_SETTLE),
        record=patients.allergy_record(row) if row else None,
        received=typed["received"] or bench.today.isoformat(),
    )  # fmt: skip


def _here(bench: Bench, letter_id: int) -> models.Letter:
    row = letters.here(bench.site.pk, letter_id)
    if row is None:
        raise Http404
    return row


def _show(
    request: HttpRequest,
    bench: Bench,
    row: models.Letter,
    *,
    refusals: tuple[Refusal, ...] = (),
    typed: dict[str, str] | None = None,
) -> HttpResponse:
    look = letters.look(row)
    clinical = bench.person.has(*CLINICAL)
    given = typed or {}
    tasks = patient_tasks.of_letter(row)
    return page(
        request, "practice/letter.jinja", bench, section="letters", status=422 if refusals else 200,
        refusals=refusals, row=row, standing=row.standing, kind=actions.KINDS[row.kind],
        late=row.standing.state == letters.OPEN and row.standing.due_on < bench.today,
        patient=patients.value(row.patient), record=patients.allergy_record(row.patient),
        rows=[_line(each, bench, given) for each in look.open],
        questions=[
            _line(one.proposal, bench, given) | {"asked": one.asked.reason, "by": one.asked.by.full_name,
                                                 "at": one.asked.at}
            for one in look.questions
        ],
        at_once=sum(each.at_once for each in look.open),
        decided=[_decided(one) for one in look.decided if one.outcome != letters.QUERY],
        undone=[_decided(one) | {"why": one.undo.reason, "by": one.undo.by.full_name, "at": one.undo.at}
                for one in look.undone],
        may=bench.person.has(*MAY_SETTLE), clinical=clinical,
        severities=_SEVERITIES, intents=_INTENTS,
        text=bytes(row.message.body).decode(errors="replace") if row.way == letters.TEXT else "",
        documents=[one.message_id for one in row.documents.all()], tasks=tasks,
        task_kinds=list(actions.TASKS.items()), roles=[(one.value, one.title.capitalize()) for one in FOR],
        typed=dict.fromkeys(_FIELDS, "") | given,
    )  # fmt: skip


def _line(each: Proposal, bench: Bench, given: dict[str, str]) -> dict[str, Any]:
    """A medicine as its row shows it, with what was typed about it."""
    tone, shape = OUTCOME_TAGS.get(each.outcome, ("note", "●"))
    said = {
        name: given.get(f"{name}-{each.key}", "")
        for name in (
            "outcome",
            "reason",
            "same",
            "directions",
            "until",
            "acute",
            "severity",
            "intent",
            "find",
            "product",
        )
    }
    until = next((line.change.until for line in each.arrived if line.change.until), None)
    return {
        "key": each.key,
        "listed": [line.verbatim for line in each.listed],
        "arrived": [line.verbatim for line in each.arrived],
        "differences": [
            {"what": one.kind.value, "listed": one.listed, "arrived": one.arrived,
             "unclear": one.kind is Kind.UNCLEAR}
            for one in each.differences
        ],
        "name": (each.listed or each.arrived)[0].called,
        "outcome": each.outcome.value, "tone": tone, "shape": shape,
        "why": each.why, "clinical": each.clinical, "technical": each.technical,
        "high_risk": ", ".join(group.title for group in each.high_risk),
        "confirm": asks_for(each) if each.confirm else "", "at_once": each.at_once,
        "choices": [(one.value, LETTERS[one]) for one in letter_form.choices(each, bench.person)],
        "said": said, "until": str(until or ""),
        "options": letter_form.options(given, each.key) if said["find"] or said["product"] else (),
        "starts": each.outcome is Outcome.STARTED or not each.listed,
    }  # fmt: skip


def _decided(one: models.LetterDecision) -> dict[str, Any]:
    tone, shape = OUTCOME_TAGS.get(Outcome(one.outcome), ("note", "●"))
    return {
        "id": one.pk, "name": one.shown["name"], "outcome": one.outcome, "tone": tone, "shape": shape,
        "became": "; ".join(one.shown["became"]), "until": one.shown["until"], "reason": one.reason,
        "by": one.by.full_name, "at": one.at, "type": one.type, "severity": one.severity,
    }  # fmt: skip
