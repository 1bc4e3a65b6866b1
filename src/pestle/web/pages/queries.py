"""Queries and call-backs: one inbox, what is overdue first; one of them, and what is done to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.documents.query_letter import QueryLetter, for_whom
from pestle.pharmacy.refusal import Refusal, refuse
from pestle.pharmacy.worklist import query as pure
from pestle.pharmacy.worklist.query import Asked, CallBack, Kind, Tried, Way
from pestle.web.actions import queries as actions
from pestle.web.actions.once import Outcome
from pestle.web.pages import words
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, number, page, seen_of
from pestle.web.pages.csv_file import csv_file
from pestle.web.pages.dates import in_field, moment_of
from pestle.web.pages.next_task import SeeOther, name_of
from pestle.web.pages.pdf_file import pdf_file
from pestle.web.print.queries import query_pdf
from pestle.web.store import calls, models, patients, people, queries

CALL_BACKS_OVER = timedelta(days=30)

_TABS = (
    ("open", "Open"),
    ("answered", "Answered"),
    ("mine", "With me"),
    ("call-backs", "Call-backs"),
    ("calls", "Calls"),
    ("closed", "Closed"),
)
STATES = {
    pure.OPEN: ("interrupt", "◆", "Open"),
    pure.ANSWERED: ("note", "●", "Answered"),
    pure.CLOSED: ("done", "✓", "Closed"),
    pure.WITHDRAWN: ("unknown", "○", "Withdrawn"),
}
_VERBS = {
    "attempt": "tried",
    "pass_on": "passed it on",
    "answer": "took down the answer",
    "close": "closed it",
    "ask_again": "asks again",
    "withdraw": "withdrew it",
}
_KINDS = {"attempt": "", "answer": "done", "close": "done", "ask_again": "question", "withdraw": "stop"}
_FIELDS = ("what", "way", "outcome", "name", "when", "words", "source", "owner", "deadline")
_HEADER = ("Due", "State", "To", "Patient", "About", "Question", "Asked by", "Asked", "Last done", "With")

_CALLS_HEADER = ("When", "Who rang", "Patient", "About", "What they were told", "Call-back", "Taken by")


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The inbox."""
    bench = at_bench(request)
    view = _view(request)
    number = request.GET.get("page", "")
    at = int(number) if number.isascii() and number.isdigit() and len(number) < 7 else 1
    counts = queries.counts(bench.site.pk, person_id=bench.person.id, now=bench.now)
    context: dict[str, Any] = {"view": view, "tabs": _tabs(view, counts), "found": None, "rows": []}
    if view == "calls":
        context["calls"] = [call_row(one) for one in calls.latest(bench.site.pk)]
    else:
        found = queries.listed(bench.site.pk, view=view, person_id=bench.person.id, page=at)
        context |= {
            "found": found,
            "rows": [_row(one, bench) for one in found.rows],
            "hrefs": {n: f"{reverse('queries')}?show={view}&page={n}" for n in range(1, found.pages + 1)},
        }
    since = bench.now - CALL_BACKS_OVER
    kept = queries.call_backs(bench.site.pk, since=since, now=bench.now)
    return page(
        request, "queries/index.jinja", bench, section="worklist", broken=kept[CallBack.BROKEN],
        kept=kept[CallBack.KEPT], to_come=kept[CallBack.TO_COME], days=CALL_BACKS_OVER.days,
        title=dict(_TABS)[view], **context,
    )  # fmt: skip


@require_GET
def download(request: HttpRequest) -> HttpResponse:
    """What all pages of the inbox show, as a file."""
    bench = at_bench(request)
    view = _view(request)
    zone = timezone.get_current_timezone()
    name = f"queries-{view}-{bench.today.isoformat()}.csv"
    if view == "calls":
        told = [
            (words.date_and_time(one.at, zone=zone), one.caller, name_of(one.patient) if one.patient else "",
             one.about, one.told, call_row(one)["call_back"], one.by.full_name)
            for one in calls.everything(bench.site.pk)
        ]  # fmt: skip
        return csv_file(name, _CALLS_HEADER, told)
    rows = [
        (words.date_and_time(one.standing.due_at, zone=zone), one.standing.state, f"{one.asked}: {one.name}",
         name_of(one.patient) if one.patient else "", queries.about(one), one.words, one.by.full_name,
         words.date_and_time(one.at, zone=zone), _last(one),
         one.standing.owner.full_name if one.standing.owner else "the team")
        for one in queries.all_listed(bench.site.pk, view=view, person_id=bench.person.id)
    ]  # fmt: skip
    return csv_file(name, _HEADER, rows)


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, query_id: int) -> HttpResponse:
    """One query; a POST does to it what its button says."""
    bench = at_bench(request)
    if request.method == "GET":
        return _show(request, bench, query_id)
    _here(bench, query_id)
    what = request.POST.get("what", "")
    outcome, refusals = attempt(lambda: _act(request, bench, query_id, what))
    if outcome is None:
        return _show(request, bench, query_id, refusals=refusals, typed=request.POST.dict())
    state = outcome.result["state"]
    said = {pure.ANSWERED: "The answer is taken down.", pure.CLOSED: "Closed."}
    messages.success(request, said.get(state, "Recorded."))
    row = _here(bench, query_id)
    if state in (pure.CLOSED, pure.WITHDRAWN) and row.prescription_id is not None:
        return SeeOther(reverse("prescription", kwargs={"prescription_id": row.prescription_id}))
    return SeeOther(reverse("query", kwargs={"query_id": query_id}))


@require_GET
def letter(request: HttpRequest, query_id: int) -> HttpResponse:
    """The question on paper, to be sent or handed over."""
    bench = at_bench(request)
    row = _here(bench, query_id)
    zone = timezone.get_current_timezone()
    registration = f", {row.by.registration_body} {row.by.registration_number}" if _registered(row) else ""
    made = QueryLetter(
        reference=str(row.pk), to=row.name, question=row.words,
        wanted_by=words.date_and_time(row.standing.due_at, zone=zone),
        written=words.date_and_time(row.at, zone=zone),
        asked_by=f"{row.by.full_name}{registration}", pharmacy=row.site.name,
        address=tuple(row.site.address), telephone=row.site.telephone,
        patient=patients.value(row.patient) if row.patient else None,
        prescription=row.prescription.number if row.prescription else "",
    )  # fmt: skip
    return pdf_file(f"query-{row.pk}.pdf", query_pdf(for_whom(made, Asked(row.asked))))


def told(one: models.Query, event: models.QueryEvent) -> dict[str, Any]:
    """An event as a story tells it."""
    tried = [Way(event.way).words if event.way else "", Tried(event.outcome).words if event.outcome else ""]
    said = ", ".join(part for part in (*tried, event.name) if part)
    if event.verb == "pass_on":
        said = f"to {event.owner.full_name if event.owner else 'the team'}"
    what = _VERBS[event.verb] if one.kind == Kind.QUERY.value or event.verb != "answer" else "called back"
    return {
        "at": event.happened_at,
        "who": event.by.full_name,
        "what": what,
        "detail": ": ".join(part for part in (said, event.words) if part),
        "kind": _KINDS.get(event.verb, ""),
        "href": "",
    }


def story_of(rows: list[models.Query]) -> list[dict[str, Any]]:
    """Everything about these queries, as the story of a prescription or a patient tells it."""
    found = []
    for one in rows:
        href = reverse("query", kwargs={"query_id": one.pk})
        verb = "asked" if one.kind == Kind.QUERY.value else "said that we call back"
        found.append({
            "at": one.at, "who": one.by.full_name, "what": f"{verb} {one.name} (query {one.pk})",
            "detail": one.words, "kind": "question", "href": href,
        })  # fmt: skip
        found += [
            told(one, event) | {"href": href, "what": f"query {one.pk}: {told(one, event)['what']}"}
            for event in one.events.all()
        ]
    return found


def call_row(one: models.Call) -> dict[str, Any]:
    """A call as a list shows it."""
    call_back = getattr(one, "call_back", None)
    return {
        "at": one.at,
        "caller": one.caller,
        "patient": name_of(one.patient) if one.patient else "",
        "patient_href": reverse("patient", kwargs={"patient_id": one.patient_id}) if one.patient_id else "",
        "about": one.about,
        "told": one.told,
        "by": one.by.full_name,
        "call_back": call_back.words if call_back else "",
        "call_back_href": reverse("query", kwargs={"query_id": call_back.pk}) if call_back else "",
    }


def owners(bench: Bench) -> list[tuple[str, str]]:
    """Who can look after one: the person at work first."""
    team = sorted(people.team(bench.site.pk), key=lambda one: (one.id != bench.person.id, one.name))
    return [(str(one.id), one.name if one.id != bench.person.id else f"{one.name} (me)") for one in team]


def _act(request: HttpRequest, bench: Bench, query_id: int, what: str) -> Outcome:
    form = request.POST
    given: dict[str, Any] = {
        "by": bench.person, "now": bench.now, "key": key_of(request), "query_id": query_id,
        "seen": seen_of(request),
    }  # fmt: skip
    said = form.get("words", "")[:1000]
    match what:
        case "attempt":
            return actions.attempt(
                **given,
                way=next((one for one in Way if one.value == form.get("way")), None),
                outcome=next((one for one in Tried if one.value == form.get("outcome")), None),
                name=form.get("name", "")[:120], words=said,
                happened_at=moment_of(form.get("when", ""), "when", zone=bench.zone),
            )  # fmt: skip
        case "answer":
            return actions.answer(**given, source=form.get("source", "")[:120], words=said)
        case "pass_on":
            due_at = moment_of(form.get("deadline", ""), "deadline", zone=bench.zone)
            if due_at is None:
                raise refuse("query.no-deadline", "Say by when the answer is wanted", place="deadline")
            standing = models.QueryStanding.objects.filter(query=query_id).first()
            if standing and in_field(standing.due_at, zone=bench.zone) == in_field(due_at, zone=bench.zone):
                # A field knows no seconds: what was not changed is not moved.
                due_at = standing.due_at
            return actions.pass_on(**given, owner_id=number(form.get("owner", "")), due_at=due_at, words=said)
    verbs: dict[str, Callable[..., Outcome]] = {
        "close": actions.close, "ask_again": actions.ask_again, "withdraw": actions.withdraw,
    }  # fmt: skip
    if what not in verbs:
        raise refuse("query.no-such-step", "A query has no such step")
    return verbs[what](**given, words=said)


def _show(
    request: HttpRequest,
    bench: Bench,
    query_id: int,
    *,
    refusals: tuple[Refusal, ...] = (),
    typed: dict[str, str] | None = None,
) -> HttpResponse:
    row = _here(bench, query_id)
    query = queries.value(row)
    typed = dict.fromkeys(_FIELDS, "") | (typed or {})
    may = {
        verb: pure.query_refusal(query, verb, by=bench.person, now=bench.now) is None
        for verb in ("attempt", "pass_on", "answer", "close", "ask_again", "withdraw")
    }
    reads = pure.query_refusal(query, "close", by=bench.person, now=bench.now)
    became = None
    if row.kind == Kind.CALL_BACK.value:
        standing = row.standing
        became = pure.call_back(
            state=standing.state, due_at=standing.due_at, answered_at=standing.answered_at, now=bench.now
        )
    return page(
        request, "queries/show.jinja", bench, section="worklist", status=422 if refusals else 200,
        refusals=refusals, row=row, query=query, may=may, whose=reads, typed=typed,
        what=typed["what"], state=STATES[query.state],
        overdue=query.overdue(now=bench.now), call_back=row.kind == Kind.CALL_BACK.value,
        became=became.value if became else "", asked=query.asked,
        patient=patients.value(row.patient) if row.patient else None,
        allergies=patients.allergy_record(row.patient) if row.patient else None,
        story=[told(row, event) for event in row.events.all()],
        answer=next((one for one in reversed(row.events.all()) if one.verb == "answer"), None),
        ways=[(one.value, one.words) for one in Way], tried=[(one.value, one.words) for one in Tried],
        owners=owners(bench), deadline=in_field(row.standing.due_at, zone=bench.zone),
    )  # fmt: skip


def _here(bench: Bench, query_id: int) -> models.Query:
    row = queries.here(bench.site.pk, query_id)
    if row is None:
        raise Http404
    return row


def _row(one: models.Query, bench: Bench) -> dict[str, Any]:
    query = queries.value(one)
    tone, shape, word = STATES[query.state]
    owner = one.standing.owner
    return {
        "href": reverse("query", kwargs={"query_id": one.pk}),
        "id": one.pk,
        "due": one.standing.due_at,
        "overdue": query.overdue(now=bench.now),
        "tone": tone, "shape": shape, "word": word,
        "call_back": query.kind is Kind.CALL_BACK,
        "to": query.asked.words if query.kind is Kind.QUERY else "call back",
        "name": one.name,
        "patient": name_of(one.patient) if one.patient else "",
        "about": queries.about(one),
        "words": one.words,
        "holds": query.holds and query.state in (pure.OPEN, pure.ANSWERED),
        "by": one.by.full_name,
        "at": one.at,
        "last": _last(one),
        "owner": owner.full_name if owner else "the team",
        "mine": owner is not None and owner.pk == bench.person.id,
    }  # fmt: skip


def _last(one: models.Query) -> str:
    events = list(one.events.all())
    if not events:
        return ""
    last = told(one, events[-1])
    return ": ".join(part for part in (f"{last['who']} {last['what']}", last["detail"]) if part)


def _tabs(view: str, counts: queries.Counts) -> list[dict[str, Any]]:
    numbers = {"open": counts.open, "answered": counts.answered, "mine": counts.mine,
               "call-backs": counts.call_backs}  # fmt: skip
    return [
        {"label": label, "href": f"{reverse('queries')}?show={name}", "count": numbers.get(name, ""),
         "current": name == view, "alarm": name == "open" and counts.overdue > 0}
        for name, label in _TABS
    ]  # fmt: skip


def _view(request: HttpRequest) -> str:
    asked = request.GET.get("show", "open")
    return asked if asked in dict(_TABS) else "open"


def _registered(row: models.Query) -> bool:
    return bool(row.by.registration_number)
