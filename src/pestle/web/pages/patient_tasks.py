"""Patient tasks: one inbox, what is due first on top; one of them with its reason, and what is done to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.people import Role
from pestle.pharmacy.refusal import Refusal, refuse
from pestle.pharmacy.worklist import patient_task as pure
from pestle.pharmacy.worklist.patient_task import Kind
from pestle.web.actions import patient_tasks as actions
from pestle.web.actions.once import Outcome
from pestle.web.pages import words
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, number, page, seen_of
from pestle.web.pages.csv_file import csv_file
from pestle.web.pages.dates import day_of
from pestle.web.pages.next_task import SeeOther, name_of
from pestle.web.pages.queries import owners
from pestle.web.store import models, patient_tasks, patients
from pestle.web.store.patient_tasks import Asked

MOST_DOWNLOADED = 10_000
# What somebody typed may name a patient: it is kept in the session and never stands in an address.
TEXT = "tasks_text"
KINDS = {
    Kind.AUDIT: "Audit",
    Kind.MONITORING: "Monitoring",
    Kind.REVIEW: "Review",
    Kind.RECONCILIATION: "Reconciliation",
    Kind.REPEATS: "Repeats",
}
STATES = {
    pure.OPEN: ("interrupt", "◆", "Open"),
    pure.DONE: ("done", "✓", "Done"),
    pure.NOT_NEEDED: ("unknown", "○", "Not needed"),
}
FOR = (
    Role.TECHNICIAN, Role.ACCURACY_CHECKER, Role.PHARMACIST, Role.PRESCRIBER, Role.NURSE, Role.RECEPTIONIST,
    Role.MANAGER,
)  # fmt: skip
_TABS = (("open", "Open"), ("mine", "With me"), ("closed", "Closed"))
_DUE = (("overdue", "Overdue"), ("today", "By today"), ("week", "Within a week"))
_VERBS = {
    "note": ("noted", ""),
    "pass_on": ("passed it on", ""),
    "finish": ("did it", "done"),
    "drop": ("said it is not needed", "stop"),
    "reopen": ("opened it again", "question"),
}
_FIELDS = ("what", "words", "owner", "role", "due")
_HEADER = (
    "Due",
    "State",
    "Kind",
    "Patient",
    "Born",
    "NHS number",
    "What",
    "Why",
    "Missing",
    "For",
    "With",
    "Opened",
)


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The inbox; a POST only sets what is searched for, and comes back."""
    bench = at_bench(request)
    asked = _asked(request)
    if request.method == "POST":
        request.session[TEXT] = request.POST.get("text", "").strip()[:200]
        narrowed = Asked(asked.view, *(request.POST.get(name, "") for name in ("kind", "owner", "due")))
        return SeeOther(_href(narrowed))
    at = number(request.GET.get("page", "")) or 1
    found = patient_tasks.listed(bench.site.pk, asked, person_id=bench.person.id, today=bench.today, page=at)
    counts = patient_tasks.counts(bench.site.pk, person_id=bench.person.id, today=bench.today)
    return page(
        request, "tasks/index.jinja", bench, section="tasks", asked=asked, found=found,
        rows=[row_of(one, bench) for one in found.rows], tabs=_tabs(asked, counts),
        choices=_choices(asked, bench), here_href=_href(asked), csv_href=_href(asked, "tasks-csv"),
        title=dict(_TABS)[asked.view], narrowed=asked != Asked(asked.view),
        hrefs={n: f"{_href(asked)}&page={n}" for n in range(1, found.pages + 1)},
    )  # fmt: skip


@require_GET
def download(request: HttpRequest) -> HttpResponse:
    """The same rows as a file, all pages of them."""
    bench = at_bench(request)
    asked = _asked(request)
    zone = timezone.get_current_timezone()
    found = patient_tasks.listed(
        bench.site.pk, asked, person_id=bench.person.id, today=bench.today, page=1, size=MOST_DOWNLOADED
    )
    rows = (
        (
            words.short_date(one.standing.due_on), STATES[one.standing.state][2], KINDS[Kind(one.kind)],
            name_of(one.patient), words.short_date(one.patient.born),
            words.nhs_number_words(one.patient.nhs_number), one.title, one.reason,
            "; ".join(patient_tasks.evidence(one).missing), _for(one.standing.role), _owner(one),
            words.date_and_time(one.at, zone=zone),
        )
        for one in found.rows
    )  # fmt: skip
    return csv_file(f"tasks-{asked.view}-{bench.today.isoformat()}.csv", _HEADER, rows)


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, task_id: int) -> HttpResponse:
    """One task; a POST does to it what its button says, and a settled one leads to the next of its origin."""
    bench = at_bench(request)
    row = _here(bench, task_id)
    if request.method == "GET":
        return _show(request, bench, row)
    what = request.POST.get("what", "")
    outcome, refusals = attempt(lambda: _act(request, bench, task_id, what))
    if outcome is None:
        return _show(request, bench, _here(bench, task_id), refusals=refusals, typed=request.POST.dict())
    state = outcome.result["state"]
    if state == pure.OPEN:
        messages.success(request, {"reopen": "Open again."}.get(what, "Recorded."))
        return SeeOther(reverse("task", kwargs={"task_id": task_id}))
    said = f"{STATES[state][2]}: {name_of(row.patient)}."
    following = patient_tasks.next_open(row, person_id=bench.person.id)
    if following is None:
        messages.success(request, f"{said} Nothing else of this is open.")
        return SeeOther(reverse("tasks"))
    messages.success(request, f"{said} Next: {name_of(following.patient)}.")
    return SeeOther(reverse("task", kwargs={"task_id": following.pk}))


def row_of(one: models.PatientTask, bench: Bench) -> dict[str, Any]:
    """A task as a list shows it."""
    task = patient_tasks.value(one)
    tone, shape, word = STATES[task.state]
    return {
        "href": reverse("task", kwargs={"task_id": one.pk}),
        "id": one.pk,
        "due": task.due_on,
        "overdue": task.overdue(today=bench.today),
        "tone": tone, "shape": shape, "word": word,
        "kind": KINDS[task.kind],
        "patient": name_of(one.patient),
        "born": one.patient.born,
        "title": one.title,
        "reason": one.reason,
        "missing": patient_tasks.evidence(one).missing,
        "role": _for(one.standing.role),
        "owner": _owner(one),
        "mine": one.standing.owner_id == bench.person.id,
        "last": _last(one),
    }  # fmt: skip


def told(event: models.PatientTaskEvent) -> dict[str, Any]:
    """An event as a story tells it."""
    what, kind = _VERBS[event.verb]
    said = ""
    if event.verb == "pass_on":
        whom = event.owner.full_name if event.owner else "the team"
        said = (
            f"to {whom}{f' ({_for(event.role)})' if event.role else ''}, due {words.short_date(event.due_on)}"
        )
    detail = ": ".join(part for part in (said, event.words) if part)
    return {
        "at": event.at,
        "who": event.by.full_name,
        "what": what,
        "detail": detail,
        "kind": kind,
        "href": "",
    }


def story_of(rows: list[models.PatientTask]) -> list[dict[str, Any]]:
    """Everything about these tasks, as the story of a patient tells it."""
    found = []
    for one in rows:
        href = reverse("task", kwargs={"task_id": one.pk})
        found.append({
            "at": one.at, "who": one.by.full_name, "what": f"opened a task: {one.title}",
            "detail": one.reason, "kind": "question", "href": href,
        })  # fmt: skip
        found += [event | {"href": href, "what": f"{event['what']}: {one.title}"}
                  for event in map(told, one.events.all())]  # fmt: skip
    return found


def _act(request: HttpRequest, bench: Bench, task_id: int, what: str) -> Outcome:
    form = request.POST
    given: dict[str, Any] = {
        "by": bench.person, "now": bench.now, "key": key_of(request), "task_id": task_id,
        "seen": seen_of(request), "words": form.get("words", "")[:1000],
    }  # fmt: skip
    if what == "pass_on":
        role = next((one for one in FOR if one.value == form.get("role")), None)
        due_on = day_of(form.get("due", ""), place="due")
        return actions.pass_on(**given, owner_id=number(form.get("owner", "")), role=role, due_on=due_on)
    verbs: dict[str, Callable[..., Outcome]] = {
        "note": actions.note, "finish": actions.finish, "drop": actions.drop, "reopen": actions.reopen,
    }  # fmt: skip
    if what not in verbs:
        raise refuse("task.no-such-step", "A task has no such step")
    return verbs[what](**given)


def _show(
    request: HttpRequest,
    bench: Bench,
    row: models.PatientTask,
    *,
    refusals: tuple[Refusal, ...] = (),
    typed: dict[str, str] | None = None,
) -> HttpResponse:
    task = patient_tasks.value(row)
    refusal_of = {
        verb: pure.task_refusal(task, verb, by=bench.person, now=bench.now)
        for verb in ("note", "pass_on", "finish", "drop", "reopen")
    }
    return page(
        request, "tasks/show.jinja", bench, section="tasks", status=422 if refusals else 200,
        refusals=refusals, row=row, task=task, why_not=refusal_of,
        may={verb: no is None for verb, no in refusal_of.items()},
        typed=dict.fromkeys(_FIELDS, "") | (typed or {}), state=STATES[task.state], kind=KINDS[task.kind],
        overdue=task.overdue(today=bench.today), evidence=patient_tasks.evidence(row),
        patient=patients.value(row.patient), allergies=patients.allergy_record(row.patient),
        whom=_for(row.standing.role), owner=_owner(row), owners=owners(bench),
        roles=[(one.value, one.title.capitalize()) for one in FOR],
        story=[told(event) for event in row.events.all()],
    )  # fmt: skip


def _here(bench: Bench, task_id: int) -> models.PatientTask:
    row = patient_tasks.here(bench.site.pk, task_id)
    if row is None:
        raise Http404
    return row


def _for(role: str) -> str:
    return Role(role).title if role else "the team"


def _owner(one: models.PatientTask) -> str:
    return one.standing.owner.full_name if one.standing.owner else "the team"


def _last(one: models.PatientTask) -> str:
    events = list(one.events.all())
    if not events:
        return ""
    last = told(events[-1])
    return ": ".join(part for part in (f"{last['who']} {last['what']}", last["detail"]) if part)


def _asked(request: HttpRequest) -> Asked:
    given = request.GET
    view, kind, owner, due = (given.get(name, "") for name in ("show", "kind", "owner", "due"))
    return Asked(
        view=view if view in patient_tasks.VIEWS else "open",
        kind=kind if kind in {one.value for one in Kind} else "",
        owner=owner if owner == "team" or number(owner) is not None else "",
        due=due if due in patient_tasks.DUE else "",
        text=request.session.get(TEXT, ""),
        origin=given.get("origin", "")[:200],
    )


def _href(asked: Asked, name: str = "tasks") -> str:
    said = {
        "show": asked.view,
        "kind": asked.kind,
        "owner": asked.owner,
        "due": asked.due,
        "origin": asked.origin,
    }
    return f"{reverse(name)}?{urlencode({key: value for key, value in said.items() if value})}"


def _tabs(asked: Asked, counts: patient_tasks.Counts) -> list[dict[str, Any]]:
    numbers = {"open": counts.open, "mine": counts.mine}
    return [
        {"label": label, "href": f"{reverse('tasks')}?show={name}", "count": numbers.get(name, ""),
         "current": name == asked.view, "alarm": name == "open" and counts.overdue > 0}
        for name, label in _TABS
    ]  # fmt: skip


def _choices(asked: Asked, bench: Bench) -> list[dict[str, Any]]:
    kinds = [("", "Every kind"), *((kind.value, words) for kind, words in KINDS.items())]
    whose = [("", "Anybody"), ("team", "The team"), *owners(bench)]
    due = [("", "Any day"), *_DUE]
    return [
        {"name": name, "label": label, "options": [(value, said, value == chosen) for value, said in options]}
        for name, label, options, chosen in (
            ("kind", "Kind", kinds, asked.kind), ("owner", "With", whose, asked.owner),
            ("due", "Due", due, asked.due),
        )
    ]  # fmt: skip
